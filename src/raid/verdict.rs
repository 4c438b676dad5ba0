//! The verdict on a raid's end: in a sentence, by the allocator's own measures, and in the shape of a kernel log.

use super::outcome::{Cause, Death, Held, Outcome};
use super::sight::block_name;
use super::view::View;
use crate::kernel_text::report as kernel;
use crate::mm::{AllocFailure, FailReason, Pfn};

/// What happened, in one sentence.
pub fn cause(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Extracted { gate, loot, .. } if loot.is_empty() => {
            format!("You left through the {gate} with empty hands.")
        }
        Outcome::Extracted { gate, loot, score } => format!(
            "You left through the {gate} with {} pages in {} block{}: score {score}.",
            outcome.pages(),
            loot.len(),
            if loot.len() == 1 { "" } else { "s" }
        ),
        Outcome::Dead(death) => match &death.cause {
            Cause::Null {
                device,
                failure,
                below,
            } => format!(
                "{device} asked for order {}, and alloc_pages returned NULL: {}.",
                failure.order,
                match failure.reason {
                    FailReason::Fragmentation if below.is_some() =>
                        "no free block in low memory was large enough",
                    FailReason::Watermark => "free memory was too low for an atomic request",
                    FailReason::Fragmentation => "no free block was large enough",
                    FailReason::TooLarge => "no block is ever that large",
                }
            ),
            Cause::References { by } => format!("Your last reference was dropped: {by}."),
            Cause::Minotaur { pages, badness } => format!(
                "The Minotaur reached you: with {pages} pages and badness {badness} you were the fattest task."
            ),
            Cause::Panic => "Memory ran out, and the kernel panicked: panic_on_oom=1.".into(),
            Cause::Watchdog => "The watchdog ran out: hard lockup.".into(),
        },
    }
}

/// Why, line by line: the measures, the best block there was, and what a real kernel would have done.
pub fn explanation(outcome: &Outcome) -> Vec<String> {
    match outcome {
        Outcome::Extracted { loot, .. } => loot
            .iter()
            .map(|held| {
                format!(
                    "{}: {} pages",
                    block_name(held.pfn, held.order),
                    held.pages()
                )
            })
            .collect(),
        Outcome::Dead(death) => {
            let mut lines = match &death.cause {
                Cause::Null { failure, below, .. } => null_lines(failure, *below),
                Cause::References { .. } => vec![
                    "At reference count 0 a page is freed, whoever still believes in it.".into(),
                ],
                Cause::Minotaur { .. } => vec![
                    "Badness is pages held plus oom_score_adj. Freeing a block in time sends it elsewhere.".into(),
                ],
                Cause::Panic => vec![
                    "Free pages stayed below min, and reclaim got nowhere; nobody was killed for it.".into(),
                ],
                Cause::Watchdog => vec![
                    "You came in with interrupts off; the watchdog counts, twice as fast while you isolate.".into(),
                ],
            };
            if let Some((pfn, order)) = death.best {
                lines.push(format!(
                    "The best block there was: {}.",
                    block_name(pfn, order)
                ));
            } else {
                lines.push("There was no free block at all.".into());
            }
            lines.push(real_kernel(&death.cause).into());
            lines
        }
    }
}

fn null_lines(failure: &AllocFailure, below: Option<Pfn>) -> Vec<String> {
    let needed = failure.limit;
    let index = match failure.extfrag_index {
        -1000 => "a block of that order was there".to_string(),
        index => format!("fragmentation index {index} (0: not enough memory, 1000: fragmented)"),
    };
    vec![
        format!(
            "order:{}, mode:{:#x}({})",
            failure.order,
            failure.gfp.bits(),
            failure.gfp
        ),
        if failure.reason == FailReason::Watermark {
            format!(
                "{} pages were free; for this order an atomic request needs more than {needed}.",
                failure.free
            )
        } else {
            let place = below.map_or_else(String::new, |frame| {
                format!(", or not below {frame:#06x}, where the device can reach them")
            });
            format!(
                "{} pages were free, more than the {needed} needed; but they lay in smaller blocks{place}.",
                failure.free
            )
        },
        format!("By Linux's measure: {index}."),
    ]
}

fn real_kernel(cause: &Cause) -> &'static str {
    match cause {
        Cause::Null { .. } => {
            "A real kernel prints the report below and the driver drops a packet. Callers must handle NULL."
        }
        Cause::References { .. } => {
            "A real kernel reports a bad page and leaks it, rather than hand it out again."
        }
        Cause::Minotaur { .. } => "A real OOM killer does the same, and prints why.",
        Cause::Panic => "A real kernel stops here as well, and may reboot by itself.",
        Cause::Watchdog => "A real kernel prints where the processor hangs, and may panic.",
    }
}

/// The end as a kernel would log it.
pub fn report(outcome: &Outcome, view: &View) -> String {
    match outcome {
        Outcome::Extracted { loot, gate, .. } => {
            let pages: u32 = loot.iter().map(Held::pages).sum();
            let first = format!(
                "current exited with code 0 through the {gate} after {} turns, {pages} pages kept",
                view.turn
            );
            let blocks = loot.iter().map(|held| {
                format!(
                    "  page:{:#06x} order:{} refcount:1 flags:locked|exclusive",
                    held.pfn, held.order
                )
            });
            let lines: Vec<String> = std::iter::once(first).chain(blocks).collect();
            lines.join("\n") + "\n"
        }
        Outcome::Dead(death) => {
            let Death { cause, figures, .. } = &**death;
            match cause {
                Cause::Null { failure, .. } => kernel::failure_report("current", figures, failure),
                Cause::Minotaur { pages, .. } => kernel::oom_report("current", figures, *pages),
                Cause::Panic => kernel::oom_report("current", figures, view.me.mapped_pages()),
                Cause::Watchdog => kernel::lockup_report("current", figures),
                Cause::References { .. } => {
                    let pfn = crate::labyrinth::pfn_of(view.me.cell);
                    kernel::refcount_report("current", figures, pfn)
                }
            }
        }
    }
}
