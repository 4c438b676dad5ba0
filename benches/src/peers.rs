//! The other allocators behind one trait, each set up the way that suits it best.

use std::alloc::{Layout, alloc_zeroed, dealloc};
use std::num::NonZeroUsize;
use std::ptr::{self, NonNull};

use acid_alloc::{Buddy, Global};
use bitmap_allocator::{BitAlloc, BitAlloc1M, BitAlloc64K};
use buddy_alloc::buddy_alloc::{BuddyAlloc, BuddyAllocParam};
use frame_alloc::{
    DepotAllocator, NoCpuId, PageSize, PhysicalAllocator, Provenance, RegionInit,
    SummaryBuddyAllocator,
};
use offset_allocator::{Allocation, Allocator as OffsetAllocator};

/// What every allocator here can do: hand out `2^order` pages and take them back.
pub trait Allocator: Sized {
    /// What it names a block by.
    type Block: Copy;
    /// All free.
    fn new(pages: u32) -> Self;
    fn alloc(&mut self, order: u32) -> Option<Self::Block>;
    fn free(&mut self, block: Self::Block, order: u32);
}

/// Bytes a page stands for with allocators that keep their lists in the memory they manage: a cache line, so that two
/// pages do not share one. Pages of 4 KiB would cost them more, for they would also miss the TLB.
const LEAF: usize = 64;
/// Orders 0 to 10.
const ORDERS: usize = 11;

/// Memory for allocators that need some.
struct Region {
    start: NonNull<u8>,
    layout: Layout,
}

impl Region {
    fn new(bytes: usize) -> Self {
        let layout = Layout::from_size_align(bytes, LEAF << ORDERS).expect("a small region");
        // SAFETY: the layout is not empty.
        let start = unsafe { alloc_zeroed(layout) };
        let start = NonNull::new(start).expect("memory");
        Self { start, layout }
    }
}

impl Drop for Region {
    fn drop(&mut self) {
        // SAFETY: allocated with this layout, and only once.
        unsafe { dealloc(self.start.as_ptr(), self.layout) }
    }
}

/// `buddy_system_allocator`'s frame allocator: a `BTreeSet` for each order.
pub struct BuddySystem(buddy_system_allocator::FrameAllocator<ORDERS>);

impl Allocator for BuddySystem {
    type Block = usize;

    fn new(pages: u32) -> Self {
        let mut frames = buddy_system_allocator::FrameAllocator::new();
        frames.add_frame(0, pages as usize);
        Self(frames)
    }

    fn alloc(&mut self, order: u32) -> Option<usize> {
        self.0.alloc(1 << order)
    }

    fn free(&mut self, block: usize, order: u32) {
        self.0.dealloc(block, 1 << order);
    }
}

/// `buddy-alloc`: lists in the memory, bitmaps beside. It has as many orders as fit its region.
pub struct BuddyAllocCrate {
    buddy: BuddyAlloc,
    _region: Region,
}

impl Allocator for BuddyAllocCrate {
    type Block = *mut u8;

    fn new(pages: u32) -> Self {
        // A sixteenth more, for its bitmaps.
        let bytes = (pages as usize + pages as usize / 16) * LEAF;
        let region = Region::new(bytes);
        let memory = BuddyAllocParam::new_with_zero_filled(region.start.as_ptr(), bytes, LEAF);
        // SAFETY: the region lives as long, and nobody else writes to it.
        let buddy = unsafe { BuddyAlloc::new(memory) };
        let _region = region;
        Self { buddy, _region }
    }

    fn alloc(&mut self, order: u32) -> Option<*mut u8> {
        let block = self.buddy.malloc(LEAF << order);
        (!block.is_null()).then_some(block)
    }

    fn free(&mut self, block: *mut u8, _order: u32) {
        self.buddy.free(block);
    }
}

/// `acid_alloc`'s buddy allocator.
pub struct Acid(Buddy<{ LEAF << (ORDERS - 1) }, ORDERS, Global>);

