//! Per-CPU page lists: small blocks kept back for the CPU that freed them.

use super::super::{MigrateType, Pfn};
use super::Zone;

impl Zone {
    /// The list and the CPU of the cached block that begins at `pfn`, which there must be.
    pub(super) fn cached_on(&self, pfn: Pfn) -> (MigrateType, u16) {
        let list = MigrateType::from_bits(self.flags[pfn as usize].bits().into());
        (list, self.owners[pfn as usize].0)
    }
}
