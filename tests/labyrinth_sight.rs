//! Sight: exact, symmetric, and the fast way sees what the plain way sees.

mod labyrinth_common;

use labyrinth::labyrinth::{Cell, Dir, Maze, Tiling, block_rect, in_sight, visible, visible_into};
use labyrinth_common::{Quarrel, Random, random_cell, random_tree};

/// Sight by plain geometry: every wall that the line crosses, each found from its own coordinates.
fn sees(maze: &Maze, a: Cell, b: Cell) -> bool {
    let (ax, ay, bx, by) = (
        i64::from(a.x),
        i64::from(a.y),
        i64::from(b.x),
        i64::from(b.y),
    );
    let (dx, dy) = (bx - ax, by - ay);
    let cell = |x: i64, y: i64| Cell::new(x as u16, y as u16);
    let toward_x = if dx > 0 { Dir::East } else { Dir::West };
    let toward_y = if dy > 0 { Dir::South } else { Dir::North };
    for i in 0..dx.abs() {
        // The column edge half a cell beyond column x; there y is `num / den`, cells being centred on integers.
        let x = ax + i * dx.signum();
        let (num, den) = (2 * dx.abs() * ay + (2 * i + 1) * dy, 2 * dx.abs());
        let row = (2 * num + den).div_euclid(2 * den);
        if (2 * num + den).rem_euclid(2 * den) != 0 {
            if !maze.passable(cell(x, row), toward_x) {
                return false;
            }
            continue;
        }
        // A corner between rows `row - 1` and `row`.
        let y = if dy > 0 { row - 1 } else { row };
        let by_x = maze.passable(cell(x, y), toward_x)
            && maze.passable(cell(x + dx.signum(), y), toward_y);
        let by_y = maze.passable(cell(x, y), toward_y)
            && maze.passable(cell(x, y + dy.signum()), toward_x);
        if !by_x && !by_y {
            return false;
        }
    }
    for j in 0..dy.abs() {
        let y = ay + j * dy.signum();
        let (num, den) = (2 * dy.abs() * ax + (2 * j + 1) * dx, 2 * dy.abs());
        let column = (2 * num + den).div_euclid(2 * den);
        let corner = (2 * num + den).rem_euclid(2 * den) == 0;
        if !corner && !maze.passable(cell(column, y), toward_y) {
            return false;
        }
    }
    true
}

#[test]
fn a_line_crosses_the_walls_it_crosses() {
    let (mut seen, mut hidden) = (0, 0);
    for round in 1..=12 {
        let mut random = Random(round);
        let maze = Maze::new(&random_tree(16, 20 + 6 * round as u32, &mut random), round);
        for a in maze.grid().cells() {
            for b in maze.grid().cells() {
                let expected = sees(&maze, a, b);
                assert_eq!(in_sight(&maze, a, b), expected, "{a:?} to {b:?}");
                assert_eq!(in_sight(&maze, b, a), expected, "{b:?} to {a:?}");
                *(if expected { &mut seen } else { &mut hidden }) += 1;
            }
        }
    }
    assert!(
        seen > 10_000 && hidden > 10_000,
        "both happen: {seen} {hidden}"
    );
}

#[test]
fn the_fast_way_sees_what_the_plain_way_sees() {
    for round in 1..=24 {
        let mut random = Random(round);
        let rooms = random_tree(32, 15 + 3 * round as u32, &mut random);
        let maze = if round % 3 == 0 {
            Maze::new(&Quarrel(rooms, random_tree(32, 60, &mut random)), round)
        } else {
            Maze::new(&rooms, round)
        };
        let mut set = visible(&maze, Cell::new(0, 0), 0);
        for _ in 0..60 {
            let (from, radius) = (random_cell(32, &mut random), random.below(40) as u16);
            visible_into(&maze, from, radius, &mut set);
            for cell in maze.grid().cells() {
                let expected = cell.chebyshev(from) <= radius && in_sight(&maze, from, cell);
                assert_eq!(
                    set.contains(cell),
                    expected,
                    "{from:?} radius {radius} to {cell:?}"
                );
            }
            assert_eq!(set, visible(&maze, from, radius));
        }
    }
}

#[test]
fn sight_is_mutual() {
    let mut random = Random(77);
    let maze = Maze::new(&random_tree(32, 85, &mut random), 77);
    let all: Vec<_> = maze
        .grid()
        .cells()
        .map(|cell| visible(&maze, cell, 9))
        .collect();
    for a in maze.grid().cells() {
        for b in all[maze.grid().index(a)].iter() {
            assert!(all[maze.grid().index(b)].contains(a), "{a:?} sees {b:?}");
        }
    }
}

#[test]
fn one_sees_all_of_ones_own_room_and_nothing_through_walls() {
    let mut rooms = Tiling::new(16, 0);
    rooms.put(0x40, 6);
    let maze = Maze::new(&rooms, 1);
    let hall = block_rect(0x40, 6);
    for from in hall.cells() {
        let seen = visible(&maze, from, u16::MAX);
        assert!(hall.cells().all(|cell| seen.contains(cell)));
    }
    let open = Maze::new(&Tiling::new(16, 8), 1);
    assert_eq!(visible(&open, Cell::new(3, 12), 16).len(), 256);
    assert_eq!(visible(&open, Cell::new(3, 12), 2).len(), 25);
    assert_eq!(visible(&open, Cell::new(0, 0), 0).len(), 1);
}

/// Two halls, one seam: through a door one sees, along the wall beside it one does not.
#[test]
fn a_door_lets_a_look_through() {
    let maze = Maze::new(&Tiling::new(2, 1), 4);
    let (west, east) = (Cell::new(0, 0), Cell::new(1, 0));
    for x in [west, east] {
        let below = Cell::new(x.x, 1);
        assert_eq!(in_sight(&maze, x, below), maze.passable(x, Dir::South));
    }
    // Diagonally through the corner: one of the ways round it has the door, and both rooms are open inside.
    assert!(in_sight(&maze, west, Cell::new(1, 1)));
    assert!(in_sight(&maze, east, Cell::new(0, 1)));
}

#[test]
fn off_the_grid_nothing_is_seen() {
    let maze = Maze::new(&Tiling::new(4, 4), 0);
    let (inside, outside) = (Cell::new(0, 0), Cell::new(4, 0));
    assert!(!in_sight(&maze, inside, outside) && !in_sight(&maze, outside, outside));
    assert!(visible(&maze, outside, 9).is_empty());
}
