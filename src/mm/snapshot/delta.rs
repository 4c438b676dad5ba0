//! What two states of a zone differ in.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::super::zone::{FiguresRecord, FrameRecord, ListRecord, PageblockRecord};
use super::super::{CpuPages, MigrateType, NR_PAGE_ORDERS, Order, Pfn, Zone};
use super::check::DeltaForm;
use super::ends::Ends;

/// Why a delta cannot be made or applied. Nothing has changed then.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DeltaError {
    /// The two zones were made from other settings.
    #[error("the zones were made from other settings: no delta leads from one to the other")]
    Settings,
    /// The zones differ in something a delta does not hold: there is a bug in this module then.
    #[error("the zones differ in more than frames, pageblocks, lists and figures")]
    Unknown,
    /// The zone is of another size than the delta is for.
    #[error(
        "the zone has {found} pages; expected {expected}, in pageblocks of order {pageblock_order}, with lists for {cpus} CPUs"
    )]
    Shape {
        /// Pages the delta is for.
        expected: u32,
        /// Order of a pageblock the delta is for.
        pageblock_order: Order,
        /// CPUs with lists of their own that the delta is for.
        cpus: u16,
        /// Pages of the zone.
        found: u32,
    },
    /// A frame is not in the state the delta begins at.
    #[error("frame {pfn} is not in the state this delta begins at")]
    Frame {
        /// That frame.
        pfn: Pfn,
    },
    /// A pageblock is not in the state the delta begins at.
    #[error("the pageblock at frame {pfn} is not in the state this delta begins at")]
    Pageblock {
        /// Its first frame.
        pfn: Pfn,
    },
    /// A free list is not in the state the delta begins at.
    #[error("the free list of order {order}, {list:?}, is not in the state this delta begins at")]
    List {
        /// Its order.
        order: Order,
        /// Its type.
        list: MigrateType,
    },
    /// What a CPU keeps is not in the state the delta begins at.
    #[error("what CPU {cpu} keeps is not in the state this delta begins at")]
    Cpu {
        /// That CPU.
        cpu: u16,
    },
    /// Figures are not in the state the delta begins at.
    #[error("the zone's figures are not in the state this delta begins at")]
    Figures,
}

/// Something that changed: what it was and what it became.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Change<T>(pub T, pub T);

impl<T: PartialEq> Change<T> {
    fn between(before: T, after: T) -> Option<Self> {
        (before != after).then_some(Self(before, after))
    }

    /// What it is before (or, going back, after) the change.
    pub(super) fn from(&self, way: Way) -> &T {
        match way {
            Way::Forward => &self.0,
            Way::Back => &self.1,
        }
    }

    pub(super) fn to(&self, way: Way) -> &T {
        match way {
            Way::Forward => &self.1,
            Way::Back => &self.0,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Forward,
    Back,
}

/// The difference between two states of a zone: only frames, pageblocks, ends of lists and figures that changed, each
/// with what it was and what it became. Goes both ways.
///
/// A block that is split, merged, handed out or freed changes its own first frame, those of its parts, and its
/// neighbours on the lists: an allocation or a free changes some frames for each order passed, whatever the size of
/// the zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "DeltaForm", into = "DeltaForm")]
pub struct Delta {
    pub(super) pages: u32,
    pub(super) pageblock_order: Order,
    pub(super) cpus: u16,
    pub(super) frames: Vec<(Pfn, Change<FrameRecord>)>,
    pub(super) pageblocks: Vec<(u32, Change<PageblockRecord>)>,
    pub(super) lists: Vec<(Order, MigrateType, Change<ListRecord>)>,
    /// How CPUs are tuned.
    pub(super) cpu_pages: Vec<(u16, Change<CpuPages>)>,
    pub(super) cpu_lists: Vec<(u16, Order, MigrateType, Ends)>,
    pub(super) figures: Option<Change<FiguresRecord>>,
}

/// Every free list there can be.
fn lists() -> impl Iterator<Item = (Order, MigrateType)> {
    (0..NR_PAGE_ORDERS as Order).flat_map(|order| MigrateType::ALL.map(|list| (order, list)))
}

/// Every list of every CPU of a zone.
fn cpu_lists(zone: &Zone) -> impl Iterator<Item = (u16, Order, MigrateType)> {
    (0..zone.config().cpus)
        .flat_map(|cpu| Zone::cpu_lists().map(move |(order, list)| (cpu, order, list)))
}

fn cpu_list(zone: &Zone, cpu: u16, order: Order, list: MigrateType) -> Vec<Pfn> {
    zone.cpu_list(cpu, order, list).collect()
}

fn cpu_pages(zone: &Zone) -> impl Iterator<Item = (u16, CpuPages)> + '_ {
    (0..zone.config().cpus).filter_map(|cpu| Some((cpu, zone.cpu_pages(cpu)?)))
}

impl Delta {
    /// What leads from one state of a zone to another. O(pages) to find, but only what differs is kept.
    ///
    /// # Errors
    ///
    /// A [`DeltaError`] if the zones were made from other settings.
    pub fn between(before: &Zone, after: &Zone) -> Result<Self, DeltaError> {
        if before.config() != after.config() {
            return Err(DeltaError::Settings);
        }
        let frames = (0..before.pages()).filter_map(|pfn| {
            let change = Change::between(before.frame_record(pfn), after.frame_record(pfn));
            Some((pfn, change?))
        });
        let pageblocks = (0..before.pageblock_count()).filter_map(|index| {
            let [was, is] = [before, after].map(|zone| zone.pageblock_record(index));
            Some((index, Change::between(was, is)?))
        });
        let ends = lists().filter_map(|(order, list)| {
            let [was, is] = [before, after].map(|zone| zone.list_record(order, list));
            Some((order, list, Change::between(was, is)?))
        });
        let [was, is] = [before, after].map(cpu_pages);
        let cpu_pages = was.zip(is).filter_map(|((cpu, was), (_, is))| {
            let change = Change::between(was, is);
            Some((cpu, change?))
        });
        let cpu_lists = cpu_lists(before).filter_map(|(cpu, order, list)| {
            let [was, is] = [before, after].map(|zone| cpu_list(zone, cpu, order, list));
            Some((cpu, order, list, Ends::between(&was, &is)?))
        });
        let delta = Self {
            pages: before.pages(),
            pageblock_order: before.pageblock_order(),
            cpus: before.config().cpus,
            frames: frames.collect(),
            pageblocks: pageblocks.collect(),
            lists: ends.collect(),
            cpu_pages: cpu_pages.collect(),
            cpu_lists: cpu_lists.collect(),
            figures: Change::between(before.figures_record(), after.figures_record()),
        };
        // A zone may come to have state no record tells of: better no delta than a wrong one.
        let mut reached = before.clone();
        delta.put(&mut reached, Way::Forward);
        if reached == *after {
            Ok(delta)
        } else {
            Err(DeltaError::Unknown)
        }
    }

