//! The glossary: every term of the allocator and of the game, with what is Linux and what is ours.

use serde::Deserialize;

/// The shipped texts, as they are written.
pub const TEXT: &str = include_str!("../assets/text/glossary.ron");

/// Longest sentence, in characters.
const LONGEST: usize = 260;

/// A term.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// How it is written.
    pub term: String,
    /// Other names for it.
    #[serde(default)]
    pub also: Vec<String>,
    /// What it is in Linux; a sentence.
    pub linux: String,
    /// What it is in this game; a sentence.
    pub game: String,
    /// What was looked at, where something else is often said.
    #[serde(default)]
    pub evidence: Vec<String>,
    /// Terms that have to do with it.
    #[serde(default)]
    pub see: Vec<String>,
}

/// All terms, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glossary {
    entries: Vec<Entry>,
}

/// What is wrong with a glossary.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GlossaryError {
    /// It is no RON, or not of this form.
    #[error("line {line}: {what}")]
    Form {
        /// The line, from 1.
        line: u32,
        /// What the reader said.
        what: String,
    },
    /// An entry breaks a rule.
    #[error("the term {term:?}: found {found}, expected {expected}")]
    Entry {
        /// The term.
        term: String,
        /// What stands there.
        found: String,
        /// What should.
        expected: &'static str,
    },
}

impl Glossary {
    /// The glossary the game ships with.
    ///
    /// # Errors
    ///
    /// If the texts break a rule, which a test excludes.
    pub fn shipped() -> Result<Self, GlossaryError> {
        Self::parse(TEXT)
    }

    /// Reads and checks a glossary.
    ///
    /// # Errors
    ///
    /// Where it is not of its form; else the first entry that breaks a rule: terms in alphabetical order, names used
    /// once, sentences that end and are not too long, and nothing seen that is not there.
    pub fn parse(text: &str) -> Result<Self, GlossaryError> {
        let entries: Vec<Entry> = ron::from_str(text).map_err(|error| GlossaryError::Form {
            line: u32::try_from(error.span.start.line).unwrap_or(u32::MAX),
            what: error.code.to_string(),
        })?;
        let glossary = Self { entries };
        glossary.check()?;
        Ok(glossary)
    }

    /// All terms.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The term of this name or other name; case, blanks, dashes and underscores make no difference.
    pub fn find(&self, name: &str) -> Option<&Entry> {
        let name = key(name);
        let is = |other: &String| key(other) == name;
        let by_term = self.entries.iter().find(|entry| is(&entry.term));
        by_term.or_else(|| self.entries.iter().find(|entry| entry.also.iter().any(is)))
    }

    fn check(&self) -> Result<(), GlossaryError> {
        let mut names = Vec::new();
        for (at, entry) in self.entries.iter().enumerate() {
            let wrong = |found: &str, expected| {
                let (term, found) = (entry.term.clone(), found.to_owned());
                Err(GlossaryError::Entry {
                    term,
                    found,
                    expected,
                })
            };
            if at > 0 && key(&self.entries[at - 1].term) >= key(&entry.term) {
                let before = &self.entries[at - 1].term;
                return wrong(before, "a term before it in the alphabet");
            }
            let texts = [&entry.linux, &entry.game];
            for text in texts.into_iter().chain(&entry.evidence) {
                if !text.ends_with('.') || text.trim() != text || text.chars().count() > LONGEST {
                    return wrong(
                        text,
                        "a sentence of at most 260 characters with a full stop",
                    );
                }
            }
            for name in std::iter::once(&entry.term).chain(&entry.also) {
                if key(name).is_empty() || names.contains(&key(name)) {
                    return wrong(name, "a name that no other term has");
                }
                names.push(key(name));
            }
            for other in &entry.see {
                if !self.entries.iter().any(|entry| entry.term == *other) || *other == entry.term {
                    return wrong(other, "another term, as it is written there");
                }
            }
        }
        Ok(())
    }
}

/// What two ways to write a name have in common.
fn key(name: &str) -> String {
    name.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

impl std::fmt::Display for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.term)?;
        if !self.also.is_empty() {
            write!(f, " (also: {})", self.also.join(", "))?;
        }
        writeln!(f, "\n  Linux  {}\n  Here   {}", self.linux, self.game)?;
        for line in &self.evidence {
            writeln!(f, "  - {line}")?;
        }
        if !self.see.is_empty() {
            writeln!(f, "  See    {}", self.see.join(", "))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_glossary_is_sound_and_has_the_terms_of_the_rules() {
        let glossary = Glossary::shipped().expect("it keeps its rules");
        for name in [
            "buddy",
            "order",
            "PFN",
            "watermark",
            "kswapd",
            "OOM killer",
            "Minotaur",
            "grab",
            "exclusive",
            "pageblock",
            "migrate type",
            "compaction",
            "page cache",
            "zone",
            "GFP_ATOMIC",
            "watchdog",
            "isolate",
            "refault",
        ] {
            assert!(glossary.find(name).is_some(), "{name}");
        }
    }

    #[test]
    fn the_folklore_is_set_right_under_each_of_its_names() {
        let glossary = Glossary::shipped().expect("it keeps its rules");
        for name in ["__GFP_EXCLUSIVE", "gfp_excl", "GFP_EXCLUSIVE"] {
            let entry = glossary.find(name).expect(name);
            assert!(entry.linux.starts_with("There is no such flag"));
            assert!(entry.evidence.len() >= 3);
            // Neither does the model know any.
            assert!(name.parse::<crate::mm::Gfp>().is_err());
        }
    }

    #[test]
    fn names_are_found_however_they_are_written() {
        let glossary = Glossary::shipped().expect("it keeps its rules");
        for (name, term) in [
            ("MIGRATE TYPE", "migrate type"),
            ("migratetype", "migrate type"),
            ("proc/buddyinfo", "buddyinfo"),
            ("per cpu lists", "per-CPU lists"),
        ] {
            assert_eq!(
                glossary.find(name).map(|entry| entry.term.as_str()),
                Some(term),
                "{name}"
            );
        }
        assert_eq!(glossary.find("malloc"), None);
    }

    #[test]
    fn what_breaks_a_rule_is_named() {
        let entry = |term: &str, rest: &str| {
            format!("(term: \"{term}\", linux: \"A.\", game: \"B.\"{rest})")
        };
        for (text, said) in [
            (
                format!("[{}, {}]", entry("b", ""), entry("a", "")),
                "expected a term before it",
            ),
            (
                format!("[{}, {}]", entry("a", ""), entry("b", ", also: [\"A\"]")),
                "a name that no other term has",
            ),
            (
                format!("[{}]", entry("a", ", see: [\"b\"]")),
                "another term",
            ),
            (
                format!("[{}]", entry("a", ", evidence: [\"no stop\"]")),
                "a sentence",
            ),
            (format!("[\n{}]", entry("a", ", more: 1")), "line 2"),
        ] {
            let error = Glossary::parse(&text).expect_err(said).to_string();
            assert!(error.contains(said), "{error}");
        }
    }
}
