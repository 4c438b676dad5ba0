//! The sandbox and real input as screens of text, without a window: acts in, a sheet of rows out.
//!
//! A [`Sandbox`] is a console with its past and pages about memory; [`Evidence`] shows what a real machine left behind:
//! free blocks, logs and traces, which [`found`] tells apart. Both make a [`Sheet`]; whoever draws it passes [`Act`]s back.

pub mod editor;
mod evidence;
mod film;
pub mod found;
pub mod layout;
mod pages;
pub mod plot;
mod sandbox;
pub mod script;
mod sheet;

#[cfg(test)]
mod tests;

pub use evidence::{Evidence, Wish as EvidenceWish};
pub use film::Film;
pub use sandbox::{Files, Sandbox, Side, Wish};
pub use sheet::{Act, Chip, Prompt, Room, Row, Sheet, Stroke, Tone, Track, cut, wrap};
