//! A request: the zones it may use, tried from the highest down.

use super::super::zone::Request;
use super::super::{
    AllocFailure, AllocFlags, Event, FailReason, Gfp, MAX_PAGE_ORDER, Mark, NR_PAGE_ORDERS, Order,
    Owner, PassReason, Pfn, Sink, Stage,
};
use super::shift::Shift;
use super::{Node, Part, ZoneKind};

impl Node {
    /// Hands out a block of `2^order` pages and returns its first frame.
    ///
    /// The request goes as Linux 6.12 `mm/page_alloc.c`: `__alloc_pages_noprof()` and `__alloc_pages_slowpath()` take
    /// it, and tells every step: the fast path at `low`; kswapd; the flags' own reserves at `min`; then, if it may
    /// sleep, compaction, direct reclaim and the OOM killer, over and over.
    ///
    /// Departures: tasks do not run meanwhile, so that only what the request itself does can help it, and a request
    /// that would go round for ever (`__GFP_NOFAIL`, and `GFP_NOFS`, which is only made to believe that somebody was
    /// killed) ends after [`MAX_ROUNDS`](super::MAX_ROUNDS) rounds. The task that asks is the owner.
    ///
    /// # Errors
    ///
    /// An [`AllocFailure`] with the figures of the highest zone it may use, told as [`Event::Fail`] too. What was
    /// reclaimed, moved and killed stays so.
    pub fn alloc_pages(
        &mut self,
        gfp: Gfp,
        order: Order,
        owner: Owner,
        sink: &mut impl Sink,
    ) -> Result<Pfn, AllocFailure> {
        let mut request = Request::new(gfp, order, owner);
        let got = if order > MAX_PAGE_ORDER {
            None
        } else {
            let fast = self.fast_flags(gfp);
            self.get_page(&mut request, Stage::Fast, Mark::Low, fast, sink)
                .or_else(|| self.serve_slowly(&mut request, sink))
        };
        got.ok_or_else(|| {
            let failure = self.failure(&request);
            sink.event(Event::Fail(failure));
            failure
        })
    }

    /// What a request may do on the fast path: in `Normal` memory it had rather use another zone than mix types
    /// (`alloc_flags_nofragment()`).
    fn fast_flags(&self, gfp: Gfp) -> AllocFlags {
        let mut flags = AllocFlags::fast(gfp);
        let first = self.zonelist(ZoneKind::of_request(gfp)).next();
        if first.is_some_and(|zone| self.parts[zone].kind == ZoneKind::Normal) {
            flags |= AllocFlags::NOFRAGMENT;
        }
        flags
    }

    /// Tries the zones once, and once more with leave to mix types if nothing was found without
    /// (`get_page_from_freelist()`).
    pub(super) fn get_page(
        &mut self,
        request: &mut Request,
        stage: Stage,
        mark: Mark,
        mut flags: AllocFlags,
        sink: &mut impl Sink,
    ) -> Option<Pfn> {
        loop {
            sink.event(Event::Attempt { stage, mark, flags });
            for zone in self.zonelist(ZoneKind::of_request(request.gfp)) {
                if let Some(pfn) = self.get_page_of(zone, request, mark, flags, sink) {
                    return Some(pfn);
                }
            }
            if !flags.contains(AllocFlags::NOFRAGMENT) {
                return None;
            }
            flags -= AllocFlags::NOFRAGMENT;
        }
    }

    fn get_page_of(
        &mut self,
        zone: usize,
        request: &mut Request,
        mark: Mark,
        flags: AllocFlags,
        sink: &mut impl Sink,
    ) -> Option<Pfn> {
        let order = request.order;
        let highest = ZoneKind::of_request(request.gfp);
        let part = &mut self.parts[zone];
        let reserve = part.reserve[highest as usize];
        if !flags.contains(AllocFlags::NO_WATERMARKS)
            && !part.zone.mark_ok(order, mark, reserve, flags)
        {
            sink.event(part.passed_over(order, mark, reserve, flags));
            return None;
        }
        let (start, kind) = (part.start, part.kind);
        let got = part
            .zone
            .take_block(request, flags, &mut Shift { sink, start });
        if got.is_none() {
            sink.event(part.passed_over(order, mark, reserve, flags));
        }
        if std::mem::take(&mut request.boosted) && flags.contains(AllocFlags::KSWAPD) {
            self.wake_kswapd(Gfp::empty(), 0, kind, sink);
        }
        got.map(|pfn| start + pfn)
    }

    /// The figures of a failed request, in the highest zone it may use.
    fn failure(&self, request: &Request) -> AllocFailure {
        let (gfp, order) = (request.gfp, request.order);
        let highest = ZoneKind::of_request(gfp);
        let flags = AllocFlags::from_gfp(gfp, order);
        let reason = if order > MAX_PAGE_ORDER {
            FailReason::TooLarge
        } else {
            FailReason::Watermark
        };
        let first = self.zonelist(highest).next().map(|zone| &self.parts[zone]);
        let Some(part) = first else {
            return AllocFailure {
                gfp,
                order,
                reason,
                free: 0,
                limit: 0,
                min: 0,
                extfrag_index: 0,
                nr_free: [0; NR_PAGE_ORDERS],
            };
        };
        let reserve = part.reserve[highest as usize];
        part.zone.failure(request, reserve, flags, reason)
    }
}

impl Part {
    /// Why this zone cannot serve a request now.
    fn passed_over(&self, order: Order, mark: Mark, reserve: u32, flags: AllocFlags) -> Event {
        let pages = self.zone.watermarks().at(mark) + self.zone.watermark_boost();
        let limit = self.zone.limit(order, pages, reserve, flags);
        let free = self.zone.nr_free_pages();
        let why = if !flags.contains(AllocFlags::NO_WATERMARKS) && free <= limit {
            PassReason::Watermark
        } else if flags.contains(AllocFlags::NOFRAGMENT)
            && self.zone.zone_watermark_ok(order, 0, flags)
        {
            PassReason::WouldMix
        } else {
            PassReason::NoBlock
        };
        let zone = self.kind;
        Event::PassOver {
            zone,
            why,
            free,
            limit,
        }
    }
}
