//! Nothing hurts a player that was not announced at least one turn before.

use std::sync::Arc;

use labyrinth::bot::{BOTS, Player};
use labyrinth::labyrinth::{Cell, Dir};
use labyrinth::raid::{Event, Raid, RoomKind, Rules, Setup, View};

/// What a player could read before a turn.
struct Before {
    view: View,
    /// Hunters that were announced and have not struck since, by name.
    hunters: Vec<String>,
    /// The room was handed out.
    handed: bool,
    /// The OOM killer comes for the player.
    minotaur: bool,
    watchdog: u32,
}

impl Before {
    fn new(view: &View) -> Self {
        Self {
            view: view.clone(),
            hunters: Vec::new(),
            handed: false,
            minotaur: false,
            watchdog: view.watchdog.0,
        }
    }

    /// Checks what a turn did to the player against what was known before it.
    fn check(&self, events: &[Event], after: &View) -> Result<u32, String> {
        let mut hurts = 0;
        for event in events {
            let told = match event {
                Event::Struck { by, .. } => self.hunters.contains(by),
                Event::Crossed { by, .. } => self
                    .view
                    .transfers
                    .iter()
                    .any(|line| line.name == *by && line.cells.contains(&after.me.cell)),
                Event::FirstWrite { .. } => self.handed,
                Event::Faulted { .. } => {
                    let room = self.view.cell(after.me.cell);
                    room.kind == RoomKind::Kernel
                        && room.knowledge.is_true()
                        && beside(self.view.me.cell, after.me.cell)
                }
                Event::Ended(outcome) => match outcome.word() {
                    "minotaur" => self.minotaur,
                    "watchdog" => self.watchdog <= 5,
                    _ => continue,
                },
                _ => continue,
            };
            hurts += 1;
            if !told {
                return Err(format!(
                    "turn {}: {event:?} came out of nothing",
                    after.turn
                ));
            }
        }
        Ok(hurts)
    }

    /// Reads a turn's news.
    fn read(&mut self, events: &[Event], view: &View) {
        for event in events {
            match event {
                Event::Hunts { name } | Event::Listens { name } => self.hunters.push(name.clone()),
                Event::Struck { by, .. } => self.hunters.retain(|name| name != by),
                Event::MinotaurHunts { you, .. } => self.minotaur = *you,
                Event::MinotaurLeft => self.minotaur = false,
                _ => {}
            }
        }
        self.handed = view.me.evicted_by.is_some();
        self.watchdog = view.watchdog.0;
        self.view = view.clone();
    }
}

fn beside(from: Cell, to: Cell) -> bool {
    Dir::between(from, to).is_some()
}

#[test]
fn whatever_hurts_was_announced_a_turn_before() {
    let rules = Arc::new(Rules::shipped().unwrap());
    let zones: Vec<String> = rules.zones.iter().map(|zone| zone.name.clone()).collect();
    for zone in zones {
        let seeds = if zone == "dma" { 1..=25 } else { 1..=3 };
        let mut hurts = 0;
        for seed in seeds {
            for (bot, _) in BOTS {
                let setup = Setup {
                    zone: zone.clone(),
                    seed,
                    ..Setup::default()
                };
                let mut raid = Raid::new(Arc::clone(&rules), setup).unwrap();
                let mut player = Player::by_name(bot, seed).unwrap();
                let mut before = Before::new(raid.view());
                while raid.outcome().is_none() {
                    let (_, events) = player.play_turn(&mut raid);
                    match before.check(&events, raid.view()) {
                        Ok(some) => hurts += some,
                        Err(what) => panic!("{zone}, {bot}, seed {seed}, {what}"),
                    }
                    before.read(&events, raid.view());
                }
            }
        }
        assert!(hurts > 0, "{zone}: nothing ever hurt anybody");
    }
}
