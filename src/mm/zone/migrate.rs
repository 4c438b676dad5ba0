//! Moving a block's content elsewhere, as compaction does.

use super::super::{Event, MigrateError, MigrateType, Order, PageFlags, Pfn, Sink};
use super::{Frame, Info, Zone};

impl Zone {
    /// Moves the content of the movable block at `pfn` to free memory, and frees the block. Returns the first frame
    /// of the new block, which has the same order, owner and flags.
    ///
    /// The target is the highest free block that is large enough, and of it the highest part: compaction's free
    /// scanner comes down from the end of the zone (Linux 6.12 `mm/compaction.c`). As there, isolated and high-atomic
    /// pageblocks are no targets; unlike there, all other types are, and no watermark is asked, for as many pages
    /// come free as are taken.
    ///
    /// # Errors
    ///
    /// A [`MigrateError`] if no allocated block begins there, it is not movable or must stay, or there is no target.
    /// Nothing has changed then.
    pub fn migrate(&mut self, pfn: Pfn, sink: &mut impl Sink) -> Result<Pfn, MigrateError> {
        let order = self.allocated_order(pfn).ok_or(MigrateError::NotHead)?;
        let info = self.info(pfn);
        if info.flags.intersects(PageFlags::STAYS) {
            return Err(MigrateError::Busy);
        }
        if info.migratetype != MigrateType::Movable {
            return Err(MigrateError::NotMovable);
        }
        let (block, found) = self.migration_target(order).ok_or(MigrateError::Enomem)?;
        let to = block + (1 << found) - (1 << order);
        self.take_from(block, found, to, order, sink);
        self.move_block(pfn, order, to, sink);
        Ok(to)
    }

    /// Moves the content of an allocated block to a range that is on no list, and frees the block, past the lists of CPUs:
    /// Linux empties them once compaction has left the part of memory it moves out of.
    pub(super) fn move_block(&mut self, pfn: Pfn, order: Order, to: Pfn, sink: &mut impl Sink) {
        let info = self.info(pfn);
        let cache = info.flags.contains(PageFlags::LRU);
        let owner = info.owner;
        self.forget(pfn);
        let flags = info.flags - PageFlags::LRU;
        self.set_allocated(to, order, Info { flags, ..info });
        if cache {
            self.lru_add(to);
        }
        sink.event(Event::Migrate {
            from: pfn,
            to,
            order,
            owner,
        });
        self.free_range(pfn, order, false, sink);
    }

    fn migration_target(&self, order: Order) -> Option<(Pfn, Order)> {
        let mut end = self.config.pages;
        while end > 0 {
            let (head, frame) = self.head_of(end - 1);
            if let Frame::Free(found) = frame
                && found >= order
                && !matches!(
                    self.pageblock_type(head),
                    MigrateType::Isolate | MigrateType::HighAtomic
                )
            {
                return Some((head, found));
            }
            end = head;
        }
        None
    }
}
