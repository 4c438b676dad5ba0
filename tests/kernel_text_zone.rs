//! A zone that is laid out from a line of `/proc/buddyinfo` has the free blocks of that line.

use labyrinth::kernel_text::buddyinfo::{self, BuddyLine};
use labyrinth::kernel_text::layout::layout;
use labyrinth::mm::{MigrateType, Order, Owner, PageFlags, Pfn, Zone, ZoneConfig};
use proptest::prelude::*;

/// A zone in which everything but the layout's free blocks is taken into use, page by page.
fn laid_out(
    free: &[u64; 11],
    pages: u32,
    reserved: &[(Pfn, Order)],
    budget: u32,
    seed: u64,
) -> (Zone, [u32; 11], bool) {
    let mut state = seed;
    let plan = layout(free, pages, reserved, budget, &mut |n| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((state >> 33) % u64::from(n)) as u32
    })
    .unwrap();
    let mut zone = Zone::new(ZoneConfig::new("DMA", pages, 4)).unwrap();
    for &(pfn, order) in reserved {
        zone.alloc_at(
            pfn,
            order,
            MigrateType::Unmovable,
            Owner::NONE,
            PageFlags::RESERVED,
            &mut (),
        )
        .unwrap();
    }
    let mut left = vec![true; pages as usize];
    for &(pfn, order) in plan.free.iter().chain(reserved) {
        left[pfn as usize..(pfn + (1 << order)) as usize].fill(false);
    }
    for (pfn, _) in (0..).zip(left).filter(|&(_, left)| left) {
        zone.alloc_at(
            pfn,
            0,
            MigrateType::Movable,
            Owner(7),
            PageFlags::empty(),
            &mut (),
        )
        .unwrap();
    }
    zone.verify().unwrap();
    (zone, plan.counts, plan.scaled.is_none())
}

#[test]
fn the_sample_lines_stand_in_the_zone_as_laid_out() {
    let built = [
        (0x54, 2),
        (0x3f0, 2),
        (0x61c, 2),
        (0x77f, 0),
        (0x9a8, 2),
        (0xb04, 2),
        (0xffc, 2),
    ];
    for line in buddyinfo::parse(include_str!("data/buddyinfo.txt")).unwrap() {
        for reserved in [&built[..], &[]] {
            let (zone, counts, _) = laid_out(&line.free, 4096, reserved, 800, 11);
            assert_eq!(zone.free_counts(), counts, "{}", line.zone);
        }
    }
}

#[test]
fn zone_dma_of_a_real_machine_prints_its_own_line() {
    let text = include_str!("data/buddyinfo.txt");
    let line = &buddyinfo::parse(text).unwrap()[0];
    let (zone, _, verbatim) = laid_out(&line.free, 4096, &[], 800, 1);
    assert!(verbatim);
    let free = zone.free_counts().map(u64::from);
    let printed = BuddyLine {
        node: 0,
        zone: zone.config().name.clone(),
        free,
    };
    assert_eq!(
        buddyinfo::print(&[printed]),
        text.split_inclusive('\n').next().unwrap()
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_line_stands_in_the_zone_as_laid_out(
        line in proptest::array::uniform11(prop_oneof![Just(0), 0..8_u64, 0..500_u64, any::<u64>()]),
        pages in 500..4200_u32,
        built in proptest::collection::btree_set(0..100_u32, 0..6),
        seed: u64,
    ) {
        let built: Vec<(Pfn, Order)> = built.into_iter().map(|site| (site * 4, 2)).collect();
        let (zone, counts, verbatim) = laid_out(&line, pages, &built, pages / 5, seed);
        prop_assert_eq!(zone.free_counts(), counts);
        if verbatim {
            prop_assert_eq!(zone.free_counts().map(u64::from), line);
        }
    }
}
