//! What a kernel log says of one moment without memory: who asked, what every zone had, who was killed.

use super::flags::Flags;
use crate::mm::{MigrateType, NR_PAGE_ORDERS};

/// What a report is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `page allocation failure`: a request got nothing.
    Failure,
    /// `page allocation stalls` (4.9 to 4.14): a request waited long and waits still.
    Stall,
    /// `invoked oom-killer`: a request had a task killed.
    Oom,
}

/// One report of a log. Amounts are in pages unless they say otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// What it is about.
    pub kind: Kind,
    /// The line it begins in.
    pub line: u64,
    /// Who asked.
    pub comm: String,
    /// For `2^order` pages; none if the OOM killer was called by hand (order -1).
    pub order: Option<u32>,
    /// How.
    pub flags: Flags,
    /// The nodes the request was confined to, if it was: `0`, `0-1,3`.
    pub nodemask: Option<String>,
    /// The nodes of its cpuset.
    pub mems_allowed: Option<String>,
    /// The zones.
    pub zones: Vec<Zone>,
    /// Bytes of a page in 1024: 4, and 16 or 64 on some machines.
    pub page_kb: u64,
    /// `pages RAM`.
    pub ram: Option<u64>,
    /// `pages reserved`.
    pub reserved: Option<u64>,
    /// `Total swap`, in kB.
    pub swap_kb: Option<u64>,
    /// What the OOM killer did.
    pub oom: Oom,
    /// What could not be read, by line; the first few.
    pub problems: Vec<Problem>,
}

/// Something of a report that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The line.
    pub line: u64,
    /// What is wrong with it, and what was expected.
    pub what: String,
}

/// A zone as `show_free_areas()` prints it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Zone {
    /// Number of its node; 0 on kernels that do not print it.
    pub node: u32,
    /// Its name.
    pub name: String,
    /// Free pages.
    pub free: Option<u64>,
    /// What is added to the marks for now; the marks have it in them.
    pub boost: u64,
    /// The `min` watermark.
    pub min: Option<u64>,
    /// The `low` watermark.
    pub low: Option<u64>,
    /// The `high` watermark.
    pub high: Option<u64>,
    /// Pages the zone manages.
    pub managed: Option<u64>,
    /// Pages only high-order atomic requests may use. Of newer kernels those that are free, of older ones all.
    pub highatomic: u64,
    /// Free pages of the contiguous memory allocator.
    pub free_cma: u64,
    /// `lowmem_reserve[]`.
    pub reserve: Vec<u64>,
    /// Its free lists.
    pub lists: Option<Lists>,
}

/// Free blocks of a zone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lists {
    /// Line of the log they stand in.
    pub line: u64,
    /// Free blocks of order 0, 1, ...
    pub blocks: Vec<u64>,
    /// For each order the migrate types that have free blocks, bit `t` for [`MigrateType`] number `t`; none where
    /// the kernel (before 3.8) printed no letters.
    pub types: Vec<Option<u8>>,
    /// False if the line breaks off before its sum.
    pub whole: bool,
}

/// What a log says of the OOM killer's choice.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Oom {
    /// `CONSTRAINT_NONE`, `CONSTRAINT_MEMCG`, ...; since 5.0.
    pub constraint: Option<String>,
    /// The control group that reached its limit, if it was not the whole machine.
    pub memcg: Option<String>,
    /// Usage and limit of that group, in kB.
    pub usage: Option<(u64, u64)>,
    /// The tasks it could choose from, as far as they were listed.
    pub tasks: Vec<Task>,
    /// Tasks listed beyond those that are kept.
    pub more_tasks: u64,
    /// Who was killed, each once.
    pub killed: Vec<Killed>,
    /// `score` that older kernels print: thousandths of the memory there is.
    pub score: Option<u64>,
}

/// A row of the table of tasks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Task {
    /// Its number.
    pub pid: u64,
    /// Its name.
    pub name: String,
    /// Pages in memory.
    pub rss: u64,
    /// Pages swapped out.
    pub swapents: u64,
    /// Pages of page tables.
    pub pgtables: u64,
    /// -1000 (never) to 1000.
    pub oom_score_adj: i64,
}

/// A task that was killed. Amounts are in kB, as printed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Killed {
    /// Line of the log.
    pub line: u64,
    /// Number of the task.
    pub pid: u64,
    /// Its name.
    pub name: String,
    /// Anonymous memory.
    pub anon: Option<u64>,
    /// Mapped files.
    pub file: Option<u64>,
    /// Shared memory; since 4.5.
    pub shmem: Option<u64>,
    /// Page tables; since 5.4.
    pub pgtables: Option<u64>,
    /// Since 5.4.
    pub oom_score_adj: Option<i64>,
}

impl Report {
    /// The nodes a request is confined to, by its own list or by its cpuset; none for any.
    pub fn nodes(&self) -> Option<&str> {
        self.nodemask.as_deref().or(self.mems_allowed.as_deref())
    }

    /// True if a control group was at its limit, and not the machine.
    pub fn is_memcg(&self) -> bool {
        self.oom.memcg.is_some() || self.oom.constraint.as_deref() == Some("CONSTRAINT_MEMCG")
    }

    /// The zone of this node and name.
    pub fn zone(&self, node: u32, name: &str) -> Option<&Zone> {
        self.zones
            .iter()
            .find(|zone| zone.node == node && zone.name == name)
    }

    /// The amounts of zones are printed in kB; how large a page is, only their free lists tell.
    pub(super) fn in_pages(&mut self) {
        let kb = self.page_kb;
        for zone in &mut self.zones {
            let marks = [&mut zone.free, &mut zone.min, &mut zone.low, &mut zone.high];
            for amount in marks.into_iter().chain([&mut zone.managed]).flatten() {
                *amount /= kb;
            }
            for amount in [&mut zone.boost, &mut zone.highatomic, &mut zone.free_cma] {
                *amount /= kb;
            }
        }
    }

    pub(super) fn problem(&mut self, line: u64, what: impl Into<String>) {
        const MOST: usize = 20;
        if self.problems.len() < MOST {
            let what = what.into();
            self.problems.push(Problem { line, what });
        }
    }
}

impl Lists {
    /// All free pages.
    pub fn pages(&self) -> u128 {
        (0..)
            .zip(&self.blocks)
            .map(|(order, &blocks)| u128::from(blocks) << order)
            .sum()
    }

    /// The free blocks of order 0 to 10, as `/proc/buddyinfo` of a machine with that largest order has them: larger
    /// blocks are cut up into such of order 10.
    pub fn buddyinfo(&self) -> [u64; NR_PAGE_ORDERS] {
        let mut counts = [0_u64; NR_PAGE_ORDERS];
        for (order, &blocks) in self.blocks.iter().enumerate() {
            let at = order.min(NR_PAGE_ORDERS - 1);
            counts[at] = counts[at].saturating_add(blocks.saturating_mul(1 << (order - at)));
        }
        counts
    }

    /// True if there is a free block of this order, or may be, of a type that `usable` has a bit for.
    pub fn has(&self, order: usize, usable: u8) -> bool {
        let types = self.types.get(order).copied().flatten();
        self.blocks.get(order).is_some_and(|&blocks| blocks > 0)
            && types.is_none_or(|types| types & usable != 0)
    }

    /// The largest order with a free block of such a type.
    pub fn largest(&self, usable: u8) -> Option<usize> {
        (0..self.blocks.len())
            .rev()
            .find(|&order| self.has(order, usable))
    }
}

/// The bit of a migrate type in [`Lists::types`].
pub const fn bit(of: MigrateType) -> u8 {
    1 << of as u8
}
