//! Rooms: what a step into them costs, and how they are cleared.

use super::*;

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
