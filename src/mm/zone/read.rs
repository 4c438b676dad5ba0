//! What can be read off a zone: figures, watermarks, blocks.

use super::super::{
    AllocFlags, Block, BlockState, Gfp, MAX_PAGE_ORDER, MigrateType, NR_PAGE_ORDERS, Order, Pfn,
    Watermarks, extfrag_index, unusable_index,
};
use super::{Frame, Info, Links, Pageblock, State, Zone, ZoneConfig};

impl Zone {
    /// What the zone was made from.
    pub fn config(&self) -> &ZoneConfig {
        &self.config
    }

    /// Number of pages.
    pub fn pages(&self) -> u32 {
        self.config.pages
    }

    /// Pages the allocator manages: those not reserved at boot. Watermarks are computed from [`Zone::pages`].
    pub fn managed(&self) -> u32 {
        self.managed
    }

    /// Order of a pageblock.
    pub fn pageblock_order(&self) -> Order {
        self.config.pageblock_order
    }

    /// Free pages (`NR_FREE_PAGES`): with the high-atomic reserve, without isolated pages.
    #[inline]
    pub fn nr_free_pages(&self) -> u32 {
        self.free_area.nr_free_pages()
    }

    /// Free pages in isolated pageblocks.
    pub fn nr_isolated(&self) -> u32 {
        self.free_area.pages(MigrateType::Isolate)
    }

    /// Free pages in the high-atomic reserve.
    pub fn nr_highatomic_free(&self) -> u32 {
        self.free_area.pages(MigrateType::HighAtomic)
    }

    /// Pages of the pageblocks in the high-atomic reserve, free or not.
    pub fn nr_reserved_highatomic(&self) -> u32 {
        self.nr_reserved_highatomic
    }

    /// Free blocks of an order over all types, isolated ones included, as `/proc/buddyinfo` shows.
    pub fn nr_free(&self, order: Order) -> u32 {
        let types = MigrateType::ALL.iter();
        types.map(|&list| self.free_area.count(order, list)).sum()
    }

    /// Free blocks of an order on one type's list.
    pub fn nr_free_of(&self, order: Order, list: MigrateType) -> u32 {
        self.free_area.count(order, list)
    }

    /// [`Zone::nr_free`] for every order.
    pub fn free_counts(&self) -> [u32; NR_PAGE_ORDERS] {
        std::array::from_fn(|order| self.nr_free(order as Order))
    }

    /// The largest order of which there is a free block on the unmovable, movable, reclaimable or high-atomic lists.
    pub fn largest_free_order(&self) -> Option<Order> {
        let mask = MigrateType::ALL[..=MigrateType::HighAtomic as usize]
            .iter()
            .fold(0, |mask, &list| mask | self.free_area.mask(list));
        mask.checked_ilog2().map(|order| order as Order)
    }

    /// The watermarks, without [`Zone::watermark_boost`].
    pub fn watermarks(&self) -> Watermarks {
        self.watermarks
    }

    /// Pages all watermarks are raised by at the moment. Claims of part of a pageblock raise it, kswapd's
    /// [`Zone::reclaim`] lowers it; kswapd should run while it is not 0.
    pub fn watermark_boost(&self) -> u32 {
        self.watermark_boost
    }

    /// The watermarks as requests meet them and `/proc/zoneinfo` prints them, boost included (`wmark_pages()`).
    pub fn boosted_watermarks(&self) -> Watermarks {
        let Watermarks {
            min,
            low,
            high,
            promo,
        } = self.watermarks;
        let boost = self.watermark_boost;
        Watermarks {
            min: min + boost,
            low: low + boost,
            high: high + boost,
            promo: promo + boost,
        }
    }

    /// The number free pages must exceed for a single page to be had with these flags at `mark`, in the slow path:
    /// 48 for `GFP_ATOMIC` at a `min` of 128. A block takes `2^order - 1` more; see [`AllocFailure::limit`].
    ///
    /// [`AllocFailure::limit`]: super::super::AllocFailure::limit
    pub fn watermark_limit(&self, gfp: Gfp, mark: u32) -> u32 {
        Self::mark_after(mark, AllocFlags::from_gfp(gfp, 0))
    }

    /// What is left of a watermark for a request that may use some of the reserve.
    #[inline]
    pub(super) fn mark_after(mark: u32, flags: AllocFlags) -> u32 {
        let mut min = mark;
        if flags.contains(AllocFlags::MIN_RESERVE) {
            min -= min / 2;
            if flags.contains(AllocFlags::NON_BLOCK) {
                min -= min / 4;
            }
        }
        if flags.contains(AllocFlags::OOM) {
            min -= min / 2;
        }
        min
    }

