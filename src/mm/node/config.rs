//! What a node is made from, and why one cannot be made.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::super::{ConfigError, Order, Pfn};
use super::ZoneKind;

/// What a node is made from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NodeConfig {
    /// Its zones, lowest kind first, each kind at most once.
    pub zones: Vec<NodeZone>,
    /// Order of a pageblock, 1 to 10; 9 on x86-64.
    pub pageblock_order: Order,
    /// `vm.min_free_kbytes`; if none, the kernel's formula.
    pub min_free_kbytes: Option<u32>,
    /// `vm.watermark_scale_factor`, in 1/10000 of a zone, 1 to 3000.
    pub watermark_scale_factor: u32,
    /// `vm.watermark_boost_factor`, in 1/10000 of the `high` watermark; 0 for no boost.
    pub watermark_boost_factor: u32,
    /// `vm.lowmem_reserve_ratio`, by [`ZoneKind`]; 0 for no reserve.
    pub lowmem_reserve_ratio: [u32; ZoneKind::COUNT],
    /// `vm.extfrag_threshold`: costly requests are compacted for if the fragmentation index is above.
    pub extfrag_threshold: u32,
    /// `vm.compaction_proactiveness`, in percent; 0 for none.
    pub compaction_proactiveness: u32,
    /// CPUs with page lists of their own in every zone; 0 for no such lists.
    pub cpus: u16,
}

/// One zone of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NodeZone {
    /// What its memory is good for.
    pub kind: ZoneKind,
    /// Number of pages.
    pub pages: u32,
    /// Its first frame; if none, the next after the zone before, rounded up to the size of its own largest block.
    pub start: Option<Pfn>,
}

impl NodeConfig {
    /// A node with the settings Linux starts with, whose zones follow one another.
    pub fn new(zones: impl IntoIterator<Item = (ZoneKind, u32)>, pageblock_order: Order) -> Self {
        let zones = zones.into_iter().map(|(kind, pages)| NodeZone {
            kind,
            pages,
            start: None,
        });
        Self {
            zones: zones.collect(),
            pageblock_order,
            min_free_kbytes: None,
            watermark_scale_factor: 10,
            watermark_boost_factor: 15_000,
            lowmem_reserve_ratio: [256, 256, 32, 0, 0],
            extfrag_threshold: 500,
            compaction_proactiveness: 20,
            cpus: 0,
        }
    }
}

/// Why a node cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NodeError {
    /// No zones.
    #[error("a node has at least one zone")]
    NoZones,
    /// Zones are given lowest kind first, each kind once.
    #[error("zone {kind:?} does not come after zone {before:?}")]
    Kinds {
        /// The kind that is out of order.
        kind: ZoneKind,
        /// The one before it.
        before: ZoneKind,
    },
    /// A zone begins inside the one before it.
    #[error("zone {kind:?} begins at frame {start}, but the zone before it ends at {end}")]
    Overlap {
        /// The zone.
        kind: ZoneKind,
        /// Where it is to begin.
        start: Pfn,
        /// Where it can begin at the earliest.
        end: Pfn,
    },
    /// A block's address is a multiple of its size, so a zone begins at a multiple of its largest.
    #[error(
        "zone {kind:?} begins at frame {start}, which is not a multiple of {pages} pages, its largest block"
    )]
    Misaligned {
        /// The zone.
        kind: ZoneKind,
        /// Where it is to begin.
        start: Pfn,
        /// Pages of its largest block.
        pages: u32,
    },
    /// Frame numbers have 32 bits.
    #[error(
        "zone {kind:?} has {pages} pages from frame {start} on, and frame numbers end at 4294967295"
    )]
    TooHigh {
        /// The zone.
        kind: ZoneKind,
        /// Where it is to begin.
        start: Pfn,
        /// Its pages.
        pages: u32,
    },
    /// One of the zones cannot be made.
    #[error("zone {kind:?}: {error}")]
    Zone {
        /// The zone.
        kind: ZoneKind,
        /// Why not.
        error: ConfigError,
    },
}
