//! Why a command cannot be given now: costs no turn and changes nothing.

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
    /// No isolate charges left.
    #[error("no isolate charges left")]
    NoCharges,
    /// An isolation is in force already.
    #[error("an isolation is in force already")]
    Isolating,
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
