//! A zone's whole state as numbers, for hashes of larger states.

use super::super::{BlockState, MigrateType, NR_PAGE_ORDERS, Order};
use super::Zone;

impl Zone {
    /// Feeds everything that decides how the zone goes on to `f`, in a fixed order: settings, counters, pageblock
    /// types, every block with its owner and flags, the order of every free list, of the LRU list and of per-CPU lists.
    ///
    /// Equal zones feed equal words on every platform; zones that differ feed different ones.
    pub fn hash_words(&self, f: &mut dyn FnMut(u64)) {
        let config = &self.config;
        f(config.name.len() as u64);
        config.name.bytes().for_each(|byte| f(byte.into()));
        f(u64::from(config.pages) << 8 | u64::from(config.pageblock_order));
        f(config
            .min_free_kbytes
            .map_or(0, |kbytes| u64::from(kbytes) + 1));
        f(u64::from(config.watermark_scale_factor) << 32
            | u64::from(config.watermark_boost_factor));
        f(u64::from(self.watermark_boost) << 32 | u64::from(self.managed));
        f(self.nr_reserved_highatomic.into());
        for pageblock in &self.pageblocks {
            f((pageblock.now() as u64) << 8 | pageblock.before() as u64);
        }
        for block in self.blocks() {
            let state = match block.state {
                BlockState::Free { .. } => 0,
                BlockState::Cached { cpu, list } => 2 << 32 | u64::from(cpu) << 8 | list as u64,
                BlockState::Allocated {
                    owner,
                    migratetype,
                    flags,
                } => {
                    1 << 32
                        | u64::from(owner.0) << 16
                        | u64::from(flags.bits()) << 8
                        | migratetype as u64
                }
            };
            f(u64::from(block.order) << 40 | state);
        }
        for order in 0..NR_PAGE_ORDERS as Order {
            for list in MigrateType::ALL {
                self.free_list(order, list).for_each(|pfn| f(pfn.into()));
            }
        }
        self.lru_list().for_each(|pfn| f(pfn.into()));
        self.hash_pcp(f);
    }
}

/// Zones are equal if they go on alike: leftovers in frames that are inside a block do not count.
impl PartialEq for Zone {
    fn eq(&self, other: &Self) -> bool {
        let words = |zone: &Self| {
            let mut words = Vec::new();
            zone.hash_words(&mut |word| words.push(word));
            words
        };
        words(self) == words(other)
    }
}

impl Eq for Zone {}
