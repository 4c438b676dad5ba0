//! The raid being played: starts it, keeps its journal on disk, and says what is to be drawn of it.

use std::path::PathBuf;
use std::sync::{Arc, MutexGuard, PoisonError};

use bevy::prelude::*;

use super::bench::Bench;
use super::control::{Play, Turn};
use super::input::{Gift, Given};
use super::learn::Learn;
use super::prefs::Prefs;
use super::{AppError, Options, Screen, SharedKeeper, Start, platform};
use crate::guide::{FIRST_SEED, FIRST_ZONE};
use crate::journal::Journal;
use crate::lesson::{LessonInput, SANDBOX};
use crate::profile::{Keeper, MODE_RAID, Outfit, Profile, Resumed};
use crate::raid::{Event, Item, Loadout, MAX_SEED, Raid, Rules, Setup, Tone, View};
use crate::settings::{Bindings, Settings};
use crate::sound::Volumes;

/// The raid being played, if any, and what the next one starts from.
#[derive(Resource)]
pub(super) struct Session {
    rules: Arc<Rules>,
    default_setup: Setup,
    journal: Option<PathBuf>,
    keeper: SharedKeeper,
    /// A raid that was asked for while another is unfinished: the title offers it.
    pub asked_for: Option<Setup>,
    /// The raid.
    pub play: Option<Play>,
    /// What went wrong outside the rules: a link that leads nowhere, a journal that cannot be written.
    pub problem: Option<String>,
    /// Counts whatever a panel may have to show anew.
    pub revision: u64,
    /// The raid began with gear of the profile, which may be lost before it is begun again.
    geared: bool,
}

impl Session {
    /// A seed nobody has chosen, within what people can type.
    pub(super) fn fresh_seed() -> u64 {
        let nanos = platform::now();
        (crate::raid::mix(nanos as u64, (nanos >> 64) as u64)) % (MAX_SEED + 1)
    }

    /// What new raids start from, with this seed.
    pub(super) fn setup_with(&self, seed: u64) -> Setup {
        Setup {
            seed,
            ..self.default_setup.clone()
        }
    }

    /// Starts the same raid again, or a new one if there was none.
    pub(super) fn restart(&mut self) -> Result<(), String> {
        let setup = match &self.play {
            Some(play) => play.raid().setup().clone(),
            None => self.setup_with(Self::fresh_seed()),
        };
        if !self.geared {
            return self.start(setup);
        }
        let loadout = self.still_owned(&setup.loadout);
        self.start(Setup { loadout, ..setup })?;
        self.geared = true;
        Ok(())
    }

    /// What is read off the profile.
    pub(super) fn profile_of<T>(&self, read: impl FnOnce(&Profile) -> T) -> T {
        read(self.keeper().profile())
    }

    /// The rules of every raid.
    pub(super) fn rules(&self) -> &Rules {
        &self.rules
    }

    /// What can be chosen for a raid.
    pub(super) fn outfit(&self) -> Outfit {
        let keeper = self.keeper();
        let Setup { zone, loadout, .. } = &self.default_setup;
        Outfit::new(&self.rules, keeper.profile(), zone, loadout)
    }

    /// What can be chosen after something was bought.
    pub(super) fn outfit_again(&self, outfit: &Outfit) -> Outfit {
        outfit.again(&self.rules, self.keeper().profile())
    }

    /// Buys an item for a block of the stash.
    pub(super) fn buy(&mut self, item: Item) -> Result<(), String> {
        let price = self.rules.armoury.spec(item).price;
        let bought = self.keeper().buy(item.name(), price);
        self.pass_on();
        bought.map_err(|error| error.to_string())
    }

    /// Starts a raid that was got ready, with a fresh seed.
    pub(super) fn start_with(&mut self, outfit: &Outfit) -> Result<(), String> {
        let setup = Setup {
            zone: outfit.zone().into(),
            loadout: outfit.loadout(),
            modifiers: outfit.modifiers(),
            ..self.setup_with(Self::fresh_seed())
        };
        self.start(setup)?;
        self.geared = true;
        Ok(())
    }

