//! Players that are programs. The fair ones see what a person sees, a [`View`], and nothing else.
//!
//! Bots are how the game is balanced: thousands of raids by players of known habits.

mod careful;
mod greedy;
mod novice;
mod walk;

use crate::raid::{Command, View};

/// A player that is a program.
pub trait Bot {
    /// The next command, for what the player knows now.
    ///
    /// The rules may refuse it; then [`Bot::refused`] is called, and the turn passes with a wait.
    fn next(&mut self, view: &View) -> Command;

    /// The last command was refused.
    fn refused(&mut self) {}
}

/// The bots, by name, with one line on how each plays.
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

/// Plays one turn for a bot: its command, or a wait if that is refused. Returns what was played and its events.
pub fn play_turn(
    bot: &mut dyn Bot,
    raid: &mut crate::raid::Raid,
) -> (Command, Vec<crate::raid::Event>) {
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
