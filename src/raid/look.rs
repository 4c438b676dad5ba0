//! Looking: what is known of a cell, what entering or clearing its room would cost, and what that would lead to.

use super::clearing::{DIRTY_TURNS, migrate_turns, swap_turns};
use super::demand::Leftover;
use super::player::noise;
use super::rules::{GateRule, Temper};
use super::sight::block_name;
use super::text::{pages, turns};
use super::view::{BodyView, Knowledge, Request, RoomKind, Site, View};
use crate::labyrinth::{Cell, cell_of, pfn_of};
use crate::mm::{MAX_PAGE_ORDER, MigrateType, Order, Pfn};

/// What can be said of a cell from what the player knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// The cell.
    pub cell: Cell,
    /// Its frame.
    pub pfn: Pfn,
    /// How it is known.
    pub knowledge: Knowledge,
    /// Turns since that was true; 0 for what is true now, and for what was never seen.
    pub age: u32,
    /// Its room; `None` if it was never seen.
    pub room: Option<RoomLook>,
    /// Bodies that stand there, or were last seen there.
    pub bodies: Vec<BodyLook>,
}

/// What can be said of a room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomLook {
    /// Its first frame.
    pub pfn: Pfn,
    /// Its order.
    pub order: Order,
    /// What it is.
    pub kind: RoomKind,
    /// Whose it is, by name, if anybody's.
    pub owner: Option<String>,
    /// The free list it is on, or the migrate type it was asked for with.
    pub migratetype: MigrateType,
    /// What the page looked at holds of its last owner, if the room is free or yours.
    pub left: Leftover,
    /// What stepping in costs.
    pub entering: Entering,
    /// What clearing takes, or why it cannot be cleared.
    pub clearing: Result<Clearing, &'static str>,
    /// What stands there, in words, if it is built.
    pub site: Option<String>,
}

/// What stepping into a room costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entering {
    /// Nothing.
    Free,
    /// Nothing more: you stand in it.
    Inside,
    /// It is refused: somebody has locked it.
    Locked,
    /// It maps the block into your bag, and takes a reference more.
    Maps,
    /// So much noise, which its owner hears.
    Trespass(u32),
    /// One of your references, of so many.
    Fault {
        /// References you have now; with 1 it is death.
        refs: u32,
    },
}

/// What clearing a room takes, and what it leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clearing {
    /// The content moves elsewhere, instead of being dropped.
    pub moves: bool,
    /// It is written back first.
    pub writes_back: bool,
    /// Turns.
    pub turns: u32,
    /// Noise.
    pub noise: u32,
    /// The free block there will be.
    pub leads_to: Merge,
}

/// The free block that freeing another one leads to, by what the player knows of its buddies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Merge {
    /// First frame.
    pub pfn: Pfn,
    /// Order.
    pub order: Order,
    /// Every buddy it takes in is in sight, or yours to know.
    pub certain: bool,
    /// What keeps it from growing further; `None` at the largest order.
    pub stopped_by: Option<Buddy>,
}

/// What stands where a buddy would have to be free.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Buddy {
    /// Nobody has seen it.
    Unseen(Pfn),
    /// It is one room, and not free.
    Taken(Pfn, RoomKind),
    /// It is split into smaller rooms.
    Split(Pfn),
    /// It is free, but pageblocks of its type do not merge with others.
    Apart(Pfn),
    /// The zone ends there.
    Outside,
}

/// A body, and what can be read from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BodyLook {
    /// Whose.
    pub name: String,
    /// Turns since it was seen there; 0 if it is there now.
    pub age: u32,
    /// What it is about, in a few words.
    pub tell: String,
}

/// What is known of a cell.
pub fn look(view: &View, cell: Cell) -> Look {
    let known = view.cell(cell);
    let bodies = view.bodies.iter().filter(|body| body.cell == cell);
    Look {
        cell,
        pfn: pfn_of(cell),
        knowledge: known.knowledge,
        age: view.age(cell).unwrap_or(0),
        room: (known.knowledge != Knowledge::Unknown).then(|| room(view, cell)),
        bodies: bodies.map(|body| body_look(view, body)).collect(),
    }
}

fn room(view: &View, cell: Cell) -> RoomLook {
    let known = view.cell(cell);
    let here = view.here();
    let entering = match known.kind {
        _ if (here.room, here.order) == (known.room, known.order) => Entering::Inside,
        _ if known.locked => Entering::Locked,
        RoomKind::Yours => match view.me.held.iter().find(|held| held.pfn == known.room) {
            Some(held) if !held.mapped => Entering::Maps,
            _ => Entering::Free,
        },
        RoomKind::Anonymous => Entering::Trespass(noise::TRESPASS),
        RoomKind::Kernel => Entering::Fault { refs: view.me.refs },
        RoomKind::Void | RoomKind::Cache { .. } | RoomKind::Reserved(_) => Entering::Free,
    };
    RoomLook {
        pfn: known.room,
        order: known.order,
        kind: known.kind,
        owner: (known.owner != 0).then(|| view.name_of(known.owner)),
        migratetype: known.migratetype,
        left: known.left,
        entering,
        clearing: if known.locked {
            Err("locked: it cannot be cleared")
        } else {
            clearing(view, known.kind, known.room, known.order)
        },
        site: match known.kind {
            RoomKind::Reserved(site) => Some(site_line(view, site)),
            _ => None,
        },
    }
}

