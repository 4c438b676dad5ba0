//! The bench among the screens: what is done on it, and what is given to the game from outside.

use super::{After, Screen, Session, Shell};
use crate::app::bench::Asks;
use crate::app::control::Play;
use crate::app::input::{Gift, Intent};
use crate::labyrinth::Dir;
use crate::raid::Setup;
use crate::workbench::{Act, Stroke};

impl Shell<'_> {
    /// Opens the sandbox.
    pub(super) fn show_sandbox(&mut self) -> After {
        self.bench.show_sandbox(&self.session, &self.prefs);
        self.next.set(Screen::Bench);
        After::Changed
    }

    /// Asks for something a real machine left behind.
    pub(super) fn show_evidence(&mut self) -> After {
        self.bench.show_evidence();
        self.next.set(Screen::Bench);
        After::Changed
    }

    pub(super) fn bench(&mut self, intent: Intent) -> After {
        let act = match intent {
            Intent::Bench(act) => act,
            // Pads and wheels have no letters.
            Intent::Go(Dir::North) => Act::Key(Stroke::Up),
            Intent::Go(Dir::South) => Act::Key(Stroke::Down),
            Intent::Go(Dir::West) => Act::Key(Stroke::Left),
            Intent::Go(Dir::East) => Act::Key(Stroke::Right),
            Intent::Confirm => Act::Key(Stroke::Enter),
            Intent::Escape => Act::Key(Stroke::Escape),
            Intent::ZoomIn => Act::Key(Stroke::PageUp),
            Intent::ZoomOut => Act::Key(Stroke::PageDown),
            Intent::Frame(pfn) => Act::Frame(pfn),
            Intent::OverFrame(pfn) => {
                self.bench.point(pfn);
                return After::Next;
            }
            _ => return After::Next,
        };
        let asks = self
            .bench
            .take(act, &self.session, &self.prefs, &self.given);
        self.asked(asks)
    }

    fn asked(&mut self, asks: Option<Asks>) -> After {
        let started = match asks {
            None => return After::Next,
            Some(Asks::Close) if self.learn.classroom => return self.show_lessons(),
            Some(Asks::Close) => return self.show_title(),
            Some(_) if self.learn.classroom => {
                Err(self.prefs.say(crate::phrases::Phrase::DeskClass).to_owned())
            }
            Some(Asks::Watch(journal)) => self.session.watch(&journal),
            Some(Asks::Exclusive) => {
                let setup = self.session.setup_with(Session::fresh_seed());
                self.start_beside(setup)
            }
            Some(Asks::Raid(free)) => {
                let setup = self.session.setup_with(Session::fresh_seed());
                self.start_beside(Setup {
                    layout: Some(free),
                    ..setup
                })
            }
        };
        match started {
            Ok(()) => self.enter(Ok(())),
            Err(why) => {
                self.bench.fail(why);
                After::Next
            }
        }
    }

    /// Starts a raid that was asked for here; if another is unfinished, only when it is asked for again.
    fn start_beside(&mut self, setup: Setup) -> Result<(), String> {
        let gives_up = self
            .session
            .unfinished()
            .is_some_and(|unfinished| unfinished != setup);
        if gives_up && !self.bench.sure {
            self.bench.sure = true;
            let why = self.prefs.say(crate::phrases::Phrase::DeskUnfinished);
            return Err(why.to_owned());
        }
        self.bench.sure = false;
        self.session.start(setup)
    }

    /// Takes what was given from outside. A raid that is being played is not left for it: it waits.
    pub(super) fn take_gifts(&mut self) -> After {
        let plays = self
            .session
            .play
            .as_ref()
            .is_some_and(|play: &Play| !play.over());
        if *self.screen.get() == Screen::Raid && plays {
            return After::Next;
        }
        let Some(gift) = self.given.take() else {
            return After::Next;
        };
        let here = *self.screen.get() == Screen::Bench;
        // What is composed elsewhere than on the bench is no text for it.
        if matches!(gift, Gift::Pasted(_)) && !here {
            return After::Next;
        }
        let asks = self
            .bench
            .given(gift, &self.session, &self.prefs, &self.given);
        match self.asked(asks) {
            After::Next if !here => {
                self.next.set(Screen::Bench);
                After::Changed
            }
            after => after,
        }
    }
}
