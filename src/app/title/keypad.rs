//! Digits to tap, while a seed is typed by somebody who has no keys.

use bevy::prelude::*;

use super::TitleMenu;
use crate::app::input::{Fingers, Intent, Says};
use crate::app::menu::child;
use crate::app::theme::{self, Fonts, Ink, Size};
use crate::app::{Screen, Stage};

/// The pad of digits.
#[derive(Component, Debug)]
pub(super) struct Keypad;

/// Keys in a row.
const ROW: usize = 4;
/// Logical pixels of a key's sides: a fingertip.
const KEY: i32 = 48;

/// What the keys say and mean, row by row.
fn keys() -> Vec<(String, Intent)> {
    let mut keys: Vec<_> = (1..=9)
        .chain([0])
        .map(|digit: u8| (digit.to_string(), Intent::Digit(digit)))
        .collect();
    keys.push(("del".into(), Intent::Erase));
    keys.push(("go".into(), Intent::Confirm));
    keys
}

/// Adds the pad, hidden.
pub(super) fn spawn(commands: &mut Commands<'_, '_>, fonts: &Fonts, sheet: Entity) {
    let pad = child(
        commands,
        sheet,
        (
            Keypad,
            Node {
                display: Display::None,
                flex_direction: FlexDirection::Column,
                row_gap: px(6),
                margin: UiRect::top(px(12)),
                ..default()
            },
        ),
    );
    for row in keys().chunks(ROW) {
        let line = child(
            commands,
            pad,
            Node {
                column_gap: px(6),
                ..default()
            },
        );
        for (text, says) in row {
            let key = child(
                commands,
                line,
                (
                    Button,
                    Says(*says),
                    Node {
                        width: px(KEY),
                        height: px(KEY),
                        justify_content: JustifyContent::Center,
                        align_items: AlignItems::Center,
                        ..default()
                    },
                    BackgroundColor(theme::RAISED),
                ),
            );
            child(
                commands,
                key,
                fonts.line(Size::Body, true, Ink::Plain, text),
            );
        }
    }
}

/// Shows the pad while a seed is typed with fingers.
fn show(menu: Res<TitleMenu>, fingers: Res<Fingers>, mut pads: Query<&mut Node, With<Keypad>>) {
    let wanted = if fingers.0 && menu.seed.is_some() {
        Display::Flex
    } else {
        Display::None
    };
    for mut node in &mut pads {
        if node.display != wanted {
            node.display = wanted;
        }
    }
}

pub(super) fn plugin(app: &mut App) {
    app.add_systems(
        Update,
        show.in_set(Stage::Draw).run_if(in_state(Screen::Title)),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_can_be_tapped_whole() {
        let mut menu = TitleMenu::default();
        menu.take(Intent::Entry(1));
        let keys = keys();
        let tap = |menu: &mut TitleMenu, name: &str| {
            let key = keys.iter().find(|(text, _)| text == name);
            menu.take(key.expect("there is such a key").1)
        };
        for name in ["4", "0", "9", "del", "7"] {
            assert_eq!(tap(&mut menu, name), None);
        }
        assert_eq!(tap(&mut menu, "go"), Some(super::super::Choice::Seed));
        assert_eq!(menu.typed(), Some(407));
    }
}
