//! Random numbers and random buddy trees for the labyrinth's tests.
#![allow(dead_code, reason = "each test file uses its part")]

use labyrinth::labyrinth::{Cell, Rooms, Tiling};

/// A small random sequence that is the same everywhere.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// Uniform in `0..n`, closely enough.
    pub fn below(&mut self, n: u32) -> u32 {
        (((self.next() >> 32) * u64::from(n)) >> 32) as u32
    }

    pub fn cell(&mut self, side: u16) -> Cell {
        Cell::new(
            self.below(side.into()) as u16,
            self.below(side.into()) as u16,
        )
    }
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
