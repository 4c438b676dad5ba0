//! Giving blocks back: the checks Linux leaves to the caller, and the merging of buddies.

use super::super::{Event, FreeError, MAX_PAGE_ORDER, MigrateType, Order, PageFlags, Pfn, Sink};
use super::list::End;
use super::{Frame, Info, Zone};

impl Zone {
    /// Gives back the block of `2^order` pages that begins at `pfn`. It merges with free buddies as far as it can.
    ///
    /// Events: [`Event::Free`], then an [`Event::Merge`] for each merge; [`Event::Split`] where parts of the block
    /// belong to migrate types that do not merge.
    ///
    /// # Errors
    ///
    /// Exactly what is wrong, in this order: out of range, misaligned, double free, interior, reserved, wrong
    /// order. Nothing has changed then. Linux detects none of these reliably.
    pub fn free_pages(
        &mut self,
        pfn: Pfn,
        order: Order,
        sink: &mut impl Sink,
    ) -> Result<(), FreeError> {
        if pfn >= self.config.pages {
            return Err(FreeError::OutOfRange);
        }
        if order > MAX_PAGE_ORDER || !pfn.is_multiple_of(1 << order) {
            return Err(FreeError::Misaligned);
        }
        match self.head_of(pfn) {
            (_, Frame::Free(_) | Frame::Inside) => Err(FreeError::DoubleFree),
            (head, Frame::Allocated(order)) if head != pfn => {
                Err(FreeError::Interior { head, order })
            }
            (_, Frame::Allocated(actual)) => {
                if self.infos[pfn as usize].flags.contains(PageFlags::RESERVED) {
                    Err(FreeError::Reserved)
                } else if actual != order {
                    Err(FreeError::WrongOrder { actual })
                } else {
                    self.free_block(pfn, order, sink);
                    Ok(())
                }
            }
        }
    }

    /// Frees an allocated block and tells so.
    pub(super) fn free_block(&mut self, pfn: Pfn, order: Order, sink: &mut impl Sink) {
        let owner = self.infos[pfn as usize].owner;
        sink.event(Event::Free { pfn, order, owner });
        self.forget(pfn);
        self.free_range(pfn, order, false, sink);
    }

    /// Takes an allocated block off the LRU list and forgets whose it was.
    pub(super) fn forget(&mut self, pfn: Pfn) {
        if self.infos[pfn as usize].flags.contains(PageFlags::LRU) {
            self.lru_del(pfn);
        }
        self.frames[pfn as usize] = Frame::Inside;
        self.infos[pfn as usize] = Info::NONE;
    }

    /// Puts a range that is on no list back, each pageblock's part with its own type.
    ///
    /// Linux 6.12 `mm/page_alloc.c`: `split_large_buddy()`. Merges inside the range are not told, for to whoever
    /// listens it was one block; instead it is told where it comes apart.
    pub(super) fn free_range(
        &mut self,
        pfn: Pfn,
        order: Order,
        to_tail: bool,
        sink: &mut impl Sink,
    ) {
        let piece = order.min(self.config.pageblock_order);
        for at in (pfn..pfn + (1 << order)).step_by(1 << piece) {
            let list = self.pageblock_type(at);
            self.free_one(at, piece, list, to_tail, order, sink);
        }
        if piece < order {
            self.tell_splits(pfn, order, sink);
        }
    }

    /// Merges a block with free buddies and puts it on a free list (`__free_one_page()`).
    ///
    /// Merges up to order `told` are not told.
    fn free_one(
        &mut self,
        mut pfn: Pfn,
        mut order: Order,
        list: MigrateType,
        to_tail: bool,
        told: Order,
        sink: &mut impl Sink,
    ) {
        while order < MAX_PAGE_ORDER {
            let buddy = pfn ^ (1 << order);
            if self.frame(buddy) != Frame::Free(order) {
                break;
            }
            let other = self.pageblock_type(buddy);
            // Below pageblock order, buddies share a pageblock and its type.
            if other != list && !(other.is_mergeable() && list.is_mergeable()) {
                break;
            }
            self.del_from_free_list(buddy, order, other);
            if other != list {
                self.retag(buddy, order, list);
            }
            pfn &= buddy;
            order += 1;
            if order > told {
                sink.event(Event::Merge { pfn, order });
            }
        }
        let end = if to_tail || self.buddy_merge_likely(pfn, order) {
            End::Tail
        } else {
            End::Head
        };
        self.add_to_free_list(pfn, order, list, end);
    }

    /// True if the buddy of the block's parent is free: then the block's own buddy may well be freed soon, and the
    /// block had better not be the next to be handed out (`buddy_merge_likely()`).
    fn buddy_merge_likely(&self, pfn: Pfn, order: Order) -> bool {
        if order >= MAX_PAGE_ORDER - 1 {
            return false;
        }
        let parent = pfn & !(1 << order);
        self.frame(parent ^ (1 << (order + 1))) == Frame::Free(order + 1)
    }

    fn tell_splits(&self, pfn: Pfn, order: Order, sink: &mut impl Sink) {
        if let (_, Frame::Free(whole)) = self.head_of(pfn)
            && whole >= order
        {
            return;
        }
        let upper = pfn + (1 << (order - 1));
        let list = self.pageblock_type(upper);
        sink.event(Event::Split { pfn, order, list });
        self.tell_splits(pfn, order - 1, sink);
        self.tell_splits(upper, order - 1, sink);
    }
}
