//! Taking exactly one range out of free memory.

use super::super::{
    AtError, Event, Gfp, MAX_PAGE_ORDER, MigrateType, Order, Owner, PageFlags, Pfn, Sink,
};
use super::list::End;
use super::{Frame, Info, Zone};

impl Zone {
    /// Takes exactly the `2^order` pages from `pfn` on out of free memory: for boot reservations, and to lay out
    /// memory in a given state. No watermark is asked and no pageblock retagged.
    ///
    /// With [`PageFlags::RESERVED`] the pages leave the zone's [`managed`](Zone::managed) pages and can never be
    /// freed; that is told as splits only. Otherwise an [`Event::Alloc`] follows the splits.
    /// Splitting is that of `break_down_buddy_pages()`: halves not wanted go to the heads of their lists.
    ///
    /// # Errors
    ///
    /// An [`AtError`] if the range is misaligned, not in the zone or not free as one block, or if `flags` has
    /// [`PageFlags::LRU`]. Nothing has changed then.
    pub fn alloc_at(
        &mut self,
        pfn: Pfn,
        order: Order,
        migratetype: MigrateType,
        owner: Owner,
        flags: PageFlags,
        sink: &mut impl Sink,
    ) -> Result<(), AtError> {
        if flags.contains(PageFlags::LRU) {
            let flags = PageFlags::LRU;
            return Err(AtError::Flags { flags });
        }
        if order > MAX_PAGE_ORDER || !pfn.is_multiple_of(1 << order) {
            return Err(AtError::Misaligned);
        }
        let end = pfn.saturating_add(1 << order);
        if end > self.config.pages {
            return Err(AtError::OutOfRange);
        }
        let block = match self.head_of(pfn) {
            (head, Frame::Free(found)) if found >= order => (head, found),
            _ => return Err(self.why_not_at(pfn, end)),
        };
        self.take_from(block.0, block.1, pfn, order, sink);
        let info = Info {
            owner,
            migratetype,
            flags,
        };
        self.set_allocated(pfn, order, info);
        if flags.contains(PageFlags::RESERVED) {
            self.managed -= 1 << order;
        } else {
            sink.event(Event::Alloc {
                pfn,
                order,
                gfp: usual_gfp(migratetype),
                owner,
                migratetype,
            });
        }
        Ok(())
    }

    fn why_not_at(&self, pfn: Pfn, end: Pfn) -> AtError {
        let mut at = pfn;
        while at < end {
            let (head, frame) = self.head_of(at);
            match frame {
                Frame::Free(order) => at = head + (1 << order),
                Frame::Allocated(_) | Frame::Cached(_) | Frame::Inside => {
                    return AtError::Busy { pfn: head };
                }
            }
        }
        AtError::Apart
    }

    /// Takes the part at `pfn` out of the free block at `block`: unlinked, and inside nothing yet.
    pub(super) fn take_from(
        &mut self,
        mut block: Pfn,
        found: Order,
        pfn: Pfn,
        order: Order,
        sink: &mut impl Sink,
    ) {
        let list = self.pageblock_type(block);
        self.del_from_free_list(block, found, list);
        for order in (order + 1..=found).rev() {
            let upper = block + (1 << (order - 1));
            let whole = block;
            let spare = if pfn < upper {
                upper
            } else {
                std::mem::replace(&mut block, upper)
            };
            sink.event(Event::Split {
                pfn: whole,
                order,
                list,
            });
            self.add_to_free_list(spare, order - 1, list, End::Head);
        }
    }
}

/// The flags memory of this type is usually asked for with.
fn usual_gfp(migratetype: MigrateType) -> Gfp {
    match migratetype {
        MigrateType::Movable | MigrateType::Cma => Gfp::GFP_HIGHUSER_MOVABLE,
        MigrateType::Reclaimable => Gfp::GFP_KERNEL | Gfp::RECLAIMABLE,
        MigrateType::HighAtomic => Gfp::GFP_ATOMIC,
        MigrateType::Unmovable | MigrateType::Isolate => Gfp::GFP_KERNEL,
    }
}
