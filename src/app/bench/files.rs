//! What the bench reads and writes outside the game: kept scripts, files, what was copied.

use crate::app::input::Given;
use crate::app::session::Session;
use crate::workbench::Files;

/// There are files that one can name.
pub(super) const HAS_FILES: bool = cfg!(not(target_family = "wasm"));

/// Kept scripts, and the way out for files.
pub(super) struct Outside<'s>(pub &'s Session);

impl Files for Outside<'_> {
    fn script(&mut self, name: &str) -> Result<Option<String>, String> {
        self.0.kept_script(name)
    }

    fn keep(&mut self, name: &str, text: &str) -> Result<(), String> {
        self.0.keep_script(name, text)
    }

    fn hand_out(&mut self, file: &str, text: &str) -> Result<String, String> {
        hand_out(file, text)
    }

    fn link(&mut self, fragment: &str) -> String {
        link(fragment)
    }
}

#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
mod here {
    use std::path::PathBuf;

    use super::Given;
    use crate::app::input::Gift;
    use crate::storage;
    use crate::unpack::Lines;
    use crate::workbench::found::{Finder, Found};

    /// Most files of one name that are told apart by a number.
    const MOST_COPIES: u32 = 1000;

    /// Where files go that are asked for in the window: the folder for downloads, or where the program was started.
    fn folder() -> PathBuf {
        let folder = directories::UserDirs::new()
            .and_then(|dirs| dirs.download_dir().map(std::path::Path::to_owned));
        folder
            .filter(|folder| folder.is_dir())
            .unwrap_or_else(|| PathBuf::from("."))
    }

    /// Writes a file beside others of its name.
    pub(in crate::app::bench) fn hand_out(file: &str, text: &str) -> Result<String, String> {
        let folder = folder();
        let (stem, end) = file.rsplit_once('.').unwrap_or((file, "txt"));
        let free = (1..MOST_COPIES)
            .map(|copy| {
                folder.join(if copy == 1 {
                    file.to_owned()
                } else {
                    format!("{stem}-{copy}.{end}")
                })
            })
            .find(|path| !path.exists());
        let path = free.ok_or_else(|| format!("there are {MOST_COPIES} files of that name"))?;
        storage::save(&path, text).map_err(|error| error.to_string())?;
        Ok(format!(
            "{} lines in {}",
            text.lines().count(),
            path.display()
        ))
    }

    /// The fragment itself: a desktop has no address.
    pub(in crate::app::bench) fn link(fragment: &str) -> String {
        format!("#{fragment}")
    }

    /// What was copied elsewhere.
    pub(in crate::app::bench) fn copied() -> Option<String> {
        arboard::Clipboard::new().ok()?.get_text().ok()
    }

    /// A desktop has its path to type instead.
    pub(in crate::app::bench) const fn choose() {}

    /// Reads a file beside the game; what it turned out to be comes back as a gift.
    pub(in crate::app::bench) fn read(path: &str, given: Given) {
        let path = path.to_owned();
        std::thread::spawn(move || {
            let found = find(&path);
            given.put(Gift::Found(path, found));
        });
    }

    fn find(path: &str) -> Result<Found, String> {
        let path = match path.strip_prefix("~/") {
            Some(rest) => directories::UserDirs::new()
                .map_or_else(|| PathBuf::from(path), |dirs| dirs.home_dir().join(rest)),
            None => PathBuf::from(path),
        };
        let mut lines = Lines::open(&path).map_err(|error| error.to_string())?;
        let mut finder = Finder::new();
        while let Some(line) = lines.next().map_err(|error| error.to_string())? {
            finder.line(line);
        }
        finder.finish(&lines.name)
    }
}

#[cfg(all(target_family = "wasm", target_os = "unknown"))]
mod here {
    use super::Given;
    use crate::app::web::page;

    /// Hands a text to the browser's downloads.
    pub(in crate::app::bench) fn hand_out(file: &str, text: &str) -> Result<String, String> {
        page::call("saveText", &[text.into(), file.into()]);
        Ok(format!("{file} is handed to the browser's downloads"))
    }

    /// Puts the fragment into the page's address.
    pub(in crate::app::bench) fn link(fragment: &str) -> String {
        page::set_fragment(fragment);
        format!("the address of this page now opens these calls: #{fragment}")
    }

    /// The page brings what is pasted by itself.
    pub(in crate::app::bench) const fn copied() -> Option<String> {
        None
    }

    /// Lets the page ask for a file.
    pub(in crate::app::bench) fn choose() {
        page::call("chooseFile", &[]);
    }

    /// A page reads no paths.
    pub(in crate::app::bench) fn read(_: &str, _: Given) {}
}

pub(super) use here::{choose, copied, hand_out, link, read};
