//! Every way to call a zone wrongly: refused with the exact reason, and nothing is changed by it.

mod common;

use common::words;
use labyrinth::mm::{
    AtError, BlockState, Event, EvictError, FailReason, FlagError, FreeError, Gfp, IsolateError,
    MigrateError, MigrateType, Order, Owner, PageFlags, Pfn, Zone, ZoneConfig,
};

const MOVABLE: MigrateType = MigrateType::Movable;
const NONE: PageFlags = PageFlags::empty();
const ME: Owner = Owner(1);
const OTHER: Owner = Owner(2);
const PAGES: u32 = 1000;

// What stands where in `zone()`.
/// A block of 8 pages, mine.
const BLOCK: Pfn = 64;
/// A single page, mine; its buddy is somebody else's.
const PAGE: Pfn = 96;
/// A single page of somebody else.
const FOREIGN: Pfn = 97;
/// Reserved at boot, 4 pages.
const RESERVED: Pfn = 128;
/// Clean page cache, 2 pages.
const CACHE: Pfn = 160;
/// Dirty page cache, 1 page.
const DIRTY: Pfn = 176;
/// Clean page cache, pinned, 1 page.
const PINNED: Pfn = 192;
/// The kernel's own memory, 1 page: cannot be moved.
const KERNEL: Pfn = 208;
/// An exclusive page.
const EXCLUSIVE: Pfn = 224;
/// An isolated pageblock, wholly free.
const ISOLATED: Pfn = 256;
/// An isolated pageblock, one page of which is taken.
const ISOLATED_HELD: Pfn = 272;
/// A pageblock kept for atomic requests, wholly free.
const RESERVE: Pfn = 320;
/// A block that was given back and merged: free, in the middle of a larger free block.
const MERGED: Pfn = 520;
/// A page that was given back and did not merge: its buddy is taken.
const LONELY: Pfn = 400;

fn zone() -> Zone {
    let mut config = ZoneConfig::new("DMA", PAGES, 4);
    config.min_free_kbytes = Some(0);
    let mut zone = Zone::new(config).expect("a zone");
    let mut put = |pfn, order, owner, migratetype, flags| {
        let got = zone.alloc_at(pfn, order, migratetype, owner, flags, &mut ());
        assert_eq!(got, Ok(()), "frame {pfn}");
    };
    let kernel = MigrateType::Unmovable;
    put(BLOCK, 3, ME, MOVABLE, NONE);
    put(PAGE, 0, ME, MOVABLE, NONE);
    put(FOREIGN, 0, OTHER, MOVABLE, NONE);
    put(RESERVED, 2, Owner::NONE, kernel, PageFlags::RESERVED);
    put(CACHE, 1, ME, MOVABLE, NONE);
    put(DIRTY, 0, ME, MOVABLE, PageFlags::DIRTY);
    put(PINNED, 0, ME, MOVABLE, PageFlags::PINNED);
    put(KERNEL, 0, ME, kernel, NONE);
    put(EXCLUSIVE, 0, ME, MOVABLE, PageFlags::EXCLUSIVE);
    put(ISOLATED_HELD + 1, 0, ME, MOVABLE, NONE);
    put(LONELY, 0, ME, MOVABLE, NONE);
    put(LONELY + 1, 0, ME, MOVABLE, NONE);
    put(MERGED, 3, ME, MOVABLE, NONE);
    for pfn in [CACHE, DIRTY, PINNED] {
        zone.lru_add(pfn);
    }
    assert_eq!(zone.isolate(ISOLATED, 5, &mut ()), Ok(()));
    zone.set_pageblock_type(RESERVE, MigrateType::HighAtomic);
    assert_eq!(zone.free_pages(LONELY, 0, &mut ()), Ok(()));
    assert_eq!(zone.free_pages(MERGED, 3, &mut ()), Ok(()));
    assert_eq!(zone.verify(), Ok(()));
    let order_at = |pfn| zone.block_at(pfn).map(|block| block.order);
    assert_eq!((order_at(LONELY), order_at(MERGED)), (Some(0), Some(8)));
    zone
}

