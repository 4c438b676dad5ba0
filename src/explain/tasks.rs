//! The lines of the OOM killer: the table of tasks, whose limit it was, and who was killed.

use super::line::Line;
use super::report::{Killed, Oom, Task};

/// Most killed tasks of one report: several threads groups may share a victim's memory.
const MOST_KILLED: usize = 64;

/// The columns of the table of tasks; they differ between kernels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Columns(Vec<String>);

impl Columns {
    /// Reads the head of the table: `[ pid ]   uid  tgid total_vm      rss ... name`.
    pub(super) fn read(text: &str) -> Option<Self> {
        let (pid, rest) = text.strip_prefix('[')?.split_once(']')?;
        let names: Vec<String> = rest.split_whitespace().map(str::to_owned).collect();
        let is_head = pid.trim() == "pid"
            && names.last().is_some_and(|name| name == "name")
            && names.iter().any(|name| name == "rss")
            && names.len() <= 20;
        is_head.then_some(Self(names))
    }

    /// Numbers before the name.
    pub(super) fn count(&self) -> usize {
        self.0.len() - 1
    }

    /// A row of the table.
    pub(super) fn row(&self, text: &str, page_kb: u64) -> Option<Task> {
        let (pid, mut rest) = text.strip_prefix('[')?.split_once(']')?;
        let mut task = Task {
            pid: pid.trim().parse().ok()?,
            ..Task::default()
        };
        for column in &self.0[..self.count()] {
            rest = rest.trim_start();
            let end = rest.find(char::is_whitespace)?;
            let (word, after) = rest.split_at(end);
            rest = after;
            let number: i64 = word.parse().ok()?;
            let amount = number.unsigned_abs();
            match column.as_str() {
                "rss" => task.rss = amount,
                "swapents" => task.swapents = amount,
                // Tables are a page each.
                "nr_ptes" | "nr_pmds" | "nr_puds" => {
                    task.pgtables = task.pgtables.saturating_add(amount);
                }
                "pgtables_bytes" => task.pgtables = amount / (page_kb << 10),
                "oom_score_adj" => task.oom_score_adj = number,
                _ => {}
            }
        }
        task.name = rest.trim().chars().take(64).collect();
        (!task.name.is_empty()).then_some(task)
    }
}

impl Task {
    /// How much killing this task would give, as the OOM killer counts: pages in memory, swapped out and of page
    /// tables, plus `oom_score_adj` thousandths of all memory. None for a task that must not be killed.
    ///
    /// Linux 6.12 `mm/oom_kill.c`: `oom_badness()`.
    pub fn badness(&self, total_pages: u64) -> Option<i128> {
        let held = [self.rss, self.swapents, self.pgtables];
        let held: i128 = held.into_iter().map(i128::from).sum();
        (self.oom_score_adj != -1000)
            .then(|| held + i128::from(self.oom_score_adj) * i128::from(total_pages / 1000))
    }
}

impl Oom {
    /// Takes a line of the report, if it is one of the OOM killer's: true then. Kernels before 5.0 name the nodes elsewhere.
    pub(super) fn line(&mut self, line: &Line<'_>, mems_allowed: &mut Option<String>) -> bool {
        let text = line.text;
        if let Some(rest) = text.strip_prefix("oom-kill:constraint=") {
            self.choice(rest);
        } else if let Some((_, rest)) = text.split_once(" killed as a result of limit of ") {
            self.memcg = Some(rest.chars().take(200).collect());
        } else if text.starts_with("Task in ") {
            // Before 4.19 the second half came in a line of its own on some kernels.
        } else if let Some(rest) = text.strip_prefix("memory: usage ") {
            self.usage = (|| {
                let (usage, rest) = rest.split_once("kB, limit ")?;
                let (limit, _) = rest.split_once("kB")?;
                Some((usage.parse().ok()?, limit.parse().ok()?))
            })();
        } else if let Some((what, rest)) = text.split_once("Killed process ") {
            if what.contains("emory cgroup") && self.memcg.is_none() {
                self.memcg = Some("a control group".into());
            }
            self.kill(line.number, rest);
        } else if let Some((what, rest)) = text.split_once(": Kill process ") {
            // Before 5.0: "Kill process 12 (name) score 900 or sacrifice child", then "Killed process ...".
            if what.contains("emory cgroup") && self.memcg.is_none() {
                self.memcg = Some("a control group".into());
            }
            self.score = rest
                .split_once(") score ")
                .and_then(|(_, rest)| rest.split_whitespace().next())
                .and_then(|score| score.parse().ok());
        } else if mems_allowed.is_none()
            && let Some((_, nodes)) = text.split_once(" mems_allowed=")
        {
            // "bash cpuset=/ mems_allowed=0"
            let nodes: String = nodes
                .chars()
                .take_while(|c| c.is_ascii_digit() || ",-".contains(*c))
                .take(200)
                .collect();
            *mems_allowed = (!nodes.is_empty()).then_some(nodes);
        } else {
            return false;
        }
        true
    }

    fn choice(&mut self, rest: &str) {
        let constraint = rest.split(',').next().unwrap_or_default();
        self.constraint = Some(constraint.chars().take(64).collect());
        if let Some((_, group)) = rest.split_once(",oom_memcg=") {
            let end = group
                .find(",task_memcg=")
                .or_else(|| group.find(",task="))
                .unwrap_or(group.len());
            self.memcg = Some(group[..end].chars().take(200).collect());
        }
    }

    /// `1780 (peerbench) total-vm:25203304kB, anon-rss:23605208kB, ...`.
    fn kill(&mut self, line: u64, rest: &str) {
        let read = || {
            let (pid, rest) = rest.split_once(' ')?;
            let pid = pid.trim_end_matches(',').parse().ok()?;
            // 3.x and later: name in parentheses; it may have some itself.
            let rest = rest
                .trim_start()
                .strip_prefix("UID ")
                .and_then(|rest| rest.split_once(", "))
                .map_or(rest, |(_, rest)| rest);
            let (name, rest) = match rest.trim_start().strip_prefix('(') {
                Some(rest) => rest
                    .rsplit_once(") total-vm:")
                    .or_else(|| rest.rsplit_once("), total-vm:"))
                    .or_else(|| rest.rsplit_once(") "))
                    .or_else(|| rest.rsplit_once(')'))?,
                None => return None,
            };
            Some((pid, name, rest))
        };
        let Some((pid, name, rest)) = read() else {
            return;
        };
        if self.killed.len() >= MOST_KILLED || self.killed.iter().any(|task| task.pid == pid) {
            return;
        }
        let field = |mark: &str| {
            let (_, text) = rest.split_once(mark)?;
            let end = text
                .find(|c: char| !(c.is_ascii_digit() || c == '-'))
                .unwrap_or(text.len());
            text[..end].parse::<i64>().ok()
        };
        let kb = |mark: &str| field(mark).map(i64::unsigned_abs);
        self.killed.push(Killed {
            line,
            pid,
            name: name.chars().take(64).collect(),
            anon: kb("anon-rss:"),
            file: kb("file-rss:"),
            shmem: kb("shmem-rss:"),
            pgtables: kb("pgtables:"),
            oom_score_adj: field("oom_score_adj:"),
        });
    }
}
