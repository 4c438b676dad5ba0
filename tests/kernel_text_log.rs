//! What a kernel logs when a request fails or memory runs out is read, and printed byte for byte as it prints it.

use labyrinth::kernel_text::ZoneFigures;
use labyrinth::kernel_text::oom::{
    Choice, Failure, Invoked, Killed, Mask, Report, Task, failure, report,
};
use labyrinth::kernel_text::show_mem::{self, Amount, FreeLists, ShowMem, amount};
use labyrinth::mm::{FailReason, Gfp, MigrateType, Owner, Zone, ZoneConfig};
use proptest::prelude::*;

/// The log of a machine that ran out of memory. Of the amounts of the whole machine it has two lines and the head of
/// the first, and no table of tasks.
const LOG: &str = include_str!("data/oom_meminfo.txt");

#[test]
fn a_real_report_is_read_and_printed_byte_for_byte() {
    let read = report(LOG).unwrap();
    // That log indents what continues a line; the kernel itself writes one blank.
    let logged: String = LOG
        .lines()
        .map(|line| match line.strip_prefix(' ') {
            Some(line) => format!(" {}\n", line.trim_start()),
            None => format!("{line}\n"),
        })
        .collect();
    assert_eq!(read.to_string(), logged);
}

#[test]
fn every_figure_is_in_its_place() {
    let read = report(LOG).unwrap();
    assert_eq!(
        read.invoked,
        Invoked {
            comm: "rustc".into(),
            mask: (Gfp::GFP_HIGHUSER_MOVABLE | Gfp::COMP).into(),
            order: 0,
            oom_score_adj: 0
        }
    );
    let mem = &read.mem;
    assert_eq!(mem.totals.len(), 3);
    assert_eq!(amount(&mem.totals[2], "free"), Some(43_381));
    assert_eq!(mem.nodes.len(), 1);
    let node = &mem.nodes[0];
    assert_eq!(amount(&node.fields, "inactive_anon"), Some(24_101_668));
    assert_eq!(amount(&node.fields, "isolated(file)"), Some(0));
    let answer = node
        .fields
        .iter()
        .find(|field| field.name == "all_unreclaimable");
    assert_eq!(
        answer.map(|field| field.amount),
        Some(Amount::Answer(false))
    );
    let normal = &mem.zones[2];
    assert_eq!((normal.node, normal.zone.as_str()), (0, "Normal"));
    assert_eq!(amount(&normal.fields, "boost"), Some(8192));
    assert_eq!(amount(&normal.fields, "reserved_highatomic"), Some(0));
    assert_eq!(amount(&normal.fields, "no such"), None);
    assert_eq!(
        mem.zones[0].lowmem_reserve,
        [0, 3019, 24_090, 24_090, 24_090]
    );
    let lists = &mem.lists[2];
    assert_eq!(lists.blocks, [8, 14, 11, 364, 375, 126, 33, 10, 0, 0, 0]);
    assert_eq!(lists.pages(), 16_416);
    let both = 1 << MigrateType::Unmovable as u8 | 1 << MigrateType::Reclaimable as u8;
    assert_eq!(
        (lists.types[0], lists.types[7], lists.types[8]),
        (both, 1, 0)
    );
    assert_eq!(
        mem.pages,
        [(6_291_358, "RAM".into()), (120_337, "reserved".into())]
    );
    let choice = read.choice.unwrap();
    assert_eq!((choice.task.as_str(), choice.pid), ("peerbench", 1780));
    assert_eq!(
        (choice.scope.as_str(), choice.task_memcg.as_str()),
        ("global_oom", "/demo")
    );
    let killed = read.killed.unwrap();
    assert_eq!((killed.pid, killed.comm.as_str()), (1780, "peerbench"));
    assert_eq!(
        (
            killed.total_vm,
            killed.anon_rss,
            killed.file_rss,
            killed.pgtables
        ),
        (25_203_304, 23_605_208, 140, 46_268)
    );
}

/// Figures that a running kernel's own numbers imply of each other.
#[test]
fn the_report_bears_itself_out() {
    let mem = report(LOG).unwrap().mem;
    let present: u64 = mem
        .zones
        .iter()
        .map(|zone| amount(&zone.fields, "present").unwrap())
        .sum();
    let managed: u64 = mem
        .zones
        .iter()
        .map(|zone| amount(&zone.fields, "managed").unwrap())
        .sum();
    assert_eq!(present / 4, mem.pages[0].0);
    assert_eq!((present - managed) / 4, mem.pages[1].0);
}

/// Stamps of a log, stacks and everything else in between do not matter; a second report is another matter.
#[test]
fn a_log_with_stamps_and_other_lines_is_read() {
    let mut lines = Vec::new();
    for (at, line) in LOG.lines().enumerate() {
        lines.push(format!(
            "Nov 21 07:39:00 host kernel: [{at:>5}.123456] {line}"
        ));
        lines.push("[    1.5] CPU: 0 UID: 0 PID: 1 Comm: x Not tainted".into());
        lines.push("Node 0 hugepages_total=0 hugepages_size=2048kB".into());
    }
    let stamped = lines.join("\n");
    let twice = format!("noise\n{stamped}\n{}", LOG.replace("rustc", "second"));
    assert_eq!(report(&twice).unwrap(), report(LOG).unwrap());
}

