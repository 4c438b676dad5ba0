//! The calls of the console: names, arguments, and a line of help each.

/// What an argument is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// `GFP_KERNEL|__GFP_ZERO`.
    Gfp,
    /// A page frame number, or a variable that holds one.
    Pfn,
    /// Any other number.
    Number,
    /// Text, in quotes or not.
    Text,
}

/// A call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Op {
    AllocPages,
    AllocPage,
    GetFreePages,
    GetZeroedPage,
    AllocExclusive,
    AllocAt,
    FreePages,
    FreePage,
    LruAdd,
    Accessed,
    Dirty,
    Writeback,
    PinPage,
    UnpinPage,
    LockPage,
    TrylockPage,
    UnlockPage,
    GetPage,
    PutPage,
    Migrate,
    Mmap,
    MmapFile,
    Munmap,
    Write,
    Read,
    ReadFile,
    WriteFile,
    PinUser,
    UnpinUser,
    Memset,
    Fork,
    Spawn,
    Kswapd,
    Drain,
    PreemptDisable,
    PreemptEnable,
}

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    pub op: Op,
    pub name: &'static str,
    pub args: &'static [(Kind, &'static str)],
    pub help: &'static str,
}

const GFP: (Kind, &str) = (Kind::Gfp, "gfp");
const ORDER: (Kind, &str) = (Kind::Number, "order");
const PFN: (Kind, &str) = (Kind::Pfn, "page");
const VPN: (Kind, &str) = (Kind::Number, "vpn");
const FILE: (Kind, &str) = (Kind::Number, "file");
const INDEX: (Kind, &str) = (Kind::Number, "index");
const TEXT: (Kind, &str) = (Kind::Text, "text");

macro_rules! row {
    ($op:ident, $name:literal, [$($arg:expr),*], $help:literal) => {
        Row { op: Op::$op, name: $name, args: &[$($arg),*], help: $help }
    };
}

/// All calls, in the order in which `help` lists them.
pub(super) const CALLS: &[Row] = &[
    row!(
        AllocPages,
        "alloc_pages",
        [GFP, ORDER],
        "2^order pages, or NULL"
    ),
    row!(AllocPage, "alloc_page", [GFP], "one page, or NULL"),
    row!(
        GetFreePages,
        "__get_free_pages",
        [GFP, ORDER],
        "as alloc_pages(); in Linux the address"
    ),
    row!(
        GetZeroedPage,
        "get_zeroed_page",
        [GFP],
        "one page full of zeros, or NULL"
    ),
    row!(
        AllocExclusive,
        "alloc_exclusive",
        [GFP, ORDER],
        "the game's own call: from the tail, for you alone"
    ),
    row!(
        AllocAt,
        "alloc_at",
        [PFN, ORDER, GFP],
        "exactly this block, to lay memory out; not in Linux"
    ),
    row!(
        FreePages,
        "__free_pages",
        [PFN, ORDER],
        "gives a block back"
    ),
    row!(
        FreePages,
        "free_pages",
        [PFN, ORDER],
        "the same; in Linux by address"
    ),
    row!(FreePage, "__free_page", [PFN], "gives a page back"),
    row!(
        FreePage,
        "free_page",
        [PFN],
        "the same; in Linux by address"
    ),
    row!(
        LruAdd,
        "folio_add_lru",
        [PFN],
        "makes a block page cache, which reclaim may drop"
    ),
    row!(
        Accessed,
        "mark_page_accessed",
        [PFN],
        "page cache was used: it goes last"
    ),
    row!(
        Dirty,
        "set_page_dirty",
        [PFN],
        "page cache differs from its file: write it back first"
    ),
    row!(
        Writeback,
        "write_page",
        [PFN],
        "writes dirty page cache back: clean now"
    ),
    row!(
        PinPage,
        "pin_page",
        [PFN],
        "a device uses the block: it can neither move nor be dropped"
    ),
    row!(UnpinPage, "unpin_page", [PFN], "the device is done with it"),
    row!(
        LockPage,
        "lock_page",
        [PFN],
        "takes the page lock, or sleeps for it"
    ),
    row!(
        TrylockPage,
        "trylock_page",
        [PFN],
        "takes the page lock if it is free"
    ),
    row!(
        UnlockPage,
        "unlock_page",
        [PFN],
        "gives the page lock back and wakes the first sleeper"
    ),
    row!(GetPage, "get_page", [PFN], "one more reference"),
    row!(
        PutPage,
        "put_page",
        [PFN],
        "one reference less; the last frees the page"
    ),
    row!(
        Migrate,
        "migrate_page",
        [PFN],
        "moves a movable block elsewhere"
    ),
    row!(
        Mmap,
        "mmap",
        [VPN],
        "a page of anonymous memory for the task that runs"
    ),
    row!(
        MmapFile,
        "mmap_file",
        [VPN, FILE, INDEX],
        "maps a page of a file privately"
    ),
    row!(
        Munmap,
        "munmap",
        [VPN],
        "takes a page out of the address space"
    ),
    row!(
        Write,
        "write",
        [VPN, TEXT],
        "the task writes to its page; copies it if it is shared"
    ),
    row!(
        Read,
        "read",
        [VPN, (Kind::Number, "bytes")],
        "the first bytes of the task's page"
    ),
    row!(
        ReadFile,
        "read_file",
        [FILE, INDEX],
        "brings a page of a file into the page cache"
    ),
    row!(
        WriteFile,
        "write_file",
        [FILE, INDEX, TEXT],
        "writes to page cache: dirty now"
    ),
    row!(
        PinUser,
        "pin_user_pages",
        [VPN],
        "pins the task's page for a device that writes"
    ),
    row!(
        UnpinUser,
        "unpin_user_page",
        [PFN],
        "the device is done with the page"
    ),
    row!(
        Memset,
        "memset",
        [PFN, (Kind::Number, "byte")],
        "fills a page, whoever has it, or nobody"
    ),
    row!(
        Fork,
        "fork",
        [],
        "a child of the task that runs; shares all pages"
    ),
    row!(
        Spawn,
        "spawn",
        [TEXT],
        "a new task of this name, without memory"
    ),
    row!(
        Kswapd,
        "wakeup_kswapd",
        [],
        "lets kswapd run until it sleeps"
    ),
    row!(
        Drain,
        "drain_all_pages",
        [],
        "empties the lists of all CPUs"
    ),
    row!(
        PreemptDisable,
        "preempt_disable",
        [],
        "from here on nothing may sleep"
    ),
    row!(
        PreemptEnable,
        "preempt_enable",
        [],
        "sleeping is allowed again"
    ),
];

