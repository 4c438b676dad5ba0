//! The labyrinth compiled for one state of the rooms: for every cell, what stands on its four sides.

use super::doors::{DoorSeed, Part, door_between, door_count, seam_cell, seam_dir, seam_len};
use super::geometry::{Cell, Dir, Grid, Rect, block_rect, cell_of, pfn_of};
use super::rooms::Rooms;
use crate::mm::{Order, Pfn};

/// What stands between a cell and its neighbour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Edge {
    /// Nothing: both cells are in one room.
    Open,
    /// A wall with a door in it: another room, and a way through.
    Door,
    /// A wall.
    Wall,
    /// The rim of the zone: there is no neighbour.
    Outside,
}

impl Edge {
    /// Whether a walker, or a look, gets through.
    pub fn passable(self) -> bool {
        matches!(self, Self::Open | Self::Door)
    }
}

/// What stands on one edge, asked of the rooms directly. For one question; for many, compile a [`Maze`].
pub fn edge(rooms: &impl Rooms, seed: u64, cell: Cell, dir: Dir) -> Edge {
    let Some(next) = Grid::new(rooms.side()).step(cell, dir) else {
        return Edge::Outside;
    };
    if rooms.room_at(pfn_of(cell)) == rooms.room_at(pfn_of(next)) {
        Edge::Open
    } else if door_between(seed, cell, dir) {
        Edge::Door
    } else {
        Edge::Wall
    }
}

/// All edges for one seed and one state of the rooms.
///
/// Two bytes a cell. The places of doors depend on the seed alone, so they are hashed once, by [`Maze::new`];
/// [`Maze::rebuild`] and [`Maze::update`] follow the rooms without hashing again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Maze {
    grid: Grid,
    /// Per cell, one bit a side: a door, if a wall stands there.
    doors: Vec<u8>,
    /// Per cell, bits 0 to 3: a side that can be passed; bits 4 to 7: a side inside the room.
    sides: Vec<u8>,
    /// Whether the rooms it was compiled from are whole rectangles.
    tiled: bool,
}

impl Maze {
    /// Compiles the labyrinth of these rooms with the doors of this seed.
    pub fn new(rooms: &impl Rooms, seed: u64) -> Self {
        let grid = Grid::new(rooms.side());
        let mut maze = Self {
            grid,
            doors: doors_of(grid, seed),
            sides: vec![0; grid.len()],
            tiled: rooms.tiled(),
        };
        maze.rebuild(rooms);
        maze
    }

    /// Compiles again after the rooms changed in unknown places. The square must be the one it was made for.
    pub fn rebuild(&mut self, rooms: &impl Rooms) {
        debug_assert_eq!(self.grid.side(), rooms.side(), "rooms of another square");
        self.tiled = rooms.tiled();
        if !self.tiled {
            self.lay_edges(rooms, self.grid.rect());
            return;
        }
        let end = self.grid.len() as u32;
        let mut pfn = 0;
        while pfn < end {
            let (head, order) = rooms.room_at(pfn);
            debug_assert_eq!(head, pfn, "rooms that do not tile the square");
            self.lay(pfn, order);
            pfn += 1 << order;
        }
    }

    /// Follows changes of the rooms in the given rectangles, which must hold every frame whose room changed.
    pub fn update(&mut self, rooms: &impl Rooms, rects: &[Rect]) {
        for rect in rects {
            let Some(rect) = rect.intersect(&self.grid.rect()) else {
                continue;
            };
            if !rooms.tiled() {
                self.lay_edges(rooms, rect);
                continue;
            }
            for cell in rect.cells() {
                let (head, order) = rooms.room_at(pfn_of(cell));
                // A room is laid when its first cell inside the rectangle comes by.
                let corner = cell_of(head);
                if cell.x == corner.x.max(rect.x) && cell.y == corner.y.max(rect.y) {
                    self.lay(head, order);
                }
            }
        }
    }

    /// Writes both sides of every edge in and around a rectangle, asking frame by frame.
    fn lay_edges(&mut self, rooms: &impl Rooms, rect: Rect) {
        for cell in rect.cells() {
            let room = rooms.room_at(pfn_of(cell));
            for dir in Dir::ALL {
                let Some(next) = self.grid.step(cell, dir) else {
                    continue;
                };
                let open = rooms.room_at(pfn_of(next)) == room;
                for (at, side) in [(cell, dir), (next, dir.opposite())] {
                    let index = self.grid.index(at);
                    let bits = if open {
                        side.bit() << 4 | side.bit()
                    } else {
                        self.doors[index] & side.bit()
                    };
                    self.sides[index] = self.sides[index] & !(side.bit() << 4 | side.bit()) | bits;
                }
            }
        }
    }