/// Calls a zone and demands that it is afterwards, word for word, what it was before, and that nothing was told.
fn refused<T>(zone: &mut Zone, call: impl FnOnce(&mut Zone, &mut Vec<Event>) -> T) -> T {
    let before = zone.clone();
    let (mut events, hash) = (Vec::new(), words(zone));
    let got = call(zone, &mut events);
    assert!(*zone == before, "a refused call changed the zone");
    assert_eq!(words(zone), hash);
    assert_eq!(events, []);
    assert_eq!(zone.verify(), Ok(()));
    got
}

#[test]
fn wrong_frees() {
    let wrong = |actual| FreeError::WrongOrder { actual };
    let inside = |head, order| FreeError::Interior { head, order };
    let mut zone = zone();
    for (what, pfn, order, error) in [
        ("double, not merged", LONELY, 0, FreeError::DoubleFree),
        (
            "double, merged, as it was",
            MERGED,
            3,
            FreeError::DoubleFree,
        ),
        (
            "double, merged, a page of it",
            MERGED + 5,
            0,
            FreeError::DoubleFree,
        ),
        (
            "double, merged, all of it",
            MERGED & !255,
            8,
            FreeError::DoubleFree,
        ),
        ("never allocated", 900, 2, FreeError::DoubleFree),
        ("free and isolated", ISOLATED, 4, FreeError::DoubleFree),
        ("free and in the reserve", RESERVE, 4, FreeError::DoubleFree),
        ("too large", BLOCK, 4, wrong(3)),
        ("too large, with the neighbour's page", PAGE, 1, wrong(0)),
        ("too large by far", BLOCK, 6, wrong(3)),
        ("too small", BLOCK, 2, wrong(3)),
        ("a page of a block", BLOCK, 0, wrong(3)),
        ("a page of page cache", CACHE, 0, wrong(1)),
        ("interior", BLOCK + 4, 2, inside(BLOCK, 3)),
        ("interior, the last page", BLOCK + 7, 0, inside(BLOCK, 3)),
        ("interior of page cache", CACHE + 1, 0, inside(CACHE, 1)),
        (
            "interior of a reserved block",
            RESERVED + 1,
            0,
            inside(RESERVED, 2),
        ),
        ("misaligned", BLOCK + 4, 3, FreeError::Misaligned),
        (
            "misaligned, somebody else's page",
            FOREIGN,
            1,
            FreeError::Misaligned,
        ),
        ("no such order", BLOCK, 11, FreeError::Misaligned),
        ("no such order by far", BLOCK, 255, FreeError::Misaligned),
        ("reserved", RESERVED, 2, FreeError::Reserved),
        ("reserved, another order", RESERVED, 0, FreeError::Reserved),
        ("the frame after the last", PAGES, 0, FreeError::OutOfRange),
        ("no frame at all", u32::MAX, 0, FreeError::OutOfRange),
        ("no frame, no order", u32::MAX, 255, FreeError::OutOfRange),
        ("another zone's frame", 1 << 20, 3, FreeError::OutOfRange),
    ] {
        let got = refused(&mut zone, |zone, events| {
            zone.free_pages(pfn, order, events)
        });
        assert_eq!(got, Err(error), "{what}");
    }
}

/// What a free is not asked: whose the block is, and what it is used for. As in Linux, that is the caller's to know.
#[test]
fn a_free_that_fits_the_block_is_accepted_whoever_calls() {
    let mut zone = zone();
    for (pfn, order) in [
        (FOREIGN, 0),
        (CACHE, 1),
        (DIRTY, 0),
        (PINNED, 0),
        (EXCLUSIVE, 0),
        (ISOLATED_HELD + 1, 0),
    ] {
        assert_eq!(zone.free_pages(pfn, order, &mut ()), Ok(()), "frame {pfn}");
        let again = refused(&mut zone, |zone, events| {
            zone.free_pages(pfn, order, events)
        });
        assert_eq!(again, Err(FreeError::DoubleFree), "frame {pfn}");
    }
    assert_eq!(
        (zone.nr_lru(), zone.lru_list().count()),
        (0, 0),
        "off the list of page cache"
    );
}

