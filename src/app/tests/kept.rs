//! What outlives the window: an unfinished raid is taken up again, and a recording is shown.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use bevy::input::keyboard::Key;
use bevy::prelude::*;

use super::driver::{
    app, app_with, commands, options, play, press, rules, screen, setup, type_char,
};
use crate::app::control::Auto;
use crate::app::session::Session;
use crate::app::title::TitleMenu;
use crate::app::{Options, Screen, Start};
use crate::bot::by_name;
use crate::journal::Journal;
use crate::profile::{Keeper, MemoryShelf, Shelf, ShelfError};
use crate::raid::Raid;

/// A shelf that can be told to refuse.
#[derive(Debug, Clone, Default)]
struct Moody {
    shelf: MemoryShelf,
    refuses: Arc<AtomicBool>,
}

impl Shelf for Moody {
    fn read(&self, key: &str) -> Result<Option<String>, ShelfError> {
        self.shelf.read(key)
    }

    fn write(&self, key: &str, text: &str) -> Result<(), ShelfError> {
        if self.refuses.load(Ordering::Relaxed) {
            return Err(ShelfError::Full("QuotaExceededError".into()));
        }
        self.shelf.write(key, text)
    }
}

/// Options over a shelf that outlives the app.
fn over(shelf: &MemoryShelf, start: Start) -> Options {
    Options {
        keeper: Arc::new(Mutex::new(Keeper::open(shelf.clone()))),
        ..options(start)
    }
}

/// A raid as a bot played it to its end.
fn recording(seed: u64) -> Journal {
    let mut raid = Raid::new(rules(), setup(seed)).expect("a raid");
    let mut journal = Journal::begin(&raid);
    let mut bot = by_name("careful", seed).expect("a bot");
    while raid.outcome().is_none() {
        let command = bot.next(raid.view());
        raid.step(command).expect("bots know the rules");
        journal.record(command, &raid);
    }
    journal
}

#[test]
fn a_raid_left_unfinished_goes_on_where_it_was() {
    let shelf = MemoryShelf::new();
    let mut first = app_with(over(&shelf, Start::Raid(setup(7))));
    for _ in 0..5 {
        type_char(&mut first, '.');
    }
    let (hash, log) = (
        play(&first).raid().state_hash(),
        play(&first).log.newest().count(),
    );
    drop(first);
    let mut second = app_with(over(&shelf, Start::Title));
    assert_eq!(screen(&second), Screen::Title);
    type_char(&mut second, 'c');
    second.update();
    assert_eq!(screen(&second), Screen::Raid);
    assert_eq!(play(&second).raid().state_hash(), hash);
    assert_eq!(play(&second).log.newest().count(), log);
    assert_eq!(commands(&second).len(), 5);
    // The same raid asked for from outside is that raid, not a new one.
    let third = app_with(over(&shelf, Start::Raid(setup(7))));
    assert_eq!(play(&third).raid().state_hash(), hash);
}

#[test]
fn another_raid_asked_for_does_not_cost_the_unfinished_one() {
    let shelf = MemoryShelf::new();
    let mut first = app_with(over(&shelf, Start::Raid(setup(7))));
    type_char(&mut first, '.');
    drop(first);
    let mut second = app_with(over(&shelf, Start::Raid(setup(8))));
    assert_eq!(screen(&second), Screen::Title);
    *second.world_mut().resource_mut::<TitleMenu>() = TitleMenu::new(true, true, false);
    press(&mut second, Key::ArrowDown);
    press(&mut second, Key::Enter);
    assert_eq!(screen(&second), Screen::Title, "asked for once");
    press(&mut second, Key::Enter);
    second.update();
    assert_eq!(play(&second).raid().setup(), &setup(8));
}

#[test]
fn a_raid_that_is_over_counts_and_nothing_is_left_to_go_on_with() {
    let shelf = MemoryShelf::new();
    let mut app = app_with(over(&shelf, Start::Raid(setup(7))));
    while !play(&app).over() {
        type_char(&mut app, '.');
    }
    drop(app);
    let keeper = Keeper::open(shelf);
    assert_eq!(keeper.profile().unfinished, None);
    let runs = keeper.profile().runs();
    assert_eq!(runs.len(), 1);
    assert_eq!((runs[0].seed, runs[0].pages), (7, 0));
}

#[test]
fn a_shelf_that_refuses_is_told_once_and_the_raid_goes_on() {
    let shelf = Moody::default();
    shelf.refuses.store(true, Ordering::Relaxed);
    let mut app = app_with(Options {
        keeper: Arc::new(Mutex::new(Keeper::open(shelf.clone()))),
        ..options(Start::Raid(setup(7)))
    });
    for _ in 0..3 {
        type_char(&mut app, '.');
    }
    assert_eq!(commands(&app).len(), 3);
    let told = play(&app)
        .log
        .newest()
        .filter(|line| line.text.contains("Nothing is kept"))
        .count();
    assert_eq!(told, 1);
    shelf.refuses.store(false, Ordering::Relaxed);
    type_char(&mut app, '.');
    assert!(shelf.read("profile").expect("it answers").is_some());
}

#[test]
fn a_recording_shows_every_turn_and_ends_as_the_raid_did() {
    let journal = recording(3);
    let mut app = app_with(options(Start::Replay(Box::new(journal.clone()))));
    assert_eq!(screen(&app), Screen::Raid);
    // It stands still, goes forward and back, and on by itself.
    type_char(&mut app, '.');
    let shown = commands(&app).len();
    press(&mut app, Key::ArrowRight);
    press(&mut app, Key::ArrowRight);
    assert_eq!(
        play(&app).raid().state_hash(),
        journal.turns[shown + 1].hash
    );
    press(&mut app, Key::ArrowLeft);
    assert_eq!(play(&app).raid().state_hash(), journal.turns[shown].hash);
    assert_eq!(play(&app).auto, None);
    type_char(&mut app, 'g');
    assert_eq!(commands(&app).len(), shown + 1, "nobody plays in a replay");
    for _ in 0..4 {
        press(&mut app, Key::ArrowUp);
    }
    type_char(&mut app, '.');
    assert_eq!(play(&app).auto, Some(Auto::Replay));
    for _ in 0..5000 {
        if screen(&app) == Screen::End {
            break;
        }
        app.update();
    }
    assert_eq!(screen(&app), Screen::End);
    assert_eq!(play(&app).raid().state_hash(), journal.last_hash());
    assert_eq!(play(&app).journal(), &journal);
}

#[test]
fn watching_changes_nothing_that_is_kept() {
    let shelf = MemoryShelf::new();
    let mut app = app_with(over(&shelf, Start::Replay(Box::new(recording(3)))));
    for _ in 0..4 {
        press(&mut app, Key::ArrowRight);
    }
    assert_eq!(shelf.read("profile").expect("it answers"), None);
}

#[test]
fn what_was_wrong_with_a_link_is_said_on_the_title() {
    let app = app_with(Options {
        notice: Some("the link: found \"x\"".into()),
        ..options(Start::Title)
    });
    assert_eq!(screen(&app), Screen::Title);
    let problem = &app.world().resource::<Session>().problem;
    assert_eq!(problem.as_deref(), Some("the link: found \"x\""));
}

#[test]
fn a_title_without_anything_left_offers_no_continue() {
    let mut app = app(None);
    type_char(&mut app, 'c');
    assert_eq!(screen(&app), Screen::Title);
}
