//! Watermarks: the formulas against a live kernel, and what each kind of request may take.

use std::collections::BTreeMap;

use labyrinth::mm::{
    AllocFlags, FailReason, Gfp, MigrateType, Owner, PageFlags, Watermarks, Zone, ZoneConfig,
    calculate_min_free_kbytes, int_sqrt, setup_per_zone_wmarks,
};

/// min, low, high, promo and managed of each zone, as `/proc/zoneinfo` of a live 6.18 kernel has them.
fn zoneinfo() -> BTreeMap<&'static str, (Watermarks, u64)> {
    let mut zones = BTreeMap::new();
    let mut zone = "";
    let mut figures: BTreeMap<&str, u64> = BTreeMap::new();
    for line in include_str!("data/zoneinfo.txt").lines() {
        if let Some((_, name)) = line.split_once(", zone") {
            zone = name.trim();
            figures.clear();
        }
        let mut words = line.split_whitespace();
        if let (Some(name), Some(Ok(figure))) = (words.next(), words.next().map(str::parse)) {
            figures.insert(name, figure);
            if name == "managed" {
                let of = |name| figures[name] as u32;
                let marks = Watermarks {
                    min: of("min"),
                    low: of("low"),
                    high: of("high"),
                    promo: of("promo"),
                };
                zones.insert(zone, (marks, figure));
            }
        }
    }
    zones
}

#[test]
fn formulas_reproduce_a_live_kernel() {
    let zones = zoneinfo();
    let names = ["DMA", "DMA32", "Normal"];
    let managed = names.map(|name| zones[name].1);
    assert_eq!(managed, [3840, 772_915, 5_394_266]);
    // min_free_kbytes of that machine, raised by khugepaged.
    let marks = setup_per_zone_wmarks(67_584, &managed, 10);
    for (name, mark) in names.iter().zip(marks) {
        assert_eq!(mark, zones[name].0, "{name}");
    }
}

#[test]
fn min_free_kbytes_is_as_the_source_tabulates_it() {
    let mb = 1024;
    for (lowmem, kbytes) in [
        (16, 512),
        (32, 724),
        (64, 1024),
        (128, 1448),
        (256, 2048),
        (512, 2896),
        (1024, 4096),
        (2048, 5792),
        (4096, 8192),
        (8192, 11_585),
        (16_384, 16_384),
    ] {
        assert_eq!(
            calculate_min_free_kbytes(lowmem * mb),
            kbytes,
            "{lowmem} MB"
        );
    }
    assert_eq!(calculate_min_free_kbytes(1), 128);
    assert_eq!(calculate_min_free_kbytes(u64::MAX), 262_144);
    for (x, root) in [
        (0, 0),
        (1, 1),
        (3, 1),
        (4, 2),
        (u64::MAX, u64::from(u32::MAX)),
    ] {
        assert_eq!(int_sqrt(x), root);
    }
}

#[test]
fn small_zones_have_these_marks_and_limits() {
    for (pages, min, low, high, promo, urgent, atomic) in [
        (256, 32, 40, 48, 56, 16, 12),
        (1024, 64, 80, 96, 112, 32, 24),
        (4096, 128, 160, 192, 224, 64, 48),
        (16_384, 256, 320, 384, 448, 128, 96),
        (65_536, 512, 640, 768, 896, 256, 192),
        (262_144, 1024, 1286, 1548, 1810, 512, 384),
    ] {
        let zone = Zone::new(ZoneConfig::new("DMA", pages, 4)).expect("a zone");
        let marks = Watermarks {
            min,
            low,
            high,
            promo,
        };
        assert_eq!(zone.watermarks(), marks, "{pages} pages");
        assert_eq!(zone.watermark_limit(Gfp::GFP_KERNEL, min), min);
        assert_eq!(zone.watermark_limit(Gfp::GFP_NOWAIT, min), min);
        assert_eq!(
            zone.watermark_limit(Gfp::GFP_KERNEL | Gfp::HIGH, min),
            urgent
        );
        assert_eq!(zone.watermark_limit(Gfp::GFP_ATOMIC, min), atomic);
    }
}

