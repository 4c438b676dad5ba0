//! A raid that is shown instead of played: onward, back, and at what pace.

use std::sync::Arc;

use super::{Act, Auto, Mode, Play, Turn};
use crate::app::input::Intent;
use crate::journal::Journal;
use crate::labyrinth::Dir;
use crate::raid::{Command, Rules, preview};

/// A recording that is shown instead of played.
#[derive(Debug, Clone)]
pub(in crate::app) struct Script {
    commands: Vec<Command>,
    /// Commands shown so far.
    at: usize,
    /// How fast: `2^speed` times the usual pace.
    pub speed: i8,
}

impl Script {
    /// Turns shown, and turns there are.
    pub(in crate::app) fn progress(&self) -> (usize, usize) {
        (self.at, self.commands.len())
    }
}

/// The slowest and the fastest a recording can be shown, as [`Script::speed`].
const SPEEDS: std::ops::RangeInclusive<i8> = -2..=4;

impl Play {
    /// Shows a raid that was played before, from its beginning.
    ///
    /// # Errors
    ///
    /// One sentence if the raid cannot begin.
    pub(in crate::app) fn watch(rules: Arc<Rules>, journal: &Journal) -> Result<Self, String> {
        let mut play =
            Self::new(rules, journal.setup.clone()).map_err(|error| error.to_string())?;
        play.script = Some(Script {
            commands: journal.turns.iter().map(|turn| turn.command).collect(),
            at: 0,
            speed: 0,
        });
        play.auto = Some(Auto::Replay);
        Ok(play)
    }

    /// The recording, if this raid is replayed and not played.
    pub(in crate::app) fn script(&self) -> Option<&Script> {
        self.script.as_ref()
    }

    /// True if this raid is replayed and not played.
    pub(in crate::app) fn replays(&self) -> bool {
        self.script.is_some()
    }

    /// An input while a recording is shown.
    pub(super) fn conduct(&mut self, intent: Intent) -> Option<Turn> {
        let goes_on = self.auto.take().is_some();
        match intent {
            Intent::Wait | Intent::Confirm => {
                if !goes_on {
                    self.auto = Some(Auto::Replay);
                }
                None
            }
            Intent::Go(Dir::East) => self.show_next(),
            Intent::Go(Dir::West) => self.show_last(),
            Intent::Go(dir) => {
                if goes_on {
                    self.auto = Some(Auto::Replay);
                }
                let by = if dir == Dir::North { 1 } else { -1 };
                if let Some(script) = &mut self.script {
                    script.speed = (script.speed + by).clamp(*SPEEDS.start(), *SPEEDS.end());
                }
                None
            }
            Intent::Look => {
                self.mode = Mode::Look(self.view().me.cell);
                None
            }
            Intent::Inspect(cell) => {
                self.mode = Mode::Look(cell);
                None
            }
            Intent::Escape | Intent::Other => None,
            _ => self.refuse("this is a replay: Space pauses, arrows step and change the pace"),
        }
    }

    /// Shows the next turn of the recording.
    pub(super) fn show_next(&mut self) -> Option<Turn> {
        let goes_on = self.auto.is_some();
        let script = self.script.as_mut()?;
        let Some(&command) = script.commands.get(script.at) else {
            self.auto = None;
            return self.refuse("the recording ends here");
        };
        // A grab is seen before it is made, as whoever played it saw it.
        let unseen = self.mode != Mode::Confirm(Act::Grab);
        if command == Command::Grab && unseen && preview::preview(self.raid.view()).is_some() {
            self.mode = Mode::Confirm(Act::Grab);
            return None;
        }
        script.at += 1;
        let turn = self.command(command);
        if goes_on && turn.is_some() && !self.over() {
            self.auto = Some(Auto::Replay);
        } else {
            self.auto = None;
        }
        turn
    }

    /// Shows the turn before: the raid is played anew up to there.
    fn show_last(&mut self) -> Option<Turn> {
        let script = self.script.as_ref()?;
        let at = script.at.checked_sub(1)?;
        let before = self.view().clone();
        let mut anew = Self::new(self.raid.rules().clone(), self.raid.setup().clone()).ok()?;
        for &command in &script.commands[..at] {
            anew.command(command);
        }
        anew.auto = None;
        anew.keys = self.keys.clone();
        anew.script = Some(Script {
            at,
            ..script.clone()
        });
        *self = anew;
        Some(Turn {
            before,
            events: Vec::new(),
        })
    }
}
