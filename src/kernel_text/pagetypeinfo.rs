//! Reads and prints `/proc/pagetypeinfo`: free blocks of each order and migrate type, and pageblocks of each type.
//!
//! The form is that of Linux 6.12 (mm/vmstat.c: `pagetypeinfo_show()`), which prints one such table after
//! another for the nodes that have memory. Which migrate types there are depends on how the kernel was
//! built; their names are taken as they stand. A kernel that tracks page owners adds a table of mixed
//! pageblocks, which is read and printed too. Any amount of blanks stands between words when reading.

use std::fmt::Write as _;
use std::iter::Peekable;

use super::buddyinfo::{counted, for_all_orders};
use super::words::{TextError, Words, digits, numbered};
use crate::mm::{MigrateType, NR_PAGE_ORDERS, Order, Zone};

/// Free blocks of one order and type.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// How many.
    pub blocks: u64,
    /// There are more: the kernel stops counting at 100,000 and prints `>` before that.
    pub more: bool,
}

/// One zone of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZoneTypes {
    /// Number of the node.
    pub node: u32,
    /// Name of the zone.
    pub zone: String,
    /// For each migrate type of the table the free blocks of order 0, 1, ... 10.
    pub free: Vec<[Count; NR_PAGE_ORDERS]>,
    /// For each migrate type the pageblocks that are of it.
    pub blocks: Vec<u64>,
    /// For each migrate type the pageblocks of it that hold pages of other types; empty if that is not told.
    pub mixed: Vec<u64>,
}

/// The table of one node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageTypes {
    /// Order of a pageblock.
    pub block_order: u32,
    /// Pages of a pageblock.
    pub block_pages: u64,
    /// Names of the migrate types, in their order.
    pub types: Vec<String>,
    /// The zones that have pages.
    pub zones: Vec<ZoneTypes>,
}

/// Where the kernel stops counting (`pagetypeinfo_showfree_print()`).
const MOST: u64 = 100_000;
const FREE: &str = "Free pages count per migrate type at order";
const BLOCKS: &str = "Number of blocks type ";
const MIXED: &str = "Number of mixed blocks ";

impl PageTypes {
    /// The table of a node with these zones, which have pageblocks of one size. All migrate types of the model are
    /// in it, as in a kernel built with `CONFIG_CMA` and `CONFIG_MEMORY_ISOLATION`.
    pub fn of(node: u32, zones: &[&Zone]) -> Self {
        let block_order = zones.first().map_or(0, |zone| zone.pageblock_order());
        Self {
            block_order: block_order.into(),
            block_pages: 1 << block_order,
            types: MigrateType::ALL.map(|of| of.name().to_owned()).to_vec(),
            zones: zones.iter().map(|zone| ZoneTypes::of(node, zone)).collect(),
        }
    }
}

impl ZoneTypes {
    fn of(node: u32, zone: &Zone) -> Self {
        let mut blocks = vec![0; MigrateType::COUNT];
        for pfn in (0..zone.pages()).step_by(1 << zone.pageblock_order()) {
            blocks[zone.pageblock_type(pfn) as usize] += 1;
        }
        let row = |migratetype| {
            let mut row = [Count::default(); NR_PAGE_ORDERS];
            for (order, count) in (0 as Order..).zip(&mut row) {
                let free = u64::from(zone.nr_free_of(order, migratetype));
                *count = Count {
                    blocks: free.min(MOST),
                    more: free >= MOST,
                };
            }
            row
        };
        Self {
            node,
            zone: zone.config().name.clone(),
            free: MigrateType::ALL.map(row).to_vec(),
            blocks,
            mixed: Vec::new(),
        }
    }
}

/// Prints tables byte for byte as Linux does.
pub fn print(tables: &[PageTypes]) -> String {
    let mut text = String::new();
    for table in tables {
        print_table(&mut text, table);
    }
    text
}

