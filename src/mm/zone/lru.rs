//! Page cache: the least-recently-used list, eviction, write-back and reclaim; and flags and owners of blocks.

use super::super::{Event, EvictError, FlagError, Order, Owner, PageFlags, Pfn, Sink};
use super::{NIL, Zone};

impl Zone {
    /// Makes the allocated block at `pfn` page cache, most recently used. Nothing happens if no allocated block
    /// begins there, or it is page cache already, reserved or exclusive.
    pub fn lru_add(&mut self, pfn: Pfn) {
        let Some(order) = self.allocated_order(pfn) else {
            return;
        };
        let flags = &mut self.infos[pfn as usize].flags;
        if flags.intersects(PageFlags::LRU | PageFlags::RESERVED | PageFlags::EXCLUSIVE) {
            return;
        }
        flags.insert(PageFlags::LRU);
        let clean = !flags.contains(PageFlags::DIRTY);
        self.nr_lru += 1 << order;
        self.nr_lru_clean += u32::from(clean) << order;
        self.lru_link(pfn);
    }

    /// Page cache was used: it becomes the most recently used. Any frame of the block will do; nothing happens if
    /// it is not page cache.
    pub fn touch(&mut self, pfn: Pfn) {
        if pfn >= self.config.pages {
            return;
        }
        let (head, _) = self.head_of(pfn);
        if self.infos[head as usize].flags.contains(PageFlags::LRU) {
            self.lru_unlink(head);
            self.lru_link(head);
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
        let first = (self.lru_head != NIL).then_some(self.lru_head);
        std::iter::successors(first, |&pfn| {
            let next = self.next[pfn as usize];
            (next != NIL).then_some(next)
        })
    }

    /// The block of page cache used longest ago.
    pub(super) fn lru_last(&self) -> Option<Pfn> {
        (self.lru_tail != NIL).then_some(self.lru_tail)
    }

    /// Drops one block of page cache, which frees it. Returns its order.
    ///
    /// # Errors
    ///
    /// An [`EvictError`] if no allocated block begins there, or it is not page cache, dirty, locked or pinned.
    pub fn evict(&mut self, pfn: Pfn, sink: &mut impl Sink) -> Result<Order, EvictError> {
        let order = self.allocated_order(pfn).ok_or(EvictError::NotHead)?;
        let info = self.infos[pfn as usize];
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
            self.watermark_boost = 0;
        } else {
            self.watermark_boost = self.watermark_boost.saturating_sub(freed);
        }
        freed
    }

    /// Reclaims without giving back watermark boost: that is kswapd's to do.
    pub(super) fn shrink_lru(&mut self, nr_pages: u32, sink: &mut impl Sink) -> u32 {
        let last = self.lru_head;
        let mut at = self.lru_tail;
        let mut freed = 0;
        while at != NIL && freed < nr_pages {
            let before = self.prev[at as usize];
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
        let kept = &mut self.infos[pfn as usize].flags;
        let before = *kept;
        kept.set(flags, on);
        if kept.contains(PageFlags::LRU) {
            let clean = |flags: PageFlags| u32::from(!flags.contains(PageFlags::DIRTY)) << order;
            self.nr_lru_clean = self.nr_lru_clean - clean(before) + clean(*kept);
        }
        Ok(())
    }

    /// Gives the block that begins at `pfn` to somebody else.
    ///
    /// # Errors
    ///
    /// [`FlagError::NotHead`] if no allocated block begins there.
    pub fn set_owner(&mut self, pfn: Pfn, owner: Owner) -> Result<(), FlagError> {
        self.allocated_order(pfn).ok_or(FlagError::NotHead)?;
        self.infos[pfn as usize].owner = owner;
        Ok(())
    }

    /// Takes page cache off the list, for good.
    pub(super) fn lru_del(&mut self, pfn: Pfn) {
        if let Some(order) = self.allocated_order(pfn) {
            let clean = !self.infos[pfn as usize].flags.contains(PageFlags::DIRTY);
            self.nr_lru -= 1 << order;
            self.nr_lru_clean -= u32::from(clean) << order;
        }
        self.lru_unlink(pfn);
        self.infos[pfn as usize].flags.remove(PageFlags::LRU);
    }

    fn lru_link(&mut self, pfn: Pfn) {
        let next = std::mem::replace(&mut self.lru_head, pfn);
        self.next[pfn as usize] = next;
        self.prev[pfn as usize] = NIL;
        match next {
            NIL => self.lru_tail = pfn,
            next => self.prev[next as usize] = pfn,
        }
    }

    fn lru_unlink(&mut self, pfn: Pfn) {
        let next = std::mem::replace(&mut self.next[pfn as usize], NIL);
        let prev = std::mem::replace(&mut self.prev[pfn as usize], NIL);
        match next {
            NIL => self.lru_tail = prev,
            next => self.prev[next as usize] = prev,
        }
        match prev {
            NIL => self.lru_head = next,
            prev => self.next[prev as usize] = next,
        }
    }
}
