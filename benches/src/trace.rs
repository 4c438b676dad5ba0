//! Times reading and replaying the stored kernel traces: how many times faster than they were recorded, and what going
//! to any moment costs.

mod clock;

use std::io::Read as _;
use std::path::Path;
use std::process::ExitCode;

use clock::now;
use labyrinth::trace::{self, Replay, Workload};

const ROUNDS: usize = 9;
/// Least speed of a replay, in times the trace's own.
const LEAST_SPEED: f64 = 200.0;
/// Most time that going to a moment may take, in milliseconds.
const MOST_SEEK: f64 = 200.0;

fn main() -> ExitCode {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/data/traces");
    let mut holds = true;
    for name in ["kmem-trace-page-cache", "kmem-trace-processes"] {
        let path = folder.join(format!("{name}.txt.xz"));
        let packed = match std::fs::read(&path) {
            Ok(packed) => packed,
            Err(error) => {
                eprintln!("{}: {error}", path.display());
                return ExitCode::FAILURE;
            }
        };
        let mut text = String::new();
        if let Err(error) = lzma_rust2::XzReader::new(&packed[..], true).read_to_string(&mut text) {
            eprintln!("{}: {error}", path.display());
            return ExitCode::FAILURE;
        }
        holds &= measure(name, &text);
    }
    if holds {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// The median time of something, in nanoseconds.
fn median(mut time: impl FnMut()) -> f64 {
    let mut times: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let start = now();
            time();
            (now() - start) as f64
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[ROUNDS / 2]
}

fn measure(name: &str, text: &str) -> bool {
    let workload = trace::read(text);
    let span = workload.duration() as f64;
    let lines = workload.counts.lines as f64;
    let steps = workload.steps.len() as f64;
    let read = median(|| drop(std::hint::black_box(trace::read(text))));
    let mut from_start = Replay::without_keyframes(&workload);
    let replay = median(|| {
        from_start.seek(0);
        from_start.seek(u32::MAX);
    });
    let seek = slowest_seek(&workload) / 1e6;
    let speed = span / replay;
    println!("{name}: {lines} lines, {:.3} s of recording", span / 1e9);
    println!(
        "  reading     {:>8.1} ns a line, {:.1} times as fast as recorded",
        read / lines,
        span / read
    );
    println!(
        "  replaying   {:>8.1} ns a step, {speed:.0} times as fast as recorded",
        replay / steps
    );
    println!(
        "  any moment  {seek:>8.3} ms at most, {} steps at most",
        Replay::new(&workload).farthest()
    );
    let holds = speed >= LEAST_SPEED && seek <= MOST_SEEK;
    println!("  {}", if holds { "ok" } else { "MISS" });
    holds
}

/// The longest of many walks from moment to moment, in nanoseconds.
fn slowest_seek(workload: &Workload) -> f64 {
    let mut replay = Replay::new(workload);
    let steps = workload.steps.len() as u64;
    let mut slowest = 0_f64;
    for at in 0..500_u64 {
        // All over the trace, back and forth.
        let to = at.wrapping_mul(0x9e37_79b9_7f4a_7c15) % (steps + 1);
        let start = now();
        replay.seek(to as u32);
        slowest = slowest.max((now() - start) as f64);
    }
    slowest
}
