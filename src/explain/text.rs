//! A report in plain words.

mod oom;

use std::fmt::Write as _;

use super::report::{Kind, Report, Zone};
use super::verdict::{Reason, Refusal, Verdict, alloc_flags, main, verdicts};
use crate::mm::{AllocFlags, Gfp, PAGE_ALLOC_COSTLY_ORDER};

/// A number of pages with what that is in KiB or MiB.
#[derive(Debug, Clone, Copy)]
pub struct Amounts {
    /// KiB of a page.
    pub page_kb: u64,
}

impl Amounts {
    /// `16377 pages (64.0 MiB)`.
    pub fn pages(self, pages: u64) -> String {
        let word = if pages == 1 { "page" } else { "pages" };
        format!("{pages} {word} ({})", self.size(pages))
    }

    /// `64.0 MiB`.
    pub fn size(self, pages: u64) -> String {
        kib(u128::from(pages) * u128::from(self.page_kb))
    }
}

/// `60 KiB`, `64.0 MiB`, `1.5 GiB`.
fn kib(kb: u128) -> String {
    for (unit, shift) in [("GiB", 20), ("MiB", 10)] {
        if kb >= 1 << shift {
            let tenths = (kb * 10) >> shift;
            return format!("{}.{} {unit}", tenths / 10, tenths % 10);
        }
    }
    format!("{kb} KiB")
}

/// What each flag of a request means; those that decide where its pages may come from first.
pub fn meanings(gfp: Gfp) -> Vec<(&'static str, &'static str)> {
    const ALL: [(Gfp, &str, &str); 19] = [
        (
            Gfp::DMA,
            "__GFP_DMA",
            "only from the lowest zone, which old devices reach",
        ),
        (
            Gfp::DMA32,
            "__GFP_DMA32",
            "only from memory that devices with 32 address bits reach",
        ),
        (
            Gfp::HIGHMEM,
            "__GFP_HIGHMEM",
            "high memory will do: the kernel needs no address for it",
        ),
        (
            Gfp::MOVABLE,
            "__GFP_MOVABLE",
            "the content can be moved elsewhere later",
        ),
        (
            Gfp::RECLAIMABLE,
            "__GFP_RECLAIMABLE",
            "the content can be dropped when memory is short",
        ),
        (
            Gfp::HIGH,
            "__GFP_HIGH",
            "urgent: may use half of what lies below the min mark",
        ),
        (
            Gfp::MEMALLOC,
            "__GFP_MEMALLOC",
            "frees memory itself: may use all of the reserve",
        ),
        (
            Gfp::NOMEMALLOC,
            "__GFP_NOMEMALLOC",
            "must leave the reserve alone",
        ),
        (
            Gfp::DIRECT_RECLAIM,
            "__GFP_DIRECT_RECLAIM",
            "may sleep, and make room itself",
        ),
        (
            Gfp::KSWAPD_RECLAIM,
            "__GFP_KSWAPD_RECLAIM",
            "wakes kswapd, which makes room in the background",
        ),
        (
            Gfp::IO,
            "__GFP_IO",
            "may write to disks while it makes room",
        ),
        (
            Gfp::FS,
            "__GFP_FS",
            "may call file systems while it makes room",
        ),
        (
            Gfp::NORETRY,
            "__GFP_NORETRY",
            "gives up after one try at making room",
        ),
        (
            Gfp::RETRY_MAYFAIL,
            "__GFP_RETRY_MAYFAIL",
            "tries as long as that helps, kills nobody, then fails",
        ),
        (Gfp::NOFAIL, "__GFP_NOFAIL", "tries for ever"),
        (Gfp::THISNODE, "__GFP_THISNODE", "from one node only"),
        (
            Gfp::HARDWALL,
            "__GFP_HARDWALL",
            "keeps to the nodes of its cpuset",
        ),
        (
            Gfp::ACCOUNT,
            "__GFP_ACCOUNT",
            "charged to its control group",
        ),
        (Gfp::ZERO, "__GFP_ZERO", "wants its pages zeroed"),
    ];
    ALL.into_iter()
        .filter(|&(flag, ..)| gfp.contains(flag))
        .map(|(_, name, meaning)| (name, meaning))
        .collect()
}

/// The whole explanation: what was asked, why it failed, what each zone said, who was killed.
pub fn explanation(report: &Report) -> String {
    let mut text = String::new();
    let found = verdicts(report);
    let reason = Reason::of(report, &found);
    asked(&mut text, report);
    why(&mut text, report, &found, reason);
    if !found.is_empty() && reason != Reason::Limit {
        zones(&mut text, report, &found);
    }
    if report.kind == Kind::Oom {
        oom::write(&mut text, report);
    }
    if !report.problems.is_empty() {
        text.push_str("\nWhat could not be read\n");
        for problem in &report.problems {
            let _ = writeln!(text, "  line {}: {}", problem.line, problem.what);
        }
    }
    text
}

