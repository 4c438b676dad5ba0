//! Per-CPU page lists: what they keep, in which order, how much, and what the rest of the allocator makes of it.

mod common;

use std::fs;

use common::history::History;
use common::op::{Op, Random};
use common::words;
use labyrinth::mm::{
    BlockState, ConfigError, CpuError, Event, FreeError, Gfp, MigrateType, Order, Owner, PcpLimits,
    Pfn, Zone, ZoneConfig, pcp_limits,
};

const MOVABLE: Gfp = Gfp::GFP_HIGHUSER_MOVABLE;

fn zone_of(pages: u32, pageblock_order: Order, cpus: u16) -> Zone {
    let mut config = ZoneConfig::new("Normal", pages, pageblock_order);
    config.cpus = cpus;
    Zone::new(config).expect("a zone")
}

/// 256 MiB: a batch is 15 pages.
fn zone() -> Zone {
    zone_of(65_536, 9, 1)
}

fn alloc(zone: &mut Zone, gfp: Gfp, order: Order) -> Pfn {
    let got = zone.alloc_pages(gfp, order, Owner(1), &mut ());
    got.expect("memory is left")
}

fn free(zone: &mut Zone, pfn: Pfn, order: Order) {
    assert_eq!(zone.free_pages(pfn, order, &mut ()), Ok(()));
}

fn listed(zone: &Zone, order: Order, list: MigrateType) -> Vec<Pfn> {
    zone.cpu_list(0, order, list).collect()
}

#[test]
fn limits_are_those_of_a_running_kernel() {
    let text = fs::read_to_string("tests/data/zoneinfo.txt").expect("tests/data/zoneinfo.txt");
    let mut checked = Vec::new();
    for zone in text.split("Node 0, zone").skip(1) {
        let figures = |name: &str| -> Vec<u32> {
            let lines = zone.lines().map(str::trim);
            let found = lines.filter_map(|line| line.strip_prefix(name)?.trim().parse().ok());
            found.collect()
        };
        let cpus = figures("cpu:").len() as u16;
        if cpus == 0 {
            continue;
        }
        let limits = pcp_limits(figures("managed")[0], figures("low")[0], cpus);
        let PcpLimits {
            batch,
            high_min,
            high_max,
        } = limits;
        let all = |figure: u32| vec![figure; cpus.into()];
        assert_eq!(figures("batch:"), all(batch), "{zone}");
        assert_eq!(figures("high_min:"), all(high_min), "{zone}");
        assert_eq!(figures("high_max:"), all(high_max), "{zone}");
        checked.push((batch, high_min, high_max));
    }
    let golden = [(1, 6, 240), (63, 1444, 48_307), (63, 10_081, 337_141)];
    assert_eq!(checked, golden);
}

#[test]
fn limits_of_tiny_zones_are_in_range() {
    for managed in [1, 2, 255, 1024, 4096, 8191, 8192] {
        let limits = pcp_limits(managed, 0, 3);
        assert_eq!((limits.batch, limits.high_min), (1, 4), "{managed}");
        assert!(limits.high_max >= limits.high_min);
    }
    assert_eq!(pcp_limits(1 << 20, 0, 0), pcp_limits(1 << 20, 0, 1));
}

#[test]
fn zones_have_no_such_lists_unless_asked() {
    let mut zone = zone_of(4096, 9, 0);
    assert_eq!((zone.pcp_limits(), zone.cpu_pages(0)), (None, None));
    assert_eq!(zone.set_cpu(0), Err(CpuError { cpu: 0, cpus: 0 }));
    let pfn = alloc(&mut zone, MOVABLE, 0);
    free(&mut zone, pfn, 0);
    assert_eq!((zone.nr_pcp_pages(), zone.drain_all(&mut ())), (0, 0));
    assert_eq!(zone.nr_free_pages(), 4096);
    let mut config = ZoneConfig::new("Normal", 4096, 9);
    config.cpus = 8193;
    let refused = Zone::new(config).expect_err("too many");
    assert_eq!(
        refused,
        ConfigError::Cpus {
            cpus: 8193,
            most: 8192
        }
    );
}

#[test]
fn a_refill_keeps_the_order_of_addresses() {
    let mut zone = zone();
    let batch = zone.pcp_limits().expect("lists").batch;
    assert_eq!(batch, 15);
    for expected in 0..200 {
        assert_eq!(alloc(&mut zone, MOVABLE, 0), expected);
    }
    let kept = listed(&zone, 0, MigrateType::Movable);
    assert!(
        kept.iter().copied().eq(200..200 + kept.len() as u32),
        "{kept:?}"
    );
    assert_eq!(zone.verify(), Ok(()));
}

