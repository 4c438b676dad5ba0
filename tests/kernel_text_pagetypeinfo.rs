//! `/proc/pagetypeinfo` is read, and printed byte for byte as a kernel prints it.

use labyrinth::kernel_text::buddyinfo;
use labyrinth::kernel_text::pagetypeinfo::{Count, PageTypes, ZoneTypes, parse, print};
use labyrinth::mm::{Gfp, MigrateType, NR_PAGE_ORDERS, Owner, PageFlags, Zone, ZoneConfig};
use proptest::prelude::*;

const SAMPLE: &str = include_str!("data/pagetypeinfo.txt");

#[test]
fn a_kernels_own_file_is_read_and_printed_byte_for_byte() {
    let tables = parse(SAMPLE).unwrap();
    assert_eq!(tables.len(), 1);
    let table = &tables[0];
    assert_eq!((table.block_order, table.block_pages), (9, 512));
    assert_eq!(
        table.types,
        [
            "Unmovable",
            "Movable",
            "Reclaimable",
            "HighAtomic",
            "Isolate"
        ]
    );
    let names: Vec<&str> = table.zones.iter().map(|zone| zone.zone.as_str()).collect();
    assert_eq!(names, ["DMA", "DMA32", "Normal"]);
    let normal = &table.zones[2];
    assert_eq!(normal.blocks, [153, 10476, 123, 0, 0]);
    assert_eq!(
        normal.free[2].map(|count| count.blocks),
        [1206, 2130, 1481, 490, 254, 61, 7, 1, 0, 0, 0]
    );
    assert!(table.zones.iter().all(|zone| zone.mixed.is_empty()));
    assert_eq!(print(&tables), SAMPLE);
}

/// Both files were read one after the other on the same machine, which was not quite idle: a block or two apart.
#[test]
fn the_types_of_an_order_add_up_to_buddyinfo() {
    let table = &parse(SAMPLE).unwrap()[0];
    let lines = buddyinfo::parse(include_str!("data/buddyinfo.txt")).unwrap();
    for (zone, line) in table.zones.iter().zip(lines) {
        assert_eq!((zone.node, &zone.zone), (line.node, &line.zone));
        for (order, free) in line.free.into_iter().enumerate() {
            let sum: u64 = zone.free.iter().map(|row| row[order].blocks).sum();
            assert!(sum.abs_diff(free) <= 2, "{} order {order}", zone.zone);
        }
    }
}

#[test]
fn a_zone_is_shown_with_all_types() {
    let mut zone = Zone::new(ZoneConfig::new("DMA", 1000, 4)).unwrap();
    zone.set_pageblock_type(16, MigrateType::HighAtomic);
    zone.set_pageblock_type(0, MigrateType::Unmovable);
    zone.isolate(512, 4, &mut ()).unwrap();
    zone.alloc_pages(Gfp::GFP_KERNEL, 0, Owner(1), &mut ())
        .unwrap();
    let text = print(&[PageTypes::of(3, &[&zone])]);
    let expected = "\
Page block order: 4
Pages per block:  16

Free pages count per migrate type at order       0      1      2      3      4      5      6      7      8      9     10 
Node    3, zone      DMA, type    Unmovable      1      1      1      1      0      0      0      0      0      0      0 
Node    3, zone      DMA, type      Movable      0      0      0      1      1      3      3      3      1      0      0 
Node    3, zone      DMA, type  Reclaimable      0      0      0      0      0      0      0      0      0      0      0 
Node    3, zone      DMA, type   HighAtomic      0      0      0      0      1      0      0      0      0      0      0 
Node    3, zone      DMA, type          CMA      0      0      0      0      0      0      0      0      0      0      0 
Node    3, zone      DMA, type      Isolate      0      0      0      0      1      0      0      0      0      0      0 

Number of blocks type     Unmovable      Movable  Reclaimable   HighAtomic          CMA      Isolate 
Node 3, zone      DMA            1           60            0            1            0            1 
";
    assert_eq!(text, expected);
    assert_eq!(parse(&text).unwrap(), [PageTypes::of(3, &[&zone])]);
}

