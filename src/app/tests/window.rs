//! A whole window without a picture: everything is laid out as it is on a screen, and mouse, fingers and pads reach it.

use bevy::camera::RenderTargetInfo;
use bevy::ecs::system::RunSystemOnce;
use bevy::input::mouse::MouseButtonInput;
use bevy::input::touch::{TouchInput, TouchPhase};
use bevy::input::{ButtonState, InputPlugin};
use bevy::input_focus::{InputDispatchPlugin, InputFocusPlugin};
use bevy::prelude::*;
use bevy::state::app::StatesPlugin;
use bevy::time::TimeUpdateStrategy;
use bevy::ui::UiGlobalTransform;
use bevy::ui_widgets::UiWidgetsPlugins;
use bevy::window::{CursorMoved, ExitCondition, PrimaryWindow, WindowPlugin};

use crate::app::board::MapSight;
use crate::app::input::{Intent, PadLine, Says};
use crate::app::learn::Chart;
use crate::app::{Options, build, shown};
use crate::labyrinth::Cell;
use crate::mm::Pfn;
use crate::settings::ReducedMotion;
use crate::settings::gamepad::{Button as PadButton, Held};

/// Pixels of the window.
const SIZE: UVec2 = UVec2::new(1280, 720);
/// Milliseconds between two frames.
const FRAME: u64 = 50;

/// Says to cameras what they draw on, which is otherwise found out by what draws.
fn target(mut cameras: Query<&mut Camera, Added<Camera>>) {
    for mut camera in &mut cameras {
        camera.computed.target_info = Some(RenderTargetInfo {
            physical_size: SIZE,
            scale_factor: 1.0,
        });
    }
}

/// The engine as the game uses it, without what draws and what makes noise.
pub(super) fn engine() -> App {
    let mut app = App::new();
    app.add_plugins((
        MinimalPlugins,
        StatesPlugin,
        InputPlugin,
        TransformPlugin,
        AssetPlugin::default(),
        WindowPlugin {
            primary_window: Some(Window {
                resolution: SIZE.into(),
                ..default()
            }),
            exit_condition: ExitCondition::DontExit,
            close_when_requested: false,
            ..default()
        },
        bevy::a11y::AccessibilityPlugin,
        InputFocusPlugin,
        InputDispatchPlugin,
    ))
    .add_plugins((
        ImagePlugin::default_nearest(),
        bevy::mesh::MeshPlugin,
        bevy::camera::CameraPlugin,
        bevy::sprite::SpritePlugin,
        bevy::text::TextPlugin,
        bevy::ui::UiPlugin,
        UiWidgetsPlugins,
        DefaultPickingPlugins,
    ))
    .add_systems(PostStartup, target)
    .insert_resource(TimeUpdateStrategy::ManualDuration(
        std::time::Duration::from_millis(FRAME),
    ));
    app
}

/// The game's window, with everything standing where it is at once.
pub(super) fn window(options: Options) -> App {
    let mut keeper = options.keeper.lock().expect("nobody panicked");
    keeper.change_settings(|settings| settings.reduced_motion = ReducedMotion::On);
    drop(keeper);
    let mut app = engine();
    app.add_plugins(shown);
    build(&mut app, options).expect("the shipped rules are right");
    open(&mut app);
    app
}

/// Opens it and lets the first screens be laid out.
pub(super) fn open(app: &mut App) {
    app.finish();
    app.cleanup();
    for _ in 0..4 {
        app.update();
    }
}

/// What can be pressed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Spot {
    /// A cell of the map.
    Map(Cell),
    /// A button that says this.
    Button(Intent),
    /// A block of an address map, by a frame of it.
    Frame(Pfn),
}

