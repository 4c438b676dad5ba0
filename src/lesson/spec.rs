//! What a lesson is, as it stands in its file: see `levels/README.md`.

use serde::Deserialize;

use super::condition::Condition;
use super::machine::Setup;
use crate::mm::Order;

/// A lesson.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lesson {
    /// Its name in commands and proofs: lower case letters, digits and `-`.
    pub id: String,
    /// Raised when what was a proof of this lesson is none any more.
    pub version: u32,
    /// A few words.
    pub title: String,
    /// How long it takes, in minutes.
    pub minutes: u32,
    /// What is known after it.
    pub goal: String,
    /// The machine it is played on.
    #[serde(default)]
    pub machine: Setup,
    /// Calls made before it begins.
    #[serde(default)]
    pub scene: Vec<String>,
    /// What happens in it, in order.
    pub steps: Vec<Step>,
    /// What the model leaves out.
    pub left_out: String,
    /// What Linux does, with its sources.
    pub linux: Vec<Source>,
}

/// Where something can be read in Linux.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// What Linux does.
    pub what: String,
    /// File and function, of Linux 6.12.
    pub at: String,
}

/// One step of a lesson.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub enum Step {
    /// Something is said, and perhaps shown.
    Say(Say),
    /// Something is asked before it is shown.
    Predict(Predict),
    /// The learner acts until a rule is met.
    Play(Play),
}

/// Something said.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Say {
    /// A sentence or two.
    pub text: String,
    /// Calls that are made as the step begins.
    #[serde(default)]
    pub run: Vec<String>,
}

/// A question, asked before the calls that answer it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Predict {
    /// The question.
    pub text: String,
    /// How it is answered, and the right answer.
    pub ask: Ask,
    /// Calls that are made once it is answered: they show the answer.
    #[serde(default)]
    pub run: Vec<String>,
    /// What is said to the right answer.
    pub right: String,
    /// What is said to wrong answers that have a reason.
    pub mistakes: Vec<Wrong>,
    /// From a nudge to the way itself.
    pub hints: [String; 3],
}

/// How a question is answered.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub enum Ask {
    /// By a click on a block: any frame of it will do. The block is as it was before `run`.
    Click {
        /// A frame of the right block.
        answer: u32,
        /// What shows that it is.
        truth: Truth,
    },
    /// By one of several outcomes.
    Choose {
        /// What there is to choose from.
        options: Vec<String>,
        /// The right one, counted from 0.
        answer: u32,
        /// True after `run`, and of the right outcome alone.
        truth: Condition,
    },
    /// By an order.
    Order {
        /// The right one.
        answer: Order,
        /// What shows that it is.
        truth: Truth,
    },
    /// By a number.
    Count {
        /// The right one.
        answer: u32,
        /// What shows that it is.
        truth: Truth,
    },
}

/// Where the machine itself gives an answer, after `run`: what is stored must agree.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub enum Truth {
    /// What the last call of `run` returned.
    Returned,
    /// The free pages.
    FreePages,
    /// The free blocks of exactly this order.
    FreeBlocks(Order),
    /// The largest order of which a block is free.
    LargestFree,
    /// The order of the block at this frame.
    OrderAt(u32),
    /// Order of the block the last call of `run` returned.
    OrderReturned,
    /// The pages of that block.
    PagesReturned,
    /// How often the last call of `run` split a block.
    Splits,
    /// How often it merged two.
    Merges,
    /// References to the page at this frame.
    References(u32),
    /// The first frame of the last merge of `run`.
    Merged,
    /// Its last word is arithmetic, which needs no machine: this result.
    Sum(u32),
}

/// A wrong answer, and what it is mistaken about.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wrong {
    /// The answer: for a click any frame of the block.
    pub answer: u32,
    /// Why it is wrong.
    pub say: String,
}

/// Free play with a rule.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Play {
    /// What is to be done, and when it is.
    pub text: String,
    /// Names of the calls and words that may be used.
    pub allow: Vec<String>,
    /// True when the step is done.
    pub win: Condition,
    /// What is said when it is.
    pub won: String,
    /// Known mistakes, the first that is true is explained.
    pub mistakes: Vec<Mistake>,
    /// From a nudge to the way itself.
    pub hints: [String; 3],
    /// Lines that lead there.
    pub solution: Vec<String>,
    /// Lines that a search for other solutions tries, in every order.
    #[serde(default)]
    pub moves: Vec<String>,
}

/// A mistake, how to know it and what it comes from.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mistake {
    /// True after the call that makes it.
    pub when: Condition,
    /// Why it does not help.
    pub say: String,
    /// Lines that make it, from the beginning of the step.
    pub example: Vec<String>,
}
