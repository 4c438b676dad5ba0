//! Bodies: how tasks walk, hunt and strike.

use super::rules::Gait;
use super::{Event, Raid};
use crate::labyrinth::{Cell, Dir, DistanceMap, distances_within};
use crate::mm::{BlockState, PageFlags};

/// Steps from you beyond which a hunter knows no way to you.
const HUNT_STEPS: u32 = 96;
/// Turns a hunter lets you be after it struck.
const CALM_TURNS: u32 = 12;
/// How near a hiding body lets you come before it moves.
const SHY: u32 = 8;

impl Raid {
    /// Every body's turn, in pid order.
    pub(super) fn run_bodies(&mut self) {
        self.refresh_maze();
        let hunted = self.tasks.iter().any(|task| task.hunts(self.turn));
        let reach = if hunted { HUNT_STEPS } else { SHY + 2 };
        let mut to_player: Option<DistanceMap> = None;
        let mut to_prey: Option<DistanceMap> = None;
        for i in 0..self.tasks.len() {
            if !self.tasks[i].alive() {
                continue;
            }
            let hunting = self.tasks[i].hunts(self.turn);
            if !hunting && self.tasks[i].hunts_until != 0 {
                self.tasks[i].hunts_until = 0;
                let name = self.tasks[i].name.clone();
                if self.visible.contains(self.tasks[i].cell) {
                    self.events.push(Event::LostYou { name });
                }
            }
            let gait = self.tasks[i].spec.gait;
            if hunting && self.player.gear.decoy.is_some() {
                let prey = self.prey();
                let map = to_prey.take().unwrap_or_else(|| {
                    distances_within(&self.maze, &[prey], HUNT_STEPS, |_, _, _| Some(1))
                });
                self.hunt(i, &map);
                to_prey = Some(map);
                continue;
            }
            if hunting && self.tasks[i].heard.is_some() {
                self.follow_noise(i);
                if self.outcome.is_some() {
                    return;
                }
                continue;
            }
            // Who is farther away than it shies at has no need of a map.
            let far = self.tasks[i].cell.manhattan(self.player.cell) > SHY;
            if gait == Gait::Hide && !hunting && far {
                continue;
            }
            if hunting || gait == Gait::Hide {
                let map = to_player.take().unwrap_or_else(|| {
                    distances_within(&self.maze, &[self.player.cell], reach, |_, _, _| Some(1))
                });
                if hunting {
                    self.hunt(i, &map);
                } else {
                    self.hide(i, &map);
                }
                to_player = Some(map);
                if self.outcome.is_some() {
                    return;
                }
                continue;
            }
            let moves = match gait {
                Gait::Wander => self.bodies.chance(800),
                Gait::Slow => self.bodies.chance(250),
                Gait::Run => {
                    self.run_on(i);
                    false
                }
                Gait::Transfer { reach, rest } => {
                    self.transfer(i, reach, rest);
                    if self.outcome.is_some() {
                        return;
                    }
                    false
                }
                Gait::Hide | Gait::Stationary => false,
            };
            if moves {
                self.wander(i);
            }
            if self.tasks[i].spec.flushes {
                self.flush(i);
            }
        }
    }

    /// Straight ahead, or where it must turn, any other way but back if there is one.
    fn run_on(&mut self, i: usize) {
        let from = self.tasks[i].cell;
        let open = |raid: &Self, dir: Dir| {
            let to = from
                .neighbour(dir)
                .filter(|_| raid.maze.passable(from, dir));
            to.filter(|&to| raid.body_may_enter(to))
        };
        let ahead = self.tasks[i].heading;
        if let Some(to) = ahead.and_then(|dir| open(self, dir)) {
            self.tasks[i].cell = to;
            return;
        }
        let mut ways: Vec<Dir> = Dir::ALL
            .into_iter()
            .filter(|&dir| open(self, dir).is_some())
            .collect();
        if ways.len() > 1 {
            ways.retain(|&dir| ahead.map(Dir::opposite) != Some(dir));
        }
        let pick = self.bodies.below(ways.len() as u32) as usize;
        if let Some(&dir) = ways.get(pick) {
            self.tasks[i].heading = Some(dir);
            self.tasks[i].cell = open(self, dir).unwrap_or(from);
        }
    }

    fn wander(&mut self, i: usize) {
        let from = self.tasks[i].cell;
        let open: Vec<Cell> = Dir::ALL
            .into_iter()
            .filter(|&dir| self.maze.passable(from, dir))
            .filter_map(|dir| from.neighbour(dir))
            .filter(|&to| self.body_may_enter(to))
            .collect();
        let pick = self.bodies.below(open.len() as u32) as usize;
        if let Some(&to) = open.get(pick) {
            self.tasks[i].cell = to;
        }
    }

