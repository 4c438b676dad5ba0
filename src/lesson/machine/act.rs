//! Calls on memory: hand out, give back, move, drop, tune.

use super::setup::Core;
use super::{Machine, Policy, Refusal};
use crate::mm::memory::MemoryError;
use crate::mm::{
    AllocFlags, BlockState, Compacted, Event, Gfp, MAX_PAGE_ORDER, Mark, Order, PageFlags, Pfn,
    SWAP_CLUSTER_MAX, Sink as _, Zone,
};

/// kswapd's steps in one call at most: each run has 13, and there are 16 before it gives up.
const MAX_KSWAPD_STEPS: u32 = 13 * 17;

impl Machine {
    /// `alloc_pages()`: the block's first frame.
    ///
    /// # Errors
    ///
    /// [`Refusal::NoMemory`].
    pub fn alloc(
        &mut self,
        gfp: Gfp,
        order: Order,
        events: &mut Vec<Event>,
    ) -> Result<Pfn, Refusal> {
        let owner = Self::owner(self.current);
        let policy = self.setup.policy;
        let got = match &mut self.core {
            Core::Node { node, arena } => {
                node.alloc_pages(gfp, order, owner, &mut (&mut **arena, events))
            }
            Core::Zone(memory) => match policy {
                Policy::Lifo => memory.alloc_pages(gfp, order, owner, events),
                Policy::Fifo => {
                    let got = memory.alloc_exclusive(gfp, order, owner, events);
                    if let Ok(pfn) = got {
                        let flags = PageFlags::EXCLUSIVE | PageFlags::LOCKED;
                        memory.change_flags(pfn, flags, false)?;
                    }
                    got
                }
                Policy::Lowest => {
                    if let Some(pfn) = lowest(memory.zone(), gfp, order) {
                        let flags = if gfp.contains(Gfp::ZERO) {
                            PageFlags::ZEROED
                        } else {
                            PageFlags::empty()
                        };
                        let list = gfp.migratetype();
                        memory.alloc_at(pfn, order, list, owner, flags, events)?;
                        if gfp.contains(Gfp::ZERO) {
                            for page in pfn..pfn + (1 << order) {
                                memory.zero(page)?;
                            }
                        }
                        Ok(pfn)
                    } else {
                        memory.alloc_pages(gfp, order, owner, events)
                    }
                }
            },
        };
        got.map_err(Refusal::NoMemory)
    }

    /// The game's own extension: a block for this task alone.
    ///
    /// # Errors
    ///
    /// [`Refusal::NoMemory`], or [`Refusal::OneZone`].
    pub fn alloc_exclusive(
        &mut self,
        gfp: Gfp,
        order: Order,
        events: &mut Vec<Event>,
    ) -> Result<Pfn, Refusal> {
        let owner = Self::owner(self.current);
        let what = "alloc_exclusive";
        let memory = self.memory(what)?;
        let got = memory.alloc_exclusive(gfp, order, owner, events);
        got.map_err(Refusal::NoMemory)
    }

    /// Takes exactly this block out of free memory, to lay memory out.
    ///
    /// # Errors
    ///
    /// [`Refusal::At`].
    pub fn alloc_at(
        &mut self,
        pfn: Pfn,
        order: Order,
        gfp: Gfp,
        events: &mut Vec<Event>,
    ) -> Result<(), Refusal> {
        let owner = Self::owner(self.current);
        let (list, flags) = (gfp.migratetype(), PageFlags::empty());
        match &mut self.core {
            Core::Node { node, arena } => node
                .alloc_at(pfn, order, list, owner, flags, &mut (&mut **arena, events))
                .map_err(|error| Refusal::At { pfn, error }),
            Core::Zone(memory) => memory
                .alloc_at(pfn, order, list, owner, flags, events)
                .map_err(|error| match error {
                    MemoryError::At(error) => Refusal::At { pfn, error },
                    other => other.into(),
                }),
        }
    }

