//! Settings by keys: what is set is kept, and keys mean at once what they were changed to.

use std::sync::{Arc, Mutex};

use bevy::input::keyboard::Key;
use bevy::prelude::*;

use super::driver::{app_with, commands, options, play, press, setup, type_char};
use crate::app::control::{Act, Mode};
use crate::app::settings::SettingsMenu;
use crate::app::shell::Overlay;
use crate::app::{Options, Start};
use crate::profile::{Keeper, MemoryShelf};
use crate::raid::Command;
use crate::settings::{Action, Item, Layout, Settings};

fn over(shelf: &MemoryShelf) -> App {
    app_with(Options {
        keeper: Arc::new(Mutex::new(Keeper::open(shelf.clone()))),
        ..options(Start::Raid(setup(7)))
    })
}

fn kept(shelf: &MemoryShelf) -> Settings {
    Keeper::open(shelf.clone()).profile().settings.clone()
}

/// From the pause menu to a row of the settings.
fn go_to(app: &mut App, item: Item) {
    press(app, Key::Escape);
    type_char(app, 'o');
    assert_eq!(
        *app.world().resource::<Overlay>(),
        Overlay::Settings { paused: true }
    );
    for _ in 0..Item::ALL.len() {
        let prefs = app.world().resource::<crate::app::prefs::Prefs>();
        let menu = app.world().resource::<SettingsMenu>();
        if menu.about(prefs) == prefs.say(item.about()) {
            return;
        }
        press(app, Key::ArrowDown);
    }
    panic!("no row {item:?}");
}

#[test]
fn what_is_set_in_a_raid_is_kept_and_costs_no_turn() {
    let shelf = MemoryShelf::new();
    let mut app = over(&shelf);
    go_to(&mut app, Item::TextScale);
    press(&mut app, Key::ArrowRight);
    assert_eq!(kept(&shelf).text_scale.get(), 125);
    press(&mut app, Key::Escape);
    assert!(matches!(
        *app.world().resource::<Overlay>(),
        Overlay::Pause { .. }
    ));
    press(&mut app, Key::Escape);
    assert!(commands(&app).is_empty());
}

#[test]
fn another_layout_holds_at_once() {
    let shelf = MemoryShelf::new();
    let mut app = over(&shelf);
    go_to(&mut app, Item::Layout);
    for _ in 0..3 {
        press(&mut app, Key::ArrowRight);
    }
    assert_eq!(kept(&shelf).keys.layout, Layout::Left);
    press(&mut app, Key::Escape);
    press(&mut app, Key::Escape);
    press(&mut app, Key::Space);
    assert_eq!(commands(&app), [Command::Wait]);
    // R isolates here; I means nothing.
    type_char(&mut app, 'i');
    assert_eq!(play(&app).mode, Mode::Walk);
    type_char(&mut app, 'r');
    assert_eq!(play(&app).mode, Mode::Confirm(Act::Isolate));
}

#[test]
fn a_key_that_is_waited_for_does_nothing_else() {
    let shelf = MemoryShelf::new();
    let mut app = over(&shelf);
    go_to(&mut app, Item::Keys);
    press(&mut app, Key::Enter);
    let wait = Action::ALL.iter().position(|&a| a == Action::Wait);
    for _ in 0..wait.expect("it is listed") {
        press(&mut app, Key::ArrowDown);
    }
    press(&mut app, Key::Enter);
    // It would leave the menu, or the game.
    type_char(&mut app, 'y');
    assert_eq!(kept(&shelf).keys.changed.len(), 1);
    for _ in 0..3 {
        press(&mut app, Key::Escape);
    }
    assert_eq!(*app.world().resource::<Overlay>(), Overlay::None);
    type_char(&mut app, 'y');
    type_char(&mut app, '.');
    assert_eq!(commands(&app), [Command::Wait]);
}
