//! Lists: doubly linked rings threaded through the frames, one for each order and migrate type of free block.

#![allow(
    clippy::inline_always,
    reason = "each is a few loads and stores, done for every split and merge; a call costs more than the work"
)]

use super::super::{MAX_PAGE_ORDER, MigrateType, NR_PAGE_ORDERS, Order, Pfn};
use super::Zone;
use super::frame::{Links, State};

/// What is on the free lists. The lists themselves are in the frames.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct FreeArea {
    counts: [u32; FREE_LISTS as usize],
    /// For each type, bit `order` is set if that list is not empty.
    masks: [u32; MigrateType::COUNT],
    /// Free pages of each type.
    pages: [u32; MigrateType::COUNT],
    /// Free pages of all types but the isolated one.
    nr_free_pages: u32,
}

/// Which end of a list.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Head,
    Tail,
}

/// Lists of free blocks, and their number.
pub(super) const FREE_LISTS: u32 = (NR_PAGE_ORDERS * MigrateType::COUNT) as u32;

/// The number of a list among all free lists; too large if there is no such order.
#[inline]
fn index(order: Order, list: MigrateType) -> u32 {
    u32::from(order) * MigrateType::COUNT as u32 + list as u32
}

impl FreeArea {
    pub(super) const fn new() -> Self {
        Self {
            counts: [0; FREE_LISTS as usize],
            masks: [0; MigrateType::COUNT],
            pages: [0; MigrateType::COUNT],
            nr_free_pages: 0,
        }
    }

    /// Blocks on a list.
    pub(super) fn count(&self, order: Order, list: MigrateType) -> u32 {
        let count = self.counts.get(index(order, list) as usize);
        count.copied().unwrap_or(0)
    }

    /// Pages on the lists of a type.
    #[inline]
    pub(super) fn pages(&self, list: MigrateType) -> u32 {
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
        let of_type = &mut self.pages[list as usize];
        *of_type = of_type.wrapping_add_signed(pages);
        if list != MigrateType::Isolate {
            self.nr_free_pages = self.nr_free_pages.wrapping_add_signed(pages);
        }
    }
}

/// Pages of a block, for counting.
#[inline]
const fn pages_of(order: Order) -> i32 {
    1 << order
}

/// Lists are rings: the first links back to a head, the last on to it, so that neither end is a special case. Heads
/// have no frame; they sit behind the last one in the array of links.
impl Zone {
    /// The head of a free list.
    #[inline]
    pub(super) fn free_head(&self, order: Order, list: MigrateType) -> Pfn {
        self.config.pages + index(order, list)
    }

    /// The head of the LRU list.
    #[inline]
    pub(super) fn lru_head(&self) -> Pfn {
        self.config.pages + FREE_LISTS
    }

    /// The heads of all lists, empty, as they follow the last frame.
    pub(super) fn empty_lists(first: Pfn, number: u32) -> impl Iterator<Item = Links> {
        (first..first + number).map(|head| Links {
            next: head,
            prev: head,
        })
    }

    /// Links a frame into a list between two that are neighbours.
    #[inline(always)]
    fn link_between(&mut self, pfn: Pfn, prev: Pfn, next: Pfn) {
        self.links[prev as usize].next = pfn;
        self.links[next as usize].prev = pfn;
        self.links[pfn as usize] = Links { next, prev };
    }

    /// Links a frame in at one end of the list with this head.
    #[inline(always)]
    pub(super) fn link(&mut self, pfn: Pfn, head: Pfn, end: End) {
        match end {
            End::Head => self.link_between(pfn, head, self.links[head as usize].next),
            End::Tail => self.link_between(pfn, self.links[head as usize].prev, head),
        }
    }

    /// Takes a frame out of the list it is on. True if the list is empty now.
    #[inline(always)]
    pub(super) fn unlink(&mut self, pfn: Pfn) -> bool {
        let Links { next, prev } = self.links[pfn as usize];
        self.links[next as usize].prev = prev;
        self.links[prev as usize].next = next;
        next == prev
    }

