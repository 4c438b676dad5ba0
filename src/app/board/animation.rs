//! What moves on the map: walls grow out of their doors, merged rooms light up along their seam, freed rooms flash.
//!
//! Motion only delays what is shown; the rules are always a turn ahead. A new turn finishes whatever
//! still moves, so input is never blocked.

use std::collections::BTreeSet;

use bevy::prelude::*;

use super::changes::{Change, changes, flashes, turn_of};
use super::shows::{Show, blow, shows};
use super::{Board, Layer, MapSight, OnBoard, Pace, Shapes, Still, depth};
use crate::app::art;
use crate::app::session::{Played, Scene};
use crate::labyrinth::{Cell, Dir, block_rect};

/// Seconds one stretch of wall takes to grow.
const GROW: f32 = 0.09;
/// Seconds the light of a merge stays.
const FADE: f32 = 0.3;
/// Seconds between two merges of a cascade.
const CASCADE: f32 = 0.07;
/// Seconds the growth, or the light, takes from one cell of a seam to the next.
const RUN: f32 = 0.012;
/// The longest anything waits before it moves.
const PATIENCE: f32 = 0.6;
/// Seconds of a flash.
const FLASH: f32 = 0.35;
/// Seconds a room's content is on its way, and is written over.
const GLIDE: f32 = 0.32;
/// Seconds a ring opens.
const RING: f32 = 0.5;
/// Seconds the map shakes after a blow, and the most it moves, in pixels.
const SHAKE: f32 = 0.28;
const SWING: f32 = 9.0;

/// What is moving now.
#[derive(Resource, Debug, Default)]
pub(in crate::app) struct Motion {
    /// Walls that are not up yet.
    rising: BTreeSet<(Cell, Dir)>,
    /// Pieces that move.
    pieces: u32,
    /// When bodies and camera stand still again, in seconds since the start.
    still: f32,
    /// The present, in seconds since the start.
    now: f32,
    /// The last blow: when, and how hard against the hardest.
    blow: (f32, f32),
    /// Counts the changes to the walls that are not up yet.
    pub(super) revision: u64,
}

impl Motion {
    /// True while anything moves.
    pub(in crate::app) fn moving(&self) -> bool {
        self.pieces > 0 || self.now < self.still
    }

    /// Something moves until then, in seconds since the start.
    pub(super) fn until(&mut self, then: f32) {
        self.still = self.still.max(then);
    }

    /// How far the last blow moves the map now, if the hardest moves it by so much of the most.
    pub(super) fn swing(&self, part: f32) -> Vec2 {
        let (struck, hard) = self.blow;
        let since = (self.now - struck) / SHAKE;
        if !(0.0..1.0).contains(&since) {
            return Vec2::ZERO;
        }
        let left = (1.0 - since) * (1.0 - since);
        let (sin, cos) = (since * 21.0).sin_cos();
        (Vec2::new(cos, 0.7 * sin) * left * hard * part * SWING).round()
    }

    /// The cells with a wall that is not up yet.
    pub(super) fn cells(&self) -> impl Iterator<Item = Cell> {
        self.rising.iter().map(|&(cell, _)| cell)
    }

    /// True if that wall is not up yet.
    pub(super) fn rising(&self, cell: Cell, dir: Dir) -> bool {
        self.rising.contains(&(cell, dir))
    }
}

/// A piece that moves and goes.
#[derive(Component, Debug, Clone, Copy)]
struct Piece {
    starts: f32,
    lasts: f32,
    kind: Kind,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    /// A stretch of wall that grows; away from its door.
    Wall {
        cell: Cell,
        dir: Dir,
        from: Vec2,
        to: Vec2,
    },
    /// Light along a seam.
    Seam {
        across: bool,
        length: f32,
        thick: f32,
    },
    /// A room lights up.
    Flash { strength: f32 },
    /// A room's content on its way.
    Glide { from: Vec2, to: Vec2 },
    /// A room is written over from its left.
    Wipe { corner: Vec2, size: Vec2 },
    /// A ring that opens, to so many pixels across.
    Ring { across: f32 },
}

