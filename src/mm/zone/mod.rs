//! A zone: the memory one allocator manages, and what can be read off it.

mod alloc;
mod at;
mod compact;
mod compact_free;
mod compact_state;
mod compact_step;
mod fallback;
mod fast;
mod form;
mod frame;
mod free;
mod free_area;
mod hash;
mod highatomic;
mod isolate;
mod list;
mod lru;
mod migrate;
mod part;
mod pcp;
mod pcp_state;
mod pile;
mod read;
mod reclaim;
mod record;
mod serial;
mod tune;
mod verify;

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{
    ConfigError, MAX_PAGE_ORDER, MigrateType, NR_PAGE_ORDERS, Order, PAGE_SHIFT, Pfn, Watermarks,
    calculate_min_free_kbytes, setup_per_zone_wmarks,
};
pub(super) use alloc::Request;
pub(super) use compact::{CompactControl, compact_gap};
pub(super) use compact_state::{CompactForm, CompactState};
pub use compact_step::Compaction;
pub(in crate::mm) use form::ZoneForm;
pub use form::ZoneFormError;
use frame::{Frame, Info, Links, Pageblock, State};
use free_area::{FREE_LISTS, FreeArea};
use pcp::Pcp;
pub(super) use reclaim::Shrunk;
pub(in crate::mm) use record::{
    FiguresRecord, FrameRecord, FrameState, ListRecord, PageblockRecord,
};

/// No frame: the links of what is on no list.
const NIL: Pfn = u32::MAX;

/// The most pages a zone can have: 1 TiB of memory.
const MAX_PAGES: u32 = 1 << 28;

/// The most CPUs a zone can have lists for (`NR_CPUS` on x86-64).
const MAX_CPUS: u16 = 8192;

/// What a zone is made from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ZoneConfig {
    /// Its name, as Linux prints it.
    pub name: String,
    /// Number of pages. Any number: at the end the blocks get smaller.
    pub pages: u32,
    /// Order of a pageblock, 1 to 10; 9 on x86-64.
    pub pageblock_order: Order,
    /// `vm.min_free_kbytes`; if none, the kernel's formula.
    pub min_free_kbytes: Option<u32>,
    /// `vm.watermark_scale_factor`, in 1/10000 of the zone, 1 to 3000.
    pub watermark_scale_factor: u32,
    /// `vm.watermark_boost_factor`, in 1/10000 of the `high` watermark; 0 for no boost.
    pub watermark_boost_factor: u32,
    /// CPUs with page lists of their own; 0 for no such lists: every request goes to the free lists then.
    pub cpus: u16,
}

impl ZoneConfig {
    /// A zone with the settings Linux starts with.
    pub fn new(name: impl Into<String>, pages: u32, pageblock_order: Order) -> Self {
        Self {
            name: name.into(),
            pages,
            pageblock_order,
            min_free_kbytes: None,
            watermark_scale_factor: 10,
            watermark_boost_factor: 15_000,
            cpus: 0,
        }
    }
}

/// One zone of memory.
///
/// All state is in arrays indexed by frame or pageblock, with free lists and the LRU list threaded through them, so
/// every list operation is O(1), allocating and freeing are O(orders), and a zone can be cloned and compared.
#[derive(Clone)]
pub struct Zone {
    config: ZoneConfig,
    watermarks: Watermarks,
    watermark_boost: u32,
    /// Pages not reserved at boot.
    managed: u32,
    /// Types are not kept apart: the zone is too small for that (`page_group_by_mobility_disabled`).
    mobility_disabled: bool,
    /// Pages of pageblocks in the high-atomic reserve.
    nr_reserved_highatomic: u32,
    /// What each frame is, and whose.
    states: Vec<State>,
    /// Links of each frame; behind the last one the links of the heads of all lists.
    links: Vec<Links>,
    pageblocks: Vec<Pageblock>,
    free_area: FreeArea,
    nr_lru: u32,
    nr_lru_clean: u32,
    pcp: Option<Pcp>,
}

