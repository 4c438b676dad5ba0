//! The keeper on a shelf in memory that refuses, is damaged, is shared with others.

use std::sync::{Arc, Mutex};

use labyrinth::journal::{Journal, Recording, resume};
use labyrinth::profile::{
    DAMAGED_KEY, ImportError, Keeper, MODE_RAID, MemoryShelf, PROFILE_KEY, Profile, ProfileError,
    RAID_KEY, ReducedMotion, Shelf, ShelfError, Unfinished,
};
use labyrinth::raid::{RULES_VERSION, Raid};

use super::{outcome, play, rules};

/// A shelf in memory that can be made to refuse.
#[derive(Debug, Clone, Default)]
struct Moody {
    shelf: MemoryShelf,
    reading: Arc<Mutex<Option<ShelfError>>>,
    writing: Arc<Mutex<Option<ShelfError>>>,
}

impl Moody {
    fn fail_reading(&self, error: impl Into<Option<ShelfError>>) {
        *self.reading.lock().expect("no panic") = error.into();
    }

    fn fail_writing(&self, error: impl Into<Option<ShelfError>>) {
        *self.writing.lock().expect("no panic") = error.into();
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
pub(super) fn opened(shelf: &(impl Shelf + Clone + 'static)) -> Keeper {
    let mut keeper = Keeper::open(shelf.clone());
    assert_eq!(keeper.news(), Vec::<String>::new());
    keeper
}

/// The one sentence a keeper has to tell, which says all of this.
pub(super) fn told(keeper: &mut Keeper, parts: &[&str]) {
    let news = keeper.news();
    assert_eq!(news.len(), 1, "{news:?}");
    assert!(news[0].ends_with('.') && !news[0].contains(char::is_control));
    for part in parts {
        assert!(news[0].contains(part), "{:?} lacks {part:?}", news[0]);
    }
    assert!(keeper.news().is_empty(), "it is told once");
}

fn full() -> ShelfError {
    ShelfError::Full("quota".into())
}

fn denied() -> ShelfError {
    ShelfError::Denied("private browsing".into())
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
    let other_rules =
        journal
            .to_string()
            .replacen(&format!("rules {RULES_VERSION}\n"), "rules 0\n", 1);
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
    let later = "{\"version\":3,\"runs\":\"elsewhere\"}";
    shelf.write(PROFILE_KEY, later).expect("memory");
    let mut keeper = Keeper::open(shelf.clone());
    told(
        &mut keeper,
        &[
            "Nothing is kept",
            "version 3",
            "expected version 2",
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
    told(&mut keeper, &["Nothing is kept", "version 3"]);
    assert_eq!(shelf.text(PROFILE_KEY).as_deref(), Some(later));
}

#[test]
fn a_shelf_that_refuses_is_told_of_once_and_tried_again() {
    let (journal, raid) = play(7, u32::MAX);
    for error in [full(), denied()] {
        let why = error.to_string();
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
    for nothing in ["{\"version\":2}", "{\"version\":1,\"results\":[]}"] {
        assert_eq!(to.import(nothing), Err(ImportError::Nothing), "{nothing}");
    }
    assert_eq!(to.import(&text), Ok(()));
    assert_eq!(to.profile(), from.profile());
    assert_eq!(opened(&there).profile(), from.profile());
    assert!(opened(&there).resume(rules()).is_some());
}
