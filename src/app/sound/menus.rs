//! The sounds of menus: what differs on the screen between two frames.

use crate::app::Screen;
use crate::app::control::{Mode, Play};
use crate::app::shell::Overlay;
use crate::sound::Cue;

/// What of a frame can be heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seen {
    screen: Screen,
    overlay: Overlay,
    /// The entry of the title's menu that is marked.
    at: u8,
    mode: Option<Mode>,
    /// How often something was refused.
    refused: u64,
    /// A raid's beginning: another one is not the same frame's.
    seed: u64,
}

impl Seen {
    /// A frame.
    pub(super) fn new(screen: Screen, overlay: Overlay, at: u8, play: Option<&Play>) -> Self {
        Self {
            screen,
            overlay,
            at,
            mode: play.map(|play| play.mode),
            refused: play.map_or(0, |play| play.refused),
            seed: play.map_or(0, |play| play.view().seed),
        }
    }

    /// What sounds after a frame; `played` says that turns were played as well, which have sounds of their own.
    pub(super) fn since(&self, before: &Self, played: bool) -> Option<Cue> {
        if self.screen != before.screen {
            return match self.screen {
                Screen::Raid | Screen::Learn | Screen::Bench => Some(Cue::MenuChoose),
                Screen::Title => Some(Cue::MenuBack),
                // The end has sounded when it came.
                Screen::End => None,
            };
        }
        if self.overlay != before.overlay {
            return Some(match (before.overlay, self.overlay) {
                (Overlay::Pause { sure: false, .. }, Overlay::Pause { sure: true, .. }) => {
                    Cue::Preview
                }
                (Overlay::Pause { .. }, Overlay::Pause { .. }) => Cue::MenuMove,
                (Overlay::None | Overlay::Pause { .. }, after) if after != Overlay::None => {
                    Cue::MenuChoose
                }
                _ => Cue::MenuBack,
            });
        }
        if matches!(self.screen, Screen::Title | Screen::Learn) {
            return (self.at != before.at).then_some(Cue::MenuMove);
        }
        if self.seed != before.seed {
            return Some(Cue::MenuChoose);
        }
        if self.refused > before.refused {
            return Some(Cue::Refuse);
        }
        if played || self.mode == before.mode {
            return None;
        }
        match self.mode {
            Some(Mode::Confirm(_)) => Some(Cue::Preview),
            Some(Mode::Walk) => Some(Cue::MenuBack),
            Some(_) => Some(Cue::MenuMove),
            None => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::control::Act;

    fn seen(screen: Screen, overlay: Overlay, at: u8) -> Seen {
        Seen::new(screen, overlay, at, None)
    }

    #[test]
    fn menus_answer_to_what_changes() {
        let title = |at| seen(Screen::Title, Overlay::None, at);
        let raid = |overlay| seen(Screen::Raid, overlay, 0);
        let pause = |at, sure| raid(Overlay::Pause { at, sure });
        let none = || raid(Overlay::None);
        assert_eq!(title(0).since(&title(0), false), None);
        assert_eq!(title(1).since(&title(0), false), Some(Cue::MenuMove));
        assert_eq!(none().since(&title(1), false), Some(Cue::MenuChoose));
        assert_eq!(pause(0, false).since(&none(), false), Some(Cue::MenuChoose));
        assert_eq!(
            pause(1, false).since(&pause(0, false), false),
            Some(Cue::MenuMove)
        );
        assert_eq!(
            pause(2, true).since(&pause(2, false), false),
            Some(Cue::Preview)
        );
        assert_eq!(none().since(&pause(0, false), false), Some(Cue::MenuBack));
        assert_eq!(title(0).since(&none(), false), Some(Cue::MenuBack));
    }

    #[test]
    fn previews_and_refusals_are_heard_and_turns_speak_for_themselves() {
        let in_mode = |mode, refused| Seen {
            mode: Some(mode),
            refused,
            ..seen(Screen::Raid, Overlay::None, 0)
        };
        let walks = in_mode(Mode::Walk, 0);
        let previews = in_mode(Mode::Confirm(Act::Grab), 0);
        assert_eq!(previews.since(&walks, false), Some(Cue::Preview));
        assert_eq!(walks.since(&previews, false), Some(Cue::MenuBack));
        assert_eq!(walks.since(&previews, true), None);
        assert_eq!(
            in_mode(Mode::Walk, 1).since(&walks, false),
            Some(Cue::Refuse)
        );
        assert_eq!(
            in_mode(Mode::ChooseClear, 0).since(&walks, false),
            Some(Cue::MenuMove)
        );
    }
}
