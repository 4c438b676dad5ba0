//! What the allocator tells while it works.

use std::fmt;

use super::{
    AllocFlags, CompactEffort, CompactResult, Gfp, Mark, MigrateType, NR_PAGE_ORDERS, NoKill,
    Order, Owner, PassReason, Pfn, Stage, ZoneKind,
};

/// Something the allocator did. Events come in the order things happened.
///
/// Every change of where one block ends and the next begins is told by a [`Event::Split`] or a [`Event::Merge`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A free block was cut into two halves. One goes to a free list; the other may be cut again or handed out.
    Split {
        /// First frame of the block.
        pfn: Pfn,
        /// Its order before.
        order: Order,
        /// The free list the half goes to.
        list: MigrateType,
    },
    /// Two free buddies became one block.
    Merge {
        /// First frame of the joint block.
        pfn: Pfn,
        /// Its order.
        order: Order,
    },
    /// A block was handed out.
    Alloc {
        /// First frame.
        pfn: Pfn,
        /// Order.
        order: Order,
        /// How it was asked for.
        gfp: Gfp,
        /// Who has it now.
        owner: Owner,
        /// The migrate type asked for.
        migratetype: MigrateType,
    },
    /// A block was given back. Its merges follow.
    Free {
        /// First frame.
        pfn: Pfn,
        /// Order.
        order: Order,
        /// Who had it.
        owner: Owner,
    },
    /// A request found nothing of its own type and turned to another type's block.
    Fallback {
        /// First frame of the block found.
        pfn: Pfn,
        /// Its order.
        order: Order,
        /// The type of the list it was on.
        from: MigrateType,
        /// The type asked for.
        to: MigrateType,
        /// True if its whole pageblock was retagged (a claim), false if only the block was taken (a steal).
        claimed: bool,
    },
    /// A request failed. Told whether or not [`Gfp::NOWARN`] was set.
    Fail(AllocFailure),
    /// Page cache was dropped. [`Event::Free`] of the same block follows.
    Evict {
        /// First frame.
        pfn: Pfn,
        /// Order.
        order: Order,
        /// Whose it was.
        owner: Owner,
    },
    /// Reclaim wrote dirty page cache back: it is clean now, and still there.
    WriteBack {
        /// First frame.
        pfn: Pfn,
        /// Order.
        order: Order,
    },
    /// A block's content was moved. The old block is free now; its merges follow.
    Migrate {
        /// First frame of the old block.
        from: Pfn,
        /// First frame of the new block.
        to: Pfn,
        /// Order of both.
        order: Order,
        /// Whose it is.
        owner: Owner,
    },
    /// kswapd was woken.
    WakeKswapd,
    /// A range of pageblocks was isolated.
    Isolate {
        /// First frame of the range.
        pfn: Pfn,
        /// It has `2^order` pages.
        order: Order,
    },
    /// A range of pageblocks is no longer isolated.
    Unisolate {
        /// First frame of the range.
        pfn: Pfn,
        /// It has `2^order` pages.
        order: Order,
    },
    /// A pageblock joined the high-atomic reserve.
    ReserveHighAtomic {
        /// Its first frame.
        pfn: Pfn,
    },
    /// A pageblock left the high-atomic reserve.
    UnreserveHighAtomic {
        /// Its first frame.
        pfn: Pfn,
    },
    /// A request goes through the zones it may use, highest first. Only nodes tell this and what follows.
    Attempt {
        /// Where in its course the request is.
        stage: Stage,
        /// The watermark it respects.
        mark: Mark,
        /// What it may do.
        flags: AllocFlags,
    },
    /// A zone could not serve the request.
    PassOver {
        /// The zone.
        zone: ZoneKind,
        /// Why not.
        why: PassReason,
        /// Its free pages.
        free: u32,
        /// What they had to exceed, counted as in [`AllocFailure::limit`].
        limit: u32,
    },
    /// A request begins to reclaim on its own. What was dropped and written back follows, then [`Event::Reclaimed`].
    DirectReclaim {
        /// Order of the request.
        order: Order,
    },
    /// A round of reclaim ended.
    Reclaimed {
        /// kswapd did it, not a request.
        kswapd: bool,
        /// The last `1 / 2^priority` of page cache was looked at.
        priority: u32,
        /// Pages looked at.
        scanned: u32,
        /// Pages freed.
        reclaimed: u32,
    },
    /// kswapd goes to sleep.
    KswapdSleep {
        /// It failed so often that it leaves the work to others; otherwise all is well.
        hopeless: bool,
    },
    /// A zone is not compacted: [`CompactResult::Skipped`], [`CompactResult::Deferred`], or
    /// [`CompactResult::Success`] if there is a block already.
    CompactSkip {
        /// The zone.
        zone: ZoneKind,
        /// Why not.
        result: CompactResult,
    },
    /// Compaction of a zone begins. What was moved follows, then [`Event::CompactEnd`].
    CompactStart {
        /// The zone.
        zone: ZoneKind,
        /// How hard it tries.
        effort: CompactEffort,
    },
    /// Compaction of a zone ended.
    CompactEnd {
        /// The zone.
        zone: ZoneKind,
        /// How it ended.
        result: CompactResult,
        /// Pages moved.
        migrated: u32,
        /// Where the migrate scanner stopped.
        migrate_pfn: Pfn,
        /// Where the free scanner stopped.
        free_pfn: Pfn,
    },
    /// A request goes round again.
    Retry {
        /// The round that begins, from 1 on.
        round: u32,
        /// Rounds without progress so far.
        no_progress: u32,
    },
    /// The OOM killer kills. [`Event::Free`] of each of the victim's blocks follows.
    OomKill {
        /// The victim.
        owner: Owner,
        /// Its badness.
        points: i64,
        /// Pages that fall free.
        pages: u32,
    },
    /// The OOM killer kills nobody.
    OomSpare {
        /// Why.
        why: NoKill,
    },
    /// A request was ended that would go round for ever in Linux.
    LoopEnded {
        /// After this many rounds.
        rounds: u32,
    },
}

