//! Claiming an exact range of frames: what moves out of the way, what stands in it, and that a failure leaves no trace.

use labyrinth::mm::{
    BlockState, ContigError, Event, Gfp, MigrateType, Node, NodeConfig, Order, Owner, PageFlags,
    Pfn, ZoneKind,
};

const ME: Owner = Owner(1);
const OTHER: Owner = Owner(2);

/// Two zones of 256 pages with pageblocks of 8.
fn node() -> Node {
    let zones = [(ZoneKind::Dma, 256), (ZoneKind::Normal, 256)];
    Node::new(NodeConfig::new(zones, 3)).expect("a node")
}

fn take(node: &mut Node, pfn: Pfn, order: Order, migratetype: MigrateType) {
    let none = PageFlags::empty();
    let taken = node.alloc_at(pfn, order, migratetype, OTHER, none, &mut ());
    assert_eq!(taken, Ok(()), "frame {pfn}");
}

fn claim(node: &mut Node, start: Pfn, end: Pfn) -> Result<Vec<(Pfn, Order)>, ContigError> {
    node.alloc_contig_range(start, end, MigrateType::Movable, ME, &mut ())
}

#[test]
fn a_free_range_is_taken_in_the_largest_blocks_that_fit() {
    let mut node = node();
    let free = node.nr_free_pages();
    let blocks = claim(&mut node, 261, 309).expect("the range");
    let expected = [
        (261, 0),
        (262, 1),
        (264, 3),
        (272, 4),
        (288, 4),
        (304, 2),
        (308, 0),
    ];
    assert_eq!(blocks, expected);
    assert_eq!(node.nr_free_pages(), free - 48);
    for pfn in 261..309 {
        let block = node.block_at(pfn).expect("in the node");
        assert!(matches!(
            block.state,
            BlockState::Allocated { owner: ME, .. }
        ));
    }
    assert_eq!(
        node.pageblock_type(264),
        Some(MigrateType::Movable),
        "no longer isolated"
    );
    assert_eq!(node.verify(), Ok(()));
    for (pfn, order) in blocks {
        assert_eq!(node.free_pages(pfn, order, &mut ()), Ok(()));
    }
    assert_eq!(node.nr_free_pages(), free);
    assert_eq!(node.verify(), Ok(()));
}

#[test]
fn movable_memory_moves_out_and_page_cache_is_dropped() {
    let mut node = node();
    take(&mut node, 270, 0, MigrateType::Movable);
    take(&mut node, 272, 2, MigrateType::Movable);
    take(&mut node, 280, 0, MigrateType::Reclaimable);
    take(&mut node, 281, 0, MigrateType::Reclaimable);
    node.lru_add(280);
    node.lru_add(281);
    assert_eq!(node.set_flags(281, PageFlags::DIRTY), Ok(()));
    let mut events = Vec::new();
    let claimed = node.alloc_contig_range(268, 284, MigrateType::Unmovable, ME, &mut events);
    assert!(claimed.is_ok(), "{claimed:?}");
    let moved: Vec<_> = events
        .iter()
        .filter_map(|event| match *event {
            Event::Migrate { from, to, .. } => Some((from, to)),
            _ => None,
        })
        .collect();
    assert_eq!(
        moved.iter().map(|&(from, _)| from).collect::<Vec<_>>(),
        [270, 272]
    );
    assert!(
        moved.iter().all(|&(_, to)| to >= 288),
        "{moved:?}: within the zone, out of the range"
    );
    let wrote = events
        .iter()
        .position(|event| matches!(event, Event::WriteBack { pfn: 281, .. }));
    let dropped = events
        .iter()
        .position(|event| matches!(event, Event::Evict { pfn: 281, .. }));
    assert!(wrote.is_some() && wrote < dropped);
    assert_eq!(node.nr_lru(), 0);
    assert_eq!(node.verify(), Ok(()));
}

