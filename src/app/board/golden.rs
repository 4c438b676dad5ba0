//! The map beside a stored picture of it: floors, walls and light are laid over each other as the window does it.
//!
//! The map is made up, so that it shows every kind of room whatever the rules of raids are. `make golden` stores the
//! picture anew after the look was changed on purpose; look at it before it is committed.

use super::animation::Motion;
use super::tiles::{shown, tint, wall_tint};
use crate::app::art::{self, Picture};
use crate::app::session::{Lamp, Scene};
use crate::app::tests::view_of_a_raid;
use crate::app::theme;
use crate::labyrinth::{Cell, Dir, Edge, Rect, cell_of, pfn_of};
use crate::raid::{Knowledge, RoomKind, Site, View};
use crate::settings::{MapStyle, PaletteName};
use bevy::prelude::*;

/// The stored picture.
const STORED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/golden/map.ppm");
/// Cells along a side of each map in it.
const CELLS: u16 = 16;
/// Pixels along a side of a cell as it is drawn, and of one in the picture.
const DRAWN: u32 = 16;
const KEPT: u32 = 4;
/// How much a pixel may be off, of 255, and how much all may be in the middle.
const PIXEL: u8 = 24;
const MIDDLE: f64 = 1.5;

/// Which maps stand below each other in the picture.
const MAPS: [(PaletteName, MapStyle); 5] = [
    (PaletteName::OkabeIto, MapStyle::Tiles),
    (PaletteName::Ember, MapStyle::Tiles),
    (PaletteName::Deep, MapStyle::Tiles),
    (PaletteName::HighContrast, MapStyle::Tiles),
    (PaletteName::OkabeIto, MapStyle::Glyphs),
];

const REGION: Rect = Rect {
    x: 0,
    y: 0,
    w: CELLS,
    h: CELLS,
};

/// A map with rooms of every kind and size, in sight, remembered and unknown.
fn scene() -> Scene {
    let mut view = view_of_a_raid().unseen();
    view.turn = 9;
    view.me.cell = Cell::new(5, 5);
    let kinds = [
        RoomKind::Void,
        RoomKind::Anonymous,
        RoomKind::Cache { dirty: false },
        RoomKind::Void,
        RoomKind::Kernel,
        RoomKind::Cache { dirty: true },
        RoomKind::Yours,
        RoomKind::Reserved(Site::Stone),
    ];
    // Orders in turn from the largest that still fits, so that rooms of all shapes stand side by side.
    let orders = [4, 0, 1, 2, 3, 1, 0, 2];
    let (mut pfn, mut at) = (0, 0_usize);
    while pfn < u32::from(CELLS) * u32::from(CELLS) {
        let fits = if pfn == 0 {
            4
        } else {
            pfn.trailing_zeros().min(4)
        };
        let order = orders[at % orders.len()].min(fits) as u8;
        for part in pfn..pfn + (1 << order) {
            let cell = &mut view.cells[view.grid.index(cell_of(part))];
            (cell.room, cell.order) = (pfn, order);
            cell.kind = kinds[at % kinds.len()];
            cell.turn = if at % 5 == 3 { 2 } else { 9 };
            cell.knowledge = match (cell.kind, at % 5) {
                (RoomKind::Yours, _) => Knowledge::Exclusive,
                (_, 3) => Knowledge::Invalid,
                (_, 4) if at % 2 == 0 => Knowledge::Unknown,
                _ => Knowledge::Shared,
            };
        }
        pfn += 1 << order;
        at += 1;
    }
    for cell in REGION.cells() {
        let index = view.grid.index(cell);
        view.cells[index].edges = Dir::ALL.map(|dir| edge(&view, cell, dir));
    }
    Scene {
        view,
        map: 1,
        revision: 1,
        lamp: Lamp::Carried,
    }
}

/// What stands between two cells: the same from both sides.
fn edge(view: &View, cell: Cell, dir: Dir) -> Edge {
    let Some(next) = view.grid.step(cell, dir) else {
        return Edge::Outside;
    };
    let both = [pfn_of(cell), pfn_of(next)];
    if view.cell(cell).room == view.cell(next).room {
        Edge::Open
    } else if both.iter().sum::<u32>() % 3 == 0 {
        Edge::Door
    } else {
        Edge::Wall
    }
}

/// A pixel over another, in a light.
fn over(
    under: [f32; 3],
    picture: &Picture,
    tile: u32,
    (x, y): (u32, u32),
    light: Color,
) -> [f32; 3] {
    let [red, green, blue, opacity] = picture.get(tile, x, y);
    let light = light.to_srgba();
    let part = f32::from(opacity) / 255.0;
    let lit = [
        f32::from(red) * light.red,
        f32::from(green) * light.green,
        f32::from(blue) * light.blue,
    ];
    std::array::from_fn(|i| under[i] * (1.0 - part) + lit[i] * part)
}

