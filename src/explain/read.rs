//! Reading a kernel log line by line, and finding the reports in it.

use super::flags::Flags;
use super::line::Line;
use super::report::{Kind, Lists, Oom, Report, Zone};
use super::tasks::Columns;
use super::zone_lines::{self, Found};

/// Most reports that are kept; a log in trouble repeats itself.
pub const MOST_REPORTS: usize = 200;

/// How many reports may be told at the same time, by several CPUs.
const MOST_OPEN: usize = 8;

/// Most zones of a report.
const MOST_ZONES: usize = 512;

/// Most tasks of a report that are kept.
const MOST_TASKS: usize = 20_000;

/// What was found in a log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Log {
    /// The reports, by their first lines.
    pub reports: Vec<Report>,
    /// Reports beyond those that are kept.
    pub more: u64,
    /// Lines read.
    pub lines: u64,
    /// Lines of them that a report was read from.
    pub used: u64,
    /// Lines within a report that say nothing of memory: registers, call traces, what others logged.
    pub beside: u64,
    /// First lines of reports that could not be read, with what was expected; the first few.
    pub unread: Vec<(u64, String)>,
}

/// Reads a log, a line at a time; what it keeps is bounded, however long the log.
#[derive(Debug, Default)]
pub struct Reader {
    log: Log,
    open: Vec<Open>,
    /// Which of them the last line belonged to.
    last: usize,
}

/// A report that is being told.
#[derive(Debug)]
struct Open {
    report: Report,
    caller: Option<String>,
    at: At,
    columns: Option<Columns>,
}

/// What the line before was, where the next may go on with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    Nothing,
    Zone(usize),
    Reserve(usize),
    Lists(usize),
}

impl Reader {
    /// Nothing read yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The next line.
    pub fn line(&mut self, text: &str) {
        self.log.lines += 1;
        let line = Line::new(self.log.lines, text);
        if line.text.is_empty() {
            return;
        }
        match header(&line) {
            Some(Ok(report)) => {
                self.log.used += 1;
                self.begin(report, line.caller);
            }
            Some(Err(expected)) => {
                if self.log.unread.len() < 20 {
                    self.log.unread.push((line.number, expected));
                }
            }
            None => {
                if let Some(at) = self.owner(line.caller) {
                    self.last = at;
                    if self.open[at].line(&line) {
                        self.log.used += 1;
                    } else {
                        self.log.beside += 1;
                    }
                }
            }
        }
    }

    /// All that was found. Every line was used, stands beside or lies outside of every report.
    pub fn finish(mut self) -> Log {
        for open in std::mem::take(&mut self.open) {
            self.keep(open.report);
        }
        self.log.reports.sort_by_key(|report| report.line);
        self.log
    }

    fn begin(&mut self, report: Report, caller: Option<&str>) {
        // A caller tells one report at a time; without callers, a new report ends the one before.
        if let Some(at) = self
            .open
            .iter()
            .position(|open| open.caller.as_deref() == caller)
        {
            let done = self.open.remove(at);
            self.keep(done.report);
        }
        if self.open.len() == MOST_OPEN {
            let done = self.open.remove(0);
            self.keep(done.report);
        }
        self.open.push(Open {
            report,
            caller: caller.map(str::to_owned),
            at: At::Nothing,
            columns: None,
        });
        self.last = self.open.len() - 1;
    }

    fn keep(&mut self, mut report: Report) {
        report.in_pages();
        if self.log.reports.len() < MOST_REPORTS {
            self.log.reports.push(report);
        } else {
            self.log.more += 1;
        }
    }

    /// The report a line belongs to: that of its caller, or the last one if it names none.
    fn owner(&self, caller: Option<&str>) -> Option<usize> {
        match caller {
            Some(caller) => self
                .open
                .iter()
                .position(|open| open.caller.as_deref() == Some(caller))
                .or_else(|| (self.open.len() == 1 && self.open[0].caller.is_none()).then_some(0)),
            None => (self.last < self.open.len()).then_some(self.last),
        }
    }
}

