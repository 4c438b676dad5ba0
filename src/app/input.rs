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
    /// An entry of a list, by its place.
    Entry(u8),
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

    /// True for what is worth repeating while its key is held.
    fn repeats(self) -> bool {
        matches!(
            self,
            Self::Go(_) | Self::Wait | Self::ZoomIn | Self::ZoomOut | Self::Erase
        )
    }
}

/// A button on screen that says this when pressed.
#[derive(Component, Debug, Clone, Copy)]
pub(super) struct Says(pub Intent);

/// Intents not yet acted on, oldest first.
#[derive(Resource, Debug, Default)]
pub(super) struct Intents(pub VecDeque<Intent>);

/// What a key means.
pub(super) fn intent_of(key: &Key) -> Option<Intent> {
    Some(match key {
        Key::ArrowUp => Intent::Go(Dir::North),
        Key::ArrowRight => Intent::Go(Dir::East),
        Key::ArrowDown => Intent::Go(Dir::South),
        Key::ArrowLeft => Intent::Go(Dir::West),
        Key::Space => Intent::Wait,
        Key::Enter => Intent::Confirm,
        Key::Escape => Intent::Escape,
        Key::Backspace => Intent::Erase,
        Key::F1 => Intent::Help,
        Key::Character(text) => {
            let mut chars = text.chars();
            let (Some(c), None) = (chars.next(), chars.next()) else {
                return Some(Intent::Other);
            };
            match c.to_ascii_lowercase() {
                'w' => Intent::Go(Dir::North),
                'd' => Intent::Go(Dir::East),
                's' => Intent::Go(Dir::South),
                'a' => Intent::Go(Dir::West),
                '.' | ' ' => Intent::Wait,
                'c' => Intent::Clear,
                'g' => Intent::Grab,
                'f' => Intent::Free,
                'i' => Intent::Isolate,
                'e' => Intent::Extract,
                'z' => Intent::Explore,
                ',' => Intent::Repeat,
                // Shift and the full stop, on most keyboards.
                'v' | '>' | ':' => Intent::WaitNews,
                ';' | 'l' => Intent::Look,
                'm' => Intent::Overview,
                '+' | '=' => Intent::ZoomIn,
                '-' | '_' => Intent::ZoomOut,
                'b' => Intent::Sound,
                '?' | 'h' => Intent::Help,
                'r' => Intent::Retry,
                'n' => Intent::NewSeed,
                't' => Intent::Title,
                'q' => Intent::Quit,
                digit @ '0'..='9' => Intent::Digit(digit as u8 - b'0'),
                _ => Intent::Other,
            }
        }
        Key::Tab
        | Key::Delete
        | Key::Home
        | Key::End
        | Key::PageUp
        | Key::PageDown
        | Key::Insert => Intent::Other,
        // Shift and its like only change what another key means.
        _ => return None,
    })
}

fn read_keys(mut keys: MessageReader<KeyboardInput>, mut intents: ResMut<Intents>) {
    for key in keys.read() {
        if key.state != ButtonState::Pressed {
            continue;
        }
        if let Some(intent) = intent_of(&key.logical_key)
            && (!key.repeat || intent.repeats())
        {
            intents.0.push_back(intent);
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

    #[test]
    fn every_act_has_a_key_and_no_two_keys_of_the_table_disagree() {
        let keys = "wdsacgfielm+-b?rnt.z,v";
        let mut seen: Vec<Intent> = Vec::new();
        for c in keys.chars() {
            let key = Key::Character(c.to_string().into());
            let intent = intent_of(&key).unwrap_or_else(|| panic!("{c} means nothing"));
            assert!(!seen.contains(&intent), "{c} means the same as another key");
            seen.push(intent);
        }
    }

    #[test]
    fn capitals_mean_the_same_as_small_letters() {
        for c in 'a'..='z' {
            let small = intent_of(&Key::Character(c.to_string().into()));
            let large = intent_of(&Key::Character(c.to_ascii_uppercase().to_string().into()));
            assert_eq!(small, large);
        }
    }

    #[test]
    fn other_keys_only_cancel_and_shift_does_not_even_that() {
        for text in ["gg", "x", "#", "é", ""] {
            assert_eq!(
                intent_of(&Key::Character(text.into())),
                Some(Intent::Other),
                "{text}"
            );
        }
        assert_eq!(intent_of(&Key::Tab), Some(Intent::Other));
        assert_eq!(intent_of(&Key::Shift), None);
        assert_eq!(intent_of(&Key::Control), None);
    }
}
