//! Migrate types: claiming, stealing, the watermark boost they raise, and the high-atomic reserve.

use labyrinth::mm::{
    Event, FailReason, Gfp, MigrateType, Order, Owner, PageFlags, Pfn, Zone, ZoneConfig,
};

const UNMOVABLE: MigrateType = MigrateType::Unmovable;
const MOVABLE: MigrateType = MigrateType::Movable;
const RECLAIMABLE: MigrateType = MigrateType::Reclaimable;
const HIGHATOMIC: MigrateType = MigrateType::HighAtomic;
const KERNEL: Gfp = Gfp::GFP_KERNEL;
const USER: Gfp = Gfp::GFP_HIGHUSER_MOVABLE;
const CACHE: Gfp = Gfp::GFP_KERNEL.union(Gfp::RECLAIMABLE);
const ME: Owner = Owner(1);

fn zone(pages: u32, pageblock_order: Order) -> Zone {
    let mut config = ZoneConfig::new("DMA", pages, pageblock_order);
    config.min_free_kbytes = Some(0);
    Zone::new(config).expect("a zone")
}

/// Lays a zone out: frames named get a single allocated page of a type, all else of the range is kept free.
fn take(zone: &mut Zone, pfn: Pfn, order: Order, migratetype: MigrateType) {
    let got = zone.alloc_at(pfn, order, migratetype, ME, PageFlags::empty(), &mut ());
    assert_eq!(got, Ok(()), "frame {pfn}");
}

fn fallbacks(events: &[Event]) -> Vec<(Pfn, Order, MigrateType, MigrateType, bool)> {
    let told = events.iter().filter_map(|event| match *event {
        Event::Fallback {
            pfn,
            order,
            from,
            to,
            claimed,
        } => Some((pfn, order, from, to, claimed)),
        _ => None,
    });
    told.collect()
}

#[test]
fn whole_pageblocks_are_claimed_and_retagged_as_far_as_the_block_goes() {
    let mut zone = zone(4096, 4);
    let mut events = Vec::new();
    assert_eq!(zone.alloc_pages(KERNEL, 0, ME, &mut events), Ok(0));
    assert_eq!(fallbacks(&events), [(0, 10, MOVABLE, UNMOVABLE, true)]);
    // The whole block of 1024 pages, 64 pageblocks, is unmovable now; what is left of it too.
    assert_eq!(
        (zone.pageblock_type(1023), zone.pageblock_type(1024)),
        (UNMOVABLE, MOVABLE)
    );
    assert_eq!(zone.free_list(9, UNMOVABLE).collect::<Vec<_>>(), [512]);
    assert_eq!(
        zone.watermark_boost(),
        0,
        "whole pageblocks are no fragmentation"
    );
    assert_eq!(zone.verify(), Ok(()));
}

#[test]
fn fallbacks_are_tried_in_linux_s_order() {
    for (gfp, first, second) in [
        (KERNEL, RECLAIMABLE, MOVABLE),
        (USER, RECLAIMABLE, UNMOVABLE),
        (CACHE, UNMOVABLE, MOVABLE),
    ] {
        let own = gfp.migratetype();
        // Two blocks of order 10, one of each foreign type; then only the second.
        for (types, expected) in [([second, first], first), ([second, second], second)] {
            let mut zone = zone(2048, 4);
            zone.set_pageblock_type(0, types[0]);
            zone.set_pageblock_type(1024, types[1]);
            assert_eq!([1023, 2047].map(|pfn| zone.pageblock_type(pfn)), types);
            let mut events = Vec::new();
            assert!(zone.alloc_pages(gfp, 0, ME, &mut events).is_ok());
            let from = fallbacks(&events)[0].2;
            assert_eq!(from, expected, "{own:?} beside {types:?}");
        }
    }
}

/// A zone of 512 pages, pageblocks of 16, where everything is taken but the first pageblock, which is movable and
/// has its first eight pages laid out by the caller, who takes `taken` more from its end.
fn one_pageblock(laid_out: MigrateType, taken: u32) -> Zone {
    let mut zone = zone(512, 4);
    for pageblock in 1..32 {
        take(&mut zone, pageblock * 16, 4, MOVABLE);
    }
    for page in 16 - taken..16 {
        take(&mut zone, page, 0, laid_out);
    }
    zone
}