    /// What of a kit is basic or still owned.
    fn still_owned(&self, kit: &Loadout) -> Loadout {
        let keeper = self.keeper();
        let home = keeper.profile().home();
        let there = kit.items().filter(|&item| {
            self.rules.armoury.spec(item).price.is_none() || home.owns(item.name()) > 0
        });
        Loadout::of(there).unwrap_or_default()
    }

    /// Starts a raid; one that was left unfinished is given up.
    pub(super) fn start(&mut self, setup: Setup) -> Result<(), String> {
        let play = Play::new(self.rules.clone(), setup).map_err(|error| error.to_string())?;
        self.keeper().raid_started(MODE_RAID, play.journal());
        self.geared = false;
        self.show(play);
        self.write_journal();
        Ok(())
    }

    /// Goes on with the raid that was left unfinished.
    pub(super) fn take_up(&mut self) -> Result<(), String> {
        let resumed = self.keeper().resume(self.rules.clone());
        let Some(Resumed { journal, .. }) = resumed else {
            let news = self.keeper().news().join(" ");
            return Err(if news.is_empty() {
                "no raid was left unfinished".into()
            } else {
                news
            });
        };
        let play = Play::resume(self.rules.clone(), &journal)?;
        self.geared = true;
        self.show(play);
        self.write_journal();
        Ok(())
    }

    /// Shows a raid that was played before.
    pub(super) fn watch(&mut self, journal: &Journal) -> Result<(), String> {
        let play = Play::watch(self.rules.clone(), journal)?;
        self.show(play);
        Ok(())
    }

    /// Starts the raid that was asked for from outside, or goes on with it if it was left unfinished. While another
    /// one is unfinished nothing starts: the title offers both.
    fn ask_for(&mut self, setup: Setup) -> Result<(), String> {
        match self.unfinished() {
            None => self.start(setup),
            Some(unfinished) if unfinished == setup => self.take_up(),
            Some(_) => {
                self.asked_for = Some(setup);
                Ok(())
            }
        }
    }

    /// What the raid that was left unfinished started from, if there is one.
    pub(super) fn unfinished(&self) -> Option<Setup> {
        let keeper = self.keeper();
        let unfinished = keeper.profile().unfinished.as_ref()?;
        Journal::parse(&unfinished.journal)
            .ok()
            .map(|journal| journal.setup)
    }

    /// How the player wants it.
    pub(super) fn settings(&self) -> Settings {
        self.keeper().profile().settings.clone()
    }

    /// Changes how the player wants it, and keeps that; how it is wanted now comes back.
    pub(super) fn change_settings(&mut self, change: impl FnOnce(&mut Settings)) -> Settings {
        self.keeper().change_settings(change);
        self.pass_on();
        let settings = self.settings();
        if let Some(play) = &mut self.play {
            play.keys = Bindings::of(&settings.keys);
        }
        settings
    }

    /// The raid that newcomers are led through.
    pub(super) fn first_raid() -> Setup {
        Setup {
            zone: FIRST_ZONE.into(),
            seed: FIRST_SEED,
            ..Setup::default()
        }
    }

    /// Nothing was brought home yet.
    pub(super) fn is_new(&self) -> bool {
        let keeper = self.keeper();
        keeper.profile().runs().iter().all(|run| run.pages == 0)
    }

    /// True if a hint was given before.
    pub(super) fn was_told(&self, hint: &str) -> bool {
        self.keeper().profile().learning().was_told(hint)
    }

    /// Notes that a hint was given.
    pub(super) fn tell_once(&mut self, hint: &str) {
        self.keeper().tell_once(hint);
        self.pass_on();
    }

