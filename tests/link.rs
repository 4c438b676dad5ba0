//! Replay codes and links: what they hold, how long they are, and what damage to them says.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use labyrinth::bot;
use labyrinth::journal::{CodeError, Journal, MAX_COMMANDS, Recording, looks_like_a_code, replay};
use labyrinth::labyrinth::Dir;
use labyrinth::link::{Link, LinkError, MAX_FRAGMENT};
use labyrinth::raid::{Command, Item, Loadout, MAX_SEED, Modifiers, Raid, Rules, Setup};
use proptest::prelude::*;

fn rules() -> Arc<Rules> {
    Arc::new(Rules::shipped().expect("the shipped rules are sound"))
}

/// Lets a bot play at most so many turns.
fn play(setup: Setup, name: &str, turns: u32) -> Journal {
    let seed = setup.seed;
    let mut raid = Raid::new(rules(), setup).expect("the setup is sound");
    let mut bot = bot::by_name(name, seed).expect("the bot exists");
    let mut journal = Journal::begin(&raid);
    while raid.outcome().is_none() && raid.turn() < turns {
        let (command, _) = bot::play_turn(bot.as_mut(), &mut raid);
        journal.record(command, &raid);
    }
    journal
}

fn dma(seed: u64) -> Setup {
    Setup {
        zone: "dma".into(),
        seed,
        ..Setup::default()
    }
}

fn code(journal: &Journal) -> String {
    Recording::of(journal)
        .expect("a raid has a code")
        .to_string()
}

fn stored() -> Vec<Journal> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/journals");
    fs::read_dir(folder)
        .expect("the stored journals")
        .map(|entry| fs::read_to_string(entry.expect("a file").path()).expect("a text"))
        .map(|text| Journal::parse(&text).expect("a journal"))
        .collect()
}

#[test]
fn the_code_of_a_journal_replays_to_the_same_journal() {
    let journals = stored();
    assert!(journals.len() >= 12, "{}", journals.len());
    assert!(journals.iter().any(|j| j.setup.layout.is_some()));
    for journal in journals {
        let code = code(&journal);
        let recording = Recording::parse(&code).expect("what is written can be read");
        assert_eq!(recording.setup(), &journal.setup);
        let commands: Vec<Command> = journal.turns.iter().map(|turn| turn.command).collect();
        assert_eq!(recording.commands(), commands);
        assert_eq!(recording.hash(), journal.last_hash());
        assert_eq!(recording.to_string(), code);
        let (again, raid) = recording.replay(rules()).expect("a code replays");
        assert_eq!(again, journal);
        assert_eq!(raid.state_hash(), journal.last_hash());
        let whole = replay(rules(), &journal).expect("a journal replays");
        assert_eq!(raid.outcome(), whole.outcome());
    }
}

/// What fits into a message: about half a character a turn, and some thirty for everything else.
#[test]
fn a_code_takes_less_than_0_7_characters_a_turn() {
    let (mut characters, mut turns) = (0, 0);
    for journal in stored() {
        let code = code(&journal);
        let own = journal.turns.len();
        assert!(looks_like_a_code(&code));
        // A layout has 11 numbers of up to three bytes.
        let head = if journal.setup.layout.is_some() {
            60
        } else {
            30
        };
        assert!(
            code.len() * 10 <= own * 7 + head * 10,
            "{} characters for {own} turns",
            code.len()
        );
        characters += code.len();
        turns += own;
    }
    assert!(
        characters * 10 <= turns * 7,
        "{characters} characters for {turns} turns"
    );
}

#[test]
fn a_raid_that_goes_on_has_a_code_as_well() {
    for turns in [0, 20] {
        let journal = play(dma(4), "careful", turns);
        let recording: Recording = code(&journal).parse().expect("a code");
        let (again, raid) = recording.replay(rules()).expect("it replays");
        assert_eq!(again, journal);
        assert_eq!((raid.turn(), raid.outcome()), (turns, None));
    }
    let text = format!(" \n{}\r\n", code(&play(dma(4), "careful", 3)));
    assert!(Recording::parse(&text).is_ok(), "blank space is no harm");
}

