//! The oracle: a player that sees everything, and plays every plan to its end on a copy before it begins it.
//!
//! It is handed the [`Raid`] itself, so it cannot be a [`Bot`](super::Bot) and proves nothing about what a person can
//! know. It shows what a raid has to give: a seed in which even the oracle finds nothing is a bad seed.

mod hindsight;
mod trial;

use std::collections::VecDeque;

use crate::labyrinth::{block_rect, cell_of};
use crate::mm::{Order, Pfn};
use crate::raid::{Command, Raid, Request, RoomKind};
pub use hindsight::{Hindsight, hindsight};
use trial::{How, Trial, rooms_to_clear};

/// Turns it plays ahead in a raid, over all plans: what bounds its time.
const FORESIGHT: u32 = 4000;
/// The same once there is nothing left to do but to leave, and no way out was found.
const DESPAIR: u32 = 4 * FORESIGHT;
/// Turns it waits at a device for a grab that would succeed.
const PATIENCE: u32 = 25;
/// How far from its device a block is made, in cells, and how many places are tried.
const NEAR: u32 = 16;
const PLACES: usize = 2;
/// Turns it lets pass where it found no plan.
const PAUSE: u32 = 8;

/// See the module.
#[derive(Debug, Default)]
pub struct Oracle {
    /// What it does until it plans again.
    leg: VecDeque<Command>,
    /// What then leads out, tried and found good.
    home: VecDeque<Command>,
    /// Turns played ahead so far.
    spent: u32,
}

/// A plan that was played out: a leg, and the way out after it.
struct Plan {
    leg: Trial,
    home: Vec<Command>,
}

impl Oracle {
    /// The next command. It is never refused: it was given on a copy of this raid before.
    pub fn next(&mut self, raid: &Raid) -> Command {
        if self.leg.is_empty() {
            self.think(raid);
        }
        self.leg
            .pop_front()
            .or_else(|| self.home.pop_front())
            .unwrap_or(Command::Wait)
    }

    /// Finds what to do next: one more block if a way out is left after it, else the way out.
    fn think(&mut self, raid: &Raid) {
        if self.spent < FORESIGHT
            && let Some(plan) = self.more(raid)
        {
            self.leg = plan.leg.commands.into();
            self.home = plan.home.into();
        } else if !self.home.is_empty() {
            self.leg = std::mem::take(&mut self.home);
        } else if self.spent < FORESIGHT
            && let Some(pause) = self.pause(raid)
        {
            self.leg = pause.commands.into();
        } else if self.spent < DESPAIR
            && let Some(home) = self.way_out(&Trial::of(raid))
        {
            self.leg = home.into();
        } else {
            // Asking again at once would cost as much and give the same answer.
            self.leg = [Command::Wait; PAUSE as usize].into();
        }
    }

    /// The best plan for one more block.
    fn more(&mut self, raid: &Raid) -> Option<Plan> {
        let had = raid.view().me.mapped_pages();
        let mut legs = Vec::new();
        for (device, how) in Self::options(raid) {
            let mut leg = Trial::of(raid);
            let served = leg.serve(device, how);
            self.spent += leg.turns();
            let gained = leg.pages().saturating_sub(had);
            if served && gained > 0 {
                legs.push((gained * 1000 / leg.turns().max(1), leg));
            }
        }
        // Stable: among equals the first device, the plainest way.
        legs.sort_by_key(|&(rate, _)| std::cmp::Reverse(rate));
        legs.into_iter().find_map(|(_, leg)| {
            let home = self.way_out(&leg)?;
            Some(Plan { leg, home })
        })
    }

    /// What could be tried: each device as it is, and blocks made for what it asks.
    fn options(raid: &Raid) -> Vec<(usize, How)> {
        let mut options = Vec::new();
        for (i, device) in raid.true_devices().enumerate() {
            options.push((i, How::Wait(PATIENCE)));
            let Some(request) = device.request else {
                continue;
            };
            if raid.would_serve(&request) {
                continue;
            }
            let isolate = raid.view().me.isolate_charges > 0 && raid.view().me.isolation.is_none();
            for range in ranges(raid, device.room, &request) {
                options.push((i, How::Make { range, isolate }));
            }
        }
        options
    }

    /// Commands that lead out from here, if any do.
    fn way_out(&mut self, from: &Trial) -> Option<Vec<Command>> {
        let here = from.raid.view().me.cell;
        let mut gates: Vec<(u32, usize)> = from
            .raid
            .true_gates()
            .enumerate()
            .map(|(i, gate)| (cell_of(gate.room.0).manhattan(here), i))
            .collect();
        gates.sort_unstable();
        gates.into_iter().find_map(|(_, gate)| {
            let mut trial = Trial::of(&from.raid);
            let out = trial.leave(gate);
            self.spent += trial.turns();
            out.then_some(trial.commands)
        })
    }

    /// A few turns at the nearest device, if they can be lived through.
    fn pause(&mut self, raid: &Raid) -> Option<Trial> {
        let here = raid.view().me.cell;
        let room = raid
            .true_devices()
            .map(|device| device.room)
            .min_by_key(|room| (cell_of(room.0).manhattan(here), room.0))?;
        let mut trial = Trial::of(raid);
        let goals: Vec<_> = block_rect(room.0, room.1).cells().collect();
        let lived = trial.walk(&goals) && (0..PAUSE).all(|_| trial.wait());
        self.spent += trial.turns();
        lived.then_some(trial)
    }
}

/// Ranges near a device that could be cleared for a block of this order, those of least work first.
fn ranges(raid: &Raid, device: (Pfn, Order), request: &Request) -> Vec<(Pfn, Order)> {
    let order = request.order;
    let site = cell_of(device.0);
    let mut ranges: Vec<(u32, Pfn)> = (0..raid.memory().pages())
        .step_by(1 << order)
        .filter(|&pfn| request.demand.reaches(pfn, order))
        .filter_map(|pfn| {
            let rect = block_rect(pfn, order);
            let far = rect.cells().map(|cell| cell.manhattan(site)).min()?;
            if far > NEAR {
                return None;
            }
            let rooms = rooms_to_clear(raid, (pfn, order))?;
            let work: u32 = rooms
                .iter()
                .map(|&(room, order)| match raid.true_room(cell_of(room)).2 {
                    RoomKind::Cache { dirty } => 1 + 2 * u32::from(dirty),
                    _ => 1 + u32::from(order) / 2,
                })
                .sum();
            Some((work * 2 + far, pfn))
        })
        .collect();
    ranges.sort_unstable();
    ranges.truncate(PLACES);
    ranges.into_iter().map(|(_, pfn)| (pfn, order)).collect()
}
