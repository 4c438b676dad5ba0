//! Draws the tiles, pixel by pixel and in code, at the very size in which they are shown.
//!
//! Zooming draws the tiles anew instead of stretching them, so that hatches and walls stay one clean
//! line wide at every size. Patterns say what colours say: hatch for movable memory, dots for page cache,
//! cross hatch for kernel memory, an outline for what is yours, masonry for what is built.

use super::{glyphs, theme};
pub(super) use crate::palette::Floor;
use crate::palette::Pattern;
use crate::settings::MapStyle;

/// A square picture of red, green, blue and opacity, rows from the top.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Picture {
    /// Pixels along a side of one tile.
    pub tile: u32,
    /// Tiles in a row.
    pub columns: u32,
    /// Rows of tiles.
    pub rows: u32,
    /// Four bytes a pixel.
    pub bytes: Vec<u8>,
}

impl Picture {
    fn new(tile: u32, columns: u32, rows: u32) -> Self {
        let len = (tile * tile * columns * rows * 4) as usize;
        Self {
            tile,
            columns,
            rows,
            bytes: vec![0; len],
        }
    }

    fn offset(&self, index: u32, x: u32, y: u32) -> usize {
        let (column, row) = (index % self.columns, index / self.columns);
        let width = self.tile * self.columns;
        (((row * self.tile + y) * width + column * self.tile + x) * 4) as usize
    }

    fn put(&mut self, index: u32, x: u32, y: u32, pixel: [u8; 4]) {
        let at = self.offset(index, x, y);
        self.bytes[at..at + 4].copy_from_slice(&pixel);
    }

    #[cfg(test)]
    pub(super) fn get(&self, index: u32, x: u32, y: u32) -> [u8; 4] {
        let at = self.offset(index, x, y);
        [
            self.bytes[at],
            self.bytes[at + 1],
            self.bytes[at + 2],
            self.bytes[at + 3],
        ]
    }
}

/// Pixels from one line of a pattern to the next: near a quarter of a tile, and a divisor of it, so that tiles join.
pub(super) fn period(tile: u32) -> u32 {
    let aim = (tile / 4).clamp(4, 8);
    (3..=12)
        .filter(|&p| tile.is_multiple_of(p))
        .min_by_key(|p| p.abs_diff(aim))
        .unwrap_or(tile)
}

/// The floors at a size of `tile` pixels.
pub(super) fn floors(tile: u32, style: MapStyle) -> Picture {
    let mut picture = Picture::new(tile, Floor::ALL.len() as u32, 1);
    for floor in Floor::ALL {
        for y in 0..tile {
            for x in 0..tile {
                let pixel = match style {
                    MapStyle::Tiles => floor_pixel(floor, tile, x, y),
                    MapStyle::Glyphs => glyph_pixel(floor, tile, x, y),
                };
                picture.put(floor as u32, x, y, pixel);
            }
        }
    }
    picture
}

fn glyph_pixel(floor: Floor, tile: u32, x: u32, y: u32) -> [u8; 4] {
    let (ground, ink) = theme::glyph(floor);
    let inked = glyphs::inked(floor, tile, x, y);
    let [red, green, blue] = if inked { ink } else { ground };
    [red, green, blue, 255]
}

/// A pixel of a floor's tile.
pub(super) fn floor_pixel(floor: Floor, tile: u32, x: u32, y: u32) -> [u8; 4] {
    let p = period(tile);
    let rising = (x + y).is_multiple_of(p);
    let falling = (x + p - y % p).is_multiple_of(p);
    let colours = theme::floor(floor);
    let seam = (tile / 2).max(1);
    let patterned = match floor.pattern() {
        Pattern::Plain => false,
        Pattern::Dots | Pattern::Blot => dotted(tile, x, y),
        Pattern::Hatch | Pattern::Outline => rising,
        Pattern::CrossHatch => rising || falling,
        Pattern::Masonry => {
            let joint = if (y / seam).is_multiple_of(2) {
                0
            } else {
                tile / 2
            };
            y.is_multiple_of(seam) || x == joint
        }
    };
    let [red, green, blue] = if patterned {
        colours.pattern
    } else if floor.pattern() == Pattern::Blot && stained(tile, x, y) {
        colours.blot
    } else {
        colours.base
    };
    [red, green, blue, 255]
}

