//! How the bench's window is divided: how many rows and columns of text have room, and where.

use bevy::prelude::*;

use crate::app::input::Fingers;
use crate::app::panel::Layout;
use crate::app::theme::Size;
use crate::workbench::Room;

/// Pixels of a letter.
const LETTER: f32 = 8.0;
/// Pixels around everything, and between the parts.
pub(super) const GAP: f32 = 12.0;
/// Height of the head with a mouse, and of the foot.
const HEAD: f32 = 34.0;
const FOOT: f32 = 60.0;
/// Between two things to press.
const APART: f32 = 5.0;
/// Of the height of parts under each other, how much the one with a line to type in takes where fingers press the
/// letters, in hundredths: the letters take most of it.
const TYPED: f32 = 64.0;
/// Height of a plot with its words.
pub(super) const PLOT: f32 = 196.0;
/// Height of something to press, for a mouse and for fingers.
const CHIP: [f32; 2] = [22.0, 40.0];
/// What the signs to press take, in the room of narrow ones: space, del and Enter are wider.
const SIGNS_WIDE: f32 = 34.0;

/// How much has room, and in which arrangement.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Frame {
    pub room: Room,
    /// One part under the other.
    pub stacked: bool,
    /// Widths of the parts.
    pub widths: [f32; 2],
    pub chip: f32,
    /// Height of the head.
    pub head: f32,
    /// Of the height of parts under each other, what the first takes, in hundredths.
    pub share: f32,
    /// Fingers press what there is to press.
    fingers: bool,
}

impl Frame {
    /// How many of these texts have room on things to press in as many rows as there are for them: two for a mouse, one
    /// for fingers, whose rows are high.
    pub(super) fn fitting<'a>(&self, texts: impl Iterator<Item = &'a str>) -> usize {
        let width = self.widths[0] - 14.0;
        let most = if self.fingers { 1 } else { 2 };
        let (mut rows, mut used) = (1, 0.0);
        let mut fit = 0;
        for text in texts {
            let wide = (text.chars().count() as f32 * LETTER + 14.0).max(self.chip);
            if used > 0.0 && used + wide > width {
                rows += 1;
                used = 0.0;
            }
            if rows > most {
                break;
            }
            used += wide + APART;
            fit += 1;
        }
        fit
    }

    /// Width and height of a picture on the right.
    pub(super) fn picture(&self) -> (i32, i32) {
        let width = self.widths[1] - 16.0;
        let height = self.room.right_rows as f32 * Size::Body.pitch() - 4.0;
        (width as i32, height as i32)
    }

    /// Divides a window.
    pub(super) fn of(layout: &Layout, fingers: Fingers, typed: bool, plotted: bool) -> Self {
        let size = layout.window / layout.scale - Vec2::splat(2.0 * GAP);
        let stacked = layout.portrait || size.x < 900.0;
        let chip = CHIP[usize::from(fingers.0)];
        let more = chip - CHIP[0];
        let foot = FOOT + more;
        let head = HEAD + more;
        let body = size.y - head - foot;
        let plot = if plotted { PLOT } else { 0.0 };
        let share = if typed && fingers.0 { TYPED } else { 50.0 };
        let wide = if stacked {
            size.x
        } else {
            ((size.x - GAP) * 0.54).floor()
        };
        // The line that is typed, what is offered for it, and the signs.
        let below = if typed {
            let a_row = ((wide - 14.0) / (chip.max(22.0) + APART)).floor().max(1.0);
            let signs = (SIGNS_WIDE / a_row).ceil();
            let offers = if fingers.0 { 1.0 } else { 2.0 };
            28.0 + (offers + signs) * (chip + APART)
        } else {
            0.0
        };
        let (widths, left, right) = if stacked {
            let both = body - GAP;
            let first = both * share / 100.0;
            ([size.x, size.x], first - below, both - first - plot)
        } else {
            let left = ((size.x - GAP) * 0.54).floor();
            ([left, size.x - GAP - left], body - below, body - plot)
        };
        let rows = |height: f32| (height / Size::Body.pitch()).floor().max(3.0) as u32;
        let columns = |width: f32| ((width - 14.0) / LETTER).floor().max(16.0) as u32;
        Self {
            room: Room {
                left: columns(widths[0]),
                right: columns(widths[1]),
                rows: rows(left),
                right_rows: rows(right),
            },
            stacked,
            widths,
            chip,
            head,
            share,
            fingers: fingers.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_room_for_text_in_every_window_and_size() {
        for (w, h) in [
            (1280.0, 720.0),
            (1920.0, 1080.0),
            (390.0, 844.0),
            (1024.0, 768.0),
        ] {
            for text in [1.0, 1.25, 1.5] {
                for fingers in [false, true] {
                    let layout = Layout::of(Vec2::new(w, h), 384.0, fingers, text, 0);
                    let frame = Frame::of(&layout, Fingers(fingers), true, true);
                    let room = frame.room;
                    assert!(
                        room.left >= 36 && room.right >= 28,
                        "{w}x{h} {text}: {room:?}"
                    );
                    assert!(
                        room.rows >= 3 && room.right_rows >= 3,
                        "{w}x{h} {text}: {room:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn on_a_phone_the_console_is_seen_above_its_letters() {
        for (w, h) in [(390.0, 844.0), (360.0, 740.0), (412.0, 915.0)] {
            let layout = Layout::of(Vec2::new(w, h), 384.0, true, 1.0, 0);
            let frame = Frame::of(&layout, Fingers(true), true, false);
            assert!(frame.room.rows >= 7, "{w}x{h}: {:?}", frame.room);
            assert!(frame.picture().1 >= 150, "{w}x{h}: {:?}", frame.picture());
            assert_eq!(frame.fitting(["…", "cat", "define"].into_iter()), 3);
            assert!(frame.fitting(["alloc_exclusive("; 9].into_iter()) < 4);
        }
    }

    #[test]
    fn at_1280x720_a_console_of_25_rows_and_80_columns_has_room() {
        let frame = Frame::of(&Layout::default(), Fingers(false), true, false);
        assert!(
            frame.room.left >= 80 && frame.room.rows >= 25,
            "{:?}",
            frame.room
        );
        assert!(
            frame.room.right >= 64 && frame.room.right_rows >= 34,
            "{:?}",
            frame.room
        );
    }
}
