//! Tasks that fork, transfers that cross walls, bodies that go by noise, and kcompactd.

use super::others::check_books;
use super::*;
use crate::mm::Gfp;

fn index_of(raid: &Raid, name: &str) -> usize {
    let found = raid.tasks.iter().position(|task| task.spec.name == name);
    found.unwrap_or_else(|| panic!("no {name} in this zone"))
}

/// Lets a task fork until its family is as large as it gets. Returns the living.
fn family(raid: &mut Raid, i: usize) -> Vec<usize> {
    let most = raid.tasks[i].spec.fork.unwrap().most;
    for _ in 0..100 {
        for j in 0..raid.tasks.len() {
            if raid.tasks[j].family == raid.tasks[i].family && raid.tasks[j].alive() {
                raid.fork_task(j);
            }
        }
        raid.run_bodies();
    }
    let kin: Vec<usize> = (0..raid.tasks.len())
        .filter(|&j| raid.tasks[j].family == raid.tasks[i].family && raid.tasks[j].alive())
        .collect();
    assert_eq!(kin.len() as u32, most);
    kin
}

#[test]
fn a_fork_costs_no_page_until_somebody_writes() {
    let mut raid = boot(3);
    let i = index_of(&raid, "forkbomb");
    let pages = raid.mapped_pages(raid.tasks[i].pid);
    let free = raid.memory.nr_free_pages();
    let kin = family(&mut raid, i);
    assert!(pages > 10 && raid.memory.nr_free_pages() == free);
    for &j in &kin {
        assert_eq!(raid.mapped_pages(raid.tasks[j].pid), pages);
    }
    // Every copy writes to everything: then each has its own, and nothing is shared.
    for &j in &kin {
        raid.tasks[j].spec.fork.as_mut().unwrap().write_permille = 1000;
        raid.tasks[j].spec.fork.as_mut().unwrap().writes = 40;
        raid.tasks[j].fork_at = u32::MAX;
    }
    for _ in 0..400 {
        for &j in &kin {
            raid.run_fork(j);
        }
    }
    for &j in &kin {
        let pid = raid.tasks[j].pid;
        assert_eq!(
            (raid.shares.pages(pid), raid.holdings.pages(pid)),
            (0, pages)
        );
    }
    let copied = pages * (kin.len() as u32 - 1);
    assert_eq!(raid.memory.nr_free_pages(), free - copied);
    raid.memory.verify().unwrap();
}

#[test]
fn killing_a_copy_frees_what_it_alone_has_and_the_last_frees_all() {
    let mut raid = boot(4);
    let i = index_of(&raid, "forkbomb");
    let kin = family(&mut raid, i);
    let pages = raid.mapped_pages(raid.tasks[i].pid);
    let free = raid.memory.nr_free_pages();
    let (last, others) = kin.split_last().unwrap();
    for &j in others {
        let pid = raid.tasks[j].pid;
        assert_eq!(raid.kill(pid), 0, "all it had, its copies have too");
        assert!(!raid.tasks[j].alive());
    }
    assert_eq!(raid.memory.nr_free_pages(), free);
    assert!(
        raid.events
            .iter()
            .any(|event| matches!(event, Event::StaysShared { pages: stay, .. } if *stay == pages))
    );
    let pid = raid.tasks[*last].pid;
    assert_eq!((raid.holdings.pages(pid), raid.kill(pid)), (pages, pages));
    assert_eq!(raid.memory.nr_free_pages(), free + pages);
    // The first of the family comes back, no other.
    let reborn: Vec<bool> = kin
        .iter()
        .map(|&j| raid.tasks[j].reborn == Some(raid.turn + raid.zone.minotaur.respawn))
        .collect();
    assert_eq!(reborn.iter().filter(|&&reborn| reborn).count(), 1);
    assert!(reborn[0]);
}

#[test]
fn what_is_shared_moves_and_falls_for_all_at_once() {
    let mut raid = boot(5);
    let i = index_of(&raid, "forkbomb");
    let kin = family(&mut raid, i);
    let pid = raid.tasks[i].pid;
    let (pfn, order) = raid.holdings.of(pid)[0];
    let to = raid.memory.migrate(pfn, &mut raid.memory_events).unwrap();
    raid.book_memory(CURRENT);
    assert_eq!(raid.shares.users(to).len(), kin.len() - 1);
    raid.give_back(pid, to, order);
    assert!(raid.shares.users(to).is_empty());
    let shared = raid.shares.pages(raid.tasks[kin[1]].pid);
    assert_eq!(shared, raid.holdings.pages(pid));
}

/// Puts the player on a line that a transfer has just chosen; nobody else is near.
fn aimed_at(raid: &mut Raid) -> usize {
    let i = index_of(raid, "dma");
    for task in &mut raid.tasks {
        task.cell = Cell::new(0, 0);
    }
    for _ in 0..1000 {
        raid.tasks[i].cell = Cell::new(30, 30);
        raid.tasks[i].line = None;
        raid.tasks[i].rest_until = 0;
        raid.transfer(i, 24, 4);
        let Some(line) = raid.tasks[i].line else {
            continue;
        };
        let beside = |cell: &Cell| {
            let here = raid.block_of(*cell);
            !raid.built(*cell) && here.is_free()
        };
        if let Some(cell) = transfer::cells(line).find(beside) {
            raid.player.cell = cell;
            raid.look_around();
            return i;
        }
    }
    panic!("no line over a free cell");
}

