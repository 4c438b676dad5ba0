//! Compaction of one zone: movable blocks at the bottom go to free memory at the top, until a large block is free.

use std::collections::VecDeque;

use super::super::{
    AllocFlags, BlockState, CompactEffort, CompactResult, Compacted, MigrateType, NR_PAGE_ORDERS,
    Order, PAGE_ALLOC_COSTLY_ORDER, PageFlags, Pfn, SWAP_CLUSTER_MAX, Sink,
};
use super::Zone;
use super::compact_state::CompactState;

/// What compaction is to achieve, and how (`struct compact_control`).
#[derive(Clone, Copy)]
pub(in crate::mm) struct CompactControl {
    /// The order wanted; none: the whole zone, whatever comes of it.
    pub order: Option<Order>,
    /// The type of the lists it is wanted on.
    pub list: MigrateType,
    /// How hard to try.
    pub effort: CompactEffort,
    /// On behalf of a request, which takes a block of the wanted order the moment it comes free.
    pub direct: bool,
    /// Stop once the zone's fragmentation score is at most this.
    pub score: Option<u32>,
    /// Break off once so many pages were moved, in the middle of whatever is being done (`need_resched()`).
    pub most: u32,
}

impl CompactControl {
    /// All of it: what writing to `/proc/sys/vm/compact_memory` does.
    pub(in crate::mm) const WHOLE: Self = Self {
        order: None,
        list: MigrateType::Movable,
        effort: CompactEffort::SyncFull,
        direct: false,
        score: None,
        most: u32::MAX,
    };
}

/// One compaction on its way.
pub(super) struct Scan<'a, S> {
    pub(super) zone: &'a mut Zone,
    pub(super) state: &'a mut CompactState,
    pub(super) control: CompactControl,
    /// It began at the ends of the zone.
    pub(super) whole: bool,
    /// Where the migrate scanner is.
    pub(super) migrate: Pfn,
    /// The pageblock the free scanner is in, and where in it.
    pub(super) free: Pfn,
    pub(super) free_at: Pfn,
    /// Free blocks taken off their lists to move pages to, by order.
    pub(super) targets: [VecDeque<Pfn>; NR_PAGE_ORDERS],
    pub(super) nr_targets: u32,
    pub(super) migrated: u32,
    pub(super) captured: Option<Pfn>,
    pub(super) sink: &'a mut S,
}

impl Zone {
    /// Compacts the whole zone: every movable block is moved as far up as free memory reaches, as when 1 is written
    /// to `/proc/sys/vm/compact_memory`. Returns what it came to.
    ///
    /// Linux 6.12 `mm/compaction.c`: `compact_node()`, `compact_zone()`. It is told as splits, migrations
    /// and merges.
    pub fn compact(&mut self, sink: &mut impl Sink) -> Compacted {
        let mut state = CompactState::new(self);
        self.compact_zone(CompactControl::WHOLE, &mut state, sink)
    }

    /// True if compaction for this order can do something: enough single pages are free to move others into, and for
    /// costly orders requests fail of fragmentation rather than of a lack of memory.
    ///
    /// `reserve` is the `lowmem_reserve` the request must leave, `threshold` is `vm.extfrag_threshold`, and `free`
    /// pages count as free. Linux 6.12 `mm/compaction.c`: `compaction_suitable()`.
    pub(in crate::mm) fn compaction_suitable(
        &self,
        order: Order,
        reserve: u32,
        threshold: u32,
        free: u32,
    ) -> bool {
        let costly = order > PAGE_ALLOC_COSTLY_ORDER;
        let marks = self.watermarks();
        let mark = if costly { marks.low } else { marks.min };
        let mark = mark + self.watermark_boost() + compact_gap(order);
        if !self.watermark_ok(0, mark, reserve, AllocFlags::CMA, free) {
            return false;
        }
        let index = self.extfrag_index(order);
        !costly || index < 0 || i64::from(index) > i64::from(threshold)
    }

