//! How much light falls on a cell: full around the player, less far off, little on what is only remembered.

use crate::app::session::Lamp;
use crate::labyrinth::Cell;
use crate::raid::{Knowledge, View};

/// Light of what is remembered, against what is seen at arm's length.
pub(super) const REMEMBERED: f32 = 0.42;
/// Light at the edge of sight.
const FAR: f32 = 0.66;
/// Light of a room of yours that you do not stand near.
const KEPT: f32 = 0.8;
/// Cells over which the light falls off.
pub(super) const CELLS: u16 = 14;
const REACH: f32 = CELLS as f32;

/// The light on a cell, from 0 to 1.
pub(super) fn light(view: &View, cell: Cell, lamp: Lamp) -> f32 {
    let known = view.cell(cell).knowledge;
    match (known, lamp) {
        (Knowledge::Unknown, _) => 0.0,
        (_, Lamp::Even(light)) => light,
        (Knowledge::Invalid, _) => REMEMBERED,
        (known, Lamp::Carried) => {
            let me = view.me.cell;
            let dx = f32::from(cell.x) - f32::from(me.x);
            let dy = f32::from(cell.y) - f32::from(me.y);
            let far = (dx.hypot(dy) / REACH).min(1.0);
            let light = 1.0 - (1.0 - FAR) * far.sqrt().mul_add(0.4, 0.6 * far);
            if known == Knowledge::Exclusive {
                light.max(KEPT)
            } else {
                light
            }
        }
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these figures are exact")]
mod tests {
    use super::*;
    use crate::app::tests::view_of_a_raid;

    #[test]
    fn what_is_remembered_is_darker_than_anything_in_sight_and_the_unknown_is_black() {
        let mut view = view_of_a_raid();
        let cells: Vec<Cell> = view.grid.cells().collect();
        for &cell in &cells {
            let at = view.grid.index(cell);
            view.cells[at].knowledge = Knowledge::Shared;
            assert!(light(&view, cell, Lamp::Carried) > REMEMBERED);
            view.cells[at].knowledge = Knowledge::Invalid;
            assert!(light(&view, cell, Lamp::Carried) <= REMEMBERED);
            view.cells[at].knowledge = Knowledge::Unknown;
            assert_eq!(light(&view, cell, Lamp::Carried), 0.0);
        }
    }

    #[test]
    fn light_falls_off_from_the_player() {
        let mut view = view_of_a_raid();
        for cell in &mut view.cells {
            cell.knowledge = Knowledge::Shared;
        }
        view.me.cell = Cell::new(20, 20);
        let at = |x| light(&view, Cell::new(x, 20), Lamp::Carried);
        assert_eq!(at(20), 1.0);
        assert!(at(21) > at(24) && at(24) > at(30));
    }
}
