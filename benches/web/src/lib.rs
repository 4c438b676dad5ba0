//! Tells the page of the baselines when the first frames are drawn, and how long frames take.

use bevy::prelude::*;
use wasm_bindgen::{JsCast, JsValue};

/// Calls a function of `labyrinthPage`, as the game does.
fn call(name: &str, argument: JsValue) {
    let global = js_sys::global();
    let Ok(page) = js_sys::Reflect::get(&global, &"labyrinthPage".into()) else {
        return;
    };
    if let Ok(function) = js_sys::Reflect::get(&page, &name.into())
        && let Ok(function) = function.dyn_into::<js_sys::Function>()
    {
        let _ = function.call1(&page, &argument);
    }
}

/// Says once, as the game does, that there is something to see.
pub fn ready(mut frames: Local<u32>) {
    *frames += 1;
    if *frames == 3 {
        call("ready", JsValue::UNDEFINED);
    }
}

/// The window of a page like the game's.
pub fn window() -> WindowPlugin {
    WindowPlugin {
        primary_window: Some(Window {
            canvas: Some("#game".into()),
            fit_canvas_to_parent: true,
            prevent_default_event_handling: false,
            ..default()
        }),
        ..default()
    }
}
