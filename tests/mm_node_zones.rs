//! The zones of a node: their marks and reserves as a running kernel has them, and which of them a request is served
//! from.

use std::str::FromStr;

use labyrinth::mm::{
    AllocFlags, BlockState, Event, FreeError, Gfp, Mark, MigrateType, Node, NodeConfig, NodeError,
    NodeZone, Owner, PageFlags, PassReason, Stage, ZoneKind,
};

const ME: Owner = Owner(1);

type Z = ZoneKind;

fn node(zones: &[(ZoneKind, u32)]) -> Node {
    Node::new(NodeConfig::new(zones.iter().copied(), 3)).expect("a node")
}

/// Numbers in a line, after its first word.
fn numbers<T: FromStr>(line: &str) -> Vec<T> {
    let words = line.split(|c: char| !c.is_ascii_digit());
    words.filter_map(|word| word.parse().ok()).collect()
}

/// Watermarks, managed pages, protection and first frame of each zone of a `/proc/zoneinfo`.
fn zoneinfo(text: &str) -> Vec<(String, [u32; 4], u32, Vec<u32>, u32)> {
    let mut zones = Vec::new();
    for part in text.split("Node 0, zone").skip(1) {
        let name = part.lines().next().expect("a name").trim().to_owned();
        let of = |key: &str| {
            let line = part.lines().find(|line| line.trim_start().starts_with(key));
            numbers::<u32>(line.unwrap_or_default())
        };
        let one = |key| of(key).first().copied().unwrap_or(0);
        let marks = [one("min "), one("low "), one("high "), one("promo ")];
        let managed = one("managed ");
        if managed > 0 {
            zones.push((name, marks, managed, of("protection:"), one("start_pfn:")));
        }
    }
    zones
}

#[test]
fn marks_and_reserves_are_those_of_a_running_kernel() {
    let live = zoneinfo(include_str!("data/zoneinfo.txt"));
    assert_eq!(live.len(), 3, "{live:?}");
    let mut config = NodeConfig::new([], 9);
    config.min_free_kbytes = Some(67584);
    for (name, _, managed, _, start) in &live {
        let mut kinds = ZoneKind::ALL.into_iter();
        let kind = kinds.find(|kind| kind.name() == name).expect("a kind");
        config.zones.push(NodeZone {
            kind,
            pages: *managed,
            // The live zone begins at frame 1, for frame 0 is kept from it. Blocks do not care.
            start: Some(if *start == 1 { 0 } else { *start }),
        });
    }
    let node = Node::new(config).expect("a node");
    for ((kind, _, zone), (name, marks, _, protection, _)) in node.zones().zip(&live) {
        let w = zone.watermarks();
        assert_eq!([w.min, w.low, w.high, w.promo], *marks, "{name}");
        let reserve = node.protection(kind).expect("a zone");
        assert_eq!(reserve.as_slice(), protection, "{name}");
    }
    assert_eq!(node.zone_of(0x000f_ffff), None, "the hole below 4 GiB");
    assert_eq!(node.zone_of(0x0010_0000), Some(ZoneKind::Normal));
}

#[test]
fn min_free_is_computed_from_low_memory_and_movable_memory_has_its_own_min() {
    let node = node(&[(ZoneKind::Normal, 16384), (ZoneKind::Movable, 65536)]);
    // 64 MiB of low memory: the kernel's own table says 1024.
    assert_eq!(node.min_free_kbytes(), 1024);
    let normal = node.zone(ZoneKind::Normal).expect("a zone").watermarks();
    assert_eq!((normal.min, normal.low, normal.high), (256, 320, 384));
    // 1/1024 of it; the gap is a quarter of what its share would have been, 256 * 65536 / 16384.
    let movable = node.zone(ZoneKind::Movable).expect("a zone").watermarks();
    assert_eq!((movable.min, movable.low, movable.high), (64, 320, 576));
    // Normal memory keeps 1/32 of movable memory from requests that could use that.
    assert_eq!(node.protection(ZoneKind::Normal), Some([0, 0, 0, 0, 2048]));
}

#[test]
fn misplaced_zones_are_refused_for_their_reason() {
    let of = |zones: &[(ZoneKind, u32, Option<u32>)]| {
        let mut config = NodeConfig::new([], 3);
        config.zones = zones
            .iter()
            .map(|&(kind, pages, start)| NodeZone { kind, pages, start })
            .collect();
        Node::new(config)
            .map(|_| ())
            .expect_err("an error")
            .to_string()
    };
    let (dma, normal) = (ZoneKind::Dma, ZoneKind::Normal);
    assert_eq!(of(&[]), NodeError::NoZones.to_string());
    for (zones, says) in [
        (
            vec![(normal, 64, None), (dma, 64, None)],
            "does not come after",
        ),
        (
            vec![(dma, 64, None), (dma, 64, None)],
            "does not come after",
        ),
        (vec![(dma, 64, None), (normal, 64, Some(32))], "ends at 64"),
        (vec![(dma, 64, Some(8))], "not a multiple of 64 pages"),
        (
            vec![(dma, 4096, Some(u32::MAX - 1023))],
            "frame numbers end at",
        ),
        (vec![(dma, 0, None)], "between 1 and"),
    ] {
        let error = of(&zones);
        assert!(error.contains(says), "{error}");
    }
}

