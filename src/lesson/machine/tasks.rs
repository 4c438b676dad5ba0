//! The tasks: who runs, who comes and goes, who is killed for memory.

use super::setup::Core;
use super::{INIT, MAX_TASKS, Machine, Refusal, Task};
use crate::mm::memory::Pid;
use crate::mm::{Event, OomTask, oom};

impl Machine {
    /// Another task runs.
    ///
    /// # Errors
    ///
    /// [`Refusal::NoTask`].
    pub fn switch(&mut self, pid: Pid) -> Result<(), Refusal> {
        self.known(pid)?;
        self.current = pid;
        Ok(())
    }

    /// A new task without memory.
    ///
    /// # Errors
    ///
    /// [`Refusal::TooManyTasks`].
    pub fn spawn(&mut self, name: &str) -> Result<Pid, Refusal> {
        let pid = self.new_pid()?;
        if let Core::Zone(memory) = &mut self.core {
            memory.create(pid, Self::owner(pid))?;
        }
        self.add(pid, name, self.current);
        Ok(pid)
    }

    pub(super) fn new_pid(&mut self) -> Result<Pid, Refusal> {
        // Owners are 16 bits; numbers are not used twice.
        if self.tasks.len() as u32 >= MAX_TASKS || self.next_pid >= u32::from(u16::MAX) {
            return Err(Refusal::TooManyTasks);
        }
        self.next_pid += 1;
        Ok(self.next_pid - 1)
    }

    pub(super) fn add(&mut self, pid: Pid, name: &str, parent: Pid) {
        let name = name.to_owned();
        // The first task is immune, as in Linux whatever its score.
        let adj = if pid == INIT { -1000 } else { 0 };
        self.tasks.insert(pid, Task { name, parent, adj });
        if pid != INIT {
            self.tell_task(pid, adj);
        }
    }

    fn tell_task(&mut self, pid: Pid, adj: i16) {
        if let Core::Node { node, .. } = &mut self.core {
            let task = OomTask {
                adj,
                ..Default::default()
            };
            node.set_task(Self::owner(pid), task);
        }
    }

    /// `echo ADJ > /proc/PID/oom_score_adj`, -1000 to 1000.
    ///
    /// # Errors
    ///
    /// [`Refusal::NoTask`], or [`Refusal::Init`].
    pub fn set_adj(&mut self, pid: Pid, adj: i16) -> Result<(), Refusal> {
        self.known(pid)?;
        if pid == INIT {
            return Err(Refusal::Init);
        }
        if let Some(task) = self.tasks.get_mut(&pid) {
            task.adj = adj;
        }
        self.tell_task(pid, adj);
        Ok(())
    }

    /// `kill -9`: all its memory falls free, what it holds locked and pinned too. Returns the pages.
    ///
    /// # Errors
    ///
    /// [`Refusal::NoTask`], [`Refusal::Init`].
    pub fn kill(&mut self, pid: Pid, events: &mut Vec<Event>) -> Result<u32, Refusal> {
        self.known(pid)?;
        if pid == INIT {
            return Err(Refusal::Init);
        }
        let before = self.free_pages();
        match &mut self.core {
            Core::Node { node, arena } => {
                node.kill(Self::owner(pid), &mut (&mut **arena, events));
                node.remove_task(Self::owner(pid));
            }
            Core::Zone(_) => self.end(pid, events)?,
        }
        self.tasks.remove(&pid);
        if self.current == pid {
            self.current = INIT;
        }
        Ok(self.free_pages().saturating_sub(before))
    }

    /// Tasks the OOM killer killed are gone: call after every event list that may hold a kill.
    pub(crate) fn bury(&mut self, events: &[Event]) {
        for event in events {
            if let Event::OomKill { owner, .. } = event {
                let pid = Pid::from(owner.0);
                self.tasks.remove(&pid);
                if self.current == pid {
                    self.current = INIT;
                }
                if let Core::Node { node, .. } = &mut self.core {
                    node.remove_task(*owner);
                }
            }
        }
    }

    /// Badness of each task that can be killed, in pages: ascending by number.
    pub fn badness(&self) -> Vec<(Pid, i64)> {
        let total = self.managed();
        let candidates = self.candidates();
        candidates
            .iter()
            .filter_map(|candidate| {
                let points = candidate.points(total)?;
                Some((Pid::from(candidate.owner.0), points))
            })
            .collect()
    }

    /// `echo f > /proc/sysrq-trigger`: the OOM killer is asked for nobody's sake. Returns the victim.
    ///
    /// # Errors
    ///
    /// [`Refusal::Init`] if nobody can be killed.
    pub fn oom_kill(&mut self, events: &mut Vec<Event>) -> Result<Pid, Refusal> {
        let candidates = self.candidates();
        let Some((owner, points)) = oom::select(&candidates, self.managed()) else {
            return Err(Refusal::Init);
        };
        let held = candidates.iter().find(|task| task.owner == owner);
        let pages = held.map_or(0, |task| task.rss);
        events.push(Event::OomKill {
            owner,
            points,
            pages,
        });
        let pid = Pid::from(owner.0);
        self.kill(pid, events)?;
        Ok(pid)
    }
}
