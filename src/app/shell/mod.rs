//! What an intent does on each screen: the one place where screens change and turns are played.

mod bench;
mod going;
mod learn;
mod pause;

use bevy::ecs::system::SystemParam;
use bevy::prelude::*;

use super::bench::Bench;
use super::board::Zoom;
use super::codex::CodexScreen;
use super::control::Mode;
use super::end;
use super::input::{Given, Intent, Intents, Press};
use super::learn::{Learn, Source, Tips};
use super::panel::PanelPage;
use super::prefs::Prefs;
use super::session::{Lamp, Played, Scene, Session};
use super::settings::{Deed, SettingsMenu};
use super::title::{self, Choice, TitleMenu};
use super::{Screen, Stage};
use crate::labyrinth::Dir;
use crate::raid::{Item, MAX_SEED};
use crate::settings::{Context, Settings, ZoomStep};
use crate::workbench::{Act, Stroke};
pub(super) use going::Due;
pub(super) use pause::pause_entries;
use pause::{PAUSE, PauseChoice};

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
    /// The codex; and whether the pause menu comes back after it.
    Codex {
        /// It was opened from the pause menu.
        paused: bool,
    },
    /// The settings; and whether the pause menu comes back after them.
    Settings {
        /// They were opened from the pause menu.
        paused: bool,
    },
}

/// How far the help page is pushed up, in pixels at 1280x720.
#[derive(Resource, Debug, Default)]
pub(super) struct Scroll(pub f32);

/// How far one press pushes it.
const SCROLL: f32 = 48.0;
/// How far a page of it is.
const PAGE: f32 = 192.0;
/// Lines of news that the codex is opened at.
const RECENT: usize = 8;

#[derive(SystemParam)]
struct Shell<'w> {
    screen: Res<'w, State<Screen>>,
    next: ResMut<'w, NextState<Screen>>,
    session: ResMut<'w, Session>,
    scene: ResMut<'w, Scene>,
    overlay: ResMut<'w, Overlay>,
    menu: ResMut<'w, TitleMenu>,
    zoom: ResMut<'w, Zoom>,
    prefs: ResMut<'w, Prefs>,
    set: ResMut<'w, SettingsMenu>,
    learn: ResMut<'w, Learn>,
    tips: ResMut<'w, Tips>,
    codex: ResMut<'w, CodexScreen>,
    scroll: ResMut<'w, Scroll>,
    what_next: ResMut<'w, end::Next>,
    page: ResMut<'w, PanelPage>,
    due: ResMut<'w, Due>,
    bench: ResMut<'w, Bench>,
    given: Res<'w, Given>,
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
        after = shell.take_gifts();
    }
    if after == After::Next {
        shell.run();
    }
}

