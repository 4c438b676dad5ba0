//! Lines of `/proc/buddyinfo` get places in a zone: verbatim when they can, scaled by the rule when not.

use std::collections::{BTreeMap, BTreeSet};

use labyrinth::kernel_text::layout::layout;
use labyrinth::kernel_text::{Layout, LayoutError, buddyinfo};
use labyrinth::mm::{Order, Pfn};
use proptest::prelude::*;

const DMA: u32 = 4096;

/// A small generator for the draws of a layout; the tests need variety, not quality.
fn draws(seed: u64) -> impl FnMut(u32) -> u32 {
    let mut state = seed;
    move |n| {
        assert!(n > 1, "there is nothing to choose");
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((state >> 33) % u64::from(n)) as u32
    }
}

fn lay(
    free: &[u64; 11],
    pages: u32,
    reserved: &[(Pfn, Order)],
    budget: u32,
    seed: u64,
) -> Result<Layout, LayoutError> {
    layout(free, pages, reserved, budget, &mut draws(seed))
}

/// Free blocks per order of a zone with these free pages: what a buddy allocator makes of them.
fn merged(free: &[bool]) -> [u64; 11] {
    let mut counts = [0; 11];
    let mut pfn = 0;
    while pfn < free.len() {
        if !free[pfn] {
            pfn += 1;
            continue;
        }
        let order = (0..=10_usize)
            .rev()
            .find(|&order| {
                let end = pfn + (1 << order);
                pfn % (1 << order) == 0
                    && end <= free.len()
                    && free[pfn..end].iter().all(|&page| page)
            })
            .unwrap();
        counts[order] += 1;
        pfn += 1 << order;
    }
    counts
}

/// That a layout is what it says: blocks apart from each other and from what is reserved, and such that
/// an allocator that has only these pages free has exactly these blocks.
fn check(plan: &Layout, pages: u32, reserved: &[(Pfn, Order)]) {
    let mut free = vec![false; pages as usize];
    for &(pfn, order) in &plan.free {
        assert_eq!(pfn % (1 << order), 0, "block at {pfn} of order {order}");
        for page in pfn..pfn + (1 << order) {
            assert!(
                !std::mem::replace(&mut free[page as usize], true),
                "page {page} is free twice"
            );
        }
    }
    for &(pfn, order) in reserved {
        assert!(
            (pfn..pfn + (1 << order)).all(|page| !free[page as usize]),
            "reserved at {pfn}"
        );
    }
    assert!(plan.free.is_sorted());
    assert_eq!(merged(&free), plan.counts.map(u64::from));
    assert_eq!(
        free.iter().filter(|&&page| page).count(),
        plan.free_pages() as usize
    );
}

/// Devices and gates as a raid of the first zone builds them: 2x2 cells here and there, and a key.
const BUILT: [(Pfn, Order); 7] = [
    (0x54, 2),
    (0x3f0, 2),
    (0x61c, 2),
    (0x77f, 0),
    (0x9a8, 2),
    (0xb04, 2),
    (0xffc, 2),
];

#[test]
fn every_line_of_sixteen_pages_is_verbatim_exactly_if_some_free_pages_make_it() {
    let cases: [(u32, &[(Pfn, Order)]); 7] = [
        (16, &[]),
        (16, &[(5, 0)]),
        (16, &[(4, 2)]),
        (16, &[(0, 0), (15, 0)]),
        (16, &[(2, 1), (8, 0), (13, 0)]),
        (13, &[]),
        (11, &[(4, 0)]),
    ];
    for (pages, reserved) in cases {
        let taken = |page: u32| {
            reserved
                .iter()
                .any(|&(pfn, order)| page >> order == pfn >> order)
        };
        let mut possible = BTreeSet::new();
        for bits in 0_u32..1 << pages {
            let free: Vec<bool> = (0..pages).map(|page| bits >> page & 1 == 1).collect();
            if (0..pages).all(|page| !(free[page as usize] && taken(page))) {
                possible.insert(merged(&free));
            }
        }
        let mut verbatim = 0;
        for shape in 0..10 * 6 * 4 * 3 * 2_u64 {
            let mut free = [0; 11];
            let mut rest = shape;
            for (count, values) in free.iter_mut().zip([10, 6, 4, 3, 2]) {
                *count = rest % values;
                rest /= values;
            }
            match lay(&free, pages, reserved, pages, shape) {
                Ok(plan) => {
                    check(&plan, pages, reserved);
                    assert_eq!(
                        plan.scaled.is_none(),
                        possible.contains(&free),
                        "{free:?} in {pages}"
                    );
                    if plan.scaled.is_none() {
                        assert_eq!(plan.counts.map(u64::from), free);
                        verbatim += 1;
                    }
                }
                Err(error) => panic!("{error}: {free:?} in {pages} beside {reserved:?}"),
            }
        }
        assert_eq!(
            verbatim,
            possible.len(),
            "{pages} pages beside {reserved:?}"
        );
    }
}

