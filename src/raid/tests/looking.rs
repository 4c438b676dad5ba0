//! Looking at cells: what is told of a room is what comes of it.

use super::*;

/// Stands beside a room that fits, and looks at it.
fn beside(seed: u64, fits: impl Fn(&Block) -> bool) -> (Raid, Dir, Block, Look) {
    let mut raid = boot(seed);
    let (dir, room) = stand_beside(&mut raid, fits);
    let there = look(raid.view(), cell_in(&raid, dir));
    (raid, dir, room, there)
}

#[test]
fn what_was_never_seen_says_no_more_than_its_frame() {
    let raid = boot(2);
    let view = raid.view();
    let unseen = view
        .grid
        .cells()
        .find(|&cell| view.age(cell).is_none())
        .unwrap();
    let there = look(view, unseen);
    assert_eq!((there.room.clone(), there.pfn), (None, pfn_of(unseen)));
    assert_eq!(
        there.lines(),
        [format!("pfn {:#06x}: never seen", pfn_of(unseen))]
    );
}

#[test]
fn entering_costs_what_the_look_says() {
    let kernel = |room: &Block| allocated(room, MigrateType::Unmovable);
    let (mut raid, dir, room, there) = beside(3, kernel);
    let told = there.room.clone().unwrap();
    assert_eq!((told.pfn, told.order), (room.pfn, room.order));
    assert_eq!(told.entering, Entering::Fault { refs: 3 });
    assert!(told.clearing.is_err());
    let text = there.lines().join("\n");
    assert!(
        text.contains("kernel of ") && text.contains("of 3"),
        "{text}"
    );
    raid.step(Command::Step(dir)).unwrap();
    assert_eq!(raid.view().me.refs, 2);
    assert_eq!(
        look(raid.view(), raid.view().me.cell)
            .room
            .unwrap()
            .entering,
        Entering::Inside
    );

    let movable = |room: &Block| allocated(room, MigrateType::Movable);
    let (mut raid, dir, _, there) = beside(4, movable);
    let told = there.room.unwrap();
    assert_eq!(told.entering, Entering::Trespass(2));
    let events = raid.step(Command::Step(dir)).unwrap();
    let owner = told.owner.unwrap();
    assert!(events.contains(&Event::Trespassed { owner }));
}

#[test]
fn the_last_reference_is_told_of() {
    let (mut raid, dir, _, _) = beside(3, |room| allocated(room, MigrateType::Unmovable));
    raid.player.refs = 1;
    raid.look_around();
    let text = look(raid.view(), cell_in(&raid, dir)).lines().join("\n");
    assert!(text.contains("last reference"), "{text}");
}

#[test]
fn clearing_takes_what_the_look_says_and_leads_where_it_says() {
    let (mut grown, mut alone, mut wrong) = (0, 0, 0);
    for seed in 0..240 {
        let clean = |room: &Block| allocated(room, MigrateType::Reclaimable) && !dirty(room);
        let (mut raid, dir, room, there) = beside(seed, clean);
        let clearing = there.room.clone().unwrap().clearing.unwrap();
        assert_eq!((clearing.turns, clearing.noise), (1, 1));
        assert!(!clearing.moves && !clearing.writes_back);
        let lead = clearing.leads_to;
        // What the allocator makes of it, before anybody else acts.
        raid.act(Command::Clear(Some(dir)));
        let now = raid.block_of(cell_of(room.pfn));
        let unseen = matches!(lead.stopped_by, Some(Buddy::Unseen(_)));
        if lead.certain && !unseen {
            assert_eq!((now.pfn, now.order), (lead.pfn, lead.order), "seed {seed}");
            grown += u32::from(lead.order > room.order);
            alone += u32::from(lead.order == room.order);
        } else {
            wrong += u32::from(now.order != lead.order);
        }
    }
    assert!(grown > 2 && alone > 20, "{grown} merged, {alone} did not");
    assert!(wrong < 120, "what is not sure is mostly right: {wrong}");
}

