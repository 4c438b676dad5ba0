//! Reads and prints what a kernel logs when a request fails, and when memory runs out and a task is killed.
//!
//! The forms are those of Linux 6.12 (`mm/page_alloc.c`: `warn_alloc()`; `mm/oom_kill.c`: `dump_header()`,
//! `dump_tasks()`, `__oom_kill_process()`). Reading passes over lines of other forms (stacks, registers) and over
//! the time or the sender that a log puts before a line, and takes the first report of a text.

mod parse;

use std::fmt;

pub use parse::{failure, report};

use super::show_mem::{self, ShowMem};
use crate::mm::{AllocFailure, Gfp};

/// The flags of a request, `%#x(%pGg)`: `0x820(GFP_ATOMIC)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mask {
    /// The bits.
    pub bits: u64,
    /// Their names as that kernel calls them.
    pub names: String,
}

/// The line of a request that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Who asked.
    pub comm: String,
    /// For `2^order` pages.
    pub order: u32,
    /// How.
    pub mode: Mask,
    /// The nodes it was confined to, or `(null)`.
    pub nodemask: String,
    /// Its cpuset.
    pub cpuset: String,
    /// The nodes of that cpuset.
    pub mems_allowed: String,
}

/// The line of a request that called the OOM killer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invoked {
    /// Who asked.
    pub comm: String,
    /// How.
    pub mask: Mask,
    /// For `2^order` pages; -1 if it was no request, but the system request key.
    pub order: i32,
    /// How ready it is to be killed itself, -1000 to 1000.
    pub oom_score_adj: i32,
}

/// A row of the table of tasks. Memory is in pages, page tables in bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Task {
    /// Its number.
    pub pid: u32,
    /// Whose it is.
    pub uid: u32,
    /// Number of its thread group.
    pub tgid: u32,
    /// Its address space.
    pub total_vm: u64,
    /// Of that in memory: the sum of the next three.
    pub rss: u64,
    /// Anonymous memory.
    pub rss_anon: u64,
    /// Mapped files.
    pub rss_file: u64,
    /// Shared memory.
    pub rss_shmem: u64,
    /// Bytes of page tables.
    pub pgtables_bytes: u64,
    /// Pages swapped out.
    pub swapents: u64,
    /// How ready it is to be killed, -1000 (never) to 1000.
    pub oom_score_adj: i32,
    /// Its name.
    pub name: String,
}

/// The line that says why a task was chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What was short: `CONSTRAINT_NONE` for all memory.
    pub constraint: String,
    /// The nodes the request was confined to, or `(null)`.
    pub nodemask: String,
    /// Its cpuset.
    pub cpuset: String,
    /// The nodes of that cpuset.
    pub mems_allowed: String,
    /// `global_oom`, or `oom_memcg=` and the group that reached its limit.
    pub scope: String,
    /// The group of the task.
    pub task_memcg: String,
    /// The task.
    pub task: String,
    /// Its number.
    pub pid: u32,
    /// Whose it is.
    pub uid: u32,
}

/// The line of the task that was killed. Memory is in kB.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Killed {
    /// `Out of memory`, or what else the kernel says first.
    pub message: String,
    /// Number of the task.
    pub pid: u32,
    /// Its name.
    pub comm: String,
    /// Its address space.
    pub total_vm: u64,
    /// Anonymous memory.
    pub anon_rss: u64,
    /// Mapped files.
    pub file_rss: u64,
    /// Shared memory.
    pub shmem_rss: u64,
    /// Whose it was.
    pub uid: u32,
    /// Page tables.
    pub pgtables: u64,
    /// How ready it was to be killed, -1000 to 1000.
    pub oom_score_adj: i32,
}

/// The whole report of the OOM killer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// What it was called by.
    pub invoked: Invoked,
    /// The state of memory.
    pub mem: ShowMem,
    /// The tasks it could choose from; empty if they were not listed.
    pub tasks: Vec<Task>,
    /// What it chose; nothing if there was no task to kill.
    pub choice: Option<Choice>,
    /// What it killed.
    pub killed: Option<Killed>,
}

const TASKS: &str = "Tasks state (memory values in pages):";
const COLUMNS: &str = "[  pid  ]   uid  tgid total_vm      rss rss_anon rss_file rss_shmem \
                       pgtables_bytes swapents oom_score_adj name";

