//! What a mistake comes from, derived from the machine itself where a lesson has no words for it.

use super::console::{Console, Report};
use super::machine::Machine;
use crate::mm::{
    Block, BlockState, Event, FailReason, MAX_PAGE_ORDER, MigrateType, Order, PAGE_SHIFT, Pfn,
};

fn block_of(machine: &Machine, pfn: Pfn) -> String {
    match machine.block_at(pfn) {
        None => format!("there is no frame {pfn:#x}"),
        Some(Block { pfn, order, state }) => {
            let what = match state {
                BlockState::Free { .. } => "is free".to_owned(),
                BlockState::Cached { cpu, .. } => format!("is kept by CPU {cpu}"),
                BlockState::Allocated { owner, .. } => format!("belongs to task {}", owner.0),
            };
            format!("the block at {pfn:#x} of order {order} {what}")
        }
    }
}

/// Why a block did not merge after it was given back, or how far it did.
fn merging(after: &Machine, pfn: Pfn, order: Order) -> Option<String> {
    let now = after.block_at(pfn)?;
    if !now.is_free() {
        return None;
    }
    if now.order > order {
        return Some(format!(
            "{pfn:#x} merged up to order {}: the block at {:#x}",
            now.order, now.pfn
        ));
    }
    let size = 1_u32 << order;
    let buddy = pfn ^ size;
    let sum = format!("{pfn:#x} ^ {size:#x} = {buddy:#x}");
    let other = if buddy > pfn {
        pfn.checked_sub(size)
    } else {
        pfn.checked_add(size)
    };
    if let Some(other) = other
        && let Some(beside) = after.block_at(other)
        && beside.is_free()
        && beside.pfn == other
        && beside.order == order
    {
        return Some(format!(
            "{pfn:#x} and {other:#x} are neighbours but not buddies: {sum}"
        ));
    }
    match after.block_at(buddy) {
        None => Some(format!(
            "its buddy would be {buddy:#x} ({sum}): there is no such frame"
        )),
        Some(beside) if beside.is_free() && beside.order < order => {
            Some(format!("its buddy {buddy:#x} ({sum}) is only partly free"))
        }
        Some(beside) if !beside.is_free() => Some(format!(
            "nothing merges: its buddy is {buddy:#x} ({sum}), and {}",
            block_of(after, buddy)
        )),
        Some(_) => None,
    }
}

/// What a call did, or why it failed, in a sentence about its own blocks.
pub fn call(after: &Console, report: &Report) -> String {
    let machine = after.machine();
    for event in &report.events {
        if let Event::Fail(failure) = event {
            return match failure.reason {
                FailReason::Watermark => format!(
                    "NULL: {} pages are free, and with these flags more than {} are needed for order {}.",
                    failure.free, failure.limit, failure.order
                ),
                FailReason::Fragmentation => {
                    let largest = (0..=MAX_PAGE_ORDER)
                        .rev()
                        .find(|&order| failure.nr_free[usize::from(order)] > 0);
                    let largest = largest.map_or_else(String::new, |order| {
                        format!("; the largest free block has order {order}")
                    });
                    format!(
                        "NULL: {} pages are free, but not in one block of order {} that this request may take{largest}.",
                        failure.free, failure.order
                    )
                }
                FailReason::TooLarge => {
                    format!("NULL: no block is larger than order {MAX_PAGE_ORDER}.")
                }
            };
        }
    }
    if let Some(fault) = &report.fault {
        return fault.text.replace('\n', "; ");
    }
    let freed = report.events.iter().find_map(|event| match *event {
        Event::Free { pfn, order, .. } => Some((pfn, order)),
        _ => None,
    });
    if let Some((pfn, order)) = freed
        && let Some(said) = merging(machine, pfn, order)
    {
        return format!("Not yet done: {said}.");
    }
    if let Some((_, order)) = report.request
        && let Some(pfn) = report.value
    {
        let splits = report
            .events
            .iter()
            .filter(|event| matches!(event, Event::Split { .. }))
            .count();
        return match splits {
            0 => format!("Not yet done: {pfn:#x} was a free block of order {order} already."),
            _ => format!(
                "Not yet done: {pfn:#x} came out of a block of order {}, split {splits} times.",
                usize::from(order) + splits
            ),
        };
    }
    "Not yet done.".to_owned()
}

