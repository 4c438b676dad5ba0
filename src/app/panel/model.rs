//! What the panel says, as plain data: a pure function of what the player knows and is about to do.

use super::act::act;
use super::tables::{badness, columns, gate_line, interrupts, oom};
use crate::app::control::Play;
use crate::app::theme::{COLUMNS, Ink, sign};
use crate::mm::PAGE_SIZE;
use crate::raid::{Item, Target, View};

/// A line of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// What.
    pub text: String,
    /// In which ink.
    pub ink: Ink,
}

impl Line {
    pub(super) fn new(ink: Ink, text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            ink,
        }
    }

    pub(super) fn empty() -> Self {
        Self::new(Ink::Plain, "")
    }
}

/// A bar with a name and a figure.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Bar {
    /// Its name.
    pub name: Line,
    /// Its length, from 0 to 1.
    pub part: f32,
    /// Its figure.
    pub figure: String,
}

/// A column of the chart of free blocks.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Column {
    /// Its height, from 0 to 1.
    pub part: f32,
    /// Blocks at the last scan.
    pub scanned: String,
    /// Blocks in sight now, and those remembered.
    pub seen: Line,
}

/// What the selected act would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Boxed {
    /// The act.
    pub title: Line,
    /// The facts.
    pub lines: Vec<Line>,
    /// The frame's ink.
    pub frame: Ink,
}

/// The whole panel.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Model {
    pub zone: Line,
    pub range: Line,
    pub turn: Line,
    pub seed: Line,
    pub watchdog: Bar,
    pub refs: (u32, u32),
    pub kit: Line,
    pub free: Line,
    pub gauge: f32,
    pub gauge_ink: Ink,
    /// Places of `atomic`, `min`, `low`, `high` on the gauge, from 0 to 1.
    pub marks: [f32; 4],
    pub age: Line,
    pub columns: Vec<Column>,
    pub interrupts: Vec<Line>,
    /// The interrupt of the device you stand at, by its row.
    pub here: Option<usize>,
    pub gates: Vec<Line>,
    pub oom: Line,
    pub badness: Vec<Bar>,
    pub act: Boxed,
    pub bag: Line,
    pub log: Vec<Line>,
}

/// Lines of news the panel may show, newest first.
pub(super) const LOG: usize = 12;
/// Rows of interrupts.
pub(super) const INTERRUPTS: usize = 4;
/// Rows of gates.
pub(super) const GATES: usize = 3;
/// Rows of badness.
pub(super) const BADNESS: usize = 3;
/// Lines in the box.
pub(super) const FACTS: usize = 6;

/// The panel for a raid; `problem` is news from outside the rules.
pub(super) fn model(play: &Play, problem: Option<&str>) -> Model {
    let view = play.view();
    let (interrupts, here) = interrupts(view);
    let pages = view.gauge.pages;
    let scale = gauge_scale(view);
    let part = |pages: u32| (pages as f32 / scale).min(1.0);
    let (left, most) = view.watchdog;
    let hurry = left * 8 < most;
    Model {
        zone: Line::new(Ink::White, format!("ZONE_{}", view.zone_kernel_name)),
        range: Line::new(
            Ink::Dim,
            format!(
                "0x0000-{:#06x}  {} MiB",
                pages - 1,
                (u64::from(pages) * u64::from(PAGE_SIZE)) >> 20
            ),
        ),
        turn: Line::new(Ink::Plain, format!("turn {}", view.turn)),
        seed: Line::new(Ink::Dim, format!("seed {}", view.seed)),
        watchdog: Bar {
            name: Line::new(if hurry { Ink::Vermillion } else { Ink::Dim }, "watchdog"),
            part: left as f32 / most.max(1) as f32,
            figure: left.to_string(),
        },
        refs: (view.me.refs, view.me.refs_max),
        kit: kit(view),
        free: Line::new(Ink::Plain, format!("{} of {pages}", view.gauge.free)),
        gauge: part(view.gauge.free),
        gauge_ink: if view.gauge.free < view.gauge.marks.min {
            Ink::Vermillion
        } else {
            Ink::Sky
        },
        marks: [
            view.gauge.atomic,
            view.gauge.marks.min,
            view.gauge.marks.low,
            view.gauge.marks.high,
        ]
        .map(part),
        age: match view.turn - view.scan.turn {
            0 => Line::new(Ink::Plain, "counted now"),
            1 => Line::new(Ink::Orange, "count is 1 turn old"),
            age => Line::new(Ink::Orange, format!("count is {age} turns old")),
        },
        columns: columns(view),
        interrupts,
        here,
        gates: view
            .gates
            .iter()
            .map(|gate| gate_line(view, gate))
            .collect(),
        oom: oom(view),
        badness: badness(view),
        act: act(play),
        bag: bag(view),
        log: log(play, problem),
    }
}

