//! What is kept for one frame: twelve bytes, where Linux's `struct page` has 64.

use super::super::{MAX_PAGE_ORDER, MigrateType, Order, Owner, PageFlags, Pfn};
use super::NIL;

/// One frame: a word that says what it is, and the links of whatever list it is on.
///
/// Free lists, per-CPU lists and the LRU list share the links, for no frame is on two of them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Page {
    pub word: Word,
    pub next: Pfn,
    pub prev: Pfn,
}

impl Page {
    /// Inside a block, on no list.
    pub const INSIDE: Self = Self {
        word: Word::INSIDE,
        next: NIL,
        prev: NIL,
    };
}

/// What a frame is, packed. Only the first frame of a block says anything; all others are [`Word::INSIDE`].
///
/// | bits | allocated | on a per-CPU list | free | inside |
/// |---|---|---|---|---|
/// | 0-3 | order + 1 | order + 1 | order + 1 | 0 |
/// | 4 | 1 | 1 | 0 | 0 |
/// | 5-7 | migrate type asked for | 7 | 0 | 0 |
/// | 8-15 | page flags | migrate type of the list | 0 | 0 |
/// | 16-31 | owner | CPU | 0 | 0 |
///
/// So a buddy that may merge is found by one comparison of its whole word, as are most bad frees.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Word(u32);

/// Bits 0 to 3: order + 1.
const ORDER: u32 = 0xf;
/// Bit 4: not on a free list.
const TAKEN: u32 = 1 << 4;
const TYPE_SHIFT: u32 = 5;
/// In place of a migrate type: on a per-CPU list.
const ON_PCP: u32 = 7;
const FLAGS_SHIFT: u32 = 8;
const OWNER_SHIFT: u32 = 16;

/// What a word says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Frame {
    /// Inside a block.
    Inside,
    /// Head of a free block.
    Free(Order),
    /// Head of an allocated block.
    Allocated(Order),
    /// Head of a block on a per-CPU list: neither free nor anybody's.
    Cached(Order),
}

/// What is known about the allocated block a frame is head of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Info {
    pub owner: Owner,
    pub migratetype: MigrateType,
    pub flags: PageFlags,
}

impl Word {
    /// Inside a block, or beyond the end of the zone.
    pub const INSIDE: Self = Self(0);

    /// Head of a free block.
    #[inline]
    pub const fn free(order: Order) -> Self {
        Self(order as u32 + 1)
    }

    /// Head of an allocated block.
    #[inline]
    pub const fn allocated(order: Order, info: Info) -> Self {
        Self(
            (order as u32 + 1)
                | TAKEN
                | (info.migratetype as u32) << TYPE_SHIFT
                | (info.flags.bits() as u32) << FLAGS_SHIFT
                | (info.owner.0 as u32) << OWNER_SHIFT,
        )
    }

    /// Head of a block on a list of a CPU.
    #[inline]
    pub const fn cached(order: Order, list: MigrateType, cpu: u16) -> Self {
        Self(
            (order as u32 + 1)
                | TAKEN
                | ON_PCP << TYPE_SHIFT
                | (list as u32) << FLAGS_SHIFT
                | (cpu as u32) << OWNER_SHIFT,
        )
    }

    /// What the word says.
    #[inline]
    pub const fn frame(self) -> Frame {
        let Some(order) = (self.0 & ORDER).checked_sub(1) else {
            return Frame::Inside;
        };
        let order = order as Order;
        if self.0 & TAKEN == 0 {
            Frame::Free(order)
        } else if self.0 >> TYPE_SHIFT & 7 == ON_PCP {
            Frame::Cached(order)
        } else {
            Frame::Allocated(order)
        }
    }

    /// True for the head of an allocated block of this order that may be freed: not reserved at boot.
    #[inline]
    pub const fn may_free(self, order: Order) -> bool {
        let reserved = (PageFlags::RESERVED.bits() as u32) << FLAGS_SHIFT;
        order <= MAX_PAGE_ORDER
            && self.0 & (ORDER | TAKEN | reserved) == (order as u32 + 1) | TAKEN
            && self.0 >> TYPE_SHIFT & 7 != ON_PCP
    }

    /// Whose block it is, and what else is known. For heads of allocated blocks only.
    #[inline]
    pub const fn info(self) -> Info {
        Info {
            owner: Owner((self.0 >> OWNER_SHIFT) as u16),
            migratetype: MigrateType::from_bits(self.0 >> TYPE_SHIFT),
            flags: PageFlags::from_bits_retain((self.0 >> FLAGS_SHIFT) as u8),
        }
    }

    /// The list and the CPU of a block on a per-CPU list. For heads of such blocks only.
    pub const fn cached_on(self) -> (MigrateType, u16) {
        let list = MigrateType::from_bits(self.0 >> FLAGS_SHIFT);
        (list, (self.0 >> OWNER_SHIFT) as u16)
    }
}

/// A pageblock's type, and the one it had before it was isolated, in three bits each.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Pageblock(u8);

impl Pageblock {
    /// A pageblock that is of one type now and of another when isolation ends.
    #[inline]
    pub const fn new(now: MigrateType, before: MigrateType) -> Self {
        Self(now as u8 | (before as u8) << 4)
    }

    /// A pageblock that is not isolated.
    #[inline]
    pub const fn of(list: MigrateType) -> Self {
        Self::new(list, list)
    }

    /// Its type.
    #[inline]
    pub const fn now(self) -> MigrateType {
        MigrateType::from_bits(self.0 as u32)
    }

    /// Its type but for isolation.
    #[inline]
    pub const fn before(self) -> MigrateType {
        MigrateType::from_bits((self.0 >> 4) as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_say_what_was_put_in() {
        assert_eq!(Word::INSIDE.frame(), Frame::Inside);
        for order in 0..=MAX_PAGE_ORDER {
            assert_eq!(Word::free(order).frame(), Frame::Free(order));
            for migratetype in MigrateType::ALL {
                for (owner, flags) in [(0, 0), (1, 0x55), (0x8001, 0xaa), (u16::MAX, 0xff)] {
                    let flags = PageFlags::from_bits_retain(flags);
                    let info = Info {
                        owner: Owner(owner),
                        migratetype,
                        flags,
                    };
                    let word = Word::allocated(order, info);
                    assert_eq!((word.frame(), word.info()), (Frame::Allocated(order), info));
                    let freeable = !flags.contains(PageFlags::RESERVED);
                    assert_eq!(word.may_free(order), freeable, "{info:?}");
                    let others = (0..=Order::MAX).filter(|&other| other != order);
                    assert!(others.into_iter().all(|other| !word.may_free(other)));
                }
                let word = Word::cached(order, migratetype, 300);
                assert_eq!(word.frame(), Frame::Cached(order));
                assert_eq!(word.cached_on(), (migratetype, 300));
                assert!(!word.may_free(order));
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
        assert_eq!((size_of::<Page>(), size_of::<Pageblock>()), (12, 1));
    }
}
