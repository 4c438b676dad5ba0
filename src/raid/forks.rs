//! Tasks that copy themselves: a fork shares every page with its copy, and who writes to one copies it first.

use super::tasks::{NEVER, gfp_for};
use super::{Event, MemoryKind, Raid};
use crate::labyrinth::{Cell, Dir};
use crate::mm::{BlockState, MigrateType, Order, PAGE_ALLOC_COSTLY_ORDER, PageFlags, Pfn};

impl Raid {
    /// Pages a task has: its own and those it shares, as its resident set is counted in Linux.
    pub(super) fn mapped_pages(&self, pid: u16) -> u32 {
        self.holdings.pages(pid) + self.shares.pages(pid)
    }

    /// A task that copies itself writes to some of its pages, and forks when it is time.
    pub(super) fn run_fork(&mut self, i: usize) {
        let Some(fork) = self.tasks[i].spec.fork else {
            return;
        };
        if self.workload.chance(fork.write_permille) {
            for _ in 0..self.workload.between(1, fork.writes.max(1)) {
                if !self.write_somewhere(i) {
                    break;
                }
            }
        }
        if self.tasks[i].fork_at <= self.turn {
            self.tasks[i].fork_at = self.turn + fork.every;
            self.fork_task(i);
        }
    }

    /// Copies a task into the first free place among its kin. Without one, or without room beside it, it waits.
    pub(super) fn fork_task(&mut self, i: usize) {
        let (pid, family, from) = (self.tasks[i].pid, self.tasks[i].family, self.tasks[i].cell);
        let free = (0..self.tasks.len())
            .find(|&j| self.tasks[j].family == family && !self.tasks[j].alive());
        self.refresh_maze();
        let (Some(child), Some(cell)) = (free, self.room_beside(from)) else {
            return;
        };
        let copy = self.tasks[child].pid;
        let own: Vec<(Pfn, Order)> = self
            .holdings
            .of(pid)
            .iter()
            .copied()
            .filter(|&(pfn, _)| self.is_anonymous(pfn))
            .collect();
        let common: Vec<(Pfn, Order)> = self.shares.of(pid).to_vec();
        for (pfn, order) in own.into_iter().chain(common) {
            self.shares.add(copy, pfn, order);
        }
        let pages = self.mapped_pages(copy);
        let (turn, every) = (self.turn, self.tasks[i].fork_at);
        // A child inherits it (Linux 6.12 `kernel/fork.c`: `copy_signal()`).
        let adj = self.tasks[i].spec.oom_score_adj;
        let worst = &mut self.player.gear.worst;
        worst.retain(|&worse| worse != copy);
        if worst.contains(&pid) {
            worst.push(copy);
        }
        let task = &mut self.tasks[child];
        task.spec.oom_score_adj = adj;
        task.wake_up(cell, turn);
        task.base = pages;
        task.fork_at = every;
        if self.visible.contains(from) || self.visible.contains(cell) {
            let (name, copy) = (self.name_of(pid), self.name_of(copy));
            self.events.push(Event::Forked { name, copy, pages });
        }
    }

    /// A cell next to this one, through a door or in the same room, where a body may stand.
    fn room_beside(&self, cell: Cell) -> Option<Cell> {
        Dir::ALL
            .into_iter()
            .filter(|&dir| self.maze.passable(cell, dir))
            .filter_map(|dir| cell.neighbour(dir))
            .find(|&to| self.body_may_enter(to))
    }

    fn is_anonymous(&self, pfn: Pfn) -> bool {
        let block = self.memory.block_at(pfn);
        block.is_some_and(|block| {
            matches!(block.state, BlockState::Allocated { migratetype, flags, .. }
                if migratetype == MigrateType::Movable && !flags.contains(PageFlags::PINNED))
        })
    }

    /// A task writes to one of its blocks, drawn at random. One that others have too is copied first: the writer gets a
    /// block of its own (Linux 6.12 `mm/memory.c`: `do_wp_page()`; page by page there). False without memory for that.
    fn write_somewhere(&mut self, i: usize) -> bool {
        let pid = self.tasks[i].pid;
        let own = self.holdings.of(pid).len() as u32;
        let all = own + self.shares.of(pid).len() as u32;
        if all == 0 {
            return true;
        }
        let pick = self.workload.below(all);
        let mine = pick < own;
        let (pfn, order) = if mine {
            self.holdings.of(pid)[pick as usize]
        } else {
            self.shares.of(pid)[(pick - own) as usize]
        };
        if mine && self.shares.users(pfn).is_empty() {
            return true;
        }
        let got = self.memory.alloc_pages(
            gfp_for(MemoryKind::Anonymous),
            order,
            Self::owner(pid),
            &mut self.memory_events,
        );
        self.book_memory(pid);
        if got.is_err() {
            self.starved |= order <= PAGE_ALLOC_COSTLY_ORDER;
            return false;
        }
        if mine {
            self.pass_on(pid, pfn, order);
        } else {
            self.shares.remove(pid, pfn);
        }
        true
    }

    /// Gives a block to the next task that has it too. False if there is none.
    fn pass_on(&mut self, pid: u16, pfn: Pfn, order: Order) -> bool {
        let Some(&heir) = self.shares.users(pfn).first() else {
            return false;
        };
        self.shares.remove(heir, pfn);
        let given = self.memory.set_owner(pfn, Self::owner(heir));
        debug_assert_eq!(given, Ok(()));
        self.holdings.remove(pid, pfn, order);
        self.holdings.add(heir, pfn, order);
        true
    }

    /// A task lets go of a block it owns: it falls free, unless others have it too. True if it fell free.
    pub(super) fn let_go(&mut self, pid: u16, pfn: Pfn, order: Order) -> bool {
        if self.pass_on(pid, pfn, order) {
            return false;
        }
        self.give_back(pid, pfn, order);
        true
    }

    /// A dead task's share of what others have is theirs alone. When the last of a family died, the first of it is
    /// started again at this turn; no other is, but by a fork.
    pub(super) fn bury(&mut self, pid: u16, reborn: u32) {
        for (pfn, _) in self.shares.of(pid).to_vec() {
            self.shares.remove(pid, pfn);
        }
        let Some(family) = self.task(pid).map(|task| task.family) else {
            return;
        };
        let kin = || self.tasks.iter().filter(|task| task.family == family);
        let extinct = !kin().any(|task| task.pid != pid && task.alive());
        if let Some(task) = self.task_mut(pid) {
            task.reborn = Some(NEVER);
        }
        if extinct && let Some(first) = self.task_mut(family) {
            first.reborn = Some(reborn);
        }
    }
}
