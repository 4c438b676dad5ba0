//! The panel's nodes: made once, written to when what they say changes.

use std::array;

use bevy::prelude::*;

use super::builder::{BarNodes, Builder, column, row};
use super::model::{BADNESS, FACTS, GATES, INTERRUPTS, LOG};
use crate::app::input::{Fingers, Intent, Says};
use crate::app::prefs::Prefs;
use crate::app::theme::{self, Fonts, Ink, Size};
use crate::mm::NR_PAGE_ORDERS;
use crate::phrases::Phrase;
use crate::settings::Action;

/// Most references anybody can have; the rules say how many one can.
const REFS: usize = 8;

/// Every node that is written to.
#[derive(Resource, Debug)]
pub(super) struct Nodes {
    pub root: Entity,
    pub zone: Entity,
    pub range: Entity,
    pub turn: Entity,
    pub seed: Entity,
    pub watchdog: BarNodes,
    /// A square and the sign in it, for each reference.
    pub refs: [(Entity, Entity); REFS],
    pub kit: Entity,
    pub free: Entity,
    pub gauge: Entity,
    /// A tick and its name, for each mark.
    pub marks: [(Entity, Entity); 4],
    pub orders: Entity,
    pub age: Entity,
    /// Figure, bar and count in sight, for each order.
    pub columns: [(Entity, Entity, Entity); NR_PAGE_ORDERS],
    /// Row and text.
    pub interrupts: [(Entity, Entity); INTERRUPTS],
    pub gate_part: Entity,
    pub gates: [Entity; GATES],
    pub badness_part: Entity,
    pub oom: Entity,
    pub badness: [BarNodes; BADNESS],
    pub act: Entity,
    pub act_title: Entity,
    pub facts: [Entity; FACTS],
    pub bag: Entity,
    /// Where the log stands, and its lines.
    pub news: Entity,
    pub log: [Entity; LOG],
    /// The row of buttons for what only keys do otherwise, and the one that turns the page.
    pub fingers: Entity,
    pub more: Entity,
    /// What devices ask for.
    pub asked: Entity,
    /// All buttons.
    pub buttons: Vec<Entity>,
    pub keys: Entity,
}