    /// `__free_pages()`.
    ///
    /// # Errors
    ///
    /// [`Refusal::Free`] with the exact reason; [`Refusal::Memory`] if references to the page are counted.
    pub fn free(&mut self, pfn: Pfn, order: Order, events: &mut Vec<Event>) -> Result<(), Refusal> {
        match &mut self.core {
            Core::Node { node, arena } => node
                .free_pages(pfn, order, &mut (&mut **arena, events))
                .map_err(|error| Refusal::Free { pfn, error }),
            Core::Zone(memory) => {
                memory
                    .free_pages(pfn, order, events)
                    .map_err(|error| match error {
                        MemoryError::Free(error) => Refusal::Free { pfn, error },
                        other => other.into(),
                    })
            }
        }
    }

    /// Moves a movable block elsewhere; returns where.
    ///
    /// # Errors
    ///
    /// [`Refusal::Migrate`].
    pub fn migrate(&mut self, pfn: Pfn, events: &mut Vec<Event>) -> Result<Pfn, Refusal> {
        match &mut self.core {
            Core::Node { node, arena } => node
                .migrate(pfn, &mut (&mut **arena, events))
                .map_err(|error| Refusal::Migrate { pfn, error }),
            Core::Zone(memory) => memory.migrate(pfn, events).map_err(|error| match error {
                MemoryError::Migrate(error) => Refusal::Migrate { pfn, error },
                other => other.into(),
            }),
        }
    }

    /// Makes a block page cache (`folio_add_lru()`).
    ///
    /// # Errors
    ///
    /// [`Refusal::Not`] if no allocated block begins there.
    pub fn lru_add(&mut self, pfn: Pfn) -> Result<(), Refusal> {
        self.head(pfn)?;
        match &mut self.core {
            Core::Node { node, .. } => node.lru_add(pfn),
            Core::Zone(memory) => memory.lru_add(pfn)?,
        }
        Ok(())
    }

    /// Page cache was used: it is the last to go now (`mark_page_accessed()`).
    ///
    /// # Errors
    ///
    /// [`Refusal::Not`] if no allocated block begins there.
    pub fn touch(&mut self, pfn: Pfn) -> Result<(), Refusal> {
        self.head(pfn)?;
        match &mut self.core {
            Core::Node { node, .. } => node.touch(pfn),
            Core::Zone(memory) => memory.touch(pfn),
        }
        Ok(())
    }

    /// Writes dirty page cache back.
    ///
    /// # Errors
    ///
    /// [`Refusal::Not`] if no allocated block begins there.
    pub fn writeback(&mut self, pfn: Pfn) -> Result<(), Refusal> {
        self.head(pfn)?;
        match &mut self.core {
            Core::Node { node, .. } => node.writeback(pfn),
            Core::Zone(memory) => memory.clean(pfn),
        }
        Ok(())
    }

    /// Sets or clears flags of a block whose references are not counted.
    ///
    /// # Errors
    ///
    /// [`Refusal::Flag`] or [`Refusal::Memory`].
    pub fn flag(&mut self, pfn: Pfn, flags: PageFlags, on: bool) -> Result<(), Refusal> {
        match &mut self.core {
            Core::Node { node, .. } => {
                let done = if on {
                    node.set_flags(pfn, flags)
                } else {
                    node.clear_flags(pfn, flags)
                };
                done.map_err(|error| Refusal::Flag { pfn, error })
            }
            Core::Zone(memory) => {
                memory
                    .change_flags(pfn, flags, on)
                    .map_err(|error| match error {
                        MemoryError::Flag(error) => Refusal::Flag { pfn, error },
                        other => other.into(),
                    })
            }
        }
    }

    /// `echo 1 > /proc/sys/vm/compact_memory`: pages moved.
    pub fn compact(&mut self, events: &mut Vec<Event>) -> u32 {
        match &mut self.core {
            Core::Node { node, arena } => node.compact_memory(&mut (&mut **arena, events)),
            Core::Zone(memory) => {
                let Compacted { migrated, .. } = memory.compact(events);
                migrated
            }
        }
    }

