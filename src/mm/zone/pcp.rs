//! Per-CPU page lists: small blocks kept back for the CPU that freed them, so that few requests meet the free lists.

use super::super::{
    AllocFlags, CpuError, CpuPages, MigrateType, Order, PAGE_ALLOC_COSTLY_ORDER,
    PCP_BATCH_SCALE_MAX, PcpLimits, Pfn, Sink, pcp_limits,
};
use super::Zone;
use super::alloc::Request;
use super::frame::State;
use super::list::End;
use super::pile::Pile;

/// Orders 0 to 3 have three lists each.
const LOW_ORDERS: usize = PAGE_ALLOC_COSTLY_ORDER as usize + 1;
/// Types with lists of their own (`MIGRATE_PCPTYPES`).
pub(super) const TYPES: usize = 3;
/// Order of a huge page, which has two lists: movable, and the rest.
pub(super) const THP_ORDER: Order = 9;
/// Blocks that are given back together.
const TOGETHER: usize = 64;
/// Lists of a CPU (`NR_PCP_LISTS`).
pub(super) const LISTS: usize = LOW_ORDERS * TYPES + 2;

/// All CPUs.
#[derive(Clone)]
pub(super) struct Pcp {
    pub limits: PcpLimits,
    /// Blocks of at most this order are kept; huge pages may be as well.
    pub most: Order,
    /// The CPU that allocates and frees.
    current: u16,
    /// What that CPU keeps.
    here: CpuLists,
    /// What the others keep, by number; the place of the current one is empty.
    cpus: Vec<CpuLists>,
}

/// What one CPU keeps.
///
/// Linux links its pages; here they are in piles, which cost less to push and to pop, at four bytes a block.
#[derive(Clone, Default)]
pub(super) struct CpuLists {
    pub pages: CpuPages,
    pub lists: [Pile; LISTS],
}

/// The list of a CPU for blocks of this order and type (`order_to_pindex()`); none if such blocks are not kept.
#[inline]
pub(super) const fn list_index(order: Order, list: MigrateType) -> usize {
    if order == THP_ORDER {
        LOW_ORDERS * TYPES + (list as u8 == MigrateType::Movable as u8) as usize
    } else {
        order as usize * TYPES + list as usize
    }
}

/// The order of the blocks on a list of a CPU (`pindex_to_order()`).
pub(super) const fn order_of(index: usize) -> Order {
    if index < LOW_ORDERS * TYPES {
        (index / TYPES) as Order
    } else {
        THP_ORDER
    }
}

/// The type of a list of a CPU; unmovable also for the list that huge pages of several types share.
pub(super) const fn type_of(index: usize) -> MigrateType {
    if index == list_index(THP_ORDER, MigrateType::Movable) {
        MigrateType::Movable
    } else if index < LOW_ORDERS * TYPES {
        MigrateType::from_bits((index % TYPES) as u32)
    } else {
        MigrateType::Unmovable
    }
}

impl Pcp {
    /// Empty lists for this many CPUs.
    pub(super) fn new(cpus: u16, limits: PcpLimits, pageblock_order: Order) -> Self {
        let high = limits.high_min;
        let empty = CpuLists {
            pages: CpuPages {
                high,
                ..CpuPages::default()
            },
            ..CpuLists::default()
        };
        Self {
            limits,
            most: PAGE_ALLOC_COSTLY_ORDER.min(pageblock_order),
            current: 0,
            cpus: vec![empty.clone(); cpus.into()],
            here: empty,
        }
    }

    /// Number of CPUs.
    pub fn count(&self) -> u16 {
        self.cpus.len() as u16
    }

    /// The CPU that allocates and frees.
    pub fn current(&self) -> u16 {
        self.current
    }

    /// What a CPU keeps; none if there is no such CPU.
    pub fn cpu(&self, cpu: u16) -> Option<&CpuLists> {
        if cpu == self.current {
            return Some(&self.here);
        }
        self.cpus.get(usize::from(cpu))
    }

    /// [`Pcp::cpu`], to be changed.
    pub fn cpu_mut(&mut self, cpu: u16) -> Option<&mut CpuLists> {
        if cpu == self.current {
            return Some(&mut self.here);
        }
        self.cpus.get_mut(usize::from(cpu))
    }

    /// What each CPU keeps, by number.
    pub fn iter(&self) -> impl Iterator<Item = &CpuLists> {
        (0..self.count()).filter_map(|cpu| self.cpu(cpu))
    }

    /// Takes a block from a list of the current CPU, of an order that is kept. None, and nothing has changed, if the list
    /// is empty.
    #[inline]
    pub fn pop(&mut self, order: Order, list: MigrateType) -> Option<Pfn> {
        let CpuLists { pages, lists } = &mut self.here;
        let pfn = lists.get_mut(list_index(order, list))?.pop()?;
        pages.free_count >>= 1;
        pages.count -= 1 << order;
        Some(pfn)
    }