#[test]
fn half_a_pageblock_free_or_alike_is_claimed_with_all_its_free_pages() {
    for (laid_out, taken, gfp, claimed) in [
        // Eight of sixteen free: enough.
        (MOVABLE, 8, KERNEL, true),
        // Seven free, the rest movable: unlike unmovable memory.
        (MOVABLE, 9, KERNEL, false),
        // Seven free, the rest not movable: alike.
        (UNMOVABLE, 9, KERNEL, true),
        (RECLAIMABLE, 9, CACHE, true),
    ] {
        let mut zone = one_pageblock(laid_out, taken);
        let mut events = Vec::new();
        let free = zone.nr_free_pages();
        assert!(zone.alloc_pages(gfp, 0, ME, &mut events).is_ok());
        let told = fallbacks(&events);
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!(told[0].4, claimed, "{laid_out:?} {taken}");
        let own = gfp.migratetype();
        let list = if claimed { own } else { MOVABLE };
        assert_eq!(zone.pageblock_type(0), list);
        let listed: u32 = (0..4)
            .map(|order| zone.nr_free_of(order, list) << order)
            .sum();
        assert_eq!(
            listed,
            free - 1,
            "every free page moved with the pageblock, or none"
        );
        assert_eq!(zone.verify(), Ok(()));
    }
}

#[test]
fn claims_take_from_the_largest_block_steals_from_the_smallest() {
    // Free in a movable pageblock: frames 0-3 (order 2), 4-5 (order 1), 6 (order 0).
    let mut zone = one_pageblock(MOVABLE, 9);
    let mut events = Vec::new();
    assert_eq!(zone.alloc_pages(KERNEL, 0, ME, &mut events), Ok(6));
    assert_eq!(fallbacks(&events), [(6, 0, MOVABLE, UNMOVABLE, false)]);
    assert_eq!(zone.pageblock_type(0), MOVABLE);

    let mut zone = one_pageblock(UNMOVABLE, 9);
    events.clear();
    // The claim turns to the largest block; then the smallest that will do is taken from the pageblock.
    assert_eq!(zone.alloc_pages(KERNEL, 0, ME, &mut events), Ok(6));
    assert_eq!(fallbacks(&events), [(0, 2, MOVABLE, UNMOVABLE, true)]);
}

#[test]
fn movable_requests_do_not_claim_for_small_blocks() {
    // Pageblock order 4: half of it is 2. Largest free block of order 1.
    let mut zone = zone(512, 4);
    for pageblock in 0..32 {
        take(&mut zone, pageblock * 16, 2, MOVABLE);
        take(&mut zone, pageblock * 16 + 4, 2, MOVABLE);
        take(&mut zone, pageblock * 16 + 8, 1, MOVABLE);
        take(&mut zone, pageblock * 16 + 12, 1, MOVABLE);
        zone.set_pageblock_type(pageblock * 16, UNMOVABLE);
    }
    let mut events = Vec::new();
    assert!(zone.alloc_pages(USER, 0, ME, &mut events).is_ok());
    let told = fallbacks(&events);
    assert_eq!(
        (told.len(), told[0].1, told[0].4),
        (1, 1, false),
        "{told:?}"
    );
    assert_eq!(zone.watermark_boost(), 0, "nor is the watermark raised");
}

