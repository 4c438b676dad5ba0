//! `labyrinth replay`: plays a journal again and checks every turn.

use std::io::{self, Write as _};

use super::args::ReplayArgs;
use super::{CliError, sources};
use crate::journal::{self, Journal};
use crate::storage;

/// Reads, replays and says what came of it.
pub(super) fn run(args: &ReplayArgs) -> Result<(), CliError> {
    let fault =
        |error: journal::JournalError| CliError::Input(format!("{}: {error}", args.file.display()));
    let journal = Journal::parse(&storage::load(&args.file)?).map_err(fault)?;
    journal::replay(sources::rules()?, &journal).map_err(fault)?;
    let ending = journal
        .end
        .as_ref()
        .map_or_else(String::new, |end| match end.pages {
            0 => end.word.clone(),
            pages => format!("{} with {pages} pages", end.word),
        });
    writeln!(
        io::stdout(),
        "{} turns replayed, all state hashes equal; ended: {ending}",
        journal.turns.len()
    )?;
    Ok(())
}
