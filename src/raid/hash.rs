//! The state hash: one number for everything that decides how a raid goes on.

use super::rng::mix;
use super::threads::Minotaur;
use super::view::{CellView, RoomKind, Site, View};
use super::{RULES_VERSION, Raid};
use crate::labyrinth::{Cell, pfn_of};

/// Collects words into a hash; order matters.
struct Hasher(u64);

impl Hasher {
    fn word(&mut self, word: u64) {
        self.0 = mix(self.0, word);
    }

    fn cell(&mut self, cell: Cell) {
        self.word(u64::from(pfn_of(cell)));
    }

    fn text(&mut self, text: &str) {
        self.word(text.len() as u64);
        for byte in text.bytes() {
            self.word(u64::from(byte));
        }
    }
}

impl Raid {
    /// A 64-bit hash of the whole state, equal on every platform and in every build.
    ///
    /// Covers the allocator with the order of its lists, bodies, requests, the player, what the player
    /// remembers, and the position of every random stream.
    pub fn state_hash(&self) -> u64 {
        let mut hash = Hasher(u64::from(RULES_VERSION));
        hash.text(&self.setup.zone);
        hash.word(self.setup.seed);
        for blocks in self.setup.layout.iter().flatten() {
            hash.word(*blocks);
        }
        if !self.setup.loadout.is_empty() {
            hash.text(&self.setup.loadout.to_string());
            self.player.gear.hash_words(&mut |word| hash.word(word));
        }
        if !self.setup.modifiers.is_empty() {
            hash.text(&self.setup.modifiers.to_string());
        }
        for block in &self.player.zeroing {
            hash.word(u64::from(block.pfn) << 32 | u64::from(block.left));
        }
        hash.word(u64::from(self.turn) << 32 | u64::from(self.watchdog));
        self.memory.hash_words(&mut |word| hash.word(word));
        for stream in [&self.workload, &self.bodies, &self.loot] {
            hash.word(stream.draws());
        }
        for pages in self.leftovers.chunks(16) {
            let word = pages.iter().fold(0, |word, &left| word << 4 | left as u64);
            hash.word(word);
        }
        for writeback in &self.writebacks {
            hash.word(u64::from(writeback.pfn) << 32 | u64::from(writeback.until));
        }
        self.hash_player(&mut hash);
        for task in &self.tasks {
            hash.cell(task.cell);
            hash.word(u64::from(task.refs) << 32 | u64::from(task.base));
            hash.word(task.reborn.map_or(0, |turn| u64::from(turn) + 1));
            hash.word(u64::from(task.hunts_until) << 32 | u64::from(task.calm_until));
            hash.word(
                u64::from(task.roused.map_or(0, |turn| turn + 1)) << 32 | u64::from(task.fork_at),
            );
            hash.word(
                u64::from(task.rest_until) << 8 | task.heading.map_or(0, |dir| dir as u64 + 1),
            );
            if let Some(cell) = task.heard {
                hash.word(1);
                hash.cell(cell);
            }
            if let Some(line) = task.line {
                hash.word(2 << 32 | (line.dir as u64) << 16 | u64::from(line.len));
                hash.cell(line.from);
                hash.word(u64::from(line.since));
            }
            for &(pfn, order) in self.holdings.of(task.pid) {
                hash.word(u64::from(pfn) << 8 | u64::from(order));
            }
        }
        hash.word(
            u64::from(self.kswapd.awake) << 2
                | u64::from(self.kswapd.woken) << 1
                | u64::from(self.starved),
        );
        hash.cell(self.kswapd.cell);
        self.shares.hash_words(&mut |word| hash.word(word));
        let order = |order: Option<u8>| order.map_or(0, |order| u64::from(order) + 1);
        hash.word(order(self.kcompactd.woken) << 8 | order(self.kcompactd.order));
        hash.cell(self.kcompactd.cell);
        self.kcompactd
            .compaction
            .hash_words(&mut |word| hash.word(word));
        match &self.minotaur {
            Minotaur::Asleep { hungry } => hash.word(u64::from(*hungry)),
            Minotaur::Awake { cell, target } => {
                hash.word(1 << 32 | u64::from(*target));
                hash.cell(*cell);
            }
        }
        for device in &self.devices {
            hash.word(
                u64::from(device.room) << 2
                    | u64::from(device.known) << 1
                    | u64::from(device.heard),
            );
            if let Some(request) = device.request {
                hash.word(u64::from(request.order) << 32 | u64::from(request.expires));
                hash.word(u64::from(request.gfp.bits()));
            }
        }
        for gate in &self.gates {
            hash.word(
                u64::from(gate.room) << 2 | u64::from(gate.warned) << 1 | u64::from(gate.open),
            );
        }
        for terminal in &self.terminals {
            hash.word(u64::from(terminal.room) << 8 | terminal.file as u64);
            hash.word(terminal.read.map_or(0, |turn| u64::from(turn) + 1));
        }
        hash.text(self.outcome.as_ref().map_or("", |outcome| outcome.word()));
        hash.0
    }

