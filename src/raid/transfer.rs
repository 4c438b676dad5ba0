//! Transfers: bodies that move in straight lines through walls, and hurt whoever is on the line.

use super::{Event, Raid};
use crate::labyrinth::{Cell, Dir, pfn_of};

/// A line a body crosses in the next turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Line {
    /// Where it begins: this cell is not crossed.
    pub from: Cell,
    pub dir: Dir,
    /// Cells, the last one included.
    pub len: u16,
    /// The turn in which it was chosen.
    pub since: u32,
}

/// The cells that are crossed, in order.
pub(super) fn cells(line: Line) -> impl Iterator<Item = Cell> {
    let mut at = line.from;
    (0..line.len).map_while(move |_| {
        at = at.neighbour(line.dir)?;
        Some(at)
    })
}

impl Raid {
    /// Runs along the line that was shown; or chooses the next one; or rests.
    pub(super) fn transfer(&mut self, i: usize, reach: u16, rest: u32) {
        if let Some(line) = self.tasks[i].line.take() {
            self.run_along(i, line);
            self.tasks[i].rest_until = self.turn + rest;
        } else if self.tasks[i].rest_until <= self.turn {
            self.tasks[i].line = self.choose_line(i, reach);
        }
    }

    /// A line that ends within the zone, where the body may stand; `None` if there is none in the direction drawn.
    fn choose_line(&mut self, i: usize, reach: u16) -> Option<Line> {
        let from = self.tasks[i].cell;
        let dir = Dir::ALL[self.bodies.below(Dir::ALL.len() as u32) as usize];
        let len = self
            .bodies
            .between(u32::from(reach / 2).max(1), u32::from(reach)) as u16;
        let side = self.zone.side;
        let since = self.turn;
        let line = Line {
            from,
            dir,
            len,
            since,
        };
        let ends = cells(line).take_while(|cell| cell.x < side && cell.y < side);
        let (len, _) = (1..)
            .zip(ends)
            .filter(|&(_, cell)| self.body_may_enter(cell))
            .last()?;
        Some(Line { len, ..line })
    }

    fn run_along(&mut self, i: usize, line: Line) {
        let by = self.tasks[i].name.clone();
        let mut end = self.tasks[i].cell;
        for cell in cells(line) {
            let safe = self.is_yours(cell) || self.you_lock(pfn_of(cell));
            if cell == self.player.cell && !safe {
                let refs = self.lose_reference(|| format!("the transfer of {by}"));
                self.events.push(Event::Crossed {
                    by: by.clone(),
                    refs,
                });
            }
            if let Some(other) = self.body_in(cell) {
                self.run_over(&by, other);
            }
            if self.body_may_enter(cell) {
                end = cell;
            }
        }
        self.tasks[i].cell = end;
    }

    fn run_over(&mut self, by: &str, other: usize) {
        let task = &mut self.tasks[other];
        if task.refs == 0 {
            return; // Bodies that cannot be hurt.
        }
        task.refs -= 1;
        let (pid, left, cell, name) = (task.pid, task.refs, task.cell, task.name.clone());
        let pages = if left == 0 { self.kill(pid) } else { 0 };
        if left == 0 || self.visible.contains(cell) {
            self.events.push(Event::RanOver {
                by: by.into(),
                name,
                left,
                pages,
            });
        }
    }

    /// Tells of lines chosen this turn, of which you see a part.
    pub(super) fn announce_lines(&mut self) {
        for i in 0..self.tasks.len() {
            let task = &self.tasks[i];
            let Some(line) = task.line.filter(|line| line.since == self.turn) else {
                continue;
            };
            if !task.alive() || !self.sees_line(i) {
                continue;
            }
            let mut way = cells(line);
            let (Some(from), name) = (way.next(), task.name.clone()) else {
                continue;
            };
            let to = way.last().unwrap_or(from);
            self.events.push(Event::Aims { name, from, to });
        }
    }

    /// True if the player sees a cell of the line that a task is about to cross.
    pub(super) fn sees_line(&self, i: usize) -> bool {
        let task = &self.tasks[i];
        let line = task.line.filter(|_| task.alive());
        line.is_some_and(|line| cells(line).any(|cell| self.visible.contains(cell)))
    }
}
