//! `/proc/zoneinfo` is read whatever the kernel's age, and printed byte for byte as one of today prints it.

use labyrinth::kernel_text::zoneinfo::{Pageset, ZoneInfo, parse, print};
use labyrinth::mm::{
    Gfp, MigrateType, Owner, PageFlags, Watermarks, Zone, ZoneConfig, setup_per_zone_wmarks,
};
use proptest::prelude::*;

const SAMPLE: &str = include_str!("data/zoneinfo.txt");

fn zone(name: &str) -> ZoneInfo {
    let zones = parse(SAMPLE).unwrap();
    zones.into_iter().find(|zone| zone.zone == name).unwrap()
}

#[test]
fn a_kernels_own_file_is_read_and_printed_byte_for_byte() {
    let zones = parse(SAMPLE).unwrap();
    let names: Vec<&str> = zones.iter().map(|zone| zone.zone.as_str()).collect();
    assert_eq!(names, ["DMA", "DMA32", "Normal", "Movable", "Device"]);
    assert_eq!(print(&zones), SAMPLE);
}

#[test]
fn every_figure_is_in_its_place() {
    let normal = zone("Normal");
    let marks = Watermarks {
        min: 14_769,
        low: 20_163,
        high: 25_557,
        promo: 30_951,
    };
    assert_eq!(normal.watermarks(), Some(marks));
    assert_eq!((normal.free, normal.boost), (4_707_631, Some(0)));
    assert_eq!(
        (normal.spanned, normal.present, normal.managed, normal.cma),
        (5_505_024, 5_505_024, 5_394_266, Some(0))
    );
    assert_eq!(normal.counters.len(), 17);
    assert_eq!(normal.counters[0], ("nr_free_pages".into(), 4_707_631));
    let populated = normal.populated.unwrap();
    assert_eq!(
        (populated.node_unreclaimable, populated.start_pfn),
        (Some(0), Some(1 << 20))
    );
    let second = Pageset {
        cpu: 1,
        count: 35_963,
        high: 45_191,
        batch: 63,
        high_min: Some(10_081),
        high_max: Some(337_141),
        stat_threshold: Some(36),
    };
    assert_eq!(populated.pagesets.len(), 2);
    assert_eq!(populated.pagesets[1], second);
    let dma = zone("DMA");
    assert_eq!(dma.node_counters.len(), 51);
    assert_eq!(dma.node_counters[0], ("nr_inactive_anon".into(), 204_007));
    assert_eq!(zone("Movable").populated, None);
}

/// What a zone keeps from a request that could be served above it: the pages managed there, through the ratio of
/// the zone (256 for DMA and DMA32, 32 for Normal).
#[test]
fn protection_is_as_the_ratios_give_it() {
    let zones = parse(SAMPLE).unwrap();
    for (at, (zone, ratio)) in zones.iter().zip([256, 256, 32]).enumerate() {
        assert_eq!(zone.protection.len(), zones.len());
        for (highest, &kept) in zone.protection.iter().enumerate() {
            let above = zones.iter().take(highest + 1).skip(at + 1);
            let above: u64 = above.map(|zone| zone.managed).sum();
            assert_eq!(kept, above / ratio, "{} against {highest}", zone.zone);
        }
    }
}

#[test]
fn the_marks_of_the_file_are_those_of_the_formula() {
    let zones = ["DMA", "DMA32", "Normal"].map(zone);
    let managed: Vec<u64> = zones.iter().map(|zone| zone.managed).collect();
    // min_free_kbytes of that machine.
    for (zone, marks) in zones
        .iter()
        .zip(setup_per_zone_wmarks(67_584, &managed, 10))
    {
        assert_eq!(zone.watermarks(), Some(marks), "{}", zone.zone);
    }
}

/// The per-CPU lists' least and greatest mark: the `low` watermark shared among the CPUs but four batches at least,
/// and an eighth of the zone shared among them.
#[test]
fn per_cpu_marks_are_as_the_formula_gives_them() {
    for name in ["DMA", "DMA32", "Normal"] {
        let zone = zone(name);
        let sets = zone.populated.as_ref().unwrap().pagesets.as_slice();
        let cpus = sets.len() as u64;
        for set in sets {
            let high_min = (zone.low / cpus).max(4 * set.batch);
            assert_eq!(set.high_min, Some(high_min), "{name}");
            assert_eq!(set.high_max, Some(zone.managed / 8 / cpus), "{name}");
            assert_eq!(set.batch, if name == "DMA" { 1 } else { 63 });
        }
    }
}

#[test]
fn a_zone_of_the_model_says_what_it_has() {
    let mut zone = Zone::new(ZoneConfig::new("Normal", 4096, 4)).unwrap();
    // Half of every pageblock is free: the kernel's own memory must claim one, which raises the marks.
    for pfn in (8..4096).step_by(16) {
        let none = PageFlags::empty();
        zone.alloc_at(pfn, 3, MigrateType::Movable, Owner(1), none, &mut ())
            .unwrap();
    }
    zone.alloc_pages(Gfp::GFP_KERNEL, 3, Owner(1), &mut ())
        .unwrap();
    let boost = zone.watermark_boost();
    assert!(boost > 0, "a claim raises the marks");
    let info = ZoneInfo::of(2, 1 << 20, &zone);
    assert_eq!(info.watermarks(), Some(zone.watermarks()));
    assert_eq!(
        print(&[info]),
        format!(
            "Node 2, zone   Normal\n  pages free     2040\n        boost    {boost}\n\
        \x20       min      {}\n        low      {}\n        high     {}\n        promo    {}\n\
        \x20       spanned  4096\n        present  4096\n        managed  4096\n        cma      0\n\
        \x20       protection: (0)\n  pagesets\n  node_unreclaimable:  0\n  start_pfn:           1048576\n",
            128 + boost,
            160 + boost,
            192 + boost,
            224 + boost
        )
    );
}

