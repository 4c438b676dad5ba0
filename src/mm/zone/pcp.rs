//! Per-CPU page lists: small blocks kept back for the CPU that freed them, so that few requests meet the free lists.

use super::super::{
    AllocFlags, CpuError, MigrateType, Order, Owner, PAGE_ALLOC_COSTLY_ORDER, PageFlags, PcpLimits,
    Pfn, Sink, pcp_limits,
};
use super::alloc::Request;
use super::frame::State;
use super::list::{End, FREE_LISTS};
use super::{Frame, Zone};

/// Orders 0 to 3 have three lists each.
const LOW_ORDERS: u32 = PAGE_ALLOC_COSTLY_ORDER as u32 + 1;
/// Types with lists of their own (`MIGRATE_PCPTYPES`).
const TYPES: u32 = 3;
/// Order of a huge page, which has two lists: movable, and the rest.
const THP_ORDER: Order = 9;
/// Lists of a CPU (`NR_PCP_LISTS`).
const LISTS: u32 = LOW_ORDERS * TYPES + 2;
/// Batches are doubled this many times at most (`CONFIG_PCP_BATCH_SCALE_MAX`).
const SCALE_MAX: u32 = 5;

/// What one CPU keeps (`struct per_cpu_pages`). The lists themselves are in the frames.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct CpuPages {
    /// Pages on its lists.
    pub count: u32,
    /// Pages it may keep; tuned between [`PcpLimits::high_min`] and [`PcpLimits::high_max`].
    pub high: u32,
    /// The next refill is of `batch << alloc_factor` single pages.
    pub alloc_factor: u32,
    /// Pages freed of late; halved by every allocation.
    pub free_count: u32,
}

/// All CPUs.
#[derive(Clone)]
pub(super) struct Pcp {
    limits: PcpLimits,
    /// The CPU that allocates and frees.
    current: u16,
    cpus: Vec<CpuPages>,
}

/// The list of a CPU for blocks of this order and type (`order_to_pindex()`); none if such blocks are not kept.
#[inline]
const fn list_index(order: Order, list: MigrateType) -> u32 {
    if order == THP_ORDER {
        LOW_ORDERS * TYPES + (list as u32 == MigrateType::Movable as u32) as u32
    } else {
        order as u32 * TYPES + list as u32
    }
}

/// The order of the blocks on a list of a CPU (`pindex_to_order()`).
const fn order_of(index: u32) -> Order {
    if index < LOW_ORDERS * TYPES {
        (index / TYPES) as Order
    } else {
        THP_ORDER
    }
}

impl Pcp {
    /// Empty lists for this many CPUs.
    pub(super) fn new(cpus: u16, limits: PcpLimits) -> Self {
        let empty = CpuPages {
            high: limits.high_min,
            ..CpuPages::default()
        };
        Self {
            limits,
            current: 0,
            cpus: vec![empty; cpus.into()],
        }
    }

    /// List heads of this many CPUs.
    pub(super) fn heads(cpus: u16) -> u32 {
        u32::from(cpus) * LISTS
    }
}

impl CpuPages {
    /// Blocks to refill a list with (`nr_pcp_alloc()`); `low` if free memory is below the `high` watermark.
    fn refill(&mut self, order: Order, limits: PcpLimits, low: bool) -> u32 {
        let PcpLimits {
            batch: base,
            high_min,
            high_max,
        } = limits;
        self.high = self.high.clamp(high_min, high_max.max(high_min));
        let mut batch = base;
        if order == 0 {
            batch <<= self.alloc_factor;
        }
        // A larger `high` would have kept what is now to be fetched.
        if !low && high_max > high_min {
            self.high = (self.high + batch).min(high_max);
        }
        if order == 0 {
            let most = self.high.saturating_sub(self.count + base).max(base);
            if batch <= most && self.alloc_factor < SCALE_MAX {
                self.alloc_factor += 1;
            }
            batch = batch.min(most);
        }
        if batch > 1 {
            (batch >> order).max(2)
        } else {
            batch
        }
    }

    /// What this CPU may keep just after a free (`nr_pcp_high()`).
    fn tune(&mut self, limits: PcpLimits, low: bool) -> u32 {
        let PcpLimits {
            batch,
            high_min,
            high_max,
        } = limits;
        let high = self.high.clamp(high_min, high_max.max(high_min));
        if high_max <= high_min {
            return high;
        }
        if low {
            self.high = high.saturating_sub(self.free_count).max(high_min);
            return self.count.max(high_min);
        }
        let need = self.free_count + batch;
        if self.count >= high && self.high < need {
            self.high = need.clamp(high_min, high_max);
        }
        high
    }
}

impl Zone {
    /// Per-CPU limits; none if the zone has no such lists.
    pub fn pcp_limits(&self) -> Option<PcpLimits> {
        self.pcp.as_ref().map(|pcp| pcp.limits)
    }

