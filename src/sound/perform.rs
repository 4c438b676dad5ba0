//! What is heard of a turn: which cues, when, how loud, from which side and how high.

use super::cast::cue_of;
use super::cue::Cue;
use super::recipe::Cues;
use super::volumes::Volumes;
use crate::labyrinth::{Cell, block_rect};
use crate::mm::{self, Order, Pfn};
use crate::raid::{Event, Gauge, MinotaurView, View};

/// Most sounds of one turn; what has the lowest priority goes.
pub const VOICES: usize = 10;

/// Milliseconds between two walls of a cascade, as on the screen.
const CASCADE: u32 = 70;
/// Milliseconds between two other sounds of a turn.
const SPACE: u32 = 90;
/// Nothing of a turn starts later than so many milliseconds after it.
const PATIENCE: u32 = 600;
/// Most sounds of one cue in a cascade, and of other cues.
const REPEATS: (u32, u32) = (7, 2);
/// Milliseconds of silence after a `NULL`.
const SILENCE: u32 = 1000;
/// Turns left from which on the watchdog's clock is heard.
const TICKS: u32 = 40;
/// The steps of a scale without half tones, two octaves of it, in thousandths of its first.
const SCALE: [u32; 11] = [
    707, 794, 891, 1059, 1189, 1414, 1587, 1782, 2119, 2378, 2828,
];

/// A sound to be played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Note {
    /// Which.
    pub cue: Cue,
    /// Which of its variations.
    pub variation: u32,
    /// Milliseconds from now.
    pub delay_ms: u32,
    /// How loud, in thousandths.
    pub gain: u32,
    /// From which side: from -1000, left, to 1000, right.
    pub pan: i32,
    /// How fast, and so how high, in thousandths.
    pub rate: u32,
}

/// The drone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Drone {
    /// How loud, in thousandths.
    pub gain: u32,
    /// How fast, and so how high, in thousandths.
    pub rate: u32,
}

/// All that is heard of a turn.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Performance {
    /// The sounds, by when they start.
    pub notes: Vec<Note>,
    /// For so many milliseconds everything that sounded before is silent, and the drone.
    pub silence_ms: u32,
}

/// What is heard of a turn: what was known before it, what is known after it, and what happened.
pub fn perform(
    cues: &Cues,
    volumes: Volumes,
    before: &View,
    after: &View,
    events: &[Event],
) -> Performance {
    let mut heard = Heard {
        ear: after.me.cell,
        turn: after.turn,
        walls: 0,
        others: 0,
        notes: Vec::new(),
    };
    for event in events {
        if let Some(cue) = cue_of(event) {
            let place = place_of(event, before, after);
            heard.event(cue, place, rate_of(event));
        }
    }
    if let MinotaurView::Awake { cell, .. } = after.minotaur {
        // Heard from everywhere: half as loud at 12 cells.
        let far = heard.distance(cell);
        let gain = 12_000 / (12 + far);
        heard.add(Cue::Steps, 0, gain, heard.pan(cell), 1000);
    }
    let left = after.watchdog.0;
    if left <= TICKS && left < before.watchdog.0 {
        let gain = 1000 - left * 800 / TICKS;
        let rate = if left <= TICKS / 4 { 1260 } else { 1000 };
        heard.add(Cue::Tick, 0, gain, 0, rate);
    }
    heard.finish(cues, volumes)
}

/// The drone of so much pressure: barely there while all is well, loud and high when free pages are at `min`.
pub fn drone(volumes: Volumes, gauge: &Gauge) -> Drone {
    let (high, min) = (gauge.marks.high, gauge.marks.min);
    let free = gauge.free.clamp(min.min(high), high);
    let span = u64::from((high - min.min(high)).max(1));
    let pressure = (u64::from(high - free) * 1000 / span) as u32;
    // Below `min` only atomic requests are served: a step higher still.
    let below = if gauge.free < min { 120 } else { 0 };
    Drone {
        gain: (140 + pressure * 860 / 1000) * volumes.of(super::Bus::Drone) / 1000,
        rate: 1000 + pressure * 335 / 1000 + below,
    }
}

/// A sound of a menu; `None` if it would not be heard.
pub fn menu(cues: &Cues, volumes: Volumes, cue: Cue) -> Option<Note> {
    let gain = volumes.of(cues.recipe(cue).bus);
    (gain > 0).then_some(Note {
        cue,
        variation: 0,
        delay_ms: 0,
        gain,
        pan: 0,
        rate: 1000,
    })
}

/// What has been heard of a turn so far.
struct Heard {
    ear: Cell,
    turn: u32,
    walls: u32,
    others: u32,
    notes: Vec<Note>,
}

impl Heard {
    fn event(&mut self, cue: Cue, place: Option<Cell>, rate: u32) {
        let cascade = matches!(cue, Cue::Split | Cue::Merge);
        let most = if cascade { REPEATS.0 } else { REPEATS.1 };
        let same = self.notes.iter().filter(|note| note.cue == cue).count();
        if same as u32 >= most {
            return;
        }
        let (count, space) = if cascade {
            (&mut self.walls, CASCADE)
        } else {
            (&mut self.others, SPACE)
        };
        let delay = (*count * space).min(PATIENCE);
        *count += 1;
        let gain = place.map_or(1000, |cell| {
            // Linear: at the edge of sight a third is left.
            1000_u32.saturating_sub(45 * self.distance(cell)).max(300)
        });
        let pan = place.map_or(0, |cell| self.pan(cell));
        self.add(cue, delay, gain, pan, rate);
    }

