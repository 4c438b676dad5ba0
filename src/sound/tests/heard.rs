//! What is heard of turns: every event has its sound or a reason for none, and a turn is never a din.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::super::perform::VOICES;
use crate::bot;
use crate::kernel_text::ZoneFigures;
use crate::labyrinth::{Cell, cell_of};
use crate::mm::{self, Gfp, MigrateType, Owner};
use crate::raid::{
    Cause, Death, Demand, Event, Gauge, Held, Item, Leftover, MinotaurView, Outcome, Raid, Rules,
    Setup, View, text,
};
use crate::sound::{Cue, Cues, Drone, Note, Performance, Volumes, cue_of, drone, menu, perform};

fn cues() -> Cues {
    Cues::shipped().expect("the shipped table is sound")
}

fn full() -> Volumes {
    Volumes {
        master: 100,
        effects: 100,
        drone: 100,
        menu: 100,
        muted: false,
    }
}

fn raid(seed: u64) -> Raid {
    let rules = Arc::new(Rules::shipped().expect("the shipped rules are sound"));
    Raid::new(rules, Setup::new("dma", seed)).expect("the zone begins")
}

/// Lets bots play, and shows every turn: what was known before, what is known after, what happened.
fn every_turn(mut look: impl FnMut(&View, &View, &[Event])) {
    for (name, seed) in [
        ("careful", 7),
        ("greedy", 3),
        ("novice", 11),
        ("novice", 5),
        ("careful", 21),
    ] {
        let mut raid = raid(seed);
        let mut bot = bot::by_name(name, seed).expect("the bot exists");
        while raid.outcome().is_none() {
            let before = raid.view().clone();
            let (_, events) = bot::play_turn(bot.as_mut(), &mut raid);
            look(&before, raid.view(), &events);
        }
    }
}

fn dead(cause: Cause) -> Event {
    Event::Ended(Outcome::Dead(Box::new(Death {
        cause,
        figures: figures(),
        best: None,
    })))
}

/// The figures of a zone, from a raid's end.
fn figures() -> ZoneFigures {
    for seed in 1..100 {
        let mut raid = raid(seed);
        let mut bot = bot::by_name("novice", seed).expect("the bot exists");
        while raid.outcome().is_none() {
            bot::play_turn(bot.as_mut(), &mut raid);
        }
        if let Some(Outcome::Dead(death)) = raid.outcome() {
            return death.figures.clone();
        }
    }
    panic!("no novice died")
}

