//! kswapd and kcompactd: when they wake, what they do in each step, and when they give up.

use labyrinth::mm::{
    CompactResult, Event, Gfp, MigrateType, Node, NodeConfig, Order, Owner, PageFlags, Pfn,
    ZoneKind,
};

const ME: Owner = Owner(1);
const PAGES: u32 = 1024;

/// One zone with `min` 16 pages, `low` 20 and `high` 24, and pageblocks of 8 pages.
fn node() -> Node {
    let mut config = NodeConfig::new([(ZoneKind::Normal, PAGES)], 3);
    config.min_free_kbytes = Some(64);
    Node::new(config).expect("a node")
}

/// A zone large enough that 1/4096 of its page cache is something: half of every pageblock, movable.
fn large(dirty: bool) -> Node {
    let mut config = NodeConfig::new([(ZoneKind::Normal, 16384)], 3);
    config.min_free_kbytes = Some(64);
    let mut node = Node::new(config).expect("a node");
    for pfn in (0..16384).step_by(8) {
        take(&mut node, pfn, 2, MigrateType::Movable);
        node.lru_add(pfn);
        if dirty {
            assert_eq!(node.set_flags(pfn, PageFlags::DIRTY), Ok(()));
        }
    }
    node
}

fn take(node: &mut Node, pfn: Pfn, order: Order, migratetype: MigrateType) {
    let taken = node.alloc_at(pfn, order, migratetype, ME, PageFlags::empty(), &mut ());
    assert_eq!(taken, Ok(()), "frame {pfn}");
}

/// All memory is page cache, in single pages, but for `free` pages at the top.
fn cached(free: u32) -> Node {
    let mut node = node();
    for pfn in 0..PAGES - free {
        take(&mut node, pfn, 0, MigrateType::Reclaimable);
        node.lru_add(pfn);
    }
    node
}

fn wakes(events: &[Event]) -> usize {
    let wakes = events
        .iter()
        .filter(|event| matches!(event, Event::WakeKswapd));
    wakes.count()
}

/// Lets kswapd run until it sleeps; its rounds, as priority, pages looked at and pages freed.
fn run(node: &mut Node) -> (Vec<(u32, u32, u32)>, Option<bool>) {
    let mut events = Vec::new();
    let mut steps = 0;
    while node.kswapd_step(&mut events) {
        steps += 1;
        assert!(steps < 1000, "it never sleeps");
    }
    let rounds = events.iter().filter_map(|event| match *event {
        Event::Reclaimed {
            kswapd: true,
            priority,
            scanned,
            reclaimed,
        } => Some((priority, scanned, reclaimed)),
        _ => None,
    });
    let hopeless = events.iter().rev().find_map(|event| match *event {
        Event::KswapdSleep { hopeless } => Some(hopeless),
        _ => None,
    });
    (rounds.collect(), hopeless)
}

#[test]
fn it_sleeps_while_there_is_enough() {
    let mut node = node();
    assert!(!node.kswapd_awake());
    assert!(!node.kswapd_step(&mut ()));
    let mut events = Vec::new();
    assert!(
        node.alloc_pages(Gfp::GFP_KERNEL, 0, ME, &mut events)
            .is_ok()
    );
    assert_eq!(wakes(&events), 0);
}

#[test]
fn woken_below_low_it_frees_until_high() {
    let mut node = cached(20);
    let mut events = Vec::new();
    assert!(
        node.alloc_pages(Gfp::GFP_KERNEL, 0, ME, &mut events)
            .is_ok()
    );
    assert_eq!((wakes(&events), node.kswapd_awake()), (1, true));
    // 19 pages are free, and 25 are above `high`. 1004 >> 12 is nothing, and so on.
    let (rounds, hopeless) = run(&mut node);
    assert_eq!(
        rounds,
        [
            (12, 0, 0),
            (11, 0, 0),
            (10, 0, 0),
            (9, 1, 1),
            (8, 3, 3),
            (7, 7, 7)
        ]
    );
    assert_eq!(hopeless, Some(false));
    assert_eq!(node.nr_free_pages(), 19 + 11);
    assert!(!node.kswapd_awake());
    assert_eq!(node.verify(), Ok(()));
}

#[test]
fn requests_without_the_bit_do_not_wake_it() {
    let mut node = cached(20);
    let quiet = Gfp::GFP_KERNEL.difference(Gfp::KSWAPD_RECLAIM);
    let mut events = Vec::new();
    assert!(node.alloc_pages(quiet, 0, ME, &mut events).is_ok());
    assert_eq!((wakes(&events), node.kswapd_awake()), (0, false));
}

