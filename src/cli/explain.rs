//! `labyrinth explain`: why a kernel had no memory.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use super::CliError;
use super::args::ExplainArgs;
use super::line::{one_of, shown, word};
use crate::explain::{self, Kind, Log, Reader, Report};
use crate::kernel_text::BuddyLine;
use crate::unpack::Lines;

/// Reads the log and explains what it reports.
pub(super) fn run(args: &ExplainArgs) -> Result<(), CliError> {
    let mut lines = Lines::open(&args.file)?;
    let mut reader = Reader::new();
    while let Some(line) = lines.next()? {
        reader.line(line);
    }
    let log = reader.finish();
    let name = &lines.name;
    expect_reports(&log, name)?;
    let chosen = choose(&log, args, name)?;
    let mut out = BufWriter::new(io::stdout().lock());
    if args.buddyinfo {
        let (_, report) = chosen[0];
        let zones = buddyinfo(report);
        let wanted = |line: &&BuddyLine| args.zone.as_ref().is_none_or(|zone| line.zone == *zone);
        let zones: Vec<BuddyLine> = zones.iter().filter(wanted).cloned().collect();
        if zones.is_empty() {
            return Err(CliError::Input(format!(
                "{name}: line {}: found a report without free lists, expected lines like \"Node 0 Normal: 8*4kB (UE) ...\"",
                report.line
            )));
        }
        out.write_all(crate::kernel_text::buddyinfo::print(&zones).as_bytes())?;
    } else {
        for (at, &(number, report)) in chosen.iter().enumerate() {
            if at > 0 {
                writeln!(out)?;
            }
            tell(&mut out, &log, number, report, args)?;
        }
        remarks(&mut out, &log)?;
    }
    out.flush()?;
    Ok(())
}

/// A log without one readable report is an error, which names the first line that looked like one.
fn expect_reports(log: &Log, name: &str) -> Result<(), CliError> {
    if !log.reports.is_empty() {
        return Ok(());
    }
    Err(CliError::Input(match log.unread.first() {
        Some((line, expected)) => {
            format!("{name}: line {line}: found a report that cannot be read, expected {expected}")
        }
        None => format!(
            "{name}: line {}: found the end of the text, expected a line with \"page allocation failure\" or \"invoked oom-killer\"",
            log.lines.max(1)
        ),
    }))
}

/// The reports that are asked for, with their numbers.
fn choose<'l>(
    log: &'l Log,
    args: &ExplainArgs,
    name: &str,
) -> Result<Vec<(usize, &'l Report)>, CliError> {
    let mut chosen: Vec<(usize, &Report)> = (1..).zip(&log.reports).collect();
    if let Some(number) = args.report {
        chosen.retain(|&(at, _)| at == number as usize);
    } else if args.buddyinfo {
        // The first that has any.
        let first = chosen
            .iter()
            .position(|(_, report)| report.zones.iter().any(|zone| zone.lists.is_some()));
        chosen = vec![chosen[first.unwrap_or(0)]];
    }
    if chosen.is_empty() {
        let reports = log.reports.len();
        return Err(CliError::Input(format!(
            "{name}: found {reports} reports, expected --report to be a number from 1 to {reports}"
        )));
    }
    if let Some(zone) = &args.zone {
        let has = |report: &Report| report.zones.iter().any(|found| found.name == *zone);
        if !chosen.iter().any(|(_, report)| has(report)) {
            let names = chosen.iter().flat_map(|(_, report)| &report.zones);
            return Err(CliError::Input(format!(
                "{name}: --zone: no zone of the report is called \"{}\", {}",
                shown(zone),
                one_of(names.map(|zone| &zone.name))
            )));
        }
        chosen.retain(|(_, report)| has(report));
    }
    Ok(chosen)
}

/// The zones' free blocks as lines of `/proc/buddyinfo`.
pub(super) fn buddyinfo(report: &Report) -> Vec<BuddyLine> {
    let zones = report.zones.iter();
    zones
        .filter_map(|zone| {
            Some(BuddyLine {
                node: zone.node,
                zone: zone.name.clone(),
                free: zone.lists.as_ref()?.buddyinfo(),
            })
        })
        .collect()
}

fn tell(
    out: &mut impl Write,
    log: &Log,
    number: usize,
    report: &Report,
    args: &ExplainArgs,
) -> io::Result<()> {
    let what = match report.kind {
        Kind::Failure => "a request that failed",
        Kind::Stall => "a request that waited",
        Kind::Oom => "the OOM killer",
    };
    let (of, line) = (log.reports.len(), report.line);
    writeln!(out, "Report {number} of {of}, line {line}: {what}\n")?;
    write!(out, "{}", explain::explanation(report))?;
    play(out, number, report, args)
}

/// The commands that open a zone of the report as a labyrinth: the one asked for, or the one to blame.
fn play(
    out: &mut impl Write,
    number: usize,
    report: &Report,
    args: &ExplainArgs,
) -> io::Result<()> {
    let verdicts = explain::verdicts(report);
    let has_lists = |zone: &&explain::Zone| zone.lists.is_some();
    let zone = match &args.zone {
        Some(name) => report
            .zones
            .iter()
            .filter(|zone| zone.name == *name)
            .find(has_lists),
        None => explain::main(&verdicts)
            .map(|verdict| verdict.zone)
            .filter(has_lists)
            .or_else(|| report.zones.iter().rfind(has_lists)),
    };
    let Some(zone) = zone else { return Ok(()) };
    let (node, name) = (zone.node, &zone.name);
    writeln!(out, "\nTo play in this zone")?;
    let direct = number == 1 && args.file != Path::new("-");
    let file = if direct {
        word(&args.file.display().to_string())
    } else {
        let from = word(&args.file.display().to_string());
        writeln!(
            out,
            "  labyrinth explain {from} --report {number} --buddyinfo > zones.txt"
        )?;
        "zones.txt".into()
    };
    writeln!(
        out,
        "  labyrinth --buddyinfo {file} --buddyinfo-node {node} --buddyinfo-zone {name}"
    )?;
    writeln!(
        out,
        "  labyrinth raid --bot careful --seed 1 --buddyinfo {file} --buddyinfo-node {node} --buddyinfo-zone {name}"
    )
}

/// What became of every line, and what was not explained.
fn remarks(out: &mut impl Write, log: &Log) -> io::Result<()> {
    let outside = log.lines - log.used - log.beside;
    writeln!(
        out,
        "\n{} lines read: {} used, {} beside them in a report (call traces, other messages), {outside} outside of every report",
        log.lines, log.used, log.beside
    )?;
    for (line, expected) in &log.unread {
        writeln!(
            out,
            "\nline {line}: a report that cannot be read, expected {expected}"
        )?;
    }
    if log.more > 0 {
        writeln!(
            out,
            "\n{} more reports follow; the first {} are explained.",
            log.more,
            log.reports.len()
        )?;
    }
    Ok(())
}
