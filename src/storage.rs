//! Reads and writes the text files of people: whole, checked to be text, and never half written.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Largest text file that is read, in bytes; a journal of a thousand turns has 20 thousand.
const LARGEST: u64 = 64 << 20;

/// Why a file could not be read or written; one line that names the file.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// The system refused.
    #[error("{}: cannot {what}: {error}", path.display())]
    System {
        /// The file.
        path: PathBuf,
        /// What was tried: "read" or "write".
        what: &'static str,
        /// What the system said.
        error: io::Error,
    },
    /// The file is not text.
    #[error("{}: line {line}: found bytes that are not UTF-8, expected text", path.display())]
    NotText {
        /// The file.
        path: PathBuf,
        /// Where the first such byte is, counted from 1.
        line: usize,
    },
    /// The file is larger than any journal.
    #[error("{}: found {bytes} bytes, expected a text of at most {LARGEST}", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its size.
        bytes: u64,
    },
}

/// Reads a whole text file, or a file the system makes up as it is read (`/proc/buddyinfo`).
///
/// # Errors
///
/// If the system refuses, if the file is not UTF-8, or if it is far larger than any text of ours.
pub fn load(path: &Path) -> Result<String, StorageError> {
    use io::Read as _;
    let refused = |error| StorageError::System {
        path: path.into(),
        what: "read",
        error,
    };
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(refused)?;
    file.take(LARGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(refused)?;
    if bytes.len() as u64 > LARGEST {
        let bytes = fs::metadata(path).map_or(bytes.len() as u64, |data| data.len());
        return Err(StorageError::TooLarge {
            path: path.into(),
            bytes,
        });
    }
    String::from_utf8(bytes).map_err(|error| {
        let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = good.split(|&byte| byte == b'\n').count();
        StorageError::NotText {
            path: path.into(),
            line,
        }
    })
}

/// Writes a text file so that anybody who reads it, at any moment, finds either the old text or the new.
///
/// The text goes into a file beside it, which then takes its name. What is no ordinary file (a
/// pipe, `/dev/stdout`) is written to as it is.
///
/// # Errors
///
/// If the system refuses; the old file then stands as it was.
pub fn save(path: &Path, text: &str) -> Result<(), StorageError> {
    let refused = |error| StorageError::System {
        path: path.into(),
        what: "write",
        error,
    };
    // A link is followed: what it points to is replaced, not the link.
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.into());
    if fs::metadata(&target).is_ok_and(|data| !data.is_file()) {
        return fs::write(&target, text).map_err(refused);
    }
    let mut name = std::ffi::OsString::from(".");
    name.push(target.file_name().unwrap_or_default());
    name.push(format!(".{}.new", std::process::id()));
    let beside = target.with_file_name(name);
    fs::write(&beside, text)
        .and_then(|()| fs::rename(&beside, &target))
        .map_err(|error| {
            // Best effort: the error that counts is the one above.
            let _ = fs::remove_file(&beside);
            refused(error)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder that is gone when the test is over.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir()
                .join(format!("labyrinth-storage-{}-{name}", std::process::id()));
            fs::create_dir_all(&path).unwrap();
            Self(path)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn a_saved_text_is_read_back_and_nothing_is_left_beside_it() {
        let folder = Folder::new("round");
        let file = folder.0.join("raid.journal");
        save(&file, "one\n").unwrap();
        save(&file, "two\n").unwrap();
        assert_eq!(load(&file).unwrap(), "two\n");
        assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 1);
    }

    #[test]
    fn a_failed_save_leaves_the_old_text() {
        let folder = Folder::new("failed");
        let missing = folder.0.join("nowhere").join("raid.journal");
        let error = save(&missing, "x").unwrap_err().to_string();
        assert!(
            error.contains("nowhere") && error.contains("cannot write"),
            "{error}"
        );
        assert!(save(&folder.0, "x").is_err(), "a folder is no file");
        assert!(folder.0.is_dir());
    }

    #[test]
    fn what_is_not_text_is_named_by_line() {
        let folder = Folder::new("bytes");
        let file = folder.0.join("raid.journal");
        fs::write(&file, b"good\nbad \xff\n").unwrap();
        let error = load(&file).unwrap_err().to_string();
        assert!(
            error.ends_with("line 2: found bytes that are not UTF-8, expected text"),
            "{error}"
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_a_link() {
        let folder = Folder::new("link");
        let (file, link) = (folder.0.join("real"), folder.0.join("link"));
        save(&file, "old").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        save(&link, "new").unwrap();
        assert_eq!(load(&file).unwrap(), "new");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    }
}
