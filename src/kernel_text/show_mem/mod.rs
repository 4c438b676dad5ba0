//! Reads and prints what a kernel logs of its memory: `Mem-Info:` and what follows, node by node and zone by zone.
//!
//! The forms are those of Linux 6.12 (`mm/show_mem.c`: `__show_mem()`, `show_free_areas()`). Kernels differ in
//! which amounts they name; so a line is kept as its amounts in their order, whatever their names, and is printed
//! again byte for byte. Reading passes over lines of other forms (huge pages, swap, stacks), and over the time or
//! the sender that a log may put before a line. Text of a line that does have the form is checked.

mod parse;

use std::fmt::{self, Write as _};

pub use parse::parse;
pub(super) use parse::without_stamp;

use super::ZoneFigures;
use crate::mm::{MigrateType, NR_PAGE_ORDERS, PAGE_SIZE};

/// One amount of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// The amount.
    pub amount: Amount,
}

/// How much, and how it is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Amount {
    /// A number of pages: `free:43381`.
    Pages(u64),
    /// In 1024 bytes: `free:15360kB`.
    Kilobytes(u64),
    /// In 1024 bytes, which some lines write so: `reserved_highatomic:0KB`.
    KilobytesUpper(u64),
    /// `all_unreclaimable? no`.
    Answer(bool),
}

/// The amounts of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeMem {
    /// Its number.
    pub node: u32,
    /// The amounts.
    pub fields: Vec<Field>,
}

/// The amounts of a zone, and what it keeps from requests that could be served elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZoneMem {
    /// Number of its node.
    pub node: u32,
    /// Its name.
    pub zone: String,
    /// The amounts.
    pub fields: Vec<Field>,
    /// `lowmem_reserve[]`, in pages.
    pub lowmem_reserve: Vec<u64>,
}

/// The free lists of a zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FreeLists {
    /// Number of its node.
    pub node: u32,
    /// Its name.
    pub zone: String,
    /// Free blocks of order 0, 1, ... 10.
    pub blocks: [u64; NR_PAGE_ORDERS],
    /// For each order the migrate types that have free blocks: bit `t` for [`MigrateType`] number `t`. Zero where
    /// there are no blocks.
    pub types: [u8; NR_PAGE_ORDERS],
}

/// All of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ShowMem {
    /// The amounts of the whole machine, in lines.
    pub totals: Vec<Vec<Field>>,
    /// Node by node.
    pub nodes: Vec<NodeMem>,
    /// Zone by zone.
    pub zones: Vec<ZoneMem>,
    /// Zone by zone.
    pub lists: Vec<FreeLists>,
    /// Lines like `6291358 pages RAM`: how many, and of what.
    pub pages: Vec<(u64, String)>,
}

/// Pages in kB, as Linux's `K()`.
pub(super) fn kilobytes(pages: u64) -> u64 {
    pages.saturating_mul(u64::from(PAGE_SIZE / 1024))
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.name;
        match self.amount {
            Amount::Pages(pages) => write!(f, "{name}:{pages}"),
            Amount::Kilobytes(kb) => write!(f, "{name}:{kb}kB"),
            Amount::KilobytesUpper(kb) => write!(f, "{name}:{kb}KB"),
            Amount::Answer(yes) => write!(f, "{name}? {}", if yes { "yes" } else { "no" }),
        }
    }
}

/// The amount of this name in a line, in its unit; of an answer 1 for yes.
pub fn amount(fields: &[Field], name: &str) -> Option<u64> {
    let field = fields.iter().find(|field| field.name == name)?;
    Some(match field.amount {
        Amount::Pages(amount) | Amount::Kilobytes(amount) | Amount::KilobytesUpper(amount) => {
            amount
        }
        Amount::Answer(yes) => yes.into(),
    })
}