    /// The frame at one end of a list.
    #[inline]
    pub(super) fn list_end(&self, head: Pfn, end: End) -> Option<Pfn> {
        let Links { next, prev } = self.links[head as usize];
        let pfn = match end {
            End::Head => next,
            End::Tail => prev,
        };
        (pfn != head).then_some(pfn)
    }

    /// The frames of a list, head to tail.
    pub(super) fn list(&self, head: Pfn) -> impl Iterator<Item = Pfn> + '_ {
        std::iter::successors(self.list_end(head, End::Head), move |&pfn| {
            let next = self.links[pfn as usize].next;
            (next != head).then_some(next)
        })
    }

    /// The block at one end of a free list.
    #[inline]
    pub(super) fn free_end(&self, order: Order, list: MigrateType, end: End) -> Option<Pfn> {
        self.list_end(self.free_head(order, list), end)
    }

    /// Makes `pfn` the head of a free block on the list of `list`; its pages are not counted
    /// (`__add_to_free_list()`).
    #[inline(always)]
    pub(super) fn link_free(&mut self, pfn: Pfn, order: Order, list: MigrateType, end: End) {
        self.link(pfn, self.free_head(order, list), end);
        self.states[pfn as usize] = State::free(order);
        self.free_area.counts[index(order, list) as usize] += 1;
        self.free_area.masks[list as usize] |= 1 << order;
    }

    /// Takes a free block off its list; its pages are still counted, and its first frame is inside nothing yet
    /// (`__del_page_from_free_list()`).
    #[inline(always)]
    pub(super) fn unlink_free(&mut self, pfn: Pfn, order: Order, list: MigrateType) {
        let empty = self.unlink(pfn);
        self.states[pfn as usize] = State::INSIDE;
        self.free_area.counts[index(order, list) as usize] -= 1;
        self.free_area.masks[list as usize] &= !(u32::from(empty) << order);
    }

    /// Makes a list's ends and count what they once were; the frames' links are the caller's to put back.
    pub(super) fn restore_free_list(
        &mut self,
        order: Order,
        list: MigrateType,
        ends: (Option<Pfn>, Option<Pfn>),
        count: u32,
    ) {
        self.restore_ends(self.free_head(order, list), ends);
        let FreeArea { counts, masks, .. } = &mut self.free_area;
        let before = std::mem::replace(&mut counts[index(order, list) as usize], count);
        let mask = &mut masks[list as usize];
        *mask = *mask & !(1 << order) | u32::from(count > 0) << order;
        let more = (count << order).wrapping_sub(before << order);
        self.free_area.account(more as i32, list);
    }

    /// Makes the ends of a list what they once were.
    pub(super) fn restore_ends(&mut self, head: Pfn, (first, last): (Option<Pfn>, Option<Pfn>)) {
        self.links[head as usize] = Links {
            next: first.unwrap_or(head),
            prev: last.unwrap_or(head),
        };
    }

    /// [`Zone::link_free`], and counts its pages (`add_to_free_list()`).
    #[inline]
    pub(super) fn add_to_free_list(&mut self, pfn: Pfn, order: Order, list: MigrateType, end: End) {
        self.link_free(pfn, order, list, end);
        self.free_area.account(pages_of(order), list);
    }

    /// [`Zone::unlink_free`], and counts its pages no longer (`del_page_from_free_list()`).
    #[inline]
    pub(super) fn del_from_free_list(&mut self, pfn: Pfn, order: Order, list: MigrateType) {
        self.unlink_free(pfn, order, list);
        self.free_area.account(-pages_of(order), list);
    }

    /// The blocks of one free list, head to tail. None if there is no such order.
    pub fn free_list(&self, order: Order, list: MigrateType) -> impl Iterator<Item = Pfn> + '_ {
        let head = (order <= MAX_PAGE_ORDER).then(|| self.free_head(order, list));
        head.into_iter().flat_map(|head| self.list(head))
    }
}
