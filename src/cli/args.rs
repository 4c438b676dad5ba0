//! The arguments of the program, and their help.

mod reading;

use std::ffi::OsString;
use std::fmt::Display;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::str::FromStr;

use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{Args, Parser, Subcommand};

use super::CliError;
use super::learn::{LessonArgs, SandboxArgs, VerifyArgs};
use crate::bot::Player;
use crate::raid::{Loadout, MAX_SEED, Modifier, Modifiers};

pub(super) use reading::{ExplainArgs, GlossaryArgs, TraceArgs};

/// What a file of free blocks may be.
const HELP_EXAMPLES: &str = "\
Examples:
  labyrinth                                     open the game
  labyrinth --seed 7                            open it in the raid with seed 7
  labyrinth --buddyinfo /proc/buddyinfo         with the fragmentation of this machine
  labyrinth --open trace.txt.xz                 open it with a trace, a log or a script
  labyrinth --watch my.journal                  watch a raid that was played
  labyrinth raid --bot careful --seed 7         watch a bot play that raid, as text
  labyrinth simulate --bot careful --runs 200   play 200 raids and count how they end
  labyrinth simulate --bot all --seeds 1-500    the same for each bot, side by side
  labyrinth replay my.journal                   play a journal again and check every turn
  labyrinth link my.journal                     print the link to that raid, for others to watch
  dmesg | labyrinth explain -                   say why a request for memory failed
  labyrinth lesson split                        a lesson, as text
  labyrinth --lesson split                      the same in a window, with no game around it
  labyrinth sandbox                             calls like those of the kernel, typed
  labyrinth sounds                              list what the game sounds like
  labyrinth profile                             print what you have brought home

Wrong input gives one line on standard error and exit status 2.";

/// An extraction roguelike in a labyrinth that is a computer's memory.
///
/// Walk through the page frames of a machine under memory pressure, provoke atomic allocations that succeed at once or
/// kill you, follow the pointers they return, and get out alive with the pages. Without a command, opens the game in a
/// window.
#[derive(Debug, Parser)]
#[command(name = "labyrinth", version, args_conflicts_with_subcommands = true, after_help = HELP_EXAMPLES)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Option<Command>,
    #[command(flatten)]
    pub(super) play: PlayArgs,
}

/// What to do without a window.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Let a bot play one raid and print its story, turn by turn, with the report at the end.
    Raid(RaidArgs),
    /// Let bots play many raids and count how they end and what they needed.
    Simulate(SimulateArgs),
    /// Print what each seed of a zone begins with: free blocks, devices, gates, tasks, first interrupts.
    Catalogue(CatalogueArgs),
    /// Play a journal again and check that every turn gives the state it gave then.
    Replay(ReplayArgs),
    /// Print the link to the raid of a journal, for others to watch it.
    Link(LinkArgs),
    /// Say in plain words why a kernel had no memory: reads a log with "page allocation failure" or "oom-killer".
    Explain(ExplainArgs),
    /// Replay a kernel's trace of the page allocator: who took what, and what was free when.
    Trace(TraceArgs),
    /// Say what a term is in Linux and what it is in this game; without a term, all of them.
    Glossary(GlossaryArgs),
    /// Type calls like those of the kernel, run scripts of them, compare policies.
    Sandbox(SandboxArgs),
    /// List the lessons, play one as text, check what was done and print the proof.
    Lesson(LessonArgs),
    /// Check a lesson's proof or a raid's code by playing it again.
    Verify(VerifyArgs),
    /// List the sounds of the game with what they mean, or write them as WAV files.
    Sounds(SoundsArgs),
    /// Print what is kept of you: zones, scores, stash, kit and runs; buy items from the stash.
    Profile(ProfileArgs),
}

