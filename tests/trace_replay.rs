//! Traces of a live kernel are read completely and replayed to any moment; damaged ones do no harm.

#[path = "common/random.rs"]
mod random;

use std::io::Read as _;

use labyrinth::mm::{self, MigrateType, Owner, PageFlags, Zone, ZoneConfig};
use labyrinth::trace::{self, Replay, Step, Summary, Workload};
use random::Random;

fn unpacked(packed: &[u8]) -> String {
    let mut text = String::new();
    lzma_rust2::XzReader::new(packed, true)
        .read_to_string(&mut text)
        .expect("the stored traces are whole");
    text
}

fn page_cache() -> String {
    unpacked(include_bytes!("data/traces/kmem-trace-page-cache.txt.xz"))
}

fn processes() -> String {
    unpacked(include_bytes!("data/traces/kmem-trace-processes.txt.xz"))
}

/// Used and skipped by reason are all lines there are.
fn complete(workload: &Workload, lines: u64) {
    let counts = &workload.counts;
    assert_eq!(counts.lines, lines);
    assert_eq!(counts.used() + counts.skipped(), lines, "{counts}");
}

#[test]
fn every_line_of_a_trace_is_used_or_skipped_for_a_reason() {
    let workload = trace::read(&page_cache());
    complete(&workload, 40_000);
    let counts = &workload.counts;
    let used = (counts.allocs, counts.frees, counts.batched, counts.extfrags);
    assert_eq!(used, (38_546, 760, 0, 69));
    assert_eq!((counts.comments, counts.told_twice), (12, 613));
    assert_eq!(
        (counts.unreadable, counts.free_already, counts.freed_unseen),
        (0, 0, 0)
    );
    assert_eq!(workload.duration(), 2_492_930_000);
    let names: Vec<&str> = workload
        .tasks
        .iter()
        .map(|task| task.comm.as_str())
        .collect();
    assert!(
        names.contains(&"dd") && names.contains(&"<idle>"),
        "{names:?}"
    );

    let workload = trace::read(&processes());
    complete(&workload, 40_012);
    let counts = &workload.counts;
    let used = (counts.allocs, counts.frees, counts.batched, counts.extfrags);
    assert_eq!(used, (16_843, 13_083, 0, 0));
    assert_eq!(
        (counts.comments, counts.told_twice, counts.free_already),
        (12, 10_053, 21)
    );
    assert_eq!(counts.frees + counts.free_already, 13_104);
    assert_eq!(workload.duration(), 390_595_000);
}

#[test]
fn the_allocator_itself_has_the_same_free_blocks() {
    for text in [page_cache(), processes()] {
        let workload = trace::read(&text);
        let mut replay = Replay::new(&workload);
        let mut zone = Zone::new(ZoneConfig::new("Trace", workload.pages(), 10)).expect("settings");
        // What is in use at the start, page by page.
        let take = |zone: &mut Zone, page| {
            let (of, owner, flags) = (MigrateType::Movable, Owner::NONE, PageFlags::empty());
            zone.alloc_at(page, 0, of, owner, flags, &mut ())
                .expect("it is free");
        };
        let mut end = 0;
        for (first, order) in replay.now().memory.free_blocks() {
            (end..first).for_each(|page| take(&mut zone, page));
            end = first + (1 << order);
        }
        (end..workload.pages()).for_each(|page| take(&mut zone, page));
        assert_eq!(zone.free_counts(), replay.now().memory.counts());
        let every = workload.steps.len() / 50;
        for (at, step) in workload.steps.iter().enumerate() {
            for page in step.page..step.page + (1 << step.order) {
                if step.take {
                    take(&mut zone, page);
                } else {
                    zone.free_pages(page, 0, &mut ()).expect("it is in use");
                }
            }
            if at % every == 0 {
                replay.seek(at as u32 + 1);
                assert_eq!(
                    zone.free_counts(),
                    replay.now().memory.counts(),
                    "step {at}"
                );
            }
        }
        zone.verify().expect("the zone is whole");
    }
}

#[test]
fn any_moment_is_reached_in_few_steps_and_is_the_same_from_wherever() {
    let workload = trace::read(&page_cache());
    let steps = workload.steps.len() as u32;
    let mut replay = Replay::new(&workload);
    assert!(replay.farthest() < steps / 4, "{}", replay.farthest());
    let mut random = Random(1);
    let mut moments: Vec<u32> = (0..200).map(|_| random.below(steps + 1)).collect();
    moments.extend([0, steps, 1, steps - 1, u32::MAX]);
    for to in moments {
        let went = replay.seek(to);
        assert!(went <= replay.farthest(), "{went} steps to {to}");
        let mut plain = Replay::without_keyframes(&workload);
        plain.seek(to);
        assert_eq!(replay.now(), plain.now());
        assert_eq!(replay.now().position(), to.min(steps));
    }
}

#[test]
fn what_tasks_hold_adds_up() {
    for text in [page_cache(), processes()] {
        let workload = trace::read(&text);
        let mut replay = Replay::without_keyframes(&workload);
        let start = replay.now().memory.free_pages();
        replay.seek(u32::MAX);
        for (task, &held) in workload.tasks.iter().zip(&replay.now().held) {
            assert_eq!(task.held, u64::from(held), "{task:?}");
            assert!(task.held <= task.peak && task.peak <= task.taken);
        }
        // Pages go from the free ones to tasks, and from tasks and from what was in use before to the free ones.
        let size = |step: &Step| 1_u64 << step.order;
        let of_before: u64 = workload
            .steps
            .iter()
            .filter(|step| !step.take && step.task as usize >= workload.tasks.len())
            .map(size)
            .sum();
        let now = replay.now();
        let free = u64::from(now.memory.free_pages());
        assert_eq!(u64::from(start) + of_before, free + now.held_pages());
        let summary = Summary::of(&workload, 60);
        assert!(summary.peak.0 >= now.held_pages());
        assert_eq!(
            summary.samples().last().map(|sample| sample.free_blocks),
            Some(now.memory.counts())
        );
    }
}

