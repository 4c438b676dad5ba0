//! Distances: cheapest ways by any price, checked against slower and plainer ways to find them.

mod labyrinth_common;

use std::collections::VecDeque;

use labyrinth::labyrinth::{Cell, Dir, DistanceMap, Maze, distances, pfn_of};
use labyrinth_common::{Random, random_cell, random_tree};

/// A price that differs by cell and direction; some steps are forbidden, some far dearer than others.
fn price(seed: u32, from: Cell, dir: Dir, to: Cell) -> Option<u32> {
    let mixed = (pfn_of(from) ^ pfn_of(to).rotate_left(9) ^ seed).wrapping_mul(0x9e37_79b1) >> 16;
    match mixed % 16 {
        0 => None,
        1 => Some(900),
        // About the width of the queue's ring of buckets.
        2..=7 => Some(50 + mixed % 31),
        few => Some(1 + few / 5 + dir as u32 % 2),
    }
}

/// Bellman-Ford: relax everything until nothing changes.
fn plainly(
    maze: &Maze,
    goals: &[Cell],
    cost: impl Fn(Cell, Dir, Cell) -> Option<u32>,
) -> Vec<Option<u32>> {
    let grid = maze.grid();
    let mut map: Vec<_> = grid
        .cells()
        .map(|cell| goals.contains(&cell).then_some(0))
        .collect();
    loop {
        let mut changed = false;
        for from in grid.cells() {
            for dir in Dir::ALL.into_iter().filter(|&dir| maze.passable(from, dir)) {
                let to = grid.step(from, dir).expect("passable edges have two sides");
                let total =
                    map[grid.index(to)].and_then(|rest: u32| Some(rest + cost(from, dir, to)?));
                let here = &mut map[grid.index(from)];
                if let Some(total) = total
                    && here.is_none_or(|old| total < old)
                {
                    *here = Some(total);
                    changed = true;
                }
            }
        }
        if !changed {
            return map;
        }
    }
}

fn random_maze(random: &mut Random, side: u16, seed: u64) -> Maze {
    let percent = 50 + random.below(50);
    Maze::new(&random_tree(side, percent, random), seed)
}

/// The stored step is the first of the cheapest ones, agrees with `downhill`, and the path costs what the map says.
fn check_ways(
    maze: &Maze,
    map: &DistanceMap,
    goals: &[Cell],
    cost: impl Fn(Cell, Dir, Cell) -> Option<u32>,
) {
    let grid = maze.grid();
    for cell in grid.cells() {
        let cheapest = Dir::ALL.into_iter().find(|&dir| {
            let total = maze
                .passable(cell, dir)
                .then(|| grid.step(cell, dir))
                .flatten()
                .and_then(|next| map.get(next)?.checked_add(cost(cell, dir, next)?));
            total.is_some() && total == map.get(cell)
        });
        assert_eq!(map.step(cell), cheapest);
        assert_eq!(map.downhill(maze, cell, &cost), cheapest);
        let path = map.path(cell);
        let mut at = cell;
        let mut paid = 0;
        for &next in &path {
            let dir = Dir::between(at, next).expect("a path goes from neighbour to neighbour");
            assert!(maze.passable(at, dir));
            paid += cost(at, dir, next).expect("a path takes allowed steps");
            at = next;
        }
        match map.get(cell) {
            Some(total) => assert!(goals.contains(&at) && paid == total),
            None => assert!(path.is_empty()),
        }
    }
}

#[test]
fn distances_are_the_cheapest_ones() {
    for round in 1..=30 {
        let mut random = Random(round);
        let maze = random_maze(&mut random, 16, round);
        let goals: Vec<_> = (0..=random.below(3))
            .map(|_| random_cell(16, &mut random))
            .collect();
        let cost = |from, dir, to| price(round as u32, from, dir, to);
        let map = distances(&maze, &goals, cost);
        let expected = plainly(&maze, &goals, cost);
        let found: Vec<_> = maze.grid().cells().map(|cell| map.get(cell)).collect();
        assert_eq!(found, expected);
        check_ways(&maze, &map, &goals, cost);
    }
}

