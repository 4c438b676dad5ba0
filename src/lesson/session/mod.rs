//! A lesson being played: inputs in, a view out.

mod view;

use std::sync::Arc;

use super::console::{Console, Report};
use super::explain;
use super::load::{NOT_IN_LESSONS, same_block};
use super::machine::SetupError;
use super::spec::{Ask, Lesson, Play, Predict, Step, Truth};
use super::timeline::Timeline;
use super::trace::Beat;
use crate::mm::{Event, MAX_PAGE_ORDER, Pfn};
pub use view::{Feedback, LessonView, Tone, Wants};

/// The most inputs a session takes.
pub const MAX_INPUTS: u32 = 5000;

/// What a learner does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LessonInput {
    /// Clicks a frame: answers a question of that kind.
    Click(Pfn),
    /// Chooses an outcome, counted from 0.
    Choose(u32),
    /// Types a number: an order or a count, decimal or after `0x`.
    Type(String),
    /// Makes a call.
    Call(String),
    /// Takes the last call of this step back.
    Undo,
    /// Does it again.
    Redo,
    /// Looks at the next moment of the last call; after its end, at its beginning.
    Step,
    /// Goes to the state after so many calls, of this step.
    Scrub(u32),
    /// Asks for a hint; there are three a step.
    Hint,
    /// Goes on, once the step is done.
    Next,
    /// Begins the step anew.
    Restart,
}

/// A lesson being played. Pure: the same inputs lead to the same view.
#[derive(Clone, Debug)]
pub struct Session {
    lesson: Arc<Lesson>,
    step: u32,
    machine: Timeline,
    /// The state before the calls that the step itself makes.
    began: u32,
    /// The state the step began with.
    floor: u32,
    /// The step's calls were made and its question answered, or its rule met.
    solved: bool,
    hints: u32,
    feedback: Option<Feedback>,
    beat: Option<u32>,
    inputs: Vec<LessonInput>,
}

impl Session {
    /// A lesson at its beginning.
    ///
    /// # Errors
    ///
    /// A [`SetupError`] if it was not [loaded](super::load) and its machine cannot be.
    pub fn new(lesson: Arc<Lesson>) -> Result<Self, SetupError> {
        let mut machine = Timeline::new(lesson.machine.clone())?;
        for line in &lesson.scene {
            machine.run(line);
        }
        let mut session = Self {
            lesson,
            step: 0,
            began: machine.at(),
            floor: machine.at(),
            machine,
            solved: false,
            hints: 0,
            feedback: None,
            beat: None,
            inputs: Vec::new(),
        };
        session.enter();
        Ok(session)
    }

    /// The lesson.
    pub fn lesson(&self) -> &Arc<Lesson> {
        &self.lesson
    }

    /// What was done so far: a session with the same inputs is in the same state.
    pub fn inputs(&self) -> &[LessonInput] {
        &self.inputs
    }

    /// The console under the lesson, to look at.
    pub fn console(&self) -> &Console {
        self.machine.now()
    }

    /// The machine with its past.
    pub fn timeline(&self) -> &Timeline {
        &self.machine
    }

    /// All steps are done.
    pub fn is_done(&self) -> bool {
        self.step as usize >= self.lesson.steps.len()
    }

    fn current(&self) -> Option<&Step> {
        self.lesson.steps.get(self.step as usize)
    }

    fn say(&mut self, tone: Tone, text: impl Into<String>) {
        let text = text.into();
        self.feedback = Some(Feedback { tone, text });
    }

    /// Begins the present step: what it shows is shown.
    fn enter(&mut self) {
        self.hints = 0;
        self.beat = None;
        self.solved = false;
        self.began = self.machine.at();
        if let Some(Step::Say(say)) = self.current() {
            for line in say.run.clone() {
                self.machine.run(&line);
            }
            self.solved = true;
        }
        self.floor = self.machine.at();
    }

