//! kcompactd: compacts in the background, when kswapd has freed enough or memory is badly fragmented.

use serde::{Deserialize, Serialize};

use super::super::zone::CompactControl;
use super::super::{
    AllocFlags, CompactEffort, CompactResult, Event, MAX_PAGE_ORDER, MigrateType, Order, Sink,
    ZoneKind,
};
use super::Node;
use super::shift::Shift;

/// The state of kcompactd between steps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Kcompactd {
    /// What it was woken for, if it was: order and highest zone.
    woken: Option<(Order, ZoneKind)>,
    /// The zone it takes next.
    next: u32,
}

impl Kcompactd {
    pub(super) const fn new() -> Self {
        Self {
            woken: None,
            next: 0,
        }
    }

    /// Checks that it is at a zone there is, or just past the last, and was woken for an order there is.
    pub(super) fn verify(&self, zones: usize) -> Result<(), String> {
        let order = self.woken.map_or(0, |(order, _)| order);
        if self.next as usize > zones || order > MAX_PAGE_ORDER {
            return Err(format!(
                "kcompactd is at zone {} of {zones}: {self:?}",
                self.next
            ));
        }
        Ok(())
    }

    pub(super) fn hash_words(&self, f: &mut dyn FnMut(u64)) {
        f(self.woken.map_or(u64::MAX, |(order, highest)| {
            u64::from(order) << 8 | highest as u64
        }));
        f(self.next.into());
    }
}

impl Node {
    /// True if kcompactd has something to do: [`Node::kcompactd_step`] does part of it.
    pub fn kcompactd_awake(&self) -> bool {
        self.kcompactd.woken.is_some()
    }

    /// Wakes kcompactd for an order, if any zone suits (`wakeup_kcompactd()`).
    pub(super) fn wake_kcompactd(&mut self, order: Order, highest: ZoneKind) {
        let none = AllocFlags::empty();
        let suits = |zone| self.why_not_compact(zone, order, highest, none).is_none();
        if order == 0 || !self.zonelist(highest).any(suits) {
            return;
        }
        let (most, top) = self.kcompactd.woken.unwrap_or((order, highest));
        if self.kcompactd.woken.is_none() {
            self.kcompactd.next = 0;
        }
        self.kcompactd.woken = Some((most.max(order), top.max(highest)));
    }

    /// Lets kcompactd look at one zone, lowest first, and compact it if that is suitable and did not fail not long
    /// ago. Returns whether it is still awake. Linux 6.12 `mm/compaction.c`: `kcompactd_do_work()`.
    pub fn kcompactd_step(&mut self, sink: &mut impl Sink) -> bool {
        let Some((order, highest)) = self.kcompactd.woken else {
            return false;
        };
        let zone = self.kcompactd.next as usize;
        if self.parts.get(zone).is_none_or(|part| part.kind > highest) {
            self.kcompactd.woken = None;
            return false;
        }
        self.kcompactd.next += 1;
        let kind = self.parts[zone].kind;
        let none = AllocFlags::empty();
        let skip = if self.parts[zone].compact.deferred(order) {
            Some(CompactResult::Deferred)
        } else {
            self.why_not_compact(zone, order, highest, none)
        };
        if let Some(result) = skip {
            sink.event(Event::CompactSkip { zone: kind, result });
            return true;
        }
        let control = CompactControl {
            order: Some(order),
            list: MigrateType::Unmovable,
            effort: CompactEffort::SyncLight,
            direct: false,
            score: None,
            most: u32::MAX,
        };
        let done = self.compact_zone(zone, control, sink);
        let part = &mut self.parts[zone];
        match done.result {
            CompactResult::Success => part.compact.succeeded(order, false),
            CompactResult::Complete | CompactResult::PartialSkipped => {
                // Pages on lists of CPUs may be what was missing.
                let start = part.start;
                part.zone.drain_all(&mut Shift { sink, start });
                part.compact.defer(order);
            }
            CompactResult::Skipped | CompactResult::Deferred | CompactResult::Contended => {}
        }
        true
    }

    /// How fragmented the node is, in percent: the zones' [`fragmentation_score`](super::Zone::fragmentation_score),
    /// each with the weight of its size (`fragmentation_score_node()`).
    pub fn fragmentation_score(&self) -> u32 {
        let total: u64 = self
            .parts
            .iter()
            .map(|part| u64::from(part.zone.pages()))
            .sum();
        let scores = self.parts.iter().map(|part| {
            let score = u64::from(part.zone.pages()) * u64::from(part.zone.fragmentation_score());
            (score / (total + 1)) as u32
        });
        scores.sum()
    }

    /// The scores at which proactive compaction stops and begins: 80 and 90 at the usual proactiveness of 20
    /// (`fragmentation_score_wmark()`).
    pub fn proactive_marks(&self) -> (u32, u32) {
        let low = 100_u32
            .saturating_sub(self.config.compaction_proactiveness)
            .max(5);
        (low, (low + 10).min(100))
    }

    /// Compacts every zone if memory is more fragmented than proactiveness allows, until it is well below that.
    /// Returns whether it did. kcompactd asks this twice a second (`should_proactive_compact_node()`,
    /// `compact_node()`).
    pub fn compact_proactively(&mut self, sink: &mut impl Sink) -> bool {
        let (low, high) = self.proactive_marks();
        let on = self.config.compaction_proactiveness > 0 && !self.kswapd_awake();
        if !on || self.fragmentation_score() <= high {
            return false;
        }
        for zone in 0..self.parts.len() {
            let control = CompactControl {
                score: Some(low),
                effort: CompactEffort::SyncLight,
                ..CompactControl::WHOLE
            };
            self.compact_zone(zone, control, sink);
        }
        true
    }
}
