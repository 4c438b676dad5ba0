//! Requests and page cache: who may reclaim, what is evicted, flags, and exclusive blocks.

use labyrinth::mm::{
    BlockState, Event, EvictError, FlagError, Gfp, MigrateError, MigrateType, Owner, PageFlags,
    Pfn, Zone, ZoneConfig,
};

const USER: Gfp = Gfp::GFP_HIGHUSER_MOVABLE;
const CACHE: Gfp = Gfp::GFP_KERNEL.union(Gfp::RECLAIMABLE);
const ME: Owner = Owner(1);

fn zone() -> Zone {
    let mut config = ZoneConfig::new("DMA", 4096, 4);
    config.watermark_boost_factor = 0;
    Zone::new(config).expect("a zone")
}

fn flags_of(zone: &Zone, pfn: Pfn) -> PageFlags {
    match zone.block_at(pfn).map(|block| block.state) {
        Some(BlockState::Allocated { flags, .. }) => flags,
        other => panic!("frame {pfn} is {other:?}"),
    }
}

/// Fills a zone with single pages of cache until a request that cannot sleep would fail.
fn full_of_cache() -> (Zone, Vec<Pfn>) {
    let mut zone = zone();
    let mut cache = Vec::new();
    while let Ok(pfn) = zone.alloc_pages(Gfp::GFP_NOWAIT | Gfp::RECLAIMABLE, 0, ME, &mut ()) {
        zone.lru_add(pfn);
        cache.push(pfn);
    }
    assert_eq!(zone.nr_free_pages(), 128);
    (zone, cache)
}

#[test]
fn only_who_may_sleep_reclaims() {
    let (mut zone, cache) = full_of_cache();
    for gfp in [Gfp::GFP_NOWAIT, Gfp::GFP_NOWAIT | Gfp::RECLAIMABLE] {
        let mut events = Vec::new();
        let failure = zone
            .alloc_pages(gfp, 0, ME, &mut events)
            .expect_err("below min");
        assert_eq!(events, [Event::WakeKswapd, Event::Fail(failure)]);
    }
    // Urgency lets it into the reserve; it wakes kswapd and evicts nothing.
    let mut events = Vec::new();
    assert!(
        zone.alloc_pages(Gfp::GFP_ATOMIC, 0, ME, &mut events)
            .is_ok()
    );
    assert_eq!(events[0], Event::WakeKswapd);
    assert_eq!(zone.nr_lru() as usize, cache.len());
    // Sleeping evicts 32 pages, least recently used first.
    let mut events = Vec::new();
    assert!(
        zone.alloc_pages(Gfp::GFP_KERNEL, 0, ME, &mut events)
            .is_ok()
    );
    let evicted = events.iter().filter_map(|event| match event {
        Event::Evict { pfn, .. } => Some(*pfn),
        _ => None,
    });
    assert_eq!(evicted.collect::<Vec<_>>(), cache[..32]);
    assert_eq!(zone.verify(), Ok(()));
    // Without the flag that wakes kswapd, nobody is woken.
    let mut events = Vec::new();
    while zone.alloc_pages(Gfp::empty(), 0, ME, &mut events).is_ok() {}
    assert!(!events.contains(&Event::WakeKswapd));
}

#[test]
fn reclaim_evicts_the_least_recently_used_and_writes_dirty_pages_back_first() {
    let (mut zone, cache) = full_of_cache();
    zone.touch(cache[0]);
    assert_eq!(zone.set_flags(cache[1], PageFlags::DIRTY), Ok(()));
    assert_eq!(zone.set_flags(cache[2], PageFlags::LOCKED), Ok(()));
    assert_eq!(zone.set_flags(cache[3], PageFlags::PINNED), Ok(()));
    assert_eq!(zone.nr_lru_clean(), zone.nr_lru() - 1);
    let mut events = Vec::new();
    assert_eq!(zone.reclaim(2, &mut events), 2);
    let told: Vec<_> = events
        .iter()
        .filter_map(|event| match *event {
            Event::WriteBack { pfn, .. } => Some((pfn, "written back")),
            Event::Evict { pfn, .. } => Some((pfn, "evicted")),
            _ => None,
        })
        .collect();
    assert_eq!(
        told,
        [
            (cache[1], "written back"),
            (cache[4], "evicted"),
            (cache[5], "evicted")
        ]
    );
    assert_eq!(
        zone.lru_list().next(),
        Some(cache[1]),
        "it counts as just used"
    );
    assert_eq!(zone.nr_lru_clean(), zone.nr_lru());
    // Everything evictable goes, and the scan ends.
    let most = zone.nr_lru() - 2;
    assert_eq!((zone.reclaim(u32::MAX, &mut ()), zone.nr_lru()), (most, 2));
    assert_eq!(zone.reclaim(u32::MAX, &mut ()), 0);
    assert_eq!(zone.verify(), Ok(()));
}

