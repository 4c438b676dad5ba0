//! Free lists: for each order and migrate type a doubly linked list, threaded through the frames.

use super::super::{MAX_PAGE_ORDER, MigrateType, NR_PAGE_ORDERS, Order, Pfn};
use super::{Frame, NIL, Zone};

/// The free lists' ends, and what is on them.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct FreeArea {
    heads: [[Pfn; MigrateType::COUNT]; NR_PAGE_ORDERS],
    tails: [[Pfn; MigrateType::COUNT]; NR_PAGE_ORDERS],
    counts: [[u32; MigrateType::COUNT]; NR_PAGE_ORDERS],
    /// For each type, bit `order` is set if that list is not empty.
    masks: [u32; MigrateType::COUNT],
    /// Free pages of each type.
    pages: [u32; MigrateType::COUNT],
}

/// Which end of a list.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Head,
    Tail,
}

impl FreeArea {
    pub(super) const fn new() -> Self {
        Self {
            heads: [[NIL; MigrateType::COUNT]; NR_PAGE_ORDERS],
            tails: [[NIL; MigrateType::COUNT]; NR_PAGE_ORDERS],
            counts: [[0; MigrateType::COUNT]; NR_PAGE_ORDERS],
            masks: [0; MigrateType::COUNT],
            pages: [0; MigrateType::COUNT],
        }
    }

    /// The block at one end of a list.
    pub(super) fn end(&self, order: Order, list: MigrateType, end: End) -> Option<Pfn> {
        let ends = match end {
            End::Head => &self.heads,
            End::Tail => &self.tails,
        };
        let pfn = ends[usize::from(order)][list as usize];
        (pfn != NIL).then_some(pfn)
    }

    /// Blocks on a list.
    pub(super) fn count(&self, order: Order, list: MigrateType) -> u32 {
        self.counts
            .get(usize::from(order))
            .map_or(0, |counts| counts[list as usize])
    }

    /// Pages on the lists of a type.
    pub(super) fn pages(&self, list: MigrateType) -> u32 {
        self.pages[list as usize]
    }

    /// Bit `order` is set if that list is not empty.
    pub(super) fn mask(&self, list: MigrateType) -> u32 {
        self.masks[list as usize]
    }

    /// Makes a list's ends and count what they once were; the links are the caller's to put back.
    pub(super) fn restore(
        &mut self,
        order: Order,
        list: MigrateType,
        (head, tail): (Option<Pfn>, Option<Pfn>),
        count: u32,
    ) {
        let (o, l) = (usize::from(order), list as usize);
        self.heads[o][l] = head.unwrap_or(NIL);
        self.tails[o][l] = tail.unwrap_or(NIL);
        self.pages[l] = self.pages[l] - (self.counts[o][l] << order) + (count << order);
        self.counts[o][l] = count;
        self.masks[l] = self.masks[l] & !(1 << order) | u32::from(count > 0) << order;
    }

    /// The smallest order of at least `order` with a block on this type's lists.
    pub(super) fn smallest(&self, order: Order, list: MigrateType) -> Option<Order> {
        if order > MAX_PAGE_ORDER {
            return None;
        }
        let mask = self.masks[list as usize] >> order;
        (mask != 0).then(|| order + mask.trailing_zeros() as Order)
    }
}

impl Zone {
    /// Makes `pfn` the head of a free block on the list of `list` (`__add_to_free_list()`).
    pub(super) fn add_to_free_list(&mut self, pfn: Pfn, order: Order, list: MigrateType, end: End) {
        let area = &mut self.free_area;
        let (o, l) = (usize::from(order), list as usize);
        let (next, prev) = match end {
            End::Head => (area.heads[o][l], NIL),
            End::Tail => (NIL, area.tails[o][l]),
        };
        self.frames[pfn as usize] = Frame::Free(order);
        self.next[pfn as usize] = next;
        self.prev[pfn as usize] = prev;
        match next {
            NIL => area.tails[o][l] = pfn,
            next => self.prev[next as usize] = pfn,
        }
        match prev {
            NIL => area.heads[o][l] = pfn,
            prev => self.next[prev as usize] = pfn,
        }
        area.counts[o][l] += 1;
        area.masks[l] |= 1 << o;
        area.pages[l] += 1 << o;
    }

    /// Takes a free block off its list (`__del_page_from_free_list()`); its first frame is inside nothing yet.
    pub(super) fn del_from_free_list(&mut self, pfn: Pfn, order: Order, list: MigrateType) {
        let area = &mut self.free_area;
        let (o, l) = (usize::from(order), list as usize);
        let next = std::mem::replace(&mut self.next[pfn as usize], NIL);
        let prev = std::mem::replace(&mut self.prev[pfn as usize], NIL);
        match next {
            NIL => area.tails[o][l] = prev,
            next => self.prev[next as usize] = prev,
        }
        match prev {
            NIL => area.heads[o][l] = next,
            prev => self.next[prev as usize] = next,
        }
        self.frames[pfn as usize] = Frame::Inside;
        area.counts[o][l] -= 1;
        area.pages[l] -= 1 << o;
        if area.counts[o][l] == 0 {
            area.masks[l] &= !(1 << o);
        }
    }

    /// The blocks of one free list, head to tail. None if there is no such order.
    pub fn free_list(&self, order: Order, list: MigrateType) -> impl Iterator<Item = Pfn> + '_ {
        let first = if order > MAX_PAGE_ORDER {
            None
        } else {
            self.free_area.end(order, list, End::Head)
        };
        std::iter::successors(first, |&pfn| {
            let next = self.next[pfn as usize];
            (next != NIL).then_some(next)
        })
    }
}
