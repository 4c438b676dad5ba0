//! Isolated pageblocks, and moving blocks out of the way.

use labyrinth::mm::{
    Event, FailReason, Gfp, IsolateError, MigrateError, MigrateType, Order, Owner, PageFlags, Zone,
    ZoneConfig,
};

const UNMOVABLE: MigrateType = MigrateType::Unmovable;
const MOVABLE: MigrateType = MigrateType::Movable;
const ISOLATE: MigrateType = MigrateType::Isolate;
const USER: Gfp = Gfp::GFP_HIGHUSER_MOVABLE;
const ME: Owner = Owner(1);

fn zone() -> Zone {
    let mut config = ZoneConfig::new("DMA", 4096, 4);
    config.watermark_boost_factor = 0;
    Zone::new(config).expect("a zone")
}

/// A zone with all memory taken but one isolated pageblock, half of which is free.
fn isolated_rest() -> Zone {
    let mut zone = zone();
    for pfn in (0..4096).step_by(16) {
        if pfn != 160 {
            let none = PageFlags::empty();
            assert_eq!(zone.alloc_at(pfn, 4, MOVABLE, ME, none, &mut ()), Ok(()));
        }
    }
    assert_eq!(
        zone.alloc_at(168, 3, MOVABLE, ME, PageFlags::empty(), &mut ()),
        Ok(())
    );
    assert_eq!(zone.isolate(160, 4, &mut ()), Ok(()));
    zone
}

#[test]
fn exclusive_requests_take_isolated_memory_last_and_nobody_else_does() {
    let mut zone = isolated_rest();
    assert_eq!(
        (zone.nr_free_pages(), zone.nr_isolated(), zone.nr_free(3)),
        (0, 8, 1)
    );
    assert_eq!(
        (zone.largest_free_order(), zone.nr_free_of(3, ISOLATE)),
        (None, 1)
    );
    for gfp in [Gfp::GFP_ATOMIC | Gfp::MEMALLOC, Gfp::GFP_KERNEL, USER] {
        assert!(zone.alloc_pages(gfp, 0, ME, &mut ()).is_err());
    }
    let foretold = zone.try_alloc(Gfp::GFP_ATOMIC, 2);
    let mut events = Vec::new();
    assert_eq!(
        zone.alloc_exclusive(Gfp::GFP_ATOMIC, 2, ME, &mut events),
        Ok(160)
    );
    assert_eq!(foretold, Ok(160));
    assert!(events.contains(&Event::Split {
        pfn: 160,
        order: 3,
        list: ISOLATE
    }));
    // Nor does it without need.
    assert_eq!(zone.free_pages(0, 4, &mut ()), Ok(()));
    let failure = zone
        .alloc_exclusive(Gfp::GFP_ATOMIC, 3, ME, &mut ())
        .expect_err("16 < 48");
    assert_eq!(failure.reason, FailReason::Watermark);
    let urgent = Gfp::GFP_ATOMIC | Gfp::MEMALLOC;
    assert_eq!(zone.alloc_exclusive(urgent, 2, ME, &mut ()), Ok(0));
    assert_eq!(zone.verify(), Ok(()));
}

