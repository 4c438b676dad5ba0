//! What your commands do: walking, clearing, grabbing, freeing, isolating, leaving.

use super::challenge::Zeroing;
use super::gear::Gear;
use super::outcome::{Held, Outcome};
use super::{CURRENT, Command, Event, Raid, Refusal, SITE_ORDER};
use crate::labyrinth::{Cell, Dir, Edge, block_rect, distances_within, pfn_of};
use crate::mm::{Block, BlockState, MigrateType, Order, PageFlags, Pfn};

/// Noise of each loud act; its reach in steps is four times that.
pub(super) mod noise {
    pub const EVICT: u32 = 1;
    pub const TRESPASS: u32 = 2;
    pub const MIGRATE: u32 = 3;
    pub const GRAB: u32 = 5;
    pub const FIGHT: u32 = 5;
}

/// Turns it takes to leave through a gate.
const LEAVING_TURNS: u32 = 3;

/// The room the player stands in was handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Handed {
    pub to: u16,
    /// The turn in which it is written to; set once the walls around the player are known.
    pub deadline: Option<u32>,
}

/// Work that takes more than one turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Work {
    pub command: Command,
    /// The block worked on; the device's or gate's room otherwise.
    pub room: (Pfn, Order),
    pub left: u32,
}

/// An isolated range of pageblocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Isolation {
    pub pfn: Pfn,
    pub order: Order,
    pub since: u32,
    /// The turn at whose end it is over.
    pub until: u32,
}

/// The player.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Player {
    pub cell: Cell,
    /// False only while the zone is being made, before the player has come in.
    pub inside: bool,
    pub refs: u32,
    pub held: Vec<Held>,
    pub isolate_charges: u32,
    pub isolation: Option<Isolation>,
    pub key: bool,
    pub handed: Option<Handed>,
    pub work: Option<Work>,
    pub gear: Gear,
    /// Granted blocks that are not zeroed yet.
    pub zeroing: Vec<Zeroing>,
}

impl Raid {
    /// Whether a command can be given now.
    pub(super) fn check(&self, command: Command) -> Result<(), Refusal> {
        if self.outcome.is_some() {
            return Err(Refusal::Over);
        }
        match command {
            Command::Wait => Ok(()),
            Command::Step(dir) => {
                self.check_edge(dir)?;
                let to = self.player.cell.neighbour(dir);
                to.map_or(Ok(()), |to| self.check_lock_of(to))
            }
            Command::Clear(dir) => self.clearing(dir).map(|_| ()),
            Command::Grab => {
                let device = self.device_here().ok_or(Refusal::NoDevice)?;
                self.devices[device]
                    .request
                    .map(|_| ())
                    .ok_or(Refusal::NoRequest)
            }
            Command::Free(pfn) => self.held_at(pfn).map(|_| ()).ok_or(Refusal::NotHeld),
            Command::Isolate => {
                if self.player.isolation.is_some() {
                    Err(Refusal::Isolating)
                } else if self.player.isolate_charges == 0 {
                    Err(Refusal::NoCharges)
                } else {
                    Ok(())
                }
            }
            Command::Use(item, target) => self.check_use(item, target),
            Command::Extract => {
                let gate = &self.gates[self.gate_here().ok_or(Refusal::NoGate)?];
                match gate.spec.rule {
                    super::GateRule::Key if !self.player.key => Err(Refusal::NoKey),
                    _ if !gate.open => Err(Refusal::GateShut),
                    _ => Ok(()),
                }
            }
        }
    }

    /// Does the player's command, which [`Self::check`] has passed.
    pub(super) fn act(&mut self, command: Command) {
        let work = self.player.work.take();
        match command {
            Command::Wait => {}
            Command::Step(dir) => self.walk(dir),
            Command::Clear(dir) => self.clear(command, dir, work),
            Command::Grab => self.grab(),
            Command::Free(pfn) => self.free_held(pfn),
            Command::Isolate => self.isolate(),
            Command::Extract => self.extract(command, work),
            Command::Use(item, target) => self.use_item(item, target, work),
        }
    }

    pub(super) fn check_edge(&self, dir: Dir) -> Result<(), Refusal> {
        match self.maze.edge(self.player.cell, dir) {
            Edge::Outside => Err(Refusal::Outside),
            Edge::Wall => Err(Refusal::Wall),
            Edge::Open | Edge::Door => Ok(()),
        }
    }

