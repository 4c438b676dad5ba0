//! A zone as records, one for each frame, pageblock and list: what can be compared and put back piece by piece.
//!
//! This is the only place that knows how records lie in the zone's arrays. Putting records back checks nothing: whoever
//! does so puts back a whole state that was there before, or verifies afterwards.

use serde::{Deserialize, Serialize};

use super::super::{MigrateType, NR_PAGE_ORDERS, Order, Owner, PageFlags, Pfn};
use super::frame::{Links, State};
use super::list::End;
use super::{Frame, Info, Pageblock, Zone};

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::mm) enum FrameState {
    /// Inside a block.
    #[serde(rename = "inside")]
    Inside,
    /// Head of a free block.
    #[serde(rename = "free")]
    Free { order: Order, list: MigrateType },
    /// Head of a block on a list of a CPU.
    #[serde(rename = "cached")]
    Cached {
        order: Order,
        cpu: u16,
        list: MigrateType,
    },
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
    /// The CPU that allocates and frees.
    pub cpu: u16,
}

impl Zone {
    /// The record of a frame, which must be in the zone.
    pub(in crate::mm) fn frame_record(&self, pfn: Pfn) -> FrameRecord {
        let state = match self.frame(pfn) {
            Frame::Inside => FrameState::Inside,
            Frame::Free(order) => FrameState::Free {
                order,
                list: self.pageblock_type(pfn),
            },
            Frame::Cached(order) => {
                let (list, cpu) = self.cached_on(pfn);
                FrameState::Cached { order, cpu, list }
            }
            Frame::Allocated(order) => {
                let Info {
                    owner,
                    migratetype,
                    flags,
                } = self.info(pfn);
                FrameState::Allocated {
                    order,
                    owner,
                    migratetype,
                    flags,
                }
            }
        };
        // What is on no list has links left over from when it was.
        let links = self.list_of_frame(state).map(|_| self.links[pfn as usize]);
        let neighbour = |at: Pfn| (at < self.config.pages).then_some(at);
        FrameRecord {
            state,
            next: links.and_then(|links| neighbour(links.next)),
            prev: links.and_then(|links| neighbour(links.prev)),
        }
    }

    /// Puts a frame's record back.
    pub(in crate::mm) fn restore_frame(&mut self, pfn: Pfn, record: FrameRecord) {
        let FrameRecord { state, next, prev } = record;
        match state {
            FrameState::Inside => self.states[pfn as usize] = State::INSIDE,
            FrameState::Free { order, .. } => self.states[pfn as usize] = State::free(order),
            FrameState::Cached { order, cpu, list } => self.set_cached(pfn, order, list, cpu),
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
                self.set_allocated(pfn, order, info);
            }
        }
        // What is on no list keeps whatever links it has.
        if let Some(head) = self.list_of_frame(state) {
            self.links[pfn as usize] = Links {
                next: next.unwrap_or(head),
                prev: prev.unwrap_or(head),
            };
        }
    }

    /// The head of the list that links a frame in this state.
    fn list_of_frame(&self, state: FrameState) -> Option<Pfn> {
        match state {
            FrameState::Free { order, list } => Some(self.free_head(order, list)),
            FrameState::Allocated { flags, .. } if flags.contains(PageFlags::LRU) => {
                Some(self.lru_head())
            }
            FrameState::Inside | FrameState::Cached { .. } | FrameState::Allocated { .. } => None,
        }
    }

    /// Number of pageblocks; the last may be cut off by the end of the zone.
    pub(in crate::mm) fn pageblock_count(&self) -> u32 {
        self.config.pages.div_ceil(1 << self.config.pageblock_order)
    }

    /// The record of a pageblock, by its index.
    pub(in crate::mm) fn pageblock_record(&self, index: u32) -> PageblockRecord {
        let pageblock = self.pageblocks[index as usize];
        PageblockRecord {
            now: pageblock.now(),
            before: pageblock.before(),
        }
    }

    /// Puts a pageblock's record back.
    pub(in crate::mm) fn restore_pageblock(&mut self, index: u32, record: PageblockRecord) {
        let PageblockRecord { now, before } = record;
        self.pageblocks[index as usize] = Pageblock::new(now, before);
    }

    /// The record of a free list.
    pub(in crate::mm) fn list_record(&self, order: Order, list: MigrateType) -> ListRecord {
        ListRecord {
            head: self.free_end(order, list, End::Head),
            tail: self.free_end(order, list, End::Tail),
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
        self.restore_free_list(order, list, (head, tail), count);
    }

    /// What there is once in the zone.
    pub(in crate::mm) fn figures_record(&self) -> FiguresRecord {
        FiguresRecord {
            watermark_boost: self.watermark_boost,
            managed: self.managed,
            nr_reserved_highatomic: self.nr_reserved_highatomic,
            lru_head: self.list_end(self.lru_head(), End::Head),
            lru_tail: self.list_end(self.lru_head(), End::Tail),
            nr_lru: self.nr_lru,
            nr_lru_clean: self.nr_lru_clean,
            cpu: self.cpu(),
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
            cpu,
        } = record;
        self.set_boost(watermark_boost);
        self.managed = managed;
        self.nr_reserved_highatomic = nr_reserved_highatomic;
        self.restore_ends(self.lru_head(), (lru_head, lru_tail));
        self.nr_lru = nr_lru;
        self.nr_lru_clean = nr_lru_clean;
        self.restore_cpu(cpu);
    }

    /// Takes every free block off its list: the zone is no zone then, until each frame is in a block again.
    pub(super) fn clear_free_lists(&mut self) {
        for order in 0..NR_PAGE_ORDERS as Order {
            for list in MigrateType::ALL {
                while let Some(pfn) = self.free_end(order, list, End::Head) {
                    self.del_from_free_list(pfn, order, list);
                }
            }
        }
    }
}
