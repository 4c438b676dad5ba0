//! What is kept of a player from one day to the next: settings, the unfinished raid, the raids that are over, and what
//! was brought home from them.
//!
//! A [`Profile`] is one JSON text, for a file or a browser's storage, to be exported and taken elsewhere. A [`Keeper`]
//! holds it while the game runs and brings it to a [`Shelf`], which may be damaged, full or denied.
//!
//! ```json
//! {"version":2,
//!  "settings":{"reduced_motion":"auto"},
//!  "unfinished":{"mode":"raid","journal":"labyrinth journal 1\n..."},
//!  "home":{"stash":[{"order":3,"zone":"dma"}],"items":{"drop_caches":1},"progress":{"dma":{"extractions":1,"order":3}}},
//!  "learning":{"lessons":{"split":{"version":1,"done":true}},"told":["walk"]},
//!  "runs":[{"zone":"dma","seed":7,"mode":"raid","outcome":"extracted","pages":24,"score":48,"turns":301,"rules":2,"code":"AQEG..."}]}
//! ```
//!
//! All but the version may be missing. Fields that this build does not know are kept and written back: a later build
//! of the same version may add some. Whatever a build of this version could misread raises the version, and a profile
//! of a later version is refused and left as it is. One of version 1, which had no home, is taken in: its runs count
//! towards what opens zones.
//!
//! Only the text is checked here, not the rules: an unfinished raid is checked when it is resumed, since a profile
//! outlives the rules under which its raids were played.

mod error;
mod files;
mod home;
mod keeper;
mod learned;
mod outfit;
mod place;
mod runs;
mod shelf;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use crate::journal::{Journal, Recording, is_zone_name};
use crate::raid::{Outcome, RULES_VERSION, Rules, UnlockSpec};

pub use crate::settings::{ReducedMotion, Settings};
pub use error::ProfileError;
pub use files::{FileShelf, HOME_VARIABLE, default_folder};
pub use home::{Block, BuyError, Home, MAX_ITEMS, MAX_STASH, Progress};
pub use keeper::{DAMAGED_KEY, ImportError, Keeper, PROFILE_KEY, RAID_KEY, Resumed};
pub use learned::{Learned, Learning, MAX_LEARNED};
pub use outfit::{Chosen, Outfit};
pub use shelf::{MemoryShelf, Shelf, ShelfError};

/// Version of the profile.
pub const PROFILE_VERSION: u32 = 2;

/// Most runs that are kept.
pub const MAX_RUNS: u32 = 1000;

/// So many of the last runs have their replay code.
pub const MAX_CODES: u32 = 20;

/// Longest replay code that is kept, in characters: that of some hundred thousand turns.
pub const MAX_CODE: u32 = 1 << 16;

/// Longest profile that is read, in bytes.
pub const MAX_PROFILE: u32 = 8 << 20;

/// The mode of a raid by zone and seed, or from a line of `/proc/buddyinfo`.
pub const MODE_RAID: &str = "raid";

/// Longest name of a zone, mode or outcome, in characters.
const MAX_NAME: u32 = 64;

/// All that is kept of a player.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Profile {
    version: Version,
    /// How the player wants it.
    pub settings: Settings,
    /// The raid that was left before its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unfinished: Option<Unfinished>,
    #[serde(skip_serializing_if = "Home::is_empty")]
    home: Home,
    #[serde(skip_serializing_if = "Learning::is_empty")]
    learning: Learning,
    #[serde(deserialize_with = "bounded")]
    runs: Vec<Run>,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

/// The version of this build; nothing else is read into it, see [`Profile::parse`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
struct Version(u32);

impl Default for Version {
    fn default() -> Self {
        Self(PROFILE_VERSION)
    }
}

/// A raid that goes on, as it stood after its last turn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unfinished {
    /// How it was begun, for example [`MODE_RAID`].
    #[serde(deserialize_with = "name")]
    pub mode: String,
    /// Its journal, to be read by [`Journal::parse`] and resumed.
    pub journal: String,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

impl Unfinished {
    /// The raid of this journal.
    pub fn new(mode: &str, journal: &Journal) -> Self {
        Self {
            mode: mode.into(),
            journal: journal.to_string(),
            rest: Map::new(),
        }
    }
}

