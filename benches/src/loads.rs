//! The loads: what is asked of an allocator, timed. Each returns nanoseconds of processor time per operation,
//! an allocation or a free.

use std::hint::black_box;

use crate::clock;
use crate::peers::Allocator;

/// What is asked of an allocator.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Load {
    /// Allocate nearly all memory in blocks of one order, free it in the same order.
    Bulk { order: u32 },
    /// At 60 % load: allocate a page and free it, again and again.
    Repeat,
    /// At 60 % load: free a random page and allocate one.
    Replace,
    /// Allocate nearly all memory in pages, free it in random order.
    Shuffled,
    /// At 60 % load: free a random block and allocate one, of random orders 0 to 6.
    Mixed,
}

impl Load {
    pub const ALL: [Self; 6] = [
        Self::Bulk { order: 0 },
        Self::Bulk { order: 3 },
        Self::Repeat,
        Self::Replace,
        Self::Shuffled,
        Self::Mixed,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Bulk { order: 0 } => "bulk order 0",
            Self::Bulk { .. } => "bulk order 3",
            Self::Repeat => "repeat",
            Self::Replace => "random replace",
            Self::Shuffled => "shuffled free",
            Self::Mixed => "mixed 0-6",
        }
    }
}

/// A small random sequence (splitmix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        (((self.next() >> 32) * n as u64) >> 32) as usize
    }
}

/// Blocks for nearly all memory: a 64th stays free, above every allocator's reserve.
fn nearly_all(pages: u32, order: u32) -> usize {
    ((pages - pages / 64) >> order) as usize
}

/// Pages in use at 60 % load.
fn load_of(pages: u32) -> usize {
    pages as usize * 3 / 5
}

/// Runs a load once on a fresh allocator.
pub fn run<A: Allocator>(load: Load, pages: u32, seed: u64) -> f64 {
    let mut random = Random(seed);
    match load {
        Load::Bulk { order } => bulk::<A>(pages, order, None),
        Load::Shuffled => bulk::<A>(pages, 0, Some(&mut random)),
        Load::Repeat => repeat::<A>(pages, &mut random),
        Load::Replace => replace::<A>(pages, &mut random),
        Load::Mixed => mixed::<A>(pages, &mut random),
    }
}

fn bulk<A: Allocator>(pages: u32, order: u32, shuffle: Option<&mut Random>) -> f64 {
    let mut allocator = A::new(pages);
    let blocks = nearly_all(pages, order);
    let mut ways: Vec<u32> = (0..blocks as u32).collect();
    if let Some(random) = shuffle {
        for i in (1..ways.len()).rev() {
            ways.swap(i, random.below(i + 1));
        }
    }
    let mut held = Vec::with_capacity(blocks);
    let mut cycle = |allocator: &mut A| {
        held.clear();
        for _ in 0..blocks {
            held.push(black_box(allocator.alloc(order).expect("memory is left")));
        }
        for &i in &ways {
            allocator.free(held[i as usize], order);
        }
    };
    // The first touch of everything is not timed.
    cycle(&mut allocator);
    let cycles = (500_000 / blocks).max(1);
    let start = clock::now();
    for _ in 0..cycles {
        cycle(&mut allocator);
    }
    (clock::now() - start) as f64 / (2 * cycles * blocks) as f64
}

/// Pages all over the zone up to 60 % of it, as many replaced at random.
fn lived_in<A: Allocator>(pages: u32, random: &mut Random) -> (A, Vec<A::Block>) {
    let mut allocator = A::new(pages);
    let mut held = Vec::with_capacity(pages as usize);
    held.extend((0..nearly_all(pages, 0)).map(|_| allocator.alloc(0).expect("memory is left")));
    while held.len() > load_of(pages) {
        let at = random.below(held.len());
        allocator.free(held.swap_remove(at), 0);
    }
    (allocator, held)
}

const STEPS: usize = 1_000_000;

fn repeat<A: Allocator>(pages: u32, random: &mut Random) -> f64 {
    let (mut allocator, held) = lived_in::<A>(pages, random);
    let start = clock::now();
    for _ in 0..STEPS {
        let block = black_box(allocator.alloc(0).expect("memory is left"));
        allocator.free(block, 0);
    }
    let took = clock::now() - start;
    black_box(held);
    took as f64 / (2 * STEPS) as f64
}

fn replace<A: Allocator>(pages: u32, random: &mut Random) -> f64 {
    let (mut allocator, mut held) = lived_in::<A>(pages, random);
    let picks: Vec<u32> = (0..STEPS)
        .map(|_| random.below(held.len()) as u32)
        .collect();
    let start = clock::now();
    for &pick in &picks {
        let block = &mut held[pick as usize];
        allocator.free(*block, 0);
        *block = black_box(allocator.alloc(0).expect("memory is left"));
    }
    (clock::now() - start) as f64 / (2 * STEPS) as f64
}

fn mixed<A: Allocator>(pages: u32, random: &mut Random) -> f64 {
    let mut allocator = A::new(pages);
    let order_of = |choice: u64| (((choice >> 32) * 7) >> 32) as u32;
    let mut used = 0;
    let mut held: Vec<(A::Block, u32)> = Vec::new();
    while used < load_of(pages) {
        let order = order_of(random.next());
        held.push((allocator.alloc(order).expect("memory is left"), order));
        used += 1 << order;
    }
    // Who goes and what comes is drawn before the clock starts. Orders of what goes and comes are drawn alike, so
    // the load stays where it is.
    let steps = STEPS / 2;
    let warm_up = 2 * held.len();
    let choices: Vec<(u32, u32)> = (0..warm_up + steps)
        .map(|_| (random.below(held.len()) as u32, order_of(random.next())))
        .collect();
    let mut step = |&(pick, order): &(u32, u32)| {
        let (block, had) = held[pick as usize];
        allocator.free(block, had);
        let block = black_box(allocator.alloc(order).expect("memory is left"));
        held[pick as usize] = (block, order);
    };
    let (early, late) = choices.split_at(warm_up);
    early.iter().for_each(&mut step);
    let start = clock::now();
    late.iter().for_each(&mut step);
    (clock::now() - start) as f64 / (2 * steps) as f64
}
