//! Snapshots: zones stored and read, what differs between two states, undo and redo.

mod common;
#[path = "mm_snapshot/cpus.rs"]
mod cpus;
#[path = "mm_snapshot/stored_zone.rs"]
mod stored_zone;

use common::history::History as Life;
use common::op::{Op, Random};
use common::words;
use labyrinth::mm::{
    Delta, DeltaError, Gfp, History, HistoryError, MAX_PAGE_ORDER, MigrateType, Owner, PageFlags,
    Zone, ZoneConfig,
};
use proptest::collection::vec;
use proptest::prelude::*;

fn zone(pages: u32, pageblock_order: u8) -> Zone {
    Zone::new(ZoneConfig::new("DMA", pages, pageblock_order)).expect("a zone")
}

/// A zone with something of everything.
fn lived_in() -> Zone {
    let mut zone = zone(2000, 4);
    let reserved = PageFlags::RESERVED;
    let at = zone.alloc_at(0, 2, MigrateType::Unmovable, Owner(9), reserved, &mut ());
    assert_eq!(at, Ok(()));
    for (order, dirty) in [(0, false), (0, true), (2, false), (1, true), (0, false)] {
        let gfp = Gfp::GFP_KERNEL | Gfp::RECLAIMABLE;
        let pfn = zone.alloc_pages(gfp, order, Owner(1), &mut ());
        let pfn = pfn.expect("memory");
        zone.lru_add(pfn);
        if dirty {
            assert_eq!(zone.set_flags(pfn, PageFlags::DIRTY), Ok(()));
        }
    }
    let cache: Vec<_> = zone.lru_list().collect();
    zone.touch(cache[3]);
    let flags = PageFlags::EXCLUSIVE | PageFlags::PINNED;
    assert_eq!(zone.set_flags(cache[1], flags), Ok(()));
    let held: Vec<_> = (0..40)
        .map(|_| zone.alloc_pages(Gfp::GFP_HIGHUSER_MOVABLE, 0, Owner(2), &mut ()))
        .collect();
    for pfn in held.iter().step_by(3).flatten() {
        assert_eq!(zone.free_pages(*pfn, 0, &mut ()), Ok(()));
    }
    zone.set_pageblock_type(1500, MigrateType::HighAtomic);
    assert_eq!(zone.isolate(256, 4, &mut ()), Ok(()));
    assert!(
        zone.alloc_exclusive(Gfp::GFP_KERNEL, 3, Owner(4), &mut ())
            .is_ok()
    );
    assert_eq!(zone.verify(), Ok(()));
    zone
}

fn stored(zone: &Zone) -> String {
    serde_json::to_string(zone).expect("text")
}

fn read(text: &str) -> Result<Zone, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}

#[test]
fn a_delta_goes_both_ways_and_only_from_where_it_begins() {
    let before = lived_in();
    let mut after = before.clone();
    let got = after.alloc_pages(Gfp::GFP_KERNEL, 1, Owner(7), &mut ());
    let pfn = got.expect("memory");
    assert_eq!(after.isolate(512, 5, &mut ()), Ok(()));
    let delta = Delta::between(&before, &after).expect("a delta");
    assert!(!delta.is_empty() && delta.small_changes() > 0);
    assert!(delta.frames().any(|changed| changed == pfn));
    let mut zone = before.clone();
    assert_eq!(delta.apply(&mut zone), Ok(()));
    assert!(zone == after);
    let again = delta.apply(&mut zone);
    assert!(matches!(again, Err(DeltaError::Frame { .. })), "{again:?}");
    assert!(zone == after, "a refused delta changed the zone");
    assert_eq!(delta.revert(&mut zone), Ok(()));
    assert!(zone == before);
    assert!(delta.revert(&mut zone).is_err());
    assert!(zone == before);
    assert!(Delta::between(&before, &before).is_ok_and(|delta| delta.is_empty()));
}

