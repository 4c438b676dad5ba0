//! The figures of a raid turn by turn, for tables and plots of others.

use std::fmt::Write as _;
use std::sync::Arc;

use serde::Serialize;

use super::Journal;
use crate::raid::{Raid, Rules, SetupError};

/// The state after a turn, as the player could read it; turn 0 is the beginning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Figures {
    /// The turn.
    pub turn: u32,
    /// What the player did, as a journal writes it; nothing at the beginning.
    pub command: String,
    /// Free pages.
    pub free: u32,
    /// What free pages must exceed after an atomic request.
    pub atomic: u32,
    /// The watermarks.
    pub min: u32,
    /// The watermark below which kswapd is woken.
    pub low: u32,
    /// The watermark up to which it works.
    pub high: u32,
    /// Pages in the bag.
    pub bag: u32,
    /// References left.
    pub references: u32,
    /// Turns until the hard lockup.
    pub watchdog: u32,
    /// State hash, 16 hex digits.
    pub hash: String,
}

/// Plays a journal's commands and notes the figures after each; stops at one that the rules refuse.
///
/// # Errors
///
/// If the raid cannot begin.
pub fn figures(rules: Arc<Rules>, journal: &Journal) -> Result<Vec<Figures>, SetupError> {
    let mut raid = Raid::new(rules, journal.setup.clone())?;
    let mut all = vec![note(&raid, String::new())];
    for turn in &journal.turns {
        if raid.step(turn.command).is_err() {
            break;
        }
        all.push(note(&raid, turn.command.to_string()));
    }
    Ok(all)
}

fn note(raid: &Raid, command: String) -> Figures {
    let view = raid.view();
    let (gauge, me) = (&view.gauge, &view.me);
    Figures {
        turn: view.turn,
        command,
        free: gauge.free,
        atomic: gauge.atomic,
        min: gauge.marks.min,
        low: gauge.marks.low,
        high: gauge.marks.high,
        bag: me.mapped_pages(),
        references: me.refs,
        watchdog: view.watchdog.0,
        hash: format!("{:016x}", raid.state_hash()),
    }
}

/// The figures as comma-separated values, a row a turn.
pub fn figures_csv(all: &[Figures]) -> String {
    let mut text =
        "turn,command,free,atomic,min,low,high,bag,references,watchdog,hash\n".to_owned();
    for row in all {
        let Figures {
            turn,
            command,
            free,
            atomic,
            min,
            low,
            high,
            bag,
            references,
            watchdog,
            hash,
        } = row;
        // Writing to a string does not fail. No command has a comma in it.
        let _ = writeln!(
            text,
            "{turn},{command},{free},{atomic},{min},{low},{high},{bag},{references},{watchdog},{hash}"
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bot::by_name;
    use crate::raid::Setup;

    #[test]
    fn every_turn_has_its_row_and_the_hash_of_its_journal() {
        let rules = Arc::new(Rules::shipped().expect("the shipped rules are right"));
        let setup = Setup {
            zone: "dma".into(),
            seed: 7,
            ..Setup::default()
        };
        let mut raid = Raid::new(rules.clone(), setup).expect("a raid");
        let mut journal = Journal::begin(&raid);
        let mut bot = by_name("careful", 7).expect("a bot");
        for _ in 0..40 {
            let command = bot.next(raid.view());
            raid.step(command).expect("bots know the rules");
            journal.record(command, &raid);
        }
        let all = figures(rules, &journal).expect("it began before");
        assert_eq!(all.len(), journal.turns.len() + 1);
        for (row, turn) in all[1..].iter().zip(&journal.turns) {
            assert_eq!(row.hash, format!("{:016x}", turn.hash));
            assert_eq!(row.command, turn.command.to_string());
        }
        let csv = figures_csv(&all);
        assert_eq!(csv.lines().count(), all.len() + 1);
        let columns = |line: &str| line.split(',').count();
        assert!(csv.lines().all(|line| columns(line) == 11), "{csv}");
    }
}
