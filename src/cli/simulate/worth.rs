//! What each task, item and modifier is worth: the same raids with it and without it, and the figure that moves most.

use std::io::{self, Write as _};
use std::sync::Arc;

use super::watch::Record;
use super::{Plan, play_all};
use crate::cli::CliError;
use crate::raid::{Item, Loadout, Modifier, Modifiers, Rules};

/// Standard errors from which on a figure is said to move. Of so many figures one or the other moves by three by chance.
const MOVES: u64 = 40;

/// A figure of a raid, by name.
type Figure = (&'static str, fn(&Record) -> u32);

/// What is compared.
const FIGURES: [Figure; 22] = [
    ("raids with loot", |raid| u32::from(raid.pages > 0)),
    ("raids left empty", |raid| ended(raid, "empty")),
    ("NULLs", |raid| ended(raid, "null")),
    ("deaths by references", |raid| ended(raid, "references")),
    ("deaths by the Minotaur", |raid| ended(raid, "minotaur")),
    ("lockups", |raid| ended(raid, "watchdog")),
    ("turns", |raid| raid.turns),
    ("pages brought out", |raid| raid.pages),
    ("blocks granted", |raid| raid.grabs.all()),
    ("blocks made first", |raid| raid.grabs.made()),
    ("blocks in sight", |raid| raid.grabs.in_sight),
    ("rooms evicted", |raid| raid.evicted),
    ("rooms moved", |raid| raid.migrated),
    ("isolations", |raid| raid.isolated),
    ("tasks killed", |raid| raid.slain),
    ("lost to kernel rooms", |raid| raid.lost.kernel),
    ("lost to first writes", |raid| raid.lost.first_write),
    ("lost to blows", |raid| raid.lost.blows),
    ("lost to transfers", |raid| raid.lost.transfers),
    ("the Minotaur's hunts", |raid| raid.hunts),
    ("its hunts for you", |raid| raid.hunts_player),
    ("dirty pages at the end", |raid| raid.dirty),
];

fn ended(raid: &Record, word: &str) -> u32 {
    u32::from(raid.outcome == word)
}

/// The figure that differs most between raids with something and the same raids without it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Moved {
    figure: &'static str,
    /// Sums over all raids.
    with: u64,
    without: u64,
    /// The mean difference in tenths of its standard error.
    tenths: u64,
}

/// The figure that moves most.
fn most_moved(with: &[Record], without: &[Record]) -> Option<Moved> {
    FIGURES
        .iter()
        .map(|&(figure, of)| {
            let sum = |raids: &[Record]| raids.iter().map(|raid| u64::from(of(raid))).sum();
            let pairs = with.iter().zip(without);
            let differences: Vec<i128> = pairs
                .map(|(a, b)| i128::from(of(a)) - i128::from(of(b)))
                .collect();
            Moved {
                figure,
                with: sum(with),
                without: sum(without),
                tenths: standard_errors(&differences),
            }
        })
        .max_by_key(|moved| moved.tenths)
}

/// How many tenths of its standard error the mean of some differences is away from 0.
fn standard_errors(differences: &[i128]) -> u64 {
    let n = differences.len().max(1) as i128;
    let sum: i128 = differences.iter().sum();
    let squares: i128 = differences.iter().map(|d| d * d).sum();
    // n times the variance, times n. One more, so that what is always the same is finite.
    let spread = (squares * n - sum * sum).max(0) + 1;
    (100 * sum * sum * n / spread).unsigned_abs().isqrt() as u64
}

