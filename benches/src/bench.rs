//! Runs every load on every allocator, in interleaved rounds, and prints the medians: `[--quick] [LOAD or ALLOCATOR]...`

mod clock;
mod loads;
mod ours;
mod peers;
mod report;
mod rounds;

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut only: Vec<String> = std::env::args().skip(1).collect();
    let quick = only.iter().any(|argument| argument == "--quick");
    only.retain(|argument| argument != "--quick");
    let results = rounds::run(if quick { 3 } else { 7 }, &only);
    match report::report(&results) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("target/bench/summary.json cannot be written: {error}");
            ExitCode::FAILURE
        }
    }
}
