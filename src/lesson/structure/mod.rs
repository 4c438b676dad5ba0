//! The two structures of a machine side by side, laid out to be drawn: the address map, the free lists, and what links them.
//!
//! All places are whole logical pixels from the top left of the room there is. Every block is a rectangle of the map, since
//! a row of the map has a power of two of frames and blocks are aligned.

mod fit;
mod map;
mod moment;
mod rows;

#[cfg(test)]
mod tests;

use super::machine::{BlockView, MachineView, Use, ZoneView};
use super::trace::Beat;
use crate::mm::{MigrateType, Order, PageFlags, Pfn};
pub use moment::moment;

/// Pixels from one letter of a mark to the next.
pub const LETTER: i32 = 7;
/// Pixels from one line of marks to the next.
pub const LINE: i32 = 14;
/// Room between two zones, and between the map and the lists.
const GAP: i32 = 22;
/// Below this width the lists stand under the map.
const NARROW: i32 = 440;
/// Height of the gauge with its words.
const GAUGE: i32 = 30;
/// Width of the frames' numbers beside the map.
const GUTTER: i32 = 46;

/// A rectangle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Area {
    /// From the left.
    pub x: i32,
    /// From the top.
    pub y: i32,
    /// Width.
    pub w: i32,
    /// Height.
    pub h: i32,
}

impl Area {
    /// A rectangle.
    pub const fn new(x: i32, y: i32, w: i32, h: i32) -> Self {
        Self { x, y, w, h }
    }

    /// True if a pixel lies in it.
    pub const fn holds(self, x: i32, y: i32) -> bool {
        x >= self.x && y >= self.y && x < self.x + self.w && y < self.y + self.h
    }

    /// True if all of another lies in it.
    pub const fn covers(self, other: Self) -> bool {
        other.x >= self.x
            && other.y >= self.y
            && other.x + other.w <= self.x + self.w
            && other.y + other.h <= self.y + self.h
    }

    const fn middle(self) -> (i32, i32) {
        (self.x + self.w / 2, self.y + self.h / 2)
    }
}

/// How a block looks; each look has its pattern, so that none is told by its colour alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Look {
    /// On a free list.
    Free,
    /// Kept by a CPU.
    Cached,
    /// Memory that can be moved.
    Movable,
    /// Page cache.
    Cache,
    /// Page cache that differs from its file.
    Dirty,
    /// Memory that stays where it is.
    Kernel,
    /// One task's alone.
    Exclusive,
}

impl Look {
    /// All of them, as a legend lists them.
    pub const ALL: [Self; 7] = [
        Self::Free,
        Self::Cached,
        Self::Movable,
        Self::Cache,
        Self::Dirty,
        Self::Kernel,
        Self::Exclusive,
    ];

    /// The look of a block.
    pub fn of(used: &Use) -> Self {
        match *used {
            Use::Free { .. } => Self::Free,
            Use::Cached { .. } => Self::Cached,
            Use::Allocated {
                migratetype, flags, ..
            } => {
                let flags = PageFlags::from_bits_truncate(flags);
                if flags.contains(PageFlags::EXCLUSIVE) {
                    Self::Exclusive
                } else if flags.contains(PageFlags::DIRTY) {
                    Self::Dirty
                } else if flags.contains(PageFlags::LRU) {
                    Self::Cache
                } else if migratetype == MigrateType::Movable {
                    Self::Movable
                } else {
                    Self::Kernel
                }
            }
        }
    }
}

/// Words of the screen's language that stand in the picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// "free".
    pub free: String,
    /// "order".
    pub order: String,
    /// "task".
    pub task: String,
    /// "empty".
    pub empty: String,
    /// "{free} of {pages} pages free", with these places.
    pub gauge: String,
    /// "Address map".
    pub map: String,
    /// "Free lists, head first".
    pub lists: String,
}

/// What is to be shown, and where.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The machine.
    pub view: &'a MachineView,
    /// Width and height of the room.
    pub size: (i32, i32),
    /// A frame that is pointed at.
    pub selected: Option<Pfn>,
    /// The moment of a call that is looked at.
    pub beat: Option<&'a Beat>,
    /// Types of memory are told apart by their letters, also where there is only one.
    pub typed: bool,
    /// Words of the screen's language.
    pub words: &'a Words,
}

/// A block of the map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockBox {
    /// First frame.
    pub pfn: Pfn,
    /// It has `2^order` pages.
    pub order: Order,
    /// How it looks.
    pub look: Look,
    /// Where it lies.
    pub area: Area,
    /// What is written in it, as far as it fits.
    pub text: String,
    /// It is pointed at.
    pub selected: bool,
    /// The call in progress is about it.
    pub lit: bool,
}

/// A block on a free list, or one kept by a CPU.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Its first frame.
    pub pfn: Pfn,
    /// Where it is drawn.
    pub area: Area,
    /// The letter of its list's type, and its frame.
    pub text: String,
    /// It is pointed at.
    pub selected: bool,
    /// The call in progress is about it.
    pub lit: bool,
}

