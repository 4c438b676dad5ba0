//! Lays out the free blocks of a zone so that `/proc/buddyinfo` would print a given line.
//!
//! **Which lines can be.** Two free buddies are one block of twice the size, so a free block of an order
//! below the largest needs a page in use in its buddy. Seen from above: take a zone as blocks of the
//! largest order. Each is wholly free, or *broken*: there is a page in use in it. A broken block has two
//! halves, of which one at most is wholly free, for otherwise both would be; the other, or both, are
//! broken in turn. So if `u` blocks of order `o + 1` are broken, at most `u` blocks of order `o` can be
//! free, and if `f` of them are, then `2u - f` of order `o` are broken. Going down from the largest order
//! this decides for any line whether it can be. Reserved ranges, and what the zone lacks to a multiple of
//! the largest block, are pages in use whose places are known: a half that has such a page cannot be free.
//! Which of the other halves are chosen makes no difference to what fits below them, so they are drawn
//! by lot and the answer is still exact.
//!
//! **The rule.** Let `total` be the pages of the line.
//!
//! 1. If the line can be laid out as it is, it is: all counts are verbatim.
//! 2. Otherwise it is scaled to `budget = min(free_budget, total)` pages. Order by order, from the largest
//!    down, an order gets `pages of the line in this order * budget / total` pages, and whatever was
//!    left over above it. It becomes as many blocks as that makes, but no more than fit. The rest is left
//!    over for the next order below: fractions of a block are carried, not dropped, and a block that
//!    does not fit is split in two as the allocator would. Fractions are kept exactly. So the free pages
//!    are `budget` to the page, unless there are still pages left over at order 0 (a line of nothing but
//!    single pages can free at most every second page): those stay in use.

use crate::mm::{MAX_PAGE_ORDER, NR_PAGE_ORDERS, Order, Pfn};

/// Where the free blocks of a zone are. Every page that is neither in them nor reserved must be taken
/// into use, and then the free blocks are exactly these: none of them has a free buddy to merge with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// The free blocks, as first frame and order, in ascending order of their frames.
    pub free: Vec<(Pfn, Order)>,
    /// How many of each order they are.
    pub counts: [u32; NR_PAGE_ORDERS],
    /// If the counts are not verbatim, by what the line was scaled: pages wanted, and pages of the line.
    /// Equal if only blocks that did not fit were split.
    pub scaled: Option<(u32, u128)>,
}

/// Why a line cannot be laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LayoutError {
    /// A reserved range is not a block of the zone.
    #[error(
        "found a reserved range of order {order} at frame {pfn:#x}, \
         expected a block of at most order {MAX_PAGE_ORDER}, aligned, within {pages} pages"
    )]
    Reserved {
        /// First frame of the range.
        pfn: Pfn,
        /// Its order.
        order: Order,
        /// Pages of the zone.
        pages: u32,
    },
    /// Two reserved ranges have pages in common.
    #[error("the reserved range of order {order} at frame {pfn:#x} overlaps another")]
    Overlap {
        /// First frame of the range that starts later.
        pfn: Pfn,
        /// Its order.
        order: Order,
    },
    /// The line has free blocks, but not one page of them has a place: nothing is to be free, or all is reserved.
    #[error(
        "none of the line's {total} free pages fits, with at most {budget} pages to be free and {reserved} reserved"
    )]
    NoRoom {
        /// Free pages of the line.
        total: u128,
        /// Pages to scale to.
        budget: u32,
        /// Pages that are reserved.
        reserved: u32,
    },
}

impl Layout {
    /// All free pages.
    pub fn free_pages(&self) -> u32 {
        (0 as Order..)
            .zip(self.counts)
            .map(|(order, blocks)| blocks << order)
            .sum()
    }
}