fn tasks() -> [Task; 2] {
    [
        Task {
            pid: 149,
            tgid: 149,
            total_vm: 486,
            rss: 288,
            rss_file: 288,
            pgtables_bytes: 36_864,
            oom_score_adj: -1000,
            name: "ash".into(),
            ..Task::default()
        },
        Task {
            pid: 156,
            uid: 1000,
            tgid: 156,
            total_vm: 153_531,
            rss: 153_345,
            rss_anon: 153_345,
            pgtables_bytes: 1_269_760,
            name: "a (b) c".into(),
            ..Task::default()
        },
    ]
}

/// The columns of the table as 6.8 and newer kernels print them.
#[test]
fn the_table_of_tasks_has_the_kernels_columns() {
    let mut made = report(LOG).unwrap();
    made.tasks = tasks().to_vec();
    made.choice = Some(Choice::global("a (b) c", 156));
    made.killed = Some(Killed::of(&tasks()[1]));
    let text = made.to_string();
    let table = "\
120337 pages reserved
Tasks state (memory values in pages):
[  pid  ]   uid  tgid total_vm      rss rss_anon rss_file rss_shmem pgtables_bytes swapents oom_score_adj name
[    149]     0   149      486      288        0      288         0    36864        0         -1000 ash
[    156]  1000   156   153531   153345   153345        0         0  1269760        0             0 a (b) c
oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/,task=a (b) c,pid=156,uid=0
Out of memory: Killed process 156 (a (b) c) total-vm:614124kB, anon-rss:613380kB, file-rss:0kB, shmem-rss:0kB, UID:1000 pgtables:1240kB oom_score_adj:0
";
    assert!(text.ends_with(table), "{text}");
    assert_eq!(report(&text), Ok(made));
}

#[test]
fn a_group_at_its_limit_and_an_odd_name_are_read() {
    let line = "oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=0-1,3,cpuset=/a,mems_allowed=0-1,3,\
                oom_memcg=/x,task_memcg=/x/y,task=a,pid=1,uid=2,pid=7,uid=8\n";
    let log = LOG.lines().next().unwrap().to_owned() + "\nMem-Info:\n" + line;
    let choice = report(&log).unwrap().choice.unwrap();
    assert_eq!(choice.mems_allowed, "0-1,3");
    assert_eq!(
        (choice.scope.as_str(), choice.task_memcg.as_str()),
        ("oom_memcg=/x", "/x/y")
    );
    assert_eq!(
        (choice.task.as_str(), choice.pid, choice.uid),
        ("a,pid=1,uid=2", 7, 8)
    );
    assert_eq!(choice.to_string(), line);
}

#[test]
fn a_refused_request_of_the_model_is_printed_and_read_back() {
    let mut zone = Zone::new(ZoneConfig::new("Normal", 256, 4)).unwrap();
    let mut taken = 0;
    let refused = loop {
        match zone.alloc_pages(Gfp::GFP_ATOMIC | Gfp::ZERO, 0, Owner(1), &mut ()) {
            Ok(_) => taken += 1,
            Err(refused) => break refused,
        }
    };
    // 12 pages are the last that an atomic request leaves in a zone of 256.
    assert_eq!((taken, refused.reason), (256 - 12, FailReason::Watermark));
    let line = Failure::of("mazed", &refused);
    let mut text = line.to_string();
    assert_eq!(
        text,
        "mazed: page allocation failure: order:0, mode:0x920(GFP_ATOMIC|__GFP_ZERO), \
         nodemask=(null),cpuset=/,mems_allowed=0\n"
    );
    text += &ShowMem::of(&[ZoneFigures::of(&zone)]).to_string();
    let log = format!("noise\n{text}");
    assert_eq!(failure(&log), Ok(line));
    let mem = show_mem::parse(&log).unwrap();
    assert_eq!(mem, ShowMem::of(&[ZoneFigures::of(&zone)]));
    assert_eq!(amount(&mem.zones[0].fields, "free"), Some(48));
    assert_eq!(mem.lists[0].pages(), 12);
}

/// A mask of zero has no `0x`, and bits without a name stay as they are.
#[test]
fn masks_are_kept_as_they_stand() {
    let zero = Mask::from(Gfp::empty());
    assert_eq!(zero.to_string(), "0()");
    let line =
        "x: page allocation failure: order:0, mode:0(), nodemask=0,cpuset=/,mems_allowed=0\n";
    assert_eq!(failure(line).unwrap().mode, zero);
    let odd = line.replace("0()", "0x4000820(GFP_ATOMIC|0x4000000)");
    let read = failure(&odd).unwrap();
    assert_eq!(read.mode.bits, 0x0400_0820);
    assert_eq!(read.to_string(), odd);
}

