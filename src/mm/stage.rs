//! The stages a request goes through, and why it passes a zone over: what a step-by-step account needs.

/// Where in its course a request tries the zones (Linux 6.12 `mm/page_alloc.c`: `__alloc_pages_noprof()`,
/// `__alloc_pages_slowpath()`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// The fast path, at `low`. From here on kswapd is awake.
    Fast,
    /// The slow path's first try, at `min`, with what the flags allow.
    Slow,
    /// After compaction that came before any reclaim.
    AfterEarlyCompaction,
    /// The beginning of a round; for tasks that may use all reserves, without any watermark.
    Round,
    /// After direct reclaim.
    AfterReclaim,
    /// After part of the high-atomic reserve was given up and the lists of CPUs were emptied.
    AfterUnreserve,
    /// After compaction in a round.
    AfterCompaction,
    /// At `high`, just before the OOM killer chooses: did somebody else free memory?
    BeforeKill,
    /// A request that must not fail tries with the reserves.
    NoFail,
}

/// Why a zone could not serve a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PassReason {
    /// Too few free pages would be left.
    Watermark,
    /// Enough pages are free, but no block is large enough.
    NoBlock,
    /// There is a block, but it could be had only by mixing migrate types, which is put off.
    WouldMix,
}
