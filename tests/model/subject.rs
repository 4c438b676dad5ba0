//! The zone and its model side by side: one operation to both, then everything is compared.

use std::fmt::Debug;

use labyrinth::mm::{
    BlockState, Counter, Event, FailReason, Gfp, MigrateType, Order, Owner, PageFlags, Pfn, Sink,
    Zone,
};

use super::op::{Op, Shape};
use super::pages::{Held, Model, Reclaimed};

/// Both, and the number of the next owner.
pub struct Subject {
    zone: Zone,
    model: Model,
    owners: u16,
}

/// What came of an operation, as far as it is a kind of its own.
enum Outcome {
    Done,
    Nothing,
    Refused(u32),
}

/// True of what must be equal, else what differs.
fn same<T: PartialEq + Debug>(what: &str, zone: T, model: T) -> Result<(), String> {
    if zone == model {
        Ok(())
    } else {
        Err(format!(
            "{what}: the zone says {zone:?}, the model {model:?}"
        ))
    }
}

/// A number for each reason.
fn reason(error: &impl Debug) -> Outcome {
    let name = format!("{error:?}");
    let name = name.split([' ', '(']).next().unwrap_or_default();
    let hash = name.bytes().fold(0, |hash: u32, byte| {
        hash.wrapping_mul(31).wrapping_add(byte.into())
    });
    Outcome::Refused(hash)
}

impl Subject {
    pub fn new(shape: Shape) -> Self {
        Self {
            zone: Zone::new(shape.config()).expect("the shape is in range"),
            model: Model::new(shape.pages, shape.pageblock_order),
            owners: 0,
        }
    }

    /// Frees the first block in use without telling the model, to test the tests with. Returns its frame.
    pub fn tamper(&mut self) -> Option<Pfn> {
        let (&pfn, held) = self.model.held.first_key_value()?;
        self.zone.free_pages(pfn, held.order, &mut ()).ok()?;
        Some(pfn)
    }

    /// Does it and compares. Returns a number for what kind of thing happened.
    pub fn step(&mut self, op: Op) -> Result<u32, String> {
        let before = self.zone.clone();
        let mut events = Vec::new();
        let outcome = self.act(op, &mut events)?;
        if let Outcome::Refused(_) = outcome
            && !matches!(op, Op::Alloc { .. } | Op::Exclusive { .. })
        {
            same(
                "a refused call",
                self.zone == before && events.is_empty(),
                true,
            )?;
        }
        self.compare()?;
        self.zone.verify()?;
        Ok(feature(op, &outcome, &events))
    }

    fn owner(&mut self) -> Owner {
        self.owners = self.owners.wrapping_add(1);
        Owner(self.owners)
    }

