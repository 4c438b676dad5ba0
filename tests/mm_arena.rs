//! What is in the pages: bytes written and read, poison, zeroing, moves, dumps, and the stored form.

mod common;
#[path = "mm_arena/plain.rs"]
mod plain;

use common::history::History;
use common::op::{Op, Random};
use labyrinth::mm::{
    Arena, ArenaError, ArenaSettings, Event, Gfp, Owner, PAGE_POISON, PAGE_SIZE, Pfn, PoisonDamage,
    Sink, Zone, ZoneConfig, hex_dump,
};
use proptest::collection::vec;
use proptest::prelude::*;

const KERNEL: Gfp = Gfp::GFP_KERNEL;

fn zone() -> Zone {
    Zone::new(ZoneConfig::new("DMA", 256, 3)).expect("a zone")
}

fn arena(settings: ArenaSettings) -> Arena {
    Arena::new(256, settings)
}

fn poisoning() -> ArenaSettings {
    ArenaSettings {
        page_poison: true,
        ..ArenaSettings::default()
    }
}

fn on_alloc() -> ArenaSettings {
    ArenaSettings {
        init_on_alloc: true,
        ..ArenaSettings::default()
    }
}

fn on_free() -> ArenaSettings {
    ArenaSettings {
        init_on_free: true,
        ..ArenaSettings::default()
    }
}

fn page(arena: &Arena, pfn: Pfn) -> Vec<u8> {
    let mut bytes = vec![0; PAGE_SIZE as usize];
    arena.read(pfn, 0, &mut bytes).expect("in the arena");
    bytes
}

fn alloc(zone: &mut Zone, arena: &mut Arena, gfp: Gfp) -> Pfn {
    let got = zone.alloc_pages(gfp, 0, Owner(1), arena);
    got.expect("memory")
}

#[test]
fn what_is_written_is_read_and_nothing_else_changes() {
    let mut arena = arena(ArenaSettings::default());
    assert_eq!(arena.write(7, 4090, b"mazed!"), Ok(()));
    let mut word = [0; 8];
    assert_eq!(arena.read(7, 4088, &mut word), Ok(()));
    assert_eq!(&word, b"\0\0mazed!");
    let others = (0..256).filter(|&pfn| pfn != 7);
    assert!(others.into_iter().all(|pfn| arena.uniform(pfn) == Some(0)));
    assert_eq!((arena.real_pages(), arena.stored_pages()), (1, 1));
    // Wiped clean, it costs nothing again.
    assert_eq!(arena.write(7, 4090, &[0; 6]), Ok(()));
    assert_eq!(arena, self::arena(ArenaSettings::default()));
}

#[test]
fn bytes_outside_a_page_are_refused() {
    let mut arena = arena(poisoning());
    let before = arena.clone();
    let beyond = |pfn, offset, len| ArenaError::LeavesPage { pfn, offset, len };
    for (offset, len) in [(4096, 1), (4095, 2), (0, 4097), (u32::MAX, 1)] {
        let bytes = vec![1; len as usize];
        let expected = Err(beyond(3, offset, len));
        assert_eq!(arena.write(3, offset, &bytes), expected);
        assert_eq!(arena.read(3, offset, &mut bytes.clone()), expected);
        let dump = arena.hex_dump(3, offset, len as u32);
        assert_eq!(dump.map(|_| ()), expected);
    }
    let missing = ArenaError::OutOfRange {
        pfn: 256,
        pages: 256,
    };
    assert_eq!(arena.write(256, 0, &[1]), Err(missing));
    assert_eq!(arena.fill(256, 1), Err(missing));
    assert_eq!(arena.copy_page(0, 256), Err(missing));
    assert_eq!(arena.copy_page(256, 0), Err(missing));
    assert_eq!(arena.uniform(256), None);
    assert_eq!(arena, before);
    assert_eq!(arena.write(3, 4096, &[]), Ok(()), "no bytes are anywhere");
}

