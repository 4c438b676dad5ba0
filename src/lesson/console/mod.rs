//! The console of the sandbox: kernel-like calls, `/proc`, a few words of a shell, scripts.
//!
//! [`Console::run`] takes a line and says what came of it. It reads and writes nothing outside: what a caller has to
//! do, such as loading a script, is told as an [`Effect`].

mod complete;
mod exec;
mod fault;
mod offer;
mod parse;
mod proc;
mod shell;
mod table;

use std::collections::BTreeMap;

use super::machine::{Machine, Setup, SetupError};
use crate::mm::{Event, Gfp, Pfn};
pub use complete::complete;
pub use fault::{Errno, Fault};
pub use offer::{Offer, offers};
pub use parse::MAX_LINE;
pub(super) use parse::number;

/// The most variables.
pub const MAX_VARIABLES: u32 = 256;

/// What a line asks of whoever owns the console.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// `define labyrinth void allocpagegfpatomic exclusive`: begin an exclusive raid.
    StartExclusiveRaid,
    /// Run the script of this name.
    Load(String),
    /// Keep the lines so far as a script of this name.
    Save(String),
    /// Write the lines so far, or what they came to, to a file of this name.
    Export(Form, String),
    /// Tell the link that opens the lines so far.
    Link,
    /// Take the last call back.
    Undo,
    /// Do it again.
    Redo,
    /// Go to the state after this many calls.
    Scrub(u32),
    /// Print the lines so far.
    History,
}

/// What a file of calls may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Figures after each call, as comma-separated values.
    Csv,
    /// The same as JSON.
    Json,
    /// The calls themselves.
    Sandbox,
}

impl Form {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Csv, Self::Json, Self::Sandbox];

    /// Its name, which is also how its files end.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Sandbox => "sandbox",
        }
    }
}

/// What came of a line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// The name of the call, or the first word; empty for a blank line.
    pub name: String,
    /// The frame or number a call returned.
    pub value: Option<u32>,
    /// The frame and the order the call was about, where it was about one.
    pub about: Option<(Pfn, u8)>,
    /// The flags and the order of a request for pages.
    pub request: Option<(Gfp, u8)>,
    /// What is printed; lines without the last line break.
    pub output: String,
    /// Why it failed.
    pub fault: Option<Fault>,
    /// What the allocator told.
    pub events: Vec<Event>,
    /// What the caller has to do.
    pub effects: Vec<Effect>,
    /// The machine may have changed: the line belongs to the past that undo goes through.
    pub changed: bool,
}

impl Report {
    /// All that a terminal would show: the output, then the fault.
    pub fn text(&self) -> String {
        match &self.fault {
            None => self.output.clone(),
            Some(fault) if self.output.is_empty() => fault.text.clone(),
            Some(fault) => format!("{}\n{}", self.output, fault.text),
        }
    }
}

/// A console on a machine. Cloning it keeps a state to come back to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Console {
    machine: Machine,
    /// A variable is NULL if the call it was set from failed.
    variables: BTreeMap<String, Option<u32>>,
    /// `preempt_disable()` without its end: nothing may sleep.
    atomic: bool,
}

impl Console {
    /// A console on an empty machine.
    ///
    /// # Errors
    ///
    /// A [`SetupError`] if there is no such machine.
    pub fn new(setup: Setup) -> Result<Self, SetupError> {
        Ok(Self {
            machine: Machine::new(setup)?,
            variables: BTreeMap::new(),
            atomic: false,
        })
    }

    /// The machine.
    pub fn machine(&self) -> &Machine {
        &self.machine
    }

    /// True between `preempt_disable()` and `preempt_enable()`.
    pub fn is_atomic(&self) -> bool {
        self.atomic
    }

    /// The variables, by name; none for NULL.
    pub fn variables(&self) -> impl Iterator<Item = (&str, Option<u32>)> {
        self.variables
            .iter()
            .map(|(name, &value)| (name.as_str(), value))
    }

    /// The value of a variable; none if it is NULL or not there.
    pub fn variable(&self, name: &str) -> Option<u32> {
        self.variables.get(name).copied().flatten()
    }

    /// Runs a line.
    pub fn run(&mut self, line: &str) -> Report {
        let mut report = Report::default();
        let done = match parse::parse(line) {
            Ok(parse::Line::Empty) => Ok(()),
            Ok(parse::Line::Call { target, row, args }) => {
                row.name.clone_into(&mut report.name);
                self.call(target, row, &args, &mut report)
            }
            Ok(parse::Line::Words(words)) => {
                report.name = words.first().cloned().unwrap_or_default();
                self.words(&words, &mut report)
            }
            Err(fault) => Err(fault),
        };
        report.fault = done.err();
        self.machine.bury(&report.events);
        let end = report.output.trim_end_matches('\n').len();
        report.output.truncate(end);
        report
    }

    /// The name of the call a line makes, if it makes one that exists.
    pub fn call_name(line: &str) -> Option<&'static str> {
        match parse::parse(line) {
            Ok(parse::Line::Call { row, .. }) => Some(row.name),
            _ => None,
        }
    }

    /// The first word of a line, or the name of its call: what rules about which lines are allowed go by.
    ///
    /// # Errors
    ///
    /// A [`Fault`] if it is not a line at all.
    pub fn word(line: &str) -> Result<String, Fault> {
        Ok(match parse::parse(line)? {
            parse::Line::Empty => String::new(),
            parse::Line::Call { row, .. } => row.name.to_owned(),
            parse::Line::Words(words) => words.into_iter().next().unwrap_or_default(),
        })
    }
}

/// All names that a line can begin with.
pub fn names() -> impl Iterator<Item = &'static str> {
    let calls = table::CALLS.iter().map(|row| row.name);
    calls.chain(table::WORDS.iter().map(|(word, ..)| *word))
}
