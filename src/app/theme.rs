//! Colours, type and small building blocks shared by everything drawn; no other file names a colour.

use bevy::prelude::*;
use bevy::text::FontHinting;
use bevy::text::{FontSource, LetterSpacing, LineHeight};

use crate::raid::Tone;

/// Behind everything: the void beyond the zone.
pub(super) const VOID: Color = Color::srgb_u8(0x05, 0x07, 0x0B);
/// Panels and boxes.
pub(super) const GROUND: Color = Color::srgb_u8(0x0B, 0x0E, 0x14);
/// Raised parts of a panel: troughs of gauges, buttons.
pub(super) const RAISED: Color = Color::srgb_u8(0x18, 0x1D, 0x27);
/// Hairlines between parts.
pub(super) const HAIRLINE: Color = Color::srgb_u8(0x2A, 0x31, 0x3F);

/// What a colour says; each hue has one meaning everywhere (Okabe-Ito on near black).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ink {
    /// Ordinary text.
    Plain,
    /// What matters most right now, and what is built.
    White,
    /// Labels and detail.
    Dim,
    /// Movable memory, and free memory in figures.
    Sky,
    /// Page cache, and certainty.
    Green,
    /// Kernel memory, and danger.
    Vermillion,
    /// You and yours.
    Yellow,
    /// A hostile body.
    Purple,
    /// A figure that may be stale.
    Orange,
}

impl Ink {
    /// The colour, as red, green and blue of 255.
    pub(super) const fn rgb(self) -> [u8; 3] {
        match self {
            Self::Plain => [0xC3, 0xCA, 0xD6],
            Self::White => [0xFF, 0xFF, 0xFF],
            Self::Dim => [0x85, 0x8E, 0x9F],
            Self::Sky => [0x56, 0xB4, 0xE9],
            Self::Green => [0x1F, 0xB5, 0x8A],
            Self::Vermillion => [0xEE, 0x6C, 0x16],
            Self::Yellow => [0xF0, 0xE4, 0x42],
            Self::Purple => [0xCC, 0x79, 0xA7],
            Self::Orange => [0xE6, 0x9F, 0x00],
        }
    }

    /// The colour for Bevy.
    pub(super) fn color(self) -> Color {
        let [r, g, b] = self.rgb();
        Color::srgb_u8(r, g, b)
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
        .insert_resource(ClearColor(VOID));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance as WCAG 2 defines it.
    fn luminance(rgb: [u8; 3]) -> f64 {
        let channel = |c: u8| {
            let c = f64::from(c) / 255.0;
            if c <= 0.04045 {
                c / 12.92
            } else {
                ((c + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * channel(rgb[0]) + 0.7152 * channel(rgb[1]) + 0.0722 * channel(rgb[2])
    }

    fn ground() -> [u8; 3] {
        let color = GROUND.to_srgba();
        [color.red, color.green, color.blue].map(|c| (c * 255.0).round() as u8)
    }

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
    fn every_ink_reads_on_panels_and_raised_parts() {
        let raised = RAISED.to_srgba();
        let raised = [raised.red, raised.green, raised.blue].map(|c| (c * 255.0).round() as u8);
        for ink in [
            Ink::Plain,
            Ink::White,
            Ink::Dim,
            Ink::Sky,
            Ink::Green,
            Ink::Vermillion,
            Ink::Yellow,
            Ink::Purple,
            Ink::Orange,
        ] {
            for back in [ground(), raised] {
                let contrast = (luminance(ink.rgb()) + 0.05) / (luminance(back) + 0.05);
                assert!(
                    contrast >= 4.5,
                    "{ink:?} on {back:?} has contrast {contrast:.2}"
                );
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