#[test]
fn memory_of_an_untouched_zone_costs_nothing() {
    for settings in [ArenaSettings::default(), poisoning(), on_alloc(), on_free()] {
        let mut arena = Arena::new(1 << 28, settings);
        assert_eq!(arena.stored_pages(), 0);
        assert_eq!(arena.fill((1 << 28) - 1, 0x5a), Ok(()));
        assert_eq!((arena.stored_pages(), arena.real_pages()), (1, 0));
    }
}

#[test]
fn freed_pages_hold_what_the_settings_say() {
    for (settings, left) in [
        (ArenaSettings::default(), 0x77),
        (poisoning(), PAGE_POISON),
        (on_alloc(), 0x77),
        (on_free(), 0),
    ] {
        let (mut zone, mut arena) = (zone(), arena(settings));
        let pfn = alloc(&mut zone, &mut arena, KERNEL);
        assert_eq!(arena.fill(pfn, 0x77), Ok(()));
        assert_eq!(zone.free_pages(pfn, 0, &mut arena), Ok(()));
        assert_eq!(arena.uniform(pfn), Some(left), "{settings:?}");
    }
}

#[test]
fn pages_handed_out_hold_what_settings_and_flags_say() {
    let zero = KERNEL | Gfp::ZERO;
    let both = ArenaSettings {
        page_poison: true,
        init_on_alloc: true,
        init_on_free: true,
    };
    for (settings, gfp, there) in [
        (ArenaSettings::default(), KERNEL, 0x77),
        (ArenaSettings::default(), zero, 0),
        (poisoning(), KERNEL, PAGE_POISON),
        (poisoning(), zero, 0),
        (on_alloc(), KERNEL, 0),
        (on_free(), KERNEL, 0),
        // Poison takes precedence.
        (both, KERNEL, PAGE_POISON),
        (both, zero, 0),
    ] {
        let (mut zone, mut arena) = (zone(), arena(settings));
        let first = alloc(&mut zone, &mut arena, KERNEL);
        assert_eq!(arena.fill(first, 0x77), Ok(()));
        assert_eq!(zone.free_pages(first, 0, &mut arena), Ok(()));
        let again = alloc(&mut zone, &mut arena, gfp);
        assert_eq!(again, first, "the list is last in, first out");
        assert_eq!(arena.uniform(again), Some(there), "{settings:?} {gfp}");
        assert_eq!(arena.reports(), []);
    }
}

#[test]
fn init_on_free_trusts_that_nobody_wrote_since() {
    let (mut zone, mut arena) = (zone(), arena(on_free()));
    assert_eq!(arena.fill(0, 0x77), Ok(()), "a write to a free page");
    let pfn = alloc(&mut zone, &mut arena, KERNEL | Gfp::ZERO);
    assert_eq!((pfn, arena.uniform(pfn)), (0, Some(0x77)));
}

#[test]
fn one_flipped_bit_is_told_from_corruption() {
    for (offset, bytes, damage) in [
        (100, vec![PAGE_POISON ^ 0x10], PoisonDamage::SingleBit),
        (4095, vec![PAGE_POISON ^ 0x01], PoisonDamage::SingleBit),
        (0, vec![PAGE_POISON ^ 0x11], PoisonDamage::Corruption),
        (9, vec![0xab, PAGE_POISON, 0xab], PoisonDamage::Corruption),
        (50, b"use after free".to_vec(), PoisonDamage::Corruption),
    ] {
        let (mut zone, mut arena) = (zone(), arena(poisoning()));
        let pfn = alloc(&mut zone, &mut arena, KERNEL);
        assert_eq!(zone.free_pages(pfn, 0, &mut arena), Ok(()));
        assert_eq!(arena.write(pfn, offset, &bytes), Ok(()));
        assert_eq!(arena.reports(), [], "nobody looks before it is handed out");
        assert_eq!(alloc(&mut zone, &mut arena, KERNEL), pfn);
        let reports = arena.take_reports();
        assert_eq!(reports.len(), 1);
        let report = &reports[0];
        assert_eq!(
            (report.pfn, report.offset, &report.bytes, report.damage()),
            (pfn, offset, &bytes, damage)
        );
        assert_eq!(arena.reports(), []);
    }
}

