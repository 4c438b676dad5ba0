//! The pages on the right of the sandbox, as rows of text.

use super::plot::{Figure, letter};
use super::sheet::{Act, Room, Row, Tone, cut, wrap};
use crate::lesson::Timeline;
use crate::lesson::compare::Series;
use crate::lesson::inspect;
use crate::lesson::machine::{Machine, Use, ZoneView};
use crate::mm::{Event, NR_PAGE_ORDERS, PAGE_SHIFT, PAGE_SIZE, PageFlags, Pfn};
use crate::phrases::{Phrase, Phrases};

/// Most blocks of a list that are named.
const BLOCKS: usize = 6;

/// Most calls of a page's past.
const PAST: usize = 8;

/// Rows of the map of a zone.
const MAP_ROWS: u32 = 8;

/// Letters before a row of the map.
const MAP_LEAD: u32 = 8;

/// The sign of a page by its use.
fn sign(used: Use) -> char {
    match used {
        Use::Free { .. } => '.',
        Use::Cached { .. } => 'c',
        Use::Allocated {
            flags, migratetype, ..
        } => {
            let flags = PageFlags::from_bits_truncate(flags);
            if flags.contains(PageFlags::PINNED) {
                'P'
            } else {
                migratetype.name().chars().next().unwrap_or('?')
            }
        }
    }
}

/// A zone as signs in order of address, each for as many pages as it takes to have room; `+` where they differ.
fn map(zone: &ZoneView, room: Room) -> Vec<Row> {
    let columns = room.right.saturating_sub(MAP_LEAD).max(8);
    // A power of two, so that rows begin where blocks do.
    let columns = 1 << columns.ilog2();
    let each = zone.pages.div_ceil(columns * MAP_ROWS).next_power_of_two();
    let mut signs: Vec<Option<char>> = vec![None; zone.pages.div_ceil(each) as usize];
    for block in &zone.blocks {
        let (first, last) = (
            block.pfn - zone.start,
            block.pfn - zone.start + ((1 << block.order) - 1),
        );
        for place in first / each..=last / each {
            if let Some(found) = signs.get_mut(place as usize) {
                let here = sign(block.used);
                *found = Some(if found.is_none_or(|found| found == here) {
                    here
                } else {
                    '+'
                });
            }
        }
    }
    let signs: Vec<char> = signs.into_iter().map(|sign| sign.unwrap_or(' ')).collect();
    let per_row = columns * each;
    let rows = (zone.start..)
        .step_by(per_row as usize)
        .zip(signs.chunks(columns as usize));
    rows.map(|(pfn, signs)| {
        let text: String = signs.iter().collect();
        Row::to_press(format!("{pfn:#07x} {text}"), Act::Frame(pfn), false)
    })
    .collect()
}

/// Memory at a glance: blocks in order of address, then the free lists.
pub fn memory(machine: &Machine, room: Room, words: &Phrases) -> Vec<Row> {
    let mut rows = Vec::new();
    for zone in machine.view().zones {
        let [min, low, high] = zone.marks;
        let head = format!(
            "{}: {} of {} pages free; min {min} low {low} high {high}",
            zone.name, zone.free, zone.pages
        );
        rows.push(Row::new(Tone::Bright, cut(&head, room.right)));
        let legend = wrap(words.get(Phrase::DeskMap), room.right).into_iter();
        rows.extend(legend.map(|text| Row::new(Tone::Dim, text)));
        rows.extend(map(&zone, room));
        rows.push(Row::new(Tone::Bright, words.get(Phrase::DeskLists)));
        let lists = zone.lists.iter().map(|list| {
            let blocks: Vec<String> = list
                .blocks
                .iter()
                .take(BLOCKS)
                .map(|pfn| format!("{pfn:#x}"))
                .collect();
            let more = list.blocks.len().saturating_sub(BLOCKS);
            let more = if more > 0 {
                format!(" +{more}")
            } else {
                String::new()
            };
            let text = format!(
                "{:>2} {:<11} {:>4}: {}{more}",
                list.order,
                list.list.name(),
                list.blocks.len(),
                blocks.join(" > ")
            );
            let first = list.blocks.first().copied().unwrap_or(zone.start);
            Row::to_press(cut(&text, room.right), Act::Frame(first), false)
        });
        rows.extend(lists);
        let used = zone.blocks.iter().filter_map(|block| {
            let what = match block.used {
                Use::Free { .. } => return None,
                Use::Cached { cpu, list } => format!("CPU {cpu} keeps it, {}", list.name()),
                Use::Allocated {
                    pid, migratetype, ..
                } => format!("task {pid}, {}", migratetype.name()),
            };
            let text = format!("{:#06x} order {:>2}  {what}", block.pfn, block.order);
            let act = Act::Frame(block.pfn);
            Some(Row::to_press(cut(&text, room.right), act, false))
        });
        rows.extend(used);
    }
    rows
}

