//! How a raid is steered: previews and commits, choosing, looking, travelling; pure, without a window or a clock.

use std::sync::Arc;

use super::input::Intent;
use super::news::News;
use crate::journal::Journal;
use crate::labyrinth::{Cell, Dir, Edge};
use crate::link::Link;
use crate::mm::Pfn;
use crate::raid::plan::{self, Route};
use crate::raid::{
    BodyView, Command, Event, Item, MAX_SEED, Pilot, Raid, Rules, Setup, SetupError, Stop, Target,
    Tone, View, Wish, text,
};
use crate::settings::Bindings;

/// An act that wants a preview and a second press.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    /// Grab for the device you stand at.
    Grab,
    /// Give back the held block that starts here.
    Free(Pfn),
    /// Isolate the pageblock you stand in and its buddy.
    Isolate,
}

/// What the next key means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// Walking: keys are commands.
    Walk,
    /// An act is previewed; the same key commits it, any other input cancels.
    Confirm(Act),
    /// Clear: which room?
    ChooseClear,
    /// Use: which of the things that were brought?
    ChooseItem(usize),
    /// Looking about with a cursor.
    Look(Cell),
}

/// What goes on by itself until something happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Auto {
    /// Travelling, exploring, waiting or repeating until there is news.
    Pilot(Pilot),
    /// Giving the same command until the work is done.
    Repeat(Command),
    /// Playing a recording.
    Replay,
}

impl Mode {
    /// One word, for programs that look on.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Walk => "walk",
            Self::Confirm(_) => "confirm",
            Self::ChooseClear => "clear",
            Self::ChooseItem(_) => "use",
            Self::Look(_) => "look",
        }
    }
}

/// A recording that is shown instead of played.
#[derive(Debug, Clone)]
pub(super) struct Script {
    commands: Vec<Command>,
    /// Commands shown so far.
    at: usize,
    /// How fast: `2^speed` times the usual pace.
    pub speed: i8,
}

impl Script {
    /// Turns shown, and turns there are.
    pub(super) fn progress(&self) -> (usize, usize) {
        (self.at, self.commands.len())
    }
}

/// The slowest and the fastest a recording can be shown, as [`Script::speed`].
const SPEEDS: std::ops::RangeInclusive<i8> = -2..=4;

/// A turn that was played: what was known before, and what happened.
#[derive(Debug, Clone)]
pub(super) struct Turn {
    /// The view before it.
    pub before: View,
    /// What the player perceived.
    pub events: Vec<Event>,
}

/// A raid in play, and what the player is about to do in it.
#[derive(Debug, Clone)]
pub(super) struct Play {
    raid: Raid,
    journal: Journal,
    /// What the next key means.
    pub mode: Mode,
    /// What goes on by itself.
    pub auto: Option<Auto>,
    /// The news, oldest first.
    pub log: News,
    /// How often something was refused.
    pub refused: u64,
    /// The cell under the mouse.
    pub hover: Option<Cell>,
    /// A cell whose way has a price, clicked once.
    armed: Option<Cell>,
    /// The recording that is shown, if this raid is not played but replayed.
    script: Option<Script>,
    /// What keys mean, for what is said of them.
    pub keys: Bindings,
}

impl Play {
    /// Starts a raid.
    pub(super) fn new(rules: Arc<Rules>, setup: Setup) -> Result<Self, SetupError> {
        let raid = Raid::new(rules, setup)?;
        let journal = Journal::begin(&raid);
        let mut play = Self {
            journal,
            mode: Mode::Walk,
            auto: None,
            log: News::default(),
            refused: 0,
            hover: None,
            armed: None,
            script: None,
            keys: Bindings::default(),
            raid,
        };
        let arrival = play.raid.arrival();
        play.log.write(0, &arrival);
        Ok(play)
    }

