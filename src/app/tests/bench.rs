//! The sandbox and real input, by keys and by what is given to the window.

use bevy::prelude::*;

use super::driver::{app, app_with, options, press, screen, type_char};
use crate::app::bench::Bench;
use crate::app::input::{Gift, Given, Intent, Intents};
use crate::app::{Screen, Start};
use crate::workbench::Act;
use bevy::input::keyboard::Key;

fn types(app: &mut App, line: &str) {
    for c in line.chars() {
        match c {
            ' ' => press(app, Key::Space),
            c => type_char(app, c),
        }
    }
    press(app, Key::Enter);
}

fn calls(app: &App) -> u32 {
    let bench = app.world().resource::<Bench>();
    bench.sandbox().map_or(0, |sandbox| sandbox.timeline().at())
}

fn give(app: &mut App, gift: Gift) {
    app.world().resource::<Given>().put(gift);
    app.update();
    app.update();
}

#[test]
fn calls_are_typed_undone_and_the_raid_of_the_deep_begins() {
    let mut app = app_with(options(Start::Script("alloc_page(GFP_KERNEL)\n".into())));
    app.update();
    assert_eq!(screen(&app), Screen::Bench);
    assert_eq!(calls(&app), 1);
    types(&mut app, "p = alloc_pages(GFP_KERNEL|__GFP_ZERO, 3)");
    assert_eq!(calls(&app), 2);
    press(&mut app, Key::ArrowLeft);
    assert_eq!(calls(&app), 1);
    // The same by a button.
    app.world_mut()
        .resource_mut::<Intents>()
        .0
        .push_back(Intent::Bench(Act::Redo));
    app.update();
    assert_eq!(calls(&app), 2);
    types(
        &mut app,
        "define labyrinth void allocpagegfpatomic exclusive",
    );
    app.update();
    assert_eq!(screen(&app), Screen::Raid);
}

#[test]
fn letters_are_text_on_the_bench_and_escape_leaves_it() {
    let mut app = app_with(options(Start::Script("ps\n".into())));
    app.update();
    for c in "nsq/?m".chars() {
        type_char(&mut app, c);
    }
    assert_eq!(screen(&app), Screen::Bench);
    press(&mut app, Key::Escape);
    assert_eq!(screen(&app), Screen::Bench, "the line goes first");
    press(&mut app, Key::Escape);
    app.update();
    assert_eq!(screen(&app), Screen::Title);
}

#[test]
fn a_buddyinfo_that_is_given_is_raided_with_its_free_blocks() {
    let mut app = app(None);
    let text = include_str!("../../../tests/data/buddyinfo.txt");
    give(&mut app, Gift::Text("buddyinfo".into(), text.into()));
    assert_eq!(screen(&app), Screen::Bench);
    press(&mut app, Key::Enter);
    app.update();
    assert_eq!(screen(&app), Screen::Raid);
    let layout = super::driver::play(&app).raid().setup().layout;
    let lines = crate::kernel_text::buddyinfo::parse(text).expect("a buddyinfo");
    let most = lines.iter().max_by_key(|line| line.free_pages());
    assert_eq!(layout, most.map(|line| line.free));
}

#[test]
fn what_is_given_in_a_raid_waits_until_it_is_over() {
    let mut app = app(Some(super::driver::setup(7)));
    give(&mut app, Gift::Text("notes".into(), "hello".into()));
    assert_eq!(screen(&app), Screen::Raid);
    let lines = app.world().resource::<Given>().take();
    assert!(lines.is_some(), "it was not taken");
}

#[test]
fn a_file_is_read_beside_the_game() {
    let mut app = app(None);
    give(
        &mut app,
        Gift::File("tests/data/traces/kmem-trace-page-cache.txt.xz".into()),
    );
    let prefs = crate::app::prefs::Prefs::new(&crate::settings::Settings::default());
    for _ in 0..600 {
        app.update();
        let text = app.world().resource::<Bench>().text(&prefs).join("\n");
        if text.starts_with("Trace") {
            assert!(text.contains("raid from here"), "{text}");
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    panic!("the trace was not read");
}
