//! What the game sounds like: recipes as data, an integer synthesizer, and what is heard of a turn.
//!
//! Nothing here makes a noise. A [`Cue`] is one sound by its name; a [`Recipe`] in `assets/sound/cues.ron` says how it is
//! made; [`render`] makes its samples, the same on every machine, because it counts in whole numbers only. [`perform`]
//! says which cues a turn wants, when, how loud and from which side. The window or the page then plays them: on a
//! desktop with a [`Desk`], which mixes voices, in a browser with the browser's own mixer.
//!
//! ```
//! use labyrinth::sound::{Cue, Cues, SAMPLE_RATE, render};
//!
//! let cues = Cues::shipped()?;
//! let samples = render(cues.recipe(Cue::Merge), 0);
//! assert!(samples.len() < SAMPLE_RATE as usize, "shorter than a second");
//! # Ok::<(), labyrinth::sound::SoundError>(())
//! ```
//!
//! Sound draws no random number from the rules and tells nothing that is not on the screen or in the log.

mod cast;
mod cue;
mod desk;
mod filter;
mod perform;
mod recipe;
mod synth;
#[cfg(test)]
mod tests;
mod volumes;
mod wav;
mod wave;

pub use cast::{cue_of, ending};
pub use cue::Cue;
pub use desk::Desk;
pub use perform::{Drone, Note, Performance, drone, menu, perform};
pub use recipe::{
    Bus, Cues, Filter, FilterKind, LOOP_MS, Layer, MAX_CUE_MS, Recipe, SoundError, Wave,
};
pub use synth::render;
pub use volumes::{FULL, Volumes};
pub use wav::wav;

/// Samples a second, of one channel.
pub const SAMPLE_RATE: u32 = 22_050;

/// Samples in so many milliseconds.
pub(crate) const fn samples_in(ms: u32) -> u32 {
    (ms as u64 * SAMPLE_RATE as u64 / 1000) as u32
}
