//! The goals of a first raid, one after the other.

use super::{at_request, site};
use crate::phrases::Phrase;
use crate::raid::{Site, View};

/// The zone of the first raid.
pub const FIRST_ZONE: &str = "dma";

/// The seed of the first raid: a device whose request many free blocks can serve, the block and a gate are not far from
/// each other.
pub const FIRST_SEED: u64 = 51;

/// What is to be done next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Goal {
    /// Walk about.
    Walk,
    /// See a device.
    Device,
    /// Stand at a device that asks for memory.
    Request,
    /// Grab.
    Grab,
    /// Follow the pointer.
    Follow,
    /// Go to a gate.
    Gate,
    /// Leave.
    Leave,
}

impl Goal {
    /// All of them, in order.
    pub const ALL: [Self; 7] = [
        Self::Walk,
        Self::Device,
        Self::Request,
        Self::Grab,
        Self::Follow,
        Self::Gate,
        Self::Leave,
    ];

    /// Its place, from 1.
    pub const fn number(self) -> u32 {
        self as u32 + 1
    }

    /// What it says.
    pub const fn phrase(self) -> Phrase {
        match self {
            Self::Walk => Phrase::GoalWalk,
            Self::Device => Phrase::GoalDevice,
            Self::Request => Phrase::GoalRequest,
            Self::Grab => Phrase::GoalGrab,
            Self::Follow => Phrase::GoalFollow,
            Self::Gate => Phrase::GoalGate,
            Self::Leave => Phrase::GoalLeave,
        }
    }

    /// What is to be done next in this situation: it follows from what is there, so it holds after a raid is taken up
    /// again, and when an interrupt expires or a block is given back.
    pub fn of(view: &View) -> Self {
        let me = &view.me;
        if me.held.iter().any(|held| !held.mapped) {
            return Self::Follow;
        }
        if me.mapped_pages() > 0 {
            return match site(view) {
                Some(Site::Gate(_)) => Self::Leave,
                _ => Self::Gate,
            };
        }
        if at_request(view) {
            return Self::Grab;
        }
        let seen = view.devices.iter().any(|device| device.room.is_some());
        match (view.turn, seen) {
            (0..=2, _) => Self::Walk,
            (_, false) => Self::Device,
            (_, true) => Self::Request,
        }
    }
}
