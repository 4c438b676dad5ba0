//! Long random histories of nodes: every invariant, and every event against a second opinion of what the blocks are.

mod common;

use common::op::Random;
use common::replay::Replay;
use labyrinth::mm::{
    BlockState, Counter, Event, Gfp, MigrateType, Node, NodeConfig, OomTask, Order, Owner,
    PageFlags, Pfn, Sink, ZoneKind,
};

const GFPS: [Gfp; 15] = [
    Gfp::GFP_KERNEL,
    Gfp::GFP_KERNEL,
    Gfp::GFP_KERNEL.union(Gfp::RECLAIMABLE),
    Gfp::GFP_HIGHUSER_MOVABLE,
    Gfp::GFP_HIGHUSER_MOVABLE,
    Gfp::GFP_HIGHUSER_MOVABLE,
    Gfp::GFP_HIGHUSER,
    Gfp::GFP_ATOMIC,
    Gfp::GFP_NOWAIT,
    Gfp::GFP_KERNEL.union(Gfp::DMA),
    Gfp::GFP_KERNEL.union(Gfp::DMA32),
    Gfp::GFP_KERNEL.union(Gfp::RETRY_MAYFAIL),
    Gfp::GFP_KERNEL.union(Gfp::NORETRY),
    Gfp::GFP_NOFS,
    Gfp::GFP_ATOMIC.union(Gfp::MEMALLOC),
];
const ORDERS: [Order; 16] = [0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 5, 6];

struct Life {
    node: Node,
    replay: Replay,
    counter: Counter,
    /// The most pages that CPUs kept.
    kept_most: u32,
    held: Vec<Pfn>,
    random: Random,
}

impl Life {
    fn new(seed: u64) -> Self {
        let mut random = Random(seed);
        let zones: Vec<_> = [
            (ZoneKind::Dma, 128),
            (ZoneKind::Dma32, 512),
            (ZoneKind::Normal, 2000),
            (ZoneKind::Movable, 700),
        ]
        .into_iter()
        .filter(|_| random.below(5) > 0)
        .collect();
        let zones = if zones.is_empty() {
            vec![(ZoneKind::Normal, 1000)]
        } else {
            zones
        };
        let mut config = NodeConfig::new(zones, 2 + random.below(3) as Order);
        if random.below(2) == 0 {
            config.min_free_kbytes = Some(64);
        }
        // Seed by seed, so that what happens without such lists happens in the seeds without.
        config.cpus = seed as u16 % 3;
        let node = Node::new(config).expect("a node");
        Self {
            replay: Replay::of(8192, node.blocks()),
            node,
            counter: Counter::default(),
            kept_most: 0,
            held: Vec::new(),
            random,
        }
    }

    /// A block somebody has, with its order.
    fn held(&mut self) -> Option<(Pfn, Order)> {
        while !self.held.is_empty() {
            let at = self.random.below(self.held.len() as u32) as usize;
            let pfn = self.held[at];
            let block = self.node.block_at(pfn).expect("in the node");
            let held = matches!(block.state, BlockState::Allocated { .. });
            if block.pfn == pfn && held {
                return Some((pfn, block.order));
            }
            self.held.swap_remove(at);
        }
        None
    }