    /// Writes the sides of one room's own cells.
    fn lay(&mut self, head: Pfn, order: Order) {
        if order == 0 {
            let index = self.grid.index(cell_of(head));
            self.sides[index] = self.doors[index];
            return;
        }
        let Some(rect) = block_rect(head, order).intersect(&self.grid.rect()) else {
            return;
        };
        let (width, height) = (usize::from(rect.w), usize::from(rect.h));
        let first = self.grid.index(Cell::new(rect.x, rect.y));
        for row in 0..height {
            let mut open = 0b1111;
            if row == 0 {
                open &= !Dir::North.bit();
            }
            if row + 1 == height {
                open &= !Dir::South.bit();
            }
            let start = first + row * usize::from(self.grid.side());
            let sides = &mut self.sides[start..start + width];
            let doors = &self.doors[start..start + width];
            for (side, door) in sides.iter_mut().zip(doors) {
                *side = open << 4 | open | door;
            }
            // A room of width 1 is a single cell: order 1 is already two wide.
            let (west, east) = (open & !Dir::West.bit(), open & !Dir::East.bit());
            sides[0] = west << 4 | west | doors[0];
            sides[width - 1] = east << 4 | east | doors[width - 1];
        }
    }

    /// The square it stands on.
    pub fn grid(&self) -> Grid {
        self.grid
    }

    /// What stands on a side of a cell; [`Edge::Outside`] for cells off the grid.
    pub fn edge(&self, cell: Cell, dir: Dir) -> Edge {
        if !self.grid.contains(cell) || self.grid.step(cell, dir).is_none() {
            return Edge::Outside;
        }
        let sides = self.sides[self.grid.index(cell)];
        if sides >> 4 & dir.bit() != 0 {
            Edge::Open
        } else if sides & dir.bit() != 0 {
            Edge::Door
        } else {
            Edge::Wall
        }
    }

    /// Whether one can step, and look, from the cell in this direction.
    pub fn passable(&self, cell: Cell, dir: Dir) -> bool {
        self.grid.contains(cell) && self.sides[self.grid.index(cell)] & dir.bit() != 0
    }

    /// The rectangle of the room that holds a cell of the grid. Of a room known in part ([`Rooms::tiled`] false):
    /// from the cell as far as it is open each way.
    pub fn room_rect(&self, cell: Cell) -> Rect {
        let end = |dir: Dir| {
            let mut at = cell;
            while self.edge(at, dir) == Edge::Open
                && let Some(next) = self.grid.step(at, dir)
            {
                at = next;
            }
            at
        };
        let (north, east, south, west) = (
            end(Dir::North),
            end(Dir::East),
            end(Dir::South),
            end(Dir::West),
        );
        Rect {
            x: west.x,
            y: north.y,
            w: east.x - west.x + 1,
            h: south.y - north.y + 1,
        }
    }

    /// Whether every room is a whole rectangle, open inside.
    pub(super) fn tiled(&self) -> bool {
        self.tiled
    }

    /// The four passable bits, and above them the four same-room bits, of every cell in index order.
    pub(super) fn sides(&self) -> &[u8] {
        &self.sides
    }
}

/// For every cell one bit a side: a door, if a wall stands there. All nodes of the square have theirs.
fn doors_of(grid: Grid, seed: u64) -> Vec<u8> {
    let mut doors = vec![0; grid.len()];
    let seed = DoorSeed::new(seed);
    let side = usize::from(grid.side());
    let whole = grid.len().checked_ilog2().unwrap_or(0) as Order;
    for order in 1..=whole {
        let len = seam_len(order);
        let count = door_count(len);
        let dir = seam_dir(order);
        let across = if dir == Dir::East { 1 } else { side };
        for door in 0..count {
            let part = Part::of(door, count, len);
            for node in (0..grid.len() as u32).step_by(1 << order) {
                let position = seed.position(node, order, door, part);
                let index = grid.index(seam_cell(node, order, position));
                doors[index] |= dir.bit();
                doors[index + across] |= dir.opposite().bit();
            }
        }
    }
    doors
}

/// Whether every cell can be reached from every other one. True of every state of every allocator: each split of
/// the buddy tree has at least one door.
pub fn connected(maze: &Maze) -> bool {
    let grid = maze.grid();
    if grid.is_empty() {
        return true;
    }
    let mut seen = vec![false; grid.len()];
    let mut open = vec![Cell::default()];
    seen[0] = true;
    let mut count = 1;
    while let Some(cell) = open.pop() {
        for dir in Dir::ALL {
            if maze.passable(cell, dir)
                && let Some(next) = grid.step(cell, dir)
                && !seen[grid.index(next)]
            {
                seen[grid.index(next)] = true;
                count += 1;
                open.push(next);
            }
        }
    }
    count == grid.len()
}

#[cfg(test)]
mod tests {
    use super::{Maze, connected};
    use crate::labyrinth::{Cell, Dir, Tiling};

    /// No rooms can do this, so it is done to the compiled sides.
    #[test]
    fn a_walled_in_cell_is_noticed() {
        let mut maze = Maze::new(&Tiling::new(8, 0), 1);
        assert!(connected(&maze));
        let cell = Cell::new(5, 2);
        for dir in Dir::ALL {
            let next = maze
                .grid
                .step(cell, dir)
                .expect("the cell is not at the rim");
            for (at, side) in [(cell, dir), (next, dir.opposite())] {
                let index = maze.grid.index(at);
                maze.sides[index] &= !side.bit();
            }
        }
        assert!(!connected(&maze));
    }
}
