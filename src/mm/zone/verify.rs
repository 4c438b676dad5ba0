//! Checks a zone against its invariants.

use super::super::{MAX_PAGE_ORDER, MigrateType, NR_PAGE_ORDERS, Order, PageFlags, Pfn};
use super::list::End;
use super::{Frame, Info, NIL, Zone};

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
    /// else; every counter is what a count from scratch gives. O(pages).
    ///
    /// # Errors
    ///
    /// A sentence about the first invariant found broken: there is a bug in this module then.
    pub fn verify(&self) -> Result<(), String> {
        let totals = self.verify_blocks()?;
        self.verify_free_lists(totals.free)?;
        self.verify_lru(&totals)?;
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
                Frame::Allocated(order) => {
                    let flags = self.infos[pfn as usize].flags;
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
                    } else {
                        let links = (self.next[pfn as usize], self.prev[pfn as usize]);
                        ensure!(
                            links == (NIL, NIL),
                            "frame {pfn} is on no list but has links"
                        );
                    }
                    order
                }
            };
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
                let i = inside as usize;
                ensure!(
                    self.frames[i] == Frame::Inside
                        && self.infos[i] == Info::NONE
                        && (self.next[i], self.prev[i]) == (NIL, NIL),
                    "frame {inside} is not just inside the block at {pfn}"
                );
            }
            pfn = end;
        }
        Ok(totals)
    }

    fn verify_free(&self, pfn: Pfn, order: Order) -> Result<(), String> {
        ensure!(
            self.infos[pfn as usize] == Info::NONE,
            "free frame {pfn} has an owner or flags"
        );
        let list = self.pageblock_type(pfn);
        for at in pfn..pfn + (1 << order) {
            let other = self.pageblock_type(at);
            ensure!(
                other == list,
                "the free block at {pfn} has types {list:?} and {other:?}"
            );
        }
        let buddy = pfn ^ (1 << order);
        if order < MAX_PAGE_ORDER && self.frame(buddy) == Frame::Free(order) {
            let other = self.pageblock_type(buddy);
            ensure!(
                other != list && !(other.is_mergeable() && list.is_mergeable()),
                "buddies at {pfn} and {buddy}, order {order}, are both free"
            );
        }
        Ok(())
    }

    fn verify_free_lists(&self, blocks: u32) -> Result<(), String> {
        let mut listed = 0;
        for list in MigrateType::ALL {
            let (mut pages, mut mask) = (0, 0_u32);
            for order in 0..NR_PAGE_ORDERS as Order {
                let (mut count, mut prev) = (0, NIL);
                for pfn in self.free_list(order, list) {
                    ensure!(
                        self.frame(pfn) == Frame::Free(order) && self.pageblock_type(pfn) == list,
                        "frame {pfn} is on the list of order {order}, {list:?}"
                    );
                    ensure!(
                        self.prev[pfn as usize] == prev,
                        "frame {pfn} has a broken back link"
                    );
                    prev = pfn;
                    count += 1;
                    ensure!(
                        count <= blocks,
                        "the list of order {order}, {list:?} is a ring"
                    );
                }
                let tail = self.free_area.end(order, list, End::Tail);
                ensure!(
                    tail == (prev != NIL).then_some(prev),
                    "order {order}, {list:?}: wrong tail"
                );
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
        }
        ensure!(
            listed == blocks,
            "{listed} free blocks are listed, {blocks} there"
        );
        Ok(())
    }

    fn verify_lru(&self, totals: &Totals) -> Result<(), String> {
        let (mut count, mut prev) = (0, NIL);
        for pfn in self.lru_list() {
            ensure!(
                self.allocated_order(pfn).is_some()
                    && self.infos[pfn as usize].flags.contains(PageFlags::LRU),
                "frame {pfn} is on the LRU list"
            );
            ensure!(
                self.prev[pfn as usize] == prev,
                "frame {pfn} has a broken LRU link"
            );
            prev = pfn;
            count += 1;
            ensure!(count <= totals.lru_blocks, "the LRU list is a ring");
        }
        ensure!(self.lru_tail == prev, "the LRU list has a wrong tail");
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
            if pageblock.before == MigrateType::HighAtomic {
                highatomic += 1 << self.config.pageblock_order;
            }
            let isolated = pageblock.now == MigrateType::Isolate;
            ensure!(
                pageblock.before != MigrateType::Isolate
                    && (isolated || pageblock.now == pageblock.before),
                "pageblock {i} is {:?} and was {:?}",
                pageblock.now,
                pageblock.before
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
    reserved: u32,
    lru_blocks: u32,
    lru: u32,
    lru_clean: u32,
}

#[cfg(test)]
mod tests {
    use super::super::super::{Gfp, Owner, ZoneConfig};
    use super::super::Pageblock;
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

    #[test]
    fn every_kind_of_damage_is_found() {
        let damages: [(&str, fn(&mut Zone)); 14] = [
            ("a head lost", |zone| {
                zone.frames[0] = Frame::Inside;
            }),
            ("a head too many", |zone| {
                zone.frames[5] = Frame::Free(0);
            }),
            ("a block of another order", |zone| {
                zone.frames[0] = Frame::Allocated(1);
            }),
            ("a block off its list", |zone| {
                zone.frames[256] = Frame::Allocated(4);
            }),
            ("an owner of nothing", |zone| {
                zone.infos[512].owner = Owner(3);
            }),
            ("a reserved page", |zone| {
                zone.infos[0].flags |= PageFlags::RESERVED;
            }),
            ("cache off the list", |zone| {
                zone.infos[0].flags -= PageFlags::LRU;
            }),
            ("dirt not counted", |zone| {
                zone.infos[0].flags |= PageFlags::DIRTY;
            }),
            ("a forward link", |zone| {
                zone.next[zone.lru_head as usize] = NIL;
            }),
            ("a backward link", |zone| {
                zone.prev[zone.lru_tail as usize] = NIL;
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
                zone.pageblocks[32] = Pageblock {
                    now: MigrateType::Movable,
                    before: MigrateType::HighAtomic,
                };
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
}
