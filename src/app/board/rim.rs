//! Signs at the rim of the map for what lies beyond it: the OOM killer, and blocks that pointers lead to.

use bevy::prelude::*;

use super::{Board, Layer, MapArea, OnBoard, depth};
use crate::app::session::{Lamp, Scene};
use crate::app::theme::{Fonts, Ink};
use crate::labyrinth::{Rect, block_rect};
use crate::raid::{MinotaurView, View};

/// Pixels from the rim to the middle of a sign.
const INSET: f32 = 26.0;
/// Pixels from the middle of a sign to its arrow.
const REACH: f32 = 15.0;
/// Height of its letter.
const LETTER: f32 = 17.0;

/// What may lie beyond the rim.
#[derive(Debug, Clone, PartialEq)]
struct Far {
    rect: Rect,
    glyph: char,
    ink: Ink,
}

/// All of a view that is worth a sign.
fn far(view: &View) -> Vec<Far> {
    let mut all = Vec::new();
    if view.outcome.is_some() {
        return all;
    }
    if let MinotaurView::Awake {
        cell, target_pid, ..
    } = view.minotaur
    {
        let yours = target_pid == crate::raid::CURRENT;
        all.push(Far {
            rect: Rect {
                x: cell.x,
                y: cell.y,
                w: 1,
                h: 1,
            },
            glyph: 'M',
            ink: if yours { Ink::Purple } else { Ink::Vermillion },
        });
    }
    let pointed = view.me.held.iter().filter(|block| !block.mapped);
    all.extend(pointed.map(|block| Far {
        rect: block_rect(block.pfn, block.order),
        glyph: '*',
        ink: Ink::Yellow,
    }));
    all
}

/// Where the sign for a place of the window stands, and the way its arrow points; none if the place is in sight.
fn sign(area: bevy::math::Rect, at: Vec2) -> Option<(Vec2, Vec2)> {
    if area.contains(at) {
        return None;
    }
    let inner = area.inflate(-INSET);
    let stands = at.clamp(inner.min, inner.max.max(inner.min));
    Some((stands, (at - stands).normalize_or_zero()))
}

/// A sign: the place in [`Drawn::all`], and whether it is the arrow.
#[derive(Component)]
struct Part {
    of: usize,
    arrow: bool,
}

#[derive(Default)]
struct Drawn {
    map: (u64, u32),
    all: Vec<Far>,
}

fn update(
    mut commands: Commands,
    scene: Res<Scene>,
    board: Res<Board>,
    area: Res<MapArea>,
    fonts: Res<Fonts>,
    cameras: Query<&Transform, (With<Camera2d>, Without<Part>)>,
    mut parts: Query<(Entity, &Part, &mut Transform, &mut Visibility)>,
    mut drawn: Local<Drawn>,
) {
    let map = (scene.map, board.px);
    let wanted = match scene.lamp {
        Lamp::Carried => far(&scene.view),
        Lamp::Even(_) => Vec::new(),
    };
    let same_signs = |a: &[Far], b: &[Far]| {
        a.len() == b.len()
            && a.iter()
                .zip(b)
                .all(|(a, b)| (a.glyph, a.ink) == (b.glyph, b.ink))
    };
    if drawn.map != map || !same_signs(&drawn.all, &wanted) {
        for (entity, ..) in &parts {
            commands.entity(entity).try_despawn();
        }
        for (of, far) in wanted.iter().enumerate() {
            for (arrow, text) in [(false, far.glyph), (true, '►')] {
                commands.spawn((
                    Text2d::new(text.to_string()),
                    fonts.on_map(LETTER),
                    TextColor(far.ink.color()),
                    Transform::default(),
                    Visibility::Hidden,
                    Part { of, arrow },
                    OnBoard,
                ));
            }
        }
        *drawn = Drawn { map, all: wanted };
        return;
    }
    drawn.all = wanted;
    let Ok(camera) = cameras.single() else {
        return;
    };
    for (_, part, mut transform, mut visibility) in &mut parts {
        let Some(far) = drawn.all.get(part.of) else {
            continue;
        };
        let eye = camera.translation.truncate();
        let flipped = |at: Vec2| Vec2::new(at.x, -at.y);
        let from_eye = board.area(far.rect).0 - eye;
        let Some((stands, way)) = sign(area.rect, area.window / 2.0 + flipped(from_eye)) else {
            visibility.set_if_neq(Visibility::Hidden);
            continue;
        };
        visibility.set_if_neq(Visibility::Inherited);
        let way = flipped(way);
        let at = (eye + flipped(stands - area.window / 2.0)).round();
        let place = if part.arrow {
            Transform::from_translation((at + way * REACH).extend(depth::BODY + 0.8))
                .with_rotation(Quat::from_rotation_z(way.to_angle()))
        } else {
            Transform::from_translation(at.extend(depth::BODY + 0.8))
        };
        transform.set_if_neq(place);
    }
}

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Update, update.in_set(Layer::Marks));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::tests::view_of_a_raid;
    use crate::labyrinth::Cell;
    use crate::raid::Held;

    #[test]
    fn what_is_in_sight_needs_no_sign_and_what_is_beyond_has_one_inside() {
        let area = bevy::math::Rect::new(0.0, 0.0, 900.0, 700.0);
        assert_eq!(sign(area, Vec2::new(450.0, 350.0)), None);
        for at in [
            Vec2::new(-500.0, 350.0),
            Vec2::new(2000.0, -800.0),
            Vec2::new(450.0, 701.0),
        ] {
            let (stands, way) = sign(area, at).expect("a sign");
            assert!(area.inflate(-INSET + 1.0).contains(stands));
            assert!(way.dot(at - area.center()) > 0.0, "{at}");
        }
    }

    #[test]
    fn the_oom_killer_and_pointers_have_signs() {
        let mut view = view_of_a_raid();
        assert!(far(&view).is_empty());
        view.minotaur = MinotaurView::Awake {
            cell: Cell::new(60, 60),
            target: "backup".into(),
            target_pid: 9,
        };
        view.me.held = vec![
            Held {
                pfn: 0,
                order: 1,
                mapped: false,
            },
            Held {
                pfn: 8,
                order: 1,
                mapped: true,
            },
        ];
        let glyphs: Vec<char> = far(&view).iter().map(|far| far.glyph).collect();
        assert_eq!(glyphs, ['M', '*']);
    }
}
