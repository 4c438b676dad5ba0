//! Lists: doubly linked rings threaded through the frames, one for each order and migrate type of free block.

#![allow(
    clippy::inline_always,
    reason = "each is a few loads and stores, done for every split and merge; a call costs more than the work"
)]

use std::hint::select_unpredictable;

use super::super::{MAX_PAGE_ORDER, MigrateType, Order, Pfn};
use super::Zone;
use super::frame::{Links, State};
use super::free_area::{COUNTS, FREE_LISTS, FreeArea, TYPE_BITS, index};

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

/// Pages of a block, for counting.
#[inline]
const fn pages_of(order: Order) -> i32 {
    1 << order
}

/// Takes the block at the head of the free list with this head, if there is one.
///
/// Whether the list is empty, before and after, is a branch and not a mask: the processor guesses it and goes on,
/// where a mask would have to wait for the links.
#[inline(always)]
pub(super) fn pop(
    links: &mut [Links],
    area: &mut FreeArea,
    head: Pfn,
    order: Order,
    list: MigrateType,
) -> Option<Pfn> {
    let pfn = links[head as usize].next;
    if pfn == head {
        return None;
    }
    let next = links[pfn as usize].next;
    links[head as usize].next = next;
    links[next as usize].prev = head;
    *area.count_mut(order, list) -= 1;
    if next == head {
        area.masks[list as usize] &= !(1 << order);
    }
    Some(pfn)
}

/// Links a frame in at one end of the list with this head.
#[inline(always)]
pub(super) fn link(links: &mut [Links], pfn: Pfn, head: Pfn, end: End) {
    let Links { next, prev } = links[head as usize];
    // Which end nobody can guess: a branch would cost more than to look at both.
    let tail = end == End::Tail;
    let before = select_unpredictable(tail, prev, head);
    let after = select_unpredictable(tail, head, next);
    links[before as usize].next = pfn;
    links[after as usize].prev = pfn;
    links[pfn as usize] = Links {
        next: after,
        prev: before,
    };
}

/// True if the buddy of the block's parent is free: then the block's own buddy may well be freed soon, and the block
/// had better not be the next to be handed out (`buddy_merge_likely()`).
#[inline(always)]
pub(super) fn may_merge(states: &[State], pfn: Pfn, order: Order) -> bool {
    let uncle = pfn & !(1 << order) ^ 1 << (order + 1);
    order < MAX_PAGE_ORDER - 1 && states.get(uncle as usize) == Some(&State::free(order + 1))
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

    /// Links a frame in at one end of the list with this head.
    #[inline(always)]
    pub(super) fn link(&mut self, pfn: Pfn, head: Pfn, end: End) {
        link(&mut self.links, pfn, head, end);
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
        *self.free_area.count_mut(order, list) += 1;
        self.free_area.masks[list as usize] |= 1 << order;
    }

    /// Takes the block at the head of a free list, if there is one. Its pages are still counted, and it still says it is
    /// free.
    ///
    /// See [`pop`].
    #[inline(always)]
    pub(super) fn pop_free(&mut self, order: Order, list: MigrateType) -> Option<Pfn> {
        let head = self.free_head(order, list);
        pop(&mut self.links, &mut self.free_area, head, order, list)
    }

    /// Takes a block from the list of order `high`, which is not empty, where all lists from order `low` on are up to
    /// that, and puts the halves it is cut into down to `low` on these. Its pages are still counted, and it still says it is free.
    ///
    /// So each half becomes the only block of its list, and nothing has to be looked at to link it.
    #[inline(always)]
    pub(super) fn pop_and_split(
        &mut self,
        low: Order,
        high: Order,
        list: MigrateType,
        mut split: impl FnMut(Pfn, Order),
    ) -> Pfn {
        let mut head = self.free_head(high, list);
        let area = &mut self.free_area;
        let (links, states) = (&mut self.links[..], &mut self.states[..]);
        let pfn = links[head as usize].next;
        let next = links[pfn as usize].next;
        links[head as usize].next = next;
        links[next as usize].prev = head;
        *area.count_mut(high, list) -= 1;
        let (mut size, least) = (1 << high, 1 << low);
        let mut mask = area.masks[list as usize];
        if next == head {
            mask &= !size;
        }
        area.masks[list as usize] = mask | (size - least);
        let mut order = high;
        while size > least {
            split(pfn, order);
            order -= 1;
            size >>= 1;
            head -= 1 << TYPE_BITS;
            let half = pfn + size;
            links[head as usize] = Links::both(half);
            links[half as usize] = Links::both(head);
            states[half as usize] = State::free(order);
            *area.count_mut(order, list) = 1;
        }
        pfn
    }

    /// Merges a block that is on no list with free buddies of order less than `below`, which are of its type, and puts
    /// what they make on its list: at the tail if so told, or likely to merge soon. If that is of order `below`, it is on
    /// no list and inside nothing yet, and returned.
    ///
    /// Buddies leave their lists; what they make is linked once, at the end.
    #[inline(always)]
    pub(super) fn merge_and_link(
        &mut self,
        mut pfn: Pfn,
        mut order: Order,
        below: Order,
        list: MigrateType,
        to_tail: bool,
        mut merged: impl FnMut(Pfn, Order),
    ) -> Option<Pfn> {
        let pages = self.config.pages;
        let area = &mut self.free_area;
        let (links, states) = (&mut self.links[..], &mut self.states[..]);
        let mut number = index(order, list);
        let mut size: u32 = 1 << order;
        while order < below {
            let buddy = pfn ^ size;
            let free = State::free(order);
            match states.get_mut(buddy as usize) {
                Some(state) if *state == free => *state = State::INSIDE,
                _ => {
                    area.masks[list as usize] |= size;
                    area.counts[number as usize % COUNTS] += 1;
                    let tail = to_tail || may_merge(states, pfn, order);
                    link(links, pfn, pages + number, End::tail_if(tail));
                    states[pfn as usize] = free;
                    return None;
                }
            }
            let Links { next, prev } = links[buddy as usize];
            links[next as usize].prev = prev;
            links[prev as usize].next = next;
            area.counts[number as usize % COUNTS] -= 1;
            if next == prev {
                area.masks[list as usize] &= !size;
            }
            number += 1 << TYPE_BITS;
            pfn &= !size;
            order += 1;
            size <<= 1;
            merged(pfn, order);
        }
        Some(pfn)
    }

    /// Takes a free block off its list; its pages are still counted, and its first frame is inside nothing yet
    /// (`__del_page_from_free_list()`).
    #[inline(always)]
    pub(super) fn unlink_free(&mut self, pfn: Pfn, order: Order, list: MigrateType) {
        let empty = self.unlink(pfn);
        self.states[pfn as usize] = State::INSIDE;
        *self.free_area.count_mut(order, list) -= 1;
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
