//! Runs every load on every allocator that can play it, in interleaved rounds, and prints the medians.

mod loads;
mod ours;
mod peers;
mod report;
mod rounds;

use std::process::ExitCode;

fn main() -> ExitCode {
    let quick = std::env::args().any(|argument| argument == "--quick");
    let results = rounds::run(if quick { 3 } else { 9 });
    match report::report(&results) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("target/bench/summary.json cannot be written: {error}");
            ExitCode::FAILURE
        }
    }
}
