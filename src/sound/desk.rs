//! Mixes sounds into the two channels of a loudspeaker, in whole numbers; for machines that bring no mixer.

use std::sync::Arc;

use super::SAMPLE_RATE;
use super::perform::{Drone, Note};
use super::wave::times;

/// Most voices at once; the oldest goes for a new one.
const VOICES: usize = 24;

/// Louder than that it is pressed together, so that many sounds at once do not crack.
const KNEE: i32 = 22_000;

/// Frames in which the drone goes most of the way to another loudness.
const GLIDE: i64 = 12_000;

/// Frames in which what sounded falls silent.
const CUT: i64 = 256;

/// A sound that plays.
#[derive(Debug, Clone)]
struct Voice {
    samples: Arc<[i16]>,
    /// Frames until it starts.
    wait: u64,
    /// Where it is, with 32 bits behind the point.
    at: u64,
    step: u64,
    left: i64,
    right: i64,
    /// Frames until it is silent, if it was cut off.
    ends: Option<i64>,
}

/// A mixer of voices and the drone.
#[derive(Debug, Clone)]
pub struct Desk {
    rate: u32,
    voices: Vec<Voice>,
    drone: Option<Arc<[i16]>>,
    drone_at: u64,
    /// What it goes to, and how loud it is, of 32768 with 16 bits behind the point.
    wanted: Drone,
    gain: i64,
    /// Frames for which the drone is silent.
    silent: u64,
}

/// How far a voice goes in a frame, at so many thousandths of its speed.
fn step(frames_a_second: u32, rate: u32) -> u64 {
    ((u64::from(SAMPLE_RATE) * u64::from(rate)) << 32) / (u64::from(frames_a_second.max(1)) * 1000)
}

/// The sample there, between its neighbours; a loop's last one lies beside its first.
fn sample(samples: &[i16], at: u64, loops: bool) -> i64 {
    let here = (at >> 32) as usize;
    let part = (at >> 16 & 0xffff) as i64;
    let a = samples.get(here).copied().unwrap_or(0);
    let b = match samples.get(here + 1) {
        Some(&b) => b,
        None if loops => samples.first().copied().unwrap_or(0),
        None => 0,
    };
    i64::from(a) + (((i64::from(b) - i64::from(a)) * part) >> 16)
}

impl Desk {
    /// A silent one for a loudspeaker that takes so many frames a second.
    pub fn new(frames_a_second: u32) -> Self {
        Self {
            rate: frames_a_second,
            voices: Vec::new(),
            drone: None,
            drone_at: 0,
            wanted: Drone::default(),
            gain: 0,
            silent: 0,
        }
    }

    /// Starts a sound.
    pub fn play(&mut self, samples: Arc<[i16]>, note: &Note) {
        if self.voices.len() == VOICES {
            self.voices.remove(0);
        }
        let gain = i64::from(note.gain.min(1000)) * 32_768 / 1000;
        let pan = i64::from(note.pan.clamp(-1000, 1000));
        self.voices.push(Voice {
            samples,
            wait: u64::from(note.delay_ms) * u64::from(self.rate) / 1000,
            at: 0,
            step: step(self.rate, note.rate),
            left: gain * (1000 - pan.max(0)) / 1000,
            right: gain * (1000 + pan.min(0)) / 1000,
            ends: None,
        });
    }

    /// Brings the drone to another loudness and pitch, little by little.
    pub fn drone(&mut self, samples: Arc<[i16]>, drone: Drone) {
        self.drone = Some(samples);
        self.wanted = drone;
    }

    /// Cuts off what sounds, and the drone for so many milliseconds.
    pub fn silence(&mut self, ms: u32) {
        self.voices.retain(|voice| voice.wait == 0);
        for voice in &mut self.voices {
            voice.ends.get_or_insert(CUT);
        }
        self.silent = u64::from(ms) * u64::from(self.rate) / 1000;
        self.gain = 0;
    }

    /// True if nothing is to be heard until the next call of any other function.
    pub fn is_silent(&self) -> bool {
        self.voices.is_empty()
            && (self.drone.is_none() || self.gain >> 16 == 0 && self.wanted.gain == 0)
    }

    /// The next frame: left and right.
    pub fn frame(&mut self) -> [i16; 2] {
        let (mut left, mut right) = (0_i64, 0_i64);
        for voice in &mut self.voices {
            if voice.wait > 0 {
                voice.wait -= 1;
                continue;
            }
            let mut sample = sample(&voice.samples, voice.at, false);
            if let Some(ends) = &mut voice.ends {
                sample = sample * *ends / CUT;
                *ends -= 1;
            }
            left += times(sample, voice.left);
            right += times(sample, voice.right);
            voice.at += voice.step;
        }
        self.voices.retain(|voice| {
            (voice.at >> 32) < voice.samples.len() as u64 && voice.ends.is_none_or(|ends| ends > 0)
        });
        let hum = self.hum();
        [squeeze(left + hum), squeeze(right + hum)]
    }

