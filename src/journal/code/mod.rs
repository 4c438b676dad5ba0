//! The replay code: a whole raid as one word that fits into an address, and back.
//!
//! Written in the 64 characters of base64 for addresses, without padding. As bytes, one after the other:
//!
//! | bytes | what |
//! |---|---|
//! | 1 | [`CODE_VERSION`] |
//! | number | [`RULES_VERSION`] |
//! | number | twice the length of the zone's name, plus 1 if there is a layout, plus 256 if there is a kit, plus 512 if there are modifiers |
//! | 1 to [`ZONE_CHARS`] | the zone's name, in ASCII |
//! | number | the seed |
//! | 11 numbers | free blocks per order, if the raid was laid out from a line of `/proc/buddyinfo` |
//! | number | the kit, if there is one: a bit for each item, by its number |
//! | numbers | the modifiers, if there are any: how many, then number and value of each |
//! | number | how many commands, at most [`MAX_COMMANDS`] |
//! | bits, then 0 to the next byte | the commands, see `commands.rs` |
//! | 8 | the state hash after the last of them, highest byte first |
//! | 4 | CRC-32 of all bytes before, highest byte first; in every version to come as well |
//!
//! A number has seven bits a byte, the lowest first, and the highest bit set in all bytes but its last. Each raid has
//! one code: another writing of the same (a longer number, bits set where 0 belongs) is refused.

pub(crate) mod base64;
pub(crate) mod bits;
mod commands;

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use super::{Journal, is_zone_name};
use crate::mm::NR_PAGE_ORDERS;
use crate::raid::{
    Command, Loadout, Modifier, Modifiers, RULES_VERSION, Raid, Refusal, Rules, Setup, SetupError,
};
use bits::{Reader, Writer, crc32};

/// Version of the code, its first byte.
pub const CODE_VERSION: u8 = 1;

/// Most commands a code can hold; the longest watchdog of a zone is far below.
pub const MAX_COMMANDS: u32 = 100_000;

/// Longest name of a zone in a code, in characters.
pub const ZONE_CHARS: u32 = 64;

/// Longest code that is read, in characters: [`MAX_COMMANDS`] of the longest kind have fewer.
pub const MAX_CHARS: u32 = 800_000;

/// Bytes of a code with nothing in it but a zone of one letter.
const LEAST_BYTES: u32 = 18;
/// Added to twice the length of a zone's name where a kit follows; no name is that long.
const KIT: u64 = 256;
/// The same for modifiers.
const MODIFIERS: u64 = 512;
/// Bytes of the checksum at the end.
const CHECKSUM_BYTES: u32 = 4;

/// Why a text is no replay code, or a replay code is not what the rules make of it; one sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// The text is longer than any code.
    #[error("found a text of more than {MAX_CHARS} characters, expected a replay code")]
    TooLong,
    /// A character that is not one of the 64.
    #[error("character {at} of the replay code: found {found:?}, expected one of A-Z a-z 0-9 - _")]
    Character {
        /// Where, counted from 1.
        at: u32,
        /// What stands there.
        found: char,
    },
    /// So many characters, or with this last one, are the writing of no bytes.
    #[error(
        "found a replay code that breaks off within a byte after {characters} characters, expected all of it"
    )]
    Cut {
        /// How many characters there are.
        characters: u32,
    },
    /// Too short to be a code.
    #[error("found a replay code of {found} bytes, expected at least {LEAST_BYTES}")]
    TooShort {
        /// How long it is.
        found: u32,
    },
    /// Something was lost or changed on the way.
    #[error(
        "found a replay code with the checksum {found:08x}, expected {expected:08x}: it is mistyped or cut short"
    )]
    Checksum {
        /// The checksum that stands at the end.
        found: u32,
        /// The checksum of what stands before.
        expected: u32,
    },
    /// Another version of the code.
    #[error(
        "found a replay code of version {found}, expected version {CODE_VERSION}, that of this build"
    )]
    Version {
        /// Which.
        found: u8,
    },
    /// Recorded under other rules.
    #[error(
        "found a replay code of a raid under rules {found}, expected rules {RULES_VERSION}, those of this build"
    )]
    Rules {
        /// Which.
        found: u64,
    },
    /// A name that no zone can have.
    #[error(
        "found the zone {found:?} in a replay code, expected 1 to {ZONE_CHARS} of the characters A-Z a-z 0-9 - _"
    )]
    Zone {
        /// The name.
        found: String,
    },
    /// More commands than a code can hold.
    #[error("found {found} commands, expected at most {MAX_COMMANDS} in a replay code")]
    TooMany {
        /// How many.
        found: u64,
    },
    /// The checksum is right and the rest is not: no program of ours wrote this.
    #[error("found a replay code whose {what} cannot be read, expected it as this game writes it")]
    Malformed {
        /// Which part.
        what: &'static str,
    },
    /// The raid cannot be set up.
    #[error("the raid of the replay code cannot begin: {0}")]
    Setup(#[from] SetupError),
    /// The rules do not allow a command.
    #[error(
        "turn {turn} of the replay code: found \"{command}\", expected a command the rules allow there ({refusal})"
    )]
    Refused {
        /// Which turn, counted from 1.
        turn: u32,
        /// What was to be done.
        command: Command,
        /// Why it could not.
        refusal: Refusal,
    },
    /// There are commands after the end.
    #[error(
        "turn {turn} of the replay code: found \"{command}\", expected nothing: the raid was over ({word}) a turn before"
    )]
    Over {
        /// Which turn, counted from 1.
        turn: u32,
        /// What was to be done.
        command: Command,
        /// How the raid ended, see [`crate::raid::Outcome::word`].
        word: &'static str,
    },
    /// The same commands give another state.
    #[error(
        "found the state hash {found:016x} in the replay code, expected {expected:016x} after its {turns} turns"
    )]
    Hash {
        /// How many turns were replayed.
        turns: u32,
        /// The hash of the code.
        found: u64,
        /// The hash of the rules.
        expected: u64,
    },
}

