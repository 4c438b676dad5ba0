//! An app without a window, driven by real key messages, and a bot's hands on its keys.

use std::sync::{Arc, Mutex};

use bevy::input::ButtonState;
use bevy::input::InputPlugin;
use bevy::input::keyboard::{Key, KeyCode, KeyboardInput};
use bevy::prelude::*;
use bevy::state::app::StatesPlugin;
use bevy::time::TimeUpdateStrategy;

use crate::app::control::Play;
use crate::app::session::Session;
use crate::app::{Options, Screen, Start, build};
use crate::bot::by_name;
use crate::labyrinth::Dir;
use crate::profile::{Keeper, MemoryShelf};
use crate::raid::{Command, Rules, Setup, View};

pub(in crate::app) fn setup(seed: u64) -> Setup {
    Setup {
        zone: "dma".into(),
        seed,
        ..Setup::default()
    }
}

pub(in crate::app) fn rules() -> Arc<Rules> {
    Arc::new(Rules::shipped().expect("the shipped rules are right"))
}

/// A raid that has just begun.
pub(in crate::app) fn play_of_a_raid() -> Play {
    Play::new(rules(), setup(7)).expect("the shipped zone can be entered")
}

/// What is known at the start of a raid.
pub(in crate::app) fn view_of_a_raid() -> View {
    play_of_a_raid().view().clone()
}

/// Options that open this, with a profile that ends with the test.
pub(super) fn options(start: Start) -> Options {
    Options {
        start,
        notice: None,
        keeper: Arc::new(Mutex::new(Keeper::open(MemoryShelf::new()))),
        default_setup: setup(1),
        journal: None,
        frames: false,
    }
}

/// An app with everything but what draws.
pub(super) fn app(first: Option<Setup>) -> App {
    app_with(options(first.map_or(Start::Title, Start::Raid)))
}

/// As [`app`], opened with these options.
pub(super) fn app_with(options: Options) -> App {
    let mut app = App::new();
    app.add_plugins((MinimalPlugins, StatesPlugin, InputPlugin));
    build(&mut app, options).expect("the shipped rules are right");
    app.insert_resource(TimeUpdateStrategy::ManualDuration(
        std::time::Duration::from_millis(50),
    ));
    app.update();
    app
}

pub(super) fn press(app: &mut App, key: Key) {
    let window = app.world_mut().spawn_empty().id();
    app.world_mut().write_message(KeyboardInput {
        key_code: KeyCode::F35,
        logical_key: key,
        state: ButtonState::Pressed,
        text: None,
        repeat: false,
        window,
    });
    app.update();
}

pub(super) fn type_char(app: &mut App, c: char) {
    press(app, Key::Character(c.to_string().into()));
}

pub(super) fn play(app: &App) -> &Play {
    app.world()
        .resource::<Session>()
        .play
        .as_ref()
        .expect("a raid goes on")
}

pub(super) fn commands(app: &App) -> Vec<Command> {
    play(app)
        .journal()
        .turns
        .iter()
        .map(|turn| turn.command)
        .collect()
}

pub(super) fn screen(app: &App) -> Screen {
    *app.world().resource::<State<Screen>>().get()
}

/// Plays as a fair bot does until it is about to do what `until` says.
pub(super) fn play_until(app: &mut App, bot: &str, seed: u64, until: impl Fn(Command) -> bool) {
    let mut bot = by_name(bot, seed).expect("a bot of that name");
    for _ in 0..600 {
        let command = bot.next(play(app).view());
        if until(command) {
            return;
        }
        send(app, command);
    }
    panic!("the bot never came to it");
}

/// Gives a command the way a person does.
pub(super) fn send(app: &mut App, command: Command) {
    let before = play(app).raid().turn();
    let arrow = |dir| match dir {
        Dir::North => Key::ArrowUp,
        Dir::East => Key::ArrowRight,
        Dir::South => Key::ArrowDown,
        Dir::West => Key::ArrowLeft,
    };
    match command {
        Command::Step(dir) => press(app, arrow(dir)),
        Command::Wait => type_char(app, '.'),
        Command::Clear(dir) => {
            type_char(app, 'c');
            match dir {
                Some(dir) => press(app, arrow(dir)),
                None => type_char(app, 'c'),
            }
        }
        Command::Grab => {
            type_char(app, 'g');
            type_char(app, 'g');
        }
        Command::Isolate => {
            type_char(app, 'i');
            type_char(app, 'i');
        }
        Command::Extract => type_char(app, 'e'),
        Command::Use(..) => panic!("the bots played here bring nothing"),
        Command::Free(_) => {
            type_char(app, 'f');
            type_char(app, 'f');
        }
    }
    assert!(play(app).raid().turn() > before, "{command} made no turn");
}

/// A seed in which the greedy bot comes to grab, and the app just before it does.
pub(super) fn about_to_grab() -> App {
    let seed = grab_seed();
    let mut app = app(Some(setup(seed)));
    play_until(&mut app, "greedy", seed, |command| command == Command::Grab);
    app
}

/// A seed in which the greedy bot comes to grab.
pub(super) fn grab_seed() -> u64 {
    for seed in 1..40 {
        let mut raid = crate::raid::Raid::new(rules(), setup(seed)).expect("a raid");
        let mut bot = by_name("greedy", seed).expect("a bot");
        while raid.outcome().is_none() {
            let command = bot.next(raid.view());
            if command == Command::Grab {
                return seed;
            }
            raid.step(command).expect("bots know the rules");
        }
    }
    panic!("no seed in which anybody grabs");
}
