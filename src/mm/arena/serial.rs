//! The stored form of an arena, checked as it is read.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::super::Pfn;
use super::{Arena, ArenaSettings, Bytes, Content, PAGE_LEN, PoisonReport};

/// What is wrong with the stored form of an arena.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ArenaFormError {
    /// A page that the arena does not have, or pages out of order.
    #[error("content {at} is of frame {pfn}; expected a frame from {least} on, below {pages}")]
    Frame {
        /// Position in the list of contents, from 0.
        at: u32,
        /// The frame it names.
        pfn: Pfn,
        /// The least it may be.
        least: u64,
        /// Pages of the arena.
        pages: u32,
    },
    /// The bytes of a page are not 4096 bytes in hexadecimal.
    #[error("content of frame {pfn}: expected 8192 lower-case hexadecimal digits, {found}")]
    Hex {
        /// The frame.
        pfn: Pfn,
        /// What there is instead.
        found: String,
    },
    /// Content that needs not be stored in this way: a page of one byte, or one that holds what it held at boot.
    #[error("content of frame {pfn}: expected {expected}")]
    Form {
        /// The frame.
        pfn: Pfn,
        /// How it would be stored.
        expected: &'static str,
    },
    /// A report of no damage, or of bytes that are in no page.
    #[error(
        "report {at}, frame {pfn}, offset {offset}: expected 1 to 4096 bytes of a page of {pages} that begin and end with one that is not poison"
    )]
    Report {
        /// Position in the list of reports, from 0.
        at: u32,
        /// The frame it names.
        pfn: Pfn,
        /// The offset it names.
        offset: u32,
        /// Pages of the arena.
        pages: u32,
    },
}

/// An arena as it is stored: pages in ascending order.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ArenaForm {
    pages: u32,
    settings: ArenaSettings,
    content: Vec<(Pfn, ContentForm)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    reports: Vec<PoisonReport>,
}

#[derive(Clone, Serialize, Deserialize)]
enum ContentForm {
    /// One byte all over.
    #[serde(rename = "all")]
    Uniform(u8),
    /// 4096 bytes in hexadecimal.
    #[serde(rename = "hex")]
    Hex(String),
}

impl From<Arena> for ArenaForm {
    fn from(arena: Arena) -> Self {
        let content = arena.content.into_iter().map(|(pfn, content)| {
            let form = match content {
                Content::Uniform(byte) => ContentForm::Uniform(byte),
                Content::Real(bytes) => {
                    let mut hex = String::with_capacity(2 * PAGE_LEN);
                    for byte in bytes.iter() {
                        // Writing to a string does not fail.
                        let _ = write!(hex, "{byte:02x}");
                    }
                    ContentForm::Hex(hex)
                }
            };
            (pfn, form)
        });
        Self {
            pages: arena.pages,
            settings: arena.settings,
            content: content.collect(),
            reports: arena.reports,
        }
    }
}

impl TryFrom<ArenaForm> for Arena {
    type Error = ArenaFormError;

    fn try_from(form: ArenaForm) -> Result<Self, ArenaFormError> {
        let pages = form.pages;
        let mut content = BTreeMap::new();
        let mut least = 0;
        for (at, (pfn, stored)) in (0..).zip(form.content) {
            if u64::from(pfn) < least || pfn >= pages {
                return Err(ArenaFormError::Frame {
                    at,
                    pfn,
                    least,
                    pages,
                });
            }
            least = u64::from(pfn) + 1;
            let read = match stored {
                ContentForm::Uniform(byte) => Content::Uniform(byte),
                ContentForm::Hex(hex) => parse_hex(pfn, &hex)?,
            };
            if read == Content::Uniform(form.settings.at_boot()) {
                let expected = "nothing: it holds what it held at boot";
                return Err(ArenaFormError::Form { pfn, expected });
            }
            content.insert(pfn, read);
        }
        for (at, report) in (0..).zip(&form.reports) {
            let PoisonReport { pfn, offset, .. } = *report;
            let end = u64::from(offset) + report.bytes.len() as u64;
            let damaged = |byte: Option<&u8>| byte.is_some_and(|&byte| byte != super::PAGE_POISON);
            let sound = pfn < pages
                && end <= PAGE_LEN as u64
                && damaged(report.bytes.first())
                && damaged(report.bytes.last());
            if !sound {
                return Err(ArenaFormError::Report {
                    at,
                    pfn,
                    offset,
                    pages,
                });
            }
        }
        Ok(Self {
            settings: form.settings,
            pages,
            content,
            reports: form.reports,
        })
    }
}

fn parse_hex(pfn: Pfn, hex: &str) -> Result<Content, ArenaFormError> {
    let wrong = |found: String| ArenaFormError::Hex { pfn, found };
    if hex.len() != 2 * PAGE_LEN {
        return Err(wrong(format!("not {} bytes of text", hex.len())));
    }
    let digit = |at: usize| match hex.as_bytes()[at] {
        digit @ b'0'..=b'9' => Ok(digit - b'0'),
        digit @ b'a'..=b'f' => Ok(digit - b'a' + 10),
        other => Err(wrong(format!("not '{}' at {at}", other.escape_ascii()))),
    };
    let mut bytes: Bytes = [0; PAGE_LEN];
    for (i, byte) in bytes.iter_mut().enumerate() {
        *byte = digit(2 * i)? << 4 | digit(2 * i + 1)?;
    }
    if bytes.iter().all(|&byte| byte == bytes[0]) {
        let expected = "the one byte it holds all over";
        return Err(ArenaFormError::Form { pfn, expected });
    }
    Ok(Content::Real(Arc::new(bytes)))
}
