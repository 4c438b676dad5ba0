//! Reads and writes the files of people: whole, texts checked to be text, and never half written.

use std::ffi::OsString;
use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// Largest text file that is read, in bytes; a journal of a thousand turns has 20 thousand.
const LARGEST: u64 = 64 << 20;

/// How many names of files are tried that may be taken already.
const TRIES: u32 = 100;

/// Longest chain of links that is followed, as long as Linux follows one.
const LINKS: u32 = 40;

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
    /// The system refused to make a file in this directory.
    #[error("{}: cannot write in the directory {}: {error}", path.display(), directory.display())]
    Directory {
        /// The file.
        path: PathBuf,
        /// Where it would lie.
        directory: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// The text was to go to standard output, and that could not be written to.
    #[error("standard output: {0}")]
    Output(io::Error),
    /// The file is not text.
    #[error("{}: line {line}: found bytes that are not UTF-8, expected text", path.display())]
    NotText {
        /// The file.
        path: PathBuf,
        /// Where the first such byte is, counted from 1.
        line: usize,
    },
    /// The file is larger than any journal; it may have no end at all (`/dev/zero`).
    #[error("{}: found more than {LARGEST} bytes, expected a text of at most so many", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
}

/// Reads a whole text file, or a file the system makes up as it is read (`/proc/buddyinfo`).
///
/// A byte order mark, as some editors put before a text, is passed over.
///
/// # Errors
///
/// If the system refuses, if the file is not UTF-8, or if it is far larger than any text of ours.
pub fn load(path: &Path) -> Result<String, StorageError> {
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
        return Err(StorageError::TooLarge { path: path.into() });
    }
    let mut text = String::from_utf8(bytes).map_err(|error| {
        let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = good.split(|&byte| byte == b'\n').count();
        StorageError::NotText {
            path: path.into(),
            line,
        }
    })?;
    if text.starts_with('\u{feff}') {
        text.remove(0);
    }
    Ok(text)
}

/// Writes a text to a place once: see [`Target`].
///
/// # Errors
///
/// If the system refuses; an old file then stands as it was.
pub fn save(path: &Path, text: &str) -> Result<(), StorageError> {
    Target::open(path)?.save(text)
}

/// Writes a file that is no text to a place: whole or not at all, as [`Target`] does.
///
/// # Errors
///
/// If the system refuses; an old file then stands as it was.
pub fn save_bytes(path: &Path, bytes: &[u8]) -> Result<(), StorageError> {
    let written = match place(path)? {
        Place::File(file) => return replace(path, &file, bytes),
        Place::Stream(mut stream) => add(&mut stream, bytes),
        Place::Stdout => return add(&mut io::stdout().lock(), bytes).map_err(StorageError::Output),
        Place::Stderr => add(&mut io::stderr().lock(), bytes),
    };
    written.map_err(|error| cannot_write(path, error))
}

/// Where a text that grows is written, again and again.
///
/// An ordinary file is replaced so that anybody who reads it, at any moment, finds either the old text or
/// the new: the text goes into a file beside it, which then takes its name and keeps its permissions. A
/// link is followed, also to a file that is not there yet.
///
/// What is no ordinary file (a pipe, a device, an open file such as `/dev/stdout` or `/dev/fd/3`) is
/// written to as it is: it gets the part of the text that it has not got yet.
#[derive(Debug)]
pub struct Target {
    path: PathBuf,
    place: Place,
    /// What went into a stream already.
    told: String,
}

#[derive(Debug)]
enum Place {
    /// A file that is replaced, links followed.
    File(PathBuf),
    Stream(fs::File),
    Stdout,
    Stderr,
}

impl Target {
    /// Finds what the path leads to, and opens it if it is a stream. No ordinary file is touched.
    ///
    /// # Errors
    ///
    /// If the path leads nowhere, or the system refuses to open the stream.
    pub fn open(path: &Path) -> Result<Self, StorageError> {
        Ok(Self {
            path: path.into(),
            place: place(path)?,
            told: String::new(),
        })
    }

    /// Writes the beginning of the text, so that a place that cannot be written to is found out early.
    ///
    /// On standard output and standard error, where other lines would come between, nothing is written
    /// before [`Self::save`].
    ///
    /// # Errors
    ///
    /// As [`Self::save`].
    pub fn begin(&mut self, text: &str) -> Result<(), StorageError> {
        match self.place {
            Place::Stdout | Place::Stderr => Ok(()),
            Place::File(_) | Place::Stream(_) => self.save(text),
        }
    }

