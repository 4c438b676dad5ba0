//! A whole raid to its extraction with loot by each kind of hand: keys, mouse, fingers, a gamepad.

use std::sync::LazyLock;

use bevy::prelude::*;

use super::driver::{commands, options, play, rules, screen, send, setup};
use super::window::{Spot, click, pad, point, slide, touch, window};
use crate::app::board::Zoom;
use crate::app::control::{Act, Mode};
use crate::app::input::Intent;
use crate::app::prefs::Prefs;
use crate::app::shell::{Overlay, pause_entries};
use crate::app::title::TitleMenu;
use crate::app::{Screen, Start};
use crate::bot::by_name;
use crate::journal::Journal;
use crate::labyrinth::Dir;
use crate::phrases::Phrase;
use crate::raid::{Command, Outcome, Raid};
use crate::settings::gamepad::{Button as PadButton, HELD};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hands {
    Keys,
    Mouse,
    Fingers,
    Pad,
}

/// Frames a finger rests for a tap.
const TAP: u32 = 2;
/// Frames a finger rests to look.
const LONG: u32 = 12;

/// A raid to win, sought once.
static WINNING: LazyLock<Journal> = LazyLock::new(winning);

/// The shortest raid among some that a fair bot ends with loot, and in which work is never broken off.
fn winning() -> Journal {
    let mut best: Option<Journal> = None;
    for seed in 1..30 {
        for name in ["careful", "greedy"] {
            let mut raid = Raid::new(rules(), setup(seed)).expect("a raid");
            let mut journal = Journal::begin(&raid);
            let mut bot = by_name(name, seed).expect("a bot");
            let mut working: Option<Command> = None;
            let mut steady = true;
            while raid.outcome().is_none() && journal.turns.len() < 300 {
                let command = bot.next(raid.view());
                steady &= working.is_none_or(|work| work == command);
                steady &= !matches!(command, Command::Use(..));
                // What a bot could not see, as a door that was locked meanwhile, breaks its plan off.
                if raid.step(command).is_err() {
                    steady = false;
                    break;
                }
                journal.record(command, &raid);
                let unfinished = raid.view().me.work.is_some_and(|(_, left)| left > 0);
                working = unfinished.then_some(command);
            }
            let loot = raid.outcome().is_some_and(|outcome| outcome.pages() > 0);
            let shorter = best
                .as_ref()
                .is_none_or(|best| journal.turns.len() < best.turns.len());
            if steady && loot && shorter {
                best = Some(journal);
            }
        }
    }
    best.expect("a bot wins one of so many raids")
}

/// Presses a spot of the window once.
fn poke(app: &mut App, hands: Hands, spot: Spot) {
    match hands {
        Hands::Mouse => click(app, spot, MouseButton::Left),
        Hands::Fingers => touch(app, spot, TAP),
        Hands::Keys | Hands::Pad => panic!("{hands:?} have nothing to point with"),
    }
}

/// Gives a command with what points.
fn give(app: &mut App, hands: Hands, command: Command) {
    let me = play(app).view().me.cell;
    let next = |app: &App, dir| {
        let grid = play(app).view().grid;
        grid.step(me, dir).expect("there is a cell on that side")
    };
    let turn = |app: &App| commands(app).len();
    let before = turn(app);
    let twice = |app: &mut App, spot| {
        poke(app, hands, spot);
        assert_eq!(turn(app), before, "{command} was not asked about");
        poke(app, hands, spot);
    };
    match command {
        Command::Step(dir) => {
            let spot = Spot::Map(next(app, dir));
            poke(app, hands, spot);
            // A way that has a price is asked about.
            if turn(app) == before {
                poke(app, hands, spot);
            }
        }
        Command::Wait => poke(app, hands, Spot::Button(Intent::Wait)),
        Command::Clear(dir) => {
            poke(app, hands, Spot::Button(Intent::Clear));
            let cell = dir.map_or(me, |dir| next(app, dir));
            poke(app, hands, Spot::Map(cell));
        }
        Command::Grab if hands == Hands::Mouse => twice(app, Spot::Map(me)),
        Command::Grab => twice(app, Spot::Button(Intent::Grab)),
        Command::Isolate => twice(app, Spot::Button(Intent::Isolate)),
        Command::Free(_) => twice(app, Spot::Button(Intent::Free)),
        Command::Extract => poke(app, hands, Spot::Map(me)),
        Command::Use(..) => panic!("nothing was brought"),
    }
}

