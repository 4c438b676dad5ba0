//! A set of cells as one bit each.

use super::geometry::{Cell, Grid};

/// A set of cells of one grid. Iterates in index order: rows from the north, each from the west.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellSet {
    grid: Grid,
    words: Vec<u64>,
}

impl CellSet {
    /// The empty set over a grid.
    pub fn new(grid: Grid) -> Self {
        Self {
            grid,
            words: vec![0; grid.len().div_ceil(64)],
        }
    }

    /// The grid its cells are of.
    pub fn grid(&self) -> Grid {
        self.grid
    }

    /// Adds a cell; true if it was not in the set. Cells off the grid are not added.
    pub fn insert(&mut self, cell: Cell) -> bool {
        if !self.grid.contains(cell) {
            return false;
        }
        let index = self.grid.index(cell);
        let (word, bit) = (&mut self.words[index / 64], 1 << (index % 64));
        let new = *word & bit == 0;
        *word |= bit;
        new
    }

    /// Takes a cell out; true if it was in the set.
    pub fn remove(&mut self, cell: Cell) -> bool {
        let there = self.contains(cell);
        if there {
            let index = self.grid.index(cell);
            self.words[index / 64] &= !(1 << (index % 64));
        }
        there
    }

    /// Whether the cell is in the set.
    pub fn contains(&self, cell: Cell) -> bool {
        if !self.grid.contains(cell) {
            return false;
        }
        let index = self.grid.index(cell);
        self.words[index / 64] >> (index % 64) & 1 != 0
    }

    /// Adds every cell of another set over the same grid.
    pub fn union_with(&mut self, other: &Self) {
        debug_assert_eq!(self.grid, other.grid, "sets over different grids");
        for (word, more) in self.words.iter_mut().zip(&other.words) {
            *word |= more;
        }
    }

    /// Number of cells in the set.
    pub fn len(&self) -> usize {
        self.words
            .iter()
            .map(|word| word.count_ones() as usize)
            .sum()
    }

    /// Whether no cell is in the set.
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|&word| word == 0)
    }

    /// Takes every cell out.
    pub fn clear(&mut self) {
        self.words.fill(0);
    }

    /// The cells, in index order.
    pub fn iter(&self) -> impl Iterator<Item = Cell> + '_ {
        self.words.iter().enumerate().flat_map(move |(at, &word)| {
            let mut rest = word;
            std::iter::from_fn(move || {
                let bit = rest.trailing_zeros();
                // Clears the lowest bit; at 0 there is none and the word is done.
                rest &= rest.checked_sub(1)?;
                Some(self.grid.cell(at * 64 + bit as usize))
            })
        })
    }
}
