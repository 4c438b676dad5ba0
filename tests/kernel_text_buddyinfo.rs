//! `/proc/buddyinfo` is read, and printed byte for byte as a kernel prints it.

use labyrinth::kernel_text::buddyinfo::{parse, print};
use labyrinth::kernel_text::{BuddyLine, TextError};
use proptest::prelude::*;

const SAMPLE: &str = include_str!("data/buddyinfo.txt");

#[test]
fn a_kernels_own_file_is_read_and_printed_byte_for_byte() {
    let lines = parse(SAMPLE).unwrap();
    let zones: Vec<(u32, &str)> = lines
        .iter()
        .map(|line| (line.node, line.zone.as_str()))
        .collect();
    assert_eq!(zones, [(0, "DMA"), (0, "DMA32"), (0, "Normal")]);
    assert_eq!(lines[0].free, [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 3]);
    assert_eq!(
        lines[1].free,
        [214, 145, 132, 107, 96, 90, 77, 64, 53, 46, 699]
    );
    assert_eq!(
        lines[2].free,
        [
            1207, 5262, 25225, 23789, 15057, 7422, 3250, 1877, 882, 508, 2922
        ]
    );
    // 15360 kB are free in zone DMA of that machine, all of what is managed there.
    assert_eq!(lines[0].free_pages(), 3840);
    assert_eq!(print(&lines), SAMPLE);
}

#[test]
fn long_names_and_large_counts_widen_their_columns() {
    let lines = [BuddyLine {
        node: 12,
        zone: "Unmovable9".into(),
        free: [u64::MAX; 11],
    }];
    let text = print(&lines);
    assert_eq!(
        text,
        format!(
            "Node 12, zone Unmovable9 {}\n",
            "18446744073709551615 ".repeat(11)
        )
    );
    assert_eq!(parse(&text).unwrap(), lines);
    assert_eq!(lines[0].free_pages(), u128::from(u64::MAX) * 2047);
}

#[test]
fn blanks_empty_lines_and_other_line_ends_do_not_matter() {
    let text = "\r\n  Node 1,  zone Normal 1 2 3 4 5 6 7 8 9 10 11\r\n\n\tNode 2, zone DMA 0 0 0 0 0 0 0 0 0 0 1";
    let lines = parse(text).unwrap();
    assert_eq!(lines.len(), 2);
    assert_eq!(
        lines[0],
        BuddyLine {
            node: 1,
            zone: "Normal".into(),
            free: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]
        }
    );
    assert_eq!((lines[1].node, lines[1].free[10]), (2, 1));
    assert_eq!(parse(""), Ok(Vec::new()));
    assert_eq!(parse("\n \n"), Ok(Vec::new()));
}

#[test]
fn an_error_says_where_and_what_and_what_was_expected() {
    let good = SAMPLE.lines().next().unwrap();
    let cases = [
        (
            "nodes 0, zone DMA",
            "\"nodes\", expected a line that starts with \"Node\", like those of /proc/buddyinfo",
        ),
        (
            "Node",
            "the end of the line, expected the number of a node and a comma, as in \"Node 0,\"",
        ),
        (
            "Node 0 zone DMA",
            "\"0\", expected the number of a node and a comma, as in \"Node 0,\"",
        ),
        (
            "Node -1, zone DMA",
            "\"-1,\", expected the number of a node and a comma, as in \"Node 0,\"",
        ),
        (
            "Node 4294967296, zone DMA",
            "\"4294967296,\", expected the number of a node and a comma, as in \"Node 0,\"",
        ),
        (
            "Node , zone DMA",
            "\",\", expected the number of a node and a comma, as in \"Node 0,\"",
        ),
        ("Node 0, zones DMA", "\"zones\", expected the word \"zone\""),
        (
            "Node 0, zone",
            "the end of the line, expected the name of a zone",
        ),
        (
            "Node 0, zone DMA",
            "0 numbers of free blocks, expected 11, for the orders 0 to 10",
        ),
        (
            "Node 0, zone DMA 1",
            "1 number of free blocks, expected 11, for the orders 0 to 10",
        ),
        (
            "Node 0, zone DMA 1 2 3 4 5 6 7 8 9 10",
            "10 numbers of free blocks, expected 11, for the orders 0 to 10",
        ),
        (
            "Node 0, zone DMA 0 0 0 0 0 0 0 0 0 0 0 0 0 7",
            "14 numbers of free blocks, expected 11, for the orders 0 to 10",
        ),
        (
            "Node 0, zone DMA 1 2 3 -4",
            "\"-4\", expected a number of free blocks, at most 18446744073709551615",
        ),
        (
            "Node 0, zone DMA +1",
            "\"+1\", expected a number of free blocks, at most 18446744073709551615",
        ),
        (
            "Node 0, zone DMA 18446744073709551616",
            "\"18446744073709551616\", expected a number of free blocks, at most 18446744073709551615",
        ),
    ];
    for (bad, expected) in cases {
        let error = parse(&format!("{good}\n\n{bad}\n{good}\n")).unwrap_err();
        assert_eq!(error.line, 3, "{bad}");
        assert_eq!(error.to_string(), format!("line 3: found {expected}"));
    }
}

#[test]
fn what_an_error_quotes_is_short_and_on_one_line() {
    let TextError { line, what, .. } = parse(&"\u{1b}[31mx".repeat(10_000)).unwrap_err();
    assert_eq!(line, 1);
    assert!(what.chars().count() < 150, "{what}");
    assert!(!what.contains('\u{1b}'), "{what}");
    assert!(what.ends_with("...\""), "{what}");
    let kept = parse(&"\u{e4}".repeat(40)).unwrap_err().what;
    assert_eq!(kept, format!("\"{}\"", "\u{e4}".repeat(40)));
}

fn line() -> impl Strategy<Value = BuddyLine> {
    let zone = proptest::sample::select(vec![
        "DMA", "DMA32", "Normal", "HighMem", "Movable", "Device",
    ]);
    let count = prop_oneof![0..10_u64, 0..10_000_000_u64, any::<u64>()];
    (any::<u32>(), zone, proptest::array::uniform11(count)).prop_map(|(node, zone, free)| {
        BuddyLine {
            node,
            zone: zone.into(),
            free,
        }
    })
}

proptest! {
    #[test]
    fn what_is_printed_is_read_back(lines in proptest::collection::vec(line(), 0..5)) {
        let text = print(&lines);
        prop_assert_eq!(parse(&text), Ok(lines));
    }

    #[test]
    fn any_text_is_read_or_refused_at_one_of_its_lines(text in "(Node |[0-9],? |zone |DMA |\\PC|\n){0,30}") {
        match parse(&text) {
            Ok(lines) => prop_assert!(lines.len() <= text.lines().count()),
            Err(error) => {
                let at = text.lines().nth(error.line as usize - 1);
                prop_assert!(at.is_some_and(|line| !line.trim().is_empty()));
                prop_assert_eq!(error.to_string().lines().count(), 1);
            }
        }
    }
}
