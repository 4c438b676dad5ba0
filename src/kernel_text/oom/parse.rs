//! Reading the reports of refused requests and of the OOM killer.

use std::str::FromStr;

use super::super::show_mem::{self, without_stamp};
use super::super::words::{TextError, Words, numbered};
use super::{Choice, Failure, Invoked, Killed, Mask, Report, TASKS, Task};

/// Text between fixed texts: `order:3, mode:0x820(GFP_ATOMIC)`.
struct Scan<'a> {
    number: u32,
    rest: &'a str,
}

impl<'a> Scan<'a> {
    /// The text before `mark`, which there must be; goes on after it.
    fn until(&mut self, mark: &str) -> Result<&'a str, TextError> {
        let (text, rest) = self
            .rest
            .split_once(mark)
            .ok_or_else(|| TextError::word(self.number, self.rest, format!("{mark:?}")))?;
        self.rest = rest;
        Ok(text)
    }

    /// The number before `mark`; up to the end if there is no mark.
    fn number<T: FromStr>(&mut self, mark: &str, expected: &str) -> Result<T, TextError> {
        let text = if mark.is_empty() {
            std::mem::take(&mut self.rest)
        } else {
            self.until(mark)?
        };
        // `parse` would take a plus sign, which no kernel prints.
        let digits = !text.starts_with('+');
        text.parse()
            .ok()
            .filter(|_| digits)
            .ok_or_else(|| TextError::word(self.number, text, expected))
    }

    /// `0x820(GFP_ATOMIC)`, before `mark`.
    fn mask(&mut self, mark: &str) -> Result<Mask, TextError> {
        let expected = "flags, as in \"0x820(GFP_ATOMIC)\"";
        let text = self.until(mark)?;
        let mask = || {
            let (bits, names) = text.strip_suffix(')')?.split_once('(')?;
            let bits = match bits.strip_prefix("0x") {
                Some(bits) if !bits.starts_with('+') => u64::from_str_radix(bits, 16).ok()?,
                _ => (bits == "0").then_some(0)?,
            };
            let names = names.to_owned();
            Some(Mask { bits, names })
        };
        mask().ok_or_else(|| TextError::word(self.number, text, expected))
    }
}

/// The lines of a log with their numbers, without stamps.
fn lines(text: &str) -> impl Iterator<Item = Scan<'_>> {
    numbered(text).map(|(number, line)| Scan {
        number,
        rest: without_stamp(line),
    })
}

/// Reads the line of the first refused request of a log.
///
/// # Errors
///
/// At that line if it is not of its form; at the end if there is none.
pub fn failure(text: &str) -> Result<Failure, TextError> {
    const MARK: &str = ": page allocation failure: order:";
    let mut scan = lines(text)
        .find(|scan| scan.rest.contains(MARK))
        .ok_or_else(|| TextError::end(text, format!("a line with {MARK:?}")))?;
    Ok(Failure {
        comm: scan.until(MARK)?.to_owned(),
        order: scan.number(", mode:", "an order")?,
        mode: scan.mask(", nodemask=")?,
        nodemask: scan.until(",cpuset=")?.to_owned(),
        cpuset: scan.until(",mems_allowed=")?.to_owned(),
        mems_allowed: scan.rest.to_owned(),
    })
}

/// Reads the first report of the OOM killer of a log, up to the task it killed.
///
/// # Errors
///
/// At the first line of the report that is not of its form; at the end if there is no report, or none with the
/// state of memory.
pub fn report(text: &str) -> Result<Report, TextError> {
    const MARK: &str = " invoked oom-killer: gfp_mask=";
    let mut lines = lines(text);
    let mut scan = lines
        .find(|scan| scan.rest.contains(MARK))
        .ok_or_else(|| TextError::end(text, format!("a line with {MARK:?}")))?;
    let invoked = Invoked {
        comm: scan.until(MARK)?.to_owned(),
        mask: scan.mask(", order=")?,
        order: scan.number(", oom_score_adj=", "an order, or -1")?,
        oom_score_adj: scan.number("", "a number from -1000 to 1000")?,
    };
    let first = scan.number;
    let mut report = Report {
        invoked,
        mem: mem_from(text, first)?,
        tasks: Vec::new(),
        choice: None,
        killed: None,
    };
    let mut in_tasks = false;
    for scan in lines {
        if scan.rest.contains(MARK) {
            break;
        } else if scan.rest == TASKS {
            in_tasks = true;
        } else if let Some(rest) = scan.rest.strip_prefix("oom-kill:constraint=") {
            in_tasks = false;
            report.choice = Some(choice(Scan { rest, ..scan })?);
        } else if scan.rest.contains(": Killed process ") {
            report.killed = Some(killed(scan)?);
            break;
        } else if in_tasks && scan.rest.starts_with('[') && !scan.rest.starts_with("[  pid") {
            report.tasks.push(task(scan)?);
        }
    }
    Ok(report)
}

