//! Reading a trace line by line, and making a workload of it.
//!
//! What a machine had free when a trace began is not in it. But much follows from what happens: a page that is handed
//! out first was free, one that is given back first was in use. Pages that no event names are taken as in use. That is
//! looked for in a first pass over the events; a second one looks who has which page, and makes of each event steps
//! that can be done without a look: take this block, which is free; give back that one, which is in use.

use std::collections::BTreeMap;

use super::counts::Counts;
use super::line::{self, Skip, What};
use super::memory::PIECE;
use super::workload::{Step, Task, Workload};
use crate::mm::Order;

/// Most events that are kept: 24 bytes each, and as much again for what they come to.
pub const MOST_EVENTS: u32 = 5_000_000;

/// Most pieces of memory (of 4 MiB) that are kept: 64 GiB that a trace touches, however far apart.
pub const MOST_PIECES: u32 = 1 << 14;

/// Most tasks that are told apart.
const MOST_TASKS: u32 = 1 << 16;

/// Nobody: the page is free.
const FREE: u32 = u32::MAX;

/// The page was in use before the trace began, or is not in it.
const BEFORE: u32 = u32::MAX - 1;

/// An event as it is kept.
#[derive(Debug, Clone, Copy)]
struct Event {
    time: u64,
    pfn: u64,
    task: u32,
    order: Order,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Alloc,
    Free,
    Batched,
}

/// Reads a trace line by line; what it keeps is bounded, however long the trace.
#[derive(Debug, Default)]
pub struct Reader {
    counts: Counts,
    events: Vec<Event>,
    tasks: Vec<Task>,
    numbers: BTreeMap<u32, Vec<u32>>,
    /// The task of the event before: most often the next one's too.
    last_task: u32,
    /// When there were fragmenting requests.
    extfrags: Vec<u64>,
    /// The pieces of memory that events name, and whether each page was named, and was free at the start.
    pieces: BTreeMap<u64, Box<Named>>,
    first: Option<u64>,
    now: u64,
}

/// Of the pages of a piece: those that an event has named, and those of them that were free before.
#[derive(Debug, Clone)]
struct Named {
    seen: [u64; (PIECE / 64) as usize],
    free: [u64; (PIECE / 64) as usize],
}

impl Reader {
    /// Nothing read yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// What became of the lines so far. Lines that were told twice are found at the end only.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// The next line.
    pub fn line(&mut self, line: &str) {
        self.counts.lines += 1;
        let number = self.counts.lines;
        let counts = &mut self.counts;
        match line::parse(line) {
            Ok(event) => self.event(&event),
            Err(Skip::Blank) => counts.blank += 1,
            Err(Skip::Comment) => counts.comments += 1,
            Err(Skip::Stack) => counts.stacks += 1,
            Err(Skip::Lost(events)) => {
                counts.lost += 1;
                counts.lost_events = counts.lost_events.saturating_add(events);
            }
            Err(Skip::Other(name)) => counts.other(name),
            Err(Skip::NoPage) => counts.no_page += 1,
            Err(Skip::Unreadable(expected)) => counts.problem(number, expected),
        }
    }

    fn event(&mut self, event: &line::Event<'_>) {
        let (kind, pfn, order) = match event.what {
            What::Alloc { pfn, order, .. } => (Kind::Alloc, pfn, order),
            What::Free { pfn, order } => (Kind::Free, pfn, order),
            What::FreeBatched { pfn } => (Kind::Batched, pfn, 0),
            What::Extfrag { .. } => {
                let time = self.time(event.time);
                if self.extfrags.len() < MOST_EVENTS as usize {
                    self.extfrags.push(time);
                    self.counts.extfrags += 1;
                } else {
                    self.counts.too_many += 1;
                }
                return;
            }
        };
        if self.events.len() >= MOST_EVENTS as usize {
            self.counts.too_many += 1;
            return;
        }
        if !self.name(pfn, order, kind) {
            self.counts.too_far += 1;
            return;
        }
        let time = self.time(event.time);
        let task = self.task(event.comm, event.pid);
        self.events.push(Event {
            time,
            pfn,
            task,
            order,
            kind,
        });
    }

    /// Time does not run back: events of several CPUs may stand in another order than their times.
    fn time(&mut self, time: u64) -> u64 {
        if self.first.is_some() && time < self.now {
            self.counts.out_of_order += 1;
        } else {
            self.now = time;
        }
        self.first.get_or_insert(time);
        self.now
    }

    /// Marks the pages of an event as named; false if it is of one piece too many.
    fn name(&mut self, pfn: u64, order: Order, kind: Kind) -> bool {
        let number = pfn / u64::from(PIECE);
        if self.pieces.len() >= MOST_PIECES as usize && !self.pieces.contains_key(&number) {
            return false;
        }
        let piece = self.pieces.entry(number).or_insert_with(|| {
            Box::new(Named {
                seen: [0; (PIECE / 64) as usize],
                free: [0; (PIECE / 64) as usize],
            })
        });
        let first = (pfn % u64::from(PIECE)) as u32;
        for page in first..first + (1 << order) {
            let (word, bit) = ((page / 64) as usize, 1_u64 << (page % 64));
            if piece.seen[word] & bit == 0 {
                piece.seen[word] |= bit;
                if kind == Kind::Alloc {
                    piece.free[word] |= bit;
                }
            }
        }
        true
    }

