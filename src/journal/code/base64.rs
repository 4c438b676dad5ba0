//! Base64 with the alphabet for addresses (RFC 4648, section 5), without padding: three bytes are four characters.

use super::CodeError;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Writes bytes as characters.
pub(crate) fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() / 3 * 4 + 4);
    for three in bytes.chunks(3) {
        let word = (0..3).fold(0_u32, |word, i| {
            word << 8 | three.get(i).copied().map_or(0, u32::from)
        });
        for i in 0..=three.len() as u32 {
            text.push(char::from(ALPHABET[(word >> (18 - 6 * i) & 63) as usize]));
        }
    }
    text
}

/// True if a text could be the writing of some bytes, by its characters.
pub(super) fn is_alphabet(text: &str) -> bool {
    text.chars().all(|c| value(c).is_some())
}

/// Reads characters as bytes. Every byte sequence has exactly one writing.
pub(crate) fn decode(text: &str) -> Result<Vec<u8>, CodeError> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 3);
    let (mut word, mut bits, mut count) = (0_u32, 0_u32, 0_u32);
    for c in text.chars() {
        count += 1;
        let value = value(c).ok_or(CodeError::Character {
            at: count,
            found: c,
        })?;
        word = word << 6 | value;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((word >> bits) as u8);
            word &= (1 << bits) - 1;
        }
    }
    // A character of its own, or bits that belong to no byte: this is the writing of nothing.
    if bits == 6 || word != 0 {
        return Err(CodeError::Cut { characters: count });
    }
    Ok(bytes)
}

/// The six bits a character stands for.
fn value(c: char) -> Option<u32> {
    let byte = u8::try_from(c).ok()?;
    let from = |first: u8, base: u32| Some(u32::from(byte - first) + base);
    match byte {
        b'A'..=b'Z' => from(b'A', 0),
        b'a'..=b'z' => from(b'a', 26),
        b'0'..=b'9' => from(b'0', 52),
        b'-' => Some(62),
        b'_' => Some(63),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_writing_is_that_of_the_standard() {
        // RFC 4648, section 10, without its padding; and bytes that need the last two characters.
        for (bytes, text) in [
            (&b""[..], ""),
            (b"f", "Zg"),
            (b"fo", "Zm8"),
            (b"foo", "Zm9v"),
            (b"foob", "Zm9vYg"),
            (b"fooba", "Zm9vYmE"),
            (b"foobar", "Zm9vYmFy"),
            (b"\xfb\xff\xfe", "-__-"),
        ] {
            assert_eq!(encode(bytes), text);
            assert_eq!(decode(text).as_deref(), Ok(bytes));
        }
    }

    #[test]
    fn every_byte_in_every_place_reads_back() {
        for length in 1..=4 {
            for byte in 0..=255 {
                let bytes = vec![byte; length];
                assert_eq!(decode(&encode(&bytes)), Ok(bytes));
            }
        }
    }

    #[test]
    fn other_texts_are_refused_and_the_character_is_named() {
        for (text, at, found) in [
            ("Zg==", 3, '='),
            ("Zm+v", 3, '+'),
            ("Zm9/", 4, '/'),
            (" Zm9v", 1, ' '),
            ("Zé9v", 2, 'é'),
        ] {
            assert_eq!(decode(text), Err(CodeError::Character { at, found }));
        }
        // Too short for a byte; bits that are left over.
        for text in ["Z", "Zm9vY", "Zh", "Zm9"] {
            let characters = text.len() as u32;
            assert_eq!(decode(text), Err(CodeError::Cut { characters }), "{text}");
        }
    }
}