    fn act(&mut self, op: Op, events: &mut Vec<Event>) -> Result<Outcome, String> {
        match op {
            Op::Alloc { gfp, order } => self.alloc(gfp, order, false, events),
            Op::Exclusive { gfp, order } => self.alloc(gfp, order, true, events),
            Op::Free { pick } => match self.model.pick(pick) {
                Some(pfn) => self.free(pfn, self.model.held[&pfn].order, events),
                None => Ok(Outcome::Nothing),
            },
            Op::AnyFree { pfn, order } => self.free(pfn, order, events),
            Op::At {
                pfn,
                order,
                reserved,
            } => self.take_at(pfn, order, reserved, events),
            Op::Cache { pick, dirty } => Ok(self.cache(pick, dirty)),
            Op::Touch { pfn } => {
                self.zone.touch(pfn);
                if let Some(&Some(head)) = self.model.pages.get(pfn as usize) {
                    self.model.touch(head);
                }
                Ok(Outcome::Done)
            }
            Op::WriteBack { pick } => Ok(match self.model.pick(pick) {
                Some(pfn) => {
                    self.zone.writeback(pfn);
                    self.change(pfn, |held| held.flags.remove(PageFlags::DIRTY));
                    Outcome::Done
                }
                None => Outcome::Nothing,
            }),
            Op::Evict { pick } => match self.model.pick(pick) {
                Some(pfn) => self.evict(pfn, events),
                None => Ok(Outcome::Nothing),
            },
            Op::AnyEvict { pfn } => self.evict(pfn, events),
            Op::Reclaim { pages } => {
                let freed = self.zone.reclaim(pages, events);
                let (expected, done) = self.model.reclaim(pages);
                same("pages reclaimed", freed, expected)?;
                same("blocks reclaimed", reclaimed(events), done)?;
                Ok(Outcome::Done)
            }
            Op::Migrate { pick } => match self.model.pick(pick) {
                Some(pfn) => self.migrate(pfn, events),
                None => Ok(Outcome::Nothing),
            },
            Op::Isolate { pfn, order } => {
                let got = self.zone.isolate(pfn, order, events);
                same("isolation", got, self.model.may_isolate(pfn, order))?;
                if let Err(error) = got {
                    return Ok(reason(&error));
                }
                self.mark(pfn, pfn + (1 << order), true);
                Ok(Outcome::Done)
            }
            Op::Unisolate { pfn, order } => {
                self.zone.unisolate(pfn, order, events);
                self.mark(pfn, pfn + (1 << order), false);
                Ok(Outcome::Done)
            }
            Op::Pin { pick, on } => Ok(self.pin(pick, on)),
            Op::Give { pick } => {
                let owner = self.owner();
                let Some(pfn) = self.model.pick(pick) else {
                    return Ok(Outcome::Nothing);
                };
                same("new owner", self.zone.set_owner(pfn, owner), Ok(()))?;
                self.change(pfn, |held| held.owner = owner);
                Ok(Outcome::Done)
            }
            Op::SetType { pfn, to } => {
                self.zone.set_pageblock_type(pfn, to);
                Ok(Outcome::Done)
            }
            Op::Cpu { cpu } => {
                same("CPU", self.zone.set_cpu(cpu), Ok(()))?;
                Ok(Outcome::Done)
            }
        }
    }

    fn change(&mut self, pfn: Pfn, change: impl FnOnce(&mut Held)) {
        if let Some(held) = self.model.held.get_mut(&pfn) {
            change(held);
        }
    }

    /// Marks the pageblocks that the range touches.
    fn mark(&mut self, from: Pfn, to: Pfn, isolated: bool) {
        let order = self.model.pageblock_order;
        for (pageblock, mark) in (0..).zip(&mut self.model.isolated) {
            if pageblock >= from >> order && pageblock << order < to {
                *mark = isolated;
            }
        }
    }

    fn alloc(
        &mut self,
        gfp: Gfp,
        order: Order,
        exclusive: bool,
        events: &mut Vec<Event>,
    ) -> Result<Outcome, String> {
        let owner = self.owner();
        let mut flags = PageFlags::empty();
        let got = if exclusive {
            flags |= PageFlags::EXCLUSIVE | PageFlags::LOCKED;
            let foretold = self.zone.try_alloc(gfp, order);
            let got = self.zone.alloc_exclusive(gfp, order, owner, events);
            same("foretold", got, foretold)?;
            got
        } else {
            self.zone.alloc_pages(gfp, order, owner, events)
        };
        let done = reclaimed(events);
        if !done.is_empty() {
            same("may sleep", gfp.can_sleep(), true)?;
            // Direct reclaim: one round of 32 pages.
            same("reclaimed on the way", done, self.model.reclaim(32).1)?;
        }
        match got {
            Ok(pfn) => {
                if gfp.contains(Gfp::ZERO) {
                    flags |= PageFlags::ZEROED;
                }
                if !exclusive && self.model.is_isolated(pfn) {
                    return Err(format!("frame {pfn} is isolated, and was handed out"));
                }
                let migratetype = gfp.migratetype();
                let held = Held {
                    order,
                    owner,
                    migratetype,
                    flags,
                };
                self.model.take(pfn, held)?;
                Ok(Outcome::Done)
            }
            Err(failure) => {
                same("told", events.last(), Some(&Event::Fail(failure)))?;
                let kept = self.zone.nr_pcp_pages();
                same("free", failure.free + kept, self.model.free_pages(false))?;
                let enough = failure.free > failure.limit;
                let expected = match failure.reason {
                    FailReason::TooLarge => order > 10,
                    FailReason::Fragmentation => order > 0 && enough,
                    FailReason::Watermark => !enough,
                };
                same("a true reason", expected, true)?;
                Ok(reason(&failure.reason))
            }
        }
    }

