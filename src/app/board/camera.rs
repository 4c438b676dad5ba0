//! The camera: follows the player softly, on whole pixels; and the steps of zoom.

use bevy::ecs::system::SystemParam;
use bevy::prelude::*;
use bevy::window::PrimaryWindow;

use super::{Board, Motion, Scene, Screen, Stage, Still};
use crate::app::prefs::Prefs;
use crate::app::session::Lamp;
use crate::app::title::backdrop;
use crate::labyrinth::block_rect;
use crate::raid::{Cause, Outcome};
use crate::settings::Shake;

/// Pixels per cell at each step of zoom, in a window of 1280x720.
const STEPS: [u32; 8] = [8, 16, 20, 24, 32, 40, 48, 64];
/// The step a raid begins with.
const FIRST: usize = 4;
/// How fast the camera follows, per second.
const HASTE: f32 = 12.0;
/// Pixels beyond the zone's rim that may be shown.
const MARGIN: f32 = 48.0;

/// How large the map is drawn.
#[derive(Resource, Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::app) struct Zoom {
    step: usize,
    overview: bool,
}

impl Default for Zoom {
    fn default() -> Self {
        Self {
            step: FIRST,
            overview: false,
        }
    }
}

impl Zoom {
    /// One step larger.
    pub(in crate::app) fn larger(&mut self) {
        if !std::mem::take(&mut self.overview) {
            self.step = (self.step + 1).min(STEPS.len() - 1);
        }
    }

    /// One step smaller.
    pub(in crate::app) fn smaller(&mut self) {
        if !std::mem::take(&mut self.overview) {
            self.step = self.step.saturating_sub(1);
        }
    }

    /// The whole zone, or back.
    pub(in crate::app) fn toggle_overview(&mut self) {
        self.overview = !self.overview;
    }

    /// The step, from 0.
    pub(in crate::app) fn step(self) -> u8 {
        self.step as u8
    }

    /// Goes to a step.
    pub(in crate::app) fn set_step(&mut self, step: u8) {
        self.step = usize::from(step).min(STEPS.len() - 1);
    }

    /// Back to walking.
    pub(in crate::app) fn leave_overview(&mut self) {
        self.overview = false;
    }

    /// Pixels per cell for an area of the window and a zone.
    pub(in crate::app) fn px(self, area: Vec2, side: u16, scale: f32) -> u32 {
        if self.overview {
            let room = (area.min_element() - 16.0).max(1.0);
            return ((room / f32::from(side)).floor() as u32).clamp(2, 64);
        }
        // Even sizes, so that patterns divide them.
        let scaled = (STEPS[self.step] as f32 * scale / 4.0).round() as u32 * 4;
        scaled.clamp(8, 128)
    }
}

/// The part of the window in which the map is shown, in logical pixels, and the scale of everything in it.
#[derive(Resource, Debug, Clone, Copy, PartialEq)]
pub(in crate::app) struct MapArea {
    /// Its rectangle.
    pub rect: Rect,
    /// The window.
    pub window: Vec2,
    /// Size of things against a window of 1280x720.
    pub scale: f32,
}

impl Default for MapArea {
    fn default() -> Self {
        let window = Vec2::new(1280.0, 720.0);
        Self {
            rect: Rect::from_corners(Vec2::ZERO, window),
            window,
            scale: 1.0,
        }
    }
}

/// The cell of the map under the mouse.
#[derive(Resource, Debug, Default)]
pub(in crate::app) struct BoardCursor(pub Option<crate::labyrinth::Cell>);

/// Where the camera wants to be.
#[derive(Resource, Debug, Default)]
struct Eye {
    /// Where it is, before it is put on whole pixels.
    at: Vec2,
    map: u64,
    px: u32,
}

fn spawn(mut commands: Commands) {
    commands.spawn((Camera2d, Msaa::Off, IsDefaultUiCamera));
}

