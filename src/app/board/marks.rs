//! Letters of built things: devices and what they ask for, gates, the key.

use bevy::prelude::*;

use super::{Board, Layer, OnBoard, Shapes, depth, fog};
use crate::app::session::{Lamp, Scene};
use crate::app::theme::{Fonts, Ink};
use crate::labyrinth::{Cell, Rect, block_rect};
use crate::mm::{Order, Pfn};
use crate::raid::{Knowledge, View};

/// A thing that is built.
#[derive(Debug, Clone, PartialEq)]
struct Mark {
    rect: Rect,
    glyph: char,
    label: String,
    /// What it asks for: shown above it, with a ring around.
    asks: Option<String>,
    ink: Ink,
    /// In sight.
    seen: bool,
    /// You stand in it.
    inside: bool,
}

/// The built things a view knows of.
fn marks(view: &View) -> Vec<Mark> {
    let seen = |pfn: Pfn, order: Order| {
        block_rect(pfn, order)
            .cells()
            .any(|cell| view.cell(cell).knowledge.is_true())
    };
    let known = |pfn: Pfn, order: Order| {
        block_rect(pfn, order)
            .cells()
            .any(|cell| view.cell(cell).knowledge != Knowledge::Unknown)
    };
    let inside = |pfn: Pfn, order: Order| block_rect(pfn, order).contains(view.me.cell);
    let mut marks = Vec::new();
    for device in &view.devices {
        let Some((pfn, order)) = device.room else {
            continue;
        };
        marks.push(Mark {
            rect: block_rect(pfn, order),
            glyph: device
                .name
                .chars()
                .next()
                .map_or('?', |c| c.to_ascii_uppercase()),
            label: device.name.clone(),
            asks: device
                .request
                .map(|request| format!("order {}", request.order)),
            ink: Ink::White,
            seen: seen(pfn, order),
            inside: inside(pfn, order),
        });
    }
    for gate in &view.gates {
        let (pfn, order) = gate.room;
        if !known(pfn, order) {
            continue;
        }
        let state = if gate.open { "" } else { " shut" };
        marks.push(Mark {
            rect: block_rect(pfn, order),
            glyph: '∩',
            label: format!("{}{state}", gate.name),
            asks: None,
            ink: if gate.open { Ink::White } else { Ink::Dim },
            seen: seen(pfn, order),
            inside: inside(pfn, order),
        });
    }
    for terminal in &view.terminals {
        let (pfn, order) = terminal.room;
        if !known(pfn, order) {
            continue;
        }
        marks.push(Mark {
            rect: block_rect(pfn, order),
            glyph: '#',
            label: terminal.file.path().into(),
            asks: None,
            ink: Ink::Sky,
            seen: seen(pfn, order),
            inside: inside(pfn, order),
        });
    }
    if let Some(Cell { x, y }) = view.key_cell {
        marks.push(Mark {
            rect: Rect { x, y, w: 1, h: 1 },
            glyph: '◆',
            label: "key".into(),
            asks: None,
            ink: Ink::White,
            seen: view.cell(Cell::new(x, y)).knowledge.is_true(),
            inside: false,
        });
    }
    marks
}

/// A part of a mark.
#[derive(Component)]
struct Part;

#[derive(Default)]
struct Drawn {
    map: (u64, u32),
    revision: u64,
    marks: Vec<Mark>,
}

fn update(
    mut commands: Commands,
    scene: Res<Scene>,
    board: Res<Board>,
    fonts: Res<Fonts>,
    shapes: Res<Shapes>,
    old: Query<Entity, With<Part>>,
    mut drawn: Local<Drawn>,
) {
    let map = (scene.map, board.px);
    if drawn.map == map && drawn.revision == scene.revision {
        return;
    }
    let wanted = match scene.lamp {
        Lamp::Carried => marks(&scene.view),
        Lamp::Even(_) => Vec::new(),
    };
    let same = drawn.map == map && drawn.marks == wanted;
    drawn.map = map;
    drawn.revision = scene.revision;
    if same {
        return;
    }
    for part in &old {
        commands.entity(part).try_despawn();
    }
    for mark in &wanted {
        spawn(&mut commands, *board, &fonts, &shapes, mark);
    }
    drawn.marks = wanted;
}

fn spawn(
    commands: &mut Commands<'_, '_>,
    board: Board,
    fonts: &Fonts,
    shapes: &Shapes,
    mark: &Mark,
) {
    let (middle, size) = board.area(mark.rect);
    let px = board.px as f32;
    let alpha = if mark.seen {
        1.0
    } else {
        fog::REMEMBERED + 0.2
    };
    let small = (px * 0.42).clamp(11.0, 20.0).round();
    let named = px >= 15.0;
    let letter = (size.y.min(2.0 * px) * 0.5).max(10.0).round();
    let mut text = |text: &str, at: Vec2, px: f32, color: Color| {
        commands.spawn((
            Text2d::new(text),
            fonts.on_map(px),
            TextColor(color),
            Transform::from_translation(at.round().extend(depth::SITE + 0.2)),
            Part,
            OnBoard,
        ));
    };
    let color = mark.ink.color().with_alpha(alpha);
    // Where you stand in it, your own letter is the one to be read.
    let own = if mark.inside { alpha * 0.3 } else { alpha };
    text(
        &mark.glyph.to_string(),
        middle,
        letter,
        mark.ink.color().with_alpha(own),
    );
    let above = middle + Vec2::new(0.0, size.y / 2.0 + small * 0.8);
    let below = middle - Vec2::new(0.0, size.y / 2.0 + small * 0.8);
    let caption = mark.asks.as_ref().map(|asks| {
        if px < 12.0 {
            asks.trim_start_matches("order ")
        } else {
            asks
        }
    });
    let mut plates = Vec::new();
    let mut plate = |text: &str, at: Vec2, height: f32| {
        plates.push((
            at,
            Vec2::new(
                (text.chars().count() as f32 * 0.6 + 0.8) * height,
                height * 1.35,
            ),
        ));
    };
    if named {
        text(&mark.label, below, small, color);
        plate(&mark.label, below, small);
    }
    if let Some(caption) = caption {
        text(caption, above, small + 1.0, Color::WHITE);
        plate(caption, above, small + 1.0);
    }
    let mut sprite = |image: Handle<Image>, at: Vec2, size: Vec2, color: Color, z: f32| {
        commands.spawn((
            Sprite {
                image,
                color,
                custom_size: Some(size),
                ..default()
            },
            Transform::from_translation(at.round().extend(depth::SITE + z)),
            Part,
            OnBoard,
        ));
    };
    for (at, size) in plates {
        sprite(
            Handle::default(),
            at,
            size,
            Color::BLACK.with_alpha(0.75),
            0.1,
        );
    }
    if caption.is_some() {
        let around = Vec2::splat(size.max_element() * 1.42);
        sprite(
            shapes.ring.clone(),
            middle,
            around,
            Color::WHITE.with_alpha(0.8),
            0.0,
        );
        sprite(
            shapes.glow.clone(),
            middle,
            around * 1.3,
            Color::WHITE.with_alpha(0.05),
            -0.1,
        );
    }
}

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Update, update.in_set(Layer::Marks));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::tests::view_of_a_raid;

    #[test]
    fn only_devices_whose_room_is_known_are_marked() {
        let mut view = view_of_a_raid();
        for device in &mut view.devices {
            device.room = None;
        }
        let before = marks(&view).len();
        view.devices[0].room = Some((0, 2));
        let after = marks(&view);
        assert_eq!(after.len(), before + 1);
        assert!(after.iter().any(|mark| mark.label == view.devices[0].name));
    }
}
