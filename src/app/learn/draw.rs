//! Draws what is learned: the list, or both structures of the allocator beside the page of a lesson.

use bevy::prelude::*;

use super::division::{BETWEEN, Division, EDGE, TOP};
use super::structure;
use super::{Learn, list};
use crate::app::input::{Fingers, Intent, Says};
use crate::app::menu::child;
use crate::app::panel::Layout;
use crate::app::prefs::{Dress, Prefs};
use crate::app::session::Session;
use crate::app::theme::{self, Fonts, Ink, Size};
use crate::app::{Screen, Stage};
use crate::lesson::desk::{Button as Press, Desk, Fits, Page, Piece, SPACE, Style};
use crate::lesson::structure::{Asked, Structure};
use crate::phrases::Phrase;

/// Everything on the screen.
#[derive(Component)]
struct Sheet;

/// A button of the page, and its colour while nobody points at it.
#[derive(Component)]
struct Pressed(Color);

/// How far one has come.
pub(super) fn progress(desk: &Desk, prefs: &Prefs) -> String {
    let view = desk.view();
    let (n, of) = ((view.step + 1).min(view.steps), view.steps);
    let (n, of) = (n.to_string(), of.to_string());
    prefs
        .words
        .fill(Phrase::LearnStepOf, &[("n", &n), ("of", &of)])
}

fn update(
    mut commands: Commands,
    mut learn: ResMut<Learn>,
    mut images: ResMut<Assets<Image>>,
    session: Res<Session>,
    prefs: Res<Prefs>,
    dress: Res<Dress>,
    fonts: Res<Fonts>,
    layout: Res<Layout>,
    fingers: Res<Fingers>,
    old: Query<Entity, With<Sheet>>,
    mut shown: Local<Option<(u64, Dress, Layout, Fingers)>>,
) {
    let now = Some((learn.revision, *dress, *layout, *fingers));
    if *shown == now && !old.is_empty() {
        return;
    }
    *shown = now;
    for sheet in &old {
        commands.entity(sheet).despawn();
    }
    let size = layout.window / layout.scale;
    let division = Division::of((size.x as i32, size.y as i32), layout.portrait);
    let root = commands
        .spawn((
            DespawnOnExit(Screen::Learn),
            Sheet,
            Node {
                position_type: PositionType::Absolute,
                width: percent(100),
                height: percent(100),
                flex_direction: FlexDirection::Column,
                align_items: AlignItems::Center,
                justify_content: JustifyContent::Center,
                padding: UiRect::top(px(EDGE / 2)),
                ..default()
            },
            BackgroundColor(theme::void()),
            Interaction::default(),
        ))
        .id();
    let learn = &mut *learn;
    let Some(desk) = &mut learn.desk else {
        let look = (&*layout, *fingers);
        list::spawn(&mut commands, &fonts, root, learn, &session, &prefs, look);
        return;
    };
    let fits = Fits {
        size: division.page,
        fingers: fingers.0,
    };
    let page = Page::of(desk, &prefs.words, fits);
    let words = structure::words(&prefs);
    let (machine, beat) = desk.picture();
    let picture = Structure::of(&Asked {
        view: &machine,
        size: division.picture,
        selected: desk.selected(),
        beat,
        typed: desk.session().lesson().is_typed(),
        words: &words,
    });
    let mut pen = Pen {
        commands: &mut commands,
        fonts: &fonts,
        prefs: &prefs,
    };
    pen.top(root, desk, learn.said.as_deref(), &division);
    let body = pen.body(root, division.portrait);
    pen.picture(body, &picture, &mut images, layout.scale);
    learn.push = pen.page(body, &page, division.page, learn.push);
    if let Some(zone) = picture.zones.first() {
        desk.set_columns(zone.columns);
    }
}

struct Pen<'p, 'w, 's> {
    commands: &'p mut Commands<'w, 's>,
    fonts: &'p Fonts,
    prefs: &'p Prefs,
}

