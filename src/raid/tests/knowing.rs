//! What a player knows: the four states, ages, terminals, and that nothing strikes unannounced.

use super::*;
use crate::bot;
use crate::labyrinth::pfn_of;

/// What is known of every cell, checked against what is there.
fn check_knowledge(raid: &Raid, seen: &mut [u32; 5]) {
    let view = raid.view();
    for cell in view.grid.cells() {
        let known = view.cell(cell);
        seen[known.knowledge as usize] += 1;
        let (room, order, kind) = raid.true_room(cell);
        let yours = kind == RoomKind::Yours;
        match known.knowledge {
            Knowledge::Unknown => {
                assert_eq!(view.age(cell), None);
                assert!(!yours, "what is yours is never unknown");
                continue;
            }
            Knowledge::Invalid => {
                assert!(known.turn <= view.turn);
                assert!(!yours, "what is yours is never merely remembered");
            }
            Knowledge::Shared | Knowledge::Exclusive | Knowledge::Modified => {
                let what = (known.room, known.order, known.kind);
                assert_eq!(what, (room, order, kind), "{:?}", known.knowledge);
                assert_eq!(known.turn, view.turn);
                let edges = Dir::ALL.map(|dir| raid.maze.edge(cell, dir));
                assert_eq!(known.edges, edges);
            }
        }
        assert_eq!(view.age(cell), Some(view.turn - known.turn));
        if known.knowledge == Knowledge::Exclusive {
            assert!(yours);
        }
        if yours {
            assert!(known.knowledge >= Knowledge::Exclusive);
        }
    }
}

#[test]
fn what_is_in_sight_or_yours_is_true_and_what_is_remembered_has_an_age() {
    let mut seen = [0; 5];
    for (seed, name) in [(3, "careful"), (4, "greedy"), (7, "careful"), (5, "novice")] {
        let mut raid = boot(seed);
        let mut player = bot::by_name(name, seed).unwrap();
        while raid.outcome().is_none() {
            check_knowledge(&raid, &mut seen);
            bot::play_turn(player.as_mut(), &mut raid);
        }
    }
    assert!(seen.iter().all(|&cells| cells > 0), "{seen:?}");
}

#[test]
fn what_you_cleared_is_modified_for_that_turn_and_then_shared() {
    let mut raid = boot(9);
    let (dir, room) = stand_beside(&mut raid, |room| {
        allocated(room, MigrateType::Reclaimable) && !dirty(room)
    });
    raid.step(Command::Clear(Some(dir))).unwrap();
    let cell = cell_of(room.pfn);
    assert_eq!(raid.view().cell(cell).knowledge, Knowledge::Modified);
    raid.step(Command::Wait).unwrap();
    assert_ne!(raid.view().cell(cell).knowledge, Knowledge::Modified);
}

fn terminal(raid: &Raid, file: ProcFile) -> Pfn {
    raid.view
        .terminals
        .iter()
        .find(|terminal| terminal.file == file)
        .unwrap()
        .room
        .0
}

#[test]
fn terminals_are_on_the_map_from_the_start_and_keep_their_place() {
    for seed in 0..10 {
        let raid = boot(seed);
        assert_eq!(raid.view.terminals.len(), raid.zone.terminals.len());
        for (i, terminal) in raid.view.terminals.iter().enumerate() {
            let cell = cell_of(terminal.room.0);
            let known = raid.view.cell(cell);
            assert_eq!(known.kind, RoomKind::Reserved(Site::Terminal(i as u8)));
            assert!(raid.built(cell) && terminal.read.is_none());
        }
    }
}

#[test]
fn a_file_is_read_by_waiting_at_its_terminal_and_its_figures_age() {
    let mut raid = boot(6);
    for _ in 0..5 {
        raid.step(Command::Wait).unwrap();
    }
    assert_eq!(raid.view().scan.turn, 0, "nothing is read elsewhere");
    let room = terminal(&raid, ProcFile::Buddyinfo);
    stand_at(&mut raid, room);
    let events = raid.step(Command::Wait).unwrap();
    let file = ProcFile::Buddyinfo;
    assert!(events.contains(&Event::Read { file }));
    assert_eq!(raid.view().scan.free, raid.memory.free_counts());
    assert_eq!(raid.view().scan.turn, raid.turn());
    let line = screen(raid.view(), file).concat();
    let read = crate::kernel_text::buddyinfo::parse(&line).unwrap();
    assert_eq!(read[0].free, raid.memory.free_counts().map(u64::from));
    let then = raid.view().scan;
    let turn = raid.turn();
    stand_at(&mut raid, 0);
    while raid.memory.free_counts() == then.free {
        raid.step(Command::Wait).unwrap();
    }
    assert_eq!(raid.view().scan, then, "and ages from then on");
    let i = raid.view.terminals.iter().position(|t| t.file == file);
    assert_eq!(raid.view().terminals[i.unwrap()].read, Some(turn));
}