#[test]
fn eviction_is_refused_for_its_reason() {
    let mut zone = zone();
    let cache = zone
        .alloc_pages(CACHE, 2, Owner(9), &mut ())
        .expect("memory");
    let other = zone.alloc_pages(USER, 0, ME, &mut ()).expect("memory");
    zone.lru_add(cache);
    zone.lru_add(cache + 1);
    assert_eq!((zone.nr_lru(), zone.nr_lru_clean()), (4, 4));
    assert_eq!(zone.evict(other, &mut ()), Err(EvictError::NotCache));
    assert_eq!(zone.evict(cache + 1, &mut ()), Err(EvictError::NotHead));
    assert_eq!(zone.evict(u32::MAX, &mut ()), Err(EvictError::NotHead));
    assert_eq!(
        zone.set_flags(cache, PageFlags::DIRTY | PageFlags::PINNED),
        Ok(())
    );
    assert_eq!(zone.evict(cache, &mut ()), Err(EvictError::Busy));
    assert_eq!(zone.clear_flags(cache, PageFlags::PINNED), Ok(()));
    assert_eq!(
        (zone.evict(cache, &mut ()), zone.nr_lru_clean()),
        (Err(EvictError::Dirty), 0)
    );
    zone.writeback(cache);
    let mut events = Vec::new();
    assert_eq!(zone.evict(cache, &mut events), Ok(2));
    let owner = Owner(9);
    assert_eq!(
        events[0],
        Event::Evict {
            pfn: cache,
            order: 2,
            owner
        }
    );
    assert_eq!(
        events[1],
        Event::Free {
            pfn: cache,
            order: 2,
            owner
        }
    );
    assert_eq!(
        (zone.nr_lru(), zone.nr_lru_clean(), zone.verify()),
        (0, 0, Ok(()))
    );
}

#[test]
fn flags_and_owners_belong_to_allocated_blocks() {
    let mut zone = zone();
    let pfn = zone
        .alloc_pages(USER | Gfp::ZERO, 1, ME, &mut ())
        .expect("memory");
    assert_eq!(flags_of(&zone, pfn), PageFlags::ZEROED);
    assert_eq!(
        zone.set_flags(pfn + 1, PageFlags::DIRTY),
        Err(FlagError::NotHead)
    );
    assert_eq!(
        zone.set_flags(4096, PageFlags::DIRTY),
        Err(FlagError::NotHead)
    );
    for flags in [PageFlags::LRU, PageFlags::RESERVED] {
        let both = flags | PageFlags::DIRTY;
        assert_eq!(zone.set_flags(pfn, both), Err(FlagError::Fixed { flags }));
    }
    assert_eq!(zone.set_owner(pfn, Owner(5)), Ok(()));
    assert_eq!(zone.set_owner(pfn + 1, Owner(5)), Err(FlagError::NotHead));
    let mut events = Vec::new();
    assert_eq!(zone.free_pages(pfn, 1, &mut events), Ok(()));
    assert_eq!(
        events[0],
        Event::Free {
            pfn,
            order: 1,
            owner: Owner(5)
        }
    );
}

#[test]
fn exclusive_blocks_come_from_the_tail_locked() {
    let mut zone = zone();
    let first = zone.alloc_pages(USER, 0, ME, &mut ()).expect("memory");
    let gfp = Gfp::GFP_ATOMIC | Gfp::MOVABLE;
    let mut events = Vec::new();
    let pfn = zone
        .alloc_exclusive(gfp, 10, ME, &mut events)
        .expect("memory");
    assert_eq!((first, pfn), (0, 3072), "the last block of the list");
    assert_eq!(
        flags_of(&zone, pfn),
        PageFlags::EXCLUSIVE | PageFlags::LOCKED
    );
    assert!(matches!(
        events[..],
        [Event::Alloc {
            pfn: 3072,
            order: 10,
            ..
        }]
    ));
    assert_eq!(zone.migrate(pfn, &mut ()), Err(MigrateError::Busy));
    zone.lru_add(pfn);
    assert_eq!(zone.nr_lru(), 0, "it is no page cache");
    assert_eq!(zone.free_pages(pfn, 10, &mut ()), Ok(()));
}

#[test]
fn flags_and_types_have_text_forms() {
    let atomic: Gfp = serde_json::from_str("\"GFP_ATOMIC|__GFP_ZERO\"").expect("flags");
    assert_eq!(atomic, Gfp::GFP_ATOMIC | Gfp::ZERO);
    assert_eq!(
        serde_json::to_string(&atomic).ok().as_deref(),
        Some("\"GFP_ATOMIC|__GFP_ZERO\"")
    );
    let error = serde_json::from_str::<Gfp>("\"GFP_EXCLUSIVE\"").expect_err("no such flag");
    assert!(error.to_string().contains("GFP_EXCLUSIVE"), "{error}");
    let flags = PageFlags::LRU | PageFlags::DIRTY;
    let text = serde_json::to_string(&flags).expect("flags");
    assert_eq!(
        serde_json::from_str::<PageFlags>(&text).ok(),
        Some(flags),
        "{text}"
    );
    let letters: String = MigrateType::ALL.iter().map(|list| list.letter()).collect();
    assert_eq!(letters, "UMEHCI");
}
