//! The scenarios that Linux tests its GPU buddy allocator with (drivers/gpu/tests), as far as they concern pages.
//!
//! That allocator takes sizes in bytes and ranges, keeps a node for each block, and knows which blocks were cleared;
//! a zone hands out pages and knows migrate types. So:
//!
//! | scenario | here |
//! |---|---|
//! | limit | the largest block and the largest zone |
//! | optimistic, pessimistic, pathological | as they are, for pools of one largest block or less |
//! | contiguous | a zone has no request for three pages: neighbours are taken by address |
//! | clear and dirty | pages are cleared at each request; what keeps buddies apart here is the migrate type |
//! | range bias | windows by address |
//! | fragmentation performance | the cost of a request must not grow with the number of free blocks |
//! | request above the largest order | as it is, and the arithmetic of 32 bits |
//! | offset-aligned | slots by address |
//! | subtree alignment | no trees here: the largest free order must be right after every step |
//! | clear tracker performance | merging happens at the free, so nothing is left to be merged by force |

mod common;

use std::time::{Duration, Instant};

use common::op::Random;
use labyrinth::mm::{
    AtError, Block, ConfigError, Counter, FailReason, FreeError, Gfp, IsolateError, MAX_PAGE_ORDER,
    MigrateType, Order, Owner, PageFlags, Pfn, Zone, ZoneConfig,
};

const GFP: Gfp = Gfp::GFP_HIGHUSER_MOVABLE;
const ME: Owner = Owner(1);

/// A zone of which everything can be handed out.
fn pool(pages: u32) -> Zone {
    let mut config = ZoneConfig::new("Pool", pages, 4);
    config.min_free_kbytes = Some(0);
    Zone::new(config).expect("a zone")
}

fn alloc(zone: &mut Zone, order: Order) -> Option<Pfn> {
    zone.alloc_pages(GFP, order, ME, &mut ()).ok()
}

fn at(zone: &mut Zone, pfn: Pfn, order: Order) -> Result<(), AtError> {
    let none = PageFlags::empty();
    zone.alloc_at(pfn, order, MigrateType::Movable, ME, none, &mut ())
}

fn free(zone: &mut Zone, pfn: Pfn, order: Order) {
    assert_eq!(zone.free_pages(pfn, order, &mut ()), Ok(()));
}

/// All memory is free again, in the blocks of a new zone.
fn assert_whole(zone: &Zone) {
    assert_eq!(zone.verify(), Ok(()));
    assert_eq!(zone.free_counts(), pool(zone.pages()).free_counts());
}

/// Scenario 1, limit. There the pool has all of 64 bits; here the largest block is 1024 pages, and a zone has a
/// largest size, beyond which it is refused before any memory is asked for.
#[test]
fn the_largest_block_is_exact_and_the_largest_zone_is_known() {
    let mut zone = pool(1 << MAX_PAGE_ORDER);
    let pfn = alloc(&mut zone, MAX_PAGE_ORDER).expect("the whole pool");
    let block = zone.block_at(pfn).expect("in the zone");
    assert_eq!(
        (block.pfn, block.order, block.pages()),
        (0, MAX_PAGE_ORDER, 1024)
    );
    assert_eq!(zone.nr_free_pages(), 0);
    free(&mut zone, pfn, MAX_PAGE_ORDER);
    assert_whole(&zone);
    for pages in [(1 << 28) + 1, u32::MAX] {
        let config = ZoneConfig::new("Pool", pages, 4);
        let error = Zone::new(config).expect_err("too large");
        let most = 1 << 28;
        assert_eq!(error, ConfigError::Pages { pages, most });
    }
}

/// Scenario 2, optimistic. One block of every order is what there is, and what is asked for.
#[test]
fn a_pool_with_one_block_of_every_order_gives_one_of_every_order() {
    let mut zone = pool((1 << (MAX_PAGE_ORDER + 1)) - 1);
    assert_eq!(zone.free_counts(), [1; 11]);
    for order in 0..=MAX_PAGE_ORDER {
        assert!(alloc(&mut zone, order).is_some(), "order {order}");
    }
    assert_eq!((zone.nr_free_pages(), zone.free_counts()), (0, [0; 11]));
    assert_eq!(alloc(&mut zone, 0), None);
}