    /// Free memory in blocks smaller than a pageblock, in percent: what proactive compaction goes by
    /// (`fragmentation_score_zone()`).
    pub fn fragmentation_score(&self) -> u32 {
        if self.nr_free_pages() == 0 {
            return 0;
        }
        self.unusable_index(self.pageblock_order()) as u32 / 10
    }

    /// Runs the two scanners until they meet or the goal is reached (`compact_zone()`). The caller asked whether it
    /// is suitable. A captured block is on no list and nobody's yet.
    ///
    /// Departures: neither scanner takes short cuts through the free lists (`fast_find_migrateblock()`,
    /// `fast_isolate_freepages()`), and pageblocks do not change type when their pages are taken as targets.
    pub(in crate::mm) fn compact_zone(
        &mut self,
        control: CompactControl,
        state: &mut CompactState,
        sink: &mut impl Sink,
    ) -> Compacted {
        if let Some(order) = control.order {
            state.maybe_forget_skips(self, order);
        }
        let (migrate, free) = if control.effort == CompactEffort::SyncFull {
            let fresh = CompactState::new(self);
            (fresh.migrate, fresh.free)
        } else {
            (state.migrate, state.free)
        };
        let scan = Scan {
            zone: self,
            whole: migrate == 0,
            state,
            control,
            migrate,
            free,
            free_at: free,
            targets: Default::default(),
            nr_targets: 0,
            migrated: 0,
            captured: None,
            sink,
        };
        scan.run()
    }
}

/// Free pages compaction needs besides the watermark: twice the block it is to make (`compact_gap()`).
pub(in crate::mm) const fn compact_gap(order: Order) -> u32 {
    2 << order
}

