//! A trace at a glance: samples over its time, and what its tasks did, as text and as data.

use std::fmt::{self, Write as _};

use serde::Serialize;

use super::workload::{Replay, Task, Workload};
use crate::mm::NR_PAGE_ORDERS;

/// How many tasks are listed.
const TASKS: usize = 20;

/// The state of memory at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sample {
    /// Nanoseconds since the first event.
    pub after_ns: u64,
    /// Steps done.
    pub steps: u32,
    /// Free blocks of order 0, 1, ... 10.
    pub free_blocks: [u32; NR_PAGE_ORDERS],
    /// Free pages.
    pub free_pages: u32,
    /// Pages that tasks hold of what they were handed in the trace.
    pub held_pages: u64,
}

/// The states at `count` moments, equally far from each other: the last is the end. At least one.
pub fn samples(workload: &Workload, count: u32) -> Vec<Sample> {
    let mut replay = Replay::without_keyframes(workload);
    let count = count.max(1);
    (1..=count)
        .map(|at| {
            let span = u128::from(workload.duration());
            let after_ns = (span * u128::from(at) / u128::from(count)) as u64;
            replay.seek(workload.steps_until(after_ns));
            let now = replay.now();
            Sample {
                after_ns,
                steps: now.position(),
                free_blocks: now.memory.counts(),
                free_pages: now.memory.free_pages(),
                held_pages: now.held_pages(),
            }
        })
        .collect()
}

/// Figures as a row of small columns, the highest as high as can be; all low if there is nothing.
pub fn sparkline(figures: impl IntoIterator<Item = u64>) -> String {
    const COLUMNS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let figures: Vec<u64> = figures.into_iter().collect();
    let most = figures.iter().copied().max().unwrap_or(0).max(1);
    figures
        .into_iter()
        .map(|figure| {
            let height = u128::from(figure) * 7;
            // What is above nothing is seen to be.
            COLUMNS[height.div_ceil(u128::from(most)) as usize]
        })
        .collect()
}

/// What a trace comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary<'w> {
    workload: &'w Workload,
    samples: Vec<Sample>,
    /// The most pages that tasks held at a time of what they were handed, and after how many nanoseconds.
    pub peak: (u64, u64),
}

impl<'w> Summary<'w> {
    /// Replays the trace once, and takes so many samples of it.
    pub fn of(workload: &'w Workload, samples: u32) -> Self {
        let tasks = workload.tasks.len() as u32;
        let (mut held, mut peak) = (0_u64, (0, 0));
        for step in &workload.steps {
            let pages = 1 << step.order;
            if step.take {
                held += pages;
                if held > peak.0 {
                    peak = (held, step.time - workload.start);
                }
            } else if step.task < tasks {
                held -= pages;
            }
        }
        Self {
            workload,
            samples: self::samples(workload, samples),
            peak,
        }
    }

    /// The samples.
    pub fn samples(&self) -> &[Sample] {
        &self.samples
    }

    /// The tasks, those that were handed the most pages first.
    pub fn tasks(&self) -> Vec<&'w Task> {
        let mut tasks: Vec<&Task> = self.workload.tasks.iter().collect();
        tasks.sort_by(|a, b| {
            let key = |task: &Task| (std::cmp::Reverse(task.taken), task.pid);
            key(a).cmp(&key(b)).then_with(|| a.comm.cmp(&b.comm))
        });
        tasks
    }
}

/// `1.234567` seconds.
fn seconds(ns: u64) -> String {
    format!("{}.{:06}", ns / 1_000_000_000, ns / 1000 % 1_000_000)
}

impl fmt::Display for Summary<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let workload = self.workload;
        write!(f, "{}", workload.counts)?;
        let Some((first, last)) = workload.span() else {
            return Ok(());
        };
        writeln!(f)?;
        writeln!(f, "{} s of time", seconds(workload.duration()))?;
        writeln!(
            f,
            "frames {first:#x} to {last:#x}; {} pages in the pieces of 4 MiB that events name",
            workload.pages()
        )?;
        writeln!(
            f,
            "at most {} pages held of what was handed out, after {} s",
            self.peak.0,
            seconds(self.peak.1)
        )?;
        if !workload.extfrags.is_empty() {
            let count = workload.extfrags.len();
            writeln!(
                f,
                "{count} requests were served from memory of another type"
            )?;
        }
        self.over_time(f)?;
        self.table(f)
    }
}

impl Summary<'_> {
    fn over_time(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\nFree blocks of the pages that are known, over time")?;
        writeln!(f, "order      least       most  at the end")?;
        for order in (0..NR_PAGE_ORDERS).rev() {
            let counts = || self.samples.iter().map(|sample| sample.free_blocks[order]);
            let (least, most) = (counts().min().unwrap_or(0), counts().max().unwrap_or(0));
            let last = counts().next_back().unwrap_or(0);
            let line = sparkline(counts().map(u64::from));
            writeln!(f, "{order:>5} {least:>10} {most:>10} {last:>11}  {line}")?;
        }
        let free = sparkline(self.samples.iter().map(|sample| sample.free_pages.into()));
        let held = sparkline(self.samples.iter().map(|sample| sample.held_pages));
        writeln!(f, "{:<39}  {free}", "free pages")?;
        writeln!(f, "{:<39}  {held}", "pages held of what was handed out")
    }

    fn table(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tasks = self.tasks();
        writeln!(f, "\n{} tasks", tasks.len())?;
        writeln!(
            f,
            "{:<24} {:>9} {:>9} {:>9} {:>9} {:>9}",
            "task", "requests", "frees", "pages", "most held", "held"
        )?;
        for task in tasks.iter().take(TASKS) {
            let mut name = String::new();
            write!(name, "{}-{}", task.comm, task.pid)?;
            writeln!(
                f,
                "{name:<24} {:>9} {:>9} {:>9} {:>9} {:>9}",
                task.allocs, task.frees, task.taken, task.peak, task.held
            )?;
        }
        if tasks.len() > TASKS {
            writeln!(f, "... and {} more", tasks.len() - TASKS)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sparkline_shows_the_most_and_whether_there_is_anything() {
        assert_eq!(sparkline([0, 1, 50, 100]), "▁▂▅█");
        assert_eq!(sparkline([0, 0]), "▁▁");
        assert_eq!(sparkline([]), "");
        assert_eq!(sparkline([u64::MAX]), "█");
    }
}
