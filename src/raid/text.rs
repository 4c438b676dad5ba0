//! Events in words: one line of the log each, and how it is meant.

pub use super::verdict::{cause, explanation, report};

use super::event::{Event, Tone};
use super::kit::Item;
use super::sight::block_name;
use crate::mm::{self, Gfp};

/// A number of pages in words.
pub(super) fn pages(count: u32) -> String {
    if count == 1 {
        "1 page".into()
    } else {
        format!("{count} pages")
    }
}

/// A number of turns in words.
pub(super) fn turns(count: u32) -> String {
    if count == 1 {
        "1 turn".into()
    } else {
        format!("{count} turns")
    }
}

fn references(count: u32) -> String {
    if count == 1 {
        "1 reference left".into()
    } else {
        format!("{count} references left")
    }
}

/// The log line of an event; `None` for what is seen and needs no words.
pub fn sentence(event: &Event) -> Option<String> {
    Some(match event {
        Event::Stepped { .. } | Event::Ended(_) => return None,
        Event::Memory(event) => return memory(event),
        Event::Trespassed { owner } => format!("you trespass on pages of {owner}: noise"),
        Event::Faulted { owner, refs } => {
            format!("fault: kernel memory of {owner}. {}", references(*refs))
        }
        Event::Working { what, left } => format!("{what}: {} more", turns(*left)),
        Event::Evicted { pfn, order, owner } => {
            format!(
                "you evict page cache of {owner}: {}, {}",
                block_name(*pfn, *order),
                pages(1 << order)
            )
        }
        Event::Migrated {
            from,
            to,
            order,
            owner,
        } => {
            format!(
                "you move pages of {owner}: {} goes to {to:#06x}",
                block_name(*from, *order)
            )
        }
        Event::MigrateFailed { order } => {
            format!("-ENOMEM: no free block of order {order} to move to; nothing moved")
        }
        Event::Granted { device, pfn, order } => {
            format!(
                "{device}: void *p = {}. Follow the pointer",
                block_name(*pfn, *order)
            )
        }
        Event::Mapped { pfn, order, refs } => format!(
            "you map {}: {} in the bag, {refs} references",
            block_name(*pfn, *order),
            pages(1 << order)
        ),
        Event::Freed { pfn, order } => format!("you free {}", block_name(*pfn, *order)),
        Event::Isolated {
            pfn,
            order,
            turns: left,
        } => format!(
            "isolated: nobody else allocates in {} for {}; the watchdog runs double",
            block_name(*pfn, *order),
            turns(*left)
        ),
        Event::IsolationEnded => "the isolation ends".into(),
        Event::Used { item, on, figure } => used(*item, on.as_deref(), *figure),
        Event::Zeroing {
            pfn,
            order,
            left: 0,
        } => {
            format!("{} is zeroed", block_name(*pfn, *order))
        }
        Event::Zeroing { pfn, order, left } => format!(
            "you zero {}: {} more in it",
            block_name(*pfn, *order),
            turns(*left)
        ),
        Event::UseFailed { item } => {
            format!("{}: -EAGAIN, there is no memory for it", item.name())
        }
        Event::PoolServed { pfn } => {
            format!("alloc_pages returned NULL; the mempool gives {pfn:#06x}, its only element")
        }
        Event::SwappedOut { pfn, order, owner } => format!(
            "you swap out pages of {owner}: {}, {}",
            block_name(*pfn, *order),
            pages(1 << order)
        ),
        Event::Unlocked { pfn, order } => format!("unlocked: {}", block_name(*pfn, *order)),
        Event::Spins { name } => format!("{name} spins at the door of the room you locked"),
        Event::ChildExited { by: None } => "your child exits".into(),
        Event::ChildExited { by: Some(by) } => format!("{by} kills your child, and not you"),
        Event::Scanned { free } => {
            let counts: Vec<String> = free.iter().map(u32::to_string).collect();
            format!(
                "/proc/buddyinfo, free blocks by order: {}",
                counts.join(" ")
            )
        }
        Event::KeyTaken => "you take the key: the key gate is open to you".into(),
        Event::KeySeen => "a key lies in sight".into(),
        Event::Hit { name, left: 0 } => format!("you strike {name} down"),
        Event::Hit { name, left } => format!("you hit {name}: {}", references(*left)),
        Event::Slew { name, pages: count } => format!("{name} dies: {} fall free", pages(*count)),
        Event::Handed { to, turns: left } => {
            format!(
                "the room you stand in was given to {to}: leave within {} or it costs a reference",
                turns(*left)
            )
        }
        Event::FirstWrite { by, refs } => {
            format!(
                "{by} writes to the room you stand in. {}",
                references(*refs)
            )
        }
        Event::Hunts { name } => format!("{name} turns towards you and comes"),
        Event::Listens { name } => format!("{name} stops and listens: it heard you there"),
        Event::Aims { name, from, to } => format!(
            "{name} aims from {},{} to {},{}: step off that line",
            from.x, from.y, to.x, to.y
        ),
        Event::Crossed { by, refs } => {
            format!("{by} goes through you. {}", references(*refs))
        }
        Event::RanOver {
            by,
            name,
            left: 0,
            pages: count,
        } => format!("{by} runs {name} over: {} fall free", pages(*count)),
        Event::RanOver { by, name, .. } => format!("{by} runs into {name}"),
        Event::Forked {
            name,
            copy,
            pages: count,
        } => format!("{name} forks: {copy} shares its {}", pages(*count)),
        Event::StaysShared { name, pages: count } => {
            format!("{} of {name} stay: its copies have them too", pages(*count))
        }
        Event::KcompactdWoke { order } => {
            format!("kcompactd wakes: an order {order} was not to be had, though pages are free")
        }
        Event::KcompactdSlept { order, made: true } => {
            format!("kcompactd sleeps: there is a free block of order {order}")
        }
        Event::KcompactdSlept { order, .. } => {
            format!("kcompactd gives up on order {order}")
        }
        Event::Compacted {
            from,
            to,
            order,
            owner,
        } => format!(
            "  kcompactd moves pages of {owner}: {} goes to {to:#06x}",
            block_name(*from, *order)
        ),
        Event::LostYou { name } => format!("{name} gives up"),
        Event::Struck { by, refs } => format!("{by} strikes you. {}", references(*refs)),
        Event::KswapdWoke => "kswapd wakes: free pages are below low".into(),
        Event::KswapdSlept => "kswapd sleeps: free pages are above high".into(),
        Event::MinotaurStirs { wakes_in } => {
            format!(
                "reclaim gets nowhere: the Minotaur wakes in {}",
                turns(*wakes_in)
            )
        }
        Event::MinotaurHunts {
            badness, you: true, ..
        } => {
            format!("the Minotaur comes for YOU (badness {badness}): free something")
        }
        Event::MinotaurHunts {
            target, badness, ..
        } => {
            format!("the Minotaur goes for {target} (badness {badness})")
        }
        Event::OomKilled { name, pages: count } => {
            format!(
                "Out of memory: {name} is killed, {} fall free",
                pages(*count)
            )
        }
        Event::MinotaurLeft => "the Minotaur leaves: memory is free again".into(),
        Event::Respawned { name } => format!("{name} is started again"),
        Event::Irq {
            irq,
            device,
            order,
            gfp,
            demand,
        } => {
            let zeroed = if gfp.contains(Gfp::ZERO) {
                ", zeroed"
            } else {
                ""
            };
            let more = demand.words();
            format!(
                "IRQ {irq}: {device} wants order {order} ({}{zeroed}){more}",
                pages(1 << order)
            )
        }
        Event::OfNoUse {
            device,
            pfn,
            order,
            pages: held,
            left,
        } => format!(
            "{device} gives {} back: {held} of its {} hold {}, it wants more than half",
            block_name(*pfn, *order),
            pages(1 << order),
            left.words()
        ),
        Event::IrqExpired { device, order } => format!("{device} gives up on order {order}"),
        Event::DeviceFound { device } => format!("the device {device} is on your map"),
        Event::Read { file } => {
            format!("you read {}: {}, true now", file.path(), file.use_of())
        }
        Event::GateWarns { gate, left } => format!("the {gate} closes in {}", turns(*left)),
        Event::GateFalters { gate, free, low } => {
            format!("the {gate} falters: it closes below {low} free pages, {free} are left")
        }
        Event::GateClosed { gate } => format!("the {gate} closes"),
        Event::GateOpened { gate } => format!("the {gate} opens"),
        Event::WatchdogWarns { left } => format!("watchdog: {} left", turns(*left)),
    })
}

