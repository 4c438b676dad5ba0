//! What free blocks there must be, given only which pages are free and what their pageblocks are for.

use labyrinth::mm::{BlockState, MAX_PAGE_ORDER, MigrateType, Order, Pfn, Zone};

/// What a page's neighbours must share to be in one free block with it: nothing if it is in use.
fn kind(zone: &Zone, pfn: Pfn) -> Option<MigrateType> {
    match zone.block_at(pfn)?.state {
        // What CPUs keep does not merge either.
        BlockState::Allocated { .. } | BlockState::Cached { .. } => None,
        // Types that merge count as one.
        BlockState::Free { .. } => Some(match zone.pageblock_type(pfn) {
            list if list.is_mergeable() => MigrateType::Movable,
            list => list,
        }),
    }
}

/// The free blocks there must be: the largest aligned ones of pages of one kind.
pub fn free_blocks(zone: &Zone) -> Vec<(Pfn, Order)> {
    let kinds: Vec<_> = (0..zone.pages()).map(|pfn| kind(zone, pfn)).collect();
    let fits = |pfn: Pfn, order: Order| {
        let end = pfn + (1 << order);
        pfn.is_multiple_of(1 << order)
            && end <= zone.pages()
            && kinds[pfn as usize..end as usize]
                .iter()
                .all(|&kind| kind == kinds[pfn as usize])
    };
    let mut blocks = Vec::new();
    let mut pfn = 0;
    while pfn < zone.pages() {
        if kinds[pfn as usize].is_none() {
            pfn += 1;
            continue;
        }
        let order = (0..=MAX_PAGE_ORDER)
            .rev()
            .find(|&order| fits(pfn, order))
            .unwrap_or(0);
        blocks.push((pfn, order));
        pfn += 1 << order;
    }
    blocks
}
