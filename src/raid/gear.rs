//! The player's gear in a raid: uses left, and what items have changed or set aside.

use super::kit::{Armoury, Item, Loadout};
use super::{CURRENT, Raid};
use crate::labyrinth::Cell;
use crate::mm::{Gfp, Order, Owner, Pfn};

/// The player's items, and what they changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Gear {
    /// Each item brought, with the uses left; 0 also for what works by being there.
    pub left: Vec<(Item, u32)>,
    /// Your `oom_score_adj`.
    pub adj: i32,
    /// Tasks whose `oom_score_adj` you raised to the most, in the order of doing so.
    pub worst: Vec<u16>,
    /// The mempool's one element, until a `NULL` is served from it.
    pub pool: Option<(Pfn, Order)>,
    /// The huge page reserved at boot, until it is given back.
    pub huge: Option<(Pfn, Order)>,
    /// There is swap: anonymous rooms are cleared by swapping them out.
    pub swap: bool,
    /// The child that hunters and the Minotaur take for you.
    pub decoy: Option<Decoy>,
    /// The room you have locked: first frame and order when you did.
    pub lock: Option<(Pfn, Order)>,
    /// Hunters that wait at its door, by pid.
    pub spinning: Vec<u16>,
}

/// A child of yours: a body, and a kernel stack that is yours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Decoy {
    pub cell: Cell,
    /// The turn at whose end it exits.
    pub until: u32,
    pub stack: (Pfn, Order),
}

impl Gear {
    /// The gear of who has just come in.
    pub fn new(armoury: &Armoury, kit: &Loadout, adj: i32) -> Self {
        Self {
            left: kit
                .items()
                .map(|item| (item, armoury.spec(item).uses))
                .collect(),
            adj,
            worst: Vec::new(),
            pool: None,
            huge: None,
            swap: false,
            decoy: None,
            lock: None,
            spinning: Vec::new(),
        }
    }

    /// Everything that decides how a raid goes on, as words.
    pub fn hash_words(&self, f: &mut dyn FnMut(u64)) {
        for &(item, left) in &self.left {
            f((item as u64) << 32 | u64::from(left));
        }
        f(u64::from(self.adj as u32));
        for pids in [&self.worst, &self.spinning] {
            f(pids.len() as u64);
            for &pid in pids {
                f(u64::from(pid));
            }
        }
        for block in [
            self.pool,
            self.huge,
            self.lock,
            self.decoy.map(|decoy| decoy.stack),
        ] {
            f(block.map_or(0, |(pfn, order)| {
                1 | u64::from(order) << 1 | u64::from(pfn) << 8
            }));
        }
        if let Some(decoy) = self.decoy {
            f(u64::from(decoy.cell.x) << 48
                | u64::from(decoy.cell.y) << 32
                | u64::from(decoy.until));
        }
        f(u64::from(self.swap));
    }
}

impl Raid {
    /// Sets aside what items reserve before anybody else has come: memory is that much tighter for all.
    pub(super) fn reserve_for_items(&mut self) {
        if self.setup.loadout.has(Item::Mempool) {
            self.player.gear.pool = self.reserve(Self::owner(CURRENT));
        }
        if self.setup.loadout.has(Item::NrHugepages) {
            self.player.gear.huge = self.reserve(Owner::NONE);
        }
    }

    /// A block as large as a pageblock.
    fn reserve(&mut self, owner: Owner) -> Option<(Pfn, Order)> {
        let order = self.zone.pageblock_order;
        let got =
            self.memory
                .alloc_exclusive(Gfp::GFP_KERNEL, order, owner, &mut self.memory_events);
        self.book_memory(owner.0);
        got.ok().map(|pfn| (pfn, order))
    }

    /// The blocks that items hold, beside the ones grabbed.
    pub(super) fn reserves(&self) -> impl Iterator<Item = (Pfn, Order)> + use<> {
        let gear = &self.player.gear;
        [gear.pool, gear.huge].into_iter().flatten()
    }
}