/// What came of an item's use.
fn used(item: Item, on: Option<&str>, figure: u32) -> String {
    match item {
        Item::Scan => "you read /proc/buddyinfo".into(),
        Item::DropCaches => format!("drop_caches: {} of clean cache freed", pages(figure)),
        Item::CompactMemory => format!("compact_memory: {} moved up", pages(figure)),
        Item::Isolate | Item::Mempool | Item::MinFreeKbytes => item.name().into(),
        Item::Fork => format!("fork: your child looks like you for {}", turns(figure)),
        Item::PageLock => format!(
            "you lock this room, {}: nobody else comes in, and the watchdog runs faster",
            pages(figure)
        ),
        Item::Swapon => "swapon: anonymous rooms are swapped out from now on".into(),
        Item::NrHugepages => format!("nr_hugepages is 0: a block of {} is free", pages(figure)),
        Item::OomScoreAdj => match on {
            None => format!("oom_score_adj: your badness is {figure} now"),
            Some(name) => format!("oom_score_adj: the badness of {name} is {figure} now"),
        },
        Item::Kill => format!(
            "kill -9 {}: {} fall free",
            on.unwrap_or("nobody"),
            pages(figure)
        ),
        Item::GetPage => format!("get_page: you have {figure} references"),
        Item::TouchWatchdog => format!("the watchdog counts from {} again", turns(figure)),
    }
}

