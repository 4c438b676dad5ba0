//! What a turn shows besides walls: rooms that are moved, overwritten or won, and blows.

use crate::app::theme::Ink;
use crate::labyrinth::{Cell, Rect, block_rect};
use crate::mm::{Order, Pfn};
use crate::raid::{Event, Outcome, View};

/// Something to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Show {
    /// A room's content goes from one place to another.
    Moved { from: Rect, to: Rect, ink: Ink },
    /// A room is written over, from its left to its right.
    Written { rect: Rect, ink: Ink },
    /// A ring opens around a place.
    Ring { rect: Rect, ink: Ink },
}

const fn one(cell: Cell) -> Rect {
    Rect {
        x: cell.x,
        y: cell.y,
        w: 1,
        h: 1,
    }
}

/// What to show of a turn.
pub(super) fn shows(events: &[Event], after: &View) -> Vec<Show> {
    let moved = |from: Pfn, to: Pfn, order: Order| Show::Moved {
        from: block_rect(from, order),
        to: block_rect(to, order),
        ink: Ink::Sky,
    };
    // With init_on_free or page_poison whoever frees a room writes over it first.
    let overwrites = |order: Order| after.me.freeing_turns[usize::from(order)] > 0;
    let shows = events.iter().filter_map(|event| match *event {
        Event::Migrated {
            from, to, order, ..
        }
        | Event::Compacted {
            from, to, order, ..
        } => Some(moved(from, to, order)),
        Event::Zeroing { pfn, order, .. } => Some(Show::Written {
            rect: block_rect(pfn, order),
            ink: Ink::White,
        }),
        Event::Evicted { pfn, order, .. } | Event::Freed { pfn, order } if overwrites(order) => {
            Some(Show::Written {
                rect: block_rect(pfn, order),
                ink: Ink::Dim,
            })
        }
        Event::Granted { pfn, order, .. } => Some(Show::Ring {
            rect: block_rect(pfn, order),
            ink: Ink::Yellow,
        }),
        Event::Ended(Outcome::Dead(_)) => Some(Show::Ring {
            rect: one(after.me.cell),
            ink: Ink::Vermillion,
        }),
        _ => None,
    });
    shows.collect()
}

/// How hard a turn hits, of a hundred.
pub(super) fn blow(events: &[Event]) -> u32 {
    let blows = events.iter().map(|event| match event {
        Event::Ended(Outcome::Dead(_)) | Event::Struck { .. } | Event::Crossed { .. } => 100,
        Event::Faulted { .. } | Event::FirstWrite { .. } => 80,
        Event::OomKilled { .. } | Event::Slew { .. } => 60,
        Event::Granted { .. } => 35,
        Event::RanOver { .. } => 30,
        _ => 0,
    });
    blows.max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::tests::view_of_a_raid;

    #[test]
    fn a_room_that_is_moved_goes_from_where_it_was_to_where_it_is() {
        let view = view_of_a_raid();
        let events = [Event::Migrated {
            from: 0,
            to: 64,
            order: 2,
            owner: "browser".into(),
        }];
        let moved = Show::Moved {
            from: block_rect(0, 2),
            to: block_rect(64, 2),
            ink: Ink::Sky,
        };
        assert_eq!(shows(&events, &view), [moved]);
    }

    #[test]
    fn freed_rooms_are_written_over_only_where_the_kernel_is_told_to() {
        let mut view = view_of_a_raid();
        let events = [Event::Freed { pfn: 0, order: 1 }];
        assert_eq!(shows(&events, &view), []);
        view.me.freeing_turns[1] = 1;
        assert!(matches!(shows(&events, &view)[..], [Show::Written { .. }]));
    }

    #[test]
    fn only_blows_shake_the_map() {
        assert_eq!(blow(&[Event::KeyTaken, Event::KswapdWoke]), 0);
        let struck = Event::Struck {
            by: "rt".into(),
            refs: 1,
        };
        assert_eq!(blow(&[Event::KeyTaken, struck]), 100);
    }
}
