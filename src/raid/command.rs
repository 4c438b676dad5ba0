//! What a player can tell the rules to do: one command is one turn.

use std::fmt;
use std::str::FromStr;

use super::kit::Item;
use crate::labyrinth::Dir;
use crate::mm::Pfn;

/// One command. Each costs one turn, unless the rules refuse it (see [`super::Refusal`]).
///
/// Work that takes several turns (clearing a dirty room, leaving through a gate) is done by giving
/// the same command again; any other command drops the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// Walk to the next cell, through a door if there is a wall; attacks a body that stands there.
    Step(Dir),
    /// Let one turn pass.
    Wait,
    /// Clear the room you stand in (`None`) or the room next door: evict page cache, migrate anonymous pages.
    Clear(Option<Dir>),
    /// `alloc_pages(GFP_ATOMIC, order)` for the interrupt of the device you stand at. Kills on `NULL`.
    Grab,
    /// Give back the block you hold that starts at this frame, from wherever you are.
    Free(Pfn),
    /// Keep everybody else from allocating in the pageblock you stand in and its buddy for some turns.
    Isolate,
    /// Leave through the gate you stand on; takes three turns in a row.
    Extract,
    /// Use an item you brought, on the task with this pid if it wants one.
    Use(Item, Option<u16>),
}

/// Why a text is not a command.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "found \"{0}\", expected a command: n e s w (step), . (wait), c or cn ce cs cw (clear), g (grab), f0xPFN (free), i (isolate), x (extract), u:ITEM or u:ITEM:PID (use)"
)]
pub struct CommandError(pub String);

const fn dir_letter(dir: Dir) -> char {
    match dir {
        Dir::North => 'n',
        Dir::East => 'e',
        Dir::South => 's',
        Dir::West => 'w',
    }
}

fn dir_of(text: &str) -> Option<Dir> {
    Dir::ALL
        .into_iter()
        .find(|&dir| text.len() == 1 && text.starts_with(dir_letter(dir)))
}

/// An item, and after a colon a pid in its one usual writing.
fn use_of(text: &str) -> Option<Command> {
    let (name, pid) = match text.split_once(':') {
        None => (text, None),
        Some((name, digits)) => {
            let pid: u16 = digits.parse().ok()?;
            (name, Some(pid).filter(|pid| pid.to_string() == digits))
        }
    };
    let whole = pid.is_some() || !text.contains(':');
    Item::by_name(name)
        .filter(|_| whole)
        .map(|item| Command::Use(item, pid))
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Step(dir) => write!(f, "{}", dir_letter(dir)),
            Self::Wait => write!(f, "."),
            Self::Clear(None) => write!(f, "c"),
            Self::Clear(Some(dir)) => write!(f, "c{}", dir_letter(dir)),
            Self::Grab => write!(f, "g"),
            Self::Free(pfn) => write!(f, "f{pfn:#06x}"),
            Self::Isolate => write!(f, "i"),
            Self::Extract => write!(f, "x"),
            Self::Use(item, None) => write!(f, "u:{}", item.name()),
            Self::Use(item, Some(pid)) => write!(f, "u:{}:{pid}", item.name()),
        }
    }
}

impl FromStr for Command {
    type Err = CommandError;

    fn from_str(text: &str) -> Result<Self, CommandError> {
        let error = || CommandError(text.chars().take(24).collect());
        match text {
            "." => return Ok(Self::Wait),
            "c" => return Ok(Self::Clear(None)),
            "g" => return Ok(Self::Grab),
            "i" => return Ok(Self::Isolate),
            "x" => return Ok(Self::Extract),
            _ => {}
        }
        if let Some(dir) = dir_of(text) {
            return Ok(Self::Step(dir));
        }
        if let Some(rest) = text.strip_prefix('c') {
            return dir_of(rest)
                .map(|dir| Self::Clear(Some(dir)))
                .ok_or_else(error);
        }
        if let Some(rest) = text.strip_prefix("u:") {
            return use_of(rest).ok_or_else(error);
        }
        let hex = text.strip_prefix("f0x").ok_or_else(error)?;
        if hex.starts_with('+') {
            return Err(error());
        }
        Pfn::from_str_radix(hex, 16)
            .map(Self::Free)
            .map_err(|_| error())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_reads_back_as_it_was_written() {
        let mut all = vec![
            Command::Wait,
            Command::Clear(None),
            Command::Grab,
            Command::Free(0x0d40),
            Command::Free(0),
            Command::Free(u32::MAX),
            Command::Isolate,
            Command::Extract,
        ];
        for dir in Dir::ALL {
            all.push(Command::Step(dir));
            all.push(Command::Clear(Some(dir)));
        }
        for item in Item::ALL {
            all.push(Command::Use(item, None));
            all.push(Command::Use(item, Some(u16::MAX)));
        }
        for command in all {
            assert_eq!(command.to_string().parse(), Ok(command));
        }
    }

    #[test]
    fn other_texts_are_refused_by_name() {
        for text in [
            "u",
            "u:",
            "u:lamp",
            "u:kill:",
            "u:kill:+2",
            "u:kill:02",
            "u:kill:65536",
            "u:kill:2:3",
            "",
            "q",
            "cc",
            "nn",
            "f",
            "f0x",
            "f0xzz",
            "f0x+1",
            "f123",
            "gg",
            "é",
            "cé",
        ] {
            let error = text.parse::<Command>().unwrap_err();
            assert!(error.to_string().contains("expected a command"), "{text}");
        }
    }
}
