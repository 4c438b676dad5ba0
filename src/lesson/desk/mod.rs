//! A lesson on a screen: what can be pressed, what is typed, what is pointed at. Pure: strokes in, a page out.

mod controls;
mod page;

#[cfg(test)]
mod tests;

use super::console::{Offer, offers};
use super::machine::{MachineView, SetupError};
use super::proof::Proof;
use super::session::{LessonInput, LessonView, Session, Wants};
use super::spec::{Lesson, Step};
use super::structure::{beside, block_of, moment};
use super::trace::Beat;
use crate::mm::Pfn;
use std::sync::Arc;

pub use controls::Control;
pub use page::{Button, Fits, LETTER, PITCH, Page, Piece, SPACE, Style, wrap};

/// The most characters of the line that is typed.
pub const MAX_TYPED: u32 = 120;

/// A direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Upwards.
    Up,
    /// To the right.
    Right,
    /// Downwards.
    Down,
    /// To the left.
    Left,
}

/// What a learner does on the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stroke {
    /// Goes to what lies there.
    Go(Way),
    /// Presses what is marked; the block on the map, while one goes about there.
    Confirm,
    /// Presses a control, by its place.
    Press(u32),
    /// Clicks a frame of the map or of a list.
    Frame(Pfn),
    /// Points at a frame without a click.
    Point(Pfn),
    /// Types a character.
    Type(char),
    /// Takes the last character back.
    Erase,
    /// Completes the line with the first offer, or as far as all agree.
    Complete,
}

/// What the screen around has to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// Nothing.
    None,
    /// Back to the list.
    Leave,
    /// On to the lesson after this.
    Onward,
    /// Put this text where it can be pasted from.
    Copy(String),
}

/// A lesson on a screen.
#[derive(Debug, Clone)]
pub struct Desk {
    session: Session,
    view: LessonView,
    /// What is typed: a call, a number, or at the end a name.
    line: String,
    /// The control that is marked.
    at: u32,
    /// Arrows go about on the map.
    on_map: bool,
    selected: Option<Pfn>,
    /// Frames in a row of the map, as it is drawn.
    columns: u32,
}

impl Desk {
    /// A lesson at its beginning, or where these inputs lead.
    ///
    /// # Errors
    ///
    /// A [`SetupError`] if its machine cannot be.
    pub fn new(lesson: Arc<Lesson>, inputs: &[LessonInput]) -> Result<Self, SetupError> {
        let mut session = Session::new(lesson)?;
        for input in inputs {
            session.input(input.clone());
        }
        let mut desk = Self {
            view: session.view(),
            session,
            line: String::new(),
            at: 0,
            on_map: false,
            selected: None,
            columns: 8,
        };
        desk.settle();
        Ok(desk)
    }

    /// The lesson as it is played.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// What is to be shown.
    pub fn view(&self) -> &LessonView {
        &self.view
    }

    /// What is typed.
    pub fn line(&self) -> &str {
        &self.line
    }

    /// The control that is marked; none while one goes about on the map.
    pub fn marked(&self) -> Option<u32> {
        (!self.on_map).then_some(self.at)
    }

    /// The frame that is pointed at.
    pub fn selected(&self) -> Option<Pfn> {
        self.selected
    }

    /// The map is drawn with so many frames in a row.
    pub fn set_columns(&mut self, columns: u32) {
        self.columns = columns.max(1);
    }

    /// Characters that are typed go into the line.
    pub fn types(&self) -> bool {
        self.view.done
            || (!self.view.solved
                && matches!(
                    self.view.wants,
                    Wants::Calls(_) | Wants::Count | Wants::Order | Wants::Click
                ))
    }

    /// The machine to be drawn, at the moment that is looked at.
    pub fn picture(&self) -> (MachineView, Option<&Beat>) {
        let beat = self
            .view
            .beat
            .and_then(|at| self.view.beats.get(at as usize));
        let timeline = self.session.timeline();
        let before = beat
            .and_then(|_| timeline.at().checked_sub(1))
            .and_then(|at| timeline.state(at));
        match before {
            Some(before) => (moment(&before.machine().view(), &self.view.midway), beat),
            None => (self.view.machine.clone(), None),
        }
    }

