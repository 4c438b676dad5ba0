//! The console: calls, files of `/proc`, errors, variables, policies, and the past.

use labyrinth::lesson::compare::{compare, csv};
use labyrinth::lesson::console::{Console, Effect, Errno};
use labyrinth::lesson::machine::{Policy, Setup, Use};
use labyrinth::lesson::{Timeline, inspect, trace};

fn console() -> Console {
    Console::new(Setup::default()).expect("a machine")
}

fn errno(console: &mut Console, line: &str) -> (Errno, String) {
    let fault = console
        .run(line)
        .fault
        .unwrap_or_else(|| panic!("{line} works"));
    (fault.errno, fault.text)
}

#[test]
fn calls_and_files_say_what_the_kernel_says() {
    let mut c = console();
    assert_eq!(
        c.run("p = alloc_pages(GFP_HIGHUSER_MOVABLE, 3)").text(),
        "p = 0x0 (to 0x7, order 3)"
    );
    assert_eq!(
        c.run("cat /proc/buddyinfo").text(),
        "Node 0, zone   Normal      0      0      0      1      1      1      1      1      0      0      0 "
    );
    assert_eq!(c.run("__free_pages($p, 3)  # all of it").text(), "");
    assert_eq!(c.machine().free_pages(), 256);
    assert!(
        c.run("cat /proc/pagetypeinfo")
            .text()
            .starts_with("Page block order: 5")
    );
    assert!(
        c.run("cat /proc/zoneinfo")
            .text()
            .contains("Node 0, zone   Normal")
    );
    assert!(
        c.run("cat /proc/meminfo")
            .text()
            .contains("MemFree:            1024 kB")
    );
    assert_eq!(c.run("cat /proc/sys/vm/min_free_kbytes").text(), "0");
    c.run("echo 128 > /proc/sys/vm/min_free_kbytes");
    let zones = c.machine().zones();
    assert_eq!(zones[0].1.watermarks().min, 32);
    assert_eq!(c.run("").text(), "");
    assert_eq!(c.run("echo hello   world").text(), "hello world");
}

#[test]
fn errors_are_worded_as_kernel_or_shell_would() {
    let mut c = console();
    c.run("p = alloc_pages(GFP_KERNEL, 2)");
    for (line, errno_wanted, part) in [
        (
            "cat /proc/foo",
            Errno::ENOENT,
            "bash: cat: /proc/foo: No such file or directory",
        ),
        ("nosuch", Errno::EINVAL, "bash: nosuch: command not found"),
        (
            "nosuch(3)",
            Errno::EINVAL,
            "bash: nosuch: command not found",
        ),
        (
            "kill -9 42",
            Errno::ESRCH,
            "bash: kill: (42) - No such process",
        ),
        (
            "kill -9 1",
            Errno::EPERM,
            "bash: kill: (1) - Operation not permitted",
        ),
        (
            "echo 2 > /proc/sys/vm/compact_memory",
            Errno::EINVAL,
            "write error: Invalid argument",
        ),
        (
            "cat /proc/sys/vm/drop_caches",
            Errno::EPERM,
            "Permission denied",
        ),
        (
            "alloc_pages(GFP_KERNEL, 9)",
            Errno::ENOMEM,
            "= NULL (-ENOMEM)",
        ),
        (
            "alloc_pages(GFP_KERNAL, 0)",
            Errno::EINVAL,
            "\"GFP_KERNAL\"",
        ),
        (
            "alloc_pages(GFP_KERNEL)",
            Errno::EINVAL,
            "usage: alloc_pages(gfp, order)",
        ),
        ("__free_pages(p, 1)", Errno::EINVAL, "the block has order 2"),
        ("__free_pages(p + 1, 0)", Errno::EINVAL, "inside the block"),
        ("__free_pages(0x80, 0)", Errno::EINVAL, "double free"),
        ("__free_pages(0x8000, 0)", Errno::EINVAL, "no such frame"),
        ("__free_pages(q, 0)", Errno::EINVAL, "found \"q\""),
        ("x = ls", Errno::EINVAL, "syntax error"),
        (
            "ls | wc",
            Errno::EINVAL,
            "syntax error near unexpected token `|'",
        ),
        ("echo \"abc", Errno::EINVAL, "unexpected EOF"),
        ("write(0x10, \"a\")", Errno::EFAULT, "Segmentation fault"),
        (
            "set policy best",
            Errno::EINVAL,
            "expected lifo, fifo or lowest",
        ),
        ("set pages 70000", Errno::EINVAL, "at most 65536"),
        ("taskset 9", Errno::EINVAL, "no CPU 9"),
        (
            "load ../etc/passwd",
            Errno::EINVAL,
            "expected a script's name",
        ),
    ] {
        let before = c.machine().clone();
        let (found, text) = errno(&mut c, line);
        assert_eq!(found, errno_wanted, "{line}: {text}");
        assert!(text.contains(part), "{line}: {text}");
        assert_eq!(*c.machine(), before, "{line} changes nothing");
    }
    let report = c.run("n = alloc_pages(GFP_KERNEL, 10)");
    assert!(report.fault.is_some());
    assert!(errno(&mut c, "__free_pages(n, 0)").1.contains("n is NULL"));
}

