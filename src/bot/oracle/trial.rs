//! A raid played ahead on a copy: walking, making blocks, grabbing and leaving with everything in sight.

use crate::labyrinth::{Cell, Dir, block_rect, cell_of, distances, pfn_of};
use crate::mm::{Order, Pfn};
use crate::raid::{Command, GateRule, Outcome, Raid, RoomKind};

/// Steps that follow one map of ways before it is drawn again: walls move every turn, but few of them.
const STEPS_A_MAP: u32 = 4;
/// The most turns one walk may take.
const WALK: u32 = 150;
/// The most turns spent on making one block.
const WORK: u32 = 60;
/// The most turns waited on a gate that is shut.
const GATE: u32 = 40;

/// What a step costs when a way is chosen, in steps.
mod toll {
    pub const KERNEL: u32 = 40;
    /// At the last reference: a step that kills.
    pub const DEADLY: u32 = 20_000;
    pub const ANONYMOUS: u32 = 3;
    pub const BODY: u32 = 12;
}

/// How a grab's block is to be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// Wait at the device, at most so many turns, until the grab would succeed.
    Wait(u32),
    /// Clear this range first, isolating it if that is asked for.
    Make { range: (Pfn, Order), isolate: bool },
}

/// A copy of a raid, with the commands it was given since.
#[derive(Debug, Clone)]
pub(super) struct Trial {
    pub raid: Raid,
    pub commands: Vec<Command>,
}

impl Trial {
    pub fn of(raid: &Raid) -> Self {
        Self {
            raid: raid.clone(),
            commands: Vec::new(),
        }
    }

    /// Turns played on this copy.
    pub fn turns(&self) -> u32 {
        self.commands.len() as u32
    }

    /// Plays a command; false if it was refused or the raid is over.
    pub fn play(&mut self, command: Command) -> bool {
        if self.raid.step(command).is_err() {
            return false;
        }
        self.commands.push(command);
        self.raid.outcome().is_none()
    }

    fn here(&self) -> Cell {
        self.raid.view().me.cell
    }

    /// Pages in the bag.
    pub fn pages(&self) -> u32 {
        self.raid.view().me.mapped_pages()
    }

    /// Waits, striking back at hunters; false if the raid is over.
    pub fn wait(&mut self) -> bool {
        let command = self.hunter_beside().map_or(Command::Wait, Command::Step);
        self.play(command)
    }

    /// The direction of a hunter that stands next door and can be hurt.
    fn hunter_beside(&self) -> Option<Dir> {
        let here = self.here();
        let hunter = self.raid.true_tasks().find(|task| {
            task.alive && task.hunts && task.refs > 0 && task.cell.manhattan(here) == 1
        })?;
        Dir::ALL.into_iter().find(|&dir| {
            here.neighbour(dir) == Some(hunter.cell) && self.raid.maze().passable(here, dir)
        })
    }

    /// The price of a step between neighbours.
    fn price(&self, bodies: &[Cell], from: Cell, to: Cell) -> u32 {
        let (room, order, kind) = self.raid.true_room(to);
        let mut price = 1;
        if pfn_of(from) >> order != room >> order {
            price += match kind {
                RoomKind::Kernel if self.raid.view().me.refs == 1 => toll::DEADLY,
                RoomKind::Kernel => toll::KERNEL,
                RoomKind::Anonymous => toll::ANONYMOUS,
                _ => 0,
            };
        }
        if bodies.contains(&to) {
            price += toll::BODY;
        }
        price
    }

    /// Walks to the nearest of these cells; false if the raid is over, or it takes too long.
    pub fn walk(&mut self, goals: &[Cell]) -> bool {
        self.walk_while(goals, WALK, |_| true)
    }

    fn walk_while(&mut self, goals: &[Cell], most: u32, go_on: impl Fn(&Self) -> bool) -> bool {
        let mut map = None;
        let mut age = 0;
        for _ in 0..most {
            let here = self.here();
            if goals.contains(&here) || !go_on(self) {
                return true;
            }
            if let Some(dir) = self.hunter_beside() {
                if !self.play(Command::Step(dir)) {
                    return false;
                }
                continue;
            }
            let bodies: Vec<Cell> = self
                .raid
                .true_tasks()
                .filter(|task| task.alive)
                .map(|task| task.cell)
                .collect();
            let price = |from, _, to| Some(self.price(&bodies, from, to));
            let maze = self.raid.maze();
            let drawn = map.take().filter(|_| age < STEPS_A_MAP).unwrap_or_else(|| {
                age = 0;
                distances(maze, goals, price)
            });
            age += 1;
            let step = drawn.downhill(maze, here, price);
            if step.is_some() {
                map = Some(drawn);
            }
            // Walls may have risen across the old map: look again, at the price of a turn.
            if !self.play(step.map_or(Command::Wait, Command::Step)) {
                return false;
            }
        }
        goals.contains(&self.here())
    }

