//! Migrate types: claiming, stealing, the watermark boost they raise, and contiguous memory.

use labyrinth::mm::{
    Event, FailReason, Gfp, MigrateType, Order, Owner, PageFlags, Pfn, Zone, ZoneConfig,
};

const UNMOVABLE: MigrateType = MigrateType::Unmovable;
const MOVABLE: MigrateType = MigrateType::Movable;
const RECLAIMABLE: MigrateType = MigrateType::Reclaimable;
const KERNEL: Gfp = Gfp::GFP_KERNEL;
const USER: Gfp = Gfp::GFP_HIGHUSER_MOVABLE;
const CACHE: Gfp = Gfp::GFP_KERNEL.union(Gfp::RECLAIMABLE);
const ME: Owner = Owner(1);

fn zone(pages: u32, pageblock_order: Order) -> Zone {
    let mut config = ZoneConfig::new("DMA", pages, pageblock_order);
    config.min_free_kbytes = Some(0);
    Zone::new(config).expect("a zone")
}

/// Takes exactly this block.
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
fn movable_requests_claim_from_half_a_pageblock_s_order_on() {
    // Pageblock order 4: its half is 2, the order of the largest free blocks; 12 of 16 pages are free.
    let mut zone = one_pageblock(UNMOVABLE, 4);
    take(&mut zone, 0, 2, UNMOVABLE);
    zone.set_pageblock_type(0, UNMOVABLE);
    let mut events = Vec::new();
    assert_eq!(zone.alloc_pages(USER, 2, ME, &mut events), Ok(4));
    // Eight of sixteen free and nothing alike: just enough.
    assert_eq!(fallbacks(&events), [(4, 2, UNMOVABLE, MOVABLE, true)]);
    // Four free, and four movable.
    let mut zone = one_pageblock(MOVABLE, 4);
    take(&mut zone, 0, 3, UNMOVABLE);
    zone.set_pageblock_type(0, UNMOVABLE);
    events.clear();
    assert_eq!(zone.alloc_pages(USER, 0, ME, &mut events), Ok(8));
    assert_eq!(fallbacks(&events), [(8, 2, UNMOVABLE, MOVABLE, true)]);
}

#[test]
fn claimed_pages_queue_behind_those_that_were_there() {
    // One free page of unmovable memory, in a pageblock of its own.
    let mut zone = one_pageblock(UNMOVABLE, 0);
    for page in 1..16 {
        take(&mut zone, page, 0, UNMOVABLE);
    }
    zone.set_pageblock_type(0, UNMOVABLE);
    // A movable pageblock with eight free: two single pages, a pair and a four.
    assert_eq!(zone.free_pages(16, 4, &mut ()), Ok(()));
    for pfn in [17, 19, 22, 23] {
        take(&mut zone, pfn, 0, MOVABLE);
    }
    take(&mut zone, 28, 2, MOVABLE);
    // A pair of unmovable pages: the pageblock is claimed for it.
    assert!(zone.alloc_pages(KERNEL, 1, ME, &mut ()).is_ok());
    assert_eq!(zone.pageblock_type(16), UNMOVABLE);
    assert_eq!(
        zone.free_list(0, UNMOVABLE).collect::<Vec<_>>(),
        [0, 16, 18]
    );
    assert_eq!(zone.verify(), Ok(()));
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
fn movable_requests_balance_contiguous_memory() {
    // Contiguous memory is taken first only while it is more than half of what is free.
    for (pageblocks, first) in [(160, 0), (96, 2048)] {
        let mut zone = zone(4096, 4);
        for pageblock in 0..pageblocks {
            zone.set_pageblock_type(pageblock * 16, MigrateType::Cma);
        }
        let got = zone.alloc_pages(USER, 10, ME, &mut ());
        // 96 pageblocks: frames 0 to 1535; the first whole block beyond them begins at 2048.
        assert_eq!(got, Ok(first), "{pageblocks} pageblocks");
    }
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
