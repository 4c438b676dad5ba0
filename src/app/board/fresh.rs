//! Which cells look different than when they were last drawn: no more of the zone is compared than the window shows.

use crate::app::session::Lamp;
use crate::labyrinth::{Cell, Dir, Rect};
use crate::raid::{CellView, Knowledge, View};

/// What the tiles were last drawn from.
#[derive(Debug)]
pub(super) struct Sheet {
    cells: Vec<CellView>,
    /// By cell: its tiles show something else than is known.
    stale: Vec<bool>,
    /// Where the light stood, and which it was.
    light: Option<(Cell, Lamp)>,
}

/// True if both look the same, on the cell itself and on its neighbours, whose walls are shared.
fn alike(a: &CellView, b: &CellView) -> bool {
    // Whose word on a wall counts follows from the turns: that of a cell in sight against one that is remembered, and
    // of two in sight always the same one's.
    let heard = a.turn == b.turn || a.knowledge.is_true() || a.knowledge == Knowledge::Unknown;
    a.knowledge == b.knowledge && a.kind == b.kind && a.edges == b.edges && heard
}

impl Sheet {
    /// Nothing is drawn yet, of so many cells.
    pub(super) fn new(cells: usize) -> Self {
        Self {
            cells: vec![CellView::UNKNOWN; cells],
            stale: vec![false; cells],
            light: None,
        }
    }

    /// Has a cell drawn anew, when it is next shown.
    pub(super) fn mark(&mut self, view: &View, cell: Cell) {
        self.stale[view.grid.index(cell)] = true;
    }

    /// The cells of a part of the zone that are to be drawn anew; they count as drawn from now on.
    ///
    /// Light carried by the player falls off within `reach` cells.
    pub(super) fn take(&mut self, view: &View, lamp: Lamp, reach: u16, part: Rect) -> Vec<Cell> {
        let light = (view.me.cell, lamp);
        if self.light != Some(light) {
            match (self.light, lamp) {
                (Some((was, Lamp::Carried)), Lamp::Carried) => {
                    self.mark_around(view, was, reach);
                    self.mark_around(view, light.0, reach);
                }
                (Some((_, was)), now) if was == now => {}
                _ => self.stale.fill(true),
            }
            self.light = Some(light);
        }
        // One more on each side: walls are shared.
        let (x, y) = (part.x.saturating_sub(1), part.y.saturating_sub(1));
        let wider = Rect {
            x,
            y,
            w: part.x + part.w + 1 - x,
            h: part.y + part.h + 1 - y,
        };
        let compared = view.grid.rect().intersect(&wider);
        for cell in compared.iter().flat_map(Rect::cells) {
            let at = view.grid.index(cell);
            if !alike(&self.cells[at], &view.cells[at]) {
                self.stale[at] = true;
                for next in Dir::ALL
                    .into_iter()
                    .filter_map(|dir| view.grid.step(cell, dir))
                {
                    self.stale[view.grid.index(next)] = true;
                }
            }
            self.cells[at] = view.cells[at];
        }
        let cells = part.cells();
        cells
            .filter(|&cell| std::mem::take(&mut self.stale[view.grid.index(cell)]))
            .collect()
    }

