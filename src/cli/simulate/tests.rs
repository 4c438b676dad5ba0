//! Counting, quantiles and what a grab needed, on made-up and on played raids.

use super::table::{Summary, Tables};
use super::watch::{Grabs, Lost, Record, Ways};
use super::*;
use crate::labyrinth::{cell_of, distances};
use crate::raid::preview::{Verdict, preview};
use crate::raid::{Command, Event, RoomKind};

fn record(outcome: &'static str, pages: u32, turns: u32) -> Record {
    Record {
        outcome,
        turns,
        pages,
        score: pages * 2,
        ..Record::default()
    }
}

fn tables(raids: &[Record]) -> String {
    let bots = [Summary::of("careful", raids)];
    let seeds = (1, raids.len() as u64);
    Tables {
        zone: "dma",
        without: None,
        kit: String::new(),
        modifiers: String::new(),
        seeds,
        bots: &bots,
    }
    .to_string()
}

/// The figures of the row under the table whose title begins so.
fn row(text: &str, title: &str) -> Vec<String> {
    let mut lines = text.lines().skip_while(|line| !line.starts_with(title));
    let row = lines.nth(2).expect("a title, a head, a row");
    let words = row.split_whitespace().skip(1);
    words.map(String::from).collect()
}

#[test]
fn the_tables_give_shares_means_and_quantiles() {
    let mut raids = vec![
        record("extracted", 8, 100),
        record("extracted", 20, 140),
        record("null", 0, 60),
        record("watchdog", 0, 400),
    ];
    raids[0].grabs = Grabs {
        in_sight: 1,
        cleared: 2,
        freed: 1,
        isolated: 1,
        unseen: 3,
    };
    raids[0].at_start = Ways { clear: 2, all: 3 };
    raids[1].at_interrupt = Ways { clear: 1, all: 4 };
    raids[2].null_called = "unknown";
    raids[3].lost = Lost {
        kernel: 2,
        first_write: 1,
        blows: 0,
        transfers: 0,
    };
    let text = tables(&raids);
    assert!(
        text.starts_with("4 raids of dma by careful, seeds 1 to 4\n"),
        "{text}"
    );
    assert_eq!(
        row(&text, "how they end"),
        ["50.0", "0.0", "25.0", "0.0", "0.0", "25.0", "120"]
    );
    assert_eq!(
        row(&text, "pages brought out"),
        ["7.00", "0", "0", "4", "8", "20", "20", "14"]
    );
    assert_eq!(row(&text, "score"), ["14.00", "8", "40"]);
    assert_eq!(
        row(&text, "grabs granted"),
        ["8", "2.00", "12.5", "50.0", "25.0", "12.5", "12.5", "37.5"]
    );
    assert_eq!(
        row(&text, "grabs that returned NULL"),
        ["1", "0.0", "100.0", "0.0"]
    );
    assert_eq!(
        row(&text, "references lost"),
        ["0.50", "0.25", "0.00", "0.00"]
    );
    assert_eq!(row(&text, "in % of devices"), ["66.7", "25.0"]);
}

#[test]
fn shares_of_nothing_are_no_shares() {
    let text = tables(&[record("empty", 0, 9)]);
    assert_eq!(row(&text, "grabs that returned NULL"), ["0", "-", "-", "-"]);
    assert_eq!(row(&text, "grabs granted")[..3], ["0", "0.00", "-"]);
}

/// Counts again, from commands and events, what the careful player did.
#[test]
fn grabs_are_counted_by_what_they_needed() {
    let rules = sources::rules().unwrap();
    let mut made = 0;
    for seed in 1..60 {
        if seed > 3 && made > 0 {
            break;
        }
        let setup = Setup {
            zone: "dma".into(),
            seed,
            ..Setup::default()
        };
        let mut raid = Raid::new(Arc::clone(&rules), setup).unwrap();
        let mut player = sources::player("careful", seed).unwrap();
        let mut watch = Watch::new(&raid);
        let (mut granted, mut certain, mut isolated, mut evicted) = (0, 0, 0, 0);
        let mut sure = false;
        let outcome = headless::play(&mut raid, &mut player, |command, events, raid| {
            if command == Command::Grab {
                certain += u32::from(sure);
            }
            for event in events {
                granted += u32::from(matches!(event, Event::Granted { .. }));
                isolated += u32::from(matches!(event, Event::Isolated { .. }));
                evicted += u32::from(matches!(event, Event::Evicted { .. }));
            }
            watch.turn(events, raid);
            sure = preview(raid.view())
                .is_some_and(|preview| matches!(preview.verdict, Verdict::Certain(_)));
            Ok::<(), ()>(())
        })
        .unwrap();
        let record = watch.end(&raid, &outcome);
        assert_eq!(record.grabs.all(), granted, "seed {seed}");
        assert_eq!(
            (record.isolated, record.evicted),
            (isolated, evicted),
            "seed {seed}"
        );
        assert!(record.grabs.in_sight <= certain, "seed {seed}");
        assert_eq!(record.null_called.is_empty(), record.outcome != "null");
        made += record.grabs.made();
    }
    assert!(made > 0, "careful players make blocks");
}

#[test]
fn a_way_clear_of_kernel_rooms_enters_none() {
    let rules = sources::rules().unwrap();
    let mut longer = 0;
    for seed in 1..=4 {
        let setup = Setup {
            zone: "dma".into(),
            seed,
            ..Setup::default()
        };
        let raid = Raid::new(Arc::clone(&rules), setup).unwrap();
        let ways = raid.ways_clear_of_kernel();
        let me = raid.view().me.cell;
        assert_eq!(ways.get(me), Some(0));
        let any = distances(raid.maze(), &[me], |_, _, _| Some(1));
        for cell in raid.maze().grid().cells() {
            let kernel = |cell| raid.true_room(cell).2 == RoomKind::Kernel;
            let Some(steps) = ways.get(cell) else {
                // Then every way there, also the shortest, enters the kernel's rooms.
                assert!(
                    kernel(cell) || any.path(cell).into_iter().any(kernel),
                    "seed {seed}"
                );
                continue;
            };
            assert!(!kernel(cell), "seed {seed}: {cell:?}");
            longer += u32::from(Some(steps) > any.get(cell));
        }
        // The map leads from the device to the player; the player walks it the other way.
        for device in raid.true_devices() {
            let site = cell_of(device.room.0);
            let walked = ways.path(site);
            assert_eq!(walked.len() as u32, ways.get(site).unwrap_or(0));
            assert!(
                walked
                    .into_iter()
                    .all(|cell| raid.true_room(cell).2 != RoomKind::Kernel)
            );
        }
    }
    assert!(
        longer > 0,
        "some of these ways lead around the kernel's rooms"
    );
}

#[test]
fn every_bot_plays_every_seed_once() {
    let kit = Loadout::default();
    let plan = Plan {
        zone: "dma",
        kit: &kit,
        modifiers: Modifiers::default(),
        bots: vec!["novice", "greedy"],
        seeds: (5, 7),
    };
    let all: Vec<_> = (0..7).map(|index| plan.raid(index)).collect();
    let raid = |bot, seed| Some((bot, seed));
    assert_eq!(
        all,
        [
            raid("novice", 5),
            raid("novice", 6),
            raid("novice", 7),
            raid("greedy", 5),
            raid("greedy", 6),
            raid("greedy", 7),
            None,
        ]
    );
}