/// Options of the game in a window.
#[derive(Debug, Args)]
pub(super) struct PlayArgs {
    /// The raid's seed; with it the raid starts at once.
    #[arg(long, value_name = "N", value_parser = seed, allow_negative_numbers = true)]
    pub(super) seed: Option<u64>,
    #[command(flatten)]
    pub(super) place: PlaceArgs,
    #[command(flatten)]
    pub(super) kit: KitArgs,
    /// Write the raid's journal here after every turn.
    #[arg(long, value_name = "FILE")]
    pub(super) journal: Option<PathBuf>,
    /// Open this lesson, with no game around it, as a link that ends in #lesson=NAME does; `labyrinth lesson` lists
    /// their names, and "sandbox" is the sandbox in the same way.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["seed", "buddyinfo", "journal", "watch", "open"])]
    pub(super) lesson: Option<String>,
    /// Show a raid that was played: its journal, a link to it, or its code.
    #[arg(long, value_name = "FILE|LINK|CODE", conflicts_with_all = ["seed", "zone", "buddyinfo", "kit", "modifier", "journal"])]
    pub(super) watch: Option<OsString>,
    /// Open the window with what is in this file: a /proc/buddyinfo or pagetypeinfo, a kernel log, a trace of the page
    /// allocator, a script of the sandbox, or a journal; packed by gzip, xz or zstd or not.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["seed", "buddyinfo", "watch"])]
    pub(super) open: Option<PathBuf>,
    /// Say on stderr, once a second, how many frames were drawn in it; none are while nothing moves.
    #[arg(long)]
    pub(super) frames: bool,
}

/// Where a raid takes place.
#[derive(Debug, Args)]
pub(super) struct PlaceArgs {
    /// The zone to raid.
    #[arg(long, value_name = "NAME", default_value = "dma")]
    pub(super) zone: String,
    /// Lay the zone out with the free blocks of a line of this file, in the format of /proc/buddyinfo; or of the first
    /// report in a kernel log.
    ///
    /// A line that does not fit into the zone as it is, is scaled to it, order by order; docs/real-input.md says how,
    /// and `labyrinth raid` prints the free blocks that came of it. Without the next two options the line with the
    /// most free pages is taken.
    #[arg(long, value_name = "FILE")]
    pub(super) buddyinfo: Option<PathBuf>,
    /// Take the line of this memory node.
    #[arg(
        long,
        value_name = "N",
        requires = "buddyinfo",
        value_parser = node,
        allow_negative_numbers = true
    )]
    pub(super) buddyinfo_node: Option<u32>,
    /// Take the line of this zone of the kernel's: DMA, DMA32, Normal.
    #[arg(long, value_name = "NAME", requires = "buddyinfo")]
    pub(super) buddyinfo_zone: Option<String>,
}

/// What is brought into a raid.
#[derive(Debug, Args)]
pub(super) struct KitArgs {
    /// Items to bring, with commas between them; docs/rules.md says what each does.
    #[arg(
        long,
        value_name = "ITEM,...",
        default_value = "",
        hide_default_value = true
    )]
    pub(super) kit: Loadout,
    /// A parameter of the kernel's command line that changes the raid; may be given several times. docs/rules.md says
    /// what each does.
    #[arg(long, value_name = "PARAMETER")]
    pub(super) modifier: Vec<Modifier>,
}

impl KitArgs {
    /// The modifiers, each once.
    pub(super) fn modifiers(&self) -> Result<Modifiers, CliError> {
        let list = self.modifier.iter().copied();
        Modifiers::of(list).map_err(|error| CliError::Input(format!("--modifier: {error}")))
    }
}

/// Options of `labyrinth raid`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  labyrinth raid --bot careful --seed 7
  labyrinth raid --bot greedy --seed 7 --journal greedy.journal && labyrinth replay greedy.journal
  labyrinth raid --bot careful --seed 7 --buddyinfo /proc/buddyinfo --buddyinfo-zone Normal")]
pub(super) struct RaidArgs {
    /// Who plays.
    #[arg(long, value_name = "NAME", value_parser = bots())]
    pub(super) bot: String,
    /// The raid's seed; drawn from the clock if not given.
    #[arg(long, value_name = "N", value_parser = seed, allow_negative_numbers = true)]
    pub(super) seed: Option<u64>,
    #[command(flatten)]
    pub(super) place: PlaceArgs,
    #[command(flatten)]
    pub(super) kit: KitArgs,
    /// Write the raid's journal here: its beginning at once, all of it at the end.
    #[arg(long, value_name = "FILE")]
    pub(super) journal: Option<PathBuf>,
    /// Tell what the allocator does in sight as well: splits, merges, who takes and gives back.
    #[arg(long)]
    pub(super) detail: bool,
}

/// Options of `labyrinth simulate`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  labyrinth simulate --bot careful --runs 200
  labyrinth simulate --bot all --seeds 1-500
  labyrinth simulate --bot novice,careful --runs 1000 --seed 5000 --csv raids.csv
  labyrinth simulate --bot careful --runs 1000 --without rt
  labyrinth simulate --bot careful --runs 400 --worth

