//! Holds the profile while the game runs, and never lets a good one on the shelf be lost.

use std::collections::BTreeSet;
use std::mem;
use std::sync::Arc;

use super::home::{BuyError, Change};
use super::shelf::{Shelf, ShelfError};
use super::{MODE_RAID, Profile, ProfileError, Run, Settings, Unfinished};
use crate::journal::{self, Journal};
use crate::mm::Order;
use crate::raid::{Outcome, Raid, Rules};

/// The key of the profile.
pub const PROFILE_KEY: &str = "profile";

/// The key of a profile that could not be read; further ones have `.2` to `.9` behind it.
pub const DAMAGED_KEY: &str = "profile.damaged";

/// The key of the last unfinished raid that could not be resumed: its journal.
pub const RAID_KEY: &str = "raid.damaged";

/// How many damaged profiles are kept.
const DAMAGED: u32 = 9;

/// A raid that goes on where it was left.
#[derive(Debug)]
pub struct Resumed {
    /// How it was begun.
    pub mode: String,
    /// Its journal so far.
    pub journal: Journal,
    /// The raid.
    pub raid: Raid,
}

/// Why a profile was not taken; one sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// It is none.
    #[error(transparent)]
    Profile(#[from] ProfileError),
    /// It could not be kept.
    #[error("the profile cannot be kept: {0}")]
    Shelf(#[from] ShelfError),
    /// What is there must not be replaced.
    #[error("the profile here is of a newer build of the game and is left as it is")]
    Later,
    /// It has nothing in it, and what is here is not to be lost for that.
    #[error(
        "the profile: found no settings, raids or stash in it, expected what the game exported"
    )]
    Nothing,
}

/// What was changed since the shelf had it last.
#[derive(Debug, Default)]
struct Changes {
    settings: bool,
    unfinished: bool,
    /// So many of the last runs are new.
    runs: u32,
    /// What became different at home, in order.
    home: Vec<Change>,
    /// Lessons that were played.
    lessons: BTreeSet<String>,
}

/// What is lost with a raid: the items that were brought. Those of the basic kit are not among what is owned.
fn lost_with(journal: &Journal) -> Change {
    let items = journal.setup.loadout.items();
    Change::Lost {
        items: items.map(|item| item.name().into()).collect(),
    }
}

/// The profile while the game runs, and the way to its shelf.
///
/// - A damaged profile is kept under [`DAMAGED_KEY`] before a new one takes its place; where that fails, nothing is
///   written. A profile of a newer build is left as it is, and nothing is written.
/// - A shelf that refuses does no harm: the game goes on, one sentence says so, and every save tries again.
/// - Another instance of the game may write meanwhile. Its profile is taken in before ours is written: new runs are
///   added to its runs, and what was not changed here stays as the other one left it. Of two raids that are played at
///   the same time, the one with the last turn is the one to be resumed.
#[derive(Debug)]
pub struct Keeper {
    shelf: Box<dyn Shelf>,
    profile: Profile,
    changes: Changes,
    /// The text on the shelf that is taken in already, or set aside.
    known: Option<String>,
    /// The shelf has the profile of a newer build.
    later: bool,
    /// The shelf refused the last time.
    failing: bool,
    news: Vec<String>,
}

impl Keeper {
    /// Loads the profile; a new one if there is none that can be read. [`Self::news`] says what is amiss.
    pub fn open(shelf: impl Shelf + 'static) -> Self {
        let mut keeper = Self {
            shelf: Box::new(shelf),
            profile: Profile::default(),
            changes: Changes::default(),
            known: None,
            later: false,
            failing: false,
            news: Vec::new(),
        };
        let looked = keeper.look();
        keeper.note(looked);
        keeper
    }

    /// The profile as it is now.
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// A text that is kept beside the profile, if there is one under this key.
    ///
    /// # Errors
    ///
    /// If the shelf cannot tell.
    pub fn text(&self, key: &str) -> Result<Option<String>, ShelfError> {
        self.shelf.read(key)
    }

    /// Keeps a text beside the profile, in the place of what was under this key.
    ///
    /// # Errors
    ///
    /// If the shelf refuses.
    pub fn keep_text(&self, key: &str, text: &str) -> Result<(), ShelfError> {
        self.shelf.write(key, text)
    }

    /// Sentences for the player that were not asked for before: what could not be read or kept, and what became of it.
    pub fn news(&mut self) -> Vec<String> {
        mem::take(&mut self.news)
    }

    /// Changes settings, and saves if anything became different.
    pub fn change_settings(&mut self, change: impl FnOnce(&mut Settings)) {
        let before = self.profile.settings.clone();
        change(&mut self.profile.settings);
        if self.profile.settings != before {
            self.changes.settings = true;
            self.save();
        }
    }

