//! Texts that the page has fetched for the game: what arrived and was not taken yet.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::page;

/// By name: the text, or why there is none.
static ARRIVED: Mutex<BTreeMap<String, Result<String, String>>> = Mutex::new(BTreeMap::new());

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
            let mut arrived = ARRIVED.lock().unwrap_or_else(PoisonError::into_inner);
            arrived.insert(name.to_string(), text);
        }
        String::new()
    });
}

/// Takes a text that has arrived.
pub(in crate::app) fn arrived(name: &str) -> Option<Result<String, String>> {
    let mut arrived = ARRIVED.lock().unwrap_or_else(PoisonError::into_inner);
    arrived.remove(name)
}
