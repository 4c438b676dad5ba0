//! Items that set memory aside, lock a room, or change what clearing does.

use super::*;
use crate::mm::Gfp;

#[test]
fn a_mempool_serves_one_null_and_memory_is_tighter_for_it() {
    let bare = boot(3);
    let mut raid = boot_with(3, "mempool");
    let order = raid.zone.pageblock_order;
    let (pfn, size) = raid.player.gear.pool.unwrap();
    assert_eq!((size, raid.holdings.pages(CURRENT)), (order, 1 << order));
    assert_eq!(bare.holdings.pages(CURRENT), 0);
    raid.memory.verify().unwrap();
    for asked in [order, order] {
        at_device(&mut raid, asked);
        // No free block that large is left.
        while let Ok(taken) = raid.memory.alloc_pages(
            Gfp::GFP_ATOMIC | Gfp::MEMALLOC,
            asked,
            Owner::NONE,
            &mut raid.memory_events,
        ) {
            assert_ne!(taken, pfn);
            raid.book_memory(0);
        }
        raid.book_memory(0);
        raid.look_around();
        let sure = matches!(
            preview::preview(&raid.view).unwrap().verdict,
            preview::Verdict::Certain(_)
        );
        assert_eq!(sure, raid.player.gear.pool.is_some());
        raid.step(Command::Grab).unwrap();
        raid.memory.verify().unwrap();
        if raid.outcome.is_none() {
            assert_eq!(raid.player.held[0].pfn, pfn);
            assert!(raid.is_yours(cell_of(pfn)));
        }
    }
    assert_eq!(raid.outcome().unwrap().word(), "null", "it had one element");
}

#[test]
fn a_small_request_takes_a_part_of_the_mempool() {
    let mut raid = boot_with(4, "mempool");
    let (pfn, size) = raid.player.gear.pool.unwrap();
    let free = raid.memory.nr_free_pages();
    raid.raise(0);
    let asked = raid.devices[0].request.unwrap();
    let of = |order| Request { order, ..asked };
    assert_eq!(raid.serve_from_pool(&of(size + 1)), None);
    let demand = Demand {
        below: Some(pfn),
        left: None,
    };
    let low = Request { demand, ..of(1) };
    assert_eq!(raid.serve_from_pool(&low), None, "it lies too high");
    assert_eq!(raid.serve_from_pool(&of(1)), Some(pfn));
    assert_eq!(raid.memory.nr_free_pages(), free + (1 << size) - 2);
    assert_eq!(raid.holdings.of(CURRENT), [(pfn, 1)]);
    raid.memory.verify().unwrap();
}

#[test]
fn reserves_lie_beside_the_free_blocks_of_a_line() {
    let mut setup = boot_with(5, "mempool,nr_hugepages").setup.clone();
    setup.layout = Some([40, 30, 20, 10, 5, 2, 1, 0, 0, 0, 0]);
    let raid = Raid::new(Arc::new(Rules::shipped().unwrap()), setup).unwrap();
    raid.memory.verify().unwrap();
    assert_eq!(raid.reserves().count(), 2);
    for (pfn, order) in raid.reserves() {
        let block = raid.memory.block_at(pfn).unwrap();
        assert_eq!((block.pfn, block.order), (pfn, order));
        assert_ne!(raid.view.cell(cell_of(pfn)).knowledge, Knowledge::Unknown);
    }
}

#[test]
fn the_huge_page_given_back_is_one_free_block() {
    let mut raid = boot_with(6, "nr_hugepages");
    let (pfn, order) = raid.player.gear.huge.unwrap();
    let free = raid.memory.nr_free_pages();
    raid.check_use(Item::NrHugepages, None).unwrap();
    raid.use_item(Item::NrHugepages, None, None);
    assert_eq!(raid.memory.nr_free_pages(), free + (1 << order));
    let block = raid.memory.block_at(pfn).unwrap();
    assert!(block.is_free() && block.order >= order);
    assert_eq!(
        raid.check_use(Item::NrHugepages, None),
        Err(Refusal::UsedUp(Item::NrHugepages))
    );
}

