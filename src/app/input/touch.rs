//! Fingers: on the map a tap goes there, a long press looks, two zoom; on buttons a tap presses, and a list is pushed.

use bevy::ecs::system::SystemParam;
use bevy::input::touch::{Touch, Touches};
use bevy::prelude::*;

use super::{Intent, Intents, Says};
use crate::app::Screen;
use crate::app::board::MapSight;
use crate::app::shell::Overlay;

/// Fingers are used, or were: there is room for them on buttons.
#[derive(Resource, Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(in crate::app) struct Fingers(pub bool);

/// Logical pixels a finger may slide and still tap.
const TAP_SLIP: f32 = 14.0;
/// Seconds after which a finger that rests looks instead of pointing.
const LONG_PRESS: f32 = 0.45;
/// Logical pixels by which a finger pushes a list or a text on by one step, as a notch of a wheel does.
const PUSH: f32 = 26.0;
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
    /// One is down beside the map; on a button, what that says if it is a tap; steps it has pushed so far.
    Slide {
        id: u64,
        says: Option<Intent>,
        steps: i32,
    },
}

/// Where fingers push what is shown: everywhere but on the map itself.
#[derive(SystemParam)]
pub(super) struct Pushed<'w> {
    screen: Res<'w, State<Screen>>,
    overlay: Res<'w, Overlay>,
}

impl Pushed<'_> {
    fn scrolls(&self) -> bool {
        *self.screen.get() != Screen::Raid || *self.overlay != Overlay::None
    }
}

/// Tells taps, long presses, pushes and pinches apart.
pub(super) fn read(
    touches: Option<Res<Touches>>,
    time: Res<Time<Real>>,
    interactions: Query<(&Interaction, Option<&Says>)>,
    pushed: Pushed,
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
        let mut under = interactions
            .iter()
            .filter(|(interaction, _)| **interaction != Interaction::None)
            .map(|(_, says)| says.map(|says| says.0));
        let says = under.clone().find_map(|says| says);
        let on_ui = under.next().is_some();
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
            [one] if on_ui || pushed.scrolls() => Gesture::Slide {
                id: one.id(),
                says,
                steps: 0,
            },
            [one] => Gesture::Resting {
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
        Gesture::Slide { id, says, steps } => {
            let Some(touch) = touches.get_pressed(id).or_else(|| touches.get_released(id)) else {
                *gesture = Gesture::Done;
                return;
            };
            if pushed.scrolls() {
                // What is pushed up shows what comes after.
                let now = ((touch.start_position().y - touch.position().y) / PUSH) as i32;
                let step = if now > steps {
                    Intent::ZoomOut
                } else {
                    Intent::ZoomIn
                };
                intents
                    .0
                    .extend(std::iter::repeat_n(step, now.abs_diff(steps) as usize));
                *gesture = Gesture::Slide {
                    id,
                    says,
                    steps: now,
                };
            }
            if touches.just_released(id) {
                *gesture = Gesture::Done;
                let still = touch.position().distance(touch.start_position()) < TAP_SLIP;
                intents.0.extend(says.filter(|_| still));
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
