//! `labyrinth profile`: what is kept of the player: zones, scores, stash, kit and runs; and buying from the stash.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::PathBuf;

use super::args::ProfileArgs;
use super::line::{one_of, shown};
use super::{CliError, sources};
use crate::profile::{
    FileShelf, HOME_VARIABLE, Keeper, MODE_RAID, PROFILE_KEY, Profile, Run, Shelf as _,
    default_folder,
};
use crate::raid::{Item, Rules};

/// Runs and scores that are listed.
const LINES: u32 = 5;

/// Prints the profile, after buying what was asked for.
pub(super) fn run(args: &ProfileArgs) -> Result<(), CliError> {
    let rules = sources::rules()?;
    let folder = args.folder.clone().or_else(default_folder);
    let folder: PathBuf = folder.ok_or_else(|| {
        CliError::Input(format!(
            "found no folder where a profile is kept, expected --folder DIR or the variable {HOME_VARIABLE}"
        ))
    })?;
    let shelf = FileShelf::new(folder);
    // Only who buys writes: to look at what is damaged must not move it.
    if let Some(item) = &args.buy {
        buy(&rules, &shelf, item)?;
    }
    let text = shelf
        .read(PROFILE_KEY)
        .map_err(|error| CliError::Input(error.to_string()))?;
    let profile = match text {
        Some(text) => {
            let file = shelf.folder().join(PROFILE_KEY);
            Profile::parse(&text)
                .map_err(|error| CliError::Input(format!("{}: {error}", file.display())))?
        }
        None => Profile::default(),
    };
    let mut out = io::stdout().lock();
    if args.json {
        writeln!(out, "{profile}")?;
    } else if args.csv {
        out.write_all(profile.runs_csv().as_bytes())?;
    } else {
        out.write_all(account(&rules, &profile).as_bytes())?;
    }
    Ok(())
}

fn buy(rules: &Rules, shelf: &FileShelf, name: &str) -> Result<(), CliError> {
    let refused = |why: String| CliError::Input(format!("--buy: {why}"));
    let item = Item::by_name(name).ok_or_else(|| {
        let known = one_of(Item::ALL.map(Item::name));
        refused(format!("no item is called \"{}\", {known}", shown(name)))
    })?;
    let mut keeper = Keeper::open(shelf.clone());
    let price = rules.armoury.spec(item).price;
    let news = keeper.news();
    if !news.is_empty() {
        return Err(refused(news.join(" ")));
    }
    keeper
        .buy(item.name(), price)
        .map_err(|error| refused(error.to_string()))?;
    let news = keeper.news();
    if news.is_empty() {
        Ok(())
    } else {
        Err(refused(news.join(" ")))
    }
}

/// The profile for people.
fn account(rules: &Rules, profile: &Profile) -> String {
    let mut text = String::from("zones\n");
    for zone in &rules.zones {
        let name = &zone.name;
        let state = profile
            .how_to_open(rules, name)
            .unwrap_or_else(|| "open".into());
        let _ = writeln!(text, "  {name:<8}{state}");
        if let Some(progress) = profile.home().progress(name) {
            let largest = match progress.order {
                Some(order) => format!(", the largest block of order {order}"),
                None => String::new(),
            };
            let _ = writeln!(
                text,
                "          brought something home {}{largest}",
                times(progress.extractions)
            );
        }
        let played = profile.runs().iter().filter(|run| run.zone == *name);
        let challenges: BTreeSet<&str> = played.map(|run| run.modifiers.as_str()).collect();
        for modifiers in challenges {
            let best = profile.scores(name, MODE_RAID, modifiers, LINES);
            if !best.is_empty() && !modifiers.is_empty() {
                let _ = writeln!(text, "          under {modifiers}");
            }
            for run in best {
                let _ = writeln!(text, "          {}", result(run));
            }
        }
    }
    let home = profile.home();
    let _ = writeln!(
        text,
        "\nstash: {} pages in {} blocks",
        home.pages(),
        home.stash().len()
    );
    for same in home.stash().chunk_by(|one, other| one.order == other.order) {
        let pages = 1u32 << same[0].order;
        let _ = writeln!(
            text,
            "  order {:<4}{:>4} of {pages} contiguous pages",
            same[0].order,
            same.len()
        );
    }
    let _ = writeln!(text, "\nkit: {} slots", rules.armoury.slots);
    for spec in &rules.armoury.items {
        let name = spec.item.name();
        let owned = match (spec.price, home.owns(name)) {
            (None, _) => "basic, always there".to_string(),
            (Some(price), 0) => format!("costs a block of order {price}"),
            (Some(price), count) => format!("{count} owned; costs a block of order {price}"),
        };
        let _ = writeln!(text, "  {name:<16}{} slots  {owned}", spec.slots);
    }
    let runs = profile.runs();
    let _ = writeln!(text, "\nruns: {}", runs.len());
    for run in runs.iter().rev().take(LINES as usize) {
        let _ = writeln!(text, "  {} {}", run.zone, result(run));
    }
    text
}

fn times(count: u32) -> String {
    match count {
        1 => "once".into(),
        count => format!("{count} times"),
    }
}

/// How a run ended, in a line.
fn result(run: &Run) -> String {
    let mut text = format!(
        "{} points: {}, {} pages, {} turns, seed {}",
        run.points(),
        run.outcome,
        run.pages,
        run.turns,
        run.seed
    );
    if !run.kit.is_empty() {
        let _ = write!(text, ", kit {}", run.kit);
    }
    text
}
