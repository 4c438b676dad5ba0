//! Who holds which blocks: a book kept beside the allocator so that a task can pick one of its own rooms.

use crate::mm::{Order, Pfn};

/// Blocks by owner, in an order that depends only on the history of allocations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Holdings {
    lists: Vec<Vec<(Pfn, Order)>>,
    pages: Vec<u32>,
    /// For each frame that heads a block: its place in its owner's list.
    place: Vec<u32>,
}

impl Holdings {
    pub fn new(pages: u32) -> Self {
        Self {
            lists: Vec::new(),
            pages: Vec::new(),
            place: vec![0; pages as usize],
        }
    }

    pub fn add(&mut self, owner: u16, pfn: Pfn, order: Order) {
        let owner = usize::from(owner);
        if owner >= self.lists.len() {
            self.lists.resize(owner + 1, Vec::new());
            self.pages.resize(owner + 1, 0);
        }
        self.place[pfn as usize] = self.lists[owner].len() as u32;
        self.lists[owner].push((pfn, order));
        self.pages[owner] += 1 << order;
    }

    pub fn remove(&mut self, owner: u16, pfn: Pfn, order: Order) {
        let list = &mut self.lists[usize::from(owner)];
        let place = self.place[pfn as usize];
        debug_assert_eq!(list[place as usize], (pfn, order));
        list.swap_remove(place as usize);
        if let Some(moved) = list.get(place as usize) {
            self.place[moved.0 as usize] = place;
        }
        self.pages[usize::from(owner)] -= 1 << order;
    }

    /// The blocks of an owner.
    pub fn of(&self, owner: u16) -> &[(Pfn, Order)] {
        self.lists
            .get(usize::from(owner))
            .map_or(&[], Vec::as_slice)
    }

    /// Pages of an owner.
    pub fn pages(&self, owner: u16) -> u32 {
        self.pages.get(usize::from(owner)).copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn books_what_is_held_and_forgets_what_is_given_back() {
        let mut book = Holdings::new(64);
        book.add(3, 8, 2);
        book.add(3, 0, 0);
        book.add(3, 16, 3);
        assert_eq!(book.pages(3), 13);
        book.remove(3, 8, 2);
        assert_eq!(book.of(3), [(16, 3), (0, 0)]);
        book.remove(3, 16, 3);
        book.remove(3, 0, 0);
        assert_eq!((book.pages(3), book.of(3)), (0, [].as_slice()));
        assert_eq!(book.pages(9), 0);
    }
}
