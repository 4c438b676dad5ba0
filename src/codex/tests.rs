//! What the codex has, how it is found, and how it is read.

use super::*;
use crate::raid::Item;

fn codex() -> Codex {
    let glossary = Glossary::shipped().expect("it keeps its rules");
    let rules = Rules::shipped().expect("the shipped rules are sound");
    Codex::new(&glossary, &rules)
}

fn name(codex: &Codex, at: Option<usize>) -> &str {
    at.map_or("", |at| &codex.pages()[at].name)
}

#[test]
fn everything_the_rules_name_has_a_page() {
    let codex = codex();
    let rules = Rules::shipped().expect("the shipped rules are sound");
    let mut names: Vec<String> = Vec::new();
    names.extend(rules.tasks.iter().map(|task| task.name.clone()));
    names.extend(rules.devices.iter().map(|device| device.name.clone()));
    names.extend(Item::ALL.map(|item| item.name().into()));
    names.extend(rules.modifiers.iter().map(|one| one.name.clone()));
    for name in &names {
        let at = codex.find(name).expect(name);
        assert!(!codex.pages()[at].parts.is_empty(), "{name}");
    }
    let glossary = Glossary::shipped().expect("it keeps its rules");
    for entry in glossary.entries() {
        let page = &codex.pages()[codex.find(&entry.term).expect("a page")];
        assert_eq!(page.see.len(), entry.see.len(), "{}", entry.term);
    }
}

#[test]
fn no_two_pages_have_one_name_and_they_stand_in_order() {
    let codex = codex();
    let names: Vec<String> = codex.pages().iter().map(|page| key(&page.name)).collect();
    assert!(names.windows(2).all(|pair| pair[0] < pair[1]));
}

#[test]
fn a_name_is_found_before_what_only_mentions_it() {
    let codex = codex();
    for (letters, expected) in [
        ("minotaur", "Minotaur"),
        ("oom_badness", "badness"),
        ("PAGE CACHE", "page cache"),
        ("gfp_at", "GFP_ATOMIC"),
        ("kswapd", "kswapd"),
    ] {
        let found = codex.search(letters);
        assert_eq!(name(&codex, found.first().copied()), expected, "{letters}");
    }
    assert!(
        codex
            .search("stain")
            .contains(&codex.find("dirty").expect("dirty"))
    );
    assert!(codex.search("qqqq").is_empty());
    assert_eq!(codex.search("").len(), codex.pages().len());
}

#[test]
fn the_longest_name_in_a_line_is_the_one_that_is_meant() {
    let codex = codex();
    let named = |line: &str| -> Vec<String> {
        let pages = codex.named_in(&[line]);
        pages
            .into_iter()
            .map(|at| codex.pages()[at].name.clone())
            .collect()
    };
    assert_eq!(
        named("page cache, dirty, order 2"),
        ["page cache", "dirty", "order"]
    );
    assert_eq!(
        named("kswapd wakes: below low watermarks"),
        ["kswapd", "watermark"]
    );
    assert_eq!(
        named("IRQ 19: nic0 wants it with GFP_ATOMIC"),
        ["interrupt", "nic0", "GFP_ATOMIC"]
    );
    assert!(named("nothing to see here").is_empty());
}

#[test]
fn what_was_named_comes_first_and_letters_search_everything() {
    let codex = codex();
    let mut reader = Reader::open(&codex, &["the Minotaur wakes"]);
    assert_eq!(name(&codex, reader.page()), "Minotaur");
    assert_eq!(
        (reader.named(), reader.list().len()),
        (1, codex.pages().len())
    );
    for c in "BUDDY".chars() {
        assert!(reader.take(&codex, Stroke::Type(c)));
    }
    assert_eq!(name(&codex, reader.page()), "buddy");
    assert_eq!((reader.query(), reader.named()), ("buddy", 0));
    assert!(
        reader.take(&codex, Stroke::Leave),
        "it stops searching first"
    );
    assert_eq!(
        name(&codex, reader.page()),
        "buddy",
        "and the page stays open"
    );
    assert!(!reader.take(&codex, Stroke::Leave));
}

#[test]
fn links_lead_on_and_the_way_back_is_kept() {
    let codex = codex();
    let mut reader = Reader::open(&codex, &["a merge"]);
    let first = reader.page();
    reader.take(&codex, Stroke::NextLink);
    assert_eq!(reader.link(), Some(0));
    reader.take(&codex, Stroke::Follow);
    assert_ne!(reader.page(), first);
    assert_eq!(reader.list()[reader.at()], reader.page().expect("a page"));
    reader.take(&codex, Stroke::Erase);
    assert_eq!(reader.page(), first);
    reader.take(&codex, Stroke::Link(99));
    assert_eq!(reader.page(), first, "there is no such link");
}

#[test]
fn nothing_found_is_an_empty_list_and_no_page() {
    let codex = codex();
    let mut reader = Reader::open(&codex, &[""]);
    for c in "zzzz".chars() {
        reader.take(&codex, Stroke::Type(c));
    }
    assert!(reader.list().is_empty() && reader.page().is_none());
    for stroke in [
        Stroke::On(1),
        Stroke::Back(3),
        Stroke::Last,
        Stroke::Follow,
        Stroke::NextLink,
    ] {
        assert!(reader.take(&codex, stroke));
    }
    reader.take(&codex, Stroke::Erase);
    reader.take(&codex, Stroke::Leave);
    assert_eq!(reader.list().len(), codex.pages().len());
}

#[test]
fn the_marked_place_is_always_in_the_window() {
    let codex = codex();
    let mut reader = Reader::open(&codex, &[""]);
    for _ in 0..200 {
        let first = reader.window(10);
        assert!((first..first + 10).contains(&reader.at()));
        assert!(first + 10 <= reader.list().len());
        reader.take(&codex, Stroke::On(1));
    }
    assert_eq!(reader.at(), codex.pages().len() - 1);
}
