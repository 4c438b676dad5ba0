//! The inspector: all that is known about one page, its bytes, and what happened to it.

use std::fmt;

use super::machine::Machine;
use crate::mm::memory::{PageInfo, Pid, Vpn};
use crate::mm::{BlockState, Event, MigrateType, Order, PAGE_SHIFT, PAGE_SIZE, Pfn, hex_dump};

/// What the bytes of a page look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// All zeros.
    Zeros,
    /// Freed and filled with 0xaa.
    Poison,
    /// One other byte all over.
    Filled(u8),
    /// What somebody wrote. In a free page: what its last owner left.
    Bytes,
}

/// One page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The frame.
    pub pfn: Pfn,
    /// Name of its zone.
    pub zone: String,
    /// First frame of the block it is part of.
    pub block: Pfn,
    /// Order of that block.
    pub order: Order,
    /// Free, kept or allocated, by whom, and its flags.
    pub state: BlockState,
    /// Type of its pageblock.
    pub pageblock: MigrateType,
    /// References and mappings, if they are counted.
    pub info: Option<PageInfo>,
    /// Who maps it, and where.
    pub mappings: Vec<(Pid, Vpn)>,
    /// Tasks asleep for its lock, the next to wake first.
    pub waiters: Vec<Pid>,
    /// What its bytes look like.
    pub content: Content,
}

/// All that is known about a page; none if there is no such frame.
pub fn page(machine: &Machine, pfn: Pfn) -> Option<Page> {
    let block = machine.block_at(pfn)?;
    let (start, zone) = machine.zone_of(pfn)?;
    let arena = machine.arena()?;
    let content = match arena.uniform(pfn) {
        Some(0) => Content::Zeros,
        Some(crate::mm::PAGE_POISON) => Content::Poison,
        Some(byte) => Content::Filled(byte),
        None => Content::Bytes,
    };
    let memory = machine.tables();
    Some(Page {
        pfn,
        zone: zone.config().name.clone(),
        block: block.pfn,
        order: block.order,
        state: block.state,
        pageblock: zone.pageblock_type(pfn - start),
        info: machine.page(pfn),
        mappings: memory.map_or_else(Vec::new, |memory| memory.mappings(pfn).collect()),
        waiters: memory.map_or_else(Vec::new, |memory| memory.lock_queue(pfn).collect()),
        content,
    })
}

/// The bytes of a page from `offset` on, as rows of 16 with addresses; fewer at the end of the page.
pub fn dump(machine: &Machine, pfn: Pfn, offset: u32, len: u32) -> Option<String> {
    let offset = offset.min(PAGE_SIZE);
    let len = len.min(PAGE_SIZE - offset);
    let mut bytes = vec![0; len as usize];
    machine.arena()?.read(pfn, offset, &mut bytes).ok()?;
    let address = (u64::from(pfn) << PAGE_SHIFT) + u64::from(offset);
    Some(hex_dump(address, &bytes))
}

/// Whether an event concerns a frame.
pub fn concerns(event: &Event, frame: Pfn) -> bool {
    let within = |pfn: Pfn, order: Order| frame >= pfn && frame - pfn < 1 << order;
    match *event {
        Event::Split { pfn, order, .. }
        | Event::Merge { pfn, order }
        | Event::Alloc { pfn, order, .. }
        | Event::Free { pfn, order, .. }
        | Event::Fallback { pfn, order, .. }
        | Event::Evict { pfn, order, .. }
        | Event::WriteBack { pfn, order }
        | Event::Isolate { pfn, order }
        | Event::Unisolate { pfn, order } => within(pfn, order),
        Event::Migrate {
            from, to, order, ..
        } => within(from, order) || within(to, order),
        _ => false,
    }
}

impl fmt::Display for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            pfn, block, order, ..
        } = self;
        let address = u64::from(*pfn) << PAGE_SHIFT;
        writeln!(
            f,
            "page {pfn:#x} at address {address:#x}, zone {}",
            self.zone
        )?;
        let last = block + ((1 << order) - 1);
        writeln!(f, "block: {block:#x} to {last:#x}, order {order}")?;
        match self.state {
            BlockState::Free { list } => writeln!(f, "free, on the list {}", list.name())?,
            BlockState::Cached { cpu, list } => {
                writeln!(f, "kept by CPU {cpu}, on its list {}", list.name())?;
            }
            BlockState::Allocated {
                owner,
                migratetype,
                flags,
            } => {
                let names: Vec<_> = flags
                    .iter_names()
                    .map(|(name, _)| name.to_lowercase())
                    .collect();
                let names = if names.is_empty() {
                    "none".to_owned()
                } else {
                    names.join("|")
                };
                writeln!(
                    f,
                    "task {}, {}, flags: {names}",
                    owner.0,
                    migratetype.name()
                )?;
            }
        }
        writeln!(f, "pageblock: {}", self.pageblock.name())?;
        if let Some(info) = self.info {
            writeln!(
                f,
                "refcount {}, mapcount {}, pins {}",
                info.refcount, info.mapcount, info.pins
            )?;
            for (pid, vpn) in &self.mappings {
                writeln!(f, "mapped by task {pid} at {vpn:#x}")?;
            }
            if let Some(pid) = info.locked_by {
                writeln!(f, "locked by task {pid}; asleep for it: {:?}", self.waiters)?;
            }
        }
        match self.content {
            Content::Zeros => f.write_str("content: zeros"),
            Content::Poison => f.write_str("content: poison, 0xaa all over"),
            Content::Filled(byte) => write!(f, "content: {byte:#04x} all over"),
            Content::Bytes => f.write_str("content: bytes somebody wrote"),
        }
    }
}