    pub(super) fn block_of(&self, cell: Cell) -> Block {
        self.memory
            .block_at(pfn_of(cell))
            .expect("every cell of the grid is a frame of the zone")
    }

    fn held_at(&self, pfn: Pfn) -> Option<usize> {
        self.player.held.iter().position(|held| held.pfn == pfn)
    }

    pub(super) fn device_here(&self) -> Option<usize> {
        let room = pfn_of(self.player.cell) >> SITE_ORDER << SITE_ORDER;
        self.devices.iter().position(|device| device.room == room)
    }

    pub(super) fn gate_here(&self) -> Option<usize> {
        let room = pfn_of(self.player.cell) >> SITE_ORDER << SITE_ORDER;
        self.gates.iter().position(|gate| gate.room == room)
    }

    fn walk(&mut self, dir: Dir) {
        let from = self.player.cell;
        let to = from.neighbour(dir).expect("the edge was checked");
        if let Some(i) = self.body_in(to) {
            if self.tasks[i].refs > 0 {
                self.attack(i);
                return;
            }
            // Bodies that cannot be hurt make way where they may; else you squeeze past.
            if !self.built(from) && !self.is_yours(from) {
                self.tasks[i].cell = from;
            }
        }
        let before = self.block_of(from);
        self.player.cell = to;
        self.events.push(Event::Stepped { to });
        if self.player.handed.is_some() && !before.contains(pfn_of(to)) {
            self.player.handed = None;
        }
        let room = self.block_of(to);
        if room.pfn == before.pfn {
            return;
        }
        self.enter(&room);
    }

    pub(super) fn enter(&mut self, room: &Block) {
        let BlockState::Allocated {
            owner,
            migratetype,
            flags,
        } = room.state
        else {
            return;
        };
        if owner.0 == CURRENT {
            self.map(room.pfn);
        } else if flags.contains(PageFlags::RESERVED) {
            if self.key_lies && self.key_room == Some(room.pfn) {
                self.key_lies = false;
                self.player.key = true;
                self.events.push(Event::KeyTaken);
            }
        } else if migratetype == MigrateType::Unmovable || flags.contains(PageFlags::PINNED) {
            let name = self.name_of(owner.0);
            let refs = self.lose_reference(|| format!("a step into kernel memory of {name}"));
            self.events.push(Event::Faulted { owner: name, refs });
        } else if migratetype == MigrateType::Movable {
            let name = self.name_of(owner.0);
            self.events.push(Event::Trespassed { owner: name });
            self.wrong(owner.0, noise::TRESPASS);
        }
    }

    pub(super) fn map(&mut self, pfn: Pfn) {
        let most = self.zone.refs.1;
        let Some(i) = self.held_at(pfn) else { return };
        let zeroing = self.player.zeroing.iter().any(|block| block.pfn == pfn);
        if self.player.held[i].mapped || zeroing {
            return;
        }
        self.player.held[i].mapped = true;
        self.player.refs = (self.player.refs + 1).min(most);
        self.events.push(Event::Mapped {
            pfn,
            order: self.player.held[i].order,
            refs: self.player.refs,
        });
    }

    fn attack(&mut self, i: usize) {
        let task = &mut self.tasks[i];
        task.refs -= 1;
        let (pid, left, name) = (task.pid, task.refs, task.name.clone());
        self.events.push(Event::Hit {
            name: name.clone(),
            left,
        });
        self.noise(noise::FIGHT);
        if left == 0 {
            let pages = self.kill(pid);
            self.events.push(Event::Slew { name, pages });
        }
    }

    /// Spends this turn on work; true while more turns are needed.
    pub(super) fn works_on(
        &mut self,
        command: Command,
        room: (Pfn, Order),
        turns: u32,
        what: &'static str,
        work: Option<Work>,
    ) -> bool {
        let left = match work {
            Some(work) if work.command == command && work.room == room => {
                // Less is left if somebody else did a part of it, as kswapd does by writing back.
                work.left.min(turns) - 1
            }
            _ => turns - 1,
        };
        if left == 0 {
            return false;
        }
        self.player.work = Some(Work {
            command,
            room,
            left,
        });
        self.events.push(Event::Working { what, left });
        true
    }

