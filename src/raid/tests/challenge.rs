//! Challenge modifiers: what each changes.

use super::*;

fn under(seed: u64, modifiers: &str) -> Raid {
    let rules = Arc::new(Rules::shipped().unwrap());
    let setup = Setup {
        modifiers: modifiers.parse().unwrap(),
        ..Setup::new("dma", seed)
    };
    let raid = Raid::new(rules, setup).unwrap();
    raid.memory.verify().unwrap();
    assert_ne!(raid.state_hash(), boot(seed).state_hash(), "{modifiers}");
    raid
}

/// Turns it takes to evict a clean room.
fn turns_to_evict(raid: &mut Raid) -> u32 {
    let (dir, room) = stand_beside(raid, |room| {
        allocated(room, MigrateType::Reclaimable) && !dirty(room) && room.order >= 2
    });
    let said = plan::describe_clear(&raid.view, Some(dir)).unwrap();
    let before = raid.memory.nr_free_pages();
    let mut turns = 0;
    while raid.memory.nr_free_pages() == before {
        raid.act(Command::Clear(Some(dir)));
        turns += 1;
    }
    assert!(!raid.memory.block_at(room.pfn).unwrap().is_free() || turns > 0);
    assert!(said.contains(&format!("{turns} turn")), "{said}: {turns}");
    turns
}

#[test]
fn what_is_done_to_freed_pages_takes_turns() {
    assert_eq!(turns_to_evict(&mut boot(3)), 1);
    assert_eq!(turns_to_evict(&mut under(3, "page_poison=1")), 2);
    assert_eq!(turns_to_evict(&mut under(3, "init_on_free=1")), 3);
}

#[test]
fn what_is_granted_under_init_on_alloc_is_zeroed_before_it_is_mapped() {
    for (modifiers, turns) in [
        ("init_on_alloc=1", 2),
        ("init_on_alloc=1,init_on_free=1", 0),
    ] {
        let mut raid = under(4, modifiers);
        at_device(&mut raid, 2);
        raid.step(Command::Grab).unwrap();
        let held = raid.player.held[0];
        raid.player.cell = cell_of(held.pfn);
        let room = raid.block_of(raid.player.cell);
        raid.enter(&room);
        for left in (0..turns).rev() {
            assert!(!raid.player.held[0].mapped, "{modifiers}");
            raid.events.clear();
            raid.run_zeroing();
            assert!(raid.events.contains(&Event::Zeroing {
                pfn: held.pfn,
                order: 2,
                left
            }));
        }
        assert!(raid.player.held[0].mapped, "{modifiers}");
        assert!(raid.player.zeroing.is_empty());
    }
}

#[test]
fn with_nosmp_kswapd_and_kcompactd_run_every_fourth_turn_and_tasks_as_ever() {
    let mut raid = under(5, "nosmp");
    let mut free = Vec::new();
    for _ in 0..24 {
        let draws = raid.workload.draws();
        raid.kswapd.awake = true;
        raid.step(Command::Wait).unwrap();
        assert!(raid.workload.draws() > draws, "turn {}", raid.turn);
        let evicts = |event: &mm::Event| matches!(event, mm::Event::Evict { .. });
        if raid.memory_news().iter().any(evicts) {
            free.push(raid.turn);
        }
    }
    assert!(
        !free.is_empty() && free.iter().all(|turn| turn.is_multiple_of(4)),
        "{free:?}"
    );
}

#[test]
fn above_mem_there_is_stone_and_tasks_are_smaller() {
    let mut raid = under(6, "mem=8M");
    let line = 8 << 8;
    for block in raid.memory.blocks().filter(|block| block.pfn >= line) {
        assert!(raid.built(cell_of(block.pfn)));
    }
    let stone = raid.true_room(Cell { x: 63, y: 63 }).2;
    let site = matches!(stone, RoomKind::Reserved(_));
    assert!(site);
    let bare = boot(6);
    for (small, large) in raid.tasks.iter().zip(&bare.tasks) {
        assert!(small.base <= large.base.div_ceil(2) + 8, "{}", small.name);
    }
    let wanted = raid
        .memory
        .blocks()
        .filter(|block| raid.kind_of(block).0 == RoomKind::Reserved(Site::Stone));
    assert!(wanted.count() > 0);
    for _ in 0..50 {
        if raid.step(Command::Wait).is_err() {
            break;
        }
    }
    raid.memory.verify().unwrap();
}

#[test]
fn huge_pages_are_nobodys_and_missing() {
    let (bare, raid) = (boot(7), under(7, "hugepages=8"));
    let size = 8 << raid.zone.pageblock_order;
    assert_eq!(raid.holdings.pages(0), bare.holdings.pages(0) + size);
    let setup = Setup {
        modifiers: "hugepages=65".parse().unwrap(),
        ..Setup::new("dma", 7)
    };
    let error = Raid::new(Arc::new(Rules::shipped().unwrap()), setup).unwrap_err();
    assert!(matches!(error, SetupError::Modifier(_)));
}

#[test]
fn panic_on_oom_ends_it_for_all() {
    let mut raid = under(8, "panic_on_oom=1");
    for _ in 0..raid.zone.minotaur.patience {
        assert_eq!(raid.outcome, None);
        raid.minotaur_sleeps_for_test();
    }
    let outcome = raid.outcome().unwrap();
    assert_eq!(outcome.word(), "minotaur");
    assert!(text::cause(outcome).contains("panic_on_oom=1"));
    assert!(!text::explanation(outcome).is_empty());
    assert!(text::report(outcome, &raid.view).contains("Mem-Info"));
}

#[test]
fn watchdog_thresh_is_the_share_of_ten_seconds() {
    let raid = under(9, "watchdog_thresh=4");
    let full = boot(9).watchdog;
    assert_eq!(
        (raid.watchdog, raid.view.watchdog.1),
        (full * 4 / 10, full * 4 / 10)
    );
}

#[test]
fn all_modifiers_together_make_a_raid_that_can_be_played() {
    let mut raid = under(
        10,
        "page_poison=1,init_on_free=1,init_on_alloc=1,nosmp,mem=12M,hugepages=4,panic_on_oom=1,watchdog_thresh=9",
    );
    for turn in 0..200u32 {
        if raid.outcome.is_some() {
            break;
        }
        let dir = Dir::ALL[(turn * 7 % 4) as usize];
        if raid.step(Command::Step(dir)).is_err() {
            raid.step(Command::Wait).unwrap();
        }
        raid.memory.verify().unwrap();
    }
    assert!(raid.turn() > 10);
}
