//! Keys of a keyboard, whatever program reads them: what they are called in files, and on the screen.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A key that can mean something. Letters are small; shift alone means nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Key {
    /// A key that types this character; of letters the small one.
    Char(char),
    /// A digit of the number pad, 0 to 9, whatever Num Lock says.
    Pad(u8),
    /// A function key, 1 to 12.
    F(u8),
    /// Another key.
    Named(Named),
}

/// Keys that have names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Named {
    Up,
    Right,
    Down,
    Left,
    Space,
    Enter,
    Escape,
    Backspace,
    Tab,
    Delete,
    Insert,
    Home,
    End,
    PageUp,
    PageDown,
    PadPlus,
    PadMinus,
    PadTimes,
    PadSlash,
    PadDot,
    PadEnter,
}

/// Every named key, its name in files, and its name on the screen.
const NAMES: [(Named, &str, &str); 21] = [
    (Named::Up, "up", "Up"),
    (Named::Right, "right", "Right"),
    (Named::Down, "down", "Down"),
    (Named::Left, "left", "Left"),
    (Named::Space, "space", "Space"),
    (Named::Enter, "enter", "Enter"),
    (Named::Escape, "escape", "Esc"),
    (Named::Backspace, "backspace", "Backspace"),
    (Named::Tab, "tab", "Tab"),
    (Named::Delete, "delete", "Del"),
    (Named::Insert, "insert", "Ins"),
    (Named::Home, "home", "Home"),
    (Named::End, "end", "End"),
    (Named::PageUp, "page-up", "PgUp"),
    (Named::PageDown, "page-down", "PgDn"),
    (Named::PadPlus, "pad+", "Pad +"),
    (Named::PadMinus, "pad-", "Pad -"),
    (Named::PadTimes, "pad*", "Pad *"),
    (Named::PadSlash, "pad/", "Pad /"),
    (Named::PadDot, "pad.", "Pad ."),
    (Named::PadEnter, "pad-enter", "Pad Enter"),
];

impl Key {
    /// The key that types this character; none for what is not one key's visible character.
    pub fn typed(c: char) -> Option<Self> {
        if c == ' ' {
            return Some(Self::Named(Named::Space));
        }
        let mut small = c.to_lowercase();
        let (Some(first), None) = (small.next(), small.next()) else {
            return None;
        };
        let visible = !first.is_control() && !first.is_whitespace();
        visible.then_some(Self::Char(first))
    }

    /// What the screen calls it, for example `G`, `Esc` or `Pad 4`.
    pub fn label(self) -> String {
        match self {
            Self::Char(c) => c.to_uppercase().to_string(),
            Self::Pad(digit) => format!("Pad {digit}"),
            Self::F(number) => format!("F{number}"),
            Self::Named(named) => names(named).1.to_string(),
        }
    }
}

fn names(named: Named) -> (&'static str, &'static str) {
    let found = NAMES.iter().find(|(other, ..)| *other == named);
    found.map_or(("", ""), |&(_, file, screen)| (file, screen))
}

/// Its name in files, for example `g`, `escape` or `pad4`.
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Char(c) => write!(f, "{c}"),
            Self::Pad(digit) => write!(f, "pad{digit}"),
            Self::F(number) => write!(f, "f{number}"),
            Self::Named(named) => f.write_str(names(named).0),
        }
    }
}

/// A text that names no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("found {0}, expected a key: one character, f1 to f12, pad0 to pad9, or a name as \"up\"")]
pub struct KeyError(String);

impl FromStr for Key {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let wrong = || KeyError(crate::journal::quoted(text));
        let mut chars = text.chars();
        if let (Some(c), None) = (chars.next(), chars.next()) {
            // Space has a name, and capitals are written small.
            let key = Self::typed(c).filter(|&key| key == Self::Char(c));
            return key.ok_or_else(wrong);
        }
        if let Some((named, ..)) = NAMES.iter().find(|(_, name, _)| *name == text) {
            return Ok(Self::Named(*named));
        }
        let number = |digits: &str| {
            let plain = digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0');
            digits.parse::<u8>().ok().filter(|_| plain || digits == "0")
        };
        let pad = text.strip_prefix("pad").and_then(number);
        let f = text.strip_prefix('f').and_then(number);
        match (pad, f) {
            (Some(digit @ 0..=9), _) => Ok(Self::Pad(digit)),
            (_, Some(at @ 1..=12)) => Ok(Self::F(at)),
            _ => Err(wrong()),
        }
    }
}

impl TryFrom<String> for Key {
    type Error = KeyError;

    fn try_from(text: String) -> Result<Self, KeyError> {
        text.parse()
    }
}

impl From<Key> for String {
    fn from(key: Key) -> Self {
        key.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_reads_back_from_its_name() {
        let named = NAMES.map(|(named, ..)| Key::Named(named));
        let others = ['a', 'z', '.', '+', 'ö', '1'].map(Key::Char);
        let pads = (0..10).map(Key::Pad).chain((1..13).map(Key::F));
        for key in named.into_iter().chain(others).chain(pads) {
            assert_eq!(key.to_string().parse(), Ok(key));
            assert!(!key.label().trim().is_empty());
        }
    }

    #[test]
    fn what_is_no_key_is_named() {
        for text in [
            "", " ", "A", "f0", "f13", "f01", "pad10", "pad", "shift", "ab", "\n",
        ] {
            let error = text.parse::<Key>().expect_err(text);
            assert!(error.to_string().contains("expected a key"), "{error}");
        }
    }

    #[test]
    fn capitals_and_spaces_are_the_keys_that_type_them() {
        assert_eq!(Key::typed('G'), Some(Key::Char('g')));
        assert_eq!(Key::typed(' '), Some(Key::Named(Named::Space)));
        assert_eq!(Key::typed('\u{7}'), None);
    }
}
