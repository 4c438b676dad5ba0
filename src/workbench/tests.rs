//! The sandbox's screen, played by its acts.

use std::collections::BTreeMap;

use super::*;
use crate::lesson::console::Form;
use crate::phrases::Phrases;

#[derive(Default)]
struct Shelf {
    scripts: BTreeMap<String, String>,
    out: Vec<(String, String)>,
    links: Vec<String>,
}

impl Files for Shelf {
    fn script(&mut self, name: &str) -> Result<Option<String>, String> {
        Ok(self.scripts.get(name).cloned())
    }

    fn keep(&mut self, name: &str, text: &str) -> Result<(), String> {
        self.scripts.insert(name.into(), text.into());
        Ok(())
    }

    fn hand_out(&mut self, file: &str, text: &str) -> Result<String, String> {
        self.out.push((file.into(), text.into()));
        Ok(format!("written to {file}"))
    }

    fn link(&mut self, fragment: &str) -> String {
        self.links.push(fragment.into());
        format!("#{fragment}")
    }
}

fn sandbox() -> (Sandbox, Shelf) {
    let sandbox = Sandbox::new(&Phrases::default()).expect("the usual machine");
    (sandbox, Shelf::default())
}

fn types(sandbox: &mut Sandbox, shelf: &mut Shelf, line: &str) -> Vec<Wish> {
    for c in line.chars() {
        sandbox.take(Act::Key(Stroke::Char(c)), shelf);
    }
    sandbox.take(Act::Key(Stroke::Enter), shelf)
}

fn text(sandbox: &Sandbox) -> String {
    sandbox
        .sheet(Room::default(), &Phrases::default())
        .text()
        .join("\n")
}

#[test]
fn calls_are_typed_undone_and_scrubbed() {
    let (mut sandbox, mut shelf) = sandbox();
    types(&mut sandbox, &mut shelf, "p = alloc_pages(GFP_KERNEL, 3)");
    types(&mut sandbox, &mut shelf, "__free_pages($p, 3)");
    types(&mut sandbox, &mut shelf, "__free_pages($p, 3)");
    let said = text(&sandbox);
    assert!(said.contains("call 3 of 3"), "{said}");
    sandbox.take(Act::Undo, &mut shelf);
    sandbox.take(Act::Key(Stroke::Left), &mut shelf);
    assert_eq!(sandbox.timeline().now().machine().free_pages(), 248);
    sandbox.take(Act::Key(Stroke::Right), &mut shelf);
    assert_eq!(sandbox.timeline().now().machine().free_pages(), 256);
    sandbox.take(Act::To(0), &mut shelf);
    assert_eq!(sandbox.timeline().at(), 0);
}

#[test]
fn words_are_completed_by_key_and_by_finger() {
    let (mut sandbox, mut shelf) = sandbox();
    for c in "get_z".chars() {
        sandbox.take(Act::Key(Stroke::Char(c)), &mut shelf);
    }
    let sheet = sandbox.sheet(Room::default(), &Phrases::default());
    assert_eq!(
        sheet.prompt.map(|prompt| prompt.ghost),
        Some("eroed_page(".into())
    );
    sandbox.take(Act::Key(Stroke::Complete), &mut shelf);
    for c in "GFP_KERN".chars() {
        sandbox.take(Act::Key(Stroke::Char(c)), &mut shelf);
    }
    sandbox.take(Act::Offer(0), &mut shelf);
    types(&mut sandbox, &mut shelf, ")");
    assert_eq!(sandbox.timeline().at(), 1);
    assert_eq!(
        sandbox.timeline().past()[0].line,
        "get_zeroed_page(GFP_KERNEL)"
    );
    // All that a line can begin with is offered in turns.
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..20 {
        let sheet = sandbox.sheet(Room::default(), &Phrases::default());
        seen.extend(sheet.offers.into_iter().map(|chip| chip.text));
        sandbox.take(Act::MoreOffers(3), &mut shelf);
    }
    assert!(seen.contains("cat") && seen.contains("undo") && seen.contains("write_page("));
}

#[test]
fn scripts_are_kept_loaded_exported_and_linked() {
    let (mut sandbox, mut shelf) = sandbox();
    types(&mut sandbox, &mut shelf, "p = alloc_pages(GFP_KERNEL, 3)");
    types(&mut sandbox, &mut shelf, "save first");
    assert_eq!(shelf.scripts["first"], "p = alloc_pages(GFP_KERNEL, 3)\n");
    types(&mut sandbox, &mut shelf, "load first");
    assert_eq!(sandbox.timeline().at(), 2);
    types(&mut sandbox, &mut shelf, "load nothing");
    assert!(text(&sandbox).contains("load: nothing: No such file or directory"));
    for form in Form::ALL {
        types(
            &mut sandbox,
            &mut shelf,
            &format!("export {} run", form.name()),
        );
    }
    let names: Vec<&str> = shelf.out.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["run.csv", "run.json", "run.sandbox"]);
    assert_eq!(shelf.out[0].1.lines().count(), 3, "a head and two calls");
    let json: serde_json::Value = serde_json::from_str(&shelf.out[1].1).expect("JSON");
    assert_eq!(json[0]["samples"].as_array().map(Vec::len), Some(2));
    types(&mut sandbox, &mut shelf, "link");
    let code = shelf.links[0].strip_prefix("script=").expect("a script");
    assert_eq!(script::decode(code).as_deref(), Ok(shelf.out[2].1.as_str()));
}