/// What a replay code holds: what a raid was set up from, every command, and the state hash after them.
///
/// The raid may have ended or not; the rules know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recording {
    setup: Setup,
    commands: Vec<Command>,
    hash: u64,
}

impl Recording {
    /// What a code keeps of a journal: all but the state hashes of the turns before the last.
    ///
    /// # Errors
    ///
    /// If there are more than [`MAX_COMMANDS`], or the zone has a name that no zone can have.
    pub fn of(journal: &Journal) -> Result<Self, CodeError> {
        let found = journal.turns.len() as u64;
        if found > u64::from(MAX_COMMANDS) {
            return Err(CodeError::TooMany { found });
        }
        Ok(Self {
            setup: Setup {
                zone: zone(journal.setup.zone.as_bytes())?,
                ..journal.setup.clone()
            },
            commands: journal.turns.iter().map(|turn| turn.command).collect(),
            hash: journal.last_hash(),
        })
    }

    /// Reads a code. Blank space around it is no harm.
    ///
    /// Only the code is checked here; whether it is what the rules make of it, [`Self::replay`] tells.
    ///
    /// # Errors
    ///
    /// A [`CodeError`] that says what was found and expected.
    pub fn parse(code: &str) -> Result<Self, CodeError> {
        let code = code.trim();
        if code.len() as u64 > u64::from(MAX_CHARS) {
            return Err(CodeError::TooLong);
        }
        let bytes = base64::decode(code)?;
        let found = bytes.len() as u32;
        if found < LEAST_BYTES {
            return Err(CodeError::TooShort { found });
        }
        let mut reader = Reader::new(&bytes);
        let body = part(reader.bytes(found - CHECKSUM_BYTES), "beginning")?;
        let found = part(reader.bits(32), "checksum")? as u32;
        let expected = crc32(body);
        if found != expected {
            return Err(CodeError::Checksum { found, expected });
        }
        let recording = Self::read(Reader::new(body))?;
        if recording.bytes() == bytes {
            Ok(recording)
        } else {
            Err(CodeError::Malformed { what: "writing" })
        }
    }

    fn read(mut reader: Reader<'_>) -> Result<Self, CodeError> {
        let found = part(reader.bits(8), "version")? as u8;
        if found != CODE_VERSION {
            return Err(CodeError::Version { found });
        }
        let found = part(reader.number(), "rules version")?;
        if found != u64::from(RULES_VERSION) {
            return Err(CodeError::Rules { found });
        }
        let length = part(reader.number(), "zone")?;
        let (has_layout, has_kit) = (length % 2 == 1, length & KIT != 0);
        let has_modifiers = length & MODIFIERS != 0;
        let length = (length & !(KIT | MODIFIERS)) / 2;
        let name = u32::try_from(length).ok().and_then(|n| reader.bytes(n));
        let zone = zone(part(name, "zone")?)?;
        let seed = part(reader.number(), "seed")?;
        let layout = has_layout.then(|| read_layout(&mut reader)).transpose()?;
        let loadout = has_kit.then(|| read_kit(&mut reader)).transpose()?;
        let modifiers = has_modifiers
            .then(|| read_modifiers(&mut reader))
            .transpose()?;
        let found = part(reader.number(), "number of commands")?;
        let count = u32::try_from(found)
            .ok()
            .filter(|&count| count <= MAX_COMMANDS)
            .ok_or(CodeError::TooMany { found })?;
        let commands = part(commands::read(&mut reader, count), "commands")?;
        // Bits that are left of the last byte of commands are passed over; `parse` compares them.
        let hash = part(reader.bytes(8), "state hash")?;
        let hash = part(Reader::new(hash).bits(64), "state hash")?;
        if reader.remaining() > 0 {
            return Err(CodeError::Malformed { what: "end" });
        }
        Ok(Self {
            setup: Setup {
                zone,
                seed,
                layout,
                loadout: loadout.unwrap_or_default(),
                modifiers: modifiers.unwrap_or_default(),
            },
            commands,
            hash,
        })
    }