    fn mark_around(&mut self, view: &View, middle: Cell, reach: u16) {
        let (x, y) = (
            middle.x.saturating_sub(reach),
            middle.y.saturating_sub(reach),
        );
        let near = Rect {
            x,
            y,
            w: middle.x + reach + 1 - x,
            h: middle.y + reach + 1 - y,
        };
        let inside = view.grid.rect().intersect(&near);
        for cell in inside.iter().flat_map(Rect::cells) {
            self.mark(view, cell);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::board::{fog, walls};
    use crate::app::tests::view_of_a_raid;
    use crate::labyrinth::Edge;
    use crate::raid::{Purpose, RoomKind, Stream};

    const REACH: u16 = 14;

    /// What of a cell is drawn.
    fn look(view: &View, lamp: Lamp, cell: Cell) -> impl PartialEq + std::fmt::Debug + use<> {
        let known = view.cell(cell);
        let shown = (known.knowledge != Knowledge::Unknown).then_some(known.kind);
        let light = (fog::light(view, cell, lamp) * 255.0).round() as u8;
        (shown, light, walls::sides(view, cell))
    }

    /// Somebody walks, sees, forgets, and rooms change hands.
    fn live(view: &mut View, chance: &mut Stream) {
        view.turn += 1;
        let cells = view.cells.len() as u32;
        let step = Dir::ALL[chance.below(4) as usize];
        view.me.cell = view.grid.step(view.me.cell, step).unwrap_or(view.me.cell);
        let known = [
            Knowledge::Unknown,
            Knowledge::Shared,
            Knowledge::Invalid,
            Knowledge::Exclusive,
        ];
        let edges = [Edge::Open, Edge::Wall, Edge::Door];
        for _ in 0..cells / 20 {
            let at = chance.below(cells) as usize;
            let turn = view.turn;
            let cell = &mut view.cells[at];
            cell.knowledge = known[chance.below(4) as usize];
            // What is remembered was true before this turn.
            cell.turn = turn - 1;
            cell.kind = [RoomKind::Void, RoomKind::Kernel][chance.below(2) as usize];
            cell.edges[chance.below(4) as usize] = edges[chance.below(3) as usize];
        }
        // What is in sight is true now.
        let turn = view.turn;
        for cell in &mut view.cells {
            if cell.knowledge.is_true() {
                cell.turn = turn;
            }
        }
    }

    #[test]
    fn whatever_happens_all_that_is_shown_is_drawn_as_it_is_known() {
        let mut view = view_of_a_raid();
        let grid = view.grid;
        let mut chance = Stream::new(7, Purpose::Bots);
        let mut sheet = Sheet::new(grid.len());
        let blank = view_of_a_raid().unseen();
        let mut drawn: Vec<_> = grid
            .cells()
            .map(|cell| look(&blank, Lamp::Carried, cell))
            .collect();
        for turn in 0..200 {
            live(&mut view, &mut chance);
            let lamp = if turn % 50 == 49 {
                Lamp::Even(0.5)
            } else {
                Lamp::Carried
            };
            // The window moves about; now and then it shows everything.
            let part = if turn % 20 == 19 {
                grid.rect()
            } else {
                Rect {
                    x: chance.below(40) as u16,
                    y: chance.below(40) as u16,
                    w: 24,
                    h: 20,
                }
            };
            for cell in sheet.take(&view, lamp, REACH, part) {
                drawn[grid.index(cell)] = look(&view, lamp, cell);
            }
            for cell in part.cells() {
                let now = look(&view, lamp, cell);
                assert_eq!(drawn[grid.index(cell)], now, "turn {turn}, {cell:?}");
            }
        }
    }

    #[test]
    fn what_did_not_change_is_not_drawn_again() {
        let mut view = view_of_a_raid();
        let all = view.grid.rect();
        let mut sheet = Sheet::new(view.grid.len());
        sheet.take(&view, Lamp::Carried, REACH, all);
        assert_eq!(sheet.take(&view, Lamp::Carried, REACH, all), []);
        // A turn in which everything stays as it is.
        view.turn += 1;
        let turn = view.turn;
        for cell in &mut view.cells {
            if cell.knowledge.is_true() {
                cell.turn = turn;
            }
        }
        assert_eq!(sheet.take(&view, Lamp::Carried, REACH, all), []);
        // One room changes hands far away: it and its neighbours.
        let at = view.grid.index(Cell::new(50, 50));
        view.cells[at].knowledge = Knowledge::Shared;
        view.cells[at].kind = RoomKind::Kernel;
        assert_eq!(sheet.take(&view, Lamp::Carried, REACH, all).len(), 5);
    }
}
