//! A zone in lock-step with two other writings of the buddy rules: bitmaps without a history, and literal lists.

mod common;
mod oracle;

use common::history::History;
use common::op::Random;
use labyrinth::mm::{
    Block, BlockState, FreeError, Gfp, MAX_PAGE_ORDER, MigrateType, Order, Owner, PageFlags, Pfn,
    Zone, ZoneConfig,
};
use oracle::bitmap::Bitmap;
use oracle::canonical;
use oracle::literal::Literal;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner};

/// What is done to both. `pick` chooses among the blocks in use, whatever their number.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// The zone chooses the place.
    Alloc { order: Order, tail: bool },
    /// The bitmaps choose it: the lowest.
    Lowest { order: Order },
    /// Exactly there, if it is free.
    At { pfn: Pfn, order: Order },
    /// Something that is in use.
    Free { pick: u32 },
    /// Anything, most probably refused.
    AnyFree { pfn: Pfn, order: Order },
}

/// All of them side by side.
struct Both {
    zone: Zone,
    bitmap: Bitmap,
    /// Follows as long as the zone alone chooses: lists have a history.
    literal: Option<Literal>,
}

/// True of what must be true, else what differs.
fn same<T: PartialEq + std::fmt::Debug>(what: &str, zone: &T, other: &T) -> Result<(), String> {
    if zone == other {
        Ok(())
    } else {
        Err(format!("{what}: {zone:?} is not {other:?}"))
    }
}

impl Both {
    fn new(pages: u32, pageblock_order: Order, bitmap: Bitmap) -> Self {
        let mut config = ZoneConfig::new("Movable", pages, pageblock_order);
        // No reserve: a request fails if and only if there is no block.
        config.min_free_kbytes = Some(0);
        Self {
            zone: Zone::new(config).expect("a zone"),
            bitmap,
            // A zone too small to keep types apart has all on another list, and takes the largest blocks first.
            literal: (pages >= 6 << pageblock_order).then(|| Literal::new(pages)),
        }
    }

    fn take_at(&mut self, pfn: Pfn, order: Order) -> Result<(), String> {
        let none = PageFlags::empty();
        let movable = MigrateType::Movable;
        let got = self
            .zone
            .alloc_at(pfn, order, movable, Owner(2), none, &mut ());
        if got.is_ok() {
            self.literal = None;
        }
        same("taken", &got.is_ok(), &self.bitmap.alloc_at(pfn, order))
    }

    fn step(&mut self, step: Step) -> Result<(), String> {
        match step {
            Step::Alloc { order, tail } => {
                let (gfp, owner) = (Gfp::GFP_HIGHUSER_MOVABLE, Owner(1));
                let got = if tail {
                    self.zone.alloc_exclusive(gfp, order, owner, &mut ())
                } else {
                    self.zone.alloc_pages(gfp, order, owner, &mut ())
                };
                if let Some(literal) = &mut self.literal {
                    same("place", &got.ok(), &literal.alloc(order, tail))?;
                }
                same(
                    "success",
                    &got.is_ok(),
                    &self.bitmap.lowest(order).is_some(),
                )?;
                if let Ok(pfn) = got {
                    same("free", &true, &self.bitmap.alloc_at(pfn, order))?;
                }
            }
            Step::Lowest { order } => {
                if let Some(pfn) = self.bitmap.lowest(order) {
                    self.take_at(pfn, order)?;
                }
            }
            Step::At { pfn, order } => self.take_at(pfn, order)?,
            Step::Free { pick } => {
                let used = self.bitmap.used_blocks();
                if !used.is_empty() {
                    let (pfn, order) = used[pick as usize % used.len()];
                    self.free(pfn, order)?;
                }
            }
            Step::AnyFree { pfn, order } => self.free(pfn, order)?,
        }
        self.compare()
    }

    fn free(&mut self, pfn: Pfn, order: Order) -> Result<(), String> {
        let got = self.zone.free_pages(pfn, order, &mut ());
        if let (Ok(()), Some(literal)) = (got, &mut self.literal) {
            literal.free(pfn, order);
        }
        same("free", &got, &self.bitmap.free(pfn, order))
    }

