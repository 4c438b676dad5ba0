//! A zone beside a plain model of it, driven by operations that any bytes stand for.
#![allow(dead_code, reason = "each user takes its part")]

pub mod op;
pub mod pages;
pub mod subject;

use op::{Op, Shape};
use subject::Subject;

/// Why a list of operations failed, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The operation, counted from 0.
    pub at: usize,
    /// What was wrong after it.
    pub what: String,
}

/// Does what the bytes say to a zone and to its model, and compares them after every step. Returns what was seen: one
/// number for each kind of operation, outcome and effect.
///
/// # Errors
///
/// At the first operation after which the two differ, or the zone is not in order.
pub fn run(bytes: &[u8]) -> Result<Vec<u32>, Failure> {
    let (shape, ops) = op::decode(bytes);
    run_ops(shape, &ops)
}

/// The same for operations that are given as such.
pub fn run_ops(shape: Shape, ops: &[Op]) -> Result<Vec<u32>, Failure> {
    let mut subject = Subject::new(shape);
    let mut seen = Vec::new();
    for (at, &op) in ops.iter().enumerate() {
        match subject.step(op) {
            Ok(feature) => seen.push(feature),
            Err(what) => return Err(Failure { at, what }),
        }
    }
    Ok(seen)
}