    /// Brings a zone from the state before to the state after.
    ///
    /// # Errors
    ///
    /// A [`DeltaError`] that names the first thing that is not as it was before. Nothing has changed then.
    pub fn apply(&self, zone: &mut Zone) -> Result<(), DeltaError> {
        self.go(zone, Way::Forward)
    }

    /// Brings a zone from the state after back to the state before.
    ///
    /// # Errors
    ///
    /// As [`Delta::apply`], the other way round.
    pub fn revert(&self, zone: &mut Zone) -> Result<(), DeltaError> {
        self.go(zone, Way::Back)
    }

    /// True if nothing changed.
    pub fn is_empty(&self) -> bool {
        self.frames.is_empty() && self.small_changes() == 0
    }

    /// Number of frames that changed.
    pub fn changed_frames(&self) -> u32 {
        self.frames.len() as u32
    }

    /// Frames stored: those that changed, and those named at the ends of CPUs' lists that changed. The part of the delta
    /// that can grow.
    pub fn stored_frames(&self) -> u32 {
        let named = self.cpu_lists.iter().flat_map(|list| list.3.frames());
        self.changed_frames() + named.count() as u32
    }

    /// Number of pageblocks, lists and sets of figures that changed.
    pub fn small_changes(&self) -> u32 {
        let lists = self.pageblocks.len() + self.lists.len() + self.cpu_lists.len();
        (lists + self.cpu_pages.len()) as u32 + u32::from(self.figures.is_some())
    }

    /// The frames that changed, ascending.
    pub fn frames(&self) -> impl Iterator<Item = Pfn> + '_ {
        self.frames.iter().map(|&(pfn, _)| pfn)
    }

    fn go(&self, zone: &mut Zone, way: Way) -> Result<(), DeltaError> {
        let found = zone.pages();
        let shape = (found, zone.pageblock_order(), zone.config().cpus);
        if shape != (self.pages, self.pageblock_order, self.cpus) {
            return Err(DeltaError::Shape {
                expected: self.pages,
                pageblock_order: self.pageblock_order,
                cpus: self.cpus,
                found,
            });
        }
        for &(pfn, ref change) in &self.frames {
            if zone.frame_record(pfn) != *change.from(way) {
                return Err(DeltaError::Frame { pfn });
            }
        }
        for &(index, ref change) in &self.pageblocks {
            if zone.pageblock_record(index) != *change.from(way) {
                let pfn = index << self.pageblock_order;
                return Err(DeltaError::Pageblock { pfn });
            }
        }
        for &(order, list, ref change) in &self.lists {
            if zone.list_record(order, list) != *change.from(way) {
                return Err(DeltaError::List { order, list });
            }
        }
        for &(cpu, ref change) in &self.cpu_pages {
            if zone.cpu_pages(cpu).as_ref() != Some(change.from(way)) {
                return Err(DeltaError::Cpu { cpu });
            }
        }
        for &(cpu, order, list, ref ends) in &self.cpu_lists {
            if ends
                .follow(&cpu_list(zone, cpu, order, list), way)
                .is_none()
            {
                return Err(DeltaError::Cpu { cpu });
            }
        }
        if let Some(change) = &self.figures
            && zone.figures_record() != *change.from(way)
        {
            return Err(DeltaError::Figures);
        }
        self.put(zone, way);
        Ok(())
    }

    fn put(&self, zone: &mut Zone, way: Way) {
        for &(pfn, ref change) in &self.frames {
            zone.restore_frame(pfn, *change.to(way));
        }
        for &(index, ref change) in &self.pageblocks {
            zone.restore_pageblock(index, *change.to(way));
        }
        for &(order, list, ref change) in &self.lists {
            zone.restore_list(order, list, *change.to(way));
        }
        for &(cpu, ref change) in &self.cpu_pages {
            zone.restore_cpu_pages(cpu, *change.to(way));
        }
        for &(cpu, order, list, ref ends) in &self.cpu_lists {
            if let Some(kept) = ends.follow(&cpu_list(zone, cpu, order, list), way) {
                zone.restore_cpu_list(cpu, order, list, kept);
            }
        }
        if let Some(change) = &self.figures {
            zone.restore_figures(*change.to(way));
        }
    }
}