impl Pen<'_, '_, '_> {
    /// The title, how far one has come, what there is to say, the way back.
    fn top(&mut self, root: Entity, desk: &Desk, said: Option<&str>, division: &Division) {
        let line = child(
            self.commands,
            root,
            Node {
                width: percent(100),
                height: px(TOP),
                padding: UiRect::horizontal(px(EDGE + 4)),
                column_gap: px(16),
                align_items: AlignItems::Center,
                flex_shrink: 0.0,
                ..default()
            },
        );
        let view = desk.view();
        let back = child(
            self.commands,
            line,
            (
                Button,
                Says(Intent::Escape),
                Pressed(theme::raised()),
                Node {
                    padding: UiRect::axes(px(8), px(3)),
                    ..default()
                },
                BackgroundColor(theme::raised()),
            ),
        );
        let esc = format!("< {}", self.prefs.say(Phrase::LearnBack));
        child(
            self.commands,
            back,
            self.fonts.line(Size::Body, false, Ink::Plain, &esc),
        );
        let title = if division.portrait {
            Size::Body
        } else {
            Size::Title
        };
        child(
            self.commands,
            line,
            self.fonts.line(title, true, Ink::White, &view.title),
        );
        if !division.portrait {
            let progress = progress(desk, self.prefs);
            let text = said.unwrap_or(&progress);
            let ink = if said.is_some() { Ink::Green } else { Ink::Dim };
            child(
                self.commands,
                line,
                self.fonts.line(Size::Body, false, ink, text),
            );
        }
    }

    fn body(&mut self, root: Entity, portrait: bool) -> Entity {
        child(
            self.commands,
            root,
            Node {
                width: percent(100),
                flex_grow: 1.0,
                flex_direction: if portrait {
                    FlexDirection::Column
                } else {
                    FlexDirection::Row
                },
                padding: UiRect {
                    left: px(EDGE + 4),
                    right: px(EDGE + 4),
                    top: px(EDGE / 2),
                    bottom: px(EDGE),
                },
                column_gap: px(BETWEEN),
                row_gap: px(SPACE),
                ..default()
            },
        )
    }

    fn picture(
        &mut self,
        body: Entity,
        picture: &Structure,
        images: &mut Assets<Image>,
        scale: f32,
    ) {
        let column = child(
            self.commands,
            body,
            Node {
                flex_direction: FlexDirection::Column,
                flex_shrink: 0.0,
                row_gap: px(2),
                ..default()
            },
        );
        structure::spawn(self.commands, images, self.fonts, column, picture, scale);
        let caption = if picture.caption.is_empty() {
            " "
        } else {
            &picture.caption
        };
        child(
            self.commands,
            column,
            self.fonts.line(Size::Small, false, Ink::White, caption),
        );
        structure::legend(
            self.commands,
            images,
            self.fonts,
            self.prefs,
            column,
            (picture, scale),
        );
    }

    /// The page; how far it is pushed, of what was asked for, comes back.
    fn page(&mut self, body: Entity, page: &Page, (w, h): (i32, i32), push: i32) -> i32 {
        let most = (page.height - h).max(0);
        let marked = page.pieces.iter().find_map(|piece| match piece {
            Piece::Buttons(row) => row.iter().find(|button| button.marked),
            Piece::Words(..) => None,
        });
        // What is marked is in sight, with a line of what stands before it.
        let ends = marked.and_then(|button| page.place_of(button.place));
        let needed = ends.map_or(0, |(_, end)| (end + SPACE - h).clamp(0, most));
        let at = (needed + push).clamp(0, most);
        let column = child(
            self.commands,
            body,
            (
                Node {
                    flex_direction: FlexDirection::Column,
                    width: px(w),
                    height: px(h),
                    row_gap: px(SPACE),
                    overflow: Overflow::scroll_y(),
                    flex_shrink: 0.0,
                    ..default()
                },
                ScrollPosition(Vec2::new(0.0, at as f32)),
            ),
        );
        for piece in &page.pieces {
            match piece {
                Piece::Words(style, lines) => self.words(column, *style, lines),
                Piece::Buttons(row) => {
                    let line = child(
                        self.commands,
                        column,
                        Node {
                            column_gap: px(6),
                            flex_shrink: 0.0,
                            ..default()
                        },
                    );
                    for button in row {
                        self.button(line, button);
                    }
                }
            }
        }
        at - needed
    }

    fn words(&mut self, column: Entity, style: Style, lines: &[String]) {
        let (ink, bold) = match style {
            Style::Text => (Ink::White, false),
            Style::Right => (Ink::Green, true),
            Style::Wrong => (Ink::Orange, true),
            Style::Plain => (Ink::Plain, false),
            Style::Hint => (Ink::Yellow, false),
            Style::Quiet => (Ink::Dim, false),
            Style::Heading => (Ink::White, true),
        };
        let text = self.fonts.line(Size::Body, bold, ink, &lines.join("\n"));
        let text = child(self.commands, column, text);
        self.commands.entity(text).insert(Node {
            flex_shrink: 0.0,
            ..default()
        });
    }

    fn button(&mut self, line: Entity, button: &Press) {
        let ground = if button.field {
            theme::void()
        } else {
            theme::raised()
        };
        let edge = match (button.marked, button.here) {
            (true, _) => Ink::Yellow.color(),
            (_, true) => Ink::White.color(),
            _ => theme::hairline(),
        };
        let entity = child(
            self.commands,
            line,
            (
                Button,
                Says(Intent::Entry(button.place as u8)),
                Pressed(ground),
                Node {
                    width: px(button.width),
                    height: px(button.height),
                    padding: UiRect::horizontal(px(8)),
                    border: UiRect::all(px(if button.marked { 2 } else { 1 })),
                    align_items: AlignItems::Center,
                    flex_shrink: 0.0,
                    ..default()
                },
                BackgroundColor(ground),
                BorderColor::all(edge),
            ),
        );
        let text = button.lines.join("\n");
        let ink = if button.marked {
            Ink::White
        } else {
            Ink::Plain
        };
        child(
            self.commands,
            entity,
            self.fonts.line(Size::Body, false, ink, &text),
        );
    }
}

/// Lightens the button under the mouse.
fn hover(mut buttons: Query<(&Pressed, &Interaction, &mut BackgroundColor), Changed<Interaction>>) {
    for (button, interaction, mut ground) in &mut buttons {
        let wanted = if *interaction == Interaction::None {
            button.0
        } else {
            theme::hairline()
        };
        if ground.0 != wanted {
            ground.0 = wanted;
        }
    }
}

pub(super) fn plugin(app: &mut App) {
    app.add_systems(
        Update,
        (update, hover)
            .chain()
            .in_set(Stage::Draw)
            .run_if(in_state(Screen::Learn)),
    );
}
