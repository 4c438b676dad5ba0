//! The window without a window: real key messages go in, and what a raid does with them is checked.

mod bench;
mod codex;
mod driver;
mod frames;
mod hands;
mod kept;
mod layout;
mod learn;
mod lessons;
mod settings;
mod window;

use bevy::input::keyboard::Key;
use bevy::prelude::*;

use super::control::{Act, Auto, Mode};
use super::input::{Intent, Intents};
use super::session::Session;
use super::shell::Overlay;
use super::title::TitleMenu;
use super::{Options, Screen, Start};
use crate::bot::by_name;
use crate::labyrinth::Dir;
use crate::raid::plan::{self, Tolls, Ways};
use crate::raid::{Command, Item, Loadout, Setup};
use driver::{
    about_to_grab, app, app_with, commands, options, play, press, screen, send, type_char,
};
pub(super) use driver::{play_of_a_raid, rules, setup, view_of_a_raid};

#[test]
fn a_second_press_commits_a_grab_once() {
    let mut app = about_to_grab();
    let before = commands(&app).len();
    type_char(&mut app, 'g');
    assert_eq!(play(&app).mode, Mode::Confirm(Act::Grab));
    assert_eq!(commands(&app).len(), before, "a preview costs no turn");
    type_char(&mut app, 'g');
    assert_eq!(commands(&app)[before..], [Command::Grab]);
    assert_eq!(play(&app).mode, Mode::Walk);
}

#[test]
fn another_key_cancels_a_grab_and_the_next_press_previews_again() {
    for other in [
        Key::Escape,
        Key::Character("x".into()),
        Key::Character(";".into()),
        Key::Tab,
    ] {
        let mut app = about_to_grab();
        let before = commands(&app).len();
        type_char(&mut app, 'g');
        press(&mut app, other.clone());
        assert_ne!(play(&app).mode, Mode::Confirm(Act::Grab), "{other:?}");
        press(&mut app, Key::Escape);
        if *app.world().resource::<Overlay>() != Overlay::None {
            press(&mut app, Key::Escape);
        }
        type_char(&mut app, 'g');
        assert_eq!(play(&app).mode, Mode::Confirm(Act::Grab));
        assert_eq!(
            commands(&app).len(),
            before,
            "{other:?} committed something"
        );
    }
}

#[test]
fn sound_goes_off_and_on_anywhere_without_a_turn() {
    let mut app = about_to_grab();
    let before = commands(&app).len();
    let muted = |app: &App| app.world().resource::<Session>().volumes().muted;
    assert!(!muted(&app));
    type_char(&mut app, 'g');
    type_char(&mut app, 'b');
    assert!(muted(&app));
    assert_eq!(
        play(&app).mode,
        Mode::Confirm(Act::Grab),
        "nothing is cancelled"
    );
    press(&mut app, Key::Escape);
    press(&mut app, Key::Escape);
    type_char(&mut app, 'b');
    assert!(!muted(&app), "also while the raid waits");
    assert_eq!(commands(&app).len(), before);
}

#[test]
fn two_presses_within_one_frame_count_as_two() {
    let mut app = about_to_grab();
    let before = commands(&app).len();
    let mut intents = app.world_mut().resource_mut::<Intents>();
    intents.0.extend([Intent::Grab, Intent::Grab]);
    app.update();
    assert_eq!(commands(&app)[before..], [Command::Grab]);
}

#[test]
fn clear_takes_a_direction_and_repeats_until_the_work_is_done() {
    let mut worked = false;
    for seed in 1..30 {
        let mut app = app(Some(setup(seed)));
        let view = play(&app).view();
        let Some(dir) = Dir::ALL
            .into_iter()
            .find(|&dir| plan::describe_clear(view, Some(dir)).is_ok())
        else {
            continue;
        };
        send(&mut app, Command::Clear(Some(dir)));
        assert_eq!(commands(&app), [Command::Clear(Some(dir))]);
        if let Some(Auto::Repeat(command)) = play(&app).auto {
            worked = true;
            assert_eq!(command, Command::Clear(Some(dir)));
            for _ in 0..30 {
                app.update();
            }
            assert!(commands(&app).len() > 1, "work goes on by itself");
            assert!(commands(&app).iter().all(|&done| done == command));
            assert_eq!(play(&app).auto, None);
        }
    }
    assert!(worked, "no seed began with work of more than one turn");
}

#[test]
fn a_click_travels_and_stops_at_news() {
    let mut stopped = false;
    let mut arrived = false;
    for seed in 1..30 {
        let mut app = app(Some(setup(seed)));
        let view = play(&app).view();
        let ways = Ways::new(view, Tolls::default());
        let far = view
            .grid
            .cells()
            .filter_map(|cell| ways.route(cell).map(|route| (route, cell)))
            .filter(|(route, _)| route.faults == 0 && route.unknown == 0)
            .max_by_key(|(route, _)| route.steps.len());
        let Some((route, goal)) = far.filter(|(route, _)| route.steps.len() > 2) else {
            continue;
        };
        app.world_mut()
            .resource_mut::<Intents>()
            .0
            .push_back(Intent::Point(goal));
        for _ in 0..4 * route.steps.len() + 8 {
            app.update();
        }
        assert_eq!(play(&app).auto, None);
        let turns = commands(&app).len();
        if play(&app).view().me.cell == goal {
            arrived = true;
            assert!(turns >= 2);
        } else {
            stopped = true;
            let told = play(&app).log.newest().next().map(|line| line.turn);
            let newcomer = play(&app)
                .view()
                .bodies
                .iter()
                .any(|body| body.turn == play(&app).view().turn);
            assert!(
                newcomer || told == Some(turns as u32),
                "it stopped for no reason"
            );
        }
    }
    assert!(arrived && stopped, "arrived {arrived}, stopped {stopped}");
}

