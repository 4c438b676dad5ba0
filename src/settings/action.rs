//! Everything a key or a button can mean, and where it means that.

use serde::{Deserialize, Serialize};

/// What a key or a button means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Go, or choose, upwards.
    North,
    /// Go, or choose, to the right.
    East,
    /// Go, or choose, downwards.
    South,
    /// Go, or choose, to the left.
    West,
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
    /// The next page of the panel, where not all of it has room.
    Panel,
    /// Larger.
    ZoomIn,
    /// Smaller.
    ZoomOut,
    /// Sound off, and on again.
    Sound,
    /// Help.
    Help,
    /// The codex, at what the screen names.
    Codex,
    /// Yes, this one.
    Confirm,
    /// Back, or pause.
    Back,
    /// Goes on with the raid that was left.
    Continue,
    /// A raid with a fresh seed.
    NewRaid,
    /// To a raid in another zone and with another kit.
    Outfit,
    /// The same seed again.
    Retry,
    /// The raid that is over, from its beginning.
    Watch,
    /// To the title.
    ToTitle,
    /// To the settings.
    Settings,
    /// Takes the last character back.
    Erase,
    /// Out of the game.
    Quit,
}

/// Where keys are read; a key may mean one thing in each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Context {
    /// In a raid.
    Raid,
    /// In lists of entries: the title, pause, settings, the end.
    Menu,
}

impl Action {
    /// All of them, as a person would look for them.
    pub const ALL: [Self; 33] = [
        Self::North,
        Self::East,
        Self::South,
        Self::West,
        Self::Wait,
        Self::Grab,
        Self::Clear,
        Self::Free,
        Self::Isolate,
        Self::Use,
        Self::Extract,
        Self::Explore,
        Self::WaitNews,
        Self::Repeat,
        Self::Look,
        Self::Overview,
        Self::Panel,
        Self::ZoomIn,
        Self::ZoomOut,
        Self::Sound,
        Self::Help,
        Self::Codex,
        Self::Confirm,
        Self::Back,
        Self::Continue,
        Self::NewRaid,
        Self::Outfit,
        Self::Retry,
        Self::Watch,
        Self::ToTitle,
        Self::Settings,
        Self::Erase,
        Self::Quit,
    ];

    /// True if it means something there.
    pub fn is_for(self, context: Context) -> bool {
        match self {
            Self::North
            | Self::East
            | Self::South
            | Self::West
            | Self::Wait
            | Self::Sound
            | Self::Help
            | Self::Codex
            | Self::Confirm
            | Self::Back => true,
            Self::Clear
            | Self::Grab
            | Self::Free
            | Self::Isolate
            | Self::Use
            | Self::Extract
            | Self::Explore
            | Self::WaitNews
            | Self::Repeat
            | Self::Look
            | Self::Overview
            | Self::Panel
            | Self::ZoomIn
            | Self::ZoomOut => context == Context::Raid,
            Self::Continue
            | Self::NewRaid
            | Self::Outfit
            | Self::Retry
            | Self::Watch
            | Self::ToTitle
            | Self::Settings
            | Self::Erase
            | Self::Quit => context == Context::Menu,
        }
    }

    /// True if one key for both would be one too many.
    pub fn meets(self, other: Self) -> bool {
        [Context::Raid, Context::Menu]
            .into_iter()
            .any(|context| self.is_for(context) && other.is_for(context))
    }

    /// True for what is worth repeating while its key is held.
    pub fn repeats(self) -> bool {
        matches!(
            self,
            Self::North
                | Self::East
                | Self::South
                | Self::West
                | Self::Wait
                | Self::ZoomIn
                | Self::ZoomOut
                | Self::Erase
        )
    }
}
