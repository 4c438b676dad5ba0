//! Whatever the allocator does: every cell reaches every other, rooms tile the zone, doors stay where they are.

mod labyrinth_common;

use std::collections::BTreeMap;

use labyrinth::labyrinth::{
    Cell, Dir, Edge, Maze, Rect, Rooms, block_rect, cell_of, connected, door_between, edge,
    side_for,
};
use labyrinth::mm::{BlockState, Event, Gfp, MigrateType, Owner, PageFlags, Pfn, Zone, ZoneConfig};
use labyrinth_common::Random;

const PAGES: u32 = 4096;
const PAGEBLOCK_ORDER: u8 = 4;

/// A zone and what a crowd of tasks did to it so far.
struct History {
    zone: Zone,
    random: Random,
    held: Vec<(Pfn, u8)>,
    isolated: Option<Pfn>,
    reserved: u32,
    /// Blocks cut or joined since the labyrinth was last looked at.
    changed: Vec<Rect>,
}

impl History {
    fn new(seed: u64) -> Self {
        let config = ZoneConfig::new("DMA", PAGES, PAGEBLOCK_ORDER);
        let zone = Zone::new(config).expect("4096 pages are a zone");
        // An odd multiplier keeps the seeds apart and none of them zero.
        let random = Random((seed + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        Self {
            zone,
            random,
            held: Vec::new(),
            isolated: None,
            reserved: 0,
            changed: Vec::new(),
        }
    }

    fn gfp(&mut self) -> Gfp {
        match self.random.below(10) {
            0 | 1 => Gfp::GFP_KERNEL,
            2 => Gfp::GFP_ATOMIC,
            3..=5 => Gfp::GFP_KERNEL | Gfp::RECLAIMABLE,
            _ => Gfp::GFP_HIGHUSER_MOVABLE,
        }
    }

    /// One thing that somebody does. Refusals are part of life and change nothing.
    fn act(&mut self) {
        let mut events: Vec<Event> = Vec::new();
        match self.random.below(100) {
            0..54 => {
                let order = [0, 0, 0, 0, 0, 0, 1, 1, 2, 4][self.random.below(10) as usize];
                let gfp = self.gfp();
                if let Ok(pfn) = self.zone.alloc_pages(gfp, order, Owner(1), &mut events) {
                    self.held.push((pfn, order));
                    if gfp.contains(Gfp::RECLAIMABLE) {
                        self.zone.lru_add(pfn);
                    }
                }
            }
            54..88 if !self.held.is_empty() => {
                let at = self.random.below(self.held.len() as u32) as usize;
                let (pfn, order) = self.held.swap_remove(at);
                // Refused if reclaim or migration took it away meanwhile.
                let _ = self.zone.free_pages(pfn, order, &mut events);
            }
            88..91 => {
                let order = self.random.below(5) as u8;
                if let Ok(pfn) =
                    self.zone
                        .alloc_exclusive(Gfp::GFP_ATOMIC, order, Owner(2), &mut events)
                {
                    self.held.push((pfn, order));
                }
            }
            91..95 => {
                let pfn = self.random.below(PAGES);
                if let Some(block) = self.zone.block_at(pfn)
                    && let Ok(to) = self.zone.migrate(block.pfn, &mut events)
                {
                    self.held.push((to, block.order));
                }
            }
            95..97 => {
                self.zone.reclaim(32, &mut events);
            }
            97 => {
                let order = PAGEBLOCK_ORDER + 1;
                if let Some(pfn) = self.isolated.take() {
                    self.zone.unisolate(pfn, order, &mut events);
                } else {
                    let pfn = self.random.below(PAGES) & (u32::MAX << order);
                    if self.zone.isolate(pfn, order, &mut events).is_ok() {
                        self.isolated = Some(pfn);
                    }
                }
            }
            // Reserved pages stay for good, so there must be an end to them.
            _ if self.reserved < 64 => {
                let pfn = self.random.below(PAGES);
                let taken = self.zone.alloc_at(
                    pfn,
                    0,
                    MigrateType::Unmovable,
                    Owner(3),
                    PageFlags::RESERVED,
                    &mut events,
                );
                self.reserved += u32::from(taken.is_ok());
            }
            _ => {}
        }
        for event in events {
            if let Event::Split { pfn, order, .. } | Event::Merge { pfn, order } = event {
                self.changed.push(block_rect(pfn, order));
            }
        }
    }
}

fn check_tiling(zone: &Zone) {
    let mut room_of = vec![None; PAGES as usize];
    for block in zone.blocks() {
        for cell in block_rect(block.pfn, block.order).cells() {
            let place = &mut room_of[usize::from(cell.y) * 64 + usize::from(cell.x)];
            assert_eq!(*place, None, "two rooms at {cell:?}");
            *place = Some((block.pfn, block.order));
        }
    }
    for pfn in 0..PAGES {
        let cell = cell_of(pfn);
        assert_eq!(
            room_of[usize::from(cell.y) * 64 + usize::from(cell.x)],
            Some(zone.room_at(pfn))
        );
    }
}

#[test]
fn every_cell_can_be_reached_from_every_other_at_all_times() {
    let mut fullest = 0;
    for seed in 0..64 {
        let mut history = History::new(seed);
        let mut followed = Maze::new(&history.zone, seed);
        for turn in 0..100_000 {
            history.act();
            if turn % 500 == 0 {
                followed.update(&history.zone, &history.changed);
                history.changed.clear();
                let maze = Maze::new(&history.zone, seed);
                assert!(connected(&maze), "seed {seed}, turn {turn}");
                assert_eq!(
                    followed, maze,
                    "events tell of every wall: seed {seed}, turn {turn}"
                );
            }
        }
        check_tiling(&history.zone);
        fullest = fullest.max(history.zone.blocks().count());
    }
    assert!(
        fullest > 1_000,
        "the zones did get fragmented: {fullest} rooms at most"
    );
}

/// Different histories, one raid seed: where two histories both have a wall, they agree about the door in it.
#[test]
fn doors_do_not_depend_on_history() {
    let raid = 2026;
    let mut known: BTreeMap<(Cell, Dir), Edge> = BTreeMap::new();
    let mut agreed = 0;
    for seed in 0..12 {
        let mut history = History::new(seed);
        for _ in 0..8 {
            for _ in 0..400 {
                history.act();
            }
            let maze = Maze::new(&history.zone, raid);
            for cell in maze.grid().cells() {
                for dir in [Dir::East, Dir::South] {
                    let here = maze.edge(cell, dir);
                    assert_eq!(here, edge(&history.zone, raid, cell, dir));
                    if matches!(here, Edge::Door | Edge::Wall) {
                        assert_eq!(here == Edge::Door, door_between(raid, cell, dir));
                        assert_eq!(
                            *known.entry((cell, dir)).or_insert(here),
                            here,
                            "{cell:?} {dir:?}"
                        );
                        agreed += 1;
                    }
                }
            }
        }
    }
    assert!(agreed > 10 * known.len(), "walls were seen again and again");
}

#[test]
fn a_zone_is_as_wide_as_its_pages_say() {
    for (pages, side) in [(4096, 64), (16_384, 128), (65_536, 256)] {
        let zone = Zone::new(ZoneConfig::new("DMA", pages, 4)).expect("a zone");
        assert_eq!((zone.side(), side_for(pages)), (side, Ok(side)));
        let maze = Maze::new(&zone, 1);
        assert!(connected(&maze));
        // All free: the largest blocks there are, with walls between them.
        let free = zone
            .blocks()
            .filter(|block| matches!(block.state, BlockState::Free { .. }))
            .count();
        assert_eq!(free as u32, pages >> 10);
        assert_eq!(
            maze.room_rect(Cell::new(0, 0)),
            Rect {
                x: 0,
                y: 0,
                w: 32,
                h: 32
            }
        );
    }
    // No power of four: the square at its start, rooms cut off at its rim.
    let odd = Zone::new(ZoneConfig::new("odd", 2048 + 512, 4)).expect("a zone");
    assert_eq!(odd.side(), 32);
    assert!(connected(&Maze::new(&odd, 1)));
}
