//! Why each zone refused a request, by the figures of a report.
//!
//! The rules are those of Linux 6.12 (`mm/page_alloc.c`: `__zone_watermark_ok()`, `gfp_to_alloc_flags()`; sections 1.5
//! to 1.7 of what is known of it in `mm`), at the `min` mark, where a request ends before it fails. Two things are of
//! older kernels: 3.x lets a request that cannot wait use a quarter of the reserve (see [`Flags::harder`]), and a
//! report of those has no `free_highatomic`, so all pages kept for atomic requests count as such.
//!
//! [`Flags::harder`]: super::Flags::harder

use super::report::{Kind, Report, Zone, bit};
use crate::mm::{AllocFlags, Gfp, MigrateType, Order, ZoneKind, extfrag_index};

/// Why a zone did not serve the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The request may not use this kind of zone: its memory is too high for it.
    TooHigh,
    /// The request is confined to other nodes.
    OtherNode,
    /// The zone has no memory.
    Empty,
    /// Too few pages would stay free.
    Watermark,
    /// Enough pages are free, but no block is large enough.
    Fragmented {
        /// The largest order with a free block the request may use.
        largest: Option<u32>,
        /// The fragmentation index of the order, in 1/1000; none if it is above 10.
        index: Option<i32>,
        /// The free lists break off before this order, so there might be a block.
        cut_off: bool,
    },
    /// There are blocks large enough, but all are kept for others: for atomic requests, for the contiguous
    /// allocator, or isolated.
    Kept,
    /// Nothing: by these figures it would have got its pages. They are taken a moment after it failed.
    Serves,
    /// The report does not say enough.
    Unknown,
}

/// A zone and what it told the request. Amounts are in pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict<'a> {
    /// The zone.
    pub zone: &'a Zone,
    /// What it said.
    pub refusal: Refusal,
    /// Free pages the request may count on; none if not told.
    pub usable: Option<u64>,
    /// What of the `min` mark is in force for this request.
    pub limit: Option<u64>,
    /// What the zone keeps from it beside that, for those who can use no higher zone.
    pub reserve: u64,
}

/// What the request may do, by its flags: `ALLOC_*`.
pub fn alloc_flags(report: &Report) -> AllocFlags {
    let order = report.order.unwrap_or(0).min(32) as Order;
    let mut flags = AllocFlags::from_gfp(report.flags.gfp, order);
    let gfp = report.flags.gfp;
    if gfp.contains(Gfp::MEMALLOC) && !gfp.contains(Gfp::NOMEMALLOC) {
        flags |= AllocFlags::NO_WATERMARKS;
    }
    flags
}

/// What is left of a mark for these flags: `__zone_watermark_ok()`.
pub fn limit(mark: u64, flags: AllocFlags, harder: bool) -> u64 {
    let mut min = mark;
    if flags.contains(AllocFlags::MIN_RESERVE) {
        min -= min / 2;
        if flags.contains(AllocFlags::NON_BLOCK) {
            min -= min / 4;
        }
    } else if harder {
        min -= min / 4;
    }
    min
}

/// What every zone of a report said, in the order in which a request tries them: the highest kind first, then down;
/// zones it does not try come last.
pub fn verdicts(report: &Report) -> Vec<Verdict<'_>> {
    let highest = ZoneKind::of_request(report.flags.gfp);
    let flags = alloc_flags(report);
    let mut verdicts: Vec<Verdict<'_>> = report
        .zones
        .iter()
        .map(|zone| verdict(report, zone, highest, flags))
        .collect();
    verdicts.sort_by_key(|verdict| {
        let untried = matches!(verdict.refusal, Refusal::TooHigh | Refusal::OtherNode);
        let kind = kind(&verdict.zone.name);
        (untried, verdict.zone.node, std::cmp::Reverse(kind))
    });
    verdicts
}

/// The zone that says most about the failure: one with enough free pages in too small blocks, if there is one, for
/// more memory would not have helped there; else the one the request tried first.
pub fn main<'v, 'a>(verdicts: &'v [Verdict<'a>]) -> Option<&'v Verdict<'a>> {
    let managed = |verdict: &&Verdict<'_>| verdict.zone.managed.unwrap_or(0);
    let fragmented = |verdict: &&Verdict<'_>| {
        matches!(verdict.refusal, Refusal::Fragmented { .. } | Refusal::Kept)
    };
    let tried = |verdict: &&Verdict<'_>| {
        !matches!(
            verdict.refusal,
            Refusal::TooHigh | Refusal::OtherNode | Refusal::Empty
        )
    };
    verdicts
        .iter()
        .filter(fragmented)
        .max_by_key(managed)
        .or_else(|| verdicts.iter().find(tried))
}

