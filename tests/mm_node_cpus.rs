//! Per-CPU page lists in a node: limits by zone, what is stuck on them, and when they are emptied.

use labyrinth::mm::{
    BlockState, CpuError, Event, Gfp, MigrateType, Node, NodeConfig, OomTask, Owner, Pfn, Stage,
    ZoneKind, pcp_limits,
};

const MOVABLE: Gfp = Gfp::GFP_HIGHUSER_MOVABLE;

fn node(zones: &[(ZoneKind, u32)], cpus: u16) -> Node {
    let mut config = NodeConfig::new(zones.iter().copied(), 4);
    config.cpus = cpus;
    Node::new(config).expect("a node")
}

/// Takes single pages until no request for one gets any without reclaiming.
fn fill(node: &mut Node) -> Vec<Pfn> {
    let mut held = Vec::new();
    while let Ok(pfn) = node.alloc_pages(MOVABLE - Gfp::DIRECT_RECLAIM, 0, Owner(1), &mut ()) {
        held.push(pfn);
    }
    held
}

#[test]
fn a_node_has_no_such_lists_unless_asked() {
    let mut node = node(&[(ZoneKind::Normal, 4096)], 0);
    assert_eq!(node.set_cpu(0), Err(CpuError { cpu: 0, cpus: 0 }));
    let pfn = node.alloc_pages(MOVABLE, 0, Owner(1), &mut ());
    assert_eq!(node.free_pages(pfn.expect("a page"), 0, &mut ()), Ok(()));
    assert_eq!((node.nr_pcp_pages(), node.drain_all(&mut ())), (0, 0));
    assert_eq!(node.nr_free_pages(), 4096);
}

#[test]
fn limits_follow_each_zones_own_watermarks() {
    let golden = [
        (3840, 1, 6, 240),
        (772_915, 63, 1444, 48_307),
        (5_394_266, 63, 10_081, 337_141),
    ];
    let kinds = [ZoneKind::Dma, ZoneKind::Dma32, ZoneKind::Normal];
    let zones = kinds.into_iter().zip(golden.map(|zone| zone.0));
    let mut config = NodeConfig::new(zones, 9);
    config.min_free_kbytes = Some(67_584);
    config.cpus = 2;
    let node = Node::new(config).expect("a node");
    for ((_, _, zone), (_, batch, high_min, high_max)) in node.zones().zip(golden) {
        let limits = zone.pcp_limits().expect("lists");
        let figures = (limits.batch, limits.high_min, limits.high_max);
        assert_eq!(figures, (batch, high_min, high_max));
        let high = zone.cpu_pages(1).expect("a second CPU").high;
        assert_eq!(high, high_min);
    }
}

#[test]
fn limits_follow_memory_set_aside_at_boot() {
    let mut node = node(&[(ZoneKind::Normal, 65_536)], 1);
    let flags = labyrinth::mm::PageFlags::RESERVED;
    for pfn in (0..16_384).step_by(1024) {
        let kernel = MigrateType::Unmovable;
        let set_aside = node.alloc_at(pfn, 10, kernel, Owner::NONE, flags, &mut ());
        assert_eq!(set_aside, Ok(()));
    }
    let zone = node.zone(ZoneKind::Normal).expect("the zone");
    let low = zone.watermarks().low;
    assert_eq!(zone.pcp_limits(), Some(pcp_limits(65_536 - 16_384, low, 1)));
    assert_eq!(node.verify(), Ok(()));
}

#[test]
fn a_cpu_keeps_pages_of_every_zone() {
    let mut node = node(&[(ZoneKind::Dma32, 4096), (ZoneKind::Normal, 8192)], 2);
    assert_eq!(node.set_cpu(1), Ok(()));
    for gfp in [Gfp::GFP_KERNEL, Gfp::GFP_KERNEL | Gfp::DMA32] {
        let pfn = node.alloc_pages(gfp, 0, Owner(1), &mut ()).expect("a page");
        assert_eq!(node.free_pages(pfn, 0, &mut ()), Ok(()));
        let block = node.block_at(pfn).expect("in the node");
        let list = MigrateType::Unmovable;
        // The first page of an unmovable kind claimed its pageblock.
        assert_eq!(block.state, BlockState::Cached { cpu: 1, list });
        assert_eq!(node.alloc_pages(gfp, 0, Owner(2), &mut ()), Ok(pfn));
        assert_eq!(node.free_pages(pfn, 0, &mut ()), Ok(()));
    }
    let kept = node.nr_pcp_pages();
    assert!(kept >= 2);
    let mut events = Vec::new();
    assert_eq!(node.drain_all(&mut events), kept);
    let merged = |event: &Event| matches!(event, Event::Merge { pfn, .. } if *pfn >= 4096);
    assert!(
        events.iter().any(merged),
        "told by the machine's frame numbers"
    );
    assert_eq!((node.nr_pcp_pages(), node.nr_free_pages()), (0, 12_288));
    assert_eq!(node.set_cpu(2), Err(CpuError { cpu: 2, cpus: 2 }));
    assert_eq!(node.verify(), Ok(()));
}

#[test]
fn direct_reclaim_empties_the_lists_once_it_has_freed_something_in_vain() {
    let mut node = node(&[(ZoneKind::Normal, 1024)], 2);
    let held = fill(&mut node);
    node.lru_add(held[0]);
    assert_eq!(node.set_cpu(1), Ok(()));
    for &pfn in &held[1..4] {
        assert_eq!(node.free_pages(pfn, 0, &mut ()), Ok(()));
    }
    assert_eq!(node.set_cpu(0), Ok(()));
    let kept = node.nr_pcp_pages();
    assert!(kept >= 3, "{kept}");
    let mut events = Vec::new();
    let got = node.alloc_pages(Gfp::GFP_KERNEL, 0, Owner(2), &mut events);
    let stages: Vec<Stage> = events
        .iter()
        .filter_map(|event| match event {
            Event::Attempt { stage, .. } => Some(*stage),
            _ => None,
        })
        .collect();
    assert!(got.is_ok(), "{stages:?}");
    assert_eq!(stages.last(), Some(&Stage::AfterUnreserve), "{stages:?}");
    assert_eq!(node.verify(), Ok(()));
}

#[test]
fn nothing_of_a_killed_task_stays_on_the_lists() {
    let mut node = node(&[(ZoneKind::Normal, 1024)], 1);
    let held = fill(&mut node);
    node.set_task(Owner(1), OomTask::default());
    let before = node.nr_free_pages();
    let freed = node.kill(Owner(1), &mut ());
    assert_eq!(freed, held.len() as u32);
    assert_eq!(node.nr_pcp_pages(), 0);
    assert!(node.nr_free_pages() >= before + freed);
    assert_eq!(node.verify(), Ok(()));
}

#[test]
fn an_exact_range_is_claimed_from_the_lists_too() {
    let mut node = node(&[(ZoneKind::Normal, 4096)], 1);
    let pages = [(); 40].map(|()| {
        node.alloc_pages(MOVABLE, 0, Owner(1), &mut ())
            .expect("a page")
    });
    for &pfn in &pages[..3] {
        assert_eq!(node.free_pages(pfn, 0, &mut ()), Ok(()));
    }
    let kept = node.block_at(pages[0]).expect("in the node");
    assert!(matches!(kept.state, BlockState::Cached { .. }));
    let (start, end) = (pages[0], pages[0] + 16);
    let by = MigrateType::Movable;
    let taken = node.alloc_contig_range(start, end, by, Owner(9), &mut ());
    assert_eq!(taken, Ok(vec![(start, 4)]));
    assert_eq!(node.verify(), Ok(()));
}
