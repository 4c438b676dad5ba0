//! What the player sees at the end of a turn, and what of the rest is remembered.

use super::demand::Leftover;
use super::rules::Temper;
use super::threads::Minotaur;
use super::view::{
    Badness, BodyView, CellView, DeviceView, GateView, Gauge, Knowledge, Me, MinotaurView,
    RoomKind, Scan, Site, Transfer, View,
};
use super::{CURRENT, Event, Raid, SITE_ORDER, transfer};
use crate::labyrinth::{Cell, CellSet, Dir, block_rect, cell_of, visible_into};
use crate::mm::{Block, BlockState, Gfp, MigrateType, NR_PAGE_ORDERS, Order, PageFlags, Pfn};

/// Turns after which a body that was seen is forgotten.
const FORGET_TURNS: u32 = 40;
/// Lines of the badness table, at most.
const BADNESS_LINES: usize = 6;

impl Raid {
    /// The view before anything was seen: with a count of free blocks that was true when you came in.
    pub(super) fn blank_view(&self) -> View {
        View {
            zone: self.zone.name.clone(),
            zone_kernel_name: self.zone.kernel_name.clone(),
            seed: self.setup.seed,
            pageblock_order: self.zone.pageblock_order,
            gauge: self.gauge(),
            me: self.me(),
            scan: Scan {
                turn: 0,
                free: self.memory.free_counts(),
            },
            watchdog: (self.watchdog, self.zone.watchdog),
            ..View::empty(self.maze.grid())
        }
    }

    /// Looks around: brings the view up to this turn.
    pub(super) fn look_around(&mut self) {
        self.refresh_maze();
        self.set_deadline();
        let mut seen = std::mem::replace(&mut self.visible, CellSet::new(self.maze.grid()));
        seen.clear();
        visible_into(&self.maze, self.player.cell, self.zone.sight, &mut seen);
        for cell in block_rect_of(&self.block_of(self.player.cell)) {
            if cell.chebyshev(self.player.cell) <= self.zone.sight {
                seen.insert(cell);
            }
        }
        let held = self.player.held.iter().map(|held| (held.pfn, held.order));
        for (pfn, order) in held.chain(self.player.gear.pool) {
            for cell in block_rect(pfn, order).cells() {
                seen.insert(cell);
            }
        }
        self.visible = seen;
        self.announce_lines();
        self.see_cells();
        self.find_places();
        self.count_free_rooms();
        self.read_scan();
        self.see_bodies();
        self.view.turn = self.turn;
        if self.view.names.len() != self.tasks.len() {
            let names = self.tasks.iter().map(|task| (task.pid, task.name.clone()));
            self.view.names = names.collect();
        }
        self.view.gauge = self.gauge();
        self.view.me = self.me();
        self.view.key_bearing = self
            .key_room
            .filter(|_| self.key_lies)
            .map(|room| bearing(self.player.cell, cell_of(room)));
        self.view.devices = self.device_views();
        self.view.gates = self.gate_views();
        self.view.terminals = self.terminal_views();
        self.view.badness = self.badness_lines();
        self.view.minotaur = self.minotaur_view();
        self.view.kswapd_awake = self.kswapd.awake;
        self.view.watchdog.0 = self.watchdog;
        self.view.outcome.clone_from(&self.outcome);
    }

    /// Writes down what a cell is now, as remembered from this turn on.
    pub(super) fn remember(&mut self, cell: Cell) {
        let seen = self.inspect(cell, Knowledge::Invalid);
        let index = self.maze.grid().index(cell);
        self.note(index, seen);
    }

    fn note(&mut self, index: usize, seen: CellView) {
        if self.view.cells[index].knowledge == Knowledge::Unknown {
            self.view.known.push(index as u32);
        }
        if seen.knowledge.is_true() {
            self.lit.push(index as u32);
        }
        self.view.cells[index] = seen;
    }

    fn see_cells(&mut self) {
        for index in std::mem::take(&mut self.lit) {
            let known = &mut self.view.cells[index as usize];
            if known.knowledge.is_true() {
                known.knowledge = Knowledge::Invalid;
            }
        }
        // Who sees a part of a room knows the room: it is one block.
        let grid = self.maze.grid();
        let mut known = CellSet::new(grid);
        let touched: Vec<Cell> = self.touched.iter().map(|&(pfn, _)| cell_of(pfn)).collect();
        let visible: Vec<Cell> = self.visible.iter().collect();
        for cell in visible.into_iter().chain(touched) {
            if known.contains(cell) {
                continue;
            }
            let block = self.block_of(cell);
            let mut room = self.inspect(cell, Knowledge::Shared);
            if self.touched_by_player(&block) {
                room.knowledge = Knowledge::Modified;
            } else if room.kind == RoomKind::Yours {
                room.knowledge = Knowledge::Exclusive;
            }
            for cell in block_rect_of(&block) {
                known.insert(cell);
                let seen = CellView {
                    left: self.left_in(cell, room.kind),
                    edges: Dir::ALL.map(|dir| self.maze.edge(cell, dir)),
                    ..room
                };
                self.note(grid.index(cell), seen);
            }
        }
    }

