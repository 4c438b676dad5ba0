//! The values that settings can have.

use serde::{Deserialize, Serialize};

/// Whether things move about that need not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReducedMotion {
    /// As the system has it.
    #[default]
    Auto,
    /// They do not.
    On,
    /// They do, whatever the system says.
    Off,
}

impl ReducedMotion {
    /// True if motion is to be reduced, given what the system wants.
    pub fn is_on(self, system: bool) -> bool {
        match self {
            Self::Auto => system,
            Self::On => true,
            Self::Off => false,
        }
    }
}

/// A set of colours, see [`crate::palette`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaletteName {
    /// Okabe and Ito's colours on near black.
    #[default]
    OkabeIto,
    /// Softer colours on a warm dark ground.
    Ember,
    /// Cold colours on deep blue.
    Deep,
    /// As much contrast as there is.
    HighContrast,
}

/// How floors are drawn.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MapStyle {
    /// As tiles with patterns.
    #[default]
    Tiles,
    /// As characters.
    Glyphs,
}

/// How much the map shakes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Shake {
    /// Not at all.
    Off,
    /// A little.
    #[default]
    Low,
    /// Much.
    Full,
}

/// How the window lies on the screen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WindowMode {
    /// As a window.
    #[default]
    Windowed,
    /// It fills the screen.
    Fullscreen,
}

/// The language of menus and help.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// English.
    #[default]
    En,
    /// German.
    De,
}

/// A whole number of a few, with a default and an error that says which there are.
macro_rules! number {
    ($(#[$doc:meta])* $name:ident, $default:literal, $fits:expr, $expected:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "u64", into = "u64")]
        pub struct $name(u8);

        impl $name {
            /// This value; none if it is not one of those there are.
            pub fn new(value: u8) -> Option<Self> {
                let fits: fn(u8) -> bool = $fits;
                fits(value).then_some(Self(value))
            }

            /// The value.
            pub const fn get(self) -> u8 {
                self.0
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self($default)
            }
        }

        impl TryFrom<u64> for $name {
            type Error = String;

            fn try_from(found: u64) -> Result<Self, String> {
                let value = u8::try_from(found).ok().and_then(Self::new);
                value.ok_or_else(|| format!("found {found}, expected {}", $expected))
            }
        }

        impl From<$name> for u64 {
            fn from(value: $name) -> Self {
                Self::from(value.0)
            }
        }
    };
}

number!(
    /// Size of text, in per cent.
    TextScale,
    100,
    |value| matches!(value, 100 | 125 | 150),
    "100, 125 or 150"
);
number!(
    /// How fast things move, against the usual: 0 is at once.
    Speed,
    1,
    |value| value <= 2,
    "0, 1 or 2"
);
number!(
    /// How large the map is, in steps.
    ZoomStep,
    4,
    |value| value <= 7,
    "0 to 7"
);