#[test]
fn each_thing_that_is_not_where_a_delta_begins_is_named() {
    // Changes that touch only one kind of thing each.
    let start = zone(64, 2);
    let boosted = {
        let mut zone = start.clone();
        let reserved = PageFlags::RESERVED;
        let type_ = MigrateType::Unmovable;
        assert_eq!(
            zone.alloc_at(0, 0, type_, Owner(1), reserved, &mut ()),
            Ok(())
        );
        zone
    };
    let delta = Delta::between(&start, &boosted).expect("a delta");
    let mut other = zone(64, 3);
    assert_eq!(
        delta.apply(&mut other),
        Err(DeltaError::Shape {
            expected: 64,
            pageblock_order: 2,
            cpus: 0,
            found: 64
        })
    );
    let mut smaller = zone(32, 2);
    assert!(matches!(
        delta.apply(&mut smaller),
        Err(DeltaError::Shape { found: 32, .. })
    ));
    let text = serde_json::to_string(&delta).expect("text");
    let without = |what: &str| {
        let mut json: serde_json::Value = serde_json::from_str(&text).expect("json");
        if what == "figures" {
            json[what][0]["managed"] = 1.into();
        } else {
            let entry = &mut json[what][0];
            let last = entry.as_array().expect("an entry").len() - 1;
            entry[last][0]["count"] = 3.into();
        }
        serde_json::from_value::<Delta>(json).expect("a delta")
    };
    let mut zone = start.clone();
    assert_eq!(
        without("figures").apply(&mut zone),
        Err(DeltaError::Figures)
    );
    assert!(matches!(
        without("lists").apply(&mut zone),
        Err(DeltaError::List { .. })
    ));
    let typed = {
        let mut zone = start.clone();
        zone.set_pageblock_type(8, MigrateType::Cma);
        zone
    };
    let delta = Delta::between(&start, &typed).expect("a delta");
    let mut json = serde_json::to_value(&delta).expect("json");
    json["pageblocks"][0][1][0] = serde_json::json!({"now": "HighAtomic", "before": "HighAtomic"});
    let wrong: Delta = serde_json::from_value(json).expect("a delta");
    assert_eq!(
        wrong.apply(&mut zone),
        Err(DeltaError::Pageblock { pfn: 8 })
    );
    assert!(zone == start);
}

#[test]
fn zones_of_other_settings_have_no_delta() {
    let mut config = ZoneConfig::new("DMA", 64, 2);
    let before = Zone::new(config.clone()).expect("a zone");
    config.watermark_boost_factor = 0;
    let after = Zone::new(config).expect("a zone");
    assert_eq!(Delta::between(&before, &after), Err(DeltaError::Settings));
    let mut history = History::new(before.clone());
    assert_eq!(history.push(after), Err(DeltaError::Settings));
    assert!((history.states(), history.current()) == (1, &before));
}

#[test]
fn damaged_deltas_are_refused() {
    let before = lived_in();
    let mut after = before.clone();
    assert!(
        after
            .alloc_pages(Gfp::GFP_KERNEL, 0, Owner(7), &mut ())
            .is_ok()
    );
    after.set_pageblock_type(1024, MigrateType::Cma);
    let delta = Delta::between(&before, &after).expect("a delta");
    let sound = serde_json::to_value(&delta).expect("json");
    let read: Delta = serde_json::from_value(sound.clone()).expect("a delta");
    assert_eq!(read, delta);
    let damages: [(fn(&mut serde_json::Value), &str); 8] = [
        (
            |d| d["pageblock_order"] = 11.into(),
            "an order from 1 to 10",
        ),
        (|d| d["frames"][0][0] = 2000.into(), "frames, entry"),
        (
            |d| d["frames"][0][1][0]["next"] = 2000.into(),
            "frames, entry 0: expected a frame",
        ),
        (
            |d| {
                d["frames"][0][1][1]["state"] =
                    serde_json::json!({"free": {"order": 31, "list": "Movable"}});
            },
            "frames, entry 0: expected a frame",
        ),
        (
            |d| d["frames"].as_array_mut().expect("frames").swap(0, 1),
            "frames, entry 1: expected one after",
        ),
        (|d| d["pageblocks"][0][0] = 125.into(), "pageblocks, entry"),
        (
            |d| d["lists"][0][2][1]["count"] = 2001.into(),
            "lists, entry 0",
        ),
        (|d| d["lists"][0][0] = 11.into(), "lists, entry"),
    ];
    for (inflict, complaint) in damages {
        let mut json = sound.clone();
        inflict(&mut json);
        let refused = serde_json::from_value::<Delta>(json).expect_err(complaint);
        assert!(refused.to_string().contains(complaint), "{refused}");
    }
}

