//! Sound: what is heard of turns, menus and memory pressure; how it comes out is the speaker's.

#[cfg(not(target_family = "wasm"))]
mod desktop;
mod menus;
#[cfg(target_family = "wasm")]
mod page;

#[cfg(not(target_family = "wasm"))]
use desktop::Device;
#[cfg(target_family = "wasm")]
use page::Device;

use std::sync::Arc;

use bevy::prelude::*;

use super::learn::Learn;
use super::session::{Played, Scene, Session};
use super::shell::Overlay;
use super::title::TitleMenu;
use super::{Screen, Stage};
use crate::sound::{self, Cues, Drone, Note};
use menus::Seen;

/// What makes the noise: a loudspeaker of the machine, or the page around the game. None of it can fail: where there is
/// nothing to be heard with, it is silent.
trait Speaker {
    /// Starts a sound.
    fn play(&mut self, note: Note);
    /// Brings the drone to another loudness and pitch, little by little.
    fn drone(&mut self, drone: Drone);
    /// Cuts off what sounds, and the drone for so many milliseconds.
    fn silence(&mut self, ms: u32);
    /// Makes a little of what will be needed, once a frame; while nobody can hear anything yet it may do nothing.
    fn prepare(&mut self) {}
}

/// The sounds, and what they come out of.
#[derive(Resource)]
struct Sound {
    cues: Arc<Cues>,
    speaker: Box<dyn Speaker + Send + Sync>,
    drone: Drone,
}

impl Sound {
    fn new() -> Option<Self> {
        // A test sees to it that the shipped table is sound; if it were not, the game would go on in silence.
        let cues = Arc::new(Cues::shipped().ok()?);
        Some(Self {
            speaker: Box::new(Device::new(cues.clone())),
            drone: Drone::default(),
            cues,
        })
    }
}

/// Plays what happened since the last frame.
fn hear(
    sound: Option<ResMut<Sound>>,
    mut turns: MessageReader<Played>,
    session: Res<Session>,
    scene: Res<Scene>,
    screen: Res<State<Screen>>,
    overlay: Res<Overlay>,
    menu: Res<TitleMenu>,
    learn: Res<Learn>,
    mut seen: Local<Option<Seen>>,
) {
    let Some(mut sound) = sound else {
        return;
    };
    let Sound {
        cues,
        speaker,
        drone,
    } = &mut *sound;
    let volumes = session.volumes();
    let screen = *screen.get();
    // The labyrinth behind the title works in silence.
    let turns: Vec<&Played> = turns
        .read()
        .filter(|_| matches!(screen, Screen::Raid | Screen::End))
        .collect();
    for (at, turn) in turns.iter().enumerate() {
        let after = turns.get(at + 1).map_or(&scene.view, |next| &next.before);
        if turn.before.grid != after.grid {
            continue;
        }
        let heard = sound::perform(cues, volumes, &turn.before, after, &turn.events);
        if heard.silence_ms > 0 {
            speaker.silence(heard.silence_ms);
        }
        for note in heard.notes {
            speaker.play(note);
        }
    }
    let play = session.play.as_ref();
    let at = if screen == Screen::Learn {
        learn.mark()
    } else {
        menu.at
    };
    let now = Seen::new(screen, *overlay, at, play);
    let before = seen.replace(now.clone());
    let cue = before.and_then(|before| now.since(&before, !turns.is_empty()));
    if let Some(note) = cue.and_then(|cue| sound::menu(cues, volumes, cue)) {
        speaker.play(note);
    }
    let wanted = match play {
        Some(play) if screen == Screen::Raid && !play.over() => {
            let loud = sound::drone(volumes, &play.view().gauge);
            let waits = *overlay != Overlay::None;
            Drone {
                gain: if waits { loud.gain / 3 } else { loud.gain },
                ..loud
            }
        }
        _ => Drone { gain: 0, ..*drone },
    };
    if wanted != *drone {
        *drone = wanted;
        speaker.drone(wanted);
    }
    speaker.prepare();
}

pub(super) fn plugin(app: &mut App) {
    if let Some(sound) = Sound::new() {
        app.insert_resource(sound);
    }
    app.add_systems(Update, hear.in_set(Stage::Draw));
}
