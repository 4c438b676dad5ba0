//! Checks a zone against its invariants.

use super::super::{MAX_PAGE_ORDER, MigrateType, NR_PAGE_ORDERS, Order, PageFlags, Pfn};
use super::{Frame, Pageblock, Zone};

/// Returns an error with a message unless a condition holds.
macro_rules! ensure {
    ($holds:expr, $($message:tt)+) => {
        if !$holds {
            return Err(format!($($message)+));
        }
    };
}

impl Zone {
    /// Checks every invariant: blocks tile the zone, aligned; buddies that may merge have merged; lists, counts and
    /// pageblock types agree with the blocks; list links are whole; the LRU list holds the page cache and nothing
    /// else; per-CPU lists hold what is neither free nor allocated; every counter is what a count from scratch gives. O(pages).
    ///
    /// # Errors
    ///
    /// A sentence about the first invariant found broken: there is a bug in this module then.
    pub fn verify(&self) -> Result<(), String> {
        let totals = self.verify_blocks()?;
        self.verify_free_lists(totals.free)?;
        self.verify_lru(&totals)?;
        self.verify_pcp(totals.cached)?;
        self.verify_pageblocks()?;
        ensure!(
            self.managed == self.config.pages - totals.reserved,
            "{} pages are managed, {} of {} reserved",
            self.managed,
            totals.reserved,
            self.config.pages
        );
        Ok(())
    }

    fn verify_blocks(&self) -> Result<Totals, String> {
        let mut totals = Totals::default();
        let mut pfn = 0;
        while pfn < self.config.pages {
            let order = match self.frame(pfn) {
                Frame::Inside => return Err(format!("frame {pfn} should be a head")),
                Frame::Free(order) => {
                    self.verify_free(pfn, order)?;
                    totals.free += 1;
                    order
                }
                Frame::Cached(order) => {
                    totals.cached += 1;
                    order
                }
                Frame::Allocated(order) => {
                    let flags = self.info(pfn).flags;
                    let pages = 1 << order;
                    if flags.contains(PageFlags::RESERVED) {
                        totals.reserved += pages;
                    }
                    if flags.contains(PageFlags::LRU) {
                        totals.lru_blocks += 1;
                        totals.lru += pages;
                        if !flags.contains(PageFlags::DIRTY) {
                            totals.lru_clean += pages;
                        }
                    }
                    order
                }
            };
            ensure!(
                self.state(pfn).is_valid(),
                "frame {pfn} is in a state that there is not"
            );
            ensure!(
                order <= MAX_PAGE_ORDER && pfn.is_multiple_of(1 << order),
                "frame {pfn} is head of a block of order {order}"
            );
            let end = pfn + (1 << order);
            ensure!(
                end <= self.config.pages,
                "the block at {pfn} leaves the zone"
            );
            for inside in pfn + 1..end {
                ensure!(
                    self.frame(inside) == Frame::Inside,
                    "frame {inside} is not just inside the block at {pfn}"
                );
            }
            pfn = end;
        }
        Ok(totals)
    }

    fn verify_free(&self, pfn: Pfn, order: Order) -> Result<(), String> {
        let list = self.pageblock_type(pfn);
        for at in pfn..pfn + (1 << order) {
            let other = self.pageblock_type(at);
            ensure!(
                other == list,
                "the free block at {pfn} has types {list:?} and {other:?}"
            );
        }
        let buddy = pfn ^ (1 << order);
        if order < MAX_PAGE_ORDER && self.is_free(buddy, order) {
            let other = self.pageblock_type(buddy);
            ensure!(
                other != list && !(other.is_mergeable() && list.is_mergeable()),
                "buddies at {pfn} and {buddy}, order {order}, are both free"
            );
        }
        Ok(())
    }