#[test]
fn wrong_ranges_by_address() {
    let mut zone = zone();
    let busy = |pfn| AtError::Busy { pfn };
    let lru = AtError::Flags {
        flags: PageFlags::LRU,
    };
    for (what, pfn, order, flags, error) in [
        ("taken", BLOCK, 3, NONE, busy(BLOCK)),
        ("inside of what is taken", BLOCK + 4, 1, NONE, busy(BLOCK)),
        ("partly taken", BLOCK & !127, 7, NONE, busy(BLOCK)),
        (
            "the taken half of a pair",
            LONELY,
            1,
            NONE,
            busy(LONELY + 1),
        ),
        ("reserved", RESERVED + 1, 0, NONE, busy(RESERVED)),
        (
            "over the edge of the reserve",
            RESERVE,
            5,
            NONE,
            AtError::Apart,
        ),
        ("misaligned", MERGED + 1, 1, NONE, AtError::Misaligned),
        ("no such order", 0, 11, NONE, AtError::Misaligned),
        ("no such order by far", 0, 255, NONE, AtError::Misaligned),
        (
            "the frame after the last",
            PAGES,
            0,
            NONE,
            AtError::OutOfRange,
        ),
        ("beyond the end in part", 768, 8, NONE, AtError::OutOfRange),
        (
            "the last address there is",
            !1023,
            10,
            NONE,
            AtError::OutOfRange,
        ),
        ("born as page cache", MERGED, 3, PageFlags::LRU, lru),
        (
            "born as dirty page cache",
            MERGED,
            3,
            PageFlags::LRU | PageFlags::DIRTY,
            lru,
        ),
    ] {
        let got = refused(&mut zone, |zone, events| {
            zone.alloc_at(pfn, order, MOVABLE, ME, flags, events)
        });
        assert_eq!(got, Err(error), "{what}");
    }
}

#[test]
fn wrong_flags_and_owners() {
    let mut zone = zone();
    let fixed = |flags| Err(FlagError::Fixed { flags });
    let heads = [
        ("free", MERGED),
        ("inside", BLOCK + 1),
        ("the end", PAGES),
        ("no frame", u32::MAX),
    ];
    for (what, pfn) in heads {
        let got = refused(&mut zone, |zone, _| {
            let flags = PageFlags::PINNED;
            (
                zone.set_flags(pfn, flags),
                zone.clear_flags(pfn, flags),
                zone.set_owner(pfn, OTHER),
            )
        });
        let head = Err(FlagError::NotHead);
        assert_eq!(got, (head, head, head), "{what}");
    }
    for flags in [PageFlags::RESERVED, PageFlags::LRU, PageFlags::FIXED] {
        for pfn in [BLOCK, CACHE, RESERVED] {
            let with = flags | PageFlags::LOCKED;
            let got = refused(&mut zone, |zone, _| {
                (zone.set_flags(pfn, with), zone.clear_flags(pfn, with))
            });
            assert_eq!(got, (fixed(flags), fixed(flags)), "{flags:?} of {pfn}");
        }
    }
}

#[test]
fn wrong_isolations() {
    let mut zone = zone();
    let order = IsolateError::Order { pageblock: 4 };
    for (what, pfn, size, error) in [
        ("less than a pageblock", 0, 3, order),
        ("a page", BLOCK, 0, order),
        ("more than the largest block", 0, 11, order),
        ("no such order by far", 0, 255, order),
        ("misaligned", 8, 4, IsolateError::Misaligned),
        ("misaligned for its size", 16, 5, IsolateError::Misaligned),
        (
            "isolated already",
            ISOLATED,
            4,
            IsolateError::Busy { pfn: ISOLATED },
        ),
        (
            "isolated in part",
            ISOLATED_HELD & !63,
            6,
            IsolateError::Busy { pfn: ISOLATED },
        ),
        ("beyond the end in part", 992, 4, IsolateError::OutOfRange),
        ("beyond the end", 1 << 20, 4, IsolateError::OutOfRange),
        (
            "the last address there is",
            !1023,
            10,
            IsolateError::OutOfRange,
        ),
    ] {
        let got = refused(&mut zone, |zone, events| zone.isolate(pfn, size, events));
        assert_eq!(got, Err(error), "{what}");
    }
    for (pfn, size) in [(0, 4), (BLOCK, 0), (1 << 20, 4), (u32::MAX, 10)] {
        refused(&mut zone, |zone, events| zone.unisolate(pfn, size, events));
    }
}

