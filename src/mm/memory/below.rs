//! The zone below: what is not counted, and what reclaim and migration do to what is.

use super::super::{AllocFailure, Arena, Event, Gfp, Order, Owner, Pfn, Sink, Zone};
use super::{Memory, MemoryError, PageKind};

/// Listens for the arena and for the caller, and keeps what concerns counted pages.
pub(super) struct Ears<'a, S> {
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
    pub(super) fn with_zone<S: Sink, T>(
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
}
