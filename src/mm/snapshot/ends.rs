//! What changed on a list of a CPU: such lists change at their ends, so of the middle only the length is kept.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::super::Pfn;
use super::delta::{Change, Way};

/// The difference between two states of a list: what is before the part both have, that part's length, and what is
/// behind it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ends {
    pub front: Change<Vec<Pfn>>,
    pub kept: u32,
    pub back: Change<Vec<Pfn>>,
}

impl Ends {
    /// What leads from one list to the other; none if they are equal. No frame is twice on a list.
    pub fn between(before: &[Pfn], after: &[Pfn]) -> Option<Self> {
        if before == after {
            return None;
        }
        let places: BTreeMap<Pfn, usize> = before.iter().copied().zip(0..).collect();
        // The longest run that both have.
        let (mut was, mut is, mut most) = (0, 0, 0);
        let mut at = 0;
        while let Some(pfn) = after.get(at) {
            let mut run = 0;
            if let Some(&place) = places.get(pfn) {
                let pairs = before[place..].iter().zip(&after[at..]);
                run = pairs.take_while(|(was, is)| was == is).count();
                if run > most {
                    (was, is, most) = (place, at, run);
                }
            }
            at += run.max(1);
        }
        Some(Self {
            front: Change(before[..was].to_vec(), after[..is].to_vec()),
            kept: most as u32,
            back: Change(before[was + most..].to_vec(), after[is + most..].to_vec()),
        })
    }

    /// The list this leads to from `list`; none if it does not begin there.
    pub fn follow(&self, list: &[Pfn], way: Way) -> Option<Vec<Pfn>> {
        let middle = list.strip_prefix(self.front.from(way).as_slice())?;
        let middle = middle.strip_suffix(self.back.from(way).as_slice())?;
        let same = middle.len() == self.kept as usize;
        same.then(|| [self.front.to(way), middle, self.back.to(way)].concat())
    }

    /// All frames it names.
    pub fn frames(&self) -> impl Iterator<Item = Pfn> + '_ {
        let parts = [&self.front.0, &self.front.1, &self.back.0, &self.back.1];
        parts.into_iter().flatten().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(before: &[Pfn], after: &[Pfn]) -> usize {
        let ends = Ends::between(before, after).expect("a change");
        assert_eq!(ends.follow(before, Way::Forward).as_deref(), Some(after));
        assert_eq!(ends.follow(after, Way::Back).as_deref(), Some(before));
        assert_eq!(
            ends.follow(&[], Way::Forward),
            before.is_empty().then(|| after.to_vec())
        );
        ends.frames().count()
    }

    #[test]
    fn only_what_changed_is_named() {
        assert_eq!(Ends::between(&[1, 2, 3], &[1, 2, 3]), None);
        // Taken from the front, put there, drained from the back, refilled behind.
        assert_eq!(named(&[1, 2, 3, 4, 5], &[2, 3, 4, 5]), 1);
        assert_eq!(named(&[1, 2, 3, 4, 5], &[9, 1, 2, 3, 4, 5]), 1);
        assert_eq!(named(&[1, 2, 3, 4, 5], &[9, 1, 2, 3]), 3);
        assert_eq!(named(&[5], &[6, 7, 8]), 4);
        assert_eq!(named(&[], &[6, 7, 8]), 3);
        assert_eq!(named(&[6, 7, 8], &[]), 3);
        // Two that changed places in front cost no more than themselves.
        assert_eq!(named(&[1, 2, 3, 4, 5], &[2, 1, 3, 4, 5]), 4);
    }
}
