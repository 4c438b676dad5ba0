//! One zone's share of a round of reclaim: looking at part of its page cache, from the end that was used least.

use super::super::{Event, EvictError, PageFlags, Sink};
use super::Zone;

/// What a round of reclaim came to, in pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::mm) struct Shrunk {
    /// Looked at.
    pub scanned: u32,
    /// Freed.
    pub reclaimed: u32,
}

impl Zone {
    /// Looks at the last `nr_lru() >> priority` pages of the LRU list, or stops once `wanted` pages are free.
    ///
    /// Each block looked at is freed if it is clean, and else moves to the front of the list: dirty ones are written
    /// back on the way if `may_write`, those used since they were last looked at lose [`PageFlags::REFERENCED`], and
    /// locked and pinned ones are only passed over. Linux 6.12 `mm/vmscan.c`: `shrink_lruvec()`,
    /// `shrink_folio_list()`, with one list where Linux has an active and an inactive one: the mark of use gives a
    /// block a second turn, as a move to the active list does.
    pub(in crate::mm) fn shrink(
        &mut self,
        priority: u32,
        wanted: u32,
        may_write: bool,
        sink: &mut impl Sink,
    ) -> Shrunk {
        let most = self.nr_lru() >> priority;
        let mut shrunk = Shrunk::default();
        while shrunk.scanned < most
            && shrunk.reclaimed < wanted
            && let Some(pfn) = self.lru_last()
            && let Some(block) = self.block_at(pfn)
        {
            shrunk.scanned += block.pages();
            if self.take_reference(pfn) {
                self.touch(pfn);
                continue;
            }
            match self.evict(pfn, sink) {
                Ok(_) => shrunk.reclaimed += block.pages(),
                Err(error) => {
                    if error == EvictError::Dirty && may_write {
                        self.writeback(pfn);
                        let order = block.order;
                        sink.event(Event::WriteBack { pfn, order });
                    }
                    self.touch(pfn);
                }
            }
        }
        shrunk
    }

    /// Clears the mark of use of a block that is on the LRU list. True if it was set.
    fn take_reference(&mut self, pfn: u32) -> bool {
        let used = self.has_flags(pfn, PageFlags::REFERENCED);
        if used {
            // The block is on the list, so it is allocated, and the flag is one that can be changed.
            let _ = self.clear_flags(pfn, PageFlags::REFERENCED);
        }
        used
    }
}
