//! The two layers of tiles, floors and walls; a tile is written only when it changes.

use bevy::prelude::*;
use bevy_ecs_tilemap::prelude::*;

use super::animation::Motion;
use super::fresh::Sheet;
use super::{Atlas, Board, Layer, MapSight, OnBoard, depth, fog, walls};
use crate::app::art::{Floor, Side, wall_index};
use crate::app::prefs::Prefs;
use crate::app::session::Scene;
use crate::labyrinth::{Cell, Dir, Rect};
use crate::raid::{CellView, Knowledge, RoomKind};

/// Tiles along a side of a piece that is sent to the graphics card as one.
const CHUNK: u32 = 16;

/// The tile maps, and what their tiles show.
///
/// A tile is made when there is first something to see in its place: most of a zone is never seen, and a tile takes
/// over a kilobyte in all its places. What the window does not show is drawn once it does.
#[derive(Resource)]
struct Layers {
    map: u64,
    px: u32,
    floor: Entity,
    wall: Entity,
    /// By cell: floor tile, wall tile.
    tiles: Vec<(Option<Entity>, Option<Entity>)>,
    shown: Vec<Shown>,
    /// What is drawn already.
    sheet: Sheet,
    /// Cells with a wall that was not up yet when they were drawn.
    rising: Vec<Cell>,
    /// The turn, the walls that move and the part of the zone that are drawn.
    drawn: Option<(u64, u64, Rect)>,
}

/// What a cell's tiles show; the light in 255ths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Shown {
    pub floor: u32,
    pub floor_light: u8,
    pub wall: u32,
    pub wall_light: u8,
}

/// The floor of a cell.
fn floor_of(known: &CellView) -> Floor {
    match known.kind {
        RoomKind::Void => Floor::Void,
        RoomKind::Yours => Floor::Yours,
        RoomKind::Cache { dirty: false } => Floor::Cache,
        RoomKind::Cache { dirty: true } => Floor::Stained,
        RoomKind::Anonymous => Floor::Anonymous,
        RoomKind::Kernel => Floor::Kernel,
        RoomKind::Reserved(_) => Floor::Stone,
    }
}

/// A little unevenness, so that large floors are not flat: per mille around 1000, a pure function of the cell.
fn grain(cell: Cell) -> u32 {
    let mixed = crate::raid::mix(u64::from(cell.x), u64::from(cell.y));
    940 + (mixed % 121) as u32
}

/// What a cell shows.
pub(super) fn shown(scene: &Scene, motion: &Motion, cell: Cell) -> Shown {
    let known = scene.view.cell(cell);
    if known.knowledge == Knowledge::Unknown {
        return Shown::default();
    }
    let light = fog::light(&scene.view, cell, scene.lamp);
    let mut sides = walls::sides(&scene.view, cell);
    for dir in Dir::ALL {
        if motion.rising(cell, dir) {
            sides[dir as usize] = Side::Open;
        }
    }
    let uneven = if matches!(known.kind, RoomKind::Void) {
        grain(cell)
    } else {
        1000
    };
    let to_byte = |light: f32| (light * 255.0).round().clamp(0.0, 255.0) as u8;
    // Walls keep more of their light than floors: they are what must be read.
    Shown {
        floor: floor_of(known) as u32,
        floor_light: to_byte((light * uneven as f32 / 1000.0).min(1.0)),
        wall: wall_index(sides),
        wall_light: to_byte(light * 0.9),
    }
}

pub(super) fn tint(light: u8) -> Color {
    // Slightly cold where it is dark, as moonlight is.
    let l = f32::from(light) / 255.0;
    Color::srgb(l * 0.97, l * 0.985, l)
}

pub(super) fn wall_tint(light: u8) -> Color {
    let l = f32::from(light) / 255.0;
    // Bluer the darker, so that what is remembered steps back from what is seen.
    Color::srgb(l * (0.6 + 0.3 * l), l * (0.72 + 0.2 * l), l)
}

