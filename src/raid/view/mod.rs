//! What a player may know: the only thing screens and fair bots see of a raid.

mod read;

use super::demand::{Demand, Leftover};
use super::kit::Item;
use super::outcome::{Held, Outcome};
use super::rules::{GateRule, ProcFile, Temper};
use crate::labyrinth::{Cell, Edge, Grid};
use crate::mm::{Gfp, MigrateType, NR_PAGE_ORDERS, Order, Pfn, Watermarks};

/// What is in a room, as far as a player can tell. See the table in `docs/rules.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoomKind {
    /// A free block: the void.
    Void,
    /// A block you hold, exclusively.
    Yours,
    /// Page cache (reclaimable): anybody may walk there; can be evicted.
    Cache {
        /// Not yet written back: evicting takes three turns.
        dirty: bool,
    },
    /// Anonymous memory (movable): a step in is a trespass; can be migrated.
    Anonymous,
    /// Kernel memory (unmovable): a step in costs a reference; cannot be cleared.
    Kernel,
    /// Built stone: never allocated, never freed.
    Reserved(Site),
}

/// What stands in a reserved room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Site {
    /// A device, by its index in [`View::devices`].
    Device(u8),
    /// A gate, by its index in [`View::gates`].
    Gate(u8),
    /// The place where the key lies, or lay.
    Key,
    /// Nothing: it lies above `mem=`, where there is no memory for this kernel.
    Stone,
    /// A terminal, by its index in [`View::terminals`].
    Terminal(u8),
}

/// The four states of knowledge, named after a cache coherence protocol, and the void beyond.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Knowledge {
    /// Never seen.
    Unknown,
    /// I: remembered; may be stale.
    Invalid,
    /// S: in sight; true now.
    Shared,
    /// E: yours; always true.
    Exclusive,
    /// M: you changed it this turn; true now.
    Modified,
}

impl Knowledge {
    /// True for what is certainly so now (M, E or S).
    pub fn is_true(self) -> bool {
        self >= Self::Shared
    }

    /// The state's letter, as coherence protocols write it; `?` for the unknown.
    pub fn letter(self) -> char {
        match self {
            Self::Unknown => '?',
            Self::Invalid => 'I',
            Self::Shared => 'S',
            Self::Exclusive => 'E',
            Self::Modified => 'M',
        }
    }
}

/// What is known of one cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CellView {
    /// How it is known; the other fields mean nothing while it is [`Knowledge::Unknown`].
    pub knowledge: Knowledge,
    /// The turn when it was last true.
    pub turn: u32,
    /// First frame of the room the cell is (or was) in.
    pub room: Pfn,
    /// Order of that room.
    pub order: Order,
    /// What the room is (or was).
    pub kind: RoomKind,
    /// Pid of its owner; 0 for none.
    pub owner: u16,
    /// A free room's list, or the migrate type an allocated room was asked for with.
    pub migratetype: MigrateType,
    /// What its page holds of its last owner, if it is free or yours.
    pub left: Leftover,
    /// Somebody has locked it: nobody else enters or clears it.
    pub locked: bool,
    /// What stood on its four edges, in the order of [`Dir::ALL`](crate::labyrinth::Dir::ALL).
    pub edges: [Edge; 4],
}

impl CellView {
    /// A cell never seen.
    pub const UNKNOWN: Self = Self {
        knowledge: Knowledge::Unknown,
        turn: 0,
        room: 0,
        order: 0,
        kind: RoomKind::Void,
        owner: 0,
        migratetype: MigrateType::Movable,
        left: Leftover::Nothing,
        locked: false,
        edges: [Edge::Outside; 4],
    };
}

