//! Travelling, exploring, waiting and repeating: they stop for news, never grab, never bleed unasked.

use super::*;
use crate::raid::plan::{Tolls, Ways};

/// Lets a pilot go on until it stops; says why, and how many turns it played.
fn fly(raid: &mut Raid, mut pilot: Pilot) -> (Stop, u32) {
    let may_fault = pilot != Pilot::new(pilot.wish());
    let mut turns = 0;
    loop {
        let command = match pilot.next(raid.view()) {
            Ok(command) => command,
            Err(stop) => return (stop, turns),
        };
        let may = matches!(
            command,
            Command::Step(_) | Command::Wait | Command::Clear(_) | Command::Extract
        );
        assert!(may, "{command:?} is never given by itself");
        let before = raid.view().clone();
        let events = match raid.step(command) {
            Ok(events) => events,
            Err(refusal) => panic!("{command:?} was refused: {refusal}"),
        };
        turns += 1;
        let stopped = pilot.played(&before, &events, raid.view());
        let harm = raid.view().me.refs < before.me.refs;
        let faulted = |event: &Event| matches!(event, Event::Faulted { .. });
        let agreed = may_fault && events.iter().any(faulted);
        assert!(!harm || agreed || stopped.is_err(), "{events:?}");
        if let Err(stop) = stopped {
            return (stop, turns);
        }
        assert!(turns < 500, "it never stops");
    }
}

#[test]
fn exploring_sees_more_crosses_no_kernel_room_and_stops_for_news() {
    let (mut turns, mut seen) = (0, 0);
    let mut reasons = [0; 6];
    for seed in 0..20 {
        let mut raid = boot(seed);
        let unknown = |raid: &Raid| {
            let view = raid.view();
            view.grid.cells().filter(|&c| view.age(c).is_none()).count() as u32
        };
        let before = unknown(&raid);
        // Whoever stops is asked again, as a player would.
        for _ in 0..60 {
            let refs = raid.view().me.refs;
            let (stop, played) = fly(&mut raid, Pilot::new(Wish::Explore));
            turns += played;
            let reason = match stop {
                Stop::Done(_) => 0,
                Stop::News(News::Told(_)) => 1,
                Stop::News(News::Body { .. }) => 2,
                Stop::News(News::Wall { .. }) => 3,
                Stop::News(_) => 4,
                _ => 5,
            };
            reasons[reason] += 1;
            if let Stop::News(News::Hurt { .. }) = stop {
                assert!(raid.view().me.refs < refs);
            }
            if raid.outcome().is_some() || played == 0 {
                break;
            }
        }
        seen += before - unknown(&raid);
    }
    assert!(turns > 200 && seen > 1500, "{turns} turns saw {seen} cells");
    let met = reasons[1..5].iter().all(|&count| count > 0);
    assert!(met, "{reasons:?}");
}

#[test]
fn no_step_by_itself_enters_kernel_memory() {
    for seed in 0..30 {
        let mut raid = boot(seed);
        let mut random = Stream::new(seed, Purpose::Bots);
        for _ in 0..40 {
            if raid.outcome().is_some() {
                break;
            }
            let side = u32::from(raid.zone.side);
            let cell = Cell::new(random.below(side) as u16, random.below(side) as u16);
            let wish = match random.below(3) {
                0 => Wish::Explore,
                1 => Wish::Repeat(Command::Step(Dir::ALL[random.below(4) as usize])),
                _ => Wish::Travel(cell),
            };
            let pilot = Pilot::new(wish);
            let Ok(command) = pilot.next(raid.view()) else {
                let _ = raid.step(Command::Wait);
                continue;
            };
            let events = raid.step(command).unwrap();
            let faulted = |event: &Event| matches!(event, Event::Faulted { .. });
            assert!(!events.iter().any(faulted), "seed {seed}: {wish:?}");
        }
    }
}

#[test]
fn a_way_with_a_price_wants_it_agreed_on() {
    let mut checked = 0;
    for seed in 0..40 {
        let mut raid = boot(seed);
        let view = raid.view();
        let ways = Ways::new(view, Tolls::default());
        let priced = view.grid.cells().find_map(|cell| {
            let route = ways.route(cell)?;
            (route.faults == 1 && route.unknown == 0).then_some(cell)
        });
        let Some(cell) = priced else { continue };
        let stop = Pilot::new(Wish::Travel(cell)).next(view);
        assert_eq!(stop, Err(Stop::Priced { faults: 1 }));
        let (stop, turns) = fly(&mut raid, Pilot::travel(cell, 1));
        assert!(turns > 0, "{stop}");
        checked += 1;
    }
    assert!(checked > 5, "{checked}");
}

#[test]
fn waiting_ends_with_news_and_the_news_is_there() {
    let mut kinds = std::collections::BTreeSet::new();
    for seed in 0..16 {
        let mut raid = boot(seed);
        while raid.outcome().is_none() {
            let (stop, turns) = fly(&mut raid, Pilot::new(Wish::Wait));
            kinds.insert(match stop {
                Stop::News(News::Ended) => "ended",
                Stop::News(News::Hurt { .. }) => "hurt",
                Stop::News(News::Told(_)) => "told",
                Stop::News(News::Body { .. }) => "body",
                Stop::News(News::Chance(_)) => "chance",
                Stop::News(News::Wall { .. }) => "wall",
                Stop::Danger(_) => "danger",
                _ => "else",
            });
            if turns == 0 {
                // Danger: the player decides to stay.
                let _ = raid.step(Command::Wait);
            }
        }
    }
    for kind in ["ended", "told", "chance", "wall", "danger"] {
        assert!(kinds.contains(kind), "{kind}: {kinds:?}");
    }
}

#[test]
fn work_is_repeated_until_it_is_done_and_a_grab_never_is() {
    let mut raid = boot(5);
    let (dir, room) = stand_beside(&mut raid, dirty);
    let command = Command::Clear(Some(dir));
    let (stop, turns) = fly(&mut raid, Pilot::new(Wish::Repeat(command)));
    match stop {
        Stop::Done(_) => assert_eq!(turns, 3),
        Stop::News(_) => assert!(turns <= 3),
        other => panic!("{other}"),
    }
    assert!(turns < 3 || raid.block_of(cell_of(room.pfn)).is_free());
    for command in [Command::Grab, Command::Free(0), Command::Isolate] {
        let stop = Pilot::new(Wish::Repeat(command)).next(raid.view());
        assert_eq!(stop, Err(Stop::NotRepeated));
    }
}

#[test]
fn nothing_begins_by_itself_in_danger() {
    let mut raid = boot(20);
    raid.player.handed = Some(player::Handed {
        to: 3,
        deadline: Some(9),
    });
    raid.look_around();
    for wish in [Wish::Explore, Wish::Wait, Wish::Repeat(Command::Wait)] {
        let stop = Pilot::new(wish).next(raid.view());
        assert!(matches!(stop, Err(Stop::Danger(_))), "{stop:?}");
    }
    assert!(danger(boot(20).view()).is_none());
}
