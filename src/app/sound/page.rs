//! Sound in a page: the page's script gets the samples of each sound once, and is told when to play it.

use std::collections::BTreeSet;
use std::sync::Arc;

use js_sys::Int16Array;
use wasm_bindgen::JsValue;

use super::Speaker;
use crate::app::web::page;
use crate::sound::{Cue, Cues, Drone, Note, SAMPLE_RATE, render};

/// The page.
pub(super) struct Device {
    cues: Arc<Cues>,
    /// What the page has.
    kept: BTreeSet<(Cue, u32)>,
    /// All of it is there.
    done: bool,
}

/// What the page calls a sound.
fn name(cue: Cue, variation: u32) -> JsValue {
    if variation == 0 {
        cue.name().into()
    } else {
        format!("{}-{variation}", cue.name()).into()
    }
}

/// A figure in thousandths, as pages count.
fn thousandths(figure: i32) -> JsValue {
    (f64::from(figure) / 1000.0).into()
}

impl Device {
    pub(super) fn new(cues: Arc<Cues>) -> Self {
        Self {
            cues,
            kept: BTreeSet::new(),
            done: false,
        }
    }

    /// Sees to it that the page has a sound; nothing is downloaded, it is made here.
    fn keep(&mut self, cue: Cue, variation: u32) {
        if self.kept.insert((cue, variation)) {
            let samples = render(self.cues.recipe(cue), variation);
            let samples = Int16Array::from(samples.as_slice());
            page::call(
                "soundKeep",
                &[name(cue, variation), samples.into(), SAMPLE_RATE.into()],
            );
        }
    }
}

/// True once the page may be heard.
fn audible() -> bool {
    page::flag("gesture")
}

impl Speaker for Device {
    fn play(&mut self, note: Note) {
        if !audible() {
            return;
        }
        self.keep(note.cue, note.variation);
        page::call(
            "soundPlay",
            &[
                name(note.cue, note.variation),
                note.delay_ms.into(),
                thousandths(note.gain as i32),
                thousandths(note.pan),
                thousandths(note.rate as i32),
            ],
        );
    }

    fn drone(&mut self, drone: Drone) {
        if drone.gain > 0 {
            self.keep(Cue::Drone, 0);
        }
        page::call(
            "soundDrone",
            &[
                name(Cue::Drone, 0),
                thousandths(drone.gain as i32),
                thousandths(drone.rate as i32),
            ],
        );
    }

    fn silence(&mut self, ms: u32) {
        page::call("soundSilence", &[ms.into()]);
    }

    /// One sound a frame, which takes a millisecond or two, so that none is late when it is first wanted.
    fn prepare(&mut self) {
        if self.done || !audible() {
            return;
        }
        let next = self.cues.all().iter().find_map(|recipe| {
            (0..recipe.variations)
                .map(|variation| (recipe.cue, variation))
                .find(|sound| !self.kept.contains(sound))
        });
        match next {
            Some((cue, variation)) => {
                self.keep(cue, variation);
                // The next one is made in the next frame, though nothing may move.
                crate::app::rest::wake();
            }
            None => self.done = true,
        }
    }
}