/// Gives a command with a gamepad.
fn give_by_pad(app: &mut App, command: Command) {
    let arrow = |dir| match dir {
        Dir::North => PadButton::Up,
        Dir::East => PadButton::Right,
        Dir::South => PadButton::Down,
        Dir::West => PadButton::Left,
    };
    match command {
        Command::Step(dir) => pad(app, &[], &[arrow(dir)]),
        Command::Wait => pad(app, &[], &[PadButton::ShoulderRight]),
        Command::Clear(Some(dir)) => pad(app, &[], &[PadButton::FaceUp, arrow(dir)]),
        Command::Clear(None) => pad(app, &[], &[PadButton::FaceUp; 2]),
        Command::Grab => pad(app, &[], &[PadButton::FaceLeft; 2]),
        Command::Extract => pad(app, &[], &[PadButton::TriggerRight]),
        Command::Free(_) => pad(app, &[HELD], &[PadButton::FaceLeft; 2]),
        Command::Isolate => pad(app, &[HELD], &[PadButton::FaceUp; 2]),
        Command::Use(..) => panic!("nothing was brought"),
    }
}

/// Plays the whole of it and checks every turn.
fn plays_to_the_end(hands: Hands) {
    let journal = &*WINNING;
    let mut app = window(options(Start::Raid(journal.setup.clone())));
    for (at, wanted) in journal.turns.iter().enumerate() {
        // Work goes on by itself.
        for _ in 0..20 {
            if play(&app).auto.is_none() || commands(&app).len() > at {
                break;
            }
            app.update();
        }
        if commands(&app).len() == at {
            match hands {
                Hands::Keys => send(&mut app, wanted.command),
                Hands::Pad => give_by_pad(&mut app, wanted.command),
                Hands::Mouse | Hands::Fingers => give(&mut app, hands, wanted.command),
            }
        }
        let turns = &play(&app).journal().turns;
        let got = turns.get(at).map(|entry| (entry.command, entry.hash));
        assert_eq!(
            got,
            Some((wanted.command, wanted.hash)),
            "turn {at} by {hands:?}"
        );
    }
    for _ in 0..60 {
        app.update();
    }
    assert_eq!(screen(&app), Screen::End);
    let outcome = play(&app).raid().outcome().cloned();
    assert!(
        matches!(&outcome, Some(Outcome::Extracted { loot, .. }) if !loot.is_empty()),
        "{outcome:?}"
    );
}

#[test]
fn a_raid_is_won_by_keys_alone() {
    plays_to_the_end(Hands::Keys);
}

#[test]
fn a_raid_is_won_by_the_mouse_alone() {
    plays_to_the_end(Hands::Mouse);
}

#[test]
fn a_raid_is_won_by_fingers_alone() {
    plays_to_the_end(Hands::Fingers);
}

#[test]
fn a_raid_is_won_by_a_gamepad_alone() {
    plays_to_the_end(Hands::Pad);
}

#[test]
fn a_long_press_looks_and_a_right_click_as_well() {
    let mut app = window(options(Start::Raid(setup(7))));
    let me = play(&app).view().me.cell;
    touch(&mut app, Spot::Map(me), LONG);
    assert_eq!(play(&app).mode, Mode::Look(me));
    let mut app = window(options(Start::Raid(setup(7))));
    click(&mut app, Spot::Map(me), MouseButton::Right);
    assert_eq!(play(&app).mode, Mode::Look(me));
    assert!(commands(&app).is_empty(), "looking takes no turn");
}

#[test]
fn a_finger_that_slides_pushes_a_list_and_presses_nothing() {
    let mut app = window(options(Start::Title));
    let at = |app: &App| app.world().resource::<TitleMenu>().at;
    slide(
        &mut app,
        Spot::Button(Intent::Entry(4)),
        Vec2::new(3.0, -70.0),
    );
    assert_eq!(screen(&app), Screen::Title, "nothing was chosen");
    let down = at(&app);
    assert!(down > 0, "pushed up, the list goes on");
    slide(
        &mut app,
        Spot::Button(Intent::Entry(4)),
        Vec2::new(0.0, 40.0),
    );
    assert!(at(&app) < down, "and pushed down it goes back");
    // Over the map the same slide is nothing.
    let mut app = window(options(Start::Raid(setup(7))));
    let zoom = |app: &App| *app.world().resource::<Zoom>();
    let before = zoom(&app);
    slide(
        &mut app,
        Spot::Button(Intent::Explore),
        Vec2::new(0.0, -70.0),
    );
    assert!(zoom(&app) == before && commands(&app).is_empty());
}

#[test]
fn fingers_and_mouse_explore_pause_and_come_back() {
    for hands in [Hands::Mouse, Hands::Fingers] {
        let mut app = window(options(Start::Raid(setup(7))));
        poke(&mut app, hands, Spot::Button(Intent::Explore));
        for _ in 0..6 {
            app.update();
        }
        assert!(!commands(&app).is_empty(), "{hands:?} do not explore");
        let paused = |app: &App| matches!(app.world().resource::<Overlay>(), Overlay::Pause { .. });
        // The first press stops what goes on by itself.
        for _ in 0..2 {
            if !paused(&app) {
                poke(&mut app, hands, Spot::Button(Intent::Escape));
            }
        }
        assert!(paused(&app), "{hands:?} do not pause");
        app.update();
        poke(&mut app, hands, Spot::Button(Intent::Entry(0)));
        assert_eq!(*app.world().resource::<Overlay>(), Overlay::None);
    }
}

