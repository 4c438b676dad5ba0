//! Texts of the build that are fetched when they are needed, so that nobody waits for them before the title.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::page;

/// What came of a text: itself, or why it did not come.
type Came = Result<String, String>;

thread_local! {
    /// By name; a page has one thread.
    static CAME: RefCell<BTreeMap<String, Came>> = const { RefCell::new(BTreeMap::new()) };
}

/// Asks the page for a text of the build, by its name.
pub(in crate::app) fn ask(name: &str) {
    page::call("fetchText", &[name.into()]);
}

/// The text, once it has come.
pub(in crate::app) fn take(name: &str) -> Option<Came> {
    CAME.with_borrow_mut(|came| came.remove(name))
}

/// Takes what the page brings: a name, a line break, `+` and the text or `-` and why there is none.
pub(super) fn serve() {
    page::offer("onText", |brought| {
        if let Some((name, text)) = brought.split_once('\n') {
            let came = match text.split_at_checked(1) {
                Some(("+", text)) => Ok(text.to_owned()),
                Some((_, why)) => Err(why.to_owned()),
                None => Err("nothing came".to_owned()),
            };
            CAME.with_borrow_mut(|all| all.insert(name.to_owned(), came));
        }
        String::new()
    });
}
