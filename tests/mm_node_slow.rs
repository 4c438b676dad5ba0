//! The slow path of a request, step by step, and what sleeping is worth.

use labyrinth::mm::{
    AllocFlags, CompactEffort, CompactResult, Event, FailReason, Gfp, MAX_ROUNDS, Mark,
    MigrateType, NoKill, Node, NodeConfig, OomTask, Order, Owner, PageFlags, Pfn, Stage, ZoneKind,
};

const ME: Owner = Owner(1);
const OTHER: Owner = Owner(2);
const PAGES: u32 = 1024;

/// One zone with `min` 16 pages, `low` 20 and `high` 24, and pageblocks of 8 pages.
fn node() -> Node {
    let mut config = NodeConfig::new([(ZoneKind::Normal, PAGES)], 3);
    config.min_free_kbytes = Some(64);
    let node = Node::new(config).expect("a node");
    let marks = node.zone(ZoneKind::Normal).expect("a zone").watermarks();
    assert_eq!((marks.min, marks.low, marks.high), (16, 20, 24));
    node
}

fn take(node: &mut Node, pfn: Pfn, order: Order, migratetype: MigrateType) {
    let none = PageFlags::empty();
    let taken = node.alloc_at(pfn, order, migratetype, OTHER, none, &mut ());
    assert_eq!(taken, Ok(()), "frame {pfn}");
}

/// All memory is somebody's, in single pages, but for `free` pages at the top.
fn full(free: u32, migratetype: MigrateType) -> Node {
    let mut node = node();
    for pfn in 0..PAGES - free {
        take(&mut node, pfn, 0, migratetype);
    }
    node
}

/// Makes the first `pages` pages page cache.
fn cache(node: &mut Node, pages: u32, dirty: bool) {
    for pfn in 0..pages {
        node.lru_add(pfn);
        if dirty {
            assert_eq!(node.set_flags(pfn, PageFlags::DIRTY), Ok(()));
        }
    }
}

/// What a request went through, in short.
fn steps(events: &[Event]) -> Vec<String> {
    let short = |event: &Event| match *event {
        Event::Attempt { stage, mark, .. } => Some(format!("{stage:?} {mark:?}")),
        Event::WakeKswapd => Some("wake".into()),
        Event::DirectReclaim { .. } => Some("reclaim".into()),
        Event::CompactSkip { result, .. } => Some(format!("compact: {result:?}")),
        Event::CompactStart { effort, .. } => Some(format!("compact {effort:?}")),
        Event::OomKill { owner, .. } => Some(format!("kill {}", owner.0)),
        Event::OomSpare { why } => Some(format!("spare: {why:?}")),
        Event::Retry { round, .. } => Some(format!("retry {round}")),
        Event::LoopEnded { rounds } => Some(format!("ended {rounds}")),
        Event::Alloc { .. } => Some("got".into()),
        Event::Fail(_) => Some("fail".into()),
        _ => None,
    };
    events.iter().filter_map(short).collect()
}

/// The fast path is tried with and without leave to mix types.
const FAST: [&str; 3] = ["Fast Low", "Fast Low", "wake"];

fn expect(got: Vec<String>, after_fast: &[&str]) {
    let expected: Vec<_> = FAST.iter().chain(after_fast).collect();
    assert_eq!(got.iter().collect::<Vec<_>>(), expected);
}

#[test]
fn enough_memory_is_one_step() {
    let mut events = Vec::new();
    assert!(
        node()
            .alloc_pages(Gfp::GFP_KERNEL, 0, ME, &mut events)
            .is_ok()
    );
    assert_eq!(steps(&events), ["Fast Low", "got"]);
}

#[test]
fn below_low_kswapd_is_woken_and_the_request_goes_down_to_min() {
    let mut node = full(20, MigrateType::Unmovable);
    let mut events = Vec::new();
    assert!(
        node.alloc_pages(Gfp::GFP_KERNEL, 0, ME, &mut events)
            .is_ok()
    );
    expect(steps(&events), &["Slow Min", "got"]);
    // It is awake already, and not woken again.
    let mut events = Vec::new();
    assert!(
        node.alloc_pages(Gfp::GFP_KERNEL, 0, ME, &mut events)
            .is_ok()
    );
    assert_eq!(steps(&events)[2..], ["Slow Min", "got"]);
}

