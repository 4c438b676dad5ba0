//! The samples of all sounds: their length, loudness and ends, that no two are alike, and that they never change unseen.

use crate::sound::{Bus, Cue, Cues, LOOP_MS, MAX_CUE_MS, Recipe, render, samples_in};

/// The hash of every sample of every sound. It changes with the recipes and the synthesizer, and with nothing else: the
/// same on every machine and in every build.
const GOLDEN: u64 = 0xb66b_7bea_1c28_4309;

fn cues() -> Cues {
    Cues::shipped().expect("the shipped table is sound")
}

/// The sample of full scale at so many thousandths.
fn level(permille: i32) -> i32 {
    permille * 32_767 / 1000
}

fn every(mut check: impl FnMut(&Recipe, &[i16])) {
    for recipe in cues().all() {
        for variation in 0..recipe.variations {
            check(recipe, &render(recipe, variation));
        }
    }
}

#[test]
fn the_shipped_sounds_are_short_loud_enough_and_leave_room() {
    every(|recipe, samples| {
        let name = recipe.cue.name();
        let most = if recipe.loops { LOOP_MS } else { MAX_CUE_MS };
        assert_eq!(samples.len() as u32, samples_in(recipe.ms), "{name}");
        assert!(recipe.ms <= most, "{name}");
        let peak = samples
            .iter()
            .map(|&s| i32::from(s).abs())
            .max()
            .unwrap_or(0);
        // 3 dB below full scale is 708 thousandths.
        assert!(peak <= level(708), "{name}: {peak}");
        assert!(
            (peak - level(recipe.peak as i32)).abs() <= 1,
            "{name}: {peak}"
        );
        let power: i64 = samples.iter().map(|&s| i64::from(s) * i64::from(s)).sum();
        let rms = (power / samples.len() as i64).isqrt() as i32;
        // Neither a lone spike nor a flat roof.
        let (least, most) = (peak / 30, peak * 4 / 5);
        assert!(
            (least..=most).contains(&rms),
            "{name}: rms {rms} of peak {peak}"
        );
    });
}

#[test]
fn sounds_have_no_constant_part_and_no_clicks_at_their_ends() {
    every(|recipe, samples| {
        let name = recipe.cue.name();
        let sum: i64 = samples.iter().map(|&s| i64::from(s)).sum();
        let mean = sum / samples.len() as i64;
        assert!(mean.abs() <= 2, "{name}: {mean}");
        let at = |i: usize| i32::from(samples[i]);
        let last = samples.len() - 1;
        if recipe.loops {
            // From the last sample to the first is no farther than from any one to the next.
            let widest = (0..last).map(|i| (at(i + 1) - at(i)).abs()).max();
            let seam = (at(0) - at(last)).abs();
            assert!(Some(seam) <= widest, "{name}: {seam}");
            let turn = (at(1) - 2 * at(0) + at(last)).abs();
            let sharpest = (1..last)
                .map(|i| (at(i + 1) - 2 * at(i) + at(i - 1)).abs())
                .max();
            assert!(Some(turn) <= sharpest, "{name}: {turn}");
        } else {
            // The driest click there is rises in a thousandth of a second.
            for (i, most) in [(0, 1), (1, 50), (last - 1, 20), (last, 1)] {
                assert!(
                    at(i).abs() <= level(most),
                    "{name}: sample {i} is {}",
                    at(i)
                );
            }
        }
    });
}

/// What an ear tells sounds apart by: loudness in eight parts of the first 600 ms, and the share of 16 bands of pitch.
fn features(samples: &[i16]) -> Vec<f64> {
    let mut features = Vec::new();
    let part = samples_in(75) as usize;
    for at in 0..8 {
        let slice = samples.get(at * part..).unwrap_or(&[]);
        let slice = &slice[..slice.len().min(part)];
        let power: f64 = slice.iter().map(|&s| f64::from(s) * f64::from(s)).sum();
        features.push((power / part as f64).sqrt().max(1.0).log2());
    }
    let mut bands: Vec<f64> = (0..16)
        .map(|band| {
            let hertz = 40.0 * 2.0_f64.powf(f64::from(band) * 0.48);
            let (mut sin, mut cos) = (0.0, 0.0);
            for (at, &sample) in samples.iter().enumerate() {
                let angle = at as f64 * hertz * std::f64::consts::TAU / 22_050.0;
                sin += angle.sin() * f64::from(sample);
                cos += angle.cos() * f64::from(sample);
            }
            sin.hypot(cos)
        })
        .collect();
    let all: f64 = bands.iter().sum::<f64>().max(1.0);
    for band in &mut bands {
        *band = *band / all * 20.0;
    }
    features.extend(bands);
    features
}

