//! A text from outside, whatever it is: free blocks of a machine, a kernel's log, a trace, a script, a journal.

use crate::explain::{self, Log};
use crate::journal::Journal;
use crate::kernel_text::{BuddyLine, buddyinfo, pagetypeinfo};
use crate::lesson::console;
use crate::mm::NR_PAGE_ORDERS;
use crate::trace::{self, Workload};

/// Most of a text, in bytes, that may be something other than a log or a trace.
const MOST_SMALL: usize = 1 << 18;

/// What a text turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// Free blocks, zone by zone.
    Zones(Vec<BuddyLine>),
    /// A kernel's log with at least one report.
    Log(Log),
    /// A trace with at least one event.
    Trace(Box<Workload>),
    /// Lines for the sandbox.
    Script(String),
    /// A raid that was played.
    Journal(Box<Journal>),
}

/// Takes a text line by line and finds out what it is; what it keeps is bounded, however long the text.
#[derive(Debug, Default)]
pub struct Finder {
    log: explain::Reader,
    trace: trace::Reader,
    start: String,
    /// There is more than `start`.
    more: bool,
    lines: u64,
}

impl Finder {
    /// Before the first line.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a line, without its end.
    pub fn line(&mut self, line: &str) {
        self.lines += 1;
        self.log.line(line);
        self.trace.line(line);
        if self.start.len() + line.len() < MOST_SMALL {
            self.start.push_str(line);
            self.start.push('\n');
        } else {
            self.more = true;
        }
    }

    /// What it is. `name` is what the text is called in the sentence that says it is nothing of all that.
    ///
    /// # Errors
    ///
    /// One sentence with what was found and what was expected.
    pub fn finish(self, name: &str) -> Result<Found, String> {
        let log = self.log.finish();
        let workload = self.trace.finish();
        let events = workload.counts.used();
        if events > 0 && events > log.reports.len() as u64 {
            return Ok(Found::Trace(Box::new(workload)));
        }
        if !log.reports.is_empty() {
            return Ok(Found::Log(log));
        }
        if self.more {
            return Err(nothing(name, self.lines, &workload, &log));
        }
        let text = self.start;
        if let Ok(lines) = buddyinfo::parse(&text)
            && !lines.is_empty()
        {
            return Ok(Found::Zones(lines));
        }
        if let Ok(tables) = pagetypeinfo::parse(&text)
            && !tables.is_empty()
        {
            return Ok(Found::Zones(of_types(&tables)));
        }
        if text.starts_with("labyrinth journal") {
            let journal = Journal::parse(&text).map_err(|error| format!("{name}: {error}"))?;
            return Ok(Found::Journal(Box::new(journal)));
        }
        if is_script(&text) {
            return Ok(Found::Script(text));
        }
        if text.starts_with("Node ") && text.contains("\n  pages free") {
            return Err(format!(
                "{name}: this is a zoneinfo, which counts no free blocks; expected /proc/buddyinfo or /proc/pagetypeinfo"
            ));
        }
        // A text that begins like one of them says best itself where it stops being one.
        if text.trim_start().starts_with("Node ")
            && let Err(error) = buddyinfo::parse(&text)
        {
            return Err(format!("{name}: {error}"));
        }
        if text.trim_start().starts_with("Page block order")
            && let Err(error) = pagetypeinfo::parse(&text)
        {
            return Err(format!("{name}: {error}"));
        }
        Err(nothing(name, self.lines, &workload, &log))
    }
}

/// Finds out what a whole text is.
///
/// # Errors
///
/// As [`Finder::finish`].
pub fn read(text: &str, name: &str) -> Result<Found, String> {
    let mut finder = Finder::new();
    for line in text.lines() {
        finder.line(line);
    }
    finder.finish(name)
}

fn nothing(name: &str, lines: u64, workload: &Workload, log: &Log) -> String {
    if let Some((line, expected)) = log.unread.first() {
        return format!(
            "{name}: line {line}: found a report that cannot be read, expected {expected}"
        );
    }
    if let Some((line, expected)) = workload.counts.problems.first() {
        return format!(
            "{name}: line {line}: found an event that cannot be read, expected {expected}"
        );
    }
    let found = match lines {
        0 => "an empty text".to_owned(),
        1 => "one line of something else".to_owned(),
        lines => format!("{lines} lines of something else"),
    };
    format!(
        "{name}: found {found}, expected a /proc/buddyinfo or pagetypeinfo, a kernel log with a failed request, \
         a trace of kmem:mm_page events, a script of the sandbox or a journal"
    )
}

/// Every line that is not blank begins with a word or a call of the console.
fn is_script(text: &str) -> bool {
    let mut any = false;
    for line in text.lines() {
        match console::Console::word(line) {
            Ok(word) if word.is_empty() => {}
            Ok(word) if console::names().any(|name| name == word) => any = true,
            _ => return false,
        }
    }
    any
}

/// The free blocks of all types together.
fn of_types(tables: &[pagetypeinfo::PageTypes]) -> Vec<BuddyLine> {
    let zones = tables.iter().flat_map(|table| &table.zones);
    zones
        .map(|zone| {
            let mut free = [0_u64; NR_PAGE_ORDERS];
            for counts in &zone.free {
                for (sum, count) in free.iter_mut().zip(counts) {
                    *sum = sum.saturating_add(count.blocks);
                }
            }
            BuddyLine {
                node: zone.node,
                zone: zone.zone.clone(),
                free,
            }
        })
        .collect()
}

/// The zones' free blocks of a report, as far as it tells them.
pub fn zones_of(report: &explain::Report) -> Vec<BuddyLine> {
    let line = |zone: &explain::Zone| {
        Some(BuddyLine {
            node: zone.node,
            zone: zone.name.clone(),
            free: zone.lists.as_ref()?.buddyinfo(),
        })
    };
    report.zones.iter().filter_map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUDDYINFO: &str = include_str!("../../tests/data/buddyinfo.txt");

    #[test]
    fn a_zoneinfo_is_told_by_its_name() {
        let text = include_str!("../../tests/data/zoneinfo.txt");
        let error = read(text, "zones").expect_err("it has no free blocks by order");
        assert!(error.contains("zones: this is a zoneinfo"), "{error}");
    }

    #[test]
    fn each_kind_of_text_is_known_for_what_it_is() {
        assert!(matches!(read(BUDDYINFO, "x"), Ok(Found::Zones(lines)) if lines.len() > 1));
        let script = "# a comment\n\np = alloc_pages(GFP_KERNEL, 1)\ncat /proc/buddyinfo\n";
        assert_eq!(read(script, "x"), Ok(Found::Script(script.into())));
        let trace = "kworker/0:1-12 [000] ..... 1.500000: mm_page_alloc: page=1 pfn=0x100 order=0 migratetype=0 gfp_flags=GFP_KERNEL\n";
        assert!(
            matches!(read(trace, "x"), Ok(Found::Trace(workload)) if workload.steps.len() == 1)
        );
    }

    #[test]
    fn what_is_nothing_of_all_that_is_told_in_one_sentence() {
        for (text, found) in [
            ("", "an empty text"),
            ("hello\n", "one line of something else"),
            ("a\nb\n", "2 lines of something else"),
            ("Node 0, zone Normal 1 2 x\n", "line 1"),
            ("labyrinth journal 9\n", "line 1"),
        ] {
            let error = read(text, "notes.txt").expect_err(text);
            assert!(
                error.starts_with("notes.txt: ") && error.contains(found),
                "{error}"
            );
            assert_eq!(error.lines().count(), 1);
        }
    }
}
