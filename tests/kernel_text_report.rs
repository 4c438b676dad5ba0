//! Reports have the forms of a kernel's log: where there is a real one, its very bytes.

use labyrinth::kernel_text::ZoneFigures;
use labyrinth::kernel_text::report::{
    failure_report, free_list_line, lockup_report, mem_info, oom_report, refcount_report, zone_line,
};
use labyrinth::mm::{
    AllocFailure, FailReason, Gfp, MigrateType, Order, Owner, PageFlags, Watermarks, Zone,
    ZoneConfig,
};

/// The log of a machine that ran out of memory.
const LOG: &str = include_str!("data/oom_meminfo.txt");

const UNMOVABLE: u8 = 1 << MigrateType::Unmovable as u8;
const MOVABLE: u8 = 1 << MigrateType::Movable as u8;
const RECLAIMABLE: u8 = 1 << MigrateType::Reclaimable as u8;

/// Zone DMA of that machine.
fn dma() -> ZoneFigures {
    ZoneFigures {
        name: "DMA".into(),
        pages: 3998,
        managed: 3840,
        free: 3840,
        marks: Watermarks {
            min: 10,
            low: 13,
            high: 16,
            promo: 19,
        },
        boost: 0,
        reserved_highatomic: 0,
        free_highatomic: 0,
        isolated: 0,
        nr_free: [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 3],
        types: [0, 0, 0, 0, 0, 0, 0, 0, UNMOVABLE, MOVABLE, MOVABLE],
    }
}

/// Zone Normal of that machine: its marks are boosted by four pageblocks of 2 MiB.
fn normal() -> ZoneFigures {
    let both = UNMOVABLE | RECLAIMABLE;
    ZoneFigures {
        name: "Normal".into(),
        pages: 5_505_024,
        managed: 5_394_266,
        free: 16_377,
        marks: Watermarks {
            min: 14_769,
            low: 20_163,
            high: 25_557,
            promo: 30_951,
        },
        boost: 2048,
        nr_free: [8, 14, 11, 364, 375, 126, 33, 10, 0, 0, 0],
        types: [both, both, both, both, both, both, both, UNMOVABLE, 0, 0, 0],
        ..dma()
    }
}

/// Zone DMA32's free lists of that machine.
fn dma32_lists() -> ZoneFigures {
    let all = UNMOVABLE | MOVABLE | RECLAIMABLE;
    let types = [
        MOVABLE,
        UNMOVABLE | MOVABLE,
        all,
        all,
        all,
        all,
        all,
        MOVABLE | RECLAIMABLE,
        all,
        MOVABLE,
        MOVABLE,
    ];
    ZoneFigures {
        name: "DMA32".into(),
        nr_free: [1, 3, 7, 12, 37, 19, 7, 3, 4, 1, 19],
        types,
        ..dma()
    }
}

/// The one line of the log that starts so.
fn logged(start: &str) -> String {
    let mut lines = LOG.lines().filter(|line| line.starts_with(start));
    let line = lines.next().unwrap();
    assert_eq!(lines.next(), None);
    format!("{line}\n")
}

#[test]
fn free_lists_are_printed_byte_for_byte() {
    assert_eq!(free_list_line(&dma()), logged("Node 0 DMA: "));
    assert_eq!(free_list_line(&dma32_lists()), logged("Node 0 DMA32: "));
    assert_eq!(free_list_line(&normal()), logged("Node 0 Normal: "));
}

#[test]
fn a_zones_line_has_the_fields_of_the_log_with_their_values_in_their_order() {
    for figures in [dma(), normal()] {
        let start = format!("Node 0 {} ", figures.name);
        let logged = logged(&format!("{start}free:"));
        let printed = zone_line(&figures);
        let fields: Vec<&str> = printed
            .strip_prefix(&start)
            .unwrap()
            .split_whitespace()
            .collect();
        assert_eq!(fields.len(), 9);
        let kept: Vec<&str> = logged
            .split_whitespace()
            .skip(3)
            .filter(|field| fields.contains(field))
            .collect();
        assert_eq!(kept, fields, "against {logged}");
        assert!(printed.ends_with("kB\n"));
    }
}

#[test]
fn letters_stand_in_the_order_of_the_migrate_types() {
    let mut figures = dma();
    figures.nr_free[0] = 9;
    figures.types[0] = 0b11_1111;
    assert!(free_list_line(&figures).starts_with("Node 0 DMA: 9*4kB (UMEHCI) 0*8kB "));
}

