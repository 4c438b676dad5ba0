//! The page beside the picture: words wrapped into lines, and rows of buttons, as high as they are counted here.

use super::{Control, Desk};
use crate::lesson::session::{Tone, Wants};
use crate::phrases::{Phrase, Phrases};

/// Pixels from one line of text to the next.
pub const PITCH: i32 = 16;
/// Pixels of a letter of running text.
pub const LETTER: i32 = 8;
/// Room between two pieces.
pub const SPACE: i32 = 7;
/// Room in a button, left and right of its text.
const INSIDE: i32 = 10;
/// Room between two buttons of a row.
const BETWEEN: i32 = 6;

/// How a text is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// What the step says or asks.
    Text,
    /// That was right.
    Right,
    /// That was not.
    Wrong,
    /// Something to know.
    Plain,
    /// A hint.
    Hint,
    /// What a call printed, a moment of it, a source.
    Quiet,
    /// Heads a part.
    Heading,
}

/// Something to press, with what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Button {
    /// Its place among all.
    pub place: u32,
    /// What it says, line by line.
    pub lines: Vec<String>,
    /// Enter presses it.
    pub marked: bool,
    /// Its width.
    pub width: i32,
    /// Its height.
    pub height: i32,
    /// It is a line that is typed into.
    pub field: bool,
    /// It is where one is: the state that is shown.
    pub here: bool,
}

/// A part of the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Words.
    Words(Style, Vec<String>),
    /// Buttons side by side.
    Buttons(Vec<Button>),
}

/// What the page has to fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fits {
    /// Width and height, in pixels.
    pub size: (i32, i32),
    /// Fingers press its buttons.
    pub fingers: bool,
}

/// The page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// From the top.
    pub pieces: Vec<Piece>,
    /// As high as all of it is.
    pub height: i32,
}

/// A text in lines of at most so many letters, broken between words; words that are too long are broken too.
pub fn wrap(text: &str, letters: u32) -> Vec<String> {
    let letters = letters.max(1) as usize;
    let mut lines = Vec::new();
    for line in text.lines() {
        let mut now = String::new();
        for word in line.split(' ') {
            let mut word = word.to_owned();
            let long = |text: &str| text.chars().count();
            if !now.is_empty() && long(&now) + 1 + long(&word) <= letters {
                now.push(' ');
                now.push_str(&word);
                continue;
            }
            if !now.is_empty() {
                lines.push(std::mem::take(&mut now));
            }
            while long(&word) > letters {
                let rest = word.chars().skip(letters).collect();
                lines.push(word.chars().take(letters).collect());
                word = rest;
            }
            now = word;
        }
        lines.push(now);
    }
    lines
}

impl Piece {
    /// How high it is.
    pub fn height(&self) -> i32 {
        match self {
            Self::Words(_, lines) => lines.len() as i32 * PITCH,
            Self::Buttons(row) => row.iter().map(|button| button.height).max().unwrap_or(0),
        }
    }
}

/// What is left out where there is no room, one after the other.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Left {
    Nothing,
    /// All hints but the last.
    OldHints,
    /// What calls printed.
    Printed,
}

impl Page {
    /// The page of a lesson.
    pub fn of(desk: &Desk, phrases: &Phrases, fits: Fits) -> Self {
        let mut page = Self::with(desk, phrases, fits, Left::Nothing);
        for left in [Left::OldHints, Left::Printed] {
            if page.height > fits.size.1 {
                page = Self::with(desk, phrases, fits, left);
            }
        }
        page
    }

