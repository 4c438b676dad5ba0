//! `labyrinth raid`: one raid played by a bot, told turn by turn.

use std::io::{self, BufWriter, Write};

use super::args::RaidArgs;
use super::{CliError, headless, sources};
use crate::journal::Journal;
use crate::raid::{Event, Raid, Tone, text};
use crate::storage;

/// Plays and tells it.
pub(super) fn run(args: &RaidArgs) -> Result<(), CliError> {
    let rules = sources::rules()?;
    let seed = args.seed.unwrap_or_else(sources::seed_of_the_clock);
    let mut raid = sources::raid(&rules, &args.place, seed)?;
    let mut bot = sources::bot(&args.bot, seed)?;
    let mut out = Story {
        out: BufWriter::new(io::stdout().lock()),
        detail: args.detail,
    };
    let mut journal = Journal::begin(&raid);

    out.opening(&raid, &args.bot)?;
    out.turn(0, "", &raid.arrival())?;
    let told = headless::play(&mut raid, bot.as_mut(), |command, events, raid| {
        journal.record(command, raid);
        out.turn(raid.turn(), &command.to_string(), events)
    });
    // Who listens may leave (`| head`); the journal is written all the same.
    if let Some(file) = &args.journal {
        if told.is_err() {
            headless::play(&mut raid, bot.as_mut(), |command, _, raid| {
                journal.record(command, raid);
                Ok::<(), io::Error>(())
            })?;
        }
        storage::save(file, &journal.to_string())?;
    }
    let outcome = told?;

    writeln!(out.out)?;
    writeln!(out.out, "{}", text::cause(&outcome))?;
    for line in text::explanation(&outcome) {
        writeln!(out.out, "{line}")?;
    }
    writeln!(out.out)?;
    writeln!(
        out.out,
        "{}",
        text::report(&outcome, raid.view()).trim_end()
    )?;
    writeln!(out.out)?;
    let pages = match outcome.pages() {
        0 => String::new(),
        pages => format!(" with {pages} pages"),
    };
    writeln!(
        out.out,
        "{}{pages} after {} turns, seed {seed}",
        outcome.word(),
        raid.turn()
    )?;
    out.out.flush()?;
    Ok(())
}

/// The story as it is written.
struct Story<W: Write> {
    out: W,
    detail: bool,
}

impl<W: Write> Story<W> {
    fn opening(&mut self, raid: &Raid, bot: &str) -> io::Result<()> {
        let (setup, gauge) = (raid.setup(), raid.view().gauge);
        write!(
            self.out,
            "zone {}, seed {}, played by {bot}",
            setup.zone, setup.seed
        )?;
        if let Some(layout) = &setup.layout {
            let counts: Vec<String> = layout.iter().map(ToString::to_string).collect();
            write!(self.out, ", laid out from free blocks {}", counts.join(" "))?;
        }
        writeln!(self.out, "\n{} of {} pages free\n", gauge.free, gauge.pages)
    }

    /// One line for each event worth telling; the turn and the command stand before the first.
    fn turn(&mut self, turn: u32, command: &str, events: &[Event]) -> io::Result<()> {
        let mut head = format!("{turn:>4} {command:<7}");
        for event in events {
            if !self.detail && text::tone(event) == Tone::Detail {
                continue;
            }
            if let Some(sentence) = text::sentence(event) {
                writeln!(self.out, "{head} {sentence}")?;
                head = " ".repeat(head.len());
            }
        }
        Ok(())
    }
}
