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
    /// Counts everything written down, this line's last time included.
    pub number: u64,
}

/// Lines of the log that are kept.
const LOG_LINES: usize = 200;

/// The news, oldest first.
#[derive(Debug, Clone, Default)]
pub(super) struct News {
    lines: Vec<LogLine>,
    written: u64,
}

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
        self.written += 1;
        let number = self.written;
        if let Some(last) = self.lines.last_mut()
            && last.text == text
            && last.tone == tone
        {
            last.times += 1;
            last.turn = turn;
            last.number = number;
            return;
        }
        self.lines.push(LogLine {
            turn,
            tone,
            text,
            times: 1,
            number,
        });
        if self.lines.len() > LOG_LINES {
            self.lines.remove(0);
        }
    }

    /// The lines, newest first.
    pub(super) fn newest(&self) -> impl Iterator<Item = &LogLine> {
        self.lines.iter().rev()
    }

    /// The lines written, or written again, since so many were; oldest first.
    #[cfg_attr(
        not(target_family = "wasm"),
        allow(dead_code, reason = "only a page has somebody to tell")
    )]
    pub(super) fn since(&self, written: u64) -> impl Iterator<Item = &LogLine> {
        let known = self.lines.partition_point(|line| line.number <= written);
        self.lines[known..].iter()
    }

    /// How many were written in all.
    #[cfg_attr(
        not(target_family = "wasm"),
        allow(dead_code, reason = "only a page has somebody to tell")
    )]
    pub(super) fn written(&self) -> u64 {
        self.written
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
    fn what_was_heard_is_not_told_again_but_what_repeats_is() {
        let mut news = News::default();
        news.push(1, Tone::Plain, "a wall".into());
        news.push(1, Tone::Plain, "a door".into());
        let heard = news.written();
        assert_eq!(news.since(heard).count(), 0);
        news.push(2, Tone::Plain, "a door".into());
        news.push(2, Tone::Plain, "a gate".into());
        let texts: Vec<_> = news.since(heard).map(|line| line.text.as_str()).collect();
        assert_eq!(texts, ["a door", "a gate"]);
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
