//! The careful player: makes sure of a block before it grabs, clears buddies to make one, and leaves in time.

use super::walk;
use super::Bot;
use crate::labyrinth::{Cell, Dir, Edge, block_rect, cell_of};
use crate::mm::{Order, Pfn};
use crate::raid::plan::Ways;
use crate::raid::preview::{Verdict, free_rooms, preview};
use crate::raid::{Command, Held, Knowledge, MinotaurView, RoomKind, View};

/// How old a sight of a free room may be to be trusted, in turns.
const TRUST: u32 = 10;
/// Pages after which it thinks of leaving.
const CONTENT: u32 = 24;

/// See the module.
#[derive(Default)]
pub struct Careful {
    /// A range being made into one free block, and until which turn it is worth trying.
    project: Option<Project>,
    /// Ranges given up on, with the turn.
    given_up: Vec<(Pfn, Order, u32)>,
    /// The last turn at which a command was refused.
    stuck: u32,
}

#[derive(Clone, Copy)]
struct Project {
    pfn: Pfn,
    order: Order,
    until: u32,
}

impl Bot for Careful {
    fn next(&mut self, view: &View) -> Command {
        let ways = Ways::new(view, walk::wary(view));
        if let Some(command) = Self::survive(view, &ways) {
            return command;
        }
        if let Some(command) = Self::time_to_go(view, &ways) {
            return command;
        }
        if view.me.work.is_some()
            && let Some(command) = self.work_on(view, &ways)
        {
            return command;
        }
        if let Some((_, cell)) = walk::pointer(view, &ways)
            && let Some(step) = walk::step_to(view, &ways, cell)
        {
            return step;
        }
        if let Some(preview) = preview(view)
            && matches!(preview.verdict, Verdict::Certain(_))
        {
            self.project = None;
            return Command::Grab;
        }
        self.serve(view, &ways)
            .or_else(|| Self::scout(view, &ways))
            .unwrap_or(Command::Wait)
    }

    fn refused(&mut self) {
        self.stuck += 1;
        if self.stuck > 2 {
            self.stuck = 0;
            if let Some(project) = self.project.take() {
                self.given_up.push((project.pfn, project.order, u32::MAX));
            }
        }
    }
}

impl Careful {
    /// What must be done at once.
    fn survive(view: &View, ways: &Ways<'_>) -> Option<Command> {
        if view.me.evicted_by.is_some() {
            let here = view.here();
            let best = Dir::ALL
                .into_iter()
                .filter(|&dir| matches!(view.edge(view.me.cell, dir), Some(Edge::Open | Edge::Door)))
                .filter_map(|dir| Some((dir, view.grid.step(view.me.cell, dir)?)))
                .filter(|&(_, to)| view.body_at(to).is_none())
                .min_by_key(|&(_, to)| {
                    let next = view.cell(to);
                    let same = next.room == here.room && next.order == here.order;
                    let toll = match next.kind {
                        RoomKind::Kernel => 10,
                        RoomKind::Anonymous => 2,
                        _ => 0,
                    };
                    u32::from(same) * 5 + toll
                });
            if let Some((dir, _)) = best {
                return Some(Command::Step(dir));
            }
        }
        if let MinotaurView::Awake { cell, target_pid: 1, .. } = &view.minotaur {
            let near = cell.chebyshev(view.me.cell) <= 6;
            if near {
                if view.gate_here().is_some() && view.me.work.is_some() {
                    return None;
                }
                let least = view.me.held.iter().min_by_key(|held| (held.mapped, held.order));
                return least.map(|held| Command::Free(held.pfn));
            }
            return walk::leave(view, ways);
        }
        // Strike back at a hunter that stands beside you.
        let hunter = Dir::ALL.into_iter().find(|&dir| {
            matches!(view.edge(view.me.cell, dir), Some(Edge::Open | Edge::Door))
                && view
                    .grid
                    .step(view.me.cell, dir)
                    .and_then(|to| view.body_at(to))
                    .is_some_and(|body| body.hostile && body.refs > 0)
        });
        hunter.map(Command::Step)
    }