impl Shell<'_> {
    fn take(&mut self, intent: Intent) -> After {
        let intent = match intent {
            Intent::Key(press) => match self.meaning(press) {
                Some(intent) => intent,
                None => return After::Next,
            },
            intent => intent,
        };
        if intent == Intent::Sound {
            self.session.toggle_sound();
            self.prefs.follow(&self.session.settings());
            return After::Next;
        }
        if intent == Intent::Dismiss {
            self.tips.hide();
            return After::Next;
        }
        match (*self.overlay, intent) {
            (Overlay::Pause { at, sure }, intent) => return self.pause(at, sure, intent),
            (Overlay::Settings { paused }, intent) => {
                match self.change(|menu, settings| menu.take(intent, settings)) {
                    Deed::Stay => {}
                    Deed::Close => self.uncover(paused, PauseChoice::Settings),
                    Deed::Runs { table } => {
                        let told = crate::app::bench::hand_out_runs(&self.session, table);
                        self.set.tell(told);
                    }
                }
                return After::Next;
            }
            (Overlay::Codex { paused }, intent) => {
                if !self.codex.take(intent, &mut self.scroll) {
                    self.uncover(paused, PauseChoice::Codex);
                }
                return After::Next;
            }
            (Overlay::Help { .. }, Intent::Hover(_)) => return After::Next,
            (Overlay::Help { .. }, Intent::Go(Dir::South) | Intent::ZoomOut) => {
                self.scroll.0 += SCROLL;
                return After::Next;
            }
            (Overlay::Help { .. }, Intent::Go(Dir::North) | Intent::ZoomIn) => {
                self.scroll.0 = (self.scroll.0 - SCROLL).max(0.0);
                return After::Next;
            }
            (Overlay::Help { .. }, Intent::Step(_, on)) => {
                self.push_page(on);
                return After::Next;
            }
            (Overlay::Help { paused }, _) => {
                self.uncover(paused, PauseChoice::Help);
                return After::Next;
            }
            (Overlay::None, Intent::Help) => {
                self.show_help(false);
                return After::Next;
            }
            (Overlay::None, Intent::Codex) => {
                self.show_codex(false);
                return After::Next;
            }
            _ => {}
        }
        match self.screen.get() {
            Screen::Title => self.title(intent),
            Screen::Raid => self.raid(intent),
            Screen::End => self.end(intent),
            Screen::Learn => self.learn(intent),
            Screen::Bench => self.bench(intent),
        }
    }

    /// What a key means here; none if it means nothing, or was waited for.
    fn meaning(&mut self, press: Press) -> Option<Intent> {
        let context = match (*self.overlay, self.screen.get()) {
            (Overlay::None, Screen::Raid) => Context::Raid,
            (Overlay::None, Screen::Learn) if self.learn.types() => {
                return press.typing(&self.prefs.keys);
            }
            (Overlay::Settings { .. }, _) if self.set.waits() => {
                if let Some(key) = press.key() {
                    self.change(|menu, settings| menu.take_key(key, settings));
                }
                return None;
            }
            (Overlay::Codex { paused }, _) => {
                // Letters search: no key has another meaning here.
                if let Some(key) = press.typed()
                    && !self.codex.take_key(key, &mut self.scroll)
                {
                    self.uncover(paused, PauseChoice::Codex);
                }
                return None;
            }
            _ => Context::Menu,
        };
        if (*self.overlay, self.screen.get()) == (Overlay::None, &Screen::Bench)
            && let Some(stroke) = press.stroke()
        {
            return Some(Intent::Bench(Act::Key(stroke)));
        }
        let pages = matches!(
            (*self.overlay, self.screen.get()),
            (Overlay::Help { .. }, _) | (Overlay::None, Screen::End)
        );
        match press.stroke().filter(|_| pages) {
            Some(Stroke::PageUp) => Some(Intent::Step(0, false)),
            Some(Stroke::PageDown) => Some(Intent::Step(0, true)),
            _ => press.means(&self.prefs.keys, context),
        }
    }

    /// Pushes a long text on by a page, or back.
    fn push_page(&mut self, on: bool) {
        let by = if on { PAGE } else { -PAGE };
        self.scroll.0 = (self.scroll.0 + by).max(0.0);
    }

    /// Lets the settings screen do something, and keeps what it changed.
    fn change<T>(&mut self, act: impl FnOnce(&mut SettingsMenu, &mut Settings) -> T) -> T {
        let mut settings = self.session.settings();
        let before = settings.clone();
        let deed = act(&mut self.set, &mut settings);
        if settings != before {
            let kept = self.session.change_settings(|kept| *kept = settings);
            self.prefs.follow(&kept);
            self.session.revision += 1;
        }
        deed
    }

    /// Closes what lies over the screen; under it the pause menu may come back.
    fn uncover(&mut self, paused: bool, choice: PauseChoice) {
        *self.overlay = if paused {
            Overlay::Pause {
                at: choice.place(),
                sure: false,
            }
        } else {
            Overlay::None
        };
    }

    fn show_help(&mut self, paused: bool) {
        self.scroll.0 = 0.0;
        *self.overlay = Overlay::Help { paused };
    }

    /// Opens the codex at what the screen names.
    fn show_codex(&mut self, paused: bool) {
        let lines = match (self.screen.get(), &self.session.play) {
            (Screen::Raid, Some(play)) => {
                let mut lines = super::panel::box_text(play);
                let news = play.log.newest().take(RECENT);
                lines.extend(news.map(|line| line.text.clone()));
                lines
            }
            (Screen::End, Some(play)) => end::text(play, &self.prefs),
            // What to read first.
            _ => vec![
                "order; buddy; split; merge; free list; page cache; grab; watermark; OOM killer"
                    .into(),
            ],
        };
        self.scroll.0 = 0.0;
        self.codex.open(lines);
        *self.overlay = Overlay::Codex { paused };
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
            Some(Choice::First) => Session::first_raid(),
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
            Some(Choice::Sandbox) => return self.show_sandbox(),
            Some(Choice::Find) => return self.show_evidence(),
            Some(Choice::Help) => {
                self.show_help(false);
                return After::Next;
            }
            Some(Choice::Codex) => {
                self.show_codex(false);
                return After::Next;
            }
            Some(Choice::Settings) => {
                *self.overlay = Overlay::Settings { paused: false };
                return After::Next;
            }
            Some(Choice::Learn) => return self.show_lessons(),
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
            Intent::Panel => self.page.0 = self.page.0.wrapping_add(1),
            _ => {}
        }
        if matches!(intent, Intent::ZoomIn | Intent::ZoomOut) {
            let step = ZoomStep::new(self.zoom.step()).unwrap_or_default();
            self.change(|_, settings| settings.zoom = step);
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
            self.session.leave();
            return After::Next;
        }
        let turn = play.handle(intent);
        self.session.revision += 1;
        self.played(turn);
        After::Next
    }

    fn end(&mut self, intent: Intent) -> After {
        let intent = match intent {
            Intent::Go(dir @ (Dir::North | Dir::South)) => {
                self.what_next.go(dir == Dir::South);
                return After::Next;
            }
            Intent::Go(dir) => Intent::Step(0, dir == Dir::East),
            Intent::Confirm | Intent::Wait => Intent::Entry(self.what_next.0),
            intent => intent,
        };
        match intent {
            Intent::Retry | Intent::Entry(0) => {
                let started = self.session.restart();
                self.enter(started)
            }
            Intent::NewSeed | Intent::Entry(1) => {
                let setup = self.session.setup_with(Session::fresh_seed());
                let started = self.session.start(setup);
                self.enter(started)
            }
            Intent::Watch | Intent::Entry(2) => {
                let journal = self
                    .session
                    .play
                    .as_ref()
                    .map(|play| play.journal().clone());
                let Some(journal) = journal else {
                    return After::Next;
                };
                let shown = self.session.watch(&journal);
                self.enter(shown)
            }
            Intent::Title | Intent::Escape | Intent::Entry(5) => self.show_title(),
            Intent::ZoomOut => {
                self.scroll.0 += SCROLL;
                After::Next
            }
            Intent::ZoomIn => {
                self.scroll.0 = (self.scroll.0 - SCROLL).max(0.0);
                After::Next
            }
            Intent::Step(_, on) => {
                self.push_page(on);
                After::Next
            }
            Intent::Entry(3) => {
                self.show_codex(false);
                After::Next
            }
            Intent::Entry(4) => self.show_lesson_of_the_end(),
            Intent::Quit => self.quit(),
            _ => After::Next,
        }
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
        self.scroll.0 = 0.0;
        if let Some(play) = &mut self.session.play {
            play.look_back();
        }
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
        .init_resource::<Learn>()
        .init_resource::<Source>()
        .init_resource::<Due>()
        .init_resource::<TitleMenu>()
        .init_resource::<Zoom>()
        .init_resource::<SettingsMenu>()
        .init_resource::<Scroll>()
        .init_resource::<end::Next>()
        .init_resource::<PanelPage>()
        .add_systems(OnEnter(Screen::Title), title::offer)
        .add_systems(OnEnter(Screen::Bench), super::bench::open)
        .add_systems(Update, dispatch.in_set(Stage::Act));
}
