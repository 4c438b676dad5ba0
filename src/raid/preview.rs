//! What a grab would do as far as the player knows: certain, fatal, or unknown and why.

use super::demand::{Demand, of_use};
use super::sight::block_name;
use super::view::{CellView, Knowledge, Request, RoomKind, View};
use crate::labyrinth::cell_of;
use crate::mm::{Gfp, MigrateType, Order, Pfn};

/// A grab, seen before it is committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// The device whose interrupt it serves.
    pub device: String,
    /// The order it asks for.
    pub order: Order,
    /// Its flags.
    pub gfp: Gfp,
    /// How it would end, as far as you know.
    pub verdict: Verdict,
    /// What it would take, in words: one fact a line.
    pub lines: Vec<String>,
    /// The free room it would come from if there were no others than those you know.
    pub block: Option<(Pfn, Order)>,
    /// Whether that room holds what the device wants of a last owner, if the whole of it is known.
    pub useful: Option<bool>,
}

/// How a grab would end, as far as the player knows; each with the reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It succeeds.
    Certain(String),
    /// It returns `NULL`.
    Fatal(String),
    /// Nobody can tell from what you know.
    Unknown(String),
}

/// A free room the player knows of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FreeRoom {
    /// First frame.
    pub pfn: Pfn,
    /// Order.
    pub order: Order,
    /// The free list it is on.
    pub list: MigrateType,
    /// It is in sight: certainly so now.
    pub certain: bool,
    /// When it was last seen.
    pub turn: u32,
}

/// The free rooms the player knows of, in address order, each once.
pub fn free_rooms(view: &View) -> Vec<FreeRoom> {
    let mut rooms: Vec<FreeRoom> = view
        .known
        .iter()
        .map(|&index| &view.cells[index as usize])
        .filter(|cell| cell.knowledge != Knowledge::Unknown && cell.kind == RoomKind::Void)
        .map(|cell| FreeRoom {
            pfn: cell.room,
            order: cell.order,
            list: cell.migratetype,
            certain: cell.knowledge.is_true() || kept_by_isolation(view, cell),
            turn: cell.turn,
        })
        .collect();
    // What is certain, and then what is newest, comes first among views of one room.
    rooms.sort_by_key(|room| (room.pfn, !room.certain, std::cmp::Reverse(room.turn)));
    rooms.dedup_by_key(|room| room.pfn);
    rooms
}

/// True for a free block seen since the isolation around it began: nobody else can have taken it.
fn kept_by_isolation(view: &View, cell: &CellView) -> bool {
    view.me.isolation.is_some_and(|(pfn, order, _)| {
        cell.migratetype == MigrateType::Isolate
            && cell.room >> order == pfn >> order
            && cell.turn >= view.me.isolated_since
            // A grab may have been served from it since.
            && view.me.held.iter().all(|held| held.pfn >> cell.order != cell.room >> cell.order)
    })
}

/// What the grab at the device you stand at would do; `None` where there is no device or no interrupt.
pub fn preview(view: &View) -> Option<Preview> {
    let device = &view.devices[view.device_here()?];
    let request = device.request?;
    let (order, gfp) = (request.order, request.gfp);
    let rooms = free_rooms(view);
    let demand = request.demand;
    let site = view.here().room;
    let fits = |room: &&FreeRoom| room.order >= order && demand.reaches(room.pfn, order);
    let certain: Vec<FreeRoom> = rooms
        .iter()
        .filter(fits)
        .filter(|room| room.certain)
        .copied()
        .collect();
    let isolated = certain
        .iter()
        .find(|room| room.list == MigrateType::Isolate)
        .copied();
    let ordinary: Vec<FreeRoom> = certain
        .into_iter()
        .filter(|room| room.list != MigrateType::Isolate)
        .collect();
    let needed = (1 << order) - 1 + view.gauge.atomic;
    let enough = view.gauge.free > needed;
    // The first try, above `low`, leaves the high-order atomic reserve alone.
    let easy = view.gauge.free > (1 << order) - 1 + view.gauge.marks.low;
    let taken = if enough {
        pick(&ordinary, easy, demand, site).or(isolated)
    } else {
        isolated
    };
    let verdict = match taken {
        Some(room) if room.list == MigrateType::Isolate => {
            Verdict::Certain("the block you isolated serves you".into())
        }
        Some(_) => Verdict::Certain("you see a block that serves it".into()),
        None if !enough && view.me.isolation.is_none() => Verdict::Fatal(format!(
            "{} pages are free, more than {needed} are needed: GFP_ATOMIC may not go lower",
            view.gauge.free
        )),
        None if !enough => Verdict::Unknown(format!(
            "{} pages are free, more than {needed} are needed: only an isolated block could serve it, and you see none",
            view.gauge.free
        )),
        None => unknown(view, request, &rooms),
    };
    let verdict = match view.me.pool {
        Some((pfn, size))
            if size >= order
                && demand.reaches(pfn, order)
                && !matches!(verdict, Verdict::Certain(_)) =>
        {
            Verdict::Certain(format!(
                "if alloc_pages returns NULL, the mempool serves {}",
                block_name(pfn, order)
            ))
        }
        _ => verdict,
    };
    let guess = taken.or_else(|| {
        let remembered: Vec<FreeRoom> = rooms.iter().filter(fits).copied().collect();
        if enough {
            pick(&remembered, easy, demand, site)
        } else {
            None
        }
    });
    let from_isolation = guess.is_some_and(|room| room.list == MigrateType::Isolate);
    let mut lines = Vec::new();
    if let Some(room) = guess {
        let splits = room.order - order;
        lines.push(match splits {
            0 => format!("of what you know: {}", block_name(room.pfn, order)),
            1 => format!(
                "of what you know: {}, 1 split",
                block_name(room.pfn, room.order)
            ),
            _ => format!(
                "of what you know: {}, {splits} splits",
                block_name(room.pfn, room.order)
            ),
        });
        lines.push(counts(view, order, room.order));
    }
    // Isolated pages do not count as free, so taking them leaves the gauge where it is.
    let left = if from_isolation {
        view.gauge.free
    } else {
        view.gauge.free.saturating_sub(1 << order)
    };
    lines.push(format!("free pages {} -> {left}", view.gauge.free));
    if gfp.contains(Gfp::ZERO) {
        lines.push("__GFP_ZERO: the block is zeroed before it can be mapped".into());
    }
    let useful = guess.and_then(|room| useful(view, &room, order, demand));
    for line in demand.lines() {
        lines.push(format!("it wants {line}"));
    }
    if demand.left.is_some() {
        lines.push(match useful {
            Some(true) => "that block holds it".into(),
            Some(false) => "that block does not hold it: the device would give it back".into(),
            None => "whether the block holds it cannot be told".into(),
        });
    }
    Some(Preview {
        device: device.name.clone(),
        order,
        gfp,
        verdict,
        lines,
        block: guess.map(|room| (room.pfn, room.order)),
        useful,
    })
}

