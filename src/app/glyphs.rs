//! Floors drawn as characters, for those who like a labyrinth of letters: small bitmaps, set at any size of a tile.

use crate::palette::Floor;

/// Columns of a character.
const WIDE: u32 = 5;
/// Rows of a character.
const HIGH: u32 = 7;

/// Rows of five dots, the leftmost the highest bit.
type Bitmap = [u8; HIGH as usize];

const POINT: Bitmap = [0, 0, 0, 0b00100, 0, 0, 0];
const COLON: Bitmap = [0, 0, 0b00100, 0, 0b00100, 0, 0];
const STAR: Bitmap = [0, 0b00100, 0b10101, 0b01110, 0b10101, 0b00100, 0];
const SLASH: Bitmap = [
    0b00001, 0b00001, 0b00010, 0b00100, 0b01000, 0b10000, 0b10000,
];
const CROSS: Bitmap = [0, 0b10001, 0b01010, 0b00100, 0b01010, 0b10001, 0];
const PLUS: Bitmap = [0, 0b00100, 0b00100, 0b11111, 0b00100, 0b00100, 0];
const SHADE: Bitmap = [
    0b10101, 0b01010, 0b10101, 0b01010, 0b10101, 0b01010, 0b10101,
];

const fn bitmap(floor: Floor) -> Bitmap {
    match floor {
        Floor::Void => POINT,
        Floor::Cache => COLON,
        Floor::Stained => STAR,
        Floor::Anonymous => SLASH,
        Floor::Kernel => CROSS,
        Floor::Yours => PLUS,
        Floor::Stone => SHADE,
    }
}

/// True where the character of a floor has ink, in a tile of so many pixels.
pub(super) fn inked(floor: Floor, tile: u32, x: u32, y: u32) -> bool {
    let scale = (tile / 11).max(1);
    let dot = |at: u32, dots: u32| {
        // Smaller tiles than the character show the middle of it.
        let at = i64::from(at) - (i64::from(tile) - i64::from(dots * scale)).div_euclid(2);
        let dot = at.div_euclid(scale.into());
        (0..i64::from(dots)).contains(&dot).then_some(dot)
    };
    match (dot(x, WIDE), dot(y, HIGH)) {
        (Some(column), Some(row)) => {
            let from_right = i64::from(WIDE) - 1 - column;
            bitmap(floor)[row as usize] >> from_right & 1 == 1
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_floor_is_another_character_at_every_size_that_can_be_told_apart() {
        for tile in [5, 8, 11, 12, 16, 20, 32, 48, 64] {
            let mut seen: Vec<Vec<bool>> = Vec::new();
            for floor in Floor::ALL {
                let dots: Vec<bool> = (0..tile * tile)
                    .map(|at| inked(floor, tile, at % tile, at / tile))
                    .collect();
                assert!(dots.contains(&true), "{floor:?} at {tile}");
                assert!(!seen.contains(&dots), "{floor:?} at {tile}");
                seen.push(dots);
            }
        }
    }

    #[test]
    fn characters_stand_in_the_middle_of_their_tile() {
        for tile in [16, 20, 24, 32, 48, 64] {
            let inked: Vec<u32> = (0..tile * tile)
                .filter(|at| inked(Floor::Kernel, tile, at % tile, at / tile))
                .map(|at| at % tile)
                .collect();
            let (left, right) = (inked.iter().min(), inked.iter().max());
            let (Some(left), Some(right)) = (left, right) else {
                panic!("nothing at {tile}");
            };
            assert!(left.abs_diff(tile - 1 - right) <= 1, "{tile}");
        }
    }
}
