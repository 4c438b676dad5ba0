//! How much CPUs keep on page lists of their own: the limits, and how it is tuned between them.

use serde::{Deserialize, Serialize};

use super::{Order, PAGE_SIZE};

/// Batches are doubled this many times at most (`CONFIG_PCP_BATCH_SCALE_MAX`).
pub(super) const PCP_BATCH_SCALE_MAX: u32 = 5;

/// How many pages CPUs keep on lists of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PcpLimits {
    /// Pages moved between a CPU's lists and the free lists at a time, at least.
    pub batch: u32,
    /// Pages a CPU keeps when it has little use for them.
    pub high_min: u32,
    /// Pages a CPU keeps at most.
    pub high_max: u32,
}

/// The limits for a zone that manages `managed` pages, has this `low` watermark and is shared by `cpus` CPUs (none
/// counts as one).
///
/// Linux 6.12 `mm/page_alloc.c`: `zone_batchsize()`, `zone_highsize()` and `zone_set_pageset_high_and_batch()`, with
/// `vm.percpu_pagelist_high_fraction` 0 and all CPUs on one node.
pub fn pcp_limits(managed: u32, low: u32, cpus: u16) -> PcpLimits {
    // About a thousandth of the zone, at most 1 MiB, a quarter of that; then one less than a power of two, so that
    // CPUs that work in step do not use the same cache lines.
    let share = (managed >> 10).min((1 << 20) / PAGE_SIZE) / 4;
    let share = share.max(1);
    let batch = ((1 << (share + share / 2).ilog2()) - 1).max(1);
    let cpus = u32::from(cpus.max(1));
    PcpLimits {
        batch,
        high_min: (low / cpus).max(4 * batch),
        high_max: (managed / 8 / cpus).max(4 * batch),
    }
}

/// How much one CPU keeps (`struct per_cpu_pages`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CpuPages {
    /// Pages on its lists.
    pub count: u32,
    /// Pages it may keep; tuned between [`PcpLimits::high_min`] and [`PcpLimits::high_max`].
    pub high: u32,
    /// The next refill is of `batch << alloc_factor` single pages.
    pub alloc_factor: u32,
    /// Pages freed of late; halved by every allocation.
    pub free_count: u32,
}

impl CpuPages {
    /// Blocks to refill a list with (`nr_pcp_alloc()`); `low` if free memory is below the `high` watermark.
    pub(super) fn refill(&mut self, order: Order, limits: PcpLimits, low: bool) -> u32 {
        let PcpLimits {
            batch: base,
            high_min,
            high_max,
        } = limits;
        self.high = self.high.clamp(high_min, high_max.max(high_min));
        let mut batch = base;
        if order == 0 {
            batch <<= self.alloc_factor;
        }
        // A larger `high` would have kept what is now to be fetched.
        if !low && high_max > high_min {
            self.high = (self.high + batch).min(high_max);
        }
        if order == 0 {
            let most = self.high.saturating_sub(self.count + base).max(base);
            if batch <= most && self.alloc_factor < PCP_BATCH_SCALE_MAX {
                self.alloc_factor += 1;
            }
            batch = batch.min(most);
        }
        if batch > 1 {
            (batch >> order).max(2)
        } else {
            batch
        }
    }

    /// Counts a block that is freed to this CPU's lists, and how much was freed of late up to about `most`
    /// (`free_unref_page_commit()`).
    #[inline]
    pub(super) fn count_free(&mut self, order: Order, most: u32) {
        self.alloc_factor >>= 1;
        self.count += 1 << order;
        if self.free_count < most {
            self.free_count += 1 << order;
        }
    }

    /// What this CPU may keep just after a free (`nr_pcp_high()`).
    pub(super) fn tune(&mut self, limits: PcpLimits, low: bool) -> u32 {
        let PcpLimits {
            batch,
            high_min,
            high_max,
        } = limits;
        let high = self.high.clamp(high_min, high_max.max(high_min));
        if high_max <= high_min {
            return high;
        }
        if low {
            self.high = high.saturating_sub(self.free_count).max(high_min);
            return self.count.max(high_min);
        }
        let need = self.free_count + batch;
        if self.count >= high && self.high < need {
            self.high = need.clamp(high_min, high_max);
        }
        high
    }
}
