//! The target of cargo-fuzz: `cargo +nightly fuzz run operations --features libfuzzer fuzz/corpus`.
#![no_main]

#[path = "../../tests/model/mod.rs"]
mod model;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Err(failure) = model::run(bytes) {
        let (shape, ops) = model::op::decode(bytes);
        panic!("{failure:?} after {:#?} in {shape:?}", &ops[..=failure.at]);
    }
});
