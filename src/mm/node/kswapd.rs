//! kswapd: woken when free memory is low, it reclaims in the background until there is enough.

use serde::{Deserialize, Serialize};

use super::super::{AllocFlags, Event, Gfp, MAX_PAGE_ORDER, Order, SWAP_CLUSTER_MAX, Sink};
use super::reclaim::{DEF_PRIORITY, MAX_RECLAIM_RETRIES};
use super::{Node, ZoneKind};
use crate::mm::zone::compact_gap;

/// The state of kswapd between steps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Kswapd {
    /// What it was woken for, if it was: order and highest zone.
    woken: Option<(Order, ZoneKind)>,
    /// The run it is in, if it is awake.
    run: Option<Run>,
    /// Runs in a row that freed nothing.
    failures: u32,
}

/// One run, from the least effort to the most (`balance_pgdat()`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Run {
    /// What it was woken for.
    asked: Order,
    /// The order it works for; 0 once it has freed enough for compaction to do the rest.
    order: Order,
    highest: ZoneKind,
    priority: u32,
    /// Pages freed in this run.
    reclaimed: u32,
    /// The boosts there were at the beginning, which are to be given back.
    boosts: [u32; ZoneKind::COUNT],
    /// Pages still to be freed for the boosts.
    boost_left: u32,
}

impl Kswapd {
    pub(super) const fn new() -> Self {
        Self {
            woken: None,
            run: None,
            failures: 0,
        }
    }

    /// Reclaim got somewhere: kswapd may try again (`kswapd_failures = 0`).
    pub(super) fn hope(&mut self) {
        self.failures = 0;
    }

    fn hopeless(&self) -> bool {
        self.failures >= MAX_RECLAIM_RETRIES
    }

    /// Checks that it works for orders there are, no more gently or harder than it can, and gives up when it should.
    pub(super) fn verify(&self) -> Result<(), String> {
        let woken = self.woken.is_none_or(|(order, _)| order <= MAX_PAGE_ORDER);
        let run = self.run.as_ref().is_none_or(|run| {
            run.order <= run.asked
                && run.asked <= MAX_PAGE_ORDER
                && (1..=DEF_PRIORITY).contains(&run.priority)
        });
        if woken && run && self.failures <= MAX_RECLAIM_RETRIES {
            Ok(())
        } else {
            Err(format!("kswapd cannot be like this: {self:?}"))
        }
    }

    pub(super) fn hash_words(&self, f: &mut dyn FnMut(u64)) {
        let word = |order: Order, highest: ZoneKind| u64::from(order) << 8 | highest as u64;
        f(self.failures.into());
        f(self
            .woken
            .map_or(u64::MAX, |(order, highest)| word(order, highest)));
        if let Some(run) = &self.run {
            f(word(run.order, run.highest) | u64::from(run.asked) << 16);
            f(u64::from(run.priority) << 32 | u64::from(run.reclaimed));
            f(run.boost_left.into());
            run.boosts.iter().for_each(|&boost| f(boost.into()));
        } else {
            f(u64::MAX);
        }
    }
}

impl Node {
    /// True if kswapd has something to do: [`Node::kswapd_step`] does part of it.
    pub fn kswapd_awake(&self) -> bool {
        self.kswapd.run.is_some() || self.kswapd.woken.is_some()
    }

    /// Runs of kswapd in a row that freed nothing. After 16 it is hopeless, and sleeps until reclaim gets somewhere.
    pub fn kswapd_failures(&self) -> u32 {
        self.kswapd.failures
    }

    /// True if one of the zones up to `highest` has enough free memory for this order, by its `high` watermark
    /// (`pgdat_balanced()`).
    pub fn balanced(&self, order: Order, highest: ZoneKind) -> bool {
        let mut zones = self.zonelist(highest).peekable();
        let none = zones.peek().is_none();
        none || zones.any(|zone| {
            let part = &self.parts[zone];
            let (free, flags) = (part.zone.nr_free_pages(), AllocFlags::empty());
            let mark = part.zone.watermarks().high + part.zone.watermark_boost();
            part.zone
                .watermark_ok(order, mark, part.reserve[highest as usize], flags, free)
        })
    }

    /// Wakes kswapd, unless it has nothing to do or has given up; then, for requests that cannot compact themselves,
    /// kcompactd (`wakeup_kswapd()`).
    pub(super) fn wake_kswapd(
        &mut self,
        gfp: Gfp,
        order: Order,
        highest: ZoneKind,
        sink: &mut impl Sink,
    ) {
        let boosted = self
            .zonelist(highest)
            .any(|zone| self.parts[zone].zone.watermark_boost() > 0);
        if self.kswapd.hopeless() || self.balanced(order, highest) && !boosted {
            if !gfp.contains(Gfp::DIRECT_RECLAIM) {
                self.wake_kcompactd(order, highest);
            }
            return;
        }
        let awake = self.kswapd_awake();
        let (most, top) = self.kswapd.woken.unwrap_or((order, highest));
        self.kswapd.woken = Some((most.max(order), top.max(highest)));
        if !awake {
            sink.event(Event::WakeKswapd);
        }
    }

