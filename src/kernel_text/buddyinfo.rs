//! Reads and prints `/proc/buddyinfo`: how many free blocks of each order the zones of a machine have.
//!
//! A line is what Linux 6.12 prints (mm/vmstat.c: `frag_show_print()`): `Node %d, zone %8s ` and then
//! `%6lu ` for every order, so there is a blank before the end of the line. Reading is less strict than
//! printing: any amount of blanks stands between words, and empty lines are passed over, so that a line
//! that was copied by hand can be read.

use std::fmt::Write as _;

use crate::mm::NR_PAGE_ORDERS;

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

/// Why a text could not be read: where, what stands there, and what should.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: found {what}, expected {expected}")]
pub struct TextError {
    /// The line, counted from 1.
    pub line: u32,
    /// What was found; text from the file stands in quotes, is cut if long, and has no control characters.
    pub what: String,
    /// What was expected.
    pub expected: String,
}

impl BuddyLine {
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
    (1..)
        .zip(text.lines())
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
    let mut words = line.split_whitespace();
    let mut next = |expected: &str| {
        words
            .next()
            .ok_or_else(|| error(number, "the end of the line".into(), expected))
    };
    let wrong = |word: &str, expected: &str| error(number, quoted(word), expected);

    let start = "a line that starts with \"Node\", like those of /proc/buddyinfo";
    let word = next(start)?;
    if word != "Node" {
        return Err(wrong(word, start));
    }
    let expected = "the number of a node and a comma, as in \"Node 0,\"";
    let word = next(expected)?;
    let node = word
        .strip_suffix(',')
        .and_then(digits)
        .and_then(|node| u32::try_from(node).ok())
        .ok_or_else(|| wrong(word, expected))?;
    let expected = "the word \"zone\"";
    let word = next(expected)?;
    if word != "zone" {
        return Err(wrong(word, expected));
    }
    let zone = next("the name of a zone")?.to_owned();

    let mut free = [0; NR_PAGE_ORDERS];
    let mut columns = 0;
    for word in words {
        let blocks = digits(word).ok_or_else(|| {
            wrong(
                word,
                "a number of free blocks, at most 18446744073709551615",
            )
        })?;
        if let Some(order) = free.get_mut(columns) {
            *order = blocks;
        }
        columns += 1;
    }
    if columns != NR_PAGE_ORDERS {
        let what = match columns {
            1 => "1 number of free blocks".into(),
            _ => format!("{columns} numbers of free blocks"),
        };
        let expected = format!(
            "{NR_PAGE_ORDERS}, for the orders 0 to {}",
            NR_PAGE_ORDERS - 1
        );
        return Err(error(number, what, &expected));
    }
    Ok(BuddyLine { node, zone, free })
}

/// A number written in digits alone: no sign, as `%lu` prints it.
fn digits(word: &str) -> Option<u64> {
    word.bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| word.parse().ok())?
}

fn error(line: u32, what: String, expected: &str) -> TextError {
    TextError {
        line,
        what,
        expected: expected.into(),
    }
}

/// A word of the text in quotes, short and on one line whatever stands in the file.
fn quoted(word: &str) -> String {
    const LONGEST: usize = 40;
    let mut shown: String = word.chars().take(LONGEST).collect();
    if shown.len() < word.len() {
        shown.push_str("...");
    }
    format!("{shown:?}")
}