/// A raid that is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// Name of the zone.
    #[serde(deserialize_with = "name")]
    pub zone: String,
    /// The seed.
    pub seed: u64,
    /// How it was begun, for example [`MODE_RAID`].
    #[serde(deserialize_with = "name")]
    pub mode: String,
    /// The items that were brought, as [`Loadout`](crate::raid::Loadout) writes them.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub kit: String,
    /// The challenge modifiers it was played under, as [`Modifiers`](crate::raid::Modifiers) writes them.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub modifiers: String,
    /// How it ended, see [`Outcome::word`].
    #[serde(deserialize_with = "name")]
    pub outcome: String,
    /// Pages brought home.
    pub pages: u32,
    /// The score; runs of version 1 have none, and count by their pages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<u32>,
    /// Turns played.
    pub turns: u32,
    /// Version of the rules it was played under.
    pub rules: u32,
    /// Its replay code, see [`Recording`]; the last [`MAX_CODES`] runs have theirs, if it is no longer than [`MAX_CODE`].
    /// Codes of older rules do not replay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

impl Run {
    /// The raid of this journal, which ended so.
    pub fn new(mode: &str, journal: &Journal, outcome: &Outcome) -> Self {
        Self {
            zone: journal.setup.zone.clone(),
            seed: journal.setup.seed,
            mode: mode.into(),
            kit: journal.setup.loadout.to_string(),
            modifiers: journal.setup.modifiers.to_string(),
            outcome: outcome.word().into(),
            pages: outcome.pages(),
            score: Some(outcome.score()),
            turns: journal.turns.len() as u32,
            rules: RULES_VERSION,
            code: Recording::of(journal)
                .ok()
                .map(|code| code.to_string())
                .filter(|code| code.len() as u64 <= u64::from(MAX_CODE)),
            rest: Map::new(),
        }
    }

    /// What makes one run better than another of its zone: a higher score, then fewer turns.
    fn rank(&self) -> (u32, u32) {
        (self.points(), u32::MAX - self.turns)
    }

    /// The score, or the pages where there is none.
    pub fn points(&self) -> u32 {
        self.score.unwrap_or(self.pages)
    }
}

impl Profile {
    /// Reads a profile.
    ///
    /// # Errors
    ///
    /// If it is of a later version, or if it is no profile; then with the line, the column and the field.
    pub fn parse(text: &str) -> Result<Self, ProfileError> {
        /// All that is known of a version nobody knows yet.
        #[derive(Deserialize)]
        struct Head {
            version: u64,
        }

        let found = text.len() as u64;
        if found > u64::from(MAX_PROFILE) {
            return Err(ProfileError::TooLong { found });
        }
        let damaged = |error: serde_json::Error| ProfileError::damaged(text, &error);
        let Head { version } = serde_json::from_str(text).map_err(damaged)?;
        match version {
            1 => serde_json::from_str(text)
                .map_err(damaged)
                .map(Self::into_this_version),
            2 => serde_json::from_str(text).map_err(damaged),
            0 => Err(ProfileError::NoVersion),
            found => Err(ProfileError::Later { found }),
        }
    }

    /// Whether it says no more than that of somebody who never played.
    fn is_blank(&self) -> bool {
        self.settings == Settings::default()
            && self.unfinished.is_none()
            && self.home.is_empty()
            && self.runs.is_empty()
    }

    /// The raids that are over, the oldest first.
    pub fn runs(&self) -> &[Run] {
        &self.runs
    }

    /// A profile that a build of version 1 wrote: nothing of it is lost, and its runs count as extractions.
    fn into_this_version(mut self) -> Self {
        self.version = Version::default();
        if self.home.is_empty() {
            let extracted = self.runs.iter().filter(|run| run.pages > 0);
            for zone in extracted.map(|run| &run.zone) {
                self.home.remember_extraction(zone);
            }
        }
        self
    }

    /// What was brought home, what that bought, what was achieved.
    pub fn home(&self) -> &Home {
        &self.home
    }

