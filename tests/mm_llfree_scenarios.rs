//! The scenarios that `LLFree`, a lock-free page allocator, is tested with, as far as they concern a zone.
//!
//! | scenario | here |
//! |---|---|
//! | allocate all, free all, again | as it is |
//! | a given frame: free, taken, misaligned | as it is |
//! | less memory than a whole tree | zones that are no multiple of the largest block |
//! | different orders mixed | as it is |
//! | first and last frame again | as it is |
//! | a huge block freed in part | refused here; the way round it is to free all and take the rest by address |
//! | recovery after a crash | a zone rebuilt from its blocks alone counts everything anew |
//! | drained reservations | what the atomic reserve holds is given up to a request that does not give up early |
//! | stress with owners | as it is, by one thread: a zone is not shared between threads |

mod common;

use common::op::Random;
use labyrinth::mm::{
    AtError, BlockState, Event, FreeError, Gfp, MAX_PAGE_ORDER, MigrateType, Order, Owner,
    PageFlags, Pfn, Zone, ZoneConfig,
};

const GFP: Gfp = Gfp::GFP_HIGHUSER_MOVABLE;
const ME: Owner = Owner(1);

fn zone(pages: u32) -> Zone {
    let mut config = ZoneConfig::new("Pool", pages, 4);
    config.min_free_kbytes = Some(0);
    Zone::new(config).expect("a zone")
}

fn at(zone: &mut Zone, pfn: Pfn, order: Order) -> Result<(), AtError> {
    let none = PageFlags::empty();
    zone.alloc_at(pfn, order, MigrateType::Movable, ME, none, &mut ())
}

/// All there is, in blocks of one order.
fn take_all(zone: &mut Zone, order: Order) -> Vec<Pfn> {
    std::iter::from_fn(|| zone.alloc_pages(GFP, order, ME, &mut ()).ok()).collect()
}

fn free_all(zone: &mut Zone, blocks: &[Pfn], order: Order) {
    for &pfn in blocks {
        assert_eq!(zone.free_pages(pfn, order, &mut ()), Ok(()));
    }
}

/// Sizes with less than a largest block at their end, or less than one at all.
const SIZES: [u32; 6] = [4096, 1024, 1023, 4096 + 1, 2048 + 777, 100];

#[test]
fn all_is_taken_given_back_and_taken_again() {
    for pages in SIZES {
        for order in [0, 1, 3, 5] {
            let mut zone = zone(pages);
            let whole = zone.free_counts();
            let first = take_all(&mut zone, order);
            assert_eq!(
                first.len() as u32,
                pages >> order,
                "{pages} pages, order {order}"
            );
            assert_eq!(zone.nr_free_pages(), pages % (1 << order));
            free_all(&mut zone, &first, order);
            assert_eq!((zone.free_counts(), zone.verify()), (whole, Ok(())));
            let mut again = take_all(&mut zone, order);
            again.sort_unstable();
            let all: Vec<Pfn> = (0..pages >> order).map(|block| block << order).collect();
            assert_eq!(again, all, "every place once");
        }
    }
}

#[test]
fn a_given_frame_is_taken_if_it_is_free_and_aligned() {
    let mut zone = zone(4096);
    assert_eq!(at(&mut zone, 2049, 0), Ok(()));
    assert_eq!(at(&mut zone, 2049, 0), Err(AtError::Busy { pfn: 2049 }));
    assert_eq!(at(&mut zone, 2048, 9), Err(AtError::Busy { pfn: 2049 }));
    assert_eq!(at(&mut zone, 2560, 9), Ok(()));
    assert_eq!(at(&mut zone, 2561, 0), Err(AtError::Busy { pfn: 2560 }));
    assert_eq!(at(&mut zone, 513, 9), Err(AtError::Misaligned));
    assert_eq!(at(&mut zone, 4096, 0), Err(AtError::OutOfRange));
    assert_eq!(zone.nr_free_pages(), 4096 - 513);
    assert_eq!(zone.verify(), Ok(()));
}

/// Every block that a zone of that size has ends inside it, and it can be filled to its last frame.
#[test]
fn a_zone_smaller_than_its_last_block_ends_where_it_ends() {
    for pages in SIZES {
        let mut zone = zone(pages);
        let last = zone.blocks().last().expect("a block");
        assert_eq!(last.pfn + last.pages(), pages);
        assert_eq!(zone.block_at(pages), None);
        assert_eq!(at(&mut zone, pages - 1, 0), Ok(()), "{pages} pages");
        assert_eq!(at(&mut zone, pages, 0), Err(AtError::OutOfRange));
        assert_eq!(zone.free_pages(pages - 1, 0, &mut ()), Ok(()));
        assert_eq!(
            zone.free_pages(pages, 0, &mut ()),
            Err(FreeError::OutOfRange)
        );
    }
}

