//! Clearing a room: evicting page cache and migrating anonymous memory.

use super::player::{Work, noise};
use super::{CURRENT, Command, Event, Raid, Refusal};
use crate::labyrinth::Dir;
use crate::mm::{Block, BlockState, MigrateType, Order, PageFlags};

/// Turns it takes to write back a dirty room before it can be evicted, the eviction included.
pub(super) const DIRTY_TURNS: u32 = 3;
/// Turns it takes to write an anonymous room to swap, beside one for each of its order.
const SWAP_TURNS: u32 = 3;
/// How a room is cleared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Clearing {
    Evict { dirty: bool },
    Migrate,
    SwapOut,
}

impl Raid {
    /// The room a clear command is for, and how it would be cleared.
    pub(super) fn clearing(&self, dir: Option<Dir>) -> Result<(Block, Clearing), Refusal> {
        let cell = match dir {
            None => self.player.cell,
            Some(dir) => {
                self.check_edge(dir)?;
                self.player.cell.neighbour(dir).ok_or(Refusal::Outside)?
            }
        };
        let room = self.block_of(cell);
        if self.is_locked(&room) {
            return Err(Refusal::ClearLocked);
        }
        match room.state {
            BlockState::Free { .. } | BlockState::Cached { .. } => Err(Refusal::NothingToClear),
            BlockState::Allocated { owner, .. } if owner.0 == CURRENT => Err(Refusal::ClearYours),
            BlockState::Allocated { flags, .. } if flags.contains(PageFlags::RESERVED) => {
                Err(Refusal::ClearReserved)
            }
            BlockState::Allocated {
                migratetype, flags, ..
            } => match migratetype {
                MigrateType::Reclaimable => {
                    let dirty = flags.contains(PageFlags::DIRTY);
                    Ok((room, Clearing::Evict { dirty }))
                }
                MigrateType::Movable if !flags.contains(PageFlags::PINNED) => {
                    let swap = self.player.gear.swap;
                    let how = if swap {
                        Clearing::SwapOut
                    } else {
                        Clearing::Migrate
                    };
                    Ok((room, how))
                }
                _ => Err(Refusal::ClearKernel),
            },
        }
    }

    pub(super) fn clear(&mut self, command: Command, dir: Option<Dir>, work: Option<Work>) {
        let Ok((room, how)) = self.clearing(dir) else {
            return;
        };
        let (turns, what) = match how {
            Clearing::Evict { dirty: false } => (1, "evicting"),
            Clearing::Evict { dirty: true } => (DIRTY_TURNS, "writing back"),
            Clearing::SwapOut => (swap_turns(room.order), "swapping out"),
            Clearing::Migrate => (migrate_turns(room.order), "migrating"),
        };
        let turns = turns + self.freeing_turns(room.order);
        if self.works_on(command, (room.pfn, room.order), turns, what, work) {
            return;
        }
        let BlockState::Allocated { owner, .. } = room.state else {
            return;
        };
        match how {
            Clearing::Evict { dirty } => {
                if dirty {
                    self.memory.writeback(room.pfn);
                }
                let evicted = self.memory.evict(room.pfn, &mut self.memory_events);
                debug_assert_eq!(evicted, Ok(room.order));
                self.touched.push((room.pfn, room.order));
                self.events.push(Event::Evicted {
                    pfn: room.pfn,
                    order: room.order,
                    owner: self.name_of(owner.0),
                });
                self.book_memory(CURRENT);
                self.wrong(owner.0, noise::EVICT);
            }
            Clearing::SwapOut => {
                self.touched.push((room.pfn, room.order));
                self.events.push(Event::SwappedOut {
                    pfn: room.pfn,
                    order: room.order,
                    owner: self.name_of(owner.0),
                });
                self.give_back(CURRENT, room.pfn, room.order);
                self.wrong(owner.0, noise::EVICT);
            }
            Clearing::Migrate => {
                match self.memory.migrate(room.pfn, &mut self.memory_events) {
                    Ok(to) => {
                        self.touched.push((room.pfn, room.order));
                        self.touched.push((to, room.order));
                        self.events.push(Event::Migrated {
                            from: room.pfn,
                            to,
                            order: room.order,
                            owner: self.name_of(owner.0),
                        });
                    }
                    Err(_) => self.events.push(Event::MigrateFailed { order: room.order }),
                }
                self.book_memory(CURRENT);
                self.wrong(owner.0, noise::MIGRATE);
            }
        }
    }
}

/// Turns it takes to swap a room of this order out.
pub(super) const fn swap_turns(order: Order) -> u32 {
    SWAP_TURNS + order as u32
}

/// Turns it takes to migrate a room of this order.
pub(super) const fn migrate_turns(order: Order) -> u32 {
    1 + order as u32 / 2
}
