//! Items: what each does through the allocator, and when it is refused.

use super::*;
use crate::raid::kit::Target;

fn used(events: &[Event], item: Item) -> u32 {
    let figure = |event: &Event| match event {
        Event::Used {
            item: which,
            figure,
            ..
        } if *which == item => Some(*figure),
        _ => None,
    };
    events.iter().find_map(figure).expect("it was used")
}

/// Puts the body of a task that can be hurt where the player sees it, and returns its pid.
fn in_sight(raid: &mut Raid) -> u16 {
    let (dir, _) = stand_beside(raid, |room| allocated(room, MigrateType::Reclaimable));
    let cell = cell_in(raid, dir);
    let i = raid
        .tasks
        .iter()
        .position(|task| task.spec.refs > 0)
        .unwrap();
    raid.tasks[i].cell = cell;
    raid.look_around();
    raid.tasks[i].pid
}

#[test]
fn what_was_not_brought_or_is_used_up_is_refused() {
    let mut raid = boot_with(3, "scan,isolate,get_page");
    let refused = |raid: &mut Raid, item, pid| raid.step(Command::Use(item, pid)).unwrap_err();
    assert_eq!(
        refused(&mut raid, Item::Kill, Some(2)),
        Refusal::NoItem(Item::Kill)
    );
    assert_eq!(
        refused(&mut raid, Item::Isolate, None),
        Refusal::Passive(Item::Isolate)
    );
    assert_eq!(
        refused(&mut raid, Item::Scan, Some(2)),
        Refusal::NeedsNoTarget(Item::Scan)
    );
    assert_eq!(raid.player.isolate_charges, raid.zone.isolate.0 + 1);
    assert_eq!(raid.view.me.uses_left(Item::Scan), 3);
    for _ in 0..3 {
        raid.step(Command::Use(Item::Scan, None)).unwrap();
    }
    assert_eq!(
        refused(&mut raid, Item::Scan, None),
        Refusal::UsedUp(Item::Scan)
    );
    assert_eq!(raid.turn(), 3);
}

#[test]
fn a_kit_too_large_makes_no_raid() {
    let rules = Arc::new(Rules::shipped().unwrap());
    let setup = Setup {
        loadout: Loadout::of(Item::ALL).unwrap(),
        ..Setup::new("dma", 1)
    };
    let error = Raid::new(rules, setup).unwrap_err();
    assert!(matches!(error, SetupError::Kit(KitError::Slots { .. })));
}

#[test]
fn a_scan_has_the_counts_of_the_end_of_its_turn_and_ages() {
    let mut raid = boot_with(4, "scan");
    for _ in 0..5 {
        raid.step(Command::Wait).unwrap();
    }
    let events = raid.step(Command::Use(Item::Scan, None)).unwrap();
    let free = raid.memory.free_counts();
    assert!(events.contains(&Event::Scanned { free }));
    assert_eq!((raid.view.scan.turn, raid.view.scan.free), (6, free));
    raid.step(Command::Wait).unwrap();
    assert_eq!(raid.view.scan.turn, 6);
}

#[test]
fn drop_caches_frees_what_is_clean_and_nothing_else() {
    let mut raid = boot_with(5, "drop_caches");
    let (clean, free) = (raid.memory.nr_lru_clean(), raid.memory.nr_free_pages());
    let dirty = raid.memory.nr_lru() - clean;
    let work = raid.player.work.take();
    raid.use_item(Item::DropCaches, None, work);
    assert!(clean > 0 && dirty > 0);
    assert_eq!(raid.memory.nr_free_pages(), free + clean);
    assert_eq!(
        (raid.memory.nr_lru(), raid.memory.nr_lru_clean()),
        (dirty, 0)
    );
    assert_eq!(used(&raid.events, Item::DropCaches), clean);
    raid.memory.verify().unwrap();
    // Their owners read it in again.
    raid.events.clear();
    for _ in 0..60 {
        raid.step(Command::Wait).unwrap();
    }
    assert!(raid.memory.nr_lru_clean() > clean / 8);
}

#[test]
fn compaction_takes_its_turns_and_leaves_fewer_small_rooms() {
    let mut raid = boot_with(6, "compact_memory");
    let command = Command::Use(Item::CompactMemory, None);
    let turns = raid.rules.armoury.spec(Item::CompactMemory).turns;
    for left in (1..turns).rev() {
        let events = raid.step(command).unwrap();
        assert!(events.contains(&Event::Working {
            what: "compact_memory",
            left
        }));
    }
    let before: u32 = raid.memory.free_counts()[..3].iter().sum();
    let free = raid.memory.nr_free_pages();
    let work = raid.player.work.take();
    raid.use_item(Item::CompactMemory, None, work);
    let after: u32 = raid.memory.free_counts()[..3].iter().sum();
    assert!(after < before, "{before} small rooms, then {after}");
    assert_eq!(raid.memory.nr_free_pages(), free);
    assert!(used(&raid.events, Item::CompactMemory) > 0);
    raid.memory.verify().unwrap();
    for i in 0..raid.tasks.len() {
        let pid = raid.tasks[i].pid;
        for &(pfn, order) in raid.holdings.of(pid) {
            let block = raid.memory.block_at(pfn).unwrap();
            assert_eq!((block.pfn, block.order), (pfn, order));
        }
    }
}

