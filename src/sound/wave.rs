//! Waves in whole numbers: a phase of 32 bits goes once round, a sample is from -32768 to 32767.

use super::SAMPLE_RATE;

/// A product of two figures of which one has 15 bits behind the point.
pub(super) const fn times(a: i64, b: i64) -> i64 {
    (a * b) >> 15
}

/// How far the phase goes in a sample, at so many hundredths of a hertz.
pub(super) const fn step(centihertz: u32) -> u32 {
    (((centihertz as u64) << 32) / (SAMPLE_RATE as u64 * 100)) as u32
}

/// A sine: a polynomial of the fifth degree over a quarter of the circle, off by at most 4 of 32768.
pub(super) fn sine(phase: u32) -> i32 {
    // The quarters that fall are the ones that rise, seen from behind.
    let turn = phase as i32;
    let quarter = if turn ^ (turn << 1) < 0 {
        i32::MIN.wrapping_sub(turn)
    } else {
        turn
    };
    let z = i64::from(quarter >> 15);
    let square = times(z, z);
    let y = times(z, 51_466 - times(square, 21_077 - times(square, 2_383)));
    y.clamp(-32_768, 32_767) as i32
}

/// A triangle.
pub(super) fn triangle(phase: u32) -> i32 {
    let fold = if phase < 1 << 31 {
        phase
    } else {
        u32::MAX - phase
    };
    (fold >> 15) as i32 - 32_768
}

/// A saw whose jump is rounded over the two samples beside it, so that it does not ring with tones that are not there.
pub(super) fn saw(phase: u32, step: u32) -> i32 {
    (phase >> 16) as i32 - 32_768 - rounding(phase, step)
}

/// A square, its jumps rounded in the same way.
pub(super) fn square(phase: u32, step: u32) -> i32 {
    let high = if phase < 1 << 31 { 32_767 } else { -32_767 };
    (high + rounding(phase, step) - rounding(phase.wrapping_add(1 << 31), step))
        .clamp(-32_768, 32_767)
}

/// What a jump of two at phase 0 is short of a band-limited one (known as `PolyBLEP`).
fn rounding(phase: u32, step: u32) -> i32 {
    let part = |of: u32| (i64::from(of) << 15) / i64::from(step.max(1));
    if phase < step {
        let x = part(phase);
        (2 * x - times(x, x) - 32_768) as i32
    } else if phase > u32::MAX - step {
        let x = -part(u32::MAX - phase);
        (2 * x + times(x, x) + 32_768) as i32
    } else {
        0
    }
}

/// Noise: a generator of its own, no stream of the rules.
#[derive(Debug, Clone, Copy)]
pub(super) struct Noise(u32);

impl Noise {
    /// Starts; different numbers give different noise.
    pub(super) fn new(seed: u32) -> Self {
        // Far apart for numbers that are near; never 0, from which there is no way on.
        Self(seed.wrapping_mul(0x9E37_79B9) | 1)
    }

    /// The next sample (Marsaglia's xorshift).
    pub(super) fn next(&mut self) -> i32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        i32::from((self.0 >> 16) as u16 as i16)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sine_is_one() {
        for i in 0..4096_u32 {
            let phase = i << 20;
            let angle = f64::from(i) / 4096.0 * std::f64::consts::TAU;
            let error = f64::from(sine(phase)) - angle.sin() * 32_767.0;
            assert!(error.abs() < 8.0, "{i}: {error}");
        }
    }

    #[test]
    fn waves_stay_within_a_sample_and_have_no_constant_part() {
        let step = step(44_100);
        let mut sums = [0_i64; 4];
        let mut phase = 0_u32;
        for _ in 0..SAMPLE_RATE {
            let samples = [
                sine(phase),
                triangle(phase),
                saw(phase, step),
                square(phase, step),
            ];
            for (sum, sample) in sums.iter_mut().zip(samples) {
                assert!((-32_768..=32_767).contains(&sample), "{phase:#x}: {sample}");
                *sum += i64::from(sample);
            }
            phase = phase.wrapping_add(step);
        }
        for sum in sums {
            assert!((sum / i64::from(SAMPLE_RATE)).abs() < 40, "{sums:?}");
        }
    }

    #[test]
    fn noise_is_even_and_differs_by_its_seed() {
        let (mut a, mut b) = (Noise::new(1), Noise::new(2));
        let a: Vec<i32> = (0..10_000).map(|_| a.next()).collect();
        let b: Vec<i32> = (0..10_000).map(|_| b.next()).collect();
        assert_ne!(a, b);
        let mean = a.iter().sum::<i32>() / 10_000;
        assert!(mean.abs() < 600, "{mean}");
    }
}
