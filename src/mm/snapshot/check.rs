//! The stored form of a delta, checked as it is read.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::super::zone::{FiguresRecord, FrameRecord, FrameState, ListRecord, PageblockRecord};
use super::super::{CpuPages, MAX_PAGE_ORDER, MigrateType, Order, Pfn, Zone};
use super::delta::{Change, Delta};
use super::ends::Ends;

/// What is wrong with the stored form of a delta.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{what}, entry {at}: expected {expected}")]
pub struct DeltaFormError {
    /// The list.
    pub what: &'static str,
    /// Position in it, from 0.
    pub at: u32,
    /// What should be there.
    pub expected: &'static str,
}

/// A delta as it is stored.
///
/// What is checked here is that every number stays inside the zone. Whether a state that is reached so verifies is for
/// whoever applies it to ask.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DeltaForm {
    pages: u32,
    pageblock_order: Order,
    cpus: u16,
    frames: Vec<(Pfn, Change<FrameRecord>)>,
    pageblocks: Vec<(u32, Change<PageblockRecord>)>,
    lists: Vec<(Order, MigrateType, Change<ListRecord>)>,
    cpu_pages: Vec<(u16, Change<CpuPages>)>,
    cpu_lists: Vec<(u16, Order, MigrateType, Ends)>,
    figures: Option<Change<FiguresRecord>>,
}

impl From<Delta> for DeltaForm {
    fn from(delta: Delta) -> Self {
        let Delta {
            pages,
            pageblock_order,
            cpus,
            frames,
            pageblocks,
            lists,
            cpu_pages,
            cpu_lists,
            figures,
        } = delta;
        Self {
            pages,
            pageblock_order,
            cpus,
            frames,
            pageblocks,
            lists,
            cpu_pages,
            cpu_lists,
            figures,
        }
    }
}

impl TryFrom<DeltaForm> for Delta {
    type Error = DeltaFormError;

    fn try_from(form: DeltaForm) -> Result<Self, DeltaFormError> {
        form.check()?;
        let DeltaForm {
            pages,
            pageblock_order,
            cpus,
            frames,
            pageblocks,
            lists,
            cpu_pages,
            cpu_lists,
            figures,
        } = form;
        Ok(Self {
            pages,
            pageblock_order,
            cpus,
            frames,
            pageblocks,
            lists,
            cpu_pages,
            cpu_lists,
            figures,
        })
    }
}

impl DeltaForm {
    fn check(&self) -> Result<(), DeltaFormError> {
        fn all<T>(
            what: &'static str,
            expected: &'static str,
            entries: &[T],
            holds: impl Fn(&T) -> bool,
        ) -> Result<(), DeltaFormError> {
            match entries.iter().position(|entry| !holds(entry)) {
                Some(at) => Err(DeltaFormError {
                    what,
                    at: at as u32,
                    expected,
                }),
                None => Ok(()),
            }
        }
        fn ascending<T, K: Ord>(
            what: &'static str,
            entries: &[T],
            key: impl Fn(&T) -> K,
        ) -> Result<(), DeltaFormError> {
            let mut pairs = entries.windows(2);
            match pairs.position(|pair| key(&pair[0]) >= key(&pair[1])) {
                Some(at) => Err(DeltaFormError {
                    what,
                    at: at as u32 + 1,
                    expected: "one after the one before",
                }),
                None => Ok(()),
            }
        }
        let pages = self.pages;
        let inside = |pfn: Option<Pfn>| pfn.is_none_or(|pfn| pfn < pages);
        if !(1..=MAX_PAGE_ORDER).contains(&self.pageblock_order) {
            return Err(DeltaFormError {
                what: "pageblock_order",
                at: 0,
                expected: "an order from 1 to 10",
            });
        }

        ascending("frames", &self.frames, |&(pfn, _)| pfn)?;
        let sound = |pfn: Pfn, record: FrameRecord| {
            let fits = match record.state {
                FrameState::Inside => true,
                FrameState::Free { order, .. }
                | FrameState::Cached { order, .. }
                | FrameState::Allocated { order, .. } => {
                    order <= MAX_PAGE_ORDER
                        && pfn.is_multiple_of(1 << order)
                        && u64::from(pfn) + (1 << order) <= u64::from(pages)
                }
            };
            fits && inside(record.next) && inside(record.prev)
        };
        let expected = "a frame, a block and neighbours in the zone";
        all("frames", expected, &self.frames, |&(pfn, change)| {
            pfn < pages && sound(pfn, change.0) && sound(pfn, change.1)
        })?;

        ascending("pageblocks", &self.pageblocks, |&(index, _)| index)?;
        let count = pages.div_ceil(1 << self.pageblock_order);
        let expected = "a pageblock of the zone";
        all("pageblocks", expected, &self.pageblocks, |&(index, _)| {
            index < count
        })?;

        ascending("lists", &self.lists, |&(order, list, _)| (order, list))?;
        let sound = |order: Order, record: ListRecord| {
            inside(record.head) && inside(record.tail) && record.count <= pages >> order
        };
        let expected = "an order up to 10, ends in the zone and no more blocks than fit it";
        all("lists", expected, &self.lists, |&(order, _, change)| {
            order <= MAX_PAGE_ORDER && sound(order, change.0) && sound(order, change.1)
        })?;

        ascending("cpu_pages", &self.cpu_pages, |&(cpu, _)| cpu)?;
        let expected = "a CPU that has lists";
        all("cpu_pages", expected, &self.cpu_pages, |&(cpu, _)| {
            cpu < self.cpus
        })?;

        ascending("cpu_lists", &self.cpu_lists, |entry| {
            (entry.0, entry.1, entry.2)
        })?;
        let expected = "a list that a CPU has, and frames in the zone";
        all("cpu_lists", expected, &self.cpu_lists, |entry| {
            let &(cpu, order, list, ref ends) = entry;
            cpu < self.cpus
                && Zone::cpu_lists().any(|kept| kept == (order, list))
                && ends.frames().all(|pfn| pfn < pages)
        })?;

        let sound = |record: FiguresRecord| {
            let cpu = record.cpu < self.cpus.max(1);
            inside(record.lru_head) && inside(record.lru_tail) && cpu
        };
        let expected = "ends in the zone, and a CPU there is";
        all("figures", expected, self.figures.as_slice(), |change| {
            sound(change.0) && sound(change.1)
        })
    }
}
