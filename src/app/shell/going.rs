//! What goes on by itself in a raid, and when: travelling, work, the way to the end.

use bevy::prelude::*;

use super::Shell;
use crate::app::Screen;
use crate::app::control::{Auto, Turn};
use crate::app::shell::Overlay;

/// When the next step of what goes on by itself is due, and when the end is shown; in seconds since the start.
#[derive(Resource, Debug, Default)]
pub(in crate::app) struct Due {
    pub(super) auto: f32,
    pub(super) end: Option<f32>,
}

impl Due {
    /// True while something will happen by itself.
    pub(in crate::app) fn ends(&self) -> bool {
        self.end.is_some()
    }
}

/// Seconds between two steps of travelling.
const TRAVEL: f32 = 0.075;
/// Seconds between two turns of work.
const REPEAT: f32 = 0.12;
/// Seconds between two turns of a replay, at the usual pace.
const REPLAY: f32 = 0.3;
/// Seconds for which the last sight of a raid stays before the end is told.
const LAST_SIGHT: f32 = 0.9;

impl Shell<'_> {
    /// What goes on by itself: travelling, work, the way to the end screen.
    pub(super) fn run(&mut self) {
        let now = self.time.elapsed_secs();
        if *self.screen.get() == Screen::Bench && self.bench.moves() {
            let passed = self.time.delta().as_millis();
            self.bench.tick(u32::try_from(passed).unwrap_or(u32::MAX));
        }
        if *self.screen.get() != Screen::Raid || *self.overlay != Overlay::None {
            return;
        }
        if self.due.end.is_some_and(|end| now >= end) {
            self.show_end();
            return;
        }
        if now < self.due.auto {
            return;
        }
        let Some(play) = &mut self.session.play else {
            return;
        };
        if play.auto.is_none() {
            return;
        }
        let turn = play.tick();
        self.session.revision += 1;
        self.played(turn);
    }

    /// Passes a turn on to what draws it, and to the journal on disk.
    pub(super) fn played(&mut self, turn: Option<Turn>) {
        let now = self.time.elapsed_secs();
        let Some(play) = &self.session.play else {
            return;
        };
        self.due.auto = now
            + match play.auto {
                Some(Auto::Pilot(_)) => TRAVEL,
                Some(Auto::Replay) => {
                    let speed = play.script().map_or(0, |script| script.speed);
                    REPLAY / 2_f32.powi(speed.into())
                }
                _ => REPEAT,
            };
        let Some(turn) = turn else {
            return;
        };
        self.scene.advance(play.view().clone());
        if play.over() {
            self.due.end = Some(now + LAST_SIGHT);
        }
        self.session.save();
        self.played.write(turn.into());
    }
}