/// You.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Me {
    /// Where you stand.
    pub cell: Cell,
    /// Your health: the reference count. At 0 you are freed.
    pub refs: u32,
    /// The most references you can have.
    pub refs_max: u32,
    /// Blocks you hold, in the order of grabbing; those not yet mapped are pointers to follow.
    pub held: Vec<Held>,
    /// How often you can still isolate.
    pub isolate_charges: u32,
    /// Turns left of the isolation in force, with its first frame and order.
    pub isolation: Option<(Pfn, Order, u32)>,
    /// The turn in which that isolation began; 0 without one.
    pub isolated_since: u32,
    /// You carry the key.
    pub key: bool,
    /// What your mempool holds for the first `NULL`: first frame and order.
    pub pool: Option<(Pfn, Order)>,
    /// The huge page reserved at boot that you can give back.
    pub huge: Option<(Pfn, Order)>,
    /// Anonymous rooms are cleared by swapping them out.
    pub swap: bool,
    /// Your child: where it stands, and how many turns it is there yet.
    pub decoy: Option<(Cell, u32)>,
    /// Blocks you hold that are to be zeroed, by waiting in them, before they are mapped: first frame, turns.
    pub zeroing: Vec<(Pfn, u32)>,
    /// Turns that clearing a room of each order takes more, by the modifiers in force.
    pub freeing_turns: [u32; NR_PAGE_ORDERS],
    /// The room you have locked: first frame and order.
    pub lock: Option<(Pfn, Order)>,
    /// The items you brought, each with the uses left; 0 also for what works by being there.
    pub kit: Vec<(Item, u32)>,
    /// The room you stand in was handed to this task's name: leave, or its first write costs a reference.
    pub evicted_by: Option<String>,
    /// Turns left to leave it: with that many commands more, the last one included, you can be out; 0 without one.
    pub evicted_in: u32,
    /// Work in progress: what, and how many more turns the same command needs.
    pub work: Option<(&'static str, u32)>,
}

/// The gauge of free pages; always exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gauge {
    /// Free pages now (isolated ones do not count, as in Linux).
    pub free: u32,
    /// All pages of the zone.
    pub pages: u32,
    /// What free pages must exceed after an atomic allocation.
    pub atomic: u32,
    /// The marks.
    pub marks: Watermarks,
}

/// Free blocks per order, as they were at some turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scan {
    /// When the figures were true.
    pub turn: u32,
    /// Blocks per order.
    pub free: [u32; NR_PAGE_ORDERS],
}

/// Free blocks per migrate type and order, as they were at some turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeScan {
    /// When the figures were true.
    pub turn: u32,
    /// Blocks per migrate type (by its number) and order.
    pub free: [[u32; NR_PAGE_ORDERS]; MigrateType::COUNT],
}

/// Pages by what they are used for, as they were at some turn; built rooms are not counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PageUse {
    /// When the figures were true.
    pub turn: u32,
    /// In free blocks, isolated ones included.
    pub free: u32,
    /// Clean page cache: what kswapd can take at once.
    pub clean: u32,
    /// Dirty page cache: must be written back first.
    pub dirty: u32,
    /// Anonymous, movable.
    pub anonymous: u32,
    /// The kernel's, or pinned, or held by you.
    pub kernel: u32,
}

/// A terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TerminalView {
    /// What can be read there.
    pub file: ProcFile,
    /// First frame and order of its room.
    pub room: (Pfn, Order),
    /// When you last read it.
    pub read: Option<u32>,
}

/// A device, and its interrupt if one is raised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceView {
    /// Its name, for example `nic0`.
    pub name: String,
    /// First frame and order of its room, once you have seen it.
    pub room: Option<(Pfn, Order)>,
    /// Roughly where it is, once it has raised an interrupt (a name of one of eight directions, from where you are).
    pub bearing: Option<&'static str>,
    /// The interrupt it has raised.
    pub request: Option<Request>,
}

/// An interrupt: a request for memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request {
    /// It asks for `2^order` pages.
    pub order: Order,
    /// With these flags.
    pub gfp: Gfp,
    /// What else it wants of the block.
    pub demand: Demand,
    /// It is gone when this turn ends.
    pub expires: u32,
    /// The interrupt's number, for the log.
    pub irq: u32,
}

/// A gate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GateView {
    /// Its name.
    pub name: String,
    /// First frame and order of its room.
    pub room: (Pfn, Order),
    /// When it is open.
    pub rule: GateRule,
    /// It lets you out now (or would, with the key).
    pub open: bool,
    /// It has announced that it closes if memory stays this short.
    pub falters: bool,
}

