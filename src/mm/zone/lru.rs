//! Page cache: the least-recently-used list, eviction, write-back and reclaim; and flags and owners of blocks.

use super::super::{Event, EvictError, FlagError, Order, Owner, PageFlags, Pfn, Sink};
use super::list::End;
use super::{Frame, Info, Zone};

impl Zone {
    /// Makes the allocated block at `pfn` page cache, most recently used. Nothing happens if no allocated block
    /// begins there, or it is page cache already, reserved or exclusive.
    pub fn lru_add(&mut self, pfn: Pfn) {
        let Some(order) = self.allocated_order(pfn) else {
            return;
        };
        let info = self.info(pfn);
        let not = PageFlags::LRU | PageFlags::RESERVED | PageFlags::EXCLUSIVE;
        if info.flags.intersects(not) {
            return;
        }
        let flags = info.flags | PageFlags::LRU;
        self.set_allocated(pfn, order, Info { flags, ..info });
        let clean = !flags.contains(PageFlags::DIRTY);
        self.nr_lru += 1 << order;
        self.nr_lru_clean += u32::from(clean) << order;
        self.link(pfn, self.lru_head(), End::Head);
    }

    /// Page cache was used: it becomes the most recently used. Any frame of the block will do; nothing happens if
    /// it is not page cache.
    pub fn touch(&mut self, pfn: Pfn) {
        if pfn >= self.config.pages {
            return;
        }
        let (head, frame) = self.head_of(pfn);
        if matches!(frame, Frame::Allocated(_)) && self.info(head).flags.contains(PageFlags::LRU) {
            self.unlink(head);
            self.link(head, self.lru_head(), End::Head);
        }
    }

    /// Pages of page cache.
    pub fn nr_lru(&self) -> u32 {
        self.nr_lru
    }

    /// Pages of clean page cache.
    pub fn nr_lru_clean(&self) -> u32 {
        self.nr_lru_clean
    }

    /// The blocks of page cache, most recently used first.
    pub fn lru_list(&self) -> impl Iterator<Item = Pfn> + '_ {
        self.list(self.lru_head())
    }

    /// The block of page cache used longest ago.
    pub(super) fn lru_last(&self) -> Option<Pfn> {
        self.list_end(self.lru_head(), End::Tail)
    }

    /// Drops one block of page cache, which frees it. Returns its order.
    ///
    /// # Errors
    ///
    /// An [`EvictError`] if no allocated block begins there, or it is not page cache, dirty, locked or pinned.
    pub fn evict(&mut self, pfn: Pfn, sink: &mut impl Sink) -> Result<Order, EvictError> {
        let order = self.allocated_order(pfn).ok_or(EvictError::NotHead)?;
        let info = self.info(pfn);
        if !info.flags.contains(PageFlags::LRU) {
            return Err(EvictError::NotCache);
        }
        if info.flags.intersects(PageFlags::STAYS) {
            return Err(EvictError::Busy);
        }
        if info.flags.contains(PageFlags::DIRTY) {
            return Err(EvictError::Dirty);
        }
        let owner = info.owner;
        sink.event(Event::Evict { pfn, order, owner });
        self.free_block(pfn, order, sink);
        Ok(order)
    }

    /// Writes a block back: it is clean now. Nothing happens if no dirty block begins there.
    pub fn writeback(&mut self, pfn: Pfn) {
        // Only a frame that no allocated block begins at is refused.
        let _ = self.clear_flags(pfn, PageFlags::DIRTY);
    }

    /// One round of reclaim on kswapd's behalf: drops page cache, least recently used first, until `nr_pages` pages
    /// are free or every block was looked at once. Returns the number of pages freed, which can be more by part of a
    /// block.
    ///
    /// Dirty blocks are written back and count as just used; locked and pinned ones are passed over. As many pages of
    /// the watermark boost are given back as were freed, or all if none could be (`balance_pgdat()`).
    pub fn reclaim(&mut self, nr_pages: u32, sink: &mut impl Sink) -> u32 {
        let freed = self.shrink_lru(nr_pages, sink);
        if freed == 0 && nr_pages > 0 {
            self.set_boost(0);
        } else {
            self.unboost(freed);
        }
        freed
    }

    /// Reclaims without giving back watermark boost: that is kswapd's to do.
    pub(super) fn shrink_lru(&mut self, nr_pages: u32, sink: &mut impl Sink) -> u32 {
        let head = self.lru_head();
        let Some(last) = self.list_end(head, End::Head) else {
            return 0;
        };
        let mut at = self.links[head as usize].prev;
        let mut freed = 0;
        while at != head && freed < nr_pages {
            let before = self.links[at as usize].prev;
            match self.evict(at, sink) {
                Ok(order) => freed += 1 << order,
                Err(EvictError::Dirty) => {
                    self.writeback(at);
                    self.touch(at);
                    if let Some(order) = self.allocated_order(at) {
                        sink.event(Event::WriteBack { pfn: at, order });
                    }
                }
                Err(_) => {}
            }
            if at == last {
                break;
            }
            at = before;
        }
        freed
    }

    /// Sets flags of the block that begins at `pfn`.
    ///
    /// # Errors
    ///
    /// A [`FlagError`] if no allocated block begins there, or a flag is [`PageFlags::RESERVED`] or
    /// [`PageFlags::LRU`].
    pub fn set_flags(&mut self, pfn: Pfn, flags: PageFlags) -> Result<(), FlagError> {
        self.change_flags(pfn, flags, true)
    }

    /// Clears flags of the block that begins at `pfn`.
    ///
    /// # Errors
    ///
    /// As [`Zone::set_flags`].
    pub fn clear_flags(&mut self, pfn: Pfn, flags: PageFlags) -> Result<(), FlagError> {
        self.change_flags(pfn, flags, false)
    }

    fn change_flags(&mut self, pfn: Pfn, flags: PageFlags, on: bool) -> Result<(), FlagError> {
        let order = self.allocated_order(pfn).ok_or(FlagError::NotHead)?;
        let fixed = flags & PageFlags::FIXED;
        if !fixed.is_empty() {
            return Err(FlagError::Fixed { flags: fixed });
        }
        let before = self.info(pfn);
        let mut after = before;
        after.flags.set(flags, on);
        self.set_allocated(pfn, order, after);
        if after.flags.contains(PageFlags::LRU) {
            let clean = |info: Info| u32::from(!info.flags.contains(PageFlags::DIRTY)) << order;
            self.nr_lru_clean = self.nr_lru_clean - clean(before) + clean(after);
        }
        Ok(())
    }

    /// Gives the block that begins at `pfn` to somebody else.
    ///
    /// # Errors
    ///
    /// [`FlagError::NotHead`] if no allocated block begins there.
    pub fn set_owner(&mut self, pfn: Pfn, owner: Owner) -> Result<(), FlagError> {
        let order = self.allocated_order(pfn).ok_or(FlagError::NotHead)?;
        let info = self.info(pfn);
        self.set_allocated(pfn, order, Info { owner, ..info });
        Ok(())
    }

    /// Takes page cache off the list, for good.
    #[cold]
    pub(super) fn lru_del(&mut self, pfn: Pfn) {
        if let Some(order) = self.allocated_order(pfn) {
            let info = self.info(pfn);
            self.nr_lru -= 1 << order;
            self.nr_lru_clean -= u32::from(!info.flags.contains(PageFlags::DIRTY)) << order;
            self.unlink(pfn);
            let flags = info.flags - PageFlags::LRU;
            self.set_allocated(pfn, order, Info { flags, ..info });
        }
    }
}
