//! The buddy lists against a second, literal implementation: deques that are searched, nothing clever.

mod common;
mod oracle;

use common::op::Random;
use labyrinth::mm::{Gfp, MAX_PAGE_ORDER, MigrateType, Order, Owner, Pfn, Zone, ZoneConfig};
use oracle::literal::Literal;

fn lists(zone: &Zone) -> Vec<Vec<Pfn>> {
    (0..=MAX_PAGE_ORDER)
        .map(|order| zone.free_list(order, MigrateType::Movable).collect())
        .collect()
}

fn live_in_step(pages: u32, pageblock_order: Order, seed: u64) {
    let mut config = ZoneConfig::new("Movable", pages, pageblock_order);
    // No reserve: a request fails if and only if there is no block.
    config.min_free_kbytes = Some(0);
    let mut zone = Zone::new(config).expect("a zone");
    let mut literal = Literal::new(pages);
    let mut random = Random(seed);
    let mut held = Vec::new();
    let mut fails = 0;
    assert_eq!(lists(&zone), literal.lists(), "after boot");
    for step in 0..4000 {
        // Fills up, empties, fills up.
        let filling = step / 500 % 2 == 0;
        if random.below(10) < if filling { 7 } else { 3 } {
            let order = random.pick(&[0, 0, 0, 0, 1, 1, 2, 3, 4, 5, 7, 9, 10]);
            let tail = random.below(4) == 0;
            let gfp = Gfp::GFP_HIGHUSER_MOVABLE;
            let got = if tail {
                zone.alloc_exclusive(gfp, order, Owner(1), &mut ())
            } else {
                zone.alloc_pages(gfp, order, Owner(1), &mut ())
            };
            assert_eq!(
                got.ok(),
                literal.alloc(order, tail),
                "step {step}, order {order}"
            );
            match got {
                Ok(pfn) => held.push((pfn, order)),
                Err(_) => fails += 1,
            }
        } else if !held.is_empty() {
            let at = random.below(held.len() as u32) as usize;
            let (pfn, order) = held.swap_remove(at);
            assert_eq!(zone.free_pages(pfn, order, &mut ()), Ok(()));
            literal.free(pfn, order);
        }
        assert_eq!(lists(&zone), literal.lists(), "step {step}");
    }
    assert!(fails > 10, "memory did run out: {fails}");
}

#[test]
fn lists_are_as_the_rules_say_block_for_block() {
    for (seed, pages) in [(1, 4096), (2, 4096), (3, 3072 + 511), (4, 5000)] {
        for pageblock_order in [1, 4, 9] {
            live_in_step(pages, pageblock_order, seed);
        }
    }
}