#[test]
fn no_two_sounds_are_alike() {
    let cues = cues();
    let all: Vec<(Cue, Vec<f64>)> = cues
        .all()
        .iter()
        .map(|recipe| (recipe.cue, features(&render(recipe, 0))))
        .collect();
    let mut nearest = (f64::MAX, "", "");
    for (at, (cue, a)) in all.iter().enumerate() {
        for (other, b) in &all[at + 1..] {
            let square: f64 = a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum();
            if square.sqrt() < nearest.0 {
                nearest = (square.sqrt(), cue.name(), other.name());
            }
        }
    }
    assert!(nearest.0 > 2.0, "{nearest:?}");
}

#[test]
fn variations_differ_and_another_number_begins_anew() {
    let cues = cues();
    let mut varied = 0;
    for recipe in cues.all() {
        let first = render(recipe, 0);
        assert_eq!(
            first,
            render(recipe, recipe.variations),
            "{}",
            recipe.cue.name()
        );
        for variation in 1..recipe.variations {
            assert_ne!(first, render(recipe, variation), "{}", recipe.cue.name());
            varied += 1;
        }
    }
    assert!(varied > 5);
}

#[test]
fn the_same_samples_are_made_everywhere() {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    every(|_, samples| {
        for &sample in samples {
            for byte in sample.to_le_bytes() {
                hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
            }
        }
    });
    assert_eq!(
        hash, GOLDEN,
        "{hash:#018x}: if sounds were changed on purpose, write that here"
    );
}

#[test]
fn a_wrong_table_is_refused_with_the_cue_and_what_was_expected() {
    let shipped = include_str!("../../../assets/sound/cues.ron");
    let said = |from: &str, to: &str| {
        assert!(shipped.contains(from), "{from}");
        Cues::parse("cues.ron", &shipped.replacen(from, to, 1))
            .expect_err(to)
            .to_string()
    };
    assert_eq!(
        said("ms: 60, peak: 110", "ms: 6000, peak: 110"),
        "cues.ron: step: ms is 6000, expected 20 to 600"
    );
    assert_eq!(
        said("ms: 60, peak: 110", "ms: 60, peak: 900"),
        "cues.ron: step: peak is 900, expected 50 to 700"
    );
    assert_eq!(
        said("hz: (140, 90)", "hz: (140, 9)"),
        "cues.ron: step: layer 2: hz is 9, expected 20 to 8000"
    );
    assert_eq!(
        said("cue: fault", "cue: step"),
        "cues.ron: step stands there twice"
    );
    assert_eq!(
        said("tremolo: (25, 300)", "tremolo: (30, 300)"),
        "cues.ron: drone: layer 1: pace of the tremolo is 30, expected whole swells in a loop: a multiple of 25"
    );
    let line = said("cue: trespass", "cue: stumble");
    assert!(line.starts_with("cues.ron:11: "), "{line}");
    assert!(said("bus: menu, ", "").contains("bus"));
}

#[test]
fn every_cue_has_a_name_of_its_own_and_the_buses_are_used() {
    let cues = cues();
    for (at, cue) in Cue::ALL.iter().enumerate() {
        assert_eq!(cues.recipe(*cue).cue, *cue);
        let name = cue.name();
        assert!(
            name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'),
            "{name}"
        );
        assert!(
            Cue::ALL[..at].iter().all(|other| other.name() != name),
            "{name}"
        );
    }
    for bus in [Bus::Effects, Bus::Drone, Bus::Menu] {
        assert!(cues.all().iter().any(|recipe| recipe.bus == bus));
    }
    assert!(
        cues.all()
            .iter()
            .all(|recipe| recipe.loops == (recipe.cue == Cue::Drone))
    );
}