fn asked(text: &mut String, report: &Report) {
    let amounts = Amounts {
        page_kb: report.page_kb,
    };
    let what = match report.order {
        None => "for no page in particular: the OOM killer was called by hand".into(),
        Some(0) => format!("for one page ({}, order 0)", amounts.size(1)),
        Some(order) => {
            let pages = 1_u64 << order;
            format!(
                "for {pages} pages in a row ({}, order {order})",
                amounts.size(pages)
            )
        }
    };
    let ended = match report.kind {
        Kind::Failure => "and got nothing",
        Kind::Stall => "and waited long",
        Kind::Oom => "and the OOM killer was called",
    };
    let _ = writeln!(text, "{} asked {what}, {ended}.", report.comm);
    let _ = writeln!(
        text,
        "It asked with {}: {}.",
        report.flags.printed,
        report.flags.names()
    );
    for (name, meaning) in meanings(report.flags.gfp) {
        let _ = writeln!(text, "  {name:<22} {meaning}");
    }
}

/// Why, in a few sentences.
fn why(text: &mut String, report: &Report, found: &[Verdict<'_>], reason: Reason) {
    let _ = writeln!(text, "\nWhy: {}", reason.name());
    let order = report.order.unwrap_or(0);
    let gfp = report.flags.gfp;
    let amounts = Amounts {
        page_kb: report.page_kb,
    };
    let zone = main(found).map(|verdict| place(verdict.zone));
    let zone = zone.as_deref().unwrap_or("any zone");
    match reason {
        Reason::Limit => {
            let group = report.oom.memcg.as_deref().unwrap_or("a control group");
            let _ = write!(
                text,
                "  Not the machine was out of memory, but the control group {group}"
            );
            if let Some((usage, limit)) = report.oom.usage {
                let _ = write!(
                    text,
                    ": it used {} of the {} it may",
                    kib(usage.into()),
                    kib(limit.into())
                );
            }
            text.push_str(".\n");
        }
        Reason::Watermark => {
            let pages = if order == 0 { "it" } else { "one so large" };
            let _ = writeln!(
                text,
                "  Memory was short. Zone {zone} would have had fewer pages left than it must keep, so {pages} was refused."
            );
            if main(found).is_some_and(|verdict| verdict.reserve > 0 && above(verdict)) {
                text.push_str("  Without what it keeps for requests that can use no higher zone, there would have been enough.\n");
            }
        }
        Reason::Fragmentation => {
            let pages = 1_u64 << order.min(32);
            let _ = writeln!(
                text,
                "  Memory was there, but in pieces. Zone {zone} had enough free pages, and no {pages} of them in one block."
            );
            if let Some(Refusal::Fragmented { index: Some(index), .. }) =
                main(found).map(|verdict| verdict.refusal)
            {
                let _ = writeln!(
                    text,
                    "  The kernel's fragmentation index for order {order} is {}: 0 is want of memory, 1 is fragmentation.",
                    thousandths(index)
                );
            }
        }
        Reason::Kept => {
            let _ = writeln!(
                text,
                "  Zone {zone} has blocks large enough, but only such as are kept for others: for atomic requests (H), for the contiguous allocator (C), or isolated (I)."
            );
        }
        Reason::NoZone => text.push_str(
            "  No zone with memory in it is allowed for these flags: the zones they name are empty, or on other nodes.\n",
        ),
        Reason::Passed => {
            let zone = found
                .iter()
                .find(|verdict| verdict.refusal == Refusal::Serves);
            let zone = zone.map(|verdict| place(verdict.zone)).unwrap_or_default();
            let _ = writeln!(
                text,
                "  By these figures zone {zone} would have served it: they are taken a moment later, and memory came free between. It was a close thing."
            );
        }
        Reason::TooLarge => {
            let _ = writeln!(
                text,
                "  No block has order {order}: the free lists of this kernel end before it. Such a request can never be served."
            );
        }
        Reason::ByHand => text.push_str(
            "  No request failed. Somebody pressed the system request key, or wrote to /proc/sysrq-trigger.\n",
        ),
        Reason::Unknown => text.push_str(
            "  The report breaks off before it says what memory was free.\n",
        ),
    }
    if matches!(reason, Reason::ByHand | Reason::Limit) {
        return;
    }
    if report.kind == Kind::Failure {
        let _ = writeln!(text, "  {}", gave_up(gfp, order, amounts));
    }
}

/// Why nothing more was tried.
fn gave_up(gfp: Gfp, order: u32, amounts: Amounts) -> String {
    if !gfp.contains(Gfp::DIRECT_RECLAIM) {
        let kswapd = if gfp.contains(Gfp::KSWAPD_RECLAIM) {
            "All it could do was wake kswapd, and fail at once."
        } else {
            "It failed at once."
        };
        format!("It could not sleep, so it could not make room itself. {kswapd}")
    } else if gfp.contains(Gfp::NORETRY) {
        "It may sleep, but its flags say to give up after one try at making room.".into()
    } else if gfp.contains(Gfp::RETRY_MAYFAIL) {
        "It made room as long as that helped; its flags say to fail then, and kill nobody.".into()
    } else if order > u32::from(PAGE_ALLOC_COSTLY_ORDER) {
        format!(
            "It reclaimed and compacted. For more than {} in a row (order {PAGE_ALLOC_COSTLY_ORDER}) the kernel does not try for ever, and kills nobody.",
            amounts.pages(1 << PAGE_ALLOC_COSTLY_ORDER)
        )
    } else if gfp.contains(Gfp::DMA) {
        "It reclaimed and compacted in vain. For the lowest zone the kernel kills nobody.".into()
    } else {
        "It reclaimed and compacted in vain, and killing somebody gave nothing either.".into()
    }
}

/// True if the pages would do without the reserve for lower requests.
fn above(verdict: &Verdict<'_>) -> bool {
    matches!((verdict.usable, verdict.limit), (Some(usable), Some(limit)) if usable > limit)
}

/// What each zone said.
fn zones(text: &mut String, report: &Report, found: &[Verdict<'_>]) {
    let amounts = Amounts {
        page_kb: report.page_kb,
    };
    let flags = alloc_flags(report);
    text.push_str("\nZone by zone, as the request tries them\n");
    if flags.contains(AllocFlags::MIN_RESERVE) {
        let part = if flags.contains(AllocFlags::NON_BLOCK) {
            "It is urgent and cannot wait: of each min mark it must leave three eighths"
        } else {
            "It is urgent: of each min mark it must leave one half"
        };
        let _ = writeln!(text, "  {part} (ALLOC_MIN_RESERVE).");
    } else if report.flags.harder {
        text.push_str(
            "  It cannot wait: of each min mark it must leave three quarters (ALLOC_HARDER).\n",
        );
    }
    if flags.contains(AllocFlags::NO_WATERMARKS) {
        text.push_str("  It frees memory itself: no mark holds for it (ALLOC_NO_WATERMARKS).\n");
    }
    for verdict in found {
        let zone = verdict.zone;
        let _ = write!(text, "  {:<16} ", place(zone));
        match verdict.refusal {
            Refusal::TooHigh => text.push_str("not for these flags.\n"),
            Refusal::OtherNode => text.push_str("on a node it is not allowed.\n"),
            Refusal::Empty => text.push_str("has no memory.\n"),
            Refusal::Unknown => text.push_str("the report does not say enough of it.\n"),
            Refusal::Watermark => {
                text.push_str("refused, too few free: ");
                sum(text, verdict, amounts, "not more than");
            }
            Refusal::Serves => {
                text.push_str("would have served it: ");
                sum(text, verdict, amounts, "more than");
            }
            Refusal::Kept => {
                text.push_str("refused, its large blocks are kept for others: ");
                sum(text, verdict, amounts, "more than");
            }
            Refusal::Fragmented {
                largest, cut_off, ..
            } => {
                text.push_str("refused, no block large enough: ");
                sum(text, verdict, amounts, "more than");
                let _ = match largest {
                    Some(order) => writeln!(
                        text,
                        "{:19}its largest free block has order {order} ({})",
                        "",
                        amounts.size(1 << order)
                    ),
                    None => writeln!(text, "{:19}it has no free block at all", ""),
                };
                if let Some(lists) = &zone.lists {
                    let _ = writeln!(text, "{:19}free blocks by order: {}", "", counts(lists));
                }
                if cut_off {
                    let _ = writeln!(
                        text,
                        "{:19}the line breaks off before the order asked for: there may have been one",
                        ""
                    );
                }
            }
        }
    }
}

/// `0: 8, 1: 14, 2: 11`.
fn counts(lists: &super::report::Lists) -> String {
    let counts = lists.blocks.iter().enumerate();
    let counts: Vec<String> = counts.map(|(order, n)| format!("{order}: {n}")).collect();
    counts.join(", ")
}

/// The inequality, with every figure of it.
fn sum(text: &mut String, verdict: &Verdict<'_>, amounts: Amounts, than: &str) {
    let (Some(usable), Some(limit)) = (verdict.usable, verdict.limit) else {
        text.push('\n');
        return;
    };
    let zone = verdict.zone;
    let free = zone.free.unwrap_or(0);
    let _ = write!(text, "{}", amounts.pages(free));
    if free != usable {
        let _ = write!(text, ", of which it may count on {usable},");
    }
    let _ = write!(text, " {than} {limit}");
    match zone.min {
        Some(min) if min != limit => {
            let _ = write!(text, " (of min {min})");
        }
        _ => text.push_str(" (min)"),
    }
    if verdict.reserve > 0 {
        let _ = write!(
            text,
            " + {} (lowmem_reserve) = {}",
            verdict.reserve,
            limit.saturating_add(verdict.reserve)
        );
    }
    if zone.boost > 0 {
        let _ = write!(text, "; min is boosted by {}", zone.boost);
    }
    text.push('\n');
}

/// `Normal, node 0`.
fn place(zone: &Zone) -> String {
    format!("{}, node {}", zone.name, zone.node)
}

/// `0.931`.
fn thousandths(index: i32) -> String {
    let sign = if index < 0 { "-" } else { "" };
    let index = index.unsigned_abs();
    format!("{sign}{}.{:03}", index / 1000, index % 1000)
}
