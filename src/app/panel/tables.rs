//! The panel's tables: free blocks by order, interrupts, gates, badness.

use super::model::{BADNESS, Bar, Column, Line};
use crate::app::theme::Ink;
use crate::labyrinth::{Cell, block_rect};
use crate::mm::{NR_PAGE_ORDERS, Order, Pfn};
use crate::raid::{CURRENT, GateRule, GateView, MinotaurView, View};

/// The chart of free blocks: the last count, and what is in sight.
pub(super) fn columns(view: &View) -> Vec<Column> {
    let most = view.scan.free.iter().copied().max().unwrap_or(0).max(1) as f32;
    (0..NR_PAGE_ORDERS)
        .map(|order| {
            let (seen, remembered) = (view.seen_free[order], view.remembered_free[order]);
            let (text, ink) = match (seen, remembered) {
                (0, 0) => ("·".to_string(), Ink::Dim),
                (0, old) => (format!("({old})"), Ink::Orange),
                (seen, _) => (seen.to_string(), Ink::White),
            };
            Column {
                // Roots, so that one block is seen beside two hundred.
                part: (view.scan.free[order] as f32 / most).sqrt(),
                scanned: view.scan.free[order].to_string(),
                seen: Line::new(ink, text),
            }
        })
        .collect()
}

/// One of eight directions from a cell to another.
fn compass(from: Cell, to: Cell) -> &'static str {
    let dx = i32::from(to.x) - i32::from(from.x);
    let dy = i32::from(to.y) - i32::from(from.y);
    let far = |a: i32, b: i32| a.abs() > 2 * b.abs();
    match (dx.signum(), dy.signum()) {
        _ if far(dx, dy) => {
            if dx > 0 {
                "E"
            } else {
                "W"
            }
        }
        _ if far(dy, dx) => {
            if dy > 0 {
                "S"
            } else {
                "N"
            }
        }
        (1, -1) => "NE",
        (1, _) => "SE",
        (-1, -1) => "NW",
        _ => "SW",
    }
}

/// How far a room is, and where.
fn place(view: &View, (pfn, order): (Pfn, Order)) -> String {
    let rect = block_rect(pfn, order);
    let me = view.me.cell;
    if rect.contains(me) {
        return "here".into();
    }
    let near = rect
        .cells()
        .min_by_key(|cell| cell.manhattan(me))
        .unwrap_or(me);
    format!("{} {}", near.manhattan(me), compass(me, near))
}

/// The requests, most urgent first, and the row of the device you stand at.
pub(super) fn interrupts(view: &View) -> (Vec<Line>, Option<usize>) {
    let mut devices: Vec<_> = view.devices.iter().enumerate().collect();
    devices.sort_by_key(|(i, device)| (device.request.map_or(u32::MAX, |r| r.expires), *i));
    let mut lines = Vec::new();
    let mut here = None;
    for (i, device) in devices {
        let place = match (device.room, device.bearing) {
            (Some(room), _) => place(view, room),
            (None, Some(bearing)) => format!("{bearing} ?"),
            (None, None) => "?".into(),
        };
        let at = view.device_here() == Some(i);
        if let Some(request) = device.request {
            // Both names in full have no room in the column.
            let flags = request.gfp.to_string();
            let flags = flags
                .strip_prefix("GFP_ATOMIC|__GFP_")
                .map_or(flags.clone(), |rest| format!("ATOMIC|{rest}"));
            let left = request.expires.saturating_sub(view.turn);
            if at {
                here = Some(lines.len());
            }
            let ink = if at { Ink::White } else { Ink::Plain };
            let text = format!(
                "{:<6}order {:<3}{flags:<13}{left:>3} turns  {place}",
                device.name, request.order
            );
            lines.push(Line::new(ink, text));
        } else if device.room.is_some() {
            lines.push(Line::new(
                Ink::Dim,
                format!("{:<6}{:<33}{place}", device.name, "quiet"),
            ));
        }
    }
    if lines.is_empty() {
        lines.push(Line::new(
            Ink::Dim,
            "none yet: devices call when they need pages",
        ));
    }
    (lines, here)
}

