//! The free lists as deques that are searched: nothing clever.

use std::collections::VecDeque;

use labyrinth::mm::{MAX_PAGE_ORDER, NR_PAGE_ORDERS, Order, Pfn};

/// The rules of Linux's free lists for one migrate type, word for word.
#[derive(Clone, Debug)]
pub struct Literal {
    lists: [VecDeque<Pfn>; NR_PAGE_ORDERS],
}

impl Literal {
    /// All free, in the largest blocks that fit, ascending.
    pub fn new(pages: u32) -> Self {
        let mut lists: [VecDeque<Pfn>; NR_PAGE_ORDERS] = Default::default();
        let mut pfn = 0;
        for order in (0..NR_PAGE_ORDERS).rev() {
            while pages - pfn >= 1 << order {
                lists[order].push_back(pfn);
                pfn += 1 << order;
            }
        }
        Self { lists }
    }

    /// A block of the smallest order there is, from the head of its list or from the tail.
    pub fn alloc(&mut self, order: Order, tail: bool) -> Option<Pfn> {
        let order = usize::from(order);
        let mut found = (order..NR_PAGE_ORDERS).find(|&o| !self.lists[o].is_empty())?;
        let list = &mut self.lists[found];
        let pfn = if tail {
            list.pop_back()
        } else {
            list.pop_front()
        }?;
        while found > order {
            found -= 1;
            self.lists[found].push_front(pfn + (1 << found));
        }
        Some(pfn)
    }

    fn is_free(&self, pfn: Pfn, order: usize) -> bool {
        self.lists[order].contains(&pfn)
    }

    /// Gives a block back: it merges, and goes to the tail of its list if it is likely to merge further.
    pub fn free(&mut self, mut pfn: Pfn, order: Order) {
        let mut order = usize::from(order);
        while order < usize::from(MAX_PAGE_ORDER) && self.is_free(pfn ^ (1 << order), order) {
            let buddy = pfn ^ (1 << order);
            self.lists[order].retain(|&free| free != buddy);
            pfn = pfn.min(buddy);
            order += 1;
        }
        let parent = pfn >> (order + 1) << (order + 1);
        if order <= 8 && self.is_free(parent ^ (2 << order), order + 1) {
            self.lists[order].push_back(pfn);
        } else {
            self.lists[order].push_front(pfn);
        }
    }

    /// Every list, from head to tail.
    pub fn lists(&self) -> Vec<Vec<Pfn>> {
        let lists = self.lists.iter();
        lists.map(|list| list.iter().copied().collect()).collect()
    }
}