/// Receives events.
pub trait Sink {
    /// Takes one event.
    fn event(&mut self, event: Event);
}

/// Discards events.
impl Sink for () {
    #[inline]
    fn event(&mut self, _event: Event) {}
}

/// Keeps events.
impl Sink for Vec<Event> {
    fn event(&mut self, event: Event) {
        self.push(event);
    }
}

impl<S: Sink + ?Sized> Sink for &mut S {
    fn event(&mut self, event: Event) {
        (**self).event(event);
    }
}

/// Tells both.
impl<A: Sink, B: Sink> Sink for (A, B) {
    fn event(&mut self, event: Event) {
        self.0.event(event);
        self.1.event(event);
    }
}

/// Counts events by kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "each field counts the event of its name")]
pub struct Counter {
    pub splits: u64,
    pub merges: u64,
    pub allocs: u64,
    pub frees: u64,
    /// [`Event::Fallback`] with a claim.
    pub claims: u64,
    /// [`Event::Fallback`] without a claim.
    pub steals: u64,
    pub fails: u64,
    pub evicts: u64,
    pub write_backs: u64,
    pub migrates: u64,
    pub wakes: u64,
    pub isolates: u64,
    pub unisolates: u64,
    pub reserves: u64,
    pub unreserves: u64,
    pub attempts: u64,
    pub passed_over: u64,
    pub direct_reclaims: u64,
    /// [`Event::Reclaimed`], by kswapd or directly.
    pub reclaim_rounds: u64,
    pub kswapd_sleeps: u64,
    pub compact_skips: u64,
    pub compact_starts: u64,
    pub compact_ends: u64,
    pub retries: u64,
    pub oom_kills: u64,
    pub oom_spares: u64,
    pub loops_ended: u64,
}

impl Sink for Counter {
    #[inline]
    fn event(&mut self, event: Event) {
        let count = match event {
            Event::Split { .. } => &mut self.splits,
            Event::Merge { .. } => &mut self.merges,
            Event::Alloc { .. } => &mut self.allocs,
            Event::Free { .. } => &mut self.frees,
            Event::Fallback { claimed: true, .. } => &mut self.claims,
            Event::Fallback { claimed: false, .. } => &mut self.steals,
            Event::Fail(_) => &mut self.fails,
            Event::Evict { .. } => &mut self.evicts,
            Event::WriteBack { .. } => &mut self.write_backs,
            Event::Migrate { .. } => &mut self.migrates,
            Event::WakeKswapd => &mut self.wakes,
            Event::Isolate { .. } => &mut self.isolates,
            Event::Unisolate { .. } => &mut self.unisolates,
            Event::ReserveHighAtomic { .. } => &mut self.reserves,
            Event::UnreserveHighAtomic { .. } => &mut self.unreserves,
            Event::Attempt { .. } => &mut self.attempts,
            Event::PassOver { .. } => &mut self.passed_over,
            Event::DirectReclaim { .. } => &mut self.direct_reclaims,
            Event::Reclaimed { .. } => &mut self.reclaim_rounds,
            Event::KswapdSleep { .. } => &mut self.kswapd_sleeps,
            Event::CompactSkip { .. } => &mut self.compact_skips,
            Event::CompactStart { .. } => &mut self.compact_starts,
            Event::CompactEnd { .. } => &mut self.compact_ends,
            Event::Retry { .. } => &mut self.retries,
            Event::OomKill { .. } => &mut self.oom_kills,
            Event::OomSpare { .. } => &mut self.oom_spares,
            Event::LoopEnded { .. } => &mut self.loops_ended,
        };
        *count += 1;
    }
}

/// Why there was no memory for a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FailReason {
    /// Too few free pages: taking these would have gone below the watermark.
    Watermark,
    /// Enough free pages, but no block large enough that the request may take.
    Fragmentation,
    /// No block is ever that large.
    TooLarge,
}

/// A failed request, with the figures that decided it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AllocFailure {
    /// Flags of the request.
    pub gfp: Gfp,
    /// Order of the request.
    pub order: Order,
    /// What it failed for.
    pub reason: FailReason,
    /// Free pages at that moment, isolated ones not counted.
    pub free: u32,
    /// What `free` had to exceed: the watermark after what the flags allow, plus `2^order - 1` pages and whatever
    /// free memory the request may not touch.
    pub limit: u32,
    /// The `min` watermark at that moment, boost included.
    pub min: u32,
    /// Fragmentation index for this order, in 1/1000: see [`extfrag_index`](super::extfrag_index).
    pub extfrag_index: i32,
    /// Free blocks of each order, isolated ones included.
    pub nr_free: [u32; NR_PAGE_ORDERS],
}

impl fmt::Display for AllocFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            gfp,
            order,
            free,
            limit,
            ..
        } = self;
        match self.reason {
            FailReason::Watermark => write!(
                f,
                "order {order} with {gfp}: {free} pages are free, but it takes more than {limit}"
            ),
            FailReason::Fragmentation => write!(
                f,
                "order {order} with {gfp}: {free} pages are free, but no block of 2^{order} pages that it may take"
            ),
            FailReason::TooLarge => write!(
                f,
                "order {order} with {gfp}: no block has more than 1024 pages (order 10)"
            ),
        }
    }
}
