//! How fragmented free memory is, from the free blocks of each order.

use super::{NR_PAGE_ORDERS, Order};

/// Free pages, free blocks, and free blocks of at least `order` counted in units of that order
/// (Linux 6.12 `mm/vmstat.c`: `fill_contig_page_info()`).
fn contig(counts: &[u32; NR_PAGE_ORDERS], order: Order) -> (u64, u64, u64) {
    let mut info = (0, 0, 0);
    for (at, &blocks) in counts.iter().enumerate() {
        let blocks = u64::from(blocks);
        info.0 += blocks << at;
        info.1 += blocks;
        if at >= usize::from(order) {
            info.2 += blocks << (at - usize::from(order));
        }
    }
    info
}

/// The fragmentation index of `order`, in 1/1000, for these numbers of free blocks per order.
///
/// -1000: a request would succeed. Otherwise 0 means it would fail for lack of memory, 1000 for fragmentation.
/// 0 if nothing is free or there is no such order. Linux 6.12 `mm/vmstat.c`: `__fragmentation_index()`.
pub fn extfrag_index(counts: &[u32; NR_PAGE_ORDERS], order: Order) -> i32 {
    if usize::from(order) >= NR_PAGE_ORDERS {
        return 0;
    }
    let (pages, blocks, suitable) = contig(counts, order);
    if blocks == 0 {
        0
    } else if suitable > 0 {
        -1000
    } else {
        1000 - ((1000 + ((pages * 1000) >> order)) / blocks) as i32
    }
}

/// The unusable free space index of `order`, in 1/1000: the share of free pages in blocks too small for it.
///
/// 1000 if nothing is free or there is no such order. Linux 6.12 `mm/vmstat.c`: `unusable_free_index()`.
pub fn unusable_index(counts: &[u32; NR_PAGE_ORDERS], order: Order) -> i32 {
    let (pages, _, suitable) = contig(counts, order.min(NR_PAGE_ORDERS as Order));
    if pages == 0 || usize::from(order) >= NR_PAGE_ORDERS {
        1000
    } else {
        ((pages - (suitable << order)) * 1000 / pages) as i32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_live_kernel_s_lists() {
        let counts = [8, 14, 11, 364, 375, 126, 33, 10, 0, 0, 0];
        for (order, extfrag, unusable) in [
            (3, -1000, 4),
            (8, 931, 1000),
            (9, 965, 1000),
            (10, 982, 1000),
        ] {
            assert_eq!(extfrag_index(&counts, order), extfrag, "order {order}");
            assert_eq!(unusable_index(&counts, order), unusable, "order {order}");
        }
    }

    #[test]
    fn nothing_free_and_orders_there_are_not() {
        for order in [0, 10, 11, 255] {
            assert_eq!(extfrag_index(&[0; NR_PAGE_ORDERS], order), 0);
            assert_eq!(unusable_index(&[0; NR_PAGE_ORDERS], order), 1000);
        }
        assert_eq!(extfrag_index(&[1; NR_PAGE_ORDERS], 11), 0);
        assert_eq!(unusable_index(&[1; NR_PAGE_ORDERS], 11), 1000);
    }
}