Prints a table of each kind with a row a bot. --csv and --json write a row a raid: zone, bot, seed, outcome, turns,
pages, blocks, score, grabs by what they needed, what the preview had called a NULL, rooms cleared, references lost, ways. The
JSON file is one object: {\"rules\",\"zone\",\"first_seed\",\"last_seed\",\"raids\":[...],\"bots\":[...]}, where \"bots\"
has the raw counts of the tables. All figures are the same for any number of jobs.")]
pub(super) struct SimulateArgs {
    /// The zone to raid.
    #[arg(long, value_name = "NAME", default_value = "dma")]
    pub(super) zone: String,
    /// Who plays: one, several with commas between them, or all.
    #[arg(long, value_name = "NAME,...", value_parser = bots_or_all(), value_delimiter = ',', required = true)]
    pub(super) bot: Vec<String>,
    /// How many raids each plays.
    #[arg(
        long,
        value_name = "N",
        value_parser = runs,
        allow_negative_numbers = true,
        required_unless_present = "seeds"
    )]
    pub(super) runs: Option<u32>,
    /// Seed of the first raid; the next ones count on.
    #[arg(long, value_name = "FIRST", default_value_t = 1, value_parser = seed, allow_negative_numbers = true)]
    pub(super) seed: u64,
    /// The seeds from FIRST to LAST; instead of --runs and --seed.
    #[arg(long, value_name = "FIRST-LAST", value_parser = seeds, allow_negative_numbers = true, conflicts_with_all = ["runs", "seed"])]
    pub(super) seeds: Option<(u64, u64)>,
    /// Take every task of this kind out of the zone, to see which figures it moves.
    #[arg(long, value_name = "TASK")]
    pub(super) without: Option<String>,
    /// Compare: the same raids with and without each task, item and modifier, and the figure that moves most.
    ///
    /// Items are brought alone. `mem=` leaves three quarters, `hugepages=` takes a sixteenth, `watchdog_thresh=` is 6.
    #[arg(long, conflicts_with_all = ["without", "csv", "json", "modifier"])]
    pub(super) worth: bool,
    #[command(flatten)]
    pub(super) kit: KitArgs,
    /// Write the raids here as comma-separated values.
    #[arg(long, value_name = "FILE")]
    pub(super) csv: Option<PathBuf>,
    /// Write the raids and the sums here as JSON.
    #[arg(long, value_name = "FILE")]
    pub(super) json: Option<PathBuf>,
    /// Raids played at the same time; as many as there are processors if not given.
    ///
    /// Fewer, if the system does not let so many threads start.
    #[arg(long, value_name = "N", value_parser = jobs, allow_negative_numbers = true)]
    pub(super) jobs: Option<u32>,
}

/// Options of `labyrinth catalogue`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  labyrinth catalogue --zone dma --seeds 1-50

What is printed depends on the rules alone; tests compare it with tests/data/catalogue.")]
pub(super) struct CatalogueArgs {
    /// The zone.
    #[arg(long, value_name = "NAME", default_value = "dma")]
    pub(super) zone: String,
    /// The seeds from FIRST to LAST.
    #[arg(
        long,
        value_name = "FIRST-LAST",
        default_value = "1-50",
        value_parser = seeds,
        allow_negative_numbers = true
    )]
    pub(super) seeds: (u64, u64),
    /// Write it here instead of printing it.
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,
}

/// Options of `labyrinth replay`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  labyrinth raid --bot careful --seed 7 --journal a.journal && labyrinth replay a.journal
  labyrinth replay \"$(labyrinth link a.journal)\"")]
pub(super) struct ReplayArgs {
    /// The journal; or a link to a raid (replay=CODE, with or without the address before it); or the code alone.
    ///
    /// A link and a code have the state hash of the last turn only. A file of that name comes first.
    #[arg(value_name = "FILE|LINK|CODE")]
    pub(super) what: OsString,
    /// Write the figures of each turn here as comma-separated values: free pages, marks, bag, references, watchdog, hash.
    #[arg(long, value_name = "FILE")]
    pub(super) csv: Option<PathBuf>,
    /// Write the same here as JSON.
    #[arg(long, value_name = "FILE")]
    pub(super) json: Option<PathBuf>,
}

