//! What a screen shows of a lesson.

use serde::Serialize;

use super::super::machine::MachineView;
use super::super::midway::{Midway, midway};
use super::super::spec::{Ask, Source, Step};
use super::super::trace::Beat;
use super::Session;
use crate::mm::{Order, Pfn};

/// How a feedback is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Tone {
    /// That was right.
    Right,
    /// That was not, and why.
    Wrong,
    /// Something to know.
    Plain,
}

/// What is said to the last input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Feedback {
    /// How it is meant.
    pub tone: Tone,
    /// A sentence or two.
    pub text: String,
}

/// What the present step wants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Wants {
    /// To be read: [`LessonInput::Next`].
    Reading,
    /// A click on a block.
    Click,
    /// One of these.
    Choice(Vec<String>),
    /// An order.
    Order,
    /// A number.
    Count,
    /// Calls of these names.
    Calls(Vec<String>),
}

/// All that a screen needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LessonView {
    /// The lesson's name.
    pub id: String,
    /// Its title.
    pub title: String,
    /// What is known after it.
    pub goal: String,
    /// The present step, from 0 on; as many as there are when all is done.
    pub step: u32,
    /// Number of steps.
    pub steps: u32,
    /// What is said or asked.
    pub text: String,
    /// What the step wants.
    pub wants: Wants,
    /// What is said to the last input.
    pub feedback: Option<Feedback>,
    /// Hints given so far in this step.
    pub hints: Vec<String>,
    /// The step is done: [`LessonInput::Next`] goes on.
    pub solved: bool,
    /// All steps are done.
    pub done: bool,
    /// Both structures as they are.
    pub machine: MachineView,
    /// The last call, step by step.
    pub beats: Vec<Beat>,
    /// The moment of it that is looked at; none for its end.
    pub beat: Option<u32>,
    /// The address map at that moment.
    pub midway: Vec<(Pfn, Order, Midway)>,
    /// The calls of this step: the present state, and the last one there is.
    pub at: (u32, u32),
    /// What the last call printed.
    pub printed: String,
    /// What the model leaves out; once all is done.
    pub left_out: Option<String>,
    /// What Linux does; once all is done.
    pub linux: Vec<(String, String)>,
}

impl Session {
    /// What a screen shows.
    pub fn view(&self) -> LessonView {
        let lesson = &self.lesson;
        let (text, wants) = match self.current() {
            None => (lesson.goal.clone(), Wants::Reading),
            Some(Step::Say(say)) => (say.text.clone(), Wants::Reading),
            Some(Step::Play(play)) => (play.text.clone(), Wants::Calls(play.allow.clone())),
            Some(Step::Predict(predict)) => {
                let wants = match &predict.ask {
                    Ask::Click { .. } => Wants::Click,
                    Ask::Choose { options, .. } => Wants::Choice(options.clone()),
                    Ask::Order { .. } => Wants::Order,
                    Ask::Count { .. } => Wants::Count,
                };
                (predict.text.clone(), wants)
            }
        };
        let hints = match self.current() {
            Some(Step::Predict(predict)) => &predict.hints[..self.hints as usize],
            Some(Step::Play(play)) => &play.hints[..self.hints as usize],
            _ => &[],
        };
        let beats = self.beats();
        let done = self.is_done();
        let source = |source: &Source| (source.what.clone(), source.at.clone());
        LessonView {
            id: lesson.id.clone(),
            title: lesson.title.clone(),
            goal: lesson.goal.clone(),
            step: self.step,
            steps: lesson.steps.len() as u32,
            text,
            wants,
            feedback: self.feedback.clone(),
            hints: hints.to_vec(),
            solved: self.solved,
            done,
            machine: self.machine.now().machine().view(),
            midway: self.midway(&beats),
            beats,
            beat: self.beat,
            at: (
                self.machine.at() - self.floor,
                self.machine.past().len() as u32 - self.floor,
            ),
            printed: self
                .machine
                .last()
                .map_or_else(String::new, |past| past.report.text()),
            left_out: done.then(|| lesson.left_out.clone()),
            linux: if done {
                lesson.linux.iter().map(source).collect()
            } else {
                Vec::new()
            },
        }
    }

    /// The address map at the moment that is looked at.
    fn midway(&self, beats: &[Beat]) -> Vec<(Pfn, Order, Midway)> {
        let at = self.beat.and_then(|beat| beats.get(beat as usize));
        let before = at.and_then(|_| self.machine.state(self.machine.at() - 1));
        match (at, before, self.machine.last()) {
            (Some(beat), Some(before), Some(past)) => {
                midway(before.machine(), &past.report.events, beat.events)
            }
            _ => midway(self.machine.now().machine(), &[], 0),
        }
    }
}
