//! What is marked on the map: what you hold, what you are about to do, where you point.

use crate::app::control::{Act, Mode, Play};
use crate::app::theme::Ink;
use crate::labyrinth::{Cell, Dir, Edge, Rect, block_rect, pfn_of};
use crate::mm::{NR_PAGE_ORDERS, Order, Pfn};
use crate::raid::{Outcome, RoomKind, View, plan, preview};

/// One mark.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Mark {
    /// The outline of a rectangle of cells.
    Outline {
        rect: Rect,
        ink: Ink,
        alpha: f32,
        thick: f32,
    },
    /// A rectangle of cells, filled.
    Fill { rect: Rect, ink: Ink, alpha: f32 },
    /// A dashed line between two cells' middles, in half cells.
    Dashes {
        from: (u16, u16),
        to: (u16, u16),
        ink: Ink,
    },
    /// A line between two corners of cells, in cells; so many pixels thicker than a wall.
    Line {
        from: (u16, u16),
        to: (u16, u16),
        ink: Ink,
        alpha: f32,
        thick: f32,
    },
    /// A dot in a cell.
    Dot { cell: Cell, ink: Ink, size: f32 },
    /// A word in a rectangle.
    Word { rect: Rect, text: String, ink: Ink },
}

const fn one(cell: Cell) -> Rect {
    Rect {
        x: cell.x,
        y: cell.y,
        w: 1,
        h: 1,
    }
}

fn outline(block: (Pfn, Order), ink: Ink, alpha: f32, thick: f32) -> Mark {
    Mark::Outline {
        rect: block_rect(block.0, block.1),
        ink,
        alpha,
        thick,
    }
}

fn fill(block: (Pfn, Order), ink: Ink, alpha: f32) -> Mark {
    Mark::Fill {
        rect: block_rect(block.0, block.1),
        ink,
        alpha,
    }
}

/// The pageblock a cell lies in, with its buddy: what isolating takes.
fn isolated(view: &View, cell: Cell) -> (Pfn, Order) {
    let order = view.pageblock_order + 1;
    (pfn_of(cell) & (u32::MAX << order), order)
}

/// All marks for a raid as it is now.
pub(super) fn marks(play: &Play) -> Vec<Mark> {
    let view = play.view();
    let mut marks = Vec::new();
    held(view, &mut marks);
    if play.over() {
        if let Some(Outcome::Dead(death)) = &view.outcome
            && let Some(best) = death.best
        {
            marks.push(outline(best, Ink::Sky, 1.0, 2.0));
            let text = format!("best: order {}", best.1);
            marks.push(Mark::Word {
                rect: block_rect(best.0, best.1),
                text,
                ink: Ink::Sky,
            });
        }
        return marks;
    }
    transfers(view, &mut marks);
    if view.me.evicted_by.is_some() {
        let here = view.here();
        marks.push(outline((here.room, here.order), Ink::Vermillion, 0.9, 2.0));
        marks.push(fill((here.room, here.order), Ink::Vermillion, 0.12));
    }
    match play.mode {
        Mode::Walk => {
            let here = view.here();
            if here.kind == RoomKind::Void {
                buddy(view, (here.room, here.order), &mut marks);
            }
            way(play, &mut marks);
        }
        Mode::Confirm(Act::Grab) => {
            if let Some(preview) = preview::preview(view)
                && let Some(block) = preview.block
            {
                marks.push(fill(block, Ink::Sky, 0.16));
                marks.push(outline(block, Ink::Sky, 1.0, 2.0));
            }
        }
        Mode::Confirm(Act::Free(pfn)) => {
            if let Some(block) = view.me.held.iter().find(|block| block.pfn == pfn) {
                marks.push(fill((block.pfn, block.order), Ink::White, 0.1));
                marks.push(outline((block.pfn, block.order), Ink::White, 1.0, 3.0));
            }
        }
        Mode::Confirm(Act::Isolate) => {
            let block = isolated(view, view.me.cell);
            marks.push(fill(block, Ink::White, 0.05));
            marks.push(outline(block, Ink::White, 1.0, 2.0));
        }
        Mode::ChooseClear => clearing(view, &mut marks),
        Mode::ChooseItem(at) => {
            if let Some(body) = play.prey(at) {
                marks.push(Mark::Outline {
                    rect: one(body.cell),
                    ink: Ink::White,
                    alpha: 1.0,
                    thick: 2.0,
                });
            }
        }
        Mode::Look(cell) => {
            let known = view.cell(cell);
            if known.knowledge.is_true() || known.turn > 0 {
                owned_alike(view, known.owner, &mut marks);
                marks.push(outline((known.room, known.order), Ink::White, 0.9, 2.0));
                buddy(view, (known.room, known.order), &mut marks);
            }
            marks.push(Mark::Outline {
                rect: one(cell),
                ink: Ink::White,
                alpha: 1.0,
                thick: 2.0,
            });
        }
    }
    marks
}

