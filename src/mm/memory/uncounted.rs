//! Blocks beside the counted pages: what a zone does with them, through the memory that keeps its bytes.

use super::super::{AllocFailure, Compacted, Gfp, MigrateType, Order, Owner, PageFlags, Pfn, Sink};
use super::{Memory, MemoryError};

impl Memory {
    /// Hands out a block for one owner alone: see [`Zone::alloc_exclusive`](super::super::Zone::alloc_exclusive).
    ///
    /// # Errors
    ///
    /// As there.
    pub fn alloc_exclusive(
        &mut self,
        gfp: Gfp,
        order: Order,
        owner: Owner,
        sink: &mut impl Sink,
    ) -> Result<Pfn, AllocFailure> {
        self.with_zone(sink, |zone, ears| {
            zone.alloc_exclusive(gfp, order, owner, ears)
        })
    }

    /// Takes exactly a block out of free memory: see [`Zone::alloc_at`](super::super::Zone::alloc_at).
    ///
    /// # Errors
    ///
    /// As there.
    pub fn alloc_at(
        &mut self,
        pfn: Pfn,
        order: Order,
        migratetype: MigrateType,
        owner: Owner,
        flags: PageFlags,
        sink: &mut impl Sink,
    ) -> Result<(), MemoryError> {
        let taken = self.with_zone(sink, |zone, ears| {
            zone.alloc_at(pfn, order, migratetype, owner, flags, ears)
        });
        Ok(taken?)
    }

    /// Compacts the whole zone: see [`Zone::compact`](super::super::Zone::compact). Whoever maps a page that is moved
    /// maps it where it is then.
    pub fn compact(&mut self, sink: &mut impl Sink) -> Compacted {
        self.with_zone(sink, |zone, ears| zone.compact(ears))
    }

    /// Sets or clears flags of a block that is not counted: see [`Zone::set_flags`](super::super::Zone::set_flags).
    ///
    /// # Errors
    ///
    /// [`MemoryError::Counted`] if it is a counted page, whose flags follow from its references; or why the zone
    /// refuses.
    pub fn change_flags(
        &mut self,
        pfn: Pfn,
        flags: PageFlags,
        on: bool,
    ) -> Result<(), MemoryError> {
        self.uncounted(pfn)?;
        let done = if on {
            self.zone.set_flags(pfn, flags)
        } else {
            self.zone.clear_flags(pfn, flags)
        };
        Ok(done?)
    }

    /// Makes a block that is not counted page cache: see [`Zone::lru_add`](super::super::Zone::lru_add).
    ///
    /// # Errors
    ///
    /// [`MemoryError::Counted`] if it is a counted page.
    pub fn lru_add(&mut self, pfn: Pfn) -> Result<(), MemoryError> {
        self.uncounted(pfn)?;
        self.zone.lru_add(pfn);
        Ok(())
    }

    /// Page cache was used: see [`Zone::touch`](super::super::Zone::touch).
    pub fn touch(&mut self, pfn: Pfn) {
        self.zone.touch(pfn);
    }

    /// Writes a block of page cache back: see [`Zone::writeback`](super::super::Zone::writeback).
    pub fn clean(&mut self, pfn: Pfn) {
        self.zone.writeback(pfn);
    }

    /// Drops a block of page cache, counted or not: see [`Zone::evict`](super::super::Zone::evict).
    ///
    /// # Errors
    ///
    /// Why the zone refuses.
    pub fn drop_block(&mut self, pfn: Pfn, sink: &mut impl Sink) -> Result<Order, MemoryError> {
        let dropped = self.with_zone(sink, |zone, ears| zone.evict(pfn, ears));
        Ok(dropped?)
    }

    /// Gives what CPUs keep back to the free lists: see [`Zone::drain_all`](super::super::Zone::drain_all).
    pub fn drain_all(&mut self, sink: &mut impl Sink) -> u32 {
        self.with_zone(sink, |zone, ears| zone.drain_all(ears))
    }

    /// From now on calls come from this CPU: see [`Zone::set_cpu`](super::super::Zone::set_cpu).
    ///
    /// # Errors
    ///
    /// As there.
    pub fn set_cpu(&mut self, cpu: u16) -> Result<(), super::super::CpuError> {
        self.zone.set_cpu(cpu)
    }

    /// Sets `vm.min_free_kbytes`: see [`Zone::set_min_free_kbytes`](super::super::Zone::set_min_free_kbytes).
    pub fn set_min_free_kbytes(&mut self, kbytes: u32) {
        self.zone.set_min_free_kbytes(kbytes);
    }

    /// Writes bytes to a page as the kernel does, past all page tables: see
    /// [`Arena::write`](super::super::Arena::write).
    ///
    /// # Errors
    ///
    /// As there, and [`MemoryError::NoBytes`].
    pub fn poke(&mut self, pfn: Pfn, offset: u32, bytes: &[u8]) -> Result<(), MemoryError> {
        let arena = self.arena.as_mut().ok_or(MemoryError::NoBytes)?;
        Ok(arena.write(pfn, offset, bytes)?)
    }

    /// Fills a page with zeros, as for a request with `__GFP_ZERO`.
    ///
    /// # Errors
    ///
    /// As [`Memory::poke`].
    pub fn zero(&mut self, pfn: Pfn) -> Result<(), MemoryError> {
        let arena = self.arena.as_mut().ok_or(MemoryError::NoBytes)?;
        Ok(arena.fill(pfn, 0)?)
    }

    fn uncounted(&self, pfn: Pfn) -> Result<(), MemoryError> {
        match self.pages.get(&pfn) {
            Some(page) => {
                let refcount = page.refcount;
                Err(MemoryError::Counted { pfn, refcount })
            }
            None => Ok(()),
        }
    }
}