fn verdict<'a>(
    report: &Report,
    zone: &'a Zone,
    highest: ZoneKind,
    flags: AllocFlags,
) -> Verdict<'a> {
    let order = report.order.unwrap_or(0);
    let mut found = Verdict {
        zone,
        refusal: Refusal::Unknown,
        usable: None,
        limit: None,
        reserve: 0,
    };
    let configured = |kind: ZoneKind| {
        let zones = &report.zones;
        zones.iter().any(|zone| zone.name == kind.name())
    };
    // A machine without the low zones serves requests for them from what it has.
    let has_low = configured(ZoneKind::Dma) || configured(ZoneKind::Dma32);
    let allowed = match kind(&zone.name) {
        Some(kind) => kind <= highest || (highest < ZoneKind::Normal && !has_low),
        // Memory of devices is on no list.
        None => false,
    };
    // A request that may go below the mark and cannot wait does not ask cpusets.
    let nodes = if flags.contains(AllocFlags::CPUSET) {
        report.nodes()
    } else {
        report.nodemask.as_deref()
    };
    if !allowed {
        found.refusal = Refusal::TooHigh;
        return found;
    }
    if nodes.is_some_and(|nodes| !lists_node(nodes, zone.node)) {
        found.refusal = Refusal::OtherNode;
        return found;
    }
    if zone.managed == Some(0) {
        found.refusal = Refusal::Empty;
        return found;
    }
    let (Some(free), Some(min)) = (zone.free, zone.min) else {
        return found;
    };
    let mut unusable = (1_u64 << order.min(32)) - 1;
    if !flags.intersects(AllocFlags::RESERVES) {
        unusable = unusable.saturating_add(zone.highatomic);
    }
    if !flags.contains(AllocFlags::CMA) {
        unusable = unusable.saturating_add(zone.free_cma);
    }
    let usable = free.saturating_sub(unusable);
    let limit = limit(min, flags, report.flags.harder);
    found.usable = Some(usable);
    found.limit = Some(limit);
    found.reserve = reserve(report, zone, highest);
    let needed = limit.saturating_add(found.reserve);
    found.refusal = if usable <= needed && !flags.contains(AllocFlags::NO_WATERMARKS) {
        Refusal::Watermark
    } else if order == 0 {
        Refusal::Serves
    } else {
        block(zone, order, flags)
    };
    found
}

/// Enough is free: is there a block?
fn block(zone: &Zone, order: u32, flags: AllocFlags) -> Refusal {
    let Some(lists) = &zone.lists else {
        return Refusal::Unknown;
    };
    let mut usable =
        bit(MigrateType::Unmovable) | bit(MigrateType::Movable) | bit(MigrateType::Reclaimable);
    if flags.contains(AllocFlags::CMA) {
        usable |= bit(MigrateType::Cma);
    }
    if flags.intersects(AllocFlags::HIGHATOMIC | AllocFlags::OOM) {
        usable |= bit(MigrateType::HighAtomic);
    }
    let largest = lists.largest(usable).map(|order| order as u32);
    if largest.is_some_and(|largest| largest >= order) {
        return Refusal::Serves;
    }
    if lists
        .largest(u8::MAX)
        .is_some_and(|any| any as u32 >= order)
    {
        return Refusal::Kept;
    }
    let counts = lists.buddyinfo();
    let small = counts.map(|blocks| u32::try_from(blocks).unwrap_or(u32::MAX));
    let index = (order <= 10).then(|| extfrag_index(&small, order as Order));
    Refusal::Fragmented {
        largest,
        index,
        cut_off: !lists.whole && lists.blocks.len() as u32 <= order,
    }
}