    /// A raid has begun; it takes the place of an unfinished one, which is given up: the gear brought into that is lost.
    pub fn raid_started(&mut self, mode: &str, journal: &Journal) {
        self.give_up();
        self.unfinished(Some(Unfinished::new(mode, journal)));
        self.save();
    }

    /// A turn was played: the raid can be resumed from here.
    pub fn turn_played(&mut self, journal: &Journal) {
        let mode = self.mode();
        self.unfinished(Some(Unfinished::new(&mode, journal)));
        self.save();
    }

    /// The raid is over: it counts from now on, and there is nothing left to resume.
    pub fn raid_over(&mut self, journal: &Journal, outcome: &Outcome) {
        let run = Run::new(&self.mode(), journal, outcome);
        self.profile.add(run);
        self.changes.runs += 1;
        self.bring_home(journal, outcome);
        self.unfinished(None);
        self.save();
    }

    /// Buys an item that costs one block of this order; `None` is the price of what everybody owns.
    ///
    /// # Errors
    ///
    /// If it cannot be bought; nothing changes then.
    pub fn buy(&mut self, item: &str, price: Option<Order>) -> Result<(), BuyError> {
        let item = item.to_string();
        let Some(price) = price else {
            return Err(BuyError::Basic { item });
        };
        self.change_home(Change::Bought { item, price })?;
        self.save();
        Ok(())
    }

    /// Keeps how a lesson was left, and that it is done if it is; what was done once stays done.
    pub fn lesson_left(&mut self, id: &str, version: u32, done: bool, inputs: Vec<String>) {
        self.profile.learning.keep(id, version, done, inputs);
        self.changes.lessons.insert(id.to_owned());
        self.save();
    }

    /// Notes that a hint was given; false if it was before.
    pub fn tell_once(&mut self, hint: &str) -> bool {
        let new = self.profile.learning.tell(hint);
        if new {
            self.save();
        }
        new
    }

    /// Puts a line under those that are kept as a text of this name, if it is not there already.
    ///
    /// # Errors
    ///
    /// If the shelf refuses.
    pub fn keep_line(&mut self, name: &str, line: &str) -> Result<(), ShelfError> {
        let mut text = self.shelf.read(name)?.unwrap_or_default();
        if text.lines().any(|known| known == line) {
            return Ok(());
        }
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        text += line;
        text.push('\n');
        self.shelf.write(name, &text)
    }

    /// What was brought home from a raid that is over.
    fn bring_home(&mut self, journal: &Journal, outcome: &Outcome) {
        let change = match outcome {
            Outcome::Extracted { loot, .. } => Change::Brought {
                zone: journal.setup.zone.clone(),
                orders: loot.iter().map(|held| held.order).collect(),
            },
            Outcome::Dead(_) => lost_with(journal),
        };
        // Only buying can fail.
        let _ = self.change_home(change);
    }

    /// A raid that is given up is lost with the gear that was brought; one in which no turn was played is not.
    fn give_up(&mut self) {
        let unfinished = self.profile.unfinished.as_ref();
        let journal = unfinished.and_then(|raid| Journal::parse(&raid.journal).ok());
        if let Some(journal) = journal.filter(|journal| !journal.turns.is_empty()) {
            let _ = self.change_home(lost_with(&journal));
        }
    }

    fn change_home(&mut self, change: Change) -> Result<(), BuyError> {
        self.profile.home.make(&change)?;
        self.changes.home.push(change);
        Ok(())
    }

    /// The unfinished raid, played again up to its last turn. `None` if there is none that can go on.
    ///
    /// One that turns out to be over counts as such. One that the rules do not follow any more is kept under
    /// [`RAID_KEY`], and [`Self::news`] says why.
    pub fn resume(&mut self, rules: Arc<Rules>) -> Option<Resumed> {
        let Unfinished { mode, journal, .. } = self.profile.unfinished.clone()?;
        let text = journal;
        let played = Journal::parse(&text).and_then(|journal| {
            let raid = journal::resume(rules, &journal)?;
            Ok((journal, raid))
        });
        match played {
            Ok((journal, raid)) => match raid.outcome() {
                None => Some(Resumed {
                    mode,
                    journal,
                    raid,
                }),
                Some(outcome) => {
                    self.raid_over(&journal, outcome);
                    None
                }
            },
            Err(error) => {
                let kept = self.shelf.write(RAID_KEY, &text);
                let then = match &kept {
                    Ok(()) => format!("Its journal is kept as \"{RAID_KEY}\"."),
                    Err(refused) => format!("Nor could its journal be kept elsewhere: {refused}."),
                };
                self.news
                    .push(format!("The unfinished raid cannot go on: {error}. {then}"));
                if kept.is_ok() {
                    self.unfinished(None);
                    self.save();
                }
                None
            }
        }
    }