    /// Writes the text as it is now.
    ///
    /// # Errors
    ///
    /// If the system refuses; an old file then stands as it was.
    pub fn save(&mut self, text: &str) -> Result<(), StorageError> {
        let rest = text.strip_prefix(self.told.as_str()).unwrap_or(text);
        let written = match &mut self.place {
            Place::File(file) => return replace(&self.path, file, text.as_bytes()),
            Place::Stream(stream) => add(stream, rest.as_bytes()),
            Place::Stdout => {
                add(&mut io::stdout().lock(), rest.as_bytes()).map_err(StorageError::Output)?;
                Ok(())
            }
            Place::Stderr => add(&mut io::stderr().lock(), rest.as_bytes()),
        };
        written.map_err(|error| cannot_write(&self.path, error))?;
        self.told = text.into();
        Ok(())
    }
}

fn add(stream: &mut impl io::Write, bytes: &[u8]) -> io::Result<()> {
    stream.write_all(bytes)?;
    stream.flush()
}

fn cannot_write(path: &Path, error: io::Error) -> StorageError {
    StorageError::System {
        path: path.into(),
        what: "write",
        error,
    }
}

/// What stands at the end of all links of a path.
fn place(path: &Path) -> Result<Place, StorageError> {
    let refused = |error| cannot_write(path, error);
    let mut here = path.to_path_buf();
    for _ in 0..LINKS {
        let Some(name) = here.file_name() else {
            // "/" and "..", which the system refuses in its own words.
            return Ok(Place::File(here));
        };
        let parent = here.parent().filter(|parent| *parent != Path::new(""));
        let parent = parent.unwrap_or(Path::new("."));
        let directory = fs::canonicalize(parent).map_err(|error| StorageError::Directory {
            path: path.into(),
            directory: parent.into(),
            error,
        })?;
        let file = directory.join(name);
        if is_open_files(&directory) {
            return open_file(&directory, &file).map_err(refused);
        }
        if let Ok(next) = fs::read_link(&file) {
            here = directory.join(next);
            continue;
        }
        // Whatever its directory holds, a device must not be replaced. Shared memory is an ordinary directory.
        let device = directory.starts_with("/dev") && !directory.starts_with("/dev/shm");
        if device || fs::metadata(&file).is_ok_and(|data| !data.is_file()) {
            let mut options = fs::OpenOptions::new();
            options.write(true).create(device).truncate(device);
            return options.open(&file).map(Place::Stream).map_err(refused);
        }
        return Ok(Place::File(file));
    }
    Err(refused(io::Error::other(format!(
        "more than {LINKS} links, one after the other"
    ))))
}

/// True if the files of this directory stand for open files of a process: `/proc/PID/fd`, `/dev/fd`.
fn is_open_files(directory: &Path) -> bool {
    directory.ends_with("fd") && (directory.starts_with("/proc") || directory.starts_with("/dev"))
}

/// An open file of a process. It is added to: others have written to it, and go on to.
fn open_file(directory: &Path, file: &Path) -> io::Result<Place> {
    let ours = directory.starts_with("/dev")
        || fs::canonicalize("/proc/self").is_ok_and(|own| directory.starts_with(own));
    match file.file_name().and_then(|name| name.to_str()) {
        Some("1") if ours => Ok(Place::Stdout),
        Some("2") if ours => Ok(Place::Stderr),
        _ => {
            let mut options = fs::OpenOptions::new();
            options.append(true).open(file).map(Place::Stream)
        }
    }
}

/// Puts a file with this content in the place of another; `path` is what errors call it.
fn replace(path: &Path, file: &Path, bytes: &[u8]) -> Result<(), StorageError> {
    // Opened without a change: a file that must not be written to must not be replaced either.
    let permissions = match fs::OpenOptions::new().write(true).open(file) {
        Ok(old) => old.metadata().ok().map(|data| data.permissions()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(cannot_write(path, error)),
    };
    let (beside, new) = create_beside(file).map_err(|error| StorageError::Directory {
        path: path.into(),
        directory: file.parent().unwrap_or(file).into(),
        error,
    })?;
    if let Some(permissions) = permissions {
        // Best effort: some file systems know no permissions.
        let _ = new.set_permissions(permissions);
    }
    let written = write_and_close(new, bytes);
    written
        .and_then(|()| fs::rename(&beside, file))
        .map_err(|error| {
            // Best effort: the error that counts is the one above.
            let _ = fs::remove_file(&beside);
            cannot_write(path, error)
        })
}

/// Some systems rename no open file: it is closed when this is done.
fn write_and_close(mut file: fs::File, bytes: &[u8]) -> io::Result<()> {
    file.write_all(bytes)
}

/// Makes a file beside this one that nobody else writes to, be it another program or a thread of this one.
fn create_beside(file: &Path) -> io::Result<(PathBuf, fs::File)> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let mut tried = 0;
    loop {
        let mut name = OsString::from(".");
        name.push(file.file_name().unwrap_or_default());
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        name.push(format!(".{}-{count}.new", std::process::id()));
        let beside = file.with_file_name(name);
        match fs::File::create_new(&beside) {
            Ok(new) => return Ok((beside, new)),
            // Left by a program that was ended while it wrote, and had the same number.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && tried < TRIES => {
                tried += 1;
            }
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests;