/// Chooses the pixels per cell.
fn size(scene: Res<Scene>, zoom: Res<Zoom>, area: Res<MapArea>, mut board: ResMut<Board>) {
    let grid = scene.view.grid;
    let px = match scene.lamp {
        Lamp::Carried => zoom.px(area.rect.size(), grid.side(), area.scale),
        // Behind the title: fills the window.
        Lamp::Even(_) => {
            let across = grid.side().min(backdrop::ACROSS);
            let room = area.window.max_element() / f32::from(across);
            ((room / 4.0).ceil() as u32 * 4).clamp(8, 128)
        }
    };
    board.set_if_neq(Board { px, grid });
}

/// Where the middle of the map area should look at, along one axis.
fn aim(focus: f32, low: f32, high: f32, room: f32) -> f32 {
    if high - low <= room {
        // All of it has room.
        return f32::midpoint(low, high);
    }
    let (low, high) = (low - MARGIN + room / 2.0, high + MARGIN - room / 2.0);
    focus.clamp(low, high)
}

/// Follows the player.
fn follow(
    scene: Res<Scene>,
    screen: Res<State<Screen>>,
    board: Res<Board>,
    area: Res<MapArea>,
    time: Res<Time<Real>>,
    still: Res<Still>,
    prefs: Res<Prefs>,
    mut eye: ResMut<Eye>,
    mut motion: ResMut<Motion>,
    mut cameras: Query<&mut Transform, With<Camera2d>>,
) {
    let focus = match scene.lamp {
        // The end is told beside the best block there was.
        Lamp::Carried => match (screen.get(), &scene.view.outcome) {
            (Screen::End, Some(Outcome::Dead(death)))
                if matches!(death.cause, Cause::Null { .. }) =>
            {
                death
                    .best
                    .map_or(board.centre(scene.view.me.cell), |(pfn, order)| {
                        board.area(block_rect(pfn, order)).0
                    })
            }
            _ => board.centre(scene.view.me.cell),
        },
        Lamp::Even(_) => Vec2::new(board.side(), -board.side()) / 2.0,
    };
    let room = area.rect.size();
    let side = board.side();
    let target = Vec2::new(
        aim(focus.x, 0.0, side, room.x),
        aim(focus.y, -side, 0.0, room.y),
    );
    if eye.map != scene.map || eye.px != board.px || still.0 {
        eye.map = scene.map;
        eye.px = board.px;
        eye.at = target;
    }
    let near = 1.0 - (-HASTE * time.delta_secs()).exp();
    eye.at = eye.at.lerp(target, near);
    if eye.at.distance(target) < 0.5 {
        eye.at = target;
    } else {
        motion.until(time.elapsed_secs() + 0.1);
    }
    // The window's middle is not the map area's middle: a panel covers part of it.
    let shift = area.window / 2.0 - area.rect.center();
    let swing = match prefs.settings.shake {
        Shake::Off => Vec2::ZERO,
        Shake::Low => motion.swing(0.4),
        Shake::Full => motion.swing(1.0),
    };
    let at = (eye.at + Vec2::new(shift.x, -shift.y)).round() + swing;
    // A window of odd size has its middle between two pixels.
    let odd = Vec2::new(area.window.x % 2.0, area.window.y % 2.0) / 2.0;
    for mut transform in &mut cameras {
        let wanted = (at + odd).extend(transform.translation.z);
        if transform.translation != wanted {
            transform.translation = wanted;
        }
    }
}

/// Where the map is seen: from places of the window to cells.
#[derive(SystemParam)]
pub(in crate::app) struct MapSight<'w, 's> {
    cameras: Query<'w, 's, &'static Transform, With<Camera2d>>,
    board: Res<'w, Board>,
    area: Res<'w, MapArea>,
}