    /// What was done of a lesson the last time, if it is still the same lesson.
    pub(super) fn lesson_inputs(&self, id: &str, version: u32) -> Vec<LessonInput> {
        let keeper = self.keeper();
        let learned = keeper.profile().learning().lesson(id);
        let Some(learned) = learned.filter(|learned| learned.version == version) else {
            return Vec::new();
        };
        let inputs = learned.inputs.iter();
        inputs
            .filter_map(|line| LessonInput::parse(line).ok().flatten())
            .collect()
    }

    /// How a lesson stands: done, or begun.
    pub(super) fn lesson_stands(&self, id: &str) -> (bool, bool) {
        let keeper = self.keeper();
        let learned = keeper.profile().learning().lesson(id);
        learned.map_or((false, false), |learned| {
            (learned.done, !learned.inputs.is_empty())
        })
    }

    /// Keeps how a lesson is left.
    pub(super) fn lesson_left(
        &mut self,
        id: &str,
        version: u32,
        done: bool,
        inputs: &[LessonInput],
    ) {
        let inputs = inputs.iter().map(ToString::to_string).collect();
        self.keeper().lesson_left(id, version, done, inputs);
        self.pass_on();
    }

    /// Keeps a line in a text beside the profile; why not, in words.
    #[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
    pub(super) fn keep_line(&mut self, name: &str, line: &str) -> Result<(), String> {
        let kept = self.keeper().keep_line(name, line);
        kept.map_err(|error| error.to_string())
    }

    /// The profile, and the way to where it is kept.
    fn keeper(&self) -> MutexGuard<'_, Keeper> {
        self.keeper.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The key of a kept script: names of scripts are the same in small letters and in capitals.
    fn script_key(name: &str) -> String {
        format!("script-{}", name.to_ascii_lowercase().replace('_', "."))
    }

    /// A script of the sandbox that was kept, if there is one of this name.
    pub(super) fn kept_script(&self, name: &str) -> Result<Option<String>, String> {
        let kept = self.keeper().text(&Self::script_key(name));
        kept.map_err(|error| error.to_string())
    }

    /// Keeps a script of the sandbox.
    pub(super) fn keep_script(&self, name: &str, text: &str) -> Result<(), String> {
        let kept = self.keeper().keep_text(&Self::script_key(name), text);
        kept.map_err(|error| error.to_string())
    }

    /// How loud it is to be.
    pub(super) fn volumes(&self) -> Volumes {
        self.keeper().profile().settings.sound
    }

    /// Turns sound off, or on again, and says so.
    pub(super) fn toggle_sound(&mut self) {
        let muted = !self.volumes().muted;
        self.keeper()
            .change_settings(|settings| settings.sound.muted = muted);
        if let Some(play) = &mut self.play {
            let how = if muted { "off" } else { "on" };
            let turn = play.view().turn;
            play.log.push(turn, Tone::Detail, format!("sound is {how}"));
        }
        self.pass_on();
        self.revision += 1;
    }

    fn show(&mut self, mut play: Play) {
        play.keys = Bindings::of(&self.settings().keys);
        self.play = Some(play);
        self.asked_for = None;
        self.problem = None;
        self.pass_on();
        self.revision += 1;
    }

    /// Keeps the raid as it is now: in the profile, and in the journal that was asked for.
    pub(super) fn save(&mut self) {
        let every_turn = self.keeper().profile().settings.autosave.0;
        let Some(play) = self.play.as_ref().filter(|play| !play.replays()) else {
            return;
        };
        if every_turn || play.over() {
            self.save_profile();
        }
        self.write_journal();
    }

    /// Keeps a raid that is being left, if that is not done after every turn.
    pub(super) fn leave(&mut self) {
        let every_turn = self.keeper().profile().settings.autosave.0;
        if !every_turn && self.play.as_ref().is_some_and(|play| !play.over()) {
            self.save_profile();
        }
    }

    fn save_profile(&mut self) {
        let Some(play) = self.play.as_ref().filter(|play| !play.replays()) else {
            return;
        };
        match play.raid().outcome() {
            None => self.keeper().turn_played(play.journal()),
            Some(outcome) => self.keeper().raid_over(play.journal(), outcome),
        }
        self.pass_on();
    }

