//! Draws curves: each has its ink, its letter and its own height above the others' lines.

use bevy::prelude::*;

use super::frame::PLOT;
use crate::app::menu::child;
use crate::app::theme::{self, Fonts, Ink, Size};
use crate::workbench::plot::{Curve, Plot};

/// The inks of the curves, in turns.
const INKS: [Ink; 5] = [
    Ink::Sky,
    Ink::Orange,
    Ink::Green,
    Ink::Yellow,
    Ink::Vermillion,
];

/// Thickness of a line.
const LINE: f32 = 2.0;

/// Draws a plot into a part of the sheet.
pub(super) fn spawn(commands: &mut Commands<'_, '_>, fonts: &Fonts, parent: Entity, plot: &Plot) {
    let whole = child(
        commands,
        parent,
        Node {
            flex_direction: FlexDirection::Column,
            height: px(PLOT),
            padding: UiRect::vertical(px(4)),
            flex_shrink: 0.0,
            ..default()
        },
    );
    let head = fonts.line(
        Size::Small,
        false,
        Ink::Dim,
        &format!("{}  ({})", plot.top, plot.name),
    );
    child(commands, whole, head);
    let field = child(
        commands,
        whole,
        (
            Node {
                width: percent(100),
                flex_grow: 1.0,
                border: UiRect {
                    left: px(1),
                    bottom: px(1),
                    ..default()
                },
                overflow: Overflow::clip(),
                ..default()
            },
            BorderColor::all(theme::hairline()),
        ),
    );
    for (place, curve) in plot.curves.iter().enumerate() {
        draw(commands, fonts, field, (place, plot.curves.len()), curve);
    }
    let foot = fonts.line(Size::Small, false, Ink::Dim, "0");
    child(commands, whole, foot);
}

/// Part of a side, of thousandths.
fn part(thousandths: u16) -> Val {
    // The lines at the very top stay inside.
    percent(f32::from(thousandths) * 0.094)
}

fn draw(
    commands: &mut Commands<'_, '_>,
    fonts: &Fonts,
    field: Entity,
    (place, count): (usize, usize),
    curve: &Curve,
) {
    let ink = INKS[place % INKS.len()];
    let across = |thousandths: u16| percent(f32::from(thousandths) / 10.0);
    // Curves that agree lie beside each other, not on each other.
    let raised = px(place as f32 * (LINE + 1.0));
    let mut line = |left: u16, bottom: u16, width: Val, height: Val| {
        child(
            commands,
            field,
            (
                Node {
                    position_type: PositionType::Absolute,
                    left: across(left),
                    bottom: part(bottom),
                    margin: UiRect::bottom(raised),
                    width,
                    height,
                    ..default()
                },
                BackgroundColor(ink.color()),
            ),
        );
    };
    for two in curve.points.windows(2) {
        let [(x0, y0), (x1, y1)] = [two[0], two[1]];
        line(x0, y0, across(x1 - x0), px(LINE));
        if y0 != y1 {
            let (low, high) = (y0.min(y1), y0.max(y1));
            line(x1, low, px(LINE), part(high - low));
        }
    }
    // The letter stands on the curve, each at a place of its own.
    let at = curve.points.len() * (place + 1) / (count + 1);
    if let Some(&(x, y)) = curve.points.get(at) {
        let letter = fonts.line(Size::Small, true, ink, &curve.letter.to_string());
        let letter = child(commands, field, letter);
        commands.entity(letter).insert((
            Node {
                position_type: PositionType::Absolute,
                left: across(x),
                bottom: part(y),
                margin: UiRect::bottom(px(place as f32 * (LINE + 1.0) + 3.0)),
                padding: UiRect::horizontal(px(2)),
                ..default()
            },
            BackgroundColor(theme::ground()),
        ));
    }
}
