//! What a key is, and what it means where it is pressed.

use bevy::input::ButtonState;
use bevy::input::keyboard::{Key, KeyboardInput};
use bevy::prelude::*;

use super::{Intent, Intents};
use crate::settings::{self, Bindings, Context, Named};
use crate::workbench::Stroke;

/// A key that was pressed: as the keyboard has it, and as what it types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::app) struct Press {
    /// On the number pad, the key of the pad.
    place: Option<settings::Key>,
    /// What it types or does otherwise.
    types: Option<settings::Key>,
    /// The character it types, capitals as such.
    letter: Option<char>,
    /// Control is held with it, and Shift.
    held: (bool, bool),
    /// It is held with a key that makes it the system's or the browser's: copy, a bookmark, the address bar.
    foreign: bool,
    /// It is held.
    repeat: bool,
}

impl Press {
    /// What it does to a line of text; none if nothing.
    pub(in crate::app) fn stroke(self) -> Option<Stroke> {
        use settings::Key::Named as Is;
        let (control, shift) = self.held;
        if control {
            return Some(match self.types? {
                settings::Key::Char('z') if shift => Stroke::Redo,
                settings::Key::Char('z') => Stroke::Undo,
                settings::Key::Char('y') => Stroke::Redo,
                settings::Key::Char('u') => Stroke::EraseLine,
                settings::Key::Char('w') | Is(Named::Backspace) => Stroke::EraseWord,
                settings::Key::Char('a') => Stroke::Home,
                settings::Key::Char('e') => Stroke::End,
                settings::Key::Char('c') => Stroke::Escape,
                settings::Key::Char('v') => Stroke::Paste,
                _ => return None,
            });
        }
        if self.foreign {
            return None;
        }
        if let Some(letter) = self.letter {
            return Some(Stroke::Char(letter));
        }
        Some(match self.types? {
            Is(Named::Space) => Stroke::Char(' '),
            Is(Named::Enter | Named::PadEnter) => Stroke::Enter,
            Is(Named::Tab) => Stroke::Complete,
            Is(Named::Backspace) => Stroke::Erase,
            Is(Named::Delete) => Stroke::Delete,
            Is(Named::Insert) if shift => Stroke::Paste,
            Is(Named::Left) => Stroke::Left,
            Is(Named::Right) => Stroke::Right,
            Is(Named::Up) => Stroke::Up,
            Is(Named::Down) => Stroke::Down,
            Is(Named::Home) => Stroke::Home,
            Is(Named::End) => Stroke::End,
            Is(Named::PageUp) => Stroke::PageUp,
            Is(Named::PageDown) => Stroke::PageDown,
            Is(Named::Escape) => Stroke::Escape,
            settings::Key::F(4) => Stroke::Side,
            _ => return None,
        })
    }

    /// What was pressed, from what the window says; none for keys that only change what others mean.
    fn of(code: KeyCode, logical: &Key, repeat: bool) -> Option<Self> {
        let mut letter = None;
        let types = match logical {
            Key::Character(text) => {
                let mut chars = text.chars();
                match (chars.next(), chars.next()) {
                    (Some(c), None) => {
                        letter = Some(c);
                        settings::Key::typed(c)
                    }
                    _ => None,
                }
            }
            // Shift and its like, and keys of the machine, are no press of their own.
            logical => Some(named(logical)?),
        };
        Some(Self {
            place: pad(code),
            types,
            letter,
            held: (false, false),
            foreign: false,
            repeat,
        })
    }

    /// What it means there; none if it is held and does not repeat, or is not meant for the game.
    pub(in crate::app) fn means(self, bindings: &Bindings, context: Context) -> Option<Intent> {
        if self.foreign {
            return None;
        }
        let keys = [self.place, self.types];
        let action = keys
            .into_iter()
            .flatten()
            .find_map(|key| bindings.action(key, context));
        if let Some(action) = action {
            return (!self.repeat || action.repeats()).then(|| action.into());
        }
        match self.types {
            _ if self.repeat => None,
            Some(settings::Key::Char(digit @ '0'..='9')) => Some(Intent::Digit(digit as u8 - b'0')),
            _ => Some(Intent::Other),
        }
    }

    /// What it means where a line is typed: what types a character is one, the others mean what they do in lists.
    pub(in crate::app) fn typing(self, bindings: &Bindings) -> Option<Intent> {
        match (self.letter, self.types) {
            (Some(c), _) if !self.held.0 => Some(Intent::Text(c)),
            (None, Some(settings::Key::Named(Named::Space))) => Some(Intent::Text(' ')),
            (None, Some(settings::Key::Named(Named::Tab))) => Some(Intent::Complete),
            _ => self.means(bindings, Context::Menu),
        }
    }

