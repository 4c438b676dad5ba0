//! Makes the samples of a sound from its recipe, in whole numbers: the same everywhere.

use super::filter::StateVariable;
use super::recipe::{Layer, Recipe, Wave};
use super::wave::{self, Noise, times};
use super::{SAMPLE_RATE, samples_in};

/// The pitches of variations, in thousandths of the recipe's.
const DETUNED: [u32; 4] = [1000, 982, 1018, 1009];

/// Over how many samples a loop runs into its own beginning.
const SEAM: u32 = 4096;

/// Samples over which a sound rises at its beginning, and falls at its end, whatever its envelopes say.
const EDGES: (u32, u32) = (24, 96);

/// Samples between two settings of a filter.
const TUNED_EVERY: u32 = 16;

/// The samples of a sound, of one channel, [`SAMPLE_RATE`] a second; a number of variation beyond the recipe's begins anew.
///
/// No sample is beyond the recipe's peak, they have no constant part, and but for loops they begin and end in silence.
pub fn render(recipe: &Recipe, variation: u32) -> Vec<i16> {
    let variation = variation % recipe.variations;
    let length = samples_in(recipe.ms);
    let room = if recipe.loops { length + SEAM } else { length };
    let mut sum = vec![0_i64; room as usize];
    for (number, layer) in recipe.layers.iter().enumerate() {
        let seed = (recipe.cue as u32) << 8 | variation << 4 | number as u32;
        let pitch = DETUNED[variation as usize % DETUNED.len()];
        add(&mut sum, layer, recipe.loops, pitch, seed);
    }
    if recipe.loops {
        join(&mut sum, length);
        center(&mut sum, |_| 1 << 15);
    } else {
        let edge = move |at: u32| {
            let (rise, fall) = EDGES;
            let up = (i64::from(at) << 15) / i64::from(rise);
            let down = (i64::from(length - 1 - at) << 15) / i64::from(fall);
            up.min(down).min(1 << 15)
        };
        for (at, sample) in sum.iter_mut().enumerate() {
            *sample = times(*sample, edge(at as u32));
        }
        center(&mut sum, edge);
    }
    scale(&sum, recipe.peak)
}

/// Adds a layer.
fn add(sum: &mut [i64], layer: &Layer, loops: bool, pitch: u32, seed: u32) {
    let start = samples_in(layer.at) as usize;
    let length = if loops {
        sum.len() as u32
    } else {
        samples_in(layer.ms)
    };
    let mut source = Source::new(layer, loops, length, pitch, seed);
    let envelope = Envelope::new(layer, loops, length);
    for (at, place) in (0..length).zip(&mut sum[start..]) {
        let level = envelope.level(at);
        let sample = source.next(at, level);
        *place += times(sample, level) * i64::from(layer.level);
    }
}

/// The wave of a layer, bent, swelling and filtered.
struct Source<'a> {
    layer: &'a Layer,
    phase: u32,
    /// How far the phase goes in a sample, and how much farther in the next, with 16 bits behind the point.
    step: i64,
    drift: i64,
    bend: u32,
    swell: u32,
    noise: Noise,
    held: i32,
    filter: Option<StateVariable>,
    length: u32,
}

impl<'a> Source<'a> {
    fn new(layer: &'a Layer, loops: bool, length: u32, pitch: u32, seed: u32) -> Self {
        // A loop's tones go round a whole number of times, so they are never detuned.
        let pitch = if loops { 1000 } else { pitch };
        let step = |hz: u32| i64::from(wave::step(hz * pitch / 10)) << 16;
        let (from, to) = (step(layer.hz.0), step(layer.hz.1));
        let mut noise = Noise::new(seed);
        Self {
            layer,
            phase: 0,
            step: from,
            drift: (to - from) / i64::from(length.max(1)),
            bend: 0,
            swell: 0,
            held: noise.next(),
            noise,
            filter: layer.filter.map(|filter| StateVariable::new(filter.damp)),
            length,
        }
    }

