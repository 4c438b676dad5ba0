//! Using items: what may be used when, and what each does through the allocator.

use super::gear::Decoy;
use super::kit::{Item, Target};
use super::player::Work;
use super::view::Request;
use super::{CURRENT, Command, Event, Raid, Refusal};
use crate::labyrinth::Cell;
use crate::mm::{Gfp, MigrateType, Order, PageFlags, Pfn};

/// Stands for "no room" where work is not on one.
const NOWHERE: (Pfn, Order) = (0, 0);

/// Order of a task's kernel stack (Linux 6.12 `arch/x86/include/asm/page_64_types.h`: `THREAD_SIZE_ORDER`).
const STACK_ORDER: Order = 2;

/// `oom_score_adj` of a task that is to be killed first (Linux `OOM_SCORE_ADJ_MAX`).
const WORST: i32 = 1000;

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
        if item == Item::PageLock {
            return self.check_lock();
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
            Item::PageLock => self.lock_here(),
            Item::Swapon => {
                self.player.gear.swap = true;
                0
            }
            Item::NrHugepages => self.release_huge(),
            Item::Fork => {
                let Some(turns) = self.fork(amount) else {
                    self.events.push(Event::UseFailed { item });
                    return;
                };
                turns
            }
            Item::Isolate | Item::Mempool | Item::MinFreeKbytes => return,
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

    /// Gives the huge page reserved at boot back: one free block where it lay. Returns its pages.
    fn release_huge(&mut self) -> u32 {
        let Some((pfn, order)) = self.player.gear.huge.take() else {
            return 0;
        };
        self.touched.push((pfn, order));
        self.give_back(CURRENT, pfn, order);
        1 << order
    }

    /// A child where you stand, for so many turns; it needs a kernel stack, as every task does. `None` if there is
    /// no memory for that: `-EAGAIN`.
    fn fork(&mut self, turns: u32) -> Option<u32> {
        let (gfp, owner) = (Gfp::GFP_KERNEL, Self::owner(CURRENT));
        let got = self
            .memory
            .alloc_pages(gfp, STACK_ORDER, owner, &mut self.memory_events);
        self.book_memory(CURRENT);
        let pfn = got.ok()?;
        self.player.gear.decoy = Some(Decoy {
            cell: self.player.cell,
            until: self.turn + turns,
            stack: (pfn, STACK_ORDER),
        });
        Some(turns)
    }

    /// Where hunters and the Minotaur look for you: at your child, if you have one.
    pub(super) fn prey(&self) -> Cell {
        let decoy = self.player.gear.decoy;
        decoy.map_or(self.player.cell, |decoy| decoy.cell)
    }

    /// The child exits, and gives its stack back. False if there was none.
    pub(super) fn end_decoy(&mut self, by: Option<String>) -> bool {
        let Some(decoy) = self.player.gear.decoy.take() else {
            return false;
        };
        self.give_back(CURRENT, decoy.stack.0, decoy.stack.1);
        self.events.push(Event::ChildExited { by });
        true
    }

    /// A child that has run its time exits.
    pub(super) fn run_decoy(&mut self) {
        let decoy = self.player.gear.decoy;
        if decoy.is_some_and(|decoy| decoy.until <= self.turn) {
            self.end_decoy(None);
        }
    }

    /// Serves a request that failed from the mempool, if its element is large enough. What is left over falls free.
    ///
    /// Linux 6.12 `mm/mempool.c`: `mempool_alloc_noprof()`, which asks the allocator first as well.
    pub(super) fn serve_from_pool(&mut self, request: &Request) -> Option<Pfn> {
        let (order, demand) = (request.order, request.demand);
        let pool = self.player.gear.pool;
        let (pfn, size) =
            pool.filter(|&(pfn, size)| size >= order && demand.reaches(pfn, order))?;
        self.player.gear.pool = None;
        self.give_back(CURRENT, pfn, size);
        let taken = self.memory.alloc_at(
            pfn,
            order,
            MigrateType::Unmovable,
            Self::owner(CURRENT),
            PageFlags::EXCLUSIVE | PageFlags::LOCKED,
            &mut self.memory_events,
        );
        debug_assert_eq!(taken, Ok(()));
        self.book_memory(CURRENT);
        Some(pfn)
    }
}
