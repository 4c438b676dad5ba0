//! Draws a sheet of rows and things to press, as large as the window.

use bevy::prelude::*;

use super::{Bench, plot};
use crate::app::Screen;
use crate::app::input::{Fingers, Intent, Says};
use crate::app::menu::child;
use crate::app::panel::Layout;
use crate::app::prefs::{Dress, Prefs};
use crate::app::theme::{self, Fonts, Ink, Size};
use crate::workbench::{Act, Chip, Prompt, Room, Row, Sheet, Stroke, Tone, Track};

/// Pixels of a letter.
const LETTER: f32 = 8.0;
/// Pixels around everything, and between the parts.
const GAP: f32 = 12.0;
/// Height of the head, and of the foot.
const HEAD: f32 = 34.0;
const FOOT: f32 = 60.0;
/// Height of a plot with its words.
pub(super) const PLOT: f32 = 196.0;
/// Height of something to press, for a mouse and for fingers.
const CHIP: [f32; 2] = [22.0, 40.0];
/// What fingers and mice type with, where there is no keyboard.
const SIGNS: &str = "0123456789abcdefx(),|$=>/_ ";

/// The whole sheet.
#[derive(Component)]
pub(super) struct Drawn;

/// How much has room, and in which arrangement.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Frame {
    room: Room,
    /// One part under the other.
    stacked: bool,
    /// Widths of the parts.
    widths: [f32; 2],
    chip: f32,
}

impl Frame {
    fn of(layout: &Layout, fingers: Fingers, typed: bool, plotted: bool) -> Self {
        let size = layout.window / layout.scale - Vec2::splat(2.0 * GAP);
        let stacked = layout.portrait || size.x < 900.0;
        let chip = CHIP[usize::from(fingers.0)];
        let foot = FOOT + chip - CHIP[0];
        let body = size.y - HEAD - foot;
        // The line that is typed, what is offered for it, and the signs.
        let below = if typed {
            24.0 + 4.0 * (chip + 5.0)
        } else {
            0.0
        };
        let plot = if plotted { PLOT } else { 0.0 };
        let (widths, left, right) = if stacked {
            let half = (body - GAP) / 2.0;
            ([size.x, size.x], half - below, half - plot)
        } else {
            let left = ((size.x - GAP) * 0.54).floor();
            ([left, size.x - GAP - left], body - below, body - plot)
        };
        let rows = |height: f32| (height / Size::Body.pitch()).floor().max(3.0) as u32;
        let columns = |width: f32| ((width - 14.0) / LETTER).floor().max(16.0) as u32;
        Self {
            room: Room {
                left: columns(widths[0]),
                right: columns(widths[1]),
                rows: rows(left),
                right_rows: rows(right),
            },
            stacked,
            widths,
            chip,
        }
    }
}

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
    pen.sheet(&sheet, plotted.as_ref());
}

struct Pen<'p, 'w, 's> {
    commands: &'p mut Commands<'w, 's>,
    fonts: &'p Fonts,
    frame: Frame,
}

const fn ink(tone: Tone) -> Ink {
    match tone {
        Tone::Plain => Ink::Plain,
        Tone::Dim => Ink::Dim,
        Tone::Bright => Ink::White,
        Tone::Good => Ink::Green,
        Tone::Warning => Ink::Yellow,
        Tone::Bad => Ink::Orange,
    }
}

