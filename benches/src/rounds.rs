//! Interleaved rounds: each plays every load on every allocator once, so that what slows the machine slows all.

use crate::loads::{self, Load};
use crate::ours::Labyrinth;
use crate::peers::{
    Acid, Bitmap, BuddyAllocCrate, BuddySystem, FrameAlloc, FrameDepot, Nothing, Offset, Touching,
};

/// What an allocator is, and so what it is compared for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Ours,
    /// Allocates nothing: shows what the loads themselves take, or memory does.
    Nobody,
    /// Splits and merges naturally aligned blocks.
    Buddy,
    /// A buddy allocator behind a cache of single pages.
    Cached,
    /// Does something else.
    Other,
}

/// An allocator that takes part.
#[derive(Clone, Copy)]
pub struct Player {
    pub name: &'static str,
    pub kind: Kind,
    run: fn(Load, u32, u64) -> f64,
}

pub const PLAYERS: [Player; 11] = [
    Player {
        name: "(the loads alone)",
        kind: Kind::Nobody,
        run: loads::run::<Nothing>,
    },
    Player {
        name: "(a page's own bytes)",
        kind: Kind::Nobody,
        run: loads::run::<Touching>,
    },
    Player {
        name: "labyrinth",
        kind: Kind::Ours,
        run: loads::run::<Labyrinth<false>>,
    },
    Player {
        name: "labyrinth + pcp",
        kind: Kind::Ours,
        run: loads::run::<Labyrinth<true>>,
    },
    Player {
        name: "buddy_system_allocator",
        kind: Kind::Buddy,
        run: loads::run::<BuddySystem>,
    },
    Player {
        name: "buddy-alloc",
        kind: Kind::Buddy,
        run: loads::run::<BuddyAllocCrate>,
    },
    Player {
        name: "acid_alloc",
        kind: Kind::Buddy,
        run: loads::run::<Acid>,
    },
    Player {
        name: "frame-alloc",
        kind: Kind::Buddy,
        run: loads::run::<FrameAlloc>,
    },
    Player {
        name: "frame-alloc + depot",
        kind: Kind::Cached,
        run: loads::run::<FrameDepot>,
    },
    Player {
        name: "bitmap-allocator",
        kind: Kind::Other,
        run: loads::run::<Bitmap>,
    },
    Player {
        name: "offset-allocator",
        kind: Kind::Other,
        run: loads::run::<Offset>,
    },
];

/// The sizes of zones, in pages: 256 MiB and 4 GiB.
pub const SIZES: [u32; 2] = [65_536, 1_048_576];
/// The small zone that growth is measured from, in pages.
pub const SMALL: u32 = 4096;

/// One load on one allocator at one size.
pub struct Cell {
    pub load: Load,
    pub pages: u32,
    pub player: Player,
    /// Nanoseconds per operation, one figure a round.
    pub samples: Vec<f64>,
}

impl Cell {
    pub fn median(&self) -> f64 {
        let mut sorted = self.samples.clone();
        sorted.sort_by(f64::total_cmp);
        sorted[sorted.len() / 2]
    }
}

/// Plays all rounds; of loads and allocators only those named, if any are.
pub fn run(rounds: u64, only: &[String]) -> Vec<Cell> {
    let mut cells = Vec::new();
    let wanted = |name: &str| only.iter().any(|part| part == name);
    let has = |names: Vec<&str>| {
        names
            .iter()
            .any(|name| only.iter().any(|part| part == name))
    };
    let any_player = !has(PLAYERS.iter().map(|player| player.name).collect());
    let any_load = !has(Load::ALL.iter().map(|load| load.name()).collect());
    for pages in [SMALL].into_iter().chain(SIZES) {
        for load in Load::ALL {
            for player in PLAYERS {
                // Small zones only show how one load grows.
                if (pages != SMALL || load == Load::Mixed)
                    && (any_player || wanted(player.name))
                    && (any_load || wanted(load.name()))
                {
                    cells.push(Cell {
                        load,
                        pages,
                        player,
                        samples: Vec::new(),
                    });
                }
            }
        }
    }
    for round in 0..rounds {
        eprintln!("round {} of {rounds}", round + 1);
        for cell in &mut cells {
            cell.samples
                .push((cell.player.run)(cell.load, cell.pages, round + 1));
        }
    }
    cells
}
