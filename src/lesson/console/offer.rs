//! What a line can go on with, for whoever taps instead of typing: each offer is the line as it would be then.

use super::table::{self, Kind};
use super::{Console, complete};
use crate::mm::Pfn;

/// Values that are worth writing to a file.
const VALUES: [&str; 5] = ["1", "0", "1000", "-1000", "500"];
/// Offers of one kind are at most so many.
const MOST: usize = 24;

/// A way for the line to go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// What is added, as a button says it.
    pub label: String,
    /// The line with it.
    pub line: String,
}

/// What the line can go on with, when only these calls and words are allowed; `frame` is one that is pointed at.
pub fn offers(console: &Console, line: &str, allow: &[String], frame: Option<Pfn>) -> Vec<Offer> {
    let line = line.trim_start();
    if let Some((name, call)) = line.split_once(" = ") {
        let mut all = offers(console, call, allow, frame);
        all.retain(|offer| {
            table::call(offer.label.trim_end_matches(['(', ')'])).is_some() || call.contains('(')
        });
        for offer in &mut all {
            offer.line = format!("{name} = {}", offer.line);
        }
        return all;
    }
    let mut all = match line.split_once('(') {
        Some(_) if line.trim_end().ends_with(')') => Vec::new(),
        Some((name, args)) => arguments(console, line, name, args, frame),
        None if line.contains(' ') => words(console, line, frame),
        None => names(line, allow),
    };
    all.truncate(MOST);
    all
}

fn offer(head: &str, label: impl Into<String>, end: &str) -> Offer {
    let label = label.into();
    Offer {
        line: format!("{head}{label}{end}"),
        label,
    }
}

fn names(line: &str, allow: &[String]) -> Vec<Offer> {
    let fits = allow.iter().filter(|name| name.starts_with(line));
    fits.map(|name| match table::call(name) {
        Some(row) if row.args.is_empty() => offer("", format!("{name}()"), ""),
        Some(_) => offer("", format!("{name}("), ""),
        None if name == "ps" => offer("", name, ""),
        None => offer("", name, " "),
    })
    .collect()
}

fn arguments(
    console: &Console,
    line: &str,
    name: &str,
    args: &str,
    frame: Option<Pfn>,
) -> Vec<Offer> {
    let Some(row) = table::call(name.rsplit(['=', ' ']).next().unwrap_or(name)) else {
        return Vec::new();
    };
    let at = args.matches(',').count();
    let Some(&(kind, what)) = row.args.get(at) else {
        return Vec::new();
    };
    let end = if at + 1 < row.args.len() { ", " } else { ")" };
    let typed = args.rsplit(',').next().unwrap_or(args).trim_start();
    let head = line.strip_suffix(typed).unwrap_or(line);
    // What is there already can be the whole of it.
    let closed = (!typed.is_empty()).then(|| offer(line, end.trim_end(), &end[1..]));
    let listed = |found: Vec<String>| -> Vec<Offer> {
        let fits = found.into_iter().filter(|word| word.starts_with(typed));
        fits.map(|word| offer(head, word, end)).collect()
    };
    let mut all = match kind {
        Kind::Gfp => {
            let (before, flag) = typed.rsplit_once('|').map_or(("", typed), |(a, b)| (a, b));
            let known = complete::FLAGS;
            if known.contains(&flag) {
                vec![offer(line, "|", "")]
            } else {
                let first = before.is_empty();
                let fits = known
                    .iter()
                    .filter(|word| word.starts_with(flag) && word.starts_with("GFP") == first);
                let head = line.strip_suffix(flag).unwrap_or(line);
                fits.map(|word| offer(head, *word, "")).collect()
            }
        }
        Kind::Number if what == "order" => listed((0..=10).map(|n| n.to_string()).collect()),
        Kind::Number if what == "vpn" => listed(mapped(console)),
        Kind::Number => (0..=9).map(|n| offer(line, n.to_string(), "")).collect(),
        Kind::Pfn => {
            let mut known: Vec<String> = frame.iter().map(|pfn| format!("{pfn:#x}")).collect();
            let variables = console.variables().filter(|(_, value)| value.is_some());
            known.extend(variables.map(|(name, _)| name.to_owned()));
            listed(known)
        }
        Kind::Text => listed(vec!["\"again\"".to_owned()]),
    };
    all.extend(closed.filter(|_| kind != Kind::Gfp || !all.iter().any(|o| o.label != "|")));
    all
}

/// Where the task that runs has mapped pages.
fn mapped(console: &Console) -> Vec<String> {
    let machine = console.machine();
    let Some(memory) = machine.tables() else {
        return Vec::new();
    };
    let mut all: Vec<_> = machine
        .blocks()
        .iter()
        .flat_map(|block| memory.mappings(block.pfn))
        .filter(|&(pid, _)| pid == machine.current())
        .map(|(_, vpn)| vpn)
        .collect();
    all.sort_unstable();
    all.dedup();
    all.iter().map(|vpn| format!("{vpn:#x}")).collect()
}

fn words(console: &Console, line: &str, frame: Option<Pfn>) -> Vec<Offer> {
    let (head, typed) = line.rsplit_once(' ').unwrap_or(("", line));
    let head = format!("{head} ");
    let before: Vec<&str> = head.split_whitespace().collect();
    let found: Vec<(String, &str)> = match before[..] {
        ["echo"] => VALUES.iter().map(|&v| (v.to_owned(), " ")).collect(),
        ["echo", _] => vec![(">".to_owned(), " ")],
        ["echo", .., ">"] => {
            let files = complete(console, &head, head.chars().count() as u32);
            let writable = |file: &String| {
                file.starts_with("/proc/sys/vm/") || file.ends_with("oom_score_adj")
            };
            let files = files.into_iter().filter(writable);
            files.map(|file| (file, "")).collect()
        }
        ["kill"] => vec![("-9".to_owned(), " ")],
        ["hexdump" | "inspect"] => frame
            .map(|pfn| (format!("{pfn:#x}"), ""))
            .into_iter()
            .collect(),
        _ => {
            let found = complete(console, &head, head.chars().count() as u32);
            found.into_iter().map(|word| (word, "")).collect()
        }
    };
    let fits = found
        .into_iter()
        .filter(|(word, _)| word.starts_with(typed) && word != typed);
    fits.map(|(word, end)| offer(&head, word, end)).collect()
}
