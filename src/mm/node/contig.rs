//! Claiming an exact range of frames, whoever is there: isolate, move out, take.

use thiserror::Error;

use super::super::{
    BlockState, Event, EvictError, MAX_PAGE_ORDER, MigrateError, MigrateType, Order, Owner,
    PageFlags, Pfn, Sink, Zone,
};
use super::Node;
use super::shift::Shift;

/// Why a range cannot be claimed. Nothing has changed then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
pub enum ContigError {
    /// The range ends before it begins, or has no frames.
    #[error("the range from frame {start} to {end} is empty")]
    Empty {
        /// Its first frame.
        start: Pfn,
        /// The frame after its last.
        end: Pfn,
    },
    /// It is not wholly in one zone.
    #[error("frame {pfn} is not in the zone the range begins in")]
    OutOfZone {
        /// The first frame that is not.
        pfn: Pfn,
    },
    /// Some of it is isolated already (`-EBUSY`).
    #[error("the pageblock at frame {pfn} is isolated already")]
    Isolated {
        /// First frame of that pageblock.
        pfn: Pfn,
    },
    /// The end of the zone cuts its last pageblock off, so that it cannot be isolated.
    #[error(
        "the pageblock at frame {pfn} is cut off by the end of the zone and cannot be isolated"
    )]
    CutOff {
        /// First frame of that pageblock.
        pfn: Pfn,
    },
    /// A block in the way can neither be moved nor dropped (`-EBUSY`).
    #[error("the block at frame {pfn} can neither be moved nor dropped")]
    Stays {
        /// Its first frame.
        pfn: Pfn,
    },
    /// There is no free memory outside the range to move a block to (`-ENOMEM`).
    #[error("there is no free block to move the block at frame {pfn} to")]
    Enomem {
        /// Its first frame.
        pfn: Pfn,
    },
}

impl Node {
    /// Claims the frames from `start` up to, not including, `end` for an owner: what movable memory is there is moved
    /// elsewhere in the zone, page cache is dropped, and what is free is taken. Returns the blocks the range was taken
    /// in, the largest that fit, each with its order; they are freed one by one.
    ///
    /// Linux 6.12 `mm/page_alloc.c`: `alloc_contig_range()`. The pageblocks the range touches are isolated meanwhile,
    /// so that nothing is moved into it, and are of their former types afterwards. Watermarks are not asked.
    ///
    /// Departures: page cache is dropped rather than moved, dirty cache written back first; blocks are moved within
    /// the zone only; the range comes back in large blocks, not in single pages; and a claim that fails leaves nothing
    /// moved, for it is tried on a copy, and told of only if it succeeds.
    ///
    /// # Errors
    ///
    /// A [`ContigError`] that names the first frame that stood in the way.
    pub fn alloc_contig_range(
        &mut self,
        start: Pfn,
        end: Pfn,
        migratetype: MigrateType,
        owner: Owner,
        sink: &mut impl Sink,
    ) -> Result<Vec<(Pfn, Order)>, ContigError> {
        if start >= end {
            return Err(ContigError::Empty { start, end });
        }
        let outside = ContigError::OutOfZone { pfn: start };
        let part = self.part_of_mut(start).ok_or(outside)?;
        let (first, past) = (part.start, part.start + part.zone.pages());
        if end > past {
            return Err(ContigError::OutOfZone { pfn: past });
        }
        let mut events = Vec::new();
        let mut zone = part.zone.clone();
        let claim = Claim {
            start: start - first,
            end: end - first,
            migratetype,
            owner,
        };
        let mut taken = claim
            .make(&mut zone, &mut events)
            .map_err(|error| error.shifted(first))?;
        part.zone = zone;
        let mut shift = Shift { sink, start: first };
        for event in events {
            shift.event(event);
        }
        for (pfn, _) in &mut taken {
            *pfn += first;
        }
        Ok(taken)
    }
}

impl ContigError {
    /// The same, with the frame number of the machine.
    fn shifted(self, by: Pfn) -> Self {
        match self {
            Self::Isolated { pfn } => Self::Isolated { pfn: by + pfn },
            Self::CutOff { pfn } => Self::CutOff { pfn: by + pfn },
            Self::Stays { pfn } => Self::Stays { pfn: by + pfn },
            Self::Enomem { pfn } => Self::Enomem { pfn: by + pfn },
            Self::Empty { .. } | Self::OutOfZone { .. } => self,
        }
    }
}

