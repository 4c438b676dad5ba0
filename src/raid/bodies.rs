//! Bodies: how tasks walk, hear, hunt and strike.

use super::rules::{Gait, Temper};
use super::{Event, Raid};
use crate::labyrinth::{Cell, Dir, DistanceMap, distances};
use crate::mm::{BlockState, PageFlags};

/// Steps a noise carries, per unit of noise.
const REACH: u32 = 4;
/// Turns a wronged task hunts.
const HUNT_TURNS: u32 = 30;
/// Turns a task that heard a loud act comes to look.
const LOOK_TURNS: u32 = 12;
/// Turns a hunter lets you be after it struck.
const CALM_TURNS: u32 = 12;
/// How near a hiding body lets you come before it moves.
const SHY: u32 = 8;

impl Raid {
    /// Every body's turn, in pid order.
    pub(super) fn run_bodies(&mut self) {
        self.refresh_maze();
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
                let map = to_prey
                    .take()
                    .unwrap_or_else(|| distances(&self.maze, &[prey], |_, _, _| Some(1)));
                self.hunt(i, &map);
                to_prey = Some(map);
                continue;
            }
            if hunting || gait == Gait::Hide {
                let map = to_player.take().unwrap_or_else(|| {
                    distances(&self.maze, &[self.player.cell], |_, _, _| Some(1))
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
                Gait::Hide | Gait::Stationary => false,
            };
            if moves {
                self.wander(i);
            }
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
        let from = self.tasks[i].cell;
        if self.player.gear.decoy.is_some() {
            if map.get(from).is_some_and(|far| far <= 1) {
                self.tasks[i].hunts_until = 0;
                self.tasks[i].calm_until = self.turn + CALM_TURNS;
                let by = self.tasks[i].name.clone();
                self.end_decoy(Some(by));
                return;
            }
        } else if self.spins(i) {
            return;
        } else if map.get(from) == Some(1) {
            if self.is_yours(self.player.cell) {
                return; // Nobody reaches into an exclusive block.
            }
            let turn = self.turn;
            let task = &mut self.tasks[i];
            task.hunts_until = 0;
            task.calm_until = turn + CALM_TURNS;
            let by = task.name.clone();
            let refs = self.lose_reference(|| format!("a blow of {by}"));
            self.events.push(Event::Struck { by, refs });
            return;
        }
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
    fn body_may_enter(&self, cell: Cell) -> bool {
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

    /// The player wronged a task, with so much noise: if it hears it and is vengeful, it hunts.
    pub(super) fn wrong(&mut self, pid: u16, noise: u32) {
        let Some(i) = self.tasks.iter().position(|task| task.pid == pid) else {
            return;
        };
        if self.tasks[i].spec.temper == Temper::Vengeful && self.hears(i, noise) {
            self.rouse(i, HUNT_TURNS);
        }
    }

    /// The player was loud: every vengeful task within reach comes to look.
    pub(super) fn noise(&mut self, noise: u32) {
        for i in 0..self.tasks.len() {
            if self.tasks[i].spec.temper == Temper::Vengeful && self.hears(i, noise) {
                self.rouse(i, LOOK_TURNS);
            }
        }
    }

    fn hears(&mut self, i: usize, noise: u32) -> bool {
        let task = &self.tasks[i];
        if !task.alive() || task.calm_until > self.turn {
            return false;
        }
        let reach = noise * REACH;
        if task.cell.manhattan(self.player.cell) > reach {
            return false; // No way is shorter than that.
        }
        let cell = task.cell;
        self.refresh_maze();
        let map = distances(&self.maze, &[self.player.cell], |_, _, _| Some(1));
        map.get(cell).is_some_and(|far| far <= reach)
    }

    fn rouse(&mut self, i: usize, turns: u32) {
        let turn = self.turn;
        let task = &mut self.tasks[i];
        let was = task.hunts(turn);
        task.hunts_until = task.hunts_until.max(turn + turns);
        if !was {
            let name = task.name.clone();
            self.events.push(Event::Hunts { name });
        }
    }
}
