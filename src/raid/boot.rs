//! Booting a raid: the zone is made, places are built, tasks fill memory, and you come in.

use std::sync::Arc;

use super::holdings::Holdings;
use super::player::Player;
use super::rng::{Purpose, Stream};
use super::rules::{MemoryKind, Rules, ZoneSpec};
use super::tasks::{Task, gfp_for};
use super::threads::{Kswapd, Minotaur};
use super::{Device, Event, Gate, Raid, SITE_ORDER, Setup};
use crate::kernel_text::layout;
use crate::labyrinth::{Cell, CellSet, Maze, cell_of, distances, pfn_of};
use crate::mm::{BlockState, ConfigError, Gfp, MigrateType, Order, Owner, PageFlags, Pfn, Zone, ZoneConfig};

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
    /// The free blocks asked for cannot be laid out.
    #[error("the free blocks cannot be laid out in zone \"{zone}\": {error}")]
    Layout {
        /// The zone.
        zone: String,
        /// Why not.
        error: layout::LayoutError,
    },
}

/// Cells of a square in which at most one place is built, so that places keep their distance.
const LOT: u16 = 8;

impl Raid {
    /// Boots a raid from its setup.
    ///
    /// # Errors
    ///
    /// If the zone is unknown, or cannot be laid out as asked for.
    pub fn new(rules: Arc<Rules>, setup: Setup) -> Result<Self, SetupError> {
        let zone = rules.zone(&setup.zone).cloned().ok_or_else(|| SetupError::UnknownZone {
            name: setup.zone.clone(),
            known: rules.zones.iter().map(|zone| zone.name.as_str()).collect::<Vec<_>>().join(", "),
        })?;
        let pages = u32::from(zone.side) * u32::from(zone.side);
        let config = ZoneConfig {
            watermark_boost_factor: zone.watermark_boost_factor,
            ..ZoneConfig::new(&zone.kernel_name, pages, zone.pageblock_order)
        };
        let memory = Zone::new(config).map_err(|error| SetupError::Zone {
            zone: zone.name.clone(),
            error,
        })?;
        let maze = Maze::new(&memory, setup.seed);
        let mut map = Stream::new(setup.seed, Purpose::Map);
        let places = Places::choose(&zone, &mut map);
        let mut raid = Self {
            holdings: Holdings::new(pages),
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
                isolate_charges: zone.isolate.0,
                isolation: None,
                key: false,
                handed: None,
                work: None,
            },
            devices: places.devices(&rules, &zone),
            gates: places.gates(&zone),
            key_room: Some(places.key),
            key_lies: true,
            tasks: Vec::new(),
            kswapd: Kswapd { awake: false, woken: false, cell: Cell { x: 0, y: 0 } },
            minotaur: Minotaur::Asleep { hungry: 0 },
            visible: CellSet::new(maze.grid()),
            touched: Vec::new(),
            events: Vec::new(),
            memory_events: Vec::new(),
            view: super::View::empty(maze.grid()),
            outcome: None,
            rules,
            memory,
            maze,
            maze_stale: true,
            setup,
            zone,
        };
        raid.build(&places);
        raid.start_tasks();
        match raid.setup.layout {
            None => raid.fill(),
            Some(free) => raid.lay_out(&free, &places, &mut map)?,
        }
        raid.come_in(&mut map);
        Ok(raid)
    }

    /// News of the moment you come in.
    pub fn arrival(&self) -> Vec<Event> {
        self.devices
            .iter()
            .filter(|device| device.known)
            .map(|device| Event::DeviceFound { device: device.spec.name.clone() })
            .chain(self.devices.iter().filter_map(|device| {
                device.request.map(|request| Event::Irq {
                    irq: request.irq,
                    device: device.spec.name.clone(),
                    order: request.order,
                    gfp: request.gfp,
                })
            }))
            .collect()
    }

    /// Takes the frames of devices, gates and the key out of memory, for good.
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
            let Some(spec) = self.rules.task(&name).cloned() else { continue };
            for i in 0..count {
                pid += 1;
                self.tasks.push(Task {
                    pid,
                    name: if count == 1 { name.clone() } else { format!("{name}/{i}") },
                    base: spec.working_set.0,
                    cell: Cell { x: 0, y: 0 },
                    refs: spec.refs,
                    reborn: None,
                    hunts_until: 0,
                    calm_until: 0,
                    spec: spec.clone(),
                });
            }
        }
    }

    /// Fills memory by letting the tasks allocate and free as they do, so that it is as fragmented as it would be.
    ///
    /// They first grow as large as they will be at the end of the ramp, and start-up code takes the rest, page by
    /// page. Then they shrink to what they hold at the start by freeing at random, and churn while start-up code
    /// gives its pages back: no stretch of memory is left that nobody ever used.
    fn fill(&mut self) {
        let reserve = self.memory.watermarks().high;
        loop {
            let missing: Vec<u32> = self.tasks.iter().map(|task| self.short_of(task, task.spec.working_set.1)).collect();
            let full = self.memory.nr_free_pages() <= reserve || missing.iter().all(|&pages| pages == 0);
            let i = self.workload.weighted(&missing);
            if full || !self.request(i) {
                break;
            }
        }
        let startup = self.tasks.len() as u16 + super::CURRENT + 1;
        let urgent = Gfp::GFP_ATOMIC | Gfp::MEMALLOC;
        while self.memory.alloc_pages(urgent, 0, Self::owner(startup), &mut self.memory_events).is_ok() {
            self.book_memory(startup);
        }
        for i in 0..self.tasks.len() {
            let pid = self.tasks[i].pid;
            while self.holdings.pages(pid) > self.tasks[i].base {
                self.free_one(pid);
            }
        }
        for rounds_left in (1..=self.zone.warmup).rev() {
            for _ in 0..self.holdings.pages(startup).div_ceil(rounds_left) {
                self.free_one(startup);
            }
            for i in 0..self.tasks.len() {
                self.churn(i);
                while self.short_of(&self.tasks[i], self.tasks[i].base) > 0 && self.request(i) {}
            }
        }
        self.settle();
    }

    fn short_of(&self, task: &Task, pages: u32) -> u32 {
        pages.saturating_sub(self.holdings.pages(task.pid))
    }

    /// Lays memory out so that its free blocks are the given ones, and gives the rest to the tasks.
    fn lay_out(
        &mut self,
        free: &[u64; crate::mm::NR_PAGE_ORDERS],
        places: &Places,
        map: &mut Stream,
    ) -> Result<(), SetupError> {
        let pages = self.memory.pages();
        let budget = pages * self.zone.free_permille / 1000;
        let reserved = places.reserved();
        let plan = layout::layout(free, pages, &reserved, budget, &mut |n| map.below(n)).map_err(
            |error| SetupError::Layout { zone: self.zone.name.clone(), error },
        )?;
        let mut spoken_for = vec![false; pages as usize];
        for &(pfn, order) in plan.free.iter().chain(&reserved) {
            spoken_for[pfn as usize..(pfn + (1 << order)) as usize].fill(true);
        }
        let block = 1 << self.zone.pageblock_order;
        for start in (0..pages).step_by(block as usize) {
            self.settle_pageblock(start, start + block, &spoken_for);
        }
        self.settle();
        Ok(())
    }

    /// Gives the unspoken frames of one pageblock to tasks, all of one kind of memory as grouping by mobility would.
    fn settle_pageblock(&mut self, start: Pfn, end: Pfn, spoken_for: &[bool]) {
        const KINDS: [(MemoryKind, MigrateType); 3] = [
            (MemoryKind::Anonymous, MigrateType::Movable),
            (MemoryKind::Cache, MigrateType::Reclaimable),
            (MemoryKind::Kernel, MigrateType::Unmovable),
        ];
        let weights: Vec<u32> = KINDS
            .iter()
            .map(|&(kind, _)| (0..self.tasks.len()).map(|i| self.share(i, kind)).sum())
            .collect();
        let (kind, migratetype) = KINDS[self.workload.weighted(&weights)];
        self.memory.set_pageblock_type(start, migratetype);
        let mut pfn = start;
        while pfn < end {
            if spoken_for[pfn as usize] {
                pfn += 1;
                continue;
            }
            let shares: Vec<u32> = (0..self.tasks.len()).map(|i| self.share(i, kind)).collect();
            let i = self.workload.weighted(&shares);
            let mut order = self.draw_order(i, kind);
            while !pfn.is_multiple_of(1 << order)
                || spoken_for[pfn as usize..(pfn + (1 << order)) as usize].contains(&true)
            {
                order -= 1;
            }
            let pid = self.tasks[i].pid;
            let taken = self.memory.alloc_at(
                pfn,
                order,
                gfp_for(kind).migratetype(),
                Self::owner(pid),
                PageFlags::empty(),
                &mut self.memory_events,
            );
            debug_assert_eq!(taken, Ok(()));
            self.book_memory(pid);
            if kind == MemoryKind::Cache {
                let dirty = self.workload.chance(self.tasks[i].spec.dirty_permille);
                self.becomes_cache(pfn, dirty);
            }
            pfn += 1 << order;
        }
    }

    /// How many pages of a kind of memory a task would like to hold.
    fn share(&self, i: usize, kind: MemoryKind) -> u32 {
        let spec = &self.tasks[i].spec;
        let weight = |kind: Option<MemoryKind>| -> u32 {
            spec.mix
                .iter()
                .filter(|mix| kind.is_none_or(|kind| mix.kind == kind))
                .map(|mix| mix.weight * ((1 << mix.orders.0) + (1 << mix.orders.1)))
                .sum()
        };
        spec.working_set.0 * weight(Some(kind)) / weight(None).max(1)
    }

    fn draw_order(&mut self, i: usize, kind: MemoryKind) -> Order {
        let lines: Vec<_> = self.tasks[i].spec.mix.iter().filter(|mix| mix.kind == kind).cloned().collect();
        let weights: Vec<u32> = lines.iter().map(|mix| mix.weight).collect();
        let line = self.workload.weighted(&weights);
        lines.get(line).map_or(0, |mix| {
            self.workload.between(u32::from(mix.orders.0), u32::from(mix.orders.1)) as Order
        })
    }

    /// Working sets grow from what each task holds now; bodies take their places.
    fn settle(&mut self) {
        self.refresh_maze();
        let side = u32::from(self.zone.side);
        for i in 0..self.tasks.len() {
            let pid = self.tasks[i].pid;
            self.tasks[i].base = self.holdings.pages(pid);
            let own = self.holdings.of(pid).len() as u32;
            let pick = self.bodies.below(own) as usize;
            let mut cell = self.holdings.of(pid).get(pick).map_or(Cell { x: 0, y: 0 }, |&(pfn, _)| cell_of(pfn));
            while self.built(cell) || self.body_in(cell).is_some_and(|other| other < i) {
                cell = Cell {
                    x: self.bodies.below(side) as u16,
                    y: self.bodies.below(side) as u16,
                };
            }
            self.tasks[i].cell = cell;
        }
        self.kswapd.woken = false;
        self.events.clear();
    }

    /// Chooses where you come in: in a free room, away from gates, from which a device can be
    /// reached without stepping into kernel memory if there is such a place.
    fn come_in(&mut self, map: &mut Stream) {
        self.refresh_maze();
        let goals: Vec<Cell> = self.devices.iter().map(|device| cell_of(device.room)).collect();
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
            let fault = u32::from(near_gate) * 8 + u32::from(near_device) * 4 + small * 2
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
            self.gates[i].open = self.gate_is_open(self.gates[i].spec.rule);
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
        self.look_around();
        self.events.clear();
    }

    /// What a step costs when choosing where to come in: kernel rooms count as very far.
    fn toll(&self, from: Cell, to: Cell) -> u32 {
        let room = self.block_of(to);
        match room.state {
            BlockState::Allocated { migratetype: MigrateType::Unmovable, flags, .. }
                if !flags.contains(PageFlags::RESERVED) && !room.contains(pfn_of(from)) =>
            {
                KERNEL_TOLL
            }
            _ => 1,
        }
    }

    /// Puts a built place on the map you were given: known, as of turn 0.
    fn remember_site(&mut self, room: Pfn) {
        let block = self.block_of(cell_of(room));
        for page in block.pfn..block.pfn + (1 << block.order) {
            self.remember(cell_of(page));
        }
    }
}

