//! Planning on what a player knows: ways, and what clearing would do.

use super::clearing::{DIRTY_TURNS, migrate_turns, swap_turns};
use super::sight::block_name;
use super::text::{pages, turns};
use super::view::{CellView, Knowledge, RoomKind, View};
use crate::labyrinth::{Cell, Dir, Edge, Queue};

/// A way over known cells, and over unknown ones where it must.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The steps, first step first.
    pub steps: Vec<Dir>,
    /// The cells after each step.
    pub cells: Vec<Cell>,
    /// Kernel rooms entered: each costs a reference.
    pub faults: u32,
    /// Anonymous rooms entered: each is heard.
    pub trespasses: u32,
    /// Cells on the way that were never seen.
    pub unknown: u32,
}

/// Prices of a step for choosing a way, in steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tolls {
    /// Entering a kernel room.
    pub kernel: u32,
    /// Entering an anonymous room.
    pub anonymous: u32,
    /// Stepping where one has not seen.
    pub unknown: u32,
    /// Stepping where a body was seen.
    pub body: u32,
    /// Steps it goes on where it has not seen, at most: what lies deeper has no way, and costs nothing to compute.
    pub depth: u32,
}

impl Default for Tolls {
    fn default() -> Self {
        Self {
            kernel: 80,
            anonymous: 3,
            unknown: 3,
            body: 12,
            depth: u32::MAX,
        }
    }
}

/// Prices and ways from where the player stands to every cell, as far as is known.
#[derive(Debug, Clone)]
pub struct Ways<'a> {
    view: &'a View,
    places: Vec<Place>,
    /// The cells with a way.
    reached: Vec<Cell>,
}

/// Cost of a cell that cannot be reached by what is known.
const FAR: u32 = u32::MAX;

/// A cell on the way, in eight bytes: every turn of every bot looks at most of them.
#[derive(Debug, Clone, Copy)]
struct Place {
    cost: u32,
    /// How many steps in a row the way has taken where nothing was seen.
    deep: u16,
    /// The step that leads here, by its number.
    from: u8,
    /// A body was seen here, or is about to cross.
    body: bool,
}

impl<'a> Ways<'a> {
    /// Computes them.
    pub fn new(view: &'a View, tolls: Tolls) -> Self {
        let grid = view.grid;
        let nowhere = Place {
            cost: FAR,
            deep: 0,
            from: 0,
            body: false,
        };
        let mut places = vec![nowhere; view.cells.len()];
        let mut reached = vec![view.me.cell];
        places[grid.index(view.me.cell)].cost = 0;
        for body in &view.bodies {
            places[grid.index(body.cell)].body = true;
        }
        for cell in view.transfers.iter().flat_map(|line| &line.cells) {
            places[grid.index(*cell)].body = true;
        }
        let mut queue = Queue::new();
        queue.push(0, view.me.cell);
        while let Some((cost, cell)) = queue.pop() {
            let index = grid.index(cell);
            if cost > places[index].cost {
                continue;
            }
            let from = &view.cells[index];
            let seen = from.knowledge != Knowledge::Unknown;
            let deep = places[index].deep;
            for dir in Dir::ALL {
                let Some(to) = grid.step(cell, dir) else {
                    continue;
                };
                let next = grid.index(to);
                // A step costs 1 at least. Most neighbours have such a way by now, so this is asked before all else.
                let place = &mut places[next];
                if place.cost <= cost + 1 {
                    continue;
                }
                let beyond = &view.cells[next];
                let unseen = beyond.knowledge == Knowledge::Unknown;
                let steps = if unseen { deep.saturating_add(1) } else { 0 };
                if u32::from(steps) > tolls.depth
                    || (seen || !unseen) && (!may_pass(view, cell, dir) || shut(view, cell, to))
                {
                    continue;
                }
                let mut price = 1 + entry_toll(from, beyond, tolls);
                if place.body {
                    price += tolls.body;
                }
                let total = cost + price;
                if total >= place.cost {
                    continue;
                }
                if place.cost == FAR {
                    reached.push(to);
                }
                place.deep = steps;
                place.cost = total;
                place.from = dir as u8;
                queue.push(total, to);
            }
        }
        Self {
            view,
            places,
            reached,
        }
    }

    /// The cells to which a way is known, nearer ones mostly first.
    pub fn reached(&self) -> &[Cell] {
        &self.reached
    }

    /// The price of the way to a cell; `None` if no way is known.
    pub fn cost(&self, to: Cell) -> Option<u32> {
        Some(self.places[self.view.grid.index(to)].cost).filter(|&cost| cost != FAR)
    }

