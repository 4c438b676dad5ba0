//! Fingers on the map: a tap goes there, a long press looks, two fingers zoom.

use bevy::input::touch::{Touch, Touches};
use bevy::prelude::*;

use super::{Intent, Intents};
use crate::app::board::MapSight;

/// Fingers are used, or were: there is room for them on buttons.
#[derive(Resource, Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(in crate::app) struct Fingers(pub bool);

/// Logical pixels a finger may slide and still tap.
const TAP_SLIP: f32 = 14.0;
/// Seconds after which a finger that rests looks instead of pointing.
const LONG_PRESS: f32 = 0.45;
/// How much farther apart two fingers must move for one step of zoom.
const PINCH: f32 = 1.3;

/// What the fingers on the map are about to do.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
pub(super) enum Gesture {
    /// None is down, or what they did is done.
    #[default]
    Done,
    /// One is down on the map, since then.
    Resting { id: u64, since: f32 },
    /// Two are down; how far apart at the last step of zoom.
    Pinch(f32),
}

/// A tap goes there, a long press looks, two fingers zoom.
pub(super) fn read(
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
