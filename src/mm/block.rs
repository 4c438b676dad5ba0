//! Blocks: what the memory of a zone is divided into, and what is known about each.

use bitflags::bitflags;
use serde::{Deserialize, Serialize};

use super::{MigrateType, Order, Pfn};

/// Whose a block is: a tag the allocator stores and never looks at.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Owner(pub u16);

impl Owner {
    /// Nobody in particular.
    pub const NONE: Self = Self(0);
}

bitflags! {
    /// What is known about an allocated block. Kept on its head frame.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
    pub struct PageFlags: u8 {
        /// Set aside at boot; never freed (`PG_reserved`).
        const RESERVED = 1 << 0;
        /// Page lock held: neither migrated nor evicted (`PG_locked`).
        const LOCKED = 1 << 1;
        /// Page cache that differs from its file: must be written back first (`PG_dirty`).
        const DIRTY = 1 << 2;
        /// Page cache on the least-recently-used list (`PG_lru`).
        const LRU = 1 << 3;
        /// One owner only. Not a Linux page flag of this meaning; nearest is `PageAnonExclusive`.
        const EXCLUSIVE = 1 << 4;
        /// Pinned for a device: neither migrated nor evicted (`FOLL_PIN`).
        const PINNED = 1 << 5;
        /// Used since it was last looked at (`PG_referenced`).
        const REFERENCED = 1 << 6;
        /// Its pages were zeroed when it was allocated (`__GFP_ZERO`).
        const ZEROED = 1 << 7;
    }
}

impl PageFlags {
    /// Flags that follow from what a block is: callers can neither set nor clear them.
    pub const FIXED: Self = Self::RESERVED.union(Self::LRU);

    /// Flags that keep a block where it is.
    pub const STAYS: Self = Self::RESERVED
        .union(Self::LOCKED)
        .union(Self::EXCLUSIVE)
        .union(Self::PINNED);
}

/// A naturally aligned run of `2^order` pages that is free, kept by a CPU or allocated as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Block {
    /// Its first frame.
    pub pfn: Pfn,
    /// It has `2^order` pages.
    pub order: Order,
    /// Free, on a list of a CPU, or allocated.
    pub state: BlockState,
}

impl Block {
    /// True if the frame lies in this block.
    pub const fn contains(&self, pfn: Pfn) -> bool {
        pfn >> self.order == self.pfn >> self.order
    }

    /// True if it is on a free list.
    pub const fn is_free(&self) -> bool {
        matches!(self.state, BlockState::Free { .. })
    }

    /// Number of pages.
    pub const fn pages(&self) -> u32 {
        1 << self.order
    }
}

/// What a block is at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BlockState {
    /// On a free list.
    Free {
        /// The migrate type of that list.
        list: MigrateType,
    },
    /// On a list of a CPU: nobody has it, but it is not free for others, and its buddy does not merge with it.
    Cached {
        /// Whose list.
        cpu: u16,
        /// The migrate type of that list.
        list: MigrateType,
    },
    /// Somebody has it.
    Allocated {
        /// Who.
        owner: Owner,
        /// The migrate type that was asked for. Its pageblock may be of another: see
        /// [`Zone::pageblock_type`](super::Zone::pageblock_type).
        migratetype: MigrateType,
        /// What else is known about it.
        flags: PageFlags,
    },
}
