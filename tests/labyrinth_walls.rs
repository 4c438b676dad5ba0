//! Rooms, walls and doors: the shape that a buddy tree takes, and doors that stand where they always stood.

mod labyrinth_common;

use std::collections::BTreeSet;

use labyrinth::labyrinth::{
    Cell, CellSet, Dir, Edge, GeometryError, Grid, Maze, Rect, Rooms, Tiling, block_rect, cell_of,
    connected, door_between, edge, pfn_of, seam_doors, seam_len, side_for,
};
use labyrinth_common::{Quarrel, Random, random_cell, random_tree};

#[test]
fn page_frames_and_cells_are_the_same_things() {
    assert_eq!(cell_of(0b01), Cell::new(1, 0));
    assert_eq!(cell_of(0b10), Cell::new(0, 1));
    assert_eq!(cell_of(0b11_01_10), Cell::new(0b110, 0b101));
    assert_eq!(cell_of(u32::MAX), Cell::new(u16::MAX, u16::MAX));
    for pfn in (0..1 << 20).chain((0..1 << 12).map(|low| u32::MAX - low * 1_048_573)) {
        assert_eq!(pfn_of(cell_of(pfn)), pfn);
    }
}

#[test]
fn a_block_is_the_rectangle_of_its_frames() {
    for order in 0..=12u8 {
        for pfn in (0..1u32 << 12).step_by(1 << order) {
            let rect = block_rect(pfn, order);
            let frames: BTreeSet<_> = (pfn..pfn + (1 << order)).map(cell_of).collect();
            let cells: BTreeSet<_> = rect.cells().collect();
            assert_eq!(frames, cells, "order {order} at {pfn}");
            assert_eq!(rect.area(), 1 << order);
            assert_eq!(
                block_rect(pfn + (1 << order) - 1, order),
                rect,
                "any frame names its block"
            );
            assert_eq!(rect.w, if order % 2 == 1 { 2 * rect.h } else { rect.h });
        }
    }
}

#[test]
fn the_buddy_is_the_room_next_door() {
    for order in 0..12u8 {
        for pfn in (0..1u32 << 12).step_by(1 << order) {
            let (here, buddy) = (
                block_rect(pfn, order),
                block_rect(pfn ^ (1 << order), order),
            );
            let (low, high) = if pfn & (1 << order) == 0 {
                (here, buddy)
            } else {
                (buddy, here)
            };
            let beside = Rect {
                x: low.x + low.w,
                ..low
            };
            let below = Rect {
                y: low.y + low.h,
                ..low
            };
            assert_eq!(
                high,
                if order.is_multiple_of(2) {
                    beside
                } else {
                    below
                }
            );
        }
    }
}

#[test]
fn rects_meet_where_both_are() {
    let mut random = Random(3);
    for _ in 0..2_000 {
        let mut rect = || Rect {
            x: random.below(9) as u16,
            y: random.below(9) as u16,
            w: random.below(5) as u16,
            h: random.below(5) as u16,
        };
        let (a, b) = (rect(), rect());
        let both: Vec<_> = a.cells().filter(|&cell| b.contains(cell)).collect();
        let met: Vec<_> = a
            .intersect(&b)
            .into_iter()
            .flat_map(|rect| rect.cells())
            .collect();
        assert_eq!(met, both, "{a:?} and {b:?}");
    }
    let far = Rect {
        x: u16::MAX,
        y: 0,
        w: 1,
        h: 1,
    };
    assert!(far.contains(Cell::new(u16::MAX, 0)) && !far.contains(Cell::new(0, 0)));
}

#[test]
fn only_powers_of_four_are_square() {
    assert_eq!(side_for(1), Ok(1));
    assert_eq!(side_for(4096), Ok(64));
    assert_eq!(side_for(1 << 20), Ok(1024));
    for pages in [0, 2, 3, 8, 4095, 8192, u32::MAX] {
        assert_eq!(side_for(pages), Err(GeometryError::NotASquare { pages }));
    }
}

