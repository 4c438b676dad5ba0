//! The raid being played: starts it, keeps its journal on disk, and says what is to be drawn of it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use bevy::prelude::*;

use super::control::{Play, Turn};
use super::{AppError, Options, Screen};
use crate::raid::{Event, MAX_SEED, Raid, Rules, Setup, View};

/// The raid being played, if any, and what the next one starts from.
#[derive(Resource)]
pub(super) struct Session {
    rules: Arc<Rules>,
    default_setup: Setup,
    journal: Option<PathBuf>,
    /// The raid.
    pub play: Option<Play>,
    /// What went wrong outside the rules: a journal that cannot be written.
    pub problem: Option<String>,
    /// Counts whatever a panel may have to show anew.
    pub revision: u64,
}

impl Session {
    /// A seed nobody has chosen, within what people can type.
    pub(super) fn fresh_seed() -> u64 {
        let nanos = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_nanos());
        (crate::raid::mix(nanos as u64, (nanos >> 64) as u64)) % (MAX_SEED + 1)
    }

    /// Starts a raid of the zone and layout that new raids use.
    pub(super) fn start_seed(&mut self, seed: u64) -> Result<(), String> {
        self.start(Setup {
            seed,
            ..self.default_setup.clone()
        })
    }

    /// Starts the same raid again, or a new one if there was none.
    pub(super) fn restart(&mut self) -> Result<(), String> {
        let setup = match &self.play {
            Some(play) => play.raid().setup().clone(),
            None => Setup {
                seed: Self::fresh_seed(),
                ..self.default_setup.clone()
            },
        };
        self.start(setup)
    }

    /// Starts a raid.
    pub(super) fn start(&mut self, setup: Setup) -> Result<(), String> {
        let play = Play::new(self.rules.clone(), setup).map_err(|error| error.to_string())?;
        self.play = Some(play);
        self.save();
        self.revision += 1;
        Ok(())
    }

    /// Writes the journal, if one is wanted.
    pub(super) fn save(&mut self) {
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
        play: None,
        problem: None,
        revision: 0,
    };
    if let Some(setup) = options.setup {
        session.start(setup).map_err(AppError::Raid)?;
    }
    let (view, lamp) = if let Some(play) = &session.play {
        app.insert_state(Screen::Raid);
        (play.view().clone(), Lamp::Carried)
    } else {
        // The title puts its own labyrinth here before anything is drawn.
        let raid = Raid::new(session.rules.clone(), session.default_setup.clone())
            .map_err(|error| AppError::Raid(error.to_string()))?;
        (raid.view().clone(), super::title::backdrop::LAMP)
    };
    let scene = Scene {
        view,
        map: 1,
        revision: 1,
        lamp,
    };
    app.insert_resource(session)
        .insert_resource(scene)
        .add_message::<Played>();
    Ok(())
}
