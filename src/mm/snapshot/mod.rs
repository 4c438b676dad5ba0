//! Snapshots of a zone: what changed between two of them, and histories to go back and forth in.
//!
//! A whole zone is cloned, compared, hashed ([`Zone::hash_words`](super::Zone::hash_words)) and stored (serde) as it
//! is. A [`Delta`] holds only what two states of it differ in, and a [`History`] one state and the deltas to all others.
//! None of this is a model of something in Linux.

mod check;
mod delta;
mod ends;
mod history;

pub use check::DeltaFormError;
pub use delta::{Delta, DeltaError};
pub use history::{History, HistoryError};
