//! The inputs that are worth changing: each showed something that none before it did.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Inputs and what they showed.
#[derive(Debug, Default)]
pub struct Pool {
    inputs: Vec<Vec<u8>>,
    shown: Vec<BTreeSet<u32>>,
    seen: BTreeSet<u32>,
    stored: BTreeSet<u32>,
}

impl Pool {
    /// Keeps an input if it shows something new.
    pub fn offer(&mut self, bytes: &[u8], features: Vec<u32>) {
        let shown: BTreeSet<u32> = features.into_iter().collect();
        if !shown.is_subset(&self.seen) {
            self.seen.extend(&shown);
            self.inputs.push(bytes.to_vec());
            self.shown.push(shown);
        }
    }

    /// All that were kept.
    pub fn inputs(&self) -> &[Vec<u8>] {
        &self.inputs
    }

    /// How many kinds of things were seen.
    pub fn seen(&self) -> usize {
        self.seen.len()
    }

    /// Everything seen so far counts as stored.
    pub fn stored(&mut self) {
        self.stored = self.seen.clone();
    }

    /// The few inputs that add most to what is stored: always the one that adds most to those before it.
    pub fn best(&self, most: usize) -> Vec<Vec<u8>> {
        let mut missing = &self.seen - &self.stored;
        let mut best = Vec::new();
        while best.len() < most && !missing.is_empty() {
            let adds = |at: &usize| self.shown[*at].intersection(&missing).count();
            let Some(next) = (0..self.inputs.len()).max_by_key(adds) else {
                break;
            };
            missing.retain(|feature| !self.shown[next].contains(feature));
            best.push(self.inputs[next].clone());
        }
        best
    }
}

/// The name of an input's file: a hash of what is in it (FNV-1a).
pub fn name(bytes: &[u8]) -> String {
    let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
}

/// All inputs of a folder, by name.
///
/// # Errors
///
/// One line that says which file or folder could not be read, and why.
pub fn read(folder: &Path) -> Result<Vec<Vec<u8>>, String> {
    let because = |path: &Path, error| format!("{}: {error}", path.display());
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| because(folder, error))? {
        files.push(entry.map_err(|error| because(folder, error))?.path());
    }
    files.sort();
    let read = |file| fs::read(file).map_err(|error| because(file, error));
    files.iter().map(|file| read(file)).collect()
}

/// Writes those inputs that are not there yet. Returns how many.
///
/// # Errors
///
/// One line that says which file or folder could not be written, and why.
pub fn write(folder: &Path, inputs: &[Vec<u8>]) -> Result<usize, String> {
    let because = |path: &Path, error| format!("{}: {error}", path.display());
    fs::create_dir_all(folder).map_err(|error| because(folder, error))?;
    let mut written = 0;
    for bytes in inputs {
        let file = folder.join(name(bytes));
        if !file.exists() {
            fs::write(&file, bytes).map_err(|error| because(&file, error))?;
            written += 1;
        }
    }
    Ok(written)
}
