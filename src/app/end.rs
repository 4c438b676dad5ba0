//! The account of a raid's end: the cause, the measures, the report as a kernel would log it, and what next.

use bevy::prelude::*;

use super::control::Play;
use super::help::Scrolls;
use super::input::Fingers;
use super::menu::{self, child};
use super::panel::Layout;
use super::prefs::Prefs;
use super::session::Session;
use super::theme::{self, Fonts, Ink, Size};
use super::{Screen, Stage};
use crate::bot::Hindsight;
use crate::labyrinth::Dir;
use crate::mm::FailReason;
use crate::phrases::Phrase;
use crate::raid::{self, Cause, Command, Outcome};
use crate::settings::Action;

/// What is said.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Account {
    word: &'static str,
    ink: Ink,
    cause: String,
    lines: Vec<String>,
    /// What would have worked.
    advice: Option<String>,
    report: String,
    figures: String,
}

impl Account {
    fn of(outcome: &Outcome, play: &Play, prefs: &Prefs) -> Self {
        let view = play.view();
        let (word, ink) = match outcome {
            Outcome::Extracted { loot, .. } if loot.is_empty() => ("OUT, EMPTY-HANDED", Ink::Plain),
            Outcome::Extracted { .. } => ("EXTRACTED", Ink::Green),
            Outcome::Dead(_) if outcome.word() == "null" => ("NULL", Ink::Vermillion),
            Outcome::Dead(_) => ("FREED", Ink::Vermillion),
        };
        Self {
            word,
            ink,
            cause: raid::text::cause(outcome),
            lines: raid::text::explanation(outcome),
            advice: play
                .hindsight
                .as_ref()
                .and_then(|hindsight| advice(hindsight, prefs)),
            report: raid::text::report(outcome, view).trim_end().to_string(),
            figures: format!(
                "{} turns   {} pages brought home   score {}   zone {}   seed {}",
                view.turn,
                outcome.pages(),
                outcome.score(),
                view.zone,
                view.seed
            ),
        }
    }
}

/// The account as lines of text.
pub(super) fn text(play: &Play, prefs: &Prefs) -> Vec<String> {
    let view = play.view();
    let Some(outcome) = &view.outcome else {
        return Vec::new();
    };
    let account = Account::of(outcome, play, prefs);
    let mut lines = vec![account.word.to_string(), account.cause];
    lines.extend(account.lines);
    lines.extend(account.advice);
    lines.push(account.figures);
    lines.extend(entries(prefs).map(|(text, key)| match &*key {
        "" => text,
        key => format!("{text}: {key}"),
    }));
    lines
}

/// What would have worked, in a sentence; none where there is nothing to say of it.
fn advice(hindsight: &Hindsight, prefs: &Prefs) -> Option<String> {
    let fill = |phrase, words: &[(&str, &str)]| prefs.words.fill(phrase, words);
    Some(match *hindsight {
        Hindsight::Later { turns } => fill(Phrase::HindLater, &[("n", &turns.to_string())]),
        Hindsight::Make {
            range: (pfn, order),
            rooms,
            turns,
            isolate,
        } => {
            let phrase = if isolate {
                Phrase::HindIsolate
            } else {
                Phrase::HindMake
            };
            let words = [
                ("rooms", &*rooms.to_string()),
                ("at", &*format!("{pfn:#06x}")),
                ("order", &*order.to_string()),
                ("n", &*turns.to_string()),
            ];
            fill(phrase, &words)
        }
        Hindsight::Instead { turn, command } => {
            let turn = turn.to_string();
            let (phrase, what) = match command {
                Command::Step(dir) => (Phrase::HindStep, prefs.say(way(dir)).to_lowercase()),
                Command::Free(pfn) => (Phrase::HindFree, format!("{pfn:#06x}")),
                Command::Wait => (Phrase::HindWait, String::new()),
                _ => return None,
            };
            fill(phrase, &[("turn", &turn), ("what", &what)])
        }
        Hindsight::Nothing { .. } => fill(Phrase::HindNothing, &[]),
    })
}

const fn way(dir: Dir) -> Phrase {
    match dir {
        Dir::North => Phrase::ActNorth,
        Dir::East => Phrase::ActEast,
        Dir::South => Phrase::ActSouth,
        Dir::West => Phrase::ActWest,
    }
}

/// The lesson about what ended a raid.
pub(super) fn lesson(outcome: &Outcome) -> Option<&'static str> {
    let Outcome::Dead(death) = outcome else {
        return None;
    };
    Some(match &death.cause {
        Cause::Null { failure, .. } => match failure.reason {
            FailReason::Watermark => "watermarks",
            FailReason::Fragmentation | FailReason::TooLarge => "half",
        },
        Cause::References { .. } => "types",
        Cause::Minotaur { .. } | Cause::Panic => "oom",
        Cause::Watchdog => "sleeping",
    })
}

/// What next, and the key for it, if it has one of its own.
fn entries(prefs: &Prefs) -> [(String, String); ENTRIES as usize] {
    [
        (Phrase::SeedAgain, Some(Action::Retry)),
        (Phrase::NewSeed, Some(Action::NewRaid)),
        (Phrase::Watch, Some(Action::Watch)),
        (Phrase::Codex, Some(Action::Codex)),
        (Phrase::EndLesson, None),
        (Phrase::ToTitle, Some(Action::ToTitle)),
    ]
    .map(|(phrase, action)| {
        let key = action.map_or_else(String::new, |action| prefs.keys.label(action));
        (prefs.say(phrase).to_string(), key)
    })
}

