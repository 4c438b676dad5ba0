//! What an intent does on each screen: the one place where screens change and turns are played.

use bevy::ecs::system::SystemParam;
use bevy::prelude::*;

use super::board::Zoom;
use super::control::{Auto, Mode, Turn};
use super::input::{Intent, Intents};
use super::session::{Lamp, Played, Scene, Session};
use super::title::{self, Choice, TitleMenu};
use super::{Screen, Stage};
use crate::labyrinth::Dir;
use crate::raid::{Item, MAX_SEED};

/// What lies over the screen.
#[derive(Resource, Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Overlay {
    /// Nothing.
    #[default]
    None,
    /// The raid waits.
    Pause {
        /// The entry that is marked.
        at: u8,
        /// Giving this raid up was chosen once.
        sure: bool,
    },
    /// How to play; and whether the pause menu comes back after it.
    Help {
        /// It was opened from the pause menu.
        paused: bool,
    },
}

/// The pause menu as it opens.
const PAUSE: Overlay = Overlay::Pause { at: 0, sure: false };

/// The entries of the pause menu, and the keys that choose them.
pub(super) fn pause_entries(sure: bool) -> Vec<(&'static str, &'static str)> {
    let again = if sure {
        ("Give this raid up?", "again")
    } else {
        ("This seed again", "r")
    };
    let mut entries = vec![
        ("Go on", "Esc"),
        ("Help", "?"),
        again,
        ("To the title", "t"),
    ];
    // A page is left as pages are.
    if cfg!(not(target_family = "wasm")) {
        entries.push(("Quit", "q"));
    }
    entries
}

/// When the next step of what goes on by itself is due, and when the end is shown; in seconds since the start.
#[derive(Resource, Debug, Default)]
pub(super) struct Due {
    auto: f32,
    end: Option<f32>,
}

impl Due {
    /// True while something will happen by itself.
    pub(super) fn ends(&self) -> bool {
        self.end.is_some()
    }
}

/// Seconds between two steps of travelling.
const TRAVEL: f32 = 0.075;
/// Seconds between two turns of work.
const REPEAT: f32 = 0.12;
/// Seconds between two turns of a replay, at the usual pace.
const REPLAY: f32 = 0.3;
/// Seconds for which the last sight of a raid stays before the end is told.
const LAST_SIGHT: f32 = 0.9;

#[derive(SystemParam)]
struct Shell<'w> {
    screen: Res<'w, State<Screen>>,
    next: ResMut<'w, NextState<Screen>>,
    session: ResMut<'w, Session>,
    scene: ResMut<'w, Scene>,
    overlay: ResMut<'w, Overlay>,
    menu: ResMut<'w, TitleMenu>,
    zoom: ResMut<'w, Zoom>,
    due: ResMut<'w, Due>,
    time: Res<'w, Time<Real>>,
    played: MessageWriter<'w, Played>,
    exit: MessageWriter<'w, AppExit>,
}

/// What the dispatcher does after an intent.
#[derive(PartialEq, Eq)]
enum After {
    /// The next intent.
    Next,
    /// The screen changes: the rest waits for it.
    Changed,
}

fn dispatch(mut intents: ResMut<Intents>, mut shell: Shell<'_>) {
    let mut after = After::Next;
    while after == After::Next
        && let Some(intent) = intents.0.pop_front()
    {
        after = shell.take(intent);
    }
    if after == After::Next {
        shell.run();
    }
}