impl Zone {
    /// A zone whose memory is all free and whose pageblocks are all movable.
    ///
    /// Pages are freed as at boot: from the lowest address in the largest blocks that fit, each to the tail of its
    /// list, so that lists are in ascending order (Linux 6.12 `mm/memblock.c`: `__free_pages_memory()`).
    ///
    /// # Errors
    ///
    /// A [`ConfigError`] if a setting is out of its range.
    pub fn new(config: ZoneConfig) -> Result<Self, ConfigError> {
        let pages = config.pages;
        if pages == 0 || pages > MAX_PAGES {
            return Err(ConfigError::Pages {
                pages,
                most: MAX_PAGES,
            });
        }
        let order = config.pageblock_order;
        if !(1..=MAX_PAGE_ORDER).contains(&order) {
            return Err(ConfigError::PageblockOrder { order });
        }
        let factor = config.watermark_scale_factor;
        if !(1..=3000).contains(&factor) {
            return Err(ConfigError::ScaleFactor { factor });
        }
        let cpus = config.cpus;
        if cpus > MAX_CPUS {
            let most = MAX_CPUS;
            return Err(ConfigError::Cpus { cpus, most });
        }
        let min_free_kbytes = config
            .min_free_kbytes
            .unwrap_or_else(|| calculate_min_free_kbytes(u64::from(pages) << (PAGE_SHIFT - 10)));
        let watermarks = setup_per_zone_wmarks(min_free_kbytes, &[pages.into()], factor)[0];
        let frames = pages as usize;
        let mut links = vec![Links::NONE; frames];
        links.extend(Self::empty_lists(pages, FREE_LISTS + 1));
        let movable = Pageblock::of(MigrateType::Movable);
        let mut zone = Self {
            watermarks,
            watermark_boost: 0,
            managed: pages,
            mobility_disabled: u64::from(pages) < (MigrateType::COUNT as u64) << order,
            nr_reserved_highatomic: 0,
            states: vec![State::INSIDE; frames],
            links,
            pageblocks: vec![movable; pages.div_ceil(1 << order) as usize],
            free_area: FreeArea::new(),
            nr_lru: 0,
            nr_lru_clean: 0,
            pcp: (cpus > 0).then(|| Self::new_pcp(pages, watermarks.low, cpus, order)),
            config,
        };
        zone.set_marks();
        zone.free_boot_pages();
        Ok(zone)
    }

    /// Sets the watermark boost.
    fn set_boost(&mut self, pages: u32) {
        self.watermark_boost = pages;
        self.set_marks();
    }

    /// Tells the free lists the boosted watermarks, after these or the boost changed.
    fn set_marks(&mut self) {
        let (low, high) = self.boosted_marks();
        self.free_area.set_marks(low, high);
    }

    /// `low` and `high`, boosted.
    fn boosted_marks(&self) -> (u64, u32) {
        let (Watermarks { low, high, .. }, boost) = (self.watermarks, self.watermark_boost);
        (
            u64::from(low) + u64::from(boost),
            high.saturating_add(boost),
        )
    }

    fn free_boot_pages(&mut self) {
        let end = self.config.pages;
        let mut pfn = 0;
        while pfn < end {
            let aligned = if pfn == 0 {
                u32::from(MAX_PAGE_ORDER)
            } else {
                pfn.trailing_zeros()
            };
            let fits = (end - pfn).ilog2();
            let order = aligned.min(fits).min(u32::from(MAX_PAGE_ORDER)) as Order;
            self.free_range(pfn, order, true, &mut ());
            pfn += 1 << order;
        }
    }

    #[inline]
    fn pageblock_index(&self, pfn: Pfn) -> usize {
        (pfn >> self.config.pageblock_order) as usize
    }

    /// The frame's state, or [`State::INSIDE`] beyond the end.
    #[inline]
    fn state(&self, pfn: Pfn) -> State {
        let state = self.states.get(pfn as usize);
        state.copied().unwrap_or(State::INSIDE)
    }

    /// What the frame is, or [`Frame::Inside`] beyond the end.
    #[inline]
    fn frame(&self, pfn: Pfn) -> Frame {
        self.state(pfn).frame()
    }

    /// True if a free block of exactly this order begins at `pfn` (`page_is_buddy()`).
    #[inline]
    fn is_free(&self, pfn: Pfn, order: Order) -> bool {
        self.state(pfn) == State::free(order)
    }

    /// What is known about the allocated block that begins at `pfn`, which there must be.
    #[inline]
    fn info(&self, pfn: Pfn) -> Info {
        self.states[pfn as usize].info()
    }

    /// Makes a block that is on no list an allocated one, or changes what is known about an allocated one. Page cache
    /// is linked after that, or unlinked before.
    #[inline]
    fn set_allocated(&mut self, pfn: Pfn, order: Order, info: Info) {
        self.states[pfn as usize] = State::allocated(order, info);
    }

    /// Order of the allocated block that begins at `pfn`, if one does.
    fn allocated_order(&self, pfn: Pfn) -> Option<Order> {
        match self.frame(pfn) {
            Frame::Allocated(order) => Some(order),
            Frame::Inside | Frame::Free(_) | Frame::Cached(_) => None,
        }
    }

    /// First frame and state of the block that holds `pfn`, which must be in the zone.
    fn head_of(&self, pfn: Pfn) -> (Pfn, Frame) {
        for order in 0..NR_PAGE_ORDERS {
            let head = pfn >> order << order;
            match self.frame(head) {
                Frame::Inside => {}
                frame => return (head, frame),
            }
        }
        unreachable!("every frame is in a block")
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Zone")
            .field("name", &self.config.name)
            .field("pages", &self.config.pages)
            .field("free", &self.nr_free_pages())
            .field("nr_free", &self.free_counts())
            .finish_non_exhaustive()
    }
}