/// The kernel gives up at 100,000 blocks of one list, and says so.
#[test]
fn counting_stops_where_the_kernel_stops() {
    let mut config = ZoneConfig::new("Normal", 200_001, 9);
    config.min_free_kbytes = Some(0);
    let mut zone = Zone::new(config).unwrap();
    for pfn in (0..200_000).step_by(2) {
        let none = PageFlags::empty();
        zone.alloc_at(pfn, 0, MigrateType::Movable, Owner(1), none, &mut ())
            .unwrap();
    }
    // Pages 1, 3, ... 199999 and the last are free: 100,001 blocks.
    let tables = [PageTypes::of(0, &[&zone])];
    let movable = tables[0].zones[0].free[1];
    let most = Count {
        blocks: 100_000,
        more: true,
    };
    assert_eq!(movable[0], most);
    let text = print(&tables);
    let row = "Node    0, zone   Normal, type      Movable >100000      0 ";
    assert!(text.contains(row), "{text}");
    assert_eq!(parse(&text).unwrap(), tables);
}

#[test]
fn several_nodes_and_mixed_pageblocks_are_read() {
    let mut one = parse(SAMPLE).unwrap().remove(0);
    for (zone, mixed) in one.zones.iter_mut().zip(1..) {
        zone.mixed = vec![mixed; 5];
    }
    let mut two = one.clone();
    for zone in &mut two.zones {
        zone.node = 1;
    }
    let both = [one, two];
    let text = print(&both);
    assert!(text.contains(
        "\nNumber of mixed blocks    Unmovable      Movable  Reclaimable   HighAtomic      Isolate \n\
         Node 0, zone      DMA            1            1            1            1            1 \n"
    ));
    assert_eq!(parse(&text).unwrap(), both);
    assert_eq!(parse("\n \n"), Ok(Vec::new()));
}

/// A line of the sample is put in another's place, or left out; the error names the line and what should be there.
#[test]
fn an_error_says_where_and_what_and_what_was_expected() {
    let sample: Vec<&str> = SAMPLE.lines().collect();
    let with = |at: usize, line: Option<&str>| {
        let mut lines = sample.clone();
        match line {
            Some(line) => lines[at - 1] = line,
            None => {
                lines.remove(at - 1);
            }
        }
        parse(&lines.join("\n")).unwrap_err().to_string()
    };
    let row = "Node    0, zone    DMA32, type    Unmovable      3      3      2      2      2      2      3      1      2      0";
    for (at, line, expected) in [
        (
            1,
            Some("Page block size: 9"),
            "line 1: found \"size:\", expected \"Page block order:\", as /proc/pagetypeinfo begins",
        ),
        (
            1,
            Some("Page block order: 64"),
            "line 1: found \"64\", expected an order, at most 63",
        ),
        (
            1,
            Some("Page block order:"),
            "line 1: found the end of the line, expected an order, at most 63",
        ),
        (
            2,
            Some("Pages per block:  -512"),
            "line 2: found \"-512\", expected a number of pages",
        ),
        (
            2,
            Some("Pages per block:  512 1"),
            "line 2: found \"1\", expected the end of the line",
        ),
        (
            4,
            Some("Free pages count per migrate type at order 0 1 2 4"),
            "line 4: found \"4\", expected order 3",
        ),
        (
            4,
            Some("Free pages count per migrate type at order 0 1 2"),
            "line 4: found 3 orders, expected 11, for the orders 0 to 10",
        ),
        (
            6,
            Some("Node 0, zone DMA, type Unmovable 0 0 0 0 0 0 0 0 0 0 0"),
            "line 6: found \"Unmovable\", expected another migrate type or another zone",
        ),
        (
            10,
            Some(row),
            "line 10: found 10 numbers of free blocks, expected 11, for the orders 0 to 10",
        ),
        (
            10,
            Some("Node 0, zone DMA32, type Unmovable 1 2 <3"),
            "line 10: found \"<3\", expected a number of free blocks, with \">\" before it or not",
        ),
        (
            10,
            Some("Node 0, zone DMA32 type Unmovable"),
            "line 10: found \"DMA32\", expected the name of a zone and a comma",
        ),
        (
            10,
            Some("Node 0, zone DMA32, Unmovable"),
            "line 10: found \"Unmovable\", expected the word \"type\"",
        ),
        (
            11,
            None,
            "line 11: found \"Reclaimable\", expected Movable, as in the zones before",
        ),
        (
            14,
            None,
            "line 14: found \"Normal\", expected the zone of the line before: it lacks migrate types",
        ),
        (
            19,
            None,
            "line 20: found another line, expected type Isolate of zone Normal",
        ),
        (
            21,
            Some("Number of blocks type Unmovable Movable"),
            "line 21: found the end of the line, expected Reclaimable",
        ),
        (
            22,
            None,
            "line 22: found \"DMA32\", expected pageblocks of node 0, zone DMA",
        ),
        (
            24,
            None,
            "line 23: found the end of the text, expected pageblocks of node 0, zone Normal",
        ),
        (
            24,
            Some("Node 0, zone Normal 1 2 3 4"),
            "line 24: found the end of the line, expected a number of pageblocks of type Isolate",
        ),
        (
            24,
            Some("Node 0, zone Normal 1 2 3 4 5 6"),
            "line 24: found \"6\", expected the end of the line",
        ),
    ] {
        assert_eq!(with(at, line), expected, "line {at}: {line:?}");
    }
}