    /// The proof of what was done, with the name that was typed.
    pub fn proof(&self) -> String {
        Proof::of(&self.session, Some(&self.line)).encode()
    }

    /// What the line can go on with.
    pub fn offers(&self) -> Vec<Offer> {
        match &self.view.wants {
            Wants::Calls(allow) if !self.view.solved && !self.view.done => {
                let mut all = offers(self.session.console(), &self.line, allow, self.selected);
                if self.line.is_empty() {
                    all.extend(self.names().map(|name| Offer {
                        label: format!("{name} ="),
                        line: format!("{name} = "),
                    }));
                }
                all
            }
            _ => Vec::new(),
        }
    }

    /// Variables that the step is about.
    fn names(&self) -> impl Iterator<Item = &str> {
        let step = self.session.lesson().steps.get(self.view.step as usize);
        let lines: &[String] = match step {
            Some(Step::Play(play)) => &play.solution,
            _ => &[],
        };
        let targets = lines.iter().filter_map(|line| line.split_once(" = "));
        targets.map(|(name, _)| name)
    }

    fn input(&mut self, input: LessonInput) {
        let step = self.view.step;
        let solved = self.view.solved;
        self.session.input(input);
        self.view = self.session.view();
        if (step, solved) != (self.view.step, self.view.solved) {
            self.settle();
        }
        let blocks = &self.view.machine;
        self.selected = self.selected.filter(|&pfn| block_of(blocks, pfn).is_some());
    }

    /// Marks what is most likely wanted now.
    fn settle(&mut self) {
        self.at = 0;
        self.line.clear();
        self.on_map = self.view.wants == Wants::Click && !self.view.solved && !self.view.done;
        if self.on_map && self.selected.is_none() {
            self.selected = self.view.machine.zones.first().map(|zone| zone.start);
        }
    }

    /// Takes a stroke.
    pub fn take(&mut self, stroke: Stroke) -> Deed {
        match stroke {
            Stroke::Go(way) if self.on_map => self.walk(way),
            Stroke::Go(way) => self.go(way),
            Stroke::Confirm if self.on_map => {
                if let Some(pfn) = self.selected {
                    self.choose(pfn);
                }
            }
            Stroke::Confirm => return self.press(self.at),
            Stroke::Press(at) => {
                self.on_map = false;
                return self.press(at);
            }
            Stroke::Frame(pfn) => {
                self.selected = Some(pfn);
                self.choose(pfn);
            }
            Stroke::Point(pfn) => self.selected = Some(pfn),
            Stroke::Type(c) => self.write(c),
            Stroke::Erase => {
                self.line.pop();
            }
            Stroke::Complete => self.complete(),
        }
        Deed::None
    }

    fn write(&mut self, c: char) {
        if !self.types() {
            // A digit chooses an outcome; so does a letter, in the order in which they stand.
            if let (Wants::Choice(options), Some(digit)) = (&self.view.wants, c.to_digit(10))
                && (1..=options.len() as u32).contains(&digit)
                && !self.view.solved
            {
                self.input(LessonInput::Choose(digit - 1));
            }
            return;
        }
        if !c.is_control() && self.line.chars().count() < MAX_TYPED as usize {
            self.line.push(c);
            self.on_map = false;
            self.at = self.place_of(&Control::Line);
        }
    }

    /// Completes the line as far as all offers agree.
    fn complete(&mut self) {
        let offers = self.offers();
        let Some(first) = offers.first() else { return };
        let common = offers.iter().fold(first.line.clone(), |common, offer| {
            let same = common.chars().zip(offer.line.chars());
            same.take_while(|(a, b)| a == b).map(|(a, _)| a).collect()
        });
        if common.len() > self.line.len() {
            self.line = common;
        }
    }

