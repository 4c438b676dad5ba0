//! What counts as news: whatever a player who lets things go on by themselves wants to be stopped for.

use super::event::{Event, Tone};
use super::text;
use super::view::{Knowledge, View};
use crate::labyrinth::{Cell, Dir, Edge};

/// How near a wall must change to be news, in cells.
const NEAR: u16 = 2;

/// Something that happened in a turn; of several things the gravest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// The raid is over.
    Ended,
    /// You lost references; so many are left.
    Hurt {
        /// What is left.
        refs: u32,
    },
    /// Something threatens, or warns, or is heard; in the log's words.
    Told(String),
    /// A body has come into sight.
    Body {
        /// Whose.
        name: String,
    },
    /// Something else one would want to act on: a request, a device or the key found, a gate open again; in the log's
    /// words.
    Chance(String),
    /// A wall beside you has risen or fallen.
    Wall {
        /// At which cell.
        cell: Cell,
    },
}

impl std::fmt::Display for News {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Ended => write!(f, "the raid is over"),
            Self::Hurt { refs } => write!(f, "you are hurt: {refs} left"),
            Self::Told(what) | Self::Chance(what) => write!(f, "{what}"),
            Self::Body { name } => write!(f, "{name} comes into sight"),
            Self::Wall { cell } => write!(f, "a wall changes at {},{}", cell.x, cell.y),
        }
    }
}

/// What a player has agreed to, which is no news.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Agreed {
    /// Kernel rooms may be entered.
    pub faults: bool,
    /// Anonymous rooms may be entered.
    pub trespasses: bool,
}

/// The news of a turn, from what happened in it and from what is known before and after.
pub fn news(before: &View, events: &[Event], after: &View, agreed: Agreed) -> Option<News> {
    if after.outcome.is_some() {
        return Some(News::Ended);
    }
    let faulted = events
        .iter()
        .any(|event| matches!(event, Event::Faulted { .. }));
    if after.me.refs < before.me.refs && !(agreed.faults && faulted) {
        return Some(News::Hurt {
            refs: after.me.refs,
        });
    }
    let told = |event: &&Event| match event {
        Event::Faulted { .. } => !agreed.faults,
        Event::Trespassed { .. } => !agreed.trespasses,
        event => matches!(text::tone(event), Tone::Warning | Tone::Danger),
    };
    if let Some(event) = events.iter().find(told) {
        return Some(News::Told(text::sentence(event).unwrap_or_default()));
    }
    if let Some(name) = newcomer(before, after) {
        return Some(News::Body { name });
    }
    if let Some(event) = events.iter().find(|event| is_chance(event)) {
        return Some(News::Chance(text::sentence(event).unwrap_or_default()));
    }
    changed_wall(before, after).map(|cell| News::Wall { cell })
}

fn is_chance(event: &Event) -> bool {
    matches!(
        event,
        Event::Irq { .. }
            | Event::OfNoUse { .. }
            | Event::DeviceFound { .. }
            | Event::KeySeen
            | Event::KeyTaken
            | Event::GateOpened { .. }
            | Event::MinotaurLeft
            | Event::IsolationEnded
            | Event::OomKilled { .. }
    )
}

/// A body in sight that was not.
fn newcomer(before: &View, after: &View) -> Option<String> {
    after
        .bodies
        .iter()
        .filter(|body| body.turn == after.turn && body.pid != super::CURRENT)
        .find(|body| {
            !before
                .bodies
                .iter()
                .any(|old| old.pid == body.pid && old.turn == before.turn)
        })
        .map(|body| body.name.clone())
}

/// A cell near the player with a wall or door that was not there, or is gone, since it was last seen in sight.
fn changed_wall(before: &View, after: &View) -> Option<Cell> {
    let me = after.me.cell;
    let solid = |edge: Edge| edge == Edge::Wall;
    let last = after.grid.side() - 1;
    let (left, right) = (me.x.saturating_sub(NEAR), (me.x + NEAR).min(last));
    let (top, bottom) = (me.y.saturating_sub(NEAR), (me.y + NEAR).min(last));
    let cells = (top..=bottom).flat_map(|y| (left..=right).map(move |x| Cell { x, y }));
    cells
        .filter(|&cell| {
            let (old, new) = (before.cell(cell), after.cell(cell));
            old.knowledge.is_true() && new.knowledge.is_true()
        })
        .find(|&cell| {
            let (old, new) = (before.cell(cell), after.cell(cell));
            Dir::ALL
                .into_iter()
                .any(|dir| solid(old.edges[dir as usize]) != solid(new.edges[dir as usize]))
        })
}

/// What is wrong already, so that nothing should go on by itself: a sentence.
pub fn danger(view: &View) -> Option<String> {
    use super::view::MinotaurView;
    if let Some(to) = &view.me.evicted_by {
        return Some(format!("the room you stand in was given to {to}"));
    }
    if let MinotaurView::Awake { target_pid, .. } = &view.minotaur
        && *target_pid == super::CURRENT
    {
        return Some("the Minotaur comes for you".into());
    }
    let mut lines = view.transfers.iter();
    if let Some(line) = lines.find(|line| line.cells.contains(&view.me.cell)) {
        return Some(format!("{} is about to cross where you stand", line.name));
    }
    let hunter = view
        .bodies
        .iter()
        .find(|body| body.hostile && body.turn == view.turn)?;
    Some(format!("{} hunts you", hunter.name))
}

/// True for a cell that is known, now or once.
pub(super) fn known(view: &View, cell: Cell) -> bool {
    view.cell(cell).knowledge != Knowledge::Unknown
}
