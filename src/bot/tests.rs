//! What holds for all players: the fair ones name nothing of the raid behind the view, the oracle plays what it planned.

use std::sync::Arc;

use super::*;
use crate::raid::{Item, Loadout, Outcome, Rules, Setup};

fn boot(seed: u64) -> Raid {
    let rules = Arc::new(Rules::shipped().unwrap());
    let setup = Setup {
        zone: "dma".into(),
        seed,
        ..Setup::default()
    };
    Raid::new(rules, setup).unwrap()
}

/// The compiler hands them a view only; this sees to it that none boots a raid of its own to look into.
#[test]
fn fair_bots_name_nothing_of_what_lies_behind_the_view() {
    for (file, source) in [
        ("careful.rs", include_str!("careful.rs")),
        ("greedy.rs", include_str!("greedy.rs")),
        ("kit.rs", include_str!("kit.rs")),
        ("novice.rs", include_str!("novice.rs")),
        ("walk.rs", include_str!("walk.rs")),
    ] {
        let words: Vec<&str> = source
            .split(|c: char| !c.is_alphanumeric() && c != '_')
            .collect();
        for hidden in [
            "Raid", "Rules", "Setup", "Zone", "Maze", "Oracle", "oracle", "unsafe",
        ] {
            assert!(!words.contains(&hidden), "{file} names {hidden}");
        }
        assert!(words.contains(&"View"), "{file} is a bot's");
    }
}

#[test]
fn the_oracle_gets_out_with_loot_and_is_never_refused() {
    for seed in [1, 2] {
        let mut raid = boot(seed);
        let mut again = boot(seed);
        let mut oracle = Oracle::default();
        while raid.outcome().is_none() {
            let command = oracle.next(&raid);
            raid.step(command)
                .expect("what it tried on a copy is not refused");
            again.step(command).unwrap();
        }
        assert_eq!(
            raid.state_hash(),
            again.state_hash(),
            "planning leaves no trace"
        );
        let outcome = raid.outcome().unwrap();
        assert!(
            matches!(outcome, Outcome::Extracted { .. }),
            "seed {seed}: {outcome:?}"
        );
        assert!(outcome.pages() > 0, "seed {seed}");
    }
}

#[test]
fn an_oracle_handed_another_raid_begins_anew() {
    let mut player = Player::by_name("oracle", 1).unwrap();
    let mut first = boot(1);
    for _ in 0..5 {
        player.play_turn(&mut first);
    }
    let mut second = boot(3);
    while second.outcome().is_none() {
        player.play_turn(&mut second);
    }
    assert!(second.turn() > 0);
}

/// How the raid of a seed goes for a bot: ending, turns, pages.
fn figures(bot: &str, seed: u64, setup: &Setup) -> (String, u32, u32) {
    let rules = Arc::new(Rules::shipped().expect("the shipped rules"));
    let setup = Setup {
        seed,
        ..setup.clone()
    };
    let mut raid = Raid::new(rules, setup).expect("a raid");
    let mut bot = by_name(bot, seed).expect("a bot");
    while raid.outcome().is_none() {
        play_turn(bot.as_mut(), &mut raid);
    }
    let outcome = raid.outcome().expect("it is over");
    (outcome.word().to_string(), raid.turn(), outcome.pages())
}

#[test]
fn every_item_and_every_modifier_moves_a_figure_of_some_bot() {
    let bare = Setup::new("dma", 0);
    let mut cases: Vec<(String, Setup)> = Vec::new();
    for item in Item::ALL {
        let loadout = Loadout::of([item]).expect("one item");
        let setup = Setup {
            loadout,
            ..bare.clone()
        };
        cases.push((item.name().into(), setup));
    }
    for modifier in [
        "page_poison=1",
        "init_on_free=1",
        "init_on_alloc=1",
        "nosmp",
        "mem=8M",
        "hugepages=8",
        "panic_on_oom=1",
        "watchdog_thresh=5",
    ] {
        let setup = Setup {
            modifiers: modifier.parse().expect("a modifier"),
            ..bare.clone()
        };
        cases.push((modifier.into(), setup));
    }
    let mut still: Vec<&(String, Setup)> = cases.iter().collect();
    for seed in 1..=25 {
        for bot in ["greedy", "careful"] {
            let plain = figures(bot, seed, &bare);
            still.retain(|(_, setup)| figures(bot, seed, setup) == plain);
            if still.is_empty() {
                return;
            }
        }
    }
    let names: Vec<&str> = still.iter().map(|(name, _)| name.as_str()).collect();
    panic!("no figure moved for {}", names.join(", "));
}

/// Raids that the greedy bot loses, each with its commands.
fn lost(seeds: std::ops::Range<u64>) -> Vec<(u64, Raid, Vec<Command>)> {
    let play = |seed| {
        let mut raid = boot(seed);
        let mut bot = by_name("greedy", seed).unwrap();
        let mut commands = Vec::new();
        while raid.outcome().is_none() {
            let command = bot.next(raid.view());
            let command = if raid.step(command).is_ok() {
                command
            } else {
                bot.refused();
                raid.step(Command::Wait).unwrap();
                Command::Wait
            };
            commands.push(command);
        }
        (seed, raid, commands)
    };
    let dead = |raid: &Raid| matches!(raid.outcome(), Some(Outcome::Dead(_)));
    seeds.map(play).filter(|(_, raid, _)| dead(raid)).collect()
}

#[test]
fn what_would_have_worked_works() {
    let rules = Arc::new(Rules::shipped().unwrap());
    let (mut helped, mut grabs) = (0, 0);
    let lost = lost(1..16);
    for (seed, raid, commands) in &lost {
        let told = hindsight(rules.clone(), raid.setup(), commands).expect("somebody died");
        let before = |turn: usize| {
            let mut raid = boot(*seed);
            for &command in &commands[..turn] {
                raid.step(command).unwrap();
            }
            raid
        };
        match told {
            Hindsight::Instead { turn, command } => {
                let mut raid = before(turn as usize - 1);
                raid.step(command).expect("it is allowed");
                assert!(raid.outcome().is_none(), "seed {seed}: {told:?}");
                helped += 1;
            }
            Hindsight::Later { turns } => {
                assert_eq!(commands.last(), Some(&Command::Grab));
                assert!(
                    turns > 0,
                    "seed {seed}: the same grab at once is what killed"
                );
                helped += 1;
                grabs += 1;
            }
            Hindsight::Make { range, .. } => {
                let raid = before(commands.len() - 1);
                let device = raid.view().device_here().expect("there it grabbed");
                let order = raid.view().devices[device].request.expect("for it").order;
                assert_eq!(range.1, order, "seed {seed}");
                helped += 1;
                grabs += 1;
            }
            Hindsight::Nothing { turns } => assert!(turns > 0),
        }
    }
    assert!(
        grabs > 0,
        "of {} deaths no grab could be helped",
        lost.len()
    );
    assert!(helped * 2 > lost.len(), "{helped} of {}", lost.len());
}
