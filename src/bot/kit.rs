//! What bots do with the items they brought: to live, and to make a block they cannot see.

use crate::labyrinth::Cell;
use crate::mm::Order;
use crate::raid::preview::{Verdict, preview};
use crate::raid::{BodyView, Command, Item, MinotaurView, RoomKind, View};

/// How near a hunter is when one has to do something about it, in cells.
const CLOSE: u32 = 3;
/// How near the Minotaur is then.
const LOOMS: u32 = 9;
/// Pages a task holds that are worth a `kill`.
const FAT: u32 = 300;
/// Turns after which a count of free blocks is no longer believed.
const STALE: u32 = 20;

fn has(view: &View, item: Item) -> bool {
    view.me.uses_left(item) > 0
}

fn far(view: &View, cell: Cell) -> u32 {
    u32::from(cell.chebyshev(view.me.cell))
}

fn hunter(view: &View) -> Option<&BodyView> {
    view.bodies
        .iter()
        .find(|body| body.hostile && body.turn == view.turn && far(view, body.cell) <= CLOSE)
}

/// True if the Minotaur comes, or is about to come, for the player.
fn doomed(view: &View) -> bool {
    let fattest = view.badness.first().is_some_and(|line| line.pid == 1);
    match view.minotaur {
        MinotaurView::Awake { target_pid, .. } => target_pid == 1,
        MinotaurView::Stirring { .. } => fattest,
        MinotaurView::Asleep => false,
    }
}

/// An item that helps to stay alive now.
pub(super) fn live(view: &View) -> Option<Command> {
    let me = &view.me;
    let using = |item| Some(Command::Use(item, None));
    if me.refs == 1 && has(view, Item::GetPage) {
        return using(Item::GetPage);
    }
    if view.watchdog.0 < 100 && view.watchdog.1 >= 180 && has(view, Item::TouchWatchdog) {
        return using(Item::TouchWatchdog);
    }
    // Once before it is needed: what one holds counts while memory is short.
    let fat = !me.held.is_empty() && view.gauge.free < view.gauge.marks.high;
    let left = me.uses_left(Item::OomScoreAdj);
    if left > 0 && doomed(view) || left > 1 && fat {
        return using(Item::OomScoreAdj);
    }
    let looms = matches!(view.minotaur, MinotaurView::Awake { cell, target_pid: 1, .. }
        if far(view, cell) <= LOOMS);
    if (looms || hunter(view).is_some()) && me.decoy.is_none() && has(view, Item::Fork) {
        return using(Item::Fork);
    }
    if me.decoy.is_none() && hunter(view).is_some() && me.refs <= 2 && !looms {
        if me.lock.is_some() {
            return Some(Command::Wait);
        }
        let here = view.here();
        let can = matches!(
            here.kind,
            RoomKind::Cache { .. } | RoomKind::Void | RoomKind::Yours
        );
        if can && !here.locked && me.evicted_by.is_none() && has(view, Item::PageLock) {
            return using(Item::PageLock);
        }
    }
    kill(view)
}

/// Kills a fat task in sight while memory is short.
fn kill(view: &View) -> Option<Command> {
    if !has(view, Item::Kill) || view.gauge.free > view.gauge.marks.high * 2 {
        return None;
    }
    let fat = |pid| {
        let line = view.badness.iter().find(|line| line.pid == pid);
        line.is_some_and(|line| line.pages >= FAT)
    };
    view.bodies
        .iter()
        .find(|body| body.turn == view.turn && body.refs > 0 && body.pid > 1 && fat(body.pid))
        .map(|body| Command::Use(Item::Kill, Some(body.pid)))
}

/// An item that is best used early.
pub(super) fn prepare(view: &View) -> Option<Command> {
    has(view, Item::Swapon).then_some(Command::Use(Item::Swapon, None))
}

/// True if some item could still serve, or make, a block of this order.
pub(super) fn can_make(view: &View, order: Order) -> bool {
    let served = view.me.pool.is_some_and(|(_, size)| size >= order);
    let given_back = view.me.huge.is_some_and(|(_, size)| size >= order);
    served
        || given_back && has(view, Item::NrHugepages)
        || has(view, Item::DropCaches)
        || has(view, Item::CompactMemory)
}

/// At a device whose grab is not certain: an item that may make it so.
pub(super) fn make(view: &View) -> Option<Command> {
    let request = view.devices[view.device_here()?].request?;
    if matches!(preview(view)?.verdict, Verdict::Certain(_)) {
        return None;
    }
    let using = |item| Some(Command::Use(item, None));
    let huge = view.me.huge.is_some_and(|(_, size)| size >= request.order);
    if huge && has(view, Item::NrHugepages) {
        return using(Item::NrHugepages);
    }
    if has(view, Item::DropCaches) {
        return using(Item::DropCaches);
    }
    if has(view, Item::CompactMemory) && request.expires > view.turn + 6 {
        return using(Item::CompactMemory);
    }
    if has(view, Item::Scan) && view.scan.turn + 2 < view.turn {
        return using(Item::Scan);
    }
    None
}

/// True if a fresh count says that there is no block of this order.
pub(super) fn counted_out(view: &View, order: Order) -> bool {
    let brought = view.me.kit.iter().any(|&(item, _)| item == Item::Scan);
    let fresh = view.turn - view.scan.turn <= STALE;
    let none = view.scan.free[usize::from(order)..]
        .iter()
        .all(|&blocks| blocks == 0);
    brought && fresh && none && !can_make(view, order)
}
