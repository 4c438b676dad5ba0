//! Explains a kernel's report of a failed request or of the OOM killer, in plain words and with its own figures.
//!
//! [`Reader`] takes a log line by line and finds the [`Report`]s in it: of kernels from 3.x to 6.x, with whatever
//! loggers put before a line, between other lines, wrapped and cut off. [`verdicts`] says why each zone refused, and
//! [`explanation`] says all of it as text. Nothing here keeps more than a bounded amount of a log.

mod flags;
mod line;
mod read;
mod report;
mod tasks;
mod text;
mod verdict;
mod zone_lines;

pub use flags::Flags;
pub use line::Line;
pub use read::{Log, MOST_REPORTS, Reader};
pub use report::{Killed, Kind, Lists, Oom, Problem, Report, Task, Zone};
pub use text::{Amounts, explanation, meanings};
pub use verdict::{Reason, Refusal, Verdict, alloc_flags, limit, main, verdicts};

/// Reads a whole log.
pub fn read(text: &str) -> Log {
    let mut reader = Reader::new();
    for line in text.lines() {
        reader.line(line);
    }
    reader.finish()
}