    /// Takes an input. Inputs that mean nothing now are answered in words, and change nothing else.
    pub fn input(&mut self, input: LessonInput) {
        if self.inputs.len() as u32 >= MAX_INPUTS {
            self.say(
                Tone::Wrong,
                format!("{MAX_INPUTS} inputs are as many as can be: begin anew."),
            );
            return;
        }
        self.inputs.push(input.clone());
        self.feedback = None;
        let lesson = Arc::clone(&self.lesson);
        let step = lesson.steps.get(self.step as usize);
        if !matches!(input, LessonInput::Step) {
            self.beat = None;
        }
        match (input, step) {
            (LessonInput::Next, Some(_)) if self.solved => {
                self.step += 1;
                self.enter();
            }
            (LessonInput::Next, Some(Step::Predict(_))) => {
                self.say(Tone::Plain, "Answer first: then it is shown.");
            }
            (LessonInput::Next, Some(_)) => self.say(Tone::Plain, "The rule is not met yet."),
            (LessonInput::Hint, Some(step)) => self.hint(step),
            (LessonInput::Step, _) => self.look(),
            (LessonInput::Restart, Some(_)) if !self.solved => {
                self.machine.scrub(self.floor);
                self.say(Tone::Plain, "The step begins anew.");
            }
            (LessonInput::Undo, Some(Step::Play(_))) => {
                if self.machine.at() <= self.floor || !self.machine.undo() {
                    self.say(Tone::Plain, "There is nothing to take back in this step.");
                }
                self.after_moving();
            }
            (LessonInput::Redo, Some(Step::Play(_))) => {
                if !self.machine.redo() {
                    self.say(Tone::Plain, "There is nothing to do again.");
                }
                self.after_moving();
            }
            (LessonInput::Scrub(to), Some(Step::Play(_))) => {
                let state = self.floor.checked_add(to);
                if !state.is_some_and(|state| self.machine.scrub(state)) {
                    let most = self.machine.past().len() as u32 - self.floor;
                    self.say(
                        Tone::Plain,
                        format!("This step has the states 0 to {most}."),
                    );
                }
                self.after_moving();
            }
            (LessonInput::Call(line), Some(Step::Play(play))) if !self.solved => {
                self.call(play, &line);
            }
            (LessonInput::Click(pfn), Some(Step::Predict(predict))) if !self.solved => {
                match &predict.ask {
                    Ask::Click { .. } => self.answer(predict, pfn),
                    _ => self.say(Tone::Plain, "This question is not answered by a click."),
                }
            }
            (LessonInput::Choose(at), Some(Step::Predict(predict))) if !self.solved => {
                match &predict.ask {
                    Ask::Choose { options, .. } if (at as usize) < options.len() => {
                        self.answer(predict, at);
                    }
                    _ => self.say(Tone::Plain, "There is no such choice here."),
                }
            }
            (LessonInput::Type(text), Some(Step::Predict(predict))) if !self.solved => {
                match (&predict.ask, super::console::number(text.trim())) {
                    (Ask::Order { .. } | Ask::Count { .. }, Some(number)) => {
                        self.answer(predict, number);
                    }
                    (Ask::Click { .. }, Some(number)) => self.answer(predict, number),
                    (Ask::Choose { .. }, _) => {
                        self.say(Tone::Plain, "Choose one of the outcomes.");
                    }
                    (_, None) => self.say(
                        Tone::Wrong,
                        format!("Found {text:?}, expected a number like 3 or 0x10."),
                    ),
                }
            }
            (LessonInput::Call(_), Some(Step::Predict(_))) if !self.solved => {
                self.say(Tone::Plain, "Predict first: calls come in a later step.");
            }
            _ if self.solved => self.say(Tone::Plain, "This step is done: go on."),
            _ => self.say(Tone::Plain, "That means nothing in this step."),
        }
    }

    /// A step that was done stays done only in the state that met its rule.
    fn after_moving(&mut self) {
        let lesson = Arc::clone(&self.lesson);
        if let Some(Step::Play(play)) = lesson.steps.get(self.step as usize) {
            let calls = self.machine.at() - self.floor;
            let last = self.machine.last().map(|past| &past.report);
            self.solved = calls > 0 && play.win.holds(self.machine.now(), last, calls);
        }
    }

    fn hint(&mut self, step: &Step) {
        let hints = match step {
            Step::Say(_) => None,
            Step::Predict(predict) => Some(&predict.hints),
            Step::Play(play) => Some(&play.hints),
        };
        match hints.and_then(|hints| hints.get(self.hints as usize)) {
            Some(hint) => {
                self.hints += 1;
                self.say(Tone::Plain, hint.clone());
            }
            None if hints.is_some() => self.say(Tone::Plain, "There are no more hints."),
            None => self.say(Tone::Plain, "There is nothing to guess here: go on."),
        }
    }

    /// The last call step by step, if it is one of this step: what was there before is not to be looked into.
    fn beats(&self) -> Vec<Beat> {
        if self.machine.at() > self.began {
            self.machine.beats()
        } else {
            Vec::new()
        }
    }

