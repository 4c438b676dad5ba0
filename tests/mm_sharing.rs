//! Who has which page: sharing until somebody writes, references and pins; page cache, the page lock, misuse, long lives.

#[path = "mm_sharing/cache.rs"]
mod cache;
mod common;
#[path = "mm_sharing/lives.rs"]
mod lives;
#[path = "mm_sharing/lock.rs"]
mod lock;
#[path = "mm_sharing/misuse.rs"]
mod misuse;

use common::op::Random;
use labyrinth::mm::memory::{
    Access, Context, FilePage, Lock, LockError, LockedAll, Memory, MemoryError,
    PAGE_LOCK_UNFAIRNESS, PageKind, Pid, Unlock, WriteFault,
};
use labyrinth::mm::{
    ArenaSettings, BlockState, EvictError, Gfp, MigrateError, Owner, PageFlags, Pfn, Zone,
    ZoneConfig,
};
use proptest::collection::vec;
use proptest::prelude::*;

const INIT: Pid = 1;
const CHILD: Pid = 2;

fn memory_of(pages: u32) -> Memory {
    let mut config = ZoneConfig::new("Normal", pages, 3);
    config.min_free_kbytes = Some(128);
    let zone = Zone::new(config).expect("a zone");
    let mut memory = Memory::new(zone, Some(ArenaSettings::default()));
    assert_eq!(memory.create(INIT, Owner(11)), Ok(()));
    memory
}

fn memory() -> Memory {
    memory_of(512)
}

/// The state was not touched by what was refused.
fn refused<T: std::fmt::Debug>(
    memory: &mut Memory,
    act: impl FnOnce(&mut Memory) -> Result<T, MemoryError>,
) -> MemoryError {
    let before = memory.clone();
    let error = act(memory).expect_err("refused");
    assert!(*memory == before, "{error} changed something");
    error
}

fn write(memory: &mut Memory, pid: Pid, vpn: u32, bytes: &[u8]) -> WriteFault {
    let fault = memory.write(pid, vpn, 0, bytes, &mut ());
    assert_eq!(memory.verify(), Ok(()));
    fault.expect("written")
}

fn text(memory: &Memory, pid: Pid, vpn: u32) -> String {
    let mut bytes = [0; 6];
    assert_eq!(memory.read(pid, vpn, 0, &mut bytes), Ok(()));
    String::from_utf8_lossy(&bytes).into_owned()
}

fn counts(memory: &Memory, pfn: Pfn) -> (u32, u32) {
    let page = memory.page(pfn).expect("a page");
    (page.refcount, page.mapcount)
}

fn exclusive(memory: &Memory, pfn: Pfn) -> bool {
    memory.page(pfn).expect("a page").kind == PageKind::Anon { exclusive: true }
}

fn owner(memory: &Memory, pfn: Pfn) -> Option<Owner> {
    match memory.zone().block_at(pfn)?.state {
        BlockState::Allocated { owner, .. } => Some(owner),
        BlockState::Free { .. } | BlockState::Cached { .. } => None,
    }
}

fn flags(memory: &Memory, pfn: Pfn) -> PageFlags {
    match memory.zone().block_at(pfn).expect("a block").state {
        BlockState::Allocated { flags, .. } => flags,
        BlockState::Free { .. } | BlockState::Cached { .. } => PageFlags::empty(),
    }
}

fn tasks(memory: &mut Memory, pids: std::ops::Range<Pid>) {
    for pid in pids {
        assert_eq!(memory.create(pid, Owner(10 + pid as u16)), Ok(()));
    }
}

#[test]
fn a_new_page_is_zeroed_exclusive_and_writable() {
    let mut memory = memory();
    let free = memory.zone().nr_free_pages();
    let pfn = memory.map_anon(INIT, 0x40, &mut ()).expect("a page");
    assert_eq!(counts(&memory, pfn), (1, 1));
    assert!(exclusive(&memory, pfn));
    assert_eq!(owner(&memory, pfn), Some(Owner(11)));
    assert_eq!(memory.arena().and_then(|arena| arena.uniform(pfn)), Some(0));
    let fault = memory.write_fault(INIT, 0x40, &mut ());
    assert_eq!(fault, Ok(WriteFault::Writable));
    assert_eq!(memory.verify(), Ok(()));
    assert_eq!(memory.unmap(INIT, 0x40, &mut ()), Ok(()));
    assert_eq!(
        (memory.page(pfn), memory.zone().nr_free_pages()),
        (None, free)
    );
}

