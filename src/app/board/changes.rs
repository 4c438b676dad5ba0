//! What a turn changed in sight: walls that rose and fell, in the allocator's order, and rooms that light up.

use super::walls;
use crate::app::art::Side;
use crate::app::theme::Ink;
use crate::labyrinth::{Cell, Dir, Rect, pfn_of};
use crate::mm::{self, Order, Pfn};
use crate::raid::{Event, View};

/// An edge that changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Change {
    /// The cell, north or west of the edge.
    pub cell: Cell,
    /// East or south of it.
    pub dir: Dir,
    /// It fell; else it rose.
    pub fell: bool,
    /// There is or was a door in it.
    pub door: bool,
    /// The split node of the buddy tree it belongs to.
    pub node: (Pfn, Order),
}

/// The smallest aligned block that holds both cells of an edge.
fn node_of(a: Cell, b: Cell) -> (Pfn, Order) {
    let (a, b) = (pfn_of(a), pfn_of(b));
    let order = (u32::BITS - (a ^ b).leading_zeros()) as Order;
    (a & (u32::MAX << order), order)
}

/// The edges that changed in sight, east and south of each cell of a part of the zone.
pub(super) fn changes(before: &View, after: &View, part: Rect) -> Vec<Change> {
    let mut changes = Vec::new();
    let seen =
        |cell: Cell| before.cell(cell).knowledge.is_true() && after.cell(cell).knowledge.is_true();
    for cell in part.cells() {
        for dir in [Dir::East, Dir::South] {
            let Some(next) = after.grid.step(cell, dir) else {
                continue;
            };
            if !seen(cell) || !seen(next) {
                continue;
            }
            let (was, is) = (
                walls::side(before, cell, dir),
                walls::side(after, cell, dir),
            );
            if (was == Side::Open) != (is == Side::Open) {
                let fell = is == Side::Open;
                let door = if fell {
                    was == Side::Door
                } else {
                    is == Side::Door
                };
                changes.push(Change {
                    cell,
                    dir,
                    fell,
                    door,
                    node: node_of(cell, next),
                });
            }
        }
    }
    changes
}

/// Place of a node in the order in which the allocator merged or split.
pub(super) fn turn_of(events: &[Event], node: (Pfn, Order), fell: bool) -> usize {
    let mut place = 0;
    for event in events {
        let Event::Memory(event) = event else {
            continue;
        };
        match *event {
            mm::Event::Merge { pfn, order } if fell => {
                if (pfn, order) == node {
                    return place;
                }
                place += 1;
            }
            mm::Event::Split { pfn, order, .. } if !fell => {
                if (pfn, order) == node {
                    return place;
                }
                place += 1;
            }
            _ => {}
        }
    }
    0
}

/// Rooms that light up, with the colour and strength of the light.
pub(super) fn flashes(events: &[Event]) -> Vec<((Pfn, Order), Ink, f32)> {
    events
        .iter()
        .filter_map(|event| match *event {
            Event::Evicted { pfn, order, .. } => Some(((pfn, order), Ink::Green, 0.30)),
            Event::Migrated { from, order, .. } => Some(((from, order), Ink::Sky, 0.30)),
            Event::Granted { pfn, order, .. } => Some(((pfn, order), Ink::Yellow, 0.45)),
            Event::Mapped { pfn, order, .. } => Some(((pfn, order), Ink::Yellow, 0.35)),
            Event::Freed { pfn, order } => Some(((pfn, order), Ink::White, 0.25)),
            Event::Memory(mm::Event::Free { pfn, order, .. }) => {
                Some(((pfn, order), Ink::White, 0.05))
            }
            Event::Memory(mm::Event::Alloc { pfn, order, .. }) => {
                Some(((pfn, order), Ink::Sky, 0.05))
            }
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::tests::view_of_a_raid;
    use crate::labyrinth::{Edge, block_rect, cell_of, seam_doors};

    #[test]
    fn the_node_of_an_edge_is_the_smallest_block_with_both_cells() {
        assert_eq!(node_of(cell_of(0), cell_of(1)), (0, 1));
        assert_eq!(node_of(cell_of(1), cell_of(3)), (0, 2));
        assert_eq!(node_of(cell_of(5), cell_of(4)), (4, 1));
        // Frames 1 and 4 are neighbours only within the block of order 3.
        assert_eq!(node_of(cell_of(1), cell_of(4)), (0, 3));
    }

    #[test]
    fn nothing_changes_between_a_view_and_itself() {
        let view = view_of_a_raid();
        assert!(changes(&view, &view, view.grid.rect()).is_empty());
    }

    #[test]
    fn splitting_the_room_around_the_player_raises_its_seam() {
        let mut before = view_of_a_raid();
        // A room of order 4 at frame 0, in sight, then split in two.
        let rect = block_rect(0, 4);
        for cell in rect.cells() {
            let at = before.grid.index(cell);
            let known = &mut before.cells[at];
            known.knowledge = crate::raid::Knowledge::Shared;
            known.turn = before.turn;
            known.edges = [Edge::Open; 4];
        }
        let mut after = before.clone();
        for (cell, dir) in seam_doors(after.seed, 0, 4) {
            assert_eq!(
                dir,
                Dir::South,
                "the halves of an even block lie one above the other"
            );
            assert_eq!(cell.y, 1);
        }
        let doors: Vec<Cell> = seam_doors(after.seed, 0, 4)
            .into_iter()
            .map(|(cell, _)| cell)
            .collect();
        for x in 0..4 {
            let (north, south) = (Cell::new(x, 1), Cell::new(x, 2));
            let edge = if doors.contains(&north) {
                Edge::Door
            } else {
                Edge::Wall
            };
            let (i, j) = (after.grid.index(north), after.grid.index(south));
            after.cells[i].edges[Dir::South as usize] = edge;
            after.cells[j].edges[Dir::North as usize] = edge;
        }
        let rose = changes(&before, &after, after.grid.rect());
        assert_eq!(rose.len(), 4);
        assert!(
            rose.iter()
                .all(|change| !change.fell && change.node == (0, 4))
        );
        assert!(rose.iter().any(|change| change.door), "a seam has a door");
        let fell = changes(&after, &before, after.grid.rect());
        assert_eq!(fell.len(), 4);
        assert!(fell.iter().all(|change| change.fell));
    }
}
