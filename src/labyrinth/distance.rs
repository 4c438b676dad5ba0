//! How far it is to a goal, and which way: shortest ways through the labyrinth for any price of a step.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::geometry::{Cell, Dir, Grid};
use super::maze::Maze;

/// The distance of a cell from which no goal can be reached.
pub const UNREACHED: u32 = u32::MAX;

/// No step is to be taken from here: a goal, or no way to one.
const NO_STEP: u8 = 4;

/// For every cell the price of the cheapest way to a goal, and its first step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DistanceMap {
    grid: Grid,
    distance: Vec<u32>,
    step: Vec<u8>,
}

impl DistanceMap {
    /// The price of the cheapest way from the cell to a goal; `None` if there is none.
    pub fn get(&self, cell: Cell) -> Option<u32> {
        if !self.grid.contains(cell) {
            return None;
        }
        Some(self.distance[self.grid.index(cell)]).filter(|&distance| distance != UNREACHED)
    }

    /// The first step of the cheapest way from the cell; of equal ways the first in the order of [`Dir::ALL`].
    /// `None` at a goal and where there is no way.
    pub fn step(&self, cell: Cell) -> Option<Dir> {
        if !self.grid.contains(cell) {
            return None;
        }
        Dir::ALL
            .get(usize::from(self.step[self.grid.index(cell)]))
            .copied()
    }

    /// As [`DistanceMap::step`], judged anew with the maze and the prices of now, which may have changed since the
    /// map was made: the cheapest step to a cell nearer a goal. Only ever goes down, so it cannot run in circles.
    pub fn downhill(
        &self,
        maze: &Maze,
        cell: Cell,
        cost: impl Fn(Cell, Dir, Cell) -> Option<u32>,
    ) -> Option<Dir> {
        let here = self.get(cell).unwrap_or(UNREACHED);
        let mut best = None;
        for dir in Dir::ALL {
            if maze.passable(cell, dir)
                && let Some(next) = self.grid.step(cell, dir)
                && let Some(rest) = self.get(next).filter(|&rest| rest < here)
                && let Some(price) = cost(cell, dir, next)
            {
                let Some(total) = rest
                    .checked_add(price.max(1))
                    .filter(|&total| total != UNREACHED)
                else {
                    continue;
                };
                if best.is_none_or(|(least, _)| total < least) {
                    best = Some((total, dir));
                }
            }
        }
        best.map(|(_, dir)| dir)
    }

    /// The cells of the cheapest way, without `from` and with the goal; empty at a goal and where there is no way.
    pub fn path(&self, from: Cell) -> Vec<Cell> {
        let mut path = Vec::new();
        let mut at = from;
        while let Some(next) = self.step(at).and_then(|dir| self.grid.step(at, dir)) {
            path.push(next);
            at = next;
        }
        path
    }
}

/// Distances of all cells to the nearest of `goals` by Dijkstra's algorithm, run from the goals outward.
///
/// `cost(from, dir, to)` is the price of walking from `from` to its neighbour `to`, asked only for passable edges;
/// `None` forbids the step. A price is at least 1: 0 counts as 1. Goals off the grid are ignored, and ways too long
/// for a `u32` are none.
pub fn distances(
    maze: &Maze,
    goals: &[Cell],
    cost: impl Fn(Cell, Dir, Cell) -> Option<u32>,
) -> DistanceMap {
    distances_within(maze, goals, UNREACHED - 1, cost)
}

/// As [`distances`], of those cells alone whose way costs at most `most`: the others count as without one. Costs what
/// is near, not what there is.
pub fn distances_within(
    maze: &Maze,
    goals: &[Cell],
    most: u32,
    cost: impl Fn(Cell, Dir, Cell) -> Option<u32>,
) -> DistanceMap {
    let grid = maze.grid();
    let mut map = DistanceMap {
        grid,
        distance: vec![UNREACHED; grid.len()],
        step: vec![NO_STEP; grid.len()],
    };
    let mut queue = Queue::new();
    for &goal in goals {
        if grid.contains(goal) && map.distance[grid.index(goal)] != 0 {
            map.distance[grid.index(goal)] = 0;
            queue.push(0, goal);
        }
    }
    let sides = maze.sides();
    let side = grid.side() as isize;
    let offsets = [-side, 1, side, -1];
    while let Some((distance, to)) = queue.pop() {
        let index = grid.index(to);
        if map.distance[index] != distance {
            continue;
        }
        for back in Dir::ALL {
            if sides[index] & back.bit() == 0 {
                continue;
            }
            // An edge that can be passed has a cell behind it.
            let at = index.wrapping_add_signed(offsets[back as usize]);
            if map.distance[at] <= distance {
                continue;
            }
            let (dx, dy) = back.delta();
            let from = Cell::new(
                to.x.wrapping_add_signed(dx as i16),
                to.y.wrapping_add_signed(dy as i16),
            );
            let dir = back.opposite();
            let Some(total) =
                cost(from, dir, to).and_then(|price| distance.checked_add(price.max(1)))
            else {
                continue;
            };
            if total > most {
                continue;
            }
            if total < map.distance[at] {
                map.distance[at] = total;
                map.step[at] = dir as u8;
                queue.push(total, from);
            } else if total == map.distance[at] && total != UNREACHED {
                map.step[at] = map.step[at].min(dir as u8);
            }
        }
    }
    map
}

/// Width of the ring of buckets; a power of two no larger than the bits of its mask.
const RING: u32 = 64;

/// A monotone priority queue: a bucket for each of the next 64 distances, a heap for what lies further off.
pub(crate) struct Queue {
    ring: [Vec<Cell>; RING as usize],
    /// One bit for each bucket that is not empty.
    occupied: u64,
    /// The distance popped last: nothing nearer is left.
    now: u32,
    far: BinaryHeap<Reverse<(u32, Cell)>>,
}

impl Queue {
    pub fn new() -> Self {
        Self {
            ring: std::array::from_fn(|_| Vec::new()),
            occupied: 0,
            now: 0,
            far: BinaryHeap::new(),
        }
    }

    pub fn push(&mut self, distance: u32, cell: Cell) {
        if distance - self.now < RING {
            let bucket = distance % RING;
            self.ring[bucket as usize].push(cell);
            self.occupied |= 1 << bucket;
        } else {
            self.far.push(Reverse((distance, cell)));
        }
    }

    pub fn pop(&mut self) -> Option<(u32, Cell)> {
        let near = (self.occupied != 0)
            .then(|| self.now + self.occupied.rotate_right(self.now % RING).trailing_zeros());
        let far = self.far.peek().map(|&Reverse((distance, _))| distance);
        match (near, far) {
            (Some(near), far) if far.is_none_or(|far| near <= far) => {
                self.now = near;
                let bucket = &mut self.ring[(near % RING) as usize];
                let cell = bucket.pop()?;
                if bucket.is_empty() {
                    self.occupied &= !(1 << (near % RING));
                }
                Some((near, cell))
            }
            (_, Some(far)) => {
                self.now = far;
                self.far.pop().map(|Reverse(item)| item)
            }
            _ => None,
        }
    }
}
