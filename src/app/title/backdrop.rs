//! The labyrinth behind the title: a real allocator at work, lit evenly and dimly.

use bevy::diagnostic::FrameCount;
use bevy::prelude::*;

use crate::app::board::Still;
use crate::app::rest::Rest;
use crate::app::session::{Lamp, Played, Scene};
use crate::app::{Screen, Stage};
use crate::labyrinth::{Cell, Dir, cell_of, edge};
use crate::mm::{
    self, BlockState, Gfp, MigrateType, Order, Owner, PageFlags, Pfn, Zone, ZoneConfig,
};
use crate::raid::{
    CellView, Event, Knowledge, Purpose, Raid, RoomKind, Rules, Setup, Stream, View,
};

/// Light of the backdrop.
pub(in crate::app) const LAMP: Lamp = Lamp::Even(0.34);
/// Seconds between two doings of the allocator.
const PACE: f32 = 0.9;
/// Any seed will do: it only places doors and mixes requests.
const SEED: u64 = 1963;
/// Share of the zone that is in use, in per cent.
const LOAD: u32 = 74;
/// By how much of that it empties before it fills again.
const SWING: u32 = 18;
/// Order of the parts in which it empties.
const PART: Order = 5;

/// Cells across the longer side of the window.
pub(in crate::app) const ACROSS: u16 = 32;
/// Frames drawn before it appears: the title's words come first, and what it takes to draw a labyrinth after them.
const FRAMES_BEFORE: u32 = 6;

/// The allocator behind the title.
struct Works {
    zone: Zone,
    view: View,
    rooms: Vec<(Pfn, Order)>,
    chance: Stream,
    emptying: bool,
}

impl Works {
    /// An allocator in use; `None` if the shipped rules have no zone, which a test rules out.
    fn new() -> Option<Self> {
        let rules = Rules::shipped().ok()?;
        let zone = rules.zones.first()?.name.clone();
        let raid = Raid::new(
            rules.into(),
            Setup {
                zone,
                seed: SEED,
                ..Setup::default()
            },
        )
        .ok()?;
        let config = ZoneConfig::new(
            "DMA",
            raid.memory().pages(),
            raid.memory().pageblock_order(),
        );
        let mut works = Self {
            zone: Zone::new(config).ok()?,
            view: raid.view().unseen(),
            rooms: Vec::new(),
            chance: Stream::new(SEED, Purpose::Bots),
            emptying: true,
        };
        while works.zone.nr_free_pages() * 100 > works.zone.pages() * (100 - LOAD) {
            works.take(&mut ());
        }
        // Giving some back at random is what fragments memory.
        for _ in 0..works.rooms.len() / 12 {
            works.give(&mut ());
        }
        works.look();
        Some(works)
    }

    fn take(&mut self, sink: &mut impl mm::Sink) {
        let order = [0, 0, 0, 1, 1, 2, 2, 3, 3, 4][self.chance.below(10) as usize];
        let gfp = match self.chance.below(14) {
            0..7 => Gfp::GFP_HIGHUSER_MOVABLE,
            7..13 => Gfp::GFP_KERNEL | Gfp::RECLAIMABLE,
            _ => Gfp::GFP_KERNEL,
        };
        if let Ok(pfn) = self.zone.alloc_pages(gfp, order, Owner(2), sink) {
            self.rooms.push((pfn, order));
        }
    }

    fn give(&mut self, sink: &mut impl mm::Sink) {
        if self.rooms.is_empty() {
            return;
        }
        let at = self.chance.below(self.rooms.len() as u32) as usize;
        let (pfn, order) = self.rooms.swap_remove(at);
        let freed = self.zone.free_pages(pfn, order, sink);
        debug_assert!(freed.is_ok(), "the backdrop frees only what it took");
    }

    /// Gives back all rooms in one part of the zone, which then merge and merge again.
    fn give_part(&mut self, sink: &mut impl mm::Sink) {
        let Some(&(chosen, _)) = self
            .rooms
            .get(self.chance.below(self.rooms.len().max(1) as u32) as usize)
        else {
            return;
        };
        let (part, rest) = self
            .rooms
            .iter()
            .partition(|&&(pfn, _)| pfn >> PART == chosen >> PART);
        self.rooms = rest;
        for (pfn, order) in Vec::<(Pfn, Order)>::from_iter(part) {
            let freed = self.zone.free_pages(pfn, order, sink);
            debug_assert!(freed.is_ok(), "the backdrop frees only what it took");
        }
    }

