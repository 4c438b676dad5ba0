//! The data of a raid: zones as they stand in `levels/zones/`, tasks and devices in `assets/rules/`, checked when read.

mod check;
mod terminal;

use serde::Deserialize;

use super::demand::Leftover;
use super::kit::{Armoury, Modifier, ModifierSpec};
use super::score::ScoreSpec;
use crate::mm::{Gfp, Order};

pub use terminal::ProcFile;

/// Version of the rules: raised whenever the same journal would give another state.
pub const RULES_VERSION: u32 = 4;

/// All data of the game's raids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// The zones, by the order in which they are unlocked.
    pub zones: Vec<ZoneSpec>,
    /// The kinds of tasks.
    pub tasks: Vec<TaskSpec>,
    /// The kinds of devices.
    pub devices: Vec<DeviceSpec>,
    /// The items to bring.
    pub armoury: Armoury,
    /// What the challenge modifiers say of themselves, by number.
    pub modifiers: Vec<ModifierSpec>,
}

/// The data files, each as its name and its text.
#[derive(Debug, Clone, Copy)]
pub struct RuleTexts<'a> {
    /// The zones, by the order in which they are unlocked.
    pub zones: &'a [(&'a str, &'a str)],
    /// The kinds of tasks.
    pub tasks: (&'a str, &'a str),
    /// The kinds of devices.
    pub devices: (&'a str, &'a str),
    /// The items to bring.
    pub items: (&'a str, &'a str),
    /// What the challenge modifiers say of themselves.
    pub modifiers: (&'a str, &'a str),
}

/// A zone to raid.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ZoneSpec {
    /// Name in commands and journals, for example `dma`.
    pub name: String,
    /// What the kernel calls it, for example `DMA`.
    pub kernel_name: String,
    /// Cells along a side; a power of two. The zone has `side * side` pages.
    pub side: u16,
    /// Order of a pageblock.
    pub pageblock_order: Order,
    /// Turns until the hard lockup.
    pub watchdog: u32,
    /// Turns left at which the watchdog warns.
    pub watchdog_warnings: Vec<u32>,
    /// How far you see, in cells.
    pub sight: u16,
    /// References at the start, and the most there can be.
    pub refs: (u32, u32),
    /// Isolate charges at the start, and how many turns an isolation lasts.
    pub isolate: (u32, u32),
    /// Turn by which all tasks have grown to their full working set.
    pub ramp_turns: u32,
    /// Free pages the zone starts with when a `buddyinfo` line has to be scaled, per mille of all pages.
    pub free_permille: u32,
    /// Rounds the tasks play before you come in, so that memory is as fragmented as it would be.
    pub warmup: u32,
    /// Interrupts.
    pub interrupts: InterruptSpec,
    /// `vm.watermark_boost_factor`: how far the marks rise after memory was fragmented; 0 for not at all.
    pub watermark_boost_factor: u32,
    /// kswapd: pages it may evict a turn.
    pub kswapd_pages: u32,
    /// kcompactd: pages it may move a turn; 0 for a zone without it.
    pub kcompactd_pages: u32,
    /// The OOM killer.
    pub minotaur: MinotaurSpec,
    /// Your own `oom_score_adj`, as Linux has it: per mille of all pages added to your badness.
    pub oom_score_adj: i32,
    /// Devices, by name.
    pub devices: Vec<String>,
    /// Gates.
    pub gates: Vec<GateSpec>,
    /// Turns ahead at which a gate that closes by the turn says so, largest first.
    pub gate_warnings: Vec<u32>,
    /// Terminals: the file that can be read at each.
    pub terminals: Vec<ProcFile>,
    /// How it scores.
    pub score: ScoreSpec,
    /// What opens the zone to a player; without it, it is open from the start.
    #[serde(default)]
    pub unlock: Option<UnlockSpec>,
    /// Tasks, by name, and how many of each.
    pub tasks: Vec<(String, u32)>,
    /// How much larger they are here than they stand in the tasks file.
    #[serde(default)]
    pub scale: ScaleSpec,
}

/// How tasks grow with a zone: as they stand in the tasks file they fit a zone of 4096 pages.
///
/// What they take for the kernel stays as it is, for kernel objects do not grow with memory; all else does. A zone of
/// four times the pages whose requests are two orders larger is the same labyrinth with every wall twice as long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScaleSpec {
    /// Working sets, in per mille.
    pub permille: u32,
    /// Added to the orders of all requests that are not for the kernel.
    pub orders: Order,
    /// Times as many requests, and rooms freed, a turn.
    pub bursts: u32,
}

impl Default for ScaleSpec {
    fn default() -> Self {
        Self {
            permille: 1000,
            orders: 0,
            bursts: 1,
        }
    }
}