    fn step(&mut self) {
        let mut events = Vec::new();
        let cpus = self.node.config().cpus;
        if cpus > 0 && self.random.below(10) == 0 {
            let cpu = self.random.below(cpus.into()) as u16;
            assert_eq!(self.node.set_cpu(cpu), Ok(()));
        }
        let what = self.random.below(1000);
        match what {
            0..520 => {
                let gfp = self.random.pick(&GFPS);
                let order = self.random.pick(&ORDERS);
                let owner = Owner(1 + self.random.below(12) as u16);
                if self.random.below(3) == 0 {
                    let adj = self.random.below(1200) as i16 - 1000;
                    let adj = adj.max(-1000);
                    let task = OomTask {
                        adj,
                        ..OomTask::default()
                    };
                    self.node.set_task(owner, task);
                }
                let before = self.node.clone();
                let got = self.node.alloc_pages(gfp, order, owner, &mut events);
                let mut again = before;
                assert_eq!(again.alloc_pages(gfp, order, owner, &mut ()), got);
                assert!(again == self.node, "the same request had other effects");
                if let Ok(pfn) = got {
                    let block = self.node.block_at(pfn).expect("in the node");
                    assert_eq!((block.pfn, block.order), (pfn, order));
                    let zone = self.node.zone_of(pfn).expect("in a zone");
                    assert!(zone <= ZoneKind::of_request(gfp));
                    if gfp.can_sleep() && order == 0 && self.random.below(2) == 0 {
                        self.node.lru_add(pfn);
                    }
                } else {
                    assert!(matches!(events.last(), Some(Event::Fail(_))));
                }
            }
            520..800 => {
                if let Some((pfn, order)) = self.held() {
                    assert_eq!(self.node.free_pages(pfn, order, &mut events), Ok(()));
                }
            }
            800..850 => {
                if let Some((pfn, _)) = self.held() {
                    let flags = PageFlags::DIRTY | PageFlags::REFERENCED;
                    let flags = if self.random.below(4) == 0 {
                        PageFlags::PINNED
                    } else {
                        flags
                    };
                    assert_eq!(self.node.set_flags(pfn, flags), Ok(()));
                }
            }
            850..870 => {
                if let Some((pfn, _)) = self.held() {
                    let changed = self.node.clear_flags(pfn, PageFlags::PINNED);
                    assert_eq!(changed, Ok(()));
                }
            }
            870..930 => {
                self.node.kswapd_step(&mut events);
            }
            930..970 => {
                self.node.kcompactd_step(&mut events);
            }
            970..975 => {
                self.node.compact_memory(&mut events);
            }
            975..980 => {
                self.node.compact_proactively(&mut events);
            }
            980..990 => {
                let start = self.random.below(3500);
                let end = start + 1 + self.random.below(40);
                let before = self.node.clone();
                let by = MigrateType::Movable;
                let owner = Owner(20);
                match self
                    .node
                    .alloc_contig_range(start, end, by, owner, &mut events)
                {
                    Ok(blocks) => {
                        let mut at = start;
                        for (pfn, order) in blocks {
                            assert_eq!(pfn, at);
                            at += 1 << order;
                        }
                        assert_eq!(at, end);
                    }
                    Err(_) => {
                        assert!(self.node == before && events.is_empty());
                    }
                }
            }
            _ => {
                if let Some((pfn, _)) = self.held() {
                    // Whether it can be moved is not the point here.
                    let _ = self.node.migrate(pfn, &mut events);
                }
            }
        }
        for event in &events {
            self.counter.event(*event);
            self.replay.follow(event);
            match *event {
                Event::Alloc { pfn, .. } => self.held.push(pfn),
                Event::Migrate { to, .. } => self.held.push(to),
                _ => {}
            }
        }
        let nobodys = self.node.nr_free_pages() + self.node.nr_pcp_pages();
        assert_eq!(nobodys, self.replay.free(), "after {what}");
        self.kept_most = self.kept_most.max(self.node.nr_pcp_pages());
    }

    fn verify(&self) {
        assert_eq!(self.node.verify(), Ok(()));
        self.replay.check_blocks(self.node.blocks());
        let text = serde_json::to_string(&self.node).expect("text");
        let again: Node = serde_json::from_str(&text).expect("a node");
        assert!(again == self.node, "stored and read back it is another");
    }
}

#[test]
fn invariants_hold_through_long_random_histories() {
    let mut sum: Vec<Counter> = Vec::new();
    let mut kept_most = Vec::new();
    for seed in 0..12 {
        let mut life = Life::new(seed);
        for step in 0..2500 {
            life.step();
            if step % 50 == 0 {
                life.verify();
            }
        }
        life.verify();
        sum.push(life.counter);
        kept_most.push(life.kept_most);
    }
    // A history in which nothing of a kind happened would have tested nothing of that kind.
    let of = |count: fn(&Counter) -> u64| sum.iter().map(count).sum::<u64>();
    for (what, happened) in [
        ("allocs", of(|c| c.allocs)),
        ("fails", of(|c| c.fails)),
        ("migrates", of(|c| c.migrates)),
        ("reserves", of(|c| c.reserves)),
        ("unreserves", of(|c| c.unreserves)),
        ("isolates", of(|c| c.isolates)),
        ("passed_over", of(|c| c.passed_over)),
        ("direct_reclaims", of(|c| c.direct_reclaims)),
        ("reclaim_rounds", of(|c| c.reclaim_rounds)),
        ("write_backs", of(|c| c.write_backs)),
        ("kswapd_sleeps", of(|c| c.kswapd_sleeps)),
        ("compact_skips", of(|c| c.compact_skips)),
        ("compact_starts", of(|c| c.compact_starts)),
        ("retries", of(|c| c.retries)),
        ("oom_kills", of(|c| c.oom_kills)),
        ("oom_spares", of(|c| c.oom_spares)),
        ("loops_ended", of(|c| c.loops_ended)),
    ] {
        assert!(happened > 0, "no {what} in {sum:?}");
    }
    assert_eq!(of(|c| c.compact_starts), of(|c| c.compact_ends));
    for (seed, most) in kept_most.into_iter().enumerate() {
        assert_eq!(
            most > 0,
            seed % 3 > 0,
            "CPUs kept {most} pages with seed {seed}"
        );
    }
}

#[test]
fn equal_nodes_have_equal_words_and_others_have_others() {
    let words = |node: &Node| {
        let mut words = Vec::new();
        node.hash_words(&mut |word| words.push(word));
        words
    };
    let mut life = Life::new(8);
    let mut before = words(&life.node);
    assert_eq!(before, words(&Life::new(8).node));
    for _ in 0..300 {
        let last = life.node.clone();
        life.step();
        let now = words(&life.node);
        assert_eq!(now == before, life.node == last);
        before = now;
    }
    let any = life.node.blocks().any(
        |block| matches!(block.state, BlockState::Allocated { owner, .. } if owner != Owner::NONE),
    );
    assert!(any, "a life in which nothing was held");
}
