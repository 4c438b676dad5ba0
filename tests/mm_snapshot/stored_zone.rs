//! Zones stored and read; damage is named.

use super::*;

#[test]
fn a_zone_reads_back_as_it_was() {
    for zone in [zone(1, 1), zone(1025, 9), zone(4096, 4), lived_in()] {
        let again = read(&stored(&zone)).expect("a zone");
        assert!(again == zone);
        assert_eq!(words(&again), words(&zone));
        // Not only as text.
        let ron = ron::to_string(&zone).expect("text");
        assert!(ron::from_str::<Zone>(&ron).expect("a zone") == zone);
    }
}

#[test]
fn a_stored_zone_is_compact() {
    let fresh = stored(&zone(1 << 20, 9));
    assert!(fresh.len() < 10_000, "{} bytes", fresh.len());
    let text = stored(&lived_in());
    assert!(text.len() < 2_700, "{} bytes for 2000 pages", text.len());
}

#[test]
fn a_damaged_zone_is_refused_for_what_is_wrong() {
    let sound = stored(&lived_in());
    let json = || serde_json::from_str::<serde_json::Value>(&sound).expect("json");
    let damages: [(&str, fn(&mut serde_json::Value), &str); 17] = [
        (
            "settings",
            |zone| zone["config"]["watermark_scale_factor"] = 0.into(),
            "config: watermark_scale_factor is between 1 and 3000, not 0",
        ),
        (
            "a zone far larger than its blocks",
            |zone| zone["config"]["pages"] = (1 << 28).into(),
            "but the blocks end at frame 2000",
        ),
        (
            "another pageblock order",
            |zone| zone["config"]["pageblock_order"] = 5.into(),
            "pageblocks: 125 listed; expected 63",
        ),
        (
            "no such pageblock order",
            |zone| zone["config"]["pageblock_order"] = 200.into(),
            "between 1 and 10, not 200",
        ),
        (
            "an unknown field",
            |zone| zone["config"]["colour"] = 5.into(),
            "unknown field `colour`",
        ),
        (
            "a boost beyond all numbers",
            |zone| zone["watermark_boost"] = u32::MAX.into(),
            "watermark_boost: 4294967295 pages",
        ),
        (
            "a block lost",
            |zone| drop(zone["allocated"].as_array_mut().map(|a| a.remove(0))),
            "frame 0: expected a block to begin here, but the next one begins at 4",
        ),
        (
            "a block grown",
            |zone| zone["allocated"][0][1] = 3.into(),
            "frame 8: expected a block to begin here, but the next one begins at 4",
        ),
        (
            "a block of no order",
            |zone| zone["allocated"][0][1] = 11.into(),
            "no block of order 11 can begin here",
        ),
        (
            "blocks exchanged",
            |zone| {
                let blocks = zone["allocated"].as_array_mut().expect("blocks");
                blocks.swap(2, 3);
            },
            "allocated, entry 3: expected a block after the one before",
        ),
        (
            "lists exchanged",
            |zone| zone["free"].as_array_mut().expect("lists").swap(0, 1),
            "free, entry 1: expected a list of higher order",
        ),
        (
            "an empty list",
            |zone| {
                let lists = zone["free"].as_array_mut().expect("lists");
                lists.insert(0, serde_json::json!([0, "Unmovable", []]));
            },
            "expected a list",
        ),
        (
            "a list of another type",
            |zone| {
                let lists = zone["free"].as_array_mut().expect("lists");
                let last = lists.last_mut().expect("a list");
                assert_ne!(last[1], "Cma");
                last[1] = "Cma".into();
            },
            "expected a zone that verifies",
        ),
        (
            "pageblocks of no number",
            |zone| zone["pageblocks"][0][0] = 0.into(),
            "pageblocks, entry 0: expected at least one",
        ),
        (
            "a pageblock too many",
            |zone| zone["pageblocks"][0][0] = u32::MAX.into(),
            "expected 125",
        ),
        (
            "cache twice on the list",
            |zone| zone["lru"][1] = zone["lru"][0].clone(),
            "once each in the list lru",
        ),
        (
            "cache off the list",
            |zone| drop(zone["lru"].as_array_mut().map(Vec::pop)),
            "once each in the list lru",
        ),
    ];
    for (damage, inflict, complaint) in damages {
        let mut json = json();
        inflict(&mut json);
        let refused = read(&json.to_string()).expect_err(damage);
        assert!(refused.contains(complaint), "{damage}: {refused}");
    }
    // Cache that is set aside for ever, and a block that is not cache on the list.
    let mut json = json();
    let pfn = json["lru"][0].clone();
    for block in json["allocated"].as_array_mut().expect("blocks") {
        if block[0] == pfn {
            block[4] = "RESERVED | LRU".into();
        }
    }
    let refused = read(&json.to_string()).expect_err("reserved cache");
    assert!(refused.contains("once each in the list lru"), "{refused}");
}

#[test]
fn no_damage_to_the_text_gets_a_broken_zone_in() {
    let sound = stored(&lived_in());
    let mut random = Random(7);
    let (mut refused, mut read_all_the_same) = (0, 0);
    for _ in 0..3000 {
        let mut text = sound.clone().into_bytes();
        let at = random.below(text.len() as u32) as usize;
        match random.below(3) {
            0 => text[at] = b'0' + random.below(10) as u8,
            1 => drop(text.remove(at)),
            _ => text.insert(at, b'0' + random.below(10) as u8),
        }
        let text = String::from_utf8(text).expect("ascii");
        match read(&text) {
            Ok(zone) => {
                assert_eq!(zone.verify(), Ok(()));
                assert!(read(&stored(&zone)).expect("a zone") == zone);
                read_all_the_same += 1;
            }
            Err(error) => {
                assert!(!error.contains('\n'), "{error}");
                refused += 1;
            }
        }
    }
    assert!(
        refused > 2000 && read_all_the_same > 20,
        "{refused} {read_all_the_same}"
    );
}
