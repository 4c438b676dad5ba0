//! The OOM killer: whom it kills, in which order, and for whom it kills nobody.

use labyrinth::mm::{
    Block, BlockState, Event, Gfp, MigrateType, NoKill, Node, NodeConfig, OomTask, Order, Owner,
    PageFlags, ZoneKind,
};

const ME: Owner = Owner(9);

/// Two zones of 256 pages, all taken but for the `min` of 4 of the upper one: 100 by task 1, 200 by task 2, 50 by task 3, the rest by the kernel.
fn full() -> Node {
    let mut config = NodeConfig::new([(ZoneKind::Dma, 256), (ZoneKind::Normal, 256)], 3);
    config.min_free_kbytes = Some(32);
    config.watermark_boost_factor = 0;
    config.lowmem_reserve_ratio = [0; ZoneKind::COUNT];
    let mut node = Node::new(config).expect("a node");
    let owners = [(1, 100), (2, 200), (3, 50)];
    let mut owners = owners
        .iter()
        .flat_map(|&(owner, pages)| std::iter::repeat_n(owner, pages));
    for pfn in 0..508 {
        let owner = Owner(if pfn >= 80 {
            owners.next().unwrap_or(0)
        } else {
            0
        });
        let none = PageFlags::empty();
        let taken = node.alloc_at(pfn, 0, MigrateType::Unmovable, owner, none, &mut ());
        assert_eq!(taken, Ok(()));
    }
    for owner in 1..=3 {
        node.set_task(Owner(owner), OomTask::default());
    }
    node
}

fn held(node: &Node, by: u16) -> u32 {
    let blocks = node.blocks().filter(|block| match block.state {
        BlockState::Allocated { owner, .. } => owner == Owner(by),
        BlockState::Free { .. } | BlockState::Cached { .. } => false,
    });
    blocks.map(|block| block.pages()).sum()
}

fn adjust(node: &mut Node, owner: u16, adj: i16) {
    let task = OomTask {
        adj,
        ..OomTask::default()
    };
    node.set_task(Owner(owner), task);
}

/// Asks for single pages until it fails; who was killed for it, with their points and pages.
fn kills(node: &mut Node) -> Vec<(u16, i64, u32)> {
    let mut events = Vec::new();
    while node
        .alloc_pages(Gfp::GFP_KERNEL, 0, ME, &mut events)
        .is_ok()
    {}
    let kills = events.iter().filter_map(|event| match *event {
        Event::OomKill {
            owner,
            points,
            pages,
        } => Some((owner.0, points, pages)),
        _ => None,
    });
    kills.collect()
}

#[test]
fn the_largest_goes_first_and_each_only_once() {
    let mut node = full();
    assert_eq!(
        kills(&mut node),
        [(2, 200, 200), (1, 100, 100), (3, 50, 50)]
    );
    for owner in 1..=3 {
        assert_eq!(held(&node, owner), 0);
    }
    // All that fell free but the `min` of the lower zone.
    assert_eq!(held(&node, ME.0), 350 - 4);
    assert_eq!(node.verify(), Ok(()));
    assert!(node.tasks().all(|(_, task)| task.victim));
}

#[test]
fn the_adjustment_changes_the_order_and_the_immune_are_spared() {
    let mut node = full();
    // A tenth of 512 pages is 51: more than task 1 lacks if task 2 is given as much less.
    adjust(&mut node, 1, 100);
    adjust(&mut node, 2, -1000);
    assert_eq!(kills(&mut node), [(1, 151, 100), (3, 50, 50)]);
    assert_eq!(held(&node, 2), 200, "immune");

    let mut node = full();
    adjust(&mut node, 3, 1000);
    assert_eq!(kills(&mut node)[0], (3, 562, 50));
}

#[test]
fn swap_and_page_tables_count_though_killing_frees_neither_here() {
    let mut node = full();
    let task = OomTask {
        swap: 170,
        pagetables: 10,
        ..OomTask::default()
    };
    node.set_task(Owner(3), task);
    assert_eq!(kills(&mut node)[0], (3, 230, 50));
}

