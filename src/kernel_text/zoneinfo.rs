//! Reads and prints `/proc/zoneinfo`: the watermarks of every zone, what it keeps from others, its per-CPU lists.
//!
//! The form is that of Linux 6.12 (mm/vmstat.c: `zoneinfo_show_print()`), with what 6.7 and newer kernels
//! say of per-CPU lists. Printing gives the bytes of such a kernel. Reading takes older and newer ones too:
//! what a kernel does not say is `None` or empty, lines of an unknown form are passed over, and a colon after
//! a name and any amount of blanks do not matter.

use std::fmt::Write as _;

use super::words::{TextError, Words, digits, numbered};
use crate::mm::{Watermarks, Zone};

/// One zone. Amounts are in pages unless told otherwise.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ZoneInfo {
    /// Number of the node.
    pub node: u32,
    /// Name of the zone.
    pub zone: String,
    /// Counters of the node, by name and in their order; the kernel prints them with its first zone that has pages.
    pub node_counters: Vec<(String, u64)>,
    /// Free pages.
    pub free: u64,
    /// What is added to the watermarks for now (5.0 and newer).
    pub boost: Option<u64>,
    /// The `min` watermark, boost included, as the others.
    pub min: u64,
    /// The `low` watermark.
    pub low: u64,
    /// The `high` watermark.
    pub high: u64,
    /// The `promo` watermark (6.9 and newer).
    pub promo: Option<u64>,
    /// Pages between the first and the last, holes included.
    pub spanned: u64,
    /// Pages there are.
    pub present: u64,
    /// Pages the allocator manages.
    pub managed: u64,
    /// Pages of the contiguous memory allocator (5.12 and newer).
    pub cma: Option<u64>,
    /// `lowmem_reserve`: for each zone, this one included, what a request that could come from there must leave here.
    pub protection: Vec<u64>,
    /// Counters of the zone, by name and in their order.
    pub counters: Vec<(String, u64)>,
    /// The rest, which is told of zones with pages only.
    pub populated: Option<Populated>,
}

/// What is told of a zone that has pages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Populated {
    /// The lists of each CPU.
    pub pagesets: Vec<Pageset>,
    /// True if reclaim has given the node up; not told by kernels before 4.13.
    pub node_unreclaimable: Option<u64>,
    /// The first frame of the zone.
    pub start_pfn: Option<u64>,
}

/// The per-CPU lists of one CPU.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pageset {
    /// Number of the CPU.
    pub cpu: u32,
    /// Pages on its lists.
    pub count: u64,
    /// Above this, pages go back to the zone.
    pub high: u64,
    /// How many pages come and go at once.
    pub batch: u64,
    /// The least `high` is tuned to (6.7 and newer).
    pub high_min: Option<u64>,
    /// The most `high` is tuned to (6.7 and newer).
    pub high_max: Option<u64>,
    /// Changes a counter may gather on this CPU before all see them.
    pub stat_threshold: Option<u64>,
}

impl ZoneInfo {
    /// What a zone whose first frame is `start_pfn` would say on this node, as far as the model has it: no counters,
    /// no per-CPU lists, nothing kept from others.
    pub fn of(node: u32, start_pfn: u64, zone: &Zone) -> Self {
        let Watermarks {
            min,
            low,
            high,
            promo,
        } = zone.boosted_watermarks();
        let pages = u64::from(zone.pages());
        Self {
            node,
            zone: zone.config().name.clone(),
            free: zone.nr_free_pages().into(),
            boost: Some(zone.watermark_boost().into()),
            min: min.into(),
            low: low.into(),
            high: high.into(),
            promo: Some(promo.into()),
            spanned: pages,
            present: pages,
            managed: zone.managed().into(),
            cma: Some(0),
            protection: vec![0],
            populated: Some(Populated {
                pagesets: Vec::new(),
                node_unreclaimable: Some(0),
                start_pfn: Some(start_pfn),
            }),
            ..Self::default()
        }
    }

    /// The watermarks without the boost, which is how a zone keeps them. None if one does not fit in 32 bits or is
    /// less than the boost. A kernel that does not tell `promo` has none: it is `high` then.
    pub fn watermarks(&self) -> Option<Watermarks> {
        let plain = |mark: u64| {
            let mark = mark.checked_sub(self.boost.unwrap_or(0))?;
            u32::try_from(mark).ok()
        };
        Some(Watermarks {
            min: plain(self.min)?,
            low: plain(self.low)?,
            high: plain(self.high)?,
            promo: plain(self.promo.unwrap_or(self.high))?,
        })
    }
}

