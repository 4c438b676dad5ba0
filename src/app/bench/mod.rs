//! The bench: the sandbox and real input in the window. What they do is in `workbench`; here is what they touch outside.

mod draw;
mod files;
mod frame;
mod pieces;
mod plot;

use bevy::prelude::*;

use super::Stage;
use super::input::{Gift, Given};
use super::prefs::Prefs;
use super::session::Session;
use crate::journal::Journal;
use crate::lesson::structure::{Asked, Structure, Words};
use crate::mm::{NR_PAGE_ORDERS, Pfn};
use crate::profile::Profile;
use crate::workbench::found::Found;
use crate::workbench::{
    Act, Evidence, EvidenceWish, Room, Sandbox, Sheet, Side, Stroke, Wish, layout, plot as figures,
};
use files::Outside;

/// What lies on the bench.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum On {
    /// The sandbox.
    #[default]
    Sandbox,
    /// What a real machine left behind.
    Evidence,
}

/// The bench, with what was left on it.
#[derive(Resource, Debug, Default)]
pub(super) struct Bench {
    on: On,
    sandbox: Option<Box<Sandbox>>,
    evidence: Option<Box<Evidence>>,
    /// A script that is to be run when the sandbox is shown first.
    script: Option<String>,
    /// A file is being read.
    reading: bool,
    /// Counts what is to be drawn anew.
    pub revision: u64,
    /// A raid was asked for that would give up another, and it was said.
    pub sure: bool,
}

/// What the bench asks of the game around it.
#[derive(Debug)]
pub(super) enum Asks {
    /// An exclusive raid.
    Exclusive,
    /// A raid with these free blocks.
    Raid([u64; NR_PAGE_ORDERS]),
    /// A raid that was played is watched.
    Watch(Box<Journal>),
    /// Back to where one came from.
    Close,
}

impl Bench {
    /// As it is when the game is opened with a script.
    pub(super) fn with_script(script: String) -> Self {
        Self {
            script: Some(script),
            ..Self::default()
        }
    }

    /// Shows the sandbox.
    pub(super) fn show_sandbox(&mut self, session: &Session, prefs: &Prefs) {
        self.on = On::Sandbox;
        self.revision += 1;
        if self.sandbox.is_none() {
            // The usual machine can always be made.
            self.sandbox = Sandbox::new(&prefs.words).ok().map(Box::new);
        }
        if let (Some(script), Some(sandbox)) = (self.script.take(), &mut self.sandbox) {
            sandbox.run_script(&script, &mut Outside(session));
        }
    }

    /// Shows what a real machine left behind, or asks for it.
    pub(super) fn show_evidence(&mut self) {
        self.on = On::Evidence;
        self.revision += 1;
        let new = || Box::new(Evidence::new(files::HAS_FILES));
        self.evidence.get_or_insert_with(new);
    }

    /// True while something goes on by itself.
    pub(super) fn moves(&self) -> bool {
        let plays = self
            .evidence
            .as_ref()
            .is_some_and(|shown| shown.is_playing());
        self.reading || (self.on == On::Evidence && plays)
    }

    /// So much time passes.
    pub(super) fn tick(&mut self, ms: u32) {
        if let Some(evidence) = self.evidence.as_mut().filter(|shown| shown.is_playing()) {
            evidence.tick(ms);
            self.revision += 1;
        }
    }

    /// Acts.
    pub(super) fn take(
        &mut self,
        act: Act,
        session: &Session,
        prefs: &Prefs,
        given: &Given,
    ) -> Option<Asks> {
        self.revision += 1;
        if act == Act::Key(Stroke::Paste) {
            if let Some(text) = files::copied() {
                return self.given(Gift::Pasted(text), session, prefs, given);
            }
            return None;
        }
        match self.on {
            On::Sandbox => {
                let wishes = self.sandbox.as_mut()?.take(act, &mut Outside(session));
                Self::asked(&wishes)
            }
            On::Evidence => {
                let wishes = self.evidence.as_mut()?.take(act);
                self.wished(wishes, session, prefs, given)
            }
        }
    }

    fn asked(wishes: &[Wish]) -> Option<Asks> {
        wishes.last().map(|wish| match wish {
            Wish::Raid => Asks::Exclusive,
            Wish::Close => Asks::Close,
        })
    }

    fn wished(
        &mut self,
        wishes: Vec<EvidenceWish>,
        session: &Session,
        prefs: &Prefs,
        given: &Given,
    ) -> Option<Asks> {
        for wish in wishes {
            match wish {
                EvidenceWish::Raid(free) => return Some(Asks::Raid(free)),
                EvidenceWish::Close => return Some(Asks::Close),
                EvidenceWish::Choose => files::choose(),
                EvidenceWish::Read(path) => self.read(&path, given),
                EvidenceWish::Sandbox(free) => match layout::script(&free) {
                    Ok(script) => {
                        self.script = Some(script);
                        self.show_sandbox(session, prefs);
                    }
                    Err(problem) => {
                        if let Some(evidence) = &mut self.evidence {
                            evidence.fail(problem);
                        }
                    }
                },
            }
        }
        None
    }

