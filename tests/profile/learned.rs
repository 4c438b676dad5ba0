//! What was done in lessons and what was told once are kept, also beside another instance of the game.

use labyrinth::profile::{Keeper, MemoryShelf, Profile};

fn inputs(lines: &[&str]) -> Vec<String> {
    lines.iter().map(ToString::to_string).collect()
}

#[test]
fn a_lesson_goes_on_where_it_was_left_and_stays_done() {
    let shelf = MemoryShelf::new();
    let mut keeper = Keeper::open(shelf.clone());
    keeper.lesson_left("split", 1, true, inputs(&["type 6"]));
    keeper.lesson_left("split", 1, false, Vec::new());
    let again = Keeper::open(shelf);
    let learned = again.profile().learning().lesson("split");
    let learned = learned.expect("it was kept");
    assert!(learned.done && learned.inputs.is_empty());
    assert_eq!(again.profile().learning().lesson("merge"), None);
}

#[test]
fn a_hint_is_told_once() {
    let shelf = MemoryShelf::new();
    let mut keeper = Keeper::open(shelf.clone());
    assert!(keeper.tell_once("walk"));
    assert!(!keeper.tell_once("walk"));
    let again = Keeper::open(shelf);
    assert!(again.profile().learning().was_told("walk"));
    assert!(!again.profile().learning().was_told("gate"));
}

#[test]
fn two_instances_lose_nothing_of_each_other() {
    let shelf = MemoryShelf::new();
    let mut ours = Keeper::open(shelf.clone());
    let mut theirs = Keeper::open(shelf.clone());
    theirs.lesson_left("split", 1, true, Vec::new());
    theirs.tell_once("gate");
    ours.lesson_left("merge", 1, false, inputs(&["next"]));
    ours.tell_once("walk");
    ours.lesson_left("split", 1, false, inputs(&["hint"]));
    let learning = Keeper::open(shelf).profile().learning().clone();
    assert!(learning.lesson("split").is_some_and(|split| split.done));
    assert!(
        learning
            .lesson("merge")
            .is_some_and(|merge| !merge.inputs.is_empty())
    );
    assert!(learning.was_told("walk") && learning.was_told("gate"));
}

#[test]
fn a_profile_without_lessons_says_nothing_of_them_and_unknown_fields_stay() {
    assert!(!Profile::default().to_string().contains("learning"));
    let text = r#"{"version":2,"learning":{"lessons":{"split":{"version":1,"stars":3}},"pace":7}}"#;
    let profile = Profile::parse(text).expect("it reads");
    let written = profile.to_string();
    assert!(
        written.contains(r#""stars":3"#) && written.contains(r#""pace":7"#),
        "{written}"
    );
}

#[test]
fn a_line_is_kept_once() {
    use labyrinth::profile::Shelf as _;
    let shelf = MemoryShelf::new();
    let mut keeper = Keeper::open(shelf.clone());
    for line in ["L1.a", "L1.b", "L1.a"] {
        keeper.keep_line("proofs", line).expect("there is room");
    }
    assert_eq!(
        shelf.read("proofs").expect("it reads").as_deref(),
        Some("L1.a\nL1.b\n")
    );
}