    /// The next sample; `level` is how far the envelope is open, for what follows it.
    fn next(&mut self, at: u32, level: i64) -> i64 {
        let step = (self.step >> 16) as u32;
        let mut phase = self.phase;
        if let Some((ratio, depth)) = self.layer.fm {
            // It bends less as the tone dies away, as struck things do.
            let by = times(i64::from(wave::sine(self.bend)) * i64::from(depth), level);
            phase = phase.wrapping_add((by * 131_072 / 1000) as u32);
            self.bend = self
                .bend
                .wrapping_add((u64::from(step) * u64::from(ratio) / 1000) as u32);
        }
        let sample = match self.layer.wave {
            Wave::Sine => wave::sine(phase),
            Wave::Triangle => wave::triangle(phase),
            Wave::Square => wave::square(phase, step),
            Wave::Saw => wave::saw(phase, step),
            Wave::Noise if step == 0 => self.noise.next(),
            Wave::Noise => self.held,
        };
        let (next, over) = self.phase.overflowing_add(step);
        self.phase = next;
        if over && self.layer.wave == Wave::Noise {
            self.held = self.noise.next();
        }
        self.step += self.drift;
        let mut sample = i64::from(sample);
        if let Some((often, depth)) = self.layer.tremolo {
            let ebb = (32_768 - i64::from(wave::sine(self.swell))) * i64::from(depth) / 2000;
            sample = times(sample, 32_768 - ebb);
            self.swell = self.swell.wrapping_add(wave::step(often));
        }
        if let (Some(state), Some(filter)) = (&mut self.filter, self.layer.filter) {
            if at.is_multiple_of(TUNED_EVERY) {
                let (from, to) = (i64::from(filter.hz.0), i64::from(filter.hz.1));
                let hz = from + (to - from) * i64::from(at) / i64::from(self.length);
                state.tune(hz as u32);
            }
            sample = state.pass(filter.kind, sample);
        }
        sample
    }
}

/// How loud a layer is over its time.
struct Envelope {
    attack: u32,
    fall: u32,
    curve: u32,
    stays: bool,
}

impl Envelope {
    fn new(layer: &Layer, loops: bool, length: u32) -> Self {
        let attack = samples_in(layer.attack).min(length);
        Self {
            attack,
            fall: (length - attack).max(1),
            curve: layer.curve,
            stays: loops,
        }
    }

    /// From 0 to 32768.
    fn level(&self, at: u32) -> i64 {
        if self.stays {
            return 1 << 15;
        }
        if at < self.attack {
            return (i64::from(at) << 15) / i64::from(self.attack);
        }
        let left = (self.attack + self.fall).saturating_sub(at);
        if self.curve == 0 {
            // It stays, and falls within the last hundredth of a second.
            return ((i64::from(left) << 15) / i64::from(SAMPLE_RATE / 100)).min(1 << 15);
        }
        let line = (i64::from(left) << 15) / i64::from(self.fall);
        (1..self.curve).fold(line, |level, _| times(level, line))
    }
}

/// Lets what comes after a loop's end run into its beginning, and cuts it off.
fn join(sum: &mut Vec<i64>, length: u32) {
    for at in 0..SEAM {
        let after = sum[(length + at) as usize];
        let place = &mut sum[at as usize];
        *place += (after - *place) * i64::from(SEAM - at) / i64::from(SEAM);
    }
    sum.truncate(length as usize);
}

/// Takes out the constant part, in the shape of the edges, so that silence stays silent.
fn center(sum: &mut [i64], edge: impl Fn(u32) -> i64) {
    let total: i64 = sum.iter().sum();
    let weight: i64 = (0..sum.len() as u32).map(&edge).sum();
    // With bits behind the point, or the rounding would add up to another constant part.
    let share = i128::from(total) * (1 << 32) / i128::from(weight.max(1));
    for (at, sample) in sum.iter_mut().enumerate() {
        *sample -= ((share * i128::from(edge(at as u32))) >> 32) as i64;
    }
}

/// Brings the loudest sample to the peak.
fn scale(sum: &[i64], peak: u32) -> Vec<i16> {
    let most = i64::from(peak) * 32_767 / 1000;
    let loudest = sum
        .iter()
        .map(|sample| sample.abs())
        .max()
        .unwrap_or(0)
        .max(1);
    sum.iter()
        .map(|sample| (sample * most / loudest) as i16)
        .collect()
}