    fn read(&mut self, path: &str, given: &Given) {
        self.show_evidence();
        if let Some(evidence) = &mut self.evidence {
            evidence.reads(path);
        }
        self.reading = true;
        files::read(path, given.clone());
    }

    /// Takes something that was given.
    pub(super) fn given(
        &mut self,
        gift: Gift,
        session: &Session,
        prefs: &Prefs,
        given: &Given,
    ) -> Option<Asks> {
        self.revision += 1;
        let (name, found) = match gift {
            Gift::File(path) => {
                self.read(&path.display().to_string(), given);
                return None;
            }
            Gift::Pasted(text) if self.on == On::Sandbox => {
                let sandbox = self.sandbox.as_mut()?;
                let wishes = sandbox.paste(&text, &mut Outside(session));
                return Self::asked(&wishes);
            }
            Gift::Pasted(text) => {
                if self.evidence.as_mut()?.paste(&text) {
                    return None;
                }
                let name = prefs.say(crate::phrases::Phrase::FindPasted).to_owned();
                let found = crate::workbench::found::read(&text, &name);
                (name, found)
            }
            Gift::Text(name, text) => {
                let found = crate::workbench::found::read(&text, &name);
                (name, found)
            }
            Gift::Found(name, found) => (name, found),
        };
        self.reading = false;
        self.show_evidence();
        match self.evidence.as_mut()?.show(&name, found)? {
            Found::Script(script) => {
                self.script = Some(script);
                self.show_sandbox(session, prefs);
                None
            }
            Found::Journal(journal) => Some(Asks::Watch(journal)),
            _ => None,
        }
    }

    /// Says what went wrong with what was asked for.
    pub(super) fn fail(&mut self, problem: String) {
        self.revision += 1;
        match self.on {
            On::Sandbox => {
                if let Some(sandbox) = &mut self.sandbox {
                    sandbox.say(crate::workbench::Tone::Bad, &problem);
                }
            }
            On::Evidence => {
                if let Some(evidence) = &mut self.evidence {
                    evidence.fail(problem);
                }
            }
        }
    }

    /// What is shown.
    fn sheet(&self, room: Room, prefs: &Prefs) -> Option<Sheet> {
        match self.on {
            On::Sandbox => Some(self.sandbox.as_ref()?.sheet(room, &prefs.words)),
            On::Evidence => Some(self.evidence.as_ref()?.sheet(room, &prefs.words)),
        }
    }

    fn plot(&self, prefs: &Prefs) -> Option<figures::Plot> {
        match self.on {
            On::Sandbox => self.sandbox.as_ref()?.plot(&prefs.words),
            On::Evidence => self.evidence.as_ref()?.plot(&prefs.words),
        }
    }

    /// Both structures of the sandbox's machine, where its page of memory is shown.
    fn picture(&self, size: (i32, i32), words: &Words) -> Option<Structure> {
        let sandbox = self
            .sandbox
            .as_ref()
            .filter(|sandbox| self.on == On::Sandbox && sandbox.side() == Side::Memory)?;
        let view = sandbox.timeline().now().machine().view();
        Some(Structure::of(&Asked {
            view: &view,
            size,
            selected: sandbox.frame(),
            beat: None,
            typed: true,
            words,
        }))
    }

    /// A block of that picture is pointed at.
    pub(super) fn point(&mut self, pfn: Pfn) {
        if let Some(sandbox) = self.sandbox.as_mut().filter(|_| self.on == On::Sandbox) {
            sandbox.point(pfn);
            self.revision += 1;
        }
    }

    /// What is shown, as lines to be read out.
    pub(super) fn text(&self, prefs: &Prefs) -> Vec<String> {
        let sheet = self.sheet(Room::default(), prefs);
        sheet.map_or_else(Vec::new, |sheet| sheet.text())
    }

    /// The console, for tests.
    #[cfg(test)]
    pub(super) fn sandbox(&self) -> Option<&Sandbox> {
        self.sandbox.as_deref()
    }
}

/// Writes the runs to a file beside others, or hands them to the browser's downloads; what became of it is said.
pub(super) fn hand_out_runs(session: &Session, table: bool) -> String {
    let (file, text) = if table {
        ("labyrinth-raids.csv", session.profile_of(Profile::runs_csv))
    } else {
        (
            "labyrinth-raids.json",
            session.profile_of(Profile::runs_json),
        )
    };
    match files::hand_out(file, &text) {
        Ok(said) => said,
        Err(problem) => format!("{file}: {problem}"),
    }
}

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Update, draw::update.in_set(Stage::Draw));
}

/// Something lies on the bench whenever it is shown.
pub(super) fn open(mut bench: ResMut<Bench>, session: Res<Session>, prefs: Res<Prefs>) {
    if bench.sandbox.is_none() && bench.evidence.is_none() {
        bench.show_sandbox(&session, &prefs);
    }
}