/// Lays out free blocks in a zone of `pages` pages beside `reserved` blocks, by the rule of this module.
///
/// `free` are the free blocks per order. `free_budget` are the free pages to scale to if they do not
/// fit. `choose(n)` draws a number below `n`, all equally likely; `n` is at least 2. The layout is a
/// function of the arguments and of what is drawn.
///
/// # Errors
///
/// If a reserved range is not a block of the zone or overlaps another, or if the line has free pages and
/// none of them has a place. A line without free blocks is laid out as it is.
pub fn layout(
    free: &[u64; NR_PAGE_ORDERS],
    pages: u32,
    reserved: &[(Pfn, Order)],
    free_budget: u32,
    choose: &mut dyn FnMut(u32) -> u32,
) -> Result<Layout, LayoutError> {
    let ground = Ground::new(pages, reserved)?;
    let room = Room::of(&ground);
    let total: u128 = (0..)
        .zip(free)
        .map(|(order, &blocks)| u128::from(blocks) << order)
        .sum();
    let (counts, scaled) = if let Some(counts) = room.verbatim(free) {
        (counts, None)
    } else {
        // A total above `u32::MAX` is above the budget too.
        let budget = u32::try_from(total).map_or(free_budget, |total| total.min(free_budget));
        let counts = room.scaled(free, budget, total);
        if counts == [0; NR_PAGE_ORDERS] {
            let reserved = reserved.iter().map(|&(_, order)| 1 << order).sum();
            return Err(LayoutError::NoRoom {
                total,
                budget: free_budget,
                reserved,
            });
        }
        (counts, Some((budget, total)))
    };
    let free = place(&ground, &counts, choose);
    Ok(Layout {
        free,
        counts,
        scaled,
    })
}

/// The zone before anything is laid out, seen as blocks of the largest order.
struct Ground {
    /// Number of blocks of the largest order; the last may reach beyond the zone.
    tops: u32,
    /// First page, end, and pages in use before it, of every range in use for good; ascending.
    taken: Vec<(u64, u64, u64)>,
}

impl Ground {
    fn new(pages: u32, reserved: &[(Pfn, Order)]) -> Result<Self, LayoutError> {
        let mut sorted = reserved.to_vec();
        sorted.sort_unstable();
        let mut taken = Vec::with_capacity(sorted.len() + 1);
        let (mut before, mut end) = (0, 0);
        for (pfn, order) in sorted {
            let size = 1 << order.min(MAX_PAGE_ORDER);
            let first = u64::from(pfn);
            if order > MAX_PAGE_ORDER
                || !first.is_multiple_of(size)
                || first + size > u64::from(pages)
            {
                return Err(LayoutError::Reserved { pfn, order, pages });
            }
            if first < end {
                return Err(LayoutError::Overlap { pfn, order });
            }
            end = first + size;
            taken.push((first, end, before));
            before += size;
        }
        let tops = pages.div_ceil(1 << MAX_PAGE_ORDER);
        let beyond = u64::from(tops) << MAX_PAGE_ORDER;
        taken.push((u64::from(pages), beyond, before));
        Ok(Self { tops, taken })
    }

    /// The blocks of the largest order with no page in use, and those with some.
    fn largest(&self) -> (Vec<Pfn>, Vec<Pfn>) {
        self.sort(
            (0..self.tops).map(|top| top << MAX_PAGE_ORDER),
            MAX_PAGE_ORDER,
        )
    }

    /// The halves, of this order, of some blocks: those with no page in use, and those with some.
    fn halves(&self, blocks: &[Pfn], order: Order) -> (Vec<Pfn>, Vec<Pfn>) {
        self.sort(
            blocks.iter().flat_map(|&pfn| [pfn, pfn + (1 << order)]),
            order,
        )
    }

    /// Which blocks of an order have no page in use, and which have some; those all in use are left out.
    fn sort(&self, blocks: impl Iterator<Item = Pfn>, order: Order) -> (Vec<Pfn>, Vec<Pfn>) {
        let (mut clear, mut partly) = (Vec::new(), Vec::new());
        for pfn in blocks {
            let first = u64::from(pfn);
            match self.taken_below(first + (1 << order)) - self.taken_below(first) {
                0 => clear.push(pfn),
                taken if taken < 1 << order => partly.push(pfn),
                _ => {}
            }
        }
        (clear, partly)
    }

    /// Pages in use for good below a page.
    fn taken_below(&self, page: u64) -> u64 {
        let after = self.taken.partition_point(|&(first, ..)| first < page);
        self.taken[..after]
            .last()
            .map_or(0, |&(first, end, before)| before + end.min(page) - first)
    }
}

/// How many blocks of every order have room: what the ground gives, without places.
struct Room {
    /// Blocks of the largest order with no page in use.
    tops: u64,
    /// For each order the blocks with no page in use whose buddy has one.
    beside: [u64; NR_PAGE_ORDERS],
}

