//! `extfrag_index` and `unusable_index` are printed as debugfs prints them, and read back.

use labyrinth::kernel_text::fragmentation::{IndexLine, parse, print_extfrag, print_unusable};
use labyrinth::kernel_text::{BuddyLine, buddyinfo, show_mem};
use labyrinth::mm::{Gfp, Owner, Zone, ZoneConfig};
use proptest::prelude::*;

fn line(free: [u64; 11]) -> BuddyLine {
    BuddyLine {
        node: 0,
        zone: "Normal".into(),
        free,
    }
}

/// The free lists that a kernel logged when it ran out of memory: 16416 pages in 941 blocks, none above order 7.
#[test]
fn a_live_kernels_lists_give_the_indices_that_its_formula_gives() {
    let log = include_str!("data/oom_meminfo.txt");
    let lists = show_mem::parse(log).unwrap().lists;
    let normal = BuddyLine {
        node: lists[2].node,
        zone: lists[2].zone.clone(),
        free: lists[2].blocks,
    };
    assert_eq!(
        print_extfrag(&[IndexLine::extfrag(&normal)]),
        "Node 0, zone   Normal -1.000 -1.000 -1.000 -1.000 -1.000 -1.000 -1.000 -1.000  0.931  0.965  0.982 \n"
    );
    assert_eq!(
        print_unusable(&[IndexLine::unusable(&normal)]),
        "Node 0, zone   Normal 0.000 0.000 0.002 0.004 0.182 0.547 0.793 0.922 1.000 1.000 1.000 \n"
    );
}

#[test]
fn every_zone_of_a_machine_has_a_line() {
    let lines = buddyinfo::parse(include_str!("data/buddyinfo.txt")).unwrap();
    let indices: Vec<IndexLine> = lines.iter().map(IndexLine::unusable).collect();
    let text = print_unusable(&indices);
    // All of zone DMA's memory is free in blocks of order 8 and more; order 9 finds no use for that of order 8.
    let dma =
        "Node 0, zone      DMA 0.000 0.000 0.000 0.000 0.000 0.000 0.000 0.000 0.000 0.066 0.200 ";
    assert_eq!(text.lines().next(), Some(dma));
    assert_eq!(text.lines().count(), 3);
    assert_eq!(parse(&text), Ok(indices));
}

/// One block that is too small gives an index below zero, which the kernel's `%d.%03d` prints in this odd way.
#[test]
fn an_index_between_minus_one_and_zero_is_printed_as_the_kernel_prints_it() {
    let mut free = [0; 11];
    free[1] = 1;
    let index = IndexLine::extfrag(&line(free));
    assert_eq!(
        index.index,
        [-1000, -1000, -500, -250, -125, -62, -31, -15, -7, -3, -1]
    );
    let text = print_extfrag(std::slice::from_ref(&index));
    assert_eq!(
        text,
        "Node 0, zone   Normal -1.000 -1.000  0.-500  0.-250  0.-125  0.-62  0.-31  0.-15  0.-07  0.-03  0.-01 \n"
    );
    assert_eq!(parse(&text), Ok(vec![index]));
}

#[test]
fn a_zone_without_free_memory_has_nothing_to_be_fragmented() {
    let none = line([0; 11]);
    assert_eq!(IndexLine::extfrag(&none).index, [0; 11]);
    assert_eq!(IndexLine::unusable(&none).index, [1000; 11]);
    let text = print_extfrag(&[IndexLine::extfrag(&none)]);
    assert!(text.contains(" 0.000  0.000 "), "{text}");
}

