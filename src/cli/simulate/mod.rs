//! `labyrinth simulate`: many raids played by bots, counted by how they end and what they needed.

mod files;
mod table;
#[cfg(test)]
mod tests;
mod watch;
mod worth;

use std::io::{self, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use super::args::{ALL_BOTS, SimulateArgs};
use super::{CliError, headless, sources};
use crate::bot::Player;
use crate::raid::{Loadout, MAX_SEED, Modifiers, Raid, Rules, Setup};
use files::{Kept, Played};
use table::{Summary, Tables};
use watch::{Record, Watch};

/// Address space that must be left before one more thread starts, in bytes: its stack of 2 MiB, and enough for
/// the raids of all.
const ROOM: usize = 96 << 20;

/// The raids to play: every bot plays every seed.
struct Plan<'a> {
    zone: &'a str,
    /// What each brings.
    kit: &'a Loadout,
    /// Under which modifiers.
    modifiers: Modifiers,
    bots: Vec<&'a str>,
    /// The first seed and the last.
    seeds: (u64, u64),
}

/// Plays, counts and prints.
pub(super) fn run(args: &SimulateArgs) -> Result<(), CliError> {
    let mut rules = sources::rules()?;
    if let Some(task) = &args.without {
        let less = Rules::clone(&rules)
            .without(task)
            .map_err(|error| CliError::Input(format!("--without: {error}")))?;
        rules = Arc::new(less);
    }
    let plan = Plan::of(args)?;
    // What cannot be written is found out before the raids, not after them.
    let mut kept = Vec::new();
    if let Some(path) = &args.csv {
        kept.push(Kept::csv(path)?);
    }
    if let Some(path) = &args.json {
        if args.csv.as_ref() == Some(path) {
            return Err(CliError::Input(format!(
                "--csv and --json: found {} for both, expected two files",
                path.display()
            )));
        }
        kept.push(Kept::json(path, plan.zone, plan.seeds)?);
    }
    let jobs = args
        .jobs
        .unwrap_or_else(|| thread::available_parallelism().map_or(1, |n| n.get() as u32));
    if args.worth {
        return worth::run(&rules, &plan, jobs);
    }
    let raids = play_all(&rules, &plan, jobs)?;
    let played: Vec<Played<'_>> = plan
        .bots
        .iter()
        .zip(raids.chunks(plan.runs() as usize))
        .map(|(bot, raids)| Played { bot, raids })
        .collect();
    let summaries: Vec<Summary> = played
        .iter()
        .map(|played| Summary::of(played.bot, played.raids))
        .collect();
    for file in kept {
        file.save(plan.zone, &played, &summaries)?;
    }
    let tables = Tables {
        zone: plan.zone,
        without: args.without.as_deref(),
        kit: plan.kit.to_string(),
        modifiers: plan.modifiers.to_string(),
        seeds: plan.seeds,
        bots: &summaries,
    };
    write!(io::stdout().lock(), "{tables}")?;
    Ok(())
}

impl<'a> Plan<'a> {
    fn of(args: &'a SimulateArgs) -> Result<Self, CliError> {
        let seeds = match (args.seeds, args.runs) {
            (Some(seeds), _) => seeds,
            (None, runs) => {
                let runs = runs.unwrap_or(1);
                let last = args.seed + u64::from(runs) - 1;
                if last > MAX_SEED {
                    return Err(CliError::Input(format!(
                        "--seed {} --runs {runs} would need seed {last}, expected none above {MAX_SEED}",
                        args.seed
                    )));
                }
                (args.seed, last)
            }
        };
        let mut bots = Vec::new();
        for name in &args.bot {
            if name == ALL_BOTS {
                bots.extend(Player::names().map(|(name, _)| name));
            } else {
                bots.push(name);
            }
        }
        let mut once = Vec::new();
        bots.retain(|name| {
            let new = !once.contains(name);
            once.push(*name);
            new
        });
        Ok(Self {
            zone: &args.zone,
            kit: &args.kit.kit,
            modifiers: args.kit.modifiers()?,
            bots,
            seeds,
        })
    }

    /// The same with another kit, under other modifiers.
    fn with<'b>(&'b self, kit: &'b Loadout, modifiers: Modifiers) -> Plan<'b> {
        Plan {
            zone: self.zone,
            kit,
            modifiers,
            bots: self.bots.clone(),
            seeds: self.seeds,
        }
    }

    /// Raids of each bot.
    fn runs(&self) -> u64 {
        self.seeds.1 - self.seeds.0 + 1
    }

    /// Bot and seed of the raid with this number; the raids of one bot follow each other.
    fn raid(&self, index: u64) -> Option<(&'a str, u64)> {
        let bot = self.bots.get((index / self.runs()) as usize)?;
        Some((bot, self.seeds.0 + index % self.runs()))
    }
}

/// Plays all raids on `jobs` threads, and puts them in the plan's order. Each raid depends on its seed and its bot
/// alone, so who plays which does not matter.
fn play_all(rules: &Arc<Rules>, plan: &Plan<'_>, jobs: u32) -> Result<Vec<Record>, CliError> {
    let next = AtomicU64::new(0);
    let worker = || {
        let mut played = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some((bot, seed)) = plan.raid(index) else {
                return Ok::<_, CliError>(played);
            };
            played.push((index, play_one(rules, plan, bot, seed)?));
        }
    };
    let all = plan.runs() * plan.bots.len() as u64;
    let more = u64::from(jobs).min(all).saturating_sub(1);
    let mut played = thread::scope(|scope| {
        // This thread plays as well. Where the system lets no more start, those that did play all.
        let threads: Vec<_> = (0..more)
            .map_while(|_| {
                let builder = thread::Builder::new();
                room_for_a_thread().then(|| builder.spawn_scoped(scope, worker).ok())?
            })
            .collect();
        let mut all = worker()?;
        for handle in threads {
            match handle.join() {
                Ok(played) => all.extend(played?),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        Ok::<_, CliError>(all)
    })?;
    played.sort_unstable_by_key(|&(index, _)| index);
    Ok(played.into_iter().map(|(_, record)| record).collect())
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

fn play_one(rules: &Arc<Rules>, plan: &Plan<'_>, bot: &str, seed: u64) -> Result<Record, CliError> {
    let setup = Setup {
        zone: plan.zone.into(),
        seed,
        loadout: plan.kit.clone(),
        modifiers: plan.modifiers.clone(),
        layout: None,
    };
    let mut raid = Raid::new(Arc::clone(rules), setup)
        .map_err(|error| sources::cannot_begin(rules, &error))?;
    let mut player = sources::player(bot, seed)?;
    let mut watch = Watch::new(&raid);
    let outcome = headless::play(&mut raid, &mut player, |_, events, raid| {
        watch.turn(events, raid);
        Ok::<(), CliError>(())
    })?;
    Ok(watch.end(&raid, &outcome))
}
