//! A zone as it is stored: what is where and in which order, without the arrays it is kept in; checked as it is read.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::super::{
    BlockState, CpuPages, FlagError, MigrateType, NR_PAGE_ORDERS, Order, PageFlags,
};
use super::form::{CpuForm, ListForm, PageblockRun, ZoneForm, ZoneFormError};
use super::list::End;
use super::{FrameRecord, FrameState, PageblockRecord, Zone};

/// Those lists that are not empty.
fn filled(lists: impl Iterator<Item = ListForm>) -> Vec<ListForm> {
    lists.filter(|(_, _, pfns)| !pfns.is_empty()).collect()
}

impl ZoneForm {
    pub(in crate::mm) fn of(zone: &Zone) -> Self {
        let mut pageblocks: Vec<PageblockRun> = Vec::new();
        for index in 0..zone.pageblock_count() {
            let PageblockRecord { now, before } = zone.pageblock_record(index);
            match pageblocks.last_mut() {
                Some(run) if (run.1, run.2) == (now, before) => run.0 += 1,
                _ => pageblocks.push((1, now, before)),
            }
        }
        let allocated = zone.blocks().filter_map(|block| match block.state {
            BlockState::Allocated {
                owner,
                migratetype,
                flags,
            } => Some((block.pfn, block.order, owner, migratetype, flags)),
            BlockState::Free { .. } | BlockState::Cached { .. } => None,
        });
        let lists = (0..NR_PAGE_ORDERS as Order)
            .flat_map(|order| MigrateType::ALL.map(|list| (order, list)))
            .map(|(order, list)| (order, list, zone.free_list(order, list).collect()));
        Self {
            config: zone.config().clone(),
            watermark_boost: zone.watermark_boost(),
            pageblocks,
            allocated: allocated.collect(),
            free: filled(lists),
            lru: zone.lru_list().collect(),
            cpu: zone.cpu(),
            cpus: (0..zone.config.cpus)
                .map_while(|cpu| CpuForm::of(zone, cpu))
                .collect(),
        }
    }

    fn build(self) -> Result<Zone, ZoneFormError> {
        let mut zone = self.begin()?;
        self.fill(&mut zone)?;
        Ok(zone)
    }

    /// A fresh zone with these settings and this memory set aside, once everything is checked that a zone could not be
    /// built from.
    pub(in crate::mm) fn begin(&self) -> Result<Zone, ZoneFormError> {
        self.check()?;
        let mut zone = Zone::new(self.config.clone())?;
        let reserved = self.allocated.iter();
        let reserved = reserved.filter(|block| block.4.contains(PageFlags::RESERVED));
        zone.managed -= reserved.map(|block| 1 << block.1).sum::<u32>();
        Ok(zone)
    }

    /// Puts everything else into the zone that was begun; [`Zone::verify`] has the last word.
    pub(in crate::mm) fn fill(self, zone: &mut Zone) -> Result<(), ZoneFormError> {
        let boost = self.watermark_boost;
        let promo = zone.watermarks().promo;
        if promo.checked_add(boost).is_none() {
            return Err(ZoneFormError::Boost { boost, promo });
        }
        let found = self.pageblocks.iter().map(|run| u64::from(run.0)).sum();
        let expected = zone.pageblock_count();
        if found != u64::from(expected) {
            return Err(ZoneFormError::Pageblocks { expected, found });
        }
        zone.clear_free_lists();
        let mut index = 0;
        for (count, now, before) in self.pageblocks {
            for index in index..index + count {
                zone.restore_pageblock(index, PageblockRecord { now, before });
            }
            index += count;
        }
        for (order, list, pfns) in self.free {
            for pfn in pfns {
                zone.add_to_free_list(pfn, order, list, End::Tail);
            }
        }
        zone.restore_cpu(self.cpu);
        for (cpu, form) in (0..).zip(self.cpus) {
            form.fill(zone, cpu);
        }
        // What lru_add() refuses can be set on page cache later.
        let later = PageFlags::LRU | PageFlags::EXCLUSIVE;
        for &(pfn, order, owner, migratetype, flags) in &self.allocated {
            let first = if flags.contains(PageFlags::LRU) {
                flags - later
            } else {
                flags
            };
            let state = FrameState::Allocated {
                order,
                owner,
                migratetype,
                flags: first,
            };
            zone.restore_frame(
                pfn,
                FrameRecord {
                    state,
                    next: None,
                    prev: None,
                },
            );
        }
        for &pfn in self.lru.iter().rev() {
            zone.lru_add(pfn);
        }
        for &(pfn, _, _, _, flags) in &self.allocated {
            let exclusive = flags & PageFlags::EXCLUSIVE;
            let set: Result<(), FlagError> = zone.set_flags(pfn, exclusive);
            let is = match zone.frame_record(pfn).state {
                FrameState::Allocated { flags, .. } => flags,
                FrameState::Inside | FrameState::Free { .. } | FrameState::Cached { .. } => {
                    PageFlags::empty()
                }
            };
            if set.is_err() || is != flags {
                return Err(ZoneFormError::Lru { pfn });
            }
        }
        let reserve = (0..zone.pageblock_count())
            .filter(|&index| zone.pageblock_record(index).before == MigrateType::HighAtomic);
        zone.nr_reserved_highatomic = (reserve.count() as u32) << zone.pageblock_order();
        zone.set_boost(boost);
        zone.verify().map_err(ZoneFormError::Verify)
    }
}

impl CpuForm {
    fn of(zone: &Zone, cpu: u16) -> Option<Self> {
        let pages = zone.cpu_pages(cpu)?;
        let lists = Zone::cpu_lists()
            .map(|(order, list)| (order, list, zone.cpu_list(cpu, order, list).collect()));
        Some(Self {
            high: pages.high,
            alloc_factor: pages.alloc_factor,
            free_count: pages.free_count,
            lists: filled(lists),
        })
    }

    /// Puts it back into a zone that has such a CPU, whose frames say nothing yet.
    fn fill(self, zone: &mut Zone, cpu: u16) {
        let mut count = 0;
        for (order, list, pfns) in self.lists {
            for &pfn in &pfns {
                zone.set_cached(pfn, order, list, cpu);
                count += 1 << order;
            }
            zone.restore_cpu_list(cpu, order, list, pfns);
        }
        let pages = CpuPages {
            count,
            high: self.high,
            alloc_factor: self.alloc_factor,
            free_count: self.free_count,
        };
        zone.restore_cpu_pages(cpu, pages);
    }
}

/// Stored as blocks, free lists, lists of CPUs and page cache, each in order; counters, watermarks and links follow from these.
impl Serialize for Zone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        ZoneForm::of(self).serialize(serializer)
    }
}

/// Damaged input is refused with a [`ZoneFormError`]: what is read verifies.
impl<'de> Deserialize<'de> for Zone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let form = ZoneForm::deserialize(deserializer)?;
        form.build().map_err(D::Error::custom)
    }
}
