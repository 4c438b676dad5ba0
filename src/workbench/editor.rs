//! A line that is typed: cursor, history, and what may stand where the cursor is.

use super::sheet::Stroke;

/// Most characters of a line.
pub const MAX_CHARS: u32 = 400;

/// What became of a stroke.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edited {
    /// The line is ended: this was typed.
    Entered(String),
    /// The line, or the cursor in it, is another.
    Changed,
    /// It means nothing to a line as it is.
    Nothing,
}

/// The line, the cursor in it, and the place in the history.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Editor {
    text: Vec<char>,
    at: usize,
    /// Lines back from the newest, while one of the history is shown.
    back: usize,
    /// What was being typed before the history was looked at.
    kept: Vec<char>,
}

/// Where the word before the cursor begins.
fn word_start(before: &[char]) -> usize {
    let ends = |&c: &char| c.is_whitespace() || matches!(c, '(' | ',' | '|' | '>' | '=' | '/');
    let mut at = before.len();
    while at > 0 && before[at - 1].is_whitespace() {
        at -= 1;
    }
    while at > 0 && !ends(&before[at - 1]) {
        at -= 1;
    }
    // A sign alone is a word as well.
    if at == before.len() {
        at.saturating_sub(1)
    } else {
        at
    }
}

/// How many characters of the text before the cursor a completion takes the place of.
fn shared(before: &str, whole: &str) -> usize {
    let lengths = (0..=whole.len())
        .rev()
        .filter(|&at| whole.is_char_boundary(at));
    for length in lengths {
        if before.ends_with(&whole[..length]) {
            return whole[..length].chars().count();
        }
    }
    0
}

impl Editor {
    /// The line.
    pub fn line(&self) -> String {
        self.text.iter().collect()
    }

    /// Characters before the cursor.
    pub fn cursor(&self) -> u32 {
        self.at as u32
    }

    /// Nothing is typed.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// The parts before and behind the cursor.
    pub fn parts(&self) -> (String, String) {
        let (before, behind) = self.text.split_at(self.at);
        (before.iter().collect(), behind.iter().collect())
    }

    /// Puts another line in its place.
    pub fn set(&mut self, line: &str) {
        self.text = line
            .chars()
            .filter(|c| !c.is_control())
            .take(MAX_CHARS as usize)
            .collect();
        self.at = self.text.len();
        self.back = 0;
    }

    /// Types a text, all but what ends lines.
    pub fn insert(&mut self, text: &str) {
        for c in text.chars() {
            self.take(Stroke::Char(c), &[]);
        }
    }

    /// Takes what is offered in place of the word before the cursor.
    pub fn accept(&mut self, whole: &str) {
        let before: String = self.text[..self.at].iter().collect();
        let typed = shared(&before, whole);
        self.text.drain(self.at - typed..self.at);
        self.at -= typed;
        self.insert(whole);
    }

    /// What taking this would add.
    pub fn ghost(&self, whole: &str) -> String {
        let before: String = self.text[..self.at].iter().collect();
        whole.chars().skip(shared(&before, whole)).collect()
    }