/// Steps that a kernel room counts for when an entrance is chosen.
const KERNEL_TOLL: u32 = 1000;

fn way_from(device: &Device, cell: Cell) -> u32 {
    cell_of(device.room).manhattan(cell)
}

/// Where everything built stands.
struct Places {
    devices: Vec<Pfn>,
    gates: Vec<Pfn>,
    key: Pfn,
}

impl Places {
    /// Draws a lot for each place: gates along the border, devices and the key inside, at most one a lot.
    fn choose(zone: &ZoneSpec, map: &mut Stream) -> Self {
        let lots = zone.side / LOT;
        let mut border = Vec::new();
        let mut inner = Vec::new();
        for y in 0..lots {
            for x in 0..lots {
                let at_border = x == 0 || y == 0 || x == lots - 1 || y == lots - 1;
                if at_border { &mut border } else { &mut inner }.push((x, y));
            }
        }
        map.shuffle(&mut border);
        map.shuffle(&mut inner);
        let gates = spread(&border, zone.gates.len(), lots);
        let mut wanted = spread(&inner, zone.devices.len() + 1, lots);
        let key = wanted.pop().unwrap_or((0, 0));
        let gate_pfns = gates.into_iter().map(|lot| border_site(lot, lots, map)).collect();
        let device_pfns = wanted.into_iter().map(|lot| inner_site(lot, map)).collect();
        let key_cell = Cell {
            x: key.0 * LOT + map.below(u32::from(LOT)) as u16,
            y: key.1 * LOT + map.below(u32::from(LOT)) as u16,
        };
        Self { devices: device_pfns, gates: gate_pfns, key: pfn_of(key_cell) }
    }

