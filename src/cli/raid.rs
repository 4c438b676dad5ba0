//! `labyrinth raid`: one raid played by a bot, told turn by turn.

use std::io::{self, BufWriter, Write};

use super::args::RaidArgs;
use super::{CliError, headless, sources};
use crate::bot::Player;
use crate::journal::Journal;
use crate::raid::{Event, Outcome, Raid, Tone, text};
use crate::storage::Target;

/// Plays and tells it.
pub(super) fn run(args: &RaidArgs) -> Result<(), CliError> {
    let rules = sources::rules()?;
    let seed = args.seed.unwrap_or_else(sources::seed_of_the_clock);
    let mut raid = sources::raid(&rules, &args.place, &args.kit, seed)?;
    let mut player = sources::player(&args.bot, seed)?;
    let mut out = Story {
        out: BufWriter::new(io::stdout().lock()),
        detail: args.detail,
    };
    let mut journal = Journal::begin(&raid);
    // A journal that cannot be written is found out before the raid, not after it.
    let mut kept = args.journal.as_deref().map(Target::open).transpose()?;
    if let Some(file) = &mut kept {
        file.begin(&journal.to_string())?;
    }

    let told = tell(&mut out, &mut raid, &mut player, &args.bot, &mut journal);
    // Who listens may leave (`| head`); the journal is written all the same.
    if let Some(file) = &mut kept {
        headless::play(&mut raid, &mut player, |command, _, raid| {
            journal.record(command, raid);
            Ok::<(), io::Error>(())
        })?;
        file.save(&journal.to_string())?;
    }
    Ok(told?)
}

/// The whole story, from the opening to the report.
fn tell<W: Write>(
    out: &mut Story<W>,
    raid: &mut Raid,
    player: &mut Player,
    name: &str,
    journal: &mut Journal,
) -> io::Result<()> {
    out.opening(raid, name)?;
    out.turn(0, "", &raid.arrival())?;
    let outcome = headless::play(raid, player, |command, events, raid| {
        journal.record(command, raid);
        out.turn(raid.turn(), &command.to_string(), events)
    })?;
    out.ending(&outcome, raid)?;
    out.out.flush()
}

/// The story as it is written.
struct Story<W: Write> {
    out: W,
    detail: bool,
}

impl<W: Write> Story<W> {
    fn opening(&mut self, raid: &Raid, bot: &str) -> io::Result<()> {
        let (setup, gauge) = (raid.setup(), raid.view().gauge);
        writeln!(
            self.out,
            "zone {}, seed {}, played by {bot}",
            setup.zone, setup.seed
        )?;
        if !setup.loadout.is_empty() {
            writeln!(self.out, "kit {}", setup.loadout)?;
        }
        if !setup.modifiers.is_empty() {
            writeln!(self.out, "modifiers {}", setup.modifiers)?;
        }
        if let Some(line) = &setup.layout {
            self.layout(line, &raid.memory().free_counts().map(u64::from))?;
        }
        writeln!(self.out, "{} of {} pages free\n", gauge.free, gauge.pages)
    }

    /// What the line has of each order, what the zone got, and whether that is the same.
    fn layout(&mut self, line: &[u64], laid_out: &[u64]) -> io::Result<()> {
        let orders: Vec<u64> = (0..line.len() as u64).collect();
        let width = |column: usize| {
            let digits = [orders[column], line[column], laid_out[column]];
            digits.map(|n| n.to_string().len()).into_iter().max()
        };
        for (what, counts) in [
            ("order", orders.as_slice()),
            ("free blocks of the line", line),
            ("free blocks laid out", laid_out),
        ] {
            write!(self.out, "{what:<24}")?;
            for (column, count) in counts.iter().enumerate() {
                let width = width(column).unwrap_or_default();
                write!(self.out, " {count:>width$}")?;
            }
            writeln!(self.out)?;
        }
        let how = if line == laid_out {
            "The line fits into the zone as it is."
        } else {
            "The line does not fit into the zone as it is; it was scaled (docs/real-input.md)."
        };
        writeln!(self.out, "{how}")
    }

    /// How it ended and why, and the report.
    fn ending(&mut self, outcome: &Outcome, raid: &Raid) -> io::Result<()> {
        writeln!(self.out, "\n{}", text::cause(outcome))?;
        for line in text::explanation(outcome) {
            writeln!(self.out, "{line}")?;
        }
        let report = text::report(outcome, raid.view());
        writeln!(self.out, "\n{}\n", report.trim_end())?;
        let pages = match outcome.pages() {
            0 => String::new(),
            pages => format!(" with {pages} pages, score {},", outcome.score()),
        };
        let (word, turns, seed) = (outcome.word(), raid.turn(), raid.setup().seed);
        writeln!(self.out, "{word}{pages} after {turns} turns, seed {seed}")
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
