//! The codex as it is drawn: a list to search beside the open page, or above it where the window is upright.

use bevy::prelude::*;

use super::{CodexScreen, kind, part};
use crate::app::Stage;
use crate::app::help::{Scrolls, sheet};
use crate::app::input::{Fingers, Intent, Says};
use crate::app::menu::{Entry, child};
use crate::app::panel::Layout;
use crate::app::prefs::{Dress, Prefs};
use crate::app::shell::Overlay;
use crate::app::theme::{self, Fonts, Ink, Size};
use crate::codex::{Codex, Page};
use crate::phrases::Phrase;

/// Width of the sheet, and of the list in it.
const WIDTH: f32 = 980.0;
const LIST: f32 = 230.0;
/// Height of an entry, for a mouse and for fingers.
const ROW: [f32; 2] = [22.0, 40.0];
/// Height of all but the list.
const REST: f32 = 150.0;
/// Entries over the page, where the window is upright.
const FEW: usize = 7;
/// Letters of a name that have room in the list.
const LETTERS: usize = 24;

/// The whole sheet.
#[derive(Component)]
struct Sheet;

/// What a sheet was drawn from.
type Drawn = (u64, usize, Dress, Layout, Fingers);

fn update(
    mut commands: Commands,
    overlay: Res<Overlay>,
    mut screen: ResMut<CodexScreen>,
    prefs: Res<Prefs>,
    dress: Res<Dress>,
    fonts: Res<Fonts>,
    layout: Res<Layout>,
    fingers: Res<Fingers>,
    old: Query<Entity, With<Sheet>>,
    mut drawn: Local<Option<Drawn>>,
) {
    let open = matches!(*overlay, Overlay::Codex { .. });
    let height = ROW[usize::from(fingers.0)];
    let room = ((layout.window.y / layout.scale * 0.94 - REST) / height).floor() as usize;
    let rows = if layout.portrait {
        room.clamp(3, FEW)
    } else {
        room.clamp(3, 40)
    };
    if screen.rows != rows {
        screen.rows = rows;
    }
    let now = open.then_some((screen.revision, rows, *dress, *layout, *fingers));
    if *drawn == now {
        return;
    }
    *drawn = now;
    for sheet in &old {
        commands.entity(sheet).despawn();
    }
    if open {
        let mut brush = Brush {
            commands: &mut commands,
            fonts: &fonts,
            prefs: &prefs,
            fingers: *fingers,
        };
        brush.sheet(&screen, &layout);
    }
}

struct Brush<'a, 'w, 's> {
    commands: &'a mut Commands<'w, 's>,
    fonts: &'a Fonts,
    prefs: &'a Prefs,
    fingers: Fingers,
}

