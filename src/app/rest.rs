//! When the next frame is drawn: at once while something moves, soon after somebody did something, and else not at all.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use bevy::input::touch::Touches;
use bevy::prelude::*;
use bevy::window::WindowEvent;
use bevy::winit::{EventLoopProxyWrapper, UpdateMode, WinitSettings, WinitUserEvent};

use super::bench::Bench;
use super::board::{Motion, Still};
use super::input::{Intents, Pads};
use super::session::Session;
use super::shell::Due;
use super::{Screen, Stage};

/// Frames drawn at full speed after anything came in: a screen that changes, or text that is laid out anew, is there
/// a frame or two later.
const FRAMES: u8 = 12;
/// Seconds for which the window then looks ten times a second whether there is anything to draw.
const ALERT: f32 = 3.0;
/// Seconds after which the labyrinth behind the title rests as well.
const PATIENCE: f32 = 30.0;

/// How soon the next frame is drawn if nothing comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pace {
    /// At once.
    Moving,
    /// Ten times a second.
    Alert,
    /// Not at all.
    Asleep,
}

impl Pace {
    const fn wait(self) -> Duration {
        match self {
            Self::Moving => Duration::from_millis(14),
            Self::Alert => Duration::from_millis(100),
            Self::Asleep => Duration::from_hours(1),
        }
    }
}

/// What a frame has seen.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    /// Something came in from outside.
    stirred: bool,
    /// Something moves, or is held.
    moves: bool,
    /// Something will go on by itself before long.
    works: bool,
}

/// How long ago anything happened.
#[derive(Resource, Debug, Default)]
pub(super) struct Rest {
    /// Frames still to be drawn at full speed.
    frames: u8,
    /// When something last came in or moved, in seconds since the start.
    last: f32,
    /// When somebody last did something.
    stirred: f32,
}

impl Rest {
    /// True if nobody has done anything for so long that nothing need move any more.
    pub(super) fn dozes(&self, now: f32) -> bool {
        now - self.stirred > PATIENCE
    }

    fn pace(&mut self, seen: Seen, now: f32) -> Pace {
        if seen.stirred {
            self.frames = FRAMES;
            self.stirred = now;
        }
        if seen.stirred || seen.moves {
            self.last = now;
        }
        if seen.moves || self.frames > 0 {
            self.frames = self.frames.saturating_sub(1);
            Pace::Moving
        } else if seen.works || now - self.last <= ALERT {
            Pace::Alert
        } else {
            Pace::Asleep
        }
    }
}

/// Something came in that is no event of the window.
static STIRRED: AtomicBool = AtomicBool::new(false);
/// Wakes the window.
static BELL: OnceLock<Box<dyn Fn() + Send + Sync>> = OnceLock::new();
/// Frames since the start.
static DRAWN: AtomicU64 = AtomicU64::new(0);

/// Has a frame drawn soon, from wherever: for what comes from a pad, the page or another thread.
pub(super) fn wake() {
    STIRRED.store(true, Ordering::Relaxed);
    if let Some(bell) = BELL.get() {
        bell();
    }
}

/// Frames since the start.
#[cfg(not(target_family = "wasm"))]
pub(super) fn drawn() -> u64 {
    DRAWN.load(Ordering::Relaxed)
}

/// Hangs up the bell.
fn hang(proxy: Option<Res<EventLoopProxyWrapper>>) {
    if let Some(proxy) = proxy {
        let proxy = (**proxy).clone();
        // A window that is gone has nothing to draw.
        let _ = BELL.set(Box::new(move || {
            let _ = proxy.send_event(WinitUserEvent::WakeUp);
        }));
    }
}

/// Counts, before anything is done with what came in.
fn count(intents: Res<Intents>, mut waiting: ResMut<Waiting>) {
    DRAWN.fetch_add(1, Ordering::Relaxed);
    waiting.0 |= !intents.0.is_empty();
}

/// Intents came in, from whatever.
#[derive(Resource, Debug, Default)]
struct Waiting(bool);

fn settle(
    mut events: MessageReader<WindowEvent>,
    mut waiting: ResMut<Waiting>,
    (motion, session, due, bench, screen, still): (
        Res<Motion>,
        Res<Session>,
        Res<Due>,
        Res<Bench>,
        Res<State<Screen>>,
        Res<Still>,
    ),
    (touches, pads): (Option<Res<Touches>>, Res<Pads>),
    time: Res<Time<Real>>,
    mut rest: ResMut<Rest>,
    mut settings: ResMut<WinitSettings>,
) {
    let now = time.elapsed_secs();
    let auto = session
        .play
        .as_ref()
        .is_some_and(|play| play.auto.is_some());
    // A finger that rests is about to look; a button that is held repeats.
    let held = pads.repeat() || touches.is_some_and(|touches| touches.iter().next().is_some());
    // Each of them is emptied, whatever the others say.
    let came = [
        events.read().count() > 0,
        std::mem::take(&mut waiting.0),
        STIRRED.swap(false, Ordering::Relaxed),
        screen.is_changed(),
    ];
    let seen = Seen {
        stirred: came.contains(&true),
        moves: motion.moving() || auto || due.ends() || bench.moves() || held,
        works: *screen.get() == Screen::Title && !still.0 && !rest.dozes(now),
    };
    let mode = UpdateMode::reactive_low_power(rest.pace(seen, now).wait());
    if settings.focused_mode != mode {
        settings.focused_mode = mode;
        settings.unfocused_mode = mode;
    }
}

pub(super) fn plugin(app: &mut App) {
    app.insert_resource(WinitSettings::game())
        .init_resource::<Rest>()
        .init_resource::<Waiting>()
        .add_systems(Startup, hang)
        .add_systems(
            Update,
            (
                count.after(Stage::Input).before(Stage::Act),
                settle.after(Stage::Draw),
            ),
        );
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTHING: Seen = Seen {
        stirred: false,
        moves: false,
        works: false,
    };
    const KEY: Seen = Seen {
        stirred: true,
        ..NOTHING
    };

    #[test]
    fn after_a_key_some_frames_are_drawn_then_few_and_then_none() {
        let mut rest = Rest::default();
        assert_eq!(rest.pace(KEY, 10.0), Pace::Moving);
        let mut frames = 1;
        while rest.pace(NOTHING, 10.1) == Pace::Moving {
            frames += 1;
        }
        assert_eq!(frames, usize::from(FRAMES));
        assert_eq!(rest.pace(NOTHING, 10.0 + ALERT), Pace::Alert);
        assert_eq!(rest.pace(NOTHING, 10.1 + ALERT), Pace::Asleep);
        assert_eq!(rest.pace(KEY, 500.0), Pace::Moving);
    }

    #[test]
    fn what_moves_is_drawn_however_long_it_takes() {
        let moves = Seen {
            moves: true,
            ..NOTHING
        };
        let mut rest = Rest::default();
        for second in 0..100_u8 {
            assert_eq!(rest.pace(moves, f32::from(second)), Pace::Moving);
        }
        assert_eq!(rest.pace(NOTHING, 100.0), Pace::Alert);
    }

    #[test]
    fn what_works_by_itself_keeps_the_window_awake_until_it_is_left_alone() {
        let mut rest = Rest::default();
        rest.pace(KEY, 1.0);
        let works = Seen {
            works: true,
            ..NOTHING
        };
        for _ in 0..FRAMES {
            rest.pace(works, 1.1);
        }
        assert_eq!(rest.pace(works, 20.0), Pace::Alert);
        assert!(!rest.dozes(20.0));
        assert!(rest.dozes(1.1 + PATIENCE));
    }
}
