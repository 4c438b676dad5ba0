//! One line of a trace: what a kernel's tracepoints of the page allocator print, in three programs' forms.
//!
//! Read are the forms of ftrace (`trace`, `trace_pipe`), of `trace-cmd report` and of `perf script`:
//!
//! ```text
//!             bash-28177   [000] .....  1100.920580: mm_page_alloc: page=... pfn=0x104a09 order=0 migratetype=0 gfp_flags=...
//!             bash-28177 [000]  1100.920580: mm_page_free:         page=... pfn=1067529 order=0
//! bash 28177 [000]  1100.920580: kmem:mm_page_free: page=... pfn=0x104a09 order=0
//! ```
//!
//! The fields are those of Linux 6.12 (`include/trace/events/kmem.h`); kernels before 5.15 print `pfn` in decimal.

use crate::mm::{MAX_PAGE_ORDER, Order};

/// Frames have less than 2^40 numbers: addresses of at most 52 bits.
const MOST_FRAMES: u64 = 1 << 40;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// `mm_page_alloc`: a block was handed out.
    Alloc {
        /// First frame.
        pfn: u64,
        /// It has `2^order` pages.
        order: Order,
        /// The type asked for, as a number.
        migratetype: u8,
    },
    /// `mm_page_free`: a block was given back.
    Free {
        /// First frame.
        pfn: u64,
        /// It has `2^order` pages.
        order: Order,
    },
    /// `mm_page_free_batched`: a page was given back with others; `mm_page_free` tells of it as well.
    FreeBatched {
        /// The frame.
        pfn: u64,
    },
    /// `mm_page_alloc_extfrag`: a request had to be served from memory of another type.
    Extfrag {
        /// First frame of the block it was taken from.
        pfn: u64,
        /// True if the block changed its type for good.
        change_ownership: bool,
    },
}

/// An event of the page allocator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event<'a> {
    /// Name of the task, cut to 15 characters by the kernel.
    pub comm: &'a str,
    /// Its number.
    pub pid: u32,
    /// When, in nanoseconds.
    pub time: u64,
    /// What.
    pub what: What,
}

