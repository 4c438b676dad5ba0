//! Random histories of an allocator: everything anybody can do to a zone, checked as it happens.

use std::fmt::Debug;

use labyrinth::mm::{
    BlockState, Counter, Event, FreeError, MAX_PAGE_ORDER, MigrateType, Order, Owner, PageFlags,
    Pfn, Sink, Zone, ZoneConfig,
};

use super::op::Op;
use super::replay::Replay;

/// A zone, what was done to it, and what is known from outside.
pub struct History {
    pub zone: Zone,
    pub counter: Counter,
    /// Events of the last operation.
    pub events: Vec<Event>,
    replay: Replay,
    /// Blocks that were handed out; some may be gone.
    held: Vec<Pfn>,
    isolated: Vec<(Pfn, Order)>,
    owners: u16,
}

impl History {
    pub fn new(config: ZoneConfig) -> Self {
        let zone = Zone::new(config).expect("a zone");
        Self {
            replay: Replay::new(&zone),
            zone,
            counter: Counter::default(),
            events: Vec::new(),
            held: Vec::new(),
            isolated: Vec::new(),
            owners: 0,
        }
    }

    /// A block that is allocated, if the pick is lucky.
    fn held(&mut self, pick: u32) -> Option<(Pfn, Order)> {
        while !self.held.is_empty() {
            let at = pick as usize % self.held.len();
            let pfn = self.held[at];
            let block = self.zone.block_at(pfn).expect("in the zone");
            if let BlockState::Allocated { flags, .. } = block.state
                && block.pfn == pfn
                && !flags.contains(PageFlags::RESERVED)
            {
                return Some((pfn, block.order));
            }
            self.held.swap_remove(at);
        }
        None
    }

    fn owner(&mut self) -> Owner {
        self.owners = self.owners.wrapping_add(1);
        Owner(self.owners)
    }

    /// Does one thing, follows what is told of it, and makes the checks that cost little.
    pub fn apply(&mut self, op: Op) {
        let mut events = std::mem::take(&mut self.events);
        events.clear();
        self.act(op, &mut events);
        for event in &events {
            self.counter.event(*event);
            self.replay.follow(event);
            match *event {
                Event::Alloc { pfn, .. } => self.held.push(pfn),
                Event::Migrate { to, .. } => self.held.push(to),
                _ => {}
            }
        }
        self.events = events;
        if let Op::At {
            pfn,
            order,
            reserved: true,
        } = op
            && let Some(block) = self.zone.block_at(pfn)
            && let BlockState::Allocated { owner, flags, .. } = block.state
            && flags.contains(PageFlags::RESERVED)
            && owner == Owner(self.owners)
        {
            self.replay.reserve(pfn, order, owner);
        }
        assert_eq!(self.nobodys(), self.replay.free(), "after {op:?}");
    }

    /// Pages nobody has: free, in isolated pageblocks too, or kept by a CPU.
    fn nobodys(&self) -> u32 {
        self.zone.nr_free_pages() + self.zone.nr_isolated() + self.zone.nr_pcp_pages()
    }

