//! The game's allocator as the bench drives it: types, watermarks, checks and events all on.

use labyrinth::mm::{Counter, Gfp, Order, Owner, Pfn, Zone, ZoneConfig};

use crate::peers::Allocator;

/// A zone with pageblocks of 512 pages, as on x86-64, and the kernel's own watermarks.
pub struct Labyrinth<const CACHED: bool> {
    zone: Zone,
    /// Every event goes here.
    counter: Counter,
}

/// A zone for the bench.
pub fn zone(pages: u32, cached: bool) -> Zone {
    let mut config = ZoneConfig::new("Normal", pages, 9);
    config.cpus = u16::from(cached);
    Zone::new(config).expect("settings in range")
}

impl<const CACHED: bool> Allocator for Labyrinth<CACHED> {
    type Block = Pfn;

    fn new(pages: u32) -> Self {
        let zone = zone(pages, CACHED);
        let counter = Counter::default();
        Self { zone, counter }
    }

    fn alloc(&mut self, order: u32) -> Option<Pfn> {
        let gfp = Gfp::GFP_HIGHUSER_MOVABLE;
        let got = self
            .zone
            .alloc_pages(gfp, order as Order, Owner(1), &mut self.counter);
        got.ok()
    }

    fn free(&mut self, block: Pfn, order: u32) {
        let freed = self
            .zone
            .free_pages(block, order as Order, &mut self.counter);
        assert_eq!(freed, Ok(()));
    }
}

impl<const CACHED: bool> Drop for Labyrinth<CACHED> {
    fn drop(&mut self) {
        assert_eq!(self.zone.verify(), Ok(()));
        std::hint::black_box(self.counter);
    }
}