/// Scenario 3, pessimistic. A pool of one block gives one of each smaller order and one page more; then nothing.
/// Given back from the smallest up, each makes the next order possible.
#[test]
fn one_block_of_each_order_fills_a_pool_and_each_free_makes_the_next_order_possible() {
    for top in 1..=MAX_PAGE_ORDER {
        let mut zone = pool(1 << top);
        let blocks: Vec<Pfn> = (0..top)
            .map(|order| alloc(&mut zone, order).expect("room"))
            .collect();
        let last = alloc(&mut zone, 0).expect("one page is left");
        for order in 0..=top {
            assert_eq!(alloc(&mut zone, order), None, "order {order}");
        }
        free(&mut zone, last, 0);
        for (order, pfn) in (0..).zip(blocks) {
            assert_eq!(zone.largest_free_order(), Some(order));
            free(&mut zone, pfn, order);
            let next = alloc(&mut zone, order + 1).expect("the next order");
            assert_eq!(alloc(&mut zone, order + 1), None, "only one");
            free(&mut zone, next, order + 1);
        }
        assert_whole(&zone);
    }
}

/// Scenario 4, pathological. Memory is whittled down so that one page of each round stays as a hole: no two of the
/// holes are buddies, so what is free in the end serves nothing but single pages.
#[test]
fn holes_that_are_no_buddies_serve_single_pages_only() {
    for max in 3..=MAX_PAGE_ORDER {
        let mut zone = pool(1 << max);
        let mut blocks: Vec<(Pfn, Order)> = Vec::new();
        let mut holes = Vec::new();
        for top in (1..=max).rev() {
            // Makes room: the block held longest, which the first round took and which is the largest.
            if !blocks.is_empty() {
                let (pfn, order) = blocks.remove(0);
                assert_eq!(order, top, "the largest");
                free(&mut zone, pfn, order);
            }
            for order in (0..top).rev() {
                blocks.push((alloc(&mut zone, order).expect("room"), order));
            }
            holes.push(alloc(&mut zone, 0).expect("one page is left"));
            assert_eq!(alloc(&mut zone, top), None, "round {top} of {max}");
            assert_eq!(zone.nr_free_pages(), 0);
        }
        for &pfn in &holes {
            free(&mut zone, pfn, 0);
        }
        assert_eq!(zone.nr_free_pages(), u32::from(max));
        for order in 1..=max {
            let failure = zone
                .alloc_pages(GFP, order, ME, &mut ())
                .expect_err("holes");
            assert_eq!(failure.nr_free[0], u32::from(max));
        }
        // Clean teardown.
        let held: Vec<Block> = zone.blocks().filter(|block| !block.is_free()).collect();
        for block in held {
            free(&mut zone, block.pfn, block.order);
        }
        assert_whole(&zone);
    }
}

/// First of three neighbouring frames, or as many as are asked for, all free.
fn neighbours(zone: &Zone, pages: u32) -> Option<Pfn> {
    let free = |pfn: Pfn| zone.block_at(pfn).is_some_and(|block| block.is_free());
    (0..zone.pages()).find(|&start| (start..start + pages).all(free))
}

/// Takes that many neighbouring pages, if there are; whether they are buddies does not matter.
fn contiguous(zone: &mut Zone, pages: u32) -> bool {
    let Some(start) = neighbours(zone, pages) else {
        return false;
    };
    for pfn in start..start + pages {
        assert_eq!(at(zone, pfn, 0), Ok(()));
    }
    true
}

/// Scenario 5, contiguous. Pages are dealt in turn to the left, the middle and the right. Neighbours come free one
/// hand at a time; they are no buddies, so that a request of order 1 fails where two neighbours can be taken.
#[test]
fn neighbours_that_are_no_buddies_can_be_taken_by_address() {
    let mut zone = pool(48);
    let mut hands: [Vec<Pfn>; 3] = Default::default();
    for turn in 0..48 {
        let pfn = alloc(&mut zone, 0).expect("48 pages");
        assert_eq!(pfn, turn, "in the order of their addresses");
        hands[turn as usize % 3].push(pfn);
    }
    assert!(!contiguous(&mut zone, 3), "all is taken");
    let [left, middle, right] = hands;
    for pfn in middle {
        free(&mut zone, pfn, 0);
    }
    assert!(!contiguous(&mut zone, 3) && !contiguous(&mut zone, 2));
    for pfn in right {
        free(&mut zone, pfn, 0);
    }
    assert!(!contiguous(&mut zone, 3));
    assert!(contiguous(&mut zone, 2));
    for pfn in left {
        free(&mut zone, pfn, 0);
    }
    assert!(contiguous(&mut zone, 3));
    let held: u32 = zone
        .blocks()
        .filter(|block| !block.is_free())
        .map(|block| block.pages())
        .sum();
    assert_eq!(held, 5);
    assert_eq!(zone.verify(), Ok(()));
}