impl Allocator for Acid {
    type Block = NonNull<u8>;

    fn new(pages: u32) -> Self {
        Self(
            Buddy::<{ LEAF << (ORDERS - 1) }, ORDERS, Global>::try_new(
                pages as usize >> (ORDERS - 1),
            )
            .expect("a region"),
        )
    }

    fn alloc(&mut self, order: u32) -> Option<NonNull<u8>> {
        let bytes = LEAF << order;
        let layout = Layout::from_size_align(bytes, bytes).ok()?;
        self.0.allocate(layout).ok().map(NonNull::cast)
    }

    fn free(&mut self, block: NonNull<u8>, _order: u32) {
        // SAFETY: it was allocated here, and is freed once.
        unsafe { self.0.deallocate(block) }
    }
}

/// The region's addresses are pointers already.
pub struct Identity;

// SAFETY: addresses come from a region whose provenance was exposed.
unsafe impl Provenance for Identity {
    unsafe fn create(physical: usize) -> NonNull<u8> {
        NonNull::new(ptr::with_exposed_provenance_mut(physical)).expect("not the first page")
    }

    unsafe fn destroy<T>(pointer: NonNull<T>) -> usize {
        pointer.addr().get()
    }
}

type Summary = SummaryBuddyAllocator<ORDERS, Identity>;
const FRAME: PageSize = PageSize::from_log2(LEAF.trailing_zeros() as u8);

fn frames(order: u32) -> NonZeroUsize {
    NonZeroUsize::MIN.saturating_mul(NonZeroUsize::new(1 << order).unwrap_or(NonZeroUsize::MIN))
}

/// A region with a sixteenth more than the pages, for the bitmaps.
fn region_for(allocator: &impl RegionInit, pages: u32) -> Region {
    let bytes = (pages as usize + pages as usize / 16) * LEAF;
    let region = Region::new(bytes);
    // SAFETY: the region is ours alone; this happens once.
    unsafe { allocator.init_region(region.start.as_ptr().expose_provenance(), bytes) };
    region
}

/// `frame-alloc`: bitmaps with a summary above, and compare-and-swap.
pub struct FrameAlloc {
    frames: Box<Summary>,
    _region: Region,
}

impl Allocator for FrameAlloc {
    type Block = usize;

    fn new(pages: u32) -> Self {
        let frames = Box::new(Summary::new(FRAME));
        let _region = region_for(&*frames, pages);
        Self { frames, _region }
    }

    fn alloc(&mut self, order: u32) -> Option<usize> {
        self.frames.allocate_physical(FRAME, frames(order)).ok()
    }

    fn free(&mut self, block: usize, order: u32) {
        // SAFETY: it was allocated with this order, and is freed once.
        unsafe { self.frames.deallocate_physical(FRAME, frames(order), block) }
    }
}

/// `frame-alloc` with its per-CPU cache of single frames.
pub struct FrameDepot {
    frames: Box<DepotAllocator<Summary, NoCpuId, 1>>,
    _region: Region,
}

impl Allocator for FrameDepot {
    type Block = usize;

    fn new(pages: u32) -> Self {
        let frames = Box::new(DepotAllocator::new(FRAME, Summary::new(FRAME)));
        let _region = region_for(&*frames, pages);
        Self { frames, _region }
    }

    fn alloc(&mut self, order: u32) -> Option<usize> {
        self.frames.allocate_physical(FRAME, frames(order)).ok()
    }

    fn free(&mut self, block: usize, order: u32) {
        // SAFETY: it was allocated with this order, and is freed once.
        unsafe { self.frames.deallocate_physical(FRAME, frames(order), block) }
    }
}

/// `bitmap-allocator`: a tree of 16-bit masks. No buddies: single pages, or a search for a run.
pub enum Bitmap {
    Small(Box<BitAlloc64K>),
    Large(Box<BitAlloc1M>),
}

impl Allocator for Bitmap {
    type Block = usize;