#[test]
fn a_report_reads_as_the_kernel_prints_it() {
    let (mut zone, mut arena) = (zone(), arena(poisoning()));
    assert_eq!(arena.write(2, 0x123, b"a thread of a void \x7f"), Ok(()));
    assert_eq!(arena.write(3, 8, &[0x8a]), Ok(()));
    let got = zone.alloc_pages(KERNEL, 2, Owner(1), &mut arena);
    assert_eq!(got, Ok(0));
    let reports: Vec<String> = arena.reports().iter().map(ToString::to_string).collect();
    assert_eq!(
        reports,
        [
            "pagealloc: memory corruption\n\
             0x0000000000002123: 61 20 74 68 72 65 61 64 20 6f 66 20 61 20 76 6f  a thread of a vo\n\
             0x0000000000002133: 69 64 20 7f                                      id .\n",
            "pagealloc: single bit error\n\
             0x0000000000003008: 8a                                               .\n",
        ]
    );
}

#[test]
fn a_page_wholly_overwritten_with_one_byte_is_corrupt() {
    let (mut zone, mut arena) = (zone(), arena(poisoning()));
    assert_eq!(arena.fill(0, 0xab), Ok(()));
    assert_eq!(alloc(&mut zone, &mut arena, KERNEL), 0);
    let [report] = arena.reports() else {
        panic!("{:?}", arena.reports());
    };
    assert_eq!(
        (report.damage(), report.offset, report.bytes.len()),
        (PoisonDamage::Corruption, 0, 4096)
    );
}

#[test]
fn dumps_have_sixteen_bytes_a_line() {
    assert_eq!(hex_dump(0, &[]), "");
    let text = hex_dump(u64::MAX - 0xf, &[b' '; 33]);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 3);
    assert!(lines[0].starts_with("0xfffffffffffffff0: 20 20 "));
    assert!(lines[1].starts_with("0x0000000000000000: 20 20 "));
    assert_eq!(lines[0].len(), lines[1].len());
    let mut arena = arena(ArenaSettings::default());
    assert_eq!(arena.write(255, 16, b"~\x1f\x80 "), Ok(()));
    assert_eq!(
        arena.hex_dump(255, 14, 8).as_deref(),
        Ok("0x00000000000ff00e: 00 00 7e 1f 80 20 00 00                          ..~.. ..\n")
    );
}

#[test]
fn migration_takes_the_bytes_along() {
    // What the pages held when they were handed out, and what the page written to holds once left.
    for (settings, fresh, left) in [
        (ArenaSettings::default(), 0, None),
        (poisoning(), PAGE_POISON, Some(PAGE_POISON)),
        (on_alloc(), 0, None),
        (on_free(), 0, Some(0)),
    ] {
        let (mut zone, mut arena) = (zone(), arena(settings));
        let gfp = Gfp::GFP_HIGHUSER_MOVABLE;
        let from = zone.alloc_pages(gfp, 1, Owner(1), &mut arena);
        let from = from.expect("memory");
        assert_eq!(arena.write(from + 1, 5, b"mine"), Ok(()));
        let was = page(&arena, from + 1);
        let to = zone.migrate(from, &mut arena).expect("room");
        assert_ne!(to, from);
        assert_eq!(page(&arena, to + 1), was, "{settings:?}");
        assert_eq!(arena.uniform(to), Some(fresh), "{settings:?}");
        assert_eq!(arena.uniform(from + 1), left, "{settings:?}");
        assert_eq!(arena.reports(), []);
    }
}

#[test]
fn damaged_poison_is_found_where_a_page_moves_to() {
    let (mut zone, mut arena) = (zone(), arena(poisoning()));
    let from = zone.alloc_pages(Gfp::GFP_HIGHUSER_MOVABLE, 0, Owner(1), &mut arena);
    assert_eq!(arena.write(255, 0, &[0]), Ok(()));
    assert_eq!(zone.migrate(from.expect("memory"), &mut arena), Ok(255));
    assert_eq!(arena.reports().len(), 1);
}