/// The entry of what comes next that is marked.
#[derive(Resource, Debug, Default)]
pub(super) struct Next(pub u8);

impl Next {
    /// The entry above, or the one below.
    pub(super) fn go(&mut self, down: bool) {
        let by = if down { 1 } else { ENTRIES - 1 };
        self.0 = (self.0 + by) % ENTRIES;
    }
}

/// How many there are.
const ENTRIES: u8 = 6;

/// The whole account.
#[derive(Component)]
struct Sheet;

fn spawn(
    mut commands: Commands,
    mut next: ResMut<Next>,
    session: Res<Session>,
    fonts: Res<Fonts>,
    fingers: Res<Fingers>,
    prefs: Res<Prefs>,
) {
    *next = Next::default();
    let Some(play) = &session.play else {
        return;
    };
    let Some(outcome) = play.raid().outcome() else {
        return;
    };
    let account = Account::of(outcome, play, &prefs);
    let root = commands
        .spawn((
            DespawnOnExit(Screen::End),
            Sheet,
            Node {
                position_type: PositionType::Absolute,
                flex_direction: FlexDirection::Column,
                padding: UiRect::axes(px(26), px(20)),
                row_gap: px(7),
                overflow: Overflow::clip(),
                ..default()
            },
            BackgroundColor(theme::ground()),
            BorderColor::all(theme::hairline()),
            Interaction::default(),
        ))
        .id();
    let commands = &mut commands;
    // What has no room is scrolled to; what comes next is always in sight.
    let page = child(
        commands,
        root,
        (
            Scrolls,
            Node {
                min_height: px(0),
                flex_shrink: 1.0,
                flex_direction: FlexDirection::Column,
                overflow: Overflow::scroll_y(),
                ..default()
            },
        ),
    );
    let told = child(
        commands,
        page,
        Node {
            flex_direction: FlexDirection::Column,
            row_gap: px(7),
            flex_shrink: 0.0,
            ..default()
        },
    );
    child(
        commands,
        told,
        (
            Text::new(account.word),
            fonts.font(true, theme::STEPS[3]),
            TextColor(account.ink.color()),
            TextLayout::no_wrap(),
        ),
    );
    let cause = child(
        commands,
        told,
        fonts.paragraph(Size::Title, Ink::White, &account.cause),
    );
    commands.entity(cause).insert(Node {
        margin: UiRect::bottom(px(4)),
        flex_shrink: 0.0,
        ..default()
    });
    for line in &account.lines {
        child(
            commands,
            told,
            fonts.paragraph(Size::Body, Ink::Plain, line),
        );
    }
    if let Some(advice) = &account.advice {
        let line = child(
            commands,
            told,
            fonts.paragraph(Size::Body, Ink::Yellow, advice),
        );
        commands.entity(line).insert(Node {
            margin: UiRect::vertical(px(3)),
            padding: UiRect::left(px(9)),
            border: UiRect::left(px(3)),
            flex_shrink: 0.0,
            ..default()
        });
        commands
            .entity(line)
            .insert(BorderColor::all(Ink::Yellow.color()));
    }
    let report = child(
        commands,
        told,
        (
            Node {
                padding: UiRect::axes(px(12), px(9)),
                margin: UiRect::top(px(8)),
                border: UiRect::all(px(1)),
                flex_shrink: 0.0,
                ..default()
            },
            BackgroundColor(theme::void()),
            BorderColor::all(theme::hairline()),
        ),
    );
    child(
        commands,
        report,
        fonts.paragraph(Size::Small, Ink::Dim, &account.report),
    );
    child(
        commands,
        told,
        fonts.paragraph(Size::Body, Ink::Dim, &account.figures),
    );
    let list = child(
        commands,
        root,
        Node {
            flex_direction: FlexDirection::Column,
            width: px(280),
            margin: UiRect::top(px(6)),
            flex_shrink: 0.0,
            ..default()
        },
    );
    for (place, (text, key)) in entries(&prefs).into_iter().enumerate() {
        menu::entry(commands, &fonts, *fingers, list, place as u8, &text, &key);
    }
}

fn place(layout: Res<Layout>, mut sheets: Query<&mut Node, With<Sheet>>) {
    let (panel, scale) = (layout.panel, layout.scale);
    for mut node in &mut sheets {
        let mut now = node.clone();
        now.left = px(panel.min.x / scale);
        now.top = px(panel.min.y / scale);
        now.width = px(panel.width() / scale);
        now.height = px(panel.height() / scale);
        now.border = if layout.portrait {
            UiRect::top(px(1))
        } else {
            UiRect::left(px(1))
        };
        node.set_if_neq(now);
    }
}

pub(super) fn plugin(app: &mut App) {
    app.add_systems(OnEnter(Screen::End), spawn).add_systems(
        Update,
        place.in_set(Stage::Draw).run_if(in_state(Screen::End)),
    );
}