    fn reserved(&self) -> Vec<(Pfn, Order)> {
        self.devices
            .iter()
            .chain(&self.gates)
            .map(|&pfn| (pfn, SITE_ORDER))
            .chain([(self.key, 0)])
            .collect()
    }

    fn devices(&self, rules: &Rules, zone: &ZoneSpec) -> Vec<Device> {
        zone.devices
            .iter()
            .filter_map(|name| rules.device(name))
            .zip(&self.devices)
            .map(|(spec, &room)| Device { spec: spec.clone(), room, known: false, heard: false, request: None })
            .collect()
    }

    fn gates(&self, zone: &ZoneSpec) -> Vec<Gate> {
        zone.gates
            .iter()
            .zip(&self.gates)
            .map(|(spec, &room)| Gate { spec: spec.clone(), room, open: true })
            .collect()
    }
}

/// Takes `count` lots, each as far as can be from those taken before it; `lots` are in random order.
fn spread(lots: &[(u16, u16)], count: usize, across: u16) -> Vec<(u16, u16)> {
    let mut taken: Vec<(u16, u16)> = Vec::new();
    let mut apart = across;
    while taken.len() < count.min(lots.len()) {
        let next = lots.iter().find(|&&(x, y)| {
            !taken.contains(&(x, y))
                && taken.iter().all(|&(ox, oy)| x.abs_diff(ox).max(y.abs_diff(oy)) >= apart)
        });
        match next {
            Some(&lot) => taken.push(lot),
            None => apart = apart.saturating_sub(1),
        }
    }
    taken
}

/// A 2x2 site in an inner lot.
fn inner_site(lot: (u16, u16), map: &mut Stream) -> Pfn {
    let slots = u32::from(LOT / 2);
    let x = lot.0 * LOT + 2 * map.below(slots) as u16;
    let y = lot.1 * LOT + 2 * map.below(slots) as u16;
    pfn_of(Cell { x, y })
}

/// A 2x2 site in a border lot, against the border.
fn border_site(lot: (u16, u16), lots: u16, map: &mut Stream) -> Pfn {
    let slots = u32::from(LOT / 2);
    let mut x = lot.0 * LOT + 2 * map.below(slots) as u16;
    let mut y = lot.1 * LOT + 2 * map.below(slots) as u16;
    let last = lots * LOT - 2;
    if lot.0 == 0 {
        x = 0;
    } else if lot.0 == lots - 1 {
        x = last;
    } else if lot.1 == 0 {
        y = 0;
    } else {
        y = last;
    }
    pfn_of(Cell { x, y })
}
