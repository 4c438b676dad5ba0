//! Why the allocator refuses a call. A refused call changes nothing.

use thiserror::Error;

use super::{Order, PageFlags, Pfn};

/// Why a zone cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ConfigError {
    /// No pages, or more than a zone of this model can have.
    #[error("a zone has between 1 and {most} pages, not {pages}")]
    Pages {
        /// What was asked for.
        pages: u32,
        /// The most there can be.
        most: u32,
    },
    /// Linux on x86-64 knows at most this many CPUs.
    #[error("a zone has page lists for at most {most} CPUs, not {cpus}")]
    Cpus {
        /// What was asked for.
        cpus: u16,
        /// The most there can be.
        most: u16,
    },
    /// A pageblock is at least two pages and at most the largest block.
    #[error("the pageblock order is between 1 and 10, not {order}")]
    PageblockOrder {
        /// What was asked for.
        order: Order,
    },
    /// `vm.watermark_scale_factor` has a range.
    #[error("watermark_scale_factor is between 1 and 3000, not {factor}")]
    ScaleFactor {
        /// What was asked for.
        factor: u32,
    },
}

/// There is no such CPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
#[error("the zone has page lists for {cpus} CPUs, numbered from 0; there is no CPU {cpu}")]
pub struct CpuError {
    /// The CPU asked for.
    pub cpu: u16,
    /// CPUs that have lists.
    pub cpus: u16,
}

/// Why a block cannot be freed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
pub enum FreeError {
    /// The frame is not in the zone.
    #[error("there is no such frame")]
    OutOfRange,
    /// The frame is not a multiple of the block's size, or there is no such order.
    #[error("no block of that order begins at that frame")]
    Misaligned,
    /// The frame is free already.
    #[error("it is free already (double free)")]
    DoubleFree,
    /// The block has another order.
    #[error("the block has order {actual}")]
    WrongOrder {
        /// Its order.
        actual: Order,
    },
    /// The frame is not the first of its block.
    #[error("it is inside the block of order {order} at frame {head}")]
    Interior {
        /// First frame of the block.
        head: Pfn,
        /// Its order.
        order: Order,
    },
    /// The block was set aside at boot.
    #[error("it is reserved")]
    Reserved,
}

/// Why exactly this range cannot be allocated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
pub enum AtError {
    /// It is not wholly in the zone.
    #[error("there are no such frames")]
    OutOfRange,
    /// The frame is not a multiple of the block's size, or there is no such order.
    #[error("no block of that order begins at that frame")]
    Misaligned,
    /// Some of it is allocated.
    #[error("frame {pfn} is not free")]
    Busy {
        /// The first block that is not free.
        pfn: Pfn,
    },
    /// All of it is free, in blocks whose migrate types never merge.
    #[error("it is free, but in blocks that do not merge")]
    Apart,
    /// Flags that cannot be given to a new block.
    #[error("{flags:?} cannot be given to a new block")]
    Flags {
        /// Those flags.
        flags: PageFlags,
    },
}

/// Why flags cannot be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
pub enum FlagError {
    /// No allocated block begins at that frame.
    #[error("no allocated block begins at that frame")]
    NotHead,
    /// These flags follow from what the block is.
    #[error("{flags:?} cannot be set or cleared by hand")]
    Fixed {
        /// Those flags.
        flags: PageFlags,
    },
}

/// Why a range cannot be isolated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
pub enum IsolateError {
    /// It is not wholly in the zone.
    #[error("there are no such frames")]
    OutOfRange,
    /// The frame is not a multiple of the range's size.
    #[error("no range of that order begins at that frame")]
    Misaligned,
    /// The order is less than a pageblock's, or larger than the largest block's.
    #[error("isolation works on whole pageblocks, of order {pageblock} up to 10")]
    Order {
        /// Order of a pageblock.
        pageblock: Order,
    },
    /// Some of it is isolated already.
    #[error("the pageblock at frame {pfn} is isolated already")]
    Busy {
        /// First frame of that pageblock.
        pfn: Pfn,
    },
}

/// Why a block cannot be evicted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
pub enum EvictError {
    /// No allocated block begins at that frame.
    #[error("no allocated block begins at that frame")]
    NotHead,
    /// It is not page cache.
    #[error("it is not page cache")]
    NotCache,
    /// It must be written back first.
    #[error("it is dirty: write it back first")]
    Dirty,
    /// It is locked or pinned.
    #[error("it is locked or pinned")]
    Busy,
}

/// Why a block cannot be migrated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
pub enum MigrateError {
    /// No allocated block begins at that frame.
    #[error("no allocated block begins at that frame")]
    NotHead,
    /// It is not movable memory.
    #[error("it is not movable memory")]
    NotMovable,
    /// It is locked, pinned or exclusive.
    #[error("it is locked, pinned or exclusive")]
    Busy,
    /// There is no free block to move it to (`-ENOMEM`).
    #[error("there is no free block to move it to")]
    Enomem,
}
