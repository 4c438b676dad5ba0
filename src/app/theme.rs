//! Colours, type and small building blocks shared by everything drawn; no other file names a colour.

#[cfg(test)]
use std::cell::Cell;
#[cfg(not(test))]
use std::sync::atomic::{AtomicU8, Ordering};

use bevy::prelude::*;
use bevy::text::FontHinting;
use bevy::text::{FontSource, LetterSpacing, LineHeight};

use crate::palette::{Floor, FloorColours, Ground, Palette, Rgb};
use crate::raid::Tone;
use crate::settings::PaletteName;

pub(super) use crate::palette::Ink;

/// The palette of the window, by its number; there is one window, as there is one screen.
#[cfg(not(test))]
static PALETTE: AtomicU8 = AtomicU8::new(0);

// Tests have many windows at once, each on a thread of its own.
#[cfg(test)]
thread_local! {
    static PALETTE: Cell<u8> = const { Cell::new(0) };
}

/// Draws in this palette from now on; what is drawn already is to be drawn anew.
pub(super) fn wear(palette: PaletteName) {
    #[cfg(not(test))]
    PALETTE.store(palette as u8, Ordering::Relaxed);
    #[cfg(test)]
    PALETTE.set(palette as u8);
}

/// The palette in which is drawn.
pub(super) fn worn() -> PaletteName {
    #[cfg(not(test))]
    let number = PALETTE.load(Ordering::Relaxed);
    #[cfg(test)]
    let number = PALETTE.get();
    let names = [
        PaletteName::OkabeIto,
        PaletteName::Ember,
        PaletteName::Deep,
        PaletteName::HighContrast,
    ];
    let name = names.into_iter().find(|&name| name as u8 == number);
    name.unwrap_or_default()
}

fn palette() -> &'static Palette {
    Palette::named(worn())
}

fn color([r, g, b]: Rgb) -> Color {
    Color::srgb_u8(r, g, b)
}

/// Behind everything: the void beyond the zone.
pub(super) fn void() -> Color {
    color(palette().ground(Ground::Void))
}

/// Panels and boxes.
pub(super) fn ground() -> Color {
    color(palette().ground(Ground::Panel))
}

/// Raised parts of a panel: troughs of gauges, buttons.
pub(super) fn raised() -> Color {
    color(palette().ground(Ground::Raised))
}

/// Hairlines between parts.
pub(super) fn hairline() -> Color {
    color(palette().ground(Ground::Hairline))
}

/// What stands between two blocks of an address map.
pub(super) fn wall() -> [u8; 4] {
    let [r, g, b] = palette().ground(Ground::Void);
    [r, g, b, 255]
}

/// The colours of a floor.
pub(super) fn floor(floor: Floor) -> FloorColours {
    palette().floor(floor)
}

/// The colours of a floor that is a character: what lies behind it, and what it is written in.
pub(super) fn glyph(floor: Floor) -> (Rgb, Rgb) {
    (palette().ground(Ground::Panel), palette().ink(floor.ink()))
}

impl Ink {
    /// The colour for Bevy.
    pub(super) fn color(self) -> Color {
        color(palette().ink(self))
    }

    /// The ink of a line of news.
    pub(super) fn of(tone: Tone) -> Self {
        match tone {
            Tone::Detail => Self::Dim,
            Tone::Plain => Self::Plain,
            Tone::Good => Self::Green,
            Tone::Warning => Self::White,
            Tone::Danger => Self::Vermillion,
        }
    }
}

/// The sign before a line of news, so that its tone is not said by colour alone.
pub(super) const fn sign(tone: Tone) -> &'static str {
    match tone {
        Tone::Detail | Tone::Plain => "  ",
        Tone::Good => "+ ",
        Tone::Warning => "! ",
        Tone::Danger => "!!",
    }
}

/// The three sizes of type, in pixels at 1280x720.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Size {
    /// Marks and captions.
    Small,
    /// Everything else.
    Body,
    /// Names of things.
    Title,
}

impl Size {
    /// Height in pixels.
    pub(super) const fn px(self) -> f32 {
        match self {
            Self::Small => 11.0,
            Self::Body => 13.0,
            Self::Title => 17.0,
        }
    }

