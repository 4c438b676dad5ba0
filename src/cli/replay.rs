//! `labyrinth replay`: plays a journal, or a raid out of a link, again and checks it.

use std::ffi::OsStr;
use std::io::{self, Write as _};
use std::path::Path;

use super::args::ReplayArgs;
use super::{CliError, sources};
use crate::journal::{self, End, Journal, Recording, looks_like_a_code};
use crate::link::Link;
use crate::storage;

/// Replays what it was given and says what came of it.
pub(super) fn run(args: &ReplayArgs) -> Result<(), CliError> {
    let (journal, checked) = checked(&args.what)?;
    if args.csv.is_some() || args.json.is_some() {
        let all = journal::figures(sources::rules()?, &journal)
            .map_err(|error| CliError::Input(error.to_string()))?;
        if let Some(file) = &args.csv {
            storage::save(file, &journal::figures_csv(&all))?;
        }
        if let Some(file) = &args.json {
            let json = serde_json::to_string_pretty(&all).map_err(io::Error::other)?;
            storage::save(file, &(json + "\n"))?;
        }
    }
    let ending = match &journal.end {
        None => "the raid goes on".into(),
        Some(End { word, pages: 0, .. }) => format!("ended: {word}"),
        Some(End { word, pages, .. }) => format!("ended: {word} with {pages} pages"),
    };
    writeln!(
        io::stdout(),
        "{} turns replayed, {checked} equal; {ending}",
        journal.turns.len()
    )?;
    Ok(())
}

/// Finds out what this is and replays it: the journal, and what was checked of it.
///
/// A file that is there is a journal, whatever it is called. Else the text may be a link, with the address before `#`
/// or without, or a replay code alone.
pub(super) fn checked(what: &OsStr) -> Result<(Journal, &'static str), CliError> {
    let path = Path::new(what);
    let text = what.to_str().filter(|_| !path.exists());
    Ok(match text.map(|text| (text, fragment(text))) {
        Some((_, Some(fragment))) => (linked(fragment)?, "the last state hash"),
        Some((text, None)) if looks_like_a_code(text) => {
            (coded(path, text)?, "the last state hash")
        }
        _ => (filed(path)?, "all state hashes"),
    })
}

/// What stands after `#`, if a text is a link.
fn fragment(text: &str) -> Option<&str> {
    match text.split_once('#') {
        Some((_, fragment)) => Some(fragment),
        None => text.starts_with("replay=").then_some(text),
    }
}

fn filed(path: &Path) -> Result<Journal, CliError> {
    let fault =
        |error: journal::JournalError| CliError::Input(format!("{}: {error}", path.display()));
    let journal = Journal::parse(&storage::load(path)?).map_err(fault)?;
    journal::replay(sources::rules()?, &journal).map_err(fault)?;
    Ok(journal)
}

fn linked(fragment: &str) -> Result<Journal, CliError> {
    match Link::parse(fragment) {
        Ok(Some(Link::Replay(recording))) => replayed(&recording),
        Ok(other) => {
            let found =
                other.map_or_else(|| "nothing after #".into(), |link| format!("\"{link}\""));
            Err(CliError::Input(format!(
                "the link: found {found}, expected replay=CODE: there is nothing to replay in it"
            )))
        }
        Err(error) => Err(CliError::Input(error.to_string())),
    }
}

fn coded(path: &Path, code: &str) -> Result<Journal, CliError> {
    match Recording::parse(code) {
        Ok(recording) => replayed(&recording),
        // It may have been meant as either.
        Err(error) => Err(match storage::load(path) {
            Err(no_file) => CliError::Input(format!("{no_file}; nor is it a code: {error}")),
            Ok(_) => CliError::Input(error.to_string()),
        }),
    }
}

fn replayed(recording: &Recording) -> Result<Journal, CliError> {
    let (journal, _) = recording
        .replay(sources::rules()?)
        .map_err(|error| CliError::Input(error.to_string()))?;
    Ok(journal)
}