/// Plays and prints the table.
pub(super) fn run(rules: &Arc<Rules>, plan: &Plan<'_>, jobs: u32) -> Result<(), CliError> {
    let base = play_all(rules, plan, jobs)?;
    let runs = plan.runs();
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "{runs} raids of {} by {}, seeds {} to {}, with each thing and the same without it\n\n  {:<24}{:>9}{:>9}  {:<24}{:>9}{:>9}  {:>9}\n  {:<24}{:>9}{:>9}  {:<24}{:>9}{:>9}  {:>9}",
        plan.zone,
        plan.bots.join(", by "),
        plan.seeds.0,
        plan.seeds.1,
        "",
        "% loot",
        "",
        "the figure that moves",
        "a raid",
        "",
        "standard",
        "",
        "with",
        "without",
        "most",
        "with",
        "without",
        "errors",
    )?;
    let mut still = Vec::new();
    let mut row = |name: String, with: &[Record], without: &[Record]| -> Result<(), CliError> {
        let loot = |raids: &[Record]| raids.iter().filter(|raid| raid.pages > 0).count() as u64;
        let Some(moved) = most_moved(with, without) else {
            return Ok(());
        };
        writeln!(
            out,
            "  {name:<24}{:>9}{:>9}  {:<24}{:>9}{:>9}  {:>7}.{}",
            super::table::percent(loot(with), with.len() as u64),
            super::table::percent(loot(without), without.len() as u64),
            moved.figure,
            super::table::mean(moved.with, with.len() as u32),
            super::table::mean(moved.without, without.len() as u32),
            moved.tenths / 10,
            moved.tenths % 10,
        )?;
        if moved.tenths < MOVES {
            still.push(name);
        }
        Ok(())
    };
    let zone = rules.zone(plan.zone).ok_or_else(|| {
        CliError::Input(format!("--zone: found \"{}\", expected a zone", plan.zone))
    })?;
    for (task, _) in &zone.tasks {
        let less = Rules::clone(rules).without(task).map_err(CliError::Input)?;
        let without = play_all(&Arc::new(less), plan, jobs)?;
        row(format!("task {task}"), &base, &without)?;
    }
    let none = Loadout::default();
    let bare = if plan.kit.is_empty() {
        base.clone()
    } else {
        play_all(rules, &plan.with(&none, plan.modifiers.clone()), jobs)?
    };
    for item in Item::ALL {
        let kit = Loadout::of([item]).map_err(|error| CliError::Input(error.to_string()))?;
        let with = play_all(rules, &plan.with(&kit, plan.modifiers.clone()), jobs)?;
        row(format!("item {}", item.name()), &with, &bare)?;
    }
    let pages = u32::from(zone.side) * u32::from(zone.side);
    for modifier in [
        Modifier::PagePoison,
        Modifier::InitOnFree,
        Modifier::InitOnAlloc,
        Modifier::Nosmp,
        Modifier::Mem((pages * 3 / 4) >> 8),
        Modifier::Hugepages(pages >> (zone.pageblock_order + 4)),
        Modifier::PanicOnOom,
        Modifier::WatchdogThresh(6),
    ] {
        let one = Modifiers::of([modifier]).map_err(|error| CliError::Input(error.to_string()))?;
        let with = play_all(rules, &plan.with(plan.kit, one), jobs)?;
        row(format!("modifier {modifier}"), &with, &base)?;
    }
    if still.is_empty() {
        writeln!(out, "\nEach moves a figure by 4 standard errors or more.")?;
    } else {
        writeln!(
            out,
            "\nMoves no figure by 4 standard errors: {}.",
            still.join(", ")
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raids(turns: impl Iterator<Item = u32>) -> Vec<Record> {
        turns
            .map(|turns| Record {
                turns,
                ..Record::default()
            })
            .collect()
    }

    #[test]
    fn the_figure_that_moves_most_is_named_with_its_standard_errors() {
        let with = raids((0..100).map(|i| 200 + i % 7));
        let same = most_moved(&with, &with).unwrap();
        assert_eq!(same.tenths, 0);
        let without = raids((0..100).map(|i| 190 + i % 5));
        let moved = most_moved(&with, &without).unwrap();
        assert_eq!((moved.figure, moved.with), ("turns", 20_295));
        assert!(moved.tenths > MOVES, "{moved:?}");
    }

    #[test]
    fn standard_errors_are_those_of_the_textbook() {
        // Mean 2, variance 2 (of the sample itself): 2 / sqrt(2 / 4).
        assert_eq!(standard_errors(&[1, 3, 1, 3]), 38);
        assert_eq!(standard_errors(&[0, 0, 0]), 0);
        assert_eq!(standard_errors(&[-1, 1]), 0);
    }
}
