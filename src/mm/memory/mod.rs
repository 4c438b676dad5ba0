//! Who has which page: address spaces, references, sharing until somebody writes, page cache and the page lock.
//!
//! A [`Memory`] is a zone, the bytes of its pages if wanted, and what Linux keeps in `struct page` and in page tables:
//! for each page how many references there are to it and who maps it. Sources, all Linux 6.12: `mm/memory.c` (faults,
//! `copy_page_range()`), `include/linux/rmap.h` (mappings), `mm/gup.c` (pins), `mm/filemap.c` (page cache and lock).
//!
//! Departures:
//!
//! - Single pages only. A task has one thread; its address space is a list of pages without areas (`vma`), and
//!   a read of anonymous memory nobody wrote to gets a page of its own, not the shared zero page.
//! - Pins are counted apart ([`PageInfo::pins`]), as Linux does for large folios; for a single page it adds 1024
//!   references a pin and takes many references for a pin.
//! - A task that holds or awaits a page's lock keeps the page in being. In Linux it must hold a reference for that;
//!   here none is counted, so that the only reference to a page is the only one although somebody holds its lock.
//! - Faults do not sleep on the page lock, and there is no swap, no KSM and no disk: a page of a file that was dropped
//!   and is read again holds zeros.
//! - A fork that finds no memory for the pages it must copy has shared nothing yet. In Linux pages that it came to
//!   before stay shared by the parent alone, which costs the parent a fault each.

mod below;
mod cache;
mod error;
mod fault;
mod fork;
mod lock;
mod locking;
mod references;
mod uncounted;
mod verify;

use std::collections::{BTreeMap, BTreeSet};

use super::{Arena, ArenaSettings, Owner, Pfn, Sink, Zone};

pub use cache::FilePage;
pub use error::{LockError, MemoryError};
pub use fault::{Access, WriteFault};
pub use lock::{Context, Lock, PAGE_LOCK_UNFAIRNESS, Unlock};
pub use locking::LockedAll;

use lock::Locks;

/// A task and its address space, by number.
pub type Pid = u32;

/// A virtual page number: the address of a page in a task's address space, in pages.
pub type Vpn = u32;

/// What a task's page table says of a virtual page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Pte {
    /// The page.
    pub pfn: Pfn,
    /// False if a write faults: see [`Memory::write_fault`].
    pub writable: bool,
}

/// What a counted page is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PageKind {
    /// Anonymous memory.
    Anon {
        /// It belongs to a single task, which may write to it without asking (`PageAnonExclusive`).
        exclusive: bool,
    },
    /// Page cache.
    Cache {
        /// The page of the file.
        page: FilePage,
        /// Who read it first.
        owner: Owner,
    },
}

/// What is known about a counted page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PageInfo {
    /// What it is used for.
    pub kind: PageKind,
    /// References to it: one for each mapping, one if it is in the page cache, one for each pin and each
    /// [`Memory::get_page`]. It is freed when there are none and nobody holds or awaits its lock.
    pub refcount: u32,
    /// Page table entries that map it.
    pub mapcount: u32,
    /// Pins for a device (`FOLL_PIN`).
    pub pins: u32,
    /// Who holds its lock.
    pub locked_by: Option<Pid>,
}

/// A task's address space.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Mm {
    owner: Owner,
    ptes: BTreeMap<Vpn, Pte>,
}

/// A counted page.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Page {
    kind: PageKind,
    refcount: u32,
    pins: u32,
    /// References taken by hand.
    gets: u32,
    /// Who maps it, and where.
    maps: BTreeSet<(Pid, Vpn)>,
}

impl Page {
    fn new(kind: PageKind) -> Self {
        Self {
            kind,
            refcount: 1,
            pins: 0,
            gets: 0,
            maps: BTreeSet::new(),
        }
    }

    fn more_references(&mut self, pfn: Pfn) -> Result<(), MemoryError> {
        let more = self.refcount.checked_add(1);
        self.refcount = more.ok_or(MemoryError::TooMany { pfn })?;
        Ok(())
    }
}

/// A zone whose single pages have reference counts, owners that share them, and, if wanted, bytes.
///
/// Reclaim and migration go on below: page cache that is dropped is unmapped, a page that moves is mapped where it is
/// now. Pages with references besides mappings and page cache, or tasks waiting for their lock, stay where they are:
/// they have [`PageFlags::PINNED`](super::PageFlags::PINNED). A locked page has
/// [`PageFlags::LOCKED`](super::PageFlags::LOCKED).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Memory {
    zone: Zone,
    arena: Option<Arena>,
    mms: BTreeMap<Pid, Mm>,
    pages: BTreeMap<Pfn, Page>,
    files: BTreeMap<FilePage, Pfn>,
    locks: Locks,
}

impl Memory {
    /// Nobody's memory yet: no tasks, no page cache. What the zone has allocated already is not counted. With
    /// settings, the bytes of pages are kept too.
    pub fn new(zone: Zone, bytes: Option<ArenaSettings>) -> Self {
        let arena = bytes.map(|settings| Arena::new(zone.pages(), settings));
        Self {
            zone,
            arena,
            mms: BTreeMap::new(),
            pages: BTreeMap::new(),
            files: BTreeMap::new(),
            locks: Locks::default(),
        }
    }

