//! The codex over the screen: a reader of [`crate::codex`], opened at what the screen names, and what keys mean to it.

mod draw;

use bevy::prelude::*;

use super::Stage;
use super::input::Intent;
use super::prefs::Prefs;
use super::session::Session;
use super::shell::{Overlay, Scroll};
use super::texts::{self, GLOSSARY, Text};
use crate::codex::{Codex, Kind, Part, Reader, Stroke};
use crate::glossary::Glossary;
use crate::labyrinth::Dir;
use crate::phrases::Phrase;
use crate::settings::{Key, Named};

/// How far one press pushes a long page, in pixels at 1280x720.
const SCROLL: f32 = 96.0;
/// Entries that the wheel passes at once.
const WHEEL: usize = 3;

/// The codex, and who reads it.
#[derive(Resource, Debug, Default)]
pub(super) struct CodexScreen {
    codex: Option<Codex>,
    reader: Reader,
    /// What the screen said from which it was opened.
    lines: Vec<String>,
    /// Why there is nothing to read.
    problem: Option<String>,
    /// Rows of the list that are shown.
    rows: usize,
    /// Counts what was done, for whoever draws it.
    revision: u64,
}

impl CodexScreen {
    /// Opens it at what these lines name.
    pub(super) fn open(&mut self, lines: Vec<String>) {
        self.problem = None;
        if let Some(codex) = &self.codex {
            self.reader = Reader::open(codex, &lines);
        }
        self.lines = lines;
        self.revision += 1;
    }

    /// The place among the rows that are shown which is marked.
    pub(super) fn marked(&self) -> u8 {
        (self.reader.at() - self.first()) as u8
    }

    /// The first entry that is shown.
    fn first(&self) -> usize {
        self.reader.window(self.rows)
    }

    /// Takes an input; false if the codex is to be closed.
    pub(super) fn take(&mut self, intent: Intent, scroll: &mut Scroll) -> bool {
        let stroke = match intent {
            Intent::Go(Dir::North) => Stroke::Back(1),
            Intent::Go(Dir::South) => Stroke::On(1),
            Intent::Go(Dir::East) => Stroke::NextLink,
            Intent::Go(Dir::West) | Intent::Erase => Stroke::Erase,
            Intent::Confirm => Stroke::Follow,
            Intent::ZoomIn => Stroke::Back(WHEEL),
            Intent::ZoomOut => Stroke::On(WHEEL),
            Intent::Entry(row) => Stroke::Pick(self.first() + usize::from(row)),
            Intent::Set(link, _) => Stroke::Link(link.into()),
            Intent::Step(0, true) => Stroke::On(self.rows),
            Intent::Step(0, false) => Stroke::Back(self.rows),
            Intent::Step(_, on) => {
                push(scroll, on);
                return true;
            }
            Intent::Escape => Stroke::Leave,
            _ => return true,
        };
        self.stroke(stroke, scroll)
    }

    /// Takes a key; false if the codex is to be closed.
    pub(super) fn take_key(&mut self, key: Key, scroll: &mut Scroll) -> bool {
        let stroke = match key {
            Key::Char(c) => Stroke::Type(c),
            Key::Pad(digit) => Stroke::Type(char::from(b'0' + digit % 10)),
            Key::Named(named) => match named {
                Named::Space => Stroke::Type(' '),
                Named::Up => Stroke::Back(1),
                Named::Down => Stroke::On(1),
                Named::Right | Named::Tab => Stroke::NextLink,
                Named::Enter | Named::PadEnter => Stroke::Follow,
                Named::Left | Named::Backspace => Stroke::Erase,
                Named::Home => Stroke::First,
                Named::End => Stroke::Last,
                Named::PageDown => {
                    push(scroll, true);
                    return true;
                }
                Named::PageUp => {
                    push(scroll, false);
                    return true;
                }
                Named::Escape => Stroke::Leave,
                _ => return true,
            },
            Key::F(_) => return true,
        };
        self.stroke(stroke, scroll)
    }

