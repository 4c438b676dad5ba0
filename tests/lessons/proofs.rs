//! Proofs: what was done is proved, what was not is not, and no changed character goes unnoticed.

use labyrinth::lesson::{LessonInput, Proof, ProofError, Session, shipped};

use super::{at, begun, lessons, pass};

fn done(number: usize) -> Session {
    let lesson = &lessons()[number];
    let mut session = begun(lesson);
    for step in &lesson.steps {
        pass(&mut session, step);
    }
    session
}

#[test]
fn every_lesson_can_be_proved() {
    let all = shipped().expect("lessons");
    for number in 0..all.len() {
        let mut session = done(number);
        session.input(LessonInput::Next);
        let proof = Proof::of(&session, Some("A. Turing\n"));
        let code = proof.encode();
        let read = Proof::parse(&code).expect("what was written");
        assert_eq!(read, proof);
        assert_eq!(read.name.as_deref(), Some("A. Turing"));
        let again = read.verify(&all).expect("a proof");
        assert_eq!(again.view(), session.view());
    }
}

#[test]
fn what_is_not_done_is_not_proved() {
    let all = shipped().expect("lessons");
    let lesson = &lessons()[2];
    for number in 0..lesson.steps.len() {
        let session = at(lesson, number);
        let error = Proof::of(&session, None)
            .verify(&all)
            .expect_err("unfinished");
        let expected = number as u32 + 1;
        assert!(
            matches!(error, ProofError::Unfinished { step, .. } if step == expected),
            "{error}"
        );
    }
    let mut other = Proof::of(&done(2), None);
    other.version += 1;
    assert!(matches!(
        other.verify(&all),
        Err(ProofError::Version { .. })
    ));
    other.id = "nothing".into();
    assert!(matches!(
        other.verify(&all),
        Err(ProofError::Unknown { .. })
    ));
}

#[test]
fn no_changed_character_of_a_proof_goes_unnoticed() {
    let code = Proof::of(&done(0), None).encode();
    for at in 0..code.len() {
        for other in ["A", "_", "é", " ", "."] {
            if code[at..].starts_with(other) {
                continue;
            }
            let changed = format!("{}{other}{}", &code[..at], &code[at + 1..]);
            assert!(Proof::parse(&changed).is_err(), "{at}: {other}");
        }
        assert!(Proof::parse(&code[..at]).is_err(), "cut at {at}");
    }
}