    /// Leaves when there is enough in the bag, or no time for more.
    fn time_to_go(view: &View, ways: &Ways<'_>) -> Option<Command> {
        let pages: u32 = view.me.held.iter().filter(|held| held.mapped).map(Held::pages).sum();
        let pending = view.me.held.iter().any(|held| !held.mapped);
        let gate = walk::best_gate(view, ways);
        let way = gate.as_ref().map_or(70, |&(cost, _, _)| cost);
        let late = view.watchdog.0 < way + 30;
        let weak = view.me.refs == 1 && pages > 0;
        if late || weak || pages >= CONTENT && !pending {
            if let Some(command) = walk::leave(view, ways) {
                return Some(command);
            }
            // No gate will do: the key opens one.
            if let Some((_, cell)) = walk::key_way(view, ways) {
                return walk::step_to(view, ways, cell);
            }
            return walk::explore(view, ways, None);
        }
        None
    }

    /// Works on the request that is easiest to serve.
    fn serve(&mut self, view: &View, ways: &Ways<'_>) -> Option<Command> {
        if view.me.isolation.is_none()
            && self.project.is_some_and(|project| project.until <= view.turn)
            && let Some(project) = self.project.take()
        {
            self.given_up.push((project.pfn, project.order, view.turn + 60));
        }
        let turn = view.turn;
        self.given_up.retain(|&(_, _, until)| until > turn);
        let mut targets: Vec<(u32, Cell, Order)> = view
            .devices
            .iter()
            .filter_map(|device| {
                let request = device.request?;
                let (cost, cell) = walk::nearest_of(ways, device.room?)?;
                let slack = 1 << request.order;
                let enough = view.gauge.free > slack - 1 + view.gauge.atomic;
                (enough && view.turn + cost + 2 < request.expires).then_some((cost, cell, request.order))
            })
            .collect();
        targets.sort_by_key(|&(cost, cell, order)| (cost + u32::from(order) * 6, cell.y, cell.x));
        for &(cost, cell, order) in &targets {
            if let Some(command) = self.serve_one(view, ways, cost, cell, order) {
                return Some(command);
            }
        }
        None
    }

    fn serve_one(&mut self, view: &View, ways: &Ways<'_>, cost: u32, device: Cell, order: Order) -> Option<Command> {
        // A block seen lately is there when we come, if we come soon.
        let trusted = free_rooms(view).into_iter().any(|room| {
            room.order >= order
                && (room.certain || view.turn - room.turn <= TRUST)
                && (room.order > order || view.turn - room.turn + cost <= TRUST + 2)
        });
        if trusted {
            self.project = None;
            return if device == view.me.cell {
                Some(Command::Grab)
            } else if cost <= TRUST + 4 || free_rooms(view).iter().any(|room| room.order > order) {
                walk::step_to(view, ways, device)
            } else {
                None
            };
        }
        self.pick_project(view, ways, order);
        self.work_on(view, ways)
    }

    /// Chooses a range that can be cleared into one block of the order wanted.
    fn pick_project(&mut self, view: &View, ways: &Ways<'_>, order: Order) {
        if self.project.is_some_and(|project| project.order >= order) {
            return;
        }
        let pages = view.cells.len() as u32;
        let best = (0..pages)
            .step_by(1 << order)
            .filter(|&pfn| !self.given_up.iter().any(|&(at, o, _)| (at, o) == (pfn, order)))
            .filter_map(|pfn| {
                let work = clearing_cost(view, pfn, order)?;
                let (way, _) = walk::nearest_of(ways, (pfn, order))?;
                (work <= 24 && way <= 40).then_some((work * 2 + way, pfn))
            })
            .min();
        self.project = best.map(|(_, pfn)| Project { pfn, order, until: view.turn + 45 });
    }

