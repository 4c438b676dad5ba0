//! The greedy player: straight from interrupt to interrupt, grabbing at every chance until its bag is full.

use super::Bot;
use super::{kit, walk};
use crate::labyrinth::Cell;
use crate::raid::plan::Ways;
use crate::raid::{Command, View};

/// Pages that fill its bag: with that it leaves.
const FULL: u32 = 12;

/// See the module.
pub struct Greedy;

impl Bot for Greedy {
    fn next(&mut self, view: &View) -> Command {
        let ways = Ways::new(view, walk::wary(view));
        if let Some(command) = kit::live(view).or_else(|| kit::prepare(view)) {
            return command;
        }
        if let Some(i) = view.device_here()
            && let Some(request) = view.devices[i].request
            && !kit::counted_out(view, request.order)
        {
            return kit::make(view).unwrap_or(Command::Grab);
        }
        let way_out = walk::best_gate(view, &ways).map_or(60, |(cost, _, _)| cost);
        let full = view.me.mapped_pages() >= FULL && view.me.held.iter().all(|held| held.mapped);
        if (full || view.watchdog.0 < way_out + 40)
            && let Some(command) = walk::leave(view, &ways)
        {
            return command;
        }
        if walk::zeroes(view) {
            return Command::Wait;
        }
        if let Some((_, cell)) = walk::pointer(view, &ways)
            && let Some(step) = walk::step_to(view, &ways, cell)
        {
            return step;
        }
        if let Some((_, cell)) = request(view, &ways)
            && let Some(step) = walk::step_to(view, &ways, cell)
        {
            return step;
        }
        let around = view
            .devices
            .iter()
            .filter(|device| device.room.is_none())
            .find_map(|device| walk::guess_device(view, device));
        walk::explore(view, &ways, around).unwrap_or(Command::Wait)
    }
}

/// The request that is worth most for the way, and still there on arrival.
fn request(view: &View, ways: &Ways<'_>) -> Option<(u32, Cell)> {
    view.devices
        .iter()
        .filter_map(|device| {
            let request = device.request?;
            let (cost, cell) = walk::nearest_of(ways, device.room?)?;
            let there = view.turn + cost < request.expires;
            (there && !kit::counted_out(view, request.order)).then_some((cost, cell))
        })
        .min_by_key(|&(cost, cell)| (cost, cell.y, cell.x))
}