#[test]
fn what_a_caller_must_do_is_told_as_effects() {
    let mut c = console();
    for (line, effect) in [
        (
            "define labyrinth void allocpagegfpatomic exclusive",
            Effect::StartExclusiveRaid,
        ),
        ("load walk", Effect::Load("walk".into())),
        ("save walk-2", Effect::Save("walk-2".into())),
        ("undo", Effect::Undo),
        ("scrub 3", Effect::Scrub(3)),
    ] {
        assert_eq!(c.run(line).effects, [effect]);
    }
    assert!(
        c.run("define labyrinth void allocpagegfpatomic")
            .fault
            .is_some()
    );
}

#[test]
fn preemption_disabled_means_no_sleep() {
    let mut c = console();
    c.run("preempt_disable()");
    assert!(
        errno(&mut c, "alloc_page(GFP_KERNEL)")
            .1
            .starts_with("BUG: sleeping function")
    );
    assert!(c.run("alloc_page(GFP_ATOMIC)").fault.is_none());
    c.run("p = mmap(1)");
    assert!(
        errno(&mut c, "lock_page(p)")
            .1
            .starts_with("BUG: sleeping function")
    );
    assert_eq!(c.run("trylock_page(p)").value, Some(1));
    c.run("preempt_enable()");
    assert!(c.run("alloc_page(GFP_KERNEL)").fault.is_none());
}

#[test]
fn the_policies_choose_as_they_say() {
    for policy in Policy::ALL {
        let mut c = console();
        for n in 0..8 {
            c.run(&format!("p{n} = alloc_page(GFP_HIGHUSER_MOVABLE)"));
        }
        c.run(&format!("set policy {}", policy.name()));
        // Odd frames: none merges. 3 is the head, 5 in the middle, 1 the lowest, 7 the tail.
        for n in [7, 1, 5, 3] {
            c.run(&format!("__free_page(p{n})"));
        }
        let got: Vec<_> = (0..4)
            .map(|_| c.run("alloc_page(GFP_HIGHUSER_MOVABLE)").value)
            .collect();
        let wanted = match policy {
            Policy::Lifo => [3, 5, 1, 7],
            Policy::Fifo => [7, 1, 5, 3],
            Policy::Lowest => [1, 3, 5, 7],
        };
        assert_eq!(got, wanted.map(Some), "{policy:?}");
        c.machine().verify().expect("a sound machine");
        let flags = c.machine().view().zones[0]
            .blocks
            .iter()
            .any(|block| matches!(block.used, Use::Allocated { flags, .. } if flags != 0));
        assert!(!flags, "{policy:?} leaves no flags behind");
    }
}