#[test]
fn a_code_that_the_rules_contradict_says_where() {
    let journal = play(dma(1), "greedy", u32::MAX);
    let turns = journal.turns.len() as u32;
    let fault = |journal: &Journal| {
        let code = code(journal);
        let recording = Recording::parse(&code).expect("it is written well");
        recording.replay(rules()).expect_err("it does not replay")
    };
    let mut other = journal.clone();
    other.turns[(turns - 1) as usize].hash ^= 1;
    assert!(
        matches!(fault(&other), CodeError::Hash { turns: at, found, expected } if at == turns && found == expected ^ 1)
    );
    let mut other = journal.clone();
    other.turns[2].command = Command::Free(0xfff);
    assert!(matches!(fault(&other), CodeError::Refused { turn: 3, .. }));
    let mut other = journal.clone();
    other.turns.push(journal.turns[0]);
    let error = fault(&other);
    assert!(matches!(error, CodeError::Over { turn, .. } if turn == turns + 1));
    for part in ["found", "expected", &format!("turn {}", turns + 1)] {
        assert!(error.to_string().contains(part), "{error}");
    }
    let mut other = journal.clone();
    other.setup.zone = "nowhere".into();
    let said = fault(&other).to_string();
    assert!(said.contains("nowhere") && said.contains("dma"), "{said}");
    let mut other = journal;
    other.setup.layout = Some([0; 11]);
    assert!(matches!(fault(&other), CodeError::Setup(_)));
}

#[test]
fn what_is_no_code_is_refused_in_a_sentence() {
    let whole = code(&play(dma(1), "greedy", u32::MAX));
    let fault = |text: &str| {
        let error = Recording::parse(text).expect_err("this is no code");
        let said = error.to_string();
        assert!(
            said.contains("found") && said.contains("expected"),
            "{said}"
        );
        assert!(!said.contains('\n'), "{said}");
        error
    };
    assert_eq!(fault(""), CodeError::TooShort { found: 0 });
    assert_eq!(fault("AQED"), CodeError::TooShort { found: 3 });
    assert_eq!(fault("AQEDA"), CodeError::Cut { characters: 5 });
    let at = |at, found| CodeError::Character { at, found };
    assert_eq!(fault("AQE=A"), at(4, '='));
    assert_eq!(fault(&format!("{whole}%")), at(whole.len() as u32 + 1, '%'));
    assert_eq!(
        fault(&"A".repeat(40)),
        CodeError::Checksum {
            found: 0,
            expected: checksum_of_zeros()
        }
    );
    for cut in 1..whole.len() {
        let error = fault(&whole[..cut]);
        assert!(
            matches!(
                error,
                CodeError::Cut { .. } | CodeError::TooShort { .. } | CodeError::Checksum { .. }
            ),
            "{error}"
        );
    }
    // Two characters that change places, as in typing.
    let mut typed = whole.clone().into_bytes();
    let place = (20..typed.len() - 1).find(|&i| typed[i] != typed[i + 1]);
    let place = place.expect("not all are the same");
    typed.swap(place, place + 1);
    let typed = String::from_utf8(typed).expect("ASCII");
    assert!(matches!(fault(&typed), CodeError::Checksum { .. }));
}

/// CRC-32 of 26 bytes of 0, from another program.
fn checksum_of_zeros() -> u32 {
    0xafec_be32
}

#[test]
fn fragments_are_read_and_written() {
    let raid = |zone: &str, seed| Link::Raid {
        zone: zone.into(),
        seed,
        loadout: Loadout::default(),
        modifiers: Modifiers::default(),
    };
    let with_kit = Link::Raid {
        zone: "dma".into(),
        seed: Some(7),
        loadout: "scan,kill".parse().expect("a kit"),
        modifiers: "nosmp,mem=8M".parse().expect("modifiers"),
    };
    let lesson = Link::Lesson("buddies-2".into());
    for (fragment, link, written) in [
        ("seed=7&zone=dma", raid("dma", Some(7)), "seed=7&zone=dma"),
        (
            "zone=dma32&seed=0",
            raid("dma32", Some(0)),
            "seed=0&zone=dma32",
        ),
        ("#seed=007", raid("dma", Some(7)), "seed=7&zone=dma"),
        ("zone=normal", raid("normal", None), "zone=normal"),
        (
            "modifiers=mem=8M,nosmp&kit=kill%2Cscan&seed=7",
            with_kit,
            "seed=7&zone=dma&kit=scan,kill&modifiers=nosmp,mem=8M",
        ),
        (
            "seed=%37&zone=d%6Da",
            raid("dma", Some(7)),
            "seed=7&zone=dma",
        ),
        (
            "seed=999999999",
            raid("dma", Some(MAX_SEED)),
            "seed=999999999&zone=dma",
        ),
        ("lesson=buddies-2", lesson.clone(), "lesson=buddies-2"),
        ("#lesson=buddies%2d2", lesson, "lesson=buddies-2"),
        (
            "script=cHMKYWxsb2NfcGFnZShHRlBfQVRPTUlDKQo",
            Link::Script("ps\nalloc_page(GFP_ATOMIC)\n".into()),
            "script=cHMKYWxsb2NfcGFnZShHRlBfQVRPTUlDKQo",
        ),
    ] {
        assert_eq!(Link::parse(fragment), Ok(Some(link.clone())), "{fragment}");
        assert_eq!(link.to_string(), written);
        assert_eq!(Link::parse(written), Ok(Some(link)));
    }
    assert_eq!(Link::parse(""), Ok(None));
    assert_eq!(Link::parse("#"), Ok(None));

    let journal = play(dma(3), "novice", u32::MAX);
    let link = Link::Replay(Recording::of(&journal).expect("a raid has a code"));
    let written = format!("replay={}", code(&journal));
    assert_eq!(link.to_string(), written);
    assert_eq!(Link::parse(&written), Ok(Some(link.clone())));
    let encoded = written.replace('-', "%2D").replace('_', "%5f");
    assert_eq!(Link::parse(&format!("#{encoded}")), Ok(Some(link)));
}

