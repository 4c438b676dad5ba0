//! What several test files share.
#![allow(dead_code, reason = "each test file uses its part")]

pub mod history;
pub mod op;
pub mod replay;
