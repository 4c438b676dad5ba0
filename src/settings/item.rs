//! The rows in which settings are set: each has a few values in a row, and a place among them.

use super::{
    Autosave, Hints, Language, Layout, MapStyle, PaletteName, ReducedMotion, Settings, Shake,
    Speed, TextScale, Tips, WindowMode, ZoomStep,
};
use crate::phrases::Phrase;

/// A row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is a field of the settings")]
pub enum Item {
    Palette,
    TextScale,
    Map,
    Zoom,
    Window,
    Animation,
    ReducedMotion,
    Shake,
    Hints,
    Tips,
    Language,
    Layout,
    /// Opens the keys one by one.
    Keys,
    Autosave,
    Master,
    Effects,
    Drone,
    MenuSounds,
    /// The runs in a file, as a table.
    RunsCsv,
    /// The same as JSON.
    RunsJson,
    /// Everything as it was at first.
    Reset,
    /// Back to where one came from.
    Done,
}

/// What a build of the game can do; rows without anything behind them are not shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offered {
    /// It makes sounds.
    pub sound: bool,
    /// The window can fill the screen.
    pub window: bool,
    /// The map can be drawn as characters.
    pub glyphs: bool,
    /// The map shakes.
    pub shake: bool,
}

/// What a row shows as its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// Words.
    Words(Phrase),
    /// So much of a hundred.
    Percent(u8),
    /// So many times.
    Times(u8),
    /// A step, counted from 1, of so many.
    Step(u8, u8),
    /// Nothing: the row is chosen, not set.
    Nothing,
}

const LANGUAGES: [Language; 2] = [Language::En, Language::De];
const PALETTES: [PaletteName; 4] = [
    PaletteName::OkabeIto,
    PaletteName::Ember,
    PaletteName::Deep,
    PaletteName::HighContrast,
];
const MOTIONS: [ReducedMotion; 3] = [ReducedMotion::Auto, ReducedMotion::On, ReducedMotion::Off];
const SHAKES: [Shake; 3] = [Shake::Off, Shake::Low, Shake::Full];
const STYLES: [MapStyle; 2] = [MapStyle::Tiles, MapStyle::Glyphs];
const WINDOWS: [WindowMode; 2] = [WindowMode::Windowed, WindowMode::Fullscreen];
const SCALES: [u8; 3] = [100, 125, 150];
/// Steps of a volume, from silence to full.
const LOUD: u8 = 11;
/// Steps of zoom.
const ZOOMS: u8 = 8;

fn place<T: PartialEq>(values: &[T], value: &T) -> u8 {
    values.iter().position(|other| other == value).unwrap_or(0) as u8
}

impl Item {
    /// All rows, in their order.
    pub const ALL: [Self; 22] = [
        Self::Palette,
        Self::TextScale,
        Self::Map,
        Self::Zoom,
        Self::Window,
        Self::Animation,
        Self::ReducedMotion,
        Self::Shake,
        Self::Hints,
        Self::Tips,
        Self::Language,
        Self::Layout,
        Self::Keys,
        Self::Autosave,
        Self::Master,
        Self::Effects,
        Self::Drone,
        Self::MenuSounds,
        Self::RunsCsv,
        Self::RunsJson,
        Self::Reset,
        Self::Done,
    ];

    /// The rows with something behind them.
    pub fn offered(offered: Offered) -> Vec<Self> {
        let shown = |item: &Self| match item {
            Self::Master | Self::Effects | Self::Drone | Self::MenuSounds => offered.sound,
            Self::Window => offered.window,
            Self::Map => offered.glyphs,
            Self::Shake => offered.shake,
            _ => true,
        };
        Self::ALL.into_iter().filter(shown).collect()
    }

