//! What a zone remembers between compactions: where the scanners stopped, what was useless, and when to try again.

use serde::{Deserialize, Serialize};

use super::super::{MAX_PAGE_ORDER, Order, Pfn};
use super::Zone;

/// After this many failures in a row the pauses get no longer: 64 requests (`COMPACT_MAX_DEFER_SHIFT`).
const MAX_DEFER_SHIFT: u32 = 6;

/// A zone's memory of compaction (the `compact_*` fields of `struct zone`, and the skip bits of its pageblocks).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::mm) struct CompactState {
    /// Where the migrate scanner begins.
    pub(super) migrate: Pfn,
    /// The pageblock the free scanner begins in.
    pub(super) free: Pfn,
    /// Requests passed over since the last failure.
    considered: u32,
    /// `2^defer_shift` requests are passed over after a failure.
    defer_shift: u32,
    /// The lowest order that failed.
    order_failed: Order,
    /// Pageblocks that had nothing to take the last time.
    skip: Vec<bool>,
    /// The scanners met: the skip bits are to be cleared when kswapd goes to sleep.
    flush: bool,
}

/// The same as it is stored.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::mm) struct CompactForm {
    migrate: Pfn,
    free: Pfn,
    considered: u32,
    defer_shift: u32,
    order_failed: Order,
    /// The pageblocks that had nothing to take.
    skip: Vec<u32>,
    flush: bool,
}

impl CompactState {
    /// Nothing is known yet.
    pub(in crate::mm) fn new(zone: &Zone) -> Self {
        let mut state = Self {
            migrate: 0,
            free: 0,
            considered: 0,
            defer_shift: 0,
            order_failed: 0,
            skip: Vec::new(),
            flush: false,
        };
        state.forget_skips(zone);
        state
    }

    /// As it is stored.
    pub(in crate::mm) fn form(&self) -> CompactForm {
        let skip = (0..).zip(&self.skip).filter(|(_, skip)| **skip);
        CompactForm {
            migrate: self.migrate,
            free: self.free,
            considered: self.considered,
            defer_shift: self.defer_shift,
            order_failed: self.order_failed,
            skip: skip.map(|(index, _)| index).collect(),
            flush: self.flush,
        }
    }

    /// As it was stored, for this zone; [`CompactState::verify`] has the last word. None if pageblocks are to be skipped
    /// that there are not, or that are not in order.
    pub(in crate::mm) fn of_form(form: CompactForm, zone: &Zone) -> Option<Self> {
        let mut state = Self::new(zone);
        let CompactForm {
            migrate,
            free,
            considered,
            defer_shift,
            order_failed,
            skip,
            flush,
        } = form;
        if !skip.is_sorted_by(|one, next| one < next) {
            return None;
        }
        for index in skip {
            *state.skip.get_mut(index as usize)? = true;
        }
        Some(Self {
            migrate,
            free,
            considered,
            defer_shift,
            order_failed,
            flush,
            ..state
        })
    }

    /// Clears the skip bits; the scanners begin at the ends again (`__reset_isolation_suitable()`).
    fn forget_skips(&mut self, zone: &Zone) {
        let pageblocks = zone.pages().div_ceil(1 << zone.pageblock_order());
        self.skip.clear();
        self.skip.resize(pageblocks as usize, false);
        self.flush = false;
        self.restart(zone);
    }

    /// The scanners begin at the ends again (`reset_cached_positions()`).
    pub(super) fn restart(&mut self, zone: &Zone) {
        let order = zone.pageblock_order();
        self.migrate = 0;
        self.free = (zone.pages() - 1) >> order << order;
    }

    /// Clears the skip bits if the scanners met in a request since (`reset_isolation_suitable()`, which kswapd calls
    /// before it sleeps).
    pub(in crate::mm) fn flush_skips(&mut self, zone: &Zone) {
        if self.flush {
            self.forget_skips(zone);
        }
    }

