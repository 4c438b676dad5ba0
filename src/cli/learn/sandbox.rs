//! `labyrinth sandbox`: the console at a terminal, scripts, and scripts on several machines side by side.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};
use std::path::Path;

use super::SandboxArgs;
use crate::cli::CliError;
use crate::cli::line::shown;
use crate::lesson::compare::{self, Series};
use crate::lesson::console::Effect;
use crate::lesson::machine::Setup;
use crate::lesson::{Timeline, trace};
use crate::storage;
use crate::workbench::script;

/// How deep scripts may load others.
const MAX_LOADS: u32 = 8;

/// Runs lines, or compares.
pub(crate) fn run(args: &SandboxArgs) -> Result<(), CliError> {
    if let Some(script) = &args.script
        && (!args.compare.is_empty() || args.csv.is_some() || args.json.is_some())
    {
        return side_by_side(args, script);
    }
    let setup = Setup::default();
    let machine = Timeline::new(setup).map_err(|error| CliError::Input(error.to_string()))?;
    let mut sandbox = Sandbox {
        machine,
        steps: args.steps,
    };
    if let Some(script) = &args.script {
        return sandbox.script(&storage::load(script)?, 0);
    }
    let typed = io::stdin().is_terminal();
    if typed {
        writeln!(
            io::stdout(),
            "256 pages, all free. `help` lists calls and files; end with Ctrl-D."
        )?;
    }
    for line in io::stdin().lock().lines() {
        let Ok(line) = line else {
            return Err(CliError::Input(
                "standard input: expected lines of UTF-8".into(),
            ));
        };
        sandbox.line(&line, 0, false)?;
    }
    Ok(())
}

struct Sandbox {
    machine: Timeline,
    steps: bool,
}

impl Sandbox {
    fn script(&mut self, text: &str, depth: u32) -> Result<(), CliError> {
        for line in text.lines() {
            self.line(line, depth, true)?;
        }
        Ok(())
    }

    fn line(&mut self, line: &str, depth: u32, echo: bool) -> Result<(), CliError> {
        let mut out = io::stdout().lock();
        if echo && !line.trim().is_empty() {
            writeln!(out, "$ {}", line.trim())?;
        }
        let before = self.steps.then(|| self.machine.now().clone());
        let report = self.machine.run(line);
        if let Some(before) = before {
            for beat in trace::tell(before.machine(), &report) {
                writeln!(out, "  . {}", beat.text)?;
            }
        }
        let text = report.text();
        if !text.is_empty() {
            writeln!(out, "{text}")?;
        }
        drop(out);
        for effect in report.effects {
            self.effect(effect, depth)?;
        }
        Ok(())
    }

    fn effect(&mut self, effect: Effect, depth: u32) -> Result<(), CliError> {
        match effect {
            Effect::Load(name) => {
                let file = format!("{name}.sandbox");
                if depth >= MAX_LOADS {
                    writeln!(io::stdout(), "bash: load: {file}: scripts load each other")?;
                    return Ok(());
                }
                match storage::load(Path::new(&file)) {
                    Ok(text) => self.script(&text, depth + 1)?,
                    Err(error) => writeln!(io::stdout(), "bash: load: {error}")?,
                }
            }
            Effect::Save(name) => {
                let file = format!("{name}.sandbox");
                match storage::save(Path::new(&file), &self.machine.script()) {
                    Ok(()) => writeln!(io::stdout(), "{} lines in {file}", self.machine.at())?,
                    Err(error) => writeln!(io::stdout(), "bash: save: {error}")?,
                }
            }
            Effect::Export(form, name) => {
                let file = format!("{name}.{}", form.name());
                let text = compare::export(&self.machine, form);
                match storage::save(Path::new(&file), &text) {
                    Ok(()) => writeln!(io::stdout(), "{} lines in {file}", text.lines().count())?,
                    Err(error) => writeln!(io::stdout(), "bash: export: {error}")?,
                }
            }
            Effect::Link => match script::encode(&self.machine.script()) {
                Ok(code) => writeln!(io::stdout(), "#script={code}")?,
                Err(error) => writeln!(io::stdout(), "bash: link: {error}")?,
            },
            Effect::StartExclusiveRaid => writeln!(
                io::stdout(),
                "an exclusive raid begins in the game's own console: run `labyrinth`"
            )?,
            Effect::Undo | Effect::Redo | Effect::Scrub(_) | Effect::History => {}
        }
        Ok(())
    }
}

fn machine(name: &str) -> Result<Setup, CliError> {
    compare::named(name).ok_or_else(|| {
        CliError::Input(format!(
            "--compare: found \"{}\", expected lifo, fifo, lowest, pcp or pageblock=ORDER",
            shown(name)
        ))
    })
}

fn side_by_side(args: &SandboxArgs, script: &Path) -> Result<(), CliError> {
    let text = storage::load(script)?;
    let names: Vec<&str> = if args.compare.is_empty() {
        vec!["lifo"]
    } else {
        args.compare.iter().map(String::as_str).collect()
    };
    let setups: Vec<Setup> = names
        .iter()
        .map(|name| machine(name))
        .collect::<Result<_, _>>()?;
    let all = compare::compare(&text, &setups)
        .map_err(|error| CliError::Input(format!("--compare: {error}")))?;
    if let Some(file) = &args.csv {
        storage::save(file, &compare::csv(&all))?;
    }
    if let Some(file) = &args.json {
        let json = serde_json::to_string_pretty(&all)
            .map_err(|error| CliError::Input(error.to_string()))?;
        storage::save(file, &(json + "\n"))?;
    }
    table(&all)
}

/// A row a machine: how it ended.
fn table(all: &[Series]) -> Result<(), CliError> {
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "{:36} {:>5} {:>6} {:>6} {:>7} {:>7}  unusable index of orders 0 to 10, in 1/1000",
        "machine", "calls", "failed", "free", "largest", "refused"
    )?;
    for series in all {
        let Some(last) = series.samples.last() else {
            writeln!(out, "{:36} {:>5}", series.name, 0)?;
            continue;
        };
        let largest = last
            .largest
            .map_or_else(|| "-".to_owned(), |order| order.to_string());
        let unusable: Vec<_> = last.unusable.iter().map(ToString::to_string).collect();
        writeln!(
            out,
            "{:36} {:>5} {:>6} {:>6} {:>7} {:>7}  {}",
            series.name,
            series.samples.len(),
            last.failed,
            last.free,
            largest,
            series.refused.len(),
            unusable.join(" ")
        )?;
    }
    for series in all {
        if let Some((line, what)) = series.refused.first() {
            writeln!(out, "{}: line {line} was refused: {what}", series.name)?;
        }
    }
    Ok(())
}