#[test]
fn after_sixteen_runs_in_vain_it_is_hopeless_until_somebody_else_gets_somewhere() {
    let mut node = cached(20);
    for pfn in 0..PAGES - 20 {
        assert_eq!(node.set_flags(pfn, PageFlags::LOCKED), Ok(()));
    }
    assert!(node.alloc_pages(Gfp::GFP_KERNEL, 0, ME, &mut ()).is_ok());
    let (rounds, hopeless) = run(&mut node);
    assert_eq!((rounds.len(), hopeless), (16 * 12, Some(true)));
    assert_eq!(node.kswapd_failures(), 16);
    // Nobody wakes it now.
    let mut events = Vec::new();
    assert!(
        node.alloc_pages(Gfp::GFP_KERNEL, 0, ME, &mut events)
            .is_ok()
    );
    assert_eq!((wakes(&events), node.kswapd_awake()), (0, false));
    // A request reclaims something itself: there is hope.
    for pfn in 0..100 {
        assert_eq!(node.clear_flags(pfn, PageFlags::LOCKED), Ok(()));
    }
    while node.kswapd_failures() > 0 {
        assert!(node.alloc_pages(Gfp::GFP_KERNEL, 0, ME, &mut ()).is_ok());
    }
    while !node.kswapd_awake() {
        assert!(node.alloc_pages(Gfp::GFP_KERNEL, 0, ME, &mut ()).is_ok());
    }
    assert_eq!(run(&mut node).1, Some(false));
}

#[test]
fn a_boost_is_given_back_once_as_much_was_freed() {
    let mut node = large(false);
    let boost = |node: &Node| {
        let zone = node.zone(ZoneKind::Normal).expect("a zone");
        zone.watermark_boost()
    };
    let mut events = Vec::new();
    assert!(
        node.alloc_pages(Gfp::GFP_KERNEL, 0, ME, &mut events)
            .is_ok()
    );
    assert_eq!((boost(&node), wakes(&events)), (8, 1));
    let free = node.nr_free_pages();
    assert!(
        free > 400,
        "there is plenty: only the boost is a reason to wake"
    );
    let (rounds, hopeless) = run(&mut node);
    assert_eq!((boost(&node), hopeless), (0, Some(false)));
    let freed: u32 = rounds.iter().map(|&(_, _, reclaimed)| reclaimed).sum();
    assert_eq!(node.nr_free_pages(), free + freed);
    // 8192 >> 12 is less than a block, and one block is looked at all the same; so twice.
    assert_eq!(rounds, [(12, 4, 4), (11, 4, 4)]);
    assert!(
        !node.kcompactd_awake(),
        "a whole pageblock came free: nothing to compact for"
    );
}

#[test]
fn a_boost_is_not_worth_writing_for() {
    let mut node = large(true);
    assert!(node.alloc_pages(Gfp::GFP_KERNEL, 0, ME, &mut ()).is_ok());
    let mut events = Vec::new();
    while node.kswapd_step(&mut events) {}
    assert!(
        !events
            .iter()
            .any(|event| matches!(event, Event::WriteBack { .. }))
    );
    let zone = node.zone(ZoneKind::Normal).expect("a zone");
    assert_eq!(zone.watermark_boost(), 0, "given back all the same");
    assert!(node.kcompactd_awake(), "fragmentation was the reason");
}

#[test]
fn for_a_large_block_it_frees_pages_and_leaves_the_rest_to_kcompactd() {
    let mut node = node();
    // Every other page movable, the rest page cache but for a few: nothing large is free.
    for pfn in 0..PAGES - 40 {
        if pfn % 2 == 0 {
            take(&mut node, pfn, 0, MigrateType::Movable);
        } else {
            take(&mut node, pfn, 0, MigrateType::Reclaimable);
            node.lru_add(pfn);
        }
    }
    for pfn in (PAGES - 40..PAGES).step_by(2) {
        take(&mut node, pfn, 0, MigrateType::Unmovable);
    }
    let mut events = Vec::new();
    let failed = node.alloc_pages(Gfp::GFP_NOWAIT, 2, ME, &mut events);
    assert!(failed.is_err() && node.kswapd_awake());
    // Twice a block's pages are freed for the order; then only single pages are asked for.
    let (rounds, hopeless) = run(&mut node);
    let freed: u32 = rounds.iter().map(|&(_, _, reclaimed)| reclaimed).sum();
    assert!(freed >= 8, "{rounds:?}");
    assert_eq!(hopeless, Some(false));
    assert!(node.kcompactd_awake());
    let mut events = Vec::new();
    while node.kcompactd_step(&mut events) {}
    let ended = events.iter().find_map(|event| match *event {
        Event::CompactEnd { result, .. } => Some(result),
        _ => None,
    });
    assert_eq!(ended, Some(CompactResult::Success));
    assert!(node.alloc_pages(Gfp::GFP_NOWAIT, 2, ME, &mut ()).is_ok());
    assert_eq!(node.verify(), Ok(()));
}

#[test]
fn a_request_that_cannot_compact_itself_has_kcompactd_do_it() {
    let mut node = node();
    for pfn in (0..PAGES).step_by(2) {
        take(&mut node, pfn, 0, MigrateType::Movable);
    }
    // Out of hope: kswapd is not woken, but the request cannot sleep.
    for pfn in (0..PAGES).step_by(2) {
        node.lru_add(pfn);
        assert_eq!(node.set_flags(pfn, PageFlags::LOCKED), Ok(()));
    }
    assert!(node.alloc_pages(Gfp::GFP_NOWAIT, 2, ME, &mut ()).is_err());
    // Single pages there are enough of, so kswapd works for the order only, in vain.
    assert_eq!(run(&mut node).1, Some(true));
    while node.kcompactd_step(&mut ()) {}
    let mut events = Vec::new();
    assert!(
        node.alloc_pages(Gfp::GFP_NOWAIT, 2, ME, &mut events)
            .is_err()
    );
    assert_eq!((wakes(&events), node.kcompactd_awake()), (0, true));
}
