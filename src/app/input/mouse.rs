//! The mouse on the map: a click goes there, the other button looks, the wheel zooms.

use bevy::input::mouse::{MouseScrollUnit, MouseWheel};
use bevy::prelude::*;
use bevy::window::PrimaryWindow;

use super::{Intent, Intents};
use crate::app::board::BoardCursor;

/// Wheel turned but not yet a whole step.
#[derive(Default)]
pub(super) struct Wheel(f32);

pub(super) fn read(
    windows: Query<&Window, With<PrimaryWindow>>,
    buttons: Option<Res<ButtonInput<MouseButton>>>,
    interactions: Query<&Interaction>,
    mut wheel: MessageReader<MouseWheel>,
    mut turned: Local<Wheel>,
    cursor: Option<Res<BoardCursor>>,
    mut last: Local<Option<Vec2>>,
    mut intents: ResMut<Intents>,
) {
    for step in wheel.read() {
        turned.0 += match step.unit {
            MouseScrollUnit::Line => step.y,
            MouseScrollUnit::Pixel => step.y / 40.0,
        };
    }
    while turned.0.abs() >= 1.0 {
        let up = turned.0 > 0.0;
        turned.0 -= turned.0.signum();
        intents
            .0
            .push_back(if up { Intent::ZoomIn } else { Intent::ZoomOut });
    }
    let (Ok(window), Some(cursor)) = (windows.single(), cursor) else {
        return;
    };
    let over_ui = interactions
        .iter()
        .any(|interaction| *interaction != Interaction::None);
    let cell = if over_ui { None } else { cursor.0 };
    // The map moving under a mouse that lies still is no news.
    let position = window.cursor_position();
    if position != *last {
        // Where it lies when the window opens is no news either.
        if last.is_some() || position.is_none() {
            intents.0.push_back(Intent::Hover(cell));
        }
        *last = position;
    }
    let (Some(buttons), Some(cell)) = (buttons, cell) else {
        return;
    };
    if buttons.just_pressed(MouseButton::Left) {
        intents.0.push_back(Intent::Point(cell));
    }
    if buttons.just_pressed(MouseButton::Right) {
        intents.0.push_back(Intent::Inspect(cell));
    }
}
