//! Whether texts and lines of a lesson fit, and what its lines may be.

use super::super::console::{Console, MAX_LINE};
use super::super::spec::Play;
use super::super::timeline::Timeline;
use super::{MAX_LINES, Wrongness, wrong};

pub(super) fn text_fits(text: &str, what: &str, most: u32) -> Result<(), Wrongness> {
    let chars = text.chars().count();
    if text.trim().is_empty() || chars > most as usize {
        let what = format!("{what}: found {chars} characters, expected 1 to {most}");
        return wrong(text, what);
    }
    Ok(())
}

pub(super) fn lines_fit(lines: &[String]) -> Result<(), Wrongness> {
    if lines.len() as u32 > MAX_LINES {
        let what = format!("{} lines, expected at most {MAX_LINES}", lines.len());
        return wrong(lines.first().map_or("", String::as_str), what);
    }
    for line in lines {
        if line.chars().count() > MAX_LINE as usize {
            return wrong(line, format!("a line of more than {MAX_LINE} characters"));
        }
        Console::word(line).map_err(|fault| (line.clone(), fault.text))?;
    }
    Ok(())
}

/// Words that a lesson's machine does not know: they begin anew, or leave it.
pub(in crate::lesson) const NOT_IN_LESSONS: [&str; 8] = [
    "set", "reset", "load", "save", "define", "undo", "redo", "scrub",
];

pub(super) fn allowed(play: &Play, lines: &[String]) -> Result<(), Wrongness> {
    for line in lines {
        let word = Console::word(line).map_err(|fault| (line.clone(), fault.text))?;
        if !play.allow.contains(&word) {
            return wrong(
                line,
                format!(
                    "{word}: expected one of the calls in allow: {:?}",
                    play.allow
                ),
            );
        }
    }
    for name in &play.allow {
        if NOT_IN_LESSONS.contains(&name.as_str()) {
            return wrong(name, format!("allow: {name:?}, expected a call on memory"));
        }
    }
    Ok(())
}

/// Runs lines that must be sound; a request that fails is sound.
pub(super) fn run(machine: &mut Timeline, lines: &[String]) -> Result<(), Wrongness> {
    lines_fit(lines)?;
    for line in lines {
        let report = machine.run(line);
        if NOT_IN_LESSONS.contains(&report.name.as_str()) {
            return wrong(line, format!("{}: expected a call on memory", report.name));
        }
        if let Some(fault) = &report.fault
            && report.request.is_none()
        {
            let what = fault.text.replace('\n', "; ");
            return wrong(line, what);
        }
    }
    Ok(())
}
