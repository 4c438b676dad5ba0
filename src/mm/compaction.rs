//! Compaction in words: how hard it tries, and how it ended.

use super::Pfn;

/// How hard compaction tries (Linux 6.12 `include/linux/compaction.h`: `enum compact_priority`, and the modes that go
/// with it). Later ones try harder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CompactEffort {
    /// Takes only from pageblocks of the type asked for, and passes over zones where it failed not long ago.
    Async,
    /// Takes movable blocks from pageblocks of every type.
    SyncLight,
    /// Scans the whole zone, also what it found useless before, and puts pages into pageblocks of every type; does
    /// not care whether it failed not long ago.
    SyncFull,
}

impl CompactEffort {
    /// The next harder one.
    pub const fn harder(self) -> Option<Self> {
        match self {
            Self::Async => Some(Self::SyncLight),
            Self::SyncLight => Some(Self::SyncFull),
            Self::SyncFull => None,
        }
    }
}

/// How compaction of a zone ended (`enum compact_result`). Later ones are better news where zones are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CompactResult {
    /// It was not begun: too few free pages to move others into, or it is not fragmentation that requests fail of.
    Skipped,
    /// It was not begun: it failed not long ago.
    Deferred,
    /// The whole zone was scanned without success.
    Complete,
    /// The scanners met, but had not begun at the ends of the zone.
    PartialSkipped,
    /// There was nowhere to move a page to before the scanners met.
    Contended,
    /// There is a block of the wanted order.
    Success,
}

/// What compaction of a zone came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compacted {
    /// How it ended.
    pub result: CompactResult,
    /// Pages moved.
    pub migrated: u32,
    /// Where the migrate scanner stopped, going up.
    pub migrate_pfn: Pfn,
    /// Where the free scanner stopped, going down: the first frame of its pageblock.
    pub free_pfn: Pfn,
    /// The block of the wanted order that came free and was taken for the request at once.
    pub captured: Option<Pfn>,
}