    /// A block of the map was chosen.
    fn choose(&mut self, pfn: Pfn) {
        if self.view.done || self.view.solved {
            return;
        }
        match &self.view.wants {
            Wants::Click => self.input(LessonInput::Click(pfn)),
            Wants::Calls(_) => {
                let name = format!("{pfn:#x}");
                let offers = self.offers();
                if let Some(offer) = offers.into_iter().find(|offer| offer.label == name) {
                    self.line = offer.line;
                }
            }
            _ => {}
        }
    }

    /// Goes about on the map.
    fn walk(&mut self, way: Way) {
        let machine = &self.view.machine;
        let from = self.selected.unwrap_or_default();
        let here = block_of(machine, from).map_or(from, |(_, block)| block.pfn);
        let next = beside(machine, self.columns, here, way as u32);
        if next == here && way == Way::Right {
            self.on_map = false;
        }
        self.selected = Some(next);
    }

    fn place_of(&self, wanted: &Control) -> u32 {
        let mut controls = self.rows().into_iter().flatten();
        controls
            .position(|control| control == *wanted)
            .map_or(0, |at| at as u32)
    }

    /// Goes to another control.
    fn go(&mut self, way: Way) {
        let rows = self.rows();
        let lengths: Vec<u32> = rows.iter().map(|row| row.len() as u32).collect();
        let (mut row, mut column) = (0, self.at);
        while row + 1 < lengths.len() && column >= lengths[row] {
            column -= lengths[row];
            row += 1;
        }
        match way {
            Way::Left if column == 0 => {
                self.on_map = true;
                let first = || self.view.machine.zones.first().map(|zone| zone.start);
                self.selected = self.selected.or_else(first);
                return;
            }
            Way::Left => column -= 1,
            Way::Right => column += 1,
            Way::Up => row = (row + lengths.len() - 1) % lengths.len(),
            Way::Down => row = (row + 1) % lengths.len(),
        }
        let column = column.min(lengths[row].saturating_sub(1));
        self.at = lengths[..row].iter().sum::<u32>() + column;
    }

    fn press(&mut self, at: u32) -> Deed {
        let Some(control) = self.rows().into_iter().flatten().nth(at as usize) else {
            return Deed::None;
        };
        self.at = at;
        match control {
            Control::Option(at) => self.input(LessonInput::Choose(at)),
            Control::Number(number) => self.input(LessonInput::Type(number.to_string())),
            Control::Digit(digit) => self.write(char::from(b'0' + digit)),
            Control::Offer(offer) => {
                self.line = offer.line;
                // The first offer of the next part, where there is one.
                let many = self.rows().into_iter().flatten().count() as u32;
                self.at = self.at.min(many - 1);
                if self.offers().is_empty() {
                    self.at = self.place_of(&Control::Send);
                }
            }
            Control::Line | Control::Send => self.send(),
            Control::Erase => {
                self.line.pop();
            }
            Control::Clear => self.line.clear(),
            Control::Hint => self.input(LessonInput::Hint),
            Control::Undo => self.input(LessonInput::Undo),
            Control::Redo => self.input(LessonInput::Redo),
            Control::Restart => self.input(LessonInput::Restart),
            Control::Step => self.input(LessonInput::Step),
            Control::Scrub(to) => self.input(LessonInput::Scrub(to)),
            Control::Next => self.input(LessonInput::Next),
            Control::Copy => return Deed::Copy(self.proof()),
            Control::Onward => return Deed::Onward,
            Control::Leave => return Deed::Leave,
        }
        Deed::None
    }

    fn send(&mut self) {
        let line = self.line.trim().to_owned();
        if line.is_empty() || self.view.done {
            return;
        }
        match self.view.wants {
            Wants::Calls(_) => {
                self.line.clear();
                self.input(LessonInput::Call(line));
            }
            Wants::Order | Wants::Count => {
                self.line.clear();
                self.input(LessonInput::Type(line));
            }
            // A frame may be named instead of clicked.
            Wants::Click => {
                self.line.clear();
                self.input(LessonInput::Type(line));
                self.on_map = !self.view.solved;
            }
            _ => {}
        }
    }
}
