//! Real input as a screen has it: asks for a file or a text, shows what it says, and opens it as a labyrinth.

use super::editor::{Edited, Editor};
use super::film::Film;
use super::found::{Found, zones_of};
use super::pages;
use super::plot::Plot;
use super::sheet::{Act, Chip, Prompt, Room, Row, Sheet, Stroke, Tone, cut, wrap};
use crate::explain::{self, Log, Reason};
use crate::kernel_text::BuddyLine;
use crate::kernel_text::fragmentation::IndexLine;
use crate::mm::NR_PAGE_ORDERS;
use crate::phrases::{Phrase, Phrases};

/// What the screen asks of the game around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// A raid laid out with these free blocks.
    Raid([u64; NR_PAGE_ORDERS]),
    /// The sandbox laid out with these free blocks.
    Sandbox([u64; NR_PAGE_ORDERS]),
    /// The file with this name is to be read.
    Read(String),
    /// Whoever has files is to offer one.
    Choose,
    /// The screen closes.
    Close,
}

/// Something one can go to in a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// A report.
    Report(usize),
    /// A zone of a report that has free lists, among those that have.
    Zone(usize, usize),
}

/// What is shown.
#[derive(Debug, Clone)]
enum Shown {
    /// Nothing yet.
    Nothing,
    /// Zones, and the one that is marked.
    Zones(Vec<BuddyLine>, usize),
    /// A log, the place that is marked, and rows its explanation is scrolled up.
    Log(Log, usize, u32),
    /// A trace.
    Film(Box<Film>),
}

/// The screen.
#[derive(Debug, Clone)]
pub struct Evidence {
    name: String,
    shown: Shown,
    path: Editor,
    /// Paths can be typed: there are files.
    files: bool,
    /// Something is being read.
    reading: bool,
    /// What was wrong with the last text.
    problem: Option<String>,
}

impl Evidence {
    /// Nothing is shown yet; `files` if paths can be typed here.
    pub fn new(files: bool) -> Self {
        let mut path = Editor::default();
        if files {
            path.set("/proc/buddyinfo");
        }
        Self {
            name: String::new(),
            shown: Shown::Nothing,
            path,
            files,
            reading: false,
            problem: None,
        }
    }

    /// A text is being read.
    pub fn reads(&mut self, name: &str) {
        name.clone_into(&mut self.name);
        self.reading = true;
        self.problem = None;
    }

    /// Shows what a text turned out to be, or why it is nothing. What a screen of this kind cannot show comes back.
    pub fn show(&mut self, name: &str, found: Result<Found, String>) -> Option<Found> {
        self.reading = false;
        self.problem = None;
        name.clone_into(&mut self.name);
        match found {
            Ok(Found::Zones(lines)) => {
                let most = (0..lines.len())
                    .rev()
                    .max_by_key(|&at| lines[at].free_pages());
                self.shown = Shown::Zones(lines, most.unwrap_or(0));
            }
            Ok(Found::Log(log)) => self.shown = Shown::Log(log, 0, 0),
            Ok(Found::Trace(workload)) => self.shown = Shown::Film(Box::new(Film::new(*workload))),
            Ok(other) => return Some(other),
            Err(problem) => {
                self.shown = Shown::Nothing;
                self.problem = Some(problem);
            }
        }
        None
    }

    /// Says what went wrong.
    pub fn fail(&mut self, problem: String) {
        self.reading = false;
        self.problem = Some(problem);
    }

    /// It moves by itself.
    pub fn is_playing(&self) -> bool {
        matches!(&self.shown, Shown::Film(film) if film.is_playing())
    }

    /// So much time passes for who watches.
    pub fn tick(&mut self, ms: u32) {
        if let Shown::Film(film) = &mut self.shown {
            film.tick(ms);
        }
    }

    /// Free pages over time, while a trace is shown.
    pub fn plot(&self, words: &Phrases) -> Option<Plot> {
        match &self.shown {
            Shown::Film(film) => Some(film.plot(words)),
            _ => None,
        }
    }

    fn places(log: &Log) -> Vec<Place> {
        let mut places = Vec::new();
        for (at, report) in log.reports.iter().enumerate() {
            places.push(Place::Report(at));
            places.extend((0..zones_of(report).len()).map(|zone| Place::Zone(at, zone)));
        }
        places
    }

    /// The free blocks that are marked, if any are.
    fn marked(&self) -> Option<[u64; NR_PAGE_ORDERS]> {
        match &self.shown {
            Shown::Nothing => None,
            Shown::Zones(lines, at) => Some(lines.get(*at)?.free),
            Shown::Film(film) => Some(film.layout()),
            Shown::Log(log, at, _) => {
                let (report, zone) = match Self::places(log).get(*at)? {
                    Place::Zone(report, zone) => (log.reports.get(*report)?, Some(*zone)),
                    Place::Report(report) => (log.reports.get(*report)?, None),
                };
                let zones = zones_of(report);
                let zone = zone.or_else(|| to_blame(report, &zones))?;
                Some(zones.get(zone)?.free)
            }
        }
    }

