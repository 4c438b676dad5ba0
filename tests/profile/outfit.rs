//! Getting ready: what can be chosen is what is open and owned, and a kit never fills more slots than there are.

use std::sync::Arc;

use labyrinth::profile::{Chosen, Keeper, MODE_RAID, MemoryShelf, Outfit};
use labyrinth::raid::{Held, Item, Loadout, Outcome, Raid, Rules, Setup, UnlockSpec};

use super::{play, rules};

fn keeper_with(orders: &[u8]) -> Keeper {
    let mut keeper = Keeper::open(MemoryShelf::new());
    let loot = orders.iter().map(|&order| Held {
        pfn: 0,
        order,
        mapped: true,
    });
    let out = Outcome::Extracted {
        gate: "timed gate".into(),
        loot: loot.collect(),
        score: 1,
    };
    keeper.raid_over(&play(7, 3).0, &out);
    keeper
}

fn outfit(rules: &Rules, keeper: &Keeper) -> Outfit {
    Outfit::new(rules, keeper.profile(), "dma", &Loadout::default())
}

/// Place of the line that names this.
fn place(outfit: &Outfit, part: &str) -> u8 {
    let lines = outfit.lines();
    let place = lines.iter().position(|line| line.contains(part));
    place.unwrap_or_else(|| panic!("{part} in {lines:#?}")) as u8
}

#[test]
fn basic_items_are_taken_and_put_back_and_the_raid_begins_with_them() {
    let rules = rules();
    let mut outfit = outfit(&rules, &Keeper::open(MemoryShelf::new()));
    let scan = place(&outfit, "scan");
    assert_eq!(outfit.choose(scan), Chosen::Noted);
    assert!(outfit.loadout().has(Item::Scan));
    assert!(outfit.lines()[usize::from(scan)].starts_with("[x] scan"));
    assert_eq!(outfit.choose(scan), Chosen::Noted);
    assert!(outfit.loadout().is_empty());
    outfit.choose(scan);
    let start = outfit.start_at();
    assert!(outfit.lines()[usize::from(start)].starts_with("Begin in dma"));
    assert_eq!(outfit.choose(start), Chosen::Start);
    let last = outfit.count() - 1;
    assert_eq!(outfit.choose(last), Chosen::Back);
    let setup = Setup {
        loadout: outfit.loadout(),
        ..Setup::new(outfit.zone(), 7)
    };
    assert!(Raid::new(rules, setup).is_ok());
}

#[test]
fn what_is_not_owned_is_bought_on_the_second_choice_if_it_can_be_paid() {
    let rules = rules();
    let mut keeper = keeper_with(&[2]);
    let mut outfit = outfit(&rules, &keeper);
    let (cheap, dear) = (place(&outfit, "get_page"), place(&outfit, "kill"));
    for _ in 0..3 {
        assert_eq!(outfit.choose(dear), Chosen::Noted);
    }
    assert!(
        outfit
            .note(dear)
            .expect("it says why")
            .contains("which you have not")
    );
    assert!(outfit.loadout().is_empty());

    assert_eq!(outfit.choose(cheap), Chosen::Noted);
    assert!(outfit.lines()[usize::from(cheap)].contains("buy get_page for an order"));
    outfit.hesitate();
    assert_eq!(outfit.choose(cheap), Chosen::Noted);
    assert_eq!(outfit.choose(cheap), Chosen::Buy(Item::GetPage));
    let price = rules.armoury.spec(Item::GetPage).price;
    keeper.buy("get_page", price).expect("it can be paid");
    let mut outfit = outfit.again(&rules, keeper.profile());
    outfit.choose(cheap);
    assert!(outfit.loadout().has(Item::GetPage));
    assert!(outfit.note(cheap).is_some());
}