    /// True if a zone is open to the player; what opens it is in [`UnlockSpec`]. A zone there is not is not open.
    pub fn is_open(&self, rules: &Rules, zone: &str) -> bool {
        let Some(zone) = rules.zone(zone) else {
            return false;
        };
        zone.unlock.as_ref().is_none_or(|unlock| self.meets(unlock))
    }

    /// What was learned.
    pub fn learning(&self) -> &Learning {
        &self.learning
    }

    fn meets(&self, unlock: &UnlockSpec) -> bool {
        self.home.progress(&unlock.zone).is_some_and(|progress| {
            let enough = progress.extractions >= unlock.extractions;
            enough || progress.order >= Some(unlock.order)
        })
    }

    /// What is missing until a zone opens, in a sentence; `None` for one that is open, or that there is not.
    pub fn how_to_open(&self, rules: &Rules, zone: &str) -> Option<String> {
        let unlock = rules.zone(zone)?.unlock.as_ref()?;
        if self.meets(unlock) {
            return None;
        }
        let done = self.home.progress(&unlock.zone);
        let left = unlock.extractions - done.map_or(0, |done| done.extractions);
        let raids = if left == 1 { "raid" } else { "raids" };
        Some(format!(
            "opens once you have brought pages home from {left} more {raids} of {}, or one block of order {} or more from there",
            unlock.zone, unlock.order
        ))
    }

    /// The best runs of a zone that were begun in this way and played under these modifiers, the best first, at most so
    /// many; those that brought nothing home are none.
    pub fn scores(&self, zone: &str, mode: &str, modifiers: &str, most: u32) -> Vec<&Run> {
        let mut runs: Vec<&Run> = self
            .runs
            .iter()
            .filter(|run| run.zone == zone && run.mode == mode && run.pages > 0)
            .filter(|run| run.modifiers == modifiers)
            .collect();
        runs.sort_by_key(|run| std::cmp::Reverse(run.rank()));
        runs.truncate(most as usize);
        runs
    }

    /// The run with the highest score in this zone, if one brought anything; of equal ones the shortest, then the first.
    pub fn best(&self, zone: &str) -> Option<&Run> {
        best(&self.runs, zone).map(|index| &self.runs[index])
    }

    /// Adds a run. Of more than [`MAX_RUNS`] the oldest goes that is not the best of its zone.
    pub fn add(&mut self, run: Run) {
        self.runs.push(run);
        trim(&mut self.runs);
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = serde_json::to_string(self).map_err(|_| fmt::Error)?;
        f.write_str(&text)
    }
}

impl FromStr for Profile {
    type Err = ProfileError;

    fn from_str(text: &str) -> Result<Self, ProfileError> {
        Self::parse(text)
    }
}

fn best(runs: &[Run], zone: &str) -> Option<usize> {
    let mut best: Option<usize> = None;
    for (index, run) in runs.iter().enumerate() {
        let better = best.is_none_or(|best| run.rank() > runs[best].rank());
        if run.zone == zone && run.pages > 0 && better {
            best = Some(index);
        }
    }
    best
}

/// Lets go of runs and codes that are too many.
fn trim(runs: &mut Vec<Run>) {
    let many = runs.len().saturating_sub(MAX_RUNS as usize);
    for _ in 0..many {
        let oldest = (0..runs.len()).find(|&index| best(runs, &runs[index].zone) != Some(index));
        runs.remove(oldest.unwrap_or_default());
    }
    let old = runs.len().saturating_sub(MAX_CODES as usize);
    for run in &mut runs[..old] {
        run.code = None;
    }
}

/// Runs, no more of them than are kept.
fn bounded<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Run>, D::Error> {
    let mut runs = Vec::deserialize(deserializer)?;
    trim(&mut runs);
    Ok(runs)
}

/// The name of a zone, a mode or an outcome.
fn name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let name = String::deserialize(deserializer)?;
    check_name(&name).map_err(serde::de::Error::custom)?;
    Ok(name)
}

/// What is wrong with a text that should be a name.
fn check_name(name: &str) -> Result<(), String> {
    if is_zone_name(name) && name.len() as u64 <= u64::from(MAX_NAME) {
        return Ok(());
    }
    let found = crate::journal::quoted(name);
    Err(format!(
        "found {found}, expected a name of at most {MAX_NAME} of the characters A-Z a-z 0-9 - _"
    ))
}
