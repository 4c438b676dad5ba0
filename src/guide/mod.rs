//! What newcomers are told, and when: hints that are given once, and the goals of a first raid.
//!
//! Pure: both follow from what a player may know, and know nothing of the rules beyond it.

mod goal;
mod tip;

#[cfg(test)]
mod tests;

use crate::labyrinth::Cell;
use crate::raid::{CellView, Knowledge, RoomKind, Site, View};

pub use goal::{FIRST_SEED, FIRST_ZONE, Goal};
pub use tip::{Tip, next};

/// The name under which the profile notes that the first raid was offered and begun.
pub const FIRST_RAID: &str = "first-raid";

/// What is near and in sight, up to so many cells off.
fn near(view: &View, far: i32, is: impl Fn(&CellView) -> bool) -> bool {
    let me = view.me.cell;
    (-far..=far).any(|dy| {
        (-far..=far).any(|dx| {
            let (x, y) = (i32::from(me.x) + dx, i32::from(me.y) + dy);
            let side = |v: i32| u16::try_from(v).ok();
            let (Some(x), Some(y)) = (side(x), side(y)) else {
                return false;
            };
            let cell = Cell { x, y };
            if !view.grid.contains(cell) {
                return false;
            }
            let known = view.cell(cell);
            known.knowledge >= Knowledge::Shared && is(known)
        })
    })
}

/// What stands where you stand.
fn site(view: &View) -> Option<Site> {
    match view.cell(view.me.cell).kind {
        RoomKind::Reserved(site) => Some(site),
        _ => None,
    }
}

/// You stand at a device that asks for memory.
fn at_request(view: &View) -> bool {
    let Some(Site::Device(at)) = site(view) else {
        return false;
    };
    let device = view.devices.get(usize::from(at));
    device.is_some_and(|device| device.request.is_some())
}
