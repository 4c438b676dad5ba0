//! What can be seen of a machine: the address map, the free lists, and how they hang together.

use serde::Serialize;

use super::Machine;
use super::setup::Core;
use crate::mm::memory::Pid;
use crate::mm::oom::Candidate;
use crate::mm::{
    Block, BlockState, MAX_PAGE_ORDER, MigrateType, Order, PageFlags, Pfn, Watermarks, Zone,
};

/// What a block is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Use {
    /// On a free list: the list's type, and how many blocks stand before it.
    Free {
        /// The type of the list.
        list: MigrateType,
        /// Its place in [`ListView::blocks`] of that order and type.
        place: u32,
    },
    /// Kept by a CPU: nobody's, and free for that CPU alone.
    Cached {
        /// Which CPU.
        cpu: u16,
        /// The type of its list.
        list: MigrateType,
    },
    /// Somebody has it.
    Allocated {
        /// The task.
        pid: Pid,
        /// The type asked for.
        migratetype: MigrateType,
        /// Its flags, as bits of [`PageFlags`].
        flags: u8,
    },
}

/// A block of the address map.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct BlockView {
    /// First frame.
    pub pfn: Pfn,
    /// It has `2^order` pages.
    pub order: Order,
    /// What it is used for, and where it stands on its list.
    pub used: Use,
}

/// A free list: `free_area[order].free_list[type]`. Empty ones are left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ListView {
    /// Order of its blocks.
    pub order: Order,
    /// Its type.
    pub list: MigrateType,
    /// Its blocks, head first: each is the first frame of a [`BlockView`].
    pub blocks: Vec<Pfn>,
}

/// A zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ZoneView {
    /// Its name.
    pub name: String,
    /// Its first frame.
    pub start: Pfn,
    /// Number of pages.
    pub pages: u32,
    /// Order of a pageblock.
    pub pageblock_order: Order,
    /// Types of its pageblocks, in order of address.
    pub pageblocks: Vec<MigrateType>,
    /// The address map.
    pub blocks: Vec<BlockView>,
    /// The free lists, by order, then type.
    pub lists: Vec<ListView>,
    /// Free pages.
    pub free: u32,
    /// Pages of page cache.
    pub cache: u32,
    /// The watermarks `min`, `low` and `high`, boost included.
    pub marks: [u32; 3],
    /// Fragmentation index by order, in 1/1000; -1000 if a block is there.
    pub extfrag: Vec<i32>,
    /// Unusable free space index by order, in 1/1000.
    pub unusable: Vec<i32>,
}

/// Both structures of every zone, lowest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MachineView {
    /// The zones.
    pub zones: Vec<ZoneView>,
    /// The task that runs.
    pub current: Pid,
}

impl Machine {
    /// The zones, lowest first, each with its first frame.
    pub fn zones(&self) -> Vec<(Pfn, &Zone)> {
        match &self.core {
            Core::Zone(memory) => vec![(0, memory.zone())],
            Core::Node { node, .. } => node.zones().map(|(_, start, zone)| (start, zone)).collect(),
        }
    }

    /// The zone that holds a frame, with its first frame.
    pub fn zone_of(&self, pfn: Pfn) -> Option<(Pfn, &Zone)> {
        self.zones()
            .into_iter()
            .find(|(start, zone)| pfn >= *start && pfn - start < zone.pages())
    }

    /// The block that holds a frame; none if there is no such frame.
    pub fn block_at(&self, pfn: Pfn) -> Option<Block> {
        let (start, zone) = self.zone_of(pfn)?;
        let mut block = zone.block_at(pfn - start)?;
        block.pfn += start;
        Some(block)
    }

    /// All blocks, in ascending order of address.
    pub fn blocks(&self) -> Vec<Block> {
        let mut all = Vec::new();
        for (start, zone) in self.zones() {
            all.extend(zone.blocks().map(|block| Block {
                pfn: start + block.pfn,
                ..block
            }));
        }
        all
    }

    /// Free pages, over all zones.
    pub fn free_pages(&self) -> u32 {
        self.zones()
            .iter()
            .map(|(_, zone)| zone.nr_free_pages())
            .sum()
    }

    /// Pages the allocator manages, over all zones.
    pub fn managed(&self) -> u32 {
        self.zones().iter().map(|(_, zone)| zone.managed()).sum()
    }

    /// Free blocks of at least this order, over all zones.
    pub fn free_blocks(&self, at_least: Order) -> u32 {
        let orders = at_least..=MAX_PAGE_ORDER;
        let zones = self.zones();
        orders
            .map(|order| {
                zones
                    .iter()
                    .map(|(_, zone)| zone.nr_free(order))
                    .sum::<u32>()
            })
            .sum()
    }

