//! Watermarks: how much memory is kept free, and the formulas they come from.

use super::{PAGE_SHIFT, SWAP_CLUSTER_MAX, ZoneKind};

/// The watermarks of a zone, in pages. Free pages above `high` are comfort, below `min` is the reserve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Watermarks {
    /// Ordinary requests must leave more than this.
    pub min: u32,
    /// Below this, kswapd is woken.
    pub low: u32,
    /// Above this, kswapd sleeps.
    pub high: u32,
    /// Above this, kswapd sleeps when memory is tiered.
    pub promo: u32,
}

/// Which watermark is respected (`ALLOC_WMARK_MASK`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mark {
    /// The slow path's.
    Min,
    /// The fast path's.
    Low,
    /// kswapd's, and that of the last try before somebody is killed.
    High,
}

impl Watermarks {
    /// One of the three an allocation can respect, in pages.
    pub const fn at(&self, mark: Mark) -> u32 {
        match mark {
            Mark::Min => self.min,
            Mark::Low => self.low,
            Mark::High => self.high,
        }
    }
}

/// The largest integer whose square is at most `x` (Linux 6.12 `lib/math/int_sqrt.c`).
pub fn int_sqrt(x: u64) -> u64 {
    x.isqrt()
}

/// `min_free_kbytes` for this much low memory, both in KiB, between 128 and 262144.
///
/// Linux 6.12 `mm/page_alloc.c`: `calculate_min_free_kbytes()`. Transparent huge pages raise it later; that is not
/// modelled.
pub fn calculate_min_free_kbytes(lowmem_kbytes: u64) -> u32 {
    int_sqrt(lowmem_kbytes.saturating_mul(16)).clamp(128, 262_144) as u32
}

/// The watermarks of each zone, given how many pages each manages.
///
/// `min_free_kbytes` is shared out in proportion to size; the gaps between the marks are a quarter of a zone's
/// share or `watermark_scale_factor` (in 1/10000) of its pages, whichever is more.
/// Linux 6.12 `mm/page_alloc.c`: `__setup_per_zone_wmarks()`, for zones of low memory.
pub fn setup_per_zone_wmarks(
    min_free_kbytes: u32,
    managed: &[u64],
    watermark_scale_factor: u32,
) -> Vec<Watermarks> {
    let lowmem = managed.iter().sum();
    let marks = managed.iter().map(|&pages| {
        let kind = ZoneKind::Normal;
        zone_wmarks(min_free_kbytes, kind, pages, lowmem, watermark_scale_factor)
    });
    marks.collect()
}

/// The watermarks of a zone of `managed` pages in a machine with `lowmem` pages of low memory.
///
/// As [`setup_per_zone_wmarks`] says; but the `min` of high and movable memory, which the kernel itself hardly needs,
/// is 1/1024 of the zone, between 32 and 128 pages. Linux 6.12 `mm/page_alloc.c`: `__setup_per_zone_wmarks()`.
pub fn zone_wmarks(
    min_free_kbytes: u32,
    kind: ZoneKind,
    managed: u64,
    lowmem: u64,
    watermark_scale_factor: u32,
) -> Watermarks {
    let pages_min = u128::from(min_free_kbytes >> (PAGE_SHIFT - 10));
    let clip = |pages: u128| u32::try_from(pages).unwrap_or(u32::MAX);
    let managed = u128::from(managed);
    let share = pages_min * managed / u128::from(lowmem).max(1);
    let delta = (share / 4).max(managed * u128::from(watermark_scale_factor) / 10_000);
    let min = if kind.is_lowmem() {
        share
    } else {
        (managed / 1024).clamp(SWAP_CLUSTER_MAX.into(), 128)
    };
    Watermarks {
        min: clip(min),
        low: clip(min + delta),
        high: clip(min + 2 * delta),
        promo: clip(min + 3 * delta),
    }
}

/// How many pages each zone keeps from requests that could have been served by a higher one: entry `[i][j]` is what
/// zone `i` keeps from a request whose highest zone is `j`. `managed` is by [`ZoneKind`]; `ratio` is
/// `vm.lowmem_reserve_ratio`, 0 for none.
///
/// Linux 6.12 `mm/page_alloc.c`: `setup_per_zone_lowmem_reserve()`.
pub fn lowmem_reserve(
    managed: &[u32; ZoneKind::COUNT],
    ratio: &[u32; ZoneKind::COUNT],
) -> [[u32; ZoneKind::COUNT]; ZoneKind::COUNT] {
    let mut reserve = [[0; ZoneKind::COUNT]; ZoneKind::COUNT];
    for low in 0..ZoneKind::COUNT {
        if managed[low] == 0 {
            continue;
        }
        let mut above = 0_u64;
        for high in low + 1..ZoneKind::COUNT {
            above += u64::from(managed[high]);
            let pages = above.checked_div(ratio[low].into()).unwrap_or(0);
            reserve[low][high] = u32::try_from(pages).unwrap_or(u32::MAX);
        }
    }
    reserve
}
