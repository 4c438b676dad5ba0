//! Kernel threads with bodies: kswapd, and the OOM killer that people call the Minotaur.

use super::outcome::Cause;
use super::{CURRENT, Event, Raid};
use crate::labyrinth::Cell;

/// kswapd, which evicts page cache while memory is short.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Kswapd {
    pub awake: bool,
    /// An allocation woke it this turn.
    pub woken: bool,
    /// Where it last evicted something.
    pub cell: Cell,
}

/// The OOM killer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Minotaur {
    Asleep {
        /// Turns in a row that memory was that short.
        hungry: u32,
    },
    Awake {
        cell: Cell,
        target: u16,
    },
}

impl Raid {
    /// kswapd wakes below `low`, evicts least recently used page cache, and sleeps above `high`.
    pub(super) fn run_kswapd(&mut self) {
        let marks = self.memory.boosted_watermarks();
        let woken = std::mem::take(&mut self.kswapd.woken);
        let boosted = self.memory.watermark_boost() > 0;
        if !self.kswapd.awake && (woken || self.memory.nr_free_pages() < marks.low) {
            self.kswapd.awake = boosted || self.memory.nr_free_pages() < marks.high;
            if self.kswapd.awake {
                self.events.push(Event::KswapdWoke);
            }
        }
        if !self.kswapd.awake {
            return;
        }
        self.memory
            .reclaim(self.zone.kswapd_pages, &mut self.memory_events);
        self.book_memory(0);
        if self.memory.nr_free_pages() > self.memory.boosted_watermarks().high
            && self.memory.watermark_boost() == 0
        {
            self.kswapd.awake = false;
            self.events.push(Event::KswapdSlept);
        }
    }

    /// The OOM killer wakes when memory stays so short that reclaim gets nowhere: free pages below `min`, or
    /// allocations of up to order 3 failing though they may sleep. It walks to the fattest task and kills it.
    ///
    /// Linux calls it at the first such failure (6.12 `mm/page_alloc.c`: `__alloc_pages_may_oom()`); here it takes
    /// several turns in a row, so that it can be seen coming.
    pub(super) fn run_minotaur(&mut self) {
        let marks = self.memory.boosted_watermarks();
        let free = self.memory.nr_free_pages();
        let starved = std::mem::take(&mut self.starved);
        match self.minotaur.clone() {
            Minotaur::Asleep { hungry } => {
                self.minotaur_sleeps(hungry, starved || free < marks.min);
            }
            Minotaur::Awake { .. } if free > marks.high => {
                self.minotaur = Minotaur::Asleep { hungry: 0 };
                self.events.push(Event::MinotaurLeft);
            }
            Minotaur::Awake { cell, target } => self.minotaur_walks(cell, target),
        }
    }

    pub(super) fn minotaur_sleeps(&mut self, hungry: u32, short: bool) {
        if !short {
            self.minotaur = Minotaur::Asleep { hungry: 0 };
            return;
        }
        let hungry = hungry + 1;
        let patience = self.zone.minotaur.patience;
        if hungry < patience {
            self.minotaur = Minotaur::Asleep { hungry };
            if hungry > patience / 2 {
                self.events.push(Event::MinotaurStirs {
                    wakes_in: patience - hungry,
                });
            }
            return;
        }
        if self.panics_on_oom() {
            self.die(Cause::Panic);
            return;
        }
        let Some((target, badness)) = self.fattest() else {
            return;
        };
        let prey = self.place_of(target);
        let far = self.zone.side - 1;
        let cell = Cell {
            x: if prey.x * 2 < far { far } else { 0 },
            y: if prey.y * 2 < far { far } else { 0 },
        };
        self.minotaur = Minotaur::Awake { cell, target };
        self.announce_hunt(target, badness);
    }

    pub(super) fn minotaur_walks(&mut self, mut cell: Cell, target: u16) {
        let Some((fattest, badness)) = self.fattest() else {
            self.minotaur = Minotaur::Asleep { hungry: 0 };
            self.events.push(Event::MinotaurLeft);
            return;
        };
        if fattest != target {
            // It stops and turns, which is for the new prey to see.
            self.announce_hunt(fattest, badness);
            self.minotaur = Minotaur::Awake {
                cell,
                target: fattest,
            };
            return;
        }
        let prey = self.place_of(fattest);
        for _ in 0..self.zone.minotaur.speed {
            cell = toward(cell, prey);
        }
        self.minotaur = Minotaur::Awake {
            cell,
            target: fattest,
        };
        if cell != prey {
            return;
        }
        if fattest == CURRENT {
            if self.end_decoy(Some("the Minotaur".into())) {
                // One was killed; whether that was enough will be seen.
                self.minotaur = Minotaur::Asleep { hungry: 0 };
                return;
            }
            let pages = self.holdings.pages(CURRENT);
            self.die(Cause::Minotaur { pages, badness });
            return;
        }
        let name = self.name_of(fattest);
        let pages = self.kill(fattest);
        self.events.push(Event::OomKilled { name, pages });
    }

    fn announce_hunt(&mut self, target: u16, badness: u32) {
        let name = self.name_of(target);
        let you = target == CURRENT;
        self.events.push(Event::MinotaurHunts {
            target: name,
            badness,
            you,
        });
    }

    fn place_of(&self, pid: u16) -> Cell {
        self.task(pid).map_or_else(|| self.prey(), |task| task.cell)
    }

    /// Badness as the OOM killer counts it: pages held, plus `oom_score_adj` per mille of all pages.
    ///
    /// `None` if it cannot be chosen: it holds nothing, or its adjustment is -1000
    /// (Linux 6.12 `mm/oom_kill.c`: `oom_badness()`).
    pub(super) fn badness(&self, pid: u16) -> Option<u32> {
        let adj = if pid == CURRENT {
            self.player.gear.adj
        } else {
            let task = self.task(pid)?;
            if !task.alive() {
                return None;
            }
            task.spec.oom_score_adj
        };
        let pages = self.mapped_pages(pid);
        if adj <= -1000 || pages == 0 {
            return None;
        }
        let total = i64::from(self.memory.pages());
        let points = i64::from(pages) + i64::from(adj) * (total / 1000);
        Some(points.clamp(0, i64::from(u32::MAX)) as u32)
    }

    /// The task the OOM killer would choose, and its badness; the lowest pid among equals.
    fn fattest(&self) -> Option<(u16, u32)> {
        let pids = std::iter::once(CURRENT).chain(self.tasks.iter().map(|task| task.pid));
        pids.filter_map(|pid| self.badness(pid).map(|points| (pid, points)))
            .max_by_key(|&(pid, points)| (points, std::cmp::Reverse(pid)))
    }
}

/// One cell towards a goal, along the longer way first.
fn toward(cell: Cell, goal: Cell) -> Cell {
    let (dx, dy) = (goal.x.abs_diff(cell.x), goal.y.abs_diff(cell.y));
    let mut next = cell;
    if dx >= dy && dx > 0 {
        next.x = if goal.x > cell.x {
            cell.x + 1
        } else {
            cell.x - 1
        };
    } else if dy > 0 {
        next.y = if goal.y > cell.y {
            cell.y + 1
        } else {
            cell.y - 1
        };
    }
    next
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_minotaur_takes_the_longer_axis_first_and_arrives() {
        let goal = Cell { x: 3, y: 10 };
        let mut cell = Cell { x: 5, y: 4 };
        assert_eq!(toward(cell, goal), Cell { x: 5, y: 5 });
        for _ in 0..8 {
            cell = toward(cell, goal);
        }
        assert_eq!(cell, goal);
        assert_eq!(toward(goal, goal), goal);
    }
}
