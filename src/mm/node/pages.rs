//! Memory by frame number of the machine: each call finds its zone and does there what [`Zone`] does.

use super::super::{
    AtError, Block, EvictError, FlagError, FreeError, MigrateError, MigrateType, Order, Owner,
    PageFlags, Pfn, Sink, Zone,
};
use super::shift::Shift;
use super::{Node, Part, ZoneKind};

impl Node {
    fn part_of(&self, pfn: Pfn) -> Option<&Part> {
        let holds = |part: &&Part| pfn >= part.start && pfn - part.start < part.zone.pages();
        self.parts.iter().find(holds)
    }

    pub(super) fn part_of_mut(&mut self, pfn: Pfn) -> Option<&mut Part> {
        let kind = self.part_of(pfn)?.kind;
        self.parts.iter_mut().find(|part| part.kind == kind)
    }

    /// The zone a frame is in; none if it is in a hole or beyond the end.
    pub fn zone_of(&self, pfn: Pfn) -> Option<ZoneKind> {
        self.part_of(pfn).map(|part| part.kind)
    }

    /// The block that holds `pfn`; none if there is no such frame.
    pub fn block_at(&self, pfn: Pfn) -> Option<Block> {
        let part = self.part_of(pfn)?;
        let block = part.zone.block_at(pfn - part.start)?;
        Some(part.shifted(block))
    }

    /// All blocks, in ascending order of address.
    pub fn blocks(&self) -> impl Iterator<Item = Block> + '_ {
        let parts = self.parts.iter();
        parts.flat_map(|part| part.zone.blocks().map(|block| part.shifted(block)))
    }

    /// Gives a block back to its zone: see [`Zone::free_pages`].
    ///
    /// # Errors
    ///
    /// As there; [`FreeError::OutOfRange`] also for a frame in a hole between zones. Heads of other blocks are named
    /// by frame numbers of the machine.
    pub fn free_pages(
        &mut self,
        pfn: Pfn,
        order: Order,
        sink: &mut impl Sink,
    ) -> Result<(), FreeError> {
        let part = self.part_of_mut(pfn).ok_or(FreeError::OutOfRange)?;
        let start = part.start;
        let freed = part
            .zone
            .free_pages(pfn - start, order, &mut Shift { sink, start });
        freed.map_err(|error| match error {
            FreeError::Interior { head, order } => FreeError::Interior {
                head: start + head,
                order,
            },
            other => other,
        })
    }

    /// Takes exactly a block out of free memory: see [`Zone::alloc_at`]. Watermarks and reserves are computed anew if
    /// it is reserved, as they are at boot.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn alloc_at(
        &mut self,
        pfn: Pfn,
        order: Order,
        migratetype: MigrateType,
        owner: Owner,
        flags: PageFlags,
        sink: &mut impl Sink,
    ) -> Result<(), AtError> {
        let part = self.part_of_mut(pfn).ok_or(AtError::OutOfRange)?;
        let start = part.start;
        let shift = &mut Shift { sink, start };
        let taken = part
            .zone
            .alloc_at(pfn - start, order, migratetype, owner, flags, shift);
        taken.map_err(|error| match error {
            AtError::Busy { pfn } => AtError::Busy { pfn: start + pfn },
            other => other,
        })?;
        if flags.contains(PageFlags::RESERVED) {
            self.set_marks();
        }
        Ok(())
    }

    /// The type of the pageblock that holds `pfn`; none if there is no such frame.
    pub fn pageblock_type(&self, pfn: Pfn) -> Option<MigrateType> {
        let part = self.part_of(pfn)?;
        Some(part.zone.pageblock_type(pfn - part.start))
    }

    /// Sets the type of a pageblock as at boot: see [`Zone::set_pageblock_type`]. False if there is no such frame.
    ///
    /// # Panics
    ///
    /// If the type is [`MigrateType::Isolate`].
    pub fn set_pageblock_type(&mut self, pfn: Pfn, migratetype: MigrateType) -> bool {
        self.part_of_mut(pfn).is_some_and(|part| {
            part.zone.set_pageblock_type(pfn - part.start, migratetype);
            true
        })
    }

    /// Makes a block page cache: see [`Zone::lru_add`].
    pub fn lru_add(&mut self, pfn: Pfn) {
        if let Some(part) = self.part_of_mut(pfn) {
            part.zone.lru_add(pfn - part.start);
        }
    }

    /// Page cache was used: see [`Zone::touch`].
    pub fn touch(&mut self, pfn: Pfn) {
        if let Some(part) = self.part_of_mut(pfn) {
            part.zone.touch(pfn - part.start);
        }
    }

    /// Writes a block back: see [`Zone::writeback`].
    pub fn writeback(&mut self, pfn: Pfn) {
        if let Some(part) = self.part_of_mut(pfn) {
            part.zone.writeback(pfn - part.start);
        }
    }

    /// Drops one block of page cache: see [`Zone::evict`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn evict(&mut self, pfn: Pfn, sink: &mut impl Sink) -> Result<Order, EvictError> {
        let part = self.part_of_mut(pfn).ok_or(EvictError::NotHead)?;
        let start = part.start;
        part.zone.evict(pfn - start, &mut Shift { sink, start })
    }

    /// Moves a block within its zone: see [`Zone::migrate`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn migrate(&mut self, pfn: Pfn, sink: &mut impl Sink) -> Result<Pfn, MigrateError> {
        let part = self.part_of_mut(pfn).ok_or(MigrateError::NotHead)?;
        let start = part.start;
        let moved = part.zone.migrate(pfn - start, &mut Shift { sink, start });
        moved.map(|to| start + to)
    }

    /// Sets flags of a block: see [`Zone::set_flags`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn set_flags(&mut self, pfn: Pfn, flags: PageFlags) -> Result<(), FlagError> {
        self.change(pfn, |zone, pfn| zone.set_flags(pfn, flags))
    }

    /// Clears flags of a block: see [`Zone::clear_flags`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn clear_flags(&mut self, pfn: Pfn, flags: PageFlags) -> Result<(), FlagError> {
        self.change(pfn, |zone, pfn| zone.clear_flags(pfn, flags))
    }

    /// Gives a block to somebody else: see [`Zone::set_owner`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn set_owner(&mut self, pfn: Pfn, owner: Owner) -> Result<(), FlagError> {
        self.change(pfn, |zone, pfn| zone.set_owner(pfn, owner))
    }

    fn change(
        &mut self,
        pfn: Pfn,
        change: impl FnOnce(&mut Zone, Pfn) -> Result<(), FlagError>,
    ) -> Result<(), FlagError> {
        let part = self.part_of_mut(pfn).ok_or(FlagError::NotHead)?;
        change(&mut part.zone, pfn - part.start)
    }
}

impl Part {
    fn shifted(&self, block: Block) -> Block {
        Block {
            pfn: self.start + block.pfn,
            ..block
        }
    }
}