/// Dots of page cache.
fn dotted(tile: u32, x: u32, y: u32) -> bool {
    let p = period(tile);
    let size = (tile / 16).max(1);
    let shift = (p - size) / 2;
    (x + p - shift) % p < size && (y + p - shift) % p < size
}

/// The blot on a dirty page.
fn stained(tile: u32, x: u32, y: u32) -> bool {
    let at = |v: u32, centre: u32| (v * 16 / tile).abs_diff(centre);
    let disc = |cx: u32, cy: u32, r: u32| at(x, cx).pow(2) + at(y, cy).pow(2) <= r;
    disc(7, 7, 14) || disc(9, 9, 12)
}

/// What stands on one side of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u32)]
pub(super) enum Side {
    /// The same room goes on, or nothing is known.
    Open = 0,
    /// A wall with a door in it.
    Door = 1,
    /// A wall.
    Wall = 2,
}

/// Index of the tile with these sides: north, east, south, west. 0 is empty.
pub(super) const fn wall_index(sides: [Side; 4]) -> u32 {
    sides[0] as u32 + 3 * sides[1] as u32 + 9 * sides[2] as u32 + 27 * sides[3] as u32
}

const WALL_TILES: u32 = 81;

fn sides_of(index: u32) -> [Side; 4] {
    let side = |n: u32| match n % 3 {
        0 => Side::Open,
        1 => Side::Door,
        _ => Side::Wall,
    };
    [
        side(index),
        side(index / 3),
        side(index / 9),
        side(index / 27),
    ]
}

/// Thickness in pixels of the half of a wall that stands in one cell.
pub(super) fn thickness(tile: u32) -> u32 {
    (tile / 14).max(1)
}

/// First and last pixel of a door along its edge, the last excluded.
pub(super) fn doorway(tile: u32) -> (u32, u32) {
    let jamb = (tile * 9 / 32).max(1);
    (jamb, tile - jamb)
}

/// The walls at a size of `tile` pixels: white, to be tinted by light, with a shadow at their foot.
///
/// Each cell draws its own half of every wall around it, so a wall can be bright on the side that is
/// seen and dim on the other. Rooms are rectangles, hence the halves meet without gaps.
pub(super) fn walls(tile: u32) -> Picture {
    let mut picture = Picture::new(tile, 9, WALL_TILES / 9);
    for index in 0..WALL_TILES {
        let sides = sides_of(index);
        for y in 0..tile {
            for x in 0..tile {
                picture.put(index, x, y, wall_pixel(sides, tile, x, y));
            }
        }
    }
    picture
}

fn wall_pixel(sides: [Side; 4], tile: u32, x: u32, y: u32) -> [u8; 4] {
    let thick = thickness(tile);
    let (from, to) = doorway(tile);
    let reach = thick + (tile / 6).max(2);
    let mut shadow = 0;
    // For each side: how deep the pixel lies behind it, and where along it.
    for (side, depth, along) in [
        (sides[0], y, x),
        (sides[1], tile - 1 - x, y),
        (sides[2], tile - 1 - y, x),
        (sides[3], x, y),
    ] {
        let solid = match side {
            Side::Open => false,
            Side::Door => !(from..to).contains(&along),
            Side::Wall => true,
        };
        // The posts of a door stand out a little.
        let post = side == Side::Door && tile >= 20 && (along + 1 == from || along == to);
        let deep = if post {
            thick + (tile / 24).max(1)
        } else {
            thick
        };
        if solid && depth < deep {
            return [255, 255, 255, 255];
        }
        if solid && depth < reach {
            shadow = shadow.max(110 * (reach - depth) / reach);
        }
    }
    [0, 0, 0, shadow as u8]
}

