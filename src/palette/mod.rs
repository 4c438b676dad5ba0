//! Colours as data: four palettes, what each colour says, and the pattern that says the same without colour.
//!
//! Contrast and distinctness are tested for every palette, also as three kinds of colour blindness and a grey screen
//! show it: see the tests, which list the pairs that their patterns or signs alone tell apart.

#[cfg(test)]
mod tests;

use crate::settings::PaletteName;

/// Red, green and blue, of 255.
pub type Rgb = [u8; 3];

/// What a colour says; each has one meaning on the map, the panel, the log and in help.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ink {
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

/// What things lie on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ground {
    /// Behind everything: the void beyond the zone.
    Void,
    /// Panels and boxes.
    Panel,
    /// Raised parts of a panel: troughs of gauges, buttons.
    Raised,
    /// Hairlines between parts; nothing is written on them.
    Hairline,
}

/// What a floor shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Floor {
    /// A free room: dark and open.
    Void,
    /// Page cache.
    Cache,
    /// Page cache that is not written back yet.
    Stained,
    /// Anonymous memory.
    Anonymous,
    /// Kernel memory.
    Kernel,
    /// Yours.
    Yours,
    /// Built stone.
    Stone,
}

/// How a floor is drawn, whatever its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pattern {
    /// Flat.
    Plain,
    /// Dots.
    Dots,
    /// Dots and a blot.
    Blot,
    /// Lines that rise to the right.
    Hatch,
    /// Lines both ways.
    CrossHatch,
    /// Faint lines, and a thick outline around the room.
    Outline,
    /// Courses of stone.
    Masonry,
}

/// The colours of a floor: most of it, its pattern, and a blot on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FloorColours {
    /// Most of it.
    pub base: Rgb,
    /// Its pattern.
    pub pattern: Rgb,
    /// A blot.
    pub blot: Rgb,
}

/// All colours of the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Palette {
    inks: [Rgb; 9],
    grounds: [Rgb; 4],
    /// What hues of floors are mixed into.
    deep: Rgb,
    /// A free room.
    void: Rgb,
    /// Stone and its seams.
    stone: (Rgb, Rgb),
    /// How strong hues of floors are, in 16ths of the usual.
    strength: u32,
}

const OKABE_ITO: Palette = Palette {
    inks: [
        [0xC3, 0xCA, 0xD6],
        [0xFF, 0xFF, 0xFF],
        [0x85, 0x8E, 0x9F],
        [0x56, 0xB4, 0xE9],
        [0x1F, 0xB5, 0x8A],
        [0xEE, 0x6C, 0x16],
        [0xF0, 0xE4, 0x42],
        [0xCC, 0x79, 0xA7],
        [0xE6, 0x9F, 0x00],
    ],
    grounds: [
        [0x05, 0x07, 0x0B],
        [0x0B, 0x0E, 0x14],
        [0x18, 0x1D, 0x27],
        [0x2A, 0x31, 0x3F],
    ],
    deep: [0x0A, 0x0D, 0x15],
    void: [0x2D, 0x2B, 0x3A],
    stone: ([0x63, 0x6A, 0x7A], [0x4A, 0x50, 0x5E]),
    strength: 16,
};

const EMBER: Palette = Palette {
    inks: [
        [0xDB, 0xCF, 0xC0],
        [0xFF, 0xF9, 0xEE],
        [0x9C, 0x90, 0x82],
        [0x6F, 0xB7, 0xDC],
        [0x86, 0xC0, 0x6A],
        [0xF2, 0x6A, 0x4B],
        [0xF4, 0xDC, 0x55],
        [0xD9, 0x8C, 0xC4],
        [0xE8, 0xA0, 0x3C],
    ],
    grounds: [
        [0x09, 0x07, 0x05],
        [0x14, 0x10, 0x0C],
        [0x25, 0x1E, 0x18],
        [0x3F, 0x35, 0x2B],
    ],
    deep: [0x13, 0x0F, 0x0B],
    void: [0x38, 0x2A, 0x30],
    stone: ([0x76, 0x6C, 0x62], [0x58, 0x50, 0x48]),
    strength: 16,
};