    /// True if the player changed this block, or a part of what is now this block, this turn.
    fn touched_by_player(&self, block: &Block) -> bool {
        self.touched.iter().any(|&(pfn, order)| {
            let common = order.max(block.order);
            pfn >> common == block.pfn >> common
        })
    }

    /// What a cell is now.
    fn inspect(&self, cell: Cell, knowledge: Knowledge) -> CellView {
        let block = self.block_of(cell);
        let (kind, owner) = self.kind_of(&block);
        CellView {
            knowledge,
            turn: self.turn,
            room: block.pfn,
            order: block.order,
            kind,
            owner,
            migratetype: type_of(&block),
            left: self.left_in(cell, kind),
            locked: self.is_locked(&block),
            edges: Dir::ALL.map(|dir| self.maze.edge(cell, dir)),
        }
    }

    /// What can be seen of a page's last owner: nothing while somebody else has it.
    fn left_in(&self, cell: Cell, kind: RoomKind) -> Leftover {
        match kind {
            RoomKind::Void | RoomKind::Yours => self.leftover_at(cell),
            _ => Leftover::Nothing,
        }
    }

    /// What a room is, and the pid of its owner.
    pub(super) fn kind_of(&self, block: &Block) -> (RoomKind, u16) {
        let BlockState::Allocated {
            owner,
            migratetype,
            flags,
        } = block.state
        else {
            return (RoomKind::Void, 0);
        };
        let kind = if owner.0 == CURRENT {
            RoomKind::Yours
        } else if flags.contains(PageFlags::RESERVED) {
            RoomKind::Reserved(self.site_at(block.pfn))
        } else {
            match migratetype {
                MigrateType::Reclaimable => RoomKind::Cache {
                    dirty: flags.contains(PageFlags::DIRTY),
                },
                MigrateType::Movable if !flags.contains(PageFlags::PINNED) => RoomKind::Anonymous,
                _ => RoomKind::Kernel,
            }
        };
        (kind, owner.0)
    }

    fn site_at(&self, room: Pfn) -> Site {
        if let Some(i) = self.devices.iter().position(|device| device.room == room) {
            return Site::Device(i as u8);
        }
        if let Some(i) = self.gates.iter().position(|gate| gate.room == room) {
            return Site::Gate(i as u8);
        }
        let mut terminals = self.terminals.iter();
        if let Some(i) = terminals.position(|terminal| terminal.room == room) {
            return Site::Terminal(i as u8);
        }
        if self.key_room != Some(room) && room >= self.memory_pages() {
            return Site::Stone;
        }
        Site::Key
    }

    /// Notices devices and the key when they come into sight.
    fn find_places(&mut self) {
        for i in 0..self.devices.len() {
            if !self.devices[i].known && self.sees_block(self.devices[i].room, SITE_ORDER) {
                self.devices[i].known = true;
                let device = self.devices[i].spec.name.clone();
                self.events.push(Event::DeviceFound { device });
            }
        }
        match self.key_room {
            Some(room) if self.key_lies => {
                if self.view.key_cell.is_none() && self.visible.contains(cell_of(room)) {
                    self.view.key_cell = Some(cell_of(room));
                    self.events.push(Event::KeySeen);
                }
            }
            _ => self.view.key_cell = None,
        }
    }

    fn count_free_rooms(&mut self) {
        let mut seen = [0; NR_PAGE_ORDERS];
        let mut remembered = [0; NR_PAGE_ORDERS];
        // One mark per frame: the count in which a free room was already met as starting there.
        self.counts += 1;
        let now = self.counts;
        for pass in [true, false] {
            for &index in &self.view.known {
                let cell = &self.view.cells[index as usize];
                let known = cell.knowledge != Knowledge::Unknown;
                if !known || cell.kind != RoomKind::Void || cell.knowledge.is_true() != pass {
                    continue;
                }
                let counted = &mut self.counted[cell.room as usize];
                if *counted == now {
                    continue;
                }
                *counted = now;
                let counts = if pass { &mut seen } else { &mut remembered };
                counts[usize::from(cell.order)] += 1;
            }
        }
        self.view.seen_free = seen;
        self.view.remembered_free = remembered;
    }

