//! Bits, numbers and bytes, one after the other: how they are put together and taken apart again.

/// Longest writing of a number, in bytes of seven bits each.
const NUMBER_BYTES: u32 = 10;

/// Bytes that grow.
#[derive(Debug, Default)]
pub(super) struct Writer {
    bytes: Vec<u8>,
    /// Bits of the last byte that are still to be used.
    left: u32,
}

impl Writer {
    /// The lowest `count` bits of a value, the highest of them first.
    pub(super) fn bits(&mut self, value: u64, count: u32) {
        for i in (0..count).rev() {
            if self.left == 0 {
                self.bytes.push(0);
                self.left = 8;
            }
            self.left -= 1;
            if let Some(last) = self.bytes.last_mut() {
                *last |= ((value >> i & 1) as u8) << self.left;
            }
        }
    }

    /// Whole bytes, after bits that may be missing to the next one.
    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.left = 0;
        self.bytes.extend_from_slice(bytes);
    }

    /// A number: seven bits a byte, the lowest first, the highest bit set in all bytes but the last.
    pub(super) fn number(&mut self, mut value: u64) {
        while value > 127 {
            self.bytes(&[value as u8 | 128]);
            value >>= 7;
        }
        self.bytes(&[value as u8]);
    }

    /// What was written.
    pub(super) fn done(self) -> Vec<u8> {
        self.bytes
    }
}

/// Bytes that are read; `None` wherever they end too soon.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader<'b> {
    bytes: &'b [u8],
    /// Bits of the first byte that were read.
    used: u32,
}

impl<'b> Reader<'b> {
    pub(super) fn new(bytes: &'b [u8]) -> Self {
        Self { bytes, used: 0 }
    }

    /// Bytes that are not read at all yet.
    pub(super) fn remaining(&self) -> u32 {
        self.bytes.len() as u32 - u32::from(self.used > 0)
    }

    pub(super) fn bit(&mut self) -> Option<bool> {
        let (first, rest) = self.bytes.split_first()?;
        let bit = first >> (7 - self.used) & 1;
        self.used += 1;
        if self.used == 8 {
            self.used = 0;
            self.bytes = rest;
        }
        Some(bit == 1)
    }

    pub(super) fn bits(&mut self, count: u32) -> Option<u64> {
        (0..count).try_fold(0, |value, _| Some(value << 1 | u64::from(self.bit()?)))
    }

    /// Whole bytes, after bits that may be left of the last one.
    pub(super) fn bytes(&mut self, count: u32) -> Option<&'b [u8]> {
        if self.used > 0 {
            self.used = 0;
            self.bytes = self.bytes.get(1..)?;
        }
        let (taken, rest) = self.bytes.split_at_checked(count as usize)?;
        self.bytes = rest;
        Some(taken)
    }

    /// A number below 2^64; `None` as well if it is larger.
    pub(super) fn number(&mut self) -> Option<u64> {
        let mut value = 0;
        for i in 0..NUMBER_BYTES {
            let byte = *self.bytes(1)?.first()?;
            let part = u64::from(byte & 127);
            if i == NUMBER_BYTES - 1 && part > 1 {
                return None;
            }
            value |= part << (7 * i);
            if byte < 128 {
                return Some(value);
            }
        }
        None
    }
}

/// The checksum of zip files and Ethernet (CRC-32, ISO 3309), which notices any one wrong stretch of up to 32 bits.
pub(crate) fn crc32(bytes: &[u8]) -> u32 {
    let crc = bytes.iter().fold(u32::MAX, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| {
            crc >> 1 ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 }
        })
    });
    !crc
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let numbers = [0, 1, 127, 128, 300, 999_999_999, u64::MAX - 1, u64::MAX];
        let mut writer = Writer::default();
        for number in numbers {
            writer.bits(5, 3);
            writer.number(number);
            writer.bits(number, 64);
        }
        writer.bits(1, 1);
        writer.bytes(b"end");
        let bytes = writer.done();
        let mut reader = Reader::new(&bytes);
        for number in numbers {
            assert_eq!(reader.bits(3), Some(5));
            assert_eq!(reader.number(), Some(number));
            assert_eq!(reader.bits(64), Some(number));
        }
        assert_eq!(reader.bit(), Some(true));
        assert_eq!(reader.remaining(), 3);
        assert_eq!(reader.bytes(3), Some(&b"end"[..]));
        assert_eq!(
            (reader.remaining(), reader.bit(), reader.number()),
            (0, None, None)
        );
    }

    #[test]
    fn numbers_that_do_not_fit_or_do_not_end_are_refused() {
        let mut nine = [0xff; 11];
        assert_eq!(Reader::new(&nine).number(), None);
        nine[9] = 2;
        assert_eq!(Reader::new(&nine).number(), None);
        nine[9] = 1;
        assert_eq!(Reader::new(&nine).number(), Some(u64::MAX));
        assert_eq!(Reader::new(&[0x80, 0x80]).number(), None);
    }

    #[test]
    fn the_checksum_is_that_of_the_standard() {
        assert_eq!(crc32(b""), 0);
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }
}