#[test]
fn steps_of_price_one_are_counted_steps() {
    for round in 1..=10 {
        let mut random = Random(round);
        let maze = random_maze(&mut random, 32, round);
        let goal = random_cell(32, &mut random);
        let map = distances(&maze, &[goal], |_, _, _| Some(1));
        let grid = maze.grid();
        let mut steps = vec![None; grid.len()];
        steps[grid.index(goal)] = Some(0);
        let mut queue = VecDeque::from([(goal, 0)]);
        while let Some((cell, count)) = queue.pop_front() {
            for dir in Dir::ALL.into_iter().filter(|&dir| maze.passable(cell, dir)) {
                let next = grid.step(cell, dir).expect("passable edges have two sides");
                if steps[grid.index(next)].is_none() {
                    steps[grid.index(next)] = Some(count + 1);
                    queue.push_back((next, count + 1));
                }
            }
        }
        assert!(
            grid.cells()
                .all(|cell| map.get(cell) == steps[grid.index(cell)] && map.get(cell).is_some())
        );
    }
}

#[test]
fn no_way_is_longer_than_a_way_with_a_stop() {
    let mut random = Random(5);
    let maze = random_maze(&mut random, 16, 5);
    let cost = |from, dir, to| price(5, from, dir, to);
    let cells: Vec<_> = (0..24).map(|_| random_cell(16, &mut random)).collect();
    let maps: Vec<_> = cells
        .iter()
        .map(|&goal| distances(&maze, &[goal], cost))
        .collect();
    let mut checked = 0;
    for (stop, to_stop) in cells.iter().zip(&maps) {
        for to_goal in &maps {
            for &from in &cells {
                if let (Some(first), Some(second)) = (to_stop.get(from), to_goal.get(*stop)) {
                    assert!(
                        to_goal
                            .get(from)
                            .is_some_and(|direct| direct <= first + second)
                    );
                    checked += 1;
                }
            }
        }
    }
    assert!(checked > 1_000);
}

#[test]
fn prices_at_their_limits() {
    let maze = Maze::new(&random_tree(8, 90, &mut Random(9)), 9);
    let goal = Cell::new(7, 7);
    let free = distances(&maze, &[goal], |_, _, _| Some(0));
    assert_eq!(
        free,
        distances(&maze, &[goal], |_, _, _| Some(1)),
        "0 counts as 1"
    );
    let dear = distances(&maze, &[goal, goal, Cell::new(8, 0)], |_, _, _| {
        Some(u32::MAX / 2)
    });
    let most = maze.grid().cells().filter_map(|cell| dear.get(cell)).max();
    assert_eq!(most, Some(u32::MAX - 1), "two steps fit, a third does not");
    check_ways(&maze, &dear, &[goal], |_, _, _| Some(u32::MAX / 2));
    let nowhere = distances(&maze, &[], |_, _, _| Some(1));
    assert!(
        maze.grid()
            .cells()
            .all(|cell| nowhere.get(cell).is_none() && nowhere.step(cell).is_none())
    );
    assert_eq!(
        (free.get(Cell::new(8, 0)), free.step(Cell::new(0, 8))),
        (None, None)
    );
}

#[test]
fn downhill_follows_prices_that_changed() {
    let maze = Maze::new(&random_tree(16, 70, &mut Random(4)), 4);
    let goal = Cell::new(2, 3);
    let map = distances(&maze, &[goal], |_, _, _| Some(1));
    let mut turned = 0;
    for cell in maze.grid().cells() {
        let Some(first) = map.step(cell) else {
            continue;
        };
        let other = map.downhill(&maze, cell, |_, dir, _| (dir != first).then_some(1));
        assert_ne!(other, Some(first));
        if let Some(next) = other.and_then(|dir| maze.grid().step(cell, dir)) {
            assert!(map.get(next) < map.get(cell), "never uphill");
            turned += 1;
        }
    }
    assert!(turned > 20);
    // Where no way led, one leads now.
    let closed = distances(&maze, &[goal], |_, _, _| None);
    for dir in Dir::ALL.into_iter().filter(|&dir| maze.passable(goal, dir)) {
        let beside = maze
            .grid()
            .step(goal, dir)
            .expect("passable edges have two sides");
        assert_eq!((closed.get(beside), closed.step(beside)), (None, None));
        assert_eq!(
            closed.downhill(&maze, beside, |_, _, _| Some(1)),
            Some(dir.opposite())
        );
    }
}
