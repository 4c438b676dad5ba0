//! A console with its past: undo, redo, scrub, scripts, and what happened to each frame.

use super::console::{Console, Effect, Report};
use super::inspect;
use super::machine::{Setup, SetupError};
use super::trace::{self, Beat};
use crate::mm::{Event, Pfn};

/// The most calls a past can have.
pub const MAX_CALLS: u32 = 10_000;

/// The most lines that are remembered as they were typed.
pub const MAX_TYPED: u32 = 1000;

/// Every so many calls the whole console is kept; states between are made again from the calls.
const KEYFRAME: u32 = 32;

/// A call of the past.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Past {
    /// What was typed.
    pub line: String,
    /// What came of it.
    pub report: Report,
}

/// A console, what was done to it, and what was undone.
#[derive(Clone, Debug)]
pub struct Timeline {
    now: Console,
    at: u32,
    past: Vec<Past>,
    /// The console after 0, [`KEYFRAME`], twice that ... calls.
    keyframes: Vec<Console>,
    /// Lines as they were typed, oldest first.
    typed: Vec<String>,
}

impl Timeline {
    /// An empty machine without a past.
    ///
    /// # Errors
    ///
    /// A [`SetupError`] if there is no such machine.
    pub fn new(setup: Setup) -> Result<Self, SetupError> {
        let now = Console::new(setup)?;
        Ok(Self {
            keyframes: vec![now.clone()],
            now,
            at: 0,
            past: Vec::new(),
            typed: Vec::new(),
        })
    }

    /// The console as it is now.
    pub fn now(&self) -> &Console {
        &self.now
    }

    /// What the machine was made from before the first call.
    pub fn first(&self) -> &Setup {
        // There is a keyframe before the first call.
        self.keyframes
            .first()
            .unwrap_or(&self.now)
            .machine()
            .setup()
    }

    /// So many calls lead to it.
    pub fn at(&self) -> u32 {
        self.at
    }

    /// The calls, those that were undone included.
    pub fn past(&self) -> &[Past] {
        &self.past
    }

    /// The call that led to where we are.
    pub fn last(&self) -> Option<&Past> {
        self.past.get(self.at.checked_sub(1)? as usize)
    }

    /// Runs a line. What was undone is forgotten if the line changes anything. `undo`, `redo`, `scrub` and `history`
    /// are done here; other effects are the caller's.
    pub fn run(&mut self, line: &str) -> Report {
        self.remember(line);
        let mut next = self.now.clone();
        let mut report = next.run(line);
        for effect in std::mem::take(&mut report.effects) {
            match effect {
                Effect::Undo => self.go(self.at.checked_sub(1), "undo", &mut report),
                Effect::Redo => self.go(self.at.checked_add(1), "redo", &mut report),
                Effect::Scrub(to) => self.go(Some(to), "scrub", &mut report),
                Effect::History => report.output = self.numbered(),
                other => report.effects.push(other),
            }
        }
        if report.changed {
            if self.at >= MAX_CALLS {
                report.changed = false;
                report.output = format!("{MAX_CALLS} calls are as many as can be; reset or undo");
                return report;
            }
            self.past.truncate(self.at as usize);
            self.keyframes.truncate((self.at / KEYFRAME) as usize + 1);
            let line = line.trim().to_owned();
            let kept = report.clone();
            self.past.push(Past { line, report: kept });
            self.at += 1;
            self.now = next;
            if self.at.is_multiple_of(KEYFRAME) {
                self.keyframes.push(self.now.clone());
            }
        }
        report
    }

    fn remember(&mut self, line: &str) {
        let line = line.trim();
        if line.is_empty() || self.typed.last().is_some_and(|last| last == line) {
            return;
        }
        if self.typed.len() >= MAX_TYPED as usize {
            self.typed.remove(0);
        }
        self.typed.push(line.to_owned());
    }

    /// The lines as they were typed, oldest first; the same line twice in a row once, and of many the last
    /// [`MAX_TYPED`].
    pub fn typed(&self) -> &[String] {
        &self.typed
    }

    fn numbered(&self) -> String {
        let lines = (1_u32..).zip(&self.typed);
        let lines: Vec<_> = lines
            .map(|(number, line)| format!("{number:>5}  {line}"))
            .collect();
        lines.join("\n")
    }

    fn go(&mut self, to: Option<u32>, word: &str, report: &mut Report) {
        report.output = if to.is_some_and(|to| self.scrub(to)) {
            format!("after call {} of {}", self.at, self.past.len())
        } else {
            format!(
                "{word}: there are states 0 to {}, this is {}",
                self.past.len(),
                self.at
            )
        };
    }

    /// Goes to the state after `to` calls. False if there is none; nothing has changed then.
    pub fn scrub(&mut self, to: u32) -> bool {
        match self.state(to) {
            Some(state) => {
                self.now = state;
                self.at = to;
                true
            }
            None => false,
        }
    }

    /// Takes the last call back. False if there is none.
    pub fn undo(&mut self) -> bool {
        self.at > 0 && self.scrub(self.at - 1)
    }

    /// Does it again. False if nothing was undone.
    pub fn redo(&mut self) -> bool {
        self.scrub(self.at + 1)
    }

    /// The console after so many calls.
    pub fn state(&self, after: u32) -> Option<Console> {
        if after as usize > self.past.len() {
            return None;
        }
        let key = (after / KEYFRAME).min(self.keyframes.len() as u32 - 1);
        let mut console = self.keyframes.get(key as usize)?.clone();
        for past in &self.past[(key * KEYFRAME) as usize..after as usize] {
            console.run(&past.line);
        }
        Some(console)
    }

    /// The last call, step by step.
    pub fn beats(&self) -> Vec<Beat> {
        let told = self.last().and_then(|past| {
            let before = self.state(self.at - 1)?;
            Some(trace::tell(before.machine(), &past.report))
        });
        told.unwrap_or_default()
    }

    /// The lines that lead to where we are, one a line: a script that does it again.
    pub fn script(&self) -> String {
        let lines = self.past.iter().take(self.at as usize);
        lines.map(|past| past.line.clone() + "\n").collect()
    }

    /// What happened to a frame: the number of the call, its line and the event, oldest first.
    pub fn history_of(&self, pfn: Pfn) -> Vec<(u32, &str, Event)> {
        let mut all = Vec::new();
        for (number, past) in (1_u32..).zip(&self.past).take(self.at as usize) {
            let events = past.report.events.iter();
            let here = events.filter(|event| inspect::concerns(event, pfn));
            all.extend(here.map(|&event| (number, past.line.as_str(), event)));
        }
        all
    }
}
