//! A zone as it is stored: what is where and in which order, without the arrays it is kept in; checked as it is read.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

use super::super::{
    BlockState, ConfigError, FlagError, MAX_PAGE_ORDER, MigrateType, NR_PAGE_ORDERS, Order, Owner,
    PageFlags, Pfn,
};
use super::list::End;
use super::{FrameRecord, FrameState, PageblockRecord, Zone, ZoneConfig};

/// What is wrong with the stored form of a zone.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ZoneFormError {
    /// The settings are out of their ranges.
    #[error("config: {0}")]
    Config(#[from] ConfigError),
    /// The blocks do not cover the zone, each page once.
    #[error("frame {expected}: expected a block to begin here, but the next one begins at {found}")]
    Tiling {
        /// Where the blocks before it end.
        expected: u64,
        /// First frame of the next block, or of two that overlap the later one.
        found: Pfn,
    },
    /// A block that cannot be.
    #[error(
        "frame {pfn}: no block of order {order} can begin here; expected an order up to 10 the frame is a multiple of"
    )]
    Block {
        /// Its first frame.
        pfn: Pfn,
        /// Its order.
        order: Order,
    },
    /// The blocks end elsewhere than the zone.
    #[error(
        "config: {pages} pages, but the blocks end at frame {end}; expected both to be the same"
    )]
    Pages {
        /// Pages by the settings.
        pages: u32,
        /// End of the last block.
        end: u64,
    },
    /// Something is not in its order, twice there, or empty.
    #[error("{what}, entry {at}: expected {expected}")]
    Order {
        /// The list.
        what: &'static str,
        /// Position in it, from 0.
        at: u32,
        /// What should be there.
        expected: &'static str,
    },
    /// The runs of pageblocks do not cover the zone.
    #[error("pageblocks: {found} listed; expected {expected}")]
    Pageblocks {
        /// As many as there should be.
        expected: u32,
        /// As many as there are.
        found: u64,
    },
    /// The list of page cache and the flags of the blocks do not agree.
    #[error(
        "frame {pfn}: expected the blocks with flag LRU, and those only, once each in the list lru"
    )]
    Lru {
        /// A block that is in only one of the two, or cannot be page cache.
        pfn: Pfn,
    },
    /// The boost is more than a number can hold once watermarks are added to it.
    #[error(
        "watermark_boost: {boost} pages; expected less than 2^32 with the watermark of {promo}"
    )]
    Boost {
        /// The boost.
        boost: u32,
        /// The highest watermark.
        promo: u32,
    },
    /// What was read is no zone that can come about.
    #[error("{0}; expected a zone that verifies")]
    Verify(String),
}

/// A run of pageblocks of one type: how many, their type, and the one they had before isolation.
type PageblockRun = (u32, MigrateType, MigrateType);

/// An allocated block: first frame, order, whose, the type asked for, what else is known.
type AllocatedForm = (Pfn, Order, Owner, MigrateType, PageFlags);

/// A zone as it is stored. Everything that follows from the rest is left out: counters, watermarks, links.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ZoneForm {
    config: ZoneConfig,
    watermark_boost: u32,
    pageblocks: Vec<PageblockRun>,
    /// Ascending.
    allocated: Vec<AllocatedForm>,
    /// The free lists that are not empty, ascending, each head to tail.
    free: Vec<(Order, MigrateType, Vec<Pfn>)>,
    /// Most recently used first.
    lru: Vec<Pfn>,
}

impl ZoneForm {
    fn of(zone: &Zone) -> Self {
        let mut pageblocks: Vec<PageblockRun> = Vec::new();
        for index in 0..zone.pageblock_count() {
            let PageblockRecord { now, before } = zone.pageblock_record(index);
            match pageblocks.last_mut() {
                Some(run) if (run.1, run.2) == (now, before) => run.0 += 1,
                _ => pageblocks.push((1, now, before)),
            }
        }
        let allocated = zone.blocks().filter_map(|block| match block.state {
            BlockState::Allocated {
                owner,
                migratetype,
                flags,
            } => Some((block.pfn, block.order, owner, migratetype, flags)),
            BlockState::Free { .. } => None,
        });
        let lists = (0..NR_PAGE_ORDERS as Order)
            .flat_map(|order| MigrateType::ALL.map(|list| (order, list)))
            .map(|(order, list)| (order, list, zone.free_list(order, list).collect()));
        Self {
            config: zone.config().clone(),
            watermark_boost: zone.watermark_boost(),
            pageblocks,
            allocated: allocated.collect(),
            free: lists
                .filter(|(_, _, pfns): &(_, _, Vec<_>)| !pfns.is_empty())
                .collect(),
            lru: zone.lru_list().collect(),
        }
    }

