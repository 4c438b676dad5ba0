//! The screen in words and figures: a text for those who cannot see it, and a state for programs that look on.

use serde::Serialize;

use super::Screen;
use super::bench::Bench;
use super::codex::CodexScreen;
use super::control::Play;
use super::learn::{Learn, Tips};
use super::panel;
use super::prefs::Prefs;
use super::settings::SettingsMenu;
use super::shell::{Overlay, pause_entries};
use super::title::TitleMenu;
use crate::labyrinth::{Dir, Edge, pfn_of};
use crate::lesson::desk::Desk;
use crate::phrases::Phrase;
use crate::raid::{
    GateRule, Knowledge, MinotaurView, Outcome, RULES_VERSION, RoomKind, Site, View,
};

/// What is told to programs: teachers' scripts and tests. Fields may be added, none change their meaning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Status {
    /// Version of the game.
    version: &'static str,
    /// Version of the rules.
    rules: u32,
    /// `title`, `raid`, `end`, `replay`, `learn` or `bench`.
    screen: &'static str,
    /// What lies over it: `pause`, `help`, `settings` or `codex`.
    overlay: Option<&'static str>,
    /// The lesson that is played.
    #[serde(skip_serializing_if = "Option::is_none")]
    lesson: Option<LessonStatus>,
    /// The raid, on every screen but the title.
    #[serde(flatten)]
    raid: Option<RaidStatus>,
}

/// The lesson part of a [`Status`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct LessonStatus {
    id: String,
    /// The present step, from 0 on.
    step: u32,
    steps: u32,
    /// The step is done.
    solved: bool,
    /// All steps are.
    done: bool,
}

/// The raid part of a [`Status`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct RaidStatus {
    zone: String,
    seed: u64,
    turn: u32,
    /// Free pages now.
    free: u32,
    /// The marks, in pages.
    min: u32,
    low: u32,
    high: u32,
    position: Position,
    references: u32,
    /// Pages in the bag.
    pages: u32,
    /// Turns until the hard lockup.
    watchdog: u32,
    /// State hash, 16 hex digits.
    hash: String,
    /// One word once the raid is over.
    over: Option<&'static str>,
    /// What the next key means: `walk`, `confirm`, `clear` or `look`.
    mode: &'static str,
    /// A journey, a work or a replay goes on by itself.
    busy: bool,
    /// Where the player is drawn, and how large a cell is, in CSS pixels; none while that is not on the screen.
    drawn: Option<Drawn>,
}

/// A place on the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) struct Drawn {
    /// From the left.
    pub x: i32,
    /// From the top.
    pub y: i32,
    /// Pixels along the side of a cell.
    pub cell: u32,
}

/// Where the player stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Position {
    pfn: u32,
    x: u16,
    y: u16,
}

/// The state of the game.
pub(super) fn status(
    screen: Screen,
    overlay: Overlay,
    play: Option<&Play>,
    drawn: Option<Drawn>,
    desk: Option<&Desk>,
) -> Status {
    let play = play.filter(|_| matches!(screen, Screen::Raid | Screen::End));
    Status {
        version: env!("CARGO_PKG_VERSION"),
        rules: RULES_VERSION,
        screen: match screen {
            Screen::Title => "title",
            Screen::Raid if play.is_some_and(Play::replays) => "replay",
            Screen::Raid => "raid",
            Screen::End => "end",
            Screen::Learn => "learn",
            Screen::Bench => "bench",
        },
        overlay: match overlay {
            Overlay::None => None,
            Overlay::Pause { .. } => Some("pause"),
            Overlay::Help { .. } => Some("help"),
            Overlay::Settings { .. } => Some("settings"),
            Overlay::Codex { .. } => Some("codex"),
        },
        lesson: desk.filter(|_| screen == Screen::Learn).map(|desk| {
            let view = desk.view();
            LessonStatus {
                id: view.id.clone(),
                step: view.step,
                steps: view.steps,
                solved: view.solved,
                done: view.done,
            }
        }),
        raid: play.map(|play| raid_status(play, drawn)),
    }
}

