//! Using items: what may be used when, and what each does through the allocator.

use super::kit::{Armoury, Item, Loadout, Target};
use super::player::Work;
use super::{CURRENT, Command, Event, Raid, Refusal};
use crate::mm::{Order, Pfn};

/// Stands for "no room" where work is not on one.
const NOWHERE: (Pfn, Order) = (0, 0);

/// `oom_score_adj` of a task that is to be killed first (Linux `OOM_SCORE_ADJ_MAX`).
const WORST: i32 = 1000;

/// The player's items, and what they changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Gear {
    /// Each item brought, with the uses left; 0 also for what works by being there.
    pub left: Vec<(Item, u32)>,
    /// Your `oom_score_adj`.
    pub adj: i32,
    /// Tasks whose `oom_score_adj` you raised to the most, in the order of doing so.
    pub worst: Vec<u16>,
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
        }
    }

    /// Everything that decides how a raid goes on, as words.
    pub fn hash_words(&self, f: &mut dyn FnMut(u64)) {
        for &(item, left) in &self.left {
            f((item as u64) << 32 | u64::from(left));
        }
        f(self.adj as u32 as u64);
        f(self.worst.len() as u64);
        for &pid in &self.worst {
            f(u64::from(pid));
        }
    }
}

impl Raid {
    /// Whether an item can be used now.
    pub(super) fn check_use(&self, item: Item, target: Option<u16>) -> Result<(), Refusal> {
        let brought = self.player.gear.left.iter().find(|(it, _)| *it == item);
        let &(_, left) = brought.ok_or(Refusal::NoItem(item))?;
        match (item.target(), target) {
            (Target::Passive, _) => return Err(Refusal::Passive(item)),
            (Target::Nobody, Some(_)) => return Err(Refusal::NeedsNoTarget(item)),
            (Target::Task, None) => return Err(Refusal::NoTarget(item)),
            _ if left == 0 => return Err(Refusal::UsedUp(item)),
            _ => {}
        }
        let Some(pid) = target else { return Ok(()) };
        let task = self
            .task(pid)
            .filter(|task| task.alive() && self.visible.contains(task.cell))
            .ok_or(Refusal::NotInSight(pid))?;
        if item == Item::Kill && task.spec.refs == 0 {
            return Err(Refusal::KernelThread);
        }
        Ok(())
    }

    /// Uses an item, which [`Self::check_use`] has passed; takes as many turns as it says.
    pub(super) fn use_item(&mut self, item: Item, target: Option<u16>, work: Option<Work>) {
        let spec = self.rules.armoury.spec(item);
        let (turns, noise, amount) = (spec.turns, spec.noise, spec.amount);
        let command = Command::Use(item, target);
        if self.works_on(command, NOWHERE, turns, item.name(), work) {
            return;
        }
        let on = target.map(|pid| self.name_of(pid));
        let figure = match item {
            Item::Scan => {
                self.scan_due = true;
                0
            }
            Item::DropCaches => self.drop_caches(),
            Item::CompactMemory => {
                let compacted = self.memory.compact(&mut self.memory_events);
                self.book_memory(CURRENT);
                compacted.migrated
            }
            Item::OomScoreAdj => self.adjust(target, amount as i32),
            Item::Kill => target.map_or(0, |pid| self.kill(pid)),
            Item::GetPage => {
                let refs = &mut self.player.refs;
                *refs = (*refs + amount).min(self.zone.refs.1);
                *refs
            }
            Item::TouchWatchdog => {
                self.watchdog = (self.watchdog + amount).min(self.zone.watchdog);
                self.watchdog
            }
            Item::Isolate => return,
        };
        if let Some((_, left)) = self.player.gear.left.iter_mut().find(|(it, _)| *it == item) {
            *left = left.saturating_sub(1);
        }
        self.events.push(Event::Used { item, on, figure });
        if noise > 0 {
            self.noise(noise);
        }
    }

    /// Frees all clean page cache that nobody keeps in place (Linux 6.12 `fs/drop_caches.c`: `drop_pagecache_sb()`).
    /// Returns the pages that came free. What is dirty stays, as in Linux.
    fn drop_caches(&mut self) -> u32 {
        let cache: Vec<Pfn> = self.memory.lru_list().collect();
        let mut freed = 0;
        for pfn in cache {
            if let Ok(order) = self.memory.evict(pfn, &mut self.memory_events) {
                freed += 1 << order;
            }
        }
        self.book_memory(CURRENT);
        freed
    }

    /// Lowers your own `oom_score_adj` by so much, or makes a task the first to be killed. Returns its badness now.
    fn adjust(&mut self, target: Option<u16>, by: i32) -> u32 {
        let Some(pid) = target else {
            self.player.gear.adj = (self.player.gear.adj - by).max(-WORST);
            return self.badness(CURRENT).unwrap_or(0);
        };
        self.player.gear.worst.push(pid);
        if let Some(task) = self.task_mut(pid) {
            task.spec.oom_score_adj = WORST;
        }
        self.badness(pid).unwrap_or(0)
    }
}