    /// Its name.
    pub const fn name(self) -> Phrase {
        match self {
            Self::Palette => Phrase::SetPalette,
            Self::TextScale => Phrase::SetTextScale,
            Self::Map => Phrase::SetMap,
            Self::Zoom => Phrase::SetZoom,
            Self::Window => Phrase::SetWindow,
            Self::Animation => Phrase::SetAnimation,
            Self::ReducedMotion => Phrase::SetReducedMotion,
            Self::Shake => Phrase::SetShake,
            Self::Hints => Phrase::SetHints,
            Self::Tips => Phrase::TipsName,
            Self::Language => Phrase::SetLanguage,
            Self::Layout => Phrase::SetLayout,
            Self::Keys => Phrase::SetKeys,
            Self::Autosave => Phrase::SetAutosave,
            Self::Master => Phrase::SetMaster,
            Self::Effects => Phrase::SetEffects,
            Self::Drone => Phrase::SetDrone,
            Self::MenuSounds => Phrase::SetMenuSounds,
            Self::RunsCsv => Phrase::SetRunsCsv,
            Self::RunsJson => Phrase::SetRunsJson,
            Self::Reset => Phrase::SetReset,
            Self::Done => Phrase::SetDone,
        }
    }

    /// One sentence about it.
    pub const fn about(self) -> Phrase {
        match self {
            Self::Palette => Phrase::AboutPalette,
            Self::TextScale => Phrase::AboutTextScale,
            Self::Map => Phrase::AboutMap,
            Self::Zoom => Phrase::AboutZoom,
            Self::Window => Phrase::AboutWindow,
            Self::Animation => Phrase::AboutAnimation,
            Self::ReducedMotion => Phrase::AboutReducedMotion,
            Self::Shake => Phrase::AboutShake,
            Self::Hints => Phrase::AboutHints,
            Self::Tips => Phrase::AboutTips,
            Self::Language => Phrase::AboutLanguage,
            Self::Layout => Phrase::AboutLayout,
            Self::Keys => Phrase::AboutKeys,
            Self::Autosave => Phrase::AboutAutosave,
            Self::Master | Self::Effects | Self::Drone | Self::MenuSounds => Phrase::AboutVolume,
            Self::RunsCsv | Self::RunsJson => Phrase::AboutRuns,
            Self::Reset => Phrase::AboutReset,
            Self::Done => Phrase::AboutDone,
        }
    }

    /// How many values there are; 0 for a row that is chosen, not set.
    pub const fn values(self) -> u8 {
        match self {
            Self::Palette => PALETTES.len() as u8,
            Self::TextScale => SCALES.len() as u8,
            Self::Map => STYLES.len() as u8,
            Self::Zoom => ZOOMS,
            Self::Window => WINDOWS.len() as u8,
            Self::Animation => 3,
            Self::ReducedMotion => MOTIONS.len() as u8,
            Self::Shake => SHAKES.len() as u8,
            Self::Hints | Self::Tips | Self::Autosave => 2,
            Self::Language => LANGUAGES.len() as u8,
            Self::Layout => Layout::ALL.len() as u8,
            Self::Master | Self::Effects | Self::Drone | Self::MenuSounds => LOUD,
            Self::Keys | Self::RunsCsv | Self::RunsJson | Self::Reset | Self::Done => 0,
        }
    }

    /// True if more of it is more: a slider, not a choice.
    pub const fn slides(self) -> bool {
        matches!(
            self,
            Self::Master | Self::Effects | Self::Drone | Self::MenuSounds | Self::Zoom
        )
    }

    /// The place of the value that is set, from 0.
    pub fn at(self, settings: &Settings) -> u8 {
        match self {
            Self::Palette => place(&PALETTES, &settings.palette),
            Self::TextScale => place(&SCALES, &settings.text_scale.get()),
            Self::Map => place(&STYLES, &settings.map),
            Self::Zoom => settings.zoom.get(),
            Self::Window => place(&WINDOWS, &settings.window),
            Self::Animation => settings.animation.get(),
            Self::ReducedMotion => place(&MOTIONS, &settings.reduced_motion),
            Self::Shake => place(&SHAKES, &settings.shake),
            Self::Hints => settings.hints.0.into(),
            Self::Tips => settings.tips.0.into(),
            Self::Language => place(&LANGUAGES, &settings.language),
            Self::Layout => place(&Layout::ALL, &settings.keys.layout),
            Self::Autosave => settings.autosave.0.into(),
            Self::Master => settings.sound.master / 10,
            Self::Effects => settings.sound.effects / 10,
            Self::Drone => settings.sound.drone / 10,
            Self::MenuSounds => settings.sound.menu / 10,
            Self::Keys | Self::RunsCsv | Self::RunsJson | Self::Reset | Self::Done => 0,
        }
    }

