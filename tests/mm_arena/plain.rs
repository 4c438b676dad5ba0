//! Any history, against plain arrays of bytes.

use super::*;

fn words(arena: &Arena) -> Vec<u64> {
    let mut words = Vec::new();
    arena.hash_words(&mut |word| words.push(word));
    words
}

/// The bytes of a zone, kept plainly.
struct Plain {
    settings: ArenaSettings,
    pages: Vec<Vec<u8>>,
    reports: usize,
}

impl Plain {
    fn new(settings: ArenaSettings, pages: u32) -> Self {
        let byte = if settings.page_poison { PAGE_POISON } else { 0 };
        Self {
            settings,
            pages: vec![vec![byte; PAGE_SIZE as usize]; pages as usize],
            reports: 0,
        }
    }

    fn out(&mut self, pfn: Pfn, gfp: Gfp) {
        let page = &mut self.pages[pfn as usize];
        let ArenaSettings {
            page_poison,
            init_on_alloc,
            init_on_free,
        } = self.settings;
        if page_poison {
            self.reports += usize::from(page.iter().any(|&byte| byte != PAGE_POISON));
            if gfp.contains(Gfp::ZERO) {
                page.fill(0);
            }
        } else if !init_on_free && (init_on_alloc || gfp.contains(Gfp::ZERO)) {
            page.fill(0);
        }
    }

    fn back(&mut self, pfn: Pfn) {
        let page = &mut self.pages[pfn as usize];
        if self.settings.page_poison {
            page.fill(PAGE_POISON);
        } else if self.settings.init_on_free {
            page.fill(0);
        }
    }

    fn follow(&mut self, event: &Event) {
        match *event {
            Event::Alloc {
                pfn, order, gfp, ..
            } => (pfn..pfn + (1 << order)).for_each(|pfn| self.out(pfn, gfp)),
            Event::Free { pfn, order, .. } => {
                (pfn..pfn + (1 << order)).for_each(|pfn| self.back(pfn));
            }
            Event::Migrate {
                from, to, order, ..
            } => {
                for i in 0..1 << order {
                    self.out(to + i, Gfp::empty());
                    let content = self.pages[(from + i) as usize].clone();
                    self.pages[(to + i) as usize] = content;
                    self.back(from + i);
                }
            }
            _ => {}
        }
    }
}

#[derive(Clone, Debug)]
enum Step {
    Zone(Op),
    Write(Pfn, u32, Vec<u8>),
    Fill(Pfn, u8),
    Copy(Pfn, Pfn),
}

const PAGES: u32 = 64;

fn step() -> impl Strategy<Value = Step> {
    let byte = prop_oneof![Just(0), Just(PAGE_POISON), Just(0xab), any::<u8>()];
    prop_oneof![
        6 => any::<u64>().prop_map(|seed| Step::Zone(Op::random(&mut Random(seed), PAGES))),
        3 => (0..PAGES, 0..4096_u32, vec(byte.clone(), 1..40))
            .prop_map(|(pfn, offset, bytes)| Step::Write(pfn, offset, bytes)),
        1 => (0..PAGES, byte).prop_map(|(pfn, byte)| Step::Fill(pfn, byte)),
        1 => (0..PAGES, 0..PAGES).prop_map(|(from, to)| Step::Copy(from, to)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn any_history_leaves_the_bytes_that_plain_arrays_have(
        (page_poison, init_on_alloc, init_on_free) in any::<(bool, bool, bool)>(),
        steps in vec(step(), 1..120),
    ) {
        let settings = ArenaSettings { page_poison, init_on_alloc, init_on_free };
        let mut config = ZoneConfig::new("DMA", PAGES, 2);
        config.min_free_kbytes = Some(16);
        let mut history = History::new(config);
        let mut arena = Arena::new(PAGES, settings);
        let mut plain = Plain::new(settings, PAGES);
        for step in steps {
            match step {
                Step::Zone(op) => {
                    history.apply(op);
                    for event in &history.events {
                        arena.event(*event);
                        plain.follow(event);
                    }
                }
                Step::Write(pfn, offset, bytes) => {
                    let whole = offset as usize + bytes.len() <= PAGE_SIZE as usize;
                    prop_assert_eq!(arena.write(pfn, offset, &bytes).is_ok(), whole);
                    if whole {
                        let at = offset as usize;
                        plain.pages[pfn as usize][at..at + bytes.len()].copy_from_slice(&bytes);
                    }
                }
                Step::Fill(pfn, byte) => {
                    prop_assert_eq!(arena.fill(pfn, byte), Ok(()));
                    plain.pages[pfn as usize].fill(byte);
                }
                Step::Copy(from, to) => {
                    prop_assert_eq!(arena.copy_page(from, to), Ok(()));
                    plain.pages[to as usize] = plain.pages[from as usize].clone();
                }
            }
        }
        let boot = if page_poison { PAGE_POISON } else { 0 };
        let (mut real, mut stored) = (0, 0);
        for (pfn, bytes) in (0..).zip(&plain.pages) {
            prop_assert!(&page(&arena, pfn) == bytes, "frame {}", pfn);
            let same = bytes.iter().all(|byte| *byte == bytes[0]);
            prop_assert_eq!(arena.uniform(pfn), same.then_some(bytes[0]));
            real += u32::from(!same);
            stored += u32::from(!same || bytes[0] != boot);
        }
        prop_assert_eq!((arena.real_pages(), arena.stored_pages()), (real, stored));
        prop_assert_eq!(arena.reports().len(), plain.reports);
        let text = serde_json::to_string(&arena).expect("text");
        let read: Arena = serde_json::from_str(&text).expect("an arena");
        prop_assert!(read == arena);
        prop_assert_eq!(words(&read), words(&arena));
        // Any change shows in the words.
        let mut other = arena.clone();
        let byte = 1 ^ page(&arena, 5)[17];
        prop_assert_eq!(other.write(5, 17, &[byte]), Ok(()));
        prop_assert!(other != arena);
        prop_assert_ne!(words(&other), words(&arena));
    }
}