#[test]
fn a_way_over_kernel_memory_wants_a_second_click() {
    let mut checked = false;
    for seed in 1..60 {
        let mut app = app(Some(setup(seed)));
        let view = play(&app).view();
        let ways = Ways::new(view, Tolls::default());
        let priced = view.grid.cells().find(|&cell| {
            ways.route(cell)
                .is_some_and(|route| route.faults > 0 && route.unknown == 0)
        });
        let Some(goal) = priced else {
            continue;
        };
        let click = |app: &mut App| {
            app.world_mut()
                .resource_mut::<Intents>()
                .0
                .push_back(Intent::Point(goal));
            app.update();
        };
        click(&mut app);
        assert!(commands(&app).is_empty());
        click(&mut app);
        assert_eq!(commands(&app).len(), 1);
        checked = true;
    }
    assert!(checked, "no seed began in sight of kernel memory");
}

#[test]
fn any_key_stops_what_goes_on_by_itself() {
    let mut app = app(Some(setup(7)));
    app.world_mut()
        .resource_mut::<Session>()
        .play
        .as_mut()
        .expect("a raid")
        .auto = Some(Auto::Repeat(Command::Wait));
    press(&mut app, Key::Escape);
    assert_eq!(play(&app).auto, None);
    assert_eq!(
        *app.world().resource::<Overlay>(),
        Overlay::None,
        "Esc only stopped it"
    );
}

#[test]
fn the_end_is_told_and_retry_keeps_the_seed() {
    let mut app = about_to_grab();
    let seed = play(&app).raid().setup().seed;
    // Grab until it kills, or the raid ends otherwise.
    let mut bot = by_name("greedy", seed).expect("a bot");
    while !play(&app).over() {
        let command = bot.next(play(&app).view());
        send(&mut app, command);
    }
    assert_eq!(
        screen(&app),
        Screen::Raid,
        "the last sight stays for a moment"
    );
    for _ in 0..30 {
        app.update();
    }
    assert_eq!(screen(&app), Screen::End);
    type_char(&mut app, 'r');
    app.update();
    assert_eq!(screen(&app), Screen::Raid);
    assert_eq!(play(&app).raid().setup().seed, seed);
    assert_eq!(play(&app).raid().turn(), 0);
}

#[test]
fn a_typed_seed_starts_that_raid() {
    let mut app = app(None);
    assert_eq!(screen(&app), Screen::Title);
    for c in "421".chars() {
        type_char(&mut app, c);
    }
    press(&mut app, Key::Backspace);
    assert_eq!(app.world().resource::<TitleMenu>().typed(), Some(42));
    press(&mut app, Key::Enter);
    app.update();
    assert_eq!(screen(&app), Screen::Raid);
    assert_eq!(play(&app).raid().setup().seed, 42);
}

#[test]
fn a_raid_is_begun_anew_only_when_asked_twice() {
    let mut app = app(Some(setup(7)));
    type_char(&mut app, '.');
    press(&mut app, Key::Escape);
    type_char(&mut app, 'r');
    assert!(matches!(
        *app.world().resource::<Overlay>(),
        Overlay::Pause { sure: true, .. }
    ));
    assert_eq!(commands(&app).len(), 1);
    type_char(&mut app, 'r');
    assert_eq!(*app.world().resource::<Overlay>(), Overlay::None);
    assert!(commands(&app).is_empty());
}

#[test]
fn pausing_and_help_let_no_turn_pass() {
    let mut app = app(Some(setup(7)));
    press(&mut app, Key::Escape);
    assert_eq!(
        *app.world().resource::<Overlay>(),
        Overlay::Pause { at: 0, sure: false }
    );
    type_char(&mut app, '.');
    assert_eq!(
        *app.world().resource::<Overlay>(),
        Overlay::None,
        "Space and . choose the first entry"
    );
    type_char(&mut app, '?');
    type_char(&mut app, 'x');
    assert_eq!(*app.world().resource::<Overlay>(), Overlay::None);
    assert!(commands(&app).is_empty());
}

#[test]
fn the_journal_on_disk_is_whole_after_each_turn() {
    let path = std::env::temp_dir().join(format!("labyrinth-app-{}.journal", std::process::id()));
    let mut app = app_with(Options {
        journal: Some(path.clone()),
        ..options(Start::Raid(setup(7)))
    });
    for turns in 0..4 {
        let text = std::fs::read_to_string(&path).expect("the journal is there");
        let journal = crate::journal::Journal::parse(&text).expect("the journal reads back");
        assert_eq!(journal.turns.len(), turns);
        type_char(&mut app, '.');
    }
    std::fs::remove_file(&path).expect("the journal can be removed");
}

#[test]
fn what_was_brought_is_chosen_and_used_by_keys() {
    let loadout = Loadout::of([Item::Scan, Item::DropCaches]).expect("one of each");
    let mut app = app(Some(Setup {
        loadout,
        ..setup(7)
    }));
    type_char(&mut app, 'u');
    assert_eq!(play(&app).mode, Mode::ChooseItem(0));
    assert!(commands(&app).is_empty(), "choosing takes no turn");
    press(&mut app, Key::ArrowDown);
    let (item, left) = play(&app).usable()[1];
    type_char(&mut app, 'u');
    assert_eq!(commands(&app), [Command::Use(item, None)]);
    assert_eq!(play(&app).usable()[1], (item, left - 1));
    // Any other key cancels.
    type_char(&mut app, 'u');
    press(&mut app, Key::Escape);
    assert_eq!(play(&app).mode, Mode::Walk);
    assert_eq!(commands(&app).len(), 1);
}
