//! What a turn costs in each zone, and how much of it is the page allocator: `[--quick]`.

mod clock;

use std::hint::black_box;
use std::process::ExitCode;
use std::sync::Arc;

use labyrinth::bot::{self, Bot};
use labyrinth::labyrinth::Dir;
use labyrinth::mm::{Event, Zone};
use labyrinth::raid::{Command, Purpose, Raid, Rules, Setup, Stream};

/// Figures of one round in one zone: means a turn, in nanoseconds of processor time.
#[derive(Debug, Clone, Copy, Default)]
struct Round {
    /// Of `Raid::step`.
    turn: u64,
    /// Of the same calls of the allocator alone.
    allocator: u64,
    /// Of the careful bot, for choosing a command.
    bot: u64,
}

/// Who plays: a walk at random, which shows the rules alone, or the careful bot.
enum Player {
    Walk(Stream),
    Careful(Box<dyn Bot>),
}

fn main() -> ExitCode {
    let quick = std::env::args()
        .skip(1)
        .any(|argument| argument == "--quick");
    let (rounds, turns) = if quick { (3, 200) } else { (9, 600) };
    let rules = match Rules::shipped() {
        Ok(rules) => Arc::new(rules),
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    let zones: Vec<String> = rules.zones.iter().map(|zone| zone.name.clone()).collect();
    for careful in [false, true] {
        let mut figures: Vec<Vec<Round>> = vec![Vec::new(); zones.len()];
        // Interleaved, so that what slows the machine slows all zones.
        for round in 0..rounds {
            for (zone, figures) in zones.iter().zip(&mut figures) {
                figures.push(play(&rules, zone, 1 + round * 100, turns, careful));
            }
        }
        let who = if careful {
            "the careful bot"
        } else {
            "a random walk"
        };
        println!("\n{rounds} rounds of {turns} turns by {who}, medians, microseconds a turn");
        println!("  zone      cells     rules   ratio  allocator  share        bot   ratio");
        let mut first = None;
        for (zone, rounds) in zones.iter().zip(&figures) {
            let side = rules.zone(zone).map_or(0, |zone| u32::from(zone.side));
            let median = |of: fn(&Round) -> u64| {
                let mut all: Vec<u64> = rounds.iter().map(of).collect();
                all.sort_unstable();
                all[all.len() / 2].max(1)
            };
            let here = Round {
                turn: median(|round| round.turn),
                allocator: median(|round| round.allocator),
                bot: median(|round| round.bot),
            };
            let first = *first.get_or_insert(here);
            let whole = here.turn + here.bot;
            println!(
                "  {zone:<8} {:>6} {:>9.1} {:>7.2} {:>10.1} {:>5.1}% {:>10.1} {:>7.2}",
                side * side,
                here.turn as f64 / 1000.0,
                here.turn as f64 / first.turn as f64,
                here.allocator as f64 / 1000.0,
                here.allocator as f64 * 100.0 / here.turn as f64,
                here.bot as f64 / 1000.0,
                whole as f64 / (first.turn + first.bot) as f64,
            );
        }
    }
    println!("\nThe ratios are to the first zone: of the rules alone, and with who plays.");
    ExitCode::SUCCESS
}

/// Plays so many turns from this seed on, in as many raids as that takes.
fn play(rules: &Arc<Rules>, zone: &str, seed: u64, turns: u32, careful: bool) -> Round {
    let mut sum = Round::default();
    let mut played = 0;
    let mut seed = seed;
    while played < turns {
        let setup = Setup {
            zone: zone.into(),
            seed,
            ..Setup::default()
        };
        let mut raid = Raid::new(Arc::clone(rules), setup).expect("a shipped zone");
        let mut player = if careful {
            Player::Careful(bot::by_name("careful", seed).expect("a bot of that name"))
        } else {
            Player::Walk(Stream::new(seed, Purpose::Bots))
        };
        seed += 1;
        while played < turns && raid.outcome().is_none() {
            let begin = clock::now();
            let command = player.next(&raid);
            sum.bot += clock::now() - begin;
            let before = raid.memory().clone();
            let begin = clock::now();
            let refused = raid.step(command).is_err();
            let took = clock::now() - begin;
            if refused {
                player.refused();
                let _ = raid.step(Command::Wait);
                continue;
            }
            sum.turn += took;
            sum.allocator += again(before, raid.memory_news());
            played += 1;
        }
    }
    let turns = u64::from(turns);
    Round {
        turn: sum.turn / turns,
        allocator: sum.allocator / turns,
        bot: sum.bot / turns,
    }
}

/// Makes the calls again that led to these events, and returns how long they took.
fn again(mut zone: Zone, events: &[Event]) -> u64 {
    let begin = clock::now();
    for event in events {
        // What fails here was done in another way there, which takes as long to within the noise.
        match *event {
            Event::Alloc {
                order, gfp, owner, ..
            } => _ = black_box(zone.alloc_pages(gfp, order, owner, &mut ())),
            Event::Free { pfn, order, .. } => _ = black_box(zone.free_pages(pfn, order, &mut ())),
            Event::Migrate { from, .. } => _ = black_box(zone.migrate(from, &mut ())),
            _ => {}
        }
    }
    clock::now() - begin
}

impl Player {
    fn next(&mut self, raid: &Raid) -> Command {
        match self {
            Self::Walk(random) => Command::Step(Dir::ALL[random.below(4) as usize]),
            Self::Careful(bot) => bot.next(raid.view()),
        }
    }

    fn refused(&mut self) {
        if let Self::Careful(bot) = self {
            bot.refused();
        }
    }
}