#[test]
fn zones_follow_one_another_each_at_a_multiple_of_its_largest_block() {
    let node = node(&[(ZoneKind::Dma, 100), (ZoneKind::Normal, 3000)]);
    let starts: Vec<_> = node.zones().map(|(kind, start, _)| (kind, start)).collect();
    assert_eq!(starts, [(ZoneKind::Dma, 0), (ZoneKind::Normal, 1024)]);
    assert_eq!(node.block_at(100), None);
    assert_eq!(node.block_at(1024).map(|block| block.order), Some(10));
    let mut node = node;
    assert_eq!(node.free_pages(500, 0, &mut ()), Err(FreeError::OutOfRange));
    assert_eq!(
        node.free_pages(1024, 0, &mut ()),
        Err(FreeError::DoubleFree)
    );
    let by = (MigrateType::Movable, ME, PageFlags::empty());
    assert_eq!(node.alloc_at(1032, 3, by.0, by.1, by.2, &mut ()), Ok(()));
    let interior = FreeError::Interior {
        head: 1032,
        order: 3,
    };
    assert_eq!(node.free_pages(1034, 1, &mut ()), Err(interior));
    assert_eq!(node.free_pages(1032, 3, &mut ()), Ok(()));
    assert_eq!(node.verify(), Ok(()));
}

#[test]
fn requests_fall_back_downwards_only() {
    let zones = [
        (ZoneKind::Dma, 512),
        (ZoneKind::Dma32, 512),
        (ZoneKind::Normal, 1024),
        (ZoneKind::Movable, 1024),
    ];
    let mut config = NodeConfig::new(zones, 3);
    config.lowmem_reserve_ratio = [0; ZoneKind::COUNT];
    let fresh = Node::new(config).expect("a node");
    let served = |gfp: Gfp| {
        let mut node = fresh.clone();
        let mut zones = Vec::new();
        while let Ok(pfn) = node.alloc_pages(gfp, 0, ME, &mut ()) {
            zones.push(node.zone_of(pfn).expect("a zone"));
        }
        let first = zones.first().copied();
        zones.sort();
        zones.dedup();
        assert_eq!(first, zones.last().copied(), "the highest comes first");
        zones
    };
    let atomic = Gfp::GFP_NOWAIT;
    assert_eq!(served(atomic | Gfp::DMA), [Z::Dma]);
    assert_eq!(served(atomic | Gfp::DMA32), [Z::Dma, Z::Dma32]);
    assert_eq!(served(atomic), [Z::Dma, Z::Dma32, Z::Normal]);
    let all = [Z::Dma, Z::Dma32, Z::Normal, Z::Movable];
    assert_eq!(served(atomic | Gfp::HIGHMEM | Gfp::MOVABLE), all);

    // A node without that kind of zone takes the next lower one, or has nothing.
    let mut small = node(&[(Z::Normal, 512)]);
    let got = small.alloc_pages(Gfp::GFP_HIGHUSER_MOVABLE, 0, ME, &mut ());
    assert!(got.is_ok());
    let got = small.alloc_pages(Gfp::GFP_KERNEL | Gfp::DMA, 0, ME, &mut ());
    assert_eq!(got.map_err(|failure| failure.free), Err(0));
}

#[test]
fn a_lower_zone_keeps_its_reserve_from_those_who_could_have_used_a_higher_one() {
    let mut node = node(&[(ZoneKind::Dma, 512), (ZoneKind::Normal, 8192)]);
    let reserve = 8192 / 256;
    assert_eq!(
        node.protection(ZoneKind::Dma),
        Some([0, 0, reserve, reserve, reserve])
    );
    let dma = |node: &Node| node.zone(ZoneKind::Dma).expect("a zone").nr_free_pages();
    let marks = node.zone(ZoneKind::Dma).expect("a zone").watermarks();
    // Not urgent and cannot sleep: stops at `min`, above the reserve.
    while node.alloc_pages(Gfp::GFP_NOWAIT, 0, ME, &mut ()).is_ok() {}
    assert_eq!(dma(&node), marks.min + reserve);
    // A request for this zone is not kept from the reserve.
    let gfp = Gfp::GFP_NOWAIT | Gfp::DMA;
    while node.alloc_pages(gfp, 0, ME, &mut ()).is_ok() {}
    assert_eq!(dma(&node), marks.min);
    // What a failed request tells of the zones it went through is what kept it out.
    let mut events = Vec::new();
    let failed = node.alloc_pages(Gfp::GFP_NOWAIT, 0, ME, &mut events);
    assert!(failed.is_err());
    let passed = events.iter().find_map(|event| match *event {
        Event::PassOver {
            zone: ZoneKind::Dma,
            why,
            free,
            limit,
        } => Some((why, free, limit)),
        _ => None,
    });
    let expected = (PassReason::Watermark, marks.min, marks.low + reserve);
    assert_eq!(passed, Some(expected));
    assert_eq!(node.verify(), Ok(()));
}

