//! What a player perceives of a turn, in the order it happened.

use super::demand::{Demand, Leftover};
use super::kit::Item;
use super::outcome::Outcome;
use super::rules::ProcFile;
use crate::labyrinth::Cell;
use crate::mm::{self, Gfp, NR_PAGE_ORDERS, Order, Pfn};

/// Something the player did, saw, heard or was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// You walked into a cell.
    Stepped {
        /// Where you are now.
        to: Cell,
    },
    /// You walked into somebody's anonymous memory: it is heard.
    Trespassed {
        /// Whose.
        owner: String,
    },
    /// You walked into kernel memory and lost a reference.
    Faulted {
        /// Whose.
        owner: String,
        /// What is left.
        refs: u32,
    },
    /// Work goes on: give the same command again.
    Working {
        /// What: "writing back", "migrating", "leaving".
        what: &'static str,
        /// Turns still needed.
        left: u32,
    },
    /// You evicted a room of page cache.
    Evicted {
        /// Its first frame.
        pfn: Pfn,
        /// Its order.
        order: Order,
        /// Whose cache it was.
        owner: String,
    },
    /// You moved a room of anonymous memory elsewhere.
    Migrated {
        /// Where it was.
        from: Pfn,
        /// Where it is now.
        to: Pfn,
        /// Its order.
        order: Order,
        /// Whose it is.
        owner: String,
    },
    /// There was no free block to move a room to: `-ENOMEM`.
    MigrateFailed {
        /// The room's order.
        order: Order,
    },
    /// Your grab succeeded.
    Granted {
        /// For which device.
        device: String,
        /// First frame of the block.
        pfn: Pfn,
        /// Its order.
        order: Order,
    },
    /// You walked into a block you hold: it is in your bag now.
    Mapped {
        /// Its first frame.
        pfn: Pfn,
        /// Its order.
        order: Order,
        /// Your references after taking one more.
        refs: u32,
    },
    /// You zeroed a part of a block you hold; it is mapped once nothing is left to zero.
    Zeroing {
        /// Its first frame.
        pfn: Pfn,
        /// Its order.
        order: Order,
        /// Turns still needed in it.
        left: u32,
    },
    /// You gave a block back.
    Freed {
        /// Its first frame.
        pfn: Pfn,
        /// Its order.
        order: Order,
    },
    /// You isolated a range of pageblocks.
    Isolated {
        /// First frame.
        pfn: Pfn,
        /// Order of the range.
        order: Order,
        /// For how many turns.
        turns: u32,
    },
    /// The isolation is over.
    IsolationEnded,
    /// You used an item.
    Used {
        /// Which.
        item: Item,
        /// On whom, if on anybody.
        on: Option<String>,
        /// What came of it: pages that came free or were moved, references or turns there are now.
        figure: u32,
    },
    /// There was no memory for what an item needs; it is not used up.
    UseFailed {
        /// Which.
        item: Item,
    },
    /// Your grab returned `NULL`, and the mempool served it.
    PoolServed {
        /// First frame of the block.
        pfn: Pfn,
    },
    /// You swapped out a room of anonymous memory.
    SwappedOut {
        /// Its first frame.
        pfn: Pfn,
        /// Its order.
        order: Order,
        /// Whose it was.
        owner: String,
    },
    /// The room you locked is locked no longer.
    Unlocked {
        /// Its first frame.
        pfn: Pfn,
        /// Its order.
        order: Order,
    },
    /// A hunter waits at the door of the room you locked.
    Spins {
        /// Its name.
        name: String,
    },
    /// Your child is gone.
    ChildExited {
        /// Who killed it; nobody if it had run its time.
        by: Option<String>,
    },
    /// You read the counts of free blocks.
    Scanned {
        /// Blocks per order, when the turn ended.
        free: [u32; NR_PAGE_ORDERS],
    },
    /// You picked up the key.
    KeyTaken,
    /// You hit a body.
    Hit {
        /// Whose.
        name: String,
        /// References it has left.
        left: u32,
    },
    /// You killed a task: all its rooms fall free.
    Slew {
        /// Its name.
        name: String,
        /// Pages that came free.
        pages: u32,
    },
    /// Something the allocator did in sight of you, or to what is yours.
    Memory(mm::Event),
    /// The free room you stand in was handed to somebody: leave before its first write.
    Handed {
        /// To whom.
        to: String,
        /// Turns you have: as many as the way out has steps.
        turns: u32,
    },
    /// The new owner of your room wrote to it.
    FirstWrite {
        /// Who.
        by: String,
        /// What is left of your references.
        refs: u32,
    },
    /// A task has noticed you and hunts you.
    Hunts {
        /// Its name.
        name: String,
    },
    /// A hunter lost you.
    LostYou {
        /// Its name.
        name: String,
    },
    /// A hunter struck you.
    Struck {
        /// Its name.
        by: String,
        /// What is left of your references.
        refs: u32,
    },
    /// A task that goes by noise stands still and listens: in the next turn it runs to where you were loud.
    Listens {
        /// Its name.
        name: String,
    },
    /// A body shows the line it crosses in the next turn, through walls: whoever is on it then is hurt.
    Aims {
        /// Its name.
        name: String,
        /// The first cell it crosses.
        from: Cell,
        /// The last one.
        to: Cell,
    },
    /// A body crossed the cell you stand in.
    Crossed {
        /// Its name.
        by: String,
        /// What is left of your references.
        refs: u32,
    },
    /// A body crossed another one.
    RanOver {
        /// Who ran.
        by: String,
        /// Whom it ran over.
        name: String,
        /// References that one has left; at 0 it is dead.
        left: u32,
        /// Pages that came free.
        pages: u32,
    },
    /// A task copied itself. Its copy has the same pages, until one of them writes.
    Forked {
        /// Who.
        name: String,
        /// The copy.
        copy: String,
        /// Pages they have in common.
        pages: u32,
    },
    /// A task died, and some of what it had does not fall free: copies of it have it too.
    StaysShared {
        /// Who died.
        name: String,
        /// Pages that stay.
        pages: u32,
    },
    /// kcompactd woke: a request failed although enough pages are free.
    KcompactdWoke {
        /// The order it is to make a block of.
        order: Order,
    },
    /// kcompactd went to sleep.
    KcompactdSlept {
        /// The order it was to make a block of.
        order: Order,
        /// There is one now.
        made: bool,
    },
    /// kcompactd moved a room in sight of you.
    Compacted {
        /// Where it was.
        from: Pfn,
        /// Where it is now.
        to: Pfn,
        /// Its order.
        order: Order,
        /// Whose it is.
        owner: String,
    },
    /// kswapd woke: free pages fell below `low`.
    KswapdWoke,
    /// kswapd went to sleep: free pages are above `high`.
    KswapdSlept,
    /// The OOM killer stirs: free pages are below `min` and reclaim gets nowhere.
    MinotaurStirs {
        /// Turns until it wakes.
        wakes_in: u32,
    },
    /// The OOM killer woke, or changed its mind.
    MinotaurHunts {
        /// Whom it goes for.
        target: String,
        /// Its badness.
        badness: u32,
        /// It is you.
        you: bool,
    },
    /// The OOM killer reached somebody.
    OomKilled {
        /// Who.
        name: String,
        /// Pages that came free.
        pages: u32,
    },
    /// The OOM killer left.
    MinotaurLeft,
    /// A killed task was started again.
    Respawned {
        /// Its name.
        name: String,
    },
    /// A device raised an interrupt.
    Irq {
        /// Number of the interrupt.
        irq: u32,
        /// Its device.
        device: String,
        /// The order it asks for.
        order: Order,
        /// The flags.
        gfp: Gfp,
        /// What else it wants.
        demand: Demand,
    },
    /// A block was granted that does not hold what the device wanted; it gave it back.
    OfNoUse {
        /// The device.
        device: String,
        /// First frame.
        pfn: Pfn,
        /// Order.
        order: Order,
        /// Pages of it that did hold it.
        pages: u32,
        /// What was wanted.
        left: Leftover,
    },
    /// An interrupt was not served in time.
    IrqExpired {
        /// Its device.
        device: String,
        /// The order it asked for.
        order: Order,
    },
    /// You see a device for the first time.
    DeviceFound {
        /// Its name.
        device: String,
    },
    /// You see the key.
    KeySeen,
    /// You read a file of `/proc` at a terminal: what it says is true now.
    Read {
        /// Which.
        file: ProcFile,
    },
    /// A gate will close at a turn.
    GateWarns {
        /// Its name.
        gate: String,
        /// Turns until then.
        left: u32,
    },
    /// A gate will close in the next turn or later, as soon as free pages are below `low` when the turn ends.
    GateFalters {
        /// Its name.
        gate: String,
        /// Free pages now.
        free: u32,
        /// The mark.
        low: u32,
    },
    /// A gate closed.
    GateClosed {
        /// Its name.
        gate: String,
    },
    /// A gate opened again.
    GateOpened {
        /// Its name.
        gate: String,
    },
    /// The watchdog warns.
    WatchdogWarns {
        /// Turns left.
        left: u32,
    },
    /// The raid is over.
    Ended(Outcome),
}

/// How a line of the log is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Detail: the allocator at work.
    Detail,
    /// Plain news.
    Plain,
    /// Good for you.
    Good,
    /// Mind this.
    Warning,
    /// Bad for you.
    Danger,
}
