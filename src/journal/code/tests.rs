//! Codes that no journal of ours gives: what reading them says.

use super::*;
use crate::journal::Entry;

fn recording(zone: &str, commands: &str) -> Recording {
    Recording {
        setup: Setup {
            zone: zone.into(),
            seed: 7,
            ..Setup::default()
        },
        commands: commands
            .split_whitespace()
            .map(|text| text.parse().expect("a command"))
            .collect(),
        hash: 0x0123_4567_89ab_cdef,
    }
}

/// The code of these bytes with a right checksum.
fn code(mut body: Vec<u8>) -> String {
    body.extend(crc32(&body).to_be_bytes());
    base64::encode(&body)
}

/// The bytes before the checksum.
fn body(recording: &Recording) -> Vec<u8> {
    let mut bytes = recording.bytes();
    bytes.truncate(bytes.len() - CHECKSUM_BYTES as usize);
    bytes
}

fn refused(body: Vec<u8>) -> CodeError {
    let error = Recording::parse(&code(body)).expect_err("this is no code");
    let said = error.to_string();
    assert!(
        said.contains("found") && said.contains("expected") && !said.contains('\n'),
        "{said}"
    );
    error
}

#[test]
fn the_bytes_are_those_of_the_table() {
    let bytes = body(&recording("dma", "n . ."));
    let expected = [
        &[1, RULES_VERSION as u8, 6][..],
        b"dma",
        // The seed, the number of commands, 1111000 1111001 0.
        &[7, 3, 0b1111_0001, 0b1110_0100],
        &[0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef],
    ]
    .concat();
    assert_eq!(bytes, expected);
    let least = recording("z", "");
    assert_eq!(least.bytes().len() as u32, LEAST_BYTES);
    assert_eq!(Recording::parse(&least.to_string()), Ok(least));
}

#[test]
fn other_versions_are_named() {
    let mut other = body(&recording("dma", "n"));
    other[0] = 2;
    assert_eq!(refused(other.clone()), CodeError::Version { found: 2 });
    other[0] = CODE_VERSION;
    other[1] = 99;
    assert_eq!(refused(other), CodeError::Rules { found: 99 });
}

#[test]
fn what_no_raid_gives_is_refused_though_the_checksum_is_right() {
    let whole = body(&recording("dma", "n . ."));
    let with = |at: usize, byte: u8| {
        let mut changed = whole.clone();
        changed[at] = byte;
        refused(changed)
    };
    let malformed = |what| CodeError::Malformed { what };
    assert!(matches!(with(3, b' '), CodeError::Zone { .. }));
    assert!(matches!(with(2, 0), CodeError::Zone { .. }));
    assert_eq!(with(2, 120), malformed("zone"));
    // A layout is announced and not there.
    assert_eq!(with(2, 7), malformed("layout"));
    assert_eq!(with(7, 120), malformed("commands"));
    // A command fewer: another byte is left over, or a bit that should be 0.
    assert_eq!(with(7, 0), malformed("end"));
    assert_eq!(with(9, 0b1110_0101), malformed("writing"));
    // The same step as before, written as one straight on.
    assert_eq!(with(9, 0b1110_0000), malformed("writing"));

    let mut longer = whole.clone();
    longer.push(0);
    assert_eq!(refused(longer), malformed("end"));
    // The seed 7 in two bytes.
    let mut longer = whole.clone();
    longer[6] = 0x87;
    longer.insert(7, 0);
    assert_eq!(refused(longer), malformed("writing"));
    for cut in 14..whole.len() {
        refused(whole[..cut].to_vec());
    }
}

#[test]
fn the_number_of_commands_is_bounded_before_any_is_read() {
    let mut writer = Writer::default();
    writer.bytes(&body(&recording("z", ""))[..5]);
    writer.number(u64::from(MAX_COMMANDS) + 1);
    writer.bytes(&[0; 8]);
    let found = u64::from(MAX_COMMANDS) + 1;
    assert_eq!(refused(writer.done()), CodeError::TooMany { found });

    let most = Recording {
        commands: vec![Command::Free(u32::MAX); MAX_COMMANDS as usize],
        ..recording("z", "")
    };
    assert_eq!(Recording::parse(&most.to_string()).as_ref(), Ok(&most));
    // No two of them the same: the longest code there is.
    let longest = Recording {
        setup: Setup {
            zone: "z".repeat(ZONE_CHARS as usize),
            seed: u64::MAX,
            layout: Some([u64::MAX; NR_PAGE_ORDERS]),
            loadout: Loadout::of(crate::raid::Item::ALL).expect("each once"),
            modifiers: "nosmp,mem=4294967295M,hugepages=4294967295"
                .parse()
                .expect("modifiers"),
        },
        commands: (0..MAX_COMMANDS)
            .map(|i| Command::Free(u32::MAX - i))
            .collect(),
        hash: 0,
    };
    let text = longest.to_string();
    let bits = commands::MOST_BITS * MAX_COMMANDS;
    assert!(text.len() as u32 > bits / 6 && text.len() as u32 <= MAX_CHARS);
    assert_eq!(Recording::parse(&text), Ok(longest));
    let error = Recording::parse(&"A".repeat(MAX_CHARS as usize + 1));
    assert_eq!(error, Err(CodeError::TooLong));
}

#[test]
fn a_journal_too_long_or_of_no_zone_has_no_code() {
    let turn = Entry {
        command: Command::Wait,
        hash: 0,
    };
    let mut journal = Journal {
        setup: recording("dma", "").setup,
        start: 0,
        turns: vec![turn; MAX_COMMANDS as usize + 1],
        end: None,
    };
    let found = u64::from(MAX_COMMANDS) + 1;
    assert_eq!(Recording::of(&journal), Err(CodeError::TooMany { found }));
    journal.turns.pop();
    assert!(Recording::of(&journal).is_ok());
    journal.setup.zone = "the moon".into();
    assert!(matches!(
        Recording::of(&journal),
        Err(CodeError::Zone { .. })
    ));
}