impl Shell<'_> {
    fn take(&mut self, intent: Intent) -> After {
        if intent == Intent::Sound {
            self.session.toggle_sound();
            return After::Next;
        }
        match (*self.overlay, intent) {
            (Overlay::Pause { at, sure }, intent) => return self.pause(at, sure, intent),
            (Overlay::Help { .. }, Intent::Hover(_)) => return After::Next,
            (Overlay::Help { paused }, _) => {
                *self.overlay = if paused {
                    Overlay::Pause { at: 1, sure: false }
                } else {
                    Overlay::None
                };
                return After::Next;
            }
            (Overlay::None, Intent::Help) => {
                *self.overlay = Overlay::Help { paused: false };
                return After::Next;
            }
            _ => {}
        }
        match self.screen.get() {
            Screen::Title => self.title(intent),
            Screen::Raid => self.raid(intent),
            Screen::End => self.end(intent),
        }
    }

    fn title(&mut self, intent: Intent) -> After {
        let setup = match self.menu.take(intent) {
            Some(Choice::Continue) => {
                let taken_up = self.session.take_up();
                return self.enter(taken_up);
            }
            Some(Choice::Asked) => match &self.session.asked_for {
                Some(setup) => setup.clone(),
                None => return After::Next,
            },
            Some(Choice::New) => self.session.setup_with(Session::fresh_seed()),
            Some(Choice::Seed) => match self.menu.typed() {
                Some(seed) => self.session.setup_with(seed.min(MAX_SEED)),
                None => return After::Next,
            },
            Some(Choice::Outfit) => {
                let outfit = self.session.outfit();
                self.menu.get_ready(outfit);
                return After::Next;
            }
            Some(Choice::Buy(item)) => {
                self.buy(item);
                return After::Next;
            }
            Some(Choice::Ready) => {
                let Some(outfit) = self.menu.outfit.clone() else {
                    return After::Next;
                };
                let started = self.session.start_with(&outfit);
                return self.enter(started);
            }
            Some(Choice::Help) => {
                *self.overlay = Overlay::Help { paused: false };
                return After::Next;
            }
            Some(Choice::Quit) => return self.quit(),
            None => return After::Next,
        };
        let started = self.session.start(setup);
        self.enter(started)
    }

    /// Buys an item and shows what is to be chosen from now.
    fn buy(&mut self, item: Item) {
        match self.session.buy(item) {
            Ok(()) => {
                if let Some(outfit) = self.menu.outfit.take() {
                    self.menu.outfit = Some(self.session.outfit_again(&outfit));
                }
            }
            Err(why) => self.session.problem = Some(why),
        }
    }

    fn raid(&mut self, intent: Intent) -> After {
        match intent {
            Intent::ZoomIn => self.zoom.larger(),
            Intent::ZoomOut => self.zoom.smaller(),
            Intent::Overview => self.zoom.toggle_overview(),
            _ => {}
        }
        let Some(play) = &mut self.session.play else {
            return self.show_title();
        };
        if play.over() {
            if matches!(intent, Intent::Hover(_)) || intent.only_looks() {
                return After::Next;
            }
            return self.show_end();
        }
        if intent == Intent::Escape && play.mode == Mode::Walk && play.auto.is_none() {
            *self.overlay = PAUSE;
            return After::Next;
        }
        let turn = play.handle(intent);
        self.session.revision += 1;
        self.played(turn);
        After::Next
    }

    fn end(&mut self, intent: Intent) -> After {
        match intent {
            Intent::Retry | Intent::Confirm | Intent::Entry(0) => {
                let started = self.session.restart();
                self.enter(started)
            }
            Intent::NewSeed | Intent::Entry(1) => {
                let setup = self.session.setup_with(Session::fresh_seed());
                let started = self.session.start(setup);
                self.enter(started)
            }
            Intent::Title | Intent::Escape | Intent::Entry(2) => self.show_title(),
            Intent::Quit => self.quit(),
            _ => After::Next,
        }
    }

    fn pause(&mut self, at: u8, sure: bool, intent: Intent) -> After {
        let count = pause_entries(sure).len() as u8;
        let chosen = match intent {
            Intent::Go(Dir::North) => {
                let at = (at + count - 1) % count;
                *self.overlay = Overlay::Pause { at, sure: false };
                return After::Next;
            }
            Intent::Go(Dir::South) => {
                let at = (at + 1) % count;
                *self.overlay = Overlay::Pause { at, sure: false };
                return After::Next;
            }
            Intent::Entry(entry) => entry,
            Intent::Confirm | Intent::Wait => at,
            Intent::Escape => 0,
            Intent::Help => 1,
            Intent::Retry => 2,
            Intent::Title => 3,
            Intent::Quit => 4,
            _ => return After::Next,
        };
        if chosen >= count {
            return After::Next;
        }
        // A replay can be seen again at any time; a raid is lost.
        let played = self
            .session
            .play
            .as_ref()
            .is_some_and(|play| !play.replays() && play.raid().turn() > 0);
        if chosen == 2 && played && !sure {
            *self.overlay = Overlay::Pause { at: 2, sure: true };
            return After::Next;
        }
        *self.overlay = Overlay::None;
        match chosen {
            1 => *self.overlay = Overlay::Help { paused: true },
            2 => {
                let started = self.session.restart();
                return self.enter(started);
            }
            3 => return self.show_title(),
            4 => return self.quit(),
            _ => {}
        }
        After::Next
    }

    /// What goes on by itself: travelling, work, the way to the end screen.
    fn run(&mut self) {
        let now = self.time.elapsed_secs();
        if *self.screen.get() != Screen::Raid || *self.overlay != Overlay::None {
            return;
        }
        if self.due.end.is_some_and(|end| now >= end) {
            self.show_end();
            return;
        }
        if now < self.due.auto {
            return;
        }
        let Some(play) = &mut self.session.play else {
            return;
        };
        if play.auto.is_none() {
            return;
        }
        let turn = play.tick();
        self.session.revision += 1;
        self.played(turn);
    }

    /// Passes a turn on to what draws it, and to the journal on disk.
    fn played(&mut self, turn: Option<Turn>) {
        let now = self.time.elapsed_secs();
        let Some(play) = &self.session.play else {
            return;
        };
        self.due.auto = now
            + match play.auto {
                Some(Auto::Pilot(_)) => TRAVEL,
                Some(Auto::Replay) => {
                    let speed = play.script().map_or(0, |script| script.speed);
                    REPLAY / 2_f32.powi(speed.into())
                }
                _ => REPEAT,
            };
        let Some(turn) = turn else {
            return;
        };
        self.scene.advance(play.view().clone());
        if play.over() {
            self.due.end = Some(now + LAST_SIGHT);
        }
        self.session.save();
        self.played.write(turn.into());
    }

    fn enter(&mut self, started: Result<(), String>) -> After {
        *self.overlay = Overlay::None;
        self.due.end = None;
        match (started, &self.session.play) {
            (Ok(()), Some(play)) => {
                self.scene.replace(play.view().clone(), Lamp::Carried);
                self.zoom.leave_overview();
                if *self.screen.get() != Screen::Raid {
                    self.next.set(Screen::Raid);
                }
            }
            (Err(why), _) => {
                self.session.problem = Some(why);
                return After::Next;
            }
            _ => {}
        }
        After::Changed
    }

    fn show_end(&mut self) -> After {
        self.due.end = None;
        self.next.set(Screen::End);
        After::Changed
    }

    fn show_title(&mut self) -> After {
        self.due.end = None;
        self.next.set(Screen::Title);
        After::Changed
    }

    fn quit(&mut self) -> After {
        self.exit.write(AppExit::Success);
        After::Changed
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Overlay>()
        .init_resource::<Due>()
        .init_resource::<TitleMenu>()
        .init_resource::<Zoom>()
        .add_systems(OnEnter(Screen::Title), title::offer)
        .add_systems(Update, dispatch.in_set(Stage::Act));
}
