//! What the other tasks do with memory: growing towards a working set, churning, dying and coming back.

use super::rules::{MemoryKind, TaskSpec};
use super::transfer::Line;
use super::{Event, Raid};
use crate::labyrinth::{Cell, Dir};
use crate::mm::{Gfp, PAGE_ALLOC_COSTLY_ORDER, PageFlags};

/// A task and its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Task {
    pub pid: u16,
    pub spec: TaskSpec,
    /// The spec's name, with a number when there are several of a kind.
    pub name: String,
    /// Pages it held when the player came in: its working set grows from here.
    pub base: u32,
    pub cell: Cell,
    pub refs: u32,
    /// The turn at which it is started again, if it is dead.
    pub reborn: Option<u32>,
    /// It hunts the player until this turn.
    pub hunts_until: u32,
    /// It does not notice the player before this turn.
    pub calm_until: u32,
    /// The turn in which it last noticed the player: it does not strike before the next one.
    pub roused: Option<u32>,
    /// Where it last heard the player, if it goes by noise.
    pub heard: Option<Cell>,
    /// Which way it runs.
    pub heading: Option<Dir>,
    /// The line it crosses in the next turn.
    pub line: Option<Line>,
    /// It chooses no line before this turn.
    pub rest_until: u32,
    /// When it copies itself next.
    pub fork_at: u32,
    /// The pid of the first of its copies; its own, if it does not copy itself.
    pub family: u16,
}

/// The turn in which nothing is started again: a copy that nobody has made yet.
pub(super) const NEVER: u32 = u32::MAX;

impl Task {
    pub fn alive(&self) -> bool {
        self.reborn.is_none()
    }

    /// It lives from now on, with a body in this cell.
    pub fn wake_up(&mut self, cell: Cell, turn: u32) {
        self.reborn = None;
        self.refs = self.spec.refs;
        self.cell = cell;
        self.hunts_until = 0;
        self.calm_until = turn + 10;
        self.roused = None;
        self.heard = None;
        self.heading = None;
        self.line = None;
        self.rest_until = 0;
        self.fork_at = turn + self.spec.fork.map_or(0, |fork| fork.every);
    }

    pub fn hunts(&self, turn: u32) -> bool {
        self.alive() && self.hunts_until > turn
    }
}

/// The flags a task allocates with.
///
/// Page cache carries `__GFP_RECLAIMABLE` here, so that each kind of room has its own migrate type;
/// Linux allocates it movable and keeps `__GFP_RECLAIMABLE` for slabs that can shrink.
pub(super) fn gfp_for(kind: MemoryKind) -> Gfp {
    match kind {
        MemoryKind::Cache => Gfp::GFP_KERNEL | Gfp::RECLAIMABLE,
        MemoryKind::Anonymous | MemoryKind::Pinned => Gfp::GFP_HIGHUSER_MOVABLE,
        MemoryKind::Kernel => Gfp::GFP_KERNEL,
    }
}

impl Raid {
    /// Every task's memory, in pid order.
    pub(super) fn run_tasks(&mut self) {
        for i in 0..self.tasks.len() {
            if let Some(turn) = self.tasks[i].reborn {
                if turn > self.turn {
                    continue;
                }
                self.rebirth(i);
            }
            self.churn(i);
            self.grow(i);
            self.run_fork(i);
        }
    }

    /// The working set a task wants at this turn: from what it began with to its full size over the ramp.
    fn wants(&self, i: usize) -> u32 {
        let task = &self.tasks[i];
        let ramp = self.zone.ramp_turns.max(1);
        let done = self.turn.min(ramp);
        let (from, to) = (task.base, task.spec.working_set.1);
        (from * (ramp - done) + to * done) / ramp
    }

    pub(super) fn churn(&mut self, i: usize) {
        let pid = self.tasks[i].pid;
        let (permille, most) = (self.tasks[i].spec.churn_permille, self.tasks[i].spec.churn);
        if most == 0 || !self.workload.chance(permille) {
            return;
        }
        for _ in 0..self.workload.between(1, most) {
            self.free_one(pid);
        }
    }

    /// Frees one of a task's blocks, drawn at random.
    pub(super) fn free_one(&mut self, pid: u16) {
        let count = self.holdings.of(pid).len() as u32;
        let pick = self.workload.below(count) as usize;
        if let Some(&(pfn, order)) = self.holdings.of(pid).get(pick) {
            self.let_go(pid, pfn, order);
        }
    }

