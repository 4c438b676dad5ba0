//! Figures over time as curves to draw, in thousandths of the plot's sides.

use crate::lesson::compare::{Sample, Series};
use crate::mm::{MAX_PAGE_ORDER, Order};
use crate::phrases::{Phrase, Phrases};

/// Most points of a curve.
pub const MAX_POINTS: u32 = 64;

/// What is plotted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Figure {
    /// Part of the free memory that no request of this order can use.
    Unusable(Order),
    /// Linux's fragmentation index of this order.
    Fragmentation(Order),
    /// Free pages.
    Free,
    /// The largest free order.
    Largest,
    /// Requests that failed so far.
    Failed,
}

impl Default for Figure {
    fn default() -> Self {
        Self::Unusable(3)
    }
}

impl Figure {
    /// The next one.
    pub fn next(&mut self) {
        *self = match *self {
            Self::Unusable(order) => Self::Fragmentation(order),
            Self::Fragmentation(_) => Self::Free,
            Self::Free => Self::Largest,
            Self::Largest => Self::Failed,
            Self::Failed => Self::default(),
        };
    }

    /// The same of the next larger order, or smaller.
    pub fn step_order(&mut self, up: bool) {
        if let Self::Unusable(order) | Self::Fragmentation(order) = self {
            *order = if up {
                (*order + 1).min(MAX_PAGE_ORDER)
            } else {
                order.saturating_sub(1)
            };
        }
    }

    /// Its name.
    pub fn name(self, words: &Phrases) -> String {
        let of = |phrase, order: Order| words.fill(phrase, &[("order", &order.to_string())]);
        match self {
            Self::Unusable(order) => of(Phrase::FigureUnusable, order),
            Self::Fragmentation(order) => of(Phrase::FigureFragmentation, order),
            Self::Free => words.get(Phrase::FigureFree).to_owned(),
            Self::Largest => words.get(Phrase::FigureLargest).to_owned(),
            Self::Failed => words.get(Phrase::FigureFailed).to_owned(),
        }
    }

    /// What a sample has of it. A fragmentation index of -1000, a block is there, counts as none.
    pub fn of(self, sample: &Sample) -> i64 {
        match self {
            Self::Unusable(order) => sample.unusable[usize::from(order)].into(),
            Self::Fragmentation(order) => sample.extfrag[usize::from(order)].max(0).into(),
            Self::Free => sample.free.into(),
            Self::Largest => sample.largest.map_or(-1, i64::from) + 1,
            Self::Failed => sample.failed.into(),
        }
    }

    /// The figure as people read it.
    pub fn shown(self, figure: i64) -> String {
        match self {
            Self::Unusable(_) | Self::Fragmentation(_) => {
                format!("{}.{:03}", figure / 1000, figure % 1000)
            }
            Self::Largest if figure == 0 => "-".into(),
            Self::Largest => (figure - 1).to_string(),
            Self::Free | Self::Failed => figure.to_string(),
        }
    }

    /// Where the plot ends at the top, if that does not follow from the figures.
    const fn top(self) -> Option<i64> {
        match self {
            Self::Unusable(_) | Self::Fragmentation(_) => Some(1000),
            Self::Largest => Some(MAX_PAGE_ORDER as i64 + 1),
            Self::Free | Self::Failed => None,
        }
    }
}

/// A curve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Curve {
    /// The letter by which it is known in the plot.
    pub letter: char,
    /// Its points, from left to right: thousandths of the width from the left, and of the height from below.
    pub points: Vec<(u16, u16)>,
}

/// Curves over the same time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plot {
    /// What is plotted.
    pub name: String,
    /// What stands at the top of the scale.
    pub top: String,
    /// The curves.
    pub curves: Vec<Curve>,
}

/// The letter of the curve at this place.
pub fn letter(place: usize) -> char {
    char::from(b'A' + (place % 26) as u8)
}

/// Curves of some rows of figures of equal length, up to `top`.
pub fn of_figures(name: String, rows: &[Vec<i64>], top: i64, shown: String) -> Plot {
    let top = top.max(1);
    let curve = |(place, row): (usize, &Vec<i64>)| {
        let last = row.len().saturating_sub(1) as u64;
        let count = last.min(u64::from(MAX_POINTS) - 1);
        let point = |step: u64| {
            let at = (step * last).checked_div(count).unwrap_or(0);
            let figure = row.get(at as usize).copied().unwrap_or(0).clamp(0, top);
            let x = (step * 1000).checked_div(count).unwrap_or(0);
            (x as u16, (figure * 1000 / top) as u16)
        };
        Curve {
            letter: letter(place),
            points: if row.is_empty() {
                Vec::new()
            } else {
                (0..=count).map(point).collect()
            },
        }
    };
    Plot {
        name,
        top: shown,
        curves: rows.iter().enumerate().map(curve).collect(),
    }
}

/// A figure of several machines.
pub fn of_series(all: &[Series], figure: Figure, words: &Phrases) -> Plot {
    let rows: Vec<Vec<i64>> = all
        .iter()
        .map(|series| {
            series
                .samples
                .iter()
                .map(|sample| figure.of(sample))
                .collect()
        })
        .collect();
    let most = rows.iter().flatten().copied().max().unwrap_or(0);
    let top = figure.top().unwrap_or(most).max(1);
    of_figures(figure.name(words), &rows, top, figure.shown(top))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_reach_from_side_to_side_and_keep_within_their_plot() {
        for length in [0_i64, 1, 2, 63, 64, 65, 1000] {
            let row: Vec<i64> = (0..length).map(|at| at * 7 % 50).collect();
            let plot = of_figures("f".into(), &[row], 40, "40".into());
            let points = &plot.curves[0].points;
            assert!(points.len() <= MAX_POINTS as usize);
            assert_eq!(points.is_empty(), length == 0);
            assert!(points.iter().all(|&(x, y)| x <= 1000 && y <= 1000));
            if length > 1 {
                assert_eq!(points[0].0, 0);
                assert_eq!(points.last().map(|point| point.0), Some(1000));
            }
        }
    }

    #[test]
    fn orders_stay_among_those_there_are() {
        let mut figure = Figure::default();
        for _ in 0..20 {
            figure.step_order(true);
        }
        assert_eq!(figure, Figure::Unusable(10));
        for _ in 0..20 {
            figure.step_order(false);
        }
        assert_eq!(figure, Figure::Unusable(0));
        assert_eq!(figure.shown(83), "0.083");
    }
}
