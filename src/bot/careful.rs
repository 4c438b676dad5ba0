//! The careful player: makes sure of a block before it grabs, clears buddies to make one, and leaves in time.

use super::Bot;
use super::{kit, walk};
use crate::labyrinth::{Cell, Dir, Edge, block_rect, cell_of};
use crate::mm::{MigrateType, Order, Pfn};
use crate::raid::plan::Ways;
use crate::raid::preview::{FreeRoom, Verdict, free_rooms, preview, useful};
use crate::raid::{
    BodyView, Command, GateRule, Knowledge, MinotaurView, Request, RoomKind, View, of_use,
};

/// How old a sight of a free room may be when its pages are asked for, in turns: of a room just large enough,
/// and of a larger one, which the allocator takes later.
const TRUST: (u32, u32) = (3, 8);
/// Pages after which it leaves.
const CONTENT: u32 = 20;
/// The most turns of clearing it plans for, and the most it does without isolating.
const PATIENCE: (u32, u32) = (20, 6);
/// For how many turns it relies on a block that it made and saw whole: few requests are as large, and who asks for less
/// is served from smaller ones.
const MADE: u32 = 40;
/// With an empty bag, the share of the watchdog's turns in per cent below which it takes more of a risk, and how old a
/// sight of a free room may be then.
const BOLD: (u32, u32) = (60, 60);
/// How far from its device a block may be made, in cells.
const NEAR: u32 = 12;
/// Turns after which a project, and a goal, is dropped.
const PROJECT: u32 = 30;
const LIMIT: u32 = 40;
/// How near it lets the Minotaur come before it gives blocks up, in cells.
const CLINGS: u16 = 1;
/// Steps it takes without thinking anew, at most.
const STRIDE: usize = 3;

/// See the module.
#[derive(Default)]
pub struct Careful {
    /// A range being made into one free block.
    project: Option<Project>,
    /// Ranges given up on, and until which turn.
    given_up: Vec<(Pfn, Order, u32)>,
    /// Where it goes to look around, and until which turn.
    goal: Option<(Cell, u32)>,
    /// The last range it cleared, and when that was done.
    made: Option<(Pfn, Order, u32)>,
    /// The way it is on.
    leg: Option<Leg>,
    /// What it clears, and the references it had then.
    work: Option<(Command, u32)>,
    refusals: u32,
}

/// Steps that are taken without thinking anew, while nothing happens.
struct Leg {
    /// The cells to come, the next one last, with the steps that lead there.
    steps: Vec<(Dir, Cell)>,
    refs: u32,
    held: usize,
    requests: usize,
}

#[derive(Clone, Copy)]
struct Project {
    pfn: Pfn,
    order: Order,
    until: u32,
}

impl Bot for Careful {
    fn next(&mut self, view: &View) -> Command {
        let command = self.choose(view);
        // Whoever keeps walking is not caught; who stands and works is.
        let stands = matches!(
            command,
            Command::Wait | Command::Clear(_) | Command::Isolate
        );
        if stands && let Some(step) = walk::away(view) {
            return step;
        }
        self.work = matches!(command, Command::Clear(_)).then_some((command, view.me.refs));
        command
    }

    fn refused(&mut self) {
        self.leg = None;
        self.refusals += 1;
        if self.refusals > 2 {
            self.refusals = 0;
            self.goal = None;
            self.give_up(0);
        }
    }
}

impl Careful {
    fn choose(&mut self, view: &View) -> Command {
        if let Some(command) = self.stride(view).or_else(|| self.work_again(view)) {
            return command;
        }
        let ways = Ways::new(view, walk::wary(view));
        let turn = view.turn;
        self.given_up.retain(|&(_, _, until)| until > turn);
        if self.project.is_some_and(|project| project.until <= turn) {
            self.give_up(turn);
        }
        if let Some(command) = Self::survive(view, &ways) {
            return command;
        }
        if let Some(command) = kit::live(view).or_else(|| kit::prepare(view)) {
            return command;
        }
        if let Some(command) = self.time_to_go(view, &ways) {
            return command;
        }
        if let Some(command) = self.follow(view, &ways) {
            return command;
        }
        if let Some(preview) = preview(view)
            && matches!(preview.verdict, Verdict::Certain(_))
            && preview.useful != Some(false)
        {
            self.project = None;
            return Command::Grab;
        }
        if let Some(command) = kit::make(view) {
            return command;
        }
        self.serve(view, &ways)
            .or_else(|| self.scout(view, &ways))
            .unwrap_or(Command::Wait)
    }