#[test]
fn different_orders_fill_a_zone_without_overlap() {
    let mut zone = zone(4096);
    let mut taken = vec![false; 4096];
    let mut held = Vec::new();
    for order in (0..=9).cycle() {
        let Ok(pfn) = zone.alloc_pages(GFP, order, ME, &mut ()) else {
            break;
        };
        for page in &mut taken[pfn as usize..(pfn + (1 << order)) as usize] {
            assert!(!std::mem::replace(page, true), "frame {pfn}, order {order}");
        }
        held.push((pfn, order));
    }
    // Four rounds have 1023 pages each; the fifth gets no further than the four that are left.
    assert_eq!(held.len(), 42);
    assert_eq!(zone.nr_free_pages(), 1);
    for (pfn, order) in held {
        assert_eq!(zone.free_pages(pfn, order, &mut ()), Ok(()));
    }
    assert_eq!(zone.nr_free(MAX_PAGE_ORDER), 4);
}

#[test]
fn the_first_and_the_last_frame_come_and_go() {
    for pages in SIZES {
        let mut zone = zone(pages);
        let all = take_all(&mut zone, 0);
        assert_eq!(all.len() as u32, pages);
        for pfn in [0, pages - 1, 0, pages - 1] {
            assert_eq!(zone.free_pages(pfn, 0, &mut ()), Ok(()));
            assert_eq!(
                zone.alloc_pages(GFP, 0, ME, &mut ()),
                Ok(pfn),
                "the only free one"
            );
        }
        assert_eq!(zone.verify(), Ok(()));
    }
}

/// There, part of a huge block can be freed, and the block falls apart. Here a block is what was handed out, and
/// anything else is refused; who wants part of it back frees it and takes the rest by address.
#[test]
fn part_of_a_huge_block_cannot_be_freed_but_the_rest_can_be_taken_again() {
    let mut zone = zone(2048);
    let huge = zone.alloc_pages(GFP, 9, ME, &mut ()).expect("memory");
    let before = zone.clone();
    let wrong = Err(FreeError::WrongOrder { actual: 9 });
    assert_eq!(zone.free_pages(huge, 0, &mut ()), wrong);
    assert_eq!(zone.free_pages(huge, 8, &mut ()), wrong);
    let interior = Err(FreeError::Interior {
        head: huge,
        order: 9,
    });
    assert_eq!(zone.free_pages(huge + 256, 8, &mut ()), interior);
    assert_eq!(zone.free_pages(huge + 511, 0, &mut ()), interior);
    assert!(zone == before);
    // All but the last page is kept: 256, 128, ... 1 pages.
    assert_eq!(zone.free_pages(huge, 9, &mut ()), Ok(()));
    let mut pfn = huge;
    for order in (0..9).rev() {
        assert_eq!(at(&mut zone, pfn, order), Ok(()));
        pfn += 1 << order;
    }
    assert_eq!(pfn, huge + 511);
    assert!(
        zone.block_at(pfn)
            .is_some_and(|block| block.is_free() && block.order == 0)
    );
    assert_eq!(zone.nr_free_pages(), 2048 - 511);
}

/// There, bitmaps outlive a crash and counters do not. Here the allocated blocks of a zone are enough to make one
/// with the same blocks, whose counters are its own.
#[test]
fn a_zone_is_rebuilt_from_its_blocks_alone() {
    let mut random = Random(11);
    let mut lost = zone(2048 + 777);
    let mut held: Vec<(Pfn, Order)> = Vec::new();
    for step in 0..2000 {
        let order = random.pick(&[0, 0, 1, 2, 3, 6]);
        if random.below(5) < 3
            && let Ok(pfn) = lost.alloc_pages(GFP, order, Owner(step), &mut ())
        {
            held.push((pfn, order));
        } else if !held.is_empty() {
            let (pfn, order) = held.swap_remove(random.below(held.len() as u32) as usize);
            assert_eq!(lost.free_pages(pfn, order, &mut ()), Ok(()));
        }
    }
    let mut found = zone(lost.pages());
    for block in lost.blocks() {
        if let BlockState::Allocated {
            owner,
            migratetype,
            flags,
        } = block.state
        {
            let got = found.alloc_at(block.pfn, block.order, migratetype, owner, flags, &mut ());
            assert_eq!(got, Ok(()), "{block:?}");
        }
    }
    assert!(found.blocks().eq(lost.blocks()));
    assert_eq!(found.free_counts(), lost.free_counts());
    assert_eq!(found.nr_free_pages(), lost.nr_free_pages());
    assert_eq!(found.verify(), Ok(()));
    // And it works on.
    free_all_of(&mut found, held);
    assert_eq!(found.free_counts(), zone(lost.pages()).free_counts());
}

