//! The window without a window: real key messages go in, and what a raid does with them is checked.

use std::sync::Arc;

use super::control::Play;
use crate::raid::{Rules, Setup, View};

/// A raid that has just begun.
pub(super) fn play_of_a_raid() -> Play {
    let rules = Arc::new(Rules::shipped().expect("the shipped rules are right"));
    let setup = Setup { zone: "dma".into(), seed: 7, layout: None };
    Play::new(rules, setup).expect("the shipped zone can be entered")
}

/// What is known at the start of a raid.
pub(super) fn view_of_a_raid() -> View {
    play_of_a_raid().view().clone()
}