    /// One doing, and what the allocator said to it.
    fn work(&mut self) -> Vec<mm::Event> {
        let mut events = Vec::new();
        let used = 100 - self.zone.nr_free_pages() * 100 / self.zone.pages();
        // Fills and empties in turns, so that walls rise for a while and then fall for a while.
        if used >= LOAD {
            self.emptying = true;
        } else if used <= LOAD - SWING {
            self.emptying = false;
        }
        if self.emptying {
            self.give_part(&mut events);
        } else {
            for _ in 0..4 + self.chance.below(6) {
                self.take(&mut events);
            }
        }
        self.look();
        events
    }

    /// Sees all that a window can show.
    fn look(&mut self) {
        let middle = self.view.me.cell;
        let near = |cell: Cell| {
            // One more than half, for what is cut by the window's edge.
            let most = ACROSS / 2 + 1;
            cell.x.abs_diff(middle.x) <= most && cell.y.abs_diff(middle.y) <= most
        };
        for block in self.zone.blocks() {
            let kind = match block.state {
                BlockState::Free { .. } | BlockState::Cached { .. } => RoomKind::Void,
                BlockState::Allocated {
                    migratetype, flags, ..
                } => match migratetype {
                    MigrateType::Movable => RoomKind::Anonymous,
                    MigrateType::Reclaimable => RoomKind::Cache {
                        dirty: flags.contains(PageFlags::DIRTY),
                    },
                    _ => RoomKind::Kernel,
                },
            };
            let known = CellView {
                knowledge: Knowledge::Shared,
                room: block.pfn,
                order: block.order,
                kind,
                ..CellView::UNKNOWN
            };
            for pfn in block.pfn..block.pfn + block.pages() {
                let cell = cell_of(pfn);
                if !near(cell) {
                    continue;
                }
                let at = self.view.grid.index(cell);
                let edges = Dir::ALL.map(|dir| edge(&self.zone, SEED, cell, dir));
                self.view.cells[at] = CellView { edges, ..known };
            }
        }
    }
}

/// The allocator while the title is shown.
#[derive(Resource, Default)]
struct Backdrop(Option<Works>);

/// Puts it behind the title, once the title itself has been seen.
fn appear(frames: Res<FrameCount>, mut backdrop: ResMut<Backdrop>, mut scene: ResMut<Scene>) {
    if backdrop.0.is_some() || frames.0 < FRAMES_BEFORE {
        return;
    }
    backdrop.0 = Works::new();
    if let Some(works) = &backdrop.0 {
        scene.replace(works.view.clone(), LAMP);
    }
}

fn leave(mut backdrop: ResMut<Backdrop>) {
    backdrop.0 = None;
}

fn work(
    time: Res<Time<Real>>,
    still: Res<Still>,
    rest: Res<Rest>,
    mut due: Local<f32>,
    mut backdrop: ResMut<Backdrop>,
    mut scene: ResMut<Scene>,
    mut played: MessageWriter<Played>,
) {
    let now = time.elapsed_secs();
    let Some(works) = backdrop
        .0
        .as_mut()
        .filter(|_| now >= *due && !still.0 && !rest.dozes(now))
    else {
        return;
    };
    *due = now + PACE;
    let before = works.view.clone();
    let events = works.work().into_iter().map(Event::Memory).collect();
    scene.advance(works.view.clone());
    played.write(Played { before, events });
}

/// False in the frame in which a raid has taken the scene, and the title is about to go.
fn stays(next: Res<NextState<Screen>>) -> bool {
    matches!(*next, NextState::Unchanged)
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Backdrop>()
        .add_systems(OnEnter(Screen::Title), appear)
        .add_systems(OnExit(Screen::Title), leave)
        .add_systems(
            Update,
            (appear, work)
                .chain()
                .in_set(Stage::Follow)
                .run_if(in_state(Screen::Title))
                .run_if(stays),
        );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_allocator_behind_the_title_keeps_its_books() {
        let mut works = Works::new().expect("the shipped rules have a zone");
        for _ in 0..300 {
            works.work();
        }
        assert_eq!(works.zone.verify(), Ok(()));
        let kinds = |kind: fn(&RoomKind) -> bool| {
            works
                .view
                .cells
                .iter()
                .filter(|cell| kind(&cell.kind))
                .count()
        };
        assert!(kinds(|kind| *kind == RoomKind::Void) > 0);
        assert!(kinds(|kind| *kind == RoomKind::Anonymous) > 0);
        assert!(kinds(|kind| *kind == RoomKind::Kernel) > 0);
    }
}
