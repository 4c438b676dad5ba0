//! What is noted of one simulated raid: how it ended, and what its grabs needed.

use crate::labyrinth::cell_of;
use crate::mm::{Order, Pfn};
use crate::raid::preview::{Verdict, preview};
use crate::raid::{Event, Outcome, Raid};

/// One raid in figures: counts unless said otherwise.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Record {
    pub seed: u64,
    /// The outcome's word: see [`Outcome::word`].
    pub outcome: &'static str,
    pub turns: u32,
    /// Pages brought out, and in how many blocks.
    pub pages: u32,
    pub blocks: u32,
    /// See [`Outcome::score`].
    pub score: u32,
    pub grabs: Grabs,
    /// What the preview had called the grab that returned NULL: `certain`, `fatal` or `unknown`; empty without one.
    pub null_called: &'static str,
    pub evicted: u32,
    pub migrated: u32,
    pub freed: u32,
    pub isolated: u32,
    /// Tasks the player killed.
    pub slain: u32,
    pub lost: Lost,
    /// Times the Minotaur chose a target, and of these the player.
    pub hunts: u32,
    pub hunts_player: u32,
    /// Pages of dirty page cache when it ended.
    pub dirty: u32,
    /// Of the devices, how many could be reached without entering a kernel room: at turn 0, and each as it raised an
    /// interrupt.
    pub at_start: Ways,
    pub at_interrupt: Ways,
}

/// Grabs that were granted, by what they needed. A block is `made` if a page of it fell free by the player's hand and
/// stayed free until the grab.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Grabs {
    /// A free block in sight (or kept by an isolation) before the grab: the preview said *certain*.
    pub in_sight: u32,
    /// Made by clearing rooms.
    pub cleared: u32,
    /// Made by giving back a block held.
    pub freed: u32,
    /// Nothing was cleared or freed, but it came out of an isolated pageblock.
    pub isolated: u32,
    /// None of these: the block was not in sight.
    pub unseen: u32,
}

impl Grabs {
    pub fn all(&self) -> u32 {
        self.in_sight + self.made() + self.unseen
    }

    pub fn made(&self) -> u32 {
        self.cleared + self.freed + self.isolated
    }
}

/// References lost, by what took them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Lost {
    pub kernel: u32,
    pub first_write: u32,
    pub blows: u32,
    pub transfers: u32,
}

/// Devices with a way that enters no kernel room, and all that were asked about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Ways {
    pub clear: u32,
    pub all: u32,
}

/// How a page fell free by the player's hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hand {
    Cleared,
    Freed,
}

/// Watches a raid turn by turn.
pub(super) struct Watch {
    record: Record,
    /// Pages that fell free by the player's hand and are free still.
    made: Vec<(Pfn, Hand)>,
    /// What the preview says of a grab in the next turn.
    called: &'static str,
    /// The range isolated as the next turn begins.
    isolation: Option<(Pfn, Order)>,
}

impl Watch {
    /// Begins with a raid at turn 0.
    pub fn new(raid: &Raid) -> Self {
        let mut watch = Self {
            record: Record {
                seed: raid.setup().seed,
                ..Record::default()
            },
            made: Vec::new(),
            called: "",
            isolation: None,
        };
        let ways = raid.ways_clear_of_kernel();
        for device in raid.true_devices() {
            watch
                .record
                .at_start
                .add(ways.get(cell_of(device.room.0)).is_some());
        }
        watch.look_ahead(raid);
        watch
    }

    /// Notes what came of a turn.
    pub fn turn(&mut self, events: &[Event], raid: &Raid) {
        for event in events {
            match event {
                Event::Granted { pfn, order, .. } => self.granted(*pfn, *order),
                Event::Evicted { pfn, order, .. } => {
                    self.record.evicted += 1;
                    self.made(*pfn, *order, Hand::Cleared);
                }
                Event::Migrated { from, order, .. } => {
                    self.record.migrated += 1;
                    self.made(*from, *order, Hand::Cleared);
                }
                Event::Freed { pfn, order } => {
                    self.record.freed += 1;
                    self.made(*pfn, *order, Hand::Freed);
                }
                Event::Isolated { .. } => self.record.isolated += 1,
                Event::MinotaurHunts { you, .. } => {
                    self.record.hunts += 1;
                    self.record.hunts_player += u32::from(*you);
                }
                Event::Slew { .. } => self.record.slain += 1,
                Event::Faulted { .. } => self.record.lost.kernel += 1,
                Event::FirstWrite { .. } => self.record.lost.first_write += 1,
                Event::Struck { .. } => self.record.lost.blows += 1,
                Event::Crossed { .. } => self.record.lost.transfers += 1,
                Event::Irq { device, .. } => {
                    let room = raid.true_devices().find(|at| at.name == device);
                    let ways = raid.ways_clear_of_kernel();
                    let clear = room.is_some_and(|at| ways.get(cell_of(at.room.0)).is_some());
                    self.record.at_interrupt.add(clear);
                }
                Event::Ended(outcome) if outcome.word() == "null" => {
                    self.record.null_called = self.called;
                }
                _ => {}
            }
        }
        self.made
            .retain(|&(pfn, _)| raid.memory().block_at(pfn).is_some_and(|at| at.is_free()));
        self.look_ahead(raid);
    }

    /// The raid is over.
    pub fn end(mut self, raid: &Raid, outcome: &Outcome) -> Record {
        self.record.outcome = outcome.word();
        self.record.turns = raid.turn();
        self.record.pages = outcome.pages();
        self.record.score = outcome.score();
        self.record.dirty = raid.true_dirty_pages();
        self.record.blocks = match outcome {
            Outcome::Extracted { loot, .. } => loot.len() as u32,
            Outcome::Dead(_) => 0,
        };
        self.record
    }

    fn look_ahead(&mut self, raid: &Raid) {
        let view = raid.view();
        self.isolation = view.me.isolation.map(|(pfn, order, _)| (pfn, order));
        self.called = preview(view).map_or("", |preview| match preview.verdict {
            Verdict::Certain(_) => "certain",
            Verdict::Fatal(_) => "fatal",
            Verdict::Unknown(_) => "unknown",
        });
    }

    fn made(&mut self, pfn: Pfn, order: Order, hand: Hand) {
        self.made
            .extend((pfn..pfn + (1 << order)).map(|page| (page, hand)));
    }

    fn granted(&mut self, pfn: Pfn, order: Order) {
        let by = |hand| {
            let mut pages = self.made.iter().filter(|made| made.1 == hand);
            pages.any(|made| made.0 >> order == pfn >> order)
        };
        let isolated = self
            .isolation
            .is_some_and(|(range, size)| pfn >> size == range >> size);
        let grabs = &mut self.record.grabs;
        let count = if by(Hand::Cleared) {
            &mut grabs.cleared
        } else if by(Hand::Freed) {
            &mut grabs.freed
        } else if isolated {
            &mut grabs.isolated
        } else if self.called == "certain" {
            &mut grabs.in_sight
        } else {
            &mut grabs.unseen
        };
        *count += 1;
    }
}

impl Ways {
    fn add(&mut self, clear: bool) {
        self.clear += u32::from(clear);
        self.all += 1;
    }
}
