//! Gamepads: what is held comes from wherever the platform reads it, and becomes intents.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use bevy::prelude::*;

use super::{Intent, Intents};
use crate::settings::gamepad::{Held, Pad};

/// What came of pads and was not looked at yet, oldest first: the pad's number and what is held on it. A press that
/// begins and ends between two frames is in it.
#[derive(Resource, Debug, Clone, Default)]
pub(in crate::app) struct PadLine(Arc<Mutex<VecDeque<(u32, Held)>>>);

impl PadLine {
    /// Says what is held on a pad now; nothing, if it was taken away.
    pub(in crate::app) fn say(&self, pad: u32, held: Held) {
        let mut line = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        line.push_back((pad, held));
    }

    fn take(&self) -> VecDeque<(u32, Held)> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// All pads, which are one to the game.
#[derive(Resource, Debug, Default)]
pub(in crate::app) struct Pads {
    held: BTreeMap<u32, Held>,
    pad: Pad,
}

impl Pads {
    /// True while something comes by itself, because it is held.
    pub(in crate::app) fn repeat(&self) -> bool {
        self.pad.repeats()
    }

    /// Everything that is held, on whichever pad.
    fn together(&self) -> Held {
        let mut all = Held::default();
        for held in self.held.values() {
            all.down.extend(&held.down);
            let far = |(x, y): (i32, i32)| x.abs().max(y.abs());
            if far(held.stick) > far(all.stick) {
                all.stick = held.stick;
            }
        }
        all
    }

    fn press(&mut self, now: u64, intents: &mut Intents) {
        let held = self.together();
        let actions = self.pad.take(&held.down, held.stick, now);
        intents.0.extend(actions.into_iter().map(Intent::from));
    }
}

pub(super) fn read(
    line: Res<PadLine>,
    time: Res<Time<Real>>,
    mut pads: ResMut<Pads>,
    mut intents: ResMut<Intents>,
) {
    let now = time.elapsed().as_millis() as u64;
    for (pad, held) in line.take() {
        pads.held.insert(pad, held);
        pads.press(now, &mut intents);
    }
    if pads.repeat() {
        pads.press(now, &mut intents);
    }
}
