//! The game in a window of a desktop: opens it, or says in one sentence what is missing.

use std::any::Any;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use bevy::log::LogPlugin;
use bevy::prelude::*;
use bevy::window::{WindowPlugin, WindowResolution};

use super::{AppError, Options, build, drawn};

/// Opens the window and plays until it is closed.
///
/// # Errors
///
/// If there is no display or no graphics driver to draw with, or the rules refuse the first raid.
pub fn run(options: Options) -> Result<(), AppError> {
    probe()?;
    guarded(move || {
        let mut app = App::new();
        app.add_plugins(
            DefaultPlugins
                .set(WindowPlugin {
                    primary_window: Some(Window {
                        title: "Void Labyrinth".into(),
                        name: Some("void-labyrinth".into()),
                        resolution: WindowResolution::new(1280, 720),
                        resize_constraints: WindowResizeConstraints {
                            min_width: 640.0,
                            min_height: 360.0,
                            ..default()
                        },
                        ..default()
                    }),
                    ..default()
                })
                .set(ImagePlugin::default_nearest())
                .set(LogPlugin {
                    // What is missing is said once, in a sentence, and not by the driver's loader as well.
                    filter: "error,wgpu_hal::vulkan::instance=off".into(),
                    ..default()
                }),
        );
        app.add_plugins((bevy_ecs_tilemap::TilemapPlugin, drawn));
        let frames = options.frames;
        build(&mut app, options)?;
        app.add_systems(Update, started);
        #[cfg(target_os = "linux")]
        app.add_plugins(super::joysticks::plugin);
        if frames {
            std::thread::spawn(count_frames);
        }
        Ok(app)
    })
}

/// Set once the first frames have been drawn: from then on a panic is a bug, and is shown as one.
static STARTED: AtomicBool = AtomicBool::new(false);

/// Frames after which the window counts as open.
const FRAMES_TO_START: u32 = 3;

/// Notes that frames are being drawn.
fn started(mut frames: Local<u32>) {
    if *frames < FRAMES_TO_START {
        *frames += 1;
        if *frames == FRAMES_TO_START {
            STARTED.store(true, Ordering::Relaxed);
        }
    }
}

/// Says once a second how many frames were drawn in it.
fn count_frames() {
    let mut before = 0;
    for second in 1_u64.. {
        std::thread::sleep(std::time::Duration::from_secs(1));
        let now = super::rest::drawn();
        eprintln!("second {second}: {} frames", now - before);
        before = now;
    }
}

/// Finds out what is missing without trying to open anything.
fn probe() -> Result<(), AppError> {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let unix = cfg!(all(unix, not(target_vendor = "apple")));
    if unix && !set("DISPLAY") && !set("WAYLAND_DISPLAY") && !set("WAYLAND_SOCKET") {
        return Err(AppError::Display(
            "neither DISPLAY nor WAYLAND_DISPLAY is set".into(),
        ));
    }
    Ok(())
}

/// Builds and runs an app; a panic before it is open becomes an error instead of a backtrace.
fn guarded(build: impl FnOnce() -> Result<App, AppError>) -> Result<(), AppError> {
    STARTED.store(false, Ordering::Relaxed);
    let first: Arc<Mutex<Option<String>>> = Arc::default();
    let before: Arc<dyn Fn(&panic::PanicHookInfo<'_>) + Send + Sync> =
        Arc::from(panic::take_hook());
    let (note, pass) = (first.clone(), before.clone());
    panic::set_hook(Box::new(move |info| {
        if STARTED.load(Ordering::Relaxed) {
            pass(info);
        } else if let Ok(mut first) = note.lock() {
            first.get_or_insert_with(|| message_of(info.payload()));
        }
    }));
    let result = panic::catch_unwind(AssertUnwindSafe(|| build().map(|mut app| app.run())));
    panic::set_hook(Box::new(move |info| before(info)));
    let noted = first.lock().ok().and_then(|mut first| first.take());
    match result {
        Ok(Ok(exit)) if exit.is_success() => Ok(()),
        Ok(Ok(_)) => Err(explain(
            &noted.unwrap_or_else(|| "it was closed by an error".into()),
        )),
        Ok(Err(error)) => Err(error),
        Err(payload) if STARTED.load(Ordering::Relaxed) => panic::resume_unwind(payload),
        Err(payload) => Err(explain(&noted.unwrap_or_else(|| message_of(&*payload)))),
    }
}

/// The text of a panic.
fn message_of(payload: &(dyn Any + Send)) -> String {
    let text = payload
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| payload.downcast_ref::<&str>().copied());
    text.unwrap_or("an unknown error").to_string()
}

/// What a panic at the start means, by what the window library and the graphics library say then.
fn explain(message: &str) -> AppError {
    let line = message
        .lines()
        .next()
        .unwrap_or_default()
        .trim_end_matches('.')
        .to_string();
    let lower = message.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    if says(&["gpu", "adapter", "wgpu", "surface", "vulkan", "device"]) {
        AppError::Graphics("no adapter was found that can draw in a window".into())
    } else if says(&[
        "event loop",
        "display",
        "xopen",
        "wayland",
        "x11",
        "compositor",
    ]) {
        AppError::Display("the one named by DISPLAY or WAYLAND_DISPLAY does not answer".into())
    } else {
        AppError::Start(line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_libraries_say_becomes_what_is_missing() {
        let graphics = "Unable to find a GPU! Make sure you have installed required drivers!";
        assert!(matches!(explain(graphics), AppError::Graphics(_)));
        let display =
            "Failed to build event loop: Os(OsError { line: 1, error: XOpenDisplayFailed })";
        assert!(matches!(explain(display), AppError::Display(_)));
        assert_eq!(
            explain("something\nelse"),
            AppError::Start("something".into())
        );
    }

    #[test]
    fn every_error_is_one_sentence_that_says_what_to_do() {
        for error in [
            AppError::Display("x".into()),
            AppError::Graphics("x".into()),
            AppError::Start("x".into()),
        ] {
            let text = error.to_string();
            assert_eq!(text.lines().count(), 1);
            assert!(text.contains("labyrinth raid --bot careful"), "{text}");
        }
    }
}