#[test]
fn a_refused_request_is_reported_as_warn_alloc_does() {
    let failure = AllocFailure {
        gfp: Gfp::GFP_ATOMIC,
        order: 3,
        reason: FailReason::Fragmentation,
        free: 3840,
        limit: 4,
        min: 10,
        extfrag_index: 900,
        nr_free: [0; 11],
    };
    let text = failure_report("current", &dma(), &failure);
    assert_eq!(
        text,
        "current: page allocation failure: order:3, mode:0x820(GFP_ATOMIC), nodemask=(null),cpuset=/,mems_allowed=0\n\
         CPU: 0 UID: 0 PID: 1 Comm: current Not tainted\n\
         Mem-Info:\n\
         Node 0 DMA free:15360kB boost:0kB min:40kB low:52kB high:64kB reserved_highatomic:0KB \
         free_highatomic:0KB present:15992kB managed:15360kB\n\
         lowmem_reserve[]: 0\n\
         Node 0 DMA: 0*4kB 0*8kB 0*16kB 0*32kB 0*64kB 0*128kB 0*256kB 0*512kB 1*1024kB (U) \
         1*2048kB (M) 3*4096kB (M) = 15360kB\n\
         3998 pages RAM\n\
         158 pages reserved\n"
    );
    let gfp = "GFP_ATOMIC|__GFP_ZERO".parse().unwrap();
    let text = failure_report(
        "current",
        &dma(),
        &AllocFailure {
            gfp,
            order: 0,
            ..failure
        },
    );
    assert!(text.starts_with(
        "current: page allocation failure: order:0, mode:0x920(GFP_ATOMIC|__GFP_ZERO), nodemask="
    ));
}

#[test]
fn the_oom_killers_last_lines_are_those_of_the_log() {
    let text = oom_report("peerbench", &normal(), 5_901_302);
    assert_eq!(
        text.lines().next().unwrap(),
        "kworker/0:0 invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=-1, oom_score_adj=0"
    );
    assert!(text.contains(&mem_info(&normal())));
    // The log's own two lines, with the numbers of our one process.
    let constraint = logged("oom-kill:")
        .replace("task_memcg=/demo", "task_memcg=/")
        .replace("pid=1780", "pid=1");
    assert!(text.contains(&constraint), "{text}");
    let killed = logged("Out of memory:")
        .replace("process 1780", "process 1")
        .replace("total-vm:25203304kB", "total-vm:23605208kB")
        .replace("file-rss:140kB", "file-rss:0kB")
        .replace("pgtables:46268kB", "pgtables:0kB");
    assert!(text.ends_with(&killed), "{text}");
}

#[test]
fn a_lockup_ends_in_a_panic() {
    let text = lockup_report("current", &dma());
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines[..4],
        [
            "watchdog: Watchdog detected hard LOCKUP on cpu 0",
            "Modules linked in:",
            "CPU: 0 UID: 0 PID: 1 Comm: current Not tainted",
            "Kernel panic - not syncing: Hard LOCKUP",
        ]
    );
    assert!(text.contains(&mem_info(&dma())));
    assert!(text.ends_with("\n---[ end Kernel panic - not syncing: Hard LOCKUP ]---\n"));
}

#[test]
fn a_page_without_references_in_use_is_a_bad_page() {
    let text = refcount_report("current", &dma(), 0x1a4);
    assert_eq!(
        text.strip_suffix(&mem_info(&dma())).unwrap(),
        "BUG: Bad page state in process current  pfn:001a4\n\
         page: refcount:0 mapcount:1 mapping:0000000000000000 index:0x0 pfn:0x1a4\n\
         page dumped because: nonzero mapcount\n\
         Modules linked in:\n\
         CPU: 0 UID: 0 PID: 1 Comm: current Not tainted\n"
    );
}

#[test]
fn figures_are_those_of_the_zone() {
    let mut zone = Zone::new(ZoneConfig::new("DMA", 4096, 4)).unwrap();
    zone.alloc_at(
        5,
        0,
        MigrateType::Unmovable,
        Owner(1),
        PageFlags::empty(),
        &mut (),
    )
    .unwrap();
    zone.set_pageblock_type(0, MigrateType::HighAtomic);
    zone.set_pageblock_type(16, MigrateType::Unmovable);
    zone.isolate(2048, 4, &mut ()).unwrap();
    let figures = ZoneFigures::of(&zone);
    assert_eq!(figures.name, "DMA");
    assert_eq!((figures.pages, figures.managed), (4096, zone.managed()));
    assert_eq!(
        figures.marks,
        Watermarks {
            min: 128,
            low: 160,
            high: 192,
            promo: 224
        }
    );
    assert_eq!(figures.boost, zone.watermark_boost());
    assert_eq!(
        (figures.reserved_highatomic, figures.free_highatomic),
        (16, 15)
    );
    assert_eq!((figures.free, figures.isolated), (4096 - 1 - 16, 16));
    for order in 0..=10 {
        assert_eq!(figures.nr_free[usize::from(order)], zone.nr_free(order));
    }
    let types = |order: Order| figures.types_of(order).collect::<Vec<_>>();
    // Page 4 is beside the one in use; its block of 16 is kept for atomic requests, the next for the
    // kernel, and the first of the upper half is isolated.
    assert_eq!(types(0), [MigrateType::HighAtomic]);
    assert_eq!(
        types(4),
        [
            MigrateType::Unmovable,
            MigrateType::Movable,
            MigrateType::Isolate
        ]
    );
    assert_eq!(types(10), [MigrateType::Movable]);
    assert_eq!(types(11), []);
    let sum: u32 = (0..)
        .zip(figures.nr_free)
        .map(|(order, blocks): (u32, u32)| blocks << order)
        .sum();
    assert_eq!(sum, 4095);
    assert!(
        free_list_line(&figures).contains(" 3*64kB (UMI) "),
        "{}",
        free_list_line(&figures)
    );
    assert!(free_list_line(&figures).ends_with("= 16380kB\n"));
}