/// Where that is in the window.
pub(super) fn place(app: &mut App, spot: Spot) -> Vec2 {
    match spot {
        Spot::Map(cell) => app
            .world_mut()
            .run_system_once(move |sight: MapSight| sight.place_of(cell))
            .expect("the map can be asked")
            .unwrap_or_else(|| panic!("{cell:?} is not shown")),
        Spot::Frame(pfn) => {
            let world = app.world_mut();
            let mut charts = world.query::<(&Chart, &ComputedNode, &UiGlobalTransform)>();
            let (chart, node, at) = charts.single(world).expect("one address map");
            let mut blocks = chart.0.zones.iter().flat_map(|zone| &zone.blocks);
            let block =
                blocks.find(|block| (block.pfn..block.pfn + (1 << block.order)).contains(&pfn));
            let area = block
                .unwrap_or_else(|| panic!("{pfn:#x} is not on the map"))
                .area;
            let middle = Vec2::new(
                area.x as f32 + area.w as f32 / 2.0,
                area.y as f32 + area.h as f32 / 2.0,
            );
            let scale = 1.0 / node.inverse_scale_factor();
            at.translation - node.size() / 2.0 + middle * scale
        }
        Spot::Button(says) => {
            let world = app.world_mut();
            let mut buttons = world.query::<(
                &Says,
                &ComputedNode,
                &UiGlobalTransform,
                &InheritedVisibility,
            )>();
            let mut found = buttons.iter(world).filter(|(other, node, _, visible)| {
                other.0 == says && !node.is_empty() && visible.get()
            });
            let (_, _, at, _) = found
                .next()
                .unwrap_or_else(|| panic!("no button says {says:?}"));
            at.translation
        }
    }
}

fn the_window(app: &mut App) -> Entity {
    let world = app.world_mut();
    let mut windows = world.query_filtered::<Entity, With<PrimaryWindow>>();
    windows.single(world).expect("there is one window")
}

/// Moves the mouse there.
pub(super) fn point(app: &mut App, spot: Spot) {
    let position = place(app, spot);
    let entity = the_window(app);
    let world = app.world_mut();
    if let Some(mut window) = world.get_mut::<Window>(entity) {
        window.set_cursor_position(Some(position));
    }
    world.write_message(CursorMoved {
        window: entity,
        position,
        delta: None,
    });
    app.update();
}

/// Presses a button of the mouse there and lets it go.
pub(super) fn click(app: &mut App, spot: Spot, button: MouseButton) {
    point(app, spot);
    let window = the_window(app);
    for state in [ButtonState::Pressed, ButtonState::Released] {
        app.world_mut().write_message(MouseButtonInput {
            button,
            state,
            window,
        });
        app.update();
    }
}

/// A finger is laid down, moved or lifted, and a frame passes.
fn finger(app: &mut App, phase: TouchPhase, position: Vec2) {
    let window = the_window(app);
    app.world_mut().write_message(TouchInput {
        phase,
        position,
        window,
        force: None,
        id: 1,
    });
    app.update();
}

/// Lays a finger there for so many frames.
pub(super) fn touch(app: &mut App, spot: Spot, frames: u32) {
    let position = place(app, spot);
    for phase in [TouchPhase::Started, TouchPhase::Ended] {
        finger(app, phase, position);
        if phase == TouchPhase::Started {
            for _ in 1..frames {
                app.update();
            }
        }
    }
}

/// Lays a finger there, slides it by so much, and lifts it.
pub(super) fn slide(app: &mut App, spot: Spot, by: Vec2) {
    let from = place(app, spot);
    for (phase, position) in [
        (TouchPhase::Started, from),
        (TouchPhase::Moved, from + by / 2.0),
        (TouchPhase::Moved, from + by),
        (TouchPhase::Ended, from + by),
    ] {
        finger(app, phase, position);
    }
}

/// Presses buttons of a gamepad one after the other while others are held, and lets all go.
pub(super) fn pad(app: &mut App, held: &[PadButton], press: &[PadButton]) {
    let line = app.world().resource::<PadLine>().clone();
    let say = |app: &mut App, down: Vec<PadButton>| {
        line.say(
            0,
            Held {
                down,
                stick: (0, 0),
            },
        );
        app.update();
    };
    for &button in press {
        say(app, held.to_vec());
        say(app, [held, &[button]].concat());
    }
    say(app, Vec::new());
}