    /// The next act on the project: isolate when inside, clear what can be reached, walk to what cannot.
    fn work_on(&mut self, view: &View, ways: &Ways<'_>) -> Option<Command> {
        let project = self.project?;
        if clearing_cost(view, project.pfn, project.order).is_none() {
            self.project = None;
            return None;
        }
        let isolated = view
            .me
            .isolation
            .is_some_and(|(pfn, order, _)| order >= project.order && project.pfn >> order == pfn >> order);
        let reach = view.pageblock_order + 1;
        let inside = crate::labyrinth::pfn_of(view.me.cell) >> reach == project.pfn >> reach;
        if !isolated && inside && project.order <= reach && view.me.isolate_charges > 0 && view.me.isolation.is_none() {
            return Some(Command::Isolate);
        }
        let rect = block_rect(project.pfn, project.order);
        let occupied = |cell: Cell| {
            let room = view.cell(cell);
            room.knowledge != Knowledge::Unknown
                && matches!(room.kind, RoomKind::Cache { .. } | RoomKind::Anonymous)
        };
        if rect.contains(view.me.cell) && occupied(view.me.cell) {
            return Some(Command::Clear(None));
        }
        let beside = Dir::ALL.into_iter().find(|&dir| {
            matches!(view.edge(view.me.cell, dir), Some(Edge::Open | Edge::Door))
                && view
                    .grid
                    .step(view.me.cell, dir)
                    .is_some_and(|to| rect.contains(to) && occupied(to) && view.cell(to).knowledge.is_true())
        });
        if let Some(dir) = beside {
            return Some(Command::Clear(Some(dir)));
        }
        let next = rect
            .cells()
            .filter(|&cell| occupied(cell) || view.cell(cell).knowledge == Knowledge::Unknown)
            .filter_map(|cell| ways.cost(cell).map(|cost| (cost, cell)))
            .min_by_key(|&(cost, cell)| (cost, cell.y, cell.x));
        if let Some((_, cell)) = next {
            return walk::step_to(view, ways, cell);
        }
        // All of it is free as far as we know: look, if it was not seen lately.
        let seen = view.cell(cell_of(project.pfn));
        if view.turn - seen.turn > TRUST {
            let (_, cell) = walk::nearest_of(ways, (project.pfn, project.order))?;
            return walk::step_to(view, ways, cell);
        }
        self.project = None;
        None
    }

    /// Looks for devices and free rooms.
    fn scout(view: &View, ways: &Ways<'_>) -> Option<Command> {
        let unfound = view
            .devices
            .iter()
            .filter(|device| device.room.is_none())
            .find_map(|device| walk::guess_device(view, device));
        let around = unfound.or_else(|| {
            view.devices
                .iter()
                .filter(|device| device.request.is_some())
                .find_map(|device| device.room.map(walk::middle))
        });
        walk::explore(view, ways, around)
    }
}

/// Turns of clearing that would make a range one free block, as far as is known; `None` if it cannot be done.
fn clearing_cost(view: &View, pfn: Pfn, order: Order) -> Option<u32> {
    let mut turns = 0;
    let mut unknown = 0;
    let mut page = pfn;
    let end = pfn + (1 << order);
    while page < end {
        let cell = view.cell(cell_of(page));
        if cell.knowledge == Knowledge::Unknown {
            unknown += 1;
            page += 1;
            continue;
        }
        match cell.kind {
            RoomKind::Void => {}
            RoomKind::Cache { dirty } => turns += if dirty { 4 } else { 2 },
            RoomKind::Anonymous => turns += 2 + u32::from(cell.order) / 2,
            RoomKind::Kernel | RoomKind::Reserved(_) | RoomKind::Yours => return None,
        }
        page = page.max(cell.room) + 1;
        let room_end = cell.room + (1 << cell.order);
        if room_end > page {
            page = room_end;
        }
    }
    (unknown * 3 <= 1u32 << order).then_some(turns + unknown * 2)
}
