//! The high-atomic reserve: who builds it up, who may use it, who gets it in need.

use labyrinth::mm::{
    Event, FailReason, Gfp, MigrateType, Order, Owner, PageFlags, Pfn, Zone, ZoneConfig,
};

const MOVABLE: MigrateType = MigrateType::Movable;
const RECLAIMABLE: MigrateType = MigrateType::Reclaimable;
const HIGHATOMIC: MigrateType = MigrateType::HighAtomic;
const KERNEL: Gfp = Gfp::GFP_KERNEL;
const USER: Gfp = Gfp::GFP_HIGHUSER_MOVABLE;
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
    // Down to the last.
    while zone.alloc_pages(KERNEL, 0, ME, &mut ()).is_ok() {}
    assert_eq!(
        (zone.nr_reserved_highatomic(), zone.nr_free_pages()),
        (0, 0)
    );
}

#[test]
fn reclaim_that_made_progress_leaves_a_pageblock_of_the_reserve() {
    for (pageblocks, left) in [(2, 16), (1, 16)] {
        let mut zone = zone(4096, 4);
        for pfn in (0..4096).step_by(16) {
            take(&mut zone, pfn, 4, MOVABLE);
        }
        for pfn in [32, 64].into_iter().take(pageblocks) {
            zone.set_pageblock_type(pfn, HIGHATOMIC);
            assert_eq!(zone.free_pages(pfn, 4, &mut ()), Ok(()));
        }
        // One block of page cache: evicting it is progress, but no block of 16 pages without the rest.
        assert_eq!(zone.free_pages(512, 4, &mut ()), Ok(()));
        take(&mut zone, 512, 3, MOVABLE);
        take(&mut zone, 520, 3, RECLAIMABLE);
        zone.lru_add(520);
        let got = zone.alloc_pages(KERNEL | Gfp::NORETRY, 4, ME, &mut ());
        assert_eq!(zone.nr_lru(), 0);
        assert_eq!(got.is_ok(), pageblocks == 2, "{got:?}");
        assert_eq!(zone.nr_reserved_highatomic(), left);
    }
}
