//! What an intent does among the lessons.

use super::{After, Overlay, Shell};
use crate::app::Screen;
use crate::app::input::Intent;
use crate::app::learn::Then;

impl Shell<'_> {
    /// To the list of lessons.
    pub(super) fn show_lessons(&mut self) -> After {
        self.next.set(Screen::Learn);
        After::Changed
    }

    pub(super) fn learn(&mut self, intent: Intent) -> After {
        match self.learn.take(intent, &mut self.session, &self.prefs) {
            Then::Stay => After::Next,
            Then::Title => self.show_title(),
            Then::Sandbox => self.show_sandbox(),
            Then::Quit => self.quit(),
            Then::Settings => {
                *self.overlay = Overlay::Settings { paused: false };
                After::Next
            }
        }
    }
}
