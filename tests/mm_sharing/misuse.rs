//! What memory refuses.

use super::*;

type Act = Box<dyn FnOnce(&mut Memory) -> Result<(), MemoryError>>;

#[test]
fn every_misuse_is_refused_and_changes_nothing() {
    let mut memory = memory();
    let pfn = memory.map_anon(INIT, 7, &mut ()).expect("a page");
    let kernel = memory.alloc_pages(Gfp::GFP_KERNEL, 1, Owner(5), &mut ());
    let kernel = kernel.expect("memory");
    let refcount = 1;
    let page = FilePage { file: 1, index: 2 };
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