/// What a tile map looks like at a size of cells.
fn look(board: Board, texture: Handle<Image>, z: f32) -> impl Bundle + use<> {
    let px = board.px as f32;
    (
        TilemapTexture::Single(texture),
        TilemapTileSize { x: px, y: px },
        TilemapGridSize { x: px, y: px },
        Transform::from_xyz(px / 2.0, px / 2.0 - board.side(), z),
    )
}

/// Builds the layers when there is another labyrinth, and dresses them anew at another size.
fn build(
    mut commands: Commands,
    scene: Res<Scene>,
    board: Res<Board>,
    mut layers: Option<ResMut<Layers>>,
    old: Query<Entity, With<OnBoard>>,
    mut atlas: ResMut<Atlas>,
    mut images: ResMut<Assets<Image>>,
    prefs: Res<Prefs>,
) {
    let same = layers
        .as_ref()
        .is_some_and(|layers| layers.map == scene.map);
    if same && layers.as_ref().is_some_and(|layers| layers.px == board.px) {
        return;
    }
    for entity in &old {
        commands.entity(entity).despawn();
    }
    let textures = (
        atlas.floors(&mut images, board.px, prefs.settings.map),
        atlas.walls(&mut images, board.px),
    );
    if let Some(layers) = layers.as_mut().filter(|_| same) {
        layers.px = board.px;
        let floor = look(*board, textures.0, depth::FLOOR);
        let wall = look(*board, textures.1, depth::WALL);
        commands.entity(layers.floor).insert(floor);
        commands.entity(layers.wall).insert(wall);
        return;
    }
    if let Some(layers) = &layers {
        // Tiles go in the same breath as their map: the renderer may not meet one without the other.
        for &(floor, wall) in &layers.tiles {
            for tile in [floor, wall].into_iter().flatten() {
                commands.entity(tile).despawn();
            }
        }
        commands.entity(layers.floor).despawn();
        commands.entity(layers.wall).despawn();
    }
    let side = u32::from(board.grid.side());
    let mut map = |texture: Handle<Image>, z: f32| {
        let bundle = TilemapBundle {
            map_type: TilemapType::Square,
            size: TilemapSize { x: side, y: side },
            render_settings: TilemapRenderSettings {
                render_chunk_size: UVec2::splat(CHUNK),
                y_sort: false,
            },
            ..default()
        };
        let entity = commands.spawn(bundle).id();
        commands.entity(entity).insert(look(*board, texture, z));
        entity
    };
    let (floor, wall) = (map(textures.0, depth::FLOOR), map(textures.1, depth::WALL));
    commands.insert_resource(Layers {
        map: scene.map,
        px: board.px,
        floor,
        wall,
        tiles: vec![(None, None); board.grid.len()],
        shown: vec![Shown::default(); board.grid.len()],
        sheet: Sheet::new(board.grid.len()),
        rising: Vec::new(),
        drawn: None,
    });
}

/// What one tile shows: which picture, whether at all, and in what light.
type Face = (TileTextureIndex, TileVisible, TileColor);

/// Makes a tile in its place in a layer, or changes the one that is there.
fn show(
    commands: &mut Commands<'_, '_>,
    tiles: &mut Query<'_, '_, (&mut TileTextureIndex, &mut TileVisible, &mut TileColor)>,
    tile: &mut Option<Entity>,
    layer: Entity,
    position: TilePos,
    face: Face,
) {
    let Some(entity) = *tile else {
        if face.1.0 {
            let bundle = TileBundle {
                position,
                tilemap_id: TilemapId(layer),
                texture_index: face.0,
                visible: face.1,
                color: face.2,
                ..default()
            };
            *tile = Some(commands.spawn(bundle).id());
        }
        return;
    };
    if let Ok((mut texture, mut visible, mut color)) = tiles.get_mut(entity) {
        texture.set_if_neq(face.0);
        visible.set_if_neq(face.1);
        if color.0 != face.2.0 {
            color.0 = face.2.0;
        }
    }
}