#[test]
fn fork_shares_and_the_first_to_write_gets_a_copy() {
    let mut memory = memory();
    let pfn = memory.map_anon(INIT, 7, &mut ()).expect("a page");
    write(&mut memory, INIT, 7, b"theirs");
    assert_eq!(memory.fork(INIT, CHILD, Owner(12), &mut ()), Ok(()));
    assert_eq!(memory.verify(), Ok(()));
    assert_eq!(counts(&memory, pfn), (2, 2));
    assert!(!exclusive(&memory, pfn));
    assert_eq!(text(&memory, CHILD, 7), "theirs");
    let fault = write(&mut memory, CHILD, 7, b"mine..");
    let WriteFault::Copied { from, to } = fault else {
        panic!("{fault:?}");
    };
    assert_eq!(from, pfn);
    assert_eq!(
        (counts(&memory, from), counts(&memory, to)),
        ((1, 1), (1, 1))
    );
    assert_eq!(
        (text(&memory, INIT, 7), text(&memory, CHILD, 7)),
        ("theirs".into(), "mine..".into())
    );
    assert!(exclusive(&memory, to) && !exclusive(&memory, from));
    assert_eq!(owner(&memory, to), Some(Owner(12)));
    // The parent has the only reference now: no copy.
    assert_eq!(write(&mut memory, INIT, 7, b"theirs"), WriteFault::Reused);
    assert!(exclusive(&memory, from));
    assert_eq!(write(&mut memory, INIT, 7, b"theirs"), WriteFault::Writable);
}

#[test]
fn a_page_whose_owner_left_is_the_remaining_tasks() {
    let mut memory = memory();
    let pfn = memory.map_anon(INIT, 7, &mut ()).expect("a page");
    for child in [4, 3] {
        assert_eq!(
            memory.fork(INIT, child, Owner(10 + child as u16), &mut ()),
            Ok(())
        );
    }
    assert_eq!(memory.exit(INIT, &mut ()), Ok(()));
    assert_eq!(
        (owner(&memory, pfn), counts(&memory, pfn)),
        (Some(Owner(13)), (2, 2))
    );
    assert_eq!(memory.exit(3, &mut ()), Ok(()));
    assert_eq!(owner(&memory, pfn), Some(Owner(14)));
    assert_eq!(write(&mut memory, 4, 7, b"alone!"), WriteFault::Reused);
    assert_eq!(memory.exit(4, &mut ()), Ok(()));
    assert_eq!((memory.tasks().count(), memory.pages().count()), (0, 0));
    assert_eq!(memory.zone().nr_free_pages(), 512);
    assert_eq!(memory.verify(), Ok(()));
}

#[test]
fn an_extra_reference_forces_a_copy_unless_the_page_is_exclusive() {
    let mut memory = memory();
    let pfn = memory.map_anon(INIT, 7, &mut ()).expect("a page");
    assert_eq!(memory.get_page(pfn), Ok(()));
    // Exclusive: in place, whatever the count.
    assert_eq!(write(&mut memory, INIT, 7, b"first."), WriteFault::Writable);
    assert_eq!(memory.fork(INIT, CHILD, Owner(12), &mut ()), Ok(()));
    assert_eq!(memory.exit(CHILD, &mut ()), Ok(()));
    assert_eq!(counts(&memory, pfn), (2, 1));
    let fault = write(&mut memory, INIT, 7, b"second");
    assert!(matches!(fault, WriteFault::Copied { from, .. } if from == pfn));
    // Whoever took the reference sees what was there then.
    let mut bytes = [0; 6];
    let arena = memory.arena().expect("bytes");
    assert_eq!(arena.read(pfn, 0, &mut bytes), Ok(()));
    assert_eq!((&bytes, counts(&memory, pfn)), (b"first.", (1, 0)));
    assert_eq!(memory.put_page(pfn, &mut ()), Ok(()));
    assert_eq!(memory.page(pfn), None);
    assert!(
        memory
            .zone()
            .block_at(pfn)
            .is_some_and(|block| block.is_free())
    );
    assert_eq!(memory.verify(), Ok(()));
}

