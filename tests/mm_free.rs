//! Splitting, merging, where blocks go on their lists, and which frees are refused.

use labyrinth::mm::{
    AtError, BlockState, ConfigError, Event, FreeError, Gfp, MigrateType, Order, Owner, PageFlags,
    Pfn, Zone, ZoneConfig,
};

const MOVABLE: MigrateType = MigrateType::Movable;
const GFP: Gfp = Gfp::GFP_HIGHUSER_MOVABLE;
const ME: Owner = Owner(7);

fn zone(pages: u32, pageblock_order: Order) -> Zone {
    let mut config = ZoneConfig::new("DMA", pages, pageblock_order);
    config.min_free_kbytes = Some(0);
    Zone::new(config).expect("a zone")
}

fn alloc(zone: &mut Zone, order: Order) -> Pfn {
    zone.alloc_pages(GFP, order, ME, &mut ()).expect("memory")
}

fn list(zone: &Zone, order: Order) -> Vec<Pfn> {
    zone.free_list(order, MOVABLE).collect()
}

#[test]
fn a_new_zone_is_free_in_the_largest_blocks_in_ascending_order() {
    let four = zone(4096, 4);
    assert_eq!(list(&four, 10), [0, 1024, 2048, 3072]);
    assert_eq!(four.free_counts(), [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4]);
    assert_eq!(four.verify(), Ok(()));

    let odd = zone(1024 + 256 + 7, 4);
    assert_eq!(odd.free_counts(), [1, 1, 1, 0, 0, 0, 0, 0, 1, 0, 1]);
    let blocks: Vec<_> = odd.blocks().map(|block| (block.pfn, block.order)).collect();
    assert_eq!(
        blocks,
        [(0, 10), (1024, 8), (1280, 2), (1284, 1), (1286, 0)]
    );
    assert_eq!(odd.block_at(1286).map(|block| block.pfn), Some(1286));
    assert_eq!(odd.block_at(1287), None);
    assert_eq!(odd.verify(), Ok(()));
}

#[test]
fn settings_out_of_range_are_refused() {
    let with = |change: fn(&mut ZoneConfig)| {
        let mut config = ZoneConfig::new("DMA", 4096, 4);
        change(&mut config);
        Zone::new(config).expect_err("out of range")
    };
    assert!(matches!(
        with(|c| c.pages = 0),
        ConfigError::Pages { pages: 0, .. }
    ));
    assert!(matches!(
        with(|c| c.pages = u32::MAX),
        ConfigError::Pages { .. }
    ));
    assert_eq!(
        with(|c| c.pageblock_order = 0),
        ConfigError::PageblockOrder { order: 0 }
    );
    assert_eq!(
        with(|c| c.pageblock_order = 11),
        ConfigError::PageblockOrder { order: 11 }
    );
    assert_eq!(
        with(|c| c.watermark_scale_factor = 0),
        ConfigError::ScaleFactor { factor: 0 }
    );
}

#[test]
fn splits_keep_the_lower_half_and_are_told_from_large_to_small() {
    let mut zone = zone(1024, 4);
    let mut events = Vec::new();
    let pfn = zone.alloc_pages(GFP, 8, ME, &mut events).expect("memory");
    assert_eq!(pfn, 0);
    assert_eq!(
        events,
        [
            Event::Split {
                pfn: 0,
                order: 10,
                list: MOVABLE
            },
            Event::Split {
                pfn: 0,
                order: 9,
                list: MOVABLE
            },
            Event::Alloc {
                pfn: 0,
                order: 8,
                gfp: GFP,
                owner: ME,
                migratetype: MOVABLE
            },
        ]
    );
    assert_eq!((list(&zone, 9), list(&zone, 8)), (vec![512], vec![256]));
    // What was split off last is handed out first: addresses ascend.
    let pages: Vec<_> = (0..6).map(|_| alloc(&mut zone, 0)).collect();
    assert_eq!(pages, [256, 257, 258, 259, 260, 261]);
}

