//! References to pages: taking and dropping them, and what follows from their number.

use super::super::{BlockState, Owner, PageFlags, Pfn, Sink};
use super::{Memory, MemoryError, Page, PageKind, Pid};

impl Memory {
    /// Takes one more reference to a page (`get_page()`), so that it stays until [`Memory::put_page`].
    ///
    /// # Errors
    ///
    /// A [`MemoryError`] if the page's references are not counted, there are none left, or too many.
    pub fn get_page(&mut self, pfn: Pfn) -> Result<(), MemoryError> {
        let page = self.referenced(pfn)?;
        page.more_references(pfn)?;
        page.gets += 1;
        self.flag(pfn);
        Ok(())
    }

    /// Drops a reference that [`Memory::get_page`] took, and frees the page if it was the last (`put_page()`).
    ///
    /// # Errors
    ///
    /// A [`MemoryError`] if no such reference is left. In Linux that frees a page somebody still uses.
    pub fn put_page(&mut self, pfn: Pfn, sink: &mut impl Sink) -> Result<(), MemoryError> {
        let page = self.counted(pfn)?;
        let refcount = page.refcount;
        let fewer = page.gets.checked_sub(1);
        page.gets = fewer.ok_or(MemoryError::NoReference { pfn, refcount })?;
        self.drop_reference(pfn, sink)
    }

    /// Drops a reference whose own count was lowered before, and frees the page if nobody needs it any more.
    pub(super) fn drop_reference(
        &mut self,
        pfn: Pfn,
        sink: &mut impl Sink,
    ) -> Result<(), MemoryError> {
        let page = self.counted(pfn)?;
        page.refcount -= 1;
        self.flag(pfn);
        self.free_if_unused(pfn, sink)
    }

    pub(super) fn free_if_unused(
        &mut self,
        pfn: Pfn,
        sink: &mut impl Sink,
    ) -> Result<(), MemoryError> {
        if self.counted(pfn)?.refcount > 0 || self.locks.in_use(pfn) {
            return Ok(());
        }
        self.pages.remove(&pfn);
        self.free_pages(pfn, 0, sink)
    }

    /// Gives an anonymous page that its owner unmapped to the first of those who still map it.
    pub(super) fn hand_on(&mut self, pfn: Pfn) {
        let Some(page) = self.pages.get(&pfn) else {
            return;
        };
        if !matches!(page.kind, PageKind::Anon { .. }) {
            return;
        }
        let owner_of = |pid: &Pid| self.mms.get(pid).map(|mm| mm.owner);
        let mut owners = page.maps.iter().filter_map(|(pid, _)| owner_of(pid));
        let now = self.zone_owner(pfn);
        if let Some(first) = owners.next()
            && Some(first) != now
            && !owners.any(|owner| Some(owner) == now)
        {
            // A counted page is allocated, which is all that is asked.
            let _ = self.zone.set_owner(pfn, first);
        }
    }

    /// Whose the zone says a page is.
    pub(super) fn zone_owner(&self, pfn: Pfn) -> Option<Owner> {
        match self.zone.block_at(pfn)?.state {
            BlockState::Allocated { owner, .. } => Some(owner),
            BlockState::Free { .. } | BlockState::Cached { .. } => None,
        }
    }

    /// Tells the zone whether a page may be moved or reclaimed.
    pub(super) fn flag(&mut self, pfn: Pfn) {
        let wanted = self.wanted_flags(pfn);
        // A counted page is allocated, and neither flag is fixed.
        let _ = self.zone.set_flags(pfn, wanted);
        let stays = PageFlags::LOCKED | PageFlags::PINNED;
        let _ = self.zone.clear_flags(pfn, stays - wanted);
    }

    /// The flags of a page that follow from references and lock.
    pub(super) fn wanted_flags(&self, pfn: Pfn) -> PageFlags {
        let mut flags = PageFlags::empty();
        if self.locks.holder(pfn).is_some() {
            flags |= PageFlags::LOCKED;
        }
        let extra = self.pages.get(&pfn).map_or(0, |page| page.gets + page.pins);
        if extra > 0 || self.locks.awaited(pfn) {
            flags |= PageFlags::PINNED;
        }
        flags
    }

    pub(super) fn counted(&mut self, pfn: Pfn) -> Result<&mut Page, MemoryError> {
        let page = self.pages.get_mut(&pfn);
        page.ok_or(MemoryError::NotCounted { pfn })
    }

    /// A counted page with a reference: one whose lock alone keeps it gets no new ones.
    pub(super) fn referenced(&mut self, pfn: Pfn) -> Result<&mut Page, MemoryError> {
        let page = self.counted(pfn)?;
        if page.refcount == 0 {
            return Err(MemoryError::NotCounted { pfn });
        }
        Ok(page)
    }
}