#[test]
fn a_larger_min_free_kbytes_raises_every_mark() {
    let (plain, raised) = (boot(7), boot_with(7, "min_free_kbytes"));
    let (plain, raised) = (plain.memory.watermarks(), raised.memory.watermarks());
    assert_eq!(raised.min, plain.min * 3 / 2);
    assert!(raised.low > plain.low && raised.high > plain.high);
}

#[test]
fn with_swap_anonymous_rooms_are_cleared_with_no_block_to_go_to() {
    let mut raid = boot_with(8, "swapon");
    let (dir, room) = stand_beside(&mut raid, |room| allocated(room, MigrateType::Movable));
    let BlockState::Allocated { owner, .. } = room.state else {
        panic!("a room")
    };
    raid.use_item(Item::Swapon, None, None);
    raid.look_around();
    assert!(
        plan::describe_clear(&raid.view, Some(dir))
            .unwrap()
            .starts_with("swap out")
    );
    let (free, pages) = (raid.memory.nr_free_pages(), raid.holdings.pages(owner.0));
    let turns = 3 + u32::from(room.order);
    for left in (0..turns).rev() {
        raid.events.clear();
        raid.act(Command::Clear(Some(dir)));
        let done = raid
            .events
            .iter()
            .any(|event| matches!(event, Event::SwappedOut { .. }));
        assert_eq!(done, left == 0);
    }
    assert_eq!(raid.memory.nr_free_pages(), free + (1 << room.order));
    assert_eq!(raid.holdings.pages(owner.0), pages - (1 << room.order));
    raid.memory.verify().unwrap();
}

/// A browser beside the player, who stands in page cache with nobody else near, and hunts.
fn hunter(raid: &mut Raid) -> usize {
    let i = raid
        .tasks
        .iter()
        .position(|task| task.spec.temper == Temper::Vengeful)
        .unwrap();
    let grid = raid.maze.grid();
    for cell in grid.cells() {
        if !allocated(&raid.block_of(cell), MigrateType::Reclaimable) {
            continue;
        }
        let next = Dir::ALL.into_iter().find_map(|dir| {
            let to = grid.step(cell, dir)?;
            let other = raid.block_of(to).pfn != raid.block_of(cell).pfn;
            (other && raid.maze.passable(cell, dir) && !raid.built(to)).then_some(to)
        });
        if let Some(to) = next
            && raid.tasks.iter().all(|task| task.cell.chebyshev(cell) > 3)
        {
            raid.player.cell = cell;
            raid.tasks[i].cell = to;
            raid.tasks[i].hunts_until = raid.turn + 40;
            raid.look_around();
            raid.events.clear();
            return i;
        }
    }
    panic!("no such place in this raid");
}

#[test]
fn a_hunter_spins_at_the_door_of_the_room_you_lock_and_comes_in_when_you_leave() {
    let mut raid = boot_with(9, "page_lock");
    let i = hunter(&mut raid);
    let here = raid.block_of(raid.player.cell);
    raid.check_use(Item::PageLock, None).unwrap();
    raid.use_item(Item::PageLock, None, None);
    let (refs, watchdog) = (raid.player.refs, raid.watchdog);
    for _ in 0..5 {
        raid.run_bodies();
        raid.run_locks();
        raid.run_watchdog();
    }
    let name = raid.tasks[i].name.clone();
    let spins = |event: &&Event| matches!(event, Event::Spins { .. });
    assert_eq!(raid.events.iter().filter(spins).count(), 1);
    assert!(raid.events.contains(&Event::Spins { name }));
    assert_eq!((raid.player.refs, raid.watchdog), (refs, watchdog - 10));
    // Locked: nobody evicts it, not even you.
    assert!(raid.is_locked(&raid.block_of(raid.player.cell)));
    assert_eq!(raid.clearing(None), Err(Refusal::ClearLocked));
    assert_eq!(raid.check_lock(), Err(Refusal::LockedAlready));
    raid.memory.reclaim(raid.memory.pages(), &mut ());
    assert!(raid.memory.block_at(here.pfn).unwrap().order == here.order);
    raid.look_around();
    assert!(raid.view.here().locked);
    assert!(raid.view.me.lock.is_some());
    // Outside, the lock is gone, and blows fall again.
    raid.player.cell = raid.tasks[i].cell;
    raid.run_locks();
    assert_eq!(raid.player.gear.lock, None);
    assert!(!raid.is_locked(&raid.block_of(cell_of(here.pfn))));
}

