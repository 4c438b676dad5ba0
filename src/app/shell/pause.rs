//! The menu while a raid waits.

use super::{After, Overlay, Shell};
use crate::app::input::Intent;
use crate::app::prefs::Prefs;
use crate::labyrinth::Dir;
use crate::phrases::Phrase;
use crate::settings::Action;

/// The pause menu as it opens.
pub(super) const PAUSE: Overlay = Overlay::Pause { at: 0, sure: false };

/// What the pause menu offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PauseChoice {
    GoOn,
    Help,
    Codex,
    Again,
    Settings,
    Title,
    Quit,
}

/// A page is left as pages are.
const PAUSE_CHOICES: &[PauseChoice] = if cfg!(target_family = "wasm") {
    &[
        PauseChoice::GoOn,
        PauseChoice::Help,
        PauseChoice::Codex,
        PauseChoice::Again,
        PauseChoice::Settings,
        PauseChoice::Title,
    ]
} else {
    &[
        PauseChoice::GoOn,
        PauseChoice::Help,
        PauseChoice::Codex,
        PauseChoice::Again,
        PauseChoice::Settings,
        PauseChoice::Title,
        PauseChoice::Quit,
    ]
};

impl PauseChoice {
    pub(super) fn place(self) -> u8 {
        let place = PAUSE_CHOICES.iter().position(|&other| other == self);
        place.unwrap_or(0) as u8
    }
}

/// The entries of the pause menu, and the keys that choose them.
pub(in crate::app) fn pause_entries(sure: bool, prefs: &Prefs) -> Vec<(String, String)> {
    let entry = |choice: &PauseChoice| {
        let (phrase, action) = match choice {
            PauseChoice::GoOn => (Phrase::GoOn, Action::Back),
            PauseChoice::Help => (Phrase::Help, Action::Help),
            PauseChoice::Codex => (Phrase::Codex, Action::Codex),
            PauseChoice::Again if sure => {
                let say = |phrase| prefs.say(phrase).to_string();
                return (say(Phrase::GiveUp), say(Phrase::Again));
            }
            PauseChoice::Again => (Phrase::SeedAgain, Action::Retry),
            PauseChoice::Settings => (Phrase::Settings, Action::Settings),
            PauseChoice::Title => (Phrase::ToTitle, Action::ToTitle),
            PauseChoice::Quit => (Phrase::Quit, Action::Quit),
        };
        (prefs.say(phrase).to_string(), prefs.keys.label(action))
    };
    PAUSE_CHOICES.iter().map(entry).collect()
}

impl Shell<'_> {
    pub(super) fn pause(&mut self, at: u8, sure: bool, intent: Intent) -> After {
        let count = PAUSE_CHOICES.len() as u8;
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
            Intent::Escape => PauseChoice::GoOn.place(),
            Intent::Help => PauseChoice::Help.place(),
            Intent::Codex => PauseChoice::Codex.place(),
            Intent::Retry => PauseChoice::Again.place(),
            Intent::Settings => PauseChoice::Settings.place(),
            Intent::Title => PauseChoice::Title.place(),
            Intent::Quit => PauseChoice::Quit.place(),
            _ => return After::Next,
        };
        let Some(&choice) = PAUSE_CHOICES.get(usize::from(chosen)) else {
            return After::Next;
        };
        // A replay can be seen again at any time; a raid is lost.
        let played = self
            .session
            .play
            .as_ref()
            .is_some_and(|play| !play.replays() && play.raid().turn() > 0);
        if choice == PauseChoice::Again && played && !sure {
            *self.overlay = Overlay::Pause {
                at: chosen,
                sure: true,
            };
            return After::Next;
        }
        *self.overlay = Overlay::None;
        match choice {
            PauseChoice::GoOn => {}
            PauseChoice::Help => self.show_help(true),
            PauseChoice::Codex => self.show_codex(true),
            PauseChoice::Settings => *self.overlay = Overlay::Settings { paused: true },
            PauseChoice::Again => {
                let started = self.session.restart();
                return self.enter(started);
            }
            PauseChoice::Title => return self.show_title(),
            PauseChoice::Quit => return self.quit(),
        }
        After::Next
    }
}