    /// `echo 1 > /proc/sys/vm/drop_caches`: drops all clean page cache that nobody holds. Returns the pages freed.
    pub fn drop_caches(&mut self, events: &mut Vec<Event>) -> u32 {
        let cache: Vec<Pfn> = self.page_cache();
        let mut freed = 0;
        for pfn in cache {
            let dropped = match &mut self.core {
                Core::Node { node, arena } => {
                    node.evict(pfn, &mut (&mut **arena, &mut *events)).ok()
                }
                Core::Zone(memory) => memory.drop_block(pfn, events).ok(),
            };
            freed += dropped.map_or(0, |order| 1 << order);
        }
        freed
    }

    /// Lets kswapd run until it sleeps. In a machine of one zone it makes rounds until `high` is reached or nothing
    /// comes free. Returns the pages freed.
    pub fn kswapd(&mut self, events: &mut Vec<Event>) -> u32 {
        let before = self.free_pages();
        match &mut self.core {
            Core::Node { node, arena } => {
                let mut steps = 0;
                while steps < MAX_KSWAPD_STEPS
                    && node.kswapd_step(&mut (&mut **arena, &mut *events))
                {
                    steps += 1;
                }
            }
            Core::Zone(memory) => {
                while memory.zone().nr_free_pages() < memory.zone().watermarks().high
                    && memory.reclaim(
                        SWAP_CLUSTER_MAX.min(memory.zone().watermarks().high),
                        events,
                    ) > 0
                {}
                events.event(Event::KswapdSleep { hopeless: false });
            }
        }
        self.free_pages().saturating_sub(before)
    }

    /// `vm.min_free_kbytes`.
    pub fn set_min_free_kbytes(&mut self, kbytes: u32) {
        match &mut self.core {
            Core::Node { node, .. } => node.set_min_free_kbytes(kbytes),
            Core::Zone(memory) => memory.set_min_free_kbytes(kbytes),
        }
        self.setup.min_free_kbytes = Some(kbytes);
    }

    /// Takes from another end of the lists from now on.
    ///
    /// # Errors
    ///
    /// [`Refusal::OneZone`].
    pub fn set_policy(&mut self, policy: Policy) -> Result<(), Refusal> {
        if policy != Policy::Lifo {
            self.memory("another policy than lifo")?;
        }
        self.setup.policy = policy;
        Ok(())
    }

    /// Calls come from this CPU from now on.
    ///
    /// # Errors
    ///
    /// [`Refusal::Cpu`].
    pub fn set_cpu(&mut self, cpu: u16) -> Result<(), Refusal> {
        match &mut self.core {
            Core::Node { node, .. } => node.set_cpu(cpu)?,
            Core::Zone(memory) => memory.set_cpu(cpu)?,
        }
        Ok(())
    }

    /// Gives what CPUs keep back to the free lists (`drain_all_pages()`). Returns the pages.
    pub fn drain(&mut self, events: &mut Vec<Event>) -> u32 {
        match &mut self.core {
            Core::Node { node, arena } => node.drain_all(&mut (&mut **arena, events)),
            Core::Zone(memory) => memory.drain_all(events),
        }
    }

    pub(super) fn head(&self, pfn: Pfn) -> Result<(), Refusal> {
        match self.block_at(pfn) {
            Some(block)
                if block.pfn == pfn && matches!(block.state, BlockState::Allocated { .. }) =>
            {
                Ok(())
            }
            _ => Err(Refusal::Not {
                pfn,
                what: "no allocated block begins there",
            }),
        }
    }
}

/// The lowest free block of the smallest sufficient order on the request's own lists, if the fast path may take it.
fn lowest(zone: &Zone, gfp: Gfp, order: Order) -> Option<Pfn> {
    let mark = zone.watermarks().at(Mark::Low);
    if order > MAX_PAGE_ORDER || !zone.zone_watermark_ok(order, mark, AllocFlags::fast(gfp)) {
        return None;
    }
    let list = gfp.migratetype();
    (order..=MAX_PAGE_ORDER).find_map(|order| zone.free_list(order, list).min())
}
