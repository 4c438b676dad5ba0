//! What a screen of text shows, without a window: rows, things to press, a track to scrub on.

/// How a row is meant; a screen gives each its ink.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// As anything else.
    Plain,
    /// Of less weight.
    Dim,
    /// What was typed, headings, what is marked.
    Bright,
    /// Something worked.
    Good,
    /// Something to know.
    Warning,
    /// Something was refused.
    Bad,
}

/// What pressing something means. Screens pass it back as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// A key.
    Key(Stroke),
    /// The page on the right with this number.
    Side(u8),
    /// What is offered at this place among all that is.
    Offer(u32),
    /// The next of what is offered, past so many that are shown.
    MoreOffers(u8),
    /// The call before.
    Undo,
    /// The call after.
    Redo,
    /// To this place on the track.
    To(u32),
    /// Look at this frame.
    Frame(u32),
    /// The entry with this number.
    Entry(u32),
    /// Play, or pause.
    Play,
    /// Twice as fast, or half.
    Pace(bool),
    /// The next figure to plot.
    Figure,
    /// A larger order to plot, or a smaller.
    Order(bool),
    /// Begin a raid from what is shown.
    Raid,
    /// Open what is shown in the sandbox.
    Sandbox,
    /// Write what is shown to a file.
    Export,
    /// Another file, or another text.
    Another,
    /// Leave.
    Close,
}

/// A key, by what it does to a line of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stroke {
    /// Types this character.
    Char(char),
    /// Ends the line.
    Enter,
    /// Completes the word.
    Complete,
    /// Takes the character before the cursor.
    Erase,
    /// Takes the word before the cursor.
    EraseWord,
    /// Takes everything before the cursor.
    EraseLine,
    /// Takes the character behind the cursor.
    Delete,
    /// Goes to the left.
    Left,
    /// Goes to the right; at the end of the line, takes what is offered.
    Right,
    /// Goes to the beginning.
    Home,
    /// Goes to the end.
    End,
    /// The line before, or the row before.
    Up,
    /// The line after, or the row after.
    Down,
    /// A screenful back.
    PageUp,
    /// A screenful on.
    PageDown,
    /// The next page on the right.
    Side,
    /// The call before.
    Undo,
    /// The call after.
    Redo,
    /// Types what was copied elsewhere; whoever has it brings it.
    Paste,
    /// Forgets the line; of an empty one, leaves.
    Escape,
}

/// A row of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// How it is meant.
    pub tone: Tone,
    /// The text, no longer than the room it was made for.
    pub text: String,
    /// What pressing it means.
    pub act: Option<Act>,
    /// It is the one that Enter would take.
    pub marked: bool,
}

impl Row {
    /// A row to read.
    pub fn new(tone: Tone, text: impl Into<String>) -> Self {
        Self {
            tone,
            text: text.into(),
            act: None,
            marked: false,
        }
    }

    /// A row to press.
    pub fn to_press(text: impl Into<String>, act: Act, marked: bool) -> Self {
        Self {
            tone: if marked { Tone::Bright } else { Tone::Plain },
            text: text.into(),
            act: Some(act),
            marked,
        }
    }
}

/// Something to press.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chip {
    /// What it says.
    pub text: String,
    /// What it means.
    pub act: Act,
    /// It is on, or chosen.
    pub marked: bool,
}

impl Chip {
    /// One that is not marked.
    pub fn new(text: impl Into<String>, act: Act) -> Self {
        Self {
            text: text.into(),
            act,
            marked: false,
        }
    }
}

/// A line to scrub on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Track {
    /// The place now.
    pub at: u32,
    /// The last place.
    pub of: u32,
    /// What is said beside it.
    pub text: String,
}

impl Track {
    /// So many pieces to press, or fewer: the place each goes to, and whether it lies behind the place now.
    pub fn pieces(&self, most: u32) -> Vec<(u32, bool)> {
        let count = self.of.min(most.max(2) - 1);
        if count == 0 {
            return vec![(0, true)];
        }
        (0..=count)
            .map(|piece| {
                let to = u64::from(piece) * u64::from(self.of) / u64::from(count);
                (to as u32, to <= u64::from(self.at))
            })
            .collect()
    }
}

/// The line that is being typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    /// What stands before it.
    pub sign: String,
    /// The part before the cursor, and the part behind it.
    pub text: (String, String),
    /// What would be added if the offer were taken, shown behind the cursor.
    pub ghost: String,
}

/// All that a screen shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// Its name.
    pub title: String,
    /// The pages on the right.
    pub sides: Vec<Chip>,
    /// The left part, its end below.
    pub left: Vec<Row>,
    /// The line that is being typed, if one is.
    pub prompt: Option<Prompt>,
    /// What is offered for it.
    pub offers: Vec<Chip>,
    /// The right part.
    pub right: Vec<Row>,
    /// Where one can scrub.
    pub track: Option<Track>,
    /// What else can be done.
    pub tools: Vec<Chip>,
}

