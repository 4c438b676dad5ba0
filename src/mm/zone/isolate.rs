//! Types of pageblocks: setting them at boot, isolating ranges and putting them back.

use super::super::{Event, IsolateError, MAX_PAGE_ORDER, MigrateType, Order, Pfn, Sink};
use super::list::End;
use super::{Frame, Pageblock, Zone};

impl Zone {
    /// The type of the pageblock that holds `pfn`.
    ///
    /// # Panics
    ///
    /// If `pfn` is not in the zone.
    #[inline]
    pub fn pageblock_type(&self, pfn: Pfn) -> MigrateType {
        self.pageblocks[self.pageblock_index(pfn)].now()
    }

    /// Sets the type of the pageblock that holds `pfn`, as at boot. Its free blocks move to the lists of the new
    /// type. An isolated pageblock gets the type when isolation ends.
    ///
    /// A free block has one type: if the pageblock is part of a larger free block, all of that gets the type where
    /// both types merge, and comes apart where they do not. So type what is to differ after it was allocated from.
    ///
    /// In a zone too small to keep types apart, every ordinary type is unmovable (`set_pageblock_migratetype()`).
    ///
    /// # Panics
    ///
    /// If `pfn` is not in the zone, or the type is [`MigrateType::Isolate`]: see [`Zone::isolate`].
    pub fn set_pageblock_type(&mut self, pfn: Pfn, migratetype: MigrateType) {
        assert_ne!(migratetype, MigrateType::Isolate, "isolate() isolates");
        let pageblock_order = self.config.pageblock_order;
        let migratetype = self.ordinary(migratetype);
        let index = self.pageblock_index(pfn);
        let before = self.pageblocks[index].before();
        for (which, step) in [(before, -1_i32), (migratetype, 1)] {
            if which == MigrateType::HighAtomic {
                self.nr_reserved_highatomic = self
                    .nr_reserved_highatomic
                    .saturating_add_signed(step << pageblock_order);
            }
        }
        if self.pageblocks[index].now() == MigrateType::Isolate {
            self.pageblocks[index] = Pageblock::new(MigrateType::Isolate, migratetype);
        } else {
            let first = pfn >> pageblock_order << pageblock_order;
            let (start, order) = match self.head_of(first) {
                (head, Frame::Free(order))
                    if order > pageblock_order
                        && before.is_mergeable()
                        && migratetype.is_mergeable() =>
                {
                    (head, order)
                }
                _ => (first, pageblock_order),
            };
            let end = (start + (1 << order)).min(self.config.pages);
            let to = |_: Pageblock| Pageblock::of(migratetype);
            self.relist(start, end, to, &mut ());
        }
    }

    /// Isolates a range of whole pageblocks: nobody allocates from it until [`Zone::unisolate`], but for
    /// [`Zone::alloc_exclusive`] as its last resort. Its free pages no longer count as free.
    ///
    /// Linux 6.12 `mm/page_isolation.c`: `start_isolate_page_range()`. Linux refuses ranges with unmovable pages, and
    /// cuts free blocks at pageblock bounds; here what is allocated stays, and a free block is cut only at the
    /// bounds of the range. Events: [`Event::Isolate`], then splits and merges.
    ///
    /// # Errors
    ///
    /// An [`IsolateError`] if the order is not that of one or more pageblocks in one largest block, the range is
    /// misaligned or not in the zone, or some of it is isolated already.
    pub fn isolate(
        &mut self,
        pfn: Pfn,
        order: Order,
        sink: &mut impl Sink,
    ) -> Result<(), IsolateError> {
        let pageblock = self.config.pageblock_order;
        if order < pageblock || order > MAX_PAGE_ORDER {
            return Err(IsolateError::Order { pageblock });
        }
        if !pfn.is_multiple_of(1 << order) {
            return Err(IsolateError::Misaligned);
        }
        let end = pfn.saturating_add(1 << order);
        if end > self.config.pages {
            return Err(IsolateError::OutOfRange);
        }
        let mut pageblocks = (pfn..end).step_by(1 << pageblock);
        if let Some(pfn) = pageblocks.find(|&at| self.pageblock_type(at) == MigrateType::Isolate) {
            return Err(IsolateError::Busy { pfn });
        }
        // Linux leaves this to callers, who do it.
        self.drain_all(sink);
        sink.event(Event::Isolate { pfn, order });
        let to = |pageblock: Pageblock| Pageblock::new(MigrateType::Isolate, pageblock.now());
        self.relist(pfn, end, to, sink);
        Ok(())
    }

