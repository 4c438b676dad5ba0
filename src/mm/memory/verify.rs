//! Checks memory against its invariants.

use std::collections::BTreeSet;

use super::super::{BlockState, PageFlags, Pfn};
use super::{Memory, Page, PageKind};

/// Returns an error with a message unless a condition holds.
macro_rules! ensure {
    ($holds:expr, $($message:tt)+) => {
        if !$holds {
            return Err(format!($($message)+));
        }
    };
}

impl Memory {
    /// Checks every invariant: the zone's own; page tables and pages agree on who maps what; references are those of
    /// mappings, page cache, pins and gets; an exclusive page has one mapping at most, a pinned anonymous page is
    /// exclusive, and nobody can write to a page that is not exclusive; every page is an allocated block of its
    /// owner's with the flags that follow; the page cache finds its pages; locks are those of pages, and of tasks.
    ///
    /// # Errors
    ///
    /// A sentence about the first invariant found broken: there is a bug in this module then.
    pub fn verify(&self) -> Result<(), String> {
        self.zone.verify()?;
        self.locks.verify()?;
        for (&pid, mm) in &self.mms {
            for (&vpn, pte) in &mm.ptes {
                let pfn = pte.pfn;
                let Some(page) = self.pages.get(&pfn) else {
                    return Err(format!("task {pid} maps frame {pfn}, which is not counted"));
                };
                ensure!(
                    page.maps.contains(&(pid, vpn)),
                    "frame {pfn} does not know that task {pid} maps it at {vpn:#x}"
                );
                ensure!(
                    !pte.writable || page.kind == PageKind::Anon { exclusive: true },
                    "task {pid} can write to frame {pfn}, which is not exclusive"
                );
            }
        }
        for (&pfn, page) in &self.pages {
            self.verify_page(pfn, page)?;
        }
        for (file, &pfn) in &self.files {
            ensure!(
                self.pages.get(&pfn).is_some_and(
                    |page| matches!(page.kind, PageKind::Cache { page, .. } if page == *file)
                ),
                "frame {pfn} is not {file:?}"
            );
        }
        for pfn in self.locks.pages() {
            ensure!(
                self.pages.contains_key(&pfn),
                "frame {pfn} has a lock and is not counted"
            );
        }
        Ok(())
    }

    fn verify_page(&self, pfn: Pfn, page: &Page) -> Result<(), String> {
        for &(pid, vpn) in &page.maps {
            ensure!(
                self.pte(pid, vpn).is_some_and(|pte| pte.pfn == pfn),
                "frame {pfn} believes that task {pid} maps it at {vpn:#x}"
            );
        }
        let (mapcount, pins) = (page.maps.len() as u32, page.pins);
        let in_cache = u32::from(matches!(page.kind, PageKind::Cache { .. }));
        let references = mapcount + in_cache + pins + page.gets;
        ensure!(
            page.refcount == references,
            "frame {pfn} has {} references, {references} are known",
            page.refcount
        );
        ensure!(
            references > 0 || self.locks.in_use(pfn),
            "frame {pfn} is kept for nobody"
        );
        let block = self.zone.block_at(pfn);
        let Some((block, owner, flags)) = block.and_then(|block| match block.state {
            BlockState::Allocated { owner, flags, .. } => Some((block, owner, flags)),
            BlockState::Free { .. } => None,
        }) else {
            return Err(format!("frame {pfn} is counted, but free"));
        };
        ensure!(
            (block.pfn, block.order) == (pfn, 0),
            "frame {pfn} is counted, and part of a block of order {}",
            block.order
        );
        let follow = PageFlags::LOCKED | PageFlags::PINNED;
        ensure!(
            flags & follow == self.wanted_flags(pfn),
            "frame {pfn} has flags {flags:?}"
        );
        match page.kind {
            PageKind::Anon { exclusive } => {
                ensure!(
                    !exclusive || mapcount <= 1,
                    "frame {pfn} is exclusive, and mapped {mapcount} times"
                );
                ensure!(
                    exclusive || pins == 0,
                    "frame {pfn} is pinned, and not exclusive"
                );
                let mms = page.maps.iter().filter_map(|(pid, _)| self.mms.get(pid));
                let owners: BTreeSet<_> = mms.map(|mm| mm.owner).collect();
                ensure!(
                    owners.is_empty() || owners.contains(&owner),
                    "frame {pfn} is of {owner:?}, who does not map it"
                );
                ensure!(!flags.contains(PageFlags::LRU), "frame {pfn} is no cache");
            }
            PageKind::Cache { page, owner: first } => {
                ensure!(
                    self.cached(page) == Some(pfn),
                    "frame {pfn} is {page:?}, and not found"
                );
                ensure!(
                    flags.contains(PageFlags::LRU) && owner == first,
                    "frame {pfn} is cache of {first:?}, not {owner:?} with {flags:?}"
                );
            }
        }
        Ok(())
    }
}
