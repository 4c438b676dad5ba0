//! Every palette by figures: contrast of text, and distance of colours as people and screens without colour see them.

use super::*;

const PALETTES: [PaletteName; 4] = [
    PaletteName::OkabeIto,
    PaletteName::Ember,
    PaletteName::Deep,
    PaletteName::HighContrast,
];

/// Distance in `OKLab` below which two colours count as the same at a glance.
const APART: f64 = 0.05;

fn linear(c: u8) -> f64 {
    let c = f64::from(c) / 255.0;
    if c <= 0.04045 {
        c / 12.92
    } else {
        ((c + 0.055) / 1.055).powf(2.4)
    }
}

/// Relative luminance as WCAG 2 defines it.
fn luminance(rgb: Rgb) -> f64 {
    0.2126 * linear(rgb[0]) + 0.7152 * linear(rgb[1]) + 0.0722 * linear(rgb[2])
}

fn contrast(a: Rgb, b: Rgb) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// How somebody, or some screen, shows colours: a matrix on linear red, green and blue.
///
/// Source: Machado, Oliveira and Fernandes, "A Physiologically-based Model for Simulation of Color Vision Deficiency"
/// (2009), the matrices for full severity.
const SIGHTS: [(&str, [[f64; 3]; 3]); 5] = [
    ("usual", [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]),
    (
        "protanopia",
        [
            [0.152_286, 1.052_583, -0.204_868],
            [0.114_503, 0.786_281, 0.099_216],
            [-0.003_882, -0.048_116, 1.051_998],
        ],
    ),
    (
        "deuteranopia",
        [
            [0.367_322, 0.860_646, -0.227_968],
            [0.280_085, 0.672_501, 0.047_413],
            [-0.011_820, 0.042_940, 0.968_881],
        ],
    ),
    (
        "tritanopia",
        [
            [1.255_528, -0.076_749, -0.178_779],
            [-0.078_411, 0.930_809, 0.147_602],
            [0.004_733, 0.691_367, 0.303_900],
        ],
    ),
    (
        "grey",
        [
            [0.2126, 0.7152, 0.0722],
            [0.2126, 0.7152, 0.0722],
            [0.2126, 0.7152, 0.0722],
        ],
    ),
];

fn oklab(rgb: Rgb, sight: [[f64; 3]; 3]) -> [f64; 3] {
    let rgb = rgb.map(linear);
    let dot = |row: [f64; 3], v: [f64; 3]| row[0] * v[0] + row[1] * v[1] + row[2] * v[2];
    let seen = sight.map(|row| dot(row, rgb).clamp(0.0, 1.0));
    let lms = [
        [0.412_221_470_8, 0.536_332_536_3, 0.051_445_992_9],
        [0.211_903_498_2, 0.680_699_545_1, 0.107_396_956_6],
        [0.088_302_461_9, 0.281_718_837_6, 0.629_978_700_5],
    ]
    .map(|row| dot(row, seen).cbrt());
    [
        [0.210_454_255_3, 0.793_617_785_0, -0.004_072_046_8],
        [1.977_998_495_1, -2.428_592_205_0, 0.450_593_709_9],
        [0.025_904_037_1, 0.782_771_766_2, -0.808_675_766_0],
    ]
    .map(|row| dot(row, lms))
}

fn apart(a: Rgb, b: Rgb, sight: [[f64; 3]; 3]) -> f64 {
    let (a, b) = (oklab(a, sight), oklab(b, sight));
    let square: f64 = a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum();
    square.sqrt()
}

#[test]
fn the_figures_are_right_for_colours_that_are_known() {
    assert!((contrast([0; 3], [255; 3]) - 21.0).abs() < 1e-9);
    let usual = SIGHTS[0].1;
    assert!((apart([0; 3], [255; 3], usual) - 1.0).abs() < 1e-3);
    // Red and green of the same lightness are one to those who see neither.
    let (red, green) = ([0xD0, 0x50, 0x20], [0x78, 0x80, 0x20]);
    assert!(apart(red, green, usual) > 2.0 * apart(red, green, SIGHTS[2].1));
    assert!(apart([200, 0, 0], [0, 0, 0], SIGHTS[4].1) > 0.1);
}

#[test]
fn every_ink_reads_on_every_ground_that_is_written_on() {
    for name in PALETTES {
        let palette = Palette::named(name);
        for ink in Ink::ALL {
            for ground in [Ground::Void, Ground::Panel, Ground::Raised] {
                let found = contrast(palette.ink(ink), palette.ground(ground));
                assert!(found >= 4.5, "{name:?}: {ink:?} on {ground:?}: {found:.2}");
            }
        }
    }
}

#[test]
fn high_contrast_has_the_most() {
    for ink in Ink::ALL {
        let of = |name| {
            let palette = Palette::named(name);
            contrast(palette.ink(ink), palette.ground(Ground::Panel))
        };
        let most = of(PaletteName::HighContrast);
        assert!(most >= 7.0, "{ink:?}: {most:.2}");
        assert!(PALETTES.into_iter().all(|name| of(name) <= most), "{ink:?}");
    }
}

#[test]
fn figures_on_the_map_stand_out_from_every_floor() {
    for name in PALETTES {
        let palette = Palette::named(name);
        for ink in [Ink::White, Ink::Yellow] {
            for floor in Floor::ALL {
                let found = contrast(palette.ink(ink), palette.floor(floor).base);
                assert!(found >= 3.0, "{name:?}: {ink:?} on {floor:?}: {found:.2}");
            }
        }
    }
}

#[test]
fn no_two_floors_have_one_pattern() {
    for (i, a) in Floor::ALL.iter().enumerate() {
        for b in &Floor::ALL[i + 1..] {
            assert_ne!(a.pattern(), b.pattern(), "{a:?} and {b:?}");
        }
    }
}