/// How much text has room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// Letters of a row on the left.
    pub left: u32,
    /// Letters of a row on the right.
    pub right: u32,
    /// Rows on the left.
    pub rows: u32,
    /// Rows on the right.
    pub right_rows: u32,
}

impl Default for Room {
    /// That of a window of 1280x720.
    fn default() -> Self {
        Self {
            left: 78,
            right: 68,
            rows: 32,
            right_rows: 36,
        }
    }
}

impl Sheet {
    /// The screen as lines to be read out.
    pub fn text(&self) -> Vec<String> {
        let marked = |marked: bool| if marked { ", marked" } else { "" };
        let mut lines = vec![format!("{}.", self.title)];
        let chips = |chips: &[Chip]| {
            let all: Vec<String> = chips
                .iter()
                .map(|chip| format!("{}{}", chip.text, marked(chip.marked)))
                .collect();
            (!all.is_empty()).then(|| all.join("; "))
        };
        lines.extend(chips(&self.sides));
        let rows = self.left.iter().chain(&self.right);
        lines.extend(rows.map(|row| format!("{}{}", row.text.trim_end(), marked(row.marked))));
        if let Some(prompt) = &self.prompt {
            let (before, behind) = &prompt.text;
            lines.push(format!("{}{before}_{behind}", prompt.sign));
        }
        lines.extend(chips(&self.offers));
        lines.extend(self.track.as_ref().map(|track| track.text.clone()));
        lines.extend(chips(&self.tools));
        lines.retain(|line| !line.trim().is_empty());
        lines
    }
}

/// A text in rows of at most so many letters, broken between words where that is possible.
pub fn wrap(text: &str, columns: u32) -> Vec<String> {
    let columns = columns.max(8) as usize;
    let mut rows = Vec::new();
    for line in text.lines() {
        // What tabs and control characters would do to a row is nothing good.
        let mut letters: Vec<char> = Vec::new();
        for c in line.chars() {
            match c {
                '\t' => letters.extend([' '; 4]),
                c if c.is_control() => letters.push('\u{fffd}'),
                c => letters.push(c),
            }
        }
        let mut rest = &letters[..];
        while rest.len() > columns {
            let space = rest[..=columns].iter().rposition(|&c| c == ' ');
            let cut = space.filter(|&at| at > columns / 3).unwrap_or(columns);
            rows.push(rest[..cut].iter().collect::<String>().trim_end().to_owned());
            rest = &rest[cut..];
            if rest.first() == Some(&' ') {
                rest = &rest[1..];
            }
        }
        rows.push(rest.iter().collect());
    }
    if text.is_empty() {
        rows.push(String::new());
    }
    rows
}

/// A text cut to so many letters, with a sign that there was more.
pub fn cut(text: &str, columns: u32) -> String {
    if text.chars().count() <= columns as usize {
        return text.to_owned();
    }
    let mut short: String = text
        .chars()
        .take(columns.saturating_sub(1) as usize)
        .collect();
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_broken_between_words_and_never_too_long() {
        assert_eq!(wrap("one two three", 8), ["one two", "three"]);
        assert_eq!(wrap("0123456789abc", 8), ["01234567", "89abc"]);
        assert_eq!(wrap("a\n\nb", 20), ["a", "", "b"]);
        assert_eq!(wrap("", 20), [""]);
        assert_eq!(wrap("a\tb\u{7}", 20), ["a    b\u{fffd}"]);
        for columns in 8..40 {
            let text = "a few words of very-different-length, some loooooooooooooooooong";
            assert!(
                wrap(text, columns)
                    .iter()
                    .all(|row| row.chars().count() <= columns as usize)
            );
        }
    }

    #[test]
    fn the_pieces_of_a_track_reach_from_its_beginning_to_its_end() {
        for (at, of) in [(0, 0), (1, 1), (3, 7), (500, 1000), (u32::MAX, u32::MAX)] {
            let track = Track {
                at,
                of,
                text: String::new(),
            };
            let pieces = track.pieces(40);
            assert!(pieces.len() <= 40);
            assert_eq!(pieces[0].0, 0);
            assert_eq!(pieces.last().map(|piece| piece.0), Some(of));
            assert!(pieces[0].1 && pieces.windows(2).all(|two| two[0].0 < two[1].0));
        }
    }

    #[test]
    fn what_is_cut_says_so() {
        assert_eq!(cut("abcdef", 4), "abc…");
        assert_eq!(cut("abcd", 4), "abcd");
    }
}
