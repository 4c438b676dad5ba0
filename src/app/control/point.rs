//! Pointing at the map: what a click there means, the way to it, and what goes on by itself.

use super::{Auto, Mode, Play, Turn};
use crate::labyrinth::{Cell, Dir, Edge};
use crate::raid::plan::{self, Route};
use crate::raid::{Command, Pilot, RoomKind, Stop, Tone};

impl Play {
    /// The route to the cell under the mouse, if one is known.
    pub(in crate::app) fn hover_route(&self) -> Option<Route> {
        let to = self.hover.filter(|&cell| cell != self.view().me.cell)?;
        plan::route(self.view(), to)
    }

    /// A click on the map: act here, attack or step next door, or travel there; a step into kernel memory is asked for twice.
    pub(super) fn point(&mut self, cell: Cell, armed: Option<Cell>) -> Option<Turn> {
        self.mode = Mode::Walk;
        let view = self.view();
        let me = view.me.cell;
        if cell == me {
            if view.gate_here().is_some() {
                return self.command(Command::Extract);
            }
            return if view.device_here().is_some() {
                self.preview_grab()
            } else {
                None
            };
        }
        if let Some(dir) = Dir::between(me, cell)
            && matches!(view.edge(me, dir), Some(Edge::Open | Edge::Door))
            && (view.body_at(cell).is_some() || view.cell(cell).kind != RoomKind::Kernel)
        {
            return self.command(Command::Step(dir));
        }
        let Some(route) = plan::route(view, cell) else {
            return self.refuse("no known way there");
        };
        if route.faults > 0 && armed != Some(cell) {
            self.armed = Some(cell);
            let price = Stop::Priced {
                faults: route.faults,
            };
            return self.refuse(&format!("{price}; click again to go"));
        }
        // One step is decided by whoever points, as it is by a key; only what goes on by itself stops for danger.
        if let [dir] = route.steps[..] {
            return self.command(Command::Step(dir));
        }
        self.fly(Pilot::travel(cell, route.faults))
    }

    /// Plays the next turn of what goes on by itself, and stops it when there is news: the log says why.
    pub(super) fn fly(&mut self, mut pilot: Pilot) -> Option<Turn> {
        self.auto = None;
        let command = match pilot.next(self.view()) {
            Ok(command) => command,
            Err(stop) => return self.refuse(&stop.to_string()),
        };
        let turn = self.command(command)?;
        match pilot.played(&turn.before, &turn.events, self.view()) {
            Ok(()) => self.auto = Some(Auto::Pilot(pilot)),
            Err(Stop::News(news)) => {
                // What the log says already is not said again.
                self.auto = None;
                let why = news.to_string();
                if self.log.newest().next().is_none_or(|line| line.text != why) {
                    self.log.push(self.raid.turn(), Tone::Detail, why);
                }
            }
            Err(stop) => {
                self.auto = None;
                if stop != Stop::Done("you are there") {
                    self.refuse(&stop.to_string());
                }
            }
        }
        Some(turn)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::input::Intent;
    use crate::app::tests::{rules, setup};
    use crate::bot::by_name;

    #[test]
    fn whoever_is_hunted_can_flee_by_pointing() {
        let mut fled = 0;
        for seed in 1..20 {
            let mut play =
                Play::new(rules(), setup(seed)).expect("the shipped zone can be entered");
            let mut bot = by_name("careful", seed).expect("there is a careful bot");
            for _ in 0..120 {
                if play.over() {
                    break;
                }
                let view = play.view();
                let me = view.me.cell;
                let beside = Dir::ALL.into_iter().find_map(|dir| {
                    let cell = view.grid.step(me, dir)?;
                    let route = plan::route(view, cell)?;
                    let free =
                        route.steps == [dir] && route.faults == 0 && view.body_at(cell).is_none();
                    free.then_some((dir, cell))
                });
                if let Some((dir, cell)) = beside
                    && matches!(Pilot::travel(cell, 0).next(view), Err(Stop::Danger(_)))
                {
                    let turns = play.journal().turns.len();
                    assert!(play.handle(Intent::Point(cell)).is_some(), "seed {seed}");
                    assert_eq!(play.journal().turns[turns].command, Command::Step(dir));
                    fled += 1;
                    break;
                }
                let command = bot.next(play.view());
                if play.command(command).is_none() {
                    bot.refused();
                    play.command(Command::Wait);
                }
            }
        }
        assert!(fled > 0, "no seed came to danger");
    }
}
