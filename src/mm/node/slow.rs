//! The slow path of a request, in Linux's order: wake, retry, compact, reclaim, compact, retry, kill.

use super::super::zone::{Request, compact_gap};
use super::super::{
    AllocFlags, CompactEffort, CompactResult, Event, Gfp, Mark, MigrateType, Order, Owner,
    PAGE_ALLOC_COSTLY_ORDER, Pfn, Sink, Stage,
};
use super::reclaim::MAX_RECLAIM_RETRIES;
use super::{Node, ZoneKind};

/// After this many rounds the model ends a request that Linux would never end.
pub const MAX_ROUNDS: u32 = 64;

/// Rounds a request may take because compaction made blocks that it did not get; a quarter of it if it is costly
/// (`MAX_COMPACT_RETRIES`).
const MAX_COMPACT_RETRIES: u32 = 16;

/// Where a request stands between rounds.
struct Course {
    flags: AllocFlags,
    effort: CompactEffort,
    /// What came of the last compaction.
    compacted: CompactResult,
    compact_retries: u32,
    /// Rounds without progress.
    no_progress: u32,
    rounds: u32,
    /// Reclaim freed something, or somebody was killed.
    progress: bool,
}

/// How a round ended.
enum Round {
    Got(Pfn),
    Again,
    Fail,
}

impl Node {
    /// `__alloc_pages_slowpath()`.
    pub(super) fn serve_slowly(
        &mut self,
        request: &mut Request,
        sink: &mut impl Sink,
    ) -> Option<Pfn> {
        let (gfp, order) = (request.gfp, request.order);
        let flags = AllocFlags::from_gfp(gfp, order);
        let mut course = Course {
            flags,
            effort: CompactEffort::SyncLight,
            compacted: CompactResult::Skipped,
            compact_retries: 0,
            no_progress: 0,
            rounds: 0,
            progress: false,
        };
        self.wake_for(request, flags, sink);
        if let Some(pfn) = self.get_page(request, Stage::Slow, Mark::Min, flags, sink) {
            return Some(pfn);
        }
        // Large blocks that cannot be had by reclaiming single pages: compaction may do without any reclaim.
        let costly = order > PAGE_ALLOC_COSTLY_ORDER;
        let hard = costly || order > 0 && gfp.migratetype() != MigrateType::Movable;
        let may_compact = gfp.contains(Gfp::IO);
        if gfp.can_sleep() && may_compact && hard && self.reserves(gfp, request.owner).is_empty() {
            let (stage, effort) = (Stage::AfterEarlyCompaction, CompactEffort::Async);
            let (got, result) = self.direct_compact(request, stage, flags, effort, sink);
            if got.is_some() {
                return got;
            }
            if costly && gfp.contains(Gfp::NORETRY) {
                if result <= CompactResult::Deferred {
                    return self.never_fail(request, sink);
                }
                course.effort = effort;
            }
        }
        loop {
            course.rounds += 1;
            if course.rounds > 1 {
                sink.event(Event::Retry {
                    round: course.rounds - 1,
                    no_progress: course.no_progress,
                });
            }
            match self.round(request, &mut course, sink) {
                Round::Got(pfn) => return Some(pfn),
                Round::Again => {}
                Round::Fail => {
                    if let Some(pfn) = self.never_fail(request, sink) {
                        return Some(pfn);
                    }
                    if !gfp.contains(Gfp::NOFAIL) || !gfp.can_sleep() {
                        return None;
                    }
                }
            }
            if course.rounds >= MAX_ROUNDS {
                let rounds = course.rounds;
                sink.event(Event::LoopEnded { rounds });
                return None;
            }
        }
    }

    /// One round, from Linux's label `retry` on.
    fn round(&mut self, request: &mut Request, course: &mut Course, sink: &mut impl Sink) -> Round {
        let (gfp, order) = (request.gfp, request.order);
        self.wake_for(request, course.flags, sink);
        let reserves = self.reserves(gfp, request.owner);
        if !reserves.is_empty() {
            let kept = AllocFlags::KSWAPD | AllocFlags::CMA;
            course.flags = reserves | course.flags & kept;
        }
        let flags = course.flags;
        if let Some(pfn) = self.get_page(request, Stage::Round, Mark::Min, flags, sink) {
            return Round::Got(pfn);
        }
        if !gfp.can_sleep() {
            return Round::Fail;
        }
        if let Some(pfn) = self.reclaim_and_get(request, course, sink) {
            return Round::Got(pfn);
        }
        let (stage, effort) = (Stage::AfterCompaction, course.effort);
        let (got, result) = self.direct_compact(request, stage, flags, effort, sink);
        course.compacted = result;
        if let Some(pfn) = got {
            return Round::Got(pfn);
        }
        let costly = order > PAGE_ALLOC_COSTLY_ORDER;
        let may_compact = gfp.contains(Gfp::IO);
        if gfp.contains(Gfp::NORETRY)
            || costly && !(may_compact && gfp.contains(Gfp::RETRY_MAYFAIL))
        {
            return Round::Fail;
        }
        if self.should_reclaim_retry(request, course, sink)
            || course.progress && may_compact && self.should_compact_retry(request, course)
        {
            return Round::Again;
        }
        let (got, hope) = self.may_oom(request, sink);
        if let Some(pfn) = got {
            return Round::Got(pfn);
        }
        // Somebody who is dying and could not do with the reserves does not wait.
        let dying = self.is_victim(request.owner);
        if dying && (course.flags.contains(AllocFlags::OOM) || gfp.contains(Gfp::NOMEMALLOC)) {
            return Round::Fail;
        }
        if hope {
            course.no_progress = 0;
            Round::Again
        } else {
            Round::Fail
        }
    }

