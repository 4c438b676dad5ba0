//! `labyrinth link`: the link to a journal's raid, for others to watch it.

use std::io::{self, Write as _};

use super::args::LinkArgs;
use super::{CliError, sources};
use crate::journal::{self, Journal, Recording};
use crate::link::Link;
use crate::storage;

/// Replays the journal and prints what to put behind the address of the game.
pub(super) fn run(args: &LinkArgs) -> Result<(), CliError> {
    let file = args.file.display();
    let fault = |error: &dyn std::error::Error| CliError::Input(format!("{file}: {error}"));
    let journal = Journal::parse(&storage::load(&args.file)?).map_err(|error| fault(&error))?;
    // A raid that goes on can be shown as well.
    journal::resume(sources::rules()?, &journal).map_err(|error| fault(&error))?;
    let recording = Recording::of(&journal).map_err(|error| fault(&error))?;
    writeln!(io::stdout(), "#{}", Link::Replay(recording))?;
    Ok(())
}