/// The lists of an order, or of a CPU.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Where it is drawn.
    pub area: Area,
    /// "order 3", "CPU 0".
    pub label: String,
    /// Its blocks, head first, type by type.
    pub nodes: Vec<Node>,
    /// Said instead of or after them: "empty", or how many more there are, and where.
    pub more: Option<(Area, String)>,
    /// The call in progress looks at it.
    pub lit: bool,
    /// Blocks for which there is no room.
    hidden: Vec<Pfn>,
}

/// Free pages and the watermarks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gauge {
    /// The trough.
    pub area: Area,
    /// So much of its width is filled.
    pub full: i32,
    /// `min`, `low` and `high`, if there are any: how far along the trough.
    pub marks: Option<[i32; 3]>,
    /// What is written under it.
    pub text: String,
}

/// A zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZonePart {
    /// All of it.
    pub area: Area,
    /// Its name, over the map.
    pub name: String,
    /// The map.
    pub map: Area,
    /// Frames in a row of the map.
    pub columns: u32,
    /// Numbers of frames beside the rows: from the top, and the number.
    pub rows: Vec<(i32, String)>,
    /// The blocks.
    pub blocks: Vec<BlockBox>,
    /// Where the lists' heading stands.
    pub heading: (i32, i32),
    /// The lists.
    pub lists: Vec<Row>,
    /// Free pages and the watermarks.
    pub gauge: Gauge,
}

/// The picture.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Structure {
    /// Width and height of the room.
    pub size: (i32, i32),
    /// The zones.
    pub zones: Vec<ZonePart>,
    /// From the list's block to the map's: what the block pointed at is in both.
    pub pointer: Vec<Area>,
    /// The block that is pointed at, in words.
    pub caption: String,
    /// Over the map, over the lists.
    pub headings: (String, String),
}

impl Structure {
    /// Lays it out.
    pub fn of(asked: &Asked<'_>) -> Self {
        let zones = &asked.view.zones;
        let count = (zones.len() as i32).max(1);
        let (w, h) = asked.size;
        let each = (h - (count - 1) * 8) / count;
        let parts: Vec<ZonePart> = (0..)
            .zip(zones)
            .map(|(at, zone)| part(zone, Area::new(0, at * (each + 8), w, each), asked))
            .collect();
        Self {
            size: asked.size,
            pointer: parts.iter().find_map(pointer).unwrap_or_default(),
            caption: caption(asked),
            headings: (asked.words.map.clone(), asked.words.lists.clone()),
            zones: parts,
        }
    }

    /// The frame at a pixel, of the map or of a list.
    pub fn hit(&self, x: i32, y: i32) -> Option<Pfn> {
        self.zones.iter().find_map(|zone| {
            let nodes = zone.lists.iter().flat_map(|row| &row.nodes);
            let node = nodes.filter(|node| node.area.holds(x, y));
            let block = zone.blocks.iter().filter(|block| block.area.holds(x, y));
            node.map(|node| node.pfn)
                .chain(block.map(|block| block.pfn))
                .next()
        })
    }

    /// The looks there are in it, as a legend lists them.
    pub fn looks(&self) -> Vec<Look> {
        let blocks = || self.zones.iter().flat_map(|zone| &zone.blocks);
        let there = |look: &Look| blocks().any(|block| block.look == *look);
        Look::ALL.into_iter().filter(there).collect()
    }
}

fn part(zone: &ZoneView, area: Area, asked: &Asked<'_>) -> ZonePart {
    let narrow = area.w < NARROW;
    let inner = area.h - LINE - 2 - GAUGE;
    let top = area.y + LINE + 2;
    let (map, lists) = if narrow {
        let high = inner * 5 / 9;
        let below = top + high + LINE + 6;
        (
            Area::new(area.x + GUTTER, top, area.w - GUTTER, high),
            Area::new(area.x, below, area.w, inner - high - LINE - 6),
        )
    } else {
        let wide = (area.w - GAP) * 11 / 20;
        let at = area.x + wide + GAP;
        (
            Area::new(area.x + GUTTER, top, wide - GUTTER, inner),
            Area::new(at, top, area.x + area.w - at, inner),
        )
    };
    let grid = map::Grid::new(zone, map);
    ZonePart {
        area,
        name: zone.name.clone(),
        map: grid.area(),
        columns: grid.columns(),
        rows: grid.numbers(),
        blocks: grid.blocks(asked),
        heading: (lists.x, lists.y - LINE - 2),
        lists: rows::rows(zone, lists, asked),
        gauge: gauge(zone, area, asked.words),
    }
}

/// True if memory of several types is in a zone: only then is there anything to tell apart by their letters.
fn is_typed(zone: &ZoneView) -> bool {
    let lists = zone.lists.iter().filter(|list| !list.blocks.is_empty());
    let used = zone.blocks.iter().filter_map(|block| match block.used {
        Use::Free { .. } => None,
        Use::Cached { list, .. } => Some(list),
        Use::Allocated { migratetype, .. } => Some(migratetype),
    });
    let mut types = lists.map(|list| list.list).chain(used);
    let first = types.next();
    types.any(|other| Some(other) != first)
}

