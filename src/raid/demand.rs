//! What some devices want of a block beyond its order: that it lies where they can reach it, and what its last owner
//! left in it.

use serde::Deserialize;

use super::challenge::Zeroing;
use super::kit::Modifier;
use super::outcome::Cause;
use super::player::noise;
use super::view::{Knowledge, Request, RoomKind, View};
use super::{CURRENT, Event, Held, Raid};
use crate::labyrinth::{cell_of, pfn_of};
use crate::mm::{
    self, AllocFailure, BlockState, FailReason, Gfp, MigrateType, Order, PAGE_SHIFT, PageFlags,
    Pfn, extfrag_index,
};

/// What a page holds of whoever had it last, or has it now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[repr(u8)]
pub enum Leftover {
    /// Zeros, or what nobody ever wrote to.
    #[default]
    Nothing,
    /// A part of a file.
    Cache,
    /// What a program wrote.
    Anonymous,
    /// The kernel's own.
    Kernel,
}

impl Leftover {
    /// What it is, in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Nothing => "zeros",
            Self::Cache => "parts of files",
            Self::Anonymous => "what a program wrote",
            Self::Kernel => "the kernel's own",
        }
    }

    fn of(migratetype: MigrateType) -> Self {
        match migratetype {
            MigrateType::Reclaimable => Self::Cache,
            MigrateType::Movable => Self::Anonymous,
            _ => Self::Kernel,
        }
    }
}

/// What a request wants of its block beyond its order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Demand {
    /// It must lie below this frame: the device has no address lines for more.
    pub below: Option<Pfn>,
    /// More than half of its pages must hold this, or the device gives it back.
    pub left: Option<Leftover>,
}

impl Demand {
    /// What it is, one demand a line; nothing for most devices.
    pub fn lines(&self) -> Vec<String> {
        let low = self
            .below
            .map(|frame| format!("low memory only, frames below {frame:#06x}"));
        let left = self.left.map(|left| {
            format!(
                "what its last owner left: {} in more than half of it",
                left.words()
            )
        });
        low.into_iter().chain(left).collect()
    }

    /// The same after a semicolon each, to be put behind a sentence.
    pub fn words(&self) -> String {
        let mut words = String::new();
        for line in self.lines() {
            words += "; ";
            words += &line;
        }
        words
    }

    /// True if a block of this order that begins there is low enough.
    pub fn reaches(&self, pfn: Pfn, order: Order) -> bool {
        self.below.is_none_or(|frame| pfn + (1 << order) <= frame)
    }

    /// True if so many pages of a block hold what is wanted that it is of use.
    fn enough(self, pages: u32, order: Order) -> bool {
        self.left.is_none() || pages * 2 > 1 << order
    }
}

/// The demand of a device with so many address bits in a zone of so many pages.
pub(super) fn below(dma_bits: Option<u32>, pages: u32) -> Option<Pfn> {
    let frame = 1_u32.checked_shl(dma_bits?.checked_sub(PAGE_SHIFT)?)?;
    Some(frame).filter(|&frame| frame < pages)
}

/// Whether a block would be of use to a request, by what the player knows of its pages: `None` if a page of it was
/// never seen, or is remembered only. Rooms that are not free count as what they would leave.
pub fn of_use(view: &View, pfn: Pfn, order: Order, demand: Demand) -> Option<bool> {
    let Some(left) = demand.left else {
        return Some(true);
    };
    let mut pages = 0;
    for page in pfn..pfn + (1 << order) {
        let cell = view.cell(cell_of(page));
        let holds = match cell.kind {
            _ if cell.knowledge == Knowledge::Unknown => return None,
            RoomKind::Anonymous => Leftover::Anonymous,
            RoomKind::Cache { .. } => Leftover::Cache,
            RoomKind::Kernel | RoomKind::Reserved(_) => Leftover::Kernel,
            RoomKind::Void | RoomKind::Yours => cell.left,
        };
        pages += u32::from(holds == left);
    }
    Some(demand.enough(pages, order))
}

