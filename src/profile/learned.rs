//! What a player did in the lessons: where each was left, and which are done.
//!
//! ```json
//! {"split":{"version":1,"done":true,"inputs":["type 6","next"]}}
//! ```

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Most lessons of which something is kept.
pub const MAX_LEARNED: u32 = 200;

/// A lesson as it was left.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Learned {
    /// The lesson's version: inputs of another one lead elsewhere.
    pub version: u32,
    /// It was played to its end.
    #[serde(skip_serializing_if = "is_false")]
    pub done: bool,
    /// What was done since it was begun, as text; nothing where one would begin anew.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<String>,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it")]
fn is_false(value: &bool) -> bool {
    !value
}

/// All lessons of which something is kept, and what is only told once.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Learning {
    /// By name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    lessons: BTreeMap<String, Learned>,
    /// Hints that were given.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    told: BTreeSet<String>,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

impl Learning {
    /// Nothing is kept.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What is known of a lesson.
    pub fn lesson(&self, id: &str) -> Option<&Learned> {
        self.lessons.get(id)
    }

    /// Keeps how a lesson was left. What is done stays done.
    pub(super) fn keep(&mut self, id: &str, version: u32, done: bool, inputs: Vec<String>) {
        let full = self.lessons.len() as u32 >= MAX_LEARNED;
        if full && !self.lessons.contains_key(id) {
            return;
        }
        let learned = self.lessons.entry(id.to_owned()).or_default();
        learned.version = version;
        learned.done |= done;
        learned.inputs = inputs;
    }

    /// True if a hint was given before.
    pub fn was_told(&self, hint: &str) -> bool {
        self.told.contains(hint)
    }

    /// Notes that a hint was given; false if it was before.
    pub(super) fn tell(&mut self, hint: &str) -> bool {
        (self.told.len() as u32) < MAX_LEARNED && self.told.insert(hint.to_owned())
    }

    /// Takes in what was done here since: these lessons, and all that was told.
    pub(super) fn take_in(&mut self, ours: &Self, changed: &BTreeSet<String>) {
        for (id, learned) in &ours.lessons {
            if changed.contains(id) {
                let done = self.lessons.get(id).is_some_and(|theirs| theirs.done);
                let mut learned = learned.clone();
                learned.done |= done;
                self.lessons.insert(id.clone(), learned);
            }
        }
        self.told.extend(ours.told.iter().cloned());
    }
}
