//! The mouse or a finger on an address map or a free list.

use bevy::prelude::*;
use bevy::ui::RelativeCursorPosition;

use super::{Intent, Intents};
use crate::app::learn::Chart;
use crate::mm::Pfn;

/// What was under the mouse last, and whether it was pressed.
#[derive(Default)]
pub(super) struct Last {
    over: Option<Pfn>,
    pressed: bool,
}

pub(super) fn read(
    charts: Query<(&Chart, &Interaction, &RelativeCursorPosition)>,
    mut last: Local<Last>,
    mut intents: ResMut<Intents>,
) {
    let mut over = None;
    let mut pressed = false;
    for (chart, interaction, cursor) in &charts {
        let Some(place) = cursor
            .normalized
            .filter(|_| *interaction != Interaction::None)
        else {
            continue;
        };
        // From the middle, half a width to each side.
        let (w, h) = chart.0.size;
        let x = ((place.x + 0.5) * w as f32) as i32;
        let y = ((place.y + 0.5) * h as f32) as i32;
        over = chart.0.hit(x, y);
        pressed = *interaction == Interaction::Pressed;
    }
    if let Some(pfn) = over {
        if pressed && !last.pressed {
            intents.0.push_back(Intent::Frame(pfn));
        } else if last.over != over {
            intents.0.push_back(Intent::OverFrame(pfn));
        }
    }
    *last = Last { over, pressed };
}