/// The first line of a report; an error says what of it was expected.
fn header(line: &Line<'_>) -> Option<Result<Report, String>> {
    const KINDS: [(Kind, &str); 4] = [
        (Kind::Failure, ": page allocation failure: "),
        (Kind::Failure, ": page allocation failure. "),
        (Kind::Stall, ": page allocation stalls for "),
        (Kind::Oom, " invoked oom-killer: "),
    ];
    let (kind, (comm, rest)) = KINDS
        .into_iter()
        .find_map(|(kind, mark)| Some((kind, line.text.split_once(mark)?)))?;
    let mask = if kind == Kind::Oom {
        "gfp_mask="
    } else {
        "mode:"
    };
    let order = after(rest, "order:").or_else(|| after(rest, "order="));
    let Some(order) = order.and_then(leading_number) else {
        return Some(Err("an order, as in \"order:3\" or \"order=3\"".into()));
    };
    let order = match u32::try_from(order) {
        Ok(order) if order <= 32 => Some(order),
        // By hand: echo f > /proc/sysrq-trigger.
        Err(_) if kind == Kind::Oom && order == -1 => None,
        _ => return Some(Err(format!("an order from 0 to 32, not {order}"))),
    };
    let flags = after(rest, mask).map(|text| {
        let end = text.find([',', ' ']).unwrap_or(text.len());
        // Names stand in parentheses; a log of old has none.
        Flags::read(&text[..end])
    });
    let Some(Some(flags)) = flags else {
        return Some(Err(format!(
            "flags after {mask:?}, as in \"{mask}0x820(GFP_ATOMIC)\""
        )));
    };
    let nodes = |mark: &str| {
        let nodes = after(rest, mark)?;
        let list: String = nodes
            .chars()
            .take_while(|c| c.is_ascii_digit() || ",-".contains(*c))
            .take(200)
            .collect();
        let list = list.trim_matches(',').to_owned();
        (!list.is_empty()).then_some(list)
    };
    let mut report = Report {
        kind,
        line: line.number,
        comm: comm.chars().take(64).collect(),
        order,
        flags,
        nodemask: nodes("nodemask="),
        mems_allowed: nodes("mems_allowed="),
        zones: Vec::new(),
        page_kb: 4,
        ram: None,
        reserved: None,
        swap_kb: None,
        oom: Oom::default(),
        problems: Vec::new(),
    };
    if let Some(unread) = report.flags.unread.clone() {
        report.problem(
            line.number,
            format!("the flags break off at {unread:?}, expected names and \")\""),
        );
    }
    Some(Ok(report))
}

/// What follows a mark.
fn after<'a>(text: &'a str, mark: &str) -> Option<&'a str> {
    text.split_once(mark).map(|(_, rest)| rest)
}

/// The whole number a text begins with.
fn leading_number(text: &str) -> Option<i64> {
    let end = text
        .char_indices()
        .find(|&(at, c)| !(c.is_ascii_digit() || at == 0 && c == '-'))
        .map_or(text.len(), |(at, _)| at);
    text[..end].parse().ok()
}

impl Open {
    /// Takes a line; true if it tells something.
    fn line(&mut self, line: &Line<'_>) -> bool {
        let text = line.text;
        let before = std::mem::replace(&mut self.at, At::Nothing);
        if let Some(mut found) = zone_lines::zone(text) {
            self.at = match &mut found {
                Found::Zone(_) => At::Zone(self.zone(found, line.number)),
                Found::Lists(_) => At::Lists(self.zone(found, line.number)),
            };
        } else if let Some(reserve) = text.strip_prefix("lowmem_reserve[]:") {
            if let Some(at) = self.last_without_reserve() {
                self.report.zones[at].reserve = zone_lines::numbers(reserve);
                self.at = At::Reserve(at);
            }
        } else {
            return self.goes_on(before, text) || self.other(line);
        }
        true
    }