    /// Another CPU allocates and frees from now on. If there is none of that number, it keeps nothing.
    pub fn set_current(&mut self, cpu: u16) {
        for cpu in [self.current, cpu] {
            if let Some(lists) = self.cpus.get_mut(usize::from(cpu)) {
                std::mem::swap(&mut self.here, lists);
            }
        }
        self.current = cpu;
    }
}

impl Zone {
    /// The CPU that allocates and frees from now on; CPU 0 at first. No lists change.
    ///
    /// # Errors
    ///
    /// A [`CpuError`] if the zone has no lists for such a CPU.
    pub fn set_cpu(&mut self, cpu: u16) -> Result<(), CpuError> {
        let cpus = self.pcp.as_ref().map_or(0, Pcp::count);
        match &mut self.pcp {
            Some(pcp) if cpu < cpus => {
                pcp.set_current(cpu);
                Ok(())
            }
            _ => Err(CpuError { cpu, cpus }),
        }
    }

    /// Gives all pages on all CPUs' lists back to the free lists; returns their number (`drain_all_pages()`).
    pub fn drain_all(&mut self, sink: &mut impl Sink) -> u32 {
        let cpus = self.pcp.as_ref().map_or(0, Pcp::count);
        let drained = (0..cpus).map(|cpu| self.drain(cpu, u32::MAX, 0, sink));
        drained.sum()
    }

    /// The limits and lists for a zone with this many pages and this `low` watermark.
    pub(super) fn new_pcp(pages: u32, low: u32, cpus: u16, pageblock_order: Order) -> Pcp {
        Pcp::new(cpus, pcp_limits(pages, low, cpus), pageblock_order)
    }

    /// Computes the limits anew, after the watermarks or the pages managed changed (`zone_pcp_update()`). A CPU that
    /// keeps the least still does.
    pub(super) fn set_pcp_limits(&mut self) {
        let (managed, low, cpus) = (self.managed, self.watermarks.low, self.config.cpus);
        let Some(pcp) = &mut self.pcp else {
            return;
        };
        let limits = pcp_limits(managed, low, cpus);
        let least = std::mem::replace(&mut pcp.limits, limits).high_min;
        for CpuLists { pages, .. } in pcp.cpus.iter_mut().chain([&mut pcp.here]) {
            let PcpLimits {
                batch,
                high_min,
                high_max,
            } = limits;
            pages.high = if pages.high == least {
                high_min
            } else {
                pages.high.clamp(high_min, high_max.max(high_min))
            };
            pages.free_count = pages.free_count.min(batch << PCP_BATCH_SCALE_MAX);
        }
    }

    /// True if CPUs keep blocks of this order (`pcp_allowed_order()`). A block larger than a pageblock may be part isolated
    /// and is not kept; Linux has no pageblocks that small.
    #[inline]
    pub(super) fn is_cached_order(&self, order: Order) -> bool {
        order <= PAGE_ALLOC_COSTLY_ORDER.min(self.config.pageblock_order)
            || order == THP_ORDER && self.config.pageblock_order == THP_ORDER
    }

    /// True if free memory is not above the `high` watermark (`ZONE_BELOW_HIGH`). Linux keeps a flag of it, which
    /// only allocations set.
    #[inline]
    fn is_below_high(&self) -> bool {
        self.free_area.is_below_high()
    }

    /// Says of a block that is on no list that a CPU keeps it.
    #[inline]
    pub(super) fn set_cached(&mut self, pfn: Pfn, order: Order, list: MigrateType, cpu: u16) {
        let list = if order == THP_ORDER {
            type_of(list_index(order, list))
        } else {
            list
        };
        self.states[pfn as usize] = State::cached(order, list, cpu);
    }

    /// The type and the CPU of the cached block that begins at `pfn`, which there must be.
    pub(super) fn cached_on(&self, pfn: Pfn) -> (MigrateType, u16) {
        self.states[pfn as usize].cached_on()
    }

    /// Takes a block from the lists of the current CPU, refilled if need be; none if it keeps none of that order, or
    /// there is nothing to refill with (`rmqueue_pcplist()`).
    #[inline]
    pub(super) fn rmqueue_pcplist(
        &mut self,
        request: &mut Request,
        flags: AllocFlags,
        sink: &mut impl Sink,
    ) -> Option<Pfn> {
        let (order, list) = (request.order, self.list_for(request.gfp));
        if request.end == End::Tail || !self.is_cached_order(order) {
            return None;
        }
        let pcp = self.pcp.as_mut()?;
        if let Some(pfn) = pcp.pop(order, list) {
            return Some(pfn);
        }
        let current = pcp.current;
        pcp.here.pages.free_count >>= 1;
        self.refill(request, list, current, flags, sink)
    }

