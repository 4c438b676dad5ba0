//! What the settings screen does with an input: pure, without anything drawn.

use bevy::prelude::*;

use crate::app::input::Intent;
use crate::app::prefs::Prefs;
use crate::labyrinth::Dir;
use crate::phrases::Phrase;
use crate::settings::{Action, BindError, Item, Key, Named, Offered, Settings, Shown};

/// What this window can do.
pub(super) const OFFERED: Offered = Offered {
    sound: true,
    window: cfg!(not(target_family = "wasm")),
    glyphs: true,
    shake: true,
};

/// A line of the settings: a row, or an action and its keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Row {
    /// A setting.
    Item(Item),
    /// The keys of an action.
    Keys(Action),
}

/// What is said about the key that was pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    Press,
    Taken(Key, Action),
    Fixed(Key),
    Needed(Action),
}

/// The settings screen.
#[derive(Resource, Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::app) struct SettingsMenu {
    /// The row that is marked.
    pub at: u8,
    /// The keys are shown, one by one.
    keys: bool,
    /// A key is waited for.
    waits: Option<Said>,
    /// Resetting everything was chosen once.
    sure: bool,
    /// What became of a file that was asked for.
    told: Option<String>,
}

/// What became of an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::app) enum Deed {
    /// The screen stays.
    Stay,
    /// It closes.
    Close,
    /// The runs are to be written to a file: as a table, else as JSON.
    Runs {
        /// As comma-separated values.
        table: bool,
    },
}

impl SettingsMenu {
    /// The rows of the page that is shown.
    pub(super) fn rows(&self) -> Vec<Row> {
        if self.keys {
            let keys = Action::ALL.into_iter().map(Row::Keys);
            keys.chain([Row::Item(Item::Done)]).collect()
        } else {
            let items = Item::offered(OFFERED);
            items.into_iter().map(Row::Item).collect()
        }
    }

    fn row(&self) -> Option<Row> {
        self.rows().get(usize::from(self.at)).copied()
    }

    /// True while the next key is the one that is chosen, whatever it means.
    pub(in crate::app) fn waits(&self) -> bool {
        self.waits.is_some()
    }

    /// Takes the key that was waited for.
    pub(in crate::app) fn take_key(&mut self, key: Key, settings: &mut Settings) {
        let again = matches!(self.waits, Some(Said::Taken(before, _)) if before == key);
        self.waits = None;
        let Some(Row::Keys(action)) = self.row() else {
            return;
        };
        if key == Key::Named(Named::Escape) {
            return;
        }
        self.waits = match settings.keys.bind(action, key, again) {
            Ok(()) => None,
            Err(BindError::Means(other)) => Some(Said::Taken(key, other)),
            Err(BindError::Fixed) => Some(Said::Fixed(key)),
            Err(BindError::Needed(other)) => Some(Said::Needed(other)),
        };
    }

    /// Takes an input.
    pub(in crate::app) fn take(&mut self, intent: Intent, settings: &mut Settings) -> Deed {
        if matches!(intent, Intent::Hover(_)) {
            return Deed::Stay;
        }
        let waited = self.waits.take().is_some();
        let sure = std::mem::take(&mut self.sure);
        self.told = None;
        let count = self.rows().len() as u8;
        match intent {
            Intent::Go(Dir::North) => self.at = (self.at + count - 1) % count,
            Intent::Go(Dir::South) => self.at = (self.at + 1) % count,
            // The wheel.
            Intent::ZoomIn => self.at = self.at.saturating_sub(1),
            Intent::ZoomOut => self.at = (self.at + 1).min(count - 1),
            Intent::Go(dir) => self.step(self.at, dir == Dir::East, settings),
            Intent::Step(at, forward) => self.step(at, forward, settings),
            Intent::Set(at, value) => {
                self.at = at.min(count - 1);
                if let Some(Row::Item(item)) = self.row() {
                    item.set(settings, value);
                }
            }
            Intent::Confirm | Intent::Wait => return self.choose(true, sure, settings),
            Intent::Entry(at) => {
                self.at = at.min(count - 1);
                return self.choose(false, sure, settings);
            }
            Intent::Erase => {
                if let Some(Row::Keys(action)) = self.row() {
                    settings.keys.reset(action);
                }
            }
            Intent::Escape if waited => {}
            Intent::Escape => return self.back(),
            _ => {}
        }
        Deed::Stay
    }