#[test]
fn wrong_fragments_name_the_key_and_what_was_expected() {
    let long = "x".repeat(65);
    let long = format!("zone={long}");
    for (fragment, parts) in [
        ("seed", &["\"seed\"", "KEY=VALUE"][..]),
        ("seed=7&", &["an empty part", "KEY=VALUE"]),
        ("&seed=7", &["an empty part"]),
        (
            "##seed=7",
            &["\"#seed\"", "seed zone kit modifiers lesson script replay"],
        ),
        ("kit=lamp", &["kit", "\"lamp\"", "scan, drop_caches"]),
        ("modifiers=smp", &["modifiers", "\"smp\"", "nosmp"]),
        ("kit=scan&lesson=a", &["lesson", "kit"]),
        (
            "=7",
            &[
                "the key \"\"",
                "seed zone kit modifiers lesson script replay",
            ],
        ),
        (
            "sead=7",
            &["\"sead\"", "seed zone kit modifiers lesson script replay"],
        ),
        ("Seed=7", &["\"Seed\""]),
        ("a\u{1b}\n=7", &["\"a\\u{1b}\\n\""]),
        ("seed=7&seed=7", &["\"seed\" twice"]),
        ("zone=a&seed=1&zone=a", &["\"zone\" twice"]),
        ("seed=7&lesson=a", &["\"lesson\" beside \"seed\""]),
        ("lesson=a&zone=dma", &["\"zone\" beside \"lesson\""]),
        ("lesson=a&lesson=b", &["\"lesson\" twice"]),
        ("script=cHM&seed=1", &["\"seed\" beside \"script\""]),
        (
            "script=a+b",
            &["the link, script", "expected the code of a script"],
        ),
        (
            "script=",
            &["the link, script", "expected a script of one at least"],
        ),
        ("lesson=a&replay=b", &["\"replay\" beside \"lesson\""]),
        ("seed=", &["seed: found nothing", "from 0 to 999999999"]),
        (
            "seed=1000000000",
            &["seed", "1000000000", "from 0 to 999999999"],
        ),
        (
            "seed=99999999999999999999999",
            &["seed", "from 0 to 999999999"],
        ),
        ("seed=-1", &["seed", "\"-1\"", "from 0 to 999999999"]),
        ("seed=+1", &["seed", "\"+1\""]),
        ("seed=7.0", &["seed", "\"7.0\""]),
        ("seed=%", &["seed", "two hex digits"]),
        ("seed=%3", &["seed", "two hex digits"]),
        ("seed=%+1", &["seed", "two hex digits"]),
        ("seed=%é", &["seed", "two hex digits"]),
        ("zone=%ff", &["zone", "UTF-8"]),
        ("zone=", &["zone: found nothing", "the name of a zone"]),
        (
            "zone=the%20moon",
            &["zone", "\"the moon\"", "the name of a zone"],
        ),
        (&long, &["zone", "at most 64"]),
        (
            "lesson=..%2f",
            &["lesson", "\"../\"", "the name of a lesson"],
        ),
        ("replay=", &["replay", "at least"]),
        ("replay=abc=", &["replay", "character 4", "'='"]),
        (
            "replay=AQEDAQEDAQEDAQEDAQEDAQEDAQED",
            &["replay", "checksum"],
        ),
    ] {
        let error = Link::parse(fragment).expect_err(fragment);
        let said = error.to_string();
        assert!(said.starts_with("the link"), "{said}");
        assert!(
            said.contains("found") && said.contains("expected"),
            "{said}"
        );
        assert!(!said.contains(char::is_control), "{said:?}");
        assert!(said.chars().count() < 300, "{said}");
        for part in parts {
            assert!(said.contains(part), "{fragment}: {said:?} lacks {part:?}");
        }
    }
    let long = "z".repeat(MAX_FRAGMENT as usize + 1);
    let found = u64::from(MAX_FRAGMENT) + 1;
    assert_eq!(Link::parse(&long), Err(LinkError::TooLong { found }));
}

