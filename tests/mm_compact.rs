//! Compaction: what its scanners take, what they leave, and when it is not begun at all.

use labyrinth::mm::{
    BlockState, CompactEffort, CompactResult, Compaction, Event, Gfp, MigrateType, Node,
    NodeConfig, Order, Owner, PageFlags, Pfn, Zone, ZoneConfig, ZoneKind,
};

const ME: Owner = Owner(1);

fn zone(pages: u32) -> Zone {
    let mut config = ZoneConfig::new("DMA", pages, 3);
    config.min_free_kbytes = Some(0);
    Zone::new(config).expect("a zone")
}

fn take(zone: &mut Zone, pfn: Pfn, order: Order, migratetype: MigrateType) {
    let none = PageFlags::empty();
    let taken = zone.alloc_at(pfn, order, migratetype, Owner(pfn as u16), none, &mut ());
    assert_eq!(taken, Ok(()), "frame {pfn}");
}

/// The frames of allocated blocks.
fn taken(zone: &Zone) -> Vec<Pfn> {
    let blocks = zone.blocks().filter(|block| !block.is_free());
    blocks.map(|block| block.pfn).collect()
}

fn migrates(events: &[Event]) -> Vec<(Pfn, Pfn)> {
    let moves = events.iter().filter_map(|event| match *event {
        Event::Migrate { from, to, .. } => Some((from, to)),
        _ => None,
    });
    moves.collect()
}

#[test]
fn movable_blocks_go_up_until_the_scanners_meet() {
    let mut zone = zone(128);
    for pfn in [0, 5, 17, 40, 90] {
        take(&mut zone, pfn, 0, MigrateType::Movable);
    }
    // Something in each of the upper pageblocks, so that they are not wholly free: those are left alone.
    for pfn in [100, 108, 116, 124] {
        take(&mut zone, pfn, 2, MigrateType::Unmovable);
    }
    let mut events = Vec::new();
    let done = zone.compact(&mut events);
    assert_eq!(done.result, CompactResult::Complete);
    assert_eq!(zone.verify(), Ok(()));
    // From below, in order; to the highest pageblock first, from its beginning.
    assert_eq!(
        migrates(&events),
        [(0, 120), (5, 121), (17, 122), (40, 123), (90, 112)]
    );
    assert_eq!(done.migrated, 5);
    assert!(done.migrate_pfn >> 3 >= done.free_pfn >> 3, "{done:?}");
    // Owners went along.
    let at = zone.block_at(122).map(|block| block.state);
    assert!(matches!(
        at,
        Some(BlockState::Allocated {
            owner: Owner(17),
            ..
        })
    ));
    assert_eq!(zone.largest_free_order(), Some(6));
}

#[test]
fn what_cannot_move_stays_and_large_blocks_are_left_alone() {
    let mut zone = zone(128);
    for (pfn, flags) in [
        (0, PageFlags::LOCKED),
        (1, PageFlags::PINNED),
        (2, PageFlags::EXCLUSIVE),
        (3, PageFlags::DIRTY),
    ] {
        take(&mut zone, pfn, 0, MigrateType::Movable);
        assert_eq!(zone.set_flags(pfn, flags), Ok(()));
    }
    take(&mut zone, 4, 0, MigrateType::Unmovable);
    take(&mut zone, 5, 0, MigrateType::Reclaimable);
    take(&mut zone, 8, 3, MigrateType::Movable);
    for pfn in (68..128).step_by(8) {
        take(&mut zone, pfn, 2, MigrateType::Unmovable);
    }
    let mut events = Vec::new();
    zone.compact(&mut events);
    // A block as large as a pageblock is what compaction is to make, not to take apart.
    assert_eq!(migrates(&events), [(3, 120)]);
    assert_eq!(taken(&zone)[..6], [0, 1, 2, 4, 5, 8]);
}