    fn compare(&self) -> Result<(), String> {
        let mut free = vec![Vec::new(); usize::from(MAX_PAGE_ORDER) + 1];
        let mut used = Vec::new();
        for block in self.zone.blocks() {
            match block.state {
                BlockState::Free { .. } => free[usize::from(block.order)].push(block.pfn),
                BlockState::Allocated { .. } | BlockState::Cached { .. } => {
                    used.push((block.pfn, block.order));
                }
            }
        }
        used.sort_unstable_by_key(|&(pfn, order)| (order, pfn));
        same("free blocks", &free, &self.bitmap.free_blocks())?;
        same("used blocks", &used, &self.bitmap.used_blocks())?;
        if let Some(literal) = &self.literal {
            let lists: Vec<Vec<Pfn>> = (0..=MAX_PAGE_ORDER)
                .map(|order| self.zone.free_list(order, MigrateType::Movable).collect())
                .collect();
            same("lists", &lists, &literal.lists())?;
        }
        self.zone.verify()
    }
}

fn run(both: &mut Both, steps: &[Step]) -> Result<(), String> {
    for (at, &step) in steps.iter().enumerate() {
        both.step(step)
            .map_err(|error| format!("step {at}, {step:?}: {error}"))?;
    }
    Ok(())
}

fn steps(pages: u32) -> impl Strategy<Value = Vec<Step>> {
    let order = || prop_oneof![3 => 0..=2_u8, 1 => 0..=MAX_PAGE_ORDER];
    let frame = move || (0..pages, order()).prop_map(|(pfn, order)| (pfn >> order << order, order));
    let step = prop_oneof![
        4 => (order(), any::<bool>()).prop_map(|(order, tail)| Step::Alloc { order, tail }),
        2 => order().prop_map(|order| Step::Lowest { order }),
        1 => frame().prop_map(|(pfn, order)| Step::At { pfn, order }),
        5 => any::<u32>().prop_map(|pick| Step::Free { pick }),
        1 => (0..pages + 9, 0..13_u8).prop_map(|(pfn, order)| Step::AnyFree { pfn, order }),
    ];
    vec(step, 1..120)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    /// After every step the same blocks are free and in use; what differs is shrunk to the fewest steps.
    #[test]
    fn a_zone_and_its_second_writings_agree_after_every_step(
        steps in steps(200), pages in 150_u32..=200, pageblock_order in 1_u8..=5,
    ) {
        let mut both = Both::new(pages, pageblock_order, Bitmap::new(pages));
        if let Err(error) = run(&mut both, &steps) {
            prop_assert!(false, "{}", error);
        }
    }

    /// The state of the bitmaps is a function of what is in use: built from that alone, it is the same.
    #[test]
    fn the_bitmaps_have_no_history(steps in steps(256)) {
        let mut both = Both::new(256, 4, Bitmap::new(256));
        prop_assert_eq!(run(&mut both, &steps), Ok(()));
        let anew = Bitmap::with(256, &both.bitmap.used_blocks());
        prop_assert!(anew == both.bitmap);
    }
}

/// An oracle that merges to one order less is found out, by two steps that show why: the fewest there can be.
#[test]
fn a_wrong_oracle_is_found_out_and_the_list_of_steps_shrinks() {
    let config = Config {
        failure_persistence: None,
        ..Config::with_cases(300)
    };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let found = runner.run(&steps(256), |steps| {
        let mut both = Both::new(256, 4, Bitmap::merging_to(256, 7));
        run(&mut both, &steps).map_err(TestCaseError::fail)
    });
    match found {
        Err(TestError::Fail(reason, steps)) => {
            assert_eq!(steps.len(), 2, "{steps:?}");
            let told = format!("step 1, {:?}: free blocks: ", steps[1]);
            assert!(reason.message().starts_with(&told), "{reason}");
        }
        other => panic!("not found out: {other:?}"),
    }
}

