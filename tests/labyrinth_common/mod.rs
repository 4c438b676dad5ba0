//! Random numbers and random buddy trees for the labyrinth's tests.
#![allow(dead_code, reason = "each test file uses its part")]

#[path = "../common/random.rs"]
mod random;

use labyrinth::labyrinth::{Cell, Rooms, Tiling};
pub use random::Random;

/// Any cell of a square.
pub fn random_cell(side: u16, random: &mut Random) -> Cell {
    Cell::new(
        random.below(side.into()) as u16,
        random.below(side.into()) as u16,
    )
}

/// A buddy tree split at random: each node of order above 0 with a probability of `percent`.
pub fn random_tree(side: u16, percent: u32, random: &mut Random) -> Tiling {
    let whole = 2 * side.ilog2() as u8;
    let mut tiling = Tiling::new(side, whole);
    let mut nodes = vec![(0, whole)];
    while let Some((pfn, order)) = nodes.pop() {
        if order > 10 || order > 0 && random.below(100) < percent {
            nodes.push((pfn, order - 1));
            nodes.push((pfn + (1 << (order - 1)), order - 1));
        } else {
            tiling.put(pfn, order);
        }
    }
    tiling
}

/// Rooms that contradict each other: every seventh frame answers from another tiling.
pub struct Quarrel(pub Tiling, pub Tiling);

impl Rooms for Quarrel {
    fn side(&self) -> u16 {
        self.0.side()
    }

    fn room_at(&self, pfn: u32) -> (u32, u8) {
        let source = if pfn.is_multiple_of(7) {
            &self.1
        } else {
            &self.0
        };
        source.room_at(pfn)
    }
}
