//! What is wrong with a text that should be a profile.

use super::{MAX_PROFILE, PROFILE_VERSION, place};
use serde_json::error::Category;

/// Longest part of a message that comes from elsewhere, in characters.
const WHAT: usize = 200;

/// Why a text is not a profile of this build; one sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProfileError {
    /// The text is longer than any profile.
    #[error("the profile: found {found} bytes, expected at most {MAX_PROFILE}")]
    TooLong {
        /// How long it is.
        found: u64,
    },
    /// There was never such a version.
    #[error("the profile: found version 0, expected version {PROFILE_VERSION}")]
    NoVersion,
    /// A later build of the game wrote it.
    #[error(
        "the profile: found version {found}, expected version {PROFILE_VERSION}: it is of a newer build of the game"
    )]
    Later {
        /// Which version.
        found: u64,
    },
    /// It is no JSON, or not that of a profile.
    #[error("the profile, line {line}, column {column}{}: {what}", if field.is_empty() { String::new() } else { format!(", {field}") })]
    Damaged {
        /// The line, counted from 1.
        line: u32,
        /// The column up to which the text was read, in bytes.
        column: u32,
        /// The field, for example `runs[3].zone`; empty outside of all fields.
        field: String,
        /// What was found and expected there.
        what: String,
    },
}

impl ProfileError {
    pub(super) fn damaged(text: &str, error: &serde_json::Error) -> Self {
        let (line, column) = (error.line() as u32, error.column() as u32);
        let said = error.to_string();
        let at = format!(" at line {line} column {column}");
        // What is no JSON is not to be taken for a part of it.
        let good = column.saturating_sub(u32::from(error.classify() == Category::Syntax));
        let what = match error.classify() {
            Category::Eof => "found the end of the text, expected the rest of it".into(),
            Category::Syntax | Category::Io => {
                format!("found no JSON ({})", said.trim_end_matches(&at))
            }
            Category::Data => said.trim_end_matches(&at).to_string(),
        };
        Self::Damaged {
            line,
            column,
            field: place::field_at(text, line, good),
            what: plain(&what),
        }
    }
}

/// On one line, not too long, and nothing in it that a terminal obeys.
fn plain(text: &str) -> String {
    let shown = |c: char| {
        if c.is_control() {
            c.escape_default().to_string()
        } else {
            c.to_string()
        }
    };
    let more = if text.chars().nth(WHAT).is_some() {
        "..."
    } else {
        ""
    };
    text.chars().take(WHAT).map(shown).collect::<String>() + more
}