/// Pairs of floors that are too near each other in some sight: there the pattern alone tells them apart.
fn by_pattern(name: PaletteName, sight: [[f64; 3]; 3]) -> Vec<(Floor, Floor)> {
    let palette = Palette::named(name);
    let mut near = Vec::new();
    for (i, &a) in Floor::ALL.iter().enumerate() {
        for &b in &Floor::ALL[i + 1..] {
            if apart(palette.floor(a).base, palette.floor(b).base, sight) < APART {
                near.push((a, b));
            }
        }
    }
    near
}

#[test]
fn with_usual_sight_only_the_stain_is_told_by_its_pattern() {
    for name in PALETTES {
        assert_eq!(
            by_pattern(name, SIGHTS[0].1),
            [(Floor::Cache, Floor::Stained)],
            "{name:?}"
        );
    }
}

/// The whole list, so that a changed colour shows in it: palette, sight, and pairs that only their patterns tell apart.
const RELY_ON_PATTERN: &str = "\
OkabeIto protanopia: Void-Cache Void-Stained Cache-Stained Cache-Anonymous Cache-Kernel Stained-Anonymous Stained-Kernel
OkabeIto deuteranopia: Void-Cache Void-Stained Void-Anonymous Cache-Stained Cache-Anonymous Stained-Anonymous
OkabeIto tritanopia: Cache-Stained Cache-Anonymous Stained-Anonymous
OkabeIto grey: Void-Cache Void-Stained Void-Anonymous Void-Kernel Cache-Stained Cache-Anonymous Cache-Kernel Stained-Anonymous Stained-Kernel Anonymous-Kernel
Ember protanopia: Void-Kernel Cache-Stained Cache-Kernel Stained-Kernel
Ember deuteranopia: Void-Cache Void-Stained Void-Anonymous Cache-Stained Cache-Kernel Stained-Kernel
Ember tritanopia: Cache-Stained Cache-Anonymous Stained-Anonymous
Ember grey: Void-Cache Void-Stained Void-Anonymous Void-Kernel Cache-Stained Cache-Anonymous Cache-Kernel Stained-Anonymous Stained-Kernel Anonymous-Kernel
Deep protanopia: Cache-Stained Cache-Anonymous Cache-Kernel Stained-Anonymous Stained-Kernel
Deep deuteranopia: Cache-Stained Cache-Anonymous Cache-Kernel Stained-Anonymous Stained-Kernel
Deep tritanopia: Cache-Stained Cache-Anonymous Stained-Anonymous
Deep grey: Void-Cache Void-Stained Void-Kernel Cache-Stained Cache-Anonymous Cache-Kernel Stained-Anonymous Stained-Kernel Anonymous-Kernel Anonymous-Yours
HighContrast protanopia: Cache-Stained
HighContrast deuteranopia: Cache-Stained
HighContrast tritanopia: Cache-Stained Cache-Anonymous Stained-Anonymous
HighContrast grey: Cache-Stained Cache-Anonymous Cache-Kernel Stained-Anonymous Stained-Kernel Anonymous-Kernel
";

#[test]
fn the_pairs_that_rely_on_their_patterns_are_known() {
    let mut found = String::new();
    for name in PALETTES {
        for (sight, matrix) in &SIGHTS[1..] {
            let pairs: Vec<String> = by_pattern(name, *matrix)
                .into_iter()
                .map(|(a, b)| format!("{a:?}-{b:?}"))
                .collect();
            found += format!("{name:?} {sight}: {}", pairs.join(" ")).trim_end();
            found.push('\n');
        }
    }
    assert_eq!(found, RELY_ON_PATTERN);
}

/// Pairs of inks with a meaning that come too near each other; each of these stands beside a sign or a word.
const RELY_ON_SIGN: &str = "\
OkabeIto usual:
OkabeIto protanopia:
OkabeIto deuteranopia: Green-Purple
OkabeIto tritanopia: Sky-Green
OkabeIto grey: Sky-Green Sky-Orange Green-Vermillion Green-Purple Green-Orange Vermillion-Purple
Ember usual:
Ember protanopia:
Ember deuteranopia: Sky-Purple
Ember tritanopia:
Ember grey: Sky-Green Sky-Purple Sky-Orange Green-Purple Green-Orange Purple-Orange
Deep usual:
Deep protanopia:
Deep deuteranopia: Sky-Purple
Deep tritanopia: Sky-Green
Deep grey: Sky-Green Sky-Orange Green-Purple Green-Orange Vermillion-Purple
HighContrast usual:
HighContrast protanopia:
HighContrast deuteranopia:
HighContrast tritanopia: Sky-Green
HighContrast grey: Sky-Green Sky-Purple Sky-Orange Green-Orange Purple-Orange
";

#[test]
fn inks_with_a_meaning_are_apart_or_stand_beside_a_sign() {
    let inks = &Ink::ALL[3..];
    let mut found = String::new();
    for name in PALETTES {
        let palette = Palette::named(name);
        for (sight, matrix) in SIGHTS {
            let mut pairs = Vec::new();
            for (i, &a) in inks.iter().enumerate() {
                for &b in &inks[i + 1..] {
                    if apart(palette.ink(a), palette.ink(b), matrix) < APART {
                        pairs.push(format!("{a:?}-{b:?}"));
                    }
                }
            }
            assert!(sight != "usual" || pairs.is_empty(), "{name:?}: {pairs:?}");
            found += format!("{name:?} {sight}: {}", pairs.join(" ")).trim_end();
            found.push('\n');
        }
    }
    assert_eq!(found, RELY_ON_SIGN);
}
