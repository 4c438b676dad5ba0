//! Lists of entries that keys and mouse choose from.

use bevy::prelude::*;

use super::codex::CodexScreen;
use super::end;
use super::input::{Fingers, Intent, Says};
use super::learn::Learn;
use super::settings::SettingsMenu;
use super::shell::Overlay;
use super::theme::{self, Fonts, Ink, Size};
use super::title::TitleMenu;
use super::{Screen, Stage};

/// An entry, by its place in its list.
#[derive(Component, Debug, Clone, Copy)]
pub(super) struct Entry(pub u8);

/// The text of an entry.
#[derive(Component, Debug, Clone, Copy)]
pub(super) struct EntryText(pub u8);

/// Adds a child.
pub(super) fn child(
    commands: &mut Commands<'_, '_>,
    parent: Entity,
    bundle: impl Bundle,
) -> Entity {
    commands.spawn((bundle, ChildOf(parent))).id()
}

/// Adds an entry to a list: what it says, and the key that chooses it.
pub(super) fn entry(
    commands: &mut Commands<'_, '_>,
    fonts: &Fonts,
    fingers: Fingers,
    parent: Entity,
    place: u8,
    text: &str,
    key: &str,
) {
    let button = child(
        commands,
        parent,
        (
            Button,
            Says(Intent::Entry(place)),
            Entry(place),
            Node {
                padding: UiRect::axes(px(14), px(if fingers.0 { 14 } else { 5 })),
                column_gap: px(24),
                justify_content: JustifyContent::SpaceBetween,
                border: UiRect::left(px(3)),
                ..default()
            },
            BackgroundColor(Color::NONE),
            BorderColor::all(Color::NONE),
        ),
    );
    let text = child(
        commands,
        button,
        fonts.line(Size::Body, true, Ink::Plain, text),
    );
    commands.entity(text).insert(EntryText(place));
    child(
        commands,
        button,
        fonts.line(Size::Body, false, Ink::Dim, key),
    );
}

/// Marks the entry that Enter would choose, and the one under the mouse.
fn mark(
    screen: Res<State<Screen>>,
    overlay: Res<Overlay>,
    title: Res<TitleMenu>,
    learn: Res<Learn>,
    settings: Res<SettingsMenu>,
    next: Res<end::Next>,
    codex: Res<CodexScreen>,
    mut entries: Query<(&Entry, &Interaction, &mut BackgroundColor, &mut BorderColor)>,
) {
    let at = match (*overlay, screen.get()) {
        (Overlay::Pause { at, .. }, _) => at,
        (Overlay::Help { .. }, _) | (Overlay::None, Screen::Bench) => return,
        (Overlay::Settings { .. }, _) => settings.at,
        (Overlay::Codex { .. }, _) => codex.marked(),
        (Overlay::None, Screen::Title) => title.at,
        (Overlay::None, Screen::Learn) => learn.at,
        (Overlay::None, _) => next.0,
    };
    for (entry, interaction, mut back, mut border) in &mut entries {
        let marked = entry.0 == at;
        let over = *interaction != Interaction::None;
        let ground = if marked || over {
            theme::raised()
        } else {
            Color::NONE
        };
        let edge = if marked {
            Ink::Yellow.color()
        } else {
            Color::NONE
        };
        if back.0 != ground {
            back.0 = ground;
        }
        border.set_if_neq(BorderColor::all(edge));
    }
}

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Update, mark.in_set(Stage::Draw));
}