#[test]
fn the_sample_lines_in_the_first_zone() {
    let lines = buddyinfo::parse(include_str!("data/buddyinfo.txt")).unwrap();
    // Zone DMA of a 24 GiB machine fits as it is: it is as large as ours.
    let plan = lay(&lines[0].free, DMA, &[], 800, 1).unwrap();
    assert_eq!(plan.scaled, None);
    assert_eq!(plan.counts, [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 3]);
    check(&plan, DMA, &[]);
    // Something is built in each of the four largest blocks, so it has to be scaled: 3 blocks of 1024 pages
    // are 640 pages of 800, one of 512 is 106 2/3 and one of 256 is 53 1/3. So 640 + 106 2/3 pages make
    // one block of 512, the 234 2/3 left and 53 1/3 more make one of 256, and 32 are left.
    let plan = lay(&lines[0].free, DMA, &BUILT, 800, 1).unwrap();
    assert_eq!(plan.scaled, Some((800, 3840)));
    assert_eq!(plan.counts, [0, 0, 0, 0, 0, 1, 0, 0, 1, 1, 0]);
    check(&plan, DMA, &BUILT);
    // The larger zones: the pages are 800 to the page, too.
    let expected = [
        (772_320, [2, 1, 1, 1, 1, 0, 0, 0, 1, 1, 0]),
        (4_707_631, [2, 1, 5, 5, 2, 2, 2, 0, 0, 1, 0]),
    ];
    for (line, (total, counts)) in lines[1..].iter().zip(expected) {
        let plan = lay(&line.free, DMA, &BUILT, 800, 1).unwrap();
        assert_eq!((plan.counts, plan.scaled), (counts, Some((800, total))));
        assert_eq!(plan.free_pages(), 800);
        check(&plan, DMA, &BUILT);
    }
}

#[test]
fn a_small_line_is_verbatim_whatever_the_budget() {
    let free = [9, 7, 5, 3, 2, 1, 1, 0, 0, 0, 0];
    for budget in [0, 1, 800, DMA] {
        let plan = lay(&free, DMA, &BUILT, budget, 7).unwrap();
        assert_eq!((plan.counts.map(u64::from), plan.scaled), (free, None));
        check(&plan, DMA, &BUILT);
    }
}

