//! Page locks: the room you lock and stand in, and page cache that is locked while it is written back.
//!
//! A departure from Linux 6.12, which unlocks a page for the time of its write-back and marks it `PG_writeback` instead.

use super::{Event, Raid, Refusal};
use crate::labyrinth::{Cell, Dir, pfn_of};
use crate::mm::{Block, BlockState, MigrateType, PageFlags, Pfn};

/// Turns a room stays locked once kswapd has begun to write it back.
const WRITEBACK_TURNS: u32 = 3;

/// Page cache that is being written back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Writeback {
    pub pfn: Pfn,
    /// The turn at whose end it is unlocked.
    pub until: u32,
}

impl Raid {
    /// True for a room that somebody has locked, you included; blocks held exclusively are not meant.
    pub(super) fn is_locked(&self, room: &Block) -> bool {
        let flagged = matches!(room.state, BlockState::Allocated { flags, .. }
            if flags.contains(PageFlags::LOCKED) && !flags.contains(PageFlags::EXCLUSIVE));
        flagged || self.you_lock(room.pfn)
    }

    /// True if the frame is in the room you have locked.
    pub(super) fn you_lock(&self, pfn: Pfn) -> bool {
        let lock = self.player.gear.lock;
        lock.is_some_and(|(at, order)| pfn >> order == at >> order)
    }

    /// Whether a lock lets you cross into a cell.
    pub(super) fn check_lock_of(&self, to: Cell) -> Result<(), Refusal> {
        let (here, room) = (self.block_of(self.player.cell), self.block_of(to));
        if room.pfn != here.pfn && self.is_locked(&room) && !self.you_lock(room.pfn) {
            return Err(Refusal::Locked);
        }
        Ok(())
    }

    /// Whether the room you stand in can be locked: page cache, free, or your own.
    pub(super) fn check_lock(&self) -> Result<(), Refusal> {
        let room = self.block_of(self.player.cell);
        if self.is_locked(&room) {
            return Err(Refusal::LockedAlready);
        }
        match room.state {
            BlockState::Allocated { flags, .. } if flags.contains(PageFlags::RESERVED) => {
                Err(Refusal::CannotLock)
            }
            BlockState::Allocated { migratetype, .. }
                if migratetype == MigrateType::Reclaimable || self.is_yours(self.player.cell) =>
            {
                Ok(())
            }
            BlockState::Allocated { .. } => Err(Refusal::CannotLock),
            BlockState::Free { .. } | BlockState::Cached { .. } => Ok(()),
        }
    }

    /// Locks the room you stand in. A free one is a room only: its pages can be handed out all the same.
    pub(super) fn lock_here(&mut self) -> u32 {
        let room = self.block_of(self.player.cell);
        if matches!(room.state, BlockState::Allocated { flags, .. } if flags.contains(PageFlags::LRU))
        {
            let flagged = self.memory.set_flags(room.pfn, PageFlags::LOCKED);
            debug_assert_eq!(flagged, Ok(()));
        }
        self.player.gear.lock = Some((room.pfn, room.order));
        1 << room.order
    }

    /// kswapd writes a room of page cache back: it is locked for as long as that takes.
    pub(super) fn lock_for_writeback(&mut self, pfn: Pfn) {
        if self.memory.set_flags(pfn, PageFlags::LOCKED).is_ok() {
            self.writebacks.retain(|writeback| writeback.pfn != pfn);
            let until = self.turn + WRITEBACK_TURNS;
            self.writebacks.push(Writeback { pfn, until });
        }
    }

    /// Locks end: yours when you have left the room or it was given away, others when they are written back.
    pub(super) fn run_locks(&mut self) {
        if let Some((pfn, order)) = self.player.gear.lock {
            let room = self.block_of(self.player.cell);
            let inside = pfn_of(self.player.cell) >> order == pfn >> order;
            let whole = room.order >= order;
            let given_away = self.player.handed.is_some();
            if !inside || !whole || given_away {
                self.player.gear.lock = None;
                self.player.gear.spinning.clear();
                if self.writebacks.iter().all(|writeback| writeback.pfn != pfn) {
                    self.unlock(pfn);
                }
                self.events.push(Event::Unlocked { pfn, order });
            }
        }
        let turn = self.turn;
        let (done, rest): (Vec<Writeback>, _) = std::mem::take(&mut self.writebacks)
            .into_iter()
            .partition(|writeback| writeback.until <= turn);
        self.writebacks = rest;
        for writeback in done {
            if self
                .player
                .gear
                .lock
                .is_none_or(|(pfn, _)| pfn != writeback.pfn)
            {
                self.unlock(writeback.pfn);
            }
        }
    }

    /// Clears the lock of a block of page cache, if one begins there still.
    fn unlock(&mut self, pfn: Pfn) {
        let cache = self.memory.block_at(pfn).is_some_and(|block| {
            block.pfn == pfn
                && matches!(block.state, BlockState::Allocated { flags, .. }
                    if flags.contains(PageFlags::LRU))
        });
        if cache {
            let cleared = self.memory.clear_flags(pfn, PageFlags::LOCKED);
            debug_assert_eq!(cleared, Ok(()));
        }
    }

    /// True if a hunter at this cell stands at the door of the room you locked: it waits there, and is seen to.
    pub(super) fn spins(&mut self, i: usize) -> bool {
        let from = self.tasks[i].cell;
        if self.player.gear.lock.is_none() || self.you_lock(pfn_of(from)) {
            return false;
        }
        let at_door = Dir::ALL.into_iter().any(|dir| {
            self.maze.passable(from, dir)
                && from
                    .neighbour(dir)
                    .is_some_and(|next| self.you_lock(pfn_of(next)))
        });
        let pid = self.tasks[i].pid;
        if at_door && !self.player.gear.spinning.contains(&pid) {
            self.player.gear.spinning.push(pid);
            let name = self.tasks[i].name.clone();
            self.events.push(Event::Spins { name });
        }
        at_door
    }
}