    fn look(&mut self) {
        let beats = self.beats().len() as u32;
        self.beat = match self.beat {
            _ if beats == 0 => None,
            None => Some(0),
            Some(at) if at + 1 < beats => Some(at + 1),
            Some(_) => None,
        };
    }

    fn answer(&mut self, predict: &Predict, given: u32) {
        let before = self.machine.now().clone();
        let clicks = matches!(predict.ask, Ask::Click { .. });
        let same = |a, b| {
            if clicks {
                same_block(&before, a, b)
            } else {
                a == b
            }
        };
        let right = predict.ask.answer();
        if same(given, right) {
            for line in &predict.run {
                self.machine.run(line);
            }
            self.solved = true;
            self.say(Tone::Right, predict.right.clone());
            return;
        }
        let known = predict
            .mistakes
            .iter()
            .find(|wrong| same(given, wrong.answer));
        let text = match known {
            Some(wrong) => wrong.say.clone(),
            None if clicks => {
                let mut trial = before.clone();
                let reports: Vec<Report> = predict.run.iter().map(|line| trial.run(line)).collect();
                explain::click(&before, reports.last(), given)
            }
            None if matches!(predict.ask, Ask::Choose { .. }) => {
                "No. Look at the free lists, and at what is asked for.".to_owned()
            }
            None => explain::number(right, given, matches!(predict.ask, Ask::Order { .. })),
        };
        self.say(Tone::Wrong, text);
    }

    fn call(&mut self, play: &Play, line: &str) {
        match Console::word(line) {
            Err(fault) => {
                self.say(Tone::Wrong, fault.text);
                return;
            }
            Ok(word) if word.is_empty() => return,
            Ok(word) if matches!(word.as_str(), "help" | "cat" | "ps" | "hexdump" | "inspect") => {}
            Ok(word) if !play.allow.contains(&word) || NOT_IN_LESSONS.contains(&word.as_str()) => {
                let allowed = play.allow.join(", ");
                self.say(
                    Tone::Wrong,
                    format!("{word} is not for this step; these are: {allowed}"),
                );
                return;
            }
            Ok(_) => {}
        }
        let report = self.machine.run(line);
        let calls = self.machine.at() - self.floor;
        let now = self.machine.now();
        if play.win.holds(now, Some(&report), calls) {
            self.solved = true;
            self.say(Tone::Right, play.won.clone());
            return;
        }
        if !report.changed {
            self.say(Tone::Plain, report.text());
            return;
        }
        let known = play
            .mistakes
            .iter()
            .find(|mistake| mistake.when.holds(now, Some(&report), calls));
        if let Some(mistake) = known {
            self.say(Tone::Wrong, mistake.say.clone());
        } else {
            let tone = if report.fault.is_some() {
                Tone::Wrong
            } else {
                Tone::Plain
            };
            let text = explain::call(now, &report);
            self.say(tone, text);
        }
    }
}

/// What the machine itself answers to a question. None if the last call has no such answer.
pub(super) fn truth(of: &Truth, now: &Console, last: Option<&Report>) -> Option<u32> {
    let machine = now.machine();
    let returned = last.and_then(|last| last.value);
    let count = |kind: fn(&Event) -> bool| {
        last.map(|last| last.events.iter().filter(|event| kind(event)).count() as u32)
    };
    let zones = machine.zones();
    match *of {
        Truth::Returned => returned,
        Truth::FreePages => Some(machine.free_pages()),
        Truth::FreeBlocks(order) if order > MAX_PAGE_ORDER => None,
        Truth::FreeBlocks(order) => Some(zones.iter().map(|(_, zone)| zone.nr_free(order)).sum()),
        Truth::LargestFree => {
            let largest = zones
                .iter()
                .filter_map(|(_, zone)| zone.largest_free_order());
            largest.max().map(u32::from)
        }
        Truth::OrderAt(pfn) => Some(machine.block_at(pfn)?.order.into()),
        Truth::OrderReturned => Some(machine.block_at(returned?)?.order.into()),
        Truth::PagesReturned => Some(machine.block_at(returned?)?.pages()),
        Truth::Splits => count(|event| matches!(event, Event::Split { .. })),
        Truth::Merges => count(|event| matches!(event, Event::Merge { .. })),
        Truth::References(pfn) => Some(machine.page(pfn)?.refcount),
        Truth::Merged => last?.events.iter().rev().find_map(|event| match event {
            Event::Merge { pfn, .. } => Some(*pfn),
            _ => None,
        }),
        Truth::Sum(result) => Some(result),
    }
}
