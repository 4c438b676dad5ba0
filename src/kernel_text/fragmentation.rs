//! Reads and prints `extfrag_index` and `unusable_index` of debugfs: how fragmented free memory is, order by order.
//!
//! A line is what Linux 6.12 prints (mm/vmstat.c: `extfrag_show_print()`, `unusable_show_print()`):
//! `Node %d, zone %8s ` and for every order `%2d.%03d ` or `%d.%03d `, so there is a blank before the end.
//! An index between -1 and 0, which there is where one free block is too small, comes out as `0.-500`.
//! What the figures mean is told at [`extfrag_index()`](crate::mm::extfrag_index()) and
//! [`unusable_index()`](crate::mm::unusable_index()).

use std::fmt::Write as _;

use super::buddyinfo::{BuddyLine, counted, for_all_orders};
use super::words::{TextError, Words, digits, numbered};
use crate::mm::{NR_PAGE_ORDERS, Order, extfrag_index, unusable_index};

/// The indices of one zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexLine {
    /// Number of the node.
    pub node: u32,
    /// Name of the zone.
    pub zone: String,
    /// The index of order 0, 1, ... 10, in 1/1000.
    pub index: [i32; NR_PAGE_ORDERS],
}

impl IndexLine {
    /// The fragmentation indices of a zone with these free blocks.
    pub fn extfrag(line: &BuddyLine) -> Self {
        Self::of(line, extfrag_index)
    }

    /// The unusable free space indices of a zone with these free blocks.
    pub fn unusable(line: &BuddyLine) -> Self {
        Self::of(line, unusable_index)
    }

    /// Counts of more than 32 bits are taken as the largest of 32: no machine has as many blocks.
    fn of(line: &BuddyLine, of: fn(&[u32; NR_PAGE_ORDERS], Order) -> i32) -> Self {
        let counts = line
            .free
            .map(|blocks| u32::try_from(blocks).unwrap_or(u32::MAX));
        let mut index = [0; NR_PAGE_ORDERS];
        for (order, index) in (0 as Order..).zip(&mut index) {
            *index = of(&counts, order);
        }
        Self {
            node: line.node,
            zone: line.zone.clone(),
            index,
        }
    }
}

/// Prints `/sys/kernel/debug/extfrag/extfrag_index`, byte for byte as Linux does.
pub fn print_extfrag(lines: &[IndexLine]) -> String {
    print(lines, 2)
}

/// Prints `/sys/kernel/debug/extfrag/unusable_index`, byte for byte as Linux does.
pub fn print_unusable(lines: &[IndexLine]) -> String {
    print(lines, 1)
}

fn print(lines: &[IndexLine], width: usize) -> String {
    let mut text = String::new();
    for IndexLine { node, zone, index } in lines {
        // Writing to a `String` cannot fail.
        let _ = write!(text, "Node {node}, zone {zone:>8} ");
        for index in index {
            let _ = write!(text, "{} ", thousandths(*index, width));
        }
        text.push('\n');
    }
    text
}

/// Reads every line of one of the two files. A text without lines has no zones; that is no error here.
///
/// # Errors
///
/// At the first line that is not of that form, has another number of orders than [`NR_PAGE_ORDERS`], or an
/// index that Linux would not print: it is between -1 and 1 and has three digits after the point.
pub fn parse(text: &str) -> Result<Vec<IndexLine>, TextError> {
    numbered(text)
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(number, line)| parse_line(Words::new(number, line)))
        .collect()
}

fn parse_line(mut words: Words<'_>) -> Result<IndexLine, TextError> {
    let start = "a line that starts with \"Node\", like those of extfrag_index";
    let (node, zone) = words.node_and_zone(start)?;
    let mut index = [0; NR_PAGE_ORDERS];
    let mut columns = 0;
    while let Some(word) = words.take() {
        let expected = "an index as Linux prints it, from -1.000 to 1.000";
        let value = read_thousandths(word).ok_or_else(|| words.wrong(word, expected))?;
        if let Some(index) = index.get_mut(columns) {
            *index = value;
        }
        columns += 1;
    }
    if columns != NR_PAGE_ORDERS {
        let found = counted(columns, "index", "indices");
        return Err(TextError::new(words.number(), found, for_all_orders()));
    }
    Ok(IndexLine {
        node,
        zone: zone.to_owned(),
        index,
    })
}

fn read_thousandths(word: &str) -> Option<i32> {
    if word == "-1.000" {
        return Some(-1000);
    }
    let (whole, part) = word.split_once('.')?;
    let value = match part.strip_prefix('-') {
        Some(below) => -i32::try_from(digits(below)?).ok()?,
        None => i32::try_from(
            digits(whole)?
                .checked_mul(1000)?
                .checked_add(digits(part)?)?,
        )
        .ok()?,
    };
    // Only what would be printed so is read so.
    let known = (-999..=1000).contains(&value) && word == thousandths(value, 1);
    known.then_some(value)
}

/// `%*d.%03d` of the thousands and the rest. C divides towards zero, and so does Rust: the rest has the sign.
fn thousandths(index: i32, width: usize) -> String {
    format!("{:>width$}.{:03}", index / 1000, index % 1000)
}
