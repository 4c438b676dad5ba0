//! Where lessons come from: files of the program on a desktop, of the page on the web; and where proofs go.

use std::sync::Arc;

use bevy::prelude::*;

use super::Learn;
use crate::app::Screen;
use crate::app::prefs::Prefs;
use crate::app::session::Session;
use crate::lesson::{self, Lesson};
use crate::phrases::Phrase;

/// The lessons.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(in crate::app) enum Lessons {
    /// Nobody asked for them yet.
    #[default]
    None,
    /// They were asked for.
    #[cfg_attr(
        not(all(target_family = "wasm", target_os = "unknown")),
        expect(dead_code, reason = "a desktop has them at once")
    )]
    Coming,
    /// In the order in which they are taught.
    Here(Vec<Arc<Lesson>>),
    /// Why there are none.
    Failed(String),
}

/// Reads lessons: names of files, and their texts.
fn read<'a>(files: impl Iterator<Item = (&'a str, &'a str)>) -> Lessons {
    let all: Result<Vec<_>, _> = files
        .map(|(name, text)| lesson::load(name, text).map(Arc::new))
        .collect();
    match all {
        Ok(all) => Lessons::Here(all),
        Err(error) => Lessons::Failed(error.to_string()),
    }
}

/// What was asked for, and what is looked at again.
#[derive(Resource, Default)]
pub(in crate::app) struct Source {
    #[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
    folder: folder::Folder,
}

/// Brings lessons once they are needed, and again when their files change.
pub(super) fn follow(
    screen: Res<State<Screen>>,
    mut learn: ResMut<Learn>,
    mut source: ResMut<Source>,
    mut session: ResMut<Session>,
    prefs: Res<Prefs>,
) {
    if *screen.get() != Screen::Learn {
        return;
    }
    let new = match &learn.lessons {
        Lessons::None => Some(source.ask()),
        Lessons::Coming => source.came(),
        Lessons::Here(_) | Lessons::Failed(_) => source.changed(),
    };
    if let Some(new) = new {
        learn.come(new, &mut session, &prefs);
    }
}

#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
impl Source {
    /// A desktop has them at once.
    fn ask(&mut self) -> Lessons {
        let own = self.folder.read();
        own.unwrap_or_else(|| read(lesson::shipped_files().iter().copied()))
    }

    fn came(&mut self) -> Option<Lessons> {
        self.changed()
    }

    fn changed(&mut self) -> Option<Lessons> {
        if self.folder.changed() {
            self.folder.read()
        } else {
            None
        }
    }
}

/// The folder of lessons of whoever writes them: builds for development follow its files.
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
mod folder {
    use std::path::{Path, PathBuf};
    use std::time::{Duration, Instant, SystemTime};

    use super::{Lessons, read};

    /// Where they lie in the project.
    const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/levels/lessons");
    /// How often their times are looked at.
    const EVERY: Duration = Duration::from_secs(1);

    /// The files as they were read last.
    #[derive(Default)]
    pub(super) struct Folder {
        stamps: Vec<(PathBuf, Option<SystemTime>)>,
        looked: Option<Instant>,
    }

    impl Folder {
        fn stamps() -> Vec<(PathBuf, Option<SystemTime>)> {
            // Whoever plays a game that is finished changes no lessons under it.
            if !cfg!(debug_assertions) || cfg!(test) {
                return Vec::new();
            }
            let Ok(entries) = std::fs::read_dir(Path::new(FOLDER)) else {
                return Vec::new();
            };
            let mut files: Vec<_> = entries
                .filter_map(|entry| Some(entry.ok()?.path()))
                .filter(|path| path.extension().is_some_and(|ending| ending == "ron"))
                .map(|path| {
                    let time = path.metadata().and_then(|data| data.modified()).ok();
                    (path, time)
                })
                .collect();
            files.sort();
            files
        }

        /// True if a file is another than when they were read.
        pub(super) fn changed(&mut self) -> bool {
            if self.stamps.is_empty() || self.looked.is_some_and(|then| then.elapsed() < EVERY) {
                return false;
            }
            self.looked = Some(Instant::now());
            Self::stamps() != self.stamps
        }

        /// The lessons of the folder, if there is one.
        pub(super) fn read(&mut self) -> Option<Lessons> {
            self.stamps = Self::stamps();
            if self.stamps.is_empty() {
                return None;
            }
            let mut files = Vec::new();
            for (path, _) in &self.stamps {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                match crate::storage::load(path) {
                    Ok(text) => files.push((name.into_owned(), text)),
                    Err(error) => return Some(Lessons::Failed(error.to_string())),
                }
            }
            Some(read(files.iter().map(|(name, text)| (&**name, &**text))))
        }
    }
}

/// A page fetches them: a text for each file, with its name before it.
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
impl Source {
    fn ask(&mut self) -> Lessons {
        self.came().unwrap_or(Lessons::Coming)
    }

    fn came(&mut self) -> Option<Lessons> {
        Some(match crate::app::web::texts::take("lessons.json")? {
            Ok(text) => match serde_json::from_str::<Vec<(String, String)>>(&text) {
                Ok(files) => read(files.iter().map(|(name, text)| (&**name, &**text))),
                Err(error) => Lessons::Failed(error.to_string()),
            },
            Err(why) => Lessons::Failed(why),
        })
    }

    fn changed(&mut self) -> Option<Lessons> {
        None
    }
}

/// Puts a proof where it can be taken from, and says where that is.
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
pub(super) fn copy(proof: &str, _: &mut Session, prefs: &Prefs) -> String {
    crate::app::web::page::call("copy", &[proof.into()]);
    prefs.say(Phrase::LearnCopied).to_owned()
}

/// A desktop keeps proofs beside the profile, one a line, as `labyrinth verify` reads them.
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
pub(super) fn copy(proof: &str, session: &mut Session, prefs: &Prefs) -> String {
    const FILE: &str = "proofs";
    match session.keep_line(FILE, proof) {
        Ok(()) => prefs.words.fill(Phrase::LearnKept, &[("file", FILE)]),
        Err(why) => why,
    }
}
