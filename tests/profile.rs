//! The profile and its keeper: what is written is read, and nothing that was kept is lost, whatever happens to it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use labyrinth::bot;
use labyrinth::journal::{Journal, Recording, resume};
use labyrinth::profile::{
    DAMAGED_KEY, FileShelf, ImportError, Keeper, MAX_CODES, MAX_PROFILE, MAX_RUNS, MODE_RAID,
    MemoryShelf, PROFILE_KEY, Profile, ProfileError, RAID_KEY, ReducedMotion, Run, Shelf,
    ShelfError, Unfinished,
};
use labyrinth::raid::{Outcome, RULES_VERSION, Raid, Rules, Setup};
use proptest::prelude::*;

fn rules() -> Arc<Rules> {
    Arc::new(Rules::shipped().expect("the shipped rules are sound"))
}

/// Lets a bot play at most so many turns.
fn play(seed: u64, turns: u32) -> (Journal, Raid) {
    let setup = Setup {
        zone: "dma".into(),
        seed,
        layout: None,
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

/// A shelf in memory that can be made to refuse.
#[derive(Debug, Clone, Default)]
struct Moody {
    shelf: MemoryShelf,
    reading: Arc<Mutex<Option<ShelfError>>>,
    writing: Arc<Mutex<Option<ShelfError>>>,
}

impl Moody {
    fn fail_reading(&self, error: Option<ShelfError>) {
        *self.reading.lock().expect("no panic") = error;
    }

    fn fail_writing(&self, error: Option<ShelfError>) {
        *self.writing.lock().expect("no panic") = error;
    }

    fn text(&self, key: &str) -> Option<String> {
        self.shelf.read(key).expect("memory answers")
    }
}

impl Shelf for Moody {
    fn read(&self, key: &str) -> Result<Option<String>, ShelfError> {
        match &*self.reading.lock().expect("no panic") {
            Some(error) => Err(error.clone()),
            None => self.shelf.read(key),
        }
    }

    fn write(&self, key: &str, text: &str) -> Result<(), ShelfError> {
        match &*self.writing.lock().expect("no panic") {
            Some(error) => Err(error.clone()),
            None => self.shelf.write(key, text),
        }
    }
}

/// A keeper that has nothing to tell.
fn opened(shelf: &(impl Shelf + Clone + 'static)) -> Keeper {
    let mut keeper = Keeper::open(shelf.clone());
    assert_eq!(keeper.news(), Vec::<String>::new());
    keeper
}

/// The one sentence a keeper has to tell, which says all of this.
fn told(keeper: &mut Keeper, parts: &[&str]) {
    let news = keeper.news();
    assert_eq!(news.len(), 1, "{news:?}");
    assert!(news[0].ends_with('.') && !news[0].contains(char::is_control));
    for part in parts {
        assert!(news[0].contains(part), "{:?} lacks {part:?}", news[0]);
    }
    assert!(keeper.news().is_empty(), "it is told once");
}

fn full() -> Option<ShelfError> {
    Some(ShelfError::Full("quota".into()))
}

fn denied() -> Option<ShelfError> {
    Some(ShelfError::Denied("private browsing".into()))
}

#[test]
fn a_raid_is_kept_while_it_is_played_and_counts_when_it_is_over() {
    let shelf = MemoryShelf::new();
    let (whole, end) = play(7, u32::MAX);
    let mut keeper = opened(&shelf);
    assert!(keeper.resume(rules()).is_none());
    keeper.raid_started("daily", &play(7, 0).0);
    let (journal, raid) = play(7, 12);
    keeper.turn_played(&journal);

    let mut keeper = opened(&shelf);
    let resumed = keeper.resume(rules()).expect("it goes on");
    assert_eq!(resumed.mode, "daily");
    assert_eq!(resumed.journal, journal);
    assert_eq!(resumed.raid.state_hash(), raid.state_hash());
    assert!(keeper.profile().runs().is_empty());
    keeper.raid_over(&whole, &outcome(&end));
    assert!(keeper.resume(rules()).is_none());

    let mut keeper = opened(&shelf);
    assert!(keeper.resume(rules()).is_none());
    let [run] = keeper.profile().runs() else {
        panic!("{:?}", keeper.profile().runs());
    };
    let seen = (run.zone.as_str(), run.seed, run.mode.as_str(), run.rules);
    assert_eq!(seen, ("dma", 7, "daily", RULES_VERSION));
    assert_eq!(
        (run.outcome.as_str(), run.pages),
        (outcome(&end).word(), outcome(&end).pages())
    );
    assert_eq!(run.turns as usize, whole.turns.len());
    let code = run.code.as_deref().expect("the last runs have a code");
    let (again, _) = Recording::parse(code)
        .and_then(|recording| recording.replay(rules()))
        .expect("it replays");
    assert_eq!(again, whole);
    assert_eq!(shelf.keys(), [PROFILE_KEY]);
}

#[test]
fn a_raid_that_was_over_when_the_game_was_closed_counts() {
    let shelf = MemoryShelf::new();
    let (whole, end) = play(7, u32::MAX);
    opened(&shelf).raid_started("daily", &whole);
    let mut keeper = opened(&shelf);
    assert!(keeper.resume(rules()).is_none());
    assert_eq!(keeper.profile().runs()[0].outcome, outcome(&end).word());
    assert_eq!(keeper.profile().runs()[0].mode, "daily");
    assert!(opened(&shelf).profile().unfinished.is_none());
}

#[test]
fn a_raid_that_cannot_go_on_is_set_aside_and_the_rest_stays() {
    let (journal, raid) = play(7, u32::MAX);
    let other_rules = journal.to_string().replacen("rules 1\n", "rules 0\n", 1);
    assert!(Journal::parse(&other_rules).is_err());
    let (journal_8, _) = play(8, 5);
    let other_seed = journal_8.to_string().replacen("seed 8", "seed 9", 1);
    let read = Journal::parse(&other_seed).expect("the text is sound");
    assert!(resume(rules(), &read).is_err());
    for (text, why) in [
        (other_rules, "line 2"),
        (other_seed, "line 5"),
        (String::new(), "line 1"),
    ] {
        let shelf = Moody::default();
        let mut keeper = opened(&shelf);
        keeper.raid_over(&journal, &outcome(&raid));
        let mut profile = keeper.profile().clone();
        let mut unfinished = Unfinished::new(MODE_RAID, &journal);
        unfinished.journal.clone_from(&text);
        profile.unfinished = Some(unfinished);
        keeper
            .import(&profile.to_string())
            .expect("it is a profile");

        shelf.fail_writing(full());
        let mut keeper = opened(&shelf);
        assert!(keeper.resume(rules()).is_none());
        told(
            &mut keeper,
            &["cannot go on", why, "expected", "full (quota)"],
        );
        assert_eq!(shelf.text(PROFILE_KEY), Some(profile.to_string()));

        shelf.fail_writing(None);
        assert!(keeper.resume(rules()).is_none());
        told(&mut keeper, &["cannot go on", why, RAID_KEY]);
        assert_eq!(shelf.text(RAID_KEY), Some(text));
        let kept = opened(&shelf);
        assert_eq!(kept.profile().unfinished, None);
        assert_eq!(kept.profile().runs().len(), 1);
    }
}

#[test]
fn settings_are_kept() {
    let shelf = MemoryShelf::new();
    let mut keeper = opened(&shelf);
    assert_eq!(
        keeper.profile().settings.reduced_motion,
        ReducedMotion::Auto
    );
    keeper.change_settings(|_| {});
    assert!(shelf.keys().is_empty(), "nothing was changed");
    keeper.change_settings(|settings| settings.reduced_motion = ReducedMotion::Off);
    let keeper = opened(&shelf);
    let motion = keeper.profile().settings.reduced_motion;
    assert_eq!(motion, ReducedMotion::Off);
    for (choice, with, without) in [
        (ReducedMotion::Auto, true, false),
        (ReducedMotion::On, true, true),
        (ReducedMotion::Off, false, false),
    ] {
        assert_eq!((choice.is_on(true), choice.is_on(false)), (with, without));
    }
}

/// A run of so many pages and turns.
fn run(zone: &str, pages: u32, turns: u32) -> Run {
    let (journal, raid) = play(7, u32::MAX);
    let mut run = Run::new(MODE_RAID, &journal, &outcome(&raid));
    run.zone = zone.into();
    (run.pages, run.turns) = (pages, turns);
    run
}

#[test]
fn the_best_run_of_a_zone_has_most_pages_and_then_fewest_turns() {
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
        (run.seed, run.pages) = (seed, pages);
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
    let text = r#"{"version":1,"settings":{"reduced_motion":"on","volume":7},"runs":[{"zone":"dma","seed":18446744073709551615,"mode":"raid","outcome":"null","pages":0,"turns":3,"rules":1,"medal":"gold"}],"stash":[1,{"a":null}]}"#;
    let mut profile = Profile::parse(text).expect("it is a profile");
    assert_eq!(profile.settings.reduced_motion, ReducedMotion::On);
    assert_eq!(profile.runs()[0].seed, u64::MAX);
    assert_eq!(profile.to_string(), text);
    profile.settings.reduced_motion = ReducedMotion::Auto;
    assert_eq!(profile.to_string(), text.replacen("\"on\"", "\"auto\"", 1));
    // All but the version may be missing.
    let least = Profile::parse("\n{ \"version\" : 1 }\n").expect("it is a profile");
    assert_eq!(least, Profile::default());
}

#[test]
fn what_is_no_profile_is_refused_with_its_place() {
    let run = r#"{"version":1,"runs":[{"zone":"dma","seed":7,"mode":"raid","outcome":"null","pages":0,"turns":3,"rules":1}]}"#;
    assert!(Profile::parse(run).is_ok());
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
        ("{\"version\":0}".into(), &["version 0", "version 1"]),
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
        (
            format!("{{\"version\":1,\"x\":{}", "[".repeat(100_000)),
            &["line 1", "recursion"],
        ),
        (format!("{run} {{}}"), &["line 1", "trailing"]),
    ] {
        let error = Profile::parse(&text).expect_err(&text);
        assert!(!matches!(error, ProfileError::Later { .. }), "{error}");
        let said = error.to_string();
        assert!(
            said.starts_with("the profile") && said.chars().count() < 400,
            "{said}"
        );
        assert!(!said.contains(char::is_control), "{said:?}");
        for part in parts {
            assert!(said.contains(part), "{text}: {said:?} lacks {part:?}");
        }
    }
    let long = " ".repeat(MAX_PROFILE as usize + 1);
    let found = u64::from(MAX_PROFILE) + 1;
    assert_eq!(Profile::parse(&long), Err(ProfileError::TooLong { found }));
}

#[test]
fn a_damaged_profile_is_kept_elsewhere_before_a_new_one_takes_its_place() {
    let shelf = Moody::default();
    let kept = |n: u32| match n {
        1 => DAMAGED_KEY.to_string(),
        n => format!("{DAMAGED_KEY}.{n}"),
    };
    for n in 1..=9 {
        let damaged = format!("{{\"version\":1,\"runs\":{n}}}");
        shelf.write(PROFILE_KEY, &damaged).expect("memory");
        let mut keeper = Keeper::open(shelf.clone());
        told(
            &mut keeper,
            &[
                "damaged",
                "line 1, column",
                "runs",
                &format!("\"{}\"", kept(n)),
            ],
        );
        assert_eq!(shelf.text(&kept(n)).as_ref(), Some(&damaged));
        keeper.raid_started(MODE_RAID, &play(n.into(), 0).0);
        assert!(keeper.news().is_empty());
        let text = shelf.text(PROFILE_KEY).expect("a profile");
        assert_eq!(Profile::parse(&text).as_ref(), Ok(keeper.profile()));
        assert_eq!(shelf.text(&kept(n)), Some(damaged));
    }
    // There is no end of them: nothing is written over any more.
    shelf.write(PROFILE_KEY, "damaged").expect("memory");
    let mut keeper = Keeper::open(shelf.clone());
    told(
        &mut keeper,
        &["Nothing is kept", "line 1", "take them away"],
    );
    keeper.turn_played(&play(7, 3).0);
    assert!(keeper.news().is_empty());
    assert!(keeper.import("{\"version\":1}").is_err());
    assert_eq!(shelf.text(PROFILE_KEY).as_deref(), Some("damaged"));
}

#[test]
fn a_damaged_profile_without_room_beside_it_stays_where_it_is() {
    let shelf = Moody::default();
    shelf.write(PROFILE_KEY, "damaged").expect("memory");
    shelf.fail_writing(full());
    let mut keeper = Keeper::open(shelf.clone());
    told(&mut keeper, &["Nothing is kept", "full (quota)"]);
    let (journal, _) = play(7, 3);
    keeper.turn_played(&journal);
    assert!(keeper.news().is_empty(), "it is told once");
    assert_eq!(shelf.text(PROFILE_KEY).as_deref(), Some("damaged"));
    // There is room again.
    shelf.fail_writing(None);
    keeper.turn_played(&journal);
    told(&mut keeper, &["damaged", DAMAGED_KEY]);
    assert_eq!(shelf.text(DAMAGED_KEY).as_deref(), Some("damaged"));
    assert_eq!(opened(&shelf).profile(), keeper.profile());
}

#[test]
fn the_profile_of_a_newer_build_is_left_as_it_is() {
    let shelf = Moody::default();
    let later = "{\"version\":2,\"runs\":\"elsewhere\"}";
    shelf.write(PROFILE_KEY, later).expect("memory");
    let mut keeper = Keeper::open(shelf.clone());
    told(
        &mut keeper,
        &[
            "Nothing is kept",
            "version 2",
            "expected version 1",
            "left as it is",
        ],
    );
    let (journal, raid) = play(7, u32::MAX);
    keeper.turn_played(&journal);
    keeper.raid_over(&journal, &outcome(&raid));
    assert_eq!(keeper.profile().runs().len(), 1, "the game goes on");
    assert_eq!(keeper.import("{\"version\":1}"), Err(ImportError::Later));
    assert_eq!(shelf.text(PROFILE_KEY).as_deref(), Some(later));
    assert_eq!(shelf.shelf.keys(), [PROFILE_KEY]);
    assert!(keeper.news().is_empty());
    // It also may come while this build runs.
    let shelf = Moody::default();
    let mut keeper = opened(&shelf);
    keeper.turn_played(&play(7, 3).0);
    shelf.write(PROFILE_KEY, later).expect("memory");
    keeper.turn_played(&play(7, 4).0);
    told(&mut keeper, &["Nothing is kept", "version 2"]);
    assert_eq!(shelf.text(PROFILE_KEY).as_deref(), Some(later));
}

#[test]
fn a_shelf_that_refuses_is_told_of_once_and_tried_again() {
    let (journal, raid) = play(7, u32::MAX);
    for error in [full(), denied()] {
        let why = error.as_ref().map(ToString::to_string).expect("an error");
        let shelf = Moody::default();
        shelf.fail_writing(error);
        let mut keeper = opened(&shelf);
        for _ in 0..3 {
            keeper.raid_over(&journal, &outcome(&raid));
        }
        told(&mut keeper, &["Nothing is kept", &why]);
        assert_eq!(keeper.profile().runs().len(), 3);
        shelf.fail_writing(None);
        keeper.save();
        assert_eq!(opened(&shelf).profile(), keeper.profile());
        // When it refuses again, that is news again.
        shelf.fail_writing(denied());
        keeper.raid_over(&journal, &outcome(&raid));
        told(
            &mut keeper,
            &["Nothing is kept", "denied (private browsing)"],
        );
    }
}

#[test]
fn a_profile_that_could_not_be_read_at_first_is_not_lost() {
    let shelf = Moody::default();
    let (journal, raid) = play(7, u32::MAX);
    let mut before = opened(&shelf);
    before.change_settings(|settings| settings.reduced_motion = ReducedMotion::On);
    before.raid_over(&journal, &outcome(&raid));

    shelf.fail_reading(denied());
    let mut keeper = Keeper::open(shelf.clone());
    told(&mut keeper, &["Nothing is kept", "denied"]);
    let (other, end) = play(8, u32::MAX);
    keeper.raid_over(&other, &outcome(&end));
    assert!(keeper.import("{\"version\":1}").is_err());
    assert_eq!(shelf.text(PROFILE_KEY), Some(before.export()));
    shelf.fail_reading(None);
    keeper.save();
    let seeds: Vec<u64> = keeper.profile().runs().iter().map(|run| run.seed).collect();
    assert_eq!(seeds, [7, 8]);
    assert_eq!(keeper.profile().settings.reduced_motion, ReducedMotion::On);
    assert_eq!(opened(&shelf).profile(), keeper.profile());
}

#[test]
fn two_instances_keep_each_others_runs() {
    let shelf = MemoryShelf::new();
    let (mut one, mut two) = (opened(&shelf), opened(&shelf));
    let raids: Vec<(Journal, Raid)> = (1..=4).map(|seed| play(seed, u32::MAX)).collect();
    for (i, (journal, raid)) in raids.iter().enumerate() {
        let keeper = if i % 2 == 0 { &mut one } else { &mut two };
        keeper.raid_over(journal, &outcome(raid));
    }
    one.change_settings(|settings| settings.reduced_motion = ReducedMotion::On);
    let (journal, _) = play(9, 4);
    two.turn_played(&journal);
    one.save();
    assert_eq!(one.profile(), two.profile());
    let read = opened(&shelf);
    assert_eq!(read.profile(), one.profile());
    let seeds: Vec<u64> = read.profile().runs().iter().map(|run| run.seed).collect();
    assert_eq!(seeds, [1, 2, 3, 4]);
    assert_eq!(read.profile().settings.reduced_motion, ReducedMotion::On);
    let raid = read.profile().unfinished.as_ref().expect("a raid");
    assert_eq!(raid.journal, journal.to_string());
}

#[test]
fn a_profile_moves_by_export_and_import() {
    let (here, there) = (Moody::default(), Moody::default());
    let (journal, raid) = play(7, u32::MAX);
    let mut from = opened(&here);
    from.raid_over(&journal, &outcome(&raid));
    from.turn_played(&play(8, 5).0);
    let text = from.export();

    let mut to = opened(&there);
    to.change_settings(|settings| settings.reduced_motion = ReducedMotion::On);
    let before = to.profile().clone();
    let error = to
        .import(&text[..text.len() - 9])
        .expect_err("it is cut short");
    assert!(
        matches!(error, ImportError::Profile(ProfileError::Damaged { .. })),
        "{error}"
    );
    there.fail_writing(full());
    assert!(matches!(to.import(&text), Err(ImportError::Shelf(_))));
    assert_eq!(to.profile(), &before);
    there.fail_writing(None);
    assert_eq!(to.import(&text), Ok(()));
    assert_eq!(to.profile(), from.profile());
    assert_eq!(opened(&there).profile(), from.profile());
    assert!(opened(&there).resume(rules()).is_some());
}

/// A folder for one test's files, not there at its start.
fn folder(test: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("profile")
        .join(test);
    let _ = fs::remove_dir_all(&path);
    path
}

fn names(folder: &Path) -> BTreeSet<String> {
    fs::read_dir(folder)
        .expect("the folder is there")
        .map(|entry| entry.expect("a file").file_name().to_string_lossy().into())
        .collect()
}

#[test]
fn a_folder_keeps_a_profile_and_what_was_damaged_byte_for_byte() {
    let folder = folder("kept").join("deep");
    let shelf = FileShelf::new(&folder);
    let mut keeper = opened(&shelf);
    assert!(!folder.exists(), "reading makes no folder");
    keeper.turn_played(&play(7, 3).0);
    assert_eq!(names(&folder), BTreeSet::from([PROFILE_KEY.to_string()]));
    assert_eq!(opened(&shelf).profile(), keeper.profile());

    for (n, bytes) in [(1, &b"{\"version\":1"[..]), (2, b"\xff\xfe\x00")] {
        fs::write(folder.join(PROFILE_KEY), bytes).expect("written");
        let mut keeper = Keeper::open(shelf.clone());
        let key = [DAMAGED_KEY.to_string(), format!("{DAMAGED_KEY}.{n}")][n - 1].clone();
        told(&mut keeper, &["damaged", "line 1", &format!("\"{key}\"")]);
        assert_eq!(fs::read(folder.join(key)).expect("it is kept"), bytes);
        keeper.turn_played(&play(7, 3).0);
        opened(&shelf);
    }
    assert_eq!(names(&folder).len(), 3, "{:?}", names(&folder));
}

#[test]
fn a_folder_that_cannot_be_is_told_of() {
    let folder = folder("file");
    fs::create_dir_all(folder.parent().expect("a parent")).expect("made");
    fs::write(&folder, "a file").expect("written");
    let mut keeper = Keeper::open(FileShelf::new(folder.join("inside")));
    keeper.turn_played(&play(7, 3).0);
    let name = folder.display().to_string();
    told(&mut keeper, &["Nothing is kept", &name]);
    assert_eq!(fs::read_to_string(&folder).expect("it is there"), "a file");
    fs::remove_file(&folder).expect("removed");
    keeper.turn_played(&play(7, 4).0);
    assert!(keeper.news().is_empty());
    assert!(folder.join("inside").join(PROFILE_KEY).is_file());
}

#[test]
fn many_at_once_do_not_corrupt_a_folder() {
    let folder = folder("many");
    let shelf = FileShelf::new(&folder);
    let (journal, raid) = play(7, u32::MAX);
    let outcome = outcome(&raid);
    std::thread::scope(|scope| {
        for i in 0..4_u64 {
            let (shelf, mut journal, outcome) = (shelf.clone(), journal.clone(), &outcome);
            scope.spawn(move || {
                let mut keeper = Keeper::open(shelf);
                for n in 0..25 {
                    journal.setup.seed = 100 * i + n;
                    keeper.raid_over(&journal, outcome);
                    assert_eq!(keeper.news(), Vec::<String>::new());
                }
            });
        }
    });
    let keeper = opened(&shelf);
    assert!(keeper.profile().runs().len() >= 25);
    assert_eq!(names(&folder), BTreeSet::from([PROFILE_KEY.to_string()]));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn no_text_makes_reading_panic_and_what_is_read_is_written(text in r#"\{"version": ?1(,"(settings|runs|unfinished|x)":(\{"(mode|zone|reduced_motion)":"(auto|on)"\}|\[\{?\}?\]|[0-9]{1,3}|null)){0,3}\}"#, cut in any::<prop::sample::Index>(), new in "[ -~\n]?") {
        let at = cut.index(text.len());
        for text in [text.clone(), format!("{}{new}{}", &text[..at], &text[at + 1..]), text[..at].into()] {
            if let Ok(profile) = Profile::parse(&text) {
                prop_assert_eq!(Profile::parse(&profile.to_string()), Ok(profile));
            }
        }
    }
}