impl ScaleSpec {
    /// A kind of task as it is in the zone.
    pub fn apply(&self, task: &TaskSpec) -> TaskSpec {
        let mut task = task.clone();
        if task.mix.iter().all(|mix| mix.kind == MemoryKind::Kernel) {
            return task;
        }
        let larger = |pages: u32| (u64::from(pages) * u64::from(self.permille) / 1000) as u32;
        let (from, to) = task.working_set;
        task.working_set = (larger(from), larger(to));
        task.burst *= self.bursts;
        task.churn *= self.bursts;
        for mix in &mut task.mix {
            if mix.kind != MemoryKind::Kernel {
                mix.orders = (mix.orders.0 + self.orders, mix.orders.1 + self.orders);
            }
        }
        task
    }
}

/// What opens a zone to a player: either of two things.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnlockSpec {
    /// The zone in which they are to be done.
    pub zone: String,
    /// So many raids from which something was brought home.
    pub extractions: u32,
    /// Or one block of this order, or a larger one.
    pub order: Order,
}

/// When interrupts rise and what they ask for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InterruptSpec {
    /// Chance per turn, in per mille, that an idle device raises one.
    pub rise_permille: u32,
    /// Turns an interrupt waits.
    pub expires: u32,
    /// Weights of the orders E-1, E, E+1, E+2, where E is the largest order there is.
    pub edge_weights: (u32, u32, u32, u32),
    /// The same for the one that stands when the player comes in.
    pub first_weights: (u32, u32, u32, u32),
}

/// When the OOM killer wakes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MinotaurSpec {
    /// Turns below `min` without reclaim making progress until it wakes.
    pub patience: u32,
    /// Cells it walks a turn.
    pub speed: u32,
    /// Turns until a killed task is started again.
    pub respawn: u32,
}

/// A gate and when it is open.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GateSpec {
    /// Its name.
    pub name: String,
    /// When it is open.
    pub rule: GateRule,
}

/// When a gate is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum GateRule {
    /// Until this turn.
    Until(u32),
    /// Until free pages fall below `low`, and again once they are above `high`.
    AboveLow,
    /// Always, for who carries the key.
    Key,
}

/// A kind of device.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeviceSpec {
    /// Its name, for example `nic0`.
    pub name: String,
    /// The flags of its requests.
    pub gfp: Gfp,
    /// Smallest and largest order it asks for.
    pub orders: (Order, Order),
    /// Its interrupt line.
    pub irq: u32,
    /// Bits of an address it has lines for, if not enough for every machine: what it is given must lie that low.
    #[serde(default)]
    pub dma_bits: Option<u32>,
    /// What more than half of a block's pages must hold of their last owner to be of use to it.
    #[serde(default)]
    pub wants: Option<Leftover>,
}

/// What kind of memory a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum MemoryKind {
    /// Page cache: reclaimable.
    Cache,
    /// Anonymous: movable.
    Anonymous,
    /// Kernel: unmovable.
    Kernel,
    /// Anonymous memory pinned for a device (`FOLL_PIN`): it lies among movable memory and stays where it is.
    Pinned,
}

/// One line of a task's mix of requests.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MixSpec {
    /// How often, against the other lines.
    pub weight: u32,
    /// What kind of memory.
    pub kind: MemoryKind,
    /// Smallest and largest order.
    pub orders: (Order, Order),
}

/// How a body walks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Gait {
    /// A random step nearly every turn.
    Wander,
    /// A random step now and then.
    Slow,
    /// Away from you, into corners.
    Hide,
    /// Not at all.
    Stationary,
    /// Straight ahead every turn, another way where it cannot go on.
    Run,
    /// In straight lines through walls: shows its line for a turn, crosses it whole in the next, hurts whoever is on it,
    /// and rests.
    Transfer {
        /// The longest line, in cells; the shortest is half of it.
        reach: u16,
        /// Turns it rests in between.
        rest: u32,
    },
}

/// What a body does to you.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Temper {
    /// Nothing.
    Harmless,
    /// Hunts you when it hears you wrong it, and comes to look at grabs and fights.
    Vengeful,
    /// Hears everything loud, whoever is wronged, and goes to where the noise was.
    Keen,
}

/// How a task copies itself, as `fork()` does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ForkSpec {
    /// Turns between two forks of one copy.
    pub every: u32,
    /// The most copies that live at a time, the first one included.
    pub most: u32,
    /// Chance per turn, in per mille, that a copy writes to some of its pages.
    pub write_permille: u32,
    /// Rooms it writes to then, at most: each that is shared is copied first.
    pub writes: u32,
}

/// A kind of task.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaskSpec {
    /// Its name.
    pub name: String,
    /// The letter it is drawn with.
    pub glyph: char,
    /// One line for the codex.
    pub codex: String,
    /// Working set in pages at the start, and at the end of the ramp.
    pub working_set: (u32, u32),
    /// Most requests it makes a turn while it is below its working set.
    pub burst: u32,
    /// Chance per turn, in per mille, that it makes requests at all.
    pub busy_permille: u32,
    /// Chance per turn, in per mille, that it frees some of its rooms.
    pub churn_permille: u32,
    /// Rooms it frees then, at most.
    pub churn: u32,
    /// Its requests.
    pub mix: Vec<MixSpec>,
    /// How much of its page cache is dirty, in per mille.
    pub dirty_permille: u32,
    /// `oom_score_adj`; -1000 is never killed by the OOM killer.
    pub oom_score_adj: i32,
    /// How its body walks.
    pub gait: Gait,
    /// What its body does.
    pub temper: Temper,
    /// References of its body: blows until it dies. 0: cannot be hurt.
    pub refs: u32,
    /// Steps a turn while it hunts.
    #[serde(default = "one")]
    pub pace: u32,
    /// It copies itself.
    #[serde(default)]
    pub fork: Option<ForkSpec>,
    /// It writes back the dirty page cache that its body walks into, as the kernel's flusher threads do.
    #[serde(default)]
    pub flushes: bool,
}