    /// The key itself, for whoever types; also while it is held.
    pub(in crate::app) fn typed(self) -> Option<settings::Key> {
        self.types.or(self.place)
    }

    /// The key itself, for whoever chooses one; none while it is held.
    pub(in crate::app) fn key(self) -> Option<settings::Key> {
        self.place.or(self.types).filter(|_| !self.repeat)
    }
}

/// The key of the number pad, whatever it types.
const fn pad(code: KeyCode) -> Option<settings::Key> {
    use settings::Key::{Named as Is, Pad};
    Some(match code {
        KeyCode::Numpad0 => Pad(0),
        KeyCode::Numpad1 => Pad(1),
        KeyCode::Numpad2 => Pad(2),
        KeyCode::Numpad3 => Pad(3),
        KeyCode::Numpad4 => Pad(4),
        KeyCode::Numpad5 => Pad(5),
        KeyCode::Numpad6 => Pad(6),
        KeyCode::Numpad7 => Pad(7),
        KeyCode::Numpad8 => Pad(8),
        KeyCode::Numpad9 => Pad(9),
        KeyCode::NumpadAdd => Is(Named::PadPlus),
        KeyCode::NumpadSubtract => Is(Named::PadMinus),
        KeyCode::NumpadMultiply => Is(Named::PadTimes),
        KeyCode::NumpadDivide => Is(Named::PadSlash),
        KeyCode::NumpadDecimal => Is(Named::PadDot),
        KeyCode::NumpadEnter => Is(Named::PadEnter),
        _ => return None,
    })
}

/// Keys that type nothing.
const fn named(key: &Key) -> Option<settings::Key> {
    use settings::Key::{F, Named as Is};
    Some(match key {
        Key::ArrowUp => Is(Named::Up),
        Key::ArrowRight => Is(Named::Right),
        Key::ArrowDown => Is(Named::Down),
        Key::ArrowLeft => Is(Named::Left),
        Key::Space => Is(Named::Space),
        Key::Enter => Is(Named::Enter),
        Key::Escape => Is(Named::Escape),
        Key::Backspace => Is(Named::Backspace),
        Key::Tab => Is(Named::Tab),
        Key::Delete => Is(Named::Delete),
        Key::Insert => Is(Named::Insert),
        Key::Home => Is(Named::Home),
        Key::End => Is(Named::End),
        Key::PageUp => Is(Named::PageUp),
        Key::PageDown => Is(Named::PageDown),
        Key::F1 => F(1),
        Key::F2 => F(2),
        Key::F3 => F(3),
        Key::F4 => F(4),
        Key::F5 => F(5),
        Key::F6 => F(6),
        Key::F7 => F(7),
        Key::F8 => F(8),
        Key::F9 => F(9),
        Key::F10 => F(10),
        Key::F11 => F(11),
        Key::F12 => F(12),
        _ => return None,
    })
}

/// The keys that change what others mean, in the order of [`Held`].
const MODIFIERS: [KeyCode; 8] = [
    KeyCode::ControlLeft,
    KeyCode::ControlRight,
    KeyCode::AltLeft,
    KeyCode::AltRight,
    KeyCode::SuperLeft,
    KeyCode::SuperRight,
    KeyCode::ShiftLeft,
    KeyCode::ShiftRight,
];

/// Which of [`MODIFIERS`] are held. Followed key by key: a press may begin and end within one frame, its Control as well.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Held([bool; 8]);

impl Held {
    /// Takes in a key that went down or up; true if it is one of them.
    fn follow(&mut self, code: KeyCode, pressed: bool) -> bool {
        let place = MODIFIERS.iter().position(|&modifier| modifier == code);
        if let Some(place) = place {
            self.0[place] = pressed;
        }
        place.is_some()
    }

    /// Control (or what stands for it) and Shift; and whether a key pressed now is not meant for the game.
    fn says(self) -> ((bool, bool), bool) {
        let [
            control_left,
            control_right,
            alt_left,
            alt_right,
            super_left,
            super_right,
            left,
            right,
        ] = self.0;
        // The right Alt types the third sign of a key, on some systems as Alt with Control.
        let control = (control_left || control_right) && !(alt_left || alt_right);
        let system = super_left || super_right;
        let command = system && cfg!(target_os = "macos");
        let foreign = control || system || (alt_left && !alt_right);
        ((control || command, left || right), foreign)
    }
}

