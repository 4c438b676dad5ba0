//! The names of all sounds.

use serde::Deserialize;

/// Makes the list of cues: each with what it means, its name here and its name in data, pages and files.
macro_rules! cues {
    ($($(#[$meaning:meta])* $cue:ident $name:literal,)*) => {
        /// One sound of the game, by what it stands for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
        pub enum Cue {
            $($(#[$meaning])* #[serde(rename = $name)] $cue,)*
        }

        impl Cue {
            /// All of them, in order.
            pub const ALL: &[Self] = &[$(Self::$cue,)*];

            /// The name in data, in pages and of files: small letters and `_`.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$cue => $name,)*
                }
            }
        }
    };
}

cues! {
    /// You walked a step.
    Step "step",
    /// You walked into somebody's anonymous memory.
    Trespass "trespass",
    /// You walked into kernel memory.
    Fault "fault",
    /// Work of several turns goes on.
    Work "work",
    /// You evicted page cache.
    Evict "evict",
    /// You moved a room.
    Migrate "migrate",
    /// You could not move a room: `-ENOMEM`.
    NoMemory "no_memory",
    /// Your grab succeeded.
    Grant "grant",
    /// You walked into your block: it is in the bag.
    Map "map",
    /// You gave a block back.
    Free "free",
    /// You isolated pageblocks.
    Isolate "isolate",
    /// The isolation ended.
    Unisolate "unisolate",
    /// You zeroed a part of your block.
    Zero "zero",
    /// You used an item.
    Use "use_item",
    /// The mempool served a grab that had returned `NULL`.
    Pool "mempool",
    /// You swapped out a room.
    SwapOut "swap_out",
    /// The room you locked is locked no longer.
    Unlock "unlock",
    /// A hunter waits at a locked door.
    Spin "spin",
    /// Your child is gone.
    ChildExit "child_exit",
    /// You counted the free blocks.
    Scan "scan",
    /// You took the key.
    KeyTaken "key_taken",
    /// You see the key.
    KeySeen "key_seen",
    /// You hit a body.
    Hit "hit",
    /// You killed a task.
    Slay "slay",
    /// You read a file of `/proc`.
    Read "read",
    /// A free block was cut in two: up.
    Split "split",
    /// Two buddies became one: down, and fuller.
    Merge "merge",
    /// A block in sight was handed out.
    Taken "taken",
    /// A block in sight was given back.
    Returned "returned",
    /// A request took a block of another type.
    Stolen "stolen",
    /// A request took a whole pageblock of another type.
    Claimed "claimed",
    /// A request of somebody failed.
    Failed "failed",
    /// Reclaim dropped page cache.
    Reclaimed "reclaimed",
    /// Reclaim wrote page cache back.
    WrittenBack "written_back",
    /// A room in sight was moved by others.
    Moved "moved",
    /// A pageblock joined or left the reserve for atomic requests.
    Reserved "reserved",
    /// The room you stand in was handed to somebody.
    Handed "handed",
    /// Its new owner wrote to it.
    FirstWrite "first_write",
    /// A task hunts you.
    Hunted "hunted",
    /// A hunter lost you.
    Lost "lost",
    /// A hunter struck you.
    Struck "struck",
    /// kswapd woke.
    KswapdWakes "kswapd_wakes",
    /// kswapd went to sleep.
    KswapdSleeps "kswapd_sleeps",
    /// The Minotaur stirs.
    Stirs "minotaur_stirs",
    /// The Minotaur goes for somebody.
    Chases "minotaur_chases",
    /// The Minotaur goes for you.
    ComesForYou "minotaur_comes",
    /// The Minotaur's steps: louder the nearer it is.
    Steps "minotaur_steps",
    /// The Minotaur left.
    Leaves "minotaur_leaves",
    /// The OOM killer reached somebody.
    OomKill "oom_kill",
    /// A killed task was started again.
    Respawn "respawn",
    /// A device raised an interrupt.
    Irq "irq",
    /// An interrupt was not served in time.
    IrqLost "irq_lost",
    /// You found a device.
    Device "device",
    /// A gate will close.
    GateWarns "gate_warns",
    /// A gate closed.
    GateCloses "gate_closes",
    /// A gate opened.
    GateOpens "gate_opens",
    /// The watchdog warns.
    WatchdogWarns "watchdog_warns",
    /// The watchdog's clock, turn by turn near its end.
    Tick "watchdog_tick",
    /// You got out with loot.
    Extracted "extracted",
    /// You got out with nothing.
    Empty "empty",
    /// `NULL`: a dry click, then silence.
    Null "null",
    /// Your last reference was dropped.
    Dropped "dropped",
    /// The Minotaur reached you.
    Devoured "devoured",
    /// The watchdog ran out: a hard lockup.
    Lockup "lockup",
    /// The kernel panicked for want of memory.
    Panic "panic",
    /// Another entry of a menu is marked.
    MenuMove "menu_move",
    /// An entry was chosen.
    MenuChoose "menu_choose",
    /// A menu or a page closes.
    MenuBack "menu_back",
    /// What was asked for is not possible.
    Refuse "refuse",
    /// An act waits for its second press.
    Preview "preview",
    /// The drone of memory pressure, a loop.
    Drone "drone",
}
