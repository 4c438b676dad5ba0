//! A call told step by step: which list was looked at, what was split, what merged, who was passed over.

use serde::Serialize;

use super::console::Report;
use super::machine::Machine;
use crate::mm::{
    BlockState, Event, FailReason, Mark, MigrateType, NoKill, Order, PassReason, Pfn, Stage,
};

/// The most steps a call is told in; what is more is summed up in the last.
pub const MAX_BEATS: u32 = 400;

/// One step of a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Beat {
    /// A sentence.
    pub text: String,
    /// The block it is about: first frame and order.
    pub block: Option<(Pfn, Order)>,
    /// The free list it is about.
    pub list: Option<(Order, MigrateType)>,
    /// So many events of the call have happened by now: what [`midway`](super::midway::midway) takes.
    pub events: u32,
}

/// Tells a call step by step, given the machine as it was before.
pub fn tell(before: &Machine, report: &Report) -> Vec<Beat> {
    let mut beats = Vec::new();
    // First what is wanted, then which zones and marks are tried, then the lists.
    let mut lead = 0;
    if let Some(walk) = walk(before, report) {
        let mut walk = walk.into_iter();
        beats.extend(walk.next());
        for (count, event) in (1_u32..).zip(&report.events).take_while(|(_, e)| leads(e)) {
            beats.push(beat(event, count));
            lead = count;
        }
        beats.extend(walk.map(|beat| Beat {
            events: lead,
            ..beat
        }));
    }
    let mut more = 0_u32;
    let rest = (1_u32..).zip(&report.events).skip(lead as usize);
    for (count, event) in rest {
        if beats.len() as u32 >= MAX_BEATS {
            more += 1;
            continue;
        }
        beats.push(beat(event, count));
    }
    if more > 0
        && let Some(last) = beats.last_mut()
    {
        last.text = format!("... and {} steps more", more + 1);
        last.events = report.events.len() as u32;
    }
    beats
}

/// What the allocator told, as a sentence.
pub fn sentence(event: &Event) -> String {
    beat(event, 0).text
}

/// What happens before a list is looked at.
const fn leads(event: &Event) -> bool {
    matches!(
        event,
        Event::Attempt { .. } | Event::PassOver { .. } | Event::WakeKswapd
    )
}

/// The lists that were looked at before the first block was taken. None if something else happened first.
fn walk(before: &Machine, report: &Report) -> Option<Vec<Beat>> {
    let (gfp, order) = report.request?;
    let taken = report.events.iter().find(|event| !leads(event))?;
    let (pfn, fallback) = match *taken {
        Event::Split { pfn, .. } | Event::Alloc { pfn, .. } => (pfn, None),
        Event::Fallback { pfn, to, .. } => (pfn, Some(to)),
        _ => return None,
    };
    let found = before.block_at(pfn)?;
    let (_, zone) = before.zone_of(pfn)?;
    let list = match found.state {
        BlockState::Free { list } => list,
        BlockState::Cached { cpu, list } => {
            return Some(vec![Beat {
                text: format!(
                    "CPU {cpu} keeps a block of order {} for {} itself: no free list is looked at",
                    found.order,
                    list.name()
                ),
                block: Some((pfn, found.order)),
                list: None,
                events: 0,
            }]);
        }
        BlockState::Allocated { .. } => return None,
    };
    let mut beats = Vec::new();
    let (wanted, last) = match fallback {
        Some(own) => (own, crate::mm::MAX_PAGE_ORDER),
        None => (list, found.order),
    };
    let pages = 1_u32 << order;
    beats.push(Beat {
        text: format!(
            "{gfp}, order {order}: {pages} page{} of type {} are wanted",
            if pages == 1 { "" } else { "s" },
            wanted.name()
        ),
        block: None,
        list: Some((order, wanted)),
        events: 0,
    });
    for order in order..=last {
        let blocks = zone.nr_free_of(order, wanted);
        let here = fallback.is_none() && order == found.order;
        let text = if here {
            let head = zone.free_list(order, wanted).next();
            let place = if head.is_some_and(|head| {
                before.block_at(pfn).map(|b| b.pfn) == Some(shift(before, pfn, head))
            }) {
                "its head"
            } else {
                "the one this policy chooses"
            };
            format!(
                "list of order {order}, {}: {blocks} block{}; {place} {:#x} is taken",
                wanted.name(),
                if blocks == 1 { "" } else { "s" },
                found.pfn
            )
        } else {
            format!("list of order {order}, {}: empty", wanted.name())
        };
        beats.push(Beat {
            text,
            block: here.then_some((found.pfn, found.order)),
            list: Some((order, wanted)),
            events: 0,
        });
    }
    Some(beats)
}

/// A frame of the zone that holds `pfn`, as a frame of the machine.
fn shift(machine: &Machine, pfn: Pfn, frame: Pfn) -> Pfn {
    machine
        .zone_of(pfn)
        .map_or(frame, |(start, _)| start + frame)
}

fn stage(stage: Stage) -> &'static str {
    match stage {
        Stage::Fast => "fast path",
        Stage::Slow => "slow path",
        Stage::AfterEarlyCompaction => "after compacting first",
        Stage::Round => "a new round",
        Stage::AfterReclaim => "after reclaim",
        Stage::AfterUnreserve => "after giving up reserves",
        Stage::AfterCompaction => "after compaction",
        Stage::BeforeKill => "a last look before killing",
        Stage::NoFail => "must not fail",
    }
}

fn mark(mark: Mark) -> &'static str {
    match mark {
        Mark::Min => "min",
        Mark::Low => "low",
        Mark::High => "high",
    }
}