    fn step(&mut self, at: u8, forward: bool, settings: &mut Settings) {
        self.at = at.min(self.rows().len() as u8 - 1);
        if let Some(Row::Item(item)) = self.row() {
            item.step(settings, forward);
        }
    }

    /// The marked row is chosen; `on` if that is to change a value, as Enter does and a click beside it does not.
    fn choose(&mut self, on: bool, sure: bool, settings: &mut Settings) -> Deed {
        match self.row() {
            Some(Row::Keys(_)) => self.waits = Some(Said::Press),
            Some(Row::Item(Item::Keys)) => {
                *self = Self {
                    keys: true,
                    ..Self::default()
                };
            }
            Some(Row::Item(Item::Reset)) if sure => settings.reset(),
            Some(Row::Item(Item::Reset)) => self.sure = true,
            Some(Row::Item(Item::Done)) => return self.back(),
            Some(Row::Item(Item::RunsCsv)) => return Deed::Runs { table: true },
            Some(Row::Item(Item::RunsJson)) => return Deed::Runs { table: false },
            Some(Row::Item(item)) if on => item.step(settings, true),
            _ => {}
        }
        Deed::Stay
    }

    fn back(&mut self) -> Deed {
        let keys = std::mem::take(&mut self.keys);
        *self = Self::default();
        if !keys {
            return Deed::Close;
        }
        let rows = self.rows();
        let place = rows.iter().position(|row| *row == Row::Item(Item::Keys));
        self.at = place.unwrap_or(0) as u8;
        Deed::Stay
    }

    /// Says what became of a file that was asked for.
    pub(in crate::app) fn tell(&mut self, told: String) {
        self.told = Some(told);
    }

    /// The title of the page.
    pub(super) fn title(&self, prefs: &Prefs) -> String {
        let phrase = if self.keys {
            Phrase::KeysTitle
        } else {
            Phrase::SettingsTitle
        };
        prefs.say(phrase).to_string()
    }

    /// What a row says: its name, and its value.
    pub(super) fn says(&self, place: usize, row: Row, prefs: &Prefs) -> (String, String) {
        match row {
            Row::Keys(action) => {
                let waits = self.waits() && place == usize::from(self.at);
                let keys = if waits {
                    prefs.say(Phrase::PressNow).to_string()
                } else {
                    prefs.keys.labels(action)
                };
                (prefs.words.action(action).to_string(), keys)
            }
            Row::Item(Item::Reset) if self.sure => (
                prefs.say(Phrase::SetResetSure).to_string(),
                prefs.say(Phrase::Again).to_string(),
            ),
            Row::Item(item) => {
                let value = match item.shown(&prefs.settings) {
                    Shown::Words(phrase) => prefs.say(phrase).to_string(),
                    Shown::Percent(part) => format!("{part} %"),
                    Shown::Times(times) => format!("x{times}"),
                    Shown::Step(at, of) => format!("{at} / {of}"),
                    Shown::Nothing => String::new(),
                };
                (prefs.say(item.name()).to_string(), value)
            }
        }
    }

    /// One sentence about the marked row, or about the key that was pressed.
    pub(in crate::app) fn about(&self, prefs: &Prefs) -> String {
        let act = |action: Action| prefs.words.action(action).to_string();
        if let Some(told) = &self.told {
            return told.clone();
        }
        match (self.waits, self.row()) {
            (Some(Said::Press), Some(Row::Keys(action))) => prefs
                .words
                .fill(Phrase::KeysPress, &[("act", &act(action))]),
            (Some(Said::Taken(key, other)), _) => prefs.words.fill(
                Phrase::KeysTaken,
                &[("key", &key.label()), ("act", &act(other))],
            ),
            (Some(Said::Fixed(key)), _) => prefs
                .words
                .fill(Phrase::KeysFixed, &[("key", &key.label())]),
            (Some(Said::Needed(other)), _) => prefs
                .words
                .fill(Phrase::KeysNeeded, &[("act", &act(other))]),
            (_, Some(Row::Keys(_))) => prefs.words.fill(
                Phrase::KeysHint,
                &[("erase", &prefs.keys.label(Action::Erase))],
            ),
            (_, Some(Row::Item(item))) => prefs.say(item.about()).to_string(),
            (_, None) => String::new(),
        }
    }
}

