//! Where raids come from: the shipped rules, a seed, a line of a buddyinfo file.

use std::path::Path;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use super::CliError;
use super::args::{KitArgs, PlaceArgs};
use super::line::{one_of, shown};
use crate::bot::Player;
use crate::kernel_text::buddyinfo::{self, BuddyLine};
use crate::raid::{MAX_SEED, Raid, Rules, Setup, SetupError};
use crate::storage;

/// The rules the game ships with.
pub(super) fn rules() -> Result<Arc<Rules>, CliError> {
    Rules::shipped()
        .map(Arc::new)
        .map_err(|error| CliError::Input(error.to_string()))
}

/// The raid that the options describe, at turn 0.
pub(super) fn raid(
    rules: &Arc<Rules>,
    place: &PlaceArgs,
    kit: &KitArgs,
    seed: u64,
) -> Result<Raid, CliError> {
    let layout = place
        .buddyinfo
        .as_deref()
        .map(|file| layout(file, place.buddyinfo_node, place.buddyinfo_zone.as_deref()))
        .transpose()?;
    let zone = place.zone.clone();
    let setup = Setup {
        zone,
        seed,
        layout,
        loadout: kit.kit.clone(),
        modifiers: kit.modifiers()?,
    };
    Raid::new(Arc::clone(rules), setup).map_err(|error| match (error, &place.buddyinfo) {
        (error @ (SetupError::Layout { .. } | SetupError::TooFull { .. }), Some(file)) => {
            CliError::Input(format!("{}: {error}", file.display()))
        }
        (error, _) => cannot_begin(rules, &error),
    })
}

/// Why a raid of the zone that was asked for cannot begin.
pub(super) fn cannot_begin(rules: &Rules, error: &SetupError) -> CliError {
    CliError::Input(match error {
        SetupError::UnknownZone { name, .. } => format!(
            "--zone: no zone is called \"{}\", {}",
            shown(name),
            one_of(rules.zones.iter().map(|zone| &zone.name))
        ),
        SetupError::Modifier(error) => format!("--modifier: {error}"),
        SetupError::Kit(error) => format!("--kit: {error}"),
        other => other.to_string(),
    })
}

/// The player of this name, ready for the raid with this seed.
pub(super) fn player(name: &str, seed: u64) -> Result<Player, CliError> {
    Player::by_name(name, seed).ok_or_else(|| {
        let expected = one_of(Player::names().map(|(name, _)| name));
        CliError::Input(format!(
            "--bot: unknown bot \"{}\", {expected}",
            shown(name)
        ))
    })
}

/// A seed nobody chose: from the clock.
pub(super) fn seed_of_the_clock() -> u64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    (since.as_nanos() % u128::from(MAX_SEED + 1)) as u64
}

fn layout(file: &Path, node: Option<u32>, zone: Option<&str>) -> Result<[u64; 11], CliError> {
    let text = storage::load(file)?;
    let lines = match buddyinfo::parse(&text) {
        Ok(lines) => lines,
        // It may be a log with a kernel's report, which has the same counts in another form.
        Err(error) => {
            of_log(&text).ok_or_else(|| CliError::Input(format!("{}: {error}", file.display())))?
        }
    };
    if lines.is_empty() {
        let found = if text.is_empty() {
            "an empty file"
        } else {
            "blank lines alone"
        };
        return Err(CliError::Input(format!(
            "{}: line 1: found {found}, expected lines like those of /proc/buddyinfo",
            file.display()
        )));
    }
    choose(&lines, node, zone)
        .map(|line| line.free)
        .ok_or_else(|| {
            CliError::Input(format!(
                "{}: {}",
                file.display(),
                no_such_line(&lines, node, zone)
            ))
        })
}

/// The zones of the first report in a kernel log that has any free lists.
fn of_log(text: &str) -> Option<Vec<BuddyLine>> {
    let log = crate::explain::read(text);
    let mut zones = log.reports.iter().map(super::explain::buddyinfo);
    zones.find(|zones| !zones.is_empty())
}

/// The line that is asked for; of several, the one with the most free pages, and of equal ones the first.
fn choose<'l>(
    lines: &'l [BuddyLine],
    node: Option<u32>,
    zone: Option<&str>,
) -> Option<&'l BuddyLine> {
    let mut best: Option<&BuddyLine> = None;
    for line in lines {
        let asked_for =
            node.is_none_or(|node| line.node == node) && zone.is_none_or(|zone| line.zone == zone);
        if asked_for && best.is_none_or(|best| free_pages(line) > free_pages(best)) {
            best = Some(line);
        }
    }
    best
}

fn free_pages(line: &BuddyLine) -> u128 {
    line.free
        .iter()
        .enumerate()
        .map(|(order, &blocks)| u128::from(blocks) << order)
        .sum()
}

fn no_such_line(lines: &[BuddyLine], node: Option<u32>, zone: Option<&str>) -> String {
    let of_node = node.map(|node| format!(" of node {node}"));
    let of_zone = zone.map(|zone| format!(" of zone {}", shown(zone)));
    let there = lines
        .iter()
        .map(|line| format!("node {} zone {}", line.node, line.zone));
    format!(
        "no line{}{}, {}",
        of_node.unwrap_or_default(),
        of_zone.unwrap_or_default(),
        one_of(there)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(node: u32, zone: &str, order_0: u64, order_10: u64) -> BuddyLine {
        let mut free = [0; 11];
        free[0] = order_0;
        free[10] = order_10;
        BuddyLine {
            node,
            zone: zone.into(),
            free,
        }
    }

    #[test]
    fn the_line_with_the_most_free_pages_is_taken_unless_one_is_named() {
        let lines = [
            line(0, "DMA", 5000, 0),
            line(0, "Normal", 10, 9),
            line(1, "Normal", 10, 9),
        ];
        assert_eq!(choose(&lines, None, None), Some(&lines[1]));
        assert_eq!(choose(&lines, Some(1), None), Some(&lines[2]));
        assert_eq!(choose(&lines, None, Some("DMA")), Some(&lines[0]));
        assert_eq!(choose(&lines, Some(1), Some("DMA")), None);
        let said = no_such_line(&lines, Some(1), Some("DMA"));
        assert_eq!(
            said,
            "no line of node 1 of zone DMA, expected one of: node 0 zone DMA, node 0 zone Normal, node 1 zone Normal"
        );
    }
}