impl<S: Sink> Scan<'_, S> {
    fn run(mut self) -> Compacted {
        let result = loop {
            if let Some(result) = self.finished() {
                break result;
            }
            let batch = self.collect();
            let mut left: u32 = batch.iter().map(|&(_, order)| 1 << order).sum();
            let mut nowhere = false;
            for (pfn, order) in batch {
                let Some(to) = self.target(order, left) else {
                    nowhere = true;
                    break;
                };
                self.zone.move_block(pfn, order, to, self.sink);
                self.migrated += 1 << order;
                left -= 1 << order;
                self.capture(pfn);
            }
            if self.captured.is_some() {
                break CompactResult::Success;
            }
            let enough = self.migrated >= self.control.most;
            if enough || nowhere && !self.met() {
                break CompactResult::Contended;
            }
        };
        self.release();
        Compacted {
            result,
            migrated: self.migrated,
            migrate_pfn: self.migrate,
            free_pfn: self.free,
            captured: self.captured,
        }
    }

    pub(super) fn pageblock_order(&self) -> Order {
        self.zone.pageblock_order()
    }

    pub(super) fn index(&self, pfn: Pfn) -> usize {
        (pfn >> self.pageblock_order()) as usize
    }

    /// True if the scanners are in the same pageblock (`compact_scanners_met()`).
    pub(super) fn met(&self) -> bool {
        self.index(self.free) <= self.index(self.migrate)
    }

    /// How it ends, if it ends now (`__compact_finished()`).
    fn finished(&mut self) -> Option<CompactResult> {
        if self.met() {
            self.state.restart(self.zone);
            if self.control.direct {
                self.state.ask_flush();
            }
            return Some(if self.whole {
                CompactResult::Complete
            } else {
                CompactResult::PartialSkipped
            });
        }
        if let Some(score) = self.control.score {
            let reached = self.zone.fragmentation_score() <= score;
            return reached.then_some(CompactResult::Success);
        }
        let order = self.control.order?;
        // A pageblock once begun is emptied, which leaves fewer of them mixed.
        if !self.migrate.is_multiple_of(1 << self.pageblock_order()) {
            return None;
        }
        self.has_block(order).then_some(CompactResult::Success)
    }

    /// True if a request could take a block of this order without making the types more mixed.
    fn has_block(&self, order: Order) -> bool {
        let list = self.control.list;
        (order..NR_PAGE_ORDERS as Order).any(|order| {
            let has = |list| self.zone.nr_free_of(order, list) > 0;
            let may_claim = order >= self.pageblock_order() / 2 || list != MigrateType::Movable;
            has(list)
                || list == MigrateType::Movable && has(MigrateType::Cma)
                || may_claim && list.fallbacks().iter().any(|&list| has(list))
        })
    }

    /// The movable blocks of the next pageblock that has any, at most [`SWAP_CLUSTER_MAX`] pages
    /// (`isolate_migratepages()`), or as many as may still be moved.
    fn collect(&mut self) -> Vec<(Pfn, Order)> {
        let most = SWAP_CLUSTER_MAX.min(self.control.most - self.migrated);
        let mut batch = Vec::new();
        while !self.met() {
            let first = self.migrate >> self.pageblock_order() << self.pageblock_order();
            let end = first + (1 << self.pageblock_order());
            let index = self.index(first);
            let fresh = self.migrate == first;
            if !self.is_source(first) {
                self.migrate = end;
                self.state.migrate = self.state.migrate.max(end);
                continue;
            }
            if fresh && !self.ignores_skips() && self.state.skips(index) {
                self.migrate = end;
                continue;
            }
            let mut pages = 0;
            while self.migrate < end && pages < most {
                let Some(block) = self.zone.block_at(self.migrate) else {
                    break;
                };
                if block.pfn == self.migrate && self.is_movable(block.state, block.order) {
                    batch.push((block.pfn, block.order));
                    pages += block.pages();
                }
                self.migrate = block.pfn + block.pages();
            }
            if self.migrate >= end && batch.is_empty() {
                if fresh {
                    self.state.set_skip(index);
                }
                let past = end.min(self.zone.pages());
                self.state.migrate = self.state.migrate.max(past);
            }
            break;
        }
        batch
    }

    /// True if blocks of this pageblock may be moved out (`suitable_migration_source()`).
    fn is_source(&self, first: Pfn) -> bool {
        let (list, of) = (self.control.list, self.zone.pageblock_type(first));
        if self.control.effort != CompactEffort::Async || !self.control.direct {
            return true;
        }
        of == list || list == MigrateType::Movable && of == MigrateType::Cma
    }

    fn is_movable(&self, state: BlockState, order: Order) -> bool {
        let fits =
            order < self.pageblock_order() && self.control.order.is_none_or(|most| order < most);
        matches!(state, BlockState::Allocated { migratetype, flags, .. }
            if fits && migratetype == MigrateType::Movable && !flags.intersects(PageFlags::STAYS))
    }

    /// Takes a skip bit for what it is: only a hint (`ignore_skip_hint`).
    pub(super) fn ignores_skips(&self) -> bool {
        self.control.effort == CompactEffort::SyncFull
    }

    /// Takes the block of the wanted order that the block just freed at `pfn` has become part of, for the request
    /// (`compaction_capture()`). Linux takes it before it merges further, which comes to the same but for the place
    /// of the rest on its list.
    fn capture(&mut self, pfn: Pfn) {
        let Some(order) = self.control.order else {
            return;
        };
        if !self.control.direct || self.captured.is_some() {
            return;
        }
        let Some(block) = self.zone.block_at(pfn) else {
            return;
        };
        let BlockState::Free { list } = block.state else {
            return;
        };
        // Small unmovable blocks are not to end up in movable pageblocks this way.
        let pollutes = order < self.pageblock_order()
            && list == MigrateType::Movable
            && self.control.list != MigrateType::Movable;
        if block.order >= order
            && !pollutes
            && !matches!(list, MigrateType::Cma | MigrateType::Isolate)
        {
            let pfn = pfn >> order << order;
            self.zone
                .take_from(block.pfn, block.order, pfn, order, self.sink);
            self.captured = Some(pfn);
        }
    }
}
