//! What an intent does among the lessons.

use super::{After, Overlay, Shell};
use crate::app::Screen;
use crate::app::end;
use crate::app::input::Intent;
use crate::app::learn::Then;

impl Shell<'_> {
    /// To the list of lessons.
    pub(super) fn show_lessons(&mut self) -> After {
        self.next.set(Screen::Learn);
        After::Changed
    }

    /// To the lesson about what ended the raid; to all of them if there is none for it.
    pub(super) fn show_lesson_of_the_end(&mut self) -> After {
        let play = self.session.play.as_ref();
        let outcome = play.and_then(|play| play.raid().outcome());
        if let Some(lesson) = outcome.and_then(end::lesson) {
            self.learn.want(lesson, &mut self.session, &self.prefs);
        }
        self.show_lessons()
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