#[test]
fn dirty_cache_and_anonymous_memory_take_their_turns() {
    let (_, _, _, there) = beside(5, dirty);
    let clearing = there.room.unwrap().clearing.unwrap();
    assert!(clearing.writes_back && clearing.turns == 3);
    for (seed, order) in [(6, 0), (7, 1), (8, 2)] {
        let pinned = |room: &Block| matches!(room.state, BlockState::Allocated { flags, .. } if flags.contains(PageFlags::PINNED));
        let fits = |room: &Block| {
            allocated(room, MigrateType::Movable) && !pinned(room) && room.order == order
        };
        let (mut raid, dir, _, there) = beside(seed, fits);
        let clearing = there.room.unwrap().clearing.unwrap();
        assert!(clearing.moves && clearing.noise == 3);
        for left in (1..clearing.turns).rev() {
            let events = raid.step(Command::Clear(Some(dir))).unwrap();
            let what = "migrating";
            assert!(events.contains(&Event::Working { what, left }));
        }
    }
}

#[test]
fn knowledge_ages_and_says_so() {
    let mut raid = boot(11);
    let cell = raid.player.cell;
    assert!(
        look(raid.view(), cell)
            .lines()
            .iter()
            .any(|line| line.starts_with("S: "))
    );
    let gate = raid.gates[0].room;
    stand_at(&mut raid, gate);
    for _ in 0..7 {
        raid.step(Command::Wait).unwrap();
    }
    let there = look(raid.view(), cell);
    assert_eq!((there.knowledge, there.age), (Knowledge::Invalid, 7));
    let text = there.lines().join("\n");
    assert!(text.contains("I: remembered, true 7 turns ago"), "{text}");
}

#[test]
fn sites_and_bodies_are_named_with_what_they_are_about() {
    let mut raid = boot(12);
    at_device(&mut raid, 3);
    let text = look(raid.view(), raid.player.cell).lines().join("\n");
    assert!(text.contains("wants order 3, 90 turns left"), "{text}");
    for (i, words) in [
        (0, "closes in"),
        (1, "open down to"),
        (2, "opens to the key"),
    ] {
        let room = raid.gates[i].room;
        let text = look(raid.view(), cell_of(room)).lines().join("\n");
        assert!(text.contains(words), "{text}");
    }
    let room = raid.terminals[0].room;
    let text = look(raid.view(), cell_of(room)).lines().join("\n");
    assert!(text.contains("read /proc/buddyinfo"), "{text}");

    let i = raid
        .tasks
        .iter()
        .position(|task| task.spec.temper == Temper::Vengeful)
        .unwrap();
    let (dir, _) = stand_beside(&mut raid, |room| allocated(room, MigrateType::Reclaimable));
    let cell = cell_in(&raid, dir);
    raid.tasks[i].cell = cell;
    raid.look_around();
    let tell = look(raid.view(), cell).bodies[0].tell.clone();
    assert!(tell.starts_with("comes when it hears"), "{tell}");
    raid.tasks[i].hunts_until = raid.turn + 9;
    raid.look_around();
    let body = look(raid.view(), cell).bodies[0].clone();
    assert!(body.tell.starts_with("hunts you") && body.age == 0);
}

#[test]
fn every_cell_of_a_raid_can_be_looked_at() {
    let mut raid = boot(13);
    let mut player = crate::bot::by_name("careful", 13).unwrap();
    while raid.outcome().is_none() {
        crate::bot::play_turn(player.as_mut(), &mut raid);
        if !raid.turn().is_multiple_of(16) {
            continue;
        }
        for cell in raid.view().grid.cells() {
            let lines = look(raid.view(), cell).lines();
            assert!((1..=6).contains(&lines.len()), "{lines:?}");
            assert!(lines[0].starts_with("pfn 0x"), "{lines:?}");
        }
    }
}
