//! Poison: what freed pages are filled with, and what is said when somebody wrote to them all the same.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::super::Pfn;
use super::{Arena, Content, address, hex_dump};

/// The byte freed pages are filled with (Linux 6.12 `include/linux/poison.h`).
pub const PAGE_POISON: u8 = 0xaa;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PoisonDamage {
    /// One bit of one byte: more likely bad memory than bad code.
    SingleBit,
    /// More than that: somebody wrote to a page that was not theirs.
    Corruption,
}

/// Poison that was found damaged when a page was handed out.
///
/// As text it has the lines Linux 6.12 `mm/page_poison.c`: `check_poison_mem()` prints, the dump from the first
/// damaged byte to the last.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PoisonReport {
    /// The page.
    pub pfn: Pfn,
    /// The first damaged byte of it.
    pub offset: u32,
    /// What was there, from the first damaged byte to the last; bytes between them may be sound.
    pub bytes: Vec<u8>,
}

impl PoisonReport {
    /// How bad it is.
    pub fn damage(&self) -> PoisonDamage {
        match *self.bytes {
            [byte] if (byte ^ PAGE_POISON).is_power_of_two() => PoisonDamage::SingleBit,
            _ => PoisonDamage::Corruption,
        }
    }
}

impl fmt::Display for PoisonReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.damage() {
            PoisonDamage::SingleBit => "pagealloc: single bit error\n",
            PoisonDamage::Corruption => "pagealloc: memory corruption\n",
        })?;
        f.write_str(&hex_dump(address(self.pfn, self.offset), &self.bytes))
    }
}

impl Arena {
    /// Reports a page whose poison is damaged. It is handed out all the same, as in Linux.
    pub(super) fn check_poison(&mut self, pfn: Pfn) {
        let (offset, bytes) = match self.content_of(pfn) {
            Content::Uniform(PAGE_POISON) => return,
            Content::Uniform(byte) => (0, vec![byte; super::PAGE_LEN]),
            Content::Real(page) => {
                let damaged = |&byte: &u8| byte != PAGE_POISON;
                // Real content is never the same byte all over.
                let (Some(first), Some(last)) = (
                    page.iter().position(damaged),
                    page.iter().rposition(damaged),
                ) else {
                    return;
                };
                (first as u32, page[first..=last].to_vec())
            }
        };
        self.reports.push(PoisonReport { pfn, offset, bytes });
    }
}