    fn grow(&mut self, i: usize) {
        let pid = self.tasks[i].pid;
        if !self.workload.chance(self.tasks[i].spec.busy_permille) {
            return;
        }
        self.use_cache(pid);
        let wants = self.wants(i);
        for _ in 0..self.workload.between(1, self.tasks[i].spec.burst.max(1)) {
            if self.mapped_pages(pid) >= wants || !self.request(i) {
                return;
            }
        }
    }

    /// A busy task reads some of its memory, which makes that page cache recently used.
    fn use_cache(&mut self, pid: u16) {
        let count = self.holdings.of(pid).len() as u32;
        if count > 0 {
            let pick = self.workload.below(count);
            let (pfn, _) = self.holdings.of(pid)[pick as usize];
            self.memory.touch(pfn);
        }
    }

    /// One allocation drawn from a task's mix; false if there was no memory for it.
    pub(super) fn request(&mut self, i: usize) -> bool {
        let weights: Vec<u32> = self.tasks[i]
            .spec
            .mix
            .iter()
            .map(|mix| mix.weight)
            .collect();
        let line = self.workload.weighted(&weights);
        let mix = &self.tasks[i].spec.mix[line];
        let (kind, orders) = (mix.kind, mix.orders);
        let dirty_permille = self.tasks[i].spec.dirty_permille;
        let pid = self.tasks[i].pid;
        let order = self
            .workload
            .between(u32::from(orders.0), u32::from(orders.1)) as u8;
        let got = self.memory.alloc_pages(
            gfp_for(kind),
            order,
            Self::owner(pid),
            &mut self.memory_events,
        );
        self.book_memory(pid);
        let pfn = match got {
            Ok(pfn) => pfn,
            Err(failure) => {
                self.starved |= order <= PAGE_ALLOC_COSTLY_ORDER;
                self.wake_kcompactd(&failure);
                return false;
            }
        };
        match kind {
            MemoryKind::Cache => {
                let dirty = self.workload.chance(dirty_permille);
                self.becomes_cache(pfn, dirty);
            }
            MemoryKind::Pinned => {
                let pinned = self.memory.set_flags(pfn, PageFlags::PINNED);
                debug_assert_eq!(pinned, Ok(()));
            }
            MemoryKind::Anonymous | MemoryKind::Kernel => {}
        }
        true
    }

    /// Puts a fresh block on the LRU list, dirty or clean.
    pub(super) fn becomes_cache(&mut self, pfn: u32, dirty: bool) {
        self.memory.lru_add(pfn);
        if dirty {
            let flagged = self.memory.set_flags(pfn, PageFlags::DIRTY);
            debug_assert_eq!(flagged, Ok(()));
        }
    }

    /// Kills a task: all its rooms fall free at once, but for those its copies have too. Returns how many pages fell
    /// free.
    pub(super) fn kill(&mut self, pid: u16) -> u32 {
        let had = self.mapped_pages(pid);
        let mut pages = 0;
        let mut blocks = self.holdings.of(pid).to_vec();
        blocks.sort_unstable();
        for (pfn, order) in blocks {
            if self.let_go(pid, pfn, order) {
                pages += 1 << order;
            }
        }
        if let Some(task) = self.task_mut(pid) {
            task.refs = 0;
            task.hunts_until = 0;
            task.line = None;
        }
        self.bury(pid, self.turn + self.zone.minotaur.respawn);
        if had > pages {
            let (name, pages) = (self.name_of(pid), had - pages);
            self.events.push(Event::StaysShared { name, pages });
        }
        pages
    }

    /// Starts a killed task again, with nothing; it grows back as it did.
    fn rebirth(&mut self, i: usize) {
        let turn = self.turn;
        let side = u32::from(self.zone.side);
        let cell = loop {
            let x = self.bodies.below(side) as u16;
            let y = self.bodies.below(side) as u16;
            let cell = Cell { x, y };
            if !self.blocked_by_player(cell) && self.body_in(cell).is_none() && !self.built(cell) {
                break cell;
            }
        };
        let task = &mut self.tasks[i];
        task.wake_up(cell, turn);
        let name = task.name.clone();
        self.events.push(Event::Respawned { name });
    }
}