    /// Sets the value at a place; what is beyond the last is the last.
    pub fn set(self, settings: &mut Settings, at: u8) {
        let at = at.min(self.values().saturating_sub(1));
        let i = usize::from(at);
        let loud = at.min(LOUD - 1) * 10;
        match self {
            Self::Palette => settings.palette = PALETTES[i],
            Self::TextScale => {
                settings.text_scale = TextScale::new(SCALES[i]).unwrap_or_default();
            }
            Self::Map => settings.map = STYLES[i],
            Self::Zoom => settings.zoom = ZoomStep::new(at).unwrap_or_default(),
            Self::Window => settings.window = WINDOWS[i],
            Self::Animation => settings.animation = Speed::new(at).unwrap_or_default(),
            Self::ReducedMotion => settings.reduced_motion = MOTIONS[i],
            Self::Shake => settings.shake = SHAKES[i],
            Self::Hints => settings.hints = Hints(at == 1),
            Self::Tips => settings.tips = Tips(at == 1),
            Self::Language => settings.language = LANGUAGES[i],
            Self::Layout => {
                if settings.keys.layout != Layout::ALL[i] {
                    settings.keys.choose(Layout::ALL[i]);
                }
            }
            Self::Autosave => settings.autosave = Autosave(at == 1),
            Self::Master => settings.sound.master = loud,
            Self::Effects => settings.sound.effects = loud,
            Self::Drone => settings.sound.drone = loud,
            Self::MenuSounds => settings.sound.menu = loud,
            Self::Keys | Self::RunsCsv | Self::RunsJson | Self::Reset | Self::Done => {}
        }
        // Whoever sets a volume wants to hear it.
        if matches!(
            self,
            Self::Master | Self::Effects | Self::Drone | Self::MenuSounds
        ) {
            settings.sound.muted = false;
        }
    }

    /// Goes to the next value or the one before; choices go round, sliders do not.
    pub fn step(self, settings: &mut Settings, forward: bool) {
        let (at, values) = (self.at(settings), self.values());
        if values == 0 {
            return;
        }
        let next = match (forward, self.slides()) {
            (true, true) => (at + 1).min(values - 1),
            (false, true) => at.saturating_sub(1),
            (true, false) => (at + 1) % values,
            (false, false) => (at + values - 1) % values,
        };
        self.set(settings, next);
    }

