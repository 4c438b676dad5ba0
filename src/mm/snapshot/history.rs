//! A zone with its past, and with the future it was brought back from.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::super::Zone;
use super::{Delta, DeltaError};

/// Why a history cannot go where it is told, or what is wrong with its stored form.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum HistoryError {
    /// There is no such state.
    #[error("there is no state {asked}: the history has {states}, from 0 on")]
    NoSuchState {
        /// The state asked for.
        asked: u32,
        /// Number of states.
        states: u32,
    },
    /// A stored history whose states do not lead to each other.
    #[error("from state {from} to state {to}: {error}")]
    Broken {
        /// The state before.
        from: u32,
        /// The state that should be reached.
        to: u32,
        /// Why it is not.
        error: DeltaError,
    },
    /// A stored history with a state that cannot come about.
    #[error("state {state}: {what}; expected a zone that verifies")]
    Damaged {
        /// That state.
        state: u32,
        /// The invariant that is broken.
        what: String,
    },
}

/// Undo, redo and scrubbing: a zone as it is now and what leads to every other state it was in.
///
/// What is stored grows with what changes, not with the zone: see [`History::stored_frames`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "HistoryForm", into = "HistoryForm")]
pub struct History {
    now: Zone,
    /// What leads from each state to the next.
    deltas: Vec<Delta>,
    /// The state the zone is in: so many deltas were applied.
    at: u32,
}

impl History {
    /// A history that begins now.
    pub fn new(zone: Zone) -> Self {
        Self {
            now: zone,
            deltas: Vec::new(),
            at: 0,
        }
    }

    /// The zone in the state the history is at.
    pub fn current(&self) -> &Zone {
        &self.now
    }

    /// The number of that state, from 0 on.
    pub fn position(&self) -> u32 {
        self.at
    }

    /// Number of states, the first included.
    pub fn states(&self) -> u32 {
        self.deltas.len() as u32 + 1
    }

    /// What leads from each state to the next, from the first on.
    pub fn deltas(&self) -> &[Delta] {
        &self.deltas
    }

    /// Frames stored beyond one whole zone, in all steps together: see [`Delta::stored_frames`].
    pub fn stored_frames(&self) -> u64 {
        let frames = self.deltas.iter().map(Delta::stored_frames);
        frames.map(u64::from).sum()
    }

    /// Adds a state after the present one and goes there. States that were undone are forgotten.
    ///
    /// # Errors
    ///
    /// A [`DeltaError`] if it is not a state of the same zone: it was made from other settings. Nothing has changed
    /// then.
    pub fn push(&mut self, zone: Zone) -> Result<(), DeltaError> {
        let delta = Delta::between(&self.now, &zone)?;
        self.deltas.truncate(self.at as usize);
        self.deltas.push(delta);
        self.at += 1;
        self.now = zone;
        Ok(())
    }

    /// Goes back one state. False if this is the first.
    pub fn undo(&mut self) -> bool {
        self.at > 0 && self.scrub(self.at - 1).is_ok()
    }

    /// Goes forward again one state. False if this is the last.
    pub fn redo(&mut self) -> bool {
        self.scrub(self.at + 1).is_ok()
    }

    /// Goes to any state, through all between.
    ///
    /// # Errors
    ///
    /// [`HistoryError::NoSuchState`] if there is none of that number. Nothing has changed then.
    pub fn scrub(&mut self, to: u32) -> Result<&Zone, HistoryError> {
        let states = self.states();
        if to >= states {
            return Err(HistoryError::NoSuchState { asked: to, states });
        }
        self.walk(to, |_, _| Ok(()))?;
        Ok(&self.now)
    }

    fn walk(
        &mut self,
        to: u32,
        check: impl Fn(u32, &Zone) -> Result<(), HistoryError>,
    ) -> Result<(), HistoryError> {
        while self.at != to {
            let from = self.at;
            let next = if to > from { from + 1 } else { from - 1 };
            let delta = &self.deltas[from.min(next) as usize];
            let went = if to > from {
                delta.apply(&mut self.now)
            } else {
                delta.revert(&mut self.now)
            };
            went.map_err(|error| HistoryError::Broken {
                from,
                to: next,
                error,
            })?;
            self.at = next;
            check(next, &self.now)?;
        }
        Ok(())
    }
}

/// A history as it is stored.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct HistoryForm {
    now: Zone,
    at: u32,
    deltas: Vec<Delta>,
}

impl From<History> for HistoryForm {
    fn from(history: History) -> Self {
        let History { now, deltas, at } = history;
        Self { now, at, deltas }
    }
}

impl TryFrom<HistoryForm> for History {
    type Error = HistoryError;

    /// Goes through all states and verifies each.
    fn try_from(form: HistoryForm) -> Result<Self, HistoryError> {
        let HistoryForm { now, at, deltas } = form;
        let mut walker = Self { now, deltas, at };
        let states = walker.states();
        if at >= states {
            return Err(HistoryError::NoSuchState { asked: at, states });
        }
        let verify = |state, zone: &Zone| {
            let sound = zone.verify().and_then(|()| {
                let promo = zone.watermarks().promo;
                let most = promo.checked_add(zone.watermark_boost());
                let what = || format!("a boost of {} pages", zone.watermark_boost());
                most.map(|_| ()).ok_or_else(what)
            });
            sound.map_err(|what| HistoryError::Damaged { state, what })
        };
        walker.walk(states - 1, verify)?;
        walker.walk(0, verify)?;
        walker.walk(at, |_, _| Ok(()))?;
        Ok(walker)
    }
}
