//! The other tasks, the Minotaur, and whatever a player may try.

use super::*;

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
    raid.player.gear.adj = 900;
    raid.holdings.add(CURRENT, 0, 0);
    raid.minotaur = Minotaur::Awake {
        cell: raid.player.cell,
        target,
    };
    let (cell, target) = (raid.player.cell, target);
    raid.minotaur_walks_for_test(cell, target);
    assert!(raid.outcome().is_none(), "it turns first, for you to see");
    raid.minotaur_walks_for_test(cell, CURRENT);
    assert_eq!(raid.outcome().unwrap().word(), "minotaur");
}

/// Puts a browser beside the player, who stands in a free room, and nobody else near.
fn hunted(raid: &mut Raid) -> usize {
    let i = raid
        .tasks
        .iter()
        .position(|task| task.spec.temper == Temper::Vengeful)
        .unwrap();
    let (dir, _) = stand_beside(raid, |room| allocated(room, MigrateType::Reclaimable));
    raid.tasks[i].cell = raid.player.cell.neighbour(dir).unwrap();
    raid.tasks[i].hunts_until = raid.turn + 30;
    i
}

#[test]
fn a_hunter_strikes_once_and_then_lets_you_be() {
    let mut raid = boot(20);
    let i = hunted(&mut raid);
    raid.run_bodies();
    assert_eq!(raid.player.refs, 2);
    assert!(
        raid.events
            .iter()
            .any(|event| matches!(event, Event::Struck { refs: 2, .. }))
    );
    assert!(!raid.tasks[i].hunts(raid.turn) && raid.tasks[i].calm_until > raid.turn);
    raid.run_bodies();
    assert_eq!(raid.player.refs, 2);
}

#[test]
fn nobody_reaches_into_a_block_you_hold() {
    let mut raid = boot(20);
    hunted(&mut raid);
    raid.player.held.push(Held {
        pfn: pfn_of(raid.player.cell),
        order: 0,
        mapped: true,
    });
    raid.run_bodies();
    assert_eq!(raid.player.refs, 3);
}

#[test]
fn a_hunter_comes_nearer_every_turn() {
    let mut raid = boot(21);
    let i = raid
        .tasks
        .iter()
        .position(|task| task.spec.temper == Temper::Vengeful)
        .unwrap();
    raid.tasks[i].hunts_until = raid.turn + 200;
    let far = |raid: &Raid| {
        let map = crate::labyrinth::distances(&raid.maze, &[raid.player.cell], |_, _, _| Some(1));
        map.get(raid.tasks[i].cell).unwrap()
    };
    let mut before = far(&raid);
    let mut nearer = 0;
    for _ in 0..10 {
        raid.run_bodies();
        nearer += u32::from(far(&raid) < before);
        before = far(&raid);
    }
    assert!(
        nearer >= 9 || before <= 1,
        "{nearer} of 10 steps, now {before} away"
    );
}

#[test]
fn noise_wakes_within_its_reach_and_not_beyond() {
    let mut raid = boot(22);
    let i = hunted(&mut raid);
    let pid = raid.tasks[i].pid;
    raid.tasks[i].hunts_until = 0;
    raid.wrong(pid, 1);
    assert!(
        raid.tasks[i].hunts(raid.turn),
        "it stands beside the player"
    );
    // Straight lines are never longer than ways, so nothing hears from across the zone.
    raid.tasks[i].hunts_until = 0;
    let side = raid.zone.side;
    let away = |at: u16| if at * 2 < side { side - 1 } else { 0 };
    raid.tasks[i].cell = Cell::new(away(raid.player.cell.x), away(raid.player.cell.y));
    raid.wrong(pid, 5);
    raid.noise(5);
    assert!(!raid.tasks[i].hunts(raid.turn));
}

#[test]
fn blows_take_references_until_a_task_dies() {
    let mut raid = boot(23);
    let i = hunted(&mut raid);
    raid.tasks[i].hunts_until = 0;
    let dir = Dir::between(raid.player.cell, raid.tasks[i].cell).unwrap();
    raid.act(Command::Step(dir));
    assert!(
        raid.events
            .iter()
            .any(|event| matches!(event, Event::Hit { left: 1, .. }))
    );
    let held = raid.holdings.pages(raid.tasks[i].pid);
    raid.act(Command::Step(dir));
    assert!(!raid.tasks[i].alive());
    assert!(
        raid.events
            .iter()
            .any(|event| matches!(event, Event::Slew { pages, .. } if *pages == held))
    );
}

