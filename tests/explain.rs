//! Reports of kernels from 3.x to 6.x are read, and explained with the right zone, order and reason.

#[path = "common/random.rs"]
mod random;

use std::fmt::Write as _;

use labyrinth::explain::{self, Kind, Log, Reason, Refusal, Report, Verdict};
use labyrinth::mm::Gfp;
use random::Random;

const OOM: &str = include_str!("data/oom_meminfo.txt");
const ATOMIC: &str = include_str!("data/logs/atomic-order-4.txt");
const OLD: &str = include_str!("data/logs/old-atomic.txt");
const MEMCG: &str = include_str!("data/logs/memcg-4.15.txt");

fn only(text: &str) -> Report {
    let mut log = explain::read(text);
    assert_eq!((log.reports.len(), log.unread.len()), (1, 0), "{log:?}");
    log.reports.remove(0)
}

fn reason(report: &Report) -> Reason {
    Reason::of(report, &explain::verdicts(report))
}

/// Zone, free pages to count on, limit, reserve, refusal: in the order in which zones are tried.
fn said(report: &Report) -> Vec<(&str, Option<u64>, Option<u64>, u64, Refusal)> {
    let verdicts: Vec<Verdict<'_>> = explain::verdicts(report);
    verdicts
        .iter()
        .map(|v| {
            (
                v.zone.name.as_str(),
                v.usable,
                v.limit,
                v.reserve,
                v.refusal,
            )
        })
        .collect()
}

fn blamed(report: &Report) -> String {
    let verdicts = explain::verdicts(report);
    explain::main(&verdicts).map_or_else(String::new, |verdict| verdict.zone.name.clone())
}

