//! What each seed of a zone begins with, as text: to be kept, compared, and looked up.
//!
//! The catalogue of a zone's first seeds is checked in. A change of rules, zones or tasks that moves anything shows in
//! it, line by line, and one that was to move nothing is seen to.

use std::fmt::Write as _;
use std::sync::Arc;

use crate::labyrinth::{DistanceMap, cell_of, pfn_of};
use crate::mm::Pfn;
use crate::raid::{Command, GateRule, RULES_VERSION, Raid, Rules, Setup, SetupError};

/// Turns within which the first interrupts are listed, if the player only waits.
const WAITS: u32 = 40;

/// A catalogue under way: a head, an entry a seed, and the sums.
#[derive(Debug, Clone)]
pub struct Catalogue {
    rules: Arc<Rules>,
    zone: String,
    text: String,
    /// Devices, and those with a way from the entrance that enters no kernel room, with the steps of these ways.
    devices: u32,
    clear: u32,
    steps: Vec<u32>,
}

impl Catalogue {
    /// An empty catalogue of a zone.
    pub fn new(rules: Arc<Rules>, zone: &str) -> Self {
        let text = format!(
            "# Zone {zone}, rules {RULES_VERSION}: what each seed begins with. Written by labyrinth catalogue.\n\
             # Cells are x,y. Ways enter no kernel room. First interrupts: those of {WAITS} turns of waiting.\n"
        );
        Self {
            rules,
            zone: zone.into(),
            text,
            devices: 0,
            clear: 0,
            steps: Vec::new(),
        }
    }

    /// Adds the entry of a seed.
    ///
    /// # Errors
    ///
    /// If there is no such zone.
    pub fn add(&mut self, seed: u64) -> Result<(), SetupError> {
        let setup = Setup {
            zone: self.zone.clone(),
            seed,
            ..Setup::default()
        };
        let raid = Raid::new(Arc::clone(&self.rules), setup)?;
        let ways = raid.ways_clear_of_kernel();
        for device in raid.true_devices() {
            let way = ways.get(cell_of(device.room.0));
            self.devices += 1;
            self.clear += u32::from(way.is_some());
            self.steps.extend(way);
        }
        self.text.push('\n');
        self.text.push_str(&entry(&raid, &ways));
        Ok(())
    }

    /// The whole text, with the sums at its end.
    pub fn finish(mut self) -> String {
        self.steps.sort_unstable();
        let median = match self.steps.get(self.steps.len() / 2) {
            Some(steps) => format!(", half of them of at most {steps} steps"),
            None => String::new(),
        };
        let _ = writeln!(
            self.text,
            "\n# {} of {} devices can be reached at turn 0 without entering a kernel room{median}.",
            self.clear, self.devices
        );
        self.text
    }
}

/// A frame and its cell: `0x0d40 at 24,40`.
fn place(pfn: Pfn) -> String {
    let cell = cell_of(pfn);
    format!("{pfn:#06x} at {},{}", cell.x, cell.y)
}

fn entry(raid: &Raid, ways: &DistanceMap) -> String {
    let (memory, me) = (raid.memory(), &raid.view().me);
    let free: Vec<String> = memory.free_counts().map(|n| n.to_string()).into();
    let mut lines = vec![
        format!("seed {}", raid.setup().seed),
        format!(
            "memory {:016x}, everything {:016x}",
            raid.memory_hash(),
            raid.state_hash()
        ),
        format!(
            "{} pages free, blocks by order: {}",
            memory.nr_free_pages(),
            free.join(" ")
        ),
        format!("you {}", place(pfn_of(me.cell))),
    ];
    for device in raid.true_devices() {
        let way = match ways.get(cell_of(device.room.0)) {
            Some(steps) => format!("a way of {steps} steps"),
            None => "no way".into(),
        };
        lines.push(format!(
            "device {} {}, {way}",
            device.name,
            place(device.room.0)
        ));
    }
    for gate in raid.true_gates() {
        let rule = match gate.rule {
            GateRule::Until(turn) => format!("until turn {turn}"),
            GateRule::AboveLow => "above low".into(),
            GateRule::Key => "with the key".into(),
        };
        let open = if gate.open { "open" } else { "shut" };
        let gate = format!("gate {} {}, {rule}, {open}", gate.name, place(gate.room.0));
        lines.push(gate);
    }
    for (file, room) in raid.true_terminals() {
        lines.push(format!("terminal {} {}", file.path(), place(room.0)));
    }
    if let Some(key) = raid.true_key() {
        lines.push(format!("key {}", place(pfn_of(key))));
    }
    // Copies that a task has not made yet are nobody.
    for task in raid.true_tasks().filter(|task| task.alive) {
        lines.push(format!(
            "pid {} {}, {} pages, at {},{}",
            task.pid, task.name, task.pages, task.cell.x, task.cell.y
        ));
    }
    lines.extend(first_interrupts(raid));
    lines.join("\n  ") + "\n"
}

/// The first interrupt of each device, while the player waits.
fn first_interrupts(raid: &Raid) -> Vec<String> {
    let mut waiting = raid.clone();
    let mut lines = Vec::new();
    let mut raised = vec![false; raid.true_devices().count()];
    loop {
        for (device, raised) in waiting.true_devices().zip(&mut raised) {
            if let Some(request) = device.request.filter(|_| !*raised) {
                *raised = true;
                lines.push(format!(
                    "interrupt {} of {}: order {} at turn {}",
                    request.irq,
                    device.name,
                    request.order,
                    waiting.turn()
                ));
            }
        }
        let done = raised.iter().all(|&raised| raised) || waiting.turn() >= WAITS;
        if done || waiting.step(Command::Wait).is_err() {
            return lines;
        }
    }
}
