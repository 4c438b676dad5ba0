//! Void Labyrinth: an extraction game in a labyrinth that is a computer's memory.
//!
//! A real buddy allocator ([`mm`]) makes and unmakes the walls of a [`labyrinth`]; a [`raid`] is played
//! in it, turn by turn, by a person or a [`bot`]; a [`journal`] keeps it and replays it. All of that is
//! pure, integer-only and deterministic. A [`catalogue`] says what seeds
//! begin with, a [`link`] opens a raid, a [`profile`] is kept of the player.
//! The window (the feature `app`) only draws it.
//!
//! `ARCHITECTURE.md` is the map of the house and names the invariants.

#[cfg(feature = "app")]
pub mod app;
pub mod bot;
pub mod catalogue;
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
pub mod cli;
pub mod codex;
pub mod explain;
pub mod glossary;
pub mod guide;
pub mod journal;
pub mod kernel_text;
pub mod labyrinth;
pub mod lesson;
pub mod link;
pub mod mm;
pub mod palette;
pub mod phrases;
pub mod profile;
pub mod raid;
pub mod settings;
pub mod sound;
pub mod storage;
pub mod trace;
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
pub mod unpack;
pub mod workbench;
