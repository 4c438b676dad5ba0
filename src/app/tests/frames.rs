//! What a frame costs: the game's own systems, without drawing, beside an engine that has nothing to do.

use std::time::{Duration, Instant};

use bevy::prelude::*;

use super::driver::{options, setup};
use super::window::{engine, open, window};
use crate::app::Start;
use crate::app::board::Zoom;
use crate::app::session::{Played, Scene};
use crate::raid::{Knowledge, Purpose, RoomKind, Setup, Stream};

/// Frames timed at a stretch.
const FRAMES: u32 = 60;
/// Stretches of each, in turns, so that whatever else the machine does falls on all of them.
const ROUNDS: usize = 25;

/// Microseconds a frame takes; before each, something happens.
fn time(app: &mut App, mut before: impl FnMut(&mut App)) -> f64 {
    let mut spent = Duration::ZERO;
    for _ in 0..FRAMES {
        before(app);
        let begin = Instant::now();
        app.update();
        spent += begin.elapsed();
    }
    spent.as_secs_f64() * 1e6 / f64::from(FRAMES)
}

fn middle(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// A turn in which so many of a thousand frames of memory change hands in sight.
fn turn(app: &mut App, per_mille: u32, chance: &mut Stream) {
    let mut scene = app.world_mut().resource_mut::<Scene>();
    let before = scene.view.clone();
    let mut view = scene.view.clone();
    let count = view.cells.len() as u32;
    view.turn += 1;
    for _ in 0..count * per_mille / 1000 {
        let at = chance.below(count) as usize;
        let turn = view.turn;
        let cell = &mut view.cells[at];
        cell.knowledge = Knowledge::Shared;
        cell.turn = turn;
        cell.kind = match cell.kind {
            RoomKind::Void => RoomKind::Anonymous,
            RoomKind::Anonymous => RoomKind::Kernel,
            _ => RoomKind::Void,
        };
    }
    scene.advance(view);
    app.world_mut().write_message(Played {
        before,
        events: Vec::new(),
    });
}

/// Nanoseconds for which any thread of the program has run; none where the system does not say.
fn ran() -> Option<u64> {
    let threads = std::fs::read_dir("/proc/self/task").ok()?;
    let spent = threads.filter_map(|thread| {
        let text = std::fs::read_to_string(thread.ok()?.path().join("schedstat")).ok()?;
        text.split_whitespace().next()?.parse::<u64>().ok()
    });
    Some(spent.sum())
}

/// What one kind of frame costs.
#[derive(Default)]
struct Cost {
    /// Microseconds that pass in a frame, of each stretch.
    wall: Vec<f64>,
    /// Microseconds for which threads run in it.
    cpu: Vec<f64>,
}

impl Cost {
    fn add(&mut self, app: &mut App, before: impl FnMut(&mut App)) {
        let begin = ran();
        self.wall.push(time(app, before));
        if let (Some(begin), Some(end)) = (begin, ran()) {
            let spent = end.saturating_sub(begin) as f64 / 1e3;
            self.cpu.push(spent / f64::from(FRAMES));
        }
    }

    /// How many times as much as another, stretch by stretch.
    fn over(&self, other: &Self) -> (f64, f64) {
        let ratio = |of: &[f64], to: &[f64]| {
            let ratios: Vec<f64> = of.iter().zip(to).map(|(of, to)| of / to).collect();
            if ratios.is_empty() {
                f64::NAN
            } else {
                middle(ratios)
            }
        };
        (ratio(&self.wall, &other.wall), ratio(&self.cpu, &other.cpu))
    }

    fn print(&self, what: &str, than: &Self) {
        let (wall, cpu) = self.over(than);
        let us = middle(self.wall.clone());
        println!(
            "{what:40} {us:8.1} us a frame {wall:6.2} times, {cpu:6.2} of the processors' time"
        );
    }
}

#[test]
#[ignore = "a measurement, which wants a quiet machine: make bench-frames"]
fn a_frame_beside_an_empty_one() {
    let bare = || {
        let mut app = engine();
        app.world_mut().spawn(Camera2d);
        app
    };
    let mut shipped = bare();
    open(&mut shipped);
    // On one thread as the game is, so that all that differs is the game.
    let mut empty = bare();
    crate::app::rest::one_thread(&mut empty);
    open(&mut empty);
    let mut small = window(options(Start::Raid(setup(7))));
    let mut large = window(options(Start::Raid(Setup {
        zone: "normal".into(),
        ..setup(7)
    })));
    let mut chance = Stream::new(7, Purpose::Bots);
    // All of the large zone has been seen.
    turn(&mut large, 4000, &mut chance);
    let [mut threads, mut one, mut idle, mut walk, mut busy, mut all] =
        std::array::from_fn(|_| Cost::default());
    for _ in 0..ROUNDS {
        threads.add(&mut shipped, |_| {});
        one.add(&mut empty, |_| {});
        idle.add(&mut small, |_| {});
        walk.add(&mut small, |app| turn(app, 10, &mut chance));
        for _ in 0..16 {
            small.update();
        }
        busy.add(&mut large, |app| turn(app, 10, &mut chance));
        large.world_mut().resource_mut::<Zoom>().toggle_overview();
        large.update();
        all.add(&mut large, |app| turn(app, 10, &mut chance));
        large.world_mut().resource_mut::<Zoom>().toggle_overview();
        large.update();
    }
    threads.print("empty engine, as it comes", &one);
    one.print("empty engine, on one thread", &one);
    idle.print("64x64, idle", &one);
    walk.print("64x64, a turn each frame, 1 % changes", &one);
    busy.print("256x256, a turn each frame, 1 % changes", &one);
    all.print("the same with all of it in the window", &one);
    let (idle_ratio, _) = idle.over(&threads);
    let (busy_ratio, _) = busy.over(&threads);
    println!(
        "beside the engine as it comes: idle {idle_ratio:.2} times, busy {busy_ratio:.2} times"
    );
    assert!(
        idle_ratio <= 1.3,
        "idle costs {idle_ratio:.2} times an empty frame"
    );
    assert!(
        busy_ratio <= 3.0,
        "a busy large zone costs {busy_ratio:.2} times an empty frame"
    );
    // Beside an engine that also runs on one thread the game's share is plainer; held to what was reached.
    let (idle_ratio, _) = idle.over(&one);
    let (busy_ratio, _) = busy.over(&one);
    assert!(
        idle_ratio <= 2.0 && busy_ratio <= 9.0,
        "on one thread: idle {idle_ratio:.2} times, busy {busy_ratio:.2} times"
    );
}