/// Prints zones byte for byte as Linux does. What is `None` or empty is left out.
pub fn print(zones: &[ZoneInfo]) -> String {
    let mut text = String::new();
    for zone in zones {
        // Writing to a `String` cannot fail.
        let _ = print_zone(&mut text, zone);
    }
    text
}

fn print_zone(text: &mut String, zone: &ZoneInfo) -> std::fmt::Result {
    writeln!(text, "Node {}, zone {:>8}", zone.node, zone.zone)?;
    if !zone.node_counters.is_empty() {
        writeln!(text, "  per-node stats")?;
        print_counters(text, &zone.node_counters)?;
    }
    writeln!(text, "  pages free     {}", zone.free)?;
    for (name, pages) in [
        ("boost", zone.boost),
        ("min", Some(zone.min)),
        ("low", Some(zone.low)),
        ("high", Some(zone.high)),
        ("promo", zone.promo),
        ("spanned", Some(zone.spanned)),
        ("present", Some(zone.present)),
        ("managed", Some(zone.managed)),
        ("cma", zone.cma),
    ] {
        if let Some(pages) = pages {
            writeln!(text, "        {name:<8} {pages}")?;
        }
    }
    if !zone.protection.is_empty() {
        let pages: Vec<String> = zone.protection.iter().map(u64::to_string).collect();
        writeln!(text, "        protection: ({})", pages.join(", "))?;
    }
    print_counters(text, &zone.counters)?;
    let Some(populated) = &zone.populated else {
        return Ok(());
    };
    writeln!(text, "  pagesets")?;
    for set in &populated.pagesets {
        writeln!(text, "    cpu: {}", set.cpu)?;
        for (name, value) in [
            ("count:", Some(set.count)),
            ("high:", Some(set.high)),
            ("batch:", Some(set.batch)),
            ("high_min:", set.high_min),
            ("high_max:", set.high_max),
        ] {
            if let Some(value) = value {
                writeln!(text, "              {name:<9} {value}")?;
            }
        }
        if let Some(threshold) = set.stat_threshold {
            writeln!(text, "  vm stats threshold: {threshold}")?;
        }
    }
    if let Some(unreclaimable) = populated.node_unreclaimable {
        writeln!(text, "  node_unreclaimable:  {unreclaimable}")?;
    }
    if let Some(pfn) = populated.start_pfn {
        writeln!(text, "  start_pfn:           {pfn}")?;
    }
    Ok(())
}

fn print_counters(text: &mut String, counters: &[(String, u64)]) -> std::fmt::Result {
    for (name, value) in counters {
        writeln!(text, "      {name:<12} {value}")?;
    }
    Ok(())
}

/// Which part of a zone's lines is being read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Head,
    NodeCounters,
    Pages,
    Counters,
    Pagesets,
}

/// A zone whose lines are being read.
struct Open {
    zone: ZoneInfo,
    part: Part,
    /// Which of [`NEEDED`] were told.
    told: [bool; NEEDED.len()],
    number: u32,
}

/// What every kernel tells of every zone.
const NEEDED: [&str; 7] = [
    "free", "min", "low", "high", "spanned", "present", "managed",
];

/// Reads every zone of a `/proc/zoneinfo`. A text without lines has none; that is no error here.
///
/// # Errors
///
/// At the first line that belongs to no zone, or has a known name and no number after it; and at a zone's first
/// line if it lacks one of the amounts that every kernel tells.
pub fn parse(text: &str) -> Result<Vec<ZoneInfo>, TextError> {
    let mut zones = Vec::new();
    let mut open: Option<Open> = None;
    for (number, line) in numbered(text).filter(|(_, line)| !line.trim().is_empty()) {
        let mut words = Words::new(number, line);
        let start = "a line that starts with \"Node\", like those of /proc/zoneinfo";
        if line.trim_start().starts_with("Node ") {
            let (node, name) = words.node_and_zone(start)?;
            words.end()?;
            zones.extend(open.take().map(close).transpose()?);
            open = Some(Open {
                zone: ZoneInfo {
                    node,
                    zone: name.to_owned(),
                    ..ZoneInfo::default()
                },
                part: Part::Head,
                told: [false; NEEDED.len()],
                number,
            });
        } else if let Some(open) = &mut open {
            open.read(words)?;
        } else {
            let word = words.next(start)?;
            return Err(words.wrong(word, start));
        }
    }
    zones.extend(open.map(close).transpose()?);
    Ok(zones)
}

