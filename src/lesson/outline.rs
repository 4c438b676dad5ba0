//! What a lesson asks of who plays it: the shortest way through, what is read on it, and how soon there is something to do.

use super::session::LessonInput;
use super::spec::{Ask, Lesson, Step};

/// Words that are read in a minute, of a text one learns from.
pub const WORDS_A_MINUTE: u32 = 200;

/// How much is read and pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outline {
    /// Steps.
    pub steps: u32,
    /// Words until something can be answered or done, with those of the question.
    pub words_first: u32,
    /// Presses until then, in a lesson that is open: each goes on from something said.
    pub presses_first: u32,
    /// Words on the shortest way, with those at the end.
    pub words: u32,
    /// Inputs on the shortest way.
    pub inputs: u32,
}

/// Words of a text.
fn words(text: &str) -> u32 {
    text.split_whitespace().count() as u32
}

/// Seconds in which so many words are read.
pub const fn seconds(words: u32) -> u32 {
    (words * 60).div_ceil(WORDS_A_MINUTE)
}

/// Words of what a step says or asks.
fn asked(step: &Step) -> u32 {
    match step {
        Step::Say(say) => words(&say.text),
        Step::Play(play) => words(&play.text),
        Step::Predict(predict) => {
            let options: u32 = match &predict.ask {
                Ask::Choose { options, .. } => options.iter().map(|text| words(text)).sum(),
                _ => 0,
            };
            words(&predict.text) + options
        }
    }
}

/// Words that are said once the step is done.
fn answered(step: &Step) -> u32 {
    match step {
        Step::Say(_) => 0,
        Step::Predict(predict) => words(&predict.right),
        Step::Play(play) => words(&play.won),
    }
}

impl Lesson {
    /// The shortest way through: each question answered rightly, each solution played.
    pub fn answers(&self) -> Vec<LessonInput> {
        let mut inputs = Vec::new();
        for step in &self.steps {
            match step {
                Step::Say(_) => {}
                Step::Predict(predict) => inputs.push(match predict.ask {
                    Ask::Click { answer, .. } => LessonInput::Click(answer),
                    Ask::Choose { answer, .. } => LessonInput::Choose(answer),
                    Ask::Order { answer, .. } => LessonInput::Type(answer.to_string()),
                    Ask::Count { answer, .. } => LessonInput::Type(answer.to_string()),
                }),
                Step::Play(play) => {
                    inputs.extend(play.solution.iter().cloned().map(LessonInput::Call));
                }
            }
            inputs.push(LessonInput::Next);
        }
        inputs
    }

    /// Memory of other types than movable occurs in it, so types have to be told apart.
    pub fn is_typed(&self) -> bool {
        let of_step = |step: &Step| -> Vec<String> {
            match step {
                Step::Say(say) => say.run.clone(),
                Step::Predict(predict) => predict.run.clone(),
                Step::Play(play) => [play.solution.as_slice(), &play.moves].concat(),
            }
        };
        let mut lines = self.scene.clone();
        lines.extend(self.steps.iter().flat_map(of_step));
        let other = |line: &String| {
            let mut flags = line.split("GFP_").skip(1);
            flags.any(|flags| !flags.starts_with("HIGHUSER_MOVABLE"))
        };
        lines.iter().any(other)
    }

    /// How much is read and pressed.
    pub fn outline(&self) -> Outline {
        let said = |step: &&Step| matches!(step, Step::Say(_));
        let presses_first = self.steps.iter().take_while(said).count();
        let head = words(&self.title) + words(&self.goal);
        let first: u32 = self.steps.iter().take(presses_first + 1).map(asked).sum();
        let steps: u32 = self
            .steps
            .iter()
            .map(|step| asked(step) + answered(step))
            .sum();
        let sources: u32 = self
            .linux
            .iter()
            .map(|source| words(&source.what) + words(&source.at))
            .sum();
        Outline {
            steps: self.steps.len() as u32,
            words_first: head + first,
            presses_first: presses_first as u32,
            // The goal is read again at the end.
            words: head + words(&self.goal) + steps + words(&self.left_out) + sources,
            inputs: self.answers().len() as u32,
        }
    }
}
