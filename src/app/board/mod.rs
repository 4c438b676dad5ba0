//! The map: floors, walls, bodies and marks of the scene, drawn one to one in screen pixels.
//!
//! World coordinates are pixels; the corner of cell (0, 0) is the origin, and `y` grows up, so rows of
//! cells go down from it. Zooming changes the pixels per cell and draws the tiles anew ([`super::art`]).

mod animation;
mod bodies;
mod camera;
mod changes;
mod fog;
mod fresh;
#[cfg(test)]
mod golden;
mod marks;
mod overlay;
mod paper;
mod rim;
mod shows;
mod signs;
mod tiles;
mod walls;

use std::collections::BTreeMap;

use bevy::asset::RenderAssetUsages;
use bevy::image::ImageSampler;
use bevy::prelude::*;
use bevy::render::render_resource::{Extent3d, TextureDimension, TextureFormat, TextureUsages};

use super::art::{self, Picture};
use super::session::Scene;
use super::{Screen, Stage, theme};
use crate::labyrinth::{self, Cell, Grid};
use crate::settings::{MapStyle, PaletteName};

pub(super) use animation::Motion;
pub(super) use camera::{BoardCursor, MapArea, MapSight, Zoom};

/// Depths of what is drawn; floors and walls lie at whole numbers because the tile map wants them so.
mod depth {
    /// Rules under everything.
    pub(super) const PAPER: f32 = -1.0;
    /// Floors.
    pub(super) const FLOOR: f32 = 0.0;
    /// Walls.
    pub(super) const WALL: f32 = 1.0;
    /// Walls that move, and flashes.
    pub(super) const MOTION: f32 = 3.0;
    /// Outlines, routes, pointers.
    pub(super) const MARK: f32 = 4.0;
    /// Letters of built things.
    pub(super) const SITE: f32 = 5.0;
    /// Bodies.
    pub(super) const BODY: f32 = 6.0;
}

/// Pixels per cell, and where cells lie in the world.
#[derive(Resource, Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Board {
    /// Pixels along a side of a cell.
    pub px: u32,
    /// The zone.
    pub grid: Grid,
}

impl Board {
    /// Middle of a cell.
    pub(super) fn centre(self, cell: Cell) -> Vec2 {
        let px = self.px as f32;
        Vec2::new(
            (f32::from(cell.x) + 0.5) * px,
            -(f32::from(cell.y) + 0.5) * px,
        )
    }

    /// Middle and size of a rectangle of cells.
    pub(super) fn area(self, rect: labyrinth::Rect) -> (Vec2, Vec2) {
        let px = self.px as f32;
        let size = Vec2::new(f32::from(rect.w), f32::from(rect.h)) * px;
        let corner = Vec2::new(f32::from(rect.x) * px, -f32::from(rect.y) * px);
        (corner + Vec2::new(size.x, -size.y) / 2.0, size)
    }

    /// The cell at a place of the world.
    pub(super) fn cell_at(self, world: Vec2) -> Option<Cell> {
        let px = self.px as f32;
        let (x, y) = ((world.x / px).floor(), (-world.y / px).floor());
        let side = f32::from(self.grid.side());
        let inside = (0.0..side).contains(&x) && (0.0..side).contains(&y);
        inside.then(|| Cell::new(x as u16, y as u16))
    }

    /// The cells between two corners of the world, and two more on each side for what shakes; none beyond the zone.
    fn cells_between(self, min: Vec2, max: Vec2) -> Option<labyrinth::Rect> {
        let px = self.px as f32;
        let side = f32::from(self.grid.side());
        let along = |low: f32, high: f32| {
            let low = (low / px).floor() - 2.0;
            let high = (high / px).ceil() + 2.0;
            let (low, high) = (low.clamp(0.0, side) as u16, high.clamp(0.0, side) as u16);
            (high > low).then_some((low, high - low))
        };
        let ((x, w), (y, h)) = (along(min.x, max.x)?, along(-max.y, -min.y)?);
        Some(labyrinth::Rect { x, y, w, h })
    }

    /// Pixels along a side of the whole zone.
    pub(super) fn side(self) -> f32 {
        (u32::from(self.grid.side()) * self.px) as f32
    }
}

/// Nothing glides, grows or flashes: everything stands where it is at once.
#[derive(Resource, Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Still(pub bool);

/// How many times as fast as usual things move.
#[derive(Resource, Debug, Clone, Copy, PartialEq)]
pub(super) struct Pace(pub f32);

impl Default for Pace {
    fn default() -> Self {
        Self(1.0)
    }
}

/// Pictures made so far, by pixels per cell.
#[derive(Resource, Default)]
struct Atlas {
    floors: BTreeMap<u32, Handle<Image>>,
    walls: BTreeMap<u32, Handle<Image>>,
    /// In which palette, and drawn how.
    worn: (PaletteName, MapStyle),
}

