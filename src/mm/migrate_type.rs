//! Migrate types: what kind of memory a pageblock is for.

use serde::{Deserialize, Serialize};

/// The kind of memory a pageblock is for, and the free list its free blocks are on.
///
/// Numbers, names and letters are those of Linux 6.12 (`enum migratetype`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[repr(u8)]
pub enum MigrateType {
    /// Memory that cannot be moved: the kernel's own.
    Unmovable = 0,
    /// Memory whose content can be moved elsewhere.
    Movable = 1,
    /// Memory that can be dropped and made again.
    Reclaimable = 2,
    /// Reserve for high-order atomic requests.
    HighAtomic = 3,
    /// Contiguous memory allocator: lent to movable requests.
    Cma = 4,
    /// Isolated: nobody allocates from here.
    Isolate = 5,
}

impl MigrateType {
    /// Number of migrate types.
    pub const COUNT: usize = 6;

    /// All types, in numeric order.
    pub const ALL: [Self; Self::COUNT] = [
        Self::Unmovable,
        Self::Movable,
        Self::Reclaimable,
        Self::HighAtomic,
        Self::Cma,
        Self::Isolate,
    ];

    /// The type with this number in its lowest three bits; 6 and 7 stand for none and give the last type.
    #[inline]
    pub(super) const fn from_bits(bits: u32) -> Self {
        const TABLE: [MigrateType; 8] = [
            MigrateType::Unmovable,
            MigrateType::Movable,
            MigrateType::Reclaimable,
            MigrateType::HighAtomic,
            MigrateType::Cma,
            MigrateType::Isolate,
            MigrateType::Isolate,
            MigrateType::Isolate,
        ];
        TABLE[(bits & 7) as usize]
    }

    /// The name `/proc/pagetypeinfo` prints.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unmovable => "Unmovable",
            Self::Movable => "Movable",
            Self::Reclaimable => "Reclaimable",
            Self::HighAtomic => "HighAtomic",
            Self::Cma => "CMA",
            Self::Isolate => "Isolate",
        }
    }

    /// The letter failure reports print (`show_migration_types()`).
    pub const fn letter(self) -> char {
        match self {
            Self::Unmovable => 'U',
            Self::Movable => 'M',
            Self::Reclaimable => 'E',
            Self::HighAtomic => 'H',
            Self::Cma => 'C',
            Self::Isolate => 'I',
        }
    }

    /// True if free blocks of this type may merge with those of other mergeable types, across pageblocks
    /// (`migratetype_is_mergeable()`).
    #[inline]
    pub const fn is_mergeable(self) -> bool {
        (self as u8) < Self::HighAtomic as u8
    }

    /// Types to fall back to when this one has no free block, best first (`fallbacks[][]`).
    pub const fn fallbacks(self) -> &'static [Self] {
        match self {
            Self::Unmovable => &[Self::Reclaimable, Self::Movable],
            Self::Movable => &[Self::Reclaimable, Self::Unmovable],
            Self::Reclaimable => &[Self::Unmovable, Self::Movable],
            Self::HighAtomic | Self::Cma | Self::Isolate => &[],
        }
    }
}
