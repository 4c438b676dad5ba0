//! The files of `/proc` and `/sys` that the console reads and writes.

use std::fmt::Write as _;

use super::fault::{Errno, Fault};
use super::parse::number;
use super::{Console, Report};
use crate::kernel_text::buddyinfo::{self, BuddyLine};
use crate::kernel_text::fragmentation::{self, IndexLine};
use crate::kernel_text::pagetypeinfo::{self, PageTypes};
use crate::kernel_text::zoneinfo::{self, ZoneInfo};
use crate::mm::calculate_min_free_kbytes;

/// The files, with a line of help each.
pub(super) const FILES: &[(&str, &str)] = &[
    ("/proc/buddyinfo", "free blocks of each order"),
    (
        "/proc/pagetypeinfo",
        "the same by migrate type; pageblocks by type",
    ),
    ("/proc/zoneinfo", "free pages and watermarks of each zone"),
    ("/proc/meminfo", "free memory and page cache"),
    (
        "/proc/PID/oom_score",
        "badness of a task, in 1/1000 of all memory",
    ),
    (
        "/proc/PID/oom_score_adj",
        "-1000 (immune) to 1000; can be written",
    ),
    (
        "/proc/sys/vm/min_free_kbytes",
        "the reserve, in KiB; can be written",
    ),
    (
        "/proc/sys/vm/compact_memory",
        "write 1: moves all that can be moved to one end",
    ),
    (
        "/proc/sys/vm/drop_caches",
        "write 1 or 3: drops clean page cache",
    ),
    ("/proc/sysrq-trigger", "write f: the OOM killer kills"),
    (
        "/sys/kernel/debug/extfrag/extfrag_index",
        "is a failure due to fragmentation?",
    ),
    (
        "/sys/kernel/debug/extfrag/unusable_index",
        "how much free memory is too small to use?",
    ),
];

/// The largest `min_free_kbytes`; what is more cannot be told from a zone that is always empty.
const MOST_KBYTES: u32 = 1 << 30;

fn missing(word: &str, path: &str) -> Fault {
    Fault::new(
        Errno::ENOENT,
        format!("bash: {word}: {path}: No such file or directory"),
    )
}

fn write_error() -> Fault {
    Fault::new(Errno::EINVAL, "bash: echo: write error: Invalid argument")
}

/// The number of a task, if a path is one of its files.
fn of_task(path: &str) -> Option<(u32, &str)> {
    let (pid, file) = path.strip_prefix("/proc/")?.split_once('/')?;
    Some((number(pid)?, file))
}

impl Console {
    pub(super) fn cat(&self, path: &str) -> Result<String, Fault> {
        let zones = self.machine.zones();
        let lines = || zones.iter().map(|(_, zone)| BuddyLine::of(0, zone));
        Ok(match path {
            "/proc/buddyinfo" => buddyinfo::print(&lines().collect::<Vec<_>>()),
            "/proc/pagetypeinfo" => {
                let zones: Vec<_> = zones.iter().map(|(_, zone)| *zone).collect();
                pagetypeinfo::print(&[PageTypes::of(0, &zones)])
            }
            "/proc/zoneinfo" => {
                let zones = zones.iter();
                let info: Vec<_> = zones
                    .map(|(start, zone)| ZoneInfo::of(0, u64::from(*start), zone))
                    .collect();
                zoneinfo::print(&info)
            }
            "/proc/meminfo" => self.meminfo(),
            "/proc/sys/vm/min_free_kbytes" => {
                let given = self.machine.setup().min_free_kbytes;
                let kbytes = given.unwrap_or_else(|| {
                    calculate_min_free_kbytes(u64::from(self.machine.managed()) * 4)
                });
                kbytes.to_string()
            }
            "/sys/kernel/debug/extfrag/extfrag_index" => {
                let index: Vec<_> = lines().map(|line| IndexLine::extfrag(&line)).collect();
                fragmentation::print_extfrag(&index)
            }
            "/sys/kernel/debug/extfrag/unusable_index" => {
                let index: Vec<_> = lines().map(|line| IndexLine::unusable(&line)).collect();
                fragmentation::print_unusable(&index)
            }
            "/proc/sys/vm/compact_memory" | "/proc/sys/vm/drop_caches" | "/proc/sysrq-trigger" => {
                let text = format!("bash: cat: {path}: Permission denied");
                return Err(Fault::new(Errno::EPERM, text));
            }
            _ => self.cat_task(path).ok_or_else(|| missing("cat", path))?,
        })
    }

    fn cat_task(&self, path: &str) -> Option<String> {
        let (pid, file) = of_task(path)?;
        let (_, task) = self.machine.tasks().find(|(other, _)| *other == pid)?;
        match file {
            "oom_score_adj" => Some(task.adj.to_string()),
            "oom_score" => {
                let all = self.machine.badness();
                let points = all.iter().find(|(other, _)| *other == pid)?.1;
                let total = i64::from(self.machine.managed().max(1));
                // Linux 6.12 fs/proc/base.c: proc_oom_score() prints two thirds of 1000 more than the share.
                Some(((1000 + points * 1000 / total) * 2 / 3).max(0).to_string())
            }
            _ => None,
        }
    }

    fn meminfo(&self) -> String {
        let zones = self.machine.zones();
        let cache: u32 = zones.iter().map(|(_, zone)| zone.nr_lru()).sum();
        let mut text = String::new();
        for (name, pages) in [
            ("MemTotal:", self.machine.managed()),
            ("MemFree:", self.machine.free_pages()),
            ("Cached:", cache),
        ] {
            let _ = writeln!(text, "{name:<15} {:>8} kB", u64::from(pages) * 4);
        }
        text
    }

    pub(super) fn echo(
        &mut self,
        value: &str,
        path: &str,
        report: &mut Report,
    ) -> Result<(), Fault> {
        match path {
            "/proc/sys/vm/compact_memory" => {
                // Any number but 1 is refused since Linux 5.13.
                if value != "1" {
                    return Err(write_error());
                }
                let moved = self.machine.compact(&mut report.events);
                report.output = format!("{moved} pages moved");
            }
            "/proc/sys/vm/drop_caches" => match value {
                "1" | "3" => {
                    let freed = self.machine.drop_caches(&mut report.events);
                    report.output = format!("{freed} pages dropped");
                }
                "2" => report.output += "0 pages dropped: there are no slabs here",
                _ => return Err(write_error()),
            },
            "/proc/sys/vm/min_free_kbytes" => {
                let kbytes = number(value).filter(|&kbytes| kbytes <= MOST_KBYTES);
                self.machine
                    .set_min_free_kbytes(kbytes.ok_or_else(write_error)?);
            }
            "/proc/sysrq-trigger" => {
                if value != "f" {
                    return Err(write_error());
                }
                let pid = self
                    .machine
                    .oom_kill(&mut report.events)
                    .map_err(|_| write_error())?;
                report.value = Some(pid);
                report.output = format!("Out of memory: Killed process {pid}");
            }
            _ => {
                let (pid, file) = of_task(path).ok_or_else(|| missing("echo", path))?;
                if file != "oom_score_adj" {
                    return Err(missing("echo", path));
                }
                let adj = value
                    .parse()
                    .ok()
                    .filter(|adj| (-1000..=1000).contains(adj));
                let adj = adj.ok_or_else(write_error)?;
                self.machine.set_adj(pid, adj).map_err(|error| {
                    let fault = Fault::refused("echo", &error);
                    if fault.errno == Errno::ESRCH {
                        missing("echo", path)
                    } else {
                        fault
                    }
                })?;
            }
        }
        Ok(())
    }
}
