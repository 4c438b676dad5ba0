//! The high-atomic reserve: pageblocks only high-order atomic requests may use.

use super::super::{Event, MAX_PAGE_ORDER, MigrateType, Order, Pfn, Sink};
use super::Zone;
use super::list::End;

impl Zone {
    /// Reserves the pageblocks around a block just handed to a high-order atomic request, up to 1 % of the zone
    /// rounded up to a pageblock; none if 1 % is less than a pageblock (`reserve_highatomic_pageblock()`).
    pub(super) fn reserve_highatomic(&mut self, pfn: Pfn, order: Order, sink: &mut impl Sink) {
        let pageblock_order = self.config.pageblock_order;
        let pageblock = 1_u32 << pageblock_order;
        let share = self.managed / 100;
        if share < pageblock || self.nr_reserved_highatomic >= share.next_multiple_of(pageblock) {
            return;
        }
        let list = self.pageblock_type(pfn);
        if !list.is_mergeable() {
            return;
        }
        let first = pfn >> pageblock_order << pageblock_order;
        if order < pageblock_order {
            if self.count_pageblock(first).is_none() {
                return;
            }
            self.move_freepages(first, list, MigrateType::HighAtomic);
        }
        let order = order.max(pageblock_order);
        self.retag(first, order, MigrateType::HighAtomic);
        self.nr_reserved_highatomic += 1 << order;
        for pfn in (first..first + (1 << order)).step_by(pageblock as usize) {
            sink.event(Event::ReserveHighAtomic { pfn });
        }
    }

    /// Gives the pageblocks of one free block of the reserve to a type that needs them; keeps at least one pageblock
    /// unless forced. True if there was one (`unreserve_highatomic_pageblock()`).
    ///
    /// A wholly free pageblock merges with its neighbours then, which in Linux happens when it is next freed.
    pub(super) fn unreserve_highatomic(
        &mut self,
        list: MigrateType,
        force: bool,
        sink: &mut impl Sink,
    ) -> bool {
        let pageblock_order = self.config.pageblock_order;
        let pageblock = 1_u32 << pageblock_order;
        if !force && self.nr_reserved_highatomic <= pageblock {
            return false;
        }
        let mut orders = 0..=MAX_PAGE_ORDER;
        let found = orders.find_map(|order| {
            let pfn = self.free_end(order, MigrateType::HighAtomic, End::Head)?;
            Some((pfn, order))
        });
        let Some((pfn, order)) = found else {
            return false;
        };
        let first = pfn >> pageblock_order << pageblock_order;
        let whole = order.max(pageblock_order);
        self.nr_reserved_highatomic -= 1 << whole;
        for pfn in (first..first + (1 << whole)).step_by(pageblock as usize) {
            sink.event(Event::UnreserveHighAtomic { pfn });
        }
        if order < pageblock_order {
            self.move_freepages(first, MigrateType::HighAtomic, list);
            self.retag(first, pageblock_order, list);
        } else {
            self.del_from_free_list(pfn, order, MigrateType::HighAtomic);
            self.retag(pfn, order, list);
            self.free_range(pfn, order, true, sink);
        }
        true
    }
}
