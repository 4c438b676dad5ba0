//! The lessons that are part of the program.

use super::load::{LessonError, load};
use super::spec::Lesson;

/// The name by which a class opens the sandbox, as if it were a lesson; none is called so.
pub const SANDBOX: &str = "sandbox";

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        &[$((
            concat!($name, ".ron"),
            include_str!(concat!("../../levels/lessons/", $name, ".ron")),
        )),*]
    };
}

/// Names and texts, in the order in which they are taught.
const FILES: &[(&str, &str)] = files![
    "01-frames",
    "02-split",
    "03-merge",
    "04-rounding",
    "05-half",
    "06-lists",
    "07-watermarks",
    "08-sleeping",
    "09-reclaim",
    "10-types",
    "11-compaction",
    "12-cow",
    "13-locks",
    "14-oom",
    "15-bytes",
];

/// Names and texts of the shipped lessons' files, in the order in which they are taught.
pub fn shipped_files() -> &'static [(&'static str, &'static str)] {
    FILES
}

/// The shipped lessons, in that order.
///
/// # Errors
///
/// The first [`LessonError`]; tests see to it that there is none.
pub fn shipped() -> Result<Vec<Lesson>, LessonError> {
    FILES.iter().map(|(name, text)| load(name, text)).collect()
}
