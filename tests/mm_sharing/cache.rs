//! Page cache: many readers, private writers, and what reclaim may take.

use super::*;

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
