//! Why a command cannot be given now: costs no turn and changes nothing.

use super::kit::Item;

/// A command the rules do not accept in this state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The raid has ended.
    #[error("the raid is over")]
    Over,
    /// A wall stands there.
    #[error("a wall: look for a door")]
    Wall,
    /// The zone ends there.
    #[error("the zone ends here")]
    Outside,
    /// The room is the void already.
    #[error("that room is free already: nothing to clear")]
    NothingToClear,
    /// The room is the player's own.
    #[error("that block is yours: f gives it back")]
    ClearYours,
    /// Kernel memory.
    #[error("kernel memory is unmovable: it cannot be cleared")]
    ClearKernel,
    /// Built stone.
    #[error("built stone cannot be cleared")]
    ClearReserved,
    /// Not at a device.
    #[error("no device here: grab in a device's room")]
    NoDevice,
    /// The device has raised no interrupt.
    #[error("this device has raised no interrupt")]
    NoRequest,
    /// The player holds no block that starts there.
    #[error("you hold no block that starts there")]
    NotHeld,
    /// A room somebody has locked.
    #[error("that room is locked: wait until it is written back")]
    Locked,
    /// A locked room cannot be cleared.
    #[error("a locked room cannot be cleared")]
    ClearLocked,
    /// The room is locked already.
    #[error("this room is locked already")]
    LockedAlready,
    /// The room is of a kind that you cannot lock.
    #[error("only page cache, free rooms and your own can be locked")]
    CannotLock,
    /// No isolate charges left.
    #[error("no isolate charges left")]
    NoCharges,
    /// An isolation is in force already.
    #[error("an isolation is in force already")]
    Isolating,
    /// The item was not brought.
    #[error("you did not bring {}", .0.name())]
    NoItem(Item),
    /// All uses of the item are spent.
    #[error("{} is used up", .0.name())]
    UsedUp(Item),
    /// The item works by being there.
    #[error("{} works by being there: it cannot be used", .0.name())]
    Passive(Item),
    /// The item wants a task to be used on.
    #[error("{} wants a task in sight, by its pid", .0.name())]
    NoTarget(Item),
    /// The item is not used on a task.
    #[error("{} is not used on a task", .0.name())]
    NeedsNoTarget(Item),
    /// No living task with that pid is in sight.
    #[error("no task with the pid {0} is in sight")]
    NotInSight(u16),
    /// A part of the kernel, which no signal reaches.
    #[error("-EPERM: the kernel's own threads cannot be killed")]
    KernelThread,
    /// Not on a gate.
    #[error("no gate here")]
    NoGate,
    /// The gate is shut.
    #[error("this gate is shut")]
    GateShut,
    /// The gate wants the key.
    #[error("this gate opens to the key, which you do not carry")]
    NoKey,
}
