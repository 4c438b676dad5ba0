//! A node: the memory of a machine, in several zones that stand in for one another.

mod compact;
mod config;
mod contig;
mod cpus;
mod kcompactd;
mod kill;
mod kind;
mod kswapd;
mod pages;
mod reclaim;
mod request;
mod serial;
mod shift;
mod slow;
mod tune;
mod verify;

use std::collections::BTreeMap;
use std::fmt;

use super::zone::CompactState;
use super::{
    MAX_PAGE_ORDER, MigrateType, Owner, PAGE_SHIFT, Pfn, Zone, ZoneConfig,
    calculate_min_free_kbytes, lowmem_reserve, zone_wmarks,
};
pub use config::{NodeConfig, NodeError, NodeZone};
pub use contig::ContigError;
use kcompactd::Kcompactd;
pub use kill::OomTask;
pub use kind::ZoneKind;
use kswapd::Kswapd;
pub use serial::NodeFormError;
pub use slow::MAX_ROUNDS;

/// A zone in its place.
#[derive(Clone, PartialEq, Eq)]
struct Part {
    kind: ZoneKind,
    /// Its first frame. [`Zone`] counts from 0.
    start: Pfn,
    zone: Zone,
    /// Pages kept from a request, by its highest zone (`lowmem_reserve`).
    reserve: [u32; ZoneKind::COUNT],
    compact: CompactState,
}

/// The memory of one machine (`struct pglist_data`): zones, kswapd, kcompactd, and who may be killed for memory.
///
/// Frame numbers are those of the machine; there may be holes between zones. It is pure and deterministic as [`Zone`]
/// is, and is stored (serde) and read back as it was. The threads of the kernel run when [`Node::kswapd_step`] and [`Node::kcompactd_step`] are called, and a request
/// runs from beginning to end within [`Node::alloc_pages`].
#[derive(Clone, PartialEq, Eq)]
pub struct Node {
    config: NodeConfig,
    parts: Vec<Part>,
    min_free_kbytes: u32,
    kswapd: Kswapd,
    kcompactd: Kcompactd,
    tasks: BTreeMap<Owner, OomTask>,
}

impl Node {
    /// A node whose memory is all free and movable.
    ///
    /// # Errors
    ///
    /// A [`NodeError`] if zones overlap or are misplaced, or a setting is out of its range.
    pub fn new(config: NodeConfig) -> Result<Self, NodeError> {
        let mut parts: Vec<Part> = Vec::new();
        for given in &config.zones {
            let (kind, pages) = (given.kind, given.pages);
            if let Some(before) = parts.last()
                && before.kind >= kind
            {
                let before = before.kind;
                return Err(NodeError::Kinds { kind, before });
            }
            let largest = 1 << pages.max(1).ilog2().min(MAX_PAGE_ORDER.into());
            let end = parts
                .last()
                .map_or(0, |part| part.start + part.zone.pages());
            let start = given
                .start
                .or_else(|| end.checked_next_multiple_of(largest));
            let start = start.unwrap_or(Pfn::MAX);
            if start.checked_add(pages).is_none() {
                return Err(NodeError::TooHigh { kind, start, pages });
            }
            if start < end {
                return Err(NodeError::Overlap { kind, start, end });
            }
            if !start.is_multiple_of(largest) {
                let pages = largest;
                return Err(NodeError::Misaligned { kind, start, pages });
            }
            let zone = Zone::new(ZoneConfig {
                name: kind.name().into(),
                pages,
                pageblock_order: config.pageblock_order,
                min_free_kbytes: config.min_free_kbytes,
                watermark_scale_factor: config.watermark_scale_factor,
                watermark_boost_factor: config.watermark_boost_factor,
                cpus: config.cpus,
            })
            .map_err(|error| NodeError::Zone { kind, error })?;
            parts.push(Part {
                kind,
                start,
                reserve: [0; ZoneKind::COUNT],
                compact: CompactState::new(&zone),
                zone,
            });
        }
        if parts.is_empty() {
            return Err(NodeError::NoZones);
        }
        let mut node = Self {
            config,
            parts,
            min_free_kbytes: 0,
            kswapd: Kswapd::new(),
            kcompactd: Kcompactd::new(),
            tasks: BTreeMap::new(),
        };
        node.set_marks();
        Ok(node)
    }

