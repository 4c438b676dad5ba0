//! The journal of a raid: its setup and every command with the state hash after it, as a text that replays.
//!
//! ```text
//! labyrinth journal 1
//! rules 1
//! zone dma
//! seed 42
//! layout 214 145 132 107 96 90 77 64 53 46 699
//! kit scan,drop_caches
//! modifiers nosmp,mem=8M
//! start 8f3a0c5511f2e07d
//! n 0123456789abcdef
//! c 1f2e3d4c5b6a7988
//! end extracted 24 1f2e3d4c5b6a7988
//! ```
//!
//! The `layout` line stands only where the raid was laid out from a line of `/proc/buddyinfo`, the `kit`
//! and `modifiers` lines only where there are any; the `end` line is absent while the raid goes on. One command a line, as [`Command`] prints itself.
//! The rules are deterministic, so the state hashes (16 hex digits) are redundant: they let a
//! replay name the very turn at which a journal and the rules part.
//!
//! A [`Recording`] is the same raid as one word for a link, without the hashes of the turns in between.
//!
//! Nothing here touches a file: reading and writing is the command line's and the window's.

pub(crate) mod code;
mod figures;
mod parse;
mod replay;

use std::fmt;

use crate::raid::{Command, RULES_VERSION, Raid, Setup};

pub use code::{
    CODE_VERSION, CodeError, MAX_CHARS, MAX_COMMANDS, Recording, ZONE_CHARS, looks_like_a_code,
};
pub use figures::{Figures, figures, figures_csv};
pub(crate) use parse::quoted;
pub use replay::{replay, resume};

/// Version of the text format, in a journal's first line.
pub const FORMAT_VERSION: u32 = 1;

/// The words [`crate::raid::Outcome::word`] can say.
const ENDINGS: [&str; 6] = [
    "extracted",
    "empty",
    "null",
    "references",
    "minotaur",
    "watchdog",
];

/// One turn of a raid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// What the player did.
    pub command: Command,
    /// State hash after the whole turn.
    pub hash: u64,
}

/// How a raid ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    /// One word, see [`crate::raid::Outcome::word`].
    pub word: String,
    /// Pages brought home.
    pub pages: u32,
    /// State hash after the last turn.
    pub hash: u64,
}

/// A raid as it was played.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Journal {
    /// What the raid was set up from.
    pub setup: Setup,
    /// State hash at turn 0.
    pub start: u64,
    /// The turns, first to last.
    pub turns: Vec<Entry>,
    /// The end; `None` while the raid goes on.
    pub end: Option<End>,
}

/// Where a journal is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: found {found}, expected {expected}")]
pub struct JournalError {
    /// The line, counted from 1.
    pub line: u32,
    /// What stands there.
    pub found: String,
    /// What should.
    pub expected: String,
}

impl Journal {
    /// The journal of a raid that is about to begin.
    pub fn begin(raid: &Raid) -> Self {
        Self {
            setup: raid.setup().clone(),
            start: raid.state_hash(),
            turns: Vec::new(),
            end: None,
        }
    }

    /// Adds the turn that `command` just made, and the end if the raid is over with it.
    ///
    /// Refused commands cost no turn and are not recorded.
    pub fn record(&mut self, command: Command, raid: &Raid) {
        let hash = raid.state_hash();
        self.turns.push(Entry { command, hash });
        self.end = raid.outcome().map(|outcome| End {
            word: outcome.word().to_string(),
            pages: outcome.pages(),
            hash,
        });
    }

    /// State hash after the last turn that is recorded.
    pub fn last_hash(&self) -> u64 {
        self.turns.last().map_or(self.start, |entry| entry.hash)
    }

    /// The line `start` stands in; the turns follow it one by one.
    fn start_line(&self) -> u32 {
        self.modifiers_line() + u32::from(!self.setup.modifiers.is_empty())
    }

    /// The line `modifiers` stands in, or would.
    fn modifiers_line(&self) -> u32 {
        self.kit_line() + u32::from(!self.setup.loadout.is_empty())
    }

    /// The line `kit` stands in, or would.
    fn kit_line(&self) -> u32 {
        5 + u32::from(self.setup.layout.is_some())
    }

    /// The line the turn with this index (from 0) stands in.
    fn turn_line(&self, index: usize) -> u32 {
        self.start_line() + 1 + index as u32
    }

    /// The line `end` stands in, or would.
    fn end_line(&self) -> u32 {
        self.turn_line(self.turns.len())
    }
}

/// True for what can be the name of a zone: ASCII letters, digits, `-` and `_`.
pub(crate) fn is_zone_name(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    !text.is_empty() && text.chars().all(plain)
}

impl fmt::Display for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "labyrinth journal {FORMAT_VERSION}")?;
        writeln!(f, "rules {RULES_VERSION}")?;
        writeln!(f, "zone {}", self.setup.zone)?;
        writeln!(f, "seed {}", self.setup.seed)?;
        if let Some(layout) = &self.setup.layout {
            write!(f, "layout")?;
            for count in layout {
                write!(f, " {count}")?;
            }
            writeln!(f)?;
        }
        if !self.setup.loadout.is_empty() {
            writeln!(f, "kit {}", self.setup.loadout)?;
        }
        if !self.setup.modifiers.is_empty() {
            writeln!(f, "modifiers {}", self.setup.modifiers)?;
        }
        writeln!(f, "start {:016x}", self.start)?;
        for Entry { command, hash } in &self.turns {
            writeln!(f, "{command} {hash:016x}")?;
        }
        if let Some(End { word, pages, hash }) = &self.end {
            writeln!(f, "end {word} {pages} {hash:016x}")?;
        }
        Ok(())
    }
}