#[test]
fn a_block_that_reaches_into_the_range_moves_as_a_whole() {
    let mut node = node();
    take(&mut node, 264, 3, MigrateType::Movable);
    let claimed = claim(&mut node, 271, 273).expect("the range");
    assert_eq!(claimed, [(271, 0), (272, 0)]);
    assert!(node.block_at(264).is_some_and(|block| block.is_free()));
    // Who is in a touched pageblock, but not in the range, stays.
    let mut node = self::node();
    take(&mut node, 264, 0, MigrateType::Unmovable);
    assert!(claim(&mut node, 266, 272).is_ok());
    assert!(!node.block_at(264).expect("in the node").is_free());
    assert_eq!(node.verify(), Ok(()));
}

#[test]
fn what_stands_in_the_way_is_named_and_nothing_has_changed() {
    type Prepare = fn(&mut Node);
    let cases: [(Prepare, ContigError); 6] = [
        (
            |node| take(node, 283, 0, MigrateType::Unmovable),
            ContigError::Stays { pfn: 283 },
        ),
        (
            |node| {
                take(node, 276, 1, MigrateType::Movable);
                assert_eq!(node.set_flags(276, PageFlags::PINNED), Ok(()));
            },
            ContigError::Stays { pfn: 276 },
        ),
        (
            |node| {
                take(node, 277, 0, MigrateType::Reclaimable);
                node.lru_add(277);
                assert_eq!(node.set_flags(277, PageFlags::LOCKED), Ok(()));
            },
            ContigError::Stays { pfn: 277 },
        ),
        (
            // Larger than any free block elsewhere in the zone: the first that does not find a place is named.
            |node| {
                for pfn in (288..512).step_by(2) {
                    take(node, pfn, 0, MigrateType::Unmovable);
                }
                for pfn in (256..264).step_by(2) {
                    take(node, pfn, 0, MigrateType::Unmovable);
                }
                take(node, 272, 0, MigrateType::Movable);
                take(node, 274, 1, MigrateType::Movable);
            },
            ContigError::Enomem { pfn: 274 },
        ),
        (
            |_| {},
            ContigError::Empty {
                start: 264,
                end: 264,
            },
        ),
        (|_| {}, ContigError::OutOfZone { pfn: 512 }),
    ];
    for (prepare, error) in cases {
        let mut node = node();
        prepare(&mut node);
        let before = node.clone();
        let (start, end) = match error {
            ContigError::Empty { start, end } => (start, end),
            ContigError::OutOfZone { .. } => (500, 520),
            _ => (264, 288),
        };
        let mut events = Vec::new();
        let got = node.alloc_contig_range(start, end, MigrateType::Movable, ME, &mut events);
        assert_eq!(got, Err(error));
        assert!(node == before && events.is_empty(), "{error}");
    }
    let mut node = node();
    assert_eq!(
        claim(&mut node, 250, 260),
        Err(ContigError::OutOfZone { pfn: 256 })
    );
    assert_eq!(
        claim(&mut node, 900, 901),
        Err(ContigError::OutOfZone { pfn: 900 })
    );
}

#[test]
fn the_end_of_a_zone_may_cut_its_last_pageblock_off() {
    let mut node = Node::new(NodeConfig::new([(ZoneKind::Normal, 100)], 3)).expect("a node");
    assert_eq!(
        claim(&mut node, 90, 98),
        Err(ContigError::CutOff { pfn: 96 })
    );
    assert!(claim(&mut node, 88, 96).is_ok());
}

#[test]
fn a_claimed_range_is_like_any_other_memory() {
    let mut node = node();
    let blocks = claim(&mut node, 264, 280).expect("the range");
    assert_eq!(blocks, [(264, 3), (272, 3)]);
    assert_eq!(
        claim(&mut node, 264, 272),
        Ok(vec![(264, 3)]),
        "movable, so it moves out"
    );
    assert!(node.alloc_pages(Gfp::GFP_KERNEL, 3, OTHER, &mut ()).is_ok());
    assert_eq!(node.verify(), Ok(()));
}
