//! How the screen of a lesson is divided: the picture, and the page beside it or under it.

use crate::lesson::desk::SPACE;

/// Room at the edges.
pub(super) const EDGE: i32 = 12;
/// Height of the line at the top.
pub(super) const TOP: i32 = 28;
/// Room under the picture: what is pointed at, and what the patterns mean.
const UNDER: i32 = 48;
/// Room between the picture and the page.
pub(super) const BETWEEN: i32 = 20;

/// How the screen of a lesson is divided, in logical pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Division {
    /// Width and height of the picture.
    pub picture: (i32, i32),
    /// Width and height of the page.
    pub page: (i32, i32),
    /// The page stands under the picture.
    pub portrait: bool,
}

impl Division {
    /// Divides a window of this size.
    pub(super) fn of((w, h): (i32, i32), portrait: bool) -> Self {
        let (w, h) = (w - 2 * EDGE - 8, h - 2 * EDGE - TOP);
        if portrait {
            let high = h * 9 / 20;
            return Self {
                picture: (w, high - UNDER),
                page: (w, h - high - SPACE),
                portrait,
            };
        }
        let wide = ((w + 2 * EDGE + 8) * 2 / 5).clamp(344, 480) / 8 * 8;
        Self {
            picture: (w - wide - BETWEEN, h - UNDER),
            page: (wide, h - 8),
            portrait,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn picture_and_page_have_room_at_every_size_of_text() {
        // 1280x720 with text of 100, 125 and 150 %.
        for (size, page) in [
            ((1280, 720), (480, 660)),
            ((1024, 576), (408, 516)),
            ((853, 480), (344, 420)),
        ] {
            let division = Division::of(size, false);
            assert_eq!(
                division.page, page,
                "the pages that `lesson::desk` measures"
            );
            let wide = division.picture.0 + division.page.0 + BETWEEN + 2 * EDGE + 8;
            assert!(wide <= size.0, "{wide} of {size:?}");
            assert!(division.picture.0 >= 440 && division.picture.1 >= 300);
        }
        let upright = Division::of((400, 860), true);
        assert_eq!(upright.picture.0, upright.page.0);
        assert!(upright.picture.1 + upright.page.1 < 860 - TOP);
    }
}