#[test]
fn a_held_lock_forces_a_copy_although_the_reference_is_the_only_one() {
    let mut memory = memory();
    let pfn = memory.map_anon(INIT, 7, &mut ()).expect("a page");
    assert_eq!(memory.fork(INIT, CHILD, Owner(12), &mut ()), Ok(()));
    assert_eq!(memory.unmap(INIT, 7, &mut ()), Ok(()));
    assert_eq!(counts(&memory, pfn), (1, 1));
    assert_eq!(memory.trylock_page(pfn, INIT), Ok(true));
    let mut unlocked = memory.clone();
    assert_eq!(unlocked.unlock_page(pfn, INIT, &mut ()), Ok(Unlock::Idle));
    assert_eq!(
        write(&mut unlocked, CHILD, 7, b"reused"),
        WriteFault::Reused
    );
    let fault = write(&mut memory, CHILD, 7, b"copied");
    assert!(matches!(fault, WriteFault::Copied { .. }), "{fault:?}");
    // Only the lock keeps the old page now; nobody gets at it any more.
    assert_eq!(counts(&memory, pfn), (0, 0));
    let error = refused(&mut memory, |memory| memory.get_page(pfn));
    assert_eq!(error, MemoryError::NotCounted { pfn });
    let error = refused(&mut memory, |memory| {
        memory.lock_page(pfn, CHILD, Context::Task)
    });
    assert_eq!(error, LockError::NoPage { pfn }.into());
    assert_eq!(memory.unlock_page(pfn, INIT, &mut ()), Ok(Unlock::Idle));
    assert_eq!(memory.page(pfn), None);
    assert_eq!(memory.verify(), Ok(()));
}

#[test]
fn a_pinned_page_is_copied_at_fork_and_stays_the_devices() {
    let mut memory = memory();
    let plain = memory.map_anon(INIT, 6, &mut ()).expect("a page");
    let pinned = memory.map_anon(INIT, 7, &mut ()).expect("a page");
    write(&mut memory, INIT, 7, b"device");
    assert_eq!(memory.pin(INIT, 7, Access::Write, &mut ()), Ok(pinned));
    assert_eq!(memory.fork(INIT, CHILD, Owner(12), &mut ()), Ok(()));
    assert_eq!(memory.verify(), Ok(()));
    assert_eq!(
        (counts(&memory, plain), counts(&memory, pinned)),
        ((2, 2), (2, 1))
    );
    assert!(exclusive(&memory, pinned));
    let copy = memory.pte(CHILD, 7).expect("mapped");
    assert!(copy.pfn != pinned && copy.writable && exclusive(&memory, copy.pfn));
    assert_eq!(text(&memory, CHILD, 7), "device");
    // What the parent writes, the device goes on to see.
    assert_eq!(write(&mut memory, INIT, 7, b"parent"), WriteFault::Writable);
    assert_eq!(memory.exit(INIT, &mut ()), Ok(()));
    assert_eq!(counts(&memory, pinned), (1, 0));
    assert_eq!(memory.unpin(pinned, &mut ()), Ok(()));
    assert_eq!(memory.page(pinned), None);
    assert_eq!(memory.verify(), Ok(()));
}

