//! The one input map: keys, mouse, fingers and buttons become intents; nothing else in the window reads any of them.

mod chart;
mod given;
mod keys;
mod mouse;
mod pads;
mod touch;

use std::collections::VecDeque;

use bevy::input::touch::Touches;
use bevy::prelude::*;

use super::Stage;
use crate::labyrinth::{Cell, Dir};
use crate::mm::Pfn;
use crate::settings::Action;
use crate::workbench::Act;
pub(super) use given::{Gift, Given};
pub(super) use keys::Press;
pub(super) use pads::{PadLine, Pads};
pub(super) use touch::Fingers;

/// What a person wants, whatever they pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Intent {
    /// Go, or choose, in a direction.
    Go(Dir),
    /// Let a turn pass.
    Wait,
    /// Clear a room.
    Clear,
    /// Grab.
    Grab,
    /// Give a block back.
    Free,
    /// Isolate.
    Isolate,
    /// Use something that was brought.
    Use,
    /// Leave through a gate.
    Extract,
    /// See what was never seen, until there is news.
    Explore,
    /// Wait until there is news.
    WaitNews,
    /// The last command again, until there is news.
    Repeat,
    /// Look about.
    Look,
    /// The whole zone, and back.
    Overview,
    /// The next page of the panel.
    Panel,
    /// Larger.
    ZoomIn,
    /// Smaller.
    ZoomOut,
    /// Sound off, or on again.
    Sound,
    /// Help.
    Help,
    /// The codex.
    Codex,
    /// Back, or pause.
    Escape,
    /// Yes.
    Confirm,
    /// The same seed again.
    Retry,
    /// A new seed.
    NewSeed,
    /// The raid that is over, from its beginning.
    Watch,
    /// To the title.
    Title,
    /// A digit of a seed.
    Digit(u8),
    /// Takes a digit back.
    Erase,
    /// Out of the game.
    Quit,
    /// On with the raid that was left.
    Resume,
    /// The settings.
    Settings,
    /// An entry of a list, by its place.
    Entry(u8),
    /// The next value of a row, or the one before.
    Step(u8, bool),
    /// A value of a row, by its place.
    Set(u8, u8),
    /// Something on the bench.
    Bench(Act),
    /// A key: what it means depends on where it is acted on.
    Key(Press),
    /// A click on the map.
    Point(Cell),
    /// A look at a cell of the map.
    Inspect(Cell),
    /// The mouse is over another cell, or over none.
    Hover(Option<Cell>),
    /// A click on a frame of an address map, or of a free list.
    Frame(Pfn),
    /// The mouse is over another block of one.
    OverFrame(Pfn),
    /// A character, where a line is typed.
    Text(char),
    /// Completes such a line.
    Complete,
    /// A hint that was read.
    Dismiss,
    /// A key that means nothing: it cancels and closes, no more.
    Other,
}

impl Intent {
    /// True for what changes only how the raid is shown.
    pub(super) fn only_looks(self) -> bool {
        matches!(
            self,
            Self::Overview
                | Self::Panel
                | Self::ZoomIn
                | Self::ZoomOut
                | Self::Sound
                | Self::Help
                | Self::Codex
                | Self::Hover(_)
        )
    }
}

impl From<Action> for Intent {
    fn from(action: Action) -> Self {
        match action {
            Action::North => Self::Go(Dir::North),
            Action::East => Self::Go(Dir::East),
            Action::South => Self::Go(Dir::South),
            Action::West => Self::Go(Dir::West),
            Action::Wait => Self::Wait,
            Action::Clear => Self::Clear,
            Action::Grab => Self::Grab,
            Action::Free => Self::Free,
            Action::Isolate => Self::Isolate,
            Action::Use => Self::Use,
            Action::Extract => Self::Extract,
            // At the title there is something else to explore.
            Action::Explore | Action::Outfit => Self::Explore,
            Action::WaitNews => Self::WaitNews,
            Action::Repeat => Self::Repeat,
            Action::Look => Self::Look,
            Action::Overview => Self::Overview,
            Action::Panel => Self::Panel,
            Action::ZoomIn => Self::ZoomIn,
            Action::ZoomOut => Self::ZoomOut,
            Action::Sound => Self::Sound,
            Action::Help => Self::Help,
            Action::Codex => Self::Codex,
            Action::Confirm => Self::Confirm,
            Action::Back => Self::Escape,
            Action::Continue => Self::Resume,
            Action::NewRaid => Self::NewSeed,
            Action::Retry => Self::Retry,
            Action::Watch => Self::Watch,
            Action::ToTitle => Self::Title,
            Action::Settings => Self::Settings,
            Action::Erase => Self::Erase,
            Action::Quit => Self::Quit,
        }
    }
}

/// A button on screen that says this when pressed.
#[derive(Component, Debug, Clone, Copy)]
pub(super) struct Says(pub Intent);

/// Intents not yet acted on, oldest first.
#[derive(Resource, Debug, Default)]
pub(super) struct Intents(pub VecDeque<Intent>);

/// Buttons under the mouse act when they are pressed; those under a finger wait for what it does: see [`touch`].
fn read_buttons(
    buttons: Query<(&Interaction, &Says), Changed<Interaction>>,
    touches: Option<Res<Touches>>,
    mut intents: ResMut<Intents>,
) {
    if touches.is_some_and(|touches| touches.any_just_pressed()) {
        return;
    }
    for (interaction, says) in &buttons {
        if *interaction == Interaction::Pressed {
            intents.0.push_back(says.0);
        }
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Intents>()
        .init_resource::<Fingers>()
        .init_resource::<PadLine>()
        .init_resource::<Pads>()
        .add_plugins(given::plugin)
        .add_systems(
            Update,
            (
                keys::read,
                read_buttons,
                chart::read,
                mouse::read,
                touch::read,
                pads::read,
            )
                .chain()
                .in_set(Stage::Input),
        );
}
