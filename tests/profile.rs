//! The profile and its keeper: what is written is read, and nothing that was kept is lost, whatever happens to it.

#[path = "profile/folder.rs"]
mod folder;
#[path = "profile/home.rs"]
mod home;
#[path = "profile/keeper.rs"]
mod keeper;
#[path = "profile/learned.rs"]
mod learned;
#[path = "profile/outfit.rs"]
mod outfit;

use std::sync::Arc;

use labyrinth::bot;
use labyrinth::journal::Journal;
use labyrinth::profile::{
    MAX_CODES, MAX_PROFILE, MAX_RUNS, MODE_RAID, Profile, ProfileError, ReducedMotion, Run,
};
use labyrinth::raid::{Outcome, Raid, Rules, Setup};
use proptest::prelude::*;

fn rules() -> Arc<Rules> {
    Arc::new(Rules::shipped().expect("the shipped rules are sound"))
}

/// Lets a bot play at most so many turns.
fn play(seed: u64, turns: u32) -> (Journal, Raid) {
    let setup = Setup {
        zone: "dma".into(),
        seed,
        ..Setup::default()
    };
    let mut raid = Raid::new(rules(), setup).expect("the setup is sound");
    let mut bot = bot::by_name("greedy", seed).expect("the bot exists");
    let mut journal = Journal::begin(&raid);
    while raid.outcome().is_none() && raid.turn() < turns {
        let (command, _) = bot::play_turn(bot.as_mut(), &mut raid);
        journal.record(command, &raid);
    }
    (journal, raid)
}

fn outcome(raid: &Raid) -> Outcome {
    raid.outcome().expect("it is over").clone()
}

/// A run of so many pages and turns.
fn run(zone: &str, pages: u32, turns: u32) -> Run {
    let (journal, raid) = play(7, u32::MAX);
    let mut run = Run::new(MODE_RAID, &journal, &outcome(&raid));
    run.zone = zone.into();
    (run.pages, run.score, run.turns) = (pages, Some(2 * pages), turns);
    run
}

#[test]
fn the_best_run_of_a_zone_has_the_highest_score_and_then_fewest_turns() {
    let mut profile = Profile::default();
    let (empty, less, long, short) = (
        run("dma", 0, 1),
        run("dma", 8, 10),
        run("dma", 9, 300),
        run("dma", 9, 200),
    );
    let other = run("normal", 99, 500);
    assert_eq!(profile.best("dma"), None);
    for (run, best) in [
        (&empty, None),
        (&less, Some(&less)),
        (&long, Some(&long)),
        (&other, Some(&long)),
        (&short, Some(&short)),
        (&long, Some(&short)),
        (&less, Some(&short)),
    ] {
        profile.add(run.clone());
        assert_eq!(profile.best("dma"), best);
    }
    assert_eq!(profile.best("normal"), Some(&other));
    assert_eq!(profile.best("high"), None);
}

#[test]
fn of_too_many_runs_the_oldest_goes_but_no_best_and_old_codes_go_first() {
    let base = run("dma", 5, 0);
    let with = |seed: u64, pages: u32| {
        let mut run = base.clone();
        (run.seed, run.pages, run.score) = (seed, pages, Some(pages));
        run
    };
    let mut profile = Profile::default();
    profile.add(with(0, 50));
    for seed in 1..=u64::from(MAX_RUNS) + 10 {
        profile.add(with(seed, 5));
    }
    let seeds: Vec<u64> = profile.runs().iter().map(|run| run.seed).collect();
    assert_eq!(seeds.len() as u32, MAX_RUNS);
    assert_eq!(
        seeds[..3],
        [0, 12, 13],
        "the best is kept, the oldest others are not"
    );
    assert_eq!(seeds.last(), Some(&(u64::from(MAX_RUNS) + 10)));
    assert_eq!(profile.best("dma").map(|run| run.seed), Some(0));
    let codes: Vec<bool> = profile
        .runs()
        .iter()
        .rev()
        .map(|run| run.code.is_some())
        .collect();
    assert!(codes[..MAX_CODES as usize].iter().all(|&has| has));
    assert!(!codes[MAX_CODES as usize..].contains(&true));

    // A text with more of them is cut down as it is read.
    let text = profile.to_string();
    let at = text.find("{\"zone\"").expect("a run");
    let end = at + text[at..].find('}').expect("its end") + 1;
    let more = format!("{}{},{}", &text[..at], &text[at..end], &text[at..]);
    let read = Profile::parse(&more).expect("it is a profile");
    assert_eq!(read.runs().len() as u32, MAX_RUNS);
    assert_eq!(Profile::parse(&text).as_ref(), Ok(&profile));
}

