//! The score of a raid: pages brought out, weighted by the order of their block, and turns saved.
//!
//! What was brought out in earlier raids counts for nothing here.

use serde::Deserialize;

use super::outcome::Held;
use crate::mm::NR_PAGE_ORDERS;

/// How a zone scores, as data.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScoreSpec {
    /// Points for a page of a block of order 0, 1, ... 10, in hundredths.
    pub by_order: [u32; NR_PAGE_ORDERS],
    /// What leaving at once would add, in per mille of the points; the share of the watchdog's turns that is left
    /// adds the same share of it.
    pub haste_permille: u32,
}

impl ScoreSpec {
    /// The points for these blocks, with `left` of the `of` turns of the watchdog left, multiplied by each of these
    /// factors in per mille: those of the challenge modifiers.
    pub fn points(&self, loot: &[Held], left: u32, of: u32, factors: &[u32]) -> u32 {
        let hundredths: u64 = loot
            .iter()
            .map(|held| u64::from(held.pages()) * u64::from(self.by_order[usize::from(held.order)]))
            .sum();
        let haste = u64::from(self.haste_permille) * u64::from(left.min(of)) / u64::from(of.max(1));
        let whole = factors.iter().fold(
            u128::from(hundredths) * u128::from(1000 + haste),
            |points, &factor| points * u128::from(factor) / 1000,
        );
        u32::try_from(whole / 100_000).unwrap_or(u32::MAX)
    }

    /// What data must hold to, beyond its shape.
    pub(super) fn check(&self) -> Result<(), String> {
        let grows = self.by_order.is_sorted() && self.by_order[0] > 0;
        if !grows || self.by_order[NR_PAGE_ORDERS - 1] > 100_000 {
            return Err(format!(
                "score by_order is {:?}, expected at least 1 and at most 100000 for each order, and no less for a larger one",
                self.by_order
            ));
        }
        if self.haste_permille > 1000 {
            return Err(format!(
                "score haste_permille is {}, expected at most 1000",
                self.haste_permille
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(order: u8) -> Held {
        Held {
            pfn: 0,
            order,
            mapped: true,
        }
    }

    fn spec() -> ScoreSpec {
        ScoreSpec {
            by_order: [100, 100, 125, 150, 200, 250, 300, 350, 400, 500, 600],
            haste_permille: 250,
        }
    }

    #[test]
    fn a_block_is_worth_more_than_its_parts_and_haste_adds() {
        let spec = spec();
        assert_eq!(spec.points(&[], 400, 400, &[2000]), 0);
        assert_eq!(spec.points(&[held(3)], 0, 400, &[]), 12);
        assert_eq!(spec.points(&[held(3)], 0, 400, &[2000, 500, 3000]), 36);
        assert_eq!(spec.points(&[held(2), held(2)], 0, 400, &[]), 10);
        assert_eq!(spec.points(&[held(3)], 400, 400, &[]), 15);
        assert_eq!(spec.points(&[held(3)], 200, 400, &[]), 13);
        assert_eq!(spec.points(&[held(10)], 0, 0, &[]), 6144);
    }

    #[test]
    fn no_sum_is_too_large() {
        let mut spec = spec();
        spec.by_order = [100_000; NR_PAGE_ORDERS];
        let all = vec![held(10); 100_000];
        assert_eq!(spec.points(&all, 1, 1, &[3000; 8]), u32::MAX);
    }

    #[test]
    fn figures_that_make_no_sense_are_refused() {
        assert_eq!(spec().check(), Ok(()));
        let mut other = spec();
        other.by_order[4] = 1;
        assert!(other.check().unwrap_err().contains("by_order"));
        other = spec();
        other.by_order[0] = 0;
        assert!(other.check().is_err());
        other = spec();
        other.haste_permille = 1001;
        assert!(other.check().unwrap_err().contains("1001"));
    }
}
