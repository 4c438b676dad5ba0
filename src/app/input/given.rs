//! What comes from outside in one piece: files that are dropped, texts that are pasted or composed.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use bevy::prelude::*;
use bevy::window::{FileDragAndDrop, Ime};

use crate::app::Stage;
use crate::app::rest;
use crate::workbench::found::Found;

/// Something that was given.
#[derive(Debug)]
pub(in crate::app) enum Gift {
    /// A text for where one types, or for the bench as a whole.
    Pasted(String),
    /// A file, by its path.
    File(PathBuf),
    /// A text with the name of its file.
    #[cfg_attr(
        not(any(test, target_family = "wasm")),
        expect(dead_code, reason = "a page alone reads files for the game")
    )]
    Text(String, String),
    /// A file that was read meanwhile: its name, and what it turned out to be.
    Found(String, Result<Found, String>),
}

/// What was given and is not taken yet, oldest first. Whoever reads a file keeps a clone, and puts it here.
#[derive(Resource, Debug, Clone, Default)]
pub(in crate::app) struct Given(Arc<Mutex<VecDeque<Gift>>>);

impl Given {
    /// Puts something here.
    pub(in crate::app) fn put(&self, gift: Gift) {
        self.gifts().push_back(gift);
        // It may come from another thread, or from the page, while nothing is drawn.
        rest::wake();
    }

    /// Takes the oldest.
    pub(in crate::app) fn take(&self) -> Option<Gift> {
        self.gifts().pop_front()
    }

    fn gifts(&self) -> std::sync::MutexGuard<'_, VecDeque<Gift>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn read(
    mut files: MessageReader<FileDragAndDrop>,
    mut composed: MessageReader<Ime>,
    given: Res<Given>,
) {
    for file in files.read() {
        if let FileDragAndDrop::DroppedFile { path_buf, .. } = file {
            given.put(Gift::File(path_buf.clone()));
        }
    }
    for ime in composed.read() {
        if let Ime::Commit { value, .. } = ime {
            given.put(Gift::Pasted(value.clone()));
        }
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Given>()
        .add_message::<FileDragAndDrop>()
        .add_message::<Ime>()
        .add_systems(Update, read.in_set(Stage::Input));
}
