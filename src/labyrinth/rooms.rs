//! What the labyrinth asks of the memory under it: which block a frame is in, and how wide the square is.

use thiserror::Error;

use crate::mm::{Order, Pfn, Zone};

/// A square of page frames cut into rooms: an allocator's zone, or somebody's knowledge of one.
///
/// Rooms are naturally aligned blocks. Two neighbouring frames are in one room if they answer alike.
pub trait Rooms {
    /// Cells along one side: a power of two, at most 32768.
    fn side(&self) -> u16;

    /// First frame and order of the room that holds `pfn`, for every `pfn` below `side * side`.
    fn room_at(&self, pfn: Pfn) -> (Pfn, Order);

    /// Whether all frames of a room always answer with it, as an allocator's do. Then [`super::Maze`] asks once a
    /// room instead of once a frame. Memories of different ages contradict each other: for them it is false.
    fn tiled(&self) -> bool {
        false
    }
}

impl<R: Rooms + ?Sized> Rooms for &R {
    fn side(&self) -> u16 {
        (**self).side()
    }

    fn room_at(&self, pfn: Pfn) -> (Pfn, Order) {
        (**self).room_at(pfn)
    }

    fn tiled(&self) -> bool {
        (**self).tiled()
    }
}

/// Why a number of pages is no labyrinth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum GeometryError {
    /// Only a power of four fills a square along the Z-order.
    #[error(
        "{pages} pages do not fill a square: a labyrinth needs a power of four (4096, 16384, ...)"
    )]
    NotASquare {
        /// The number of pages asked for.
        pages: u32,
    },
}

/// The side, in cells, of the square that `pages` page frames fill.
///
/// # Errors
/// [`GeometryError::NotASquare`] unless `pages` is a power of four.
pub fn side_for(pages: u32) -> Result<u16, GeometryError> {
    if pages.is_power_of_two() && pages.trailing_zeros().is_multiple_of(2) {
        Ok(1 << (pages.trailing_zeros() / 2))
    } else {
        Err(GeometryError::NotASquare { pages })
    }
}

/// The side of the largest square along the Z-order that `pages` frames fill: [`side_for`] where that succeeds.
fn largest_square(pages: u32) -> u16 {
    match pages.checked_ilog2() {
        Some(log) => 1 << (log / 2),
        None => 0,
    }
}

/// A zone's blocks are the rooms. Whoever makes a zone to be walked checks its size with [`side_for`]; of any
/// other zone only the largest square at its start is a labyrinth.
impl Rooms for Zone {
    fn side(&self) -> u16 {
        largest_square(self.pages())
    }

    fn room_at(&self, pfn: Pfn) -> (Pfn, Order) {
        self.block_at(pfn)
            .map_or((pfn, 0), |block| (block.pfn, block.order))
    }
    fn tiled(&self) -> bool {
        true
    }
}
