//! A model of the Linux 6.12 page allocator: for one zone, and for a machine of several.
//!
//! [`Zone`] hands out naturally aligned blocks of `2^order` pages and takes them back, as `mm/page_alloc.c` does:
//! buddies split and merge, free lists are last in, first out, pageblocks have migrate types that fall back on each
//! other, watermarks keep a reserve, and the order of everything is a function of the calls made. It is pure,
//! uses integers only and knows nothing of who calls it; what it did is told to a [`Sink`].
//!
//! [`Node`] is the machine around zones: which zone a request is served from, and all that is done before it fails:
//! kswapd, direct reclaim, compaction, the OOM killer, in Linux's order and told step by step.
//!
//! Both are stored (serde), and what is read back is checked. Around a zone, for who wants it: [`Arena`] holds the bytes
//! of pages, [`memory`] says who has which page and shares them until somebody writes, [`Delta`] and [`History`] lead
//! from one state of a zone to another. A zone that has none of them pays for none.
//!
//! Departures from Linux, each also noted where it is made:
//!
//! - Per-CPU lists only where asked for ([`ZoneConfig::cpus`], [`NodeConfig::cpus`]), without what Linux does to them
//!   while reclaim runs, as time goes by, or when many small blocks are freed in a row. Who calls says on which CPU:
//!   [`Zone::set_cpu`]. The pages that a migrated block leaves go to the free lists at once.
//! - [`Arena`] and [`memory`] name their own.
//! - Frames know what they are part of, so that a bad free is refused with its exact reason. Linux mostly trusts
//!   the caller.
//! - Page cache is allocated with `__GFP_RECLAIMABLE` and counted so, one migrate type per kind of use; in Linux
//!   it is movable, and reclaimable is for slabs that can shrink. There is no swap.
//! - Each zone has one LRU list, not a node an active and an inactive one; in a node, a block marked as used gets a
//!   second turn instead. Dirty cache is written back as it is met, by whoever reclaims and may use the file system.
//! - [`Zone::alloc_exclusive`] is an extension.
//! - Isolation empties the lists of all CPUs itself, accepts unmovable pages, remembers the types it replaced, and does
//!   not cut a free block that is wholly inside the range.
//! - Pageblocks that come out of the high-atomic reserve, or merge above pageblock size, are retagged and merged
//!   as a whole whatever the pageblock order. Linux does so only for the pageblock order it ships with.
//!
//! Of a lone [`Zone`]:
//!
//! - `lowmem_reserve` is zero and `ALLOC_NOFRAGMENT` never set, as for a zone that is not `ZONE_NORMAL`.
//! - Direct reclaim makes one round of at most 32 pages; compaction and the OOM killer are not part of a request.
//!
//! Of a [`Node`]:
//!
//! - A request runs to its end at once. kswapd and kcompactd run when their steps are called for.
//! - A request that Linux would never end, ends after [`MAX_ROUNDS`] rounds.
//! - Compaction's scanners take no short cuts through the free lists, and a captured block is taken after it merged.
//! - A killed task's memory is free at once, nothing of it on lists of CPUs; its page cache with it. With nobody to
//!   kill, Linux panics; here the request fails.
//! - The points of the OOM killer are rounded less.
//! - [`Node::alloc_contig_range`] drops page cache, moves within the zone, returns large blocks, and leaves no trace of a
//!   claim that failed.
//! - A kind of zone the node does not have is passed over; Linux takes `Normal` for one it is not configured for.

mod alloc_flags;
mod arena;
mod block;
mod compaction;
mod error;
mod event;
mod fragmentation;
mod gfp;
mod gfp_text;
pub mod memory;
mod migrate_type;
mod node;
pub mod oom;
mod pcp;
mod snapshot;
mod stage;
mod watermark;
mod zone;

pub use alloc_flags::AllocFlags;
pub use arena::{
    Arena, ArenaError, ArenaFormError, ArenaSettings, PAGE_POISON, PoisonDamage, PoisonReport,
    hex_dump,
};
pub use block::{Block, BlockState, Owner, PageFlags};
pub use compaction::{CompactEffort, CompactResult, Compacted};
pub use error::{
    AtError, ConfigError, CpuError, EvictError, FlagError, FreeError, IsolateError, MigrateError,
};
pub use event::{AllocFailure, Counter, Event, FailReason, Sink};
pub use fragmentation::{extfrag_index, unusable_index};
pub use gfp::Gfp;
pub use gfp_text::GfpError;
pub use migrate_type::MigrateType;
pub use node::{
    ContigError, MAX_ROUNDS, Node, NodeConfig, NodeError, NodeFormError, NodeZone, OomTask,
    ZoneKind,
};
pub use oom::NoKill;
use pcp::PCP_BATCH_SCALE_MAX;
pub use pcp::{CpuPages, PcpLimits, pcp_limits};
pub use snapshot::{Delta, DeltaError, DeltaFormError, History, HistoryError};
pub use stage::{PassReason, Stage};
pub use watermark::{
    Mark, Watermarks, calculate_min_free_kbytes, int_sqrt, lowmem_reserve, setup_per_zone_wmarks,
    zone_wmarks,
};
pub use zone::{Compaction, Zone, ZoneConfig, ZoneFormError};

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
