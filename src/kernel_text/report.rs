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

use super::ZoneFigures;
use super::oom::{Choice, Failure, Killed, Task};
use super::show_mem::{FreeLists, ShowMem, ZoneMem};
use crate::mm::{AllocFailure, Pfn};

/// The process number in every report.
pub const PID: u32 = 1;

/// `CPU: 0 ...` as `dump_stack_print_info()` begins it.
fn cpu_line(task: &str) -> String {
    format!("CPU: 0 UID: 0 PID: {PID} Comm: {task} Not tainted\n")
}

/// The report of a request that was refused (`warn_alloc()`), and the state of memory.
pub fn failure_report(task: &str, figures: &ZoneFigures, failure: &AllocFailure) -> String {
    let mut text = Failure::of(task, failure).to_string();
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
    let held = u64::from(victim_pages);
    let victim = Task {
        pid: PID,
        name: task.to_owned(),
        total_vm: held,
        rss_anon: held,
        ..Task::default()
    };
    text += &Choice::global(task, PID).to_string();
    text + &Killed::of(&victim).to_string()
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
    ShowMem::of(std::slice::from_ref(figures)).to_string()
}

/// The zone's line: `Node 0 DMA free:15360kB boost:0kB min:40kB ...` and a line break.
///
/// The marks are printed as they are in force, with the boost added, as Linux does.
pub fn zone_line(figures: &ZoneFigures) -> String {
    ZoneMem::of(figures).to_string()
}

/// The free lists: `Node 0 DMA: 8*4kB (UE) 14*8kB (UE) ... = 65664kB` and a line break.
///
/// The letters say which migrate types have free blocks of the order. The sum counts isolated blocks,
/// which `free:` in the zone's line does not.
pub fn free_list_line(figures: &ZoneFigures) -> String {
    FreeLists::of(figures).to_string()
}