#[test]
fn the_size_of_a_delta_depends_on_the_change_not_on_the_zone() {
    let changed = |pages: u32, order: u8| {
        let before = zone(pages, 9);
        let mut after = before.clone();
        let got = after.alloc_pages(Gfp::GFP_HIGHUSER_MOVABLE, order, Owner(1), &mut ());
        assert_eq!(got, Ok(0));
        let delta = Delta::between(&before, &after).expect("a delta");
        (delta.changed_frames(), delta.small_changes())
    };
    for order in 0..=MAX_PAGE_ORDER {
        let small = changed(1 << 14, order);
        assert_eq!(small, changed(1 << 18, order), "order {order}");
        // The block, the upper half that goes to each list below, and the next head of the list it came from.
        let halves = u32::from(MAX_PAGE_ORDER - order);
        assert_eq!(small.0, 1 + halves + 1, "order {order}");
    }
}

#[test]
fn a_history_stores_what_changes_and_not_the_zone() {
    let stored = |pages: u32| {
        let mut history = History::new(zone(pages, 4));
        let mut random = Random(11);
        let mut held = Vec::new();
        for _ in 0..200 {
            let mut zone = history.current().clone();
            if held.len() < 20 || random.below(2) == 0 {
                let gfp = Gfp::GFP_HIGHUSER_MOVABLE;
                let order = random.below(3) as u8;
                let got = zone.alloc_pages(gfp, order, Owner(1), &mut ());
                held.push((got.expect("memory"), order));
            } else {
                let (pfn, order) = held.swap_remove(random.below(held.len() as u32) as usize);
                assert_eq!(zone.free_pages(pfn, order, &mut ()), Ok(()));
            }
            assert_eq!(history.push(zone), Ok(()));
        }
        history
    };
    let (small, large) = (stored(4096), stored(1 << 16));
    assert_eq!(small.states(), 201);
    // Sixteen times the memory, and not one frame more.
    assert_eq!(large.stored_frames(), small.stored_frames());
    let a_step = small.stored_frames() / 200;
    assert!((1..16).contains(&a_step), "{a_step} frames a step");
    let each = small.deltas().iter().map(Delta::changed_frames);
    assert_eq!(each.map(u64::from).sum::<u64>(), small.stored_frames());
    assert!(
        small
            .deltas()
            .iter()
            .all(|delta| delta.changed_frames() <= 3 * 11 + 3)
    );
}

#[test]
fn undo_redo_and_scrubbing_visit_every_state() {
    let mut history = History::new(zone(256, 3));
    let mut states = vec![history.current().clone()];
    for order in [0, 3, 1, 0, 5] {
        let mut zone = history.current().clone();
        assert!(
            zone.alloc_pages(Gfp::GFP_KERNEL, order, Owner(1), &mut ())
                .is_ok()
        );
        states.push(zone.clone());
        assert_eq!(history.push(zone), Ok(()));
    }
    assert!(!history.redo(), "nothing was undone yet");
    for state in states[..5].iter().rev() {
        assert!(history.undo() && history.current() == state);
    }
    assert!(!history.undo());
    for state in &states[1..] {
        assert!(history.redo() && history.current() == state);
    }
    for to in [2, 5, 0, 3] {
        let got = history.scrub(to);
        assert!(got.expect("a state") == &states[to as usize]);
        assert_eq!(history.position(), to);
    }
    assert_eq!(
        history.scrub(6).map(|_| ()),
        Err(HistoryError::NoSuchState {
            asked: 6,
            states: 6
        })
    );
    // Another way from state 3 on: states 4 and 5 are gone.
    let mut zone = history.current().clone();
    assert!(
        zone.alloc_pages(Gfp::GFP_ATOMIC, 2, Owner(5), &mut ())
            .is_ok()
    );
    assert_eq!(history.push(zone.clone()), Ok(()));
    assert_eq!((history.states(), history.position()), (5, 4));
    assert!(!history.redo());
    assert!(history.undo() && history.current() == &states[3]);
    assert!(history.redo() && history.current() == &zone);
}