#[test]
fn the_mouse_over_a_cell_shows_the_way_and_over_a_device_what_a_grab_would_take() {
    let mut app = super::driver::about_to_grab();
    let setup = play(&app).raid().setup().clone();
    let journal = play(&app).journal().clone();
    drop(std::mem::take(&mut app));
    let mut app = window(options(Start::Raid(setup)));
    for entry in &journal.turns {
        send(&mut app, entry.command);
    }
    app.update();
    let me = play(&app).view().me.cell;
    // Where the mouse lies when the window opens says nothing: it is moved.
    let grid = play(&app).view().grid;
    let beside = Dir::ALL.into_iter().find_map(|dir| grid.step(me, dir));
    point(&mut app, Spot::Map(beside.expect("no cell is alone")));
    point(&mut app, Spot::Map(me));
    let boxed = crate::app::panel::box_text(play(&app));
    click(&mut app, Spot::Map(me), MouseButton::Left);
    assert_eq!(play(&app).mode, Mode::Confirm(Act::Grab));
    let preview = crate::app::panel::box_text(play(&app));
    let said = |line: &String| boxed.iter().any(|other| other.contains(line.trim()));
    assert!(
        preview[1..].iter().any(said),
        "hovering says {boxed:?}, a grab would say {preview:?}"
    );
    assert_eq!(commands(&app).len(), journal.turns.len());
}

/// Goes down the title's list to an entry with a gamepad, and chooses it.
fn choose(app: &mut App, phrase: Phrase) {
    mark(app, phrase);
    pad(app, &[], &[PadButton::FaceDown]);
}

/// Goes down the title's list to an entry with a gamepad.
fn mark(app: &mut App, phrase: Phrase) {
    let prefs = app.world().resource::<Prefs>().clone();
    let marked = |app: &App| {
        let menu = app.world().resource::<TitleMenu>();
        menu.entries(&prefs)[usize::from(menu.at)].0.clone()
    };
    for _ in 0..20 {
        if marked(app) == prefs.say(phrase) {
            return;
        }
        pad(app, &[], &[PadButton::Down]);
    }
    panic!("the title has no entry {phrase:?}");
}

#[test]
fn every_screen_is_reached_and_left_with_a_gamepad() {
    use PadButton::{Down, FaceDown, FaceRight, Left, Right, Start as Menu, StickRight, Up};
    let mut app = window(options(Start::Title));
    let overlay = |app: &App| *app.world().resource::<Overlay>();
    let title = |app: &App| app.world().resource::<TitleMenu>().clone();
    // Help, and back.
    pad(&mut app, &[], &[StickRight]);
    assert!(matches!(overlay(&app), Overlay::Help { .. }));
    pad(&mut app, &[], &[FaceRight]);
    assert_eq!(overlay(&app), Overlay::None);
    // A seed.
    mark(&mut app, Phrase::Seed);
    pad(&mut app, &[], &[Right, Up, Up, Right]);
    assert_eq!(title(&app).typed(), Some(20));
    pad(&mut app, &[], &[Left, Left]);
    // Zone and kit, and back.
    choose(&mut app, Phrase::Outfit);
    assert!(title(&app).outfit.is_some());
    pad(&mut app, &[], &[FaceRight]);
    assert!(title(&app).outfit.is_none());
    // The settings, and back.
    choose(&mut app, Phrase::Settings);
    assert!(matches!(overlay(&app), Overlay::Settings { .. }));
    pad(&mut app, &[], &[FaceRight]);
    assert_eq!(overlay(&app), Overlay::None);
    // A raid, the pause, and back to the title.
    choose(&mut app, Phrase::NewRaid);
    app.update();
    assert_eq!(screen(&app), Screen::Raid);
    pad(&mut app, &[], &[Menu]);
    assert!(matches!(overlay(&app), Overlay::Pause { .. }));
    let prefs = app.world().resource::<Prefs>().clone();
    let entries = pause_entries(false, &prefs);
    let leave = entries
        .iter()
        .position(|(text, _)| *text == prefs.say(Phrase::ToTitle));
    for _ in 0..leave.expect("the menu leads to the title") {
        pad(&mut app, &[], &[Down]);
    }
    pad(&mut app, &[], &[FaceDown]);
    app.update();
    assert_eq!(screen(&app), Screen::Title);
}
