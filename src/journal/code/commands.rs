//! Commands as bits, the frequent ones short: a walk is mostly straight on, and turns are more frequent than ways back.
//!
//! | bits | command |
//! |---|---|
//! | `0` | the same as before |
//! | `10` `110` `1110` | a step to the left, to the right, back, seen from the last step's direction (north at first) |
//! | `1111 000` | a step straight on |
//! | `1111 001` | wait |
//! | `1111 010` | grab |
//! | `1111 011` | extract |
//! | `1111 100` | isolate |
//! | `1111 101` | clear the room you stand in |
//! | `1111 110` dd | clear the room there: `00` north, then clockwise |
//! | `1111 111` wwwwww ... | free the block at a frame of `w` bits, at most 32 |
//! | `1111 111` `111111` iiiiii 0 | use the item with the number `i` |
//! | `1111 111` `111111` iiiiii 1 ... | use it on the task whose pid are the next 16 bits |

use super::bits::{Reader, Writer};
use crate::labyrinth::Dir;
use crate::raid::{Command, Item};

/// Most bits one command takes.
#[cfg(test)]
pub(super) const MOST_BITS: u32 = 4 + 3 + 6 + 32;

/// Stands where a free has the width of its frame: a use follows.
const USE: u64 = 0b11_1111;

/// The bits before all that is rare; three more follow.
const OTHER: u64 = 0b1111;

/// Quarter turns to the right, from one direction to another; and how each is written.
const TURNS: [(u32, u64, u32); 4] = [
    (3, 0b10, 2),
    (1, 0b110, 3),
    (2, 0b1110, 4),
    (0, OTHER << 3, 7),
];

/// What was given before decides what is short now.
#[derive(Debug, Clone, Copy)]
struct Context {
    before: Option<Command>,
    facing: Dir,
}

impl Context {
    const START: Self = Self {
        before: None,
        facing: Dir::North,
    };

    fn given(&mut self, command: Command) {
        self.before = Some(command);
        if let Command::Step(dir) = command {
            self.facing = dir;
        }
    }

    fn turned(&self, quarters: u32) -> Dir {
        Dir::ALL[((self.facing as u32 + quarters) % 4) as usize]
    }
}

/// Writes commands.
pub(super) fn write(writer: &mut Writer, commands: &[Command]) {
    let mut context = Context::START;
    for &command in commands {
        if context.before == Some(command) {
            writer.bits(0, 1);
        } else {
            write_other(writer, context, command);
        }
        context.given(command);
    }
}

fn write_other(writer: &mut Writer, context: Context, command: Command) {
    match command {
        Command::Step(dir) => {
            for (quarters, bits, count) in TURNS {
                if context.turned(quarters) == dir {
                    writer.bits(bits, count);
                }
            }
        }
        Command::Wait => writer.bits(OTHER << 3 | 1, 7),
        Command::Grab => writer.bits(OTHER << 3 | 2, 7),
        Command::Extract => writer.bits(OTHER << 3 | 3, 7),
        Command::Isolate => writer.bits(OTHER << 3 | 4, 7),
        Command::Clear(None) => writer.bits(OTHER << 3 | 5, 7),
        Command::Clear(Some(dir)) => {
            writer.bits(OTHER << 3 | 6, 7);
            writer.bits(dir as u64, 2);
        }
        Command::Use(item, pid) => {
            writer.bits(OTHER << 3 | 7, 7);
            writer.bits(USE, 6);
            writer.bits(item as u64, 6);
            writer.bits(u64::from(pid.is_some()), 1);
            if let Some(pid) = pid {
                writer.bits(u64::from(pid), 16);
            }
        }
        Command::Free(pfn) => {
            let width = u32::BITS - pfn.leading_zeros();
            writer.bits(OTHER << 3 | 7, 7);
            writer.bits(u64::from(width), 6);
            writer.bits(u64::from(pfn), width);
        }
    }
}