#[test]
fn merges_are_told_after_the_free_from_small_to_large() {
    let mut zone = zone(1024, 4);
    let pfn = alloc(&mut zone, 8);
    let mut events = Vec::new();
    assert_eq!(zone.free_pages(pfn, 8, &mut events), Ok(()));
    assert_eq!(
        events,
        [
            Event::Free {
                pfn: 0,
                order: 8,
                owner: ME
            },
            Event::Merge { pfn: 0, order: 9 },
            Event::Merge { pfn: 0, order: 10 },
        ]
    );
    assert_eq!(list(&zone, 10), [0]);
}

#[test]
fn freed_blocks_are_handed_out_again_last_in_first_out() {
    let mut zone = zone(1024, 4);
    let pages: Vec<_> = (0..16).map(|_| alloc(&mut zone, 0)).collect();
    for pfn in [pages[2], pages[8], pages[12]] {
        assert_eq!(zone.free_pages(pfn, 0, &mut ()), Ok(()));
    }
    assert_eq!(list(&zone, 0), [12, 8, 2]);
    assert_eq!([(); 3].map(|()| alloc(&mut zone, 0)), [12, 8, 2]);
}

#[test]
fn a_block_whose_merge_is_likely_goes_to_the_tail() {
    let mut zone = zone(1024, 4);
    let pages: Vec<_> = (0..16).map(|_| alloc(&mut zone, 0)).collect();
    let mut free = |pfn: u32| assert_eq!(zone.free_pages(pages[pfn as usize], 0, &mut ()), Ok(()));
    free(8);
    // 2 and 3 make a free block of order 1: the buddy of the pair 0, 1.
    free(2);
    free(3);
    // Now one half of that pair: its merge is likely, so it must not be handed out next.
    free(0);
    assert_eq!(list(&zone, 0), [8, 0]);
    assert_eq!(list(&zone, 1), [2]);
    // The other half: 0 to 3 merge as foreseen.
    assert_eq!(zone.free_pages(1, 0, &mut ()), Ok(()));
    assert_eq!(
        (list(&zone, 0), list(&zone, 1), list(&zone, 2)),
        (vec![8], vec![], vec![0])
    );
}

#[test]
fn likely_merges_matter_up_to_order_8_only() {
    // A zone of two largest blocks; the parent's buddy of an order 9 block would have order 10.
    for (order, tail) in [(8, true), (9, false)] {
        let mut zone = zone(4096, 4);
        // Free: a block of `order` in another place, then the higher order buddy of pfn 0's parent.
        let pages = 4096_u32 >> order;
        let blocks: Vec<_> = (0..pages).map(|_| alloc(&mut zone, order)).collect();
        let mut free = |pfn: Pfn| assert_eq!(zone.free_pages(pfn, order, &mut ()), Ok(()));
        assert!(blocks.contains(&2048));
        free(2048);
        free(2 << order);
        free(3 << order);
        free(0);
        let expected = if tail { [2048, 0] } else { [0, 2048] };
        assert_eq!(list(&zone, order), expected, "order {order}");
    }
}

#[test]
fn bad_frees_are_refused_for_their_reason_and_change_nothing() {
    let mut zone = zone(1024, 4);
    let held = alloc(&mut zone, 3);
    assert_eq!(held, 0);
    let reserved = zone.alloc_at(512, 2, MOVABLE, Owner::NONE, PageFlags::RESERVED, &mut ());
    assert_eq!(reserved, Ok(()));
    let before = zone.clone();
    for (pfn, order, error) in [
        (1024, 0, FreeError::OutOfRange),
        (u32::MAX, 10, FreeError::OutOfRange),
        (0, 11, FreeError::Misaligned),
        (0, 255, FreeError::Misaligned),
        (4, 3, FreeError::Misaligned),
        (8, 3, FreeError::DoubleFree),
        (9, 0, FreeError::DoubleFree),
        (4, 2, FreeError::Interior { head: 0, order: 3 }),
        (7, 0, FreeError::Interior { head: 0, order: 3 }),
        (
            513,
            0,
            FreeError::Interior {
                head: 512,
                order: 2,
            },
        ),
        (0, 0, FreeError::WrongOrder { actual: 3 }),
        (0, 4, FreeError::WrongOrder { actual: 3 }),
        (512, 2, FreeError::Reserved),
        (512, 0, FreeError::Reserved),
    ] {
        let mut events = Vec::new();
        assert_eq!(
            zone.free_pages(pfn, order, &mut events),
            Err(error),
            "{pfn} {order}"
        );
        assert!(zone == before && events.is_empty(), "{pfn} {order}");
    }
    assert_eq!(zone.free_pages(0, 3, &mut ()), Ok(()));
    assert_eq!(zone.free_pages(0, 3, &mut ()), Err(FreeError::DoubleFree));
}