#[test]
fn kswapd_wakes_below_low_and_sleeps_above_high() {
    let mut raid = boot(24);
    let marks = raid.memory.boosted_watermarks();
    raid.run_kswapd();
    assert!(!raid.kswapd.awake);
    while raid.memory.nr_free_pages() >= marks.low {
        let got =
            raid.memory
                .alloc_pages(mm::Gfp::GFP_ATOMIC, 0, Owner(5), &mut raid.memory_events);
        raid.book_memory(5);
        got.unwrap();
    }
    assert!(
        !raid.gate_is_open(GateRule::AboveLow, true),
        "the low gate shuts below low"
    );
    let mut turns = 0;
    loop {
        raid.run_kswapd();
        turns += 1;
        if !raid.kswapd.awake {
            break;
        }
        assert!(turns < 100, "it never sleeps");
    }
    assert!(turns > 1 && raid.memory.nr_free_pages() > marks.high);
    assert!(
        raid.gate_is_open(GateRule::AboveLow, false),
        "and opens above high"
    );
}

#[test]
fn random_commands_never_break_anything() {
    let (mut grabs, mut extractions) = (0, 0);
    for seed in 0..24 {
        let mut raid = boot(seed);
        let mut random = Stream::new(seed, Purpose::Bots);
        while raid.outcome().is_none() {
            raid.player.refs = 5;
            let dir = Dir::ALL[random.below(4) as usize];
            let command = match random.below(24) {
                0..=2 => Command::Clear(Some(dir)),
                3 => Command::Clear(None),
                4 => {
                    // What walking would take long to reach: a device with a request that will be served.
                    at_device(&mut raid, 1 + random.below(3) as u8);
                    let served = raid
                        .memory
                        .try_alloc(mm::Gfp::GFP_ATOMIC, raid.devices[0].request.unwrap().order);
                    if served.is_ok() {
                        Command::Grab
                    } else {
                        Command::Wait
                    }
                }
                5 => Command::Isolate,
                6 if raid.turn() > 200 => {
                    let room = raid.gates[random.below(2) as usize].room;
                    stand_at(&mut raid, room);
                    let _ = raid.step(Command::Extract);
                    let _ = raid.step(Command::Extract);
                    Command::Extract
                }
                7 => match raid.player.held.first() {
                    Some(held) => Command::Free(held.pfn),
                    None => Command::Wait,
                },
                8 => {
                    if let Some(held) = raid.player.held.first_mut() {
                        held.mapped = true;
                    }
                    Command::Wait
                }
                _ => Command::Step(dir),
            };
            if raid.step(command).is_ok() {
                grabs += u32::from(command == Command::Grab);
            }
            if random.chance(50) {
                raid.memory.verify().unwrap();
                assert!(crate::labyrinth::connected(raid.maze()));
                raid.refresh_maze();
                let anew = Maze::new(&raid.memory, raid.setup.seed);
                assert!(raid.maze == anew, "the maze was not followed");
                check_known(&raid);
                check_books(&raid);
            }
        }
        extractions += u32::from(matches!(raid.outcome(), Some(Outcome::Extracted { .. })));
        raid.memory.verify().unwrap();
        check_books(&raid);
    }
    assert!(
        grabs > 60 && extractions > 6,
        "{grabs} grabs, {extractions} extractions"
    );
}

/// What is known for certain, and what was ever seen, is what the lists say.
fn check_known(raid: &Raid) {
    let cells = raid.view.cells.iter().enumerate();
    let ever = cells
        .clone()
        .filter(|(_, cell)| cell.knowledge != Knowledge::Unknown);
    let mut known = raid.view.known.clone();
    known.sort_unstable();
    assert!(known.into_iter().eq(ever.map(|(i, _)| i as u32)));
    let sure = cells.filter(|(_, cell)| cell.knowledge.is_true());
    let mut lit = raid.lit.clone();
    lit.sort_unstable();
    lit.dedup();
    assert!(lit.into_iter().eq(sure.map(|(i, _)| i as u32)));
}

/// What the book says each owner holds is what the allocator says.
pub(super) fn check_books(raid: &Raid) {
    let owners = raid.tasks.iter().map(|task| task.pid).chain([CURRENT]);
    for pid in owners {
        let pages: u32 = raid
            .memory
            .blocks()
            .filter(|block| matches!(block.state, BlockState::Allocated { owner, .. } if owner.0 == pid))
            .map(|block| 1 << block.order)
            .sum();
        assert_eq!(raid.holdings.pages(pid), pages, "pid {pid}");
    }
    let held: u32 = raid.player.held.iter().map(Held::pages).sum();
    if raid.outcome.is_none() {
        assert_eq!(raid.holdings.pages(CURRENT), held);
    }
}
