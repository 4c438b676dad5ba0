//! Watermarks: how much memory is kept free, and the formulas they come from.

use super::PAGE_SHIFT;

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
    let pages_min = u128::from(min_free_kbytes >> (PAGE_SHIFT - 10));
    let lowmem: u128 = managed.iter().map(|&pages| u128::from(pages)).sum();
    let clip = |pages: u128| u32::try_from(pages).unwrap_or(u32::MAX);
    managed
        .iter()
        .map(|&managed| {
            let managed = u128::from(managed);
            let min = pages_min * managed / lowmem.max(1);
            let delta = (min / 4).max(managed * u128::from(watermark_scale_factor) / 10_000);
            Watermarks {
                min: clip(min),
                low: clip(min + delta),
                high: clip(min + 2 * delta),
                promo: clip(min + 3 * delta),
            }
        })
        .collect()
}
