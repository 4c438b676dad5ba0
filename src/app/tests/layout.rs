//! Every screen at every size: no text is cut, and none lies over another. Measured from the layout, without a window.

use bevy::camera::{Camera, CameraUpdateSystems, RenderTargetInfo};
use bevy::input::InputPlugin;
use bevy::input::keyboard::Key;
use bevy::mesh::MeshPlugin;
use bevy::prelude::*;
use bevy::sprite::SpritePlugin;
use bevy::state::app::StatesPlugin;
use bevy::text::{TextLayoutInfo, TextPlugin};
use bevy::time::TimeUpdateStrategy;
use bevy::ui::{CalculatedClip, ComputedNode, OverflowAxis, UiGlobalTransform, UiPlugin};
use bevy::window::{PrimaryWindow, WindowPlugin, WindowResolution};

use super::driver::{grab_seed, options, play_until, press, screen, setup, type_char};
use crate::app::control::Play;
use crate::app::session::Session;
use crate::app::shell::Overlay;
use crate::app::{Options, Screen, Start, build, shown};
use crate::journal::Journal;
use crate::raid::{Command, Item, Loadout, Setup};
use crate::settings::{PaletteName, Settings, TextScale};

/// The windows that are tried: a laptop's, the smallest, a phone's, a large one.
const SIZES: [(u32, u32); 4] = [(1280, 720), (640, 360), (390, 844), (1920, 1080)];

/// Pixels that a letter may stand out of its box.
const SLACK: f32 = 1.5;

/// An app with all that draws, for a window of this size that is never opened.
fn app_of((wide, high): (u32, u32), options: Options) -> App {
    let mut app = App::new();
    let window = Window {
        resolution: WindowResolution::new(wide, high),
        ..default()
    };
    app.add_plugins((
        MinimalPlugins,
        StatesPlugin,
        InputPlugin,
        AssetPlugin::default(),
        WindowPlugin {
            primary_window: Some(window),
            ..default()
        },
        TransformPlugin,
        ImagePlugin::default_nearest(),
        MeshPlugin,
        bevy::camera::CameraPlugin,
        SpritePlugin,
        TextPlugin,
        UiPlugin,
        DefaultPickingPlugins,
    ));
    build(&mut app, options).expect("the shipped rules are right");
    shown(&mut app);
    app.insert_resource(TimeUpdateStrategy::ManualDuration(
        std::time::Duration::from_millis(50),
    ));
    app.add_systems(PostUpdate, aim.in_set(CameraUpdateSystems));
    settle(&mut app);
    app
}

/// Tells the camera how large the window is, as the renderer would.
fn aim(windows: Query<&Window, With<PrimaryWindow>>, mut cameras: Query<&mut Camera>) {
    let Ok(window) = windows.single() else { return };
    for mut camera in &mut cameras {
        camera.computed.target_info = Some(RenderTargetInfo {
            physical_size: UVec2::new(window.physical_width(), window.physical_height()),
            scale_factor: window.scale_factor(),
        });
    }
}

/// Frames until nothing is laid out anew.
fn settle(app: &mut App) {
    for _ in 0..4 {
        app.update();
    }
}

/// A text on the screen, and where.
struct Laid {
    root: Entity,
    text: String,
    rect: Rect,
    /// Where it can be seen.
    clip: Option<Rect>,
    /// It has to be as large as that.
    letters: Vec2,
    /// Pixels that it may be wider: a space at the end of a line that wraps.
    space: f32,
    /// It can be scrolled into sight.
    scrolls: bool,
}

