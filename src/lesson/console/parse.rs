//! Reading a line: a call as in C, or words as in a shell.

use super::fault::Fault;
use super::table::{self, Row};

/// The longest line that is read, in characters.
pub const MAX_LINE: u32 = 500;

/// A line, taken apart.
#[derive(Clone, Debug)]
pub(super) enum Line {
    /// Blank, or a comment alone.
    Empty,
    /// `target = name(args)`.
    Call {
        target: Option<String>,
        row: &'static Row,
        args: Vec<String>,
    },
    /// Words, the quotes taken off.
    Words(Vec<String>),
}

pub(super) fn is_name(text: &str) -> bool {
    let mut chars = text.chars();
    chars
        .next()
        .is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Takes a line apart.
pub(super) fn parse(line: &str) -> Result<Line, Fault> {
    if line.chars().count() > MAX_LINE as usize {
        return Err(Fault::shell(format_args!(
            "line too long: expected at most {MAX_LINE} characters"
        )));
    }
    let line = uncommented(line).trim();
    let line = line.strip_suffix(';').unwrap_or(line).trim_end();
    if line.is_empty() {
        return Ok(Line::Empty);
    }
    let (target, call) = match line.split_once('=') {
        Some((name, call)) if is_name(name.trim()) && !call.starts_with('=') => {
            (Some(name.trim().to_owned()), call.trim())
        }
        _ => (None, line),
    };
    if let Some((name, rest)) = call.split_once('(')
        && is_name(name.trim_end())
    {
        return call_of(target, name.trim_end(), rest);
    }
    if target.is_some() {
        return Err(Fault::shell(format_args!(
            "syntax error: expected NAME = CALL(...), found {call:?} behind the ="
        )));
    }
    Ok(Line::Words(words(line)?))
}

fn call_of(target: Option<String>, name: &str, rest: &str) -> Result<Line, Fault> {
    let Some(row) = table::call(name) else {
        return Err(Fault::shell(format_args!("{name}: command not found")));
    };
    let usage = row.usage();
    let Some(inner) = rest.trim_end().strip_suffix(')') else {
        let found = "expected ) at the end of the line";
        return Err(Fault::usage(name, &usage, found));
    };
    let args = arguments(inner).map_err(|what| Fault::usage(name, &usage, what))?;
    if args.len() != row.args.len() {
        let found = format!(
            "found {} arguments, expected {}",
            args.len(),
            row.args.len()
        );
        return Err(Fault::usage(name, &usage, found));
    }
    Ok(Line::Call { target, row, args })
}

/// The part before `#`, unless that is in quotes or inside a word.
fn uncommented(line: &str) -> &str {
    let (mut quoted, mut before) = (false, ' ');
    for (at, c) in line.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '#' if !quoted && before.is_whitespace() => return &line[..at],
            _ => {}
        }
        before = c;
    }
    line
}

/// What stands between commas; text in quotes keeps its commas.
fn arguments(inner: &str) -> Result<Vec<String>, &'static str> {
    let mut args = Vec::new();
    let (mut word, mut quoted) = (String::new(), false);
    for c in inner.chars() {
        match c {
            '"' => {
                quoted = !quoted;
                word.push(c);
            }
            ',' if !quoted => args.push(std::mem::take(&mut word).trim().to_owned()),
            _ => word.push(c),
        }
    }
    if quoted {
        return Err("a quote without its end");
    }
    let word = word.trim().to_owned();
    if !(args.is_empty() && word.is_empty()) {
        args.push(word);
    }
    if args.iter().any(String::is_empty) {
        return Err("an argument without a value");
    }
    Ok(args)
}

/// The words of a shell's line; `>` is a word of its own.
fn words(line: &str) -> Result<Vec<String>, Fault> {
    let mut words = Vec::new();
    let (mut word, mut quoted, mut some) = (String::new(), false, false);
    for c in line.chars() {
        match c {
            '"' => {
                quoted = !quoted;
                some = true;
            }
            '(' | ')' | '|' | '&' | '<' | '`' if !quoted => {
                return Err(Fault::shell(format_args!(
                    "syntax error near unexpected token `{c}'"
                )));
            }
            '>' if !quoted => {
                if some {
                    words.push(std::mem::take(&mut word));
                }
                some = false;
                words.push(">".to_owned());
            }
            c if c.is_whitespace() && !quoted => {
                if some {
                    words.push(std::mem::take(&mut word));
                }
                some = false;
            }
            _ => {
                word.push(c);
                some = true;
            }
        }
    }
    if quoted {
        return Err(Fault::shell(
            "unexpected EOF while looking for matching `\"'",
        ));
    }
    if some {
        words.push(word);
    }
    Ok(words)
}

/// A number as it is written: decimal, or hexadecimal after `0x`.
pub(in crate::lesson) fn number(text: &str) -> Option<u32> {
    match text.strip_prefix("0x") {
        Some(digits) if digits.bytes().all(|b| b.is_ascii_hexdigit()) => {
            u32::from_str_radix(digits, 16).ok()
        }
        None if text.bytes().all(|b| b.is_ascii_digit()) => text.parse().ok(),
        _ => None,
    }
}
