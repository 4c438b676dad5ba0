//! The plain model: who has each block, what is known about it, and in which order page cache was used.
//!
//! It knows nothing of free lists, watermarks or fallbacks: where a block comes from, the zone decides. What it does
//! know, it works out itself, page by page: whether a call is right, what reclaim drops, where a block is moved to.

use std::collections::BTreeMap;

use labyrinth::mm::{
    AtError, EvictError, FreeError, IsolateError, MAX_PAGE_ORDER, MigrateError, MigrateType, Order,
    Owner, PageFlags, Pfn,
};

/// A block in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    pub order: Order,
    pub owner: Owner,
    pub migratetype: MigrateType,
    pub flags: PageFlags,
}

/// What reclaim did to a block of page cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reclaimed {
    Dropped(Pfn),
    Written(Pfn),
}

/// All that is known.
#[derive(Clone, Debug)]
pub struct Model {
    /// For each page the first frame of the block in use that it is part of.
    pub pages: Vec<Option<Pfn>>,
    pub held: BTreeMap<Pfn, Held>,
    /// Page cache, most recently used first.
    pub lru: Vec<Pfn>,
    /// For each pageblock whether it is isolated.
    pub isolated: Vec<bool>,
    pub pageblock_order: Order,
}

impl Model {
    pub fn new(pages: u32, pageblock_order: Order) -> Self {
        Self {
            pages: vec![None; pages as usize],
            held: BTreeMap::new(),
            lru: Vec::new(),
            isolated: vec![false; pages.div_ceil(1 << pageblock_order) as usize],
            pageblock_order,
        }
    }

    fn len(&self) -> u32 {
        self.pages.len() as u32
    }

    /// The block in use that the frame is part of.
    fn block(&self, pfn: Pfn) -> Option<(Pfn, Held)> {
        let head = (*self.pages.get(pfn as usize)?)?;
        Some((head, self.held[&head]))
    }

    /// The one that the pick chooses.
    pub fn pick(&self, pick: u32) -> Option<Pfn> {
        let at = (pick as usize).checked_rem(self.held.len())?;
        self.held.keys().nth(at).copied()
    }

    pub fn is_isolated(&self, pfn: Pfn) -> bool {
        self.isolated[(pfn >> self.pageblock_order) as usize]
    }

    /// Free pages that are isolated or not, as asked.
    pub fn free_pages(&self, isolated: bool) -> u32 {
        (0..self.len())
            .filter(|&pfn| self.pages[pfn as usize].is_none() && self.is_isolated(pfn) == isolated)
            .count() as u32
    }

    /// Pages of page cache, and those of them that are clean.
    pub fn cached(&self) -> (u32, u32) {
        let of = |clean: bool| {
            let blocks = self.lru.iter().map(|pfn| self.held[pfn]);
            let blocks = blocks.filter(|held| !clean || !held.flags.contains(PageFlags::DIRTY));
            blocks.map(|held| 1 << held.order).sum()
        };
        (of(false), of(true))
    }

    /// A block was handed out: it must have been free.
    pub fn take(&mut self, pfn: Pfn, held: Held) -> Result<(), String> {
        let end = pfn + (1 << held.order);
        if !pfn.is_multiple_of(1 << held.order) || end > self.len() {
            return Err(format!(
                "frame {pfn} cannot begin a block of order {}",
                held.order
            ));
        }
        for at in pfn..end {
            if let Some(head) = self.pages[at as usize].replace(pfn) {
                return Err(format!(
                    "frame {at} is handed out twice: it is in the block at {head}"
                ));
            }
        }
        self.held.insert(pfn, held);
        Ok(())
    }

    /// A block was given back or dropped.
    pub fn put(&mut self, pfn: Pfn) -> Option<Held> {
        let held = self.held.remove(&pfn)?;
        self.pages[pfn as usize..(pfn + (1 << held.order)) as usize].fill(None);
        self.lru.retain(|&cached| cached != pfn);
        Some(held)
    }

    /// What must come of freeing anything.
    pub fn may_free(&self, pfn: Pfn, order: Order) -> Result<(), FreeError> {
        if pfn >= self.len() {
            return Err(FreeError::OutOfRange);
        }
        if order > MAX_PAGE_ORDER || !pfn.is_multiple_of(1 << order) {
            return Err(FreeError::Misaligned);
        }
        match self.block(pfn) {
            None => Err(FreeError::DoubleFree),
            Some((head, Held { order, .. })) if head != pfn => {
                Err(FreeError::Interior { head, order })
            }
            Some((_, held)) if held.flags.contains(PageFlags::RESERVED) => Err(FreeError::Reserved),
            Some((_, held)) if held.order != order => {
                Err(FreeError::WrongOrder { actual: held.order })
            }
            Some(_) => Ok(()),
        }
    }