#[test]
fn what_was_freed_last_is_handed_out_first_and_free_lists_do_not_change() {
    let mut zone = zone();
    let pages: Vec<Pfn> = (0..8).map(|_| alloc(&mut zone, MOVABLE, 0)).collect();
    let counts = zone.free_counts();
    let free_pages = zone.nr_free_pages();
    let mut events = Vec::new();
    for &pfn in &pages {
        assert_eq!(zone.free_pages(pfn, 0, &mut events), Ok(()));
    }
    assert!(
        events
            .iter()
            .all(|event| matches!(event, Event::Free { .. }))
    );
    events.clear();
    for &pfn in pages.iter().rev() {
        let got = zone.alloc_pages(MOVABLE, 0, Owner(2), &mut events);
        assert_eq!(got, Ok(pfn));
    }
    assert!(
        events
            .iter()
            .all(|event| matches!(event, Event::Alloc { .. }))
    );
    assert_eq!(
        (zone.free_counts(), zone.nr_free_pages()),
        (counts, free_pages)
    );
}

#[test]
fn refills_double_and_a_free_halves_them() {
    let mut zone = zone();
    let mut refills = Vec::new();
    let mut last = 0;
    while refills.len() < 5 {
        let free = zone.nr_free_pages();
        last = alloc(&mut zone, MOVABLE, 0);
        let fetched = free - zone.nr_free_pages();
        if fetched > 0 {
            refills.push(fetched);
        }
    }
    assert_eq!(refills, [15, 30, 60, 120, 240]);
    let factor = zone.cpu_pages(0).expect("a CPU").alloc_factor;
    assert_eq!(factor, 5);
    free(&mut zone, last, 0);
    assert_eq!(zone.cpu_pages(0).expect("a CPU").alloc_factor, 2);
}

#[test]
fn refills_of_larger_blocks_are_smaller_and_never_double() {
    let mut zone = zone();
    for (order, blocks) in [(1, 7), (2, 3), (3, 2)] {
        for _ in 0..2 {
            let before = zone.nr_free_pages();
            alloc(&mut zone, MOVABLE, order);
            assert_eq!(
                before - zone.nr_free_pages(),
                blocks << order,
                "order {order}"
            );
            for _ in 1..blocks {
                alloc(&mut zone, MOVABLE, order);
            }
        }
    }
}

#[test]
fn a_cpu_that_keeps_too_much_gives_back_a_batch_or_more_from_the_tail() {
    let mut zone = zone();
    let limits = zone.pcp_limits().expect("lists");
    let pages: Vec<Pfn> = (0..20_000).map(|_| alloc(&mut zone, MOVABLE, 0)).collect();
    let mut given_back = 0;
    for &pfn in &pages {
        let before = zone.nr_free_pages();
        free(&mut zone, pfn, 0);
        let back = zone.nr_free_pages() - before;
        if back > 0 {
            assert!(back >= limits.batch, "{back}");
            // The first freed page is the first to go; pages fetched and never used go before.
            given_back += back;
            let kept = listed(&zone, 0, MigrateType::Movable);
            assert_eq!(kept.first(), Some(&pfn), "the last one stays");
        }
        let cpu = zone.cpu_pages(0).expect("a CPU");
        assert!(
            cpu.count <= limits.high_max && cpu.high >= limits.high_min,
            "{cpu:?}"
        );
        assert!(cpu.high <= limits.high_max);
    }
    assert!(given_back > 0, "20000 pages are more than {limits:?}");
    assert_eq!(zone.verify(), Ok(()));
}

#[test]
fn draining_makes_whole_blocks_again() {
    let mut zone = zone_of(65_536, 9, 4);
    let fresh = zone_of(65_536, 9, 4).free_counts();
    let mut blocks = Vec::new();
    for cpu in 0..4 {
        assert_eq!(zone.set_cpu(cpu), Ok(()));
        for order in [0, 0, 0, 1, 2, 3, 9, 0, 5] {
            blocks.push((alloc(&mut zone, MOVABLE, order), order));
        }
    }
    for (i, &(pfn, order)) in blocks.iter().enumerate() {
        assert_eq!(zone.set_cpu(i as u16 % 4), Ok(()));
        free(&mut zone, pfn, order);
    }
    assert_eq!(zone.verify(), Ok(()));
    let kept = zone.nr_pcp_pages();
    assert!(kept > 0 && zone.nr_free_pages() + kept == 65_536);
    assert_eq!(zone.drain_all(&mut ()), kept);
    assert_eq!((zone.nr_pcp_pages(), zone.free_counts()), (0, fresh));
    assert_eq!(zone.verify(), Ok(()));
}

