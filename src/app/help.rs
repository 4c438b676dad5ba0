//! What lies over a screen: the pause menu, and one page that says how to play.

use bevy::prelude::*;

use super::Stage;
use super::input::{Fingers, Intent, Says};
use super::menu::{self, child};
use super::panel::Layout;
use super::shell::{Overlay, pause_entries};
use super::theme::{self, Fonts, Ink, Size};

/// What the page says: a heading, and lines of a key or sign and its meaning.
type Part = (&'static str, &'static [(Ink, &'static str, &'static str)]);

const LEFT: [Part; 2] = [
    (
        "keys",
        &[
            (Ink::White, "arrows, WASD", "walk; into a body: attack"),
            (
                Ink::White,
                ". or Space",
                "wait a turn; at a terminal: read it",
            ),
            (Ink::White, "G", "grab: preview; G again commits"),
            (Ink::White, "C + arrow", "clear the room next door"),
            (Ink::White, "C C", "clear the room you stand in"),
            (Ink::White, "F", "free a block you hold; F again commits"),
            (Ink::White, "I", "isolate; I again commits"),
            (Ink::White, "E or Enter", "leave through a gate"),
            (Ink::White, "; or L", "look about"),
            (Ink::White, "Z", "explore until there is news"),
            (Ink::White, "V or >", "wait until there is news"),
            (Ink::White, ",", "the last command again, until news"),
            (Ink::White, "M  + -", "the whole zone; zoom"),
            (Ink::White, "B", "sound off; on"),
            (Ink::White, "Esc", "cancel; pause"),
            (
                Ink::White,
                "mouse",
                "click walks there; wheel zooms; right click looks",
            ),
            (
                Ink::White,
                "touch",
                "tap walks there; two fingers zoom; long press looks",
            ),
        ],
    ),
    (
        "rooms",
        &[
            (Ink::White, "dark", "free memory: the void. Walk freely"),
            (
                Ink::Green,
                "dots",
                "page cache: walk freely; evict it (stain: dirty, 3 turns)",
            ),
            (
                Ink::Sky,
                "hatch",
                "anonymous: entering is heard; migrate it",
            ),
            (
                Ink::Vermillion,
                "cross hatch",
                "kernel: entering costs a reference; stays",
            ),
            (Ink::Yellow, "outline", "yours"),
            (
                Ink::White,
                "stone",
                "devices, gates ∩, terminals #, the key ◆",
            ),
        ],
    ),
];

/// How to play with fingers alone.
const FINGERS: &str = "Tap the map to walk there, hold to look, two fingers zoom. The buttons act: the first tap shows what would happen, the second does it. \"clear\" and then a tap on a room next door.";

const RIGHT: [Part; 1] = [(
    "how a raid goes",
    &[
        (
            Ink::White,
            "1",
            "A device raises an interrupt: it wants 2^order pages at once. Walk into its room.",
        ),
        (
            Ink::White,
            "2",
            "G shows what the allocator would do. CERTAIN: you see a block that serves it. FATAL: it would return NULL, and NULL kills. UNKNOWN: you cannot tell from here.",
        ),
        (
            Ink::White,
            "3",
            "No block is large enough? Make one: two free buddies merge. Clear the rooms in a free room's buddy, smallest first, until the wall falls.",
        ),
        (
            Ink::White,
            "4",
            "Granted: a pointer leads from you to your block. Walk into it, and it is in your bag.",
        ),
        (
            Ink::White,
            "5",
            "Leave through an open gate before the watchdog runs out. Only what is in the bag comes home.",
        ),
        (
            Ink::Vermillion,
            "!",
            "Small free rooms are handed out first. If yours is given away, leave at once.",
        ),
        (
            Ink::Vermillion,
            "!",
            "When reclaim gets nowhere the Minotaur wakes: the OOM killer. It goes for the worst badness. Free something, or be thin.",
        ),
        (
            Ink::Dim,
            "?",
            "A wall is a split block; when two free buddies merge, the wall between them falls. Every room has a way in.",
        ),
    ],
)];

/// What lies over the screen now.
#[derive(Component)]
struct Sheet;

fn update(
    mut commands: Commands,
    overlay: Res<Overlay>,
    fonts: Res<Fonts>,
    layout: Res<Layout>,
    fingers: Res<Fingers>,
    old: Query<Entity, With<Sheet>>,
    mut shown: Local<Option<Overlay>>,
) {
    // The marked entry of a menu is no other sheet.
    let kind = match *overlay {
        Overlay::Pause { sure, .. } => Overlay::Pause { at: 0, sure },
        other => other,
    };
    if *shown == Some(kind) {
        return;
    }
    *shown = Some(kind);
    for sheet in &old {
        commands.entity(sheet).despawn();
    }
    match kind {
        Overlay::None => {}
        Overlay::Pause { sure, .. } => pause(&mut commands, &fonts, *fingers, sure),
        Overlay::Help { .. } => help(&mut commands, &fonts, layout.portrait),
    }
}

