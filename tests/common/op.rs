//! What can be done to a zone, and random choices of it.

pub use super::random::Random;
use labyrinth::mm::{Gfp, MigrateType, Order, Pfn};

/// Something that is done to a zone. `pick` chooses among the blocks handed out, whatever their number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    Alloc {
        gfp: Gfp,
        order: Order,
    },
    Exclusive {
        gfp: Gfp,
        order: Order,
    },
    Free {
        pick: u32,
    },
    /// A free that is most probably refused.
    AnyFree {
        pfn: Pfn,
        order: Order,
    },
    Cache {
        pick: u32,
        dirty: bool,
    },
    Touch {
        pfn: Pfn,
    },
    Evict {
        pick: u32,
    },
    WriteBack {
        pick: u32,
    },
    Reclaim {
        pages: u32,
    },
    Migrate {
        pick: u32,
    },
    Isolate {
        pfn: Pfn,
        wider: Order,
    },
    Unisolate,
    Pin {
        pick: u32,
        on: bool,
    },
    At {
        pfn: Pfn,
        order: Order,
        reserved: bool,
    },
    SetType {
        pfn: Pfn,
        to: MigrateType,
    },
}

/// All kinds of requests.
pub const GFPS: [Gfp; 10] = [
    Gfp::GFP_KERNEL,
    Gfp::GFP_KERNEL.union(Gfp::RECLAIMABLE),
    Gfp::GFP_KERNEL.union(Gfp::RECLAIMABLE),
    Gfp::GFP_HIGHUSER_MOVABLE,
    Gfp::GFP_HIGHUSER_MOVABLE,
    Gfp::GFP_ATOMIC,
    Gfp::GFP_ATOMIC.union(Gfp::ZERO),
    Gfp::GFP_NOWAIT,
    Gfp::GFP_KERNEL.union(Gfp::RETRY_MAYFAIL),
    Gfp::GFP_ATOMIC.union(Gfp::MEMALLOC),
];

const ORDERS: [Order; 16] = [0, 0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 3, 3, 4, 5, 6];

impl Op {
    /// The next thing done in a long life.
    pub fn random(random: &mut Random, pages: u32) -> Self {
        let gfp = random.pick(&GFPS);
        let mut order = random.pick(&ORDERS);
        if random.below(200) == 0 {
            order = random.below(14) as Order;
        }
        let pick = random.next() as u32;
        let pfn = random.below(pages);
        let aligned = pfn >> order << order;
        match random.below(1000) {
            0..430 => Self::Alloc { gfp, order },
            430..450 => Self::Exclusive { gfp, order },
            450..780 => Self::Free { pick },
            780..790 => Self::AnyFree {
                pfn: random.below(pages + 20),
                order: random.below(13) as Order,
            },
            790..860 => Self::Cache {
                pick,
                dirty: random.below(3) == 0,
            },
            860..870 => Self::Touch { pfn },
            870..890 => Self::Evict { pick },
            890..910 => Self::WriteBack { pick },
            910..940 => Self::Reclaim {
                pages: random.below(40),
            },
            940..970 => Self::Migrate { pick },
            970..976 => Self::Isolate {
                pfn,
                wider: random.below(3) as Order,
            },
            976..982 => Self::Unisolate,
            982..992 => Self::Pin {
                pick,
                on: random.below(2) == 0,
            },
            992..999 => Self::At {
                pfn: aligned,
                order,
                reserved: random.below(100) == 0,
            },
            _ => Self::SetType {
                pfn,
                to: random.pick(&MigrateType::ALL[..MigrateType::Isolate as usize]),
            },
        }
    }
}
