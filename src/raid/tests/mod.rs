//! The rules, each played out on a booted raid.

use std::sync::Arc;

mod challenge;
mod demands;
mod endings;
mod gear;
mod grabs;
mod items;
mod knowing;
mod looking;
mod others;
mod piloting;
mod rivals;
mod rooms;

use super::threads::Minotaur;
use super::*;
use crate::labyrinth::{Dir, block_rect};
use crate::mm::{Block, BlockState, FailReason, MigrateType, PageFlags};

fn boot(seed: u64) -> Raid {
    boot_with(seed, "")
}

/// A raid with items.
fn boot_with(seed: u64, kit: &str) -> Raid {
    let rules = Arc::new(Rules::shipped().unwrap());
    let setup = Setup {
        loadout: kit.parse().unwrap(),
        ..Setup::new("dma", seed)
    };
    Raid::new(rules, setup).unwrap()
}

fn allocated(block: &Block, wanted: MigrateType) -> bool {
    matches!(block.state, BlockState::Allocated { migratetype, flags, .. }
        if migratetype == wanted && !flags.contains(PageFlags::RESERVED))
}

fn dirty(block: &Block) -> bool {
    matches!(block.state, BlockState::Allocated { flags, .. } if flags.contains(PageFlags::DIRTY))
}

/// Puts the player into a free or cache room with a door to a room that fits, far from bodies.
fn stand_beside(raid: &mut Raid, fits: impl Fn(&Block) -> bool) -> (Dir, Block) {
    let grid = raid.maze.grid();
    for cell in grid.cells() {
        let here = raid.block_of(cell);
        let safe = here.is_free() || allocated(&here, MigrateType::Reclaimable);
        if !safe || raid.tasks.iter().any(|task| task.cell.chebyshev(cell) < 3) {
            continue;
        }
        for dir in Dir::ALL {
            let Some(to) = grid.step(cell, dir) else {
                continue;
            };
            let next = raid.block_of(to);
            if next.pfn != here.pfn && raid.maze.passable(cell, dir) && fits(&next) {
                raid.player.cell = cell;
                raid.look_around();
                raid.events.clear();
                return (dir, next);
            }
        }
    }
    panic!("no such room in this raid");
}

fn cell_in(raid: &Raid, dir: Dir) -> Cell {
    raid.player.cell.neighbour(dir).unwrap()
}

fn stand_at(raid: &mut Raid, room: Pfn) {
    raid.player.cell = cell_of(room);
    raid.player.handed = None;
    raid.look_around();
    raid.events.clear();
}

/// Raises an interrupt of an order at the first device and stands there.
fn at_device(raid: &mut Raid, order: u8) {
    raid.raise(0);
    raid.devices[0].request.as_mut().unwrap().order = order;
    let room = raid.devices[0].room;
    stand_at(raid, room);
}

#[test]
fn a_booted_zone_is_sound_loaded_and_built() {
    for seed in 0..20 {
        let raid = boot(seed);
        raid.memory.verify().unwrap();
        let free = raid.memory.nr_free_pages() * 1000 / raid.memory.pages();
        assert!(
            (140..260).contains(&free),
            "seed {seed}: {free} per mille free"
        );
        for site in raid
            .devices
            .iter()
            .map(|d| d.room)
            .chain(raid.gates.iter().map(|g| g.room))
        {
            assert!(raid.built(cell_of(site)), "seed {seed}");
        }
        assert!(raid.block_of(raid.player.cell).is_free(), "seed {seed}");
        assert!(
            raid.view
                .devices
                .iter()
                .filter(|device| device.room.is_some())
                .count()
                >= 1
        );
        assert_eq!(
            raid.arrival().len(),
            2,
            "one device known, with an interrupt"
        );
    }
}

#[test]
fn the_same_commands_give_the_same_hashes_and_other_seeds_others() {
    let play = |seed| {
        let mut raid = boot(seed);
        let mut hashes = vec![raid.state_hash()];
        for turn in 0..40u32 {
            let dir = Dir::ALL[(turn * 7 % 4) as usize];
            if raid.step(Command::Step(dir)).is_err() {
                let _ = raid.step(Command::Wait);
            }
            hashes.push(raid.state_hash());
        }
        hashes
    };
    assert_eq!(play(5), play(5));
    assert_ne!(play(5), play(6));
}

#[test]
fn a_refused_command_costs_no_turn_and_changes_nothing() {
    let mut raid = boot(3);
    let (dir, _) = stand_beside(&mut raid, |room| allocated(room, MigrateType::Unmovable));
    let hash = raid.state_hash();
    assert_eq!(
        raid.step(Command::Clear(Some(dir))),
        Err(Refusal::ClearKernel)
    );
    assert_eq!(raid.step(Command::Grab), Err(Refusal::NoDevice));
    assert_eq!(raid.step(Command::Free(0)), Err(Refusal::NotHeld));
    assert_eq!(raid.step(Command::Extract), Err(Refusal::NoGate));
    assert_eq!((raid.turn(), raid.state_hash()), (0, hash));
}

impl Raid {
    fn minotaur_sleeps_for_test(&mut self) {
        let hungry = match self.minotaur {
            Minotaur::Asleep { hungry } => hungry,
            Minotaur::Awake { .. } => 0,
        };
        self.minotaur_sleeps(hungry, true);
    }

    fn minotaur_walks_for_test(&mut self, cell: Cell, target: u16) {
        self.minotaur_walks(cell, target);
    }
}