#[test]
fn a_transfer_is_seen_a_turn_before_it_hurts() {
    let mut raid = boot(6);
    let i = aimed_at(&mut raid);
    assert!(
        raid.events
            .iter()
            .any(|event| matches!(event, Event::Aims { .. }))
    );
    assert!(raid.view.transfers[0].cells.contains(&raid.player.cell));
    assert_eq!(raid.player.refs, 3);
    let line = raid.tasks[i].line.unwrap();
    let mut stays = raid.clone();
    stays.run_bodies();
    assert_eq!(stays.player.refs, 2);
    assert!(
        stays
            .events
            .iter()
            .any(|event| matches!(event, Event::Crossed { refs: 2, .. }))
    );
    assert_ne!(stays.tasks[i].cell, line.from, "it went along the line");
    assert!(stays.tasks[i].line.is_none() && stays.tasks[i].rest_until > stays.turn);
    // Who steps aside, or stands in a block of their own, is not hurt.
    let mut aside = raid.clone();
    aside.player.cell = Cell::new(63, 63);
    aside.run_bodies();
    assert_eq!(aside.player.refs, 3);
    let mut inside = raid.clone();
    inside.player.held.push(Held {
        pfn: pfn_of(inside.player.cell),
        order: 0,
        mapped: true,
    });
    inside.run_bodies();
    assert_eq!(inside.player.refs, 3);
}

#[test]
fn a_transfer_hurts_other_bodies_too() {
    let mut raid = boot(6);
    let i = aimed_at(&mut raid);
    let leak = index_of(&raid, "memleak");
    let on_line =
        transfer::cells(raid.tasks[i].line.unwrap()).find(|&cell| cell != raid.player.cell);
    raid.tasks[leak].cell = on_line.unwrap();
    let held = raid.holdings.pages(raid.tasks[leak].pid);
    let free = raid.memory.nr_free_pages();
    raid.run_bodies();
    assert!(!raid.tasks[leak].alive());
    assert_eq!(raid.memory.nr_free_pages(), free + held);
}

#[test]
fn pinned_memory_stays_and_bleeds() {
    let mut raid = boot(7);
    let pid = raid.tasks[index_of(&raid, "dma")].pid;
    assert!(!raid.holdings.of(pid).is_empty());
    for &(pfn, _) in raid.holdings.of(pid) {
        let block = raid.memory.block_at(pfn).unwrap();
        assert_eq!(raid.kind_of(&block), (RoomKind::Kernel, pid));
        assert_eq!(
            raid.memory.clone().migrate(pfn, &mut ()),
            Err(mm::MigrateError::Busy)
        );
    }
    let (dir, _) = stand_beside(
        &mut raid,
        |room| matches!(room.state, BlockState::Allocated { flags, .. } if flags.contains(PageFlags::PINNED)),
    );
    assert_eq!(
        raid.check(Command::Clear(Some(dir))),
        Err(Refusal::ClearKernel)
    );
    raid.act(Command::Step(dir));
    assert!(
        raid.events
            .iter()
            .any(|event| matches!(event, Event::Faulted { refs: 2, .. }))
    );
}

#[test]
fn real_time_listens_for_a_turn_and_then_runs_two_steps_to_the_noise() {
    let mut raid = boot(8);
    let i = index_of(&raid, "rt");
    for task in &mut raid.tasks {
        task.cell = Cell::new(0, 0);
    }
    raid.refresh_maze();
    let here = raid.player.cell;
    let map = crate::labyrinth::distances(&raid.maze, &[here], |_, _, _| Some(1));
    let far = |raid: &Raid| map.get(raid.tasks[i].cell).unwrap();
    let start = raid
        .maze
        .grid()
        .cells()
        .find(|&cell| map.get(cell) == Some(9) && raid.body_may_enter(cell));
    raid.tasks[i].cell = start.unwrap();
    // A noise that is not about it, too weak to reach it: it hears nothing.
    raid.wrong(2, 2);
    assert!(!raid.tasks[i].hunts(raid.turn));
    raid.wrong(2, 3);
    assert!(raid.tasks[i].hunts(raid.turn));
    assert!(
        raid.events
            .iter()
            .any(|event| matches!(event, Event::Listens { .. }))
    );
    raid.run_bodies();
    assert_eq!(far(&raid), 9, "it stands still while it listens");
    raid.turn += 1;
    raid.run_bodies();
    assert_eq!(far(&raid), 7);
    for _ in 0..3 {
        raid.turn += 1;
        raid.run_bodies();
    }
    assert_eq!(raid.player.refs, 3, "one step away, after its two steps");
    raid.turn += 1;
    raid.run_bodies();
    assert_eq!(raid.player.refs, 2);
    assert!(!raid.tasks[i].hunts(raid.turn));
}

