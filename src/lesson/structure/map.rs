//! The address map: how many frames a row has, and the rectangle of each block.

use super::{Area, Asked, BlockBox, LINE, Look, fit};
use crate::lesson::machine::ZoneView;
use crate::mm::{Order, Pfn};

/// The highest a row is.
const HIGHEST: i32 = 60;
/// The least a cell measures.
const LEAST: i32 = 3;

/// The map of a zone.
pub(super) struct Grid<'z> {
    zone: &'z ZoneView,
    at: (i32, i32),
    /// A cell has `2^unit` frames: one, where there is room.
    unit: Order,
    /// Cells in a row.
    across: u32,
    rows: u32,
    cell: (i32, i32),
}

impl<'z> Grid<'z> {
    /// The map that makes cells as large as can be.
    pub(super) fn new(zone: &'z ZoneView, room: Area) -> Self {
        let mut unit = 0;
        loop {
            let cells = zone.pages.div_ceil(1 << unit).max(1);
            let best = (0..=10)
                .map(|log| 1_u32 << log)
                .map(|across| {
                    let rows = cells.div_ceil(across);
                    let w = room.w / across as i32;
                    let h = (room.h / rows as i32).min(HIGHEST);
                    (w.min(h), across, rows, (w, h))
                })
                // Of equal ones the first: fewer and wider cells have more room for words.
                .reduce(|best, next| if next.0 > best.0 { next } else { best });
            if let Some((least, across, rows, cell)) = best
                && (least >= LEAST || unit >= 16)
            {
                let cell = (cell.0.max(1), cell.1.max(1));
                return Self {
                    zone,
                    at: (room.x, room.y),
                    unit,
                    across,
                    rows,
                    cell,
                };
            }
            unit += 1;
        }
    }

    /// What it covers.
    pub(super) fn area(&self) -> Area {
        let (x, y) = self.at;
        let w = self.across as i32 * self.cell.0;
        Area::new(x, y, w, self.rows as i32 * self.cell.1)
    }

    /// Frames in a row.
    pub(super) fn columns(&self) -> u32 {
        self.across << self.unit
    }

    /// Numbers of the rows' first frames, as many as have room.
    pub(super) fn numbers(&self) -> Vec<(i32, String)> {
        let every = (LINE + self.cell.1 - 1) / self.cell.1;
        let shift = if every > 1 {
            0
        } else {
            (self.cell.1 - LINE) / 2
        };
        (0..self.rows)
            .step_by(every.max(1) as usize)
            .map(|row| {
                let first = self.zone.start + row * self.columns();
                let y = self.at.1 + row as i32 * self.cell.1 + shift;
                (y, format!("{first:#x}"))
            })
            .collect()
    }

    fn rectangle(&self, pfn: Pfn, order: Order) -> Area {
        let cell = (pfn - self.zone.start) >> self.unit;
        let size = 1_u32 << order.saturating_sub(self.unit);
        let (column, row) = (cell % self.across, cell / self.across);
        let across = size.min(self.across);
        let down = (size / self.across).max(1);
        Area::new(
            self.at.0 + column as i32 * self.cell.0,
            self.at.1 + row as i32 * self.cell.1,
            across as i32 * self.cell.0,
            down as i32 * self.cell.1,
        )
    }

    /// The blocks.
    pub(super) fn blocks(&self, asked: &Asked<'_>) -> Vec<BlockBox> {
        let lit = asked.beat.and_then(|beat| beat.block);
        let inside = |pfn: Pfn, order: Order, at: Pfn| at >= pfn && at - pfn < 1 << order;
        let typed = asked.typed || super::is_typed(self.zone);
        let blocks = self.zone.blocks.iter().map(|block| {
            let area = self.rectangle(block.pfn, block.order);
            let look = Look::of(&block.used);
            let words = fit::text(block, (area.w, area.h), asked.words, typed);
            // A row of small free blocks needs no words: what stands out is who has one.
            let quiet = !fit::tells(look) && area.h < LINE;
            BlockBox {
                pfn: block.pfn,
                order: block.order,
                look,
                area,
                text: if quiet { String::new() } else { words },
                selected: asked
                    .selected
                    .is_some_and(|at| inside(block.pfn, block.order, at)),
                lit: lit.is_some_and(|(pfn, order)| {
                    inside(pfn, order, block.pfn) || inside(block.pfn, block.order, pfn)
                }),
            }
        });
        blocks.collect()
    }
}