#[test]
fn an_error_says_where_and_what_and_what_was_expected() {
    let replaced = |from: &str, to: &str| {
        assert!(LOG.contains(from), "{from}");
        report(&LOG.replacen(from, to, 1)).unwrap_err().to_string()
    };
    for (from, to, expected) in [
        (
            "invoked",
            "called",
            "line 19: found the end of the text, expected a line with \" invoked oom-killer: gfp_mask=\"",
        ),
        (
            "0x140cca(",
            "140cca(",
            "line 1: found \"140cca(GFP_HIGHUSER_MOVABLE|__GFP_COMP)\", expected flags, as in \"0x820(GFP_ATOMIC)\"",
        ),
        (
            "order=0",
            "order=zero",
            "line 1: found \"zero\", expected an order, or -1",
        ),
        (
            "order=0",
            "order=+0",
            "line 1: found \"+0\", expected an order, or -1",
        ),
        (
            "Mem-Info:",
            "Mem:",
            "line 19: found the end of the text, expected a line \"Mem-Info:\"",
        ),
        (
            "Node 0 active_anon:1552kB",
            "Node 0 active_anon:1552MB",
            "line 6: found \"active_anon:1552MB\", expected a name and an amount, as in \"free:15360kB\"",
        ),
        (
            "all_unreclaimable? no",
            "all_unreclaimable? maybe",
            "line 6: found \"maybe\", expected \"yes\" or \"no\"",
        ),
        (
            "lowmem_reserve[]: 0",
            "lowmem_reserve[]: -1",
            "line 8: found \"-1\", expected a number of pages",
        ),
        (
            "14*8kB",
            "14*7kB",
            "line 15: found \"14*7kB\", expected the number of free blocks of order 1, as in \"3*8kB\"",
        ),
        (
            "(UE) 14*8kB",
            "(EU) 14*8kB",
            "line 15: found \"EU)\", expected letters of migrate types, as in \"(UME)\", where there are blocks",
        ),
        (
            "0*1024kB 0",
            "0*1024kB (U) 0",
            "line 15: found \"U)\", expected letters of migrate types, as in \"(UME)\", where there are blocks",
        ),
        (
            "= 65664kB",
            "= 65660kB",
            "line 15: found \"65660kB\", expected 65664kB, the sum of these blocks",
        ),
        (
            "global_oom",
            "local_oom",
            "line 18: found \"0,local_oom\", expected nodes, then \"global_oom\" or \"oom_memcg=\" and a group",
        ),
        (
            "pid=1780",
            "pid=",
            "line 18: found \"peerbench,pid=,uid=0\", expected \",pid=\" and a number, \",uid=\" and a number",
        ),
        (
            "file-rss:140kB",
            "file-rss:-1kB",
            "line 19: found \"-1\", expected a number of kB",
        ),
    ] {
        assert_eq!(replaced(from, to), expected, "{from} -> {to}");
    }
    assert_eq!(
        failure("").unwrap_err().to_string(),
        "line 1: found the end of the text, expected a line with \": page allocation failure: order:\""
    );
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn free_lists_are_read_back(blocks in proptest::array::uniform11(prop_oneof![Just(0_u64), any::<u64>()]), types in proptest::array::uniform11(0..64_u8)) {
        let mut types = types;
        for (types, blocks) in types.iter_mut().zip(blocks) {
            *types = if blocks > 0 { *types } else { 0 };
        }
        let lists = FreeLists { node: 7, zone: "Normal".into(), blocks, types };
        let mem = ShowMem { lists: vec![lists], ..ShowMem::default() };
        prop_assert_eq!(show_mem::parse(&mem.to_string()), Ok(mem));
    }

    /// Nothing makes the readers panic: not noise, and not a kernel's log with something in a wrong place.
    #[test]
    fn damage_is_read_or_refused_at_one_of_its_lines(
        cut in 0..LOG.len(), length in 0..300_usize,
        noise in "(Node 0 |DMA:|\\(UE\\) |[0-9]{1,20}|\\*4kB |= |lowmem_reserve\\[\\]:|\\[ |\\] |,pid=|Mem-Info:\n|\\PC|\n){0,6}",
    ) {
        let end = (cut + length).min(LOG.len());
        let text = format!("{}{noise}{}", &LOG[..cut], &LOG[end..]);
        let lines = text.lines().count().max(1);
        for error in [report(&text).err(), failure(&text).err(), show_mem::parse(&text).err()].into_iter().flatten() {
            prop_assert!((1..=lines).contains(&(error.line as usize)), "{}", error);
            prop_assert_eq!(error.to_string().lines().count(), 1);
        }
    }

    /// What was read is printed, and read again as the same.
    #[test]
    fn reports_are_read_back(order in -1..11_i32, adj in -1000..=1000_i32, bits in any::<u64>(), rows in 0..3_usize) {
        let read = report(LOG).unwrap();
        let made = Report {
            invoked: Invoked { order, oom_score_adj: adj, mask: Mask { bits, names: "GFP_KERNEL".into() }, ..read.invoked },
            tasks: tasks().into_iter().cycle().take(rows).collect(),
            ..read
        };
        prop_assert_eq!(report(&made.to_string()), Ok(made));
    }
}
