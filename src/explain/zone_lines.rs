//! The lines of a zone in a log: its amounts and its free lists, however they were wrapped.

use super::report::{Lists, Zone};
use crate::mm::MigrateType;

/// Most orders a kernel has (64 KiB pages on arm64: 14).
const MOST_ORDERS: usize = 20;

/// The beginning of a line of a zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found {
    /// Its amounts.
    Zone(Start),
    /// Its free lists.
    Lists(Start),
}

/// Which zone, and what follows its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Start {
    pub(super) node: u32,
    pub(super) name: String,
    pub(super) rest: String,
}

/// Reads `Node 0 Normal free:...` and `Node 0 Normal: 8*4kB ...`; kernels for one node leave `Node 0` out.
pub(super) fn zone(text: &str) -> Option<Found> {
    let (node, rest) = match text.strip_prefix("Node ") {
        Some(rest) => {
            let (node, rest) = rest.split_once(' ')?;
            (node.parse().ok()?, rest.trim_start())
        }
        None => (0, text),
    };
    let (name, rest) = rest.split_once(' ')?;
    let rest = rest.trim_start().to_owned();
    let is_name =
        |name: &str| ["DMA", "DMA32", "Normal", "HighMem", "Movable", "Device"].contains(&name);
    let start = |name: &str| Start {
        node,
        name: name.to_owned(),
        rest: rest.clone(),
    };
    match name.strip_suffix(':') {
        Some(name) if is_name(name) && are_blocks(&rest) => Some(Found::Lists(start(name))),
        None if is_name(name) && rest.starts_with("free:") => Some(Found::Zone(start(name))),
        _ => None,
    }
}

/// An amount: `free:15360kB`, `reserved_highatomic:0KB`, and `free:12` in pages.
fn amount(word: &str) -> Option<(&str, u64)> {
    let (name, amount) = word.rsplit_once(':')?;
    let kb = amount
        .strip_suffix("kB")
        .or_else(|| amount.strip_suffix("KB"));
    Some((name, kb.unwrap_or(amount).parse().ok()?))
}

/// True if a text is nothing but amounts, as the rest of a wrapped line is.
pub(super) fn are_fields(text: &str) -> bool {
    text.split_whitespace()
        .all(|word| amount(word).is_some() || ["all_unreclaimable?", "yes", "no"].contains(&word))
}

/// Takes the amounts of a line, in kB; those with other names are passed over.
pub(super) fn fields(zone: &mut Zone, text: &str) {
    for (name, amount) in text.split_whitespace().filter_map(amount) {
        let place = match name {
            "free" => &mut zone.free,
            "min" => &mut zone.min,
            "low" => &mut zone.low,
            "high" => &mut zone.high,
            "managed" => &mut zone.managed,
            "boost" => {
                zone.boost = amount;
                continue;
            }
            // The second is the more exact one, and comes after the first.
            "reserved_highatomic" | "free_highatomic" => {
                zone.highatomic = amount;
                continue;
            }
            "free_cma" => {
                zone.free_cma = amount;
                continue;
            }
            // Before 3.9 a zone printed no managed pages.
            "present" if zone.managed.is_none() => &mut zone.managed,
            _ => continue,
        };
        *place = Some(amount);
    }
}

/// True if a text is nothing but numbers.
pub(super) fn are_numbers(text: &str) -> bool {
    text.split_whitespace()
        .all(|word| word.parse::<u64>().is_ok())
}

/// The numbers a text begins with, 16 at most.
pub(super) fn numbers(text: &str) -> Vec<u64> {
    text.split_whitespace()
        .map_while(|word| word.parse().ok())
        .take(16)
        .collect()
}

/// `8*4kB`: how many, and the size in kB.
fn block(word: &str) -> Option<(u64, u64)> {
    let (count, size) = word.strip_suffix("kB")?.split_once('*')?;
    Some((count.parse().ok()?, size.parse().ok()?))
}

/// True if a text begins as free lists or their rest do.
pub(super) fn are_blocks(text: &str) -> bool {
    let first = text.split_whitespace().next().unwrap_or_default();
    block(first).is_some() || first == "=" || letters(first).is_some()
}

/// `(UME)`: the types.
fn letters(word: &str) -> Option<u8> {
    let inner = word.strip_prefix('(')?.strip_suffix(')')?;
    let mut types = 0;
    for letter in inner.chars() {
        // Before 4.4 the reserve of atomic requests was another one.
        let letter = if letter == 'R' { 'H' } else { letter };
        let of = MigrateType::ALL
            .into_iter()
            .find(|of| of.letter() == letter)?;
        types |= 1 << of as u8;
    }
    Some(types)
}

/// Takes free lists or the rest of them; the sum at their end in kB, if the line goes on to it.
pub(super) fn blocks(lists: &mut Lists, text: &str, page_kb: &mut u64) -> Option<u64> {
    let mut words = text.split_whitespace();
    while let Some(word) = words.next() {
        if let Some((count, size)) = block(word) {
            if lists.blocks.is_empty() && [4, 8, 16, 32, 64].contains(&size) {
                *page_kb = size;
            }
            if lists.blocks.len() < MOST_ORDERS {
                lists.blocks.push(count);
                lists.types.push(None);
            }
        } else if let Some(types) = letters(word) {
            if let Some(last) = lists.types.last_mut() {
                *last = Some(types);
            }
        } else if word == "=" {
            let sum = words.next()?.strip_suffix("kB")?.parse().ok()?;
            lists.whole = true;
            return Some(sum);
        } else {
            break;
        }
    }
    None
}