/// Scenario 6, clear and dirty. A zone clears pages at each request that asks for it, and forgets that with the free.
#[test]
fn cleared_pages_are_told_and_a_free_forgets_it() {
    let mut zone = pool(16);
    let flags = |zone: &Zone, pfn| match zone.block_at(pfn).expect("in the zone").state {
        labyrinth::mm::BlockState::Allocated { flags, .. } => flags,
        other => panic!("allocated, not {other:?}"),
    };
    let cleared = zone
        .alloc_pages(GFP | Gfp::ZERO, 0, ME, &mut ())
        .expect("memory");
    assert!(flags(&zone, cleared).contains(PageFlags::ZEROED));
    free(&mut zone, cleared, 0);
    let dirty = alloc(&mut zone, 0).expect("memory");
    assert_eq!(dirty, cleared, "the same page");
    assert!(!flags(&zone, dirty).contains(PageFlags::ZEROED));
}

/// Scenario 6 again, for what keeps buddies apart here. Every second pageblock is isolated, so that nothing merges
/// above it; that ended, every order is there again, also in a pool that is no power of two.
#[test]
fn buddies_kept_apart_merge_up_to_every_order_when_they_no_longer_are() {
    for pages in [1024, 2048 + 512 + 64] {
        let mut zone = pool(pages);
        let blocks: Vec<Pfn> = std::iter::from_fn(|| alloc(&mut zone, 4)).collect();
        assert_eq!(blocks.len() as u32, pages / 16);
        let odd = || (16..pages).step_by(32);
        for pfn in odd() {
            assert_eq!(zone.isolate(pfn, 4, &mut ()), Ok(()));
        }
        for &pfn in &blocks {
            free(&mut zone, pfn, 4);
        }
        assert_eq!(zone.largest_free_order(), Some(4));
        assert_eq!(zone.nr_free_pages(), pages / 2);
        assert_eq!(alloc(&mut zone, 5), None);
        for pfn in odd() {
            zone.unisolate(pfn, 4, &mut ());
        }
        assert_whole(&zone);
        for order in 1..=MAX_PAGE_ORDER {
            let pfn = alloc(&mut zone, order).expect("every order");
            free(&mut zone, pfn, order);
        }
    }
}

/// Scenario 7, range bias. Windows of 64 pages, in random order: what is larger, misaligned or shifted is refused;
/// what fits is taken inside and nowhere else; in the end everything is taken.
#[test]
fn windows_are_filled_from_inside_and_nothing_leaks_out() {
    const WINDOW: Order = 6;
    let mut zone = pool(4096);
    let mut random = Random(7);
    let mut windows: Vec<Pfn> = (0..4096).step_by(1 << WINDOW).collect();
    while !windows.is_empty() {
        let start = windows.swap_remove(random.below(windows.len() as u32) as usize);
        let outside = |zone: &Zone| {
            let blocks = zone.blocks().filter(|block| !block.is_free());
            let out = blocks.filter(|block| block.pfn >> WINDOW != start >> WINDOW);
            out.collect::<Vec<_>>()
        };
        let before = outside(&zone);
        assert_eq!(
            at(&mut zone, start + 32, WINDOW),
            Err(AtError::Misaligned),
            "shifted"
        );
        assert_eq!(at(&mut zone, start + 1, 1), Err(AtError::Misaligned));
        let whole = zone.clone();
        assert_eq!(at(&mut zone, start, WINDOW), Ok(()), "just as large");
        assert!(at(&mut zone, start, WINDOW + 1).is_err(), "too large");
        free(&mut zone, start, WINDOW);
        assert_eq!(zone.free_counts(), whole.free_counts());
        let mut next = start;
        while next < start + (1 << WINDOW) {
            let fits = (next.trailing_zeros().min(u32::from(WINDOW)) as Order)
                .min((start + (1 << WINDOW) - next).ilog2() as Order);
            let order = random.below(u32::from(fits) + 1) as Order;
            assert_eq!(at(&mut zone, next, order), Ok(()));
            assert_eq!(at(&mut zone, next, order), Err(AtError::Busy { pfn: next }));
            next += 1 << order;
        }
        assert_eq!(outside(&zone), before);
        assert_eq!(zone.verify(), Ok(()));
    }
    assert_eq!(zone.nr_free_pages(), 0);
    assert_eq!(alloc(&mut zone, 0), None);
}

