//! Reads and prints `/proc/buddyinfo`: how many free blocks of each order the zones of a machine have.
//!
//! A line is what Linux 6.12 prints (mm/vmstat.c: `frag_show_print()`): `Node %d, zone %8s ` and then
//! `%6lu ` for every order, so there is a blank before the end of the line. Reading is less strict than
//! printing: any amount of blanks stands between words, and empty lines are passed over, so that a line
//! that was copied by hand can be read.

use std::fmt::Write as _;

use super::words::{TextError, Words, digits, numbered};
use crate::mm::{NR_PAGE_ORDERS, Zone};

/// The free blocks of one zone of one node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuddyLine {
    /// Number of the node.
    pub node: u32,
    /// Name of the zone, as Linux prints it: `DMA`, `DMA32`, `Normal`, `Movable`, `HighMem`, `Device`.
    pub zone: String,
    /// Free blocks of order 0, 1, ... 10.
    pub free: [u64; NR_PAGE_ORDERS],
}

impl BuddyLine {
    /// The line of a zone of this node. Isolated blocks count, as in Linux.
    pub fn of(node: u32, zone: &Zone) -> Self {
        Self {
            node,
            zone: zone.config().name.clone(),
            free: zone.free_counts().map(u64::from),
        }
    }

    /// All free pages of the zone. Wider than the counts: eleven of the largest must not overflow.
    pub fn free_pages(&self) -> u128 {
        (0..)
            .zip(self.free)
            .map(|(order, blocks)| u128::from(blocks) << order)
            .sum()
    }
}

/// Reads every line of a `/proc/buddyinfo`. A text without lines has no zones; that is no error here.
///
/// # Errors
///
/// At the first line that is not of that form, or that has another number of orders than
/// [`NR_PAGE_ORDERS`]: a kernel with another `MAX_PAGE_ORDER` prints more or fewer.
pub fn parse(text: &str) -> Result<Vec<BuddyLine>, TextError> {
    numbered(text)
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(number, line)| parse_line(number, line))
        .collect()
}

/// Prints lines byte for byte as Linux does.
pub fn print(lines: &[BuddyLine]) -> String {
    let mut text = String::new();
    for BuddyLine { node, zone, free } in lines {
        // Writing to a `String` cannot fail.
        let _ = write!(text, "Node {node}, zone {zone:>8} ");
        for blocks in free {
            let _ = write!(text, "{blocks:>6} ");
        }
        text.push('\n');
    }
    text
}

fn parse_line(number: u32, line: &str) -> Result<BuddyLine, TextError> {
    let mut words = Words::new(number, line);
    let start = "a line that starts with \"Node\", like those of /proc/buddyinfo";
    let (node, zone) = words.node_and_zone(start)?;

    let mut free = [0; NR_PAGE_ORDERS];
    let mut columns = 0;
    while let Some(word) = words.take() {
        let expected = "a number of free blocks, at most 18446744073709551615";
        let blocks = digits(word).ok_or_else(|| words.wrong(word, expected))?;
        if let Some(order) = free.get_mut(columns) {
            *order = blocks;
        }
        columns += 1;
    }
    if columns != NR_PAGE_ORDERS {
        return Err(TextError::new(
            number,
            counted(columns, "number of free blocks", "numbers of free blocks"),
            for_all_orders(),
        ));
    }
    Ok(BuddyLine {
        node,
        zone: zone.to_owned(),
        free,
    })
}

/// `1 number`, `2 numbers`.
pub(super) fn counted(many: usize, one: &str, more: &str) -> String {
    format!("{many} {}", if many == 1 { one } else { more })
}

/// How many columns there should be.
pub(super) fn for_all_orders() -> String {
    format!(
        "{NR_PAGE_ORDERS}, for the orders 0 to {}",
        NR_PAGE_ORDERS - 1
    )
}