fn table() -> impl Strategy<Value = PageTypes> {
    let count = (0..1_000_000_u64, any::<bool>()).prop_map(|(blocks, more)| Count {
        blocks,
        more: more && blocks >= 100_000,
    });
    let row = proptest::array::uniform11(count);
    let zone = (
        proptest::collection::vec(row, 3),
        proptest::collection::vec(any::<u64>(), 3),
    );
    (
        0..64_u32,
        any::<u64>(),
        any::<u32>(),
        proptest::collection::vec(zone, 1..4),
    )
        .prop_map(|(block_order, block_pages, node, zones)| PageTypes {
            block_order,
            block_pages,
            types: ["Unmovable", "Movable", "Reclaimable"]
                .map(String::from)
                .to_vec(),
            zones: zones
                .into_iter()
                .zip(["DMA", "DMA32", "Normal"])
                .map(|((free, blocks), zone)| ZoneTypes {
                    node,
                    zone: zone.into(),
                    free,
                    blocks,
                    mixed: Vec::new(),
                })
                .collect(),
        })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_printed_is_read_back(tables in proptest::collection::vec(table(), 0..3)) {
        prop_assert_eq!(tables.iter().map(|t| t.zones[0].free[0].len()).max().unwrap_or(11), NR_PAGE_ORDERS);
        prop_assert_eq!(parse(&print(&tables)), Ok(tables));
    }

    /// Nothing makes the reader panic: not noise, and not a kernel's file with something in a wrong place.
    #[test]
    fn damage_is_read_or_refused_at_one_of_its_lines(
        cut in 0..SAMPLE.len(), length in 0..200_usize, noise in "(Node |[0-9]{1,3},? |zone |type |DMA |>|\\PC|\n){0,6}",
    ) {
        let end = (cut + length).min(SAMPLE.len());
        let text = format!("{}{noise}{}", &SAMPLE[..cut], &SAMPLE[end..]);
        if let Err(error) = parse(&text) {
            prop_assert!((1..=text.lines().count().max(1)).contains(&(error.line as usize)));
            prop_assert_eq!(error.to_string().lines().count(), 1);
        }
    }
}