#[test]
fn each_file_says_what_is_so() {
    let mut raid = boot(8);
    let room = terminal(&raid, ProcFile::Pagetypeinfo);
    stand_at(&mut raid, room);
    raid.step(Command::Wait).unwrap();
    let scan = raid.view().types.clone().unwrap();
    for list in MigrateType::ALL {
        for order in 0..NR_PAGE_ORDERS as u8 {
            let told = scan.free[list as usize][usize::from(order)];
            assert_eq!(told, raid.memory.nr_free_of(order, list));
        }
    }
    assert_eq!(raid.view().scan.free, raid.memory.free_counts());
    assert_eq!(
        screen(raid.view(), ProcFile::Pagetypeinfo).len(),
        MigrateType::COUNT
    );

    let room = terminal(&raid, ProcFile::Vmstat);
    stand_at(&mut raid, room);
    raid.step(Command::Wait).unwrap();
    let uses = raid.view().uses.unwrap();
    let pages = |kind: fn(RoomKind) -> bool| -> u32 {
        let kinds = (0..raid.memory.pages()).map(|pfn| raid.true_room(cell_of(pfn)).2);
        kinds.filter(|&is| kind(is)).count() as u32
    };
    assert_eq!(uses.free, pages(|kind| kind == RoomKind::Void));
    assert_eq!(
        uses.clean,
        pages(|kind| kind == RoomKind::Cache { dirty: false })
    );
    assert_eq!(
        uses.dirty,
        pages(|kind| kind == RoomKind::Cache { dirty: true })
    );
    assert_eq!(uses.anonymous, pages(|kind| kind == RoomKind::Anonymous));
    assert_eq!(
        uses.kernel,
        pages(|kind| matches!(kind, RoomKind::Kernel | RoomKind::Yours))
    );
    assert_eq!(screen(raid.view(), ProcFile::Vmstat).len(), 5);

    let known = |raid: &Raid| {
        let devices = raid.view().devices.iter();
        devices.filter(|device| device.room.is_some()).count()
    };
    assert!(known(&raid) < raid.devices.len());
    let room = terminal(&raid, ProcFile::Iomem);
    stand_at(&mut raid, room);
    raid.step(Command::Wait).unwrap();
    assert_eq!(known(&raid), raid.devices.len());
    assert_eq!(
        screen(raid.view(), ProcFile::Iomem).len(),
        raid.devices.len()
    );
}

#[test]
fn gates_watchdog_and_first_writes_announce_themselves_a_turn_ahead() {
    let (mut closed, mut written, mut bitten) = (0, 0, 0);
    for seed in 0..16 {
        let mut raid = boot(seed);
        let mut player = bot::by_name("novice", seed).unwrap();
        let mut falters: Vec<String> = Vec::new();
        let (mut left, mut handed) = (u32::MAX, false);
        while raid.outcome().is_none() {
            raid.player.refs = 5;
            let cell = pfn_of(raid.player.cell);
            let waiting = raid.view().me.evicted_by.is_some();
            let events = if seed % 2 == 0 || waiting {
                raid.step(Command::Wait).unwrap()
            } else {
                bot::play_turn(player.as_mut(), &mut raid).1
            };
            let mut now = Vec::new();
            for event in &events {
                match event {
                    Event::GateFalters { gate, .. } | Event::GateWarns { gate, .. } => {
                        now.push(gate.clone());
                    }
                    Event::GateOpened { gate } => falters.retain(|old| old != gate),
                    Event::GateClosed { gate } => {
                        closed += 1;
                        assert!(falters.contains(gate), "seed {seed}: {gate}");
                    }
                    Event::FirstWrite { .. } => {
                        written += 1;
                        assert!(handed, "seed {seed}: in {cell:#x}");
                    }
                    Event::WatchdogWarns { left: now } => left = *now,
                    _ => {}
                }
            }
            falters.extend(now);
            handed = raid.view().me.evicted_by.is_some();
            if handed {
                assert!(raid.view().me.evicted_in > 0, "seed {seed}");
            }
        }
        if raid.outcome().unwrap().word() == "watchdog" {
            bitten += 1;
            assert!(left <= 50, "seed {seed}: warned last at {left}");
        }
    }
    assert!(
        closed > 8 && written > 1 && bitten > 2,
        "{closed} gates closed, {written} first writes, {bitten} lockups"
    );
}
