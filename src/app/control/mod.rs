//! How a raid is steered: previews and commits, choosing, looking, travelling; pure, without a window or a clock.

mod point;
mod replay;
mod things;

use std::sync::Arc;

use super::input::Intent;
use super::news::News;
use crate::bot::{Hindsight, hindsight};
use crate::journal::Journal;
use crate::labyrinth::{Cell, Dir};
use crate::link::Link;
use crate::mm::Pfn;
use crate::raid::{
    Command, Event, MAX_SEED, Pilot, Raid, Rules, Setup, SetupError, Tone, View, Wish, text,
};
use crate::settings::Bindings;
pub(super) use replay::Script;

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
    /// After a death: what would have worked.
    pub hindsight: Option<Hindsight>,
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
            hindsight: None,
            raid,
        };
        let arrival = play.raid.arrival();
        play.log.write(0, &arrival);
        Ok(play)
    }

    /// Finds out what would have worked, once the raid is over.
    pub(super) fn look_back(&mut self) {
        if self.over() && self.hindsight.is_none() {
            let commands: Vec<Command> =
                self.journal.turns.iter().map(|turn| turn.command).collect();
            let rules = self.raid.rules().clone();
            self.hindsight = hindsight(rules, self.raid.setup(), &commands);
        }
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

    /// Takes an input. A turn comes back if it made one.
    pub(super) fn handle(&mut self, intent: Intent) -> Option<Turn> {
        if let Intent::Hover(cell) = intent {
            self.hover = cell;
            return None;
        }
        if intent.only_looks() || self.over() {
            return None;
        }
        // A press on a line of the box: only what was brought is chosen there.
        if let Intent::Entry(at) = intent {
            let at = usize::from(at);
            return match self.mode {
                Mode::ChooseItem(now) if now == at => self.use_item(at),
                Mode::ChooseItem(_) if at < self.usable().len() => {
                    self.mode = Mode::ChooseItem(at);
                    None
                }
                _ => None,
            };
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
            (Act::Free(pfn), Intent::Point(cell))
                if self.held_at(cell).is_some_and(|at| at != pfn) =>
            {
                self.mode = self
                    .held_at(cell)
                    .map_or(Mode::Walk, |at| Mode::Confirm(Act::Free(at)));
                None
            }
            (Act::Grab, Intent::Point(cell)) if cell == self.view().me.cell => {
                self.command(Command::Grab)
            }
            (_, Intent::Escape) => self.cancel(),
            (_, intent) => self.walk_mode(intent, armed),
        }
    }

    /// The held block that a cell lies in.
    fn held_at(&self, cell: Cell) -> Option<Pfn> {
        let pfn = crate::labyrinth::pfn_of(cell);
        let held = self.view().me.held.iter();
        held.map(|held| (held.pfn, held.order))
            .find(|&(from, order)| pfn >> order == from >> order)
            .map(|(from, _)| from)
    }

    /// True where a grab can be previewed: at a device that has asked.
    pub(super) fn asked_here(&self) -> bool {
        let view = self.view();
        let here = view.device_here();
        here.is_some_and(|i| view.devices[i].request.is_some())
    }

    fn preview_grab(&mut self) -> Option<Turn> {
        if self.asked_here() {
            self.mode = Mode::Confirm(Act::Grab);
            return None;
        }
        // The rules say why not; a refusal costs no turn.
        match self.view().device_here() {
            None => self.refuse("no device here: grab in a device's room"),
            Some(_) => self.refuse("this device has raised no interrupt"),
        }
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