    /// The scanners met in a request.
    pub(super) fn ask_flush(&mut self) {
        self.flush = true;
    }

    /// Clears the skip bits if the pauses could get no longer and the last has passed (`compaction_restarting()`).
    pub(super) fn maybe_forget_skips(&mut self, zone: &Zone, order: Order) {
        if order >= self.order_failed
            && self.defer_shift == MAX_DEFER_SHIFT
            && self.considered >= 1 << self.defer_shift
        {
            self.forget_skips(zone);
        }
    }

    pub(super) fn skips(&self, pageblock: usize) -> bool {
        self.skip.get(pageblock).copied().unwrap_or(false)
    }

    pub(super) fn set_skip(&mut self, pageblock: usize) {
        if let Some(skip) = self.skip.get_mut(pageblock) {
            *skip = true;
        }
    }

    /// True if a request of this order is to be passed over, because compaction failed not long ago. Each question
    /// counts (`compaction_deferred()`).
    pub(in crate::mm) fn deferred(&mut self, order: Order) -> bool {
        if order < self.order_failed {
            return false;
        }
        let limit = 1 << self.defer_shift;
        self.considered = (self.considered + 1).min(limit);
        self.considered < limit
    }

    /// Compaction failed: the next pause is twice as long (`defer_compaction()`).
    pub(in crate::mm) fn defer(&mut self, order: Order) {
        self.considered = 0;
        self.defer_shift = (self.defer_shift + 1).min(MAX_DEFER_SHIFT);
        self.order_failed = self.order_failed.min(order);
    }

    /// Compaction found a block, and if `allocated` the request got it (`compaction_defer_reset()`).
    pub(in crate::mm) fn succeeded(&mut self, order: Order, allocated: bool) {
        if allocated {
            self.considered = 0;
            self.defer_shift = 0;
            self.flush = false;
        }
        if order >= self.order_failed {
            self.order_failed = order + 1;
        }
    }

    /// Pageblocks marked as useless.
    pub(in crate::mm) fn nr_skipped(&self) -> u32 {
        self.skip.iter().map(|&skip| u32::from(skip)).sum()
    }

    /// How many requests are passed over after the last failure; 1 if none is.
    pub(in crate::mm) fn pause(&self) -> u32 {
        1 << self.defer_shift
    }

    /// Feeds everything to `f`.
    pub(in crate::mm) fn hash_words(&self, f: &mut dyn FnMut(u64)) {
        f(u64::from(self.migrate) << 32 | u64::from(self.free));
        f(u64::from(self.considered) << 32 | u64::from(self.defer_shift));
        f(u64::from(self.order_failed) << 1 | u64::from(self.flush));
        for (i, &skip) in self.skip.iter().enumerate() {
            if skip {
                f(i as u64);
            }
        }
        f(u64::MAX);
    }

    /// Checks that the scanners are in the zone, every pageblock has a bit, and pauses are no longer than they can be.
    pub(in crate::mm) fn verify(&self, zone: &Zone) -> Result<(), String> {
        let order = zone.pageblock_order();
        let pageblocks = zone.pages().div_ceil(1 << order) as usize;
        if self.skip.len() != pageblocks {
            return Err(format!(
                "{} skip bits for {pageblocks} pageblocks",
                self.skip.len()
            ));
        }
        if self.migrate > zone.pages()
            || self.free >= zone.pages()
            || !self.free.is_multiple_of(1 << order)
        {
            return Err(format!(
                "the scanners begin at {} and {} in {} pages",
                self.migrate,
                self.free,
                zone.pages()
            ));
        }
        if self.defer_shift > MAX_DEFER_SHIFT
            || self.considered > 1 << self.defer_shift
            || self.order_failed > MAX_PAGE_ORDER + 1
        {
            return Err(format!(
                "compaction is put off for 2^{} requests, {} so far, from order {} on",
                self.defer_shift, self.considered, self.order_failed
            ));
        }
        Ok(())
    }
}