fn raid_status(play: &Play, drawn: Option<Drawn>) -> RaidStatus {
    let view = play.view();
    let cell = view.me.cell;
    RaidStatus {
        zone: view.zone.clone(),
        seed: view.seed,
        turn: view.turn,
        free: view.gauge.free,
        min: view.gauge.marks.min,
        low: view.gauge.marks.low,
        high: view.gauge.marks.high,
        position: Position {
            pfn: pfn_of(cell),
            x: cell.x,
            y: cell.y,
        },
        references: view.me.refs,
        pages: view.me.mapped_pages(),
        watchdog: view.watchdog.0,
        hash: format!("{:016x}", play.journal().last_hash()),
        over: view.outcome.as_ref().map(Outcome::word),
        mode: play.mode.word(),
        busy: play.auto.is_some(),
        drawn,
    }
}

/// The screen as lines of text.
pub(super) fn describe(
    screen: Screen,
    overlay: Overlay,
    play: Option<&Play>,
    menus: (
        &TitleMenu,
        &SettingsMenu,
        &CodexScreen,
        &Bench,
        &Learn,
        &Tips,
    ),
    prefs: &Prefs,
    problem: Option<&str>,
) -> Vec<String> {
    let (menu, settings, codex, bench, learn, tips) = menus;
    match overlay {
        Overlay::Pause { at, sure } => {
            let mut lines = vec![format!("{}.", prefs.say(Phrase::PauseTitle))];
            let texts = pause_entries(sure, prefs);
            lines.extend(entries(texts.iter().map(|(text, _)| text.as_str()), at));
            return lines;
        }
        Overlay::Help { .. } => return super::help::text(prefs),
        Overlay::Settings { .. } => return super::settings::text(settings, prefs),
        Overlay::Codex { .. } => return super::codex::text(codex, prefs),
        Overlay::None => {}
    }
    match (screen, play) {
        (Screen::Title, _) => {
            let mut lines = vec![format!("Void Labyrinth. {}", prefs.say(Phrase::Motto))];
            let texts = menu.entries(prefs);
            lines.extend(entries(
                texts.iter().map(|(text, _)| text.as_str()),
                menu.at,
            ));
            lines.extend(menu.note());
            lines.extend(problem.map(|problem| format!("Note: {}", sentence(problem))));
            lines
        }
        (Screen::Learn, _) => learn.describe(prefs),
        (Screen::Raid, Some(play)) => {
            let mut lines = raid(play);
            lines.extend(tips.text(prefs));
            lines
        }
        (Screen::End, Some(play)) => super::end::text(play, prefs),
        (Screen::Bench, _) => bench.text(prefs),
        (_, None) => Vec::new(),
    }
}

/// What of a menu's text is said aloud when it takes the place of another text: what it is, if that is new, the row that
/// is marked now, and notes. The rest is there to be read.
pub(super) fn spoken<'a>(before: &str, now: &'a [String]) -> impl Iterator<Item = &'a str> {
    let heard: Vec<&str> = before.lines().collect();
    now.iter()
        .enumerate()
        .filter(move |(place, line)| {
            let worth = *place == 0 || line.ends_with(MARKED) || line.starts_with("Note: ");
            worth && !heard.contains(&line.as_str())
        })
        .map(|(_, line)| line.as_str())
}

/// Lines of a lesson or of the bench that are said at once, at most.
const AT_ONCE: usize = 8;

/// What is said aloud of a lesson or of the bench when its text takes the place of another: what is new in it, as an
/// answer is, from the top, but not what is being typed.
pub(super) fn answered<'a>(before: &str, now: &'a [String]) -> impl Iterator<Item = &'a str> {
    let heard: Vec<&str> = before.lines().collect();
    let typed = move |line: &str| {
        let stem = |line: &'_ str| line.trim_end_matches('_').to_owned();
        let new = stem(line);
        heard.iter().map(|old| stem(old)).any(|old| {
            let (short, long) = if old.len() < new.len() {
                (&old, &new)
            } else {
                (&new, &old)
            };
            !short.is_empty() && long.starts_with(short.as_str()) && long.len() - short.len() <= 4
        })
    };
    let new = move |line: &&String| !typed(line);
    now.iter().filter(new).take(AT_ONCE).map(String::as_str)
}

/// With a full stop, if it has no end of its own.
fn sentence(text: &str) -> String {
    let open = !text.ends_with(['.', '?', '!']);
    format!("{text}{}", if open { "." } else { "" })
}

/// After the row that Enter would choose.
pub(super) const MARKED: &str = ", marked";

