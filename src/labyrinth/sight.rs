//! Who sees what: straight lines between cell centres, stopped by walls on the edges they cross.

use std::cmp::Ordering;

use super::cell_set::CellSet;
use super::geometry::{Cell, Dir, Rect};
use super::maze::Maze;

/// Whether the straight line between two cells' centres crosses only edges that can be passed.
///
/// Exact in integers, and symmetric: a line crosses the same edges whichever end it is walked from. A line
/// through a lattice corner, where four cells meet, passes if one of the two ways round the corner is open on
/// both its edges. A cell sees itself. Cells off the grid see nothing.
pub fn in_sight(maze: &Maze, a: Cell, b: Cell) -> bool {
    maze.grid().contains(a) && maze.grid().contains(b) && line_open(maze, a, b)
}

/// [`in_sight`] for two cells of the grid.
fn line_open(maze: &Maze, a: Cell, b: Cell) -> bool {
    let sides = maze.sides();
    let side = maze.grid().side() as isize;
    let (wide, tall) = (i32::from(a.x.abs_diff(b.x)), i32::from(a.y.abs_diff(b.y)));
    let (across, dx) = if b.x >= a.x {
        (Dir::East.bit(), 1)
    } else {
        (Dir::West.bit(), -1)
    };
    let (along, dy) = if b.y >= a.y {
        (Dir::South.bit(), side)
    } else {
        (Dir::North.bit(), -side)
    };
    let open = |at: usize, bit: u8| sides[at] & bit != 0;
    let mut at = maze.grid().index(a);
    let end = maze.grid().index(b);
    // After i columns and j rows the next column edge is crossed at (2i + 1) / wide of half the line, the next row
    // edge at (2j + 1) / tall: `ahead` is (2i + 1) * tall - (2j + 1) * wide, negative if the column edge comes first.
    let mut ahead = tall - wide;
    while at != end {
        match ahead.cmp(&0) {
            Ordering::Less => {
                if !open(at, across) {
                    return false;
                }
                at = at.wrapping_add_signed(dx);
                ahead += 2 * tall;
            }
            Ordering::Greater => {
                if !open(at, along) {
                    return false;
                }
                at = at.wrapping_add_signed(dy);
                ahead -= 2 * wide;
            }
            Ordering::Equal => {
                let by_column = at.wrapping_add_signed(dx);
                let by_row = at.wrapping_add_signed(dy);
                if !(open(at, across) && open(by_column, along)
                    || open(at, along) && open(by_row, across))
                {
                    return false;
                }
                at = by_column.wrapping_add_signed(dy);
                ahead += 2 * (tall - wide);
            }
        }
    }
    true
}

/// Every cell in sight of `from` (itself included) at most `radius` columns and rows away.
pub fn visible(maze: &Maze, from: Cell, radius: u16) -> CellSet {
    let mut set = CellSet::new(maze.grid());
    visible_into(maze, from, radius, &mut set);
    set
}

/// As [`visible`], into a set over the same grid: what was in it before is forgotten.
///
/// A look is a line, and a line only ever steps toward its end. So each quadrant is flooded first, by steps away
/// from `from` through passable edges, which reaches every cell in sight and in a labyrinth few others; only those
/// are tested with [`in_sight`]. The room one stands in, a whole rectangle if the rooms are tiled, is in sight without a
/// test.
pub fn visible_into(maze: &Maze, from: Cell, radius: u16, set: &mut CellSet) {
    debug_assert_eq!(maze.grid(), set.grid(), "a set over another grid");
    set.clear();
    let grid = maze.grid();
    if !grid.contains(from) {
        return;
    }
    let room = if maze.tiled() {
        maze.room_rect(from)
    } else {
        Rect::default()
    };
    let (east, south) = (
        (grid.side() - 1 - from.x).min(radius),
        (grid.side() - 1 - from.y).min(radius),
    );
    let (west, north) = (from.x.min(radius), from.y.min(radius));
    let sides = maze.sides();
    let side = grid.side() as isize;
    let mut reached = vec![false; usize::from(east.max(west)) + 1];
    for (across, dx, columns) in [(Dir::East, 1, east), (Dir::West, -1, west)] {
        for (along, dy, rows) in [(Dir::South, side, south), (Dir::North, -side, north)] {
            let reached = &mut reached[..=usize::from(columns)];
            reached.fill(false);
            reached[0] = true;
            // No column before the first one reached in the row before can be reached any more.
            let mut first = 0;
            for row in 0..=rows {
                let mut at = grid
                    .index(from)
                    .wrapping_add_signed(dy * row as isize + dx * first as isize);
                let mut next_first = None;
                let mut beside = false;
                for (column, reached) in reached.iter_mut().enumerate().skip(first) {
                    // `*reached` still tells of the row before, `beside` already of this row.
                    *reached = (*reached && (row == 0 || sides[at] & along.opposite().bit() != 0))
                        || (beside && sides[at] & across.opposite().bit() != 0);
                    beside = *reached;
                    if beside {
                        next_first = next_first.or(Some(column));
                        let cell = Cell::new(
                            offset(from.x, column as u16, across),
                            offset(from.y, row, along),
                        );
                        if room.contains(cell) || line_open(maze, from, cell) {
                            set.insert(cell);
                        }
                    }
                    at = at.wrapping_add_signed(dx);
                }
                match next_first {
                    Some(column) => first = column,
                    None => break,
                }
            }
        }
    }
}

/// A coordinate moved by `by` cells in a direction.
fn offset(at: u16, by: u16, dir: Dir) -> u16 {
    match dir {
        Dir::East | Dir::South => at + by,
        Dir::West | Dir::North => at - by,
    }
}