    fn add(&mut self, cue: Cue, delay_ms: u32, gain: u32, pan: i32, rate: u32) {
        self.notes.push(Note {
            cue,
            // The same turn sounds the same every time it is seen.
            variation: self.turn + self.notes.len() as u32,
            delay_ms,
            gain,
            pan,
            rate,
        });
    }

    fn distance(&self, cell: Cell) -> u32 {
        u32::from(self.ear.chebyshev(cell))
    }

    fn pan(&self, cell: Cell) -> i32 {
        ((i32::from(cell.x) - i32::from(self.ear.x)) * 60).clamp(-800, 800)
    }

    /// Chooses what is played, and how loud.
    fn finish(self, cues: &Cues, volumes: Volumes) -> Performance {
        let mut notes = self.notes;
        let null = notes.iter().any(|note| note.cue == Cue::Null);
        if null {
            notes.retain(|note| note.cue == Cue::Null);
            for note in &mut notes {
                note.delay_ms = 0;
            }
        }
        for note in &mut notes {
            let recipe = cues.recipe(note.cue);
            note.variation %= recipe.variations;
            note.gain = note.gain * volumes.of(recipe.bus) / 1000;
        }
        notes.retain(|note| note.gain > 0);
        notes.sort_by_key(|note| std::cmp::Reverse(cues.recipe(note.cue).priority));
        notes.truncate(VOICES);
        notes.sort_by_key(|note| note.delay_ms);
        Performance {
            notes,
            silence_ms: if null { SILENCE } else { 0 },
        }
    }
}

/// How high an event sounds: walls by the size of their blocks, so that a cascade rises.
fn rate_of(event: &Event) -> u32 {
    let step = |at: Order| SCALE[(at as usize).min(SCALE.len() - 1)];
    match *event {
        // From small blocks to large ones.
        Event::Memory(mm::Event::Merge { order, .. }) => step(order),
        // From large blocks to small ones.
        Event::Memory(mm::Event::Split { order, .. }) => step(10_u8.saturating_sub(order)),
        // The larger, the deeper.
        Event::Granted { order, .. }
        | Event::Mapped { order, .. }
        | Event::Freed { order, .. }
        | Event::Evicted { order, .. }
        | Event::Migrated { order, .. }
        | Event::Irq { order, .. } => 1200_u32.saturating_sub(u32::from(order) * 50),
        _ => 1000,
    }
}

/// Where an event is heard from; `None` if it has no place, or it is where the player is.
fn place_of(event: &Event, before: &View, after: &View) -> Option<Cell> {
    let room = |pfn: Pfn, order: Order| {
        let rect = block_rect(pfn, order);
        Some(Cell::new(rect.x + rect.w / 2, rect.y + rect.h / 2))
    };
    let body = |name: &str| {
        let of = |view: &View| {
            view.bodies
                .iter()
                .find(|body| body.name == name)
                .map(|b| b.cell)
        };
        of(after).or_else(|| of(before))
    };
    let gate = |name: &str| {
        let gate = after.gates.iter().find(|gate| gate.name == name)?;
        room(gate.room.0, gate.room.1)
    };
    let device = |name: &str| {
        let device = after.devices.iter().find(|device| device.name == name)?;
        let (pfn, order) = device.room?;
        room(pfn, order)
    };
    match event {
        Event::Evicted { pfn, order, .. }
        | Event::SwappedOut { pfn, order, .. }
        | Event::Granted { pfn, order, .. }
        | Event::Freed { pfn, order }
        | Event::OfNoUse { pfn, order, .. }
        | Event::Migrated {
            from: pfn, order, ..
        }
        | Event::Memory(
            mm::Event::Split { pfn, order, .. }
            | mm::Event::Merge { pfn, order }
            | mm::Event::Alloc { pfn, order, .. }
            | mm::Event::Free { pfn, order, .. }
            | mm::Event::Fallback { pfn, order, .. }
            | mm::Event::Evict { pfn, order, .. }
            | mm::Event::WriteBack { pfn, order }
            | mm::Event::Migrate { to: pfn, order, .. },
        ) => room(*pfn, *order),
        Event::Hit { name, .. }
        | Event::Slew { name, .. }
        | Event::Hunts { name }
        | Event::Spins { name }
        | Event::LostYou { name }
        | Event::Struck { by: name, .. }
        | Event::OomKilled { name, .. }
        | Event::Respawned { name } => body(name),
        Event::Irq { device: name, .. }
        | Event::IrqExpired { device: name, .. }
        | Event::DeviceFound { device: name } => device(name),
        Event::GateClosed { gate: name } | Event::GateOpened { gate: name } => gate(name),
        _ => None,
    }
}