#[test]
fn a_range_is_taken_exactly_or_not_at_all() {
    let mut zone = zone(1024, 4);
    let mut events = Vec::new();
    let none = PageFlags::empty();
    let mut at = |pfn, order, flags: PageFlags| {
        zone.alloc_at(pfn, order, MigrateType::Reclaimable, ME, flags, &mut events)
    };
    assert_eq!(at(768, 8, none), Ok(()));
    assert_eq!(at(770, 0, none), Err(AtError::Busy { pfn: 768 }));
    assert_eq!(at(512, 9, none), Err(AtError::Busy { pfn: 768 }));
    assert_eq!(at(2, 2, none), Err(AtError::Misaligned));
    assert_eq!(at(1024, 0, none), Err(AtError::OutOfRange));
    assert_eq!(
        at(0, 1, PageFlags::LRU),
        Err(AtError::Flags {
            flags: PageFlags::LRU
        })
    );
    assert_eq!(
        events[..2],
        [
            Event::Split {
                pfn: 0,
                order: 10,
                list: MOVABLE
            },
            Event::Split {
                pfn: 512,
                order: 9,
                list: MOVABLE
            },
        ]
    );
    assert!(matches!(
        events[2..],
        [Event::Alloc {
            pfn: 768,
            order: 8,
            ..
        }]
    ));
    assert_eq!((list(&zone, 9), list(&zone, 8)), (vec![0], vec![512]));
    assert_eq!(
        zone.pageblock_type(768),
        MOVABLE,
        "no pageblock is retagged"
    );
    assert_eq!(zone.managed(), 1024);
    // Reserved at boot: gone from the zone's managed pages.
    let boot = zone.alloc_at(
        0,
        4,
        MigrateType::Unmovable,
        Owner::NONE,
        PageFlags::RESERVED,
        &mut (),
    );
    assert_eq!((boot, zone.managed()), (Ok(()), 1008));
    assert_eq!(zone.verify(), Ok(()));
}

#[test]
fn buddies_of_types_that_never_merge_stay_apart() {
    let mut zone = zone(1024, 4);
    zone.set_pageblock_type(16, MigrateType::HighAtomic);
    let free = |list| BlockState::Free { list };
    assert_eq!(
        zone.block_at(0).map(|b| (b.order, b.state)),
        Some((4, free(MOVABLE)))
    );
    let reserve = zone.block_at(16).map(|b| (b.order, b.state));
    assert_eq!(reserve, Some((4, free(MigrateType::HighAtomic))));
    let both = zone.alloc_at(0, 5, MOVABLE, ME, PageFlags::empty(), &mut ());
    assert_eq!(both, Err(AtError::Apart));
    zone.set_pageblock_type(16, MigrateType::Reclaimable);
    assert_eq!(
        zone.free_counts(),
        [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
        "types that merge do"
    );
    assert_eq!(zone.verify(), Ok(()));
}

#[test]
fn a_block_over_several_pageblocks_comes_apart_where_types_do_not_merge() {
    let mut zone = zone(1024, 4);
    let pfn = alloc(&mut zone, 6);
    assert_eq!(zone.isolate(pfn + 16, 4, &mut ()), Ok(()));
    let mut events = Vec::new();
    assert_eq!(zone.free_pages(pfn, 6, &mut events), Ok(()));
    assert_eq!(
        events,
        [
            Event::Free {
                pfn: 0,
                order: 6,
                owner: ME
            },
            Event::Split {
                pfn: 0,
                order: 6,
                list: MOVABLE
            },
            Event::Split {
                pfn: 0,
                order: 5,
                list: MigrateType::Isolate
            },
        ]
    );
    assert_eq!(zone.nr_isolated(), 16);
    assert_eq!(zone.verify(), Ok(()));
}
