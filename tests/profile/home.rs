//! What is brought home: blocks, what they buy, what opens zones, and that an older profile loses nothing.

use std::sync::Arc;

use labyrinth::journal::Journal;
use labyrinth::profile::{BuyError, Keeper, MODE_RAID, MemoryShelf, PROFILE_KEY, Profile, Shelf};
use labyrinth::raid::{Held, Outcome, Rules, UnlockSpec};
use proptest::prelude::*;

use super::keeper::opened;
use super::{outcome, play, rules, run};

/// Out with blocks of these orders.
fn out_with(orders: &[u8]) -> Outcome {
    Outcome::Extracted {
        gate: "timed gate".into(),
        loot: orders
            .iter()
            .map(|&order| Held {
                pfn: 0,
                order,
                mapped: true,
            })
            .collect(),
        score: 7,
    }
}

fn journal() -> Journal {
    play(7, 3).0
}

fn orders(keeper: &Keeper) -> Vec<u8> {
    let stash = keeper.profile().home().stash();
    stash.iter().map(|block| block.order).collect()
}

#[test]
fn what_is_brought_home_is_in_the_stash_and_a_death_brings_nothing() {
    let shelf = MemoryShelf::new();
    let mut keeper = opened(&shelf);
    keeper.raid_over(&journal(), &out_with(&[1, 4, 2]));
    keeper.raid_over(&journal(), &out_with(&[]));
    let (dead, raid) = play(1, u32::MAX);
    assert!(matches!(outcome(&raid), Outcome::Dead(_)));
    keeper.raid_over(&dead, &outcome(&raid));
    let keeper = opened(&shelf);
    assert_eq!(orders(&keeper), [4, 2, 1]);
    let home = keeper.profile().home();
    assert_eq!(home.pages(), 16 + 4 + 2);
    let progress = home.progress("dma").expect("there was one");
    assert_eq!((progress.extractions, progress.order), (1, Some(4)));
    assert_eq!(home.stash()[0].zone, "dma");
    let runs = keeper.profile().runs();
    let scores: Vec<_> = runs.iter().map(|run| run.score).collect();
    assert_eq!(scores, [Some(7), Some(7), Some(0)]);
}

#[test]
fn an_item_costs_contiguous_pages_and_change_is_given_in_halves() {
    let shelf = MemoryShelf::new();
    let mut keeper = opened(&shelf);
    let poor = keeper.buy("scan", Some(2));
    let said = poor.expect_err("the stash is empty").to_string();
    assert!(
        said.contains("4 contiguous pages") && said.contains("the stash is empty"),
        "{said}"
    );
    keeper.raid_over(&journal(), &out_with(&[2, 2, 2, 5]));
    // Three blocks of order 2 are 12 pages, and yet no block of order 3.
    assert_eq!(keeper.buy("kill", Some(3)), Ok(()));
    assert_eq!(orders(&keeper), [4, 3, 2, 2, 2]);
    assert_eq!(keeper.buy("kill", Some(2)), Ok(()));
    assert_eq!(orders(&keeper), [4, 3, 2, 2]);
    let best = Some(4);
    let (item, price) = ("kill".to_string(), 6);
    assert_eq!(
        keeper.buy("kill", Some(6)),
        Err(BuyError::TooPoor { item, price, best })
    );
    let free = keeper.buy("scan", None).expect_err("it is free");
    assert!(free.to_string().contains("basic kit"), "{free}");
    let keeper = opened(&shelf);
    assert_eq!(keeper.profile().home().owns("kill"), 2);
    assert_eq!(
        keeper.profile().home().items().collect::<Vec<_>>(),
        [("kill", 2)]
    );
}

#[test]
fn two_instances_keep_what_each_other_brought_and_bought() {
    let shelf = MemoryShelf::new();
    let (mut one, mut two) = (opened(&shelf), opened(&shelf));
    one.raid_over(&journal(), &out_with(&[3]));
    two.raid_over(&journal(), &out_with(&[2]));
    one.buy("get_page", Some(1)).expect("there are blocks");
    two.save();
    assert_eq!(one.profile(), two.profile());
    assert_eq!(orders(&two), [3, 1]);
    assert_eq!(opened(&shelf).profile().home().owns("get_page"), 1);
    let progress = two.profile().home().progress("dma").expect("two raids");
    assert_eq!(progress.extractions, 2);
}

