//! A buddy allocator of bitmaps: one bit for each free block and one for each block in use, order by order.
//!
//! No lists, no history: of the blocks that are large enough it takes one of the smallest order, and of these the one
//! with the lowest address. So its state is a function of what is in use, whatever came before.

use labyrinth::mm::{FreeError, MAX_PAGE_ORDER, NR_PAGE_ORDERS, Order, Pfn};

/// A bit for each place where a block of one order can be.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Bits(Vec<u64>);

impl Bits {
    fn new(places: u32) -> Self {
        Self(vec![0; places.div_ceil(64) as usize])
    }

    fn has(&self, place: u32) -> bool {
        let word = self.0.get(place as usize / 64);
        word.is_some_and(|word| word >> (place % 64) & 1 == 1)
    }

    fn set(&mut self, place: u32) {
        self.0[place as usize / 64] |= 1 << (place % 64);
    }

    /// True if it was set.
    fn clear(&mut self, place: u32) -> bool {
        let was = self.has(place);
        if was {
            self.0[place as usize / 64] &= !(1 << (place % 64));
        }
        was
    }

    fn first(&self) -> Option<u32> {
        let word = self.0.iter().position(|&word| word != 0)?;
        Some(word as u32 * 64 + self.0[word].trailing_zeros())
    }

    fn all(&self) -> impl Iterator<Item = u32> + '_ {
        (0..self.0.len() as u32 * 64).filter(|&place| self.has(place))
    }
}

/// The allocator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bitmap {
    pages: u32,
    free: Vec<Bits>,
    used: Vec<Bits>,
    /// The largest order that blocks merge to. A wrong one makes a wrong allocator, to test the tests with.
    top: Order,
}

impl Bitmap {
    /// All free, in the largest blocks that fit.
    pub fn new(pages: u32) -> Self {
        Self::merging_to(pages, MAX_PAGE_ORDER)
    }

    /// One that is wrong unless `top` is [`MAX_PAGE_ORDER`].
    pub fn merging_to(pages: u32, top: Order) -> Self {
        let bits = || {
            (0..NR_PAGE_ORDERS)
                .map(|order| Bits::new((pages >> order) + 1))
                .collect()
        };
        let mut new = Self {
            pages,
            free: bits(),
            used: bits(),
            top: MAX_PAGE_ORDER,
        };
        for pfn in 0..pages {
            new.give(pfn, 0);
        }
        new.top = top;
        new
    }

    /// The state in which exactly these blocks are in use.
    pub fn with(pages: u32, used: &[(Pfn, Order)]) -> Self {
        let mut new = Self::new(pages);
        for &(pfn, order) in used {
            assert!(new.alloc_at(pfn, order), "frame {pfn}, order {order}");
        }
        new
    }

    /// Puts a block back and merges it.
    fn give(&mut self, pfn: Pfn, order: Order) {
        let (mut place, mut order) = (pfn >> order, order);
        while order < self.top && self.free[usize::from(order)].clear(place ^ 1) {
            place >>= 1;
            order += 1;
        }
        self.free[usize::from(order)].set(place);
    }

    /// The block that a request would get.
    pub fn lowest(&self, order: Order) -> Option<Pfn> {
        (order..=MAX_PAGE_ORDER)
            .find_map(|order| Some(self.free[usize::from(order)].first()? << order))
    }

    /// Takes exactly these pages, if they are free as part of one block.
    pub fn alloc_at(&mut self, pfn: Pfn, order: Order) -> bool {
        if order > MAX_PAGE_ORDER || !pfn.is_multiple_of(1 << order) {
            return false;
        }
        let mut orders = order..=MAX_PAGE_ORDER;
        let Some(found) = orders.find(|&at| self.free[usize::from(at)].clear(pfn >> at)) else {
            return false;
        };
        for at in order..found {
            self.free[usize::from(at)].set((pfn >> at) ^ 1);
        }
        self.used[usize::from(order)].set(pfn >> order);
        true
    }

    /// Gives a block back.
    ///
    /// # Errors
    ///
    /// As a zone without reserved memory.
    pub fn free(&mut self, pfn: Pfn, order: Order) -> Result<(), FreeError> {
        if pfn >= self.pages {
            return Err(FreeError::OutOfRange);
        }
        if order > MAX_PAGE_ORDER || !pfn.is_multiple_of(1 << order) {
            return Err(FreeError::Misaligned);
        }
        let mut orders = 0..=MAX_PAGE_ORDER;
        let Some(actual) = orders.find(|&at| self.used[usize::from(at)].has(pfn >> at)) else {
            return Err(FreeError::DoubleFree);
        };
        let head = pfn >> actual << actual;
        if head != pfn {
            return Err(FreeError::Interior {
                head,
                order: actual,
            });
        }
        if actual != order {
            return Err(FreeError::WrongOrder { actual });
        }
        self.used[usize::from(order)].clear(pfn >> order);
        self.give(pfn, order);
        Ok(())
    }

    /// The free blocks of each order, by address.
    pub fn free_blocks(&self) -> Vec<Vec<Pfn>> {
        (0..)
            .zip(&self.free)
            .map(|(order, bits)| bits.all().map(|place| place << order).collect())
            .collect()
    }

    /// The blocks in use, by order and address.
    pub fn used_blocks(&self) -> Vec<(Pfn, Order)> {
        (0 as Order..)
            .zip(&self.used)
            .flat_map(|(order, bits)| bits.all().map(move |place| (place << order, order)))
            .collect()
    }
}
