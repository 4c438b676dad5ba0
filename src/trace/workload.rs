//! A trace as a workload: steps that take and give back blocks, and replaying them to any moment.

use std::ops::Deref;

use super::counts::Counts;
use super::memory::{Memory, PIECE};
use crate::kernel_text::BuddyLine;
use crate::mm::{NR_PAGE_ORDERS, Order};

/// Most moments that are kept whole: going to any moment replays at most this part of the steps.
const KEYFRAMES: u32 = 32;

/// Least steps between two of them: fewer are replayed sooner than copied.
const LEAST_STEPS: u32 = 1 << 13;

/// A task of a trace, with what it did in all of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Task {
    /// Its name.
    pub comm: String,
    /// Its number.
    pub pid: u32,
    /// Requests it made.
    pub allocs: u64,
    /// Blocks it freed, whoever had them.
    pub frees: u64,
    /// Pages it was handed.
    pub taken: u64,
    /// Pages handed to it that nobody has freed by the end.
    pub held: u64,
    /// The most it had at a time.
    pub peak: u64,
}

/// A block changes hands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// When, in nanoseconds.
    pub time: u64,
    /// First page, of the pages that are modelled: piece by piece, see [`Workload::pfn`].
    pub page: u32,
    /// Who takes it, or who had it; no task of the trace if it was in use before.
    pub task: u32,
    /// It has `2^order` pages.
    pub order: Order,
    /// Taken, or else given back.
    pub take: bool,
}

/// All of a trace that has to do with the page allocator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workload {
    /// The tasks, in the order in which they appear.
    pub tasks: Vec<Task>,
    /// What happens, in order of time.
    pub steps: Vec<Step>,
    /// When requests had to be served from memory of another type.
    pub extfrags: Vec<u64>,
    /// Time of the first event, in nanoseconds.
    pub start: u64,
    /// Time of the last one.
    pub end: u64,
    /// What became of the lines.
    pub counts: Counts,
    /// Numbers of the pieces of memory that events name, ascending: their frames over 1024.
    pub(super) pieces: Vec<u64>,
    /// Their pages that were free at the start, as far as is known.
    pub(super) free: Vec<[u64; (PIECE / 64) as usize]>,
}

impl Workload {
    /// The frame of a page of the model: only pieces of memory that events name are in it, one behind the other.
    pub fn pfn(&self, page: u32) -> u64 {
        let piece = self.pieces.get((page / PIECE) as usize);
        piece.map_or(0, |piece| {
            piece * u64::from(PIECE) + u64::from(page % PIECE)
        })
    }

    /// Pages of the model.
    pub fn pages(&self) -> u32 {
        self.pieces.len() as u32 * PIECE
    }

    /// The lowest and highest frame of the pieces; none if the trace has no event.
    pub fn span(&self) -> Option<(u64, u64)> {
        let (first, last) = (self.pieces.first()?, self.pieces.last()?);
        Some((first * u64::from(PIECE), (last + 1) * u64::from(PIECE) - 1))
    }

    /// How many nanoseconds the trace covers.
    pub fn duration(&self) -> u64 {
        self.end.saturating_sub(self.start)
    }

    /// How many steps are done at a time after the start, in nanoseconds: those at that moment too.
    pub fn steps_until(&self, after: u64) -> u32 {
        let time = self.start.saturating_add(after);
        self.steps.partition_point(|step| step.time <= time) as u32
    }

    fn memory(&self) -> Memory {
        let mut memory = Memory::new(self.pieces.len() as u32);
        for (first, free) in (0..).step_by(PIECE as usize).zip(&self.free) {
            for page in 0..PIECE {
                if free[(page / 64) as usize] & (1 << (page % 64)) != 0 {
                    memory.give(first + page, 0);
                }
            }
        }
        memory
    }
}

/// The state of memory at a moment of a trace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    at: u32,
    /// The free blocks.
    pub memory: Memory,
    /// Pages each task holds of those it was handed in the trace, by its place among the tasks.
    pub held: Vec<u32>,
}

impl Moment {
    /// Steps done.
    pub fn position(&self) -> u32 {
        self.at
    }

    /// The free blocks per order, for [`Setup::layout`](crate::raid::Setup): to play from here.
    pub fn layout(&self) -> [u64; NR_PAGE_ORDERS] {
        self.memory.counts().map(u64::from)
    }

    /// The same as a line of `/proc/buddyinfo`, of a zone `Normal`.
    pub fn buddy_line(&self) -> BuddyLine {
        BuddyLine {
            node: 0,
            zone: "Normal".into(),
            free: self.layout(),
        }
    }

    /// Pages that tasks hold of what they were handed in the trace.
    pub fn held_pages(&self) -> u64 {
        self.held.iter().map(|&pages| u64::from(pages)).sum()
    }

    fn step(&mut self, step: Step) {
        let held = self.held.get_mut(step.task as usize);
        if step.take {
            self.memory.take(step.page, step.order);
            if let Some(held) = held {
                *held += 1 << step.order;
            }
        } else {
            self.memory.give(step.page, step.order);
            if let Some(held) = held {
                *held -= 1 << step.order;
            }
        }
    }
}

/// A workload being replayed, borrowed or shared: at a moment, and able to go to any other.
#[derive(Debug, Clone)]
pub struct Replay<W> {
    workload: W,
    now: Moment,
    every: u32,
    /// The moments after 0, `every`, `2 * every`, ... steps.
    keyframes: Vec<Moment>,
}

impl<W: Deref<Target = Workload>> Replay<W> {
    /// At the beginning. Replays all of it once, to keep some moments.
    pub fn new(workload: W) -> Self {
        let mut replay = Self::without_keyframes(workload);
        let steps = replay.workload.steps.len() as u32;
        replay.keyframes.clear();
        replay.every = (steps / KEYFRAMES + 1).max(LEAST_STEPS);
        for at in (0..=steps).step_by(replay.every as usize) {
            replay.run(at);
            replay.keyframes.push(replay.now.clone());
        }
        replay.now = replay.keyframes[0].clone();
        replay
    }

    /// At the beginning, to go forward only: going back starts anew.
    pub fn without_keyframes(workload: W) -> Self {
        let start = Moment {
            at: 0,
            memory: workload.memory(),
            held: vec![0; workload.tasks.len()],
        };
        Self {
            workload,
            now: start.clone(),
            every: u32::MAX,
            keyframes: vec![start],
        }
    }

    /// The workload.
    pub fn workload(&self) -> &Workload {
        &self.workload
    }

    /// The moment it is at.
    pub fn now(&self) -> &Moment {
        &self.now
    }

    /// Most steps that [`seek`](Self::seek) replays.
    pub fn farthest(&self) -> u32 {
        self.every.min(self.workload.steps.len() as u32)
    }

    /// Goes to the moment after so many steps; to the end if there are fewer. Returns how many steps that took.
    pub fn seek(&mut self, steps: u32) -> u32 {
        let to = steps.min(self.workload.steps.len() as u32);
        let nearest = &self.keyframes[((to / self.every) as usize).min(self.keyframes.len() - 1)];
        if to < self.now.at || nearest.at > self.now.at {
            self.now.clone_from(nearest);
        }
        self.run(to)
    }

    fn run(&mut self, to: u32) -> u32 {
        let from = self.now.at.min(to);
        for &step in &self.workload.steps[from as usize..to as usize] {
            self.now.step(step);
        }
        self.now.at = to;
        to - from
    }
}