#[test]
fn a_request_that_cannot_sleep_ends_before_reclaim() {
    let mut node = full(16, MigrateType::Reclaimable);
    cache(&mut node, 500, false);
    let mut events = Vec::new();
    let failed = node.alloc_pages(Gfp::GFP_NOWAIT, 0, ME, &mut events);
    let failed = failed.expect_err("a failure");
    assert_eq!(
        (failed.reason, failed.free, failed.limit),
        (FailReason::Watermark, 16, 16)
    );
    expect(steps(&events), &["Slow Min", "Round Min", "fail"]);
    assert_eq!(node.nr_free_pages(), 16, "nothing was reclaimed");
}

#[test]
fn the_same_request_fails_atomically_and_succeeds_sleeping_by_reclaim() {
    let mut node = full(6, MigrateType::Reclaimable);
    cache(&mut node, 500, false);
    // Even the urgent stop at 6: 37.5 % of `min`.
    assert!(
        node.clone()
            .alloc_pages(Gfp::GFP_ATOMIC, 0, ME, &mut ())
            .is_err()
    );
    let mut events = Vec::new();
    assert!(
        node.alloc_pages(Gfp::GFP_KERNEL, 0, ME, &mut events)
            .is_ok()
    );
    let by = [
        "Slow Min",
        "Round Min",
        "reclaim",
        "AfterReclaim Min",
        "got",
    ];
    expect(steps(&events), &by);
    let evicts = events
        .iter()
        .filter(|event| matches!(event, Event::Evict { .. }));
    assert_eq!(evicts.count(), 32, "SWAP_CLUSTER_MAX");
    assert_eq!(node.verify(), Ok(()));
}

#[test]
fn dirty_cache_is_written_back_first_and_only_if_the_request_may() {
    let mut node = full(16, MigrateType::Reclaimable);
    cache(&mut node, 64, true);
    let mut events = Vec::new();
    let mut nofs = node.clone();
    assert!(
        nofs.alloc_pages(Gfp::GFP_NOFS | Gfp::NORETRY, 0, ME, &mut events)
            .is_err()
    );
    assert_eq!(nofs.nr_free_pages(), 16);
    assert!(
        !events
            .iter()
            .any(|event| matches!(event, Event::WriteBack { .. }))
    );

    let mut events = Vec::new();
    assert!(
        node.alloc_pages(Gfp::GFP_KERNEL, 0, ME, &mut events)
            .is_ok()
    );
    let first = |what: fn(&Event) -> bool| events.iter().position(what);
    let wrote = first(|event| matches!(event, Event::WriteBack { .. })).expect("a write");
    let dropped = first(|event| matches!(event, Event::Evict { .. })).expect("a drop");
    assert!(wrote < dropped);
}

#[test]
fn reclaim_looks_at_twice_as_much_in_each_round_and_spares_what_was_used() {
    let mut node = full(16, MigrateType::Reclaimable);
    cache(&mut node, 512, false);
    // All of it was used: every block gets a second turn before any is dropped.
    for pfn in 0..512 {
        assert_eq!(node.set_flags(pfn, PageFlags::REFERENCED), Ok(()));
    }
    let mut events = Vec::new();
    assert!(
        node.alloc_pages(Gfp::GFP_KERNEL, 0, ME, &mut events)
            .is_ok()
    );
    let rounds: Vec<_> = events
        .iter()
        .filter_map(|event| match *event {
            Event::Reclaimed {
                priority,
                scanned,
                reclaimed,
                ..
            } => Some((priority, scanned, reclaimed)),
            _ => None,
        })
        .collect();
    // 512 >> 9 = 1 and so on: 511 looked at in vain, then the last in its turn and 32 that had theirs.
    let vain = (1..=9).rev().map(|priority| (priority, 512 >> priority, 0));
    let expected: Vec<_> = vain.chain([(0, 33, 32)]).collect();
    assert_eq!(rounds, expected);
}