/// One map, as rows of red, green and blue.
fn draw(scene: &Scene, style: MapStyle) -> Vec<u8> {
    let (floors, walls) = (art::floors(DRAWN, style), art::walls(DRAWN));
    let motion = Motion::default();
    let side = u32::from(CELLS) * KEPT;
    let each = DRAWN / KEPT;
    let void = theme::void().to_srgba().to_u8_array();
    let void = [void[0], void[1], void[2]].map(f32::from);
    let mut bytes = Vec::new();
    for y in 0..side {
        for x in 0..side {
            let cell = Cell::new((x / KEPT) as u16, (y / KEPT) as u16);
            let now = shown(scene, &motion, cell);
            let mut sum = [0.0; 3];
            for part in 0..each * each {
                let at = (x % KEPT * each + part % each, y % KEPT * each + part / each);
                let mut pixel = void;
                if now.floor_light > 0 {
                    pixel = over(pixel, &floors, now.floor, at, tint(now.floor_light));
                }
                if now.wall != 0 && now.wall_light > 0 {
                    pixel = over(pixel, &walls, now.wall, at, wall_tint(now.wall_light));
                }
                sum = std::array::from_fn(|i| sum[i] + pixel[i]);
            }
            bytes.extend(sum.map(|sum| (sum / (each * each) as f32).round() as u8));
        }
    }
    bytes
}

/// All maps below each other.
fn picture(scene: &Scene) -> Vec<u8> {
    let mut all = Vec::new();
    for (palette, style) in MAPS {
        theme::wear(palette);
        all.extend(draw(scene, style));
    }
    theme::wear(PaletteName::default());
    all
}

fn header() -> String {
    let side = u32::from(CELLS) * KEPT;
    format!("P6\n{side} {}\n255\n", side * MAPS.len() as u32)
}

/// How two pictures differ: what is wrong, in words.
fn differ(now: &[u8], stored: &[u8]) -> Option<String> {
    if now.len() != stored.len() {
        return Some(format!("{} bytes, not {}", now.len(), stored.len()));
    }
    let off = now.iter().zip(stored).map(|(a, b)| a.abs_diff(*b));
    let worst = off.clone().enumerate().max_by_key(|&(_, off)| off);
    let middle = off.clone().map(f64::from).sum::<f64>() / now.len() as f64;
    let (at, most) = worst?;
    if most <= PIXEL && middle <= MIDDLE {
        return None;
    }
    let (pixel, side) = (at as u32 / 3, u32::from(CELLS) * KEPT);
    let (x, y) = (pixel % side, pixel / side);
    let (palette, style) = MAPS[(y / side) as usize];
    Some(format!(
        "{palette:?} {style:?}: pixel {x},{} is {most} off (at most {PIXEL}); all are {middle:.2} off in the middle (at most {MIDDLE})",
        y % side
    ))
}

#[test]
fn the_map_looks_as_it_is_stored() {
    let now = picture(&scene());
    if std::env::var_os("GOLDEN").is_some_and(|wish| wish == "write") {
        let bytes = [header().as_bytes(), &now].concat();
        std::fs::write(STORED, bytes).expect(STORED);
    }
    let stored = std::fs::read(STORED).expect(STORED);
    let pixels = stored.strip_prefix(header().as_bytes());
    let pixels = pixels.unwrap_or_else(|| panic!("{STORED}: not a picture of this size"));
    if let Some(fault) = differ(&now, pixels) {
        panic!("{fault}; make golden stores it anew, if that was on purpose");
    }
}

#[test]
fn one_other_room_one_other_wall_and_less_light_are_each_noticed() {
    let right = picture(&scene());
    assert_eq!(differ(&right, &right), None);
    let at = Cell::new(5, 5);
    let mut room = scene();
    let index = room.view.grid.index(at);
    room.view.cells[index].kind = RoomKind::Kernel;
    let mut wall = scene();
    let shut = wall.view.cells[index].edges.map(|edge| match edge {
        Edge::Open | Edge::Door => Edge::Wall,
        _ => Edge::Open,
    });
    wall.view.cells[index].edges = shut;
    let mut dark = scene();
    dark.lamp = Lamp::Even(0.3);
    for (what, changed) in [("room", room), ("wall", wall), ("light", dark)] {
        assert!(differ(&right, &picture(&changed)).is_some(), "{what}");
    }
}

#[test]
fn it_shows_every_floor_walls_and_doors() {
    let scene = scene();
    let motion = Motion::default();
    let all: Vec<_> = REGION
        .cells()
        .map(|cell| shown(&scene, &motion, cell))
        .collect();
    for floor in art::Floor::ALL {
        let lit = |now: &super::tiles::Shown| now.floor == floor as u32 && now.floor_light > 0;
        assert!(all.iter().any(lit), "{floor:?}");
    }
    assert!(all.iter().any(|now| now.wall != 0));
    assert!(all.iter().any(|now| now.floor_light == 0), "the unknown");
    for wanted in [Edge::Door, Edge::Wall, Edge::Open] {
        let has = |cell| scene.view.cell(cell).edges.contains(&wanted);
        assert!(REGION.cells().any(has), "{wanted:?}");
    }
}
