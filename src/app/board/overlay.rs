//! Draws the marks over the map ([`super::signs`]).

use bevy::prelude::*;

use super::signs::{Mark, marks};
use super::{Board, Layer, OnBoard, depth};
use crate::app::art;
use crate::app::session::{Scene, Session};
use crate::app::theme::Fonts;

/// A part of a mark.
#[derive(Component)]
struct Part;

#[derive(Default)]
struct Drawn {
    map: (u64, u32),
    revision: (u64, u64),
    marks: Vec<Mark>,
}

fn update(
    mut commands: Commands,
    scene: Res<Scene>,
    session: Res<Session>,
    board: Res<Board>,
    fonts: Res<Fonts>,
    old: Query<Entity, With<Part>>,
    mut drawn: Local<Drawn>,
) {
    let map = (scene.map, board.px);
    let revision = (scene.revision, session.revision);
    if drawn.map == map && drawn.revision == revision {
        return;
    }
    let carried = scene.lamp == crate::app::session::Lamp::Carried;
    let wanted = session
        .play
        .as_ref()
        .filter(|_| carried)
        .map(marks)
        .unwrap_or_default();
    let same = drawn.map == map && drawn.marks == wanted;
    drawn.map = map;
    drawn.revision = revision;
    if same {
        return;
    }
    for part in &old {
        commands.entity(part).try_despawn();
    }
    let mut brush = Brush {
        commands: &mut commands,
        board: *board,
        fonts: &fonts,
    };
    for mark in &wanted {
        brush.draw(mark);
    }
    drawn.marks = wanted;
}

struct Brush<'a, 'w, 's> {
    commands: &'a mut Commands<'w, 's>,
    board: Board,
    fonts: &'a Fonts,
}

impl Brush<'_, '_, '_> {
    fn bar(&mut self, middle: Vec2, size: Vec2, color: Color, turn: f32) {
        self.commands.spawn((
            Sprite::from_color(color, size),
            Transform::from_translation(middle.extend(depth::MARK))
                .with_rotation(Quat::from_rotation_z(turn)),
            Part,
            OnBoard,
        ));
    }

    fn draw(&mut self, mark: &Mark) {
        let px = self.board.px as f32;
        match *mark {
            Mark::Outline {
                rect,
                ink,
                alpha,
                thick,
            } => {
                let (middle, size) = self.board.area(rect);
                let color = ink.color().with_alpha(alpha);
                let across = Vec2::new(size.x, thick);
                let down = Vec2::new(thick, size.y - 2.0 * thick);
                let to = (size - Vec2::splat(thick)) / 2.0;
                self.bar(middle + Vec2::new(0.0, to.y), across, color, 0.0);
                self.bar(middle - Vec2::new(0.0, to.y), across, color, 0.0);
                self.bar(middle + Vec2::new(to.x, 0.0), down, color, 0.0);
                self.bar(middle - Vec2::new(to.x, 0.0), down, color, 0.0);
            }
            Mark::Fill { rect, ink, alpha } => {
                let (middle, size) = self.board.area(rect);
                self.bar(middle, size, ink.color().with_alpha(alpha), 0.0);
            }
            Mark::Line {
                from,
                to,
                ink,
                alpha,
                thick,
            } => {
                let place = |(x, y): (u16, u16)| Vec2::new(f32::from(x), -f32::from(y)) * px;
                let (from, to) = (place(from), place(to));
                // As wide as the wall that it lies on, and so much more.
                let wide = thick + 2.0 * art::thickness(self.board.px) as f32;
                let size = (to - from).abs().max(Vec2::splat(wide));
                let color = ink.color().with_alpha(alpha);
                self.bar((from + to) / 2.0, size, color, 0.0);
            }
            Mark::Dot { cell, ink, size } => {
                let side = (size * px).max(2.0).round();
                let color = ink.color().with_alpha(0.8);
                self.bar(self.board.centre(cell), Vec2::splat(side), color, 0.0);
            }
            Mark::Dashes { from, to, ink } => {
                let place = |(x, y): (u16, u16)| Vec2::new(f32::from(x), -f32::from(y)) * px / 2.0;
                let (from, to) = (place(from), place(to));
                let line = to - from;
                let length = line.length();
                let along = line.normalize_or_zero();
                let (dash, gap) = (10.0, 8.0);
                let mut at = px * 0.8;
                while at + dash < length {
                    let middle = from + along * (at + dash / 2.0);
                    self.bar(
                        middle,
                        Vec2::new(dash, 1.5),
                        ink.color().with_alpha(0.75),
                        along.to_angle(),
                    );
                    at += dash + gap;
                }
            }
            Mark::Word {
                rect,
                ref text,
                ink,
            } => {
                let (middle, size) = self.board.area(rect);
                let height = (px * 0.5).clamp(10.0, 16.0).round();
                let at = (middle + Vec2::new(0.0, size.y / 2.0 + height * 0.8)).round();
                self.commands.spawn((
                    Text2d::new(text.clone()),
                    self.fonts.on_map(height),
                    TextColor(ink.color()),
                    Transform::from_translation(at.extend(depth::SITE + 0.3)),
                    Part,
                    OnBoard,
                ));
                let plate = Vec2::new(
                    (text.chars().count() as f32 * 0.6 + 0.8) * height,
                    height * 1.4,
                );
                self.commands.spawn((
                    Sprite::from_color(Color::BLACK.with_alpha(0.7), plate),
                    Transform::from_translation(at.extend(depth::SITE + 0.25)),
                    Part,
                    OnBoard,
                ));
            }
        }
    }
}

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Update, update.in_set(Layer::Marks).run_if(super::in_raid));
}
