//! Why memory refuses a call. A refused call changes nothing, unless it says so.

use thiserror::Error;

use super::super::{
    AllocFailure, ArenaError, AtError, EvictError, FlagError, FreeError, MigrateError, Pfn,
};
use super::{FilePage, Pid, Vpn};

/// Why the page lock refuses a call. Linux finds few of these by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
pub enum LockError {
    /// Nobody has that page, or only the lock is left of it.
    #[error("frame {pfn}: expected a page somebody has a reference to")]
    NoPage {
        /// The frame.
        pfn: Pfn,
    },
    /// The lock may have to be waited for, and whoever asks cannot sleep (`might_sleep()`).
    #[error("frame {pfn}: sleeping function called from invalid context; try the lock instead")]
    Atomic {
        /// The frame.
        pfn: Pfn,
    },
    /// The task holds it already: it would wait for itself.
    #[error("frame {pfn}: task {pid} holds the lock already")]
    Held {
        /// The frame.
        pfn: Pfn,
        /// The task.
        pid: Pid,
    },
    /// The holder waits, through whatever others, for a page the task holds.
    #[error("frame {pfn}: task {pid} would wait for task {holder}, which waits for task {pid}")]
    Deadlock {
        /// The frame.
        pfn: Pfn,
        /// The task.
        pid: Pid,
        /// The holder of the frame.
        holder: Pid,
    },
    /// Several pages are locked in ascending order, and the task holds a later one.
    #[error("task {pid} holds frame {held}: frame {wanted} had to be locked before it")]
    Descending {
        /// The task.
        pid: Pid,
        /// The page it holds.
        held: Pfn,
        /// The page it wants.
        wanted: Pfn,
    },
    /// The task sleeps for a page and can do nothing.
    #[error("task {pid} waits for frame {pfn} and cannot act")]
    Asleep {
        /// The task.
        pid: Pid,
        /// The page it waits for.
        pfn: Pfn,
    },
    /// Nobody holds the lock (unlocked twice?).
    #[error("frame {pfn}: it is not locked")]
    NotLocked {
        /// The frame.
        pfn: Pfn,
    },
    /// Somebody else holds the lock.
    #[error("frame {pfn}: task {holder} holds the lock, not task {pid}")]
    NotHolder {
        /// The frame.
        pfn: Pfn,
        /// Who holds it.
        holder: Pid,
        /// Who does not.
        pid: Pid,
    },
    /// The task was not woken: it sleeps on, or does not wait at all.
    #[error("task {pid} was not woken for a lock")]
    NotWoken {
        /// The task.
        pid: Pid,
    },
}

/// Why memory refuses a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
pub enum MemoryError {
    /// There is no such task.
    #[error("there is no task {pid}")]
    NoTask {
        /// The task.
        pid: Pid,
    },
    /// There is such a task already.
    #[error("there is a task {pid} already")]
    TaskExists {
        /// The task.
        pid: Pid,
    },
    /// The task has no page there. A real one would be killed by SIGSEGV.
    #[error("task {pid} has no page at {vpn:#x}")]
    NotMapped {
        /// The task.
        pid: Pid,
        /// The virtual page.
        vpn: Vpn,
    },
    /// The task has a page there.
    #[error("task {pid} has a page at {vpn:#x} already")]
    Mapped {
        /// The task.
        pid: Pid,
        /// The virtual page.
        vpn: Vpn,
    },
    /// References to this frame are not counted: it is free, or was handed out without.
    #[error("frame {pfn}: expected a page with a reference count")]
    NotCounted {
        /// The frame.
        pfn: Pfn,
    },
    /// The frame's references are counted: it is freed by dropping the last.
    #[error("frame {pfn} has {refcount} references: it is freed when the last is put, not before")]
    Counted {
        /// The frame.
        pfn: Pfn,
        /// References to it.
        refcount: u32,
    },
    /// No reference of this kind was taken: putting one would take somebody else's.
    #[error(
        "frame {pfn}: no reference is left to put: {refcount} belong to mappings, pins and page cache"
    )]
    NoReference {
        /// The frame.
        pfn: Pfn,
        /// References to it.
        refcount: u32,
    },
    /// The page is not pinned.
    #[error("frame {pfn} is not pinned")]
    NotPinned {
        /// The frame.
        pfn: Pfn,
    },
    /// A page has as many references as can be counted.
    #[error("frame {pfn} has too many references")]
    TooMany {
        /// The frame.
        pfn: Pfn,
    },
    /// A task that ends holds no page lock.
    #[error("task {pid} holds the lock of frame {pfn}")]
    HoldsLock {
        /// The task.
        pid: Pid,
        /// The page.
        pfn: Pfn,
    },
    /// The page of a file is not in memory.
    #[error("page {} of file {} is not in memory", .page.index, .page.file)]
    NotCached {
        /// The page.
        page: FilePage,
    },
    /// No page for it (`VM_FAULT_OOM`, `-ENOMEM`). Page cache that was reclaimed in vain stays reclaimed.
    #[error("out of memory: {0}")]
    OutOfMemory(AllocFailure),
    /// The bytes are not all in the page.
    #[error(transparent)]
    Bytes(#[from] ArenaError),
    /// Content is not kept here.
    #[error("this memory was made without bytes")]
    NoBytes,
    /// The page lock refuses.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The zone refuses to free.
    #[error(transparent)]
    Free(#[from] FreeError),
    /// The zone refuses to drop page cache.
    #[error(transparent)]
    Evict(#[from] EvictError),
    /// The zone refuses to move a page.
    #[error(transparent)]
    Migrate(#[from] MigrateError),
    /// The zone refuses exactly this range.
    #[error(transparent)]
    At(#[from] AtError),
    /// The zone refuses to change flags.
    #[error(transparent)]
    Flag(#[from] FlagError),
}