#[test]
fn anonymous_rooms_and_stone_cannot_be_locked() {
    let mut raid = boot_with(10, "page_lock");
    let room = raid.gates[0].room;
    stand_at(&mut raid, room);
    assert_eq!(
        raid.check_use(Item::PageLock, None),
        Err(Refusal::CannotLock)
    );
    let cell = raid
        .maze
        .grid()
        .cells()
        .find(|&cell| allocated(&raid.block_of(cell), MigrateType::Movable))
        .unwrap();
    raid.player.cell = cell;
    assert_eq!(
        raid.check_use(Item::PageLock, None),
        Err(Refusal::CannotLock)
    );
}

#[test]
fn page_cache_is_locked_while_kswapd_writes_it_back() {
    let mut raid = boot(11);
    let (dir, room) = stand_beside(&mut raid, |room| {
        allocated(room, MigrateType::Reclaimable) && dirty(room)
    });
    raid.lock_for_writeback(room.pfn);
    raid.look_around();
    assert!(raid.view.cell(cell_in(&raid, dir)).locked);
    assert_eq!(raid.check(Command::Step(dir)), Err(Refusal::Locked));
    assert_eq!(
        raid.check(Command::Clear(Some(dir))),
        Err(Refusal::ClearLocked)
    );
    let route = plan::route(&raid.view, cell_in(&raid, dir));
    assert_ne!(
        route.and_then(|route| route.steps.first().copied()),
        Some(dir)
    );
    for _ in 0..3 {
        assert!(raid.is_locked(&raid.block_of(cell_of(room.pfn))));
        raid.turn += 1;
        raid.run_locks();
    }
    assert_eq!(raid.check(Command::Step(dir)), Ok(()));
    assert!(raid.writebacks.is_empty());
}

#[test]
fn hunters_and_the_minotaur_take_a_child_for_you() {
    let mut raid = boot_with(12, "fork");
    let i = hunter(&mut raid);
    raid.use_item(Item::Fork, None, None);
    let decoy = raid.player.gear.decoy.unwrap();
    assert_eq!(decoy.cell, raid.player.cell);
    assert_eq!(raid.holdings.of(CURRENT), [decoy.stack]);
    // You walk away; the child is struck, and you are not.
    let refs = raid.player.refs;
    raid.player.cell = cell_of(raid.gates[0].room);
    raid.look_around();
    assert!(raid.view.me.decoy.is_some());
    raid.run_bodies();
    let by = Some(raid.tasks[i].name.clone());
    assert!(raid.events.contains(&Event::ChildExited { by }));
    assert_eq!((raid.player.refs, raid.tasks[i].hunts_until), (refs, 0));
    assert!(raid.holdings.of(CURRENT).is_empty());
    // The OOM killer takes the next one.
    raid.use_item(Item::Fork, None, None);
    let cell = raid.prey();
    raid.player.cell = cell_of(raid.gates[1].room);
    raid.player.gear.adj = 1000;
    raid.minotaur_walks(cell, CURRENT);
    assert!(raid.outcome.is_none() && raid.player.gear.decoy.is_none());
    assert_eq!(raid.minotaur, Minotaur::Asleep { hungry: 0 });
}

#[test]
fn a_child_exits_after_its_turns() {
    let mut raid = boot_with(13, "fork");
    let turns = raid.rules.armoury.spec(Item::Fork).amount;
    raid.use_item(Item::Fork, None, None);
    for turn in 1..=turns {
        assert!(raid.player.gear.decoy.is_some(), "turn {turn}");
        raid.turn += 1;
        raid.run_decoy();
    }
    assert_eq!(raid.player.gear.decoy, None);
    raid.memory.verify().unwrap();
}