impl From<Gfp> for Mask {
    fn from(gfp: Gfp) -> Self {
        Self {
            bits: gfp.bits().into(),
            names: gfp.to_string(),
        }
    }
}

impl Failure {
    /// The line of a request of `comm` that the model refused: one node, one cpuset.
    pub fn of(comm: &str, failure: &AllocFailure) -> Self {
        Self {
            comm: comm.to_owned(),
            order: failure.order.into(),
            mode: failure.gfp.into(),
            nodemask: "(null)".into(),
            cpuset: "/".into(),
            mems_allowed: "0".into(),
        }
    }
}

impl Choice {
    /// A task of the whole machine: one node, one cpuset, one group.
    pub fn global(task: &str, pid: u32) -> Self {
        Self {
            constraint: "CONSTRAINT_NONE".into(),
            nodemask: "(null)".into(),
            cpuset: "/".into(),
            mems_allowed: "0".into(),
            scope: "global_oom".into(),
            task_memcg: "/".into(),
            task: task.to_owned(),
            pid,
            uid: 0,
        }
    }
}

impl Killed {
    /// The killed task as the table of tasks has it.
    pub fn of(task: &Task) -> Self {
        let kb = show_mem::kilobytes;
        Self {
            message: "Out of memory".into(),
            pid: task.pid,
            comm: task.name.clone(),
            total_vm: kb(task.total_vm),
            anon_rss: kb(task.rss_anon),
            file_rss: kb(task.rss_file),
            shmem_rss: kb(task.rss_shmem),
            uid: task.uid,
            pgtables: task.pgtables_bytes >> 10,
            oom_score_adj: task.oom_score_adj,
        }
    }
}

impl fmt::Display for Mask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // `%#x` gives zero no prefix.
        match self.bits {
            0 => write!(f, "0({})", self.names),
            bits => write!(f, "{bits:#x}({})", self.names),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            comm,
            order,
            mode,
            nodemask,
            cpuset,
            mems_allowed,
        } = self;
        writeln!(
            f,
            "{comm}: page allocation failure: order:{order}, mode:{mode}, \
             nodemask={nodemask},cpuset={cpuset},mems_allowed={mems_allowed}"
        )
    }
}

impl fmt::Display for Invoked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            comm,
            mask,
            order,
            oom_score_adj,
        } = self;
        writeln!(
            f,
            "{comm} invoked oom-killer: gfp_mask={mask}, order={order}, \
             oom_score_adj={oom_score_adj}"
        )
    }
}

impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "[{:>7}] {:>5} {:>5} {:>8} {:>8} {:>8} {:>8} {:>9} {:>8} {:>8}         {:>5} {}",
            self.pid,
            self.uid,
            self.tgid,
            self.total_vm,
            self.rss,
            self.rss_anon,
            self.rss_file,
            self.rss_shmem,
            self.pgtables_bytes,
            self.swapents,
            self.oom_score_adj,
            self.name
        )
    }
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "oom-kill:constraint={},nodemask={},cpuset={},mems_allowed={},{},\
             task_memcg={},task={},pid={},uid={}",
            self.constraint,
            self.nodemask,
            self.cpuset,
            self.mems_allowed,
            self.scope,
            self.task_memcg,
            self.task,
            self.pid,
            self.uid
        )
    }
}

impl fmt::Display for Killed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{}: Killed process {} ({}) total-vm:{}kB, anon-rss:{}kB, file-rss:{}kB, \
             shmem-rss:{}kB, UID:{} pgtables:{}kB oom_score_adj:{}",
            self.message,
            self.pid,
            self.comm,
            self.total_vm,
            self.anon_rss,
            self.file_rss,
            self.shmem_rss,
            self.uid,
            self.pgtables,
            self.oom_score_adj
        )
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.invoked, self.mem)?;
        if !self.tasks.is_empty() {
            writeln!(f, "{TASKS}\n{COLUMNS}")?;
        }
        for task in &self.tasks {
            write!(f, "{task}")?;
        }
        if let Some(choice) = &self.choice {
            write!(f, "{choice}")?;
        }
        if let Some(killed) = &self.killed {
            write!(f, "{killed}")?;
        }
        Ok(())
    }
}
