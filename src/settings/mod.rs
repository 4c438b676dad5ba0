//! How the player wants it: everything that can be set, what keys and buttons mean, and the rows in which it is set.
//!
//! [`Settings`] is kept in the profile. What is missing there has its default, what this build does not know is kept
//! and written back, and a value that is none is an error that names its field.

mod action;
mod bindings;
pub mod gamepad;
mod item;
pub mod joystick;
mod key;
mod values;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::sound::Volumes;

pub use action::{Action, Context};
pub use bindings::{BindError, Bindings, FIXED, KeyChoice, Layout};
pub use item::{Item, Offered, Shown};
pub use key::{Key, KeyError, Named};
pub use values::{
    Language, MapStyle, PaletteName, ReducedMotion, Shake, Speed, TextScale, WindowMode, ZoomStep,
};

/// How the player wants it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Whether things move about that need not.
    pub reduced_motion: ReducedMotion,
    /// How fast things move.
    pub animation: Speed,
    /// How much the map shakes when something hits.
    pub shake: Shake,
    /// Colours.
    pub palette: PaletteName,
    /// Size of text.
    pub text_scale: TextScale,
    /// How floors are drawn.
    pub map: MapStyle,
    /// How large the map is.
    pub zoom: ZoomStep,
    /// How the window lies on the screen.
    pub window: WindowMode,
    /// How loud; left out while it is as usual.
    #[serde(skip_serializing_if = "Volumes::is_usual")]
    pub sound: Volumes,
    /// The raid is kept after every turn; else when it is left.
    pub autosave: Autosave,
    /// Lines that say which keys there are.
    pub hints: Hints,
    /// What is new is explained once.
    pub tips: Tips,
    /// The language of menus and help.
    pub language: Language,
    /// The keys.
    pub keys: KeyChoice,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

/// Whether the raid is kept after every turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Autosave(pub bool);

impl Default for Autosave {
    fn default() -> Self {
        Self(true)
    }
}

/// Whether the screen says which keys there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Hints(pub bool);

impl Default for Hints {
    fn default() -> Self {
        Self(true)
    }
}

/// Whether what is new to a player is explained once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tips(pub bool);

impl Default for Tips {
    fn default() -> Self {
        Self(true)
    }
}

impl Settings {
    /// Everything as it was at first; what this build does not know stays.
    pub fn reset(&mut self) {
        let rest = std::mem::take(&mut self.rest);
        *self = Self {
            rest,
            ..Self::default()
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_has_its_default_and_what_is_unknown_is_written_back() {
        let settings: Settings = serde_json::from_str(r#"{"halo":{"a":[1]}}"#).expect("it reads");
        let mut plain = settings.clone();
        plain.reset();
        assert_eq!(settings, plain);
        let text = serde_json::to_string(&settings).expect("plain data");
        assert!(text.contains(r#""halo":{"a":[1]}"#), "{text}");
        assert_eq!(
            serde_json::from_str::<Settings>(&text).expect(&text),
            settings
        );
    }

    #[test]
    fn values_that_are_none_are_refused_and_said_to_be() {
        for (text, part) in [
            (r#"{"palette":"pink"}"#, "pink"),
            (
                r#"{"text_scale":110}"#,
                "found 110, expected 100, 125 or 150",
            ),
            (r#"{"animation":3}"#, "found 3, expected 0, 1 or 2"),
            (
                r#"{"sound":{"drone":101}}"#,
                "found 101, expected a volume from 0 to 100",
            ),
            (r#"{"zoom":9}"#, "found 9, expected 0 to 7"),
            (r#"{"language":"fr"}"#, "fr"),
            (r#"{"autosave":1}"#, "boolean"),
            (r#"{"keys":{"changed":{"grab":"F99"}}}"#, "expected a key"),
        ] {
            let error = serde_json::from_str::<Settings>(text).expect_err(text);
            assert!(error.to_string().contains(part), "{text}: {error}");
        }
    }
}
