//! Players that are programs. The fair ones see what a person sees, a [`View`], and nothing else.
//!
//! Bots are how the game is balanced: thousands of raids by players of known habits. The [`Oracle`] sees everything; it
//! shows what a raid has to give.

mod careful;
mod greedy;
mod kit;
mod novice;
mod oracle;
#[cfg(test)]
mod tests;
mod walk;

pub use oracle::{Hindsight, Oracle, hindsight};

use crate::raid::{Command, Event, Raid, View};

/// A player that is a program, and fair.
///
/// It is handed what a person sees. What is really there does not compile:
///
/// ```compile_fail,E0599
/// use labyrinth::{bot::Bot, raid::{Command, View}};
///
/// struct Cheat;
///
/// impl Bot for Cheat {
///     fn next(&mut self, view: &View) -> Command {
///         // A view has no way to the allocator behind it.
///         if view.memory().nr_free_pages() > 0 { Command::Grab } else { Command::Wait }
///     }
/// }
/// ```
pub trait Bot {
    /// The next command, for what the player knows now.
    ///
    /// The rules may refuse it; then [`Bot::refused`] is called, and the turn passes with a wait.
    fn next(&mut self, view: &View) -> Command;

    /// The last command was refused.
    fn refused(&mut self) {}
}

/// The fair bots, by name, with one line on how each plays.
pub const BOTS: [(&str, &str); 3] = [
    (
        "novice",
        "walks half at random towards interrupts and grabs without looking",
    ),
    (
        "greedy",
        "goes straight from interrupt to interrupt and grabs at every chance",
    ),
    (
        "careful",
        "makes as sure of a block as it can before it grabs, clears buddies, minds gauge, gates and watchdog",
    ),
];

/// A bot by its name; `seed` is the raid's, from which the bot draws a stream of its own.
pub fn by_name(name: &str, seed: u64) -> Option<Box<dyn Bot>> {
    Some(match name {
        "novice" => Box::new(novice::Novice::new(seed)),
        "greedy" => Box::new(greedy::Greedy),
        "careful" => Box::new(careful::Careful::default()),
        _ => return None,
    })
}

/// The name of the bot that is not fair, with one line on how it plays.
pub const ORACLE: (&str, &str) = (
    "oracle",
    "sees everything, and tries every plan on a copy of the raid before it begins it",
);

/// Plays one turn for a bot: its command, or a wait if that is refused. Returns what was played and its events.
pub fn play_turn(bot: &mut dyn Bot, raid: &mut Raid) -> (Command, Vec<Event>) {
    if raid.outcome().is_some() {
        return (Command::Wait, Vec::new());
    }
    let command = bot.next(raid.view());
    if let Ok(events) = raid.step(command) {
        return (command, events);
    }
    bot.refused();
    (Command::Wait, raid.step(Command::Wait).unwrap_or_default())
}

/// Who plays a raid without a window: a fair bot or the oracle.
pub enum Player {
    /// A bot that sees the view.
    Fair(Box<dyn Bot>),
    /// The one that sees the raid.
    Oracle(Box<Oracle>),
}

impl Player {
    /// The names of all, the fair ones first, with one line on how each plays.
    pub fn names() -> impl Iterator<Item = (&'static str, &'static str)> {
        BOTS.into_iter().chain([ORACLE])
    }

    /// A player by its name; `seed` is the raid's.
    pub fn by_name(name: &str, seed: u64) -> Option<Self> {
        if name == ORACLE.0 {
            return Some(Self::Oracle(Box::default()));
        }
        by_name(name, seed).map(Self::Fair)
    }

    /// Plays one turn, as [`play_turn`].
    pub fn play_turn(&mut self, raid: &mut Raid) -> (Command, Vec<Event>) {
        let oracle = match self {
            Self::Fair(bot) => return play_turn(bot.as_mut(), raid),
            Self::Oracle(oracle) => oracle,
        };
        if raid.outcome().is_some() {
            return (Command::Wait, Vec::new());
        }
        let command = oracle.next(raid);
        if let Ok(events) = raid.step(command) {
            return (command, events);
        }
        // It plans for this raid alone: what it tried on a copy is not refused. Handed another, it begins anew.
        **oracle = Oracle::default();
        (Command::Wait, raid.step(Command::Wait).unwrap_or_default())
    }
}
