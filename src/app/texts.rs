//! Texts that are read when they are first needed: in the program on a desktop, fetched from the page's host on the web.

/// A text by its name, or what keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Text {
    /// It is on its way.
    #[cfg_attr(
        not(all(target_family = "wasm", target_os = "unknown")),
        expect(dead_code, reason = "only a page has to wait")
    )]
    Waiting,
    /// What it says.
    Here(String),
    /// Why it cannot be had.
    Failed(String),
}

/// The terms of the codex.
pub(super) const GLOSSARY: &str = "glossary.ron";

/// The text of this name; ask again while it is waited for.
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
pub(super) fn take(name: &str) -> Text {
    match name {
        GLOSSARY => Text::Here(crate::glossary::TEXT.into()),
        _ => Text::Failed(format!("there is no text \"{name}\"")),
    }
}

/// The text of this name; ask again while it is waited for. What failed is fetched again when it is next asked for.
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
pub(super) fn take(name: &'static str) -> Text {
    match super::web::texts::take(name) {
        None => Text::Waiting,
        Some(Ok(text)) => Text::Here(text),
        Some(Err(why)) => Text::Failed(why),
    }
}
