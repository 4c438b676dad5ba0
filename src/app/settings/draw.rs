//! The settings as they are drawn: a list that shows as many rows as there is room for.

use bevy::prelude::*;

use super::menu::{Row, SettingsMenu};
use crate::app::Stage;
use crate::app::help::{fit, sheet};
use crate::app::input::{Fingers, Intent, Says};
use crate::app::menu::{Entry, child};
use crate::app::panel::Layout;
use crate::app::prefs::{Dress, Prefs};
use crate::app::shell::Overlay;
use crate::app::theme::{self, Fonts, Ink, Size};
use crate::phrases::Phrase;
use crate::settings::Item;

/// Width of the list.
const WIDTH: f32 = 560.0;
/// Height of a row, for a mouse and for fingers.
const ROW: [f32; 2] = [25.0, 42.0];
/// Height of what sets a value under its name, where the window is upright.
const UNDER: f32 = 19.0;
/// Height of everything but the rows; in an upright window lines are shorter, and more.
const REST: [f32; 2] = [150.0, 200.0];

/// The whole sheet.
#[derive(Component)]
struct Sheet;

fn update(
    mut commands: Commands,
    overlay: Res<Overlay>,
    menu: Res<SettingsMenu>,
    prefs: Res<Prefs>,
    dress: Res<Dress>,
    fonts: Res<Fonts>,
    layout: Res<Layout>,
    fingers: Res<Fingers>,
    old: Query<Entity, With<Sheet>>,
    mut shown: Local<Option<(SettingsMenu, Dress, Layout, Fingers)>>,
) {
    let open = matches!(*overlay, Overlay::Settings { .. });
    let now = open.then(|| (menu.clone(), *dress, *layout, *fingers));
    if *shown == now {
        return;
    }
    *shown = now;
    for sheet in &old {
        commands.entity(sheet).despawn();
    }
    if open {
        spawn(&mut commands, &menu, &prefs, &fonts, &layout, *fingers);
    }
}

fn spawn(
    commands: &mut Commands<'_, '_>,
    menu: &SettingsMenu,
    prefs: &Prefs,
    fonts: &Fonts,
    layout: &Layout,
    fingers: Fingers,
) {
    let (root, sheet) = sheet(commands, fit(layout, WIDTH), false);
    commands.entity(root).insert(Sheet);
    let title = fonts.line(Size::Title, true, Ink::White, &menu.title(prefs));
    child(commands, sheet, title);
    let rows = menu.rows();
    let upright = layout.portrait;
    let height = ROW[usize::from(fingers.0)];
    let rest = REST[usize::from(upright)];
    let each = if upright { height + UNDER } else { height };
    let room = ((layout.window.y / layout.scale * 0.96 - rest) / each).floor() as usize;
    let many = room.clamp(3, rows.len());
    // The marked row stays in the middle, as far as the list goes.
    let first = usize::from(menu.at)
        .saturating_sub(many / 2)
        .min(rows.len() - many);
    let list = child(
        commands,
        sheet,
        Node {
            flex_direction: FlexDirection::Column,
            flex_shrink: 0.0,
            ..default()
        },
    );
    for (place, &row) in rows.iter().enumerate().skip(first).take(many) {
        let edge = (place == first && first > 0)
            || (place + 1 == first + many && first + many < rows.len());
        spawn_row(
            commands,
            menu,
            prefs,
            fonts,
            list,
            (place, row, height, edge),
            upright,
        );
    }
    let about = child(
        commands,
        sheet,
        fonts.paragraph(Size::Body, Ink::White, &menu.about(prefs)),
    );
    commands.entity(about).insert(Node {
        // Two lines, or three where they are short, so that the sheet stays as high as it is.
        min_height: px(if upright { 50 } else { 34 }),
        flex_shrink: 0.0,
        margin: UiRect::top(px(4)),
        ..default()
    });
    if prefs.settings.hints.0 {
        let hint = prefs.say(Phrase::HintSettings);
        child(
            commands,
            sheet,
            fonts.paragraph(Size::Small, Ink::Dim, hint),
        );
    }
}

