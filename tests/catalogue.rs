//! The catalogue of seeds 1 to 50 of each zone is what these seeds begin with.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use labyrinth::catalogue::Catalogue;
use labyrinth::raid::Rules;

fn rules() -> Arc<Rules> {
    Arc::new(Rules::shipped().expect("the shipped rules are sound"))
}

fn written(zone: &str) -> String {
    let path = format!("tests/data/catalogue/{zone}.txt");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}: make catalogue writes it", path.display()))
}

#[test]
fn the_seeds_begin_as_the_catalogue_says() {
    let rules = rules();
    for zone in &rules.zones {
        let mut catalogue = Catalogue::new(Arc::clone(&rules), &zone.name);
        for seed in 1..=50 {
            catalogue.add(seed).expect("the zone exists");
        }
        let (now, then) = (catalogue.finish(), written(&zone.name));
        let lines = now.lines().zip(then.lines()).zip(1..);
        for ((now, then), line) in lines {
            assert_eq!(
                now, then,
                "{}: line {line}; if it was to change, make catalogue writes it anew",
                zone.name
            );
        }
        assert_eq!(now.lines().count(), then.lines().count(), "{}", zone.name);
    }
}

#[test]
fn an_entry_names_all_that_stands_and_lives_there() {
    let rules = rules();
    let zone = &rules.zones[0];
    let entries = written(&zone.name);
    let entries: Vec<&str> = entries
        .split("\n\n")
        .filter(|text| text.starts_with("seed "))
        .collect();
    assert_eq!(entries.len(), 50);
    let tasks: u32 = zone.tasks.iter().map(|(_, count)| count).sum();
    for entry in entries {
        let count = |word: &str| {
            entry
                .lines()
                .filter(|line| line.trim_start().starts_with(word))
                .count()
        };
        assert_eq!(count("device "), zone.devices.len(), "{entry}");
        assert_eq!(count("gate "), zone.gates.len(), "{entry}");
        assert_eq!(count("terminal "), zone.terminals.len(), "{entry}");
        assert_eq!(count("pid "), tasks as usize, "{entry}");
        assert_eq!(
            (count("key "), count("memory "), count("you ")),
            (1, 1, 1),
            "{entry}"
        );
        assert!(
            entry.contains(" at turn 0"),
            "a device has raised one as you come in: {entry}"
        );
    }
}

#[test]
fn a_zone_that_is_not_there_has_no_catalogue() {
    let mut catalogue = Catalogue::new(rules(), "nowhere");
    let error = catalogue.add(1).expect_err("no such zone");
    assert!(
        error.to_string().contains("expected one of: dma"),
        "{error}"
    );
}
