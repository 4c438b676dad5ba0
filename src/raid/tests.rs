//! The rules, each played out on a booted raid.

use std::sync::Arc;

use super::threads::Minotaur;
use super::*;
use crate::labyrinth::{Dir, block_rect};
use crate::mm::{Block, BlockState, FailReason, MigrateType, PageFlags};

fn boot(seed: u64) -> Raid {
    let rules = Arc::new(Rules::shipped().unwrap());
    let setup = Setup {
        zone: "dma".into(),
        seed,
        layout: None,
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
    let hashes = play(5);
    assert!(
        hashes.windows(2).all(|pair| pair[0] != pair[1]),
        "every turn changes the state"
    );
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

#[test]
fn rooms_cost_what_they_say() {
    let mut raid = boot(4);
    let (dir, _) = stand_beside(&mut raid, |room| allocated(room, MigrateType::Unmovable));
    let events = raid.step(Command::Step(dir)).unwrap();
    assert!(
        events
            .iter()
            .any(|event| matches!(event, Event::Faulted { refs: 2, .. }))
    );
    assert_eq!(raid.player.refs, 2);

    let mut raid = boot(4);
    let (dir, _) = stand_beside(&mut raid, |room| allocated(room, MigrateType::Movable));
    let events = raid.step(Command::Step(dir)).unwrap();
    assert!(
        events
            .iter()
            .any(|event| matches!(event, Event::Trespassed { .. }))
    );
    assert_eq!(raid.player.refs, 3);

    let mut raid = boot(4);
    let (dir, _) = stand_beside(&mut raid, |room| allocated(room, MigrateType::Reclaimable));
    let events = raid.step(Command::Step(dir)).unwrap();
    assert!(
        !events
            .iter()
            .any(|event| matches!(event, Event::Faulted { .. } | Event::Trespassed { .. }))
    );
}

#[test]
fn the_last_reference_is_death() {
    let mut raid = boot(4);
    raid.player.refs = 1;
    let (dir, _) = stand_beside(&mut raid, |room| allocated(room, MigrateType::Unmovable));
    raid.step(Command::Step(dir)).unwrap();
    assert_eq!(raid.outcome().unwrap().word(), "references");
    assert_eq!(raid.step(Command::Wait), Err(Refusal::Over));
}

#[test]
fn clean_cache_goes_in_one_turn_and_dirty_cache_in_three() {
    let mut raid = boot(8);
    let (dir, room) = stand_beside(&mut raid, |room| {
        allocated(room, MigrateType::Reclaimable) && !dirty(room)
    });
    let events = raid.step(Command::Clear(Some(dir))).unwrap();
    assert!(
        events.contains(&Event::Evicted {
            pfn: room.pfn,
            order: room.order,
            owner: events
                .iter()
                .find_map(|event| match event {
                    Event::Evicted { owner, .. } => Some(owner.clone()),
                    _ => None,
                })
                .unwrap()
        })
    );

    let mut raid = boot(8);
    let (dir, room) = stand_beside(&mut raid, |room| {
        allocated(room, MigrateType::Reclaimable) && dirty(room)
    });
    let command = Command::Clear(Some(dir));
    for left in [2, 1] {
        let events = raid.step(command).unwrap();
        assert!(events.contains(&Event::Working {
            what: "writing back",
            left
        }));
    }
    let events = raid.step(command).unwrap();
    assert!(
        events
            .iter()
            .any(|event| matches!(event, Event::Evicted { pfn, .. } if *pfn == room.pfn))
    );
}

#[test]
fn another_command_drops_the_work() {
    let mut raid = boot(8);
    let (dir, _) = stand_beside(&mut raid, |room| {
        allocated(room, MigrateType::Reclaimable) && dirty(room)
    });
    raid.step(Command::Clear(Some(dir))).unwrap();
    assert!(raid.view().me.work.is_some());
    raid.step(Command::Wait).unwrap();
    assert!(raid.view().me.work.is_none());
    if let Ok(events) = raid.step(Command::Clear(Some(dir))) {
        assert!(!events.contains(&Event::Working {
            what: "writing back",
            left: 1
        }));
    }
}

#[test]
fn anonymous_memory_moves_and_keeps_its_owner() {
    let mut raid = boot(9);
    let (dir, room) = stand_beside(&mut raid, |room| {
        allocated(room, MigrateType::Movable) && room.order == 0
    });
    let BlockState::Allocated { owner, .. } = room.state else {
        unreachable!()
    };
    let before = raid.holdings.pages(owner.0);
    raid.act(Command::Clear(Some(dir)));
    let moved = raid.events.iter().find_map(|event| match event {
        Event::Migrated { from, to, .. } if *from == room.pfn => Some(*to),
        _ => None,
    });
    let block = raid.memory.block_at(moved.unwrap()).unwrap();
    assert!(matches!(block.state, BlockState::Allocated { owner: now, .. } if now == owner));
    assert_eq!(raid.holdings.pages(owner.0), before);
    raid.memory.verify().unwrap();
}

#[test]
fn a_grab_that_can_be_served_gives_a_block_to_follow() {
    let mut raid = boot(10);
    at_device(&mut raid, 1);
    let events = raid.step(Command::Grab).unwrap();
    let Some(Event::Granted { pfn, order: 1, .. }) = events
        .iter()
        .find(|event| matches!(event, Event::Granted { .. }))
    else {
        panic!("not granted: {events:?}");
    };
    assert_eq!(
        raid.view().me.held,
        [Held {
            pfn: *pfn,
            order: 1,
            mapped: false
        }]
    );
    assert!(raid.is_yours(cell_of(*pfn)));
    assert!(raid.devices[0].request.is_none());
    // Walk in from next door: it is mapped, and a reference is gained.
    let pfn = *pfn;
    let outside = raid.maze.grid().cells().find_map(|cell| {
        Dir::ALL.into_iter().find_map(|dir| {
            let to = raid.maze.grid().step(cell, dir)?;
            let into = block_rect(pfn, 1).contains(to) && !block_rect(pfn, 1).contains(cell);
            (into && raid.maze.passable(cell, dir)).then_some((cell, dir))
        })
    });
    let (cell, dir) = outside.unwrap();
    raid.player.cell = cell;
    raid.player.handed = None;
    let refs = raid.player.refs;
    let events = raid.step(Command::Step(dir)).unwrap();
    assert!(events.contains(&Event::Mapped {
        pfn,
        order: 1,
        refs: refs + 1
    }));
}

#[test]
fn a_grab_that_cannot_be_served_kills_and_says_why() {
    let mut raid = boot(10);
    at_device(&mut raid, 10);
    raid.step(Command::Grab).unwrap();
    let Some(Outcome::Dead(death)) = raid.outcome() else {
        panic!("survived")
    };
    let Cause::Null { failure, .. } = &death.cause else {
        panic!("another cause")
    };
    assert!(matches!(
        failure.reason,
        FailReason::Watermark | FailReason::Fragmentation
    ));
    assert!(text::cause(raid.outcome().unwrap()).contains("NULL"));
    assert!(
        text::report(raid.outcome().unwrap(), raid.view())
            .starts_with("current: page allocation failure: order:10, mode:0x820(GFP_ATOMIC)")
    );
}

#[test]
fn a_preview_that_is_certain_or_fatal_is_right() {
    let (mut certain, mut fatal) = (0, 0);
    for seed in 0..60 {
        for order in 1..=7 {
            let mut raid = boot(seed);
            if seed % 2 == 0 {
                // Somebody takes nearly all there is.
                while raid.memory.nr_free_pages() > 60 + seed as u32 {
                    let got = raid.memory.alloc_pages(
                        mm::Gfp::GFP_ATOMIC,
                        0,
                        Owner(5),
                        &mut raid.memory_events,
                    );
                    raid.book_memory(5);
                    got.unwrap();
                }
            }
            at_device(&mut raid, order);
            let preview = preview::preview(raid.view()).unwrap();
            raid.step(Command::Grab).unwrap();
            let dead = raid.outcome().is_some();
            match preview.verdict {
                preview::Verdict::Certain(_) => {
                    assert!(!dead, "seed {seed} order {order}");
                    certain += 1;
                }
                preview::Verdict::Fatal(_) => {
                    assert!(dead, "seed {seed} order {order}");
                    fatal += 1;
                }
                preview::Verdict::Unknown(_) => {}
            }
        }
    }
    assert!(
        certain > 20 && fatal > 20,
        "{certain} certain, {fatal} fatal"
    );
}

#[test]
fn leaving_takes_three_turns_keeps_what_is_mapped_and_frees_the_rest() {
    let mut raid = boot(10);
    at_device(&mut raid, 1);
    raid.step(Command::Grab).unwrap();
    raid.player.held[0].mapped = true;
    at_device(&mut raid, 1);
    raid.step(Command::Grab).unwrap();
    let room = raid.gates[0].room;
    stand_at(&mut raid, room);
    for left in [2, 1] {
        let events = raid.step(Command::Extract).unwrap();
        assert!(events.contains(&Event::Working {
            what: "leaving",
            left
        }));
    }
    raid.step(Command::Extract).unwrap();
    let Some(Outcome::Extracted { loot, .. }) = raid.outcome() else {
        panic!("still there")
    };
    assert_eq!((loot.len(), raid.outcome().unwrap().pages()), (1, 2));
    assert_eq!(raid.holdings.pages(CURRENT), 2);
}

#[test]
fn gates_keep_their_rules() {
    let mut raid = boot(11);
    let room = raid.gates[2].room;
    stand_at(&mut raid, room);
    assert_eq!(raid.step(Command::Extract), Err(Refusal::NoKey));
    let key = raid.key_room.unwrap();
    let grid = raid.maze.grid();
    let (from, dir) = Dir::ALL
        .into_iter()
        .filter_map(|dir| Some((grid.step(cell_of(key), dir)?, dir.opposite())))
        .find(|&(cell, dir)| raid.maze.passable(cell, dir))
        .unwrap();
    raid.player.cell = from;
    let events = raid.step(Command::Step(dir)).unwrap();
    assert!(events.contains(&Event::KeyTaken));
    stand_at(&mut raid, room);
    raid.step(Command::Extract).unwrap();

    assert!(raid.gate_is_open(GateRule::Until(raid.turn() + 1)));
    assert!(!raid.gate_is_open(GateRule::Until(raid.turn())));
    raid.gates[0].open = false;
    let room = raid.gates[0].room;
    stand_at(&mut raid, room);
    assert_eq!(raid.check(Command::Extract), Err(Refusal::GateShut));
}

#[test]
fn the_watchdog_runs_out_and_runs_double_under_isolation() {
    let mut raid = boot(12);
    raid.watchdog = 21;
    let events = raid.step(Command::Wait).unwrap();
    assert!(events.contains(&Event::WatchdogWarns { left: 20 }));
    raid.step(Command::Isolate).unwrap();
    assert_eq!(raid.watchdog, 18);
    raid.watchdog = 2;
    raid.step(Command::Wait).unwrap();
    assert_eq!(raid.outcome().unwrap().word(), "watchdog");
}

#[test]
fn nobody_allocates_in_what_you_isolate_until_it_ends() {
    let mut raid = boot(13);
    raid.step(Command::Isolate).unwrap();
    let (pfn, order, turns) = raid.view().me.isolation.unwrap();
    assert_eq!(raid.step(Command::Isolate), Err(Refusal::Isolating));
    let taken = |raid: &Raid| -> Vec<bool> {
        (pfn..pfn + (1 << order))
            .map(|page| !raid.memory.block_at(page).unwrap().is_free())
            .collect()
    };
    let mut before = taken(&raid);
    for _ in 0..turns - 1 {
        raid.step(Command::Wait).unwrap();
        assert!(raid.view().me.isolation.is_some());
        let now = taken(&raid);
        assert!(
            before.iter().zip(&now).all(|(&was, &is)| was || !is),
            "a page was handed out"
        );
        before = now;
        raid.memory.verify().unwrap();
    }
    let mut over = false;
    for _ in 0..2 {
        over |= raid
            .step(Command::Wait)
            .unwrap()
            .contains(&Event::IsolationEnded);
    }
    assert!(over && raid.memory.nr_isolated() == 0);
}

#[test]
fn the_room_you_stand_in_can_be_handed_out_and_you_have_one_turn_to_leave() {
    for leaves in [true, false] {
        let mut raid = boot(14);
        let cell = raid.player.cell;
        let room = raid.block_of(cell);
        raid.memory
            .alloc_at(
                pfn_of(cell),
                0,
                MigrateType::Movable,
                Owner(5),
                PageFlags::empty(),
                &mut raid.memory_events,
            )
            .unwrap();
        raid.book_memory(5);
        assert!(
            room.is_free()
                && raid
                    .events
                    .iter()
                    .any(|event| matches!(event, Event::Handed { .. }))
        );
        raid.refresh_maze();
        let refs = raid.player.refs;
        // The turn of the handing was turn 0; in turn 1 the player may leave.
        let dir = Dir::ALL
            .into_iter()
            .find(|&dir| raid.maze.passable(cell, dir))
            .unwrap();
        let events = raid
            .step(if leaves {
                Command::Step(dir)
            } else {
                Command::Wait
            })
            .unwrap();
        let written = events
            .iter()
            .any(|event| matches!(event, Event::FirstWrite { .. }));
        assert_eq!(written, !leaves);
        assert_eq!(
            raid.player.refs,
            if leaves { raid.player.refs } else { refs - 1 }
        );
    }
}

#[test]
fn killing_a_task_frees_all_it_held_and_it_comes_back() {
    let mut raid = boot(15);
    let pid = raid
        .tasks
        .iter()
        .find(|task| task.spec.name == "memleak")
        .unwrap()
        .pid;
    let free = raid.memory.nr_free_pages();
    let pages = raid.kill(pid);
    assert_eq!(raid.memory.nr_free_pages(), free + pages);
    assert_eq!(
        (raid.holdings.pages(pid), raid.task(pid).unwrap().alive()),
        (0, false)
    );
    for _ in 0..=raid.zone.minotaur.respawn {
        raid.step(Command::Wait).unwrap();
    }
    assert!(raid.task(pid).unwrap().alive() && raid.holdings.pages(pid) > 0);
}

#[test]
fn the_minotaur_wakes_under_min_goes_for_the_fattest_and_kills_on_contact() {
    let mut raid = boot(16);
    let patience = raid.zone.minotaur.patience;
    for _ in 0..patience {
        assert!(matches!(raid.minotaur, Minotaur::Asleep { .. }));
        raid.minotaur_sleeps_for_test();
    }
    let Minotaur::Awake { target, .. } = raid.minotaur else {
        panic!("asleep")
    };
    let fattest = raid
        .tasks
        .iter()
        .filter_map(|task| raid.badness(task.pid))
        .max()
        .unwrap();
    assert_eq!(raid.badness(target), Some(fattest));
    // You, once you are the fattest.
    raid.zone.oom_score_adj = 900;
    raid.holdings.add(CURRENT, 0, 0);
    raid.minotaur = Minotaur::Awake {
        cell: raid.player.cell,
        target,
    };
    let (cell, target) = (raid.player.cell, target);
    raid.minotaur_walks_for_test(cell, target);
    assert_eq!(raid.outcome().unwrap().word(), "minotaur");
}

#[test]
fn interrupts_ask_around_the_edge_of_what_there_is() {
    let mut raid = boot(17);
    let edge = i32::from(raid.memory.largest_free_order().unwrap());
    raid.devices[0].spec.orders = (0, 10);
    let mut counts = [0u32; 4];
    for _ in 0..2000 {
        raid.devices[0].request = None;
        raid.raise(0);
        let order = i32::from(raid.devices[0].request.unwrap().order);
        assert!(
            (edge - 1..=edge + 2).contains(&order) && order >= 1,
            "order {order}, edge {edge}"
        );
        counts[(order - edge + 1) as usize] += 1;
    }
    let shares = counts.map(|count| count / 20);
    for (share, want) in shares.iter().zip([35, 40, 20, 5]) {
        assert!(share.abs_diff(want) <= 4, "{shares:?}");
    }
}

#[test]
fn random_commands_never_break_anything() {
    for seed in 0..24 {
        let mut raid = boot(seed);
        let mut random = Stream::new(seed, Purpose::Bots);
        while raid.outcome().is_none() {
            let dir = Dir::ALL[random.below(4) as usize];
            let command = match random.below(12) {
                0 => Command::Clear(Some(dir)),
                1 => Command::Clear(None),
                2 if raid.turn() > 100 => Command::Grab,
                3 => Command::Isolate,
                4 => Command::Extract,
                5 => match raid.player.held.first() {
                    Some(held) => Command::Free(held.pfn),
                    None => Command::Wait,
                },
                _ => Command::Step(dir),
            };
            let _ = raid.step(command);
            if random.chance(50) {
                raid.memory.verify().unwrap();
                assert!(crate::labyrinth::connected(raid.maze()));
                for task in &raid.tasks {
                    let pages: u32 = raid
                        .memory
                        .blocks()
                        .filter(|block| matches!(block.state, BlockState::Allocated { owner, .. } if owner.0 == task.pid))
                        .map(|block| 1 << block.order)
                        .sum();
                    assert_eq!(raid.holdings.pages(task.pid), pages, "{}", task.name);
                }
            }
        }
        raid.memory.verify().unwrap();
    }
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