#[test]
fn oom_score_adj_moves_badness_by_its_per_mille() {
    let mut raid = boot_with(7, "oom_score_adj");
    raid.holdings.add(CURRENT, 0, 4);
    let per_mille = raid.memory.pages() / 1000;
    let before = raid.badness(CURRENT).unwrap();
    let adj = raid.zone.oom_score_adj as u32;
    assert_eq!(before, 16 + adj * per_mille);
    raid.use_item(Item::OomScoreAdj, None, None);
    assert_eq!(raid.badness(CURRENT), Some(0), "it cannot fall below 0");
    let pid = in_sight(&mut raid);
    let pages = raid.holdings.pages(pid);
    raid.check_use(Item::OomScoreAdj, Some(pid)).unwrap();
    raid.use_item(Item::OomScoreAdj, Some(pid), None);
    assert_eq!(raid.badness(pid), Some(pages + 1000 * per_mille));
    assert_eq!(raid.player.gear.left, [(Item::OomScoreAdj, 0)]);
}

#[test]
fn kill_wants_a_task_in_sight_that_a_signal_reaches() {
    let mut raid = boot_with(8, "kill");
    let pid = in_sight(&mut raid);
    let thread = raid
        .tasks
        .iter()
        .position(|task| task.spec.refs == 0)
        .unwrap();
    raid.tasks[thread].cell = raid.player.cell;
    let thread = raid.tasks[thread].pid;
    let check = |raid: &Raid, pid| raid.check_use(Item::Kill, pid);
    assert_eq!(check(&raid, None), Err(Refusal::NoTarget(Item::Kill)));
    assert_eq!(check(&raid, Some(99)), Err(Refusal::NotInSight(99)));
    assert_eq!(check(&raid, Some(thread)), Err(Refusal::KernelThread));
    assert_eq!(check(&raid, Some(pid)), Ok(()));
    let (free, pages) = (raid.memory.nr_free_pages(), raid.holdings.pages(pid));
    raid.use_item(Item::Kill, Some(pid), None);
    assert_eq!(raid.memory.nr_free_pages(), free + pages);
    assert!(pages > 0 && !raid.task(pid).unwrap().alive());
    assert_eq!(used(&raid.events, Item::Kill), pages);
}

#[test]
fn references_and_turns_come_back_up_to_what_there_can_be() {
    let mut raid = boot_with(9, "get_page,touch_watchdog");
    raid.step(Command::Use(Item::GetPage, None)).unwrap();
    assert_eq!(raid.view.me.refs, raid.zone.refs.0 + 1);
    raid.watchdog = 20;
    raid.step(Command::Use(Item::TouchWatchdog, None)).unwrap();
    assert_eq!(raid.view.watchdog.0, 99);
    let mut fresh = boot_with(9, "touch_watchdog");
    fresh.step(Command::Use(Item::TouchWatchdog, None)).unwrap();
    assert_eq!(fresh.view.watchdog.0, fresh.zone.watchdog - 1);
}

#[test]
fn every_item_that_can_be_used_is_used_up_and_in_the_hash() {
    for item in Item::ALL {
        let mut raid = boot_with(11, item.name());
        let pid = in_sight(&mut raid);
        let before = raid.state_hash();
        assert_ne!(before, boot(11).state_hash(), "{item:?}");
        let target = match item.target() {
            Target::Passive => continue,
            Target::Nobody => None,
            Target::Task | Target::TaskOrSelf => Some(pid),
        };
        let spec = raid.rules.armoury.spec(item).clone();
        let mut events = Vec::new();
        for _ in 0..spec.turns {
            raid.check_use(item, target).unwrap();
            raid.act(Command::Use(item, target));
            events.append(&mut raid.events);
        }
        used(&events, item);
        assert_eq!(raid.player.gear.left, [(item, spec.uses - 1)]);
        assert_ne!(raid.state_hash(), before, "{item:?}");
        for event in &events {
            text::tone(event);
            let said = text::sentence(event);
            assert!(said.is_none_or(|said| !said.is_empty()));
        }
    }
}