/// Why a block is not the one that a request will get.
pub fn click(before: &Console, request: Option<&Report>, clicked: Pfn) -> String {
    let machine = before.machine();
    let Some(block) = machine.block_at(clicked) else {
        return format!("There is no frame {clicked:#x}.");
    };
    let Some((gfp, order)) = request.and_then(|report| report.request) else {
        return format!("No: {}.", block_of(machine, clicked));
    };
    // A frame was asked for by its number, not a block of some size.
    if request.is_some_and(|report| report.name == "alloc_at") {
        let last = block.pfn + block.pages() as Pfn - 1;
        let frames = if last == block.pfn {
            format!("frame {:#x} holds", block.pfn)
        } else {
            format!("the frames {:#x} to {last:#x} hold", block.pfn)
        };
        let (from, to) = (
            u64::from(block.pfn) << PAGE_SHIFT,
            (u64::from(last) + 1) << PAGE_SHIFT,
        );
        return format!("No: {frames} the addresses {from:#x} to {:#x}.", to - 1);
    }
    if !block.is_free() {
        return format!(
            "No: {}. Only free blocks are handed out.",
            block_of(machine, clicked)
        );
    }
    let pages = 1_u64.checked_shl(order.into()).unwrap_or(u64::MAX);
    let need = format!("order {order}, {pages} pages");
    if block.order < order {
        return format!(
            "No: the block at {:#x} has order {}, {} pages, and {need} are wanted.",
            block.pfn,
            block.order,
            block.pages()
        );
    }
    let Some((start, zone)) = machine.zone_of(clicked) else {
        return format!("There is no frame {clicked:#x}.");
    };
    let BlockState::Free { list } = block.state else {
        return format!("No: {}.", block_of(machine, clicked));
    };
    let smaller = (order..block.order).find(|&smaller| zone.nr_free_of(smaller, list) > 0);
    if let Some(smaller) = smaller {
        return format!(
            "No: {:#x} has order {}, and the list of order {smaller} has a block too: the smallest that suffices is taken.",
            block.pfn, block.order
        );
    }
    if list != gfp.migratetype() && own_list(zone, order, gfp.migratetype()) {
        return format!(
            "No: {:#x} is on a list of type {}, and there are blocks of type {}.",
            block.pfn,
            list.name(),
            gfp.migratetype().name()
        );
    }
    let all: Vec<_> = zone
        .free_list(block.order, list)
        .take(8)
        .map(|pfn| format!("{:#x}", start + pfn))
        .collect();
    format!(
        "No: the list of order {} is, head first: {}. The head is taken.",
        block.order,
        all.join(", ")
    )
}

fn own_list(zone: &crate::mm::Zone, order: Order, own: MigrateType) -> bool {
    (order..=MAX_PAGE_ORDER).any(|order| zone.nr_free_of(order, own) > 0)
}

/// Why a number is not the right one.
pub fn number(right: u32, given: u32, order: bool) -> String {
    let way = if given > right { "fewer" } else { "more" };
    if order {
        let way = if given > right { "smaller" } else { "larger" };
        return if given <= u32::from(MAX_PAGE_ORDER) {
            format!(
                "No: order {given} is 2^{given} = {} pages; it is {way}.",
                1_u32 << given
            )
        } else {
            format!("No: orders go from 0 to {MAX_PAGE_ORDER}.")
        };
    }
    format!("No: it is {way} than {given}.").replace("fewer than", "less than")
}
