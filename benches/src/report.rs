//! The tables, the verdicts, and `target/bench/summary.json`.

use std::path::Path;
use std::{fs, io};

use serde_json::{Value, json};

use crate::loads::Load;
use crate::ours;
use crate::rounds::{Cell, Kind, PLAYERS, SIZES, SMALL};

/// A figure with the most it may be.
struct Verdict {
    what: String,
    figure: f64,
    most: f64,
    /// Who else the figure compares with, if anyone.
    against: Option<&'static str>,
}

/// Prints everything, and writes it to `target/bench/summary.json` in the project's folder.
pub fn report(cells: &[Cell]) -> io::Result<()> {
    for pages in SIZES {
        table(cells, pages);
    }
    let verdicts = verdicts(cells);
    println!("verdicts (medians; ours / best peer where one is named)");
    for Verdict {
        what,
        figure,
        most,
        against,
    } in &verdicts
    {
        let holds = if figure <= most { "ok  " } else { "MISS" };
        let against = against.map_or(String::new(), |name| format!("  against {name}"));
        println!("  {holds} {what:<44} {figure:>6.2}  at most {most:.2}{against}");
    }
    let cells: Vec<Value> = cells.iter().map(cell_json).collect();
    let verdicts: Vec<Value> = verdicts
        .iter()
        .map(|verdict| {
            json!({
                "what": verdict.what,
                "figure": verdict.figure,
                "at_most": verdict.most,
                "holds": verdict.figure <= verdict.most,
                "against": verdict.against,
            })
        })
        .collect();
    let summary = json!({ "cells": cells, "verdicts": verdicts });
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/bench");
    fs::create_dir_all(&folder)?;
    let text = serde_json::to_string_pretty(&summary)?;
    fs::write(folder.join("summary.json"), text + "\n")
}

fn cell_json(cell: &Cell) -> Value {
    json!({
        "load": cell.load.name(),
        "pages": cell.pages,
        "allocator": cell.player.name,
        "kind": format!("{:?}", cell.player.kind).to_lowercase(),
        "ns_per_operation": cell.median(),
        "rounds": cell.samples,
    })
}

fn median(cells: &[Cell], load: Load, pages: u32, name: &str) -> Option<f64> {
    let found = cells
        .iter()
        .find(|cell| cell.load == load && cell.pages == pages && cell.player.name == name);
    found.map(Cell::median)
}

fn table(cells: &[Cell], pages: u32) {
    println!("{pages} pages, ns per operation");
    print!("  {:<24}", "");
    for load in Load::ALL {
        print!("{:>15}", load.name());
    }
    println!();
    for player in PLAYERS {
        let row = Load::ALL.map(|load| median(cells, load, pages, player.name));
        if row.iter().all(Option::is_none) {
            continue;
        }
        let mark = if player.kind == Kind::Other { "*" } else { "" };
        print!("  {:<24}", format!("{}{mark}", player.name));
        for figure in row {
            print!(
                "{:>15}",
                figure.map_or(String::new(), |ns| format!("{ns:.1}"))
            );
        }
        println!();
    }
    println!("  * no buddy allocator: blocks are not found or merged by halves\n");
}

/// The fastest peer of these kinds at a load, and its median.
fn best(cells: &[Cell], load: Load, pages: u32, kinds: &[Kind]) -> Option<(&'static str, f64)> {
    cells
        .iter()
        .filter(|cell| cell.load == load && cell.pages == pages)
        .filter(|cell| kinds.contains(&cell.player.kind))
        .map(|cell| (cell.player.name, cell.median()))
        .min_by(|a, b| a.1.total_cmp(&b.1))
}

/// What a load is judged by: who of ours, against which kinds, and how much it may be of the fastest.
///
/// Linux takes small blocks off per-CPU lists always, so ours with such lists is judged too: against buddy allocators,
/// and where single pages come and go once more against those that have a cache of them in front.
fn rules(load: Load) -> Vec<(&'static str, &'static [Kind], f64)> {
    const PLAIN: &str = "labyrinth";
    const KEEPS: &str = "labyrinth + pcp";
    const BUDDIES: &[Kind] = &[Kind::Buddy];
    const WITH_CACHES: &[Kind] = &[Kind::Buddy, Kind::Cached];
    const ALL: &[Kind] = &[Kind::Buddy, Kind::Cached, Kind::Other];
    match load {
        Load::Mixed => vec![(PLAIN, ALL, 0.5), (KEEPS, ALL, 0.5)],
        Load::Repeat => vec![(KEEPS, BUDDIES, 1.0), (KEEPS, WITH_CACHES, 1.0)],
        Load::Replace => vec![
            (PLAIN, BUDDIES, 1.0),
            (KEEPS, BUDDIES, 1.0),
            (KEEPS, WITH_CACHES, 1.0),
        ],
        Load::Bulk { .. } | Load::Shuffled => vec![(PLAIN, BUDDIES, 1.0), (KEEPS, BUDDIES, 1.0)],
    }
}

fn verdicts(cells: &[Cell]) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    for pages in SIZES {
        for load in Load::ALL {
            for (ours, kinds, most) in rules(load) {
                if let Some(own) = median(cells, load, pages, ours)
                    && let Some((name, peer)) = best(cells, load, pages, kinds)
                {
                    verdicts.push(Verdict {
                        what: format!("{}, {pages} pages, {ours}", load.name()),
                        figure: own / peer,
                        most,
                        against: Some(name),
                    });
                }
            }
        }
    }
    let at = |pages| median(cells, Load::Mixed, pages, "labyrinth");
    if let (Some(small), Some(large)) = (at(SMALL), at(SIZES[1])) {
        verdicts.push(Verdict {
            what: format!("growth, mixed, {} / {SMALL} pages", SIZES[1]),
            figure: large / small,
            most: 1.7,
            against: None,
        });
    }
    for pages in SIZES {
        let bytes = ours::zone(pages, false).metadata_bytes();
        verdicts.push(Verdict {
            what: format!("metadata, bytes a page, {pages} pages"),
            // To the hundredth, as printed: a pageblock's types are a 256th of a byte a page.
            figure: (bytes as f64 / f64::from(pages) * 100.0).round() / 100.0,
            most: 12.0,
            against: None,
        });
    }
    verdicts
}