fn clearing(view: &View, kind: RoomKind, pfn: Pfn, order: Order) -> Result<Clearing, &'static str> {
    let (moves, writes_back, turns, noise) = match kind {
        RoomKind::Void => return Err("free already"),
        RoomKind::Yours => return Err("yours: f gives it back"),
        RoomKind::Kernel => return Err("unmovable: it cannot be cleared"),
        RoomKind::Reserved(_) => return Err("built stone: it cannot be cleared"),
        RoomKind::Cache { dirty: false } => (false, false, 1, noise::EVICT),
        RoomKind::Cache { dirty: true } => (false, true, DIRTY_TURNS, noise::EVICT),
        RoomKind::Anonymous if view.me.swap => (false, true, swap_turns(order), noise::EVICT),
        RoomKind::Anonymous => (true, false, migrate_turns(order), noise::MIGRATE),
    };
    Ok(Clearing {
        moves,
        writes_back,
        turns: turns + view.me.freeing_turns[usize::from(order)],
        noise,
        leads_to: merge(view, pfn, order),
    })
}

/// The free block there will be once the block at `pfn` is freed, by what is known of its buddies: two free buddies
/// merge, and so on upwards (as in Linux 6.12 `mm/page_alloc.c`: `__free_one_page()`).
pub fn merge(view: &View, pfn: Pfn, order: Order) -> Merge {
    let (mut pfn, mut order, mut certain) = (pfn, order, true);
    let own = view.cell(cell_of(pfn)).migratetype;
    let mut stopped_by = None;
    while order < MAX_PAGE_ORDER {
        let buddy = pfn ^ (1 << order);
        if buddy as usize >= view.cells.len() {
            stopped_by = Some(Buddy::Outside);
            break;
        }
        let known = view.cell(cell_of(buddy));
        stopped_by = match known.knowledge {
            Knowledge::Unknown => Some(Buddy::Unseen(buddy)),
            _ if known.order < order => Some(Buddy::Split(buddy)),
            // What was seen there is older than the block that is freed: it has been split since.
            _ if known.order > order => Some(Buddy::Unseen(buddy)),
            _ if known.kind != RoomKind::Void => Some(Buddy::Taken(buddy, known.kind)),
            _ if !mergeable(view, own, known.migratetype, order) => Some(Buddy::Apart(buddy)),
            _ => None,
        };
        if stopped_by.is_some() {
            break;
        }
        certain &= known.knowledge.is_true();
        pfn &= !(1 << order);
        order += 1;
    }
    Merge {
        pfn,
        order,
        certain,
        stopped_by,
    }
}

/// True if free blocks of these types may merge: always within a pageblock, across pageblocks by their types.
fn mergeable(view: &View, one: MigrateType, other: MigrateType, order: Order) -> bool {
    order < view.pageblock_order || one == other || one.is_mergeable() && other.is_mergeable()
}

fn site_line(view: &View, site: Site) -> String {
    let missing = || "built stone".to_string();
    match site {
        Site::Stone => "above mem=: no memory to this kernel".into(),
        Site::Device(i) => view
            .devices
            .get(usize::from(i))
            .map_or_else(missing, |device| match device.request {
                Some(request) => format!(
                    "device {}: wants order {}, {} left{}",
                    device.name,
                    request.order,
                    turns(request.expires.saturating_sub(view.turn)),
                    demanded(request)
                ),
                None => format!("device {}: asks for nothing now", device.name),
            }),
        Site::Gate(i) => view.gates.get(usize::from(i)).map_or_else(missing, |gate| {
            let rule = match gate.rule {
                GateRule::Until(turn) if gate.open => {
                    format!("closes in {}", turns(turn.saturating_sub(view.turn)))
                }
                GateRule::Until(_) => "closed for good".into(),
                GateRule::AboveLow if gate.falters => {
                    format!("falters: closes below {} free pages", view.gauge.marks.low)
                }
                GateRule::AboveLow if gate.open => {
                    format!("open down to {} free pages", view.gauge.marks.low)
                }
                GateRule::AboveLow => {
                    format!("shut: opens above {} free pages", view.gauge.marks.high)
                }
                GateRule::Key if view.me.key => "open to your key".into(),
                GateRule::Key => "opens to the key".into(),
            };
            format!("{}: {rule}", gate.name)
        }),
        Site::Terminal(i) => view
            .terminals
            .get(usize::from(i))
            .map_or_else(missing, |terminal| {
                let file = terminal.file;
                format!(
                    "terminal: wait here to read {}, {}",
                    file.path(),
                    file.use_of()
                )
            }),
        Site::Key if view.me.key => "where the key lay".into(),
        Site::Key => "where the key lies".into(),
    }
}

fn demanded(request: Request) -> String {
    request.demand.words()
}

