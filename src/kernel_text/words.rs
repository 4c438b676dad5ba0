//! Reading a line word by word, and the error that says where reading stopped and what was expected there.

/// Why a text could not be read: where, what stands there, and what should.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: found {what}, expected {expected}")]
pub struct TextError {
    /// The line, counted from 1.
    pub line: u32,
    /// What was found; text from the file stands in quotes, is cut if long, and has no control characters.
    pub what: String,
    /// What was expected.
    pub expected: String,
}

impl TextError {
    /// `what` is told as it is.
    pub(super) fn new(line: u32, what: impl Into<String>, expected: impl Into<String>) -> Self {
        Self {
            line,
            what: what.into(),
            expected: expected.into(),
        }
    }

    /// `word` of the text is not what was expected.
    pub(super) fn word(line: u32, word: &str, expected: impl Into<String>) -> Self {
        Self::new(line, quoted(word), expected)
    }

    /// The text ends too early. It has one line at least: an empty text ends in its first.
    pub(super) fn end(text: &str, expected: impl Into<String>) -> Self {
        let line = u32::try_from(text.lines().count().max(1)).unwrap_or(u32::MAX);
        Self::new(line, "the end of the text", expected)
    }
}

/// What is left of a line.
#[derive(Debug, Clone)]
pub(super) struct Words<'a> {
    number: u32,
    rest: &'a str,
}

impl<'a> Words<'a> {
    pub(super) fn new(number: u32, line: &'a str) -> Self {
        Self { number, rest: line }
    }

    /// The number of the line, from 1.
    pub(super) fn number(&self) -> u32 {
        self.number
    }

    /// What has not been read, without blanks around it.
    pub(super) fn rest(&self) -> &'a str {
        self.rest.trim()
    }

    /// The next word, if there is one.
    pub(super) fn take(&mut self) -> Option<&'a str> {
        let rest = self.rest.trim_start();
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let (word, rest) = rest.split_at(end);
        self.rest = rest;
        (!word.is_empty()).then_some(word)
    }

    /// The next word, which there must be.
    pub(super) fn next(&mut self, expected: &str) -> Result<&'a str, TextError> {
        self.take()
            .ok_or_else(|| TextError::new(self.number, "the end of the line", expected))
    }

    /// The next word, which must be this one.
    pub(super) fn literally(&mut self, word: &str, expected: &str) -> Result<(), TextError> {
        let found = self.next(expected)?;
        if found == word {
            Ok(())
        } else {
            Err(self.wrong(found, expected))
        }
    }

    /// The next word, which must be a number in digits.
    pub(super) fn number_of(&mut self, expected: &str) -> Result<u64, TextError> {
        let word = self.next(expected)?;
        digits(word).ok_or_else(|| self.wrong(word, expected))
    }

    /// Nothing may be left.
    pub(super) fn end(&mut self) -> Result<(), TextError> {
        match self.take() {
            None => Ok(()),
            Some(word) => Err(self.wrong(word, "the end of the line")),
        }
    }

    /// `Node 0, zone DMA`: number and name.
    pub(super) fn node_and_zone(&mut self, start: &str) -> Result<(u32, &'a str), TextError> {
        let node = self.node(start)?;
        self.literally("zone", "the word \"zone\"")?;
        Ok((node, self.next("the name of a zone")?))
    }

    /// `Node 0,`: the number.
    pub(super) fn node(&mut self, start: &str) -> Result<u32, TextError> {
        self.literally("Node", start)?;
        let expected = "the number of a node and a comma, as in \"Node 0,\"";
        let word = self.next(expected)?;
        word.strip_suffix(',')
            .and_then(digits)
            .and_then(|node| u32::try_from(node).ok())
            .ok_or_else(|| self.wrong(word, expected))
    }

    /// A word is not what was expected.
    pub(super) fn wrong(&self, word: &str, expected: impl Into<String>) -> TextError {
        TextError::word(self.number, word, expected)
    }
}

/// The lines of a text with their numbers, from 1.
pub(super) fn numbered(text: &str) -> impl Iterator<Item = (u32, &str)> {
    (1..).zip(text.lines())
}

/// A number written in digits alone: no sign, as `%lu` prints it.
pub(super) fn digits(word: &str) -> Option<u64> {
    word.bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| word.parse().ok())?
}

/// A word of the text in quotes, short and on one line whatever stands in the file.
fn quoted(word: &str) -> String {
    const LONGEST: usize = 40;
    let mut shown: String = word.chars().take(LONGEST).collect();
    if shown.len() < word.len() {
        shown.push_str("...");
    }
    format!("{shown:?}")
}
