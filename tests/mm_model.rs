//! A zone against a plain model of its pages: random lives, and the stored inputs of the fuzzer.

mod model;

use model::op::{self, Op};
use model::{Failure, run, run_ops};
use proptest::collection::vec;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    /// Any bytes are a life, and the zone and its model agree after every step of it. Bytes that fail are shrunk.
    #[test]
    fn any_bytes_are_a_life_in_which_zone_and_model_agree(head in any::<[u8; 4]>(), ops in vec(any::<[u8; 4]>(), 0..200)) {
        let bytes: Vec<u8> = head.into_iter().chain(ops.into_iter().flatten()).collect();
        if let Err(failure) = run(&bytes) {
            let (shape, ops) = op::decode(&bytes);
            prop_assert!(false, "{failure:?} after {:#?} in {shape:?}", &ops[..=failure.at]);
        }
    }
}

/// The zone and its model still agree on what once was worth keeping.
#[test]
fn the_stored_inputs_of_the_fuzzer_pass() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/corpus");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("fuzz/corpus")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    assert!(files.len() >= 20, "only {} inputs in {folder}", files.len());
    let mut seen = std::collections::BTreeSet::new();
    for file in files {
        let bytes = std::fs::read(&file).expect("an input");
        match run(&bytes) {
            Ok(features) => seen.extend(features),
            Err(failure) => panic!("{}: {failure:?}", file.display()),
        }
    }
    assert!(
        seen.len() >= 200,
        "the inputs show only {} kinds of things",
        seen.len()
    );
}

#[test]
fn bytes_stand_for_what_they_stand_for() {
    let (shape, ops) = op::decode(&[]);
    assert_eq!((shape.pages, shape.pageblock_order, ops.len()), (32, 1, 0));
    assert_eq!((shape.min_free_kbytes, shape.boost), (None, false));
    let bytes = [
        0xff, 0xff, 9, 7, 0, 0x16, 0, 0, 10, 0, 2, 1, 15, 0x84, 3, 0, 99,
    ];
    let (shape, ops) = op::decode(&bytes);
    assert_eq!(shape.pages, 32 + 65_535 % 224);
    assert_eq!(
        (shape.pageblock_order, shape.min_free_kbytes),
        (4, Some(shape.pages))
    );
    assert!(shape.boost);
    let gfp = labyrinth::mm::Gfp::GFP_KERNEL;
    assert_eq!(
        ops,
        [
            Op::Alloc { gfp, order: 1 },
            Op::Free { pick: 258 },
            Op::AnyFree { pfn: 3, order: 1 },
        ],
        "what is left over is nothing"
    );
}

/// The model is no rubber stamp: a zone that does something else than it was told is found out at that step.
#[test]
fn what_the_zone_did_alone_is_found_out() {
    let (shape, _) = op::decode(&[0, 1, 3, 1]);
    let gfp = labyrinth::mm::Gfp::GFP_HIGHUSER_MOVABLE;
    let mut subject = model::subject::Subject::new(shape);
    assert!(subject.step(Op::Alloc { gfp, order: 2 }).is_ok());
    let frame = subject.tamper();
    let told = subject.step(Op::Free { pick: 0 });
    assert_eq!(
        told,
        Err("free: the zone says Err(DoubleFree), the model Ok(())".to_owned()),
        "frame {frame:?} was freed behind the model's back"
    );
    let nothing: Result<Vec<u32>, Failure> = run_ops(shape, &[]);
    assert_eq!(nothing, Ok(Vec::new()));
}
