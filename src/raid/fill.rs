//! Filling memory before you come in: by letting the tasks live for a while, or after a `buddyinfo` line.

use super::boot::SetupError;
use super::rng::Stream;
use super::rules::MemoryKind;
use super::tasks::{Task, gfp_for};
use super::{CURRENT, Raid};
use crate::kernel_text::layout;
use crate::labyrinth::{Cell, cell_of};
use crate::mm::{Gfp, MigrateType, NR_PAGE_ORDERS, Order, PageFlags, Pfn};

impl Raid {
    /// Fills memory by letting the tasks allocate and free as they do, so that it is as fragmented as it would be.
    ///
    /// They first grow as large as they will be at the end of the ramp, and start-up code takes the rest, page by
    /// page. Then they shrink to what they hold at the start by freeing at random, and churn while start-up code
    /// gives its pages back: no stretch of memory is left that nobody ever used.
    pub(super) fn fill(&mut self) {
        let reserve = self.memory.watermarks().high;
        loop {
            let missing: Vec<u32> = self
                .tasks
                .iter()
                .map(|task| self.short_of(task, task.spec.working_set.1))
                .collect();
            let full =
                self.memory.nr_free_pages() <= reserve || missing.iter().all(|&pages| pages == 0);
            let i = self.workload.weighted(&missing);
            if full || !self.request(i) {
                break;
            }
        }
        let startup = self.tasks.len() as u16 + CURRENT + 1;
        let urgent = Gfp::GFP_ATOMIC | Gfp::MEMALLOC;
        while self
            .memory
            .alloc_pages(urgent, 0, Self::owner(startup), &mut self.memory_events)
            .is_ok()
        {
            self.book_memory(startup);
        }
        for i in 0..self.tasks.len() {
            let pid = self.tasks[i].pid;
            while self.holdings.pages(pid) > self.tasks[i].base {
                self.free_one(pid);
            }
        }
        for rounds_left in (1..=self.zone.warmup).rev() {
            for _ in 0..self.holdings.pages(startup).div_ceil(rounds_left) {
                self.free_one(startup);
            }
            for i in 0..self.tasks.len() {
                self.churn(i);
                while self.short_of(&self.tasks[i], self.tasks[i].base) > 0 && self.request(i) {}
            }
        }
        self.settle();
    }

    /// Pages a task is short of so many; none for one that does not live yet.
    fn short_of(&self, task: &Task, pages: u32) -> u32 {
        if !task.alive() {
            return 0;
        }
        pages.saturating_sub(self.holdings.pages(task.pid))
    }

    /// Lays memory out so that its free blocks are the given ones, and gives the rest to the tasks.
    pub(super) fn lay_out(
        &mut self,
        free: &[u64; NR_PAGE_ORDERS],
        map: &mut Stream,
    ) -> Result<(), SetupError> {
        let pages = self.memory.pages();
        let budget = self.memory_pages() * self.zone.free_permille / 1000;
        let taken = self.memory.blocks().filter(|block| !block.is_free());
        let reserved: Vec<(Pfn, Order)> = taken.map(|block| (block.pfn, block.order)).collect();
        let plan = layout::layout(free, pages, &reserved, budget, &mut |n| map.below(n)).map_err(
            |error| SetupError::Layout {
                zone: self.zone.name.clone(),
                error,
            },
        )?;
        let least = self.memory.watermarks().high;
        if plan.free_pages() < least {
            return Err(SetupError::TooFull {
                zone: self.zone.name.clone(),
                free: plan.free_pages(),
                least,
            });
        }
        let mut spoken_for = vec![false; pages as usize];
        for &(pfn, order) in plan.free.iter().chain(&reserved) {
            spoken_for[pfn as usize..(pfn + (1 << order)) as usize].fill(true);
        }
        let block = 1 << self.zone.pageblock_order;
        for start in (0..pages).step_by(block as usize) {
            self.settle_pageblock(start, start + block, &spoken_for);
        }
        self.settle();
        Ok(())
    }

