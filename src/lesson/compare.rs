//! One script on several machines side by side: fragmentation over time, as figures to plot.

use std::fmt::Write as _;

use serde::Serialize;

use super::console::{Effect, Form};
use super::machine::{Policy, Setup, SetupError};
use super::timeline::{MAX_CALLS, Timeline};
use crate::mm::NR_PAGE_ORDERS;

/// The state after one line of a script. Figures are those of the zone with most pages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sample {
    /// The line's number in the script, counted from 1.
    pub line: u32,
    /// Free pages.
    pub free: u32,
    /// Order of the largest free block; none if nothing is free.
    pub largest: Option<u8>,
    /// Requests that failed so far.
    pub failed: u32,
    /// Fragmentation index by order, in 1/1000; -1000 if a block is there.
    pub extfrag: [i32; NR_PAGE_ORDERS],
    /// Unusable free space index by order, in 1/1000.
    pub unusable: [i32; NR_PAGE_ORDERS],
}

/// What one machine made of the script.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Series {
    /// What tells the machine from the others.
    pub name: String,
    /// A sample for each line that was a call.
    pub samples: Vec<Sample>,
    /// Lines that were refused, by number, with what was said: bad addresses, unknown words.
    pub refused: Vec<(u32, String)>,
}

/// The name of a machine for a plot: what it may differ in.
pub fn name_of(setup: &Setup) -> String {
    format!(
        "{} pageblock_order={} pcp={}",
        setup.policy.name(),
        setup.pageblock_order,
        if setup.cpus > 0 { "on" } else { "off" }
    )
}

/// The machines that are compared where nobody chose others.
pub const USUAL: [&str; 5] = ["lifo", "fifo", "lowest", "pcp", "pageblock=3"];

/// The machine of a short name: `lifo`, `fifo`, `lowest`, `pcp`, or `pageblock=ORDER`.
pub fn named(name: &str) -> Option<Setup> {
    let mut setup = Setup::default();
    if let Some(policy) = Policy::ALL.into_iter().find(|policy| policy.name() == name) {
        setup.policy = policy;
    } else if name == "pcp" {
        setup.cpus = 1;
    } else {
        setup.pageblock_order = name.strip_prefix("pageblock=")?.parse().ok()?;
    }
    Some(setup)
}

/// The calls of a sandbox as a file: its figures after each call, or the calls themselves.
pub fn export(timeline: &Timeline, form: Form) -> String {
    let script = timeline.script();
    let figures = || compare(&script, &[timeline.first().clone()]).unwrap_or_default();
    match form {
        Form::Csv => csv(&figures()),
        // A list of plain figures and names is always JSON.
        Form::Json => serde_json::to_string_pretty(&figures()).unwrap_or_default() + "\n",
        Form::Sandbox => script,
    }
}

/// Runs a script on each machine. Settings that the script makes itself come on top.
///
/// # Errors
///
/// A [`SetupError`] if there is no such machine.
pub fn compare(script: &str, setups: &[Setup]) -> Result<Vec<Series>, SetupError> {
    setups.iter().map(|setup| run(script, setup)).collect()
}

fn run(script: &str, setup: &Setup) -> Result<Series, SetupError> {
    let mut machine = Timeline::new(setup.clone())?;
    let mut series = Series {
        name: name_of(setup),
        samples: Vec::new(),
        refused: Vec::new(),
    };
    let mut failed = 0;
    for (line, text) in (1_u32..).zip(script.lines()).take(MAX_CALLS as usize) {
        let report = machine.run(text);
        if let Some(fault) = &report.fault {
            if report.request.is_some() {
                failed += 1;
            } else {
                series.refused.push((line, fault.text.replace('\n', "; ")));
            }
        }
        for effect in &report.effects {
            let word = match effect {
                Effect::Load(_) => "load",
                Effect::Save(_) => "save",
                Effect::Export(..) => "export",
                Effect::Link => "link",
                _ => "define",
            };
            series
                .refused
                .push((line, format!("{word}: not in a comparison")));
        }
        if !report.changed {
            continue;
        }
        let console = machine.now();
        let zones = console.machine().zones();
        let Some((_, zone)) = zones.iter().max_by_key(|(_, zone)| zone.pages()) else {
            continue;
        };
        let mut sample = Sample {
            line,
            free: zone.nr_free_pages(),
            largest: zone.largest_free_order(),
            failed,
            extfrag: [0; NR_PAGE_ORDERS],
            unusable: [0; NR_PAGE_ORDERS],
        };
        for order in 0..NR_PAGE_ORDERS as u8 {
            sample.extfrag[usize::from(order)] = zone.extfrag_index(order);
            sample.unusable[usize::from(order)] = zone.unusable_index(order);
        }
        series.samples.push(sample);
    }
    Ok(series)
}

/// The samples as comma-separated values: a row a machine and line, indices of orders 0 to 10 in columns.
pub fn csv(all: &[Series]) -> String {
    let mut text = "machine,line,free,largest,failed".to_owned();
    for kind in ["extfrag", "unusable"] {
        for order in 0..NR_PAGE_ORDERS {
            let _ = write!(text, ",{kind}_{order}");
        }
    }
    text += "\n";
    for series in all {
        for sample in &series.samples {
            let largest = sample
                .largest
                .map_or_else(String::new, |order| order.to_string());
            let _ = write!(
                text,
                "{},{},{},{largest},{}",
                series.name, sample.line, sample.free, sample.failed
            );
            for index in sample.extfrag.iter().chain(&sample.unusable) {
                let _ = write!(text, ",{index}");
            }
            text += "\n";
        }
    }
    text
}