#[test]
fn pages_go_neither_to_isolated_pageblocks_nor_to_the_reserve_of_others() {
    let mut zone = zone(128);
    take(&mut zone, 0, 0, MigrateType::Movable);
    for pfn in (4..128).step_by(8) {
        take(&mut zone, pfn, 2, MigrateType::Unmovable);
    }
    zone.set_pageblock_type(120, MigrateType::HighAtomic);
    assert_eq!(zone.isolate(112, 3, &mut ()), Ok(()));
    zone.set_pageblock_type(104, MigrateType::Cma);
    let mut events = Vec::new();
    zone.compact(&mut events);
    assert_eq!(migrates(&events), [(0, 104)]);
    assert_eq!(zone.verify(), Ok(()));
}

#[test]
fn a_zone_without_room_is_left_as_it_is() {
    let mut zone = zone(64);
    for pfn in 0..64 {
        take(&mut zone, pfn, 0, MigrateType::Movable);
    }
    let before = zone.clone();
    let done = zone.compact(&mut ());
    assert_eq!((done.migrated, done.captured), (0, None));
    assert!(zone == before);
    // One pageblock: the scanners are in it both.
    let mut small = Zone::new(ZoneConfig::new("DMA", 8, 3)).expect("a zone");
    assert_eq!(small.compact(&mut ()).result, CompactResult::Complete);
}

/// One zone of 512 pages with `min` 4, in which every other page is movable and taken, up to `to`.
fn comb(to: u32) -> Node {
    let mut config = NodeConfig::new([(ZoneKind::Normal, 512)], 3);
    config.min_free_kbytes = Some(16);
    config.watermark_boost_factor = 0;
    let mut node = Node::new(config).expect("a node");
    let none = PageFlags::empty();
    for pfn in (0..to).step_by(2) {
        let taken = node.alloc_at(pfn, 0, MigrateType::Movable, ME, none, &mut ());
        assert_eq!(taken, Ok(()));
    }
    for pfn in to..512 {
        let taken = node.alloc_at(pfn, 0, MigrateType::Unmovable, ME, none, &mut ());
        assert_eq!(taken, Ok(()));
    }
    node
}

fn ends(events: &[Event]) -> Vec<CompactResult> {
    let ends = events.iter().filter_map(|event| match *event {
        Event::CompactEnd { result, .. } => Some(result),
        _ => None,
    });
    ends.collect()
}

fn skips(events: &[Event]) -> Vec<CompactResult> {
    let skips = events.iter().filter_map(|event| match *event {
        Event::CompactSkip { result, .. } => Some(result),
        _ => None,
    });
    skips.collect()
}

#[test]
fn a_block_is_captured_for_the_request_the_moment_it_is_whole() {
    let mut node = comb(512);
    let mut events = Vec::new();
    let got = node.alloc_pages(Gfp::GFP_HIGHUSER_MOVABLE, 2, ME, &mut events);
    let got = got.expect("memory");
    assert_eq!(ends(&events), [CompactResult::Success]);
    // The first block of four at the bottom; the rest of its pageblock was emptied with it.
    assert_eq!(got, 0);
    assert_eq!(migrates(&events)[..2], [(0, 505), (2, 507)]);
    let end = |event: &Event| matches!(event, Event::CompactEnd { .. });
    let after = events.iter().position(end).expect("an end");
    let next = &events[after + 1..];
    assert!(
        matches!(
            next,
            [Event::Alloc {
                pfn: 0,
                order: 2,
                ..
            }]
        ),
        "no further try: {next:?}"
    );
    assert_eq!(node.verify(), Ok(()));
}

#[test]
fn the_next_compaction_goes_on_where_the_last_one_found_nothing() {
    let mut node = comb(512);
    // The lower half cannot move.
    for pfn in (0..256).step_by(2) {
        assert_eq!(node.set_flags(pfn, PageFlags::PINNED), Ok(()));
    }
    let gfp = Gfp::GFP_HIGHUSER_MOVABLE | Gfp::NORETRY;
    let got = node.alloc_pages(gfp, 2, ME, &mut ()).expect("memory");
    assert_eq!(node.set_flags(got, PageFlags::PINNED), Ok(()));
    let (skipped, pause) = node.compaction_memory(ZoneKind::Normal).expect("a zone");
    assert_eq!(
        (skipped, pause),
        (32, 1),
        "32 pageblocks with nothing to take"
    );
    // Now it could; but the scanner begins above.
    for pfn in (0..256).step_by(2) {
        assert_eq!(node.clear_flags(pfn, PageFlags::PINNED), Ok(()));
    }
    let mut events = Vec::new();
    assert!(node.alloc_pages(gfp, 3, ME, &mut events).is_ok());
    assert!(migrates(&events).iter().all(|&(from, _)| from >= 256));
}

