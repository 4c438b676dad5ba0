//! What lies over a screen: the pause menu, and one page that says how to play.

use bevy::prelude::*;

use super::Stage;
use super::input::{Fingers, Intent, Says};
use super::menu::{self, child};
use super::panel::Layout;
use super::prefs::{Dress, Prefs};
use super::shell::{Overlay, Scroll, pause_entries};
use super::theme::{self, Fonts, Ink, Size};
use crate::phrases::Phrase;
use crate::settings::Action;

/// A line of the page: a key or a sign in its ink, and what it means.
type Line = (Ink, String, String);

/// What the page says: a heading, and its lines.
type Part = (String, Vec<Line>);

/// The keys, and what the rooms look like.
fn left(prefs: &Prefs) -> Vec<Part> {
    let key = |action| prefs.keys.label(action);
    let keys = |action| prefs.keys.labels(action);
    let say = |phrase| prefs.say(phrase).to_string();
    let again = |phrase, action| prefs.words.fill(phrase, &[("key", &key(action))]);
    let walk = [Action::North, Action::West, Action::South, Action::East].map(key);
    let walk = if walk.iter().all(|key| key.chars().count() == 1) {
        format!("↑←↓→ {}", walk.concat())
    } else {
        format!("↑←↓→ {}", walk.join(" ").replace(" Pad", ""))
    };
    let clear = key(Action::Clear);
    let lines = [
        (walk, say(Phrase::HelpWalk)),
        (keys(Action::Wait), say(Phrase::HelpWait)),
        (keys(Action::Grab), again(Phrase::HelpGrab, Action::Grab)),
        (format!("{clear} + ↑←↓→"), say(Phrase::HelpClearNext)),
        (format!("{clear} {clear}"), say(Phrase::HelpClearHere)),
        (keys(Action::Free), again(Phrase::HelpFree, Action::Free)),
        (
            keys(Action::Isolate),
            again(Phrase::HelpIsolate, Action::Isolate),
        ),
        (keys(Action::Use), again(Phrase::HelpUse, Action::Use)),
        (keys(Action::Extract), say(Phrase::HelpExtract)),
        (keys(Action::Explore), say(Phrase::HelpExplore)),
        (keys(Action::WaitNews), say(Phrase::HelpWaitNews)),
        (keys(Action::Repeat), say(Phrase::HelpRepeat)),
        (keys(Action::Look), say(Phrase::HelpLook)),
        (
            [Action::Overview, Action::ZoomIn, Action::ZoomOut]
                .map(key)
                .join(" "),
            say(Phrase::HelpZoom),
        ),
        (keys(Action::Sound), say(Phrase::HelpSound)),
        (keys(Action::Codex), say(Phrase::HelpCodex)),
        (keys(Action::Back), say(Phrase::HelpBack)),
        (say(Phrase::HelpMouse), say(Phrase::HelpMouseText)),
        (say(Phrase::HelpTouch), say(Phrase::HelpTouchText)),
    ];
    let rooms = [
        (Ink::White, Phrase::RoomDark, Phrase::RoomDarkText),
        (Ink::Green, Phrase::RoomDots, Phrase::RoomDotsText),
        (Ink::Sky, Phrase::RoomHatch, Phrase::RoomHatchText),
        (Ink::Vermillion, Phrase::RoomCross, Phrase::RoomCrossText),
        (Ink::Yellow, Phrase::RoomOutline, Phrase::RoomOutlineText),
        (Ink::White, Phrase::RoomStone, Phrase::RoomStoneText),
    ];
    let lines = lines.map(|(sign, meaning)| (Ink::White, sign, meaning));
    let rooms = rooms.map(|(ink, sign, meaning)| (ink, say(sign), say(meaning)));
    vec![
        (say(Phrase::HelpKeys), lines.to_vec()),
        (say(Phrase::HelpRooms), rooms.to_vec()),
    ]
}

/// How a raid goes.
fn right(prefs: &Prefs) -> Vec<Part> {
    let grab = prefs.keys.label(Action::Grab);
    let lines = [
        (Ink::White, "1", Phrase::Raid1),
        (Ink::White, "2", Phrase::Raid2),
        (Ink::White, "3", Phrase::Raid3),
        (Ink::White, "4", Phrase::Raid4),
        (Ink::White, "5", Phrase::Raid5),
        (Ink::Vermillion, "!", Phrase::RaidSmall),
        (Ink::Vermillion, "!", Phrase::RaidMinotaur),
        (Ink::Dim, "?", Phrase::RaidWalls),
    ];
    let line = |(ink, sign, phrase): (Ink, &str, Phrase)| {
        (
            ink,
            sign.to_string(),
            prefs.words.fill(phrase, &[("grab", &grab)]),
        )
    };
    let heading = prefs.say(Phrase::HelpRaid).to_string();
    vec![(heading, lines.map(line).to_vec())]
}

/// What lies over the screen now.
#[derive(Component)]
struct Sheet;

/// The part of a page that scrolls.
#[derive(Component)]
pub(super) struct Scrolls;