    fn wake_for(&mut self, request: &Request, flags: AllocFlags, sink: &mut impl Sink) {
        if flags.contains(AllocFlags::KSWAPD) {
            let highest = ZoneKind::of_request(request.gfp);
            self.wake_kswapd(request.gfp, request.order, highest, sink);
        }
    }

    fn is_victim(&self, owner: Owner) -> bool {
        self.tasks.get(&owner).is_some_and(|task| task.victim)
    }

    /// Leave to go below the watermarks that has nothing to do with urgency: all of it for those who free memory, some
    /// for the OOM killer's victims (`__gfp_pfmemalloc_flags()`).
    fn reserves(&self, gfp: Gfp, owner: Owner) -> AllocFlags {
        if gfp.contains(Gfp::NOMEMALLOC) {
            AllocFlags::empty()
        } else if gfp.contains(Gfp::MEMALLOC) {
            AllocFlags::NO_WATERMARKS
        } else if self.is_victim(owner) {
            AllocFlags::OOM
        } else {
            AllocFlags::empty()
        }
    }

    /// `__alloc_pages_direct_reclaim()`. What was freed may be stuck in the high-atomic reserve or on lists of CPUs.
    fn reclaim_and_get(
        &mut self,
        request: &mut Request,
        course: &mut Course,
        sink: &mut impl Sink,
    ) -> Option<Pfn> {
        let (gfp, order, flags) = (request.gfp, request.order, course.flags);
        course.progress = self.direct_reclaim(gfp, order, sink) > 0;
        if !course.progress {
            return None;
        }
        self.get_page(request, Stage::AfterReclaim, Mark::Min, flags, sink)
            .or_else(|| {
                self.unreserve(gfp, false, sink);
                self.drain_all(sink);
                self.get_page(request, Stage::AfterUnreserve, Mark::Min, flags, sink)
            })
    }

    /// True if another round of reclaim may help: not too many were useless, and the watermark would be passed if all
    /// page cache were free. Before it says no it gives up the high-atomic reserve (`should_reclaim_retry()`).
    fn should_reclaim_retry(
        &mut self,
        request: &Request,
        course: &mut Course,
        sink: &mut impl Sink,
    ) -> bool {
        let (gfp, order) = (request.gfp, request.order);
        if course.progress && order <= PAGE_ALLOC_COSTLY_ORDER {
            course.no_progress = 0;
        } else {
            course.no_progress += 1;
        }
        if course.no_progress <= MAX_RECLAIM_RETRIES {
            let highest = ZoneKind::of_request(gfp);
            for zone in self.zonelist(highest) {
                let part = &self.parts[zone];
                let available = part.zone.nr_free_pages() + part.zone.nr_lru();
                let mark = part.zone.watermarks().min + part.zone.watermark_boost();
                let reserve = part.reserve[highest as usize];
                let flags = course.flags;
                if part
                    .zone
                    .watermark_ok(order, mark, reserve, flags, available)
                {
                    return true;
                }
            }
        }
        self.unreserve(gfp, true, sink)
    }

    /// True if another compaction may help, harder than before if it has to be (`should_compact_retry()`).
    fn should_compact_retry(&self, request: &Request, course: &mut Course) -> bool {
        let order = request.order;
        let costly = order > PAGE_ALLOC_COSTLY_ORDER;
        if order == 0 {
            return false;
        }
        if course.compacted == CompactResult::Skipped {
            return self.would_suit(order, ZoneKind::of_request(request.gfp));
        }
        if course.compacted == CompactResult::Success {
            let most = if costly {
                MAX_COMPACT_RETRIES / 4
            } else {
                MAX_COMPACT_RETRIES
            };
            course.compact_retries += 1;
            if course.compact_retries <= most {
                return true;
            }
        }
        let hardest = if costly {
            CompactEffort::SyncLight
        } else {
            CompactEffort::SyncFull
        };
        match course.effort.harder() {
            Some(harder) if course.effort < hardest => {
                course.effort = harder;
                course.compact_retries = 0;
                true
            }
            _ => false,
        }
    }

    /// True if compaction would be suitable in some zone after a good part of page cache was reclaimed
    /// (`compaction_zonelist_suitable()`).
    fn would_suit(&self, order: Order, highest: ZoneKind) -> bool {
        self.zonelist(highest).any(|zone| {
            let part = &self.parts[zone];
            let free = part.zone.nr_free_pages() + part.zone.nr_lru() / u32::from(order.max(1));
            let mark = part.zone.watermarks().min + part.zone.watermark_boost();
            let reserve = part.reserve[highest as usize];
            let mark = mark + compact_gap(order);
            part.zone
                .watermark_ok(0, mark, reserve, AllocFlags::CMA, free)
        })
    }

    /// A request that must not fail and may sleep takes from the reserves before it goes round again.
    fn never_fail(&mut self, request: &mut Request, sink: &mut impl Sink) -> Option<Pfn> {
        if !request.gfp.contains(Gfp::NOFAIL) || !request.gfp.can_sleep() {
            return None;
        }
        let flags = AllocFlags::MIN_RESERVE | AllocFlags::CPUSET;
        self.get_page(request, Stage::NoFail, Mark::Min, flags, sink)
    }
}