fn gauge(zone: &ZoneView, area: Area, words: &Words) -> Gauge {
    let trough = Area::new(area.x, area.y + area.h - GAUGE + 6, area.w, 8);
    let along = |pages: u32| {
        let part =
            u64::from(pages.min(zone.pages)) * trough.w as u64 / u64::from(zone.pages.max(1));
        part as i32
    };
    let [min, low, high] = zone.marks;
    let said = words
        .gauge
        .replace("{free}", &zone.free.to_string())
        .replace("{pages}", &zone.pages.to_string());
    // Where nothing is kept back there are no marks.
    let marks = (high > 0).then_some(zone.marks);
    let text = match marks {
        Some(_) => format!("{said}   min {min}   low {low}   high {high}"),
        None => said,
    };
    Gauge {
        area: trough,
        full: along(zone.free),
        marks: marks.map(|marks| marks.map(along)),
        text: fit::cut(&text, area.w),
    }
}

/// The block a frame is in.
pub fn block_of(view: &MachineView, pfn: Pfn) -> Option<(&ZoneView, &BlockView)> {
    let zone = view
        .zones
        .iter()
        .find(|zone| pfn >= zone.start && pfn - zone.start < zone.pages)?;
    let at = zone.blocks.partition_point(|block| block.pfn <= pfn);
    Some((zone, zone.blocks.get(at.checked_sub(1)?)?))
}

/// The frame one comes to from the block of another, upwards (0), to the right (1), down (2) or to the left (3) on a map
/// with so many frames in a row; the same block if there is nothing more there.
pub fn beside(view: &MachineView, columns: u32, from: Pfn, way: u32) -> Pfn {
    let Some((zone, block)) = block_of(view, from) else {
        return view.zones.first().map_or(from, |zone| zone.start);
    };
    let at = block.pfn - zone.start;
    let size = 1_u32 << block.order;
    // Blocks wider than a row are whole rows.
    let to = match way {
        0 => at.checked_sub(columns),
        1 => Some(at + size.min(columns)).filter(|to| to % columns != 0 || size >= columns),
        2 => Some(at + size.max(columns)),
        _ => at.checked_sub(1).filter(|_| at % columns != 0),
    };
    let to = match to {
        Some(to) if to < zone.pages => zone.start + to,
        _ => {
            let zones = &view.zones;
            let here = zones.iter().position(|other| other.start == zone.start);
            let other = match way {
                0 => here.and_then(|here| here.checked_sub(1)),
                2 => here.map(|here| here + 1),
                _ => None,
            };
            other
                .and_then(|other| zones.get(other))
                .map_or(block.pfn, |zone| zone.start)
        }
    };
    block_of(view, to).map_or(block.pfn, |(_, block)| block.pfn)
}

/// Every block in words, in order of address.
pub fn captions(view: &MachineView, words: &Words) -> Vec<String> {
    let blocks = view.zones.iter().flat_map(|zone| &zone.blocks);
    blocks.map(|block| fit::caption(block, words)).collect()
}

/// What is to be said of the block that is pointed at.
fn caption(asked: &Asked<'_>) -> String {
    let found = asked.selected.and_then(|pfn| block_of(asked.view, pfn));
    let Some((_, block)) = found else {
        return String::new();
    };
    fit::caption(block, asked.words)
}

/// Three lines from a block on its list to the same block on the map.
fn pointer(zone: &ZonePart) -> Option<Vec<Area>> {
    let block = zone.blocks.iter().find(|block| block.selected)?;
    let mut nodes = zone.lists.iter().flat_map(|row| &row.nodes);
    let from = nodes.find(|node| node.selected).map(|node| node.area);
    let more = || {
        let row = zone
            .lists
            .iter()
            .find(|row| row.hidden.contains(&block.pfn))?;
        row.more.as_ref().map(|(area, _)| *area)
    };
    let from = from.or_else(more)?;
    let to = block.area;
    let (_, y) = to.middle();
    Some(if from.x > zone.map.x + zone.map.w {
        let channel = zone.map.x + zone.map.w + GAP / 2;
        // Under the words of the row, not through them.
        let start = from.y + from.h - 2;
        let end = to.x + to.w - to.w.min(8) / 2;
        vec![
            Area::new(channel, start, from.x - channel, 2),
            Area::new(channel, start.min(y), 2, (start - y).abs() + 2),
            Area::new(end, y, channel - end, 2),
        ]
    } else {
        let channel = zone.map.y + zone.map.h + 3;
        let ((start, _), (x, _)) = (from.middle(), to.middle());
        let end = to.y + to.h - to.h.min(8) / 2;
        vec![
            Area::new(start, channel, 2, from.y - channel),
            Area::new(start.min(x), channel, (start - x).abs() + 2, 2),
            Area::new(x, end, 2, channel - end),
        ]
    })
}
