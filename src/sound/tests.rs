//! What every sound must hold to, and what is heard of turns.

mod heard;
mod samples;
