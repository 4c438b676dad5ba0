//! Cells, directions, rectangles and the grid, and the Z-order map between page frames and cells.

use serde::{Deserialize, Serialize};

use crate::mm::{Order, Pfn};

/// One page frame as a place: `x` grows east, `y` grows south, `(0, 0)` is page frame 0.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Cell {
    /// Column, counted from the west.
    pub x: u16,
    /// Row, counted from the north.
    pub y: u16,
}

impl Cell {
    /// The cell in column `x` and row `y`.
    pub const fn new(x: u16, y: u16) -> Self {
        Self { x, y }
    }

    /// Steps of a king between two cells: the larger of the two coordinate differences.
    pub fn chebyshev(self, other: Self) -> u16 {
        self.x.abs_diff(other.x).max(self.y.abs_diff(other.y))
    }

    /// Steps between two cells if no wall stood anywhere: the sum of the coordinate differences.
    pub fn manhattan(self, other: Self) -> u32 {
        u32::from(self.x.abs_diff(other.x)) + u32::from(self.y.abs_diff(other.y))
    }

    /// The neighbour in a direction, `None` where a coordinate would leave `u16`; knows no grid.
    pub fn neighbour(self, dir: Dir) -> Option<Self> {
        let (dx, dy) = dir.delta();
        Some(Self {
            x: self.x.checked_add_signed(dx as i16)?,
            y: self.y.checked_add_signed(dy as i16)?,
        })
    }
}

/// One of the four ways to step. The order of the variants settles ties everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[repr(u8)]
pub enum Dir {
    /// Toward smaller `y`.
    North = 0,
    /// Toward larger `x`.
    East = 1,
    /// Toward larger `y`.
    South = 2,
    /// Toward smaller `x`.
    West = 3,
}

impl Dir {
    /// All four, in the order that settles ties.
    pub const ALL: [Self; 4] = [Self::North, Self::East, Self::South, Self::West];

    /// The way back.
    #[must_use]
    pub const fn opposite(self) -> Self {
        match self {
            Self::North => Self::South,
            Self::East => Self::West,
            Self::South => Self::North,
            Self::West => Self::East,
        }
    }

    /// The change of `(x, y)` that one step makes.
    pub const fn delta(self) -> (i32, i32) {
        match self {
            Self::North => (0, -1),
            Self::East => (1, 0),
            Self::South => (0, 1),
            Self::West => (-1, 0),
        }
    }

    /// The direction of the step from a cell to a neighbour, `None` if they are not neighbours.
    pub fn between(from: Cell, to: Cell) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|&dir| from.neighbour(dir) == Some(to))
    }

    /// This direction's bit in a mask of four.
    pub(super) const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// A rectangle of cells: `w` columns from `x` on, `h` rows from `y` on.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Rect {
    /// Westmost column.
    pub x: u16,
    /// Northmost row.
    pub y: u16,
    /// Number of columns.
    pub w: u16,
    /// Number of rows.
    pub h: u16,
}

impl Rect {
    /// Whether the cell lies inside.
    pub fn contains(&self, cell: Cell) -> bool {
        cell.x.checked_sub(self.x).is_some_and(|dx| dx < self.w)
            && cell.y.checked_sub(self.y).is_some_and(|dy| dy < self.h)
    }

    /// Its cells, row by row from the north, each row from the west.
    pub fn cells(&self) -> impl Iterator<Item = Cell> + use<> {
        let Self { x, y, w, h } = *self;
        (0..h).flat_map(move |dy| (0..w).map(move |dx| Cell::new(x + dx, y + dy)))
    }

    /// Number of cells.
    pub fn area(&self) -> u32 {
        u32::from(self.w) * u32::from(self.h)
    }

