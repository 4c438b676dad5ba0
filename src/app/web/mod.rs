//! The game in a browser's page: which plugins it has there, what its address opens, and what the page may ask.

mod fault;
pub(super) mod page;
mod shelf;
mod tell;
pub(super) mod texts;

use std::sync::{Arc, Mutex, PoisonError};

use bevy::app::PluginGroupBuilder;
use bevy::asset::AssetMetaCheck;
use bevy::prelude::*;
use bevy::window::WindowPlugin;

use super::input::{Fingers, Gift, Given, PadLine};
use super::rest;
use super::session::Session;
use super::{Options, SharedKeeper, Start, build, drawn};
use crate::link::{DEFAULT_ZONE, Link};
use crate::profile::Keeper;
use crate::raid::{Rules, Setup};
use crate::settings::gamepad::Held;
use shelf::Browser;

/// Said where the game broke before its first picture.
const BROKE: &str =
    "the last visit broke before its first picture; your raid is kept, and Continue tries it again";

/// Starts the game in the page's canvas.
pub fn main() {
    let keeper: SharedKeeper = Arc::new(Mutex::new(Keeper::open(Browser)));
    let rules = match Rules::shipped() {
        Ok(rules) => Arc::new(rules),
        Err(error) => panic!("{error}"),
    };
    let (start, notice) = match opened(&rules) {
        // A raid that broke the game as it was taken up must not do so on every visit: the title offers it.
        Ok(Start::Raid(_)) if tell::broke_before() => (Start::Title, Some(BROKE.into())),
        Ok(start) => (start, None),
        Err(notice) => (Start::Title, Some(notice)),
    };
    tell::begins();
    let mut app = App::new();
    app.add_plugins(Page);
    fault::install();
    app.add_plugins((bevy_ecs_tilemap::TilemapPlugin, drawn, tell::plugin));
    let options = Options {
        start,
        notice,
        keeper: keeper.clone(),
        default_setup: setup(DEFAULT_ZONE.into(), 0),
        journal: None,
        frames: false,
    };
    if let Err(error) = build(&mut app, options) {
        panic!("{error}");
    }
    app.insert_resource(Fingers(page::flag("fingers")));
    serve(&keeper);
    hear(app.world().resource::<PadLine>().clone());
    let given = app.world().resource::<Given>().clone();
    // The first line is the name of the file; none for what was pasted.
    page::offer("onGift", move |gift| {
        given.put(match gift.split_once('\n') {
            Some((name, text)) if !name.is_empty() => Gift::Text(name.into(), text.into()),
            Some((_, text)) => Gift::Pasted(text.into()),
            None => Gift::Pasted(gift),
        });
        String::new()
    });
    let given = app.world().resource::<Given>().clone();
    page::offer("onGiftFailed", move |problem| {
        given.put(Gift::Found(String::new(), Err(problem)));
        String::new()
    });
    app.run();
}

fn setup(zone: String, seed: u64) -> Setup {
    Setup {
        zone,
        seed,
        ..Setup::default()
    }
}

/// What the page's address opens; one sentence if it leads nowhere.
fn opened(rules: &Arc<Rules>) -> Result<Start, String> {
    let link = Link::parse(&page::fragment()).map_err(|error| error.to_string())?;
    Ok(match link {
        None => Start::Title,
        Some(Link::Raid {
            zone,
            seed,
            loadout,
            modifiers,
        }) => {
            if rules.zone(&zone).is_none() {
                let known: Vec<&str> = rules.zones.iter().map(|zone| zone.name.as_str()).collect();
                return Err(format!(
                    "the link, zone: found \"{zone}\", expected one of {}",
                    known.join(", ")
                ));
            }
            let kit = loadout.fits(&rules.armoury);
            kit.map_err(|error| format!("the link, kit: {error}"))?;
            Start::Raid(Setup {
                loadout,
                modifiers,
                ..setup(zone, seed.unwrap_or_else(Session::fresh_seed))
            })
        }
        Some(Link::Lesson(name)) => Start::Lesson(name),
        Some(Link::Script(script)) => Start::Script(script),
        Some(Link::Replay(recording)) => {
            let (journal, _) = recording
                .replay(rules.clone())
                .map_err(|error| format!("the link, replay: {error}"))?;
            Start::Replay(Box::new(journal))
        }
    })
}

/// Offers the page what it may ask: the profile as a text, another one in its place, and to keep everything now.
fn serve(keeper: &SharedKeeper) {
    fn with<T>(keeper: &SharedKeeper, act: impl FnOnce(&mut Keeper) -> T) -> T {
        act(&mut keeper.lock().unwrap_or_else(PoisonError::into_inner))
    }
    texts::serve();
    let shared = keeper.clone();
    page::offer("onExport", move |_| with(&shared, |keeper| keeper.export()));
    let shared = keeper.clone();
    page::offer("onImport", move |text| {
        let taken = with(&shared, |keeper| keeper.import(&text));
        taken
            .err()
            .map_or_else(String::new, |error| error.to_string())
    });
    let shared = keeper.clone();
    page::offer("onHide", move |_| {
        with(&shared, Keeper::save);
        String::new()
    });
}

/// Takes from the page what is held on gamepads, and its word that something has changed.
fn hear(pads: PadLine) {
    page::offer("onPad", move |text| match Held::parse(&text) {
        Ok((pad, held)) => {
            pads.say(pad, held);
            rest::wake();
            String::new()
        }
        Err(error) => error,
    });
    page::offer("onWake", |_| {
        rest::wake();
        String::new()
    });
}

/// What `DefaultPlugins` would bring, less what a page cannot use: the log's filter language alone, which an
/// engine crate switches on, would add a tenth to what is downloaded.
struct Page;

impl PluginGroup for Page {
    fn build(self) -> PluginGroupBuilder {
        PluginGroupBuilder::start::<Self>()
            .add(bevy::app::PanicHandlerPlugin)
            .add(TaskPoolPlugin::default())
            .add(bevy::diagnostic::FrameCountPlugin)
            .add(bevy::time::TimePlugin)
            .add(TransformPlugin)
            .add(bevy::diagnostic::DiagnosticsPlugin)
            .add(bevy::input::InputPlugin)
            .add(bevy::input_focus::InputFocusPlugin)
            .add(bevy::input_focus::InputDispatchPlugin)
            .add(WindowPlugin {
                primary_window: Some(Window {
                    title: "Void Labyrinth".into(),
                    canvas: Some("#game".into()),
                    fit_canvas_to_parent: true,
                    // The page keeps the game's keys from scrolling it, and lets the browser have its own.
                    prevent_default_event_handling: false,
                    ..default()
                }),
                ..default()
            })
            .add(bevy::a11y::AccessibilityPlugin)
            .add(AssetPlugin {
                // The engine fetches nothing: art and fonts are in the program.
                meta_check: AssetMetaCheck::Never,
                ..default()
            })
            .add(bevy::winit::WinitPlugin::default())
            .add(bevy::render::RenderPlugin::default())
            .add(ImagePlugin::default_nearest())
            .add(bevy::mesh::MeshPlugin)
            .add(bevy::camera::CameraPlugin)
            .add(bevy::core_pipeline::CorePipelinePlugin)
            .add(bevy::sprite::SpritePlugin)
            .add(bevy::sprite_render::SpriteRenderPlugin)
            .add(bevy::text::TextPlugin)
            .add(bevy::ui::UiPlugin)
            .add(bevy::ui_render::UiRenderPlugin)
            .add(bevy::state::app::StatesPlugin)
            .add_group(bevy::ui_widgets::UiWidgetsPlugins)
            .add_group(DefaultPickingPlugins)
    }
}