/// Reads so many commands; `None` if the bits are no writing of any.
///
/// Each command takes at least a bit, so there cannot be more than the input has bits.
pub(super) fn read(reader: &mut Reader<'_>, count: u32) -> Option<Vec<Command>> {
    let mut context = Context::START;
    let mut commands = Vec::new();
    for _ in 0..count {
        let command = read_one(reader, context)?;
        context.given(command);
        commands.push(command);
    }
    Some(commands)
}

fn read_one(reader: &mut Reader<'_>, context: Context) -> Option<Command> {
    if !reader.bit()? {
        return context.before;
    }
    for (quarters, _, _) in &TURNS[..3] {
        if !reader.bit()? {
            return Some(Command::Step(context.turned(*quarters)));
        }
    }
    Some(match reader.bits(3)? {
        0 => Command::Step(context.facing),
        1 => Command::Wait,
        2 => Command::Grab,
        3 => Command::Extract,
        4 => Command::Isolate,
        5 => Command::Clear(None),
        6 => Command::Clear(Dir::ALL.get(reader.bits(2)? as usize).copied()),
        _ => {
            let width = reader.bits(6)?;
            if width == USE {
                let item = Item::by_number(reader.bits(6)? as u8)?;
                let pid = if reader.bit()? {
                    Some(reader.bits(16)? as u16)
                } else {
                    None
                };
                return Some(Command::Use(item, pid));
            }
            let width = width as u32;
            let pfn = reader.bits(width.min(u64::BITS))?;
            Command::Free(u32::try_from(pfn).ok()?)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bits(commands: &[Command]) -> (Vec<u8>, u32) {
        let mut writer = Writer::default();
        write(&mut writer, commands);
        let bytes = writer.done();
        let count = commands.len() as u32;
        (bytes, count)
    }

    #[test]
    fn any_two_commands_read_back() {
        let mut all: Vec<Command> = [
            "n", "e", "s", "w", ".", "c", "cn", "ce", "cs", "cw", "g", "i", "x",
        ]
        .map(|text| text.parse().expect("a command"))
        .into();
        all.extend([0, 1, 0x0d40, 4095, u32::MAX].map(Command::Free));
        all.extend(Item::ALL.map(|item| Command::Use(item, None)));
        all.extend(Item::ALL.map(|item| Command::Use(item, Some(u16::MAX))));
        for &a in &all {
            for &b in &all {
                let commands = [a, b, Command::Step(Dir::West), b, b];
                let (bytes, count) = bits(&commands);
                let read = read(&mut Reader::new(&bytes), count);
                assert_eq!(read.as_deref(), Some(&commands[..]));
            }
        }
    }

    #[test]
    fn the_lengths_are_those_of_the_table() {
        let word = |text: &str| -> Vec<Command> {
            text.split(' ')
                .map(|text| text.parse().expect("a command"))
                .collect()
        };
        // North at first: straight on, left (west), the same, back (east), right (south).
        let (bytes, _) = bits(&word("n w w e s"));
        assert_eq!(bytes, [0b1111_0001, 0b0011_1011, 0b0000_0000]);
        let (bytes, _) = bits(&word("cw f0x5"));
        assert_eq!(bytes, [0b1111_1101, 0b1111_1111, 0b0000_1110, 0b1000_0000]);
        let (bytes, _) = bits(&[Command::Free(u32::MAX)]);
        assert_eq!(bytes.len() as u32, MOST_BITS.div_ceil(8));
    }

    #[test]
    fn bits_that_are_no_commands_are_refused() {
        // The same as before, where there is no before; the end; a frame of 40 bits.
        for bytes in [&[0_u8][..], &[], &[0xff], &[0xff, 0x40, 0xff, 0, 0, 0, 0]] {
            assert_eq!(read(&mut Reader::new(bytes), 1), None, "{bytes:?}");
        }
    }
}
