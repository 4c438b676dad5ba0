//! Handing blocks out: the fast path, the slow path, and what each may take.

use super::super::{
    AllocFailure, AllocFlags, Event, FailReason, Gfp, MAX_PAGE_ORDER, Mark, MigrateType, Order,
    Owner, PAGE_ALLOC_COSTLY_ORDER, PageFlags, Pfn, SWAP_CLUSTER_MAX, Sink, extfrag_index,
};
use super::Zone;
use super::frame::Info;
use super::list::End;

/// A request on its way through the allocator.
pub(in crate::mm) struct Request {
    pub gfp: Gfp,
    pub order: Order,
    pub owner: Owner,
    /// The end of a free list it takes from.
    pub(super) end: End,
    /// It raised the watermark boost, and kswapd is to be woken for that.
    pub boosted: bool,
}

impl Request {
    /// A request that takes from the heads of lists, as all of Linux's do.
    pub fn new(gfp: Gfp, order: Order, owner: Owner) -> Self {
        Self {
            gfp,
            order,
            owner,
            end: End::Head,
            boosted: false,
        }
    }
}

impl Zone {
    /// Hands out a block of `2^order` pages and returns its first frame.
    ///
    /// The fast path respects the `low` watermark. The slow path wakes kswapd and retries at `min` with what the
    /// flags allow. A request that cannot sleep fails then. One that can reclaims up to 32 pages of page cache
    /// itself, retries, and gives up part of the high-atomic reserve before it fails.
    /// Linux 6.12 `mm/page_alloc.c`: `__alloc_pages_noprof()`, `__alloc_pages_slowpath()`, without compaction, the
    /// OOM killer, and Linux's many rounds of reclaim.
    ///
    /// # Errors
    ///
    /// An [`AllocFailure`] with the figures that decided it, told as [`Event::Fail`] too. Linux returns `NULL`.
    /// What was reclaimed stays reclaimed.
    #[inline(always)]
    #[allow(
        clippy::inline_always,
        reason = "who asks knows the flags: what follows from them need not be found out each time"
    )]
    pub fn alloc_pages(
        &mut self,
        gfp: Gfp,
        order: Order,
        owner: Owner,
        sink: &mut impl Sink,
    ) -> Result<Pfn, AllocFailure> {
        let migratetype = gfp.migratetype();
        let got = if self.pcp.is_none() {
            self.alloc_from_plenty(gfp, migratetype, order, owner, sink)
        } else if order == 0 {
            self.alloc_kept(gfp, migratetype, 0, owner, sink)
        } else {
            self.alloc_larger(gfp, migratetype, order, owner, sink)
        };
        match got {
            Some(pfn) => Ok(pfn),
            None => self.alloc_from_little(gfp, order, owner, sink),
        }
    }

    /// All other requests: those that meet the watermark, want another type's blocks, or fail.
    #[cold]
    fn alloc_from_little(
        &mut self,
        gfp: Gfp,
        order: Order,
        owner: Owner,
        sink: &mut impl Sink,
    ) -> Result<Pfn, AllocFailure> {
        let mut request = Request::new(gfp, order, owner);
        let got = self.serve(&mut request, PageFlags::empty(), sink);
        if let Err(failure) = got {
            sink.event(Event::Fail(failure));
        }
        got
    }

    /// Hands out a block for one owner alone: flags [`PageFlags::EXCLUSIVE`] and [`PageFlags::LOCKED`].
    ///
    /// An extension, not in Linux. As [`Zone::alloc_pages`], but takes the **tail** of the free list chosen, which
    /// leaves hot and small leftovers to others. After every ordinary list has failed, for whatever reason, it takes
    /// the smallest sufficient block from isolated pageblocks, without regard to watermarks, much as
    /// `alloc_contig_range()` takes what it isolated before.
    ///
    /// # Errors
    ///
    /// As [`Zone::alloc_pages`].
    pub fn alloc_exclusive(
        &mut self,
        gfp: Gfp,
        order: Order,
        owner: Owner,
        sink: &mut impl Sink,
    ) -> Result<Pfn, AllocFailure> {
        let flags = PageFlags::EXCLUSIVE | PageFlags::LOCKED;
        let mut request = Request {
            end: End::Tail,
            ..Request::new(gfp, order, owner)
        };
        self.serve(&mut request, flags, sink).or_else(|failure| {
            let isolated = self.rmqueue_smallest(order, MigrateType::Isolate, End::Tail, sink);
            if let Some(pfn) = isolated {
                self.hand_out(pfn, &request, flags, sink);
                Ok(pfn)
            } else {
                sink.event(Event::Fail(failure));
                Err(failure)
            }
        })
    }

    /// What [`Zone::alloc_exclusive`] would return now. Nothing changes: it is done to a copy.
    ///
    /// # Errors
    ///
    /// As [`Zone::alloc_exclusive`].
    pub fn try_alloc(&self, gfp: Gfp, order: Order) -> Result<Pfn, AllocFailure> {
        self.clone()
            .alloc_exclusive(gfp, order, Owner::NONE, &mut ())
    }

    /// The fast path, and the slow path if need be.
    #[inline]
    fn serve(
        &mut self,
        request: &mut Request,
        page_flags: PageFlags,
        sink: &mut impl Sink,
    ) -> Result<Pfn, AllocFailure> {
        if request.order <= MAX_PAGE_ORDER {
            let flags = AllocFlags::fast(request.gfp);
            let got = self.get_page_fast(request, page_flags, Mark::Low, flags, sink);
            if let Some(pfn) = got {
                return Ok(pfn);
            }
        }
        self.serve_slowly(request, page_flags, sink)
    }

    /// The slow path (`__alloc_pages_slowpath()`).
    #[cold]
    fn serve_slowly(
        &mut self,
        request: &mut Request,
        page_flags: PageFlags,
        sink: &mut impl Sink,
    ) -> Result<Pfn, AllocFailure> {
        let gfp = request.gfp;
        if request.order > MAX_PAGE_ORDER {
            let flags = AllocFlags::from_gfp(gfp, request.order);
            return Err(self.failure(request, 0, flags, FailReason::TooLarge));
        }
        let mut flags = AllocFlags::from_gfp(gfp, request.order);
        if flags.contains(AllocFlags::KSWAPD) {
            sink.event(Event::WakeKswapd);
        }
        if let Some(pfn) = self.get_page(request, page_flags, Mark::Min, flags, sink) {
            return Ok(pfn);
        }
        if gfp.contains(Gfp::MEMALLOC) && !gfp.contains(Gfp::NOMEMALLOC) {
            flags = AllocFlags::NO_WATERMARKS | flags & (AllocFlags::KSWAPD | AllocFlags::CMA);
            if let Some(pfn) = self.get_page(request, page_flags, Mark::Min, flags, sink) {
                return Ok(pfn);
            }
        }
        if gfp.can_sleep()
            && let Some(pfn) = self.serve_reclaiming(request, page_flags, flags, sink)
        {
            return Ok(pfn);
        }
        Err(self.failure(request, 0, flags, FailReason::Watermark))
    }

    /// The part of the slow path that sleeps (`__alloc_pages_direct_reclaim()`, `should_reclaim_retry()`).
    fn serve_reclaiming(
        &mut self,
        request: &mut Request,
        page_flags: PageFlags,
        flags: AllocFlags,
        sink: &mut impl Sink,
    ) -> Option<Pfn> {
        let gfp = request.gfp;
        if self.shrink_lru(SWAP_CLUSTER_MAX, sink) > 0 {
            if let Some(pfn) = self.get_page(request, page_flags, Mark::Min, flags, sink) {
                return Some(pfn);
            }
            let unreserved = self.unreserve_highatomic(self.list_for(gfp), false, sink);
            let drained = self.drain_all(sink) > 0;
            if (unreserved || drained)
                && let Some(pfn) = self.get_page(request, page_flags, Mark::Min, flags, sink)
            {
                return Some(pfn);
            }
        }
        if gfp.contains(Gfp::NORETRY)
            || request.order > PAGE_ALLOC_COSTLY_ORDER && !gfp.contains(Gfp::RETRY_MAYFAIL)
        {
            return None;
        }
        while self.unreserve_highatomic(self.list_for(gfp), true, sink) {
            if let Some(pfn) = self.get_page(request, page_flags, Mark::Min, flags, sink) {
                return Some(pfn);
            }
        }
        None
    }

    /// One attempt at one watermark in the slow path.
    fn get_page(
        &mut self,
        request: &mut Request,
        page_flags: PageFlags,
        mark: Mark,
        flags: AllocFlags,
        sink: &mut impl Sink,
    ) -> Option<Pfn> {
        self.get_page_fast(request, page_flags, mark, flags, sink)
    }

    /// One attempt at one watermark (`get_page_from_freelist()`).
    #[inline]
    fn get_page_fast(
        &mut self,
        request: &mut Request,
        page_flags: PageFlags,
        mark: Mark,
        flags: AllocFlags,
        sink: &mut impl Sink,
    ) -> Option<Pfn> {
        if !flags.contains(AllocFlags::NO_WATERMARKS)
            && !self.mark_ok(request.order, mark, 0, flags)
        {
            return None;
        }
        let got = self.rmqueue(request, flags, sink);
        if std::mem::take(&mut request.boosted) && flags.contains(AllocFlags::KSWAPD) {
            sink.event(Event::WakeKswapd);
        }
        let pfn = got?;
        self.hand_out(pfn, request, page_flags, sink);
        if flags.contains(AllocFlags::HIGHATOMIC) {
            self.reserve_highatomic(pfn, request.order, sink);
        }
        Some(pfn)
    }

    /// Takes a block whatever the watermarks say; the caller asked them, and wakes kswapd if the request boosted them.
    pub(in crate::mm) fn take_block(
        &mut self,
        request: &mut Request,
        flags: AllocFlags,
        sink: &mut impl Sink,
    ) -> Option<Pfn> {
        let pfn = self.rmqueue(request, flags, sink)?;
        self.hand_out(pfn, request, PageFlags::empty(), sink);
        if flags.contains(AllocFlags::HIGHATOMIC) {
            self.reserve_highatomic(pfn, request.order, sink);
        }
        Some(pfn)
    }

    /// The watermark check with the boost, which urgent single pages may ignore (`zone_watermark_fast()`). `reserve`
    /// is what the zone keeps from this request beside the watermark (`lowmem_reserve`), in pages.
    #[inline]
    pub(in crate::mm) fn mark_ok(
        &self,
        order: Order,
        mark: Mark,
        reserve: u32,
        flags: AllocFlags,
    ) -> bool {
        let (pages, free) = (self.watermarks.at(mark), self.nr_free_pages());
        let boost = self.watermark_boost;
        self.watermark_ok(order, pages + boost, reserve, flags, free)
            || boost > 0
                && mark == Mark::Min
                && order == 0
                && flags.contains(AllocFlags::MIN_RESERVE)
                && self.watermark_ok(order, pages, reserve, flags, free)
    }

    /// Makes a block that is on no list an allocated one (`prep_new_page()`).
    #[inline]
    pub(in crate::mm) fn hand_out(
        &mut self,
        pfn: Pfn,
        request: &Request,
        page_flags: PageFlags,
        sink: &mut impl Sink,
    ) {
        let Request {
            gfp, order, owner, ..
        } = *request;
        self.prep_new_page(pfn, order, gfp, gfp.migratetype(), owner, page_flags, sink);
    }

    /// [`Zone::hand_out`] where the type is known already.
    #[inline]
    #[allow(clippy::too_many_arguments, reason = "all is at hand in registers")]
    pub(super) fn prep_new_page(
        &mut self,
        pfn: Pfn,
        order: Order,
        gfp: Gfp,
        migratetype: MigrateType,
        owner: Owner,
        mut page_flags: PageFlags,
        sink: &mut impl Sink,
    ) {
        page_flags |= gfp.page_flags();
        let info = Info {
            owner,
            migratetype,
            flags: page_flags,
        };
        self.set_allocated(pfn, order, info);
        sink.event(Event::Alloc {
            pfn,
            order,
            gfp,
            owner,
            migratetype,
        });
    }

    /// The figures of a failure; tells a lack of pages from fragmentation itself.
    pub(in crate::mm) fn failure(
        &self,
        request: &Request,
        reserve: u32,
        flags: AllocFlags,
        reason: FailReason,
    ) -> AllocFailure {
        let Request { gfp, order, .. } = *request;
        let urgent = order == 0 && flags.contains(AllocFlags::MIN_RESERVE);
        let boost = if urgent { 0 } else { self.watermark_boost };
        let mark = if flags.contains(AllocFlags::NO_WATERMARKS) {
            0
        } else {
            Self::mark_after(self.watermarks.min + boost, flags) + reserve
        };
        let limit = mark + self.unusable_free(order.min(MAX_PAGE_ORDER), flags);
        let free = self.nr_free_pages();
        let reason = match reason {
            FailReason::Watermark if free > limit => FailReason::Fragmentation,
            reason => reason,
        };
        let nr_free = self.free_counts();
        AllocFailure {
            gfp,
            order,
            reason,
            free,
            limit,
            min: self.watermarks.min + self.watermark_boost,
            extfrag_index: extfrag_index(&nr_free, order),
            nr_free,
        }
    }
}
