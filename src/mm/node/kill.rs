//! The OOM killer: when it is asked, whom it may kill, and what comes free.

use serde::{Deserialize, Serialize};

use super::super::zone::Request;
use super::super::{
    AllocFlags, BlockState, Event, Gfp, Mark, NoKill, Owner, PAGE_ALLOC_COSTLY_ORDER, PageFlags,
    Pfn, Sink, Stage,
};
use super::shift::Shift;
use super::{Node, ZoneKind};
use crate::mm::oom::{self, Candidate};

/// What the OOM killer has to know about a task beside the memory it holds. Amounts are in pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OomTask {
    /// `oom_score_adj`, -1000 (immune) to 1000.
    pub adj: i16,
    /// Memory it has swapped out.
    pub swap: u32,
    /// Memory its page tables take.
    pub pagetables: u32,
    /// It was killed: it may use part of the reserves to die, and is not killed again.
    pub victim: bool,
}

impl Node {
    /// Says that an owner of memory is a task that may be killed. Owners that are not tasks are the kernel's own.
    pub fn set_task(&mut self, owner: Owner, task: OomTask) {
        self.tasks.insert(owner, task);
    }

    /// A task is gone. Blocks it still has are nobody's to kill for then.
    pub fn remove_task(&mut self, owner: Owner) -> Option<OomTask> {
        self.tasks.remove(&owner)
    }

    /// The tasks, in order of their owners.
    pub fn tasks(&self) -> impl Iterator<Item = (Owner, OomTask)> + '_ {
        self.tasks.iter().map(|(&owner, &task)| (owner, task))
    }

    /// Those who may be killed, with what they hold, in order of their owners. O(blocks).
    pub fn candidates(&self) -> Vec<Candidate> {
        let alive = self.tasks().filter(|(_, task)| !task.victim);
        let mut candidates: Vec<_> = alive
            .map(|(owner, task)| Candidate {
                owner,
                rss: 0,
                swap: task.swap,
                pagetables: task.pagetables,
                adj: task.adj,
            })
            .collect();
        for block in self.blocks() {
            if let BlockState::Allocated { owner, flags, .. } = block.state
                && !flags.contains(PageFlags::RESERVED)
                && let Ok(at) = candidates.binary_search_by_key(&owner, |task| task.owner)
            {
                candidates[at].rss += block.pages();
            }
        }
        candidates
    }

    /// Kills a task: all its blocks are freed, locked and pinned ones too, but not those reserved at boot. Returns
    /// the pages freed.
    ///
    /// In Linux the victim frees its memory as it exits, or the reaper does; here at once, and nothing of it stays on
    /// lists of CPUs. Page cache it owns goes with it, where in Linux only the mapping would.
    pub fn kill(&mut self, owner: Owner, sink: &mut impl Sink) -> u32 {
        if let Some(task) = self.tasks.get_mut(&owner) {
            task.victim = true;
        }
        let mut freed = 0;
        for part in &mut self.parts {
            let start = part.start;
            let held: Vec<_> = part
                .zone
                .blocks()
                .filter(|block| {
                    matches!(block.state, BlockState::Allocated { owner: by, flags, .. }
                        if by == owner && !flags.contains(PageFlags::RESERVED))
                })
                .collect();
            for block in held {
                let shift = &mut Shift { sink, start };
                if part.zone.free_pages(block.pfn, block.order, shift).is_ok() {
                    freed += block.pages();
                }
            }
            part.zone.drain_all(&mut Shift { sink, start });
        }
        freed
    }

    /// The last resort of a request: tries at `high`, then has somebody killed. Returns the block if the try got one,
    /// and whether there is hope in going round again (`__alloc_pages_may_oom()`).
    pub(super) fn may_oom(
        &mut self,
        request: &mut Request,
        sink: &mut impl Sink,
    ) -> (Option<Pfn>, bool) {
        let gfp = request.gfp;
        let flags = AllocFlags::CPUSET;
        if let Some(pfn) = self.get_page(request, Stage::BeforeKill, Mark::High, flags, sink) {
            return (Some(pfn), true);
        }
        let spare = if request.order > PAGE_ALLOC_COSTLY_ORDER {
            Some(NoKill::Costly)
        } else if gfp.contains(Gfp::RETRY_MAYFAIL) {
            Some(NoKill::MayFail)
        } else if gfp.contains(Gfp::THISNODE) {
            Some(NoKill::ThisNode)
        } else if ZoneKind::of_request(gfp) < ZoneKind::Normal {
            Some(NoKill::LowZone)
        } else if !gfp.contains(Gfp::FS) {
            Some(NoKill::NoFs)
        } else {
            None
        };
        if let Some(why) = spare {
            sink.event(Event::OomSpare { why });
            return (None, why == NoKill::NoFs);
        }
        let candidates = self.candidates();
        let Some((owner, points)) = oom::select(&candidates, self.managed()) else {
            let why = NoKill::Nobody;
            sink.event(Event::OomSpare { why });
            return (None, false);
        };
        let held = candidates.iter().find(|task| task.owner == owner);
        let pages = held.map_or(0, |task| task.rss);
        sink.event(Event::OomKill {
            owner,
            points,
            pages,
        });
        self.kill(owner, sink);
        (None, true)
    }
}