fn entries<'a>(
    texts: impl Iterator<Item = &'a str> + 'a,
    at: u8,
) -> impl Iterator<Item = String> + 'a {
    texts.enumerate().map(move |(place, text)| {
        let marked = if place == usize::from(at) { MARKED } else { "" };
        format!("{text}{marked}")
    })
}

fn raid(play: &Play) -> Vec<String> {
    let view = play.view();
    let gauge = view.gauge;
    let mut lines = vec![format!(
        "Zone {}, seed {}, turn {}. Watchdog {} turns. References {} of {}. In the bag {} pages.",
        view.zone,
        view.seed,
        view.turn,
        view.watchdog.0,
        view.me.refs,
        view.me.refs_max,
        view.me.mapped_pages()
    )];
    lines.push(format!(
        "Free pages {}; atomic floor {}, min {}, low {}, high {}.",
        gauge.free, gauge.atomic, gauge.marks.min, gauge.marks.low, gauge.marks.high
    ));
    let cell = view.me.cell;
    lines.push(format!("You are at column {}, row {}.", cell.x, cell.y));
    lines.extend(panel::box_text(play));
    for dir in Dir::ALL {
        lines.push(format!("{}: {}.", name(dir), beyond(view, dir)));
    }
    for body in view.bodies.iter().filter(|body| body.turn == view.turn) {
        let hostile = if body.hostile { ", hostile" } else { "" };
        let (steps, way) = (cell.manhattan(body.cell), bearing(view, body.cell));
        lines.push(format!("{}{hostile}, {steps} cells off, {way}.", body.name));
    }
    for device in &view.devices {
        if let Some(request) = device.request {
            let (name, order) = (&device.name, request.order);
            let place = match (device.room, device.bearing) {
                (Some((pfn, _)), _) => bearing(view, crate::labyrinth::cell_of(pfn)).to_string(),
                (None, Some(bearing)) => format!("somewhere {bearing}"),
                (None, None) => "somewhere".into(),
            };
            let left = request.expires.saturating_sub(view.turn);
            lines.push(format!(
                "Interrupt: {name} wants order {order}, {place}, {left} turns left."
            ));
        }
    }
    for gate in &view.gates {
        let open = match gate.rule {
            _ if !gate.open => "shut",
            GateRule::Key if !view.me.key => "opens with the key",
            _ => "open",
        };
        let place = bearing(view, crate::labyrinth::cell_of(gate.room.0));
        lines.push(format!("Gate {}: {open}, {place}.", gate.name));
    }
    if let MinotaurView::Awake { cell, target, .. } = &view.minotaur {
        let place = bearing(view, *cell);
        lines.push(format!("The Minotaur is {place}; it goes for {target}."));
    }
    lines
}

const fn name(dir: Dir) -> &'static str {
    match dir {
        Dir::North => "North",
        Dir::East => "East",
        Dir::South => "South",
        Dir::West => "West",
    }
}

/// What lies next door.
fn beyond(view: &View, dir: Dir) -> String {
    let edge = view.edge(view.me.cell, dir);
    let Some(next) = view.grid.step(view.me.cell, dir) else {
        return "the end of memory".into();
    };
    let known = view.cell(next);
    let what = match known.kind {
        _ if known.knowledge == Knowledge::Unknown => "unknown",
        RoomKind::Void => "free memory",
        RoomKind::Yours => "yours",
        RoomKind::Cache { dirty: true } => "dirty page cache",
        RoomKind::Cache { dirty: false } => "page cache",
        RoomKind::Anonymous => "anonymous memory",
        RoomKind::Kernel => "kernel memory, costs a reference",
        RoomKind::Reserved(Site::Device(_)) => "a device",
        RoomKind::Reserved(Site::Gate(_)) => "a gate",
        RoomKind::Reserved(Site::Stone) => "no memory",
        RoomKind::Reserved(Site::Terminal(_)) => "a terminal",
        RoomKind::Reserved(Site::Key) => "built stone",
    };
    match edge {
        Some(Edge::Open) => format!("open, {what}"),
        Some(Edge::Door) => format!("a door to {what}, order {}", known.order),
        Some(Edge::Wall) => "a wall".into(),
        Some(Edge::Outside) => "the end of memory".into(),
        None => "unknown".into(),
    }
}

