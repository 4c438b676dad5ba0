//! Checks a node against its invariants, and gives its whole state as numbers.

use super::super::{lowmem_reserve, zone_wmarks};
use super::Node;

impl Node {
    /// Checks every zone ([`Zone::verify`](super::Zone::verify)), and that zones do not overlap, that their watermarks
    /// and reserves are those the pages they manage give, and that what compaction, kswapd and kcompactd remember fits.
    /// O(pages).
    ///
    /// # Errors
    ///
    /// A sentence about the first invariant found broken: there is a bug in this module then.
    pub fn verify(&self) -> Result<(), String> {
        let lowmem = self.parts.iter().filter(|part| part.kind.is_lowmem());
        let lowmem = lowmem.map(|part| u64::from(part.zone.managed())).sum();
        let managed = self.managed_by_kind();
        let reserve = lowmem_reserve(&managed, &self.config.lowmem_reserve_ratio);
        let factor = self.config.watermark_scale_factor;
        let mut end = 0;
        for part in &self.parts {
            let name = part.kind.name();
            if part.start < end {
                return Err(format!(
                    "zone {name} begins at {}, inside another",
                    part.start
                ));
            }
            end = part.start + part.zone.pages();
            let error = |error| format!("zone {name}: {error}");
            part.zone.verify().map_err(error)?;
            part.compact.verify(&part.zone).map_err(error)?;
            let pages = part.zone.managed().into();
            let marks = zone_wmarks(self.min_free_kbytes, part.kind, pages, lowmem, factor);
            if part.zone.watermarks() != marks || part.reserve != reserve[part.kind as usize] {
                return Err(format!("zone {name} has wrong watermarks or reserves"));
            }
            if part.zone.mobility_disabled() != self.parts[0].zone.mobility_disabled() {
                return Err(format!(
                    "zone {name} keeps types apart, or not, unlike the first"
                ));
            }
        }
        self.kswapd.verify()?;
        self.kcompactd.verify(self.parts.len())
    }

    /// Feeds everything that decides how the node goes on to `f`, in a fixed order.
    ///
    /// Equal nodes feed equal words on every platform; nodes that differ feed different ones.
    pub fn hash_words(&self, f: &mut dyn FnMut(u64)) {
        let config = &self.config;
        f(self.parts.len() as u64);
        f(u64::from(self.min_free_kbytes) << 32 | u64::from(config.extfrag_threshold));
        f(config.compaction_proactiveness.into());
        for ratio in config.lowmem_reserve_ratio {
            f(ratio.into());
        }
        for part in &self.parts {
            f(u64::from(part.start) << 8 | part.kind as u64);
            part.zone.hash_words(f);
            part.compact.hash_words(f);
        }
        self.kswapd.hash_words(f);
        self.kcompactd.hash_words(f);
        f(self.tasks.len() as u64);
        for (owner, task) in &self.tasks {
            f(u64::from(owner.0) << 17 | u64::from(task.adj as u16) << 1 | u64::from(task.victim));
            f(u64::from(task.swap) << 32 | u64::from(task.pagetables));
        }
    }
}
