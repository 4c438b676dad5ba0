//! Learning: the sandbox and its console, lessons as data, and what explains a mistake.
//!
//! A [`Lesson`] stands in a file and is [`load`]ed; a [`Session`] plays it: [`LessonInput`]s in, a [`LessonView`] out.
//! The sandbox is a [`Timeline`]: a [`console`] on a [`machine`], with its past.

pub mod compare;
pub mod condition;
pub mod console;
pub mod desk;
mod explain;
mod input;
pub mod inspect;
mod load;
pub mod machine;
pub mod midway;
mod outline;
mod proof;
mod session;
mod shipped;
mod spec;
pub mod structure;
mod timeline;
pub mod trace;

pub use load::{LessonError, MAX_FILE, MAX_TEXT, load};
pub use outline::{Outline, WORDS_A_MINUTE, seconds};
pub use proof::{MAX_NAME, PROOF_PREFIX, Proof, ProofError};
pub use session::{Feedback, LessonInput, LessonView, MAX_INPUTS, Session, Tone, Wants};
pub use shipped::{SANDBOX, shipped, shipped_files};
pub use spec::{Ask, Lesson, Mistake, Play, Predict, Say, Source, Step, Truth, Wrong};
pub use timeline::{MAX_CALLS, Past, Timeline};
