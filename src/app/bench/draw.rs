//! Draws a sheet of rows and things to press, as large as the window; of the sandbox's memory, both structures.

use bevy::prelude::*;

use super::frame::{Frame, GAP};
use super::{Bench, plot};
use crate::app::Screen;
use crate::app::input::Fingers;
use crate::app::learn::structure;
use crate::app::menu::child;
use crate::app::panel::Layout;
use crate::app::prefs::{Dress, Prefs};
use crate::app::theme::{self, Fonts, Ink, Size};
use crate::lesson::structure::Structure;
use crate::workbench::{Room, Sheet};

/// Room under the picture: what is pointed at, and what the patterns mean.
const UNDER: i32 = 44;
/// The least height of a picture; where there is less, rows of text have to do.
const LEAST: i32 = 180;

/// The whole sheet.
#[derive(Component)]
pub(super) struct Drawn;

/// What stands on the screen, to draw it anew only if that is something else.
type Shown = Option<(u64, Layout, Fingers, Dress)>;

pub(super) fn update(
    mut commands: Commands,
    bench: Res<Bench>,
    screen: Res<State<Screen>>,
    layout: Res<Layout>,
    fingers: Res<Fingers>,
    prefs: Res<Prefs>,
    dress: Res<Dress>,
    fonts: Res<Fonts>,
    mut images: ResMut<Assets<Image>>,
    old: Query<Entity, With<Drawn>>,
    mut shown: Local<Shown>,
) {
    let open = *screen.get() == Screen::Bench;
    let now = open.then(|| (bench.revision, *layout, *fingers, *dress));
    if *shown == now {
        return;
    }
    *shown = now;
    for drawn in &old {
        commands.entity(drawn).despawn();
    }
    if !open {
        return;
    }
    let plotted = bench.plot(&prefs);
    // Whether a line is typed decides how much has room.
    let typed = bench
        .sheet(Room::default(), &prefs)
        .is_some_and(|sheet| sheet.prompt.is_some());
    let frame = Frame::of(&layout, *fingers, typed, plotted.is_some());
    let Some(sheet) = bench.sheet(frame.room, &prefs) else {
        return;
    };
    let mut pen = Pen {
        commands: &mut commands,
        fonts: &fonts,
        frame,
    };
    let right = pen.sheet(&sheet, plotted.as_ref());
    let size = pen.frame.picture();
    let words = structure::words(&prefs);
    let picture = bench
        .picture((size.0, size.1 - UNDER), &words)
        .filter(|picture| picture.size.1 >= LEAST);
    match &picture {
        Some(picture) => pen.picture(right, picture, &mut images, &prefs, layout.scale),
        None => pen.rows(right, &sheet.right),
    }
}

pub(super) struct Pen<'p, 'w, 's> {
    pub commands: &'p mut Commands<'w, 's>,
    pub fonts: &'p Fonts,
    pub frame: Frame,
}

impl Pen<'_, '_, '_> {
    /// Both structures, what is pointed at, and what the patterns mean.
    fn picture(
        &mut self,
        parent: Entity,
        picture: &Structure,
        images: &mut Assets<Image>,
        prefs: &Prefs,
        scale: f32,
    ) {
        structure::spawn(self.commands, images, self.fonts, parent, picture, scale);
        let caption = if picture.caption.is_empty() {
            " "
        } else {
            &picture.caption
        };
        let line = self.fonts.line(Size::Small, false, Ink::White, caption);
        child(self.commands, parent, line);
        let shown = (picture, scale);
        structure::legend(self.commands, images, self.fonts, prefs, parent, shown);
    }

    /// Everything but what stands on the right, which goes into the part that comes back.
    fn sheet(&mut self, sheet: &Sheet, plotted: Option<&crate::workbench::plot::Plot>) -> Entity {
        let root = self
            .commands
            .spawn((
                Drawn,
                Node {
                    position_type: PositionType::Absolute,
                    width: percent(100),
                    height: percent(100),
                    flex_direction: FlexDirection::Column,
                    padding: UiRect::all(px(GAP)),
                    overflow: Overflow::clip(),
                    ..default()
                },
                BackgroundColor(theme::ground()),
                GlobalZIndex(5),
            ))
            .id();
        self.head(root, sheet);
        let body = self.node(
            root,
            Node {
                flex_direction: if self.frame.stacked {
                    FlexDirection::Column
                } else {
                    FlexDirection::Row
                },
                flex_grow: 1.0,
                min_height: px(0),
                column_gap: px(GAP),
                row_gap: px(GAP),
                overflow: Overflow::clip(),
                ..default()
            },
        );
        let share = self.frame.share;
        let left = self.part(body, self.frame.widths[0], share);
        let list = self.node(
            left,
            Node {
                flex_direction: FlexDirection::Column,
                flex_grow: 1.0,
                min_height: px(0),
                // A console grows from below.
                justify_content: if sheet.sides.is_empty() {
                    JustifyContent::FlexStart
                } else {
                    JustifyContent::FlexEnd
                },
                overflow: Overflow::clip(),
                ..default()
            },
        );
        self.rows(list, &sheet.left);
        if let Some(prompt) = &sheet.prompt {
            self.prompt(left, prompt);
            self.offers(left, &sheet.offers);
            self.signs(left);
        }
        let right = self.part(body, self.frame.widths[1], 100.0 - share);
        if let Some(plotted) = plotted {
            plot::spawn(self.commands, self.fonts, right, plotted);
        }
        self.foot(root, sheet);
        right
    }

    pub(super) fn node(&mut self, parent: Entity, node: Node) -> Entity {
        child(self.commands, parent, node)
    }

    fn part(&mut self, parent: Entity, width: f32, share: f32) -> Entity {
        child(
            self.commands,
            parent,
            (
                Node {
                    flex_direction: FlexDirection::Column,
                    width: px(width),
                    padding: UiRect::axes(px(6), px(2)),
                    border: UiRect::all(px(1)),
                    flex_grow: if self.frame.stacked { share } else { 0.0 },
                    flex_basis: if self.frame.stacked { px(0) } else { auto() },
                    min_height: px(0),
                    overflow: Overflow::clip(),
                    ..default()
                },
                BorderColor::all(theme::hairline()),
            ),
        )
    }

    fn head(&mut self, root: Entity, sheet: &Sheet) {
        let head = self.node(
            root,
            Node {
                height: px(self.frame.head),
                column_gap: px(18),
                align_items: AlignItems::FlexStart,
                justify_content: JustifyContent::SpaceBetween,
                flex_shrink: 0.0,
                ..default()
            },
        );
        let title = self.fonts.line(Size::Title, true, Ink::White, &sheet.title);
        child(self.commands, head, title);
        self.chips(head, &sheet.sides);
    }

    fn foot(&mut self, root: Entity, sheet: &Sheet) {
        let foot = self.node(
            root,
            Node {
                flex_direction: FlexDirection::Column,
                flex_shrink: 0.0,
                row_gap: px(3),
                margin: UiRect::top(px(5)),
                ..default()
            },
        );
        if let Some(track) = &sheet.track {
            self.track(foot, track);
        }
        self.chips(foot, &sheet.tools);
    }
}