/// A gate: its rule, its state, where it is.
pub(super) fn gate_line(view: &View, gate: &GateView) -> Line {
    let rule = match gate.rule {
        GateRule::Until(turn) => format!("until turn {turn}"),
        GateRule::AboveLow => "shuts below low".into(),
        GateRule::Key if view.me.key => "you have the key".into(),
        GateRule::Key => match view.key_bearing {
            Some(bearing) => format!("key lies {bearing}"),
            None => "needs the key".into(),
        },
    };
    let (state, ink) = match (gate.open, gate.rule) {
        (true, GateRule::Key) if !view.me.key => ("locked", Ink::Dim),
        (true, _) => ("open", Ink::Plain),
        (false, _) => ("shut", Ink::Dim),
    };
    Line::new(
        ink,
        format!(
            "{:<12}{rule:<17}{state:<7}{}",
            gate.name,
            place(view, gate.room)
        ),
    )
}

/// What the OOM killer and kswapd are doing.
pub(super) fn oom(view: &View) -> Line {
    match &view.minotaur {
        MinotaurView::Asleep if view.kswapd_awake => {
            Line::new(Ink::Plain, "kswapd at work; Minotaur sleeps")
        }
        MinotaurView::Asleep => Line::new(Ink::Dim, "Minotaur asleep"),
        MinotaurView::Stirring { wakes_in } => {
            Line::new(Ink::Vermillion, format!("! Minotaur wakes in {wakes_in}"))
        }
        MinotaurView::Awake { target_pid, .. } if *target_pid == CURRENT => {
            Line::new(Ink::Vermillion, "!! Minotaur hunts YOU")
        }
        MinotaurView::Awake { target, .. } => {
            Line::new(Ink::Vermillion, format!("! Minotaur hunts {target}"))
        }
    }
}

/// The fattest tasks, and you.
pub(super) fn badness(view: &View) -> Vec<Bar> {
    let most = view
        .badness
        .iter()
        .map(|line| line.badness)
        .max()
        .unwrap_or(0)
        .max(1);
    let mut lines: Vec<_> = view.badness.iter().take(BADNESS - 1).collect();
    if let Some(you) = view.badness.iter().find(|line| line.pid == CURRENT)
        && !lines.iter().any(|line| line.pid == CURRENT)
    {
        lines.push(you);
    } else if let Some(next) = view.badness.get(BADNESS - 1) {
        lines.push(next);
    }
    lines
        .into_iter()
        .map(|line| {
            let (name, ink) = if line.pid == CURRENT {
                ("@ you".to_string(), Ink::Yellow)
            } else {
                (line.name.clone(), Ink::Plain)
            };
            Bar {
                name: Line::new(ink, name),
                part: line.badness as f32 / most as f32,
                figure: line.badness.to_string(),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::model::model;
    use super::*;
    use crate::app::tests::play_of_a_raid;
    use crate::app::theme::COLUMNS;

    #[test]
    fn you_are_always_in_the_badness_table() {
        let model = model(&play_of_a_raid(), None);
        assert!(model.badness.len() <= BADNESS);
        assert!(model.badness.iter().any(|bar| bar.name.text == "@ you"));
    }

    #[test]
    fn the_compass_knows_eight_directions() {
        let middle = Cell::new(10, 10);
        let at = |x, y| compass(middle, Cell::new(x, y));
        assert_eq!(
            [at(10, 0), at(20, 10), at(10, 20), at(0, 10)],
            ["N", "E", "S", "W"]
        );
        assert_eq!(
            [at(20, 1), at(20, 19), at(1, 19), at(1, 1)],
            ["NE", "SE", "SW", "NW"]
        );
    }

    #[test]
    fn no_row_is_wider_than_the_panel() {
        let model = model(&play_of_a_raid(), None);
        for line in model.interrupts.iter().chain(&model.gates) {
            assert!(line.text.chars().count() <= COLUMNS, "{}", line.text);
        }
    }
}