/// One event of every kind that has a sound.
fn one_of_each() -> Vec<Event> {
    let name = || String::from("slab");
    let (pfn, order, refs, pages, left, turns) = (64, 3, 2, 8, 1, 4);
    let (owner, migratetype, gfp) = (Owner(7), MigrateType::Movable, Gfp::GFP_ATOMIC);
    let failure = mm::AllocFailure {
        gfp,
        order,
        reason: mm::FailReason::Fragmentation,
        free: 100,
        limit: 50,
        min: 20,
        extfrag_index: 500,
        nr_free: [0; mm::NR_PAGE_ORDERS],
    };
    let fallback = |claimed| mm::Event::Fallback {
        pfn,
        order,
        from: MigrateType::Movable,
        to: MigrateType::Unmovable,
        claimed,
    };
    let allocator = [
        mm::Event::Split {
            pfn,
            order,
            list: migratetype,
        },
        mm::Event::Merge { pfn, order },
        mm::Event::Alloc {
            pfn,
            order,
            gfp,
            owner,
            migratetype,
        },
        mm::Event::Free { pfn, order, owner },
        fallback(true),
        fallback(false),
        mm::Event::Fail(failure),
        mm::Event::Evict { pfn, order, owner },
        mm::Event::WriteBack { pfn, order },
        mm::Event::Migrate {
            from: pfn,
            to: 128,
            order,
            owner,
        },
        mm::Event::ReserveHighAtomic { pfn },
    ];
    let held = Held {
        pfn,
        order,
        mapped: true,
    };
    let mut events = vec![
        Event::Stepped {
            to: Cell::new(1, 1),
        },
        Event::Trespassed { owner: name() },
        Event::Faulted {
            owner: name(),
            refs,
        },
        Event::Working {
            what: "writing back",
            left,
        },
        Event::Evicted {
            pfn,
            order,
            owner: name(),
        },
        Event::Migrated {
            from: pfn,
            to: 128,
            order,
            owner: name(),
        },
        Event::MigrateFailed { order },
        Event::Granted {
            device: "nic0".into(),
            pfn,
            order,
        },
        Event::Mapped { pfn, order, refs },
        Event::Zeroing { pfn, order, left },
        Event::UseFailed { item: Item::Fork },
        Event::PoolServed { pfn },
        Event::SwappedOut {
            pfn,
            order,
            owner: name(),
        },
        Event::Unlocked { pfn, order },
        Event::Spins { name: name() },
        Event::ChildExited { by: None },
        Event::Freed { pfn, order },
        Event::Isolated { pfn, order, turns },
        Event::IsolationEnded,
        Event::Used {
            item: Item::DropCaches,
            on: None,
            figure: 3,
        },
        Event::Scanned {
            free: [1; mm::NR_PAGE_ORDERS],
        },
        Event::KeyTaken,
        Event::KeySeen,
        Event::Hit { name: name(), left },
        Event::Slew {
            name: name(),
            pages,
        },
        Event::Read {
            file: crate::raid::ProcFile::Buddyinfo,
        },
        Event::Handed { to: name(), turns },
        Event::FirstWrite { by: name(), refs },
        Event::Hunts { name: name() },
        Event::LostYou { name: name() },
        Event::Struck { by: name(), refs },
        Event::KswapdWoke,
        Event::KswapdSlept,
        Event::MinotaurStirs { wakes_in: 3 },
        Event::MinotaurHunts {
            target: name(),
            badness: 5,
            you: false,
        },
        Event::MinotaurHunts {
            target: "you".into(),
            badness: 5,
            you: true,
        },
        Event::OomKilled {
            name: name(),
            pages,
        },
        Event::MinotaurLeft,
        Event::Respawned { name: name() },
        Event::Irq {
            irq: 19,
            device: "nic0".into(),
            order,
            gfp,
            demand: Demand::default(),
        },
        Event::OfNoUse {
            device: "nic0".into(),
            pfn,
            order,
            pages,
            left: Leftover::Anonymous,
        },
        Event::IrqExpired {
            device: "nic0".into(),
            order,
        },
        Event::DeviceFound {
            device: "nic0".into(),
        },
        Event::GateWarns {
            gate: "north gate".into(),
            left,
        },
        Event::GateFalters {
            gate: "north gate".into(),
            free: 3,
            low: 2,
        },
        Event::GateClosed {
            gate: "north gate".into(),
        },
        Event::GateOpened {
            gate: "north gate".into(),
        },
        Event::WatchdogWarns { left },
        Event::Ended(Outcome::Extracted {
            gate: "north gate".into(),
            loot: vec![held],
            score: 8,
        }),
        Event::Ended(Outcome::Extracted {
            gate: "north gate".into(),
            loot: Vec::new(),
            score: 0,
        }),
        dead(Cause::Null {
            device: "nic0".into(),
            failure,
            below: None,
        }),
        dead(Cause::References {
            by: "a blow".into(),
        }),
        dead(Cause::Minotaur { pages, badness: 9 }),
        dead(Cause::Watchdog),
        dead(Cause::Panic),
    ];
    events.extend(allocator.map(Event::Memory));
    events
}

#[test]
fn every_cue_is_heard_of_something() {
    let mut heard: BTreeSet<Cue> = one_of_each().iter().filter_map(cue_of).collect();
    // These follow what is known, or what is pressed.
    heard.extend([Cue::Steps, Cue::Tick, Cue::Drone]);
    heard.extend([
        Cue::MenuMove,
        Cue::MenuChoose,
        Cue::MenuBack,
        Cue::Refuse,
        Cue::Preview,
    ]);
    for cue in Cue::ALL {
        assert!(heard.contains(cue), "{} is a sound of nothing", cue.name());
    }
}

#[test]
fn what_is_heard_can_also_be_read() {
    let mut silent = 0;
    for event in one_of_each() {
        let Some(cue) = cue_of(&event) else { continue };
        let told = text::sentence(&event).is_some();
        // A step is where one stands; the end has a screen of its own; walls and rooms are seen as they change.
        let seen = matches!(
            event,
            Event::Stepped { .. } | Event::Ended(_) | Event::Memory(_)
        );
        assert!(told || seen, "{}: {event:?}", cue.name());
        silent += u32::from(!told);
    }
    assert!(silent > 0, "the exceptions are no longer any");
}