    /// Acts.
    pub fn take(&mut self, act: Act) -> Vec<Wish> {
        if !matches!(self.shown, Shown::Nothing) {
            self.problem = None;
        }
        if let Shown::Film(film) = &mut self.shown
            && film.take(act)
        {
            return Vec::new();
        }
        let mut wishes = Vec::new();
        match act {
            Act::Another | Act::Key(Stroke::Escape) if !matches!(self.shown, Shown::Nothing) => {
                self.shown = Shown::Nothing;
                self.problem = None;
            }
            Act::Another => wishes.push(Wish::Choose),
            Act::Close | Act::Key(Stroke::Escape) => wishes.push(Wish::Close),
            Act::Raid => wishes.extend(self.marked().map(Wish::Raid)),
            Act::Sandbox => wishes.extend(self.marked().map(Wish::Sandbox)),
            Act::Entry(at) => self.mark(at as usize),
            Act::Key(stroke) => self.key(stroke, &mut wishes),
            _ => {}
        }
        wishes
    }

    fn mark(&mut self, to: usize) {
        match &mut self.shown {
            Shown::Zones(lines, at) => *at = to.min(lines.len().saturating_sub(1)),
            Shown::Log(log, at, up) => {
                *at = to.min(Self::places(log).len().saturating_sub(1));
                *up = 0;
            }
            Shown::Nothing | Shown::Film(_) => {}
        }
    }

    fn key(&mut self, stroke: Stroke, wishes: &mut Vec<Wish>) {
        let at = match &mut self.shown {
            Shown::Nothing => {
                if self.files
                    && let Edited::Entered(path) = self.path.take(stroke, &[])
                    && !path.trim().is_empty()
                {
                    self.path.set(path.trim());
                    wishes.push(Wish::Read(path.trim().to_owned()));
                }
                return;
            }
            Shown::Log(_, _, up) if stroke == Stroke::PageDown => {
                *up += 8;
                return;
            }
            Shown::Log(_, _, up) if stroke == Stroke::PageUp => {
                *up = up.saturating_sub(8);
                return;
            }
            Shown::Zones(_, at) | Shown::Log(_, at, _) => *at,
            Shown::Film(_) => 0,
        };
        match stroke {
            Stroke::Enter => wishes.extend(self.marked().map(Wish::Raid)),
            Stroke::Up => self.mark(at.saturating_sub(1)),
            Stroke::Down => self.mark(at + 1),
            _ => {}
        }
    }

    /// Takes a text that was pasted into the line for the path. False if there is no such line now.
    pub fn paste(&mut self, text: &str) -> bool {
        let line = self.files
            && matches!(self.shown, Shown::Nothing)
            && text.lines().count() == 1
            && text.trim_start().starts_with(['/', '~', '.']);
        if line {
            self.path.set(text.trim());
        }
        line
    }

    /// What the screen shows.
    pub fn sheet(&self, room: Room, words: &Phrases) -> Sheet {
        let say = |phrase| words.get(phrase).to_owned();
        let mut sheet = match &self.shown {
            Shown::Film(film) => film.sheet(&self.name, room, words),
            Shown::Nothing => self.ask(room, words),
            Shown::Zones(lines, at) => Sheet {
                left: zone_rows(lines, *at, room),
                right: lines
                    .get(*at)
                    .map_or_else(Vec::new, |line| about_zone(line, room, words)),
                ..self.bare(words)
            },
            Shown::Log(log, at, up) => Sheet {
                left: log_rows(log, *at, room, words),
                right: about_place(log, *at, *up, room, words),
                ..self.bare(words)
            },
        };
        if let Some(problem) = &self.problem
            && !matches!(self.shown, Shown::Nothing)
        {
            let rows = wrap(&format!("! {problem}"), room.right).into_iter();
            let rows = rows.map(|text| Row::new(Tone::Bad, text));
            sheet.right.splice(0..0, rows);
        }
        if matches!(self.shown, Shown::Film(_)) {
            return sheet;
        }
        if self.marked().is_some() {
            sheet
                .tools
                .push(Chip::new(say(Phrase::FindRaid), Act::Raid));
            sheet
                .tools
                .push(Chip::new(say(Phrase::FindSandbox), Act::Sandbox));
        }
        sheet
            .tools
            .push(Chip::new(say(Phrase::FindAnother), Act::Another));
        sheet
            .tools
            .push(Chip::new(say(Phrase::DeskClose), Act::Close));
        sheet
    }

