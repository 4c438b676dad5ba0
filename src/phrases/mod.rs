//! What the screens say, in each language: one table a language, the same keys in each.

mod list;

use std::collections::BTreeMap;

use crate::settings::{Action, Language};

pub use list::Phrase;

const EN: &str = include_str!("../../assets/text/en.ron");
const DE: &str = include_str!("../../assets/text/de.ron");

/// The texts of one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phrases {
    /// By the phrases' numbers.
    texts: Vec<String>,
}

impl Phrases {
    /// The table of a language. What it should lack, and no tested build does, is said by its key.
    pub fn of(language: Language) -> Self {
        let text = match language {
            Language::En => EN,
            Language::De => DE,
        };
        let mut table: BTreeMap<String, String> = ron::from_str(text).unwrap_or_default();
        let mut take = |phrase: &Phrase| {
            let key = phrase.key();
            table.remove(key).unwrap_or_else(|| key.to_string())
        };
        Self {
            texts: Phrase::ALL.iter().map(&mut take).collect(),
        }
    }

    /// What it says.
    pub fn get(&self, phrase: Phrase) -> &str {
        self.texts
            .get(phrase as usize)
            .map_or(phrase.key(), String::as_str)
    }

    /// What it says with these words in its `{places}`.
    pub fn fill(&self, phrase: Phrase, words: &[(&str, &str)]) -> String {
        let mut said = String::new();
        let mut rest = self.get(phrase);
        while let Some((before, after)) = rest.split_once('{') {
            said += before;
            let Some((place, after)) = after.split_once('}') else {
                break;
            };
            let word = words.iter().find(|(name, _)| *name == place);
            said += word.map_or("", |(_, word)| word);
            rest = after;
        }
        said + rest
    }

    /// What an action is called.
    pub fn action(&self, action: Action) -> &str {
        self.get(match action {
            Action::North => Phrase::ActNorth,
            Action::East => Phrase::ActEast,
            Action::South => Phrase::ActSouth,
            Action::West => Phrase::ActWest,
            Action::Wait => Phrase::ActWait,
            Action::Clear => Phrase::ActClear,
            Action::Grab => Phrase::ActGrab,
            Action::Free => Phrase::ActFree,
            Action::Isolate => Phrase::ActIsolate,
            Action::Use => Phrase::ActUse,
            Action::Extract => Phrase::ActExtract,
            Action::Explore => Phrase::ActExplore,
            Action::WaitNews => Phrase::ActWaitNews,
            Action::Repeat => Phrase::ActRepeat,
            Action::Look => Phrase::ActLook,
            Action::Overview => Phrase::ActOverview,
            Action::Panel => Phrase::ActPanel,
            Action::ZoomIn => Phrase::ActZoomIn,
            Action::ZoomOut => Phrase::ActZoomOut,
            Action::Sound => Phrase::ActSound,
            Action::Help => Phrase::ActHelp,
            Action::Codex => Phrase::ActCodex,
            Action::Confirm => Phrase::ActConfirm,
            Action::Back => Phrase::ActBack,
            Action::Continue => Phrase::ActContinue,
            Action::NewRaid => Phrase::ActNewRaid,
            Action::Outfit => Phrase::ActOutfit,
            Action::Retry => Phrase::ActRetry,
            Action::Watch => Phrase::ActWatch,
            Action::ToTitle => Phrase::ActToTitle,
            Action::Settings => Phrase::ActSettings,
            Action::Erase => Phrase::ActErase,
            Action::Quit => Phrase::ActQuit,
        })
    }
}

impl Default for Phrases {
    fn default() -> Self {
        Self::of(Language::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str) -> BTreeMap<String, String> {
        ron::from_str(text).expect("the table reads")
    }

    fn places(text: &str) -> Vec<&str> {
        let mut places: Vec<&str> = text
            .split('{')
            .skip(1)
            .filter_map(|part| part.split_once('}'))
            .map(|(place, _)| place)
            .collect();
        places.sort_unstable();
        places
    }

    #[test]
    fn every_language_has_every_phrase_once_and_nothing_else() {
        for text in [EN, DE] {
            let table = table(text);
            let lines = text.lines().filter(|line| line.starts_with("    \""));
            assert_eq!(lines.count(), table.len(), "a key stands twice");
            for phrase in Phrase::ALL {
                assert!(
                    table.contains_key(phrase.key()),
                    "{} is missing",
                    phrase.key()
                );
            }
            assert_eq!(table.len(), Phrase::ALL.len());
        }
    }

    #[test]
    fn places_are_the_same_in_every_language_and_no_text_is_empty() {
        let (en, de) = (table(EN), table(DE));
        for (key, text) in &en {
            assert_eq!(places(text), places(&de[key]), "{key}");
            assert!(
                !text.trim().is_empty() && !de[key].trim().is_empty(),
                "{key}"
            );
        }
    }

    #[test]
    fn no_text_is_longer_than_its_place_on_the_screen() {
        let limit = |key: &str| match key.split('.').next() {
            Some("value" | "act") => 19,
            Some("set") if key == "set.hint" => 62,
            Some("menu" | "pause" | "end" | "set" | "codex") if key != "codex.hint" => 24,
            Some("title") if !["title.motto", "title.pitch"].contains(&key) => 38,
            Some("room") if !key.ends_with("_text") => 13,
            Some("about") => 100,
            Some("side") => 12,
            Some("tool") => 18,
            Some("desk") => 160,
            Some("raid" | "tip" | "goal") => 180,
            Some("panel") => 64,
            Some("find") => 110,
            _ if key == "help.fingers" => 240,
            _ => 80,
        };
        for text in [EN, DE] {
            for (key, text) in table(text) {
                let long = text.chars().count();
                assert!(long <= limit(&key), "{key}: {long} characters: {text}");
            }
        }
    }

    #[test]
    fn words_stand_in_their_places() {
        let phrases = Phrases::of(Language::En);
        let said = phrases.fill(Phrase::KeysTaken, &[("act", "grab"), ("key", "G")]);
        assert_eq!(said, "G means \"grab\" already; press it again to take it");
        assert_eq!(
            Phrases::of(Language::De).get(Phrase::LanguageName),
            "Deutsch"
        );
        assert_eq!(phrases.action(Action::Quit), "quit");
    }
}