    /// What is shown of the value that is set.
    pub fn shown(self, settings: &Settings) -> Shown {
        let switch = |on: bool| Shown::Words(if on { Phrase::On } else { Phrase::Off });
        match self {
            Self::Palette => Shown::Words(match settings.palette {
                PaletteName::OkabeIto => Phrase::PaletteOkabeIto,
                PaletteName::Ember => Phrase::PaletteEmber,
                PaletteName::Deep => Phrase::PaletteDeep,
                PaletteName::HighContrast => Phrase::PaletteHighContrast,
            }),
            Self::TextScale => Shown::Percent(settings.text_scale.get()),
            Self::Map => Shown::Words(match settings.map {
                MapStyle::Tiles => Phrase::MapTiles,
                MapStyle::Glyphs => Phrase::MapGlyphs,
            }),
            Self::Zoom => Shown::Step(settings.zoom.get() + 1, ZOOMS),
            Self::Window => Shown::Words(match settings.window {
                WindowMode::Windowed => Phrase::WindowWindowed,
                WindowMode::Fullscreen => Phrase::WindowFullscreen,
            }),
            Self::Animation => Shown::Times(settings.animation.get()),
            Self::ReducedMotion => match settings.reduced_motion {
                ReducedMotion::Auto => Shown::Words(Phrase::MotionSystem),
                ReducedMotion::On => switch(true),
                ReducedMotion::Off => switch(false),
            },
            Self::Shake => Shown::Words(match settings.shake {
                Shake::Off => Phrase::Off,
                Shake::Low => Phrase::ShakeLow,
                Shake::Full => Phrase::ShakeFull,
            }),
            Self::Hints => switch(settings.hints.0),
            Self::Tips => switch(settings.tips.0),
            Self::Language => Shown::Words(Phrase::LanguageName),
            Self::Layout => Shown::Words(match settings.keys.layout {
                Layout::Arrows => Phrase::LayoutArrows,
                Layout::Vi => Phrase::LayoutVi,
                Layout::Numpad => Phrase::LayoutNumpad,
                Layout::Left => Phrase::LayoutLeft,
            }),
            Self::Autosave => Shown::Words(if settings.autosave.0 {
                Phrase::AutosaveTurn
            } else {
                Phrase::AutosaveLeave
            }),
            Self::Master => Shown::Percent(settings.sound.master),
            Self::Effects => Shown::Percent(settings.sound.effects),
            Self::Drone => Shown::Percent(settings.sound.drone),
            Self::MenuSounds => Shown::Percent(settings.sound.menu),
            Self::Keys | Self::RunsCsv | Self::RunsJson | Self::Reset | Self::Done => {
                Shown::Nothing
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Offered = Offered {
        sound: true,
        window: true,
        glyphs: true,
        shake: true,
    };

    #[test]
    fn every_value_of_every_row_can_be_set_and_shows_something_else() {
        for item in Item::ALL {
            let mut settings = Settings::default();
            let mut seen = Vec::new();
            for at in 0..item.values() {
                item.set(&mut settings, at);
                assert_eq!(item.at(&settings), at, "{item:?}");
                if item != Item::Language {
                    let shown = item.shown(&settings);
                    assert!(!seen.contains(&shown), "{item:?} {shown:?}");
                    seen.push(shown);
                }
                let text = serde_json::to_string(&settings).expect("plain data");
                assert_eq!(
                    serde_json::from_str::<Settings>(&text).expect(&text),
                    settings
                );
            }
        }
    }

    #[test]
    fn steps_reach_every_value_and_stay_within() {
        for item in Item::ALL.into_iter().filter(|item| item.values() > 0) {
            for forward in [true, false] {
                let mut settings = Settings::default();
                let first = if forward { 0 } else { item.values() - 1 };
                item.set(&mut settings, first);
                let mut seen = std::collections::BTreeSet::new();
                for _ in 0..item.values() + 3 {
                    seen.insert(item.at(&settings));
                    item.step(&mut settings, forward);
                }
                assert_eq!(seen.len(), usize::from(item.values()), "{item:?}");
            }
        }
    }

    #[test]
    fn a_row_without_anything_behind_it_is_not_shown() {
        assert_eq!(Item::offered(ALL), Item::ALL);
        let none = Item::offered(Offered {
            sound: false,
            window: false,
            glyphs: false,
            shake: false,
        });
        assert_eq!(none.len(), Item::ALL.len() - 7);
        assert!(!none.contains(&Item::Drone) && none.contains(&Item::Keys));
    }

    #[test]
    fn choosing_the_layout_that_is_set_keeps_changed_keys() {
        let mut settings = Settings::default();
        let key = crate::settings::Key::Char('y');
        let bound = settings
            .keys
            .bind(crate::settings::Action::Grab, key, false);
        assert_eq!(bound, Ok(()));
        Item::Layout.set(&mut settings, 0);
        assert_eq!(settings.keys.changed.len(), 1);
        Item::Layout.set(&mut settings, 1);
        assert!(settings.keys.changed.is_empty());
    }
}