/// A soft round light, for glows: white, opaque in the middle.
pub(super) fn glow(size: u32) -> Picture {
    let mut picture = Picture::new(size, 1, 1);
    let middle = i64::from(size) - 1;
    for y in 0..size {
        for x in 0..size {
            let (dx, dy) = (2 * i64::from(x) - middle, 2 * i64::from(y) - middle);
            let far = (dx * dx + dy * dy) * 1024 / (middle * middle).max(1);
            let left = (1024 - far).max(0);
            picture.put(
                0,
                x,
                y,
                [255, 255, 255, (left * left * 255 / (1024 * 1024)) as u8],
            );
        }
    }
    picture
}

/// A ring, for markers.
pub(super) fn ring(size: u32) -> Picture {
    let mut picture = Picture::new(size, 1, 1);
    let middle = i64::from(size) - 1;
    let outer = middle - 1;
    let wide = (i64::from(size) / 32).max(2) * 2;
    for y in 0..size {
        for x in 0..size {
            let (dx, dy) = (2 * i64::from(x) - middle, 2 * i64::from(y) - middle);
            let far = crate::mm::int_sqrt((dx * dx + dy * dy) as u64) as i64;
            let edge = (outer - far).min(far - (outer - wide));
            picture.put(0, x, y, [255, 255, 255, (edge + 1).clamp(0, 2) as u8 * 127]);
        }
    }
    picture
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZES: [u32; 8] = [11, 12, 16, 20, 24, 32, 48, 64];

    #[test]
    fn patterns_join_at_the_edges_of_tiles() {
        for tile in SIZES {
            assert_eq!(tile % period(tile), 0, "{tile}");
        }
    }

    #[test]
    fn every_wall_index_reads_back() {
        for index in 0..WALL_TILES {
            assert_eq!(wall_index(sides_of(index)), index);
        }
    }

    #[test]
    fn a_door_is_a_gap_in_its_wall_and_open_sides_draw_nothing() {
        for tile in SIZES {
            let picture = walls(tile);
            let door = wall_index([Side::Door, Side::Open, Side::Open, Side::Open]);
            let wall = wall_index([Side::Wall, Side::Open, Side::Open, Side::Open]);
            let middle = tile / 2;
            assert_eq!(picture.get(wall, middle, 0), [255; 4], "{tile}");
            assert_ne!(picture.get(door, middle, 0)[3], 255, "{tile}");
            assert_eq!(picture.get(door, 0, 0), [255; 4], "{tile}");
            for y in 0..tile {
                for x in 0..tile {
                    assert_eq!(picture.get(0, x, y)[3], 0);
                }
            }
        }
    }

    #[test]
    fn floors_differ_in_pattern_and_not_only_in_hue() {
        for tile in [16, 24, 32] {
            let picture = floors(tile, MapStyle::Tiles);
            // Which pixels are lighter than the darkest one of their tile.
            let pattern = |floor: Floor| -> Vec<bool> {
                let sum = |x, y| {
                    picture.get(floor as u32, x, y)[..3]
                        .iter()
                        .map(|&c| u32::from(c))
                        .sum::<u32>()
                };
                let all: Vec<u32> = (0..tile * tile).map(|i| sum(i % tile, i / tile)).collect();
                let least = *all.iter().min().unwrap_or(&0);
                all.into_iter().map(|s| s > least).collect()
            };
            let kinds = [
                Floor::Void,
                Floor::Cache,
                Floor::Stained,
                Floor::Anonymous,
                Floor::Kernel,
                Floor::Stone,
            ];
            for (i, &a) in kinds.iter().enumerate() {
                for &b in &kinds[i + 1..] {
                    assert_ne!(pattern(a), pattern(b), "{a:?} and {b:?} at {tile}");
                }
            }
        }
    }
}
