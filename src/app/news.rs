//! The log of a raid: what happened, in words, with what repeats told once.

use crate::raid::{Event, Tone, text};

/// A line of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LogLine {
    /// When.
    pub turn: u32,
    /// How it is meant.
    pub tone: Tone,
    /// What.
    pub text: String,
    /// How often in a row.
    pub times: u32,
}

/// Lines of the log that are kept.
const LOG_LINES: usize = 200;

/// The news, oldest first.
#[derive(Debug, Clone, Default)]
pub(super) struct News(Vec<LogLine>);

impl News {
    /// Writes down what happened in a turn.
    pub(super) fn write(&mut self, turn: u32, events: &[Event]) {
        for event in events {
            if let Some(line) = text::sentence(event) {
                self.push(turn, text::tone(event), line);
            }
        }
    }

    /// Writes down one thing.
    pub(super) fn push(&mut self, turn: u32, tone: Tone, text: String) {
        if let Some(last) = self.0.last_mut()
            && last.text == text
            && last.tone == tone
        {
            last.times += 1;
            last.turn = turn;
            return;
        }
        self.0.push(LogLine {
            turn,
            tone,
            text,
            times: 1,
        });
        if self.0.len() > LOG_LINES {
            self.0.remove(0);
        }
    }

    /// The lines, newest first.
    pub(super) fn newest(&self) -> impl Iterator<Item = &LogLine> {
        self.0.iter().rev()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_repeats_is_told_once_and_counted() {
        let mut news = News::default();
        for turn in 0..5 {
            news.push(turn, Tone::Plain, "a wall".into());
        }
        news.push(5, Tone::Plain, "a door".into());
        let lines: Vec<_> = news
            .newest()
            .map(|line| (line.text.as_str(), line.times, line.turn))
            .collect();
        assert_eq!(lines, [("a door", 1, 5), ("a wall", 5, 4)]);
    }

    #[test]
    fn old_news_is_forgotten() {
        let mut news = News::default();
        for turn in 0..1000 {
            news.push(turn, Tone::Plain, turn.to_string());
        }
        assert_eq!(news.newest().count(), LOG_LINES);
        assert_eq!(news.newest().next().map(|line| line.turn), Some(999));
    }
}
