//! Bodies: you, the tasks, the kernel's threads and the OOM killer, as letters that step softly.

use std::collections::BTreeMap;

use bevy::prelude::*;

use super::animation::Motion;
use super::{Board, Layer, OnBoard, Shapes, Still, depth};
use crate::app::session::{Lamp, Scene};
use crate::app::theme::{Fonts, Ink};
use crate::labyrinth::Cell;
use crate::raid::{MinotaurView, View};

/// Seconds of a step.
const STEP: f32 = 0.08;

/// A body as it is drawn.
#[derive(Debug, Clone, PartialEq)]
struct Figure {
    glyph: char,
    cell: Cell,
    ink: Ink,
    /// Size against a cell.
    size: f32,
    /// Light behind it, against a cell; 0 for none.
    glow: f32,
    alpha: f32,
}

/// Who a figure is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Who {
    You,
    Body(u16, String),
    Minotaur,
}

/// All figures of a view.
fn figures(view: &View) -> BTreeMap<Who, Figure> {
    let mut figures = BTreeMap::new();
    for body in &view.bodies {
        let seen = body.turn == view.turn;
        let ink = match (body.hostile, seen) {
            (true, _) => Ink::Purple,
            (false, true) => Ink::White,
            (false, false) => Ink::Dim,
        };
        let figure = Figure {
            glyph: body.glyph,
            cell: body.cell,
            ink,
            size: 0.82,
            glow: if body.hostile && seen { 1.8 } else { 0.0 },
            alpha: if seen { 1.0 } else { 0.5 },
        };
        figures.insert(Who::Body(body.pid, body.name.clone()), figure);
    }
    if let MinotaurView::Awake {
        cell, target_pid, ..
    } = view.minotaur
    {
        let figure = Figure {
            glyph: 'M',
            cell,
            ink: if target_pid == crate::raid::CURRENT {
                Ink::Purple
            } else {
                Ink::Vermillion
            },
            size: 1.7,
            glow: 4.5,
            alpha: 1.0,
        };
        figures.insert(Who::Minotaur, figure);
    }
    let you = Figure {
        glyph: '@',
        cell: view.me.cell,
        ink: Ink::Yellow,
        size: 0.94,
        glow: 2.6,
        alpha: 1.0,
    };
    figures.insert(Who::You, you);
    figures
}

/// A body on its way.
#[derive(Component, Debug, Clone, Copy)]
struct Gait {
    from: Vec2,
    to: Vec2,
    starts: f32,
}

/// The bodies on the map.
#[derive(Default)]
struct Cast {
    map: (u64, u32),
    revision: u64,
    all: BTreeMap<Who, (Entity, Figure)>,
}

fn update(
    mut commands: Commands,
    scene: Res<Scene>,
    board: Res<Board>,
    fonts: Res<Fonts>,
    shapes: Res<Shapes>,
    time: Res<Time<Real>>,
    still: Res<Still>,
    mut motion: ResMut<Motion>,
    mut cast: Local<Cast>,
    mut gaits: Query<(&Transform, &mut Gait)>,
) {
    let map = (scene.map, board.px);
    if cast.map == map && cast.revision == scene.revision {
        return;
    }
    if cast.map != map {
        // The board was cleared.
        cast.all.clear();
    }
    cast.map = map;
    cast.revision = scene.revision;
    let wanted = match scene.lamp {
        Lamp::Carried => figures(&scene.view),
        Lamp::Even(_) => BTreeMap::new(),
    };
    cast.all.retain(|who, (entity, _)| {
        let stays = wanted.contains_key(who);
        if !stays {
            commands.entity(*entity).try_despawn();
        }
        stays
    });
    let now = time.elapsed_secs();
    for (who, figure) in wanted {
        let to = board.centre(figure.cell);
        let known = cast.all.get(&who).cloned();
        if known.as_ref().is_some_and(|(_, was)| *was == figure) {
            continue;
        }
        let from = known
            .as_ref()
            .filter(|(_, was)| !still.0 && was.cell.manhattan(figure.cell) <= 4)
            .and_then(|(entity, _)| gaits.get(*entity).ok())
            .map_or(to, |(transform, _)| transform.translation.truncate());
        if from != to {
            motion.until(now + STEP);
        }
        if let Some((entity, was)) = known {
            let same_look = Figure {
                cell: figure.cell,
                ..was
            } == figure;
            if same_look && let Ok((_, mut gait)) = gaits.get_mut(entity) {
                *gait = Gait {
                    from,
                    to,
                    starts: now,
                };
                cast.all.insert(who, (entity, figure));
                continue;
            }
            commands.entity(entity).try_despawn();
        }
        let entity = spawn(&mut commands, *board, &fonts, &shapes, &who, &figure, from);
        commands.entity(entity).insert(Gait {
            from,
            to,
            starts: now,
        });
        cast.all.insert(who, (entity, figure));
    }
}

fn spawn(
    commands: &mut Commands<'_, '_>,
    board: Board,
    fonts: &Fonts,
    shapes: &Shapes,
    who: &Who,
    figure: &Figure,
    at: Vec2,
) -> Entity {
    let px = board.px as f32;
    let lift = if *who == Who::You { 0.5 } else { 0.0 };
    let behind = |size: f32, color: Color, z: f32| {
        (
            Sprite {
                image: shapes.glow.clone(),
                color,
                custom_size: Some(Vec2::splat(size * px)),
                ..default()
            },
            Transform::from_xyz(0.0, 0.0, z),
        )
    };
    let entity = commands
        .spawn((
            Text2d::new(figure.glyph.to_string()),
            fonts.on_map(figure.size * px),
            TextColor(figure.ink.color().with_alpha(figure.alpha)),
            Transform::from_translation(at.extend(depth::BODY + lift)),
            OnBoard,
        ))
        .id();
    commands.entity(entity).with_children(|parts| {
        parts.spawn(behind(
            figure.size * 1.5,
            Color::BLACK.with_alpha(0.75),
            -0.1,
        ));
        if figure.glow > 0.0 {
            parts.spawn(behind(
                figure.glow,
                figure.ink.color().with_alpha(0.14),
                -0.2,
            ));
        }
    });
    entity
}

fn walk(time: Res<Time<Real>>, mut bodies: Query<(&Gait, &mut Transform)>) {
    let now = time.elapsed_secs();
    for (gait, mut transform) in &mut bodies {
        let part = ((now - gait.starts) / STEP).clamp(0.0, 1.0);
        let eased = part * (2.0 - part);
        let at = gait
            .from
            .lerp(gait.to, eased)
            .extend(transform.translation.z);
        if transform.translation != at {
            transform.translation = at;
        }
    }
}

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Update, (update, walk).chain().in_set(Layer::Marks));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::tests::view_of_a_raid;

    #[test]
    fn you_are_always_drawn_and_the_minotaur_only_when_awake() {
        let mut view = view_of_a_raid();
        view.minotaur = MinotaurView::Asleep;
        assert_eq!(figures(&view)[&Who::You].cell, view.me.cell);
        assert!(!figures(&view).contains_key(&Who::Minotaur));
        let target_pid = crate::raid::CURRENT;
        view.minotaur = MinotaurView::Awake {
            cell: Cell::new(3, 3),
            target: "you".into(),
            target_pid,
        };
        let figures = figures(&view);
        assert!(figures[&Who::Minotaur].size > figures[&Who::You].size);
    }
}