    /// Gives the unspoken frames of one pageblock to tasks, all of one kind of memory as grouping by mobility would.
    fn settle_pageblock(&mut self, start: Pfn, end: Pfn, spoken_for: &[bool]) {
        const KINDS: [(MemoryKind, MigrateType); 4] = [
            (MemoryKind::Anonymous, MigrateType::Movable),
            (MemoryKind::Cache, MigrateType::Reclaimable),
            (MemoryKind::Kernel, MigrateType::Unmovable),
            (MemoryKind::Pinned, MigrateType::Movable),
        ];
        let weights: Vec<u32> = KINDS
            .iter()
            .map(|&(kind, _)| (0..self.tasks.len()).map(|i| self.share(i, kind)).sum())
            .collect();
        let (kind, migratetype) = KINDS[self.workload.weighted(&weights)];
        self.memory.set_pageblock_type(start, migratetype);
        let mut pfn = start;
        while pfn < end {
            if spoken_for[pfn as usize] {
                pfn += 1;
                continue;
            }
            let shares: Vec<u32> = (0..self.tasks.len()).map(|i| self.share(i, kind)).collect();
            let i = self.workload.weighted(&shares);
            let mut order = self.draw_order(i, kind);
            while !pfn.is_multiple_of(1 << order)
                || spoken_for[pfn as usize..(pfn + (1 << order)) as usize].contains(&true)
            {
                order -= 1;
            }
            let pid = self.tasks[i].pid;
            let taken = self.memory.alloc_at(
                pfn,
                order,
                gfp_for(kind).migratetype(),
                Self::owner(pid),
                if kind == MemoryKind::Pinned {
                    PageFlags::PINNED
                } else {
                    PageFlags::empty()
                },
                &mut self.memory_events,
            );
            debug_assert_eq!(taken, Ok(()));
            self.book_memory(pid);
            if kind == MemoryKind::Cache {
                let dirty = self.workload.chance(self.tasks[i].spec.dirty_permille);
                self.becomes_cache(pfn, dirty);
            }
            pfn += 1 << order;
        }
    }

    /// How many pages of a kind of memory a task would like to hold.
    fn share(&self, i: usize, kind: MemoryKind) -> u32 {
        if !self.tasks[i].alive() {
            return 0;
        }
        let spec = &self.tasks[i].spec;
        let weight = |kind: Option<MemoryKind>| -> u32 {
            spec.mix
                .iter()
                .filter(|mix| kind.is_none_or(|kind| mix.kind == kind))
                .map(|mix| mix.weight * ((1 << mix.orders.0) + (1 << mix.orders.1)))
                .sum()
        };
        spec.working_set.0 * weight(Some(kind)) / weight(None).max(1)
    }

    fn draw_order(&mut self, i: usize, kind: MemoryKind) -> Order {
        let lines: Vec<_> = self.tasks[i]
            .spec
            .mix
            .iter()
            .filter(|mix| mix.kind == kind)
            .cloned()
            .collect();
        let weights: Vec<u32> = lines.iter().map(|mix| mix.weight).collect();
        let line = self.workload.weighted(&weights);
        lines.get(line).map_or(0, |mix| {
            self.workload
                .between(u32::from(mix.orders.0), u32::from(mix.orders.1)) as Order
        })
    }

    /// Working sets grow from what each task holds now; bodies take their places.
    fn settle(&mut self) {
        self.refresh_maze();
        let side = u32::from(self.zone.side);
        for i in 0..self.tasks.len() {
            if !self.tasks[i].alive() {
                continue;
            }
            let pid = self.tasks[i].pid;
            self.tasks[i].base = self.holdings.pages(pid);
            let own = self.holdings.of(pid).len() as u32;
            let pick = self.bodies.below(own) as usize;
            let mut cell = self
                .holdings
                .of(pid)
                .get(pick)
                .map_or(Cell { x: 0, y: 0 }, |&(pfn, _)| cell_of(pfn));
            while self.built(cell) || self.body_in(cell).is_some_and(|other| other < i) {
                cell = Cell {
                    x: self.bodies.below(side) as u16,
                    y: self.bodies.below(side) as u16,
                };
            }
            self.tasks[i].cell = cell;
        }
        self.kswapd.woken = false;
        self.kcompactd.woken = None;
        self.starved = false;
        self.events.clear();
    }
}