pub(super) fn read(
    mut keys: MessageReader<KeyboardInput>,
    state: Option<Res<ButtonInput<KeyCode>>>,
    mut down: Local<Held>,
    mut intents: ResMut<Intents>,
) {
    for key in keys.read() {
        let pressed = key.state == ButtonState::Pressed;
        let _ = down.follow(key.key_code, pressed);
        if !pressed {
            continue;
        }
        if let Some(mut press) = Press::of(key.key_code, &key.logical_key, key.repeat) {
            (press.held, press.foreign) = down.says();
            intents.0.push_back(Intent::Key(press));
        }
    }
    // A window that lost the focus hears no key go up; the engine then lets go of all.
    if let Some(state) = state {
        down.0 = MODIFIERS.map(|modifier| state.pressed(modifier));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::labyrinth::Dir;
    use crate::settings::{KeyChoice, Layout};

    fn means(code: KeyCode, key: Key, layout: Layout, context: Context) -> Option<Intent> {
        let mut choice = KeyChoice::default();
        choice.choose(layout);
        Press::of(code, &key, false)?.means(&Bindings::of(&choice), context)
    }

    fn typed(text: &str, context: Context) -> Option<Intent> {
        let key = Key::Character(text.into());
        means(KeyCode::F35, key, Layout::Arrows, context)
    }

    #[test]
    fn capitals_mean_the_same_as_small_letters() {
        for c in 'a'..='z' {
            let large = c.to_ascii_uppercase().to_string();
            for context in [Context::Raid, Context::Menu] {
                assert_eq!(typed(&c.to_string(), context), typed(&large, context));
            }
        }
    }

    #[test]
    fn other_keys_only_cancel_and_shift_does_not_even_that() {
        for text in ["gg", "x", "#", "é", ""] {
            assert_eq!(typed(text, Context::Raid), Some(Intent::Other), "{text}");
        }
        let tab = |key| means(KeyCode::F35, key, Layout::Arrows, Context::Raid);
        assert_eq!(tab(Key::Tab), Some(Intent::Other));
        assert_eq!(tab(Key::Shift), None);
        assert_eq!(tab(Key::Control), None);
    }

    #[test]
    fn the_number_pad_walks_in_its_layout_and_types_digits_in_others() {
        let eight = || Key::Character("8".into());
        let at = |layout| means(KeyCode::Numpad8, eight(), layout, Context::Menu);
        assert_eq!(at(Layout::Numpad), Some(Intent::Go(Dir::North)));
        assert_eq!(at(Layout::Arrows), Some(Intent::Digit(8)));
        // Without Num Lock it types an arrow.
        let arrow = means(KeyCode::Numpad8, Key::ArrowUp, Layout::Vi, Context::Raid);
        assert_eq!(arrow, Some(Intent::Go(Dir::North)));
    }

    #[test]
    fn keys_of_the_system_and_the_browser_are_none_of_the_game() {
        let mut press =
            Press::of(KeyCode::KeyS, &Key::Character("s".into()), false).expect("a key");
        let bindings = Bindings::default();
        assert!(press.means(&bindings, Context::Raid).is_some());
        press.foreign = true;
        assert_eq!(press.means(&bindings, Context::Raid), None);
    }

    #[test]
    fn control_counts_for_the_keys_pressed_while_it_is_down() {
        let mut held = Held::default();
        assert!(held.follow(KeyCode::ControlLeft, true));
        assert_eq!(held.says(), ((true, false), true));
        // The third sign of a key, as some systems say it.
        held.follow(KeyCode::AltRight, true);
        assert_eq!(held.says(), ((false, false), false));
        held.follow(KeyCode::AltRight, false);
        held.follow(KeyCode::ControlLeft, false);
        assert!(!held.follow(KeyCode::KeyD, true));
        assert_eq!(held.says(), ((false, false), false));
        held.follow(KeyCode::AltLeft, true);
        assert!(held.says().1);
    }

    #[test]
    fn a_key_that_is_held_repeats_only_steps() {
        let held = |text: &str| {
            let press = Press::of(KeyCode::F35, &Key::Character(text.into()), true)?;
            press.means(&Bindings::default(), Context::Raid)
        };
        assert_eq!(held("w"), Some(Intent::Go(Dir::North)));
        assert_eq!(held("g"), None);
        assert_eq!(held("x"), None);
    }
}
