//! Proofs: a word that says a lesson was played to its end, and can be checked by playing it again.
//!
//! `L1.` and, in the 64 characters of base64 for addresses, the lesson's name and version, the learner's name if one was
//! given, every input, one a line, and the CRC-32 of all that, highest byte first. It proves that somebody did what is in
//! it; whoever copies a proof copies the name in it too.

use std::sync::Arc;

use super::session::{LessonInput, MAX_INPUTS, Session};
use super::spec::Lesson;
use crate::journal::code::{base64, bits::crc32};

/// What every proof begins with: the letter of its kind, its version, and a sign that no code of a raid has.
pub const PROOF_PREFIX: &str = "L1.";

/// The longest proof that is read, in characters.
pub const MAX_PROOF: u32 = 200_000;

/// The longest name of a learner, in characters.
pub const MAX_NAME: u32 = 60;

/// What a proof says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The lesson.
    pub id: String,
    /// Its version.
    pub version: u32,
    /// Who did it, as they gave their name.
    pub name: Option<String>,
    /// What they did.
    pub inputs: Vec<LessonInput>,
}

/// Why a text proves nothing; one sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// It is no proof at all.
    #[error("found a text that does not begin with {PROOF_PREFIX}, expected a proof of a lesson")]
    Prefix,
    /// Longer than any proof.
    #[error("found a proof of more than {MAX_PROOF} characters")]
    TooLong,
    /// Not the right characters, or broken off.
    #[error("found a proof with other characters than A-Z a-z 0-9 - _, or broken off")]
    Characters,
    /// Mistyped or cut short.
    #[error(
        "found a proof with the checksum {found:08x}, expected {expected:08x}: it is mistyped or cut short"
    )]
    Checksum {
        /// The checksum at its end.
        found: u32,
        /// That of what stands before.
        expected: u32,
    },
    /// The checksum is right and the rest is not.
    #[error("found a proof whose {what} cannot be read")]
    Content {
        /// Which part.
        what: &'static str,
    },
    /// No lesson of this name is known.
    #[error("found a proof of the lesson {id:?}, expected one of: {known}")]
    Unknown {
        /// The name.
        id: String,
        /// Those known.
        known: String,
    },
    /// The lesson has changed since.
    #[error("found a proof of version {found} of the lesson {id}, expected version {expected}")]
    Version {
        /// The lesson.
        id: String,
        /// The proof's.
        found: u32,
        /// This build's.
        expected: u32,
    },
    /// Played again, it does not lead to the end.
    #[error("the inputs lead to step {step} of {steps} of the lesson {id}, expected its end")]
    Unfinished {
        /// The lesson.
        id: String,
        /// How far they lead, counted from 1.
        step: u32,
        /// Steps it has.
        steps: u32,
    },
}

impl Proof {
    /// What was done in a session, whether or not it is done.
    pub fn of(session: &Session, name: Option<&str>) -> Self {
        let clean = |name: &str| -> String {
            let kept = name.chars().filter(|c| !c.is_control());
            kept.take(MAX_NAME as usize).collect()
        };
        Self {
            id: session.lesson().id.clone(),
            version: session.lesson().version,
            name: name.map(clean).filter(|name| !name.trim().is_empty()),
            inputs: session.inputs().to_vec(),
        }
    }

    /// The word.
    pub fn encode(&self) -> String {
        let mut text = format!("{} {}\n", self.id, self.version);
        text += self.name.as_deref().unwrap_or_default();
        for input in &self.inputs {
            text += "\n";
            text += &input.to_string();
        }
        let mut bytes = text.into_bytes();
        let checksum = crc32(&bytes);
        bytes.extend(checksum.to_be_bytes());
        format!("{PROOF_PREFIX}{}", base64::encode(&bytes))
    }

    /// Reads the word.
    ///
    /// # Errors
    ///
    /// A [`ProofError`].
    pub fn parse(text: &str) -> Result<Self, ProofError> {
        let text = text.trim();
        if text.len() > MAX_PROOF as usize {
            return Err(ProofError::TooLong);
        }
        let code = text.strip_prefix(PROOF_PREFIX).ok_or(ProofError::Prefix)?;
        let bytes = base64::decode(code).map_err(|_| ProofError::Characters)?;
        let (content, checksum) = bytes
            .split_last_chunk::<4>()
            .ok_or(ProofError::Characters)?;
        let (found, expected) = (u32::from_be_bytes(*checksum), crc32(content));
        if found != expected {
            return Err(ProofError::Checksum { found, expected });
        }
        let unread = |what| ProofError::Content { what };
        let content = std::str::from_utf8(content).map_err(|_| unread("text"))?;
        let mut lines = content.split('\n');
        let head = lines.next().unwrap_or_default();
        let (id, version) = head.split_once(' ').ok_or_else(|| unread("lesson"))?;
        let version = version.parse().map_err(|_| unread("version"))?;
        let name = lines.next().ok_or_else(|| unread("name"))?;
        let inputs: Result<Vec<_>, _> = lines
            .map(|line| match LessonInput::parse(line) {
                Ok(Some(input)) => Ok(input),
                _ => Err(unread("inputs")),
            })
            .collect();
        let inputs = inputs?;
        if inputs.len() as u32 > MAX_INPUTS {
            return Err(unread("inputs"));
        }
        Ok(Self {
            id: id.to_owned(),
            version,
            name: (!name.is_empty()).then(|| name.to_owned()),
            inputs,
        })
    }

    /// Plays the lesson again.
    ///
    /// # Errors
    ///
    /// A [`ProofError`] if the lesson is not one of these, has another version, or is not played to its end.
    pub fn verify(&self, lessons: &[Lesson]) -> Result<Session, ProofError> {
        let id = self.id.clone();
        let Some(lesson) = lessons.iter().find(|lesson| lesson.id == id) else {
            let known: Vec<_> = lessons.iter().map(|lesson| lesson.id.as_str()).collect();
            let known = known.join(", ");
            return Err(ProofError::Unknown { id, known });
        };
        if lesson.version != self.version {
            let (found, expected) = (self.version, lesson.version);
            return Err(ProofError::Version {
                id,
                found,
                expected,
            });
        }
        let unread = |_| ProofError::Content { what: "machine" };
        let mut session = Session::new(Arc::new(lesson.clone())).map_err(unread)?;
        for input in &self.inputs {
            session.input(input.clone());
        }
        if session.is_done() {
            Ok(session)
        } else {
            let view = session.view();
            Err(ProofError::Unfinished {
                id,
                step: view.step + 1,
                steps: view.steps,
            })
        }
    }
}
