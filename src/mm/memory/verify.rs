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
            BlockState::Free { .. } | BlockState::Cached { .. } => None,
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

#[cfg(test)]
mod tests {
    use super::super::super::{Owner, Zone, ZoneConfig};
    use super::super::{Access, Context, FilePage, Pte};
    use super::*;

    const FILE: FilePage = FilePage { file: 1, index: 0 };

    /// Memory with something of everything. Frames 0 and 1 are shared, 2 is pinned, 3 the child's copy of it, 4 has
    /// an extra reference, and the file's page is locked and waited for.
    fn lived_in() -> Result<Memory, crate::mm::memory::MemoryError> {
        let zone = Zone::new(ZoneConfig::new("DMA", 256, 3)).expect("a zone");
        let mut memory = Memory::new(zone, None);
        memory.create(1, Owner(11))?;
        for vpn in 0..3 {
            memory.map_anon(1, vpn, &mut ())?;
        }
        memory.pin(1, 2, Access::Write, &mut ())?;
        memory.fork(1, 2, Owner(12), &mut ())?;
        let got = memory.map_anon(2, 9, &mut ())?;
        memory.get_page(got)?;
        let cache = memory.map_file(2, 20, FILE, &mut ())?;
        memory.trylock_page(cache, 1)?;
        memory.lock_page(cache, 2, Context::Task)?;
        let frames: Vec<Pfn> = memory.pages().collect();
        assert_eq!(frames[..5], [0, 1, 2, 3, 4]);
        Ok(memory)
    }

    fn page(memory: &mut Memory, pfn: Pfn) -> &mut Page {
        memory.pages.get_mut(&pfn).expect("a page")
    }

    fn file(memory: &Memory) -> Pfn {
        memory.cached(FILE).expect("cached")
    }

    #[test]
    fn every_kind_of_damage_is_found() {
        let damages: [(&str, fn(&mut Memory)); 17] = [
            ("a reference too many", |memory| {
                page(memory, 0).refcount += 1;
            }),
            ("a reference lost", |memory| page(memory, 2).refcount -= 1),
            ("a pin not counted", |memory| page(memory, 0).pins += 1),
            ("shared and exclusive", |memory| {
                page(memory, 0).kind = PageKind::Anon { exclusive: true };
            }),
            ("pinned and not exclusive", |memory| {
                memory.link(
                    1,
                    2,
                    Pte {
                        pfn: 2,
                        writable: false,
                    },
                );
                page(memory, 2).kind = PageKind::Anon { exclusive: false };
            }),
            ("shared and writable", |memory| {
                memory.link(
                    1,
                    0,
                    Pte {
                        pfn: 0,
                        writable: true,
                    },
                );
            }),
            ("a mapping nobody knows", |memory| {
                let maps = &mut page(memory, 0).maps;
                assert!(maps.remove(&(2, 0)) && maps.insert((1, 77)));
            }),
            ("a table entry lost", |memory| {
                let ptes = memory.mms.get_mut(&1).map(|mm| &mut mm.ptes);
                assert!(ptes.is_some_and(|ptes| ptes.remove(&0).is_some()));
            }),
            ("a page lost", |memory| {
                assert!(memory.pages.remove(&1).is_some());
            }),
            ("a page for nobody", |memory| {
                let free = Page {
                    refcount: 0,
                    ..Page::new(PageKind::Anon { exclusive: true })
                };
                assert!(memory.pages.insert(200, free).is_none());
            }),
            ("a page that is free", |memory| {
                let free = Page {
                    gets: 1,
                    ..Page::new(PageKind::Anon { exclusive: true })
                };
                assert!(memory.pages.insert(200, free).is_none());
            }),
            ("a stranger's page", |memory| {
                assert_eq!(memory.zone.set_owner(0, Owner(99)), Ok(()));
            }),
            ("a page that may move", |memory| {
                assert_eq!(memory.zone.clear_flags(4, PageFlags::PINNED), Ok(()));
            }),
            ("a lock the zone does not know", |memory| {
                let pfn = file(memory);
                assert_eq!(memory.zone.clear_flags(pfn, PageFlags::LOCKED), Ok(()));
            }),
            ("cache that is not found", |memory| {
                assert!(memory.files.remove(&FILE).is_some());
            }),
            ("cache that is another's", |memory| {
                let pfn = file(memory);
                assert_eq!(memory.zone.set_owner(pfn, Owner(99)), Ok(()));
            }),
            ("a lock of no page", |memory| {
                assert_eq!(memory.locks.trylock(100, 1), Ok(true));
            }),
        ];
        let sound = lived_in().expect("allowed");
        assert_eq!(sound.verify(), Ok(()));
        for (damage, inflict) in damages {
            let mut memory = sound.clone();
            inflict(&mut memory);
            assert!(memory.verify().is_err(), "{damage}");
        }
    }
}