/// The settings as lines of text.
pub(in crate::app) fn text(menu: &SettingsMenu, prefs: &Prefs) -> Vec<String> {
    let mut lines = vec![format!("{}.", menu.title(prefs))];
    for (place, row) in menu.rows().into_iter().enumerate() {
        let (name, value) = menu.says(place, row, prefs);
        let marked = if place == usize::from(menu.at) {
            ", marked"
        } else {
            ""
        };
        let value = if value.is_empty() {
            value
        } else {
            format!(": {value}")
        };
        lines.push(format!("{name}{value}{marked}"));
    }
    lines.push(menu.about(prefs));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn go_to(menu: &mut SettingsMenu, item: Item, settings: &mut Settings) {
        let rows = menu.rows();
        let place = rows.iter().position(|row| *row == Row::Item(item));
        while usize::from(menu.at) != place.expect("the row is there") {
            assert_eq!(menu.take(Intent::Go(Dir::South), settings), Deed::Stay);
        }
    }

    #[test]
    fn left_and_right_change_a_value_and_escape_closes() {
        let (mut menu, mut settings) = (SettingsMenu::default(), Settings::default());
        go_to(&mut menu, Item::TextScale, &mut settings);
        menu.take(Intent::Go(Dir::East), &mut settings);
        assert_eq!(settings.text_scale.get(), 125);
        menu.take(Intent::Go(Dir::West), &mut settings);
        menu.take(Intent::Confirm, &mut settings);
        assert_eq!(settings.text_scale.get(), 125);
        assert_eq!(menu.take(Intent::Escape, &mut settings), Deed::Close);
    }

    #[test]
    fn a_key_that_is_taken_is_taken_over_by_a_second_press() {
        let (mut menu, mut settings) = (SettingsMenu::default(), Settings::default());
        go_to(&mut menu, Item::Keys, &mut settings);
        menu.take(Intent::Confirm, &mut settings);
        let grab = Action::ALL.iter().position(|&a| a == Action::Grab);
        menu.take(
            Intent::Entry(grab.expect("it is there") as u8),
            &mut settings,
        );
        assert!(menu.waits());
        menu.take_key(Key::Char('e'), &mut settings);
        assert!(menu.waits());
        let said = menu.about(&Prefs::new(&settings));
        assert!(said.contains("E means \"leave by a gate\""), "{said}");
        assert_eq!(settings, Settings::default());
        menu.take_key(Key::Char('e'), &mut settings);
        assert!(!menu.waits());
        assert_eq!(Prefs::new(&settings).keys.label(Action::Grab), "E");
        menu.take(Intent::Erase, &mut settings);
        assert_eq!(
            Prefs::new(&settings).keys.label(Action::Grab),
            "E",
            "G is E's now"
        );
        // Back to the rows first, then out.
        assert_eq!(menu.take(Intent::Escape, &mut settings), Deed::Stay);
        assert_eq!(menu.take(Intent::Escape, &mut settings), Deed::Close);
    }

    #[test]
    fn everything_is_reset_only_when_asked_twice() {
        let (mut menu, mut settings) = (SettingsMenu::default(), Settings::default());
        Item::Palette.set(&mut settings, 2);
        go_to(&mut menu, Item::Reset, &mut settings);
        menu.take(Intent::Confirm, &mut settings);
        assert_ne!(settings, Settings::default());
        menu.take(Intent::Confirm, &mut settings);
        assert_eq!(settings, Settings::default());
    }

    #[test]
    fn the_page_has_words_for_every_row() {
        let prefs = Prefs::new(&Settings::default());
        let menu = SettingsMenu::default();
        let lines = text(&menu, &prefs);
        assert_eq!(lines.len(), menu.rows().len() + 2);
        assert!(
            lines.iter().any(|line| line == "Text size: 100 %"),
            "{lines:?}"
        );
    }
}
