//! Reads and prints what Linux prints, and lays a zone out from a line of `/proc/buddyinfo`.
//!
//! [`buddyinfo`] reads and prints the free blocks per order; [`layout`] gives them places in a zone;
//! [`report`] writes what a kernel logs when a request fails, memory runs out, a CPU locks up or a page
//! is freed while in use. Everything here is text and figures: [`ZoneFigures`] is what is known of a
//! zone at one moment, and can be kept after the zone has gone on.

pub mod buddyinfo;
mod figures;
pub mod layout;
pub mod report;

pub use buddyinfo::{BuddyLine, TextError};
pub use figures::ZoneFigures;
pub use layout::{Layout, LayoutError};