fn laid(app: &mut App) -> Vec<Laid> {
    let world = app.world_mut();
    let mut texts = world.query::<(
        Entity,
        &Text,
        &ComputedNode,
        &UiGlobalTransform,
        &TextLayoutInfo,
        Option<&CalculatedClip>,
    )>();
    let found: Vec<_> = texts
        .iter(world)
        .filter(|(_, text, node, ..)| !text.0.trim().is_empty() && node.size().min_element() > 0.0)
        .map(|(entity, text, node, place, letters, clip)| {
            let rect = Rect::from_center_size(place.translation, node.size());
            let clip = clip.map(|clip| clip.clip);
            let scale = 1.0 / node.inverse_scale_factor();
            let letters = letters.size * scale;
            let wraps = letters.y > 24.0 * scale;
            let space = if wraps { 10.5 * scale } else { 0.0 };
            (entity, text.0.clone(), rect, clip, letters, space)
        })
        .collect();
    let mut all = Vec::new();
    for (entity, text, rect, clip, letters, space) in found {
        let mut root = entity;
        let mut scrolls = false;
        while let Some(parent) = world.get::<ChildOf>(root) {
            root = parent.parent();
            let node = world.get::<Node>(root);
            scrolls |= node.is_some_and(|node| node.overflow.y == OverflowAxis::Scroll);
        }
        all.push(Laid {
            root,
            text,
            rect,
            clip,
            letters,
            space,
            scrolls,
        });
    }
    all
}

/// What is wrong with a screen.
pub(super) fn faults(app: &mut App) -> Vec<String> {
    let world = app.world_mut();
    let window = world.query::<&Window>().single(world).expect("a window");
    let whole = Rect::new(0.0, 0.0, window.width(), window.height());
    let all = laid(app);
    let mut faults = Vec::new();
    let inside = |outer: Rect, inner: Rect| {
        inner.min.cmpge(outer.min - SLACK).all() && inner.max.cmple(outer.max + SLACK).all()
    };
    for one in &all {
        let Laid {
            text, rect, clip, ..
        } = one;
        if one.letters.x > rect.width() + one.space + SLACK || one.letters.y > rect.height() + SLACK
        {
            faults.push(format!(
                "{text:?} takes {}, has {}",
                one.letters,
                rect.size()
            ));
        }
        if one.scrolls {
            continue;
        }
        if !inside(whole, *rect) {
            faults.push(format!("\"{text}\" at {rect:?} leaves the window"));
        } else if clip.is_some_and(|clip| !inside(clip, *rect)) {
            faults.push(format!("\"{text}\" at {rect:?} is cut at {clip:?}"));
        }
    }
    for (at, one) in all.iter().enumerate() {
        for other in &all[at + 1..] {
            // Letters leave some of their line free above and below.
            let ink = |rect: Rect| Rect {
                min: rect.min + Vec2::Y * rect.height() * 0.12,
                max: rect.max - Vec2::Y * rect.height() * 0.12,
            };
            let both = ink(one.rect).intersect(ink(other.rect));
            let over = both.size().cmpgt(Vec2::splat(SLACK)).all();
            if one.root == other.root && over && !one.scrolls && !other.scrolls {
                faults.push(format!("\"{}\" lies over \"{}\"", one.text, other.text));
            }
        }
    }
    faults
}

/// Notes what is wrong with a screen, under its name.
fn check(app: &mut App, name: &str, wrong: &mut Vec<String>) {
    settle(app);
    assert!(!laid(app).is_empty(), "{name} has no text at all");
    wrong.extend(faults(app).iter().map(|fault| format!("{name}: {fault}")));
}

/// Options with a text size and a palette.
fn wanting(start: Start, text: u8, palette: PaletteName) -> Options {
    let options = options(start);
    let change = |settings: &mut Settings| {
        settings.text_scale = TextScale::new(text).expect("a size there is");
        settings.palette = palette;
    };
    options
        .keeper
        .lock()
        .expect("nobody else has it")
        .change_settings(change);
    options
}

/// Every size of window with every size of text that is tried; and where room is least, every palette.
fn everywhere() -> impl Iterator<Item = ((u32, u32), u8, PaletteName)> {
    let usual = SIZES
        .into_iter()
        .flat_map(|size| [100, 150].map(|text| (size, text, PaletteName::default())));
    let others = [
        PaletteName::Ember,
        PaletteName::Deep,
        PaletteName::HighContrast,
    ];
    let narrow = others
        .into_iter()
        .flat_map(|palette| [SIZES[1], SIZES[2]].map(|size| (size, 150, palette)));
    usual.chain(narrow)
}

