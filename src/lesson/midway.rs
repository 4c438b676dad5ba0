//! The address map in the middle of a call, derived from the state before it and what the allocator told.

use std::collections::BTreeMap;

use serde::Serialize;

use super::machine::Machine;
use crate::mm::memory::Pid;
use crate::mm::{Block, BlockState, Event, Order, Pfn};

/// What a block is while a call is in progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Midway {
    /// Free, on a list or in the allocator's hands.
    Free,
    /// Kept by a CPU.
    Cached,
    /// A task has it.
    Taken(Pid),
}

/// The address map after the first `count` events of a call: first frame, order and what each block is, ascending.
pub fn midway(before: &Machine, events: &[Event], count: u32) -> Vec<(Pfn, Order, Midway)> {
    let mut map: BTreeMap<Pfn, (Order, Midway)> = before
        .blocks()
        .iter()
        .map(|block: &Block| {
            let what = match block.state {
                BlockState::Free { .. } => Midway::Free,
                BlockState::Cached { .. } => Midway::Cached,
                BlockState::Allocated { owner, .. } => Midway::Taken(owner.0.into()),
            };
            (block.pfn, (block.order, what))
        })
        .collect();
    let put = |map: &mut BTreeMap<Pfn, (Order, Midway)>, pfn: Pfn, order: Order, what| {
        let inside: Vec<Pfn> = map
            .range(pfn..pfn + (1 << order))
            .map(|(&pfn, _)| pfn)
            .collect();
        for inner in inside {
            map.remove(&inner);
        }
        map.insert(pfn, (order, what));
    };
    for event in events.iter().take(count as usize) {
        match *event {
            Event::Split { pfn, order, .. } if order > 0 => {
                put(&mut map, pfn, order - 1, Midway::Free);
                let upper = pfn + (1 << (order - 1));
                put(&mut map, upper, order - 1, Midway::Free);
            }
            Event::Merge { pfn, order } | Event::Free { pfn, order, .. } => {
                put(&mut map, pfn, order, Midway::Free);
            }
            Event::Alloc {
                pfn, order, owner, ..
            } => put(&mut map, pfn, order, Midway::Taken(owner.0.into())),
            Event::Migrate {
                from,
                to,
                order,
                owner,
            } => {
                put(&mut map, to, order, Midway::Taken(owner.0.into()));
                put(&mut map, from, order, Midway::Free);
            }
            _ => {}
        }
    }
    map.into_iter()
        .map(|(pfn, (order, what))| (pfn, order, what))
        .collect()
}
