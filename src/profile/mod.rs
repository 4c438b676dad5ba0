//! What is kept of a player from one day to the next: settings, the unfinished raid, the raids that are over.
//!
//! A [`Profile`] is one JSON text, for a file or a browser's storage, to be exported and taken elsewhere. A [`Keeper`]
//! holds it while the game runs and brings it to a [`Shelf`], which may be damaged, full or denied.
//!
//! ```json
//! {"version":1,
//!  "settings":{"reduced_motion":"auto"},
//!  "unfinished":{"mode":"raid","journal":"labyrinth journal 1\n..."},
//!  "runs":[{"zone":"dma","seed":7,"mode":"raid","outcome":"extracted","pages":24,"turns":301,"rules":1,"code":"AQEG..."}]}
//! ```
//!
//! All but the version may be missing. Fields that this build does not know are kept and written back: a later build
//! of the same version may add some. Whatever a build of this version could misread raises the version, and a profile
//! of a later version is refused and left as it is.
//!
//! Only the text is checked here, not the rules: an unfinished raid is checked when it is resumed, since a profile
//! outlives the rules under which its raids were played.

mod error;
mod files;
mod keeper;
mod place;
mod shelf;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use crate::journal::{Journal, Recording, is_zone_name};
use crate::raid::{Outcome, RULES_VERSION};
use crate::sound::Volumes;

pub use error::ProfileError;
pub use files::{FileShelf, HOME_VARIABLE, default_folder};
pub use keeper::{DAMAGED_KEY, ImportError, Keeper, PROFILE_KEY, RAID_KEY, Resumed};
pub use shelf::{MemoryShelf, Shelf, ShelfError};

/// Version of the profile.
pub const PROFILE_VERSION: u32 = 1;

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

/// How the player wants it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Whether things move about that need not.
    pub reduced_motion: ReducedMotion,
    /// How loud it is.
    pub sound: Volumes,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

/// Whether things move about that need not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReducedMotion {
    /// As the system has it.
    #[default]
    Auto,
    /// They do not.
    On,
    /// They do, whatever the system says.
    Off,
}

impl ReducedMotion {
    /// True if motion is to be reduced, given what the system wants.
    pub fn is_on(self, system: bool) -> bool {
        match self {
            Self::Auto => system,
            Self::On => true,
            Self::Off => false,
        }
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
    /// How it ended, see [`Outcome::word`].
    #[serde(deserialize_with = "name")]
    pub outcome: String,
    /// Pages brought home.
    pub pages: u32,
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
            outcome: outcome.word().into(),
            pages: outcome.pages(),
            turns: journal.turns.len() as u32,
            rules: RULES_VERSION,
            code: Recording::of(journal)
                .ok()
                .map(|code| code.to_string())
                .filter(|code| code.len() as u64 <= u64::from(MAX_CODE)),
            rest: Map::new(),
        }
    }

    /// What makes one run better than another of its zone: more pages, then fewer turns.
    fn score(&self) -> (u32, u32) {
        (self.pages, u32::MAX - self.turns)
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
            1 => serde_json::from_str(text).map_err(damaged),
            0 => Err(ProfileError::NoVersion),
            found => Err(ProfileError::Later { found }),
        }
    }

    /// The raids that are over, the oldest first.
    pub fn runs(&self) -> &[Run] {
        &self.runs
    }

    /// The run that brought most home from this zone, if one brought anything; of equal ones the shortest, then the first.
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
        let better = best.is_none_or(|best| run.score() > runs[best].score());
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
    if is_zone_name(&name) && name.len() as u64 <= u64::from(MAX_NAME) {
        return Ok(name);
    }
    let found = crate::journal::quoted(&name);
    Err(serde::de::Error::custom(format!(
        "found {found}, expected a name of at most {MAX_NAME} of the characters A-Z a-z 0-9 - _"
    )))
}