    fn with(desk: &Desk, phrases: &Phrases, fits: Fits, left: Left) -> Self {
        let letters = (fits.size.0 / LETTER) as u32;
        let mut pieces = Vec::new();
        let mut say = |style, text: &str| {
            if !text.is_empty() {
                pieces.push(Piece::Words(style, wrap(text, letters)));
            }
        };
        let view = &desk.view;
        if view.done {
            say(Style::Heading, phrases.get(Phrase::LearnDone));
            say(Style::Text, &view.goal);
            say(Style::Heading, phrases.get(Phrase::LearnLeftOut));
            say(Style::Plain, view.left_out.as_deref().unwrap_or_default());
            say(Style::Heading, phrases.get(Phrase::LearnLinux));
            for (what, at) in &view.linux {
                say(Style::Plain, what);
                say(Style::Quiet, at);
            }
            say(Style::Heading, phrases.get(Phrase::LearnProof));
            say(Style::Quiet, &shortened(&desk.proof(), letters * 2));
            let name = if desk.line.is_empty() {
                phrases.get(Phrase::LearnName).to_owned()
            } else {
                phrases.fill(Phrase::LearnNamed, &[("name", &desk.line)])
            };
            say(Style::Hint, &name);
        } else {
            if view.step == 0 {
                let goal = phrases.fill(Phrase::LearnGoal, &[("goal", &view.goal)]);
                say(Style::Quiet, &goal);
            }
            say(Style::Text, &view.text);
            let hints = if left >= Left::OldHints {
                &view.hints[view.hints.len().saturating_sub(1)..]
            } else {
                &view.hints[..]
            };
            let first = view.hints.len() - hints.len();
            let said = view.feedback.as_ref();
            for (at, hint) in (first + 1..).zip(hints) {
                let number = at.to_string();
                let words = [("n", number.as_str()), ("hint", hint)];
                say(Style::Hint, &phrases.fill(Phrase::LearnHint, &words));
            }
            // A hint that was just given is said once.
            if let Some(said) = said.filter(|said| view.hints.last() != Some(&said.text)) {
                let style = match said.tone {
                    Tone::Right => Style::Right,
                    Tone::Wrong => Style::Wrong,
                    Tone::Plain => Style::Plain,
                };
                let sign = match said.tone {
                    Tone::Right => "+ ",
                    Tone::Wrong => "x ",
                    Tone::Plain => "",
                };
                say(style, &format!("{sign}{}", said.text));
            }
            if let Some(beat) = view.beat.and_then(|at| view.beats.get(at as usize)) {
                let at = (view.beat.unwrap_or(0) + 1).to_string();
                let of = view.beats.len().to_string();
                let words = [("n", at.as_str()), ("of", &of), ("beat", &beat.text)];
                say(Style::Plain, &phrases.fill(Phrase::LearnBeat, &words));
            }
            let plays = matches!(view.wants, Wants::Calls(_));
            let printed = view
                .feedback
                .as_ref()
                .is_none_or(|said| said.text != view.printed);
            if plays && view.at.0 > 0 && printed && left < Left::Printed {
                say(Style::Quiet, &view.printed);
            }
            if view.wants == Wants::Click && !view.solved {
                say(Style::Hint, phrases.get(Phrase::LearnClick));
            }
        }
        pieces.extend(buttons(desk, phrases, fits));
        let rooms = (pieces.len() as i32 - 1).max(0) * SPACE;
        Self {
            height: pieces.iter().map(Piece::height).sum::<i32>() + rooms,
            pieces,
        }
    }

    /// Where a button stands, from the top: its first pixel and the one after its last.
    pub fn place_of(&self, place: u32) -> Option<(i32, i32)> {
        let mut y = 0;
        for piece in &self.pieces {
            if let Piece::Buttons(row) = piece
                && row.iter().any(|button| button.place == place)
            {
                return Some((y, y + piece.height()));
            }
            y += piece.height() + SPACE;
        }
        None
    }
}

/// The beginning and the end of a long word.
fn shortened(text: &str, letters: u32) -> String {
    let many = text.chars().count();
    let room = letters as usize;
    if many <= room {
        return text.to_owned();
    }
    let head: String = text.chars().take(room - 13).collect();
    let tail: String = text.chars().skip(many - 10).collect();
    format!("{head}...{tail}")
}

/// The rows of buttons; a row that is too wide goes on in the next.
fn buttons(desk: &Desk, phrases: &Phrases, fits: Fits) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut place = 0;
    let width = fits.size.0;
    for row in desk.rows() {
        let mut line: Vec<Button> = Vec::new();
        let mut x = 0;
        for control in row {
            let text = label(desk, &control, phrases);
            let whole = matches!(control, Control::Option(_) | Control::Line);
            let lines = wrap(&text, ((width - 2 * INSIDE) / LETTER) as u32);
            let letters = lines.iter().map(|line| line.chars().count()).max();
            let least = if fits.fingers { 44 } else { 28 };
            let wide = (letters.unwrap_or(0) as i32 * LETTER + 2 * INSIDE).max(least);
            let high = lines.len() as i32 * PITCH + if fits.fingers { 20 } else { 8 };
            let button = Button {
                place,
                marked: desk.marked() == Some(place),
                width: if whole { width } else { wide },
                height: high,
                field: control == Control::Line,
                here: control == Control::Scrub(desk.view.at.0),
                lines,
            };
            if x > 0 && x + button.width > width {
                pieces.push(Piece::Buttons(std::mem::take(&mut line)));
                x = 0;
            }
            x += button.width + BETWEEN;
            line.push(button);
            place += 1;
        }
        pieces.push(Piece::Buttons(line));
    }
    pieces
}

/// What a control says.
fn label(desk: &Desk, control: &Control, phrases: &Phrases) -> String {
    let say = |phrase| phrases.get(phrase).to_owned();
    match control {
        Control::Option(at) => match &desk.view.wants {
            Wants::Choice(options) => {
                let text = options.get(*at as usize).map_or("", String::as_str);
                format!("{} {text}", at + 1)
            }
            _ => String::new(),
        },
        Control::Number(number) | Control::Scrub(number) => number.to_string(),
        Control::Digit(digit) => digit.to_string(),
        Control::Line => format!("> {}_", desk.line),
        Control::Offer(offer) => offer.label.clone(),
        Control::Send => say(Phrase::LearnSend),
        Control::Erase => say(Phrase::LearnErase),
        Control::Clear => say(Phrase::LearnClear),
        Control::Hint => say(Phrase::LearnAskHint),
        Control::Undo => say(Phrase::LearnUndo),
        Control::Redo => say(Phrase::LearnRedo),
        Control::Restart => say(Phrase::LearnRestart),
        Control::Step => say(Phrase::LearnStep),
        Control::Next => say(Phrase::LearnNext),
        Control::Copy => say(Phrase::LearnCopy),
        Control::Onward => say(Phrase::LearnOnward),
        Control::Leave => say(Phrase::LearnLeave),
    }
}