#[test]
fn fields_of_later_builds_are_kept() {
    let text = r#"{"version":2,"settings":{"reduced_motion":"on","volume":7},"runs":[{"zone":"dma","seed":18446744073709551615,"mode":"raid","outcome":"null","pages":0,"turns":3,"rules":1,"medal":"gold"}],"stash":[1,{"a":null}]}"#;
    let mut profile = Profile::parse(text).expect("it is a profile");
    assert_eq!(profile.settings.reduced_motion, ReducedMotion::On);
    assert_eq!(profile.runs()[0].seed, u64::MAX);
    // Settings are written whole; what is not of this build stands where it stood.
    let written = profile.to_string();
    let json =
        |text: &str| -> serde_json::Value { serde_json::from_str(text).expect("it is JSON") };
    let (kept, given) = (json(&written), json(text));
    for part in ["version", "runs", "stash"] {
        assert_eq!(kept[part], given[part], "{part}");
    }
    assert_eq!(kept["settings"]["reduced_motion"], "on");
    assert_eq!(kept["settings"]["volume"], 7);
    assert_eq!(Profile::parse(&written).as_ref(), Ok(&profile));
    profile.settings.reduced_motion = ReducedMotion::Auto;
    assert_eq!(
        profile.to_string(),
        written.replacen("\"on\"", "\"auto\"", 1)
    );
    // All but the version may be missing.
    let least = Profile::parse("\n{ \"version\" : 1 }\n").expect("it is a profile");
    assert_eq!(least, Profile::default());
}

#[test]
fn what_is_no_profile_is_refused_with_its_place() {
    let run = r#"{"version":1,"runs":[{"zone":"dma","seed":7,"mode":"raid","outcome":"null","pages":0,"turns":3,"rules":1}]}"#;
    assert!(Profile::parse(run).is_ok());
    let deep = 100_000;
    let nested = format!(
        "{{\"version\":1,\"x\":{}{}}}",
        "[".repeat(deep),
        "]".repeat(deep)
    );
    for (text, parts) in [
        (
            String::new(),
            &["line 1, column 0", "the end of the text"][..],
        ),
        (
            "{\"version\":1".into(),
            &["line 1, column 12", "the end of the text"],
        ),
        (
            "{\"version\":1,\n \"runs\":[}".into(),
            &["line 2, column", "runs[0]"],
        ),
        ("[remote]".into(), &["line 1", "no JSON"]),
        ("\u{1b}[31m".into(), &["line 1", "no JSON"]),
        ("{}".into(), &["version"]),
        ("[]".into(), &["line 1"]),
        (
            "{\"version\":\"one\"}".into(),
            &["version", "\"one\"", "expected u64"],
        ),
        (
            "{\"version\":-1}".into(),
            &["version", "-1", "expected u64"],
        ),
        ("{\"version\":0}".into(), &["version 0", "version 2"]),
        (
            "{\"version\":1,\"settings\":{\"reduced_motion\":\"\u{9b}maybe\"}}".into(),
            &[
                "settings.reduced_motion",
                "maybe",
                "expected one of",
                "auto",
            ],
        ),
        (
            "{\"version\":1,\"settings\":7}".into(),
            &["settings", "7", "expected"],
        ),
        (
            "{\"version\":1,\"unfinished\":{\"mode\":\"raid\"}}".into(),
            &["unfinished", "journal"],
        ),
        (
            "{\"version\":1,\"runs\":[],\"runs\":[]}".into(),
            &["duplicate", "runs"],
        ),
        (
            run.replace("\"dma\"", "\"the moon\""),
            &["runs[0].zone", "\"the moon\"", "expected a name"],
        ),
        (
            run.replace("\"raid\"", "\"\""),
            &["runs[0].mode", "expected a name"],
        ),
        (
            run.replace("\"seed\":7", "\"seed\":7.5"),
            &["runs[0].seed", "7.5", "expected u64"],
        ),
        (
            run.replace("\"pages\":0", "\"pages\":4294967296"),
            &["runs[0].pages", "4294967296", "expected u32"],
        ),
        (run.replace("\"turns\":3,", ""), &["runs[0]", "turns"]),
        (nested, &["line 1", "recursion"]),
        (format!("{run} {{}}"), &["line 1", "trailing"]),
    ] {
        let error = Profile::parse(&text).expect_err("it is no profile");
        assert!(!matches!(error, ProfileError::Later { .. }), "{error}");
        let said = error.to_string();
        assert!(
            said.starts_with("the profile") && said.chars().count() < 400,
            "{said}"
        );
        assert!(!said.contains(char::is_control), "{said:?}");
        for part in parts {
            assert!(said.contains(part), "{said:?} lacks {part:?}");
        }
    }
    let long = " ".repeat(MAX_PROFILE as usize + 1);
    let found = u64::from(MAX_PROFILE) + 1;
    assert_eq!(Profile::parse(&long), Err(ProfileError::TooLong { found }));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn no_text_makes_reading_panic_and_what_is_read_is_written(text in r#"\{"version": ?[12](,"(settings|runs|unfinished|home|x)":(\{"(mode|zone|reduced_motion)":"(auto|on)"\}|\[\{?\}?\]|[0-9]{1,3}|null)){0,3}\}"#, cut in any::<prop::sample::Index>(), new in "[ -~\n]?") {
        let at = cut.index(text.len());
        for text in [text.clone(), format!("{}{new}{}", &text[..at], &text[at + 1..]), text[..at].into()] {
            if let Ok(profile) = Profile::parse(&text) {
                prop_assert_eq!(Profile::parse(&profile.to_string()), Ok(profile));
            }
        }
    }
}
