//! The page around the canvas: what the game tells it and asks of it. `docs/web.md` describes both sides.
//!
//! Everything is looked up by name when it is used: a page that lacks a part of it still shows the game.

use js_sys::{Array, Function, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};

/// The page's object.
const PAGE: &str = "labyrinthPage";

fn page() -> Option<JsValue> {
    let page = Reflect::get(&js_sys::global(), &PAGE.into()).ok()?;
    page.is_object().then_some(page)
}

/// Calls a function of the page, if it has that.
pub(in crate::app) fn call(name: &str, arguments: &[JsValue]) {
    let Some(page) = page() else { return };
    let Some(function) = Reflect::get(&page, &name.into())
        .ok()
        .and_then(|value| value.dyn_into::<Function>().ok())
    else {
        return;
    };
    let arguments: Array = arguments.iter().collect();
    // What goes wrong in the page is the page's to tell.
    let _ = function.apply(&page, &arguments);
}

/// A value of the page, or nothing.
fn value(name: &str) -> JsValue {
    page()
        .and_then(|page| Reflect::get(&page, &name.into()).ok())
        .unwrap_or(JsValue::UNDEFINED)
}

/// True if the page says so.
pub(in crate::app) fn flag(name: &str) -> bool {
    value(name).is_truthy()
}

/// Gives the page a function that it may call with a text, and that answers with one.
pub(super) fn offer(name: &str, function: impl FnMut(String) -> String + 'static) {
    let Some(page) = page() else { return };
    let mut function = function;
    let closure = Closure::<dyn FnMut(JsValue) -> JsValue>::new(move |given: JsValue| {
        JsValue::from(function(given.as_string().unwrap_or_default()))
    });
    let _ = Reflect::set(&page, &name.into(), closure.as_ref());
    // It stays for as long as the page does.
    closure.forget();
}

/// What stands after `#` in the page's address.
pub(super) fn fragment() -> String {
    web_sys::window()
        .and_then(|window| window.location().hash().ok())
        .unwrap_or_default()
}

/// Puts another text after `#`, without a new entry in the browser's history.
pub(in crate::app) fn set_fragment(fragment: &str) {
    let Some(window) = web_sys::window() else {
        return;
    };
    if let Ok(history) = window.history() {
        // An empty address would mean the whole of it: "#" alone is as short as it gets.
        let address = format!("#{fragment}");
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&address));
    }
}