/// The last call, step by step.
pub fn steps(timeline: &Timeline, room: Room, words: &Phrases) -> Vec<Row> {
    let Some(past) = timeline.last() else {
        return vec![Row::new(Tone::Dim, words.get(Phrase::DeskNoCall))];
    };
    let mut rows: Vec<Row> = wrap(&format!("$ {}", past.line), room.right)
        .into_iter()
        .map(|text| Row::new(Tone::Bright, text))
        .collect();
    for (number, beat) in (1_u32..).zip(timeline.beats()) {
        let wrapped = wrap(&beat.text, room.right.saturating_sub(4));
        for (at, text) in wrapped.into_iter().enumerate() {
            let lead = if at == 0 {
                format!("{number:>3} ")
            } else {
                "    ".into()
            };
            let act = beat.block.map(|(pfn, _)| Act::Frame(pfn));
            rows.push(Row {
                act,
                ..Row::new(Tone::Plain, format!("{lead}{text}"))
            });
        }
    }
    rows
}

/// All about a page: who has it, its past, its bytes.
pub fn page(timeline: &Timeline, frame: Option<Pfn>, room: Room, words: &Phrases) -> Vec<Row> {
    let machine = timeline.now().machine();
    let Some((pfn, page)) = frame.and_then(|pfn| Some((pfn, inspect::page(machine, pfn)?))) else {
        let hint = words.get(Phrase::DeskNoPage);
        let rows = wrap(hint, room.right).into_iter();
        return rows.map(|text| Row::new(Tone::Dim, text)).collect();
    };
    let mut rows: Vec<Row> = page
        .to_string()
        .lines()
        .flat_map(|line| wrap(line, room.right))
        .map(|text| Row::new(Tone::Plain, text))
        .collect();
    if let Some(first) = rows.first_mut() {
        first.tone = Tone::Bright;
    }
    let neighbours = [
        (Phrase::DeskBefore, pfn.checked_sub(1)),
        (Phrase::DeskAfter, pfn.checked_add(1)),
        (Phrase::DeskBuddy, Some(page.block ^ (1 << page.order))),
    ];
    for (phrase, other) in neighbours {
        if let Some(other) = other.filter(|&other| machine.block_at(other).is_some()) {
            let text = format!("{} {other:#x}", words.get(phrase));
            rows.push(Row::to_press(text, Act::Frame(other), false));
        }
    }
    rows.push(Row::new(Tone::Bright, words.get(Phrase::DeskPast)));
    // How its block was halved and put together again is told step by step elsewhere.
    let mut past = timeline.history_of(pfn);
    past.retain(|(.., event)| !matches!(event, Event::Split { .. } | Event::Merge { .. }));
    let hidden = past.len().saturating_sub(PAST);
    if past.is_empty() {
        rows.push(Row::new(Tone::Dim, words.get(Phrase::DeskNoPast)));
    }
    if hidden > 0 {
        rows.push(Row::new(Tone::Dim, format!("  ... {hidden} more")));
    }
    for (number, _, event) in &past[hidden..] {
        let what = crate::lesson::trace::sentence(event);
        let text = cut(&format!("{number:>4} {what}"), room.right);
        rows.push(Row::to_press(text, Act::To(*number), false));
    }
    rows.push(Row::new(Tone::Bright, words.get(Phrase::DeskBytes)));
    let left = room.right_rows.saturating_sub(rows.len() as u32);
    rows.extend(bytes(machine, pfn, room.right, left));
    rows
}

