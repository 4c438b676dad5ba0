//! Reads a kernel's trace of the page allocator and replays it: who took and gave back which pages, and what was free.
//!
//! A [`Reader`] takes the lines of a trace and makes a [`Workload`] of it, with every line accounted for in its
//! [`Counts`]. A [`Replay`] goes to any moment of it; what it costs at most is bounded by moments that are kept whole.
//! A [`Moment`] can be played: its free blocks are a raid's layout. [`samples`] and [`Summary`] are for people.
//!
//! The model has only the pieces of memory, of 4 MiB, that events name; frames keep their places in them, so their
//! buddies are the machine's. Of pages that no event names nothing is known; they count as in use. Blocks are placed
//! where the kernel placed them. Migrate types and per-CPU lists are left out: a page on such a list counts as free.

mod counts;
mod line;
mod memory;
mod read;
mod summary;
mod workload;

pub use counts::Counts;
pub use line::{Event, Skip, What, parse};
pub use memory::Memory;
pub use read::{MOST_EVENTS, MOST_PIECES, Reader};
pub use summary::{Sample, Summary, samples, sparkline};
pub use workload::{Moment, Replay, Step, Task, Workload};

/// Reads a whole trace.
pub fn read(text: &str) -> Workload {
    let mut reader = Reader::new();
    for line in text.lines() {
        reader.line(line);
    }
    reader.finish()
}
