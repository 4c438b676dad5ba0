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
    for (share, want) in shares.iter().zip([35, 40, 20, 5]) {
        assert!(share.abs_diff(want) <= 4, "{shares:?}");
    }
}
