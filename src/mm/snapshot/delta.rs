//! What two states of a zone differ in.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::super::zone::{FiguresRecord, FrameRecord, ListRecord, PageblockRecord};
use super::super::{MigrateType, NR_PAGE_ORDERS, Order, Pfn, Zone};
use super::check::DeltaForm;

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
        "the zone has {found} pages; expected {expected}, in pageblocks of order {pageblock_order}"
    )]
    Shape {
        /// Pages the delta is for.
        expected: u32,
        /// Order of a pageblock the delta is for.
        pageblock_order: Order,
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
    /// Figures are not in the state the delta begins at.
    #[error("the zone's figures are not in the state this delta begins at")]
    Figures,
}

/// Something that changed: what it was and what it became.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Change<T>(pub T, pub T);

impl<T: PartialEq + Copy> Change<T> {
    fn between(before: T, after: T) -> Option<Self> {
        (before != after).then_some(Self(before, after))
    }

    /// What it is before (or, going back, after) the change.
    fn from(&self, way: Way) -> T {
        match way {
            Way::Forward => self.0,
            Way::Back => self.1,
        }
    }

    fn to(&self, way: Way) -> T {
        match way {
            Way::Forward => self.1,
            Way::Back => self.0,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Forward,
    Back,
}

/// The difference between two states of a zone: only frames, pageblocks, ends of free lists and figures that changed,
/// each with what it was and what it became. Goes both ways.
///
/// A block that is split, merged, handed out or freed changes its own first frame, those of its parts, and its
/// neighbours on the lists: an allocation or a free changes some frames for each order passed, whatever the size of
/// the zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "DeltaForm", into = "DeltaForm")]
pub struct Delta {
    pub(super) pages: u32,
    pub(super) pageblock_order: Order,
    pub(super) frames: Vec<(Pfn, Change<FrameRecord>)>,
    pub(super) pageblocks: Vec<(u32, Change<PageblockRecord>)>,
    pub(super) lists: Vec<(Order, MigrateType, Change<ListRecord>)>,
    pub(super) figures: Option<Change<FiguresRecord>>,
}

/// Every free list there can be.
fn lists() -> impl Iterator<Item = (Order, MigrateType)> {
    (0..NR_PAGE_ORDERS as Order).flat_map(|order| MigrateType::ALL.map(|list| (order, list)))
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
        let delta = Self {
            pages: before.pages(),
            pageblock_order: before.pageblock_order(),
            frames: frames.collect(),
            pageblocks: pageblocks.collect(),
            lists: ends.collect(),
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

    /// Number of frames that changed: the part of the delta that can grow.
    pub fn changed_frames(&self) -> u32 {
        self.frames.len() as u32
    }

    /// Number of pageblocks, free lists and sets of figures that changed.
    pub fn small_changes(&self) -> u32 {
        (self.pageblocks.len() + self.lists.len()) as u32 + u32::from(self.figures.is_some())
    }

    /// The frames that changed, ascending.
    pub fn frames(&self) -> impl Iterator<Item = Pfn> + '_ {
        self.frames.iter().map(|&(pfn, _)| pfn)
    }

    fn go(&self, zone: &mut Zone, way: Way) -> Result<(), DeltaError> {
        let found = zone.pages();
        if (found, zone.pageblock_order()) != (self.pages, self.pageblock_order) {
            return Err(DeltaError::Shape {
                expected: self.pages,
                pageblock_order: self.pageblock_order,
                found,
            });
        }
        for &(pfn, ref change) in &self.frames {
            if zone.frame_record(pfn) != change.from(way) {
                return Err(DeltaError::Frame { pfn });
            }
        }
        for &(index, ref change) in &self.pageblocks {
            if zone.pageblock_record(index) != change.from(way) {
                let pfn = index << self.pageblock_order;
                return Err(DeltaError::Pageblock { pfn });
            }
        }
        for &(order, list, ref change) in &self.lists {
            if zone.list_record(order, list) != change.from(way) {
                return Err(DeltaError::List { order, list });
            }
        }
        if let Some(change) = &self.figures
            && zone.figures_record() != change.from(way)
        {
            return Err(DeltaError::Figures);
        }
        self.put(zone, way);
        Ok(())
    }

    fn put(&self, zone: &mut Zone, way: Way) {
        for &(pfn, ref change) in &self.frames {
            zone.restore_frame(pfn, change.to(way));
        }
        for &(index, ref change) in &self.pageblocks {
            zone.restore_pageblock(index, change.to(way));
        }
        for &(order, list, ref change) in &self.lists {
            zone.restore_list(order, list, change.to(way));
        }
        if let Some(change) = &self.figures {
            zone.restore_figures(change.to(way));
        }
    }
}
