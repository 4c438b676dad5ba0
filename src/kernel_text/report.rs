//! Writes what a Linux kernel logs at the end of things: a failed request, no memory, a lockup, a bad page.
//!
//! The lines have the forms of Linux 6.12 (`mm/page_alloc.c`: `warn_alloc()` and `bad_page()`,
//! `mm/show_mem.c`: `show_free_areas()`, `mm/oom_kill.c`, mm/debug.c: `dump_page()`, kernel/watchdog.c,
//! kernel/panic.c), without time stamps. Departures:
//!
//! - Of a zone's line only those fields are printed that the model has a figure for. There is no memory
//!   for per-cpu lists, swap or several nodes in it, and zeros would say that they were there and empty.
//!   `free_highatomic` is printed by newer kernels only (seen in 6.18).
//! - There are no stack dumps, registers or lists of tasks; there is one process, number [`PID`], on
//!   processor 0 of node 0.
//! - Every report ends with the state of memory (`Mem-Info:`). Linux prints it for a failed request and
//!   when out of memory; in a panic only with `panic_print=2`, and for a bad page never.

use std::fmt::Write as _;

use super::ZoneFigures;
use crate::mm::{AllocFailure, MigrateType, Order, PAGE_SIZE, Pfn};

/// The process number in every report.
pub const PID: u32 = 1;

/// `CPU: 0 ...` as `dump_stack_print_info()` begins it.
fn cpu_line(task: &str) -> String {
    format!("CPU: 0 UID: 0 PID: {PID} Comm: {task} Not tainted\n")
}

/// The report of a request that was refused (`warn_alloc()`), and the state of memory.
pub fn failure_report(task: &str, figures: &ZoneFigures, failure: &AllocFailure) -> String {
    let AllocFailure { gfp, order, .. } = failure;
    let mut text = format!(
        "{task}: page allocation failure: order:{order}, mode:{:#x}({gfp}), \
         nodemask=(null),cpuset=/,mems_allowed=0\n",
        gfp.bits()
    );
    text += &cpu_line(task);
    text + &mem_info(figures)
}

/// The report of the OOM killer that took `task`, which held `victim_pages` pages of its own.
///
/// It is called for the whole zone and by no single request, as from the system request key: Linux then
/// names a kernel worker and order -1.
pub fn oom_report(task: &str, figures: &ZoneFigures, victim_pages: u32) -> String {
    let mut text = String::from(
        "kworker/0:0 invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=-1, oom_score_adj=0\n",
    );
    text += &mem_info(figures);
    let held = kilobytes(u64::from(victim_pages));
    // Writing to a `String` cannot fail; so too below.
    let _ = writeln!(
        text,
        "oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,\
         global_oom,task_memcg=/,task={task},pid={PID},uid=0"
    );
    let _ = writeln!(
        text,
        "Out of memory: Killed process {PID} ({task}) total-vm:{held}kB, anon-rss:{held}kB, \
         file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:0kB oom_score_adj:0"
    );
    text
}

/// The report of a watchdog that ran out while `task` kept interrupts off, on a kernel that panics then.
pub fn lockup_report(task: &str, figures: &ZoneFigures) -> String {
    let mut text =
        String::from("watchdog: Watchdog detected hard LOCKUP on cpu 0\nModules linked in:\n");
    text += &cpu_line(task);
    text += "Kernel panic - not syncing: Hard LOCKUP\n";
    text += &mem_info(figures);
    text + "---[ end Kernel panic - not syncing: Hard LOCKUP ]---\n"
}

/// The report of a page whose last reference was dropped while `task` still used it (`bad_page()`).
///
/// Linux checks this when the page is freed: its reference count is 0, yet something maps it. Such a
/// page is not freed.
pub fn refcount_report(task: &str, figures: &ZoneFigures, pfn: Pfn) -> String {
    let mut text = format!(
        "BUG: Bad page state in process {task}  pfn:{pfn:05x}\n\
         page: refcount:0 mapcount:1 mapping:0000000000000000 index:0x0 pfn:{pfn:#x}\n\
         page dumped because: nonzero mapcount\nModules linked in:\n"
    );
    text += &cpu_line(task);
    text + &mem_info(figures)
}

/// The state of memory: the zone's line, its free lists, and how much there is (`__show_mem()`).
pub fn mem_info(figures: &ZoneFigures) -> String {
    let ZoneFigures { pages, managed, .. } = *figures;
    format!(
        "Mem-Info:\n{}lowmem_reserve[]: 0\n{}{pages} pages RAM\n{} pages reserved\n",
        zone_line(figures),
        free_list_line(figures),
        pages.saturating_sub(managed)
    )
}

/// The zone's line: `Node 0 DMA free:15360kB boost:0kB min:40kB ...` and a line break.
///
/// The marks are printed as they are in force, with the boost added, as Linux does.
pub fn zone_line(figures: &ZoneFigures) -> String {
    let kb = |pages: u32| kilobytes(u64::from(pages));
    let mark = |pages: u32| kilobytes(u64::from(pages) + u64::from(figures.boost));
    format!(
        "Node 0 {} free:{}kB boost:{}kB min:{}kB low:{}kB high:{}kB reserved_highatomic:{}KB \
         free_highatomic:{}KB present:{}kB managed:{}kB\n",
        figures.name,
        kb(figures.free),
        kb(figures.boost),
        mark(figures.marks.min),
        mark(figures.marks.low),
        mark(figures.marks.high),
        kb(figures.reserved_highatomic),
        kb(figures.free_highatomic),
        kb(figures.pages),
        kb(figures.managed),
    )
}

/// The free lists: `Node 0 DMA: 8*4kB (UE) 14*8kB (UE) ... = 65664kB` and a line break.
///
/// The letters say which migrate types have free blocks of the order. The sum counts isolated blocks,
/// which `free:` in the zone's line does not.
pub fn free_list_line(figures: &ZoneFigures) -> String {
    let mut text = format!("Node 0 {}: ", figures.name);
    let mut total = 0;
    for (order, blocks) in (0 as Order..).zip(figures.nr_free) {
        let _ = write!(text, "{blocks}*{}kB ", kilobytes(1 << order));
        if blocks > 0 {
            let letters: String = figures.types_of(order).map(MigrateType::letter).collect();
            let _ = write!(text, "({letters}) ");
        }
        total += u64::from(blocks) << order;
    }
    let _ = writeln!(text, "= {}kB", kilobytes(total));
    text
}

/// Pages in kB, as Linux's `K()`.
fn kilobytes(pages: u64) -> u64 {
    pages * u64::from(PAGE_SIZE / 1024)
}