#[test]
fn zeroed_pages_are_zero_whatever_the_policy() {
    for policy in Policy::ALL {
        let mut c = console();
        c.run(&format!("set policy {}", policy.name()));
        c.run("p = alloc_page(GFP_HIGHUSER_MOVABLE)");
        c.run("memset(p, 0x42)");
        c.run("__free_page(p)");
        let pfn = c
            .run("alloc_page(GFP_HIGHUSER_MOVABLE|__GFP_ZERO)")
            .value
            .expect("a page");
        assert_eq!(
            c.machine().arena().and_then(|arena| arena.uniform(pfn)),
            Some(0)
        );
    }
}

/// A long script that frees in another order than it took: each of 48 variables holds a block or none.
fn churn(calls: u32) -> String {
    let mut script = String::new();
    let mut held = [None; 48];
    let mut seed = 7_u32;
    for _ in 0..calls {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let at = (seed >> 16) % 48;
        let order = (seed >> 8) % 3;
        let line = if let Some(order) = held[at as usize].take() {
            format!("__free_pages(p{at}, {order})\n")
        } else {
            held[at as usize] = Some(order);
            format!("p{at} = alloc_pages(GFP_HIGHUSER_MOVABLE, {order})\n")
        };
        script.push_str(&line);
    }
    script
}

#[test]
fn a_script_compares_policies_side_by_side() {
    let setups: Vec<Setup> = Policy::ALL
        .into_iter()
        .map(|policy| Setup {
            policy,
            ..Setup::default()
        })
        .chain([Setup {
            cpus: 1,
            ..Setup::default()
        }])
        .collect();
    let all = compare(&churn(200), &setups).expect("machines");
    assert_eq!(all.len(), 4);
    for series in &all {
        assert_eq!((series.samples.len(), &series.refused), (200, &Vec::new()));
    }
    let ends: Vec<_> = all
        .iter()
        .filter_map(|series| series.samples.last())
        .collect();
    assert!(
        ends.iter().any(|end| end.unusable != ends[0].unusable),
        "they differ"
    );
    let table = csv(&all);
    let rows: usize = all.iter().map(|series| series.samples.len()).sum();
    assert_eq!(table.lines().count(), rows + 1);
    let columns = table.lines().next().map(|line| line.split(',').count());
    assert!(
        table
            .lines()
            .all(|line| Some(line.split(',').count()) == columns)
    );
    assert_eq!(
        compare(&churn(200), &setups).expect("machines"),
        all,
        "the same every time"
    );
}

#[test]
fn any_state_of_the_past_can_be_gone_to() {
    let mut machine = Timeline::new(Setup::default()).expect("a machine");
    let mut states = vec![machine.now().clone()];
    for line in churn(200).lines() {
        if machine.run(line).changed {
            states.push(machine.now().clone());
        }
    }
    assert!(states.len() > 150);
    let last = states.len() as u32 - 1;
    for to in [0, last, 31, 32, 33, 64, 1, last - 1] {
        assert!(machine.scrub(to));
        assert!(*machine.now() == states[to as usize], "state {to}");
    }
    assert!(!machine.scrub(last + 1));
    assert!(machine.undo() && machine.redo());
    let typed = machine.typed().len();
    machine.run("cat /proc/buddyinfo");
    machine.run("cat /proc/buddyinfo");
    assert_eq!(machine.typed().len(), typed + 1);
    let history = machine.run("history").output;
    assert!(history.ends_with("  history") && history.contains("  cat /proc/buddyinfo\n"));
    // The script does it again.
    machine.scrub(50);
    let mut again = Timeline::new(Setup::default()).expect("a machine");
    for line in machine.script().lines() {
        again.run(line);
    }
    assert!(again.now() == machine.now());
    // Something new forgets what was undone.
    machine.run("alloc_page(GFP_KERNEL)");
    assert_eq!(machine.past().len(), 51);
    assert_eq!(machine.run("undo").output, "after call 50 of 51");
    assert!(*machine.now() == states[50]);
}

