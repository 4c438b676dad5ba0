//! The free lists: a row an order, with the blocks in the order in which they would be taken.

use super::{Area, Asked, LETTER, LINE, Node, Row, fit};
use crate::lesson::machine::{Use, ZoneView};
use crate::mm::{MAX_PAGE_ORDER, MigrateType, Order, Pfn};

/// Height of a line of nodes.
const PITCH: i32 = 24;
/// The least height, where room is short.
const TIGHT: i32 = 15;
/// Room for the pointer from one node to the next.
const ARROW: i32 = 10;

/// What a row lists.
struct Listed {
    label: String,
    order: Option<Order>,
    /// With the type of each block's list.
    blocks: Vec<(MigrateType, Pfn)>,
}

fn listed(zone: &ZoneView, word: &str) -> Vec<Listed> {
    let largest = zone.lists.iter().map(|list| list.order).max().unwrap_or(0);
    let most = zone.pages.max(1).ilog2() as Order;
    let mut all: Vec<Listed> = (0..=most.min(MAX_PAGE_ORDER).max(largest))
        .map(|order| {
            let lists = zone.lists.iter().filter(|list| list.order == order);
            Listed {
                label: format!("{word} {order}"),
                order: Some(order),
                blocks: lists
                    .flat_map(|list| list.blocks.iter().map(|&pfn| (list.list, pfn)))
                    .collect(),
            }
        })
        .collect();
    let mut cpus: Vec<Listed> = Vec::new();
    for block in &zone.blocks {
        let Use::Cached { cpu, list } = block.used else {
            continue;
        };
        let label = format!("CPU {cpu}");
        let at = cpus.iter().position(|row| row.label == label);
        let at = at.unwrap_or_else(|| {
            cpus.push(Listed {
                label,
                order: None,
                blocks: Vec::new(),
            });
            cpus.len() - 1
        });
        cpus[at].blocks.push((list, block.pfn));
    }
    cpus.sort_by(|a, b| a.label.cmp(&b.label));
    all.extend(cpus);
    all
}

/// The rows of a zone.
pub(super) fn rows(zone: &ZoneView, room: Area, asked: &Asked<'_>) -> Vec<Row> {
    let all = listed(zone, &asked.words.order);
    let label = all
        .iter()
        .map(|row| row.label.chars().count() as i32)
        .max()
        .unwrap_or(0)
        * LETTER
        + 10;
    let typed = asked.typed || super::is_typed(zone);
    let widest = zone.start + zone.pages.saturating_sub(1);
    let node =
        (format!("{widest:#x}").chars().count() as i32 + if typed { 2 } else { 0 }) * LETTER + 6;
    let across = ((room.w - label + ARROW) / (node + ARROW)).max(1) as u32;
    let pitch = (room.h / all.len().max(1) as i32).clamp(TIGHT, PITCH);
    // Lines that are left over go to the rows that need them, small orders first.
    let mut spare = (room.h / pitch - all.len() as i32).max(0) as u32;
    let mut y = room.y;
    let mut rows = Vec::new();
    for row in all {
        let wanted = (row.blocks.len() as u32).div_ceil(across).max(1);
        let lines = wanted.min(1 + spare);
        spare -= lines - 1;
        let area = Area::new(room.x, y, room.w, lines as i32 * pitch);
        y += area.h;
        // Whatever finds no room at all is left out: on so small a screen the map has to do.
        if area.y + area.h > room.y + room.h {
            break;
        }
        rows.push(draw(row, area, (label, node, pitch, across), typed, asked));
    }
    rows
}

fn draw(
    row: Listed,
    area: Area,
    (label, node, pitch, across): (i32, i32, i32, u32),
    typed: bool,
    asked: &Asked<'_>,
) -> Row {
    let place = |at: u32| {
        let x = area.x + label + (at % across) as i32 * (node + ARROW);
        let y = area.y + (at / across) as i32 * pitch;
        Area::new(x, y, node, pitch - 3)
    };
    let lines = (area.h / pitch) as u32;
    let room = lines * across;
    let many = row.blocks.len() as u32;
    let shown = if many > room { room - 1 } else { many };
    let beat = asked.beat;
    let on = beat.and_then(|beat| beat.list);
    let nodes = (0..shown).zip(&row.blocks).map(|(at, &(list, pfn))| Node {
        pfn,
        area: place(at),
        text: if typed {
            format!("{} {pfn:#x}", list.letter())
        } else {
            format!("{pfn:#x}")
        },
        selected: asked
            .selected
            .is_some_and(|at| at >= pfn && at - pfn < 1 << row.order.unwrap_or(0)),
        lit: beat
            .and_then(|beat| beat.block)
            .is_some_and(|(lit, _)| lit == pfn),
    });
    let nodes: Vec<Node> = nodes.collect();
    let more = if many == 0 {
        let at = place(0);
        let text = fit::cut(&asked.words.empty, area.w - label);
        let w = text.chars().count() as i32 * LETTER;
        Some((Area { w, ..at }, text))
    } else {
        (many > shown).then(|| (place(shown), format!("+{}", many - shown)))
    };
    Row {
        area: Area {
            h: area.h.max(LINE),
            ..area
        },
        label: row.label,
        nodes,
        more,
        lit: row.order.is_some() && on.map(|(order, _)| order) == row.order,
        hidden: row.blocks[shown as usize..]
            .iter()
            .map(|&(_, pfn)| pfn)
            .collect(),
    }
}