    /// Tells what the keeper has to say.
    fn pass_on(&mut self) {
        let news = self.keeper().news();
        for news in news {
            match &mut self.play {
                Some(play) => play.log.push(play.view().turn, Tone::Warning, news),
                None => self.problem = Some(news),
            }
        }
    }

    /// Writes the journal, if one is wanted.
    fn write_journal(&mut self) {
        let (Some(path), Some(play)) = (&self.journal, &self.play) else {
            return;
        };
        let saved = crate::storage::save(path, &play.journal().to_string());
        self.problem = saved.err().map(|error| error.to_string());
    }
}

/// How the scene is lit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Lamp {
    /// From where the player stands.
    Carried,
    /// Evenly.
    Even(f32),
}

/// What the board draws.
#[derive(Resource)]
pub(super) struct Scene {
    /// What is known.
    pub view: View,
    /// Counts the maps: another number is another labyrinth.
    pub map: u64,
    /// Counts the turns shown, over all maps.
    pub revision: u64,
    /// The light.
    pub lamp: Lamp,
}

impl Scene {
    /// Shows another labyrinth.
    pub(super) fn replace(&mut self, view: View, lamp: Lamp) {
        self.view = view;
        self.lamp = lamp;
        self.map += 1;
        self.revision += 1;
    }

    /// Shows the next state of the same labyrinth.
    pub(super) fn advance(&mut self, view: View) {
        self.view = view;
        self.revision += 1;
    }
}

/// A turn was played, or the labyrinth behind the title moved on.
#[derive(Message, Debug, Clone)]
pub(super) struct Played {
    /// What was known before.
    pub before: View,
    /// What happened.
    pub events: Vec<Event>,
}

impl From<Turn> for Played {
    fn from(turn: Turn) -> Self {
        Self {
            before: turn.before,
            events: turn.events,
        }
    }
}

/// Puts the session and its scene into an app.
pub(super) fn install(app: &mut App, options: Options) -> Result<(), AppError> {
    let rules = Rules::shipped().map_err(|error| AppError::Raid(error.to_string()))?;
    let mut session = Session {
        rules: Arc::new(rules),
        default_setup: options.default_setup,
        journal: options.journal,
        keeper: options.keeper,
        asked_for: None,
        play: None,
        problem: None,
        revision: 0,
        geared: false,
    };
    let mut bench = Bench::default();
    match options.start {
        Start::Title => {}
        Start::Raid(setup) => session.ask_for(setup).map_err(AppError::Raid)?,
        Start::Replay(journal) => session.watch(&journal).map_err(AppError::Raid)?,
        Start::Lesson(name) if name == SANDBOX => {
            app.insert_resource(Learn::classroom(None))
                .insert_state(Screen::Bench);
        }
        Start::Lesson(name) => {
            app.insert_resource(Learn::classroom(Some(name)))
                .insert_state(Screen::Learn);
        }
        Start::Script(script) => {
            bench = Bench::with_script(script);
            app.insert_state(Screen::Bench);
        }
        Start::File(path) => app.world().resource::<Given>().put(Gift::File(path)),
    }
    session.pass_on();
    if let Some(notice) = options.notice {
        session.problem = Some(notice);
    }
    let (view, lamp) = if let Some(play) = &session.play {
        app.insert_state(Screen::Raid);
        (play.view().clone(), Lamp::Carried)
    } else {
        // The title puts its own labyrinth here once its words are drawn.
        let raid = Raid::new(session.rules.clone(), session.default_setup.clone())
            .map_err(|error| AppError::Raid(error.to_string()))?;
        (raid.view().unseen(), super::title::backdrop::LAMP)
    };
    let scene = Scene {
        view,
        map: 1,
        revision: 1,
        lamp,
    };
    app.insert_resource(Prefs::new(&session.settings()))
        .insert_resource(bench)
        .insert_resource(session)
        .insert_resource(scene)
        .add_message::<Played>();
    Ok(())
}
