//! Reads a journal's text into checked types; what is wrong is named by line.

use std::iter::Peekable;
use std::str::{FromStr, Lines};

use super::{ENDINGS, End, Entry, FORMAT_VERSION, Journal, JournalError, is_zone_name};
use crate::mm::NR_PAGE_ORDERS;
use crate::raid::{Command, Item, Loadout, Modifier, Modifiers, RULES_VERSION, Setup};

/// Longest piece of a wrong line that an error quotes, in characters.
const QUOTED: usize = 40;

impl Journal {
    /// Reads a journal. Lines may end in CR LF, and blank space at the end of the text is no harm.
    ///
    /// Only the text is checked here; whether it is what the rules make of it, [`super::replay`] tells.
    ///
    /// # Errors
    ///
    /// Names the first line that is not as it should be, and what was expected there.
    pub fn parse(text: &str) -> Result<Self, JournalError> {
        let mut reader = Reader {
            lines: text.trim_end().lines().peekable(),
            line: 0,
        };
        reader.version("labyrinth journal", FORMAT_VERSION)?;
        reader.version("rules", RULES_VERSION)?;
        let zone = reader.zone()?;
        let seed = reader.field("seed", "a whole number below 2^64", number)?;
        let layout = reader
            .next_is("layout")
            .then(|| reader.field("layout", "11 counts of free blocks", layout))
            .transpose()?;
        let loadout = reader.kit()?;
        let modifiers = reader.modifiers()?;
        let start = reader.field("start", "16 hex digits, the state hash at turn 0", hash)?;
        let mut journal = Self {
            setup: Setup {
                zone,
                seed,
                layout,
                loadout,
                modifiers,
            },
            start,
            turns: Vec::new(),
            end: None,
        };
        while reader.lines.peek().is_some() && !reader.next_is("end") {
            journal.turns.push(reader.turn()?);
        }
        if reader.lines.peek().is_some() {
            journal.end = Some(reader.end(journal.last_hash())?);
        }
        if let Some(extra) = reader.next() {
            return Err(reader.error(quoted(extra), "nothing after the line \"end\""));
        }
        Ok(journal)
    }
}

impl FromStr for Journal {
    type Err = JournalError;

    fn from_str(text: &str) -> Result<Self, JournalError> {
        Self::parse(text)
    }
}

/// The lines of a text, and how many were read.
struct Reader<'t> {
    lines: Peekable<Lines<'t>>,
    line: u32,
}

