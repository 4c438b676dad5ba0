//! Which free block a request gets: its own type's, or one claimed or stolen from another type.

use super::super::{
    AllocFlags, Event, Gfp, MAX_PAGE_ORDER, MigrateType, Order, PageFlags, Pfn, Sink,
};
use super::alloc::Request;
use super::list::End;
use super::{Frame, Zone};

impl Zone {
    /// The type of the lists a request takes from.
    #[inline]
    pub(super) fn list_for(&self, gfp: Gfp) -> MigrateType {
        self.list_of_type(gfp.migratetype())
    }

    /// The type of the lists for memory of this type.
    #[inline]
    pub(super) fn list_of_type(&self, migratetype: MigrateType) -> MigrateType {
        if self.mobility_disabled {
            MigrateType::Unmovable
        } else {
            migratetype
        }
    }

    /// Takes a block off the current CPU's lists, or off the free lists (`rmqueue()`, `rmqueue_buddy()`).
    #[inline]
    pub(super) fn rmqueue(
        &mut self,
        request: &mut Request,
        flags: AllocFlags,
        sink: &mut impl Sink,
    ) -> Option<Pfn> {
        if self.pcp.is_some()
            && let Some(pfn) = self.rmqueue_pcplist(request, flags, sink)
        {
            return Some(pfn);
        }
        let (order, end) = (request.order, request.end);
        if flags.contains(AllocFlags::HIGHATOMIC)
            && let Some(pfn) = self.rmqueue_from(order, MigrateType::HighAtomic, end, sink)
        {
            return Some(pfn);
        }
        let got = self.rmqueue_type(request, flags, sink);
        if got.is_none() && flags.any(AllocFlags::OOM | AllocFlags::NON_BLOCK) {
            return self.rmqueue_from(order, MigrateType::HighAtomic, end, sink);
        }
        got
    }

    /// Its own type, contiguous-allocator memory, claiming, stealing (`__rmqueue()`).
    #[inline]
    pub(super) fn rmqueue_type(
        &mut self,
        request: &mut Request,
        flags: AllocFlags,
        sink: &mut impl Sink,
    ) -> Option<Pfn> {
        let (order, end) = (request.order, request.end);
        let list = self.list_for(request.gfp);
        if flags.contains(AllocFlags::CMA)
            && self.free_area.pages(MigrateType::Cma) > self.nr_free_pages() / 2
            && let Some(pfn) = self.rmqueue_from(order, MigrateType::Cma, end, sink)
        {
            return Some(pfn);
        }
        let own = self.rmqueue_smallest(order, list, end, sink);
        own.or_else(|| self.rmqueue_others(request, list, flags, sink))
    }

    /// What is left when the request's own type has nothing.
    #[cold]
    fn rmqueue_others(
        &mut self,
        request: &mut Request,
        list: MigrateType,
        flags: AllocFlags,
        sink: &mut impl Sink,
    ) -> Option<Pfn> {
        let (order, end) = (request.order, request.end);
        if flags.contains(AllocFlags::CMA)
            && let Some(pfn) = self.rmqueue_from(order, MigrateType::Cma, end, sink)
        {
            return Some(pfn);
        }
        self.rmqueue_claim(request, list, flags, sink)
            .or_else(|| self.rmqueue_steal(request, list, flags, sink))
    }

    /// [`Zone::rmqueue_smallest`] for the rarer lists.
    #[cold]
    fn rmqueue_from(
        &mut self,
        order: Order,
        list: MigrateType,
        end: End,
        sink: &mut impl Sink,
    ) -> Option<Pfn> {
        self.rmqueue_smallest(order, list, end, sink)
    }

    /// The block at one end of the smallest sufficient list of a type, cut to size (`__rmqueue_smallest()`).
    #[inline]
    pub(super) fn rmqueue_smallest(
        &mut self,
        order: Order,
        list: MigrateType,
        end: End,
        sink: &mut impl Sink,
    ) -> Option<Pfn> {
        if end == End::Tail {
            return self.rmqueue_last(order, list, sink);
        }
        let Some(pfn) = self.pop_free(order, list) else {
            return self.rmqueue_larger(order, list, sink);
        };
        self.free_area.account(-(1 << order), list);
        Some(pfn)
    }

    /// [`Zone::rmqueue_smallest`] from the tail.
    #[cold]
    fn rmqueue_last(
        &mut self,
        order: Order,
        list: MigrateType,
        sink: &mut impl Sink,
    ) -> Option<Pfn> {
        let found = self.free_area.smallest(order, list)?;
        let pfn = self.free_end(found, list, End::Tail)?;
        self.unlink_free(pfn, found, list);
        self.free_area.account(-(1 << order), list);
        self.expand(pfn, order, found, list, sink);
        Some(pfn)
    }

    /// Cuts a block down to `low`: each upper half goes to the head of its list (`expand()`). Its pages count as free
    /// already.
    #[inline]
    fn expand(
        &mut self,
        pfn: Pfn,
        low: Order,
        high: Order,
        list: MigrateType,
        sink: &mut impl Sink,
    ) {
        for order in (low + 1..=high).rev() {
            sink.event(Event::Split { pfn, order, list });
            self.link_free(pfn + (1 << (order - 1)), order - 1, list, End::Head);
        }
    }

    /// The fallback type with a block of exactly this order, best first (`find_suitable_fallback()`).
    fn fallback_with(&self, order: Order, start: MigrateType) -> Option<MigrateType> {
        let mut fallbacks = start.fallbacks().iter().copied();
        fallbacks.find(|&list| self.free_area.mask(list) >> order & 1 != 0)
    }

