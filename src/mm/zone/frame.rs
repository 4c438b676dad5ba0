//! What is kept for one frame: twelve bytes in two arrays, where Linux's `struct page` has 64.

use super::super::{MAX_PAGE_ORDER, MigrateType, Order, Owner, PageFlags, Pfn};
use super::NIL;

/// The links of a frame on whatever list it is on, or of the head of a list.
///
/// Free lists and the LRU list share them, for no frame is on two of them.
#[derive(Clone, Copy)]
pub(super) struct Links {
    pub next: Pfn,
    pub prev: Pfn,
}

impl Links {
    pub const NONE: Self = Self {
        next: NIL,
        prev: NIL,
    };

    /// The links of what has one neighbour only, or of the head of a list with one block.
    #[inline]
    pub const fn both(neighbour: Pfn) -> Self {
        Self {
            next: neighbour,
            prev: neighbour,
        }
    }
}

/// What a frame is, and whose, in one word. Only the first frame of a block says anything; all others are
/// [`State::INSIDE`].
///
/// From the lowest bit on: four of order, three of type, one for allocated blocks, eight of flags, sixteen of owner. So
/// one load decides whether a block may be freed and says whose it was, one store hands it out; and the
/// branches that nobody can predict wait for this array only, while the processor fetches links.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct State(u32);

/// What a state says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Frame {
    /// Inside a block.
    Inside,
    /// Head of a free block.
    Free(Order),
    /// Head of a block on a per-CPU list: neither free nor anybody's.
    Cached(Order),
    /// Head of an allocated block.
    Allocated(Order),
}

/// What is known about the allocated block a frame is head of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Info {
    pub owner: Owner,
    pub migratetype: MigrateType,
    pub flags: PageFlags,
}

const ORDER: u32 = 0xf;
const TYPE_SHIFT: u32 = 4;
const TYPE: u32 = 7 << TYPE_SHIFT;
/// In place of a type, where nobody has the block: it is free; or, from there on, on a CPU's list of a type.
const FREE: u32 = 1 << TYPE_SHIFT;
const CACHED: u32 = 2 << TYPE_SHIFT;
const ALLOCATED: u32 = 1 << 7;
const FLAGS_SHIFT: u32 = 8;
const OWNER_SHIFT: u32 = 16;
const LRU: u32 = (PageFlags::LRU.bits() as u32) << FLAGS_SHIFT;
const RESERVED: u32 = (PageFlags::RESERVED.bits() as u32) << FLAGS_SHIFT;

impl State {
    /// Inside a block, or beyond the end of the zone.
    pub const INSIDE: Self = Self(0);

    /// Head of a free block.
    #[inline]
    pub const fn free(order: Order) -> Self {
        Self(FREE | order as u32)
    }

    /// Head of a block on a per-CPU list of one of the first six types.
    #[inline]
    pub const fn cached(order: Order, list: MigrateType, cpu: u16) -> Self {
        let list = (list as u32) << TYPE_SHIFT;
        Self((cpu as u32) << OWNER_SHIFT | (CACHED + list) | order as u32)
    }

    /// Head of an allocated block.
    #[inline]
    pub const fn allocated(order: Order, info: Info) -> Self {
        let (list, flags) = (info.migratetype as u32, info.flags.bits() as u32);
        let low = ALLOCATED | list << TYPE_SHIFT | order as u32;
        Self((info.owner.0 as u32) << OWNER_SHIFT | flags << FLAGS_SHIFT | low)
    }

    /// What the state says.
    #[inline]
    pub const fn frame(self) -> Frame {
        let order = (self.0 & ORDER) as Order;
        match self.0 & (ALLOCATED | TYPE) {
            0 => Frame::Inside,
            FREE => Frame::Free(order),
            CACHED..ALLOCATED => Frame::Cached(order),
            _ => Frame::Allocated(order),
        }
    }

    /// True for the head of an allocated block of this order that is neither page cache nor reserved at boot.
    #[inline]
    pub const fn is_ordinary(self, order: Order) -> bool {
        // What is not allocated has no flags, so that no order, however large, is taken for one.
        self.0 & (LRU | RESERVED | ALLOCATED | ORDER) == ALLOCATED + order as u32
    }

    /// True for the head of an allocated block of this order that was not reserved at boot.
    pub const fn may_free(self, order: Order) -> bool {
        Self(self.0 & !LRU).is_ordinary(order)
    }

    /// True for the head of an allocated block on the LRU list.
    #[inline]
    pub const fn is_lru(self) -> bool {
        self.0 & (LRU | RESERVED | ALLOCATED) == LRU | ALLOCATED
    }

    /// Whose an allocated block is, or the number of the CPU that keeps it.
    #[inline]
    pub const fn owner(self) -> Owner {
        Owner((self.0 >> OWNER_SHIFT) as u16)
    }

