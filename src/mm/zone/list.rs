//! Lists: doubly linked rings threaded through the frames, one for each order and migrate type of free block.

#![allow(
    clippy::inline_always,
    reason = "each is a few loads and stores, done for every split and merge; a call costs more than the work"
)]

use std::hint::select_unpredictable;

use super::super::{MAX_PAGE_ORDER, MigrateType, NR_PAGE_ORDERS, Order, Pfn};
use super::Zone;
use super::frame::{Links, State};

/// What is on the free lists. The lists themselves are in the frames.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct FreeArea {
    /// Blocks on each list, by [`index`].
    counts: [u32; FREE_LISTS as usize],
    /// For each type, bit `order` is set if that list is not empty.
    masks: [u32; MigrateType::COUNT],
    /// Free pages of each type that requests are told from others for; those of ordinary types nobody asks for often.
    pages: [u32; MigrateType::COUNT],
    /// Free pages of all types but the isolated one.
    nr_free_pages: u32,
    /// Of these, pages that not every request may use: high-atomic and contiguous-allocator ones.
    nr_special: u32,
}

/// Which end of a list.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Head,
    Tail,
}

impl End {
    /// The tail, or else the head.
    #[inline]
    pub const fn tail_if(tail: bool) -> Self {
        if tail { Self::Tail } else { Self::Head }
    }
}

/// Numbers of free lists, eight an order, so that the next order's is found by adding; two of the eight are none.
pub(super) const FREE_LISTS: u32 = (NR_PAGE_ORDERS << TYPE_BITS) as u32;

/// Bits of a list's number that tell its type.
const TYPE_BITS: u32 = 3;

/// The number of a list among all free lists; too large if there is no such order.
#[inline]
fn index(order: Order, list: MigrateType) -> u32 {
    u32::from(order) << TYPE_BITS | list as u32
}

impl FreeArea {
    pub(super) const fn new() -> Self {
        Self {
            counts: [0; FREE_LISTS as usize],
            masks: [0; MigrateType::COUNT],
            pages: [0; MigrateType::COUNT],
            nr_free_pages: 0,
            nr_special: 0,
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

    /// Pages among them that not every request may use.
    #[inline]
    pub(super) fn nr_special(&self) -> u32 {
        self.nr_special
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
            self.nr_special = self.nr_special.wrapping_add_signed(pages);
        }
        self.nr_free_pages = self.nr_free_pages.wrapping_add_signed(pages);
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
        let Links { next, prev } = self.links[head as usize];
        // Which end nobody can guess: a branch would cost more than to look at both.
        let tail = end == End::Tail;
        let before = select_unpredictable(tail, prev, head);
        let after = select_unpredictable(tail, head, next);
        self.link_between(pfn, before, after);
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

    /// Takes the block at the head of a free list, if there is one. Its pages are still counted, and it still says it is
    /// free.
    ///
    /// Whether the list is empty, before and after, is a branch and not a mask, here and below: the processor guesses
    /// it and goes on, where a mask would have to wait for the links.
    #[inline(always)]
    pub(super) fn pop_free(&mut self, order: Order, list: MigrateType) -> Option<Pfn> {
        let head = self.free_head(order, list);
        let links = &mut self.links[..];
        let pfn = links[head as usize].next;
        if pfn == head {
            return None;
        }
        let next = links[pfn as usize].next;
        links[head as usize].next = next;
        links[next as usize].prev = head;
        let area = &mut self.free_area;
        area.counts[index(order, list) as usize] -= 1;
        if next == head {
            area.masks[list as usize] &= !(1 << order);
        }
        Some(pfn)
    }

    /// Puts the upper halves of a block, cut down from order `high` to `low`, on their lists, which are all empty.
    ///
    /// So each half becomes the only block of its list, and nothing has to be looked at to link it.
    #[inline(always)]
    pub(super) fn link_halves(
        &mut self,
        pfn: Pfn,
        low: Order,
        high: Order,
        list: MigrateType,
        mut split: impl FnMut(Pfn, Order),
    ) {
        let mut head = self.free_head(high, list);
        let (links, states) = (&mut self.links[..], &mut self.states[..]);
        let area = &mut self.free_area;
        area.masks[list as usize] |= (1 << high) - (1 << low);
        let mut order = high;
        while order > low {
            split(pfn, order);
            order -= 1;
            head -= 1 << TYPE_BITS;
            let half = pfn + (1 << order);
            links[head as usize] = Links::both(half);
            links[half as usize] = Links::both(head);
            states[half as usize] = State::free(order);
            area.counts[index(order, list) as usize] = 1;
        }
    }

    /// Merges a block that is on no list with free buddies of order less than `below`, which are of its type. Returns
    /// what they make, which is on no list and inside nothing yet.
    ///
    /// Buddies leave their lists; what they make is linked once, at the end.
    #[inline(always)]
    pub(super) fn merge_buddies(
        &mut self,
        mut pfn: Pfn,
        mut order: Order,
        below: Order,
        list: MigrateType,
        mut merged: impl FnMut(Pfn, Order),
    ) -> (Pfn, Order) {
        let (links, states) = (&mut self.links[..], &mut self.states[..]);
        let area = &mut self.free_area;
        while order < below {
            let buddy = pfn ^ (1 << order);
            match states.get_mut(buddy as usize) {
                Some(state) if *state == State::free(order) => *state = State::INSIDE,
                _ => break,
            }
            let Links { next, prev } = links[buddy as usize];
            links[next as usize].prev = prev;
            links[prev as usize].next = next;
            area.counts[index(order, list) as usize] -= 1;
            if next == prev {
                area.masks[list as usize] &= !(1 << order);
            }
            pfn &= buddy;
            order += 1;
            merged(pfn, order);
        }
        (pfn, order)
    }

    /// Takes a free block off its list; its pages are still counted, and its first frame is inside nothing yet
    /// (`__del_page_from_free_list()`).
    #[inline(always)]
    pub(super) fn unlink_free(&mut self, pfn: Pfn, order: Order, list: MigrateType) {
        let empty = self.unlink(pfn);
        self.states[pfn as usize] = State::INSIDE;
        self.free_area.counts[index(order, list) as usize] -= 1;
        if empty {
            self.free_area.masks[list as usize] &= !(1 << order);
        }
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