const DEEP: Palette = Palette {
    inks: [
        [0xBF, 0xD3, 0xE0],
        [0xFF, 0xFF, 0xFF],
        [0x83, 0x9C, 0xB0],
        [0x5F, 0xC8, 0xFF],
        [0x3F, 0xCF, 0x9B],
        [0xFF, 0x78, 0x58],
        [0xFF, 0xE8, 0x6D],
        [0xC4, 0x98, 0xFF],
        [0xFF, 0xB1, 0x47],
    ],
    grounds: [
        [0x03, 0x0A, 0x12],
        [0x07, 0x13, 0x1F],
        [0x12, 0x24, 0x35],
        [0x22, 0x3B, 0x52],
    ],
    deep: [0x06, 0x10, 0x1B],
    void: [0x2C, 0x2C, 0x50],
    stone: ([0x5F, 0x70, 0x80], [0x46, 0x54, 0x62]),
    strength: 16,
};

const HIGH_CONTRAST: Palette = Palette {
    inks: [
        [0xEC, 0xEC, 0xEC],
        [0xFF, 0xFF, 0xFF],
        [0xC2, 0xC2, 0xC2],
        [0x6C, 0xCB, 0xFF],
        [0x2B, 0xE3, 0x94],
        [0xFF, 0x7A, 0x2E],
        [0xFF, 0xF1, 0x4A],
        [0xFF, 0x8F, 0xE0],
        [0xFF, 0xB8, 0x2E],
    ],
    grounds: [
        [0x00, 0x00, 0x00],
        [0x00, 0x00, 0x00],
        [0x1C, 0x1C, 0x1C],
        [0x80, 0x80, 0x80],
    ],
    deep: [0x00, 0x00, 0x00],
    void: [0x26, 0x26, 0x2C],
    stone: ([0x80, 0x80, 0x80], [0x58, 0x58, 0x58]),
    strength: 22,
};

impl Palette {
    /// The palette of this name.
    pub const fn named(name: PaletteName) -> &'static Self {
        match name {
            PaletteName::OkabeIto => &OKABE_ITO,
            PaletteName::Ember => &EMBER,
            PaletteName::Deep => &DEEP,
            PaletteName::HighContrast => &HIGH_CONTRAST,
        }
    }

    /// The colour of what is written or drawn.
    pub const fn ink(&self, ink: Ink) -> Rgb {
        self.inks[ink as usize]
    }

    /// The colour of what it lies on.
    pub const fn ground(&self, ground: Ground) -> Rgb {
        self.grounds[ground as usize]
    }

    /// The colours of a floor.
    pub fn floor(&self, floor: Floor) -> FloorColours {
        let mix = |ink: Ink, part: u32| {
            let part = (part * self.strength / 16).min(256);
            let blend =
                |a: u8, b: u8| ((u32::from(a) * (256 - part) + u32::from(b) * part) / 256) as u8;
            let (a, b) = (self.deep, self.ink(ink));
            [blend(a[0], b[0]), blend(a[1], b[1]), blend(a[2], b[2])]
        };
        let hued = |ink: Ink, base: u32, pattern: u32| FloorColours {
            base: mix(ink, base),
            pattern: mix(ink, pattern),
            blot: mix(ink, 112),
        };
        let flat = |base: Rgb, pattern: Rgb| FloorColours {
            base,
            pattern,
            blot: base,
        };
        match floor {
            Floor::Void => flat(self.void, self.void),
            Floor::Cache | Floor::Stained => hued(Ink::Green, 66, 170),
            Floor::Anonymous => hued(Ink::Sky, 70, 124),
            Floor::Kernel => hued(Ink::Vermillion, 78, 128),
            Floor::Yours => hued(Ink::Yellow, 70, 92),
            Floor::Stone => flat(self.stone.0, self.stone.1),
        }
    }
}

impl Ink {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Plain,
        Self::White,
        Self::Dim,
        Self::Sky,
        Self::Green,
        Self::Vermillion,
        Self::Yellow,
        Self::Purple,
        Self::Orange,
    ];
}

impl Floor {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Void,
        Self::Cache,
        Self::Stained,
        Self::Anonymous,
        Self::Kernel,
        Self::Yours,
        Self::Stone,
    ];

    /// What its character is written in, where floors are characters.
    pub const fn ink(self) -> Ink {
        match self {
            Self::Void | Self::Stone => Ink::Dim,
            Self::Cache | Self::Stained => Ink::Green,
            Self::Anonymous => Ink::Sky,
            Self::Kernel => Ink::Vermillion,
            Self::Yours => Ink::Yellow,
        }
    }

    /// How it is drawn.
    pub const fn pattern(self) -> Pattern {
        match self {
            Self::Void => Pattern::Plain,
            Self::Cache => Pattern::Dots,
            Self::Stained => Pattern::Blot,
            Self::Anonymous => Pattern::Hatch,
            Self::Kernel => Pattern::CrossHatch,
            Self::Yours => Pattern::Outline,
            Self::Stone => Pattern::Masonry,
        }
    }
}
