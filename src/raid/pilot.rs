//! Travelling, exploring, repeating and waiting: commands that follow from a wish, until there is news.
//!
//! A [`Pilot`] never grabs, frees, isolates or uses anything, never crosses kernel rooms unasked, and stops
//! before danger. It sees the [`View`] and nothing else, so that bots may use it.

use super::command::Command;
use super::event::Event;
use super::news::{Agreed, News, danger, known, news};
use super::plan::{Route, Tolls, Ways};
use super::view::{RoomKind, View};
use crate::labyrinth::{Cell, Dir, Edge};

/// What is wished for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// To stand in that cell.
    Travel(Cell),
    /// To see what was never seen.
    Explore,
    /// To let time pass until there is news.
    Wait,
    /// The same command again.
    Repeat(Command),
}

/// Why a pilot does not go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    /// It has arrived, or seen all there is to see.
    Done(&'static str),
    /// There is news.
    News(News),
    /// There is danger; it is for you to decide.
    Danger(String),
    /// There is no way, or none that is known.
    NoWay(&'static str),
    /// The way has a price that was not agreed on: so many kernel rooms.
    Priced {
        /// Kernel rooms on the way.
        faults: u32,
    },
    /// A command that is not given twice unasked.
    NotRepeated,
}

impl std::fmt::Display for Stop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Done(what) | Self::NoWay(what) => write!(f, "{what}"),
            Self::News(news) => write!(f, "{news}"),
            Self::Danger(what) => write!(f, "{what}: it is for you to decide"),
            Self::Priced { faults: 1 } => {
                write!(f, "the way crosses a kernel room: 1 reference lost")
            }
            Self::Priced { faults } => {
                write!(f, "the way crosses kernel rooms: {faults} references lost")
            }
            Self::NotRepeated => write!(f, "that is not repeated unasked"),
        }
    }
}

/// Turns waited without news before it asks again.
const PATIENCE: u32 = 50;

/// Gives the next command for a wish, until something stops it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pilot {
    wish: Wish,
    /// Kernel rooms that may still be crossed.
    faults: u32,
    /// Turns it has gone on.
    turns: u32,
}

impl Pilot {
    /// A pilot for a wish that crosses no kernel room.
    pub const fn new(wish: Wish) -> Self {
        Self {
            wish,
            faults: 0,
            turns: 0,
        }
    }

    /// A pilot to a cell that may cross so many kernel rooms, as agreed on.
    pub const fn travel(to: Cell, faults: u32) -> Self {
        Self {
            wish: Wish::Travel(to),
            faults,
            turns: 0,
        }
    }

    /// What is wished for.
    pub const fn wish(&self) -> Wish {
        self.wish
    }

    /// The next command.
    ///
    /// # Errors
    ///
    /// Why there is none.
    pub fn next(&self, view: &View) -> Result<Command, Stop> {
        if view.outcome.is_some() {
            return Err(Stop::News(News::Ended));
        }
        if let Some(danger) = danger(view) {
            return Err(Stop::Danger(danger));
        }
        match self.wish {
            Wish::Wait if self.turns >= PATIENCE => Err(Stop::Done("nothing happens")),
            Wish::Wait => Ok(Command::Wait),
            Wish::Travel(to) => self.travel_step(view, to),
            Wish::Explore => self.explore_step(view),
            Wish::Repeat(command) => again(view, command),
        }
    }

