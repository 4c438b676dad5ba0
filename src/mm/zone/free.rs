//! Giving blocks back: the checks Linux leaves to the caller, and the merging of buddies.

use super::super::{Event, FreeError, MAX_PAGE_ORDER, MigrateType, Order, PageFlags, Pfn, Sink};
use super::list::{End, may_merge};
use super::{Frame, Info, State, Zone};

impl Zone {
    /// Gives back the block of `2^order` pages that begins at `pfn`. It merges with free buddies as far as it can,
    /// unless the CPU keeps it on a list of its own.
    ///
    /// Events: [`Event::Free`], then an [`Event::Merge`] for each merge; [`Event::Split`] where parts of the block
    /// belong to migrate types that do not merge.
    ///
    /// # Errors
    ///
    /// Exactly what is wrong, in this order: out of range, misaligned, double free, interior, reserved, wrong
    /// order. Nothing has changed then. Linux detects none of these reliably.
    #[inline]
    pub fn free_pages(
        &mut self,
        pfn: Pfn,
        order: Order,
        sink: &mut impl Sink,
    ) -> Result<(), FreeError> {
        if self.pcp.is_some() {
            self.free_unref_page(pfn, order, sink)
        } else {
            self.free_to_list(pfn, order, sink)
        }
    }

    /// Frees page cache, or says why a block cannot be freed.
    #[cold]
    pub(super) fn free_unusual(
        &mut self,
        pfn: Pfn,
        order: Order,
        sink: &mut impl Sink,
    ) -> Result<(), FreeError> {
        if !self.state(pfn).may_free(order) {
            return Err(self.why_not_free(pfn, order));
        }
        self.free_block(pfn, order, sink);
        Ok(())
    }

    /// Why the block cannot be freed.
    #[cold]
    fn why_not_free(&self, pfn: Pfn, order: Order) -> FreeError {
        if pfn >= self.config.pages {
            return FreeError::OutOfRange;
        }
        if order > MAX_PAGE_ORDER || !pfn.is_multiple_of(1 << order) {
            return FreeError::Misaligned;
        }
        match self.head_of(pfn) {
            (_, Frame::Free(_) | Frame::Cached(_) | Frame::Inside) => FreeError::DoubleFree,
            (head, Frame::Allocated(order)) if head != pfn => FreeError::Interior { head, order },
            (_, Frame::Allocated(_)) if self.info(pfn).flags.contains(PageFlags::RESERVED) => {
                FreeError::Reserved
            }
            (_, Frame::Allocated(actual)) => FreeError::WrongOrder { actual },
        }
    }

    /// Frees an allocated block and tells so.
    pub(super) fn free_block(&mut self, pfn: Pfn, order: Order, sink: &mut impl Sink) {
        let Info { owner, .. } = self.info(pfn);
        sink.event(Event::Free { pfn, order, owner });
        self.forget(pfn);
        if self.pcp.is_none() || !self.free_to_pcp(pfn, order, sink) {
            self.free_range(pfn, order, false, sink);
        }
    }

    /// Takes an allocated block off the LRU list and forgets whose it was.
    #[inline]
    pub(super) fn forget(&mut self, pfn: Pfn) {
        if self.states[pfn as usize].is_lru() {
            self.lru_del(pfn);
        }
        self.states[pfn as usize] = State::INSIDE;
    }

    /// Puts a range that is on no list back, each pageblock's part with its own type.
    ///
    /// Linux 6.12 `mm/page_alloc.c`: `split_large_buddy()`. Merges inside the range are not told, for to whoever
    /// listens it was one block; instead it is told where it comes apart.
    #[inline(never)]
    pub(super) fn free_range(
        &mut self,
        pfn: Pfn,
        order: Order,
        to_tail: bool,
        sink: &mut impl Sink,
    ) {
        if order > self.config.pageblock_order {
            self.free_pageblocks(pfn, order, to_tail, sink);
        } else {
            self.free_one(pfn, order, self.pageblock_type(pfn), to_tail, order, sink);
        }
    }

    /// [`Zone::free_range`] for a range of several pageblocks.
    #[cold]
    fn free_pageblocks(&mut self, pfn: Pfn, order: Order, to_tail: bool, sink: &mut impl Sink) {
        let piece = self.config.pageblock_order;
        for at in (pfn..pfn + (1 << order)).step_by(1 << piece) {
            let list = self.pageblock_type(at);
            self.free_one(at, piece, list, to_tail, order, sink);
        }
        self.tell_splits(pfn, order, sink);
    }

    /// Merges a block of at most a pageblock with free buddies and puts it on a free list (`__free_one_page()`).
    ///
    /// Merges of whole pageblocks up to order `told` are not told.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "all that freeing is")]
    fn free_one(
        &mut self,
        pfn: Pfn,
        order: Order,
        list: MigrateType,
        to_tail: bool,
        told: Order,
        sink: &mut impl Sink,
    ) {
        self.free_area.account(1 << order, list);
        self.free_counted(pfn, order, list, to_tail, told, sink);
    }

    /// [`Zone::free_one`] for a block whose pages are counted already.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "all that freeing is")]
    pub(super) fn free_counted(
        &mut self,
        pfn: Pfn,
        order: Order,
        list: MigrateType,
        to_tail: bool,
        told: Order,
        sink: &mut impl Sink,
    ) {
        // Below pageblock order, buddies share a pageblock and its type.
        let below = self.config.pageblock_order;
        let whole = self.merge_and_link(pfn, order, below, list, to_tail, |pfn, order| {
            sink.event(Event::Merge { pfn, order });
        });
        if let Some(whole) = whole {
            self.free_pageblock(whole, below, list, to_tail, told, sink);
        }
    }

    /// Merges a whole pageblock, or several, with free buddies and puts it on a free list.
    #[inline(never)]
    pub(super) fn free_pageblock(
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
            if !self.is_free(buddy, order) || !self.take_foreign_buddy(buddy, order, list) {
                break;
            }
            pfn &= buddy;
            order += 1;
            if order > told {
                sink.event(Event::Merge { pfn, order });
            }
        }
        let tail = to_tail || self.buddy_merge_likely(pfn, order);
        self.link_free(pfn, order, list, End::tail_if(tail));
    }

    /// Takes a free buddy in another pageblock off its list and gives it the type `list`, if both types merge or are
    /// the same. True if they do.
    fn take_foreign_buddy(&mut self, buddy: Pfn, order: Order, list: MigrateType) -> bool {
        let other = self.pageblock_type(buddy);
        if other == list {
            self.unlink_free(buddy, order, list);
            return true;
        }
        if !(other.is_mergeable() && list.is_mergeable()) {
            return false;
        }
        self.del_from_free_list(buddy, order, other);
        self.retag(buddy, order, list);
        self.free_area.account(1 << order, list);
        true
    }

    /// See [`may_merge`].
    #[inline]
    pub(super) fn buddy_merge_likely(&self, pfn: Pfn, order: Order) -> bool {
        may_merge(&self.states, pfn, order)
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
