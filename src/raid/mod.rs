//! The rules of a raid: a command goes in, what the player perceives comes out.
//!
//! A [`Raid`] owns an allocator ([`mm::Zone`]) and everything that lives in it. It knows no clock, no
//! file and no screen, uses integers only, and is a function of its [`Setup`] and the commands given:
//! [`Raid::state_hash`] is the same on every platform and in every build.
//!
//! A turn runs in a fixed order, which replays depend on: your command, whole; tasks in pid order
//! (requests, then bodies); kswapd, kcompactd and the OOM killer; interrupts expire and rise; isolation, gates and
//! watchdog; what you see.

mod bodies;
mod boot;
mod challenge;
mod clearing;
mod clockwork;
mod command;
mod demand;
mod event;
mod fill;
mod forks;
mod gear;
mod hash;
mod hearing;
mod holdings;
mod items;
mod kcompactd;
pub mod kit;
mod locks;
mod look;
mod news;
mod outcome;
mod pilot;
mod places;
pub mod plan;
mod player;
pub mod preview;
mod refusal;
mod rng;
mod rules;
mod score;
mod shares;
mod sight;
mod tasks;
mod terminals;
#[cfg(test)]
mod tests;
pub mod text;
mod threads;
mod transfer;
mod truth;
mod verdict;
mod view;

use std::sync::Arc;

pub use boot::SetupError;
pub use command::{Command, CommandError};
pub use demand::{Demand, Leftover, of_use};
pub use event::{Event, Tone};
pub use kit::{
    Item, ItemSpec, KitError, Loadout, Modifier, ModifierError, ModifierSpec, Modifiers, Target,
};
pub use look::{BodyLook, Buddy, Clearing, Entering, Look, Merge, RoomLook, look, merge};
pub use news::{Agreed, News, danger, news};
pub use outcome::{Cause, Death, Held, Outcome};
pub use pilot::{Pilot, Stop, Wish};
pub use refusal::Refusal;
pub use rng::{Purpose, Stream, mix};
pub use rules::{
    DeviceSpec, ForkSpec, Gait, GateRule, GateSpec, InterruptSpec, MemoryKind, MinotaurSpec,
    MixSpec, ProcFile, RULES_VERSION, RuleTexts, Rules, RulesError, ScaleSpec, TaskSpec, Temper,
    UnlockSpec, ZoneSpec,
};
pub use score::ScoreSpec;
pub use terminals::screen;
pub use truth::{DeviceTruth, GateTruth, TaskTruth};
pub use view::{
    Badness, BodyView, CellView, DeviceView, GateView, Gauge, Knowledge, Me, MinotaurView, PageUse,
    Request, RoomKind, Scan, Site, TerminalView, Transfer, TypeScan, View,
};

use crate::kernel_text::ZoneFigures;
use crate::labyrinth::{Cell, CellSet, Maze, Rect, block_rect, cell_of, pfn_of};
use crate::mm::{self, NR_PAGE_ORDERS, Owner, Pfn, Zone};
use holdings::Holdings;
use kcompactd::Kcompactd;
use player::Player;
use shares::Shares;
use tasks::Task;
use terminals::Terminal;
use threads::{Kswapd, Minotaur};

/// The largest seed a person can type. Seeds above it are for daily raids.
pub const MAX_SEED: u64 = 999_999_999;

/// The player's pid, and tag as an owner of memory.
pub const CURRENT: u16 = 1;

/// Everything a raid starts from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Setup {
    /// Name of the zone, for example `dma`.
    pub zone: String,
    /// The seed.
    pub seed: u64,
    /// Free blocks per order to lay the zone out with, read from a `buddyinfo` line.
    pub layout: Option<[u64; NR_PAGE_ORDERS]>,
    /// The items brought along.
    pub loadout: Loadout,
    /// Challenge modifiers.
    pub modifiers: Modifiers,
}

