//! What the panel says, as plain data: a pure function of what the player knows and is about to do.

use crate::app::control::{Act, Auto, Mode, Play};
use crate::app::theme::{COLUMNS, Ink, sign};
use crate::labyrinth::{Cell, Dir, Edge, block_rect};
use crate::mm::{NR_PAGE_ORDERS, Order, PAGE_SIZE, Pfn};
use crate::raid::preview::{self, Verdict};
use crate::raid::{
    CURRENT, GateRule, GateView, Held, Knowledge, MinotaurView, RoomKind, Site, View, plan,
};

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
    if let Some((_, _, left)) = view.me.isolation {
        text = format!("isolated: {left} more turns");
    }
    if view.me.key {
        text += "  key";
    }
    Line::new(Ink::Dim, text)
}

fn columns(view: &View) -> Vec<Column> {
    let most = view.scan.free.iter().copied().max().unwrap_or(0).max(1) as f32;
    (0..NR_PAGE_ORDERS)
        .map(|order| {
            let (seen, remembered) = (view.seen_free[order], view.remembered_free[order]);
            let (text, ink) = match (seen, remembered) {
                (0, 0) => ("·".to_string(), Ink::Dim),
                (0, old) => (format!("({old})"), Ink::Orange),
                (seen, _) => (seen.to_string(), Ink::White),
            };
            Column {
                // Roots, so that one block is seen beside two hundred.
                part: (view.scan.free[order] as f32 / most).sqrt(),
                scanned: view.scan.free[order].to_string(),
                seen: Line::new(ink, text),
            }
        })
        .collect()
}

/// One of eight directions from a cell to another.
fn compass(from: Cell, to: Cell) -> &'static str {
    let dx = i32::from(to.x) - i32::from(from.x);
    let dy = i32::from(to.y) - i32::from(from.y);
    let far = |a: i32, b: i32| a.abs() > 2 * b.abs();
    match (dx.signum(), dy.signum()) {
        _ if far(dx, dy) => {
            if dx > 0 {
                "E"
            } else {
                "W"
            }
        }
        _ if far(dy, dx) => {
            if dy > 0 {
                "S"
            } else {
                "N"
            }
        }
        (1, -1) => "NE",
        (1, _) => "SE",
        (-1, -1) => "NW",
        _ => "SW",
    }
}

/// How far a room is, and where.
fn place(view: &View, (pfn, order): (Pfn, Order)) -> String {
    let rect = block_rect(pfn, order);
    let me = view.me.cell;
    if rect.contains(me) {
        return "here".into();
    }
    let near = rect
        .cells()
        .min_by_key(|cell| cell.manhattan(me))
        .unwrap_or(me);
    format!("{} {}", near.manhattan(me), compass(me, near))
}

fn interrupts(view: &View) -> (Vec<Line>, Option<usize>) {
    let mut devices: Vec<_> = view.devices.iter().enumerate().collect();
    devices.sort_by_key(|(i, device)| (device.request.map_or(u32::MAX, |r| r.expires), *i));
    let mut lines = Vec::new();
    let mut here = None;
    for (i, device) in devices {
        let place = match (device.room, device.bearing) {
            (Some(room), _) => place(view, room),
            (None, Some(bearing)) => format!("{bearing} ?"),
            (None, None) => "?".into(),
        };
        let at = view.device_here() == Some(i);
        if let Some(request) = device.request {
            let flags = request.gfp.to_string();
            let flags = flags
                .strip_prefix("GFP_ATOMIC|")
                .map_or(flags.clone(), |rest| format!("|{rest}"));
            let left = request.expires.saturating_sub(view.turn);
            if at {
                here = Some(lines.len());
            }
            let ink = if at { Ink::White } else { Ink::Plain };
            let text = format!(
                "{:<6}order {:<3}{flags:<13}{left:>3} turns  {place}",
                device.name, request.order
            );
            lines.push(Line::new(ink, text));
        } else if device.room.is_some() {
            lines.push(Line::new(
                Ink::Dim,
                format!("{:<6}{:<33}{place}", device.name, "quiet"),
            ));
        }
    }
    if lines.is_empty() {
        lines.push(Line::new(
            Ink::Dim,
            "none yet: devices call when they need pages",
        ));
    }
    (lines, here)
}