impl<'t> Reader<'t> {
    fn next(&mut self) -> Option<&'t str> {
        self.line += 1;
        self.lines.next()
    }

    /// True if the next line's first word is `name`.
    fn next_is(&mut self, name: &str) -> bool {
        self.lines
            .peek()
            .is_some_and(|line| line.split(' ').next() == Some(name))
    }

    fn error(&self, found: String, expected: impl Into<String>) -> JournalError {
        JournalError {
            line: self.line,
            found,
            expected: expected.into(),
        }
    }

    /// A line of a name and a value.
    fn field<T>(
        &mut self,
        name: &str,
        what: &str,
        read: fn(&str) -> Option<T>,
    ) -> Result<T, JournalError> {
        let line = self.next();
        line.and_then(|line| line.strip_prefix(name)?.strip_prefix(' '))
            .and_then(read)
            .ok_or_else(|| self.error(found(line), format!("\"{name}\" and {what}")))
    }

    /// A line of a name and a version, which must be ours.
    fn version(&mut self, name: &str, ours: u32) -> Result<(), JournalError> {
        let theirs: u32 = self.field(name, &format!("the version {ours}"), number)?;
        if theirs == ours {
            return Ok(());
        }
        Err(self.error(
            format!("\"{name} {theirs}\""),
            format!("\"{name} {ours}\", the version of this build"),
        ))
    }

    fn zone(&mut self) -> Result<String, JournalError> {
        self.field("zone", "the name of a zone", |value| {
            is_zone_name(value).then(|| value.to_string())
        })
    }

    /// The line of the kit, if there is one: items in the order in which they are written.
    fn kit(&mut self) -> Result<Loadout, JournalError> {
        if !self.next_is("kit") {
            return Ok(Loadout::default());
        }
        let what = format!(
            "items in their order, with commas between them, each one of {}",
            Item::ALL.map(Item::name).join(" ")
        );
        self.field("kit", &what, |value| {
            let kit: Loadout = value.parse().ok()?;
            (!value.is_empty() && kit.to_string() == value).then_some(kit)
        })
    }

    /// The line of the modifiers, if there is one: in the order in which they are written.
    fn modifiers(&mut self) -> Result<Modifiers, JournalError> {
        if !self.next_is("modifiers") {
            return Ok(Modifiers::default());
        }
        let what = format!(
            "modifiers in their order, with commas between them, each one of {}",
            Modifier::FORMS.join(" ")
        );
        self.field("modifiers", &what, |value| {
            let modifiers: Modifiers = value.parse().ok()?;
            (!value.is_empty() && modifiers.to_string() == value).then_some(modifiers)
        })
    }

    fn turn(&mut self) -> Result<Entry, JournalError> {
        let line = self.next().unwrap_or_default();
        let (command, digits) = line.split_once(' ').unwrap_or((line, ""));
        let command: Command = command.parse().map_err(|_| {
            self.error(
                quoted(line),
                "a command (n e s w . c cn ce cs cw g f0xPFN i x u:ITEM u:ITEM:PID) and a state hash, or \"end\"",
            )
        })?;
        let hash = hash(digits).ok_or_else(|| {
            self.error(
                quoted(line),
                format!("\"{command}\" and 16 hex digits, the state hash after it"),
            )
        })?;
        Ok(Entry { command, hash })
    }

    fn end(&mut self, last: u64) -> Result<End, JournalError> {
        let line = self.next().unwrap_or_default();
        let words: Vec<&str> = line.split(' ').collect();
        let read = |words: &[&str]| {
            let [_, word, pages, digits] = words else {
                return None;
            };
            let word = ENDINGS.contains(word).then(|| (*word).to_string())?;
            Some(End {
                word,
                pages: number(pages)?,
                hash: hash(digits)?,
            })
        };
        let end = read(&words).ok_or_else(|| {
            let expected = format!(
                "\"end\", one of {}, pages, and 16 hex digits",
                ENDINGS.join(" ")
            );
            self.error(quoted(line), expected)
        })?;
        if end.hash != last {
            let expected = format!("the state hash of the line before, {last:016x}");
            return Err(self.error(format!("the state hash {:016x}", end.hash), expected));
        }
        Ok(end)
    }
}

/// A whole number in its one usual writing: digits, no sign, no leading zero.
fn number<T: FromStr + ToString>(text: &str) -> Option<T> {
    let value: T = text.parse().ok()?;
    (value.to_string() == text).then_some(value)
}

/// A state hash: exactly 16 lower-case hex digits.
fn hash(text: &str) -> Option<u64> {
    let digit = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    (text.len() == 16 && text.bytes().all(digit)).then(|| u64::from_str_radix(text, 16).ok())?
}

fn layout(text: &str) -> Option<[u64; NR_PAGE_ORDERS]> {
    let counts: Option<Vec<u64>> = text.split(' ').map(number).collect();
    counts?.try_into().ok()
}

fn found(line: Option<&str>) -> String {
    line.map_or_else(|| "the end of the journal".into(), quoted)
}

/// A line as errors show it: quoted, on one line, not too long.
pub(crate) fn quoted(line: &str) -> String {
    let head: String = line.chars().take(QUOTED).collect();
    let more = if head.len() < line.len() { "..." } else { "" };
    if line.is_empty() {
        "an empty line".into()
    } else {
        format!("{head:?}{more}")
    }
}
