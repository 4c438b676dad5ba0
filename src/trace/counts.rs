//! What became of every line of a trace: used, or skipped for a reason. Their sum is the number of lines.

use std::collections::BTreeMap;
use std::fmt;

/// Most other events that are told apart by name.
const MOST_NAMES: usize = 64;

/// Most unreadable lines that are kept to be shown.
const MOST_PROBLEMS: usize = 20;

/// How many lines were used for what, and how many were skipped for which reason.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// All lines.
    pub lines: u64,
    /// `mm_page_alloc`.
    pub allocs: u64,
    /// `mm_page_free`.
    pub frees: u64,
    /// `mm_page_free_batched` of pages that no `mm_page_free` told of.
    pub batched: u64,
    /// `mm_page_alloc_extfrag`: counted, and nothing else.
    pub extfrags: u64,
    /// Skipped: nothing stands there.
    pub blank: u64,
    /// Skipped: comments, and what programs say of themselves.
    pub comments: u64,
    /// Skipped: call stacks.
    pub stacks: u64,
    /// Skipped: lines that say that events were lost.
    pub lost: u64,
    /// How many events those say were lost.
    pub lost_events: u64,
    /// Skipped: other events, by name.
    pub others: BTreeMap<String, u64>,
    /// Skipped: other events of more names than are told apart.
    pub more_others: u64,
    /// Skipped: requests that got nothing.
    pub no_page: u64,
    /// Skipped: `mm_page_free_batched` of pages that are free already, by `mm_page_free`.
    pub told_twice: u64,
    /// Skipped: `mm_page_free` of pages that are free already: that they were handed out was not recorded.
    pub free_already: u64,
    /// Skipped: events beyond the most that are kept.
    pub too_many: u64,
    /// Skipped: events of more pieces of memory than are kept.
    pub too_far: u64,
    /// Skipped: lines that should be events of ours and cannot be read.
    pub unreadable: u64,
    /// The first of those: line, and what was expected.
    pub problems: Vec<(u64, &'static str)>,
    /// Of the used: pages handed out while in use, so that their being freed was not recorded. They were freed first.
    pub freed_unseen: u64,
    /// Of the used: events with an earlier time than the one before. They count as of the same time.
    pub out_of_order: u64,
}

impl Counts {
    /// Lines that were used.
    pub fn used(&self) -> u64 {
        self.allocs + self.frees + self.batched + self.extfrags
    }

    /// Lines that were skipped.
    pub fn skipped(&self) -> u64 {
        self.reasons().into_iter().map(|(_, lines)| lines).sum()
    }

    /// Why lines were skipped, and how many for each reason.
    pub fn reasons(&self) -> Vec<(String, u64)> {
        let mut reasons: Vec<(String, u64)> = [
            ("blank", self.blank),
            ("comment", self.comments),
            ("call stack", self.stacks),
            ("says that events were lost", self.lost),
            ("request that got nothing", self.no_page),
            (
                "mm_page_free_batched, told by mm_page_free already",
                self.told_twice,
            ),
            (
                "mm_page_free of a page that is free already",
                self.free_already,
            ),
            ("beyond the most events that are kept", self.too_many),
            ("beyond the most memory that is kept", self.too_far),
            ("cannot be read", self.unreadable),
        ]
        .map(|(reason, lines)| (reason.to_owned(), lines))
        .to_vec();
        for (name, lines) in &self.others {
            reasons.push((format!("other event: {name}"), *lines));
        }
        reasons.push(("other event: others".to_owned(), self.more_others));
        reasons.retain(|&(_, lines)| lines > 0);
        reasons
    }

    pub(super) fn other(&mut self, name: &str) {
        if let Some(lines) = self.others.get_mut(name) {
            *lines += 1;
        } else if self.others.len() < MOST_NAMES && name.len() <= 64 {
            self.others.insert(name.to_owned(), 1);
        } else {
            self.more_others += 1;
        }
    }

    pub(super) fn problem(&mut self, line: u64, expected: &'static str) {
        self.unreadable += 1;
        if self.problems.len() < MOST_PROBLEMS {
            self.problems.push((line, expected));
        }
    }
}

/// The counts as lines of text.
impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:>9} lines", self.lines)?;
        writeln!(f, "{:>9} used", self.used())?;
        for (what, lines) in [
            ("mm_page_alloc", self.allocs),
            ("mm_page_free", self.frees),
            ("mm_page_free_batched", self.batched),
            ("mm_page_alloc_extfrag", self.extfrags),
        ] {
            if lines > 0 {
                writeln!(f, "  {lines:>9} {what}")?;
            }
        }
        writeln!(f, "{:>9} skipped", self.skipped())?;
        for (reason, lines) in self.reasons() {
            writeln!(f, "  {lines:>9} {reason}")?;
        }
        if self.lost_events > 0 {
            writeln!(f, "The kernel lost {} events.", self.lost_events)?;
        }
        if self.freed_unseen > 0 {
            writeln!(
                f,
                "{} requests were handed pages that no event had freed; they count as freed just before.",
                self.freed_unseen
            )?;
        }
        if self.out_of_order > 0 {
            writeln!(f, "{} events came before their time.", self.out_of_order)?;
        }
        for (line, expected) in &self.problems {
            writeln!(f, "line {line}: cannot be read, expected {expected}")?;
        }
        Ok(())
    }
}