/// The form of Linux 4.4, and lines that no kernel of today prints.
#[test]
fn older_and_newer_kernels_are_read() {
    let old = "\
Node 0, zone   Normal
  pages free     1000
        min      10
        low      12
        high     15
        scanned  0
        spanned  4096
        present  4096
        managed  4000
    nr_free_pages 1000
    nr_alloc_batch 63
        protection: (0, 0)
  pagesets
    cpu: 0
              count: 7
              high:  186
              batch: 31
  vm stats threshold: 10
  all_unreclaimable: 0
  start_pfn:         16
  inactive_ratio:    1
Node 1, zone  Strange
  something new about this zone
  pages free     1
        lowest   3
        min      0
        low      0
        high     0
        spanned  1
        present  1
        managed  1
";
    let zones = parse(old).unwrap();
    assert_eq!(zones.len(), 2);
    let normal = &zones[0];
    assert_eq!((normal.boost, normal.promo, normal.cma), (None, None, None));
    let marks = Watermarks {
        min: 10,
        low: 12,
        high: 15,
        promo: 15,
    };
    assert_eq!(normal.watermarks(), Some(marks));
    assert_eq!(normal.protection, [0, 0]);
    let populated = normal.populated.as_ref().unwrap();
    assert_eq!(populated.start_pfn, Some(16));
    let set = &populated.pagesets[0];
    assert_eq!((set.count, set.high, set.batch), (7, 186, 31));
    assert_eq!((set.high_min, set.stat_threshold), (None, Some(10)));
    assert_eq!((zones[1].node, zones[1].free), (1, 1));
    assert_eq!(parse(""), Ok(Vec::new()));
}

#[test]
fn marks_that_cannot_be_are_none() {
    let mut zone = zone("DMA");
    zone.boost = Some(11);
    assert_eq!(zone.watermarks(), None, "less than the boost");
    zone.boost = None;
    zone.high = 1 << 32;
    assert_eq!(zone.watermarks(), None, "more than 32 bits");
}

#[test]
fn an_error_says_where_and_what_and_what_was_expected() {
    let replaced = |from: &str, to: &str| {
        assert!(SAMPLE.contains(from), "{from}");
        parse(&SAMPLE.replacen(from, to, 1))
            .unwrap_err()
            .to_string()
    };
    for (from, to, expected) in [
        (
            "Node 0, zone      DMA\n",
            "Zone DMA\n",
            "line 1: found \"Zone\", expected a line that starts with \"Node\", like those of /proc/zoneinfo",
        ),
        (
            "Node 0, zone      DMA\n",
            "Node 0, zone      DMA 5\n",
            "line 1: found \"5\", expected the end of the line",
        ),
        (
            "free     3840",
            "free     many",
            "line 54: found \"many\", expected a number of pages",
        ),
        (
            "min      10\n",
            "min      \n",
            "line 56: found the end of the line, expected a number of pages",
        ),
        (
            "min      10\n",
            "min      10 11\n",
            "line 56: found \"11\", expected the end of the line",
        ),
        (
            "        min      10\n",
            "",
            "line 1: found a zone without \"min\", expected a line with \"min\" and a number of pages before the next zone",
        ),
        (
            "(0, 3019, 24090",
            "(0, 3019; 24090",
            "line 64: found \"(0, 3019; 24090, 24090, 24090)\", expected numbers of pages in parentheses, as in \"(0, 3019)\"",
        ),
        (
            "cpu: 0",
            "cpu: 4294967296",
            "line 83: found \"4294967296\", expected the number of a CPU",
        ),
        (
            "batch:    1\n",
            "batch:    1.5\n",
            "line 86: found \"1.5\", expected a number",
        ),
        (
            "vm stats threshold: 4",
            "vm stats threshold: four",
            "line 89: found \"four\", expected a number",
        ),
    ] {
        assert_eq!(replaced(from, to), expected);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Nothing makes the reader panic: not noise, and not a kernel's file with something in a wrong place.
    #[test]
    fn damage_is_read_or_refused_at_one_of_its_lines(
        cut in 0..SAMPLE.len(), length in 0..400_usize,
        noise in "(Node 0, zone |[0-9]{1,20} |pages |free |protection: \\(|cpu: |pagesets|high_min: |\\PC|\n){0,6}",
    ) {
        let end = (cut + length).min(SAMPLE.len());
        let text = format!("{}{noise}{}", &SAMPLE[..cut], &SAMPLE[end..]);
        match parse(&text) {
            // What was read is printed, and read again as the same.
            Ok(zones) => prop_assert_eq!(parse(&print(&zones)), Ok(zones)),
            Err(error) => {
                prop_assert!((1..=text.lines().count()).contains(&(error.line as usize)));
                prop_assert_eq!(error.to_string().lines().count(), 1);
            }
        }
    }
}