#[track_caller]
fn none(wrong: &[String]) {
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_title_and_what_opens_from_it() {
    let mut wrong = Vec::new();
    for (size, text, palette) in everywhere() {
        let at = |screen: &str| format!("{screen} {}x{} {text} % {palette:?}", size.0, size.1);
        let mut app = app_of(size, wanting(Start::Title, text, palette));
        check(&mut app, &at("title"), &mut wrong);
        for (key, name) in [
            (Key::Character("o".into()), "settings"),
            (Key::F2, "codex"),
            (Key::Character("?".into()), "help"),
        ] {
            press(&mut app, key);
            check(&mut app, &at(name), &mut wrong);
            assert_ne!(*app.world().resource::<Overlay>(), Overlay::None);
            press(&mut app, Key::Escape);
            settle(&mut app);
        }
        type_char(&mut app, 'z');
        check(&mut app, &at("outfit"), &mut wrong);
    }
    none(&wrong);
}

#[test]
fn a_raid_and_its_ends() {
    let seed = grab_seed();
    let mut wrong = Vec::new();
    for (size, text, palette) in everywhere() {
        let at = |screen: &str| format!("{screen} {}x{} {text} % {palette:?}", size.0, size.1);
        let start = Start::Raid(Setup {
            loadout: Loadout::of([Item::Scan, Item::PageLock]).expect("it fits"),
            ..setup(seed)
        });
        let mut app = app_of(size, wanting(start, text, palette));
        check(&mut app, &at("raid"), &mut wrong);
        for (keys, name) in [
            (vec![Key::Character(";".into())], "look"),
            (vec![Key::Character("u".into())], "items"),
            (vec![Key::Character("c".into())], "clear"),
            (vec![Key::Character("i".into())], "isolate"),
            (vec![Key::F2], "codex in a raid"),
            (vec![Key::Escape], "pause"),
        ] {
            for key in keys {
                press(&mut app, key);
            }
            check(&mut app, &at(name), &mut wrong);
            press(&mut app, Key::Escape);
        }
        let start = Start::Raid(setup(seed));
        let mut app = app_of(size, wanting(start, text, palette));
        play_until(&mut app, "greedy", seed, |command| command == Command::Grab);
        type_char(&mut app, 'g');
        check(&mut app, &at("preview"), &mut wrong);
    }
    none(&wrong);
}

/// The first stored raid of a bot in `dma` that ends so.
fn stored(word: &str) -> Journal {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/journals");
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .expect(folder)
        .map(|entry| entry.expect(folder).path())
        .filter(|path| path.to_string_lossy().contains("dma-greedy-"))
        .collect();
    paths.sort();
    paths
        .iter()
        .map(|path| std::fs::read_to_string(path).expect(folder))
        .map(|text| Journal::parse(&text).expect(folder))
        .find(|journal| journal.end.as_ref().is_some_and(|end| end.word == word))
        .expect("there is a stored raid for each ending")
}

#[test]
fn death_and_extraction() {
    let mut wrong = Vec::new();
    let ends = [
        ("death", stored("null")),
        ("extraction", stored("extracted")),
    ];
    for (size, text, palette) in everywhere() {
        for (name, journal) in ends.clone() {
            let start = Start::Replay(Box::new(journal));
            let mut app = app_of(size, wanting(start, text, palette));
            for _ in 0..900 {
                if screen(&app) == Screen::End {
                    break;
                }
                let over = app.world().resource::<Session>().play.as_ref();
                if over.is_some_and(Play::over) {
                    app.update();
                } else {
                    press(&mut app, Key::ArrowRight);
                }
            }
            assert_eq!(screen(&app), Screen::End, "{name}");
            let at = format!("{name} {}x{} {text} % {palette:?}", size.0, size.1);
            check(&mut app, &at, &mut wrong);
        }
    }
    none(&wrong);
}

#[test]
fn every_palette_has_the_same_layout() {
    let mut wrong = Vec::new();
    for palette in [
        PaletteName::OkabeIto,
        PaletteName::Ember,
        PaletteName::Deep,
        PaletteName::HighContrast,
    ] {
        let start = Start::Raid(setup(7));
        let mut app = app_of((1280, 720), wanting(start, 100, palette));
        check(&mut app, &format!("raid {palette:?}"), &mut wrong);
    }
    none(&wrong);
}
