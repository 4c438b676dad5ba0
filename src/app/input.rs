//! The one input map: keys, mouse and buttons become intents; nothing else in the window reads a key.

use std::collections::VecDeque;

use bevy::input::ButtonState;
use bevy::input::keyboard::{Key, KeyboardInput};
use bevy::input::mouse::{MouseScrollUnit, MouseWheel};
use bevy::input::touch::{Touch, Touches};
use bevy::prelude::*;
use bevy::window::PrimaryWindow;

use super::Stage;
use super::board::{BoardCursor, MapSight};
use crate::labyrinth::{Cell, Dir};
use crate::settings::{self, Action, Bindings, Context, Named};

/// What a person wants, whatever they pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Intent {
    /// Go, or choose, in a direction.
    Go(Dir),
    /// Let a turn pass.
    Wait,
    /// Clear a room.
    Clear,
    /// Grab.
    Grab,
    /// Give a block back.
    Free,
    /// Isolate.
    Isolate,
    /// Use something that was brought.
    Use,
    /// Leave through a gate.
    Extract,
    /// See what was never seen, until there is news.
    Explore,
    /// Wait until there is news.
    WaitNews,
    /// The last command again, until there is news.
    Repeat,
    /// Look about.
    Look,
    /// The whole zone, and back.
    Overview,
    /// Larger.
    ZoomIn,
    /// Smaller.
    ZoomOut,
    /// Sound off, or on again.
    Sound,
    /// Help.
    Help,
    /// Back, or pause.
    Escape,
    /// Yes.
    Confirm,
    /// The same seed again.
    Retry,
    /// A new seed.
    NewSeed,
    /// To the title.
    Title,
    /// A digit of a seed.
    Digit(u8),
    /// Takes a digit back.
    Erase,
    /// Out of the game.
    Quit,
    /// On with the raid that was left.
    Resume,
    /// The settings.
    Settings,
    /// An entry of a list, by its place.
    Entry(u8),
    /// The next value of a row, or the one before.
    Step(u8, bool),
    /// A value of a row, by its place.
    Set(u8, u8),
    /// A key: what it means depends on where it is acted on.
    Key(Press),
    /// A click on the map.
    Point(Cell),
    /// A look at a cell of the map.
    Inspect(Cell),
    /// The mouse is over another cell, or over none.
    Hover(Option<Cell>),
    /// A key that means nothing: it cancels and closes, no more.
    Other,
}

impl Intent {
    /// True for what changes only how the raid is shown.
    pub(super) fn only_looks(self) -> bool {
        matches!(
            self,
            Self::Overview
                | Self::ZoomIn
                | Self::ZoomOut
                | Self::Sound
                | Self::Help
                | Self::Hover(_)
        )
    }
}

impl From<Action> for Intent {
    fn from(action: Action) -> Self {
        match action {
            Action::North => Self::Go(Dir::North),
            Action::East => Self::Go(Dir::East),
            Action::South => Self::Go(Dir::South),
            Action::West => Self::Go(Dir::West),
            Action::Wait => Self::Wait,
            Action::Clear => Self::Clear,
            Action::Grab => Self::Grab,
            Action::Free => Self::Free,
            Action::Isolate => Self::Isolate,
            Action::Use => Self::Use,
            Action::Extract => Self::Extract,
            // At the title there is something else to explore.
            Action::Explore | Action::Outfit => Self::Explore,
            Action::WaitNews => Self::WaitNews,
            Action::Repeat => Self::Repeat,
            Action::Look => Self::Look,
            Action::Overview => Self::Overview,
            Action::ZoomIn => Self::ZoomIn,
            Action::ZoomOut => Self::ZoomOut,
            Action::Sound => Self::Sound,
            Action::Help => Self::Help,
            Action::Confirm => Self::Confirm,
            Action::Back => Self::Escape,
            Action::Continue => Self::Resume,
            Action::NewRaid => Self::NewSeed,
            Action::Retry => Self::Retry,
            Action::ToTitle => Self::Title,
            Action::Settings => Self::Settings,
            Action::Erase => Self::Erase,
            Action::Quit => Self::Quit,
        }
    }
}

