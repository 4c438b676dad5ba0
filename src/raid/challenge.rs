//! What challenge modifiers change: the machine at boot, the price of freeing, zeroing, and whose turn it is.

use super::kit::{Modifier, WATCHDOG_THRESH};
use super::{CURRENT, Event, Raid, Setup, ZoneSpec};
use crate::labyrinth::pfn_of;
use crate::mm::{BlockState, Gfp, MAX_PAGE_ORDER, MigrateType, Order, Owner, PageFlags, Pfn};

/// A granted block that is not zeroed yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Zeroing {
    pub pfn: Pfn,
    /// Turns to be spent in it.
    pub left: u32,
}

/// With `nosmp`, kernel threads run in one of so many turns.
const NOSMP_TURNS: u32 = 4;

/// Turns it takes to zero a block.
pub(super) const fn zero_turns(order: Order) -> u32 {
    1 + order as u32 / 2
}

/// The zone as the modifiers leave it.
pub(super) fn changed(mut zone: ZoneSpec, setup: &Setup) -> ZoneSpec {
    let thresh = setup.modifiers.watchdog_thresh();
    zone.watchdog = zone.watchdog * thresh / WATCHDOG_THRESH;
    zone
}

impl Raid {
    fn modified(&self, modifier: Modifier) -> bool {
        self.setup.modifiers.has(modifier)
    }

    /// Pages of the zone that are memory: fewer with `mem=`.
    pub(super) fn memory_pages(&self) -> u32 {
        let pages = self.memory.pages();
        self.setup.modifiers.mem().map_or(pages, |mib| mib << 8)
    }

    /// A number of pages as it is on a machine with as much memory as this one has.
    pub(super) fn in_proportion(&self, pages: u32) -> u32 {
        let share = u64::from(pages) * u64::from(self.memory_pages());
        (share / u64::from(self.memory.pages())) as u32
    }

    /// Takes what lies above `mem=` out of memory, and reserves the huge pages, before anybody else has come.
    pub(super) fn reserve_for_modifiers(&mut self) {
        let (from, to) = (self.memory_pages(), self.memory.pages());
        let step = 1 << MAX_PAGE_ORDER;
        for pfn in (0..to).step_by(step as usize) {
            self.turn_to_stone(pfn, MAX_PAGE_ORDER, from);
        }
        let order = self.zone.pageblock_order;
        for _ in 0..self.setup.modifiers.hugepages() {
            let (gfp, owner) = (Gfp::GFP_KERNEL, Owner::NONE);
            let got = self
                .memory
                .alloc_exclusive(gfp, order, owner, &mut self.memory_events);
            debug_assert!(got.is_ok(), "{got:?}");
            self.book_memory(0);
        }
        self.memory_events.clear();
    }

    /// Reserves what is free of a block and lies at `from` or above, in blocks as large as can be.
    fn turn_to_stone(&mut self, pfn: Pfn, order: Order, from: Pfn) {
        if pfn + (1 << order) <= from || pfn >= self.memory.pages() {
            return;
        }
        let taken = pfn >= from
            && self
                .memory
                .alloc_at(
                    pfn,
                    order,
                    MigrateType::Unmovable,
                    Owner::NONE,
                    PageFlags::RESERVED,
                    &mut self.memory_events,
                )
                .is_ok();
        if !taken && order > 0 {
            self.turn_to_stone(pfn, order - 1, from);
            self.turn_to_stone(pfn + (1 << (order - 1)), order - 1, from);
        }
    }

    /// Turns that clearing a room takes more, for what is done to freed pages.
    pub(super) fn freeing_turns(&self, order: Order) -> u32 {
        u32::from(self.modified(Modifier::PagePoison))
            + if self.modified(Modifier::InitOnFree) {
                zero_turns(order)
            } else {
                0
            }
    }

    /// True if kswapd and kcompactd have a processor this turn: where there is but one, the tasks are at it.
    pub(super) fn threads_run(&self) -> bool {
        !self.modified(Modifier::Nosmp) || self.turn.is_multiple_of(NOSMP_TURNS)
    }

    /// True if running out of memory ends everything.
    pub(super) fn panics_on_oom(&self) -> bool {
        self.modified(Modifier::PanicOnOom)
    }

    /// Turns in which a granted block must be zeroed before it is mapped, if it was asked for so, or if all must be.
    pub(super) fn zeroing_turns(&self, order: Order, gfp: Gfp) -> Option<u32> {
        let wanted = gfp.contains(Gfp::ZERO) || self.modified(Modifier::InitOnAlloc);
        (wanted && !self.modified(Modifier::InitOnFree)).then(|| zero_turns(order))
    }

    /// At the end of a turn in a block that is not zeroed yet, a part of it is; the last part maps it.
    pub(super) fn run_zeroing(&mut self) {
        let room = self.block_of(self.player.cell);
        let yours = matches!(room.state, BlockState::Allocated { owner, .. } if owner.0 == CURRENT);
        let mut zeroing = self.player.zeroing.iter_mut();
        let Some(block) = zeroing.find(|block| yours && block.pfn == room.pfn) else {
            return;
        };
        block.left -= 1;
        let left = block.left;
        self.events.push(Event::Zeroing {
            pfn: room.pfn,
            order: room.order,
            left,
        });
        if left == 0 {
            self.leave_nothing(room.pfn, room.order);
            self.player.zeroing.retain(|block| block.pfn != room.pfn);
            self.map(room.pfn);
        }
        debug_assert!(room.contains(pfn_of(self.player.cell)));
    }
}
