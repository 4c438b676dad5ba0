//! A shelf that is a folder of files, and which folder that is.

use std::ffi::OsString;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::shelf::{Shelf, ShelfError};
use crate::storage::{self, StorageError};

/// The environment variable that names the folder of everything that is kept.
pub const HOME_VARIABLE: &str = "LABYRINTH_HOME";

/// Longest key, in characters.
const MAX_KEY: usize = 64;

/// A folder, with a file for every key.
///
/// Files are replaced whole: of two programs that write at the same time one comes last, and whoever reads finds what
/// one of them wrote.
#[derive(Debug, Clone)]
pub struct FileShelf {
    folder: PathBuf,
}

impl FileShelf {
    /// The shelf in this folder, which is made when the first text is written.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
        }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn file(&self, key: &str) -> Result<PathBuf, ShelfError> {
        let plain =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(&byte);
        if key.len() <= MAX_KEY
            && key.starts_with(|c: char| c.is_ascii_lowercase())
            && key.bytes().all(plain)
        {
            return Ok(self.folder.join(key));
        }
        Err(ShelfError::Failed(format!(
            "found the key {key:?}, expected at most {MAX_KEY} of the characters a-z 0-9 . -, the first a letter"
        )))
    }
}

impl Shelf for FileShelf {
    fn read(&self, key: &str) -> Result<Option<String>, ShelfError> {
        match storage::load(&self.file(key)?) {
            Ok(text) => Ok(Some(text)),
            Err(StorageError::System { error, .. }) if error.kind() == ErrorKind::NotFound => {
                Ok(None)
            }
            Err(error) => Err(refusal(error)),
        }
    }

    fn write(&self, key: &str, text: &str) -> Result<(), ShelfError> {
        let file = self.file(key)?;
        fs::create_dir_all(&self.folder).map_err(|error| {
            refusal(StorageError::Directory {
                path: file.clone(),
                directory: self.folder.clone(),
                error,
            })
        })?;
        storage::save(&file, text).map_err(refusal)
    }

    /// Moves the file, which may be of bytes that are no text.
    fn set_aside(&self, key: &str, aside: &str) -> Result<(), ShelfError> {
        let (file, aside) = (self.file(key)?, self.file(aside)?);
        match fs::rename(&file, aside) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(refusal(StorageError::System {
                    path: file,
                    what: "write",
                    error,
                }))
            }
            _ => Ok(()),
        }
    }

    fn has(&self, key: &str) -> Result<bool, ShelfError> {
        let file = self.file(key)?;
        match fs::symlink_metadata(&file) {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(refusal(StorageError::System {
                path: file,
                what: "read",
                error,
            })),
        }
    }
}

fn refusal(error: StorageError) -> ShelfError {
    let said = error.to_string();
    if matches!(
        error,
        StorageError::NotText { .. } | StorageError::TooLarge { .. }
    ) {
        return ShelfError::NoText(said);
    }
    let (StorageError::System { error, .. } | StorageError::Directory { error, .. }) = error else {
        return ShelfError::Failed(said);
    };
    match error.kind() {
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => ShelfError::Denied(said),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => ShelfError::Full(said),
        _ => ShelfError::Failed(said),
    }
}

/// The folder of everything that is kept on a desktop: what [`HOME_VARIABLE`] says, else the place the system has for
/// such things (`~/.local/share/void-labyrinth` on Linux). `None` if there is none, as for users without a home.
#[cfg(not(target_family = "wasm"))]
pub fn default_folder() -> Option<PathBuf> {
    folder(std::env::var_os(HOME_VARIABLE), || {
        let dirs = directories::ProjectDirs::from("", "", "void-labyrinth")?;
        Some(dirs.data_dir().into())
    })
}

/// There are no folders in a browser.
#[cfg(target_family = "wasm")]
pub fn default_folder() -> Option<PathBuf> {
    None
}

#[cfg_attr(
    all(target_family = "wasm", not(test)),
    expect(dead_code, reason = "browsers have no folders")
)]
fn folder(home: Option<OsString>, system: impl FnOnce() -> Option<PathBuf>) -> Option<PathBuf> {
    home.filter(|home| !home.is_empty())
        .map(PathBuf::from)
        .or_else(system)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variable_comes_before_the_systems_folder() {
        let system = || Some(PathBuf::from("/system"));
        let of = |home: &str| folder(Some(home.into()), system);
        assert_eq!(of("/mine"), Some("/mine".into()));
        assert_eq!(of(""), Some("/system".into()));
        assert_eq!(folder(None, system), Some("/system".into()));
        assert_eq!(folder(None, || None), None);
    }

    #[test]
    fn keys_are_plain_names_of_files() {
        let shelf = FileShelf::new("folder");
        for key in ["profile", "profile.damaged.2", "a-b"] {
            assert_eq!(shelf.file(key), Ok(Path::new("folder").join(key)));
        }
        for key in [
            "",
            ".",
            "..",
            ".a",
            "a/b",
            "a\\b",
            "A",
            "é",
            "a:b",
            &"a".repeat(65),
        ] {
            assert!(shelf.file(key).is_err(), "{key}");
            assert!(
                shelf.read(key).is_err() && shelf.write(key, "").is_err(),
                "{key}"
            );
        }
    }
}
