//! What is kept for one frame: twelve bytes in four arrays, where Linux's `struct page` has 64.

use super::super::{MigrateType, NR_PAGE_ORDERS, Order, Owner, PageFlags, Pfn};
use super::NIL;

/// The links of a frame on whatever list it is on, or of the head of a list.
///
/// Free lists and the LRU list share them, for no frame is on two of them. A block on neither keeps its [`Tag`] in
/// place of `next`.
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

/// Owner and flags of a block that is on no list, in place of its link to the next: a line of the cache that was just
/// touched to take the block off a list, and will be to put it back.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Tag(pub u32);

impl Tag {
    #[inline]
    pub const fn new(owner: Owner, flags: PageFlags) -> Self {
        Self(owner.0 as u32 | (flags.bits() as u32) << 16)
    }

    #[inline]
    pub const fn owner(self) -> Owner {
        Owner(self.0 as u16)
    }

    #[inline]
    pub const fn flags(self) -> PageFlags {
        PageFlags::from_bits_retain((self.0 >> 16) as u8)
    }
}

/// What a frame is, in one byte. Only the first frame of a block says anything; all others are [`State::INSIDE`].
///
/// These bytes are apart from the rest, and one byte is enough to decide whether a block may be freed and whether
/// its buddy is free. So the branches that nobody can predict wait for a small array, which stays in the cache, and
/// the processor fetches links meanwhile.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct State(u8);

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

const ORDERS: u8 = NR_PAGE_ORDERS as u8;
const FREE: u8 = 1;
const CACHED: u8 = FREE + ORDERS;
/// From here on, a state for each kind, migrate type and order of an allocated block.
const ALLOCATED: u8 = CACHED + ORDERS;
/// States of one kind of allocated block.
const KIND: u8 = MigrateType::COUNT as u8 * ORDERS;
/// The kinds, in this order: ordinary, on the LRU list, reserved at boot.
const LRU: u8 = ALLOCATED + KIND;
const RESERVED: u8 = LRU + KIND;

/// For each state one more than the order of the allocated block that is neither page cache nor reserved, if it is
/// one; else 0, which is one more than no order.
const ORDINARY: [u8; 256] = {
    let mut orders = [0; 256];
    let mut state = ALLOCATED;
    while state < LRU {
        orders[state as usize] = (state - ALLOCATED) % ORDERS + 1;
        state += 1;
    }
    orders
};

impl State {
    /// Inside a block, or beyond the end of the zone.
    pub const INSIDE: Self = Self(0);

    /// Head of a free block.
    #[inline]
    pub const fn free(order: Order) -> Self {
        Self(FREE + order)
    }

    /// Head of a block on a per-CPU list.
    #[inline]
    pub const fn cached(order: Order) -> Self {
        Self(CACHED + order)
    }

    /// Head of an allocated block.
    #[inline]
    pub const fn allocated(order: Order, migratetype: MigrateType, flags: PageFlags) -> Self {
        let kind = if flags.contains(PageFlags::RESERVED) {
            RESERVED
        } else if flags.contains(PageFlags::LRU) {
            LRU
        } else {
            ALLOCATED
        };
        Self(kind + migratetype as u8 * ORDERS + order)
    }

    /// What the state says.
    #[inline]
    pub const fn frame(self) -> Frame {
        match self.0 {
            0 => Frame::Inside,
            FREE..CACHED => Frame::Free(self.0 - FREE),
            CACHED..ALLOCATED => Frame::Cached(self.0 - CACHED),
            ALLOCATED.. => Frame::Allocated((self.0 - ALLOCATED) % ORDERS),
        }
    }

    /// True for the head of an allocated block of this order that is neither page cache nor reserved at boot.
    #[inline]
    pub fn is_ordinary(self, order: Order) -> bool {
        u32::from(ORDINARY[self.0 as usize]) == u32::from(order) + 1
    }

    /// True for the head of an allocated block of this order that was not reserved at boot.
    pub fn may_free(self, order: Order) -> bool {
        self.is_ordinary(order) || self.is_lru() && self.frame() == Frame::Allocated(order)
    }

    /// True for the head of an allocated block on the LRU list.
    #[inline]
    pub const fn is_lru(self) -> bool {
        LRU <= self.0 && self.0 < RESERVED
    }

    /// The type an allocated block was asked for with. For heads of allocated blocks only.
    #[inline]
    pub const fn migratetype(self) -> MigrateType {
        MigrateType::from_bits((self.0.wrapping_sub(ALLOCATED) % KIND / ORDERS) as u32)
    }

    /// True for a state there is.
    pub const fn is_valid(self) -> bool {
        self.0 < RESERVED + KIND
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
    use super::super::super::MAX_PAGE_ORDER;
    use super::*;

    #[test]
    fn states_say_what_was_put_in() {
        let never = |state: State, except: Option<Order>| {
            let orders = (0..=Order::MAX).filter(|&order| Some(order) != except);
            orders.into_iter().all(|order| !state.may_free(order))
        };
        assert_eq!(State::INSIDE.frame(), Frame::Inside);
        assert!(never(State::INSIDE, None));
        for order in 0..=MAX_PAGE_ORDER {
            assert_eq!(State::free(order).frame(), Frame::Free(order));
            assert_eq!(State::cached(order).frame(), Frame::Cached(order));
            assert!(never(State::free(order), None) && never(State::cached(order), None));
            for migratetype in MigrateType::ALL {
                for bits in 0..=u8::MAX {
                    let flags = PageFlags::from_bits_retain(bits);
                    let state = State::allocated(order, migratetype, flags);
                    assert_eq!(state.frame(), Frame::Allocated(order));
                    assert_eq!(state.migratetype(), migratetype);
                    let reserved = flags.contains(PageFlags::RESERVED);
                    assert_eq!(state.may_free(order), !reserved, "{flags:?}");
                    let ordinary = !flags.intersects(PageFlags::FIXED);
                    assert_eq!(state.is_ordinary(order), ordinary, "{flags:?}");
                    assert!(never(state, Some(order)) && state.is_valid());
                    let lru = flags.contains(PageFlags::LRU) && !reserved;
                    assert_eq!(state.is_lru(), lru, "{flags:?}");
                }
            }
        }
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