/// The page as lines of text.
pub(super) fn text() -> Vec<String> {
    let mut lines = vec!["How to play.".to_string()];
    for (heading, rows) in LEFT.iter().chain(&RIGHT) {
        lines.push(format!("{heading}:"));
        lines.extend(
            rows.iter()
                .map(|(_, sign, meaning)| format!("{sign}: {meaning}")),
        );
    }
    lines.push("Any key closes this page.".into());
    lines
}

/// A sheet over everything, with a box in its middle.
fn sheet(commands: &mut Commands<'_, '_>, width: Val, closes: bool) -> Entity {
    let root = commands
        .spawn((
            Sheet,
            Node {
                position_type: PositionType::Absolute,
                width: percent(100),
                height: percent(100),
                justify_content: JustifyContent::Center,
                align_items: AlignItems::Center,
                ..default()
            },
            BackgroundColor(theme::VOID.with_alpha(0.72)),
            GlobalZIndex(10),
            Interaction::default(),
        ))
        .id();
    if closes {
        // A click or a tap anywhere is as good as any key.
        commands.entity(root).insert((Button, Says(Intent::Other)));
    }
    child(
        commands,
        root,
        (
            Node {
                flex_direction: FlexDirection::Column,
                width,
                max_width: percent(96),
                max_height: percent(98),
                overflow: Overflow::clip(),
                padding: UiRect::axes(px(26), px(18)),
                border: UiRect::all(px(1)),
                row_gap: px(8),
                ..default()
            },
            BackgroundColor(theme::GROUND),
            BorderColor::all(theme::HAIRLINE),
        ),
    )
}

fn pause(commands: &mut Commands<'_, '_>, fonts: &Fonts, fingers: Fingers, sure: bool) {
    let sheet = sheet(commands, px(330), false);
    child(
        commands,
        sheet,
        fonts.line(Size::Title, true, Ink::White, "The raid waits"),
    );
    for (place, (text, key)) in pause_entries(sure).into_iter().enumerate() {
        menu::entry(commands, fonts, fingers, sheet, place as u8, text, key);
    }
}

fn help(commands: &mut Commands<'_, '_>, fonts: &Fonts, portrait: bool) {
    let sheet = sheet(commands, px(1060), true);
    child(
        commands,
        sheet,
        fonts.line(Size::Title, true, Ink::White, "How to play"),
    );
    // Held upright there is no room for two columns, and hardly anybody has keys.
    let (direction, size, left) = if portrait {
        (FlexDirection::Column, Size::Small, &LEFT[1..])
    } else {
        (FlexDirection::Row, Size::Body, &LEFT[..])
    };
    if portrait {
        child(commands, sheet, fonts.paragraph(size, Ink::White, FINGERS));
    }
    let halves = child(
        commands,
        sheet,
        Node {
            column_gap: px(34),
            flex_direction: direction,
            ..default()
        },
    );
    for (parts, label) in [(left, 112.0), (&RIGHT[..], 22.0)] {
        let half = child(
            commands,
            halves,
            Node {
                flex_direction: FlexDirection::Column,
                flex_basis: if portrait { auto() } else { px(0) },
                flex_grow: 1.0,
                row_gap: px(3),
                ..default()
            },
        );
        for (heading, lines) in parts {
            let head = child(commands, half, fonts.line(size, true, Ink::Dim, heading));
            commands.entity(head).insert(Node {
                margin: UiRect::top(px(6)),
                ..default()
            });
            for &(ink, sign, meaning) in *lines {
                let line = child(
                    commands,
                    half,
                    Node {
                        column_gap: px(10),
                        ..default()
                    },
                );
                let left = child(
                    commands,
                    line,
                    Node {
                        width: px(label),
                        flex_shrink: 0.0,
                        ..default()
                    },
                );
                child(commands, left, fonts.line(size, true, ink, sign));
                let right = child(commands, line, fonts.paragraph(size, Ink::Plain, meaning));
                commands.entity(right).insert(Node {
                    flex_shrink: 1.0,
                    ..default()
                });
            }
        }
    }
    child(
        commands,
        sheet,
        fonts.line(
            Size::Small,
            false,
            Ink::Dim,
            "any key or tap closes this page",
        ),
    );
}

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Update, update.in_set(Stage::Draw));
}