impl Atlas {
    fn floors(&mut self, images: &mut Assets<Image>, px: u32, style: MapStyle) -> Handle<Image> {
        let worn = (theme::worn(), style);
        if std::mem::replace(&mut self.worn, worn) != worn {
            self.floors.clear();
        }
        let make = || images.add(image(art::floors(px, style)));
        self.floors.entry(px).or_insert_with(make).clone()
    }

    fn walls(&mut self, images: &mut Assets<Image>, px: u32) -> Handle<Image> {
        let make = || images.add(image(art::walls(px)));
        self.walls.entry(px).or_insert_with(make).clone()
    }
}

/// Soft shapes for lights and markers.
#[derive(Resource)]
struct Shapes {
    glow: Handle<Image>,
    ring: Handle<Image>,
}

impl FromWorld for Shapes {
    fn from_world(world: &mut World) -> Self {
        let mut images = world.resource_mut::<Assets<Image>>();
        Self {
            glow: images.add(smooth(art::glow(64))),
            ring: images.add(smooth(art::ring(128))),
        }
    }
}

/// A picture that is shown at other sizes than its own.
fn smooth(picture: Picture) -> Image {
    let mut image = image(picture);
    image.sampler = ImageSampler::linear();
    image
}

fn image(picture: Picture) -> Image {
    let size = Extent3d {
        width: picture.tile * picture.columns,
        height: picture.tile * picture.rows,
        depth_or_array_layers: 1,
    };
    let mut image = Image::new(
        size,
        TextureDimension::D2,
        picture.bytes,
        TextureFormat::Rgba8UnormSrgb,
        RenderAssetUsages::all(),
    );
    // The tile map copies its sheet into an array of tiles.
    image.texture_descriptor.usage |= TextureUsages::COPY_SRC;
    image
}

/// In which order the board is drawn.
#[derive(SystemSet, Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Layer {
    /// What starts to move: it holds back what is drawn of it.
    Motion,
    /// Floors and walls; a new board is laid out here.
    Tiles,
    /// What stands on them.
    Marks,
}

/// Everything of the board that goes when the scene shows another labyrinth.
#[derive(Component)]
struct OnBoard;

/// Drops the engine's square for sprites drawn as meshes, of which there are none: the books for its place on the
/// graphics card would take eight megabytes.
fn no_meshes(mut meshes: ResMut<Assets<Mesh>>, mut done: Local<bool>) {
    if !*done {
        *done = true;
        let all: Vec<_> = meshes.ids().collect();
        for id in all {
            meshes.remove(id);
        }
    }
}

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Last, no_meshes);
    app.configure_sets(
        Update,
        (Layer::Motion, Layer::Tiles, Layer::Marks)
            .chain()
            .in_set(Stage::Draw),
    );
    app.init_resource::<Atlas>()
        .init_resource::<Still>()
        .init_resource::<Pace>()
        .init_resource::<Shapes>()
        .add_plugins((
            camera::plugin,
            tiles::plugin,
            animation::plugin,
            bodies::plugin,
            marks::plugin,
            overlay::plugin,
            paper::plugin,
            rim::plugin,
        ));
}

/// True while a raid is shown, played or just ended.
fn in_raid(screen: Res<State<Screen>>) -> bool {
    matches!(screen.get(), Screen::Raid | Screen::End)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_and_places_agree() {
        let board = Board {
            px: 24,
            grid: Grid::new(64),
        };
        for cell in board.grid.cells() {
            assert_eq!(board.cell_at(board.centre(cell)), Some(cell));
        }
        assert_eq!(board.cell_at(Vec2::new(-1.0, -1.0)), None);
        assert_eq!(board.cell_at(Vec2::new(1.0, 1.0)), None);
        assert_eq!(board.cell_at(Vec2::new(64.0 * 24.0, -1.0)), None);
    }

    #[test]
    fn a_window_shows_the_cells_it_lies_on_and_none_beyond_the_zone() {
        let board = Board {
            px: 10,
            grid: Grid::new(64),
        };
        let part = |x, y, w, h| Some(labyrinth::Rect { x, y, w, h });
        let between =
            |min: (f32, f32), max: (f32, f32)| board.cells_between(min.into(), max.into());
        // Ten cells by five, and two more on each side.
        let inside = between((100.0, -250.0), (200.0, -200.0));
        assert_eq!(inside, part(8, 18, 14, 9));
        assert_eq!(between((-500.0, -20.0), (20.0, 500.0)), part(0, 0, 4, 4));
        assert_eq!(between((-9e3, -9e3), (9e3, 9e3)), part(0, 0, 64, 64));
        assert_eq!(between((700.0, -20.0), (900.0, 0.0)), None);
    }

    #[test]
    fn a_block_covers_its_cells() {
        let board = Board {
            px: 10,
            grid: Grid::new(64),
        };
        let (middle, size) = board.area(labyrinth::Rect {
            x: 2,
            y: 4,
            w: 4,
            h: 2,
        });
        assert_eq!(middle, Vec2::new(40.0, -50.0));
        assert_eq!(size, Vec2::new(40.0, 20.0));
    }
}