    /// Takes a stroke. `history` are the lines before, oldest first.
    pub fn take(&mut self, stroke: Stroke, history: &[String]) -> Edited {
        let (at, length) = (self.at, self.text.len());
        match stroke {
            Stroke::Char(c) if c.is_control() || length >= MAX_CHARS as usize => {
                return Edited::Nothing;
            }
            Stroke::Char(c) => {
                self.text.insert(at, c);
                self.at += 1;
            }
            Stroke::Enter => {
                let line = self.line();
                *self = Self::default();
                return Edited::Entered(line);
            }
            Stroke::Erase if at > 0 => {
                self.text.remove(at - 1);
                self.at -= 1;
            }
            Stroke::EraseWord if at > 0 => {
                let from = word_start(&self.text[..at]);
                self.text.drain(from..at);
                self.at = from;
            }
            Stroke::EraseLine if at > 0 => {
                self.text.drain(..at);
                self.at = 0;
            }
            Stroke::Delete if at < length => {
                self.text.remove(at);
            }
            Stroke::Left if at > 0 => self.at -= 1,
            Stroke::Right if at < length => self.at += 1,
            Stroke::Home if at > 0 => self.at = 0,
            Stroke::End if at < length => self.at = length,
            Stroke::Up if self.back < history.len() => {
                if self.back == 0 {
                    self.kept = self.text.clone();
                }
                let back = self.back + 1;
                self.set(&history[history.len() - back]);
                self.back = back;
            }
            Stroke::Down if self.back > 1 => {
                let back = self.back - 1;
                if let Some(line) = history
                    .len()
                    .checked_sub(back)
                    .and_then(|at| history.get(at))
                {
                    self.set(line);
                }
                self.back = back;
            }
            Stroke::Down if self.back == 1 => {
                self.text = std::mem::take(&mut self.kept);
                self.at = self.text.len();
                self.back = 0;
            }
            Stroke::Escape if length > 0 => *self = Self::default(),
            _ => return Edited::Nothing,
        }
        Edited::Changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(text: &str) -> Editor {
        let mut editor = Editor::default();
        editor.insert(text);
        editor
    }

    #[test]
    fn a_line_is_typed_changed_and_entered() {
        let mut editor = typed("alloc_page(GFP)");
        for _ in 0..1 {
            editor.take(Stroke::Left, &[]);
        }
        editor.insert("_KERNEL");
        assert_eq!(editor.parts(), ("alloc_page(GFP_KERNEL".into(), ")".into()));
        editor.take(Stroke::EraseWord, &[]);
        assert_eq!(editor.line(), "alloc_page()");
        editor.take(Stroke::Delete, &[]);
        editor.take(Stroke::Erase, &[]);
        assert_eq!(editor.line(), "alloc_page");
        editor.take(Stroke::Home, &[]);
        assert_eq!(editor.take(Stroke::Erase, &[]), Edited::Nothing);
        let entered = editor.take(Stroke::Enter, &[]);
        assert_eq!(entered, Edited::Entered("alloc_page".into()));
        assert!(editor.is_empty());
    }

    #[test]
    fn the_history_is_walked_and_what_was_typed_comes_back() {
        let history = ["one".to_owned(), "two".to_owned()];
        let mut editor = typed("thr");
        for (stroke, line) in [
            (Stroke::Up, "two"),
            (Stroke::Up, "one"),
            (Stroke::Up, "one"),
            (Stroke::Down, "two"),
            (Stroke::Down, "thr"),
            (Stroke::Down, "thr"),
        ] {
            editor.take(stroke, &history);
            assert_eq!(editor.line(), line, "{stroke:?}");
        }
    }

    #[test]
    fn what_is_offered_takes_the_place_of_what_is_typed_of_it() {
        let mut editor = typed("p = alloc_pages(GFP_K");
        assert_eq!(editor.ghost("GFP_KERNEL"), "ERNEL");
        editor.accept("GFP_KERNEL");
        assert_eq!(editor.line(), "p = alloc_pages(GFP_KERNEL");
        let mut path = typed("cat /proc/bu");
        path.accept("/proc/buddyinfo");
        assert_eq!(path.line(), "cat /proc/buddyinfo");
        let mut empty = typed("cat ");
        empty.accept("/proc/buddyinfo");
        assert_eq!(empty.line(), "cat /proc/buddyinfo");
    }

    #[test]
    fn no_line_is_longer_than_it_may_be_and_nothing_invisible_gets_in() {
        let mut editor = typed(&"x".repeat(1000));
        assert_eq!(editor.cursor(), MAX_CHARS);
        editor.set("a\u{7}\nb");
        assert_eq!(editor.line(), "ab");
    }
}
