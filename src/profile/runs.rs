//! The runs of a profile as tables for other programs.

use std::fmt::Write as _;

use super::Profile;

impl Profile {
    /// The runs as comma-separated values, a row each. Names of zones, items and modifiers have no quotes in them, but
    /// lists have commas.
    pub fn runs_csv(&self) -> String {
        let mut text =
            "zone,seed,mode,kit,modifiers,outcome,pages,score,turns,rules,code\n".to_owned();
        for run in self.runs() {
            let list = |list: &str| format!("\"{list}\"");
            let score = run
                .score
                .map_or_else(String::new, |score| score.to_string());
            let _ = writeln!(
                text,
                "{},{},{},{},{},{},{},{score},{},{},{}",
                run.zone,
                run.seed,
                run.mode,
                list(&run.kit),
                list(&run.modifiers),
                run.outcome,
                run.pages,
                run.turns,
                run.rules,
                run.code.as_deref().unwrap_or_default()
            );
        }
        text
    }

    /// The runs as JSON: an array with an object each, of the same fields as the profile itself.
    pub fn runs_json(&self) -> String {
        let rows: Vec<String> = self
            .runs()
            .iter()
            .filter_map(|run| serde_json::to_string(run).ok())
            .collect();
        if rows.is_empty() {
            return "[]\n".to_owned();
        }
        format!("[\n{}\n]\n", rows.join(",\n"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::Run;

    #[test]
    fn no_runs_are_a_heading_and_an_empty_array() {
        let profile = Profile::default();
        assert_eq!(profile.runs_csv().lines().count(), 1);
        assert_eq!(profile.runs_json(), "[]\n");
    }

    #[test]
    fn a_row_a_run_and_both_forms_say_the_same() {
        let run = |seed: u32, kit: &str| {
            serde_json::json!({
                "zone": "dma", "seed": seed, "mode": "raid", "kit": kit, "outcome": "extracted",
                "pages": 20, "score": 35, "turns": 140, "rules": 9
            })
        };
        let all = serde_json::json!([run(7, "scan,drop_caches"), run(8, "")]);
        let runs: Vec<Run> = serde_json::from_value(all).expect("runs");
        let whole = serde_json::json!({ "version": 2, "runs": runs });
        let profile = Profile::parse(&whole.to_string()).expect("a profile");
        let csv = profile.runs_csv();
        assert_eq!(csv.lines().count(), runs.len() + 1);
        let columns = csv.lines().next().map(|line| line.split(',').count());
        assert_eq!(columns, Some(11));
        assert!(csv.contains("dma,7,"), "{csv}");
        assert!(csv.contains("\"scan,drop_caches\""), "{csv}");
        let again: Vec<Run> = serde_json::from_str(&profile.runs_json()).expect("it reads back");
        assert_eq!(again, runs);
    }
}
