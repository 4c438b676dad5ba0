//! The fast paths: what most requests and most frees come to, in as few steps as can be.
//!
//! Each decides nothing on its own. What it does not take on is served by the paths beside, from which it differs in
//! speed only.

#![allow(
    clippy::inline_always,
    reason = "a call costs as much as a tenth of the work"
)]

use super::super::{
    Event, FreeError, Gfp, MAX_PAGE_ORDER, MigrateType, Order, Owner, PAGE_ALLOC_COSTLY_ORDER,
    PageFlags, Pfn, Sink,
};
use super::list::End;
use super::{State, Zone};

impl Zone {
    /// What most requests take where memory is plenty: a block of just their size and type. None, and nothing has
    /// changed, if there is more to it.
    ///
    /// That is done in few enough steps to keep all in registers.
    #[inline(always)]
    pub(super) fn alloc_from_plenty(
        &mut self,
        gfp: Gfp,
        migratetype: MigrateType,
        order: Order,
        owner: Owner,
        sink: &mut impl Sink,
    ) -> Option<Pfn> {
        if !self.is_plenty(order) {
            return None;
        }
        let list = self.list_of_type(migratetype);
        let Some(pfn) = self.pop_free(order, list) else {
            return self.alloc_splitting(gfp, migratetype, order, owner, sink);
        };
        self.free_area.account(-(1 << order), list);
        let none = PageFlags::empty();
        self.prep_new_page(pfn, order, gfp, migratetype, owner, none, sink);
        Some(pfn)
    }

    /// [`Zone::alloc_from_plenty`] where CPUs keep blocks.
    #[inline(always)]
    pub(super) fn alloc_cached(
        &mut self,
        gfp: Gfp,
        migratetype: MigrateType,
        order: Order,
        owner: Owner,
        sink: &mut impl Sink,
    ) -> Option<Pfn> {
        if order > PAGE_ALLOC_COSTLY_ORDER {
            return self.alloc_uncached(gfp, migratetype, order, owner, sink);
        }
        let list = self.list_of_type(migratetype);
        // The watermark wants a free block as large, though none is taken.
        let has = order == 0 || self.free_area.mask(list) >> order != 0;
        if !has || !self.is_plenty(order) {
            return None;
        }
        let pfn = self.pop_cached(order & 3, list)?;
        let none = PageFlags::empty();
        self.prep_new_page(pfn, order, gfp, migratetype, owner, none, sink);
        Some(pfn)
    }

    /// The rest of [`Zone::alloc_cached`], for orders that are not kept.
    #[inline(never)]
    fn alloc_uncached(
        &mut self,
        gfp: Gfp,
        migratetype: MigrateType,
        order: Order,
        owner: Owner,
        sink: &mut impl Sink,
    ) -> Option<Pfn> {
        if self.is_cached_order(order) {
            return None;
        }
        self.alloc_from_plenty(gfp, migratetype, order, owner, sink)
    }

    /// A larger block of the right type, cut to size.
    #[inline(never)]
    fn alloc_splitting(
        &mut self,
        gfp: Gfp,
        migratetype: MigrateType,
        order: Order,
        owner: Owner,
        sink: &mut impl Sink,
    ) -> Option<Pfn> {
        let list = self.list_of_type(migratetype);
        let pfn = self.rmqueue_larger(order, list, sink)?;
        let none = PageFlags::empty();
        self.prep_new_page(pfn, order, gfp, migratetype, owner, none, sink);
        Some(pfn)
    }

    /// [`Zone::rmqueue_smallest`] where there is no block of just the size.
    #[inline(always)]
    pub(super) fn rmqueue_larger(
        &mut self,
        order: Order,
        list: MigrateType,
        sink: &mut impl Sink,
    ) -> Option<Pfn> {
        let found = self.free_area.smallest(order, list)?;
        let pfn = self.pop_free(found, list)?;
        self.free_area.account(-(1 << order), list);
        // The lists between are empty, or `found` would not be the smallest.
        self.link_halves(pfn, order, found, list, |pfn, order| {
            sink.event(Event::Split { pfn, order, list });
        });
        Some(pfn)
    }

    /// True only if a request passes the `low` watermark whatever its flags, and need not begin with
    /// contiguous-allocator memory, of which there must be less than half of what is free for that.
    #[inline]
    fn is_plenty(&self, order: Order) -> bool {
        let area = &self.free_area;
        let needed = u64::from(self.watermarks.low)
            + u64::from(self.watermark_boost)
            + 2 * u64::from(area.nr_special())
            + (1 << (order & 31));
        order <= MAX_PAGE_ORDER && u64::from(area.nr_free_pages()) >= needed
    }

    /// [`Zone::free_pages`] where CPUs keep nothing.
    #[inline(never)]
    pub(super) fn free_to_list(
        &mut self,
        pfn: Pfn,
        order: Order,
        sink: &mut impl Sink,
    ) -> Result<(), FreeError> {
        if !self.take_back(pfn, order, sink) {
            return self.free_unusual(pfn, order, sink);
        }
        // What merges with nothing is done with here, in few enough steps to keep all in registers.
        if order >= self.config.pageblock_order.min(MAX_PAGE_ORDER)
            || self.is_free(pfn ^ (1 << order), order)
        {
            self.free_range(pfn, order, false, sink);
            return Ok(());
        }
        let list = self.pageblock_type(pfn);
        self.free_area.account(1 << order, list);
        let tail = self.buddy_merge_likely(pfn, order);
        self.link_free(pfn, order, list, End::tail_if(tail));
        Ok(())
    }

    /// Makes an allocated block one that is on no list, and tells so. False, and nothing has changed, if none of that
    /// order begins there, or it is page cache or reserved.
    #[inline(always)]
    fn take_back(&mut self, pfn: Pfn, order: Order, sink: &mut impl Sink) -> bool {
        // The state of a block's first frame says it all; only page cache and a bad free have to be looked into.
        match self.states.get_mut(pfn as usize) {
            Some(state) if state.is_ordinary(order) => *state = State::INSIDE,
            _ => return false,
        }
        let owner = self.tag(pfn).owner();
        sink.event(Event::Free { pfn, order, owner });
        true
    }

    /// [`Zone::free_pages`] where CPUs keep blocks (`free_unref_page()`).
    ///
    /// Most blocks just go on a list of the CPU, without a call.
    #[inline(never)]
    pub(super) fn free_unref_page(
        &mut self,
        pfn: Pfn,
        order: Order,
        sink: &mut impl Sink,
    ) -> Result<(), FreeError> {
        if !self.take_back(pfn, order, sink) {
            return self.free_unusual(pfn, order, sink);
        }
        if !self.keep(pfn, order) {
            self.free_uncommon(pfn, order, sink);
        }
        Ok(())
    }

    /// Frees a block that is on no list where there is more to it than to keep it.
    #[inline(never)]
    fn free_uncommon(&mut self, pfn: Pfn, order: Order, sink: &mut impl Sink) {
        if !self.free_to_pcp(pfn, order, sink) {
            self.free_range(pfn, order, false, sink);
        }
    }
}
