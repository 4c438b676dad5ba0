//! The browser's storage as a shelf for the profile.

use wasm_bindgen::{JsCast, JsValue};
use web_sys::{DomException, Storage};

use crate::profile::{Shelf, ShelfError};

/// Before the names of everything the game stores, so that other pages of the same host keep theirs.
const PREFIX: &str = "void-labyrinth/";

/// `localStorage`: kept by the browser for this host, some five megabytes in all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Browser;

impl Browser {
    /// Asked for anew each time: a person may deny it while the page is open.
    fn storage() -> Result<Storage, ShelfError> {
        let window = web_sys::window().ok_or_else(|| ShelfError::Denied("no window".into()))?;
        match window.local_storage() {
            Ok(Some(storage)) => Ok(storage),
            Ok(None) => Err(ShelfError::Denied("this browser has no storage".into())),
            Err(error) => Err(ShelfError::Denied(what(&error))),
        }
    }
}

/// What the browser said, in one word if it has one for it.
fn what(error: &JsValue) -> String {
    error
        .dyn_ref::<DomException>()
        .map_or_else(|| "the browser does not say why".into(), DomException::name)
}

impl Shelf for Browser {
    fn read(&self, key: &str) -> Result<Option<String>, ShelfError> {
        Self::storage()?
            .get_item(&format!("{PREFIX}{key}"))
            .map_err(|error| ShelfError::Failed(what(&error)))
    }

    fn write(&self, key: &str, text: &str) -> Result<(), ShelfError> {
        Self::storage()?
            .set_item(&format!("{PREFIX}{key}"), text)
            .map_err(|error| match what(&error) {
                name if name.contains("Quota") => ShelfError::Full(name),
                name => ShelfError::Failed(name),
            })
    }
}