    /// What a CPU keeps; none if it has no lists.
    pub fn cpu_pages(&self, cpu: u16) -> Option<CpuPages> {
        self.pcp.as_ref()?.cpus.get(usize::from(cpu)).copied()
    }

    /// Pages on lists of all CPUs: neither free nor allocated.
    pub fn nr_pcp_pages(&self) -> u32 {
        let pcp = self.pcp.iter();
        pcp.flat_map(|pcp| &pcp.cpus).map(|cpu| cpu.count).sum()
    }

    /// The blocks of one list of a CPU, the one to be handed out next first. None if there is no such list.
    /// Huge pages (order 9) of all types but movable share the unmovable one's list.
    pub fn cpu_list(
        &self,
        cpu: u16,
        order: Order,
        list: MigrateType,
    ) -> impl Iterator<Item = Pfn> + '_ {
        let there = self.cpu_pages(cpu).is_some() && self.is_cached_order(order);
        let there = there && (list as u32) < TYPES;
        let head = there.then(|| self.cpu_head(cpu, list_index(order, list)));
        head.into_iter().flat_map(|head| self.list(head))
    }

    /// The CPU that allocates and frees from now on; CPU 0 at first. No lists change.
    ///
    /// # Errors
    ///
    /// A [`CpuError`] if the zone has no lists for such a CPU.
    pub fn set_cpu(&mut self, cpu: u16) -> Result<(), CpuError> {
        let cpus = self.pcp.as_ref().map_or(0, |pcp| pcp.cpus.len());
        match &mut self.pcp {
            Some(pcp) if usize::from(cpu) < cpus => {
                pcp.current = cpu;
                Ok(())
            }
            _ => Err(CpuError {
                cpu,
                cpus: cpus as u16,
            }),
        }
    }

    /// Gives all pages on all CPUs' lists back to the free lists; returns their number (`drain_all_pages()`).
    pub fn drain_all(&mut self, sink: &mut impl Sink) -> u32 {
        let cpus = self.pcp.as_ref().map_or(0, |pcp| pcp.cpus.len());
        let drained = (0..cpus).map(|cpu| self.drain(cpu as u16, u32::MAX, 0, sink));
        drained.sum()
    }

    /// The limits and lists for a zone with this many pages and this `low` watermark.
    pub(super) fn new_pcp(pages: u32, low: u32, cpus: u16) -> Pcp {
        Pcp::new(cpus, pcp_limits(pages, low, cpus))
    }

    /// The head of a list of a CPU.
    #[inline]
    fn cpu_head(&self, cpu: u16, index: u32) -> Pfn {
        self.config.pages + FREE_LISTS + 1 + u32::from(cpu) * LISTS + index
    }

    /// True if CPUs keep blocks of this order (`pcp_allowed_order()`).
    #[inline]
    fn is_cached_order(&self, order: Order) -> bool {
        order <= PAGE_ALLOC_COSTLY_ORDER
            || order == THP_ORDER && self.config.pageblock_order == THP_ORDER
    }

    /// True if free memory is not above the `high` watermark (`ZONE_BELOW_HIGH`). Linux keeps a flag of it, which
    /// only allocations set.
    #[inline]
    fn is_below_high(&self) -> bool {
        self.nr_free_pages() <= self.watermarks.high + self.watermark_boost
    }

    /// Makes a block that is on no list one of a CPU's.
    #[inline]
    fn link_cached(&mut self, pfn: Pfn, order: Order, list: MigrateType, cpu: u16, end: End) {
        let head = self.cpu_head(cpu, list_index(order, list));
        self.link(pfn, head, end);
        self.states[pfn as usize] = State::cached(order);
        self.flags[pfn as usize] = PageFlags::from_bits_retain(list as u8);
        self.owners[pfn as usize] = Owner(cpu);
    }

    /// The type and the CPU of the cached block that begins at `pfn`, which there must be.
    pub(super) fn cached_on(&self, pfn: Pfn) -> (MigrateType, u16) {
        let list = MigrateType::from_bits(self.flags[pfn as usize].bits().into());
        (list, self.owners[pfn as usize].0)
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
        let cpu = pcp.current;
        let pages = &mut pcp.cpus[usize::from(cpu)];
        pages.free_count >>= 1;
        let head = self.cpu_head(cpu, list_index(order, list));
        let first = self.links[head as usize].next;
        let pfn = if first == head {
            self.refill(request, list, cpu, flags, sink)?
        } else {
            first
        };
        self.unlink(pfn);
        self.states[pfn as usize] = State::INSIDE;
        if let Some(pcp) = &mut self.pcp {
            pcp.cpus[usize::from(cpu)].count -= 1 << order;
        }
        Some(pfn)
    }

    /// Moves a batch of blocks to the tail of a list of a CPU, so that they keep the order of their addresses; returns
    /// the first (`rmqueue_bulk()`).
    #[cold]
    fn refill(
        &mut self,
        request: &mut Request,
        list: MigrateType,
        cpu: u16,
        flags: AllocFlags,
        sink: &mut impl Sink,
    ) -> Option<Pfn> {
        let order = request.order;
        let low = self.is_below_high();
        let pcp = self.pcp.as_mut()?;
        let blocks = pcp.cpus[usize::from(cpu)].refill(order, pcp.limits, low);
        let mut first = None;
        let mut count = 0;
        for _ in 0..blocks {
            let Some(pfn) = self.rmqueue_type(request, flags, sink) else {
                break;
            };
            self.link_cached(pfn, order, list, cpu, End::Tail);
            first = first.or(Some(pfn));
            count += 1 << order;
        }
        if let Some(pcp) = &mut self.pcp {
            pcp.cpus[usize::from(cpu)].count += count;
        }
        first
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
        let cpu = pcp.current;
        let batch = pcp.limits.batch;
        let high_min = pcp.limits.high_min;
        let pages = &mut pcp.cpus[usize::from(cpu)];
        pages.alloc_factor >>= 1;
        pages.count += 1 << order;
        if pages.free_count < batch << SCALE_MAX {
            pages.free_count += 1 << order;
        }
        // Whatever `high` is, it is no less than its minimum.
        let much = pages.count >= high_min;
        self.link_cached(pfn, order, list, cpu, End::Head);
        if much {
            self.trim(cpu, list_index(order, list), sink);
        }
        true
    }

    /// Gives pages back if a CPU keeps too many, at least a batch then (`free_unref_page_commit()`, `nr_pcp_free()`).
    ///
    /// Linux keeps less while reclaim runs, or where many blocks of orders 1 to 3 are freed in a row; not modelled.
    fn trim(&mut self, cpu: u16, index: u32, sink: &mut impl Sink) {
        let low = self.is_below_high();
        let Some(pcp) = &mut self.pcp else {
            return;
        };
        let limits = pcp.limits;
        let pages = &mut pcp.cpus[usize::from(cpu)];
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
    fn drain(&mut self, cpu: u16, wanted: u32, index: u32, sink: &mut impl Sink) -> u32 {
        let mut drained = 0;
        for at in 0..LISTS {
            let index = (index + at) % LISTS;
            let order = order_of(index);
            let head = self.cpu_head(cpu, index);
            while drained < wanted
                && let Some(pfn) = self.list_end(head, End::Tail)
            {
                self.unlink(pfn);
                self.states[pfn as usize] = State::INSIDE;
                self.free_range(pfn, order, false, sink);
                drained += 1 << order;
            }
        }
        if let Some(pcp) = &mut self.pcp {
            pcp.cpus[usize::from(cpu)].count -= drained;
        }
        drained
    }

    /// Everything about the lists that decides how the zone goes on; nothing if there are none.
    pub(super) fn hash_pcp(&self, f: &mut dyn FnMut(u64)) {
        let Some(pcp) = &self.pcp else {
            return;
        };
        f(u64::from(pcp.current) << 32 | pcp.cpus.len() as u64);
        for (cpu, pages) in pcp.cpus.iter().enumerate() {
            f(u64::from(pages.count) << 32 | u64::from(pages.high));
            f(u64::from(pages.alloc_factor) << 32 | u64::from(pages.free_count));
            for index in 0..LISTS {
                let head = self.cpu_head(cpu as u16, index);
                self.list(head).for_each(|pfn| f(pfn.into()));
            }
        }
    }

    /// Checks the lists of all CPUs, which there are `cached` blocks for; see [`Zone::verify`].
    pub(super) fn verify_pcp(&self, cached: u32) -> Result<(), String> {
        let mut listed = 0;
        for (cpu, pages) in self.pcp.iter().flat_map(|pcp| pcp.cpus.iter().enumerate()) {
            let cpu = cpu as u16;
            let mut count = 0;
            for index in 0..LISTS {
                let order = order_of(index);
                let what = || format!("list {index} of CPU {cpu}");
                self.verify_ring(self.cpu_head(cpu, index), cached, &what, &mut |pfn| {
                    let (list, of) = self.cached_on(pfn);
                    let here = of == cpu && list_index(order, list) == index;
                    if self.frame(pfn) != Frame::Cached(order) || (list as u32) >= TYPES || !here {
                        return Err(format!("frame {pfn} is on {}", what()));
                    }
                    listed += 1;
                    count += 1 << order;
                    Ok(())
                })?;
            }
            if count != pages.count {
                let counted = pages.count;
                return Err(format!("CPU {cpu} keeps {count} pages, {counted} counted"));
            }
        }
        if listed != cached {
            return Err(format!(
                "{listed} blocks are on lists of CPUs, {cached} there"
            ));
        }
        Ok(())
    }
}