impl Setup {
    /// A raid as it comes: nothing brought along.
    pub fn new(zone: impl Into<String>, seed: u64) -> Self {
        Self {
            zone: zone.into(),
            seed,
            ..Self::default()
        }
    }
}

/// A device and its interrupt.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Device {
    spec: DeviceSpec,
    room: Pfn,
    known: bool,
    heard: bool,
    request: Option<Request>,
}

/// A gate.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Gate {
    spec: GateSpec,
    room: Pfn,
    open: bool,
    /// It has said that it will close while memory stays so short.
    warned: bool,
}

/// Order of the reserved rooms of devices, gates and terminals: 2x2 cells.
pub const SITE_ORDER: mm::Order = 2;

/// One raid.
#[derive(Debug, Clone)]
pub struct Raid {
    rules: Arc<Rules>,
    zone: ZoneSpec,
    setup: Setup,
    memory: Zone,
    maze: Maze,
    /// The maze is to be compiled anew.
    maze_stale: bool,
    /// Where rooms were cut or joined since the maze was brought up to date.
    cuts: Vec<Rect>,
    holdings: Holdings,
    /// Blocks that several tasks have until one of them writes.
    shares: Shares,
    /// What each page holds of its last owner, or of the one it has.
    leftovers: Vec<Leftover>,
    workload: Stream,
    bodies: Stream,
    loot: Stream,
    turn: u32,
    watchdog: u32,
    player: Player,
    /// Page cache that is being written back, in the order of its beginning.
    writebacks: Vec<locks::Writeback>,
    /// An item reads `/proc/buddyinfo` when this turn ends.
    scan_due: bool,
    devices: Vec<Device>,
    gates: Vec<Gate>,
    terminals: Vec<Terminal>,
    /// The frame the key lies or lay on.
    key_room: Option<Pfn>,
    key_lies: bool,
    tasks: Vec<Task>,
    kswapd: Kswapd,
    kcompactd: Kcompactd,
    minotaur: Minotaur,
    /// An allocation that may sleep failed this turn: reclaim gets nowhere.
    starved: bool,
    visible: CellSet,
    /// Cells known for certain when the turn began, by index.
    lit: Vec<u32>,
    /// For each frame the last count of free rooms in which one that begins there was counted.
    counted: Vec<u32>,
    /// How often free rooms were counted.
    counts: u32,
    /// Blocks the player changed this turn.
    touched: Vec<(Pfn, mm::Order)>,
    events: Vec<Event>,
    memory_events: Vec<mm::Event>,
    /// All that the allocator did this turn, seen or not.
    memory_news: Vec<mm::Event>,
    view: View,
    outcome: Option<Outcome>,
}

impl Raid {
    /// Plays one turn and returns what the player perceived of it.
    ///
    /// # Errors
    ///
    /// A [`Refusal`] if the command cannot be given now. It costs no turn and changes nothing.
    pub fn step(&mut self, command: Command) -> Result<Vec<Event>, Refusal> {
        self.check(command)?;
        self.turn += 1;
        self.touched.clear();
        self.memory_news.clear();
        self.act(command);
        if self.outcome.is_none() {
            self.first_write();
        }
        if self.outcome.is_none() {
            self.run_tasks();
            self.run_bodies();
        }
        if self.outcome.is_none() {
            if self.threads_run() {
                self.run_kswapd();
                self.run_kcompactd();
            }
            self.run_minotaur();
        }
        if self.outcome.is_none() {
            self.run_zeroing();
            self.run_interrupts();
            self.run_isolation();
            self.run_locks();
            self.run_decoy();
            self.run_gates();
            self.run_watchdog();
        }
        if self.outcome.is_none() && command == Command::Wait {
            self.read_terminal();
        }
        self.look_around();
        if let Some(outcome) = &self.outcome {
            self.events.push(Event::Ended(outcome.clone()));
        }
        Ok(std::mem::take(&mut self.events))
    }

