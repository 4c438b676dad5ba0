//! The command line: opens the game, plays raids without a window, simulates, catalogues, replays, links.
//!
//! Everything that reads a file, a clock or an argument of the program is here. Wrong input of any kind gives one
//! line on standard error and exit status 2.

mod args;
mod catalogue;
mod explain;
mod glossary;
mod headless;
mod learn;
mod line;
mod link;
mod play;
mod profile;
mod raid;
mod replay;
mod simulate;
mod sounds;
mod sources;
mod trace;

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::Parser as _;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use args::{Cli, Command};

use crate::storage::StorageError;
use crate::unpack::UnpackError;

/// Why a command could not do its work; one line.
#[derive(Debug, thiserror::Error)]
enum CliError {
    /// What was asked for does not exist or cannot be, with what was expected instead.
    #[error("{0}")]
    Input(String),
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The window could not be opened.
    #[cfg(feature = "app")]
    #[error("{0}")]
    Window(String),
    /// Standard output could not be written to.
    #[error("standard output: {0}")]
    Output(#[from] io::Error),
}

impl From<UnpackError> for CliError {
    fn from(error: UnpackError) -> Self {
        match error {
            UnpackError::Storage(error) => Self::Storage(error),
            UnpackError::Text(what) => Self::Input(what),
        }
    }
}

impl CliError {
    fn exit_code(&self) -> ExitCode {
        match self {
            // Who reads our output (`| head`) has seen enough: that is no failure.
            Self::Output(error) | Self::Storage(StorageError::Output(error))
                if error.kind() == io::ErrorKind::BrokenPipe =>
            {
                ExitCode::SUCCESS
            }
            #[cfg(feature = "app")]
            Self::Window(_) => ExitCode::FAILURE,
            Self::Input(_) | Self::Storage(_) | Self::Output(_) => ExitCode::from(2),
        }
    }
}

/// Runs the program: reads its arguments and does what they say.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return refuse(error),
    };
    let result = match &cli.command {
        None => play::run(&cli.play),
        Some(Command::Raid(args)) => raid::run(args),
        Some(Command::Simulate(args)) => simulate::run(args),
        Some(Command::Catalogue(args)) => catalogue::run(args),
        Some(Command::Replay(args)) => replay::run(args),
        Some(Command::Link(args)) => link::run(args),
        Some(Command::Explain(args)) => explain::run(args),
        Some(Command::Trace(args)) => trace::run(args),
        Some(Command::Glossary(args)) => glossary::run(args),
        Some(Command::Sandbox(args)) => learn::sandbox(args),
        Some(Command::Lesson(args)) => learn::lesson(args),
        Some(Command::Verify(args)) => learn::verify(args),
        Some(Command::Sounds(args)) => sounds::run(args),
        Some(Command::Profile(args)) => profile::run(args),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let code = error.exit_code();
            if code != ExitCode::SUCCESS {
                complain(&error.to_string());
            }
            code
        }
    }
}

/// One line on standard error, even if that is closed.
fn complain(what: &str) {
    let line = line::line(&format!("labyrinth: {what}"));
    let _ = writeln!(io::stderr(), "{line}");
}

/// Prints help or the version if that is what was asked for; else says in one line what is wrong with the arguments.
fn refuse(mut error: clap::Error) -> ExitCode {
    if matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
    ) {
        let _ = error.print();
        return ExitCode::SUCCESS;
    }
    show_plainly(&mut error);
    complain(&one_line(&error.render().to_string()));
    ExitCode::from(2)
}

/// Takes out of the texts that were given whatever could pass for a part of the message around them.
fn show_plainly(error: &mut clap::Error) {
    let given: Vec<(ContextKind, ContextValue)> = error
        .context()
        .map(|(kind, value)| (kind, value.clone()))
        .collect();
    for (kind, value) in given {
        let plain = match (kind, value) {
            // What one may have meant repeats what was given.
            (ContextKind::Suggested, _) => ContextValue::None,
            (_, ContextValue::String(text)) => ContextValue::String(line::shown(&text)),
            _ => continue,
        };
        error.insert(kind, plain);
    }
}

/// The gist of a message of several lines: all up to the usage, on one line.
fn one_line(message: &str) -> String {
    let gist: Vec<&str> = message
        .lines()
        .map(str::trim)
        .take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more information"))
        .filter(|line| !line.is_empty())
        .collect();
    format!(
        "{} (see labyrinth --help)",
        gist.join(" ").trim_start_matches("error: ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_of_many_lines_becomes_one() {
        let message = "error: the following were not provided:\n  --bot <NAME>\n\nUsage: labyrinth raid\n\nFor more information, try '--help'.\n";
        assert_eq!(
            one_line(message),
            "the following were not provided: --bot <NAME> (see labyrinth --help)"
        );
    }
}
