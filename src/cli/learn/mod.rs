//! What is for learners and teachers: the sandbox, the lessons, and the proofs of both lessons and raids.

mod lesson;
mod sandbox;
mod verify;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;

pub(super) use lesson::{lessons, run as lesson};
pub(super) use sandbox::run as sandbox;
pub(super) use verify::run as verify;

/// Options of `labyrinth sandbox`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  labyrinth sandbox                         type calls: p = alloc_pages(GFP_KERNEL, 3)
  labyrinth sandbox my.sandbox --steps      run a script, each call told step by step
  labyrinth sandbox my.sandbox --compare lifo,fifo,lowest --csv my.csv
  echo 'cat /proc/buddyinfo' | labyrinth sandbox

`help` in the console lists calls and files. A line that fails is told as the kernel or the shell would, and the script
goes on. --csv and --json write a row for each machine and call: free pages, the largest free order, failed requests,
fragmentation index and unusable free space index of each order.")]
pub(crate) struct SandboxArgs {
    /// The script; lines typed or piped in if not given.
    #[arg(value_name = "SCRIPT")]
    pub(super) script: Option<PathBuf>,
    /// Tell each call step by step: lists looked at, splits, merges, zones passed over.
    #[arg(long)]
    pub(super) steps: bool,
    /// Run the script on several machines and print how fragmented each becomes: lifo, fifo, lowest, pcp,
    /// pageblock=ORDER, with commas between them.
    #[arg(
        long,
        value_name = "NAME,...",
        value_delimiter = ',',
        requires = "script"
    )]
    pub(super) compare: Vec<String>,
    /// Write the fragmentation after each call here as comma-separated values.
    #[arg(long, value_name = "FILE", requires = "script")]
    pub(super) csv: Option<PathBuf>,
    /// Write the same here as JSON.
    #[arg(long, value_name = "FILE", requires = "script")]
    pub(super) json: Option<PathBuf>,
}

/// Options of `labyrinth lesson`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  labyrinth lesson                          list the lessons
  labyrinth lesson split                    play one here, as text
  labyrinth lesson split --check my.inputs --learner 'A. Turing'
  labyrinth lesson --folder my-lessons      list those of a folder; each file is checked
  labyrinth lesson split --answers          the inputs that lead to its end, for teachers
  labyrinth lesson --table                  what is read in each, and how soon there is something to do

A file of inputs has one a line: click 0x10, choose 1 (counted from 0), type 3, next, hint, undo, redo, step, scrub 2,
restart; any other line is a call. When the lesson is done its proof is printed: see `labyrinth verify`.")]
pub(crate) struct LessonArgs {
    /// The lesson; without it all are listed.
    #[arg(value_name = "NAME")]
    pub(super) name: Option<String>,
    /// Play the inputs of this file instead of those typed.
    #[arg(long, value_name = "FILE", requires = "name")]
    pub(super) check: Option<PathBuf>,
    /// Print the inputs that lead to its end, as --check takes them.
    #[arg(long, requires = "name", conflicts_with = "check")]
    pub(super) answers: bool,
    /// Print for each lesson what is read, at 200 words a minute, and how many presses come before the first answer.
    #[arg(long, conflicts_with = "name")]
    pub(super) table: bool,
    /// A name to put into the proof.
    #[arg(long, value_name = "NAME")]
    pub(super) learner: Option<String>,
    /// Read lessons (*.ron) from this folder instead of the shipped ones.
    #[arg(long, value_name = "FOLDER")]
    pub(super) folder: Option<PathBuf>,
}

/// Options of `labyrinth verify`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  labyrinth verify L1.ZnJhbWVzIDEK...           a lesson's proof
  labyrinth verify \"$(labyrinth link a.journal)\" a raid's link or replay code

What is claimed is played again, without a network. Exit status 0 if it holds, 2 if not.")]
pub(crate) struct VerifyArgs {
    /// A lesson's proof, a raid's replay code, a link to one, or a file with one of these a line.
    #[arg(value_name = "CODE|LINK|FILE")]
    pub(super) what: OsString,
    /// Lessons (*.ron) of this folder instead of the shipped ones.
    #[arg(long, value_name = "FOLDER")]
    pub(super) folder: Option<PathBuf>,
}