    /// What the player knows now.
    pub fn view(&self) -> &View {
        &self.view
    }

    /// Turns played.
    pub fn turn(&self) -> u32 {
        self.turn
    }

    /// How it ended, once it has.
    pub fn outcome(&self) -> Option<&Outcome> {
        self.outcome.as_ref()
    }

    /// What it started from.
    pub fn setup(&self) -> &Setup {
        &self.setup
    }

    /// The zone's data.
    pub fn zone(&self) -> &ZoneSpec {
        &self.zone
    }

    /// The rules it is played by.
    pub fn rules(&self) -> &Arc<Rules> {
        &self.rules
    }

    /// The allocator. Whoever reads this knows more than a player may.
    pub fn memory(&self) -> &Zone {
        &self.memory
    }

    /// The labyrinth as it is now. Whoever reads this knows more than a player may.
    pub fn maze(&self) -> &Maze {
        &self.maze
    }

    /// The name a pid goes by in the log.
    fn name_of(&self, pid: u16) -> String {
        match pid {
            0 => "kernel".into(),
            CURRENT => "you".into(),
            _ => self
                .task(pid)
                .map_or_else(|| "kernel".into(), |task| task.name.clone()),
        }
    }

    fn task(&self, pid: u16) -> Option<&Task> {
        self.tasks.get(usize::from(pid).checked_sub(2)?)
    }

    fn task_mut(&mut self, pid: u16) -> Option<&mut Task> {
        self.tasks.get_mut(usize::from(pid).checked_sub(2)?)
    }

    /// Brings the maze up to date if rooms have changed since.
    fn refresh_maze(&mut self) {
        let area: u64 = self.cuts.iter().map(|rect| u64::from(rect.area())).sum();
        if self.maze_stale || area > self.maze.grid().len() as u64 {
            self.maze.rebuild(&self.memory);
        } else {
            self.maze.update(&self.memory, &self.cuts);
        }
        self.maze_stale = false;
        self.cuts.clear();
    }

    /// Books what the allocator just did, and passes on what the player perceives of it.
    ///
    /// `actor` is the pid on whose behalf it was done; 0 for the kernel.
    fn book_memory(&mut self, actor: u16) {
        let events = std::mem::take(&mut self.memory_events);
        for event in &events {
            self.book_leftovers(event);
            match *event {
                // Each change of where rooms begin and end is told by one of these two.
                mm::Event::Split { pfn, order, .. } | mm::Event::Merge { pfn, order } => {
                    self.cuts.push(block_rect(pfn, order));
                }
                mm::Event::Alloc {
                    pfn, order, owner, ..
                } => {
                    self.holdings.add(owner.0, pfn, order);
                    self.hand_over(actor, pfn, order, owner.0);
                }
                mm::Event::Free { pfn, order, owner } => {
                    self.holdings.remove(owner.0, pfn, order);
                    self.shares.forget(pfn, order);
                }
                mm::Event::Evict { pfn, .. } if actor == 0 => self.kswapd.cell = cell_of(pfn),
                mm::Event::Migrate {
                    from,
                    to,
                    order,
                    owner,
                } => {
                    self.holdings.remove(owner.0, from, order);
                    self.holdings.add(owner.0, to, order);
                    self.shares.moved(from, to);
                    self.hand_over(actor, to, order, owner.0);
                    if actor == 0 {
                        self.kcompactd.cell = cell_of(from);
                        if self.perceives(event) {
                            let owner = self.name_of(owner.0);
                            self.events.push(Event::Compacted {
                                from,
                                to,
                                order,
                                owner,
                            });
                        }
                    }
                }
                mm::Event::WriteBack { pfn, .. } if actor == 0 => self.lock_for_writeback(pfn),
                mm::Event::WakeKswapd => self.kswapd.woken = true,
                _ => {}
            }
            if self.perceives(event) {
                self.events.push(Event::Memory(*event));
            }
        }
        self.memory_news.extend_from_slice(&events);
        self.memory_events = events;
        self.memory_events.clear();
    }

