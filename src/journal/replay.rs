//! Plays a journal again and compares every turn's state hash.

use std::sync::Arc;

use super::{Journal, JournalError};
use crate::raid::{Raid, Rules, SetupError};

/// Plays a finished journal again, turn by turn, and gives back the raid as it ended.
///
/// # Errors
///
/// Names the first line at which the journal and the rules part, or the missing end of a journal
/// that was cut short.
pub fn replay(rules: Arc<Rules>, journal: &Journal) -> Result<Raid, JournalError> {
    let raid = resume(rules, journal)?;
    if journal.end.is_none() {
        let found = format!(
            "the end of the journal after {} turns replayed with equal state hashes",
            journal.turns.len()
        );
        let (found, expected) = match raid.outcome() {
            Some(outcome) => (
                found,
                format!("\"end {} ...\": the raid is over here", outcome.word()),
            ),
            None => (
                format!("{found}; the raid has not ended"),
                "another turn or a line \"end\": the journal is unfinished or cut short".into(),
            ),
        };
        return Err(JournalError {
            line: journal.end_line(),
            found,
            expected,
        });
    }
    Ok(raid)
}

/// As [`replay`], but a raid that goes on is as good as a finished one: it can be played on.
///
/// # Errors
///
/// Names the first line at which the journal and the rules part.
pub fn resume(rules: Arc<Rules>, journal: &Journal) -> Result<Raid, JournalError> {
    let fault = |line, found, expected| JournalError {
        line,
        found,
        expected,
    };
    let mut raid = Raid::new(rules, journal.setup.clone()).map_err(|error| match error {
        SetupError::UnknownZone { name, known } => fault(
            3,
            format!("the zone \"{name}\""),
            format!("one of: {known}"),
        ),
        SetupError::Layout { error, .. } => fault(
            5,
            format!("a layout that cannot be made ({error})"),
            "counts of free blocks that a zone can have".into(),
        ),
        SetupError::TooFull { free, least, .. } => fault(
            5,
            format!("a layout with {free} free pages"),
            format!("at least {least}"),
        ),
        SetupError::Kit(error) => fault(
            journal.kit_line(),
            format!("a kit that cannot be ({error})"),
            "items that fit into a kit".into(),
        ),
        SetupError::Modifier(error) => fault(
            journal.modifiers_line(),
            format!("a modifier that cannot be ({error})"),
            "modifiers that fit the zone".into(),
        ),
        other @ SetupError::Zone { .. } => fault(
            3,
            format!("a zone that cannot be made ({other})"),
            "a zone".into(),
        ),
    })?;
    let compare = |line, after: String, found: u64, raid: &Raid| {
        let expected = raid.state_hash();
        if found == expected {
            return Ok(());
        }
        Err(fault(
            line,
            format!("the state hash {found:016x} {after}"),
            format!("{expected:016x}"),
        ))
    };
    compare(
        journal.start_line(),
        "at turn 0".into(),
        journal.start,
        &raid,
    )?;
    for (index, entry) in journal.turns.iter().enumerate() {
        let line = journal.turn_line(index);
        let command = entry.command;
        if let Some(outcome) = raid.outcome() {
            let expected = format!(
                "\"end {} ...\": the raid was over after turn {index}",
                outcome.word()
            );
            return Err(fault(line, format!("\"{command}\""), expected));
        }
        raid.step(command).map_err(|refusal| {
            let expected = format!("a command the rules allow there ({refusal})");
            fault(line, format!("\"{command}\""), expected)
        })?;
        compare(
            line,
            format!("after turn {} (\"{command}\")", index + 1),
            entry.hash,
            &raid,
        )?;
    }
    if let Some(end) = &journal.end {
        let claimed = format!("\"end {} {}\"", end.word, end.pages);
        let expected = match raid.outcome() {
            None => format!(
                "another turn: the raid is not over after turn {}",
                journal.turns.len()
            ),
            Some(outcome) => format!("\"end {} {}\"", outcome.word(), outcome.pages()),
        };
        if claimed != expected {
            return Err(fault(journal.end_line(), claimed, expected));
        }
        compare(journal.end_line(), "at the end".into(), end.hash, &raid)?;
    }
    Ok(raid)
}
