//! The language of win rules and of mistakes: what is true of a machine after a call.

use std::fmt;

use serde::de::Visitor;
use serde::{Deserialize, Deserializer};

use super::console::{Console, Report};
use crate::mm::memory::PageKind;
use crate::mm::{BlockState, Event, Gfp, MAX_PAGE_ORDER, Order, PageFlags, Pfn};

/// A value in a condition: a number, or what a variable holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// The number itself.
    Number(u32),
    /// What this variable holds; a condition on a variable that is NULL or not there is false.
    Variable(String),
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;

        impl Visitor<'_> for Either {
            type Value = Value;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number of 32 bits, or the name of a variable in quotes")
            }

            fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Value, E> {
                u32::try_from(number)
                    .map(Value::Number)
                    .map_err(|_| E::invalid_value(serde::de::Unexpected::Unsigned(number), &self))
            }

            fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<Value, E> {
                Ok(Value::Variable(name.to_owned()))
            }
        }

        deserializer.deserialize_any(Either)
    }
}

/// What an event is, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[allow(missing_docs, reason = "each is the event of its name")]
pub enum Kind {
    Split,
    Merge,
    Claim,
    Steal,
    Evict,
    WriteBack,
    Migrate,
    WakeKswapd,
    DirectReclaim,
    Compact,
    OomKill,
    Fail,
}

/// A flag of a block, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[allow(missing_docs, reason = "each is the flag of its name")]
pub enum Flag {
    Locked,
    Dirty,
    Lru,
    Exclusive,
    Pinned,
    Zeroed,
}

impl Flag {
    fn bits(self) -> PageFlags {
        match self {
            Self::Locked => PageFlags::LOCKED,
            Self::Dirty => PageFlags::DIRTY,
            Self::Lru => PageFlags::LRU,
            Self::Exclusive => PageFlags::EXCLUSIVE,
            Self::Pinned => PageFlags::PINNED,
            Self::Zeroed => PageFlags::ZEROED,
        }
    }
}

/// Something that is true or false of a machine, and of the last call.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Condition {
    /// All of them are true.
    All(Vec<Condition>),
    /// One of them is true at least.
    Any(Vec<Condition>),
    /// It is false.
    Not(Box<Condition>),
    /// There are so many free blocks of this order or larger ones, at least.
    FreeBlocks {
        /// The order.
        order: Order,
        /// How many.
        at_least: u32,
    },
    /// So many pages are free, at least.
    FreePages {
        /// How many.
        at_least: u32,
    },
    /// At most so many pages are free.
    FreePagesAtMost {
        /// How many.
        at_most: u32,
    },
    /// A request with these flags for a block of this order would be served now.
    Served {
        /// Its flags.
        gfp: Gfp,
        /// Its order.
        order: Order,
    },
    /// Nothing in these frames is allocated.
    Empty {
        /// The first.
        from: Pfn,
        /// The last.
        to: Pfn,
    },
    /// The block that holds this frame is free.
    Free(Value),
    /// A task has the block that holds this frame.
    Taken(Value),
    /// The block that holds this frame has this order.
    Order(Value, Order),
    /// Both are the same frame.
    Same(Value, Value),
    /// The block at this frame has this flag.
    Flag(Value, Flag),
    /// This page is shared: more than one page table maps it.
    Shared(Value),
    /// This page is anonymous and belongs to one task alone.
    Exclusive(Value),
    /// This page has so many references.
    References(Value, u32),
    /// This task holds the lock of a page.
    LockedBy(Value, u32),
    /// This task sleeps for a page's lock.
    Sleeps(u32),
    /// There is such a task.
    Alive(u32),
    /// There was such a task, and it is gone.
    Killed(u32),
    /// The page holds this byte all over.
    Filled(Value, u8),
    /// `vm.min_free_kbytes` is at most this.
    MinFreeAtMost(u32),
    /// The last line was this call or word.
    Called(String),
    /// The last call was a request with these flags, perhaps others too.
    Asked(Gfp),
    /// The last call was a request of this order.
    AskedOrder(Order),
    /// The last call was about this frame.
    About(Value),
    /// The last call failed.
    Failed,
    /// The last call told of this.
    Told(Kind),
    /// So many calls were made in this step, at most.
    CallsAtMost(u32),
}

/// How deep conditions may be nested.
pub const MAX_DEPTH: u32 = 8;