    fn verify_free_lists(&self, blocks: u32) -> Result<(), String> {
        let (mut listed, mut counted) = (0, 0);
        for list in MigrateType::ALL {
            let (mut pages, mut mask) = (0, 0_u32);
            for order in 0..NR_PAGE_ORDERS as Order {
                let what = || format!("the list of order {order}, {list:?}");
                let mut count = 0;
                let head = self.free_head(order, list);
                self.verify_ring(head, blocks, &what, &mut |pfn| {
                    ensure!(
                        self.is_free(pfn, order) && self.pageblock_type(pfn) == list,
                        "frame {pfn} is on {}",
                        what()
                    );
                    count += 1;
                    Ok(())
                })?;
                ensure!(
                    count == self.free_area.count(order, list),
                    "{count} blocks of order {order}, {list:?}, are listed, {} counted",
                    self.free_area.count(order, list)
                );
                pages += count << order;
                mask |= u32::from(count > 0) << order;
                listed += count;
            }
            ensure!(
                pages == self.free_area.pages(list),
                "{list:?}: {pages} pages are listed"
            );
            ensure!(mask == self.free_area.mask(list), "{list:?}: wrong mask");
            if list != MigrateType::Isolate {
                counted += pages;
            }
        }
        ensure!(
            counted == self.free_area.nr_free_pages(),
            "{counted} pages are listed, {} counted",
            self.free_area.nr_free_pages()
        );
        let marks = self.boosted_marks();
        ensure!(
            self.free_area.marks() == marks,
            "memory is plenty from and CPUs keep little up to {:?} pages, {marks:?} expected",
            self.free_area.marks()
        );
        ensure!(
            listed == blocks,
            "{listed} free blocks are listed, {blocks} there"
        );
        Ok(())
    }

    /// Walks a list of at most `most` frames: each links back to the one before and passes the test.
    pub(super) fn verify_ring(
        &self,
        head: Pfn,
        most: u32,
        what: &dyn Fn() -> String,
        test: &mut dyn FnMut(Pfn) -> Result<(), String>,
    ) -> Result<(), String> {
        let (mut prev, mut left) = (head, most);
        loop {
            let pfn = self.links[prev as usize].next;
            let back = self.links.get(pfn as usize).map(|links| links.prev);
            ensure!(
                back == Some(prev),
                "{}: frame {pfn} does not link back to {prev}",
                what()
            );
            if pfn == head {
                return Ok(());
            }
            ensure!(
                pfn < self.config.pages,
                "{} leads into another list",
                what()
            );
            ensure!(
                left > 0,
                "{} is longer than there are blocks for it",
                what()
            );
            test(pfn)?;
            left -= 1;
            prev = pfn;
        }
    }

    fn verify_lru(&self, totals: &Totals) -> Result<(), String> {
        let mut count = 0;
        let what = || "the LRU list".to_owned();
        self.verify_ring(self.lru_head(), totals.lru_blocks, &what, &mut |pfn| {
            ensure!(
                self.allocated_order(pfn).is_some()
                    && self.info(pfn).flags.contains(PageFlags::LRU),
                "frame {pfn} is on the LRU list"
            );
            count += 1;
            Ok(())
        })?;
        ensure!(
            (count, self.nr_lru, self.nr_lru_clean)
                == (totals.lru_blocks, totals.lru, totals.lru_clean),
            "{count} blocks are on the LRU list, counters {} and {}; there are {totals:?}",
            self.nr_lru,
            self.nr_lru_clean
        );
        Ok(())
    }

    fn verify_pageblocks(&self) -> Result<(), String> {
        let mut highatomic = 0;
        for (i, pageblock) in self.pageblocks.iter().enumerate() {
            let (now, before) = (pageblock.now(), pageblock.before());
            ensure!(
                *pageblock == Pageblock::new(now, before),
                "pageblock {i} has no type"
            );
            if before == MigrateType::HighAtomic {
                highatomic += 1 << self.config.pageblock_order;
            }
            let isolated = now == MigrateType::Isolate;
            ensure!(
                before != MigrateType::Isolate && (isolated || now == before),
                "pageblock {i} is {now:?} and was {before:?}"
            );
        }
        ensure!(
            highatomic == self.nr_reserved_highatomic,
            "{highatomic} pages are in the high-atomic reserve, {} counted",
            self.nr_reserved_highatomic
        );
        Ok(())
    }
}

/// What the blocks add up to.
#[derive(Debug, Default)]
struct Totals {
    free: u32,
    /// Blocks on per-CPU lists.
    cached: u32,
    reserved: u32,
    lru_blocks: u32,
    lru: u32,
    lru_clean: u32,
}

#[cfg(test)]
mod tests {
    use super::super::super::{Gfp, Owner, ZoneConfig};
    use super::super::list::End;
    use super::super::{NIL, State};
    use super::*;

    /// A zone with something of everything.
    fn lived_in() -> Zone {
        let mut zone = Zone::new(ZoneConfig::new("DMA", 1024, 4)).expect("a zone");
        for order in [0, 0, 2, 1, 0] {
            let gfp = Gfp::GFP_KERNEL | Gfp::RECLAIMABLE;
            let pfn = zone.alloc_pages(gfp, order, Owner(1), &mut ());
            zone.lru_add(pfn.expect("memory"));
        }
        zone.set_pageblock_type(512, MigrateType::HighAtomic);
        assert_eq!(zone.isolate(256, 4, &mut ()), Ok(()));
        zone
    }