fn event(second: u32, rest: &str) -> String {
    format!("cat-1 [000] ..... {second}.000000: {rest}\n")
}

#[test]
fn what_was_free_before_follows_from_what_happens_first() {
    let mut text = event(1, "mm_page_free: page=1 pfn=0x400 order=1");
    text += &event(
        2,
        "mm_page_alloc: page=1 pfn=0x402 order=1 migratetype=0 gfp_flags=GFP_KERNEL",
    );
    text += &event(3, "mm_page_free: page=1 pfn=0x402 order=0");
    text += &event(4, "mm_page_free: page=1 pfn=0x403 order=0");
    text += &event(5, "mm_page_free_batched: page=1 pfn=0x403 order=0");
    text += &event(6, "mm_page_free: page=1 pfn=0x403 order=0");
    text += &event(
        7,
        "mm_page_alloc: page=1 pfn=0x400 order=2 migratetype=0 gfp_flags=GFP_KERNEL",
    );
    text += &event(
        8,
        "mm_page_alloc: page=1 pfn=0x403 order=0 migratetype=0 gfp_flags=GFP_KERNEL",
    );
    let workload = trace::read(&text);
    complete(&workload, 8);
    let counts = &workload.counts;
    assert_eq!((counts.allocs, counts.frees), (3, 3));
    assert_eq!(
        (counts.told_twice, counts.free_already, counts.freed_unseen),
        (1, 1, 1)
    );
    assert_eq!(workload.span(), Some((0x400, 0x7ff)));
    let mut replay = Replay::new(&workload);
    let mut free = |second: u64| {
        replay.seek(workload.steps_until((second - 1) * 1_000_000_000));
        replay.now().memory.free_blocks()
    };
    // The block handed out second was free, the one given back first was not.
    assert_eq!(free(1), [(0, 2)]);
    assert_eq!(free(2), [(0, 1)]);
    assert_eq!(free(3), [(0, 1), (2, 0)]);
    assert_eq!(free(4), [(0, 2)]);
    assert_eq!(free(7), []);
    assert_eq!(workload.pfn(3), 0x403);
    assert_eq!(workload.tasks[0].held, 4);
    assert_eq!(mm::NR_PAGE_ORDERS, replay.now().layout().len());
}

/// Changes some lines of a trace.
fn mutate(lines: &[&str], random: &mut Random) -> String {
    let first = random.below(lines.len() as u32 - 60) as usize;
    let mut text = String::new();
    for line in &lines[first..first + 60] {
        let mut line = (*line).to_owned();
        if random.below(4) == 0 {
            let place = random.below(line.len() as u32) as usize;
            match random.below(6) {
                0 => line.truncate(place),
                1 => line.insert(
                    place,
                    random.pick(&['\u{0}', 'é', ':', '=', '-', '[', ']', '9', ' ']),
                ),
                2 => {
                    line = line.replace(
                        "order=0",
                        random.pick(&["order=10", "order=9", "order=11", "order=-1", "order="]),
                    );
                }
                3 => {
                    line = line.replace(
                        "pfn=0x",
                        random.pick(&[
                            "pfn=0xffffffff",
                            "pfn=0x0",
                            "pfn=-",
                            "pfn=18446744073709551615",
                            "pfn=",
                        ]),
                    );
                }
                4 => {
                    line = line.replace(
                        "mm_page_alloc:",
                        random.pick(&[
                            "mm_page_free:",
                            "mm_page_free_batched:",
                            "kmem:mm_page_alloc:",
                            "sched_switch:",
                        ]),
                    );
                }
                _ => drop(line.remove(place)),
            }
        }
        text += &line;
        text.push_str(random.pick(&["\n", "\r\n", "\n", "\n\n", " "]));
    }
    text
}

#[test]
fn ten_thousand_damaged_traces_are_read_without_a_panic() {
    let (first, second) = (page_cache(), processes());
    let lines: Vec<&str> = first.lines().chain(second.lines()).collect();
    let mut random = Random(9);
    let (mut unreadable, mut unseen) = (0, 0);
    for _ in 0..10_000 {
        let text = mutate(&lines, &mut random);
        let workload = trace::read(&text);
        complete(&workload, text.lines().count() as u64);
        unreadable += workload.counts.unreadable;
        unseen += workload.counts.freed_unseen;
        for (line, expected) in &workload.counts.problems {
            assert!(*line >= 1 && *line <= workload.counts.lines && !expected.is_empty());
        }
        let mut replay = Replay::new(&workload);
        replay.seek(u32::MAX);
        replay.seek(0);
    }
    assert!(unreadable > 10_000 && unseen > 100, "{unreadable} {unseen}");
}

#[test]
fn memory_is_kept_for_so_many_pieces_and_no_more() {
    let mut reader = trace::Reader::new();
    let most = u64::from(trace::MOST_PIECES);
    for piece in 0..most + 50 {
        let pfn = piece * 1024;
        reader.line(&format!(
            "cat-1 [000] ..... 1.0: mm_page_free: page=1 pfn={pfn} order=0"
        ));
    }
    assert_eq!(reader.counts().too_far, 50);
    let workload = reader.finish();
    complete(&workload, most + 50);
    assert_eq!(u64::from(workload.pages()), most * 1024);
}