#[test]
fn costly_requests_are_compacted_for_only_if_fragmentation_is_the_reason() {
    // Half of memory is free in single pages: an index near 1000 for order 4.
    let mut node = comb(512);
    let index = node
        .zone(ZoneKind::Normal)
        .expect("a zone")
        .extfrag_index(4);
    assert!(index > 900, "{index}");
    let mut events = Vec::new();
    assert!(
        node.alloc_pages(Gfp::GFP_HIGHUSER_MOVABLE, 4, ME, &mut events)
            .is_ok()
    );
    assert_eq!(ends(&events), [CompactResult::Success]);

    // The same memory, and a threshold that nothing reaches.
    let mut config = node.config().clone();
    config.extfrag_threshold = 1000;
    let mut node = Node::new(config).expect("a node");
    for pfn in (0..512).step_by(2) {
        let taken = node.alloc_at(
            pfn,
            0,
            MigrateType::Movable,
            ME,
            PageFlags::empty(),
            &mut (),
        );
        assert_eq!(taken, Ok(()));
    }
    let mut events = Vec::new();
    assert!(
        node.alloc_pages(Gfp::GFP_HIGHUSER_MOVABLE, 4, ME, &mut events)
            .is_err()
    );
    assert_eq!(ends(&events), []);
    assert!(
        skips(&events)
            .iter()
            .all(|&result| result == CompactResult::Skipped)
    );
    // Orders that are not costly do not ask it.
    assert!(
        node.alloc_pages(Gfp::GFP_HIGHUSER_MOVABLE, 3, ME, &mut ())
            .is_ok()
    );
}

#[test]
fn without_single_pages_to_move_into_it_is_not_begun() {
    // `min` 4 and a gap of 2 << 2: twelve free pages are too few, thirteen enough.
    for (to, begun) in [(24, false), (26, true)] {
        let mut node = comb(to);
        let gfp = Gfp::GFP_KERNEL | Gfp::NORETRY;
        let mut events = Vec::new();
        // It needs no success: there is not much to move.
        let _ = node.alloc_pages(gfp, 2, ME, &mut events);
        assert_eq!(
            node.zone(ZoneKind::Normal)
                .map(|zone| zone.watermarks().min),
            Some(4)
        );
        let started = events
            .iter()
            .any(|event| matches!(event, Event::CompactStart { .. }));
        assert_eq!(started, begun, "{to}");
        assert_eq!(
            skips(&events).contains(&CompactResult::Skipped),
            !begun,
            "{to}"
        );
    }
}

#[test]
fn a_request_without_io_does_not_compact() {
    let mut events = Vec::new();
    let gfp = Gfp::GFP_NOIO | Gfp::NORETRY;
    assert!(comb(512).alloc_pages(gfp, 2, ME, &mut events).is_err());
    assert!(ends(&events).is_empty() && skips(&events).is_empty());
}

#[test]
fn asynchronous_compaction_takes_from_pageblocks_of_its_own_type_only() {
    let mut node = comb(512);
    let gfp = Gfp::GFP_KERNEL | Gfp::NORETRY;
    let mut events = Vec::new();
    // Costly and told not to try hard: asynchronous in its round too.
    assert!(node.alloc_pages(gfp, 4, ME, &mut events).is_err());
    let efforts: Vec<_> = events
        .iter()
        .filter_map(|event| match *event {
            Event::CompactStart { effort, .. } => Some(effort),
            _ => None,
        })
        .collect();
    assert_eq!(efforts, [CompactEffort::Async; 2]);
    assert_eq!(
        migrates(&events),
        [],
        "all pageblocks are movable, the request is not"
    );
    let movable = Gfp::GFP_HIGHUSER_MOVABLE | Gfp::NORETRY;
    assert!(node.alloc_pages(movable, 4, ME, &mut ()).is_ok());
}

