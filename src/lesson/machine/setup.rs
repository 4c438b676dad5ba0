//! What a machine of the sandbox is made from, and why one cannot be made.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::mm::{
    Arena, ArenaSettings, ConfigError, Node, NodeConfig, NodeError, NodeZone, Order, Zone,
    ZoneConfig, ZoneKind, memory::Memory,
};

/// The most pages a machine of the sandbox can have: 256 MiB.
pub const MAX_SANDBOX_PAGES: u32 = 1 << 16;

/// The most CPUs a machine of the sandbox can have.
pub const MAX_SANDBOX_CPUS: u16 = 8;

/// Which free block of the smallest sufficient order a request gets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Policy {
    /// The one freed last, as in Linux: it may still be in the CPU's caches.
    #[default]
    Lifo,
    /// The one freed first: the tail of the list.
    Fifo,
    /// The one at the lowest address.
    Lowest,
}

impl Policy {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Lifo, Self::Fifo, Self::Lowest];

    /// Its name in the console.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lifo => "lifo",
            Self::Fifo => "fifo",
            Self::Lowest => "lowest",
        }
    }
}

/// What a machine is made from. Fields left out of a file have the values of [`Setup::default`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Setup {
    /// Pages of the one zone; not looked at if there are `zones`.
    pub pages: u32,
    /// Several zones, lowest first: then requests go through Linux's whole slow path, with kswapd, compaction and the
    /// OOM killer, and there are no page tables.
    pub zones: Vec<NodeZone>,
    /// Order of a pageblock, 1 to 10.
    pub pageblock_order: Order,
    /// CPUs with page lists of their own; 0 for none.
    pub cpus: u16,
    /// `vm.min_free_kbytes`; if none, the kernel's formula.
    pub min_free_kbytes: Option<u32>,
    /// Which of several equal blocks a request gets. Others than [`Policy::Lifo`] are for one zone.
    pub policy: Policy,
    /// What is done to the bytes of pages as they come and go.
    pub bytes: ArenaSettings,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            pages: 256,
            zones: Vec::new(),
            pageblock_order: 5,
            cpus: 0,
            min_free_kbytes: Some(0),
            policy: Policy::Lifo,
            bytes: ArenaSettings::default(),
        }
    }
}

/// Why there is no such machine.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SetupError {
    /// Too large for a sandbox.
    #[error("a machine of the sandbox has at most {MAX_SANDBOX_PAGES} pages, not {pages}")]
    Pages {
        /// What was asked for.
        pages: u64,
    },
    /// Too many CPUs for a sandbox.
    #[error("a machine of the sandbox has at most {MAX_SANDBOX_CPUS} CPUs, not {cpus}")]
    Cpus {
        /// What was asked for.
        cpus: u16,
    },
    /// Several zones are only served as Linux serves them.
    #[error("policy {0}: expected lifo, which is all that a machine of several zones has")]
    Policy(&'static str),
    /// The zone cannot be made.
    #[error(transparent)]
    Zone(#[from] ConfigError),
    /// The zones cannot be made.
    #[error(transparent)]
    Node(#[from] NodeError),
}

/// Where the memory is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Core {
    /// One zone, with page tables, references and bytes.
    Zone(Box<Memory>),
    /// Several zones, and bytes.
    Node { node: Box<Node>, arena: Box<Arena> },
}

impl Setup {
    /// Number of the frame after the last.
    fn end(&self) -> u64 {
        if self.zones.is_empty() {
            return self.pages.into();
        }
        self.zones.iter().fold(0, |end, zone| {
            let start = zone.start.map_or(end, u64::from);
            start.max(end) + u64::from(zone.pages)
        })
    }

    /// Empty memory.
    pub(super) fn build(&self) -> Result<Core, SetupError> {
        let pages = self.end();
        if pages > MAX_SANDBOX_PAGES.into() {
            return Err(SetupError::Pages { pages });
        }
        if self.cpus > MAX_SANDBOX_CPUS {
            return Err(SetupError::Cpus { cpus: self.cpus });
        }
        if self.zones.is_empty() {
            let name = ZoneKind::Normal.name();
            let mut config = ZoneConfig::new(name, self.pages, self.pageblock_order);
            config.min_free_kbytes = self.min_free_kbytes;
            config.watermark_boost_factor = 0;
            config.cpus = self.cpus;
            let zone = Zone::new(config)?;
            return Ok(Core::Zone(Box::new(Memory::new(zone, Some(self.bytes)))));
        }
        if self.policy != Policy::Lifo {
            return Err(SetupError::Policy(self.policy.name()));
        }
        let mut config = NodeConfig::new([], self.pageblock_order);
        config.zones.clone_from(&self.zones);
        config.min_free_kbytes = self.min_free_kbytes;
        config.watermark_boost_factor = 0;
        config.cpus = self.cpus;
        let node = Node::new(config)?;
        let end = node.zones().last();
        let end = end.map_or(0, |(_, start, zone)| start + zone.pages());
        Ok(Core::Node {
            node: Box::new(node),
            arena: Box::new(Arena::new(end, self.bytes)),
        })
    }
}