    /// Pixels between letters, so that each letter is a whole number of pixels wide at 1280x720.
    const fn spacing(self) -> f32 {
        match self {
            Self::Small => 0.4,
            Self::Body => 0.2,
            Self::Title => -0.2,
        }
    }

    /// Pixels from one line of a panel to the next.
    pub(super) const fn pitch(self) -> f32 {
        match self {
            Self::Small => 14.0,
            Self::Body => 16.0,
            Self::Title => 22.0,
        }
    }
}

/// Heights of letters on the map. The engine draws the letters of each height and weight into a picture of their own,
/// 512 by 512 pixels that are kept twice and copied whenever a letter is new, so few heights are used and shared.
pub(super) const STEPS: [f32; 5] = [8.0, 13.0, 17.0, 28.0, 42.0];

/// The step nearest to a height, in proportion.
fn step(px: f32) -> f32 {
    let off = |step: f32| (step / px).max(px / step);
    let nearest = STEPS.into_iter().min_by(|&a, &b| off(a).total_cmp(&off(b)));
    nearest.unwrap_or(px)
}

/// Letters of body text that fit a panel's width.
pub(super) const COLUMNS: usize = 44;

/// The one face, in two weights.
#[derive(Resource, Clone)]
pub(super) struct Fonts {
    /// Running text.
    pub regular: Handle<Font>,
    /// Names, glyphs of bodies.
    pub bold: Handle<Font>,
}

impl FromWorld for Fonts {
    fn from_world(world: &mut World) -> Self {
        let mut fonts = world.resource_mut::<Assets<Font>>();
        let regular = include_bytes!("../../assets/fonts/JetBrainsMono-Regular.ttf");
        let bold = include_bytes!("../../assets/fonts/JetBrainsMono-Bold.ttf");
        Self {
            regular: fonts.add(Font::from_bytes(regular.to_vec())),
            bold: fonts.add(Font::from_bytes(bold.to_vec())),
        }
    }
}

impl Fonts {
    /// A font component.
    pub(super) fn font(&self, bold: bool, px: f32) -> TextFont {
        let face = if bold { &self.bold } else { &self.regular };
        TextFont {
            font: FontSource::Handle(face.clone()),
            font_size: FontSize::Px(px),
            ..default()
        }
    }

    /// A font component for something on the map that wants to be about so high.
    pub(super) fn on_map(&self, px: f32) -> (TextFont, FontHinting) {
        // Hinted as the panel's letters are, so that both are drawn from the same pictures.
        (self.font(true, step(px)), FontHinting::Enabled)
    }

    /// A line of text for a panel; never wraps.
    pub(super) fn line(&self, size: Size, bold: bool, ink: Ink, text: &str) -> impl Bundle + use<> {
        (
            Text::new(text),
            self.font(bold, size.px()),
            TextColor(ink.color()),
            TextLayout::no_wrap(),
            LineHeight::RelativeToFont(size.pitch() / size.px()),
            LetterSpacing::Px(size.spacing()),
        )
    }

    /// Text that wraps where its box ends.
    pub(super) fn paragraph(&self, size: Size, ink: Ink, text: &str) -> impl Bundle + use<> {
        (
            Text::new(text),
            self.font(false, size.px()),
            TextColor(ink.color()),
            LineHeight::RelativeToFont(size.pitch() / size.px()),
            LetterSpacing::Px(size.spacing()),
        )
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Fonts>()
        .insert_resource(ClearColor(void()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_on_the_map_are_about_as_high_as_they_should_be() {
        // At every zoom: bodies, marks and words.
        for px in [8.0_f32, 16.0, 32.0, 48.0, 64.0] {
            for size in [0.82, 0.94, 0.42, 0.5] {
                let wanted = (px * size).clamp(8.0, 52.0);
                let drawn = step(wanted);
                assert!((0.77..1.3).contains(&(drawn / wanted)), "{wanted}: {drawn}");
            }
        }
    }

    #[test]
    fn news_that_matters_carries_a_sign() {
        assert_ne!(sign(Tone::Plain), sign(Tone::Warning));
        assert_ne!(sign(Tone::Warning), sign(Tone::Danger));
        assert_ne!(sign(Tone::Plain), sign(Tone::Good));
    }
}