/// Why a line is no such event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Skip<'a> {
    /// Nothing stands there.
    Blank,
    /// `#` and what follows, or a line of a program's own.
    Comment,
    /// A line of a call stack.
    Stack,
    /// So many events were lost here, because the buffer was full.
    Lost(u64),
    /// Another event, of this name.
    Other(&'a str),
    /// A request that got nothing: no page is in it.
    NoPage,
    /// It should be an event of ours; this was expected.
    Unreadable(&'static str),
}

/// Reads a line.
///
/// # Errors
///
/// Why it is no event of the page allocator.
pub fn parse(line: &str) -> Result<Event<'_>, Skip<'_>> {
    let text = line.trim();
    if text.is_empty() {
        return Err(Skip::Blank);
    }
    if text.starts_with('#') {
        return Err(Skip::Comment);
    }
    if let Some(lost) = lost(text) {
        return Err(Skip::Lost(lost));
    }
    if is_stack(text) {
        return Err(Skip::Stack);
    }
    let Some((head, time, rest)) = split(text) else {
        return Err(if text.contains("mm_page_") {
            Skip::Unreadable(
                "a task, a CPU and a time, as in \"bash-28177 [000] ..... 1100.920580:\"",
            )
        } else {
            Skip::Comment
        });
    };
    let (name, fields) = match rest.split_once(": ") {
        Some((name, fields)) => (name, fields),
        None => (rest.trim_end_matches(':'), ""),
    };
    let name = name.rsplit(':').next().unwrap_or(name);
    if name.contains(char::is_whitespace) {
        // The function tracer: "alloc_pages <-folio_alloc".
        return Err(Skip::Other("function"));
    }
    let kind = match name {
        "mm_page_alloc" => Kind::Alloc,
        "mm_page_free" | "mm_page_free_direct" => Kind::Free,
        "mm_page_free_batched" | "mm_pagevec_free" => Kind::FreeBatched,
        "mm_page_alloc_extfrag" => Kind::Extfrag,
        _ => return Err(Skip::Other(name)),
    };
    let what = what(kind, fields)?;
    let (comm, pid) = task(head).ok_or(Skip::Unreadable(
        "a task and its number, as in \"bash-28177\"",
    ))?;
    let time = time.ok_or(Skip::Unreadable(
        "a time in seconds, as in \"1100.920580:\"",
    ))?;
    Ok(Event {
        comm,
        pid,
        time,
        what,
    })
}

#[derive(Clone, Copy)]
enum Kind {
    Alloc,
    Free,
    FreeBatched,
    Extfrag,
}

/// `CPU:1 [LOST 123 EVENTS]`; trace-cmd: `CPU:1 [123 EVENTS DROPPED]`.
fn lost(text: &str) -> Option<u64> {
    let (_, inner) = text.strip_prefix("CPU:")?.split_once('[')?;
    let inner = inner.strip_suffix(']')?;
    let mut words = inner.split_whitespace();
    match (words.next()?, words.next()?, words.next()?) {
        ("LOST", count, "EVENTS") | (count, "EVENTS", "DROPPED") => count.parse().ok(),
        _ => None,
    }
}

/// `=> alloc_pages`, or perf's `ffffffff812345 alloc_pages+0x12 ([kernel.kallsyms])`.
fn is_stack(text: &str) -> bool {
    if text.starts_with("=>") || text == "<stack trace>" {
        return true;
    }
    let (first, rest) = text.split_once(' ').unwrap_or((text, ""));
    first.len() >= 6
        && first.bytes().all(|byte| byte.is_ascii_hexdigit())
        && !rest.contains("mm_page_")
        && (rest.contains('+') || rest.contains('(') || rest.is_empty())
}

/// What stands before `[000]`, the time if there is one, and what follows it.
fn split(text: &str) -> Option<(&str, Option<u64>, &str)> {
    let mut from = 0;
    while let Some(open) = text[from..].find('[') {
        let open = from + open;
        from = open + 1;
        let Some(close) = text[from..].find(']') else {
            break;
        };
        let cpu = &text[from..from + close];
        if cpu.is_empty() || cpu.len() > 5 || !cpu.bytes().all(|byte| byte.is_ascii_digit()) {
            continue;
        }
        let mut rest = text[from + close + 1..].trim_start();
        // Flags come before the time, if they are printed at all.
        for _ in 0..2 {
            let (word, after) = rest.split_once(char::is_whitespace)?;
            if let Some(number) = word.strip_suffix(':')
                && number.starts_with(|c: char| c.is_ascii_digit())
            {
                return Some((
                    text[..open].trim_end(),
                    nanoseconds(number),
                    after.trim_start(),
                ));
            }
            rest = after.trim_start();
        }
    }
    None
}

/// `1100.920580`, with up to nine digits behind the point.
fn nanoseconds(text: &str) -> Option<u64> {
    let (whole, part) = text.split_once('.')?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || part.is_empty() || part.len() > 9 || !digits(whole) || !digits(part) {
        return None;
    }
    let scale = 10_u64.pow(9 - part.len() as u32);
    let part = part.parse::<u64>().ok()? * scale;
    whole
        .parse::<u64>()
        .ok()?
        .checked_mul(1_000_000_000)?
        .checked_add(part)
}

/// `bash-28177`, `bash-28177 (28177)`, `bash 28177`, `bash 28177/28177`: name and number.
fn task(head: &str) -> Option<(&str, u32)> {
    let head = match head.strip_suffix(')') {
        // The thread group, which ftrace prints if it is told to.
        Some(rest) => rest.rsplit_once('(')?.0.trim_end(),
        None => head,
    };
    let numbered = |(name, number): (&'_ str, &str)| {
        let number = number.rsplit('/').next()?;
        Some((name.len(), number.parse::<u32>().ok()?))
    };
    let (end, pid) = head
        .rsplit_once('-')
        .and_then(numbered)
        .or_else(|| head.rsplit_once(char::is_whitespace).and_then(numbered))?;
    let comm = head[..end].trim();
    (!comm.is_empty()).then_some((comm, pid))
}

fn what(kind: Kind, fields: &str) -> Result<What, Skip<'static>> {
    let field = |name: &str| {
        fields.split_whitespace().find_map(|word| {
            let (key, value) = word.split_once('=')?;
            (key == name).then_some(value)
        })
    };
    let number = |text: &str| match text.strip_prefix("0x") {
        Some(hex) => u64::from_str_radix(hex, 16).ok(),
        None => text.parse().ok(),
    };
    let order = |expected| {
        field("order")
            .and_then(|order| order.parse::<Order>().ok())
            .filter(|&order| order <= MAX_PAGE_ORDER)
            .ok_or(Skip::Unreadable(expected))
    };
    let no_page = field("page").is_some_and(|page| {
        ["(null)", "(nil)", "0x0", "0"].contains(&page) || page.bytes().all(|byte| byte == b'0')
    });
    if no_page {
        return Err(Skip::NoPage);
    }
    let pfn = field("pfn")
        .and_then(number)
        .filter(|&pfn| pfn < MOST_FRAMES)
        .ok_or(Skip::Unreadable(
            "the number of a frame below 2^40, as in \"pfn=0x104a09\"",
        ))?;
    let aligned = |order: Order| {
        (pfn.is_multiple_of(1 << order))
            .then_some(())
            .ok_or(Skip::Unreadable("a frame that is a multiple of 2^order"))
    };
    Ok(match kind {
        Kind::Alloc => {
            let order = order("an order from 0 to 10, as in \"order=0\"")?;
            aligned(order)?;
            let migratetype = field("migratetype")
                .and_then(|text| text.parse().ok())
                .filter(|&of: &u8| of < 16)
                .ok_or(Skip::Unreadable("a migrate type, as in \"migratetype=0\""))?;
            What::Alloc {
                pfn,
                order,
                migratetype,
            }
        }
        Kind::Free => {
            let order = order("an order from 0 to 10, as in \"order=0\"")?;
            aligned(order)?;
            What::Free { pfn, order }
        }
        Kind::FreeBatched => What::FreeBatched { pfn },
        Kind::Extfrag => What::Extfrag {
            pfn,
            change_ownership: field("change_ownership") == Some("1"),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_programs_tell_the_same() {
        let event = |comm, pid, what| Event {
            comm,
            pid,
            time: 1_100_920_580_000,
            what,
        };
        let alloc = What::Alloc {
            pfn: 0x10_4a08,
            order: 2,
            migratetype: 1,
        };
        for line in [
            "            bash-28177   [000] .....  1100.920580: mm_page_alloc: page=000000003553f483 pfn=0x104a08 order=2 migratetype=1 gfp_flags=GFP_KERNEL",
            "            bash-28177 (  28177) [000] d..1.  1100.920580: mm_page_alloc: page=000000003553f483 pfn=0x104a08 order=2 migratetype=1 gfp_flags=GFP_KERNEL",
            "            bash-28177   (-------) [000] ....  1100.920580: mm_page_alloc: page=000000003553f483 pfn=1067528 order=2 migratetype=1 gfp_flags=GFP_KERNEL",
            "            bash-28177 [000]  1100.920580: mm_page_alloc:        page=0xffffea0004128240 pfn=1067528 order=2 migratetype=1 gfp_flags=GFP_KERNEL",
            "            bash-28177 [000]  1100.920580000: kmem:mm_page_alloc:  page=0xffffea0004128240 pfn=0x104a08 order=2 migratetype=1 gfp_flags=GFP_KERNEL",
            "bash 28177 [000]  1100.920580:     kmem:mm_page_alloc: page=0x104a08 pfn=0x104a08 order=2 migratetype=1 gfp_flags=GFP_KERNEL\r",
            "bash 28100/28177 [000]  1100.920580: kmem:mm_page_alloc: page=0x104a08 pfn=0x104a08 order=2 migratetype=1 gfp_flags=GFP_KERNEL",
        ] {
            assert_eq!(parse(line), Ok(event("bash", 28177, alloc)), "{line}");
        }
        for (head, comm, pid) in [
            ("<idle>-0", "<idle>", 0),
            ("kworker/u4:2-1-77", "kworker/u4:2-1", 77),
            ("Web Content-9", "Web Content", 9),
            ("my-prog 9", "my-prog", 9),
            ("a [1] b-9", "a [1] b", 9),
        ] {
            let line =
                format!("{head} [001] ..... 1100.920580: mm_page_free: page=1 pfn=0x7 order=0");
            let what = What::Free { pfn: 7, order: 0 };
            assert_eq!(parse(&line), Ok(event(comm, pid, what)), "{line}");
        }
    }

    #[test]
    fn other_lines_say_what_they_are() {
        let event = |rest: &str| format!("bash-1 [000] ..... 1.5: {rest}");
        for (line, skip) in [
            ("", Skip::Blank),
            ("# tracer: nop", Skip::Comment),
            ("cpus=2", Skip::Comment),
            ("CPU:1 [LOST 123 EVENTS]", Skip::Lost(123)),
            ("CPU:0 [7 EVENTS DROPPED]", Skip::Lost(7)),
            (" => alloc_pages", Skip::Stack),
            (
                "ffffffff81234567 alloc_pages+0x17 ([kernel.kallsyms])",
                Skip::Stack,
            ),
        ] {
            assert_eq!(parse(line), Err(skip), "{line}");
        }
        let sched = event("sched_switch: prev_comm=bash");
        assert_eq!(parse(&sched), Err(Skip::Other("sched_switch")));
        let failed =
            event("mm_page_alloc: page=(null) pfn=0x0 order=4 migratetype=0 gfp_flags=GFP_ATOMIC");
        assert_eq!(parse(&failed), Err(Skip::NoPage));
    }

    #[test]
    fn what_cannot_be_read_says_what_was_expected() {
        for (line, expected) in [
            (
                "bash-1 [000] ..... 1.5: mm_page_free: page=1 pfn=0x10000000000 order=0",
                "below 2^40",
            ),
            (
                "bash-1 [000] ..... 1.5: mm_page_free: page=1 order=0",
                "below 2^40",
            ),
            (
                "bash-1 [000] ..... 1.5: mm_page_free: page=1 pfn=1 order=11",
                "0 to 10",
            ),
            (
                "bash-1 [000] ..... 1.5: mm_page_free: page=1 pfn=1 order=1",
                "multiple",
            ),
            (
                "bash-1 [000] ..... 1.5: mm_page_alloc: page=1 pfn=1 order=0",
                "migrate type",
            ),
            (
                "bash-1 [000] ..... 15: mm_page_free: page=1 pfn=1 order=0",
                "a time",
            ),
            (
                "bash [000] ..... 1.5: mm_page_free: page=1 pfn=1 order=0",
                "a task",
            ),
            (
                "bash-1 ..... 1.5: mm_page_free: page=1 pfn=1 order=0",
                "a CPU",
            ),
        ] {
            let Err(Skip::Unreadable(said)) = parse(line) else {
                panic!("{line}: {:?}", parse(line));
            };
            assert!(said.contains(expected), "{line}: {said}");
        }
    }
}
