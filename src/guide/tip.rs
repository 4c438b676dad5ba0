//! Hints about what has just come into sight, each given once.

use super::{at_request, near, site};
use crate::phrases::Phrase;
use crate::raid::{MinotaurView, RoomKind, Site, View};

/// How near something has to be to be spoken of, in cells.
const NEAR: i32 = 3;
/// Turns of the watchdog that are few.
const FEW: u32 = 120;

/// A hint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tip {
    /// The room one stands in was given to somebody.
    Evicted,
    /// Somebody hunts you.
    Hunted,
    /// The OOM killer stirs.
    Minotaur,
    /// A pointer is to be followed.
    Pointer,
    /// One stands where a grab can be tried.
    Grab,
    /// A device asks for memory.
    Interrupt,
    /// Kernel memory is near.
    Kernel,
    /// Anonymous memory is near.
    Anonymous,
    /// Page cache is near.
    Cache,
    /// A terminal is near.
    Terminal,
    /// One stands on a gate.
    Gate,
    /// Something is in the bag.
    Bag,
    /// Memory is short.
    Low,
    /// Time is short.
    Watchdog,
    /// Small free rooms are near.
    Small,
    /// How to go on.
    Walk,
}

impl Tip {
    /// All of them, the most pressing first.
    pub const ALL: [Self; 16] = [
        Self::Evicted,
        Self::Hunted,
        Self::Minotaur,
        Self::Pointer,
        Self::Grab,
        Self::Interrupt,
        Self::Walk,
        Self::Kernel,
        Self::Anonymous,
        Self::Cache,
        Self::Terminal,
        Self::Gate,
        Self::Bag,
        Self::Low,
        Self::Watchdog,
        Self::Small,
    ];

    /// Its name in the profile.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Evicted => "evicted",
            Self::Hunted => "hunted",
            Self::Minotaur => "minotaur",
            Self::Pointer => "pointer",
            Self::Grab => "grab",
            Self::Interrupt => "interrupt",
            Self::Kernel => "kernel",
            Self::Anonymous => "anonymous",
            Self::Cache => "cache",
            Self::Terminal => "terminal",
            Self::Gate => "gate",
            Self::Bag => "bag",
            Self::Low => "low",
            Self::Watchdog => "watchdog",
            Self::Small => "small",
            Self::Walk => "walk",
        }
    }

    /// What it says.
    pub const fn phrase(self) -> Phrase {
        match self {
            Self::Evicted => Phrase::TipEvicted,
            Self::Hunted => Phrase::TipHunted,
            Self::Minotaur => Phrase::TipMinotaur,
            Self::Pointer => Phrase::TipPointer,
            Self::Grab => Phrase::TipGrab,
            Self::Interrupt => Phrase::TipInterrupt,
            Self::Kernel => Phrase::TipKernel,
            Self::Anonymous => Phrase::TipAnonymous,
            Self::Cache => Phrase::TipCache,
            Self::Terminal => Phrase::TipTerminal,
            Self::Gate => Phrase::TipGate,
            Self::Bag => Phrase::TipBag,
            Self::Low => Phrase::TipLow,
            Self::Watchdog => Phrase::TipWatchdog,
            Self::Small => Phrase::TipSmall,
            Self::Walk => Phrase::TipWalk,
        }
    }

    /// True if what it is about is there now.
    pub fn holds(self, view: &View) -> bool {
        match self {
            Self::Evicted => view.me.evicted_by.is_some(),
            Self::Hunted => view
                .bodies
                .iter()
                .any(|body| body.hostile && body.turn == view.turn),
            Self::Minotaur => view.minotaur != MinotaurView::Asleep,
            Self::Pointer => view.me.held.iter().any(|held| !held.mapped),
            Self::Grab => at_request(view),
            Self::Interrupt => view.devices.iter().any(|device| device.request.is_some()),
            Self::Kernel => near(view, NEAR, |cell| cell.kind == RoomKind::Kernel),
            Self::Anonymous => near(view, NEAR, |cell| cell.kind == RoomKind::Anonymous),
            Self::Cache => near(view, NEAR, |cell| {
                matches!(cell.kind, RoomKind::Cache { .. })
            }),
            Self::Terminal => near(view, NEAR, |cell| {
                matches!(cell.kind, RoomKind::Reserved(Site::Terminal(_)))
            }),
            Self::Gate => matches!(site(view), Some(Site::Gate(_))),
            Self::Bag => view.me.mapped_pages() > 0,
            Self::Low => view.gauge.free < view.gauge.marks.low,
            Self::Watchdog => view.watchdog.0 < FEW,
            Self::Small => near(view, 1, |cell| {
                cell.kind == RoomKind::Void && cell.order <= 1
            }),
            Self::Walk => view.turn == 0,
        }
    }
}

/// The most pressing hint about what is there, of those that were not told before.
pub fn next(view: &View, told: impl Fn(&str) -> bool) -> Option<Tip> {
    Tip::ALL
        .into_iter()
        .find(|tip| !told(tip.key()) && tip.holds(view))
}