    /// What is known about an allocated block. For heads of these only.
    #[inline]
    pub const fn info(self) -> Info {
        Info {
            owner: self.owner(),
            migratetype: MigrateType::from_bits((self.0 & TYPE) >> TYPE_SHIFT),
            flags: PageFlags::from_bits_retain((self.0 >> FLAGS_SHIFT) as u8),
        }
    }

    /// The type and the CPU of a block on a per-CPU list. For heads of these only.
    pub const fn cached_on(self) -> (MigrateType, u16) {
        let list = (self.0 & TYPE).wrapping_sub(CACHED) >> TYPE_SHIFT;
        (MigrateType::from_bits(list), self.owner().0)
    }

    /// True for a state there is.
    pub fn is_valid(self) -> bool {
        match self.frame() {
            Frame::Inside => self == Self::INSIDE,
            Frame::Free(order) => order <= MAX_PAGE_ORDER && self == Self::free(order),
            Frame::Cached(order) => {
                let (list, cpu) = self.cached_on();
                order <= MAX_PAGE_ORDER && self == Self::cached(order, list, cpu)
            }
            Frame::Allocated(order) => {
                order <= MAX_PAGE_ORDER && self == Self::allocated(order, self.info())
            }
        }
    }
}

/// A pageblock's type, and the one it had before it was isolated.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Pageblock {
    now: MigrateType,
    before: MigrateType,
}

impl Pageblock {
    /// A pageblock that is of one type now and of another when isolation ends.
    #[inline]
    pub const fn new(now: MigrateType, before: MigrateType) -> Self {
        Self { now, before }
    }

    /// A pageblock that is not isolated.
    #[inline]
    pub const fn of(list: MigrateType) -> Self {
        Self::new(list, list)
    }

    /// Its type.
    #[inline]
    pub const fn now(self) -> MigrateType {
        self.now
    }

    /// Its type but for isolation.
    #[inline]
    pub const fn before(self) -> MigrateType {
        self.before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_say_what_was_put_in() {
        let never = |state: State, except: Option<Order>| {
            let orders = (0..=Order::MAX).filter(|&order| Some(order) != except);
            orders.into_iter().all(|order| !state.may_free(order))
        };
        assert_eq!(State::INSIDE.frame(), Frame::Inside);
        assert!(never(State::INSIDE, None) && State::INSIDE.is_valid());
        assert!(!State(1).is_valid() && !State(1 << OWNER_SHIFT).is_valid());
        for order in 0..=MAX_PAGE_ORDER {
            let free = State::free(order);
            assert_eq!(free.frame(), Frame::Free(order));
            assert!(never(free, None) && free.is_valid());
            assert!(!State(free.0 | 1 << OWNER_SHIFT).is_valid());
            for list in MigrateType::ALL {
                for cpu in [0, 1, 8191] {
                    let cached = State::cached(order, list, cpu);
                    assert_eq!(cached.frame(), Frame::Cached(order));
                    assert_eq!(cached.cached_on(), (list, cpu));
                    assert!(never(cached, None) && cached.is_valid() && !cached.is_lru());
                }
            }
        }
        for (order, migratetype) in (0..=MAX_PAGE_ORDER).flat_map(|order| {
            let types = MigrateType::ALL.into_iter();
            types.map(move |migratetype| (order, migratetype))
        }) {
            for bits in 0..=u8::MAX {
                let flags = PageFlags::from_bits_retain(bits);
                let info = Info {
                    owner: Owner(u16::from(bits) * 257),
                    migratetype,
                    flags,
                };
                let state = State::allocated(order, info);
                assert_eq!(state.frame(), Frame::Allocated(order));
                assert_eq!((state.info(), state.owner()), (info, info.owner));
                let reserved = flags.contains(PageFlags::RESERVED);
                assert_eq!(state.may_free(order), !reserved, "{flags:?}");
                let ordinary = !flags.intersects(PageFlags::FIXED);
                assert_eq!(state.is_ordinary(order), ordinary, "{flags:?}");
                assert!(never(state, Some(order)) && state.is_valid());
                let lru = flags.contains(PageFlags::LRU) && !reserved;
                assert_eq!(state.is_lru(), lru, "{flags:?}");
            }
        }
        assert!(!State(ALLOCATED + 11).is_valid() && !State(ALLOCATED | TYPE).is_valid());
    }

    #[test]
    fn pageblocks_keep_two_types() {
        for now in MigrateType::ALL {
            for before in MigrateType::ALL {
                let pageblock = Pageblock::new(now, before);
                assert_eq!((pageblock.now(), pageblock.before()), (now, before));
            }
        }
    }
}
