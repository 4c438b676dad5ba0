//! What is known of a zone at one moment, as figures that can be kept and printed later.

use crate::mm::{MigrateType, NR_PAGE_ORDERS, Order, Watermarks, Zone};

/// All migrate types, in the order in which Linux prints their letters.
const MIGRATE_TYPES: [MigrateType; 6] = [
    MigrateType::Unmovable,
    MigrateType::Movable,
    MigrateType::Reclaimable,
    MigrateType::HighAtomic,
    MigrateType::Cma,
    MigrateType::Isolate,
];

/// A zone's figures at one moment: what Linux's `show_mem()` prints of it. Amounts are in pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZoneFigures {
    /// Name of the zone.
    pub name: String,
    /// Pages present.
    pub pages: u32,
    /// Pages the allocator manages: those present less those reserved at boot.
    pub managed: u32,
    /// Free pages (`NR_FREE_PAGES`): without isolated ones, with those kept for atomic requests.
    pub free: u32,
    /// The watermarks, without the boost.
    pub marks: Watermarks,
    /// What is added to every watermark for now.
    pub boost: u32,
    /// Pages of the pageblocks kept for high-order atomic requests, free or not.
    pub reserved_highatomic: u32,
    /// Those of them that are free.
    pub free_highatomic: u32,
    /// Free pages that are isolated.
    pub isolated: u32,
    /// Free blocks of each order, isolated ones too.
    pub nr_free: [u32; NR_PAGE_ORDERS],
    /// For each order the migrate types that have free blocks of it: bit `t` for `MigrateType` number `t`.
    pub types: [u8; NR_PAGE_ORDERS],
}

impl ZoneFigures {
    /// Takes a zone's figures.
    pub fn of(zone: &Zone) -> Self {
        let mut nr_free = [0; NR_PAGE_ORDERS];
        let mut types = [0; NR_PAGE_ORDERS];
        let mut free_highatomic = 0;
        for (index, order) in (0..NR_PAGE_ORDERS).zip(0 as Order..) {
            nr_free[index] = zone.nr_free(order);
            for migratetype in MIGRATE_TYPES {
                if zone.nr_free_of(order, migratetype) > 0 {
                    types[index] |= bit(migratetype);
                }
            }
            free_highatomic += zone.nr_free_of(order, MigrateType::HighAtomic) << order;
        }
        Self {
            name: zone.config().name.clone(),
            pages: zone.pages(),
            managed: zone.managed(),
            free: zone.nr_free_pages(),
            marks: zone.watermarks(),
            boost: zone.watermark_boost(),
            reserved_highatomic: reserved_highatomic(zone),
            free_highatomic,
            isolated: zone.nr_isolated(),
            nr_free,
            types,
        }
    }

    /// The migrate types with free blocks of an order, in the order in which Linux prints their letters.
    pub fn types_of(&self, order: Order) -> impl Iterator<Item = MigrateType> {
        let types = self.types.get(usize::from(order)).copied().unwrap_or(0);
        MIGRATE_TYPES
            .into_iter()
            .filter(move |&migratetype| types & bit(migratetype) != 0)
    }
}

fn bit(migratetype: MigrateType) -> u8 {
    1 << migratetype as u8
}

fn reserved_highatomic(zone: &Zone) -> u32 {
    let pages = zone.pages();
    let size = 1 << zone.pageblock_order();
    (0..pages)
        .step_by(size as usize)
        .filter(|&pfn| zone.pageblock_type(pfn) == MigrateType::HighAtomic)
        .map(|pfn| size.min(pages - pfn))
        .sum()
}
