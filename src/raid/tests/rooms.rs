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
    // The room may have gone meanwhile; if not, it takes three turns again.
    let at = cell_in(&raid, dir);
    if dirty(&raid.block_of(at)) {
        raid.act(Command::Clear(Some(dir)));
        assert_eq!(raid.player.work.unwrap().left, 2);
    } else {
        panic!("choose another seed: the room has gone");
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

/// Hands a block over the player's head to a browser, as a task's allocation would.
fn hand_out(raid: &mut Raid, order: u8) {
    let pfn = pfn_of(raid.player.cell) >> order << order;
    let movable = MigrateType::Movable;
    let sink = &mut raid.memory_events;
    raid.memory
        .alloc_at(pfn, order, movable, Owner(5), PageFlags::empty(), sink)
        .unwrap();
    raid.book_memory(5);
    raid.look_around();
}

#[test]
fn the_room_you_stand_in_can_be_handed_out_and_you_have_as_long_as_the_way_out() {
    let mut orders = [0; 4];
    for seed in 0..40 {
        for leaves in [true, false] {
            let mut raid = boot(seed);
            let room = raid.block_of(raid.player.cell);
            let order = room.order.min(3);
            raid.player.refs = 5;
            hand_out(&mut raid, order);
            let Some(Event::Handed { turns, .. }) = raid.events.pop() else {
                panic!("not told")
            };
            let handed = raid.block_of(raid.player.cell);
            assert!(
                (1..8).contains(&turns),
                "{turns} turns out of order {order}"
            );
            if order == 0 {
                assert_eq!(turns, 1);
            }
            orders[usize::from(order)] += 1;
            // Out by the shortest way, or not at all.
            let outside: Vec<Cell> = raid
                .maze
                .grid()
                .cells()
                .filter(|&cell| !handed.contains(pfn_of(cell)))
                .collect();
            let way = crate::labyrinth::distances(&raid.maze, &outside, |_, _, _| Some(1));
            let mut written = false;
            for turn in 0..turns {
                let dir = way.step(raid.player.cell);
                let body = dir
                    .and_then(|dir| raid.player.cell.neighbour(dir))
                    .and_then(|to| raid.body_in(to));
                if let Some(body) = body {
                    raid.tasks[body].reborn = Some(u32::MAX);
                }
                raid.refresh_maze();
                let command = match dir {
                    Some(dir) if leaves => Command::Step(dir),
                    _ => Command::Wait,
                };
                let events = raid.step(command).unwrap();
                written |= events
                    .iter()
                    .any(|event| matches!(event, Event::FirstWrite { .. }));
                assert!(!written || turn + 1 == turns, "too early");
            }
            assert_eq!(
                written, !leaves,
                "seed {seed}, order {order}, {turns} turns"
            );
        }
    }
    assert!(orders[0] + orders[1] + orders[2] > 10, "{orders:?}");
}

#[test]
fn what_you_free_from_afar_is_known_to_be_free() {
    let mut raid = boot(10);
    at_device(&mut raid, 1);
    raid.step(Command::Grab).unwrap();
    let held = raid.player.held[0];
    raid.step(Command::Free(held.pfn)).unwrap();
    let known = *raid.view().cell(cell_of(held.pfn));
    assert_ne!(known.kind, RoomKind::Yours);
    assert_eq!(known.knowledge, Knowledge::Modified);
}

#[test]
fn work_that_somebody_else_did_is_not_asked_for_again() {
    let mut raid = boot(8);
    let (dir, room) = stand_beside(&mut raid, |room| {
        allocated(room, MigrateType::Reclaimable) && dirty(room)
    });
    raid.act(Command::Clear(Some(dir)));
    raid.memory.writeback(room.pfn);
    raid.act(Command::Clear(Some(dir)));
    assert!(
        raid.events
            .iter()
            .any(|event| matches!(event, Event::Evicted { .. }))
    );
}

#[test]
fn nobody_is_pushed_into_stone() {
    let mut raid = boot(3);
    let slab = raid
        .tasks
        .iter()
        .position(|task| task.spec.refs == 0)
        .unwrap();
    let room = raid.devices[0].room;
    let (from, dir) = block_rect(room, SITE_ORDER)
        .cells()
        .find_map(|cell| {
            Dir::ALL.into_iter().find_map(|dir| {
                let to = raid.maze.grid().step(cell, dir)?;
                (raid.maze.passable(cell, dir) && !raid.built(to)).then_some((cell, dir))
            })
        })
        .unwrap();
    raid.player.cell = from;
    raid.player.refs = 5;
    raid.tasks[slab].cell = from.neighbour(dir).unwrap();
    raid.act(Command::Step(dir));
    assert_eq!(raid.player.cell, from.neighbour(dir).unwrap());
    assert!(!raid.built(raid.tasks[slab].cell));
}
