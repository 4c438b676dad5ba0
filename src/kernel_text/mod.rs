//! Reads and prints what Linux prints, and lays a zone out from a line of `/proc/buddyinfo`.
//!
//! [`buddyinfo`] reads and prints the free blocks per order; [`layout`] gives them places in a zone;
//! [`report`] writes what a kernel logs when a request fails, memory runs out, a CPU locks up or a page
//! is freed while in use. [`pagetypeinfo`], [`zoneinfo`] and [`fragmentation`] are the other files that tell
//! of free memory; [`show_mem`] and [`oom`] are the parts of a log that do. Everything here is text and figures: [`ZoneFigures`] is what is known of a
//! zone at one moment, and can be kept after the zone has gone on.

pub mod buddyinfo;
mod figures;
pub mod fragmentation;
pub mod layout;
pub mod oom;
pub mod pagetypeinfo;
pub mod report;
pub mod show_mem;
mod words;
pub mod zoneinfo;

pub use buddyinfo::BuddyLine;
pub use figures::ZoneFigures;
pub use layout::{Layout, LayoutError};
pub use words::TextError;
