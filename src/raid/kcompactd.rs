//! kcompactd: moves movable rooms from the bottom of memory to its top, when a request failed of fragmentation.

use super::{Event, Raid};
use crate::labyrinth::Cell;
use crate::mm::{AllocFailure, CompactResult, Compaction, FailReason, Order};

/// `vm.extfrag_threshold`: above this fragmentation index a failure counts as one of fragmentation.
const EXTFRAG_THRESHOLD: u32 = 500;

/// kcompactd.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Kcompactd {
    /// The largest order of which a request failed by fragmentation this turn.
    pub woken: Option<Order>,
    /// The order it is at work for.
    pub order: Option<Order>,
    pub compaction: Compaction,
    /// Where it last moved something from.
    pub cell: Cell,
}

impl Raid {
    /// A task's request failed: if there were pages enough, but no block, kcompactd is woken.
    pub(super) fn wake_kcompactd(&mut self, failure: &AllocFailure) {
        if failure.order > 0 && failure.reason == FailReason::Fragmentation {
            self.kcompactd.woken = self.kcompactd.woken.max(Some(failure.order));
        }
    }

    /// kcompactd's turn: a few pages, until there is a block of the order it was woken for or the scanners met.
    pub(super) fn run_kcompactd(&mut self) {
        let woken = self.kcompactd.woken.take();
        let pages = self.zone.kcompactd_pages;
        if pages == 0 {
            return;
        }
        if self.kcompactd.order.is_none() {
            let Some(order) = woken else { return };
            if !self
                .kcompactd
                .compaction
                .should_begin(&self.memory, order, EXTFRAG_THRESHOLD)
            {
                return;
            }
            self.events.push(Event::KcompactdWoke { order });
            self.kcompactd.order = Some(order);
        }
        let Some(order) = self.kcompactd.order.max(woken) else {
            return;
        };
        self.kcompactd.order = Some(order);
        let ended =
            self.kcompactd
                .compaction
                .step(&mut self.memory, order, pages, &mut self.memory_events);
        self.book_memory(0);
        if let Some(result) = ended {
            self.kcompactd.order = None;
            let made = result == CompactResult::Success;
            self.events.push(Event::KcompactdSlept { order, made });
        }
    }
}