#[test]
fn zones_open_after_raids_or_after_one_great_block() {
    let mut rules = Rules::clone(&rules());
    let mut next = rules.zones[0].clone();
    next.name = "dma32".into();
    next.unlock = Some(UnlockSpec {
        zone: "dma".into(),
        extractions: 2,
        order: 5,
    });
    rules.zones.truncate(1);
    rules.zones.push(next);
    let rules = Arc::new(rules);
    let open = |keeper: &Keeper| keeper.profile().is_open(&rules, "dma32");
    let how = |keeper: &Keeper| keeper.profile().how_to_open(&rules, "dma32");

    let mut keeper = Keeper::open(MemoryShelf::new());
    assert!(keeper.profile().is_open(&rules, "dma") && !open(&keeper));
    assert!(!keeper.profile().is_open(&rules, "elsewhere"));
    let said = how(&keeper).expect("it is shut");
    assert!(
        said.contains("2 more raids of dma") && said.contains("order 5"),
        "{said}"
    );
    keeper.raid_over(&journal(), &out_with(&[4]));
    let said = how(&keeper).expect("it is shut");
    assert!(said.contains("1 more raid of dma"), "{said}");
    keeper.raid_over(&journal(), &out_with(&[1]));
    assert!(open(&keeper));
    assert_eq!(how(&keeper), None);

    let mut keeper = Keeper::open(MemoryShelf::new());
    keeper.raid_over(&journal(), &out_with(&[6]));
    assert!(open(&keeper));
}

#[test]
fn a_profile_of_version_1_is_taken_in_whole() {
    let text = r#"{"version":1,"settings":{"reduced_motion":"on","volume":7},"unfinished":{"mode":"raid","journal":"labyrinth journal 1"},"runs":[{"zone":"dma","seed":5,"mode":"raid","outcome":"extracted","pages":24,"turns":301,"rules":1,"code":"AQ"},{"zone":"dma","seed":6,"mode":"raid","outcome":"null","pages":0,"turns":9,"rules":1}],"medals":[1]}"#;
    let shelf = MemoryShelf::new();
    shelf.write(PROFILE_KEY, text).expect("memory");
    let mut keeper = opened(&shelf);
    let profile = keeper.profile();
    assert_eq!(profile.runs().len(), 2);
    let run = &profile.runs()[0];
    assert_eq!((run.score, run.points(), run.pages), (None, 24, 24));
    let progress = profile.home().progress("dma").expect("one extraction");
    assert_eq!((progress.extractions, progress.order), (1, None));
    keeper.raid_over(&journal(), &out_with(&[3]));
    let kept = shelf.read(PROFILE_KEY).expect("memory").expect("a profile");
    for part in [
        "\"version\":2",
        "\"volume\":7",
        "\"medals\":[1]",
        "\"code\":\"AQ\"",
    ] {
        assert!(kept.contains(part), "{part} in {kept}");
    }
    let again = Profile::parse(&kept).expect("it is a profile");
    let extractions = again.home().progress("dma").map(|zone| zone.extractions);
    assert_eq!(extractions, Some(2), "counted once");
}

#[test]
fn scores_are_by_zone_and_mode_the_best_first() {
    let mut profile = Profile::default();
    for (zone, pages, turns) in [
        ("dma", 4, 90),
        ("dma", 9, 300),
        ("normal", 99, 9),
        ("dma", 9, 200),
    ] {
        profile.add(run(zone, pages, turns));
    }
    profile.add(run("dma", 0, 5));
    let mut daily = run("dma", 50, 50);
    daily.mode = "daily".into();
    profile.add(daily);
    let found = |mode: &str, most| -> Vec<(u32, u32)> {
        let runs = profile.scores("dma", mode, "", most);
        runs.iter().map(|run| (run.points(), run.turns)).collect()
    };
    assert_eq!(found(MODE_RAID, 9), [(18, 200), (18, 300), (8, 90)]);
    assert_eq!(found(MODE_RAID, 1), [(18, 200)]);
    assert_eq!(found("daily", 9), [(100, 50)]);
    let mut hard = run("dma", 5, 50);
    hard.modifiers = "nosmp".into();
    let mut with_it = profile.clone();
    with_it.add(hard.clone());
    assert_eq!(with_it.scores("dma", MODE_RAID, "nosmp", 9), [&hard]);
    assert_eq!(with_it.scores("dma", MODE_RAID, "", 9).len(), 3);
}

