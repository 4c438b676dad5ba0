//! `labyrinth simulate`: many raids played by a bot, counted by how they end.

use std::fmt;
use std::io::{self, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use serde::Serialize;

use super::args::SimulateArgs;
use super::{CliError, headless, sources};
use crate::raid::{MAX_SEED, Raid, Rules, Setup};

/// Address space that must be left before one more thread starts, in bytes: its stack of 2 MiB, and enough for
/// the raids of all.
const ROOM: usize = 96 << 20;

/// What came of many raids, in raw counts.
#[derive(Debug, Serialize)]
struct Summary<'a> {
    zone: &'a str,
    bot: &'a str,
    runs: u32,
    extracted_with_loot: u32,
    extracted_empty: u32,
    deaths: Deaths,
    median_turns: u32,
}

/// The deaths among them, by cause.
#[derive(Debug, Default, Serialize)]
struct Deaths {
    null: u32,
    references: u32,
    minotaur: u32,
    watchdog: u32,
}

/// How one raid ended: the outcome's word, and the turns it took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Run {
    word: &'static str,
    turns: u32,
}

/// Plays, counts and prints.
pub(super) fn run(args: &SimulateArgs) -> Result<(), CliError> {
    let rules = sources::rules()?;
    let last = args.seed + u64::from(args.runs) - 1;
    if last > MAX_SEED {
        return Err(CliError::Input(format!(
            "--seed {} --runs {} would need seed {last}, expected none above {MAX_SEED}",
            args.seed, args.runs
        )));
    }
    let jobs = args
        .jobs
        .unwrap_or_else(|| thread::available_parallelism().map_or(1, |n| n.get() as u32))
        .min(args.runs);
    let summary = count(args, &play_all(&rules, args, jobs)?);
    let mut out = io::stdout().lock();
    if args.json {
        let text = serde_json::to_string(&summary).map_err(io::Error::from)?;
        writeln!(out, "{text}")?;
    } else {
        write!(out, "{summary}")?;
    }
    Ok(())
}

/// Plays all raids on `jobs` threads. Each raid depends on its seed alone, so who plays which does not matter.
fn play_all(rules: &Arc<Rules>, args: &SimulateArgs, jobs: u32) -> Result<Vec<Run>, CliError> {
    let next = AtomicU32::new(0);
    let worker = || {
        let mut runs = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= args.runs {
                return Ok::<_, CliError>(runs);
            }
            runs.push(play_one(rules, args, args.seed + u64::from(index))?);
        }
    };
    thread::scope(|scope| {
        // This thread plays as well. Where the system lets no more start, those that did play all.
        let threads: Vec<_> = (1..jobs)
            .map_while(|_| {
                let builder = thread::Builder::new();
                room_for_a_thread().then(|| builder.spawn_scoped(scope, worker).ok())?
            })
            .collect();
        let mut all = worker()?;
        for handle in threads {
            match handle.join() {
                Ok(runs) => all.extend(runs?),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        Ok(all)
    })
}

/// True if there is so much memory left that a thread more does not starve the others.
///
/// A thread that starts where memory has just run out would end the program.
fn room_for_a_thread() -> bool {
    let mut room: Vec<u8> = Vec::new();
    let left = room.try_reserve_exact(ROOM).is_ok();
    // Looked at, so that the compiler may not leave the reservation out. No page of it is touched.
    std::hint::black_box(&room);
    left
}

fn play_one(rules: &Arc<Rules>, args: &SimulateArgs, seed: u64) -> Result<Run, CliError> {
    let zone = args.zone.clone();
    let setup = Setup {
        zone,
        seed,
        layout: None,
    };
    let mut raid = Raid::new(Arc::clone(rules), setup)
        .map_err(|error| sources::cannot_begin(rules, &error))?;
    let mut player = sources::player(&args.bot, seed)?;
    let outcome = headless::play(&mut raid, &mut player, |_, _, _| Ok::<(), CliError>(()))?;
    Ok(Run {
        word: outcome.word(),
        turns: raid.turn(),
    })
}

fn count<'a>(args: &'a SimulateArgs, runs: &[Run]) -> Summary<'a> {
    let of = |word: &str| runs.iter().filter(|run| run.word == word).count() as u32;
    Summary {
        zone: &args.zone,
        bot: &args.bot,
        runs: args.runs,
        extracted_with_loot: of("extracted"),
        extracted_empty: of("empty"),
        deaths: Deaths {
            null: of("null"),
            references: of("references"),
            minotaur: of("minotaur"),
            watchdog: of("watchdog"),
        },
        median_turns: median(runs.iter().map(|run| run.turns).collect()),
    }
}

/// The middle number, or the mean of the two middle ones rounded down; 0 of none.
fn median(mut numbers: Vec<u32>) -> u32 {
    numbers.sort_unstable();
    match numbers.len() {
        0 => 0,
        n if n % 2 == 1 => numbers[n / 2],
        n => u32::midpoint(numbers[n / 2 - 1], numbers[n / 2]),
    }
}

/// A table for people: counts and shares.
impl fmt::Display for Summary<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (runs, deaths) = (self.runs, &self.deaths);
        writeln!(
            f,
            "{runs} raids of {} by {}, half of them over after {} turns",
            self.zone, self.bot, self.median_turns
        )?;
        for (what, count) in [
            ("extracted with loot", self.extracted_with_loot),
            ("extracted with nothing", self.extracted_empty),
            ("killed by NULL", deaths.null),
            ("out of references", deaths.references),
            ("killed by the Minotaur", deaths.minotaur),
            ("hard lockup", deaths.watchdog),
        ] {
            let permille = (u64::from(count) * 1000 + u64::from(runs) / 2) / u64::from(runs.max(1));
            let (percent, tenth) = (permille / 10, permille % 10);
            writeln!(f, "  {what:<23}{count:>8} {percent:>6}.{tenth} %")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle() {
        assert_eq!(median(vec![]), 0);
        assert_eq!(median(vec![9, 1, 5]), 5);
        assert_eq!(median(vec![4, 1, 9, 7]), 5);
    }

    #[test]
    fn the_table_gives_counts_and_shares() {
        let summary = Summary {
            zone: "dma",
            bot: "careful",
            runs: 3,
            extracted_with_loot: 2,
            extracted_empty: 0,
            deaths: Deaths {
                null: 1,
                ..Deaths::default()
            },
            median_turns: 120,
        };
        let text = summary.to_string();
        assert!(text.starts_with("3 raids of dma by careful, half of them over after 120 turns\n"));
        assert!(
            text.contains("extracted with loot           2     66.7 %\n"),
            "{text}"
        );
        assert!(
            text.contains("killed by NULL                1     33.3 %\n"),
            "{text}"
        );
        assert_eq!(text.lines().count(), 7);
    }

    #[test]
    fn json_keeps_the_promised_names_and_order() {
        let summary = Summary {
            zone: "dma",
            bot: "novice",
            runs: 4,
            extracted_with_loot: 1,
            extracted_empty: 0,
            deaths: Deaths {
                null: 2,
                watchdog: 1,
                ..Deaths::default()
            },
            median_turns: 33,
        };
        assert_eq!(
            serde_json::to_string(&summary).unwrap(),
            r#"{"zone":"dma","bot":"novice","runs":4,"extracted_with_loot":1,"extracted_empty":0,"deaths":{"null":2,"references":0,"minotaur":0,"watchdog":1},"median_turns":33}"#
        );
    }
}