#[test]
fn steps_stay_on_the_grid_and_lead_back() {
    let grid = Grid::new(5);
    for (index, cell) in grid.cells().enumerate() {
        assert_eq!((grid.index(cell), grid.cell(index)), (index, cell));
        for dir in Dir::ALL {
            let rim = match dir {
                Dir::North => cell.y == 0,
                Dir::East => cell.x == 4,
                Dir::South => cell.y == 4,
                Dir::West => cell.x == 0,
            };
            assert_eq!(grid.step(cell, dir).is_none(), rim);
            if let Some(next) = grid.step(cell, dir) {
                assert_eq!(grid.step(next, dir.opposite()), Some(cell));
                assert_eq!(Dir::between(cell, next), Some(dir));
                assert_eq!((cell.manhattan(next), cell.chebyshev(next)), (1, 1));
            }
        }
    }
    assert_eq!(grid.cells().count(), grid.len());
    assert_eq!(Cell::new(0, 0).neighbour(Dir::North), None);
    assert_eq!(Cell::new(u16::MAX, 0).neighbour(Dir::East), None);
}

#[test]
fn a_cell_set_is_a_set() {
    for side in [1, 7, 8, 64] {
        let grid = Grid::new(side);
        let (mut set, mut model) = (CellSet::new(grid), BTreeSet::new());
        let mut random = Random(u64::from(side));
        for _ in 0..3_000 {
            let cell = random_cell(side, &mut random);
            if random.below(3) == 0 {
                assert_eq!(set.remove(cell), model.remove(&(cell.y, cell.x)));
            } else {
                assert_eq!(set.insert(cell), model.insert((cell.y, cell.x)));
            }
            assert_eq!((set.len(), set.is_empty()), (model.len(), model.is_empty()));
        }
        let listed: Vec<_> = set.iter().map(|cell| (cell.y, cell.x)).collect();
        assert_eq!(listed, model.iter().copied().collect::<Vec<_>>());
        assert!(
            grid.cells()
                .all(|cell| set.contains(cell) == model.contains(&(cell.y, cell.x)))
        );
        assert!(!set.insert(Cell::new(side, 0)) && !set.contains(Cell::new(side, 0)));
        set.clear();
        assert!(set.is_empty() && set.iter().next().is_none());
    }
}

/// Computed once by a separate program: these doors must never move, or old replays lead into walls.
#[test]
fn doors_never_move() {
    let doors = |seed, pfn, order| -> Vec<_> {
        seam_doors(seed, pfn, order)
            .into_iter()
            .map(|(cell, dir)| (cell.x, cell.y, dir))
            .collect()
    };
    let east_of =
        |x, places: &[u16]| -> Vec<_> { places.iter().map(|&y| (x, y, Dir::East)).collect() };
    let south_of =
        |y, places: &[u16]| -> Vec<_> { places.iter().map(|&x| (x, y, Dir::South)).collect() };
    let middle = [
        0, 4, 10, 13, 16, 19, 22, 27, 31, 34, 37, 41, 46, 51, 54, 57, 61,
    ];
    assert_eq!(doors(1, 0, 12), south_of(31, &middle));
    assert_eq!(
        doors(1, 0xc00, 10),
        south_of(47, &[33, 37, 40, 43, 48, 52, 54, 59, 60])
    );
    assert_eq!(doors(7, 0x200, 7), east_of(7, &[16, 18, 21]));
    assert_eq!(doors(2026, 0x36, 1), east_of(6, &[5]));
    assert_eq!(doors(1, 5, 0), []);
}

/// The seam of every node, found by looking at its frames, has its doors one in each equal part and none besides.
#[test]
fn a_seam_has_a_door_in_each_of_its_parts() {
    for order in 1..=12u8 {
        let node = (0b1011 << 12) & (u32::MAX << order);
        let half = 1u32 << (order - 1);
        let lower = node..node + half;
        let upper = node + half..node + 2 * half;
        let mut seam = Vec::new();
        for cell in lower.map(cell_of) {
            for dir in [Dir::East, Dir::South] {
                if cell
                    .neighbour(dir)
                    .is_some_and(|next| upper.contains(&pfn_of(next)))
                {
                    seam.push((cell, dir));
                }
            }
        }
        seam.sort_unstable();
        assert_eq!(seam.len() as u32, seam_len(order));
        let count = 1 + seam.len() / 4;
        for seed in 0..50 {
            let doors = seam_doors(seed, node + 1, order);
            assert_eq!(doors.len(), count);
            for (i, door) in doors.iter().enumerate() {
                let part = &seam[i * seam.len() / count..(i + 1) * seam.len() / count];
                assert!(
                    part.contains(door),
                    "door {i} of order {order} outside its part"
                );
            }
            for &(cell, dir) in &seam {
                let is_door = doors.contains(&(cell, dir));
                assert_eq!(door_between(seed, cell, dir), is_door);
                let next = cell.neighbour(dir).expect("a seam has two sides");
                assert_eq!(door_between(seed, next, dir.opposite()), is_door);
            }
        }
    }
}