#[test]
fn what_is_no_home_is_refused_with_its_place() {
    for (home, parts) in [
        (
            r#"{"stash":[{"order":11,"zone":"dma"}]}"#,
            ["stash[0].order", "order 11", "0 to 10"],
        ),
        (
            r#"{"stash":[{"order":1}]}"#,
            ["stash[0]", "zone", "missing"],
        ),
        (
            r#"{"items":{"the moon":1}}"#,
            ["home", "the moon", "expected a name"],
        ),
        (r#"{"items":{"scan":-1}}"#, ["home", "-1", "u32"]),
        (
            r#"{"progress":{"":{}}}"#,
            ["home", "an empty line", "expected a name"],
        ),
    ] {
        let text = format!("{{\"version\":2,\"home\":{home}}}");
        let said = Profile::parse(&text).expect_err("it is none").to_string();
        for part in parts {
            assert!(said.contains(part), "{said:?} lacks {part:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn pages_are_neither_made_nor_lost(acts in prop::collection::vec((any::<bool>(), 0u8..=10, 0u8..=10), 1..24)) {
        let shelf = MemoryShelf::new();
        let mut keeper = opened(&shelf);
        let journal = journal();
        let (mut pages, mut items) = (0u64, 0u32);
        for (brings, order, other) in acts {
            if brings {
                keeper.raid_over(&journal, &out_with(&[order, other]));
                pages += (1 << order) + (1 << other);
            } else {
                let best = orders(&keeper).first().copied();
                let bought = keeper.buy("scan", Some(order)).is_ok();
                prop_assert_eq!(bought, best >= Some(order));
                if bought {
                    pages -= 1 << order;
                    items += 1;
                }
            }
            let home = keeper.profile().home();
            prop_assert_eq!((home.pages(), home.owns("scan")), (pages, items));
            prop_assert!(orders(&keeper).is_sorted_by(|a, b| a >= b));
            let text = keeper.profile().to_string();
            let read = Profile::parse(&text).expect("it is a profile");
            prop_assert_eq!(&read, keeper.profile());
        }
        let again = opened(&shelf);
        prop_assert_eq!(again.profile(), keeper.profile());
    }
}

/// A raid of so many turns with a kit.
fn with_kit(turns: u32, kit: &str) -> Journal {
    let (mut journal, _) = play(7, turns);
    journal.setup.loadout = kit.parse().expect("a kit");
    journal
}

#[test]
fn gear_is_lost_with_a_death_and_kept_otherwise() {
    let mut keeper = Keeper::open(MemoryShelf::new());
    keeper.raid_over(&journal(), &out_with(&[4, 4, 4, 4]));
    for item in ["kill", "kill", "isolate"] {
        keeper.buy(item, Some(2)).expect("there are blocks");
    }
    let owned = |keeper: &Keeper| {
        let home = keeper.profile().home();
        [home.owns("kill"), home.owns("isolate"), home.owns("scan")]
    };
    keeper.raid_over(&with_kit(3, "kill,isolate"), &out_with(&[1]));
    assert_eq!(owned(&keeper), [2, 1, 0]);
    assert_eq!(keeper.profile().runs()[1].kit, "isolate,kill");
    let (_, raid) = play(1, u32::MAX);
    assert!(matches!(outcome(&raid), Outcome::Dead(_)));
    // What belongs to the basic kit is not counted, and so not lost.
    keeper.raid_over(&with_kit(3, "kill,scan"), &outcome(&raid));
    assert_eq!(owned(&keeper), [1, 1, 0]);

    // A raid given up before its first turn costs nothing; later it does.
    keeper.raid_started(MODE_RAID, &with_kit(0, "isolate"));
    keeper.raid_started(MODE_RAID, &with_kit(0, "isolate"));
    assert_eq!(owned(&keeper), [1, 1, 0]);
    keeper.turn_played(&with_kit(2, "isolate"));
    keeper.raid_started(MODE_RAID, &with_kit(0, ""));
    assert_eq!(owned(&keeper), [1, 0, 0]);
}