#[test]
fn scripts_that_load_each_other_end() {
    let (mut sandbox, mut shelf) = sandbox();
    shelf.scripts.insert("a".into(), "load b\n".into());
    shelf
        .scripts
        .insert("b".into(), "alloc_page(GFP_KERNEL)\nload a\n".into());
    types(&mut sandbox, &mut shelf, "load a");
    assert!(text(&sandbox).contains("scripts load each other"));
    assert_eq!(sandbox.timeline().at(), 4);
}

#[test]
fn the_words_of_the_deep_begin_an_exclusive_raid() {
    let (mut sandbox, mut shelf) = sandbox();
    let wishes = types(
        &mut sandbox,
        &mut shelf,
        "define labyrinth void allocpagegfpatomic exclusive",
    );
    assert_eq!(wishes, [Wish::Raid]);
    assert_eq!(
        sandbox.take(Act::Key(Stroke::Escape), &mut shelf),
        [Wish::Close]
    );
}

#[test]
fn a_page_shows_its_bytes_its_owner_and_its_past() {
    let (mut sandbox, mut shelf) = sandbox();
    types(&mut sandbox, &mut shelf, "set page_poison on");
    types(&mut sandbox, &mut shelf, "p = get_zeroed_page(GFP_KERNEL)");
    types(&mut sandbox, &mut shelf, "memset($p, 0x41)");
    types(&mut sandbox, &mut shelf, "inspect $p");
    assert_eq!(sandbox.side(), Side::Page);
    let shown = text(&sandbox);
    assert!(
        shown.contains("41 41 41 41 41 41 41 41 AAAAAAAA"),
        "{shown}"
    );
    assert!(shown.contains("task 1"), "{shown}");
    types(&mut sandbox, &mut shelf, "free_page($p)");
    let shown = text(&sandbox);
    assert!(
        shown.contains("aa aa aa aa") && shown.contains("poison"),
        "{shown}"
    );
    assert!(shown.contains("gives 0x"), "its past: {shown}");
}

#[test]
fn the_map_has_a_sign_for_every_page_and_says_what_each_is() {
    let (mut sandbox, mut shelf) = sandbox();
    types(
        &mut sandbox,
        &mut shelf,
        "alloc_at(0x10, 4, GFP_HIGHUSER_MOVABLE)",
    );
    types(&mut sandbox, &mut shelf, "alloc_at(0x20, 0, GFP_KERNEL)");
    let sheet = sandbox.sheet(Room::default(), &Phrases::default());
    let map: String = sheet
        .right
        .iter()
        .filter_map(|row| row.text.strip_prefix("0x00")?.split_once(' '))
        .map(|(_, signs)| signs)
        .filter(|signs| signs.starts_with(['.', 'M', 'U']) && !signs.contains(' '))
        .collect();
    assert_eq!(map.len(), 256, "{map}");
    assert_eq!(&map[..0x22], "................MMMMMMMMMMMMMMMMU.");
}

#[test]
fn the_same_calls_are_compared_on_other_machines() {
    let (mut sandbox, mut shelf) = sandbox();
    for _ in 0..6 {
        types(&mut sandbox, &mut shelf, "alloc_pages(GFP_KERNEL, 0)");
    }
    types(&mut sandbox, &mut shelf, "__free_page(0x1)");
    sandbox.take(Act::Side(3), &mut shelf);
    let plot = sandbox.plot(&Phrases::default()).expect("a plot");
    assert_eq!(plot.curves.len(), 5);
    assert!(plot.curves.iter().all(|curve| !curve.points.is_empty()));
    let before = text(&sandbox);
    sandbox.take(Act::Order(true), &mut shelf);
    assert_ne!(text(&sandbox), before);
    sandbox.take(Act::Export, &mut shelf);
    assert_eq!(shelf.out[0].0, "sandbox.csv");
}

#[test]
fn whatever_is_done_every_row_fits_its_room() {
    let room = Room {
        left: 40,
        right: 34,
        rows: 12,
        right_rows: 14,
    };
    let (mut sandbox, mut shelf) = sandbox();
    for line in [
        "help",
        "alloc_pages(GFP_KERNEL|__GFP_ZERO, 3)",
        "cat /proc/pagetypeinfo",
        "xyz",
        "inspect 0x3",
    ] {
        types(&mut sandbox, &mut shelf, line);
        for side in 0..4 {
            sandbox.take(Act::Side(side), &mut shelf);
            for act in [Act::Key(Stroke::PageUp), Act::Undo, Act::Redo, Act::Figure] {
                sandbox.take(act, &mut shelf);
                let sheet = sandbox.sheet(room, &Phrases::default());
                assert!(sheet.left.len() <= 12 && sheet.right.len() <= 14);
                for row in &sheet.left {
                    assert!(row.text.chars().count() <= 40, "{}", row.text);
                }
                for row in &sheet.right {
                    assert!(row.text.chars().count() <= 34, "{}", row.text);
                }
            }
        }
    }
}
