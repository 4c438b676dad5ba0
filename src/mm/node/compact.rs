//! Compaction on behalf of a request, and of everything at once.

use super::super::zone::{CompactControl, Request};
use super::super::{
    AllocFlags, CompactEffort, CompactResult, Compacted, Event, Gfp, Mark, Order, PageFlags, Pfn,
    Sink, Stage,
};
use super::shift::Shift;
use super::{Node, ZoneKind};

impl Node {
    /// Compacts the zones a request may use, highest first, until one has a block for it; then tries once more.
    /// Returns the block, if it got one, and the best of the zones' results.
    ///
    /// Linux 6.12 `mm/page_alloc.c`: `__alloc_pages_direct_compact()`; `mm/compaction.c`: `try_to_compact_pages()`.
    pub(super) fn direct_compact(
        &mut self,
        request: &mut Request,
        stage: Stage,
        flags: AllocFlags,
        effort: CompactEffort,
        sink: &mut impl Sink,
    ) -> (Option<Pfn>, CompactResult) {
        let (gfp, order) = (request.gfp, request.order);
        let mut best = CompactResult::Skipped;
        if order == 0 || !gfp.contains(Gfp::IO) {
            return (None, best);
        }
        let highest = ZoneKind::of_request(gfp);
        for zone in self.zonelist(highest) {
            let part = &mut self.parts[zone];
            let kind = part.kind;
            if effort < CompactEffort::SyncFull && part.compact.deferred(order) {
                let result = CompactResult::Deferred;
                sink.event(Event::CompactSkip { zone: kind, result });
                best = best.max(result);
                continue;
            }
            let control = CompactControl {
                order: Some(order),
                list: part.zone.list_of(gfp),
                effort,
                direct: true,
                score: None,
                most: u32::MAX,
            };
            let compacted = match self.why_not_compact(zone, order, highest, flags) {
                Some(result) => {
                    sink.event(Event::CompactSkip { zone: kind, result });
                    Err(result)
                }
                None => Ok(self.compact_zone(zone, control, sink)),
            };
            let result = compacted.map_or_else(|result| result, |done| done.result);
            best = best.max(result);
            let part = &mut self.parts[zone];
            if result == CompactResult::Success {
                part.compact.succeeded(order, false);
                if let Ok(Compacted {
                    captured: Some(pfn),
                    ..
                }) = compacted
                {
                    let pfn = pfn - part.start;
                    let start = part.start;
                    let none = PageFlags::empty();
                    part.zone
                        .hand_out(pfn, request, none, &mut Shift { sink, start });
                    part.compact.succeeded(order, true);
                    return (Some(start + pfn), best);
                }
                break;
            }
            if effort > CompactEffort::Async
                && matches!(
                    result,
                    CompactResult::Complete | CompactResult::PartialSkipped
                )
            {
                part.compact.defer(order);
            }
        }
        let got = self.get_page(request, stage, Mark::Min, flags, sink);
        if let Some(pfn) = got
            && let Some(part) = self.part_of_mut(pfn)
        {
            part.compact.succeeded(order, true);
        }
        (got, best)
    }

    /// Why a zone is not to be compacted for a request, if it is not (`compaction_suit_allocation_order()`).
    pub(super) fn why_not_compact(
        &self,
        zone: usize,
        order: Order,
        highest: ZoneKind,
        flags: AllocFlags,
    ) -> Option<CompactResult> {
        let part = &self.parts[zone];
        let reserve = part.reserve[highest as usize];
        let free = part.zone.nr_free_pages();
        let mark = part.zone.watermarks().min + part.zone.watermark_boost();
        let threshold = self.config.extfrag_threshold;
        if part.zone.watermark_ok(order, mark, reserve, flags, free) {
            Some(CompactResult::Success)
        } else if part
            .zone
            .compaction_suitable(order, reserve, threshold, free)
        {
            None
        } else {
            Some(CompactResult::Skipped)
        }
    }

    /// Compacts one zone and tells of it. The frame numbers that come back are those of the machine.
    pub(super) fn compact_zone(
        &mut self,
        zone: usize,
        control: CompactControl,
        sink: &mut impl Sink,
    ) -> Compacted {
        let part = &mut self.parts[zone];
        let (zone, effort, start) = (part.kind, control.effort, part.start);
        sink.event(Event::CompactStart { zone, effort });
        let shift = &mut Shift { sink, start };
        let mut done = part.zone.compact_zone(control, &mut part.compact, shift);
        done.migrate_pfn += start;
        done.free_pfn += start;
        done.captured = done.captured.map(|pfn| start + pfn);
        sink.event(Event::CompactEnd {
            zone,
            result: done.result,
            migrated: done.migrated,
            migrate_pfn: done.migrate_pfn,
            free_pfn: done.free_pfn,
        });
        done
    }

    /// Compacts all zones wholly, as when 1 is written to `/proc/sys/vm/compact_memory`. Returns the pages moved.
    pub fn compact_memory(&mut self, sink: &mut impl Sink) -> u32 {
        let zones = 0..self.parts.len();
        zones
            .map(|zone| {
                self.compact_zone(zone, CompactControl::WHOLE, sink)
                    .migrated
            })
            .sum()
    }

    /// Pageblocks of a zone that compaction passes over because it found nothing there, and for how many requests it
    /// is put off after its last failure (1: for none). None if the node has no zone of that kind.
    pub fn compaction_memory(&self, kind: ZoneKind) -> Option<(u32, u32)> {
        let part = self.parts.iter().find(|part| part.kind == kind)?;
        Some((part.compact.nr_skipped(), part.compact.pause()))
    }
}
