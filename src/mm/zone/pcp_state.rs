//! What CPUs keep on their page lists: read, put back, hashed and checked.

use std::collections::BTreeSet;

use super::super::{CpuPages, MigrateType, Order, PCP_BATCH_SCALE_MAX, PcpLimits, Pfn};
use super::pcp::{CpuLists, LISTS, Pcp, THP_ORDER, TYPES, list_index, order_of, type_of};
use super::pile::Pile;
use super::{Frame, Zone};

impl Zone {
    /// Per-CPU limits; none if the zone has no such lists.
    pub fn pcp_limits(&self) -> Option<PcpLimits> {
        self.pcp.as_ref().map(|pcp| pcp.limits)
    }

    /// What a CPU keeps; none if it has no lists.
    pub fn cpu_pages(&self, cpu: u16) -> Option<CpuPages> {
        Some(self.pcp.as_ref()?.cpu(cpu)?.pages)
    }

    /// Pages on lists of all CPUs: neither free nor allocated.
    pub fn nr_pcp_pages(&self) -> u32 {
        let cpus = self.pcp.iter().flat_map(Pcp::iter);
        cpus.map(|cpu| cpu.pages.count).sum()
    }

    /// The blocks of one list of a CPU, the one to be handed out next first. None if there is no such list.
    /// Huge pages (order 9) of all types but movable share the unmovable one's list.
    pub fn cpu_list(
        &self,
        cpu: u16,
        order: Order,
        list: MigrateType,
    ) -> impl Iterator<Item = Pfn> + '_ {
        let cpu = self.pcp.as_ref().and_then(|pcp| pcp.cpu(cpu));
        let there = self.is_cached_order(order) && (list as usize) < TYPES;
        let cpu = cpu.filter(|_| there);
        let kept = cpu.map(|cpu| &cpu.lists[list_index(order, list)]);
        kept.into_iter().flat_map(Pile::iter)
    }

    /// The lists each CPU has, by order and type, ascending.
    pub(in crate::mm) fn cpu_lists() -> impl Iterator<Item = (Order, MigrateType)> {
        (0..LISTS).map(|index| (order_of(index), type_of(index)))
    }

    /// Makes one of those lists of a CPU what it once was; the frames' states are the caller's to put back.
    pub(in crate::mm) fn restore_cpu_list(
        &mut self,
        cpu: u16,
        order: Order,
        list: MigrateType,
        kept: Vec<Pfn>,
    ) {
        if let Some(cpu) = self.cpu_mut(cpu) {
            cpu.lists[list_index(order, list)] = kept.into();
        }
    }

    /// Makes what is known about a CPU's use what it once was.
    pub(in crate::mm) fn restore_cpu_pages(&mut self, cpu: u16, pages: CpuPages) {
        if let Some(cpu) = self.cpu_mut(cpu) {
            cpu.pages = pages;
        }
    }

    fn cpu_mut(&mut self, cpu: u16) -> Option<&mut CpuLists> {
        self.pcp.as_mut()?.cpu_mut(cpu)
    }

    /// The CPU that allocates and frees.
    pub fn cpu(&self) -> u16 {
        self.pcp.as_ref().map_or(0, Pcp::current)
    }

    /// [`Zone::set_cpu`] for a CPU that there is; CPU 0 always is.
    pub(super) fn restore_cpu(&mut self, cpu: u16) {
        if let Some(pcp) = &mut self.pcp {
            pcp.set_current(cpu);
        }
    }

    /// Bytes of the lists.
    pub(super) fn pcp_bytes(&self) -> u64 {
        let lists = self.pcp.iter().flat_map(Pcp::iter);
        let lists = lists.flat_map(|cpu| &cpu.lists);
        let pages: u64 = lists.map(|list| list.capacity() as u64).sum();
        pages * size_of::<Pfn>() as u64
    }

    /// Everything about the lists that decides how the zone goes on; nothing if there are none.
    pub(super) fn hash_pcp(&self, f: &mut dyn FnMut(u64)) {
        let Some(pcp) = &self.pcp else {
            return;
        };
        f(u64::from(pcp.current()) << 32 | u64::from(pcp.count()));
        for CpuLists { pages, lists } in pcp.iter() {
            f(u64::from(pages.count) << 32 | u64::from(pages.high));
            f(u64::from(pages.alloc_factor) << 32 | u64::from(pages.free_count));
            for list in lists {
                for pfn in list.iter() {
                    f(pfn.into());
                }
            }
        }
    }

    /// True if a CPU's figures are in the ranges that tuning keeps them in.
    fn is_tuned(&self, pages: CpuPages) -> bool {
        self.pcp_limits().is_some_and(|limits| {
            let most = limits.high_max.max(limits.high_min);
            (limits.high_min..=most).contains(&pages.high)
                && pages.alloc_factor <= PCP_BATCH_SCALE_MAX
                && pages.free_count < (limits.batch << PCP_BATCH_SCALE_MAX) + (1 << THP_ORDER)
        })
    }

    /// Checks the lists of all CPUs, which there are `cached` blocks for; see [`Zone::verify`].
    pub(super) fn verify_pcp(&self, cached: u32) -> Result<(), String> {
        let there = self.pcp.as_ref().map_or(0, Pcp::count);
        if there != self.config.cpus || self.cpu() >= there.max(1) {
            let (asked, cpu) = (self.config.cpus, self.cpu());
            return Err(format!(
                "{there} of {asked} CPUs have lists, and CPU {cpu} allocates"
            ));
        }
        let mut seen = BTreeSet::new();
        for (cpu, lists) in self.pcp.iter().flat_map(|pcp| pcp.iter().enumerate()) {
            let mut count = 0;
            for (index, list) in lists.lists.iter().enumerate() {
                let order = order_of(index);
                for pfn in list.iter() {
                    let right =
                        pfn < self.config.pages && self.frame(pfn) == Frame::Cached(order) && {
                            let (list, of) = self.cached_on(pfn);
                            usize::from(of) == cpu
                                && list == type_of(index)
                                && self.is_cached_order(order)
                                && self.pageblock_type(pfn) != MigrateType::Isolate
                        };
                    if !right || !seen.insert(pfn) {
                        return Err(format!("frame {pfn} is on list {index} of CPU {cpu}"));
                    }
                    count += 1 << order;
                }
            }
            let counted = lists.pages.count;
            if count != counted {
                return Err(format!("CPU {cpu} keeps {count} pages, {counted} counted"));
            }
            if !self.is_tuned(lists.pages) {
                return Err(format!(
                    "CPU {cpu} is tuned out of range: {:?}",
                    lists.pages
                ));
            }
        }
        if seen.len() != cached as usize {
            let listed = seen.len();
            return Err(format!(
                "{listed} blocks are on lists of CPUs, {cached} there"
            ));
        }
        Ok(())
    }
}