/// Movable single pages with one free page after each, `to` pages in all; unmovable memory beyond.
fn comb(to: u32) -> Node {
    let mut node = node();
    for pfn in 0..to {
        if pfn % 2 == 0 {
            take(&mut node, pfn, 0, MigrateType::Movable);
        }
    }
    for pfn in to..PAGES {
        take(&mut node, pfn, 0, MigrateType::Unmovable);
    }
    node
}

#[test]
fn the_same_request_fails_atomically_and_succeeds_sleeping_by_compaction() {
    let mut node = comb(400);
    let mut events = Vec::new();
    let failed = node
        .clone()
        .alloc_pages(Gfp::GFP_ATOMIC, 2, ME, &mut events);
    let failed = failed.expect_err("a failure");
    assert_eq!(
        (failed.reason, failed.free),
        (FailReason::Fragmentation, 200)
    );
    assert!(
        !events
            .iter()
            .any(|event| matches!(event, Event::Migrate { .. }))
    );

    let mut events = Vec::new();
    let got = node
        .alloc_pages(Gfp::GFP_KERNEL, 2, ME, &mut events)
        .expect("memory");
    // Asynchronous compaction takes from unmovable pageblocks only; reclaim has nothing; then in earnest.
    let got_by = steps(&events);
    assert_eq!(got_by[3..5], ["Slow Min", "compact Async"]);
    let by = ["compact SyncLight", "AfterCompaction Min", "got"];
    assert_eq!(got_by[got_by.len() - 3..], by);
    let moved = events
        .iter()
        .filter(|event| matches!(event, Event::Migrate { .. }));
    assert!(moved.count() >= 4);
    assert_eq!(node.block_at(got).map(|block| block.order), Some(2));
    assert_eq!(node.verify(), Ok(()));
}

#[test]
fn the_steps_of_a_request_for_which_there_is_nothing() {
    let mut node = full(16, MigrateType::Unmovable);
    let mut events = Vec::new();
    assert!(
        node.alloc_pages(Gfp::GFP_KERNEL, 0, ME, &mut events)
            .is_err()
    );
    let by = [
        "Slow Min",
        "Round Min",
        "reclaim",
        "BeforeKill High",
        "spare: Nobody",
        "fail",
    ];
    expect(steps(&events), &by);

    // With somebody to kill.
    node.set_task(OTHER, OomTask::default());
    let mut events = Vec::new();
    assert!(
        node.alloc_pages(Gfp::GFP_KERNEL, 0, ME, &mut events)
            .is_ok()
    );
    let by = [
        "Fast Low",
        "Fast Low",
        "Slow Min",
        "Round Min",
        "reclaim",
        "BeforeKill High",
        "kill 2",
        "retry 1",
        "Round Min",
        "got",
    ];
    assert_eq!(steps(&events), by);
}

#[test]
fn noretry_and_costly_requests_give_up_after_one_round() {
    let of = |gfp: Gfp, order: Order| {
        let mut node = full(200, MigrateType::Unmovable);
        for pfn in (PAGES - 200..PAGES).step_by(2) {
            take(&mut node, pfn, 0, MigrateType::Unmovable);
        }
        node.set_task(OTHER, OomTask::default());
        let mut events = Vec::new();
        assert!(node.alloc_pages(gfp, order, ME, &mut events).is_err());
        assert_eq!(node.nr_free_pages(), 100);
        steps(&events)[3..].to_vec()
    };
    let noretry = of(Gfp::GFP_KERNEL | Gfp::NORETRY, 2);
    let by = [
        "Slow Min",
        "compact Async",
        "AfterEarlyCompaction Min",
        "Round Min",
        "reclaim",
        "compact SyncLight",
        "AfterCompaction Min",
        "fail",
    ];
    assert_eq!(noretry, by);
    // For a costly request reclaim is over at once, and counts as a success, if it had better compact.
    let mut costly = of(Gfp::GFP_KERNEL, 4);
    assert_eq!(costly[5..7], ["AfterReclaim Min", "AfterUnreserve Min"]);
    costly.drain(5..7);
    assert_eq!(costly, by);
    // Costly and told to try hard: round after round, but nobody is killed.
    let hard = of(Gfp::GFP_KERNEL | Gfp::RETRY_MAYFAIL, 4);
    assert_eq!(hard[hard.len() - 2..], ["spare: Costly", "fail"]);
    let rounds = hard.iter().filter(|step| *step == "reclaim").count();
    assert!(rounds <= 17, "{rounds}");
}

