//! Compaction's free scanner: it comes down from the end of the zone and takes free blocks to move others into.

use super::super::{
    AllocFlags, BlockState, CompactEffort, Event, MigrateType, NR_PAGE_ORDERS, Order, Pfn, Sink,
};
use super::compact::Scan;

impl<S: Sink> Scan<'_, S> {
    /// A free block to move a block of this order to, off its list. If none is at hand, the free scanner goes on
    /// until it has `want` pages (`compaction_alloc()`).
    pub(super) fn target(&mut self, order: Order, want: u32) -> Option<Pfn> {
        self.target_at_hand(order).or_else(|| {
            self.isolate_free(want);
            self.target_at_hand(order)
        })
    }

    fn target_at_hand(&mut self, order: Order) -> Option<Pfn> {
        let found = (order..NR_PAGE_ORDERS as Order)
            .find(|&order| !self.targets[usize::from(order)].is_empty())?;
        let pfn = self.targets[usize::from(found)].pop_front()?;
        let list = self.zone.pageblock_type(pfn);
        for order in (order + 1..=found).rev() {
            self.sink.event(Event::Split { pfn, order, list });
            self.targets[usize::from(order - 1)].push_front(pfn + (1 << (order - 1)));
        }
        self.nr_targets -= 1 << order;
        Some(pfn)
    }

    /// Takes free blocks off their lists, pageblock by pageblock downwards (`isolate_freepages()`).
    fn isolate_free(&mut self, want: u32) {
        while self.nr_targets < want && !self.met() {
            let first = self.free;
            let end = (first + (1 << self.pageblock_order())).min(self.zone.pages());
            let fresh = self.free_at == first;
            let skip = !self.ignores_skips() && self.state.skips(self.index(first));
            if !fresh || !skip && self.is_target(first) {
                let before = self.nr_targets;
                let enough = self.isolate_free_in(end, want);
                if self.free_at < end {
                    return;
                }
                if fresh && self.nr_targets == before {
                    self.state.set_skip(self.index(first));
                    self.state.free = self.state.free.min(first);
                }
                if enough {
                    return;
                }
            }
            let Some(below) = first.checked_sub(1 << self.pageblock_order()) else {
                return;
            };
            (self.free, self.free_at) = (below, below);
        }
    }

    /// Takes free blocks of the free scanner's pageblock, upwards. True if `want` pages are at hand; it stops before
    /// the end then, or if the `min` watermark forbids to take more (`isolate_freepages_block()`,
    /// `__isolate_free_page()`).
    fn isolate_free_in(&mut self, end: Pfn, want: u32) -> bool {
        while self.free_at < end {
            if self.nr_targets >= want {
                return true;
            }
            let Some(block) = self.zone.block_at(self.free_at) else {
                break;
            };
            if let BlockState::Free { list } = block.state
                && block.pfn == self.free_at
            {
                let (free, mark) = (self.zone.nr_free_pages(), self.zone.watermarks().min);
                let mark = mark + block.pages();
                if !self.zone.watermark_ok(0, mark, 0, AllocFlags::CMA, free) {
                    return false;
                }
                self.zone.del_from_free_list(block.pfn, block.order, list);
                self.targets[usize::from(block.order)].push_back(block.pfn);
                self.nr_targets += block.pages();
            }
            self.free_at = block.pfn + block.pages();
        }
        self.nr_targets >= want
    }

    /// True if pages may be moved into this pageblock: it is for movable memory, and no large block is free at its
    /// beginning (`suitable_migration_target()`).
    fn is_target(&self, first: Pfn) -> bool {
        let Some(block) = self.zone.block_at(first) else {
            return false;
        };
        let large = self.control.order.filter(|&order| order > 0);
        if block.is_free() && block.order >= large.unwrap_or(self.pageblock_order()) {
            return false;
        }
        match self.zone.pageblock_type(first) {
            MigrateType::Movable | MigrateType::Cma => true,
            MigrateType::Isolate | MigrateType::HighAtomic => false,
            MigrateType::Unmovable | MigrateType::Reclaimable => {
                self.control.effort == CompactEffort::SyncFull
            }
        }
    }

    /// Puts the free blocks that were not needed back (`release_free_list()`).
    pub(super) fn release(&mut self) {
        let pageblock_order = self.pageblock_order();
        let mut highest = None;
        for order in 0..NR_PAGE_ORDERS as Order {
            for pfn in std::mem::take(&mut self.targets[usize::from(order)]) {
                self.zone.free_range(pfn, order, false, self.sink);
                highest = highest.max(Some(pfn >> pageblock_order << pageblock_order));
            }
        }
        if let Some(highest) = highest {
            self.state.free = self.state.free.max(highest);
        }
    }
}
