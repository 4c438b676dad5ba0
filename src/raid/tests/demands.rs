//! What devices want of a block beyond its order: low memory, and what its last owner left.

use super::*;
use crate::raid::preview::{self, Verdict};

fn boot_in(zone: &str, seed: u64) -> Raid {
    let rules = Arc::new(Rules::shipped().unwrap());
    Raid::new(rules, Setup::new(zone, seed)).unwrap()
}

/// Lets a device of this name ask for an order, and stands there.
fn at(raid: &mut Raid, name: &str, order: u8) -> usize {
    let i = raid
        .devices
        .iter()
        .position(|device| device.spec.name == name)
        .unwrap();
    raid.raise(i);
    raid.devices[i].request.as_mut().unwrap().order = order;
    let room = raid.devices[i].room;
    stand_at(raid, room);
    i
}

#[test]
fn a_device_with_few_address_bits_is_served_from_low_memory_or_not_at_all() {
    let (mut low, mut null, mut certain) = (0, 0, 0);
    for seed in 0..12 {
        for order in 2..=6 {
            let mut raid = boot_in("dma32", seed);
            at(&mut raid, "video", order);
            let line = raid.memory.pages() / 2;
            let there = raid
                .memory
                .blocks()
                .any(|block| block.is_free() && block.order >= order && block.pfn < line);
            let said = preview::preview(raid.view()).unwrap();
            raid.step(Command::Grab).unwrap();
            raid.memory.verify().unwrap();
            if let Some(held) = raid.player.held.first() {
                assert!(held.pfn + held.pages() <= line && there, "seed {seed}");
                low += 1;
            } else {
                assert!(!there, "seed {seed} order {order}");
                let outcome = raid.outcome().unwrap();
                assert!(text::cause(outcome).contains("low memory"), "{outcome:?}");
                null += 1;
            }
            if let Verdict::Certain(_) = said.verdict {
                assert!(raid.outcome().is_none(), "seed {seed} order {order}");
                certain += 1;
            }
        }
    }
    assert!(
        low > 10 && null > 5 && certain > 0,
        "{low} {null} {certain}"
    );
}

#[test]
fn a_block_above_the_line_does_not_serve_a_device_that_cannot_reach_it() {
    let mut raid = boot_in("dma32", 4);
    let i = at(&mut raid, "video", 3);
    let request = raid.devices[i].request.unwrap();
    let line = request.demand.below.unwrap();
    assert!(raid.would_serve(&request));
    for block in raid.memory.blocks().collect::<Vec<_>>() {
        if block.is_free() && block.order >= 3 && block.pfn < line {
            raid.memory
                .alloc_at(
                    block.pfn,
                    block.order,
                    MigrateType::Movable,
                    Owner(5),
                    PageFlags::empty(),
                    &mut raid.memory_events,
                )
                .unwrap();
            raid.book_memory(5);
        }
    }
    assert!(raid.memory.largest_free_order().unwrap() >= 3);
    assert!(!raid.would_serve(&request));
    let plain = Request {
        demand: Demand::default(),
        ..request
    };
    assert!(raid.would_serve(&plain));
}

#[test]
fn what_a_device_wants_of_a_last_owner_decides_whether_it_keeps_the_block() {
    let (mut kept, mut back) = (0, 0);
    for seed in 0..30 {
        for order in 2..=4 {
            let mut raid = boot_in("dma32", seed);
            let i = at(&mut raid, "nic1", order);
            let request = raid.devices[i].request.unwrap();
            assert_eq!(request.demand.left, Some(Leftover::Anonymous));
            let would = raid.would_serve(&request);
            let said = preview::preview(raid.view()).unwrap();
            let free = raid.memory.nr_free_pages();
            raid.act(Command::Grab);
            if raid.outcome().is_some() {
                continue;
            }
            assert_eq!(would, !raid.player.held.is_empty(), "seed {seed}");
            if raid.player.held.is_empty() {
                assert_eq!(raid.memory.nr_free_pages(), free, "it was given back");
                let told = |event: &Event| matches!(event, Event::OfNoUse { .. });
                assert!(raid.events.iter().any(told));
                back += 1;
            } else {
                kept += 1;
            }
            let certain = matches!(said.verdict, Verdict::Certain(_));
            if certain && said.useful.is_some() && said.block.is_some_and(|at| at.1 == order) {
                let lines = said.lines.join("\n");
                assert!(lines.contains("what its last owner left"), "{lines}");
            }
        }
    }
    assert!(kept > 1 && back > 5, "{kept} kept, {back} given back");
}

#[test]
fn a_room_that_was_cleared_holds_what_its_owner_left_and_zeroing_wipes_it() {
    let mut raid = boot_in("dma32", 2);
    let (dir, room) = stand_beside(&mut raid, |room| {
        allocated(room, MigrateType::Reclaimable) && !dirty(room)
    });
    raid.step(Command::Clear(Some(dir))).unwrap();
    assert!(raid.block_of(cell_of(room.pfn)).is_free());
    let seen = raid.view.cell(cell_of(room.pfn));
    assert_eq!(
        (seen.kind, seen.left),
        (RoomKind::Void, Leftover::Cache),
        "as it is seen"
    );
    raid.leave_nothing(room.pfn, room.order);
    raid.look_around();
    assert_eq!(raid.view.cell(cell_of(room.pfn)).left, Leftover::Nothing);
    let demand = Demand {
        below: None,
        left: Some(Leftover::Cache),
    };
    assert_eq!(
        of_use(&raid.view, room.pfn, room.order, demand),
        Some(false)
    );
}

#[test]
fn where_freed_pages_are_wiped_nobody_asks_for_what_was_left() {
    for (modifiers, wants) in [
        ("", true),
        ("init_on_free=1", false),
        ("page_poison=1", false),
    ] {
        let rules = Arc::new(Rules::shipped().unwrap());
        let setup = Setup {
            modifiers: modifiers.parse().unwrap(),
            ..Setup::new("dma32", 3)
        };
        let mut raid = Raid::new(rules, setup).unwrap();
        let i = at(&mut raid, "nic1", 2);
        let demand = raid.devices[i].request.unwrap().demand;
        assert_eq!(demand.left.is_some(), wants, "{modifiers}");
    }
}