/// Sets the pieces of a turn in motion.
fn begin(
    mut commands: Commands,
    mut turns: MessageReader<Played>,
    scene: Res<Scene>,
    (board, sight): (Res<Board>, MapSight),
    time: Res<Time<Real>>,
    still: Res<Still>,
    pace: Res<Pace>,
    shapes: Res<Shapes>,
    mut motion: ResMut<Motion>,
    old: Query<Entity, With<Piece>>,
    mut map: Local<(u64, u32)>,
) {
    let now = time.elapsed_secs();
    motion.now = now;
    let fresh = *map != (scene.map, board.px);
    *map = (scene.map, board.px);
    let Some(turn) = turns.read().last() else {
        if fresh {
            finish(&mut commands, &mut motion, &old);
        }
        return;
    };
    finish(&mut commands, &mut motion, &old);
    if fresh || still.0 || turn.before.grid != scene.view.grid {
        return;
    }
    // What happens beyond the window needs no show.
    let changes = sight
        .cells()
        .map(|part| changes(&turn.before, &scene.view, part))
        .unwrap_or_default();
    for change in &changes {
        let Change {
            cell,
            dir,
            fell,
            node,
            ..
        } = *change;
        let along = |cell: Cell| if dir == Dir::East { cell.y } else { cell.x };
        let door = changes
            .iter()
            .filter(|other| other.door && other.node == node)
            .map(|other| along(other.cell))
            .min_by_key(|&at| at.abs_diff(along(cell)))
            .unwrap_or_else(|| along(cell));
        let far = f32::from(door.abs_diff(along(cell)));
        let place = turn_of(&turn.events, node, fell) as f32;
        let starts = now + (place * CASCADE + far * RUN).min(PATIENCE) / pace.0;
        let piece = if fell {
            fallen(*board, cell, dir, starts)
        } else {
            let Some(next) = scene.view.grid.step(cell, dir) else {
                continue;
            };
            motion.rising.insert((cell, dir));
            motion.rising.insert((next, dir.opposite()));
            grown(*board, change, door <= along(cell), starts)
        };
        motion.pieces += 1;
        let (sprite, transform, mut piece) = piece;
        piece.lasts /= pace.0;
        commands.spawn((sprite, transform, piece, OnBoard));
    }
    for ((pfn, order), ink, strength) in flashes(&turn.events) {
        let (middle, size) = board.area(block_rect(pfn, order));
        motion.pieces += 1;
        commands.spawn((
            Sprite::from_color(ink.color().with_alpha(0.0), size),
            Transform::from_translation(middle.extend(depth::MOTION)),
            Piece {
                starts: now,
                lasts: FLASH / pace.0,
                kind: Kind::Flash { strength },
            },
            OnBoard,
        ));
    }
    for show in shows(&turn.events, &scene.view) {
        let (sprite, at, mut piece) = shown(*board, &shapes, show, now);
        piece.lasts /= pace.0;
        motion.pieces += 1;
        let place = Transform::from_translation(at.extend(depth::MOTION + 0.1));
        commands.spawn((sprite, place, piece, OnBoard));
    }
    let hard = blow(&turn.events);
    if hard > 0 {
        motion.blow = (now, hard as f32 / 100.0);
        motion.until(now + SHAKE);
    }
    motion.revision += 1;
}

/// The piece that shows something.
fn shown(board: Board, shapes: &Shapes, show: Show, now: f32) -> (Sprite, Vec2, Piece) {
    let piece = |lasts, kind| Piece {
        starts: now,
        lasts,
        kind,
    };
    match show {
        Show::Moved { from, to, ink } => {
            let ((from, size), (to, _)) = (board.area(from), board.area(to));
            let sprite = Sprite::from_color(ink.color().with_alpha(0.0), size);
            (sprite, from, piece(GLIDE, Kind::Glide { from, to }))
        }
        Show::Written { rect, ink } => {
            let (middle, size) = board.area(rect);
            let corner = middle - size / 2.0;
            let sprite = Sprite::from_color(ink.color().with_alpha(0.0), size);
            (sprite, middle, piece(GLIDE, Kind::Wipe { corner, size }))
        }
        Show::Ring { rect, ink } => {
            let (middle, size) = board.area(rect);
            let across = size.max_element() + 3.0 * board.px as f32;
            let sprite = Sprite {
                image: shapes.ring.clone(),
                color: ink.color().with_alpha(0.0),
                custom_size: Some(Vec2::splat(1.0)),
                ..default()
            };
            (sprite, middle, piece(RING, Kind::Ring { across }))
        }
    }
}

/// Middle of an edge.
fn middle(board: Board, cell: Cell, dir: Dir) -> Vec2 {
    let (dx, dy) = dir.delta();
    board.centre(cell) + Vec2::new(dx as f32, -dy as f32) * board.px as f32 / 2.0
}

/// Light along a fallen wall.
fn fallen(board: Board, cell: Cell, dir: Dir, starts: f32) -> (Sprite, Transform, Piece) {
    let px = board.px as f32;
    let thick = 2.0 * art::thickness(board.px) as f32;
    let kind = Kind::Seam {
        across: dir == Dir::South,
        length: px,
        thick,
    };
    (
        Sprite::from_color(Color::WHITE.with_alpha(0.0), Vec2::splat(1.0)),
        Transform::from_translation(middle(board, cell, dir).extend(depth::MOTION)),
        Piece {
            starts,
            lasts: FADE,
            kind,
        },
    )
}