    /// The drone's next sample.
    fn hum(&mut self) -> i64 {
        let Some(samples) = self.drone.as_ref().filter(|samples| !samples.is_empty()) else {
            return 0;
        };
        if self.silent > 0 {
            self.silent -= 1;
            return 0;
        }
        let wanted = (i64::from(self.wanted.gain) * 32_768 / 1000) << 16;
        let way = wanted - self.gain;
        // The last of the way is done at once, or it would never be over.
        self.gain = if way.abs() < 1 << 16 {
            wanted
        } else {
            self.gain + way / GLIDE
        };
        let length = (samples.len() as u64) << 32;
        let hum = times(sample(samples, self.drone_at, true), self.gain >> 16);
        self.drone_at = (self.drone_at + step(self.rate, self.wanted.rate)) % length;
        hum
    }
}

/// Presses what is too loud into a sample.
fn squeeze(sum: i64) -> i16 {
    let sum = sum.clamp(-1 << 24, 1 << 24) as i32;
    let over = (sum.abs() - KNEE).max(0);
    // Comes near to full scale and never reaches it.
    let room = 32_767 - KNEE;
    let pressed = (i64::from(over) * i64::from(room) / i64::from(over + room)) as i32;
    (sum.signum() * (sum.abs().min(KNEE) + pressed)) as i16
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sound::Cue;

    fn note(gain: u32, pan: i32, rate: u32, delay_ms: u32) -> Note {
        Note {
            cue: Cue::Step,
            variation: 0,
            delay_ms,
            gain,
            pan,
            rate,
        }
    }

    fn flat(level: i16, length: usize) -> Arc<[i16]> {
        vec![level; length].into()
    }

    #[test]
    fn a_voice_waits_sounds_on_its_side_and_ends() {
        let mut desk = Desk::new(SAMPLE_RATE);
        desk.play(flat(10_000, 100), &note(500, 1000, 1000, 2));
        let wait = SAMPLE_RATE * 2 / 1000;
        for _ in 0..wait {
            assert_eq!(desk.frame(), [0, 0]);
        }
        let frames: Vec<[i16; 2]> = (0..100).map(|_| desk.frame()).collect();
        assert!(
            frames[..99]
                .iter()
                .all(|frame| frame[0] == 0 && frame[1] == 5000),
            "{frames:?}"
        );
        assert!(desk.is_silent());
    }

    #[test]
    fn twice_as_fast_is_half_as_long_at_any_rate_of_the_loudspeaker() {
        for rate in [8000, 22_050, 44_100, 48_000, 192_000] {
            let length = |fast: u32| {
                let mut desk = Desk::new(rate);
                desk.play(flat(1000, 4410), &note(1000, 0, fast, 0));
                let mut frames = 0_u32;
                while !desk.is_silent() {
                    desk.frame();
                    frames += 1;
                }
                frames
            };
            let expected = rate / 5;
            assert!(
                length(1000).abs_diff(expected) <= 2,
                "{rate}: {}",
                length(1000)
            );
            assert!(length(2000).abs_diff(expected / 2) <= 2, "{rate}");
        }
    }

    #[test]
    fn many_at_once_are_pressed_together_and_no_more_than_fit_play() {
        let mut desk = Desk::new(SAMPLE_RATE);
        for _ in 0..200 {
            desk.play(flat(i16::MAX, 50), &note(1000, 0, 1000, 0));
        }
        assert_eq!(desk.voices.len(), VOICES);
        let [left, right] = desk.frame();
        assert!(left > 32_000 && left == right, "{left}");
        assert_eq!(squeeze(15_000), 15_000, "what is not loud is left alone");
        assert!(squeeze(40_000) < squeeze(80_000) && squeeze(-80_000) == -squeeze(80_000));
    }

    #[test]
    fn the_drone_glides_and_a_silence_cuts_everything() {
        let mut desk = Desk::new(SAMPLE_RATE);
        let drone = Drone {
            gain: 1000,
            rate: 1000,
        };
        desk.drone(flat(8000, 1000), drone);
        let first = desk.frame()[0];
        assert!(first < 50, "{first}: it does not start at once");
        for _ in 0..GLIDE * 12 {
            desk.frame();
        }
        assert!(desk.frame()[0] > 7900);
        desk.play(flat(8000, 10_000), &note(1000, 0, 1000, 0));
        desk.play(flat(8000, 10_000), &note(1000, 0, 1000, 50));
        desk.silence(1000);
        for _ in 0..=CUT {
            desk.frame();
        }
        let silent = SAMPLE_RATE - CUT as u32 - 1;
        assert!((0..silent).all(|_| desk.frame() == [0, 0]));
        assert!(
            (0..SAMPLE_RATE).any(|_| desk.frame()[0] > 1000),
            "the drone comes back"
        );
    }
}