fn close(open: Open) -> Result<ZoneInfo, TextError> {
    match NEEDED.iter().zip(open.told).find(|(_, told)| !told) {
        None => Ok(open.zone),
        Some((name, _)) => Err(TextError::new(
            open.number,
            format!("a zone without \"{name}\""),
            format!("a line with \"{name}\" and a number of pages before the next zone"),
        )),
    }
}

impl Open {
    fn read(&mut self, mut words: Words<'_>) -> Result<(), TextError> {
        let rest = words.rest();
        if rest == "per-node stats" {
            self.part = Part::NodeCounters;
            return Ok(());
        }
        if rest == "pagesets" {
            self.part = Part::Pagesets;
            self.zone.populated.get_or_insert_default();
            return Ok(());
        }
        if let Some(list) = rest.strip_prefix("protection:") {
            self.part = Part::Counters;
            self.zone.protection = protection(&words, list)?;
            return Ok(());
        }
        if let Some(threshold) = rest.strip_prefix("vm stats threshold:") {
            if let Some(set) = self.last_pageset() {
                let mut words = Words::new(words.number(), threshold);
                set.stat_threshold = Some(words.number_of("a number")?);
            }
            return Ok(());
        }
        let Some(mut name) = words.take() else {
            return Ok(());
        };
        if name == "pages" {
            self.part = Part::Pages;
            name = words.next("\"free\"")?;
        }
        name = name.strip_suffix(':').unwrap_or(name);
        match self.part {
            Part::Head => Ok(()),
            Part::Pages => self.amount(name, words),
            Part::NodeCounters => {
                counter(&mut self.zone.node_counters, name, words);
                Ok(())
            }
            Part::Counters => {
                counter(&mut self.zone.counters, name, words);
                Ok(())
            }
            Part::Pagesets => self.of_pageset(name, words),
        }
    }

    fn last_pageset(&mut self) -> Option<&mut Pageset> {
        self.zone.populated.as_mut()?.pagesets.last_mut()
    }

    fn amount(&mut self, name: &str, mut words: Words<'_>) -> Result<(), TextError> {
        let zone = &mut self.zone;
        let place = match name {
            "free" => &mut zone.free,
            "boost" => zone.boost.get_or_insert_default(),
            "min" => &mut zone.min,
            "low" => &mut zone.low,
            "high" => &mut zone.high,
            "promo" => zone.promo.get_or_insert_default(),
            "spanned" => &mut zone.spanned,
            "present" => &mut zone.present,
            "managed" => &mut zone.managed,
            "cma" => zone.cma.get_or_insert_default(),
            _ => return Ok(()),
        };
        *place = words.number_of("a number of pages")?;
        if let Some(at) = NEEDED.iter().position(|needed| *needed == name) {
            self.told[at] = true;
        }
        words.end()
    }

    fn of_pageset(&mut self, name: &str, mut words: Words<'_>) -> Result<(), TextError> {
        let populated = self.zone.populated.get_or_insert_default();
        let place = match (name, populated.pagesets.last_mut()) {
            ("cpu", _) => {
                let expected = "the number of a CPU";
                let rest = words.rest();
                let cpu = u32::try_from(words.number_of(expected)?)
                    .map_err(|_| words.wrong(rest, expected))?;
                populated.pagesets.push(Pageset {
                    cpu,
                    ..Pageset::default()
                });
                return words.end();
            }
            ("node_unreclaimable", _) => populated.node_unreclaimable.get_or_insert_default(),
            ("start_pfn", _) => populated.start_pfn.get_or_insert_default(),
            ("count", Some(set)) => &mut set.count,
            ("high", Some(set)) => &mut set.high,
            ("batch", Some(set)) => &mut set.batch,
            ("high_min", Some(set)) => set.high_min.get_or_insert_default(),
            ("high_max", Some(set)) => set.high_max.get_or_insert_default(),
            _ => return Ok(()),
        };
        *place = words.number_of("a number")?;
        words.end()
    }
}

/// A name and a number, and nothing else: whatever a kernel counts.
fn counter(counters: &mut Vec<(String, u64)>, name: &str, mut words: Words<'_>) {
    if let (Some(value), None) = (words.take().and_then(digits), words.take())
        && !name.is_empty()
    {
        counters.push((name.to_owned(), value));
    }
}

/// `(0, 3019, 24090)`.
fn protection(words: &Words<'_>, list: &str) -> Result<Vec<u64>, TextError> {
    let expected = "numbers of pages in parentheses, as in \"(0, 3019)\"";
    list.trim()
        .strip_prefix('(')
        .and_then(|list| list.strip_suffix(')'))
        .and_then(|list| list.split(',').map(|word| digits(word.trim())).collect())
        .ok_or_else(|| words.wrong(list.trim(), expected))
}