/// What the zone keeps from requests that could be served higher up: entry of `lowmem_reserve[]` for the highest kind
/// of zone the request may use.
///
/// The entries count the kinds the kernel was built with. A kernel with `HighMem` has no `DMA32`; one that prints
/// neither has `DMA`, `DMA32`, `Normal` on most machines. Above the machine's highest memory all entries are the same.
fn reserve(report: &Report, zone: &Zone, highest: ZoneKind) -> u64 {
    let has = |kind: ZoneKind| {
        let zones = &report.zones;
        zones.iter().any(|zone| zone.name == kind.name())
    };
    let kinds: &[ZoneKind] = if has(ZoneKind::HighMem) && has(ZoneKind::Dma) {
        &[ZoneKind::Dma, ZoneKind::Normal, ZoneKind::HighMem]
    } else if has(ZoneKind::HighMem) {
        &[ZoneKind::Normal, ZoneKind::HighMem]
    } else if has(ZoneKind::Dma) && !has(ZoneKind::Dma32) && zone.reserve.len() <= 3 {
        &[ZoneKind::Dma, ZoneKind::Normal]
    } else if !has(ZoneKind::Dma) && !has(ZoneKind::Dma32) {
        return 0;
    } else {
        &[ZoneKind::Dma, ZoneKind::Dma32, ZoneKind::Normal]
    };
    let at = kinds
        .iter()
        .position(|&kind| kind >= highest)
        .unwrap_or(kinds.len());
    let last = zone.reserve.len().saturating_sub(1);
    zone.reserve.get(at.min(last)).copied().unwrap_or(0)
}

/// The kind of a zone by its name; none for the memory of devices.
pub fn kind(name: &str) -> Option<ZoneKind> {
    ZoneKind::ALL.into_iter().find(|kind| kind.name() == name)
}

/// True if a list of nodes as `0-1,3` has this one.
fn lists_node(nodes: &str, node: u32) -> bool {
    nodes.split(',').any(|part| {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        match (first.parse::<u32>(), last.parse::<u32>()) {
            (Ok(first), Ok(last)) => (first..=last).contains(&node),
            // What cannot be read forbids nothing.
            _ => true,
        }
    })
}

/// In one word why a report came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// A control group was at its limit.
    Limit,
    /// Too few pages would have stayed free.
    Watermark,
    /// Enough pages, no block large enough.
    Fragmentation,
    /// Large blocks are there, but kept for others.
    Kept,
    /// No zone the request may use has any memory.
    NoZone,
    /// When the report was written, memory was there again.
    Passed,
    /// An order the allocator has no blocks of.
    TooLarge,
    /// Somebody called the OOM killer by hand.
    ByHand,
    /// The report does not say enough.
    Unknown,
}

impl Reason {
    /// Why, given what the zones said.
    pub fn of(report: &Report, verdicts: &[Verdict<'_>]) -> Self {
        if report.is_memcg() {
            return Self::Limit;
        }
        if report.kind == Kind::Oom && report.order.is_none() {
            return Self::ByHand;
        }
        let orders = report.zones.iter().filter_map(|zone| zone.lists.as_ref());
        let most = orders
            .filter(|lists| lists.whole)
            .map(|lists| lists.blocks.len())
            .max();
        if let (Some(order), Some(most)) = (report.order, most)
            && order as usize >= most
        {
            return Self::TooLarge;
        }
        let any =
            |wanted: fn(&Refusal) -> bool| verdicts.iter().any(|verdict| wanted(&verdict.refusal));
        if any(|refusal| matches!(refusal, Refusal::Serves)) {
            Self::Passed
        } else if any(|refusal| matches!(refusal, Refusal::Fragmented { .. })) {
            Self::Fragmentation
        } else if any(|refusal| matches!(refusal, Refusal::Kept)) {
            Self::Kept
        } else if any(|refusal| matches!(refusal, Refusal::Watermark)) {
            Self::Watermark
        } else if any(|refusal| matches!(refusal, Refusal::Unknown)) || report.zones.is_empty() {
            Self::Unknown
        } else {
            Self::NoZone
        }
    }

    /// The reason as a word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Limit => "limit of a control group",
            Self::Watermark => "watermark",
            Self::Fragmentation => "fragmentation",
            Self::Kept => "free blocks kept for others",
            Self::NoZone => "no zone",
            Self::Passed => "over when it was written",
            Self::TooLarge => "larger than any block",
            Self::ByHand => "called by hand",
            Self::Unknown => "not told",
        }
    }
}