#[test]
fn claims_below_pageblock_order_raise_the_watermark_and_wake_kswapd() {
    let mut zone = Zone::new(ZoneConfig::new("DMA", 4096, 4)).expect("a zone");
    let marks = zone.watermarks();
    // Every pageblock half taken by movable memory.
    for pageblock in 0..256 {
        take(&mut zone, pageblock * 16 + 8, 3, MOVABLE);
    }
    let mut events = Vec::new();
    assert!(zone.alloc_pages(KERNEL, 3, ME, &mut events).is_ok());
    assert_eq!(zone.watermark_boost(), 16, "one pageblock");
    assert_eq!(zone.watermarks(), marks);
    let boosted = zone.boosted_watermarks();
    assert_eq!(
        (boosted.min, boosted.promo),
        (marks.min + 16, marks.promo + 16)
    );
    let wakes = events
        .iter()
        .filter(|event| **event == Event::WakeKswapd)
        .count();
    assert_eq!(wakes, 1);
    // Up to 150 % of high.
    for _ in 0..40 {
        assert!(zone.alloc_pages(KERNEL, 3, ME, &mut ()).is_ok());
    }
    assert_eq!(zone.watermark_boost(), marks.high * 3 / 2);
    // Nothing to reclaim: kswapd gives it all back.
    assert_eq!((zone.reclaim(8, &mut ()), zone.watermark_boost()), (0, 0));

    let mut config = ZoneConfig::new("DMA", 4096, 4);
    config.watermark_boost_factor = 0;
    let mut zone = Zone::new(config).expect("a zone");
    (0..256).for_each(|pageblock| take(&mut zone, pageblock * 16 + 8, 3, MOVABLE));
    assert!(zone.alloc_pages(KERNEL, 3, ME, &mut ()).is_ok());
    assert_eq!(zone.watermark_boost(), 0, "it can be turned off");
}

#[test]
fn kswapd_gives_the_boost_back_as_it_reclaims_and_single_urgent_pages_ignore_it() {
    let mut zone = Zone::new(ZoneConfig::new("DMA", 4096, 4)).expect("a zone");
    (0..256).for_each(|pageblock| take(&mut zone, pageblock * 16 + 8, 3, MOVABLE));
    let mut cache = Vec::new();
    while let Ok(pfn) = zone.alloc_pages(CACHE | Gfp::NORETRY, 3, ME, &mut ()) {
        zone.lru_add(pfn);
        cache.push(pfn);
        if cache.len() == 100 {
            break;
        }
    }
    assert_eq!((cache.len(), zone.watermark_boost()), (100, 288));
    assert_eq!(
        (zone.reclaim(10, &mut ()), zone.watermark_boost()),
        (16, 272)
    );

    // Movable pages as long as there are any: they raise nothing. 400 * 3/8 = 150 is the limit now.
    let movable = Gfp::GFP_ATOMIC | Gfp::MOVABLE;
    while zone.nr_free_pages() > 151 {
        assert!(zone.alloc_pages(movable, 0, ME, &mut ()).is_ok());
    }
    assert_eq!(
        (
            zone.watermark_boost(),
            zone.watermark_limit(movable, 128 + 272)
        ),
        (272, 150)
    );
    let failure = zone
        .alloc_pages(movable, 1, ME, &mut ())
        .expect_err("a pair needs 152 free pages");
    assert_eq!(failure.reason, FailReason::Watermark);
    assert_eq!((failure.free, failure.limit, failure.min), (151, 151, 400));
    // 48 is the limit for single pages, whatever the boost.
    while zone.alloc_pages(Gfp::GFP_ATOMIC, 0, ME, &mut ()).is_ok() {}
    assert_eq!(zone.nr_free_pages(), 48);
    assert!(zone.watermark_boost() > 0);
}

#[test]
fn high_order_atomic_requests_reserve_one_percent() {
    let mut zone = Zone::new(ZoneConfig::new("DMA", 4096, 4)).expect("a zone");
    // Single pages reserve nothing.
    assert!(zone.alloc_pages(Gfp::GFP_ATOMIC, 0, ME, &mut ()).is_ok());
    assert_eq!(zone.nr_reserved_highatomic(), 0);
    // Take all but low, so that requests reach the slow path, where they may reserve.
    while zone.nr_free_pages() > 160 {
        assert!(zone.alloc_pages(USER, 0, ME, &mut ()).is_ok());
    }
    let mut events = Vec::new();
    let pfn = zone
        .alloc_pages(Gfp::GFP_ATOMIC, 1, ME, &mut events)
        .expect("memory");
    let first = pfn & !15;
    assert!(events.contains(&Event::ReserveHighAtomic { pfn: first }));
    assert_eq!(
        (zone.pageblock_type(pfn), zone.nr_reserved_highatomic()),
        (HIGHATOMIC, 16)
    );
    assert!(zone.nr_highatomic_free() > 0);
    // The next comes from the reserve.
    let next = zone
        .alloc_pages(Gfp::GFP_ATOMIC, 1, ME, &mut ())
        .expect("memory");
    assert_eq!(next & !15, first);
    while zone.alloc_pages(Gfp::GFP_ATOMIC, 2, ME, &mut ()).is_ok() {}
    assert_eq!(
        zone.nr_reserved_highatomic(),
        48,
        "4096/100 rounded up to pageblocks"
    );
    assert_eq!(zone.verify(), Ok(()));
}