    fn free_held(&mut self, pfn: Pfn) {
        let Some(i) = self.held_at(pfn) else { return };
        let held = self.player.held.remove(i);
        self.player.zeroing.retain(|block| block.pfn != held.pfn);
        self.touched.push((held.pfn, held.order));
        self.events.push(Event::Freed {
            pfn: held.pfn,
            order: held.order,
        });
        self.give_back(CURRENT, held.pfn, held.order);
    }

    fn isolate(&mut self) {
        let order = self.zone.pageblock_order + 1;
        let pfn = pfn_of(self.player.cell) >> order << order;
        let turns = self.zone.isolate.1;
        let isolated = self.memory.isolate(pfn, order, &mut self.memory_events);
        debug_assert!(isolated.is_ok(), "{isolated:?}");
        self.book_memory(CURRENT);
        self.player.isolate_charges -= 1;
        self.player.isolation = Some(Isolation {
            pfn,
            order,
            since: self.turn,
            until: self.turn + turns,
        });
        self.events.push(Event::Isolated { pfn, order, turns });
    }

    fn extract(&mut self, command: Command, work: Option<Work>) {
        let Some(gate) = self.gate_here() else { return };
        let room = (self.gates[gate].room, SITE_ORDER);
        if self.works_on(command, room, LEAVING_TURNS, "leaving", work) {
            return;
        }
        let (loot, left): (Vec<Held>, Vec<Held>) =
            self.player.held.iter().partition(|held| held.mapped);
        for held in left {
            self.give_back(CURRENT, held.pfn, held.order);
        }
        let factors: Vec<u32> = self
            .setup
            .modifiers
            .list()
            .iter()
            .filter_map(|&modifier| self.rules.modifier(modifier))
            .map(|spec| spec.score_permille)
            .collect();
        let (left, of) = (self.watchdog, self.zone.watchdog);
        let score = self.zone.score.points(&loot, left, of, &factors);
        self.outcome = Some(Outcome::Extracted {
            gate: self.gates[gate].spec.name.clone(),
            loot,
            score,
        });
    }

    /// The first write of whoever was handed the room you did not leave.
    pub(super) fn first_write(&mut self) {
        let Some(handed) = self.player.handed else {
            return;
        };
        let BlockState::Allocated { owner, .. } = self.block_of(self.player.cell).state else {
            self.player.handed = None;
            return;
        };
        if owner.0 != handed.to {
            self.player.handed = None;
        } else if handed
            .deadline
            .is_some_and(|deadline| self.turn >= deadline)
        {
            self.player.handed = None;
            let by = self.name_of(handed.to);
            let refs =
                self.lose_reference(|| format!("the first write of {by} to the room you stood in"));
            self.events.push(Event::FirstWrite { by, refs });
        }
    }

    /// Sets by when the player must have left the room that was handed out: as many turns as the way out has
    /// steps, since a new room may have its door at the far end.
    pub(super) fn set_deadline(&mut self) {
        let Some(handed) = self
            .player
            .handed
            .filter(|handed| handed.deadline.is_none())
        else {
            return;
        };
        let room = self.block_of(self.player.cell);
        // A way out that stays in the room is never longer than the room is wide and tall.
        let way = distances_within(&self.maze, &[self.player.cell], 64, |_, _, _| Some(1));
        let steps = block_rect(room.pfn, room.order)
            .cells()
            .filter(|&cell| {
                Dir::ALL.into_iter().any(|dir| {
                    self.maze.passable(cell, dir)
                        && cell
                            .neighbour(dir)
                            .is_some_and(|next| !room.contains(pfn_of(next)))
                })
            })
            .filter_map(|cell| way.get(cell))
            .min()
            .map_or(1, |inside| inside + 1);
        let deadline = self.turn + steps;
        self.player.handed = Some(Handed {
            deadline: Some(deadline),
            ..handed
        });
        let to = self.name_of(handed.to);
        self.events.push(Event::Handed { to, turns: steps });
    }

    /// True for cells no other body may enter because of the player.
    pub(super) fn blocked_by_player(&self, cell: Cell) -> bool {
        cell == self.player.cell || self.is_yours(cell)
    }
}
