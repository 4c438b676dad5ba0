//! Lessons in the window: left and taken up again, alone in a classroom, and what newcomers are told.

use std::sync::{Arc, Mutex};

use bevy::input::keyboard::Key;
use bevy::prelude::*;

use super::driver::{app, app_with, options, press, screen, type_char};
use crate::app::input::{Intent, Intents};
use crate::app::learn::{Learn, Tips};
use crate::app::prefs::Prefs;
use crate::app::session::Session;
use crate::app::title::TitleMenu;
use crate::app::{Options, Screen, Start};
use crate::guide::Goal;
use crate::lesson::Step;
use crate::lesson::desk::{Control, Desk};
use crate::profile::{Keeper, MemoryShelf};

fn desk(app: &App) -> &Desk {
    let learn = app.world().resource::<Learn>();
    learn.desk.as_ref().expect("a lesson is played")
}

/// Does what a button or a click on the map says.
fn click(app: &mut App, intent: Intent) {
    app.world_mut()
        .resource_mut::<Intents>()
        .0
        .push_back(intent);
    app.update();
}

fn click_on(app: &mut App, wanted: &Control) {
    let rows = desk(app).rows();
    let place = rows.iter().flatten().position(|control| control == wanted);
    let place = place.unwrap_or_else(|| panic!("no {wanted:?} among {rows:?}"));
    click(app, Intent::Entry(place as u8));
}

/// From the title to the list.
fn to_lessons(app: &mut App) {
    let at_learn = |app: &App| {
        let menu = app.world().resource::<TitleMenu>();
        let entries = menu.entries(app.world().resource::<Prefs>());
        entries[usize::from(menu.at)].0 == "Learn"
    };
    while !at_learn(app) {
        press(app, Key::ArrowDown);
    }
    press(app, Key::Enter);
    app.update();
    app.update();
    assert_eq!(screen(app), Screen::Learn);
}

fn type_line(app: &mut App, line: &str) {
    for c in line.chars() {
        if c == ' ' {
            press(app, Key::Space);
        } else {
            type_char(app, c);
        }
    }
    press(app, Key::Enter);
}

#[test]
fn a_lesson_that_is_left_goes_on_where_it_was() {
    let shelf = MemoryShelf::new();
    let over = |start| Options {
        keeper: Arc::new(Mutex::new(Keeper::open(shelf.clone()))),
        ..options(start)
    };
    let mut app = app_with(over(Start::Title));
    to_lessons(&mut app);
    click(&mut app, Intent::Entry(1));
    assert_eq!(desk(&app).view().id, "split");
    type_line(&mut app, "5");
    click_on(&mut app, &Control::Hint);
    let before = desk(&app).view().clone();
    assert!(!before.hints.is_empty());
    press(&mut app, Key::Escape);
    assert_eq!(screen(&app), Screen::Learn);
    assert!(app.world().resource::<Learn>().desk.is_none());
    press(&mut app, Key::Escape);
    app.update();
    assert_eq!(screen(&app), Screen::Title);
    // Another day.
    let mut app = app_with(over(Start::Title));
    to_lessons(&mut app);
    click(&mut app, Intent::Entry(1));
    assert_eq!(desk(&app).view(), &before);
}

#[test]
fn letters_are_typed_where_a_call_is_made_and_keys_go_back_to_what_they_mean() {
    let mut app = app_with(options(Start::Lesson("lists".into())));
    app.update();
    let steps = desk(&app).session().lesson().steps.clone();
    for step in &steps[..steps.len() - 1] {
        if let Step::Predict(predict) = step {
            click(&mut app, Intent::Frame(predict.ask.answer()));
        }
        press(&mut app, Key::Enter);
    }
    // "b" would be sound, "?" help, "n" a new raid.
    for c in "b?nQ".chars() {
        type_char(&mut app, c);
    }
    assert_eq!(desk(&app).line(), "b?nQ");
    for _ in 0..4 {
        press(&mut app, Key::Backspace);
    }
    type_char(&mut app, 'a');
    press(&mut app, Key::Tab);
    assert_eq!(desk(&app).line(), "alloc_page");
    assert_eq!(screen(&app), Screen::Learn);
}

#[test]
fn in_a_classroom_there_is_no_game_around_the_lessons() {
    let mut app = app_with(options(Start::Lesson("merge".into())));
    app.update();
    assert_eq!(screen(&app), Screen::Learn);
    assert_eq!(desk(&app).view().id, "merge");
    press(&mut app, Key::Escape);
    assert!(app.world().resource::<Learn>().desk.is_none());
    for key in ["n", "c", "z", "t", "r"] {
        press(&mut app, Key::Character(key.into()));
        app.update();
        assert_eq!(screen(&app), Screen::Learn, "{key}");
    }
    // Esc leaves the program, not to the title.
    press(&mut app, Key::Escape);
    app.update();
    assert_eq!(screen(&app), Screen::Learn);
}

#[test]
fn who_is_new_is_led_through_a_first_raid_and_told_each_thing_once() {
    let shelf = MemoryShelf::new();
    let over = || Options {
        keeper: Arc::new(Mutex::new(Keeper::open(shelf.clone()))),
        ..options(Start::Title)
    };
    let mut app = app_with(over());
    press(&mut app, Key::Enter);
    app.update();
    app.update();
    assert_eq!(screen(&app), Screen::Raid);
    let tips = |app: &App| app.world().resource::<Tips>().clone();
    assert_eq!(tips(&app).goal, Some(Goal::Walk));
    let (first, _) = tips(&app).tip.expect("something is told");
    click(&mut app, Intent::Dismiss);
    assert_eq!(tips(&app).tip, None, "a click takes it away");
    for _ in 0..4 {
        type_char(&mut app, '.');
    }
    assert_ne!(tips(&app).goal, Some(Goal::Walk));
    drop(app);
    // Another day, another raid: nothing is told twice, and nobody is led.
    let mut app = app_with(over());
    let session = app.world_mut().resource_mut::<Session>();
    assert!(session.was_told(first.key()));
    let mut app = app_with(Options {
        keeper: Arc::new(Mutex::new(Keeper::open(shelf.clone()))),
        ..options(Start::Raid(super::driver::setup(9)))
    });
    app.update();
    type_char(&mut app, '.');
    assert_eq!(tips(&app).goal, None);
    assert_ne!(tips(&app).tip.map(|(tip, _)| tip), Some(first));
}

#[test]
fn hints_can_be_turned_off() {
    let mut app = app(None);
    let mut session = app.world_mut().resource_mut::<Session>();
    let settings = session.change_settings(|settings| settings.tips.0 = false);
    app.world_mut().resource_mut::<Prefs>().follow(&settings);
    press(&mut app, Key::Enter);
    app.update();
    app.update();
    assert_eq!(screen(&app), Screen::Raid);
    assert_eq!(app.world().resource::<Tips>().tip, None);
}

#[test]
fn a_link_to_no_lesson_says_so_and_shows_those_there_are() {
    let mut app = app_with(options(Start::Lesson("alchemy".into())));
    app.update();
    let learn = app.world().resource::<Learn>();
    assert!(learn.desk.is_none());
    assert!(
        learn
            .said
            .as_ref()
            .is_some_and(|said| said.contains("alchemy"))
    );
    assert!(learn.entries() > 10);
}
