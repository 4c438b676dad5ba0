//! The OOM killer's choice in plain words.

use std::fmt::Write as _;

use super::super::report::{Killed, Report, Task};
use super::kib;

/// How many candidates are shown.
const SHOWN: usize = 5;

/// Whose memory was short, who was killed, and why that one.
pub(super) fn write(text: &mut String, report: &Report) {
    let oom = &report.oom;
    text.push_str("\nWho was killed\n");
    let short = match oom.constraint.as_deref() {
        Some("CONSTRAINT_NONE") => "all memory was short, so every task was a candidate",
        Some("CONSTRAINT_CPUSET") => {
            "the nodes of a cpuset were short: tasks that may use them were candidates"
        }
        Some("CONSTRAINT_MEMORY_POLICY") => {
            "the nodes of a memory policy were short: tasks that may use them were candidates"
        }
        Some("CONSTRAINT_MEMCG") => {
            "a control group was at its limit: only its tasks were candidates"
        }
        _ if oom.memcg.is_some() => {
            "a control group was at its limit: only its tasks were candidates"
        }
        _ => "the log does not name a constraint: kernels before 5.0 do not",
    };
    match &oom.constraint {
        Some(constraint) => {
            let _ = writeln!(text, "  {constraint}: {short}.");
        }
        None => {
            let _ = writeln!(text, "  Constraint: {short}.");
        }
    }
    if oom.killed.is_empty() {
        text.push_str("  The report does not say who was killed.\n");
    }
    let total = total_pages(report);
    for killed in &oom.killed {
        victim(text, report, killed, total);
    }
    candidates(text, report, total);
}

/// All memory and swap, in pages: what `oom_score_adj` is a part of. Of a control group it is the limit.
fn total_pages(report: &Report) -> Option<u64> {
    if report.is_memcg() {
        return report.oom.usage.map(|(_, limit)| limit / report.page_kb);
    }
    let ram = report.ram?.saturating_sub(report.reserved.unwrap_or(0));
    Some(ram.saturating_add(report.swap_kb.unwrap_or(0) / report.page_kb))
}

fn victim(text: &mut String, report: &Report, killed: &Killed, total: Option<u64>) {
    let Killed { pid, name, .. } = killed;
    let _ = write!(text, "  {name} (pid {pid}) was killed");
    let parts = [
        ("anonymous", killed.anon),
        ("mapped files", killed.file),
        ("shared", killed.shmem),
        ("page tables", killed.pgtables),
    ];
    let parts: Vec<String> = parts
        .into_iter()
        .filter_map(|(what, kb)| Some((what, kb.filter(|&kb| kb > 0)?)))
        .map(|(what, kb)| format!("{what} {}", kib(kb.into())))
        .collect();
    if !parts.is_empty() {
        let _ = write!(text, ": it held {}", parts.join(", "));
    }
    text.push_str(".\n");
    let task = report.oom.tasks.iter().find(|task| task.pid == *pid);
    let adj = killed.oom_score_adj.or(task.map(|task| task.oom_score_adj));
    if let Some(score) = report.oom.score {
        let _ = writeln!(
            text,
            "  The kernel gave it {score} points, thousandths of what memory and swap there is."
        );
    }
    if let (Some(task), Some(total)) = (task, total)
        && let Some(points) = task.badness(total)
    {
        let _ = writeln!(
            text,
            "  Its badness is {points} pages: {} in memory + {} in swap + {} of page tables + oom_score_adj {} x {}.",
            task.rss,
            task.swapents,
            task.pgtables,
            task.oom_score_adj,
            total / 1000
        );
    } else if let (Some(anon), Some(total)) = (killed.anon, total) {
        let held = [Some(anon), killed.file, killed.shmem, killed.pgtables];
        let kb = held.into_iter().flatten().fold(0, u64::saturating_add);
        let pages = kb / report.page_kb;
        let adj = adj.unwrap_or(0);
        let points = i128::from(pages) + i128::from(adj) * i128::from(total / 1000);
        let _ = writeln!(
            text,
            "  Its badness is about {points} pages: {pages} held + oom_score_adj {adj} x {}; the log lists no tasks to compare with.",
            total / 1000
        );
    }
}

/// The tasks with the highest badness, if there is a table.
fn candidates(text: &mut String, report: &Report, total: Option<u64>) {
    let Some(total) = total.filter(|_| !report.oom.tasks.is_empty()) else {
        return;
    };
    let mut ranked: Vec<(i128, &Task)> = report
        .oom
        .tasks
        .iter()
        .filter_map(|task| Some((task.badness(total)?, task)))
        .collect();
    ranked.sort_by_key(|&(points, task)| (std::cmp::Reverse(points), task.pid));
    let immune = report.oom.tasks.len() - ranked.len();
    let more = report.oom.more_tasks;
    let listed = report.oom.tasks.len() as u64 + more;
    let _ = writeln!(
        text,
        "  Of {listed} tasks listed, the worst ({immune} must not be killed):"
    );
    for (points, task) in ranked.iter().take(SHOWN) {
        let killed = report
            .oom
            .killed
            .iter()
            .any(|killed| killed.pid == task.pid);
        let mark = if killed { "  <- killed" } else { "" };
        let _ = writeln!(
            text,
            "    {points:>12} pages  {} (pid {}){mark}",
            task.name, task.pid
        );
    }
    let first = report.oom.killed.first();
    let place = first.and_then(|killed| ranked.iter().position(|(_, task)| task.pid == killed.pid));
    if place.is_some_and(|place| place > 0) {
        text.push_str(
            "  Not the first of them: a child of its may have been taken, or its figures changed meanwhile.\n",
        );
    }
}