#[test]
fn a_turn_is_never_a_din_and_never_late() {
    let (cues, volumes) = (cues(), full());
    let (mut loud, mut cascades) = (0, 0);
    every_turn(|before, after, events| {
        let Performance { notes, silence_ms } = perform(&cues, volumes, before, after, events);
        assert!(notes.len() <= VOICES);
        assert!(notes.is_sorted_by_key(|note| note.delay_ms));
        for note in &notes {
            assert!(
                note.delay_ms <= 600 && (1..=1000).contains(&note.gain),
                "{note:?}"
            );
            assert!(
                (500..=3000).contains(&note.rate) && note.pan.abs() <= 1000,
                "{note:?}"
            );
            assert!(note.variation < cues.recipe(note.cue).variations);
        }
        let null = events.iter().any(|event| cue_of(event) == Some(Cue::Null));
        assert_eq!(silence_ms > 0, null);
        // What is loudest in priority is never the one that is left out.
        for event in events {
            if let Some(cue) = cue_of(event)
                && cues.recipe(cue).priority >= 8
                && !null
            {
                assert!(
                    notes.iter().any(|note| note.cue == cue),
                    "{cue:?}: {notes:?}"
                );
            }
        }
        loud += u32::from(notes.len() == VOICES);
        let merges: Vec<&Note> = notes.iter().filter(|note| note.cue == Cue::Merge).collect();
        cascades += u32::from(merges.len() > 2);
    });
    assert!(
        cascades > 0,
        "no cascade in all these raids ({loud} loud turns)"
    );
}

/// A turn in which the allocator did this.
fn of_memory(events: &[mm::Event]) -> Vec<Note> {
    let raid = raid(7);
    let view = raid.view();
    let events: Vec<Event> = events.iter().copied().map(Event::Memory).collect();
    perform(&cues(), full(), view, view, &events).notes
}

#[test]
fn a_cascade_of_merges_and_one_of_splits_rise_step_by_step() {
    let merges: Vec<mm::Event> = (1..=6)
        .map(|order| mm::Event::Merge { pfn: 0, order })
        .collect();
    let list = MigrateType::Movable;
    let splits: Vec<mm::Event> = (1..=6)
        .rev()
        .map(|order| mm::Event::Split {
            pfn: 0,
            order,
            list,
        })
        .collect();
    for cascade in [merges, splits] {
        let notes = of_memory(&cascade);
        assert_eq!(notes.len(), 6);
        for pair in notes.windows(2) {
            assert!(pair[0].rate < pair[1].rate, "{pair:?}");
            assert!(pair[1].delay_ms - pair[0].delay_ms >= 50, "{pair:?}");
        }
    }
}

#[test]
fn what_is_near_is_louder_and_what_is_east_is_on_the_right() {
    let view = raid(7).view().clone();
    let grid = view.grid;
    let at = |cell: Cell| {
        let pfn = crate::labyrinth::pfn_of(cell);
        assert_eq!(cell_of(pfn), cell);
        of_memory(&[mm::Event::WriteBack { pfn, order: 0 }])[0]
    };
    let me = view.me.cell;
    let row: Vec<Note> = (0..grid.side()).map(|x| at(Cell::new(x, me.y))).collect();
    let here = row[usize::from(me.x)];
    assert_eq!((here.gain, here.pan), (1000, 0));
    for (x, note) in (0..grid.side()).zip(&row) {
        assert_eq!(note.pan.signum(), (i32::from(x) - i32::from(me.x)).signum());
        assert!(note.gain <= here.gain && note.gain >= 300);
    }
    assert!(
        row.iter().any(|note| note.gain < 600),
        "nothing is far in this zone"
    );
}