fn spawn_row(
    commands: &mut Commands<'_, '_>,
    menu: &SettingsMenu,
    prefs: &Prefs,
    fonts: &Fonts,
    list: Entity,
    (place, row, height, edge): (usize, Row, f32, bool),
    upright: bool,
) {
    let (name, value) = menu.says(place, row, prefs);
    let at = place as u8;
    let line = child(
        commands,
        list,
        (
            Button,
            Says(Intent::Entry(at)),
            Entry(at),
            if upright {
                // The value stands under its name.
                Node {
                    flex_direction: FlexDirection::Column,
                    height: px(height + UNDER),
                    padding: UiRect::horizontal(px(12)),
                    justify_content: JustifyContent::Center,
                    border: UiRect::left(px(3)),
                    ..default()
                }
            } else {
                Node {
                    height: px(height),
                    padding: UiRect::horizontal(px(12)),
                    column_gap: px(16),
                    align_items: AlignItems::Center,
                    justify_content: JustifyContent::SpaceBetween,
                    border: UiRect::left(px(3)),
                    ..default()
                }
            },
            BackgroundColor(Color::NONE),
            BorderColor::all(Color::NONE),
        ),
    );
    // A row at the end of what is shown is dim where the list goes on.
    let ink = if edge { Ink::Dim } else { Ink::Plain };
    child(commands, line, fonts.line(Size::Body, true, ink, &name));
    let right = child(
        commands,
        line,
        Node {
            align_items: AlignItems::Center,
            column_gap: px(6),
            align_self: if upright {
                AlignSelf::End
            } else {
                AlignSelf::Auto
            },
            ..default()
        },
    );
    let Row::Item(item) = row else {
        child(
            commands,
            right,
            fonts.line(Size::Body, false, Ink::White, &value),
        );
        return;
    };
    if item.values() > 0 {
        stepper(commands, fonts, right, "◄", Intent::Step(at, false), height);
        if item.slides() {
            slider(commands, right, item, (at, prefs), height);
        }
        let text = child(
            commands,
            right,
            Node {
                width: px(if item.slides() { 56 } else { 166 }),
                justify_content: JustifyContent::Center,
                ..default()
            },
        );
        child(
            commands,
            text,
            fonts.line(Size::Body, false, Ink::White, &value),
        );
        stepper(commands, fonts, right, "►", Intent::Step(at, true), height);
    } else if !value.is_empty() {
        child(
            commands,
            right,
            fonts.line(Size::Body, false, Ink::Dim, &value),
        );
    }
}

/// A button that goes to the next value, or to the one before.
fn stepper(
    commands: &mut Commands<'_, '_>,
    fonts: &Fonts,
    parent: Entity,
    sign: &str,
    says: Intent,
    height: f32,
) {
    let button = child(
        commands,
        parent,
        (
            Button,
            Says(says),
            Node {
                width: px(height + 6.0),
                height: px(height - 5.0),
                align_items: AlignItems::Center,
                justify_content: JustifyContent::Center,
                ..default()
            },
            BackgroundColor(theme::raised()),
        ),
    );
    child(
        commands,
        button,
        fonts.line(Size::Small, false, Ink::Plain, sign),
    );
}

/// A bar in pieces, each a button for its value.
fn slider(
    commands: &mut Commands<'_, '_>,
    parent: Entity,
    item: Item,
    (at, prefs): (u8, &Prefs),
    height: f32,
) {
    let set = item.at(&prefs.settings);
    for value in 0..item.values() {
        let ground = if value <= set {
            Ink::Sky.color()
        } else {
            theme::raised()
        };
        child(
            commands,
            parent,
            (
                Button,
                Says(Intent::Set(at, value)),
                Node {
                    width: px(9),
                    height: px(height - 11.0),
                    margin: UiRect::horizontal(px(-2)),
                    ..default()
                },
                BackgroundColor(ground),
            ),
        );
    }
}

pub(in crate::app) fn plugin(app: &mut App) {
    app.add_systems(Update, update.in_set(Stage::Draw));
}