/// The state of memory that is logged after a line. Lines before it keep their place, so that an error names the
/// line of the whole text.
fn mem_from(text: &str, first: u32) -> Result<show_mem::ShowMem, TextError> {
    let skipped: usize = text
        .split_inclusive('\n')
        .take(first as usize)
        .map(str::len)
        .sum();
    show_mem::parse(&text[skipped..]).map_err(|mut error| {
        error.line = (error.line + first).min(lines(text).count() as u32);
        error
    })
}

fn task(scan: Scan<'_>) -> Result<Task, TextError> {
    let mut scan = scan;
    scan.until("[")?;
    let number = scan.number;
    let pid = scan.until("]")?.trim();
    let expected = "the number of a task, as in \"[    149]\"";
    let pid = pid
        .parse()
        .map_err(|_| TextError::word(number, pid, expected))?;
    let mut words = Words::new(number, scan.rest);
    let mut small = |expected: &str| {
        let word = words.next(expected)?;
        word.parse::<u32>().map_err(|_| words.wrong(word, expected))
    };
    let (uid, tgid) = (small("a user")?, small("a thread group")?);
    let mut pages = || words.number_of("a number of pages or bytes");
    let mut task = Task {
        pid,
        uid,
        tgid,
        total_vm: pages()?,
        rss: pages()?,
        rss_anon: pages()?,
        rss_file: pages()?,
        rss_shmem: pages()?,
        pgtables_bytes: pages()?,
        swapents: pages()?,
        ..Task::default()
    };
    let expected = "oom_score_adj, from -1000 to 1000: kernels before 6.8 print fewer columns";
    let word = words.next(expected)?;
    task.oom_score_adj = word.parse().map_err(|_| words.wrong(word, expected))?;
    words.rest().clone_into(&mut task.name);
    Ok(task)
}

fn choice(mut scan: Scan<'_>) -> Result<Choice, TextError> {
    let constraint = scan.until(",nodemask=")?.to_owned();
    let nodemask = scan.until(",cpuset=")?.to_owned();
    let cpuset = scan.until(",mems_allowed=")?.to_owned();
    // The nodes may be a list: what comes next begins with a letter.
    let (scope, mems_allowed) = {
        let text = scan.until(",task_memcg=")?;
        let expected = "nodes, then \"global_oom\" or \"oom_memcg=\" and a group";
        let at = text
            .find(",global_oom")
            .or_else(|| text.find(",oom_memcg="))
            .ok_or_else(|| TextError::word(scan.number, text, expected))?;
        (text[at + 1..].to_owned(), text[..at].to_owned())
    };
    let task_memcg = scan.until(",task=")?.to_owned();
    // A task may be called anything, even ",pid=1": the last ones are meant.
    let expected = "\",pid=\" and a number, \",uid=\" and a number";
    let tail = || {
        let (rest, uid) = scan.rest.rsplit_once(",uid=")?;
        let (task, pid) = rest.rsplit_once(",pid=")?;
        Some((task.to_owned(), pid.parse().ok()?, uid.parse().ok()?))
    };
    let (task, pid, uid) =
        tail().ok_or_else(|| TextError::word(scan.number, scan.rest, expected))?;
    Ok(Choice {
        constraint,
        nodemask,
        cpuset,
        mems_allowed,
        scope,
        task_memcg,
        task,
        pid,
        uid,
    })
}

fn killed(mut scan: Scan<'_>) -> Result<Killed, TextError> {
    let kb = "a number of kB";
    Ok(Killed {
        message: scan.until(": Killed process ")?.to_owned(),
        pid: scan.number(" (", "the number of a task")?,
        comm: scan.until(") total-vm:")?.to_owned(),
        total_vm: scan.number("kB, anon-rss:", kb)?,
        anon_rss: scan.number("kB, file-rss:", kb)?,
        file_rss: scan.number("kB, shmem-rss:", kb)?,
        shmem_rss: scan.number("kB, UID:", kb)?,
        uid: scan.number(" pgtables:", "a user")?,
        pgtables: scan.number("kB oom_score_adj:", kb)?,
        oom_score_adj: scan.number("", "a number from -1000 to 1000")?,
    })
}