/// Blocks held, with a line to those that are still to be walked to; and the range that is isolated.
fn held(view: &View, marks: &mut Vec<Mark>) {
    let twice = |cell: Cell| (2 * cell.x + 1, 2 * cell.y + 1);
    for block in &view.me.held {
        let rect = block_rect(block.pfn, block.order);
        marks.push(Mark::Outline {
            rect,
            ink: Ink::Yellow,
            alpha: 1.0,
            thick: 2.0,
        });
        if !block.mapped {
            let to = (2 * rect.x + rect.w, 2 * rect.y + rect.h);
            marks.push(Mark::Dashes {
                from: twice(view.me.cell),
                to,
                ink: Ink::Yellow,
            });
            marks.push(Mark::Word {
                rect,
                text: "void *".into(),
                ink: Ink::Yellow,
            });
        }
    }
    for cell in &view.cells {
        let head = crate::labyrinth::cell_of(cell.room);
        if cell.locked && cell.knowledge.is_true() && view.cell(head) == cell {
            marks.push(outline((cell.room, cell.order), Ink::Vermillion, 0.8, 2.0));
        }
    }
    if let Some((pfn, order, _)) = view.me.isolation {
        marks.push(outline((pfn, order), Ink::White, 0.55, 1.0));
    }
}

/// The lines that bodies are about to cross.
fn transfers(view: &View, marks: &mut Vec<Mark>) {
    for transfer in &view.transfers {
        let (Some(&first), Some(&last)) = (transfer.cells.first(), transfer.cells.last()) else {
            continue;
        };
        let (x, y) = (first.x.min(last.x), first.y.min(last.y));
        let lane = Rect {
            x,
            y,
            w: first.x.abs_diff(last.x) + 1,
            h: first.y.abs_diff(last.y) + 1,
        };
        marks.push(Mark::Fill {
            rect: lane,
            ink: Ink::Vermillion,
            alpha: 0.14,
        });
        marks.push(Mark::Outline {
            rect: lane,
            ink: Ink::Vermillion,
            alpha: 0.9,
            thick: 2.0,
        });
        // The dots grow the way it goes.
        let cells = transfer.cells.len().max(1) as f32;
        for (at, &cell) in transfer.cells.iter().enumerate() {
            marks.push(Mark::Dot {
                cell,
                ink: Ink::Vermillion,
                size: 0.12 + 0.3 * at as f32 / cells,
            });
        }
        marks.push(Mark::Word {
            rect: one(first),
            text: format!("{} crosses next", transfer.name),
            ink: Ink::Vermillion,
        });
    }
}

/// The seam between a block and its buddy, which glows the more the larger they are: what would fall if both were free.
fn buddy(view: &View, (pfn, order): (Pfn, Order), marks: &mut Vec<Mark>) {
    let other = pfn ^ (1 << order);
    let (here, there) = (block_rect(pfn, order), block_rect(other, order));
    if order + 1 >= NR_PAGE_ORDERS as Order || view.grid.rect().intersect(&there) != Some(there) {
        return;
    }
    let dir = if here.y == there.y {
        Dir::East
    } else {
        Dir::South
    };
    let first = if (here.x, here.y) < (there.x, there.y) {
        here
    } else {
        there
    };
    for cell in first.cells() {
        let last = match dir {
            Dir::East => cell.x + 1 == first.x + first.w,
            _ => cell.y + 1 == first.y + first.h,
        };
        // A door stays a gap in it.
        if !last || view.edge(cell, dir) == Some(Edge::Door) {
            continue;
        }
        let (x, y) = (cell.x, cell.y);
        let from = match dir {
            Dir::East => (x + 1, y),
            _ => (x, y + 1),
        };
        marks.push(Mark::Line {
            from,
            to: (x + 1, y + 1),
            ink: Ink::Sky,
            alpha: 0.6 + 0.04 * f32::from(order),
            thick: (f32::from(order) / 2.0).floor(),
        });
    }
}

/// The most rooms of one owner that are marked.
const ALIKE: usize = 120;

/// The rooms of one owner, as far as they are known.
fn owned_alike(view: &View, owner: u16, marks: &mut Vec<Mark>) {
    if owner == 0 {
        return;
    }
    let heads = view.known.iter().filter_map(|&at| {
        let known = view.cells.get(at as usize)?;
        let head = crate::labyrinth::cell_of(known.room);
        let own = known.owner == owner && view.grid.index(head) == at as usize;
        own.then_some((known.room, known.order))
    });
    marks.extend(
        heads
            .take(ALIKE)
            .map(|room| outline(room, Ink::Plain, 0.75, 1.0)),
    );
}

