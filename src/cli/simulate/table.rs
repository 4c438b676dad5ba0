//! What came of many raids: counts, quantiles, and the tables they are printed in.

use std::fmt;

use serde::Serialize;

use super::watch::Record;

/// The raids of one bot, summed up. Counts are of raids unless said otherwise.
#[derive(Debug, Default, Serialize)]
pub(super) struct Summary {
    bot: String,
    runs: u32,
    extracted_with_loot: u32,
    extracted_empty: u32,
    deaths: Deaths,
    median_turns: u32,
    pages: Pages,
    score: Score,
    grabs: Needs,
    nulls: Called,
    /// In all raids.
    refs_lost: Tolls,
    ways: Open,
}

/// The deaths among them, by cause.
#[derive(Debug, Default, Serialize)]
struct Deaths {
    null: u32,
    references: u32,
    minotaur: u32,
    watchdog: u32,
}

/// Pages brought out; a raid that brings out none counts as 0.
#[derive(Debug, Default, Serialize)]
struct Pages {
    /// Of all raids together.
    sum: u64,
    p10: u32,
    p25: u32,
    median: u32,
    p75: u32,
    p90: u32,
    most: u32,
    /// Among the raids with loot only.
    median_of_loot: u32,
}

/// Scores; a raid that brings out nothing scores 0.
#[derive(Debug, Default, Serialize)]
struct Score {
    /// Of all raids together.
    sum: u64,
    median: u32,
    most: u32,
}

/// Grabs that were granted, by what they needed.
#[derive(Debug, Default, Serialize)]
struct Needs {
    granted: u64,
    in_sight: u64,
    cleared: u64,
    freed: u64,
    isolated: u64,
    unseen: u64,
}

/// Grabs that returned NULL, by what the preview had called them.
#[derive(Debug, Default, Serialize)]
struct Called {
    fatal: u32,
    unknown: u32,
    certain: u32,
}

/// References lost, by what took them.
#[derive(Debug, Default, Serialize)]
struct Tolls {
    kernel: u64,
    first_write: u64,
    blows: u64,
    transfers: u64,
}

/// How often a device could be reached without entering a kernel room.
#[derive(Debug, Default, Serialize)]
struct Open {
    devices: u64,
    devices_clear: u64,
    interrupts: u64,
    interrupts_clear: u64,
}

impl Summary {
    /// Sums up one bot's raids.
    pub fn of(bot: &str, raids: &[Record]) -> Self {
        let of = |word: &str| raids.iter().filter(|raid| raid.outcome == word).count() as u32;
        let sum = |figure: fn(&Record) -> u32| raids.iter().map(figure).map(u64::from).sum();
        let called = |word| raids.iter().filter(|raid| raid.null_called == word).count() as u32;
        let turns = sorted(raids.iter().map(|raid| raid.turns));
        let pages = sorted(raids.iter().map(|raid| raid.pages));
        let scores = sorted(raids.iter().map(|raid| raid.score));
        let loot = sorted(raids.iter().map(|raid| raid.pages).filter(|&n| n > 0));
        Self {
            bot: bot.into(),
            runs: raids.len() as u32,
            extracted_with_loot: of("extracted"),
            extracted_empty: of("empty"),
            deaths: Deaths {
                null: of("null"),
                references: of("references"),
                minotaur: of("minotaur"),
                watchdog: of("watchdog"),
            },
            median_turns: median(&turns),
            pages: Pages {
                sum: sum(|raid| raid.pages),
                p10: quantile(&pages, 10),
                p25: quantile(&pages, 25),
                median: median(&pages),
                p75: quantile(&pages, 75),
                p90: quantile(&pages, 90),
                most: pages.last().copied().unwrap_or(0),
                median_of_loot: median(&loot),
            },
            score: Score {
                sum: sum(|raid| raid.score),
                median: median(&scores),
                most: scores.last().copied().unwrap_or(0),
            },
            grabs: Needs {
                granted: sum(|raid| raid.grabs.all()),
                in_sight: sum(|raid| raid.grabs.in_sight),
                cleared: sum(|raid| raid.grabs.cleared),
                freed: sum(|raid| raid.grabs.freed),
                isolated: sum(|raid| raid.grabs.isolated),
                unseen: sum(|raid| raid.grabs.unseen),
            },
            nulls: Called {
                fatal: called("fatal"),
                unknown: called("unknown"),
                certain: called("certain"),
            },
            refs_lost: Tolls {
                kernel: sum(|raid| raid.lost.kernel),
                first_write: sum(|raid| raid.lost.first_write),
                blows: sum(|raid| raid.lost.blows),
                transfers: sum(|raid| raid.lost.transfers),
            },
            ways: Open {
                devices: sum(|raid| raid.at_start.all),
                devices_clear: sum(|raid| raid.at_start.clear),
                interrupts: sum(|raid| raid.at_interrupt.all),
                interrupts_clear: sum(|raid| raid.at_interrupt.clear),
            },
        }
    }
}