    fn free(&mut self, pfn: Pfn, order: Order, events: &mut Vec<Event>) -> Result<Outcome, String> {
        let expected = self.model.may_free(pfn, order);
        let got = self.zone.free_pages(pfn, order, events);
        same("free", got, expected)?;
        match got {
            Ok(()) => {
                let held = self.model.put(pfn).map(|held| held.owner);
                let told = match events.first() {
                    Some(&Event::Free { owner, .. }) => Some(owner),
                    _ => None,
                };
                same("told owner", told, held)?;
                Ok(Outcome::Done)
            }
            Err(error) => Ok(reason(&error)),
        }
    }

    fn take_at(
        &mut self,
        pfn: Pfn,
        order: Order,
        reserved: bool,
        events: &mut Vec<Event>,
    ) -> Result<Outcome, String> {
        let (owner, migratetype) = (self.owner(), MigrateType::Movable);
        let mut flags = PageFlags::empty();
        flags.set(PageFlags::RESERVED, reserved);
        let managed = self.zone.managed();
        let end = pfn.saturating_add(1 << order.min(10));
        let kept = (pfn..end).any(|at| self.is_kept(at));
        let got = self
            .zone
            .alloc_at(pfn, order, migratetype, owner, flags, events);
        if let Some(expected) = self.model.may_take(pfn, order) {
            if kept && expected.is_ok() {
                same("taken from a CPU", got.is_err(), true)?;
            } else if !kept {
                same("taken", got, expected)?;
            }
        }
        if let Err(error) = got {
            return Ok(reason(&error));
        }
        let gone = if reserved { 1 << order } else { 0 };
        same("managed", self.zone.managed(), managed - gone)?;
        let held = Held {
            order,
            owner,
            migratetype,
            flags,
        };
        self.model.take(pfn, held)?;
        Ok(Outcome::Done)
    }

    fn cache(&mut self, pick: u32, dirty: bool) -> Outcome {
        let Some(pfn) = self.model.pick(pick) else {
            return Outcome::Nothing;
        };
        self.zone.lru_add(pfn);
        let flags = self.model.held[&pfn].flags;
        if !flags.intersects(PageFlags::LRU | PageFlags::RESERVED | PageFlags::EXCLUSIVE) {
            self.change(pfn, |held| held.flags |= PageFlags::LRU);
            self.model.lru.insert(0, pfn);
        }
        if dirty && self.zone.set_flags(pfn, PageFlags::DIRTY).is_ok() {
            self.change(pfn, |held| held.flags |= PageFlags::DIRTY);
        }
        Outcome::Done
    }

    fn evict(&mut self, pfn: Pfn, events: &mut Vec<Event>) -> Result<Outcome, String> {
        let expected = self.model.may_evict(pfn);
        let got = self.zone.evict(pfn, events);
        same("eviction", got, expected)?;
        match got {
            Ok(_) => {
                self.model.put(pfn);
                Ok(Outcome::Done)
            }
            Err(error) => Ok(reason(&error)),
        }
    }

    fn migrate(&mut self, pfn: Pfn, events: &mut Vec<Event>) -> Result<Outcome, String> {
        let expected = self.model.may_migrate(pfn, |at| {
            let list = self.zone.pageblock_type(at);
            let target = !matches!(list, MigrateType::Isolate | MigrateType::HighAtomic)
                && !self.is_kept(at);
            // Types that merge count as one.
            target.then_some(if list.is_mergeable() {
                MigrateType::Movable
            } else {
                list
            })
        });
        let got = self.zone.migrate(pfn, events);
        same("migration", got, expected)?;
        match got {
            Ok(to) => {
                if let Some(held) = self.model.put(pfn) {
                    self.model.take(to, held)?;
                    if held.flags.contains(PageFlags::LRU) {
                        self.model.lru.insert(0, to);
                    }
                }
                Ok(Outcome::Done)
            }
            Err(error) => Ok(reason(&error)),
        }
    }

