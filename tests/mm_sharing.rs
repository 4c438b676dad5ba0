//! Who has which page: sharing until somebody writes, references, pins, page cache, the page lock.

mod common;

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
        BlockState::Free { .. } => None,
    }
}

fn flags(memory: &Memory, pfn: Pfn) -> PageFlags {
    match memory.zone().block_at(pfn).expect("a block").state {
        BlockState::Allocated { flags, .. } => flags,
        BlockState::Free { .. } => PageFlags::empty(),
    }
}

fn lock(memory: &mut Memory, pfn: Pfn, pid: Pid) -> Result<Lock, MemoryError> {
    memory.lock_page(pfn, pid, Context::Task)
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
    let error = refused(&mut memory, |memory| lock(memory, pfn, CHILD));
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
fn every_misuse_is_refused_and_changes_nothing() {
    let mut memory = memory();
    let pfn = memory.map_anon(INIT, 7, &mut ()).expect("a page");
    let kernel = memory.alloc_pages(Gfp::GFP_KERNEL, 1, Owner(5), &mut ());
    let kernel = kernel.expect("memory");
    let refcount = 1;
    let page = FilePage { file: 1, index: 2 };
    type Act = Box<dyn FnOnce(&mut Memory) -> Result<(), MemoryError>>;
    let cases: Vec<(Act, MemoryError)> = vec![
        (
            Box::new(|m| m.create(INIT, Owner(1))),
            MemoryError::TaskExists { pid: INIT },
        ),
        (
            Box::new(|m| m.fork(INIT, INIT, Owner(1), &mut ())),
            MemoryError::TaskExists { pid: INIT },
        ),
        (
            Box::new(|m| m.fork(9, CHILD, Owner(1), &mut ())),
            MemoryError::NoTask { pid: 9 },
        ),
        (
            Box::new(|m| m.exit(9, &mut ())),
            MemoryError::NoTask { pid: 9 },
        ),
        (
            Box::new(|m| m.map_anon(INIT, 7, &mut ()).map(|_| ())),
            MemoryError::Mapped { pid: INIT, vpn: 7 },
        ),
        (
            Box::new(|m| m.map_anon(9, 7, &mut ()).map(|_| ())),
            MemoryError::NoTask { pid: 9 },
        ),
        (
            Box::new(move |m| m.map_file(INIT, 7, page, &mut ()).map(|_| ())),
            MemoryError::Mapped { pid: INIT, vpn: 7 },
        ),
        (
            Box::new(|m| m.unmap(INIT, 8, &mut ())),
            MemoryError::NotMapped { pid: INIT, vpn: 8 },
        ),
        (
            Box::new(|m| m.write_fault(INIT, 8, &mut ()).map(|_| ())),
            MemoryError::NotMapped { pid: INIT, vpn: 8 },
        ),
        (
            Box::new(|m| m.pin(INIT, 8, Access::Read, &mut ()).map(|_| ())),
            MemoryError::NotMapped { pid: INIT, vpn: 8 },
        ),
        (
            Box::new(move |m| m.get_page(kernel)),
            MemoryError::NotCounted { pfn: kernel },
        ),
        (
            Box::new(|m| m.get_page(100_000)),
            MemoryError::NotCounted { pfn: 100_000 },
        ),
        (
            Box::new(move |m| m.put_page(pfn, &mut ())),
            MemoryError::NoReference { pfn, refcount },
        ),
        (
            Box::new(move |m| m.put_page(kernel, &mut ())),
            MemoryError::NotCounted { pfn: kernel },
        ),
        (
            Box::new(move |m| m.unpin(pfn, &mut ())),
            MemoryError::NotPinned { pfn },
        ),
        (
            Box::new(move |m| m.free_pages(pfn, 0, &mut ())),
            MemoryError::Counted { pfn, refcount },
        ),
        (
            Box::new(move |m| m.free_pages(kernel, 0, &mut ())),
            MemoryError::Free(labyrinth::mm::FreeError::WrongOrder { actual: 1 }),
        ),
        (
            Box::new(move |m| m.evict(page, &mut ()).map(|_| ())),
            MemoryError::NotCached { page },
        ),
        (
            Box::new(move |m| m.writeback(page)),
            MemoryError::NotCached { page },
        ),
        (
            Box::new(move |m| m.write_file(page, 0, b"x")),
            MemoryError::NotCached { page },
        ),
        (
            Box::new(move |m| m.unlock_page(pfn, INIT, &mut ()).map(|_| ())),
            LockError::NotLocked { pfn }.into(),
        ),
        (
            Box::new(move |m| m.lock_page(kernel, INIT, Context::Task).map(|_| ())),
            LockError::NoPage { pfn: kernel }.into(),
        ),
        (
            Box::new(move |m| m.trylock_page(pfn, 9).map(|_| ())),
            MemoryError::NoTask { pid: 9 },
        ),
        (
            Box::new(|m| m.resume(INIT).map(|_| ())),
            LockError::NotWoken { pid: INIT }.into(),
        ),
    ];
    for (act, expected) in cases {
        assert_eq!(refused(&mut memory, act), expected);
    }
    let beyond = refused(&mut memory, |m| m.write(INIT, 7, 4095, b"xy", &mut ()));
    assert!(matches!(beyond, MemoryError::Bytes(_)), "{beyond}");
    let zone = Zone::new(ZoneConfig::new("DMA", 64, 3)).expect("a zone");
    let mut without = Memory::new(zone, None);
    assert_eq!(without.create(INIT, Owner(1)), Ok(()));
    assert!(without.map_anon(INIT, 7, &mut ()).is_ok() && without.arena().is_none());
    assert_eq!(
        without.read(INIT, 7, 0, &mut [0]),
        Err(MemoryError::NoBytes)
    );
    let error = refused(&mut without, |m| m.write(INIT, 7, 0, b"x", &mut ()));
    assert_eq!(error, MemoryError::NoBytes);
}

#[test]
fn a_references_last_put_frees_once() {
    let mut memory = memory();
    let pfn = memory.map_anon(INIT, 7, &mut ()).expect("a page");
    assert_eq!(memory.get_page(pfn), Ok(()));
    assert_eq!(memory.get_page(pfn), Ok(()));
    assert_eq!(memory.unmap(INIT, 7, &mut ()), Ok(()));
    for left in [1, 0] {
        assert_eq!(memory.put_page(pfn, &mut ()), Ok(()));
        assert_eq!(memory.page(pfn).map_or(0, |page| page.refcount), left);
    }
    let error = refused(&mut memory, |m| m.put_page(pfn, &mut ()));
    assert_eq!(error, MemoryError::NotCounted { pfn });
}

#[test]
fn many_readers_share_a_page_of_a_file() {
    let mut memory = memory();
    tasks(&mut memory, 2..6);
    let page = FilePage { file: 3, index: 14 };
    let pfn = memory.read_file(page, Owner(11), &mut ()).expect("a page");
    assert_eq!(counts(&memory, pfn), (1, 0));
    assert_eq!(memory.write_file(page, 0, b"shared"), Ok(()));
    for pid in 1..6 {
        assert_eq!(memory.map_file(pid, 70 + pid, page, &mut ()), Ok(pfn));
        assert_eq!(text(&memory, pid, 70 + pid), "shared");
    }
    assert_eq!(counts(&memory, pfn), (6, 5));
    // Fork shares it too; a write gets a private copy, and nobody else sees it.
    assert_eq!(memory.fork(5, 6, Owner(16), &mut ()), Ok(()));
    let fault = write(&mut memory, 6, 75, b"secret");
    assert!(matches!(fault, WriteFault::Copied { from, .. } if from == pfn));
    assert_eq!(
        (text(&memory, 5, 75), text(&memory, 6, 75)),
        ("shared".into(), "secret".into())
    );
    assert_eq!(counts(&memory, pfn), (6, 5));
    // Dirty: not to be dropped. Clean: dropped, and gone from under the readers.
    let error = refused(&mut memory, |m| m.evict(page, &mut ()));
    assert_eq!(error, EvictError::Dirty.into());
    assert_eq!(memory.writeback(page), Ok(()));
    assert_eq!(memory.evict(page, &mut ()), Ok(0));
    assert_eq!((memory.cached(page), memory.page(pfn)), (None, None));
    assert_eq!(memory.pte(5, 75), None);
    assert_eq!(text(&memory, 6, 75), "secret");
    assert_eq!(memory.verify(), Ok(()));
    // Read again it is another page.
    assert!(memory.map_file(5, 75, page, &mut ()).is_ok());
    assert_eq!(memory.verify(), Ok(()));
}

#[test]
fn cache_somebody_holds_on_to_is_neither_dropped_nor_reclaimed() {
    let mut memory = memory();
    let page = FilePage { file: 1, index: 0 };
    let pfn = memory.map_file(INIT, 7, page, &mut ()).expect("a page");
    let busy = MemoryError::Evict(EvictError::Busy);
    assert_eq!(memory.get_page(pfn), Ok(()));
    assert_eq!(refused(&mut memory, |m| m.evict(page, &mut ())), busy);
    assert_eq!(memory.reclaim(10, &mut ()), 0);
    assert_eq!(memory.put_page(pfn, &mut ()), Ok(()));
    assert_eq!(memory.trylock_page(pfn, INIT), Ok(true));
    assert_eq!(refused(&mut memory, |m| m.evict(page, &mut ())), busy);
    assert_eq!(memory.reclaim(10, &mut ()), 0);
    assert_eq!(memory.unlock_page(pfn, INIT, &mut ()), Ok(Unlock::Idle));
    assert_eq!(memory.verify(), Ok(()));
    assert_eq!(memory.reclaim(10, &mut ()), 1);
    assert_eq!((memory.cached(page), memory.pte(INIT, 7)), (None, None));
    assert_eq!(memory.verify(), Ok(()));
}

#[test]
fn a_copy_of_a_file_page_survives_the_reclaim_that_makes_room_for_it() {
    let mut memory = memory();
    let page = FilePage { file: 1, index: 0 };
    let pfn = memory.map_file(INIT, 7, page, &mut ()).expect("a page");
    let other = FilePage { file: 1, index: 1 };
    assert!(memory.read_file(other, Owner(11), &mut ()).is_ok());
    assert_eq!(memory.write_file(page, 0, b"source"), Ok(()));
    assert_eq!(memory.writeback(page), Ok(()));
    // Down to where an ordinary request must reclaim, and not below.
    while memory
        .alloc_pages(Gfp::GFP_NOWAIT, 0, Owner(99), &mut ())
        .is_ok()
    {}
    let fault = write(&mut memory, INIT, 7, b"");
    assert!(matches!(fault, WriteFault::Copied { from, .. } if from == pfn));
    assert_eq!(text(&memory, INIT, 7), "source");
    assert_eq!(
        (memory.cached(other), memory.cached(page)),
        (None, Some(pfn))
    );
    assert_eq!(flags(&memory, pfn) & PageFlags::PINNED, PageFlags::empty());
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

#[test]
fn the_page_lock_has_one_holder_and_a_queue() {
    let mut memory = memory();
    tasks(&mut memory, 2..5);
    let pfn = memory.map_anon(INIT, 7, &mut ()).expect("a page");
    assert_eq!(lock(&mut memory, pfn, INIT), Ok(Lock::Acquired));
    assert_eq!(memory.page(pfn).and_then(|page| page.locked_by), Some(INIT));
    assert!(flags(&memory, pfn).contains(PageFlags::LOCKED));
    assert_eq!(memory.trylock_page(pfn, 2), Ok(false));
    for pid in [3, 2, 4] {
        assert_eq!(lock(&mut memory, pfn, pid), Ok(Lock::Waits));
    }
    assert_eq!(memory.lock_queue(pfn).collect::<Vec<_>>(), [3, 2, 4]);
    assert_eq!(memory.verify(), Ok(()));
    for (holder, next) in [(INIT, 3), (3, 2), (2, 4)] {
        let woke = memory.unlock_page(pfn, holder, &mut ());
        assert_eq!(woke, Ok(Unlock::Woke(next)));
        assert_eq!(memory.page(pfn).and_then(|page| page.locked_by), None);
        let flags = flags(&memory, pfn);
        assert!(!flags.contains(PageFlags::LOCKED) && flags.contains(PageFlags::PINNED));
        assert_eq!(memory.resume(next), Ok((pfn, Lock::Acquired)));
    }
    assert_eq!(memory.unlock_page(pfn, 4, &mut ()), Ok(Unlock::Idle));
    assert_eq!(flags(&memory, pfn) & PageFlags::STAYS, PageFlags::empty());
}

#[test]
fn what_the_lock_refuses() {
    let mut memory = memory();
    tasks(&mut memory, 2..4);
    let pfn = memory.map_anon(INIT, 7, &mut ()).expect("a page");
    // Sleeping in atomic context is wrong even when the lock is free; trying is not.
    let atomic = |m: &mut Memory| m.lock_page(pfn, INIT, Context::Atomic);
    assert_eq!(
        refused(&mut memory, atomic),
        LockError::Atomic { pfn }.into()
    );
    let atomic = |m: &mut Memory| m.lock_pages(&[pfn], INIT, Context::Atomic);
    assert_eq!(
        refused(&mut memory, atomic),
        LockError::Atomic { pfn }.into()
    );
    assert_eq!(memory.trylock_page(pfn, INIT), Ok(true));
    let pid = INIT;
    let error = refused(&mut memory, |m| lock(m, pfn, INIT));
    assert_eq!(error, LockError::Held { pfn, pid }.into());
    let error = refused(&mut memory, |m| m.unlock_page(pfn, 2, &mut ()));
    let (holder, pid) = (INIT, 2);
    assert_eq!(error, LockError::NotHolder { pfn, holder, pid }.into());
    let error = refused(&mut memory, |m| m.exit(INIT, &mut ()));
    assert_eq!(error, MemoryError::HoldsLock { pid: INIT, pfn });
    assert_eq!(lock(&mut memory, pfn, 2), Ok(Lock::Waits));
    let asleep = MemoryError::Lock(LockError::Asleep { pid: 2, pfn });
    assert_eq!(refused(&mut memory, |m| lock(m, pfn, 2)), asleep);
    assert_eq!(refused(&mut memory, |m| m.trylock_page(pfn, 2)), asleep);
    assert_eq!(
        refused(&mut memory, |m| m.unlock_page(pfn, 2, &mut ())),
        asleep
    );
    assert_eq!(refused(&mut memory, |m| m.exit(2, &mut ())), asleep);
    assert_eq!(
        refused(&mut memory, |m| m.fork(2, 9, Owner(1), &mut ())),
        asleep
    );
    let not_woken = LockError::NotWoken { pid: 2 };
    assert_eq!(refused(&mut memory, |m| m.resume(2)), not_woken.into());
    assert_eq!(memory.unlock_page(pfn, INIT, &mut ()), Ok(Unlock::Woke(2)));
    // Unlocked twice, though somebody was woken.
    let error = refused(&mut memory, |m| m.unlock_page(pfn, INIT, &mut ()));
    assert_eq!(error, LockError::NotLocked { pfn }.into());
    assert_eq!(memory.resume(2), Ok((pfn, Lock::Acquired)));
    assert_eq!(memory.unlock_page(pfn, 2, &mut ()), Ok(Unlock::Idle));
    let error = refused(&mut memory, |m| m.unlock_page(pfn, 2, &mut ()));
    assert_eq!(error, LockError::NotLocked { pfn }.into());
}

#[test]
fn who_lost_five_times_is_handed_the_lock() {
    let mut memory = memory();
    tasks(&mut memory, 2..4);
    let pfn = memory.map_anon(INIT, 7, &mut ()).expect("a page");
    assert_eq!(memory.trylock_page(pfn, INIT), Ok(true));
    assert_eq!(lock(&mut memory, pfn, 2), Ok(Lock::Waits));
    for _ in 0..PAGE_LOCK_UNFAIRNESS {
        assert_eq!(memory.unlock_page(pfn, INIT, &mut ()), Ok(Unlock::Woke(2)));
        // Somebody is faster than the one who was woken.
        assert_eq!(memory.trylock_page(pfn, INIT), Ok(true));
        assert_eq!(memory.resume(2), Ok((pfn, Lock::Waits)));
    }
    let handed = memory.unlock_page(pfn, INIT, &mut ());
    assert_eq!(handed, Ok(Unlock::HandedTo(2)));
    assert_eq!(memory.trylock_page(pfn, INIT), Ok(false));
    assert_eq!(memory.page(pfn).and_then(|page| page.locked_by), Some(2));
    let error = refused(&mut memory, |m| m.resume(2));
    assert_eq!(error, LockError::NotWoken { pid: 2 }.into());
    assert_eq!(memory.unlock_page(pfn, 2, &mut ()), Ok(Unlock::Idle));
    assert_eq!(memory.verify(), Ok(()));
}

#[test]
fn a_sleeper_that_loses_goes_behind_the_others() {
    let mut memory = memory();
    tasks(&mut memory, 2..5);
    let pfn = memory.map_anon(INIT, 7, &mut ()).expect("a page");
    assert_eq!(memory.trylock_page(pfn, INIT), Ok(true));
    for pid in [2, 3, 4] {
        assert_eq!(lock(&mut memory, pfn, pid), Ok(Lock::Waits));
    }
    assert_eq!(memory.unlock_page(pfn, INIT, &mut ()), Ok(Unlock::Woke(2)));
    assert_eq!(memory.trylock_page(pfn, INIT), Ok(true));
    assert_eq!(memory.unlock_page(pfn, INIT, &mut ()), Ok(Unlock::Woke(3)));
    // Two are awake; the second is faster.
    assert_eq!(memory.resume(3), Ok((pfn, Lock::Acquired)));
    assert_eq!(memory.resume(2), Ok((pfn, Lock::Waits)));
    assert_eq!(memory.lock_queue(pfn).collect::<Vec<_>>(), [4, 2]);
    assert_eq!(memory.verify(), Ok(()));
}

#[test]
fn several_pages_are_locked_in_ascending_order() {
    let mut memory = memory();
    tasks(&mut memory, 2..4);
    let pages: Vec<Pfn> = (0..4)
        .map(|vpn| memory.map_anon(INIT, vpn, &mut ()).expect("a page"))
        .collect();
    let [a, b, c, d] = pages[..] else {
        panic!("{pages:?}");
    };
    assert!(a < b && b < c && c < d);
    let all = |m: &mut Memory, pfns: &[Pfn], pid| m.lock_pages(pfns, pid, Context::Task);
    assert_eq!(memory.trylock_page(c, 2), Ok(true));
    assert_eq!(
        all(&mut memory, &[d, a, c, a], INIT),
        Ok(LockedAll::Waits(c))
    );
    let holder = |m: &Memory, pfn| m.page(pfn).and_then(|page| page.locked_by);
    assert_eq!(
        [a, b, c, d].map(|pfn| holder(&memory, pfn)),
        [Some(1), None, Some(2), None]
    );
    // Task 2 holds the later page: by the order it may not want the earlier one, and to sleep for it would be for ever.
    let error = refused(&mut memory, |m| all(m, &[a, c], 2));
    let (pid, held, wanted) = (2, c, a);
    assert_eq!(error, LockError::Descending { pid, held, wanted }.into());
    let error = refused(&mut memory, |m| lock(m, a, 2));
    let (pfn, holder_of_a) = (a, INIT);
    assert_eq!(
        error,
        LockError::Deadlock {
            pfn,
            pid,
            holder: holder_of_a
        }
        .into()
    );
    assert_eq!(memory.unlock_page(c, 2, &mut ()), Ok(Unlock::Woke(INIT)));
    assert_eq!(memory.resume(INIT), Ok((c, Lock::Acquired)));
    assert_eq!(
        all(&mut memory, &[d, a, c, a], INIT),
        Ok(LockedAll::Acquired)
    );
    assert_eq!(
        [a, b, c, d].map(|pfn| holder(&memory, pfn)),
        [Some(1), None, Some(1), Some(1)]
    );
    assert_eq!(all(&mut memory, &[], 2), Ok(LockedAll::Acquired));
    let error = refused(&mut memory, |m| all(m, &[b, 400], 2));
    assert_eq!(error, LockError::NoPage { pfn: 400 }.into());
    assert_eq!(memory.verify(), Ok(()));
}

#[test]
fn a_ring_through_a_woken_task_is_found_before_anything_is_taken() {
    let mut memory = memory();
    tasks(&mut memory, 2..4);
    let a = memory.map_anon(INIT, 0, &mut ()).expect("a page");
    let b = memory.map_anon(INIT, 1, &mut ()).expect("a page");
    // Task 2 holds the later page and was woken for the earlier one, which is free at the moment.
    assert_eq!(memory.trylock_page(b, 2), Ok(true));
    assert_eq!(memory.trylock_page(a, 3), Ok(true));
    assert_eq!(lock(&mut memory, a, 2), Ok(Lock::Waits));
    assert_eq!(memory.unlock_page(a, 3, &mut ()), Ok(Unlock::Woke(2)));
    let error = refused(&mut memory, |m| m.lock_pages(&[a, b], INIT, Context::Task));
    let (pfn, pid, holder) = (b, INIT, 2);
    assert_eq!(error, LockError::Deadlock { pfn, pid, holder }.into());
}

#[derive(Clone, Copy, Debug)]
struct Step {
    what: u8,
    pid: Pid,
    other: Pid,
    vpn: u32,
    pick: u32,
}

fn step() -> impl Strategy<Value = Step> {
    (0_u8..23, 1_u32..6, 1_u32..6, 0_u32..6, any::<u32>()).prop_map(
        |(what, pid, other, vpn, pick)| Step {
            what,
            pid,
            other,
            vpn,
            pick,
        },
    )
}

/// What each task believes to see: bytes by virtual page, kept without any sharing.
type Seen = std::collections::BTreeMap<(Pid, u32), [u8; 6]>;

fn counted(memory: &Memory, pick: u32) -> Pfn {
    let pages: Vec<Pfn> = memory.pages().collect();
    match pages.len() {
        0 => pick % 64,
        len => pages[pick as usize % len],
    }
}

/// Does one thing. What each task sees afterwards is what it saw before, but for what it did itself.
fn apply(memory: &mut Memory, seen: &mut Seen, step: Step) -> Result<(), MemoryError> {
    let Step {
        what,
        pid,
        other,
        vpn,
        pick,
    } = step;
    let pfn = counted(memory, pick);
    let file = FilePage {
        file: 1,
        index: pick % 3,
    };
    let sink = &mut ();
    match what {
        0 => memory.create(pid, Owner(10 + pid as u16)),
        1 => {
            memory.exit(pid, sink)?;
            seen.retain(|&(task, _), _| task != pid);
            Ok(())
        }
        2 | 3 => {
            memory.fork(pid, other, Owner(10 + other as u16), sink)?;
            let shared: Vec<_> = seen.iter().map(|(at, bytes)| (*at, *bytes)).collect();
            for ((task, vpn), bytes) in shared {
                if task == pid {
                    seen.insert((other, vpn), bytes);
                }
            }
            Ok(())
        }
        4..7 => {
            memory.map_anon(pid, vpn, sink)?;
            seen.insert((pid, vpn), [0; 6]);
            Ok(())
        }
        7..11 => {
            let bytes = [b'a' + (pick % 26) as u8; 6];
            memory.write(pid, vpn, 0, &bytes, sink)?;
            seen.insert((pid, vpn), bytes);
            Ok(())
        }
        11 => {
            memory.unmap(pid, vpn, sink)?;
            seen.remove(&(pid, vpn));
            Ok(())
        }
        12 => memory.get_page(pfn),
        13 => memory.put_page(pfn, sink),
        14 => {
            let access = [Access::Read, Access::Write][pick as usize % 2];
            memory.pin(pid, vpn, access, sink).map(|_| ())
        }
        15 => memory.unpin(pfn, sink),
        16 => {
            let pfn = memory.map_file(pid, vpn, file, sink)?;
            let mut bytes = [0; 6];
            let arena = memory.arena().ok_or(MemoryError::NoBytes)?;
            arena.read(pfn, 0, &mut bytes)?;
            seen.insert((pid, vpn), bytes);
            Ok(())
        }
        17 => memory.evict(file, sink).map(|_| ()),
        18 => memory.migrate(pfn, sink).map(|_| ()),
        19 => memory.trylock_page(pfn, pid).map(|_| ()),
        20 => memory.lock_page(pfn, pid, Context::Task).map(|_| ()),
        21 => memory.unlock_page(pfn, pid, sink).map(|_| ()),
        _ => memory.resume(pid).map(|_| ()),
    }
}

/// Applies steps and checks after each; returns how many did something.
fn live(pages: u32, steps: impl IntoIterator<Item = Step>) -> u32 {
    let mut memory = memory_of(pages);
    let mut seen = Seen::new();
    let mut done = 0;
    for step in steps {
        let before = memory.clone();
        match apply(&mut memory, &mut seen, step) {
            Ok(()) => done += 1,
            // Reclaim for nothing is not undone: only what is in no table any more may differ.
            Err(MemoryError::OutOfMemory(_)) => {}
            Err(error) => assert!(memory == before, "{step:?}: {error}"),
        }
        assert_eq!(memory.verify(), Ok(()), "after {step:?}");
        seen.retain(|&(pid, vpn), bytes| {
            let Some(pte) = memory.pte(pid, vpn) else {
                let was = before.pte(pid, vpn).and_then(|pte| before.page(pte.pfn));
                let cache = was.is_none_or(|page| matches!(page.kind, PageKind::Cache { .. }));
                assert!(cache, "{step:?}: a page lost");
                return false;
            };
            let mut there = [0; 6];
            assert_eq!(memory.read(pid, vpn, 0, &mut there), Ok(()));
            assert_eq!(
                there, *bytes,
                "task {pid}, {vpn:#x}, {pte:?}, after {step:?}"
            );
            true
        });
        let mapped = memory.tasks().map(|pid| memory.page_table(pid).count());
        assert_eq!(mapped.sum::<usize>(), seen.len(), "after {step:?}");
    }
    done
}

#[test]
fn long_lives_keep_every_promise() {
    for seed in 0..24 {
        let mut random = Random(seed);
        // Now plenty of memory, now so little that copies fail and cache is reclaimed.
        let pages = [256, 64, 48][seed as usize % 3];
        let steps = (0..1500).map(|_| Step {
            what: random.below(23) as u8,
            pid: 1 + random.below(5),
            other: 1 + random.below(5),
            vpn: random.below(6),
            pick: random.next() as u32,
        });
        let done = live(pages, steps.collect::<Vec<_>>());
        assert!(done > 300, "seed {seed}: only {done}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn any_short_life_keeps_every_promise(small in any::<bool>(), steps in vec(step(), 1..80)) {
        live(if small { 48 } else { 256 }, steps);
    }
}
