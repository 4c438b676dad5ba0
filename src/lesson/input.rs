//! What a learner does, as text: one input a line.

use std::fmt;

use super::console::number;
use super::session::LessonInput;

impl fmt::Display for LessonInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Click(pfn) => write!(f, "click {pfn:#x}"),
            Self::Choose(at) => write!(f, "choose {at}"),
            Self::Type(text) => write!(f, "type {}", one_line(text)),
            Self::Call(line) => write!(f, "call {}", one_line(line)),
            Self::Undo => f.write_str("undo"),
            Self::Redo => f.write_str("redo"),
            Self::Step => f.write_str("step"),
            Self::Scrub(to) => write!(f, "scrub {to}"),
            Self::Hint => f.write_str("hint"),
            Self::Next => f.write_str("next"),
            Self::Restart => f.write_str("restart"),
        }
    }
}

/// Text of one line: what a break of lines would make of the text is left out.
fn one_line(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}

impl LessonInput {
    /// Reads one line: `click 0x12`, `choose 1`, `type 3`, `call alloc_pages(GFP_KERNEL, 0)`, `undo`, `redo`, `step`,
    /// `scrub 2`, `hint`, `next`, `restart`. A line that begins with none of these is a call. Blank lines and comments
    /// are none.
    ///
    /// # Errors
    ///
    /// What was expected.
    pub fn parse(line: &str) -> Result<Option<Self>, String> {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            return Ok(None);
        }
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let rest = rest.trim();
        let wanted = || {
            let found = if rest.is_empty() { "nothing" } else { rest };
            number(rest)
                .filter(|_| !rest.is_empty())
                .ok_or_else(|| format!("{word}: found {found}, expected a number like 3 or 0x10"))
        };
        Ok(Some(match (word, rest) {
            ("click", _) => Self::Click(wanted()?),
            ("choose", _) => Self::Choose(wanted()?),
            ("scrub", _) => Self::Scrub(wanted()?),
            ("type", _) => Self::Type(rest.to_owned()),
            ("call", _) => Self::Call(rest.to_owned()),
            ("undo", "") => Self::Undo,
            ("redo", "") => Self::Redo,
            ("step", "") => Self::Step,
            ("hint", "") => Self::Hint,
            ("next", "") => Self::Next,
            ("restart", "") => Self::Restart,
            _ => Self::Call(line.to_owned()),
        }))
    }
}
