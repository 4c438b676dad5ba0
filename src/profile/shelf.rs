//! Where texts are kept from one day to the next: the trait, and a shelf in memory.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Why a shelf did not do what it was asked; one sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ShelfError {
    /// It may not be used.
    #[error("the place for what is kept is denied ({0})")]
    Denied(String),
    /// There is no room for the text.
    #[error("the place for what is kept is full ({0})")]
    Full(String),
    /// Something is there that is no text, or far too long to be one of ours.
    #[error("what is kept is damaged ({0})")]
    NoText(String),
    /// Anything else.
    #[error("the place for what is kept does not answer ({0})")]
    Failed(String),
}

/// A place where texts are kept under keys: a folder, a browser's storage.
///
/// Keys are short, of the characters `a-z 0-9 . -`.
pub trait Shelf: fmt::Debug + Send + Sync {
    /// The text under a key, `None` if there is none.
    ///
    /// # Errors
    ///
    /// If nobody can tell.
    fn read(&self, key: &str) -> Result<Option<String>, ShelfError>;

    /// Puts a text under a key, in the place of what was there: all of it or nothing.
    ///
    /// # Errors
    ///
    /// If it could not be kept; what was there before is there still.
    fn write(&self, key: &str, text: &str) -> Result<(), ShelfError>;

    /// Keeps what is under a key under another one, where nothing is yet. It may stay under the first as well.
    ///
    /// # Errors
    ///
    /// If it could not be kept.
    fn set_aside(&self, key: &str, aside: &str) -> Result<(), ShelfError> {
        match self.read(key)? {
            Some(text) => self.write(aside, &text),
            None => Ok(()),
        }
    }

    /// True if something is under a key, though it may be no text.
    ///
    /// # Errors
    ///
    /// If nobody can tell.
    fn has(&self, key: &str) -> Result<bool, ShelfError> {
        Ok(self.read(key)?.is_some())
    }
}

/// A shelf that is gone with the program. Its clones are the same shelf.
#[derive(Debug, Clone, Default)]
pub struct MemoryShelf {
    texts: Arc<Mutex<BTreeMap<String, String>>>,
}

impl MemoryShelf {
    /// An empty shelf.
    pub fn new() -> Self {
        Self::default()
    }

    /// The keys there are.
    pub fn keys(&self) -> Vec<String> {
        self.texts().keys().cloned().collect()
    }

    fn texts(&self) -> MutexGuard<'_, BTreeMap<String, String>> {
        // Each text is put there whole: nothing can be half done.
        self.texts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shelf for MemoryShelf {
    fn read(&self, key: &str) -> Result<Option<String>, ShelfError> {
        Ok(self.texts().get(key).cloned())
    }

    fn write(&self, key: &str, text: &str) -> Result<(), ShelfError> {
        self.texts().insert(key.into(), text.into());
        Ok(())
    }
}
