//! When the next frame is drawn: at once while something moves, soon after somebody did something, and else not at all.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use bevy::camera::visibility::VisibilitySystems;
use bevy::ecs::schedule::{ScheduleLabel, SingleThreadedExecutor};
use bevy::input::mouse::MouseButtonInput;
use bevy::input::touch::{TouchInput, Touches};
use bevy::picking::PickingSystems;
use bevy::prelude::*;
use bevy::ui::UiSystems;
use bevy::window::{CursorMoved, WindowEvent};
use bevy::winit::{EventLoopProxyWrapper, UpdateMode, WinitSettings, WinitUserEvent};

use super::bench::Bench;
use super::board::{BoardCursor, Motion, Still};
use super::input::{Fingers, Intents, Pads};
use super::panel::Layout;
use super::prefs::Prefs;
use super::session::{Scene, Session};
use super::shell::{Due, Overlay};
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

/// Whether anything may have to be drawn that is not drawn yet.
///
/// A frame in which it has not is spent on looking for input and on nothing else: neither the game's own systems that
/// draw nor the engine's that lay out text and boxes run in it.
#[derive(Resource, Debug, Default)]
pub(super) struct Awake {
    frames: u8,
    now: bool,
    shown: (u64, u64, u64),
}

impl Awake {
    /// A frame in which this came in or changed, and in which this moves.
    fn frame(&mut self, came: bool, moves: bool, shown: (u64, u64, u64)) {
        let changed = std::mem::replace(&mut self.shown, shown) != shown;
        if came || changed {
            self.frames = FRAMES;
        }
        self.now = moves || self.frames > 0;
        self.frames = self.frames.saturating_sub(1);
    }
}

/// True in frames that draw.
fn awake(awake: Res<Awake>) -> bool {
    awake.now
}

/// True in frames that may have something to point at: what came in is heard before anything is done with it.
fn alert(awake: Res<Awake>) -> bool {
    awake.now || awake.frames > 0
}

/// Hears what came in.
fn listen(
    mut events: MessageReader<WindowEvent>,
    mut moved: MessageReader<CursorMoved>,
    mut pressed: MessageReader<MouseButtonInput>,
    mut touched: MessageReader<TouchInput>,
    mut awake: ResMut<Awake>,
) {
    // Each of them is emptied, whatever the others say.
    let came = [
        events.read().count(),
        moved.read().count(),
        pressed.read().count(),
        touched.read().count(),
    ];
    if came.iter().any(|&came| came > 0) || STIRRED.load(Ordering::Relaxed) {
        awake.frames = FRAMES;
    }
}

/// Finds out whether this frame draws.
fn rouse(
    (waiting, motion, session, scene, bench, due): (
        Res<Waiting>,
        Res<Motion>,
        Res<Session>,
        Res<Scene>,
        Res<Bench>,
        Res<Due>,
    ),
    (screen, prefs, layout, overlay, cursor, fingers): (
        Res<State<Screen>>,
        Res<Prefs>,
        Res<Layout>,
        Res<Overlay>,
        Res<BoardCursor>,
        Res<Fingers>,
    ),
    fonts: Option<MessageReader<AssetEvent<Font>>>,
    mut awake: ResMut<Awake>,
) {
    let came = [
        fonts.is_some_and(|mut fonts| fonts.read().count() > 0),
        waiting.0,
        screen.is_changed(),
        prefs.is_changed(),
        layout.is_changed(),
        overlay.is_changed(),
        cursor.is_changed(),
        fingers.is_changed(),
    ];
    let moves = motion.moving() || due.ends() || bench.moves();
    let shown = (scene.map, scene.revision, session.revision);
    awake.frame(came.contains(&true), moves, shown);
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
    (mut rest, mut awake): (ResMut<Rest>, ResMut<Awake>),
    mut settings: ResMut<WinitSettings>,
) {
    let now = time.elapsed_secs();
    let auto = session
        .play
        .as_ref()
        .is_some_and(|play| play.auto.is_some());
    // A finger that rests is about to look; a button that is held repeats.
    let held = pads.repeat() || touches.is_some_and(|touches| touches.iter().next().is_some());
    // Whoever woke the window while a frame was made is heard in the next.
    let stirred = STIRRED.swap(false, Ordering::Relaxed);
    if stirred {
        awake.frames = FRAMES;
    }
    // Each of them is emptied, whatever the others say.
    let came = [
        events.read().count() > 0,
        std::mem::take(&mut waiting.0),
        stirred,
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

/// Runs the systems of a frame one after the other: most are done before another thread would have woken up for them.
pub(super) fn one_thread(app: &mut App) {
    for schedule in [
        First.intern(),
        PreUpdate.intern(),
        Update.intern(),
        PostUpdate.intern(),
        Last.intern(),
    ] {
        app.edit_schedule(schedule, |schedule| {
            schedule.set_executor(SingleThreadedExecutor::new());
        });
    }
}

pub(super) fn plugin(app: &mut App) {
    one_thread(app);
    app.insert_resource(WinitSettings::game())
        .init_resource::<Rest>()
        .init_resource::<Waiting>()
        .init_resource::<Awake>()
        .add_systems(PreUpdate, listen.before(PickingSystems::ProcessInput))
        .configure_sets(
            PreUpdate,
            (
                PickingSystems::Backend,
                PickingSystems::Hover,
                PickingSystems::PostHover,
                PickingSystems::Last,
                UiSystems::Focus,
            )
                .after(listen)
                .run_if(alert),
        )
        .configure_sets(Update, Stage::Draw.run_if(awake))
        .configure_sets(
            PostUpdate,
            (
                UiSystems::Prepare,
                UiSystems::Propagate,
                UiSystems::Content,
                UiSystems::Layout,
                UiSystems::PostLayout,
                UiSystems::Stack,
                TransformSystems::Propagate,
                VisibilitySystems::CalculateBounds,
                VisibilitySystems::UpdateFrusta,
                VisibilitySystems::VisibilityPropagate,
                VisibilitySystems::CheckVisibility,
                VisibilitySystems::MarkNewlyHiddenEntitiesInvisible,
            )
                .run_if(awake),
        )
        .add_systems(Startup, hang)
        .add_systems(
            Update,
            (
                count.after(Stage::Input).before(Stage::Act),
                rouse.after(Stage::Follow).before(Stage::Draw),
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
    fn what_came_in_is_drawn_for_some_frames_and_then_nothing_is() {
        let mut awake = Awake::default();
        let mut frame = |came, moves, turn| {
            awake.frame(came, moves, (1, turn, 1));
            awake.now
        };
        assert!(frame(true, false, 1));
        for _ in 1..FRAMES {
            assert!(frame(false, false, 1));
        }
        assert!(!frame(false, false, 1), "nothing moves and nothing came");
        assert!(frame(false, true, 1), "what moves is drawn");
        assert!(!frame(false, false, 1));
        assert!(frame(false, false, 2), "another turn is drawn");
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
