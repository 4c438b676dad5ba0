//! The window: draws a raid and turns keys and clicks into commands; knows of the rules only what a player may know.
//!
//! One plugin a file. A frame runs through the sets of [`Stage`] in order: input becomes intents, intents
//! become turns, the scene that is drawn is brought up to date, and whatever differs from it is redrawn.

#![allow(
    elided_lifetimes_in_paths,
    clippy::too_many_arguments,
    reason = "Bevy's systems take what they need as parameters, whose lifetimes say nothing"
)]

mod art;
mod bench;
mod board;
mod codex;
mod control;
#[cfg(not(target_family = "wasm"))]
mod desktop;
mod end;
mod glyphs;
mod help;
mod input;
#[cfg(target_os = "linux")]
mod joysticks;
mod learn;
mod menu;
#[cfg_attr(
    not(any(test, target_family = "wasm")),
    expect(dead_code, reason = "only a page has somebody to tell")
)]
mod mirror;
mod news;
mod panel;
mod platform;
mod prefs;
mod rest;
mod session;
mod settings;
mod shell;
mod sound;
mod texts;
mod theme;
mod title;
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
pub mod web;

#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use bevy::prelude::*;

#[cfg(not(target_family = "wasm"))]
pub use desktop::run;
pub use platform::AppError;

use crate::journal::Journal;
use crate::profile::Keeper;
use crate::raid::Setup;

/// What is shown first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Start {
    /// The title.
    #[default]
    Title,
    /// A raid; where it was left, if it is the one that was left unfinished.
    Raid(Setup),
    /// A raid that was played before.
    Replay(Box<Journal>),
    /// A lesson, by its name, with no game around it: a teacher's link.
    Lesson(String),
    /// The sandbox, after the calls of a script.
    Script(String),
    /// What is in a file: free blocks of a machine, a kernel's log, a trace, a script, a journal.
    File(PathBuf),
}

/// The profile, shared with whoever exports and imports it while the game runs.
pub type SharedKeeper = Arc<Mutex<Keeper>>;

/// How the window opens.
#[derive(Debug)]
pub struct Options {
    /// What is shown first.
    pub start: Start,
    /// One sentence to show: what was wrong with the link that was followed.
    pub notice: Option<String>,
    /// Where the profile is kept.
    pub keeper: SharedKeeper,
    /// What "new raid" uses; its seed is drawn anew each time.
    pub default_setup: Setup,
    /// Write the journal here after each turn.
    pub journal: Option<PathBuf>,
    /// Say on stderr, once a second, how many frames were drawn in it.
    pub frames: bool,
}

/// Which screen is shown.
#[derive(States, Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
enum Screen {
    /// The name of the game, and what one can do.
    #[default]
    Title,
    /// A raid.
    Raid,
    /// How it ended.
    End,
    /// The lessons, or one of them.
    Learn,
    /// The sandbox, or what a real machine left behind.
    Bench,
}

/// What a frame does, in order.
#[derive(SystemSet, Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Stage {
    /// Keys, mouse and buttons become intents.
    Input,
    /// Intents become turns.
    Act,
    /// The window is divided.
    Arrange,
    /// Camera and backdrop follow.
    Follow,
    /// Whatever differs is redrawn.
    Draw,
}

/// What every window and every test of one has: the screens and the raid, not yet drawn.
fn build(app: &mut App, options: Options) -> Result<(), AppError> {
    app.init_state::<Screen>();
    app.configure_sets(
        Update,
        (
            Stage::Input,
            Stage::Act,
            Stage::Arrange,
            Stage::Follow,
            Stage::Draw,
        )
            .chain(),
    );
    app.add_plugins((input::plugin, learn::plugin, shell::plugin, codex::plugin));
    session::install(app, options)
}

/// What is drawn, and heard.
fn drawn(app: &mut App) {
    shown(app);
    app.add_plugins(sound::plugin);
}

/// What is drawn.
fn shown(app: &mut App) {
    app.add_plugins((
        theme::plugin,
        prefs::plugin,
        bench::plugin,
        board::plugin,
        panel::plugin,
        menu::plugin,
        title::plugin,
        help::plugin,
        settings::plugin,
        codex::drawn,
        end::plugin,
        rest::plugin,
        learn::drawn,
    ));
}