/// Allocates and frees blocks of order 4 in a pool whose other memory is free in single blocks of order 1; the time
/// that one of them took.
fn fragmented(pages: u32) -> Duration {
    const OPS: u32 = 200_000;
    let mut zone = pool(pages);
    let blocks: Vec<Pfn> = std::iter::from_fn(|| alloc(&mut zone, 1)).collect();
    assert_eq!(blocks.len() as u32, pages / 2);
    // Two groups by turns: the first is free in blocks of its own, the second makes room in the last quarter.
    for pair in blocks.chunks(2) {
        free(&mut zone, pair[0], 1);
    }
    let quarter = blocks.len() / 4 * 3;
    for pair in blocks[quarter..].chunks(2) {
        free(&mut zone, pair[1], 1);
    }
    assert_eq!(zone.nr_free(1), pages / 4 / 4 * 3);
    let mut held = Vec::new();
    let started = Instant::now();
    for turn in 0..OPS {
        if turn % 64 < 32 {
            held.push(alloc(&mut zone, 4).expect("the last quarter"));
        } else if let Some(pfn) = held.pop() {
            free(&mut zone, pfn, 4);
        }
        // In the middle of the crowded list, too.
        let pfn = blocks[turn as usize * 2 * 7919 % quarter / 2 * 2];
        assert_eq!(at(&mut zone, pfn, 1), Ok(()));
        free(&mut zone, pfn, 1);
    }
    started.elapsed() / OPS
}

/// Scenario 8, fragmentation performance. There, lists that were searched took minutes, trees a fifth of a second.
/// Sixteen times the free blocks may cost no more than caches do; a search would cost sixteen times as much.
#[test]
fn a_request_costs_as_much_among_many_free_blocks_as_among_few() {
    let growth = || {
        let (few, many) = (fragmented(1 << 14), fragmented(1 << 18));
        many.as_nanos() as u64 * 100 / few.as_nanos().max(1) as u64
    };
    // A busy machine may be slow at the wrong moment, but not each time.
    let tries: Vec<u64> = (0..5).map(|_| growth()).collect();
    assert!(tries.iter().any(|&percent| percent < 800), "{tries:?} %");
}

/// Scenario 9, a request above the largest order. There a request of 9 GiB was rounded up to 16 in a pool of 10, and
/// an arithmetic of 32 bits lost the upper half of a size: here no order and no frame may be shifted out of range.
#[test]
fn what_is_larger_than_the_largest_block_is_refused_whatever_its_size() {
    let mut zone = pool(2560);
    let before = zone.clone();
    for order in [11, 12, 20, 28, 31, 32, 33, 63, 64, 127, 128, 255] {
        let failure = zone
            .alloc_pages(GFP, order, ME, &mut ())
            .expect_err("too large");
        assert_eq!(
            (failure.reason, failure.order),
            (FailReason::TooLarge, order)
        );
        assert_eq!(zone.try_alloc(GFP, order), Err(failure));
        for pfn in [0, 1024, 2560, 1 << 31, u32::MAX] {
            assert_eq!(at(&mut zone, pfn, order), Err(AtError::Misaligned));
            let refused = if pfn < 2560 {
                FreeError::Misaligned
            } else {
                FreeError::OutOfRange
            };
            assert_eq!(zone.free_pages(pfn, order, &mut ()), Err(refused));
            assert_eq!(
                zone.isolate(pfn, order, &mut ()),
                Err(IsolateError::Order { pageblock: 4 })
            );
            // A range without isolated pageblocks is no error.
            zone.unisolate(pfn.min(2559), order, &mut ());
        }
    }
    for (pfn, order) in [(1 << 31, 0), (u32::MAX - 1023, 10), (2560, 9), (2048, 10)] {
        assert_eq!(at(&mut zone, pfn, order), Err(AtError::OutOfRange));
        assert_eq!(
            zone.isolate(pfn & !15, order.max(4), &mut ()),
            Err(IsolateError::OutOfRange)
        );
    }
    assert!(zone == before);
    // What there is of it can be had in pieces.
    let pieces: Vec<_> = [10, 10, 9].map(|order| alloc(&mut zone, order)).to_vec();
    assert_eq!(pieces, [Some(0), Some(1024), Some(2048)]);
}

