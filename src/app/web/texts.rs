//! Texts that the page fetches for the game: what was asked for, and what arrived and was not taken yet.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::page;
use crate::app::rest;

/// By name: nothing while it is on its way, then the text, or why there is none.
static ASKED: Mutex<BTreeMap<String, Option<Result<String, String>>>> = Mutex::new(BTreeMap::new());

/// Takes what the page hands over: a name, `ok` or `failed`, and the rest, each on a line of its own.
pub(super) fn serve() {
    page::offer("onText", |given| {
        let mut parts = given.splitn(3, '\n');
        if let (Some(name), Some(how), Some(rest)) = (parts.next(), parts.next(), parts.next()) {
            let text = if how == "ok" {
                Ok(rest.to_string())
            } else {
                Err(rest.to_string())
            };
            let mut asked = ASKED.lock().unwrap_or_else(PoisonError::into_inner);
            asked.insert(name.to_string(), Some(text));
            // Somebody waits for it on the screen.
            rest::wake();
        }
        String::new()
    });
}

/// Takes a text that has arrived; asks for it first.
pub(in crate::app) fn take(name: &str) -> Option<Result<String, String>> {
    let mut asked = ASKED.lock().unwrap_or_else(PoisonError::into_inner);
    match asked.get(name) {
        Some(Some(_)) => asked.remove(name).flatten(),
        Some(None) => None,
        None => {
            asked.insert(name.to_string(), None);
            // The page may answer at once.
            drop(asked);
            page::call("fetchText", &[name.into()]);
            None
        }
    }
}
