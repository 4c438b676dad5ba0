//! Links into the game: what stands after `#` in its address, read into checked types, and written.
//!
//! | fragment | what it opens |
//! |---|---|
//! | nothing, or `#` alone | the title |
//! | `seed=7&zone=dma` | the raid with that seed; either part may be missing |
//! | `seed=7&kit=scan,drop_caches` | the same with these items brought |
//! | `seed=7&modifiers=nosmp,mem=8M` | the same with these modifiers |
//! | `lesson=NAME` | a lesson |
//! | `script=CODE` | the sandbox after the calls of a script, see [`script`] |
//! | `replay=CODE` | the raid of a replay code, see [`Recording`] |
//!
//! Values may be percent-encoded, as browsers and messengers do of their own accord. A fragment is at most
//! [`MAX_FRAGMENT`] bytes long. Whether there is such a zone or lesson is for the rules and the lessons to say.

use std::borrow::Cow;
use std::fmt;

use crate::journal::{CodeError, MAX_CHARS, Recording, is_zone_name, quoted};
use crate::raid::{KitError, Loadout, MAX_SEED, ModifierError, Modifiers};
use crate::workbench::script::{self, ScriptError};

/// The zone of a link that names none.
pub const DEFAULT_ZONE: &str = "dma";

/// Longest fragment that is read, in bytes: any replay code and its key fit in.
pub const MAX_FRAGMENT: u32 = MAX_CHARS + 16;

/// Longest name of a zone or a lesson, in characters.
pub const MAX_NAME: u32 = 64;

const SEED: &str = "seed";
const ZONE: &str = "zone";
const LESSON: &str = "lesson";
const SCRIPT: &str = "script";
const REPLAY: &str = "replay";
const KIT: &str = "kit";
const MODIFIERS: &str = "modifiers";
const KEYS: &str = "seed zone kit modifiers lesson script replay";

/// What a link opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Link {
    /// A raid to play.
    Raid {
        /// Name of the zone.
        zone: String,
        /// The seed, at most [`MAX_SEED`]; `None` for one that nobody has chosen.
        seed: Option<u64>,
        /// The items brought. Whether they fit is for the rules to say.
        loadout: Loadout,
        /// The modifiers. Whether they fit is for the rules to say.
        modifiers: Modifiers,
    },
    /// A lesson, by its name: ASCII letters, digits, `-` and `_`.
    Lesson(String),
    /// A script of the sandbox.
    Script(String),
    /// A raid to watch.
    Replay(Recording),
}

/// Why a fragment is no link; one sentence that names the key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// The fragment is longer than any link.
    #[error("the link: found {found} bytes, expected at most {MAX_FRAGMENT}")]
    TooLong {
        /// How long it is.
        found: u64,
    },
    /// A part that is not a key, `=` and a value.
    #[error("the link: found {found}, expected KEY=VALUE with one of the keys {KEYS}")]
    Part {
        /// The part, quoted.
        found: String,
    },
    /// A key nobody knows.
    #[error("the link: found the key {found}, expected one of {KEYS}")]
    Key {
        /// The key, quoted.
        found: String,
    },
    /// The same key a second time.
    #[error("the link: found \"{key}\" twice, expected it once")]
    Doubled {
        /// The key.
        key: &'static str,
    },
    /// Keys that do not go together.
    #[error(
        "the link: found \"{key}\" beside \"{other}\", expected seed, zone, kit and modifiers, or a lesson, a script or a replay alone"
    )]
    Mixed {
        /// The key that is too much.
        key: &'static str,
        /// The one before it.
        other: &'static str,
    },
    /// A value that is not as it should be.
    #[error("the link, {key}: found {found}, expected {expected}")]
    Value {
        /// The key.
        key: &'static str,
        /// The value, quoted.
        found: String,
        /// What it should be.
        expected: String,
    },
    /// The kit is none.
    #[error("the link, kit: {error}")]
    Kit {
        /// Why.
        error: KitError,
    },
    /// The modifiers are none.
    #[error("the link, modifiers: {error}")]
    Modifiers {
        /// Why.
        error: ModifierError,
    },
    /// The code of a script is none, or the script has none.
    #[error("the link, script: {0}")]
    Script(#[from] ScriptError),
    /// The replay code is none.
    #[error("the link, replay: {0}")]
    Replay(#[from] CodeError),
}

impl Link {
    /// Reads what stands after `#`, with or without the `#`. `None` if that is nothing.
    ///
    /// # Errors
    ///
    /// A [`LinkError`] that names the key, what was found and what was expected.
    pub fn parse(fragment: &str) -> Result<Option<Self>, LinkError> {
        let fragment = fragment.strip_prefix('#').unwrap_or(fragment);
        let found = fragment.len() as u64;
        if found > u64::from(MAX_FRAGMENT) {
            return Err(LinkError::TooLong { found });
        }
        if fragment.is_empty() {
            return Ok(None);
        }
        let mut parts = Parts::default();
        for part in fragment.split('&') {
            parts.add(part)?;
        }
        Ok(Some(parts.link()))
    }
}

impl fmt::Display for Link {
    /// Writes the fragment, without the `#`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Raid {
                zone,
                seed,
                loadout,
                modifiers,
            } => {
                if let Some(seed) = seed {
                    write!(f, "{SEED}={seed}&")?;
                }
                write!(f, "{ZONE}={zone}")?;
                if !loadout.is_empty() {
                    write!(f, "&{KIT}={loadout}")?;
                }
                if !modifiers.is_empty() {
                    write!(f, "&{MODIFIERS}={modifiers}")?;
                }
                Ok(())
            }
            Self::Lesson(name) => write!(f, "{LESSON}={name}"),
            // What is too long for a link never came from one.
            Self::Script(text) => match script::encode(text) {
                Ok(code) => write!(f, "{SCRIPT}={code}"),
                Err(_) => Ok(()),
            },
            Self::Replay(recording) => write!(f, "{REPLAY}={recording}"),
        }
    }
}