    /// Computes watermarks and reserves from the pages each zone manages now (`init_per_zone_wmark_min()`).
    fn set_marks(&mut self) {
        let managed = self.managed_by_kind();
        let lowmem: u64 = self
            .parts
            .iter()
            .filter(|part| part.kind.is_lowmem())
            .map(|part| u64::from(part.zone.managed()))
            .sum();
        let total: u64 = managed.iter().map(|&pages| u64::from(pages)).sum();
        let few = (MigrateType::COUNT as u64) << self.config.pageblock_order;
        self.min_free_kbytes = self
            .config
            .min_free_kbytes
            .unwrap_or_else(|| calculate_min_free_kbytes(lowmem << (PAGE_SHIFT - 10)));
        let factor = self.config.watermark_scale_factor;
        let reserve = lowmem_reserve(&managed, &self.config.lowmem_reserve_ratio);
        for part in &mut self.parts {
            let managed = part.zone.managed().into();
            let marks = zone_wmarks(self.min_free_kbytes, part.kind, managed, lowmem, factor);
            part.zone.set_as_part(marks, total < few);
            part.reserve = reserve[part.kind as usize];
        }
    }

    fn managed_by_kind(&self) -> [u32; ZoneKind::COUNT] {
        let mut managed = [0; ZoneKind::COUNT];
        for part in &self.parts {
            managed[part.kind as usize] = part.zone.managed();
        }
        managed
    }

    /// What the node was made from.
    pub fn config(&self) -> &NodeConfig {
        &self.config
    }

    /// `vm.min_free_kbytes`, given or computed.
    pub fn min_free_kbytes(&self) -> u32 {
        self.min_free_kbytes
    }

    /// The zones, lowest first, each with its first frame. Frame numbers of a [`Zone`] begin at 0.
    pub fn zones(&self) -> impl DoubleEndedIterator<Item = (ZoneKind, Pfn, &Zone)> {
        self.parts
            .iter()
            .map(|part| (part.kind, part.start, &part.zone))
    }

    /// One zone; none if the node has no zone of that kind.
    pub fn zone(&self, kind: ZoneKind) -> Option<&Zone> {
        self.parts
            .iter()
            .find(|part| part.kind == kind)
            .map(|part| &part.zone)
    }

    /// What a zone keeps from requests, by the request's highest zone, in pages: the line `protection` of
    /// `/proc/zoneinfo`. None if the node has no zone of that kind.
    pub fn protection(&self, kind: ZoneKind) -> Option<[u32; ZoneKind::COUNT]> {
        self.parts
            .iter()
            .find(|part| part.kind == kind)
            .map(|part| part.reserve)
    }

    /// Pages the allocator manages, over all zones.
    pub fn managed(&self) -> u32 {
        self.parts.iter().map(|part| part.zone.managed()).sum()
    }

    /// Free pages, over all zones.
    pub fn nr_free_pages(&self) -> u32 {
        self.parts
            .iter()
            .map(|part| part.zone.nr_free_pages())
            .sum()
    }

    /// Pages of page cache, over all zones.
    pub fn nr_lru(&self) -> u32 {
        self.parts.iter().map(|part| part.zone.nr_lru()).sum()
    }

    /// Indices of the zones a request may use, the highest first: its zonelist.
    fn zonelist(&self, highest: ZoneKind) -> impl Iterator<Item = usize> + use<> {
        let zones = self.parts.iter().take_while(|part| part.kind <= highest);
        (0..zones.count()).rev()
    }
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.parts.iter().map(|part| &part.zone))
            .finish()
    }
}
