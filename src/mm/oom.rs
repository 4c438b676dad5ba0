//! The OOM killer's choice: who holds most, adjusted by what each was told.

use super::Owner;

/// An `oom_score_adj` that makes a task immune (`OOM_SCORE_ADJ_MIN`).
pub const OOM_SCORE_ADJ_MIN: i16 = -1000;

/// An `oom_score_adj` that makes a task the first to go (`OOM_SCORE_ADJ_MAX`).
pub const OOM_SCORE_ADJ_MAX: i16 = 1000;

/// A task that may be killed for its memory. Amounts are in pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Candidate {
    /// Who it is.
    pub owner: Owner,
    /// Memory it holds.
    pub rss: u32,
    /// Memory it has swapped out.
    pub swap: u32,
    /// Memory its page tables take.
    pub pagetables: u32,
    /// `oom_score_adj`, -1000 to 1000: how much to add, in 1/1000 of all memory. -1000 is immune.
    pub adj: i16,
}

impl Candidate {
    /// The badness points, in pages of a memory of `total` pages; none for a task that is immune.
    ///
    /// Linux 6.12 `mm/oom_kill.c`: `oom_badness()`. It divides `total` by 1000 before it multiplies; the other way
    /// round, as here, the adjustment counts in a memory of a few hundred pages too.
    pub fn points(&self, total: u32) -> Option<i64> {
        if self.adj == OOM_SCORE_ADJ_MIN {
            return None;
        }
        let held = i64::from(self.rss) + i64::from(self.swap) + i64::from(self.pagetables);
        Some(held + i64::from(self.adj) * i64::from(total) / 1000)
    }
}

/// Who is to be killed in a memory of `total` pages, with its points: who has most, of equals the last one.
/// None if everybody is immune.
///
/// Linux 6.12 `mm/oom_kill.c`: `select_bad_process()`, `oom_evaluate_task()`.
pub fn select(candidates: &[Candidate], total: u32) -> Option<(Owner, i64)> {
    let points = candidates
        .iter()
        .filter_map(|candidate| Some((candidate.owner, candidate.points(total)?)));
    points.max_by_key(|&(_, points)| points)
}

/// Why the OOM killer kills nobody for a request that failed
/// (Linux 6.12 `mm/page_alloc.c`: `__alloc_pages_may_oom()`; `mm/oom_kill.c`: `out_of_memory()`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NoKill {
    /// The order is above 3: killing hardly makes large blocks.
    Costly,
    /// `__GFP_RETRY_MAYFAIL`: the request would rather fail.
    MayFail,
    /// `__GFP_THISNODE`: other nodes may have memory.
    ThisNode,
    /// The request is for a zone below `Normal`, where killing hardly helps.
    LowZone,
    /// Without `__GFP_FS` reclaim could not do all it can: it is asked again instead, as if it had made progress.
    NoFs,
    /// There is nobody who may be killed. Linux panics.
    Nobody,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(owner: u16, rss: u32, adj: i16) -> Candidate {
        let owner = Owner(owner);
        Candidate {
            owner,
            rss,
            swap: 0,
            pagetables: 0,
            adj,
        }
    }

    #[test]
    fn points_add_up_and_the_adjustment_is_a_share_of_all_memory() {
        let task = Candidate {
            swap: 20,
            pagetables: 3,
            ..task(1, 100, 250)
        };
        assert_eq!(task.points(4000), Some(100 + 20 + 3 + 1000));
        assert_eq!(
            Candidate { adj: -999, ..task }.points(4000),
            Some(123 - 3996)
        );
        assert_eq!(Candidate { adj: 1000, ..task }.points(500), Some(623));
        assert_eq!(Candidate { adj: -1000, ..task }.points(4000), None);
    }

    #[test]
    fn the_one_with_most_points_is_chosen() {
        assert_eq!(select(&[], 1000), None);
        assert_eq!(select(&[task(1, 900, -1000)], 1000), None);
        let tasks = [task(1, 300, 0), task(2, 500, -1000), task(3, 200, 0)];
        assert_eq!(select(&tasks, 1000), Some((Owner(1), 300)));
        let tasks = [task(1, 300, 0), task(2, 100, 201)];
        assert_eq!(select(&tasks, 1000), Some((Owner(2), 301)));
        // Everybody below zero: still somebody has to go.
        let tasks = [task(1, 3, -500), task(2, 5, -500)];
        assert_eq!(select(&tasks, 1000), Some((Owner(2), -495)));
        // Of equals the last, as Linux goes through its list.
        let tasks = [task(1, 7, 0), task(2, 7, 0), task(3, 6, 0)];
        assert_eq!(select(&tasks, 1000), Some((Owner(2), 7)));
    }
}