    fn hash_player(&self, hash: &mut Hasher) {
        let player = &self.player;
        hash.cell(player.cell);
        hash.word(u64::from(player.refs) << 32 | u64::from(player.isolate_charges));
        hash.word(u64::from(player.key) << 1 | u64::from(self.key_lies));
        for held in &player.held {
            hash.word(
                u64::from(held.pfn) << 9 | u64::from(held.order) << 1 | u64::from(held.mapped),
            );
        }
        if let Some(isolation) = player.isolation {
            hash.word(u64::from(isolation.pfn) << 32 | u64::from(isolation.until));
        }
        if let Some(handed) = player.handed {
            hash.word(
                u64::from(handed.to) << 32 | handed.deadline.map_or(0, |turn| u64::from(turn) + 1),
            );
        }
        if let Some(work) = player.work {
            hash.text(&work.command.to_string());
            hash.word(
                u64::from(work.room.0) << 32 | u64::from(work.room.1) << 24 | u64::from(work.left),
            );
        }
        for cell in &self.view.cells {
            hash_cell(hash, cell);
        }
        hash_scans(hash, &self.view);
        for body in &self.view.bodies {
            hash.cell(body.cell);
            hash.word(
                u64::from(body.pid) << 40
                    | u64::from(body.turn) << 8
                    | u64::from(body.refs) << 1
                    | u64::from(body.hostile),
            );
        }
    }
}

/// What was read, and when.
fn hash_scans(hash: &mut Hasher, view: &View) {
    hash.word(u64::from(view.scan.turn));
    for count in view.scan.free {
        hash.word(u64::from(count));
    }
    if let Some(scan) = &view.types {
        hash.word(u64::from(scan.turn));
        for count in scan.free.iter().flatten() {
            hash.word(u64::from(*count));
        }
    }
    if let Some(uses) = view.uses {
        for figure in [
            uses.turn,
            uses.free,
            uses.clean,
            uses.dirty,
            uses.anonymous,
            uses.kernel,
        ] {
            hash.word(u64::from(figure));
        }
    }
}

/// What is known of a cell, as two words.
fn hash_cell(hash: &mut Hasher, cell: &CellView) {
    let (kind, detail) = match cell.kind {
        RoomKind::Void => (0, 0),
        RoomKind::Yours => (1, 0),
        RoomKind::Cache { dirty } => (2, u8::from(dirty)),
        RoomKind::Anonymous => (3, 0),
        RoomKind::Kernel => (4, 0),
        RoomKind::Reserved(Site::Device(i)) => (5, i),
        RoomKind::Reserved(Site::Gate(i)) => (6, i),
        RoomKind::Reserved(Site::Key) => (7, 0),
        RoomKind::Reserved(Site::Terminal(i)) => (8, i),
        RoomKind::Reserved(Site::Stone) => (9, 0),
    };
    hash.word(u64::from(cell.turn) << 32 | u64::from(cell.room));
    let edges = cell
        .edges
        .iter()
        .fold(0, |bits, &edge| bits << 2 | edge as u64);
    hash.word(
        edges << 48
            | u64::from(cell.order) << 40
            | (cell.knowledge as u64) << 36
            | u64::from(cell.locked) << 35
            | (cell.migratetype as u64) << 32
            | u64::from(cell.owner) << 16
            | (cell.left as u64) << 12
            | kind << 8
            | u64::from(detail),
    );
}