/// The bytes of a page in rows with addresses; rows that only repeat the one before are a star.
fn bytes(machine: &Machine, pfn: Pfn, columns: u32, most: u32) -> Vec<Row> {
    let mut page = vec![0_u8; PAGE_SIZE as usize];
    let arena = machine.arena();
    if arena.is_none_or(|arena| arena.read(pfn, 0, &mut page).is_err()) {
        return Vec::new();
    }
    let each = if columns > 12 + 16 * 4 { 16 } else { 8 };
    let base = u64::from(pfn) << PAGE_SHIFT;
    let mut rows: Vec<Row> = Vec::new();
    let (mut before, mut starred) = (None, false);
    for (at, part) in (base..).step_by(each).zip(page.chunks(each)) {
        if before == Some(part) {
            if !starred {
                rows.push(Row::new(Tone::Plain, "*"));
            }
            starred = true;
            continue;
        }
        (before, starred) = (Some(part), false);
        if rows.len() as u32 + 2 > most {
            rows.push(Row::new(Tone::Dim, "…"));
            return rows;
        }
        let hex: Vec<String> = part.iter().map(|byte| format!("{byte:02x}")).collect();
        let shown: String = part
            .iter()
            .map(|&byte| match byte {
                b' '..=b'~' => char::from(byte),
                _ => '.',
            })
            .collect();
        rows.push(Row::new(
            Tone::Plain,
            format!("{at:#010x}: {} {shown}", hex.join(" ")),
        ));
    }
    rows.push(Row::new(
        Tone::Plain,
        format!("{:#010x}", base + u64::from(PAGE_SIZE)),
    ));
    rows
}

/// How the machines of a comparison ended; above it there is room for the plot.
pub fn compare(all: &[Series], figure: Figure, room: Room, words: &Phrases) -> Vec<Row> {
    let mut rows = vec![Row::new(Tone::Bright, figure.name(words))];
    if all.iter().all(|series| series.samples.is_empty()) {
        let hint = wrap(words.get(Phrase::DeskNoCompare), room.right).into_iter();
        rows.extend(hint.map(|text| Row::new(Tone::Dim, text)));
        return rows;
    }
    for (place, series) in all.iter().enumerate() {
        let last = series.samples.last();
        let shown = last.map_or_else(String::new, |last| figure.shown(figure.of(last)));
        let failed = last.map_or(0, |last| last.failed);
        let largest = last.and_then(|last| last.largest);
        let largest = largest.map_or_else(|| "-".to_owned(), |order| order.to_string());
        let end = words.fill(
            Phrase::DeskCompared,
            &[
                ("figure", &shown),
                ("largest", &largest),
                ("failed", &failed.to_string()),
            ],
        );
        let text = format!("{} {}", letter(place), series.name);
        rows.push(Row::new(Tone::Plain, cut(&text, room.right)));
        rows.push(Row::new(Tone::Dim, cut(&format!("  {end}"), room.right)));
    }
    rows
}

/// Free blocks by order as bars, for a raid's or a trace's memory.
pub fn bars(free: &[u64; NR_PAGE_ORDERS], room: Room) -> Vec<Row> {
    let pages = |order: usize| u128::from(free[order]) << order;
    let most = (0..free.len()).map(pages).max().unwrap_or(0).max(1);
    let width = u128::from(room.right.saturating_sub(26).max(4));
    (0..free.len())
        .map(|order| {
            let length = (pages(order) * width).div_ceil(most) as usize;
            let text = format!("{order:>2} {:>9} {}", free[order], "█".repeat(length));
            Row::new(Tone::Plain, text)
        })
        .collect()
}