    /// Ends the isolation of the pageblocks in a range: each gets its former type back, and free blocks merge with
    /// their neighbours, at the tails of their lists (`undo_isolate_page_range()`; Linux lets the caller name the
    /// type). Pageblocks that are not isolated are left alone; a range without isolated pageblocks is no error.
    pub fn unisolate(&mut self, pfn: Pfn, order: Order, sink: &mut impl Sink) {
        let pageblock_order = self.config.pageblock_order;
        let first = pfn >> pageblock_order << pageblock_order;
        let pages = 1_u32.checked_shl(order.into()).unwrap_or(u32::MAX);
        let end = pfn.saturating_add(pages).min(self.config.pages);
        let end = end
            .next_multiple_of(1 << pageblock_order)
            .min(self.config.pages);
        let mut pageblocks = (first..end).step_by(1 << pageblock_order);
        if !pageblocks.any(|at| self.pageblock_type(at) == MigrateType::Isolate) {
            return;
        }
        sink.event(Event::Unisolate { pfn, order });
        let to = |pageblock: Pageblock| Pageblock::of(pageblock.before());
        self.relist(first, end, to, sink);
    }

    /// Gives every pageblock of a range another type, and every free block of it another list.
    fn relist(
        &mut self,
        start: Pfn,
        end: Pfn,
        to: impl Fn(Pageblock) -> Pageblock,
        sink: &mut impl Sink,
    ) {
        let mut blocks = Vec::new();
        let mut at = self.head_of(start).0;
        while at < end {
            let order = match self.frame(at) {
                Frame::Free(order) => {
                    self.del_from_free_list(at, order, self.pageblock_type(at));
                    blocks.push((at, order));
                    order
                }
                Frame::Allocated(order) | Frame::Cached(order) => order,
                Frame::Inside => 0,
            };
            at += 1 << order;
        }
        let (first, last) = (self.pageblock_index(start), self.pageblock_index(end - 1));
        for pageblock in &mut self.pageblocks[first..=last] {
            *pageblock = to(*pageblock);
        }
        for (pfn, order) in blocks {
            // Smaller blocks have no buddy they had not before.
            if order < self.config.pageblock_order {
                let list = self.pageblock_type(pfn);
                self.add_to_free_list(pfn, order, list, End::Tail);
            } else {
                self.free_range(pfn, order, true, sink);
            }
        }
    }

    /// Changes the type of all pageblocks of a range that is on no list (`change_pageblock_range()`), to just this one:
    /// a buddy must get the type of the list that the merged block goes to. Linux makes a movable one unmovable
    /// there in a zone too small to keep types apart, and has a block with two types then.
    pub(super) fn retag(&mut self, pfn: Pfn, order: Order, migratetype: MigrateType) {
        let now = migratetype;
        let first = self.pageblock_index(pfn);
        let last = self.pageblock_index(pfn + ((1 << order) - 1));
        self.pageblocks[first..=last].fill(Pageblock::of(now));
    }

    /// The type a pageblock gets when it is to be of this type.
    fn ordinary(&self, migratetype: MigrateType) -> MigrateType {
        if self.mobility_disabled && migratetype.is_mergeable() {
            MigrateType::Unmovable
        } else {
            migratetype
        }
    }
}
