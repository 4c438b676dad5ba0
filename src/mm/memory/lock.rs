//! The page lock: one holder, a queue of sleepers, and hand-off to those who lost too often.

use std::collections::{BTreeMap, VecDeque};

use super::super::Pfn;
use super::{LockError, Pid};

/// How often a woken sleeper may find the lock taken again before it is handed to it (`vm.page_lock_unfairness`).
pub const PAGE_LOCK_UNFAIRNESS: u8 = 5;

/// Whether whoever asks may sleep.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Context {
    /// A task that may sleep.
    Task,
    /// An interrupt, or a task that holds a spinlock.
    Atomic,
}

/// What became of a wish for a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lock {
    /// The task has it.
    Acquired,
    /// The task sleeps until it is woken or the lock handed to it.
    Waits,
}

/// What an unlock did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unlock {
    /// Nobody was asleep: the lock is free.
    Idle,
    /// The lock is free, and this sleeper was woken to try for it: see [`Memory::resume`](super::Memory::resume).
    Woke(Pid),
    /// The lock was never free: it is this sleeper's now.
    HandedTo(Pid),
}

/// One who sleeps, or was woken and did not run yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Waiter {
    pid: Pid,
    /// Times it was woken and found the lock taken.
    lost: u8,
}

/// The lock of one page. One that nobody holds or waits for is not kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct PageLock {
    holder: Option<Pid>,
    /// Asleep, first come first.
    queue: VecDeque<Waiter>,
    /// Awake, and about to try.
    woken: Vec<Waiter>,
}

impl PageLock {
    fn is_unused(&self) -> bool {
        self.holder.is_none() && self.queue.is_empty() && self.woken.is_empty()
    }

    fn waiters(&self) -> impl Iterator<Item = &Waiter> {
        self.queue.iter().chain(&self.woken)
    }
}

/// The locks of all pages.
///
/// Linux 6.12 `mm/filemap.c`: `folio_wait_bit_common()`, `wake_page_function()`, `folio_unlock()`. Linux does not know
/// who holds a page's lock; here it is known, so that who unlocks what is not theirs is refused, and who would wait
/// for ever too.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Locks {
    locks: BTreeMap<Pfn, PageLock>,
    /// The page each sleeping or woken task waits for.
    waits: BTreeMap<Pid, Pfn>,
}

impl Locks {
    /// Who holds a page's lock.
    pub(super) fn holder(&self, pfn: Pfn) -> Option<Pid> {
        self.locks.get(&pfn).and_then(|lock| lock.holder)
    }

    /// True if somebody holds or waits for a page's lock.
    pub(super) fn in_use(&self, pfn: Pfn) -> bool {
        self.locks.contains_key(&pfn)
    }

    /// True if somebody waits for a page's lock.
    pub(super) fn awaited(&self, pfn: Pfn) -> bool {
        let lock = self.locks.get(&pfn);
        lock.is_some_and(|lock| lock.waiters().next().is_some())
    }

    /// The page a task waits for.
    pub(super) fn waits_for(&self, pid: Pid) -> Option<Pfn> {
        self.waits.get(&pid).copied()
    }