#[test]
fn normal_memory_is_not_mixed_while_a_lower_zone_has_a_block() {
    let fresh = node(&[(ZoneKind::Dma32, 512), (ZoneKind::Normal, 512)]);
    // Normal memory is all movable, and has free blocks smaller than a pageblock only.
    let fill = |node: &mut Node| {
        let (_, start, zone) = node.zones().nth(1).expect("a zone");
        let end = start + zone.pages();
        for pfn in (start..end).step_by(8) {
            let taken = node.alloc_at(
                pfn,
                2,
                MigrateType::Movable,
                ME,
                PageFlags::empty(),
                &mut (),
            );
            assert_eq!(taken, Ok(()));
        }
        start
    };
    let mut normal = fresh.clone();
    let start = fill(&mut normal);
    let mut events = Vec::new();
    let got = normal
        .alloc_pages(Gfp::GFP_KERNEL, 0, ME, &mut events)
        .expect("memory");
    assert!(got < start, "from DMA32");
    let over = events.iter().find_map(|event| match *event {
        Event::PassOver { zone, why, .. } => Some((zone, why)),
        _ => None,
    });
    assert_eq!(over, Some((ZoneKind::Normal, PassReason::WouldMix)));
    assert_eq!(normal.pageblock_type(start), Some(MigrateType::Movable));

    // Without another zone it is mixed after all, in a second round of the same try.
    let mut alone = Node::new(NodeConfig::new([(ZoneKind::Normal, 512)], 3)).expect("a node");
    for pfn in (0..512).step_by(8) {
        let taken = alone.alloc_at(
            pfn,
            2,
            MigrateType::Movable,
            ME,
            PageFlags::empty(),
            &mut (),
        );
        assert_eq!(taken, Ok(()));
    }
    let mut events = Vec::new();
    let got = alone
        .alloc_pages(Gfp::GFP_KERNEL, 0, ME, &mut events)
        .expect("memory");
    let tries: Vec<_> = events
        .iter()
        .filter_map(|event| match *event {
            Event::Attempt { stage, mark, flags } => {
                Some((stage, mark, flags.contains(AllocFlags::NOFRAGMENT)))
            }
            _ => None,
        })
        .collect();
    let both = [
        (Stage::Fast, Mark::Low, true),
        (Stage::Fast, Mark::Low, false),
    ];
    assert_eq!(tries, both);
    let block = alone.block_at(got).expect("in the node");
    assert!(matches!(block.state, BlockState::Allocated { .. }));
    assert!(
        events
            .iter()
            .any(|event| matches!(event, Event::Fallback { .. }))
    );
}

#[test]
fn the_boost_of_one_zone_is_not_that_of_another() {
    let mut node = Node::new(NodeConfig::new(
        [(ZoneKind::Dma32, 512), (ZoneKind::Normal, 512)],
        3,
    ))
    .expect("a node");
    for pfn in (512..1024).step_by(8) {
        let taken = node.alloc_at(
            pfn,
            2,
            MigrateType::Movable,
            ME,
            PageFlags::empty(),
            &mut (),
        );
        assert_eq!(taken, Ok(()));
    }
    let boost = |node: &Node, kind| node.zone(kind).expect("a zone").watermark_boost();
    // For movable memory of this zone only, then unmovable: a claim of part of a pageblock.
    while node.zone(ZoneKind::Dma32).expect("a zone").nr_free_pages() > 0 {
        let gfp = Gfp::GFP_KERNEL | Gfp::DMA32 | Gfp::MEMALLOC;
        assert!(node.alloc_pages(gfp, 0, ME, &mut ()).is_ok());
    }
    let mut events = Vec::new();
    let got = node.alloc_pages(Gfp::GFP_KERNEL, 0, ME, &mut events);
    assert!(got.is_ok_and(|pfn| pfn >= 512));
    assert!(boost(&node, ZoneKind::Normal) > 0);
    assert_eq!(boost(&node, ZoneKind::Dma32), 0);
    assert!(node.kswapd_awake());
    assert_eq!(node.verify(), Ok(()));
}
