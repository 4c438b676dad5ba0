//! The settings while the window is open: what is drawn follows them at once.

use bevy::prelude::*;

use super::Stage;
use super::board::{Pace, Still, Zoom};
use super::session::{Scene, Session};
use super::theme;
use crate::phrases::{Phrase, Phrases};
use crate::settings::{Bindings, Settings};

/// The settings, and what follows from them.
#[derive(Resource, Debug, Clone)]
pub(super) struct Prefs {
    /// As the profile has them.
    pub settings: Settings,
    /// What keys mean.
    pub keys: Bindings,
    /// What the screens say.
    pub words: Phrases,
}

impl Prefs {
    /// What follows from these settings.
    pub(super) fn new(settings: &Settings) -> Self {
        Self {
            keys: Bindings::of(&settings.keys),
            words: Phrases::of(settings.language),
            settings: settings.clone(),
        }
    }

    /// What the screen says.
    pub(super) fn say(&self, phrase: Phrase) -> &str {
        self.words.get(phrase)
    }

    /// Takes over what the profile has now.
    pub(super) fn follow(&mut self, settings: &Settings) {
        if self.settings != *settings {
            *self = Self::new(settings);
        }
    }
}

/// Counts how often everything that is drawn has to be drawn anew.
#[derive(Resource, Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dress(pub u64);

/// The system wants nothing to move that need not.
#[derive(Resource, Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct StillWished(pub bool);

/// Brings what is drawn in line with the settings.
fn apply(
    prefs: Res<Prefs>,
    wished: Res<StillWished>,
    mut worn: Local<Option<Settings>>,
    mut dress: ResMut<Dress>,
    mut scene: ResMut<Scene>,
    mut session: ResMut<Session>,
    mut still: ResMut<Still>,
    mut pace: ResMut<Pace>,
    mut zoom: ResMut<Zoom>,
    mut clear: ResMut<ClearColor>,
) {
    let now = &prefs.settings;
    let speed = now.animation.get();
    still.set_if_neq(Still(now.reduced_motion.is_on(wished.0) || speed == 0));
    pace.set_if_neq(Pace(f32::from(speed.max(1))));
    if worn.as_ref() == Some(now) {
        return;
    }
    if worn
        .as_ref()
        .is_none_or(|worn| (worn.palette, worn.map) != (now.palette, now.map))
    {
        theme::wear(now.palette);
        clear.0 = theme::void();
        scene.map += 1;
    }
    if worn.as_ref().is_none_or(|worn| worn.zoom != now.zoom) {
        zoom.set_step(now.zoom.get());
    }
    dress.0 += 1;
    scene.revision += 1;
    session.revision += 1;
    *worn = Some(now.clone());
}

/// Fills the screen, or lies on it as a window.
#[cfg(not(target_family = "wasm"))]
fn window(
    prefs: Res<Prefs>,
    mut windows: Query<&mut Window, With<bevy::window::PrimaryWindow>>,
    mut worn: Local<crate::settings::WindowMode>,
) {
    use bevy::window::{MonitorSelection, WindowMode};
    let now = prefs.settings.window;
    if *worn == now {
        return;
    }
    *worn = now;
    for mut window in &mut windows {
        window.mode = match now {
            crate::settings::WindowMode::Windowed => WindowMode::Windowed,
            crate::settings::WindowMode::Fullscreen => {
                WindowMode::BorderlessFullscreen(MonitorSelection::Current)
            }
        };
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Dress>()
        .init_resource::<StillWished>()
        .add_systems(Update, apply.after(Stage::Act).before(Stage::Arrange));
    #[cfg(not(target_family = "wasm"))]
    app.add_systems(Update, window.after(Stage::Act).before(Stage::Arrange));
}