    /// The counts an item read, as they are when the turn ends.
    fn read_scan(&mut self) {
        if std::mem::take(&mut self.scan_due) {
            self.scan_free();
            let free = self.view.scan.free;
            self.events.push(Event::Scanned { free });
        }
    }

    fn see_bodies(&mut self) {
        let turn = self.turn;
        let mut bodies = std::mem::take(&mut self.view.bodies);
        bodies.retain(|body| {
            let gone = body.turn + FORGET_TURNS < turn || self.visible.contains(body.cell);
            !gone && (body.pid == 0 || self.task(body.pid).is_some_and(super::Task::alive))
        });
        for task in self.tasks.iter().filter(|task| task.alive()) {
            if self.visible.contains(task.cell) {
                bodies.retain(|body| body.pid != task.pid);
                bodies.push(BodyView {
                    pid: task.pid,
                    name: task.name.clone(),
                    glyph: task.spec.glyph,
                    cell: task.cell,
                    turn,
                    hostile: task.hunts(turn),
                    temper: task.spec.temper,
                    refs: task.refs,
                });
            }
        }
        self.see_threads(&mut bodies);
        bodies.retain(|body| body.pid != CURRENT);
        if let Some(decoy) = self.player.gear.decoy {
            bodies.push(BodyView {
                pid: CURRENT,
                name: "your child".into(),
                glyph: '@',
                cell: decoy.cell,
                turn,
                hostile: false,
                temper: Temper::Harmless,
                refs: 0,
            });
        }
        bodies.sort_by_key(|body| body.pid);
        self.view.bodies = bodies;
        self.view.transfers = (0..self.tasks.len())
            .filter(|&i| self.sees_line(i))
            .filter_map(|i| {
                let task = &self.tasks[i];
                Some(Transfer {
                    name: task.name.clone(),
                    cells: transfer::cells(task.line?).collect(),
                })
            })
            .collect();
    }

    /// Kernel threads at work in sight: nobody can hurt them, and they hurt nobody.
    fn see_threads(&self, bodies: &mut Vec<BodyView>) {
        bodies.retain(|body| body.pid != 0);
        let threads = [
            ("kswapd", 'K', self.kswapd.awake, self.kswapd.cell),
            (
                "kcompactd",
                'C',
                self.kcompactd.order.is_some(),
                self.kcompactd.cell,
            ),
        ];
        for (name, glyph, awake, cell) in threads {
            if awake && self.visible.contains(cell) {
                bodies.push(BodyView {
                    pid: 0,
                    name: name.into(),
                    glyph,
                    cell,
                    turn: self.turn,
                    hostile: false,
                    temper: Temper::Harmless,
                    refs: 0,
                });
            }
        }
    }

    fn gauge(&self) -> Gauge {
        let marks = self.memory.boosted_watermarks();
        Gauge {
            free: self.memory.nr_free_pages(),
            pages: self.memory.pages(),
            atomic: self.memory.watermark_limit(Gfp::GFP_ATOMIC, marks.min),
            marks,
        }
    }

    fn me(&self) -> Me {
        let player = &self.player;
        Me {
            cell: player.cell,
            refs: player.refs,
            refs_max: self.zone.refs.1,
            held: player.held.clone(),
            isolate_charges: player.isolate_charges,
            isolation: player.isolation.map(|isolation| {
                (
                    isolation.pfn,
                    isolation.order,
                    isolation.until.saturating_sub(self.turn),
                )
            }),
            isolated_since: player.isolation.map_or(0, |isolation| isolation.since),
            key: player.key,
            pool: player.gear.pool,
            huge: player.gear.huge,
            swap: player.gear.swap,
            decoy: player
                .gear
                .decoy
                .map(|decoy| (decoy.cell, decoy.until.saturating_sub(self.turn))),
            lock: player.gear.lock,
            zeroing: player
                .zeroing
                .iter()
                .map(|block| (block.pfn, block.left))
                .collect(),
            freeing_turns: std::array::from_fn(|order| self.freeing_turns(order as Order)),
            kit: player.gear.left.clone(),
            evicted_by: player.handed.map(|handed| self.name_of(handed.to)),
            evicted_in: player
                .handed
                .and_then(|handed| handed.deadline)
                .map_or(0, |deadline| deadline.saturating_sub(self.turn)),
            work: player.work.map(|work| {
                let what = match work.command {
                    super::Command::Extract => "leaving",
                    super::Command::Use(item, _) => item.name(),
                    _ => "clearing",
                };
                (what, work.left)
            }),
        }
    }

