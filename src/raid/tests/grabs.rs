//! The grab: what it gives, when it kills, and what its preview promises.

use super::*;

#[test]
fn a_grab_that_can_be_served_gives_a_block_to_follow() {
    let mut raid = boot(10);
    at_device(&mut raid, 1);
    let events = raid.step(Command::Grab).unwrap();
    let Some(Event::Granted { pfn, order: 1, .. }) = events
        .iter()
        .find(|event| matches!(event, Event::Granted { .. }))
    else {
        panic!("not granted: {events:?}");
    };
    assert_eq!(
        raid.view().me.held,
        [Held {
            pfn: *pfn,
            order: 1,
            mapped: false
        }]
    );
    assert!(raid.is_yours(cell_of(*pfn)));
    assert!(raid.devices[0].request.is_none());
    // Walk in from next door: it is mapped, and a reference is gained.
    let pfn = *pfn;
    let outside = raid.maze.grid().cells().find_map(|cell| {
        Dir::ALL.into_iter().find_map(|dir| {
            let to = raid.maze.grid().step(cell, dir)?;
            let into = block_rect(pfn, 1).contains(to) && !block_rect(pfn, 1).contains(cell);
            (into && raid.maze.passable(cell, dir)).then_some((cell, dir))
        })
    });
    let (cell, dir) = outside.unwrap();
    raid.player.cell = cell;
    raid.player.handed = None;
    let refs = raid.player.refs;
    let events = raid.step(Command::Step(dir)).unwrap();
    assert!(events.contains(&Event::Mapped {
        pfn,
        order: 1,
        refs: refs + 1
    }));
}

#[test]
fn a_grab_that_cannot_be_served_kills_and_says_why() {
    let mut raid = boot(10);
    at_device(&mut raid, 10);
    raid.step(Command::Grab).unwrap();
    let Some(Outcome::Dead(death)) = raid.outcome() else {
        panic!("survived")
    };
    let Cause::Null { failure, .. } = &death.cause else {
        panic!("another cause")
    };
    assert!(matches!(
        failure.reason,
        FailReason::Watermark | FailReason::Fragmentation
    ));
    assert!(text::cause(raid.outcome().unwrap()).contains("NULL"));
    assert!(
        text::report(raid.outcome().unwrap(), raid.view())
            .starts_with("current: page allocation failure: order:10, mode:0x820(GFP_ATOMIC)")
    );
}

#[test]
fn a_preview_that_is_certain_or_fatal_is_right() {
    let (mut certain, mut fatal) = (0, 0);
    for seed in 0..60 {
        for order in 1..=7 {
            let mut raid = boot(seed);
            if seed % 2 == 0 {
                // Somebody takes nearly all there is.
                while raid.memory.nr_free_pages() > 60 + seed as u32 {
                    let got = raid.memory.alloc_pages(
                        mm::Gfp::GFP_ATOMIC,
                        0,
                        Owner(5),
                        &mut raid.memory_events,
                    );
                    raid.book_memory(5);
                    got.unwrap();
                }
            }
            at_device(&mut raid, order);
            let preview = preview::preview(raid.view()).unwrap();
            raid.step(Command::Grab).unwrap();
            let dead = raid.outcome().is_some();
            match preview.verdict {
                preview::Verdict::Certain(_) => {
                    assert!(!dead, "seed {seed} order {order}");
                    certain += 1;
                }
                preview::Verdict::Fatal(_) => {
                    assert!(dead, "seed {seed} order {order}");
                    fatal += 1;
                }
                preview::Verdict::Unknown(_) => {}
            }
        }
    }
    assert!(
        certain > 20 && fatal > 20,
        "{certain} certain, {fatal} fatal"
    );
}

