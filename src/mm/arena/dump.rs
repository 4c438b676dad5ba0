//! Bytes as text.

use std::fmt::Write as _;

/// Bytes in a line of a dump.
const ROW: usize = 16;

/// Bytes as text, 16 a line: address, bytes in hexadecimal, printable characters. Each line ends with a line feed.
///
/// The shape is that of Linux 6.12 `lib/hexdump.c`: `print_hex_dump()` in groups of one byte, but for the address:
///
/// ```
/// # use labyrinth::mm::hex_dump;
/// assert_eq!(
///     hex_dump(0x3ffe, b"maze\xaa"),
///     "0x0000000000003ffe: 6d 61 7a 65 aa                                   maze.\n"
/// );
/// ```
pub fn hex_dump(address: u64, bytes: &[u8]) -> String {
    let mut text = String::new();
    let mut at = address;
    for row in bytes.chunks(ROW) {
        let mut hex = String::new();
        for byte in row {
            // Writing to a string does not fail.
            let _ = write!(hex, "{byte:02x} ");
        }
        let shown = row.iter().map(|&byte| match byte {
            b' '..=b'~' => char::from(byte),
            _ => '.',
        });
        let width = 3 * ROW + 1;
        let _ = writeln!(
            text,
            "0x{at:016x}: {hex:width$}{}",
            shown.collect::<String>()
        );
        at = at.wrapping_add(ROW as u64);
    }
    text
}
