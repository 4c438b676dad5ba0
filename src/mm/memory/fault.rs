//! Faults: new pages, and what a write to a page does that others may see.

use super::super::{Gfp, PageFlags, Pfn, Sink};
use super::{LockError, Memory, MemoryError, Page, PageKind, Pid, Pte, Vpn};

/// What a device does to a page it has pinned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Access {
    /// It reads.
    Read,
    /// It writes.
    Write,
}

/// What came of a task's wish to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WriteFault {
    /// No fault: the page was writable.
    Writable,
    /// The page is exclusive to the task: written to in place, nothing else asked.
    Exclusive,
    /// The task has the only reference, and the lock was free: the page is exclusive to it from now on.
    Reused,
    /// Others may see the page: the task got a copy.
    Copied {
        /// The page it had.
        from: Pfn,
        /// The page it has.
        to: Pfn,
    },
}

impl Memory {
    /// Gives a task a page of anonymous memory, zeroed, exclusive and writable (`do_anonymous_page()`).
    ///
    /// # Errors
    ///
    /// A [`MemoryError`] if there is no such task, it has a page there, or there is no memory.
    pub fn map_anon(
        &mut self,
        pid: Pid,
        vpn: Vpn,
        sink: &mut impl Sink,
    ) -> Result<Pfn, MemoryError> {
        self.unmapped(pid, vpn)?;
        let pfn = self.anon_page(pid, Gfp::ZERO, sink)?;
        let writable = true;
        self.link(pid, vpn, Pte { pfn, writable });
        Ok(pfn)
    }

    /// A task writes to a page: it faults unless the page is writable (`do_wp_page()`).
    ///
    /// An exclusive page is written to in place. So is one to which this mapping is the only reference and whose lock
    /// can be had at once; it becomes exclusive. Any other is copied, page cache always.
    ///
    /// # Errors
    ///
    /// A [`MemoryError`] if there is no such task, it has no page there, or there is no memory for a copy.
    pub fn write_fault(
        &mut self,
        pid: Pid,
        vpn: Vpn,
        sink: &mut impl Sink,
    ) -> Result<WriteFault, MemoryError> {
        let pte = self.mapped(pid, vpn)?;
        if pte.writable {
            return Ok(WriteFault::Writable);
        }
        self.break_sharing(pid, vpn, pte.pfn, true, sink)
    }

    /// A task writes bytes to one of its pages, from `offset` on, after whatever fault it takes.
    ///
    /// # Errors
    ///
    /// As [`Memory::write_fault`], and if the bytes leave the page or bytes are not kept.
    pub fn write(
        &mut self,
        pid: Pid,
        vpn: Vpn,
        offset: u32,
        bytes: &[u8],
        sink: &mut impl Sink,
    ) -> Result<WriteFault, MemoryError> {
        let before = self.mapped(pid, vpn)?.pfn;
        // Refused before anything is copied.
        let arena = self.arena.as_ref().ok_or(MemoryError::NoBytes)?;
        arena.read(before, offset, &mut vec![0; bytes.len()])?;
        let fault = self.write_fault(pid, vpn, sink)?;
        let pfn = self.mapped(pid, vpn)?.pfn;
        let arena = self.arena.as_mut().ok_or(MemoryError::NoBytes)?;
        arena.write(pfn, offset, bytes)?;
        Ok(fault)
    }

    /// A task reads bytes of one of its pages, from `offset` on. Reading never faults.
    ///
    /// # Errors
    ///
    /// A [`MemoryError`] if there is no such task, it has no page there, the bytes leave the page, or bytes are not
    /// kept.
    pub fn read(
        &self,
        pid: Pid,
        vpn: Vpn,
        offset: u32,
        into: &mut [u8],
    ) -> Result<(), MemoryError> {
        let pfn = self.mapped(pid, vpn)?.pfn;
        let arena = self.arena.as_ref().ok_or(MemoryError::NoBytes)?;
        Ok(arena.read(pfn, offset, into)?)
    }