    /// Claims whole pageblocks of another type, from the largest block down (`__rmqueue_claim()`).
    fn rmqueue_claim(
        &mut self,
        request: &mut Request,
        start: MigrateType,
        flags: AllocFlags,
        sink: &mut impl Sink,
    ) -> Option<Pfn> {
        let pageblock_order = self.config.pageblock_order;
        let mut least = request.order;
        if flags.contains(AllocFlags::NOFRAGMENT) {
            least = least.max(pageblock_order);
        }
        for order in (least..=MAX_PAGE_ORDER).rev() {
            // Movable memory does not claim for small blocks: it can be moved out of the way later.
            if order < pageblock_order / 2
                && start == MigrateType::Movable
                && !self.mobility_disabled
            {
                break;
            }
            let Some(from) = self.fallback_with(order, start) else {
                continue;
            };
            let Some(block) = self.free_end(order, from, request.end) else {
                continue;
            };
            let claimed = self.try_to_claim(request, block, order, from, start, sink);
            if claimed.is_some() {
                return claimed;
            }
        }
        None
    }

    /// Retags the pageblocks of a free block and takes from them, if they are free or alike enough
    /// (`try_to_claim_block()`).
    fn try_to_claim(
        &mut self,
        request: &mut Request,
        block: Pfn,
        order: Order,
        from: MigrateType,
        start: MigrateType,
        sink: &mut impl Sink,
    ) -> Option<Pfn> {
        let fallback = Event::Fallback {
            pfn: block,
            order,
            from,
            to: start,
            claimed: true,
        };
        let pageblock_order = self.config.pageblock_order;
        if order >= pageblock_order {
            sink.event(fallback);
            self.del_from_free_list(block, order, from);
            self.retag(block, order, start);
            self.free_area
                .account((1 << order) - (1 << request.order), start);
            self.expand(block, request.order, order, start, sink);
            return Some(block);
        }
        request.boosted |= self.boost_watermark();
        let first = block >> pageblock_order << pageblock_order;
        let (free, movable) = self.count_pageblock(first)?;
        let pages = 1 << pageblock_order;
        let alike = if start == MigrateType::Movable {
            movable
        } else if from == MigrateType::Movable {
            pages - (free + movable)
        } else {
            // Which of them are reclaimable is not known to Linux here.
            0
        };
        if free + alike < pages / 2 && !self.mobility_disabled {
            return None;
        }
        sink.event(fallback);
        self.move_freepages(first, from, start);
        self.retag(first, pageblock_order, start);
        self.rmqueue_smallest(request.order, start, request.end, sink)
    }

    /// Takes the smallest sufficient block of another type and leaves its pageblock as it is
    /// (`__rmqueue_steal()`).
    fn rmqueue_steal(
        &mut self,
        request: &Request,
        start: MigrateType,
        flags: AllocFlags,
        sink: &mut impl Sink,
    ) -> Option<Pfn> {
        if flags.contains(AllocFlags::NOFRAGMENT) {
            return None;
        }
        for order in request.order..=MAX_PAGE_ORDER {
            let Some(from) = self.fallback_with(order, start) else {
                continue;
            };
            let pfn = self.free_end(order, from, request.end)?;
            sink.event(Event::Fallback {
                pfn,
                order,
                from,
                to: start,
                claimed: false,
            });
            self.unlink_free(pfn, order, from);
            self.free_area.account(-(1 << request.order), from);
            self.expand(pfn, request.order, order, from, sink);
            return Some(pfn);
        }
        None
    }

    /// Raises the watermarks for a while, since types are being mixed (`boost_watermark()`).
    fn boost_watermark(&mut self) -> bool {
        let pageblock = 1_u32 << self.config.pageblock_order;
        let factor = u64::from(self.config.watermark_boost_factor);
        let most = u64::from(self.watermarks.high) * factor / 10_000;
        if most == 0 || pageblock * 4 > self.managed {
            return false;
        }
        let most = u32::try_from(most).unwrap_or(u32::MAX).max(pageblock);
        self.set_boost((self.watermark_boost + pageblock).min(most));
        true
    }

    /// Free pages and movable allocated pages of a pageblock that holds no block larger than itself; none if it
    /// is cut off by the end of the zone (`prep_move_freepages_block()`).
    pub(super) fn count_pageblock(&self, first: Pfn) -> Option<(u32, u32)> {
        let end = first + (1 << self.config.pageblock_order);
        if end > self.config.pages {
            return None;
        }
        let (mut free, mut movable, mut pfn) = (0, 0, first);
        while pfn < end {
            let order = match self.frame(pfn) {
                Frame::Free(order) => {
                    free += 1 << order;
                    order
                }
                Frame::Allocated(order) => {
                    let info = self.info(pfn);
                    let stays = PageFlags::RESERVED | PageFlags::EXCLUSIVE;
                    if info.migratetype == MigrateType::Movable && !info.flags.intersects(stays) {
                        movable += 1 << order;
                    }
                    order
                }
                Frame::Cached(order) => order,
                Frame::Inside => 0,
            };
            pfn += 1 << order;
        }
        Some((free, movable))
    }

    /// Moves the free blocks of a pageblock to the tails of another type's lists (`__move_freepages_block()`).
    pub(super) fn move_freepages(&mut self, first: Pfn, from: MigrateType, to: MigrateType) {
        let end = (first + (1 << self.config.pageblock_order)).min(self.config.pages);
        let mut pfn = first;
        while pfn < end {
            match self.frame(pfn) {
                Frame::Free(order) => {
                    self.del_from_free_list(pfn, order, from);
                    self.add_to_free_list(pfn, order, to, End::Tail);
                    pfn += 1 << order;
                }
                Frame::Allocated(order) | Frame::Cached(order) => pfn += 1 << order,
                Frame::Inside => pfn += 1,
            }
        }
    }
}