// Writing to a `String` cannot fail.
fn print_table(text: &mut String, table: &PageTypes) {
    let PageTypes {
        block_order,
        block_pages,
        types,
        zones,
    } = table;
    let _ = write!(
        text,
        "Page block order: {block_order}\nPages per block:  {block_pages}\n\n{FREE:<43} "
    );
    for order in 0..NR_PAGE_ORDERS {
        let _ = write!(text, "{order:>6} ");
    }
    text.push('\n');
    for ZoneTypes {
        node, zone, free, ..
    } in zones
    {
        for (name, row) in types.iter().zip(free) {
            let _ = write!(text, "Node {node:>4}, zone {zone:>8}, type {name:>12} ");
            for Count { blocks, more } in row {
                let _ = write!(text, "{}{blocks:>6} ", if *more { ">" } else { "" });
            }
            text.push('\n');
        }
    }
    print_blocks(text, BLOCKS, table, |zone| &zone.blocks);
    if zones.iter().any(|zone| !zone.mixed.is_empty()) {
        print_blocks(text, MIXED, table, |zone| &zone.mixed);
    }
}

fn print_blocks(
    text: &mut String,
    title: &str,
    table: &PageTypes,
    of: impl Fn(&ZoneTypes) -> &Vec<u64>,
) {
    let _ = write!(text, "\n{title:<23}");
    for name in &table.types {
        let _ = write!(text, "{name:>12} ");
    }
    text.push('\n');
    for zone in &table.zones {
        let _ = write!(text, "Node {}, zone {:>8} ", zone.node, zone.zone);
        for blocks in of(zone) {
            let _ = write!(text, "{blocks:>12} ");
        }
        text.push('\n');
    }
}

/// Reads every table of a `/proc/pagetypeinfo`. A text without lines has none; that is no error here.
///
/// # Errors
///
/// At the first line that is not of that form, has another number of orders than [`NR_PAGE_ORDERS`], or
/// names other migrate types or zones than the lines before; or at the end, if a table is not complete.
pub fn parse(text: &str) -> Result<Vec<PageTypes>, TextError> {
    let mut lines = numbered(text)
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(number, line)| Words::new(number, line))
        .peekable();
    let mut tables = Vec::new();
    while lines.peek().is_some() {
        tables.push(parse_table(&mut lines, text)?);
    }
    Ok(tables)
}

fn parse_table<'a>(
    lines: &mut Peekable<impl Iterator<Item = Words<'a>>>,
    text: &str,
) -> Result<PageTypes, TextError> {
    let mut line = |expected: &str| lines.next().ok_or_else(|| TextError::end(text, expected));
    let first = "\"Page block order:\", as /proc/pagetypeinfo begins";
    let block_order = titled(line(first)?, "Page block order:", first)?;
    let expected = "an order, at most 63";
    let block_order = u32::try_from(block_order.number_of_end(expected)?)
        .ok()
        .filter(|&order| order < u64::BITS)
        .ok_or_else(|| block_order.wrong(block_order.rest(), expected))?;
    let second = "\"Pages per block:\"";
    let block_pages =
        titled(line(second)?, "Pages per block:", second)?.number_of_end("a number of pages")?;
    let header = format!("\"{FREE}\"");
    let mut orders = titled(line(&header)?, FREE, &header)?;
    let mut columns = 0;
    while let Some(word) = orders.take() {
        if digits(word) != Some(columns) {
            return Err(orders.wrong(word, format!("order {columns}")));
        }
        columns += 1;
    }
    if columns != NR_PAGE_ORDERS as u64 {
        let found = counted(columns as usize, "order", "orders");
        return Err(TextError::new(orders.number(), found, for_all_orders()));
    }

    let mut types: Vec<String> = Vec::new();
    let mut zones: Vec<ZoneTypes> = Vec::new();
    while let Some(words) = lines.next_if(|line| line.rest().starts_with("Node")) {
        parse_free(words, &mut types, &mut zones)?;
    }
    let number = lines.peek().map(Words::number);
    if let Some(zone) = zones.last()
        && zone.free.len() != types.len()
    {
        let expected = format!("type {} of zone {}", types[zone.free.len()], zone.zone);
        return Err(number.map_or_else(
            || TextError::end(text, &expected),
            |number| TextError::new(number, "another line", &expected),
        ));
    }
    parse_blocks(lines, text, BLOCKS, &types, &mut zones, |zone| {
        &mut zone.blocks
    })?;
    if lines
        .peek()
        .is_some_and(|line| line.rest().starts_with(MIXED.trim()))
    {
        parse_blocks(lines, text, MIXED, &types, &mut zones, |zone| {
            &mut zone.mixed
        })?;
    }
    Ok(PageTypes {
        block_order,
        block_pages,
        types,
        zones,
    })
}

