//! The novice: walks half at random towards interrupts and grabs without looking.

use super::Bot;
use super::walk;
use crate::labyrinth::Dir;
use crate::raid::plan::{Tolls, Ways};
use crate::raid::{Command, Purpose, Stream, View};

/// See the module.
pub struct Novice {
    random: Stream,
}

impl Novice {
    pub fn new(seed: u64) -> Self {
        Self {
            random: Stream::new(seed, Purpose::Bots),
        }
    }
}

impl Bot for Novice {
    fn next(&mut self, view: &View) -> Command {
        // Knows that doors are doors, and little else.
        let ways = Ways::new(
            view,
            Tolls {
                kernel: 4,
                anonymous: 0,
                unknown: 1,
                body: 2,
                depth: walk::DEPTH,
            },
        );
        if view
            .device_here()
            .is_some_and(|i| view.devices[i].request.is_some())
        {
            return Command::Grab;
        }
        let loaded = view.me.held.iter().any(|held| held.mapped);
        let late = view.watchdog.0 * 5 < view.watchdog.1 * 2;
        if view.gate_here().is_some() && (loaded || late) {
            return Command::Extract;
        }
        if walk::zeroes(view) {
            return Command::Wait;
        }
        if self.random.chance(400) {
            return Command::Step(Dir::ALL[self.random.below(4) as usize]);
        }
        let goal = if let Some((_, cell)) = walk::pointer(view, &ways) {
            walk::step_to(view, &ways, cell)
        } else if loaded || late {
            walk::leave(view, &ways)
        } else {
            view.devices
                .iter()
                .filter(|device| device.request.is_some())
                .filter_map(|device| walk::nearest_of(&ways, device.room?))
                .min_by_key(|&(cost, cell)| (cost, cell.y, cell.x))
                .and_then(|(_, cell)| walk::step_to(view, &ways, cell))
        };
        goal.or_else(|| walk::explore(view, &ways, None))
            .unwrap_or(Command::Wait)
    }
}