/// A stretch of wall that grows from the side on which its door is.
fn grown(
    board: Board,
    change: &Change,
    door_before: bool,
    starts: f32,
) -> (Sprite, Transform, Piece) {
    let px = board.px as f32;
    let run = if change.dir == Dir::East {
        Vec2::new(0.0, -1.0)
    } else {
        Vec2::new(1.0, 0.0)
    };
    let at = middle(board, change.cell, change.dir);
    let (start, end) = (at - run * px / 2.0, at + run * px / 2.0);
    let (from, to) = if door_before {
        (start, end)
    } else {
        (end, start)
    };
    let (_, door) = art::doorway(board.px);
    // Beside a door only the jamb grows.
    let to = if change.door {
        from.lerp(to, 1.0 - door as f32 / px)
    } else {
        to
    };
    let kind = Kind::Wall {
        cell: change.cell,
        dir: change.dir,
        from,
        to,
    };
    (
        Sprite::from_color(Color::WHITE.with_alpha(0.0), Vec2::splat(1.0)),
        Transform::from_translation(at.extend(depth::MOTION)),
        Piece {
            starts,
            lasts: GROW,
            kind,
        },
    )
}

/// Ends all motion at once.
fn finish(
    commands: &mut Commands<'_, '_>,
    motion: &mut Motion,
    old: &Query<'_, '_, Entity, With<Piece>>,
) {
    for piece in old {
        commands.entity(piece).try_despawn();
    }
    motion.pieces = 0;
    if !motion.rising.is_empty() {
        motion.rising.clear();
        motion.revision += 1;
    }
}

/// Moves the pieces.
fn play(
    mut commands: Commands,
    time: Res<Time<Real>>,
    board: Res<Board>,
    scene: Res<Scene>,
    mut motion: ResMut<Motion>,
    mut pieces: Query<(Entity, &Piece, &mut Sprite, &mut Transform)>,
) {
    let now = time.elapsed_secs();
    let thick = 2.0 * art::thickness(board.px) as f32;
    for (entity, piece, mut sprite, mut transform) in &mut pieces {
        let part = (now - piece.starts) / piece.lasts;
        if part < 0.0 {
            continue;
        }
        if part >= 1.0 {
            commands.entity(entity).try_despawn();
            motion.pieces = motion.pieces.saturating_sub(1);
            if let Kind::Wall { cell, dir, .. } = piece.kind {
                motion.rising.remove(&(cell, dir));
                if let Some(next) = scene.view.grid.step(cell, dir) {
                    motion.rising.remove(&(next, dir.opposite()));
                }
                motion.revision += 1;
            }
            continue;
        }
        match piece.kind {
            Kind::Wall { from, to, .. } => {
                let tip = from.lerp(to, part);
                let size = (tip - from).abs().max(Vec2::splat(thick));
                sprite.custom_size = Some(size);
                sprite.color = Color::srgba(0.86, 0.9, 1.0, 0.95);
                transform.translation = ((from + tip) / 2.0).extend(depth::MOTION);
            }
            Kind::Seam {
                across,
                length,
                thick,
            } => {
                let wide = thick * (1.5 + 2.5 * part);
                let long = length * 1.02;
                let size = if across {
                    Vec2::new(long, wide)
                } else {
                    Vec2::new(wide, long)
                };
                sprite.custom_size = Some(size);
                sprite.color = Color::srgba(0.86, 0.94, 1.0, 0.9 * (1.0 - part));
            }
            Kind::Glide { from, to } => {
                let eased = part * part * (3.0 - 2.0 * part);
                let at = from.lerp(to, eased);
                transform.translation = at.extend(transform.translation.z);
                sprite.color.set_alpha(0.5 * (1.0 - part * part));
            }
            Kind::Wipe { corner, size } => {
                // A bar of light, and behind it what is written over already.
                let wide = (size.x * part).max(1.0);
                sprite.custom_size = Some(Vec2::new(wide, size.y));
                let at = corner + Vec2::new(wide, size.y) / 2.0;
                transform.translation = at.extend(transform.translation.z);
                sprite.color.set_alpha(0.4 * (1.0 - part));
            }
            Kind::Ring { across } => {
                let eased = 1.0 - (1.0 - part) * (1.0 - part);
                sprite.custom_size = Some(Vec2::splat(across * (0.3 + eased)));
                sprite.color.set_alpha(0.9 * (1.0 - part));
            }
            Kind::Flash { strength } => {
                sprite
                    .color
                    .set_alpha(strength * (1.0 - part) * (1.0 - part));
            }
        }
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Motion>()
        .add_systems(Update, (begin, play).chain().in_set(Layer::Motion));
}
