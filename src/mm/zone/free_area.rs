//! How much is on the free lists: counted by list, by type, and in all. The lists themselves are in the frames.

#![allow(
    clippy::inline_always,
    reason = "each is a few loads and stores, done for every split and merge; a call costs more than the work"
)]

use super::super::{MAX_PAGE_ORDER, MigrateType, NR_PAGE_ORDERS, Order};

/// What is on the free lists.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct FreeArea {
    /// Blocks on each list, by [`index`]; places for orders there are not, so that no index is out of range.
    pub counts: [u32; COUNTS],
    /// For each type, bit `order` is set if that list is not empty.
    pub masks: [u32; MigrateType::COUNT],
    /// Free pages of each type that requests are told from others for; those of ordinary types nobody asks for often.
    pages: [u32; MigrateType::COUNT],
    /// Free pages of all types but the isolated one.
    nr_free_pages: u32,
    /// With this many pages free, and those asked for, memory is plenty: see [`FreeArea::is_plenty`].
    floor: u64,
    /// The boosted `high` watermark: with no more free pages than this, CPUs keep little.
    high: u32,
}

/// Numbers of free lists, eight an order, so that the next order's is found by adding; two of the eight are none.
pub(super) const FREE_LISTS: u32 = (NR_PAGE_ORDERS << TYPE_BITS) as u32;

/// Places for counts of lists, a power of two.
pub(super) const COUNTS: usize = FREE_LISTS.next_power_of_two() as usize;

/// Bits of a list's number that tell its type.
pub(super) const TYPE_BITS: u32 = 3;

/// The number of a list among all free lists; too large if there is no such order.
#[inline]
pub(super) const fn index(order: Order, list: MigrateType) -> u32 {
    (order as u32) << TYPE_BITS | list as u32
}

impl FreeArea {
    pub(super) const fn new() -> Self {
        Self {
            counts: [0; COUNTS],
            masks: [0; MigrateType::COUNT],
            pages: [0; MigrateType::COUNT],
            nr_free_pages: 0,
            floor: 0,
            high: 0,
        }
    }

    /// Blocks on a list.
    pub(super) fn count(&self, order: Order, list: MigrateType) -> u32 {
        let count = self.counts.get(index(order, list) as usize);
        count.copied().unwrap_or(0)
    }

    /// The count of a list that there is.
    #[inline(always)]
    pub(super) fn count_mut(&mut self, order: Order, list: MigrateType) -> &mut u32 {
        &mut self.counts[index(order, list) as usize % COUNTS]
    }

    /// Says from which watermark on memory may be plenty, and up to which CPUs keep little.
    pub(super) fn set_marks(&mut self, mark: u64, high: u32) {
        self.floor = mark + self.twice_special();
        self.high = high;
    }

    /// The marks that were set.
    pub(super) fn marks(&self) -> (u64, u32) {
        (self.floor.wrapping_sub(self.twice_special()), self.high)
    }

    /// True if free memory is not above the `high` mark.
    #[inline(always)]
    pub(super) fn is_below_high(&self) -> bool {
        self.nr_free_pages <= self.high
    }

    /// Free pages that not every request may use, high-atomic and contiguous-allocator ones, doubled.
    fn twice_special(&self) -> u64 {
        let special = [MigrateType::HighAtomic, MigrateType::Cma];
        let pages = special.map(|list| u64::from(self.pages(list)));
        2 * pages.iter().sum::<u64>()
    }

    /// True only if a request for so many pages leaves the mark whatever its flags, and need not begin with
    /// contiguous-allocator memory, of which there must be less than half of what is free for that.
    #[inline(always)]
    pub(super) fn is_plenty(&self, pages: u32) -> bool {
        u64::from(self.nr_free_pages) >= self.floor + u64::from(pages)
    }

    /// Pages on the lists of a type.
    #[inline]
    pub(super) fn pages(&self, list: MigrateType) -> u32 {
        if list.is_mergeable() {
            let orders = 0..NR_PAGE_ORDERS as Order;
            return orders.map(|order| self.count(order, list) << order).sum();
        }
        self.pages[list as usize]
    }

    /// Pages on the lists of all types but the isolated one (`NR_FREE_PAGES`).
    #[inline]
    pub(super) fn nr_free_pages(&self) -> u32 {
        self.nr_free_pages
    }

    /// Bit `order` is set if that list is not empty.
    #[inline]
    pub(super) fn mask(&self, list: MigrateType) -> u32 {
        self.masks[list as usize]
    }

    /// The smallest order of at least `order` with a block on this type's lists.
    #[inline]
    pub(super) fn smallest(&self, order: Order, list: MigrateType) -> Option<Order> {
        if order > MAX_PAGE_ORDER {
            return None;
        }
        let mask = self.masks[list as usize] >> order;
        (mask != 0).then(|| order + mask.trailing_zeros() as Order)
    }

    /// Counts pages that come to a type's lists, or leave them if negative (`account_freepages()`).
    #[inline]
    pub(super) fn account(&mut self, pages: i32, list: MigrateType) {
        if !list.is_mergeable() {
            let of_type = &mut self.pages[list as usize];
            *of_type = of_type.wrapping_add_signed(pages);
            if list == MigrateType::Isolate {
                return;
            }
            self.floor = self.floor.wrapping_add_signed(2 * i64::from(pages));
        }
        self.nr_free_pages = self.nr_free_pages.wrapping_add_signed(pages);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_plenty_from_the_mark_and_twice_what_is_special() {
        let mut area = FreeArea::new();
        area.set_marks(100, 114);
        area.account(107, MigrateType::Movable);
        assert!(area.is_plenty(7) && !area.is_plenty(8));
        // Isolated pages are neither free nor special.
        area.account(50, MigrateType::Isolate);
        assert!(area.is_plenty(7) && !area.is_plenty(8));
        // Special ones are free, and have to be outweighed.
        area.account(3, MigrateType::HighAtomic);
        area.account(2, MigrateType::Cma);
        assert_eq!((area.nr_free_pages(), area.marks()), (112, (100, 114)));
        assert!(area.is_below_high());
        assert!(area.is_plenty(2) && !area.is_plenty(3));
        area.account(-5, MigrateType::Movable);
        area.account(-3, MigrateType::HighAtomic);
        assert!(area.is_plenty(0) && !area.is_plenty(1));
        // The mark is set whatever is special.
        area.set_marks(90, 103);
        assert_eq!(area.marks(), (90, 103));
        assert!(!area.is_below_high());
        area.account(-1, MigrateType::Movable);
        assert!(area.is_below_high());
        area.account(1, MigrateType::Movable);
        assert!(area.is_plenty(10) && !area.is_plenty(11));
    }
}
