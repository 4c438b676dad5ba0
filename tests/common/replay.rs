//! A second opinion about a zone: the blocks there must be if all one knows is the events.

use labyrinth::mm::{Block, BlockState, Event, Order, Owner, Pfn, Zone};

/// A block as the events tell of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    pub order: Order,
    /// None if it is free.
    pub owner: Option<Owner>,
}

/// Follows events and objects to any that cannot be.
pub struct Replay {
    heads: Vec<Option<Told>>,
    free: u32,
}

impl Replay {
    pub fn new(zone: &Zone) -> Self {
        Self::of(zone.pages(), zone.blocks())
    }

    /// Follows any blocks with frame numbers below `pages`.
    pub fn of(pages: u32, blocks: impl Iterator<Item = Block>) -> Self {
        let mut heads = vec![None; pages as usize];
        let mut free = 0;
        for block in blocks {
            heads[block.pfn as usize] = Some(told(&block));
            if block.is_free() {
                free += block.pages();
            }
        }
        Self { heads, free }
    }

    /// Free pages, isolated ones included.
    pub fn free(&self) -> u32 {
        self.free
    }

    fn take(&mut self, pfn: Pfn, order: Order, owner: Option<Owner>, event: &Event) {
        let expected = Told { order, owner };
        let found = self.heads[pfn as usize].take();
        assert_eq!(found, Some(expected), "frame {pfn} at {event:?}");
    }

    fn put(&mut self, pfn: Pfn, order: Order, owner: Option<Owner>) {
        let before = self.heads[pfn as usize].replace(Told { order, owner });
        assert_eq!(before, None, "frame {pfn} is in two blocks");
    }

    /// Free memory set aside without an event of its own.
    pub fn reserve(&mut self, pfn: Pfn, order: Order, owner: Owner) {
        let event = Event::WakeKswapd;
        self.take(pfn, order, None, &event);
        self.put(pfn, order, Some(owner));
        self.free -= 1 << order;
    }

    pub fn follow(&mut self, event: &Event) {
        match *event {
            Event::Split { pfn, order, .. } => {
                self.take(pfn, order, None, event);
                self.put(pfn, order - 1, None);
                self.put(pfn + (1 << (order - 1)), order - 1, None);
            }
            Event::Merge { pfn, order } => {
                self.take(pfn, order - 1, None, event);
                self.take(pfn + (1 << (order - 1)), order - 1, None, event);
                self.put(pfn, order, None);
            }
            Event::Alloc {
                pfn, order, owner, ..
            } => {
                self.take(pfn, order, None, event);
                self.put(pfn, order, Some(owner));
                self.free -= 1 << order;
            }
            Event::Free { pfn, order, owner } => {
                self.take(pfn, order, Some(owner), event);
                self.put(pfn, order, None);
                self.free += 1 << order;
            }
            Event::Migrate {
                from,
                to,
                order,
                owner,
            } => {
                self.take(to, order, None, event);
                self.put(to, order, Some(owner));
                self.take(from, order, Some(owner), event);
                self.put(from, order, None);
            }
            Event::Evict { pfn, order, owner } => {
                let expected = Told {
                    order,
                    owner: Some(owner),
                };
                assert_eq!(self.heads[pfn as usize], Some(expected), "{event:?}");
            }
            Event::WriteBack { pfn, order } => {
                let head = self.heads[pfn as usize];
                assert!(
                    head.is_some_and(|told| told.order == order && told.owner.is_some()),
                    "{event:?} of {head:?}"
                );
            }
            Event::Fallback { pfn, order, .. } => {
                let expected = Told { order, owner: None };
                assert_eq!(self.heads[pfn as usize], Some(expected), "{event:?}");
            }
            Event::Fail(failure) => assert!(failure.reason_is_true(), "{failure:?}"),
            // The rest tells how it came to these changes, and changes no block.
            _ => {}
        }
    }

    /// The zone has exactly the blocks told of.
    pub fn check(&self, zone: &Zone) {
        self.check_blocks(zone.blocks());
    }

    /// These are exactly the blocks told of.
    pub fn check_blocks(&self, blocks: impl Iterator<Item = Block>) {
        let mut number = 0;
        for block in blocks {
            assert_eq!(
                self.heads[block.pfn as usize],
                Some(told(&block)),
                "frame {}",
                block.pfn
            );
            number += 1;
        }
        assert_eq!(number, self.heads.iter().flatten().count());
    }
}

fn told(block: &Block) -> Told {
    let owner = match block.state {
        BlockState::Free { .. } | BlockState::Cached { .. } => None,
        BlockState::Allocated { owner, .. } => Some(owner),
    };
    Told {
        order: block.order,
        owner,
    }
}

/// A failure's figures bear out its reason.
trait ReasonIsTrue {
    fn reason_is_true(&self) -> bool;
}

impl ReasonIsTrue for labyrinth::mm::AllocFailure {
    fn reason_is_true(&self) -> bool {
        use labyrinth::mm::FailReason;
        match self.reason {
            FailReason::Watermark => self.free <= self.limit,
            FailReason::Fragmentation => self.free > self.limit && self.order > 0,
            FailReason::TooLarge => self.order > labyrinth::mm::MAX_PAGE_ORDER,
        }
    }
}
