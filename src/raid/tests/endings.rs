//! Gates, watchdog and isolation: how a raid ends, and how it does not.

use super::*;

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

    assert!(raid.gate_is_open(GateRule::Until(raid.turn() + 1), true));
    assert!(!raid.gate_is_open(GateRule::Until(raid.turn()), true));
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
