//! The ruled paper under the map: where the zone ends and where its pageblocks meet, also where nothing is known yet.

use bevy::prelude::*;

use super::{Board, Layer, OnBoard, depth};
use crate::app::session::{Lamp, Scene};
use crate::app::theme;

/// How much of a hairline's light the rules have.
const FAINT: f32 = 0.28;
/// And the rim of the zone.
const RIM: f32 = 0.9;

/// A rule: its middle and its size, in pixels of the world, and whether it is part of the rim.
type Rule = (Vec2, Vec2, bool);

/// Cells along both sides of a pageblock.
fn pageblock(order: u8) -> (u16, u16) {
    let rect = crate::labyrinth::block_rect(0, order);
    (rect.w, rect.h)
}

/// The rules of a board.
fn rules(board: Board, order: u8) -> Vec<Rule> {
    let (wide, high) = pageblock(order);
    let (side, px) = (board.grid.side(), board.px as f32);
    let all = board.side();
    let mut rules = Vec::new();
    for (step, upright) in [(wide, true), (high, false)] {
        for at in (0..=side).step_by(step.max(1).into()) {
            let place = f32::from(at) * px;
            let rim = at == 0 || at == side;
            let thick = if rim { 2.0 } else { 1.0 };
            // Whole pixels, so that a rule is as sharp as a wall; the rim lies outside.
            let place = match (rim, at) {
                (true, 0) => place - 1.0,
                (true, _) => place + 1.0,
                _ => place + 0.5,
            };
            let (middle, size) = if upright {
                (Vec2::new(place, -all / 2.0), Vec2::new(thick, all))
            } else {
                (Vec2::new(all / 2.0, -place), Vec2::new(all, thick))
            };
            rules.push((middle, size, rim));
        }
    }
    rules
}

fn lay(mut commands: Commands, scene: Res<Scene>, board: Res<Board>, mut laid: Local<(u64, u32)>) {
    let map = (scene.map, board.px);
    if *laid == map {
        return;
    }
    // What lay there went with the old board.
    *laid = map;
    if scene.lamp != Lamp::Carried {
        return;
    }
    for (middle, size, rim) in rules(*board, scene.view.pageblock_order) {
        let light = if rim { RIM } else { FAINT };
        let color = theme::void().mix(&theme::hairline(), light);
        commands.spawn((
            Sprite::from_color(color, size),
            Transform::from_translation(middle.extend(depth::PAPER)),
            OnBoard,
        ));
    }
}

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Update, lay.in_set(Layer::Marks));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::labyrinth::Grid;

    #[test]
    fn rules_lie_between_pageblocks_and_around_the_zone() {
        for (side, order) in [(64, 4), (128, 5), (256, 6)] {
            let board = Board {
                px: 16,
                grid: Grid::new(side),
            };
            let (wide, high) = pageblock(order);
            let rules = rules(board, order);
            let expected = usize::from(side / wide) + usize::from(side / high) + 2;
            assert_eq!(rules.len(), expected);
            assert_eq!(rules.iter().filter(|rule| rule.2).count(), 4);
        }
    }
}
