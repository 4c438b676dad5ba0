//! `labyrinth verify`: proofs of lessons and replay codes of raids, played again without a network.

use std::io::{self, Write as _};
use std::path::Path;

use super::VerifyArgs;
use super::lesson::lessons;
use crate::cli::args::ReplayArgs;
use crate::cli::{CliError, replay};
use crate::lesson::{PROOF_PREFIX, Proof};
use crate::storage;

/// Finds out what it was given and plays it again.
pub(crate) fn run(args: &VerifyArgs) -> Result<(), CliError> {
    let path = Path::new(&args.what);
    if let Some(text) = args.what.to_str()
        && text.trim_start().starts_with(PROOF_PREFIX)
    {
        return proof(text, args);
    }
    if path.is_file() {
        let text = storage::load(path)?;
        let lines = || text.lines().map(str::trim).filter(|line| !line.is_empty());
        if lines()
            .next()
            .is_some_and(|line| line.starts_with(PROOF_PREFIX))
        {
            for (number, line) in (1_u32..).zip(lines()) {
                let named = |error: CliError| match error {
                    CliError::Input(what) => {
                        CliError::Input(format!("{}:{number}: {what}", path.display()))
                    }
                    other => other,
                };
                proof(line, args).map_err(named)?;
            }
            return Ok(());
        }
    }
    replay::run(&ReplayArgs {
        what: args.what.clone(),
        csv: None,
        json: None,
    })
}

fn proof(text: &str, args: &VerifyArgs) -> Result<(), CliError> {
    let wrong = |error: &dyn std::error::Error| CliError::Input(error.to_string());
    let proof = Proof::parse(text).map_err(|error| wrong(&error))?;
    let lessons = lessons(args.folder.as_deref())?;
    let session = proof.verify(&lessons).map_err(|error| wrong(&error))?;
    let by = proof
        .name
        .as_ref()
        .map_or_else(String::new, |name| format!(" by {name}"));
    writeln!(
        io::stdout(),
        "lesson {} (version {}) done{by}: {} inputs played again, {} hints asked for; {}",
        proof.id,
        proof.version,
        proof.inputs.len(),
        proof
            .inputs
            .iter()
            .filter(|input| matches!(input, crate::lesson::LessonInput::Hint))
            .count(),
        session.lesson().title
    )?;
    Ok(())
}