fn update(
    mut commands: Commands,
    overlay: Res<Overlay>,
    fonts: Res<Fonts>,
    layout: Res<Layout>,
    fingers: Res<Fingers>,
    prefs: Res<Prefs>,
    dress: Res<Dress>,
    old: Query<Entity, With<Sheet>>,
    mut shown: Local<Option<(Overlay, Dress)>>,
) {
    // The marked entry of a menu is no other sheet.
    let kind = match *overlay {
        Overlay::Pause { sure, .. } => Overlay::Pause { at: 0, sure },
        // The settings and the codex are drawn elsewhere.
        Overlay::Settings { .. } | Overlay::Codex { .. } => Overlay::None,
        other => other,
    };
    if *shown == Some((kind, *dress)) {
        return;
    }
    *shown = Some((kind, *dress));
    for sheet in &old {
        commands.entity(sheet).despawn();
    }
    match kind {
        Overlay::None | Overlay::Settings { .. } | Overlay::Codex { .. } => {}
        Overlay::Pause { sure, .. } => pause(&mut commands, &fonts, *fingers, sure, &prefs),
        Overlay::Help { .. } => help(&mut commands, &fonts, layout.portrait, &prefs),
    }
}

/// The page as lines of text.
pub(super) fn text(prefs: &Prefs) -> Vec<String> {
    let mut lines = vec![format!("{}.", prefs.say(Phrase::HelpTitle))];
    for (heading, rows) in left(prefs).iter().chain(&right(prefs)) {
        lines.push(format!("{heading}:"));
        lines.extend(
            rows.iter()
                .map(|(_, sign, meaning)| format!("{sign}: {meaning}")),
        );
    }
    lines.push(format!("{}.", prefs.say(Phrase::HelpClose)));
    lines
}

/// A sheet over everything, with a box in its middle: the sheet, and the box.
pub(super) fn sheet(commands: &mut Commands<'_, '_>, width: Val, closes: bool) -> (Entity, Entity) {
    let root = commands
        .spawn((
            Node {
                position_type: PositionType::Absolute,
                width: percent(100),
                height: percent(100),
                justify_content: JustifyContent::Center,
                align_items: AlignItems::Center,
                ..default()
            },
            BackgroundColor(theme::void().with_alpha(0.72)),
            GlobalZIndex(10),
            Interaction::default(),
        ))
        .id();
    if closes {
        // A click or a tap anywhere is as good as any key.
        commands.entity(root).insert((Button, Says(Intent::Other)));
    }
    let inner = child(
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
            BackgroundColor(theme::ground()),
            BorderColor::all(theme::hairline()),
        ),
    );
    (root, inner)
}

fn pause(
    commands: &mut Commands<'_, '_>,
    fonts: &Fonts,
    fingers: Fingers,
    sure: bool,
    prefs: &Prefs,
) {
    let (root, sheet) = sheet(commands, px(330), false);
    commands.entity(root).insert(Sheet);
    child(
        commands,
        sheet,
        fonts.line(Size::Title, true, Ink::White, prefs.say(Phrase::PauseTitle)),
    );
    for (place, (text, key)) in pause_entries(sure, prefs).into_iter().enumerate() {
        menu::entry(commands, fonts, fingers, sheet, place as u8, &text, &key);
    }
}

fn help(commands: &mut Commands<'_, '_>, fonts: &Fonts, portrait: bool, prefs: &Prefs) {
    let (root, sheet) = sheet(commands, px(1060), true);
    commands.entity(root).insert(Sheet);
    child(
        commands,
        sheet,
        fonts.line(Size::Title, true, Ink::White, prefs.say(Phrase::HelpTitle)),
    );
    // Held upright there is no room for two columns, and hardly anybody has keys.
    let mut left = left(prefs);
    let (direction, size) = if portrait {
        left.remove(0);
        (FlexDirection::Column, Size::Small)
    } else {
        (FlexDirection::Row, Size::Body)
    };
    // What has no room is scrolled to.
    let page = child(
        commands,
        sheet,
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
    if portrait {
        let fingers = prefs.say(Phrase::HelpFingers);
        child(commands, page, fonts.paragraph(size, Ink::White, fingers));
    }
    let halves = child(
        commands,
        page,
        Node {
            column_gap: px(34),
            flex_shrink: 0.0,
            flex_direction: direction,
            ..default()
        },
    );
    for (parts, label) in [(left, 112.0), (right(prefs), 22.0)] {
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
            let head = child(commands, half, fonts.line(size, true, Ink::Dim, &heading));
            commands.entity(head).insert(Node {
                margin: UiRect::top(px(6)),
                ..default()
            });
            for (ink, sign, meaning) in lines {
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
                child(commands, left, fonts.line(size, true, ink, &sign));
                let right = child(commands, line, fonts.paragraph(size, Ink::Plain, &meaning));
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
        fonts.line(Size::Small, false, Ink::Dim, prefs.say(Phrase::HelpClose)),
    );
}

/// Pushes the page up as far as it goes.
fn scroll(
    mut scroll: ResMut<Scroll>,
    mut pages: Query<(&mut ScrollPosition, &ComputedNode), With<Scrolls>>,
) {
    for (mut position, node) in &mut pages {
        let most = (node.content_size().y - node.size().y) * node.inverse_scale_factor();
        if scroll.0 > most.max(0.0) {
            scroll.0 = most.max(0.0);
        }
        if position.y.to_bits() != scroll.0.to_bits() {
            position.y = scroll.0;
        }
    }
}

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Update, (update, scroll).chain().in_set(Stage::Draw));
}