fn free_all_of(zone: &mut Zone, held: Vec<(Pfn, Order)>) {
    for (pfn, order) in held {
        assert_eq!(zone.free_pages(pfn, order, &mut ()), Ok(()));
    }
}

/// There, what a core has reserved for itself is drained before memory is said to be out. Here the reserve is that of
/// high-order atomic requests: one that gives up early fails at it, one that does not gets it.
#[test]
fn a_reserve_is_given_up_to_a_request_that_does_not_give_up_early() {
    let mut config = ZoneConfig::new("Pool", 4096, 4);
    config.min_free_kbytes = Some(4);
    config.watermark_boost_factor = 0;
    let mut zone = Zone::new(config).expect("a zone");
    assert_eq!((zone.watermarks().min, zone.watermarks().low), (1, 5));
    // Six pages of the first pageblock stay free: too few for two of them on the fast path.
    for pfn in 6..4096 {
        assert_eq!(at(&mut zone, pfn, 0), Ok(()));
    }
    let atomic = zone.alloc_pages(Gfp::GFP_ATOMIC, 1, ME, &mut ());
    assert_eq!(atomic, Ok(4));
    assert_eq!(zone.nr_reserved_highatomic(), 16);
    assert_eq!((zone.nr_highatomic_free(), zone.nr_free_pages()), (4, 4));

    let early = zone.alloc_pages(Gfp::GFP_KERNEL | Gfp::NORETRY, 0, ME, &mut ());
    assert!(early.is_err(), "{early:?}");
    assert_eq!(zone.nr_reserved_highatomic(), 16);
    let mut events = Vec::new();
    let got = zone.alloc_pages(Gfp::GFP_KERNEL, 0, ME, &mut events);
    assert_eq!(got, Ok(0));
    let given_up = Event::UnreserveHighAtomic { pfn: 0 };
    assert!(events.contains(&given_up), "{events:?}");
    assert_eq!(
        (zone.nr_reserved_highatomic(), zone.nr_free_pages()),
        (0, 3)
    );
    assert_eq!(zone.verify(), Ok(()));
}

/// Every frame has one owner at most, who writes its name on it and finds it there when giving it back.
#[test]
fn no_frame_ever_has_two_owners() {
    for seed in 0..8 {
        let mut random = Random(seed);
        let mut zone = zone(SIZES[seed as usize % SIZES.len()]);
        let mut names = vec![0_u16; zone.pages() as usize];
        let mut held: Vec<(Pfn, Order, u16)> = Vec::new();
        for name in 1..20_000_u16 {
            let order = random.pick(&[0, 0, 0, 0, 1, 1, 2, 3, 4, 9]);
            if random.below(100) < 55
                && let Ok(pfn) = zone.alloc_pages(GFP, order, Owner(name), &mut ())
            {
                let frames = &mut names[pfn as usize..(pfn + (1 << order)) as usize];
                assert!(
                    frames.iter().all(|&name| name == 0),
                    "seed {seed}, frame {pfn}"
                );
                frames.fill(name);
                held.push((pfn, order, name));
            } else if !held.is_empty() {
                let at = random.below(held.len() as u32) as usize;
                let (pfn, order, name) = held.swap_remove(at);
                let frames = &mut names[pfn as usize..(pfn + (1 << order)) as usize];
                assert!(
                    frames.iter().all(|&found| found == name),
                    "seed {seed}, frame {pfn}"
                );
                frames.fill(0);
                assert_eq!(zone.free_pages(pfn, order, &mut ()), Ok(()));
            }
        }
        let free = names.iter().filter(|&&name| name == 0).count();
        assert_eq!(zone.nr_free_pages() as usize, free);
        assert_eq!(zone.verify(), Ok(()));
    }
}
