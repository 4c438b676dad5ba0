//! The stored form of a zone, and what is checked of it before a zone is built.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::super::{ConfigError, MAX_PAGE_ORDER, MigrateType, Order, Owner, PageFlags, Pfn};
use super::{Zone, ZoneConfig};

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
    /// What CPUs keep is listed for other CPUs than there are.
    #[error("cpus: {found} listed, CPU {cpu} allocates; expected {expected}, and one of them")]
    Cpus {
        /// As many as there should be.
        expected: u16,
        /// As many as there are.
        found: u32,
        /// The one that allocates and frees.
        cpu: u16,
    },
    /// A list that CPUs do not have.
    #[error(
        "cpus, entry {cpu}: expected lists of orders and types that CPUs keep, not {order}, {list:?}"
    )]
    CpuList {
        /// The CPU.
        cpu: u16,
        /// The order of the list.
        order: Order,
        /// Its type.
        list: MigrateType,
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
pub(super) type PageblockRun = (u32, MigrateType, MigrateType);

/// An allocated block: first frame, order, whose, the type asked for, what else is known.
pub(super) type AllocatedForm = (Pfn, Order, Owner, MigrateType, PageFlags);

/// A list, head to tail, with its order and type.
pub(super) type ListForm = (Order, MigrateType, Vec<Pfn>);

/// What a CPU keeps. How many pages that are follows.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CpuForm {
    pub high: u32,
    pub alloc_factor: u32,
    pub free_count: u32,
    /// Its lists that are not empty, ascending.
    pub lists: Vec<ListForm>,
}

/// A zone as it is stored. Everything that follows from the rest is left out: counters, watermarks, links.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::mm) struct ZoneForm {
    pub(super) config: ZoneConfig,
    pub(super) watermark_boost: u32,
    pub(super) pageblocks: Vec<PageblockRun>,
    /// Ascending.
    pub(super) allocated: Vec<AllocatedForm>,
    /// The free lists that are not empty, ascending, each head to tail.
    pub(super) free: Vec<ListForm>,
    /// Most recently used first.
    pub(super) lru: Vec<Pfn>,
    /// The CPU that allocates and frees.
    pub(super) cpu: u16,
    pub(super) cpus: Vec<CpuForm>,
}

impl ZoneForm {
    /// Everything a zone could not be built from; [`Zone::verify`] checks the rest.
    pub(super) fn check(&self) -> Result<(), ZoneFormError> {
        self.check_order()?;
        self.check_cpus()?;
        self.check_tiling()
    }

    /// Lists that have an order are in it, and nothing is there twice.
    fn check_order(&self) -> Result<(), ZoneFormError> {
        let wrong = |what, at: usize, expected| {
            let at = at as u32;
            Err(ZoneFormError::Order { what, at, expected })
        };
        check_lists("free", &self.free)?;
        for cpu in &self.cpus {
            check_lists("lists of a CPU", &cpu.lists)?;
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

    /// The CPUs are those the settings say, and keep what CPUs keep.
    fn check_cpus(&self) -> Result<(), ZoneFormError> {
        let (expected, cpu) = (self.config.cpus, self.cpu);
        let found = self.cpus.len() as u32;
        if found != u32::from(expected) || cpu >= expected.max(1) {
            return Err(ZoneFormError::Cpus {
                expected,
                found,
                cpu,
            });
        }
        for (cpu, form) in (0..).zip(&self.cpus) {
            for &(order, list, _) in &form.lists {
                if !Zone::cpu_lists().any(|kept| kept == (order, list)) {
                    return Err(ZoneFormError::CpuList { cpu, order, list });
                }
            }
        }
        Ok(())
    }

    /// The blocks cover the zone: checked before memory is set aside for as many pages as the settings say.
    fn check_tiling(&self) -> Result<(), ZoneFormError> {
        let kept = self.cpus.iter().flat_map(|cpu| &cpu.lists);
        let listed = self.free.iter().chain(kept).flat_map(|(order, _, pfns)| {
            let order = *order;
            pfns.iter().map(move |&pfn| (pfn, order))
        });
        let allocated = self.allocated.iter().map(|block| (block.0, block.1));
        let mut blocks: Vec<(Pfn, Order)> = listed.chain(allocated).collect();
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

/// Lists are ascending by order and type, and none is empty.
fn check_lists(what: &'static str, lists: &[ListForm]) -> Result<(), ZoneFormError> {
    let wrong = |at: usize, expected| {
        let at = at as u32;
        Err(ZoneFormError::Order { what, at, expected })
    };
    let mut pairs = lists.windows(2);
    if let Some(at) = pairs.position(|pair| (pair[0].0, pair[0].1) >= (pair[1].0, pair[1].1)) {
        let expected = "a list of higher order or type than the one before";
        return wrong(at + 1, expected);
    }
    match lists.iter().position(|list| list.2.is_empty()) {
        Some(at) => wrong(at, "a list with blocks"),
        None => Ok(()),
    }
}
