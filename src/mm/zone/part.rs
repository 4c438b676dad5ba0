//! What a node asks of each of its zones: to be set up as one of several, and small changes only a node makes.

use super::super::{
    AllocFlags, BlockState, Gfp, MigrateType, Order, PageFlags, Pfn, Sink, Watermarks,
};
use super::Zone;

impl Zone {
    /// Sets what a node decides for all of its zones: the watermarks, and whether types are kept apart at all
    /// (`page_group_by_mobility_disabled` depends on the memory of the whole machine).
    pub(in crate::mm) fn set_as_part(&mut self, watermarks: Watermarks, mobility_disabled: bool) {
        self.watermarks = watermarks;
        self.set_marks();
        self.mobility_disabled = mobility_disabled;
        self.set_pcp_limits();
    }

    /// True if types are not kept apart.
    pub(in crate::mm) fn mobility_disabled(&self) -> bool {
        self.mobility_disabled
    }

    /// What free pages must exceed for a request: `mark` after what the flags allow, `reserve`, and what the request
    /// cannot use.
    pub(in crate::mm) fn limit(
        &self,
        order: Order,
        mark: u32,
        reserve: u32,
        flags: AllocFlags,
    ) -> u32 {
        let mark = if flags.contains(AllocFlags::NO_WATERMARKS) {
            0
        } else {
            Self::mark_after(mark, flags).saturating_add(reserve)
        };
        mark.saturating_add(self.unusable_free(order, flags))
    }

    /// The type of the lists a request takes from.
    pub(in crate::mm) fn list_of(&self, gfp: Gfp) -> MigrateType {
        self.list_for(gfp)
    }

    /// Gives back part of the watermark boost, or all of it if that is less.
    pub(in crate::mm) fn unboost(&mut self, pages: u32) {
        self.set_boost(self.watermark_boost.saturating_sub(pages));
    }

    /// True if an allocated block holds `pfn` and has any of these flags.
    pub(in crate::mm) fn has_flags(&self, pfn: Pfn, any: PageFlags) -> bool {
        match self.block_at(pfn).map(|block| block.state) {
            Some(BlockState::Allocated { flags, .. }) => flags.intersects(any),
            _ => false,
        }
    }

    /// Gives a free block of the high-atomic reserve back to the type of a request. True if there was one.
    pub(in crate::mm) fn unreserve(&mut self, gfp: Gfp, force: bool, sink: &mut impl Sink) -> bool {
        self.unreserve_highatomic(self.list_for(gfp), force, sink)
    }
}