#[test]
fn the_oom_report_of_a_live_kernel() {
    let report = only(OOM);
    assert_eq!((report.kind, report.order), (Kind::Oom, Some(0)));
    assert_eq!(report.flags.gfp, Gfp::GFP_HIGHUSER_MOVABLE | Gfp::COMP);
    assert_eq!(report.problems, []);
    // Each figure of a watermark is a quarter of the log's kB.
    assert_eq!(
        said(&report),
        [
            ("Normal", Some(16377), Some(16817), 0, Refusal::Watermark),
            ("DMA32", Some(23164), Some(2116), 21071, Refusal::Watermark),
            ("DMA", Some(3840), Some(10), 24090, Refusal::Watermark),
        ]
    );
    assert_eq!(
        (reason(&report), blamed(&report)),
        (Reason::Watermark, "Normal".into())
    );
    assert_eq!(report.zone(0, "Normal").map(|zone| zone.boost), Some(2048));
    assert_eq!(report.oom.killed[0].name, "peerbench");
    let text = explain::explanation(&report);
    for part in [
        "rustc asked for one page (4 KiB, order 0)",
        "Why: watermark",
        "16377 pages (63.9 MiB) not more than 16817 (min); min is boosted by 2048",
        "23164 pages (90.4 MiB) not more than 2116 (min) + 21071 (lowmem_reserve) = 23187",
        "CONSTRAINT_NONE",
        "peerbench (pid 1780) was killed",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn enough_pages_in_too_small_blocks() {
    let report = only(ATOMIC);
    assert_eq!((report.kind, report.order), (Kind::Failure, Some(4)));
    assert_eq!(report.flags.gfp, Gfp::GFP_ATOMIC | Gfp::COMP);
    let fragmented = Refusal::Fragmented {
        largest: Some(2),
        // 1000 - (1000 + 19440 * 1000 / 16) / 13840
        index: Some(913),
        cut_off: false,
    };
    // 11176 - 11176 / 2 = 5588; 5588 - 5588 / 4 = 4191. 15 pages of the block are no reserve.
    assert_eq!(
        said(&report),
        [
            ("DMA32", Some(19425), Some(4191), 0, fragmented),
            ("DMA", Some(1905), Some(33), 1928, Refusal::Watermark),
        ]
    );
    assert_eq!(
        (reason(&report), blamed(&report)),
        (Reason::Fragmentation, "DMA32".into())
    );
    let text = explain::explanation(&report);
    for part in [
        "swapper/1 asked for 16 pages in a row (64 KiB, order 4)",
        "Memory was there, but in pieces",
        "its largest free block has order 2 (16 KiB)",
        "It could not sleep",
        "0.913",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn a_kernel_of_3_x_for_one_node_between_other_lines() {
    let report = only(OLD);
    assert_eq!((report.comm.as_str(), report.order), ("dhcpd", Some(1)));
    assert_eq!(report.flags.gfp, Gfp::GFP_ATOMIC);
    assert_eq!(
        said(&report),
        [
            ("Normal", Some(344), Some(350), 0, Refusal::Watermark),
            ("DMA", Some(533), Some(7), 865, Refusal::Watermark),
            ("HighMem", None, None, 0, Refusal::TooHigh),
        ]
    );
    assert_eq!(
        (reason(&report), blamed(&report)),
        (Reason::Watermark, "Normal".into())
    );
    // Kernels then printed no letters: whose blocks they are is not known.
    let lists = report
        .zone(0, "Normal")
        .and_then(|zone| zone.lists.as_ref());
    assert_eq!(lists.map(|lists| lists.types[0]), Some(None));
}

#[test]
fn a_control_group_at_its_limit() {
    let report = only(MEMCG);
    assert!(report.is_memcg());
    assert_eq!(reason(&report), Reason::Limit);
    assert_eq!(report.oom.memcg.as_deref(), Some("/docker/1"));
    assert_eq!(report.oom.tasks.len(), 3);
    let badness: Vec<_> = report
        .oom
        .tasks
        .iter()
        .map(|task| task.badness(262_144))
        .collect();
    // 200000 + 2 MiB of page tables + 500 * 262; adj -998 takes more away than there is.
    assert_eq!(
        badness,
        [Some(190 + 14 - 998 * 262), Some(331_512), Some(181_128)]
    );
    let text = explain::explanation(&report);
    for part in [
        "the control group /docker/1: it used 1.0 GiB of the 1.0 GiB",
        "java (pid 4243) was killed: it held anonymous 781.2 MiB",
        "Its badness is 331512 pages",
        "331512 pages  java (pid 4243)  <- killed",
        "1265 points",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

/// The report without what may differ by the form of the log: where its lines are.
fn gist(text: &str) -> String {
    let log = explain::read(text);
    assert_eq!(log.reports.len(), 1, "{log:?}");
    assert_eq!(log.reports[0].problems, [], "{text}");
    explain::explanation(&log.reports[0])
}

fn bare(text: &str) -> Vec<&str> {
    text.lines()
        .map(|line| explain::Line::new(1, line).text)
        .filter(|line| !line.is_empty())
        .collect()
}

#[test]
fn whatever_loggers_put_before_a_line_and_however_it_is_wrapped() {
    for log in [OOM, ATOMIC, OLD, MEMCG] {
        let lines = bare(log);
        let plain = gist(&lines.join("\n"));
        assert_eq!(gist(log), plain);
        let with = |before: &str, after: &str| -> String {
            lines
                .iter()
                .flat_map(|line| [before, line, after])
                .collect()
        };
        for (before, after) in [
            ("", "\r\n"),
            ("<4>", "\n"),
            ("[   12.345678] ", "\n"),
            ("[   12.345678][ T1234] ", "\r\n"),
            ("Nov 21 10:43:12 host kernel: ", "\n"),
            (
                "2026-11-21T10:43:12+00:00 host kernel: [   12.345678] ",
                "\n",
            ),
            ("kern  :warn  : [Sat Nov 21 10:43:12 2026] ", "\n"),
            ("4,1234,12345678,-;", "\n"),
            (
                "[   12.345678] ",
                "\nNov 21 10:43:12 host sshd[77]: Accepted publickey\n",
            ),
        ] {
            assert_eq!(gist(&with(before, after)), plain, "{before}...{after}");
        }
        for width in [60, 80, 120] {
            assert_eq!(gist(&wrapped(&lines, width)), plain, "wrapped at {width}");
        }
    }
}

/// Breaks zone lines between words, as a terminal or a mail does. Other long lines are kept: a table's row that is
/// broken is two.
fn wrapped(lines: &[&str], width: usize) -> String {
    let mut text = String::new();
    for line in lines {
        let is_zone =
            line.contains(" free:") || line.contains("*4kB") || line.starts_with("lowmem");
        let mut at = 0;
        for word in line.split(' ') {
            if is_zone && at > 40 && at + word.len() > width {
                text.push('\n');
                at = 0;
            } else if at > 0 {
                text.push(' ');
            }
            text.push_str(word);
            at += word.len() + 1;
        }
        text.push('\n');
    }
    text
}

#[test]
fn reports_of_two_cpus_at_once_are_told_apart_by_their_callers() {
    let (first, second) = (bare(ATOMIC), bare(OOM));
    let mut mixed = String::new();
    for at in 0..first.len().max(second.len()) {
        for (caller, lines) in [("C1", &first), ("T77", &second)] {
            if let Some(line) = lines.get(at) {
                let _ = writeln!(mixed, "[   12.345678][{caller:>5}] {line}");
            }
        }
    }
    let log = explain::read(&mixed);
    let told: Vec<String> = log.reports.iter().map(explain::explanation).collect();
    // By their first lines.
    assert_eq!(told, [gist(OOM), gist(ATOMIC)]);
}

#[test]
fn several_reports_in_one_log() {
    let log = explain::read(&format!("{OLD}{ATOMIC}{OOM}"));
    let orders: Vec<_> = log.reports.iter().map(|report| report.order).collect();
    assert_eq!(orders, [Some(1), Some(4), Some(0)]);
    let lines: Vec<_> = log.reports.iter().map(|report| report.line).collect();
    let old = OLD.lines().count() as u64;
    let atomic = ATOMIC.lines().count() as u64;
    assert_eq!(lines, [1, old + 2, old + atomic + 1]);
}

#[test]
fn a_report_that_breaks_off_says_what_it_can() {
    let cut = |mark: &str| &ATOMIC[..ATOMIC.find(mark).expect(mark)];
    let report = only(cut("[ 5312.118047]"));
    assert_eq!(reason(&report), Reason::Unknown);
    // The marks are there, the lists are not.
    let report = only(cut("[ 5312.118066]"));
    assert_eq!(reason(&report), Reason::Watermark);
    assert!(said(&report).iter().any(|zone| zone.4 == Refusal::Unknown));
    // In the middle of the list: nothing above order 1 is known.
    let report = only(cut("600*16kB"));
    let Refusal::Fragmented { cut_off, .. } = said(&report)[0].4 else {
        panic!("{:?}", said(&report));
    };
    assert!(cut_off);
    assert!(explain::explanation(&report).contains("breaks off"));
}

#[test]
fn what_is_wrong_is_told_by_line() {
    let report = only(&ATOMIC.replace("600*16kB", "601*16kB"));
    let line = ATOMIC.lines().position(|line| line.contains("600*16kB"));
    assert_eq!(Some(report.problems[0].line as usize - 1), line);
    assert!(
        report.problems[0].what.contains("77776 kB")
            && report.problems[0].what.contains("77760 kB")
    );
    for (from, to, expected) in [
        ("order:4", "order:x", "an order"),
        ("order:4", "order:99", "from 0 to 32"),
        ("mode:0x40a20", "mode:y", "flags"),
    ] {
        let log = explain::read(&ATOMIC.replace(from, to));
        assert_eq!(log.reports, []);
        assert_eq!(log.unread[0].0, 2);
        assert!(log.unread[0].1.contains(expected), "{:?}", log.unread);
    }
}

#[test]
fn other_nodes_and_other_kinds_of_memory() {
    let two = ATOMIC.replace("nodemask=(null)", "nodemask=1-2");
    assert!(
        said(&only(&two))
            .iter()
            .all(|zone| zone.4 == Refusal::OtherNode)
    );
    assert_eq!(reason(&only(&two)), Reason::NoZone);
    // An atomic request does not ask its cpuset, another one does.
    let cpuset = ATOMIC.replace("mems_allowed=0", "mems_allowed=1");
    assert_eq!(reason(&only(&cpuset)), Reason::Fragmentation);
    let kernel = cpuset.replace(
        "0x40a20(GFP_ATOMIC|__GFP_COMP)",
        "0x40cc0(GFP_KERNEL|__GFP_COMP)",
    );
    assert_eq!(reason(&only(&kernel)), Reason::NoZone);
    let dma = ATOMIC.replace(
        "0x40a20(GFP_ATOMIC|__GFP_COMP)",
        "0xcc1(GFP_KERNEL|GFP_DMA)",
    );
    let report = only(&dma);
    // Only the lowest zone, without a reserve: it has blocks of order 7.
    assert_eq!(said(&report)[0].0, "DMA");
    assert_eq!(said(&report)[0].4, Refusal::Serves);
    assert_eq!(said(&report)[1].4, Refusal::TooHigh);
    assert_eq!(reason(&report), Reason::Passed);
}

#[test]
fn a_log_of_any_length_takes_a_bounded_place() {
    let log: Log = explain::read(&OOM.repeat(500));
    assert_eq!(log.reports.len(), explain::MOST_REPORTS);
    assert_eq!(log.reports.len() as u64 + log.more, 500);
}

/// Changes a few bytes or lines of a text.
fn mutate(text: &str, random: &mut Random) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for _ in 0..=random.below(6) {
        if lines.is_empty() {
            break;
        }
        let at = random.below(lines.len() as u32) as usize;
        let other = random.below(lines.len() as u32) as usize;
        let mut chars: Vec<char> = lines[at].chars().collect();
        let place = random.below(chars.len() as u32 + 1) as usize;
        match random.below(8) {
            0 => drop(lines.remove(at)),
            1 => lines.swap(at, other),
            2 => lines.truncate(at),
            3 => {
                let copy = lines[other].clone();
                lines.insert(at, copy);
            }
            4 if place < chars.len() => {
                let strange = [
                    '9', '-', '*', ':', '(', ')', '[', ']', 'k', '=', ' ', ',', 'é', '\u{0}',
                    '\u{fffd}',
                ];
                chars[place] = random.pick(&strange);
                lines[at] = chars.into_iter().collect();
            }
            5 => {
                chars.truncate(place);
                lines[at] = chars.into_iter().collect();
            }
            6 => {
                let number = random.pick(&[
                    "18446744073709551615",
                    "99999999999999999999",
                    "4294967296",
                    "-1",
                    "0",
                ]);
                let line: String = chars[..place].iter().collect();
                let rest: String = chars[place..].iter().collect();
                let rest = rest.trim_start_matches(|c: char| c.is_ascii_digit());
                lines[at] = format!("{line}{number}{rest}");
            }
            _ => {
                let mut ends = lines[at].char_indices().map(|(at, _)| at);
                let end = ends.nth(place).unwrap_or(lines[at].len());
                let rest = lines[at].split_off(end);
                lines.insert(at + 1, rest);
            }
        }
    }
    lines.join("\n")
}

#[test]
fn ten_thousand_damaged_logs_are_read_without_a_panic() {
    let mut random = Random(5);
    let all = [OOM, ATOMIC, OLD, MEMCG];
    let (mut reports, mut problems) = (0_u32, 0_u32);
    for _ in 0..10_000 {
        let text = mutate(random.pick(&all), &mut random);
        let log = explain::read(&text);
        let lines = text.lines().count() as u64;
        assert_eq!(log.lines, lines);
        assert!(log.used + log.beside <= lines);
        assert!(log.reports.len() as u64 + log.more <= log.used);
        for report in &log.reports {
            reports += 1;
            assert!(!explain::explanation(report).is_empty());
            for problem in &report.problems {
                problems += 1;
                assert!((1..=lines).contains(&problem.line), "{problem:?}");
            }
        }
        for (line, _) in &log.unread {
            problems += 1;
            assert!((1..=lines).contains(line));
        }
    }
    assert!(reports > 8_000 && problems > 500, "{reports} {problems}");
}
