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

mod cache;
mod error;
mod fault;
mod fork;
mod lock;
mod locking;
mod verify;

use std::collections::{BTreeMap, BTreeSet};

use super::{
    AllocFailure, Arena, ArenaSettings, Event, Gfp, Order, Owner, PageFlags, Pfn, Sink, Zone,
};

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
/// they have [`PageFlags::PINNED`]. A locked page has [`PageFlags::LOCKED`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Memory {
    zone: Zone,
    arena: Option<Arena>,
    mms: BTreeMap<Pid, Mm>,
    pages: BTreeMap<Pfn, Page>,
    files: BTreeMap<FilePage, Pfn>,
    locks: Locks,
}

/// Listens for the arena and for the caller, and keeps what concerns counted pages.
struct Ears<'a, S> {
    arena: &'a mut Option<Arena>,
    sink: &'a mut S,
    gone: Vec<Event>,
}

impl<S: Sink> Sink for Ears<'_, S> {
    fn event(&mut self, event: Event) {
        if let Some(arena) = self.arena {
            arena.event(event);
        }
        if matches!(event, Event::Free { .. } | Event::Migrate { .. }) {
            self.gone.push(event);
        }
        self.sink.event(event);
    }
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

    /// Hands out a block that is not counted: see [`Zone::alloc_pages`]. Page cache that is reclaimed for it is
    /// unmapped.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn alloc_pages(
        &mut self,
        gfp: Gfp,
        order: Order,
        owner: Owner,
        sink: &mut impl Sink,
    ) -> Result<Pfn, AllocFailure> {
        self.with_zone(sink, |zone, ears| zone.alloc_pages(gfp, order, owner, ears))
    }

    /// Gives back a block that is not counted: see [`Zone::free_pages`].
    ///
    /// # Errors
    ///
    /// [`MemoryError::Counted`] if it is a counted page, or why the zone refuses.
    pub fn free_pages(
        &mut self,
        pfn: Pfn,
        order: Order,
        sink: &mut impl Sink,
    ) -> Result<(), MemoryError> {
        if let Some(page) = self.pages.get(&pfn) {
            let refcount = page.refcount;
            return Err(MemoryError::Counted { pfn, refcount });
        }
        let freed = self.with_zone(sink, |zone, ears| zone.free_pages(pfn, order, ears));
        Ok(freed?)
    }

    /// Moves a page elsewhere: see [`Zone::migrate`]. Everybody who maps it maps it where it is now.
    ///
    /// # Errors
    ///
    /// Why the zone refuses: among others if the page is locked, or has references besides its mappings
    /// (`folio_migrate_mapping()` expects so many and no more).
    pub fn migrate(&mut self, pfn: Pfn, sink: &mut impl Sink) -> Result<Pfn, MemoryError> {
        let to = self.with_zone(sink, |zone, ears| zone.migrate(pfn, ears));
        Ok(to?)
    }

    /// Does something to the zone, and follows what happens to counted pages meanwhile.
    fn with_zone<S: Sink, T>(
        &mut self,
        sink: &mut S,
        act: impl FnOnce(&mut Zone, &mut Ears<'_, S>) -> T,
    ) -> T {
        let mut ears = Ears {
            arena: &mut self.arena,
            sink,
            gone: Vec::new(),
        };
        let done = act(&mut self.zone, &mut ears);
        for event in ears.gone {
            match event {
                Event::Free { pfn, .. } => self.forget(pfn),
                Event::Migrate { from, to, .. } => self.moved(from, to),
                _ => {}
            }
        }
        done
    }

    /// A page was freed under those who map it: page cache, reclaimed (`try_to_unmap()`).
    fn forget(&mut self, pfn: Pfn) {
        let Some(page) = self.pages.remove(&pfn) else {
            return;
        };
        for (pid, vpn) in page.maps {
            if let Some(mm) = self.mms.get_mut(&pid) {
                mm.ptes.remove(&vpn);
            }
        }
        if let PageKind::Cache { page, .. } = page.kind {
            self.files.remove(&page);
        }
    }

    /// A page was moved (`remove_migration_ptes()`).
    fn moved(&mut self, from: Pfn, to: Pfn) {
        let Some(page) = self.pages.remove(&from) else {
            return;
        };
        for &(pid, vpn) in &page.maps {
            let mm = self.mms.get_mut(&pid);
            if let Some(pte) = mm.and_then(|mm| mm.ptes.get_mut(&vpn)) {
                pte.pfn = to;
            }
        }
        if let PageKind::Cache { page, .. } = page.kind {
            self.files.insert(page, to);
        }
        self.pages.insert(to, page);
    }

    /// Drops a reference whose own count was lowered before, and frees the page if nobody needs it any more.
    fn drop_reference(&mut self, pfn: Pfn, sink: &mut impl Sink) -> Result<(), MemoryError> {
        let page = self.counted(pfn)?;
        page.refcount -= 1;
        self.flag(pfn);
        self.free_if_unused(pfn, sink)
    }

    fn free_if_unused(&mut self, pfn: Pfn, sink: &mut impl Sink) -> Result<(), MemoryError> {
        if self.counted(pfn)?.refcount > 0 || self.locks.in_use(pfn) {
            return Ok(());
        }
        self.pages.remove(&pfn);
        self.free_pages(pfn, 0, sink)
    }

    /// Gives an anonymous page that its owner unmapped to the first of those who still map it.
    fn hand_on(&mut self, pfn: Pfn) {
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
    fn zone_owner(&self, pfn: Pfn) -> Option<Owner> {
        match self.zone.block_at(pfn)?.state {
            super::BlockState::Allocated { owner, .. } => Some(owner),
            super::BlockState::Free { .. } => None,
        }
    }

    /// Tells the zone whether a page may be moved or reclaimed.
    fn flag(&mut self, pfn: Pfn) {
        let wanted = self.wanted_flags(pfn);
        // A counted page is allocated, and neither flag is fixed.
        let _ = self.zone.set_flags(pfn, wanted);
        let stays = PageFlags::LOCKED | PageFlags::PINNED;
        let _ = self.zone.clear_flags(pfn, stays - wanted);
    }

    /// The flags of a page that follow from references and lock.
    fn wanted_flags(&self, pfn: Pfn) -> PageFlags {
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

    fn counted(&mut self, pfn: Pfn) -> Result<&mut Page, MemoryError> {
        let page = self.pages.get_mut(&pfn);
        page.ok_or(MemoryError::NotCounted { pfn })
    }

    /// A counted page with a reference: one whose lock alone keeps it gets no new ones.
    fn referenced(&mut self, pfn: Pfn) -> Result<&mut Page, MemoryError> {
        let page = self.counted(pfn)?;
        if page.refcount == 0 {
            return Err(MemoryError::NotCounted { pfn });
        }
        Ok(page)
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