    /// The first page of page cache.
    fn first_of(zone: &Zone) -> usize {
        zone.links[zone.lru_head() as usize].next as usize
    }

    fn flip(zone: &mut Zone, pfn: Pfn, flag: PageFlags) {
        let mut info = zone.info(pfn);
        info.flags.toggle(flag);
        zone.set_allocated(pfn, 0, info);
    }

    #[test]
    fn every_kind_of_damage_is_found() {
        let damages: [(&str, fn(&mut Zone)); 14] = [
            ("a head lost", |zone| {
                zone.states[0] = State::INSIDE;
            }),
            ("a head too many", |zone| {
                zone.states[5] = State::free(0);
            }),
            ("a block of another order", |zone| {
                let info = zone.info(0);
                zone.set_allocated(0, 1, info);
            }),
            ("a block off its list", |zone| {
                zone.set_allocated(256, 4, zone.info(256));
            }),
            ("an order there is not", |zone| {
                let info = zone.info(0);
                zone.set_allocated(0, 11, info);
            }),
            ("a reserved page", |zone| {
                flip(zone, 0, PageFlags::RESERVED);
            }),
            ("cache off the list", |zone| {
                flip(zone, 0, PageFlags::LRU);
            }),
            ("dirt not counted", |zone| {
                flip(zone, 0, PageFlags::DIRTY);
            }),
            ("a forward link", |zone| {
                let first = first_of(zone);
                zone.links[first].next = NIL;
            }),
            ("a backward link", |zone| {
                let first = first_of(zone);
                zone.links[first].prev = NIL;
            }),
            ("a counter", |zone| {
                zone.nr_lru += 1;
            }),
            ("the reserve", |zone| {
                zone.nr_reserved_highatomic = 0;
            }),
            ("managed pages", |zone| {
                zone.managed -= 1;
            }),
            ("a pageblock's type", |zone| {
                zone.pageblocks[32] = Pageblock::new(MigrateType::Movable, MigrateType::HighAtomic);
            }),
        ];
        assert_eq!(lived_in().verify(), Ok(()));
        for (damage, inflict) in damages {
            let mut zone = lived_in();
            inflict(&mut zone);
            assert!(zone.verify().is_err(), "{damage}");
        }
        // Buddies that ought to have merged: two single pages put back by hand.
        let mut zone = lived_in();
        for pfn in [0, 1] {
            zone.forget(pfn);
            zone.add_to_free_list(pfn, 0, zone.pageblock_type(pfn), End::Head);
        }
        let found = zone.verify().expect_err("buddies");
        assert!(found.contains("both free"), "{found}");
    }

    #[test]
    fn damage_to_per_cpu_lists_is_found() {
        let kept = || {
            let mut config = ZoneConfig::new("DMA", 1024, 4);
            config.cpus = 2;
            let mut zone = Zone::new(config).expect("a zone");
            let gfp = Gfp::GFP_KERNEL;
            let pages = [(); 4].map(|()| zone.alloc_pages(gfp, 0, Owner(1), &mut ()));
            for pfn in pages {
                assert_eq!(zone.free_pages(pfn.expect("memory"), 0, &mut ()), Ok(()));
            }
            let list = MigrateType::Unmovable;
            let first = zone.cpu_list(0, 0, list).next();
            (zone, first.expect("a page"))
        };
        assert_eq!(kept().0.verify(), Ok(()));
        let damages: [(&str, fn(&mut Zone, Pfn)); 5] = [
            ("another CPU", |zone, pfn| {
                zone.states[pfn as usize] = State::cached(0, MigrateType::Unmovable, 1);
            }),
            ("another type", |zone, pfn| {
                zone.states[pfn as usize] = State::cached(0, MigrateType::Movable, 0);
            }),
            ("another order", |zone, pfn| {
                zone.states[pfn as usize] = State::cached(1, MigrateType::Unmovable, 0);
            }),
            ("not kept at all", |zone, pfn| {
                zone.set_allocated(pfn, 0, zone.info(0));
            }),
            ("a page in two blocks", |zone, pfn| {
                zone.states[pfn as usize] = State::free(0);
            }),
        ];
        for (damage, inflict) in damages {
            let (mut zone, first) = kept();
            inflict(&mut zone, first);
            assert!(zone.verify().is_err(), "{damage}");
        }
    }
}