    /// A line or its beginning, for the zone it names; the place of that zone.
    fn zone(&mut self, found: Found, number: u64) -> usize {
        let (node, name) = match &found {
            Found::Zone(zone) => (zone.node, zone.name.as_str()),
            Found::Lists(lists) => (lists.node, lists.name.as_str()),
        };
        let zones = &mut self.report.zones;
        let at = zones
            .iter()
            .position(|zone| zone.node == node && zone.name == name);
        let at = at.unwrap_or_else(|| {
            if zones.len() < MOST_ZONES {
                zones.push(Zone {
                    node,
                    name: name.to_owned(),
                    ..Zone::default()
                });
            }
            zones.len() - 1
        });
        match found {
            Found::Zone(found) => zone_lines::fields(&mut zones[at], &found.rest),
            Found::Lists(found) => {
                let mut lists = Lists {
                    line: number,
                    ..Lists::default()
                };
                let sum = zone_lines::blocks(&mut lists, &found.rest, &mut self.report.page_kb);
                self.take(at, lists, sum);
            }
        }
        at
    }

    /// Takes the free lists of a zone, and looks whether their sum in kB is right.
    fn take(&mut self, at: usize, lists: Lists, sum: Option<u64>) {
        let kb = lists.pages() * u128::from(self.report.page_kb);
        if let Some(sum) = sum.filter(|&sum| u128::from(sum) != kb) {
            let zone = &self.report.zones[at];
            let what = format!(
                "the free blocks of zone {} make {kb} kB, but their line says {sum} kB; expected both to be the same",
                zone.name
            );
            self.report.problem(lists.line, what);
        }
        self.report.zones[at].lists = Some(lists);
    }

    fn last_without_reserve(&self) -> Option<usize> {
        let zones = &self.report.zones;
        // It stands right below its zone; of zones whose line was lost there is nothing to say.
        let at = zones
            .iter()
            .rposition(|zone| zone.free.is_some() && zone.lists.is_none())?;
        zones[at].reserve.is_empty().then_some(at)
    }

    /// A wrapped line: true if this is the rest of the line before.
    fn goes_on(&mut self, before: At, text: &str) -> bool {
        match before {
            At::Zone(at) if zone_lines::are_fields(text) => {
                zone_lines::fields(&mut self.report.zones[at], text);
            }
            At::Reserve(at) if zone_lines::are_numbers(text) => {
                let more = zone_lines::numbers(text);
                self.report.zones[at].reserve.extend(more);
                self.report.zones[at].reserve.truncate(16);
            }
            At::Lists(at) if zone_lines::are_blocks(text) => {
                let Some(mut lists) = self.report.zones[at]
                    .lists
                    .take()
                    .filter(|lists| !lists.whole)
                else {
                    return false;
                };
                let sum = zone_lines::blocks(&mut lists, text, &mut self.report.page_kb);
                self.take(at, lists, sum);
            }
            _ => return false,
        }
        self.at = before;
        true
    }

    /// Any other line of a report; true if it tells something.
    fn other(&mut self, line: &Line<'_>) -> bool {
        let text = line.text;
        let report = &mut self.report;
        if let Some((count, what)) = text.split_once(" pages ")
            && let Ok(count) = count.parse::<u64>()
        {
            match what {
                "RAM" => report.ram = Some(count),
                "reserved" => report.reserved = Some(count),
                _ => return false,
            }
        } else if let Some(swap) = text.strip_prefix("Total swap = ") {
            report.swap_kb = swap
                .strip_suffix("kB")
                .and_then(|swap| swap.trim().parse().ok());
        } else if let Some(columns) = Columns::read(text) {
            self.columns = Some(columns);
        } else if let Some(columns) = &self.columns
            && text.starts_with('[')
        {
            match columns.row(text, report.page_kb) {
                Some(_) if report.oom.tasks.len() >= MOST_TASKS => report.oom.more_tasks += 1,
                Some(task) => report.oom.tasks.push(task),
                None => report.problem(
                    line.number,
                    format!(
                        "not a row of the table of tasks, expected {} columns and a name",
                        columns.count()
                    ),
                ),
            }
        } else {
            return report.oom.line(line, &mut report.mems_allowed);
        }
        true
    }
}
