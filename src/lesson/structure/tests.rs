//! The picture of both structures, on machines of every size.

use super::*;
use crate::lesson::console::Console;
use crate::lesson::machine::Setup;
use crate::lesson::midway::midway;
use crate::lesson::trace;

fn words() -> Words {
    let own = |text: &str| text.to_owned();
    Words {
        free: own("free"),
        order: own("order"),
        task: own("task"),
        empty: own("empty"),
        gauge: own("{free} of {pages} pages free"),
        map: own("Address map"),
        lists: own("Free lists, head first"),
    }
}

fn console(pages: u32, lines: &[&str]) -> Console {
    let setup = Setup {
        pages,
        ..Setup::default()
    };
    let mut console = Console::new(setup).expect("a machine");
    for line in lines {
        console.run(line);
    }
    console
}

const CHURN: [&str; 7] = [
    "a = alloc_pages(GFP_KERNEL, 0)",
    "b = alloc_pages(GFP_HIGHUSER_MOVABLE, 2)",
    "c = alloc_pages(GFP_HIGHUSER_MOVABLE, 0)",
    "d = alloc_pages(GFP_KERNEL, 1)",
    "folio_add_lru(c)",
    "__free_pages(b, 2)",
    "__free_pages(a, 0)",
];

fn laid(view: &MachineView, size: (i32, i32), selected: Option<Pfn>) -> Structure {
    Structure::of(&Asked {
        view,
        size,
        selected,
        beat: None,
        typed: true,
        words: &words(),
    })
}

#[test]
fn blocks_tile_the_map_whatever_its_size() {
    for pages in [16, 64, 100, 256, 1024, 4096] {
        let view = console(pages, &CHURN).machine().view();
        for size in [(620, 480), (560, 400), (384, 700)] {
            let shown = laid(&view, size, None);
            let room = Area::new(0, 0, size.0, size.1);
            for zone in &shown.zones {
                assert!(room.covers(zone.map), "{pages} {size:?}: {:?}", zone.map);
                let mut covered = 0;
                for (at, block) in zone.blocks.iter().enumerate() {
                    assert!(zone.map.covers(block.area), "{pages} {size:?}");
                    covered += block.area.w * block.area.h;
                    for other in &zone.blocks[..at] {
                        let (a, b) = (block.area, other.area);
                        let apart = a.x + a.w <= b.x
                            || b.x + b.w <= a.x
                            || a.y + a.h <= b.y
                            || b.y + b.h <= a.y;
                        assert!(apart, "{:#x} lies on {:#x}", block.pfn, other.pfn);
                    }
                }
                let cells = zone.map.w * zone.map.h;
                assert!(covered <= cells && (pages == 100 || covered == cells));
            }
        }
    }
}

#[test]
fn every_free_block_is_on_its_list_and_nothing_leaves_the_room() {
    for pages in [16, 64, 256, 1024] {
        let view = console(pages, &CHURN).machine().view();
        for size in [(620, 480), (560, 400), (384, 560)] {
            let shown = laid(&view, size, None);
            let room = Area::new(0, 0, size.0, size.1);
            let zone = &shown.zones[0];
            assert!(room.covers(zone.gauge.area));
            assert!(zone.gauge.text.chars().count() as i32 * LETTER <= size.0);
            let free: Vec<Pfn> = zone
                .blocks
                .iter()
                .filter(|block| block.look == Look::Free)
                .map(|block| block.pfn)
                .collect();
            let mut listed: Vec<Pfn> = Vec::new();
            for row in &zone.lists {
                assert!(room.covers(row.area), "{pages} {size:?} {}", row.label);
                for node in &row.nodes {
                    assert!(row.area.covers(node.area), "{pages} {size:?} {}", node.text);
                    assert!(node.text.chars().count() as i32 * LETTER + 4 <= node.area.w);
                    assert_eq!(shown.hit(node.area.x + 1, node.area.y + 1), Some(node.pfn));
                }
                listed.extend(row.nodes.iter().map(|node| node.pfn));
                listed.extend(&row.hidden);
            }
            listed.sort_unstable();
            assert_eq!(listed, free, "{pages} {size:?}");
        }
    }
}