    /// The way to a cell; `None` if none is known.
    pub fn route(&self, to: Cell) -> Option<Route> {
        self.cost(to)?;
        let view = self.view;
        let mut steps = Vec::new();
        let mut cells = Vec::new();
        let mut at = to;
        while at != view.me.cell {
            let dir = Dir::ALL[usize::from(self.places[view.grid.index(at)].from)];
            steps.push(dir);
            cells.push(at);
            at = view.grid.step(at, dir.opposite())?;
        }
        steps.reverse();
        cells.reverse();
        let mut route = Route {
            steps,
            cells,
            faults: 0,
            trespasses: 0,
            unknown: 0,
        };
        let mut before = view.me.cell;
        for &cell in &route.cells {
            let (old, new) = (view.cell(before), view.cell(cell));
            if new.knowledge == Knowledge::Unknown {
                route.unknown += 1;
            } else if enters(old, new) {
                match new.kind {
                    RoomKind::Kernel => route.faults += 1,
                    RoomKind::Anonymous => route.trespasses += 1,
                    _ => {}
                }
            }
            before = cell;
        }
        Some(route)
    }
}

fn may_pass(view: &View, cell: Cell, dir: Dir) -> bool {
    match view.edge(cell, dir) {
        Some(edge) => matches!(edge, Edge::Open | Edge::Door),
        None => true,
    }
}

/// Turns a lock that was seen is believed in.
const LOCK_TURNS: u32 = 3;

/// True if a lock, seen a moment ago, keeps who is in one cell out of the other.
fn shut(view: &View, from: Cell, to: Cell) -> bool {
    let (old, new) = (view.cell(from), view.cell(to));
    new.locked
        && new.knowledge != Knowledge::Unknown
        && view.turn - new.turn < LOCK_TURNS
        && enters(old, new)
        && view.me.lock.is_none_or(|(pfn, _)| pfn != new.room)
}

fn enters(from: &CellView, to: &CellView) -> bool {
    from.knowledge == Knowledge::Unknown || (from.room, from.order) != (to.room, to.order)
}

fn entry_toll(from: &CellView, to: &CellView, tolls: Tolls) -> u32 {
    if to.knowledge == Knowledge::Unknown {
        return tolls.unknown;
    }
    match to.kind {
        RoomKind::Kernel if enters(from, to) => tolls.kernel,
        RoomKind::Anonymous if enters(from, to) => tolls.anonymous,
        _ => 0,
    }
}

/// The way to a cell at the usual prices; `None` if none is known.
pub fn route(view: &View, to: Cell) -> Option<Route> {
    Ways::new(view, Tolls::default()).route(to)
}

/// What clearing would do: the room you stand in, or the one next door.
///
/// # Errors
///
/// A sentence that says why it cannot be cleared.
pub fn describe_clear(view: &View, dir: Option<Dir>) -> Result<String, String> {
    let cell = match dir {
        None => view.me.cell,
        Some(dir) => match view.edge(view.me.cell, dir) {
            Some(Edge::Open | Edge::Door) => view
                .grid
                .step(view.me.cell, dir)
                .ok_or("the zone ends there")?,
            Some(Edge::Outside) => return Err("the zone ends there".into()),
            Some(Edge::Wall) | None => return Err("a wall: clearing goes through a door".into()),
        },
    };
    let room = view.cell(cell);
    let name = block_name(room.room, room.order);
    let size = pages(1 << room.order);
    let more = view.me.freeing_turns[usize::from(room.order)];
    if room.locked {
        return Err(format!("{name} is locked"));
    }
    match room.kind {
        RoomKind::Void => Err(format!("{name} is free already")),
        RoomKind::Yours => Err(format!("{name} is yours: f gives it back")),
        RoomKind::Kernel => Err(format!("{name} is kernel memory: unmovable")),
        RoomKind::Reserved(_) => Err("built stone".into()),
        RoomKind::Cache { dirty: false } => Ok(format!(
            "evict {name}: {size}, {}, noise 1",
            turns(1 + more)
        )),
        RoomKind::Cache { dirty: true } => Ok(format!(
            "evict {name}: {size}, {}, written back first, noise 1",
            turns(DIRTY_TURNS + more)
        )),
        RoomKind::Anonymous if view.me.swap => Ok(format!(
            "swap out {name}: {size}, {}, noise 1",
            turns(swap_turns(room.order) + more)
        )),
        RoomKind::Anonymous => Ok(format!(
            "migrate {name}: {size}, {}, noise 3",
            turns(migrate_turns(room.order) + more)
        )),
    }
}