    /// Serves a device's interrupt and follows the pointer; false if it comes to nothing.
    pub fn serve(&mut self, device: usize, how: How) -> bool {
        let Some(room) = self.raid.true_devices().nth(device).map(|at| at.room) else {
            return false;
        };
        let patience = match how {
            How::Wait(turns) => turns,
            How::Make { range, isolate } => {
                if !self.make(range, isolate) {
                    return false;
                }
                2
            }
        };
        let goals: Vec<Cell> = block_rect(room.0, room.1).cells().collect();
        if !self.walk(&goals) {
            return false;
        }
        for _ in 0..=patience {
            if self.would_succeed(device) {
                return self.play(Command::Grab) && self.follow_pointers();
            }
            if !self.wait() {
                return false;
            }
        }
        false
    }

    /// Whether the device's interrupt, if there is one, would be granted now.
    fn would_succeed(&self, device: usize) -> bool {
        let request = self
            .raid
            .true_devices()
            .nth(device)
            .and_then(|at| at.request);
        request.is_some_and(|request| self.raid.would_serve(&request))
    }

    fn follow_pointers(&mut self) -> bool {
        loop {
            let held = &self.raid.view().me.held;
            let Some(next) = held.iter().find(|held| !held.mapped) else {
                return true;
            };
            let goals: Vec<Cell> = block_rect(next.pfn, next.order).cells().collect();
            if !self.walk(&goals) {
                return false;
            }
            // There, and not mapped yet: it is being zeroed.
            let there = goals.contains(&self.here());
            let unmapped = self.raid.view().me.held.iter().any(|held| !held.mapped);
            if there && unmapped && !self.wait() {
                return false;
            }
        }
    }

    /// Clears a range of page frames until it is one free block; false if that cannot be.
    fn make(&mut self, range: (Pfn, Order), isolate: bool) -> bool {
        let reach = self.raid.zone().pageblock_order + 1;
        for _ in 0..WORK {
            let rooms = match rooms_to_clear(&self.raid, range) {
                None => return false,
                Some(rooms) if rooms.is_empty() => return true,
                Some(rooms) => rooms,
            };
            let here = self.here();
            let me = &self.raid.view().me;
            let near = pfn_of(here) >> reach == range.0 >> reach && range.1 <= reach;
            if isolate && near && me.isolation.is_none() && me.isolate_charges > 0 {
                if !self.play(Command::Isolate) {
                    return false;
                }
                continue;
            }
            let work = |cell: Cell| rooms.iter().any(|&(pfn, o)| pfn_of(cell) >> o == pfn >> o);
            let beside = |dir: &Dir| {
                self.raid.maze().passable(here, *dir) && here.neighbour(*dir).is_some_and(work)
            };
            let command = if let Some(dir) = self.hunter_beside() {
                Command::Step(dir)
            } else if work(here) {
                Command::Clear(None)
            } else if let Some(dir) = Dir::ALL.into_iter().find(beside) {
                Command::Clear(Some(dir))
            } else {
                let goals: Vec<Cell> = rooms
                    .iter()
                    .flat_map(|&(pfn, order)| block_rect(pfn, order).cells())
                    .collect();
                let arrived = |trial: &Self| {
                    let at = trial.here();
                    let beside = |dir: Dir| {
                        trial.raid.maze().passable(at, dir)
                            && at.neighbour(dir).is_some_and(|cell| goals.contains(&cell))
                    };
                    Dir::ALL.into_iter().any(beside)
                };
                if !self.walk_while(&goals, WALK, |trial| !arrived(trial)) {
                    return false;
                }
                continue;
            };
            if !self.play(command) {
                return false;
            }
        }
        false
    }

    /// Leaves through a gate, fetching the key first if it takes that; true if it leads out.
    pub fn leave(&mut self, gate: usize) -> bool {
        let Some(at) = self.raid.true_gates().nth(gate) else {
            return false;
        };
        let (room, rule) = (at.room, at.rule);
        if rule == GateRule::Key && !self.raid.view().me.key {
            let Some(key) = self.raid.true_key() else {
                return false;
            };
            if !self.walk(&[key]) {
                return false;
            }
        }
        let goals: Vec<Cell> = block_rect(room.0, room.1).cells().collect();
        if !self.walk(&goals) {
            return false;
        }
        for _ in 0..GATE {
            let open = self.raid.true_gates().nth(gate).is_some_and(|at| at.open);
            let going = if open {
                self.play(Command::Extract)
            } else if matches!(rule, GateRule::Until(_)) {
                false
            } else {
                self.wait()
            };
            if !going {
                break;
            }
        }
        matches!(self.raid.outcome(), Some(Outcome::Extracted { .. }))
    }
}

/// Rooms to be cleared for a range to become free; `None` if something in it cannot be cleared.
pub(super) fn rooms_to_clear(raid: &Raid, range: (Pfn, Order)) -> Option<Vec<(Pfn, Order)>> {
    let mut rooms = Vec::new();
    let mut pfn = range.0;
    while pfn < range.0 + (1 << range.1) {
        let (room, order, kind) = raid.true_room(cell_of(pfn));
        match kind {
            RoomKind::Void => {}
            RoomKind::Cache { .. } | RoomKind::Anonymous => rooms.push((room, order)),
            RoomKind::Kernel | RoomKind::Reserved(_) | RoomKind::Yours => return None,
        }
        pfn = room + (1 << order);
    }
    Some(rooms)
}