    /// The profile as a text, to be taken elsewhere.
    pub fn export(&self) -> String {
        self.profile.to_string()
    }

    /// Puts a profile that was exported in the place of this one.
    ///
    /// # Errors
    ///
    /// If it is no profile of this build, or cannot be kept; then everything stays as it was.
    pub fn import(&mut self, text: &str) -> Result<(), ImportError> {
        let profile = Profile::parse(text)?;
        // What cannot be read there is not to be written over.
        self.look()?;
        if self.later {
            return Err(ImportError::Later);
        }
        if profile.is_blank() {
            return Err(ImportError::Nothing);
        }
        let text = profile.to_string();
        self.shelf.write(PROFILE_KEY, &text)?;
        self.profile = profile;
        self.changes = Changes::default();
        self.known = Some(text);
        Ok(())
    }

    /// Brings the profile to the shelf. If that fails, [`Self::news`] has a sentence, but not every time.
    pub fn save(&mut self) {
        let saved = self.try_save();
        self.note(saved);
    }

    fn try_save(&mut self) -> Result<(), ShelfError> {
        self.look()?;
        if self.later {
            return Ok(());
        }
        let text = self.profile.to_string();
        if self.known.as_ref() != Some(&text) {
            self.shelf.write(PROFILE_KEY, &text)?;
            self.known = Some(text);
        }
        self.changes = Changes::default();
        Ok(())
    }

    /// Reads what is on the shelf, and takes it in if it is new.
    fn look(&mut self) -> Result<(), ShelfError> {
        let text = match self.shelf.read(PROFILE_KEY) {
            Ok(Some(text)) => text,
            Ok(None) => {
                self.known = None;
                self.later = false;
                return Ok(());
            }
            Err(ShelfError::NoText(why)) => return self.set_aside(&why, None),
            Err(error) => return Err(error),
        };
        if self.known.as_ref() == Some(&text) {
            return Ok(());
        }
        let was_later = mem::take(&mut self.later);
        match Profile::parse(&text) {
            Ok(theirs) => {
                self.take_in(theirs);
                self.known = Some(text);
            }
            Err(error @ ProfileError::Later { .. }) => {
                self.later = true;
                if !was_later {
                    self.news.push(format!(
                        "Nothing is kept of what is played now: {error}, and is left as it is."
                    ));
                }
            }
            Err(error) => self.set_aside(&error.to_string(), Some(text))?,
        }
        Ok(())
    }

    /// Keeps what is on the shelf, and is no profile, under a key of its own.
    fn set_aside(&mut self, why: &str, text: Option<String>) -> Result<(), ShelfError> {
        let keys = (1..=DAMAGED).map(|n| match n {
            1 => DAMAGED_KEY.to_string(),
            n => format!("{DAMAGED_KEY}.{n}"),
        });
        for key in keys {
            if self.shelf.has(&key)? {
                continue;
            }
            self.shelf.set_aside(PROFILE_KEY, &key)?;
            self.known = text;
            self.news.push(format!(
                "What was kept is damaged, and lies now under \"{key}\": {why}. A new profile takes its place."
            ));
            return Ok(());
        }
        Err(ShelfError::Failed(format!(
            "{why}; and there are {DAMAGED} damaged profiles already, \"{DAMAGED_KEY}\" and so on: take them away"
        )))
    }

    /// Goes on from the profile of another instance, with what was changed in ours.
    fn take_in(&mut self, theirs: Profile) {
        let ours = mem::replace(&mut self.profile, theirs);
        if self.changes.settings {
            self.profile.settings = ours.settings;
        }
        if self.changes.unfinished {
            self.profile.unfinished = ours.unfinished;
        }
        let learning = &mut self.profile.learning;
        learning.take_in(&ours.learning, &self.changes.lessons);
        for change in &self.changes.home {
            // What was bought here may have been paid for with a block that the other instance has spent.
            let _ = self.profile.home.make(change);
        }
        let old = ours.runs.len().saturating_sub(self.changes.runs as usize);
        for run in ours.runs.into_iter().skip(old) {
            self.profile.add(run);
        }
    }

    fn note(&mut self, result: Result<(), ShelfError>) {
        match result {
            Ok(()) => self.failing = false,
            Err(error) if !self.failing => {
                self.failing = true;
                self.news.push(format!(
                    "Nothing is kept of what is played now: {error}. It is tried again as the game goes on."
                ));
            }
            Err(_) => {}
        }
    }

    fn unfinished(&mut self, raid: Option<Unfinished>) {
        self.profile.unfinished = raid;
        self.changes.unfinished = true;
    }

    fn mode(&self) -> String {
        let raid = self.profile.unfinished.as_ref();
        raid.map_or(MODE_RAID, |raid| &raid.mode).to_string()
    }
}