    /// Checks everything a zone could not be built from; [`Zone::verify`] checks the rest.
    fn build(self) -> Result<Zone, ZoneFormError> {
        self.check_order()?;
        self.check_tiling()?;
        let mut zone = Zone::new(self.config.clone())?;
        let boost = self.watermark_boost;
        let promo = zone.watermarks().promo;
        if promo.checked_add(boost).is_none() {
            return Err(ZoneFormError::Boost { boost, promo });
        }
        let found = self.pageblocks.iter().map(|run| u64::from(run.0)).sum();
        let expected = zone.pageblock_count();
        if found != u64::from(expected) {
            return Err(ZoneFormError::Pageblocks { expected, found });
        }
        zone.clear_free_lists();
        let mut index = 0;
        for (count, now, before) in self.pageblocks {
            for index in index..index + count {
                zone.restore_pageblock(index, PageblockRecord { now, before });
            }
            index += count;
        }
        for (order, list, pfns) in self.free {
            for pfn in pfns {
                zone.add_to_free_list(pfn, order, list, End::Tail);
            }
        }
        // What lru_add() refuses can be set on page cache later.
        let later = PageFlags::LRU | PageFlags::EXCLUSIVE;
        for &(pfn, order, owner, migratetype, flags) in &self.allocated {
            let first = if flags.contains(PageFlags::LRU) {
                flags - later
            } else {
                flags
            };
            let state = FrameState::Allocated {
                order,
                owner,
                migratetype,
                flags: first,
            };
            zone.restore_frame(
                pfn,
                FrameRecord {
                    state,
                    next: None,
                    prev: None,
                },
            );
        }
        for &pfn in self.lru.iter().rev() {
            zone.lru_add(pfn);
        }
        for &(pfn, order, _, _, flags) in &self.allocated {
            let exclusive = flags & PageFlags::EXCLUSIVE;
            let set: Result<(), FlagError> = zone.set_flags(pfn, exclusive);
            let is = match zone.frame_record(pfn).state {
                FrameState::Allocated { flags, .. } => flags,
                FrameState::Inside | FrameState::Free { .. } => PageFlags::empty(),
            };
            if set.is_err() || is != flags {
                return Err(ZoneFormError::Lru { pfn });
            }
            if flags.contains(PageFlags::RESERVED) {
                zone.managed -= 1 << order;
            }
        }
        let reserve = (0..zone.pageblock_count())
            .filter(|&index| zone.pageblock_record(index).before == MigrateType::HighAtomic);
        zone.nr_reserved_highatomic = (reserve.count() as u32) << zone.pageblock_order();
        zone.watermark_boost = boost;
        zone.verify().map_err(ZoneFormError::Verify)?;
        Ok(zone)
    }

    /// Lists that have an order are in it, and nothing is there twice.
    fn check_order(&self) -> Result<(), ZoneFormError> {
        let wrong = |what, at: usize, expected| {
            let at = at as u32;
            Err(ZoneFormError::Order { what, at, expected })
        };
        let keys: Vec<_> = self.free.iter().map(|list| (list.0, list.1)).collect();
        if let Some(at) = keys.windows(2).position(|pair| pair[0] >= pair[1]) {
            return wrong(
                "free",
                at + 1,
                "a list of higher order or type than the one before",
            );
        }
        if let Some(at) = self.free.iter().position(|list| list.2.is_empty()) {
            return wrong("free", at, "a list with blocks");
        }
        let runs = &self.pageblocks;
        if let Some(at) = runs.iter().position(|run| run.0 == 0) {
            return wrong("pageblocks", at, "at least one pageblock");
        }
        if let Some(at) = runs
            .windows(2)
            .position(|pair| (pair[0].1, pair[0].2) == (pair[1].1, pair[1].2))
        {
            return wrong("pageblocks", at + 1, "other types than those before");
        }
        let pairs = self.allocated.windows(2);
        if let Some(at) = pairs.into_iter().position(|pair| pair[0].0 >= pair[1].0) {
            return wrong("allocated", at + 1, "a block after the one before");
        }
        let mut lru = self.lru.clone();
        lru.sort_unstable();
        if let Some(pair) = lru.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(ZoneFormError::Lru { pfn: pair[0] });
        }
        let mut cache = self.allocated.iter();
        let cache = cache
            .by_ref()
            .filter(|block| block.4.contains(PageFlags::LRU));
        let cache: Vec<Pfn> = cache.map(|block| block.0).collect();
        match cache.iter().find(|pfn| lru.binary_search(pfn).is_err()) {
            Some(&pfn) => Err(ZoneFormError::Lru { pfn }),
            None => match lru.iter().find(|pfn| cache.binary_search(pfn).is_err()) {
                Some(&pfn) => Err(ZoneFormError::Lru { pfn }),
                None => Ok(()),
            },
        }
    }

    /// The blocks cover the zone: checked before memory is set aside for as many pages as the settings say.
    fn check_tiling(&self) -> Result<(), ZoneFormError> {
        let free = self.free.iter().flat_map(|(order, _, pfns)| {
            let order = *order;
            pfns.iter().map(move |&pfn| (pfn, order))
        });
        let allocated = self.allocated.iter().map(|block| (block.0, block.1));
        let mut blocks: Vec<(Pfn, Order)> = free.chain(allocated).collect();
        blocks.sort_unstable();
        let mut end = 0;
        for (pfn, order) in blocks {
            if order > MAX_PAGE_ORDER || !pfn.is_multiple_of(1 << order) {
                return Err(ZoneFormError::Block { pfn, order });
            }
            if u64::from(pfn) != end {
                let (expected, found) = (end, pfn);
                return Err(ZoneFormError::Tiling { expected, found });
            }
            end += 1 << order;
        }
        let pages = self.config.pages;
        if u64::from(pages) != end {
            return Err(ZoneFormError::Pages { pages, end });
        }
        Ok(())
    }
}

/// Stored as blocks, free lists in order and page cache in order; counters, watermarks and links follow from these.
impl Serialize for Zone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        ZoneForm::of(self).serialize(serializer)
    }
}

/// Damaged input is refused with a [`ZoneFormError`]: what is read verifies.
impl<'de> Deserialize<'de> for Zone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let form = ZoneForm::deserialize(deserializer)?;
        form.build().map_err(D::Error::custom)
    }
}
