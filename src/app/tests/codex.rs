//! The codex by keys: it opens at what the screen names, letters search, and the raid waits meanwhile.

use bevy::input::keyboard::Key;

use super::driver::{about_to_grab, app, commands, press, setup, type_char};
use crate::app::codex::{self, CodexScreen};
use crate::app::prefs::Prefs;
use crate::app::shell::Overlay;

fn shown(app: &bevy::app::App) -> String {
    let world = app.world();
    codex::text(world.resource::<CodexScreen>(), world.resource::<Prefs>()).join("\n")
}

fn overlay(app: &bevy::app::App) -> Overlay {
    *app.world().resource::<Overlay>()
}

#[test]
fn it_opens_at_what_the_box_names_and_letters_are_not_commands() {
    let mut app = about_to_grab();
    let before = commands(&app).len();
    type_char(&mut app, 'g');
    type_char(&mut app, '/');
    assert_eq!(overlay(&app), Overlay::Codex { paused: false });
    app.update();
    assert!(shown(&app).contains("alloc_pages"), "{}", shown(&app));
    for c in "zone".chars() {
        type_char(&mut app, c);
    }
    assert!(shown(&app).contains("zone (a term)"), "{}", shown(&app));
    press(&mut app, Key::Escape);
    assert_eq!(overlay(&app), Overlay::Codex { paused: false });
    press(&mut app, Key::Escape);
    assert_eq!(overlay(&app), Overlay::None);
    assert_eq!(commands(&app).len(), before, "nothing was played");
    type_char(&mut app, 'g');
    assert_eq!(commands(&app).len(), before + 1, "the preview still stood");
}

#[test]
fn from_the_pause_menu_it_goes_back_there() {
    let mut app = app(Some(setup(7)));
    press(&mut app, Key::Escape);
    press(&mut app, Key::F2);
    assert_eq!(overlay(&app), Overlay::Codex { paused: true });
    press(&mut app, Key::Escape);
    assert!(matches!(overlay(&app), Overlay::Pause { .. }));
    assert!(commands(&app).is_empty());
}
