//! Free blocks of a real machine as a script that lays the sandbox out with them.

use std::fmt::Write as _;

use crate::kernel_text::layout;
use crate::mm::{MAX_PAGE_ORDER, NR_PAGE_ORDERS, Order, Pfn};
use crate::raid::mix;

/// Pages of the machine that is laid out: 4 MiB, a block of the largest order.
const PAGES: u32 = 1024;

/// Pages that are free in it, if the line does not fit as it is.
const FREE: u32 = 340;

/// The calls that lead to a machine with these free blocks, scaled as a raid's are.
///
/// # Errors
///
/// One sentence, if nothing is free.
pub fn script(free: &[u64; NR_PAGE_ORDERS]) -> Result<String, String> {
    let mut draws = 0_u64;
    let mut choose = |below: u32| {
        draws += 1;
        (mix(draws, 7) % u64::from(below.max(1))) as u32
    };
    let laid =
        layout::layout(free, PAGES, &[], FREE, &mut choose).map_err(|error| error.to_string())?;
    if laid.free.is_empty() {
        return Err("no page is free there: there is nothing to lay out".into());
    }
    let mut text = format!("set pages {PAGES}\n");
    let mut at = 0;
    for &(pfn, order) in &laid.free {
        take(&mut text, at, pfn);
        at = pfn + (1 << order);
    }
    take(&mut text, at, PAGES);
    Ok(text)
}

/// Takes all pages from `at` up to `end`, in blocks as large as can be.
fn take(text: &mut String, mut at: Pfn, end: Pfn) {
    while at < end {
        let fits =
            |order: &Order| at.trailing_zeros() >= u32::from(*order) && end - at >= 1 << *order;
        let order = (0..=MAX_PAGE_ORDER).rev().find(fits).unwrap_or(0);
        // Writing to a string does not fail.
        let _ = writeln!(text, "alloc_at({at:#x}, {order}, GFP_HIGHUSER_MOVABLE)");
        at += 1 << order;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lesson::Timeline;
    use crate::lesson::machine::Setup;

    #[test]
    fn the_script_leads_to_the_free_blocks_it_was_made_for() {
        let mut machine = Timeline::new(Setup::default()).expect("a machine");
        // Free buddies of order 1 and 0 with room for their neighbours: fits as it is.
        let wanted = [9, 7, 5, 3, 1, 1, 0, 0, 0, 0, 0];
        for line in script(&wanted).expect("it fits").lines() {
            let report = machine.run(line);
            assert_eq!(report.fault, None, "{line}");
        }
        let found: Vec<u64> = (0..=MAX_PAGE_ORDER)
            .map(|order| {
                let larger = if order < MAX_PAGE_ORDER {
                    machine.now().machine().free_blocks(order + 1)
                } else {
                    0
                };
                u64::from(machine.now().machine().free_blocks(order) - larger)
            })
            .collect();
        assert_eq!(found, wanted);
    }

    #[test]
    fn a_machine_far_larger_is_scaled_and_an_empty_line_is_refused() {
        let large = [
            1207, 5262, 25225, 23789, 15057, 7422, 3250, 1877, 882, 508, 2922,
        ];
        let script = script(&large).expect("it is scaled");
        assert!(script.lines().count() < 600);
        assert!(super::script(&[0; NR_PAGE_ORDERS]).is_err());
    }
}
