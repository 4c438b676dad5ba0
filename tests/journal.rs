//! Journals of bots' raids: written, read, replayed, and refused when anything in them is changed.

use std::sync::Arc;

use labyrinth::bot;
use labyrinth::journal::{Journal, JournalError, replay, resume};
use labyrinth::raid::{Command, Raid, Rules, Setup};
use proptest::prelude::*;

fn rules() -> Arc<Rules> {
    Arc::new(Rules::shipped().expect("the shipped rules are sound"))
}

/// Lets a bot play at most so many turns; the journal, and the raid as it stands then.
fn play(seed: u64, layout: Option<[u64; 11]>, name: &str, turns: u32) -> (Journal, Raid) {
    let setup = Setup {
        zone: "dma".into(),
        seed,
        layout,
        ..Setup::default()
    };
    let mut raid = Raid::new(rules(), setup).expect("the setup is sound");
    let mut bot = bot::by_name(name, seed).expect("the bot exists");
    let mut journal = Journal::begin(&raid);
    while raid.outcome().is_none() && raid.turn() < turns {
        let (command, _) = bot::play_turn(bot.as_mut(), &mut raid);
        journal.record(command, &raid);
    }
    (journal, raid)
}

const LAYOUT: [u64; 11] = [214, 145, 132, 107, 96, 90, 77, 64, 53, 46, 699];

/// What is wrong with a text, as reading or as replaying it says.
fn fault(text: &str) -> Option<JournalError> {
    match Journal::parse(text) {
        Err(error) => Some(error),
        Ok(journal) => replay(rules(), &journal).err(),
    }
}

#[test]
fn a_raid_replays_to_the_same_state() {
    for (seed, layout, bot) in [
        (1, None, "greedy"),
        (2, None, "careful"),
        (3, Some(LAYOUT), "novice"),
    ] {
        let (journal, raid) = play(seed, layout, bot, u32::MAX);
        let text = journal.to_string();
        let read = Journal::parse(&text).expect("what is printed can be read");
        assert_eq!(read, journal);
        assert_eq!(read.to_string(), text);

        let again = replay(rules(), &read).expect("a journal replays");
        assert_eq!(again.state_hash(), raid.state_hash());
        assert_eq!(again.outcome(), raid.outcome());
        assert_eq!(again.view(), raid.view());
        assert_eq!(journal.turns.len() as u32, raid.turn());
        let end = journal.end.expect("the raid is over");
        assert_eq!(end.hash, raid.state_hash());
        assert_eq!(
            Some((end.word.as_str(), end.pages)),
            raid.outcome().map(|o| (o.word(), o.pages()))
        );
    }
}

#[test]
fn a_raid_that_goes_on_can_be_resumed_but_is_not_a_whole_journal() {
    let (journal, raid) = play(4, None, "careful", 15);
    assert_eq!(journal.end, None);
    let read: Journal = journal
        .to_string()
        .parse()
        .expect("what is printed can be read");
    let again = resume(rules(), &read).expect("it can be played on");
    assert_eq!(again.state_hash(), raid.state_hash());
    assert_eq!(again.view(), raid.view());
    let error = replay(rules(), &read).expect_err("it has no end");
    assert_eq!(error.line, 5 + 15 + 1);
    assert!(error.to_string().contains("cut short"), "{error}");
}

#[test]
fn other_line_ends_and_blank_space_at_the_end_are_no_harm() {
    let (journal, _) = play(4, Some(LAYOUT), "careful", 5);
    let text = journal.to_string();
    for same in [
        text.replace('\n', "\r\n"),
        text.trim_end().into(),
        format!("{text}\n \r\n"),
    ] {
        assert_eq!(Journal::parse(&same), Ok(journal.clone()));
    }
}

#[test]
fn each_wrong_line_is_named_with_what_was_expected() {
    let (journal, _) = play(1, Some(LAYOUT), "greedy", u32::MAX);
    let text = journal.to_string();
    let lines: Vec<&str> = text.lines().collect();
    let last = lines.len();
    let with = |line: usize, new: &str| {
        let mut lines = lines.clone();
        lines[line - 1] = new;
        lines.join("\n")
    };
    let wrong_end = lines[last - 1].replace("end ", "end of ");
    let hash = lines[last - 1].rsplit(' ').next().expect("a hash");
    let other_end = if lines[last - 1].contains("minotaur") {
        "watchdog"
    } else {
        "minotaur"
    };
    let other_end = format!("end {other_end} 0 {hash}");
    let other_pages = format!("end extracted 4095 {hash}");
    for (line, new, expected) in [
        (1, "", "labyrinth journal"),
        (1, "labyrinth journal 2", "labyrinth journal 1"),
        (1, "labyrinth journal 01", "labyrinth journal"),
        (1, "labyrinth journals 1", "labyrinth journal"),
        (2, "rules 999", "the version of this build"),
        (2, "rule 1", "rules"),
        (3, "zone", "the name of a zone"),
        (3, "zone the moon", "the name of a zone"),
        (3, "zone nowhere", "dma"),
        (4, "seed -1", "a whole number"),
        (4, "seed 18446744073709551616", "a whole number"),
        (4, "seed +1", "a whole number"),
        (5, "layout 1 2 3", "11 counts"),
        (5, "layout 1 2 3 4 5 6 7 8 9 10 11 12", "11 counts"),
        (5, "layout 1 2 3 4 5 6 7 8 9 10 eleven", "11 counts"),
        (5, "start 0123456789abcdef", "a command"),
        (6, "start 0123456789abcdef", "state hash"),
        (6, "start 0123456789abcde", "16 hex digits"),
        (6, "start 0123456789ABCDEF", "16 hex digits"),
        (7, "jump 0123456789abcdef", "a command"),
        (7, "n", "16 hex digits"),
        (7, ". 0123456789abcdef", "expected"),
        (
            7,
            "f0xfff 0123456789abcdef",
            "a command the rules allow there",
        ),
        (last - 1, "", "a command"),
        (
            last,
            &wrong_end,
            "extracted empty null references minotaur watchdog",
        ),
        (last, &other_end, "\"end "),
        (last, &other_pages, "\"end "),
        (
            last,
            "end extracted 24 0123456789abcdef",
            "the state hash of the line before",
        ),
    ] {
        let error =
            fault(&with(line, new)).unwrap_or_else(|| panic!("line {line} as {new:?} is accepted"));
        let said = error.to_string();
        let named = if new.starts_with("start 0") && line == 5 {
            6
        } else {
            line
        };
        assert_eq!(error.line as usize, named, "{new:?}: {said}");
        assert!(said.contains(expected), "{new:?}: {said}");
        assert!(said.starts_with(&format!("line {named}: found ")), "{said}");
        assert!(!said.contains('\n'), "{said}");
    }
    let error = fault(&format!("{text}n 0123456789abcdef\n")).expect("there is more after the end");
    assert_eq!(error.line as usize, last + 1);
}

