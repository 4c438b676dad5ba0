//! Allocation flags: what a request may do at one stage of being served.

use bitflags::bitflags;

use super::{Gfp, MigrateType, Order};

bitflags! {
    /// `ALLOC_*` of Linux 6.12 (mm/internal.h), with its values. The watermark to respect is given apart.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct AllocFlags: u32 {
        /// No watermark at all.
        const NO_WATERMARKS = 0x04;
        /// A victim of the OOM killer.
        const OOM = 0x08;
        /// Cannot sleep.
        const NON_BLOCK = 0x10;
        /// May use half of the reserve; the bit of [`Gfp::HIGH`].
        const MIN_RESERVE = 0x20;
        /// Respect cpusets. Has no effect here.
        const CPUSET = 0x40;
        /// May use contiguous-allocator memory.
        const CMA = 0x80;
        /// Rather fail than mix migrate types. Set on the fast path of a [`Node`](super::Node) for requests that
        /// begin in `Normal` memory.
        const NOFRAGMENT = 0x100;
        /// May use the high-atomic reserve.
        const HIGHATOMIC = 0x200;
        /// Wakes kswapd; the bit of [`Gfp::KSWAPD_RECLAIM`].
        const KSWAPD = 0x800;
        /// Any of those that may go below the `min` watermark.
        const RESERVES = Self::NON_BLOCK.bits() | Self::MIN_RESERVE.bits()
            | Self::HIGHATOMIC.bits() | Self::OOM.bits();
    }
}

impl AllocFlags {
    /// What a request may do in the slow path, at the `min` watermark
    /// (Linux 6.12 `mm/page_alloc.c`: `gfp_to_alloc_flags()`, for a task that is not real-time).
    pub fn from_gfp(gfp: Gfp, order: Order) -> Self {
        let mut flags = Self::CPUSET | Self::of_request(gfp);
        if gfp.contains(Gfp::HIGH) {
            flags |= Self::MIN_RESERVE;
        }
        if !gfp.contains(Gfp::DIRECT_RECLAIM) {
            if !gfp.contains(Gfp::NOMEMALLOC) {
                flags |= Self::NON_BLOCK;
                if order > 0 && flags.contains(Self::MIN_RESERVE) {
                    flags |= Self::HIGHATOMIC;
                }
            }
            if flags.contains(Self::MIN_RESERVE) {
                flags -= Self::CPUSET;
            }
        }
        flags
    }

    /// What a request may do on the fast path, at the `low` watermark.
    #[inline]
    pub fn fast(gfp: Gfp) -> Self {
        Self::CPUSET | Self::of_request(gfp)
    }

    #[inline]
    fn of_request(gfp: Gfp) -> Self {
        let mut flags = Self::empty();
        if gfp.contains(Gfp::KSWAPD_RECLAIM) {
            flags |= Self::KSWAPD;
        }
        if gfp.migratetype() == MigrateType::Movable {
            flags |= Self::CMA;
        }
        flags
    }

    /// True if any of these is set.
    #[inline]
    pub(super) fn any(self, flags: Self) -> bool {
        self.intersects(flags)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_bits_with_gfp_as_linux_asserts() {
        assert_eq!(AllocFlags::MIN_RESERVE.bits(), Gfp::HIGH.bits());
        assert_eq!(AllocFlags::KSWAPD.bits(), Gfp::KSWAPD_RECLAIM.bits());
    }

    #[test]
    fn requests_get_what_linux_gives_them() {
        type A = AllocFlags;
        for (gfp, order, flags) in [
            (Gfp::GFP_KERNEL, 3, A::CPUSET | A::KSWAPD),
            (Gfp::GFP_HIGHUSER_MOVABLE, 0, A::CPUSET | A::KSWAPD | A::CMA),
            (
                Gfp::GFP_ATOMIC,
                0,
                A::KSWAPD | A::MIN_RESERVE | A::NON_BLOCK,
            ),
            (
                Gfp::GFP_ATOMIC,
                1,
                A::KSWAPD | A::MIN_RESERVE | A::NON_BLOCK | A::HIGHATOMIC,
            ),
            (Gfp::GFP_NOWAIT, 1, A::CPUSET | A::KSWAPD | A::NON_BLOCK),
            (
                Gfp::GFP_ATOMIC | Gfp::NOMEMALLOC,
                1,
                A::KSWAPD | A::MIN_RESERVE,
            ),
            (
                Gfp::GFP_KERNEL | Gfp::HIGH,
                2,
                A::CPUSET | A::KSWAPD | A::MIN_RESERVE,
            ),
        ] {
            assert_eq!(A::from_gfp(gfp, order), flags, "{gfp} order {order}");
        }
    }
}