#[test]
fn sixteen_rounds_without_progress_are_enough() {
    // Page cache that is locked: it might be reclaimed some day, but is not.
    let mut node = full(16, MigrateType::Reclaimable);
    cache(&mut node, 100, false);
    for pfn in 0..100 {
        assert_eq!(node.set_flags(pfn, PageFlags::LOCKED), Ok(()));
    }
    let mut events = Vec::new();
    assert!(
        node.alloc_pages(Gfp::GFP_KERNEL, 0, ME, &mut events)
            .is_err()
    );
    let rounds: Vec<_> = events
        .iter()
        .filter_map(|event| match *event {
            Event::Retry { no_progress, .. } => Some(no_progress),
            _ => None,
        })
        .collect();
    assert_eq!(rounds, (1..=16).collect::<Vec<_>>());
    assert!(steps(&events).contains(&"spare: Nobody".into()));
}

#[test]
fn before_anybody_is_killed_the_high_atomic_reserve_is_given_up() {
    let mut node = node();
    let free = |node: &Node| node.nr_free_pages();
    while free(&node) > 20 {
        assert!(node.alloc_pages(Gfp::GFP_KERNEL, 0, OTHER, &mut ()).is_ok());
    }
    // Below `low`, an order-1 atomic request reserves its pageblock: 1 % of 1024 pages is more than 8.
    let got = node
        .alloc_pages(Gfp::GFP_ATOMIC, 1, ME, &mut ())
        .expect("memory");
    assert_eq!(node.pageblock_type(got), Some(MigrateType::HighAtomic));
    // All else is taken, whatever the watermarks say; the reserve is not.
    let reserve = node
        .zone(ZoneKind::Normal)
        .expect("a zone")
        .nr_highatomic_free();
    while free(&node) > reserve {
        let gfp = Gfp::GFP_KERNEL | Gfp::MEMALLOC;
        assert!(node.alloc_pages(gfp, 0, OTHER, &mut ()).is_ok());
    }
    node.set_task(OTHER, OomTask::default());
    let mut events = Vec::new();
    assert!(
        node.alloc_pages(Gfp::GFP_KERNEL, 0, ME, &mut events)
            .is_ok()
    );
    let at = |what: fn(&Event) -> bool| events.iter().position(what);
    let unreserved = at(|event| matches!(event, Event::UnreserveHighAtomic { .. }));
    let killed = at(|event| matches!(event, Event::OomKill { .. }));
    assert!(unreserved.is_some() && unreserved < killed);
}

#[test]
fn those_who_free_memory_and_those_who_die_may_use_the_reserves() {
    let marks = |events: &[Event]| {
        let flags = events.iter().find_map(|event| match *event {
            Event::Attempt {
                stage: Stage::Round,
                mark,
                flags,
            } => Some((mark, flags)),
            _ => None,
        });
        flags.expect("a round")
    };
    let mut node = full(4, MigrateType::Unmovable);
    let mut events = Vec::new();
    let gfp = Gfp::GFP_KERNEL | Gfp::MEMALLOC;
    assert!(node.alloc_pages(gfp, 0, ME, &mut events).is_ok());
    let (mark, flags) = marks(&events);
    assert!(mark == Mark::Min && flags.contains(AllocFlags::NO_WATERMARKS));
    let refused = node.alloc_pages(gfp | Gfp::NOMEMALLOC, 0, ME, &mut ());
    assert!(refused.is_err());

    // Half of `min` for a victim, which does not wait for others to die if that does not do.
    let mut node = full(10, MigrateType::Unmovable);
    let victim = OomTask {
        victim: true,
        ..OomTask::default()
    };
    node.set_task(ME, victim);
    let mut got = 0;
    let mut events = Vec::new();
    while node
        .alloc_pages(Gfp::GFP_KERNEL, 0, ME, &mut events)
        .is_ok()
    {
        got += 1;
    }
    assert_eq!((got, node.nr_free_pages()), (2, 8));
    assert!(marks(&events).1.contains(AllocFlags::OOM));
}