    /// Takes in a turn that was played. It stops if there is news in it, or if nothing came of the command.
    ///
    /// # Errors
    ///
    /// Why it does not go on.
    pub fn played(&mut self, before: &View, events: &[Event], after: &View) -> Result<(), Stop> {
        self.turns += 1;
        let agreed = Agreed {
            faults: self.faults > 0,
            trespasses: matches!(self.wish, Wish::Travel(_) | Wish::Explore),
        };
        if let Some(news) = news(before, events, after, agreed) {
            return Err(Stop::News(news));
        }
        let crossed = events
            .iter()
            .any(|event| matches!(event, Event::Faulted { .. }));
        self.faults -= u32::from(crossed).min(self.faults);
        let moved = before.me.cell != after.me.cell;
        match self.wish {
            Wish::Travel(to) if after.me.cell == to => Err(Stop::Done("you are there")),
            Wish::Travel(_) | Wish::Explore | Wish::Repeat(Command::Step(_)) if !moved => {
                Err(Stop::NoWay("somebody stands in the way"))
            }
            Wish::Repeat(Command::Clear(_) | Command::Extract) if after.me.work.is_none() => {
                Err(Stop::Done("done"))
            }
            _ => Ok(()),
        }
    }

    fn travel_step(&self, view: &View, to: Cell) -> Result<Command, Stop> {
        if view.me.cell == to {
            return Err(Stop::Done("you are there"));
        }
        let Some(route) = Ways::new(view, Tolls::default()).route(to) else {
            return Err(Stop::NoWay("no known way there"));
        };
        if route.faults > self.faults {
            return Err(Stop::Priced {
                faults: route.faults,
            });
        }
        first_step(view, &route)
    }

    fn explore_step(&self, view: &View) -> Result<Command, Stop> {
        let ways = Ways::new(
            view,
            Tolls {
                kernel: FORBIDDEN,
                anonymous: 8,
                ..Tolls::default()
            },
        );
        let unseen = view
            .grid
            .cells()
            .filter(|&cell| !known(view, cell))
            .filter_map(|cell| Some((ways.cost(cell)?, view.grid.index(cell), cell)))
            .min();
        let Some((_, _, goal)) = unseen else {
            return Err(Stop::Done("all that can be reached was seen"));
        };
        let route = ways
            .route(goal)
            .ok_or(Stop::NoWay("no known way to what was never seen"))?;
        if route.faults > self.faults {
            return Err(Stop::Priced {
                faults: route.faults,
            });
        }
        first_step(view, &route)
    }
}

/// The price of what is not to be crossed, in steps: more than any way is long.
const FORBIDDEN: u32 = 100_000;

/// True if stepping into a cell from where the player stands enters kernel memory.
fn faults(view: &View, to: Cell) -> bool {
    let (here, there) = (view.here(), view.cell(to));
    there.kind == RoomKind::Kernel
        && known(view, to)
        && (here.room, here.order) != (there.room, there.order)
}

/// True if a body stands in a cell; the kernel's threads are in nobody's way.
fn hindered(view: &View, to: Cell) -> bool {
    view.bodies
        .iter()
        .any(|body| body.pid != 0 && body.cell == to && body.turn == view.turn)
}

fn first_step(view: &View, route: &Route) -> Result<Command, Stop> {
    let (Some(&dir), Some(&to)) = (route.steps.first(), route.cells.first()) else {
        return Err(Stop::Done("you are there"));
    };
    debug_assert_eq!(Dir::between(view.me.cell, to), Some(dir));
    if hindered(view, to) {
        return Err(Stop::NoWay("somebody stands in the way"));
    }
    Ok(Command::Step(dir))
}

/// The same command again, if that is harmless.
fn again(view: &View, command: Command) -> Result<Command, Stop> {
    match command {
        Command::Wait | Command::Extract | Command::Clear(_) => Ok(command),
        Command::Step(dir) => {
            let to = match view.edge(view.me.cell, dir) {
                Some(Edge::Open | Edge::Door) => view.grid.step(view.me.cell, dir),
                _ => None,
            };
            let Some(to) = to else {
                return Err(Stop::NoWay("a wall"));
            };
            if hindered(view, to) {
                return Err(Stop::NoWay("somebody stands in the way"));
            }
            if faults(view, to) {
                return Err(Stop::Priced { faults: 1 });
            }
            Ok(Command::Step(dir))
        }
        _ => Err(Stop::NotRepeated),
    }
}