/// The parts of a fragment, as they are found.
#[derive(Default)]
struct Parts {
    seed: Option<u64>,
    zone: Option<String>,
    kit: Option<Loadout>,
    modifiers: Option<Modifiers>,
    lesson: Option<String>,
    script: Option<String>,
    replay: Option<Recording>,
}

impl Parts {
    fn add(&mut self, part: &str) -> Result<(), LinkError> {
        let (key, value) = part.split_once('=').ok_or_else(|| LinkError::Part {
            found: quoted_or(part, "an empty part"),
        })?;
        let key = [SEED, ZONE, KIT, MODIFIERS, LESSON, SCRIPT, REPLAY]
            .into_iter()
            .find(|known| *known == key)
            .ok_or_else(|| LinkError::Key {
                found: quoted_or(key, "\"\""),
            })?;
        self.fits(key)?;
        let value = decoded(key, value)?;
        match key {
            SEED => self.seed = Some(seed(&value)?),
            ZONE => self.zone = Some(name(ZONE, "zone", &value)?),
            KIT => {
                let kit: Result<Loadout, KitError> = value.parse();
                self.kit = Some(kit.map_err(|error| LinkError::Kit { error })?);
            }
            MODIFIERS => {
                let modifiers: Result<Modifiers, ModifierError> = value.parse();
                self.modifiers = Some(modifiers.map_err(|error| LinkError::Modifiers { error })?);
            }
            SCRIPT => self.script = Some(script::decode(&value)?),
            LESSON => self.lesson = Some(name(LESSON, "lesson", &value)?),
            _ => self.replay = Some(Recording::parse(&value)?),
        }
        Ok(())
    }

    /// Checks that a key may stand beside those before it.
    fn fits(&self, key: &'static str) -> Result<(), LinkError> {
        for (other, is_there) in [
            (SEED, self.seed.is_some()),
            (ZONE, self.zone.is_some()),
            (KIT, self.kit.is_some()),
            (MODIFIERS, self.modifiers.is_some()),
            (LESSON, self.lesson.is_some()),
            (SCRIPT, self.script.is_some()),
            (REPLAY, self.replay.is_some()),
        ] {
            if is_there && other == key {
                return Err(LinkError::Doubled { key });
            }
            let both_of_raid = [key, other]
                .iter()
                .all(|key| [SEED, ZONE, KIT, MODIFIERS].contains(key));
            if is_there && !both_of_raid {
                return Err(LinkError::Mixed { key, other });
            }
        }
        Ok(())
    }

    fn link(self) -> Link {
        if let Some(recording) = self.replay {
            return Link::Replay(recording);
        }
        if let Some(text) = self.script {
            return Link::Script(text);
        }
        if let Some(name) = self.lesson {
            return Link::Lesson(name);
        }
        Link::Raid {
            zone: self.zone.unwrap_or_else(|| DEFAULT_ZONE.into()),
            seed: self.seed,
            loadout: self.kit.unwrap_or_default(),
            modifiers: self.modifiers.unwrap_or_default(),
        }
    }
}

/// A value that is wrong.
fn wrong(key: &'static str, value: &str, expected: impl Into<String>) -> LinkError {
    LinkError::Value {
        key,
        found: quoted_or(value, "nothing"),
        expected: expected.into(),
    }
}

fn quoted_or(text: &str, nothing: &str) -> String {
    if text.is_empty() {
        nothing.into()
    } else {
        quoted(text)
    }
}

fn seed(value: &str) -> Result<u64, LinkError> {
    let digits = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    digits
        .then(|| value.parse().ok())
        .flatten()
        .filter(|&seed| seed <= MAX_SEED)
        .ok_or_else(|| wrong(SEED, value, format!("a whole number from 0 to {MAX_SEED}")))
}

/// A name of a zone or a lesson, by its shape.
fn name(key: &'static str, what: &str, value: &str) -> Result<String, LinkError> {
    if is_zone_name(value) && value.len() as u64 <= u64::from(MAX_NAME) {
        return Ok(value.into());
    }
    let expected =
        format!("the name of a {what}: at most {MAX_NAME} of the characters A-Z a-z 0-9 - _");
    Err(wrong(key, value, expected))
}

/// A value with every `%` and two hex digits read as the byte they stand for.
fn decoded<'v>(key: &'static str, value: &'v str) -> Result<Cow<'v, str>, LinkError> {
    if !value.contains('%') {
        return Ok(value.into());
    }
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let (byte, after) = if byte == b'%' {
            let digits = after.split_at_checked(2);
            digits
                .and_then(|(digits, after)| Some((hex(digits)?, after)))
                .ok_or_else(|| wrong(key, value, "two hex digits after each %"))?
        } else {
            (byte, after)
        };
        bytes.push(byte);
        rest = after;
    }
    String::from_utf8(bytes)
        .map(Cow::from)
        .map_err(|_| wrong(key, value, "percent-encoded UTF-8"))
}

fn hex(digits: &[u8]) -> Option<u8> {
    digits.iter().try_fold(0, |byte, &digit| {
        Some(byte << 4 | char::from(digit).to_digit(16)? as u8)
    })
}
