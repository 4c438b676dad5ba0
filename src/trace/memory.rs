//! Which blocks are free, when only what is in use is known: the free lists without their order.
//!
//! Where an allocator must place every block just where a trace says, its lists decide nothing: what blocks are free
//! follows from the pages in use alone (see `kernel_text::layout`). So a [`Memory`] keeps a bit for every block that
//! could be free, 2048 bits for 1024 pages, and merges and splits them as a buddy allocator does. Blocks never
//! grow beyond the largest order; memory is therefore kept in pieces of that size, and pieces that a trace does not
//! touch take no place. A [`Zone`](crate::mm::Zone) gives the same counts: `tests/trace_replay.rs` runs both.

use crate::mm::{MAX_PAGE_ORDER, NR_PAGE_ORDERS, Order};

/// Pages of a piece: one block of the largest order.
pub(super) const PIECE: u32 = 1 << MAX_PAGE_ORDER;

/// A bit for each block of each order: 1024 of order 0, 512 of order 1, ... and one of order 10.
type Bits = [u64; 32];

/// The free blocks of some pieces of memory.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Memory {
    pieces: Vec<Bits>,
    counts: [u32; NR_PAGE_ORDERS],
    free: u32,
}

/// The place of a block's bit in its piece.
fn place(page: u32, order: Order) -> u32 {
    2 * PIECE - ((2 * PIECE) >> order) + (page >> order)
}

fn word(bits: &mut Bits, place: u32) -> (&mut u64, u64) {
    (&mut bits[(place / 64) as usize & 31], 1 << (place % 64))
}

impl Memory {
    /// So many pieces, all in use.
    pub(super) fn new(pieces: u32) -> Self {
        Self {
            pieces: vec![[0; 32]; pieces as usize],
            counts: [0; NR_PAGE_ORDERS],
            free: 0,
        }
    }

    /// Free blocks of each order.
    pub fn counts(&self) -> [u32; NR_PAGE_ORDERS] {
        self.counts
    }

    /// Free pages.
    pub fn free_pages(&self) -> u32 {
        self.free
    }

    /// All pages.
    pub fn pages(&self) -> u32 {
        self.pieces.len() as u32 * PIECE
    }

    /// The free blocks, in ascending order: first page and order.
    pub fn free_blocks(&self) -> Vec<(u32, Order)> {
        let mut blocks = Vec::new();
        for (first, bits) in (0..).step_by(PIECE as usize).zip(&self.pieces) {
            for order in 0..=MAX_PAGE_ORDER {
                for page in (0..PIECE).step_by(1 << order) {
                    let place = place(page, order);
                    if bits[(place / 64) as usize] & (1 << (place % 64)) != 0 {
                        blocks.push((first + page, order));
                    }
                }
            }
        }
        blocks.sort_unstable();
        blocks
    }

    /// Frees a block that is in use as a whole; merges it with its buddies.
    pub(super) fn give(&mut self, page: u32, order: Order) {
        let bits = &mut self.pieces[(page / PIECE) as usize];
        let page = page % PIECE;
        let mut at = order;
        while at < MAX_PAGE_ORDER {
            let (word, bit) = word(bits, place(page, at) ^ 1);
            if *word & bit == 0 {
                break;
            }
            *word &= !bit;
            self.counts[usize::from(at)] -= 1;
            at += 1;
        }
        let (word, bit) = word(bits, place(page, at));
        *word |= bit;
        self.counts[usize::from(at)] += 1;
        self.free += 1 << order;
    }

    /// Takes a block that is free as a whole; splits the block it is in.
    pub(super) fn take(&mut self, page: u32, order: Order) {
        let bits = &mut self.pieces[(page / PIECE) as usize];
        let page = page % PIECE;
        let mut at = order;
        loop {
            let (word, bit) = word(bits, place(page, at));
            if *word & bit != 0 {
                *word &= !bit;
                self.counts[usize::from(at)] -= 1;
                break;
            }
            if at == MAX_PAGE_ORDER {
                debug_assert!(false, "page {page} is not free");
                return;
            }
            at += 1;
        }
        while at > order {
            at -= 1;
            let (word, bit) = word(bits, place(page, at) ^ 1);
            *word |= bit;
            self.counts[usize::from(at)] += 1;
        }
        self.free -= 1 << order;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_have_places_of_their_own() {
        let mut places: Vec<u32> = (0..=MAX_PAGE_ORDER)
            .flat_map(|order| (0..PIECE >> order).map(move |at| place(at << order, order)))
            .collect();
        assert_eq!(places.len(), 2047);
        places.sort_unstable();
        places.dedup();
        assert_eq!((places.len(), places[2046]), (2047, 2046));
    }

    #[test]
    fn blocks_split_and_merge() {
        let mut memory = Memory::new(2);
        memory.give(1024, 10);
        assert_eq!(memory.free_blocks(), [(1024, 10)]);
        memory.take(1027, 0);
        let counts = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0];
        assert_eq!(memory.counts(), counts);
        assert_eq!(memory.free_pages(), 1023);
        memory.take(1024, 1);
        assert_eq!(memory.counts()[1], 0);
        memory.give(1024, 0);
        memory.give(1025, 0);
        assert_eq!(memory.counts(), counts);
        memory.give(1027, 0);
        assert_eq!(memory.free_blocks(), [(1024, 10)]);
        // The other piece is no buddy.
        memory.give(0, 10);
        assert_eq!(memory.free_blocks(), [(0, 10), (1024, 10)]);
    }
}
