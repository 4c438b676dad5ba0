//! The fast paths: what most requests and most frees come to, in as few steps as can be.
//!
//! Each decides nothing on its own. What it does not take on is served by the paths beside, from which it differs in
//! speed only.

#![allow(
    clippy::inline_always,
    reason = "a call costs as much as a tenth of the work"
)]

use super::super::{
    Event, FreeError, Gfp, MAX_PAGE_ORDER, MigrateType, Order, Owner, PAGE_ALLOC_COSTLY_ORDER, Pfn,
    Sink,
};
use super::frame::Info;
use super::free_area::index;
use super::list::{End, link, may_merge, pop};
use super::{State, Zone, ZoneConfig};

/// Makes a block that is on no list an allocated one (`prep_new_page()`).
#[inline(always)]
fn hand_out(
    states: &mut [State],
    pfn: Pfn,
    gfp: Gfp,
    migratetype: MigrateType,
    order: Order,
    owner: Owner,
    sink: &mut impl Sink,
) {
    let info = Info {
        owner,
        migratetype,
        flags: gfp.page_flags(),
    };
    states[pfn as usize] = State::allocated(order, info);
    sink.event(Event::Alloc {
        pfn,
        order,
        gfp,
        owner,
        migratetype,
    });
}

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
        if order > MAX_PAGE_ORDER {
            return None;
        }
        let list = self.list_of_type(migratetype);
        let head = self.free_head(order, list);
        let pages = 1 << order;
        let area = &mut self.free_area;
        let (states, links) = (&mut self.states[..], &mut self.links[..]);
        if !area.is_plenty(pages) {
            return None;
        }
        if let Some(pfn) = pop(links, area, head, order, list) {
            area.account(-(pages as i32), list);
            hand_out(states, pfn, gfp, migratetype, order, owner, sink);
            return Some(pfn);
        }
        let pfn = self.rmqueue_larger(order, list, sink)?;
        let states = &mut self.states[..];
        hand_out(states, pfn, gfp, migratetype, order, owner, sink);
        Some(pfn)
    }

    /// [`Zone::alloc_from_plenty`] where CPUs keep blocks of the order.
    ///
    /// Told an order that is known beforehand, it asks nothing about it.
    #[inline(always)]
    pub(super) fn alloc_kept(
        &mut self,
        gfp: Gfp,
        migratetype: MigrateType,
        order: Order,
        owner: Owner,
        sink: &mut impl Sink,
    ) -> Option<Pfn> {
        let list = self.list_of_type(migratetype);
        // The watermark wants a free block as large, though none is taken.
        let has = order == 0 || self.free_area.mask(list) >> (order & 3) != 0;
        if !has || !self.free_area.is_plenty(1 << (order & 3)) {
            return None;
        }
        // A slice, so that it is not looked up again once the block was taken.
        let states = &mut self.states[..];
        let pfn = self.pcp.as_mut()?.pop(order & 3, list)?;
        hand_out(states, pfn, gfp, migratetype, order & 3, owner, sink);
        Some(pfn)
    }

    /// [`Zone::alloc_from_plenty`] where CPUs keep blocks of some orders, for those that are not single pages.
    #[inline(never)]
    pub(super) fn alloc_larger(
        &mut self,
        gfp: Gfp,
        migratetype: MigrateType,
        order: Order,
        owner: Owner,
        sink: &mut impl Sink,
    ) -> Option<Pfn> {
        if order <= PAGE_ALLOC_COSTLY_ORDER {
            return self.alloc_kept(gfp, migratetype, order, owner, sink);
        }
        if self.is_cached_order(order) {
            return None;
        }
        self.alloc_from_plenty(gfp, migratetype, order, owner, sink)
    }

    /// [`Zone::rmqueue_smallest`] where there is no block of just the size.
    #[inline(never)]
    pub(super) fn rmqueue_larger(
        &mut self,
        order: Order,
        list: MigrateType,
        sink: &mut impl Sink,
    ) -> Option<Pfn> {
        let found = self.free_area.smallest(order, list)?;
        self.free_area.account(-(1 << order), list);
        // The lists between are empty, or `found` would not be the smallest.
        let pfn = self.pop_and_split(order, found, list, |pfn, order| {
            sink.event(Event::Split { pfn, order, list });
        });
        Some(pfn)
    }

    /// [`Zone::free_pages`] where CPUs keep nothing.
    #[inline(never)]
    pub(super) fn free_to_list(
        &mut self,
        pfn: Pfn,
        order: Order,
        sink: &mut impl Sink,
    ) -> Result<(), FreeError> {
        let (states, links) = (&mut self.states[..], &mut self.links[..]);
        // The state of a block's first frame says it all; only page cache and a bad free have to be looked into.
        let state = states.get(pfn as usize).copied();
        let Some(state) = state.filter(|state| state.is_ordinary(order)) else {
            return self.free_unusual(pfn, order, sink);
        };
        let owner = state.owner();
        sink.event(Event::Free { pfn, order, owner });
        let ZoneConfig {
            pages,
            pageblock_order,
            ..
        } = self.config;
        if order >= pageblock_order {
            return self.free_large(pfn, order, sink);
        }
        let list = self.pageblocks[(pfn >> pageblock_order) as usize].now();
        let (size, free) = (1 << order, State::free(order));
        self.free_area.account(size as i32, list);
        // What merges with nothing is done with here, in few enough steps to keep all in registers.
        if states.get((pfn ^ size) as usize) == Some(&free) {
            return self.free_merging(pfn, order, list, sink);
        }
        let tail = may_merge(states, pfn, order);
        let head = pages + index(order, list);
        link(links, pfn, head, End::tail_if(tail));
        states[pfn as usize] = free;
        *self.free_area.count_mut(order, list) += 1;
        self.free_area.masks[list as usize] |= size;
        Ok(())
    }

    /// The rest of [`Zone::free_to_list`], for a block of a pageblock or more.
    #[inline(never)]
    #[allow(
        clippy::unnecessary_wraps,
        reason = "its result is passed on, so that it is jumped to"
    )]
    fn free_large(
        &mut self,
        pfn: Pfn,
        order: Order,
        sink: &mut impl Sink,
    ) -> Result<(), FreeError> {
        self.states[pfn as usize] = State::INSIDE;
        self.free_range(pfn, order, false, sink);
        Ok(())
    }

    /// The rest of [`Zone::free_to_list`], for a block of less than a pageblock that is counted already.
    #[inline(never)]
    #[allow(
        clippy::unnecessary_wraps,
        reason = "its result is passed on, so that it is jumped to"
    )]
    fn free_merging(
        &mut self,
        pfn: Pfn,
        order: Order,
        list: MigrateType,
        sink: &mut impl Sink,
    ) -> Result<(), FreeError> {
        self.states[pfn as usize] = State::INSIDE;
        self.free_counted(pfn, order, list, false, order, sink);
        Ok(())
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
        let state = self.state(pfn);
        if !state.is_ordinary(order) {
            return self.free_unusual(pfn, order, sink);
        }
        let owner = state.owner();
        sink.event(Event::Free { pfn, order, owner });
        if order > 0 {
            return self.free_larger(pfn, order, sink);
        }
        if self.keep(pfn, 0) {
            return Ok(());
        }
        self.free_uncommon(pfn, 0, sink)
    }

    /// The rest of [`Zone::free_unref_page`], for blocks that are not single pages.
    #[inline(never)]
    fn free_larger(
        &mut self,
        pfn: Pfn,
        order: Order,
        sink: &mut impl Sink,
    ) -> Result<(), FreeError> {
        if self.keep(pfn, order) {
            return Ok(());
        }
        self.free_uncommon(pfn, order, sink)
    }

    /// Frees a block that is on no list where there is more to it than to keep it.
    #[inline(never)]
    #[allow(
        clippy::unnecessary_wraps,
        reason = "its result is passed on, so that it is jumped to"
    )]
    fn free_uncommon(
        &mut self,
        pfn: Pfn,
        order: Order,
        sink: &mut impl Sink,
    ) -> Result<(), FreeError> {
        self.states[pfn as usize] = State::INSIDE;
        if !self.free_to_pcp(pfn, order, sink) {
            self.free_range(pfn, order, false, sink);
        }
        Ok(())
    }
}