/// The call of this name.
pub(super) fn call(name: &str) -> Option<&'static Row> {
    CALLS.iter().find(|row| row.name == name)
}

impl Row {
    /// `alloc_pages(gfp, order)`.
    pub fn usage(&self) -> String {
        let args: Vec<_> = self.args.iter().map(|(_, name)| *name).collect();
        format!("{}({})", self.name, args.join(", "))
    }
}

/// The words of the shell, with what follows them and a line of help.
pub(super) const WORDS: &[(&str, &str, &str)] = &[
    ("cat", "FILE", "prints a file of /proc or /sys"),
    (
        "echo",
        "VALUE > FILE",
        "writes to a file of /proc/sys, or prints",
    ),
    ("ps", "", "the tasks, and what they hold"),
    ("kill", "-9 PID", "ends a task: its memory falls free"),
    ("su", "PID", "another task runs: calls are its now"),
    ("taskset", "CPU", "calls come from this CPU now"),
    ("hexdump", "PAGE [OFFSET [BYTES]]", "the bytes of a page"),
    ("inspect", "PAGE", "all that is known about a page"),
    (
        "set",
        "NAME VALUE",
        "policy lifo|fifo|lowest, pages N, zones NAME:PAGES,..., pageblock_order N, pcp on|off, min_free_kbytes N|auto, page_poison|init_on_alloc|init_on_free on|off; all but policy begin anew",
    ),
    ("reset", "", "an empty machine"),
    ("undo", "", "takes the last call back"),
    ("redo", "", "does it again"),
    ("scrub", "N", "goes to the state after call N"),
    ("history", "", "the lines so far"),
    ("load", "NAME", "runs a script"),
    ("save", "NAME", "keeps the lines so far as a script"),
    (
        "export",
        "csv|json|sandbox NAME",
        "writes the figures after each line, or the lines, to a file",
    ),
    ("link", "", "the link that opens the lines so far"),
    (
        "define",
        "labyrinth void allocpagegfpatomic exclusive",
        "begins an exclusive raid",
    ),
    ("help", "[NAME]", "this"),
];