/// Scenario 10, offset-aligned. Blocks of 2 to 64 pages, each at a multiple of 64: every slot is used once, half of
/// them come free, and exactly those are filled again.
#[test]
fn slots_at_fixed_offsets_are_filled_emptied_and_filled_exactly() {
    for order in 1..=6 {
        let mut zone = pool(2048);
        let slots: Vec<Pfn> = (0..2048).step_by(64).collect();
        for &pfn in &slots {
            assert_eq!(at(&mut zone, pfn, order), Ok(()));
        }
        for &pfn in &slots {
            assert_eq!(at(&mut zone, pfn, order), Err(AtError::Busy { pfn }));
        }
        for pair in slots.chunks(2) {
            free(&mut zone, pair[1], order);
        }
        let refilled: Vec<bool> = slots
            .iter()
            .map(|&pfn| at(&mut zone, pfn, order).is_ok())
            .collect();
        let odd: Vec<bool> = (0..slots.len()).map(|slot| slot % 2 == 1).collect();
        assert_eq!(refilled, odd);
        assert_eq!(zone.nr_free_pages(), 2048 - (32 << order));
        for pfn in slots {
            free(&mut zone, pfn, order);
        }
        assert_whole(&zone);
    }
}

/// Scenario 10 again, for what a tree's nodes keep of their subtrees: what a zone says of its lists at once must be
/// what its blocks say one by one, after every step.
#[test]
fn what_is_known_of_the_lists_is_right_after_every_step() {
    let mut zone = pool(600);
    let mut random = Random(3);
    let mut held: Vec<(Pfn, Order)> = Vec::new();
    for step in 0..4000 {
        let order = random.pick(&[0, 0, 0, 1, 1, 2, 3, 5, 7]);
        if step / 200 % 2 == 0
            && let Some(pfn) = alloc(&mut zone, order)
        {
            held.push((pfn, order));
        } else if !held.is_empty() {
            let (pfn, order) = held.swap_remove(random.below(held.len() as u32) as usize);
            free(&mut zone, pfn, order);
        }
        let mut counts = [0; 11];
        for block in zone.blocks().filter(Block::is_free) {
            counts[usize::from(block.order)] += 1;
        }
        let largest = counts.iter().rposition(|&blocks| blocks > 0);
        assert_eq!(zone.free_counts(), counts, "step {step}");
        assert_eq!(
            zone.largest_free_order().map(usize::from),
            largest,
            "step {step}"
        );
    }
}

/// Scenario 11, clear tracker performance. Single pages fill the pool and come free every second one first: each
/// merge happens at the free that makes it possible, so that all large blocks are there at once.
#[test]
fn merging_is_done_with_the_last_free() {
    let pages = 1 << 16;
    let mut zone = pool(pages);
    let mut counter = Counter::default();
    let held: Vec<Pfn> = std::iter::from_fn(|| alloc(&mut zone, 0)).collect();
    assert_eq!(held.len() as u32, pages);
    for half in [0, 1] {
        assert_eq!(counter.merges, 0, "no two free pages are buddies before");
        for &pfn in held.iter().filter(|&pfn| pfn % 2 == half) {
            assert_eq!(zone.free_pages(pfn, 0, &mut counter), Ok(()));
        }
    }
    assert_eq!(counter.merges, u64::from(pages - pages / 1024));
    assert_eq!(zone.nr_free(MAX_PAGE_ORDER), pages / 1024);
}