#[test]
fn a_kept_page_is_neither_free_nor_allocated() {
    let mut zone = zone();
    let pfn = alloc(&mut zone, MOVABLE, 0);
    let buddy = alloc(&mut zone, MOVABLE, 0);
    assert_eq!(buddy, pfn ^ 1);
    free(&mut zone, pfn, 0);
    let block = zone.block_at(pfn).expect("in the zone");
    let list = MigrateType::Movable;
    assert_eq!(block.state, BlockState::Cached { cpu: 0, list });
    assert!(!block.is_free());
    let before = zone.clone();
    assert_eq!(zone.free_pages(pfn, 0, &mut ()), Err(FreeError::DoubleFree));
    assert_eq!(zone.free_pages(pfn, 1, &mut ()), Err(FreeError::DoubleFree));
    assert!(zone.evict(pfn, &mut ()).is_err() && zone.migrate(pfn, &mut ()).is_err());
    zone.touch(pfn);
    zone.lru_add(pfn);
    assert!(zone == before, "what is refused changes nothing");
    // Its buddy does not merge with it, though both are freed; draining merges both.
    free(&mut zone, buddy, 0);
    assert_eq!(zone.block_at(pfn).map(|block| block.order), Some(0));
    zone.drain_all(&mut ());
    assert_eq!(zone.block_at(pfn).map(|block| block.order), Some(10));
}

#[test]
fn each_type_has_its_list_and_reserves_go_with_the_movable() {
    let mut zone = zone();
    let unmovable = alloc(&mut zone, Gfp::GFP_KERNEL, 0);
    let movable = alloc(&mut zone, MOVABLE, 0);
    let reclaimable = alloc(&mut zone, Gfp::GFP_KERNEL | Gfp::RECLAIMABLE, 0);
    let kept = [
        (unmovable, MigrateType::Unmovable),
        (movable, MigrateType::Movable),
        (reclaimable, MigrateType::Reclaimable),
    ];
    for (pfn, list) in kept {
        free(&mut zone, pfn, 0);
        assert_eq!(listed(&zone, 0, list).first(), Some(&pfn), "{list:?}");
    }
    for list in [MigrateType::HighAtomic, MigrateType::Cma] {
        let pfn = alloc(&mut zone, MOVABLE, 0);
        zone.set_pageblock_type(pfn, list);
        free(&mut zone, pfn, 0);
        let first = listed(&zone, 0, MigrateType::Movable)[0];
        assert_eq!(first, pfn, "{list:?}");
        assert!(listed(&zone, 0, list).is_empty());
    }
    assert_eq!(zone.verify(), Ok(()));
}

#[test]
fn nothing_of_an_isolated_pageblock_is_kept() {
    let mut zone = zone();
    let held = alloc(&mut zone, MOVABLE, 0);
    let kept = alloc(&mut zone, MOVABLE, 0);
    free(&mut zone, kept, 0);
    assert!(zone.nr_pcp_pages() > 0);
    assert_eq!(zone.isolate(0, 9, &mut ()), Ok(()));
    assert_eq!((zone.nr_pcp_pages(), zone.nr_isolated()), (0, 511));
    free(&mut zone, held, 0);
    assert_eq!((zone.nr_pcp_pages(), zone.nr_isolated()), (0, 512));
    assert!(alloc(&mut zone, MOVABLE, 0) >= 512);
    assert_eq!(zone.verify(), Ok(()));
}

#[test]
fn orders_0_to_3_and_huge_pages_are_kept() {
    for (pageblock_order, kept) in [(9, vec![0, 1, 2, 3, 9]), (4, vec![0, 1, 2, 3])] {
        for order in 0..=10 {
            let mut zone = zone_of(65_536, pageblock_order, 1);
            let pfn = alloc(&mut zone, MOVABLE, order);
            free(&mut zone, pfn, order);
            assert_eq!(
                zone.nr_pcp_pages() > 0,
                kept.contains(&order),
                "order {order}"
            );
            let is_listed = listed(&zone, order, MigrateType::Movable).contains(&pfn);
            assert_eq!(is_listed, kept.contains(&order), "order {order}");
        }
    }
}

