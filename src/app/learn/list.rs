//! The list of lessons: what it says, and how it is drawn.

use bevy::prelude::*;

use super::{Learn, Lessons};
use crate::app::input::{Fingers, Intent, Says};
use crate::app::menu::{Entry, child};
use crate::app::panel::Layout;
use crate::app::prefs::Prefs;
use crate::app::session::Session;
use crate::app::theme::{self, Fonts, Ink, Size};
use crate::phrases::Phrase;
use crate::settings::Action;

/// Width of the list.
const WIDTH: f32 = 620.0;
/// Height of an entry, for a mouse and for fingers.
const ROW: [f32; 2] = [25.0, 42.0];
/// Height of everything but the entries.
const REST: f32 = 170.0;

/// How a lesson stands: a sign, and words.
fn standing(session: &Session, id: &str) -> (&'static str, Option<Phrase>) {
    match session.lesson_stands(id) {
        (true, _) => ("+", Some(Phrase::LearnIsDone)),
        (false, true) => ("-", Some(Phrase::LearnBegun)),
        (false, false) => (" ", None),
    }
}

/// The list as lines of text.
pub(super) fn text(learn: &Learn, prefs: &Prefs) -> Vec<String> {
    let mut lines = vec![format!("{}.", prefs.say(Phrase::LearnTitle))];
    lines.extend(state(learn, prefs));
    for (at, lesson) in learn.all().iter().enumerate() {
        let marked = if at == usize::from(learn.at) {
            ", marked"
        } else {
            ""
        };
        lines.push(format!("{}. {}{marked}", at + 1, lesson.title));
    }
    if let Some(lesson) = learn.all().get(usize::from(learn.at)) {
        lines.push(lesson.goal.clone());
    }
    if learn.has_sandbox() {
        let marked = if learn.is_sandbox(usize::from(learn.at)) {
            ", marked"
        } else {
            ""
        };
        lines.push(format!("{}{marked}", prefs.say(Phrase::DeskTitle)));
    }
    lines.push(back(learn, prefs));
    lines
}

/// What is to be said while there are no lessons.
fn state(learn: &Learn, prefs: &Prefs) -> Option<String> {
    match &learn.lessons {
        Lessons::None | Lessons::Coming => Some(prefs.say(Phrase::LearnFetching).to_owned()),
        Lessons::Failed(why) => Some(prefs.words.fill(Phrase::LearnFailed, &[("why", why)])),
        Lessons::Here(_) => None,
    }
}

fn back(learn: &Learn, prefs: &Prefs) -> String {
    let phrase = match (&learn.lessons, learn.classroom) {
        (Lessons::Failed(_), true) => Phrase::LearnTryAgain,
        (_, true) if cfg!(not(target_family = "wasm")) => Phrase::Quit,
        _ => Phrase::LearnBack,
    };
    prefs.say(phrase).to_owned()
}

/// Draws it into a root.
pub(super) fn spawn(
    commands: &mut Commands<'_, '_>,
    fonts: &Fonts,
    root: Entity,
    learn: &Learn,
    session: &Session,
    prefs: &Prefs,
    (layout, fingers): (&Layout, Fingers),
) {
    let sheet = child(
        commands,
        root,
        Node {
            flex_direction: FlexDirection::Column,
            width: px(WIDTH),
            max_width: percent(96),
            max_height: percent(98),
            row_gap: px(8),
            ..default()
        },
    );
    let title = prefs.say(Phrase::LearnTitle);
    child(
        commands,
        sheet,
        fonts.line(Size::Title, true, Ink::White, title),
    );
    if let Some(state) = state(learn, prefs) {
        child(
            commands,
            sheet,
            fonts.paragraph(Size::Body, Ink::White, &state),
        );
    }
    let height = ROW[usize::from(fingers.0)];
    let room = ((layout.window.y / layout.scale * 0.96 - REST) / height).floor() as usize;
    let all = usize::from(learn.entries());
    let many = room.clamp(3.min(all), all);
    let first = usize::from(learn.at)
        .saturating_sub(many / 2)
        .min(all - many);
    let list = child(
        commands,
        sheet,
        Node {
            flex_direction: FlexDirection::Column,
            flex_shrink: 0.0,
            ..default()
        },
    );
    let classroom_page = learn.classroom && cfg!(target_family = "wasm");
    for at in first..first + many {
        let (name, right) = match learn.all().get(at) {
            Some(lesson) => {
                let (sign, word) = standing(session, &lesson.id);
                let word = word.map_or("", |phrase| prefs.say(phrase));
                let minutes = lesson.minutes.to_string();
                let minutes = prefs.words.fill(Phrase::LearnMinutes, &[("n", &minutes)]);
                (
                    format!("{sign} {:>2}  {}", at + 1, lesson.title),
                    format!("{word}  {minutes}"),
                )
            }
            None if learn.is_sandbox(at) => {
                let name = format!("     {}", prefs.say(Phrase::DeskTitle));
                (name, String::new())
            }
            None if classroom_page && !matches!(learn.lessons, Lessons::Failed(_)) => continue,
            None => (
                format!("     {}", back(learn, prefs)),
                prefs.keys.label(Action::Back),
            ),
        };
        let edge = (at == first && first > 0) || (at + 1 == first + many && first + many < all);
        let ink = if edge { Ink::Dim } else { Ink::Plain };
        let line = child(
            commands,
            list,
            (
                Button,
                Says(Intent::Entry(at as u8)),
                Entry(at as u8),
                Node {
                    height: px(height),
                    padding: UiRect::horizontal(px(10)),
                    column_gap: px(16),
                    align_items: AlignItems::Center,
                    justify_content: JustifyContent::SpaceBetween,
                    border: UiRect::left(px(3)),
                    ..default()
                },
                BackgroundColor(Color::NONE),
                BorderColor::all(Color::NONE),
            ),
        );
        child(commands, line, fonts.line(Size::Body, true, ink, &name));
        child(
            commands,
            line,
            fonts.line(Size::Body, false, Ink::Dim, &right),
        );
    }
    let goal = learn.all().get(usize::from(learn.at));
    let goal = goal.map_or("", |lesson| lesson.goal.as_str());
    let about = child(
        commands,
        sheet,
        fonts.paragraph(Size::Body, Ink::White, goal),
    );
    commands.entity(about).insert(Node {
        min_height: px(50),
        margin: UiRect::top(px(4)),
        ..default()
    });
    if let Some(said) = &learn.said {
        let said = format!("! {said}");
        child(
            commands,
            sheet,
            fonts.paragraph(Size::Body, Ink::Orange, &said),
        );
    }
    if prefs.settings.hints.0 {
        let key = |action| prefs.keys.label(action);
        let (up, down, back) = (key(Action::North), key(Action::South), key(Action::Back));
        let words = [("up", &*up), ("down", &*down), ("back", &*back)];
        let hint = prefs.words.fill(Phrase::LearnListHint, &words);
        child(
            commands,
            sheet,
            fonts.paragraph(Size::Small, Ink::Dim, &hint),
        );
    }
    commands
        .entity(sheet)
        .insert(BackgroundColor(theme::void()));
}