    /// Begins to write back the room of dirty page cache that a body stands in: clean from now on, locked meanwhile.
    ///
    /// In Linux the flusher threads are kworkers (6.12 `fs/fs-writeback.c`: `wb_workfn()`); they go by inodes, and have
    /// no need to walk.
    fn flush(&mut self, i: usize) {
        let room = self.block_of(self.tasks[i].cell);
        let dirty = matches!(room.state, BlockState::Allocated { flags, .. }
            if flags.contains(PageFlags::LRU | PageFlags::DIRTY) && !flags.contains(PageFlags::LOCKED));
        if dirty && !self.you_lock(room.pfn) {
            self.memory.writeback(room.pfn);
            self.lock_for_writeback(room.pfn);
        }
    }

    fn hide(&mut self, i: usize, map: &DistanceMap) {
        let from = self.tasks[i].cell;
        let here = map.get(from).unwrap_or(u32::MAX);
        // Every third turn it hesitates, or it could never be caught.
        if here > SHY || self.turn.is_multiple_of(3) {
            return;
        }
        let mut best = (here, from);
        for dir in Dir::ALL {
            let Some(to) = from.neighbour(dir) else {
                continue;
            };
            if self.maze.passable(from, dir) && self.body_may_enter(to) {
                let far = map.get(to).unwrap_or(u32::MAX);
                if far > best.0 {
                    best = (far, to);
                }
            }
        }
        self.tasks[i].cell = best.1;
    }

    fn hunt(&mut self, i: usize, map: &DistanceMap) {
        let decoy = self.player.gear.decoy.is_some();
        for _ in 0..self.tasks[i].spec.pace {
            let from = self.tasks[i].cell;
            if decoy {
                if map.get(from).is_some_and(|far| far <= 1) {
                    self.tasks[i].hunts_until = 0;
                    self.tasks[i].heard = None;
                    self.tasks[i].calm_until = self.turn + CALM_TURNS;
                    let by = self.tasks[i].name.clone();
                    self.end_decoy(Some(by));
                    return;
                }
            } else if self.spins(i) {
                return;
            } else if map.get(from) == Some(1) {
                self.strike(i);
                return;
            }
            self.step_down(i, map);
        }
    }

    /// A blow at the player, who stands next to it. Not in the turn in which it noticed you: that is for you to see.
    pub(super) fn strike(&mut self, i: usize) {
        let turn = self.turn;
        if self.tasks[i].roused == Some(turn) || self.is_yours(self.player.cell) {
            return; // Nobody reaches into an exclusive block.
        }
        let task = &mut self.tasks[i];
        task.hunts_until = 0;
        task.heard = None;
        task.calm_until = turn + CALM_TURNS;
        let by = task.name.clone();
        let refs = self.lose_reference(|| format!("a blow of {by}"));
        self.events.push(Event::Struck { by, refs });
    }

    /// One step nearer the goals of a map, if there is one to take.
    pub(super) fn step_down(&mut self, i: usize, map: &DistanceMap) {
        let from = self.tasks[i].cell;
        let step = Dir::ALL
            .into_iter()
            .filter(|&dir| self.maze.passable(from, dir))
            .filter_map(|dir| from.neighbour(dir))
            .filter(|&to| self.body_may_enter(to))
            .filter_map(|to| map.get(to).map(|far| (far, to)))
            .min_by_key(|&(far, _)| far);
        if let Some((_, to)) = step {
            self.tasks[i].cell = to;
        }
    }

    /// A body may stand in a cell that holds no body, is not built, and is not in a block the player holds.
    pub(super) fn body_may_enter(&self, cell: Cell) -> bool {
        let locked = self.is_locked(&self.block_of(cell));
        !locked
            && !self.blocked_by_player(cell)
            && self.body_in(cell).is_none()
            && !self.built(cell)
    }

    /// True for cells of reserved rooms.
    pub(super) fn built(&self, cell: Cell) -> bool {
        matches!(self.block_of(cell).state,
            BlockState::Allocated { flags, .. } if flags.contains(PageFlags::RESERVED))
    }

    /// The living task whose body stands in a cell, by index.
    pub(super) fn body_in(&self, cell: Cell) -> Option<usize> {
        self.tasks
            .iter()
            .position(|task| task.alive() && task.cell == cell)
    }
}