fn beat(event: &Event, events: u32) -> Beat {
    let (mut block, mut on) = (None, None);
    let text = match *event {
        Event::Split { pfn, order, list } => {
            block = Some((pfn, order));
            on = Some((order.saturating_sub(1), list));
            let half = 1_u32 << order.saturating_sub(1);
            format!(
                "{pfn:#x} of order {order} is split into {pfn:#x} and {:#x}; one half goes to the list of order {}",
                pfn + half,
                order.saturating_sub(1)
            )
        }
        Event::Merge { pfn, order } => {
            block = Some((pfn, order));
            let half = 1_u32 << order.saturating_sub(1);
            format!(
                "{pfn:#x} and {:#x} are free buddies: they become one block of order {order}",
                pfn + half
            )
        }
        Event::Alloc {
            pfn, order, owner, ..
        } => {
            block = Some((pfn, order));
            format!(
                "{pfn:#x} of order {order} is handed out to task {}",
                owner.0
            )
        }
        Event::Free { pfn, order, owner } => {
            block = Some((pfn, order));
            format!("task {} gives {pfn:#x} of order {order} back", owner.0)
        }
        Event::Fallback {
            pfn,
            order,
            from,
            to,
            claimed,
        } => {
            block = Some((pfn, order));
            on = Some((order, from));
            let (from, to) = (from.name(), to.name());
            if claimed {
                format!("fallback: {pfn:#x} of order {order} is {from}; its pageblock becomes {to}")
            } else {
                format!(
                    "fallback: {pfn:#x} of order {order} is stolen from {from}; the pageblock stays {from}"
                )
            }
        }
        Event::Fail(failure) => match failure.reason {
            FailReason::Watermark => format!(
                "NULL: {} pages are free, and more than {} are needed",
                failure.free, failure.limit
            ),
            FailReason::Fragmentation => format!(
                "NULL: {} pages are free, but no block of order {} that it may take",
                failure.free, failure.order
            ),
            FailReason::TooLarge => "NULL: no block is ever that large".to_owned(),
        },
        Event::Evict { pfn, order, .. } => {
            block = Some((pfn, order));
            format!("reclaim drops the page cache at {pfn:#x}")
        }
        Event::WriteBack { pfn, order } => {
            block = Some((pfn, order));
            format!("{pfn:#x} is dirty: it is written back, and stays for now")
        }
        Event::Migrate {
            from, to, order, ..
        } => {
            block = Some((to, order));
            format!("{from:#x} of order {order} is moved to {to:#x}")
        }
        Event::WakeKswapd => "kswapd is woken".to_owned(),
        Event::Isolate { pfn, order } => {
            block = Some((pfn, order));
            format!("{pfn:#x} of order {order} is isolated")
        }
        Event::Unisolate { pfn, order } => {
            block = Some((pfn, order));
            format!("{pfn:#x} of order {order} is no longer isolated")
        }
        Event::ReserveHighAtomic { pfn } => {
            format!("the pageblock at {pfn:#x} joins the high-atomic reserve")
        }
        Event::UnreserveHighAtomic { pfn } => {
            format!("the pageblock at {pfn:#x} leaves the high-atomic reserve")
        }
        Event::Attempt {
            stage: at, mark: m, ..
        } => {
            format!(
                "{}: the zones are tried at the {} watermark",
                stage(at),
                mark(m)
            )
        }
        Event::PassOver {
            zone,
            why,
            free,
            limit,
        } => match why {
            PassReason::Watermark => format!(
                "zone {} is passed over: {free} pages free, more than {limit} needed",
                zone.name()
            ),
            PassReason::NoBlock => format!(
                "zone {} is passed over: {free} pages free, but no block large enough",
                zone.name()
            ),
            PassReason::WouldMix => format!(
                "zone {} is passed over for now: it would mix migrate types",
                zone.name()
            ),
        },
        Event::DirectReclaim { .. } => "the task reclaims memory itself".to_owned(),
        Event::Reclaimed {
            kswapd,
            scanned,
            reclaimed,
            ..
        } => format!(
            "{} looked at {scanned} pages of page cache and freed {reclaimed}",
            if kswapd { "kswapd" } else { "it" }
        ),
        Event::KswapdSleep { hopeless: false } => "kswapd goes to sleep".to_owned(),
        Event::KswapdSleep { hopeless: true } => "kswapd gives up".to_owned(),
        Event::CompactSkip { zone, result } => {
            format!("zone {} is not compacted: {result:?}", zone.name())
        }
        Event::CompactStart { zone, .. } => format!("compaction of zone {} begins", zone.name()),
        Event::CompactEnd {
            zone,
            result,
            migrated,
            ..
        } => format!(
            "compaction of zone {} ends: {migrated} pages moved, {result:?}",
            zone.name()
        ),
        Event::Retry { round, no_progress } => {
            format!("round {round}; without progress so far: {no_progress}")
        }
        Event::OomKill {
            owner,
            points,
            pages,
        } => format!(
            "the OOM killer kills task {}: badness {points}, {pages} pages",
            owner.0
        ),
        Event::OomSpare { why } => format!(
            "the OOM killer kills nobody: {}",
            match why {
                NoKill::Costly => "killing hardly makes large blocks",
                NoKill::MayFail => "the request would rather fail",
                NoKill::ThisNode => "other nodes may have memory",
                NoKill::LowZone => "the request needs low memory",
                NoKill::NoFs => "the request may not call the file system",
                NoKill::Nobody => "there is nobody to kill",
            }
        ),
        Event::LoopEnded { rounds } => {
            format!("ended after {rounds} rounds; Linux would go on for ever")
        }
    };
    Beat {
        text,
        block,
        list: on,
        events,
    }
}
