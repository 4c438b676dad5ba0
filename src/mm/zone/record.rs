//! A zone as records, one for each frame, pageblock and list: what can be compared and put back piece by piece.
//!
//! This is the only place that knows how records lie in the zone's arrays. Putting records back checks nothing: whoever
//! does so puts back a whole state that was there before, or verifies afterwards.

use serde::{Deserialize, Serialize};

use super::super::{MigrateType, NR_PAGE_ORDERS, Order, Owner, PageFlags, Pfn};
use super::list::End;
use super::{Frame, Info, NIL, Pageblock, Zone};

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::mm) enum FrameState {
    /// Inside a block.
    #[serde(rename = "inside")]
    Inside,
    /// Head of a free block. Its list is that of its pageblock's type.
    #[serde(rename = "free")]
    Free { order: Order },
    /// Head of an allocated block.
    #[serde(rename = "allocated")]
    Allocated {
        order: Order,
        owner: Owner,
        migratetype: MigrateType,
        flags: PageFlags,
    },
}

/// All there is to one frame: what it is, and its neighbours on the free list or the list of page cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::mm) struct FrameRecord {
    pub state: FrameState,
    pub next: Option<Pfn>,
    pub prev: Option<Pfn>,
}

/// The type of a pageblock, and the one it had before it was isolated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::mm) struct PageblockRecord {
    pub now: MigrateType,
    pub before: MigrateType,
}

/// The ends of a free list and the number of blocks on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::mm) struct ListRecord {
    pub head: Option<Pfn>,
    pub tail: Option<Pfn>,
    pub count: u32,
}

/// What there is once in a zone, settings apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::mm) struct FiguresRecord {
    pub watermark_boost: u32,
    pub managed: u32,
    pub nr_reserved_highatomic: u32,
    pub lru_head: Option<Pfn>,
    pub lru_tail: Option<Pfn>,
    pub nr_lru: u32,
    pub nr_lru_clean: u32,
}

fn link(pfn: Pfn) -> Option<Pfn> {
    (pfn != NIL).then_some(pfn)
}

impl Zone {
    /// The record of a frame, which must be in the zone.
    pub(in crate::mm) fn frame_record(&self, pfn: Pfn) -> FrameRecord {
        let i = pfn as usize;
        let state = match self.frames[i] {
            Frame::Inside => FrameState::Inside,
            Frame::Free(order) => FrameState::Free { order },
            Frame::Allocated(order) => {
                let Info {
                    owner,
                    migratetype,
                    flags,
                } = self.infos[i];
                FrameState::Allocated {
                    order,
                    owner,
                    migratetype,
                    flags,
                }
            }
        };
        FrameRecord {
            state,
            next: link(self.next[i]),
            prev: link(self.prev[i]),
        }
    }

    /// Puts a frame's record back.
    pub(in crate::mm) fn restore_frame(&mut self, pfn: Pfn, record: FrameRecord) {
        let i = pfn as usize;
        (self.frames[i], self.infos[i]) = match record.state {
            FrameState::Inside => (Frame::Inside, Info::NONE),
            FrameState::Free { order } => (Frame::Free(order), Info::NONE),
            FrameState::Allocated {
                order,
                owner,
                migratetype,
                flags,
            } => {
                let info = Info {
                    owner,
                    migratetype,
                    flags,
                };
                (Frame::Allocated(order), info)
            }
        };
        self.next[i] = record.next.unwrap_or(NIL);
        self.prev[i] = record.prev.unwrap_or(NIL);
    }

    /// Number of pageblocks; the last may be cut off by the end of the zone.
    pub(in crate::mm) fn pageblock_count(&self) -> u32 {
        self.config.pages.div_ceil(1 << self.config.pageblock_order)
    }

    /// The record of a pageblock, by its index.
    pub(in crate::mm) fn pageblock_record(&self, index: u32) -> PageblockRecord {
        let Pageblock { now, before } = self.pageblocks[index as usize];
        PageblockRecord { now, before }
    }

    /// Puts a pageblock's record back.
    pub(in crate::mm) fn restore_pageblock(&mut self, index: u32, record: PageblockRecord) {
        let PageblockRecord { now, before } = record;
        self.pageblocks[index as usize] = Pageblock { now, before };
    }

    /// The record of a free list.
    pub(in crate::mm) fn list_record(&self, order: Order, list: MigrateType) -> ListRecord {
        ListRecord {
            head: self.free_area.end(order, list, End::Head),
            tail: self.free_area.end(order, list, End::Tail),
            count: self.free_area.count(order, list),
        }
    }

    /// Puts a free list's record back.
    pub(in crate::mm) fn restore_list(
        &mut self,
        order: Order,
        list: MigrateType,
        record: ListRecord,
    ) {
        let ListRecord { head, tail, count } = record;
        self.free_area.restore(order, list, (head, tail), count);
    }

    /// What there is once in the zone.
    pub(in crate::mm) fn figures_record(&self) -> FiguresRecord {
        FiguresRecord {
            watermark_boost: self.watermark_boost,
            managed: self.managed,
            nr_reserved_highatomic: self.nr_reserved_highatomic,
            lru_head: link(self.lru_head),
            lru_tail: link(self.lru_tail),
            nr_lru: self.nr_lru,
            nr_lru_clean: self.nr_lru_clean,
        }
    }

    /// Puts back what there is once in the zone.
    pub(in crate::mm) fn restore_figures(&mut self, record: FiguresRecord) {
        let FiguresRecord {
            watermark_boost,
            managed,
            nr_reserved_highatomic,
            lru_head,
            lru_tail,
            nr_lru,
            nr_lru_clean,
        } = record;
        self.watermark_boost = watermark_boost;
        self.managed = managed;
        self.nr_reserved_highatomic = nr_reserved_highatomic;
        self.lru_head = lru_head.unwrap_or(NIL);
        self.lru_tail = lru_tail.unwrap_or(NIL);
        self.nr_lru = nr_lru;
        self.nr_lru_clean = nr_lru_clean;
    }

    /// Takes every free block off its list: the zone is no zone then, until each frame is in a block again.
    pub(super) fn clear_free_lists(&mut self) {
        for order in 0..NR_PAGE_ORDERS as Order {
            for list in MigrateType::ALL {
                while let Some(pfn) = self.free_area.end(order, list, End::Head) {
                    self.del_from_free_list(pfn, order, list);
                }
            }
        }
    }
}