#[test]
fn isolation_cuts_at_its_bounds_and_is_undone() {
    let mut zone = zone();
    let before = zone.free_counts();
    let mut events = Vec::new();
    assert_eq!(zone.isolate(1056, 5, &mut events), Ok(()));
    assert_eq!(
        events[0],
        Event::Isolate {
            pfn: 1056,
            order: 5
        }
    );
    let splits: Vec<_> = events[1..]
        .iter()
        .map(|event| match *event {
            Event::Split { pfn, order, .. } => (pfn, order),
            ref other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        splits,
        [(1024, 10), (1024, 9), (1024, 8), (1024, 7), (1024, 6)]
    );
    assert_eq!((zone.nr_isolated(), zone.nr_free_pages()), (32, 4064));
    assert_eq!(
        zone.free_list(5, ISOLATE).collect::<Vec<_>>(),
        [1056],
        "in one piece"
    );
    assert_eq!(zone.verify(), Ok(()));
    events.clear();
    zone.unisolate(1056, 5, &mut events);
    assert_eq!(
        events[0],
        Event::Unisolate {
            pfn: 1056,
            order: 5
        }
    );
    let merged = events[1..]
        .iter()
        .filter(|event| matches!(event, Event::Merge { .. }));
    assert_eq!((merged.count(), events.len()), (5, 6));
    assert_eq!(
        (zone.free_counts(), zone.nr_isolated(), zone.verify()),
        (before, 0, Ok(()))
    );
    // It goes to the tail.
    assert_eq!(
        zone.free_list(10, MOVABLE).collect::<Vec<_>>(),
        [0, 2048, 3072, 1024]
    );
    events.clear();
    zone.unisolate(1056, 5, &mut events);
    assert!(events.is_empty(), "nothing is isolated");
}

#[test]
fn isolation_remembers_types_and_frees_stay_inside() {
    let mut zone = zone();
    let kernel = zone
        .alloc_pages(Gfp::GFP_KERNEL, 0, ME, &mut ())
        .expect("memory");
    assert_eq!(zone.pageblock_type(kernel), UNMOVABLE);
    assert_eq!(zone.isolate(0, 4, &mut ()), Ok(()));
    assert_eq!(zone.pageblock_type(kernel), ISOLATE);
    assert_eq!(zone.free_pages(kernel, 0, &mut ()), Ok(()));
    assert_eq!(
        (
            zone.nr_isolated(),
            zone.block_at(0).map(|block| block.order)
        ),
        (16, Some(4))
    );
    // Typed meanwhile: that is what it becomes.
    zone.set_pageblock_type(0, MOVABLE);
    assert_eq!(zone.pageblock_type(0), ISOLATE);
    zone.unisolate(0, 4, &mut ());
    assert_eq!((zone.nr_isolated(), zone.verify()), (0, Ok(())));
    assert_eq!(zone.nr_free(10), 4, "all of it merged again");
}

#[test]
fn what_is_put_back_queues_at_the_tail() {
    let mut zone = zone();
    let none = PageFlags::empty();
    // Single free pages in two pageblocks.
    for pfn in [1, 3, 17, 19] {
        assert_eq!(zone.alloc_at(pfn, 0, MOVABLE, ME, none, &mut ()), Ok(()));
    }
    let list = |zone: &Zone, list| zone.free_list(0, list).collect::<Vec<_>>();
    assert_eq!(list(&zone, MOVABLE), [18, 16, 2, 0]);
    assert_eq!(zone.isolate(16, 4, &mut ()), Ok(()));
    assert_eq!(
        (list(&zone, MOVABLE), list(&zone, ISOLATE)),
        (vec![2, 0], vec![16, 18])
    );
    zone.unisolate(16, 4, &mut ());
    assert_eq!(list(&zone, MOVABLE), [2, 0, 16, 18]);
}

#[test]
fn isolation_is_refused_for_its_reason() {
    let mut zone = zone();
    assert_eq!(zone.isolate(64, 5, &mut ()), Ok(()));
    let before = zone.clone();
    for (pfn, order, error) in [
        (0, 3, IsolateError::Order { pageblock: 4 }),
        (0, 11, IsolateError::Order { pageblock: 4 }),
        (16, 5, IsolateError::Misaligned),
        (4096, 4, IsolateError::OutOfRange),
        (64, 4, IsolateError::Busy { pfn: 64 }),
        (0, 10, IsolateError::Busy { pfn: 64 }),
    ] {
        let mut events = Vec::new();
        assert_eq!(zone.isolate(pfn, order, &mut events), Err(error));
        assert!(zone == before && events.is_empty());
    }
}

#[test]
fn migration_goes_to_the_top_of_memory_and_takes_all_along() {
    let mut zone = zone();
    let pfn = zone
        .alloc_pages(USER | Gfp::ZERO, 2, Owner(3), &mut ())
        .expect("memory");
    let state = zone.block_at(pfn).map(|block| block.state);
    let mut events = Vec::new();
    assert_eq!(zone.migrate(pfn, &mut events), Ok(4092));
    assert_eq!(zone.block_at(4092).map(|block| block.state), state);
    let splits: Vec<Order> = events
        .iter()
        .filter_map(|event| match event {
            Event::Split { order, .. } => Some(*order),
            _ => None,
        })
        .collect();
    assert_eq!(splits, [10, 9, 8, 7, 6, 5, 4, 3]);
    let moved = Event::Migrate {
        from: pfn,
        to: 4092,
        order: 2,
        owner: Owner(3),
    };
    assert_eq!(events[8], moved);
    assert!(
        events[9..]
            .iter()
            .all(|event| matches!(event, Event::Merge { .. }))
    );
    assert!(
        !events
            .iter()
            .any(|event| matches!(event, Event::Alloc { .. } | Event::Free { .. }))
    );
    assert_eq!((zone.nr_free_pages(), zone.verify()), (4092, Ok(())));
}

#[test]
fn migration_is_refused_for_its_reason() {
    let mut zone = isolated_rest();
    // Free memory there is, but isolated.
    assert_eq!(zone.migrate(0, &mut ()), Err(MigrateError::Enomem));
    zone.unisolate(160, 4, &mut ());
    assert_eq!(
        zone.migrate(0, &mut ()),
        Err(MigrateError::Enomem),
        "8 pages for 16"
    );
    assert_eq!(zone.migrate(168, &mut ()), Ok(160));
    assert_eq!(zone.migrate(161, &mut ()), Err(MigrateError::NotHead));
    assert_eq!(
        zone.migrate(168, &mut ()),
        Err(MigrateError::NotHead),
        "free"
    );
    assert_eq!(zone.set_flags(160, PageFlags::PINNED), Ok(()));
    assert_eq!(zone.migrate(160, &mut ()), Err(MigrateError::Busy));
    let none = PageFlags::empty();
    assert_eq!(zone.alloc_at(168, 0, UNMOVABLE, ME, none, &mut ()), Ok(()));
    assert_eq!(zone.migrate(168, &mut ()), Err(MigrateError::NotMovable));
    // The high-atomic reserve is no target either.
    zone.set_pageblock_type(160, MigrateType::HighAtomic);
    assert_eq!(zone.alloc_at(169, 0, MOVABLE, ME, none, &mut ()), Ok(()));
    assert_eq!(zone.migrate(169, &mut ()), Err(MigrateError::Enomem));
    assert_eq!(zone.verify(), Ok(()));
}
