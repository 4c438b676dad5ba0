//! A panic becomes a page that says what happened, with the raid's journal to send along.

use std::panic;
use std::sync::Mutex;

use super::page;
use super::shelf::Browser;
use crate::app::control::Play;
use crate::profile::Shelf as _;

/// What is told of the raid that was being played.
struct Last {
    seed: String,
    zone: String,
    turn: u32,
    journal: String,
}

static LAST: Mutex<Option<Last>> = Mutex::new(None);

/// The key under which a panic leaves a note, while one is wanted.
static MARK: Mutex<Option<&'static str>> = Mutex::new(None);

/// From now on a panic leaves a note under this key; an older note is taken away.
pub(super) fn mark(key: &'static str) {
    // Where nothing can be kept there is nothing to break on the next visit either.
    let _ = Browser.write(key, "");
    if let Ok(mut mark) = MARK.try_lock() {
        *mark = Some(key);
    }
}

/// A panic leaves no note any more.
pub(super) fn unmark() {
    if let Ok(mut mark) = MARK.try_lock() {
        *mark = None;
    }
}

/// Remembers the raid as it is now.
pub(super) fn remember(play: Option<&Play>) {
    let last = play.map(|play| Last {
        seed: play.view().seed.to_string(),
        zone: play.view().zone.clone(),
        turn: play.view().turn,
        journal: play.journal().to_string(),
    });
    if let Ok(mut place) = LAST.try_lock() {
        *place = last;
    }
}

/// Shows panics in the page, after whatever showed them before.
pub(super) fn install() {
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if let Some(key) = MARK.try_lock().ok().and_then(|mut mark| mark.take()) {
            let _ = Browser.write(key, "panic");
        }
        let last = LAST.try_lock().ok().and_then(|mut last| last.take());
        let (seed, zone, turn, journal) = last.map_or_else(Default::default, |last| {
            (last.seed, last.zone, last.turn, last.journal)
        });
        page::call(
            "crashed",
            &[
                info.to_string().into(),
                seed.into(),
                zone.into(),
                turn.into(),
                journal.into(),
            ],
        );
        before(info);
    }));
}