impl Nodes {
    /// Makes them all.
    pub(super) fn spawn(
        commands: &mut Commands<'_, '_>,
        fonts: &Fonts,
        prefs: &Prefs,
        touch: Fingers,
    ) -> Self {
        let key = |action| prefs.keys.label(action);
        let root = commands
            .spawn((
                Node {
                    display: Display::None,
                    position_type: PositionType::Absolute,
                    flex_direction: FlexDirection::Column,
                    padding: UiRect::axes(px(16), px(9)),
                    row_gap: px(6),
                    overflow: Overflow::clip(),
                    ..default()
                },
                BackgroundColor(theme::ground()),
                BorderColor::all(theme::hairline()),
                // The map does not take clicks that land here.
                Interaction::default(),
            ))
            .id();
        let mut b = Builder { commands, fonts };

        let head = b.node(root, row());
        let zone = b.line(head, Size::Title, true, Ink::White, "");
        let turn = b.line(head, Size::Title, true, Ink::Plain, "");
        let line = b.node(
            root,
            Node {
                margin: UiRect::top(px(-6)),
                ..row()
            },
        );
        let range = b.line(line, Size::Small, false, Ink::Dim, "");
        let seed = b.line(line, Size::Small, false, Ink::Dim, "");

        let vitals = b.node(
            root,
            Node {
                row_gap: px(3),
                ..column()
            },
        );
        let watchdog = b.bar(vitals, 78.0, 7.0);
        let line = b.node(
            vitals,
            Node {
                column_gap: px(4),
                justify_content: JustifyContent::Start,
                ..row()
            },
        );
        let label = b.node(
            line,
            Node {
                width: px(74),
                flex_shrink: 0.0,
                ..default()
            },
        );
        b.line(label, Size::Body, false, Ink::Dim, "refs");
        let refs = array::from_fn(|_| {
            let pip = b.node(
                line,
                (
                    Node {
                        width: px(13),
                        height: px(13),
                        justify_content: JustifyContent::Center,
                        align_items: AlignItems::Center,
                        ..default()
                    },
                    BackgroundColor(theme::raised()),
                ),
            );
            let sign = b.line(pip, Size::Small, false, Ink::Yellow, "");
            (pip, sign)
        });
        let rest = b.node(
            line,
            Node {
                flex_grow: 1.0,
                justify_content: JustifyContent::End,
                column_gap: px(14),
                ..default()
            },
        );
        let kit = b.body(rest);

        let memory = b.node(
            root,
            Node {
                row_gap: px(3),
                ..column()
            },
        );
        let free = b.heading(memory, "free pages");
        let trough = b.node(
            memory,
            (
                Node {
                    height: px(13),
                    ..default()
                },
                BackgroundColor(theme::raised()),
            ),
        );
        let gauge = b.node(
            trough,
            (
                Node {
                    height: percent(100),
                    ..default()
                },
                BackgroundColor(Ink::Sky.color()),
            ),
        );
        let names = b.node(
            memory,
            Node {
                height: px(25),
                ..default()
            },
        );
        let marks = array::from_fn(|i| {
            let (name, low, shift) = [
                ("atomic", 0.0, -8.0),
                ("min", 11.0, -14.0),
                ("low", 0.0, -6.0),
                ("high", 11.0, -6.0),
            ][i];
            let tick = b.node(
                trough,
                (
                    Node {
                        position_type: PositionType::Absolute,
                        width: px(2),
                        height: px(16),
                        ..default()
                    },
                    BackgroundColor(Color::WHITE),
                ),
            );
            let label = b.node(
                names,
                Node {
                    position_type: PositionType::Absolute,
                    top: px(low),
                    margin: UiRect::left(px(shift)),
                    ..default()
                },
            );
            b.line(label, Size::Small, false, Ink::Dim, name);
            (tick, label)
        });

        let orders = b.node(
            root,
            Node {
                row_gap: px(2),
                ..column()
            },
        );
        let age = b.heading(orders, "free blocks by order");
        let chart = b.node(
            orders,
            Node {
                height: px(76),
                column_gap: px(4),
                ..default()
            },
        );
        let columns = array::from_fn(|order| {
            let part = b.node(
                chart,
                Node {
                    flex_direction: FlexDirection::Column,
                    flex_grow: 1.0,
                    flex_basis: px(0),
                    align_items: AlignItems::Center,
                    ..default()
                },
            );
            let well = b.node(
                part,
                Node {
                    flex_direction: FlexDirection::Column,
                    justify_content: JustifyContent::End,
                    align_items: AlignItems::Center,
                    width: percent(100),
                    flex_grow: 1.0,
                    ..default()
                },
            );
            let figure = b.line(well, Size::Small, false, Ink::Plain, "");
            let shaft = b.node(
                well,
                Node {
                    width: percent(100),
                    height: px(34),
                    flex_direction: FlexDirection::Column,
                    justify_content: JustifyContent::End,
                    ..default()
                },
            );
            let bar = b.node(
                shaft,
                (
                    Node {
                        width: percent(100),
                        height: px(1),
                        ..default()
                    },
                    BackgroundColor(theme::hairline()),
                ),
            );
            b.line(part, Size::Small, false, Ink::Dim, &order.to_string());
            let seen = b.line(part, Size::Small, false, Ink::Dim, "");
            (figure, bar, seen)
        });

        let asked = b.node(root, column());
        b.heading(asked, "interrupts");
        let interrupts = array::from_fn(|_| {
            let line = b.node(
                asked,
                (
                    Node {
                        padding: UiRect::horizontal(px(4)),
                        margin: UiRect::horizontal(px(-5)),
                        border: UiRect::all(px(1)),
                        ..default()
                    },
                    BackgroundColor(Color::NONE),
                    BorderColor::all(Color::NONE),
                ),
            );
            (line, b.body(line))
        });

        let gate_part = b.node(root, column());
        b.heading(gate_part, "gates");
        let gates = array::from_fn(|_| b.body(gate_part));

        let badness_part = b.node(root, column());
        let oom = b.heading(badness_part, "badness");
        let badness = array::from_fn(|_| b.bar(badness_part, 78.0, 6.0));

        let act = b.node(
            root,
            (
                Node {
                    padding: UiRect::axes(px(9), px(5)),
                    margin: UiRect::horizontal(px(-5)),
                    border: UiRect::all(px(1)),
                    min_height: px(62),
                    ..column()
                },
                BackgroundColor(theme::raised().with_alpha(0.5)),
                BorderColor::all(theme::hairline()),
            ),
        );
        let act_title = b.line(act, Size::Body, true, Ink::White, "");
        let facts = array::from_fn(|_| {
            let text = b.fonts.paragraph(Size::Body, Ink::Plain, "");
            b.node(act, text)
        });
        // What was brought stands in the box, line by line, and is chosen there.
        for (at, &line) in facts.iter().enumerate() {
            let says = (Button, Says(Intent::Entry(at as u8)));
            b.commands.entity(line).insert(says);
        }

        let bag = b.body(root);

        // The newest line stands at the bottom; what has no room falls out at the top.
        let news = b.node(
            root,
            Node {
                flex_direction: FlexDirection::ColumnReverse,
                flex_grow: 1.0,
                flex_basis: px(0),
                min_height: px(0),
                overflow: Overflow::clip(),
                ..default()
            },
        );
        let log = array::from_fn(|_| {
            let line = b.body(news);
            b.commands.entity(line).insert(Node {
                flex_shrink: 0.0,
                ..default()
            });
            line
        });

        let acts = b.node(
            root,
            Node {
                column_gap: px(3),
                justify_content: JustifyContent::Start,
                ..row()
            },
        );
        let acts_buttons = [
            ("grab", Action::Grab),
            ("clear", Action::Clear),
            ("free", Action::Free),
            ("isolate", Action::Isolate),
            ("use", Action::Use),
            ("leave", Action::Extract),
        ]
        .map(|(text, act)| b.button(acts, &format!("{} {text}", key(act)), act.into()));
        // What keys and the wheel do otherwise.
        let fingers = b.node(
            root,
            Node {
                column_gap: px(5),
                row_gap: px(3),
                flex_wrap: FlexWrap::Wrap,
                justify_content: JustifyContent::Start,
                ..row()
            },
        );
        let mut more = fingers;
        let mut finger_buttons = Vec::new();
        for (text, action, says) in [
            ("wait", Some(Action::Wait), Intent::Wait),
            ("explore", Some(Action::Explore), Intent::Explore),
            ("map", Some(Action::Overview), Intent::Overview),
            (" + ", None, Intent::ZoomIn),
            (" - ", None, Intent::ZoomOut),
            ("help", Some(Action::Help), Intent::Help),
            ("back", Some(Action::Back), Intent::Escape),
            ("more", Some(Action::Panel), Intent::Panel),
        ] {
            let button = match action {
                // With its key the last of the row would not fit beside the others.
                _ if touch.0 || says == Intent::Panel => b.button(fingers, text, says),
                Some(action) => b.button(fingers, &format!("{} {text}", key(action)), says),
                // There is a wheel.
                None => continue,
            };
            if says == Intent::Panel {
                more = button;
            }
            finger_buttons.push(button);
        }
        let buttons = acts_buttons.into_iter().chain(finger_buttons).collect();
        let walk = [Action::North, Action::West, Action::South, Action::East].map(key);
        // Arrows always walk, and their names are short.
        let walk = if walk.iter().all(|key| key.chars().count() == 1) {
            walk.concat()
        } else {
            "↑←↓→".to_string()
        };
        let keys = b.line(
            root,
            Size::Small,
            false,
            Ink::Dim,
            &prefs.words.fill(
                Phrase::KeysLine,
                &[
                    ("walk", &walk),
                    ("wait", &key(Action::Wait)),
                    ("look", &key(Action::Look)),
                    ("map", &key(Action::Overview)),
                    ("help", &key(Action::Help)),
                ],
            ),
        );
        Self {
            root,
            zone,
            range,
            turn,
            seed,
            watchdog,
            refs,
            kit,
            free,
            gauge,
            marks,
            orders,
            age,
            columns,
            interrupts,
            gate_part,
            gates,
            badness_part,
            oom,
            badness,
            act,
            act_title,
            facts,
            bag,
            news,
            log,
            fingers,
            more,
            asked,
            buttons,
            keys,
        }
    }
}
