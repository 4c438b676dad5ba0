//! Operations on a zone, and the bytes that stand for them.
//!
//! The first four bytes are the shape of the zone, every four after that an operation; what is left over is nothing.
//! All bytes have a meaning, so that whatever is done to an input, it remains one.

use labyrinth::mm::{Gfp, MigrateType, Order, Pfn, ZoneConfig};

/// The zone an input is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Number of pages.
    pub pages: u32,
    /// Order of a pageblock.
    pub pageblock_order: Order,
    /// `min_free_kbytes`; none for the formula.
    pub min_free_kbytes: Option<u32>,
    /// True if the watermarks may be boosted.
    pub boost: bool,
    /// CPUs with page lists of their own.
    pub cpus: u16,
}

impl Shape {
    /// What the zone is made from.
    pub fn config(self) -> ZoneConfig {
        let mut config = ZoneConfig::new("DMA", self.pages, self.pageblock_order);
        config.min_free_kbytes = self.min_free_kbytes;
        config.cpus = self.cpus;
        if !self.boost {
            config.watermark_boost_factor = 0;
        }
        config
    }
}

/// Something that is done to a zone. `pick` chooses among the blocks in use, whatever their number.
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
    /// A free of anything: misuse, most probably.
    AnyFree {
        pfn: Pfn,
        order: Order,
    },
    At {
        pfn: Pfn,
        order: Order,
        reserved: bool,
    },
    Cache {
        pick: u32,
        dirty: bool,
    },
    Touch {
        pfn: Pfn,
    },
    WriteBack {
        pick: u32,
    },
    Evict {
        pick: u32,
    },
    /// An eviction of anything.
    AnyEvict {
        pfn: Pfn,
    },
    Reclaim {
        pages: u32,
    },
    Migrate {
        pick: u32,
    },
    Isolate {
        pfn: Pfn,
        order: Order,
    },
    Unisolate {
        pfn: Pfn,
        order: Order,
    },
    Pin {
        pick: u32,
        on: bool,
    },
    Give {
        pick: u32,
    },
    SetType {
        pfn: Pfn,
        to: MigrateType,
    },
    /// Another CPU calls from now on.
    Cpu {
        cpu: u16,
    },
}

/// All kinds of requests.
const GFPS: [Gfp; 8] = [
    Gfp::GFP_HIGHUSER_MOVABLE,
    Gfp::GFP_KERNEL,
    Gfp::GFP_KERNEL.union(Gfp::RECLAIMABLE),
    Gfp::GFP_ATOMIC,
    Gfp::GFP_ATOMIC.union(Gfp::ZERO),
    Gfp::GFP_NOWAIT,
    Gfp::GFP_KERNEL.union(Gfp::NORETRY),
    Gfp::GFP_ATOMIC.union(Gfp::MEMALLOC),
];

/// Small blocks more often than large ones, and some that there cannot be.
const ORDERS: [Order; 16] = [0, 0, 0, 0, 1, 1, 1, 2, 2, 3, 4, 5, 6, 8, 10, 11];

/// Reads what the bytes stand for.
pub fn decode(bytes: &[u8]) -> (Shape, Vec<Op>) {
    let mut head = [0; 4];
    for (to, &from) in head.iter_mut().zip(bytes) {
        *to = from;
    }
    // Small zones come full and empty sooner, and some are too small to keep types apart.
    let most = if head[2] < 128 { 224 } else { 1500 };
    let pages = 32 + u32::from(u16::from_le_bytes([head[0], head[1]])) % most;
    let shape = Shape {
        pages,
        pageblock_order: 1 + head[2] % 6,
        min_free_kbytes: match head[3] % 4 {
            0 => None,
            1 => Some(0),
            2 => Some(pages / 2),
            _ => Some(pages),
        },
        boost: head[3] & 4 != 0,
        cpus: [0, 0, 1, 3][usize::from(head[3] >> 6)],
    };
    let ops = bytes.get(4..).unwrap_or(&[]).chunks_exact(4);
    (shape, ops.map(|op| decode_op(op, shape)).collect())
}

fn decode_op(bytes: &[u8], shape: Shape) -> Op {
    let &[kind, how, low, high] = bytes else {
        unreachable!("chunks of four");
    };
    let gfp = GFPS[usize::from(how >> 4) % GFPS.len()];
    let order = ORDERS[usize::from(how & 15)];
    let on = how & 1 == 1;
    let number = u32::from(u16::from_le_bytes([low, high]));
    let pick = number;
    // A little beyond the end, too.
    let pfn = number % (shape.pages + 8);
    let aligned = pfn >> order.min(10) << order.min(10);
    match kind % 32 {
        7 if shape.cpus > 0 => Op::Cpu {
            cpu: (number % u32::from(shape.cpus)) as u16,
        },
        0..=7 => Op::Alloc { gfp, order },
        8 => Op::Exclusive { gfp, order },
        10..=14 => Op::Free { pick },
        15 => Op::AnyFree {
            pfn: if how & 128 == 0 { aligned } else { pfn },
            order,
        },
        9 | 16 => Op::At {
            pfn: aligned,
            order,
            reserved: how >= 240,
        },
        17..=19 => Op::Cache { pick, dirty: on },
        20 => Op::Touch { pfn },
        21 => Op::WriteBack { pick },
        22 => Op::Evict { pick },
        23 => Op::AnyEvict { pfn },
        24 => Op::Reclaim { pages: number % 48 },
        25 | 26 => Op::Migrate { pick },
        27 => Op::Isolate {
            pfn: aligned,
            order,
        },
        28 => Op::Unisolate { pfn, order },
        29 => Op::Pin { pick, on },
        30 => Op::Give { pick },
        _ => Op::SetType {
            pfn: pfn % shape.pages,
            to: MigrateType::ALL[usize::from(how) % MigrateType::Isolate as usize],
        },
    }
}
