//! A model of the Linux 6.12 page allocator for one zone.
//!
//! [`Zone`] hands out naturally aligned blocks of `2^order` pages and takes them back, as `mm/page_alloc.c` does:
//! buddies split and merge, free lists are last in, first out, pageblocks have migrate types that fall back on each
//! other, watermarks keep a reserve, and the order of everything is a function of the calls made. It is pure,
//! uses integers only and knows nothing of who calls it; what it did is told to a [`Sink`].
//!
//! Around it, for who wants it: [`Arena`] holds the bytes of pages, [`memory`] says who has which page and shares them
//! until somebody writes, [`Delta`] and [`History`] lead from one state of a zone to another. A zone that has none of
//! them pays for none.
//!
//! Departures from Linux, each also noted where it is made:
//!
//! - One zone, no per-CPU lists (`pcp`): every request goes to the buddy lists, as `rmqueue_buddy()` does.
//!   `lowmem_reserve` is zero and `ALLOC_NOFRAGMENT` never set, as for a zone that is not `ZONE_NORMAL`.
//! - Frames know what they are part of, so that a bad free is refused with its exact reason. Linux mostly trusts
//!   the caller.
//! - Page cache is allocated with `__GFP_RECLAIMABLE` and counted so, one migrate type per kind of use; in Linux
//!   it is movable, and reclaimable is for slabs that can shrink.
//! - Direct reclaim makes one round of at most 32 pages; compaction and the OOM killer are not part of a request.
//! - [`Zone::alloc_exclusive`] is an extension.
//! - Isolation accepts unmovable pages, remembers the types it replaced, and does not cut a free block that is
//!   wholly inside the range.
//! - Pageblocks that come out of the high-atomic reserve, or merge above pageblock size, are retagged and merged
//!   as a whole whatever the pageblock order. Linux does so only for the pageblock order it ships with.

mod alloc_flags;
mod arena;
mod block;
mod error;
mod event;
mod fragmentation;
mod gfp;
mod gfp_text;
pub mod memory;
mod migrate_type;
mod snapshot;
mod watermark;
mod zone;

pub use alloc_flags::AllocFlags;
pub use arena::{
    Arena, ArenaError, ArenaFormError, ArenaSettings, PAGE_POISON, PoisonDamage, PoisonReport,
    hex_dump,
};
pub use block::{Block, BlockState, Owner, PageFlags};
pub use error::{
    AtError, ConfigError, EvictError, FlagError, FreeError, IsolateError, MigrateError,
};
pub use event::{AllocFailure, Counter, Event, FailReason, Sink};
pub use fragmentation::{extfrag_index, unusable_index};
pub use gfp::Gfp;
pub use gfp_text::GfpError;
pub use migrate_type::MigrateType;
pub use snapshot::{Delta, DeltaError, DeltaFormError, History, HistoryError};
pub use watermark::{Watermarks, calculate_min_free_kbytes, int_sqrt, setup_per_zone_wmarks};
pub use zone::{Zone, ZoneConfig, ZoneFormError};

/// A page frame number: the address of a page, in pages from the start of the zone.
pub type Pfn = u32;

/// The size of a block as a power of two: it has `2^order` pages.
pub type Order = u8;

/// The largest order a block can have: 1024 pages, 4 MiB.
pub const MAX_PAGE_ORDER: Order = 10;

/// Number of orders, 0 to [`MAX_PAGE_ORDER`].
pub const NR_PAGE_ORDERS: usize = MAX_PAGE_ORDER as usize + 1;

/// Requests above this order are costly: they may fail sooner and never kill.
pub const PAGE_ALLOC_COSTLY_ORDER: Order = 3;

/// Binary logarithm of [`PAGE_SIZE`].
pub const PAGE_SHIFT: u32 = 12;

/// Bytes in a page.
pub const PAGE_SIZE: u32 = 1 << PAGE_SHIFT;

/// Pages direct reclaim aims at.
pub const SWAP_CLUSTER_MAX: u32 = 32;