fn one() -> u32 {
    1
}

/// Why a data file is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}{}: {what}", line.map(|l| format!(":{l}")).unwrap_or_default())]
pub struct RulesError {
    /// The file.
    pub file: String,
    /// The line, where the text itself is at fault.
    pub line: Option<usize>,
    /// What is wrong and what was expected.
    pub what: String,
}

impl Rules {
    /// The rules the game ships with.
    ///
    /// # Errors
    ///
    /// If a shipped data file is wrong; a test keeps that from happening.
    pub fn shipped() -> Result<Self, RulesError> {
        Self::parse(&RuleTexts {
            zones: &[
                (
                    "levels/zones/dma.ron",
                    include_str!("../../../levels/zones/dma.ron"),
                ),
                (
                    "levels/zones/dma32.ron",
                    include_str!("../../../levels/zones/dma32.ron"),
                ),
                (
                    "levels/zones/normal.ron",
                    include_str!("../../../levels/zones/normal.ron"),
                ),
            ],
            tasks: (
                "assets/rules/tasks.ron",
                include_str!("../../../assets/rules/tasks.ron"),
            ),
            devices: (
                "assets/rules/devices.ron",
                include_str!("../../../assets/rules/devices.ron"),
            ),
            items: (
                "assets/rules/items.ron",
                include_str!("../../../assets/rules/items.ron"),
            ),
            modifiers: (
                "assets/rules/modifiers.ron",
                include_str!("../../../assets/rules/modifiers.ron"),
            ),
        })
    }

    /// Reads and checks data files.
    ///
    /// # Errors
    ///
    /// Names the file, the line and what was expected.
    pub fn parse(texts: &RuleTexts<'_>) -> Result<Self, RulesError> {
        let RuleTexts {
            zones,
            tasks,
            devices,
            items,
            modifiers,
        } = *texts;
        let rules = Self {
            zones: zones
                .iter()
                .map(|&(file, text)| read(file, text))
                .collect::<Result<_, _>>()?,
            tasks: read(tasks.0, tasks.1)?,
            devices: read(devices.0, devices.1)?,
            armoury: read(items.0, items.1)?,
            modifiers: read(modifiers.0, modifiers.1)?,
        };
        check::tasks(&rules.tasks).map_err(|what| fault(tasks.0, what))?;
        check::devices(&rules.devices).map_err(|what| fault(devices.0, what))?;
        rules.armoury.check().map_err(|what| fault(items.0, what))?;
        for spec in &rules.modifiers {
            spec.check().map_err(|what| fault(modifiers.0, what))?;
        }
        for (zone, (file, _)) in rules.zones.iter().zip(zones) {
            rules.check_zone(zone).map_err(|what| fault(file, what))?;
        }
        Ok(rules)
    }

    /// What a challenge modifier says of itself.
    pub fn modifier(&self, modifier: Modifier) -> Option<&ModifierSpec> {
        let mut specs = self.modifiers.iter();
        specs.find(|spec| spec.name == modifier.name())
    }

    /// A zone by its name.
    pub fn zone(&self, name: &str) -> Option<&ZoneSpec> {
        self.zones.iter().find(|zone| zone.name == name)
    }

    /// A kind of task by its name.
    pub fn task(&self, name: &str) -> Option<&TaskSpec> {
        self.tasks.iter().find(|task| task.name == name)
    }

    /// The same rules with no task of this kind in any zone, to see what it changes.
    ///
    /// # Errors
    ///
    /// If there is no such kind.
    pub fn without(mut self, task: &str) -> Result<Self, String> {
        if self.task(task).is_none() {
            let known: Vec<&str> = self.tasks.iter().map(|task| task.name.as_str()).collect();
            return Err(format!(
                "no task is called \"{task}\", expected one of: {}",
                known.join(", ")
            ));
        }
        for zone in &mut self.zones {
            zone.tasks.retain(|(name, _)| name != task);
        }
        Ok(self)
    }

    /// A kind of device by its name.
    pub fn device(&self, name: &str) -> Option<&DeviceSpec> {
        self.devices.iter().find(|device| device.name == name)
    }
}

fn fault(file: &str, what: String) -> RulesError {
    RulesError {
        file: file.into(),
        line: None,
        what,
    }
}

fn read<T: for<'de> Deserialize<'de>>(file: &str, text: &str) -> Result<T, RulesError> {
    ron::from_str(text).map_err(|error| RulesError {
        file: file.into(),
        line: Some(error.span.start.line),
        what: error.code.to_string(),
    })
}