/// The allocator's doings in words; splits and lone frees are seen, not told.
fn memory(event: &mm::Event) -> Option<String> {
    match *event {
        mm::Event::Merge { pfn, order } if order >= 2 => {
            Some(format!("  buddies merge: {}", block_name(pfn, order)))
        }
        mm::Event::WriteBack { pfn, order } => {
            Some(format!("  written back: {}", block_name(pfn, order)))
        }
        _ => None,
    }
}

/// How an event's line is meant.
pub fn tone(event: &Event) -> Tone {
    match event {
        Event::Memory(_)
        | Event::Stepped { .. }
        | Event::Working { .. }
        | Event::Compacted { .. } => Tone::Detail,
        Event::Granted { .. }
        | Event::Used { .. }
        | Event::Mapped { .. }
        | Event::KeyTaken
        | Event::KeySeen
        | Event::Slew { .. }
        | Event::DeviceFound { .. }
        | Event::GateOpened { .. }
        | Event::Read { .. }
        | Event::MinotaurLeft
        | Event::KswapdSlept
        | Event::PoolServed { .. }
        | Event::Spins { .. }
        | Event::LostYou { .. } => Tone::Good,
        Event::Trespassed { .. }
        | Event::UseFailed { .. }
        | Event::ChildExited { .. }
        | Event::MigrateFailed { .. }
        | Event::Forked { .. }
        | Event::GateClosed { .. }
        | Event::GateWarns { .. }
        | Event::GateFalters { .. }
        | Event::WatchdogWarns { left: 51.. }
        | Event::MinotaurStirs { .. }
        | Event::MinotaurHunts { you: false, .. }
        | Event::IrqExpired { .. } => Tone::Warning,
        Event::Faulted { .. }
        | Event::Handed { .. }
        | Event::FirstWrite { .. }
        | Event::Hunts { .. }
        | Event::Listens { .. }
        | Event::Aims { .. }
        | Event::Crossed { .. }
        | Event::Struck { .. }
        | Event::MinotaurHunts { you: true, .. }
        | Event::WatchdogWarns { .. } => Tone::Danger,
        _ => Tone::Plain,
    }
}