#[test]
fn all_of_memory_can_be_compacted_at_once() {
    let mut node = comb(512);
    let before = node.fragmentation_score();
    let moved = node.compact_memory(&mut ());
    assert!(moved > 100, "{moved}");
    assert!(node.fragmentation_score() < before);
    assert_eq!(node.verify(), Ok(()));
    let again = node.compact_memory(&mut ());
    assert!(
        again < moved / 10,
        "{again}: what is together stays together"
    );
}

#[test]
fn proactive_compaction_begins_at_ninety_and_stops_at_eighty() {
    let mut node = comb(512);
    assert_eq!(node.proactive_marks(), (80, 90));
    assert!(node.fragmentation_score() > 90);
    let mut events = Vec::new();
    assert!(node.compact_proactively(&mut events));
    let score = node.fragmentation_score();
    assert!((60..=80).contains(&score), "{score}: no more than needed");
    assert_eq!(ends(&events), [CompactResult::Success]);
    assert!(!node.compact_proactively(&mut ()), "80 is not above 90");
    let mut config = node.config().clone();
    config.compaction_proactiveness = 0;
    assert!(
        !Node::new(config)
            .expect("a node")
            .compact_proactively(&mut ())
    );
}

#[test]
fn step_by_step_a_few_pages_at_a_time_make_the_block_that_is_wanted() {
    let mut zone = zone(128);
    for pfn in (0..64).step_by(2) {
        take(&mut zone, pfn, 0, MigrateType::Movable);
    }
    // Something in each of the upper pageblocks, so that they are no blocks of the order wanted.
    for pfn in (64..128).step_by(8) {
        take(&mut zone, pfn, 0, MigrateType::Unmovable);
    }
    assert_eq!(zone.set_flags(62, PageFlags::LOCKED), Ok(()));
    let mut compaction = Compaction::new(&zone);
    assert!(compaction.should_begin(&zone, 4, 0));
    let mut steps = 0;
    let result = loop {
        let mut events = Vec::new();
        let ended = compaction.step(&mut zone, 4, 3, &mut events);
        let moved = migrates(&events);
        assert!(moved.len() <= 3, "{moved:?}");
        assert!(moved.iter().all(|&(from, to)| from < to && from != 62));
        assert_eq!(zone.verify(), Ok(()));
        steps += 1;
        if let Some(result) = ended {
            break result;
        }
        assert_eq!(
            moved.len(),
            3,
            "it has more to do, and did less than it may"
        );
    };
    assert_eq!((result, steps > 2), (CompactResult::Success, true));
    assert_eq!(zone.largest_free_order(), Some(4));
    assert!(
        !compaction.should_begin(&zone, 4, 0),
        "there is such a block"
    );
}

#[test]
fn where_nothing_can_be_made_steps_end_and_a_pause_follows() {
    let mut zone = zone(64);
    for pfn in (0..64).step_by(2) {
        take(&mut zone, pfn, 0, MigrateType::Unmovable);
    }
    let mut compaction = Compaction::new(&zone);
    assert!(compaction.should_begin(&zone, 1, 0));
    assert_eq!(
        compaction.step(&mut zone, 1, 4, &mut ()),
        Some(CompactResult::Complete)
    );
    // Twice as many requests are passed over after each failure.
    assert!(!compaction.should_begin(&zone, 1, 0));
    assert!(compaction.should_begin(&zone, 1, 0));
    let words = |compaction: &Compaction| {
        let mut words = Vec::new();
        compaction.hash_words(&mut |word| words.push(word));
        words
    };
    assert_ne!(words(&compaction), words(&Compaction::new(&zone)));
}
