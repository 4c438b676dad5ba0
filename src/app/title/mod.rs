//! The title: the name, what one can do, and a quiet labyrinth that an allocator remakes behind it.

pub(super) mod backdrop;

use bevy::prelude::*;

use super::input::Intent;
use super::menu::{self, EntryText, child};
use super::theme::{self, Fonts, Ink, Size};
use super::{Screen, Stage};
use crate::labyrinth::Dir;

/// Digits of the largest seed a person can type.
const DIGITS: usize = 9;

/// The entries of the title, and the seed that is being typed.
#[derive(Resource, Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct TitleMenu {
    /// The entry that is marked.
    pub at: u8,
    /// The digits typed so far, while a seed is being typed.
    pub seed: Option<String>,
}

impl TitleMenu {
    /// A raid with a fresh seed.
    pub(super) const NEW: u8 = 0;
    /// A raid with a seed that is typed.
    pub(super) const SEED: u8 = 1;
    /// How to play.
    pub(super) const HELP: u8 = 2;
    /// Out of the game.
    pub(super) const QUIT: u8 = 3;

    const COUNT: u8 = 4;

    /// The seed that was typed, if any digit was.
    pub(super) fn typed(&self) -> Option<u64> {
        self.seed.as_ref()?.parse().ok()
    }

    /// Takes an input; an entry comes back if it was chosen.
    pub(super) fn take(&mut self, intent: Intent) -> Option<u8> {
        match intent {
            Intent::Go(Dir::North) => self.go(Self::COUNT - 1),
            Intent::Go(Dir::South) => self.go(1),
            Intent::Digit(digit) => {
                self.at = Self::SEED;
                let seed = self.seed.get_or_insert_default();
                if seed.len() < DIGITS {
                    seed.push(char::from(b'0' + digit));
                }
            }
            Intent::Erase => {
                if let Some(seed) = &mut self.seed {
                    seed.pop();
                }
            }
            Intent::Escape => self.seed = None,
            Intent::Confirm | Intent::Wait => return self.choose(self.at),
            Intent::Entry(entry) => {
                self.at = entry;
                return self.choose(entry);
            }
            Intent::NewSeed => return Some(Self::NEW),
            _ => {}
        }
        None
    }

    fn go(&mut self, by: u8) {
        self.at = (self.at + by) % Self::COUNT;
        self.seed = None;
    }

    fn choose(&mut self, entry: u8) -> Option<u8> {
        if entry == Self::SEED && self.typed().is_none() {
            self.seed.get_or_insert_default();
            return None;
        }
        Some(entry)
    }

    /// What the entry for a seed says.
    fn seed_text(&self) -> String {
        match &self.seed {
            None => "Raid with a seed".into(),
            Some(seed) => format!("Seed: {seed}_"),
        }
    }
}

fn spawn(mut commands: Commands, fonts: Res<Fonts>, mut menu: ResMut<TitleMenu>) {
    *menu = TitleMenu::default();
    let root = commands
        .spawn((
            DespawnOnExit(Screen::Title),
            Node {
                width: percent(100),
                height: percent(100),
                justify_content: JustifyContent::Center,
                align_items: AlignItems::Center,
                ..default()
            },
        ))
        .id();
    let sheet = child(
        &mut commands,
        root,
        (
            Node {
                flex_direction: FlexDirection::Column,
                align_items: AlignItems::Center,
                padding: UiRect::axes(px(56), px(34)),
                row_gap: px(6),
                border: UiRect::all(px(1)),
                ..default()
            },
            BackgroundColor(theme::GROUND.with_alpha(0.92)),
            BorderColor::all(theme::HAIRLINE),
        ),
    );
    child(
        &mut commands,
        sheet,
        (
            Text::new("VOID LABYRINTH"),
            fonts.font(true, 42.0),
            TextColor(Color::WHITE),
            TextLayout::no_wrap(),
        ),
    );
    for line in [
        "The labyrinth is the memory.",
        "Grab pages where no grab may wait, follow the pointer, leave alive.",
    ] {
        child(
            &mut commands,
            sheet,
            fonts.line(Size::Body, false, Ink::Plain, line),
        );
    }
    let list = child(
        &mut commands,
        sheet,
        Node {
            flex_direction: FlexDirection::Column,
            width: px(300),
            margin: UiRect::top(px(22)),
            ..default()
        },
    );
    let entries = [
        ("New raid", "n"),
        ("Raid with a seed", "0-9"),
        ("Help", "?"),
        ("Quit", "q"),
    ];
    for (place, (text, key)) in entries.into_iter().enumerate() {
        menu::entry(&mut commands, &fonts, list, place as u8, text, key);
    }
    let hint = child(
        &mut commands,
        sheet,
        fonts.line(
            Size::Small,
            false,
            Ink::Dim,
            "arrow keys and Enter, or the mouse",
        ),
    );
    commands.entity(hint).insert(Node {
        margin: UiRect::top(px(18)),
        ..default()
    });
}

/// Shows the digits as they are typed.
fn type_seed(menu: Res<TitleMenu>, mut texts: Query<(&EntryText, &mut Text)>) {
    for (entry, mut text) in &mut texts {
        if entry.0 == TitleMenu::SEED {
            let wanted = menu.seed_text();
            if text.0 != wanted {
                text.0 = wanted;
            }
        }
    }
}

pub(super) fn plugin(app: &mut App) {
    app.add_plugins(backdrop::plugin)
        .add_systems(OnEnter(Screen::Title), spawn)
        .add_systems(
            Update,
            type_seed
                .in_set(Stage::Draw)
                .run_if(in_state(Screen::Title)),
        );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_make_a_seed_and_enter_takes_it() {
        let mut menu = TitleMenu::default();
        for digit in [4, 2, 7] {
            assert_eq!(menu.take(Intent::Digit(digit)), None);
        }
        assert_eq!(menu.take(Intent::Erase), None);
        assert_eq!(menu.take(Intent::Confirm), Some(TitleMenu::SEED));
        assert_eq!(menu.typed(), Some(42));
    }

    #[test]
    fn a_seed_has_at_most_the_digits_that_can_be_shared() {
        let mut menu = TitleMenu::default();
        for _ in 0..40 {
            menu.take(Intent::Digit(9));
        }
        assert_eq!(menu.typed(), Some(crate::raid::MAX_SEED));
    }

    #[test]
    fn choosing_a_seed_without_digits_waits_for_them() {
        let mut menu = TitleMenu::default();
        assert_eq!(menu.take(Intent::Entry(TitleMenu::SEED)), None);
        assert_eq!(menu.seed.as_deref(), Some(""));
        assert_eq!(menu.take(Intent::Confirm), None);
        menu.take(Intent::Escape);
        assert_eq!(menu.seed, None);
    }

    #[test]
    fn the_arrows_go_round() {
        let mut menu = TitleMenu::default();
        menu.take(Intent::Go(Dir::North));
        assert_eq!(menu.at, TitleMenu::QUIT);
        menu.take(Intent::Go(Dir::South));
        assert_eq!(menu.at, TitleMenu::NEW);
    }
}
