//! Logs and traces as they come in: a file or standard input, packed or not, line by line.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use lzma_rust2::XzReader;
use ruzstd::decoding::{FrameDecoder, StreamingDecoder};

use crate::storage::StorageError;

/// Most bytes that are read, unpacked: a file may have no end (`/dev/zero`), and a small one may unpack to any size.
const MOST_BYTES: u64 = 4 << 30;

/// Longest line that is kept, in bytes; of a longer one the rest is passed over.
const LONGEST_LINE: usize = 1 << 16;

/// Most memory, in KiB, that unpacking may take: `xz -9` needs 64 MiB.
const UNPACK_KIB: u32 = 256 << 10;

/// Why a text cannot be read; one sentence.
#[derive(Debug, thiserror::Error)]
pub enum UnpackError {
    /// The system refuses.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// What is in it cannot be used.
    #[error("{0}")]
    Text(String),
}

/// A text that is read line by line.
pub struct Lines {
    from: BufReader<Box<dyn Read>>,
    /// What it is called in messages.
    pub name: String,
    path: PathBuf,
    packed: bool,
    number: u64,
    bytes: u64,
    line: Vec<u8>,
    text: String,
}

impl Lines {
    /// Opens a file, or standard input for `-`. What is packed by gzip, xz or zstd is known by its first bytes.
    ///
    /// # Errors
    ///
    /// If it cannot be opened.
    pub fn open(path: &Path) -> Result<Self, UnpackError> {
        let refused = |error| {
            UnpackError::Storage(StorageError::System {
                path: path.into(),
                what: "read",
                error,
            })
        };
        let (name, raw): (String, Box<dyn Read>) = if path == Path::new("-") {
            ("standard input".into(), Box::new(io::stdin()))
        } else {
            let file = File::open(path).map_err(refused)?;
            (path.display().to_string(), Box::new(file))
        };
        let mut raw = raw;
        let mut head = Vec::new();
        let mut first = raw.by_ref().take(6);
        first.read_to_end(&mut head).map_err(refused)?;
        let packing = Packing::of(&head);
        let whole = BufReader::new(io::Cursor::new(head).chain(raw));
        let from: Box<dyn Read> = match packing {
            Packing::None => Box::new(whole),
            Packing::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(whole)),
            Packing::Xz => Box::new(XzReader::new_mem_limit(whole, true, UNPACK_KIB)),
            Packing::Zstd => Box::new(Frames {
                left: Some(whole),
                frame: None,
            }),
        };
        Ok(Self {
            from: BufReader::with_capacity(1 << 16, from),
            name,
            path: path.into(),
            packed: packing != Packing::None,
            number: 0,
            bytes: 0,
            line: Vec::new(),
            text: String::new(),
        })
    }

    /// The next line, without its end; none after the last. Bytes that are not text are shown as such: a log may have
    /// any.
    ///
    /// # Errors
    ///
    /// If it cannot be read on, or is longer than anything that can be.
    #[expect(
        clippy::should_implement_trait,
        reason = "an iterator cannot lend its lines"
    )]
    pub fn next(&mut self) -> Result<Option<&str>, UnpackError> {
        self.line.clear();
        let mut any = false;
        loop {
            let (used, end) = match self.from.fill_buf() {
                Ok([]) => break,
                Ok(bytes) => {
                    let end = bytes.iter().position(|&byte| byte == b'\n');
                    let part = &bytes[..end.unwrap_or(bytes.len())];
                    let room = LONGEST_LINE - self.line.len();
                    self.line.extend(&part[..part.len().min(room)]);
                    (part.len() + usize::from(end.is_some()), end.is_some())
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(self.fault(error)),
            };
            any = true;
            self.from.consume(used);
            self.bytes += used as u64;
            if self.bytes > MOST_BYTES {
                return Err(UnpackError::Text(format!(
                    "{}: line {}: found more than {MOST_BYTES} bytes, expected a text of at most so many",
                    self.name,
                    self.number + 1
                )));
            }
            if end {
                break;
            }
        }
        if !any {
            return Ok(None);
        }
        self.number += 1;
        self.text.clear();
        self.text.push_str(&String::from_utf8_lossy(&self.line));
        Ok(Some(&self.text))
    }

    fn fault(&self, error: io::Error) -> UnpackError {
        if self.packed {
            let (name, line) = (&self.name, self.number + 1);
            return UnpackError::Text(format!(
                "{name}: line {line} of the unpacked text: cannot unpack: {error}"
            ));
        }
        UnpackError::Storage(StorageError::System {
            path: self.path.clone(),
            what: "read",
            error,
        })
    }
}

/// The frames of a file packed by zstd, one after the other: some programs write many.
struct Frames<R: BufRead> {
    left: Option<R>,
    frame: Option<StreamingDecoder<R, FrameDecoder>>,
}

impl<R: BufRead> Read for Frames<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if let Some(frame) = &mut self.frame {
                let read = frame.read(buffer)?;
                if read > 0 || buffer.is_empty() {
                    return Ok(read);
                }
            }
            self.left = self
                .frame
                .take()
                .map(StreamingDecoder::into_inner)
                .or(self.left.take());
            let Some(mut left) = self.left.take() else {
                return Ok(0);
            };
            if left.fill_buf()?.is_empty() {
                return Ok(0);
            }
            let largest = u64::from(UNPACK_KIB) << 10;
            let frame = StreamingDecoder::new_with_max_window_size(left, largest);
            self.frame = Some(frame.map_err(io::Error::other)?);
        }
    }
}

/// How a file is packed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Packing {
    None,
    Gzip,
    Xz,
    Zstd,
}

impl Packing {
    /// By the first bytes.
    fn of(head: &[u8]) -> Self {
        if head.starts_with(&[0x1f, 0x8b]) {
            Self::Gzip
        } else if head.starts_with(b"\xfd7zXZ\0") {
            Self::Xz
        } else if head.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
            Self::Zstd
        } else {
            Self::None
        }
    }
}
