//! What the other tasks do with memory: growing towards a working set, churning, dying and coming back.

use super::rules::{MemoryKind, TaskSpec};
use super::{Event, Raid};
use crate::labyrinth::Cell;
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
}

impl Task {
    pub fn alive(&self) -> bool {
        self.reborn.is_none()
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
        MemoryKind::Anonymous => Gfp::GFP_HIGHUSER_MOVABLE,
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
            self.give_back(pid, pfn, order);
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
            if self.holdings.pages(pid) >= wants || !self.request(i) {
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
        let Ok(pfn) = got else {
            self.starved |= order <= PAGE_ALLOC_COSTLY_ORDER;
            return false;
        };
        if kind == MemoryKind::Cache {
            let dirty = self.workload.chance(dirty_permille);
            self.becomes_cache(pfn, dirty);
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

    /// Kills a task: all its rooms fall free at once. Returns how many pages that were.
    pub(super) fn kill(&mut self, pid: u16) -> u32 {
        let pages = self.holdings.pages(pid);
        let mut blocks = self.holdings.of(pid).to_vec();
        blocks.sort_unstable();
        for (pfn, order) in blocks {
            self.give_back(pid, pfn, order);
        }
        let reborn = self.turn + self.zone.minotaur.respawn;
        if let Some(task) = self.task_mut(pid) {
            task.reborn = Some(reborn);
            task.refs = 0;
            task.hunts_until = 0;
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
        task.reborn = None;
        task.refs = task.spec.refs;
        task.cell = cell;
        task.calm_until = turn + 10;
        let name = task.name.clone();
        self.events.push(Event::Respawned { name });
    }
}
