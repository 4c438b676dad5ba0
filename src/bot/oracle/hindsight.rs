//! What would have worked: after a death, a short search through what could have been done instead.

use std::sync::Arc;

use super::trial::{How, Trial, rooms_to_clear};
use super::{PATIENCE, ranges};
use crate::labyrinth::Dir;
use crate::mm::{Order, Pfn};
use crate::raid::{Cause, Command, Outcome, Raid, Rules, Setup};

/// Turns before the death in which something else is tried.
const BACK: usize = 8;
/// Turns that it must be lived through afterwards to count.
const ALIVE: u32 = 6;

/// What would have worked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hindsight {
    /// The same grab, so many turns later.
    Later {
        /// Turns to wait at the device.
        turns: u32,
    },
    /// A block made first.
    Make {
        /// The range of page frames to make one free block of.
        range: (Pfn, Order),
        /// Rooms in it to be cleared.
        rooms: u32,
        /// Turns until the grab.
        turns: u32,
        /// It takes isolating the range first.
        isolate: bool,
    },
    /// One other command, in the turn named.
    Instead {
        /// The turn.
        turn: u32,
        /// The command.
        command: Command,
    },
    /// Nothing that was tried, in so many last turns.
    Nothing {
        /// How many turns were looked back.
        turns: u32,
    },
}

/// Plays a raid again to shortly before its end, and looks for what would have kept the player alive; `None` if nobody
/// died, or these commands do not lead there.
///
/// This sees everything, as the oracle does: it is told only when the raid is over.
pub fn hindsight(rules: Arc<Rules>, setup: &Setup, commands: &[Command]) -> Option<Hindsight> {
    let mut raid = Raid::new(rules, setup.clone()).ok()?;
    let begin = commands.len().saturating_sub(BACK);
    let mut before = Vec::new();
    for (at, &command) in commands.iter().enumerate() {
        if at >= begin {
            before.push(raid.clone());
        }
        raid.step(command).ok()?;
    }
    let Outcome::Dead(death) = raid.outcome()? else {
        return None;
    };
    let found = match (&death.cause, commands.last(), before.last()) {
        (Cause::Null { device, .. }, Some(Command::Grab), Some(raid)) => grab(raid, device),
        _ => before
            .iter()
            .zip(&commands[begin..])
            .rev()
            .find_map(|(raid, &command)| other(raid, command)),
    };
    let turns = before.len() as u32;
    Some(found.unwrap_or(Hindsight::Nothing { turns }))
}

/// Another way to serve the same device.
fn grab(raid: &Raid, device: &str) -> Option<Hindsight> {
    let index = raid
        .view()
        .devices
        .iter()
        .position(|at| at.name == device)?;
    let at = raid.true_devices().nth(index)?;
    let request = at.request?;
    let room = at.room;
    let granted = |how| {
        let mut trial = Trial::of(raid);
        trial.serve(index, how);
        // It grabs only what it will be given.
        let grabbed = trial.commands.iter().position(|&c| c == Command::Grab)?;
        Some((grabbed as u32, trial))
    };
    let later = granted(How::Wait(PATIENCE)).map(|(turns, _)| Hindsight::Later { turns });
    let made = [false, true].into_iter().find_map(|isolate| {
        let me = &raid.view().me;
        if isolate && (me.isolate_charges == 0 || me.isolation.is_some()) {
            return None;
        }
        ranges(raid, room, &request).into_iter().find_map(|range| {
            let rooms = rooms_to_clear(raid, range)?.len() as u32;
            let (turns, trial) = granted(How::Make { range, isolate })?;
            let isolate = trial.commands.contains(&Command::Isolate);
            Some(Hindsight::Make {
                range,
                rooms,
                turns,
                isolate,
            })
        })
    });
    later.or(made)
}

/// Another command that is lived through.
fn other(raid: &Raid, given: Command) -> Option<Hindsight> {
    let blocks = raid.view().me.held.iter().map(|block| block.pfn);
    let mut tried: Vec<Command> = Dir::ALL.map(Command::Step).to_vec();
    tried.push(Command::Wait);
    tried.extend(blocks.map(Command::Free));
    tried.retain(|&command| command != given);
    let lived = |command: &Command| {
        let mut trial = Trial::of(raid);
        trial.play(*command) && (0..ALIVE).all(|_| trial.wait())
    };
    let command = tried.into_iter().find(lived)?;
    Some(Hindsight::Instead {
        turn: raid.turn() + 1,
        command,
    })
}