#[test]
fn an_arena_beside_other_listeners_hears_the_same() {
    let (mut zone, mut other) = (zone(), zone());
    let mut both = (arena(poisoning()), Vec::new());
    let mut alone = Vec::new();
    let pfn = zone.alloc_pages(KERNEL | Gfp::ZERO, 1, Owner(1), &mut both);
    assert_eq!(
        pfn,
        other.alloc_pages(KERNEL | Gfp::ZERO, 1, Owner(1), &mut alone)
    );
    assert_eq!(both.1, alone);
    assert_eq!((both.0.uniform(0), both.0.uniform(1)), (Some(0), Some(0)));
}

#[test]
fn a_clone_goes_its_own_way() {
    let mut arena = arena(ArenaSettings::default());
    assert_eq!(arena.write(1, 0, b"shared"), Ok(()));
    let before = page(&arena, 1);
    let mut clone = arena.clone();
    assert_eq!(clone.write(1, 0, b"apart"), Ok(()));
    assert_eq!(page(&arena, 1), before);
    assert_eq!(clone.copy_page(1, 2), Ok(()));
    assert_eq!(clone.write(2, 0, b"third"), Ok(()));
    assert_eq!(&page(&clone, 1)[..6], b"apartd");
    assert_eq!(&page(&clone, 2)[..6], b"thirdd");
}

#[test]
fn the_stored_form_reads_back_and_damage_is_named() {
    let mut arena = arena(poisoning());
    assert_eq!(arena.write(4, 4000, b"abc"), Ok(()));
    assert_eq!(arena.fill(9, 1), Ok(()));
    let mut zone = zone();
    let got = zone.alloc_pages(KERNEL, 3, Owner(1), &mut arena);
    assert_eq!((got, arena.reports().len()), (Ok(0), 1));
    let text = serde_json::to_string(&arena).expect("text");
    assert_eq!(
        serde_json::from_str::<Arena>(&text).expect("an arena"),
        arena
    );
    let digits = "6162".to_owned() + &"aa".repeat(4094);
    let form = |content: &str| {
        format!(
            r#"{{"pages":16,"settings":{{"page_poison":true,"init_on_alloc":false,"init_on_free":false}},"content":[{content}]}}"#
        )
    };
    let sound = form(&format!(r#"[3,{{"hex":"{digits}"}}],[4,{{"all":0}}]"#));
    let read = serde_json::from_str::<Arena>(&sound).expect("an arena");
    assert_eq!(&page(&read, 3)[..3], b"ab\xaa");
    for (content, complaint) in [
        (
            r#"[16,{"all":0}]"#.to_owned(),
            "frame 16; expected a frame from 0 on, below 16",
        ),
        (
            r#"[4,{"all":0}],[4,{"all":1}]"#.to_owned(),
            "content 1 is of frame 4; expected a frame from 5 on",
        ),
        (r#"[4,{"all":170}]"#.to_owned(), "frame 4: expected nothing"),
        (
            r#"[4,{"hex":"6162"}]"#.to_owned(),
            "8192 lower-case hexadecimal digits, not 4 bytes",
        ),
        (
            format!(r#"[4,{{"hex":"{}"}}]"#, digits.replacen("6162", "61g2", 1)),
            "not 'g' at 2",
        ),
        (
            format!(r#"[4,{{"hex":"{}"}}]"#, "55".repeat(4096)),
            "the one byte it holds all over",
        ),
        (r#"[4,{"all":256}]"#.to_owned(), "256"),
    ] {
        let refused = serde_json::from_str::<Arena>(&form(&content)).expect_err("refused");
        assert!(refused.to_string().contains(complaint), "{refused}");
    }
    let damaged = text.replacen(r#""offset":4000"#, r#""offset":4094"#, 1);
    assert_ne!(damaged, text);
    let refused = serde_json::from_str::<Arena>(&damaged).expect_err("refused");
    assert!(
        refused
            .to_string()
            .contains("report 0, frame 4, offset 4094"),
        "{refused}"
    );
}
