//! Noise: who hears it, who comes, and bodies that go by nothing else.

use super::rules::Temper;
use super::{Event, Raid};
use crate::labyrinth::{Cell, distances_within};

/// Steps a noise carries, per unit of noise.
const REACH: u32 = 4;
/// Turns a wronged task hunts.
const HUNT_TURNS: u32 = 30;
/// Turns a task that heard a loud act comes to look.
const LOOK_TURNS: u32 = 12;
/// Steps within which a body finds the way to a noise: more than any noise carries, for the walls may move.
const NOISE_STEPS: u32 = 48;

impl Raid {
    /// The player wronged a task, with so much noise: if it hears it and is vengeful, it hunts. Who goes by noise
    /// alone comes too.
    pub(super) fn wrong(&mut self, pid: u16, noise: u32) {
        self.loud(noise, HUNT_TURNS, |task, temper| {
            temper == Temper::Vengeful && task == pid
        });
    }

    /// The player was loud: every vengeful task within reach comes to look, and who goes by noise.
    pub(super) fn noise(&mut self, noise: u32) {
        self.loud(noise, LOOK_TURNS, |_, temper| temper == Temper::Vengeful);
    }

    fn loud(&mut self, noise: u32, turns: u32, minds: impl Fn(u16, Temper) -> bool) {
        let (reach, here, turn) = (noise * REACH, self.player.cell, self.turn);
        let may_hear: Vec<usize> = (0..self.tasks.len())
            .filter(|&i| {
                let task = &self.tasks[i];
                let temper = task.spec.temper;
                let listens = temper == Temper::Keen || minds(task.pid, temper);
                // No way is shorter than the straight one.
                let near = task.cell.manhattan(here) <= reach;
                listens && near && task.alive() && task.calm_until <= turn
            })
            .collect();
        if may_hear.is_empty() {
            return;
        }
        self.refresh_maze();
        let map = distances_within(&self.maze, &[here], reach, |_, _, _| Some(1));
        for i in may_hear {
            if map.get(self.tasks[i].cell).is_some() {
                self.rouse(i, turns, here);
            }
        }
    }

    fn rouse(&mut self, i: usize, turns: u32, heard: Cell) {
        let turn = self.turn;
        let task = &mut self.tasks[i];
        let was = task.hunts(turn);
        let keen = task.spec.temper == Temper::Keen;
        task.hunts_until = task.hunts_until.max(turn + turns);
        if keen {
            task.heard = Some(heard);
        }
        if was {
            return;
        }
        task.roused = Some(turn);
        let name = task.name.clone();
        self.events.push(if keen {
            Event::Listens { name }
        } else {
            Event::Hunts { name }
        });
    }

    /// A body that goes by noise runs to where it last heard you; in the turn in which it heard you it stands still.
    /// There it strikes whom it finds next to it, and otherwise stops.
    pub(super) fn follow_noise(&mut self, i: usize) {
        let Some(goal) = self.tasks[i].heard else {
            return;
        };
        if self.tasks[i].roused == Some(self.turn) {
            return;
        }
        let map = distances_within(&self.maze, &[goal], NOISE_STEPS, |_, _, _| Some(1));
        for _ in 0..self.tasks[i].spec.pace {
            let at = self.tasks[i].cell;
            if self.spins(i) {
                return;
            }
            if self.reaches_player(at) {
                self.strike(i);
                return;
            }
            self.step_down(i, &map);
            if self.tasks[i].cell == goal || self.tasks[i].cell == at {
                break;
            }
        }
        let at = self.tasks[i].cell;
        let lost = at == goal || map.get(at).is_none_or(|far| far <= 1);
        if lost && !self.reaches_player(at) {
            let task = &mut self.tasks[i];
            task.heard = None;
            task.hunts_until = 0;
            if self.visible.contains(at) {
                let name = self.tasks[i].name.clone();
                self.events.push(Event::LostYou { name });
            }
        }
    }

    /// True if the player stands next to a cell, with nothing but a door between.
    fn reaches_player(&self, cell: Cell) -> bool {
        let dir = crate::labyrinth::Dir::between(cell, self.player.cell);
        dir.is_some_and(|dir| self.maze.passable(cell, dir))
    }
}
