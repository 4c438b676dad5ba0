//! Finds the pages that a text names, so that every screen can lead to them.

use super::{Codex, key};

/// Words of the longest name.
const LONGEST: usize = 4;

impl Codex {
    /// The pages named in these lines, in the order of naming, each once.
    pub fn named_in<S: AsRef<str>>(&self, lines: &[S]) -> Vec<usize> {
        let names = self.names();
        let mut found = Vec::new();
        for line in lines {
            let words: Vec<String> = words(line.as_ref());
            let mut at = 0;
            while at < words.len() {
                let most = LONGEST.min(words.len() - at);
                // The longest name wins: "page cache" is no "page".
                let hit = (1..=most).rev().find_map(|count| {
                    let said = words[at..at + count].concat();
                    let page = names
                        .iter()
                        .find(|(name, _)| said == *name || said.strip_suffix('s') == Some(name))?;
                    Some((count, page.1))
                });
                let (count, page) = hit.unwrap_or((1, usize::MAX));
                if page != usize::MAX && !found.contains(&page) {
                    found.push(page);
                }
                at += count;
            }
        }
        found
    }

    /// Every name, and whose it is.
    fn names(&self) -> Vec<(String, usize)> {
        let mut names = Vec::new();
        for (at, page) in self.pages().iter().enumerate() {
            for name in std::iter::once(&page.name).chain(&page.also) {
                names.push((key(name), at));
            }
        }
        names
    }
}

/// The words of a text, as names are compared.
fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .map(key)
        .filter(|word| !word.is_empty())
        .collect()
}
