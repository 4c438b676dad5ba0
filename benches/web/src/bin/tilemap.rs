//! The bare tile map: 64 x 64 tiles in two layers, one tile in a thousand changing on each frame, and nothing else.

use bevy::asset::RenderAssetUsages;
use bevy::prelude::*;
use bevy::render::render_resource::{Extent3d, TextureDimension, TextureFormat, TextureUsages};
use bevy_ecs_tilemap::prelude::*;
use labyrinth_web_baseline::{ready, window};

const SIDE: u32 = 64;
const TILE: u32 = 32;
const KINDS: u32 = 4;

/// Four plain tiles beside each other.
fn sheet() -> Image {
    let mut bytes = Vec::new();
    for _ in 0..TILE {
        for kind in 0..KINDS {
            for _ in 0..TILE {
                bytes.extend([60 * kind as u8 + 20, 40, 200 - 40 * kind as u8, 255]);
            }
        }
    }
    let size = Extent3d { width: TILE * KINDS, height: TILE, depth_or_array_layers: 1 };
    let mut image = Image::new(
        size,
        TextureDimension::D2,
        bytes,
        TextureFormat::Rgba8UnormSrgb,
        RenderAssetUsages::all(),
    );
    image.texture_descriptor.usage |= TextureUsages::COPY_SRC;
    image
}

fn spawn(mut commands: Commands, mut images: ResMut<Assets<Image>>) {
    commands.spawn((Camera2d, Msaa::Off));
    let texture = images.add(sheet());
    for layer in 0..2 {
        let map = commands.spawn_empty().id();
        let size = TilemapSize { x: SIDE, y: SIDE };
        let mut storage = TileStorage::empty(size);
        for x in 0..SIDE {
            for y in 0..SIDE {
                let position = TilePos { x, y };
                let tile = commands
                    .spawn(TileBundle {
                        position,
                        tilemap_id: TilemapId(map),
                        texture_index: TileTextureIndex((x + y + layer) % KINDS),
                        ..default()
                    })
                    .id();
                storage.set(&position, tile);
            }
        }
        let tile = TilemapTileSize { x: TILE as f32, y: TILE as f32 };
        commands.entity(map).insert(TilemapBundle {
            grid_size: tile.into(),
            map_type: TilemapType::Square,
            size,
            storage,
            texture: TilemapTexture::Single(texture.clone()),
            tile_size: tile,
            transform: Transform::from_xyz(-1000.0, -1000.0, layer as f32),
            render_settings: TilemapRenderSettings {
                render_chunk_size: UVec2::splat(16),
                ..default()
            },
            ..default()
        });
    }
}

/// Changes one tile in a thousand.
fn change(mut tiles: Query<&mut TileTextureIndex>, mut at: Local<u32>) {
    let count = SIDE * SIDE * 2;
    for step in 0..count / 1000 {
        let place = at.wrapping_mul(2_654_435_761).wrapping_add(step * 977) % count;
        if let Some(mut tile) = tiles.iter_mut().nth(place as usize) {
            tile.0 = (tile.0 + 1) % KINDS;
        }
        *at = at.wrapping_add(1);
    }
}

fn main() {
    App::new()
        .add_plugins(DefaultPlugins.set(window()).set(ImagePlugin::default_nearest()))
        .add_plugins(TilemapPlugin)
        .add_systems(Startup, spawn)
        .add_systems(Update, (ready, change))
        .run();
}