    /// Pins a task's page for a device, until [`Memory::unpin`] (`pin_user_pages()`). Returns the page.
    ///
    /// A pinned anonymous page is exclusive, so that task and device go on to see the same bytes: to write, the fault
    /// of a write is taken first; to read, sharing is broken in the same way, but the page stays as writable as it
    /// was (`FAULT_FLAG_UNSHARE`).
    ///
    /// # Errors
    ///
    /// As [`Memory::write_fault`].
    pub fn pin(
        &mut self,
        pid: Pid,
        vpn: Vpn,
        access: Access,
        sink: &mut impl Sink,
    ) -> Result<Pfn, MemoryError> {
        let pfn = self.mapped(pid, vpn)?.pfn;
        match (access, self.referenced(pfn)?.kind) {
            (Access::Write, _) => {
                self.write_fault(pid, vpn, sink)?;
            }
            (Access::Read, PageKind::Anon { exclusive: false }) => {
                self.break_sharing(pid, vpn, pfn, false, sink)?;
            }
            (Access::Read, _) => {}
        }
        let pfn = self.mapped(pid, vpn)?.pfn;
        let page = self.referenced(pfn)?;
        page.more_references(pfn)?;
        page.pins += 1;
        self.flag(pfn);
        Ok(pfn)
    }

    /// A device is done with a page (`unpin_user_page()`). Frees it if that was the last reference.
    ///
    /// # Errors
    ///
    /// [`MemoryError::NotCounted`] or [`MemoryError::NotPinned`].
    pub fn unpin(&mut self, pfn: Pfn, sink: &mut impl Sink) -> Result<(), MemoryError> {
        let page = self.counted(pfn)?;
        let fewer = page.pins.checked_sub(1);
        page.pins = fewer.ok_or(MemoryError::NotPinned { pfn })?;
        self.drop_reference(pfn, sink)
    }

    fn break_sharing(
        &mut self,
        pid: Pid,
        vpn: Vpn,
        pfn: Pfn,
        writable: bool,
        sink: &mut impl Sink,
    ) -> Result<WriteFault, MemoryError> {
        let kind = self.referenced(pfn)?.kind;
        let fault = match kind {
            PageKind::Anon { exclusive: true } => WriteFault::Exclusive,
            PageKind::Anon { exclusive: false } if self.can_reuse(pfn) => {
                let exclusive = true;
                self.referenced(pfn)?.kind = PageKind::Anon { exclusive };
                WriteFault::Reused
            }
            PageKind::Anon { .. } | PageKind::Cache { .. } => {
                let to = self.copy_page(pid, pfn, sink)?;
                self.unmap(pid, vpn, sink)?;
                self.link(pid, vpn, Pte { pfn: to, writable });
                return Ok(WriteFault::Copied { from: pfn, to });
            }
        };
        self.link(pid, vpn, Pte { pfn, writable });
        Ok(fault)
    }

    /// True if a mapping is the only reference to a page and its lock could be had (`wp_can_reuse_anon_folio()`).
    ///
    /// Whoever waits for the lock has an uncounted reference: see the module's departures.
    fn can_reuse(&self, pfn: Pfn) -> bool {
        let alone = self.pages.get(&pfn).is_some_and(|page| page.refcount == 1);
        alone && !self.locks.in_use(pfn)
    }

    /// A new page for a task with the content of another, which stays where it is meanwhile (`wp_page_copy()`).
    pub(super) fn copy_page(
        &mut self,
        pid: Pid,
        from: Pfn,
        sink: &mut impl Sink,
    ) -> Result<Pfn, MemoryError> {
        // Reclaim may run before there is a page to copy to.
        let _ = self.zone.set_flags(from, PageFlags::PINNED);
        let got = self.anon_page(pid, Gfp::empty(), sink);
        self.flag(from);
        let to = got?;
        if let Some(arena) = &mut self.arena {
            arena.copy_page(from, to)?;
        }
        Ok(to)
    }

    /// A page of anonymous memory that nobody maps yet; its one reference is the mapping's to come.
    fn anon_page(&mut self, pid: Pid, more: Gfp, sink: &mut impl Sink) -> Result<Pfn, MemoryError> {
        let owner = self.mm(pid)?.owner;
        let gfp = Gfp::GFP_HIGHUSER_MOVABLE | more;
        let got = self.alloc_pages(gfp, 0, owner, sink);
        let pfn = got.map_err(MemoryError::OutOfMemory)?;
        let exclusive = true;
        self.pages
            .insert(pfn, Page::new(PageKind::Anon { exclusive }));
        Ok(pfn)
    }

    /// Refuses what a sleeping task cannot do.
    pub(super) fn awake(&self, pid: Pid) -> Result<(), MemoryError> {
        match self.locks.waits_for(pid) {
            Some(pfn) => Err(LockError::Asleep { pid, pfn }.into()),
            None => Ok(()),
        }
    }
}
