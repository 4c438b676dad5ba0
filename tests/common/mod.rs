//! What several test files share.
#![allow(dead_code, reason = "each test file uses its part")]

pub mod history;
pub mod op;
pub mod random;
pub mod replay;

/// A zone's whole state as numbers.
pub fn words(zone: &labyrinth::mm::Zone) -> Vec<u64> {
    let mut words = Vec::new();
    zone.hash_words(&mut |word| words.push(word));
    words
}
