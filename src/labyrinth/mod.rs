//! The labyrinth: rooms, walls, doors, sight and ways, all derived from an allocator's state and never stored beside it.
//!
//! A zone of `side * side` page frames is drawn as a square. A page frame number becomes a cell by
//! Z-order (Morton) interleaving, [`cell_of`]: even bits make `x`, odd bits make `y`. So every naturally
//! aligned block of order `2k` is a square of `2^k x 2^k` cells, every block of order `2k + 1` a rectangle
//! twice as wide as tall, and a block's buddy is always the room next door: east or west for even orders,
//! north or south for odd ones.
//!
//! * A **room** is a block, free or allocated ([`Rooms`]).
//! * A **wall** is a split: it stands on the edge between two cells of different rooms ([`Edge`]).
//! * A **door** is an opening in a wall. Every split node of the buddy tree has a seam of `L` edges between
//!   its halves, with `1 + L/4` doors whose places are a pure hash of the raid's seed, the node and the
//!   door's index ([`seam_doors`]). Doors therefore have no history, and every cell can be reached from
//!   every other one whatever the allocator does: both halves of each split are joined by at least one door.
//!
//! [`Maze`] compiles these rules for one state of the rooms; [`visible`] and [`distances`] work on it.
//! Nothing here is Linux: Linux gives memory no shape. The shape is this game's reading of the buddy tree.

mod cell_set;
mod distance;
mod doors;
mod geometry;
mod maze;
mod rooms;
mod sight;
mod tiling;

pub use cell_set::CellSet;
pub(crate) use distance::Queue;
pub use distance::{DistanceMap, UNREACHED, distances, distances_within};
pub use doors::{door_between, seam_doors, seam_len};
pub use geometry::{Cell, Dir, Grid, Rect, block_rect, cell_of, pfn_of};
pub use maze::{Edge, Maze, connected, edge};
pub use rooms::{GeometryError, Rooms, side_for};
pub use sight::{in_sight, visible, visible_into};
pub use tiling::Tiling;
