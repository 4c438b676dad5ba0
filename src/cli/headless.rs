//! Plays a raid with a bot to its end, without a window.

use crate::bot::Player;
use crate::raid::{Command, Event, Outcome, Raid};

/// Lets a bot play until the raid is over; `turn` is told each command with what came of it.
///
/// A command that the rules refuse is played as a wait, so every raid ends: the watchdog sees to it.
pub(super) fn play<E>(
    raid: &mut Raid,
    player: &mut Player,
    mut turn: impl FnMut(Command, &[Event], &Raid) -> Result<(), E>,
) -> Result<Outcome, E> {
    loop {
        if let Some(outcome) = raid.outcome() {
            return Ok(outcome.clone());
        }
        let (command, events) = player.play_turn(raid);
        turn(command, &events, raid)?;
    }
}