#[test]
fn no_kit_fills_more_slots_than_there_are() {
    let rules = rules();
    let mut keeper = keeper_with(&[10]);
    for spec in &rules.armoury.items {
        let _ = keeper.buy(spec.item.name(), spec.price);
    }
    let mut outfit = outfit(&rules, &keeper);
    let mut full = false;
    for spec in &rules.armoury.items {
        let place = place(&outfit, spec.item.name());
        let had = outfit.loadout();
        outfit.choose(place);
        assert!(outfit.loadout().fits(&rules.armoury).is_ok());
        if outfit.loadout() == had {
            full = true;
            let note = outfit.note(place).expect("it says why");
            assert!(note.contains("slots, more than are free"), "{note}");
        }
    }
    assert!(full, "everything cannot be brought at once");
    let kit = outfit.loadout();
    let again = Outfit::new(&rules, keeper.profile(), "dma", &kit);
    assert_eq!(again.loadout(), kit, "it is taken up");
    let poor = Outfit::new(
        &rules,
        Keeper::open(MemoryShelf::new()).profile(),
        "dma",
        &kit,
    );
    let stake = poor.loadout().at_stake(&rules.armoury);
    assert!(stake.is_empty(), "what is not owned is not brought");
}

#[test]
fn shut_zones_say_what_opens_them_and_cannot_be_chosen() {
    let mut rules = Rules::clone(&rules());
    let mut next = rules.zones[0].clone();
    next.name = "beyond".into();
    next.unlock = Some(UnlockSpec {
        zone: "dma".into(),
        extractions: 1,
        order: 9,
    });
    rules.zones.push(next);
    let rules = Arc::new(rules);
    let mut keeper = Keeper::open(MemoryShelf::new());
    keeper.raid_started(MODE_RAID, &play(7, 0).0);
    let mut shut = Outfit::new(&rules, keeper.profile(), "beyond", &Loadout::default());
    assert_eq!(shut.zone(), "dma");
    let beyond = place(&shut, "beyond");
    shut.choose(beyond);
    assert_eq!(shut.zone(), "dma");
    let note = shut.note(beyond).expect("it says what opens it");
    assert!(note.contains("1 more raid of dma"), "{note}");
    let keeper = keeper_with(&[1]);
    let mut open = Outfit::new(&rules, keeper.profile(), "dma", &Loadout::default());
    open.choose(place(&open, "beyond"));
    assert_eq!((open.zone(), open.note(beyond)), ("beyond", None));
}

#[test]
fn challenges_are_a_list_of_their_own_with_values_that_fit_the_zone() {
    let rules = rules();
    let mut outfit = outfit(&rules, &Keeper::open(MemoryShelf::new()));
    let door = place(&outfit, "Challenges: none");
    assert_eq!(outfit.choose(door), Chosen::Turned);
    assert!(outfit.is_turned());
    assert_eq!(outfit.count() as usize, rules.modifiers.len() + 1);
    for part in ["nosmp", "mem=8M", "watchdog_thresh=5"] {
        let place = place(&outfit, part);
        assert!(outfit.note(place).is_some());
        assert_eq!(outfit.choose(place), Chosen::Noted);
        assert!(outfit.lines()[usize::from(place)].starts_with("[x]"));
    }
    let nosmp = place(&outfit, "nosmp");
    outfit.choose(nosmp);
    assert_eq!(outfit.back(), Chosen::Turned);
    assert_eq!(outfit.modifiers().to_string(), "mem=8M,watchdog_thresh=5");
    place(&outfit, "Challenges: mem=8M");
    for line in outfit.lines() {
        assert!(line.chars().count() <= 48, "{line}");
    }
    let setup = Setup {
        modifiers: outfit.modifiers(),
        ..Setup::new(outfit.zone(), 7)
    };
    assert!(Raid::new(rules, setup).is_ok());
    assert_eq!(outfit.back(), Chosen::Back);
}

#[test]
fn every_challenge_fits_every_zone() {
    let rules = rules();
    for zone in &rules.zones {
        let mut open = Rules::clone(&rules);
        open.zones.retain(|other| other.name == zone.name);
        open.zones[0].unlock = None;
        let keeper = Keeper::open(MemoryShelf::new());
        let mut outfit = Outfit::new(&open, keeper.profile(), &zone.name, &Loadout::default());
        outfit.choose(place(&outfit, "Challenges"));
        for place in 0..outfit.count() - 1 {
            outfit.choose(place);
        }
        assert_eq!(outfit.modifiers().list().len(), rules.modifiers.len());
        let pages = u32::from(zone.side) * u32::from(zone.side);
        let fits = outfit.modifiers().fit(pages, zone.pageblock_order);
        assert_eq!(fits, Ok(()), "{}", zone.name);
    }
}