fn any_command() -> impl Strategy<Value = Command> {
    let dir = prop::sample::select(Dir::ALL.to_vec());
    prop_oneof![
        8 => dir.clone().prop_map(Command::Step),
        1 => Just(Command::Wait),
        1 => Just(Command::Grab),
        1 => Just(Command::Isolate),
        1 => Just(Command::Extract),
        1 => prop::option::of(dir).prop_map(Command::Clear),
        1 => (prop::sample::select(Item::ALL.to_vec()), any::<Option<u16>>())
            .prop_map(|(item, pid)| Command::Use(item, pid)),
        1 => (any::<u32>(), 0..32_u32).prop_map(|(pfn, shift)| Command::Free(pfn >> shift)),
    ]
}

/// A journal that no rules gave, for codes that are never replayed.
fn any_journal() -> impl Strategy<Value = Journal> {
    let layout = prop::option::of(prop::array::uniform11(any::<u64>()));
    let commands = prop::collection::vec(any_command(), 0..200);
    let kit = prop::sample::subsequence(Item::ALL.to_vec(), 0..=Item::ALL.len())
        .prop_map(|items| Loadout::of(items).expect("each once"));
    let several = "page_poison=1,nosmp,mem=8M,hugepages=300,watchdog_thresh=3";
    let several: Modifiers = several.parse().expect("modifiers");
    let modifiers = prop::sample::subsequence(several.list().to_vec(), 0..=5);
    let setup = ("[A-Za-z0-9_-]{1,64}", any::<u64>(), layout, kit, modifiers);
    (setup, commands, any::<u64>()).prop_map(
        |((zone, seed, layout, loadout, modifiers), commands, hash)| Journal {
            setup: Setup {
                zone,
                seed,
                layout,
                loadout,
                modifiers: Modifiers::of(modifiers).expect("each once"),
            },
            start: hash,
            turns: commands
                .into_iter()
                .map(|command| labyrinth::journal::Entry { command, hash })
                .collect(),
            end: None,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_journal_has_a_code_that_reads_back(journal in any_journal()) {
        let recording = Recording::of(&journal).expect("it has a code");
        let code = recording.to_string();
        prop_assert_eq!(Recording::parse(&code), Ok(recording));
        prop_assert!(code.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-' || c == b'_'));
    }

    #[test]
    fn no_changed_character_goes_unnoticed(journal in any_journal(), at in any::<prop::sample::Index>(), new in "[A-Za-z0-9_-]") {
        let code = code(&journal);
        let at = at.index(code.len());
        let changed = format!("{}{new}{}", &code[..at], &code[at + 1..]);
        prop_assert_eq!(Recording::parse(&changed).is_ok(), changed == code);
    }

    #[test]
    fn no_text_makes_reading_panic(text in "(replay=|seed=|zone=|kit=|lesson=|#)?([A-Za-z0-9_-]{0,60}|\\PC{0,40})") {
        let _ = Recording::parse(&text);
        let _ = Link::parse(&text);
    }

    #[test]
    fn a_fragment_that_is_read_is_written_back(parts in prop::collection::vec(("seed|zone|kit|lesson", "[a-z0-9%-]{1,4}"), 0..3)) {
        let parts: Vec<String> = parts.iter().map(|(key, value)| format!("{key}={value}")).collect();
        if let Ok(Some(link)) = Link::parse(&parts.join("&")) {
            prop_assert_eq!(Link::parse(&link.to_string()), Ok(Some(link)));
        }
    }
}

#[test]
fn the_bound_on_commands_is_above_any_watchdog() {
    for zone in &rules().zones {
        assert!(zone.watchdog < MAX_COMMANDS / 10, "{}", zone.name);
    }
}