impl Room {
    fn of(ground: &Ground) -> Self {
        let (tops, mut partly) = ground.largest();
        let mut beside = [0; NR_PAGE_ORDERS];
        for order in (0..MAX_PAGE_ORDER).rev() {
            let (clear, next) = ground.halves(&partly, order);
            beside[usize::from(order)] = clear.len() as u64;
            partly = next;
        }
        Self {
            tops: tops.len() as u64,
            beside,
        }
    }

    /// The counts themselves if all of them have room.
    fn verbatim(&self, free: &[u64; NR_PAGE_ORDERS]) -> Option<[u32; NR_PAGE_ORDERS]> {
        let counts = self.fill(|order, _| free[order]);
        (0..NR_PAGE_ORDERS)
            .all(|order| u64::from(counts[order]) == free[order])
            .then_some(counts)
    }

    /// The counts scaled by `budget / total`; what makes no block of an order, or has no room, goes down.
    fn scaled(
        &self,
        free: &[u64; NR_PAGE_ORDERS],
        budget: u32,
        total: u128,
    ) -> [u32; NR_PAGE_ORDERS] {
        // In parts of `total` of a page, so that no fraction is lost. At most 2^79 * 2^32.
        let mut left = 0;
        self.fill(|order, room| {
            left += (u128::from(free[order]) << order) * u128::from(budget);
            let blocks = (left / (total << order)).min(u128::from(room));
            left -= blocks * (total << order);
            blocks as u64
        })
    }

    /// Goes through the orders from the largest down; `wish` is told an order and how many blocks of it
    /// have room at most, and says how many there shall be. They are no more than have room.
    fn fill(&self, mut wish: impl FnMut(usize, u64) -> u64) -> [u32; NR_PAGE_ORDERS] {
        let mut counts = [0; NR_PAGE_ORDERS];
        // Blocks of the order above that are broken, without the ones that have a page in use for good.
        let mut broken = 0;
        for order in (0..NR_PAGE_ORDERS).rev() {
            let is_top = order == NR_PAGE_ORDERS - 1;
            let (room, halves) = if is_top {
                (self.tops, self.tops)
            } else {
                (broken + self.beside[order], 2 * broken + self.beside[order])
            };
            let blocks = wish(order, room).min(room);
            counts[order] = blocks as u32;
            broken = halves - blocks;
        }
        counts
    }
}

/// A place that one free block of the order at hand can have; without it, what is named here is broken.
#[derive(Clone, Copy)]
enum Place {
    /// This block; its buddy has a page in use for good, or it has no buddy.
    Only(Pfn),
    /// This block or its buddy, which comes right after it.
    Either(Pfn),
}

/// Draws places for counts that have room.
fn place(
    ground: &Ground,
    counts: &[u32; NR_PAGE_ORDERS],
    choose: &mut dyn FnMut(u32) -> u32,
) -> Vec<(Pfn, Order)> {
    let mut below = |n: u32| if n > 1 { choose(n).min(n - 1) } else { 0 };
    let mut free = Vec::new();
    let (clear, mut partly) = ground.largest();
    let mut places: Vec<Place> = clear.into_iter().map(Place::Only).collect();
    let mut missing: u32 = counts.iter().sum();
    for order in (0..=MAX_PAGE_ORDER).rev() {
        let size = 1 << order;
        // The first places of a shuffle are the ones for the free blocks.
        let wanted = counts[usize::from(order)] as usize;
        for i in 0..wanted {
            let other = i + below((places.len() - i) as u32) as usize;
            places.swap(i, other);
        }
        let mut broken = Vec::new();
        for (i, &place) in places.iter().enumerate() {
            match place {
                Place::Only(pfn) if i < wanted => free.push((pfn, order)),
                Place::Only(pfn) => broken.push(pfn),
                Place::Either(pfn) if i < wanted => {
                    let upper = below(2) * size;
                    free.push((pfn + upper, order));
                    broken.push(pfn + (size - upper));
                }
                Place::Either(pfn) => broken.extend([pfn, pfn + size]),
            }
        }
        missing -= wanted as u32;
        if missing == 0 || order == 0 {
            break;
        }
        let (clear, next) = ground.halves(&partly, order - 1);
        places = broken.into_iter().map(Place::Either).collect();
        places.extend(clear.into_iter().map(Place::Only));
        partly = next;
    }
    free.sort_unstable();
    free
}