/// Writes the tiles in the window that differ from what is known.
fn draw(
    mut commands: Commands,
    scene: Res<Scene>,
    motion: Res<Motion>,
    sight: MapSight,
    layers: Option<ResMut<Layers>>,
    mut tiles: Query<(&mut TileTextureIndex, &mut TileVisible, &mut TileColor)>,
) {
    let Some(mut layers) = layers else {
        return;
    };
    let Some(part) = sight.cells() else {
        return;
    };
    let now = (scene.revision, motion.revision, part);
    if layers.map != scene.map || layers.drawn == Some(now) {
        return;
    }
    let layers = &mut *layers;
    if layers.drawn.is_none_or(|was| was.1 != motion.revision) {
        let rising = motion.cells().collect();
        for cell in std::mem::replace(&mut layers.rising, rising) {
            layers.sheet.mark(&scene.view, cell);
        }
        for &cell in &layers.rising {
            layers.sheet.mark(&scene.view, cell);
        }
    }
    layers.drawn = Some(now);
    let side = u32::from(scene.view.grid.side());
    for cell in layers.sheet.take(&scene.view, scene.lamp, fog::CELLS, part) {
        let index = scene.view.grid.index(cell);
        let now = shown(&scene, &motion, cell);
        let was = &mut layers.shown[index];
        if *was == now {
            continue;
        }
        let (floor, wall) = &mut layers.tiles[index];
        // The tile map counts rows from the bottom.
        let position = TilePos {
            x: u32::from(cell.x),
            y: side - 1 - u32::from(cell.y),
        };
        if (was.floor, was.floor_light) != (now.floor, now.floor_light) {
            let face = (
                TileTextureIndex(now.floor),
                TileVisible(now.floor_light > 0),
                TileColor(tint(now.floor_light)),
            );
            show(
                &mut commands,
                &mut tiles,
                floor,
                layers.floor,
                position,
                face,
            );
        }
        if (was.wall, was.wall_light) != (now.wall, now.wall_light) {
            let face = (
                TileTextureIndex(now.wall),
                TileVisible(now.wall != 0 && now.wall_light > 0),
                TileColor(wall_tint(now.wall_light)),
            );
            show(&mut commands, &mut tiles, wall, layers.wall, position, face);
        }
        *was = now;
    }
}

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Update, (build, draw).chain().in_set(Layer::Tiles));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::session::Lamp;
    use crate::app::tests::view_of_a_raid;

    fn scene() -> Scene {
        Scene {
            view: view_of_a_raid(),
            map: 1,
            revision: 1,
            lamp: Lamp::Carried,
        }
    }

    #[test]
    fn the_unknown_shows_nothing_and_the_players_cell_is_brightest() {
        let scene = scene();
        let motion = Motion::default();
        let here = shown(&scene, &motion, scene.view.me.cell);
        for cell in scene.view.grid.cells() {
            let there = shown(&scene, &motion, cell);
            if scene.view.cell(cell).knowledge == Knowledge::Unknown {
                assert_eq!(there, Shown::default());
            } else {
                assert!(there.wall_light <= here.wall_light);
            }
        }
        assert!(here.wall_light > 0);
    }

    #[test]
    fn every_kind_of_room_has_its_own_floor() {
        let mut known = CellView::UNKNOWN;
        let mut seen = Vec::new();
        for kind in [
            RoomKind::Void,
            RoomKind::Yours,
            RoomKind::Cache { dirty: false },
            RoomKind::Cache { dirty: true },
            RoomKind::Anonymous,
            RoomKind::Kernel,
            RoomKind::Reserved(crate::raid::Site::Key),
        ] {
            known.kind = kind;
            let floor = floor_of(&known);
            assert!(!seen.contains(&floor), "{kind:?}");
            seen.push(floor);
        }
    }
}