#[test]
fn locked_and_pinned_memory_falls_free_with_its_task_and_boot_memory_does_not() {
    let mut node = full();
    let mut pages = node.blocks().filter(|block| match block.state {
        BlockState::Allocated { owner, .. } => owner == Owner(2),
        BlockState::Free { .. } | BlockState::Cached { .. } => false,
    });
    let (one, two) = (pages.next(), pages.next());
    drop(pages);
    for (block, flags) in [(one, PageFlags::LOCKED), (two, PageFlags::PINNED)] {
        let pfn = block.expect("a block").pfn;
        assert_eq!(node.set_flags(pfn, flags), Ok(()));
    }
    let freed = node.kill(Owner(2), &mut ());
    assert_eq!((freed, held(&node, 2)), (200, 0));
    let pfn = node.blocks().find(Block::is_free).expect("free").pfn;
    let reserved = PageFlags::RESERVED;
    let taken = node.alloc_at(pfn, 0, MigrateType::Unmovable, Owner(2), reserved, &mut ());
    assert_eq!(taken, Ok(()));
    assert_eq!(node.kill(Owner(2), &mut ()), 0);
    assert_eq!(node.verify(), Ok(()));
}

#[test]
fn for_some_requests_nobody_is_killed() {
    let spared = |gfp: Gfp, order: Order| {
        let mut node = full();
        let mut events = Vec::new();
        assert!(node.alloc_pages(gfp, order, ME, &mut events).is_err());
        let kill = |event: &Event| matches!(event, Event::OomKill { .. });
        assert!(!events.iter().any(kill), "{gfp}, order {order}");
        events.iter().find_map(|event| match *event {
            Event::OomSpare { why } => Some(why),
            _ => None,
        })
    };
    let kernel = Gfp::GFP_KERNEL;
    for (gfp, order, why) in [
        (kernel | Gfp::RETRY_MAYFAIL, 4, Some(NoKill::Costly)),
        (kernel | Gfp::RETRY_MAYFAIL, 0, Some(NoKill::MayFail)),
        (kernel | Gfp::THISNODE, 0, Some(NoKill::ThisNode)),
        (kernel | Gfp::DMA, 0, Some(NoKill::LowZone)),
        (Gfp::GFP_NOFS, 0, Some(NoKill::NoFs)),
        // These do not even get that far.
        (kernel, 4, None),
        (kernel | Gfp::NORETRY, 0, None),
        (Gfp::GFP_ATOMIC, 4, None),
    ] {
        assert_eq!(spared(gfp, order), why, "{gfp}, order {order}");
    }
}

#[test]
fn the_last_try_before_a_kill_asks_for_more_than_the_request_did() {
    // Between `min` and `high` this request would have been served before; above `high` it is at the last try,
    // which shows only if memory comes free meanwhile. So the try is told, and fails.
    let mut node = full();
    let mut events = Vec::new();
    assert!(
        node.alloc_pages(Gfp::GFP_KERNEL, 0, ME, &mut events)
            .is_ok()
    );
    let at = |what: &dyn Fn(&Event) -> bool| events.iter().position(what).expect("an event");
    let high = at(&|event| {
        matches!(
            event,
            Event::Attempt {
                mark: labyrinth::mm::Mark::High,
                ..
            }
        )
    });
    let kill = at(&|event| matches!(event, Event::OomKill { .. }));
    let free = at(&|event| matches!(event, Event::Free { .. }));
    let got = at(&|event| matches!(event, Event::Alloc { .. }));
    assert!(high < kill && kill < free && free < got);
}

#[test]
fn who_asks_may_be_the_one_who_dies() {
    let mut node = full();
    // Task 2 asks for more, and is the largest.
    let mut events = Vec::new();
    let got = node.alloc_pages(Gfp::GFP_KERNEL, 0, Owner(2), &mut events);
    assert!(got.is_ok(), "a task that dies gets what it needs for it");
    assert!(events.iter().any(|event| {
        matches!(
            event,
            Event::OomKill {
                owner: Owner(2),
                ..
            }
        )
    }));
    assert_eq!(held(&node, 2), 1);
}