/// What follows the title of a line.
fn titled<'a>(mut words: Words<'a>, title: &str, expected: &str) -> Result<Words<'a>, TextError> {
    for word in title.split_whitespace() {
        words.literally(word, expected)?;
    }
    Ok(words)
}

impl Words<'_> {
    /// The one number that is left.
    fn number_of_end(&self, expected: &str) -> Result<u64, TextError> {
        let mut words = self.clone();
        let number = words.number_of(expected)?;
        words.end()?;
        Ok(number)
    }
}

/// One row of the first table: zones follow each other, and each has all types in the same order.
fn parse_free(
    mut words: Words<'_>,
    types: &mut Vec<String>,
    zones: &mut Vec<ZoneTypes>,
) -> Result<(), TextError> {
    let (node, zone) = words.node_and_zone("a line that starts with \"Node\"")?;
    let expected = "the name of a zone and a comma";
    let zone = zone
        .strip_suffix(',')
        .ok_or_else(|| words.wrong(zone, expected))?;
    words.literally("type", "the word \"type\"")?;
    let expected = "the name of a migrate type";
    let name = words.next(expected)?;

    let same = |known: &ZoneTypes| known.node == node && known.zone == zone;
    let first = zones.len() <= 1 && zones.first().is_none_or(same);
    if first {
        if types.iter().any(|known| known == name) {
            return Err(words.wrong(name, "another migrate type or another zone"));
        }
        types.push(name.to_owned());
    }
    if zones
        .last()
        .is_none_or(|known| !same(known) && known.free.len() == types.len())
    {
        zones.push(ZoneTypes {
            node,
            zone: zone.to_owned(),
            free: Vec::new(),
            blocks: Vec::new(),
            mixed: Vec::new(),
        });
    }
    let Some(known) = zones.last_mut().filter(|known| same(known)) else {
        return Err(words.wrong(zone, "the zone of the line before: it lacks migrate types"));
    };
    match types.get(known.free.len()) {
        Some(expected) if expected == name => {}
        Some(expected) => {
            return Err(words.wrong(name, format!("{expected}, as in the zones before")));
        }
        None => return Err(words.wrong(name, "another zone: this one has all migrate types")),
    }

    let mut row = [Count::default(); NR_PAGE_ORDERS];
    let mut columns = 0;
    while let Some(word) = words.take() {
        let count = word.strip_prefix('>').unwrap_or(word);
        let blocks = digits(count).ok_or_else(|| {
            words.wrong(word, "a number of free blocks, with \">\" before it or not")
        })?;
        if let Some(count) = row.get_mut(columns) {
            *count = Count {
                blocks,
                more: word.starts_with('>'),
            };
        }
        columns += 1;
    }
    if columns != NR_PAGE_ORDERS {
        let found = counted(columns, "number of free blocks", "numbers of free blocks");
        return Err(TextError::new(words.number(), found, for_all_orders()));
    }
    known.free.push(row);
    Ok(())
}

/// A table of pageblocks: the types named again, then a row for every zone.
fn parse_blocks<'a>(
    lines: &mut Peekable<impl Iterator<Item = Words<'a>>>,
    text: &str,
    title: &str,
    types: &[String],
    zones: &mut [ZoneTypes],
    of: impl Fn(&mut ZoneTypes) -> &mut Vec<u64>,
) -> Result<(), TextError> {
    let expected = format!("{:?}", title.trim());
    let header = lines
        .next()
        .ok_or_else(|| TextError::end(text, &expected))?;
    let mut header = titled(header, title, &expected)?;
    for name in types {
        header.literally(name, name)?;
    }
    header.end()?;
    for zone in zones {
        let expected = format!("pageblocks of node {}, zone {}", zone.node, zone.zone);
        let mut words = lines
            .next()
            .ok_or_else(|| TextError::end(text, &expected))?;
        let (node, name) = words.node_and_zone(&expected)?;
        if (node, name) != (zone.node, zone.zone.as_str()) {
            return Err(words.wrong(name, expected));
        }
        for name in types {
            let blocks = words.number_of(&format!("a number of pageblocks of type {name}"))?;
            of(zone).push(blocks);
        }
        words.end()?;
    }
    Ok(())
}