impl Condition {
    /// Whether it is true of a console after a call; `calls` were made in this step.
    pub fn holds(&self, console: &Console, last: Option<&Report>, calls: u32) -> bool {
        let machine = console.machine();
        let value = |value: &Value| match value {
            Value::Number(number) => Some(*number),
            Value::Variable(name) => console.variable(name.trim_start_matches('$')),
        };
        let block = |at: &Value| machine.block_at(value(at)?);
        let page = |at: &Value| machine.page(value(at)?);
        match self {
            Self::All(all) => all.iter().all(|one| one.holds(console, last, calls)),
            Self::Any(any) => any.iter().any(|one| one.holds(console, last, calls)),
            Self::Not(not) => !not.holds(console, last, calls),
            Self::FreeBlocks { order, at_least } => machine.free_blocks(*order) >= *at_least,
            Self::FreePages { at_least } => machine.free_pages() >= *at_least,
            Self::FreePagesAtMost { at_most } => machine.free_pages() <= *at_most,
            Self::Served { gfp, order } => {
                machine.clone().alloc(*gfp, *order, &mut Vec::new()).is_ok()
            }
            Self::Empty { from, to } => machine.blocks().iter().all(|block| {
                block.pfn > *to
                    || block.pfn + block.pages() <= *from
                    || !matches!(block.state, BlockState::Allocated { .. })
            }),
            Self::Free(at) => block(at).is_some_and(|block| block.is_free()),
            Self::Taken(at) => {
                block(at).is_some_and(|block| matches!(block.state, BlockState::Allocated { .. }))
            }
            Self::Order(at, order) => block(at).is_some_and(|block| block.order == *order),
            Self::Same(a, b) => value(a).is_some() && value(a) == value(b),
            Self::Flag(at, wanted) => block(at).is_some_and(|block| match block.state {
                BlockState::Allocated { flags, .. } => flags.contains(wanted.bits()),
                _ => false,
            }),
            Self::Shared(at) => page(at).is_some_and(|page| page.mapcount > 1),
            Self::Exclusive(at) => {
                page(at).is_some_and(|page| page.kind == PageKind::Anon { exclusive: true })
            }
            Self::References(at, count) => page(at).is_some_and(|page| page.refcount == *count),
            Self::LockedBy(at, pid) => page(at).is_some_and(|page| page.locked_by == Some(*pid)),
            Self::Sleeps(pid) => machine
                .tables()
                .is_some_and(|memory| memory.waits_for(*pid).is_some()),
            Self::Alive(pid) => machine.tasks().any(|(other, _)| other == *pid),
            Self::Killed(pid) => {
                machine.was(*pid) && !machine.tasks().any(|(other, _)| other == *pid)
            }
            Self::Filled(at, byte) => value(at)
                .and_then(|pfn| machine.arena()?.uniform(pfn))
                .is_some_and(|found| found == *byte),
            Self::MinFreeAtMost(kbytes) => machine
                .setup()
                .min_free_kbytes
                .is_some_and(|set| set <= *kbytes),
            Self::Called(name) => last.is_some_and(|last| last.name == *name),
            Self::Asked(gfp) => last
                .and_then(|last| last.request)
                .is_some_and(|(asked, _)| asked.contains(*gfp)),
            Self::AskedOrder(order) => last
                .and_then(|last| last.request)
                .is_some_and(|(_, asked)| asked == *order),
            Self::About(at) => {
                let about = last.and_then(|last| last.about);
                value(at).is_some_and(|pfn| about.is_some_and(|(frame, _)| frame == pfn))
            }
            Self::Failed => last.is_some_and(|last| last.fault.is_some()),
            Self::Told(kind) => {
                last.is_some_and(|last| last.events.iter().any(|event| kind.is(event)))
            }
            Self::CallsAtMost(most) => calls <= *most,
        }
    }

    /// Checks what its form alone does not: orders, names of calls, depth.
    ///
    /// # Errors
    ///
    /// What was found, and what was expected.
    pub fn check(&self, depth: u32) -> Result<(), String> {
        if depth > MAX_DEPTH {
            return Err(format!("a condition nested deeper than {MAX_DEPTH}"));
        }
        let order = |order: &Order| {
            if *order <= MAX_PAGE_ORDER {
                Ok(())
            } else {
                Err(format!("order {order}, expected 0 to {MAX_PAGE_ORDER}"))
            }
        };
        match self {
            Self::All(all) | Self::Any(all) => {
                if all.is_empty() {
                    return Err("a list of no conditions, expected one at least".to_owned());
                }
                all.iter().try_for_each(|one| one.check(depth + 1))
            }
            Self::Not(not) => not.check(depth + 1),
            Self::FreeBlocks { order: at, .. }
            | Self::Served { order: at, .. }
            | Self::Order(_, at) => order(at),
            Self::Empty { from, to } if from > to => Err(format!(
                "the frames {from} to {to}, expected the first before the last"
            )),
            Self::Called(name) if !super::console::names().any(|known| known == name) => {
                Err(format!("the call {name:?}, expected one of the console's"))
            }
            _ => Ok(()),
        }
    }
}

impl Kind {
    fn is(self, event: &Event) -> bool {
        match self {
            Self::Split => matches!(event, Event::Split { .. }),
            Self::Merge => matches!(event, Event::Merge { .. }),
            Self::Claim => matches!(event, Event::Fallback { claimed: true, .. }),
            Self::Steal => matches!(event, Event::Fallback { claimed: false, .. }),
            Self::Evict => matches!(event, Event::Evict { .. }),
            Self::WriteBack => matches!(event, Event::WriteBack { .. }),
            Self::Migrate => matches!(event, Event::Migrate { .. }),
            Self::WakeKswapd => matches!(event, Event::WakeKswapd),
            Self::DirectReclaim => matches!(event, Event::DirectReclaim { .. }),
            Self::Compact => matches!(event, Event::CompactStart { .. }),
            Self::OomKill => matches!(event, Event::OomKill { .. }),
            Self::Fail => matches!(event, Event::Fail(_)),
        }
    }
}
