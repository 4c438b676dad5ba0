//! How a raid ends: what was brought home, or what killed you and by which figures.

use crate::kernel_text::ZoneFigures;
use crate::mm::{AllocFailure, Order, Pfn};

/// A block the player holds or brought home.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// First frame of the block.
    pub pfn: Pfn,
    /// Its order: it has `2^order` pages.
    pub order: Order,
    /// True once the player has walked into it: only mapped blocks come home.
    pub mapped: bool,
}

impl Held {
    /// Number of pages.
    pub const fn pages(&self) -> u32 {
        1 << self.order
    }
}

/// The end of a raid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// You left through a gate with these (mapped) blocks; none is an empty extraction.
    Extracted {
        /// Name of the gate.
        gate: String,
        /// What you carried out.
        loot: Vec<Held>,
        /// What that is worth.
        score: u32,
    },
    /// You died.
    Dead(Box<Death>),
}

/// A death, with what is needed to explain it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Death {
    /// What did it.
    pub cause: Cause,
    /// The state of the zone at that moment, for the report.
    pub figures: ZoneFigures,
    /// The largest free block at that moment, if any: "the best block there was".
    pub best: Option<(Pfn, Order)>,
}

/// The ways to die.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// An atomic allocation returned `NULL`.
    Null {
        /// The device whose interrupt it was.
        device: String,
        /// The allocator's verdict.
        failure: AllocFailure,
        /// The block had to lie below this frame.
        below: Option<Pfn>,
    },
    /// The last reference was dropped.
    References {
        /// What took it, as a phrase ("a step into kernel memory of slab").
        by: String,
    },
    /// The OOM killer reached you.
    Minotaur {
        /// Pages you held.
        pages: u32,
        /// Your badness.
        badness: u32,
    },
    /// Memory ran out, and `panic_on_oom=1` left nobody to kill: the OOM killer's other face.
    Panic,
    /// The watchdog ran out: a hard lockup.
    Watchdog,
}

impl Outcome {
    /// Pages brought home.
    pub fn pages(&self) -> u32 {
        match self {
            Self::Extracted { loot, .. } => loot.iter().map(Held::pages).sum(),
            Self::Dead(_) => 0,
        }
    }

    /// The score: 0 for a death.
    pub fn score(&self) -> u32 {
        match self {
            Self::Extracted { score, .. } => *score,
            Self::Dead(_) => 0,
        }
    }

    /// One word for tables and journals: `extracted`, `empty`, `null`, `references`, `minotaur` or `watchdog`.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Extracted { loot, .. } if loot.is_empty() => "empty",
            Self::Extracted { .. } => "extracted",
            Self::Dead(death) => match death.cause {
                Cause::Null { .. } => "null",
                Cause::References { .. } => "references",
                Cause::Minotaur { .. } | Cause::Panic => "minotaur",
                Cause::Watchdog => "watchdog",
            },
        }
    }
}
