//! Direct reclaim: a request that may sleep frees page cache itself.

use super::super::zone::compact_gap;
use super::super::{
    AllocFlags, Event, Gfp, Order, PAGE_ALLOC_COSTLY_ORDER, SWAP_CLUSTER_MAX, Sink,
};
use super::shift::Shift;
use super::{Node, ZoneKind};
use crate::mm::zone::Shrunk;

/// Reclaim begins with the last 1/4096 of page cache, and looks at twice as much in each further round.
pub(super) const DEF_PRIORITY: u32 = 12;

/// Rounds without progress before reclaim is given up.
pub(super) const MAX_RECLAIM_RETRIES: u32 = 16;

impl Node {
    /// Reclaims on a request's behalf: at least 32 pages, in rounds that look at more and more, the last at all of
    /// it. Returns the pages freed; 1 if nothing was, but a costly request had better compact now.
    ///
    /// Linux 6.12 `mm/vmscan.c`: `try_to_free_pages()`, `do_try_to_free_pages()`, without swap, slabs and throttling.
    pub(super) fn direct_reclaim(&mut self, gfp: Gfp, order: Order, sink: &mut impl Sink) -> u32 {
        sink.event(Event::DirectReclaim { order });
        let highest = ZoneKind::of_request(gfp);
        let may_write = gfp.contains(Gfp::FS);
        let mut reclaimed = 0;
        for priority in (0..=DEF_PRIORITY).rev() {
            let (skip, ready) = self.ready_to_compact(order, highest);
            let wanted = SWAP_CLUSTER_MAX - reclaimed;
            let shrunk = self.shrink(highest, skip, priority, wanted, may_write, sink);
            if shrunk.scanned > 0 || priority == 0 {
                sink.event(Event::Reclaimed {
                    kswapd: false,
                    priority,
                    scanned: shrunk.scanned,
                    reclaimed: shrunk.reclaimed,
                });
            }
            reclaimed += shrunk.reclaimed;
            if reclaimed >= SWAP_CLUSTER_MAX {
                break;
            }
            if ready {
                return reclaimed.max(1);
            }
        }
        reclaimed
    }

    /// Zones, by index in a bit mask, that a costly request need not reclaim in, because it could be served or
    /// compacted for; and whether there is one (`compaction_ready()`).
    fn ready_to_compact(&self, order: Order, highest: ZoneKind) -> (u32, bool) {
        let mut skip = 0;
        if order > PAGE_ALLOC_COSTLY_ORDER {
            for zone in self.zonelist(highest) {
                let part = &self.parts[zone];
                let reserve = part.reserve[highest as usize];
                let marks = part.zone.watermarks();
                let (boost, free) = (part.zone.watermark_boost(), part.zone.nr_free_pages());
                let none = AllocFlags::empty();
                let mark = marks.min + boost;
                let high = marks.high + boost + compact_gap(order);
                let suits = part.zone.compaction_suitable(
                    order,
                    reserve,
                    self.config.extfrag_threshold,
                    free,
                );
                if part.zone.watermark_ok(order, mark, reserve, none, free)
                    || suits && part.zone.watermark_ok(0, high, reserve, none, free)
                {
                    skip |= 1 << zone;
                }
            }
        }
        (skip, skip != 0)
    }

    /// One round over the zones a request may use, but for those in the mask (`shrink_node()`, `shrink_zones()`).
    ///
    /// Linux keeps one set of lists for a node and passes over pages of higher zones; here each zone has its list.
    pub(super) fn shrink(
        &mut self,
        highest: ZoneKind,
        skip: u32,
        priority: u32,
        wanted: u32,
        may_write: bool,
        sink: &mut impl Sink,
    ) -> Shrunk {
        let mut sum = Shrunk::default();
        for zone in self.zonelist(highest) {
            if skip >> zone & 1 == 1 || sum.reclaimed >= wanted {
                continue;
            }
            let part = &mut self.parts[zone];
            let start = part.start;
            let left = wanted - sum.reclaimed;
            let shrunk = part
                .zone
                .shrink(priority, left, may_write, &mut Shift { sink, start });
            sum.scanned += shrunk.scanned;
            sum.reclaimed += shrunk.reclaimed;
        }
        if sum.reclaimed > 0 {
            self.kswapd.hope();
        }
        sum
    }

    /// Gives up part of the high-atomic reserve in the first zone that has some to spare; all of it in time, if
    /// `force` (`unreserve_highatomic_pageblock()`). True if there was something.
    pub(super) fn unreserve(&mut self, gfp: Gfp, force: bool, sink: &mut impl Sink) -> bool {
        for zone in self.zonelist(ZoneKind::of_request(gfp)) {
            let part = &mut self.parts[zone];
            let start = part.start;
            if part.zone.unreserve(gfp, force, &mut Shift { sink, start }) {
                return true;
            }
        }
        false
    }
}
