//! Second writings of the buddy rules, to compare a zone with.
#![allow(dead_code, reason = "each test file uses its part")]

pub mod bitmap;
pub mod canonical;
pub mod literal;
