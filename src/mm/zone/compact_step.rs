//! Compaction of a lone zone in steps of a few pages, as a thread that gives way after each does it.

use super::super::{AllocFlags, CompactEffort, CompactResult, MigrateType, Order, Pfn, Sink};
use super::Zone;
use super::compact::CompactControl;
use super::compact_state::CompactState;

/// What a zone's own kcompactd keeps in mind between its steps: where the two scanners stopped, which pageblocks were
/// useless, and how long to be put off after a failure. A [`Node`](super::super::Node) keeps this for its zones itself.
///
/// Linux 6.12 `mm/compaction.c`: `kcompactd_do_work()`; there it gives way to others whenever it should, here after a
/// number of pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compaction {
    state: CompactState,
}

impl Compaction {
    /// Nothing is known of the zone yet.
    pub fn new(zone: &Zone) -> Self {
        Self {
            state: CompactState::new(zone),
        }
    }

    /// True if it is worth beginning for this order: no request of the order would be served at the `min` mark, enough
    /// pages are free to move others into, fragmentation rather than a lack of memory is why costly orders fail, and
    /// it did not fail not long ago. Each question counts towards the end of that pause.
    ///
    /// `threshold` is `vm.extfrag_threshold`, 500 in Linux.
    pub fn should_begin(&mut self, zone: &Zone, order: Order, threshold: u32) -> bool {
        let free = zone.nr_free_pages();
        let mark = zone.watermarks().min + zone.watermark_boost();
        let served = zone.watermark_ok(order, mark, 0, AllocFlags::empty(), free);
        !served
            && zone.compaction_suitable(order, 0, threshold, free)
            && !self.state.deferred(order)
    }

    /// Moves about `pages` pages of movable memory from the bottom of the zone to free memory at its top; more by a
    /// part of the block moved last. Returns how it ended, or `None` if it is to be gone on with.
    ///
    /// What is pinned, locked or exclusive stays. It is told as splits, migrations and merges.
    pub fn step(
        &mut self,
        zone: &mut Zone,
        order: Order,
        pages: u32,
        sink: &mut impl Sink,
    ) -> Option<CompactResult> {
        let control = CompactControl {
            order: Some(order),
            list: MigrateType::Unmovable,
            effort: CompactEffort::SyncLight,
            direct: false,
            score: None,
            most: pages.max(1),
        };
        let done = zone.compact_zone(control, &mut self.state, sink);
        match done.result {
            CompactResult::Contended if done.migrated >= pages.max(1) => return None,
            CompactResult::Success => self.state.succeeded(order, false),
            CompactResult::Complete | CompactResult::PartialSkipped => self.state.defer(order),
            CompactResult::Skipped | CompactResult::Deferred | CompactResult::Contended => {}
        }
        Some(done.result)
    }

    /// Where the migrate scanner goes on, upwards, and the pageblock the free scanner goes on in, downwards.
    pub fn scanners(&self) -> (Pfn, Pfn) {
        (self.state.migrate, self.state.free)
    }

    /// Feeds everything to `f`: equal on every platform.
    pub fn hash_words(&self, f: &mut dyn FnMut(u64)) {
        self.state.hash_words(f);
    }
}
