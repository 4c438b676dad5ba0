//! The arguments of what reads: logs, traces, the glossary.

use std::path::PathBuf;

use clap::Args;

use super::whole;

/// Options of `labyrinth explain`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  dmesg | labyrinth explain -
  labyrinth explain /var/log/kern.log.2.gz --report 3
  labyrinth explain oom.txt --buddyinfo > zones.txt && labyrinth --buddyinfo zones.txt --buddyinfo-zone Normal

Reads logs of Linux 3.x to 6.x, as dmesg, syslog and journald write them, between other lines, also wrapped or cut off;
packed by gzip, xz or zstd too. docs/real-input.md says what is read and by which rules a zone refuses.")]
pub(in crate::cli) struct ExplainArgs {
    /// The log; - for standard input.
    #[arg(value_name = "FILE")]
    pub(in crate::cli) file: PathBuf,
    /// Only the report of this number, from 1.
    #[arg(long, value_name = "N", value_parser = report, allow_negative_numbers = true)]
    pub(in crate::cli) report: Option<u32>,
    /// The zone to play in: DMA, DMA32, Normal. Else the one that says most about the failure.
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) zone: Option<String>,
    /// Print the zones' free blocks as /proc/buddyinfo would, instead of the explanation; of the first report, or of
    /// --report.
    #[arg(long)]
    pub(in crate::cli) buddyinfo: bool,
}

/// Options of `labyrinth glossary`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  labyrinth glossary watermark
  labyrinth glossary __GFP_EXCLUSIVE")]
pub(in crate::cli) struct GlossaryArgs {
    /// The term, or another name of it.
    #[arg(value_name = "TERM")]
    pub(in crate::cli) term: Option<String>,
}

/// Options of `labyrinth trace`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  labyrinth trace trace.txt
  labyrinth trace trace.txt.xz --samples 1000 --csv samples.csv
  perf script | labyrinth trace - --at 1.5
  labyrinth trace trace.txt --at 1.5 --buddyinfo > zone.txt && labyrinth --buddyinfo zone.txt

Reads what ftrace (trace, trace_pipe), trace-cmd report and perf script print of the events kmem:mm_page_alloc,
mm_page_free, mm_page_free_batched and mm_page_alloc_extfrag; packed by gzip, xz or zstd too. Every line is counted, as
used or as skipped for a reason. docs/real-input.md says how to record one and how it is replayed.")]
pub(in crate::cli) struct TraceArgs {
    /// The trace; - for standard input.
    #[arg(value_name = "FILE")]
    pub(in crate::cli) file: PathBuf,
    /// Show the moment so many seconds after the first event, instead of the whole.
    #[arg(long, value_name = "SECONDS", value_parser = nanoseconds, allow_negative_numbers = true)]
    pub(in crate::cli) at: Option<u64>,
    /// Print only the free blocks of that moment, or of the start, as /proc/buddyinfo would.
    #[arg(long)]
    pub(in crate::cli) buddyinfo: bool,
    /// How many moments the columns over time, --csv and --json show.
    #[arg(long, value_name = "N", default_value_t = 60, value_parser = samples, allow_negative_numbers = true)]
    pub(in crate::cli) samples: u32,
    /// Write the samples here as comma-separated values.
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) csv: Option<PathBuf>,
    /// Write everything here as JSON: lines used and skipped, samples, tasks.
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) json: Option<PathBuf>,
}

fn report(text: &str) -> Result<u32, String> {
    whole(text, 1..=crate::explain::MOST_REPORTS as u32)
}

fn samples(text: &str) -> Result<u32, String> {
    whole(text, 1..=100_000)
}

/// Seconds, with up to nine digits behind the point, in nanoseconds.
fn nanoseconds(text: &str) -> Result<u64, String> {
    let read = || {
        let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || !digits(part) || part.len() > 9 {
            return None;
        }
        let part = part.parse::<u64>().ok()? * 10_u64.pow(9 - part.len() as u32);
        let whole = whole.parse::<u64>().ok()?.checked_mul(1_000_000_000)?;
        whole.checked_add(part)
    };
    read().ok_or_else(|| "expected seconds, as in 1.5".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_seconds_and_parts_of_them() {
        assert_eq!(nanoseconds("1.5"), Ok(1_500_000_000));
        assert_eq!(nanoseconds("0.000000001"), Ok(1));
        for text in [
            "",
            "-1",
            ".",
            "1.",
            "1.0000000001",
            "99999999999999999999",
            "x",
        ] {
            assert!(nanoseconds(text).is_err(), "{text}");
        }
    }
}
