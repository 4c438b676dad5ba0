//! Booting a raid: the zone is made, places are built, tasks fill memory, and you come in.

use std::sync::Arc;

use super::demand::Leftover;
use super::gear::Gear;
use super::holdings::Holdings;
use super::kcompactd::Kcompactd;
use super::kit::{KitError, ModifierError};
use super::places::Places;
use super::player::Player;
use super::rng::{Purpose, Stream};
use super::rules::Rules;
use super::shares::Shares;
use super::tasks::{NEVER, Task};
use super::threads::{Kswapd, Minotaur};
use super::{Device, Event, Item, Raid, Setup, challenge};
use crate::kernel_text::layout;
use crate::labyrinth::{Cell, CellSet, Maze, cell_of, distances, pfn_of};
use crate::mm::{
    BlockState, Compaction, ConfigError, MigrateType, Order, Owner, PAGE_SHIFT, PageFlags, Pfn,
    Zone, ZoneConfig, calculate_min_free_kbytes,
};

/// Why a raid cannot be set up.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SetupError {
    /// There is no such zone.
    #[error("no zone is called \"{name}\", expected one of: {known}")]
    UnknownZone {
        /// What was asked for.
        name: String,
        /// The zones there are.
        known: String,
    },
    /// The allocator refused the zone's figures.
    #[error("zone \"{zone}\": {error}")]
    Zone {
        /// The zone.
        zone: String,
        /// What is wrong.
        error: ConfigError,
    },
    /// The kit does not fit.
    #[error(transparent)]
    Kit(#[from] KitError),
    /// A modifier does not fit the zone.
    #[error(transparent)]
    Modifier(#[from] ModifierError),
    /// The free blocks asked for are too few to play in.
    #[error("the line has {free} free pages, expected at least {least} to play in zone \"{zone}\"")]
    TooFull {
        /// The zone.
        zone: String,
        /// Free pages that would be laid out.
        free: u32,
        /// The zone's `high` mark.
        least: u32,
    },
    /// The free blocks asked for cannot be laid out.
    #[error("the free blocks cannot be laid out in zone \"{zone}\": {error}")]
    Layout {
        /// The zone.
        zone: String,
        /// Why not.
        error: layout::LayoutError,
    },
}

impl Raid {
    /// Boots a raid from its setup.
    ///
    /// # Errors
    ///
    /// If the zone is unknown, or cannot be laid out as asked for.
    pub fn new(rules: Arc<Rules>, setup: Setup) -> Result<Self, SetupError> {
        let zone = rules
            .zone(&setup.zone)
            .cloned()
            .ok_or_else(|| SetupError::UnknownZone {
                name: setup.zone.clone(),
                known: rules
                    .zones
                    .iter()
                    .map(|zone| zone.name.as_str())
                    .collect::<Vec<_>>()
                    .join(", "),
            })?;
        setup.loadout.fits(&rules.armoury)?;
        let pages = u32::from(zone.side) * u32::from(zone.side);
        setup.modifiers.fit(pages, zone.pageblock_order)?;
        let zone = challenge::changed(zone, &setup);
        let config = ZoneConfig {
            watermark_boost_factor: zone.watermark_boost_factor,
            ..ZoneConfig::new(&zone.kernel_name, pages, zone.pageblock_order)
        };
        let config = tuned(config, &rules, &setup);
        let memory = Zone::new(config).map_err(|error| SetupError::Zone {
            zone: zone.name.clone(),
            error,
        })?;
        let charges = if setup.loadout.has(Item::Isolate) {
            rules.armoury.spec(Item::Isolate).amount
        } else {
            0
        };
        let maze = Maze::new(&memory, setup.seed);
        let mut map = Stream::new(setup.seed, Purpose::Map);
        let places = Places::choose(&zone, &mut map);
        let mut raid = Self {
            holdings: Holdings::new(pages),
            shares: Shares::default(),
            leftovers: vec![Leftover::Nothing; pages as usize],
            workload: Stream::new(setup.seed, Purpose::Workload),
            bodies: Stream::new(setup.seed, Purpose::Bodies),
            loot: Stream::new(setup.seed, Purpose::Loot),
            turn: 0,
            watchdog: zone.watchdog,
            player: Player {
                cell: Cell { x: 0, y: 0 },
                inside: false,
                refs: zone.refs.0,
                held: Vec::new(),
                isolate_charges: zone.isolate.0 + charges,
                isolation: None,
                key: false,
                handed: None,
                work: None,
                zeroing: Vec::new(),
                gear: Gear::new(&rules.armoury, &setup.loadout, zone.oom_score_adj),
            },
            writebacks: Vec::new(),
            scan_due: false,
            devices: places.devices(&rules, &zone),
            gates: places.gates(&zone),
            terminals: places.terminals(&zone),
            key_room: Some(places.key),
            key_lies: true,
            tasks: Vec::new(),
            kswapd: Kswapd {
                awake: false,
                woken: false,
                cell: Cell { x: 0, y: 0 },
            },
            kcompactd: Kcompactd {
                woken: None,
                order: None,
                compaction: Compaction::new(&memory),
                cell: Cell { x: 0, y: 0 },
            },
            minotaur: Minotaur::Asleep { hungry: 0 },
            starved: false,
            visible: CellSet::new(maze.grid()),
            touched: Vec::new(),
            events: Vec::new(),
            memory_events: Vec::new(),
            memory_news: Vec::new(),
            view: super::View::empty(maze.grid()),
            outcome: None,
            rules,
            memory,
            maze,
            maze_stale: true,
            cuts: Vec::new(),
            lit: Vec::new(),
            counted: vec![0; pages as usize],
            counts: 0,
            setup,
            zone,
        };
        raid.build(&places);
        raid.reserve_for_modifiers();
        raid.reserve_for_items();
        raid.start_tasks();
        match raid.setup.layout {
            None => raid.fill(),
            Some(free) => raid.lay_out(&free, &mut map)?,
        }
        raid.come_in(&mut map);
        raid.memory_news = Vec::new();
        Ok(raid)
    }

    /// News of the moment you come in.
    pub fn arrival(&self) -> Vec<Event> {
        self.devices
            .iter()
            .filter(|device| device.known)
            .map(|device| Event::DeviceFound {
                device: device.spec.name.clone(),
            })
            .chain(self.devices.iter().filter_map(|device| {
                device.request.map(|request| Event::Irq {
                    irq: request.irq,
                    device: device.spec.name.clone(),
                    order: request.order,
                    gfp: request.gfp,
                    demand: request.demand,
                })
            }))
            .collect()
    }

    /// Takes the frames of devices, gates, terminals and the key out of memory, for good.
    fn build(&mut self, places: &Places) {
        for (pfn, order) in places.reserved() {
            let taken = self.memory.alloc_at(
                pfn,
                order,
                MigrateType::Unmovable,
                Owner::NONE,
                PageFlags::RESERVED,
                &mut self.memory_events,
            );
            debug_assert_eq!(taken, Ok(()));
        }
        self.memory_events.clear();
    }

    fn start_tasks(&mut self) {
        let mut pid = super::CURRENT;
        for (name, count) in self.zone.tasks.clone() {
            let Some(mut spec) = self
                .rules
                .task(&name)
                .map(|task| self.zone.scale.apply(task))
            else {
                continue;
            };
            let (least, most) = spec.working_set;
            spec.working_set = (self.in_proportion(least), self.in_proportion(most));
            let copies = spec.fork.map_or(1, |fork| fork.most);
            for i in 0..count * copies {
                pid += 1;
                let first = i % copies == 0;
                self.tasks.push(Task {
                    pid,
                    name: if count * copies == 1 {
                        name.clone()
                    } else {
                        format!("{name}/{i}")
                    },
                    base: spec.working_set.0,
                    cell: Cell { x: 0, y: 0 },
                    refs: spec.refs,
                    reborn: (!first).then_some(NEVER),
                    hunts_until: 0,
                    calm_until: 0,
                    roused: None,
                    heard: None,
                    heading: None,
                    line: None,
                    rest_until: 0,
                    fork_at: spec.fork.map_or(0, |fork| fork.every),
                    family: pid - (i % copies) as u16,
                    spec: spec.clone(),
                });
            }
        }
    }

    /// Chooses where you come in: in a free room, away from gates, from which a device can be
    /// reached without stepping into kernel memory if there is such a place.
    fn come_in(&mut self, map: &mut Stream) {
        self.refresh_maze();
        let goals: Vec<Cell> = self
            .devices
            .iter()
            .map(|device| cell_of(device.room))
            .collect();
        let way = distances(&self.maze, &goals, |from, _, to| Some(self.toll(from, to)));
        let gates: Vec<Cell> = self.gates.iter().map(|gate| cell_of(gate.room)).collect();
        let far = u32::from(self.zone.side) / 4;
        let mut best: Option<(u32, Cell)> = None;
        let mut rooms: Vec<(Pfn, Order)> = self
            .memory
            .blocks()
            .filter(crate::mm::Block::is_free)
            .map(|block| (block.pfn, block.order))
            .collect();
        map.shuffle(&mut rooms);
        for (pfn, order) in rooms {
            let cell = cell_of(pfn);
            if self.body_in(cell).is_some() {
                continue;
            }
            let near_gate = gates.iter().any(|gate| gate.manhattan(cell) < far);
            let steps = way.get(cell).unwrap_or(u32::MAX);
            let near_device = goals.iter().any(|goal| goal.manhattan(cell) < far / 2);
            let small = u32::from(order < 2);
            // Lower is better; the shuffle breaks ties.
            let fault = u32::from(near_gate) * 8
                + u32::from(near_device) * 4
                + small * 2
                + u32::from(steps >= KERNEL_TOLL) * 16;
            if best.is_none_or(|(least, _)| fault < least) {
                best = Some((fault, cell));
            }
            if fault == 0 {
                break;
            }
        }
        self.player.cell = best.map_or_else(|| cell_of(self.gates[0].room), |(_, cell)| cell);
        self.player.inside = true;
        let nearest = (0..self.devices.len())
            .min_by_key(|&i| (way_from(&self.devices[i], self.player.cell), i));
        if let Some(i) = nearest {
            self.devices[i].known = true;
            self.raise(i);
        }
        for i in 0..self.gates.len() {
            self.gates[i].open = self.gate_is_open(self.gates[i].spec.rule, true);
        }
        self.view = self.blank_view();
        for i in 0..self.devices.len() {
            if self.devices[i].known {
                self.remember_site(self.devices[i].room);
            }
        }
        for i in 0..self.gates.len() {
            self.remember_site(self.gates[i].room);
        }
        for i in 0..self.terminals.len() {
            self.remember_site(self.terminals[i].room);
        }
        for (pfn, _) in self.reserves() {
            self.remember_site(pfn);
        }
        self.look_around();
        self.events.clear();
    }

    /// What a step costs when choosing where to come in: kernel rooms count as very far.
    fn toll(&self, from: Cell, to: Cell) -> u32 {
        let room = self.block_of(to);
        match room.state {
            BlockState::Allocated {
                migratetype: MigrateType::Unmovable,
                flags,
                ..
            } if !flags.contains(PageFlags::RESERVED) && !room.contains(pfn_of(from)) => {
                KERNEL_TOLL
            }
            _ => 1,
        }
    }

    /// Puts a built place on the map you were given: known, as of turn 0.
    pub(super) fn remember_site(&mut self, room: Pfn) {
        let block = self.block_of(cell_of(room));
        for page in block.pfn..block.pfn + (1 << block.order) {
            self.remember(cell_of(page));
        }
    }
}

/// The zone's settings with what items change of them.
fn tuned(mut config: ZoneConfig, rules: &Rules, setup: &Setup) -> ZoneConfig {
    if setup.loadout.has(Item::MinFreeKbytes) {
        let percent = u64::from(rules.armoury.spec(Item::MinFreeKbytes).amount);
        let kbytes = u64::from(config.pages) << (PAGE_SHIFT - 10);
        let formula = u64::from(calculate_min_free_kbytes(kbytes));
        config.min_free_kbytes = Some((formula * percent / 100) as u32);
    }
    config
}

/// Steps that a kernel room counts for when an entrance is chosen.
const KERNEL_TOLL: u32 = 1000;

fn way_from(device: &Device, cell: Cell) -> u32 {
    cell_of(device.room).manhattan(cell)
}
