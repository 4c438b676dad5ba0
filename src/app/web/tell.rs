//! Tells the page what the screen shows: the news as it comes, the screen as text, the state for programs.

use bevy::prelude::*;

use super::shelf::Browser;
use super::{fault, page};
use crate::app::bench::Bench;
use crate::app::board::MapSight;
use crate::app::codex::CodexScreen;
use crate::app::control::Play;
use crate::app::learn::{Learn, Tips};
use crate::app::mirror::{self, Drawn};
use crate::app::prefs::{Prefs, StillWished};
use crate::app::session::{Scene, Session};
use crate::app::settings::SettingsMenu;
use crate::app::shell::Overlay;
use crate::app::title::TitleMenu;
use crate::app::{Screen, Stage};
use crate::profile::Shelf as _;
use crate::raid::Tone;

/// Frames until the first picture is surely on the screen.
const FRAMES_TO_SHOW: u32 = 3;

/// The key under which it stands that the game is starting.
const STARTING: &str = "starting";

/// True if the game began to start on the last visit and never came to its first picture.
pub(super) fn broke_before() -> bool {
    Browser
        .read(STARTING)
        .is_ok_and(|text| text.as_deref() == Some("panic"))
}

/// Notes that the game starts: a panic from now until the first picture will be remembered.
pub(super) fn begins() {
    fault::mark(STARTING);
}

/// Says once that there is something to see.
fn ready(mut frames: Local<u32>) {
    if *frames < FRAMES_TO_SHOW {
        *frames += 1;
        if *frames == FRAMES_TO_SHOW {
            page::call("ready", &[]);
            fault::unmark();
        }
    }
}

/// Follows the page's wish for stillness.
fn stillness(mut wished: ResMut<StillWished>) {
    wished.set_if_neq(StillWished(page::flag("reducedMotion")));
}

/// What was told last.
#[derive(Default)]
struct Told {
    news: u64,
    raid: Option<(u64, String)>,
    state: String,
    text: String,
    fragment: Option<String>,
    learn: u64,
    tips: Vec<String>,
}

fn tell(
    session: Res<Session>,
    scene: Res<Scene>,
    screen: Res<State<Screen>>,
    overlay: Res<Overlay>,
    menus: (
        Res<TitleMenu>,
        Res<SettingsMenu>,
        Res<CodexScreen>,
        Res<Bench>,
        Res<Learn>,
        Res<Tips>,
    ),
    prefs: Res<Prefs>,
    sight: MapSight,
    mut told: Local<Told>,
    mut shown: Local<Option<(u64, u64, Screen, Overlay, Option<IVec2>)>>,
) {
    let screen = *screen.get();
    let play = session
        .play
        .as_ref()
        .filter(|_| matches!(screen, Screen::Raid | Screen::End));
    let place = play.and_then(|play| sight.place_of(play.view().me.cell));
    let now = (
        session.revision,
        scene.revision,
        screen,
        *overlay,
        place.map(Vec2::as_ivec2),
    );
    let (menu, settings, codex, bench, learn, tips) = &menus;
    let changed =
        menu.is_changed() || settings.is_changed() || codex.is_changed() || bench.is_changed();
    let learned = told.learn != learn.revision || tips.is_changed();
    let same = !changed && !learned && !prefs.is_changed();
    if *shown == Some(now) && same {
        return;
    }
    *shown = Some(now);
    told.learn = learn.revision;
    news(play, &mut told);
    let tips_now = tips.text(&prefs);
    for tip in tips_now.iter().filter(|tip| !told.tips.contains(tip)) {
        page::call("say", &[tip.as_str().into(), false.into()]);
    }
    told.tips = tips_now;
    let drawn = place.map(|at| Drawn {
        x: at.x as i32,
        y: at.y as i32,
        cell: sight.pixels(),
    });
    let status = mirror::status(screen, *overlay, play, drawn, learn.desk.as_ref());
    if let Ok(state) = serde_json::to_string(&status)
        && told.state != state
    {
        page::call("state", &[state.as_str().into()]);
        told.state = state;
        fault::remember(play);
    }
    let problem = session.problem.as_deref();
    let lines = mirror::describe(
        screen,
        *overlay,
        play,
        (&**menu, &**settings, &**codex, &**bench, &**learn, &**tips),
        &prefs,
        problem,
    );
    let text = lines.join("\n");
    if told.text != text {
        let announce = |line: &str| page::call("announce", &[line.into()]);
        let lesson = learn.desk.is_some() && screen == Screen::Learn;
        let desk = lesson || screen == Screen::Bench;
        if *overlay == Overlay::None && desk {
            mirror::answered(&told.text, &lines).for_each(announce);
        } else if *overlay != Overlay::None || play.is_none() {
            mirror::spoken(&told.text, &lines).for_each(announce);
        }
        page::call("describe", &[text.as_str().into()]);
        told.text = text;
    }
    // The address leads back to where one is.
    let fragment = match play {
        Some(play) if !play.replays() => play.link().unwrap_or_default(),
        Some(_) => return,
        // In a class a lesson's link leads back to it; elsewhere it would take the game around the lessons away.
        None if learn.classroom => match (&learn.desk, screen) {
            (_, Screen::Bench) => "lesson=sandbox".to_owned(),
            (Some(desk), _) => format!("lesson={}", desk.view().id),
            (None, _) => return,
        },
        None if told.fragment.is_none() => return,
        None => String::new(),
    };
    if told.fragment.as_ref() != Some(&fragment) {
        page::set_fragment(&fragment);
        told.fragment = Some(fragment);
    }
}

/// Says what is new in the log.
fn news(play: Option<&Play>, told: &mut Told) {
    let Some(play) = play else {
        told.raid = None;
        return;
    };
    let log = &play.log;
    let raid = (play.view().seed, play.view().zone.clone());
    if told.raid.as_ref() != Some(&raid) || log.written() < told.news {
        told.raid = Some(raid);
        // Of a raid that is taken up only the last few lines are read out.
        told.news = log.written().saturating_sub(4);
    }
    for line in log.since(told.news) {
        let urgent = matches!(line.tone, Tone::Danger);
        page::call("say", &[line.text.as_str().into(), urgent.into()]);
    }
    told.news = log.written();
}

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Update, (stillness.before(Stage::Input), ready))
        .add_systems(Update, tell.after(Stage::Draw));
}