    fn bare(&self, words: &Phrases) -> Sheet {
        let title = words.get(Phrase::FindTitle);
        Sheet {
            title: if self.name.is_empty() {
                title.to_owned()
            } else {
                format!("{title}: {}", cut(&self.name, 60))
            },
            sides: Vec::new(),
            left: Vec::new(),
            prompt: None,
            offers: Vec::new(),
            right: Vec::new(),
            track: None,
            tools: Vec::new(),
        }
    }

    fn ask(&self, room: Room, words: &Phrases) -> Sheet {
        let mut left = Vec::new();
        let mut tell = |tone, text: &str| {
            let rows = wrap(text, room.left).into_iter();
            left.extend(rows.map(|text| Row::new(tone, text)));
        };
        let how = if self.files {
            Phrase::FindHowFiles
        } else {
            Phrase::FindHowPage
        };
        tell(Tone::Bright, words.get(how));
        tell(Tone::Plain, "");
        for phrase in [
            Phrase::FindBuddyinfo,
            Phrase::FindLog,
            Phrase::FindTrace,
            Phrase::FindElse,
        ] {
            tell(Tone::Plain, words.get(phrase));
        }
        if !self.files {
            tell(Tone::Dim, words.get(Phrase::FindPacked));
        }
        tell(Tone::Plain, "");
        if self.reading {
            tell(Tone::Warning, words.get(Phrase::FindReading));
        }
        if let Some(problem) = &self.problem {
            tell(Tone::Bad, &format!("! {problem}"));
        }
        let mut right = Vec::new();
        for phrase in [
            Phrase::FindRecord,
            Phrase::FindRecord1,
            Phrase::FindRecord2,
            Phrase::FindRecord3,
        ] {
            let rows = wrap(words.get(phrase), room.right).into_iter();
            right.extend(rows.map(|text| Row::new(Tone::Dim, text)));
        }
        Sheet {
            left,
            right,
            prompt: self.files.then(|| Prompt {
                sign: words.get(Phrase::FindPath).to_owned() + " ",
                text: self.path.parts(),
                ghost: String::new(),
            }),
            title: words.get(Phrase::FindTitle).to_owned(),
            ..self.bare(words)
        }
    }
}

/// The zone that refused a request, among those with free lists; the last of them if none is named.
fn to_blame(report: &explain::Report, zones: &[BuddyLine]) -> Option<usize> {
    let verdicts = explain::verdicts(report);
    let blamed = explain::main(&verdicts).map(|verdict| (verdict.zone.node, &verdict.zone.name));
    let place = blamed.and_then(|(node, name)| {
        zones
            .iter()
            .position(|zone| zone.node == node && zone.zone == *name)
    });
    place.or_else(|| zones.len().checked_sub(1))
}

fn zone_text(line: &BuddyLine) -> String {
    let largest = (0..NR_PAGE_ORDERS)
        .rev()
        .find(|&order| line.free[order] > 0);
    let largest = largest.map_or_else(|| "-".to_owned(), |order| order.to_string());
    format!(
        "Node {} {:<8} {:>10} pages free, largest order {largest}",
        line.node,
        line.zone,
        line.free_pages()
    )
}

/// A window of rows around the one that is marked.
fn around(mut rows: Vec<Row>, at: usize, most: u32) -> Vec<Row> {
    let most = most.max(3) as usize;
    let first = at
        .saturating_sub(most / 2)
        .min(rows.len().saturating_sub(most));
    rows.drain(..first);
    rows.truncate(most);
    rows
}

fn zone_rows(lines: &[BuddyLine], at: usize, room: Room) -> Vec<Row> {
    let rows = lines.iter().enumerate().map(|(place, line)| {
        let text = cut(&zone_text(line), room.left);
        Row::to_press(text, Act::Entry(place as u32), place == at)
    });
    around(rows.collect(), at, room.rows)
}

fn about_zone(line: &BuddyLine, room: Room, words: &Phrases) -> Vec<Row> {
    let mut rows = vec![Row::new(Tone::Bright, cut(&zone_text(line), room.right))];
    rows.push(Row::new(Tone::Dim, words.get(Phrase::FindBars)));
    rows.extend(pages::bars(&line.free, room));
    rows.push(Row::new(Tone::Plain, ""));
    let unusable = IndexLine::unusable(line);
    let note = words.get(Phrase::FindUnusable);
    rows.extend(
        wrap(note, room.right)
            .into_iter()
            .map(|text| Row::new(Tone::Dim, text)),
    );
    for orders in [0..6, 6..NR_PAGE_ORDERS] {
        let figures: Vec<String> = orders
            .map(|order| {
                let index = unusable.index[order];
                format!("{order:>2}: {}.{:03}", index / 1000, index % 1000)
            })
            .collect();
        rows.push(Row::new(Tone::Plain, figures.join("  ")));
    }
    rows
}