/// Options of `labyrinth link`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  labyrinth raid --bot careful --seed 7 --journal a.journal && labyrinth link a.journal

What is printed goes behind the address of the game's page. The raid is replayed first.")]
pub(super) struct LinkArgs {
    /// The journal, of a raid that has ended or goes on.
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,
}

/// Options of `labyrinth sounds`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  labyrinth sounds --out sounds && aplay sounds/merge.wav

The files are 16 bits, one channel, 22050 Hz; a sound with variations has one file for each (step.wav, step-2.wav, ...).")]
pub(super) struct SoundsArgs {
    /// Write a WAV file of every sound into this folder, which is made if it is missing.
    #[arg(long, value_name = "FOLDER")]
    pub(super) out: Option<PathBuf>,
}

/// Options of `labyrinth profile`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  labyrinth profile
  labyrinth profile --buy drop_caches

An item costs one block of contiguous pages; what is left of a larger block stays in the stash, split in halves.")]
pub(super) struct ProfileArgs {
    /// Buy this item first.
    #[arg(long, value_name = "ITEM")]
    pub(super) buy: Option<String>,
    /// Print the profile as it is kept, as JSON.
    #[arg(long)]
    pub(super) json: bool,
    /// Print the runs as comma-separated values instead, oldest first.
    #[arg(long, conflicts_with = "json")]
    pub(super) csv: bool,
    /// The folder where it is kept; the game's own if not given.
    #[arg(long, value_name = "DIR")]
    pub(super) folder: Option<PathBuf>,
}

/// The most raids of one bot in one simulation.
const MAX_RUNS: u32 = 10_000_000;

/// Stands for every bot.
pub(super) const ALL_BOTS: &str = "all";

/// The names of the bots, with how each plays for the help.
fn bots() -> PossibleValuesParser {
    bot_names().into()
}

fn bots_or_all() -> PossibleValuesParser {
    let mut names = bot_names();
    names.push(PossibleValue::new(ALL_BOTS).help("each of them"));
    names.into()
}

fn bot_names() -> Vec<PossibleValue> {
    Player::names()
        .map(|(name, habits)| PossibleValue::new(name).help(habits))
        .collect()
}

/// A whole number of this range.
fn whole<T>(text: &str, range: RangeInclusive<T>) -> Result<T, String>
where
    T: FromStr + PartialOrd + Display,
{
    text.parse()
        .ok()
        .filter(|number| range.contains(number))
        .ok_or_else(|| {
            let (least, most) = range.into_inner();
            format!("expected a whole number from {least} to {most}")
        })
}

fn seed(text: &str) -> Result<u64, String> {
    whole(text, 0..=MAX_SEED)
}

/// A range of seeds, or one.
fn seeds(text: &str) -> Result<(u64, u64), String> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let most = MAX_RUNS - 1;
    match (seed(first), seed(last)) {
        (Ok(first), Ok(last)) if first <= last && last - first <= u64::from(most) => {
            Ok((first, last))
        }
        _ => Err(format!(
            "expected FIRST-LAST, two seeds from 0 to {MAX_SEED}, the first not above the last, at most {MAX_RUNS} in all"
        )),
    }
}

fn node(text: &str) -> Result<u32, String> {
    whole(text, 0..=u32::MAX)
}

fn runs(text: &str) -> Result<u32, String> {
    whole(text, 1..=MAX_RUNS)
}

fn jobs(text: &str) -> Result<u32, String> {
    whole(text, 1..=1024)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_definition_of_the_arguments_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn numbers_out_of_range_say_which_are_expected() {
        assert_eq!(seed("0"), Ok(0));
        assert_eq!(seed("999999999"), Ok(999_999_999));
        for text in ["", "-1", "1000000000", "7.5", "seven"] {
            assert_eq!(
                seed(text),
                Err("expected a whole number from 0 to 999999999".to_string()),
                "{text}"
            );
        }
        assert_eq!(seeds("1-50"), Ok((1, 50)));
        assert_eq!(seeds("7"), Ok((7, 7)));
        for text in [
            "",
            "-",
            "-1",
            "1-",
            "5-4",
            "1-2-3",
            "0-1000000000",
            "0-10000000",
        ] {
            let error = seeds(text).expect_err(text);
            assert!(error.starts_with("expected FIRST-LAST"), "{text}: {error}");
        }
        assert!(runs("0").is_err() && jobs("0").is_err() && runs("200") == Ok(200));
    }
}
