//! A filter in whole numbers: low, band and high pass in one, stepped twice a sample.

use super::SAMPLE_RATE;
use super::recipe::FilterKind;
use super::wave::{sine, times};

/// The filter's memory and its setting.
#[derive(Debug, Clone, Copy)]
pub(super) struct StateVariable {
    low: i64,
    band: i64,
    /// How far it moves in half a sample, of 32768.
    pace: i64,
    /// How much of the band is taken back, of 32768: the less, the more it rings.
    damp: i64,
}

impl StateVariable {
    /// At rest; `damp` in thousandths.
    pub(super) fn new(damp: u32) -> Self {
        Self {
            low: 0,
            band: 0,
            pace: 0,
            damp: (i64::from(damp) << 15) / 1000,
        }
    }

    /// Sets where it cuts.
    pub(super) fn tune(&mut self, hertz: u32) {
        // 2 sin(pi f / 2r): the angle is f / 4r of a turn.
        let angle = ((u64::from(hertz) << 32) / (4 * u64::from(SAMPLE_RATE))) as u32;
        self.pace = 2 * i64::from(sine(angle));
    }

    /// Takes a sample, gives one.
    pub(super) fn pass(&mut self, kind: FilterKind, sample: i64) -> i64 {
        let mut high = 0;
        for _ in 0..2 {
            self.low += times(self.pace, self.band);
            high = sample - self.low - times(self.damp, self.band);
            self.band += times(self.pace, high);
        }
        match kind {
            FilterKind::Low => self.low,
            FilterKind::Band => self.band,
            FilterKind::High => high,
        }
    }
}