fn log_rows(log: &Log, at: usize, room: Room, words: &Phrases) -> Vec<Row> {
    let places = Evidence::places(log);
    let row = |(place, what): (usize, &Place)| {
        let text = match *what {
            Place::Report(number) => {
                let report = &log.reports[number];
                let verdicts = explain::verdicts(report);
                let reason = Reason::of(report, &verdicts).name();
                let order = report
                    .order
                    .map_or_else(|| "-".to_owned(), |order| order.to_string());
                let words = words.fill(
                    Phrase::FindReport,
                    &[
                        ("line", &report.line.to_string()),
                        ("who", &report.comm),
                        ("order", &order),
                    ],
                );
                format!("{words}: {reason}")
            }
            Place::Zone(number, zone) => {
                let zones = zones_of(&log.reports[number]);
                format!("   {}", zones.get(zone).map_or_else(String::new, zone_text))
            }
        };
        Row::to_press(cut(&text, room.left), Act::Entry(place as u32), place == at)
    };
    let rows = places.iter().enumerate().map(row).collect();
    around(rows, at, room.rows)
}

fn about_place(log: &Log, at: usize, up: u32, room: Room, words: &Phrases) -> Vec<Row> {
    let report = match Evidence::places(log).get(at) {
        Some(&Place::Report(report)) => report,
        Some(&Place::Zone(report, zone)) => {
            let zones = zones_of(&log.reports[report]);
            return zones
                .get(zone)
                .map_or_else(Vec::new, |line| about_zone(line, room, words));
        }
        None => return Vec::new(),
    };
    let text = explain::explanation(&log.reports[report]);
    let mut rows: Vec<Row> = wrap(&text, room.right)
        .into_iter()
        .map(|text| {
            let tone = if text.starts_with("Why:") {
                Tone::Bright
            } else {
                Tone::Plain
            };
            Row::new(tone, text)
        })
        .collect();
    let most = room.right_rows.max(4) as usize;
    let first = (up as usize).min(rows.len().saturating_sub(most));
    rows.drain(..first);
    if rows.len() > most {
        rows.truncate(most - 1);
        rows.push(Row::to_press(
            words.get(Phrase::FindMore),
            Act::Key(Stroke::PageDown),
            false,
        ));
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workbench::found;

    fn opened(text: &str) -> Evidence {
        let mut screen = Evidence::new(true);
        assert_eq!(screen.show("a file", found::read(text, "a file")), None);
        screen
    }

    #[test]
    fn a_buddyinfo_opens_as_a_raid_in_the_zone_that_is_marked() {
        let text = include_str!("../../tests/data/buddyinfo.txt");
        let mut screen = opened(text);
        let Ok(Found::Zones(lines)) = found::read(text, "x") else {
            panic!("zones")
        };
        for (at, line) in lines.iter().enumerate() {
            screen.take(Act::Entry(at as u32));
            assert_eq!(screen.take(Act::Raid), [Wish::Raid(line.free)]);
            assert_eq!(
                screen.take(Act::Key(Stroke::Enter)),
                [Wish::Raid(line.free)]
            );
            assert_eq!(screen.take(Act::Sandbox), [Wish::Sandbox(line.free)]);
        }
        for _ in 0..20 {
            screen.take(Act::Key(Stroke::Up));
        }
        assert_eq!(screen.take(Act::Raid), [Wish::Raid(lines[0].free)]);
        let sheet = screen.sheet(Room::default(), &Phrases::default());
        assert!(sheet.left[0].marked && sheet.right.len() > NR_PAGE_ORDERS);
    }

    #[test]
    fn what_cannot_be_read_is_told_and_another_can_be_tried() {
        let mut screen = Evidence::new(true);
        screen.reads("notes.txt");
        screen.show("notes.txt", found::read("hello", "notes.txt"));
        let words = Phrases::default();
        let text = screen.sheet(Room::default(), &words).text().join("\n");
        assert!(text.contains("! notes.txt: found one line"), "{text}");
        assert_eq!(
            screen.take(Act::Key(Stroke::Enter)),
            [Wish::Read("/proc/buddyinfo".into())]
        );
        assert!(screen.paste("/tmp/log.txt"));
        assert!(!screen.paste("Node 0, zone DMA 1 1 1 1 1 1 1 1 1 1 1"));
        assert_eq!(screen.take(Act::Key(Stroke::Escape)), [Wish::Close]);
    }

    #[test]
    fn a_page_has_no_paths() {
        let mut screen = Evidence::new(false);
        let sheet = screen.sheet(Room::default(), &Phrases::default());
        assert_eq!(sheet.prompt, None);
        assert_eq!(screen.take(Act::Key(Stroke::Enter)), []);
        assert_eq!(screen.take(Act::Another), [Wish::Choose]);
    }
}
