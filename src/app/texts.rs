//! Texts that are read when they are first needed: in the program on a desktop, fetched from the page's host on the web.

use bevy::prelude::*;

/// A text by its name, or what keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Text {
    /// It is on its way.
    Waiting,
    /// What it says.
    Here(String),
    /// Why it cannot be had.
    Failed(String),
}

/// The terms of the codex.
pub(super) const GLOSSARY: &str = "glossary.ron";

/// Where texts come from.
#[derive(Resource, Debug, Default)]
pub(super) struct Texts {
    #[cfg(all(target_family = "wasm", target_os = "unknown"))]
    asked: std::collections::BTreeSet<&'static str>,
}

#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
impl Texts {
    /// The text of this name; ask again while it is waited for.
    pub(super) fn take(&mut self, name: &'static str) -> Text {
        match name {
            GLOSSARY => Text::Here(crate::glossary::TEXT.into()),
            _ => Text::Failed(format!("there is no text \"{name}\"")),
        }
    }
}

#[cfg(all(target_family = "wasm", target_os = "unknown"))]
impl Texts {
    /// The text of this name; ask again while it is waited for. What failed is fetched again when it is next asked for.
    pub(super) fn take(&mut self, name: &'static str) -> Text {
        if self.asked.insert(name) {
            super::web::page::call("fetchText", &[name.into()]);
        }
        match super::web::texts::arrived(name) {
            None => Text::Waiting,
            Some(Ok(text)) => Text::Here(text),
            Some(Err(why)) => {
                self.asked.remove(name);
                Text::Failed(why)
            }
        }
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Texts>();
}