/// A key that was pressed: as the keyboard has it, and as what it types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Press {
    /// On the number pad, the key of the pad.
    place: Option<settings::Key>,
    /// What it types or does otherwise.
    types: Option<settings::Key>,
    /// It is held.
    repeat: bool,
}

impl Press {
    /// What was pressed, from what the window says; none for keys that only change what others mean.
    fn of(code: KeyCode, logical: &Key, repeat: bool) -> Option<Self> {
        let types = match logical {
            Key::Character(text) => {
                let mut chars = text.chars();
                match (chars.next(), chars.next()) {
                    (Some(c), None) => settings::Key::typed(c),
                    _ => None,
                }
            }
            // Shift and its like, and keys of the machine, are no press of their own.
            logical => Some(named(logical)?),
        };
        Some(Self {
            place: pad(code),
            types,
            repeat,
        })
    }

    /// What it means there; none if it is held and does not repeat.
    pub(super) fn means(self, bindings: &Bindings, context: Context) -> Option<Intent> {
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

    /// The key itself, for whoever chooses one; none while it is held.
    pub(super) fn key(self) -> Option<settings::Key> {
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

/// A button on screen that says this when pressed.
#[derive(Component, Debug, Clone, Copy)]
pub(super) struct Says(pub Intent);

/// Intents not yet acted on, oldest first.
#[derive(Resource, Debug, Default)]
pub(super) struct Intents(pub VecDeque<Intent>);

fn read_keys(mut keys: MessageReader<KeyboardInput>, mut intents: ResMut<Intents>) {
    for key in keys.read() {
        if key.state != ButtonState::Pressed {
            continue;
        }
        if let Some(press) = Press::of(key.key_code, &key.logical_key, key.repeat) {
            intents.0.push_back(Intent::Key(press));
        }
    }
}

fn read_buttons(
    buttons: Query<(&Interaction, &Says), Changed<Interaction>>,
    mut intents: ResMut<Intents>,
) {
    for (interaction, says) in &buttons {
        if *interaction == Interaction::Pressed {
            intents.0.push_back(says.0);
        }
    }
}

/// Fingers are used, or were: there is room for them on buttons.
#[derive(Resource, Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fingers(pub bool);

/// Logical pixels a finger may slide and still tap.
const TAP_SLIP: f32 = 14.0;
/// Seconds after which a finger that rests looks instead of pointing.
const LONG_PRESS: f32 = 0.45;
/// How much farther apart two fingers must move for one step of zoom.
const PINCH: f32 = 1.3;

/// What the fingers on the map are about to do.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
enum Gesture {
    /// None is down, or what they did is done.
    #[default]
    Done,
    /// One is down on the map, since then.
    Resting { id: u64, since: f32 },
    /// Two are down; how far apart at the last step of zoom.
    Pinch(f32),
}

/// A tap goes there, a long press looks, two fingers zoom.
fn read_touch(
    touches: Option<Res<Touches>>,
    time: Res<Time<Real>>,
    interactions: Query<&Interaction>,
    map: Option<MapSight>,
    mut gesture: Local<Gesture>,
    mut fingers: ResMut<Fingers>,
    mut intents: ResMut<Intents>,
) {
    let (Some(touches), Some(map)) = (touches, map) else {
        return;
    };
    let now = time.elapsed_secs();
    if touches.any_just_pressed() {
        fingers.set_if_neq(Fingers(true));
        let on_ui = interactions
            .iter()
            .any(|interaction| *interaction != Interaction::None);
        let down: Vec<&Touch> = touches.iter().collect();
        // On a slow machine a tap can be over before anybody looked.
        if down.is_empty() && !on_ui {
            let mut over = touches.iter_just_released();
            if let (Some(touch), None) = (over.next(), over.next())
                && touch.position().distance(touch.start_position()) < TAP_SLIP
                && let Some(cell) = map.cell_at(touch.start_position())
            {
                intents.0.push_back(Intent::Point(cell));
            }
        }
        *gesture = match down[..] {
            [one] if !on_ui => Gesture::Resting {
                id: one.id(),
                since: now,
            },
            [a, b] => Gesture::Pinch(a.position().distance(b.position()).max(1.0)),
            _ => Gesture::Done,
        };
    }
    match *gesture {
        Gesture::Done => {}
        Gesture::Resting { id, since } => {
            let still =
                |touch: &Touch| touch.position().distance(touch.start_position()) < TAP_SLIP;
            let cell = |touch: &Touch| map.cell_at(touch.start_position());
            if let Some(touch) = touches
                .get_released(id)
                .filter(|_| touches.just_released(id))
            {
                *gesture = Gesture::Done;
                if still(touch)
                    && let Some(cell) = cell(touch)
                {
                    intents.0.push_back(Intent::Point(cell));
                }
            } else if let Some(touch) = touches.get_pressed(id) {
                if still(touch) && now - since >= LONG_PRESS {
                    *gesture = Gesture::Done;
                    if let Some(cell) = cell(touch) {
                        intents.0.push_back(Intent::Inspect(cell));
                    }
                }
            } else {
                *gesture = Gesture::Done;
            }
        }
        Gesture::Pinch(last) => {
            let down: Vec<&Touch> = touches.iter().collect();
            let [a, b] = down[..] else {
                *gesture = Gesture::Done;
                return;
            };
            let apart = a.position().distance(b.position()).max(1.0);
            if apart > last * PINCH {
                *gesture = Gesture::Pinch(apart);
                intents.0.push_back(Intent::ZoomIn);
            } else if apart < last / PINCH {
                *gesture = Gesture::Pinch(apart);
                intents.0.push_back(Intent::ZoomOut);
            }
        }
    }
}

/// Wheel turned but not yet a whole step.
#[derive(Default)]
struct Wheel(f32);

fn read_mouse(
    windows: Query<&Window, With<PrimaryWindow>>,
    buttons: Option<Res<ButtonInput<MouseButton>>>,
    interactions: Query<&Interaction>,
    mut wheel: MessageReader<MouseWheel>,
    mut turned: Local<Wheel>,
    cursor: Option<Res<BoardCursor>>,
    mut last: Local<Option<Vec2>>,
    mut intents: ResMut<Intents>,
) {
    for step in wheel.read() {
        turned.0 += match step.unit {
            MouseScrollUnit::Line => step.y,
            MouseScrollUnit::Pixel => step.y / 40.0,
        };
    }
    while turned.0.abs() >= 1.0 {
        let up = turned.0 > 0.0;
        turned.0 -= turned.0.signum();
        intents
            .0
            .push_back(if up { Intent::ZoomIn } else { Intent::ZoomOut });
    }
    let (Ok(window), Some(cursor)) = (windows.single(), cursor) else {
        return;
    };
    let over_ui = interactions
        .iter()
        .any(|interaction| *interaction != Interaction::None);
    let cell = if over_ui { None } else { cursor.0 };
    // The map moving under a mouse that lies still is no news.
    let position = window.cursor_position();
    if position != *last {
        // Where it lies when the window opens is no news either.
        if last.is_some() || position.is_none() {
            intents.0.push_back(Intent::Hover(cell));
        }
        *last = position;
    }
    let (Some(buttons), Some(cell)) = (buttons, cell) else {
        return;
    };
    if buttons.just_pressed(MouseButton::Left) {
        intents.0.push_back(Intent::Point(cell));
    }
    if buttons.just_pressed(MouseButton::Right) {
        intents.0.push_back(Intent::Inspect(cell));
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Intents>()
        .init_resource::<Fingers>()
        .add_systems(
            Update,
            (read_keys, read_buttons, read_mouse, read_touch)
                .chain()
                .in_set(Stage::Input),
        );
}

#[cfg(test)]
mod tests {
    use super::*;
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
