//! The bare app: a window, a camera, a sprite and a line of text, with the collections 2D, UI and audio.

use bevy::prelude::*;
use labyrinth_web_baseline::{ready, window};

fn main() {
    App::new()
        .add_plugins(DefaultPlugins.set(window()))
        .add_systems(Startup, |mut commands: Commands| {
            commands.spawn(Camera2d);
            commands.spawn(Sprite::from_color(Color::WHITE, Vec2::splat(100.0)));
            commands.spawn((Text::new("bare"), Node::default()));
        })
        .add_systems(Update, ready)
        .run();
}
