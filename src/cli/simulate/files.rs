//! The raids of a simulation as files: CSV and JSON, a row a raid.

use std::fmt::Write as _;
use std::path::Path;

use super::table::Summary;
use super::watch::Record;
use crate::cli::CliError;
use crate::raid::RULES_VERSION;
use crate::storage::Target;

/// One figure of a raid.
enum Field<'a> {
    Word(&'a str),
    Count(u64),
}

/// The columns of a raid, in order; the same in both forms.
fn columns<'a>(zone: &'a str, bot: &'a str, raid: &'a Record) -> Vec<(&'static str, Field<'a>)> {
    let count = |n: u32| Field::Count(n.into());
    let Record {
        grabs,
        lost,
        at_start,
        at_interrupt,
        ..
    } = raid;
    vec![
        ("zone", Field::Word(zone)),
        ("bot", Field::Word(bot)),
        ("seed", Field::Count(raid.seed)),
        ("outcome", Field::Word(raid.outcome)),
        ("turns", count(raid.turns)),
        ("pages", count(raid.pages)),
        ("blocks", count(raid.blocks)),
        ("score", count(raid.score)),
        ("granted", count(grabs.all())),
        ("granted_in_sight", count(grabs.in_sight)),
        ("granted_cleared", count(grabs.cleared)),
        ("granted_freed", count(grabs.freed)),
        ("granted_isolated", count(grabs.isolated)),
        ("granted_unseen", count(grabs.unseen)),
        ("null_called", Field::Word(raid.null_called)),
        ("rooms_evicted", count(raid.evicted)),
        ("rooms_migrated", count(raid.migrated)),
        ("blocks_freed", count(raid.freed)),
        ("isolations", count(raid.isolated)),
        ("tasks_killed", count(raid.slain)),
        ("refs_lost_kernel", count(lost.kernel)),
        ("refs_lost_first_write", count(lost.first_write)),
        ("refs_lost_blows", count(lost.blows)),
        ("refs_lost_transfers", count(lost.transfers)),
        ("minotaur_hunts", count(raid.hunts)),
        ("minotaur_hunts_player", count(raid.hunts_player)),
        ("dirty_pages_at_end", count(raid.dirty)),
        ("devices", count(at_start.all)),
        ("devices_clear_of_kernel", count(at_start.clear)),
        ("interrupts", count(at_interrupt.all)),
        ("interrupts_clear_of_kernel", count(at_interrupt.clear)),
    ]
}

/// The raids of one bot.
pub(super) struct Played<'a> {
    pub bot: &'a str,
    pub raids: &'a [Record],
}

/// A file that is opened before the raids and written after them.
pub(super) struct Kept {
    target: Target,
    head: String,
    form: Form,
}

#[derive(Clone, Copy)]
enum Form {
    Csv,
    Json,
}

impl Kept {
    /// A file for rows of values under a line of names.
    pub fn csv(path: &Path) -> Result<Self, CliError> {
        let names: Vec<&str> = columns("", "", &Record::default())
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        Self::open(path, names.join(",") + "\n", Form::Csv)
    }

    /// A file for one object: the raids, then the summary of each bot.
    pub fn json(path: &Path, zone: &str, seeds: (u64, u64)) -> Result<Self, CliError> {
        let head = format!(
            "{{\"rules\":{RULES_VERSION},\"zone\":{},\"first_seed\":{},\"last_seed\":{},\"raids\":[",
            quoted(zone),
            seeds.0,
            seeds.1
        );
        Self::open(path, head, Form::Json)
    }

    /// Finds out early whether it can be written: the head is.
    fn open(path: &Path, head: String, form: Form) -> Result<Self, CliError> {
        let mut target = Target::open(path)?;
        target.begin(&head)?;
        Ok(Self { target, head, form })
    }

    /// Writes all of it.
    pub fn save(
        mut self,
        zone: &str,
        played: &[Played<'_>],
        summaries: &[Summary],
    ) -> Result<(), CliError> {
        let rows = played.iter().flat_map(|played| {
            let raids = played.raids.iter();
            raids.map(|raid| columns(zone, played.bot, raid))
        });
        let mut text = self.head;
        match self.form {
            Form::Csv => rows.for_each(|row| text += &csv_row(&row)),
            Form::Json => {
                let rows: Vec<String> = rows.map(|row| json_row(&row)).collect();
                let bots = serde_json::to_string(summaries).map_err(std::io::Error::from)?;
                let _ = write!(text, "\n{}\n],\"bots\":{bots}}}\n", rows.join(",\n"));
            }
        }
        Ok(self.target.save(&text)?)
    }
}

fn csv_row(row: &[(&str, Field<'_>)]) -> String {
    let cells: Vec<String> = row
        .iter()
        .map(|(_, field)| match field {
            Field::Word(word) if word.contains([',', '"', '\n', '\r']) => {
                format!("\"{}\"", word.replace('"', "\"\""))
            }
            Field::Word(word) => (*word).to_string(),
            Field::Count(n) => n.to_string(),
        })
        .collect();
    cells.join(",") + "\n"
}

fn json_row(row: &[(&str, Field<'_>)]) -> String {
    let members: Vec<String> = row
        .iter()
        .map(|(name, field)| match field {
            Field::Word(word) => format!("\"{name}\":{}", quoted(word)),
            Field::Count(n) => format!("\"{name}\":{n}"),
        })
        .collect();
    format!("{{{}}}", members.join(","))
}

fn quoted(word: &str) -> String {
    serde_json::Value::from(word).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_has_the_same_figures_in_both_forms() {
        let raid = Record {
            seed: 7,
            outcome: "extracted",
            pages: 20,
            ..Record::default()
        };
        let row = columns("d,\"ma", "careful", &raid);
        let csv = csv_row(&row);
        assert!(
            csv.starts_with("\"d,\"\"ma\",careful,7,extracted,0,20,"),
            "{csv}"
        );
        let json: serde_json::Value = serde_json::from_str(&json_row(&row)).unwrap();
        assert_eq!(json["zone"], "d,\"ma");
        assert_eq!(json["pages"], 20);
        assert_eq!(json.as_object().unwrap().len(), row.len(), "no name twice");
    }
}