#[test]
fn blocks_larger_than_a_pageblock_are_not_kept() {
    let mut zone = zone_of(4096, 1, 1);
    let pfn = alloc(&mut zone, MOVABLE, 2);
    assert_eq!(zone.isolate(pfn + 2, 1, &mut ()), Ok(()));
    free(&mut zone, pfn, 2);
    assert_eq!(zone.nr_isolated(), 2, "half of the block");
    assert_eq!(zone.verify(), Ok(()));
    let pfn = alloc(&mut zone, MOVABLE, 1);
    free(&mut zone, pfn, 1);
    let kept = listed(&zone, 1, MigrateType::Movable);
    assert_eq!(kept.first(), Some(&pfn), "a whole pageblock is");
}

#[test]
fn each_cpu_has_lists_of_its_own() {
    let mut zone = zone_of(65_536, 9, 2);
    let pfn = alloc(&mut zone, MOVABLE, 0);
    free(&mut zone, pfn, 0);
    assert_eq!(zone.set_cpu(1), Ok(()));
    assert_ne!(alloc(&mut zone, MOVABLE, 0), pfn);
    assert_eq!(zone.set_cpu(0), Ok(()));
    assert_eq!(alloc(&mut zone, MOVABLE, 0), pfn);
    let refused = zone.set_cpu(2).expect_err("two CPUs");
    let said = "the zone has page lists for 2 CPUs, numbered from 0; there is no CPU 2";
    assert_eq!(refused.to_string(), said);
    // Where a page was allocated does not matter to where it is kept.
    assert_eq!(zone.set_cpu(1), Ok(()));
    free(&mut zone, pfn, 0);
    let kept: Vec<Pfn> = zone.cpu_list(1, 0, MigrateType::Movable).collect();
    assert_eq!(kept.first(), Some(&pfn));
}

#[test]
fn what_another_cpu_keeps_is_had_by_reclaiming() {
    let mut zone = zone_of(1024, 9, 2);
    let mut held = Vec::new();
    // Everything above the reserve, one block of it page cache.
    while let Ok(pfn) = zone.alloc_pages(MOVABLE | Gfp::NORETRY, 0, Owner(1), &mut ()) {
        held.push(pfn);
    }
    zone.lru_add(held[0]);
    for &pfn in &held[1..=16] {
        free(&mut zone, pfn, 0);
    }
    assert!(zone.nr_pcp_pages() >= 4);
    assert_eq!(zone.set_cpu(1), Ok(()));
    let kept = zone.nr_pcp_pages();
    let atomic = zone.alloc_pages(Gfp::GFP_NOWAIT, 4, Owner(2), &mut ());
    assert!(atomic.is_err());
    let mut events = Vec::new();
    let slept = zone.alloc_pages(MOVABLE, 3, Owner(2), &mut events);
    assert!(slept.is_ok(), "{slept:?} with {kept} pages kept");
    assert!(
        events
            .iter()
            .any(|event| matches!(event, Event::Evict { .. }))
    );
    assert_eq!(zone.verify(), Ok(()));
}

#[test]
fn equal_zones_keep_equal_lists() {
    let mut zone = zone_of(65_536, 9, 2);
    let other = zone.clone();
    assert!(zone == other);
    assert_eq!(zone.set_cpu(1), Ok(()));
    assert!(zone != other && words(&zone) != words(&other));
    assert_eq!(zone.set_cpu(0), Ok(()));
    let pages = [(); 2].map(|()| alloc(&mut zone, MOVABLE, 0));
    let mut other = zone.clone();
    for i in [0, 1] {
        free(&mut zone, pages[i], 0);
        free(&mut other, pages[1 - i], 0);
    }
    assert_eq!(zone.free_counts(), other.free_counts());
    assert!(zone != other, "the lists differ in order");
}

#[test]
fn invariants_hold_through_long_random_histories_on_several_cpus() {
    let mut kept_most = 0;
    for seed in 0..12_u64 {
        let pages = [4096, 16_384, 1000, 3001][seed as usize % 4];
        let mut config = ZoneConfig::new("Normal", pages, [9, 4, 3, 9][(seed / 4) as usize % 4]);
        config.cpus = 1 + seed as u16 % 3;
        let cpus = config.cpus;
        let mut random = Random(seed);
        let mut history = History::new(config);
        for step in 0..20_000 {
            if random.below(20) == 0 {
                let cpu = random.below(cpus.into()) as u16;
                assert_eq!(history.zone.set_cpu(cpu), Ok(()));
            }
            history.apply(Op::random(&mut random, pages));
            kept_most = kept_most.max(history.zone.nr_pcp_pages());
            if step % 500 == 0 {
                history.verify();
            }
        }
        history.verify();
    }
    assert!(kept_most > 500, "{kept_most}");
}
