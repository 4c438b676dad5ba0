//! A fuzzer that needs nothing but a stable compiler: changes known inputs at random, keeps what shows something new.
//!
//! An input is bytes that stand for operations on a zone (`tests/model/op.rs`). Every operation is done to a zone and
//! to a plain model of it, and both are compared after each. What fails is cut down to the fewest operations that
//! still fail, printed as a list of operations, and kept as a file.
#![forbid(unsafe_code)]

mod args;
mod cut;
#[path = "../../tests/model/mod.rs"]
mod model;
mod mutate;
mod pool;

use std::fs;
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use args::{Args, Task};
use model::Failure;
use mutate::Random;
use pool::Pool;

/// The most inputs that one run adds to the corpus.
const GROWTH: usize = 48;

/// The message and place of the last panic.
static PANIC: Mutex<String> = Mutex::new(String::new());

fn main() -> ExitCode {
    let args = match Args::read(std::env::args().skip(1)) {
        Ok(args) => args,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::from(2);
        }
    };
    // A panic in the allocator is a finding, not the end; it is told with the operations that lead to it.
    panic::set_hook(Box::new(|info| {
        if let Ok(mut message) = PANIC.lock() {
            *message = info.to_string();
        }
    }));
    let done = match &args.task {
        Task::Help => {
            print!("{}", args::HELP);
            Ok(true)
        }
        Task::Replay(files) => replay(files),
        Task::Fuzz { grow } => fuzz(&args, *grow),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

/// Runs one input; a panic is a failure after its last operation that came through.
fn run(bytes: &[u8]) -> Result<Vec<u32>, Failure> {
    panic::catch_unwind(AssertUnwindSafe(|| model::run(bytes))).unwrap_or_else(|_| {
        let (shape, ops) = model::op::decode(bytes);
        let panics = |count: usize| {
            let run = AssertUnwindSafe(|| model::run_ops(shape, &ops[..count]));
            panic::catch_unwind(run).is_err()
        };
        let at = (0..ops.len()).find(|&at| panics(at + 1)).unwrap_or(0);
        let what = PANIC.lock().map(|message| message.clone());
        Err(Failure {
            at,
            what: what.unwrap_or_default(),
        })
    })
}

/// An input as a list of operations, and what came of it.
fn tell(bytes: &[u8], failure: Option<&Failure>) {
    let (shape, ops) = model::op::decode(bytes);
    println!("{shape:?}");
    for (at, op) in ops.iter().enumerate() {
        let mark = if failure.is_some_and(|failure| failure.at == at) {
            " <-- here"
        } else {
            ""
        };
        println!("{at:>4}  {op:?}{mark}");
    }
    match failure {
        Some(failure) => println!("FAILED: {}", failure.what),
        None => println!("passed"),
    }
}

fn replay(files: &[String]) -> Result<bool, String> {
    let mut passed = true;
    for file in files {
        let bytes = fs::read(file).map_err(|error| format!("{file}: {error}"))?;
        println!("{file}");
        let failure = run(&bytes).err();
        tell(&bytes, failure.as_ref());
        passed &= failure.is_none();
    }
    Ok(passed)
}

/// What was tried so far.
#[derive(Default)]
struct Search {
    pool: Pool,
    runs: u64,
    operations: usize,
}

impl Search {
    /// Runs an input and keeps it if it shows something new. True if it passed.
    fn passes(&mut self, bytes: &[u8]) -> bool {
        self.runs += 1;
        let Ok(features) = run(bytes) else {
            return false;
        };
        self.operations += features.len();
        self.pool.offer(bytes, features);
        true
    }
}

fn fuzz(args: &Args, grow: bool) -> Result<bool, String> {
    let stored = pool::read(Path::new(&args.corpus))?;
    let length = match args.iterations {
        Some(iterations) => format!("{iterations} runs"),
        None => format!("{} seconds", args.seconds),
    };
    println!(
        "{} stored inputs, seed {}, then {length}",
        stored.len(),
        args.seed
    );
    let mut search = Search::default();
    for bytes in &stored {
        if !search.passes(bytes) {
            return report(bytes).map(|()| false);
        }
    }
    search.pool.stored();
    let mut random = Random(args.seed);
    let limit = Duration::from_secs(args.seconds);
    let (started, mut done) = (Instant::now(), 0);
    while args
        .iterations
        .map_or(started.elapsed() < limit, |most| done < most)
    {
        let bytes = mutate::child(&mut random, search.pool.inputs());
        if !search.passes(&bytes) {
            return report(&bytes).map(|()| false);
        }
        done += 1;
    }
    println!(
        "{} runs, {} operations, no failure; {} kinds of things seen in {} inputs, {} s",
        search.runs,
        search.operations,
        search.pool.seen(),
        search.pool.inputs().len(),
        started.elapsed().as_secs()
    );
    if grow {
        let written = pool::write(Path::new(&args.corpus), &search.pool.best(GROWTH))?;
        println!("{written} new inputs in {}", args.corpus);
    }
    Ok(true)
}

/// Cuts a failing input down, prints it and keeps it.
fn report(bytes: &[u8]) -> Result<(), String> {
    let least = cut::least(bytes, |bytes| run(bytes).is_err());
    let failure = run(&least).err();
    tell(&least, failure.as_ref());
    let folder = Path::new("crashes");
    pool::write(folder, std::slice::from_ref(&least))?;
    println!(
        "kept as crashes/{0}; to see it again: cargo run --release -- crashes/{0}",
        pool::name(&least)
    );
    Ok(())
}