    fn bytes(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        writer.bytes(&[CODE_VERSION]);
        writer.number(u64::from(RULES_VERSION));
        let zone = self.setup.zone.as_bytes();
        let loadout = &self.setup.loadout;
        let kit = if loadout.is_empty() { 0 } else { KIT };
        let modifiers = self.setup.modifiers.list();
        let more = if modifiers.is_empty() { 0 } else { MODIFIERS };
        writer.number(zone.len() as u64 * 2 + u64::from(self.setup.layout.is_some()) + kit + more);
        writer.bytes(zone);
        writer.number(self.setup.seed);
        for &count in self.setup.layout.iter().flatten() {
            writer.number(count);
        }
        if kit != 0 {
            writer.number(loadout.bits());
        }
        if more != 0 {
            writer.number(modifiers.len() as u64);
            for modifier in modifiers {
                writer.number(u64::from(modifier.number()));
                writer.number(u64::from(modifier.value()));
            }
        }
        writer.number(self.commands.len() as u64);
        commands::write(&mut writer, &self.commands);
        writer.bytes(&self.hash.to_be_bytes());
        let mut bytes = writer.done();
        bytes.extend(crc32(&bytes).to_be_bytes());
        bytes
    }

    /// What the raid was set up from.
    pub fn setup(&self) -> &Setup {
        &self.setup
    }

    /// The commands, first to last; each took one turn.
    pub fn commands(&self) -> &[Command] {
        &self.commands
    }

    /// State hash after the last command.
    pub fn hash(&self) -> u64 {
        self.hash
    }

    /// Plays the raid again: its whole journal, and the raid as it stands at the end.
    ///
    /// # Errors
    ///
    /// If the raid cannot be set up, a command is refused, or the state at the end is another.
    pub fn replay(&self, rules: Arc<Rules>) -> Result<(Journal, Raid), CodeError> {
        let mut raid = Raid::new(rules, self.setup.clone())?;
        let mut journal = Journal::begin(&raid);
        for (turn, &command) in (1..).zip(&self.commands) {
            if let Some(outcome) = raid.outcome() {
                let word = outcome.word();
                return Err(CodeError::Over {
                    turn,
                    command,
                    word,
                });
            }
            raid.step(command).map_err(|refusal| CodeError::Refused {
                turn,
                command,
                refusal,
            })?;
            journal.record(command, &raid);
        }
        let (found, expected) = (self.hash, journal.last_hash());
        if found != expected {
            return Err(CodeError::Hash {
                turns: raid.turn(),
                found,
                expected,
            });
        }
        Ok((journal, raid))
    }
}

impl fmt::Display for Recording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&base64::encode(&self.bytes()))
    }
}

impl FromStr for Recording {
    type Err = CodeError;

    fn from_str(code: &str) -> Result<Self, CodeError> {
        Self::parse(code)
    }
}

/// True if a text consists of the characters of a replay code, and is as long as the shortest at least.
pub fn looks_like_a_code(text: &str) -> bool {
    text.len() as u64 * 3 / 4 >= u64::from(LEAST_BYTES) && base64::is_alphabet(text)
}

fn part<T>(read: Option<T>, what: &'static str) -> Result<T, CodeError> {
    read.ok_or(CodeError::Malformed { what })
}

fn zone(name: &[u8]) -> Result<String, CodeError> {
    let name = String::from_utf8_lossy(name);
    if is_zone_name(&name) && name.len() as u64 <= u64::from(ZONE_CHARS) {
        return Ok(name.into());
    }
    Err(CodeError::Zone {
        found: name.chars().take(24).collect(),
    })
}

fn read_kit(reader: &mut Reader<'_>) -> Result<Loadout, CodeError> {
    let bits = part(reader.number(), "kit")?;
    part(Loadout::of_bits(bits), "kit")
}

fn read_modifiers(reader: &mut Reader<'_>) -> Result<Modifiers, CodeError> {
    let count = part(reader.number(), "modifiers")?;
    let mut list = Vec::new();
    for _ in 0..count.min(Modifier::FORMS.len() as u64 + 1) {
        let number = part(reader.number(), "modifiers")?;
        let value = part(reader.number(), "modifiers")?;
        let (number, value) = (u8::try_from(number).ok(), u32::try_from(value).ok());
        let modifier = number.zip(value).and_then(|(n, v)| Modifier::of(n, v));
        list.push(part(modifier, "modifiers")?);
    }
    part(Modifiers::of(list).ok(), "modifiers")
}

fn read_layout(reader: &mut Reader<'_>) -> Result<[u64; NR_PAGE_ORDERS], CodeError> {
    let mut layout = [0; NR_PAGE_ORDERS];
    for count in &mut layout {
        *count = part(reader.number(), "layout")?;
    }
    Ok(layout)
}

#[cfg(test)]
mod tests;
