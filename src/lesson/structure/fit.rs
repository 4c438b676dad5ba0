//! What is written where, as far as there is room.

use super::{LETTER, LINE, Look, Words};
use crate::lesson::machine::{BlockView, Use};
use crate::mm::PageFlags;

/// As much of a text as so many pixels hold.
pub(super) fn cut(text: &str, width: i32) -> String {
    let room = (width / LETTER).max(0) as usize;
    text.chars().take(room).collect()
}

/// Signs of flags that keep a block where it is or say what it holds.
fn signs(flags: u8) -> String {
    let flags = PageFlags::from_bits_truncate(flags);
    let known = [
        (PageFlags::LOCKED, "locked"),
        (PageFlags::PINNED, "pinned"),
        (PageFlags::DIRTY, "dirty"),
        (PageFlags::LRU, "lru"),
        (PageFlags::EXCLUSIVE, "exclusive"),
        (PageFlags::RESERVED, "reserved"),
        (PageFlags::ZEROED, "zeroed"),
    ];
    let there = known.iter().filter(|(flag, _)| flags.contains(*flag));
    there.flat_map(|(_, name)| [" ", name]).collect()
}

/// What is said of a block in a line.
pub(super) fn caption(block: &BlockView, words: &Words) -> String {
    let BlockView { pfn, order, used } = *block;
    let last = pfn + ((1 << order) - 1);
    let place = if order == 0 {
        format!("{pfn:#x}")
    } else {
        format!("{pfn:#x}-{last:#x}")
    };
    let what = match used {
        Use::Free { list, place } => format!("{}, {} #{}", words.free, list.name(), place + 1),
        Use::Cached { cpu, list } => format!("CPU {cpu}, {}", list.name()),
        Use::Allocated {
            pid,
            migratetype,
            flags,
        } => format!(
            "{} {pid}, {}{}",
            words.task,
            migratetype.name(),
            signs(flags)
        ),
    };
    format!("{place}  {} {order}  {what}", words.order)
}

/// What is written in a block of this size: the most telling that fits; with its type, if there are several.
pub(super) fn text(block: &BlockView, (w, h): (i32, i32), words: &Words, typed: bool) -> String {
    let BlockView { pfn, order, used } = *block;
    let order = format!("{} {order}", words.order);
    let variants = match used {
        Use::Free { .. } => vec![
            format!("{pfn:#x}  {order}\n{}", words.free),
            format!("{pfn:#x}  {order}"),
            format!("{pfn:#x}\n{order}"),
            format!("{pfn:#x}"),
        ],
        Use::Cached { cpu, list } => vec![
            format!("{pfn:#x}  {order}\nCPU {cpu} {}", list.letter()),
            format!("{pfn:#x}\nCPU {cpu}"),
            format!("{pfn:#x}"),
        ],
        Use::Allocated {
            pid,
            migratetype,
            flags,
        } => {
            let task = &words.task;
            if !typed {
                let all = vec![
                    format!("{pfn:#x}  {order}\n{task} {pid}{}", signs(flags)),
                    format!("{pfn:#x}  {order}\n{task} {pid}"),
                    format!("{pfn:#x}  {task} {pid}"),
                    format!("{pfn:#x}\n{task} {pid}"),
                    format!("{pfn:#x}\n{pid}"),
                    format!("{pfn:#x}"),
                    pid.to_string(),
                ];
                return most_telling(all, (w, h));
            }
            let letter = migratetype.letter();
            vec![
                format!("{pfn:#x}  {order}\n{task} {pid} {letter}{}", signs(flags)),
                format!("{pfn:#x}  {order}\n{task} {pid} {letter}"),
                format!("{pfn:#x}  {task} {pid} {letter}"),
                format!("{pfn:#x}\n{task} {pid}"),
                format!("{pfn:#x}\n{letter} {pid}"),
                format!("{pfn:#x}"),
                format!("{letter}{pid}"),
                letter.to_string(),
            ]
        }
    };
    most_telling(variants, (w, h))
}

/// The first of these texts that fits.
fn most_telling(variants: Vec<String>, (w, h): (i32, i32)) -> String {
    let fits = |text: &String| {
        let wide = text.lines().map(|line| line.chars().count()).max();
        let lines = text.lines().count() as i32;
        wide.unwrap_or(0) as i32 * LETTER + 4 <= w && lines * LINE <= h
    };
    variants.into_iter().find(fits).unwrap_or_default()
}

/// True if blocks of this look have something to be told beside where they are.
pub(super) const fn tells(look: Look) -> bool {
    !matches!(look, Look::Free)
}
