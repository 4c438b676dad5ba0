//! The page lock: one holder, a queue, hand-off, and an order for several.

use super::*;

fn lock(memory: &mut Memory, pfn: Pfn, pid: Pid) -> Result<Lock, MemoryError> {
    memory.lock_page(pfn, pid, Context::Task)
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