#[test]
fn what_must_not_fail_takes_half_the_reserve_and_is_ended_by_the_model_only() {
    let mut node = full(16, MigrateType::Unmovable);
    let gfp = Gfp::GFP_KERNEL | Gfp::NOFAIL;
    let mut events = Vec::new();
    assert!(node.alloc_pages(gfp, 0, ME, &mut events).is_ok());
    assert!(steps(&events).contains(&"NoFail Min".into()));
    let mut node = full(8, MigrateType::Unmovable);
    let mut events = Vec::new();
    assert!(node.alloc_pages(gfp, 0, ME, &mut events).is_err());
    let ended = format!("ended {MAX_ROUNDS}");
    assert!(steps(&events).contains(&ended));
    // Without leave to sleep it fails as any other.
    let mut events = Vec::new();
    let gfp = Gfp::GFP_ATOMIC | Gfp::NOFAIL;
    let mut node = full(4, MigrateType::Unmovable);
    assert!(node.alloc_pages(gfp, 0, ME, &mut events).is_err());
    assert_eq!(steps(&events)[3..], ["Slow Min", "Round Min", "fail"]);
}

#[test]
fn without_the_file_system_a_request_is_made_to_believe_in_progress() {
    let mut node = full(16, MigrateType::Unmovable);
    node.set_task(OTHER, OomTask::default());
    let mut events = Vec::new();
    assert!(node.alloc_pages(Gfp::GFP_NOFS, 0, ME, &mut events).is_err());
    let spared = events.iter().filter(|event| {
        let why = NoKill::NoFs;
        **event == Event::OomSpare { why }
    });
    assert_eq!(spared.count(), MAX_ROUNDS as usize);
    assert!(node.nr_free_pages() == 16, "nobody was killed");
}

#[test]
fn compaction_is_tried_harder_before_somebody_is_killed() {
    // Nothing movable, but page cache to reclaim in single pages: progress without large blocks.
    let mut node = comb(400);
    for pfn in (0..400).step_by(2) {
        assert_eq!(node.set_flags(pfn, PageFlags::PINNED), Ok(()));
    }
    for pfn in (401..900).step_by(2) {
        node.lru_add(pfn);
    }
    let mut events = Vec::new();
    assert!(
        node.alloc_pages(Gfp::GFP_KERNEL, 2, ME, &mut events)
            .is_err()
    );
    let efforts: Vec<_> = events
        .iter()
        .filter_map(|event| match *event {
            Event::CompactStart { effort, .. } => Some(effort),
            _ => None,
        })
        .collect();
    for effort in [
        CompactEffort::Async,
        CompactEffort::SyncLight,
        CompactEffort::SyncFull,
    ] {
        assert!(efforts.contains(&effort), "{efforts:?}");
    }
    assert!(efforts.is_sorted());
    // After a failure compaction pauses: twice it failed, so the next three requests do without.
    let kind = ZoneKind::Normal;
    assert_eq!(
        node.compaction_memory(kind).map(|(_, pause)| pause),
        Some(4)
    );
    let mut events = Vec::new();
    let noretry = Gfp::GFP_KERNEL | Gfp::NORETRY;
    assert!(node.alloc_pages(noretry, 2, ME, &mut events).is_err());
    let skips: Vec<_> = events
        .iter()
        .filter_map(|event| match *event {
            Event::CompactSkip { result, .. } => Some(result),
            _ => None,
        })
        .collect();
    assert_eq!(skips, [CompactResult::Deferred; 2]);
    // The fourth time it is tried again, and fails again.
    let mut events = Vec::new();
    assert!(node.alloc_pages(noretry, 2, ME, &mut events).is_err());
    let efforts = |events: &[Event]| {
        let starts = events
            .iter()
            .filter(|event| matches!(event, Event::CompactStart { .. }));
        starts.count()
    };
    assert_eq!(efforts(&events), 1);
    assert_eq!(
        node.compaction_memory(kind).map(|(_, pause)| pause),
        Some(8)
    );
}