/// Longer lives in larger zones, where every order comes into play and memory runs out.
#[test]
fn long_lives_agree_in_zones_of_all_shapes() {
    for (seed, pages) in [(1, 4096), (2, 3072 + 511), (3, 1025), (4, 2047)] {
        let mut both = Both::new(pages, 4, Bitmap::new(pages));
        let mut random = Random(seed);
        let mut failed = 0;
        for turn in 0..3000 {
            let order = random.pick(&[0, 0, 0, 1, 1, 2, 3, 4, 6, 8, 10]);
            // Fills up, empties, fills up. The second half is chosen from outside, too.
            let step = if random.below(10) < if turn / 500 % 2 == 0 { 7 } else { 3 } {
                match random.below(4) {
                    0 if turn > 1500 => Step::Lowest { order },
                    1 if turn > 1500 => Step::At {
                        pfn: random.below(pages) >> order << order,
                        order,
                    },
                    tail => Step::Alloc {
                        order,
                        tail: tail == 3,
                    },
                }
            } else {
                Step::Free {
                    pick: random.next() as u32,
                }
            };
            let free = both.zone.nr_free_pages();
            assert_eq!(
                both.step(step),
                Ok(()),
                "seed {seed}, turn {turn}, {step:?}"
            );
            let alloc = matches!(step, Step::Alloc { .. });
            failed += u32::from(alloc && both.zone.nr_free_pages() == free);
        }
        assert!(failed > 10, "memory did run out: {failed}");
    }
}

/// In a zone too small to keep types apart, memory that was never asked for is movable still and all other unmovable:
/// merged, a block has one type, that of its list.
#[test]
fn buddies_of_two_types_merge_to_one_in_a_zone_too_small_for_types() {
    let mut both = Both::new(150, 5, Bitmap::new(150));
    assert_eq!(both.step(Step::At { pfn: 0, order: 2 }), Ok(()));
    let untouched = both.zone.pageblock_type(0);
    // The largest block that is left, which is the upper half of the first.
    let (order, tail) = (0, false);
    assert_eq!(both.step(Step::Alloc { order, tail }), Ok(()));
    let claimed = both.zone.pageblock_type(64);
    assert_eq!(
        (untouched, claimed),
        (MigrateType::Movable, MigrateType::Unmovable)
    );
    assert_eq!(both.step(Step::AnyFree { pfn: 64, order: 0 }), Ok(()));
    assert_eq!(both.step(Step::AnyFree { pfn: 0, order: 2 }), Ok(()));
    assert_eq!(both.zone.block_at(0).map(|block| block.order), Some(7));
    assert_eq!(both.zone.pageblock_type(0), both.zone.pageblock_type(64));
}

/// With all that can happen to a zone (types that change, isolation, reserves, reclaim), its free blocks are still a
/// function of which pages are free and what their pageblocks are for.
#[test]
fn free_blocks_are_the_largest_that_pages_and_types_allow() {
    for seed in 0..24 {
        let pages = [1024, 1000, 600, 256][seed as usize % 4];
        let pageblock_order = [4, 3, 2, 5, 6, 1][seed as usize / 4];
        let mut history = History::new(ZoneConfig::new("DMA", pages, pageblock_order));
        let mut random = Random(seed);
        for step in 0..3000 {
            history.apply(common::op::Op::random(&mut random, pages));
            if step % 10 == 0 {
                let blocks = history.zone.blocks().filter(Block::is_free);
                let blocks: Vec<_> = blocks.map(|block| (block.pfn, block.order)).collect();
                assert_eq!(
                    blocks,
                    canonical::free_blocks(&history.zone),
                    "seed {seed}, step {step}"
                );
            }
        }
    }
}

/// The oracle's own reasons, once by hand.
#[test]
fn the_bitmaps_refuse_as_they_should() {
    let mut bitmap = Bitmap::new(40);
    assert_eq!(
        bitmap.lowest(3),
        Some(32),
        "the smallest that is large enough"
    );
    assert_eq!(bitmap.lowest(4), Some(0));
    assert!(bitmap.alloc_at(32, 2));
    assert!(!bitmap.alloc_at(32, 0) && !bitmap.alloc_at(32, 3) && !bitmap.alloc_at(33, 1));
    let interior = FreeError::Interior { head: 32, order: 2 };
    for (pfn, order, error) in [
        (40, 0, FreeError::OutOfRange),
        (32, 11, FreeError::Misaligned),
        (34, 2, FreeError::Misaligned),
        (36, 2, FreeError::DoubleFree),
        (34, 1, interior),
        (32, 1, FreeError::WrongOrder { actual: 2 }),
    ] {
        assert_eq!(bitmap.free(pfn, order), Err(error));
    }
    assert_eq!(bitmap.free(32, 2), Ok(()));
    assert!(bitmap == Bitmap::new(40));
}
