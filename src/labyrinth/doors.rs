//! Where doors stand: a pure hash of the raid's seed and a node of the buddy tree, with no history.

use super::geometry::{Cell, Dir, cell_of, pfn_of};
use crate::mm::{Order, Pfn};

/// Weyl increment of splitmix64: 2^64 divided by the golden ratio, made odd.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// The finalizer of splitmix64.
const fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A raid's seed, mixed once so that neighbouring seeds share nothing.
#[derive(Clone, Copy)]
pub(super) struct DoorSeed(u64);

impl DoorSeed {
    pub(super) const fn new(seed: u64) -> Self {
        Self(mix(seed.wrapping_add(GOLDEN)))
    }

    /// 64 bits for door `index` of the node at `(pfn, order)`. Replays depend on it: it never changes.
    pub(super) const fn hash(self, pfn: Pfn, order: Order, index: u32) -> u64 {
        let key = pfn as u64 | (order as u64) << 32 | (index as u64) << 40;
        mix(self.0 ^ key.wrapping_mul(GOLDEN))
    }

    /// The seam position of door `index`: somewhere in its [`Part`] of the seam.
    pub(super) const fn position(self, pfn: Pfn, order: Order, index: u32, part: Part) -> u32 {
        part.start + (((self.hash(pfn, order, index) >> 32) * part.width as u64) >> 32) as u32
    }
}

/// One of the equal parts of a seam, each with one door: `width` edges (at least 1) from position `start` on.
#[derive(Clone, Copy)]
pub(super) struct Part {
    start: u32,
    width: u32,
}

impl Part {
    /// Part `index` of the `count` parts of a seam of `len` edges; bounds are rounded down.
    pub(super) const fn of(index: u32, count: u32, len: u32) -> Self {
        let start = index * len / count;
        Self {
            start,
            width: (index + 1) * len / count - start,
        }
    }
}

/// Number of edges `L` between the two halves of a node of this order; 0 for a single frame.
///
/// Halves of even order lie side by side, halves of odd order one above the other: 1, 2, 2, 4, 4, 8, 8, ...
pub const fn seam_len(order: Order) -> u32 {
    if order == 0 { 0 } else { 1 << (order / 2) }
}

/// Number of doors in a seam of `len` edges.
pub(super) const fn door_count(len: u32) -> u32 {
    1 + len / 4
}

/// The direction from a node's lower half to its upper half.
pub(super) const fn seam_dir(order: Order) -> Dir {
    if order % 2 == 1 {
        Dir::East
    } else {
        Dir::South
    }
}

/// The doors of the node of `order` that holds `node_pfn`, along the seam: the cell in the lower half, and the way
/// through (east or south). Empty for order 0; at most one door in each `1 + L/4`-th part of the seam.
pub fn seam_doors(seed: u64, node_pfn: Pfn, node_order: Order) -> Vec<(Cell, Dir)> {
    if node_order == 0 {
        return Vec::new();
    }
    let node = node_pfn & (u32::MAX << node_order);
    let mixed = DoorSeed::new(seed);
    let len = seam_len(node_order);
    let count = door_count(len);
    (0..count)
        .map(|index| {
            let position = mixed.position(node, node_order, index, Part::of(index, count, len));
            (seam_cell(node, node_order, position), seam_dir(node_order))
        })
        .collect()
}

/// The cell in the lower half of a node at a position of its seam.
pub(super) fn seam_cell(node: Pfn, order: Order, position: u32) -> Cell {
    // The lower half's far column (halves side by side) or far row (one above the other).
    let corner = cell_of(node);
    let reach = (1u16 << ((order - 1) / 2)) - 1;
    let along = position as u16;
    match seam_dir(order) {
        Dir::East => Cell::new(corner.x + reach, corner.y + along),
        _ => Cell::new(corner.x + along, corner.y + reach),
    }
}

/// Whether the edge is a door **if** a wall stands there; a pure function of the seed and the place.
///
/// The edge belongs to the seam of one node: the smallest aligned block that holds the cells on both sides. No
/// grid is known here: edges at the rim of a zone answer for the larger zone around it.
pub fn door_between(seed: u64, a: Cell, dir: Dir) -> bool {
    let Some(b) = a.neighbour(dir) else {
        return false;
    };
    let (from, to) = (pfn_of(a), pfn_of(b));
    let order = u32::BITS - (from ^ to).leading_zeros();
    let node = if order >= u32::BITS {
        0
    } else {
        from & (u32::MAX << order)
    };
    let order = order as Order;
    let corner = cell_of(node);
    let along = match dir {
        Dir::East | Dir::West => a.y - corner.y,
        Dir::North | Dir::South => a.x - corner.x,
    };
    let len = seam_len(order);
    let count = door_count(len);
    // The part whose bounds, rounded down, hold this edge.
    let index = (((u64::from(along) + 1) * u64::from(count) - 1) / u64::from(len)) as u32;
    let position = DoorSeed::new(seed).position(node, order, index, Part::of(index, count, len));
    position == u32::from(along)
}

#[cfg(test)]
mod tests {
    use super::DoorSeed;

    /// Computed once by a separate program: old replays depend on every bit.
    #[test]
    fn the_hash_never_changes() {
        for (seed, pfn, order, index, expected) in [
            (0, 0, 1, 0, 0xdd23_0cd1_b5c6_9338),
            (1, 0, 1, 0, 0x8296_81c8_97b1_53b5),
            (0, 2, 1, 0, 0x6cfa_8043_027d_0a7e),
            (0, 0, 12, 16, 0xe7fc_24fc_5fed_dbdc),
            (0xdead_beef, 0x800, 11, 3, 0xa6ed_707a_ae23_a750),
            (u64::MAX, 0xffff_f000, 12, 1, 0xbc8a_e3e7_7fee_1c7e),
        ] {
            assert_eq!(DoorSeed::new(seed).hash(pfn, order, index), expected);
        }
    }
}