    /// The next step of the way it is on, unless there is something to think about.
    fn stride(&mut self, view: &View) -> Option<Command> {
        let mut leg = self.leg.take()?;
        let (dir, to) = leg.steps.pop()?;
        let next = view.cell(to);
        let open = matches!(view.edge(view.me.cell, dir), Some(Edge::Open | Edge::Door))
            && view.grid.step(view.me.cell, dir) == Some(to)
            && next.knowledge.is_true()
            && matches!(
                next.kind,
                RoomKind::Void | RoomKind::Cache { .. } | RoomKind::Anonymous
            )
            && !next.locked
            && view.body_at(to).is_none();
        let same = (leg.refs, leg.held, leg.requests) == Leg::state(view);
        if !open || !same || !calm(view) {
            return None;
        }
        self.leg = Some(leg);
        Some(Command::Step(dir))
    }

    /// What it was clearing a turn ago, if that is not done yet and nothing happens.
    fn work_again(&mut self, view: &View) -> Option<Command> {
        let (command, refs) = self.work.take()?;
        let goes_on = view.me.work.is_some() && refs == view.me.refs && calm(view);
        goes_on.then_some(command)
    }

    /// One step towards a cell, and the next few without thinking anew.
    fn go(&mut self, view: &View, ways: &Ways<'_>, to: Cell) -> Option<Command> {
        let route = ways.route(to)?;
        let first = route.steps.first().copied()?;
        let mut steps: Vec<(Dir, Cell)> = route
            .steps
            .into_iter()
            .zip(route.cells)
            .skip(1)
            .take(STRIDE)
            .collect();
        steps.reverse();
        let (refs, held, requests) = Leg::state(view);
        self.leg = Some(Leg {
            steps,
            refs,
            held,
            requests,
        });
        Some(Command::Step(first))
    }

