//! Figures of per-CPU page lists, and the formulas they come from.

use super::PAGE_SIZE;

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