    /// What must come of taking exactly these pages; None if that depends on how types keep buddies apart.
    pub fn may_take(&self, pfn: Pfn, order: Order) -> Option<Result<(), AtError>> {
        if order > MAX_PAGE_ORDER || !pfn.is_multiple_of(1 << order) {
            return Some(Err(AtError::Misaligned));
        }
        let end = pfn + (1 << order);
        if end > self.len() {
            return Some(Err(AtError::OutOfRange));
        }
        if let Some(pfn) = (pfn..end).find_map(|at| self.pages[at as usize]) {
            return Some(Err(AtError::Busy { pfn }));
        }
        (order <= self.pageblock_order).then_some(Ok(()))
    }

    /// What must come of evicting anything.
    pub fn may_evict(&self, pfn: Pfn) -> Result<Order, EvictError> {
        let held = self.held.get(&pfn).ok_or(EvictError::NotHead)?;
        if !held.flags.contains(PageFlags::LRU) {
            Err(EvictError::NotCache)
        } else if held.flags.intersects(PageFlags::STAYS) {
            Err(EvictError::Busy)
        } else if held.flags.contains(PageFlags::DIRTY) {
            Err(EvictError::Dirty)
        } else {
            Ok(held.order)
        }
    }

    /// Where a block must be moved to: the highest free pages that may be a target.
    pub fn may_migrate(
        &self,
        pfn: Pfn,
        target: impl Fn(Pfn) -> Option<MigrateType>,
    ) -> Result<Pfn, MigrateError> {
        let held = self.held.get(&pfn).ok_or(MigrateError::NotHead)?;
        if held.flags.intersects(PageFlags::STAYS) {
            return Err(MigrateError::Busy);
        }
        if held.migratetype != MigrateType::Movable {
            return Err(MigrateError::NotMovable);
        }
        let pages = 1 << held.order;
        let fits = |start: Pfn| {
            let kind = target(start);
            let mut all = start..start + pages;
            kind.is_some() && all.all(|at| self.pages[at as usize].is_none() && target(at) == kind)
        };
        let last = (self.len() / pages).checked_sub(1);
        let mut places = (0..=last.ok_or(MigrateError::Enomem)?).rev();
        let place = places.find(|place| fits(place * pages));
        place.map(|place| place * pages).ok_or(MigrateError::Enomem)
    }

    /// What must come of isolating anything.
    pub fn may_isolate(&self, pfn: Pfn, order: Order) -> Result<(), IsolateError> {
        let pageblock = self.pageblock_order;
        if !(pageblock..=MAX_PAGE_ORDER).contains(&order) {
            return Err(IsolateError::Order { pageblock });
        }
        if !pfn.is_multiple_of(1 << order) {
            return Err(IsolateError::Misaligned);
        }
        let end = pfn + (1 << order);
        if end > self.len() {
            return Err(IsolateError::OutOfRange);
        }
        let mut pageblocks = (pfn..end).step_by(1 << pageblock);
        match pageblocks.find(|&at| self.is_isolated(at)) {
            Some(pfn) => Err(IsolateError::Busy { pfn }),
            None => Ok(()),
        }
    }

    /// Page cache was used: to the front.
    pub fn touch(&mut self, pfn: Pfn) {
        if let Some(at) = self.lru.iter().position(|&cached| cached == pfn) {
            self.lru.remove(at);
            self.lru.insert(0, pfn);
        }
    }

    /// One round of reclaim: every block of page cache once, the one used longest ago first, until enough is free.
    pub fn reclaim(&mut self, enough: u32) -> (u32, Vec<Reclaimed>) {
        let mut freed = 0;
        let mut done = Vec::new();
        for pfn in self.lru.clone().into_iter().rev() {
            if freed >= enough {
                break;
            }
            match self.may_evict(pfn) {
                Ok(order) => {
                    freed += 1 << order;
                    self.put(pfn);
                    done.push(Reclaimed::Dropped(pfn));
                }
                Err(EvictError::Dirty) => {
                    if let Some(held) = self.held.get_mut(&pfn) {
                        held.flags.remove(PageFlags::DIRTY);
                    }
                    self.touch(pfn);
                    done.push(Reclaimed::Written(pfn));
                }
                Err(_) => {}
            }
        }
        (freed, done)
    }
}