    /// The number of a task, by name and process: a process that changes its name is another task.
    fn task(&mut self, comm: &str, pid: u32) -> u32 {
        let is = |task: &Task| task.pid == pid && task.comm == comm;
        if self.tasks.get(self.last_task as usize).is_some_and(is) {
            return self.last_task;
        }
        let numbers = self.numbers.entry(pid).or_default();
        let known = numbers
            .iter()
            .copied()
            .find(|&at| is(&self.tasks[at as usize]));
        let at = known.unwrap_or_else(|| {
            let at = self.tasks.len() as u32;
            if at >= MOST_TASKS {
                return MOST_TASKS - 1;
            }
            let last = at == MOST_TASKS - 1;
            let comm: String = comm.chars().take(64).collect();
            let (comm, pid) = if last {
                ("(others)".into(), 0)
            } else {
                (comm, pid)
            };
            self.tasks.push(Task {
                comm,
                pid,
                ..Task::default()
            });
            if !last {
                numbers.push(at);
            }
            at
        });
        self.last_task = at;
        at
    }

    /// The workload that the trace is.
    pub fn finish(self) -> Workload {
        let Self {
            mut counts,
            events,
            tasks,
            pieces,
            extfrags,
            first,
            now,
            ..
        } = self;
        let mut owners = Owners::new(&pieces);
        let mut workload = Workload {
            tasks,
            pieces: pieces.keys().copied().collect(),
            free: pieces.values().map(|piece| piece.free).collect(),
            steps: Vec::with_capacity(events.len()),
            extfrags,
            start: first.unwrap_or(0),
            end: now,
            counts: Counts::default(),
        };
        drop(pieces);
        for event in &events {
            owners.event(event, &mut workload, &mut counts);
        }
        workload.counts = counts;
        workload
    }
}

/// Who has each page, in the second pass.
struct Owners {
    /// The places of the pieces, by their numbers.
    places: BTreeMap<u64, u32>,
    pages: Vec<u32>,
}

impl Owners {
    fn new(pieces: &BTreeMap<u64, Box<Named>>) -> Self {
        let places = pieces.keys().copied().zip(0..).collect();
        let mut pages = vec![BEFORE; pieces.len() * PIECE as usize];
        for (piece, pages) in pieces.values().zip(pages.chunks_mut(PIECE as usize)) {
            for (page, owner) in pages.iter_mut().enumerate() {
                if piece.free[page / 64] & (1 << (page % 64)) != 0 {
                    *owner = FREE;
                }
            }
        }
        Self { places, pages }
    }

    fn event(&mut self, event: &Event, workload: &mut Workload, counts: &mut Counts) {
        let piece = self.places[&(event.pfn / u64::from(PIECE))];
        let first = piece * PIECE + (event.pfn % u64::from(PIECE)) as u32;
        let pages = first as usize..first as usize + (1 << event.order);
        let step = |page: u32, order, task, take| Step {
            time: event.time,
            page,
            task,
            order,
            take,
        };
        if event.kind == Kind::Alloc {
            counts.allocs += 1;
            let mut unseen = false;
            for page in pages.clone() {
                let owner = std::mem::replace(&mut self.pages[page], event.task);
                if owner != FREE {
                    unseen = true;
                    given(owner, 1, workload);
                    workload.steps.push(step(page as u32, 0, owner, false));
                }
            }
            counts.freed_unseen += u64::from(unseen);
            workload
                .steps
                .push(step(first, event.order, event.task, true));
            taken(event, workload);
            return;
        }
        let owner = self.pages[first as usize];
        if self.pages[pages.clone()].iter().all(|&of| of == FREE) {
            match event.kind {
                Kind::Batched => counts.told_twice += 1,
                _ => counts.free_already += 1,
            }
            return;
        }
        match event.kind {
            Kind::Batched => counts.batched += 1,
            _ => counts.frees += 1,
        }
        workload.tasks[event.task as usize].frees += 1;
        if self.pages[pages.clone()].iter().all(|&of| of == owner) {
            self.pages[pages].fill(FREE);
            given(owner, 1 << event.order, workload);
            workload.steps.push(step(first, event.order, owner, false));
        } else {
            for page in pages {
                let owner = std::mem::replace(&mut self.pages[page], FREE);
                if owner != FREE {
                    given(owner, 1, workload);
                    workload.steps.push(step(page as u32, 0, owner, false));
                }
            }
        }
    }
}

/// A task has pages more.
fn taken(event: &Event, workload: &mut Workload) {
    let task = &mut workload.tasks[event.task as usize];
    let pages = 1 << event.order;
    task.allocs += 1;
    task.taken += pages;
    task.held += pages;
    task.peak = task.peak.max(task.held);
}

/// Pages of a task are free again, whoever freed them.
fn given(owner: u32, pages: u64, workload: &mut Workload) {
    if let Some(task) = workload.tasks.get_mut(owner as usize) {
        task.held -= pages;
    }
}