/// One of eight directions from the player, with "here" for the same cell.
fn bearing(view: &View, to: crate::labyrinth::Cell) -> &'static str {
    let from = view.me.cell;
    let (dx, dy) = (
        i32::from(to.x) - i32::from(from.x),
        i32::from(to.y) - i32::from(from.y),
    );
    let far = dx.abs().max(dy.abs());
    let part = |d: i32| if d.abs() * 2 < far { 0 } else { d.signum() };
    match (part(dx), part(dy)) {
        (0, 0) => "here",
        (0, -1) => "north",
        (0, _) => "south",
        (1, 0) => "east",
        (_, 0) => "west",
        (1, -1) => "north-east",
        (1, _) => "south-east",
        (_, -1) => "north-west",
        _ => "south-west",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_said_and_what_is_typed_is_not() {
        let before = "Sandbox.\n$ alloc_page_\norder 0: 3";
        let now = ["Sandbox.", "$ alloc_pages_", "order 0: 3"].map(String::from);
        assert_eq!(answered(before, &now).count(), 0);
        let now = ["Sandbox.", "= 0x0 order 2", "$ _", "order 0: 3"].map(String::from);
        let said: Vec<_> = answered(before, &now).collect();
        assert_eq!(said, ["= 0x0 order 2", "$ _"]);
        let flood: Vec<String> = (0..99).map(|i| format!("{i} line")).collect();
        assert_eq!(answered(before, &flood).count(), AT_ONCE);
    }

    #[test]
    fn a_note_ends_once() {
        assert_eq!(sentence("no seed"), "no seed.");
        assert_eq!(sentence("It goes on."), "It goes on.");
        assert_eq!(sentence("is it there?"), "is it there?");
    }

    #[test]
    fn of_a_menu_the_marked_row_is_said_once() {
        let before = "Paused.\nGo on, marked\nHelp";
        let now = ["Paused.", "Go on", "Help, marked", "Note: no."].map(String::from);
        let said: Vec<_> = spoken(before, &now).collect();
        assert_eq!(said, ["Help, marked", "Note: no."]);
        assert_eq!(spoken(&now.join("\n"), &now).count(), 0);
        assert_eq!(spoken("", &now).count(), 3);
    }
    use crate::app::tests::play_of_a_raid;

    #[test]
    fn the_state_names_the_raid_and_the_title_has_none() {
        let play = play_of_a_raid();
        let status = status(Screen::Raid, Overlay::None, Some(&play), None, None);
        let json = serde_json::to_value(&status).expect("plain data");
        assert_eq!(json["screen"], "raid");
        assert_eq!(json["seed"], 7);
        assert_eq!(json["turn"], 0);
        assert_eq!(json["position"]["pfn"], pfn_of(play.view().me.cell));
        assert_eq!(json["hash"], format!("{:016x}", play.raid().state_hash()));
        let title = super::status(Screen::Title, Overlay::None, Some(&play), None, None);
        let json = serde_json::to_value(&title).expect("plain data");
        assert_eq!(json["screen"], "title");
        assert!(json.get("turn").is_none());
    }

    #[test]
    fn every_screen_has_words() {
        let play = play_of_a_raid();
        let (menu, settings) = <(TitleMenu, SettingsMenu)>::default();
        let (codex, bench) = <(CodexScreen, Bench)>::default();
        let (learn, tips) = <(Learn, Tips)>::default();
        let menus = (&menu, &settings, &codex, &bench, &learn, &tips);
        let prefs = &Prefs::new(&crate::settings::Settings::default());
        for (screen, overlay) in [
            (Screen::Title, Overlay::None),
            (Screen::Raid, Overlay::None),
            (Screen::Raid, Overlay::Pause { at: 2, sure: false }),
            (Screen::Raid, Overlay::Help { paused: false }),
            (Screen::Title, Overlay::Settings { paused: false }),
        ] {
            let lines = describe(screen, overlay, Some(&play), menus, prefs, None);
            assert!(lines.len() > 3, "{screen:?} {overlay:?}: {lines:?}");
            assert!(lines.iter().all(|line| !line.contains('\n')));
        }
        let text =
            describe(Screen::Raid, Overlay::None, Some(&play), menus, prefs, None).join("\n");
        let told = describe(
            Screen::Title,
            Overlay::None,
            None,
            menus,
            prefs,
            Some("a link"),
        );
        assert_eq!(told.last().map(String::as_str), Some("Note: a link."));
        for part in ["Zone dma", "Free pages", "You are at", "North: ", "Gate "] {
            assert!(text.contains(part), "{part} is missing in {text}");
        }
    }
}
