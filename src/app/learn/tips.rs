//! What newcomers are told in a raid: the goal of a first raid, and hints that are given once.

use bevy::prelude::*;

use crate::app::control::Play;
use crate::app::input::{Intent, Says};
use crate::app::menu::child;
use crate::app::panel::Layout;
use crate::app::prefs::{Dress, Prefs};
use crate::app::session::Session;
use crate::app::theme::{self, Fonts, Ink, Size};
use crate::app::{Screen, Stage};
use crate::guide::{self, FIRST_SEED, FIRST_ZONE, Goal, Tip};
use crate::phrases::Phrase;
use crate::settings::Action;

/// Turns for which a hint is shown, and after which the next may take its place.
const SHOWN: u32 = 12;
const LEAST: u32 = 5;
/// Widest a box gets, in pixels at 1280x720.
const WIDTH: f32 = 430.0;

/// What is shown.
#[derive(Resource, Debug, Default, Clone, PartialEq, Eq)]
pub(in crate::app) struct Tips {
    /// The goal of a first raid.
    pub goal: Option<Goal>,
    /// A hint, and since which turn.
    pub tip: Option<(Tip, u32)>,
    /// The moment they are for: the raid's seed and its turn.
    moment: Option<(u64, u32)>,
}

impl Tips {
    /// Takes the hint away.
    pub(in crate::app) fn hide(&mut self) {
        self.tip = None;
    }

    /// What they say.
    pub(in crate::app) fn text(&self, prefs: &Prefs) -> Vec<String> {
        let goal = self.goal.map(|goal| {
            let (n, of) = (goal.number().to_string(), Goal::ALL.len().to_string());
            let text = say(goal.phrase(), prefs);
            let words = [("n", &*n), ("of", &of), ("goal", &text)];
            prefs.words.fill(Phrase::GoalNow, &words)
        });
        let tip = self.tip.map(|(tip, _)| say(tip.phrase(), prefs));
        goal.into_iter().chain(tip).collect()
    }
}

/// A text with the keys it names.
fn say(phrase: Phrase, prefs: &Prefs) -> String {
    let key = |action| prefs.keys.label(action);
    let walk = [Action::North, Action::West, Action::South, Action::East];
    let walk = walk.map(|action| prefs.keys.label(action)).join(" ");
    let (grab, clear, extract) = (key(Action::Grab), key(Action::Clear), key(Action::Extract));
    let (explore, help) = (key(Action::Explore), key(Action::Help));
    let words = [
        ("walk", &*walk),
        ("grab", &grab),
        ("clear", &clear),
        ("extract", &extract),
        ("explore", &explore),
        ("help", &help),
    ];
    prefs.words.fill(phrase, &words)
}

/// True for the raid that newcomers are led through.
fn guided(play: &Play) -> bool {
    let setup = play.raid().setup();
    (setup.zone.as_str(), setup.seed) == (FIRST_ZONE, FIRST_SEED)
        && setup.loadout.is_empty()
        && setup.modifiers.is_empty()
}

/// Finds out what is to be said after a turn.
pub(super) fn follow(
    screen: Res<State<Screen>>,
    prefs: Res<Prefs>,
    mut session: ResMut<Session>,
    mut tips: ResMut<Tips>,
) {
    let play = session.play.as_ref().filter(|play| !play.replays());
    let play = play.filter(|_| *screen.get() == Screen::Raid);
    let Some(play) = play else {
        tips.set_if_neq(Tips::default());
        return;
    };
    let view = play.view();
    let turn = view.turn;
    let moment = Some((view.seed, turn));
    if tips.moment == moment {
        return;
    }
    let begun = tips
        .moment
        .is_none_or(|(seed, before)| seed != view.seed || before > turn);
    let mut now = Tips {
        goal: guided(play).then(|| Goal::of(view)),
        tip: tips
            .tip
            .filter(|&(_, since)| !begun && turn < since + SHOWN),
        moment,
    };
    if !prefs.settings.tips.0 {
        now.tip = None;
    } else if now.tip.is_none_or(|(_, since)| turn >= since + LEAST)
        && let Some(tip) = guide::next(view, |hint| session.was_told(hint))
    {
        now.tip = Some((tip, turn));
        session.tell_once(tip.key());
        session.revision += 1;
    }
    *tips = now;
}

/// The box.
#[derive(Component)]
struct Sheet;

fn update(
    mut commands: Commands,
    tips: Res<Tips>,
    prefs: Res<Prefs>,
    dress: Res<Dress>,
    layout: Res<Layout>,
    fonts: Res<Fonts>,
    old: Query<Entity, With<Sheet>>,
    mut shown: Local<Option<(Vec<String>, Dress, Layout)>>,
) {
    let now = Some((tips.text(&prefs), *dress, *layout));
    if *shown == now {
        return;
    }
    for sheet in &old {
        commands.entity(sheet).despawn();
    }
    if !tips.text(&prefs).is_empty() {
        spawn(&mut commands, &tips, &prefs, &fonts, &layout);
    }
    *shown = now;
}

fn spawn(
    commands: &mut Commands<'_, '_>,
    tips: &Tips,
    prefs: &Prefs,
    fonts: &Fonts,
    layout: &Layout,
) {
    let room = layout.map.width() / layout.scale - 24.0;
    let sheet = commands
        .spawn((
            DespawnOnExit(Screen::Raid),
            Sheet,
            // A click or a tap takes the hint away.
            Button,
            Says(Intent::Dismiss),
            Node {
                position_type: PositionType::Absolute,
                left: px(layout.map.min.x / layout.scale + 12.0),
                top: px(layout.map.min.y / layout.scale + 12.0),
                // A width of its own: with a widest one alone, wrapped text would hang out of the box.
                width: px(room.min(WIDTH)),
                flex_direction: FlexDirection::Column,
                row_gap: px(6),
                padding: UiRect::axes(px(12), px(8)),
                border: UiRect::left(px(3)),
                ..default()
            },
            BackgroundColor(theme::ground().with_alpha(0.94)),
            BorderColor::all(Ink::Yellow.color()),
        ))
        .id();
    let goals = usize::from(tips.goal.is_some());
    for (at, text) in tips.text(prefs).iter().enumerate() {
        let ink = if at < goals { Ink::White } else { Ink::Plain };
        child(commands, sheet, fonts.paragraph(Size::Body, ink, text));
    }
}

/// What is drawn of it.
pub(super) fn drawn(app: &mut App) {
    app.add_systems(Update, update.in_set(Stage::Draw));
}