    /// Lets kswapd do one round of reclaim, if it is awake. Returns whether it still is.
    ///
    /// A run begins with the last 1/4096 of page cache and doubles that until enough is free or all was looked at; it
    /// is told as [`Event::Reclaimed`]. While watermarks are boosted it frees as many pages as they are boosted by,
    /// without writing, and then takes the boost back. When a run ends and a zone has enough, or after 16 runs in
    /// vain, it sleeps, and kcompactd takes over. Linux 6.12 `mm/vmscan.c`: `balance_pgdat()`,
    /// `kswapd_try_to_sleep()`.
    pub fn kswapd_step(&mut self, sink: &mut impl Sink) -> bool {
        let Some(mut run) = self.kswapd.run.take().or_else(|| self.begin_run()) else {
            return false;
        };
        if self.go_on(&mut run, sink) {
            self.kswapd.run = Some(run);
        } else {
            self.end_run(run, sink);
        }
        self.kswapd_awake()
    }

    fn begin_run(&mut self) -> Option<Run> {
        let (order, highest) = self.kswapd.woken.take()?;
        Some(self.new_run(order, order, highest))
    }

    fn new_run(&self, asked: Order, order: Order, highest: ZoneKind) -> Run {
        let mut boosts = [0; ZoneKind::COUNT];
        for zone in self.zonelist(highest) {
            let part = &self.parts[zone];
            boosts[part.kind as usize] = part.zone.watermark_boost();
        }
        Run {
            asked,
            order,
            highest,
            priority: DEF_PRIORITY,
            reclaimed: 0,
            boosts,
            boost_left: boosts.iter().sum(),
        }
    }

    /// One round. False if the run is over.
    fn go_on(&mut self, run: &mut Run, sink: &mut impl Sink) -> bool {
        let balanced = self.balanced(run.order, run.highest);
        if !balanced && run.boost_left > 0 {
            // There is more to do than to give back a boost: begin again in earnest.
            run.boost_left = 0;
            run.priority = DEF_PRIORITY;
        }
        if balanced && run.boost_left == 0 {
            return false;
        }
        let for_boost = run.boost_left > 0;
        let gentle = for_boost && run.priority == DEF_PRIORITY - 2;
        let may_write = !for_boost || run.priority < DEF_PRIORITY - 2;
        let wanted = self
            .zonelist(run.highest)
            .map(|zone| {
                let zone = &self.parts[zone].zone;
                (zone.watermarks().high + zone.watermark_boost()).max(SWAP_CLUSTER_MAX)
            })
            .sum();
        let shrunk = self.shrink(run.highest, 0, run.priority, wanted, may_write, sink);
        sink.event(Event::Reclaimed {
            kswapd: true,
            priority: run.priority,
            scanned: shrunk.scanned,
            reclaimed: shrunk.reclaimed,
        });
        run.reclaimed = run.reclaimed.saturating_add(shrunk.reclaimed);
        if run.order > 0 && run.reclaimed >= compact_gap(run.order) {
            run.order = 0;
        }
        run.boost_left = run.boost_left.saturating_sub(shrunk.reclaimed);
        if run.boost_left > 0 && shrunk.reclaimed == 0 {
            // What is not to be had easily is not worth more trouble for a boost.
            return false;
        }
        if !gentle && shrunk.scanned < wanted || shrunk.reclaimed == 0 {
            run.priority -= 1;
        }
        run.priority > 0
    }

    /// Ends a run: the boosts are given back, and kswapd sleeps or begins another.
    fn end_run(&mut self, run: Run, sink: &mut impl Sink) {
        let boosted = run.boosts.iter().any(|&boost| boost > 0);
        for part in &mut self.parts {
            part.zone.unboost(run.boosts[part.kind as usize]);
        }
        if boosted {
            self.wake_kcompactd(self.config.pageblock_order, run.highest);
        }
        let balanced = self.balanced(run.order, run.highest);
        if run.reclaimed == 0 && !balanced {
            self.kswapd.failures += 1;
        }
        let hopeless = self.kswapd.hopeless();
        if self.kswapd.woken.is_some() && !hopeless {
            return;
        }
        if balanced || hopeless {
            self.kswapd.woken = None;
            for part in &mut self.parts {
                part.compact.flush_skips(&part.zone);
            }
            self.wake_kcompactd(run.asked, run.highest);
            sink.event(Event::KswapdSleep {
                hopeless: hopeless && !balanced,
            });
        } else {
            self.kswapd.run = Some(self.new_run(run.asked, run.order, run.highest));
        }
    }
}