#[test]
fn doors_are_spread_over_their_parts() {
    let mut seen = [0u32; 32];
    for seed in 0..4_000 {
        for (cell, _) in seam_doors(seed, 0, 10) {
            seen[usize::from(cell.x)] += 1;
        }
    }
    // 9 parts of 3 or 4 edges: each edge is the door in a third or a quarter of all seeds.
    assert!(
        seen.iter().all(|&times| (850..1_500).contains(&times)),
        "{seen:?}"
    );
}

#[test]
fn the_compiled_maze_says_what_the_rules_say() {
    for round in 0..24 {
        let mut random = Random(round + 1);
        let side = [1, 2, 8, 32][round as usize % 4];
        let rooms = random_tree(side, 40 + random.below(60), &mut random);
        let maze = Maze::new(&rooms, round);
        for cell in maze.grid().cells() {
            for dir in Dir::ALL {
                let expected = edge(&rooms, round, cell, dir);
                assert_eq!(maze.edge(cell, dir), expected, "{cell:?} {dir:?}");
                assert_eq!(maze.passable(cell, dir), expected.passable());
                assert_eq!(
                    expected == Edge::Outside,
                    maze.grid().step(cell, dir).is_none()
                );
            }
            let (head, order) = rooms.room_at(pfn_of(cell));
            assert_eq!(maze.room_rect(cell), block_rect(head, order));
        }
        assert!(connected(&maze));
        assert_eq!(maze.edge(Cell::new(side, 0), Dir::West), Edge::Outside);
        assert!(!maze.passable(Cell::new(0, side), Dir::North));
    }
}

#[test]
fn following_changes_is_compiling_again() {
    let mut random = Random(11);
    let mut rooms = random_tree(32, 75, &mut random);
    let mut followed = Maze::new(&rooms, 5);
    let mut rebuilt = followed.clone();
    for _ in 0..400 {
        let mut rects = Vec::new();
        for _ in 0..=random.below(3) {
            let (pfn, order) = (random.below(1024), random.below(8) as u8);
            let (around, old) = rooms.room_at(pfn);
            rects.push(block_rect(around, old.max(order)));
            rooms.put(pfn, order);
        }
        followed.update(&rooms, &rects);
        rebuilt.rebuild(&rooms);
        assert_eq!(followed, Maze::new(&rooms, 5));
        assert_eq!(rebuilt, followed);
    }
}

#[test]
fn a_tiling_stays_a_tiling() {
    let mut random = Random(23);
    let mut rooms = Tiling::new(16, 8);
    for _ in 0..2_000 {
        let (pfn, order) = (random.below(256), random.below(9) as u8);
        rooms.put(pfn, order);
        assert_eq!(rooms.room_at(pfn), (pfn & (u32::MAX << order), order));
        let mut next = 0;
        while next < 256 {
            let (head, order) = rooms.room_at(next);
            assert_eq!(head, next);
            assert!(head.trailing_zeros() >= u32::from(order));
            for frame in head..head + (1 << order) {
                assert_eq!(rooms.room_at(frame), (head, order));
            }
            next = head + (1 << order);
        }
        assert_eq!(next, 256);
    }
    assert_eq!(Tiling::of(&rooms), rooms);
}

/// Memories of different ages: compiled frame by frame, each wall with two equal sides, still all connected.
#[test]
fn contradicting_rooms_are_taken_frame_by_frame() {
    for seed in 1..40 {
        let mut random = Random(seed);
        let mut rooms = Quarrel(
            random_tree(16, 60, &mut random),
            random_tree(16, 90, &mut random),
        );
        let mut maze = Maze::new(&rooms, seed);
        for _ in 0..20 {
            for cell in maze.grid().cells() {
                for dir in Dir::ALL {
                    assert_eq!(maze.edge(cell, dir), edge(&rooms, seed, cell, dir));
                    if let Some(next) = maze.grid().step(cell, dir) {
                        assert_eq!(maze.edge(cell, dir), maze.edge(next, dir.opposite()));
                    }
                }
            }
            assert!(connected(&maze));
            let (pfn, order) = (random.below(256), random.below(5) as u8);
            let (around, old) = rooms.0.room_at(pfn);
            rooms.0.put(pfn, order);
            maze.update(&rooms, &[block_rect(around, old.max(order))]);
        }
    }
}
