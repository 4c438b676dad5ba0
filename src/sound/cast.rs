//! Which sound an event has: every kind of event is named here, with a reason where it has none.

use super::cue::Cue;
use crate::mm;
use crate::raid::{Cause, Event, Outcome};

/// The cue of an event; `None` for what is told by another one or by none.
pub fn cue_of(event: &Event) -> Option<Cue> {
    Some(match event {
        Event::Stepped { .. } => Cue::Step,
        Event::Trespassed { .. } => Cue::Trespass,
        Event::Faulted { .. } => Cue::Fault,
        Event::Working { .. } => Cue::Work,
        Event::Evicted { .. } => Cue::Evict,
        Event::Migrated { .. } => Cue::Migrate,
        Event::MigrateFailed { .. } | Event::UseFailed { .. } => Cue::NoMemory,
        Event::Granted { .. } => Cue::Grant,
        Event::Mapped { .. } => Cue::Map,
        Event::Freed { .. } | Event::OfNoUse { .. } => Cue::Free,
        Event::Isolated { .. } => Cue::Isolate,
        Event::IsolationEnded => Cue::Unisolate,
        Event::Zeroing { .. } => Cue::Zero,
        Event::Used { .. } => Cue::Use,
        Event::PoolServed { .. } => Cue::Pool,
        Event::SwappedOut { .. } => Cue::SwapOut,
        Event::Unlocked { .. } => Cue::Unlock,
        Event::Spins { .. } => Cue::Spin,
        Event::ChildExited { .. } => Cue::ChildExit,
        Event::Scanned { .. } => Cue::Scan,
        Event::KeyTaken => Cue::KeyTaken,
        Event::KeySeen => Cue::KeySeen,
        Event::Hit { .. } | Event::RanOver { .. } => Cue::Hit,
        Event::Slew { .. } => Cue::Slay,
        Event::Read { .. } => Cue::Read,
        Event::Memory(event) => return memory(event),
        Event::Handed { .. } => Cue::Handed,
        Event::FirstWrite { .. } => Cue::FirstWrite,
        Event::Hunts { .. } | Event::Listens { .. } | Event::Aims { .. } => Cue::Hunted,
        Event::LostYou { .. } => Cue::Lost,
        Event::Struck { .. } | Event::Crossed { .. } => Cue::Struck,
        // The death is heard; and each block that was moved is told by the allocator.
        Event::StaysShared { .. } | Event::Compacted { .. } => return None,
        Event::KswapdWoke | Event::KcompactdWoke { .. } => Cue::KswapdWakes,
        Event::KswapdSlept | Event::KcompactdSlept { .. } => Cue::KswapdSleeps,
        Event::MinotaurStirs { .. } => Cue::Stirs,
        Event::MinotaurHunts { you: true, .. } => Cue::ComesForYou,
        Event::MinotaurHunts { .. } => Cue::Chases,
        Event::OomKilled { .. } => Cue::OomKill,
        Event::MinotaurLeft => Cue::Leaves,
        Event::Respawned { .. } | Event::Forked { .. } => Cue::Respawn,
        Event::Irq { .. } => Cue::Irq,
        Event::IrqExpired { .. } => Cue::IrqLost,
        Event::DeviceFound { .. } => Cue::Device,
        Event::GateWarns { .. } | Event::GateFalters { .. } => Cue::GateWarns,
        Event::GateClosed { .. } => Cue::GateCloses,
        Event::GateOpened { .. } => Cue::GateOpens,
        Event::WatchdogWarns { .. } => Cue::WatchdogWarns,
        Event::Ended(outcome) => ending(outcome),
    })
}

/// The sound of an end.
pub fn ending(outcome: &Outcome) -> Cue {
    match outcome {
        Outcome::Extracted { loot, .. } if loot.is_empty() => Cue::Empty,
        Outcome::Extracted { .. } => Cue::Extracted,
        Outcome::Dead(death) => match death.cause {
            Cause::Null { .. } => Cue::Null,
            Cause::References { .. } => Cue::Dropped,
            Cause::Minotaur { .. } => Cue::Devoured,
            Cause::Watchdog => Cue::Lockup,
            Cause::Panic => Cue::Panic,
        },
    }
}

/// The cue of something the allocator did.
fn memory(event: &mm::Event) -> Option<Cue> {
    use mm::Event as Did;
    Some(match event {
        Did::Split { .. } => Cue::Split,
        Did::Merge { .. } => Cue::Merge,
        Did::Alloc { .. } => Cue::Taken,
        Did::Free { .. } => Cue::Returned,
        Did::Fallback { claimed: true, .. } => Cue::Claimed,
        Did::Fallback { .. } => Cue::Stolen,
        Did::Fail(_) => Cue::Failed,
        Did::Evict { .. } => Cue::Reclaimed,
        Did::WriteBack { .. } => Cue::WrittenBack,
        Did::Migrate { .. } => Cue::Moved,
        Did::ReserveHighAtomic { .. } | Did::UnreserveHighAtomic { .. } => Cue::Reserved,
        // The raid's own events tell these, with who and why.
        Did::WakeKswapd
        | Did::KswapdSleep { .. }
        | Did::Isolate { .. }
        | Did::Unisolate { .. }
        | Did::OomKill { .. }
        | Did::OomSpare { .. }
        // Thoughts of the allocator: nothing moves that could be heard.
        | Did::Attempt { .. }
        | Did::PassOver { .. }
        | Did::DirectReclaim { .. }
        | Did::Reclaimed { .. }
        | Did::CompactSkip { .. }
        | Did::CompactStart { .. }
        | Did::CompactEnd { .. }
        | Did::Retry { .. }
        | Did::LoopEnded { .. } => return None,
    })
}
