//! `labyrinth glossary`: what a term is in Linux, and what it is here.

use std::io::{self, Write as _};

use super::CliError;
use super::args::GlossaryArgs;
use super::line::{one_of, shown};
use crate::glossary::Glossary;

/// Prints a term, or all of them.
pub(super) fn run(args: &GlossaryArgs) -> Result<(), CliError> {
    let glossary = Glossary::shipped().map_err(|error| CliError::Input(error.to_string()))?;
    let Some(name) = &args.term else {
        let all: Vec<String> = glossary.entries().iter().map(ToString::to_string).collect();
        io::stdout().lock().write_all(all.join("\n").as_bytes())?;
        return Ok(());
    };
    let entry = glossary.find(name).ok_or_else(|| {
        // Those that have something in common with it come first.
        let word = name.to_lowercase();
        let mut terms: Vec<&str> = glossary
            .entries()
            .iter()
            .map(|entry| entry.term.as_str())
            .collect();
        terms.sort_by_key(|term| !term.to_lowercase().contains(&word));
        CliError::Input(format!(
            "the glossary has no term \"{}\", {}",
            shown(name),
            one_of(terms)
        ))
    })?;
    write!(io::stdout(), "{entry}")?;
    Ok(())
}