    /// True if kswapd has something to do. In a machine of one zone: if it is below `low`.
    pub fn kswapd_awake(&self) -> bool {
        match &self.core {
            Core::Zone(memory) => {
                let zone = memory.zone();
                zone.nr_free_pages() < zone.watermarks().low
            }
            Core::Node { node, .. } => node.kswapd_awake(),
        }
    }

    /// The pages of page cache, used longest ago first.
    pub(super) fn page_cache(&self) -> Vec<Pfn> {
        let mut all = Vec::new();
        for (start, zone) in self.zones() {
            let mut cache: Vec<Pfn> = zone.lru_list().map(|pfn| start + pfn).collect();
            cache.reverse();
            all.extend(cache);
        }
        all
    }

    /// Those who can be killed for memory, with what they hold.
    pub(super) fn candidates(&self) -> Vec<Candidate> {
        if let Core::Node { node, .. } = &self.core {
            return node.candidates();
        }
        let blocks = self.blocks();
        self.tasks
            .iter()
            .filter(|&(&pid, _)| pid != super::INIT)
            .map(|(&pid, task)| {
                let held = blocks.iter().filter(|block| match block.state {
                    BlockState::Allocated { owner, .. } => owner == Self::owner(pid),
                    _ => false,
                });
                Candidate {
                    owner: Self::owner(pid),
                    rss: held.map(Block::pages).sum(),
                    swap: 0,
                    pagetables: 0,
                    adj: task.adj,
                }
            })
            .collect()
    }

    /// Pages a task's blocks have.
    pub fn rss(&self, pid: Pid) -> u32 {
        let owner = Self::owner(pid);
        self.blocks()
            .iter()
            .filter(|block| {
                matches!(block.state, BlockState::Allocated { owner: by, .. } if by == owner)
            })
            .map(Block::pages)
            .sum()
    }

    /// Both structures, for a screen.
    pub fn view(&self) -> MachineView {
        MachineView {
            zones: self
                .zones()
                .into_iter()
                .map(|(start, zone)| view(start, zone))
                .collect(),
            current: self.current,
        }
    }

    /// Checks all invariants.
    ///
    /// # Errors
    ///
    /// The first that is broken, in words.
    pub fn verify(&self) -> Result<(), String> {
        match &self.core {
            Core::Zone(memory) => memory.verify(),
            Core::Node { node, .. } => node.verify(),
        }
    }
}

fn view(start: Pfn, zone: &Zone) -> ZoneView {
    let mut lists = Vec::new();
    for order in 0..=MAX_PAGE_ORDER {
        for list in MigrateType::ALL {
            let blocks: Vec<Pfn> = zone.free_list(order, list).map(|pfn| start + pfn).collect();
            if !blocks.is_empty() {
                lists.push(ListView {
                    order,
                    list,
                    blocks,
                });
            }
        }
    }
    let mut places = std::collections::BTreeMap::new();
    for list in &lists {
        for (place, &pfn) in (0_u32..).zip(&list.blocks) {
            places.insert(pfn, place);
        }
    }
    let blocks = zone.blocks().map(|block| {
        let pfn = start + block.pfn;
        let used = match block.state {
            BlockState::Free { list } => Use::Free {
                list,
                place: places.get(&pfn).copied().unwrap_or(0),
            },
            BlockState::Cached { cpu, list } => Use::Cached { cpu, list },
            BlockState::Allocated {
                owner,
                migratetype,
                flags,
            } => Use::Allocated {
                pid: owner.0.into(),
                migratetype,
                flags: PageFlags::bits(&flags),
            },
        };
        BlockView {
            pfn,
            order: block.order,
            used,
        }
    });
    let orders = 0..=MAX_PAGE_ORDER;
    let Watermarks { min, low, high, .. } = zone.boosted_watermarks();
    let size = 1 << zone.pageblock_order();
    ZoneView {
        name: zone.config().name.clone(),
        start,
        pages: zone.pages(),
        pageblock_order: zone.pageblock_order(),
        pageblocks: (0..zone.pages())
            .step_by(size)
            .map(|pfn| zone.pageblock_type(pfn))
            .collect(),
        blocks: blocks.collect(),
        lists,
        free: zone.nr_free_pages(),
        cache: zone.nr_lru(),
        marks: [min, low, high],
        extfrag: orders
            .clone()
            .map(|order| zone.extfrag_index(order))
            .collect(),
        unusable: orders.map(|order| zone.unusable_index(order)).collect(),
    }
}