    fn stroke(&mut self, stroke: Stroke, scroll: &mut Scroll) -> bool {
        let Some(codex) = &self.codex else {
            return stroke != Stroke::Leave;
        };
        let page = self.reader.page();
        let stays = self.reader.take(codex, stroke);
        if self.reader.page() != page {
            scroll.0 = 0.0;
        }
        self.revision += 1;
        stays
    }
}

/// Pushes a long page up, or down again.
fn push(scroll: &mut Scroll, on: bool) {
    scroll.0 = (scroll.0 + if on { SCROLL } else { -SCROLL }).max(0.0);
}

/// What a page is about, in words.
const fn kind(kind: Kind) -> Phrase {
    match kind {
        Kind::Term => Phrase::CodexTerm,
        Kind::Task => Phrase::CodexTask,
        Kind::Device => Phrase::CodexDevice,
        Kind::Item => Phrase::CodexItem,
        Kind::Challenge => Phrase::CodexChallenge,
    }
}

/// What a paragraph tells, in words.
const fn part(part: Part) -> Phrase {
    match part {
        Part::Linux => Phrase::CodexLinux,
        Part::Here => Phrase::CodexHere,
        Part::Evidence => Phrase::CodexEvidence,
        Part::Figures => Phrase::CodexFigures,
    }
}

/// The open page as lines of text.
pub(super) fn text(screen: &CodexScreen, prefs: &Prefs) -> Vec<String> {
    let mut lines = vec![format!("{}.", prefs.say(Phrase::CodexTitle))];
    if !screen.reader.query().is_empty() {
        lines.push(format!(
            "{}: {}.",
            prefs.say(Phrase::CodexSearch),
            screen.reader.query()
        ));
    }
    let page = screen.codex.as_ref().and_then(|codex| {
        let at = screen.reader.page()?;
        Some((codex, codex.pages().get(at)?))
    });
    let Some((codex, page)) = page else {
        let nothing = match &screen.problem {
            Some(problem) => problem.clone(),
            None if screen.codex.is_none() => prefs.say(Phrase::CodexLoading).into(),
            None => prefs.say(Phrase::CodexNone).into(),
        };
        lines.push(nothing);
        return lines;
    };
    lines.push(format!("{} ({}).", page.name, prefs.say(kind(page.kind))));
    for (what, text) in &page.parts {
        lines.push(format!("{}: {text}", prefs.say(part(*what))));
    }
    let links = page.see.iter().enumerate();
    let links: Vec<String> = links
        .map(|(place, &at)| {
            let marked = if screen.reader.link() == Some(place) {
                ", marked"
            } else {
                ""
            };
            format!("{}{marked}", codex.pages()[at].name)
        })
        .collect();
    if !links.is_empty() {
        lines.push(format!(
            "{}: {}.",
            prefs.say(Phrase::CodexSee),
            links.join("; ")
        ));
    }
    lines
}

/// Reads the terms when the codex is first opened.
fn read(overlay: Res<Overlay>, session: Res<Session>, mut screen: ResMut<CodexScreen>) {
    let wanted = matches!(*overlay, Overlay::Codex { .. });
    if !wanted || screen.codex.is_some() || screen.problem.is_some() {
        return;
    }
    match texts::take(GLOSSARY) {
        Text::Waiting => {}
        Text::Failed(why) => {
            screen.problem = Some(why);
            screen.revision += 1;
        }
        Text::Here(text) => {
            match Glossary::parse(&text) {
                Ok(glossary) => {
                    let codex = Codex::new(&glossary, session.rules());
                    screen.reader = Reader::open(&codex, &screen.lines);
                    screen.codex = Some(codex);
                }
                Err(error) => screen.problem = Some(format!("{GLOSSARY}, {error}")),
            }
            screen.revision += 1;
        }
    }
}

/// What reads; drawing is added where something is drawn.
pub(super) fn plugin(app: &mut App) {
    app.init_resource::<CodexScreen>()
        .add_systems(Update, read.after(Stage::Act).before(Stage::Arrange));
}

/// What draws.
pub(super) use draw::plugin as drawn;