impl Raid {
    /// Books what pages hold once the allocator did this.
    pub(super) fn book_leftovers(&mut self, event: &mm::Event) {
        match *event {
            // Whoever is given pages writes to them, but for you.
            mm::Event::Alloc {
                pfn,
                order,
                owner,
                migratetype,
                ..
            } if owner.0 != CURRENT => self.leave(pfn, order, Leftover::of(migratetype)),
            mm::Event::Migrate {
                from, to, order, ..
            } => self.leave(to, order, self.leftovers[from as usize]),
            _ => {}
        }
    }

    fn leave(&mut self, pfn: Pfn, order: Order, left: Leftover) {
        self.leftovers[pfn as usize..(pfn + (1 << order)) as usize].fill(left);
    }

    /// Nothing is left in a block that was zeroed.
    pub(super) fn leave_nothing(&mut self, pfn: Pfn, order: Order) {
        self.leave(pfn, order, Leftover::Nothing);
    }

    /// What a device's next request wants. Where freed pages are overwritten nothing is left to be wanted.
    pub(super) fn demand_of(&self, device: usize) -> Demand {
        let spec = &self.devices[device].spec;
        let modifiers = &self.setup.modifiers;
        let wiped = modifiers.has(Modifier::InitOnFree) || modifiers.has(Modifier::PagePoison);
        Demand {
            below: below(spec.dma_bits, self.memory_pages()),
            left: spec.wants.filter(|_| !wiped),
        }
    }

    /// How many pages of a block hold what a request wants.
    fn wanted_pages(&self, pfn: Pfn, order: Order, demand: Demand) -> u32 {
        let pages = &self.leftovers[pfn as usize..(pfn + (1 << order)) as usize];
        let wanted = |&&page: &&Leftover| demand.left == Some(page);
        pages.iter().filter(wanted).count() as u32
    }

    /// Whether a request would be granted now, with a block that is of use. Whoever reads this knows more than a player
    /// may.
    pub fn would_serve(&self, request: &Request) -> bool {
        let got = match request.demand.below {
            None => self.memory.try_alloc(request.gfp, request.order).ok(),
            Some(below) => self.low_block(request, below).ok(),
        };
        got.is_some_and(|pfn| {
            let pages = self.wanted_pages(pfn, request.order, request.demand);
            request.demand.enough(pages, request.order)
        })
    }

    /// The block below a frame that a request is served from: the smallest there is, of these the one nearest to the
    /// device; an isolated one last of all.
    ///
    /// In Linux a device that cannot address all memory is served from a zone of its own
    /// (6.12 `kernel/dma/direct.c`: `dma_direct_optimal_gfp_mask()`); here that zone is the lower part of this one, with
    /// the marks of the whole.
    fn low_block(&self, request: &Request, below: Pfn) -> Result<Pfn, AllocFailure> {
        let Request { order, gfp, .. } = *request;
        let (free, min) = (
            self.memory.nr_free_pages(),
            self.memory.boosted_watermarks().min,
        );
        let limit = (1 << order) - 1 + self.memory.watermark_limit(gfp, min);
        let mut devices = self.devices.iter();
        let site = devices
            .find(|device| device.spec.irq == request.irq)
            .map(|device| cell_of(device.room));
        let isolated = |state: &BlockState| matches!(state, BlockState::Free { list } if *list == MigrateType::Isolate);
        let block = self
            .memory
            .blocks()
            .take_while(|block| block.pfn < below)
            .filter(|block| block.is_free() && block.order >= order)
            .filter(|block| block.pfn + (1 << order) <= below)
            .filter(|block| free > limit || isolated(&block.state))
            .min_by_key(|block| {
                let far = site.map(|site| cell_of(block.pfn).manhattan(site));
                (isolated(&block.state), block.order, far, block.pfn)
            });
        block.map(|block| block.pfn).ok_or_else(|| {
            let nr_free = self.memory.free_counts();
            AllocFailure {
                gfp,
                order,
                reason: if free > limit {
                    FailReason::Fragmentation
                } else {
                    FailReason::Watermark
                },
                free,
                limit,
                min,
                extfrag_index: extfrag_index(&nr_free, order),
                nr_free,
            }
        })
    }