#[test]
fn pinning_breaks_sharing_first() {
    let mut memory = memory();
    let pfn = memory.map_anon(INIT, 7, &mut ()).expect("a page");
    assert_eq!(memory.fork(INIT, CHILD, Owner(12), &mut ()), Ok(()));
    let mine = memory.pin(CHILD, 7, Access::Read, &mut ()).expect("pinned");
    assert_ne!(mine, pfn);
    let pte = memory.pte(CHILD, 7).expect("mapped");
    assert!((pte.pfn, pte.writable) == (mine, false) && exclusive(&memory, mine));
    // Exclusive, with two references: in place, nothing else asked.
    assert_eq!(counts(&memory, mine), (2, 1));
    assert_eq!(
        write(&mut memory, CHILD, 7, b"seen.."),
        WriteFault::Exclusive
    );
    // The parent has the only reference to the old page: pinned where it is.
    assert_eq!(memory.pin(INIT, 7, Access::Read, &mut ()), Ok(pfn));
    assert!(exclusive(&memory, pfn) && !memory.pte(INIT, 7).expect("mapped").writable);
    assert_eq!(memory.verify(), Ok(()));
}

#[test]
fn a_copy_or_fork_without_memory_fails_and_shares_nothing_more() {
    let mut memory = memory();
    let pfn = memory.map_anon(INIT, 7, &mut ()).expect("a page");
    let pinned = memory.map_anon(INIT, 8, &mut ()).expect("a page");
    write(&mut memory, INIT, 7, b"before");
    assert_eq!(memory.fork(INIT, CHILD, Owner(12), &mut ()), Ok(()));
    assert_eq!(
        memory.pin(INIT, 8, Access::Write, &mut ()),
        memory
            .pte(INIT, 8)
            .map(|pte| pte.pfn)
            .ok_or(MemoryError::NoBytes)
    );
    assert_ne!(memory.pte(INIT, 8).map(|pte| pte.pfn), Some(pinned));
    while memory
        .alloc_pages(Gfp::GFP_ATOMIC, 0, Owner(99), &mut ())
        .is_ok()
    {}
    let error = refused(&mut memory, |memory| {
        memory.write(CHILD, 7, 0, b"denied", &mut ())
    });
    let MemoryError::OutOfMemory(failure) = error else {
        panic!("{error}");
    };
    assert_eq!((failure.order, failure.gfp), (0, Gfp::GFP_HIGHUSER_MOVABLE));
    assert_eq!(
        (text(&memory, CHILD, 7), counts(&memory, pfn)),
        ("before".into(), (2, 2))
    );
    let error = refused(&mut memory, |memory| {
        memory.fork(INIT, 3, Owner(13), &mut ())
    });
    assert!(matches!(error, MemoryError::OutOfMemory(_)), "{error}");
    let error = refused(&mut memory, |memory| {
        memory.map_anon(INIT, 9, &mut ()).map(|_| ())
    });
    assert!(
        error
            .to_string()
            .starts_with("out of memory: order 0 with GFP_HIGHUSER_MOVABLE|__GFP_ZERO")
    );
    let file = FilePage { file: 1, index: 0 };
    let error = refused(&mut memory, |memory| {
        memory.map_file(INIT, 9, file, &mut ()).map(|_| ())
    });
    assert!(matches!(error, MemoryError::OutOfMemory(_)), "{error}");
    assert_eq!(memory.verify(), Ok(()));
}

#[test]
fn a_page_that_moves_is_mapped_where_it_is() {
    let mut memory = memory();
    let pfn = memory.map_anon(INIT, 7, &mut ()).expect("a page");
    write(&mut memory, INIT, 7, b"moving");
    assert_eq!(memory.fork(INIT, CHILD, Owner(12), &mut ()), Ok(()));
    for stays in [true, false] {
        if stays {
            assert_eq!(memory.get_page(pfn), Ok(()));
            let error = refused(&mut memory, |m| m.migrate(pfn, &mut ()));
            assert_eq!(error, MigrateError::Busy.into());
            assert_eq!(memory.put_page(pfn, &mut ()), Ok(()));
        } else {
            let to = memory.migrate(pfn, &mut ()).expect("moved");
            assert_eq!((memory.page(pfn), counts(&memory, to)), (None, (2, 2)));
            assert_eq!(
                memory.mappings(to).collect::<Vec<_>>(),
                [(INIT, 7), (CHILD, 7)]
            );
        }
    }
    assert_eq!(
        (text(&memory, INIT, 7), text(&memory, CHILD, 7)),
        ("moving".into(), "moving".into())
    );
    assert_eq!(memory.verify(), Ok(()));
}