impl Pen<'_, '_, '_> {
    fn sheet(&mut self, sheet: &Sheet, plotted: Option<&crate::workbench::plot::Plot>) {
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
        let left = self.part(body, self.frame.widths[0]);
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
            self.chips(left, &sheet.offers);
            self.signs(left);
        }
        let right = self.part(body, self.frame.widths[1]);
        if let Some(plotted) = plotted {
            plot::spawn(self.commands, self.fonts, right, plotted);
        }
        self.rows(right, &sheet.right);
        self.foot(root, sheet);
    }

    fn node(&mut self, parent: Entity, node: Node) -> Entity {
        child(self.commands, parent, node)
    }

    fn part(&mut self, parent: Entity, width: f32) -> Entity {
        child(
            self.commands,
            parent,
            (
                Node {
                    flex_direction: FlexDirection::Column,
                    width: px(width),
                    padding: UiRect::axes(px(6), px(2)),
                    border: UiRect::all(px(1)),
                    flex_grow: if self.frame.stacked { 1.0 } else { 0.0 },
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
                height: px(HEAD),
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

    fn rows(&mut self, parent: Entity, rows: &[Row]) {
        for row in rows {
            let text = if row.text.is_empty() { " " } else { &row.text };
            let line = self.fonts.line(Size::Body, row.marked, ink(row.tone), text);
            let Some(act) = row.act else {
                child(self.commands, parent, line);
                continue;
            };
            let ground = if row.marked {
                theme::raised()
            } else {
                Color::NONE
            };
            let edge = if row.marked {
                Ink::Yellow.color()
            } else {
                Color::NONE
            };
            let button = child(
                self.commands,
                parent,
                (
                    Button,
                    Says(Intent::Bench(act)),
                    Node {
                        border: UiRect::left(px(2)),
                        flex_shrink: 0.0,
                        ..default()
                    },
                    BackgroundColor(ground),
                    BorderColor::all(edge),
                ),
            );
            child(self.commands, button, line);
        }
    }

    fn chips(&mut self, parent: Entity, chips: &[Chip]) {
        if chips.is_empty() {
            return;
        }
        let line = self.node(
            parent,
            Node {
                flex_wrap: FlexWrap::Wrap,
                column_gap: px(5),
                row_gap: px(4),
                margin: UiRect::top(px(2)),
                flex_shrink: 0.0,
                ..default()
            },
        );
        for chip in chips {
            self.chip(line, &chip.text, chip.act, chip.marked);
        }
    }

    fn chip(&mut self, parent: Entity, text: &str, act: Act, marked: bool) {
        let edge = if marked {
            Ink::Yellow.color()
        } else {
            theme::hairline()
        };
        let button = child(
            self.commands,
            parent,
            (
                Button,
                Says(Intent::Bench(act)),
                Node {
                    height: px(self.frame.chip),
                    min_width: px(self.frame.chip),
                    padding: UiRect::axes(px(6), px(0)),
                    border: UiRect::all(px(if marked { 2 } else { 1 })),
                    align_items: AlignItems::Center,
                    justify_content: JustifyContent::Center,
                    ..default()
                },
                BackgroundColor(theme::raised()),
                BorderColor::all(edge),
            ),
        );
        let ink = if marked { Ink::White } else { Ink::Plain };
        let line = self.fonts.line(Size::Body, marked, ink, text);
        child(self.commands, button, line);
    }

    fn prompt(&mut self, parent: Entity, prompt: &Prompt) {
        let line = self.node(
            parent,
            Node {
                height: px(22),
                align_items: AlignItems::Center,
                margin: UiRect::top(px(2)),
                flex_shrink: 0.0,
                overflow: Overflow::clip(),
                ..default()
            },
        );
        // A long line shows where the cursor is.
        let room = (self.frame.room.left as usize).saturating_sub(4);
        let before: Vec<char> = prompt.text.0.chars().collect();
        let from = before.len().saturating_sub(room);
        let before: String = before[from..].iter().collect();
        let parts = [(Ink::Green, prompt.sign.clone()), (Ink::White, before)];
        for (ink, text) in parts {
            let line_of = self.fonts.line(Size::Body, true, ink, &text);
            child(self.commands, line, line_of);
        }
        child(
            self.commands,
            line,
            (
                Node {
                    width: px(2),
                    height: px(16),
                    flex_shrink: 0.0,
                    ..default()
                },
                BackgroundColor(Ink::Yellow.color()),
            ),
        );
        for (ink, text) in [(Ink::White, &prompt.text.1), (Ink::Dim, &prompt.ghost)] {
            let line_of = self.fonts.line(Size::Body, false, ink, text);
            child(self.commands, line, line_of);
        }
    }

    /// Signs to press, for those who have no keys at hand.
    fn signs(&mut self, parent: Entity) {
        let mut chips: Vec<Chip> = SIGNS
            .chars()
            .map(|sign| {
                let text = if sign == ' ' {
                    "space".into()
                } else {
                    sign.to_string()
                };
                Chip::new(text, Act::Key(Stroke::Char(sign)))
            })
            .collect();
        chips.push(Chip::new("del", Act::Key(Stroke::Erase)));
        chips.push(Chip::new("Enter", Act::Key(Stroke::Enter)));
        self.chips(parent, &chips);
    }

    fn track(&mut self, parent: Entity, track: &Track) {
        let line = self.node(
            parent,
            Node {
                column_gap: px(10),
                align_items: AlignItems::Center,
                height: px(self.frame.chip.min(30.0)),
                ..default()
            },
        );
        let bar = self.node(
            line,
            Node {
                flex_grow: 1.0,
                height: percent(100),
                align_items: AlignItems::Center,
                ..default()
            },
        );
        for (to, passed) in track.pieces(64) {
            let piece = child(
                self.commands,
                bar,
                (
                    Button,
                    Says(Intent::Bench(Act::To(to))),
                    Node {
                        flex_grow: 1.0,
                        height: percent(100),
                        align_items: AlignItems::Center,
                        ..default()
                    },
                ),
            );
            // What has passed is thicker, not only of another colour.
            child(
                self.commands,
                piece,
                (
                    Node {
                        width: percent(100),
                        height: px(if passed { 10 } else { 4 }),
                        ..default()
                    },
                    BackgroundColor(if passed {
                        Ink::Sky.color()
                    } else {
                        theme::raised()
                    }),
                ),
            );
        }
        let text = self.fonts.line(Size::Body, false, Ink::Plain, &track.text);
        child(self.commands, line, text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_room_for_text_in_every_window_and_size() {
        for (w, h) in [
            (1280.0, 720.0),
            (1920.0, 1080.0),
            (390.0, 844.0),
            (1024.0, 768.0),
        ] {
            for text in [1.0, 1.25, 1.5] {
                for fingers in [false, true] {
                    let layout = Layout::of(Vec2::new(w, h), 384.0, fingers, text, 0);
                    let frame = Frame::of(&layout, Fingers(fingers), true, true);
                    let room = frame.room;
                    assert!(
                        room.left >= 36 && room.right >= 28,
                        "{w}x{h} {text}: {room:?}"
                    );
                    assert!(
                        room.rows >= 3 && room.right_rows >= 3,
                        "{w}x{h} {text}: {room:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn at_1280x720_a_console_of_25_rows_and_80_columns_has_room() {
        let frame = Frame::of(&Layout::default(), Fingers(false), true, false);
        assert!(
            frame.room.left >= 80 && frame.room.rows >= 25,
            "{:?}",
            frame.room
        );
        assert!(
            frame.room.right >= 64 && frame.room.right_rows >= 34,
            "{:?}",
            frame.room
        );
    }
}
