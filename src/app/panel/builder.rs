//! Building blocks of the panel: lines, headings, bars, buttons.

use bevy::prelude::*;

use crate::app::input::{Intent, Says};
use crate::app::menu::child;
use crate::app::theme::{self, Fonts, Ink, Size};

/// A bar with a name and a figure.
#[derive(Debug, Clone, Copy)]
pub(super) struct BarNodes {
    pub row: Entity,
    pub name: Entity,
    pub fill: Entity,
    pub figure: Entity,
}

/// A part whose lines stand below each other.
pub(super) fn column() -> Node {
    Node {
        flex_direction: FlexDirection::Column,
        flex_shrink: 0.0,
        ..default()
    }
}

/// A line with its parts at both ends.
pub(super) fn row() -> Node {
    Node {
        align_items: AlignItems::Center,
        justify_content: JustifyContent::SpaceBetween,
        flex_shrink: 0.0,
        ..default()
    }
}

/// Adds parts to a panel.
pub(super) struct Builder<'a, 'w, 's> {
    pub commands: &'a mut Commands<'w, 's>,
    pub fonts: &'a Fonts,
}

impl Builder<'_, '_, '_> {
    /// A node of any kind.
    pub(super) fn node(&mut self, parent: Entity, bundle: impl Bundle) -> Entity {
        child(self.commands, parent, bundle)
    }

    /// A line of text.
    pub(super) fn line(
        &mut self,
        parent: Entity,
        size: Size,
        bold: bool,
        ink: Ink,
        text: &str,
    ) -> Entity {
        let line = self.fonts.line(size, bold, ink, text);
        self.node(parent, line)
    }

    /// A line of text that is written later.
    pub(super) fn body(&mut self, parent: Entity) -> Entity {
        self.line(parent, Size::Body, false, Ink::Plain, "")
    }

    /// A heading with a line at its right.
    pub(super) fn heading(&mut self, parent: Entity, text: &str) -> Entity {
        let head = self.node(parent, row());
        self.line(head, Size::Body, true, Ink::White, text);
        self.body(head)
    }

    /// A named bar; `label` is the width of its name.
    pub(super) fn bar(&mut self, parent: Entity, label: f32, thick: f32) -> BarNodes {
        let line = self.node(
            parent,
            Node {
                align_items: AlignItems::Center,
                flex_shrink: 0.0,
                ..default()
            },
        );
        let left = self.node(
            line,
            Node {
                width: px(label),
                flex_shrink: 0.0,
                ..default()
            },
        );
        let name = self.body(left);
        let trough = self.node(
            line,
            (
                Node {
                    flex_grow: 1.0,
                    height: px(thick),
                    ..default()
                },
                BackgroundColor(theme::raised()),
            ),
        );
        let fill = self.node(
            trough,
            (
                Node {
                    width: percent(0),
                    height: percent(100),
                    ..default()
                },
                BackgroundColor(Ink::Plain.color()),
            ),
        );
        let right = self.node(
            line,
            Node {
                width: px(40),
                justify_content: JustifyContent::End,
                flex_shrink: 0.0,
                ..default()
            },
        );
        let figure = self.body(right);
        BarNodes {
            row: line,
            name,
            fill,
            figure,
        }
    }

    /// A button that says what a key says.
    pub(super) fn button(&mut self, parent: Entity, text: &str, says: Intent) -> Entity {
        let button = self.node(
            parent,
            (
                Button,
                Says(says),
                Node {
                    padding: UiRect::axes(px(4), px(3)),
                    ..default()
                },
                BackgroundColor(theme::raised()),
            ),
        );
        self.line(button, Size::Small, false, Ink::Plain, text);
        button
    }
}