    /// What must be done at once.
    fn survive(view: &View, ways: &Ways<'_>) -> Option<Command> {
        if view.me.evicted_by.is_some() {
            let here = view.here();
            let best = Dir::ALL
                .into_iter()
                .filter(|&dir| {
                    matches!(view.edge(view.me.cell, dir), Some(Edge::Open | Edge::Door))
                })
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
        if let Some(command) = walk::off_the_line(view) {
            return Some(command);
        }
        if let MinotaurView::Awake {
            cell,
            target_pid: 1,
            ..
        } = &view.minotaur
        {
            let near = cell.chebyshev(view.me.cell) <= CLINGS;
            if near {
                if view.gate_here().is_some() && view.me.work.is_some() {
                    return None;
                }
                let least = view
                    .me
                    .held
                    .iter()
                    .min_by_key(|held| (held.mapped, held.order));
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
        // One that takes more than a blow strikes first: walk away from it.
        let first = |dir: &Dir| {
            let to = view.grid.step(view.me.cell, *dir);
            to.and_then(|to| view.body_at(to))
                .is_some_and(|body| body.refs == 1)
        };
        let dir = hunter?;
        if first(&dir) {
            return Some(Command::Step(dir));
        }
        walk::away(view).or(Some(Command::Step(dir)))
    }

    /// Follows a pointer, or gives the block back if the way would bleed it dry.
    fn follow(&mut self, view: &View, ways: &Ways<'_>) -> Option<Command> {
        if walk::zeroes(view) {
            return Some(Command::Wait);
        }
        let (_, cell) = walk::pointer(view, ways)?;
        let route = ways.route(cell)?;
        if route.faults >= view.me.refs {
            let held = view
                .me
                .held
                .iter()
                .find(|held| block_rect(held.pfn, held.order).contains(cell))?;
            return Some(Command::Free(held.pfn));
        }
        self.go(view, ways, cell)
    }

    fn give_up(&mut self, turn: u32) {
        if let Some(project) = self.project.take() {
            self.given_up
                .push((project.pfn, project.order, turn.max(project.until) + LIMIT));
        }
    }

    /// Leaves when there is enough in the bag, or no time for more.
    fn time_to_go(&mut self, view: &View, ways: &Ways<'_>) -> Option<Command> {
        let pages = view.me.mapped_pages();
        let pending = view.me.held.iter().any(|held| !held.mapped);
        let gate = walk::best_gate(view, ways);
        // Where no gate will do the key must be found first, and the larger the zone the longer is the search.
        let side = u32::from(view.grid.side());
        let far = side + side * side / 256;
        let way = gate.as_ref().map_or(far, |&(cost, _, _)| cost);
        let late = view.watchdog.0 < way + 40 + if pages > 0 { 60 } else { 0 };
        let weak = view.me.refs == 1 && pages > 0;
        // The one gate that is surely open is about to close.
        let closing = !view.me.key
            && view.gates.iter().any(|gate| match gate.rule {
                GateRule::Until(turn) => {
                    walk::nearest_of(ways, gate.room).is_some_and(|(cost, _)| {
                        (view.turn + cost + 5..view.turn + cost + 20).contains(&turn)
                    })
                }
                _ => false,
            });
        if late || weak || closing && !pending && pages > 0 || pages >= CONTENT && !pending {
            if let Some(command) = walk::leave(view, ways) {
                return match (command, gate) {
                    (Command::Step(_), Some((_, cell, _))) => self.go(view, ways, cell),
                    _ => Some(command),
                };
            }
            // No gate will do: the key opens one.
            if let Some((_, cell)) = walk::key_way(view, ways) {
                return self.go(view, ways, cell);
            }
            let around = view
                .key_bearing
                .and_then(|bearing| walk::guess(view, bearing));
            return self.look_for(view, ways, around);
        }
        None
    }

    /// Works on the request that is easiest to serve.
    fn serve(&mut self, view: &View, ways: &Ways<'_>) -> Option<Command> {
        let mut targets: Vec<(u32, Cell, Request)> = view
            .devices
            .iter()
            .filter_map(|device| {
                let request = device.request?;
                let (cost, cell) = walk::nearest_of(ways, device.room?)?;
                let enough = view.gauge.free > (1 << request.order) - 1 + view.gauge.atomic;
                (enough && view.turn + cost + 2 < request.expires).then_some((cost, cell, request))
            })
            .collect();
        targets.sort_by_key(|&(cost, cell, request)| {
            (cost + u32::from(request.order) * 8, cell.y, cell.x)
        });
        let rooms = free_rooms(view);
        for &(cost, cell, request) in &targets {
            if rooms
                .iter()
                .any(|room| self.lasts(view, room, request, cost))
            {
                return if cell == view.me.cell {
                    Some(Command::Grab)
                } else {
                    self.go(view, ways, cell)
                };
            }
        }
        for &(_, cell, request) in &targets {
            if kit::can_make(view, request.order) && cell != view.me.cell {
                return self.go(view, ways, cell);
            }
            self.pick_project(view, ways, cell, request);
            if let Some(command) = self.work_on(view, ways) {
                return Some(command);
            }
        }
        // Nothing can be made from what is known: look around the device that is easiest to serve.
        let &(_, cell, _) = targets.first()?;
        let near = ways.reached().iter().any(|&at| {
            at.chebyshev(cell) <= 8
                && view.cell(at).knowledge == Knowledge::Unknown
                && ways.cost(at).is_some_and(|cost| cost < 40)
        });
        if near {
            self.look_for(view, ways, Some(cell))
        } else {
            None
        }
    }

    /// True once there is nothing to lose by a grab that is likely to succeed: the bag is empty, and the time for
    /// another chance is running out.
    fn bold(view: &View) -> bool {
        view.me.held.is_empty() && view.watchdog.0 * 100 < view.watchdog.1 * BOLD.0
    }

    /// True if a free room will still be there after so many turns, as far as one can trust that.
    fn lasts(&self, view: &View, room: &FreeRoom, request: Request, turns: u32) -> bool {
        let (order, demand) = (request.order, request.demand);
        if room.order < order || !demand.reaches(room.pfn, order) {
            return false;
        }
        if demand.left.is_some() && useful(view, room, order, demand) != Some(true) {
            return false;
        }
        let made = self.made.is_some_and(|(pfn, size, turn)| {
            pfn >> room.order == room.pfn >> room.order
                && order <= size
                && view.turn + turns <= turn + MADE
        });
        if made {
            return true;
        }
        if room.list == MigrateType::Isolate {
            return room.certain && view.me.isolation.is_some_and(|(_, _, left)| left > turns);
        }
        let age = view.turn - room.turn + turns;
        if Self::bold(view) && age <= BOLD.1 {
            return true;
        }
        age <= if room.order > order { TRUST.1 } else { TRUST.0 }
    }

    /// Chooses a range near a device that can be cleared into one block of the order wanted.
    fn pick_project(&mut self, view: &View, ways: &Ways<'_>, device: Cell, request: Request) {
        let (order, demand) = (request.order, request.demand);
        if self.project.is_some() {
            return;
        }
        let charged = view.me.isolate_charges > 0
            && view.me.isolation.is_none()
            && order <= view.pageblock_order + 1;
        let most = if charged { PATIENCE.0 } else { PATIENCE.1 };
        let pages = view.cells.len() as u32;
        let best = (0..pages)
            .step_by(1 << order)
            .filter(|&pfn| demand.reaches(pfn, order))
            .filter(|&pfn| {
                !self
                    .given_up
                    .iter()
                    .any(|&(at, o, _)| (at, o) == (pfn, order))
            })
            .filter_map(|pfn| {
                let far = walk::middle((pfn, order)).manhattan(device);
                if far > NEAR {
                    return None;
                }
                let work = clearing_cost(view, pfn, order).filter(|&work| work <= most)?;
                if of_use(view, pfn, order, demand) == Some(false) {
                    return None;
                }
                let (way, _) = walk::nearest_of(ways, (pfn, order))?;
                Some((work * 2 + way + far * 6, pfn))
            })
            .min();
        self.project = best.map(|(_, pfn)| Project {
            pfn,
            order,
            until: view.turn + PROJECT,
        });
    }

    /// The next act on the project: walk there, isolate, clear what can be reached.
    fn work_on(&mut self, view: &View, ways: &Ways<'_>) -> Option<Command> {
        let project = self.project?;
        if clearing_cost(view, project.pfn, project.order).is_none() {
            self.give_up(view.turn);
            return None;
        }
        let rect = block_rect(project.pfn, project.order);
        let occupied = |cell: Cell| {
            let room = view.cell(cell);
            room.knowledge != Knowledge::Unknown
                && matches!(room.kind, RoomKind::Cache { .. } | RoomKind::Anonymous)
        };
        let left = rect
            .cells()
            .any(|cell| occupied(cell) || view.cell(cell).knowledge == Knowledge::Unknown);
        if !left {
            let first = view.cell(cell_of(project.pfn));
            let whole = first.kind == RoomKind::Void && first.order >= project.order;
            let again = self
                .made
                .is_some_and(|(pfn, order, _)| (pfn, order) == (project.pfn, project.order));
            if whole && first.turn == view.turn && !again {
                self.made = Some((project.pfn, project.order, view.turn));
                self.project = None;
                return self.serve(view, ways);
            }
            // It should be free by now. Whether it is, serve() has judged; look again or drop it.
            let (cost, cell) = walk::nearest_of(ways, (project.pfn, project.order))?;
            if cost == 0 || view.cell(cell_of(project.pfn)).turn + 2 >= view.turn {
                self.give_up(view.turn);
                return None;
            }
            return self.go(view, ways, cell);
        }
        let reach = view.pageblock_order + 1;
        let inside = crate::labyrinth::pfn_of(view.me.cell) >> reach == project.pfn >> reach;
        let free_hands = view.me.isolate_charges > 0 && view.me.isolation.is_none();
        if free_hands && inside && project.order <= reach && project.order >= 2 {
            return Some(Command::Isolate);
        }
        if rect.contains(view.me.cell) && occupied(view.me.cell) {
            return Some(Command::Clear(None));
        }
        let beside = Dir::ALL.into_iter().find(|&dir| {
            matches!(view.edge(view.me.cell, dir), Some(Edge::Open | Edge::Door))
                && view.grid.step(view.me.cell, dir).is_some_and(|to| {
                    rect.contains(to) && occupied(to) && view.cell(to).knowledge.is_true()
                })
        });
        if let Some(dir) = beside {
            return Some(Command::Clear(Some(dir)));
        }
        let next = rect
            .cells()
            .filter(|&cell| occupied(cell) || view.cell(cell).knowledge == Knowledge::Unknown)
            .filter_map(|cell| ways.cost(cell).map(|cost| (cost, cell)))
            .min_by_key(|&(cost, cell)| (cost, cell.y, cell.x));
        self.go(view, ways, next?.1)
    }

    /// Looks for devices and free rooms.
    fn scout(&mut self, view: &View, ways: &Ways<'_>) -> Option<Command> {
        let unfound = view
            .devices
            .iter()
            .filter(|device| device.room.is_none() && device.request.is_some())
            .find_map(|device| walk::guess_device(view, device));
        let around = unfound.or_else(|| {
            view.devices
                .iter()
                .filter(|device| device.request.is_some())
                .find_map(|device| device.room.map(walk::middle))
        });
        self.look_for(view, ways, around)
    }

    /// Walks to a cell never seen, and keeps to it until it is seen.
    fn look_for(&mut self, view: &View, ways: &Ways<'_>, around: Option<Cell>) -> Option<Command> {
        let holds = self.goal.is_some_and(|(cell, until)| {
            until > view.turn
                && view.cell(cell).knowledge == Knowledge::Unknown
                && ways.cost(cell).is_some()
        });
        if !holds {
            self.goal = walk::unseen(view, ways, around).map(|cell| (cell, view.turn + LIMIT));
        }
        self.go(view, ways, self.goal?.0)
    }
}

impl Leg {
    /// What makes it think anew: references, blocks held, devices that ask for something.
    fn state(view: &View) -> (u32, usize, usize) {
        let asking = view.devices.iter().filter(|at| at.request.is_some());
        (view.me.refs, view.me.held.len(), asking.count())
    }
}

/// True if nothing presses.
fn calm(view: &View) -> bool {
    let hunted = |body: &BodyView| body.hostile && body.turn == view.turn;
    view.me.evicted_by.is_none()
        && view.transfers.is_empty()
        && !view.bodies.iter().any(hunted)
        && !matches!(view.minotaur, MinotaurView::Awake { target_pid: 1, .. })
        && kit::live(view).is_none()
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
            RoomKind::Anonymous if view.me.swap => turns += 4 + u32::from(cell.order),
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