/// A zone of 4096 pages with exactly this many pages free, in blocks of at most 16 pages. No boost.
fn with_free(free: u32) -> Zone {
    let mut config = ZoneConfig::new("DMA", 4096, 4);
    config.watermark_boost_factor = 0;
    let mut zone = Zone::new(config).expect("a zone");
    let take = |zone: &mut Zone, pfn, order| {
        let (owner, movable) = (Owner(1), MigrateType::Movable);
        let got = zone.alloc_at(pfn, order, movable, owner, PageFlags::empty(), &mut ());
        assert_eq!(got, Ok(()));
    };
    // Every second block of 16 is free, so that none merges, as far as pages go.
    let mut left = free;
    for block in 0..256 {
        let pfn = block * 16;
        if block % 2 == 0 && left > 0 {
            let keep = left.min(16);
            left -= keep;
            (keep..16).for_each(|page| take(&mut zone, pfn + page, 0));
        } else {
            take(&mut zone, pfn, 4);
        }
    }
    assert_eq!((left, zone.nr_free_pages()), (0, free));
    assert_eq!(zone.verify(), Ok(()));
    zone
}

#[test]
fn equality_with_the_mark_fails() {
    let none = AllocFlags::empty();
    for free in [100, 128, 129, 160, 161, 500] {
        let zone = with_free(free);
        for mark in [free - 1, free, free + 1] {
            assert_eq!(
                zone.zone_watermark_ok(0, mark, none),
                free > mark,
                "{free} {mark}"
            );
            // A block of four must leave as if its other three pages were gone already.
            assert_eq!(
                zone.zone_watermark_ok(2, mark - 3, none),
                free > mark,
                "{free} {mark}"
            );
        }
        assert!(!zone.zone_watermark_ok(11, 0, none), "there is no order 11");
    }
}

#[test]
fn enough_pages_are_not_enough_without_a_block() {
    let zone = with_free(500);
    let any = AllocFlags::empty();
    assert!(zone.zone_watermark_ok(4, 128, any));
    assert!(!zone.zone_watermark_ok(5, 128, any), "no block of 32 pages");
}

/// Free pages left when single pages are taken until there are no more for such requests.
fn left_by(gfp: Gfp) -> (u32, FailReason, u32) {
    let mut zone = with_free(300);
    loop {
        if let Err(failure) = zone.alloc_pages(gfp, 0, Owner(2), &mut ()) {
            assert_eq!(zone.verify(), Ok(()));
            assert_eq!(failure.free, zone.nr_free_pages());
            return (failure.free, failure.reason, failure.limit);
        }
    }
}

#[test]
fn each_kind_of_request_stops_at_its_limit() {
    let low = FailReason::Watermark;
    for (gfp, limit) in [
        (Gfp::GFP_KERNEL, 128),
        (Gfp::GFP_NOWAIT, 128),
        (Gfp::GFP_HIGHUSER_MOVABLE, 128),
        (Gfp::GFP_KERNEL | Gfp::HIGH, 64),
        (Gfp::GFP_ATOMIC, 48),
        (Gfp::GFP_ATOMIC | Gfp::NOMEMALLOC, 64),
        (Gfp::GFP_ATOMIC | Gfp::MEMALLOC, 0),
    ] {
        assert_eq!(left_by(gfp), (limit, low, limit), "{gfp}");
    }
}

#[test]
fn failures_give_the_figures_that_decided() {
    let mut zone = with_free(55);
    let failure = zone
        .alloc_pages(Gfp::GFP_ATOMIC, 3, Owner(2), &mut ())
        .expect_err("55 pages are not more than 48 + 7");
    assert_eq!(failure.reason, FailReason::Watermark);
    assert_eq!((failure.free, failure.limit, failure.min), (55, 55, 128));
    assert_eq!(failure.extfrag_index, -1000, "there are blocks enough");
    assert_eq!(failure.nr_free, [1, 1, 1, 0, 3, 0, 0, 0, 0, 0, 0]);
    assert_eq!(
        failure.to_string(),
        "order 3 with GFP_ATOMIC: 55 pages are free, but it takes more than 55"
    );

    let mut zone = with_free(56);
    assert!(
        zone.alloc_pages(Gfp::GFP_ATOMIC, 3, Owner(2), &mut ())
            .is_ok()
    );

    let mut zone = with_free(500);
    let failure = zone
        .alloc_pages(Gfp::GFP_ATOMIC, 5, Owner(2), &mut ())
        .expect_err("blocks have 16 pages at most");
    assert_eq!(failure.reason, FailReason::Fragmentation);
    assert_eq!((failure.free, failure.limit), (500, 79));
    // 1000 - (1000 + 500 * 1000 / 32) / 32: 32 free blocks, worth 15.6 of the order asked for.
    assert_eq!(failure.extfrag_index, 481);

    let failure = zone
        .alloc_pages(Gfp::GFP_ATOMIC, 11, Owner(2), &mut ())
        .expect_err("there is no order 11");
    assert_eq!(failure.reason, FailReason::TooLarge);
}