    /// The cells in both, `None` if there are none.
    pub fn intersect(&self, other: &Self) -> Option<Self> {
        let (west, north) = (self.x.max(other.x), self.y.max(other.y));
        let end = |start: u16, len: u16| u32::from(start) + u32::from(len);
        let east = end(self.x, self.w).min(end(other.x, other.w));
        let south = end(self.y, self.h).min(end(other.y, other.h));
        let w = east.checked_sub(u32::from(west)).filter(|&w| w > 0)?;
        let h = south.checked_sub(u32::from(north)).filter(|&h| h > 0)?;
        Some(Self {
            x: west,
            y: north,
            w: w as u16,
            h: h as u16,
        })
    }
}

/// Gathers the even bits of a word into its lower half.
const fn gather(word: u32) -> u16 {
    let mut w = word & 0x5555_5555;
    w = (w | (w >> 1)) & 0x3333_3333;
    w = (w | (w >> 2)) & 0x0f0f_0f0f;
    w = (w | (w >> 4)) & 0x00ff_00ff;
    w = (w | (w >> 8)) & 0x0000_ffff;
    w as u16
}

/// Spreads a half word over the even bits of a word: the inverse of [`gather`].
const fn spread(half: u16) -> u32 {
    let mut w = half as u32;
    w = (w | (w << 8)) & 0x00ff_00ff;
    w = (w | (w << 4)) & 0x0f0f_0f0f;
    w = (w | (w << 2)) & 0x3333_3333;
    w = (w | (w << 1)) & 0x5555_5555;
    w
}

/// The cell of a page frame: even bits of the number are `x`, odd bits are `y`.
pub const fn cell_of(pfn: Pfn) -> Cell {
    Cell {
        x: gather(pfn),
        y: gather(pfn >> 1),
    }
}

/// The page frame of a cell: the inverse of [`cell_of`].
pub const fn pfn_of(cell: Cell) -> Pfn {
    spread(cell.x) | (spread(cell.y) << 1)
}

/// The rectangle of the naturally aligned block of `2^order` frames that holds `pfn`.
///
/// `order` is at most 30: the square of an order-30 block is 32768 cells wide, the most a [`Rect`] can hold.
pub fn block_rect(pfn: Pfn, order: Order) -> Rect {
    debug_assert!(order <= 30, "an order {order} block has no rectangle");
    let corner = cell_of(pfn & (u32::MAX << order));
    Rect {
        x: corner.x,
        y: corner.y,
        w: 1 << order.div_ceil(2),
        h: 1 << (order / 2),
    }
}

/// The square of cells that a zone is drawn on; gives cells their row-by-row index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Grid {
    side: u16,
}

impl Grid {
    /// A grid of `side * side` cells.
    pub const fn new(side: u16) -> Self {
        Self { side }
    }

    /// Cells along one side.
    pub const fn side(self) -> u16 {
        self.side
    }

    /// Number of cells.
    pub const fn len(self) -> usize {
        self.side as usize * self.side as usize
    }

    /// Whether there is no cell at all.
    pub const fn is_empty(self) -> bool {
        self.side == 0
    }

    /// Whether the cell lies on the grid.
    pub const fn contains(self, cell: Cell) -> bool {
        cell.x < self.side && cell.y < self.side
    }

    /// The whole grid as a rectangle.
    pub const fn rect(self) -> Rect {
        Rect {
            x: 0,
            y: 0,
            w: self.side,
            h: self.side,
        }
    }

    /// The cell's index: rows from the north, each from the west. Means nothing for cells off the grid.
    pub const fn index(self, cell: Cell) -> usize {
        cell.y as usize * self.side as usize + cell.x as usize
    }

    /// The cell with an index below [`Grid::len`].
    pub const fn cell(self, index: usize) -> Cell {
        let side = self.side as usize;
        Cell {
            x: (index % side) as u16,
            y: (index / side) as u16,
        }
    }

    /// The neighbour in a direction, `None` at the rim.
    pub fn step(self, cell: Cell, dir: Dir) -> Option<Cell> {
        cell.neighbour(dir).filter(|&next| self.contains(next))
    }

    /// All cells in index order.
    pub fn cells(self) -> impl Iterator<Item = Cell> {
        self.rect().cells()
    }
}