    /// The pages a task holds the locks of, ascending.
    pub(super) fn held_by(&self, pid: Pid) -> impl Iterator<Item = Pfn> + '_ {
        let locks = self.locks.iter();
        locks.filter_map(move |(&pfn, lock)| (lock.holder == Some(pid)).then_some(pfn))
    }

    /// Those who sleep for a page's lock, the next to be woken first.
    pub(super) fn queue(&self, pfn: Pfn) -> impl Iterator<Item = Pid> + '_ {
        let lock = self.locks.get(&pfn).into_iter();
        lock.flat_map(|lock| lock.queue.iter().map(|waiter| waiter.pid))
    }

    /// Pages whose lock is held or waited for.
    pub(super) fn pages(&self) -> impl Iterator<Item = Pfn> + '_ {
        self.locks.keys().copied()
    }

    /// Takes the lock if it is free, even before those who sleep for it (`folio_trylock()`).
    pub(super) fn trylock(&mut self, pfn: Pfn, pid: Pid) -> Result<bool, LockError> {
        self.awake(pid)?;
        let lock = self.locks.entry(pfn).or_default();
        if lock.holder.is_some() {
            return Ok(false);
        }
        lock.holder = Some(pid);
        Ok(true)
    }

    /// Takes the lock or goes to sleep for it (`folio_lock()`).
    pub(super) fn lock(&mut self, pfn: Pfn, pid: Pid, context: Context) -> Result<Lock, LockError> {
        self.may_wait(pfn, pid, context, &[])?;
        if self.trylock(pfn, pid)? {
            return Ok(Lock::Acquired);
        }
        let lock = self.locks.entry(pfn).or_default();
        lock.queue.push_back(Waiter { pid, lost: 0 });
        self.waits.insert(pid, pfn);
        Ok(Lock::Waits)
    }

    /// Refuses what [`Locks::lock`] refuses, to a task that will hold the locks `soon` too by then.
    pub(super) fn may_wait(
        &self,
        pfn: Pfn,
        pid: Pid,
        context: Context,
        soon: &[Pfn],
    ) -> Result<(), LockError> {
        if context == Context::Atomic {
            return Err(LockError::Atomic { pfn });
        }
        self.awake(pid)?;
        let Some(holder) = self.holder(pfn) else {
            return Ok(());
        };
        if holder == pid {
            return Err(LockError::Held { pfn, pid });
        }
        // A task waits for one page at most, so this is a chain. It ends: whoever would have closed a ring was refused.
        let mut last = holder;
        while let Some(awaited) = self.waits_for(last) {
            let next = if soon.contains(&awaited) {
                Some(pid)
            } else {
                self.holder(awaited)
            };
            match next {
                Some(next) if next == pid => return Err(LockError::Deadlock { pfn, pid, holder }),
                Some(next) => last = next,
                None => break,
            }
        }
        Ok(())
    }

    /// Gives the lock back (`folio_unlock()`): wakes the first sleeper, or hands it the lock if it lost often enough.
    pub(super) fn unlock(&mut self, pfn: Pfn, pid: Pid) -> Result<Unlock, LockError> {
        self.awake(pid)?;
        let Some(lock) = self.locks.get_mut(&pfn) else {
            return Err(LockError::NotLocked { pfn });
        };
        match lock.holder {
            None => return Err(LockError::NotLocked { pfn }),
            Some(holder) if holder != pid => {
                return Err(LockError::NotHolder { pfn, holder, pid });
            }
            Some(_) => lock.holder = None,
        }
        let done = match lock.queue.pop_front() {
            None => Unlock::Idle,
            Some(waiter) if waiter.lost >= PAGE_LOCK_UNFAIRNESS => {
                lock.holder = Some(waiter.pid);
                self.waits.remove(&waiter.pid);
                Unlock::HandedTo(waiter.pid)
            }
            Some(waiter) => {
                lock.woken.push(waiter);
                Unlock::Woke(waiter.pid)
            }
        };
        if lock.is_unused() {
            self.locks.remove(&pfn);
        }
        Ok(done)
    }

    /// A woken sleeper runs: it takes the lock, or finds it taken and goes to sleep again, behind the others.
    pub(super) fn resume(&mut self, pid: Pid) -> Result<(Pfn, Lock), LockError> {
        let not_woken = LockError::NotWoken { pid };
        let pfn = self.waits_for(pid).ok_or(not_woken)?;
        let lock = self.locks.get_mut(&pfn).ok_or(not_woken)?;
        let at = lock.woken.iter().position(|waiter| waiter.pid == pid);
        let mut waiter = lock.woken.remove(at.ok_or(not_woken)?);
        if lock.holder.is_none() {
            lock.holder = Some(pid);
            self.waits.remove(&pid);
            Ok((pfn, Lock::Acquired))
        } else {
            waiter.lost = waiter.lost.saturating_add(1);
            lock.queue.push_back(waiter);
            Ok((pfn, Lock::Waits))
        }
    }

    fn awake(&self, pid: Pid) -> Result<(), LockError> {
        match self.waits_for(pid) {
            Some(pfn) => Err(LockError::Asleep { pid, pfn }),
            None => Ok(()),
        }
    }

    /// Checks that no lock is kept for nothing, that everybody waits where they are said to, and once.
    pub(super) fn verify(&self) -> Result<(), String> {
        let mut waiting = 0;
        for (&pfn, lock) in &self.locks {
            if lock.is_unused() {
                return Err(format!("the lock of frame {pfn} is nobody's"));
            }
            if lock.holder.is_none() && lock.woken.is_empty() {
                return Err(format!("the lock of frame {pfn} is free, and nobody awake"));
            }
            for waiter in lock.waiters() {
                if self.waits_for(waiter.pid) != Some(pfn) {
                    return Err(format!("task {} waits for frame {pfn} unknown", waiter.pid));
                }
                waiting += 1;
            }
            if let Some(holder) = lock.holder
                && self.waits_for(holder) == Some(pfn)
            {
                return Err(format!(
                    "task {holder} waits for frame {pfn}, which it holds"
                ));
            }
        }
        if waiting == self.waits.len() {
            Ok(())
        } else {
            Err(format!(
                "{} tasks wait, {waiting} for a page",
                self.waits.len()
            ))
        }
    }
}