/// A list after the word that introduces it; nothing of an empty one.
fn named(word: &str, list: &str) -> String {
    if list.is_empty() {
        String::new()
    } else {
        format!("{word}{list}")
    }
}

/// In ascending order.
fn sorted(numbers: impl Iterator<Item = u32>) -> Vec<u32> {
    let mut numbers: Vec<u32> = numbers.collect();
    numbers.sort_unstable();
    numbers
}

/// The middle one of sorted numbers, or the mean of the two middle ones rounded down; 0 of none.
fn median(sorted: &[u32]) -> u32 {
    match sorted.len() {
        0 => 0,
        n if n % 2 == 1 => sorted[n / 2],
        n => u32::midpoint(sorted[n / 2 - 1], sorted[n / 2]),
    }
}

/// The smallest of sorted numbers that so many per cent of them do not exceed; 0 of none.
fn quantile(sorted: &[u32], percent: u64) -> u32 {
    let rank = (sorted.len() as u64 * percent).div_ceil(100).max(1);
    sorted.get(rank as usize - 1).copied().unwrap_or(0)
}

/// A share in per cent with one decimal; `-` of nothing.
pub(super) fn percent(count: u64, of: u64) -> String {
    if of == 0 {
        return "-".into();
    }
    let permille = (count * 1000 + of / 2) / of;
    format!("{}.{}", permille / 10, permille % 10)
}

/// A mean with two decimals.
pub(super) fn mean(sum: u64, of: u32) -> String {
    let of = u64::from(of.max(1));
    let hundredths = (sum * 100 + of / 2) / of;
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// The tables for people: a row a bot in each.
pub(super) struct Tables<'a> {
    pub zone: &'a str,
    /// The kind of task that was taken out, if one was.
    pub without: Option<&'a str>,
    /// What was brought, and the modifiers in force, as they are written.
    pub kit: String,
    pub modifiers: String,
    pub seeds: (u64, u64),
    pub bots: &'a [Summary],
}

