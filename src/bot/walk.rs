//! Ways and goals that all bots share.

use crate::labyrinth::{Cell, Dir, Edge, block_rect, cell_of};
use crate::raid::plan::{Tolls, Ways};
use crate::raid::{Command, DeviceView, GateRule, GateView, RoomKind, View};

/// The first step of the way to a cell, if there is one to take.
pub(super) fn step_to(view: &View, ways: &Ways<'_>, to: Cell) -> Option<Command> {
    let route = ways.route(to)?;
    debug_assert!(
        route.steps.len() == route.cells.len() && view.me.cell != to || route.steps.is_empty()
    );
    route.steps.first().map(|&dir| Command::Step(dir))
}

/// The cheapest cell of a room to walk to, with its price.
pub(super) fn nearest_of(ways: &Ways<'_>, room: (u32, u8)) -> Option<(u32, Cell)> {
    block_rect(room.0, room.1)
        .cells()
        .filter_map(|cell| ways.cost(cell).map(|cost| (cost, cell)))
        .min_by_key(|&(cost, cell)| (cost, cell.y, cell.x))
}

/// Where to look for a device: where its bearing points, at the first distance that was not seen yet.
pub(super) fn guess_device(view: &View, device: &DeviceView) -> Option<Cell> {
    guess(view, device.bearing?)
}

/// The nearest cell in a direction that was not seen yet.
pub(super) fn guess(view: &View, bearing: &str) -> Option<Cell> {
    let (dx, dy) = match bearing {
        "N" => (0, -1),
        "NE" => (1, -1),
        "E" => (1, 0),
        "SE" => (1, 1),
        "S" => (0, 1),
        "SW" => (-1, 1),
        "W" => (-1, 0),
        "NW" => (-1, -1),
        _ => (0, 0),
    };
    let last = i32::from(view.grid.side()) - 1;
    let at =
        |base: u16, delta: i32, far: i32| (i32::from(base) + delta * far).clamp(0, last) as u16;
    (4..=40)
        .step_by(4)
        .map(|far| Cell {
            x: at(view.me.cell.x, dx, far),
            y: at(view.me.cell.y, dy, far),
        })
        .find(|&cell| view.cell(cell).knowledge == crate::raid::Knowledge::Unknown)
}

/// The gate that can be reached most cheaply and will be open then, with its price and cell.
pub(super) fn best_gate<'a>(view: &'a View, ways: &Ways<'_>) -> Option<(u32, Cell, &'a GateView)> {
    view.gates
        .iter()
        .filter_map(|gate| nearest_of(ways, gate.room).map(|(cost, cell)| (cost, cell, gate)))
        .filter(|&(cost, _, gate)| match gate.rule {
            GateRule::Until(turn) => view.turn + cost + 4 < turn,
            GateRule::AboveLow => gate.open || cost > 12,
            GateRule::Key => view.me.key,
        })
        .min_by_key(|&(cost, cell, _)| (cost, cell.y, cell.x))
}

/// The key's cell, if it is seen and can be reached.
pub(super) fn key_way(view: &View, ways: &Ways<'_>) -> Option<(u32, Cell)> {
    let cell = view.key_cell?;
    ways.cost(cell).map(|cost| (cost, cell))
}

/// The first block held that is not yet mapped, with the way to it.
pub(super) fn pointer(view: &View, ways: &Ways<'_>) -> Option<(u32, Cell)> {
    view.me
        .held
        .iter()
        .filter(|held| !held.mapped)
        .filter_map(|held| nearest_of(ways, (held.pfn, held.order)))
        .min_by_key(|&(cost, cell)| (cost, cell.y, cell.x))
}

/// True for who stands in a block of theirs that waits to be zeroed.
pub(super) fn zeroes(view: &View) -> bool {
    let here = view.here().room;
    view.me.zeroing.iter().any(|&(pfn, _)| pfn == here)
}