#[test]
fn a_call_on_a_machine_of_several_zones_goes_all_the_way() {
    let mut c = console();
    assert!(c.run("set zones DMA:64,Normal:192").fault.is_none());
    c.run("spawn(\"hog\")");
    c.run("su 42");
    let mut taken = 0;
    let before = loop {
        let before = c.machine().clone();
        let report = c.run("alloc_page(GFP_KERNEL)");
        if report
            .events
            .iter()
            .any(|event| matches!(event, labyrinth::mm::Event::OomKill { .. }))
        {
            let told = trace::tell(&before, &report);
            assert!(
                told.iter()
                    .any(|beat| beat.text.contains("the OOM killer kills task 42"))
            );
            assert!(told.iter().any(|beat| beat.text.contains("is passed over")));
            break before;
        }
        taken += 1;
        assert!(taken <= 256);
    };
    assert!(before.tasks().any(|(pid, _)| pid == 42));
    assert!(!c.machine().tasks().any(|(pid, _)| pid == 42));
    assert_eq!(c.machine().current(), 1);
    c.machine().verify().expect("a sound machine");
    assert_eq!(errno(&mut c, "mmap(1)").0, Errno::ENOSYS);
}

#[test]
fn the_inspector_knows_a_page() {
    let mut machine = Timeline::new(Setup::default()).expect("a machine");
    for line in [
        "p = mmap(0x10)",
        "write(0x10, \"maze\")",
        "fork()",
        "lock_page(p)",
    ] {
        assert!(machine.run(line).fault.is_none(), "{line}");
    }
    let pfn = machine.now().variable("p").expect("a page");
    let page = inspect::page(machine.now().machine(), pfn).expect("a page");
    let text = page.to_string();
    for part in [
        "refcount 2, mapcount 2",
        "mapped by task 42 at 0x10",
        "locked by task 1",
        "bytes somebody wrote",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let dump = inspect::dump(machine.now().machine(), pfn, 0, 16).expect("bytes");
    assert!(
        dump.starts_with("0x0000000000000000: 6d 61 7a 65 00"),
        "{dump}"
    );
    let history = machine.history_of(pfn);
    assert!(
        history
            .iter()
            .any(|(call, line, _)| *call == 1 && *line == "p = mmap(0x10)")
    );
    machine.run("set page_poison on");
    machine.run("q = alloc_page(GFP_KERNEL)");
    machine.run("__free_page(q)");
    let report = machine.run("hexdump 0x0 0 16");
    assert!(report.text().contains("aa aa aa aa"), "{}", report.text());
}

#[test]
fn nothing_that_is_typed_brings_it_down() {
    let words = [
        "alloc_pages(GFP_KERNEL, ",
        "4294967295",
        ")",
        "0x",
        "$",
        "=",
        "p",
        " ",
        "\"",
        ">",
        "cat",
        "/proc/",
        "kill -9 ",
        "__free_pages(",
        ",",
        "^",
        "+",
        "-",
        "set pages ",
        "set zones ",
        "DMA:",
        "hexdump ",
        "é",
        "#",
        "fork()",
        "su ",
        "42",
        "echo ",
        "memset(0, 256)",
        "mmap(",
        "write(",
        "alloc_at(0xffffffff, 255, GFP_ATOMIC)",
        "lock_page(0)",
        "set pageblock_order 0",
    ];
    let mut seed = 0x1abe_u64;
    let mut machine = Timeline::new(Setup::default()).expect("a machine");
    for _ in 0..3000 {
        let mut line = String::new();
        for _ in 0..=seed % 5 {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            line += words[(seed >> 33) as usize % words.len()];
        }
        machine.run(&line);
    }
    machine.now().machine().verify().expect("a sound machine");
}