    fn alloc_low(&mut self, request: &Request, below: Pfn) -> Result<Pfn, AllocFailure> {
        let pfn = self.low_block(request, below)?;
        let taken = self.memory.alloc_at(
            pfn,
            request.order,
            MigrateType::Unmovable,
            Self::owner(CURRENT),
            PageFlags::EXCLUSIVE | PageFlags::LOCKED,
            &mut self.memory_events,
        );
        debug_assert_eq!(taken, Ok(()));
        Ok(pfn)
    }

    /// The grab: the request of the device you stand at is served at once, or it is your end.
    pub(super) fn grab(&mut self) {
        let Some(device) = self.device_here() else {
            return;
        };
        let Some(request) = self.devices[device].request.take() else {
            return;
        };
        let (order, gfp) = (request.order, request.gfp);
        let name = self.devices[device].spec.name.clone();
        let got = match request.demand.below {
            None => self.memory.alloc_exclusive(
                gfp,
                order,
                Self::owner(CURRENT),
                &mut self.memory_events,
            ),
            Some(below) => self.alloc_low(&request, below),
        };
        self.book_memory(CURRENT);
        let got = got.or_else(|failure| {
            let pfn = self.serve_from_pool(&request).ok_or(failure)?;
            self.events.push(Event::PoolServed { pfn });
            Ok(pfn)
        });
        match got {
            Ok(pfn) => self.granted(name, pfn, &request),
            Err(failure) => self.die(Cause::Null {
                device: name,
                failure,
                below: request.demand.below,
            }),
        }
    }

    fn granted(&mut self, device: String, pfn: Pfn, request: &Request) {
        let order = request.order;
        self.touched.push((pfn, order));
        self.noise(noise::GRAB);
        let pages = self.wanted_pages(pfn, order, request.demand);
        if let Some(left) = request.demand.left
            && !request.demand.enough(pages, order)
        {
            self.events.push(Event::OfNoUse {
                device,
                pfn,
                order,
                pages,
                left,
            });
            self.give_back(CURRENT, pfn, order);
            return;
        }
        self.player.held.push(Held {
            pfn,
            order,
            mapped: false,
        });
        self.await_zeroing(pfn, order, request.gfp);
        self.events.push(Event::Granted { device, pfn, order });
    }

    /// What the page of the player's cell, or of any other, holds of its last owner.
    pub(super) fn leftover_at(&self, cell: crate::labyrinth::Cell) -> Leftover {
        self.leftovers[pfn_of(cell) as usize]
    }

    /// A granted block that was asked for with zeroes, or under `init_on_alloc=1`, is to be zeroed first.
    fn await_zeroing(&mut self, pfn: Pfn, order: Order, gfp: Gfp) {
        if let Some(left) = self.zeroing_turns(order, gfp) {
            self.player.zeroing.push(Zeroing { pfn, left });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_reaches_as_far_as_its_address_bits() {
        assert_eq!(below(Some(24), 16_384), Some(4096));
        assert_eq!(below(Some(25), 16_384), Some(8192));
        // All of it is as good as no demand.
        for none in [Some(26), Some(32), Some(64), Some(3), None] {
            assert_eq!(below(none, 16_384), None, "{none:?}");
        }
        let demand = Demand {
            below: Some(4096),
            left: None,
        };
        assert!(demand.reaches(4080, 4) && !demand.reaches(4096, 0) && !demand.reaches(4080, 5));
    }

    #[test]
    fn more_than_half_of_a_block_must_hold_what_is_wanted() {
        let demand = Demand {
            below: None,
            left: Some(Leftover::Anonymous),
        };
        assert!(demand.enough(9, 4) && !demand.enough(8, 4));
        assert!(Demand::default().enough(0, 4));
    }
}