/// Leaves through the gate one stands on, or walks towards the best one.
pub(super) fn leave(view: &View, ways: &Ways<'_>) -> Option<Command> {
    if let Some(gate) = view.gate_here()
        && view.gates[gate].open
        && (view.me.key || view.gates[gate].rule != GateRule::Key)
    {
        return Some(Command::Extract);
    }
    let (_, cell, _) = best_gate(view, ways)?;
    if cell == view.me.cell {
        return Some(Command::Wait);
    }
    step_to(view, ways, cell)
}

/// Steps off a line that somebody is about to cross, if the player stands on one and not in a block of their own.
pub(super) fn off_the_line(view: &View) -> Option<Command> {
    let crossed = |cell: Cell| view.transfers.iter().any(|line| line.cells.contains(&cell));
    if !crossed(view.me.cell) || view.here().kind == RoomKind::Yours {
        return None;
    }
    let open = |dir: &Dir| matches!(view.edge(view.me.cell, *dir), Some(Edge::Open | Edge::Door));
    Dir::ALL
        .into_iter()
        .filter(open)
        .filter_map(|dir| Some((dir, view.grid.step(view.me.cell, dir)?)))
        .filter(|&(_, to)| !crossed(to) && view.body_at(to).is_none())
        .filter(|&(_, to)| view.cell(to).kind != RoomKind::Kernel)
        .min_by_key(|&(_, to)| u32::from(view.cell(to).kind == RoomKind::Anonymous))
        .map(|(dir, _)| Command::Step(dir))
}

/// A step away from a hunter that is about to reach the player, if there is one that brings them out of its reach.
pub(super) fn away(view: &View) -> Option<Command> {
    if view.here().kind == RoomKind::Yours || view.me.lock.is_some() {
        return None;
    }
    let hunter = view
        .bodies
        .iter()
        .filter(|body| body.hostile && body.turn == view.turn)
        .map(|body| body.cell)
        .filter(|cell| cell.manhattan(view.me.cell) <= 2)
        .min_by_key(|cell| (cell.manhattan(view.me.cell), cell.y, cell.x))?;
    let open = |dir: &Dir| matches!(view.edge(view.me.cell, *dir), Some(Edge::Open | Edge::Door));
    Dir::ALL
        .into_iter()
        .filter(open)
        .filter_map(|dir| Some((dir, view.grid.step(view.me.cell, dir)?)))
        .filter(|&(_, to)| view.body_at(to).is_none() && !view.cell(to).locked)
        .filter(|&(_, to)| view.cell(to).kind != RoomKind::Kernel)
        .filter(|&(_, to)| to.manhattan(hunter) > view.me.cell.manhattan(hunter))
        .min_by_key(|&(_, to)| u32::from(view.cell(to).kind == RoomKind::Anonymous))
        .map(|(dir, _)| Command::Step(dir))
}

/// Steps into the unknown that a bot plans ahead, at most.
pub(super) const DEPTH: u32 = 24;

/// Prices of a player who does not want to bleed.
pub(super) fn wary(view: &View) -> Tolls {
    Tolls {
        kernel: if view.me.refs > 1 { 60 } else { 5000 },
        depth: DEPTH,
        ..Tolls::default()
    }
}

/// One step towards the nearest cell never seen, near a goal if one is given.
pub(super) fn explore(view: &View, ways: &Ways<'_>, around: Option<Cell>) -> Option<Command> {
    step_to(view, ways, unseen(view, ways, around)?)
}

/// The nearest cell never seen, near a goal if one is given.
pub(super) fn unseen(view: &View, ways: &Ways<'_>, around: Option<Cell>) -> Option<Cell> {
    ways.reached()
        .iter()
        .copied()
        .filter(|&cell| view.cell(cell).knowledge == crate::raid::Knowledge::Unknown)
        .filter_map(|cell| {
            let cost = ways.cost(cell)?;
            let pull = around.map_or(0, |goal| goal.manhattan(cell) * 2);
            Some((cost + pull, view.grid.index(cell), cell))
        })
        .min()
        .map(|(_, _, cell)| cell)
}

/// The middle of a room, roughly.
pub(super) fn middle(room: (u32, u8)) -> Cell {
    let rect = block_rect(room.0, room.1);
    let first = cell_of(room.0);
    Cell {
        x: first.x + rect.w / 2,
        y: first.y + rect.h / 2,
    }
}
