//! The sandbox as a screen has it: a console with its history on the left, what became of memory on the right.

use std::collections::VecDeque;
use std::fmt::Write as _;

use super::editor::{Edited, Editor};
use super::plot::{self, Figure, Plot};
use super::sheet::{Act, Chip, Prompt, Room, Row, Sheet, Stroke, Tone, Track, cut, wrap};
use super::{pages, script};
use crate::lesson::Timeline;
use crate::lesson::compare::{self, Series};
use crate::lesson::console::{Effect, Form, Report, complete};
use crate::lesson::machine::{Setup, SetupError};
use crate::mm::Pfn;
use crate::phrases::{Phrase, Phrases};

/// Lines of the console that are kept.
const MAX_LINES: usize = 2000;

/// How deep scripts may load others.
const MAX_LOADS: u32 = 8;

/// How many words are offered at a time.
const OFFERS: usize = 9;

/// Where scripts are kept, and files go.
pub trait Files {
    /// The script of this name, if there is one.
    ///
    /// # Errors
    ///
    /// One sentence, if nobody can tell.
    fn script(&mut self, name: &str) -> Result<Option<String>, String>;

    /// Keeps a script.
    ///
    /// # Errors
    ///
    /// One sentence, if it cannot be kept.
    fn keep(&mut self, name: &str, text: &str) -> Result<(), String>;

    /// Hands a file out of the game; where to is said.
    ///
    /// # Errors
    ///
    /// One sentence, if it cannot be written.
    fn hand_out(&mut self, file: &str, text: &str) -> Result<String, String>;

    /// Puts what stands after `#` into the game's address; the whole address, or a way to open it, is said.
    fn link(&mut self, fragment: &str) -> String;
}

/// What the sandbox asks of the game around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// An exclusive raid begins.
    Raid,
    /// The screen closes.
    Close,
}

/// A page on the right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Side {
    /// Memory: blocks by address, beside the free lists.
    #[default]
    Memory,
    /// The last call, step by step.
    Steps,
    /// One page: who has it, its bytes, its past.
    Page,
    /// The same calls on other machines.
    Compare,
}

impl Side {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Memory, Self::Steps, Self::Page, Self::Compare];

    const fn phrase(self) -> Phrase {
        match self {
            Self::Memory => Phrase::DeskMemory,
            Self::Steps => Phrase::DeskSteps,
            Self::Page => Phrase::DeskPage,
            Self::Compare => Phrase::DeskCompare,
        }
    }
}

/// The sandbox.
#[derive(Debug, Clone)]
pub struct Sandbox {
    timeline: Timeline,
    editor: Editor,
    said: VecDeque<(Tone, String)>,
    /// Rows the console is scrolled up.
    up: u32,
    side: Side,
    /// The frame that is looked at.
    frame: Option<Pfn>,
    /// The first of what is offered that is shown.
    from: u32,
    figure: Figure,
    /// The calls of a comparison, and what came of them.
    compared: Option<(String, Vec<Series>)>,
}

impl Sandbox {
    /// An empty machine, and a word of welcome.
    ///
    /// # Errors
    ///
    /// A [`SetupError`] if there is no such machine.
    pub fn new(words: &Phrases) -> Result<Self, SetupError> {
        let mut sandbox = Self {
            timeline: Timeline::new(Setup::default())?,
            editor: Editor::default(),
            said: VecDeque::new(),
            up: 0,
            side: Side::default(),
            frame: None,
            from: 0,
            figure: Figure::default(),
            compared: None,
        };
        sandbox.say(Tone::Dim, words.get(Phrase::DeskWelcome));
        Ok(sandbox)
    }

    /// The console with its past.
    pub fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    /// The page on the right.
    pub fn side(&self) -> Side {
        self.side
    }

    /// The frame that is looked at.
    pub fn frame(&self) -> Option<Pfn> {
        self.frame
    }

    /// Looks at a frame without turning the page.
    pub fn point(&mut self, pfn: Pfn) {
        self.frame = Some(pfn);
    }