impl fmt::Display for Tables<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, last) = self.seeds;
        let runs = last - first + 1;
        let names: Vec<&str> = self.bots.iter().map(|bot| bot.bot.as_str()).collect();
        writeln!(
            f,
            "{runs} raids of {}{}{}{} by {}, seeds {first} to {last}",
            self.zone,
            self.without
                .map_or_else(String::new, |task| format!(" without {task}")),
            named(" with ", &self.kit),
            named(" under ", &self.modifiers),
            names.join(", by ")
        )?;
        let raids = |bot: &Summary, count: u32| percent(count.into(), bot.runs.into());
        self.table(
            f,
            "how they end, in % of the raids, and the median of turns",
            &[
                "with loot",
                "empty",
                "NULL",
                "references",
                "Minotaur",
                "lockup",
                "turns",
            ],
            |bot| {
                vec![
                    raids(bot, bot.extracted_with_loot),
                    raids(bot, bot.extracted_empty),
                    raids(bot, bot.deaths.null),
                    raids(bot, bot.deaths.references),
                    raids(bot, bot.deaths.minotaur),
                    raids(bot, bot.deaths.watchdog),
                    bot.median_turns.to_string(),
                ]
            },
        )?;
        self.table(
            f,
            "pages brought out: 0 for a raid without loot",
            &[
                "mean",
                "10 %",
                "25 %",
                "median",
                "75 %",
                "90 %",
                "most",
                "median of loot",
            ],
            |bot| {
                let pages = &bot.pages;
                let quantiles = [
                    pages.p10,
                    pages.p25,
                    pages.median,
                    pages.p75,
                    pages.p90,
                    pages.most,
                    pages.median_of_loot,
                ];
                let mut row = vec![mean(pages.sum, bot.runs)];
                row.extend(quantiles.map(|n| n.to_string()));
                row
            },
        )?;
        self.table(
            f,
            "score: pages weighted by the order of their block, and haste; 0 for a raid without loot",
            &["mean", "median", "most"],
            |bot| {
                let score = &bot.score;
                vec![
                    mean(score.sum, bot.runs),
                    score.median.to_string(),
                    score.most.to_string(),
                ]
            },
        )?;
        self.table(
            f,
            "grabs granted, and in % of them: a block in sight; made first by clearing, freeing, isolating; not in sight",
            &["granted", "a raid", "in sight", "made", "clearing", "freeing", "isolating", "unseen"],
            |bot| {
                let grabs = &bot.grabs;
                let made = grabs.cleared + grabs.freed + grabs.isolated;
                let mut row = vec![grabs.granted.to_string(), mean(grabs.granted, bot.runs)];
                let shares = [
                    grabs.in_sight,
                    made,
                    grabs.cleared,
                    grabs.freed,
                    grabs.isolated,
                    grabs.unseen,
                ];
                row.extend(shares.map(|count| percent(count, grabs.granted)));
                row
            },
        )?;
        self.table(
            f,
            "grabs that returned NULL, and in % of them: what the preview had said",
            &["NULLs", "fatal", "unknown", "certain"],
            |bot| {
                let nulls = &bot.nulls;
                let counts = [nulls.fatal, nulls.unknown, nulls.certain];
                let all: u32 = counts.iter().sum();
                let mut row = vec![all.to_string()];
                row.extend(counts.map(|count| percent(count.into(), all.into())));
                row
            },
        )?;
        self.table(
            f,
            "references lost a raid: to kernel rooms, first writes, blows, transfers",
            &["kernel", "first write", "blows", "transfers"],
            |bot| {
                let lost = &bot.refs_lost;
                let sums = [lost.kernel, lost.first_write, lost.blows, lost.transfers];
                sums.map(|sum| mean(sum, bot.runs)).into()
            },
        )?;
        self.table(
            f,
            "in % of devices, at turn 0 and when they raise interrupts: there is a way that enters no kernel room",
            &["at turn 0", "at interrupts"],
            |bot| {
                let ways = &bot.ways;
                vec![
                    percent(ways.devices_clear, ways.devices),
                    percent(ways.interrupts_clear, ways.interrupts),
                ]
            },
        )
    }
}

impl Tables<'_> {
    fn table(
        &self,
        f: &mut fmt::Formatter<'_>,
        title: &str,
        heads: &[&str],
        row: impl Fn(&Summary) -> Vec<String>,
    ) -> fmt::Result {
        writeln!(f, "\n{title}")?;
        write!(f, "  {:<8}", "bot")?;
        for head in heads {
            write!(f, "  {head:>7}")?;
        }
        writeln!(f)?;
        for bot in self.bots {
            write!(f, "  {:<8}", bot.bot)?;
            for (cell, head) in row(bot).iter().zip(heads) {
                let width = head.len().max(7);
                write!(f, "  {cell:>width$}")?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}