/// Another body in the labyrinth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BodyView {
    /// The task it belongs to; 0 for kernel threads, which are shown at work and not remembered.
    pub pid: u16,
    /// The task's name.
    pub name: String,
    /// The letter it is drawn with.
    pub glyph: char,
    /// Where it is, or was when last seen.
    pub cell: Cell,
    /// When it was last seen; the present turn if it is in sight.
    pub turn: u32,
    /// It hunts you.
    pub hostile: bool,
    /// How it behaves when nobody has wronged it.
    pub temper: Temper,
    /// Its references.
    pub refs: u32,
}

/// A line that a body crosses in the next turn, through walls: whoever stands on it then loses a reference, but for
/// who stands in a block of their own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    /// The task's name.
    pub name: String,
    /// The cells, in the order in which they are crossed.
    pub cells: Vec<Cell>,
}

/// A line of the badness table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Badness {
    /// The task's name; `you` for the player.
    pub name: String,
    /// Its pid; 1 for the player.
    pub pid: u16,
    /// Pages held plus adjustment.
    pub badness: u32,
    /// Pages held.
    pub pages: u32,
}

/// What the OOM killer is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MinotaurView {
    /// Asleep.
    Asleep,
    /// Free pages are below `min` and reclaim gets nowhere: it wakes in so many turns unless that changes.
    Stirring {
        /// Turns until it wakes.
        wakes_in: u32,
    },
    /// Awake: seen from everywhere, through walls.
    Awake {
        /// Where it is.
        cell: Cell,
        /// Whom it goes for.
        target: String,
        /// Pid of the target; 1 is you.
        target_pid: u16,
    },
}

/// All that a player may know at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// Turns played.
    pub turn: u32,
    /// Name of the zone, for example `dma`.
    pub zone: String,
    /// What the kernel calls it, for example `DMA`.
    pub zone_kernel_name: String,
    /// The raid's seed.
    pub seed: u64,
    /// The zone's cells.
    pub grid: Grid,
    /// Order of a pageblock.
    pub pageblock_order: Order,
    /// Free pages and the marks.
    pub gauge: Gauge,
    /// You.
    pub me: Me,
    /// What is known of each cell, by `grid.index(cell)`.
    pub cells: Vec<CellView>,
    /// The cells ever seen, by index, in the order of seeing.
    pub known: Vec<u32>,
    /// The last full count of free blocks, with its age.
    pub scan: Scan,
    /// The last count by migrate type, if there was one.
    pub types: Option<TypeScan>,
    /// The last count of pages by use, if there was one.
    pub uses: Option<PageUse>,
    /// Free blocks in sight now, by order, and those remembered from earlier turns.
    pub seen_free: [u32; NR_PAGE_ORDERS],
    /// As `seen_free`, for what is remembered and may be gone.
    pub remembered_free: [u32; NR_PAGE_ORDERS],
    /// The devices.
    pub devices: Vec<DeviceView>,
    /// The gates.
    pub gates: Vec<GateView>,
    /// The terminals.
    pub terminals: Vec<TerminalView>,
    /// Where the key lies, once seen and while it lies there.
    pub key_cell: Option<Cell>,
    /// Roughly where it lies from here (a name of one of eight directions), while it lies there.
    pub key_bearing: Option<&'static str>,
    /// The names of tasks, by pid, as `ps` prints them for everybody.
    pub names: Vec<(u16, String)>,
    /// Bodies in sight or remembered, by pid.
    pub bodies: Vec<BodyView>,
    /// The transfers that are about to happen, of which you see a part, by pid.
    pub transfers: Vec<Transfer>,
    /// The fattest tasks, fattest first; you are always among them.
    pub badness: Vec<Badness>,
    /// The OOM killer.
    pub minotaur: MinotaurView,
    /// kswapd is awake.
    pub kswapd_awake: bool,
    /// Turns until the hard lockup, and how many there were at the start.
    pub watchdog: (u32, u32),
    /// The end, once it has come.
    pub outcome: Option<Outcome>,
}
