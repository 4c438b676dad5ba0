//! The buddy lists against a second, literal implementation: deques that are searched, nothing clever.

mod common;

use std::collections::VecDeque;

use common::op::Random;
use labyrinth::mm::{
    Gfp, MAX_PAGE_ORDER, MigrateType, NR_PAGE_ORDERS, Order, Owner, Pfn, Zone, ZoneConfig,
};

/// The rules of Linux's free lists for one migrate type, word for word.
struct Literal {
    lists: [VecDeque<Pfn>; NR_PAGE_ORDERS],
}

impl Literal {
    /// All free, in the largest blocks that fit, ascending.
    fn new(pages: u32) -> Self {
        let mut lists: [VecDeque<Pfn>; NR_PAGE_ORDERS] = Default::default();
        let mut pfn = 0;
        for order in (0..NR_PAGE_ORDERS).rev() {
            while pages - pfn >= 1 << order {
                lists[order].push_back(pfn);
                pfn += 1 << order;
            }
        }
        Self { lists }
    }

    fn alloc(&mut self, order: Order, tail: bool) -> Option<Pfn> {
        let order = usize::from(order);
        let mut found = (order..NR_PAGE_ORDERS).find(|&o| !self.lists[o].is_empty())?;
        let list = &mut self.lists[found];
        let pfn = if tail {
            list.pop_back()
        } else {
            list.pop_front()
        }?;
        while found > order {
            found -= 1;
            self.lists[found].push_front(pfn + (1 << found));
        }
        Some(pfn)
    }

    fn is_free(&self, pfn: Pfn, order: usize) -> bool {
        self.lists[order].contains(&pfn)
    }

    fn free(&mut self, mut pfn: Pfn, order: Order) {
        let mut order = usize::from(order);
        while order < usize::from(MAX_PAGE_ORDER) && self.is_free(pfn ^ (1 << order), order) {
            let buddy = pfn ^ (1 << order);
            self.lists[order].retain(|&free| free != buddy);
            pfn = pfn.min(buddy);
            order += 1;
        }
        let parent = pfn >> (order + 1) << (order + 1);
        if order <= 8 && self.is_free(parent ^ (2 << order), order + 1) {
            self.lists[order].push_back(pfn);
        } else {
            self.lists[order].push_front(pfn);
        }
    }

    fn lists(&self) -> Vec<Vec<Pfn>> {
        let lists = self.lists.iter();
        lists.map(|list| list.iter().copied().collect()).collect()
    }
}

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