/// A claim in one zone, by that zone's frame numbers.
struct Claim {
    start: Pfn,
    end: Pfn,
    migratetype: MigrateType,
    owner: Owner,
}

impl Claim {
    fn make(
        &self,
        zone: &mut Zone,
        sink: &mut Vec<Event>,
    ) -> Result<Vec<(Pfn, Order)>, ContigError> {
        let order = zone.pageblock_order();
        let step = 1_usize << order;
        let first = self.start >> order << order;
        let pageblocks = || (first..self.end).step_by(step);
        let isolated = |pfn: &Pfn| zone.pageblock_type(*pfn) == MigrateType::Isolate;
        if let Some(pfn) = pageblocks().find(isolated) {
            return Err(ContigError::Isolated { pfn });
        }
        // Whatever must stay is found before anything is moved (`has_unmovable_pages()`).
        let mut at = self.start;
        while at < self.end {
            let Some(block) = zone.block_at(at) else {
                return Err(ContigError::OutOfZone { pfn: at });
            };
            if !may_go(block.state) {
                return Err(ContigError::Stays { pfn: block.pfn });
            }
            at = block.pfn + block.pages();
        }
        for pfn in pageblocks() {
            let isolated = zone.isolate(pfn, order, sink);
            isolated.map_err(|_| ContigError::CutOff { pfn })?;
        }
        self.empty(zone, sink)?;
        let taken = self.take(zone, sink)?;
        for pfn in pageblocks() {
            zone.unisolate(pfn, order, sink);
        }
        Ok(taken)
    }

    /// Moves or drops every block of the range (`__alloc_contig_migrate_range()`).
    fn empty(&self, zone: &mut Zone, sink: &mut Vec<Event>) -> Result<(), ContigError> {
        let mut at = self.start;
        while let Some(block) = zone.block_at(at)
            && at < self.end
        {
            at = block.pfn + block.pages();
            let pfn = block.pfn;
            let BlockState::Allocated { flags, .. } = block.state else {
                continue;
            };
            if flags.contains(PageFlags::LRU) {
                if flags.contains(PageFlags::DIRTY) {
                    zone.writeback(pfn);
                    let order = block.order;
                    sink.push(Event::WriteBack { pfn, order });
                }
                let evicted = zone.evict(pfn, sink);
                evicted.map_err(|_: EvictError| ContigError::Stays { pfn })?;
            } else {
                zone.migrate(pfn, sink).map_err(|error| match error {
                    MigrateError::Enomem => ContigError::Enomem { pfn },
                    _ => ContigError::Stays { pfn },
                })?;
            }
        }
        Ok(())
    }

    /// Takes the range, which is free now, in the largest blocks that fit.
    fn take(
        &self,
        zone: &mut Zone,
        sink: &mut Vec<Event>,
    ) -> Result<Vec<(Pfn, Order)>, ContigError> {
        let mut taken = Vec::new();
        let mut at = self.start;
        while at < self.end {
            let fits = (self.end - at).ilog2().min(MAX_PAGE_ORDER.into());
            let order = at.trailing_zeros().min(fits) as Order;
            let (migratetype, owner) = (self.migratetype, self.owner);
            zone.alloc_at(at, order, migratetype, owner, PageFlags::empty(), sink)
                .map_err(|_| ContigError::Stays { pfn: at })?;
            taken.push((at, order));
            at += 1 << order;
        }
        Ok(taken)
    }
}

/// True if a block can be moved or dropped, or is free anyway.
fn may_go(state: BlockState) -> bool {
    match state {
        // What CPUs keep goes back to the free lists when the first pageblock is isolated.
        BlockState::Free { .. } | BlockState::Cached { .. } => true,
        BlockState::Allocated {
            migratetype, flags, ..
        } => {
            !flags.intersects(PageFlags::STAYS)
                && (flags.contains(PageFlags::LRU) || migratetype == MigrateType::Movable)
        }
    }
}
