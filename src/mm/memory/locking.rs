//! Locking pages: the checks around the lock, and several pages at once.

use super::super::{Pfn, Sink};
use super::{Context, Lock, LockError, Memory, MemoryError, Pid, Unlock};

/// How far a task came with locking several pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LockedAll {
    /// It holds them all.
    Acquired,
    /// It sleeps for this one, and holds those before it.
    Waits(Pfn),
}

impl Memory {
    /// Those who sleep for a page's lock, the next to be woken first.
    pub fn lock_queue(&self, pfn: Pfn) -> impl Iterator<Item = Pid> + '_ {
        self.locks.queue(pfn)
    }

    /// The page whose lock a task waits for.
    pub fn waits_for(&self, pid: Pid) -> Option<Pfn> {
        self.locks.waits_for(pid)
    }

    /// Takes a page's lock if it is free, even before those who sleep for it (`folio_trylock()`). Never sleeps. True
    /// if the task has it now.
    ///
    /// # Errors
    ///
    /// A [`LockError`] if there is no such task or page, or the task sleeps.
    pub fn trylock_page(&mut self, pfn: Pfn, pid: Pid) -> Result<bool, MemoryError> {
        self.lockable(pfn, pid)?;
        let got = self.locks.trylock(pfn, pid)?;
        self.flag(pfn);
        Ok(got)
    }

    /// Takes a page's lock, or goes to sleep for it (`folio_lock()`).
    ///
    /// # Errors
    ///
    /// A [`LockError`] if there is no such task or page; whoever asks cannot sleep, whether or not it would have to;
    /// the task sleeps already, holds the lock already, or would wait for ever because the holder waits for it.
    pub fn lock_page(&mut self, pfn: Pfn, pid: Pid, context: Context) -> Result<Lock, MemoryError> {
        self.lockable(pfn, pid)?;
        let got = self.locks.lock(pfn, pid, context)?;
        self.flag(pfn);
        Ok(got)
    }

    /// Takes the locks of several pages, in ascending order, and goes to sleep for the first that is taken. Once that
    /// is acquired, call again with the same pages: those the task holds are passed over.
    ///
    /// # Errors
    ///
    /// As [`Memory::lock_page`], and [`LockError::Descending`] if the task holds a later page than one it still wants:
    /// two tasks that do so can wait for each other. No lock was taken then.
    pub fn lock_pages(
        &mut self,
        pfns: &[Pfn],
        pid: Pid,
        context: Context,
    ) -> Result<LockedAll, MemoryError> {
        let mut wanted = Vec::new();
        for &pfn in pfns {
            self.lockable(pfn, pid)?;
            if self.locks.holder(pfn) != Some(pid) {
                wanted.push(pfn);
            }
        }
        wanted.sort_unstable();
        wanted.dedup();
        let held = self.locks.held_by(pid).last();
        if let (Some(&first), Some(held)) = (wanted.first(), held)
            && held > first
        {
            let wanted = first;
            return Err(LockError::Descending { pid, held, wanted }.into());
        }
        // Refused before any is taken: only the first page that is taken can be waited for.
        let taken = wanted
            .iter()
            .position(|&pfn| self.locks.holder(pfn).is_some());
        if let Some(&last) = wanted.get(taken.unwrap_or(0)) {
            let before = &wanted[..taken.unwrap_or(0)];
            self.locks.may_wait(last, pid, context, before)?;
        }
        for pfn in wanted {
            if self.lock_page(pfn, pid, context)? == Lock::Waits {
                return Ok(LockedAll::Waits(pfn));
            }
        }
        Ok(LockedAll::Acquired)
    }

    /// Gives a page's lock back (`folio_unlock()`). The first sleeper is woken, and runs for the lock when it is
    /// [resumed](Memory::resume); anybody may be faster. Who lost [`PAGE_LOCK_UNFAIRNESS`](super::PAGE_LOCK_UNFAIRNESS)
    /// times is handed the lock instead. A page that only its lock kept is freed with the last who waits.
    ///
    /// # Errors
    ///
    /// A [`LockError`] if the lock is not held, or not by this task, or the task sleeps.
    pub fn unlock_page(
        &mut self,
        pfn: Pfn,
        pid: Pid,
        sink: &mut impl Sink,
    ) -> Result<Unlock, MemoryError> {
        let done = self.locks.unlock(pfn, pid)?;
        self.flag(pfn);
        self.free_if_unused(pfn, sink)?;
        Ok(done)
    }

    /// A task woken for a page's lock runs: it takes the lock, or finds it taken and goes to sleep again behind the
    /// others. Returns the page too.
    ///
    /// # Errors
    ///
    /// [`LockError::NotWoken`].
    pub fn resume(&mut self, pid: Pid) -> Result<(Pfn, Lock), MemoryError> {
        let (pfn, got) = self.locks.resume(pid)?;
        self.flag(pfn);
        Ok((pfn, got))
    }

    /// A page somebody has a reference to, and a task there is.
    fn lockable(&self, pfn: Pfn, pid: Pid) -> Result<(), MemoryError> {
        self.mm(pid)?;
        match self.pages.get(&pfn) {
            Some(page) if page.refcount > 0 => Ok(()),
            _ => Err(LockError::NoPage { pfn }.into()),
        }
    }
}