#[test]
fn a_raid_has_the_free_blocks_of_its_line() {
    let text = include_str!("../../../tests/data/buddyinfo.txt");
    let lines = crate::kernel_text::buddyinfo::parse(text).unwrap();
    assert_eq!(lines.len(), 3);
    // A small line fits as it is.
    let small = [40, 30, 20, 10, 5, 2, 1, 0, 0, 0, 0];
    let wanted = lines.iter().map(|line| line.free).chain([small]);
    for (free, verbatim) in wanted.zip([false, false, false, true]) {
        for seed in 0..4 {
            let rules = Arc::new(Rules::shipped().unwrap());
            let setup = Setup {
                zone: "dma".into(),
                seed,
                layout: Some(free),
                ..Setup::default()
            };
            let raid = Raid::new(rules, setup).unwrap();
            raid.memory.verify().unwrap();
            let counts = raid.memory.free_counts().map(u64::from);
            let pages = raid.memory.nr_free_pages();
            assert_eq!(counts == free, verbatim, "seed {seed}: {counts:?}");
            if !verbatim {
                assert_eq!(pages, raid.memory.pages() * raid.zone.free_permille / 1000);
            }
        }
    }
}

#[test]
fn whatever_decides_how_a_raid_goes_on_is_in_the_hash() {
    let raid = boot(3);
    let hash = raid.state_hash();
    let i = raid
        .view
        .cells
        .iter()
        .position(|cell| cell.knowledge != Knowledge::Unknown)
        .unwrap();
    let changes: Vec<(&str, Box<dyn Fn(&mut Raid)>)> = vec![
        ("turn", Box::new(|raid| raid.turn += 1)),
        ("watchdog", Box::new(|raid| raid.watchdog -= 1)),
        ("seed", Box::new(|raid| raid.setup.seed += 1)),
        ("layout", Box::new(|raid| raid.setup.layout = Some([1; 11]))),
        (
            "memory",
            Box::new(|raid| raid.memory.touch(raid.memory.lru_list().last().unwrap())),
        ),
        ("workload", Box::new(|raid| _ = raid.workload.below(2))),
        ("bodies", Box::new(|raid| _ = raid.bodies.below(2))),
        ("loot", Box::new(|raid| _ = raid.loot.below(2))),
        ("place", Box::new(|raid| raid.player.cell.x ^= 1)),
        ("references", Box::new(|raid| raid.player.refs += 1)),
        (
            "writebacks",
            Box::new(|raid| raid.writebacks.push(locks::Writeback { pfn: 1, until: 2 })),
        ),
        (
            "modifiers",
            Box::new(|raid| raid.setup.modifiers = "nosmp".parse().unwrap()),
        ),
        ("charges", Box::new(|raid| raid.player.isolate_charges += 1)),
        ("key", Box::new(|raid| raid.player.key = true)),
        ("key lies", Box::new(|raid| raid.key_lies = false)),
        (
            "held",
            Box::new(|raid| {
                raid.player.held.push(Held {
                    pfn: 0,
                    order: 0,
                    mapped: false,
                });
            }),
        ),
        (
            "handed",
            Box::new(|raid| {
                raid.player.handed = Some(player::Handed {
                    to: 2,
                    deadline: None,
                });
            }),
        ),
        ("body", Box::new(|raid| raid.tasks[0].cell.x ^= 1)),
        ("its references", Box::new(|raid| raid.tasks[0].refs += 1)),
        ("its hunt", Box::new(|raid| raid.tasks[0].hunts_until = 9)),
        ("its calm", Box::new(|raid| raid.tasks[0].calm_until = 9)),
        ("its death", Box::new(|raid| raid.tasks[0].reborn = Some(9))),
        ("kswapd", Box::new(|raid| raid.kswapd.awake ^= true)),
        ("starved", Box::new(|raid| raid.starved ^= true)),
        (
            "minotaur",
            Box::new(|raid| raid.minotaur = Minotaur::Asleep { hungry: 1 }),
        ),
        ("device", Box::new(|raid| raid.devices[1].heard ^= true)),
        (
            "request",
            Box::new(|raid| {
                raid.devices
                    .iter_mut()
                    .for_each(|device| device.request = None);
            }),
        ),
        ("gate", Box::new(|raid| raid.gates[0].open ^= true)),
        ("its warning", Box::new(|raid| raid.gates[1].warned ^= true)),
        (
            "terminal",
            Box::new(|raid| raid.terminals[0].read = Some(0)),
        ),
        ("count", Box::new(|raid| raid.view.scan.free[0] ^= 1)),
        (
            "uses",
            Box::new(|raid| raid.view.uses = Some(PageUse::default())),
        ),
        (
            "kind",
            Box::new(move |raid| raid.view.cells[i].kind = RoomKind::Kernel),
        ),
        (
            "edges",
            Box::new(move |raid| raid.view.cells[i].edges = [crate::labyrinth::Edge::Outside; 4]),
        ),
        ("owner", Box::new(move |raid| raid.view.cells[i].owner ^= 1)),
        (
            "leftovers",
            Box::new(|raid| {
                let left = raid.leftovers[9];
                raid.leftovers[9] = match left {
                    Leftover::Nothing => Leftover::Cache,
                    _ => Leftover::Nothing,
                };
            }),
        ),
    ];
    for (what, change) in changes {
        let mut other = raid.clone();
        change(&mut other);
        assert_ne!(other.state_hash(), hash, "{what}");
    }
}
