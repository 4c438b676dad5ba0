//! Long random lives of zones of all shapes: every invariant holds, and the events tell everything.

mod common;

use std::thread;

use common::history::History;
use common::op::{GFPS, Op, Random};
use common::words;
use labyrinth::mm::{Counter, MAX_PAGE_ORDER, MigrateType, ZoneConfig};
use proptest::collection::vec;
use proptest::prelude::*;

const SEEDS: u64 = 64;
const OPS: u32 = 100_000;

/// Zones of many sizes, ragged ends included, and pageblocks from tiny to too large for the zone.
fn config(seed: u64) -> ZoneConfig {
    let pages = [4096, 1024, 1000, 2048 + 512 + 37, 600, 4096, 3001, 256][seed as usize % 8];
    let pageblock_order = [4, 4, 3, 5, 2, 6, 9, 1][(seed / 8) as usize % 8];
    let mut config = ZoneConfig::new("DMA", pages, pageblock_order);
    if seed.is_multiple_of(3) {
        config.min_free_kbytes = Some(pages / 4);
    }
    if seed.is_multiple_of(5) {
        config.watermark_boost_factor = 0;
    }
    config
}

fn live(seed: u64) -> Counter {
    let mut random = Random(seed);
    let mut history = History::new(config(seed));
    let pages = history.zone.pages();
    for step in 0..OPS {
        history.apply(Op::random(&mut random, pages));
        if step % 1000 == 0 {
            history.verify();
        }
    }
    history.verify();
    history.counter
}

#[test]
fn invariants_hold_through_long_random_histories() {
    let half = |half| {
        let seeds = (0..SEEDS).filter(move |seed| seed % 2 == half);
        seeds.map(live).collect::<Vec<_>>()
    };
    let halves = if cfg!(target_family = "wasm") {
        // No threads there.
        vec![half(0), half(1)]
    } else {
        thread::scope(|scope| {
            let halves = [0, 1].map(|at| scope.spawn(move || half(at)));
            let joined = halves.map(|half| half.join().expect("no panic"));
            Vec::from(joined)
        })
    };
    // A history in which nothing of a kind happened would have tested nothing of that kind.
    let of = |count: fn(&Counter) -> u64| halves.iter().flatten().map(count).sum::<u64>();
    for (what, happened) in [
        ("splits", of(|c| c.splits)),
        ("merges", of(|c| c.merges)),
        ("allocs", of(|c| c.allocs)),
        ("frees", of(|c| c.frees)),
        ("claims", of(|c| c.claims)),
        ("steals", of(|c| c.steals)),
        ("fails", of(|c| c.fails)),
        ("evicts", of(|c| c.evicts)),
        ("write-backs", of(|c| c.write_backs)),
        ("migrates", of(|c| c.migrates)),
        ("wakes", of(|c| c.wakes)),
        ("isolates", of(|c| c.isolates)),
        ("unisolates", of(|c| c.unisolates)),
        ("reserves", of(|c| c.reserves)),
        ("unreserves", of(|c| c.unreserves)),
    ] {
        assert!(happened > 100, "{what}: only {happened}");
    }
}

fn ops() -> impl Strategy<Value = Op> {
    let gfp = (0..GFPS.len()).prop_map(|i| GFPS[i]);
    let order = || 0..=MAX_PAGE_ORDER;
    prop_oneof![
        4 => (gfp.clone(), order()).prop_map(|(gfp, order)| Op::Alloc { gfp, order }),
        1 => (gfp, order()).prop_map(|(gfp, order)| Op::Exclusive { gfp, order }),
        4 => any::<u32>().prop_map(|pick| Op::Free { pick }),
        1 => (0_u32..300, 0_u8..12).prop_map(|(pfn, order)| Op::AnyFree { pfn, order }),
        2 => (any::<u32>(), any::<bool>()).prop_map(|(pick, dirty)| Op::Cache { pick, dirty }),
        1 => any::<u32>().prop_map(|pick| Op::Evict { pick }),
        1 => (0_u32..64).prop_map(|pages| Op::Reclaim { pages }),
        1 => any::<u32>().prop_map(|pick| Op::Migrate { pick }),
        1 => (0_u32..256, 0_u8..3).prop_map(|(pfn, wider)| Op::Isolate { pfn, wider }),
        1 => Just(Op::Unisolate),
        1 => (any::<u32>(), any::<bool>()).prop_map(|(pick, on)| Op::Pin { pick, on }),
        1 => (0_u32..256, order(), any::<bool>())
            .prop_map(|(pfn, order, reserved)| Op::At { pfn: pfn >> order << order, order, reserved }),
        1 => (0_u32..200, 0_usize..5)
            .prop_map(|(pfn, to)| Op::SetType { pfn, to: MigrateType::ALL[to] }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    /// Short lives, checked after every step; what fails is shrunk to the fewest steps.
    #[test]
    fn invariants_hold_after_every_step(
        ops in vec(ops(), 1..80),
        pages in 200_u32..=256,
        pageblock_order in 1_u8..=5,
        min_free_kbytes in 0_u32..200,
    ) {
        let mut config = ZoneConfig::new("DMA", pages, pageblock_order);
        config.min_free_kbytes = Some(min_free_kbytes);
        let mut history = History::new(config);
        for op in ops {
            history.apply(op);
            history.verify();
        }
    }

    /// The same calls make the same zone, word for word; and a copy lives on as the original does.
    #[test]
    fn a_zone_is_a_function_of_its_history(ops in vec(ops(), 1..60)) {
        let mut one = History::new(ZoneConfig::new("DMA", 256, 3));
        let mut two = History::new(ZoneConfig::new("DMA", 256, 3));
        for op in ops {
            let before = one.zone.clone();
            let was = words(&one.zone);
            one.apply(op);
            two.apply(op);
            prop_assert_eq!(&one.events, &two.events);
            prop_assert!(one.zone == two.zone);
            prop_assert_eq!(words(&one.zone), words(&two.zone));
            prop_assert_eq!(one.zone == before, words(&one.zone) == was, "{:?}", op);
        }
    }
}
