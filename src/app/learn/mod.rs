//! Learning in the window: the lessons as a list, and one of them on a screen.

mod division;
mod draw;
mod list;
mod source;
pub(super) mod structure;
mod tips;

use std::sync::Arc;

use bevy::prelude::*;

use super::Stage;
use super::input::Intent;
use super::prefs::Prefs;
use super::session::Session;
use crate::labyrinth::Dir;
use crate::lesson::desk::{Deed, Desk, Fits, Page, Piece, Stroke, Way};
use crate::lesson::{Lesson, LessonInput};
use crate::phrases::Phrase;
pub(super) use source::{Lessons, Source};
pub(super) use structure::Chart;
pub(super) use tips::Tips;

/// Pixels by which the wheel pushes a page.
const PUSH: i32 = 48;

/// What is learned.
#[derive(Resource, Default)]
pub(super) struct Learn {
    /// The lessons, once they are there.
    pub lessons: Lessons,
    /// The entry of the list that is marked.
    pub at: u8,
    /// The lesson that is played.
    pub desk: Option<Desk>,
    /// A lesson that is to be opened once they are there.
    wanted: Option<String>,
    /// There is no game around it: a link of a teacher led here.
    pub classroom: bool,
    /// Something to say under the list or the lesson.
    pub said: Option<String>,
    /// How far the page is pushed up, beyond what its marked button asks for.
    pub push: i32,
    /// Counts what has to be drawn anew.
    pub revision: u64,
}

/// What the screen around has to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Then {
    /// Nothing.
    Stay,
    /// Back to the title.
    Title,
    /// The settings.
    Settings,
    /// The sandbox.
    Sandbox,
    /// Out of the game.
    Quit,
}

impl Learn {
    /// A lesson that a teacher's link names, as soon as there are any, and no game around it; without a name the list.
    pub(super) fn classroom(name: Option<String>) -> Self {
        Self {
            wanted: name,
            classroom: true,
            ..Self::default()
        }
    }

    /// Characters that are typed belong to a line.
    pub(super) fn types(&self) -> bool {
        self.desk.as_ref().is_some_and(Desk::types)
    }

    /// What is marked, for whoever hears it move.
    pub(super) fn mark(&self) -> u8 {
        let marked = self.desk.as_ref().map(|desk| desk.marked().unwrap_or(255));
        marked.map_or(self.at, |at| at as u8)
    }

    /// Entries of the list: the lessons, in a class the sandbox, and the way back.
    pub(super) fn entries(&self) -> u8 {
        self.all().len() as u8 + u8::from(self.has_sandbox()) + 1
    }

    /// The sandbox stands in the list: in a class, as elsewhere the title has it.
    fn has_sandbox(&self) -> bool {
        self.classroom && matches!(self.lessons, Lessons::Here(_))
    }

    /// The entry of the sandbox, if there is one.
    fn is_sandbox(&self, at: usize) -> bool {
        self.has_sandbox() && at == self.all().len()
    }

    /// The lessons that are there.
    pub(super) fn all(&self) -> &[Arc<Lesson>] {
        match &self.lessons {
            Lessons::Here(all) => all,
            _ => &[],
        }
    }

    /// Takes over lessons that have come.
    pub(super) fn come(&mut self, lessons: Lessons, session: &mut Session, prefs: &Prefs) {
        self.lessons = lessons;
        self.revision += 1;
        if let Lessons::Here(all) = &self.lessons {
            // The lesson that is played may have become another.
            let played = self
                .desk
                .as_ref()
                .map(|desk| desk.session().lesson().clone());
            let again = played.and_then(|old| {
                let new = all.iter().find(|new| new.id == old.id)?;
                (**new != *old).then(|| new.id.clone())
            });
            if let Some(name) = again {
                self.open(&name, session, prefs);
            }
        }
        if matches!(self.lessons, Lessons::Here(_))
            && let Some(name) = self.wanted.take()
        {
            self.open(&name, session, prefs);
        }
    }

    /// Opens a lesson as soon as there are any.
    pub(super) fn want(&mut self, name: &str, session: &mut Session, prefs: &Prefs) {
        if matches!(self.lessons, Lessons::Here(_)) {
            self.open(name, session, prefs);
        } else {
            self.wanted = Some(name.into());
        }
    }

    /// Opens a lesson where it was left.
    fn open(&mut self, name: &str, session: &mut Session, prefs: &Prefs) {
        self.revision += 1;
        self.push = 0;
        let place = self.all().iter().position(|lesson| lesson.id == name);
        let Some(place) = place else {
            let words = [("name", name)];
            self.said = Some(prefs.words.fill(Phrase::LearnNoLesson, &words));
            return;
        };
        self.at = place as u8;
        self.said = None;
        let lesson = self.all()[place].clone();
        let inputs = session.lesson_inputs(&lesson.id, lesson.version);
        match Desk::new(lesson, &inputs) {
            Ok(desk) => self.desk = Some(desk),
            Err(error) => self.said = Some(error.to_string()),
        }
    }

    /// Keeps how the lesson is left.
    fn keep(&self, session: &mut Session) {
        let Some(desk) = &self.desk else { return };
        let done = desk.view().done;
        let lesson = desk.session().lesson();
        let inputs: &[LessonInput] = if done { &[] } else { desk.session().inputs() };
        session.lesson_left(&lesson.id, lesson.version, done, inputs);
    }