/// The cell under the mouse and the way there.
fn way(play: &Play, marks: &mut Vec<Mark>) {
    let view = play.view();
    let Some(hover) = play.hover else {
        return;
    };
    if let Some(route) = play.hover_route() {
        for &cell in &route.cells {
            let ink = match view.cell(cell).kind {
                RoomKind::Kernel => Ink::Vermillion,
                _ => Ink::Plain,
            };
            let size = if ink == Ink::Plain { 0.14 } else { 0.3 };
            marks.push(Mark::Dot { cell, ink, size });
        }
    }
    marks.push(Mark::Outline {
        rect: one(hover),
        ink: Ink::Plain,
        alpha: 0.8,
        thick: 1.0,
    });
}

/// The rooms that could be cleared.
fn clearing(view: &View, marks: &mut Vec<Mark>) {
    let mut rooms = Vec::new();
    for dir in [
        None,
        Some(Dir::North),
        Some(Dir::East),
        Some(Dir::South),
        Some(Dir::West),
    ] {
        let cell = match dir {
            None => Some(view.me.cell),
            Some(dir) => view.grid.step(view.me.cell, dir),
        };
        if let Some(cell) = cell
            && plan::describe_clear(view, dir).is_ok()
        {
            let known = view.cell(cell);
            let room = (known.room, known.order);
            if rooms.contains(&room) {
                continue;
            }
            rooms.push(room);
            marks.push(fill(room, Ink::White, 0.05));
            marks.push(outline(room, Ink::White, 0.9, 1.0));
            if dir.is_some() {
                marks.push(Mark::Dot {
                    cell,
                    ink: Ink::White,
                    size: 0.3,
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::tests::play_of_a_raid;
    use crate::raid::Held;

    #[test]
    fn a_pointer_leads_to_each_block_that_is_not_mapped_yet() {
        let mut view = play_of_a_raid().view().clone();
        view.me.held = vec![
            Held {
                pfn: 0,
                order: 2,
                mapped: false,
            },
            Held {
                pfn: 64,
                order: 1,
                mapped: true,
            },
        ];
        let mut marks = Vec::new();
        held(&view, &mut marks);
        let lines = marks
            .iter()
            .filter(|mark| matches!(mark, Mark::Dashes { .. }))
            .count();
        let frames = marks
            .iter()
            .filter(|mark| matches!(mark, Mark::Outline { .. }))
            .count();
        assert_eq!((lines, frames), (1, 2));
    }

    #[test]
    fn a_line_that_is_about_to_be_crossed_is_marked_from_end_to_end() {
        let mut view = play_of_a_raid().view().clone();
        view.transfers = vec![crate::raid::Transfer {
            name: "dma".into(),
            cells: (3..=9).rev().map(|x| Cell::new(x, 5)).collect(),
        }];
        let mut marks = Vec::new();
        transfers(&view, &mut marks);
        let lane = Rect {
            x: 3,
            y: 5,
            w: 7,
            h: 1,
        };
        assert!(marks.iter().any(
            |mark| matches!(mark, Mark::Outline { rect, ink: Ink::Vermillion, .. } if *rect == lane)
        ));
        let dots = marks.iter().filter(|mark| matches!(mark, Mark::Dot { .. }));
        assert_eq!(dots.count(), 7);
        assert!(
            marks
                .iter()
                .any(|mark| matches!(mark, Mark::Word { text, .. } if text.contains("dma")))
        );
    }

    #[test]
    fn the_seam_to_the_buddy_lies_between_the_two() {
        let view = play_of_a_raid().view().clone();
        let mut view = view;
        for cell in &mut view.cells {
            cell.knowledge = crate::raid::Knowledge::Shared;
            cell.edges = [Edge::Wall; 4];
        }
        let seam = |view: &View, pfn, order| {
            let mut marks = Vec::new();
            buddy(view, (pfn, order), &mut marks);
            let lines = marks.iter().map(|mark| match *mark {
                Mark::Line { from, to, .. } => (from, to),
                _ => panic!("no line"),
            });
            lines.collect::<Vec<_>>()
        };
        // East and west for even orders, north and south for odd ones.
        assert_eq!(seam(&view, 0, 0), [((1, 0), (1, 1))]);
        assert_eq!(seam(&view, 1, 0), [((1, 0), (1, 1))]);
        let both = [((0, 1), (1, 1)), ((1, 1), (2, 1))];
        assert_eq!(seam(&view, 2, 1), both);
        assert_eq!(seam(&view, 0, 10), [], "the largest blocks never merge");
        view.cells[0].edges[Dir::South as usize] = Edge::Door;
        assert_eq!(seam(&view, 2, 1), both[1..], "a door stays open");
    }

    #[test]
    fn isolating_takes_the_pageblock_and_its_buddy() {
        let view = play_of_a_raid().view().clone();
        let (pfn, order) = isolated(&view, view.me.cell);
        assert_eq!(order, view.pageblock_order + 1);
        assert!(block_rect(pfn, order).contains(view.me.cell));
    }
}