    /// If a block that was just handed out holds the player's cell, the player must leave it.
    fn hand_over(&mut self, actor: u16, pfn: Pfn, order: mm::Order, to: u16) {
        if to == CURRENT || actor == CURRENT && to == 0 {
            return;
        }
        let here = pfn_of(self.player.cell);
        if here >> order == pfn >> order && self.player.inside {
            self.player.handed = Some(player::Handed { to, deadline: None });
        }
    }

    /// True if the player sees any cell the event is about.
    fn perceives(&self, event: &mm::Event) -> bool {
        let (pfn, order) = match *event {
            mm::Event::Split { pfn, order, .. }
            | mm::Event::Merge { pfn, order }
            | mm::Event::Alloc { pfn, order, .. }
            | mm::Event::Free { pfn, order, .. }
            | mm::Event::Evict { pfn, order, .. }
            | mm::Event::WriteBack { pfn, order } => (pfn, order),
            mm::Event::Migrate {
                from, to, order, ..
            } => {
                return self.sees_block(from, order) || self.sees_block(to, order);
            }
            _ => return false,
        };
        self.sees_block(pfn, order)
    }

    fn sees_block(&self, pfn: Pfn, order: mm::Order) -> bool {
        if order < 4 {
            return (pfn..pfn + (1 << order)).any(|page| self.visible.contains(cell_of(page)));
        }
        // What is in sight beside blocks held was within sight of where the player stood, a step from here at most.
        let (at, reach) = (self.player.cell, self.zone.sight + 1);
        let near = Rect {
            x: at.x.saturating_sub(reach),
            y: at.y.saturating_sub(reach),
            w: 2 * reach + 1,
            h: 2 * reach + 1,
        };
        let held = self.player.held.iter().map(|held| (held.pfn, held.order));
        let held = held
            .filter_map(|(pfn, order)| block_rect(pfn, order).intersect(&self.maze.grid().rect()));
        let block = block_rect(pfn, order);
        std::iter::once(near)
            .chain(held)
            .filter_map(|part| part.intersect(&block))
            .any(|part| part.cells().any(|cell| self.visible.contains(cell)))
    }

    /// Frees a block whose owner is known to hold it.
    fn give_back(&mut self, actor: u16, pfn: Pfn, order: mm::Order) {
        let freed = self.memory.free_pages(pfn, order, &mut self.memory_events);
        debug_assert_eq!(freed, Ok(()));
        self.book_memory(actor);
    }

    /// Takes references from the player; at 0 the raid is over.
    fn lose_reference(&mut self, by: impl FnOnce() -> String) -> u32 {
        self.player.refs = self.player.refs.saturating_sub(1);
        if self.player.refs == 0 {
            self.die(Cause::References { by: by() });
        }
        self.player.refs
    }

    fn die(&mut self, cause: Cause) {
        if self.outcome.is_some() {
            return;
        }
        let order = self.memory.largest_free_order();
        let best = order.and_then(|order| {
            self.memory
                .blocks()
                .find(|block| block.order == order && block.is_free())
                .map(|block| (block.pfn, order))
        });
        self.outcome = Some(Outcome::Dead(Box::new(Death {
            cause,
            figures: ZoneFigures::of(&self.memory),
            best,
        })));
    }

    fn owner(pid: u16) -> Owner {
        Owner(pid)
    }

    /// True if a cell lies in a block the player holds: nobody else can enter.
    fn is_yours(&self, cell: Cell) -> bool {
        let pfn = pfn_of(cell);
        self.player
            .held
            .iter()
            .map(|held| (held.pfn, held.order))
            .chain(self.player.gear.pool)
            .any(|(at, order)| pfn >> order == at >> order)
    }
}
