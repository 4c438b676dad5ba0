//! The files of `/proc` that terminals in a zone show.

use serde::Deserialize;

/// A file of `/proc` that can be read at a terminal; what it says is true in the turn it is read, and ages from then on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub enum ProcFile {
    /// Free blocks of each order.
    Buddyinfo,
    /// Free blocks of each order and migrate type.
    Pagetypeinfo,
    /// Pages by what they are used for.
    Vmstat,
    /// Where devices are.
    Iomem,
}

impl ProcFile {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::Buddyinfo,
        Self::Pagetypeinfo,
        Self::Vmstat,
        Self::Iomem,
    ];

    /// Its path, for example `/proc/buddyinfo`.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Buddyinfo => "/proc/buddyinfo",
            Self::Pagetypeinfo => "/proc/pagetypeinfo",
            Self::Vmstat => "/proc/vmstat",
            Self::Iomem => "/proc/iomem",
        }
    }

    /// What it is good for, in a few words.
    pub const fn use_of(self) -> &'static str {
        match self {
            Self::Buddyinfo => "free blocks of each order",
            Self::Pagetypeinfo => "free blocks of each order and migrate type",
            Self::Vmstat => "what memory is used for",
            Self::Iomem => "where every device is",
        }
    }
}