/// Pages at the right end of the gauge: the marks should be told apart, even if much is free.
fn gauge_scale(view: &View) -> f32 {
    (view.gauge.marks.high * 4).max(1) as f32
}

fn kit(view: &View) -> Line {
    let mut text = format!("isolate x{}", view.me.isolate_charges);
    let by_hand = |&&(item, left): &&(Item, u32)| item.target() != Target::Passive && left > 0;
    let items = view.me.kit.iter().filter(by_hand).count();
    if items > 0 {
        text = format!("items {items}  {text}");
    }
    if let Some((_, _, left)) = view.me.isolation {
        text = format!("isolated: {left} more turns");
    }
    if view.me.key {
        text += "  key";
    }
    Line::new(Ink::Dim, text)
}

fn bag(view: &View) -> Line {
    if view.me.held.is_empty() {
        return Line::new(Ink::Dim, "bag  empty");
    }
    let mapped = view.me.mapped_pages();
    let blocks: Vec<String> = view
        .me
        .held
        .iter()
        .map(|held| {
            let state = if held.mapped { "" } else { "*" };
            format!("{state}{:#06x}/{}", held.pfn, held.order)
        })
        .collect();
    let away = if view.me.held.iter().any(|held| !held.mapped) {
        "  * follow it"
    } else {
        ""
    };
    Line::new(
        Ink::Yellow,
        format!("bag  {mapped} pages  {}{away}", blocks.join(" ")),
    )
}

fn log(play: &Play, problem: Option<&str>) -> Vec<Line> {
    let now = play.view().turn;
    let news = play.log.newest().flat_map(|line| {
        let times = if line.times > 1 {
            format!("  x{}", line.times)
        } else {
            String::new()
        };
        let old = now > line.turn + 3;
        let ink = match Ink::of(line.tone) {
            ink @ (Ink::White | Ink::Plain) if old => {
                if ink == Ink::White {
                    Ink::Plain
                } else {
                    Ink::Dim
                }
            }
            ink => ink,
        };
        wrapped(ink, &format!("{}{}{times}", sign(line.tone), line.text))
    });
    let problem = problem.map(|problem| wrapped(Ink::Vermillion, &format!("!!{problem}")));
    problem
        .into_iter()
        .flatten()
        .chain(news)
        .take(LOG)
        .collect()
}

/// A long line in pieces that fit the panel, the last piece first; what follows the first is indented.
fn wrapped(ink: Ink, text: &str) -> Vec<Line> {
    let mut pieces = vec![String::new()];
    for word in text.split_inclusive(' ') {
        let last = pieces.len() - 1;
        let width = pieces[last].chars().count() + word.trim_end().chars().count();
        if width > COLUMNS && !pieces[last].trim().is_empty() {
            pieces.push(format!("    {word}"));
        } else {
            pieces[last] += word;
        }
    }
    pieces
        .into_iter()
        .rev()
        .map(|piece| Line::new(ink, piece.trim_end()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::tests::play_of_a_raid;

    #[test]
    fn the_gauge_shows_its_marks_in_order_and_within_its_length() {
        let model = model(&play_of_a_raid(), None);
        let [atomic, min, low, high] = model.marks;
        assert!(0.0 < atomic && atomic < min && min < low && low < high && high < 1.0);
        assert!((0.0..=1.0).contains(&model.gauge));
    }

    #[test]
    fn an_old_count_is_said_to_be_old() {
        let mut play = play_of_a_raid();
        for _ in 0..3 {
            play.handle(crate::app::input::Intent::Wait);
        }
        let model = model(&play, None);
        assert_eq!(model.age.ink, Ink::Orange);
        assert!(model.age.text.contains("3 turns old"), "{}", model.age.text);
    }

    #[test]
    fn trouble_with_the_journal_comes_first_in_the_log() {
        let model = model(&play_of_a_raid(), Some("disk full"));
        assert!(model.log[0].text.contains("disk full"));
    }

    #[test]
    fn long_news_is_wrapped_at_words_and_loses_none() {
        let text =
            "!!the room you stand in was given to browser/2: leave before it writes to all of it";
        let mut lines = wrapped(Ink::Plain, text);
        assert!(lines.len() > 1);
        assert!(
            lines
                .iter()
                .all(|line| line.text.chars().count() <= COLUMNS)
        );
        lines.reverse();
        let words: Vec<&str> = lines
            .iter()
            .flat_map(|line| line.text.split_whitespace())
            .collect();
        assert_eq!(words, text.split_whitespace().collect::<Vec<_>>());
    }
}
