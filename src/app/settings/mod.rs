//! The settings on the screen: rows that keys, mouse and fingers change, and a page on which keys are chosen.

mod draw;
mod menu;

pub(super) use draw::plugin;
pub(super) use menu::{Deed, SettingsMenu, text};