    /// Adds lines to what the console says.
    pub fn say(&mut self, tone: Tone, text: &str) {
        for line in text.lines() {
            if self.said.len() >= MAX_LINES {
                self.said.pop_front();
            }
            self.said.push_back((tone, line.to_owned()));
        }
        self.up = 0;
    }

    /// Runs the lines of a script, as if they were typed.
    pub fn run_script(&mut self, text: &str, files: &mut impl Files) -> Vec<Wish> {
        let mut wishes = Vec::new();
        self.run_lines(text, 0, files, &mut wishes);
        wishes
    }

    fn run_lines(
        &mut self,
        text: &str,
        depth: u32,
        files: &mut impl Files,
        wishes: &mut Vec<Wish>,
    ) {
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            self.run(line, depth, files, wishes);
        }
    }

    fn run(&mut self, line: &str, depth: u32, files: &mut impl Files, wishes: &mut Vec<Wish>) {
        self.say(Tone::Bright, &format!("$ {}", line.trim()));
        let report = self.timeline.run(line);
        if !report.output.is_empty() {
            self.say(Tone::Plain, &report.output);
        }
        if let Some(fault) = &report.fault {
            self.say(Tone::Bad, &fault.text);
        }
        self.look_at(&report);
        for effect in report.effects {
            self.effect(effect, depth, files, wishes);
        }
    }

    /// Shows what a line was about.
    fn look_at(&mut self, report: &Report) {
        if let Some((pfn, _)) = report.about {
            self.frame = Some(pfn);
        }
        match report.name.as_str() {
            "inspect" | "hexdump" if report.fault.is_none() => self.side = Side::Page,
            _ => {}
        }
    }

    fn effect(
        &mut self,
        effect: Effect,
        depth: u32,
        files: &mut impl Files,
        wishes: &mut Vec<Wish>,
    ) {
        let done = match effect {
            Effect::StartExclusiveRaid => {
                wishes.push(Wish::Raid);
                return;
            }
            Effect::Load(name) if depth >= MAX_LOADS => {
                Err(format!("load: {name}: scripts load each other"))
            }
            Effect::Load(name) => match files.script(&name) {
                Ok(Some(text)) => {
                    self.run_lines(&text, depth + 1, files, wishes);
                    return;
                }
                Ok(None) => Err(format!("load: {name}: No such file or directory")),
                Err(error) => Err(format!("load: {name}: {error}")),
            },
            Effect::Save(name) => match files.keep(&name, &self.timeline.script()) {
                Ok(()) => Ok(format!("{} lines kept as {name}", self.timeline.at())),
                Err(error) => Err(format!("save: {name}: {error}")),
            },
            Effect::Export(form, name) => {
                let text = self.export(form);
                files
                    .hand_out(&format!("{name}.{}", form.name()), &text)
                    .map_err(|error| format!("export: {name}: {error}"))
            }
            Effect::Link => match script::encode(&self.timeline.script()) {
                Ok(code) => Ok(files.link(&format!("script={code}"))),
                Err(error) => Err(format!("link: {error}")),
            },
            Effect::Undo | Effect::Redo | Effect::Scrub(_) | Effect::History => return,
        };
        match done {
            Ok(text) => self.say(Tone::Good, &text),
            Err(text) => self.say(Tone::Bad, &format!("bash: {text}")),
        }
    }

    /// The calls so far as a file of this form.
    pub fn export(&self, form: Form) -> String {
        compare::export(&self.timeline, form)
    }

    fn completions(&self) -> Vec<String> {
        complete(
            self.timeline.now(),
            &self.editor.line(),
            self.editor.cursor(),
        )
    }

    /// Acts.
    pub fn take(&mut self, act: Act, files: &mut impl Files) -> Vec<Wish> {
        let mut wishes = Vec::new();
        match act {
            Act::Key(stroke) => self.key(stroke, files, &mut wishes),
            Act::Side(side) => {
                if let Some(&side) = Side::ALL.get(usize::from(side)) {
                    self.side = side;
                }
            }
            Act::Offer(place) => {
                if let Some(whole) = self.completions().get(place as usize) {
                    self.editor.accept(whole);
                    self.from = 0;
                }
            }
            Act::MoreOffers(shown) => self.more_offers(shown),
            Act::Undo => self.undo(),
            Act::Redo => self.redo(),
            Act::To(to) => {
                self.timeline.scrub(to);
            }
            Act::Frame(pfn) => {
                self.frame = Some(pfn);
                self.side = Side::Page;
            }
            Act::Figure => self.figure.next(),
            Act::Order(up) => self.figure.step_order(up),
            Act::Export => {
                self.effect(
                    Effect::Export(Form::Csv, "sandbox".into()),
                    0,
                    files,
                    &mut wishes,
                );
            }
            Act::Close => wishes.push(Wish::Close),
            _ => {}
        }
        self.compare();
        wishes
    }

    fn undo(&mut self) {
        self.timeline.undo();
    }

    fn redo(&mut self) {
        self.timeline.redo();
    }

    fn more_offers(&mut self, shown: u8) {
        self.from += u32::from(shown.max(1));
        if self.from as usize >= self.completions().len() {
            self.from = 0;
        }
    }

    fn key(&mut self, stroke: Stroke, files: &mut impl Files, wishes: &mut Vec<Wish>) {
        let at_end = self.editor.parts().1.is_empty();
        match stroke {
            Stroke::PageUp => {
                self.up = (self.up + 8).min(self.said.len() as u32);
                return;
            }
            Stroke::PageDown => {
                self.up = self.up.saturating_sub(8);
                return;
            }
            Stroke::Side => {
                let at = Side::ALL.iter().position(|&side| side == self.side);
                self.side = Side::ALL[(at.unwrap_or(0) + 1) % Side::ALL.len()];
                return;
            }
            Stroke::Undo => return self.undo(),
            Stroke::Redo => return self.redo(),
            // With nothing typed, the arrows go through time.
            Stroke::Left if self.editor.is_empty() => return self.undo(),
            Stroke::Right if self.editor.is_empty() => return self.redo(),
            Stroke::Escape if self.editor.is_empty() => {
                wishes.push(Wish::Close);
                return;
            }
            Stroke::Complete => return self.complete(),
            Stroke::Right if at_end => return self.complete(),
            _ => {}
        }
        match self.editor.take(stroke, self.timeline.typed()) {
            Edited::Entered(line) if line.trim().is_empty() => {}
            Edited::Entered(line) => self.run(&line, 0, files, wishes),
            Edited::Changed | Edited::Nothing => {}
        }
        self.from = 0;
    }

    /// As a shell does: what all that is offered have in common; if that adds nothing, the first of them.
    fn complete(&mut self) {
        let offers = self.completions();
        let Some(first) = offers.first() else { return };
        let mut common: String = first.clone();
        for other in &offers[1..] {
            let same = common
                .chars()
                .zip(other.chars())
                .take_while(|(a, b)| a == b)
                .count();
            common = common.chars().take(same).collect();
        }
        let adds = !self.editor.ghost(&common).is_empty() && !common.is_empty();
        if adds {
            self.editor.accept(&common);
            self.from = 0;
        } else if offers.len() == 1 || self.editor.is_empty() {
            self.editor.accept(first);
            self.from = 0;
        } else {
            self.more_offers(OFFERS as u8);
        }
    }

    /// Types a text that was pasted; all its lines but the last are entered.
    pub fn paste(&mut self, text: &str, files: &mut impl Files) -> Vec<Wish> {
        let mut wishes = Vec::new();
        let mut rest = text;
        while let Some((line, after)) = rest.split_once('\n') {
            self.editor.insert(line);
            self.key(Stroke::Enter, files, &mut wishes);
            rest = after;
        }
        self.editor.insert(rest);
        self.compare();
        wishes
    }

    /// Runs the calls so far on the other machines, if they are looked at and are others than the last time.
    fn compare(&mut self) {
        if self.side != Side::Compare {
            return;
        }
        let script = self.timeline.script();
        if self.compared.as_ref().is_some_and(|(of, _)| *of == script) {
            return;
        }
        let setups = compare::USUAL
            .iter()
            .filter_map(|name| compare::named(name));
        let setups: Vec<Setup> = setups.collect();
        let all = compare::compare(&script, &setups).unwrap_or_default();
        self.compared = Some((script, all));
    }

    /// What is to be plotted on the right, if anything is.
    pub fn plot(&self, words: &Phrases) -> Option<Plot> {
        let (_, all) = self
            .compared
            .as_ref()
            .filter(|_| self.side == Side::Compare)?;
        Some(plot::of_series(all, self.figure, words))
    }

    /// What the screen shows.
    pub fn sheet(&self, room: Room, words: &Phrases) -> Sheet {
        let say = |phrase| words.get(phrase).to_owned();
        let offers = self.completions();
        let first = offers.first().filter(|_| !self.editor.is_empty());
        let ghost = first.map_or_else(String::new, |first| self.editor.ghost(first));
        let sides = (0_u8..).zip(Side::ALL).map(|(at, side)| Chip {
            text: say(side.phrase()),
            act: Act::Side(at),
            marked: side == self.side,
        });
        let mut shown: Vec<Chip> = (0..)
            .zip(&offers)
            .skip(self.from as usize)
            .take(OFFERS)
            .map(|(at, offer)| Chip::new(cut(offer, 30), Act::Offer(at)))
            .collect();
        if offers.len() > OFFERS {
            shown.push(Chip::new("…", Act::MoreOffers(OFFERS as u8)));
        }
        let mut tools = vec![
            Chip::new(say(Phrase::DeskUndo), Act::Undo),
            Chip::new(say(Phrase::DeskRedo), Act::Redo),
        ];
        if self.side == Side::Compare {
            tools.push(Chip::new(say(Phrase::DeskFigure), Act::Figure));
            tools.push(Chip::new("-", Act::Order(false)));
            tools.push(Chip::new("+", Act::Order(true)));
            tools.push(Chip::new(say(Phrase::DeskExport), Act::Export));
        }
        tools.push(Chip::new(say(Phrase::DeskClose), Act::Close));
        Sheet {
            title: say(Phrase::DeskTitle),
            sides: sides.collect(),
            left: self.left(room),
            prompt: Some(Prompt {
                sign: "$ ".into(),
                text: self.editor.parts(),
                ghost,
            }),
            offers: shown,
            right: self.right(room, words),
            track: Some(self.track(words)),
            tools,
        }
    }

    fn track(&self, words: &Phrases) -> Track {
        let (at, of) = (self.timeline.at(), self.timeline.past().len() as u32);
        let (number, last) = (at.to_string(), of.to_string());
        let mut text = words.fill(Phrase::DeskTrack, &[("at", &number), ("of", &last)]);
        if let Some(past) = self.timeline.last() {
            let _ = write!(text, ": {}", cut(&past.line, 46));
        }
        Track { at, of, text }
    }

    fn left(&self, room: Room) -> Vec<Row> {
        let mut rows: Vec<Row> = Vec::new();
        let wanted = (room.rows + self.up) as usize;
        // From the newest line back, as far as there is room.
        for (tone, line) in self.said.iter().rev() {
            if rows.len() >= wanted {
                break;
            }
            let wrapped = wrap(line, room.left);
            rows.extend(wrapped.into_iter().rev().map(|text| Row::new(*tone, text)));
        }
        let hidden = (self.up as usize).min(rows.len().saturating_sub(room.rows as usize));
        rows.drain(..hidden);
        rows.truncate(room.rows as usize);
        rows.reverse();
        rows
    }

    fn right(&self, room: Room, words: &Phrases) -> Vec<Row> {
        let rows = match self.side {
            Side::Memory => pages::memory(self.timeline.now().machine(), room, words),
            Side::Steps => pages::steps(&self.timeline, room, words),
            Side::Page => pages::page(&self.timeline, self.frame, room, words),
            Side::Compare => {
                let all = self.compared.as_ref().map_or(&[][..], |(_, all)| all);
                pages::compare(all, self.figure, room, words)
            }
        };
        let mut rows = rows;
        rows.truncate(room.right_rows as usize);
        for row in &mut rows {
            row.text = cut(&row.text, room.right);
        }
        rows
    }
}