#[test]
fn every_turn_is_checked() {
    let (journal, _) = play(6, None, "greedy", u32::MAX);
    let turns = journal.turns.len();
    for index in (0..turns).step_by((turns / 12).max(1)) {
        let line = 6 + index as u32;

        let mut hash = journal.clone();
        hash.turns[index].hash ^= 1 << (index % 64);
        if index + 1 < turns {
            assert_eq!(fault(&hash.to_string()).map(|error| error.line), Some(line));
        }

        let mut command = journal.clone();
        command.turns[index].command = match command.turns[index].command {
            Command::Wait => Command::Grab,
            _ => Command::Wait,
        };
        assert_eq!(
            fault(&command.to_string()).map(|error| error.line),
            Some(line)
        );

        let mut missing = journal.clone();
        missing.turns.remove(index);
        assert_eq!(
            fault(&missing.to_string()).map(|error| error.line),
            Some(line)
        );

        let mut twice = journal.clone();
        twice.turns.insert(index, journal.turns[index]);
        assert_eq!(
            fault(&twice.to_string()).map(|error| error.line),
            Some(line + 1)
        );
    }
}

#[test]
fn a_journal_cut_anywhere_is_refused() {
    let (journal, _) = play(6, None, "novice", u32::MAX);
    let text = journal.to_string();
    let whole = text.trim_end().len();
    let start = text.find("start").expect("a start line");
    // Each replay costs some milliseconds: all places in the head, some in the turns, all in the end.
    for cut in (0..start + 60)
        .chain((start + 60..whole).step_by(97))
        .chain(whole - 45..whole)
    {
        let Ok(read) = Journal::parse(&text[..cut]) else {
            continue;
        };
        assert_eq!(read.end, None);
        let error = replay(rules(), &read).expect_err("there is no end");
        assert!(
            error.to_string().contains("the end of the journal"),
            "cut at {cut}: {error}"
        );
    }
}

/// The same journal gives the same states in every build and on every platform. When the rules have
/// changed so that it does not, raise `RULES_VERSION` and record them again: `make journals`.
#[test]
fn the_stored_journals_replay() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/journals");
    let mut endings = std::collections::BTreeSet::new();
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("the stored journals")
        .map(|entry| entry.expect("a file").path())
        .collect();
    files.sort();
    assert!(
        files.len() >= 30,
        "only {} journals are stored",
        files.len()
    );
    for file in files {
        let text = std::fs::read_to_string(&file).expect("a text file");
        let journal =
            Journal::parse(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let raid =
            replay(rules(), &journal).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        endings.insert(raid.outcome().expect("it has ended").word());
    }
    for ending in [
        "extracted",
        "empty",
        "null",
        "references",
        "minotaur",
        "watchdog",
    ] {
        assert!(endings.contains(ending), "no {ending} among {endings:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn no_text_makes_reading_panic(text in "(labyrinth journal 1\n(rules 2\n(zone [a-z]{1,4}\n(seed [0-9]{1,3}\n)?)?)?)?[ -~\n\r\u{e9}]{0,80}") {
        if let Err(error) = Journal::parse(&text) {
            prop_assert!(error.line >= 1 && error.line as usize <= text.lines().count() + 1);
            prop_assert!(!error.to_string().contains(['\n', '\r']));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_changed_character_goes_unnoticed(at in any::<prop::sample::Index>(), new in "[ -~\n]") {
        let (journal, _) = play(8, None, "careful", 6);
        let text = journal.to_string();
        let text = text.trim_end();
        let at = at.index(text.len());
        let changed = format!("{}{new}{}", &text[..at], &text[at + 1..]);
        let accepted = Journal::parse(&changed).ok().is_some_and(|read| resume(rules(), &read).is_ok());
        prop_assert_eq!(accepted, changed.trim_end() == text);
    }
}