    fn act(&mut self, op: Op, events: &mut Vec<Event>) {
        match op {
            Op::Alloc { gfp, order } => {
                let owner = self.owner();
                let got = self.zone.alloc_pages(gfp, order, owner, events);
                told_of(got, events);
            }
            Op::Exclusive { gfp, order } => {
                let owner = self.owner();
                let foretold = self.zone.try_alloc(gfp, order);
                let got = self.zone.alloc_exclusive(gfp, order, owner, events);
                assert_eq!(got, foretold, "{op:?}");
                told_of(got, events);
            }
            Op::Free { pick } => {
                if let Some((pfn, order)) = self.held(pick) {
                    assert_eq!(self.zone.free_pages(pfn, order, events), Ok(()));
                }
            }
            Op::AnyFree { pfn, order } => self.any_free(pfn, order, events),
            Op::Cache { pick, dirty } => {
                if let Some((pfn, _)) = self.held(pick) {
                    self.zone.lru_add(pfn);
                    if dirty {
                        assert_eq!(self.zone.set_flags(pfn, PageFlags::DIRTY), Ok(()));
                    }
                }
            }
            Op::Touch { pfn } => self.zone.touch(pfn),
            Op::Evict { pick } => {
                if let Some((pfn, order)) = self.held(pick) {
                    let free = self.replay.free();
                    if let Ok(evicted) = self.zone.evict(pfn, events) {
                        assert_eq!((evicted, self.nobodys()), (order, free + (1 << order)));
                    }
                }
            }
            Op::WriteBack { pick } => {
                if let Some((pfn, _)) = self.held(pick) {
                    self.zone.writeback(pfn);
                }
            }
            Op::Reclaim { pages } => {
                let free = self.replay.free();
                let freed = self.zone.reclaim(pages, events);
                assert_eq!(self.nobodys(), free + freed);
            }
            Op::Migrate { pick } => {
                if let Some((pfn, order)) = self.held(pick) {
                    let before = self.zone.block_at(pfn).map(|block| block.state);
                    if let Ok(to) = self.zone.migrate(pfn, events) {
                        let after = self.zone.block_at(to).expect("in the zone");
                        assert_eq!(
                            (after.pfn, after.order, Some(after.state)),
                            (to, order, before)
                        );
                    }
                }
            }
            Op::Isolate { pfn, wider } => {
                let order = (self.zone.pageblock_order() + wider).min(MAX_PAGE_ORDER);
                let pfn = pfn >> order << order;
                if self.isolated.len() < 3 && self.zone.isolate(pfn, order, events).is_ok() {
                    self.isolated.push((pfn, order));
                }
            }
            Op::Unisolate => {
                if !self.isolated.is_empty() {
                    let (pfn, order) = self.isolated.remove(0);
                    self.zone.unisolate(pfn, order, events);
                }
            }
            Op::Pin { pick, on } => {
                if let Some((pfn, _)) = self.held(pick) {
                    let changed = if on {
                        self.zone.set_flags(pfn, PageFlags::PINNED)
                    } else {
                        let flags = PageFlags::PINNED | PageFlags::LOCKED;
                        self.zone.clear_flags(pfn, flags)
                    };
                    assert_eq!(changed, Ok(()));
                }
            }
            Op::At {
                pfn,
                order,
                reserved,
            } => {
                let owner = self.owner();
                let flags = if reserved {
                    PageFlags::RESERVED
                } else {
                    PageFlags::empty()
                };
                let migratetype = MigrateType::Movable;
                let got = self
                    .zone
                    .alloc_at(pfn, order, migratetype, owner, flags, events);
                if got.is_err() {
                    assert_eq!(events.len(), 0, "{got:?}");
                }
            }
            Op::SetType { pfn, to } => {
                // Boot tells nothing: only where it leaves every block as it is can it be followed.
                let mut other = self.zone.clone();
                other.set_pageblock_type(pfn, to);
                let same = self.zone.blocks().map(|block| (block.pfn, block.order));
                if same.eq(other.blocks().map(|block| (block.pfn, block.order))) {
                    self.zone = other;
                }
            }
        }
    }

    /// A free of anything: right if and only if such a block is there, else refused with the exact reason.
    fn any_free(&mut self, pfn: Pfn, order: Order, events: &mut Vec<Event>) {
        let before = self.zone.clone();
        let got = self.zone.free_pages(pfn, order, events);
        let expected = match before.block_at(pfn) {
            None => Err(FreeError::OutOfRange),
            Some(_) if order > MAX_PAGE_ORDER || !pfn.is_multiple_of(1 << order) => {
                Err(FreeError::Misaligned)
            }
            Some(block) => match block.state {
                BlockState::Free { .. } | BlockState::Cached { .. } => Err(FreeError::DoubleFree),
                BlockState::Allocated { .. } if block.pfn != pfn => Err(FreeError::Interior {
                    head: block.pfn,
                    order: block.order,
                }),
                BlockState::Allocated { flags, .. } if flags.contains(PageFlags::RESERVED) => {
                    Err(FreeError::Reserved)
                }
                BlockState::Allocated { .. } if block.order != order => {
                    Err(FreeError::WrongOrder {
                        actual: block.order,
                    })
                }
                BlockState::Allocated { .. } => Ok(()),
            },
        };
        assert_eq!(got, expected, "frame {pfn}, order {order}");
        if got.is_err() {
            assert!(self.zone == before, "a refused free changed the zone");
            assert_eq!(events.len(), 0);
        }
    }

    /// The checks that look at every page.
    pub fn verify(&self) {
        assert_eq!(self.zone.verify(), Ok(()));
        self.replay.check(&self.zone);
    }
}

/// A request that succeeded told one allocation and no failure; one that failed told that.
fn told_of(got: Result<Pfn, impl Debug>, events: &[Event]) {
    let mut allocs = events.iter().filter_map(|event| match event {
        Event::Alloc { pfn, .. } => Some(*pfn),
        _ => None,
    });
    assert_eq!(allocs.next(), got.as_ref().ok().copied(), "{got:?}");
    assert_eq!(allocs.next(), None);
    let fails = events
        .iter()
        .filter(|event| matches!(event, Event::Fail(_)))
        .count();
    assert_eq!(fails == 1, got.is_err(), "{got:?}");
}