fn body_look(view: &View, body: &BodyView) -> BodyLook {
    let about = match (body.hostile, body.temper) {
        (true, _) => "hunts you",
        (false, Temper::Vengeful) => "comes when it hears its pages cleared or trampled",
        (false, _) => "harmless",
    };
    let blows = match body.refs {
        0 => "cannot be hurt".to_string(),
        1 => "dies at one blow".into(),
        blows => format!("dies at {blows} blows"),
    };
    let tell = format!("{about}; {blows}");
    BodyLook {
        name: body.name.clone(),
        age: view.turn.saturating_sub(body.turn),
        tell,
    }
}

/// How long ago, in words.
fn ago(age: u32) -> String {
    format!("{} ago", turns(age))
}

impl Look {
    /// One fact a line, the most telling first.
    pub fn lines(&self) -> Vec<String> {
        let pfn = self.pfn;
        let Some(room) = &self.room else {
            return vec![format!("pfn {pfn:#06x}: never seen")];
        };
        let block = block_name(room.pfn, room.order);
        let mut lines = vec![format!(
            "pfn {pfn:#06x} in {block}, {}",
            pages(1 << room.order)
        )];
        lines.push(room.what());
        lines.extend(self.bodies.iter().map(BodyLook::line));
        if room.site.is_none() {
            lines.push(room.entering_line());
            lines.extend(room.clearing_line());
        }
        lines.push(match self.knowledge {
            Knowledge::Unknown => "?: never seen".into(),
            Knowledge::Invalid => {
                format!("I: remembered, true {}; may be stale", ago(self.age))
            }
            Knowledge::Shared => "S: in sight, true now".into(),
            Knowledge::Exclusive => "E: yours, always true".into(),
            Knowledge::Modified => "M: you changed it this turn, true now".into(),
        });
        lines
    }
}

impl BodyLook {
    fn line(&self) -> String {
        let Self { name, age, tell } = self;
        match age {
            0 => format!("here stands {name}: {tell}"),
            &age => format!("{name} was seen here {}: {tell}", ago(age)),
        }
    }
}

impl RoomLook {
    /// What it is and whose.
    fn what(&self) -> String {
        if let Some(site) = &self.site {
            return site.clone();
        }
        let of = self
            .owner
            .as_ref()
            .map_or_else(String::new, |owner| format!(" of {owner}"));
        match self.kind {
            RoomKind::Void => format!(
                "free, on the {} list; in this page: {}",
                self.migratetype.name(),
                self.left.words()
            ),
            RoomKind::Yours => "yours, exclusive".into(),
            RoomKind::Cache { dirty: true } => format!("page cache{of}, dirty (reclaimable)"),
            RoomKind::Cache { dirty: false } => format!("page cache{of}, clean (reclaimable)"),
            RoomKind::Anonymous => format!("anonymous{of} (movable)"),
            RoomKind::Kernel => format!("kernel{of} (unmovable)"),
            RoomKind::Reserved(_) => "built stone".into(),
        }
    }

    fn entering_line(&self) -> String {
        match self.entering {
            Entering::Free => "entering is free".into(),
            Entering::Inside => "you stand in it".into(),
            Entering::Locked => "locked: nobody enters".into(),
            Entering::Maps => "entering maps it into your bag".into(),
            Entering::Trespass(noise) => format!("entering is a trespass: noise {noise}"),
            Entering::Fault { refs: 0 | 1 } => "entering costs your last reference: death".into(),
            Entering::Fault { refs } => format!("entering costs a reference of {refs}"),
        }
    }

    fn clearing_line(&self) -> Option<String> {
        let clearing = match (&self.clearing, self.kind) {
            (Ok(clearing), _) => clearing,
            (Err(_), RoomKind::Void) => return None,
            (Err(why), _) => return Some((*why).into()),
        };
        let how = match (clearing.moves, clearing.writes_back) {
            _ if self.kind == RoomKind::Anonymous && clearing.writes_back => "swap out",
            (true, _) => "migrate",
            (false, true) => "write back and evict",
            (false, false) => "evict",
        };
        let lead = clearing.leads_to.line(self.order);
        Some(format!(
            "{how}: {}, noise {}; {lead}",
            turns(clearing.turns),
            clearing.noise
        ))
    }
}

impl Merge {
    /// What freeing a block of this order leads to, in words.
    fn line(&self, from: Order) -> String {
        if self.order > from {
            let sure = if self.certain { "" } else { ", if still so" };
            return format!("merges to order {}{sure}", self.order);
        }
        match self.stopped_by {
            Some(Buddy::Split(buddy)) => format!("its buddy {buddy:#06x} is split"),
            Some(Buddy::Taken(buddy, _)) => format!("its buddy {buddy:#06x} is taken"),
            Some(Buddy::Apart(buddy)) => format!("its buddy {buddy:#06x} keeps to its kind"),
            Some(Buddy::Unseen(buddy)) => format!("its buddy {buddy:#06x} is unknown"),
            Some(Buddy::Outside) | None => "no buddy".into(),
        }
    }
}