    /// Free pages a request must not count on: part of its own block, and what only others may use
    /// (`__zone_watermark_unusable_free()`).
    #[inline]
    pub(super) fn unusable_free(&self, order: Order, flags: AllocFlags) -> u32 {
        let mut unusable = (1_u32 << order) - 1;
        if !flags.any(AllocFlags::RESERVES) {
            unusable += self.free_area.pages(MigrateType::HighAtomic);
        }
        if !flags.contains(AllocFlags::CMA) {
            unusable += self.free_area.pages(MigrateType::Cma);
        }
        unusable
    }

    /// True if a request of this order may be served at this watermark: enough pages would stay free, and there is a
    /// block large enough. `mark` is in pages, with the boost if it is to count.
    ///
    /// Linux 6.12 `mm/page_alloc.c`: `__zone_watermark_ok()`, with no `lowmem_reserve`.
    #[inline]
    pub fn zone_watermark_ok(&self, order: Order, mark: u32, flags: AllocFlags) -> bool {
        self.watermark_ok(order, mark, 0, flags, self.nr_free_pages())
    }

    /// [`Zone::zone_watermark_ok`] as if `free` pages were free, with `reserve` pages kept from the request beside the
    /// watermark.
    #[inline]
    pub(in crate::mm) fn watermark_ok(
        &self,
        order: Order,
        mark: u32,
        reserve: u32,
        flags: AllocFlags,
        free: u32,
    ) -> bool {
        if order > MAX_PAGE_ORDER {
            return false;
        }
        let needed = u64::from(self.unusable_free(order, flags))
            + u64::from(Self::mark_after(mark, flags))
            + u64::from(reserve);
        if u64::from(free) <= needed {
            return false;
        }
        if order == 0 {
            return true;
        }
        let mask = |list| self.free_area.mask(list);
        let mut orders = mask(MigrateType::Unmovable)
            | mask(MigrateType::Movable)
            | mask(MigrateType::Reclaimable);
        if flags.contains(AllocFlags::CMA) {
            orders |= mask(MigrateType::Cma);
        }
        if flags.any(AllocFlags::HIGHATOMIC | AllocFlags::OOM) {
            orders |= mask(MigrateType::HighAtomic);
        }
        orders >> order != 0
    }

    /// Bytes kept for frames and pageblocks, 12 a page and two a pageblock, and for what CPUs have kept at most, four a
    /// block. What does not grow with the zone comes on top: list heads and figures, less than 2 KiB, and less than
    /// 1 KiB for each CPU that has lists of its own.
    pub fn metadata_bytes(&self) -> u64 {
        let a_frame = size_of::<State>() + size_of::<Links>();
        let pageblocks = self.pageblocks.len() * size_of::<Pageblock>();
        u64::from(self.config.pages) * a_frame as u64 + pageblocks as u64 + self.pcp_bytes()
    }

    /// The block that holds `pfn`; none if there is no such frame. O(orders).
    pub fn block_at(&self, pfn: Pfn) -> Option<Block> {
        if pfn >= self.config.pages {
            return None;
        }
        let (pfn, frame) = self.head_of(pfn);
        Some(self.block(pfn, frame))
    }

    fn block(&self, pfn: Pfn, frame: Frame) -> Block {
        let (order, state) = match frame {
            Frame::Allocated(order) => {
                let Info {
                    owner,
                    migratetype,
                    flags,
                } = self.info(pfn);
                let state = BlockState::Allocated {
                    owner,
                    migratetype,
                    flags,
                };
                (order, state)
            }
            Frame::Cached(order) => {
                let (list, cpu) = self.cached_on(pfn);
                (order, BlockState::Cached { cpu, list })
            }
            Frame::Free(order) => (
                order,
                BlockState::Free {
                    list: self.pageblock_type(pfn),
                },
            ),
            Frame::Inside => unreachable!("blocks begin at their heads"),
        };
        Block { pfn, order, state }
    }

    /// All blocks, in ascending order of address.
    pub fn blocks(&self) -> impl Iterator<Item = Block> + '_ {
        let first = self.block_at(0);
        std::iter::successors(first, |block| self.block_at(block.pfn + block.pages()))
    }

    /// The fragmentation index of an order, in 1/1000: see [`extfrag_index()`].
    pub fn extfrag_index(&self, order: Order) -> i32 {
        extfrag_index(&self.free_counts(), order)
    }

    /// The unusable free space index of an order, in 1/1000: see [`unusable_index()`].
    pub fn unusable_index(&self, order: Order) -> i32 {
        unusable_index(&self.free_counts(), order)
    }
}
