//! Events of a zone as a node tells them: with frame numbers of the whole machine.

use super::super::{Event, Pfn, Sink};

/// Hands events on with the zone's first frame added to every frame number.
pub(super) struct Shift<'a, S> {
    pub sink: &'a mut S,
    pub start: Pfn,
}

impl<S: Sink> Sink for Shift<'_, S> {
    fn event(&mut self, mut event: Event) {
        match &mut event {
            Event::Split { pfn, .. }
            | Event::Merge { pfn, .. }
            | Event::Alloc { pfn, .. }
            | Event::Free { pfn, .. }
            | Event::Fallback { pfn, .. }
            | Event::Evict { pfn, .. }
            | Event::WriteBack { pfn, .. }
            | Event::Isolate { pfn, .. }
            | Event::Unisolate { pfn, .. }
            | Event::ReserveHighAtomic { pfn }
            | Event::UnreserveHighAtomic { pfn } => *pfn += self.start,
            Event::Migrate { from, to, .. } => {
                *from += self.start;
                *to += self.start;
            }
            Event::CompactEnd {
                migrate_pfn,
                free_pfn,
                ..
            } => {
                *migrate_pfn += self.start;
                *free_pfn += self.start;
            }
            Event::Fail(_)
            | Event::WakeKswapd
            | Event::Attempt { .. }
            | Event::PassOver { .. }
            | Event::DirectReclaim { .. }
            | Event::Reclaimed { .. }
            | Event::KswapdSleep { .. }
            | Event::CompactSkip { .. }
            | Event::CompactStart { .. }
            | Event::Retry { .. }
            | Event::OomKill { .. }
            | Event::OomSpare { .. }
            | Event::LoopEnded { .. } => {}
        }
        self.sink.event(event);
    }
}