fn gate_line(view: &View, gate: &GateView) -> Line {
    let rule = match gate.rule {
        GateRule::Until(turn) => format!("until turn {turn}"),
        GateRule::AboveLow => "while above low".into(),
        GateRule::Key if view.me.key => "you have the key".into(),
        GateRule::Key => "needs the key".into(),
    };
    let (state, ink) = match (gate.open, gate.rule) {
        (true, GateRule::Key) if !view.me.key => ("locked", Ink::Dim),
        (true, _) => ("open", Ink::Plain),
        (false, _) => ("shut", Ink::Dim),
    };
    Line::new(
        ink,
        format!(
            "{:<12}{rule:<17}{state:<7}{}",
            gate.name,
            place(view, gate.room)
        ),
    )
}

fn oom(view: &View) -> Line {
    match &view.minotaur {
        MinotaurView::Asleep if view.kswapd_awake => {
            Line::new(Ink::Plain, "kswapd at work; Minotaur sleeps")
        }
        MinotaurView::Asleep => Line::new(Ink::Dim, "Minotaur asleep"),
        MinotaurView::Stirring { wakes_in } => {
            Line::new(Ink::Vermillion, format!("! Minotaur wakes in {wakes_in}"))
        }
        MinotaurView::Awake { target_pid, .. } if *target_pid == CURRENT => {
            Line::new(Ink::Vermillion, "!! Minotaur hunts YOU")
        }
        MinotaurView::Awake { target, .. } => {
            Line::new(Ink::Vermillion, format!("! Minotaur hunts {target}"))
        }
    }
}

fn badness(view: &View) -> Vec<Bar> {
    let most = view
        .badness
        .iter()
        .map(|line| line.badness)
        .max()
        .unwrap_or(0)
        .max(1);
    let mut lines: Vec<_> = view.badness.iter().take(BADNESS - 1).collect();
    if let Some(you) = view.badness.iter().find(|line| line.pid == CURRENT)
        && !lines.iter().any(|line| line.pid == CURRENT)
    {
        lines.push(you);
    } else if let Some(next) = view.badness.get(BADNESS - 1) {
        lines.push(next);
    }
    lines
        .into_iter()
        .map(|line| {
            let (name, ink) = if line.pid == CURRENT {
                ("@ you".to_string(), Ink::Yellow)
            } else {
                (line.name.clone(), Ink::Plain)
            };
            Bar {
                name: Line::new(ink, name),
                part: line.badness as f32 / most as f32,
                figure: line.badness.to_string(),
            }
        })
        .collect()
}

