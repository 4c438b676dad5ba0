//! Page cache: pages of files in memory, shared by everybody who reads them.

use super::super::{Gfp, Order, Owner, PageFlags, Pfn, Sink};
use super::{Memory, MemoryError, Page, PageKind, Pid, Pte, Vpn};

/// A page of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FilePage {
    /// The file.
    pub file: u32,
    /// The page in it, from 0 on.
    pub index: u32,
}

impl Memory {
    /// The frame a page of a file is in, if it is in memory.
    pub fn cached(&self, page: FilePage) -> Option<Pfn> {
        self.files.get(&page).copied()
    }

    /// Brings a page of a file into memory, or finds it there and marks it used (`filemap_get_page()`). The page cache
    /// holds one reference to it. A page that was not there is tagged with `owner` in the zone.
    ///
    /// # Errors
    ///
    /// [`MemoryError::OutOfMemory`].
    pub fn read_file(
        &mut self,
        page: FilePage,
        owner: Owner,
        sink: &mut impl Sink,
    ) -> Result<Pfn, MemoryError> {
        if let Some(pfn) = self.cached(page) {
            self.zone.touch(pfn);
            return Ok(pfn);
        }
        let gfp = Gfp::GFP_KERNEL | Gfp::RECLAIMABLE | Gfp::ZERO;
        let got = self.alloc_pages(gfp, 0, owner, sink);
        let pfn = got.map_err(MemoryError::OutOfMemory)?;
        self.zone.lru_add(pfn);
        self.pages
            .insert(pfn, Page::new(PageKind::Cache { page, owner }));
        self.files.insert(page, pfn);
        Ok(pfn)
    }

    /// Maps a page of a file privately: reads see the page cache, the first write gets a copy. Brings it into memory
    /// if need be.
    ///
    /// # Errors
    ///
    /// A [`MemoryError`] if there is no such task, it has a page there, or there is no memory.
    pub fn map_file(
        &mut self,
        pid: Pid,
        vpn: Vpn,
        page: FilePage,
        sink: &mut impl Sink,
    ) -> Result<Pfn, MemoryError> {
        self.unmapped(pid, vpn)?;
        let owner = self.mm(pid)?.owner;
        let pfn = self.read_file(page, owner, sink)?;
        self.referenced(pfn)?.more_references(pfn)?;
        let writable = false;
        self.link(pid, vpn, Pte { pfn, writable });
        Ok(pfn)
    }

    /// Writes to a page of a file in memory, as `write(2)` does: it is dirty then.
    ///
    /// # Errors
    ///
    /// A [`MemoryError`] if the page is not in memory, the bytes leave it, or bytes are not kept.
    pub fn write_file(
        &mut self,
        page: FilePage,
        offset: u32,
        bytes: &[u8],
    ) -> Result<(), MemoryError> {
        let pfn = self.cached(page).ok_or(MemoryError::NotCached { page })?;
        let arena = self.arena.as_mut().ok_or(MemoryError::NoBytes)?;
        arena.write(pfn, offset, bytes)?;
        // Page cache is allocated, which is all that is asked.
        let _ = self.zone.set_flags(pfn, PageFlags::DIRTY);
        Ok(())
    }

    /// Writes a page of a file back: it is clean now.
    ///
    /// # Errors
    ///
    /// [`MemoryError::NotCached`].
    pub fn writeback(&mut self, page: FilePage) -> Result<(), MemoryError> {
        let pfn = self.cached(page).ok_or(MemoryError::NotCached { page })?;
        self.zone.writeback(pfn);
        Ok(())
    }

    /// Drops a page of a file from memory. Whoever maps it has no page there any more.
    ///
    /// # Errors
    ///
    /// A [`MemoryError`] if it is not in memory, or why the zone refuses: dirty, locked, or somebody besides the
    /// mappings has a reference.
    pub fn evict(&mut self, page: FilePage, sink: &mut impl Sink) -> Result<Order, MemoryError> {
        let pfn = self.cached(page).ok_or(MemoryError::NotCached { page })?;
        let evicted = self.with_zone(sink, |zone, ears| zone.evict(pfn, ears));
        Ok(evicted?)
    }

    /// One round of reclaim on kswapd's behalf: see [`Zone::reclaim`](super::super::Zone::reclaim).
    pub fn reclaim(&mut self, nr_pages: u32, sink: &mut impl Sink) -> u32 {
        self.with_zone(sink, |zone, ears| zone.reclaim(nr_pages, ears))
    }
}