    fn device_views(&self) -> Vec<DeviceView> {
        self.devices
            .iter()
            .map(|device| DeviceView {
                name: device.spec.name.clone(),
                room: device.known.then_some((device.room, SITE_ORDER)),
                bearing: device
                    .heard
                    .then(|| bearing(self.player.cell, cell_of(device.room))),
                request: device.request,
            })
            .collect()
    }

    fn gate_views(&self) -> Vec<GateView> {
        self.gates
            .iter()
            .map(|gate| GateView {
                name: gate.spec.name.clone(),
                room: (gate.room, SITE_ORDER),
                rule: gate.spec.rule,
                open: gate.open,
                falters: gate.open && gate.warned,
            })
            .collect()
    }

    fn badness_lines(&self) -> Vec<Badness> {
        let pids = std::iter::once(CURRENT).chain(self.tasks.iter().map(|task| task.pid));
        let mut lines: Vec<Badness> = pids
            .filter(|&pid| pid == CURRENT || self.badness(pid).is_some())
            .map(|pid| Badness {
                name: self.name_of(pid),
                pid,
                badness: self.badness(pid).unwrap_or(0),
                pages: self.mapped_pages(pid),
            })
            .collect();
        lines.sort_by_key(|line| (std::cmp::Reverse(line.badness), line.pid));
        while lines.len() > BADNESS_LINES {
            let last = lines.iter().rposition(|line| line.pid != CURRENT);
            lines.remove(last.unwrap_or(0));
        }
        lines
    }

    fn minotaur_view(&self) -> MinotaurView {
        match &self.minotaur {
            Minotaur::Asleep { hungry } if *hungry > self.zone.minotaur.patience / 2 => {
                MinotaurView::Stirring {
                    wakes_in: self.zone.minotaur.patience.saturating_sub(*hungry),
                }
            }
            Minotaur::Asleep { .. } => MinotaurView::Asleep,
            Minotaur::Awake { cell, target } => MinotaurView::Awake {
                cell: *cell,
                target: self.name_of(*target),
                target_pid: *target,
            },
        }
    }
}

fn type_of(block: &Block) -> MigrateType {
    match block.state {
        BlockState::Free { list } | BlockState::Cached { list, .. } => list,
        BlockState::Allocated { migratetype, .. } => migratetype,
    }
}

fn block_rect_of(block: &Block) -> impl Iterator<Item = Cell> + use<> {
    block_rect(block.pfn, block.order).cells()
}

/// The name of the direction from one cell to another, of eight; `here` if they are the same.
pub(super) fn bearing(from: Cell, to: Cell) -> &'static str {
    let dx = i32::from(to.x) - i32::from(from.x);
    let dy = i32::from(to.y) - i32::from(from.y);
    // Within 22.5 degrees of an axis: the smaller part is below tan(22.5 deg), about 2/5, of the larger.
    let east = 5 * dx.abs() > 2 * dy.abs();
    let south = 5 * dy.abs() > 2 * dx.abs();
    match (
        dx.signum() * i32::from(east),
        dy.signum() * i32::from(south),
    ) {
        (0, 0) => "here",
        (0, -1) => "N",
        (1, -1) => "NE",
        (1, 0) => "E",
        (1, 1) => "SE",
        (0, 1) => "S",
        (-1, 1) => "SW",
        (-1, 0) => "W",
        _ => "NW",
    }
}

/// First frame and order, as the log and the panel write a block: `0x0d40 order 3`.
pub(super) fn block_name(pfn: Pfn, order: Order) -> String {
    format!("{pfn:#06x} order {order}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bearings_are_those_of_a_compass_with_south_down() {
        let at = |x, y| Cell { x, y };
        let here = at(20, 20);
        let cases = [
            ((20, 20), "here"),
            ((20, 3), "N"),
            ((25, 3), "N"),
            ((30, 10), "NE"),
            ((39, 22), "E"),
            ((30, 31), "SE"),
            ((20, 21), "S"),
            ((10, 30), "SW"),
            ((1, 20), "W"),
            ((8, 9), "NW"),
        ];
        for ((x, y), want) in cases {
            assert_eq!(bearing(here, at(x, y)), want, "to {x},{y}");
        }
    }
}