#[test]
fn the_minotaur_is_heard_from_afar_and_louder_the_nearer_it_is() {
    let mut view = raid(7).view().clone();
    let me = view.me.cell;
    let mut last = 0;
    for far in (0..view.grid.side()).rev() {
        let x = if me.x >= view.grid.side() / 2 {
            me.x.saturating_sub(far)
        } else {
            me.x + far
        };
        if !view.grid.contains(Cell::new(x, me.y)) {
            continue;
        }
        view.minotaur = MinotaurView::Awake {
            cell: Cell::new(x, me.y),
            target: "you".into(),
            target_pid: 1,
        };
        let notes = perform(&cues(), full(), &view, &view, &[]).notes;
        let [
            Note {
                cue: Cue::Steps,
                gain,
                ..
            },
        ] = notes[..]
        else {
            panic!("{notes:?}")
        };
        assert!(gain >= last && gain >= 100, "{far}: {gain}");
        last = gain;
    }
    assert_eq!(last, 1000);
}

#[test]
fn null_is_a_click_and_then_silence() {
    let view = raid(7).view().clone();
    let null = one_of_each()
        .into_iter()
        .find(|event| cue_of(event) == Some(Cue::Null))
        .expect("it is among them");
    let events = [
        Event::KswapdWoke,
        Event::Memory(mm::Event::Merge { pfn: 0, order: 4 }),
        null,
    ];
    let heard = perform(&cues(), full(), &view, &view, &events);
    assert_eq!(heard.silence_ms, 1000);
    let [
        Note {
            cue: Cue::Null,
            delay_ms: 0,
            ..
        },
    ] = heard.notes[..]
    else {
        panic!("{heard:?}")
    };
}

#[test]
fn the_clock_is_heard_near_the_end_and_only_as_it_runs() {
    let mut before = raid(7).view().clone();
    let mut ticks = Vec::new();
    for left in (1..=60).rev() {
        let mut after = before.clone();
        after.watchdog.0 = left;
        before.watchdog.0 = left + 1;
        let notes = perform(&cues(), full(), &before, &after, &[]).notes;
        ticks.extend(notes.iter().map(|note| (left, note.cue, note.gain)));
        before = after;
        assert!(
            perform(&cues(), full(), &before, &before, &[])
                .notes
                .is_empty()
        );
    }
    assert_eq!(ticks.len(), 40);
    assert!(ticks.iter().all(|tick| tick.1 == Cue::Tick));
    assert!(
        ticks.windows(2).all(|pair| pair[0].2 <= pair[1].2),
        "{ticks:?}"
    );
}

#[test]
fn the_drone_follows_pressure() {
    let gauge = raid(7).view().gauge;
    let at = |free| drone(full(), &Gauge { free, ..gauge });
    let mut last = at(gauge.pages);
    assert!(
        last.gain > 0 && last.gain < 200,
        "{last:?}: quiet while all is well"
    );
    for free in (0..gauge.pages).rev() {
        let now = at(free);
        assert!(
            now.gain >= last.gain && now.rate >= last.rate,
            "{free}: {now:?}"
        );
        assert!(now.gain <= 1000 && now.rate <= 1600);
        last = now;
    }
    assert!(at(gauge.marks.min).gain >= 990);
    assert!(
        at(gauge.marks.min - 1).rate > at(gauge.marks.min).rate,
        "below min it is another tone"
    );
    let silent = Volumes { drone: 0, ..full() };
    assert!(matches!(drone(silent, &gauge), Drone { gain: 0, .. }));
}

#[test]
fn volumes_scale_each_bus_and_silence_plays_nothing() {
    let view = raid(7).view().clone();
    let events = [Event::KeyTaken, Event::KswapdWoke];
    let at = |volumes: Volumes| perform(&cues(), volumes, &view, &view, &events).notes;
    let loud = at(full());
    assert_eq!(loud.len(), 2);
    let half = at(Volumes {
        effects: 50,
        ..full()
    });
    for (loud, half) in loud.iter().zip(&half) {
        assert_eq!(loud.gain / 2, half.gain);
    }
    assert_eq!(
        at(Volumes {
            menu: 0,
            drone: 0,
            ..full()
        }),
        loud,
        "other buses do not matter"
    );
    for silent in [
        Volumes {
            muted: true,
            ..full()
        },
        Volumes {
            effects: 0,
            ..full()
        },
        Volumes {
            master: 0,
            ..full()
        },
    ] {
        assert_eq!(at(silent), []);
    }
    assert!(menu(&cues(), full(), Cue::MenuMove).is_some());
    assert_eq!(
        menu(&cues(), Volumes { menu: 0, ..full() }, Cue::MenuMove),
        None
    );
}
