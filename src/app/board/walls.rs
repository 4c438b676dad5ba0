//! What stands on the sides of a cell, as far as it is known.

use crate::app::art::Side;
use crate::labyrinth::{Cell, Dir, Edge};
use crate::raid::{Knowledge, View};

/// What stands on one side of a cell: its own half of the wall, drawn even where nothing is known of what lies behind.
pub(super) fn side(view: &View, cell: Cell, dir: Dir) -> Side {
    if view.cell(cell).knowledge == Knowledge::Unknown {
        return Side::Open;
    }
    match view.edge(cell, dir) {
        Some(Edge::Open) | None => Side::Open,
        Some(Edge::Door) => Side::Door,
        Some(Edge::Wall | Edge::Outside) => Side::Wall,
    }
}

/// What stands on all four sides: north, east, south, west.
pub(super) fn sides(view: &View, cell: Cell) -> [Side; 4] {
    Dir::ALL.map(|dir| side(view, cell, dir))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::tests::view_of_a_raid;
    use crate::labyrinth::block_rect;

    #[test]
    fn both_cells_of_an_edge_agree_where_both_are_known() {
        let view = view_of_a_raid();
        let mut walls = 0;
        for cell in view.grid.cells() {
            for dir in Dir::ALL {
                let Some(next) = view.grid.step(cell, dir) else {
                    continue;
                };
                let unknown = |cell| view.cell(cell).knowledge == Knowledge::Unknown;
                if unknown(cell) || unknown(next) {
                    continue;
                }
                let here = side(&view, cell, dir);
                assert_eq!(here, side(&view, next, dir.opposite()));
                walls += u32::from(here == Side::Wall);
            }
        }
        assert!(walls > 0);
    }

    #[test]
    fn the_room_around_the_player_is_closed_on_all_sides() {
        let view = view_of_a_raid();
        let here = view.here();
        let rect = block_rect(here.room, here.order);
        for cell in rect.cells() {
            for dir in Dir::ALL {
                let inside = view
                    .grid
                    .step(cell, dir)
                    .is_some_and(|next| rect.contains(next));
                assert_eq!(side(&view, cell, dir) == Side::Open, inside);
            }
        }
    }

    #[test]
    fn the_unknown_has_no_walls() {
        let mut view = view_of_a_raid();
        for cell in &mut view.cells {
            cell.knowledge = Knowledge::Unknown;
        }
        assert_eq!(sides(&view, Cell::new(0, 0)), [Side::Open; 4]);
    }
}
