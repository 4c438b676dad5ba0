//! Named random streams for the rules: a portable generator behind a few integer sampling functions.
//!
//! Each part of the rules draws from a stream of its own, so that a change in one (say, how bodies
//! wander) leaves the others (say, where devices stand) as they were. The generator is
//! xoshiro256++, which `rand` promises to keep reproducible; the sampling is ours, because `rand`
//! may change how a range is drawn in any minor version.

use rand::rngs::Xoshiro256PlusPlus;
use rand::{Rng, SeedableRng};

/// What a stream is for; the number goes into its seed and must never change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u64)]
pub enum Purpose {
    /// Where devices, gates, the key and the player are placed.
    Map = 1,
    /// What tasks allocate and free.
    Workload = 2,
    /// Which way bodies walk.
    Bodies = 3,
    /// When interrupts rise and what they ask for.
    Loot = 4,
    /// What bots decide; never drawn by the rules.
    Bots = 5,
}

/// One stream of random numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stream {
    rng: Xoshiro256PlusPlus,
    draws: u64,
}

/// Mixes two words into one (the finaliser of splitmix64 over their combination).
pub fn mix(a: u64, b: u64) -> u64 {
    let mut z = a
        .wrapping_add(0x9e37_79b9_7f4a_7c15)
        .wrapping_add(b.wrapping_mul(0xd1b5_4a32_d192_ed03));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl Stream {
    /// The stream of `seed` for one purpose.
    pub fn new(seed: u64, purpose: Purpose) -> Self {
        Self {
            rng: Xoshiro256PlusPlus::seed_from_u64(mix(seed, purpose as u64)),
            draws: 0,
        }
    }

    /// How many words were drawn: with the seed, this is the stream's whole state.
    pub fn draws(&self) -> u64 {
        self.draws
    }

    /// A uniform number in `0..n`; 0 when `n` is 0.
    ///
    /// Takes the high half of a 32x32-bit product. The bias is below `n / 2^32`, and there is no
    /// rejection, so every call draws exactly one word.
    pub fn below(&mut self, n: u32) -> u32 {
        self.draws += 1;
        let word = (self.rng.next_u64() >> 32) * u64::from(n);
        (word >> 32) as u32
    }

    /// A uniform number in `low..=high`; `low` when the range is empty.
    pub fn between(&mut self, low: u32, high: u32) -> u32 {
        low + self.below((high.saturating_sub(low)).saturating_add(1))
    }

    /// True in `permille` of a thousand calls.
    pub fn chance(&mut self, permille: u32) -> bool {
        self.below(1000) < permille
    }

    /// An index drawn by weight; 0 when all weights are 0.
    pub fn weighted(&mut self, weights: &[u32]) -> usize {
        let mut left = self.below(weights.iter().sum());
        for (i, &weight) in weights.iter().enumerate() {
            if left < weight {
                return i;
            }
            left -= weight;
        }
        0
    }

    /// Puts a slice into random order (Fisher-Yates, from the back).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            let j = self.below(i as u32 + 1) as usize;
            items.swap(i, j);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golden_vectors_never_change() {
        let mut map = Stream::new(42, Purpose::Map);
        let drawn: Vec<u32> = (0..6).map(|_| map.below(1000)).collect();
        assert_eq!(drawn, GOLDEN_MAP);
        let mut work = Stream::new(42, Purpose::Workload);
        let drawn: Vec<u32> = (0..6).map(|_| work.between(10, 20)).collect();
        assert_eq!(drawn, GOLDEN_WORK);
        assert_eq!(mix(1, 2), GOLDEN_MIX);
    }

    const GOLDEN_MAP: [u32; 6] = [802, 972, 142, 430, 359, 594];
    const GOLDEN_WORK: [u32; 6] = [15, 10, 13, 17, 18, 12];
    const GOLDEN_MIX: u64 = 694_183_512_642_609_129;

    #[test]
    fn streams_of_one_seed_differ() {
        let mut a = Stream::new(7, Purpose::Map);
        let mut b = Stream::new(7, Purpose::Loot);
        let left: Vec<u32> = (0..16).map(|_| a.below(1 << 30)).collect();
        let right: Vec<u32> = (0..16).map(|_| b.below(1 << 30)).collect();
        assert_ne!(left, right);
    }

    #[test]
    fn draws_stay_in_range_and_reach_all_of_it() {
        let mut stream = Stream::new(1, Purpose::Bots);
        let mut seen = [false; 5];
        for _ in 0..500 {
            seen[stream.between(3, 7) as usize - 3] = true;
        }
        assert_eq!(seen, [true; 5]);
        assert_eq!(stream.below(0), 0);
        assert_eq!(stream.weighted(&[0, 0, 3]), 2);
        assert_eq!(stream.draws(), 502);
    }
}
