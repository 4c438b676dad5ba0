//! `labyrinth trace`: what a kernel's trace of the page allocator comes to.

use std::fmt::Write as _;
use std::io::{self, BufWriter, Write};

use serde::Serialize;

use super::args::TraceArgs;
use super::{CliError, line};
use crate::kernel_text::buddyinfo;
use crate::mm::NR_PAGE_ORDERS;
use crate::storage::Target;
use crate::trace::{Moment, Reader, Replay, Sample, Summary, Workload};
use crate::unpack::Lines;

/// How many tasks are listed at a moment.
const TASKS: usize = 10;

/// Reads the trace and prints what is asked for.
pub(super) fn run(args: &TraceArgs) -> Result<(), CliError> {
    let mut csv = args.csv.as_deref().map(Target::open).transpose()?;
    let mut json = args.json.as_deref().map(Target::open).transpose()?;
    let mut lines = Lines::open(&args.file)?;
    let mut reader = Reader::new();
    while let Some(line) = lines.next()? {
        reader.line(line);
    }
    let workload = reader.finish();
    expect_events(&workload, &lines.name)?;
    if let Some(at) = args.at.filter(|&at| at > workload.duration()) {
        return Err(CliError::Input(format!(
            "{}: --at {}: found a trace of {} s, expected a time in it",
            lines.name,
            seconds(at),
            seconds(workload.duration())
        )));
    }
    let mut out = BufWriter::new(io::stdout().lock());
    if args.buddyinfo {
        let moment = moment(&workload, args.at.unwrap_or(0));
        out.write_all(buddyinfo::print(&[moment.buddy_line()]).as_bytes())?;
        out.flush()?;
        return Ok(());
    }
    let summary = Summary::of(&workload, args.samples);
    if let Some(file) = &mut csv {
        file.save(&as_csv(summary.samples()))?;
    }
    if let Some(file) = &mut json {
        file.save(&as_json(&summary, &workload)?)?;
    }
    match args.at {
        None => write!(out, "{summary}")?,
        Some(at) => tell(&mut out, &workload, at, args)?,
    }
    out.flush()?;
    Ok(())
}

/// A text without one event that could be used is an error.
fn expect_events(workload: &Workload, name: &str) -> Result<(), CliError> {
    let counts = &workload.counts;
    if counts.used() > 0 {
        return Ok(());
    }
    Err(CliError::Input(match counts.problems.first() {
        Some((line, expected)) => {
            format!("{name}: line {line}: found an event that cannot be read, expected {expected}")
        }
        None => format!(
            "{name}: line {}: found the end of the text, expected events as mm_page_alloc and mm_page_free",
            counts.lines.max(1)
        ),
    }))
}

/// The state of memory so long after the start.
fn moment(workload: &Workload, after: u64) -> Moment {
    let mut replay = Replay::without_keyframes(workload);
    replay.seek(workload.steps_until(after));
    replay.now().clone()
}

fn tell(out: &mut impl Write, workload: &Workload, at: u64, args: &TraceArgs) -> io::Result<()> {
    let moment = moment(workload, at);
    let when = seconds(at);
    writeln!(
        out,
        "After {when} of {} s, {} of {} steps",
        seconds(workload.duration()),
        moment.position(),
        workload.steps.len()
    )?;
    let free = moment.memory.free_pages();
    writeln!(out, "{free} pages are known to be free:")?;
    write!(out, "{}", buddyinfo::print(&[moment.buddy_line()]))?;
    writeln!(
        out,
        "{} pages are held of what was handed out since the start:",
        moment.held_pages()
    )?;
    let mut holders: Vec<(u32, usize)> = moment.held.iter().copied().zip(0..).collect();
    holders.retain(|&(held, _)| held > 0);
    holders.sort_by_key(|&(held, task)| (std::cmp::Reverse(held), task));
    for &(held, task) in holders.iter().take(TASKS) {
        let task = &workload.tasks[task];
        let name = line::shown(&format!("{}-{}", task.comm, task.pid));
        writeln!(out, "  {held:>9} {name}")?;
    }
    if holders.len() > TASKS {
        writeln!(out, "  ... and {} more tasks", holders.len() - TASKS)?;
    }
    let file = line::word(&args.file.display().to_string());
    writeln!(out, "\nTo play from here")?;
    writeln!(
        out,
        "  labyrinth trace {file} --at {when} --buddyinfo > zone.txt"
    )?;
    writeln!(out, "  labyrinth --buddyinfo zone.txt")
}

/// `1.234567890`, without zeros at the end.
fn seconds(ns: u64) -> String {
    let text = format!("{}.{:09}", ns / 1_000_000_000, ns % 1_000_000_000);
    let text = text.trim_end_matches('0');
    text.strip_suffix('.').unwrap_or(text).to_owned()
}

fn as_csv(samples: &[Sample]) -> String {
    let orders: Vec<String> = (0..NR_PAGE_ORDERS).map(|at| format!("free_{at}")).collect();
    let mut text = format!(
        "after_ns,steps,free_pages,held_pages,{}\n",
        orders.join(",")
    );
    for sample in samples {
        let Sample {
            after_ns,
            steps,
            free_pages,
            held_pages,
            free_blocks,
        } = sample;
        let blocks: Vec<String> = free_blocks.iter().map(u32::to_string).collect();
        let row = blocks.join(",");
        let _ = writeln!(text, "{after_ns},{steps},{free_pages},{held_pages},{row}");
    }
    text
}

/// A trace as data.
#[derive(Serialize)]
struct Json<'w> {
    lines: u64,
    used: u64,
    skipped: Vec<(String, u64)>,
    lost_events: u64,
    duration_ns: u64,
    pages: u32,
    peak_held_pages: u64,
    samples: &'w [Sample],
    tasks: Vec<JsonTask<'w>>,
}

#[derive(Serialize)]
struct JsonTask<'w> {
    comm: &'w str,
    pid: u32,
    requests: u64,
    frees: u64,
    pages: u64,
    most_held: u64,
    held: u64,
}

fn as_json(summary: &Summary<'_>, workload: &Workload) -> Result<String, CliError> {
    let counts = &workload.counts;
    let tasks = summary.tasks().into_iter().map(|task| JsonTask {
        comm: &task.comm,
        pid: task.pid,
        requests: task.allocs,
        frees: task.frees,
        pages: task.taken,
        most_held: task.peak,
        held: task.held,
    });
    let json = Json {
        lines: counts.lines,
        used: counts.used(),
        skipped: counts.reasons(),
        lost_events: counts.lost_events,
        duration_ns: workload.duration(),
        pages: workload.pages(),
        peak_held_pages: summary.peak.0,
        samples: summary.samples(),
        tasks: tasks.collect(),
    };
    let mut text = serde_json::to_string(&json).map_err(io::Error::other)?;
    text.push('\n');
    Ok(text)
}
