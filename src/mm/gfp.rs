//! GFP flags: how a request for pages may be served ("get free pages").

use bitflags::bitflags;

use super::{MigrateType, PageFlags};

bitflags! {
    /// Flags of a request for pages, with the bit values of Linux 6.12 (`include/linux/gfp_types.h`), as failure
    /// reports print them after `mode:`.
    ///
    /// Text form ([`Display`](std::fmt::Display), [`FromStr`](std::str::FromStr) and serde): as `%pGg` prints, for
    /// example `GFP_ATOMIC|__GFP_ZERO`.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub struct Gfp: u32 {
        /// From the lowest zone. A lone [`Zone`](super::Zone) does not look at zone bits.
        const DMA = 0x1;
        /// May come from high memory.
        const HIGHMEM = 0x2;
        /// From memory a 32-bit device reaches.
        const DMA32 = 0x4;
        /// The content can be moved.
        const MOVABLE = 0x8;
        /// The content can be reclaimed.
        const RECLAIMABLE = 0x10;
        /// High priority: may use half of the `min` reserve.
        const HIGH = 0x20;
        /// May start physical I/O while reclaiming.
        const IO = 0x40;
        /// May call into the file system while reclaiming.
        const FS = 0x80;
        /// Pages are returned zeroed.
        const ZERO = 0x100;
        /// May sleep and reclaim on its own.
        const DIRECT_RECLAIM = 0x400;
        /// Wakes kswapd when memory is low.
        const KSWAPD_RECLAIM = 0x800;
        /// The page will be dirtied.
        const WRITE = 0x1000;
        /// No failure report.
        const NOWARN = 0x2000;
        /// Retry while progress is made; may fail.
        const RETRY_MAYFAIL = 0x4000;
        /// Never fails in Linux. A [`Node`](super::Node) tries [`MAX_ROUNDS`](super::MAX_ROUNDS) times; a lone
        /// [`Zone`](super::Zone) fails as for any other.
        const NOFAIL = 0x8000;
        /// Give up early.
        const NORETRY = 0x1_0000;
        /// May use all reserves.
        const MEMALLOC = 0x2_0000;
        /// Set up a compound page.
        const COMP = 0x4_0000;
        /// Must not use reserves; overrides [`Self::MEMALLOC`].
        const NOMEMALLOC = 0x8_0000;
        /// Respect the memory policy of cpusets.
        const HARDWALL = 0x10_0000;
        /// From this node only.
        const THISNODE = 0x20_0000;
        /// Accounted to a memory control group.
        const ACCOUNT = 0x40_0000;
        /// Zero memory tags too.
        const ZEROTAGS = 0x80_0000;
    }
}

impl Gfp {
    /// Both ways of reclaiming.
    pub const RECLAIM: Self = Self::DIRECT_RECLAIM.union(Self::KSWAPD_RECLAIM);
    /// Cannot sleep, high priority: interrupt handlers (0x820).
    pub const GFP_ATOMIC: Self = Self::HIGH.union(Self::KSWAPD_RECLAIM);
    /// The kernel's own memory; may sleep (0xcc0).
    pub const GFP_KERNEL: Self = Self::RECLAIM.union(Self::IO).union(Self::FS);
    /// As [`Self::GFP_KERNEL`], accounted (0x400cc0).
    pub const GFP_KERNEL_ACCOUNT: Self = Self::GFP_KERNEL.union(Self::ACCOUNT);
    /// Cannot sleep, no reserve (0x2800).
    pub const GFP_NOWAIT: Self = Self::KSWAPD_RECLAIM.union(Self::NOWARN);
    /// May reclaim, without I/O (0xc00).
    pub const GFP_NOIO: Self = Self::RECLAIM;
    /// May reclaim, without the file system (0xc40).
    pub const GFP_NOFS: Self = Self::RECLAIM.union(Self::IO);
    /// User memory the kernel also reaches (0x100cc0).
    pub const GFP_USER: Self = Self::GFP_KERNEL.union(Self::HARDWALL);
    /// From the lowest zone; no reclaim bits (0x1).
    pub const GFP_DMA: Self = Self::DMA;
    /// From memory a 32-bit device reaches; no reclaim bits (0x4).
    pub const GFP_DMA32: Self = Self::DMA32;
    /// User memory, also high (0x100cc2).
    pub const GFP_HIGHUSER: Self = Self::GFP_USER.union(Self::HIGHMEM);
    /// Anonymous user memory (0x100cca).
    pub const GFP_HIGHUSER_MOVABLE: Self = Self::GFP_HIGHUSER.union(Self::MOVABLE);
    /// A huge page, without any reclaim (0x1c20ca).
    pub const GFP_TRANSHUGE_LIGHT: Self = Self::GFP_HIGHUSER_MOVABLE
        .union(Self::COMP)
        .union(Self::NOMEMALLOC)
        .union(Self::NOWARN)
        .difference(Self::RECLAIM);
    /// A huge page, reclaiming directly (0x1c24ca).
    pub const GFP_TRANSHUGE: Self = Self::GFP_TRANSHUGE_LIGHT.union(Self::DIRECT_RECLAIM);

    /// The migrate type asked for: movable, reclaimable or else unmovable.
    ///
    /// Linux warns about both flags at once (`gfp_migratetype()`); here that is unmovable.
    #[inline]
    pub const fn migratetype(self) -> MigrateType {
        match (
            self.contains(Self::MOVABLE),
            self.contains(Self::RECLAIMABLE),
        ) {
            (true, false) => MigrateType::Movable,
            (false, true) => MigrateType::Reclaimable,
            _ => MigrateType::Unmovable,
        }
    }

    /// The flags that a block asked for so begins with.
    #[inline]
    pub(super) const fn page_flags(self) -> PageFlags {
        if self.contains(Self::ZERO) {
            PageFlags::ZEROED
        } else {
            PageFlags::empty()
        }
    }

    /// True if a request with these flags may sleep.
    pub const fn can_sleep(self) -> bool {
        self.contains(Self::DIRECT_RECLAIM)
    }
}
