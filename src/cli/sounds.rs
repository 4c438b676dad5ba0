//! `labyrinth sounds`: what the game sounds like, as a list or as files.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};

use super::CliError;
use super::args::SoundsArgs;
use crate::sound::{Cues, render, wav};
use crate::storage;

/// Lists the sounds, or writes each into the folder.
pub(super) fn run(args: &SoundsArgs) -> Result<(), CliError> {
    let cues = Cues::shipped().map_err(|error| CliError::Input(error.to_string()))?;
    let Some(folder) = &args.out else {
        let text = list(&cues);
        return Ok(io::stdout().lock().write_all(text.as_bytes())?);
    };
    fs::create_dir_all(folder).map_err(|error| {
        let folder = folder.display();
        CliError::Input(format!("{folder}: cannot make this folder: {error}"))
    })?;
    let mut files = 0;
    let mut bytes = 0;
    for recipe in cues.all() {
        for variation in 0..recipe.variations {
            let name = match variation {
                0 => format!("{}.wav", recipe.cue.name()),
                _ => format!("{}-{}.wav", recipe.cue.name(), variation + 1),
            };
            let file = wav(&render(recipe, variation));
            storage::save_bytes(&folder.join(name), &file)?;
            files += 1;
            bytes += file.len();
        }
    }
    let folder = folder.display();
    writeln!(io::stdout(), "{folder}: {files} sounds, {bytes} bytes")?;
    Ok(())
}

/// A line for each sound: its name, its length, the volume it follows, how many of it there are, what it means.
fn list(cues: &Cues) -> String {
    let mut text = format!(
        "{:<16} {:>5}  {:<8} {:>2}  meaning\n",
        "sound", "ms", "volume", "n"
    );
    for recipe in cues.all() {
        let _ = writeln!(
            text,
            "{:<16} {:>5}  {:<8} {:>2}  {}",
            recipe.cue.name(),
            recipe.ms,
            recipe.bus.name(),
            recipe.variations,
            recipe.means
        );
    }
    text
}
