//! The view of a machine in the middle of a call: what `midway` tells of the address map, with the lists that fit it.

use crate::lesson::machine::{BlockView, ListView, MachineView, Use, ZoneView};
use crate::lesson::midway::Midway;
use crate::mm::{MigrateType, Order, Pfn};

/// The machine as it was before a call, with its address map as it was at a moment of it. Blocks that have come on a list
/// since then stand at its head, since that is where the allocator puts them.
pub fn moment(before: &MachineView, map: &[(Pfn, Order, Midway)]) -> MachineView {
    MachineView {
        zones: before.zones.iter().map(|zone| part(zone, map)).collect(),
        current: before.current,
    }
}

fn part(before: &ZoneView, map: &[(Pfn, Order, Midway)]) -> ZoneView {
    let inside = map
        .iter()
        .filter(|(pfn, ..)| *pfn >= before.start && pfn - before.start < before.pages);
    let block = |&(pfn, order, what): &(Pfn, Order, Midway)| {
        let old = before
            .blocks
            .binary_search_by_key(&pfn, |block| block.pfn)
            .ok()
            .map(|at| before.blocks[at])
            .filter(|old| old.order == order);
        let at = (pfn - before.start) >> before.pageblock_order;
        let list = before
            .pageblocks
            .get(at as usize)
            .copied()
            .unwrap_or(MigrateType::Movable);
        let used = match (what, old.map(|old| old.used)) {
            (Midway::Free, Some(used @ Use::Free { .. }))
            | (Midway::Cached, Some(used @ Use::Cached { .. })) => used,
            (Midway::Taken(pid), Some(used @ Use::Allocated { pid: old, .. })) if pid == old => {
                used
            }
            (Midway::Free, _) => Use::Free { list, place: 0 },
            (Midway::Cached, _) => Use::Cached { cpu: 0, list },
            (Midway::Taken(pid), _) => Use::Allocated {
                pid,
                migratetype: list,
                flags: 0,
            },
        };
        BlockView { pfn, order, used }
    };
    let mut blocks: Vec<BlockView> = inside.map(block).collect();
    let lists = lists(before, &mut blocks);
    let free = blocks
        .iter()
        .filter(|block| matches!(block.used, Use::Free { .. }))
        .map(|block| 1 << block.order)
        .sum();
    ZoneView {
        blocks,
        lists,
        free,
        ..before.clone()
    }
}

/// The lists of these blocks, and the blocks' places on them.
fn lists(before: &ZoneView, blocks: &mut [BlockView]) -> Vec<ListView> {
    let mut lists: Vec<ListView> = Vec::new();
    for (at, block) in (0_u32..).zip(blocks.iter()) {
        let Use::Free { list, .. } = block.used else {
            continue;
        };
        let found = lists
            .iter_mut()
            .find(|known| (known.order, known.list) == (block.order, list));
        // For now by their number.
        match found {
            Some(known) => known.blocks.push(at),
            None => lists.push(ListView {
                order: block.order,
                list,
                blocks: vec![at],
            }),
        }
    }
    lists.sort_by_key(|list| (list.order, list.list));
    for list in &mut lists {
        let old = before
            .lists
            .iter()
            .find(|old| (old.order, old.list) == (list.order, list.list));
        let place = |at: &u32| {
            let pfn = blocks[*at as usize].pfn;
            old.and_then(|old| old.blocks.iter().position(|&other| other == pfn))
                .map_or((0, 0), |place| (1, place))
        };
        list.blocks.sort_by_key(place);
        for (place, at) in (0_u32..).zip(&list.blocks) {
            if let Use::Free { place: known, .. } = &mut blocks[*at as usize].used {
                *known = place;
            }
        }
        for at in &mut list.blocks {
            *at = blocks[*at as usize].pfn;
        }
    }
    lists
}