#[test]
fn wrong_evictions_and_page_cache() {
    let mut zone = zone();
    for (what, pfn, error) in [
        ("free", MERGED, EvictError::NotHead),
        ("inside", CACHE + 1, EvictError::NotHead),
        ("the end", PAGES, EvictError::NotHead),
        ("no frame", u32::MAX, EvictError::NotHead),
        ("no page cache", BLOCK, EvictError::NotCache),
        ("reserved", RESERVED, EvictError::NotCache),
        ("dirty", DIRTY, EvictError::Dirty),
        ("pinned", PINNED, EvictError::Busy),
    ] {
        let got = refused(&mut zone, |zone, events| zone.evict(pfn, events));
        assert_eq!(got, Err(error), "{what}");
    }
    // What is page cache already, or can never be.
    for pfn in [
        CACHE,
        RESERVED,
        EXCLUSIVE,
        MERGED,
        CACHE + 1,
        PAGES,
        u32::MAX,
    ] {
        refused(&mut zone, |zone, _| zone.lru_add(pfn));
    }
    for pfn in [BLOCK, MERGED, RESERVED, PAGES, u32::MAX] {
        refused(&mut zone, |zone, _| {
            zone.touch(pfn);
            zone.writeback(pfn);
        });
    }
}

#[test]
fn wrong_migrations() {
    let mut zone = zone();
    for (what, pfn, error) in [
        ("free", MERGED, MigrateError::NotHead),
        ("inside", BLOCK + 1, MigrateError::NotHead),
        ("the end", PAGES, MigrateError::NotHead),
        ("no frame", u32::MAX, MigrateError::NotHead),
        ("the kernel's own", KERNEL, MigrateError::NotMovable),
        ("pinned", PINNED, MigrateError::Busy),
        ("exclusive", EXCLUSIVE, MigrateError::Busy),
        ("reserved", RESERVED, MigrateError::Busy),
    ] {
        let got = refused(&mut zone, |zone, events| zone.migrate(pfn, events));
        assert_eq!(got, Err(error), "{what}");
    }
    // Nowhere to go: what is left is isolated, kept for atomic requests, or too small.
    let free: Vec<(Pfn, Order)> = zone
        .blocks()
        .filter(|block| match block.state {
            BlockState::Free { list } => list.is_mergeable() && block.order >= 3,
            BlockState::Cached { .. } | BlockState::Allocated { .. } => false,
        })
        .map(|block| (block.pfn, block.order))
        .collect();
    for (pfn, order) in free {
        assert_eq!(
            zone.alloc_at(pfn, order, MOVABLE, ME, NONE, &mut ()),
            Ok(())
        );
    }
    let got = refused(&mut zone, |zone, events| zone.migrate(BLOCK, events));
    assert_eq!(got, Err(MigrateError::Enomem));
}

/// A request for what never is there tells its failure, and changes nothing else.
#[test]
fn requests_that_are_too_large() {
    let mut zone = zone();
    for order in [11, 32, 64, 255] {
        let mut told = Vec::new();
        let failure = refused(&mut zone, |zone, _| {
            zone.alloc_pages(Gfp::GFP_KERNEL, order, ME, &mut told)
                .expect_err("too large")
        });
        assert_eq!(failure.reason, FailReason::TooLarge);
        assert_eq!(told, [Event::Fail(failure)]);
        let exclusive = refused(&mut zone, |zone, _| {
            zone.alloc_exclusive(Gfp::GFP_KERNEL, order, ME, &mut ())
        });
        assert_eq!(exclusive, Err(failure));
        assert_eq!(
            refused(&mut zone, |zone, _| zone.try_alloc(Gfp::GFP_KERNEL, order)),
            Err(failure)
        );
    }
}

/// Reading beyond the end gives nothing.
#[test]
fn there_is_nothing_beyond_the_end() {
    let mut zone = zone();
    refused(&mut zone, |zone, _| {
        for pfn in [PAGES, PAGES + 1, 1 << 31, u32::MAX] {
            assert_eq!(zone.block_at(pfn), None);
        }
        for order in [11, 64, 255] {
            assert_eq!(zone.nr_free(order), 0);
            assert_eq!(zone.free_list(order, MOVABLE).count(), 0);
            assert_eq!(
                (zone.extfrag_index(order), zone.unusable_index(order)),
                (0, 1000)
            );
        }
    });
}