    fn pin(&mut self, pick: u32, on: bool) -> Outcome {
        let Some(pfn) = self.model.pick(pick) else {
            return Outcome::Nothing;
        };
        let flags = PageFlags::PINNED | PageFlags::LOCKED;
        let got = if on {
            self.zone.set_flags(pfn, flags)
        } else {
            self.zone.clear_flags(pfn, flags)
        };
        match got {
            Ok(()) => {
                self.change(pfn, |held| held.flags.set(flags, on));
                Outcome::Done
            }
            Err(error) => reason(&error),
        }
    }

    /// True if a CPU keeps the page. The model does not know: to it the page is nobody's.
    fn is_kept(&self, pfn: Pfn) -> bool {
        let block = self.zone.block_at(pfn);
        block.is_some_and(|block| matches!(block.state, BlockState::Cached { .. }))
    }

    /// Everything the model knows must be so in the zone.
    fn compare(&self) -> Result<(), String> {
        let mut blocks = Vec::new();
        for block in self.zone.blocks() {
            match block.state {
                BlockState::Allocated {
                    owner,
                    migratetype,
                    flags,
                } => {
                    let order = block.order;
                    let held = Held {
                        order,
                        owner,
                        migratetype,
                        flags,
                    };
                    blocks.push((block.pfn, held));
                }
                BlockState::Free { .. } | BlockState::Cached { .. } => {
                    let pages = block.pfn as usize..(block.pfn + block.pages()) as usize;
                    let used = self.model.pages[pages].iter().find_map(|&page| page);
                    same("used pages of a block nobody has", None, used)?;
                }
            }
        }
        let held: Vec<_> = self
            .model
            .held
            .iter()
            .map(|(&pfn, &held)| (pfn, held))
            .collect();
        same("blocks in use", blocks, held)?;
        let zone = &self.zone;
        same(
            "page cache",
            zone.lru_list().collect(),
            self.model.lru.clone(),
        )?;
        same(
            "cached pages",
            (zone.nr_lru(), zone.nr_lru_clean()),
            self.model.cached(),
        )?;
        same(
            "free pages",
            zone.nr_free_pages() + zone.nr_pcp_pages(),
            self.model.free_pages(false),
        )?;
        same(
            "isolated pages",
            zone.nr_isolated(),
            self.model.free_pages(true),
        )?;
        let free: u32 = (0..)
            .zip(zone.free_counts())
            .map(|(order, n): (u32, u32)| n << order)
            .sum();
        same(
            "free blocks",
            free,
            zone.nr_free_pages() + zone.nr_isolated(),
        )
    }
}

/// What the events tell of page cache that was dropped or written back.
fn reclaimed(events: &[Event]) -> Vec<Reclaimed> {
    let reclaimed = events.iter().filter_map(|event| match *event {
        Event::Evict { pfn, .. } => Some(Reclaimed::Dropped(pfn)),
        Event::WriteBack { pfn, .. } => Some(Reclaimed::Written(pfn)),
        _ => None,
    });
    reclaimed.collect()
}

/// A number for the operation, its outcome, and roughly how much of what happened.
fn feature(op: Op, outcome: &Outcome, events: &[Event]) -> u32 {
    let name = format!("{op:?}");
    let name = name.split(' ').next().unwrap_or_default();
    let mut feature = match outcome {
        Outcome::Nothing => 0,
        Outcome::Done => 1,
        Outcome::Refused(why) => *why,
    };
    for byte in name.bytes() {
        feature = feature.wrapping_mul(31).wrapping_add(byte.into());
    }
    let mut counter = Counter::default();
    for &event in events {
        counter.event(event);
    }
    // Nothing, once, often.
    let roughly = |count: u64| count.min(4).div_ceil(3) as u32;
    for count in [
        counter.splits,
        counter.merges,
        counter.claims,
        counter.steals,
        counter.evicts,
        counter.write_backs,
        counter.wakes,
        counter.reserves,
        counter.unreserves,
    ] {
        feature = feature.wrapping_mul(3).wrapping_add(roughly(count));
    }
    feature
}