impl MapSight<'_, '_> {
    /// The cell at a place of the window, in logical pixels from its upper left corner.
    pub(in crate::app) fn cell_at(&self, at: Vec2) -> Option<crate::labyrinth::Cell> {
        let camera = self.cameras.single().ok()?;
        if !self.area.rect.contains(at) {
            return None;
        }
        let from_middle = at - self.area.window / 2.0;
        let world = camera.translation.truncate() + Vec2::new(from_middle.x, -from_middle.y);
        self.board.cell_at(world)
    }

    /// The cells in the window; all of them while nothing looks on.
    pub(in crate::app) fn cells(&self) -> Option<crate::labyrinth::Rect> {
        let Ok(camera) = self.cameras.single() else {
            return Some(self.board.grid.rect());
        };
        let (eye, half) = (camera.translation.truncate(), self.area.window / 2.0);
        self.board.cells_between(eye - half, eye + half)
    }

    /// Logical pixels along a side of a cell.
    #[cfg_attr(
        not(target_family = "wasm"),
        allow(dead_code, reason = "only a page has somebody to tell")
    )]
    pub(in crate::app) fn pixels(&self) -> u32 {
        self.board.px
    }

    /// Where a cell's middle is in the window, in logical pixels from its upper left corner; none if it is not shown.
    #[cfg_attr(
        not(target_family = "wasm"),
        allow(dead_code, reason = "only a page has somebody to tell")
    )]
    pub(in crate::app) fn place_of(&self, cell: crate::labyrinth::Cell) -> Option<Vec2> {
        let camera = self.cameras.single().ok()?;
        let from_camera = self.board.centre(cell) - camera.translation.truncate();
        let at = self.area.window / 2.0 + Vec2::new(from_camera.x, -from_camera.y);
        self.area.rect.contains(at).then_some(at)
    }
}

/// Finds the cell under the mouse.
fn point(
    windows: Query<&Window, With<PrimaryWindow>>,
    sight: MapSight,
    mut cursor: ResMut<BoardCursor>,
) {
    let cell = windows
        .single()
        .ok()
        .and_then(Window::cursor_position)
        .and_then(|at| sight.cell_at(at));
    if cursor.0 != cell {
        cursor.0 = cell;
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<MapArea>()
        .init_resource::<BoardCursor>()
        .init_resource::<Eye>()
        .insert_resource(Board {
            px: STEPS[FIRST],
            grid: crate::labyrinth::Grid::new(64),
        })
        .add_systems(Startup, spawn)
        .add_systems(Update, (size, follow).chain().in_set(Stage::Follow))
        .add_systems(Update, point.before(Stage::Input));
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these figures are exact")]
mod tests {
    use super::*;

    #[test]
    fn the_overview_fits_the_whole_zone() {
        let mut zoom = Zoom::default();
        zoom.toggle_overview();
        let area = Vec2::new(896.0, 720.0);
        for side in [64, 128, 256] {
            assert!(zoom.px(area, side, 1.0) * u32::from(side) <= 720);
        }
    }

    #[test]
    fn zoom_stops_at_both_ends_and_the_first_step_only_leaves_the_overview() {
        let mut zoom = Zoom::default();
        for _ in 0..20 {
            zoom.larger();
        }
        assert_eq!(zoom.step, STEPS.len() - 1);
        zoom.toggle_overview();
        zoom.smaller();
        assert_eq!((zoom.step, zoom.overview), (STEPS.len() - 1, false));
        for _ in 0..20 {
            zoom.smaller();
        }
        assert_eq!(zoom.step, 0);
    }

    #[test]
    fn the_camera_stays_over_the_zone_and_centres_a_small_one() {
        assert_eq!(aim(0.0, 0.0, 1000.0, 200.0), 100.0 - MARGIN);
        assert_eq!(aim(500.0, 0.0, 1000.0, 200.0), 500.0);
        assert_eq!(aim(0.0, 0.0, 100.0, 900.0), 50.0);
        assert_eq!(aim(0.0, 0.0, 704.0, 720.0), 352.0, "the overview shows all");
    }
}