    fn new(pages: u32) -> Self {
        let all = 0..pages as usize;
        if pages <= 1 << 16 {
            let mut bits = Box::new(BitAlloc64K::DEFAULT);
            bits.insert(all);
            Self::Small(bits)
        } else {
            let mut bits = Box::new(BitAlloc1M::DEFAULT);
            bits.insert(all);
            Self::Large(bits)
        }
    }

    fn alloc(&mut self, order: u32) -> Option<usize> {
        match (self, order) {
            (Self::Small(bits), 0) => bits.alloc(),
            (Self::Large(bits), 0) => bits.alloc(),
            (Self::Small(bits), _) => bits.alloc_contiguous(None, 1 << order, order as usize),
            (Self::Large(bits), _) => bits.alloc_contiguous(None, 1 << order, order as usize),
        }
    }

    fn free(&mut self, block: usize, order: u32) {
        let done = match (self, order) {
            (Self::Small(bits), 0) => bits.dealloc(block),
            (Self::Large(bits), 0) => bits.dealloc(block),
            (Self::Small(bits), _) => bits.dealloc_contiguous(block, 1 << order),
            (Self::Large(bits), _) => bits.dealloc_contiguous(block, 1 << order),
        };
        assert!(done, "it was allocated");
    }
}

/// `offset-allocator`: bins by size, neighbours merge. No buddies: blocks are not aligned.
pub struct Offset(OffsetAllocator);

impl Allocator for Offset {
    type Block = Allocation;

    fn new(pages: u32) -> Self {
        Self(OffsetAllocator::with_max_allocs(pages, pages + 2))
    }

    fn alloc(&mut self, order: u32) -> Option<Allocation> {
        self.0.allocate(1 << order)
    }

    fn free(&mut self, block: Allocation, _order: u32) {
        self.0.free(block);
    }
}

/// No allocator: what the loads themselves take.
pub struct Nothing(u32);

impl Allocator for Nothing {
    type Block = u32;

    fn new(_pages: u32) -> Self {
        Self(0)
    }

    fn alloc(&mut self, _order: u32) -> Option<u32> {
        self.0 = self.0.wrapping_add(1);
        Some(self.0)
    }

    fn free(&mut self, block: u32, _order: u32) {
        std::hint::black_box(block);
    }
}

/// No allocator either: it reads and writes what is kept for the first page of a block, twelve bytes, as ours must, and
/// neither finds nor merges nor lists anything. What it takes is what such bytes cost to get at from safe code.
pub struct Touching {
    /// One more than the order of the block handed out; 0 for all else.
    states: Vec<u32>,
    links: Vec<[u32; 2]>,
    /// Blocks to hand out, by order.
    stacks: [Vec<u32>; 7],
    /// Pages not on a stack yet.
    rest: std::ops::Range<u32>,
}

impl Allocator for Touching {
    type Block = u32;

    fn new(pages: u32) -> Self {
        // Twice as many, for what was of one order once is never of another: mixed loads would run out.
        Self {
            states: vec![0; 2 * pages as usize],
            links: vec![[u32::MAX; 2]; 2 * pages as usize],
            stacks: Default::default(),
            rest: 0..2 * pages,
        }
    }

    fn alloc(&mut self, order: u32) -> Option<u32> {
        let stack = &mut self.stacks[order as usize];
        let block = if let Some(block) = stack.pop() {
            block
        } else {
            let start = self.rest.start;
            (start < self.rest.end).then_some(())?;
            self.rest.start += 64;
            stack.extend((start..start + 64).step_by(1 << order).rev());
            stack.pop()?
        };
        self.states[block as usize] = order + 1;
        self.links[block as usize][0] = 1;
        Some(block)
    }

    fn free(&mut self, block: u32, order: u32) {
        assert_eq!(self.states[block as usize], order + 1);
        self.states[block as usize] = 0;
        let stack = &mut self.stacks[order as usize];
        self.links[block as usize] = [stack.last().copied().unwrap_or(u32::MAX), order];
        stack.push(block);
    }
}