#[test]
fn what_is_pointed_at_is_the_same_block_in_both_and_a_line_joins_them() {
    let view = console(64, &CHURN).machine().view();
    for size in [(620, 480), (384, 560)] {
        for block in &view.zones[0].blocks {
            let shown = laid(&view, size, Some(block.pfn));
            let zone = &shown.zones[0];
            let marked: Vec<_> = zone.blocks.iter().filter(|block| block.selected).collect();
            assert_eq!(marked.len(), 1);
            assert_eq!(marked[0].pfn, block.pfn);
            let area = marked[0].area;
            let (x, y) = area.middle();
            assert_eq!(shown.hit(x, y), Some(block.pfn));
            assert!(shown.caption.starts_with(&format!("{:#x}", block.pfn)));
            let free = matches!(block.used, Use::Free { .. });
            assert_eq!(shown.pointer.is_empty(), !free);
            if let Some(last) = shown.pointer.last() {
                let ends = [(last.x, last.y), (last.x + last.w, last.y + last.h)];
                assert!(
                    ends.iter().any(|&(x, y)| area.holds(x, y)),
                    "{size:?} {last:?} {area:?}"
                );
                assert!(shown.pointer.iter().all(|part| part.w >= 0 && part.h >= 0));
            }
        }
    }
}

#[test]
fn arrows_reach_every_block() {
    let view = console(64, &CHURN).machine().view();
    let columns = laid(&view, (620, 480), None).zones[0].columns;
    let mut seen = vec![0];
    let mut at = 0;
    while at < seen.len() {
        for way in 0..4 {
            let next = beside(&view, columns, seen[at], way);
            if !seen.contains(&next) {
                seen.push(next);
            }
        }
        at += 1;
    }
    seen.sort_unstable();
    let all: Vec<Pfn> = view.zones[0].blocks.iter().map(|block| block.pfn).collect();
    assert_eq!(seen, all);
}

#[test]
fn the_end_of_a_call_told_step_by_step_is_what_came_of_it() {
    let before = console(64, &CHURN);
    for line in [
        "alloc_pages(GFP_HIGHUSER_MOVABLE, 1)",
        "__free_pages(d, 1)",
        "alloc_pages(GFP_KERNEL, 3)",
    ] {
        let mut after = before.clone();
        let report = after.run(line);
        let view = before.machine().view();
        let beats = trace::tell(before.machine(), &report);
        assert!(!beats.is_empty(), "{line}");
        for beat in &beats {
            let map = midway(before.machine(), &report.events, beat.events);
            let now = moment(&view, &map);
            let zone = &now.zones[0];
            let pages: u32 = zone.blocks.iter().map(|block| 1 << block.order).sum();
            assert_eq!(pages, zone.pages);
            let on_lists: usize = zone.lists.iter().map(|list| list.blocks.len()).sum();
            let free = zone.blocks.iter();
            let free = free.filter(|block| matches!(block.used, Use::Free { .. }));
            assert_eq!(on_lists, free.count());
            let shown = Structure::of(&Asked {
                view: &now,
                size: (620, 480),
                selected: None,
                beat: Some(beat),
                typed: true,
                words: &words(),
            });
            assert_eq!(
                shown.zones[0].blocks.iter().any(|block| block.lit),
                beat.block.is_some(),
                "{line}: {}",
                beat.text
            );
        }
        let last = midway(before.machine(), &report.events, report.events.len() as u32);
        let end = moment(&view, &last);
        let place = |view: &MachineView| -> Vec<_> {
            let blocks = view.zones[0].blocks.iter();
            blocks.map(|block| (block.pfn, block.order)).collect()
        };
        assert_eq!(place(&end), place(&after.machine().view()), "{line}");
    }
}

#[test]
fn a_machine_with_more_frames_than_pixels_is_still_drawn() {
    let view = console(1 << 16, &CHURN).machine().view();
    for size in [(200, 160), (300, 300), (60, 40), (0, 0)] {
        let shown = laid(&view, size, Some(0x4d2));
        assert!(shown.zones[0].map.w > 0);
        assert!(!shown.caption.is_empty());
    }
}
