//! The kinds of zones, and which of them a request may use.

use serde::{Deserialize, Serialize};

use super::super::Gfp;

/// What a zone's memory is good for (`enum zone_type`). A request for one kind can be served from those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ZoneKind {
    /// Old devices reach it: below 16 MiB on x86.
    Dma,
    /// Devices with 32 address bits reach it.
    Dma32,
    /// The kernel always has it mapped.
    Normal,
    /// The kernel maps it when it needs to. Only 32-bit machines have it.
    HighMem,
    /// Holds movable memory only.
    Movable,
}

impl ZoneKind {
    /// Number of kinds.
    pub const COUNT: usize = 5;

    /// All kinds, lowest first.
    pub const ALL: [Self; Self::COUNT] = [
        Self::Dma,
        Self::Dma32,
        Self::Normal,
        Self::HighMem,
        Self::Movable,
    ];

    /// The name Linux prints.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dma => "DMA",
            Self::Dma32 => "DMA32",
            Self::Normal => "Normal",
            Self::HighMem => "HighMem",
            Self::Movable => "Movable",
        }
    }

    /// The highest kind of zone a request may use (Linux 6.12 `include/linux/gfp.h`: `gfp_zone()`).
    ///
    /// Linux warns about some combinations of zone bits; here the lowest zone named by any of them is meant. A node
    /// without that kind of zone serves the request from the next lower one it has; Linux, where a kind is not
    /// configured, takes `Normal` for it.
    pub const fn of_request(gfp: Gfp) -> Self {
        if gfp.contains(Gfp::DMA) {
            Self::Dma
        } else if gfp.contains(Gfp::DMA32) {
            Self::Dma32
        } else if !gfp.contains(Gfp::HIGHMEM) {
            Self::Normal
        } else if gfp.contains(Gfp::MOVABLE) {
            Self::Movable
        } else {
            Self::HighMem
        }
    }

    /// True for memory the kernel always has mapped: what `min_free_kbytes` is shared out over.
    pub const fn is_lowmem(self) -> bool {
        !matches!(self, Self::HighMem | Self::Movable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zone_bits_choose_the_highest_zone() {
        for (gfp, kind) in [
            (Gfp::GFP_KERNEL, ZoneKind::Normal),
            (Gfp::GFP_ATOMIC, ZoneKind::Normal),
            (Gfp::GFP_KERNEL | Gfp::DMA, ZoneKind::Dma),
            (Gfp::GFP_KERNEL | Gfp::DMA32, ZoneKind::Dma32),
            (Gfp::GFP_KERNEL | Gfp::MOVABLE, ZoneKind::Normal),
            (Gfp::GFP_HIGHUSER, ZoneKind::HighMem),
            (Gfp::GFP_HIGHUSER_MOVABLE, ZoneKind::Movable),
            (Gfp::DMA32 | Gfp::MOVABLE, ZoneKind::Dma32),
        ] {
            assert_eq!(ZoneKind::of_request(gfp), kind, "{gfp}");
        }
    }
}