    /// Takes up a raid where a journal left it, its log written anew.
    ///
    /// # Errors
    ///
    /// One sentence if the raid cannot begin, or the rules now come to another state than the journal says.
    pub(super) fn resume(rules: Arc<Rules>, journal: &Journal) -> Result<Self, String> {
        let mut play =
            Self::new(rules, journal.setup.clone()).map_err(|error| error.to_string())?;
        for entry in &journal.turns {
            play.command(entry.command);
            if play.journal.last_hash() != entry.hash {
                return Err(format!(
                    "turn {}: the rules come to another state than the journal says",
                    play.raid.turn()
                ));
            }
        }
        play.auto = None;
        Ok(play)
    }

    /// Shows a raid that was played before, from its beginning.
    ///
    /// # Errors
    ///
    /// One sentence if the raid cannot begin.
    pub(super) fn watch(rules: Arc<Rules>, journal: &Journal) -> Result<Self, String> {
        let mut play =
            Self::new(rules, journal.setup.clone()).map_err(|error| error.to_string())?;
        play.script = Some(Script {
            commands: journal.turns.iter().map(|turn| turn.command).collect(),
            at: 0,
            speed: 0,
        });
        play.auto = Some(Auto::Replay);
        Ok(play)
    }

    /// The link that leads to this raid, without its `#`; none if no link can say what it started from.
    #[cfg_attr(
        not(target_family = "wasm"),
        allow(dead_code, reason = "only a page has somebody to tell")
    )]
    pub(super) fn link(&self) -> Option<String> {
        let Setup {
            zone,
            seed,
            layout,
            loadout,
            modifiers,
        } = self.raid.setup();
        let link = Link::Raid {
            zone: zone.clone(),
            seed: Some(*seed),
            loadout: loadout.clone(),
            modifiers: modifiers.clone(),
        };
        (layout.is_none() && *seed <= MAX_SEED).then(|| link.to_string())
    }

    /// The recording, if this raid is replayed and not played.
    pub(super) fn script(&self) -> Option<&Script> {
        self.script.as_ref()
    }

    /// True if this raid is replayed and not played.
    pub(super) fn replays(&self) -> bool {
        self.script.is_some()
    }

    /// What the player knows.
    pub(super) fn view(&self) -> &View {
        self.raid.view()
    }

    /// The raid.
    pub(super) fn raid(&self) -> &Raid {
        &self.raid
    }

    /// The record of it.
    pub(super) fn journal(&self) -> &Journal {
        &self.journal
    }

    /// True once the raid has ended.
    pub(super) fn over(&self) -> bool {
        self.raid.outcome().is_some()
    }

    /// The route to the cell under the mouse, if one is known.
    pub(super) fn hover_route(&self) -> Option<Route> {
        let to = self.hover.filter(|&cell| cell != self.view().me.cell)?;
        plan::route(self.view(), to)
    }

    /// Takes an input. A turn comes back if it made one.
    pub(super) fn handle(&mut self, intent: Intent) -> Option<Turn> {
        if let Intent::Hover(cell) = intent {
            self.hover = cell;
            return None;
        }
        if intent.only_looks() || self.over() {
            return None;
        }
        if self.replays() && !matches!(self.mode, Mode::Look(_)) {
            return self.conduct(intent);
        }
        self.auto = None;
        let armed = self.armed.take();
        if matches!(
            intent,
            Intent::Go(_) | Intent::Wait | Intent::Explore | Intent::WaitNews | Intent::Repeat
        ) {
            // Whoever plays by keys does not point with the mouse.
            self.hover = None;
        }
        match (self.mode, intent) {
            (Mode::Confirm(act), intent) => self.confirm(act, intent, armed),
            (Mode::ChooseClear, Intent::Go(dir)) => self.command(Command::Clear(Some(dir))),
            (Mode::ChooseClear, Intent::Clear | Intent::Confirm) => {
                self.command(Command::Clear(None))
            }
            (Mode::ChooseClear, Intent::Point(cell)) => {
                let me = self.view().me.cell;
                match Dir::between(me, cell) {
                    Some(dir) => self.command(Command::Clear(Some(dir))),
                    None if me == cell => self.command(Command::Clear(None)),
                    None => self.cancel(),
                }
            }
            (Mode::Look(cursor), Intent::Go(dir)) => {
                let next = self.view().grid.step(cursor, dir).unwrap_or(cursor);
                self.mode = Mode::Look(next);
                None
            }
            (Mode::Look(cursor), Intent::Confirm) => self.point(cursor, armed),
            (Mode::ChooseItem(at), Intent::Go(dir)) => {
                let count = self.usable().len().max(1);
                let by = if matches!(dir, Dir::North | Dir::West) {
                    count - 1
                } else {
                    1
                };
                self.mode = Mode::ChooseItem((at + by) % count);
                None
            }
            (Mode::ChooseItem(at), Intent::Use | Intent::Confirm) => self.use_item(at),
            (Mode::Look(_), Intent::Look | Intent::Escape)
            | (Mode::ChooseClear | Mode::ChooseItem(_), Intent::Escape) => self.cancel(),
            (_, intent) => self.walk_mode(intent, armed),
        }
    }

    /// Does the next step of what goes on by itself.
    pub(super) fn tick(&mut self) -> Option<Turn> {
        match self.auto? {
            Auto::Repeat(command) => self.command(command),
            Auto::Pilot(pilot) => self.fly(pilot),
            Auto::Replay => self.show_next(),
        }
    }

    /// An input while a recording is shown.
    fn conduct(&mut self, intent: Intent) -> Option<Turn> {
        let goes_on = self.auto.take().is_some();
        match intent {
            Intent::Wait | Intent::Confirm => {
                if !goes_on {
                    self.auto = Some(Auto::Replay);
                }
                None
            }
            Intent::Go(Dir::East) => self.show_next(),
            Intent::Go(Dir::West) => self.show_last(),
            Intent::Go(dir) => {
                if goes_on {
                    self.auto = Some(Auto::Replay);
                }
                let by = if dir == Dir::North { 1 } else { -1 };
                if let Some(script) = &mut self.script {
                    script.speed = (script.speed + by).clamp(*SPEEDS.start(), *SPEEDS.end());
                }
                None
            }
            Intent::Look => {
                self.mode = Mode::Look(self.view().me.cell);
                None
            }
            Intent::Inspect(cell) => {
                self.mode = Mode::Look(cell);
                None
            }
            Intent::Escape | Intent::Other => None,
            _ => self.refuse("this is a replay: Space pauses, arrows step and change the pace"),
        }
    }

    /// Shows the next turn of the recording.
    fn show_next(&mut self) -> Option<Turn> {
        let goes_on = self.auto.is_some();
        let script = self.script.as_mut()?;
        let Some(&command) = script.commands.get(script.at) else {
            self.auto = None;
            return self.refuse("the recording ends here");
        };
        script.at += 1;
        let turn = self.command(command);
        if goes_on && turn.is_some() && !self.over() {
            self.auto = Some(Auto::Replay);
        } else {
            self.auto = None;
        }
        turn
    }

    /// Shows the turn before: the raid is played anew up to there.
    fn show_last(&mut self) -> Option<Turn> {
        let script = self.script.as_ref()?;
        let at = script.at.checked_sub(1)?;
        let before = self.view().clone();
        let mut anew = Self::new(self.raid.rules().clone(), self.raid.setup().clone()).ok()?;
        for &command in &script.commands[..at] {
            anew.command(command);
        }
        anew.auto = None;
        anew.keys = self.keys.clone();
        anew.script = Some(Script {
            at,
            ..script.clone()
        });
        *self = anew;
        Some(Turn {
            before,
            events: Vec::new(),
        })
    }

    /// What was brought and is used by hand, and how often each can be used still.
    pub(super) fn usable(&self) -> Vec<(Item, u32)> {
        let by_hand = |item: &Item| item.target() != Target::Passive;
        let kit = self.view().me.kit.iter().copied();
        kit.filter(|(item, _)| by_hand(item)).collect()
    }

    /// The task that an item would be used on: the nearest body in sight that can die.
    pub(super) fn prey(&self, at: usize) -> Option<&BodyView> {
        let view = self.view();
        let (item, _) = *self.usable().get(at)?;
        if item.target() != Target::Task {
            return None;
        }
        let me = view.me.cell;
        let bodies = view.bodies.iter();
        let there = bodies.filter(|body| body.turn == view.turn && body.pid != 0 && body.refs > 0);
        there.min_by_key(|body| {
            (
                me.x.abs_diff(body.cell.x) + me.y.abs_diff(body.cell.y),
                body.pid,
            )
        })
    }

    fn use_item(&mut self, at: usize) -> Option<Turn> {
        let Some(&(item, _)) = self.usable().get(at) else {
            return self.cancel();
        };
        let prey = self.prey(at).map(|body| body.pid);
        self.command(Command::Use(item, prey))
    }

    fn cancel(&mut self) -> Option<Turn> {
        self.mode = Mode::Walk;
        None
    }

    fn walk_mode(&mut self, intent: Intent, armed: Option<Cell>) -> Option<Turn> {
        self.mode = Mode::Walk;
        match intent {
            Intent::Go(dir) => self.command(Command::Step(dir)),
            Intent::Wait => self.command(Command::Wait),
            Intent::Clear => {
                self.mode = Mode::ChooseClear;
                None
            }
            Intent::Grab => self.preview_grab(),
            Intent::Free => match self.view().me.held.first() {
                Some(held) => {
                    self.mode = Mode::Confirm(Act::Free(held.pfn));
                    None
                }
                None => self.refuse("you hold no block to give back"),
            },
            Intent::Isolate => {
                if self.view().me.isolation.is_some() || self.view().me.isolate_charges == 0 {
                    return self.command(Command::Isolate);
                }
                self.mode = Mode::Confirm(Act::Isolate);
                None
            }
            Intent::Use => {
                if self.usable().is_empty() {
                    return self.refuse("you brought nothing that is used by hand");
                }
                self.mode = Mode::ChooseItem(0);
                None
            }
            Intent::Extract => self.command(Command::Extract),
            Intent::Explore => self.fly(Pilot::new(Wish::Explore)),
            Intent::WaitNews => self.fly(Pilot::new(Wish::Wait)),
            Intent::Repeat => match self.journal.turns.last() {
                Some(last) => {
                    let again = last.command;
                    self.fly(Pilot::new(Wish::Repeat(again)))
                }
                None => self.refuse("nothing to repeat yet"),
            },
            Intent::Look => {
                self.mode = Mode::Look(self.view().me.cell);
                None
            }
            Intent::Inspect(cell) => {
                self.mode = Mode::Look(cell);
                None
            }
            Intent::Point(cell) => self.point(cell, armed),
            Intent::Confirm if self.view().gate_here().is_some() => self.command(Command::Extract),
            _ => None,
        }
    }

    /// The second press, or a cancellation by any other input, which is then acted on.
    fn confirm(&mut self, act: Act, intent: Intent, armed: Option<Cell>) -> Option<Turn> {
        match (act, intent) {
            (Act::Grab, Intent::Grab) => self.command(Command::Grab),
            (Act::Isolate, Intent::Isolate) => self.command(Command::Isolate),
            (Act::Free(pfn), Intent::Free) => self.command(Command::Free(pfn)),
            (Act::Free(pfn), Intent::Go(dir)) if self.view().me.held.len() > 1 => {
                let held = &self.view().me.held;
                let at = held.iter().position(|held| held.pfn == pfn).unwrap_or(0);
                let step = if matches!(dir, Dir::North | Dir::West) {
                    held.len() - 1
                } else {
                    1
                };
                self.mode = Mode::Confirm(Act::Free(held[(at + step) % held.len()].pfn));
                None
            }
            (Act::Grab, Intent::Point(cell)) if cell == self.view().me.cell => {
                self.command(Command::Grab)
            }
            (_, Intent::Escape) => self.cancel(),
            (_, intent) => self.walk_mode(intent, armed),
        }
    }

    fn preview_grab(&mut self) -> Option<Turn> {
        let view = self.view();
        let asked = view
            .device_here()
            .is_some_and(|i| view.devices[i].request.is_some());
        if asked {
            self.mode = Mode::Confirm(Act::Grab);
            return None;
        }
        // The rules say why not; a refusal costs no turn.
        match self.view().device_here() {
            None => self.refuse("no device here: grab in a device's room"),
            Some(_) => self.refuse("this device has raised no interrupt"),
        }
    }

    /// A click on the map: act here, attack next door, or travel there.
    fn point(&mut self, cell: Cell, armed: Option<Cell>) -> Option<Turn> {
        self.mode = Mode::Walk;
        let view = self.view();
        let me = view.me.cell;
        if cell == me {
            if view.gate_here().is_some() {
                return self.command(Command::Extract);
            }
            return if view.device_here().is_some() {
                self.preview_grab()
            } else {
                None
            };
        }
        if let Some(dir) = Dir::between(me, cell)
            && matches!(view.edge(me, dir), Some(Edge::Open | Edge::Door))
            && view.body_at(cell).is_some()
        {
            return self.command(Command::Step(dir));
        }
        let Some(route) = plan::route(view, cell) else {
            return self.refuse("no known way there");
        };
        if route.faults > 0 && armed != Some(cell) {
            self.armed = Some(cell);
            let price = Stop::Priced {
                faults: route.faults,
            };
            return self.refuse(&format!("{price}; click again to go"));
        }
        self.fly(Pilot::travel(cell, route.faults))
    }

    /// Plays the next turn of what goes on by itself, and stops it when there is news: the log says why.
    fn fly(&mut self, mut pilot: Pilot) -> Option<Turn> {
        self.auto = None;
        let command = match pilot.next(self.view()) {
            Ok(command) => command,
            Err(stop) => return self.refuse(&stop.to_string()),
        };
        let turn = self.command(command)?;
        match pilot.played(&turn.before, &turn.events, self.view()) {
            Ok(()) => self.auto = Some(Auto::Pilot(pilot)),
            Err(Stop::News(news)) => {
                // What the log says already is not said again.
                self.auto = None;
                let why = news.to_string();
                if self.log.newest().next().is_none_or(|line| line.text != why) {
                    self.log.push(self.raid.turn(), Tone::Detail, why);
                }
            }
            Err(stop) => {
                self.auto = None;
                if stop != Stop::Done("you are there") {
                    self.refuse(&stop.to_string());
                }
            }
        }
        Some(turn)
    }

    fn refuse(&mut self, why: &str) -> Option<Turn> {
        self.refused += 1;
        self.log
            .push(self.raid.turn(), Tone::Detail, why.to_string());
        None
    }

    /// Gives a command to the rules.
    fn command(&mut self, command: Command) -> Option<Turn> {
        self.mode = Mode::Walk;
        self.auto = None;
        let before = self.raid.view().clone();
        let events = match self.raid.step(command) {
            Ok(events) => events,
            Err(refusal) => return self.refuse(&refusal.to_string()),
        };
        self.journal.record(command, &self.raid);
        self.log.write(self.raid.turn(), &events);
        let danger = events
            .iter()
            .any(|event| matches!(text::tone(event), Tone::Danger));
        let unfinished = self.view().me.work.is_some_and(|(_, left)| left > 0);
        if unfinished
            && !danger
            && !self.replays()
            && matches!(command, Command::Clear(_) | Command::Extract)
        {
            self.auto = Some(Auto::Repeat(command));
        }
        Some(Turn { before, events })
    }
}