#[test]
fn fractions_are_carried_to_the_next_order_and_never_lost() {
    // 4 blocks of 8 pages and 1000 of 1 page, by 100/1032: 3.1 pages of order 3 make a block of order 1,
    // and 1.1 pages are left for order 0, which with its own 96.9 gives 98.
    let mut free = [0; 11];
    (free[3], free[0]) = (4, 1000);
    let plan = lay(&free, 1024, &[], 100, 3).unwrap();
    assert_eq!(plan.scaled, Some((100, 1032)));
    assert_eq!(plan.counts, [98, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    check(&plan, 1024, &[]);
}

#[test]
fn what_does_not_fit_is_split_and_what_is_left_at_the_end_stays_in_use() {
    // Single pages can be every second page at most.
    let mut free = [0; 11];
    free[0] = 100_000;
    let plan = lay(&free, 1024, &[], 900, 1).unwrap();
    assert_eq!(plan.counts, [512, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    check(&plan, 1024, &[]);
    // A block of the largest order that has a reserved page in it: one of each order below, for its size.
    let mut free = [0; 11];
    free[10] = 1;
    let plan = lay(&free, 1024, &[(700, 0)], 1024, 1).unwrap();
    assert_eq!(plan.scaled, Some((1024, 1024)));
    assert_eq!(plan.counts, [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0]);
    check(&plan, 1024, &[(700, 0)]);
}

#[test]
fn a_line_is_never_scaled_up() {
    // Too many single pages to lie apart, but fewer than the budget.
    let mut free = [0; 11];
    free[0] = 520;
    let plan = lay(&free, 1024, &[], 1000, 1).unwrap();
    assert_eq!((plan.free_pages(), plan.scaled), (512, Some((520, 520))));
}

#[test]
fn a_zone_of_any_size_and_all_of_it_free() {
    let mut free = [0; 11];
    free[10] = 4;
    let plan = lay(&free, DMA, &[], 0, 1).unwrap();
    assert_eq!(plan.free, [(0, 10), (1024, 10), (2048, 10), (3072, 10)]);
    // 1024 + 8 + 2 + 1 pages: beyond the end nothing can merge.
    let mut free = [0; 11];
    (free[10], free[3], free[1], free[0]) = (1, 1, 1, 1);
    let plan = lay(&free, 1035, &[], 0, 1).unwrap();
    assert_eq!(
        (plan.free, plan.scaled),
        (vec![(0, 10), (1024, 3), (1032, 1), (1034, 0)], None)
    );
    assert_eq!(lay(&[0; 11], 0, &[], 0, 1).unwrap().free, []);
}

#[test]
fn wrong_reservations_and_no_room_are_told() {
    let mut free = [0; 11];
    free[0] = 5000;
    let reserved = |pfn, order| {
        Err(LayoutError::Reserved {
            pfn,
            order,
            pages: 100,
        })
    };
    assert_eq!(lay(&free, 100, &[(96, 3)], 50, 1), reserved(96, 3));
    assert_eq!(lay(&free, 100, &[(2, 2)], 50, 1), reserved(2, 2));
    assert_eq!(lay(&free, 100, &[(0, 11)], 50, 1), reserved(0, 11));
    assert_eq!(lay(&free, 100, &[(0, 255)], 50, 1), reserved(0, 255));
    assert_eq!(
        lay(&free, 100, &[(u32::MAX, 0)], 50, 1),
        reserved(u32::MAX, 0)
    );
    assert_eq!(
        lay(&free, 100, &[(8, 3), (12, 1)], 50, 1),
        Err(LayoutError::Overlap { pfn: 12, order: 1 })
    );
    assert_eq!(
        lay(&free, 100, &[(8, 0), (8, 0)], 50, 1),
        Err(LayoutError::Overlap { pfn: 8, order: 0 })
    );
    let no_room = |budget, reserved| {
        Err(LayoutError::NoRoom {
            total: 5000,
            budget,
            reserved,
        })
    };
    assert_eq!(lay(&free, 100, &[], 0, 1), no_room(0, 0));
    assert_eq!(lay(&free, 16, &[(0, 4)], 50, 1), no_room(50, 16));
    assert_eq!(lay(&free, 0, &[], 50, 1), no_room(50, 0));
    assert_eq!(lay(&[0; 11], 16, &[(0, 4)], 50, 1).unwrap().free, []);
}

#[test]
fn the_largest_counts_do_not_overflow() {
    let plan = lay(&[u64::MAX; 11], 65_536, &[(8, 3)], 60_000, 1).unwrap();
    assert_eq!(plan.scaled, Some((60_000, u128::from(u64::MAX) * 2047)));
    assert_eq!(plan.free_pages(), 60_000);
    check(&plan, 65_536, &[(8, 3)]);
}

#[test]
fn places_are_drawn_by_lot_and_by_nothing_else() {
    // One free page in four: each place equally often.
    let mut free = [0; 11];
    free[0] = 1;
    let mut seen = [0; 4];
    let mut choose = draws(5);
    for _ in 0..4000 {
        let plan = layout(&free, 4, &[], 0, &mut choose).unwrap();
        seen[plan.free[0].0 as usize] += 1;
    }
    assert!(
        seen.iter().all(|times| (900..1100).contains(times)),
        "{seen:?}"
    );
    // Two in four pairs of pages: 6 pairs of pairs, 4 ways in each.
    free[0] = 2;
    let mut seen = BTreeMap::new();
    for _ in 0..24_000 {
        let plan = layout(&free, 8, &[], 0, &mut choose).unwrap();
        *seen.entry(plan.free).or_insert(0) += 1;
    }
    assert_eq!(seen.len(), 24);
    assert!(
        seen.values().all(|times| (850..1150).contains(times)),
        "{seen:?}"
    );
    let free = [40, 30, 20, 10, 5, 3, 2, 1, 0, 0, 0];
    assert_eq!(lay(&free, DMA, &BUILT, 0, 5), lay(&free, DMA, &BUILT, 0, 5));
    assert_ne!(lay(&free, DMA, &BUILT, 0, 5), lay(&free, DMA, &BUILT, 0, 6));
}

/// Blocks of a zone that do not overlap: those of a random list that are clear of the ones before.
fn apart(pages: u32, blocks: &[(Pfn, Order)]) -> Vec<(Pfn, Order)> {
    let mut taken = vec![false; pages as usize];
    let mut apart = Vec::new();
    for &(page, order) in blocks {
        let pfn = ((page % pages) >> order) << order;
        let range = pfn as usize..(pfn + (1 << order)) as usize;
        if taken
            .get(range.clone())
            .is_some_and(|range| !range.contains(&true))
        {
            taken[range].fill(true);
            apart.push((pfn, order));
        }
    }
    apart
}

proptest! {
    #[test]
    fn the_free_blocks_of_any_zone_are_laid_out_verbatim_elsewhere(
        pages in 1..6000_u32,
        pattern in proptest::collection::vec((0..6000_u32, 0..=10_u8), 0..200),
        built in proptest::collection::vec((any::<u32>(), 0..=10_u8), 0..8),
        seed: u64,
    ) {
        // Whatever is free somewhere beside the reserved ranges can be laid out beside them.
        let reserved = apart(pages, &built);
        let mut free = vec![true; pages as usize];
        let used = apart(pages, &pattern);
        for &(pfn, order) in used.iter().chain(&reserved) {
            free[pfn as usize..(pfn + (1 << order)) as usize].fill(false);
        }
        let counts = merged(&free);
        let plan = lay(&counts, pages, &reserved, 0, seed).unwrap();
        prop_assert_eq!(plan.scaled, None);
        prop_assert_eq!(plan.counts.map(u64::from), counts);
        check(&plan, pages, &reserved);
    }

    #[test]
    fn any_line_is_laid_out_near_its_budget_beside_anything(
        line in proptest::array::uniform11(prop_oneof![Just(0), 0..20_u64, 0..5000_u64, any::<u64>()]),
        pages in 1..6000_u32,
        built in proptest::collection::vec((any::<u32>(), 0..=10_u8), 0..8),
        budget in 0..6000_u32,
        seed: u64,
    ) {
        let reserved = apart(pages, &built);
        match lay(&line, pages, &reserved, budget, seed) {
            Ok(plan) => {
                check(&plan, pages, &reserved);
                if let Some((num, den)) = plan.scaled {
                    let total: u128 = (0..).zip(line).map(|(order, blocks)| u128::from(blocks) << order).sum();
                    prop_assert_eq!(den, total);
                    prop_assert_eq!(u128::from(num), total.min(budget.into()));
                    prop_assert!(plan.free_pages() <= num);
                    // The largest orders come first and get no more than their part.
                    let mut wanted = 0;
                    let mut got = 0;
                    for order in (0..11).rev() {
                        wanted += (u128::from(line[order]) << order) * u128::from(num);
                        got += u128::from(plan.counts[order]) << order;
                        prop_assert!(got * den <= wanted);
                    }
                } else {
                    prop_assert_eq!(plan.counts.map(u64::from), line);
                }
            }
            Err(LayoutError::NoRoom { .. }) => {
                let built: u32 = reserved.iter().map(|&(_, order)| 1 << order).sum();
                prop_assert!(budget == 0 || built == pages);
            }
            Err(error) => return Err(TestCaseError::fail(error.to_string())),
        }
    }

    #[test]
    fn a_scaled_line_is_its_budget_to_the_page_while_half_of_memory_stays_in_use(
        line in proptest::array::uniform11(1_000_000..9_000_000_u64),
        budget in 1..2000_u32,
        seed: u64,
    ) {
        let plan = lay(&line, DMA, &BUILT, budget, seed).unwrap();
        prop_assert_eq!(plan.free_pages(), budget);
        check(&plan, DMA, &BUILT);
    }
}