    /// The zone.
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// The bytes, if they are kept.
    pub fn arena(&self) -> Option<&Arena> {
        self.arena.as_ref()
    }

    /// What is known about a page; none if its references are not counted.
    pub fn page(&self, pfn: Pfn) -> Option<PageInfo> {
        let page = self.pages.get(&pfn)?;
        Some(PageInfo {
            kind: page.kind,
            refcount: page.refcount,
            mapcount: page.maps.len() as u32,
            pins: page.pins,
            locked_by: self.locks.holder(pfn),
        })
    }

    /// All counted pages, ascending.
    pub fn pages(&self) -> impl Iterator<Item = Pfn> + '_ {
        self.pages.keys().copied()
    }

    /// Who maps a page, and where, ascending.
    pub fn mappings(&self, pfn: Pfn) -> impl Iterator<Item = (Pid, Vpn)> + '_ {
        let page = self.pages.get(&pfn).into_iter();
        page.flat_map(|page| page.maps.iter().copied())
    }

    /// All tasks, ascending.
    pub fn tasks(&self) -> impl Iterator<Item = Pid> + '_ {
        self.mms.keys().copied()
    }

    /// A task's page table, ascending; empty if there is no such task.
    pub fn page_table(&self, pid: Pid) -> impl Iterator<Item = (Vpn, Pte)> + '_ {
        let mm = self.mms.get(&pid).into_iter();
        mm.flat_map(|mm| mm.ptes.iter().map(|(&vpn, &pte)| (vpn, pte)))
    }

    /// What a task's page table says of a virtual page.
    pub fn pte(&self, pid: Pid, vpn: Vpn) -> Option<Pte> {
        self.mms.get(&pid)?.ptes.get(&vpn).copied()
    }

    /// A new task without memory. Its pages are tagged with `owner` in the zone.
    ///
    /// # Errors
    ///
    /// [`MemoryError::TaskExists`].
    pub fn create(&mut self, pid: Pid, owner: Owner) -> Result<(), MemoryError> {
        if self.mms.contains_key(&pid) {
            return Err(MemoryError::TaskExists { pid });
        }
        let ptes = BTreeMap::new();
        self.mms.insert(pid, Mm { owner, ptes });
        Ok(())
    }

    /// Ends a task: its pages are unmapped in ascending order, and freed where it had the last reference
    /// (`exit_mmap()`).
    ///
    /// # Errors
    ///
    /// A [`MemoryError`] if there is no such task, or it holds or awaits a page lock.
    pub fn exit(&mut self, pid: Pid, sink: &mut impl Sink) -> Result<(), MemoryError> {
        self.mm(pid)?;
        if let Some(pfn) = self.locks.waits_for(pid) {
            return Err(LockError::Asleep { pid, pfn }.into());
        }
        if let Some(pfn) = self.locks.held_by(pid).next() {
            return Err(MemoryError::HoldsLock { pid, pfn });
        }
        while let Some(vpn) = self.mms[&pid].ptes.keys().next().copied() {
            self.unmap(pid, vpn, sink)?;
        }
        self.mms.remove(&pid);
        Ok(())
    }

    /// Takes a page out of a task's address space, and frees it if that was the last reference
    /// (`zap_present_ptes()`).
    ///
    /// # Errors
    ///
    /// [`MemoryError::NoTask`] or [`MemoryError::NotMapped`].
    pub fn unmap(&mut self, pid: Pid, vpn: Vpn, sink: &mut impl Sink) -> Result<(), MemoryError> {
        let pfn = self.mapped(pid, vpn)?.pfn;
        if let Some(mm) = self.mms.get_mut(&pid) {
            mm.ptes.remove(&vpn);
        }
        if let Some(page) = self.pages.get_mut(&pfn) {
            page.maps.remove(&(pid, vpn));
        }
        self.hand_on(pfn);
        self.drop_reference(pfn, sink)
    }

    fn mm(&self, pid: Pid) -> Result<&Mm, MemoryError> {
        self.mms.get(&pid).ok_or(MemoryError::NoTask { pid })
    }

    fn mapped(&self, pid: Pid, vpn: Vpn) -> Result<Pte, MemoryError> {
        let pte = self.mm(pid)?.ptes.get(&vpn).copied();
        pte.ok_or(MemoryError::NotMapped { pid, vpn })
    }

    fn unmapped(&self, pid: Pid, vpn: Vpn) -> Result<(), MemoryError> {
        match self.mapped(pid, vpn) {
            Ok(_) => Err(MemoryError::Mapped { pid, vpn }),
            Err(MemoryError::NotMapped { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Maps a page, whose reference is counted already.
    fn link(&mut self, pid: Pid, vpn: Vpn, pte: Pte) {
        if let Some(mm) = self.mms.get_mut(&pid) {
            mm.ptes.insert(vpn, pte);
        }
        if let Some(page) = self.pages.get_mut(&pte.pfn) {
            page.maps.insert((pid, vpn));
        }
    }
}