#[test]
fn a_zone_of_less_than_a_hundred_pageblocks_has_no_reserve() {
    let mut zone = Zone::new(ZoneConfig::new("DMA", 1024, 4)).expect("a zone");
    while zone.nr_free_pages() > 80 {
        assert!(zone.alloc_pages(USER, 0, ME, &mut ()).is_ok());
    }
    assert!(zone.alloc_pages(Gfp::GFP_ATOMIC, 1, ME, &mut ()).is_ok());
    assert_eq!(zone.nr_reserved_highatomic(), 0);
}

#[test]
fn the_reserve_is_for_atomic_requests_until_reclaim_gives_it_up() {
    let mut zone = zone(4096, 4);
    for pfn in (0..4096).step_by(16) {
        take(&mut zone, pfn, 4, MOVABLE);
    }
    for pfn in [32, 64, 96] {
        zone.set_pageblock_type(pfn, HIGHATOMIC);
        assert_eq!(zone.free_pages(pfn, 4, &mut ()), Ok(()));
    }
    assert_eq!((zone.nr_free_pages(), zone.nr_highatomic_free()), (48, 48));
    // Not for who can sleep, while there is nothing to reclaim and trying hard is not asked for.
    let failure = zone
        .alloc_pages(KERNEL | Gfp::NORETRY, 0, ME, &mut ())
        .expect_err("reserve");
    assert_eq!(
        (failure.reason, failure.free, failure.limit),
        (FailReason::Watermark, 48, 48)
    );
    // Last resort of a single page that cannot sleep, first choice of a block.
    assert!(zone.alloc_pages(Gfp::GFP_NOWAIT, 0, ME, &mut ()).is_ok());
    assert_eq!(zone.alloc_pages(Gfp::GFP_ATOMIC, 3, ME, &mut ()), Ok(104));
    // Who would otherwise fail for good gets pageblocks of it, one by one.
    let mut events = Vec::new();
    assert!(zone.alloc_pages(KERNEL, 0, ME, &mut events).is_ok());
    let given = events
        .iter()
        .filter(|event| matches!(event, Event::UnreserveHighAtomic { .. }));
    assert_eq!((given.count(), zone.nr_reserved_highatomic()), (1, 32));
    assert_eq!(zone.verify(), Ok(()));
}

#[test]
fn contiguous_memory_is_for_movable_requests_only() {
    let mut zone = zone(4096, 4);
    for pageblock in 0..256 {
        zone.set_pageblock_type(pageblock * 16, MigrateType::Cma);
    }
    let failure = zone
        .alloc_pages(KERNEL, 0, ME, &mut ())
        .expect_err("all contiguous memory");
    assert_eq!(
        (failure.reason, failure.free),
        (FailReason::Watermark, 4096)
    );
    assert_eq!(zone.alloc_pages(USER, 0, ME, &mut ()), Ok(0));
    assert_eq!(
        zone.largest_free_order(),
        None,
        "not counted as ordinary memory"
    );
    assert_eq!(zone.verify(), Ok(()));
}

#[test]
fn a_zone_too_small_for_types_keeps_them_together() {
    // Less than six pageblocks.
    let mut zone = zone(2048, 9);
    let user = zone.alloc_pages(USER, 0, ME, &mut ()).expect("memory");
    let kernel = zone.alloc_pages(KERNEL, 0, ME, &mut ()).expect("memory");
    assert_eq!((user, kernel, zone.pageblock_type(0)), (0, 1, UNMOVABLE));
    assert_eq!(zone.verify(), Ok(()));
}
