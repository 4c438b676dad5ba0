//! The machine of lessons and of the sandbox: memory, tasks, and calls on them.

mod act;
mod read;
mod setup;
mod share;
mod tasks;

use std::collections::BTreeMap;

use crate::mm::memory::{MemoryError, Pid};
use crate::mm::{
    AllocFailure, AtError, CpuError, EvictError, FlagError, FreeError, MigrateError, Owner, Pfn,
};
pub use read::{BlockView, ListView, MachineView, Use, ZoneView};
use setup::Core;
pub use setup::{MAX_SANDBOX_CPUS, MAX_SANDBOX_PAGES, Policy, Setup, SetupError};
pub use share::Locked;

/// The first task; it cannot be killed.
pub const INIT: Pid = 1;

/// What the second task is called by number: the next ones count on.
pub const FIRST_CHILD: Pid = 42;

/// The most tasks at one time.
pub const MAX_TASKS: u32 = 64;

/// A task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// Its name, as `ps` prints it.
    pub name: String,
    /// Who forked it; 0 for nobody.
    pub parent: Pid,
    /// `oom_score_adj`.
    pub adj: i16,
}

/// Why the machine refuses a call. Nothing has changed then, but for what was reclaimed in vain.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no memory for it (`-ENOMEM`).
    #[error("{0}")]
    NoMemory(AllocFailure),
    /// A bad free, which Linux mostly would not notice.
    #[error("frame {pfn:#x}: {error}")]
    Free {
        /// The frame.
        pfn: Pfn,
        /// What is wrong.
        error: FreeError,
    },
    /// Why page tables, references or locks refuse.
    #[error("{0}")]
    Memory(MemoryError),
    /// No such CPU.
    #[error(transparent)]
    Cpu(#[from] CpuError),
    /// Flags cannot be changed.
    #[error("frame {pfn:#x}: {error}")]
    Flag {
        /// The frame.
        pfn: Pfn,
        /// What is wrong.
        error: FlagError,
    },
    /// Page cache cannot be dropped.
    #[error("frame {pfn:#x}: {error}")]
    Evict {
        /// The frame.
        pfn: Pfn,
        /// What is wrong.
        error: EvictError,
    },
    /// A block cannot be moved.
    #[error("frame {pfn:#x}: {error}")]
    Migrate {
        /// The frame.
        pfn: Pfn,
        /// What is wrong.
        error: MigrateError,
    },
    /// Exactly this range cannot be had.
    #[error("frame {pfn:#x}: {error}")]
    At {
        /// The frame.
        pfn: Pfn,
        /// What is wrong.
        error: AtError,
    },
    /// No such task (`-ESRCH`).
    #[error("there is no task {pid}")]
    NoTask {
        /// The number.
        pid: Pid,
    },
    /// The first task is never killed.
    #[error("task 1 is init: it is never killed")]
    Init,
    /// As many tasks as there can be (`-EAGAIN`).
    #[error("there are {MAX_TASKS} tasks, as many as there can be")]
    TooManyTasks,
    /// Only a machine of one zone has this (`-ENOSYS`).
    #[error("{what}: only a machine of one zone has it: set pages N")]
    OneZone {
        /// What.
        what: &'static str,
    },
    /// No block begins there, or it is not what was meant (`-EINVAL`).
    #[error("frame {pfn:#x}: {what}")]
    Not {
        /// The frame.
        pfn: Pfn,
        /// What it is not.
        what: &'static str,
    },
}

impl From<MemoryError> for Refusal {
    fn from(error: MemoryError) -> Self {
        match error {
            MemoryError::OutOfMemory(failure) => Self::NoMemory(failure),
            MemoryError::NoTask { pid } => Self::NoTask { pid },
            other => Self::Memory(other),
        }
    }
}

/// Memory and the tasks that use it. Pure and deterministic: the same calls lead to equal machines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Machine {
    setup: Setup,
    core: Core,
    tasks: BTreeMap<Pid, Task>,
    current: Pid,
    next_pid: Pid,
}

impl Machine {
    /// An empty machine with one task.
    ///
    /// # Errors
    ///
    /// A [`SetupError`] if a setting is out of its range.
    pub fn new(setup: Setup) -> Result<Self, SetupError> {
        let core = setup.build()?;
        let mut machine = Self {
            setup,
            core,
            tasks: BTreeMap::new(),
            current: INIT,
            next_pid: FIRST_CHILD,
        };
        if let Core::Zone(memory) = &mut machine.core {
            // A memory without tasks has no task 1.
            let _ = memory.create(INIT, Self::owner(INIT));
        }
        machine.add(INIT, "init", 0);
        Ok(machine)
    }

    /// What it was made from.
    pub fn setup(&self) -> &Setup {
        &self.setup
    }

    /// The tasks, ascending.
    pub fn tasks(&self) -> impl Iterator<Item = (Pid, &Task)> {
        self.tasks.iter().map(|(&pid, task)| (pid, task))
    }

    /// The task that runs: calls are its.
    pub fn current(&self) -> Pid {
        self.current
    }

    /// The tag of a task's blocks.
    fn owner(pid: Pid) -> Owner {
        Owner(pid as u16)
    }

    fn known(&self, pid: Pid) -> Result<&Task, Refusal> {
        self.tasks.get(&pid).ok_or(Refusal::NoTask { pid })
    }
}