impl ZoneMem {
    /// What the figures of a zone of node 0 tell. The marks are as they are in force, with the boost added, as in
    /// Linux. Only those amounts are named that the figures have: zeros would say that there are per-CPU lists
    /// or a page cache, and that they are empty.
    pub fn of(figures: &ZoneFigures) -> Self {
        let kb = |pages: u32| Amount::Kilobytes(kilobytes(pages.into()));
        let upper = |pages: u32| Amount::KilobytesUpper(kilobytes(pages.into()));
        let mark =
            |pages: u32| Amount::Kilobytes(kilobytes(u64::from(pages) + u64::from(figures.boost)));
        let fields = [
            ("free", kb(figures.free)),
            ("boost", kb(figures.boost)),
            ("min", mark(figures.marks.min)),
            ("low", mark(figures.marks.low)),
            ("high", mark(figures.marks.high)),
            ("reserved_highatomic", upper(figures.reserved_highatomic)),
            ("free_highatomic", upper(figures.free_highatomic)),
            ("present", kb(figures.pages)),
            ("managed", kb(figures.managed)),
        ];
        Self {
            node: 0,
            zone: figures.name.clone(),
            fields: fields
                .map(|(name, amount)| Field {
                    name: name.into(),
                    amount,
                })
                .to_vec(),
            lowmem_reserve: vec![0],
        }
    }
}

impl FreeLists {
    /// The free lists of a zone of node 0 with these figures.
    pub fn of(figures: &ZoneFigures) -> Self {
        let mut types = figures.types;
        for (types, blocks) in types.iter_mut().zip(figures.nr_free) {
            if blocks == 0 {
                *types = 0;
            }
        }
        Self {
            node: 0,
            zone: figures.name.clone(),
            blocks: figures.nr_free.map(u64::from),
            types,
        }
    }

    /// All free pages, isolated ones too. Wider than the counts: eleven of the largest must not overflow.
    pub fn pages(&self) -> u128 {
        (0..)
            .zip(self.blocks)
            .map(|(order, blocks)| u128::from(blocks) << order)
            .sum()
    }
}

impl ShowMem {
    /// The memory of a machine with one node whose zones have these figures.
    pub fn of(zones: &[ZoneFigures]) -> Self {
        let sum = |of: fn(&ZoneFigures) -> u32| -> u64 {
            zones.iter().map(|zone| u64::from(of(zone))).sum()
        };
        let reserved = |zone: &ZoneFigures| zone.pages.saturating_sub(zone.managed);
        Self {
            totals: Vec::new(),
            nodes: Vec::new(),
            zones: zones.iter().map(ZoneMem::of).collect(),
            lists: zones.iter().map(FreeLists::of).collect(),
            pages: vec![
                (sum(|zone| zone.pages), "RAM".into()),
                (sum(reserved), "reserved".into()),
            ],
        }
    }
}

/// Blanks between amounts, and a line break.
fn print_fields(f: &mut fmt::Formatter<'_>, fields: &[Field]) -> fmt::Result {
    for (at, field) in fields.iter().enumerate() {
        write!(f, "{}{field}", if at > 0 { " " } else { "" })?;
    }
    f.write_char('\n')
}

impl fmt::Display for NodeMem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Node {} ", self.node)?;
        print_fields(f, &self.fields)
    }
}

/// The zone's own line, without its `lowmem_reserve[]`.
impl fmt::Display for ZoneMem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Node {} {} ", self.node, self.zone)?;
        print_fields(f, &self.fields)
    }
}

impl fmt::Display for FreeLists {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Node {} {}: ", self.node, self.zone)?;
        for (order, (&blocks, types)) in self.blocks.iter().zip(self.types).enumerate() {
            write!(f, "{blocks}*{}kB ", kilobytes(1 << order))?;
            if blocks > 0 {
                let letters = MigrateType::ALL.into_iter().filter(|&of| has(types, of));
                let letters: String = letters.map(MigrateType::letter).collect();
                write!(f, "({letters}) ")?;
            }
        }
        writeln!(f, "= {}kB", self.pages() * u128::from(PAGE_SIZE / 1024))
    }
}

impl fmt::Display for ShowMem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mem-Info:\n")?;
        for (at, fields) in self.totals.iter().enumerate() {
            f.write_str(if at > 0 { " " } else { "" })?;
            print_fields(f, fields)?;
        }
        for node in &self.nodes {
            write!(f, "{node}")?;
        }
        for zone in &self.zones {
            write!(f, "{zone}lowmem_reserve[]:")?;
            for pages in &zone.lowmem_reserve {
                write!(f, " {pages}")?;
            }
            f.write_char('\n')?;
        }
        for lists in &self.lists {
            write!(f, "{lists}")?;
        }
        for (pages, what) in &self.pages {
            writeln!(f, "{pages} pages {what}")?;
        }
        Ok(())
    }
}

fn has(types: u8, of: MigrateType) -> bool {
    types & 1 << of as u8 != 0
}