impl Brush<'_, '_, '_> {
    fn node(&mut self, parent: Entity, node: Node) -> Entity {
        child(self.commands, parent, node)
    }

    fn line(&mut self, parent: Entity, size: Size, bold: bool, ink: Ink, text: &str) -> Entity {
        let line = self.fonts.line(size, bold, ink, text);
        child(self.commands, parent, line)
    }

    fn paragraph(&mut self, parent: Entity, size: Size, ink: Ink, text: &str) {
        let text = self.fonts.paragraph(size, ink, text);
        child(self.commands, parent, text);
    }

    /// A small button that says this.
    fn button(&mut self, parent: Entity, says: Intent, ink: Ink, text: &str, marked: bool) {
        let border = if marked {
            Ink::Yellow.color()
        } else {
            theme::hairline()
        };
        let high = if self.fingers.0 { 10 } else { 2 };
        let button = child(
            self.commands,
            parent,
            (
                Button,
                Says(says),
                Node {
                    padding: UiRect::axes(px(8), px(high)),
                    border: UiRect::all(px(1)),
                    flex_shrink: 0.0,
                    ..default()
                },
                BackgroundColor(theme::raised()),
                BorderColor::all(border),
            ),
        );
        self.line(button, Size::Body, false, ink, text);
    }

    fn sheet(&mut self, screen: &CodexScreen, layout: &Layout) {
        let (root, sheet) = sheet(self.commands, px(WIDTH), false);
        self.commands.entity(root).insert(Sheet);
        let head = self.node(
            sheet,
            Node {
                column_gap: px(18),
                align_items: AlignItems::Center,
                flex_shrink: 0.0,
                ..default()
            },
        );
        let title = self.prefs.say(Phrase::CodexTitle).to_string();
        self.line(head, Size::Title, true, Ink::White, &title);
        let query = format!(
            "{}: {}_",
            self.prefs.say(Phrase::CodexSearch),
            screen.reader.query()
        );
        let search = self.line(head, Size::Body, false, Ink::Plain, &query);
        self.commands.entity(search).insert(Node {
            flex_grow: 1.0,
            ..default()
        });
        self.button(head, Intent::Escape, Ink::White, "×", false);
        let body = self.node(
            sheet,
            Node {
                flex_direction: if layout.portrait {
                    FlexDirection::Column
                } else {
                    FlexDirection::Row
                },
                column_gap: px(22),
                row_gap: px(10),
                min_height: px(0),
                flex_shrink: 1.0,
                ..default()
            },
        );
        if let Some(codex) = &screen.codex {
            self.list(body, screen, codex, layout);
            self.page(body, screen, codex, layout);
        } else {
            let (ink, text) = match &screen.problem {
                Some(problem) => (
                    Ink::Orange,
                    format!("! {}: {problem}", self.prefs.say(Phrase::CodexFailed)),
                ),
                None => (Ink::Dim, self.prefs.say(Phrase::CodexLoading).into()),
            };
            self.paragraph(body, Size::Body, ink, &text);
        }
        if self.prefs.settings.hints.0 && !self.fingers.0 {
            let hint = self.prefs.say(Phrase::CodexHint).to_string();
            self.paragraph(sheet, Size::Small, Ink::Dim, &hint);
        }
    }

    fn list(&mut self, body: Entity, screen: &CodexScreen, codex: &Codex, layout: &Layout) {
        let height = ROW[usize::from(self.fingers.0)];
        let list = self.node(
            body,
            Node {
                flex_direction: FlexDirection::Column,
                width: if layout.portrait {
                    percent(100)
                } else {
                    px(LIST)
                },
                flex_shrink: 0.0,
                height: px(height * screen.rows as f32),
                ..default()
            },
        );
        let (reader, first) = (&screen.reader, screen.first());
        for (row, &at) in reader
            .list()
            .iter()
            .skip(first)
            .take(screen.rows)
            .enumerate()
        {
            let Some(page) = codex.pages().get(at) else {
                continue;
            };
            let named = first + row < reader.named();
            let button = child(
                self.commands,
                list,
                (
                    Button,
                    Says(Intent::Entry(row as u8)),
                    Entry(row as u8),
                    Node {
                        height: px(height),
                        flex_shrink: 0.0,
                        padding: UiRect::horizontal(px(8)),
                        border: UiRect::left(px(3)),
                        align_items: AlignItems::Center,
                        ..default()
                    },
                    BackgroundColor(Color::NONE),
                    BorderColor::all(Color::NONE),
                ),
            );
            // What the screen named has a sign, and does not only stand first.
            let sign = if named { "* " } else { "  " };
            let name: String = page.name.chars().take(LETTERS).collect();
            let ink = if named { Ink::White } else { Ink::Plain };
            self.line(button, Size::Body, named, ink, &format!("{sign}{name}"));
        }
        if reader.list().is_empty() {
            let none = self.prefs.say(Phrase::CodexNone).to_string();
            self.paragraph(list, Size::Body, Ink::Dim, &none);
        }
    }

    fn page(&mut self, body: Entity, screen: &CodexScreen, codex: &Codex, layout: &Layout) {
        let column = self.node(
            body,
            Node {
                flex_direction: FlexDirection::Column,
                flex_grow: 1.0,
                flex_basis: if layout.portrait { auto() } else { px(0) },
                min_height: px(0),
                flex_shrink: 1.0,
                row_gap: px(8),
                ..default()
            },
        );
        let page = screen.reader.page().and_then(|at| codex.pages().get(at));
        if let Some(page) = page {
            let text = child(
                self.commands,
                column,
                (
                    Scrolls,
                    Node {
                        flex_direction: FlexDirection::Column,
                        min_height: px(0),
                        flex_shrink: 1.0,
                        overflow: Overflow::scroll_y(),
                        ..default()
                    },
                ),
            );
            let text = self.node(
                text,
                Node {
                    flex_direction: FlexDirection::Column,
                    flex_shrink: 0.0,
                    row_gap: px(6),
                    ..default()
                },
            );
            self.words(text, page);
            self.links(column, screen, codex, page);
        }
        let foot = self.node(
            column,
            Node {
                column_gap: px(6),
                margin: UiRect::top(px(6)),
                flex_shrink: 0.0,
                ..default()
            },
        );
        self.button(foot, Intent::Step(0, false), Ink::Plain, "▲", false);
        self.button(foot, Intent::Step(0, true), Ink::Plain, "▼", false);
        let back = self.prefs.say(Phrase::CodexBack).to_string();
        self.button(foot, Intent::Erase, Ink::Plain, &back, false);
        let more = self.prefs.say(Phrase::CodexMore).to_string();
        self.button(foot, Intent::Step(1, true), Ink::Plain, &more, false);
    }

    fn words(&mut self, text: Entity, page: &Page) {
        self.paragraph(text, Size::Title, Ink::White, &page.name);
        let mut under = self.prefs.say(kind(page.kind)).to_string();
        if !page.also.is_empty() {
            let also = self.prefs.say(Phrase::CodexAlso);
            under = format!("{under}; {also} {}", page.also.join(", "));
        }
        self.paragraph(text, Size::Small, Ink::Dim, &under);
        let mut last = None;
        for (what, words) in &page.parts {
            if last != Some(*what) {
                last = Some(*what);
                let label = self.prefs.say(part(*what)).to_string();
                let label = self.line(text, Size::Body, true, Ink::Sky, &label);
                self.commands.entity(label).insert(Node {
                    margin: UiRect::top(px(4)),
                    ..default()
                });
            }
            self.paragraph(text, Size::Body, Ink::Plain, words);
        }
    }

    fn links(&mut self, column: Entity, screen: &CodexScreen, codex: &Codex, page: &Page) {
        if page.see.is_empty() {
            return;
        }
        let links = self.node(
            column,
            Node {
                flex_wrap: FlexWrap::Wrap,
                column_gap: px(6),
                row_gap: px(4),
                align_items: AlignItems::Center,
                flex_shrink: 0.0,
                ..default()
            },
        );
        let see = self.prefs.say(Phrase::CodexSee).to_string();
        self.line(links, Size::Body, false, Ink::Dim, &see);
        for (place, &at) in page.see.iter().enumerate() {
            let name = codex.pages()[at].name.clone();
            let marked = screen.reader.link() == Some(place);
            self.button(links, Intent::Set(place as u8, 0), Ink::Sky, &name, marked);
        }
    }
}

pub(in crate::app) fn plugin(app: &mut App) {
    app.add_systems(Update, update.in_set(Stage::Draw));
}