    /// Takes an intent.
    pub(super) fn take(&mut self, intent: Intent, session: &mut Session, prefs: &Prefs) -> Then {
        self.revision += 1;
        match (&self.desk, intent) {
            (_, Intent::Settings) => return Then::Settings,
            (Some(_), Intent::ZoomOut) => self.push += PUSH,
            (Some(_), Intent::ZoomIn) => self.push -= PUSH,
            (Some(_), Intent::Escape) => self.leave(session),
            (Some(_), intent) => {
                if let Some(stroke) = stroke(intent) {
                    self.push = 0;
                    self.said = None;
                    self.play(stroke, session, prefs);
                } else {
                    self.revision -= 1;
                }
            }
            (None, intent) => return self.choose(intent, session, prefs),
        }
        Then::Stay
    }

    fn leave(&mut self, session: &mut Session) {
        self.keep(session);
        self.desk = None;
        self.said = None;
    }

    fn play(&mut self, stroke: Stroke, session: &mut Session, prefs: &Prefs) {
        let Some(desk) = &mut self.desk else { return };
        let before = desk.session().inputs().len();
        let step = desk.view().step;
        let deed = desk.take(stroke);
        let moved = desk.session().inputs().len() != before;
        if moved && (desk.view().step != step || desk.view().solved) {
            self.keep(session);
        }
        match deed {
            Deed::None => {}
            Deed::Leave => self.leave(session),
            Deed::Onward => {
                let next = self.all().get(usize::from(self.at) + 1);
                let name = next.map(|lesson| lesson.id.clone());
                self.leave(session);
                if let Some(name) = name {
                    self.open(&name, session, prefs);
                }
            }
            Deed::Copy(proof) => self.said = Some(source::copy(&proof, session, prefs)),
        }
    }

    /// Takes an intent on the list.
    fn choose(&mut self, intent: Intent, session: &mut Session, prefs: &Prefs) -> Then {
        let many = self.entries();
        let at = match intent {
            Intent::Go(Dir::North) | Intent::ZoomIn => {
                self.at = (self.at + many - 1) % many;
                return Then::Stay;
            }
            Intent::Go(Dir::South) | Intent::ZoomOut => {
                self.at = (self.at + 1) % many;
                return Then::Stay;
            }
            Intent::Confirm | Intent::Wait => self.at,
            Intent::Entry(at) => at,
            Intent::Escape | Intent::Title => return self.back(),
            Intent::Quit => return Then::Quit,
            _ => return Then::Stay,
        };
        self.at = at.min(many - 1);
        if self.is_sandbox(usize::from(at)) {
            return Then::Sandbox;
        }
        match self
            .all()
            .get(usize::from(at))
            .map(|lesson| lesson.id.clone())
        {
            Some(name) => {
                self.open(&name, session, prefs);
                Then::Stay
            }
            None => self.back(),
        }
    }

    /// From the list to the title; in a classroom there is none.
    fn back(&mut self) -> Then {
        if matches!(self.lessons, Lessons::Failed(_)) {
            self.lessons = Lessons::None;
            return if self.classroom {
                Then::Stay
            } else {
                Then::Title
            };
        }
        match self.classroom {
            false => Then::Title,
            true if cfg!(target_family = "wasm") => Then::Stay,
            true => Then::Quit,
        }
    }

    /// The screen as lines of text.
    pub(super) fn describe(&self, prefs: &Prefs) -> Vec<String> {
        let mut lines = Vec::new();
        match &self.desk {
            None => lines.extend(list::text(self, prefs)),
            Some(desk) => {
                let view = desk.view();
                lines.push(format!("{}. {}", view.title, draw::progress(desk, prefs)));
                let fits = Fits {
                    size: (i32::from(i16::MAX), i32::from(i16::MAX)),
                    fingers: false,
                };
                for piece in Page::of(desk, &prefs.words, fits).pieces {
                    match piece {
                        Piece::Words(_, words) => lines.extend(words),
                        Piece::Buttons(row) => lines.extend(row.into_iter().map(|button| {
                            let marked = if button.marked { ", marked" } else { "" };
                            format!("{}{marked}", button.lines.join(" "))
                        })),
                    }
                }
                let (machine, _) = desk.picture();
                let words = structure::words(prefs);
                lines.push(format!("{}:", words.map));
                lines.extend(crate::lesson::structure::captions(&machine, &words));
            }
        }
        lines.extend(self.said.iter().map(|said| format!("Note: {said}")));
        lines
    }
}

/// What an intent means to a lesson.
fn stroke(intent: Intent) -> Option<Stroke> {
    Some(match intent {
        Intent::Go(dir) => Stroke::Go(match dir {
            Dir::North => Way::Up,
            Dir::East => Way::Right,
            Dir::South => Way::Down,
            Dir::West => Way::Left,
        }),
        Intent::Confirm | Intent::Wait => Stroke::Confirm,
        Intent::Entry(at) => Stroke::Press(at.into()),
        Intent::Frame(pfn) => Stroke::Frame(pfn),
        Intent::OverFrame(pfn) => Stroke::Point(pfn),
        Intent::Text(c) => Stroke::Type(c),
        Intent::Digit(digit) => Stroke::Type(char::from(b'0' + digit)),
        Intent::Erase => Stroke::Erase,
        Intent::Complete => Stroke::Complete,
        _ => return None,
    })
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Tips>().add_systems(
        Update,
        (
            source::follow.in_set(Stage::Act),
            tips::follow.after(Stage::Act).before(Stage::Arrange),
        ),
    );
}

/// What is drawn of it.
pub(super) fn drawn(app: &mut App) {
    app.add_plugins((draw::plugin, tips::drawn));
}