#[test]
fn a_zone_of_the_model_prints_its_own_indices() {
    let mut zone = Zone::new(ZoneConfig::new("DMA", 1024, 4)).unwrap();
    zone.alloc_pages(Gfp::GFP_HIGHUSER_MOVABLE, 0, Owner(1), &mut ())
        .unwrap();
    let line = BuddyLine::of(3, &zone);
    assert_eq!((line.node, line.zone.as_str()), (3, "DMA"));
    let (extfrag, unusable) = (IndexLine::extfrag(&line), IndexLine::unusable(&line));
    for order in 0..=10_u8 {
        let at = usize::from(order);
        assert_eq!(
            extfrag.index[at],
            zone.extfrag_index(order),
            "order {order}"
        );
        assert_eq!(
            unusable.index[at],
            zone.unusable_index(order),
            "order {order}"
        );
    }
    assert_eq!(unusable.index[10], 1000, "no block of order 10 is left");
}

#[test]
fn an_error_says_where_and_what_and_what_was_expected() {
    let good = "Node 0, zone Normal 0 0 0 0 0 0 0 0 0 0 0".replace(" 0", " 0.000");
    let good = good.replacen("0.000, zone", "0, zone", 1);
    assert!(parse(&good).is_ok(), "{good}");
    let index = "expected an index as Linux prints it, from -1.000 to 1.000";
    for (bad, expected) in [
        (
            "Node 0 zone DMA".to_owned(),
            "\"0\", expected the number of a node and a comma, as in \"Node 0,\"".to_owned(),
        ),
        (
            "Zone".into(),
            "\"Zone\", expected a line that starts with \"Node\", like those of extfrag_index"
                .into(),
        ),
        (
            "Node 0, zone DMA 0.931".into(),
            "1 index, expected 11, for the orders 0 to 10".into(),
        ),
        (
            "Node 0, zone DMA".into(),
            "0 indices, expected 11, for the orders 0 to 10".into(),
        ),
        ("Node 0, zone DMA 1".into(), format!("\"1\", {index}")),
        (
            "Node 0, zone DMA 1.001".into(),
            format!("\"1.001\", {index}"),
        ),
        ("Node 0, zone DMA 0.5".into(), format!("\"0.5\", {index}")),
        (
            "Node 0, zone DMA 00.500".into(),
            format!("\"00.500\", {index}"),
        ),
        (
            "Node 0, zone DMA -1.001".into(),
            format!("\"-1.001\", {index}"),
        ),
        (
            "Node 0, zone DMA 0.-1000".into(),
            format!("\"0.-1000\", {index}"),
        ),
        (
            "Node 0, zone DMA 1.-500".into(),
            format!("\"1.-500\", {index}"),
        ),
        (
            "Node 0, zone DMA 18446744073709551615.999".into(),
            format!("\"18446744073709551615.999\", {index}"),
        ),
    ] {
        let error = parse(&format!("{good}\n{bad}\n")).unwrap_err();
        assert_eq!(error.to_string(), format!("line 2: found {expected}"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Of any free lists: what is printed is read back, and the indices say of an order what they must.
    #[test]
    fn what_is_printed_is_read_back(free in proptest::array::uniform11(prop_oneof![Just(0), 0..2000_u64, any::<u64>()])) {
        let line = line(free);
        let (extfrag, unusable) = (IndexLine::extfrag(&line), IndexLine::unusable(&line));
        prop_assert_eq!(parse(&print_extfrag(std::slice::from_ref(&extfrag))), Ok(vec![extfrag.clone()]));
        prop_assert_eq!(parse(&print_unusable(std::slice::from_ref(&unusable))), Ok(vec![unusable.clone()]));
        for order in 0..11 {
            let enough = free[order..].iter().any(|&blocks| blocks > 0);
            prop_assert_eq!(extfrag.index[order] == -1000, enough);
        }
        prop_assert!(unusable.index.is_sorted());
    }

    #[test]
    fn any_text_is_read_or_refused_at_one_of_its_lines(text in "(Node |[0-9],? |zone |DMA |-?[0-9]\\.[0-9]{3} |\\PC|\n){0,30}") {
        if let Err(error) = parse(&text) {
            let at = text.lines().nth(error.line as usize - 1);
            prop_assert!(at.is_some_and(|line| !line.trim().is_empty()));
        }
    }
}
