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
mod board;
mod control;
mod end;
mod help;
mod input;
mod menu;
mod news;
mod panel;
mod platform;
mod session;
mod shell;
mod theme;
mod title;

#[cfg(test)]
mod tests;

use std::path::PathBuf;

use bevy::log::LogPlugin;
use bevy::prelude::*;
use bevy::window::{WindowPlugin, WindowResolution};

pub use platform::AppError;

use crate::raid::Setup;

/// How the window opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Start this raid at once; `None` opens the title.
    pub setup: Option<Setup>,
    /// What "new raid" uses; its seed is drawn anew each time.
    pub default_setup: Setup,
    /// Write the journal here after each turn.
    pub journal: Option<PathBuf>,
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

/// Opens the window and plays until it is closed.
///
/// # Errors
///
/// If there is no display or no graphics driver to draw with, or the rules refuse the first raid.
pub fn run(options: Options) -> Result<(), AppError> {
    platform::probe()?;
    platform::guarded(move || {
        let mut app = App::new();
        app.add_plugins(
            DefaultPlugins
                .set(WindowPlugin {
                    primary_window: Some(Window {
                        title: "Void Labyrinth".into(),
                        name: Some("void-labyrinth".into()),
                        resolution: WindowResolution::new(1280, 720),
                        resize_constraints: WindowResizeConstraints {
                            min_width: 640.0,
                            min_height: 360.0,
                            ..default()
                        },
                        ..default()
                    }),
                    ..default()
                })
                .set(ImagePlugin::default_nearest())
                .set(LogPlugin {
                    // What is missing is said once, in a sentence, and not by the driver's loader as well.
                    filter: "error,wgpu_hal::vulkan::instance=off".into(),
                    ..default()
                }),
        );
        app.add_plugins((bevy_ecs_tilemap::TilemapPlugin, drawn));
        build(&mut app, options)?;
        app.add_systems(Update, platform::started);
        Ok(app)
    })
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
    app.add_plugins((input::plugin, shell::plugin));
    session::install(app, options)
}

/// What is drawn.
fn drawn(app: &mut App) {
    app.add_plugins((
        theme::plugin,
        board::plugin,
        panel::plugin,
        menu::plugin,
        title::plugin,
        help::plugin,
        end::plugin,
        platform::plugin,
    ));
}