#[test]
fn a_stored_history_reads_back_and_damage_is_named() {
    let mut history = History::new(lived_in());
    for owner in 20..24 {
        let mut zone = history.current().clone();
        assert!(
            zone.alloc_pages(Gfp::GFP_KERNEL, 0, Owner(owner), &mut ())
                .is_ok()
        );
        assert_eq!(history.push(zone), Ok(()));
    }
    assert!(history.undo() && history.undo());
    let sound = serde_json::to_value(&history).expect("json");
    let read: History = serde_json::from_value(sound.clone()).expect("a history");
    assert!(read == history);
    let owner = |json: &mut serde_json::Value, delta: usize, side: usize| {
        let frames = json["deltas"][delta]["frames"]
            .as_array_mut()
            .expect("frames");
        let state = &mut frames[0][1][side]["state"];
        assert!(state.get("allocated").is_some() || state.get("free").is_some());
        *state = serde_json::json!("inside");
    };
    let refused = |json| {
        let refused = serde_json::from_value::<History>(json);
        refused.expect_err("damage").to_string()
    };
    let mut json = sound.clone();
    json["at"] = 5.into();
    assert!(refused(json).contains("there is no state 5"));
    let mut json = sound.clone();
    owner(&mut json, 2, 0);
    let text = refused(json);
    assert!(text.contains("from state 2 to state 3: frame"), "{text}");
    let mut json = sound.clone();
    owner(&mut json, 3, 1);
    let text = refused(json);
    assert!(text.contains("state 4: frame"), "{text}");
    let mut json = sound.clone();
    owner(&mut json, 0, 0);
    let text = refused(json);
    assert!(text.contains("state 0: frame"), "{text}");
}

const PAGES: u32 = 192;

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn any_life_can_be_stored_and_gone_back_on(
        pageblock_order in 1_u8..6,
        cut in 0_u32..40,
        cpus in 0_u16..4,
        seeds in vec(any::<u64>(), 1..150),
        visits in vec(any::<u32>(), 1..12),
    ) {
        let mut config = ZoneConfig::new("DMA", PAGES - cut, pageblock_order);
        config.min_free_kbytes = Some(32);
        config.cpus = cpus;
        let mut life = Life::new(config);
        let mut history = History::new(life.zone.clone());
        let mut states = vec![life.zone.clone()];
        for seed in seeds {
            if cpus > 0 {
                prop_assert_eq!(life.zone.set_cpu((seed % u64::from(cpus)) as u16), Ok(()));
            }
            life.apply(Op::random(&mut Random(seed), PAGES - cut));
            prop_assert_eq!(history.push(life.zone.clone()), Ok(()));
            states.push(life.zone.clone());
        }
        let again = read(&stored(&life.zone));
        prop_assert!(again.is_ok(), "{:?}", again);
        prop_assert!(again == Ok(life.zone.clone()));
        for visit in visits {
            let to = visit % states.len() as u32;
            prop_assert!(history.scrub(to).is_ok_and(|zone| *zone == states[to as usize]));
        }
        let at = history.current().clone();
        prop_assert!(read(&stored(&at)) == Ok(at));
        let text = serde_json::to_string(&history).expect("text");
        let read: History = serde_json::from_str(&text).expect("a history");
        prop_assert!(read == history);
    }
}