    /// Moves a batch of blocks to the tail of a list of a CPU, so that they keep the order of their addresses, but for
    /// the first, which it returns (`rmqueue_bulk()`).
    #[cold]
    fn refill(
        &mut self,
        request: &mut Request,
        list: MigrateType,
        current: u16,
        flags: AllocFlags,
        sink: &mut impl Sink,
    ) -> Option<Pfn> {
        let order = request.order;
        let low = self.is_below_high();
        let pcp = self.pcp.as_mut()?;
        let limits = pcp.limits;
        let blocks = pcp.here.pages.refill(order, limits, low);
        let first = self.rmqueue_type(request, flags, sink)?;
        // The list is empty, so that its tail is where the last block goes.
        let index = list_index(order, list);
        let mut pile = std::mem::take(&mut self.pcp.as_mut()?.here.lists[index]);
        let more = (1..blocks).map_while(|_| {
            let pfn = self.rmqueue_type(request, flags, sink)?;
            self.set_cached(pfn, order, list, current);
            Some(pfn)
        });
        let kept = pile.refill(more);
        let cpu = &mut self.pcp.as_mut()?.here;
        cpu.pages.count += kept << order;
        cpu.lists[index] = pile;
        Some(first)
    }

    /// Puts a small block of an ordinary pageblock on a list of the current CPU, where there is room and no limit is
    /// met. False, and nothing has changed, if not.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "all that most frees are")]
    pub(super) fn keep(&mut self, pfn: Pfn, order: Order) -> bool {
        let (list, low) = (self.pageblock_type(pfn), self.is_below_high());
        // A slice, so that it is not looked up again once a block was written to the pile.
        let states = &mut self.states[..];
        let Some(pcp) = &mut self.pcp else {
            return false;
        };
        if order > pcp.most || !list.is_mergeable() || low {
            return false;
        }
        let most = pcp.limits.batch << PCP_BATCH_SCALE_MAX;
        let CpuLists { pages, lists } = &mut pcp.here;
        let pile = &mut lists[list_index(order & 3, list)];
        let count = pages.count + (1 << (order & 3));
        let Some(state) = states.get_mut(pfn as usize) else {
            return false;
        };
        if count >= pages.high || !pile.push_within_capacity(pfn) {
            return false;
        }
        pages.count_free(order & 3, most);
        *state = State::cached(order & 3, list, pcp.current);
        true
    }

    /// Puts a block that is on no list on one of the current CPU's, and gives some back if it keeps too many. False if
    /// blocks like this are not kept (`free_unref_page()`).
    #[inline]
    pub(super) fn free_to_pcp(&mut self, pfn: Pfn, order: Order, sink: &mut impl Sink) -> bool {
        if self.pcp.is_none() || !self.is_cached_order(order) {
            return false;
        }
        let list = match self.pageblock_type(pfn) {
            MigrateType::Isolate => return false,
            MigrateType::HighAtomic | MigrateType::Cma => MigrateType::Movable,
            list => list,
        };
        let Some(pcp) = &mut self.pcp else {
            return false;
        };
        let (current, limits) = (pcp.current, pcp.limits);
        let cpu = &mut pcp.here;
        cpu.lists[list_index(order, list)].push(pfn);
        let pages = &mut cpu.pages;
        pages.count_free(order, limits.batch << PCP_BATCH_SCALE_MAX);
        let much = pages.count >= pages.high;
        self.set_cached(pfn, order, list, current);
        if much || self.is_below_high() {
            self.trim(list_index(order, list), sink);
        }
        true
    }

    /// Gives pages back if a CPU keeps too many, at least a batch then (`free_unref_page_commit()`, `nr_pcp_free()`).
    ///
    /// Linux keeps less while reclaim runs, or where many blocks of orders 1 to 3 are freed in a row; not modelled.
    #[cold]
    fn trim(&mut self, index: usize, sink: &mut impl Sink) {
        let low = self.is_below_high();
        let Some(pcp) = &mut self.pcp else {
            return;
        };
        let (cpu, limits) = (pcp.current, pcp.limits);
        let pages = &mut pcp.here.pages;
        let high = pages.tune(limits, low);
        if pages.count < high {
            return;
        }
        let most = high.saturating_sub(limits.batch).max(limits.batch);
        let wanted = pages.free_count.clamp(limits.batch, most);
        self.drain(cpu, wanted, index, sink);
    }

    /// Gives back at least `wanted` pages of a CPU, or all there are: from the tail of one list after the other, that
    /// with this index first. Returns their number (`free_pcppages_bulk()`).
    fn drain(&mut self, cpu: u16, wanted: u32, index: usize, sink: &mut impl Sink) -> u32 {
        let mut drained = 0;
        for at in 0..LISTS {
            let index = (index + at) % LISTS;
            let order = order_of(index);
            while drained < wanted {
                let Some(kept) = self.pcp.as_mut().and_then(|pcp| pcp.cpu_mut(cpu)) else {
                    break;
                };
                let mut batch = [0; TOGETHER];
                let most = (wanted - drained).div_ceil(1 << order);
                let blocks = kept.lists[index].take_last(&mut batch, most);
                if blocks.is_empty() {
                    break;
                }
                let pages = (blocks.len() as u32) << order;
                kept.pages.count -= pages;
                drained += pages;
                for &pfn in blocks {
                    self.states[pfn as usize] = State::INSIDE;
                    self.free_range(pfn, order, false, sink);
                }
            }
        }
        drained
    }
}