#[test]
fn interrupts_ask_around_the_edge_of_what_there_is() {
    let mut raid = boot(17);
    let edge = i32::from(raid.memory.largest_free_order().unwrap());
    raid.devices[0].spec.orders = (0, 10);
    let interrupts = raid.zone.interrupts.clone();
    // What stands when one comes in has weights of its own.
    for (turn, weights) in [(0, interrupts.first_weights), (1, interrupts.edge_weights)] {
        raid.turn = turn;
        let mut counts = [0u32; 4];
        for _ in 0..2000 {
            raid.devices[0].request = None;
            raid.raise(0);
            let order = i32::from(raid.devices[0].request.unwrap().order);
            assert!(
                (edge - 1..=edge + 2).contains(&order) && order >= 1,
                "order {order}, edge {edge}"
            );
            counts[(order - edge + 1) as usize] += 1;
        }
        let shares = counts.map(|count| count / 20);
        let (below, at, above, beyond) = weights;
        assert_eq!(below + at + above + beyond, 100, "weights in per cent");
        for (share, want) in shares.iter().zip([below, at, above, beyond]) {
            assert!(share.abs_diff(want) <= 4, "{turn}: {shares:?}");
        }
    }
}

/// Isolates a range far from devices and frees all of it.
fn isolated_hall(raid: &mut Raid) {
    let range = (0..raid.memory.pages())
        .step_by(32)
        .find(|&pfn| {
            (pfn..pfn + 32).all(|page| !raid.built(cell_of(page)))
                && raid
                    .devices
                    .iter()
                    .all(|device| cell_of(device.room).chebyshev(cell_of(pfn)) > 14)
        })
        .unwrap();
    raid.player.cell = cell_of(range);
    raid.step(Command::Isolate).unwrap();
    let mut at = range;
    while at < range + 32 {
        let block = raid.memory.block_at(at).unwrap();
        if !block.is_free() {
            raid.give_back(0, block.pfn, block.order);
        }
        at = block.pfn + (1 << block.order);
    }
    raid.player.cell = cell_of(range);
    raid.look_around();
}

#[test]
fn a_preview_stays_right_after_a_grab_from_an_isolation() {
    let (mut certain, mut by_isolation) = (0, 0);
    for seed in 0..8 {
        let mut raid = boot(seed);
        isolated_hall(&mut raid);
        for first in 1..=5 {
            for second in first..=5 {
                let mut raid = raid.clone();
                for order in [first, second] {
                    raid.devices[0].request = None;
                    at_device(&mut raid, order);
                    let preview = preview::preview(raid.view()).unwrap();
                    let free = raid.memory.nr_free_pages();
                    raid.act(Command::Grab);
                    raid.look_around();
                    let dead = raid.outcome.is_some();
                    if let preview::Verdict::Certain(why) = preview.verdict {
                        assert!(!dead, "seed {seed}: {first} then {second}: {why}");
                        certain += 1;
                        if raid.memory.nr_free_pages() == free {
                            by_isolation += 1;
                        }
                    }
                    if dead {
                        break;
                    }
                }
            }
        }
    }
    assert!(
        certain > 60 && by_isolation > 20,
        "{certain} certain, {by_isolation} by isolation"
    );
}

#[test]
fn an_isolated_room_seen_before_this_isolation_is_not_certain() {
    let mut raid = boot(3);
    isolated_hall(&mut raid);
    let certain = |raid: &Raid| {
        preview::free_rooms(raid.view())
            .iter()
            .filter(|room| room.list == MigrateType::Isolate && room.certain)
            .count()
    };
    at_device(&mut raid, 5);
    assert_eq!(certain(&raid), 1);
    raid.player.isolation.as_mut().unwrap().since = raid.turn + 1;
    raid.look_around();
    assert_eq!(certain(&raid), 0);
}

#[test]
fn an_interrupt_that_is_not_served_expires() {
    let mut raid = boot(5);
    let expires = raid
        .devices
        .iter()
        .find_map(|device| device.request)
        .unwrap()
        .expires;
    let mut gone = Vec::new();
    while raid.turn() < expires {
        raid.player.refs = 5;
        let events = raid.step(Command::Wait).unwrap();
        if events
            .iter()
            .any(|event| matches!(event, Event::IrqExpired { .. }))
        {
            gone.push(raid.turn());
        }
    }
    assert_eq!(gone.first(), Some(&expires));
}
