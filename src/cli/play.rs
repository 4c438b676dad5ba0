//! `labyrinth` without a command: opens the game.

use std::path::Path;
#[cfg(feature = "app")]
use std::sync::{Arc, Mutex};

use super::CliError;
use super::args::PlayArgs;
use super::learn::lessons;
use super::line::{one_of, shown};
use super::{replay, sources};
use crate::lesson::SANDBOX;
#[cfg(feature = "app")]
use crate::profile::{self, FileShelf, Keeper, MemoryShelf};

/// Opens the window, in a raid if the options describe one.
#[cfg(feature = "app")]
pub(super) fn run(args: &PlayArgs) -> Result<(), CliError> {
    use crate::app;

    expect_writable(args.journal.as_deref())?;
    if let Some(file) = &args.open {
        // What cannot be opened is told before a window is.
        crate::unpack::Lines::open(file)?;
    }
    let rules = sources::rules()?;
    let seed = args.seed.unwrap_or_else(sources::seed_of_the_clock);
    let setup = sources::raid(&rules, &args.place, &args.kit, seed)?
        .setup()
        .clone();
    if let Some(name) = &args.lesson {
        expect_lesson(name)?;
    }
    let at_once = args.seed.is_some() || args.place.buddyinfo.is_some();
    app::run(app::Options {
        start: match (&args.lesson, &args.watch, &args.open) {
            (Some(name), ..) => app::Start::Lesson(name.clone()),
            (None, Some(what), _) => app::Start::Replay(Box::new(replay::checked(what)?.0)),
            (None, None, Some(file)) => app::Start::File(file.clone()),
            (None, None, None) if at_once => app::Start::Raid(setup.clone()),
            (None, None, None) => app::Start::Title,
        },
        notice: None,
        keeper: Arc::new(Mutex::new(keeper())),
        default_setup: setup,
        journal: args.journal.clone(),
        frames: args.frames,
    })
    .map_err(|error| CliError::Window(error.to_string()))
}

/// The profile of whoever plays; one that ends with the program where there is no place for it.
#[cfg(feature = "app")]
fn keeper() -> Keeper {
    match profile::default_folder() {
        Some(folder) => Keeper::open(FileShelf::new(folder)),
        None => Keeper::open(MemoryShelf::new()),
    }
}

/// This build has no window: the options are checked all the same, and what to do instead is said.
#[cfg(not(feature = "app"))]
pub(super) fn run(args: &PlayArgs) -> Result<(), CliError> {
    expect_writable(args.journal.as_deref())?;
    if let Some(name) = &args.lesson {
        expect_lesson(name)?;
    }
    if let Some(what) = &args.watch {
        replay::checked(what)?;
    }
    if let Some(file) = &args.open {
        crate::unpack::Lines::open(file)?;
    }
    let rules = sources::rules()?;
    sources::raid(
        &rules,
        &args.place,
        &args.kit,
        args.seed.unwrap_or_default(),
    )?;
    Err(CliError::Input(
        "this build has no window; build it with the feature \"app\" (the default), or watch a bot play: labyrinth raid --bot careful --seed 7"
            .into(),
    ))
}

/// Refuses a lesson that there is not.
fn expect_lesson(name: &str) -> Result<(), CliError> {
    let lessons = lessons(None)?;
    if name == SANDBOX || lessons.iter().any(|lesson| lesson.id == *name) {
        return Ok(());
    }
    Err(CliError::Input(format!(
        "--lesson: found \"{}\", {}",
        shown(name),
        one_of(
            lessons
                .iter()
                .map(|lesson| lesson.id.as_str())
                .chain([SANDBOX])
        )
    )))
}

/// Refuses a journal that could not be written, before a window opens; touches no file that is there.
fn expect_writable(journal: Option<&Path>) -> Result<(), CliError> {
    let Some(path) = journal else { return Ok(()) };
    let expected = |found: &str| {
        let file = path.display();
        CliError::Input(format!(
            "--journal {file}: found {found}, expected a file to write"
        ))
    };
    if path.is_dir() {
        return Err(expected("a folder"));
    }
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    if !folder.unwrap_or(Path::new(".")).is_dir() {
        return Err(expected("no such folder"));
    }
    Ok(())
}