fn bag(view: &View) -> Line {
    if view.me.held.is_empty() {
        return Line::new(Ink::Dim, "bag  empty");
    }
    let mapped: u32 = view
        .me
        .held
        .iter()
        .filter(|held| held.mapped)
        .map(Held::pages)
        .sum();
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
    let news = play.log.iter().rev().flat_map(|line| {
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

/// The box: what the selected act would do, or what lies under the mouse, or what can be done here.
fn act(play: &Play) -> Boxed {
    let view = play.view();
    match (play.mode, play.auto) {
        (Mode::Confirm(Act::Grab), _) => grab(view),
        (Mode::Confirm(Act::Free(pfn)), _) => free(view, pfn),
        (Mode::Confirm(Act::Isolate), _) => isolate(view),
        (Mode::ChooseClear, _) => clear(view),
        (Mode::Look(cell), _) => look(view, cell, "look: arrows move, Enter goes there, Esc ends"),
        (Mode::Walk, Some(Auto::Travel { .. })) => Boxed {
            title: Line::new(Ink::White, "travelling"),
            lines: vec![Line::new(Ink::Dim, "any key stops")],
            frame: Ink::Dim,
        },
        (Mode::Walk, Some(Auto::Repeat(_))) => Boxed {
            title: Line::new(Ink::White, "at work"),
            lines: vec![
                match view.me.work {
                    Some((what, left)) => Line::new(Ink::Plain, format!("{what}: {left} more")),
                    None => Line::empty(),
                },
                Line::new(Ink::Dim, "any key stops"),
            ],
            frame: Ink::White,
        },
        (Mode::Walk, None) => match play.hover.filter(|&cell| cell != view.me.cell) {
            Some(cell) => hover(play, cell),
            None => here(view),
        },
    }
}

fn grab(view: &View) -> Boxed {
    let Some(preview) = preview::preview(view) else {
        return here(view);
    };
    let (word, why, ink) = match &preview.verdict {
        Verdict::Certain(why) => ("CERTAIN", why, Ink::Green),
        Verdict::Fatal(why) => ("FATAL", why, Ink::Vermillion),
        Verdict::Unknown(why) => ("UNKNOWN", why, Ink::Orange),
    };
    let mut lines: Vec<Line> = preview
        .lines
        .iter()
        .map(|line| Line::new(Ink::Plain, line))
        .collect();
    lines.push(Line::new(ink, format!("{word}: {why}.")));
    lines.push(Line::new(
        Ink::White,
        "G again commits; NULL kills. Any other key cancels.",
    ));
    Boxed {
        title: Line::new(
            Ink::White,
            format!("G  alloc_pages({}, {})", preview.gfp, preview.order),
        ),
        lines,
        frame: ink,
    }
}

fn free(view: &View, pfn: Pfn) -> Boxed {
    let order = view
        .me
        .held
        .iter()
        .find(|held| held.pfn == pfn)
        .map_or(0, |held| held.order);
    let pages = 1u32 << order;
    let mut lines = vec![
        Line::new(
            Ink::Plain,
            format!("gives {pages} pages back; your badness falls"),
        ),
        Line::new(
            Ink::Plain,
            format!(
                "free pages {} -> {}",
                view.gauge.free,
                view.gauge.free + pages
            ),
        ),
    ];
    if view.me.held.len() > 1 {
        lines.push(Line::new(Ink::Dim, "arrows choose another block"));
    }
    lines.push(Line::new(
        Ink::White,
        "F again commits; any other key cancels.",
    ));
    Boxed {
        title: Line::new(Ink::White, format!("F  __free_pages({pfn:#06x}, {order})")),
        lines,
        frame: Ink::Yellow,
    }
}

fn isolate(view: &View) -> Boxed {
    let order = view.pageblock_order + 1;
    let pfn = crate::labyrinth::pfn_of(view.me.cell) & (u32::MAX << order);
    Boxed {
        title: Line::new(
            Ink::White,
            format!("I  isolate {pfn:#06x}-{:#06x}", pfn + (1 << order) - 1),
        ),
        lines: vec![
            Line::new(Ink::Plain, "nobody else allocates there for some turns"),
            Line::new(Ink::Plain, "your own grab takes from it last"),
            Line::new(Ink::Plain, "the watchdog runs double meanwhile"),
            Line::new(
                Ink::Plain,
                format!("charges left: {}", view.me.isolate_charges),
            ),
            Line::new(Ink::White, "I again commits; any other key cancels."),
        ],
        frame: Ink::White,
    }
}

fn clear(view: &View) -> Boxed {
    // Directions that lead into the same room say nothing new.
    let same_room =
        |dir: Option<Dir>| dir.is_some_and(|dir| view.edge(view.me.cell, dir) == Some(Edge::Open));
    let ways = [
        (None, "here "),
        (Some(Dir::North), "north"),
        (Some(Dir::East), "east "),
        (Some(Dir::South), "south"),
        (Some(Dir::West), "west "),
    ];
    let lines = ways
        .into_iter()
        .filter(|&(dir, _)| !same_room(dir))
        .map(|(dir, name)| match plan::describe_clear(view, dir) {
            Ok(what) => Line::new(Ink::White, format!("{name} {what}")),
            Err(why) => Line::new(Ink::Dim, format!("{name} {why}")),
        })
        .collect();
    Boxed {
        title: Line::new(Ink::White, "C  clear which? arrow, or C for here"),
        lines,
        frame: Ink::White,
    }
}

fn look(view: &View, cell: Cell, title: &str) -> Boxed {
    let lines = plan::describe_cell(view, cell)
        .into_iter()
        .map(|line| Line::new(Ink::Plain, line));
    Boxed {
        title: Line::new(Ink::White, title),
        lines: lines.take(FACTS).collect(),
        frame: Ink::Dim,
    }
}

fn hover(play: &Play, cell: Cell) -> Boxed {
    let view = play.view();
    let mut boxed = look(view, cell, "");
    if !boxed.lines.is_empty() {
        boxed.title = Line::new(Ink::White, boxed.lines.remove(0).text);
    }
    boxed.lines.truncate(3);
    let way = play.hover_route().map_or_else(
        || Line::new(Ink::Dim, "no known way there"),
        |route| {
            let steps = match route.steps.len() {
                1 => "1 step".to_string(),
                n => format!("{n} steps"),
            };
            let mut text = format!("{steps}, click to walk");
            let mut ink = Ink::Plain;
            if route.trespasses > 0 {
                text = format!("{text}; {} trespasses", route.trespasses);
            }
            if route.unknown > 0 {
                text += "; partly unseen";
            }
            if route.faults > 0 {
                text = format!("{steps}; !! {} references lost on the way", route.faults);
                ink = Ink::Vermillion;
            }
            Line::new(ink, text)
        },
    );
    boxed.lines.push(way);
    boxed
}

/// What the player stands in, and what can be done there.
fn here(view: &View) -> Boxed {
    let known = view.here();
    let mut lines = Vec::new();
    let mut frame = Ink::Dim;
    if let Some(to) = &view.me.evicted_by {
        lines.push(Line::new(
            Ink::Vermillion,
            format!("!! given to {to}: leave now, or lose a reference"),
        ));
        frame = Ink::Vermillion;
    }
    let title = match known.kind {
        RoomKind::Reserved(Site::Device(i)) => {
            let device = &view.devices[usize::from(i)];
            if let Some(request) = device.request {
                frame = Ink::White;
                lines.push(Line::new(Ink::White, "G previews the grab"));
                format!("{} wants order {}", device.name, request.order)
            } else {
                lines.push(Line::new(Ink::Dim, "it asks for nothing now"));
                device.name.clone()
            }
        }
        RoomKind::Reserved(Site::Gate(i)) => {
            let gate = &view.gates[usize::from(i)];
            let shut = !gate.open || gate.rule == GateRule::Key && !view.me.key;
            let line = if shut {
                Line::new(Ink::Dim, "it does not let you out now")
            } else {
                frame = Ink::White;
                Line::new(Ink::White, "E leaves: three turns")
            };
            lines.push(line);
            gate.name.clone()
        }
        RoomKind::Reserved(Site::Key) => "built stone".into(),
        RoomKind::Void => format!("free, order {}", known.order),
        RoomKind::Yours => format!("yours, order {}", known.order),
        RoomKind::Cache { dirty } => {
            format!(
                "page cache, {}order {}",
                if dirty { "dirty, " } else { "" },
                known.order
            )
        }
        RoomKind::Anonymous => format!("anonymous, order {}", known.order),
        RoomKind::Kernel => format!("kernel memory, order {}", known.order),
    };
    if let Ok(what) = plan::describe_clear(view, None) {
        lines.push(Line::new(Ink::Plain, format!("C C  {what}")));
    }
    if known.kind == RoomKind::Void && known.knowledge != Knowledge::Unknown && lines.is_empty() {
        let buddy = known.room ^ (1 << known.order);
        lines.push(Line::new(
            Ink::Plain,
            format!("{:#06x}; its buddy is {buddy:#06x}", known.room),
        ));
        let size = 1u32 << known.order;
        let safe = if size >= 16 {
            "large: handed out last"
        } else {
            "small: handed out first"
        };
        lines.push(Line::new(Ink::Dim, safe));
    }
    Boxed {
        title: Line::new(Ink::White, format!("here: {title}")),
        lines,
        frame,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::tests::play_of_a_raid;

    fn text_of(boxed: &Boxed) -> String {
        let lines: Vec<&str> = boxed.lines.iter().map(|line| line.text.as_str()).collect();
        format!("{}\n{}", boxed.title.text, lines.join("\n"))
    }

    #[test]
    fn the_gauge_shows_its_marks_in_order_and_within_its_length() {
        let model = model(&play_of_a_raid(), None);
        let [atomic, min, low, high] = model.marks;
        assert!(0.0 < atomic && atomic < min && min < low && low < high && high < 1.0);
        assert!((0.0..=1.0).contains(&model.gauge));
    }

    #[test]
    fn you_are_always_in_the_badness_table() {
        let model = model(&play_of_a_raid(), None);
        assert!(model.badness.len() <= BADNESS);
        assert!(model.badness.iter().any(|bar| bar.name.text == "@ you"));
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
    fn the_box_follows_the_mode() {
        let mut play = play_of_a_raid();
        assert!(text_of(&act(&play)).starts_with("here: "));
        play.mode = Mode::ChooseClear;
        let text = text_of(&act(&play));
        assert!(text.contains("north") && text.contains("here"), "{text}");
        play.mode = Mode::Confirm(Act::Isolate);
        assert!(text_of(&act(&play)).contains("I again commits"));
        play.mode = Mode::Look(play.view().me.cell);
        assert!(text_of(&act(&play)).contains("pfn 0x"));
    }

    #[test]
    fn the_compass_knows_eight_directions() {
        let middle = Cell::new(10, 10);
        let at = |x, y| compass(middle, Cell::new(x, y));
        assert_eq!(
            [at(10, 0), at(20, 10), at(10, 20), at(0, 10)],
            ["N", "E", "S", "W"]
        );
        assert_eq!(
            [at(20, 1), at(20, 19), at(1, 19), at(1, 1)],
            ["NE", "SE", "SW", "NW"]
        );
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

    #[test]
    fn no_row_is_wider_than_the_panel() {
        let model = model(&play_of_a_raid(), None);
        for line in model.interrupts.iter().chain(&model.gates) {
            assert!(line.text.chars().count() <= COLUMNS, "{}", line.text);
        }
    }
}
