//! What is really there, known to the player or not: for the oracle, simulations and catalogues, never for a screen.

use super::rng::mix;
use super::view::{Request, RoomKind};
use super::{GateRule, ProcFile, RULES_VERSION, Raid, SITE_ORDER};
use crate::labyrinth::{Cell, DistanceMap, cell_of, distances, pfn_of};
use crate::mm::{self, Block, BlockState, Order, PageFlags, Pfn};

/// A device as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeviceTruth<'a> {
    /// Its name, for example `nic0`.
    pub name: &'a str,
    /// First frame and order of its room.
    pub room: (Pfn, Order),
    /// The interrupt it has raised, heard or not.
    pub request: Option<Request>,
}

/// A gate as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GateTruth<'a> {
    /// Its name.
    pub name: &'a str,
    /// First frame and order of its room.
    pub room: (Pfn, Order),
    /// When it is open.
    pub rule: GateRule,
    /// It lets out now whoever may pass.
    pub open: bool,
}

/// A task as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TaskTruth<'a> {
    /// Its pid.
    pub pid: u16,
    /// Its name, with a number when there are several of a kind.
    pub name: &'a str,
    /// Pages it holds.
    pub pages: u32,
    /// Where its body stands, or lay when it was killed.
    pub cell: Cell,
    /// It lives; a killed one is started again later.
    pub alive: bool,
    /// It hunts the player.
    pub hunts: bool,
    /// Blows until it dies; 0 for bodies that cannot be hurt.
    pub refs: u32,
}

impl Raid {
    /// The devices, in the order of [`View::devices`](super::View::devices). Whoever reads this knows more than a
    /// player may.
    pub fn true_devices(&self) -> impl Iterator<Item = DeviceTruth<'_>> {
        self.devices.iter().map(|device| DeviceTruth {
            name: &device.spec.name,
            room: (device.room, SITE_ORDER),
            request: device.request,
        })
    }

    /// The gates, in the order of [`View::gates`](super::View::gates).
    pub fn true_gates(&self) -> impl Iterator<Item = GateTruth<'_>> {
        self.gates.iter().map(|gate| GateTruth {
            name: &gate.spec.name,
            room: (gate.room, SITE_ORDER),
            rule: gate.spec.rule,
            open: gate.open,
        })
    }

    /// The terminals: the file that can be read at each, and first frame and order of its room.
    pub fn true_terminals(&self) -> impl Iterator<Item = (ProcFile, (Pfn, Order))> {
        self.terminals
            .iter()
            .map(|terminal| (terminal.file, (terminal.room, SITE_ORDER)))
    }

    /// The tasks, in pid order. Whoever reads this knows more than a player may.
    pub fn true_tasks(&self) -> impl Iterator<Item = TaskTruth<'_>> {
        self.tasks.iter().map(|task| TaskTruth {
            pid: task.pid,
            name: &task.name,
            pages: self.mapped_pages(task.pid),
            cell: task.cell,
            alive: task.alive(),
            hunts: task.hunts(self.turn),
            refs: task.refs,
        })
    }

    /// All that the allocator did in the last turn, seen or not, in order. Whoever reads this knows more than a player
    /// may.
    pub fn memory_news(&self) -> &[mm::Event] {
        &self.memory_news
    }

    /// Where the key lies; `None` once it is taken. Whoever reads this knows more than a player may.
    pub fn true_key(&self) -> Option<Cell> {
        self.key_room.filter(|_| self.key_lies).map(cell_of)
    }

    /// What the room around a cell of the zone is now: first frame, order, kind. Whoever reads this knows more than a
    /// player may.
    pub fn true_room(&self, cell: Cell) -> (Pfn, Order, RoomKind) {
        let block = self.block_of(cell);
        (block.pfn, block.order, self.kind_of(&block).0)
    }

    /// Pages of page cache that are to be written back. Whoever reads this knows more than a player may.
    pub fn true_dirty_pages(&self) -> u32 {
        let dirty = |block: &Block| {
            matches!(block.state, BlockState::Allocated { flags, .. }
                if flags.contains(PageFlags::LRU | PageFlags::DIRTY))
        };
        self.memory
            .blocks()
            .filter(dirty)
            .map(|block| 1 << block.order)
            .sum()
    }

    /// Steps from where the player stands to every cell, over ways that enter no kernel room: `None` where there is
    /// no such way now. Bodies are no hindrance.
    pub fn ways_clear_of_kernel(&self) -> DistanceMap {
        distances(&self.maze, &[self.player.cell], |cell, _, before| {
            let (room, order, kind) = self.true_room(cell);
            let inside = pfn_of(before) >> order == room >> order;
            (kind != RoomKind::Kernel || inside).then_some(1)
        })
    }

    /// A hash of the allocator's whole state, equal on every platform: of the labyrinth, and of nothing that moves in
    /// it. [`Raid::state_hash`] covers everything.
    pub fn memory_hash(&self) -> u64 {
        let mut hash = u64::from(RULES_VERSION);
        self.memory.hash_words(&mut |word| hash = mix(hash, word));
        hash
    }
}