/// Whether whatever part of a free room a request gets holds what it wants, as far as is known.
pub fn useful(view: &View, room: &FreeRoom, order: Order, demand: Demand) -> Option<bool> {
    let mut parts = (room.pfn..room.pfn + (1 << room.order))
        .step_by(1 << order)
        .map(|pfn| of_use(view, pfn, order, demand));
    let first = parts.next()??;
    parts.all(|part| part == Some(first)).then_some(first)
}

/// The room a request would be served from among these, if there were no others.
fn pick(rooms: &[FreeRoom], easy: bool, demand: Demand, site: Pfn) -> Option<FreeRoom> {
    if demand.below.is_some() {
        let far = |room: &FreeRoom| cell_of(room.pfn).manhattan(cell_of(site));
        return rooms
            .iter()
            .min_by_key(|room| (room.order, far(room), room.pfn))
            .copied();
    }
    choose(rooms, easy)
}

/// The room the allocator would choose among these for an unmovable atomic request, if there were no others:
/// the smallest on the unmovable lists, else the largest of another type, which it claims. The high-order atomic
/// reserve comes last if the first try will do (`easy`), else first.
fn choose(rooms: &[FreeRoom], easy: bool) -> Option<FreeRoom> {
    let smallest = |list| {
        rooms
            .iter()
            .filter(move |room| room.list == list)
            .min_by_key(|room| room.order)
    };
    let reserve = smallest(MigrateType::HighAtomic);
    let claimed = rooms
        .iter()
        .filter(|room| matches!(room.list, MigrateType::Reclaimable | MigrateType::Movable))
        .max_by_key(|room| {
            (
                room.order,
                room.list == MigrateType::Reclaimable,
                std::cmp::Reverse(room.pfn),
            )
        });
    let own = smallest(MigrateType::Unmovable);
    if easy {
        own.or(claimed).or(reserve)
    } else {
        reserve.or(own).or(claimed)
    }
    .copied()
}

fn unknown(view: &View, request: Request, rooms: &[FreeRoom]) -> Verdict {
    let order = request.order;
    let newest = rooms
        .iter()
        .filter(|room| room.order >= order && request.demand.reaches(room.pfn, order))
        .max_by_key(|room| room.turn);
    if let Some(room) = newest {
        return Verdict::Unknown(format!(
            "{} was free {} turns ago; nothing that large is in sight",
            block_name(room.pfn, room.order),
            view.turn - room.turn
        ));
    }
    let count: u32 = view.scan.free[usize::from(order)..].iter().sum();
    let age = view.turn - view.scan.turn;
    match (count, age) {
        (0, 0) => Verdict::Fatal(format!("no block of order {order} or more is free")),
        (0, _) => Verdict::Unknown(format!(
            "the count of {age} turns ago had no block that large"
        )),
        (1, _) => Verdict::Unknown(format!(
            "the count of {age} turns ago had one block that large; you have not seen it"
        )),
        _ => Verdict::Unknown(format!(
            "the count of {age} turns ago had {count} blocks that large; you see none"
        )),
    }
}

/// Blocks in sight before and after, for the orders the grab changes.
fn counts(view: &View, order: Order, from: Order) -> String {
    let name = |order: Order| order.to_string();
    let orders: Vec<String> = (order..=from).map(name).collect();
    let before: Vec<String> = (order..=from)
        .map(|o| view.seen_free[usize::from(o)].to_string())
        .collect();
    let after: Vec<String> = (order..=from)
        .map(|o| {
            let seen = view.seen_free[usize::from(o)];
            if o == from {
                seen.saturating_sub(1)
            } else {
                seen + 1
            }
            .to_string()
        })
        .collect();
    format!(
        "order{} {} in sight: {} -> {}",
        if order == from { "" } else { "s" },
        orders.join(","),
        before.join(","),
        after.join(",")
    )
}