#[test]
fn real_time_goes_where_the_noise_was_and_not_where_you_are() {
    let mut raid = boot(8);
    let i = index_of(&raid, "rt");
    for task in &mut raid.tasks {
        task.cell = Cell::new(0, 0);
    }
    raid.refresh_maze();
    let here = raid.player.cell;
    let map = crate::labyrinth::distances(&raid.maze, &[here], |_, _, _| Some(1));
    let start = raid
        .maze
        .grid()
        .cells()
        .find(|&cell| map.get(cell) == Some(9) && raid.body_may_enter(cell));
    raid.tasks[i].cell = start.unwrap();
    raid.noise(5);
    let away = |at: u16| if at < 32 { 63 } else { 0 };
    raid.player.cell = Cell::new(away(here.x), away(here.y));
    for _ in 0..12 {
        raid.turn += 1;
        raid.run_bodies();
    }
    assert_eq!(raid.player.refs, 3);
    assert!(!raid.tasks[i].hunts(raid.turn) && raid.tasks[i].heard.is_none());
}

#[test]
fn a_blow_never_falls_in_the_turn_in_which_you_were_noticed() {
    for name in ["browser", "rt"] {
        let mut raid = boot(20);
        let i = index_of(&raid, name);
        let (dir, _) = stand_beside(&mut raid, |room| allocated(room, MigrateType::Reclaimable));
        raid.tasks[i].cell = raid.player.cell.neighbour(dir).unwrap();
        raid.noise(5);
        assert!(raid.tasks[i].hunts(raid.turn), "{name}");
        raid.run_bodies();
        assert_eq!(raid.player.refs, 3, "{name}");
        raid.turn += 1;
        raid.run_bodies();
        assert_eq!(raid.player.refs, 2, "{name}");
    }
}

/// Takes all free memory and gives every other page of the lower half back: plenty is free, in single pages.
fn shatter(raid: &mut Raid) {
    let urgent = Gfp::GFP_HIGHUSER_MOVABLE | Gfp::MEMALLOC;
    let pid = raid.tasks[index_of(raid, "browser")].pid;
    let mut taken = Vec::new();
    while let Ok(pfn) = raid
        .memory
        .alloc_pages(urgent, 0, Owner(pid), &mut raid.memory_events)
    {
        taken.push(pfn);
        raid.book_memory(pid);
    }
    for pfn in taken.into_iter().filter(|pfn| pfn % 2 == 0) {
        raid.give_back(pid, pfn, 0);
    }
}

#[test]
fn kcompactd_wakes_at_a_failure_by_fragmentation_and_makes_a_block_page_by_page() {
    let mut raid = boot(9);
    shatter(&mut raid);
    raid.run_kcompactd();
    assert!(raid.kcompactd.order.is_none(), "nobody asked");
    let marks = raid.memory.watermarks();
    assert!(raid.memory.nr_free_pages() > marks.high, "enough is free");
    let order = raid.memory.largest_free_order().unwrap() + 1;
    let failure = raid
        .memory
        .try_alloc(Gfp::GFP_KERNEL, order)
        .expect_err("no such block");
    raid.wake_kcompactd(&failure);
    let stays: Vec<Block> = raid
        .memory
        .blocks()
        .filter(|block| matches!(block.state, BlockState::Allocated { flags, .. } if flags.intersects(PageFlags::STAYS)))
        .collect();
    let most = raid.zone.kcompactd_pages;
    let mut turns = 0;
    loop {
        raid.events.clear();
        let before: Vec<Block> = raid.memory.blocks().collect();
        raid.run_kcompactd();
        let moved: u32 = before
            .iter()
            .filter(|block| {
                allocated(block, MigrateType::Movable)
                    && raid.memory.block_at(block.pfn) != Some(**block)
            })
            .map(Block::pages)
            .sum();
        assert!(moved < most + (1 << order), "turn {turns}: {moved} pages");
        turns += 1;
        if raid.kcompactd.order.is_none() {
            break;
        }
        assert!(turns < 2000, "it never ends");
    }
    assert!(
        raid.events
            .contains(&Event::KcompactdSlept { order, made: true })
    );
    assert!(turns > 1 && raid.memory.largest_free_order() >= Some(order));
    for block in stays {
        assert_eq!(raid.memory.block_at(block.pfn), Some(block));
    }
    raid.memory.verify().unwrap();
    check_books(&raid);
}

#[test]
fn rules_without_a_task_have_none_of_it_anywhere() {
    let rules = Rules::shipped().unwrap();
    let names: Vec<String> = rules.tasks.iter().map(|task| task.name.clone()).collect();
    for name in names {
        let less = rules.clone().without(&name).unwrap();
        assert!(
            less.zones
                .iter()
                .all(|zone| zone.tasks.iter().all(|(task, _)| *task != name))
        );
        assert!(
            rules
                .zones
                .iter()
                .any(|zone| zone.tasks.iter().any(|(task, _)| *task == name))
        );
    }
    assert!(
        rules
            .without("systemd")
            .unwrap_err()
            .contains("expected one of")
    );
}
